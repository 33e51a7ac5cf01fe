/* gossip/pull.c - each request that is under way has a slot: the range of a log that it is to
 * bring, who was asked for it, and how far it has come.  A range is what the largest chunk could
 * bring; a chunk that brings less leaves the rest in a slot of its own. */
#include "gossip/pull.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS         ((size_t)2 * GOSSIP_PULL_REQUESTS_MAX) /* half for rests */
#define ASKS_MAX      4
#define CHUNK_GUESS   (256u * 1024) /* bytes of a chunk, before one of its log has come */
#define LOG_SLOTS_MAX 16
#define NEVER         UINT64_MAX
#define SOURCES_MAX   4
#define STRIDE_MAX    ((uint64_t)1 << 40)

enum slot_state {
	SLOT_FREE,
	SLOT_WANTED, /* nobody is asked */
	SLOT_ASKED,
	SLOT_ARRIVED, /* being read */
	SLOT_PARSED,
	SLOT_TAKEN, /* being committed */
};

struct ask {
	uint64_t link;
	uint32_t request;
	uint64_t at_ms;
};

struct slot {
	enum slot_state state;
	size_t log;
	uint64_t from, to, size;
	size_t ask_count;
	struct ask asks[ASKS_MAX]; /* [0] is the one that answered, once it has arrived */
	struct catalog_chunk *chunk;
	size_t bytes; /* that it holds, or is thought to bring */
};

struct track {
	uint64_t held, target;
	uint64_t end; /* what is before it is held or has a slot */
	size_t slots;
	size_t chunk_bytes; /* of the last that came */
	uint64_t stride;    /* leaves that a request spans: more where most are pruned */
	bool is_marked;
	/* Who sent pruned parts since the log was settled, and whether it is asked of one alone. */
	size_t source_count;
	uint64_t sources[SOURCES_MAX];
	bool is_single;
	uint64_t single; /* NOBODY until one is chosen */
};

struct peer {
	uint64_t link;
	size_t asked;
	uint64_t heard_ms;
	struct gossip_pull_known *known;
};

struct gossip_pull {
	size_t log_count;
	struct track *tracks;
	size_t peer_count;
	struct peer peers[GOSSIP_PULL_PEERS_MAX];
	struct slot slots[SLOTS];
	size_t slot_count; /* in use */
	uint32_t next_request;
	uint64_t pause_until_ms;
};

int gossip_pull_new(size_t log_count, struct gossip_pull **ret_pull)
{
	struct gossip_pull *pull = calloc(1, sizeof *pull);

	if (pull == NULL)
		return -ENOMEM;
	pull->log_count = log_count;
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
	struct track *tracks;

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
	for (size_t i = 0; i < SLOTS; i++)
		catalog_chunk_free(pull->slots[i].chunk);
	for (size_t i = 0; i < pull->peer_count; i++)
		free(pull->peers[i].known);
	free(pull->tracks);
	free(pull);
}

/* --- slots ------------------------------------------------------------------------------------ */

static struct peer *peer_of(struct gossip_pull *pull, uint64_t link)
{
	for (size_t i = 0; i < pull->peer_count; i++)
		if (pull->peers[i].link == link)
			return &pull->peers[i];
	return NULL;
}

static struct slot *slot_new(struct gossip_pull *pull, size_t log, uint64_t from, uint64_t to,
			     uint64_t size)
{
	size_t guess = pull->tracks[log].chunk_bytes;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &pull->slots[i];

		if (slot->state != SLOT_FREE)
			continue;
		*slot = (struct slot){.state = SLOT_WANTED,
				      .log = log,
				      .from = from,
				      .to = to,
				      .size = size,
				      .bytes = guess > 0 ? guess : CHUNK_GUESS};
		pull->slot_count++;
		pull->tracks[log].slots++;
		return slot;
	}
	return NULL;
}

