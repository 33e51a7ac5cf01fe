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
 * read, verified, packed and committed, as many at once as are ready, up to 12; with more threads
 * as a node does it, opening, reading and packing on all but one, committing on that one.  "search"
 * is with the search index.
 *
 * "view" puts the rows of the current view alone, in batches of 1,000; "trie" with the trie's root
 * after each, as who publishes does: the trie costs the difference.  "trie, at once" is what it
 * costs at the end of a pull. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/chunk.h"
#include "catalog/publisher.h"
#include "catalog/view.h"
#include "tools/bench_link.h"
#include "tools/bench_listing.h"

#define COUNT_MAX   1000000
#define BYTES_MAX   100000
#define ROUNDS_MAX  99
#define BATCH       1000
#define HASHES      50000
#define TIME_S      1700000000
#define GROUP_MAX   12 /* chunks handed over at once: three make a transaction */
#define WAITING_MAX 16 /* chunks that are read and not committed yet */
#define THREADS_MAX 3

/* Seconds that passed, and seconds of processors that the process used: those hardly depend on what
 * else the machine does. */
struct cost {
	double wall_s, cpu_s;
};

static double clock_s(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now); /* both exist wherever LMDB runs */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct cost begin(void)
{
	return (struct cost){clock_s(CLOCK_MONOTONIC), clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct cost since(struct cost start)
{
	return (struct cost){clock_s(CLOCK_MONOTONIC) - start.wall_s,
			     clock_s(CLOCK_PROCESS_CPUTIME_ID) - start.cpu_s};
}

static void must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_store: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* perf tells the rows apart by this name (perf report --sort comm,symbol). */
static void stage(const char *name)
{
	(void)prctl(PR_SET_NAME, name); /* for whoever measures */
}

/* --- stores ------------------------------------------------------------------------------------
 */

static struct catalog_store *open_store(const char *base, const char *name)
{
	struct catalog_store *store = NULL;
	char dir[300];

	snprintf(dir, sizeof dir, "%s/%s", base, name);
	if (mkdir(dir, 0700) != 0) {
		perror(dir);
		exit(1);
	}
	must(catalog_store_open(dir, 1, &store), dir);
	return store;
}

static void close_store(struct catalog_store *store, const char *base, const char *name)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	char path[300];

	catalog_store_close(store);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s/%s", base, name, files[i]);
		(void)unlink(path); /* what stays is told by the rmdir of base */
	}
	snprintf(path, sizeof path, "%s/%s", base, name);
	(void)rmdir(path); /* likewise */
}

/* --- the bare loop ------------------------------------------------------------------------------
 */

enum hash { HASH_OURS, HASH_SODIUM };

struct bare {
	enum hash hash;
	const struct catalog_buffer *entries;
	uint64_t from, to;
	const struct catalog_secret *secret;
};

static int bare_batch(struct catalog_txn *txn, void *arg)
{
	const struct bare *bare = arg;
	uint8_t signature[crypto_sign_BYTES];
	struct catalog_hash hash = {{0}};
	int r = 0;

	for (uint64_t i = bare->from; i < bare->to && r == 0; i++) {
		uint8_t key[8];

		for (unsigned k = 0; k < 8; k++)
			key[k] = (uint8_t)(i >> (56 - 8 * k));
		if (bare->hash == HASH_OURS)
			catalog_hash_of(bare->entries[i].bytes, bare->entries[i].len, &hash);
		else
			(void)crypto_hash_sha256(hash.bytes, bare->entries[i].bytes,
						 bare->entries[i].len); /* always 0 */
		r = catalog_store_put(txn, CATALOG_TABLE_ENTRIES,
				      (struct catalog_span){key, sizeof key},
				      catalog_buffer_span(&bare->entries[i]));
	}
	(void)crypto_sign_detached(signature, NULL, hash.bytes, sizeof hash.bytes,
				   bare->secret->bytes); /* always 0 */
	return r;
}

static struct cost run_bare(struct catalog_store *to, enum hash hash,
			    const struct catalog_buffer *entries, uint64_t size,
			    const struct catalog_secret *secret)
{
	struct cost start = begin();

	stage("bare");
	for (uint64_t i = 0; i < size; i += BATCH) {
		struct bare bare = {hash, entries, i, i + BATCH < size ? i + BATCH : size, secret};

		must(catalog_store_write(to, bare_batch, &bare), "bare write");
	}
	return since(start);
}

