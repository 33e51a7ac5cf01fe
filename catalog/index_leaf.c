/* catalog/index_leaf.c - what does not go by windows is found when a segment is begun: a phrase
 * needs positions, which are read only where all of its words are; a prefix is many lists. */
#include "catalog/index_leaf.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_impact.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define FORMS        CATALOG_INDEX_TERMS_FORMS

int catalog_index_leaf_open(struct catalog_index_hands *hands, struct catalog_txn *txn,
			    const struct catalog_index_plan *plan, uint64_t postings_max)
{
	int r;

	memset(hands, 0, sizeof *hands);
	hands->txn = txn;
	hands->plan = plan;
	hands->postings_max = postings_max;
	hands->room = plan->term_count * FORMS + 1;
	hands->hands = calloc(hands->room, sizeof *hands->hands);
	/* Not cleared: opening a walk sets what is read, and a block is large. */
	hands->walks = malloc(hands->room * sizeof *hands->walks);
	r = hands->hands == NULL || hands->walks == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &hands->cursor);
	catalog_index_impact_sums(hands->sums);
	return r;
}

static void end_segment(struct catalog_index_hands *hands)
{
	for (size_t i = 0; i < hands->plan->leaf_count; i++) {
		struct catalog_index_state_of *state = &hands->states[i];

		free(state->slots);
		free(state->sums);
		free(state->bits);
		free(state->plains);
		*state = (struct catalog_index_state_of){0};
	}
	hands->count = 0;
}

void catalog_index_leaf_close(struct catalog_index_hands *hands)
{
	end_segment(hands);
	if (hands->cursor != NULL)
		catalog_store_cursor_close(hands->cursor);
	free(hands->hands);
	free(hands->walks);
}

/* --- beginning a segment ----------------------------------------------------------------- */

static struct catalog_index_hand *new_hand(struct catalog_index_hands *hands,
					   const struct catalog_index_list *list, float weight)
{
	struct catalog_index_hand *hand = &hands->hands[hands->count];

	assert(hands->count < hands->room);
	*hand = (struct catalog_index_hand){
		.list = list, .walk = &hands->walks[hands->count], .weight = weight};
	hands->count++;
	catalog_index_walk_open(hand->walk, list, hands->cursor, hands->segment->id);
	return hand;
}

static void begin_word(struct catalog_index_hands *hands, const struct catalog_index_leaf *leaf,
		       struct catalog_index_state_of *state, const struct catalog_index_list *lists)
{
	state->first = hands->count;
	for (size_t i = leaf->first; i < leaf->first + leaf->count; i++)
		for (size_t f = 0; f < FORMS; f++) {
			const struct catalog_index_list *list = &lists[FORMS * i + f];

			if (list->count == 0 || list->plain ||
			    (leaf->fields != 0 && (list->fields & leaf->fields) == 0))
				continue;
			new_hand(hands, list, hands->plan->terms[i].weights[f])->walk->block.bare =
				leaf->fields == 0;
			state->postings += list->count;
		}
	state->count = hands->count - state->first;
}

uint32_t catalog_index_leaf_place(const struct catalog_index_block *block, uint32_t from,
				  uint32_t slot)
{
	uint32_t step = 1, left;

	/* What is sought is mostly near. */
	while (from + step < block->count && block->slots[from + step - 1] < slot) {
		from += step;
		step *= 2;
	}
	/* Then without a branch on what is compared, which no processor can foresee. */
	for (left = step < block->count - from ? step : block->count - from; left > 0;) {
		uint32_t half = (left + 1) / 2;

		from += block->slots[from + half - 1] < slot ? half : 0;
		left -= half;
	}
	return from;
}