/* Nobody is asked any longer. */
static void forget_asks(struct gossip_pull *pull, struct slot *slot)
{
	for (size_t i = 0; i < slot->ask_count; i++) {
		struct peer *peer = peer_of(pull, slot->asks[i].link);

		if (peer != NULL)
			peer->asked--;
	}
	slot->ask_count = 0;
}

static void slot_free(struct gossip_pull *pull, struct slot *slot)
{
	if (slot->state == SLOT_ASKED)
		forget_asks(pull, slot);
	catalog_chunk_free(slot->chunk);
	pull->tracks[slot->log].slots--;
	pull->slot_count--;
	*slot = (struct slot){.state = SLOT_FREE};
}

static void want_again(struct gossip_pull *pull, struct slot *slot)
{
	if (slot->state == SLOT_ASKED)
		forget_asks(pull, slot);
	catalog_chunk_free(slot->chunk);
	slot->chunk = NULL;
	slot->ask_count = 0;
	slot->state = SLOT_WANTED;
}

static struct slot *slot_of(struct gossip_pull *pull, uint32_t request)
{
	for (size_t i = 0; i < SLOTS; i++)
		for (size_t k = 0; k < pull->slots[i].ask_count; k++)
			if (pull->slots[i].asks[k].request == request)
				return &pull->slots[i];
	return NULL;
}

static size_t bytes_under_way(const struct gossip_pull *pull)
{
	size_t bytes = 0;

	for (size_t i = 0; i < SLOTS; i++)
		if (pull->slots[i].state != SLOT_FREE)
			bytes += pull->slots[i].bytes;
	return bytes;
}

/* --- peers ------------------------------------------------------------------------------------ */

int gossip_pull_join(struct gossip_pull *pull, uint64_t link)
{
	struct gossip_pull_known *known;

	assert(peer_of(pull, link) == NULL);
	if (pull->peer_count == GOSSIP_PULL_PEERS_MAX)
		return -ENOSPC;
	known = calloc(pull->log_count + 1, sizeof *known);
	if (known == NULL)
		return -ENOMEM;
	pull->peers[pull->peer_count++] = (struct peer){.link = link, .known = known};
	return 0;
}

static void drop_ask(struct gossip_pull *pull, struct slot *slot, size_t i)
{
	struct peer *peer = peer_of(pull, slot->asks[i].link);

	if (peer != NULL)
		peer->asked--;
	slot->asks[i] = slot->asks[--slot->ask_count];
	if (slot->ask_count == 0)
		slot->state = SLOT_WANTED;
}

void gossip_pull_leave(struct gossip_pull *pull, uint64_t link)
{
	struct peer *peer = peer_of(pull, link);

	if (peer == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &pull->slots[i];

		for (size_t k = slot->state == SLOT_ASKED ? slot->ask_count : 0; k > 0; k--)
			if (slot->asks[k - 1].link == link)
				drop_ask(pull, slot, k - 1);
	}
	for (size_t i = 0; i < pull->log_count; i++)
		if (pull->tracks[i].single == link)
			pull->tracks[i].single = GOSSIP_PULL_NOBODY;
	free(peer->known);
	*peer = pull->peers[--pull->peer_count];
}

struct gossip_pull_known *gossip_pull_known(struct gossip_pull *pull, uint64_t link, size_t log)
{
	struct peer *peer = peer_of(pull, link);

	assert(log < pull->log_count);
	return peer == NULL ? NULL : &peer->known[log];
}

void gossip_pull_heard(struct gossip_pull *pull, uint64_t link, uint64_t now_ms)
{
	struct peer *peer = peer_of(pull, link);

	if (peer != NULL)
		peer->heard_ms = now_ms;
}

static bool is_asked(const struct slot *slot, uint64_t link)
{
	for (size_t i = 0; i < slot->ask_count; i++)
		if (slot->asks[i].link == link)
			return true;
	return false;
}

/* Who is to be asked: a peer that knows the checkpoint; one that holds it rather than one that
 * waits for it itself; of these the one that we have asked for least. */
