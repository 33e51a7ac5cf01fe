/* gossip/random.h - random choices that a seed repeats.  Not for secrets.
 *
 * splitmix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
 */
#ifndef GOSSIP_RANDOM_H
#define GOSSIP_RANDOM_H

#include <stdint.h>

struct gossip_random {
	uint64_t state; /* any value is a seed */
};

/* The next 64 bits. */
uint64_t gossip_random_next(struct gossip_random *random);

/* A number below limit, which is not 0; evenly but for a bias under limit / 2^64. */
uint64_t gossip_random_below(struct gossip_random *random, uint64_t limit);

/* base_ms give or take a quarter, so that many nodes do not act in step. */
uint64_t gossip_random_jitter(struct gossip_random *random, uint64_t base_ms);

#endif
