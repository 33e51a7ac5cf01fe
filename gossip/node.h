/* gossip/node.h - one node among many: what to say to whom, whom to dial, what to fetch and to
 * keep.
 *
 * Sans-I/O.  Events go in (a link opened, bytes came, time passed, a job is done);
 * gossip_node_next() gives what to do. Links are numbered by the caller, each number used once.
 * Jobs are the slow parts (reading chunks, verifying and committing them): gossip_node_next() hands
 * out a job, the caller runs gossip_job_run() on a worker (write jobs one at a time, in order) and
 * gives it back with gossip_node_job_done(). A test just runs them at once.
 *
 * What is said on a link is encrypted (gossip/channel): nobody but nodes that the members have
 * named gets further than the handshake.
 *
 * Time    now_ms: milliseconds on one monotonic clock; the time of day by gossip_node_clock().
 * Random  a seed at the start, and a secret for each link.
 * Threads none: one caller at a time; gossip_job_run() touches only its job and the store.
 */
#ifndef GOSSIP_NODE_H
#define GOSSIP_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"
#include "catalog/store.h"
#include "gossip/noise.h"

#define GOSSIP_PROTOCOL_VERSION   1
#define GOSSIP_NODE_LINKS_MAX     64
#define GOSSIP_NODE_STRANGERS_MAX 16  /* links that came in and are not known yet */
#define GOSSIP_NODE_TEXT_BYTES    256 /* with the NUL */
/* Memory that one peer can make us hold: unless the options say otherwise; at least. */
#define GOSSIP_NODE_PEER_BYTES       (12u * 1024 * 1024)
#define GOSSIP_NODE_PEER_BYTES_LEAST (9u * 1024 * 1024)

struct gossip_node;
struct gossip_job;

/* Where a member is to be dialled, instead of where the charter says. */
struct gossip_node_address {
	uint32_t member;
	const char *address; /* at most CATALOG_CHARTER_ADDRESS_BYTES_MAX bytes; copied */
	bool was_seen;       /* it answered in an earlier run: besides what the charter says */
};

struct gossip_score_entry;

struct gossip_node_options {
	uint64_t seed;                            /* for every random choice, but no secret */
	const struct gossip_noise_secret *secret; /* the node's own; borrowed for its life */
	uint32_t self;         /* index of our member; UINT32_MAX for a node of none */
	bool can_sign;         /* gossip_job_run() gets a secret: we attest to our own log once a
				  day, and are others' witness */
	size_t outgoing_links; /* how many links to keep up (0: 4) */
	size_t incoming_links; /* how many to take at most (0: 44, of a leaf 2) */
	size_t peer_bytes_max; /* what one peer can make us hold (0: GOSSIP_NODE_PEER_BYTES) */
	bool is_plain;         /* ask for entries as they are, not compressed */
	bool is_leaf;          /* keep two links, serve nobody but with our own log */
	const struct gossip_node_address *addresses;
	size_t address_count;
	/* Who misbehaved before: until_ms is from now on.  At most GOSSIP_SCORE_MAX; copied. */
	const struct gossip_score_entry *scores;
	size_t score_count;
	int64_t now_s; /* gossip_node_clock() */
};

/* What gossip_job_run() cannot know. */
struct gossip_signer {
	const struct catalog_secret *secret; /* of our member; NULL: options.can_sign is not set */
	int64_t now_s;                       /* the time of day, seconds since 1970 */
};

enum gossip_action_kind {
	GOSSIP_ACTION_SEND,      /* bytes on link */
	GOSSIP_ACTION_CLOSE,     /* link, after what was sent; reason says why, for the log */
	GOSSIP_ACTION_DIAL,      /* address; answer with gossip_node_opened() or
				    gossip_node_dial_failed() */
	GOSSIP_ACTION_JOB,       /* run it and give it back */
	GOSSIP_ACTION_ADVANCED,  /* log has new entries (or is marked): for those who show it */
	GOSSIP_ACTION_AMENDED,   /* the charter has changed */
	GOSSIP_ACTION_TURNED,    /* it has changed course, so that this node knows members that are
				    none: it says nothing more; end it and make another */
	GOSSIP_ACTION_NOTICE,    /* text is something an operator should know of: log it */
	GOSSIP_ACTION_WITNESSED, /* count witnesses of our newest checkpoint were found, as
				    gossip_node_witness() asked for */
};

struct gossip_action {
	enum gossip_action_kind kind;
	uint64_t link;
	struct catalog_span
		bytes; /* SEND: borrowed until the next call of any gossip_node_ function */
	char text[GOSSIP_NODE_TEXT_BYTES]; /* DIAL: address; CLOSE: reason; NOTICE: sentence */
	uint32_t log;                      /* ADVANCED; DIAL: the member dialled */
	bool is_told;           /* DIAL: only the member's log tells of the address, and no node of
				   it has answered there: it may be anybody's */
	size_t count;           /* WITNESSED */
	struct gossip_job *job; /* JOB: the caller's until given back */
};

/* Make a node on store and charter, both borrowed for its life.  The caller owns *ret_node. Returns
 * 0, -ENOMEM, -EIO. */
