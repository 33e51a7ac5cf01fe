/* tools/bench_pull.c - a cold start: a node with nothing pulls the log of another over loopback,
 * beside a bare loop over the same entries, in one run:
 *
 *   bench_pull [-p] [-n LISTINGS] [-b BYTES] [-r ROUNDS] [FILE...]
 *
 * -p leaves out what needs the search index.  Listings are as with bench_store.  Both nodes are
 * real ones, each a process of its own, on two processors in all, however many there are: the
 * links, encrypted, and the workers of fedcatd.  The clock stops when the one that pulls holds and
 * has verified all, on disk.
 *
 * With the search index it is told twice: made as entries come, and later, as a node does it that
 * is not told otherwise (node/catchup); of that when all is held, and when all can be searched.
 *
 * "bare loop" is that of bench_store: with libsodium's SHA-256, in which the limits are, and with
 * ours.  "index alone" gathers the words of the same entries on one thread and writes the search
 * index on another, with transactions like a pull's.  Told are the median of the rounds and ratios
 * within one round, beside their limits; and the ratios of what the processors did, for a machine
 * that does other things at the same time.
 *
 * What came over the socket is compared with `zstd -3` of the entries in one file. */
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>
#include <zstd.h>

#include "catalog/index_later.h"
#include "tools/bench_index.h"
#include "tools/bench_listing.h"
#include "tools/bench_log.h"
#include "tools/bench_peer.h"

#define COUNT_MAX   1000000
#define BYTES_MAX   100000
#define ROUNDS_MAX  99
#define PROCESSORS  2
#define ZSTD_LEVEL  3
#define LIMIT_BARE  0.5
#define LIMIT_INDEX 0.8
#define LIMIT_WIRE  1.05

enum what { BARE_SODIUM, BARE, PULL, INDEX, PULL_SEARCH, PULL_LATER, SEARCHED, WHATS };

static const char *const names[WHATS] = {
	[BARE_SODIUM] = "bare loop, libsodium's hash",
	[BARE] = "bare loop",
	[PULL] = "cold start, without index",
	[INDEX] = "index alone",
	[PULL_SEARCH] = "cold start, index as it comes",
	[PULL_LATER] = "cold start, index later",
	[SEARCHED] = "until that is searched",
};

struct bench {
	char base[TOOLS_BENCH_PLACE_BYTES];
	unsigned count, rounds;
	bool leaves_search;
	struct catalog_charter *charter;
	struct catalog_secret secret;
	struct tools_bench_log_entries entries;
	uint64_t wire_bytes;
	struct tools_bench_place_cost costs[WHATS][ROUNDS_MAX];
	double served_s[WHATS][ROUNDS_MAX]; /* of processors, by the other node */
};

