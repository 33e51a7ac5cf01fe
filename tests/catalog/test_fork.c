#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/fork.h"
#include "catalog/log.h"

#define LEAVES_MAX 64

/* A member, and two histories of its log that part at leaf 20. */
struct fixture {
	struct catalog_charter *charter;
	struct catalog_secret secret, stranger;
	struct catalog_hash leaves[2][LEAVES_MAX];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct catalog_member member = {
		.index = 5, .name = "nbs", .title = "Statistics", .country = "KE", .sector = "x"};
	struct catalog_founding founding = {.name = "Test",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	struct catalog_key other;
	int r;

	assert_non_null(f);
	*state = f;
	crypto_sign_seed_keypair(member.key.bytes, f->secret.bytes, (const uint8_t[32]){1});
	crypto_sign_seed_keypair(other.bytes, f->stranger.bytes, (const uint8_t[32]){2});
	assert_int_equal(catalog_charter_found(&founding, &f->secret, 1, &amendment, NULL), 0);
	r = catalog_charter_new(catalog_buffer_span(&amendment), &f->charter);
	catalog_buffer_close(&amendment);
	for (uint8_t side = 0; side < 2; side++)
		for (uint8_t i = 0; i < LEAVES_MAX; i++) {
			uint8_t entry[2] = {i, i >= 20 ? side : 0};

			catalog_merkle_leaf((struct catalog_span){entry, 2}, &f->leaves[side][i]);
		}
	return r;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	catalog_charter_free(f->charter);
	free(f);
	return 0;
}

/* The checkpoint of one history at a size, cosigned by somebody. */
static struct catalog_buffer note_of(const struct fixture *f, size_t side, uint64_t size,
				     const struct catalog_secret *secret)
{
	struct catalog_checkpoint checkpoint = {.size = size};
	struct catalog_buffer note = {0};

	catalog_checkpoint_origin(catalog_charter_federation(f->charter), "nbs", checkpoint.origin);
	catalog_merkle_root(f->leaves[side], (size_t)size, &checkpoint.root);
	assert_int_equal(catalog_checkpoint_sign(&checkpoint, secret, &note), 0);
	assert_int_equal(catalog_cosignature_add(&note, "witness.example", &f->stranger, 7), 0);
	return note;
}

static int read_leaves(void *arg, unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	const struct catalog_hash *leaves = arg;

	catalog_merkle_root(leaves + (index << level), (size_t)1 << level, ret_hash);
	return 0;
}

static void fill_side(struct fixture *f, size_t history, uint64_t size, unsigned level,
		      uint64_t index, struct catalog_fork_side *side)
{
	assert_int_equal(read_leaves(f->leaves[history], level, index, &side->hash), 0);
	if (index > (size - 1) >> level)
		return; /* it has no path in that tree */
	assert_int_equal(catalog_merkle_prove_range(level, index, size, read_leaves,
						    f->leaves[history], side->proof,
						    &side->proof_count),
			 0);
}

static void test_one_size_and_two_roots_are_a_fork(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer a = note_of(f, 0, 30, &f->secret), b = note_of(f, 1, 30, &f->secret);
	struct catalog_fork fork = {.log = 5}, read;
	struct catalog_buffer proof = {0};

	fork.sides[0].note = catalog_buffer_span(&a);
	fork.sides[1].note = catalog_buffer_span(&b);
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), 0);
	assert_int_equal(catalog_fork_verify(f->charter, catalog_buffer_span(&proof), &read), 0);
	assert_int_equal(read.log, 5);
	assert_int_equal(read.checkpoints[0].size, 30);
	assert_false(read.has_node);
	/* What others signed is not in it. */
	for (size_t i = 0; i + 7 < proof.len; i++)
		assert_memory_not_equal(proof.bytes + i, "witness", 7);
	catalog_buffer_close(&a);
	catalog_buffer_close(&b);
	catalog_buffer_close(&proof);
}

static void test_a_subtree_with_two_hashes_is_a_fork(void **state)
{
	static const struct {
		uint64_t sizes[2];
		unsigned level;
		uint64_t index;
		int outcome;
	} cases[] = {
		{{30, 50}, 0, 20, 0},       /* a leaf */
		{{50, 30}, 0, 29, 0},       /* in any order */
		{{30, 50}, 2, 5, 0},        /* leaves 20 to 23 */
		{{64, 64}, 4, 1, 0},        /* leaves 16 to 31 */
		{{30, 50}, 0, 19, -EINVAL}, /* agreed on by both */
		{{30, 50}, 0, 30, -EINVAL}, /* beyond the smaller one */
		{{30, 50}, 3, 3, -EINVAL},  /* cut off in the smaller one */
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct catalog_fork fork = {.log = 5, .has_node = true}, read;
		struct catalog_buffer notes[2], proof = {0};

		fork.level = cases[i].level;
		fork.index = cases[i].index;
		for (size_t k = 0; k < 2; k++) {
			notes[k] = note_of(f, k, cases[i].sizes[k], &f->secret);
			fork.sides[k].note = catalog_buffer_span(&notes[k]);
			fill_side(f, k, cases[i].sizes[k], fork.level, fork.index, &fork.sides[k]);
		}
		assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), cases[i].outcome);
		if (cases[i].outcome == 0) {
			assert_true(proof.len <= CATALOG_FORK_BYTES_MAX);
			assert_int_equal(
				catalog_fork_verify(f->charter, catalog_buffer_span(&proof), &read),
				0);
			assert_true(read.checkpoints[0].size <= read.checkpoints[1].size);
			assert_int_equal(read.index, cases[i].index);
		}
		catalog_buffer_close(&notes[0]);
		catalog_buffer_close(&notes[1]);
		catalog_buffer_close(&proof);
	}
}

