/* tests/sim/queue.h - what is to happen: by time, and of one time in the order in which it was
 * queued, so that a run can be repeated.
 *
 * An item is the first member of what its owner queues.  Whoever runs out of memory ends.
 */
#ifndef TESTS_SIM_QUEUE_H
#define TESTS_SIM_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct queue_item {
	uint64_t at_us;
	uint64_t order; /* the queue's */
};

/* All zero is an empty one. */
struct queue {
	size_t count, room;
	uint64_t order;
	struct queue_item **items; /* a heap */
};

/* Queue an item at its time; it stays its owner's. */
void queue_put(struct queue *queue, struct queue_item *item);

/* The time of the first item; UINT64_MAX if there is none. */
uint64_t queue_next_us(const struct queue *queue);

/* Take the first item out; NULL if there is none. */
struct queue_item *queue_take(struct queue *queue);

void queue_close(struct queue *queue); /* what is in it stays its owner's */

#endif