int gossip_node_new(struct catalog_store *store, const struct catalog_charter *charter,
		    const struct gossip_node_options *options, uint64_t now_ms,
		    struct gossip_node **ret_node);

/* End a node.  Jobs handed out must have been given back. */
void gossip_node_free(struct gossip_node *node);

/* A link opened.  address: we dialled it (else NULL).  ephemeral: 32 bytes of a good source, fresh
 * for this link; copied, and the caller wipes them.  When there are GOSSIP_NODE_STRANGERS_MAX
 * others that came in and are not known yet, the oldest of them is closed.
 * Returns 0, -ENOSPC (too many: close it), -EPERM if the node that was dialled is kept out
 * (gossip/score), -ENOKEY if no node's key is known of the member who was
 * dialled, -ENOMEM. */
int gossip_node_opened(struct gossip_node *node, uint64_t link, const char *address,
		       const struct gossip_noise_secret *ephemeral, uint64_t now_ms);

/* A dial did not succeed. */
void gossip_node_dial_failed(struct gossip_node *node, const char *address, uint64_t now_ms);

/* Bytes came on a link, cut anywhere.  Bytes of a link that is closed already are ignored. */
void gossip_node_received(struct gossip_node *node, uint64_t link, struct catalog_span bytes,
			  uint64_t now_ms);

/* The socket of a link took all that it was given: more may be sent (back-pressure: until then at
 * most a bounded number of bytes is handed out for a link). */
void gossip_node_sent(struct gossip_node *node, uint64_t link, size_t len, uint64_t now_ms);

/* A link ended, by whomever.  After a CLOSE action, too. */
void gossip_node_closed(struct gossip_node *node, uint64_t link, uint64_t now_ms);

/* Our own log has grown (the publisher committed): tell the others. */
void gossip_node_published(struct gossip_node *node, uint64_t now_ms);

/* Logs have moved by other ways than this node's jobs: see where all stand, tell the others, and
 * ask for no more than is lacking. */
void gossip_node_moved(struct gossip_node *node);

/* Have count (at most CATALOG_ATTEST_WITNESSES_MAX) other members' nodes cosign our newest
 * checkpoint until_ms at the latest: a WITNESSED action says how many did.  One request at a time:
 * another takes the place of the one before.  Returns 0, -ENOKEY without options.can_sign. */
int gossip_node_witness(struct gossip_node *node, size_t count, uint64_t until_ms);

/* Say goodbye on every link and hand out no further jobs or dials: SEND and CLOSE actions are left.
 */
void gossip_node_stop(struct gossip_node *node, const char *reason, uint64_t now_ms);

/* A job was run. */
void gossip_node_job_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms);

/* The time of day, seconds since 1970, before anything that happens then: nodes that members' logs
 * name are so until then.  It may jump. */
void gossip_node_clock(struct gossip_node *node, int64_t now_s);

/* Time passed: call when the deadline is due. */
void gossip_node_tick(struct gossip_node *node, uint64_t now_ms);

/* The next thing to do.  Returns 0, or -ENOENT and *ret_due_ms: nothing now; tick then (UINT64_MAX:
 * never). */
int gossip_node_next(struct gossip_node *node, uint64_t now_ms, struct gossip_action *ret_action,
		     uint64_t *ret_due_ms);

/* Whether a job writes to the store (else it only reads). */
bool gossip_job_writes(const struct gossip_job *job);

/* Whether it makes a chunk for a peer. */
bool gossip_job_serves(const struct gossip_job *job);

/* Instead of running a job that serves: the peer gets no answer, as if it had been lost. */
void gossip_job_drop(struct gossip_job *job);

/* Do a job.  Any thread.  What came of it is in the job. */
void gossip_job_run(struct gossip_job *job, struct catalog_store *store,
		    struct catalog_charter *charter, const struct gossip_signer *signer);

/* The hash of our version vector (catalog_log_vector_hash), as of the last job or start; and how
 * many greeted peers said last that theirs is the same. */
void gossip_node_vector(const struct gossip_node *node, struct catalog_hash *ret_vector,
			size_t *ret_equal);

/* For status pages. */
struct gossip_peer_status {
	uint64_t link;
	bool outgoing;
	bool greeted;      /* hello came and was good */
	uint32_t member;   /* UINT32_MAX until greeted, or if it is of no member */
	char address[256]; /* dialled; "" for incoming */
	uint64_t bytes_in, bytes_out;
	uint64_t entries_in, entries_out;
	uint64_t since_ms;
	bool equal;      /* its vector hash is ours, as last heard */
	unsigned stalls; /* how often it left us waiting in vain since it answered last */
	size_t memory;   /* that it makes us hold */
	uint64_t rate;   /* bytes a second of what it sends us, 0: not known */
};
size_t gossip_node_peers(const struct gossip_node *node, struct gossip_peer_status *ret_peers,
			 size_t max);

/* Of all links that there were since the node began. */
struct gossip_totals {
	uint64_t links_in, links_out; /* opened by others, by us */
	uint64_t bytes_in, bytes_out;
	uint64_t entries_in, entries_out;
	uint64_t heads_in; /* checkpoints that peers told us of */
};
void gossip_node_totals(const struct gossip_node *node, struct gossip_totals *ret_totals);

#endif