/* --- publishing ----------------------------------------------------------------------------------
 */

static struct cost run_publish(struct catalog_store *store, const struct catalog_charter *charter,
			       const struct catalog_secret *secret, struct catalog_value **listings,
			       unsigned count)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	struct catalog_publisher *publisher;
	struct cost start = begin();

	stage("publish");
	must(catalog_publisher_new(store, charter, 0, secret, &publisher), "publisher");
	for (unsigned i = 0; i < count; i++) {
		enum catalog_publisher_outcome outcome;
		uint32_t seed = i;
		char id[32];

		snprintf(id, sizeof id, "dataset-%u", i);
		/* Salts are random, and so do not compress. */
		for (size_t k = 0; k < sizeof salt; k++)
			salt[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		must(catalog_publisher_put(publisher, id, listings[i], TIME_S, salt, &outcome),
		     "put");
	}
	must(catalog_publisher_flush(publisher, TIME_S, salt), "flush");
	catalog_publisher_free(publisher);
	return since(start);
}

/* --- pulling
 * --------------------------------------------------------------------------------------- */

/* A log on the wire: its chunks, one after the other. */
struct wires {
	struct catalog_buffer *wires;
	size_t count;
	size_t bytes;
	struct catalog_buffer sealed; /* all of them, as the channel carries them */
};

static int take_target(struct catalog_txn *txn, void *checkpoint)
{
	return catalog_log_target(txn, 0, checkpoint,
				  (struct catalog_span){(const uint8_t *)"bench", 5});
}

static struct cost run_make(struct catalog_store *from, uint64_t size, struct wires *ret_wires)
{
	struct cost start = begin();
	uint64_t at = 0;

	stage("make");
	*ret_wires = (struct wires){.wires = calloc(size, sizeof *ret_wires->wires)};
	assert(ret_wires->wires != NULL);
	while (at < size) {
		struct catalog_buffer *wire = &ret_wires->wires[ret_wires->count++];
		struct catalog_txn *txn;

		must(catalog_store_begin(from, &txn), "read");
		must(catalog_chunk_make(txn, 0, at, size, size, wire, &at), "make a chunk");
		catalog_store_end(txn);
		ret_wires->bytes += wire->len;
	}
	return since(start);
}

/* Chunks on their way from those who read and pack them to the one who commits them, in order. */
struct line {
	const struct wires *wires;
	struct catalog_store *to;
	struct tools_bench_link_receiver *receiver;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct catalog_chunk *ready[WAITING_MAX]; /* chunk i at i % WAITING_MAX; NULL: not yet */
	size_t begun, taken;                      /* chunks */
};

static void receive(struct line *line, struct catalog_buffer *ret_wire)
{
	ret_wire->len = 0;
	must(tools_bench_link_receive(line->receiver, ret_wire), "receive a chunk");
}

static struct catalog_chunk *read_chunk(const struct line *line, const struct catalog_buffer *wire)
{
	struct catalog_chunk *chunk;

	must(catalog_chunk_new(catalog_buffer_span(wire), &chunk), "read a chunk");
	must(catalog_chunk_pack(chunk, line->to), "pack a chunk");
	return chunk;
}

static void *read_chunks(void *arg)
{
	struct catalog_buffer wire = {0};
	struct line *line = arg;

	for (;;) {
		struct catalog_chunk *chunk;
		size_t i;

		pthread_mutex_lock(&line->lock);
		while (line->begun < line->wires->count && line->begun - line->taken == WAITING_MAX)
			pthread_cond_wait(&line->changed, &line->lock);
		i = line->begun++;
		if (i < line->wires->count)
			receive(line, &wire); /* in order, so by one at a time */
		pthread_mutex_unlock(&line->lock);
		if (i >= line->wires->count)
			break;
		chunk = read_chunk(line, &wire);
		pthread_mutex_lock(&line->lock);
		line->ready[i % WAITING_MAX] = chunk;
		pthread_cond_broadcast(&line->changed);
		pthread_mutex_unlock(&line->lock);
	}
	catalog_buffer_close(&wire);
	return NULL;
}