static struct peer *choose_peer(struct gossip_pull *pull, const struct slot *slot)
{
	const struct track *track = &pull->tracks[slot->log];
	struct peer *best = NULL;
	bool best_holds = false;

	for (size_t i = 0; i < pull->peer_count; i++) {
		struct peer *peer = &pull->peers[i];
		const struct gossip_pull_known *known = &peer->known[slot->log];
		bool holds = known->held >= slot->size;

		if (known->target < slot->size || peer->asked >= GOSSIP_PULL_PEER_MAX ||
		    is_asked(slot, peer->link) ||
		    (track->is_single && track->single != GOSSIP_PULL_NOBODY &&
		     track->single != peer->link))
			continue;
		if (best == NULL || holds > best_holds ||
		    (holds == best_holds && peer->asked < best->asked)) {
			best = peer;
			best_holds = holds;
		}
	}
	return best;
}

/* --- our logs --------------------------------------------------------------------------------- */

void gossip_pull_set(struct gossip_pull *pull, size_t log, uint64_t held, uint64_t target,
		     bool is_marked)
{
	struct track *track = &pull->tracks[log];
	uint64_t end = held;

	assert(log < pull->log_count);
	if (held == target) { /* settled */
		track->source_count = 0;
		track->is_single = false;
	}
	track->held = held;
	track->target = target;
	track->is_marked = is_marked;
	/* What is being committed comes back by itself. */
	for (size_t i = 0; i < SLOTS && track->slots > 0; i++) {
		struct slot *slot = &pull->slots[i];

		if (slot->state == SLOT_FREE || slot->state == SLOT_TAKEN || slot->log != log)
			continue;
		if (is_marked || slot->to <= held)
			slot_free(pull, slot);
	}
	/* A slot that was given up leaves a hole that must be asked for again: begin anew at the
	 * first place that neither is held nor has a slot. */
	for (bool moved = true; moved && track->slots > 0;) {
		moved = false;
		for (size_t i = 0; i < SLOTS; i++) {
			const struct slot *slot = &pull->slots[i];

			if (slot->state != SLOT_FREE && slot->log == log && slot->from <= end &&
			    slot->to > end) {
				end = slot->to;
				moved = true;
			}
		}
	}
	track->end = end;
}

void gossip_pull_pause(struct gossip_pull *pull, uint64_t until_ms)
{
	pull->pause_until_ms = until_ms;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(struct gossip_pull *pull, struct slot *slot, struct peer *peer, uint64_t now_ms,
		struct gossip_pull_request *ret_request)
{
	uint32_t request = pull->next_request++;

	assert(slot->ask_count < ASKS_MAX);
	if (pull->tracks[slot->log].is_single)
		pull->tracks[slot->log].single = peer->link;
	slot->asks[slot->ask_count++] = (struct ask){peer->link, request, now_ms};
	slot->state = SLOT_ASKED;
	peer->asked++;
	*ret_request = (struct gossip_pull_request){peer->link, request,  slot->log,
						    slot->from, slot->to, slot->size};
}

/* When those who are asked for a slot count as slow: each further one is given twice as long. */
static uint64_t slow_at(struct gossip_pull *pull, const struct slot *slot)
{
	uint64_t since_ms = 0;

	for (size_t i = 0; i < slot->ask_count; i++) {
		const struct peer *peer = peer_of(pull, slot->asks[i].link);

		if (slot->asks[i].at_ms > since_ms)
			since_ms = slot->asks[i].at_ms;
		if (peer != NULL && peer->heard_ms > since_ms && i + 1 == slot->ask_count)
			since_ms = peer->heard_ms;
	}
	return since_ms + ((uint64_t)GOSSIP_PULL_SECOND_TRY_MS << (slot->ask_count - 1));
}

static int ask_for_slots(struct gossip_pull *pull, uint64_t now_ms,
			 struct gossip_pull_request *ret_request, uint64_t *due_ms)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &pull->slots[i];
		struct peer *peer;
		uint64_t slow_ms;

		if (slot->state == SLOT_ASKED &&
		    now_ms >= slot->asks[0].at_ms + GOSSIP_PULL_GIVE_UP_MS)
			gossip_pull_refused(pull, slot->asks[0].link, slot->asks[0].request);
		if (slot->state != SLOT_WANTED &&
		    (slot->state != SLOT_ASKED || slot->ask_count == ASKS_MAX))
			continue;
		peer = choose_peer(pull, slot);
		if (slot->state == SLOT_ASKED &&
		    slot->asks[0].at_ms + GOSSIP_PULL_GIVE_UP_MS < *due_ms)
			*due_ms = slot->asks[0].at_ms + GOSSIP_PULL_GIVE_UP_MS;
		if (peer == NULL)
			continue;
		slow_ms = slot->state == SLOT_WANTED ? now_ms : slow_at(pull, slot);
		if (now_ms >= slow_ms) {
			ask(pull, slot, peer, now_ms, ret_request);
			return 0;
		}
		if (slow_ms < *due_ms)
			*due_ms = slow_ms;
	}
	return -ENOENT;
}

