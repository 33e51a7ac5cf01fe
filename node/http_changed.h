/* node/http_changed.h - since when the catalogue has been as it is, for Last-Modified.
 *
 * It is when this process first saw the version vector that it has now: a log that arrives late
 * changes the catalogue without anything in it being newer than what was there before.
 *
 * Threads  any, several at once.
 */
#ifndef NODE_HTTP_CHANGED_H
#define NODE_HTTP_CHANGED_H

#include <stdint.h>

#include "catalog/hash.h"

struct node_http_changed;

/* The caller owns *ret_changed.  Returns 0, -ENOMEM. */
int node_http_changed_new(struct node_http_changed **ret_changed);
void node_http_changed_free(struct node_http_changed *changed); /* NULL is allowed */

/* The vector is seen at now_s, in seconds since 1970: since when it has been so.  -1 if this is
 * within the second that is not over yet, in which it may change again unseen. */
int64_t node_http_changed_look(struct node_http_changed *changed, const struct catalog_hash *vector,
			       int64_t now_s);

#endif
