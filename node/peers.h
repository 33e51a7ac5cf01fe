/* node/peers.h - what fedcatd's loop knows of its peers, for those who answer on other threads.
 *
 * The loop copies the whole table in whenever it likes (once a second is enough for people);
 * whoever answers copies it out.
 * Threads  any.
 */
#ifndef NODE_PEERS_H
#define NODE_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "gossip/confirm.h"
#include "gossip/node.h"
#include "gossip/score.h"
#include "gossip/thin.h"

#define NODE_PEERS_MAX     GOSSIP_NODE_LINKS_MAX
#define NODE_PEERS_OUT_MAX 16

struct node_peers;

/* The caller owns *ret_peers.  Returns 0, -ENOMEM. */
int node_peers_new(struct node_peers **ret_peers);
void node_peers_free(struct node_peers *peers); /* NULL is allowed */

/* Put these count <= NODE_PEERS_MAX in place of those before; copied.  now_ms is of the same clock
 * as their since_ms. */
void node_peers_set(struct node_peers *peers, const struct gossip_peer_status *table, size_t count,
		    uint64_t now_ms);

/* Copy the table out.  *ret_now_ms is when it was put in.  Returns how many there are. */
size_t node_peers_get(struct node_peers *peers, struct gossip_peer_status ret_table[NODE_PEERS_MAX],
		      uint64_t *ret_now_ms);

/* The same for what was done since the start, and what waits to be done. */
struct node_peers_work {
	struct gossip_totals totals;
	struct gossip_thin_estimate fetching;
	uint64_t now_ms;  /* when this was so */
	size_t out_count; /* nodes that are kept out, or were lately */
	struct gossip_score_entry out[NODE_PEERS_OUT_MAX];
	size_t reads_waiting, reads_running, writes_waiting, writes_running; /* node/jobs.h */
};
void node_peers_set_work(struct node_peers *peers, const struct node_peers_work *work);
void node_peers_get_work(struct node_peers *peers, struct node_peers_work *ret_work);

/* The same for whether our member may sign.  Before the first one is put in it may not. */
void node_peers_set_confirm(struct node_peers *peers, const struct gossip_confirm *confirm);
void node_peers_get_confirm(struct node_peers *peers, struct gossip_confirm *ret_confirm);

#endif
