#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/chunk.h"
#include "catalog/entry.h"
#include "catalog/log_back.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/prune.h"
#include "catalog/receipt.h"
#include "catalog/prover.h"
#include "gossip/random.h"
#include "tests/catalog/pair.h"

static int set_up(void **state)
{
	*state = pair_new();
	return 0;
}

static int tear_down(void **state)
{
	pair_free(*state);
	return 0;
}

static size_t prune(struct pair *pair, size_t store, int64_t before_s)
{
	size_t count, all = 0;

	do {
		assert_int_equal(catalog_prune_step(pair->stores[store], before_s, &count), 0);
		all += count;
	} while (count > 0);
	return all;
}

/* A listing as it is now is provable, and the proof holds. */
static void assert_provable(struct pair *pair, size_t store, const char *id,
			    enum catalog_receipt_claim claim)
{
	struct catalog_receipt_trust trust = {.charter = pair->charter};
	struct catalog_receipt_outcome outcome;
	struct catalog_receipt receipt;
	struct catalog_buffer bytes = {0};
	char why[CATALOG_RECEIPT_WHY_BYTES];
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	assert_int_equal(catalog_prover_newest(txn, PAIR_SELF, id, &bytes), 0);
	catalog_store_end(txn);
	assert_int_equal(catalog_receipt_init(&receipt, catalog_buffer_span(&bytes), why), 0);
	assert_int_equal(catalog_receipt_verify(&receipt, &trust, &outcome, why), 0);
	assert_int_equal(outcome.claim, claim);
	catalog_receipt_close(&receipt);
	catalog_buffer_close(&bytes);
}

static void test_superseded_entries_go_after_their_time(void **state)
{
	struct pair *pair = *state;
	struct catalog_log_status before, after;

	pair_publish(pair, 0, 100, "one", 100);
	pair_publish(pair, 0, 50, "two", 200);
	pair_publish(pair, 0, 25, "three", 300);
	before = pair_status(pair, 0);
	assert_int_equal(before.kept, before.size);
	assert_int_equal(prune(pair, 0, 200), 0);      /* superseded at 200, which is not before */
	assert_int_equal(prune(pair, 0, 201), 50 + 1); /* and a state entry */
	assert_int_equal(prune(pair, 0, 10000), 25 + 1);
	after = pair_status(pair, 0);
	assert_int_equal(after.kept, 100 + 1);
	assert_int_equal(after.size, before.size);
	assert_true(catalog_hash_equal(&after.root, &before.root));
	assert_int_equal(pair_find(pair, 0, ""), 100);
	for (unsigned i = 0; i < 100; i++) {
		char id[32];

		snprintf(id, sizeof id, "dataset-%u", i);
		assert_provable(pair, 0, id, CATALOG_RECEIPT_CURRENT);
	}
	assert_int_equal(prune(pair, 0, 10000), 0);
}

static void test_a_newcomer_verifies_what_is_left(void **state)
{
	struct pair *pair = *state;

	for (unsigned round = 0; round < 12; round++)
		pair_publish(pair, 7 * round, 150, round % 2 == 0 ? "even" : "odd", 100 + round);
	pair_withdraw(pair, 3, false, 200);
	pair_withdraw(pair, 90, false, 201);
	pair_publish(pair, 90, 1, "again", 202);
	(void)prune(pair, 0, 10000);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	pair_assert_equal(pair, 0, 1);
	assert_int_equal(pair_status(pair, 1).kept, pair_status(pair, 0).kept);
	assert_false(pair_status(pair, 1).has_gap);
	assert_provable(pair, 1, "dataset-3", CATALOG_RECEIPT_WITHDRAWN);
	assert_provable(pair, 1, "dataset-90", CATALOG_RECEIPT_CURRENT);
	/* It can serve others, and goes on from there. */
	assert_int_equal(pair_pull(pair, 1, 2, 0, NULL), 0);
	pair_assert_equal(pair, 1, 2);
	pair_publish(pair, 50, 60, "later", 300);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(pair_pull(pair, 1, 2, 0, NULL), 0);
	pair_assert_equal(pair, 0, 2);
}

struct target {
	struct pair *pair;
	uint64_t size;
};

static int back_to_body(struct catalog_txn *txn, void *arg)
{
	const struct target *target = arg;

	return catalog_log_back_to(txn, catalog_charter_member(target->pair->charter, PAIR_SELF),
				   target->size);
}

