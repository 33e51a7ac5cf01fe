/* catalog/node.c - nothing is kept beside the logs: as with motions, a node is found by its place,
 * and a log that steps back takes its nodes with it. */
#include "catalog/node.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include "catalog/entry.h"
#include "catalog/log.h"
#include "catalog/pack.h"
#include "catalog/unpack.h"

#define PLACE_BYTES 12
#define HOST_BYTES  (CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1)
#define FIELDS      4

static const char *const roles[] = {
	[CATALOG_NODE_PUBLISHER] = "publisher",
	[CATALOG_NODE_MIRROR] = "mirror",
	[CATALOG_NODE_LEAF] = "leaf",
};

/* --- addresses -------------------------------------------------------------------------------- */

static bool is_port(const char *text)
{
	unsigned long port = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return false;
	for (size_t i = 0; i < len; i++)
		port = port * 10 + (unsigned)(text[i] - '0');
	return port > 0 && port <= UINT16_MAX;
}

/* What host names are made of, and something else than digits and dots, which would be a mistyped
 * address that a resolver reads in ways of its own. */
static bool is_name(const char *host)
{
	bool has_letter = false;

	if (host[0] == '-' || host[0] == '.')
		return false;
	for (const char *c = host; *c != '\0'; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');

		has_letter = has_letter || letter;
		if (!letter && !(*c >= '0' && *c <= '9') && strchr("-._", *c) == NULL)
			return false;
		if (c[0] == '.' && c[1] == '.')
			return false;
	}
	return has_letter;
}

bool catalog_node_is_address(const char *text)
{
	char host[HOST_BYTES];
	struct in6_addr any;
	const char *from = text, *to, *colon;
	bool is_v6 = text[0] == '[';

	if (strnlen(text, HOST_BYTES) == HOST_BYTES)
		return false;
	if (is_v6)
		from++;
	to = colon = is_v6 ? strchr(from, ']') : strrchr(from, ':');
	if (to == NULL || to == from)
		return false;
	if (is_v6)
		colon++;
	if (*colon != ':' || !is_port(colon + 1))
		return false;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	if (is_v6)
		return inet_pton(AF_INET6, host, &any) == 1;
	return inet_pton(AF_INET, host, &any) == 1 || is_name(host);
}

/* --- bodies ----------------------------------------------------------------------------------- */

const char *catalog_node_role_word(unsigned role)
{
	return role < sizeof roles / sizeof *roles && roles[role] != NULL ? roles[role] : "other";
}

int catalog_node_role(const char *word, unsigned *ret_role)
{
	for (unsigned i = 0; i < sizeof roles / sizeof *roles; i++) {
		if (roles[i] == NULL || strcmp(roles[i], word) != 0)
			continue;
		*ret_role = i;
		return 0;
	}
	return -EINVAL;
}

static bool is_good(const struct catalog_node *node)
{
	if (node->role == 0 || node->role > CATALOG_NODE_ROLE_MAX || node->expires_s < 0 ||
	    node->address_count > CATALOG_NODE_ADDRESSES_MAX)
		return false;
	for (size_t i = 0; i < node->address_count; i++)
		if (!catalog_node_is_address(node->addresses[i]))
			return false;
	return true;
}

int catalog_node_encode(const struct catalog_node *node, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	int r;

	if (!is_good(node))
		return -EINVAL;
	if ((r = catalog_pack_array(buffer, FIELDS)) != 0 ||
	    (r = catalog_pack_bin(buffer, node->key.bytes, sizeof node->key.bytes)) != 0 ||
	    (r = catalog_pack_number(buffer, node->role)) != 0 ||
	    (r = catalog_pack_number(buffer, (uint64_t)node->expires_s)) != 0)
		goto out;
	r = catalog_pack_array(buffer, (uint32_t)node->address_count);
	for (size_t i = 0; i < node->address_count && r == 0; i++)
		r = catalog_pack_text(buffer, node->addresses[i]);
out:
	if (r != 0)
		buffer->len = before;
	return r;
}

