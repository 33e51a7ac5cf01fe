/* gossip/message.h - what nodes say to each other, in msgpack: written and read here, judged in
 * gossip/node.
 *
 * A message is an array whose first element is its kind; docs/wire.md lists the others.  Limits:
 * the lane's (gossip/frame.h), and for each kind the counts below.
 */
#ifndef GOSSIP_MESSAGE_H
#define GOSSIP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"

#define GOSSIP_MESSAGE_PLACES_MAX 1024 /* in one vector message */
#define GOSSIP_MESSAGE_HEADS_MAX  128  /* in one heads message */
#define GOSSIP_MESSAGE_HEADS_BYTES                                                                 \
	(48u * 1024) /* of notes in one heads message, unless one alone is larger */
#define GOSSIP_MESSAGE_TEXT_MAX     200 /* bytes of a bye's reason */
#define GOSSIP_MESSAGE_MEMBER_NONE  UINT32_MAX
#define GOSSIP_MESSAGE_ROOT_BYTES   8
#define GOSSIP_MESSAGE_LINE_MAX     512          /* bytes of a cosignature's line */
#define GOSSIP_MESSAGE_PART_MAX     (48u * 1024) /* bytes of a part of an amendment */
#define GOSSIP_MESSAGE_RANGES_MAX   1024         /* in one digests message */
#define GOSSIP_MESSAGE_DIGESTS_MAX  16           /* of one range */
#define GOSSIP_MESSAGE_DIGEST_BYTES 4
#define GOSSIP_MESSAGE_STEPS_MAX    66 /* of a trail */

enum gossip_message_kind {
	GOSSIP_MESSAGE_HELLO = 1,  /* who speaks, and the hash of its version vector */
	GOSSIP_MESSAGE_VECTOR = 2, /* where the speaker's logs stand */
	GOSSIP_MESSAGE_HEADS = 3,  /* checkpoints that the hearer lacks */
	GOSSIP_MESSAGE_PULL = 4,   /* send me a chunk */
	GOSSIP_MESSAGE_CHUNK = 5,  /* here it is (bulk lane) */
	GOSSIP_MESSAGE_NONE = 6,   /* I cannot: ask another */
	GOSSIP_MESSAGE_EQUAL = 7,  /* the hash of my version vector now */
	GOSSIP_MESSAGE_PING = 8,
	GOSSIP_MESSAGE_PONG = 9,
	GOSSIP_MESSAGE_BYE = 10,      /* the link ends, and why */
	GOSSIP_MESSAGE_FORK = 11,     /* a member has signed two histories: the proof */
	GOSSIP_MESSAGE_COSIGN = 12,   /* be the witness of this checkpoint of mine */
	GOSSIP_MESSAGE_COSIGNED = 13, /* I am, or cannot be */
	GOSSIP_MESSAGE_AMENDMENT =
		14,                  /* a part of an amendment of the charter; or that I know it */
	GOSSIP_MESSAGE_DIGESTS = 15, /* of ranges of my vector */
	GOSSIP_MESSAGE_TRAIL = 16,   /* which amendments my charter goes through */
};

/* What tells charters apart: the hash of the newest amendment, and of which numbers proofs are
 * known that the council signed two (gossip/course). */
struct gossip_course {
	uint8_t bytes[8];
};

struct gossip_hello {
	uint32_t version;
	uint64_t amendment;   /* number of the newest that the speaker knows */
	uint32_t member;      /* whose node it is, or _MEMBER_NONE */
	uint64_t incarnation; /* of its store */
	struct catalog_hash vector;
	struct gossip_course course; /* of its charter */
	bool is_leaf; /* it serves no entries but its own member's, and is told of news seldom */
};

/* Where a log stands at the speaker. */
struct gossip_place {
	uint32_t log;
	bool is_forked;      /* it holds the proof that the member signed two histories */
	uint64_t target;     /* size of the newest checkpoint it knows */
	uint64_t held;       /* entries it holds, at most target */
	uint64_t attested_s; /* when the member last said that this checkpoint is its newest */
	uint8_t root[GOSSIP_MESSAGE_ROOT_BYTES]; /* first bytes of that checkpoint's root */
};

