#include "gossip/roster.h"

#include <errno.h>

size_t gossip_roster_nodes(const struct catalog_charter *charter, uint32_t member,
			   const struct catalog_node_key **ret_keys)
{
	const struct catalog_member *found = catalog_charter_member(charter, member);

	if (found == NULL || found->standing == CATALOG_STANDING_EXPELLED)
		return 0;
	*ret_keys = found->nodes;
	return found->node_count;
}

int gossip_roster_find(const struct catalog_charter *charter, const struct catalog_node_key *key,
		       uint32_t *ret_member)
{
	const struct catalog_member *found = catalog_charter_member_with_node(charter, key);

	if (found == NULL || found->standing == CATALOG_STANDING_EXPELLED)
		return -ENOENT;
	*ret_member = found->index;
	return 0;
}
