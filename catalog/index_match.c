/* catalog/index_match.c - term at a time within a window, not document at a time: the inner loops
 * are over unpacked blocks without a branch for each list that might have the document, and bits
 * answer "how many" as a by-product.  Skipping by largest impact would save scoring but not
 * counting, and the count is promised to be exact.
 * What is decided already ("need") goes down the tree: where few documents are left, lists are
 * sought in instead of read. */
#include "catalog/index_match.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_columns.h"
#include "catalog/index_impact.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define FORMS        CATALOG_INDEX_TERMS_FORMS
#define FEW          64 /* documents that are sought one by one */
#define K1           CATALOG_INDEX_IMPACT_K1

struct hand { /* one list of a leaf */
	const struct catalog_index_list *list;
	struct catalog_index_walk *walk;
	float weight;
};

struct state {               /* of a leaf in the segment */
	size_t first, count; /* its hands */
	/* Found when the segment was begun: documents of a phrase, ascending; bits of a prefix. */
	uint32_t *slots;
	float *sums;
	size_t slot_count, slot_room, slot_next;
	uint64_t *bits;
	struct catalog_span *plains;
	size_t plain_count;
};

struct catalog_index_match {
	struct catalog_txn *txn;
	struct catalog_cursor *cursor;
	const struct catalog_index_plan *plan;
	const struct catalog_index_segment *segment;
	uint64_t read, postings_max;
	struct hand *hands;
	struct catalog_index_walk *walks;
	size_t hand_room, hand_count;
	struct state states[CATALOG_INDEX_PLAN_LEAVES_MAX];
	float sums[256];               /* of impacts */
	uint64_t scored[WINDOW_WORDS]; /* slots that have a score in this window; others' are old */
	uint64_t whole[WINDOW_WORDS];  /* slots that meet all of a node with tiers */
	float sum_of_slot[WINDOW];
	float scores[WINDOW];
};

int catalog_index_match_new(struct catalog_txn *txn, const struct catalog_index_plan *plan,
			    uint64_t postings_max, struct catalog_index_match **ret_match)
{
	struct catalog_index_match *match = malloc(sizeof *match);
	int r;

	if (match == NULL)
		return -ENOMEM;
	/* The scores need no clearing, see add_scores(). */
	memset(match, 0, offsetof(struct catalog_index_match, scores));
	match->txn = txn;
	match->plan = plan;
	match->postings_max = postings_max;
	match->hand_room = plan->term_count * FORMS + 1;
	match->hands = calloc(match->hand_room, sizeof *match->hands);
	/* Not cleared: opening a walk sets what is read, and a block is large. */
	match->walks = malloc(match->hand_room * sizeof *match->walks);
	r = match->hands == NULL || match->walks == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &match->cursor);
	if (r != 0) {
		catalog_index_match_free(match);
		return r;
	}
	catalog_index_impact_sums(match->sums);
	*ret_match = match;
	return 0;
}

static void end_segment(struct catalog_index_match *match)
{
	for (size_t i = 0; i < match->plan->leaf_count; i++) {
		struct state *state = &match->states[i];

		free(state->slots);
		free(state->sums);
		free(state->bits);
		free(state->plains);
		*state = (struct state){0};
	}
	match->hand_count = 0;
}

void catalog_index_match_free(struct catalog_index_match *match)
{
	if (match == NULL)
		return;
	end_segment(match);
	if (match->cursor != NULL)
		catalog_store_cursor_close(match->cursor);
	free(match->hands);
	free(match->walks);
	free(match);
}

const float *catalog_index_match_scores(const struct catalog_index_match *match)
{
	return match->scores;
}

const uint64_t *catalog_index_match_whole(const struct catalog_index_match *match)
{
	return match->whole;
}

int catalog_index_match_look_up(struct catalog_cursor *cursor,
				const struct catalog_index_plan *plan, uint32_t segment,
				struct catalog_index_list *ret_lists)
{
	int r = 0;

