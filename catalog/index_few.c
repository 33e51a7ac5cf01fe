#include "catalog/index_few.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW     CATALOG_INDEX_LIST_WINDOW
#define NONE       CATALOG_INDEX_PLAN_NONE
#define A_WINDOW   48 /* documents of the rarest word, on average: with more, windows are quicker */
#define LEAVES_MAX CATALOG_INDEX_PLAN_LEAVES_MAX

void catalog_index_few_close(struct catalog_index_few *few)
{
	free(few->slots);
	free(few->scores);
	free(few->sums);
	free(few->own);
	*few = (struct catalog_index_few){0};
}

/* --- whether it is the shortest way ------------------------------------------------------ */

static bool is_words(const struct catalog_index_leaf *leaf)
{
	return leaf->kind == CATALOG_INDEX_LEAF_WORD || leaf->kind == CATALOG_INDEX_LEAF_PHRASE;
}

static uint64_t postings_of(const struct catalog_index_hands *hands, uint16_t leaf)
{
	const struct catalog_index_state_of *state = &hands->states[leaf];

	return hands->plan->leaves[leaf].kind == CATALOG_INDEX_LEAF_PHRASE ? state->slot_count
									   : state->postings;
}

/* The leaves that must be met, the rarest first, then those that only count; false if the plan has
 * anything but words. */
static bool sort_leaves(const struct catalog_index_hands *hands, uint16_t ret_order[LEAVES_MAX],
			size_t *ret_required, size_t *ret_count)
{
	const struct catalog_index_plan *plan = hands->plan;
	size_t required = 0, count;

	for (uint16_t at = plan->nodes[plan->root].child; at != NONE; at = plan->nodes[at].next) {
		const struct catalog_index_node *node = &plan->nodes[at];
		size_t place;

		if (node->kind != CATALOG_INDEX_NODE_LEAF || !is_words(&plan->leaves[node->leaf]))
			return false;
		if (node->optional)
			continue;
		for (place = required++; place > 0 && postings_of(hands, ret_order[place - 1]) >
							      postings_of(hands, node->leaf);
		     place--)
			ret_order[place] = ret_order[place - 1];
		ret_order[place] = node->leaf;
	}
	count = required;
	for (uint16_t at = plan->nodes[plan->root].child; at != NONE; at = plan->nodes[at].next)
		if (plan->nodes[at].optional)
			ret_order[count++] = plan->nodes[at].leaf;
	*ret_required = required;
	*ret_count = count;
	return true;
}

/* --- the rarest word --------------------------------------------------------------------- */

static int make_room(struct catalog_index_few *few, size_t room)
{
	if (room <= few->room)
		return 0;
	catalog_index_few_close(few);
	few->slots = calloc(room, sizeof *few->slots);
	few->scores = calloc(room, sizeof *few->scores);
	few->sums = calloc(room, sizeof *few->sums);
	few->own = calloc(room, sizeof *few->own);
	if (few->slots == NULL || few->scores == NULL || few->sums == NULL || few->own == NULL)
		return -ENOMEM;
	few->room = room;
	return 0;
}

/* Take the postings of a hand among those that are there: from the end, since these need no more
 * room than is left before them. */
static void merge_in(struct catalog_index_few *few, const uint32_t *slots, const float *sums,
		     size_t count)
{
	size_t old = few->count, both = 0, to;

	for (size_t i = 0, k = 0; i < old && k < count;) {
		both += few->slots[i] == slots[k];
		if (few->slots[i] <= slots[k])
			i++;
		else
			k++;
	}
	few->count = to = old + count - both;
	while (count > 0) {
		bool mine = old > 0 && few->slots[old - 1] >= slots[count - 1];
		bool theirs = old == 0 || few->slots[old - 1] <= slots[count - 1];
		float sum = (mine ? few->sums[old - 1] : 0) + (theirs ? sums[count - 1] : 0);

		to--;
		few->slots[to] = mine ? few->slots[old - 1] : slots[count - 1];
		few->sums[to] = sum;
		old -= mine;
		count -= theirs;
	}
}

static int take_word(struct catalog_index_few *few, struct catalog_index_hands *hands,
		     const struct catalog_index_leaf *leaf,
		     const struct catalog_index_state_of *state)
{
	float sums[CATALOG_INDEX_LIST_BLOCK];
	uint32_t slots[CATALOG_INDEX_LIST_BLOCK], place;

	for (size_t h = 0; h < state->count; h++) {
		struct catalog_index_hand *hand = &hands->hands[state->first + h];
		const struct catalog_index_block *block = &hand->walk->block;

		for (uint32_t from = 0; catalog_index_leaf_seek(hands, hand, from, &place);
		     from = block->slots[block->count - 1] + 1) {
			size_t count = 0;

			for (uint32_t i = 0; i < block->count; i++) {
				if (leaf->fields != 0 && (block->fields[i] & leaf->fields) == 0)
					continue;
				slots[count] = block->slots[i];
				sums[count++] = hand->weight * hands->sums[block->impacts[i]];
			}
			if (few->count + count > few->room)
				return -EIO; /* more than the dictionary told */
			merge_in(few, slots, sums, count);
		}
		if (hand->walk->error != 0)
			return hand->walk->error;
	}
	return 0;
}

