/* gossip/pull.c - what happens to the ranges that are under way (gossip/pull_slot), asked of whom
 * gossip/pull_choose says.  A range is what the largest chunk could bring; a chunk that brings less
 * leaves the rest in a slot of its own. */
#include "gossip/pull.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/pull_state.h"

#define NEVER            UINT64_MAX
#define ENTRIES_LEAST    100 /* so many tell what an entry takes on its way */
#define ENTRY_WIRE_GUESS 600 /* bytes, until then */

int gossip_pull_new(size_t log_count, size_t peer_bytes_max, struct gossip_pull **ret_pull)
{
	struct gossip_pull *pull = calloc(1, sizeof *pull);

	assert(peer_bytes_max >= GOSSIP_PULL_PEER_BYTES_LEAST);
	if (pull == NULL)
		return -ENOMEM;
	pull->log_count = log_count;
	pull->peer_bytes_max = peer_bytes_max;
	pull->chunk_max = SIZE_MAX;
	pull->tracks = calloc(log_count + 1, sizeof *pull->tracks);
	if (pull->tracks == NULL) {
		free(pull);
		return -ENOMEM;
	}
	for (size_t i = 0; i < log_count; i++)
		pull->tracks[i].single = GOSSIP_PULL_NOBODY;
	*ret_pull = pull;
	return 0;
}

int gossip_pull_grow(struct gossip_pull *pull, size_t log_count)
{
	size_t added = log_count - pull->log_count;
	struct gossip_pull_track *tracks;

	assert(log_count >= pull->log_count);
	for (size_t i = 0; i < pull->peer_count; i++) {
		struct gossip_pull_known *known =
			reallocarray(pull->peers[i].known, log_count + 1, sizeof *known);

		if (known == NULL)
			return -ENOMEM;
		memset(known + pull->log_count, 0, (added + 1) * sizeof *known);
		pull->peers[i].known = known;
	}
	tracks = reallocarray(pull->tracks, log_count + 1, sizeof *tracks);
	if (tracks == NULL)
		return -ENOMEM;
	memset(tracks + pull->log_count, 0, (added + 1) * sizeof *tracks);
	for (size_t i = pull->log_count; i < log_count; i++)
		tracks[i].single = GOSSIP_PULL_NOBODY;
	pull->tracks = tracks;
	pull->log_count = log_count;
	return 0;
}

void gossip_pull_free(struct gossip_pull *pull)
{
	if (pull == NULL)
		return;
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++)
		catalog_chunk_free(pull->slots[i].chunk);
	for (size_t i = 0; i < pull->peer_count; i++)
		free(pull->peers[i].known);
	free(pull->tracks);
	free(pull);
}

/* --- peers ------------------------------------------------------------------------------------ */

int gossip_pull_join(struct gossip_pull *pull, uint64_t link, uint64_t rtt_ms)
{
	struct gossip_pull_known *known;

	assert(gossip_pull_slot_peer(pull, link) == NULL);
	if (pull->peer_count == GOSSIP_PULL_PEERS_MAX)
		return -ENOSPC;
	known = calloc(pull->log_count + 1, sizeof *known);
	if (known == NULL)
		return -ENOMEM;
	pull->peers[pull->peer_count++] =
		(struct gossip_pull_peer){.link = link, .rtt_ms = rtt_ms, .known = known};
	return 0;
}

void gossip_pull_leave(struct gossip_pull *pull, uint64_t link)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	if (peer == NULL)
		return;
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];

		for (size_t k = slot->state == GOSSIP_PULL_ASKED ? slot->ask_count : 0; k > 0; k--)
			if (slot->asks[k - 1].link == link)
				gossip_pull_slot_drop(pull, slot, k - 1);
	}
	for (size_t i = 0; i < pull->log_count; i++)
		if (pull->tracks[i].single == link)
			pull->tracks[i].single = GOSSIP_PULL_NOBODY;
	free(peer->known);
	*peer = pull->peers[--pull->peer_count];
}

struct gossip_pull_known *gossip_pull_known(struct gossip_pull *pull, uint64_t link, size_t log)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	assert(log < pull->log_count);
	return peer == NULL ? NULL : &peer->known[log];
}