	for (size_t l = 0; r == 0 && l < plan->leaf_count; l++) {
		const struct catalog_index_leaf *leaf = &plan->leaves[l];

		if (leaf->kind != CATALOG_INDEX_LEAF_WORD &&
		    leaf->kind != CATALOG_INDEX_LEAF_PHRASE)
			continue;
		for (size_t i = leaf->first; r == 0 && i < leaf->first + leaf->count; i++) {
			const struct catalog_index_term *term = &plan->terms[i];

			r = catalog_index_terms_find_forms(
				cursor, segment, (struct catalog_span){term->bytes, term->len},
				ret_lists + FORMS * i);
			for (size_t f = 0; f < FORMS; f++)
				if (term->weights[f] <= 0)
					ret_lists[FORMS * i + f].count = 0;
		}
	}
	return r;
}

/* --- beginning a segment ----------------------------------------------------------------- */

static struct hand *new_hand(struct catalog_index_match *match,
			     const struct catalog_index_list *list, float weight)
{
	struct hand *hand = &match->hands[match->hand_count];

	assert(match->hand_count < match->hand_room);
	*hand = (struct hand){
		.list = list, .walk = &match->walks[match->hand_count], .weight = weight};
	match->hand_count++;
	catalog_index_terms_open(hand->walk, list, match->cursor, match->segment->id);
	return hand;
}

static void begin_word(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       struct state *state, const struct catalog_index_list *lists)
{
	state->first = match->hand_count;
	for (size_t i = leaf->first; i < leaf->first + leaf->count; i++)
		for (size_t f = 0; f < FORMS; f++) {
			const struct catalog_index_list *list = &lists[FORMS * i + f];

			if (list->count == 0 || list->plain ||
			    (leaf->fields != 0 && (list->fields & leaf->fields) == 0))
				continue;
			new_hand(match, list, match->plan->terms[i].weights[f]);
		}
	state->count = match->hand_count - state->first;
}

