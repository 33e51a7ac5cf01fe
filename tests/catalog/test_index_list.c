/* Lists of every length as they are written and read: in the dictionary, in one chunk, in many;
 * plain ones; their positions, in order and sought; and bytes that are damaged. */
#include "tests/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/index_terms.h"
#include "catalog/index_walk.h"
#include "catalog/index_writer.h"
#include "catalog/store.h"

#define SEGMENT       7
#define PLACES_MAX    70
#define POSTINGS_MAX  40000
#define DAMAGES       300
#define DAMAGED_BYTES 6000

static const uint32_t lengths[] = {1,    2,     31,    32,    33,          127,  128,
				   129,  200,   256,   700,   1500,        2500, 6000,
				   9000, 16384, 16385, 20000, POSTINGS_MAX};
#define LENGTHS (sizeof lengths / sizeof *lengths)

struct fixture {
	char dir[64];
	struct catalog_store *store;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	snprintf(fixture->dir, sizeof fixture->dir, "/tmp/test_index_list.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	assert_int_equal(catalog_store_open(fixture->dir, 1, &fixture->store), 0);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "writer.lock"};
	struct fixture *fixture = *state;
	char path[128];

	catalog_store_close(fixture->store);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", fixture->dir, files[i]);
		unlink(path);
	}
	rmdir(fixture->dir);
	free(fixture);
	return 0;
}

static int first(struct catalog_cursor *cursor, struct catalog_span *ret_key,
		 struct catalog_span *ret_value)
{
	static const uint8_t least[1] = {0};

	return catalog_store_cursor_seek(cursor, (struct catalog_span){least, sizeof least},
					 ret_key, ret_value);
}

/* --- what is written ----------------------------------------------------------------------- */

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* A list's postings one after the other, always the same for the same length. */
struct maker {
	uint32_t seed, base;
	uint32_t places[PLACES_MAX];
	size_t place_count;
};

static struct catalog_index_posting make(struct maker *maker, uint32_t length)
{
	uint32_t wide = length % 3 == 0 ? 5 : length % 3 == 1 ? 300 : 70000;
	struct catalog_index_posting posting;
	uint32_t place = 0;

	posting.slot = maker->base + random_next(&maker->seed) % (length > 9000 ? 20 : wide);
	maker->base = posting.slot + 1;
	posting.impact = (uint8_t)random_next(&maker->seed);
	posting.fields = length % 2 == 0 ? 4 : (uint8_t)(1 + random_next(&maker->seed) % 31);
	maker->place_count = random_next(&maker->seed) % 50 == 0
				     ? PLACES_MAX
				     : 1 + random_next(&maker->seed) % 3;
	for (size_t i = 0; i < maker->place_count; i++)
		maker->places[i] = place += 1 + random_next(&maker->seed) % 200;
	posting.positions = (struct catalog_span){NULL, 0};
	return posting;
}

static struct catalog_span term_of(uint32_t length, char form, char term[16])
{
	int n = snprintf(term, 16, "%06u", length);

	term[n + 1] = form;
	return (struct catalog_span){(const uint8_t *)term, (size_t)n + 2};
}

static int write_list(struct catalog_index_writer *writer, uint32_t length, char form)
{
	struct maker maker = {.seed = length};
	struct catalog_buffer places = {0};
	char term[16] = "";
	int r = 0;

	catalog_index_writer_begin(writer, term_of(length, form, term), form == 'f');
	for (uint32_t i = 0; i < length && r == 0; i++) {
		struct catalog_index_posting posting = make(&maker, length);

		places.len = 0;
		if (form == 'w') {
			r = catalog_index_list_put_positions(&places, maker.places,
							     maker.place_count);
			posting.positions = catalog_buffer_span(&places);
		}
		if (r == 0)
			r = catalog_index_writer_post(writer, &posting);
	}
	catalog_buffer_close(&places);
	return r == 0 ? catalog_index_writer_end(writer) : r;
}

static int write_lists(struct catalog_txn *txn, void *arg)
{
	static struct catalog_index_writer writer;
	int r = 0;

	(void)arg;
	writer = (struct catalog_index_writer){.txn = txn, .segment = SEGMENT};
	for (size_t i = 0; i < LENGTHS && r == 0; i++)
		if ((r = write_list(&writer, lengths[i], 'f')) == 0 &&
		    (r = write_list(&writer, lengths[i], 's')) == 0)
			r = write_list(&writer, lengths[i], 'w');
	if (r == 0)
		r = catalog_index_writer_flush(&writer);
	catalog_index_writer_close(&writer);
	return r;
}

/* --- what is read -------------------------------------------------------------------------- */

