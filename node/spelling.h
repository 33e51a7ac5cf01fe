/* node/spelling.h - which name somebody may have meant. */
#ifndef NODE_SPELLING_H
#define NODE_SPELLING_H

#include <stddef.h>

#define NODE_SPELLING_BYTES_MAX 40 /* longer names are as far as can be */

/* How many letters must change to make a of b (Levenshtein); NODE_SPELLING_BYTES_MAX if one of them is
 * too long to tell. */
size_t node_spelling_distance(const char *a, const char *b);

#endif
