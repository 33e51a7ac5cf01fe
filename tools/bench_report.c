#include "tools/bench_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_wall(const void *a, const void *b)
{
	const struct tools_bench_cost *x = a, *y = b;

	return (x->wall_s > y->wall_s) - (x->wall_s < y->wall_s);
}

static int compare_cpu(const void *a, const void *b)
{
	const struct tools_bench_cost *x = a, *y = b;

	return (x->cpu_s > y->cpu_s) - (x->cpu_s < y->cpu_s);
}

struct tools_bench_cost tools_bench_report_percentile(struct tools_bench_cost *costs, size_t count,
						      unsigned hundredths)
{
	struct tools_bench_cost found = {0, 0};
	size_t at = (count * hundredths + 99) / 100;

	if (count == 0)
		return found;
	at = at > 0 ? at - 1 : 0;
	qsort(costs, count, sizeof *costs, compare_wall);
	found.wall_s = costs[at].wall_s;
	qsort(costs, count, sizeof *costs, compare_cpu);
	found.cpu_s = costs[at].cpu_s;
	return found;
}

/* Ours beside the better of the others; lower is better. */
static void print_row(const struct tools_bench_all *bench, const char *name, const char *unit,
		      const double values[TOOLS_BENCH_REPORT_ENGINES],
		      const bool there[TOOLS_BENCH_REPORT_ENGINES], const char *target)
{
	bool missing = bench->runs[0].engine != NULL && !there[0];
	double best = 0;

	printf("%-12s %-12s", name, unit);
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		if (!there[e])
			printf(" %12s", e == 0 && missing ? "not there" : "-");
		else
			printf(" %12.*f", values[e] < 100 ? 1 : 0, values[e]);
		if (e > 0 && there[e] && (best <= 0 || values[e] < best))
			best = values[e];
	}
	if (there[0] && best > 0)
		printf("  %6.2f  %s\n", values[0] / best, target);
	else
		printf("  %6s  %s\n", missing ? "yet" : "-", target);
}

static void print_class(struct tools_bench_all *bench, unsigned kind)
{
	static const struct {
		const char *name;
		unsigned hundredths;
		bool cpu;
	} rows[] = {{"p50 us", 50, false},
		    {"p99 us", 99, false},
		    {"p50 us CPU", 50, true},
		    {"p99 us CPU", 99, true}};
	const char *target = kind == TOOLS_BENCH_FACETED ? "<= 0.1" : "<= 0.5";
	size_t count = (size_t)bench->passes * bench->queries;

	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		double values[TOOLS_BENCH_REPORT_ENGINES] = {0};
		bool there[TOOLS_BENCH_REPORT_ENGINES];

		for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
			struct tools_bench_run *run = &bench->runs[e];
			struct tools_bench_cost cost;

			there[e] = run->engine != NULL && !run->missing[kind];
			if (!there[e])
				continue;
			cost = tools_bench_report_percentile(run->idle[kind], count,
							     rows[row].hundredths);
			values[e] = (rows[row].cpu ? cost.cpu_s : cost.wall_s) * 1e6;
		}
		print_row(bench, row == 0 ? tools_bench_corpus_class_name(kind) : "",
			  rows[row].name, values, there, target);
	}
}

static void print_build(struct tools_bench_all *bench)
{
	double wall[TOOLS_BENCH_REPORT_ENGINES], cpu[TOOLS_BENCH_REPORT_ENGINES],
		mb[TOOLS_BENCH_REPORT_ENGINES];
	bool there[TOOLS_BENCH_REPORT_ENGINES];

	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		struct tools_bench_run *run = &bench->runs[e];

		there[e] = run->engine != NULL;
		wall[e] = run->build.wall_s;
		cpu[e] = run->build.cpu_s;
		mb[e] = (double)run->bytes / 1e6;
	}
	if (there[0]) {
		print_row(bench, "load, all", "s", wall, there, "");
		print_row(bench, "", "s CPU", cpu, there, "");
		wall[0] -= bench->bare.build.wall_s;
		cpu[0] -= bench->bare.build.cpu_s;
	}
	print_row(bench, "build", "s", wall, there, "<= 1.0");
	print_row(bench, "", "s CPU", cpu, there, "<= 1.0");
	print_row(bench, "index", "MB", mb, there, "<= 1.2");
	if (there[0])
		printf("(load, all: with the entries; without the index ours takes %.1f s, %.1f "
		       "s of CPU, %.0f MB)\n",
		       bench->bare.build.wall_s, bench->bare.build.cpu_s,
		       (double)bench->bare.bytes / 1e6);
}

static void print_load(struct tools_bench_all *bench)
{
	printf("\n%-14s %10s %10s %7s %9s   %10s %10s %7s %9s %10s\n", "", "queries/s", "two",
	       "ratio", "by CPU", "p99 ms", "writing", "ratio", "by CPU", "added/s");
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		const struct tools_bench_run *run = &bench->runs[e];

		if (run->engine == NULL)
			continue;
		printf("%-14s %10.0f %10.0f %7.2f %9.2f", run->engine->name, run->per_s[0],
		       run->per_s[1], run->per_s[1] / run->per_s[0],
		       run->busy_per_s[1] / run->busy_per_s[0]);
		if (run->busy_count > 0)
			printf("   %10.2f %10.2f %7.2f %9.2f %10.0f", run->idle_p99.wall_s * 1e3,
			       run->busy_p99.wall_s * 1e3,
			       run->busy_p99.wall_s / run->idle_p99.wall_s,
			       run->busy_p99.cpu_s / run->idle_p99.cpu_s, run->added_per_s);
		printf("\n");
	}
	printf("%-14s %10s %10s %7s %9s   %10s %10s %7s\n", "target", "", "", ">= 1.8", "", "", "",
	       "<= 2");
	printf("(of the classes that an engine has; p99 of all queries together)\n");
}

void tools_bench_report_print(struct tools_bench_all *bench)
{
	printf("\n%-12s %-12s", "", "");
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		printf(" %12s", bench->runs[e].engine != NULL ? bench->runs[e].engine->name : "-");
	printf("  %6s  %s\n", "ratio", "target");
	print_build(bench);
	for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++)
		print_class(bench, kind);
	print_load(bench);
}
