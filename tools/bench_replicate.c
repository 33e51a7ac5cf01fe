/* tools/bench_replicate.c - how long, how many bytes and how much memory it takes to bring a
 * catalogue to a machine that has nothing, and then what has changed of it, with what people would
 * use for that today beside ours, on the same listings:
 *
 *   bench_replicate [-n LISTINGS,...] [-c CHANGED] [-w WAYS] [-p PEERS] [-i] [-m DIR] [-s SEED]
 *
 * For each number of LISTINGS (100000,1000000): a sender is made that holds them; a receiver that
 * holds nothing gets them (cold start); of CHANGED (100) listings a later version comes, as when
 * one more file of data is out; a receiver that was away meanwhile gets what it lacks (changes).
 * WAYS are letters of f (two fedcatd), g (git fetch), r (rsync -a), h (hypercore).  That one is a
 * package of npm: -m says in which DIR it is found, -i has npm install it for this run.
 *
 * All goes over loopback through a proxy that counts bytes, both ways.  Time is from the start of
 * the receiving program until it has all; memory is that of the largest process of each side.  A
 * fedcatd does more meanwhile than the others: it verifies, keeps a log and makes a search index.
 *
 * -p 8 measures instead what a fedcatd holds in memory of its own, beyond the pages of its store,
 * while so many PEERS pull all from it at once.
 *
 * Everything is in a directory below $TMPDIR or /tmp, about 25 KB a listing, and goes away. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/json.h"
#include "tools/bench_corpus.h"
#include "tools/bench_way.h"

#define COUNTS_MAX      8
#define LISTINGS_MAX    10000000
#define CHANGED_MAX     10000
#define SEED            6
#define COLD_LIMIT      1.05
#define CHANGES_LIMIT   1.3
#define HYPERCORE_LIMIT 10.0
#define MEMORY_LIMIT    32.0 /* MB */
#define CROWD_S         60.0

static const struct tools_bench_way *const ways[] = {&tools_bench_way_fedcat, &tools_bench_way_git,
						     &tools_bench_way_rsync,
						     &tools_bench_way_hypercore};
#define WAYS (sizeof ways / sizeof ways[0])

enum job { COLD, CHANGES, JOBS };

static const char *const job_names[JOBS] = {"cold start", "changes"};

struct bench {
	struct tools_bench_site site;
	const char *letters;
	unsigned counts[COUNTS_MAX], count_count;
	uint64_t seed;
	bool installs;
	/* Of the count that is at work. */
	bool ran[WAYS];
	struct tools_bench_way_took took[WAYS][JOBS];
	uint64_t packed[JOBS]; /* what zstd makes of the same entries */
};

/* --- listings ---------------------------------------------------------------------------------
 */

static void write_line(FILE *file, const struct tools_bench_doc *doc)
{
	struct catalog_buffer json = {0};

	if (catalog_json_write(doc->listing, CATALOG_JSON_COMPACT, &json) != 0)
		tools_bench_process_die("out of memory");
	fprintf(file, "{\"id\":\"listing-%u\",\"listing\":%.*s}\n", doc->number, (int)json.len,
		(const char *)json.bytes);
	catalog_buffer_close(&json);
}

/* A later version: another file of data came. */
static void make_later(struct tools_bench_doc *doc)
{
	struct catalog_buffer json = {0};
	struct catalog_value *list = NULL;

	if (catalog_json_write(catalog_value_get(doc->listing, "distribution"),
			       CATALOG_JSON_COMPACT, &json) != 0)
		tools_bench_process_die("out of memory");
	json.len--; /* the bracket */
	if (catalog_buffer_print(
		    &json,
		    ",{\"downloadURL\":\"https://data.example.org/files/%u/2026-11.csv\","
		    "\"mediaType\":\"text/csv\"}]",
		    doc->number) != 0 ||
	    catalog_json_read(catalog_buffer_span(&json), &list, NULL) != 0 ||
	    catalog_value_set(doc->listing, "distribution", list) != 0 ||
	    catalog_value_set(doc->listing, "modified", catalog_value_new_string("2026-11-25")) !=
		    0)
		tools_bench_process_die("out of memory");
	catalog_buffer_close(&json);
}

