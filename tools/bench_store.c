/* tools/bench_store.c - what publishing and replicating cost beside a bare loop on the same
 * entries, in one run:
 *
 *   bench_store [-n LISTINGS] [-b BYTES] [-r ROUNDS] [FILE...]
 *
 * BYTES is about how long a listing that is made up is; with catalogue FILEs (any that `fedcat
 * publish` reads) their listings are taken, over and over, each with a landing page of its own.
 * Each round measures everything once, one after the other,
 * in stores of its own below $TMPDIR or /tmp; told are the median of the rounds and, as a ratio to
 * the bare loop of the same round, the median, least and most; the same by what the processors
 * did, for a machine that does other things at the same time.
 *
 * The bare loop only hashes the entries (SHA-256), puts them as they are into one table, in key
 * order, in batches of 1,000, each synchronised, and signs once a batch.  It does not compress, so
 * it writes more bytes than we do.
 *
 * "take" is a pull without its network: chunks that were made before are read, verified, packed and
 * committed, as many at once as are ready, up to 12; with more threads as a node does it, reading
 * and packing on all but one, committing on that one.  "search" is with the search index. */
#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/chunk.h"
#include "catalog/publisher.h"
#include "catalog/reader.h"

#define COUNT_MAX   1000000
#define BYTES_MAX   100000
#define ROUNDS_MAX  99
#define BATCH       1000
#define TIME_S      1700000000
#define WORD_COUNT  30000
#define POOL_MAX    20000 /* listings of files */
#define GROUP_MAX   12    /* chunks handed over at once: three make a transaction */
#define WAITING_MAX 16    /* chunks that are read and not committed yet */
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

/* --- text --------------------------------------------------------------------------------------
 */

struct text {
	uint64_t rng;
	double log_count;
};

static uint64_t random_bits(uint64_t *rng)
{
	*rng ^= *rng >> 12, *rng ^= *rng << 25, *rng ^= *rng >> 27;
	return (*rng * UINT64_C(2685821657736338717)) >> 11;
}

/* A word made of syllables.  Of WORD_COUNT words, the one of rank k comes 1/k times as often as the
 * first: as words do (Zipf), so that compressing and indexing meet what they meet in life. */
static size_t add_word(struct text *text, char *at, size_t room)
{
	static const char *const onsets[] = {"b", "c", "d", "f", "g", "h",  "l",  "m",
					     "n", "p", "r", "s", "t", "st", "pr", "tr"};
	static const char *const vowels[] = {"a", "e", "i", "o", "u", "ea", "io", "ai"};
	static const char *const ends[] = {"", "s", "ing", "ed", "n", "tion", "ly", "r"};
	double share = (double)random_bits(&text->rng) / (double)(UINT64_C(1) << 53);
	uint64_t rank = (uint64_t)exp(share * text->log_count);
	uint64_t bits = (rank + 77) * UINT64_C(0x9e3779b97f4a7c15);
	int syllables = 1 + (rank > 50) + (rank > 2000), len = 0;

	bits ^= bits >> 29;
	for (int i = 0; i < syllables; i++, bits >>= 7)
		len += snprintf(at + len, room - (size_t)len, "%s%s", onsets[bits & 15],
				vowels[bits >> 4 & 7]);
	return (size_t)(len + snprintf(at + len, room - (size_t)len, "%s ", ends[bits & 7]));
}

static struct catalog_value *add_lang(struct text *text, size_t bytes)
{
	struct catalog_value *map = catalog_value_new_map();
	char *words = malloc(bytes + 64);
	size_t len = 0;

	assert(words != NULL);
	while (len < bytes)
		len += add_word(text, words + len, bytes + 64 - len);
	words[len - 1] = '.';
	must(catalog_value_set(map, "en", catalog_value_new_string(words)), "memory");
	free(words);
	return map;
}

static struct catalog_value *make_listing(struct text *text, unsigned i, size_t bytes)
{
	struct catalog_value *listing = catalog_value_new_map();
	char url[80];

	must(catalog_value_set(listing, "description",
			       add_lang(text, bytes > 300 ? bytes - 250 : 50)),
	     "memory");
	snprintf(url, sizeof url, "https://data.example.org/dataset/%u", i);
	must(catalog_value_set(listing, "landingPage", catalog_value_new_string(url)), "memory");
	must(catalog_value_set(listing, "issued", catalog_value_new_string("2026-11-24")),
	     "memory");
	must(catalog_value_set(listing, "title", add_lang(text, 50)), "memory");
	return listing;
}

/* --- files -------------------------------------------------------------------------------------
 */

struct pool {
	struct catalog_value *listings[POOL_MAX];
	size_t count;
};

