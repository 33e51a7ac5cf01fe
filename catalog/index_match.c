/* catalog/index_match.c - term at a time within a window, not document at a time: the inner loops
 * are over unpacked blocks without a branch for each list that might have the document, and bits
 * answer "how many" as a by-product.  Skipping by largest impact would save scoring but not
 * counting, and the count is promised to be exact.
 * Of conditions that must all be met the rarest in the segment comes first, and what is decided
 * already ("need") goes down the tree: where few documents are left, lists are sought in instead of
 * read.  A word's sums become scores only after the next word has said which of them matter. */
#include "catalog/index_match.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_bits.h"
#include "catalog/index_columns.h"
#include "catalog/index_few.h"
#include "catalog/index_impact.h"
#include "catalog/index_leaf.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define FORMS        CATALOG_INDEX_TERMS_FORMS
#define SEEK_COST    8 /* to seek one document, in postings that are read */
#define SEEKS_MAX    1024

struct catalog_index_match {
	struct catalog_index_hands hands;
	struct catalog_index_few few;  /* instead of all else, where it is there */
	uint64_t scored[WINDOW_WORDS]; /* slots that have a score in this window; others' are old */
	uint64_t whole[WINDOW_WORDS];  /* slots that meet all of a node with tiers */
	/* What a leaf's words are worth in each slot that has them, of two leaves at a time. */
	float sums[2][WINDOW];
	float scores[WINDOW];
};

int catalog_index_match_new(struct catalog_txn *txn, const struct catalog_index_plan *plan,
			    uint64_t postings_max, struct catalog_index_match **ret_match)
{
	struct catalog_index_match *match = malloc(sizeof *match);
	int r;

	if (match == NULL)
		return -ENOMEM;
	/* Sums and scores need no clearing: bits tell which are set. */
	match->few = (struct catalog_index_few){0};
	r = catalog_index_leaf_open(&match->hands, txn, plan, postings_max);
	if (r != 0) {
		catalog_index_match_free(match);
		return r;
	}
	*ret_match = match;
	return 0;
}

