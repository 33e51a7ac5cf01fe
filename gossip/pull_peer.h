/* gossip/pull_peer.h - those that can be asked: what each knows, what it has been asked for, how
 * quickly it answers.
 *
 * Credit  in bytes: what is asked of a peer and what of its answers waits here is at most what a
 *         peer may make us hold, whatever it sends.
 * Rate    bytes of answers a second while something was asked of it, as last seen; 0: not known.
 */
#ifndef GOSSIP_PULL_PEER_H
#define GOSSIP_PULL_PEER_H

#include "gossip/pull.h"

struct gossip_pull_peer {
	uint64_t link;
	size_t asked;     /* requests that it has not answered */
	size_t bytes;     /* of its credit that are in use */
	size_t elsewhere; /* held for it, not by us */
	size_t wire;      /* that its answers are thought to have */
	bool is_leaf;     /* it gives what its own member wrote, only */
	uint32_t own;     /* the log of that, as numbered here */
	unsigned stalls;
	uint64_t rtt_ms;      /* to it and back, as it was when we met */
	uint64_t heard_ms;    /* some of an answer came */
	uint64_t answered_ms; /* the last whole one came */
	uint64_t rate;
	uint64_t held_ms; /* it is asked for nothing before */
	struct gossip_pull_known *known;
};

/* An answer of len bytes came to what was asked at asked_ms. */
void gossip_pull_peer_answered(struct gossip_pull_peer *peer, size_t len, uint64_t asked_ms,
			       uint64_t now_ms);

/* How long an answer of so many bytes takes that is asked for now, ms. */
uint64_t gossip_pull_peer_takes_ms(const struct gossip_pull_peer *peer, size_t wire);

/* How long it is given to begin an answer. */
uint64_t gossip_pull_peer_patience_ms(const struct gossip_pull_peer *peer);

/* How many bytes of entries are asked of it at once: what it sends in a few seconds, unless that is
 * more than bytes_max. */
size_t gossip_pull_peer_chunk(const struct gossip_pull_peer *peer, size_t bytes_max);

/* Whether it can be asked for a log's checkpoint of that size. */
bool gossip_pull_peer_knows(const struct gossip_pull_peer *peer, size_t log, uint64_t size);

#endif
