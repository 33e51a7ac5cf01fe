/* catalog/entry.h - one leaf of a member's log: msgpack [kind, id, time, prev, salt, body].
 *
 * The leaf hash is over the bytes as they were written; they are stored and relayed so and never
 * encoded again.  Decoding accepts any msgpack of that shape, encoding writes the shortest.
 */
#ifndef CATALOG_ENTRY_H
#define CATALOG_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"
#include "catalog/listing.h"

#define CATALOG_ENTRY_BYTES_MAX  (256u * 1024)
#define CATALOG_ENTRY_PREV_NONE  UINT64_MAX /* nil on the wire */
#define CATALOG_ENTRY_SALT_BYTES 16

enum catalog_entry_kind {
	CATALOG_ENTRY_PUT = 1,      /* body: a listing */
	CATALOG_ENTRY_WITHDRAW = 2, /* body: {reason: text, erase: bool}, both optional */
	CATALOG_ENTRY_NODE = 3,     /* a node's delegated key and addresses */
	CATALOG_ENTRY_MOTION = 4,   /* charter business */
	CATALOG_ENTRY_VOTE = 5,
	CATALOG_ENTRY_STATE = 6, /* body: struct catalog_state; id is empty; closes each batch */
};

struct catalog_entry {
	enum catalog_entry_kind kind;
	char id[CATALOG_ID_BYTES_MAX + 1]; /* "" for a state entry alone */
	int64_t time_s;                    /* seconds since 1970; informs, never decides */
	uint64_t prev;                     /* index of the entry this supersedes, or _PREV_NONE */
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_span body; /* one msgpack value; borrowed */
};

/* What the last entry under every checkpoint says. */
struct catalog_state {
	uint64_t live;                 /* listings that are put and not withdrawn */
	uint64_t withdrawn;            /* listings that are withdrawn */
	struct catalog_hash view_root; /* catalog/trie.h, over everything but state entries */
};

/* Append the entry's bytes.  Returns 0, -E2BIG beyond CATALOG_ENTRY_BYTES_MAX, -ENOMEM. */
int catalog_entry_encode(const struct catalog_entry *entry, struct catalog_buffer *buffer);

/* Read an entry from bytes that may come from a peer.  ret_entry->body is borrowed from bytes.
 * The body is one well-formed msgpack value; what it means is not looked at.
 * Returns 0, -E2BIG, -EBADMSG. */
int catalog_entry_decode(struct catalog_span bytes, struct catalog_entry *ret_entry);

/* Append the body of a state entry: msgpack [live, withdrawn, view root].  Returns 0, -ENOMEM. */
int catalog_entry_encode_state(const struct catalog_state *state, struct catalog_buffer *buffer);

/* Read the body of a state entry.  Returns 0, -EBADMSG. */
int catalog_entry_decode_state(struct catalog_span body, struct catalog_state *ret_state);

/* The trie key of what an entry is about: SHA-256("fedcat-thing-v1" || 0x00 || thing || id), where
 * thing is 1 for put and withdraw, else the kind. */
void catalog_entry_thing(enum catalog_entry_kind kind, const char *id,
			 struct catalog_hash *ret_key);

#endif