/* The place in the block of the first slot at or after slot. */
static uint32_t place_in(const struct catalog_index_block *block, uint32_t slot)
{
	uint32_t low = 0, high = block->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (block->slots[middle] < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Go to the first posting at or after slot; false if there is none. */
static bool seek(struct catalog_index_match *match, struct hand *hand, uint32_t slot,
		 uint32_t *ret_place)
{
	struct catalog_index_walk *walk = hand->walk;

	if (walk->ended)
		return false;
	if ((walk->block.count == 0 || walk->block.slots[walk->block.count - 1] < slot) &&
	    !catalog_index_terms_seek(walk, slot, &match->read))
		return false;
	*ret_place = place_in(&walk->block, slot);
	return true;
}

static int add_slot(struct state *state, uint32_t slot, float sum)
{
	if (state->slot_count == state->slot_room) {
		size_t room = state->slot_room * 2 + 64;
		uint32_t *slots = reallocarray(state->slots, room, sizeof *slots);
		float *sums;

		if (slots == NULL)
			return -ENOMEM;
		state->slots = slots;
		sums = reallocarray(state->sums, room, sizeof *sums);
		if (sums == NULL)
			return -ENOMEM;
		state->sums = sums;
		state->slot_room = room;
	}
	state->slots[state->slot_count] = slot;
	state->sums[state->slot_count++] = sum;
	return 0;
}

/* Whether the words stand one after the other: place i of each word's positions. */
static bool is_phrase(struct catalog_span *positions, size_t count)
{
	uint32_t at[CATALOG_INDEX_QUERY_WORDS_MAX] = {0}, start = 0;

	if (!catalog_index_list_next_position(&positions[0], &at[0]))
		return false;
	start = at[0];
	for (size_t i = 1, agreed = 1; agreed < count; i = (i + 1) % count) {
		bool begun = i == 0 || at[i] > 0;

		while (!begun || at[i] < start + i) {
			if (!catalog_index_list_next_position(&positions[i], &at[i]))
				return false;
			begun = true;
		}
		if (at[i] == start + i) {
			agreed++;
		} else {
			start = at[i] - (uint32_t)i;
			agreed = 1;
		}
	}
	return true;
}

static int begin_phrase(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
			struct state *state, const struct catalog_index_list *lists)
{
	struct hand *hands = &match->hands[match->hand_count];
	uint32_t places[CATALOG_INDEX_QUERY_WORDS_MAX], slot = 0;
	size_t agreed = 0;

	if (leaf->count == 0)
		return 0;
	for (size_t i = leaf->first; i < leaf->first + leaf->count; i++) {
		const struct catalog_index_list *list = &lists[FORMS * i];

		if (list->count == 0 || (leaf->fields != 0 && (list->fields & leaf->fields) == 0))
			return 0;
		new_hand(match, list, 1);
	}
	for (size_t i = 0;; i = (i + 1) % leaf->count) {
		const struct catalog_index_block *block = &hands[i].walk->block;
		struct catalog_span positions[CATALOG_INDEX_QUERY_WORDS_MAX];
		uint8_t fields = UINT8_MAX;
		float sum = INFINITY;
		int r;

		if (!seek(match, &hands[i], slot, &places[i]))
			return hands[i].walk->error;
		if (match->read > match->postings_max)
			return -ENOSPC;
		agreed = block->slots[places[i]] == slot ? agreed + 1 : 1;
		slot = block->slots[places[i]];
		if (agreed < leaf->count)
			continue;
		for (size_t k = 0; k < leaf->count; k++) {
			const struct catalog_index_block *of = &hands[k].walk->block;
			float own = match->sums[of->impacts[places[k]]];

			positions[k] = catalog_index_terms_positions(hands[k].walk, places[k]);
			fields &= of->fields[places[k]];
			sum = own < sum ? own : sum;
		}
		if ((leaf->fields == 0 || (fields & leaf->fields) != 0) &&
		    is_phrase(positions, leaf->count) && (r = add_slot(state, slot, sum)) != 0)
			return r;
		slot++;
		agreed = 0;
	}
}

static int begin_prefix(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
			struct state *state)
{
	const struct catalog_index_term *term = &match->plan->terms[leaf->first];
	uint32_t windows = (match->segment->slots + WINDOW - 1) / WINDOW;
	struct catalog_index_reader reader = {0};
	struct catalog_index_walk *walk = malloc(sizeof *walk);
	int r;

	state->bits = calloc(windows, WINDOW / 8);
	if (state->bits == NULL || walk == NULL) {
		free(walk);
		return -ENOMEM;
	}
	r = catalog_index_terms_begin(match->cursor, &reader, match->segment->id,
				      (struct catalog_span){term->bytes, term->len},
				      CATALOG_INDEX_AT);
	while (leaf->count > 0 && r == 0 && reader.term_len >= term->len &&
	       memcmp(reader.term, term->bytes, term->len) == 0) {
		uint32_t from = 0;

		if (reader.term[reader.term_len - 1] != CATALOG_INDEX_TEXT_WORD ||
		    (leaf->fields != 0 && (reader.list.fields & leaf->fields) == 0)) {
			r = catalog_index_terms_next(match->cursor, &reader);
			continue;
		}
		catalog_index_terms_open(walk, &reader.list, match->cursor, match->segment->id);
		while (catalog_index_terms_seek(walk, from, &match->read)) {
			const struct catalog_index_block *block = &walk->block;

			for (uint32_t i = 0; i < block->count; i++)
				if (block->slots[i] < match->segment->slots &&
				    (leaf->fields == 0 || (block->fields[i] & leaf->fields) != 0))
					state->bits[block->slots[i] / 64] |=
						UINT64_C(1) << block->slots[i] % 64;
			from = block->slots[block->count - 1] + 1;
		}
		r = walk->error;
		if (r == 0 && match->read > match->postings_max)
			r = -ENOSPC;
		match->read++; /* of the term itself */
		if (r == 0)
			r = catalog_index_terms_next(match->cursor, &reader);
	}
	catalog_index_terms_end(&reader);
	free(walk);
	return r == -ENOENT ? 0 : r;
}

static int begin_value(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       struct state *state)
{
	const uint8_t *bytes = leaf->values.bytes;
	size_t count = 0;

	for (size_t at = 0; at < leaf->values.len; count++)
		at += 2 + (size_t)(bytes[at] | bytes[at + 1] << 8);
	state->plains = calloc(count + 1, sizeof *state->plains);
	if (state->plains == NULL)
		return -ENOMEM;
	for (size_t at = 0; at < leaf->values.len;) {
		size_t len = (size_t)(bytes[at] | bytes[at + 1] << 8);
		struct catalog_index_list list;
		int r = catalog_index_terms_find(match->cursor, match->segment->id,
						 (struct catalog_span){bytes + at + 2, len}, &list);

		at += 2 + len;
		if (r == -ENOENT)
			continue;
		if (r == 0)
			r = catalog_index_terms_plain(match->cursor, match->segment->id, &list,
						      &state->plains[state->plain_count++]);
		if (r != 0)
			return r;
	}
	return 0;
}

int catalog_index_match_begin(struct catalog_index_match *match,
			      const struct catalog_index_segment *segment,
			      const struct catalog_index_list *lists)
{
	int r = 0;

	end_segment(match);
	match->segment = segment;
	for (size_t i = 0; r == 0 && i < match->plan->leaf_count; i++) {
		const struct catalog_index_leaf *leaf = &match->plan->leaves[i];
		struct state *state = &match->states[i];

		switch (leaf->kind) {
		case CATALOG_INDEX_LEAF_WORD: begin_word(match, leaf, state, lists); break;
		case CATALOG_INDEX_LEAF_PHRASE: r = begin_phrase(match, leaf, state, lists); break;
		case CATALOG_INDEX_LEAF_PREFIX: r = begin_prefix(match, leaf, state); break;
		case CATALOG_INDEX_LEAF_VALUE: r = begin_value(match, leaf, state); break;
		case CATALOG_INDEX_LEAF_ISSUED:
		case CATALOG_INDEX_LEAF_MODIFIED:
		case CATALOG_INDEX_LEAF_TIME:
		case CATALOG_INDEX_LEAF_BBOX: break;
		}
	}
	return r;
}

/* --- which window next ------------------------------------------------------------------- */

/* The first window at or after `from` in which a leaf has something. */
static uint32_t leaf_next(struct catalog_index_match *match, uint16_t nth, uint32_t from)
{
	const struct catalog_index_leaf *leaf = &match->plan->leaves[nth];
	struct state *state = &match->states[nth];
	uint32_t best = UINT32_MAX, windows = (match->segment->slots + WINDOW - 1) / WINDOW, place;

	switch (leaf->kind) {
	case CATALOG_INDEX_LEAF_WORD:
		for (size_t i = 0; i < state->count && best != from; i++) {
			struct hand *hand = &match->hands[state->first + i];

			if (seek(match, hand, from * WINDOW, &place) &&
			    hand->walk->block.slots[place] / WINDOW < best)
				best = hand->walk->block.slots[place] / WINDOW;
		}
		return best;
	case CATALOG_INDEX_LEAF_PHRASE:
		while (state->slot_next < state->slot_count &&
		       state->slots[state->slot_next] / WINDOW < from)
			state->slot_next++;
		return state->slot_next < state->slot_count
			       ? state->slots[state->slot_next] / WINDOW
			       : UINT32_MAX;
	case CATALOG_INDEX_LEAF_PREFIX:
		for (uint32_t w = from; w < windows; w++)
			for (size_t i = 0; i < WINDOW_WORDS; i++)
				if (state->bits[(size_t)w * WINDOW_WORDS + i] != 0)
					return w;
		return UINT32_MAX;
	case CATALOG_INDEX_LEAF_VALUE:
		for (size_t i = 0; i < state->plain_count && best != from; i++) {
			uint32_t w = catalog_index_list_plain_window(state->plains[i], from);

			best = w < best ? w : best;
		}
		return best;
	case CATALOG_INDEX_LEAF_ISSUED:
	case CATALOG_INDEX_LEAF_MODIFIED:
	case CATALOG_INDEX_LEAF_TIME:
	case CATALOG_INDEX_LEAF_BBOX: break;
	}
	return from;
}

uint32_t catalog_index_match_next(struct catalog_index_match *match, uint32_t from)
{
	const struct catalog_index_plan *plan = match->plan;
	uint32_t windows = (match->segment->slots + WINDOW - 1) / WINDOW;
	bool moved = true;

	while (moved && from < windows) {
		moved = false;
		for (uint16_t at = plan->nodes[plan->root].child;
		     at != CATALOG_INDEX_PLAN_NONE && from < windows; at = plan->nodes[at].next) {
			const struct catalog_index_node *node = &plan->nodes[at];
			uint32_t next;

			if (node->kind != CATALOG_INDEX_NODE_LEAF || node->optional)
				continue;
			next = leaf_next(match, node->leaf, from);
			moved = moved || next > from;
			from = next;
		}
	}
	return from < windows ? from : UINT32_MAX;
}

/* --- one window -------------------------------------------------------------------------- */

/* Whether at most FEW bits are set. */
static bool are_few(const uint64_t *bits)
{
	uint32_t count = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		for (uint64_t left = bits[i]; left != 0; left &= left - 1)
			if (++count > FEW)
				return false;
	return true;
}

static void set(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= UINT64_C(1) << at % 64;
}

/* Take the postings of a hand in a window. */
static int take_all(struct catalog_index_match *match, struct hand *hand, uint8_t fields,
		    uint32_t start, uint64_t *bits)
{
	struct catalog_index_walk *walk = hand->walk;
	float sums[256], *to = match->sum_of_slot;
	uint32_t place, end = start + WINDOW, from = start;

	for (unsigned i = 0; i < 256; i++)
		sums[i] = match->sums[i] * hand->weight;
	while (seek(match, hand, from, &place)) {
		const struct catalog_index_block *block = &walk->block;
		uint32_t stop =
			block->slots[block->count - 1] < end ? block->count : place_in(block, end);

		for (uint32_t i = place; i < stop; i++) {
			uint32_t at = block->slots[i] - start;

			if (fields != 0 && (block->fields[i] & fields) == 0)
				continue;
			set(bits, at);
			to[at] += sums[block->impacts[i]];
		}
		if (stop < block->count)
			break;
		from = block->slots[block->count - 1] + 1;
	}
	return walk->error;
}

/* The same, of few documents. */
static int take_few(struct catalog_index_match *match, struct hand *hand, uint8_t fields,
		    uint32_t start, const uint64_t *need, uint64_t *bits)
{
	for (uint32_t w = 0; w < WINDOW_WORDS; w++)
		for (uint64_t left = need[w]; left != 0; left &= left - 1) {
			uint32_t at = w * 64 + (uint32_t)__builtin_ctzll(left), place;
			const struct catalog_index_block *block = &hand->walk->block;

			if (!seek(match, hand, start + at, &place))
				return hand->walk->error;
			if (block->slots[place] != start + at ||
			    (fields != 0 && (block->fields[place] & fields) == 0))
				continue;
			set(bits, at);
			match->sum_of_slot[at] += hand->weight * match->sums[block->impacts[place]];
		}
	return 0;
}

/* Turn the sums of the documents in bits into scores, and clear them. */
static void add_scores(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       const uint64_t *bits)
{
	float *sums = match->sum_of_slot, *scores = match->scores;
	float idf = leaf->scored ? leaf->idf * (K1 + 1) : 0;

	for (uint32_t w = 0; w < WINDOW_WORDS; w++) {
		uint64_t old = match->scored[w];

		match->scored[w] |= bits[w];
		for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(left), at = w * 64 + bit;
			float before = (old >> bit & 1) != 0 ? scores[at] : 0;

			scores[at] = before + idf * sums[at] / (K1 + sums[at]);
			sums[at] = 0;
		}
	}
}

static int word_window(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       struct state *state, uint32_t window, const uint64_t *need, uint64_t *bits)
{
	bool few = are_few(need);
	uint32_t start = window * WINDOW;
	int r = 0;

	for (size_t i = 0; r == 0 && i < state->count; i++) {
		struct hand *hand = &match->hands[state->first + i];

		r = few ? take_few(match, hand, leaf->fields, start, need, bits)
			: take_all(match, hand, leaf->fields, start, bits);
	}
	add_scores(match, leaf, bits);
	return r;
}

static void phrase_window(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
			  struct state *state, uint32_t window, uint64_t *bits)
{
	uint32_t start = window * WINDOW;

	for (; state->slot_next < state->slot_count &&
	       state->slots[state->slot_next] < start + WINDOW;
	     state->slot_next++) {
		if (state->slots[state->slot_next] < start)
			continue;
		set(bits, state->slots[state->slot_next] - start);
		match->sum_of_slot[state->slots[state->slot_next] - start] +=
			state->sums[state->slot_next];
	}
	add_scores(match, leaf, bits);
}

static bool meets_box(const struct catalog_index_leaf *leaf, const float box[4])
{
	const float *asked = leaf->bbox;
	bool south_north, crosses = asked[0] > asked[2], own_crosses = box[0] > box[2];

	if (isnan(box[0]))
		return false;
	if (leaf->within) {
		south_north = box[1] >= asked[1] && box[3] <= asked[3];
		if (!crosses)
			return south_north && !own_crosses && box[0] >= asked[0] &&
			       box[2] <= asked[2];
		if (own_crosses)
			return south_north && box[0] >= asked[0] && box[2] <= asked[2];
		return south_north && (box[0] >= asked[0] || box[2] <= asked[2]);
	}
	south_north = box[1] <= asked[3] && box[3] >= asked[1];
	if (!crosses && !own_crosses)
		return south_north && box[0] <= asked[2] && box[2] >= asked[0];
	if (crosses && own_crosses)
		return south_north;
	return south_north && (box[0] <= asked[2] || box[2] >= asked[0]);
}

/* Compare the numbers of the documents that are needed. */
static int number_window(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
			 uint32_t window, const uint64_t *need, uint64_t *bits)
{
	uint8_t kind = leaf->kind == CATALOG_INDEX_LEAF_ISSUED     ? CATALOG_INDEX_COLUMNS_ISSUED
		       : leaf->kind == CATALOG_INDEX_LEAF_MODIFIED ? CATALOG_INDEX_COLUMNS_MODIFIED
		       : leaf->kind == CATALOG_INDEX_LEAF_TIME     ? CATALOG_INDEX_COLUMNS_TIME
								   : CATALOG_INDEX_COLUMNS_BBOX;
	struct catalog_index_column column;
	int r = catalog_index_columns_get(
		match->txn, match->segment->id, window, kind,
		catalog_index_segment_window_slots(match->segment->slots, window), &column);

	for (uint32_t w = 0; r == 0 && !column.none && w < WINDOW_WORDS; w++)
		for (uint64_t left = need[w]; left != 0; left &= left - 1) {
			uint32_t at = w * 64 + (uint32_t)__builtin_ctzll(left);
			int32_t start, end;
			float box[4];
			bool good;

			if (leaf->kind == CATALOG_INDEX_LEAF_BBOX) {
				catalog_index_columns_bbox(&column, at, box);
				good = meets_box(leaf, box);
			} else if (leaf->kind == CATALOG_INDEX_LEAF_TIME) {
				catalog_index_columns_time(&column, at, &start, &end);
				good = start != CATALOG_INDEX_FACET_NO_DAY && start <= leaf->to &&
				       end >= leaf->from;
			} else if (leaf->kind == CATALOG_INDEX_LEAF_ISSUED) {
				start = (int32_t)catalog_index_columns_u32(&column, at);
				good = start != CATALOG_INDEX_FACET_NO_DAY && start >= leaf->from &&
				       start <= leaf->to;
			} else {
				int64_t seconds = catalog_index_columns_u32(&column, at);

				good = seconds > 0 && seconds >= leaf->from && seconds <= leaf->to;
			}
			if (good)
				set(bits, at);
		}
	return r;
}

static int leaf_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
		       const uint64_t *need, uint64_t *bits)
{
	const struct catalog_index_leaf *leaf = &match->plan->leaves[nth];
	struct state *state = &match->states[nth];
	int r = 0;

	memset(bits, 0, WINDOW_WORDS * sizeof *bits);
	switch (leaf->kind) {
	case CATALOG_INDEX_LEAF_WORD:
		r = word_window(match, leaf, state, window, need, bits);
		break;
	case CATALOG_INDEX_LEAF_PHRASE: phrase_window(match, leaf, state, window, bits); break;
	case CATALOG_INDEX_LEAF_PREFIX:
		memcpy(bits, state->bits + (size_t)window * WINDOW_WORDS,
		       WINDOW_WORDS * sizeof *bits);
		break;
	case CATALOG_INDEX_LEAF_VALUE:
		for (size_t i = 0; r == 0 && i < state->plain_count; i++)
			if (!catalog_index_list_plain_bits(state->plains[i], window, bits))
				r = -EIO;
		break;
	case CATALOG_INDEX_LEAF_ISSUED:
	case CATALOG_INDEX_LEAF_MODIFIED:
	case CATALOG_INDEX_LEAF_TIME:
	case CATALOG_INDEX_LEAF_BBOX: r = number_window(match, leaf, window, need, bits); break;
	}
	for (size_t i = 0; i < WINDOW_WORDS; i++)
		bits[i] &= need[i];
	return r;
}