static size_t next_group(struct line *line, struct catalog_chunk *ret_chunks[GROUP_MAX])
{
	struct catalog_chunk **next;
	size_t count = 0;

	pthread_mutex_lock(&line->lock);
	while (line->ready[line->taken % WAITING_MAX] == NULL)
		pthread_cond_wait(&line->changed, &line->lock);
	while (count < GROUP_MAX && *(next = &line->ready[line->taken % WAITING_MAX]) != NULL) {
		ret_chunks[count++] = *next;
		*next = NULL;
		line->taken++;
	}
	pthread_cond_broadcast(&line->changed);
	pthread_mutex_unlock(&line->lock);
	return count;
}

static void commit(struct line *line, const struct catalog_charter *charter,
		   struct catalog_chunk **chunks, size_t count)
{
	int results[GROUP_MAX];

	catalog_chunk_commit_all(line->to, charter, (const struct catalog_chunk *const *)chunks,
				 count, results);
	for (size_t i = 0; i < count; i++) {
		must(results[i], "commit a chunk");
		catalog_chunk_free(chunks[i]);
	}
}

static struct cost run_take(struct catalog_store *to, const struct catalog_charter *charter,
			    const struct catalog_log_status *source, const struct wires *wires,
			    unsigned threads)
{
	struct catalog_checkpoint checkpoint = {.size = source->size, .root = source->root};
	struct line line = {.wires = wires, .to = to};
	struct catalog_chunk *chunks[GROUP_MAX];
	pthread_t readers[THREADS_MAX - 1];
	struct catalog_buffer wire = {0};
	struct cost start = begin();

	stage(threads == 1 ? "take1" : threads == 2 ? "take2" : "take3");
	must(tools_bench_link_receiver_new(catalog_buffer_span(&wires->sealed), &line.receiver),
	     "channel");
	must(-pthread_mutex_init(&line.lock, NULL), "lock");
	must(-pthread_cond_init(&line.changed, NULL), "lock");
	must(catalog_store_write(to, take_target, &checkpoint), "target");
	for (unsigned i = 0; i + 1 < threads; i++)
		must(-pthread_create(&readers[i], NULL, read_chunks, &line), "thread");
	for (size_t done = 0, count; done < wires->count; done += count) {
		if (threads > 1) {
			count = next_group(&line, chunks);
		} else {
			for (count = 0; count < GROUP_MAX && done + count < wires->count; count++) {
				receive(&line, &wire);
				chunks[count] = read_chunk(&line, &wire);
			}
		}
		commit(&line, charter, chunks, count);
	}
	for (unsigned i = 0; i + 1 < threads; i++)
		must(-pthread_join(readers[i], NULL), "thread");
	pthread_cond_destroy(&line.changed);
	pthread_mutex_destroy(&line.lock);
	tools_bench_link_receiver_free(line.receiver);
	catalog_buffer_close(&wire);
	return since(start);
}

/* --- the view and its trie ---------------------------------------------------------------------
 */

enum root { ROOT_NOT, ROOT_EACH };

struct rows {
	struct catalog_view_row rows[BATCH];
	size_t count;
	enum root root;
};

static int by_thing(const void *a, const void *b)
{
	const struct catalog_view_row *x = a, *y = b;

	return memcmp(x->thing.bytes, y->thing.bytes, sizeof x->thing.bytes);
}

static int put_rows(struct catalog_txn *txn, void *arg)
{
	const struct rows *rows = arg;
	struct catalog_hash root;

	if (rows->root == ROOT_EACH)
		return catalog_view_put(txn, 0, rows->rows, rows->count, &root);
	return catalog_view_put_rows(txn, 0, rows->rows, rows->count);
}

static struct cost run_view(struct catalog_store *store, enum root root, unsigned count)
{
	static struct rows rows;
	struct cost start = begin();

	stage("view");
	rows.root = root;
	for (unsigned at = 0; at < count; at += BATCH) {
		rows.count = at + BATCH < count ? BATCH : count - at;
		for (unsigned i = 0; i < rows.count; i++) {
			struct catalog_view_row *row = &rows.rows[i];
			char id[32];

			snprintf(id, sizeof id, "dataset-%u", at + i);
			catalog_entry_thing(CATALOG_ENTRY_PUT, id, &row->thing);
			row->index = at + i;
			row->kind = CATALOG_ENTRY_PUT;
		}
		qsort(rows.rows, rows.count, sizeof *rows.rows, by_thing);
		must(catalog_store_write(store, put_rows, &rows), "put rows");
	}
	return since(start);
}

