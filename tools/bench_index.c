/* tools/bench_index.c - two groups of entries take turns: a thread gathers the words of one while
 * the other is written. */
#include "tools/bench_index.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "catalog/chunk.h"
#include "catalog/index_batch.h"
#include "catalog/index_words.h"
#include "catalog/log_entry.h"

#define PARTS_MAX (CATALOG_LOG_TXN_ENTRIES_MAX / CATALOG_CHUNK_LEAVES_MAX)

/* What one transaction writes: as many entries as in eight chunks, each with words of its own. */
struct group {
	struct catalog_store *store;
	const struct catalog_member *member;
	const struct catalog_buffer *bytes;
	uint64_t from; /* index of its first entry */
	size_t count;
	struct catalog_log_entry entries[CATALOG_LOG_TXN_ENTRIES_MAX];
	struct catalog_index_words *words[PARTS_MAX];
};

static void *gather(void *arg)
{
	struct group *group = arg;

	for (size_t at = 0; at < group->count; at += CATALOG_CHUNK_LEAVES_MAX) {
		size_t left = group->count - at;
		size_t count = left < CATALOG_CHUNK_LEAVES_MAX ? left : CATALOG_CHUNK_LEAVES_MAX;

		for (size_t i = 0; i < count; i++)
			catalog_log_entry_read(catalog_buffer_span(&group->bytes[at + i]),
					       &group->entries[at + i]);
		tools_bench_place_must(
			catalog_log_entry_gather(catalog_store_lender(group->store),
						 &group->entries[at], count,
						 &group->words[at / CATALOG_CHUNK_LEAVES_MAX]),
			"gather words");
	}
	return NULL;
}

static int write_group(struct catalog_txn *txn, void *arg)
{
	const struct group *group = arg;
	struct catalog_index_batch *batch = NULL;
	int r = catalog_index_batch_new(txn, &batch);

	for (size_t i = 0; i < group->count && r == 0; i++) {
		const struct catalog_log_entry *entry = &group->entries[i];

		if (entry->words_slot != CATALOG_LOG_ENTRY_NO_WORDS)
			r = catalog_index_batch_add_words(batch, group->member, group->from + i,
							  entry->words, entry->words_slot);
	}
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	return r;
}

static void begin_group(struct group *group, const struct tools_bench_log_entries *entries,
			uint64_t from)
{
	uint64_t left = entries->count - from;

	group->from = from;
	group->bytes = entries->entries + from;
	group->count = left < CATALOG_LOG_TXN_ENTRIES_MAX ? left : CATALOG_LOG_TXN_ENTRIES_MAX;
}

static void end_group(struct group *group)
{
	tools_bench_place_must(catalog_store_write(group->store, write_group, group), "index");
	for (size_t i = 0; i < PARTS_MAX; i++) {
		catalog_index_words_free(group->words[i]);
		group->words[i] = NULL;
	}
}

struct tools_bench_place_cost tools_bench_index_run(struct catalog_store *store,
						    const struct catalog_charter *charter,
						    const struct tools_bench_log_entries *entries)
{
	struct group *groups = calloc(2, sizeof *groups);
	struct tools_bench_place_cost cost, start = tools_bench_place_begin();
	unsigned turn = 0;
	uint64_t from = 0;

	assert(groups != NULL);
	for (unsigned i = 0; i < 2; i++) {
		groups[i].store = store;
		groups[i].member = catalog_charter_member(charter, 0);
	}
	begin_group(&groups[0], entries, 0);
	(void)gather(&groups[0]); /* ends the program if it fails */
	while (from < entries->count) {
		struct group *group = &groups[turn], *next = &groups[1 - turn];
		pthread_t thread;

		from += group->count;
		if (from < entries->count) {
			begin_group(next, entries, from);
			tools_bench_place_must(-pthread_create(&thread, NULL, gather, next),
					       "thread");
		}
		end_group(group);
		if (from < entries->count)
			tools_bench_place_must(-pthread_join(thread, NULL), "thread");
		turn = 1 - turn;
	}
	cost = tools_bench_place_since(start);
	free(groups);
	return cost;
}
