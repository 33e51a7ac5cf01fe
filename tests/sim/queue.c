#include "tests/sim/queue.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_before(const struct queue_item *a, const struct queue_item *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct queue *queue, size_t a, size_t b)
{
	struct queue_item *item = queue->items[a];

	queue->items[a] = queue->items[b];
	queue->items[b] = item;
}

void queue_put(struct queue *queue, struct queue_item *item)
{
	size_t i = queue->count;

	if (queue->count == queue->room) {
		queue->room = 2 * queue->room + 1024;
		queue->items = realloc(queue->items, queue->room * sizeof(struct queue_item *));
		if (queue->items == NULL) {
			fprintf(stderr, "simulation: out of memory\n");
			exit(99);
		}
	}
	item->order = queue->order++;
	queue->items[queue->count++] = item;
	for (; i > 0 && is_before(queue->items[i], queue->items[(i - 1) / 2]); i = (i - 1) / 2)
		swap(queue, i, (i - 1) / 2);
}

uint64_t queue_next_us(const struct queue *queue)
{
	return queue->count > 0 ? queue->items[0]->at_us : UINT64_MAX;
}

struct queue_item *queue_take(struct queue *queue)
{
	struct queue_item *first;

	if (queue->count == 0)
		return NULL;
	first = queue->items[0];
	queue->items[0] = queue->items[--queue->count];
	for (size_t i = 0;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < queue->count; k++)
			if (is_before(queue->items[k], queue->items[least]))
				least = k;
		if (least == i)
			return first;
		swap(queue, i, least);
		i = least;
	}
}

void queue_close(struct queue *queue)
{
	free(queue->items);
	*queue = (struct queue){0};
}