/* The first processors that we may have are all that we have from now on. */
static void bind_processors(void)
{
	cpu_set_t all, some;
	int count = 0;

	CPU_ZERO(&some);
	if (sched_getaffinity(0, sizeof all, &all) != 0)
		tools_bench_place_must(-errno, "which processors there are");
	for (size_t i = 0; i < CPU_SETSIZE && count < PROCESSORS; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_SET(i, &some);
		count++;
	}
	if (sched_setaffinity(0, sizeof some, &some) != 0)
		tools_bench_place_must(-errno, "bind to two processors");
	if (count < PROCESSORS)
		printf("only one processor: the limits are for two\n");
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void publish(struct bench *bench, struct catalog_value **listings)
{
	struct catalog_store *store = tools_bench_place_open(bench->base, "served");

	catalog_store_leave_search(store);
	(void)tools_bench_log_publish(store, bench->charter, &bench->secret, listings,
				      bench->count); /* bench_store tells what it costs */
	tools_bench_log_read(store, &bench->entries);
	tools_bench_place_close(store);
}

static void run_bare(struct bench *bench, enum what what, unsigned round)
{
	enum tools_bench_log_hash hash =
		what == BARE ? TOOLS_BENCH_LOG_OURS : TOOLS_BENCH_LOG_SODIUM;
	struct catalog_store *store = tools_bench_place_open(bench->base, "bare");

	bench->costs[what][round] =
		tools_bench_log_bare(store, hash, &bench->entries, &bench->secret);
	tools_bench_place_close(store);
	tools_bench_place_delete(bench->base, "bare");
}

static void run_pull(struct bench *bench, enum what what, unsigned round)
{
	struct tools_bench_peer_server server;
	struct tools_bench_place_cost searched;
	struct catalog_store *store;

	tools_bench_peer_serve(bench->base, "served", bench->charter, &server);
	store = tools_bench_place_open(bench->base, "pulled");
	if (what == PULL)
		catalog_store_leave_search(store);
	if (what == PULL_LATER)
		catalog_store_search_later(store, CATALOG_INDEX_LATER_DEFAULT);
	bench->costs[what][round] =
		tools_bench_peer_pull(store, bench->charter, server.port, bench->entries.count,
				      &bench->wire_bytes, &searched);
	if (what == PULL_LATER)
		bench->costs[SEARCHED][round] = searched;
	tools_bench_place_close(store);
	tools_bench_place_delete(bench->base, "pulled");
	bench->served_s[what][round] = tools_bench_peer_stop(&server);
	if (what == PULL_LATER)
		bench->served_s[SEARCHED][round] = bench->served_s[what][round];
}

static void run_index(struct bench *bench, unsigned round)
{
	struct catalog_store *store = tools_bench_place_open(bench->base, "index");

	bench->costs[INDEX][round] = tools_bench_index_run(store, bench->charter, &bench->entries);
	tools_bench_place_close(store);
	tools_bench_place_delete(bench->base, "index");
}

static void run_round(struct bench *bench, unsigned round)
{
	run_bare(bench, BARE_SODIUM, round);
	run_pull(bench, PULL, round);
	run_bare(bench, BARE, round);
	if (bench->leaves_search)
		return;
	run_index(bench, round);
	run_pull(bench, PULL_SEARCH, round);
	run_pull(bench, PULL_LATER, round);
}

/* --- what came of it -------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *figures, unsigned count)
{
	qsort(figures, count, sizeof *figures, compare);
	return figures[count / 2];
}

static double cpu_s(const struct bench *bench, enum what what, unsigned round)
{
	return bench->costs[what][round].cpu_s + bench->served_s[what][round];
}

static void report_row(const struct bench *bench, enum what what)
{
	double rates[ROUNDS_MAX], ours[ROUNDS_MAX], theirs[ROUNDS_MAX];

	for (unsigned i = 0; i < bench->rounds; i++) {
		rates[i] = bench->count / bench->costs[what][i].wall_s;
		ours[i] = bench->costs[what][i].cpu_s / bench->count * 1e6;
		theirs[i] = bench->served_s[what][i] / bench->count * 1e6;
	}
	printf("%-30s %10.0f %11.2f", names[what], median(rates, bench->rounds),
	       median(ours, bench->rounds));
	if (theirs[0] > 0)
		printf(" %11.2f", median(theirs, bench->rounds));
	printf("\n");
}

/* How quick one thing is beside another. */
static void report_ratio(const struct bench *bench, enum what what, enum what to, double limit)
{
	double wall[ROUNDS_MAX], cpu[ROUNDS_MAX], middle;

	for (unsigned i = 0; i < bench->rounds; i++) {
		wall[i] = bench->costs[to][i].wall_s / bench->costs[what][i].wall_s;
		cpu[i] = cpu_s(bench, to, i) / cpu_s(bench, what, i);
	}
	middle = median(wall, bench->rounds);
	printf("%s / %s: %.2f (%.2f to %.2f)", names[what], names[to], middle, wall[0],
	       wall[bench->rounds - 1]);
	if (limit > 0)
		printf(", limit >= %.2f: %s", limit, middle >= limit ? "held" : "MISSED");
	printf("; by what the processors did %.2f\n", median(cpu, bench->rounds));
}

/* `zstd -3` of the entries in one file. */
static size_t zstd_bytes(const struct tools_bench_log_entries *entries)
{
	size_t room = ZSTD_CStreamOutSize(), bytes = 0;
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	uint8_t *out = malloc(room);

	assert(cctx != NULL);
	assert(out != NULL);
	(void)ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, ZSTD_LEVEL); /* both fail for */
	(void)ZSTD_CCtx_setPledgedSrcSize(cctx, entries->bytes); /* one that is in use, only */
	for (uint64_t i = 0; i < entries->count; i++) {
		ZSTD_EndDirective end = i + 1 < entries->count ? ZSTD_e_continue : ZSTD_e_end;
		ZSTD_inBuffer in = {entries->entries[i].bytes, entries->entries[i].len, 0};
		size_t left = 1;

		while (in.pos < in.size || (end == ZSTD_e_end && left > 0)) {
			ZSTD_outBuffer to = {out, room, 0};

			left = ZSTD_compressStream2(cctx, &to, &in, end);
			assert(!ZSTD_isError(left));
			bytes += to.pos;
		}
	}
	ZSTD_freeCCtx(cctx);
	free(out);
	return bytes;
}

