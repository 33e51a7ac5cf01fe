/* catalog/charter.h - what the federation is: a hash-chained sequence of amendments signed by its
 * council.
 *
 * An amendment is msgpack [body, [[key, signature], ...]].  body is a bin: msgpack {v: 1, number,
 * prev (hash of the body before; nil for 0), time, changes: [[verb, {...}], ...]}.  Verbs of this
 * first form: "profile" {name}, "council" {keys, threshold}, "admit" {index, name, title, key,
 * country, sector, addresses, node (may be missing: keys of its first nodes)}.  A signature is
 * Ed25519 over "fedcat-amendment-v1" || 0x00 || SHA-256(body).  The hash of an amendment is
 * SHA-256(body); the federation's id is that of amendment 0.  Amendment 0 is signed by at least the
 * threshold of the council that it names.  A reader refuses a verb that it does not know: it must
 * not guess what the federation decided.
 */
#ifndef CATALOG_CHARTER_H
#define CATALOG_CHARTER_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/checkpoint.h"
#include "catalog/hash.h"
#include "catalog/listing.h"

#define CATALOG_CHARTER_MEMBERS_MAX         4096
#define CATALOG_CHARTER_COUNCIL_MAX         64
#define CATALOG_CHARTER_ADDRESSES_MAX       8
#define CATALOG_CHARTER_ADDRESS_BYTES_MAX   255 /* "host:port" or "[v6]:port" */
#define CATALOG_CHARTER_NODES_MAX           8
#define CATALOG_CHARTER_TITLE_BYTES_MAX     200
#define CATALOG_CHARTER_AMENDMENT_BYTES_MAX (4u * 1024 * 1024)

/* The X25519 public key of a node: with it, it speaks for its member to other nodes. */
struct catalog_node_key {
	uint8_t bytes[32];
};

struct catalog_member {
	uint32_t index;                                  /* never reused; the number of its log */
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + 1];    /* short: [a-z0-9] then [a-z0-9-]* */
	char title[CATALOG_CHARTER_TITLE_BYTES_MAX + 1]; /* for people */
	struct catalog_key key;
	char country[3]; /* ISO 3166-1 alpha-2, upper case */
	char sector[41]; /* one plain word or two, for people and filters */
	size_t address_count;
	char addresses[CATALOG_CHARTER_ADDRESSES_MAX][CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	size_t node_count;
	struct catalog_node_key nodes[CATALOG_CHARTER_NODES_MAX]; /* each of one member only */
};

/* What an amendment 0 founds.  Plain data, for the one who writes it. */
struct catalog_founding {
	const char *name; /* of the federation */
	int64_t time_s;
	const struct catalog_member *members;
	size_t member_count;
	const struct catalog_key *council;
	size_t council_count;
	unsigned threshold; /* 1..council_count */
};

struct catalog_charter;

/* Append amendment 0, signed by secrets[] (keys of the council, at least threshold of them).
 * Returns 0, -EINVAL if the founding breaks a rule of this page (with a sentence in ret_why, may be
 * NULL), -ENOMEM. */
int catalog_charter_found(const struct catalog_founding *founding,
			  const struct catalog_secret *secrets, size_t secret_count,
			  struct catalog_buffer *ret_amendment, char ret_why[200]);

/* Read and verify a charter: its amendments, concatenated from number 0, from bytes that may come
 * from anybody.  The caller owns *ret_charter and ends it with catalog_charter_free(). Returns 0,
 * -E2BIG, -EBADMSG, -EPROTO (broken rule or chain), -EKEYREJECTED (too few signatures), -ENOMEM. */
int catalog_charter_new(struct catalog_span amendments, struct catalog_charter **ret_charter);
void catalog_charter_free(struct catalog_charter *charter);

/* All borrowed from the charter. */
const struct catalog_hash *catalog_charter_federation(const struct catalog_charter *charter);
const char *catalog_charter_name(const struct catalog_charter *charter);
uint64_t
catalog_charter_number(const struct catalog_charter *charter); /* of the newest amendment */
struct catalog_span catalog_charter_bytes(const struct catalog_charter *charter); /* as read */
size_t catalog_charter_member_count(const struct catalog_charter *charter);
const struct catalog_member *catalog_charter_member_at(const struct catalog_charter *charter,
						       size_t i);
/* NULL if there is no such member. */
const struct catalog_member *catalog_charter_member(const struct catalog_charter *charter,
						    uint32_t index);
const struct catalog_member *catalog_charter_member_named(const struct catalog_charter *charter,
							  const char *name);
const struct catalog_member *catalog_charter_member_with_key(const struct catalog_charter *charter,
							     const struct catalog_key *key);
const struct catalog_member *catalog_charter_member_with_node(const struct catalog_charter *charter,
							      const struct catalog_node_key *key);

#endif