/* The end of what is asked for at once, from `from` on. */
static uint64_t chunk_end(const struct track *track, uint64_t from)
{
	uint64_t stride = track->stride > 0 ? track->stride : CATALOG_CHUNK_LEAVES_MAX;
	uint64_t end = (from / stride + 1) * stride;

	return end < track->target ? end : track->target;
}

/* A chunk that brought little asks for longer ones; one that could not bring all, for shorter. */
static void learn_stride(struct track *track, const struct catalog_chunk *chunk, bool is_short)
{
	size_t entries = catalog_chunk_entries(chunk), pruned = catalog_chunk_pruned(chunk);
	uint64_t leaves = catalog_chunk_to(chunk) - catalog_chunk_from(chunk);

	if (track->stride == 0)
		track->stride = CATALOG_CHUNK_LEAVES_MAX;
	if (is_short && track->stride > CATALOG_CHUNK_LEAVES_MAX)
		track->stride /= 2;
	if (is_short || pruned == 0 || leaves < track->stride)
		return;
	for (unsigned i = 0;
	     i < 4 && track->stride < STRIDE_MAX && 4 * entries < CATALOG_CHUNK_LEAVES_MAX &&
	     4 * pruned < CATALOG_CHUNK_NODES_MAX &&
	     4 * catalog_chunk_bytes(chunk) < CATALOG_CHUNK_BYTES_MAX;
	     i++) {
		track->stride *= 2;
		entries *= 2;
		pruned *= 2;
	}
}

/* The smallest gap that somebody can fill. */
static int open_slot(struct gossip_pull *pull, uint64_t now_ms,
		     struct gossip_pull_request *ret_request)
{
	struct peer *best_peer = NULL;
	struct slot best = {0};
	struct slot *slot;

	if (pull->slot_count >= GOSSIP_PULL_REQUESTS_MAX ||
	    bytes_under_way(pull) >= GOSSIP_PULL_BYTES_MAX)
		return -ENOENT;
	for (size_t log = 0; log < pull->log_count; log++) {
		const struct track *track = &pull->tracks[log];
		struct slot wanted = {.log = log, .from = track->end, .size = track->target};
		struct peer *peer;

		if (track->is_marked || track->end >= track->target ||
		    track->slots >= LOG_SLOTS_MAX)
			continue;
		if (best_peer != NULL && track->target - track->held >= best.to)
			continue; /* no smaller than the one we have */
		peer = choose_peer(pull, &wanted);
		if (peer == NULL)
			continue;
		best_peer = peer;
		best = wanted;
		best.to = track->target - track->held; /* the gap, until one is chosen */
	}
	if (best_peer == NULL)
		return -ENOENT;
	slot = slot_new(pull, best.log, best.from, chunk_end(&pull->tracks[best.log], best.from),
			best.size);
	assert(slot != NULL); /* fewer than half are in use */
	pull->tracks[best.log].end = slot->to;
	ask(pull, slot, best_peer, now_ms, ret_request);
	return 0;
}

