/* tools/bench_files.c - what real catalogues cost on disk: publishes files as one member and
 * tells the bytes of each table by listing.
 * Usage: bench_files FILE...      It works in a directory of its own below $TMPDIR or /tmp. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/log.h"
#include "catalog/publisher.h"
#include "catalog/reader.h"

#define TIME_S 1760000000

struct bench {
	struct catalog_publisher *publisher;
	unsigned file; /* files are of different institutions, so their ids are kept apart */
	uint64_t read, rejected, put;
	uint64_t encoded_bytes;
	double put_s;
};

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
	fprintf(stderr, "bench_files: %s: %s\n", what, strerror(-r));
	exit(1);
}

static int publish(void *arg, const struct catalog_reader_record *record)
{
	struct bench *bench = arg;
	enum catalog_publisher_outcome outcome;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_buffer body = {0};
	char id[CATALOG_ID_BYTES_MAX + 1], text[CATALOG_ID_BYTES_MAX + 16];
	double start = seconds();

	bench->read++;
	if (record->listing == NULL || record->id == NULL) {
		bench->rejected++;
		return 0;
	}
	snprintf(text, sizeof text, "%u/%s", bench->file, record->id);
	must(catalog_listing_make_id(bench->file == 0 ? record->id : text, id), "make an id");
	must(catalog_value_encode(record->listing, &body), "encode");
	bench->encoded_bytes += body.len;
	catalog_buffer_close(&body);
	randombytes_buf(salt, sizeof salt);
	must(catalog_publisher_put(bench->publisher, id, record->listing, TIME_S, salt, &outcome),
	     "put");
	bench->put += outcome == CATALOG_PUBLISHER_NEW;
	bench->put_s += seconds() - start;
	return 0;
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

static void report(struct catalog_store *store, const struct bench *bench)
{
	static const struct {
		enum catalog_table table;
		const char *name;
	} tables[] = {
		{CATALOG_TABLE_ENTRIES, "entries"},
		{CATALOG_TABLE_TREE, "tree"},
		{CATALOG_TABLE_TILES, "tiles"},
		{CATALOG_TABLE_RUNS, "runs"},
		{CATALOG_TABLE_VIEW, "view"},
		{CATALOG_TABLE_TRIE, "trie"},
		{CATALOG_TABLE_CHECKPOINTS, "checkpoints"},
		{CATALOG_TABLE_DICTIONARIES, "dictionary"},
		{CATALOG_TABLE_DOCS, "documents"},
		{CATALOG_TABLE_POSTINGS, "postings"},
		{CATALOG_TABLE_INDEX, "index"},
	};
	double count = (double)bench->put;
	struct catalog_txn *txn;
	uint64_t total, index;

	printf("%llu records read, %llu rejected, %llu listings; a listing is %.1f bytes as "
	       "msgpack\n",
	       (unsigned long long)bench->read, (unsigned long long)bench->rejected,
	       (unsigned long long)bench->put, (double)bench->encoded_bytes / count);
	must(catalog_store_begin(store, &txn), "read");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint64_t bytes;

		must(catalog_store_table_bytes(txn, tables[i].table, &bytes), "measure");
		printf("  %-12s %8.1f bytes a listing\n", tables[i].name, (double)bytes / count);
	}
	catalog_store_end(txn);
	must(catalog_store_bytes(store, &total, &index), "measure");
	printf("  %-12s %8.1f bytes a listing, search index apart (%.1f)\n", "all",
	       (double)(total - index) / count, (double)index / count);
	printf("  %-12s %8.0f listings/s, one thread, reading apart\n", "publish",
	       count / bench->put_s);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};
	struct catalog_store *store = NULL;
	struct catalog_charter *charter;
	struct catalog_secret secret;
	struct bench bench = {0};
	char base[200], path[300];

	if (argc < 2 || sodium_init() < 0) {
		fprintf(stderr, "usage: bench_files FILE...\n");
		return 2;
	}
	snprintf(base, sizeof base, "%s/bench_files.XXXXXX", tmp);
	if (mkdtemp(base) == NULL) {
		perror(base);
		return 1;
	}
	charter = make_charter(&secret);
	must(catalog_store_open(base, 1, &store), base);
	must(catalog_publisher_new(store, charter, 0, &secret, &bench.publisher), "publisher");
	for (int i = 1; i < argc; i++) {
		struct catalog_reader_error error = {.text = ""};

		bench.file = (unsigned)i - 1;
		if (catalog_reader_read(argv[i], &options, publish, &bench, &error) != 0)
			fprintf(stderr, "bench_files: %s: %s\n", argv[i], error.text);
	}
	bench.put_s -= seconds();
	must(catalog_publisher_flush(bench.publisher, TIME_S, salt), "flush");
	bench.put_s += seconds();
	report(store, &bench);
	catalog_publisher_free(bench.publisher);
	catalog_store_close(store);
	catalog_charter_free(charter);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", base, files[i]);
		(void)unlink(path); /* what stays is told by the rmdir of base */
	}
	if (rmdir(base) != 0)
		perror(base);
	return 0;
}