void catalog_index_match_free(struct catalog_index_match *match)
{
	if (match == NULL)
		return;
	catalog_index_few_close(&match->few);
	catalog_index_leaf_close(&match->hands);
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

int catalog_index_match_begin(struct catalog_index_match *match,
			      const struct catalog_index_segment *segment,
			      const struct catalog_index_list *lists)
{
	int r = catalog_index_leaf_begin(&match->hands, segment, lists);

	return r == 0 ? catalog_index_few_find(&match->few, &match->hands) : r;
}

uint32_t catalog_index_match_next(struct catalog_index_match *match, uint32_t from)
{
	const struct catalog_index_plan *plan = match->hands.plan;
	uint32_t windows = (match->hands.segment->slots + WINDOW - 1) / WINDOW;
	bool moved = true;

	if (match->few.is_there)
		from = catalog_index_few_next(&match->few, from);
	while (!match->few.is_there && moved && from < windows) {
		moved = false;
		for (uint16_t at = plan->nodes[plan->root].child;
		     at != CATALOG_INDEX_PLAN_NONE && from < windows; at = plan->nodes[at].next) {
			const struct catalog_index_node *node = &plan->nodes[at];
			uint32_t next;

			if (node->kind != CATALOG_INDEX_NODE_LEAF || node->optional)
				continue;
			next = catalog_index_leaf_next(&match->hands, node->leaf, from);
			moved = moved || next > from;
			from = next;
		}
	}
	return from < windows ? from : UINT32_MAX;
}

/* --- one window -------------------------------------------------------------------------- */

static void set(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= UINT64_C(1) << at % 64;
}

/* Add what a word is worth in a slot: the first hand that has the slot sets it. */
static inline void add(uint64_t *bits, float *sums, uint32_t at, float sum)
{
	uint64_t bit = UINT64_C(1) << at % 64;

	sums[at] = (bits[at / 64] & bit) != 0 ? sums[at] + sum : sum;
	bits[at / 64] |= bit;
}

enum how {
	FIRST,  /* no slot is set yet */
	ADD,    /* to what other hands have set */
	NEEDED, /* the same, but most slots are not needed */
};

/* Add the postings of a part of a block. */
static inline void add_block(const struct catalog_index_block *block, uint32_t from, uint32_t to,
			     uint32_t start, const float *worth, enum how how, const uint64_t *need,
			     uint64_t *bits, float *sums)
{
	for (uint32_t i = from; i < to; i++) {
		uint32_t at = block->slots[i] - start;
		float sum = worth[block->impacts[i]];

		if (how == FIRST) {
			bits[at / 64] |= UINT64_C(1) << at % 64;
			sums[at] = sum;
		} else if (how == ADD || (need[at / 64] >> at % 64 & 1) != 0) {
			add(bits, sums, at, sum);
		}
	}
}

/* Take the postings of a hand in a window; need is looked at if most are not needed. */
static int take_all(struct catalog_index_match *match, struct catalog_index_hand *hand,
		    uint8_t fields, uint32_t start, enum how how, const uint64_t *need,
		    uint64_t *bits, float *sums)
{
	struct catalog_index_walk *walk = hand->walk;
	float worth[256];
	uint32_t place, end = start + WINDOW, from = start;

	for (unsigned i = 0; i < 256; i++)
		worth[i] = match->hands.sums[i] * hand->weight;
	while (catalog_index_leaf_seek(&match->hands, hand, from, &place)) {
		const struct catalog_index_block *block = &walk->block;
		uint32_t stop = block->slots[block->count - 1] < end
					? block->count
					: catalog_index_leaf_place(block, place, end);

		if (fields != 0) {
			for (uint32_t i = place; i < stop; i++)
				if ((block->fields[i] & fields) != 0)
					add(bits, sums, block->slots[i] - start,
					    worth[block->impacts[i]]);
		} else if (how == FIRST) {
			add_block(block, place, stop, start, worth, FIRST, need, bits, sums);
		} else if (how == ADD) {
			add_block(block, place, stop, start, worth, ADD, need, bits, sums);
		} else {
			add_block(block, place, stop, start, worth, NEEDED, need, bits, sums);
		}
		if (stop < block->count)
			break;
		from = block->slots[block->count - 1] + 1;
	}
	return walk->error;
}

/* The same, of few documents. */
static int take_few(struct catalog_index_match *match, struct catalog_index_hand *hand,
		    uint8_t fields, uint32_t start, const uint16_t *few, size_t count,
		    uint64_t *bits, float *to)
{
	const struct catalog_index_block *block = &hand->walk->block;

	for (size_t i = 0; i < count; i++) {
		uint32_t place;

		if (!catalog_index_leaf_seek(&match->hands, hand, start + few[i], &place))
			return hand->walk->error;
		if (block->slots[place] == start + few[i] &&
		    (fields == 0 || (block->fields[place] & fields) != 0))
			add(bits, to, few[i],
			    hand->weight * match->hands.sums[block->impacts[place]]);
	}
	return 0;
}

/* Turn the sums of the documents in bits into scores. */
static void add_scores(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       const float *sums, const uint64_t *bits)
{
	float *scores = match->scores;

	for (uint32_t w = 0; leaf->scored && w < WINDOW_WORDS; w++) {
		uint64_t old = match->scored[w];

		match->scored[w] |= bits[w];
		for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(left), at = w * 64 + bit;
			float before = (old >> bit & 1) != 0 ? scores[at] : 0;

			scores[at] = before + catalog_index_leaf_score(leaf, sums[at]);
		}
	}
}

static int word_window(struct catalog_index_match *match, const struct catalog_index_leaf *leaf,
		       struct catalog_index_state_of *state, uint32_t window, const uint64_t *need,
		       uint64_t *bits, float *sums)
{
	uint64_t windows = (match->hands.segment->slots + WINDOW - 1) / WINDOW;
	uint32_t start = window * WINDOW;
	uint64_t needed = need[0] == UINT64_MAX ? WINDOW : catalog_index_bits_count(need);
	enum how how = needed < WINDOW / 8 ? NEEDED : FIRST;
	uint16_t few[SEEKS_MAX];
	size_t count = 0;
	int r = 0;

	if (needed <= SEEKS_MAX && needed * SEEK_COST < state->postings / windows)
		(void)catalog_index_bits_list(need, SEEKS_MAX, few, &count); /* room for all */
	for (size_t i = 0; r == 0 && i < state->count; i++) {
		struct catalog_index_hand *hand = &match->hands.hands[state->first + i];

		if (count > 0 && count * SEEK_COST < hand->list->count / windows)
			r = take_few(match, hand, leaf->fields, start, few, count, bits, sums);
		else
			r = take_all(match, hand, leaf->fields, start, how, need, bits, sums);
		how = how == FIRST ? ADD : how;
	}
	return r;
}