bool catalog_index_leaf_seek(struct catalog_index_hands *hands, struct catalog_index_hand *hand,
			     uint32_t slot, uint32_t *ret_place)
{
	struct catalog_index_walk *walk = hand->walk;

	if (walk->ended)
		return false;
	if (walk->block.count == 0 || walk->block.slots[walk->block.count - 1] < slot) {
		if (!catalog_index_walk_seek(walk, slot, &hands->read))
			return false;
		hand->place = 0;
	}
	hand->place = catalog_index_leaf_place(&walk->block, hand->place, slot);
	*ret_place = hand->place;
	return true;
}

static int add_slot(struct catalog_index_state_of *state, uint32_t slot, float sum)
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

/* The words of a phrase in a document that has them all, each at its place: add it if they stand
 * one after the other. */
static int take_phrase(struct catalog_index_hands *hands, const struct catalog_index_leaf *leaf,
		       struct catalog_index_state_of *state, uint32_t slot, const uint32_t *places)
{
	struct catalog_span positions[CATALOG_INDEX_QUERY_WORDS_MAX];
	uint8_t fields = UINT8_MAX;
	float sum = INFINITY;

	for (size_t k = 0; k < leaf->count; k++) {
		struct catalog_index_walk *walk = hands->hands[state->first + k].walk;
		float own = hands->sums[walk->block.impacts[places[k]]];

		positions[k] = catalog_index_walk_positions(walk, places[k]);
		fields &= leaf->fields != 0 ? walk->block.fields[places[k]] : UINT8_MAX;
		sum = own < sum ? own : sum;
	}
	if ((leaf->fields != 0 && (fields & leaf->fields) == 0) ||
	    !is_phrase(positions, leaf->count))
		return 0;
	return add_slot(state, slot, sum);
}

