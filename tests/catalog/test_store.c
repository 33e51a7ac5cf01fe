/* The store: what is written is durable, what fails leaves nothing, the map grows by itself. */
#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/store.h"

static int make_dir(void **state)
{
	char *dir = malloc(SCRATCH_BYTES);

	assert_non_null(dir);
	scratch_make(dir);
	*state = dir;
	return 0;
}

static int remove_dir(void **state)
{
	scratch_remove(*state);
	free(*state);
	return 0;
}

static struct catalog_store *open_store(void **state)
{
	struct catalog_store *store;

	assert_int_equal(catalog_store_open(*state, 77, &store), 0);
	return store;
}

static struct catalog_span text(const char *t)
{
	return (struct catalog_span){(const uint8_t *)t, strlen(t)};
}

struct pair {
	const char *key, *value;
	int returns; /* what the body returns after its put */
};

static int put_pair(struct catalog_txn *txn, void *arg)
{
	const struct pair *pair = arg;
	int r = catalog_store_put(txn, CATALOG_TABLE_INDEX, text(pair->key), text(pair->value));

	return r != 0 ? r : pair->returns;
}

static bool holds(struct catalog_store *store, const char *key, const char *value)
{
	struct catalog_txn *txn;
	struct catalog_span found;
	bool same;

	assert_int_equal(catalog_store_begin(store, &txn), 0);
	same = catalog_store_get(txn, CATALOG_TABLE_INDEX, text(key), &found) == 0 &&
	       found.len == strlen(value) && memcmp(found.bytes, value, found.len) == 0;
	catalog_store_end(txn);
	return same;
}

static void test_what_is_written_is_there_after_reopening(void **state)
{
	struct catalog_store *store = open_store(state);
	struct pair pair = {"key", "value", 0};

	assert_int_equal(catalog_store_write(store, put_pair, &pair), 0);
	catalog_store_close(store);
	assert_int_equal(catalog_store_open(*state, 99, &store), 0);
	assert_true(holds(store, "key", "value"));
	assert_int_equal(catalog_store_incarnation(store), 77);
	catalog_store_close(store);
}

static void test_a_body_that_fails_changes_nothing(void **state)
{
	struct catalog_store *store = open_store(state);
	struct pair good = {"key", "before", 0}, bad = {"key", "after", -EPROTO};

	assert_int_equal(catalog_store_write(store, put_pair, &good), 0);
	assert_int_equal(catalog_store_write(store, put_pair, &bad), -EPROTO);
	assert_true(holds(store, "key", "before"));
	catalog_store_close(store);
}

#define BLOCK_BYTES (1024 * 1024)
#define BLOCKS      150 /* twice past the 64 MiB that the map starts with */

struct block {
	const uint8_t *bytes;
	unsigned first, count;
	unsigned runs;
};

static int put_blocks(struct catalog_txn *txn, void *arg)
{
	struct block *block = arg;
	int r = 0;

	block->runs++;
	for (unsigned i = 0; r == 0 && i < block->count; i++) {
		unsigned number = block->first + i;
		uint8_t key[2] = {(uint8_t)(number >> 8), (uint8_t)number};

		r = catalog_store_put(txn, CATALOG_TABLE_POSTINGS,
				      (struct catalog_span){key, sizeof key},
				      (struct catalog_span){block->bytes, BLOCK_BYTES});
	}
	return r;
}

static void test_the_map_grows_and_the_body_runs_again(void **state)
{
	struct catalog_store *store = open_store(state);
	struct block block = {calloc(1, BLOCK_BYTES), 0, BLOCKS, 0};
	uint64_t total, index;

	assert_non_null(block.bytes);
	assert_int_equal(catalog_store_write(store, put_blocks, &block), 0);
	assert_true(block.runs > 1);
	assert_int_equal(catalog_store_bytes(store, &total, &index), 0);
	assert_true(index >= (uint64_t)BLOCKS * BLOCK_BYTES);
	assert_true(total >= index);
	catalog_store_close(store);
	free((void *)(uintptr_t)block.bytes);
}