void gossip_pull_heard(struct gossip_pull *pull, uint64_t link, uint64_t now_ms)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	if (peer != NULL)
		peer->heard_ms = now_ms;
}

void gossip_pull_leaf(struct gossip_pull *pull, uint64_t link, size_t own)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	assert(peer != NULL);
	peer->is_leaf = true;
	peer->own = (uint32_t)own;
}

void gossip_pull_elsewhere(struct gossip_pull *pull, uint64_t link, size_t bytes)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	if (peer != NULL)
		peer->elsewhere = bytes;
}

void gossip_pull_chunks(struct gossip_pull *pull, size_t bytes_max)
{
	pull->chunk_max = bytes_max;
}

void gossip_pull_hold(struct gossip_pull *pull, uint64_t link, uint64_t until_ms)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	if (peer != NULL)
		peer->held_ms = until_ms;
}

uint64_t gossip_pull_speed(const struct gossip_pull *pull)
{
	return pull->all.rate;
}

unsigned gossip_pull_stalls(struct gossip_pull *pull, uint64_t link)
{
	const struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	return peer == NULL ? 0 : peer->stalls;
}

size_t gossip_pull_bytes(struct gossip_pull *pull, uint64_t link)
{
	const struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	return peer == NULL ? 0 : peer->bytes;
}

uint64_t gossip_pull_rate(struct gossip_pull *pull, uint64_t link)
{
	const struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	return peer == NULL ? 0 : peer->rate;
}

/* --- our logs --------------------------------------------------------------------------------- */

void gossip_pull_set(struct gossip_pull *pull, size_t log, uint64_t held, uint64_t target,
		     bool is_marked)
{
	struct gossip_pull_track *track = &pull->tracks[log];

	assert(log < pull->log_count);
	if (held == target) { /* settled */
		track->source_count = 0;
		track->is_single = false;
	}
	track->held = held;
	track->target = target;
	track->is_marked = is_marked;
	/* What is being committed comes back by itself. */
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS && track->slots > 0; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];

		if (slot->state == GOSSIP_PULL_FREE || slot->state == GOSSIP_PULL_TAKEN ||
		    slot->log != log)
			continue;
		if (is_marked || slot->to <= held)
			gossip_pull_slot_free(pull, slot);
	}
	/* A slot that was given up leaves a hole that must be asked for again: begin anew at the
	 * first place that neither is held nor has a slot. */
	track->end = gossip_pull_slot_end(pull, log, held);
}

void gossip_pull_pause(struct gossip_pull *pull, uint64_t until_ms)
{
	pull->pause_until_ms = until_ms;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(struct gossip_pull *pull, struct gossip_pull_slot *slot,
		struct gossip_pull_peer *peer, struct gossip_pull_ask_of *asked, uint64_t now_ms,
		struct gossip_pull_request *ret_request)
{
	asked->request = pull->next_request++;
	asked->at_ms = now_ms;
	gossip_pull_slot_ask(pull, slot, peer, asked);
	*ret_request = (struct gossip_pull_request){.link = peer->link,
						    .request = asked->request,
						    .log = slot->log,
						    .from = slot->from,
						    .to = slot->to,
						    .size = slot->size,
						    .chunk_bytes = asked->chunk,
						    .wire_bytes = asked->wire};
}

/* When somebody who was asked and sends nothing is asked no longer. */
static uint64_t given_up_ms(struct gossip_pull *pull, const struct gossip_pull_ask_of *asked)
{
	const struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, asked->link);
	uint64_t since_ms = asked->at_ms;

	if (peer != NULL && peer->heard_ms > since_ms)
		since_ms = peer->heard_ms;
	return since_ms + GOSSIP_PULL_GIVE_UP_MS;
}

static void give_up(struct gossip_pull *pull, struct gossip_pull_slot *slot, uint64_t now_ms,
		    uint64_t *due_ms)
{
	for (size_t i = slot->ask_count; i > 0 && slot->state == GOSSIP_PULL_ASKED; i--) {
		struct gossip_pull_ask_of asked = slot->asks[i - 1];
		struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, asked.link);
		uint64_t at_ms = given_up_ms(pull, &asked);

		if (now_ms < at_ms) {
			if (at_ms < *due_ms)
				*due_ms = at_ms;
			continue;
		}
		if (peer != NULL)
			peer->stalls++;
		gossip_pull_refused(pull, asked.link, asked.request);
	}
}

