/* node/error.h - a sentence for the person who runs the program: what was tried, on what, why it
 * failed, what to do.
 *
 * Functions that take one write it exactly when they fail.
 */
#ifndef NODE_ERROR_H
#define NODE_ERROR_H

#define NODE_ERROR_BYTES 600 /* with the NUL; longer sentences are cut */

struct node_error {
	char text[NODE_ERROR_BYTES];
};

/* Write the sentence, formatted as by printf, and return code, so that a failing function can end
 * in `return node_error_set(ret_error, -EEXIST, ...)`.  ret_error may be NULL. */
int node_error_set(struct node_error *ret_error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Words for a negative errno, libuv's included. */
const char *node_error_words(int code);

#endif