int gossip_pull_next(struct gossip_pull *pull, uint64_t now_ms,
		     struct gossip_pull_request *ret_request, uint64_t *ret_due_ms)
{
	uint64_t due_ms = NEVER;

	if (now_ms < pull->pause_until_ms) {
		*ret_due_ms = pull->pause_until_ms;
		return -ENOENT;
	}
	if (ask_for_slots(pull, now_ms, ret_request, &due_ms) == 0 ||
	    open_slot(pull, now_ms, ret_request) == 0)
		return 0;
	*ret_due_ms = due_ms;
	return -ENOENT;
}

/* --- answers ---------------------------------------------------------------------------------- */

int gossip_pull_arrived(struct gossip_pull *pull, uint64_t link, uint32_t request, size_t len)
{
	struct slot *slot = slot_of(pull, request);
	struct ask answered = {0};

	if (slot == NULL) /* any number that we have used may be late */
		return pull->next_request - request <= UINT32_MAX / 2 &&
				       request != pull->next_request
			       ? -EALREADY
			       : -ENOENT;
	if (!is_asked(slot, link))
		return -ENOENT;
	if (slot->state != SLOT_ASKED)
		return -EALREADY;
	for (size_t i = 0; i < slot->ask_count; i++)
		if (slot->asks[i].link == link)
			answered = slot->asks[i];
	forget_asks(pull, slot);
	slot->asks[0] = answered;
	slot->ask_count = 1;
	slot->state = SLOT_ARRIVED;
	slot->bytes = len;
	return 0;
}

/* A chunk begins where it was asked for and ends there or before; or something was pruned there as
 * a whole, which may begin before and end later. */
static bool is_answer(const struct slot *slot, const struct catalog_chunk *chunk)
{
	if (catalog_chunk_size(chunk) != slot->size || catalog_chunk_from(chunk) > slot->from ||
	    catalog_chunk_to(chunk) <= slot->from)
		return false;
	return catalog_chunk_pruned(chunk) > 0 ||
	       (catalog_chunk_from(chunk) == slot->from && catalog_chunk_to(chunk) <= slot->to);
}

static void note_source(struct track *track, uint64_t link)
{
	for (size_t i = 0; i < track->source_count; i++)
		if (track->sources[i] == link)
			return;
	if (track->source_count < SOURCES_MAX)
		track->sources[track->source_count++] = link;
}

int gossip_pull_parsed(struct gossip_pull *pull, uint32_t request, struct catalog_chunk *chunk)
{
	struct slot *slot = slot_of(pull, request);

	if (slot == NULL || slot->state != SLOT_ARRIVED) {
		catalog_chunk_free(chunk);
		return -ENOENT;
	}
	if (chunk == NULL) {
		want_again(pull, slot);
		return 0;
	}
	if (!is_answer(slot, chunk)) {
		catalog_chunk_free(chunk);
		want_again(pull, slot);
		return -EPROTO;
	}
	slot->bytes = catalog_chunk_bytes(chunk);
	pull->tracks[slot->log].chunk_bytes = slot->bytes;
	learn_stride(&pull->tracks[slot->log], chunk, catalog_chunk_to(chunk) < slot->to);
	if (catalog_chunk_pruned(chunk) > 0)
		note_source(&pull->tracks[slot->log], slot->asks[0].link);
	if (catalog_chunk_to(chunk) < slot->to) {
		/* There is always a slot for a rest: only half of them are for new requests, and
		 * one slot leaves one rest at a time. */
		struct slot *rest =
			slot_new(pull, slot->log, catalog_chunk_to(chunk), slot->to, slot->size);

		if (rest == NULL) { /* many rests of rests: ask for it in its turn */
			catalog_chunk_free(chunk);
			want_again(pull, slot);
			return 0;
		}
	}
	slot->from = catalog_chunk_from(chunk);
	slot->to = catalog_chunk_to(chunk);
	if (pull->tracks[slot->log].end < slot->to)
		pull->tracks[slot->log].end = slot->to;
	slot->chunk = chunk;
	slot->state = SLOT_PARSED;
	return 0;
}