/* Random histories, pruned at random times on each of three stores that pull from each other. */
static void test_pruned_histories_agree_whoever_is_asked(void **state)
{
	struct pair *pair = *state;
	struct gossip_random random = {20261124};

	printf("seed %llu\n", (unsigned long long)random.state);
	for (unsigned round = 0; round < 60; round++) {
		unsigned first = (unsigned)gossip_random_below(&random, 80);
		size_t from = (size_t)gossip_random_below(&random, 3);
		size_t to = (size_t)gossip_random_below(&random, 3);
		char what[32];

		snprintf(what, sizeof what, "round%u", round);
		pair_publish(pair, first, 1 + (unsigned)gossip_random_below(&random, 40), what,
			     1000 + round);
		if (round % 5 == 4)
			pair_withdraw(pair, first, round % 10 == 4, 1000 + round);
		if (round % 3 == 0)
			(void)prune(pair, from, 990 + round);
		if (from != to && to != 0 &&
		    pair_status(pair, from).size > pair_status(pair, to).size &&
		    pair_status(pair, from).size == pair_status(pair, from).target_size) {
			int r = pair_pull(pair, from, to, gossip_random_below(&random, 2) * 64,
					  NULL);

			assert_true(r == 0 || r == -EAGAIN); /* what was pruned spans its end */
			if (r == 0)
				pair_assert_equal(pair, from, to);
		}
	}
	for (size_t to = 1; to < 3; to++) {
		int r = pair_pull(pair, 0, to, 0, NULL);

		if (r == -EAGAIN) { /* it was away for too long, and begins anew */
			struct target target = {pair, 0};

			assert_int_equal(
				catalog_store_write(pair->stores[to], back_to_body, &target), 0);
			r = pair_pull(pair, 0, to, 0, NULL);
		}
		assert_int_equal(r, 0);
		pair_assert_equal(pair, 0, to);
	}
}

/* 1,000 listings changed 1,000 times each cost a newcomer what 1,000 that never changed do, and the
 * fewest hashes that stand for the rest.  (Here 100 of them, 100 times: the bench does the rest.)
 */
static void test_history_costs_little_on_the_wire_and_on_disk(void **state)
{
	struct pair *pair = *state, *still = pair_new();
	struct gossip_random random = {5};
	uint64_t bytes, still_bytes, levels_off = 0;

	for (unsigned round = 0; round < 100; round++) {
		char what[64];

		for (unsigned i = 0; i < 10; i++) {
			snprintf(what, sizeof what, "round%u-%llu", round,
				 (unsigned long long)gossip_random_next(&random));
			pair_publish(pair, 10 * (unsigned)gossip_random_below(&random, 10), 10,
				     what, 1000 + round);
		}
		(void)prune(pair, 0, 1000 + round);
		if (round == 50) {
			uint64_t index;

			assert_int_equal(catalog_store_bytes(pair->stores[0], &levels_off, &index),
					 0);
		}
	}
	(void)prune(pair, 0, 10000);
	pair_publish(still, 0, 100, "round1-12345678901234567890", 1000);
	assert_int_equal(pair_pull(pair, 0, 1, 0, &bytes), 0);
	pair_assert_equal(pair, 0, 1);
	assert_int_equal(pair_pull(still, 0, 1, 0, &still_bytes), 0);
	printf("newcomer: %llu bytes for %llu leaves, %llu where nothing ever changed\n",
	       (unsigned long long)bytes, (unsigned long long)pair_status(pair, 0).size,
	       (unsigned long long)still_bytes);
	/* 33 bytes a hash, of which 100 leaves among 11,000 need at most 100 * log2(110) or so. */
	assert_true(bytes < still_bytes * 11 / 10 + 800 * 37);
	{
		uint64_t total, index;

		assert_int_equal(catalog_store_bytes(pair->stores[0], &total, &index), 0);
		assert_true(total < levels_off * 5 / 4);
	}
	pair_free(still);
}

/* --- what hides something -------------------------------------------------------------------- */

/* Drop an entry as if it had been superseded. */
static int hide_body(struct catalog_txn *txn, void *arg)
{
	const uint64_t *index = arg;
	struct catalog_runs_sequence entries = catalog_log_row_entries(PAIR_SELF);
	int r = catalog_runs_drop(txn, &entries, *index);

	return r != 0 ? r : catalog_prune_collapse(txn, PAIR_SELF, *index);
}

static int back_body(struct catalog_txn *txn, void *arg)
{
	struct pair *pair = arg;
	struct catalog_log_status status;
	int r = catalog_log_status(txn, PAIR_SELF, &status);

	return r != 0 ? r
		      : catalog_log_back_to(txn, catalog_charter_member(pair->charter, PAIR_SELF),
					    status.settled);
}

