/* gossip/compare.c - where two nodes' logs differ.
 *
 * In a small federation each sends its whole vector.  In a larger one digests are compared, of 16
 * ranges of logs in the charter's order, then of 16 parts of each that differs, down to single
 * logs; the nodes take turns, and whoever is shown which logs differ says where it stands with
 * those.  So three logs of a thousand cost a few hundred bytes.  Where most ranges differ the whole
 * vector costs less than to find out.
 *
 * What is open on a link are the logs of which it is not known yet whether they are equal.  Digests
 * are of four bytes: two ranges that differ and have one digest are found the next time, since each
 * comparison has a salt of its own, and the vectors' hashes tell that there must be a next time. */
#include "gossip/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FULL_MAX     32 /* logs: so few are sent as they are */
#define FANOUT       GOSSIP_MESSAGE_DIGESTS_MAX
#define LINE_BYTES   (1 + 3 * 8 + GOSSIP_MESSAGE_ROOT_BYTES)
#define PAUSE_MS     2000 /* between two comparisons with one peer, doubled each time */
#define PAUSE_MS_MAX (10u * 60 * 1000)

/* How many logs a digest covers at each step, from the last on. */
static const uint32_t spans[] = {1, 4, 64, 1024, 16384, 262144};
#define SPANS (sizeof spans / sizeof spans[0])

/* --- places ----------------------------------------------------------------------------------- */

static struct gossip_place place_of(const struct gossip_standing *log)
{
	struct gossip_place place = {.log = log->index,
				     .is_forked = log->fork.len > 0,
				     .target = log->status.target_size,
				     .held = log->status.size,
				     .attested_s = (uint64_t)log->status.attested_s};

	memcpy(place.root, log->status.target_root.bytes, sizeof place.root);
	return place;
}

static bool is_same_place(const struct gossip_place *one, const struct gossip_place *other)
{
	if (one->is_forked || other->is_forked)
		return one->is_forked == other->is_forked;
	return one->target == other->target && one->held == other->held &&
	       one->attested_s == other->attested_s &&
	       memcmp(one->root, other->root, sizeof one->root) == 0;
}

bool gossip_compare_is_older(uint64_t size, uint64_t attested_s,
			     const struct catalog_log_status *ours)
{
	return size < ours->target_size ||
	       (size == ours->target_size && attested_s < (uint64_t)ours->attested_s);
}

bool gossip_compare_is_behind(const struct gossip_standing *ours,
			      const struct gossip_pull_known *known)
{
	return ours->fork.len > 0
		       ? !known->is_forked
		       : gossip_compare_is_older(known->target, known->attested_s, &ours->status);
}

void gossip_compare_note(struct gossip_pull_known *known, uint64_t target, uint64_t held,
			 uint64_t attested_s)
{
	if (known->target < target || (known->target == target && known->attested_s < attested_s)) {
		known->target = target;
		known->attested_s = attested_s;
	}
	if (known->held < held)
		known->held = held;
}

void gossip_compare_equal(struct gossip_node *node, struct gossip_link *link)
{
	link->exchange_pause_ms = 0;
	for (size_t i = 0; i < node->log_count; i++) {
		struct gossip_pull_known *known = gossip_pull_known(node->pull, link->id, i);
		const struct catalog_log_status *ours = &node->logs[i].status;

		known->held = ours->size;
		known->is_forked = ours->health == CATALOG_LOG_FORKED;
		if (known->target < known->held) {
			known->target = known->held;
			known->attested_s = 0;
		}
		if (known->target == ours->target_size && ours->size == ours->target_size)
			known->attested_s = (uint64_t)ours->attested_s;
	}
}

/* The peer stands with a log where we stand. */
static void note_same(struct gossip_node *node, struct gossip_link *link, size_t log)
{
	const struct gossip_standing *ours = &node->logs[log];
	struct gossip_pull_known *known = gossip_pull_known(node->pull, link->id, log);

	link->compared[log] &= (uint8_t)~GOSSIP_LINK_OPENED;
	known->is_forked |= ours->fork.len > 0;
	gossip_compare_note(known, ours->status.target_size, ours->status.size,
			    (uint64_t)ours->status.attested_s);
}

/* Of all that is open nothing differs. */
static void note_rest(struct gossip_node *node, struct gossip_link *link)
{
	for (size_t i = 0; i < node->log_count; i++)
		if ((link->compared[i] & GOSSIP_LINK_OPENED) != 0)
			note_same(node, link, i);
}

