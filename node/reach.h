/* node/reach.h - where this node can be reached, where it finds the others, and where it did.
 *
 * Threads  the loop's alone.
 */
#ifndef NODE_REACH_H
#define NODE_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/charter.h"
#include "gossip/node.h"
#include "gossip/score.h"
#include "node/config.h"
#include "node/log.h"
#include "node/peers.h"
#include "node/seen.h"

/* Whether we listen on one address that everybody can reach. */
bool node_reach_is_public(const struct node_config *config);

/* Whether we connect to private addresses that only another's log tells of. */
bool node_reach_may_dial_private(const struct node_config *config);

/* Where to dial members but for what charter and logs say: what the operator says, and where they
 * answered before.  Borrows from itself and from seen. */
struct node_reach_places {
	size_t count;
	struct gossip_node_address addresses[NODE_CONFIG_PEERS_MAX + NODE_SEEN_MAX];
	size_t score_count; /* of those who misbehaved */
	struct gossip_score_entry scores[NODE_SEEN_OUT_MAX];
	char texts[NODE_CONFIG_PEERS_MAX][NODE_CONFIG_PLACE_BYTES];
};

/* Returns 0, -ENOENT if the charter has no member whom the operator names. */
int node_reach_gather(const struct node_config *config, const struct catalog_charter *charter,
		      const struct node_seen *seen, struct node_reach_places *ret_places,
		      struct node_error *ret_error);

/* Note where the nodes are that we dialled and that are linked, and who is kept out, and keep it.
 */
void node_reach_note(struct node_peers *peers, const struct catalog_charter *charter,
		     struct node_seen *seen, struct node_log *log);

#endif
