/* catalog/index_best.h - the best of what a search finds: a heap, the worst first. */
#ifndef CATALOG_INDEX_BEST_H
#define CATALOG_INDEX_BEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalog_index_hit {
	double key;
	bool whole;       /* has all the words; those come first */
	uint32_t segment; /* place in the state */
	uint32_t slot;
};

struct catalog_index_best {
	struct catalog_index_hit *hits; /* room of them, the owner's */
	size_t count, room;
};

/* Keep a hit if it is one of the best room. */
void catalog_index_best_keep(struct catalog_index_best *best, const struct catalog_index_hit *hit);

/* Put them in order, the best first; nothing is kept afterwards. */
void catalog_index_best_sort(struct catalog_index_best *best);

#endif
