/* catalog/index_order.h - terms put in order: mostly their first bytes tell. */
#ifndef CATALOG_INDEX_ORDER_H
#define CATALOG_INDEX_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct catalog_index_place {
	uint64_t first; /* eight bytes, big-endian, zeros after a shorter term */
	uint32_t term;  /* place in the owner's terms */
	uint32_t at;    /* the owner's */
};

/* Sort by first, those of the same first by compare.  Returns 0, -ENOMEM. */
int catalog_index_order_sort(struct catalog_index_place *places, size_t count,
			     int (*compare)(const void *a, const void *b, void *arg), void *arg);

#endif