static void test_what_is_no_fork_proves_nothing(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer a = note_of(f, 0, 30, &f->secret), b = note_of(f, 1, 31, &f->secret);
	struct catalog_buffer c = note_of(f, 1, 30, &f->stranger), proof = {0};
	struct catalog_fork fork = {.log = 5};

	fork.sides[0].note = fork.sides[1].note = catalog_buffer_span(&a);
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), -EINVAL); /* the same */
	fork.sides[1].note = catalog_buffer_span(&b);
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), -EINVAL); /* two sizes */
	fork.sides[1].note = catalog_buffer_span(&c);
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), -EINVAL); /* not its own */
	fork.log = 6;
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), -EINVAL); /* nobody's */
	assert_int_equal(proof.len, 0);
	catalog_buffer_close(&a);
	catalog_buffer_close(&b);
	catalog_buffer_close(&c);
}

static void test_a_changed_or_cut_proof_is_refused(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer notes[2], proof = {0};
	struct catalog_fork fork = {.log = 5, .has_node = true, .level = 1, .index = 10}, read;

	for (size_t k = 0; k < 2; k++) {
		notes[k] = note_of(f, k, 30 + 7 * k, &f->secret);
		fork.sides[k].note = catalog_buffer_span(&notes[k]);
		fill_side(f, k, 30 + 7 * k, fork.level, fork.index, &fork.sides[k]);
	}
	assert_int_equal(catalog_fork_encode(f->charter, &fork, &proof), 0);
	for (size_t len = 0; len < proof.len; len++)
		assert_int_not_equal(catalog_fork_verify(f->charter,
							 (struct catalog_span){proof.bytes, len},
							 &read),
				     0);
	for (size_t bit = 0; bit < 8 * proof.len; bit++) {
		proof.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(
			catalog_fork_verify(f->charter, catalog_buffer_span(&proof), &read), 0);
		proof.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	catalog_buffer_close(&notes[0]);
	catalog_buffer_close(&notes[1]);
	catalog_buffer_close(&proof);
}

static int keep_body(struct catalog_txn *txn, void *arg)
{
	const struct catalog_fork *fork = arg;

	return catalog_fork_keep(txn, fork, fork->sides[0].note);
}

static void test_the_first_proof_is_kept_and_marks_the_log(void **state)
{
	char dir[SCRATCH_BYTES];
	struct catalog_fork fork = {.log = 5};
	struct catalog_log_status status;
	struct catalog_buffer proof = {0};
	struct catalog_store *store;
	struct catalog_txn *txn;

	(void)state;
	store = scratch_store(dir, 1);
	fork.sides[0].note = (struct catalog_span){(const uint8_t *)"first", 5};
	assert_int_equal(catalog_store_write(store, keep_body, &fork), 0);
	fork.sides[0].note = (struct catalog_span){(const uint8_t *)"later", 5};
	assert_int_equal(catalog_store_write(store, keep_body, &fork), -EEXIST);
	assert_int_equal(catalog_store_begin(store, &txn), 0);
	assert_int_equal(catalog_fork_read(txn, 5, &proof), 0);
	assert_int_equal(proof.len, 5);
	assert_memory_equal(proof.bytes, "first", 5);
	assert_int_equal(catalog_fork_read(txn, 4, &proof), -ENOENT);
	assert_int_equal(catalog_log_status(txn, 5, &status), 0);
	assert_int_equal(status.health, CATALOG_LOG_FORKED);
	catalog_store_end(txn);
	catalog_buffer_close(&proof);
	scratch_end(dir, store);
}

#define FORK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/fork", FORK_TEST(test_one_size_and_two_roots_are_a_fork),
	  FORK_TEST(test_a_subtree_with_two_hashes_is_a_fork),
	  FORK_TEST(test_what_is_no_fork_proves_nothing),
	  FORK_TEST(test_a_changed_or_cut_proof_is_refused),
	  FORK_TEST(test_the_first_proof_is_kept_and_marks_the_log))
