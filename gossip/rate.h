/* gossip/rate.h - a token bucket: so many bytes a second on average, a second's worth at once.
 *
 * What is taken may be more than there is: then nothing is to be taken until it has been made up
 * for. Time  now_ms, on one clock.
 */
#ifndef GOSSIP_RATE_H
#define GOSSIP_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define GOSSIP_RATE_LEAST 1000 /* bytes a second */

/* All zero: without a limit. */
struct gossip_rate {
	uint64_t bytes_s; /* 0: no limit */
	int64_t tokens;   /* in thousandths of a byte */
	uint64_t at_ms;   /* as of when */
};

/* Change the limit (0: none; else at least GOSSIP_RATE_LEAST).  What was taken stays taken. */
void gossip_rate_set(struct gossip_rate *rate, uint64_t bytes_s, uint64_t now_ms);

/* Take bytes. */
void gossip_rate_take(struct gossip_rate *rate, uint64_t bytes, uint64_t now_ms);

/* Some that were taken were not used. */
void gossip_rate_give(struct gossip_rate *rate, uint64_t bytes, uint64_t now_ms);

/* When bytes may be taken: now or before, if they may now. */
uint64_t gossip_rate_due_ms(struct gossip_rate *rate, uint64_t now_ms);

#endif
