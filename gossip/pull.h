/* gossip/pull.h - what to fetch from whom: which part of which log is asked of which peer, what has
 * arrived, and in which order it is committed.
 *
 * Logs are numbered 0..count-1 by the caller.  A request is for one chunk; the chunks of a log are
 * asked for ahead, arrive in any order from any peer, wait here, and are given out for committing
 * in the log's order.  The smallest gaps go first, so that a small change never waits behind a
 * large load.  What a peer does not answer is asked of another.
 *
 * Time    now_ms, monotonic.
 * Limits  GOSSIP_PULL_REQUESTS_MAX chunks under way, GOSSIP_PULL_BYTES_MAX bytes of them in memory
 *         (one more chunk than fits at the most), GOSSIP_PULL_PEER_MAX asked of one peer, of which
 *         what is asked and what waits here take at most the bytes that it may make us hold, and
 *         one chunk more where what waits needs it to be committed.
 * Threads none: one caller at a time.
 */
#ifndef GOSSIP_PULL_H
#define GOSSIP_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/chunk.h"

#define GOSSIP_PULL_REQUESTS_MAX 32
#define GOSSIP_PULL_BYTES_MAX    (12u * 1024 * 1024)
#define GOSSIP_PULL_PEER_MAX     8
#define GOSSIP_PULL_FIRST_MAX    2 /* of a log that lacks much, until we know how quick it is */
#define GOSSIP_PULL_PEER_BYTES_LEAST                                                               \
	(4u * CATALOG_CHUNK_BYTES_MAX + 128u * 1024) /* a chunk that needs more comes alone */
#define GOSSIP_PULL_PEERS_MAX     64
#define GOSSIP_PULL_SECOND_TRY_MS 400
#define GOSSIP_PULL_GIVE_UP_MS    90000
#define GOSSIP_PULL_NOBODY        UINT64_MAX

/* What a peer is known to know and to hold of a log. */
struct gossip_pull_known {
	uint64_t target; /* size of the newest checkpoint it told us of, or we it */
	uint64_t held;
	uint64_t attested_s; /* when that checkpoint was last attested to, as far as it knows */
	bool is_forked;      /* it holds the proof that the log is forked */
};

struct gossip_pull_request {
	uint64_t link;
	uint32_t request;
	size_t log;
	uint64_t from, to, size;
	size_t chunk_bytes; /* of entries that the answer may have, unless it is one alone */
	size_t wire_bytes;  /* that it is thought to have on its way */
};

struct gossip_pull;

/* peer_bytes_max is what one peer may make it hold, at least GOSSIP_PULL_PEER_BYTES_LEAST.
 * Returns 0, -ENOMEM.  The caller owns *ret_pull. */
int gossip_pull_new(size_t log_count, size_t peer_bytes_max, struct gossip_pull **ret_pull);
void gossip_pull_free(struct gossip_pull *pull);

/* There are more logs now.  Returns 0, -ENOMEM. */
int gossip_pull_grow(struct gossip_pull *pull, size_t log_count);

/* A peer comes, to which and back it takes rtt_ms, and goes: what was asked of it is asked of
 * another. Join returns 0, -ENOSPC, -ENOMEM. */
int gossip_pull_join(struct gossip_pull *pull, uint64_t link, uint64_t rtt_ms);
void gossip_pull_leave(struct gossip_pull *pull, uint64_t link);

/* What the peer on link knows of a log; the caller may raise it.  Borrowed until the peer leaves.
 */
struct gossip_pull_known *gossip_pull_known(struct gossip_pull *pull, uint64_t link, size_t log);

/* The peer on link gives nothing but its own member's log (log_count: nothing at all). */
void gossip_pull_leaf(struct gossip_pull *pull, uint64_t link, size_t own);

/* So much of what a peer may make us hold is held elsewhere. */
void gossip_pull_elsewhere(struct gossip_pull *pull, uint64_t link, size_t bytes);

/* Ask for no more bytes of entries at once than this. */
void gossip_pull_chunks(struct gossip_pull *pull, size_t bytes_max);

/* Ask the peer for nothing before this time. */
void gossip_pull_hold(struct gossip_pull *pull, uint64_t link, uint64_t until_ms);

