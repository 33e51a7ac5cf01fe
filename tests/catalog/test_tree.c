#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/merkle.h"
#include "catalog/store.h"
#include "catalog/tree.h"

#define LEAVES_MAX 6000
#define LOG        7

/* A tree in the store beside its leaves in memory. */
struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	uint64_t size;
	struct catalog_hash leaves[LEAVES_MAX];
	bool is_pruned[LEAVES_MAX];
	uint64_t seed;
};

static uint64_t next_random(struct fixture *f)
{
	f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
	return f->seed >> 33;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	f->seed = 1;
	for (uint64_t i = 0; i < LEAVES_MAX; i++)
		catalog_merkle_leaf((struct catalog_span){(const uint8_t *)&i, sizeof i},
				    &f->leaves[i]);
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

/* --- changing --------------------------------------------------------------------------------- */

struct change {
	struct fixture *f;
	enum { APPEND, COLLAPSE, CUT, COPY } kind;
	uint64_t count; /* leaves to append, or where to cut */
	int outcome;
};

static int append(struct catalog_txn *txn, struct fixture *f, uint64_t count)
{
	uint64_t size = f->size;
	int r = 0;

	while (count > 0 && r == 0) {
		size_t now =
			count < CATALOG_TREE_BATCH_MAX ? (size_t)count : CATALOG_TREE_BATCH_MAX;

		r = catalog_tree_append(txn, LOG, size, f->leaves + size, now);
		size += now;
		count -= now;
	}
	return r;
}

static int collapse(struct catalog_txn *txn, const struct fixture *f)
{
	for (uint64_t tile = 0; tile * CATALOG_TREE_TILE < f->size; tile++) {
		uint32_t kept = 0;
		int r;

		for (unsigned i = 0; i < CATALOG_TREE_TILE; i++)
			if (tile * CATALOG_TREE_TILE + i >= f->size ||
			    !f->is_pruned[tile * CATALOG_TREE_TILE + i])
				kept |= 1u << i;
		r = catalog_tree_collapse(txn, LOG, tile, kept);
		if (r != 0)
			return r;
	}
	return 0;
}

static bool all_pruned(const struct fixture *f, unsigned level, uint64_t index)
{
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		if (!f->is_pruned[i])
			return false;
	return true;
}

static void hash_of(const struct fixture *f, unsigned level, uint64_t index,
		    struct catalog_hash *ret_hash)
{
	catalog_merkle_root(f->leaves + (index << level), (size_t)1 << level, ret_hash);
}

/* Make the tree of log LOG + 1 of kept leaves and the largest pruned subtrees. */
static int copy(struct catalog_txn *txn, const struct fixture *f)
{
	uint64_t at = 0;
	int r = 0;

	while (at < f->size && r == 0) {
		struct catalog_hash hash;
		unsigned level = 0;

		if (!f->is_pruned[at]) {
			r = catalog_tree_append(txn, LOG + 1, at, &f->leaves[at], 1);
			at++;
			continue;
		}
		while (at % ((uint64_t)2 << level) == 0 && at + ((uint64_t)2 << level) <= f->size &&
		       all_pruned(f, level + 1, at >> (level + 1)))
			level++;
		hash_of(f, level, at >> level, &hash);
		r = catalog_tree_append_pruned(txn, LOG + 1, at, level, &hash);
		at += (uint64_t)1 << level;
	}
	return r;
}

static int change_body(struct catalog_txn *txn, void *arg)
{
	struct change *change = arg;

	switch (change->kind) {
	case APPEND: return append(txn, change->f, change->count);
	case COLLAPSE: return collapse(txn, change->f);
	case CUT: return catalog_tree_cut(txn, LOG, change->f->size, change->count);
	case COPY: return copy(txn, change->f);
	}
	return -EINVAL;
}

static int change(struct fixture *f, int kind, uint64_t count)
{
	struct change change = {.f = f, .count = count};

	change.kind = kind;
	return catalog_store_write(f->store, change_body, &change);
}

/* --- looking ---------------------------------------------------------------------------------- */

struct tree {
	struct catalog_txn *txn;
	uint32_t log;
};

static int read_node(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	const struct tree *tree = arg;

	return catalog_tree_read(tree->txn, tree->log, level, index, ret_hash);
}

/* The root is right, every kept leaf can be proven, and what is read is never wrong. */
static void assert_tree(struct fixture *f, uint32_t log)
{
	struct catalog_hash root, expected;
	struct tree tree = {NULL, log};

	assert_int_equal(catalog_store_begin(f->store, &tree.txn), 0);
	catalog_merkle_root(f->leaves, (size_t)f->size, &expected);
	assert_int_equal(catalog_merkle_root_at(f->size, read_node, &tree, &root), 0);
	assert_true(catalog_hash_equal(&root, &expected));
	for (uint64_t i = 0; i < f->size; i++) {
		struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
		size_t count;

		if (f->is_pruned[i])
			continue;
		assert_int_equal(
			catalog_merkle_prove_inclusion(i, f->size, read_node, &tree, proof, &count),
			0);
		assert_int_equal(catalog_merkle_verify_inclusion(&f->leaves[i], i, f->size, proof,
								 count, &root),
				 0);
	}
	for (unsigned level = 0; f->size >> level > 0; level++)
		for (uint64_t i = 0; i < f->size >> level; i++) {
			struct catalog_hash hash;
			int r = catalog_tree_read(tree.txn, log, level, i, &hash);

			hash_of(f, level, i, &expected);
			if (r == 0)
				assert_true(catalog_hash_equal(&hash, &expected));
			else
				assert_int_equal(r, -ENOENT);
			if (r != 0 || !all_pruned(f, level, i))
				assert_int_equal(r, all_pruned(f, level, i) ? -ENOENT : 0);
		}
	assert_int_equal(catalog_tree_read(tree.txn, log, 0, f->size, &root), -ENOENT);
	catalog_store_end(tree.txn);
}

static uint64_t tree_bytes(struct fixture *f)
{
	uint64_t tiles, rest;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_store_table_bytes(txn, CATALOG_TABLE_TILES, &tiles), 0);
	assert_int_equal(catalog_store_table_bytes(txn, CATALOG_TABLE_TREE, &rest), 0);
	catalog_store_end(txn);
	return tiles + rest;
}