static void report(const struct bench *bench)
{
	double count = bench->count, zstd = (double)zstd_bytes(&bench->entries);
	double ratio = (double)bench->wire_bytes / zstd;

	printf("%-30s %10s %11s %11s\n", "", "listings/s", "CPU us each", "the other's");
	for (unsigned what = 0; what < (bench->leaves_search ? INDEX : WHATS); what++)
		report_row(bench, what);
	report_ratio(bench, PULL, BARE_SODIUM, LIMIT_BARE);
	report_ratio(bench, PULL, BARE, 0);
	if (!bench->leaves_search) {
		report_ratio(bench, PULL_SEARCH, INDEX, 0);
		report_ratio(bench, SEARCHED, INDEX, LIMIT_INDEX);
	}
	printf("an entry is %.0f bytes, over the socket %.1f, by zstd -%d of one file %.1f: %.3f, "
	       "limit <= %.2f: %s\n",
	       (double)bench->entries.bytes / count, (double)bench->wire_bytes / count, ZSTD_LEVEL,
	       zstd / count, ratio, LIMIT_WIRE, ratio <= LIMIT_WIRE ? "held" : "MISSED");
}

int main(int argc, char **argv)
{
	static struct bench bench = {.count = 20000, .rounds = 3};
	struct catalog_node_key keys[TOOLS_BENCH_PEER_NODES];
	struct catalog_value **listings;
	unsigned bytes = 1000;
	int option;

	while ((option = getopt(argc, argv, "pn:b:r:")) != -1) {
		switch (option) {
		case 'p': bench.leaves_search = true; break;
		case 'n': bench.count = tools_bench_place_number(optarg, COUNT_MAX); break;
		case 'b': bytes = tools_bench_place_number(optarg, BYTES_MAX); break;
		case 'r': bench.rounds = tools_bench_place_number(optarg, ROUNDS_MAX); break;
		default:
			fprintf(stderr, "usage: bench_pull [-p] [-n LISTINGS] [-b BYTES] "
					"[-r ROUNDS] [FILE...]\n");
			return 2;
		}
	}
	tools_bench_place_must(sodium_init() < 0 ? -ENOSYS : 0, "libsodium");
	bind_processors();
	tools_bench_place_make(bench.base);
	tools_bench_peer_keys(keys);
	bench.charter = tools_bench_place_found(keys, TOOLS_BENCH_PEER_NODES, &bench.secret);
	listings = optind < argc
			   ? tools_bench_listing_read(bench.count, argv + optind, argc - optind)
			   : tools_bench_listing_make(bench.count, bytes);
	publish(&bench, listings);
	tools_bench_listing_free(listings, bench.count);
	printf("%u listings, %u rounds, files in %s\n", bench.count, bench.rounds, bench.base);
	for (unsigned i = 0; i < bench.rounds; i++)
		run_round(&bench, i);
	report(&bench);
	tools_bench_log_close(&bench.entries);
	catalog_charter_free(bench.charter);
	tools_bench_place_delete(bench.base, "served");
	tools_bench_place_remove(bench.base);
	return 0;
}
