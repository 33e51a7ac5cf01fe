#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/log.h"
#include "catalog/publisher.h"

#define SELF 5

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	struct catalog_secret secret;
	struct catalog_charter *charter;
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct catalog_member member = {.index = SELF,
					.name = "nbs",
					.title = "Bureau",
					.country = "KE",
					.sector = "statistics"};
	struct catalog_founding founding = {.name = "Test",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	static const uint8_t seed[32] = {4};
	int r;

	assert_non_null(f);
	*state = f;
	crypto_sign_seed_keypair(member.key.bytes, f->secret.bytes, seed);
	assert_int_equal(catalog_charter_found(&founding, &f->secret, 1, &amendment, NULL), 0);
	r = catalog_charter_new(catalog_buffer_span(&amendment), &f->charter);
	catalog_buffer_close(&amendment);
	assert_int_equal(r, 0);
	f->store = scratch_store(f->dir, 1);
	return catalog_publisher_new(f->store, f->charter, SELF, &f->secret, &f->publisher);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	catalog_publisher_free(f->publisher);
	catalog_charter_free(f->charter);
	scratch_end(f->dir, f->store);
	free(f);
	return 0;
}

static enum catalog_publisher_outcome put(struct fixture *f, const char *id, const char *title)
{
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	enum catalog_publisher_outcome outcome = CATALOG_PUBLISHER_NEW;

	f->salt[0]++;
	assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(title)), 0);
	assert_int_equal(catalog_value_set(listing, "title", titles), 0);
	assert_int_equal(
		catalog_publisher_put(f->publisher, id, listing, 1795511520, f->salt, &outcome), 0);
	catalog_value_free(listing);
	return outcome;
}

static void flush(struct fixture *f)
{
	assert_int_equal(catalog_publisher_flush(f->publisher, 1795511520, f->salt), 0);
}

static struct catalog_log_status status_of(struct fixture *f)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, SELF, &status), 0);
	catalog_store_end(txn);
	return status;
}

static void test_what_is_flushed_is_signed(void **state)
{
	struct fixture *f = *state;
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(put(f, "rice", "Rice"), CATALOG_PUBLISHER_NEW);
	assert_int_equal(status_of(f).size, 0);
	assert_int_equal(catalog_publisher_kept(f->publisher), 0);
	flush(f);
	assert_int_equal(catalog_publisher_kept(f->publisher), 1);
	assert_int_equal(status_of(f).size, 2); /* the put and the state */
	assert_int_equal(status_of(f).target_size, 2);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, SELF, &note), 0);
	catalog_store_end(txn);
	catalog_checkpoint_origin(catalog_charter_federation(f->charter), "nbs", origin);
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(&note), origin,
						   &catalog_charter_member(f->charter, SELF)->key,
						   &checkpoint),
			 0);
	assert_int_equal(checkpoint.size, 2);
	status = status_of(f);
	assert_true(catalog_hash_equal(&checkpoint.root, &status.root));
	catalog_buffer_close(&note);
}

static void test_publishing_the_same_again_appends_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "rice", "Rice");
	put(f, "maize", "Maize");
	flush(f);
	assert_int_equal(put(f, "rice", "Rice"), CATALOG_PUBLISHER_UNCHANGED);
	assert_int_equal(put(f, "maize", "Maize"), CATALOG_PUBLISHER_UNCHANGED);
	flush(f);
	assert_int_equal(status_of(f).size, 3);
	assert_int_equal(put(f, "rice", "Rice, revised"), CATALOG_PUBLISHER_CHANGED);
	flush(f);
	assert_int_equal(status_of(f).size, 5); /* one put, one state */
	assert_int_equal(status_of(f).live, 2);
}

static void test_an_id_twice_in_one_run_keeps_the_newest(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "rice", "Rice"), CATALOG_PUBLISHER_NEW);
	assert_int_equal(put(f, "rice", "Rice, revised"), CATALOG_PUBLISHER_CHANGED);
	assert_int_equal(put(f, "rice", "Rice, revised"), CATALOG_PUBLISHER_UNCHANGED);
	flush(f);
	assert_int_equal(status_of(f).size, 4);
	assert_int_equal(status_of(f).live, 1);
}

static void test_a_withdrawn_listing_can_be_put_again(void **state)
{
	struct fixture *f = *state;

	put(f, "rice", "Rice");
	flush(f);
	assert_int_equal(catalog_publisher_withdraw(f->publisher, "rice",
						    CATALOG_PUBLISHER_WITHDRAW, "mistake", 9,
						    f->salt),
			 0);
	flush(f);
	assert_int_equal(status_of(f).live, 0);
	assert_int_equal(status_of(f).withdrawn, 1);
	assert_int_equal(catalog_publisher_withdraw(f->publisher, "rice",
						    CATALOG_PUBLISHER_WITHDRAW, NULL, 9, f->salt),
			 -ENOENT);
	assert_int_equal(catalog_publisher_withdraw(f->publisher, "maize",
						    CATALOG_PUBLISHER_WITHDRAW, NULL, 9, f->salt),
			 -ENOENT);
	assert_int_equal(put(f, "rice", "Rice"), CATALOG_PUBLISHER_NEW);
	flush(f);
	assert_int_equal(status_of(f).live, 1);
	assert_int_equal(status_of(f).withdrawn, 0);
}

