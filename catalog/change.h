/* catalog/change.h - one thing that an amendment of the charter decides: msgpack [verb, {...}].
 *
 *   profile {name, licences, vocabularies, limits {listing_bytes, listings}, retention (days)}
 *                                 all but name may be missing: then it is as if never set
 *   council {keys, threshold}
 *   admit   {index, name, title, key, country, sector, addresses, node}
 *                                 node (keys of its first nodes) may be missing
 *   rotate  {member, key, after}  the member's key for checkpoints larger than `after`
 *   suspend {member, at}          its log ends at a checkpoint; what is beyond counts no more
 *   readmit {member, at}          it goes on after a checkpoint
 *   expel   {member, at}          as suspend, for ever
 *
 * `member` is an index.  A line (`after`, `at`) is {size, root, note}: a checkpoint that the member
 * signed, with its note, so that whoever knows the charter holds what it draws lines at.  The line
 * before everything has size 0, the root of nothing, and no note.  A verb or a field that a reader
 * does not know is refused: it must not guess what the federation decided.
 */
#ifndef CATALOG_CHANGE_H
#define CATALOG_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/checkpoint.h"
#include "catalog/hash.h"
#include "catalog/listing.h"

#define CATALOG_CHARTER_COUNCIL_MAX       64
#define CATALOG_CHARTER_ADDRESSES_MAX     8
#define CATALOG_CHARTER_ADDRESS_BYTES_MAX 255 /* "host:port" or "[v6]:port" */
#define CATALOG_CHARTER_NODES_MAX         8
#define CATALOG_CHARTER_TITLE_BYTES_MAX   200
#define CATALOG_CHARTER_SECTOR_BYTES_MAX  40
#define CATALOG_CHARTER_TERMS_MAX         32 /* licences, or vocabularies */
#define CATALOG_CHARTER_TERM_BYTES_MAX    200
#define CATALOG_CHARTER_RETENTION_MAX     36500 /* days */
#define CATALOG_CHANGE_WHY_BYTES          200   /* a sentence, with the NUL */

/* The X25519 public key of a node: with it, it speaks for its member to other nodes. */
struct catalog_node_key {
	uint8_t bytes[32];
};

enum catalog_standing {
	CATALOG_STANDING_MEMBER = 0,
	CATALOG_STANDING_SUSPENDED,
	CATALOG_STANDING_EXPELLED,
};

struct catalog_member {
	uint32_t index;                                    /* never reused; the number of its log */
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + 1];      /* short: [a-z0-9] then [a-z0-9-]* */
	char title[CATALOG_CHARTER_TITLE_BYTES_MAX + 1];   /* for people */
	struct catalog_key key;                            /* the newest */
	char country[3];                                   /* ISO 3166-1 alpha-2, upper case */
	char sector[CATALOG_CHARTER_SECTOR_BYTES_MAX + 1]; /* a word or two, for people */
	size_t address_count;
	char addresses[CATALOG_CHARTER_ADDRESSES_MAX][CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1];
	size_t node_count;
	struct catalog_node_key nodes[CATALOG_CHARTER_NODES_MAX]; /* each of one member only */
	enum catalog_standing standing; /* as of the charter; none of an admission */
};

struct catalog_profile {
	char name[CATALOG_CHARTER_TITLE_BYTES_MAX + 1]; /* of the federation */
	size_t licence_count;                           /* 0: any */
	char licences[CATALOG_CHARTER_TERMS_MAX][CATALOG_CHARTER_TERM_BYTES_MAX + 1];
	size_t vocabulary_count;
	char vocabularies[CATALOG_CHARTER_TERMS_MAX][CATALOG_CHARTER_TERM_BYTES_MAX + 1];
	uint64_t listing_bytes_max; /* 0: what the format allows */
	uint64_t listings_max;      /* of one member; 0: any */
	uint32_t retention_days;    /* of superseded entries; 0: what each node likes */
};

struct catalog_council {
	size_t count;
	struct catalog_key keys[CATALOG_CHARTER_COUNCIL_MAX];
	unsigned threshold; /* 1..count */
};

/* A checkpoint that a charter draws a line at. */
struct catalog_line {
	uint64_t size;
	struct catalog_hash root;
	struct catalog_span note; /* borrowed; empty if size is 0 */
};

enum catalog_change_verb {
	CATALOG_CHANGE_PROFILE,
	CATALOG_CHANGE_COUNCIL,
	CATALOG_CHANGE_ADMIT,
	CATALOG_CHANGE_ROTATE,
	CATALOG_CHANGE_SUSPEND,
	CATALOG_CHANGE_READMIT,
	CATALOG_CHANGE_EXPEL,
};

struct catalog_change {
	enum catalog_change_verb verb;
	union {
		struct catalog_profile profile;
		struct catalog_council council;
		struct catalog_member admit;
		struct {
			uint32_t member;
			struct catalog_key key; /* ROTATE */
			struct catalog_line line;
		} move; /* the other four */
	} as;
};

/* A verb as it is written. */
const char *catalog_change_word(enum catalog_change_verb verb);

/* What is wrong with a change by itself, whatever charter it is for: a sentence that lives for
 * ever; NULL if nothing. */
const char *catalog_change_wrong(const struct catalog_change *change);

/* Append a change that nothing is wrong with.  Returns 0, -ENOMEM. */
int catalog_change_encode(const struct catalog_change *change, struct catalog_buffer *buffer);

/* Read exactly one change from bytes that may come from anybody; a line's note is borrowed from
 * them.  Returns 0, or -EBADMSG if it is no change, or -EPROTO if it has a verb or field that we do
 * not know or something is wrong with it; then ret_why (may be NULL) says what. */
int catalog_change_decode(struct catalog_span bytes, struct catalog_change *ret_change,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES]);

#endif
