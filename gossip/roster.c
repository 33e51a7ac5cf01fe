#include "gossip/roster.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one log names.  Of a log that names nothing there is none of these. */
struct told {
	uint32_t member;
	size_t count;
	struct catalog_node *nodes;
};

struct gossip_roster {
	const struct catalog_charter *charter;
	size_t count, room;
	struct told *told;
};

int gossip_roster_new(const struct catalog_charter *charter, struct gossip_roster **ret_roster)
{
	struct gossip_roster *roster = calloc(1, sizeof *roster);

	if (roster == NULL)
		return -ENOMEM;
	roster->charter = charter;
	*ret_roster = roster;
	return 0;
}

void gossip_roster_free(struct gossip_roster *roster)
{
	if (roster == NULL)
		return;
	for (size_t i = 0; i < roster->count; i++)
		free(roster->told[i].nodes);
	free(roster->told);
	free(roster);
}

static struct told *told_by(const struct gossip_roster *roster, uint32_t member)
{
	for (size_t i = 0; i < roster->count; i++)
		if (roster->told[i].member == member)
			return &roster->told[i];
	return NULL;
}

/* One more, with nothing in it. */
static struct told *add(struct gossip_roster *roster, uint32_t member)
{
	if (roster->count == roster->room) {
		size_t room = roster->room * 2 + 8;
		struct told *told = reallocarray(roster->told, room, sizeof *told);

		if (told == NULL)
			return NULL;
		roster->told = told;
		roster->room = room;
	}
	roster->told[roster->count] = (struct told){.member = member};
	return &roster->told[roster->count++];
}

static bool is_same(const struct told *told, const struct catalog_node *nodes, size_t count)
{
	if (told == NULL || told->count != count)
		return told == NULL && count == 0;
	for (size_t i = 0; i < count; i++)
		if (memcmp(&told->nodes[i], &nodes[i], sizeof *nodes) != 0)
			return false;
	return true;
}

int gossip_roster_set(struct gossip_roster *roster, uint32_t member,
		      const struct catalog_node *nodes, size_t count, bool *ret_changed)
{
	struct told *told = told_by(roster, member);
	struct catalog_node *copy = NULL;

	assert(count <= CATALOG_NODE_PLACES);
	*ret_changed = !is_same(told, nodes, count);
	if (!*ret_changed)
		return 0;
	if (count > 0) {
		copy = reallocarray(NULL, count, sizeof *copy);
		if (copy == NULL)
			return -ENOMEM;
		memcpy(copy, nodes, count * sizeof *copy);
	}
	if (told == NULL)
		told = add(roster, member);
	if (told == NULL) {
		free(copy);
		return -ENOMEM;
	}
	free(told->nodes);
	told->nodes = copy;
	told->count = count;
	return 0;
}

static int load(struct gossip_roster *roster, struct catalog_txn *txn)
{
	struct catalog_node *nodes = calloc(CATALOG_NODE_PLACES, sizeof *nodes);
	int r = nodes == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < catalog_charter_member_count(roster->charter); i++) {
		uint32_t member = catalog_charter_member_at(roster->charter, i)->index;
		bool has_changed;
		size_t count;

		r = catalog_node_list(txn, member, nodes, &count);
		if (r == 0)
			r = gossip_roster_set(roster, member, nodes, count, &has_changed);
	}
	free(nodes);
	return r;
}

int gossip_roster_open(struct catalog_store *store, const struct catalog_charter *charter,
		       struct gossip_roster **ret_roster)
{
	struct gossip_roster *roster = NULL;
	struct catalog_txn *txn;
	int r = gossip_roster_new(charter, &roster);

	if (r == 0)
		r = catalog_store_begin(store, &txn);
	if (r == 0) {
		r = load(roster, txn);
		catalog_store_end(txn);
	}
	if (r != 0) {
		gossip_roster_free(roster);
		return r;
	}
	*ret_roster = roster;
	return 0;
}

size_t gossip_roster_told(const struct gossip_roster *roster, uint32_t member,
			  const struct catalog_node **ret_nodes)
{
	const struct told *told = told_by(roster, member);

	*ret_nodes = told == NULL ? NULL : told->nodes;
	return told == NULL ? 0 : told->count;
}