static void test_a_long_run_is_cut_into_batches(void **state)
{
	struct fixture *f = *state;
	char id[32];

	for (unsigned i = 0; i < 2500; i++) {
		snprintf(id, sizeof id, "dataset-%u", i);
		assert_int_equal(put(f, id, id), CATALOG_PUBLISHER_NEW);
	}
	assert_true(status_of(f).size >= 1000); /* durable before the end; the second may be, too */
	/* What it has waited for is kept, and no more than is there. */
	assert_in_range(catalog_publisher_kept(f->publisher), 999, status_of(f).live);
	flush(f);
	assert_int_equal(catalog_publisher_kept(f->publisher), 2500);
	assert_int_equal(status_of(f).size, 2503);
	assert_int_equal(status_of(f).live, 2500);
}

static void put_many(struct fixture *f, unsigned count)
{
	char id[32];

	for (unsigned i = 0; i < count; i++) {
		snprintf(id, sizeof id, "dataset-%u", i);
		assert_int_equal(put(f, id, id), CATALOG_PUBLISHER_NEW);
	}
}

static void test_an_id_of_a_batch_that_is_being_committed_is_found_there(void **state)
{
	struct fixture *f = *state;

	put_many(f, 1000); /* the last one closed a batch */
	assert_int_equal(put(f, "dataset-998", "dataset-998"), CATALOG_PUBLISHER_UNCHANGED);
	assert_int_equal(put(f, "dataset-5", "Other"), CATALOG_PUBLISHER_CHANGED);
	assert_int_equal(put(f, "dataset-999", "Other"), CATALOG_PUBLISHER_CHANGED);
	flush(f);
	assert_int_equal(status_of(f).live, 1000);
	assert_int_equal(status_of(f).size, 1000 + 3 + 2); /* 999 and 2 and 1, a state after each */
}

static void test_another_key_may_not_publish(void **state)
{
	struct fixture *f = *state;
	struct catalog_publisher *other = NULL;
	struct catalog_secret secret = f->secret;

	secret.bytes[40] ^= 1;
	assert_int_equal(catalog_publisher_new(f->store, f->charter, SELF, &secret, &other),
			 -EKEYREJECTED);
	assert_int_equal(catalog_publisher_new(f->store, f->charter, SELF + 1, &f->secret, &other),
			 -EKEYREJECTED);
	assert_null(other);
}

static int show_checkpoint(struct catalog_txn *txn, void *arg)
{
	return catalog_log_target(txn, SELF, arg,
				  (struct catalog_span){(const uint8_t *)"note", 4});
}

static void test_nothing_is_signed_over_a_checkpoint_that_another_showed(void **state)
{
	struct fixture *f = *state;
	struct catalog_log_status before;
	struct catalog_checkpoint other = {.size = 4};

	put(f, "a", "A");
	flush(f);
	put(f, "b", "B");
	put(f, "c", "C");
	/* Whoever has the key, too, signed four entries; ours would be five. */
	assert_int_equal(catalog_store_write(f->store, show_checkpoint, &other), 0);
	before = status_of(f);
	assert_int_equal(catalog_publisher_flush(f->publisher, 1795511520, f->salt), -ESTALE);
	put(f, "d", "D");
	assert_int_equal(catalog_publisher_flush(f->publisher, 1795511520, f->salt), -ESTALE);
	assert_int_equal(status_of(f).size, 2);
	assert_int_equal(status_of(f).target_size, before.target_size);
}

static void test_what_was_put_after_a_batch_that_failed_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct catalog_checkpoint other = {.size = 4};

	put(f, "a", "A");
	flush(f);
	assert_int_equal(catalog_store_write(f->store, show_checkpoint, &other), 0);
	put_many(f, 1200);
	assert_int_equal(catalog_publisher_flush(f->publisher, 1795511520, f->salt), -ESTALE);
	assert_int_equal(status_of(f).size, 2);
	assert_int_equal(catalog_publisher_kept(f->publisher), 1);
	flush(f); /* nothing is left to fail */
	put(f, "dataset-1100", "B");
	assert_int_equal(catalog_publisher_flush(f->publisher, 1795511520, f->salt), -ESTALE);
}

static void test_a_publisher_may_end_while_a_batch_is_being_committed(void **state)
{
	struct fixture *f = *state;

	put_many(f, 1100);
	catalog_publisher_free(f->publisher);
	f->publisher = NULL;
	assert_int_equal(status_of(f).size, 1000);
	assert_int_equal(status_of(f).target_size, 1000);
}

#define PUBLISHER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/publisher", PUBLISHER_TEST(test_what_is_flushed_is_signed),
	  PUBLISHER_TEST(test_publishing_the_same_again_appends_nothing),
	  PUBLISHER_TEST(test_an_id_twice_in_one_run_keeps_the_newest),
	  PUBLISHER_TEST(test_a_withdrawn_listing_can_be_put_again),
	  PUBLISHER_TEST(test_a_long_run_is_cut_into_batches),
	  PUBLISHER_TEST(test_an_id_of_a_batch_that_is_being_committed_is_found_there),
	  PUBLISHER_TEST(test_what_was_put_after_a_batch_that_failed_is_dropped),
	  PUBLISHER_TEST(test_a_publisher_may_end_while_a_batch_is_being_committed),
	  PUBLISHER_TEST(test_nothing_is_signed_over_a_checkpoint_that_another_showed),
	  PUBLISHER_TEST(test_another_key_may_not_publish))
