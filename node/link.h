/* node/link.h - one TCP link to another node: bytes in, bytes out, and an end that lets the goodbye
 * arrive.
 *
 * Threads  the loop's alone.
 * Limits   what waits to be written is the caller's to bound: it is told what the socket took.
 */
#ifndef NODE_LINK_H
#define NODE_LINK_H

#include <uv.h>

#include "catalog/buffer.h"
#include "node/config.h"

#define NODE_LINK_NAME_BYTES NODE_CONFIG_PLACE_BYTES
#define NODE_LINK_CLOSE_MS                                                                         \
	3000 /* how long the other may take to take what was sent, at the end                      \
	      */
#define NODE_LINK_UNSENT_BYTES (128 * 1024) /* that wait in the system to be sent */
#define NODE_LINK_DIAL_MS      10000        /* to look a name up; to connect */
#define NODE_LINK_TRY_MS       3000         /* to connect, while there is another address to try */

struct node_link;

/* What happens on a link, each called from the loop, never from within a node_link_ function. */
struct node_link_events {
	/* A dial went well (0), or not: then closed follows. */
	void (*connected)(void *arg, int status);
	/* Bytes came: borrowed. */
	void (*received)(void *arg, struct catalog_span bytes);
	/* The socket took len bytes that had to wait. */
	void (*sent)(void *arg, size_t len);
	/* The link has ended and is no more; status is 0, or what ended it.  The last call. */
	void (*closed)(void *arg, int status);
};

struct node_link_options {
	uv_loop_t *loop;
	uv_buf_t read; /* where bytes come in; links may share it; borrowed for the link's life */
	const struct node_link_events *events; /* borrowed likewise */
	void *arg;
	bool is_public_only; /* a dial does not connect to private addresses (node/socket) */
};

/* Take the connection that waits at listener, and read.  It ends itself, with closed.
 * Returns 0, -ENOMEM, or what the socket says. */
int node_link_accept(const struct node_link_options *options, uv_stream_t *listener,
		     struct node_link **ret_link);

/* Connect, and then read.  A name is looked up first (node/resolve), and its addresses are tried in
 * order: NODE_LINK_TRY_MS for each but the last.  Likewise.  Returns 0, -ENOMEM, -EACCES if it is
 * private and must not be, or what the socket says. */
int node_link_dial(const struct node_link_options *options, const struct node_config_place *place,
		   struct node_link **ret_link);

/* Write bytes (copied as far as the socket does not take them at once).  *ret_taken is how many it
 * took at once: sent is not called for those.  A link that cannot is closed, for -ENOMEM or what
 * the socket says. */
void node_link_send(struct node_link *link, struct catalog_span bytes, size_t *ret_taken);

/* Write what was sent, and close when the other has taken it, or after NODE_LINK_CLOSE_MS.  Nothing
 * is read any more, and nothing can be sent. */
void node_link_end(struct node_link *link);

/* Close now, for this reason. */
void node_link_close(struct node_link *link, int status);

/* Where the other is: without the port for an accepted link, so that it names who and not which. */
const char *node_link_name(const struct node_link *link);

#endif
