#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/log.h"
#include "catalog/merkle.h"
#include "catalog/tile.h"
#include "catalog/tree.h"

#define LOG        4
#define LEAVES_MAX 70000

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	size_t count;
	struct catalog_hash leaves[LEAVES_MAX];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	for (size_t i = 0; i < LEAVES_MAX; i++)
		catalog_hash_of(&i, sizeof i, &f->leaves[i]);
	f->store = scratch_store(f->dir, 1);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	scratch_end(f->dir, f->store);
	free(f);
	return 0;
}

struct grow {
	struct fixture *f;
	size_t size;
};

static int append_leaves(struct catalog_txn *txn, void *arg)
{
	const struct grow *grow = arg;

	for (size_t at = grow->f->count; at < grow->size; at += CATALOG_TREE_BATCH_MAX) {
		size_t left = grow->size - at;
		int r = catalog_tree_append(txn, LOG, at, &grow->f->leaves[at],
					    left < CATALOG_TREE_BATCH_MAX ? left
									  : CATALOG_TREE_BATCH_MAX);

		if (r != 0)
			return r;
	}
	return 0;
}

static void grow_to(struct fixture *f, size_t size)
{
	struct grow grow = {f, size};

	assert_int_equal(catalog_store_write(f->store, append_leaves, &grow), 0);
	f->count = size;
}

/* What an auditor does: fetch every tile of a tree of size, check each against the level below,
 * return the root. */
struct audit {
	struct catalog_hash hashes[CATALOG_TILE_LEVEL_MAX + 1][LEAVES_MAX];
	size_t counts[CATALOG_TILE_LEVEL_MAX + 1];
};

static void fetch_level(struct catalog_txn *txn, uint64_t size, unsigned level, struct audit *audit)
{
	struct catalog_tile tile = {.level = level};

	audit->counts[level] = 0;
	for (; (tile.width = catalog_tile_width(&tile, size)) > 0; tile.index++) {
		struct catalog_buffer bytes = {0};

		assert_int_equal(catalog_tile_hashes(txn, LOG, size, &tile, &bytes), 0);
		assert_int_equal(bytes.len, tile.width * sizeof(struct catalog_hash));
		memcpy(&audit->hashes[level][audit->counts[level]], bytes.bytes, bytes.len);
		audit->counts[level] += tile.width;
		catalog_buffer_close(&bytes);
	}
}

static int read_audit(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	const struct audit *audit = arg;
	unsigned below = level % 8;
	size_t count = (size_t)1 << below, first = (size_t)(index << below);

	assert_true(level / 8 <= CATALOG_TILE_LEVEL_MAX);
	assert_true(first + count <= audit->counts[level / 8]);
	catalog_merkle_root(&audit->hashes[level / 8][first], count, ret_hash);
	return 0;
}

static void audit_size(struct fixture *f, struct audit *audit, uint64_t size)
{
	struct catalog_hash expected, root;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	for (unsigned level = 0; level <= CATALOG_TILE_LEVEL_MAX; level++) {
		fetch_level(txn, size, level, audit);
		assert_int_equal(audit->counts[level], size >> (8 * level));
		for (size_t i = 0; level > 0 && i < audit->counts[level]; i++) {
			catalog_merkle_root(&audit->hashes[level - 1][i * 256], 256, &root);
			assert_true(catalog_hash_equal(&root, &audit->hashes[level][i]));
		}
	}
	catalog_store_end(txn);
	catalog_merkle_root(f->leaves, size, &expected);
	assert_int_equal(catalog_merkle_root_at(size, read_audit, audit, &root), 0);
	assert_true(catalog_hash_equal(&root, &expected));
}

static void test_all_tiles_of_a_tree_give_its_root(void **state)
{
	static const size_t sizes[] = {1,    2,     31,    32,    33,    255,       256,  257,
				       511,  512,   1000,  1023,  1024,  1025,      8191, 8192,
				       8193, 40000, 65535, 65536, 65537, LEAVES_MAX};
	struct audit *audit = malloc(sizeof *audit);
	struct fixture *f = *state;

	assert_non_null(audit);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		grow_to(f, sizes[i]);
		audit_size(f, audit, sizes[i]);
	}
	/* A tree that has grown still has the tiles of when it was smaller. */
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		audit_size(f, audit, sizes[i]);
	free(audit);
}