static void phrase_window(struct catalog_index_state_of *state, uint32_t window, uint64_t *bits,
			  float *sums)
{
	uint32_t start = window * WINDOW;

	for (; state->slot_next < state->slot_count &&
	       state->slots[state->slot_next] < start + WINDOW;
	     state->slot_next++)
		if (state->slots[state->slot_next] >= start)
			add(bits, sums, state->slots[state->slot_next] - start,
			    state->sums[state->slot_next]);
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
		match->hands.txn, match->hands.segment->id, window, kind,
		catalog_index_segment_window_slots(match->hands.segment->slots, window), &column);

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

/* Which of those needed meet a leaf; a word or phrase leaves what it is worth in sums. */
static int leaf_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
		       const uint64_t *need, uint64_t *bits, float *sums)
{
	const struct catalog_index_leaf *leaf = &match->hands.plan->leaves[nth];
	struct catalog_index_state_of *state = &match->hands.states[nth];
	int r = 0;

	memset(bits, 0, WINDOW_WORDS * sizeof *bits);
	switch (leaf->kind) {
	case CATALOG_INDEX_LEAF_WORD:
		r = word_window(match, leaf, state, window, need, bits, sums);
		break;
	case CATALOG_INDEX_LEAF_PHRASE: phrase_window(state, window, bits, sums); break;
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

static bool has_sums(const struct catalog_index_leaf *leaf)
{
	return leaf->kind == CATALOG_INDEX_LEAF_WORD || leaf->kind == CATALOG_INDEX_LEAF_PHRASE;
}

static int scored_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
			 const uint64_t *need, uint64_t *bits)
{
	const struct catalog_index_leaf *leaf = &match->hands.plan->leaves[nth];
	int r = leaf_window(match, nth, window, need, bits, match->sums[0]);

	if (r == 0 && has_sums(leaf))
		add_scores(match, leaf, match->sums[0], bits);
	return r;
}

/* About how many documents of the segment meet a node. */
static uint64_t guess(const struct catalog_index_match *match,
		      const struct catalog_index_node *node)
{
	const struct catalog_index_state_of *state;

	if (node->kind != CATALOG_INDEX_NODE_LEAF)
		return UINT64_MAX;
	state = &match->hands.states[node->leaf];
	switch (match->hands.plan->leaves[node->leaf].kind) {
	case CATALOG_INDEX_LEAF_WORD:
	case CATALOG_INDEX_LEAF_VALUE: return state->postings;
	case CATALOG_INDEX_LEAF_PHRASE: return state->slot_count;
	case CATALOG_INDEX_LEAF_PREFIX: return match->hands.segment->slots / 4;
	case CATALOG_INDEX_LEAF_ISSUED:
	case CATALOG_INDEX_LEAF_MODIFIED:
	case CATALOG_INDEX_LEAF_TIME:
	case CATALOG_INDEX_LEAF_BBOX: break;
	}
	return UINT64_MAX; /* each document is looked at */
}

/* The children that must be met, the rarest first. */
static size_t sort_children(const struct catalog_index_match *match, uint16_t first,
			    uint16_t ret_order[CATALOG_INDEX_PLAN_NODES_MAX])
{
	const struct catalog_index_node *nodes = match->hands.plan->nodes;
	size_t count = 0;

	for (uint16_t child = first; child != CATALOG_INDEX_PLAN_NONE; child = nodes[child].next) {
		uint64_t own = guess(match, &nodes[child]);
		size_t at;

		if (nodes[child].optional)
			continue;
		for (at = count++; at > 0 && guess(match, &nodes[ret_order[at - 1]]) > own; at--)
			ret_order[at] = ret_order[at - 1];
		ret_order[at] = child;
	}
	return count;
}

static int node_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
		       const uint64_t *need, uint64_t *bits);

