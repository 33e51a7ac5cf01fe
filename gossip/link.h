/* gossip/link.h - one conversation of a node: its frames, what the peer said of itself, what it
 * waits for from us.
 *
 * A plain struct that gossip/node and its parts (exchange, work) share; it outlives nothing: the
 * node makes and ends it.
 */
#ifndef GOSSIP_LINK_H
#define GOSSIP_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/hash.h"
#include "gossip/book.h"
#include "gossip/channel.h"
#include "gossip/frame.h"
#include "gossip/message.h"
#include "gossip/node.h"
#include "gossip/rate.h"

#define GOSSIP_LINK_READS_MAX 2  /* chunks that are made for it at once */
#define GOSSIP_LINK_WANTS_MAX 64 /* requests of the peer that wait */
/* What gossip_link_bytes() is at most: a message that comes in each lane (buffers double), those
 * that wait to be sent, what was handed out. */
#define GOSSIP_LINK_UNSENT_LEAST (32u * 1024)
#define GOSSIP_LINK_BYTES_MAX                                                                      \
	(2u * 1024 * 1024 + 2 * GOSSIP_FRAME_CONTROL_MAX + GOSSIP_FRAME_QUEUE_MAX +                \
	 GOSSIP_LINK_UNSENT_MAX + 128u * 1024)
#define GOSSIP_LINK_UNSENT_MAX                                                                     \
	(256u * 1024) /* bytes handed out and not yet taken by the socket                          \
		       */

enum gossip_link_state {
	GOSSIP_LINK_OPEN,    /* no hello from the peer yet */
	GOSSIP_LINK_GREETED, /* its hello was good */
	GOSSIP_LINK_CLOSING, /* nothing more is read; what waits is sent, then it is closed */
	GOSSIP_LINK_CLOSED,  /* the caller was told to close it and has not said that it did */
};

/* What a peer was told of a log. */
struct gossip_link_told {
	uint64_t size; /* of the checkpoint, and when it was attested to */
	uint64_t attested_s;
	bool is_forked; /* the proof of its fork */
};

/* What a comparison of vectors has shown of a log (gossip/compare.c). */
enum {
	GOSSIP_LINK_OPENED = 1, /* it may differ */
	GOSSIP_LINK_OWED = 2,   /* the peer must be told where we stand */
	GOSSIP_LINK_HEARD = 4,  /* it sent the checkpoint that it is known to know */
};

/* A checkpoint that the peer wants to be cosigned. */
struct gossip_link_cosign {
	bool is_wanted, is_out; /* a job for it is out */
	size_t log;             /* position */
	uint64_t size;
	uint64_t since_ms;
	uint64_t due_ms; /* no sooner, so that signing cannot be asked for without end */
};

/* A chunk that the peer asked for. */
struct gossip_link_want {
	uint32_t request;
	size_t log; /* position */
	uint64_t from, to, size;
	uint32_t bytes, packing;
	uint64_t since_ms;
};

struct gossip_link {
	uint64_t id;
	enum gossip_link_state state;
	bool is_outgoing;
	char address[CATALOG_CHARTER_ADDRESS_BYTES_MAX + 1]; /* that we dialled; else "" */
	uint32_t named_by; /* the member whose node's key it has; of one that came in, since it is
			      known */
	uint32_t member;   /* what it said it is: that, or no member at all (a mirror) */
	uint64_t incarnation;

	struct gossip_rate in, out; /* what it may send and be sent */
	bool is_leaf;               /* it serves nobody, and is told of news now and then */
	uint64_t gather_ms;         /* not before */

	struct gossip_channel *channel;

	struct gossip_frame_reader *reader;
	struct gossip_frame_writer *writer;
	size_t unsent;
	size_t unsent_max;   /* so much may be handed out: what the socket takes in half a second */
	size_t drained;      /* that it took since */
	uint64_t drained_ms; /* this time */
	int64_t counted;     /* bytes that came and are no chunks, as the limits know them */

