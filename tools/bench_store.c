/* tools/bench_store.c - what publishing and replicating cost beside a bare loop on the same
 * entries. Usage: bench_store [COUNT]      It works in a directory of its own below $TMPDIR or
 * /tmp.
 *
 * The bare loop only hashes the entries (SHA-256), puts them into one table in batches of the same
 * length, each synchronised, and signs once a batch. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/chunk.h"
#include "catalog/publisher.h"

#define COUNT_MAX 1000000
#define BATCH     999
#define TIME_S    1700000000

static const char *const words[] = {
	"rice",      "yield",  "district", "health",  "facility", "water",     "quality", "survey",
	"household", "annual", "rainfall", "station", "budget",   "transport", "school",  "census",
	"forest",    "energy", "price",    "market",  "maize",    "clinic",    "road",    "soil"};
static uint64_t rng = 7;

static const char *random_word(void)
{
	rng ^= rng >> 12, rng ^= rng << 25, rng ^= rng >> 27;
	return words[(rng * UINT64_C(2685821657736338717) >> 33) % (sizeof words / sizeof *words)];
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC,
			    &now); /* it exists on every system that LMDB runs on */
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(int r, const char *what)
{
	if (r == 0)
		return;
	fprintf(stderr, "bench_store: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* A listing of about 1 KB. */
static struct catalog_value *make_listing(unsigned i)
{
	struct catalog_value *listing = catalog_value_new_map(), *title = catalog_value_new_map();
	struct catalog_value *description = catalog_value_new_map();
	char text[1200], url[80];
	size_t len = 0;

	for (int k = 0; k < 110; k++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s ", random_word());
	must(catalog_value_set(description, "en", catalog_value_new_string(text)), "memory");
	snprintf(text, sizeof text, "%s %s %s %u", random_word(), random_word(), random_word(), i);
	must(catalog_value_set(title, "en", catalog_value_new_string(text)), "memory");
	snprintf(url, sizeof url, "https://data.example.org/dataset/%u", i);
	must(catalog_value_set(listing, "landingPage", catalog_value_new_string(url)), "memory");
	must(catalog_value_set(listing, "title", title), "memory");
	must(catalog_value_set(listing, "description", description), "memory");
	return listing;
}

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

static double run_bare(struct catalog_store *from, struct catalog_store *to, uint64_t size,
		       const struct catalog_secret *secret)
{
	struct catalog_buffer *entries = calloc(size, sizeof *entries);
	struct catalog_txn *txn;
	double start;

	assert(entries != NULL);
	must(catalog_store_begin(from, &txn), "read");
	for (uint64_t i = 0; i < size; i++)
		must(catalog_log_read(txn, 0, i, &entries[i]), "read an entry");
	catalog_store_end(txn);
	start = seconds();
	for (uint64_t i = 0; i < size; i += BATCH + 1) {
		struct bare bare = {entries, i, i + BATCH + 1 < size ? i + BATCH + 1 : size,
				    secret};

		must(catalog_store_write(to, bare_batch, &bare), "bare write");
	}
	start = seconds() - start;
	for (uint64_t i = 0; i < size; i++)
		catalog_buffer_close(&entries[i]);
	free(entries);
	return start;
}

static double run_publish(struct catalog_store *store, const struct catalog_charter *charter,
			  const struct catalog_secret *secret, struct catalog_value **listings,
			  unsigned count)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	struct catalog_publisher *publisher;
	double start = seconds();

	must(catalog_publisher_new(store, charter, 0, secret, &publisher), "publisher");
	for (unsigned i = 0; i < count; i++) {
		enum catalog_publisher_outcome outcome;
		char id[32];

		snprintf(id, sizeof id, "dataset-%u", i);
		memcpy(salt, &i, sizeof i);
		must(catalog_publisher_put(publisher, id, listings[i], TIME_S, salt, &outcome),
		     "put");
	}
	must(catalog_publisher_flush(publisher, TIME_S, salt), "flush");
	catalog_publisher_free(publisher);
	return seconds() - start;
}

static int take_target(struct catalog_txn *txn, void *checkpoint)
{
	return catalog_log_target(txn, 0, checkpoint,
				  (struct catalog_span){(const uint8_t *)"bench", 5});
}

static double run_pull(struct catalog_store *from, struct catalog_store *to,
		       const struct catalog_charter *charter,
		       const struct catalog_log_status *source, size_t *ret_wire_bytes)
{
	struct catalog_checkpoint checkpoint = {.size = source->size, .root = source->root};
	struct catalog_buffer wire = {0};
	uint64_t at = 0;
	double start = seconds();

	must(catalog_store_write(to, take_target, &checkpoint), "target");
	*ret_wire_bytes = 0;
	while (at < source->size) {
		struct catalog_chunk *chunk;
		struct catalog_txn *txn;
		int result;

		wire.len = 0;
		must(catalog_store_begin(from, &txn), "read");
		must(catalog_chunk_make(txn, 0, at, source->size, &wire, NULL), "make a chunk");
		catalog_store_end(txn);
		*ret_wire_bytes += wire.len;
		must(catalog_chunk_new(catalog_buffer_span(&wire), &chunk), "read a chunk");
		catalog_chunk_commit_all(to, charter, (const struct catalog_chunk *const *)&chunk,
					 1, &result);
		must(result, "commit a chunk");
		at = catalog_chunk_to(chunk);
		catalog_chunk_free(chunk);
	}
	catalog_buffer_close(&wire);
	return seconds() - start;
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
		{CATALOG_TABLE_ENTRIES, "entries"}, {CATALOG_TABLE_TREE, "tree"},
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

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000;
	struct catalog_value **listings;
	struct catalog_store *publisher, *puller, *bare;
	struct catalog_log_status status;
	struct catalog_secret secret;
	struct catalog_charter *charter;
	struct catalog_txn *txn;
	double publish_s, pull_s, bare_s;
	size_t wire_bytes;
	char base[200];

	if (count == 0 || count > COUNT_MAX || sodium_init() < 0) {
		fprintf(stderr, "usage: bench_store [COUNT], 1 to 1,000,000\n");
		return 2;
	}
	snprintf(base, sizeof base, "%s/bench_store.XXXXXX", tmp);
	if (mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	charter = make_charter(&secret);
	listings = calloc(count, sizeof(struct catalog_value *));
	assert(listings != NULL);
	for (unsigned i = 0; i < count; i++)
		listings[i] = make_listing(i);
	publisher = open_store(base, "publisher");
	puller = open_store(base, "puller");
	bare = open_store(base, "bare");

	publish_s = run_publish(publisher, charter, &secret, listings, count);
	must(catalog_store_begin(publisher, &txn), "read");
	must(catalog_log_status(txn, 0, &status), "status");
	catalog_store_end(txn);
	pull_s = run_pull(publisher, puller, charter, &status, &wire_bytes);
	bare_s = run_bare(publisher, bare, status.size, &secret);

	printf("%u listings, with the search index, one thread, files in %s\n", count, base);
	printf("  publish %8.0f listings/s   %.2f of the bare loop\n", count / publish_s,
	       bare_s / publish_s);
	printf("  pull    %8.0f listings/s   %.2f of the bare loop   %.1f bytes a listing on the "
	       "wire\n",
	       count / pull_s, bare_s / pull_s, (double)wire_bytes / count);
	printf("  bare    %8.0f listings/s\n", count / bare_s);
	report_bytes(publisher, count);

	for (unsigned i = 0; i < count; i++)
		catalog_value_free(listings[i]);
	free(listings);
	close_store(publisher, base, "publisher");
	close_store(puller, base, "puller");
	close_store(bare, base, "bare");
	if (rmdir(base) != 0)
		perror(base);
	catalog_charter_free(charter);
	return 0;
}