static struct catalog_index_list find(struct catalog_cursor *cursor, uint32_t length, char form)
{
	struct catalog_index_list list;
	char term[16] = "";

	assert_int_equal(
		catalog_index_terms_find(cursor, SEGMENT, term_of(length, form, term), &list), 0);
	assert_int_equal(list.count, length);
	assert_true(list.plain == (form == 'f'));
	return list;
}

static void check_places(const struct maker *maker, struct catalog_span positions)
{
	uint32_t place = 0;

	for (size_t i = 0; i < maker->place_count; i++) {
		assert_true(catalog_index_list_next_position(&positions, &place));
		assert_int_equal(place, maker->places[i]);
	}
	assert_false(catalog_index_list_next_position(&positions, &place));
}

/* Read a list; ask for one posting in so many, seeking its slot, and its positions. */
static void check_list(struct catalog_cursor *cursor, uint32_t length, char form, uint32_t step)
{
	static struct catalog_index_walk walk;
	struct catalog_index_list list = find(cursor, length, form);
	struct maker maker = {.seed = length};
	uint64_t read = 0;
	uint32_t at = 0;

	catalog_index_walk_open(&walk, &list, cursor, SEGMENT);
	for (uint32_t i = 0; i < length; i++) {
		struct catalog_index_posting posting = make(&maker, length);

		assert_true(form == 'f' || (list.fields & posting.fields) == posting.fields);
		if (i % step != step - 1)
			continue;
		if (walk.block.count == 0 ||
		    walk.block.slots[walk.block.count - 1] < posting.slot) {
			assert_true(catalog_index_walk_seek(&walk, posting.slot, &read));
			at = 0;
		}
		while (walk.block.slots[at] < posting.slot)
			at++;
		assert_int_equal(walk.block.slots[at], posting.slot);
		assert_int_equal(walk.block.impacts[at], posting.impact);
		assert_int_equal(walk.block.fields[at], posting.fields);
		if (form == 'w')
			check_places(&maker, catalog_index_walk_positions(&walk, at));
		else
			assert_int_equal(catalog_index_walk_positions(&walk, at).len, 0);
	}
	assert_true(read <= length);
	assert_false(catalog_index_walk_seek(&walk, maker.base, &read));
	assert_int_equal(walk.error, 0);
}

static void check_plain(struct catalog_cursor *cursor, uint32_t length)
{
	struct catalog_index_list list = find(cursor, length, 'f');
	struct maker maker = {.seed = length};
	uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS];
	struct catalog_span plain;
	uint32_t window = UINT32_MAX;

	assert_int_equal(catalog_index_walk_plain(cursor, SEGMENT, &list, &plain), 0);
	for (uint32_t i = 0; i < length; i++) {
		uint32_t slot = make(&maker, length).slot, in = slot % CATALOG_INDEX_LIST_WINDOW;

		if (slot / CATALOG_INDEX_LIST_WINDOW != window) {
			assert_int_equal(catalog_index_list_plain_window(
						 plain, window == UINT32_MAX ? 0 : window + 1),
					 slot / CATALOG_INDEX_LIST_WINDOW);
			window = slot / CATALOG_INDEX_LIST_WINDOW;
			memset(bits, 0, sizeof bits);
			assert_true(catalog_index_list_plain_bits(plain, window, bits));
		}
		assert_true((bits[in / 64] >> in % 64 & 1) != 0);
		bits[in / 64] &= ~(UINT64_C(1) << in % 64);
	}
	for (size_t i = 0; i < CATALOG_INDEX_LIST_WINDOW_WORDS; i++)
		assert_int_equal(bits[i], 0); /* of the last window: nothing else is set */
	assert_int_equal(catalog_index_list_plain_window(plain, window + 1), UINT32_MAX);
}

static void test_lists_of_any_length_are_read_as_they_were_written(void **state)
{
	static const uint32_t steps[] = {1, 3, 40, 1000};
	struct fixture *fixture = *state;
	struct catalog_cursor *cursor;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_write(fixture->store, write_lists, NULL), 0);
	assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
	assert_int_equal(catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor), 0);
	for (size_t i = 0; i < LENGTHS; i++) {
		check_plain(cursor, lengths[i]);
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			check_list(cursor, lengths[i], 's', steps[k]);
			check_list(cursor, lengths[i], 'w', steps[k]);
		}
	}
	catalog_store_cursor_close(cursor);
	catalog_store_end(txn);
}

