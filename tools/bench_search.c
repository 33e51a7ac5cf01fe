/* tools/bench_search.c - our search index beside SQLite's FTS5 and Xapian, in one run:
 *
 *   bench_search [-n LISTINGS] [-q QUERIES] [-p PASSES] [-w LISTINGS] [-s SEED] [-e
 * TOOLS_BENCH_REPORT_ENGINES]
 *
 * A corpus that is made up (tools/bench_corpus) is loaded into all three, a thousand listings into
 * each in turn, so that what else the machine does meets all alike; only adding is timed.  Ours is
 * loaded twice, with the index and without: the difference is what the index costs.  Then QUERIES
 * of each class are asked PASSES times of each engine, by one reader; of all classes by one and by
 * two threads; and while a writer adds -w more listings as fast as it can.
 * TOOLS_BENCH_REPORT_ENGINES is some of the letters f (ours), s (SQLite) and x (Xapian).
 *
 * All answers hold the exact total and the best ten.  Totals, and the counts of facets, are
 * compared before anything is measured.  Latencies are told by the clock and by what the thread
 * used of a processor: the latter hardly depends on what else the machine does. */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "tools/bench_corpus.h"
#include "tools/bench_engine.h"
#include "tools/bench_report.h"

#define COUNT_MAX   10000000
#define QUERIES_MAX 1000
#define PASSES_MAX  100
#define BLOCK       1000
#define ROUNDS_MAX  100000 /* of all queries, while a writer adds */
#define DIFFER_MAX  3      /* told of each class */

static const struct {
	char letter;
	const struct tools_bench_engine *engine;
} engines[TOOLS_BENCH_REPORT_ENGINES] = {
	{'f', &tools_bench_fedcat},
#ifdef HAVE_SQLITE
	{'s', &tools_bench_fts5},
#else
	{'s', NULL},
#endif
#ifdef HAVE_XAPIAN
	{'x', &tools_bench_xapian},
#else
	{'x', NULL},
#endif
};