static int hash_view(struct catalog_txn *txn, void *arg)
{
	return catalog_view_hash(txn, 0, 0, arg);
}

static struct cost run_trie_at_once(struct catalog_store *store)
{
	struct catalog_hash root;
	struct cost start = begin();

	must(catalog_store_write(store, hash_view, &root), "hash the view");
	return since(start);
}

/* --- rounds ------------------------------------------------------------------------------------
 */

static struct catalog_charter *make_charter(struct catalog_secret *ret_secret)
{
	static const uint8_t seed[32] = {1};
	struct catalog_member member = {
		.name = "bench", .title = "Bench", .country = "KE", .sector = "statistics"};
	struct catalog_founding founding = {.name = "Bench",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	struct catalog_charter *charter = NULL;

	crypto_sign_seed_keypair(member.key.bytes, ret_secret->bytes, seed);
	must(catalog_charter_found(&founding, ret_secret, 1, &amendment, NULL), "charter");
	must(catalog_charter_new(catalog_buffer_span(&amendment), &charter), "charter");
	catalog_buffer_close(&amendment);
	return charter;
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

	must(catalog_store_begin(store, &txn), "read");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint64_t bytes = 0;

		must(catalog_store_table_bytes(txn, tables[i].table, &bytes), "measure");
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
	struct cost costs[WHATS][ROUNDS_MAX];
};

static struct catalog_log_status status_of(struct catalog_store *store)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	must(catalog_store_begin(store, &txn), "read");
	must(catalog_log_status(txn, 0, &status), "status");
	catalog_store_end(txn);
	return status;
}

static struct cost take_into(const struct bench *bench, const struct catalog_log_status *source,
			     const struct wires *wires, unsigned threads, bool search)
{
	struct catalog_store *store = open_store(bench->base, "take");
	struct catalog_log_status status;
	struct cost cost;

	if (!search)
		catalog_store_leave_search(store);
	cost = run_take(store, bench->charter, source, wires, threads);
	status = status_of(store);
	assert(catalog_hash_equal(&status.view_root, &source->view_root));
	close_store(store, bench->base, "take");
	return cost;
}

static struct cost bare_of(struct bench *bench, enum hash hash, struct catalog_store *from,
			   uint64_t size)
{
	struct catalog_store *store = open_store(bench->base, "bare");
	struct catalog_buffer *entries = calloc(size, sizeof *entries);
	struct catalog_txn *txn;
	struct cost cost;

	assert(entries != NULL);
	must(catalog_store_begin(from, &txn), "read");
	bench->entry_bytes = 0;
	for (uint64_t i = 0; i < size; i++) {
		must(catalog_log_read(txn, 0, i, &entries[i]), "read an entry");
		bench->entry_bytes += entries[i].len;
	}
	catalog_store_end(txn);
	cost = run_bare(store, hash, entries, size, &bench->secret);
	for (uint64_t i = 0; i < size; i++)
		catalog_buffer_close(&entries[i]);
	free(entries);
	close_store(store, bench->base, "bare");
	return cost;
}

static void run_views(struct bench *bench, unsigned round)
{
	struct catalog_store *store = open_store(bench->base, "view");

	bench->costs[VIEW][round] = run_view(store, ROOT_NOT, bench->count);
	bench->costs[TRIE_AT_ONCE][round] = run_trie_at_once(store);
	close_store(store, bench->base, "view");
	store = open_store(bench->base, "view");
	bench->costs[TRIE][round] = run_view(store, ROOT_EACH, bench->count);
	close_store(store, bench->base, "view");
}

/* What is done with the search index. */
static void run_search(struct bench *bench, unsigned round, const struct catalog_log_status *status,
		       const struct wires *wires)
{
	struct catalog_store *search = open_store(bench->base, "search");

	bench->costs[PUBLISH_SEARCH][round] =
		run_publish(search, bench->charter, &bench->secret, bench->listings, bench->count);
	bench->costs[TAKE_SEARCH][round] = take_into(bench, status, wires, 1, true);
	bench->costs[TAKE_TWO_SEARCH][round] = take_into(bench, status, wires, 2, true);
	bench->costs[TAKE_THREE_SEARCH][round] = take_into(bench, status, wires, 3, true);
	if (round + 1 == bench->rounds)
		report_bytes(search, bench->count);
	close_store(search, bench->base, "search");
}

