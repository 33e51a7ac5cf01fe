/* tests/sim/sim_spread.c - how checkpoints and bodies spread through a federation.
 *
 * Usage: sim_spread [--report] [NODES [SEED]].  As a test it runs a small federation and asserts;
 * `sim_spread --report` prints the figures of 1,000 nodes beside their limits, which takes minutes.
 * SIM_SEED=n replays a seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/random.h"
#include "tests/sim/net.h"

#define ROUNDS 20

static int failures;

static void check(const char *what, double figure, double limit)
{
	bool ok = figure <= limit;

	printf("%-62s %10.3f  (at most %g)%s\n", what, figure, limit, ok ? "" : "  NO");
	failures += !ok;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What a spread may cost. */
struct limits {
	double bodies, heads, most_ms, last_ms;
};

/* Publish at random nodes, and see when each of the others holds it. */
static void measure_spread(struct net *net, size_t nodes, struct gossip_random *random,
			   const struct limits *limits)
{
	struct net_totals before = net_totals(net), after;
	uint64_t *delays = calloc(ROUNDS * nodes, sizeof *delays);
	size_t count = 0, missing = 0;

	if (delays == NULL)
		exit(99);
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t publisher = (size_t)gossip_random_below(random, nodes);
		uint64_t start_ms = net_now_ms(net);
		uint64_t size = net_publish(net, publisher);

		net_run(net, 5000);
		for (size_t i = 0; i < nodes; i++) {
			uint64_t held_ms = net_held_ms(net, i, (uint32_t)publisher, size);

			if (held_ms == UINT64_MAX)
				missing++;
			else
				delays[count++] = held_ms - start_ms;
		}
	}
	after = net_totals(net);
	qsort(delays, count, sizeof *delays, by_number);
	check("nodes that lack something 5 s after it was published", (double)missing, 0);
	check("copies of a body sent for each node",
	      (double)(after.entries - before.entries) / (double)(2 * ROUNDS * (nodes - 1)),
	      limits->bodies);
	check("copies of a head received by each node",
	      (double)(after.heads - before.heads) / (double)(ROUNDS * (nodes - 1)), limits->heads);
	if (count > 0) {
		check("publish to hold, 99 of 100, ms", (double)delays[count * 99 / 100],
		      limits->most_ms);
		check("publish to hold, the last, ms", (double)delays[count - 1], limits->last_ms);
	}
	free(delays);
}

static void measure_idle(struct net *net, size_t nodes)
{
	struct net_totals before = net_totals(net), after;

	net_run(net, 5 * 60 * 1000);
	after = net_totals(net);
	/* About four links that each node dialled: two ends. */
	check("bytes a minute a link in a quiet federation",
	      (double)(after.bytes - before.bytes) / 5 / (double)(4 * nodes), 1024);
	check("entries that move without news", (double)(after.entries - before.entries), 0);
}

static void measure_healing(struct net *net, size_t nodes)
{
	size_t reached = 0, up = 0;
	uint64_t size;

	for (size_t i = 1; i < nodes; i += 2)
		net_kill(net, i);
	net_run(net, 60 * 1000);
	size = net_publish(net, 0);
	net_run(net, 10 * 1000);
	for (size_t i = 0; i < nodes; i += 2) {
		up++;
		reached += net_held_ms(net, i, 0, size) != UINT64_MAX;
	}
	check("share of survivors that lack the next checkpoint, of half",
	      1 - (double)reached / (double)up, 0.01);
	net_run(net, 12 * 60 * 1000);
	check("survivors that differ after one anti-entropy period", net_is_equal(net) ? 0 : 1, 0);
}

/* Halves are apart for so long, while so many members publish. */
static void measure_partition(struct net *net, size_t nodes, size_t changed, uint64_t ms)
{
	struct net_totals before, after;
	uint64_t start_ms;

	net_part(net, nodes / 2, true);
	net_run(net, ms / 4);
	for (size_t i = 0; i < changed; i++) {
		(void)net_publish(net, i * nodes / changed);
		net_run(net, ms / 2 / changed);
	}
	net_run(net, ms / 4);
	net_part(net, nodes / 2, false);
	start_ms = net_now_ms(net);
	while (!net_is_equal(net) && net_now_ms(net) < start_ms + 20 * 60 * 1000)
		net_run(net, 1000);
	printf("halves were apart for %.0f minutes, %zu members have published:\n",
	       (double)ms / 60000, changed);
	check("s until equal after a partition of halves",
	      (double)(net_now_ms(net) - start_ms) / 1000, 600);
	net_run(net, 10 * 1000);
	before = net_totals(net);
	net_run(net, 13 * 60 * 1000);
	after = net_totals(net);
	check("entries that the next round of anti-entropy moves",
	      (double)(after.entries - before.entries), 0);
}

static uint64_t trace_of(uint64_t seed, size_t nodes)
{
	struct net_options options = {.seed = seed, .node_count = nodes, .nat_percent = 60};
	struct net *net = net_new(&options);
	uint64_t trace;

	net_run(net, 20000);
	(void)net_publish(net, 1);
	net_run(net, 5000);
	trace = net_trace(net);
	net_free(net);
	return trace;
}

/* In a small federation the links are a larger part of all that there could be. */
static void measure(struct net *net, size_t nodes, uint64_t seed, bool is_report)
{
	struct limits calm = {1.02, nodes < 300 ? 8 : 7.1, 600, 800};
	struct limits deaf = {1.35, nodes < 300 ? 8 : 7.1, 1500, 5000};
	struct gossip_random random = {seed + 1};

	net_run(net, 120 * 1000); /* everybody finds links */
	measure_spread(net, nodes, &random, &calm);
	printf("one in ten of what is asked for is not given:\n");
	net_deafen(net, 10);
	measure_spread(net, nodes, &random, &deaf);
	net_deafen(net, 0);
	net_run(net, 120 * 1000);
	measure_idle(net, nodes);
	if (is_report)
		measure_partition(net, nodes, nodes, 60 * 60 * 1000);
	else
		measure_partition(net, nodes, ROUNDS, 6 * 60 * 1000);
	measure_healing(net, nodes);
}

int main(int argc, char **argv)
{
	const char *given = getenv("SIM_SEED");
	bool is_report = argc > 1 && strcmp(argv[1], "--report") == 0;
	size_t nodes = is_report ? 1000 : 40;
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 20261125;
	struct net_options options = {.nat_percent = 60};
	struct net *net;

	argc -= is_report;
	argv += is_report;
	if (argc > 1)
		nodes = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	if (nodes < 4 || nodes > 4000)
		return 2;
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* a report takes a while */
	printf("SIM_SEED=%llu, %zu nodes, 60 %% of them behind NAT\n", (unsigned long long)seed,
	       nodes);
	check("runs of one seed that differ", trace_of(seed, 8) == trace_of(seed, 8) ? 0 : 1, 0);
	options.seed = seed;
	options.node_count = nodes;
	net = net_new(&options);
	measure(net, nodes, seed, is_report);
	net_free(net);
	return failures == 0 ? 0 : 1;
}
