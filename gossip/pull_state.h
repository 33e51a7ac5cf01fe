/* gossip/pull_state.h - what the parts of gossip/pull share: pull (events), pull_slot (ranges that
 * are under way), pull_choose (whom to ask for what), pull_learn, pull_peer.  Nobody else includes
 * this.
 */
#ifndef GOSSIP_PULL_STATE_H
#define GOSSIP_PULL_STATE_H

#include "gossip/pull.h"
#include "gossip/pull_peer.h"

#define GOSSIP_PULL_SLOTS       ((size_t)2 * GOSSIP_PULL_REQUESTS_MAX) /* half for rests */
#define GOSSIP_PULL_ASKS_MAX    6
#define GOSSIP_PULL_SOURCES_MAX 4

enum gossip_pull_slot_state {
	GOSSIP_PULL_FREE,
	GOSSIP_PULL_WANTED, /* nobody is asked */
	GOSSIP_PULL_ASKED,
	GOSSIP_PULL_ARRIVED, /* being read */
	GOSSIP_PULL_PARSED,
	GOSSIP_PULL_TAKEN, /* being committed */
};

struct gossip_pull_ask_of {
	uint64_t link;
	uint32_t request;
	uint64_t at_ms;
	size_t bytes; /* of the peer's credit */
	size_t wire;  /* that the answer is thought to have */
	size_t chunk; /* entries' bytes that were asked for */
};

struct gossip_pull_slot {
	enum gossip_pull_slot_state state;
	size_t log;
	uint64_t from, to, size;
	bool is_large; /* an answer was larger than what was asked for */
	size_t ask_count;
	/* [0] is the one that answered, once it has arrived. */
	struct gossip_pull_ask_of asks[GOSSIP_PULL_ASKS_MAX];
	struct catalog_chunk *chunk;
};

#define GOSSIP_PULL_ROOM_UNIT 16u

struct gossip_pull_track {
	uint64_t held, target;
	uint64_t end; /* what is before it is held or has a slot */
	size_t slots;
	size_t entry_bytes; /* of one leaf, as the last chunks had it; 0: not known */
	size_t room; /* memory of a chunk for its entries' bytes, in 1/GOSSIP_PULL_ROOM_UNIT; 0: not
			known */
	uint64_t stride; /* leaves that a request spans: more where most are pruned */
	bool is_marked;
	/* Who sent pruned parts since the log was settled, and whether it is asked of one alone. */
	size_t source_count;
	uint64_t sources[GOSSIP_PULL_SOURCES_MAX];
	bool is_single;
	uint64_t single; /* NOBODY until one is chosen */
};

struct gossip_pull {
	size_t log_count;
	struct gossip_pull_track *tracks;
	size_t peer_bytes_max, chunk_max;
	struct gossip_pull_peer all; /* how quickly answers come, whosever they are */
	size_t peer_count;
	struct gossip_pull_peer peers[GOSSIP_PULL_PEERS_MAX];
	struct gossip_pull_slot slots[GOSSIP_PULL_SLOTS];
	size_t slot_count; /* in use */
	uint32_t next_request;
	uint64_t pause_until_ms;
	uint64_t entries, plain, wire; /* that came: what an entry takes on its way */
};

/* --- pull_slot --------------------------------------------------------------------------- */

struct gossip_pull_peer *gossip_pull_slot_peer(struct gossip_pull *pull, uint64_t link);

/* A range that nobody is asked for yet; NULL if there are too many. */
struct gossip_pull_slot *gossip_pull_slot_new(struct gossip_pull *pull, size_t log, uint64_t from,
					      uint64_t to, uint64_t size);
void gossip_pull_slot_free(struct gossip_pull *pull, struct gossip_pull_slot *slot);

/* What came of it is dropped, and it is to be asked for again. */
void gossip_pull_slot_want(struct gossip_pull *pull, struct gossip_pull_slot *slot);

/* A peer is asked; it costs so much of its credit. */
void gossip_pull_slot_ask(struct gossip_pull *pull, struct gossip_pull_slot *slot,
			  struct gossip_pull_peer *peer, const struct gossip_pull_ask_of *ask);

/* One of those who are asked is asked no longer. */
void gossip_pull_slot_drop(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t ask);

/* The one that asked with that number has answered: nobody else is asked any more. */
void gossip_pull_slot_answered(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t ask,
			       size_t len, uint64_t now_ms);

/* What waits of it takes so much now. */
void gossip_pull_slot_holds(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t bytes);

/* The slot of a request, and which of its asks; NULL if it is none. */
struct gossip_pull_slot *gossip_pull_slot_of(struct gossip_pull *pull, uint32_t request,
					     size_t *ret_ask);

bool gossip_pull_slot_is_asked(const struct gossip_pull_slot *slot, uint64_t link);

/* The chunk that can be committed where a log ends; NULL if there is none. */
struct gossip_pull_slot *gossip_pull_slot_ready(struct gossip_pull *pull, size_t log, uint64_t at);

/* The first place of a log from held on that neither is held nor has a slot. */
uint64_t gossip_pull_slot_end(const struct gossip_pull *pull, size_t log, uint64_t held);

/* All that is under way, in memory. */
size_t gossip_pull_slot_bytes(const struct gossip_pull *pull);

/* --- pull_choose ------------------------------------------------------------------------- */

/* Whom to ask for a slot, and for how much; NULL if nobody can be. */
struct gossip_pull_peer *gossip_pull_choose_peer(struct gossip_pull *pull,
						 const struct gossip_pull_slot *slot,
						 uint64_t now_ms,
						 struct gossip_pull_ask_of *ret_ask);

/* When a peer that was asked for a slot and is silent since may be asked again; 0: it was not. */
uint64_t gossip_pull_choose_again_ms(const struct gossip_pull_slot *slot,
				     const struct gossip_pull_peer *peer);

/* When those who are asked for a slot count as slow, given who could be asked instead. */
uint64_t gossip_pull_choose_slow_ms(struct gossip_pull *pull, const struct gossip_pull_slot *slot,
				    const struct gossip_pull_peer *other, size_t wire);

/* Make a slot of the smallest gap that somebody can fill.  NULL if there is none. */
struct gossip_pull_slot *gossip_pull_choose_gap(struct gossip_pull *pull, uint64_t now_ms,
						struct gossip_pull_peer **ret_peer,
						struct gossip_pull_ask_of *ret_ask);

/* --- pull_learn -------------------------------------------------------------------------- */

/* A chunk of the log came; it is short if it ends before what was asked for. */
void gossip_pull_learn_chunk(struct gossip_pull *pull, struct gossip_pull_track *track,
			     const struct catalog_chunk *chunk, bool is_short);

#endif