int catalog_node_decode(struct catalog_span body, struct catalog_node *ret_node)
{
	struct catalog_unpack from = catalog_unpack_of(body);
	struct catalog_node node = {0};

	if (body.len > CATALOG_NODE_BYTES_MAX || catalog_unpack_array(&from, FIELDS) != FIELDS)
		return -EBADMSG;
	catalog_unpack_bytes(&from, node.key.bytes, sizeof node.key.bytes);
	node.role = (unsigned)catalog_unpack_number(&from, CATALOG_NODE_ROLE_MAX);
	node.expires_s = (int64_t)catalog_unpack_number(&from, INT64_MAX);
	node.address_count = catalog_unpack_array(&from, CATALOG_NODE_ADDRESSES_MAX);
	for (size_t i = 0; i < node.address_count; i++)
		catalog_unpack_text(&from, node.addresses[i], sizeof node.addresses[i]);
	if (!catalog_unpack_done(&from) || !is_good(&node))
		return -EBADMSG;
	node.place = ret_node->place;
	*ret_node = node;
	return 0;
}

/* --- a member's ------------------------------------------------------------------------------- */

int catalog_node_list(struct catalog_txn *txn, uint32_t log, struct catalog_node *ret_nodes,
		      size_t *ret_count)
{
	struct catalog_buffer bytes = {0};
	size_t count = 0;
	int r = 0;

	for (unsigned place = 0; place < CATALOG_NODE_PLACES; place++) {
		struct catalog_entry entry;
		char id[PLACE_BYTES];

		(void)snprintf(id, sizeof id, "%u", place); /* it fits */
		r = catalog_log_newest(txn, log, CATALOG_ENTRY_NODE, id, &bytes, &entry);
		if (r != 0)
			break; /* places are taken in their order */
		ret_nodes[count].place = place;
		if (catalog_node_decode(entry.body, &ret_nodes[count]) == 0)
			count++;
	}
	catalog_buffer_close(&bytes);
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_count = count;
	return 0;
}

static bool is_same(const struct catalog_node_key *a, const struct catalog_node_key *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static bool is_in_charter(const struct catalog_member *member, const struct catalog_node_key *key)
{
	for (size_t i = 0; i < member->node_count; i++)
		if (is_same(&member->nodes[i], key))
			return true;
	return false;
}

int catalog_node_place(const struct catalog_member *member, const struct catalog_node *nodes,
		       size_t count, const struct catalog_node_key *key, int64_t now_s,
		       unsigned *ret_place)
{
	bool is_kept[CATALOG_NODE_PLACES] = {false};

	assert(count <= CATALOG_NODE_PLACES);
	for (size_t i = 0; i < count; i++) {
		const struct catalog_node *node = &nodes[i];

		if (is_same(&node->key, key)) {
			*ret_place = node->place;
			return 0;
		}
		is_kept[node->place] = node->expires_s > now_s ||
				       (node->expires_s == 0 && is_in_charter(member, &node->key));
	}
	for (unsigned place = 0; place < CATALOG_NODE_PLACES; place++) {
		if (is_kept[place])
			continue;
		*ret_place = place;
		return 0;
	}
	return -ENOSPC;
}

enum catalog_node_state catalog_node_judge(const struct catalog_member *member,
					   const struct catalog_node *nodes, size_t count,
					   const struct catalog_node_key *key, int64_t now_s,
					   int64_t *ret_until_s)
{
	bool is_named = is_in_charter(member, key), is_told = false;
	int64_t until_s = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_same(&nodes[i].key, key))
			continue;
		is_told = true;
		if (nodes[i].expires_s == 0) { /* whatever else may be said of it */
			return member->standing == CATALOG_STANDING_EXPELLED
				       ? CATALOG_NODE_EXPELLED
				       : CATALOG_NODE_WITHDRAWN;
		}
		if (nodes[i].expires_s > until_s)
			until_s = nodes[i].expires_s;
	}
	if (!is_named && !is_told)
		return CATALOG_NODE_UNNAMED;
	if (member->standing == CATALOG_STANDING_EXPELLED)
		return CATALOG_NODE_EXPELLED;
	if (!is_named && member->standing == CATALOG_STANDING_SUSPENDED)
		return CATALOG_NODE_SUSPENDED;
	if (!is_named && until_s <= now_s)
		return CATALOG_NODE_EXPIRED;
	if (ret_until_s != NULL)
		*ret_until_s = is_named ? INT64_MAX : until_s;
	return CATALOG_NODE_GOOD;
}

const char *catalog_node_state_word(enum catalog_node_state state)
{
	switch (state) {
	case CATALOG_NODE_GOOD: return "good";
	case CATALOG_NODE_UNNAMED: return "unnamed";
	case CATALOG_NODE_EXPIRED: return "expired";
	case CATALOG_NODE_WITHDRAWN: return "withdrawn";
	case CATALOG_NODE_SUSPENDED: return "suspended";
	case CATALOG_NODE_EXPELLED: return "expelled";
	}
	return "?";
}
