/* tools/bench_store.c - what publishing and replicating cost beside a bare loop on the same
 * entries, in one run:
 *
 *   bench_store [-p] [-n LISTINGS] [-b BYTES] [-r ROUNDS] [FILE...]
 *
 * -p leaves out the rows with the search index.  BYTES is about how long a listing that is made up
 * is; with catalogue FILEs (any that `fedcat publish` reads) their listings are taken, over and
 * over, each with a landing page of its own. Each round measures everything once, one after the
 * other, in stores of its own below $TMPDIR or /tmp; told are the median of the rounds and, as a
 * ratio to the bare loop of the same round, the median, least and most; the same by what the
 * processors did, for a machine that does other things at the same time.
 *
 * The bare loop only hashes the entries (SHA-256), puts them as they are into one table, in key
 * order, in batches of 1,000, each synchronised, and signs once a batch.  It does not compress, so
 * it writes more bytes than we do.  It is run with our SHA-256 and with libsodium's, in whose terms
 * the design's figures are.
 *
 * "take" is a pull without its network: chunks as they come over an encrypted channel are opened,
 * read, verified, packed and committed, as many at once as are ready, up to 8; with more threads
 * as a node does it, opening, reading and packing on all but one, committing on that one.  "search"
 * is with the search index.
 *
 * "view" puts the rows of the current view alone, in batches of 1,000; "trie" with the trie's root
 * after each, as who publishes does: the trie costs the difference.  "trie, at once" is what it
 * costs at the end of a pull. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sodium.h>

#include "tools/bench_listing.h"
#include "tools/bench_log.h"
#include "tools/bench_take.h"
#include "tools/bench_view.h"

#define COUNT_MAX  1000000
#define BYTES_MAX  100000
#define ROUNDS_MAX 99
#define HASHES     50000

/* perf tells the rows apart by this name (perf report --sort comm,symbol). */
static void stage(const char *name)
{
	(void)prctl(PR_SET_NAME, name); /* for whoever measures */
}

static void report_bytes(struct catalog_store *store, unsigned count)
{
	static const struct {
		enum catalog_table table;
		const char *name;
	} tables[] = {
		{CATALOG_TABLE_ENTRIES, "entries"}, {CATALOG_TABLE_TILES, "tree"},
		{CATALOG_TABLE_VIEW, "view"},       {CATALOG_TABLE_TRIE, "trie cache"},
		{CATALOG_TABLE_DOCS, "documents"},  {CATALOG_TABLE_POSTINGS, "postings"},
	};
	struct catalog_txn *txn;

	tools_bench_place_must(catalog_store_begin(store, &txn), "read");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint64_t bytes = 0;

		tools_bench_place_must(catalog_store_table_bytes(txn, tables[i].table, &bytes),
				       "measure");
		printf("  %-12s %8.1f bytes a listing\n", tables[i].name,
		       (double)bytes / (double)count);
	}
	catalog_store_end(txn);
}

enum what {
	BARE,
	BARE_SODIUM,
	VIEW,
	TRIE,
	TRIE_AT_ONCE,
	PUBLISH,
	MAKE,
	TAKE,
	TAKE_TWO,
	TAKE_THREE,
	PUBLISH_SEARCH,
	TAKE_SEARCH,
	TAKE_TWO_SEARCH,
	TAKE_THREE_SEARCH,
	WHATS
};

static const char *const names[WHATS] = {
	[BARE] = "bare loop",
	[BARE_SODIUM] = "bare loop, libsodium's hash",
	[VIEW] = "view",
	[TRIE] = "view and trie",
	[TRIE_AT_ONCE] = "trie, at once",
	[PUBLISH] = "publish",
	[MAKE] = "make chunks",
	[TAKE] = "take, one thread",
	[TAKE_TWO] = "take, two threads",
	[TAKE_THREE] = "take, three threads",
	[PUBLISH_SEARCH] = "publish, search",
	[TAKE_SEARCH] = "take, one thread, search",
	[TAKE_TWO_SEARCH] = "take, two threads, search",
	[TAKE_THREE_SEARCH] = "take, three threads, search",
};

struct bench {
	const char *base;
	unsigned count, rounds;
	bool leaves_search;
	struct catalog_value **listings;
	struct catalog_charter *charter;
	struct catalog_secret secret;
	size_t entry_bytes, wire_bytes;
	struct tools_bench_place_cost costs[WHATS][ROUNDS_MAX];
};

static void drop(const struct bench *bench, struct catalog_store *store, const char *name)
{
	tools_bench_place_close(store);
	tools_bench_place_delete(bench->base, name);
}