/* Reads until told to stop, while the map grows under it. */
struct reader {
	struct catalog_store *store;
	_Atomic bool stop;
	int worst;
};

static void *read_on(void *arg)
{
	struct reader *reader = arg;

	while (!reader->stop) {
		struct catalog_txn *txn;
		struct catalog_span value;
		int r = catalog_store_begin(reader->store, &txn);

		if (r == 0) {
			r = catalog_store_get(txn, CATALOG_TABLE_INDEX, text("key"), &value);
			catalog_store_end(txn);
		}
		if (r != 0)
			reader->worst = r;
	}
	return NULL;
}

static void test_readers_go_on_while_the_map_grows(void **state)
{
	struct catalog_store *store = open_store(state);
	struct pair pair = {"key", "value", 0};
	struct reader readers[3];
	pthread_t threads[3];
	struct block block = {calloc(1, BLOCK_BYTES), 0, BLOCKS / 5, 0};

	assert_non_null(block.bytes);
	assert_int_equal(catalog_store_write(store, put_pair, &pair), 0);
	for (size_t i = 0; i < 3; i++) {
		readers[i] = (struct reader){store, false, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
	}
	for (; block.first < BLOCKS; block.first += block.count)
		assert_int_equal(catalog_store_write(store, put_blocks, &block), 0);
	for (size_t i = 0; i < 3; i++)
		readers[i].stop = true;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(readers[i].worst, 0);
	}
	assert_true(block.runs > BLOCKS / block.count);
	catalog_store_close(store);
	free((void *)(uintptr_t)block.bytes);
}

static void test_a_snapshot_does_not_see_later_writes(void **state)
{
	struct catalog_store *store = open_store(state);
	struct pair first = {"a", "1", 0}, second = {"a", "2", 0};
	struct catalog_txn *txn;
	struct catalog_span value;
	uint64_t snapshot;

	assert_int_equal(catalog_store_write(store, put_pair, &first), 0);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	snapshot = catalog_store_snapshot(txn);
	/* Small enough not to grow the map, which would wait for the read above. */
	assert_int_equal(catalog_store_write(store, put_pair, &second), 0);
	assert_int_equal(catalog_store_get(txn, CATALOG_TABLE_INDEX, text("a"), &value), 0);
	assert_memory_equal(value.bytes, "1", 1);
	assert_int_equal(catalog_store_snapshot(txn), snapshot);
	catalog_store_end(txn);
	assert_true(holds(store, "a", "2"));
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_store_snapshot(txn), snapshot + 1);
	catalog_store_end(txn);
	catalog_store_close(store);
}

static int put_newer_schema(struct catalog_txn *txn, void *arg)
{
	uint8_t schema[8] = {[7] = CATALOG_STORE_SCHEMA + 1};

	(void)arg;
	return catalog_store_put(txn, CATALOG_TABLE_META, text("schema"),
				 (struct catalog_span){schema, sizeof schema});
}

static void test_a_newer_schema_is_refused(void **state)
{
	struct catalog_store *store = open_store(state);

	assert_int_equal(catalog_store_write(store, put_newer_schema, NULL), 0);
	catalog_store_close(store);
	assert_int_equal(catalog_store_open(*state, 1, &store), -EPROTONOSUPPORT);
}