static int take_rarest(struct catalog_index_few *few, struct catalog_index_hands *hands,
		       uint16_t leaf)
{
	const struct catalog_index_state_of *state = &hands->states[leaf];
	int r = make_room(few, postings_of(hands, leaf) + 1);

	few->count = few->next = 0;
	if (r != 0 || hands->plan->leaves[leaf].kind == CATALOG_INDEX_LEAF_WORD)
		return r != 0 ? r : take_word(few, hands, &hands->plan->leaves[leaf], state);
	few->count = state->slot_count;
	if (few->count > 0) {
		memcpy(few->slots, state->slots, few->count * sizeof *few->slots);
		memcpy(few->sums, state->sums, few->count * sizeof *few->sums);
	}
	return 0;
}

/* --- the other words --------------------------------------------------------------------- */

/* What a leaf is worth in each slot, in few->own; below zero where it is not. */
static int look_for(struct catalog_index_few *few, struct catalog_index_hands *hands, uint16_t nth)
{
	const struct catalog_index_leaf *leaf = &hands->plan->leaves[nth];
	const struct catalog_index_state_of *state = &hands->states[nth];

	for (size_t i = 0; i < few->count; i++)
		few->own[i] = -1;
	for (size_t i = 0, k = 0; i < few->count && k < state->slot_count;) { /* of a phrase */
		if (few->slots[i] == state->slots[k])
			few->own[i] = state->sums[k];
		if (few->slots[i] <= state->slots[k])
			i++;
		else
			k++;
	}
	if (leaf->kind != CATALOG_INDEX_LEAF_WORD)
		return 0;
	for (size_t h = 0; h < state->count; h++) {
		struct catalog_index_hand *hand = &hands->hands[state->first + h];
		const struct catalog_index_block *block = &hand->walk->block;
		uint32_t at;

		for (size_t i = 0; i < few->count; i++) {
			float sum;

			if (!catalog_index_leaf_seek(hands, hand, few->slots[i], &at))
				break;
			if (block->slots[at] != few->slots[i] ||
			    (leaf->fields != 0 && (block->fields[at] & leaf->fields) == 0))
				continue;
			sum = hand->weight * hands->sums[block->impacts[at]];
			few->own[i] = few->own[i] < 0 ? sum : few->own[i] + sum;
		}
		if (hand->walk->error != 0)
			return hand->walk->error;
	}
	return 0;
}

/* Add what the leaf gives; keep those that have it, or all. */
static void take_scores(struct catalog_index_few *few, const struct catalog_index_leaf *leaf,
			bool required)
{
	size_t kept = 0;

	for (size_t i = 0; i < few->count; i++) {
		bool has = few->own[i] >= 0;

		if (required && !has)
			continue;
		few->slots[kept] = few->slots[i];
		few->sums[kept] = few->sums[i];
		few->scores[kept++] =
			few->scores[i] + (has ? catalog_index_leaf_score(leaf, few->own[i]) : 0);
	}
	few->count = kept;
}

int catalog_index_few_find(struct catalog_index_few *few, struct catalog_index_hands *hands)
{
	uint64_t windows = (hands->segment->slots + WINDOW - 1) / WINDOW;
	uint16_t order[LEAVES_MAX];
	size_t required, count;
	int r;

	few->is_there = false;
	if (!sort_leaves(hands, order, &required, &count) || required < 2 ||
	    postings_of(hands, order[0]) > A_WINDOW * windows)
		return 0;
	r = take_rarest(few, hands, order[0]);
	few->is_there = true;
	for (size_t i = 0; i < few->count; i++)
		few->scores[i] = 0;
	for (size_t i = 1; r == 0 && i < count && few->count > 0; i++) {
		r = look_for(few, hands, order[i]);
		if (r == 0)
			take_scores(few, &hands->plan->leaves[order[i]], i < required);
	}
	for (size_t i = 0; i < few->count; i++)
		few->scores[i] +=
			catalog_index_leaf_score(&hands->plan->leaves[order[0]], few->sums[i]);
	return r == 0 && hands->read > hands->postings_max ? -ENOSPC : r;
}

/* --- giving ------------------------------------------------------------------------------ */

uint32_t catalog_index_few_next(struct catalog_index_few *few, uint32_t from)
{
	while (few->next < few->count && few->slots[few->next] / WINDOW < from)
		few->next++;
	return few->next < few->count ? few->slots[few->next] / WINDOW : UINT32_MAX;
}

void catalog_index_few_window(const struct catalog_index_few *few, uint32_t window,
			      uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS],
			      float scores[CATALOG_INDEX_LIST_WINDOW])
{
	memset(bits, 0, WINDOW / 8);
	for (size_t i = few->next; i < few->count && few->slots[i] / WINDOW == window; i++) {
		uint32_t at = few->slots[i] % WINDOW;

		bits[at / 64] |= UINT64_C(1) << at % 64;
		scores[at] = few->scores[i];
	}
}
