/* catalog/node.h - a node as its member names it: whose key it is, where it is, until when.
 *
 * The body of a `node` entry is msgpack [key, role, expires, [address, ...]].  Its id is its place
 * in the member's log, "0" to "15", taken in this order, so that a member has so many nodes and no
 * more, whatever it signs.  A node that was withdrawn has expires 0.  A node that takes no incoming
 * connections has no address.
 *
 * What the log says of a key goes before what the charter says of it but for one thing: a key of
 * the charter's does not expire, so that a member whose node was off for a year is not shut out.
 *
 * Threads  none of its own.   Time  now_s: the time of day, seconds since 1970.
 */
#ifndef CATALOG_NODE_H
#define CATALOG_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/change.h"
#include "catalog/store.h"

#define CATALOG_NODE_PLACES        16
#define CATALOG_NODE_ADDRESSES_MAX 4
#define CATALOG_NODE_BYTES_MAX     2048 /* of a body */
#define CATALOG_NODE_ROLE_MAX      255
#define CATALOG_NODE_DAYS_MAX      3650 /* that one may be named for */

enum catalog_node_role {
	CATALOG_NODE_PUBLISHER = 1, /* it has its member's key */
	CATALOG_NODE_MIRROR = 2,
	CATALOG_NODE_LEAF = 3, /* it is on a thin link, and serves little */
};

struct catalog_node {
	struct catalog_node_key key;
	unsigned role;     /* one of the enum, or what only a later version knows */
	int64_t expires_s; /* 0: withdrawn */
	size_t address_count;
	char addresses[CATALOG_NODE_ADDRESSES_MAX][CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	unsigned place; /* in its member's log; not in the body */
};

/* Whether a text is where a node can be dialled: "192.0.2.1:7420", "[2001:db8::1]:7420",
 * "node.example.org:7420", at most CATALOG_CHARTER_ADDRESS_BYTES_MAX bytes. */
bool catalog_node_is_address(const char *text);

/* A role in a word, which lives for ever; and the other way round: -EINVAL. */
const char *catalog_node_role_word(unsigned role);
int catalog_node_role(const char *word, unsigned *ret_role);

/* Append the body of an entry.  Returns 0, -EINVAL if an address is none or the role or the time is
 * out of bounds, -ENOMEM. */
int catalog_node_encode(const struct catalog_node *node, struct catalog_buffer *buffer);

/* Read exactly one body, which may come from anybody; place is left alone.  Returns 0, -EBADMSG. */
int catalog_node_decode(struct catalog_span body, struct catalog_node *ret_node);

/* The nodes that a member's log names, withdrawn and expired ones among them, by place.  What is no
 * node is passed over.  ret_nodes has room for CATALOG_NODE_PLACES.  Returns 0, -ENOMEM, -EIO. */
int catalog_node_list(struct catalog_txn *txn, uint32_t log, struct catalog_node *ret_nodes,
		      size_t *ret_count);

/* The place for a key in its member's log: the one that it has, else one that is free, or whose
 * node has expired or was withdrawn; the withdrawal of a key that the charter names stays.  Returns
 * 0, -ENOSPC. */
int catalog_node_place(const struct catalog_member *member, const struct catalog_node *nodes,
		       size_t count, const struct catalog_node_key *key, int64_t now_s,
		       unsigned *ret_place);

enum catalog_node_state {
	CATALOG_NODE_GOOD,
	CATALOG_NODE_UNNAMED, /* neither log nor charter name it */
	CATALOG_NODE_EXPIRED,
	CATALOG_NODE_WITHDRAWN,
	CATALOG_NODE_SUSPENDED, /* only nodes that the charter names go on for a suspended member */
	CATALOG_NODE_EXPELLED,
};

/* Whether a key speaks for a member, whose log names these nodes.  *ret_until_s (may be NULL) is
 * until when a good one is so: INT64_MAX if for ever. */
enum catalog_node_state catalog_node_judge(const struct catalog_member *member,
					   const struct catalog_node *nodes, size_t count,
					   const struct catalog_node_key *key, int64_t now_s,
					   int64_t *ret_until_s);

/* A state in a word, which lives for ever. */
const char *catalog_node_state_word(enum catalog_node_state state);

#endif