static double clock_s(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* both exist wherever LMDB runs */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct tools_bench_cost begin(clockid_t cpu)
{
	return (struct tools_bench_cost){clock_s(CLOCK_MONOTONIC), clock_s(cpu)};
}

static struct tools_bench_cost since(struct tools_bench_cost start, clockid_t cpu)
{
	return (struct tools_bench_cost){clock_s(CLOCK_MONOTONIC) - start.wall_s,
					 clock_s(cpu) - start.cpu_s};
}

static void must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_search: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* --- building ---------------------------------------------------------------------------------
 */

static void open_run(struct tools_bench_run *run, const char *base, const char *name)
{
	snprintf(run->dir, sizeof run->dir, "%s/%s", base, name);
	if (mkdir(run->dir, 0700) != 0) {
		perror(run->dir);
		exit(1);
	}
	must(run->engine->open(run->dir, &run->store), run->engine->name);
}

static void add_cost(struct tools_bench_cost *sum, struct tools_bench_cost cost)
{
	sum->wall_s += cost.wall_s;
	sum->cpu_s += cost.cpu_s;
}

static void add_block(struct tools_bench_run *run, const struct tools_bench_doc *docs, size_t count)
{
	struct tools_bench_cost start = begin(CLOCK_PROCESS_CPUTIME_ID);

	if (run->engine == NULL)
		return;
	must(run->engine->add(run->store, docs, count), run->engine->name);
	add_cost(&run->build, since(start, CLOCK_PROCESS_CPUTIME_ID));
}

static void end_build(struct tools_bench_run *run)
{
	struct tools_bench_cost start = begin(CLOCK_PROCESS_CPUTIME_ID);

	if (run->engine == NULL)
		return;
	must(run->engine->finish(run->store), run->engine->name);
	if (run->engine->optimize != NULL)
		must(run->engine->optimize(run->store), run->engine->name);
	add_cost(&run->build, since(start, CLOCK_PROCESS_CPUTIME_ID));
	run->bytes = run->engine->bytes(run->store);
}

static void make_docs(const struct tools_bench_all *bench, uint32_t from, size_t count,
		      struct tools_bench_doc *docs)
{
	for (size_t i = 0; i < count; i++)
		tools_bench_corpus_doc(bench->corpus, from + (uint32_t)i, &docs[i]);
}

static void close_docs(struct tools_bench_doc *docs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tools_bench_corpus_doc_close(&docs[i]);
}

static void build(struct tools_bench_all *bench)
{
	static struct tools_bench_doc docs[BLOCK];

	for (uint32_t at = 0; at < bench->count; at += BLOCK) {
		size_t count = bench->count - at < BLOCK ? bench->count - at : BLOCK;

		make_docs(bench, at, count, docs);
		for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
			add_block(&bench->runs[e], docs, count);
		add_block(&bench->bare, docs, count);
		close_docs(docs, count);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%u of %u", at + (unsigned)count, bench->count);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		end_build(&bench->runs[e]);
	end_build(&bench->bare);
}

/* --- whether they agree -----------------------------------------------------------------------
 */

static bool agree(const struct tools_bench_answer *a, const struct tools_bench_answer *b)
{
	return a->total == b->total && memcmp(a->counts, b->counts, sizeof a->counts) == 0;
}

static void compare_query(struct tools_bench_all *bench, struct tools_bench_reader **readers,
			  unsigned kind, unsigned i, unsigned *differ)
{
	const struct tools_bench_query *query = &bench->asked[kind][i];
	static struct tools_bench_answer answers[TOOLS_BENCH_REPORT_ENGINES];
	const struct tools_bench_answer *first = NULL;
	bool same = true;

	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		struct tools_bench_run *run = &bench->runs[e];
		int r;

		if (run->engine == NULL || run->missing[kind])
			continue;
		memset(&answers[e], 0, sizeof answers[e]);
		r = run->engine->search(readers[e], query, &answers[e]);
		if (r == -ENOTSUP) {
			run->missing[kind] = true;
			continue;
		}
		must(r, query->text);
		if (first == NULL)
			first = &answers[e];
		same = same && agree(first, &answers[e]);
	}
	if (same || (*differ)++ >= DIFFER_MAX)
		return;
	printf("  %s \"%s\":", tools_bench_corpus_class_name(kind), query->text);
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		if (bench->runs[e].engine != NULL && !bench->runs[e].missing[kind])
			printf(" %s %llu", bench->runs[e].engine->name,
			       (unsigned long long)answers[e].total);
	printf("\n");
}

static void compare_all(struct tools_bench_all *bench)
{
	struct tools_bench_reader *readers[TOOLS_BENCH_REPORT_ENGINES] = {NULL};

	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		if (bench->runs[e].engine != NULL)
			must(bench->runs[e].engine->reader_new(bench->runs[e].store, &readers[e]),
			     "reader");
	printf("answers whose total, or count of a facet, is not the same in each engine:\n");
	for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++) {
		unsigned differ = 0;

		for (unsigned i = 0; i < bench->queries; i++)
			compare_query(bench, readers, kind, i, &differ);
		printf("  %-12s %u of %u%s\n", tools_bench_corpus_class_name(kind), differ,
		       bench->queries,
		       bench->runs[0].missing[kind] ? " (ours: not there yet)" : "");
	}
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		if (bench->runs[e].engine != NULL)
			bench->runs[e].engine->reader_free(readers[e]);
}

/* --- latency ----------------------------------------------------------------------------------
 */

static struct tools_bench_cost ask(const struct tools_bench_run *run,
				   struct tools_bench_reader *reader,
				   const struct tools_bench_query *query)
{
	struct tools_bench_answer answer;
	struct tools_bench_cost start = begin(CLOCK_THREAD_CPUTIME_ID);

	must(run->engine->search(reader, query, &answer), query->text);
	return since(start, CLOCK_THREAD_CPUTIME_ID);
}

static void measure_idle(struct tools_bench_all *bench, struct tools_bench_run *run)
{
	struct tools_bench_reader *reader;

	must(run->engine->reader_new(run->store, &reader), "reader");
	for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++) {
		if (run->missing[kind])
			continue;
		run->idle[kind] =
			calloc((size_t)bench->passes * bench->queries, sizeof *run->idle[kind]);
		must(run->idle[kind] == NULL ? -ENOMEM : 0, "memory");
		for (unsigned pass = 0; pass < bench->passes; pass++)
			for (unsigned i = 0; i < bench->queries; i++)
				run->idle[kind][(size_t)pass * bench->queries + i] =
					ask(run, reader, &bench->asked[kind][i]);
	}
	run->engine->reader_free(reader);
}

/* One who asks all queries, over and over until told to stop, or once. */
struct asker {
	const struct tools_bench_all *bench;
	const struct tools_bench_run *run;
	unsigned from;
	atomic_bool *stop; /* NULL: once */
	struct tools_bench_cost *costs;
	size_t count, room;
	double cpu_s;
};

