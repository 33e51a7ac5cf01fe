#include "gossip/rate.h"

#include <assert.h>

#define PARTS 1000 /* of a byte: a byte a second is one a millisecond */

static int64_t most(const struct gossip_rate *rate)
{
	return (int64_t)(rate->bytes_s * PARTS);
}

/* What time has brought. */
static void fill(struct gossip_rate *rate, uint64_t now_ms)
{
	uint64_t ms = now_ms > rate->at_ms ? now_ms - rate->at_ms : 0;
	int64_t lacks = most(rate) - rate->tokens;

	if (now_ms > rate->at_ms)
		rate->at_ms = now_ms;
	if (lacks <= 0 || ms >= (uint64_t)lacks / rate->bytes_s + 1)
		rate->tokens = most(rate);
	else
		rate->tokens += (int64_t)(ms * rate->bytes_s);
}

void gossip_rate_set(struct gossip_rate *rate, uint64_t bytes_s, uint64_t now_ms)
{
	assert(bytes_s == 0 || bytes_s >= GOSSIP_RATE_LEAST);
	assert(bytes_s <= INT64_MAX / PARTS / 4);
	if (rate->bytes_s == bytes_s)
		return;
	if (rate->bytes_s == 0) {
		rate->at_ms = now_ms;
		rate->tokens = (int64_t)(bytes_s * PARTS);
	} else {
		fill(rate, now_ms);
	}
	rate->bytes_s = bytes_s;
	if (rate->tokens > most(rate))
		rate->tokens = most(rate);
}

void gossip_rate_take(struct gossip_rate *rate, uint64_t bytes, uint64_t now_ms)
{
	if (rate->bytes_s == 0)
		return;
	assert(bytes <= INT64_MAX / PARTS / 4);
	fill(rate, now_ms);
	rate->tokens -= (int64_t)(bytes * PARTS);
}

void gossip_rate_give(struct gossip_rate *rate, uint64_t bytes, uint64_t now_ms)
{
	if (rate->bytes_s == 0)
		return;
	assert(bytes <= INT64_MAX / PARTS / 4);
	fill(rate, now_ms);
	rate->tokens += (int64_t)(bytes * PARTS);
	if (rate->tokens > most(rate))
		rate->tokens = most(rate);
}

uint64_t gossip_rate_due_ms(struct gossip_rate *rate, uint64_t now_ms)
{
	if (rate->bytes_s == 0)
		return now_ms;
	fill(rate, now_ms);
	return rate->tokens > 0 ? now_ms : now_ms + (uint64_t)-rate->tokens / rate->bytes_s + 1;
}
