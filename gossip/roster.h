/* gossip/roster.h - which nodes speak for which member.
 *
 * As yet the charter alone says so.  Delegations in the members' own logs ("node" entries) are to
 * be added here, and nowhere else.
 */
#ifndef GOSSIP_ROSTER_H
#define GOSSIP_ROSTER_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"

#define GOSSIP_ROSTER_NODES_MAX CATALOG_CHARTER_NODES_MAX

/* The keys of the nodes that speak for a member; 0 if there is no such member, or none of its nodes
 * is known.  *ret_keys is borrowed from the charter. */
size_t gossip_roster_nodes(const struct catalog_charter *charter, uint32_t member,
			   const struct catalog_node_key **ret_keys);

/* Whose node has this key.  Returns 0, -ENOENT if it is nobody's. */
int gossip_roster_find(const struct catalog_charter *charter, const struct catalog_node_key *key,
		       uint32_t *ret_member);

#endif