static struct tools_bench_place_cost take_into(const struct bench *bench,
					       const struct catalog_log_status *source,
					       const struct tools_bench_take_wires *wires,
					       unsigned threads, bool search)
{
	struct catalog_store *store = tools_bench_place_open(bench->base, "take");
	struct catalog_log_status status;
	struct tools_bench_place_cost cost;

	stage(threads == 1 ? "take1" : threads == 2 ? "take2" : "take3");
	if (!search)
		catalog_store_leave_search(store);
	cost = tools_bench_take_run(store, bench->charter, source, wires, threads);
	status = tools_bench_log_status(store);
	assert(catalog_hash_equal(&status.view_root, &source->view_root));
	drop(bench, store, "take");
	return cost;
}

static struct tools_bench_place_cost bare_of(const struct bench *bench,
					     enum tools_bench_log_hash hash,
					     const struct tools_bench_log_entries *entries)
{
	struct catalog_store *store = tools_bench_place_open(bench->base, "bare");
	struct tools_bench_place_cost cost;

	stage("bare");
	cost = tools_bench_log_bare(store, hash, entries, &bench->secret);
	drop(bench, store, "bare");
	return cost;
}

/* Both bare loops. */
static void run_bare(struct bench *bench, unsigned round, struct catalog_store *from)
{
	struct tools_bench_log_entries entries;

	tools_bench_log_read(from, &entries);
	bench->entry_bytes = entries.bytes;
	bench->costs[BARE][round] = bare_of(bench, TOOLS_BENCH_LOG_OURS, &entries);
	bench->costs[BARE_SODIUM][round] = bare_of(bench, TOOLS_BENCH_LOG_SODIUM, &entries);
	tools_bench_log_close(&entries);
}

static void run_views(struct bench *bench, unsigned round)
{
	struct catalog_store *store = tools_bench_place_open(bench->base, "view");

	stage("view");
	bench->costs[VIEW][round] =
		tools_bench_view_put(store, TOOLS_BENCH_VIEW_ROOT_NOT, bench->count);
	bench->costs[TRIE_AT_ONCE][round] = tools_bench_view_hash(store);
	drop(bench, store, "view");
	store = tools_bench_place_open(bench->base, "view");
	bench->costs[TRIE][round] =
		tools_bench_view_put(store, TOOLS_BENCH_VIEW_ROOT_EACH, bench->count);
	drop(bench, store, "view");
}

/* What is done with the search index. */
static void run_search(struct bench *bench, unsigned round, const struct catalog_log_status *status,
		       const struct tools_bench_take_wires *wires)
{
	struct catalog_store *search = tools_bench_place_open(bench->base, "search");

	stage("search");
	bench->costs[PUBLISH_SEARCH][round] = tools_bench_log_publish(
		search, bench->charter, &bench->secret, bench->listings, bench->count);
	bench->costs[TAKE_SEARCH][round] = take_into(bench, status, wires, 1, true);
	bench->costs[TAKE_TWO_SEARCH][round] = take_into(bench, status, wires, 2, true);
	bench->costs[TAKE_THREE_SEARCH][round] = take_into(bench, status, wires, 3, true);
	if (round + 1 == bench->rounds)
		report_bytes(search, bench->count);
	drop(bench, search, "search");
}

