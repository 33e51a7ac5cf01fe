/* gossip/pull_choose.c - whom to ask for what.
 *
 * A request goes to whoever will have answered it first, by what is under way to it and by its
 * rate; so peers share a load as they are quick, and a slow one gets little and small ranges.  A
 * log that lacks much leaves some of everything (requests, credit, memory) to those that lack
 * little. */
#include <assert.h>

#include "gossip/pull_state.h"

#define LOG_SLOTS_MAX 16
#define LARGE_GAP     CATALOG_CHUNK_LEAVES_MAX /* leaves: more than one chunk */
#define ENTRY_GUESS   2048 /* bytes of an entry before one of its log has come */
#define ROOM_GUESS    (9 * GOSSIP_PULL_ROOM_UNIT / 2) /* before a chunk of its log has come */
#define QUICKER       4    /* times, to be asked for what a slow one works at */
#define DRIP_MS       2000 /* it has begun to answer: so long we wait */
#define AGAIN_MS      3000 /* of silence, until one is asked once more */
#define NEVER         UINT64_MAX

/* What a chunk of so many bytes of entries takes in memory: as it comes, taken apart, packed for
 * the disk, its words: as much as the log's last ones did.  What would take more is kept without
 * the last two (gossip/job), which are then made anew by the one that writes: twice the work, and
 * others wait for it. */
static size_t room_for(const struct gossip_pull_track *track, size_t chunk)
{
	size_t room = track->room > 0 ? track->room : ROOM_GUESS;

	return chunk * room / GOSSIP_PULL_ROOM_UNIT + 64u * 1024;
}

/* The part of a limit that a log which lacks much may use. */
static size_t share_of(size_t limit, bool is_large)
{
	return is_large ? limit - limit / 4 : limit;
}

static bool is_large_gap(const struct gossip_pull_track *track)
{
	return track->target - track->held > LARGE_GAP;
}

/* How many bytes of entries to ask a peer for, of a slot. */
static size_t chunk_for(const struct gossip_pull *pull, const struct gossip_pull_slot *slot,
			const struct gossip_pull_peer *peer)
{
	const struct gossip_pull_track *track = &pull->tracks[slot->log];
	size_t chunk = gossip_pull_peer_chunk(peer, pull->chunk_max);
	uint64_t leaves = slot->to - slot->from, thought;

	if (slot->is_large)
		return CATALOG_CHUNK_BYTES_MAX;
	if (leaves > CATALOG_CHUNK_LEAVES_MAX)
		leaves = CATALOG_CHUNK_LEAVES_MAX;
	/* Half as much again as such entries had, so that it is not often too little. */
	thought = leaves * (track->entry_bytes > 0 ? track->entry_bytes : ENTRY_GUESS) * 3 / 2;
	if (thought < 4 * ENTRY_GUESS)
		thought = 4 * ENTRY_GUESS;
	return thought < chunk ? (size_t)thought : chunk;
}

static size_t wire_of(const struct gossip_pull *pull, size_t chunk)
{
	if (pull->plain == 0)
		return chunk / 2;
	return (size_t)((double)chunk * (double)pull->wire / (double)pull->plain) + 1;
}

uint64_t gossip_pull_choose_again_ms(const struct gossip_pull_slot *slot,
				     const struct gossip_pull_peer *peer)
{
	uint64_t since_ms = 0;
	bool is_asked = false;

	for (size_t i = 0; i < slot->ask_count; i++) {
		if (slot->asks[i].link != peer->link)
			continue;
		is_asked = true;
		if (slot->asks[i].at_ms > since_ms)
			since_ms = slot->asks[i].at_ms;
	}
	if (peer->heard_ms > since_ms)
		since_ms = peer->heard_ms;
	return is_asked ? since_ms + AGAIN_MS + 2 * peer->rtt_ms : 0;
}

