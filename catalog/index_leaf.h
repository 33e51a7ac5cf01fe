/* catalog/index_leaf.h - what the leaves of a plan have in one segment: their lists, opened. */
#ifndef CATALOG_INDEX_LEAF_H
#define CATALOG_INDEX_LEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_impact.h"
#include "catalog/index_plan.h"
#include "catalog/index_segment.h"
#include "catalog/index_walk.h"

/* One list of a leaf. */
struct catalog_index_hand {
	const struct catalog_index_list *list;
	struct catalog_index_walk *walk;
	float weight;
	uint32_t place; /* in the walk's block, of the last that was sought; nothing wanted is
			   before */
};

/* A leaf in the segment. */
struct catalog_index_state_of {
	size_t first, count; /* its hands */
	uint64_t postings;   /* of them; about how many documents it has */
	/* Found when the segment was begun: documents of a phrase, ascending; bits of a prefix. */
	uint32_t *slots;
	float *sums;
	size_t slot_count, slot_room, slot_next;
	uint64_t *bits;
	struct catalog_span *plains;
	size_t plain_count;
};

struct catalog_index_hands {
	struct catalog_txn *txn;
	struct catalog_cursor *cursor;
	const struct catalog_index_plan *plan;
	const struct catalog_index_segment *segment;
	uint64_t read, postings_max;
	struct catalog_index_hand *hands;
	struct catalog_index_walk *walks;
	size_t room, count;
	struct catalog_index_state_of states[CATALOG_INDEX_PLAN_LEAVES_MAX];
	float sums[256]; /* of impacts */
};

/* The plan is borrowed.  End them with _close, also after a failure.  Returns 0, -ENOMEM. */
int catalog_index_leaf_open(struct catalog_index_hands *hands, struct catalog_txn *txn,
			    const struct catalog_index_plan *plan, uint64_t postings_max);
void catalog_index_leaf_close(struct catalog_index_hands *hands);

/* Begin a segment; lists are those of the plan's terms in it (catalog/index_match).
 * Returns 0, -EIO, -ENOMEM, -ENOSPC if the budget of postings is spent. */
int catalog_index_leaf_begin(struct catalog_index_hands *hands,
			     const struct catalog_index_segment *segment,
			     const struct catalog_index_list *lists);

/* Go to the first posting at or after slot, which must not decrease, and which is at *ret_place of
 * the walk's block; false if there is none, or hand->walk->error says why. */
bool catalog_index_leaf_seek(struct catalog_index_hands *hands, struct catalog_index_hand *hand,
			     uint32_t slot, uint32_t *ret_place);

/* The place in a block, at or after `from`, of the first slot at or after slot. */
uint32_t catalog_index_leaf_place(const struct catalog_index_block *block, uint32_t from,
				  uint32_t slot);

/* What a leaf gives to a document in which it is worth sum; rounded so that what leaves give adds
 * up to the same in any order. */
static inline float catalog_index_leaf_score(const struct catalog_index_leaf *leaf, float sum)
{
	float gives =
		leaf->idf * (CATALOG_INDEX_IMPACT_K1 + 1) * sum / (CATALOG_INDEX_IMPACT_K1 + sum);

	return leaf->scored ? gives + 1024 - 1024 : 0; /* to 1/8192, what a float beyond 1024 has */
}

/* The first window at or after `from` in which a leaf has something; UINT32_MAX if none has. */
uint32_t catalog_index_leaf_next(struct catalog_index_hands *hands, uint16_t nth, uint32_t from);

#endif
