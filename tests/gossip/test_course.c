/* A council that signs two amendments of one number: whichever a node hears of first, all end with
 * the same charter, the same catalogue and the proof. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/amendment.h"
#include "catalog/charter.h"
#include "catalog/conflict.h"
#include "catalog/log.h"
#include "tests/gossip/world.h"

#define STEPS 3000000

static struct catalog_change change; /* large */

/* An amendment of one change after what a node holds, by the council of one that node 0 is. */
static void write_amendment(struct world *world, size_t node, int64_t time_s,
			    struct catalog_buffer *amendment, struct catalog_hash *ret_hash)
{
	const struct catalog_charter *charter = world_charter_of(world, node);
	struct catalog_buffer changes = {0}, body = {0};
	struct catalog_signature signature;

	assert_int_equal(catalog_change_encode(&change, &changes), 0);
	assert_int_equal(catalog_amendment_write(catalog_charter_number(charter) + 1,
						 catalog_charter_head(charter), time_s,
						 catalog_buffer_span(&changes), 1, &body),
			 0);
	catalog_hash_of(body.bytes, body.len, ret_hash);
	catalog_amendment_sign(ret_hash, world_secret(world, 0), &signature);
	amendment->len = 0;
	assert_int_equal(
		catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, amendment), 0);
	catalog_buffer_close(&changes);
	catalog_buffer_close(&body);
}

static void profile(const char *name)
{
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_PROFILE;
	(void)snprintf(change.as.profile.name, sizeof change.as.profile.name, "%s", name);
	change.as.profile.vocabulary_count = 32; /* so that it is long */
	for (size_t i = 0; i < change.as.profile.vocabulary_count; i++)
		(void)snprintf(change.as.profile.vocabularies[i],
			       sizeof change.as.profile.vocabularies[i],
			       "https://example.org/%0180zu", i);
}

/* A node amends by itself. */
static void amend(struct world *world, size_t node, int64_t time_s)
{
	struct catalog_buffer amendment = {0};
	struct catalog_hash hash;

	write_amendment(world, node, time_s, &amendment, &hash);
	assert_int_equal(world_amend(world, node, catalog_buffer_span(&amendment)), 0);
	catalog_buffer_close(&amendment);
}

static void part_all(struct world *world, size_t count, bool is_parted)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (i % 2 != k % 2)
				world_part(world, i, k, is_parted);
}

static void assert_all_alike(struct world *world, size_t count, size_t conflicts)
{
	const struct catalog_hash *head = catalog_charter_head(world_charter_of(world, 0));

	for (size_t i = 0; i < count; i++) {
		const struct catalog_charter *charter = world_charter_of(world, i);
		size_t known;
		const uint64_t *numbers = catalog_charter_conflicts(charter, &known);

		assert_memory_equal(catalog_charter_head(charter), head, sizeof *head);
		assert_int_equal(known, conflicts);
		for (size_t k = 0; k < known; k++) {
			struct catalog_buffer proof = {0};
			struct catalog_conflict conflict;
			struct catalog_txn *txn;

			assert_int_equal(catalog_store_begin(world_store(world, i), &txn), 0);
			assert_int_equal(catalog_conflict_read(txn, numbers[k], &proof), 0);
			catalog_store_end(txn);
			assert_int_equal(catalog_conflict_verify(charter,
								 catalog_buffer_span(&proof),
								 &conflict, NULL),
					 0);
			catalog_buffer_close(&proof);
		}
	}
}

static void test_the_proof_goes_to_all_and_all_keep_to_one(void **state)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct world_options options = {.seed = seed, .node_count = 5};
		struct world *world = world_new(&options);
		struct catalog_buffer amendments[2] = {0};
		struct catalog_hash hashes[2];

		(void)state;
		print_message("seed %llu\n", (unsigned long long)seed);
		assert_true(world_settle(world, STEPS));
		profile("One");
		write_amendment(world, 0, (int64_t)seed, &amendments[0], &hashes[0]);
		profile("Another");
		write_amendment(world, 0, (int64_t)seed, &amendments[1], &hashes[1]);
		/* At once, at nodes that are linked with each other or not. */
		assert_int_equal(world_amend(world, seed % 5, catalog_buffer_span(&amendments[0])),
				 0);
		assert_int_equal(
			world_amend(world, (seed + 2) % 5, catalog_buffer_span(&amendments[1])), 0);
		world_pass(world, 5 * 60 * 1000);
		assert_true(world_settle(world, STEPS));
		assert_all_alike(world, 5, 1);
		assert_string_equal(
			catalog_charter_name(world_charter_of(world, 0)),
			memcmp(&hashes[0], &hashes[1], sizeof hashes[0]) < 0 ? "One" : "Another");
		assert_true(world_counts(world)->notices > 0);
		catalog_buffer_close(&amendments[0]);
		catalog_buffer_close(&amendments[1]);
		world_free(world);
	}
}

