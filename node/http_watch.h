/* node/http_watch.h - how long a connection of the HTTP server may take to say what it wants, and
 * to take the answer.
 *
 * libmicrohttpd ends a connection on which nothing happens; one that sends a byte now and then
 * would hold its place for ever.  A thread looks at all of them, and shuts those that are too late:
 * the server then sees their end.
 *
 * Threads  any.
 * Limits   as many connections as the server takes.
 */
#ifndef NODE_HTTP_WATCH_H
#define NODE_HTTP_WATCH_H

#include <stdint.h>

struct node_http_watch;
struct node_http_watched;

/* Begin.  request_ms is for a request, from the connection or the answer before on; answer_ms for
 * its answer.  The caller owns *ret_watch.  Returns 0, -ENOMEM, -EAGAIN (no thread). */
int node_http_watch_new(uint64_t request_ms, uint64_t answer_ms,
			struct node_http_watch **ret_watch);

/* End; nothing is watched any more.  NULL is allowed. */
void node_http_watch_free(struct node_http_watch *watch);

/* Watch a connection's socket, until node_http_watch_remove(), after which it may be closed.
 * Returns what is watched; NULL when out of memory: then it is not. */
struct node_http_watched *node_http_watch_add(struct node_http_watch *watch, int fd);
void node_http_watch_remove(struct node_http_watched *watched); /* NULL is allowed */

/* Its request is whole, and is answered from now on; its answer is sent, and the next may come.
 * NULL is allowed. */
void node_http_watch_answering(struct node_http_watched *watched);
void node_http_watch_answered(struct node_http_watched *watched);

#endif