/* Both files of lines; the result is their bytes. */
static void write_listings(void *arg, void *ret_result)
{
	const struct bench *bench = arg;
	const struct tools_bench_site *site = &bench->site;
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : BENCH_SRCDIR;
	FILE *listings = fopen(site->listings, "we"), *changed = fopen(site->changed, "we");
	unsigned every = site->count / site->changed_count;
	struct tools_bench_corpus *corpus;
	struct tools_bench_doc doc;

	if (tools_bench_corpus_new(srcdir, bench->seed, site->count, &corpus) != 0)
		tools_bench_process_die("no word lists below %s (set srcdir to where "
					"catalog/dictionary is)",
					srcdir);
	if (listings == NULL || changed == NULL)
		tools_bench_process_die("%s: %s", site->base, strerror(errno));
	for (unsigned i = 0; i < site->count; i++) {
		tools_bench_corpus_doc(corpus, i, &doc);
		write_line(listings, &doc);
		if (i % every == 0 && i / every < site->changed_count) {
			make_later(&doc);
			write_line(changed, &doc);
		}
		tools_bench_corpus_doc_close(&doc);
	}
	tools_bench_corpus_free(corpus);
	((uint64_t *)ret_result)[COLD] = (uint64_t)ftello(listings);
	((uint64_t *)ret_result)[CHANGES] = (uint64_t)ftello(changed);
	if (ferror(listings) || fclose(listings) != 0 || ferror(changed) || fclose(changed) != 0)
		tools_bench_process_die("%s: cannot be written", site->base);
}

/* --- measuring --------------------------------------------------------------------------------
 */

static double mb(uint64_t bytes)
{
	return (double)bytes / 1e6;
}

static void print_took(const struct tools_bench_way *way, enum job job,
		       const struct tools_bench_way_took *took)
{
	printf("  %-10s  %-10s %9.2f %9.2f %9.2f %12.3f %9.1f %9.1f\n", job_names[job], way->name,
	       took->receiver.wall_s, took->receiver.cpu_s, took->sender.cpu_s,
	       mb(took->wire_bytes), mb(took->receiver.peak_bytes), mb(took->sender.peak_bytes));
	if (took->own_bytes > 0)
		printf("  %-10s  %-10s %63.1f MB of it are not the store's pages\n", "", "",
		       mb(took->own_bytes));
	(void)fflush(stdout); /* it is asked for to see how far it is */
}

static void remove_tree(const char *dir)
{
	pid_t pid = tools_bench_process_start("/dev/null",
					      (const char *const[]){"rm", "-rf", dir, NULL});

	tools_bench_process_wait(pid, NULL);
}

static void run_way(struct bench *bench, size_t w)
{
	const struct tools_bench_way *way = ways[w];
	const char *lacking = way->lacks(&bench->site);
	struct tools_bench_way_state *state;
	char dir[TOOLS_BENCH_PROCESS_PATH_MAX];
	uint64_t size = 0, end;

	bench->ran[w] = false;
	if (strchr(bench->letters, way->letter) == NULL)
		return;
	if (lacking != NULL) {
		printf("  without %s: there is no %s here\n", way->name, lacking);
		return;
	}
	tools_bench_process_path(dir, "%s/%c", bench->site.base, way->letter);
	if (mkdir(dir, 0700) != 0)
		tools_bench_process_die("%s: %s", dir, strerror(errno));
	state = way->open(&bench->site, dir);
	way->fetch(state, &bench->took[w][COLD]);
	print_took(way, COLD, &bench->took[w][COLD]);
	if (way == &tools_bench_way_fedcat)
		bench->packed[COLD] =
			tools_bench_way_fedcat_compressed(state, 0, UINT64_MAX, &size);
	way->change(state);
	way->fetch(state, &bench->took[w][CHANGES]);
	print_took(way, CHANGES, &bench->took[w][CHANGES]);
	if (way == &tools_bench_way_fedcat)
		bench->packed[CHANGES] =
			tools_bench_way_fedcat_compressed(state, size, UINT64_MAX, &end);
	way->close(state);
	bench->ran[w] = true;
	remove_tree(dir);
}

/* --- limits -----------------------------------------------------------------------------------
 */

static void print_most(const char *what, double value, double limit)
{
	printf("  %-64s %8.3f  (limit <= %g)%s\n", what, value, limit,
	       value <= limit ? "" : "  MISSED");
}

static void print_least(const char *what, double value, double limit)
{
	printf("  %-64s %8.3f  (limit >= %g)%s\n", what, value, limit,
	       value >= limit ? "" : "  MISSED");
}