static int is_full(struct catalog_txn *txn, void *arg)
{
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	uint64_t *wasted = arg, bytes = 0, pages = 0;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor);

	for (r = r == 0 ? first(cursor, &key, &value) : r; r == 0;
	     r = catalog_store_cursor_next(cursor, &key, &value)) {
		if (key.bytes[4] != CATALOG_INDEX_TERMS_CHUNK || value.len < 2030)
			continue;
		bytes += value.len;
		pages += (value.len + 16 + 4095) / 4096;
	}
	*wasted = (pages * 4096 - bytes) * 100 / (pages * 4096);
	catalog_store_cursor_close(cursor);
	return 0;
}

static void test_pages_of_chunks_are_nearly_full(void **state)
{
	struct fixture *fixture = *state;
	uint64_t percent = 100;

	assert_int_equal(catalog_store_write(fixture->store, write_lists, NULL), 0);
	assert_int_equal(catalog_store_write(fixture->store, is_full, &percent), 0);
	assert_in_range(percent, 0, 9);
}

/* --- damage -------------------------------------------------------------------------------- */

struct damage {
	uint32_t seed;
};

/* Change a byte of some value. */
static int damage(struct catalog_txn *txn, void *arg)
{
	struct damage *damage = arg;
	uint8_t key_bytes[CATALOG_STORE_KEY_BYTES_MAX];
	struct catalog_buffer bytes = {0};
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	uint32_t nth = random_next(&damage->seed) % 60;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor);

	for (r = r == 0 ? first(cursor, &key, &value) : r; r == 0 && nth > 0; nth--)
		r = catalog_store_cursor_next(cursor, &key, &value);
	if (r == 0) {
		memcpy(key_bytes, key.bytes, key.len);
		key.bytes = key_bytes;
		r = catalog_buffer_append(&bytes, value.bytes, value.len);
	}
	catalog_store_cursor_close(cursor);
	if (r == 0) {
		uint32_t front = random_next(&damage->seed) % 2 == 0 ? 40 : (uint32_t)bytes.len;
		uint32_t at = random_next(&damage->seed) %
			      (front < bytes.len ? front : (uint32_t)bytes.len);

		bytes.bytes[at] = (uint8_t)random_next(&damage->seed);
		if (random_next(&damage->seed) % 8 == 0)
			bytes.len = at + 1;
		r = catalog_store_put(txn, CATALOG_TABLE_POSTINGS, key,
				      catalog_buffer_span(&bytes));
	}
	catalog_buffer_close(&bytes);
	return r == -ENOENT ? 0 : r;
}

/* Read all that is there, whatever it says. */
static void read_all(struct catalog_cursor *cursor)
{
	static const uint8_t least[1] = {0};
	static struct catalog_index_walk walk;
	struct catalog_index_reader reader = {0};
	uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS], read = 0, positions = 0;
	struct catalog_span plain;
	int r = catalog_index_terms_begin(cursor, &reader, SEGMENT, (struct catalog_span){least, 0},
					  CATALOG_INDEX_AT);

	for (; r == 0; r = catalog_index_terms_next(cursor, &reader)) {
		if (reader.list.plain) {
			if (catalog_index_walk_plain(cursor, SEGMENT, &reader.list, &plain) == 0)
				(void)catalog_index_list_plain_bits(
					plain, catalog_index_list_plain_window(plain, 0), bits);
			continue;
		}
		catalog_index_walk_open(&walk, &reader.list, cursor, SEGMENT);
		for (uint32_t from = 0; catalog_index_walk_seek(&walk, from, &read);
		     from = walk.block.slots[walk.block.count - 1] + 1)
			positions += catalog_index_walk_positions(&walk, walk.block.count - 1).len;
	}
	assert_true(r == -ENOENT || r == -EIO);
	assert_true(read > 0 || positions == 0);
	catalog_index_terms_end(&reader);
}

static void test_damaged_bytes_are_read_without_harm(void **state)
{
	struct fixture *fixture = *state;
	struct damage job = {.seed = 3};
	struct catalog_cursor *cursor;
	struct catalog_txn *txn;

	printf("seed %u\n", job.seed);
	for (int i = 0; i < DAMAGES; i++) {
		if (i % 30 == 0)
			assert_int_equal(catalog_store_write(fixture->store, write_lists, NULL), 0);
		assert_int_equal(catalog_store_write(fixture->store, damage, &job), 0);
		assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
		assert_int_equal(catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor),
				 0);
		read_all(cursor);
		catalog_store_cursor_close(cursor);
		catalog_store_end(txn);
	}
}

#define A_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

TEST_MAIN("catalog/index_list", A_TEST(test_lists_of_any_length_are_read_as_they_were_written),
	  A_TEST(test_pages_of_chunks_are_nearly_full),
	  A_TEST(test_damaged_bytes_are_read_without_harm))