static int and_window(struct catalog_index_match *match, uint16_t first, uint32_t window,
		      const uint64_t *need, uint64_t *bits)
{
	const struct catalog_index_node *nodes = match->hands.plan->nodes;
	const struct catalog_index_leaf *last = NULL; /* whose sums are still to be scores */
	uint16_t order[CATALOG_INDEX_PLAN_NODES_MAX];
	size_t count = sort_children(match, first, order), own = 0; /* which sums */
	uint64_t met[WINDOW_WORDS];
	int r = 0;

	memcpy(bits, need, sizeof met);
	for (size_t i = 0; r == 0 && i < count && !catalog_index_bits_are_none(bits); i++) {
		const struct catalog_index_node *node = &nodes[order[i]];
		const struct catalog_index_leaf *leaf =
			node->kind == CATALOG_INDEX_NODE_LEAF
				? &match->hands.plan->leaves[node->leaf]
				: NULL;

		if (leaf != NULL) {
			r = leaf_window(match, node->leaf, window, bits, met, match->sums[own]);
		} else {
			if (last != NULL) /* a node uses the sums */
				add_scores(match, last, match->sums[1 - own], bits);
			last = NULL;
			r = node_window(match, order[i], window, bits, met);
		}
		memcpy(bits, met, sizeof met);
		if (leaf == NULL || !has_sums(leaf))
			continue;
		if (last != NULL)
			add_scores(match, last, match->sums[1 - own], bits);
		last = leaf;
		own = 1 - own;
	}
	if (r == 0 && last != NULL)
		add_scores(match, last, match->sums[1 - own], bits);
	for (uint16_t at = first; r == 0 && at != CATALOG_INDEX_PLAN_NONE; at = nodes[at].next)
		if (nodes[at].optional && !catalog_index_bits_are_none(bits))
			r = node_window(match, at, window, bits, met);
	return r;
}

/* Which of those needed meet a node; the depth of the tree is bounded by that of the query. */
static int node_window(struct catalog_index_match *match, uint16_t nth, uint32_t window,
		       const uint64_t *need, uint64_t *bits)
{
	const struct catalog_index_node *nodes = match->hands.plan->nodes, *node = &nodes[nth];
	uint64_t own[WINDOW_WORDS];
	int r = 0;

	switch (node->kind) {
	case CATALOG_INDEX_NODE_ALL: memcpy(bits, need, sizeof own); return 0;
	case CATALOG_INDEX_NODE_LEAF: return scored_window(match, node->leaf, window, need, bits);
	case CATALOG_INDEX_NODE_AND: return and_window(match, node->child, window, need, bits);
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
	uint32_t slots = catalog_index_segment_window_slots(match->hands.segment->slots, window);
	int r = catalog_index_segment_dead(match->hands.txn, match->hands.segment, window, need);

	if (r != 0)
		return r;
	for (uint32_t i = 0; i < WINDOW_WORDS; i++)
		need[i] = i * 64 + 64 <= slots ? ~need[i]
			  : i * 64 >= slots    ? 0
					       : ~need[i] & ((UINT64_C(1) << slots % 64) - 1);
	memset(match->whole, 0xff, sizeof match->whole);
	if (match->few.is_there) {
		catalog_index_few_window(&match->few, window, ret_bits, match->scores);
		for (size_t i = 0; i < WINDOW_WORDS; i++)
			ret_bits[i] &= need[i];
		return 0;
	}
	memset(match->scored, 0, sizeof match->scored);
	r = node_window(match, match->hands.plan->root, window, need, ret_bits);
	for (uint32_t i = 0; r == 0 && i < WINDOW_WORDS; i++) /* what matches without a word */
		for (uint64_t left = ret_bits[i] & ~match->scored[i]; left != 0; left &= left - 1)
			match->scores[i * 64 + (uint32_t)__builtin_ctzll(left)] = 0;
	return r == 0 && match->hands.read > match->hands.postings_max ? -ENOSPC : r;
}

int catalog_index_match_explain(struct catalog_index_match *match,
				const struct catalog_index_segment *segment,
				const struct catalog_index_list *lists, uint32_t slot,
				float gives[CATALOG_INDEX_PLAN_LEAVES_MAX])
{
	uint64_t bits[WINDOW_WORDS], need[WINDOW_WORDS] = {0};
	int r = catalog_index_leaf_begin(&match->hands, segment, lists);

	memset(gives, 0, CATALOG_INDEX_PLAN_LEAVES_MAX * sizeof *gives);
	set(need, slot % WINDOW);
	for (uint16_t i = 0; r == 0 && i < match->hands.plan->leaf_count; i++) {
		if (!match->hands.plan->leaves[i].scored)
			continue;
		memset(match->scored, 0, sizeof match->scored);
		r = scored_window(match, i, slot / WINDOW, need, bits);
		gives[i] = r == 0 && !catalog_index_bits_are_none(bits)
				   ? match->scores[slot % WINDOW]
				   : 0;
	}
	return r;
}
