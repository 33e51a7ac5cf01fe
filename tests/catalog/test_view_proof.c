/* SIM_SEED=n replays one run.  The linker puts counters before the store's reads (--wrap). */
#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/view.h"

#define LOG       9
#define ROWS_MAX  40000
#define BATCH_MAX 500

/* --- counters -------------------------------------------------------------------------------- */

static uint64_t reads;

int __real_catalog_store_get(struct catalog_txn *txn, enum catalog_table table,
			     struct catalog_span key, struct catalog_span *ret_value);
int __wrap_catalog_store_get(struct catalog_txn *txn, enum catalog_table table,
			     struct catalog_span key, struct catalog_span *ret_value);
int __real_catalog_store_cursor_seek(struct catalog_cursor *cursor, struct catalog_span key,
				     struct catalog_span *ret_key, struct catalog_span *ret_value);
int __wrap_catalog_store_cursor_seek(struct catalog_cursor *cursor, struct catalog_span key,
				     struct catalog_span *ret_key, struct catalog_span *ret_value);
int __real_catalog_store_cursor_next(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value);
int __wrap_catalog_store_cursor_next(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value);
int __real_catalog_store_cursor_prev(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value);
int __wrap_catalog_store_cursor_prev(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value);

int __wrap_catalog_store_get(struct catalog_txn *txn, enum catalog_table table,
			     struct catalog_span key, struct catalog_span *ret_value)
{
	reads++;
	return __real_catalog_store_get(txn, table, key, ret_value);
}

int __wrap_catalog_store_cursor_seek(struct catalog_cursor *cursor, struct catalog_span key,
				     struct catalog_span *ret_key, struct catalog_span *ret_value)
{
	reads++;
	return __real_catalog_store_cursor_seek(cursor, key, ret_key, ret_value);
}

int __wrap_catalog_store_cursor_next(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value)
{
	reads++;
	return __real_catalog_store_cursor_next(cursor, ret_key, ret_value);
}

int __wrap_catalog_store_cursor_prev(struct catalog_cursor *cursor, struct catalog_span *ret_key,
				     struct catalog_span *ret_value)
{
	reads++;
	return __real_catalog_store_cursor_prev(cursor, ret_key, ret_value);
}

/* --- a view in the store and the same in memory ------------------------------------------------
 */

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	size_t count;
	struct catalog_trie_leaf leaves[ROWS_MAX]; /* sorted by key */
	struct catalog_hash root;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
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

static uint64_t rng;

static uint64_t random_u64(void)
{
	rng ^= rng >> 12, rng ^= rng << 25, rng ^= rng >> 27;
	return rng * UINT64_C(2685821657736338717);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct catalog_hash));
}

struct batch {
	struct catalog_view_row rows[BATCH_MAX];
	size_t count;
	struct catalog_hash root;
};

static int put_batch(struct catalog_txn *txn, void *arg)
{
	struct batch *batch = arg;
	const struct catalog_view_row other = {{{0x80}}, 1, CATALOG_ENTRY_PUT};
	struct catalog_hash root;
	int r = catalog_view_put(txn, LOG - 1, &other, 1, &root); /* neighbours in the table */

	if (r == 0)
		r = catalog_view_put(txn, LOG + 1, &other, 1, &root);
	return r != 0 ? r : catalog_view_put(txn, LOG, batch->rows, batch->count, &batch->root);
}

/* Put things, some of which are there already, some of which share a long beginning with others. */
static void put_random(struct fixture *f, size_t count, size_t shared_max)
{
	static struct batch batch;
	size_t kept = 0;

	assert_true(count <= BATCH_MAX);
	assert_true(f->count + count <= ROWS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct catalog_view_row *row = &batch.rows[i];
		size_t shared = shared_max > 0 && random_u64() % 3 == 0
					? random_u64() % (shared_max + 1)
					: 0;

		for (size_t k = 0; k < 32; k++)
			row->thing.bytes[k] = (uint8_t)random_u64();
		if (f->count > 0)
			memcpy(row->thing.bytes, f->leaves[random_u64() % f->count].key.bytes,
			       shared);
		row->index = random_u64() >> 1;
		row->kind = CATALOG_ENTRY_PUT;
	}
	qsort(batch.rows, count, sizeof *batch.rows, by_key);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || by_key(&batch.rows[i], &batch.rows[kept - 1]) != 0)
			batch.rows[kept++] = batch.rows[i];
	batch.count = kept;
	count = f->count;
	for (size_t i = 0; i < kept; i++) {
		struct catalog_trie_leaf *leaf =
			bsearch(&batch.rows[i].thing, f->leaves, count, sizeof *f->leaves, by_key);

		if (leaf == NULL)
			leaf = &f->leaves[f->count++];
		*leaf = (struct catalog_trie_leaf){batch.rows[i].thing, batch.rows[i].index};
	}
	qsort(f->leaves, f->count, sizeof *f->leaves, by_key);
	assert_int_equal(catalog_store_write(f->store, put_batch, &batch), 0);
	catalog_trie_root(f->leaves, f->count, &f->root);
	assert_true(catalog_hash_equal(&f->root, &batch.root));
}