/* All who could be asked were: each may be once more when it has been silent for long. */
static void ask_again_later(struct gossip_pull *pull, const struct gossip_pull_slot *slot,
			    uint64_t now_ms, uint64_t *due_ms)
{
	for (size_t i = 0; i < slot->ask_count; i++) {
		const struct gossip_pull_peer *peer =
			gossip_pull_slot_peer(pull, slot->asks[i].link);
		uint64_t at_ms = peer == NULL ? 0 : gossip_pull_choose_again_ms(slot, peer);

		if (at_ms > now_ms && at_ms < *due_ms)
			*due_ms = at_ms;
	}
}

static int ask_for_slots(struct gossip_pull *pull, uint64_t now_ms,
			 struct gossip_pull_request *ret_request, uint64_t *due_ms)
{
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];
		struct gossip_pull_ask_of asked;
		struct gossip_pull_peer *peer;
		uint64_t slow_ms = now_ms;

		if (slot->state == GOSSIP_PULL_ASKED)
			give_up(pull, slot, now_ms, due_ms);
		if (slot->state != GOSSIP_PULL_WANTED &&
		    (slot->state != GOSSIP_PULL_ASKED || slot->ask_count == GOSSIP_PULL_ASKS_MAX))
			continue;
		peer = gossip_pull_choose_peer(pull, slot, now_ms, &asked);
		if (peer == NULL) {
			ask_again_later(pull, slot, now_ms, due_ms);
			continue;
		}
		if (slot->state == GOSSIP_PULL_ASKED)
			slow_ms = gossip_pull_choose_slow_ms(pull, slot, peer, asked.wire);
		if (now_ms >= slow_ms) {
			ask(pull, slot, peer, &asked, now_ms, ret_request);
			return 0;
		}
		if (slow_ms < *due_ms)
			*due_ms = slow_ms;
	}
	return -ENOENT;
}

int gossip_pull_next(struct gossip_pull *pull, uint64_t now_ms,
		     struct gossip_pull_request *ret_request, uint64_t *ret_due_ms)
{
	struct gossip_pull_ask_of asked;
	struct gossip_pull_peer *peer;
	struct gossip_pull_slot *slot;
	uint64_t due_ms = NEVER;

	if (now_ms < pull->pause_until_ms) {
		*ret_due_ms = pull->pause_until_ms;
		return -ENOENT;
	}
	for (size_t i = 0; i < pull->peer_count; i++)
		if (pull->peers[i].held_ms > now_ms && pull->peers[i].held_ms < due_ms)
			due_ms = pull->peers[i].held_ms;
	if (ask_for_slots(pull, now_ms, ret_request, &due_ms) == 0)
		return 0;
	slot = gossip_pull_choose_gap(pull, now_ms, &peer, &asked);
	if (slot != NULL) {
		ask(pull, slot, peer, &asked, now_ms, ret_request);
		return 0;
	}
	*ret_due_ms = due_ms;
	return -ENOENT;
}

/* --- answers ---------------------------------------------------------------------------------- */

int gossip_pull_arrived(struct gossip_pull *pull, uint64_t link, uint32_t request, size_t len,
			uint64_t now_ms, size_t *ret_bytes_max, size_t *ret_wire)
{
	size_t ask;
	struct gossip_pull_slot *slot = gossip_pull_slot_of(pull, request, &ask);

	if (slot == NULL) /* any number that we have used may be late */
		return pull->next_request - request <= UINT32_MAX / 2 &&
				       request != pull->next_request
			       ? -EALREADY
			       : -ENOENT;
	if (!gossip_pull_slot_is_asked(slot, link))
		return -ENOENT;
	if (slot->state != GOSSIP_PULL_ASKED)
		return -EALREADY;
	if (slot->asks[ask].link != link) /* it answers what another was asked for */
		return -ENOENT;
	*ret_wire = slot->asks[ask].wire;
	gossip_pull_peer_answered(&pull->all, len, slot->asks[ask].at_ms, now_ms);
	gossip_pull_slot_answered(pull, slot, ask, len, now_ms);
	pull->wire += len;
	*ret_bytes_max = slot->asks[0].bytes;
	return 0;
}