static void assert_found_out(struct pair *pair, uint64_t hidden)
{
	uint64_t before = pair_status(pair, 2).size;

	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0); /* an honest copy */
	assert_int_equal(catalog_store_write(pair->stores[1], hide_body, &hidden), 0);
	assert_int_equal(pair_pull(pair, 1, 2, 0, NULL), -ENODATA);
	assert_int_equal(catalog_store_write(pair->stores[2], back_body, pair), 0);
	assert_int_equal(pair_status(pair, 2).size, before);
	assert_int_equal(pair_pull(pair, 0, 2, 0, NULL), 0);
	pair_assert_equal(pair, 0, 2);
}

static void test_a_hidden_put_is_found_out(void **state)
{
	pair_publish(*state, 0, 60, "one", 100);
	assert_found_out(*state, 17);
}

static void test_a_hidden_withdrawal_is_found_out(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, 60, "one", 100); /* 0 to 60 */
	assert_int_equal(pair_pull(pair, 0, 2, 0, NULL), 0);
	pair_withdraw(pair, 5, false, 101); /* 61 */
	assert_found_out(pair, 61);
}

static void test_an_older_version_shown_for_the_newest_is_found_out(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, 60, "one", 100);
	pair_publish(pair, 30, 1, "two", 101); /* 61 */
	assert_found_out(pair, 61);
}

static void test_a_withdrawn_listing_brought_back_while_another_hides_is_found_out(void **state)
{
	struct pair *pair = *state;
	uint64_t put = 10;

	pair_publish(pair, 0, 60, "one", 100);
	pair_withdraw(pair, 5, false, 101); /* 61 */
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(catalog_store_write(pair->stores[1], hide_body, &put), 0);
	assert_found_out(pair, 61);
}

/* --- erasing --------------------------------------------------------------------------------- */

static int read_entry(struct pair *pair, size_t store, uint64_t index)
{
	struct catalog_buffer bytes = {0};
	struct catalog_txn *txn;
	int r;

	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	r = catalog_log_read(txn, PAIR_SELF, index, &bytes);
	catalog_store_end(txn);
	catalog_buffer_close(&bytes);
	return r;
}

static void test_what_is_erased_goes_at_once_everywhere(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, 40, "one", 100);  /* 0 to 40 */
	pair_publish(pair, 7, 1, "two", 101);   /* 41, 42 */
	pair_publish(pair, 7, 1, "three", 102); /* 43, 44 */
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(read_entry(pair, 1, 7), 0);
	pair_withdraw(pair, 7, true, 103);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(pair_pull(pair, 1, 2, 0, NULL), 0);
	for (size_t store = 0; store < 3; store++) {
		assert_int_equal(read_entry(pair, store, 7), -ENOENT);
		assert_int_equal(read_entry(pair, store, 41), -ENOENT);
		assert_int_equal(read_entry(pair, store, 43), -ENOENT);
		assert_int_equal(read_entry(pair, store, 8), 0);
		assert_provable(pair, store, "dataset-7", CATALOG_RECEIPT_WITHDRAWN);
		assert_provable(pair, store, "dataset-8", CATALOG_RECEIPT_CURRENT);
		assert_int_equal(pair_find(pair, store, ""), 39);
	}
	pair_assert_equal(pair, 0, 2);
}

static void test_what_was_withdrawn_can_still_be_erased(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, 40, "one", 100);
	pair_withdraw(pair, 7, false, 101);
	assert_int_equal(read_entry(pair, 0, 7), 0);
	pair_withdraw(pair, 7, true, 102);
	assert_int_equal(read_entry(pair, 0, 7), -ENOENT);
	assert_int_equal(pair_status(pair, 0).withdrawn, 1);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	pair_assert_equal(pair, 0, 1);
}

/* --- stepping back ---------------------------------------------------------------------------- */

static void test_a_log_steps_back_to_each_of_its_checkpoints(void **state)
{
	struct catalog_log_status past[12];
	uint64_t found[12];
	struct pair *pair = *state;

	for (unsigned round = 0; round < 12; round++) {
		pair_publish(pair, 13 * round % 40, 30, round % 2 == 0 ? "even" : "odd",
			     100 + round);
		if (round % 3 == 2)
			pair_withdraw(pair, 13 * round % 40, false, 100 + round);
		past[round] = pair_status(pair, 0);
		found[round] = pair_find(pair, 0, "odd");
	}
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	for (unsigned round = 12; round-- > 0;) {
		struct target target = {pair, past[round].size};
		struct catalog_log_status now;

		assert_int_equal(catalog_store_write(pair->stores[1], back_to_body, &target), 0);
		now = pair_status(pair, 1);
		assert_int_equal(now.size, past[round].size);
		assert_int_equal(now.kept, past[round].kept);
		assert_int_equal(now.live, past[round].live);
		assert_int_equal(now.withdrawn, past[round].withdrawn);
		assert_int_equal(now.state_end, past[round].state_end);
		assert_true(catalog_hash_equal(&now.root, &past[round].root));
		assert_true(catalog_hash_equal(&now.view_root, &past[round].view_root));
		assert_int_equal(pair_find(pair, 1, "odd"), found[round]);
		assert_int_equal(pair_find(pair, 1, ""), past[round].live);
	}
	/* And forward again; what had been superseded is so again. */
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	pair_assert_equal(pair, 0, 1);
	(void)prune(pair, 1, 10000);
	assert_int_equal(pair_pull(pair, 1, 2, 0, NULL), 0);
	pair_assert_equal(pair, 0, 2);
}