static void open_all(struct gossip_node *node, struct gossip_link *link)
{
	for (size_t i = 0; i < node->log_count; i++)
		link->compared[i] |= GOSSIP_LINK_OPENED;
}

/* --- vectors ---------------------------------------------------------------------------------- */

/* Say where we stand with all logs that have a mark; 0: with all that there is something of. */
static void say_places(struct gossip_node *node, struct gossip_link *link,
		       const struct gossip_vector *kind, uint8_t mark)
{
	struct gossip_place *places = calloc(GOSSIP_MESSAGE_PLACES_MAX, sizeof *places);
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_VECTOR};
	size_t at = 0;

	if (places == NULL) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		return;
	}
	do {
		size_t count = 0;

		for (; at < node->log_count && count < GOSSIP_MESSAGE_PLACES_MAX; at++) {
			const struct gossip_standing *log = &node->logs[at];

			if (mark != 0 ? (link->compared[at] & mark) != 0
				      : log->status.target_size > 0 || log->fork.len > 0)
				places[count++] = place_of(log);
		}
		message.as.vector = *kind;
		message.as.vector.is_last = at == node->log_count;
		message.as.vector.count = count;
		message.as.vector.places = places;
		gossip_link_say(link, &message);
	} while (at < node->log_count);
	free(places);
}

/* Answer with what the peer cannot tell from its own vector, and will not from our checkpoints. */
static void answer(struct gossip_node *node, struct gossip_link *link)
{
	static const struct gossip_vector kind = {.is_answer = true, .is_partial = true};

	say_places(node, link, &kind, GOSSIP_LINK_OWED);
}

static void take_place(struct gossip_node *node, struct gossip_link *link,
		       const struct gossip_place *place)
{
	size_t log = gossip_node_position(node, place->log);
	struct gossip_pull_known *known;
	struct gossip_place ours;

	if (log == node->log_count)
		return; /* of an amendment that we do not know */
	ours = place_of(&node->logs[log]);
	known = gossip_pull_known(node->pull, link->id, log);
	gossip_compare_note(known, place->target, place->held, place->attested_s);
	known->is_forked |= place->is_forked;
	/* One size and two roots: the peer must see ours, and we shall see its. */
	if (place->target == ours.target && node->logs[log].status.health == CATALOG_LOG_GOOD &&
	    memcmp(place->root, ours.root, sizeof place->root) != 0)
		gossip_link_touch(link, log);
	link->compared[log] &= (uint8_t) ~(GOSSIP_LINK_OPENED | GOSSIP_LINK_OWED);
	if (!is_same_place(place, &ours) && !gossip_compare_is_behind(&node->logs[log], known))
		link->compared[log] |= GOSSIP_LINK_OWED;
}

void gossip_compare_vector(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_vector *vector)
{
	gossip_confirm_vector(node, link, vector);
	for (size_t i = 0; i < vector->count; i++)
		take_place(node, link, &vector->places[i]);
	if (!vector->is_last)
		return;
	if (vector->is_partial)
		note_rest(node, link);
	for (size_t i = 0; i < node->log_count; i++)
		if (gossip_compare_is_behind(&node->logs[i],
					     gossip_pull_known(node->pull, link->id, i)))
			gossip_link_touch(link, i);
	if (!vector->is_answer)
		answer(node, link);
	for (size_t i = 0; i < node->log_count; i++)
		link->compared[i] &= (uint8_t)~GOSSIP_LINK_OWED;
}

/* --- digests ---------------------------------------------------------------------------------- */