/* Of both sides; it hardly depends on what else the machine does. */
static double cpu_s(const struct tools_bench_way_took *took)
{
	return took->receiver.cpu_s + took->sender.cpu_s;
}

static void compare(const struct bench *bench, enum job job)
{
	const struct tools_bench_way_took *ours = &bench->took[0][job];
	char what[100];

	for (size_t w = 1; w < WAYS; w++) {
		const struct tools_bench_way_took *theirs = &bench->took[w][job];

		if (!bench->ran[w])
			continue;
		(void)snprintf(what, sizeof what, "%s: wire bytes / those of %s", job_names[job],
			       ways[w]->name); /* both fit */
		print_most(what, (double)ours->wire_bytes / (double)theirs->wire_bytes, 1);
		(void)snprintf(what, sizeof what, "%s: time / that of %s", job_names[job],
			       ways[w]->name);
		print_most(what, ours->receiver.wall_s / theirs->receiver.wall_s, 1);
		(void)snprintf(what, sizeof what, "%s: CPU of both sides / that of %s",
			       job_names[job], ways[w]->name); /* it fits */
		printf("  %-64s %8.3f\n", what, cpu_s(ours) / cpu_s(theirs));
		if (ways[w] == &tools_bench_way_hypercore && job == COLD)
			print_least("cold start: records a second / those of hypercore",
				    theirs->receiver.wall_s / ours->receiver.wall_s,
				    HYPERCORE_LIMIT);
	}
}

static void print_limits(const struct bench *bench)
{
	if (!bench->ran[0])
		return;
	print_most("cold start: wire bytes / zstd -3 of the same entries",
		   (double)bench->took[0][COLD].wire_bytes / (double)bench->packed[COLD],
		   COLD_LIMIT);
	print_most("changes: wire bytes / zstd -3 of the changed entries",
		   (double)bench->took[0][CHANGES].wire_bytes / (double)bench->packed[CHANGES],
		   CHANGES_LIMIT);
	compare(bench, COLD);
	compare(bench, CHANGES);
}

static void run_count(struct bench *bench, unsigned count)
{
	uint64_t bytes[JOBS];

	bench->site.count = count;
	tools_bench_process_apart(write_listings, bench, bytes, sizeof bytes);
	printf("\n%u listings, %.1f MB as JSON; %u changed, %.3f MB\n", count, mb(bytes[COLD]),
	       bench->site.changed_count, mb(bytes[CHANGES]));
	printf("  %-10s  %-10s %9s %9s %9s %12s %9s %9s\n", "", "", "s", "CPU s", "sender's",
	       "MB on wire", "MB peak", "sender's");
	for (size_t w = 0; w < WAYS; w++)
		run_way(bench, w);
	print_limits(bench);
}

static void run_memory(struct bench *bench, unsigned count)
{
	struct tools_bench_way_state *state;
	struct tools_bench_way_own own;
	char dir[TOOLS_BENCH_PROCESS_PATH_MAX];
	uint64_t bytes[JOBS];

	bench->site.count = count;
	tools_bench_process_apart(write_listings, bench, bytes, sizeof bytes);
	tools_bench_process_path(dir, "%s/m", bench->site.base);
	if (mkdir(dir, 0700) != 0)
		tools_bench_process_die("%s: %s", dir, strerror(errno));
	state = tools_bench_way_fedcat.open(&bench->site, dir);
	tools_bench_way_fedcat_crowd(state, CROWD_S, &own);
	printf("\n%u listings, %u peers that pull them, up to %.0f s: each has %llu or more\n",
	       count, bench->site.peers, CROWD_S, (unsigned long long)own.least_listings);
	print_most("MB of its own, a node that has started", mb(own.idle_bytes), MEMORY_LIMIT);
	print_most("MB of its own, at most while they pull", mb(own.serving_bytes), MEMORY_LIMIT);
	print_most("MB of its own, when they have gone", mb(own.after_bytes), MEMORY_LIMIT);
	print_most("MB of its own, a peer that pulls, at most", mb(own.pulling_bytes),
		   MEMORY_LIMIT);
	tools_bench_way_fedcat.close(state);
	remove_tree(dir);
}

/* --- the command line -------------------------------------------------------------------------
 */

static unsigned number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < min || n > max) {
		fprintf(stderr, "bench_replicate: %s: a number from %lu to %lu is wanted\n", text,
			min, max);
		exit(2);
	}
	return (unsigned)n;
}

