/* tools/bench_report.h - what tools/bench_search has measured, and how it is printed. */
#ifndef TOOLS_BENCH_REPORT_H
#define TOOLS_BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/bench_corpus.h"
#include "tools/bench_engine.h"

#define TOOLS_BENCH_REPORT_ENGINES 3 /* ours is the first */

struct tools_bench_cost {
	double wall_s, cpu_s;
};

/* Of one engine. */
struct tools_bench_run {
	const struct tools_bench_engine *engine; /* NULL: left out */
	struct tools_bench_store *store;
	char dir[300];
	struct tools_bench_cost build;
	uint64_t bytes;
	bool missing[TOOLS_BENCH_CLASSES]; /* not there yet */
	/* One for each pass and query. */
	struct tools_bench_cost *idle[TOOLS_BENCH_CLASSES];
	double per_s[2], busy_per_s[2]; /* queries, by one and two threads; of a second of CPU */
	struct tools_bench_cost idle_p99, busy_p99; /* of all classes together */
	size_t busy_count;
	double added_per_s;
};

struct tools_bench_all {
	uint32_t count, more;
	unsigned queries, passes;
	uint64_t seed;
	struct tools_bench_corpus *corpus;
	struct tools_bench_query *asked[TOOLS_BENCH_CLASSES];
	struct tools_bench_run runs[TOOLS_BENCH_REPORT_ENGINES];
	struct tools_bench_run bare;
};

/* The cost that so many of a hundred are at most, by the clock and by the processor, each for
 * itself; sorts the costs. */
struct tools_bench_cost tools_bench_report_percentile(struct tools_bench_cost *costs, size_t count,
						      unsigned hundredths);

void tools_bench_report_print(struct tools_bench_all *bench);

#endif
