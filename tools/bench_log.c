#include "tools/bench_log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "catalog/publisher.h"

#define BATCH  1000
#define TIME_S 1700000000

/* --- publishing and reading ------------------------------------------------------------------- */

struct tools_bench_place_cost tools_bench_log_publish(struct catalog_store *store,
						      const struct catalog_charter *charter,
						      const struct catalog_secret *secret,
						      struct catalog_value **listings,
						      unsigned count)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};
	struct catalog_publisher *publisher;
	struct tools_bench_place_cost start = tools_bench_place_begin();

	tools_bench_place_must(catalog_publisher_new(store, charter, 0, secret, &publisher),
			       "publisher");
	for (unsigned i = 0; i < count; i++) {
		enum catalog_publisher_outcome outcome;
		uint32_t seed = i;
		char id[32];

		snprintf(id, sizeof id, "dataset-%u", i);
		/* Salts are random, and so do not compress. */
		for (size_t k = 0; k < sizeof salt; k++)
			salt[k] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
		tools_bench_place_must(
			catalog_publisher_put(publisher, id, listings[i], TIME_S, salt, &outcome),
			"put");
	}
	tools_bench_place_must(catalog_publisher_flush(publisher, TIME_S, salt), "flush");
	catalog_publisher_free(publisher);
	return tools_bench_place_since(start);
}

struct catalog_log_status tools_bench_log_status(struct catalog_store *store)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	tools_bench_place_must(catalog_store_begin(store, &txn), "read");
	tools_bench_place_must(catalog_log_status(txn, 0, &status), "status");
	catalog_store_end(txn);
	return status;
}

void tools_bench_log_read(struct catalog_store *store, struct tools_bench_log_entries *ret_entries)
{
	struct tools_bench_log_entries entries = {.count = tools_bench_log_status(store).size};
	struct catalog_txn *txn;

	entries.entries = calloc(entries.count, sizeof *entries.entries);
	assert(entries.entries != NULL);
	tools_bench_place_must(catalog_store_begin(store, &txn), "read");
	for (uint64_t i = 0; i < entries.count; i++) {
		tools_bench_place_must(catalog_log_read(txn, 0, i, &entries.entries[i]),
				       "read an entry");
		entries.bytes += entries.entries[i].len;
	}
	catalog_store_end(txn);
	*ret_entries = entries;
}

void tools_bench_log_close(struct tools_bench_log_entries *entries)
{
	for (uint64_t i = 0; i < entries->count; i++)
		catalog_buffer_close(&entries->entries[i]);
	free(entries->entries);
}

/* --- the bare loop ---------------------------------------------------------------------------- */

struct bare {
	enum tools_bench_log_hash hash;
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
		if (bare->hash == TOOLS_BENCH_LOG_OURS)
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

struct tools_bench_place_cost tools_bench_log_bare(struct catalog_store *store,
						   enum tools_bench_log_hash hash,
						   const struct tools_bench_log_entries *entries,
						   const struct catalog_secret *secret)
{
	struct tools_bench_place_cost start = tools_bench_place_begin();

	for (uint64_t i = 0; i < entries->count; i += BATCH) {
		struct bare bare = {hash, entries->entries, i,
				    i + BATCH < entries->count ? i + BATCH : entries->count,
				    secret};

		tools_bench_place_must(catalog_store_write(store, bare_batch, &bare), "bare write");
	}
	return tools_bench_place_since(start);
}
