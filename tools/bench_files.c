/* tools/bench_files.c - what real catalogues cost on disk: publishes files as one member and
 * tells the bytes of each table by listing.
 * Usage: bench_files FILE...      It works in a directory of its own below $TMPDIR or /tmp. */
#include <stdbool.h>
#include <stdio.h>

#include <sodium.h>

#include "catalog/log.h"
#include "catalog/publisher.h"
#include "catalog/reader.h"
#include "tools/bench_place.h"

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
	return tools_bench_place_begin().wall_s;
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
	tools_bench_place_must(catalog_listing_make_id(bench->file == 0 ? record->id : text, id),
			       "make an id");
	tools_bench_place_must(catalog_value_encode(record->listing, &body), "encode");
	bench->encoded_bytes += body.len;
	catalog_buffer_close(&body);
	randombytes_buf(salt, sizeof salt);
	tools_bench_place_must(catalog_publisher_put(bench->publisher, id, record->listing, TIME_S,
						     salt, &outcome),
			       "put");
	bench->put += outcome == CATALOG_PUBLISHER_NEW;
	bench->put_s += seconds() - start;
	return 0;
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
	tools_bench_place_must(catalog_store_begin(store, &txn), "read");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint64_t bytes;

		tools_bench_place_must(catalog_store_table_bytes(txn, tables[i].table, &bytes),
				       "measure");
		printf("  %-12s %8.1f bytes a listing\n", tables[i].name, (double)bytes / count);
	}
	catalog_store_end(txn);
	tools_bench_place_must(catalog_store_bytes(store, &total, &index), "measure");
	printf("  %-12s %8.1f bytes a listing, search index apart (%.1f)\n", "all",
	       (double)(total - index) / count, (double)index / count);
	printf("  %-12s %8.0f listings/s, one thread, reading apart\n", "publish",
	       count / bench->put_s);
}

/* Publish the files.  Returns whether all of them could be read. */
static bool read_files(struct bench *bench, char **files, int count)
{
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	bool good = true;

	for (int i = 0; i < count; i++) {
		struct catalog_reader_error error = {.text = ""};

		bench->file = (unsigned)i;
		if (catalog_reader_read(files[i], &options, publish, bench, &error) == 0)
			continue;
		fprintf(stderr, "bench_files: %s: %s\n", files[i], error.text);
		good = false;
	}
	bench->put_s -= seconds();
	tools_bench_place_must(catalog_publisher_flush(bench->publisher, TIME_S, salt), "flush");
	bench->put_s += seconds();
	return good;
}

int main(int argc, char **argv)
{
	struct catalog_store *store;
	struct catalog_charter *charter;
	struct catalog_secret secret;
	struct bench bench = {0};
	char base[TOOLS_BENCH_PLACE_BYTES];
	bool good;

	if (argc < 2 || sodium_init() < 0) {
		fprintf(stderr, "usage: bench_files FILE...\n");
		return 2;
	}
	tools_bench_place_make(base);
	charter = tools_bench_place_found(NULL, 1, &secret);
	store = tools_bench_place_open(base, "store");
	tools_bench_place_must(catalog_publisher_new(store, charter, 0, &secret, &bench.publisher),
			       "publisher");
	good = read_files(&bench, argv + 1, argc - 1);
	if (bench.put > 0)
		report(store, &bench);
	else
		fprintf(stderr,
			"bench_files: no listing in what was named: name files that `fedcat "
			"publish` reads\n");
	catalog_publisher_free(bench.publisher);
	tools_bench_place_close(store);
	tools_bench_place_delete(base, "store");
	tools_bench_place_remove(base);
	catalog_charter_free(charter);
	return good && bench.put > 0 ? 0 : 1;
}