static void run_round(struct bench *bench, unsigned round)
{
	struct catalog_store *plain = tools_bench_place_open(bench->base, "plain");
	struct catalog_log_status status;
	struct tools_bench_take_wires wires;

	catalog_store_leave_search(plain);
	stage("publish");
	bench->costs[PUBLISH][round] = tools_bench_log_publish(
		plain, bench->charter, &bench->secret, bench->listings, bench->count);
	status = tools_bench_log_status(plain);
	stage("make");
	bench->costs[MAKE][round] = tools_bench_take_make(plain, status.size, &wires);
	bench->wire_bytes = wires.bytes;
	run_bare(bench, round, plain);
	run_views(bench, round);
	bench->costs[TAKE][round] = take_into(bench, &status, &wires, 1, false);
	bench->costs[TAKE_TWO][round] = take_into(bench, &status, &wires, 2, false);
	bench->costs[TAKE_THREE][round] = take_into(bench, &status, &wires, 3, false);
	if (!bench->leaves_search)
		run_search(bench, round, &status, &wires);
	else if (round + 1 == bench->rounds)
		report_bytes(plain, bench->count);
	tools_bench_take_close(&wires);
	drop(bench, plain, "plain");
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How often a second each SHA-256 hashes 2 KB. */
static void report_hashes(void)
{
	static uint8_t bytes[2048];
	struct catalog_hash hash;
	struct tools_bench_place_cost start = tools_bench_place_begin(), ours;

	for (unsigned i = 0; i < HASHES; i++) {
		catalog_hash_of(bytes, sizeof bytes, &hash);
		bytes[0] = hash.bytes[0];
	}
	ours = tools_bench_place_since(start);
	start = tools_bench_place_begin();
	for (unsigned i = 0; i < HASHES; i++) {
		(void)crypto_hash_sha256(hash.bytes, bytes, sizeof bytes); /* always 0 */
		bytes[0] = hash.bytes[0];
	}
	printf("SHA-256 of 2 KB: %.0f/s, libsodium's %.0f/s (on one processor)\n",
	       HASHES / ours.cpu_s, HASHES / tools_bench_place_since(start).cpu_s);
}

struct spread {
	double least, median, most;
};

/* Of a figure over the rounds. */
static struct spread spread_of(const struct bench *bench,
			       double (*figure)(const struct bench *, enum what, unsigned),
			       enum what what)
{
	double figures[ROUNDS_MAX];

	for (unsigned i = 0; i < bench->rounds; i++)
		figures[i] = figure(bench, what, i);
	qsort(figures, bench->rounds, sizeof *figures, compare);
	return (struct spread){figures[0], figures[bench->rounds / 2], figures[bench->rounds - 1]};
}

static double rate(const struct bench *bench, enum what what, unsigned round)
{
	return bench->count / bench->costs[what][round].wall_s;
}

static double cpu_us(const struct bench *bench, enum what what, unsigned round)
{
	return bench->costs[what][round].cpu_s / bench->count * 1e6;
}

static double of_bare(const struct bench *bench, enum what what, unsigned round)
{
	return bench->costs[BARE][round].wall_s / bench->costs[what][round].wall_s;
}

static double of_bare_sodium(const struct bench *bench, enum what what, unsigned round)
{
	return bench->costs[BARE_SODIUM][round].wall_s / bench->costs[what][round].wall_s;
}

static void print_ratio(struct spread ratio)
{
	printf("   %.2f (%.2f to %.2f)", ratio.median, ratio.least, ratio.most);
}

static void report(const struct bench *bench)
{
	printf("%-28s %10s %11s   %-19s   %s\n", "", "listings/s", "CPU us each",
	       "of the bare loop", "of libsodium's (least to most)");
	for (unsigned what = 0; what < (bench->leaves_search ? PUBLISH_SEARCH : WHATS); what++) {
		printf("%-28s %10.0f %11.2f", names[what], spread_of(bench, rate, what).median,
		       spread_of(bench, cpu_us, what).median);
		print_ratio(spread_of(bench, of_bare, what));
		print_ratio(spread_of(bench, of_bare_sodium, what));
		printf("\n");
	}
	printf("the trie costs %.2f us of CPU a listing when publishing, %.2f in a pull\n",
	       spread_of(bench, cpu_us, TRIE).median - spread_of(bench, cpu_us, VIEW).median,
	       spread_of(bench, cpu_us, TRIE_AT_ONCE).median);
	printf("an entry is %.0f bytes, on the wire %.0f\n",
	       (double)bench->entry_bytes / bench->count, (double)bench->wire_bytes / bench->count);
	report_hashes();
}

int main(int argc, char **argv)
{
	static struct bench bench = {.count = 20000, .rounds = 3};
	unsigned bytes = 1000;
	char base[TOOLS_BENCH_PLACE_BYTES];
	int option;

	while ((option = getopt(argc, argv, "pn:b:r:")) != -1) {
		switch (option) {
		case 'p': bench.leaves_search = true; break;
		case 'n': bench.count = tools_bench_place_number(optarg, COUNT_MAX); break;
		case 'b': bytes = tools_bench_place_number(optarg, BYTES_MAX); break;
		case 'r': bench.rounds = tools_bench_place_number(optarg, ROUNDS_MAX); break;
		default:
			fprintf(stderr,
				"usage: bench_store [-p] [-n LISTINGS] [-b BYTES] [-r ROUNDS] "
				"[FILE...]\n");
			return 2;
		}
	}
	tools_bench_place_must(sodium_init() < 0 ? -ENOSYS : 0, "libsodium");
	tools_bench_place_make(base);
	bench.base = base;
	bench.charter = tools_bench_place_found(NULL, 1, &bench.secret);
	bench.listings =
		optind < argc ? tools_bench_listing_read(bench.count, argv + optind, argc - optind)
			      : tools_bench_listing_make(bench.count, bytes);
	printf("%u listings, %u rounds, files in %s\n", bench.count, bench.rounds, base);
	for (unsigned i = 0; i < bench.rounds; i++)
		run_round(&bench, i);
	report(&bench);
	tools_bench_listing_free(bench.listings, bench.count);
	catalog_charter_free(bench.charter);
	tools_bench_place_remove(base);
	return 0;
}