static int keep(void *arg, const struct catalog_reader_record *record)
{
	struct pool *pool = arg;

	if (record->listing != NULL && pool->count < POOL_MAX) {
		pool->listings[pool->count] = catalog_value_clone(record->listing);
		assert(pool->listings[pool->count] != NULL);
		pool->count++;
	}
	return 0;
}

static void read_files(struct pool *pool, char **files, int count)
{
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};

	for (int i = 0; i < count; i++) {
		struct catalog_reader_error error = {.text = ""};

		if (catalog_reader_read(files[i], &options, keep, pool, &error) != 0)
			fprintf(stderr, "bench_store: %s: %s\n", files[i], error.text);
	}
	if (count > 0 && pool->count == 0)
		exit(1);
}

static struct catalog_value *take_listing(const struct pool *pool, unsigned i)
{
	struct catalog_value *listing = catalog_value_clone(pool->listings[i % pool->count]);
	char url[80];

	assert(listing != NULL);
	snprintf(url, sizeof url, "https://data.example.org/dataset/%u", i);
	must(catalog_value_set(listing, "landingPage", catalog_value_new_string(url)), "memory");
	return listing;
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

struct bare {
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
		catalog_hash_of(bare->entries[i].bytes, bare->entries[i].len, &hash);
		r = catalog_store_put(txn, CATALOG_TABLE_ENTRIES,
				      (struct catalog_span){key, sizeof key},
				      catalog_buffer_span(&bare->entries[i]));
	}
	(void)crypto_sign_detached(signature, NULL, hash.bytes, sizeof hash.bytes,
				   bare->secret->bytes); /* always 0 */
	return r;
}

