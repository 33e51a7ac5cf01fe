/* node/passphrase.h - the words that open an encrypted key: from a file, or from whoever sits at
 * the terminal.
 *
 * FEDCAT_PASSPHRASE_FILE names the file, whose first line it is: for services and containers.
 * Without it, a process in the terminal's foreground asks there, without echo.  The words are in
 * memory of sodium_malloc().
 */
#ifndef NODE_PASSPHRASE_H
#define NODE_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "node/error.h"

#define NODE_PASSPHRASE_BYTES_MIN 8 /* of a new one */
#define NODE_PASSPHRASE_BYTES_MAX 1024

struct node_passphrase {
	size_t len;
	char bytes[NODE_PASSPHRASE_BYTES_MAX];
};

/* Whether a file has the words, so that nobody needs to be asked. */
bool node_passphrase_is_in_file(void);

/* Get the words that open the key at path.  The caller owns *ret_passphrase and ends it with
 * node_passphrase_free(), which wipes it.
 * Returns 0, -ENOKEY if there is neither file nor terminal (the sentence says what to do), -EINVAL
 * if it is empty or too long, -ECANCELED if the input ended, -EIO, ..., -ENOMEM. */
int node_passphrase_get(const char *path, struct node_passphrase **ret_passphrase,
			struct node_error *ret_error);

/* Get new words for it, which are asked for twice at a terminal.  Likewise; -EINVAL also if they
 * are too short, or not the same twice. */
int node_passphrase_choose(const char *path, struct node_passphrase **ret_passphrase,
			   struct node_error *ret_error);

void node_passphrase_free(struct node_passphrase *passphrase); /* NULL is allowed */

#endif