/* How many bytes come a second while something is asked for, of all peers; 0: not known. */
uint64_t gossip_pull_speed(const struct gossip_pull *pull);

/* Of a peer: how often it has left us waiting in vain since its last answer; the bytes of its
 * credit in use; how many it sends a second, 0 if that is not known. */
unsigned gossip_pull_stalls(struct gossip_pull *pull, uint64_t link);
size_t gossip_pull_bytes(struct gossip_pull *pull, uint64_t link);
uint64_t gossip_pull_rate(struct gossip_pull *pull, uint64_t link);

/* What an entry takes on its way, from those that came; a guess until some have. */
size_t gossip_pull_entry_wire(const struct gossip_pull *pull);

/* Where our own log stands.  A marked one is not asked for. */
void gossip_pull_set(struct gossip_pull *pull, size_t log, uint64_t held, uint64_t target,
		     bool is_marked);

/* Ask for nothing before this time, since what arrives cannot be kept. */
void gossip_pull_pause(struct gossip_pull *pull, uint64_t until_ms);

/* The next request to send; it counts as sent.  Returns 0, or -ENOENT and when to ask again
 * (UINT64_MAX: after something happens). */
int gossip_pull_next(struct gossip_pull *pull, uint64_t now_ms,
		     struct gossip_pull_request *ret_request, uint64_t *ret_due_ms);

/* Some of an answer came from link: it is at work. */
void gossip_pull_heard(struct gossip_pull *pull, uint64_t link, uint64_t now_ms);

/* A chunk of len bytes came.  Returns 0 (have it read, and take *ret_bytes_max of memory with it at
 * most; then gossip_pull_parsed; *ret_wire is how long it was thought to be), -EALREADY if another
 * was quicker, -ENOENT if it was never asked for. */
int gossip_pull_arrived(struct gossip_pull *pull, uint64_t link, uint32_t request, size_t len,
			uint64_t now_ms, size_t *ret_bytes_max, size_t *ret_wire);

/* It was read: chunk (taken, whatever is returned), or NULL if that failed, for outcome (-ENOSPC:
 * it would take too much, so it is asked for where there is room for the largest): then it is asked
 * for again.  Returns 0, -EPROTO if it is not what was asked for (likewise asked for again),
 * -ENOENT if it is no longer wanted. */
int gossip_pull_parsed(struct gossip_pull *pull, uint32_t request, struct catalog_chunk *chunk,
		       int outcome);

/* The peer cannot answer the request. */
void gossip_pull_refused(struct gossip_pull *pull, uint64_t link, uint32_t request);

/* Take out chunks to commit, at most max, the logs that lack least first, those of a log in its
 * order.  They are the caller's, who tells of each with gossip_pull_committed().  Returns how many.
 */
size_t gossip_pull_take(struct gossip_pull *pull, struct catalog_chunk **ret_chunks,
			uint32_t *ret_requests, size_t max);

/* What came of a chunk that was taken: 0 or -ESTALE, it is held; -EKEYREJECTED or -ENOMEM and the
 * like: it is asked for again.  One that was rejected and begins in the middle of its subtree (at
 * start) may not be its sender's fault: then it is asked for from start on, so that it stands
 * alone. Call gossip_pull_set() for its log afterwards.  *ret_link is who is to blame for
 * -EKEYREJECTED (GOSSIP_PULL_NOBODY if that is not known yet), else who sent it. */
void gossip_pull_committed(struct gossip_pull *pull, uint32_t request, int outcome, uint64_t start,
			   uint64_t *ret_link);

/* A log turned out to lack something that is current: one of those who sent its pruned parts
 * withheld it.  All that is under way of it is dropped.  Returns who that is, or GOSSIP_PULL_NOBODY
 * if there were several: then it is asked of one peer alone, until it is settled. */
uint64_t gossip_pull_withheld(struct gossip_pull *pull, size_t log);

/* Drop all that is under way of a log, which has stepped back. */
void gossip_pull_reset(struct gossip_pull *pull, size_t log);

/* Whether nothing is asked for, under way or left to ask for from the peers there are. */
bool gossip_pull_is_idle(const struct gossip_pull *pull);

#endif