static void test_a_partial_tile_is_a_beginning_of_the_full_one(void **state)
{
	struct catalog_buffer full = {0}, part = {0};
	struct catalog_tile tile = {.index = 1, .width = 256};
	struct fixture *f = *state;
	struct catalog_txn *txn;

	grow_to(f, 600);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_tile_hashes(txn, LOG, 600, &tile, &full), 0);
	tile.width = 100;
	assert_int_equal(catalog_tile_hashes(txn, LOG, 600, &tile, &part), 0);
	assert_int_equal(part.len, 3200);
	assert_memory_equal(part.bytes, full.bytes, part.len);
	assert_int_equal(catalog_tile_hashes(txn, LOG, 355, &tile, &part), -ENOENT);
	assert_int_equal(part.len, 3200); /* a failure appends nothing */
	tile.index = 2;
	assert_int_equal(catalog_tile_hashes(txn, LOG, 600, &tile, &part), -ENOENT);
	tile = (struct catalog_tile){.level = 1, .width = 3};
	assert_int_equal(catalog_tile_hashes(txn, LOG, 600, &tile, &part), -ENOENT);
	catalog_store_end(txn);
	catalog_buffer_close(&full);
	catalog_buffer_close(&part);
}

static void test_paths_are_read_and_written_as_c2sp_says(void **state)
{
	static const struct {
		const char *path;
		struct catalog_tile tile;
	} good[] = {
		{"tile/0/000", {CATALOG_TILE_HASHES, 0, 0, 256}},
		{"tile/0/067", {CATALOG_TILE_HASHES, 0, 67, 256}},
		{"tile/3/x001/x234/067", {CATALOG_TILE_HASHES, 3, 1234067, 256}},
		{"tile/1/x001/000", {CATALOG_TILE_HASHES, 1, 1000, 256}},
		{"tile/5/000.p/1", {CATALOG_TILE_HASHES, 5, 0, 1}},
		{"tile/0/x273/112.p/255", {CATALOG_TILE_HASHES, 0, 273112, 255}},
		{"tile/entries/x001/x234/067.p/8", {CATALOG_TILE_ENTRIES, 0, 1234067, 8}},
		{"tile/entries/000", {CATALOG_TILE_ENTRIES, 0, 0, 256}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char path[CATALOG_TILE_PATH_BYTES_MAX];
		struct catalog_tile tile;

		assert_int_equal(catalog_tile_parse(good[i].path, &tile), 0);
		assert_int_equal(tile.kind, good[i].tile.kind);
		assert_int_equal(tile.level, good[i].tile.level);
		assert_int_equal(tile.index, good[i].tile.index);
		assert_int_equal(tile.width, good[i].tile.width);
		catalog_tile_path(&good[i].tile, path);
		assert_string_equal(path, good[i].path);
	}
}

static void test_other_paths_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"tile/",
		"/tile/0/000",
		"tile/6/000",
		"tile/00/000",
		"tile/-1/000",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/0/1234067",
		"tile/0/001/234",
		"tile/0/x000/001",
		"tile/0/x001",
		"tile/0/x001/",
		"tile/0/x001/x234",
		"tile/0/x01/234",
		"tile/0/000.p",
		"tile/0/000.p/",
		"tile/0/000.p/0",
		"tile/0/000.p/256",
		"tile/0/000.p/01",
		"tile/0/000.p/1 ",
		"tile/0/000.p/1/",
		"tile/0/000/",
		"tile/0/ 00",
		"tile/data/000",
		"tile/entries/",
		"tile/entries/0/000",
		"tile/5/x065/535", /* its last leaf would have no number */
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct catalog_tile tile;

		if (catalog_tile_parse(bad[i], &tile) != -EBADMSG)
			fail_msg("%s", bad[i]);
	}
}

/* --- entries --------------------------------------------------------------------------------- */

struct made {
	struct catalog_buffer bytes[300];
	size_t count;
};

/* Motions: entries of any length that the log takes without a listing's rules. */
static void make_entries(struct made *made, size_t count, size_t long_one, size_t long_bytes)
{
	for (; made->count < count; made->count++) {
		size_t len = made->count == long_one ? long_bytes : 3 + made->count % 50;
		struct catalog_entry entry = {.kind = CATALOG_ENTRY_MOTION,
					      .prev = CATALOG_ENTRY_PREV_NONE};
		uint8_t *body = calloc(1, len + 3);

		assert_non_null(body);
		body[0] = 0xc5; /* msgpack: bin 16 */
		if (len > 65535)
			len = 65535;
		body[1] = (uint8_t)(len >> 8);
		body[2] = (uint8_t)len;
		snprintf(entry.id, sizeof entry.id, "motion-%zu", made->count);
		entry.body = (struct catalog_span){body, len + 3};
		assert_int_equal(catalog_entry_encode(&entry, &made->bytes[made->count]), 0);
		free(body);
	}
}