static void ask_round(struct asker *asker, struct tools_bench_reader *reader)
{
	for (unsigned n = 0; n < asker->bench->queries; n++) {
		unsigned i = (n + asker->from) % asker->bench->queries;

		for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++) {
			struct tools_bench_cost cost;

			if (asker->run->missing[kind])
				continue;
			if (asker->stop != NULL && atomic_load(asker->stop))
				return;
			cost = ask(asker->run, reader, &asker->bench->asked[kind][i]);
			if (asker->count < asker->room)
				asker->costs[asker->count] = cost;
			asker->count++;
		}
	}
}

static void *ask_all(void *arg)
{
	struct asker *asker = arg;
	struct tools_bench_reader *reader;
	double start = clock_s(CLOCK_THREAD_CPUTIME_ID);

	must(asker->run->engine->reader_new(asker->run->store, &reader), "reader");
	do
		ask_round(asker, reader);
	while (asker->stop != NULL && !atomic_load(asker->stop));
	asker->run->engine->reader_free(reader);
	asker->cpu_s = clock_s(CLOCK_THREAD_CPUTIME_ID) - start;
	return NULL;
}

static void measure_threads(struct tools_bench_all *bench, struct tools_bench_run *run,
			    unsigned threads)
{
	struct asker askers[2];
	pthread_t ids[2];
	double start = clock_s(CLOCK_MONOTONIC), cpu_s = 0;
	size_t count = 0;

	for (unsigned i = 0; i < threads; i++) {
		askers[i] =
			(struct asker){.bench = bench, .run = run, .from = i * bench->queries / 2};
		must(-pthread_create(&ids[i], NULL, ask_all, &askers[i]), "thread");
	}
	for (unsigned i = 0; i < threads; i++) {
		must(-pthread_join(ids[i], NULL), "thread");
		count += askers[i].count;
		cpu_s += askers[i].cpu_s;
	}
	run->per_s[threads - 1] = (double)count / (clock_s(CLOCK_MONOTONIC) - start);
	run->busy_per_s[threads - 1] = (double)count / cpu_s * threads;
}

/* --- while a writer writes --------------------------------------------------------------------
 */

static void measure_busy(struct tools_bench_all *bench, struct tools_bench_run *run,
			 const struct tools_bench_doc *docs)
{
	size_t room = (size_t)ROUNDS_MAX;
	atomic_bool stop = false;
	struct asker asker = {.bench = bench, .run = run, .room = room};
	pthread_t id;
	double start;

	asker.costs = calloc(room, sizeof *asker.costs);
	must(asker.costs == NULL ? -ENOMEM : 0, "memory");
	(void)ask_all(&asker); /* once, with nothing else going on */
	run->idle_p99 = tools_bench_report_percentile(asker.costs,
						      asker.count < room ? asker.count : room, 99);
	asker.count = 0;
	asker.stop = &stop;
	must(-pthread_create(&id, NULL, ask_all, &asker), "thread");
	start = clock_s(CLOCK_MONOTONIC);
	for (uint32_t at = 0; at < bench->more; at += BLOCK) {
		uint32_t count = bench->more - at < BLOCK ? bench->more - at : BLOCK;

		must(run->engine->add(run->store, docs + at, count), run->engine->name);
	}
	must(run->engine->finish(run->store), run->engine->name);
	run->added_per_s = bench->more / (clock_s(CLOCK_MONOTONIC) - start);
	atomic_store(&stop, true);
	must(-pthread_join(id, NULL), "thread");
	run->busy_count = asker.count;
	run->busy_p99 = tools_bench_report_percentile(asker.costs,
						      asker.count < room ? asker.count : room, 99);
	free(asker.costs);
}

static void measure(struct tools_bench_all *bench)
{
	struct tools_bench_doc *docs = calloc(bench->more + 1, sizeof *docs);

	must(docs == NULL ? -ENOMEM : 0, "memory");
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		if (bench->runs[e].engine == NULL)
			continue;
		measure_idle(bench, &bench->runs[e]);
		measure_threads(bench, &bench->runs[e], 1);
		measure_threads(bench, &bench->runs[e], 2);
	}
	make_docs(bench, bench->count, bench->more, docs);
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES && bench->more > 0; e++)
		if (bench->runs[e].engine != NULL)
			measure_busy(bench, &bench->runs[e], docs);
	close_docs(docs, bench->more);
	free(docs);
}