size_t gossip_roster_nodes(const struct gossip_roster *roster, uint32_t member, int64_t now_s,
			   struct catalog_node_key ret_keys[GOSSIP_ROSTER_NODES_MAX])
{
	const struct catalog_member *found = catalog_charter_member(roster->charter, member);
	const struct told *told = told_by(roster, member);
	size_t told_count = told == NULL ? 0 : told->count, count = 0;

	if (found == NULL)
		return 0;
	for (size_t i = 0; i < found->node_count + told_count; i++) {
		const struct catalog_node_key *key =
			i < found->node_count ? &found->nodes[i]
					      : &told->nodes[i - found->node_count].key;
		bool is_there = false;

		for (size_t k = 0; k < count && !is_there; k++)
			is_there = memcmp(&ret_keys[k], key, sizeof *key) == 0;
		if (!is_there &&
		    gossip_roster_judge(roster, member, key, now_s, NULL) == CATALOG_NODE_GOOD)
			ret_keys[count++] = *key;
	}
	return count;
}

enum catalog_node_state gossip_roster_judge(const struct gossip_roster *roster, uint32_t member,
					    const struct catalog_node_key *key, int64_t now_s,
					    int64_t *ret_until_s)
{
	const struct catalog_member *found = catalog_charter_member(roster->charter, member);
	const struct told *told = told_by(roster, member);

	if (found == NULL)
		return CATALOG_NODE_UNNAMED;
	return catalog_node_judge(found, told == NULL ? NULL : told->nodes,
				  told == NULL ? 0 : told->count, key, now_s, ret_until_s);
}

int gossip_roster_find(const struct gossip_roster *roster, const struct catalog_node_key *key,
		       int64_t now_s, uint32_t *ret_member, enum catalog_node_state *ret_state)
{
	const struct catalog_member *named = catalog_charter_member_with_node(roster->charter, key);

	*ret_state = CATALOG_NODE_UNNAMED;
	if (named != NULL) {
		*ret_member = named->index;
		*ret_state = gossip_roster_judge(roster, named->index, key, now_s, NULL);
		if (*ret_state == CATALOG_NODE_GOOD)
			return 0;
	}
	for (size_t i = 0; i < roster->count; i++) {
		uint32_t member = roster->told[i].member;
		enum catalog_node_state state =
			gossip_roster_judge(roster, member, key, now_s, NULL);

		if (state == CATALOG_NODE_GOOD || *ret_state == CATALOG_NODE_UNNAMED) {
			*ret_state = state;
			*ret_member = member;
		}
		if (state == CATALOG_NODE_GOOD)
			return 0;
	}
	return -ENOENT;
}

/* The first half of a key's digits, as people compare them. */
static void print_key(const struct catalog_node_key *key, char ret_print[24])
{
	const uint8_t *b = key->bytes;

	(void)snprintf(ret_print, 24, "%02x%02x %02x%02x %02x%02x %02x%02x", b[0], b[1], b[2], b[3],
		       b[4], b[5], b[6], b[7]); /* it fits */
}

void gossip_roster_why(const struct gossip_roster *roster, uint32_t member,
		       const struct catalog_node_key *key, enum catalog_node_state state,
		       char ret_why[GOSSIP_ROSTER_WHY_BYTES])
{
	const struct catalog_member *found = catalog_charter_member(roster->charter, member);
	const char *name = found == NULL ? "nobody" : found->name;
	const size_t room = GOSSIP_ROSTER_WHY_BYTES;
	char print[24];

	print_key(key, print);
	/* All of these fit. */
	switch (state) {
	case CATALOG_NODE_GOOD:
	case CATALOG_NODE_UNNAMED:
		(void)snprintf(ret_why, room, "no member has named the node with the key %s",
			       print);
		break;
	case CATALOG_NODE_EXPIRED:
		(void)snprintf(ret_why, room,
			       "the time is over for which %s named the node with the key %s: "
			       "`fedcat key delegate` names it anew",
			       name, print);
		break;
	case CATALOG_NODE_WITHDRAWN:
		(void)snprintf(ret_why, room, "%s has withdrawn the node with the key %s", name,
			       print);
		break;
	case CATALOG_NODE_SUSPENDED:
		(void)snprintf(ret_why, room,
			       "%s is suspended, and the charter does not name the node with the "
			       "key %s",
			       name, print);
		break;
	case CATALOG_NODE_EXPELLED:
		(void)snprintf(ret_why, room, "its member was expelled: %s, key %s", name, print);
		break;
	}
}