static int append_entries(struct catalog_txn *txn, void *arg)
{
	static const struct catalog_member member = {.index = LOG, .name = "nbs", .country = "KE"};
	const struct made *made = arg;
	struct catalog_span spans[300];

	for (size_t i = 0; i < made->count; i++)
		spans[i] = catalog_buffer_span(&made->bytes[i]);
	return catalog_log_append(txn, &member, spans, made->count);
}

static void end_entries(struct made *made)
{
	for (size_t i = 0; i < made->count; i++)
		catalog_buffer_close(&made->bytes[i]);
}

static void test_a_bundle_is_its_entries_each_with_its_length(void **state)
{
	struct catalog_tile tile = {.kind = CATALOG_TILE_ENTRIES, .index = 1, .width = 44};
	struct catalog_buffer bundle = {0};
	struct fixture *f = *state;
	struct made made = {0};
	struct catalog_txn *txn;
	unsigned at = 0, calls = 0;
	size_t place = 0;

	make_entries(&made, 300, 300, 0);
	assert_int_equal(catalog_store_write(f->store, append_entries, &made), 0);
	for (; at < tile.width; calls++) {
		unsigned was = at;

		assert_int_equal(catalog_store_begin(f->store, &txn), 0);
		assert_int_equal(catalog_tile_entries(txn, LOG, 300, &tile, 1000, &at, &bundle), 0);
		catalog_store_end(txn);
		assert_true(at > was);
	}
	assert_true(calls > 1);
	for (size_t i = 256; i < 300; i++) {
		size_t len = (size_t)bundle.bytes[place] << 8 | bundle.bytes[place + 1];

		assert_int_equal(len, made.bytes[i].len);
		assert_memory_equal(bundle.bytes + place + 2, made.bytes[i].bytes, len);
		place += 2 + len;
	}
	assert_int_equal(place, bundle.len);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	at = 0;
	assert_int_equal(catalog_tile_entries(txn, LOG, 299, &tile, 1000, &at, &bundle), -ENOENT);
	catalog_store_end(txn);
	catalog_buffer_close(&bundle);
	end_entries(&made);
}

static void test_an_entry_too_long_for_a_bundle_makes_that_bundle_missing(void **state)
{
	struct catalog_tile tile = {.kind = CATALOG_TILE_ENTRIES, .width = 256};
	struct catalog_tile hashes = {.width = 256};
	struct catalog_buffer bundle = {0};
	struct fixture *f = *state;
	struct made made = {0};
	struct catalog_txn *txn;
	unsigned at = 0;

	make_entries(&made, 300, 3, 65530);
	assert_true(made.bytes[3].len > CATALOG_TILE_ENTRY_BYTES_MAX);
	assert_int_equal(catalog_store_write(f->store, append_entries, &made), 0);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_tile_entries(txn, LOG, 300, &tile, SIZE_MAX, &at, &bundle),
			 -E2BIG);
	assert_int_equal(bundle.len, 0);
	assert_int_equal(at, 0);
	tile.index = 1;
	tile.width = 44;
	assert_int_equal(catalog_tile_entries(txn, LOG, 300, &tile, SIZE_MAX, &at, &bundle), 0);
	assert_int_equal(at, 44);
	bundle.len = 0;
	assert_int_equal(catalog_tile_hashes(txn, LOG, 300, &hashes, &bundle), 0);
	catalog_store_end(txn);
	catalog_buffer_close(&bundle);
	end_entries(&made);
}

#define TILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/tile", TILE_TEST(test_all_tiles_of_a_tree_give_its_root),
	  TILE_TEST(test_a_partial_tile_is_a_beginning_of_the_full_one),
	  cmocka_unit_test(test_paths_are_read_and_written_as_c2sp_says),
	  cmocka_unit_test(test_other_paths_are_refused),
	  TILE_TEST(test_a_bundle_is_its_entries_each_with_its_length),
	  TILE_TEST(test_an_entry_too_long_for_a_bundle_makes_that_bundle_missing))