static bool is_empty(const uint64_t *bits)
{
	uint64_t any = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		any |= bits[i];
	return any == 0;
}

/* Which of those needed meet a node; the depth of the tree is bounded by that of the query. */
static int node_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
		       const uint64_t *need, uint64_t *bits)
{
	const struct catalog_index_node *nodes = match->plan->nodes, *node = &nodes[nth];
	uint64_t own[WINDOW_WORDS];
	int r = 0;

	switch (node->kind) {
	case CATALOG_INDEX_NODE_ALL: memcpy(bits, need, sizeof own); return 0;
	case CATALOG_INDEX_NODE_LEAF: return leaf_window(match, node->leaf, window, need, bits);
	case CATALOG_INDEX_NODE_AND:
		memcpy(bits, need, sizeof own);
		for (int optional = 0; optional < 2; optional++)
			for (uint16_t at = node->child;
			     r == 0 && at != CATALOG_INDEX_PLAN_NONE && !is_empty(bits);
			     at = nodes[at].next) {
				if (nodes[at].optional != (optional == 1))
					continue;
				r = node_window(match, at, window, bits, own);
				if (optional == 0)
					memcpy(bits, own, sizeof own);
			}
		return r;
	case CATALOG_INDEX_NODE_OR:
		memset(bits, 0, sizeof own);
		for (uint16_t at = node->child; r == 0 && at != CATALOG_INDEX_PLAN_NONE;
		     at = nodes[at].next) {
			r = node_window(match, at, window, need, own);
			for (size_t i = 0; i < WINDOW_WORDS; i++)
				bits[i] |= own[i];
			for (size_t i = 0; node->tiers && i < WINDOW_WORDS; i++)
				match->whole[i] &= own[i];
		}
		return r;
	case CATALOG_INDEX_NODE_NOT:
		r = node_window(match, node->child, window, need, own);
		for (size_t i = 0; i < WINDOW_WORDS; i++)
			bits[i] = need[i] & ~own[i];
		return r;
	}
	return r;
}