/* What was erased is not there, nor found; the view and its root are those that were signed. */
static void test_a_log_steps_back_before_an_erasure(void **state)
{
	struct catalog_log_status past[4];
	struct pair *pair = *state;

	pair_publish(pair, 0, 40, "one", 100);
	past[0] = pair_status(pair, 0);
	pair_publish(pair, 7, 2, "two", 101);
	past[1] = pair_status(pair, 0);
	pair_withdraw(pair, 7, true, 102);
	past[2] = pair_status(pair, 0);
	pair_publish(pair, 7, 1, "three", 103);
	past[3] = pair_status(pair, 0);
	for (unsigned k = 3; k-- > 0;) {
		struct target target = {pair, past[k].size};
		struct catalog_log_status now;

		assert_int_equal(catalog_store_write(pair->stores[0], back_to_body, &target), 0);
		now = pair_status(pair, 0);
		assert_int_equal(now.live, past[k].live);
		assert_int_equal(now.withdrawn, past[k].withdrawn);
		assert_true(catalog_hash_equal(&now.root, &past[k].root));
		assert_true(catalog_hash_equal(&now.view_root, &past[k].view_root));
		assert_int_equal(pair_find(pair, 0, ""), 39);
		assert_int_equal(pair_find(pair, 0, "two"), k == 0 ? 0 : 1);
	}
	assert_int_equal(read_entry(pair, 0, 7), -ENOENT);
}

/* A node that came when it was erased already has neither the body nor a word of it. */
static int back_or_anew_body(struct catalog_txn *txn, void *arg)
{
	const struct target *target = arg;
	const struct catalog_member *member =
		catalog_charter_member(target->pair->charter, PAIR_SELF);
	int r = catalog_log_back_to(txn, member, target->size);

	assert_int_equal(r, -ENODATA);
	return catalog_log_back_to(txn, member, 0);
}

static void test_a_log_begins_anew_where_it_cannot_tell_what_was_current(void **state)
{
	struct pair *pair = *state;
	struct target target = {.pair = pair};
	struct catalog_log_status status;

	pair_publish(pair, 0, 40, "one", 100);
	target.size = pair_status(pair, 0).size;
	pair_publish(pair, 40, 5, "two", 200);
	pair_withdraw(pair, 7, true, 300);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(catalog_store_write(pair->stores[1], back_or_anew_body, &target), 0);
	status = pair_status(pair, 1);
	assert_int_equal(status.size, 0);
	assert_int_equal(status.live, 0);
	assert_int_equal(status.withdrawn, 0);
	assert_int_equal(status.kept, 0);
	assert_false(status.has_gap);
	assert_int_equal(pair_find(pair, 1, ""), 0);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	pair_assert_equal(pair, 0, 1);
}

#define PRUNE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/prune", PRUNE_TEST(test_superseded_entries_go_after_their_time),
	  PRUNE_TEST(test_a_newcomer_verifies_what_is_left),
	  PRUNE_TEST(test_pruned_histories_agree_whoever_is_asked),
	  PRUNE_TEST(test_history_costs_little_on_the_wire_and_on_disk),
	  PRUNE_TEST(test_a_hidden_put_is_found_out),
	  PRUNE_TEST(test_a_hidden_withdrawal_is_found_out),
	  PRUNE_TEST(test_an_older_version_shown_for_the_newest_is_found_out),
	  PRUNE_TEST(test_a_withdrawn_listing_brought_back_while_another_hides_is_found_out),
	  PRUNE_TEST(test_what_is_erased_goes_at_once_everywhere),
	  PRUNE_TEST(test_what_was_withdrawn_can_still_be_erased),
	  PRUNE_TEST(test_a_log_steps_back_to_each_of_its_checkpoints),
	  PRUNE_TEST(test_a_log_steps_back_before_an_erasure),
	  PRUNE_TEST(test_a_log_begins_anew_where_it_cannot_tell_what_was_current))