static void check_leaf(struct fixture *f, struct catalog_txn *txn, size_t i)
{
	static struct catalog_view_proof proof;
	struct catalog_trie_leaf stale;

	assert_int_equal(catalog_view_prove(txn, LOG, &f->leaves[i].key, &proof), 0);
	assert_true(proof.has_leaf);
	assert_true(catalog_hash_equal(&proof.leaf.key, &f->leaves[i].key));
	assert_int_equal(proof.leaf.index, f->leaves[i].index);
	assert_int_equal(catalog_trie_verify(&proof.leaf, proof.steps, proof.count, &f->root), 0);
	stale = proof.leaf;
	stale.index--;
	assert_int_equal(catalog_trie_verify(&stale, proof.steps, proof.count, &f->root),
			 -EKEYREJECTED);
}

static void check_absent(struct fixture *f, struct catalog_txn *txn)
{
	static struct catalog_view_proof proof;
	struct catalog_hash key = f->leaves[random_u64() % f->count].key;

	key.bytes[random_u64() % 32] ^= (uint8_t)(1 << random_u64() % 8);
	if (bsearch(&key, f->leaves, f->count, sizeof *f->leaves, by_key) != NULL)
		return;
	assert_int_equal(catalog_view_prove(txn, LOG, &key, &proof), 0);
	assert_true(proof.has_leaf);
	assert_int_equal(
		catalog_trie_verify_absent(&key, &proof.leaf, proof.steps, proof.count, &f->root),
		0);
}

static void run(struct fixture *f, uint64_t seed)
{
	print_message("SIM_SEED=%" PRIu64 "\n", seed);
	rng = seed * 2 + 1;
	for (int round = 0; round < 6; round++) {
		struct catalog_txn *txn;

		put_random(f, 1 + random_u64() % (round < 3 ? 4 : 300), 31);
		assert_int_equal(catalog_store_begin(f->store, &txn), 0);
		for (size_t i = 0; i < f->count; i++)
			check_leaf(f, txn, i);
		for (size_t i = 0; i < 100; i++)
			check_absent(f, txn);
		catalog_store_end(txn);
	}
}

static void test_what_the_view_holds_and_what_it_does_not_is_proved(void **state)
{
	const char *seed = getenv("SIM_SEED");

	for (uint64_t i = 1; i <= (seed != NULL ? 1 : 8); i++) {
		run(*state, seed != NULL ? strtoull(seed, NULL, 10) : i);
		tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

static void test_an_empty_view_proves_that_nothing_is_there(void **state)
{
	static struct catalog_view_proof proof;
	struct fixture *f = *state;
	struct catalog_hash key = {{3}}, root;
	struct catalog_txn *txn;

	catalog_trie_hash_empty(&root);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_view_prove(txn, LOG, &key, &proof), 0);
	catalog_store_end(txn);
	assert_false(proof.has_leaf);
	assert_int_equal(catalog_trie_verify_absent(&key, NULL, proof.steps, proof.count, &root),
			 0);
}

/* The most reads that one of many proofs took. */
static uint64_t reads_of_proofs(struct fixture *f)
{
	static struct catalog_view_proof proof;
	struct catalog_txn *txn;
	uint64_t most = 0;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	for (size_t i = 0; i < 500; i++) {
		struct catalog_hash key = f->leaves[random_u64() % f->count].key;

		key.bytes[31] ^= (uint8_t)(i % 2); /* half of them absent */
		reads = 0;
		assert_int_equal(catalog_view_prove(txn, LOG, &key, &proof), 0);
		if (reads > most)
			most = reads;
	}
	catalog_store_end(txn);
	return most;
}

static void test_a_proof_reads_as_many_rows_as_the_trie_is_deep(void **state)
{
	static const size_t sizes[] = {500, 4000, 32000};
	struct fixture *f = *state;
	uint64_t most[3];

	rng = 77;
	for (size_t i = 0; i < 3; i++) {
		while (f->count < sizes[i])
			put_random(f, BATCH_MAX, 0);
		most[i] = reads_of_proofs(f);
		print_message("%zu things: at most %" PRIu64 " reads a proof\n", f->count, most[i]);
	}
	/* Eight times the things are three levels more, of at most eight reads each (a random trie
	 * is uneven: some paths are a few levels longer). */
	assert_true(most[1] <= most[0] + 30);
	assert_true(most[2] <= most[1] + 30);
	assert_true(most[2] <= 120);
}

#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/view proofs", VIEW_TEST(test_what_the_view_holds_and_what_it_does_not_is_proved),
	  VIEW_TEST(test_an_empty_view_proves_that_nothing_is_there),
	  VIEW_TEST(test_a_proof_reads_as_many_rows_as_the_trie_is_deep))