int catalog_index_match_window(struct catalog_index_match *match, uint32_t window,
			       uint64_t ret_bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	uint64_t need[WINDOW_WORDS] = {0};
	uint32_t slots = catalog_index_segment_window_slots(match->segment->slots, window);
	int r = catalog_index_segment_dead(match->txn, match->segment, window, need);

	if (r != 0)
		return r;
	for (uint32_t i = 0; i < WINDOW_WORDS; i++)
		need[i] = i * 64 + 64 <= slots ? ~need[i]
			  : i * 64 >= slots    ? 0
					       : ~need[i] & ((UINT64_C(1) << slots % 64) - 1);
	memset(match->scored, 0, sizeof match->scored);
	memset(match->whole, 0xff, sizeof match->whole);
	r = node_window(match, match->plan->root, window, need, ret_bits);
	for (uint32_t i = 0; r == 0 && i < WINDOW_WORDS; i++) /* what matches without a word */
		for (uint64_t left = ret_bits[i] & ~match->scored[i]; left != 0; left &= left - 1)
			match->scores[i * 64 + (uint32_t)__builtin_ctzll(left)] = 0;
	return r == 0 && match->read > match->postings_max ? -ENOSPC : r;
}

int catalog_index_match_explain(struct catalog_index_match *match,
				const struct catalog_index_segment *segment,
				const struct catalog_index_list *lists, uint32_t slot,
				float gives[CATALOG_INDEX_PLAN_LEAVES_MAX])
{
	uint64_t bits[WINDOW_WORDS], need[WINDOW_WORDS] = {0};
	int r = catalog_index_match_begin(match, segment, lists);

	memset(gives, 0, CATALOG_INDEX_PLAN_LEAVES_MAX * sizeof *gives);
	set(need, slot % WINDOW);
	for (uint16_t i = 0; r == 0 && i < match->plan->leaf_count; i++) {
		if (!match->plan->leaves[i].scored)
			continue;
		memset(match->scored, 0, sizeof match->scored);
		r = leaf_window(match, i, slot / WINDOW, need, bits);
		gives[i] = r == 0 && !is_empty(bits) ? match->scores[slot % WINDOW] : 0;
	}
	return r;
}
