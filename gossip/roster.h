/* gossip/roster.h - which nodes speak for which member: those that the charter names, and those
 * that the member's own log names (catalog/node).
 *
 * Time  now_s: the time of day, seconds since 1970; what the log names expires by it.
 */
#ifndef GOSSIP_ROSTER_H
#define GOSSIP_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/node.h"

#define GOSSIP_ROSTER_NODES_MAX (CATALOG_CHARTER_NODES_MAX + CATALOG_NODE_PLACES)
#define GOSSIP_ROSTER_WHY_BYTES 200 /* a sentence, with the NUL */

struct gossip_roster;

/* Make a roster that goes by the charter alone as yet, which is borrowed.  The caller owns
 * *ret_roster.  Returns 0, -ENOMEM. */
int gossip_roster_new(const struct catalog_charter *charter, struct gossip_roster **ret_roster);
void gossip_roster_free(struct gossip_roster *roster); /* NULL is allowed */

/* A member's log names these nodes (copied), and no others.  *ret_changed is whether it named
 * others before.  Returns 0, -ENOMEM. */
int gossip_roster_set(struct gossip_roster *roster, uint32_t member,
		      const struct catalog_node *nodes, size_t count, bool *ret_changed);

/* Make a roster of the charter and of all that the logs in a store say.  Likewise.  Returns 0,
 * -ENOMEM, -EIO. */
int gossip_roster_open(struct catalog_store *store, const struct catalog_charter *charter,
		       struct gossip_roster **ret_roster);

/* The nodes that a member's log names, whatever their state; borrowed until it is set again. */
size_t gossip_roster_told(const struct gossip_roster *roster, uint32_t member,
			  const struct catalog_node **ret_nodes);

/* The keys of the nodes that speak for a member now; 0 if there is no such member, or none of its
 * nodes is known. */
size_t gossip_roster_nodes(const struct gossip_roster *roster, uint32_t member, int64_t now_s,
			   struct catalog_node_key ret_keys[GOSSIP_ROSTER_NODES_MAX]);

/* Whether a key speaks for a member, and until when (catalog_node_judge()). */
enum catalog_node_state gossip_roster_judge(const struct gossip_roster *roster, uint32_t member,
					    const struct catalog_node_key *key, int64_t now_s,
					    int64_t *ret_until_s);

/* A member whose node has this key.  Returns 0; or -ENOENT if it is nobody's now, and *ret_state
 * tells why: of a key that was somebody's, *ret_member is whose. */
int gossip_roster_find(const struct gossip_roster *roster, const struct catalog_node_key *key,
		       int64_t now_s, uint32_t *ret_member, enum catalog_node_state *ret_state);

/* Why a key that is not good is refused, in a sentence for its node's log. */
void gossip_roster_why(const struct gossip_roster *roster, uint32_t member,
		       const struct catalog_node_key *key, enum catalog_node_state state,
		       char ret_why[GOSSIP_ROSTER_WHY_BYTES]);

#endif
