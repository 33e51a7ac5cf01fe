#include "catalog/index_best.h"

/* Whether a comes after b in the answer. */
static bool is_worse(const struct catalog_index_hit *a, const struct catalog_index_hit *b)
{
	if (a->whole != b->whole)
		return b->whole;
	if (a->key < b->key || a->key > b->key)
		return a->key < b->key;
	if (a->segment != b->segment)
		return a->segment < b->segment;
	return a->slot < b->slot;
}

static void sift_down(struct catalog_index_hit *heap, size_t count)
{
	struct catalog_index_hit moved = heap[0];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < count && is_worse(&heap[child + 1], &heap[child]))
			child++;
		if (child >= count || !is_worse(&heap[child], &moved))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

void catalog_index_best_keep(struct catalog_index_best *best, const struct catalog_index_hit *hit)
{
	size_t i = best->count;

	if (i == best->room) {
		if (!is_worse(&best->hits[0], hit))
			return;
		best->hits[0] = *hit;
		sift_down(best->hits, i);
		return;
	}
	best->count++;
	for (; i > 0 && is_worse(hit, &best->hits[(i - 1) / 2]); i = (i - 1) / 2)
		best->hits[i] = best->hits[(i - 1) / 2];
	best->hits[i] = *hit;
}

void catalog_index_best_sort(struct catalog_index_best *best)
{
	for (size_t n = best->count; n > 1; n--) {
		struct catalog_index_hit worst = best->hits[0];

		best->hits[0] = best->hits[n - 1];
		sift_down(best->hits, n - 1);
		best->hits[n - 1] = worst;
	}
}