static void read_counts(struct bench *bench, char *text)
{
	char *rest;

	bench->count_count = 0;
	for (char *one = strtok_r(text, ",", &rest); one != NULL;
	     one = strtok_r(NULL, ",", &rest)) {
		if (bench->count_count == COUNTS_MAX) {
			fprintf(stderr, "bench_replicate: more than %d numbers\n", COUNTS_MAX);
			exit(2);
		}
		bench->counts[bench->count_count++] = number(one, 1, LISTINGS_MAX);
	}
}

static void install(struct tools_bench_site *site)
{
	char log[TOOLS_BENCH_PROCESS_PATH_MAX];

	if (!tools_bench_process_is_there("npm")) {
		printf("without npm: hypercore cannot be installed\n");
		return;
	}
	tools_bench_process_path(log, "%s/npm.log", site->base);
	tools_bench_process_run(log,
				(const char *const[]){"npm", "install", "--no-fund", "--no-audit",
						      "--prefix", site->base, "hypercore@10", NULL},
				NULL);
	(void)snprintf(site->modules, sizeof site->modules, "%.*s/node_modules",
		       (int)(sizeof site->modules - sizeof "/node_modules"), site->base);
}

/* Where things are; all must fit. */
static void find_places(struct tools_bench_site *site)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : BENCH_SRCDIR;
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	char self[TOOLS_BENCH_PROCESS_PATH_MAX / 2], absolute[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len < 0 || len == sizeof self - 1 || realpath(srcdir, absolute) == NULL ||
	    strlen(absolute) > 200 || strlen(tmp) > 200)
		tools_bench_process_die("the paths of this program, of %s or of %s are too long",
					srcdir, tmp);
	self[len] = '\0';
	*strrchr(self, '/') = '\0'; /* tools */
	*strrchr(self, '/') = '\0';
	(void)snprintf(site->programs, sizeof site->programs, "%s", self);
	(void)snprintf(site->script, sizeof site->script, "%.200s/tools/bench_hypercore.js",
		       absolute);
	(void)snprintf(site->base, sizeof site->base, "%.200s/bench_replicate.XXXXXX", tmp);
	if (mkdtemp(site->base) == NULL)
		tools_bench_process_die("%s: %s", site->base, strerror(errno));
	(void)snprintf(site->listings, sizeof site->listings, "%s/listings.jsonl", site->base);
	(void)snprintf(site->changed, sizeof site->changed, "%s/changed.jsonl", site->base);
}

int main(int argc, char **argv)
{
	static struct bench bench = {.letters = "fgrh",
				     .counts = {100000, 1000000},
				     .count_count = 2,
				     .seed = SEED,
				     .site = {.changed_count = 100}};
	int option;

	while ((option = getopt(argc, argv, "n:c:w:p:im:s:")) != -1) {
		switch (option) {
		case 'n': read_counts(&bench, optarg); break;
		case 'c': bench.site.changed_count = number(optarg, 1, CHANGED_MAX); break;
		case 'w': bench.letters = optarg; break;
		case 'p': bench.site.peers = number(optarg, 1, TOOLS_BENCH_WAY_PEERS_MAX); break;
		case 'i': bench.installs = true; break;
		case 'm':
			(void)snprintf(bench.site.modules, sizeof bench.site.modules, "%s", optarg);
			break;
		case 's': bench.seed = number(optarg, 0, UINT32_MAX); break;
		default:
			fprintf(stderr, "usage: bench_replicate [-n LISTINGS,...] [-c CHANGED] "
					"[-w WAYS] [-p PEERS] [-i] [-m DIR] [-s SEED]\n");
			return 2;
		}
	}
	for (unsigned i = 0; i < bench.count_count; i++)
		if (bench.counts[i] < bench.site.changed_count) {
			fprintf(stderr, "bench_replicate: of %u listings %u cannot change\n",
				bench.counts[i], bench.site.changed_count);
			return 2;
		}
	find_places(&bench.site);
	printf("seed %llu, files in %s\n", (unsigned long long)bench.seed, bench.site.base);
	if (bench.installs)
		install(&bench.site);
	for (unsigned i = 0; i < bench.count_count; i++)
		if (bench.site.peers > 0)
			run_memory(&bench, bench.counts[i]);
		else
			run_count(&bench, bench.counts[i]);
	remove_tree(bench.site.base);
	return 0;
}