static void test_a_file_that_is_no_store_is_refused(void **state)
{
	struct catalog_store *store;
	char path[200];
	FILE *file;

	snprintf(path, sizeof path, "%s/data.mdb", (const char *)*state);
	file = fopen(path, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 4096; i++)
		assert_int_not_equal(fprintf(file, "no store "), 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(catalog_store_open(*state, 1, &store), -EBADMSG);
}

static void test_a_store_opens_to_be_read_alone(void **state)
{
	struct pair pair = {"a", "1", 0};
	struct catalog_store *store;

	assert_int_equal(catalog_store_open_to_read(*state, &store), -ENOENT);
	store = open_store(state);
	assert_int_equal(catalog_store_write(store, put_pair, &pair), 0);
	catalog_store_close(store);
	assert_int_equal(catalog_store_open_to_read(*state, &store), 0);
	assert_true(holds(store, "a", "1"));
	catalog_store_close(store);

	store = open_store(state);
	assert_int_equal(catalog_store_write(store, put_newer_schema, NULL), 0);
	catalog_store_close(store);
	assert_int_equal(catalog_store_open_to_read(*state, &store), -EPROTONOSUPPORT);
}

static void test_a_directory_that_is_missing_is_named_so(void **state)
{
	struct catalog_store *store;
	char path[200];

	snprintf(path, sizeof path, "%s/missing", (const char *)*state);
	assert_int_equal(catalog_store_open(path, 1, &store), -ENOENT);
}

static void test_one_process_at_a_time_holds_the_lock(void **state)
{
	int lock, second;

	assert_int_equal(catalog_store_lock(*state, &lock), 0);
	/* flock() belongs to the open file, so a second open stands for another process. */
	assert_int_equal(catalog_store_lock(*state, &second), -EBUSY);
	catalog_store_unlock(lock);
	assert_int_equal(catalog_store_lock(*state, &second), 0);
	catalog_store_unlock(second);
}

static void test_a_cursor_walks_both_ways_in_byte_order(void **state)
{
	struct catalog_store *store = open_store(state);
	struct pair pairs[] = {{"b", "2", 0}, {"a", "1", 0}, {"d", "4", 0}};
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	struct catalog_txn *txn;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(catalog_store_write(store, put_pair, &pairs[i]), 0);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_store_cursor_open(txn, CATALOG_TABLE_INDEX, &cursor), 0);
	assert_int_equal(catalog_store_cursor_seek(cursor, text("c"), &key, &value), 0);
	assert_memory_equal(key.bytes, "d", 1);
	assert_int_equal(catalog_store_cursor_next(cursor, &key, &value), -ENOENT);
	assert_int_equal(catalog_store_cursor_seek(cursor, text("d"), &key, &value), 0);
	assert_int_equal(catalog_store_cursor_prev(cursor, &key, &value), 0);
	assert_memory_equal(key.bytes, "b", 1);
	assert_int_equal(catalog_store_cursor_seek(cursor, text("e"), &key, &value), -ENOENT);
	assert_int_equal(catalog_store_cursor_last(cursor, &key, &value), 0);
	assert_memory_equal(value.bytes, "4", 1);
	assert_int_equal(
		catalog_store_cursor_seek(cursor, (struct catalog_span){NULL, 0}, &key, &value), 0);
	assert_memory_equal(key.bytes, "a", 1);
	catalog_store_cursor_close(cursor);
	catalog_store_end(txn);
	catalog_store_close(store);
}

#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

TEST_MAIN("catalog/store", IN_A_DIRECTORY(test_what_is_written_is_there_after_reopening),
	  IN_A_DIRECTORY(test_a_body_that_fails_changes_nothing),
	  IN_A_DIRECTORY(test_the_map_grows_and_the_body_runs_again),
	  IN_A_DIRECTORY(test_readers_go_on_while_the_map_grows),
	  IN_A_DIRECTORY(test_a_snapshot_does_not_see_later_writes),
	  IN_A_DIRECTORY(test_a_newer_schema_is_refused),
	  IN_A_DIRECTORY(test_a_store_opens_to_be_read_alone),
	  IN_A_DIRECTORY(test_a_file_that_is_no_store_is_refused),
	  IN_A_DIRECTORY(test_a_directory_that_is_missing_is_named_so),
	  IN_A_DIRECTORY(test_one_process_at_a_time_holds_the_lock),
	  IN_A_DIRECTORY(test_a_cursor_walks_both_ways_in_byte_order))