/* A chunk begins where it was asked for and ends there or before; or something was pruned there as
 * a whole, which may begin before and end later.  Of bytes it has no more than was asked for, but
 * for a single entry. */
static bool is_answer(const struct gossip_pull_slot *slot, const struct catalog_chunk *chunk)
{
	if (catalog_chunk_size(chunk) != slot->size || catalog_chunk_from(chunk) > slot->from ||
	    catalog_chunk_to(chunk) <= slot->from)
		return false;
	if (catalog_chunk_entries(chunk) > 1 && catalog_chunk_plain(chunk) > slot->asks[0].chunk)
		return false;
	return catalog_chunk_pruned(chunk) > 0 ||
	       (catalog_chunk_from(chunk) == slot->from && catalog_chunk_to(chunk) <= slot->to);
}

static void note_source(struct gossip_pull_track *track, uint64_t link)
{
	for (size_t i = 0; i < track->source_count; i++)
		if (track->sources[i] == link)
			return;
	if (track->source_count < GOSSIP_PULL_SOURCES_MAX)
		track->sources[track->source_count++] = link;
}

int gossip_pull_parsed(struct gossip_pull *pull, uint32_t request, struct catalog_chunk *chunk,
		       int outcome)
{
	size_t ask;
	struct gossip_pull_slot *slot = gossip_pull_slot_of(pull, request, &ask);
	struct gossip_pull_track *track;

	if (slot == NULL || slot->state != GOSSIP_PULL_ARRIVED) {
		catalog_chunk_free(chunk);
		return -ENOENT;
	}
	if (chunk == NULL) {
		slot->is_large |= outcome == -ENOSPC;
		gossip_pull_slot_want(pull, slot);
		return 0;
	}
	if (!is_answer(slot, chunk)) {
		catalog_chunk_free(chunk);
		gossip_pull_slot_want(pull, slot);
		return -EPROTO;
	}
	track = &pull->tracks[slot->log];
	gossip_pull_slot_holds(pull, slot, catalog_chunk_bytes(chunk));
	gossip_pull_learn_chunk(pull, track, chunk, catalog_chunk_to(chunk) < slot->to);
	if (catalog_chunk_pruned(chunk) > 0)
		note_source(track, slot->asks[0].link);
	if (catalog_chunk_to(chunk) < slot->to &&
	    /* There is always a slot for a rest: only half of them are for new requests, and one
	     * slot leaves one rest at a time. */
	    gossip_pull_slot_new(pull, slot->log, catalog_chunk_to(chunk), slot->to, slot->size) ==
		    NULL) { /* many rests of rests: ask for it in its turn */
		catalog_chunk_free(chunk);
		gossip_pull_slot_want(pull, slot);
		return 0;
	}
	slot->from = catalog_chunk_from(chunk);
	slot->to = catalog_chunk_to(chunk);
	if (track->end < slot->to)
		track->end = slot->to;
	slot->chunk = chunk;
	slot->is_large = false;
	slot->state = GOSSIP_PULL_PARSED;
	return 0;
}

void gossip_pull_refused(struct gossip_pull *pull, uint64_t link, uint32_t request)
{
	size_t ask;
	struct gossip_pull_slot *slot = gossip_pull_slot_of(pull, request, &ask);
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, link);

	if (slot == NULL || slot->state != GOSSIP_PULL_ASKED || slot->asks[ask].link != link)
		return;
	if (peer != NULL) /* until it says more of this log */
		peer->known[slot->log] = (struct gossip_pull_known){0};
	if (pull->tracks[slot->log].single == link) /* another may be the one */
		pull->tracks[slot->log].single = GOSSIP_PULL_NOBODY;
	gossip_pull_slot_drop(pull, slot, ask);
}

/* --- committing ------------------------------------------------------------------------------- */