static void put_number(uint8_t *ret_bytes, uint64_t number)
{
	for (unsigned i = 0; i < 8; i++)
		ret_bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

/* What is hashed of a log. */
static void make_line(const struct gossip_standing *log, uint8_t ret_line[LINE_BYTES])
{
	memset(ret_line, 0, LINE_BYTES);
	if (log->fork.len > 0) {
		ret_line[0] = 1;
		return;
	}
	put_number(ret_line + 1, log->status.target_size);
	put_number(ret_line + 9, log->status.size);
	put_number(ret_line + 17, (uint64_t)log->status.attested_s);
	if (log->status.target_size > 0)
		memcpy(ret_line + 25, log->status.target_root.bytes, GOSSIP_MESSAGE_ROOT_BYTES);
}

static size_t end_of(const struct gossip_node *node, size_t first, size_t logs)
{
	return node->log_count - first < logs ? node->log_count : first + logs;
}

/* Of the logs from `first` to before `end`. */
static void make_digest(const struct gossip_node *node, uint32_t salt, size_t first, size_t end,
			uint8_t ret_digest[GOSSIP_MESSAGE_DIGEST_BYTES])
{
	struct catalog_hash hash = {{0}};
	uint8_t line[LINE_BYTES];
	const struct catalog_span parts[] = {{hash.bytes, sizeof hash.bytes}, {line, sizeof line}};

	put_number(hash.bytes, salt);
	for (size_t i = first; i < end; i++) {
		make_line(&node->logs[i], line);
		catalog_hash_of_parts(parts, 2, &hash);
	}
	memcpy(ret_digest, hash.bytes, GOSSIP_MESSAGE_DIGEST_BYTES);
}

/* The digests of the logs from first to before end, each of span logs. */
static void make_range(const struct gossip_node *node, uint32_t salt, uint32_t span, size_t first,
		       size_t end, struct gossip_range *ret_range)
{
	ret_range->first = (uint32_t)first;
	ret_range->count = 0;
	for (size_t at = first; at < end; at += span)
		make_digest(node, salt, at, end_of(node, at, span),
			    ret_range->digests[ret_range->count++]);
}

/* Which of the spans is asked first; SPANS if there are too many logs. */
static size_t top_of(const struct gossip_node *node)
{
	size_t top = 0;

	while (top < SPANS && node->log_count > (size_t)FANOUT * spans[top])
		top++;
	return top;
}

static void say_all(struct gossip_node *node, struct gossip_link *link, bool is_answer)
{
	const struct gossip_vector kind = {.is_answer = is_answer};

	open_all(node, link);
	say_places(node, link, &kind, 0);
}

static bool is_told_whole(const struct gossip_node *node, const struct gossip_link *link)
{
	size_t count = 0;

	if (node->log_count <= FULL_MAX || top_of(node) == SPANS ||
	    !gossip_amend_is_same(node, link))
		return true;
	for (size_t i = 0; i < node->log_count && count <= FULL_MAX; i++)
		count += node->logs[i].status.target_size > 0 || node->logs[i].fork.len > 0;
	return count <= FULL_MAX;
}

void gossip_compare_begin(struct gossip_node *node, struct gossip_link *link)
{
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_DIGESTS};
	struct gossip_range range;
	uint32_t salt = (uint32_t)gossip_random_next(&node->random);
	uint32_t span;

	if (is_told_whole(node, link)) {
		say_all(node, link, false);
		return;
	}
	span = spans[top_of(node)];
	open_all(node, link);
	make_range(node, salt, span, 0, node->log_count, &range);
	message.as.digests = (struct gossip_digests){salt, span, 1, &range};
	gossip_link_say(link, &message);
}

void gossip_compare_greeted(struct gossip_node *node, struct gossip_link *link)
{
	/* Both know how many logs there are only if they go by one charter. */
	if (node->log_count <= FULL_MAX || !gossip_amend_is_same(node, link))
		say_all(node, link, true);
	else if (link->is_outgoing)
		gossip_compare_begin(node, link);
}

/* Which span of ours it is; SPANS if it is none. */
static size_t step_of(uint32_t span)
{
	size_t step = 0;

	while (step < SPANS && spans[step] != span)
		step++;
	return step;
}

/* Whether what a peer sent is digests of ranges, in their order and apart. */
static bool is_sound(const struct gossip_digests *digests)
{
	uint64_t end = 0;

	for (size_t i = 0; i < digests->count; i++) {
		const struct gossip_range *range = &digests->ranges[i];

		if (range->first < end || range->first % digests->span != 0)
			return false;
		end = range->first + (uint64_t)range->count * digests->span;
	}
	return step_of(digests->span) < SPANS;
}

/* Of what is open, what the peer's digests show to be equal is no longer; returns how many of them
 * show something else. */