static int begin_phrase(struct catalog_index_hands *hands, const struct catalog_index_leaf *leaf,
			struct catalog_index_state_of *state,
			const struct catalog_index_list *lists)
{
	uint32_t places[CATALOG_INDEX_QUERY_WORDS_MAX] = {0}, slot = 0;
	size_t order[CATALOG_INDEX_QUERY_WORDS_MAX];

	state->first = hands->count;
	for (size_t i = 0; i < leaf->count; i++) {
		const struct catalog_index_list *list = &lists[FORMS * (leaf->first + i)];
		size_t at = i;

		if (list->count == 0 || (leaf->fields != 0 && (list->fields & leaf->fields) == 0))
			return 0;
		new_hand(hands, list, 1)->walk->block.bare = leaf->fields == 0;
		/* The rarest first: it says where to look in the others. */
		for (;
		     at > 0 && hands->hands[state->first + order[at - 1]].list->count > list->count;
		     at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t n = 0; leaf->count > 0;) { /* n of them, in that order, have the slot */
		struct catalog_index_hand *hand = &hands->hands[state->first + order[n]];
		uint32_t own;
		int r;

		if (!catalog_index_leaf_seek(hands, hand, slot, &places[order[n]]))
			return hand->walk->error;
		if (hands->read > hands->postings_max)
			return -ENOSPC;
		own = hand->walk->block.slots[places[order[n]]];
		n = own == slot || n == 0 ? n + 1 : 0;
		slot = own;
		if (n < leaf->count)
			continue;
		r = take_phrase(hands, leaf, state, slot, places);
		if (r != 0)
			return r;
		slot++;
		n = 0;
	}
	return 0;
}

static int begin_prefix(struct catalog_index_hands *hands, const struct catalog_index_leaf *leaf,
			struct catalog_index_state_of *state)
{
	const struct catalog_index_term *term;
	uint32_t windows = (hands->segment->slots + WINDOW - 1) / WINDOW;
	struct catalog_index_reader reader = {0};
	struct catalog_index_walk *walk;
	int r;

	state->bits = calloc(windows, WINDOW / 8);
	if (state->bits == NULL)
		return -ENOMEM;
	if (leaf->count == 0) /* what was typed holds no word */
		return 0;
	term = &hands->plan->terms[leaf->first];
	walk = malloc(sizeof *walk);
	if (walk == NULL)
		return -ENOMEM;
	r = catalog_index_terms_begin(hands->cursor, &reader, hands->segment->id,
				      (struct catalog_span){term->bytes, term->len},
				      CATALOG_INDEX_AT);
	while (r == 0 && reader.term_len >= term->len &&
	       memcmp(reader.term, term->bytes, term->len) == 0) {
		uint32_t from = 0;

		if (reader.term[reader.term_len - 1] != CATALOG_INDEX_TEXT_WORD ||
		    (leaf->fields != 0 && (reader.list.fields & leaf->fields) == 0)) {
			r = catalog_index_terms_next(hands->cursor, &reader);
			continue;
		}
		catalog_index_walk_open(walk, &reader.list, hands->cursor, hands->segment->id);
		while (catalog_index_walk_seek(walk, from, &hands->read)) {
			const struct catalog_index_block *block = &walk->block;

			for (uint32_t i = 0; i < block->count; i++)
				if (block->slots[i] < hands->segment->slots &&
				    (leaf->fields == 0 || (block->fields[i] & leaf->fields) != 0))
					state->bits[block->slots[i] / 64] |=
						UINT64_C(1) << block->slots[i] % 64;
			from = block->slots[block->count - 1] + 1;
		}
		r = walk->error;
		if (r == 0 && hands->read > hands->postings_max)
			r = -ENOSPC;
		hands->read++; /* of the term itself */
		if (r == 0)
			r = catalog_index_terms_next(hands->cursor, &reader);
	}
	catalog_index_terms_end(&reader);
	free(walk);
	return r == -ENOENT ? 0 : r;
}

static int begin_value(struct catalog_index_hands *hands, const struct catalog_index_leaf *leaf,
		       struct catalog_index_state_of *state)
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
		int r = catalog_index_terms_find(hands->cursor, hands->segment->id,
						 (struct catalog_span){bytes + at + 2, len}, &list);

		at += 2 + len;
		if (r == -ENOENT)
			continue;
		if (r == 0) {
			state->postings += list.count;
			r = catalog_index_walk_plain(hands->cursor, hands->segment->id, &list,
						     &state->plains[state->plain_count++]);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

int catalog_index_leaf_begin(struct catalog_index_hands *hands,
			     const struct catalog_index_segment *segment,
			     const struct catalog_index_list *lists)
{
	int r = 0;

	end_segment(hands);
	hands->segment = segment;
	for (size_t i = 0; r == 0 && i < hands->plan->leaf_count; i++) {
		const struct catalog_index_leaf *leaf = &hands->plan->leaves[i];
		struct catalog_index_state_of *state = &hands->states[i];

		switch (leaf->kind) {
		case CATALOG_INDEX_LEAF_WORD: begin_word(hands, leaf, state, lists); break;
		case CATALOG_INDEX_LEAF_PHRASE: r = begin_phrase(hands, leaf, state, lists); break;
		case CATALOG_INDEX_LEAF_PREFIX: r = begin_prefix(hands, leaf, state); break;
		case CATALOG_INDEX_LEAF_VALUE: r = begin_value(hands, leaf, state); break;
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
uint32_t catalog_index_leaf_next(struct catalog_index_hands *hands, uint16_t nth, uint32_t from)
{
	const struct catalog_index_leaf *leaf = &hands->plan->leaves[nth];
	struct catalog_index_state_of *state = &hands->states[nth];
	uint32_t best = UINT32_MAX, windows = (hands->segment->slots + WINDOW - 1) / WINDOW, place;

	switch (leaf->kind) {
	case CATALOG_INDEX_LEAF_WORD:
		for (size_t i = 0; i < state->count && best != from; i++) {
			struct catalog_index_hand *hand = &hands->hands[state->first + i];

			if (catalog_index_leaf_seek(hands, hand, from * WINDOW, &place) &&
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
