/* Runs: sequences that arrive mixed are found again, and their table's pages are full. */
#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/runs.h"

#define ITEM_BYTES 400

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

static struct catalog_runs_sequence sequence(uint32_t log, uint8_t level)
{
	return (struct catalog_runs_sequence){CATALOG_TABLE_ENTRIES, log, level};
}

struct batch {
	uint32_t log;
	uint8_t level;
	uint64_t index, count;
};

/* An item begins with whose it is. */
static int put_batch(struct catalog_txn *txn, void *arg)
{
	const struct batch *batch = arg;
	struct catalog_runs_sequence whose = sequence(batch->log, batch->level);
	char item[ITEM_BYTES] = "";
	uint64_t place;
	int r = catalog_runs_extend(txn, &whose, batch->index, batch->count, &place);

	for (uint64_t i = 0; r == 0 && i < batch->count; i++) {
		snprintf(item, sizeof item, "%u/%u/%u", batch->log, batch->level,
			 (unsigned)(batch->index + i));
		r = catalog_runs_append(txn, CATALOG_TABLE_ENTRIES, place + i, 0,
					(struct catalog_span){(const uint8_t *)item, sizeof item});
	}
	return r;
}

static void put(struct catalog_store *store, uint32_t log, uint8_t level, uint64_t index,
		uint64_t count)
{
	struct batch batch = {log, level, index, count};

	assert_int_equal(catalog_store_write(store, put_batch, &batch), 0);
}

static void check_item(struct catalog_txn *txn, uint32_t log, uint8_t level, uint64_t index)
{
	struct catalog_runs_sequence whose = sequence(log, level);
	struct catalog_span value;
	char expected[32];
	uint64_t place;

	assert_int_equal(catalog_runs_find(txn, &whose, index, &place), 0);
	assert_int_equal(catalog_runs_get(txn, CATALOG_TABLE_ENTRIES, place, 0, &value), 0);
	snprintf(expected, sizeof expected, "%u/%u/%u", log, level, (unsigned)index);
	assert_string_equal((const char *)value.bytes, expected);
}

static void test_sequences_that_arrive_mixed_are_found_again(void **state)
{
	struct catalog_runs_sequence one = sequence(1, 0), two = sequence(2, 0);
	struct catalog_store *store;
	struct catalog_txn *txn;
	uint64_t place;

	assert_int_equal(catalog_store_open(*state, 1, &store), 0);
	put(store, 1, 0, 0, 3);
	put(store, 1, 4, 0, 1);
	put(store, 1, 0, 3, 2);
	put(store, 3, 0, 0, 2);
	put(store, 1, 0, 5, 4);
	put(store, 1, 0, 9, 1);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	for (uint64_t i = 0; i < 10; i++)
		check_item(txn, 1, 0, i);
	check_item(txn, 1, 4, 0);
	check_item(txn, 3, 0, 1);
	assert_int_equal(catalog_runs_find(txn, &one, 10, &place), -ENOENT);
	assert_int_equal(catalog_runs_find(txn, &two, 0, &place), -ENOENT);
	catalog_store_end(txn);
	catalog_store_close(store);
}

static unsigned count_runs(struct catalog_store *store)
{
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	struct catalog_txn *txn;
	unsigned count = 0;
	int r;

	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_store_cursor_open(txn, CATALOG_TABLE_RUNS, &cursor), 0);
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){(const uint8_t *)"", 1}, &key,
				      &value);
	for (; r == 0; r = catalog_store_cursor_next(cursor, &key, &value))
		count += key.len > 1; /* a key of one byte says where a table ends */
	assert_int_equal(r, -ENOENT);
	catalog_store_cursor_close(cursor);
	catalog_store_end(txn);
	return count;
}

static void test_what_follows_at_the_end_makes_a_run_longer(void **state)
{
	struct catalog_store *store;

	assert_int_equal(catalog_store_open(*state, 1, &store), 0);
	put(store, 1, 0, 0, 3);
	put(store, 1, 0, 3, 3);
	assert_int_equal(count_runs(store), 1);
	put(store, 2, 0, 0, 3);
	put(store, 1, 0, 6, 3);
	assert_int_equal(count_runs(store), 3);
	catalog_store_close(store);
}

static void test_pages_are_full_although_logs_take_turns(void **state)
{
	struct catalog_store *store;
	struct catalog_txn *txn;
	uint64_t bytes;

	assert_int_equal(catalog_store_open(*state, 1, &store), 0);
	for (uint64_t i = 0; i < 20; i++)
		for (uint32_t log = 1; log <= 5; log++)
			put(store, log, 0, i * 20, 20);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_store_table_bytes(txn, CATALOG_TABLE_ENTRIES, &bytes), 0);
	/* Nine of 400 bytes go on a page of 4,096; pages that were split would hold five. */
	assert_true(bytes / 2000 < 4096 / 8);
	catalog_store_end(txn);
	catalog_store_close(store);
}

static int append_before(struct catalog_txn *txn, void *arg)
{
	(void)arg;
	return catalog_runs_append(txn, CATALOG_TABLE_ENTRIES, 0, 0,
				   (struct catalog_span){(const uint8_t *)"x", 1});
}

static void test_nothing_is_appended_but_at_the_end(void **state)
{
	struct catalog_store *store;

	assert_int_equal(catalog_store_open(*state, 1, &store), 0);
	put(store, 1, 0, 0, 3);
	assert_int_equal(catalog_store_write(store, append_before, NULL), -EIO);
	catalog_store_close(store);
}

#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

TEST_MAIN("runs", IN_A_DIRECTORY(test_sequences_that_arrive_mixed_are_found_again),
	  IN_A_DIRECTORY(test_what_follows_at_the_end_makes_a_run_longer),
	  IN_A_DIRECTORY(test_pages_are_full_although_logs_take_turns),
	  IN_A_DIRECTORY(test_nothing_is_appended_but_at_the_end))