static struct cost run_bare(struct catalog_store *to, const struct catalog_buffer *entries,
			    uint64_t size, const struct catalog_secret *secret)
{
	struct cost start = begin();

	for (uint64_t i = 0; i < size; i += BATCH) {
		struct bare bare = {entries, i, i + BATCH < size ? i + BATCH : size, secret};

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

	*ret_wires = (struct wires){calloc(size, sizeof *ret_wires->wires), 0, 0};
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
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct catalog_chunk *ready[WAITING_MAX]; /* chunk i at i % WAITING_MAX; NULL: not yet */
	size_t begun, taken;                      /* chunks */
};

static struct catalog_chunk *read_chunk(const struct line *line, size_t i)
{
	struct catalog_chunk *chunk;

	must(catalog_chunk_new(catalog_buffer_span(&line->wires->wires[i]), &chunk),
	     "read a chunk");
	must(catalog_chunk_pack(chunk, line->to), "pack a chunk");
	return chunk;
}

static void *read_chunks(void *arg)
{
	struct line *line = arg;

	for (;;) {
		struct catalog_chunk *chunk;
		size_t i;

		pthread_mutex_lock(&line->lock);
		while (line->begun < line->wires->count && line->begun - line->taken == WAITING_MAX)
			pthread_cond_wait(&line->changed, &line->lock);
		i = line->begun++;
		pthread_mutex_unlock(&line->lock);
		if (i >= line->wires->count)
			return NULL;
		chunk = read_chunk(line, i);
		pthread_mutex_lock(&line->lock);
		line->ready[i % WAITING_MAX] = chunk;
		pthread_cond_broadcast(&line->changed);
		pthread_mutex_unlock(&line->lock);
	}
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
	struct cost start = begin();

	must(-pthread_mutex_init(&line.lock, NULL), "lock");
	must(-pthread_cond_init(&line.changed, NULL), "lock");
	must(catalog_store_write(to, take_target, &checkpoint), "target");
	for (unsigned i = 0; i + 1 < threads; i++)
		must(-pthread_create(&readers[i], NULL, read_chunks, &line), "thread");
	for (size_t done = 0, count; done < wires->count; done += count) {
		if (threads > 1) {
			count = next_group(&line, chunks);
		} else {
			for (count = 0; count < GROUP_MAX && done + count < wires->count; count++)
				chunks[count] = read_chunk(&line, done + count);
		}
		commit(&line, charter, chunks, count);
	}
	for (unsigned i = 0; i + 1 < threads; i++)
		must(-pthread_join(readers[i], NULL), "thread");
	pthread_cond_destroy(&line.changed);
	pthread_mutex_destroy(&line.lock);
	return since(start);
}

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

/* --- rounds
 * ---------------------------------------------------------------------------------------- */

enum what {
	BARE,
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

static struct cost bare_of(struct bench *bench, struct catalog_store *from, uint64_t size)
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
	cost = run_bare(store, entries, size, &bench->secret);
	for (uint64_t i = 0; i < size; i++)
		catalog_buffer_close(&entries[i]);
	free(entries);
	close_store(store, bench->base, "bare");
	return cost;
}

static void run_round(struct bench *bench, unsigned round)
{
	struct catalog_store *plain = open_store(bench->base, "plain"), *search;
	struct catalog_log_status status;
	struct wires wires;

	catalog_store_leave_search(plain);
	bench->costs[PUBLISH][round] =
		run_publish(plain, bench->charter, &bench->secret, bench->listings, bench->count);
	status = status_of(plain);
	bench->costs[MAKE][round] = run_make(plain, status.size, &wires);
	bench->wire_bytes = wires.bytes;
	bench->costs[BARE][round] = bare_of(bench, plain, status.size);
	bench->costs[TAKE][round] = take_into(bench, &status, &wires, 1, false);
	bench->costs[TAKE_TWO][round] = take_into(bench, &status, &wires, 2, false);
	bench->costs[TAKE_THREE][round] = take_into(bench, &status, &wires, 3, false);
	search = open_store(bench->base, "search");
	bench->costs[PUBLISH_SEARCH][round] =
		run_publish(search, bench->charter, &bench->secret, bench->listings, bench->count);
	bench->costs[TAKE_SEARCH][round] = take_into(bench, &status, &wires, 1, true);
	bench->costs[TAKE_TWO_SEARCH][round] = take_into(bench, &status, &wires, 2, true);
	bench->costs[TAKE_THREE_SEARCH][round] = take_into(bench, &status, &wires, 3, true);
	if (round + 1 == bench->rounds)
		report_bytes(search, bench->count);
	for (size_t i = 0; i < wires.count; i++)
		catalog_buffer_close(&wires.wires[i]);
	free(wires.wires);
	close_store(plain, bench->base, "plain");
	close_store(search, bench->base, "search");
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void report(struct bench *bench)
{
	unsigned rounds = bench->rounds, middle = rounds / 2;

	printf("%-28s %10s %14s   %s\n", "", "listings/s", "CPU us each",
	       "of the bare loop (least to most), by CPU");
	for (unsigned what = 0; what < WHATS; what++) {
		double rates[ROUNDS_MAX], cpu[ROUNDS_MAX], ratios[ROUNDS_MAX], by_cpu[ROUNDS_MAX];

		for (unsigned i = 0; i < rounds; i++) {
			const struct cost *bare = &bench->costs[BARE][i];
			const struct cost *cost = &bench->costs[what][i];

			rates[i] = bench->count / cost->wall_s;
			cpu[i] = cost->cpu_s / bench->count * 1e6;
			ratios[i] = bare->wall_s / cost->wall_s;
			by_cpu[i] = bare->cpu_s / cost->cpu_s;
		}
		qsort(rates, rounds, sizeof *rates, compare);
		qsort(cpu, rounds, sizeof *cpu, compare);
		qsort(ratios, rounds, sizeof *ratios, compare);
		qsort(by_cpu, rounds, sizeof *by_cpu, compare);
		printf("%-28s %10.0f %14.2f   %.2f  (%.2f to %.2f)   %.2f\n", names[what],
		       rates[middle], cpu[middle], ratios[middle], ratios[0], ratios[rounds - 1],
		       by_cpu[middle]);
	}
	printf("an entry is %.0f bytes, on the wire %.0f\n",
	       (double)bench->entry_bytes / bench->count, (double)bench->wire_bytes / bench->count);
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
	static struct pool pool;
	static struct bench bench = {.count = 20000, .rounds = 3};
	struct text text = {.rng = 7, .log_count = log(WORD_COUNT)};
	unsigned bytes = 1000;
	char base[200];
	int option;

	while ((option = getopt(argc, argv, "n:b:r:")) != -1) {
		switch (option) {
		case 'n': bench.count = number(optarg, COUNT_MAX); break;
		case 'b': bytes = number(optarg, BYTES_MAX); break;
		case 'r': bench.rounds = number(optarg, ROUNDS_MAX); break;
		default:
			fprintf(stderr, "usage: bench_store [-n LISTINGS] [-b BYTES] [-r ROUNDS] "
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
	read_files(&pool, argv + optind, argc - optind);
	bench.listings = calloc(bench.count, sizeof(struct catalog_value *));
	assert(bench.listings != NULL);
	for (unsigned i = 0; i < bench.count; i++)
		bench.listings[i] =
			pool.count > 0 ? take_listing(&pool, i) : make_listing(&text, i, bytes);
	printf("%u listings, %u rounds, files in %s\n", bench.count, bench.rounds, base);
	for (unsigned i = 0; i < bench.rounds; i++)
		run_round(&bench, i);
	report(&bench);
	for (unsigned i = 0; i < bench.count; i++)
		catalog_value_free(bench.listings[i]);
	for (size_t i = 0; i < pool.count; i++)
		catalog_value_free(pool.listings[i]);
	free(bench.listings);
	catalog_charter_free(bench.charter);
	if (rmdir(base) != 0)
		perror(base);
	return 0;
}