	uint64_t since_ms;    /* it opened */
	uint64_t heard_ms;    /* bytes came last */
	uint64_t pinged_ms;   /* we asked whether it is there */
	uint64_t exchange_ms; /* vectors may be exchanged again */
	uint64_t exchange_pause_ms;

	bool has_vector; /* the peer told its vector's hash */
	struct catalog_hash vector;
	struct catalog_hash told; /* what we told it of ours */

	bool has_told, has_ponged; /* where its logs stand; and what we asked after its hello */
	unsigned repeats;          /* checkpoints that it sent before */
	bool is_disputed;          /* it has another checkpoint of our own log than we */
	uint64_t claimed_ms;       /* it speaks of more of our log since; 0: it does not */

	size_t log_count;
	struct gossip_link_told *told_of; /* by log */
	bool *is_dirty;                   /* by log: it must be told */
	size_t dirty_count;
	uint8_t *compared;            /* by log: GOSSIP_LINK_OPENED, _OWED */
	uint64_t amendment;           /* the newest that it says it knows */
	uint64_t amendment_told;      /* the newest that it was sent, or knows */
	struct catalog_buffer saying; /* an amendment that it is being sent, */
	uint64_t saying_number;       /* its number, */
	size_t saying_at;             /* and how much of it was */
	bool is_astray;               /* its charter goes through another amendment than ours */
	bool has_trailed;             /* it was sent our trail */
	unsigned trails;              /* that it sent */
	size_t conflict_count;        /* proofs that it knows, or was sent, of these numbers */
	uint64_t conflicts[CATALOG_CHARTER_CONFLICTS_MAX];
	bool is_half_told; /* the first amendment of the proof of conflicts[conflict_count] */
	struct catalog_buffer amendments; /* that it sent, to be judged */
	struct catalog_buffer amending;   /* the one that comes */
	size_t heads_pending;             /* that it sent and that are not judged yet */
	size_t forks_pending;
	struct gossip_link_cosign cosign;

	size_t want_count;
	struct gossip_link_want wants[GOSSIP_LINK_WANTS_MAX]; /* in the order in which they came */
	uint64_t comparing_ms; /* until when its vectors and digests have used up their turns */
	unsigned reading;      /* chunks for it that are being made */
	bool is_joined;        /* pull and book know of it */

	uint64_t bytes_in, bytes_out, entries_in, entries_out;

	char reason[GOSSIP_NODE_TEXT_BYTES]; /* why it closes */
	enum gossip_book_end end;
};

/* Make a link.  address is NULL for an incoming one; the node sets its channel, which is the link's
 * then.  The caller owns *ret_link.  Returns 0, -ENOMEM. */
int gossip_link_new(uint64_t id, const char *address, size_t log_count, uint64_t now_ms,
		    struct gossip_link **ret_link);
void gossip_link_free(struct gossip_link *link); /* NULL is allowed */

/* There are more logs now.  Returns 0, -ENOMEM. */
int gossip_link_grow(struct gossip_link *link, size_t log_count);

/* Queue a message; a chunk goes in the bulk lane.  If it cannot be queued the link closes. */
void gossip_link_say(struct gossip_link *link, const struct gossip_message *message);

/* What it holds for the peer, in bytes: messages under way either way; and amendments. */
size_t gossip_link_bytes(const struct gossip_link *link);
size_t gossip_link_amending(const struct gossip_link *link);

/* The socket took so much of what was handed out. */
void gossip_link_drained(struct gossip_link *link, size_t len, uint64_t now_ms);

/* End the conversation: the peer is told the reason, what is queued is still sent.  The first
 * reason stays. */
void gossip_link_close(struct gossip_link *link, enum gossip_book_end end, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The peer must be told of a log. */
void gossip_link_touch(struct gossip_link *link, size_t log);

/* Take out the want at position i. */
void gossip_link_drop_want(struct gossip_link *link, size_t i);

#endif