/* A node that hears of both in one transaction, so that nobody else has heard of either. */
static void test_one_node_that_knows_tells_all(void **state)
{
	struct world_options options = {.seed = 3, .node_count = 4};
	struct world *world = world_new(&options);
	struct catalog_buffer amendments[2] = {0};
	struct catalog_hash hashes[2];
	uint64_t bytes;

	(void)state;
	assert_true(world_settle(world, STEPS));
	profile("One");
	write_amendment(world, 0, 1, &amendments[0], &hashes[0]);
	profile("Another");
	write_amendment(world, 0, 1, &amendments[1], &hashes[1]);
	assert_int_equal(world_amend(world, 2, catalog_buffer_span(&amendments[0])), 0);
	assert_int_equal(world_amend(world, 2, catalog_buffer_span(&amendments[1])), -ENOTUNIQ);
	world_pass(world, 60000);
	assert_true(world_settle(world, STEPS));
	assert_all_alike(world, 4, 1);
	/* Everybody knows: it is not told again, on new links either. */
	bytes = world_counts(world)->bytes;
	world_kill(world, 3);
	world_start(world, 3);
	assert_true(world_settle(world, STEPS));
	assert_true(world_counts(world)->bytes - bytes < amendments[0].len);
	assert_all_alike(world, 4, 1);
	catalog_buffer_close(&amendments[0]);
	catalog_buffer_close(&amendments[1]);
	world_free(world);
}

/* Half of the federation goes one way for a while, half the other, and members publish. */
static void test_two_halves_come_together_again(void **state)
{
	size_t turns = 0;

	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct world_options options = {.seed = seed,
						.node_count = 6,
						.founded = 4,
						.cut_percent = 1,
						.fail_percent = 5};
		struct world *world = world_new(&options);

		(void)state;
		print_message("seed %llu\n", (unsigned long long)seed);
		world_publish(world, 0, 0, 10);
		world_publish(world, 1, 0, 10);
		world_pass(world, 60000);
		part_all(world, 6, true);
		/* The even half admits member 4, the odd half member 5 under the same index. */
		memset(&change, 0, sizeof change);
		change.verb = CATALOG_CHANGE_ADMIT;
		world_member(world, 4, &change.as.admit);
		amend(world, 0, (int64_t)seed);
		world_member(world, 5, &change.as.admit);
		amend(world, 1, (int64_t)seed);
		profile("Odd");
		amend(world, 1, 2);
		world_pass(world, 3 * 60 * 1000);
		world_publish(world, 2, 0, 20);
		world_publish(world, 3, 0, 20);
		for (size_t i = 4; i < 6; i++) {
			world_kill(world, i);
			world_start(world, i);
		}
		world_publish(world,
			      catalog_charter_member(world_charter_of(world, 4), 4) != NULL ? 4 : 5,
			      0, 7);
		world_pass(world, 3 * 60 * 1000);
		part_all(world, 6, false);
		world_calm(world);
		if (seed % 2 == 0) {
			world_kill(world, 2);
			world_start(world, 2);
		}
		world_pass(world, 15 * 60 * 1000);
		/* Who is no member now may stay outside. */
		for (size_t i = 4; i < 6; i++)
			if (catalog_charter_member(world_charter_of(world, 0), (uint32_t)i) == NULL)
				world_kill(world, i);
		assert_true(world_settle(world, STEPS));
		assert_all_alike(world, 4, 1);
		for (size_t i = 0; i < 4; i++)
			for (uint32_t log = 0; log < 4; log++)
				assert_int_equal(world_status(world, i, log).live,
						 log < 2 ? 10 : 20);
		turns += world_counts(world)->turns;
		world_free(world);
	}
	assert_true(turns > 0);
}

TEST_MAIN("gossip/course", cmocka_unit_test(test_the_proof_goes_to_all_and_all_keep_to_one),
	  cmocka_unit_test(test_one_node_that_knows_tells_all),
	  cmocka_unit_test(test_two_halves_come_together_again))