/* The log that lacks least of those that have not been looked at and have a chunk to commit. */
static size_t next_log(struct gossip_pull *pull, uint64_t *least, size_t *after)
{
	size_t best = pull->log_count;
	uint64_t best_gap = NEVER;

	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		size_t log = pull->slots[i].log;
		uint64_t gap;

		if (pull->slots[i].state != GOSSIP_PULL_PARSED)
			continue;
		gap = pull->tracks[log].target - pull->tracks[log].held;
		if (gap < *least || (gap == *least && log < *after) || gap > best_gap ||
		    (gap == best_gap && log >= best))
			continue;
		best = log;
		best_gap = gap;
	}
	*least = best_gap;
	*after = best + 1;
	return best;
}

size_t gossip_pull_take(struct gossip_pull *pull, struct catalog_chunk **ret_chunks,
			uint32_t *ret_requests, size_t max)
{
	uint64_t least = 0;
	size_t count = 0, after = 0, log;

	while (count < max && (log = next_log(pull, &least, &after)) < pull->log_count) {
		uint64_t at = pull->tracks[log].held;
		struct gossip_pull_slot *slot;

		while (count < max && (slot = gossip_pull_slot_ready(pull, log, at)) != NULL) {
			ret_chunks[count] = slot->chunk;
			ret_requests[count++] = slot->asks[0].request;
			slot->chunk = NULL;
			slot->state = GOSSIP_PULL_TAKEN;
			at = slot->to;
		}
	}
	return count;
}

void gossip_pull_committed(struct gossip_pull *pull, uint32_t request, int outcome, uint64_t start,
			   uint64_t *ret_link)
{
	size_t ask;
	struct gossip_pull_slot *slot = gossip_pull_slot_of(pull, request, &ask);

	assert(slot != NULL);
	assert(slot->state == GOSSIP_PULL_TAKEN);
	*ret_link = slot->asks[0].link;
	if (outcome == 0 || outcome == -ESTALE) {
		gossip_pull_slot_free(pull, slot);
		return;
	}
	if (outcome == -EKEYREJECTED && start < slot->from) {
		*ret_link = GOSSIP_PULL_NOBODY;
		slot->from = start;
	}
	gossip_pull_slot_want(pull, slot);
}

void gossip_pull_reset(struct gossip_pull *pull, size_t log)
{
	struct gossip_pull_track *track = &pull->tracks[log];

	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];

		if (slot->state != GOSSIP_PULL_FREE && slot->state != GOSSIP_PULL_TAKEN &&
		    slot->log == log)
			gossip_pull_slot_free(pull, slot);
	}
	track->end = track->held;
	track->stride = 0;
}

uint64_t gossip_pull_withheld(struct gossip_pull *pull, size_t log)
{
	struct gossip_pull_track *track = &pull->tracks[log];
	uint64_t link = track->source_count == 1 ? track->sources[0] : GOSSIP_PULL_NOBODY;

	track->source_count = 0;
	track->is_single = true;
	track->single = GOSSIP_PULL_NOBODY;
	gossip_pull_reset(pull, log);
	return link;
}

size_t gossip_pull_entry_wire(const struct gossip_pull *pull)
{
	return pull->entries < ENTRIES_LEAST ? ENTRY_WIRE_GUESS
					     : (size_t)(pull->wire / pull->entries) + 1;
}

/* What nobody is known to know is not under way: only a word of the peers brings it on. */
static bool is_stuck(const struct gossip_pull *pull, const struct gossip_pull_slot *slot)
{
	if (slot->state != GOSSIP_PULL_WANTED)
		return false;
	for (size_t i = 0; i < pull->peer_count; i++)
		if (gossip_pull_peer_knows(&pull->peers[i], slot->log, slot->size))
			return false;
	return true;
}

bool gossip_pull_is_idle(const struct gossip_pull *pull)
{
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS && pull->slot_count > 0; i++)
		if (pull->slots[i].state != GOSSIP_PULL_FREE && !is_stuck(pull, &pull->slots[i]))
			return false;
	for (size_t log = 0; log < pull->log_count; log++) {
		const struct gossip_pull_track *track = &pull->tracks[log];

		for (size_t i = 0; i < pull->peer_count && !track->is_marked; i++)
			if (pull->peers[i].known[log].target >= track->target &&
			    track->end < track->target)
				return false;
	}
	return true;
}