/* --- from start to end ------------------------------------------------------------------------
 */

static void remove_tree(const char *dir)
{
	char command[400];

	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	if (system(command) != 0)
		fprintf(stderr, "bench_search: %s stays\n", dir);
}

static unsigned number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < min || n > max) {
		fprintf(stderr, "bench_search: %s: a number from %lu to %lu is wanted\n", text, min,
			max);
		exit(2);
	}
	return (unsigned)n;
}

static void choose(struct tools_bench_all *bench, const char *letters)
{
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		if (strchr(letters, engines[e].letter) == NULL)
			continue;
		bench->runs[e].engine = engines[e].engine;
		if (engines[e].engine == NULL)
			fprintf(stderr,
				"bench_search: without %s, because %s was not there when this was "
				"built (tools/install-packages bench)\n",
				engines[e].letter == 's' ? "SQLite" : "Xapian",
				engines[e].letter == 's' ? "libsqlite3-dev" : "libxapian-dev");
	}
	if (bench->runs[0].engine != NULL)
		bench->bare.engine = &tools_bench_fedcat_bare;
}

static void prepare(struct tools_bench_all *bench)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : BENCH_SRCDIR;
	int r = tools_bench_corpus_new(srcdir, bench->seed, bench->count, &bench->corpus);

	if (r != 0) {
		fprintf(stderr,
			"bench_search: no word lists below %s (set srcdir to where "
			"catalog/dictionary is): %s\n",
			srcdir, strerror(-r));
		exit(1);
	}
	for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++) {
		bench->asked[kind] = calloc(bench->queries, sizeof **bench->asked);
		must(bench->asked[kind] == NULL ? -ENOMEM : 0, "memory");
		for (unsigned i = 0; i < bench->queries; i++)
			tools_bench_corpus_query(bench->corpus, kind, i, &bench->asked[kind][i]);
	}
}

static void end(struct tools_bench_all *bench)
{
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++) {
		struct tools_bench_run *run = &bench->runs[e];

		if (run->engine != NULL)
			run->engine->close(run->store);
		for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++)
			free(run->idle[kind]);
	}
	if (bench->bare.engine != NULL)
		bench->bare.engine->close(bench->bare.store);
	for (unsigned kind = 0; kind < TOOLS_BENCH_CLASSES; kind++)
		free(bench->asked[kind]);
	tools_bench_corpus_free(bench->corpus);
}

int main(int argc, char **argv)
{
	static struct tools_bench_all bench = {
		.count = 1000000, .queries = 100, .passes = 3, .more = 20000, .seed = 7};
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	const char *letters = "fsx";
	char base[200];
	int option;

	while ((option = getopt(argc, argv, "n:q:p:w:s:e:")) != -1) {
		switch (option) {
		case 'n': bench.count = number(optarg, 1000, COUNT_MAX); break;
		case 'q': bench.queries = number(optarg, 2, QUERIES_MAX); break;
		case 'p': bench.passes = number(optarg, 1, PASSES_MAX); break;
		case 'w': bench.more = number(optarg, 0, COUNT_MAX); break;
		case 's': bench.seed = number(optarg, 0, UINT32_MAX); break;
		case 'e': letters = optarg; break;
		default:
			fprintf(stderr, "usage: bench_search [-n LISTINGS] [-q QUERIES] "
					"[-p PASSES] [-w LISTINGS] [-s SEED] [-e "
					"TOOLS_BENCH_REPORT_ENGINES]\n");
			return 2;
		}
	}
	snprintf(base, sizeof base, "%s/bench_search.XXXXXX", tmp);
	if (sodium_init() < 0 || mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	choose(&bench, letters);
	prepare(&bench);
	printf("%u listings, seed %llu, %u queries of each class %u times, files in %s\n",
	       bench.count, (unsigned long long)bench.seed, bench.queries, bench.passes, base);
	for (size_t e = 0; e < TOOLS_BENCH_REPORT_ENGINES; e++)
		if (bench.runs[e].engine != NULL)
			open_run(&bench.runs[e], base, (char[]){engines[e].letter, 0});
	if (bench.bare.engine != NULL)
		open_run(&bench.bare, base, "bare");
	build(&bench);
	compare_all(&bench);
	measure(&bench);
	tools_bench_report_print(&bench);
	end(&bench);
	remove_tree(base);
	return 0;
}