static void prune_some(struct fixture *f, unsigned percent)
{
	/* The last leaf is never pruned: it is a state entry. */
	for (uint64_t i = 0; i + 1 < f->size; i++)
		if (next_random(f) % 100 < percent)
			f->is_pruned[i] = true;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_pruning_keeps_what_proves_the_rest(void **state)
{
	struct fixture *f = *state;

	printf("seed %llu\n", (unsigned long long)f->seed);
	for (unsigned round = 0; round < 12; round++) {
		uint64_t count = 1 + next_random(f) % 450;

		assert_int_equal(change(f, APPEND, count), 0);
		f->size += count;
		prune_some(f, round % 3 == 0 ? 97 : 40);
		assert_int_equal(change(f, COLLAPSE, 0), 0);
		assert_tree(f, LOG);
	}
	assert_int_equal(change(f, COPY, 0), 0);
	assert_tree(f, LOG + 1);
}

static void test_a_tree_pruned_almost_whole_is_small(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	assert_int_equal(change(f, APPEND, LEAVES_MAX), 0);
	f->size = LEAVES_MAX;
	before = tree_bytes(f);
	memset(f->is_pruned, 1, sizeof f->is_pruned);
	f->is_pruned[LEAVES_MAX - 1] = f->is_pruned[1234] = false;
	assert_int_equal(change(f, COLLAPSE, 0), 0);
	assert_tree(f, LOG);
	assert_true(tree_bytes(f) < before / 4);
}

static void test_pruned_subtrees_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct catalog_txn *txn;
	bool pruned;

	assert_int_equal(change(f, APPEND, 3000), 0);
	f->size = 3000;
	for (uint64_t i = 64; i < 128 + 16; i++)
		f->is_pruned[i] = true;
	assert_int_equal(change(f, COLLAPSE, 0), 0);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	for (unsigned level = 1; level < 10; level++)
		for (uint64_t i = 0; i < 3000u >> level; i++) {
			int r = catalog_tree_is_pruned(txn, LOG, level, i, &pruned);

			if (r == -ENOENT) /* inside of one that is */
				pruned = true;
			else
				assert_int_equal(r, 0);
			/* Two tiles side by side that are gone are two hashes in the tile above. */
			if (level != 6)
				assert_int_equal(pruned, all_pruned(f, level, i));
		}
	catalog_store_end(txn);
}

static void test_a_cut_tree_grows_as_if_it_had_never_been_longer(void **state)
{
	struct fixture *f = *state;

	printf("seed %llu\n", (unsigned long long)f->seed);
	for (unsigned round = 0; round < 15; round++) {
		uint64_t count = 1 + next_random(f) % 700, size;
		int r;

		if (f->size + count > LEAVES_MAX)
			break;
		assert_int_equal(change(f, APPEND, count), 0);
		f->size += count;
		if (round % 4 == 3) {
			prune_some(f, 20);
			assert_int_equal(change(f, COLLAPSE, 0), 0);
		}
		size = f->size - next_random(f) % (f->size / 2 + 1);
		r = change(f, CUT, size);
		if (r == -ENODATA)
			continue;
		assert_int_equal(r, 0);
		for (uint64_t i = size; i < f->size; i++) {
			f->is_pruned[i] = false;
			f->leaves[i].bytes[0] ^= 1; /* another history from here on */
		}
		f->size = size;
		assert_tree(f, LOG);
	}
	assert_int_equal(change(f, CUT, 0), 0);
	f->size = 0;
	memset(f->is_pruned, 0, sizeof f->is_pruned);
	assert_int_equal(change(f, APPEND, 100), 0);
	f->size = 100;
	assert_tree(f, LOG);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/tree", TREE_TEST(test_pruning_keeps_what_proves_the_rest),
	  TREE_TEST(test_a_tree_pruned_almost_whole_is_small),
	  TREE_TEST(test_pruned_subtrees_are_told_apart),
	  TREE_TEST(test_a_cut_tree_grows_as_if_it_had_never_been_longer))
