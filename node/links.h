/* node/links.h - the node's links to other nodes: TCP in and out, and what gossip/node decides,
 * carried out.
 *
 * Every event (a connection, bytes, a finished job, the time) is told to gossip/node; then all that
 * it wants done is done, and one timer is set for when it wants to be asked again.
 *
 * Process  SIGPIPE is ignored: a peer that goes away is an error like any other.
 * Threads  the loop's alone.
 * Limits   one address connects as often as node/gate allows; NODE_LINKS_MAX sockets; what waits to
 * be written on a link is bounded by gossip/node, which is told what the socket took; one buffer of
 * NODE_LINKS_READ_BYTES takes in what arrives on any link.
 */
#ifndef NODE_LINKS_H
#define NODE_LINKS_H

#include <uv.h>

#include "gossip/node.h"
#include "node/config.h"
#include "node/jobs.h"
#include "node/log.h"
#include "node/peers.h"

#define NODE_LINKS_MAX        (2 * GOSSIP_NODE_LINKS_MAX) /* those being opened or closed, too */
#define NODE_LINKS_READ_BYTES (64u * 1024)
#define NODE_LINKS_PEERS_MS   200 /* how old what node_peers shows may be */

struct node_links;

/* All borrowed for the life of the links. */
struct node_links_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct node_log *log;
	struct node_peers *peers; /* kept up to date */
	struct catalog_store *store;
	struct catalog_charter *charter;          /* amended as amendments come */
	const struct gossip_node_options *gossip; /* for the call alone */
	const struct node_config_address *listen; /* for the call alone */
	const struct node_limits *limits;         /* borrowed */
	bool may_dial_private; /* what only another member's log tells of may be a private address
				*/
	const struct catalog_secret *secret; /* our member's, or NULL: then it signs nothing */
	/* So many members cosigned our newest checkpoint, as node_links_witness() asked. */
	void (*witnessed)(void *arg, size_t count);
	void (*amended)(void *arg);  /* the charter has changed */
	void (*turned)(void *arg);   /* it has changed course: these links are of no more use */
	void (*advanced)(void *arg); /* another's log has grown; NULL is allowed */
	void (*changed)(void *arg);  /* what gossip_node_vector() says may be another now */
	void *arg;
};

/* Listen, and begin to dial.  The caller owns *ret_links.
 * Returns 0, -EADDRINUSE, ..., -ENOMEM, -EIO. */
int node_links_open(const struct node_links_options *options, struct node_links **ret_links,
		    struct node_error *ret_error);

/* Say goodbye on every link, listen and dial no more.  The links end when they have taken what was
 * sent, or after NODE_LINK_CLOSE_MS; jobs end when they have run.  The loop runs on meanwhile. */
void node_links_stop(struct node_links *links);

/* End it; its handles have ended with node_links_stop() and the loop has run dry.  NULL is
 * allowed. */
void node_links_close(struct node_links *links);

/* Where it listens, with the port it got. */
const struct node_config_address *node_links_address(const struct node_links *links);

/* Our own log has grown. */
void node_links_published(struct node_links *links);

/* Logs have moved by other ways than gossip: look where they stand, and tell the others. */
void node_links_moved(struct node_links *links);

/* Have so many other members cosign our newest checkpoint; witnessed() is called when they have, or
 * when the time is over.  Returns 0, -EBUSY if it is asked already, -ENOKEY, -ESHUTDOWN. */
int node_links_witness(struct node_links *links, size_t count, uint64_t timeout_ms);

/* Fetch what is lacking now, although the links are metered.  Returns 0, -ESHUTDOWN. */
int node_links_pull(struct node_links *links);

/* The hash of our version vector, and how many peers said last that theirs is the same. */
void node_links_vector(const struct node_links *links, struct catalog_hash *ret_vector,
		       size_t *ret_equal);

/* Bring node_peers up to date now: who they are, and whether our member may sign. */
void node_links_show(struct node_links *links);

#endif
