/* catalog/index_few.h - the documents of a segment that have all the words, where one word is so
 * rare that looking for each of its documents in the lists of the others is the shortest way. */
#ifndef CATALOG_INDEX_FEW_H
#define CATALOG_INDEX_FEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_leaf.h"
#include "catalog/index_list.h"

/* {0} begins; ended by _close. */
struct catalog_index_few {
	bool is_there; /* else the plan, or the segment, is not of that kind */
	uint32_t *slots;
	float *scores;
	float *sums, *own; /* of the rarest word; of the one at hand */
	size_t count, room, next;
};

/* Find them, of a segment that was begun, whose walks go forward if few->is_there afterwards.
 * Returns 0, -ENOMEM, -EIO, -ENOSPC if the budget of postings is spent. */
int catalog_index_few_find(struct catalog_index_few *few, struct catalog_index_hands *hands);
void catalog_index_few_close(struct catalog_index_few *few);

/* The first window at or after `from` that has some; UINT32_MAX if none has.  Windows ascend. */
uint32_t catalog_index_few_next(struct catalog_index_few *few, uint32_t from);

/* Those in a window, dead ones included, and their scores. */
void catalog_index_few_window(const struct catalog_index_few *few, uint32_t window,
			      uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS],
			      float scores[CATALOG_INDEX_LIST_WINDOW]);

#endif