struct gossip_vector {
	bool is_answer;  /* to the hearer's own: it need not answer with one */
	bool is_partial; /* of what digests showed to differ: all else is equal */
	bool is_last;    /* no more parts follow */
	size_t count;
	struct gossip_place *places;
};

/* Digests of a range of the speaker's logs, each of so many logs (the message's span) from the one
 * at position `first` on, in the charter's order. */
struct gossip_range {
	uint32_t first;
	size_t count; /* of digests */
	uint8_t digests[GOSSIP_MESSAGE_DIGESTS_MAX][GOSSIP_MESSAGE_DIGEST_BYTES];
};

struct gossip_digests {
	uint32_t salt; /* hashed with all: what collides once does not collide the next time */
	uint32_t span; /* logs of a digest */
	size_t count;
	struct gossip_range *ranges; /* in their order, and apart */
};

struct gossip_head {
	uint32_t log;
	uint64_t size;            /* that the note says */
	uint64_t held;            /* entries that the speaker holds */
	uint64_t attested_s;      /* of the note: its member's own cosignature */
	struct catalog_span note; /* catalog/note_pack.h, or as it is; borrowed */
};

struct gossip_heads {
	size_t count;
	struct gossip_head *heads;
};

/* Asks for the chunk of log that begins at from and ends at `to` or before, proven under its
 * checkpoint of size. */
struct gossip_pull_ask {
	uint32_t request; /* the asker's number for it */
	uint32_t log;
	uint64_t from, to, size;
	uint32_t bytes;   /* of entries it may have at most, unless it is one alone */
	uint32_t packing; /* GOSSIP_MESSAGE_PLAIN, _ZSTD, or also by the dictionary of that id */
};

enum { GOSSIP_MESSAGE_PLAIN = 0, GOSSIP_MESSAGE_ZSTD = 1 };

/* The proof of a fork: catalog/fork.h, at most CATALOG_FORK_BYTES_MAX; borrowed. */
struct gossip_fork {
	uint32_t log;
	struct catalog_span proof;
};

/* Asks for, or brings, the cosignature of the checkpoint of a log at a size. */
struct gossip_cosign {
	uint32_t log;
	uint64_t size;
	/* COSIGNED: the line, with its end; empty: the speaker does not sign.  Borrowed. */
	struct catalog_span line;
};

/* An amendment's bytes, in parts, in their order.  Without bytes (len_all 0): the speaker's newest
 * is of this number, and part is its charter's course. */
struct gossip_amendment {
	uint64_t number;
	uint32_t len_all, at;
	struct catalog_span part; /* borrowed */
};

/* The newest amendment of the speaker's, and ever fewer of those before it. */
struct gossip_trail {
	bool is_answer;
	size_t conflict_count; /* numbers of which it has the proof that the council signed two */
	uint64_t conflicts[CATALOG_CHARTER_CONFLICTS_MAX];
	size_t count; /* at least 1 */
	struct gossip_step {
		uint64_t number;
		struct catalog_hash hash;
	} steps[GOSSIP_MESSAGE_STEPS_MAX];
};

struct gossip_message {
	enum gossip_message_kind kind;
	union {
		struct gossip_hello hello;
		struct gossip_vector vector;
		struct gossip_heads heads;
		struct gossip_pull_ask pull;
		struct {
			uint32_t request;
			struct catalog_span wire; /* catalog/chunk.h; borrowed */
		} chunk;
		uint32_t none; /* request */
		struct catalog_hash equal;
		uint64_t ping; /* and pong: a number to send back */
		char bye[GOSSIP_MESSAGE_TEXT_MAX + 1];
		struct gossip_fork fork;
		struct gossip_cosign cosign; /* and cosigned */
		struct gossip_amendment amendment;
		struct gossip_digests digests;
		struct gossip_trail trail;
	} as;
};

/* Append a message's bytes.  Counts are within the limits above.  Returns 0, -ENOMEM. */
int gossip_message_encode(const struct gossip_message *message, struct catalog_buffer *buffer);

/* Read a message from a peer.  Its spans are borrowed from bytes; its arrays are its own, and the
 * caller ends them with gossip_message_close().  Returns 0, -EBADMSG if it is no message of these
 * kinds, -E2BIG if it is beyond a limit, -ENOMEM. */
int gossip_message_decode(struct catalog_span bytes, struct gossip_message *ret_message);
void gossip_message_close(struct gossip_message *message);

#endif