static bool is_allowed(const struct gossip_pull *pull, const struct gossip_pull_slot *slot,
		       const struct gossip_pull_peer *peer, uint64_t now_ms)
{
	const struct gossip_pull_track *track = &pull->tracks[slot->log];
	bool is_large = is_large_gap(track);
	size_t most = is_large && peer->rate == 0 ? GOSSIP_PULL_FIRST_MAX
						  : share_of(GOSSIP_PULL_PEER_MAX, is_large);

	return gossip_pull_peer_knows(peer, slot->log, slot->size) && peer->asked < most &&
	       peer->held_ms <= now_ms && gossip_pull_choose_again_ms(slot, peer) <= now_ms &&
	       (!track->is_single || track->single == GOSSIP_PULL_NOBODY ||
		track->single == peer->link);
}

/* Whether a peer may make us hold what a slot brings, and how many bytes of entries to ask it for.
 * What comes next of a log may use all of the limit, if need be in a smaller piece, and, where
 * nothing else is asked of the peer, go beyond it: what waits behind it is committed with it, and
 * nothing else would ever make room. */
static bool has_room(const struct gossip_pull *pull, const struct gossip_pull_slot *slot,
		     const struct gossip_pull_peer *peer, size_t *ret_chunk)
{
	const struct gossip_pull_track *track = &pull->tracks[slot->log];
	bool is_next = slot->from <= track->held;
	size_t limit =
		share_of(pull->peer_bytes_max, is_large_gap(track) && !slot->is_large && !is_next);
	size_t used = peer->bytes + peer->elsewhere, chunk = chunk_for(pull, slot, peer);

	while (is_next && !slot->is_large && chunk > CATALOG_ENTRY_BYTES_MAX &&
	       used + room_for(track, chunk) > limit)
		chunk /= 2;
	*ret_chunk = chunk;
	return used + room_for(track, chunk) <= limit || (is_next && peer->asked == 0);
}

/* One that holds it rather than one that waits for it itself; one that did not leave us waiting
 * before; of these the one that will have answered first. */
static bool is_better(const struct gossip_pull_peer *peer, bool holds, uint64_t takes_ms,
		      const struct gossip_pull_peer *best, bool best_holds, uint64_t best_ms)
{
	if (best == NULL || holds != best_holds)
		return best == NULL || holds;
	if (peer->stalls != best->stalls)
		return peer->stalls < best->stalls;
	if (takes_ms != best_ms)
		return takes_ms < best_ms;
	return peer->asked < best->asked;
}

struct gossip_pull_peer *gossip_pull_choose_peer(struct gossip_pull *pull,
						 const struct gossip_pull_slot *slot,
						 uint64_t now_ms,
						 struct gossip_pull_ask_of *ret_ask)
{
	struct gossip_pull_peer *best = NULL;
	bool best_holds = false;
	uint64_t best_ms = 0;

	for (size_t i = 0; i < pull->peer_count; i++) {
		struct gossip_pull_peer *peer = &pull->peers[i];
		/* One that was asked before is the last to be asked again. */
		bool holds = peer->known[slot->log].held >= slot->size &&
			     !gossip_pull_slot_is_asked(slot, peer->link);
		size_t chunk, room;
		uint64_t takes_ms;

		if (!is_allowed(pull, slot, peer, now_ms) || !has_room(pull, slot, peer, &chunk))
			continue;
		room = room_for(&pull->tracks[slot->log], chunk);
		takes_ms = gossip_pull_peer_takes_ms(peer, wire_of(pull, chunk));
		if (!is_better(peer, holds, takes_ms, best, best_holds, best_ms))
			continue;
		best = peer;
		best_holds = holds;
		best_ms = takes_ms;
		*ret_ask = (struct gossip_pull_ask_of){.link = peer->link,
						       .bytes = room,
						       .wire = wire_of(pull, chunk),
						       .chunk = chunk};
	}
	return best;
}

/* --- who is slow ------------------------------------------------------------------------------ */

/* When somebody else is asked, too: after the second try's time, or what the way takes if that is
 * longer; of further ones each second is given twice as long.  While something comes nobody else is
 * asked, unless another would have sent it all several times over. */