void gossip_pull_refused(struct gossip_pull *pull, uint64_t link, uint32_t request)
{
	struct slot *slot = slot_of(pull, request);
	struct peer *peer = peer_of(pull, link);

	if (slot == NULL || slot->state != SLOT_ASKED)
		return;
	for (size_t i = slot->ask_count; i > 0; i--)
		if (slot->asks[i - 1].link == link && slot->asks[i - 1].request == request) {
			if (peer != NULL) /* until it says more of this log */
				peer->known[slot->log] = (struct gossip_pull_known){0};
			drop_ask(pull, slot, i - 1);
		}
}

/* --- committing ------------------------------------------------------------------------------- */

static struct slot *ready_at(struct gossip_pull *pull, size_t log, uint64_t at)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &pull->slots[i];

		if (slot->state == SLOT_PARSED && slot->log == log && slot->from <= at &&
		    slot->to > at)
			return slot;
	}
	return NULL;
}

size_t gossip_pull_take(struct gossip_pull *pull, struct catalog_chunk **ret_chunks,
			uint32_t *ret_requests, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < SLOTS && count < max; i++) {
		size_t log = pull->slots[i].log;
		uint64_t at = pull->tracks[log].held;
		struct slot *slot;

		if (pull->slots[i].state != SLOT_PARSED)
			continue;
		while (count < max && (slot = ready_at(pull, log, at)) != NULL) {
			ret_chunks[count] = slot->chunk;
			ret_requests[count++] = slot->asks[0].request;
			slot->chunk = NULL;
			slot->state = SLOT_TAKEN;
			at = slot->to;
		}
	}
	return count;
}

void gossip_pull_committed(struct gossip_pull *pull, uint32_t request, int outcome, uint64_t start,
			   uint64_t *ret_link)
{
	struct slot *slot = slot_of(pull, request);

	assert(slot != NULL);
	assert(slot->state == SLOT_TAKEN);
	*ret_link = slot->asks[0].link;
	if (outcome == 0 || outcome == -ESTALE) {
		slot_free(pull, slot);
		return;
	}
	if (outcome == -EKEYREJECTED && start < slot->from) {
		*ret_link = GOSSIP_PULL_NOBODY;
		slot->from = start;
	}
	want_again(pull, slot);
}

void gossip_pull_reset(struct gossip_pull *pull, size_t log)
{
	struct track *track = &pull->tracks[log];

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &pull->slots[i];

		if (slot->state != SLOT_FREE && slot->state != SLOT_TAKEN && slot->log == log)
			slot_free(pull, slot);
	}
	track->end = track->held;
	track->stride = 0;
}

uint64_t gossip_pull_withheld(struct gossip_pull *pull, size_t log)
{
	struct track *track = &pull->tracks[log];
	uint64_t link = track->source_count == 1 ? track->sources[0] : GOSSIP_PULL_NOBODY;

	track->source_count = 0;
	track->is_single = true;
	track->single = GOSSIP_PULL_NOBODY;
	gossip_pull_reset(pull, log);
	return link;
}

bool gossip_pull_is_idle(const struct gossip_pull *pull)
{
	if (pull->slot_count > 0)
		return false;
	for (size_t log = 0; log < pull->log_count; log++) {
		const struct track *track = &pull->tracks[log];

		for (size_t i = 0; i < pull->peer_count && !track->is_marked; i++)
			if (pull->peers[i].known[log].target >= track->target &&
			    track->end < track->target)
				return false;
	}
	return true;
}