static size_t close_equal(struct gossip_node *node, struct gossip_link *link,
			  const struct gossip_digests *digests)
{
	size_t differ = 0, log = 0;

	for (size_t i = 0; i < digests->count; i++) {
		const struct gossip_range *range = &digests->ranges[i];

		for (; log < range->first && log < node->log_count; log++)
			if ((link->compared[log] & GOSSIP_LINK_OPENED) != 0)
				note_same(node, link, log);
		for (size_t k = 0; k < range->count && log < node->log_count; k++) {
			uint8_t digest[GOSSIP_MESSAGE_DIGEST_BYTES];
			size_t end = end_of(node, log, digests->span);
			bool is_same;

			make_digest(node, digests->salt, log, end, digest);
			is_same = memcmp(digest, range->digests[k], sizeof digest) == 0;
			differ += !is_same;
			for (; log < end; log++) {
				link->compared[log] |= GOSSIP_LINK_OPENED;
				if (is_same)
					note_same(node, link, log);
			}
		}
	}
	for (; log < node->log_count; log++)
		if ((link->compared[log] & GOSSIP_LINK_OPENED) != 0)
			note_same(node, link, log);
	return differ;
}

/* Digests of the parts of each range that is open, or the whole vector where they would be too
 * many.
 */
static void say_parts(struct gossip_node *node, struct gossip_link *link, uint32_t salt,
		      size_t step)
{
	struct gossip_range *ranges = calloc(GOSSIP_MESSAGE_RANGES_MAX, sizeof *ranges);
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_DIGESTS};
	size_t count = 0;

	if (ranges == NULL) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		return;
	}
	for (size_t at = 0; at < node->log_count && count <= GOSSIP_MESSAGE_RANGES_MAX;
	     at += spans[step]) {
		size_t end = end_of(node, at, spans[step]);
		bool is_open = false;

		for (size_t log = at; log < end; log++)
			is_open = is_open || (link->compared[log] & GOSSIP_LINK_OPENED) != 0;
		if (is_open && count < GOSSIP_MESSAGE_RANGES_MAX)
			make_range(node, salt, spans[step - 1], at, end, &ranges[count]);
		count += is_open;
	}
	if (count > GOSSIP_MESSAGE_RANGES_MAX) {
		say_all(node, link, false);
	} else {
		message.as.digests = (struct gossip_digests){salt, spans[step - 1], count, ranges};
		gossip_link_say(link, &message);
	}
	free(ranges);
}

void gossip_compare_digests(struct gossip_node *node, struct gossip_link *link,
			    const struct gossip_digests *digests)
{
	static const struct gossip_vector found = {.is_partial = true};
	size_t step = step_of(digests->span), differ;

	if (!is_sound(digests)) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "digests that are none");
		return;
	}
	if (!gossip_amend_is_same(node, link))
		return; /* another comparison follows the amendments */
	if (step == top_of(node))
		open_all(node, link); /* the peer begins */
	differ = close_equal(node, link, digests);
	if (step == 0 || differ == 0)
		say_places(node, link, &found, GOSSIP_LINK_OPENED);
	else if (step == top_of(node) && differ > FANOUT / 2)
		say_all(node, link, false);
	else
		say_parts(node, link, digests->salt, step);
}

/* --- when ------------------------------------------------------------------------------------- */

/* Two that stay different although nothing is under way compare: something was lost.  Whoever
 * dialled begins. */
static void compare(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
		    uint64_t *due_ms)
{
	if (!link->has_vector || catalog_hash_equal(&link->vector, &node->vector) ||
	    !link->is_outgoing)
		return;
	if (now_ms < link->exchange_ms) {
		if (link->exchange_ms < *due_ms)
			*due_ms = link->exchange_ms;
		return;
	}
	link->exchange_pause_ms =
		link->exchange_pause_ms == 0 ? PAUSE_MS : 2 * link->exchange_pause_ms;
	if (link->exchange_pause_ms > PAUSE_MS_MAX)
		link->exchange_pause_ms = PAUSE_MS_MAX;
	link->exchange_ms = now_ms + gossip_random_jitter(&node->random, link->exchange_pause_ms);
	if (link->exchange_ms < *due_ms)
		*due_ms = link->exchange_ms;
	gossip_compare_begin(node, link);
}

void gossip_compare_due(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	if (!gossip_thin_is_idle(node))
		return;
	for (size_t i = 0; i < node->link_count; i++)
		if (node->links[i]->state == GOSSIP_LINK_GREETED)
			compare(node, node->links[i], now_ms, due_ms);
}
