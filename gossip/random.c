#include "gossip/random.h"

#include <assert.h>

uint64_t gossip_random_next(struct gossip_random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t gossip_random_below(struct gossip_random *random, uint64_t limit)
{
	assert(limit > 0);
	return gossip_random_next(random) % limit;
}

uint64_t gossip_random_jitter(struct gossip_random *random, uint64_t base_ms)
{
	return base_ms - base_ms / 4 + gossip_random_below(random, base_ms / 2 + 1);
}