uint64_t gossip_pull_choose_slow_ms(struct gossip_pull *pull, const struct gossip_pull_slot *slot,
				    const struct gossip_pull_peer *other, size_t wire)
{
	const struct gossip_pull_ask_of *last = &slot->asks[0];
	const struct gossip_pull_peer *peer;
	uint64_t pause_ms, late_ms;

	for (size_t i = 1; i < slot->ask_count; i++)
		if (slot->asks[i].at_ms > last->at_ms)
			last = &slot->asks[i];
	peer = gossip_pull_slot_peer(pull, last->link);
	if (peer == NULL)
		return last->at_ms;
	pause_ms = gossip_pull_peer_patience_ms(peer) << ((slot->ask_count - 1) / 2);
	if (peer->heard_ms < last->at_ms)
		return last->at_ms + pause_ms;
	pause_ms += peer->heard_ms;
	if (other->rate == 0 || other->rate / QUICKER < peer->rate)
		return pause_ms;
	late_ms = last->at_ms + DRIP_MS + QUICKER * gossip_pull_peer_takes_ms(other, wire);
	return late_ms < pause_ms ? late_ms : pause_ms;
}

/* --- gaps ------------------------------------------------------------------------------------- */

/* The end of what is asked for at once, from `from` on: to the end of its subtree of as many leaves
 * as are thought to fit. */
static uint64_t range_end(const struct gossip_pull_track *track, size_t chunk, uint64_t from)
{
	uint64_t stride = track->stride > 0 ? track->stride : CATALOG_CHUNK_LEAVES_MAX, end;

	while (stride > 1 && stride <= CATALOG_CHUNK_LEAVES_MAX && track->entry_bytes > 0 &&
	       stride * track->entry_bytes > chunk)
		stride /= 2;
	end = (from / stride + 1) * stride;
	return end < track->target ? end : track->target;
}

/* Nobody has been asked for anything of the log yet: the least is asked for first. */
struct gossip_pull_slot *gossip_pull_choose_gap(struct gossip_pull *pull, uint64_t now_ms,
						struct gossip_pull_peer **ret_peer,
						struct gossip_pull_ask_of *ret_ask)
{
	size_t under_way = gossip_pull_slot_bytes(pull);
	struct gossip_pull_peer *best_peer = NULL;
	struct gossip_pull_slot best = {0};
	struct gossip_pull_ask_of best_ask = {0};
	struct gossip_pull_slot *slot;
	uint64_t best_gap = NEVER;

	for (size_t log = 0; log < pull->log_count; log++) {
		const struct gossip_pull_track *track = &pull->tracks[log];
		struct gossip_pull_slot wanted = {.log = log, .from = track->end};
		struct gossip_pull_ask_of ask;
		struct gossip_pull_peer *peer;
		bool is_large = is_large_gap(track);

		if (track->is_marked || track->end >= track->target ||
		    track->slots >= LOG_SLOTS_MAX || track->target - track->held >= best_gap ||
		    pull->slot_count >= share_of(GOSSIP_PULL_REQUESTS_MAX, is_large) ||
		    under_way >= share_of(GOSSIP_PULL_BYTES_MAX, is_large))
			continue;
		wanted.size = track->target;
		wanted.to = range_end(track, CATALOG_CHUNK_BYTES_MAX, track->end);
		peer = gossip_pull_choose_peer(pull, &wanted, now_ms, &ask);
		if (peer == NULL)
			continue;
		best_peer = peer;
		best_ask = ask;
		best = wanted;
		best_gap = track->target - track->held;
	}
	if (best_peer == NULL)
		return NULL;
	best.to = range_end(&pull->tracks[best.log], best_ask.chunk, best.from);
	slot = gossip_pull_slot_new(pull, best.log, best.from, best.to, best.size);
	assert(slot != NULL); /* fewer than half are in use */
	pull->tracks[best.log].end = slot->to;
	*ret_peer = best_peer;
	*ret_ask = best_ask;
	return slot;
}