static void run_round(struct bench *bench, unsigned round)
{
	struct catalog_store *plain = open_store(bench->base, "plain");
	struct catalog_log_status status;
	struct wires wires;

	catalog_store_leave_search(plain);
	bench->costs[PUBLISH][round] =
		run_publish(plain, bench->charter, &bench->secret, bench->listings, bench->count);
	status = status_of(plain);
	bench->costs[MAKE][round] = run_make(plain, status.size, &wires);
	bench->wire_bytes = wires.bytes;
	must(tools_bench_link_seal(wires.wires, wires.count, &wires.sealed), "seal");
	bench->costs[BARE][round] = bare_of(bench, HASH_OURS, plain, status.size);
	bench->costs[BARE_SODIUM][round] = bare_of(bench, HASH_SODIUM, plain, status.size);
	run_views(bench, round);
	bench->costs[TAKE][round] = take_into(bench, &status, &wires, 1, false);
	bench->costs[TAKE_TWO][round] = take_into(bench, &status, &wires, 2, false);
	bench->costs[TAKE_THREE][round] = take_into(bench, &status, &wires, 3, false);
	if (!bench->leaves_search)
		run_search(bench, round, &status, &wires);
	else if (round + 1 == bench->rounds)
		report_bytes(plain, bench->count);
	for (size_t i = 0; i < wires.count; i++)
		catalog_buffer_close(&wires.wires[i]);
	catalog_buffer_close(&wires.sealed);
	free(wires.wires);
	close_store(plain, bench->base, "plain");
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
	struct cost start = begin(), ours;

	for (unsigned i = 0; i < HASHES; i++) {
		catalog_hash_of(bytes, sizeof bytes, &hash);
		bytes[0] = hash.bytes[0];
	}
	ours = since(start);
	start = begin();
	for (unsigned i = 0; i < HASHES; i++) {
		(void)crypto_hash_sha256(hash.bytes, bytes, sizeof bytes); /* always 0 */
		bytes[0] = hash.bytes[0];
	}
	printf("SHA-256 of 2 KB: %.0f/s, libsodium's %.0f/s (on one processor)\n",
	       HASHES / ours.cpu_s, HASHES / since(start).cpu_s);
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

static unsigned number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 1 || n > max) {
		fprintf(stderr, "bench_store: %s: a number from 1 to %lu is wanted\n", text, max);
		exit(2);
	}
	return (unsigned)n;
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	static struct bench bench = {.count = 20000, .rounds = 3};
	unsigned bytes = 1000;
	char base[200];
	int option;

	while ((option = getopt(argc, argv, "pn:b:r:")) != -1) {
		switch (option) {
		case 'p': bench.leaves_search = true; break;
		case 'n': bench.count = number(optarg, COUNT_MAX); break;
		case 'b': bytes = number(optarg, BYTES_MAX); break;
		case 'r': bench.rounds = number(optarg, ROUNDS_MAX); break;
		default:
			fprintf(stderr,
				"usage: bench_store [-p] [-n LISTINGS] [-b BYTES] [-r ROUNDS] "
				"[FILE...]\n");
			return 2;
		}
	}
	snprintf(base, sizeof base, "%s/bench_store.XXXXXX", tmp);
	if (sodium_init() < 0 || mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	bench.base = base;
	bench.charter = make_charter(&bench.secret);
	bench.listings =
		optind < argc ? tools_bench_listing_read(bench.count, argv + optind, argc - optind)
			      : tools_bench_listing_make(bench.count, bytes);
	printf("%u listings, %u rounds, files in %s\n", bench.count, bench.rounds, base);
	for (unsigned i = 0; i < bench.rounds; i++)
		run_round(&bench, i);
	report(&bench);
	tools_bench_listing_free(bench.listings, bench.count);
	catalog_charter_free(bench.charter);
	if (rmdir(base) != 0)
		perror(base);
	return 0;
}
