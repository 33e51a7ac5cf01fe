#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/log.h"
#include "catalog/prover.h"
#include "catalog/publisher.h"
#include "catalog/receipt.h"

#define SELF 5
#define TIME 1795511520

struct fixture {
	char dir[40];
	struct catalog_store *store;
	struct catalog_secret secret;
	struct catalog_charter *charter;
	struct catalog_publisher *publisher;
	struct catalog_receipt_trust trust;
	int64_t time_s;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_buffer file;
	char why[CATALOG_RECEIPT_WHY_BYTES];
};

static struct catalog_charter *found(const char *name, const struct catalog_secret *secret)
{
	struct catalog_member member = {.index = SELF,
					.name = "nbs",
					.title = "Bureau",
					.country = "KE",
					.sector = "statistics"};
	struct catalog_founding founding = {.name = name,
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_charter *charter = NULL;
	struct catalog_buffer amendment = {0};

	memcpy(member.key.bytes, secret->bytes + 32, sizeof member.key.bytes);
	assert_int_equal(catalog_charter_found(&founding, secret, 1, &amendment, NULL), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &charter), 0);
	catalog_buffer_close(&amendment);
	return charter;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	static const uint8_t seed[32] = {4};
	uint8_t key[32];

	assert_non_null(f);
	*state = f;
	crypto_sign_seed_keypair(key, f->secret.bytes, seed);
	f->charter = found("Test", &f->secret);
	f->trust.charter = f->charter;
	f->time_s = TIME;
	snprintf(f->dir, sizeof f->dir, "/tmp/test_receipt.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(catalog_store_open(f->dir, 1, &f->store), 0);
	return catalog_publisher_new(f->store, f->charter, SELF, &f->secret, &f->publisher);
}

static int tear_down(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};
	struct fixture *f = *state;
	char path[64];

	catalog_publisher_free(f->publisher);
	catalog_store_close(f->store);
	catalog_charter_free(f->charter);
	catalog_buffer_close(&f->file);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", f->dir, files[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *id, const char *title)
{
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	enum catalog_publisher_outcome outcome;

	f->salt[0]++;
	assert_int_equal(catalog_value_set(titles, "en", catalog_value_new_string(title)), 0);
	assert_int_equal(catalog_value_set(listing, "title", titles), 0);
	assert_int_equal(
		catalog_publisher_put(f->publisher, id, listing, f->time_s, f->salt, &outcome), 0);
	catalog_value_free(listing);
}

static void flush(struct fixture *f)
{
	assert_int_equal(catalog_publisher_flush(f->publisher, f->time_s, f->salt), 0);
}

/* A small log: 0 rice, 1 wheat, 2 maize, 3 state; 4 rice again, 5 maize withdrawn, 6 state. */
static void publish_some(struct fixture *f)
{
	put(f, "rice", "Rice");
	put(f, "wheat", "Wheat");
	put(f, "maize", "Maize");
	flush(f);
	f->time_s = TIME + 60;
	put(f, "rice", "Rice yield");
	assert_int_equal(
		catalog_publisher_withdraw(f->publisher, "maize", "moved", f->time_s, f->salt), 0);
	flush(f);
}

static int prove(struct fixture *f, const char *id)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_newest(txn, SELF, id, &f->file);
	catalog_store_end(txn);
	return r;
}

static int prove_entry(struct fixture *f, uint64_t index)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_entry(txn, SELF, index, &f->file);
	catalog_store_end(txn);
	return r;
}

static int prove_absent(struct fixture *f, const char *id)
{
	struct catalog_txn *txn;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	r = catalog_prover_absent(txn, SELF, id, &f->file);
	catalog_store_end(txn);
	return r;
}

/* Read and verify the file.  The outcome's entry is gone with the receipt. */
static int verify_bytes(struct fixture *f, struct catalog_span bytes,
			struct catalog_receipt_outcome *ret_outcome)
{
	struct catalog_receipt receipt;
	int r;

	f->why[0] = '\0';
	r = catalog_receipt_init(&receipt, bytes, f->why);
	if (r == 0) {
		r = catalog_receipt_verify(&receipt, &f->trust, ret_outcome, f->why);
		catalog_receipt_close(&receipt);
	}
	assert_int_equal(r == 0, f->why[0] == '\0');
	return r;
}

static int verify(struct fixture *f, struct catalog_receipt_outcome *ret_outcome)
{
	return verify_bytes(f, catalog_buffer_span(&f->file), ret_outcome);
}

static void test_a_receipt_shows_that_a_listing_is_current(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove(f, "rice"), 0);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_CURRENT);
	assert_string_equal(outcome.member, "nbs");
	assert_memory_equal(outcome.key.bytes, f->secret.bytes + 32, 32);
	assert_string_equal(outcome.id, "rice");
	assert_int_equal(outcome.index, 4);
	assert_int_equal(outcome.newest, 4);
	assert_int_equal(outcome.checkpoint.size, 7);
	assert_int_equal(outcome.time_s, TIME + 60);
	assert_int_equal(outcome.state_time_s, TIME + 60);
	assert_int_equal(outcome.live, 2);
	assert_int_equal(outcome.withdrawn, 1);
	assert_int_equal(prove(f, "wheat"), 0);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_CURRENT);
	assert_int_equal(outcome.index, 1);
	assert_int_equal(outcome.time_s, TIME);
}

static void test_a_receipt_shows_that_a_listing_was_withdrawn(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove(f, "maize"), 0);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_WITHDRAWN);
	assert_int_equal(outcome.index, 5);
	assert_int_equal(outcome.time_s, TIME + 60);
}

static void test_a_receipt_of_an_older_version_says_that_it_is(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove_entry(f, 0), 0);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_SUPERSEDED);
	assert_int_equal(outcome.index, 0);
	assert_int_equal(outcome.newest, 4);
}

static void test_a_receipt_shows_that_there_is_no_such_listing(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove_absent(f, "millet"), 0);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_ABSENT);
	assert_string_equal(outcome.id, "millet");
	assert_int_equal(outcome.checkpoint.size, 7);
	assert_int_equal(outcome.state_time_s, TIME + 60);
}

static void test_what_is_not_so_is_not_proved(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(prove_absent(f, "millet"), -EAGAIN); /* nothing is signed yet */
	publish_some(f);
	assert_int_equal(prove(f, "millet"), -ENOENT);
	assert_int_equal(prove_absent(f, "rice"), -EEXIST);
	assert_int_equal(prove_absent(f, "maize"), -EEXIST); /* withdrawn: it was there */
	assert_int_equal(prove_entry(f, 3), -ENOENT);        /* a state entry */
	assert_int_equal(prove_entry(f, 7), -ENOENT);
	assert_int_equal(f->file.len, 0);
}

static void test_every_listing_of_a_larger_log_has_its_receipt(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;
	char id[32];

	for (unsigned i = 0; i < 700; i++) {
		snprintf(id, sizeof id, "dataset-%u", i * 7 % 500);
		put(f, id, i < 500 ? "One" : "Two");
		if (i % 230 == 229)
			flush(f);
	}
	flush(f);
	for (unsigned i = 0; i < 600; i++) {
		snprintf(id, sizeof id, "dataset-%u", i);
		assert_int_equal(i < 500 ? prove(f, id) : prove_absent(f, id), 0);
		assert_int_equal(verify(f, &outcome), 0);
		assert_string_equal(outcome.id, id);
		assert_int_equal(outcome.claim,
				 i < 500 ? CATALOG_RECEIPT_CURRENT : CATALOG_RECEIPT_ABSENT);
		assert_true(f->file.len < 4096);
	}
}

static void test_the_largest_listing_has_a_receipt_within_the_limit(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;
	struct catalog_value *listing = catalog_value_new_map(), *map = catalog_value_new_map();
	enum catalog_publisher_outcome done;
	char *text = malloc(62 * 1024 + 1);

	assert_non_null(text);
	assert_int_equal(catalog_value_set(map, "en", catalog_value_new_string("Large")), 0);
	assert_int_equal(catalog_value_set(listing, "title", map), 0);
	map = catalog_value_new_map();
	for (size_t i = 0; i < 62 * 1024; i++)
		text[i] = "0123456789abcdef"[i * i / 7 % 16];
	text[62 * 1024] = '\0';
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(catalog_value_set(map, (const char *[]){"en", "fr", "sw", "vi"}[i],
						   catalog_value_new_string(text)),
				 0);
	assert_int_equal(catalog_value_set(listing, "description", map), 0);
	assert_int_equal(
		catalog_publisher_put(f->publisher, "large", listing, TIME, f->salt, &done), 0);
	flush(f);
	assert_int_equal(prove(f, "large"), 0);
	assert_true(f->file.len > 300 * 1024);
	assert_true(f->file.len <= CATALOG_RECEIPT_BYTES_MAX);
	assert_int_equal(verify(f, &outcome), 0);
	catalog_value_free(listing);
	free(text);
}

static void flip_every_bit(struct fixture *f)
{
	struct catalog_receipt_outcome outcome;

	assert_int_equal(verify(f, &outcome), 0);
	for (size_t i = 0; i < f->file.len * 8; i++) {
		f->file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (verify(f, &outcome) == 0)
			fail_msg("bit %zu of %zu bytes", i, f->file.len);
		f->file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void test_a_changed_bit_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove(f, "rice"), 0);
	flip_every_bit(f);
	assert_int_equal(prove(f, "maize"), 0);
	flip_every_bit(f);
	assert_int_equal(prove_entry(f, 0), 0);
	flip_every_bit(f);
	assert_int_equal(prove_absent(f, "millet"), 0);
	flip_every_bit(f);
}

static void test_a_receipt_cut_short_anywhere_is_refused(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	for (unsigned which = 0; which < 2; which++) {
		assert_int_equal(which == 0 ? prove(f, "rice") : prove_absent(f, "millet"), 0);
		for (size_t len = 0; len < f->file.len; len++) {
			/* A copy, so that a read beyond its end is seen. */
			uint8_t *copy = malloc(len + (len == 0));

			assert_non_null(copy);
			memcpy(copy, f->file.bytes, len);
			assert_int_not_equal(
				verify_bytes(f, (struct catalog_span){copy, len}, &outcome), 0);
			free(copy);
		}
	}
}

static void test_a_line_more_anywhere_is_refused(void **state)
{
	static const char line[] = "BQYHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;

	publish_some(f);
	assert_int_equal(prove(f, "rice"), 0);
	for (size_t at = 0; at <= f->file.len; at++) {
		struct catalog_buffer longer = {0};

		if (at > 0 && f->file.bytes[at - 1] != '\n')
			continue;
		assert_int_equal(catalog_buffer_append(&longer, f->file.bytes, at), 0);
		assert_int_equal(catalog_buffer_append(&longer, line, sizeof line - 1), 0);
		assert_int_equal(
			catalog_buffer_append(&longer, f->file.bytes + at, f->file.len - at), 0);
		if (verify_bytes(f, catalog_buffer_span(&longer), &outcome) == 0)
			fail_msg("at byte %zu", at);
		catalog_buffer_close(&longer);
	}
}

/* --- what failed is named -------------------------------------------------------------------- */

/* Take the file apart, for a test to change a part of it. */
static struct catalog_receipt take(struct fixture *f, struct catalog_buffer *ret_bytes)
{
	struct catalog_receipt receipt;

	ret_bytes->len = 0;
	assert_int_equal(catalog_buffer_append(ret_bytes, f->file.bytes, f->file.len), 0);
	assert_int_equal(catalog_receipt_init(&receipt, catalog_buffer_span(ret_bytes), f->why), 0);
	return receipt;
}

/* Write the receipt anew and see it refused, in these words. */
static void refuse(struct fixture *f, struct catalog_receipt *receipt, int code, const char *words)
{
	struct catalog_receipt_outcome outcome;
	int r;

	f->file.len = 0;
	assert_int_equal(catalog_receipt_encode(receipt, &f->file), 0);
	catalog_receipt_close(receipt);
	r = verify(f, &outcome);
	if (r != code || strstr(f->why, words) == NULL)
		fail_msg("%d %s", r, f->why);
}

static void test_a_failed_part_is_named(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer bytes = {0};
	struct catalog_receipt receipt;

	publish_some(f);

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	receipt.proof[0].bytes[3] ^= 1;
	refuse(f, &receipt, -EKEYREJECTED, "inclusion proof of the entry");

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	receipt.index = 1;
	refuse(f, &receipt, -EKEYREJECTED, "inclusion proof of the entry");

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	receipt.state_proof[0].bytes[3] ^= 1;
	refuse(f, &receipt, -EKEYREJECTED, "inclusion proof of the state entry");

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	receipt.steps[0].sibling.bytes[3] ^= 1;
	refuse(f, &receipt, -EKEYREJECTED, "trie path does not lead to the view root");

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	memcpy(receipt.id, "wheat", sizeof "wheat");
	refuse(f, &receipt, -EKEYREJECTED, "about another id");

	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	memcpy(receipt.id, "a b", sizeof "a b");
	refuse(f, &receipt, -EBADMSG, "id is none");

	catalog_buffer_close(&bytes);
}

static void test_parts_of_several_receipts_do_not_make_another(void **state)
{
	struct fixture *f = *state;
	struct catalog_buffer bytes = {0}, other_bytes = {0};
	struct catalog_receipt receipt, other;

	publish_some(f);

	/* The older version with its own index where the newest should be. */
	assert_int_equal(prove_entry(f, 0), 0);
	receipt = take(f, &bytes);
	receipt.leaf.index = 0;
	refuse(f, &receipt, -EKEYREJECTED, "trie path does not lead to the view root");

	/* The path of another listing. */
	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	assert_int_equal(prove(f, "wheat"), 0);
	other = take(f, &other_bytes);
	receipt.leaf = other.leaf;
	receipt.step_count = other.step_count;
	memcpy(receipt.steps, other.steps, sizeof other.steps);
	catalog_receipt_close(&other);
	refuse(f, &receipt, -EKEYREJECTED, "trie path is that of another id");

	/* An absence proof from what shows a presence. */
	assert_int_equal(prove(f, "rice"), 0);
	receipt = take(f, &bytes);
	receipt.entry = (struct catalog_span){NULL, 0};
	receipt.index = 6;
	receipt.proof_count = receipt.state_proof_count;
	memcpy(receipt.proof, receipt.state_proof, sizeof receipt.proof);
	receipt.state_proof_count = 0;
	refuse(f, &receipt, -EKEYREJECTED, "that there is no such id");

	/* The neighbour of one absent id for another: only where a walk ends there too. */
	assert_int_equal(prove_absent(f, "millet"), 0);
	receipt = take(f, &bytes);
	memcpy(receipt.id, "rice", sizeof "rice");
	refuse(f, &receipt, -EKEYREJECTED, "that there is no such id");

	assert_int_equal(prove_absent(f, "millet"), 0);
	receipt = take(f, &bytes);
	receipt.has_leaf = false;
	receipt.step_count = 0;
	refuse(f, &receipt, -EKEYREJECTED, "that there is no such id");

	/* An earlier state entry shows an earlier view. */
	assert_int_equal(prove_absent(f, "millet"), 0);
	receipt = take(f, &bytes);
	receipt.index = 3;
	refuse(f, &receipt, -EKEYREJECTED, "last entry under the checkpoint");

	catalog_buffer_close(&bytes);
	catalog_buffer_close(&other_bytes);
}

static void test_an_entry_that_is_no_state_entry_closes_nothing(void **state)
{
	struct fixture *f = *state;
	struct catalog_checkpoint checkpoint = {.size = 1};
	struct catalog_buffer note = {0}, bytes = {0};
	struct catalog_receipt receipt;

	/* A checkpoint, signed all right, over nothing but a put. */
	publish_some(f);
	assert_int_equal(prove(f, "wheat"), 0);
	receipt = take(f, &bytes);
	catalog_checkpoint_origin(catalog_charter_federation(f->charter), "nbs", checkpoint.origin);
	catalog_merkle_leaf(receipt.entry, &checkpoint.root);
	assert_int_equal(catalog_checkpoint_sign(&checkpoint, &f->secret, &note), 0);
	receipt.note = catalog_buffer_span(&note);
	receipt.state = receipt.entry;
	receipt.index = 0;
	receipt.proof_count = receipt.state_proof_count = 0;
	refuse(f, &receipt, -EPROTO, "no state entry");
	catalog_buffer_close(&note);
	catalog_buffer_close(&bytes);
}

static void test_another_federation_member_or_key_is_refused(void **state)
{
	struct catalog_receipt_outcome outcome;
	struct fixture *f = *state;
	struct catalog_hash federation = *catalog_charter_federation(f->charter);
	static const uint8_t seed[32] = {5};
	struct catalog_charter *other;
	struct catalog_secret secret;
	struct catalog_key key;

	publish_some(f);
	assert_int_equal(prove(f, "rice"), 0);
	crypto_sign_seed_keypair(key.bytes, secret.bytes, seed);

	other = found("Other", &f->secret);
	f->trust.charter = other;
	assert_int_equal(verify(f, &outcome), -EKEYREJECTED);
	assert_non_null(strstr(f->why, "another federation"));
	catalog_charter_free(other);

	f->trust = (struct catalog_receipt_trust){.key = &key};
	assert_int_equal(verify(f, &outcome), -EKEYREJECTED);
	assert_non_null(strstr(f->why, "signature of nbs"));

	memcpy(key.bytes, f->secret.bytes + 32, sizeof key.bytes);
	assert_int_equal(verify(f, &outcome), 0);
	assert_int_equal(outcome.claim, CATALOG_RECEIPT_CURRENT);
	assert_string_equal(outcome.member, "nbs");

	f->trust.federation = &federation;
	f->trust.member = "nbs";
	assert_int_equal(verify(f, &outcome), 0);
	f->trust.member = "moh";
	assert_int_equal(verify(f, &outcome), -EKEYREJECTED);
	assert_non_null(strstr(f->why, "origin"));
	f->trust.member = "nbs";
	federation.bytes[0] ^= 1;
	assert_int_equal(verify(f, &outcome), -EKEYREJECTED);
	assert_non_null(strstr(f->why, "origin"));
}

static void test_a_receipt_too_large_is_refused_unread(void **state)
{
	struct fixture *f = *state;
	struct catalog_receipt receipt;
	uint8_t *bytes = calloc(1, CATALOG_RECEIPT_BYTES_MAX + 1);

	assert_non_null(bytes);
	assert_int_equal(
		catalog_receipt_init(&receipt,
				     (struct catalog_span){bytes, CATALOG_RECEIPT_BYTES_MAX + 1},
				     f->why),
		-E2BIG);
	free(bytes);
}

#define RECEIPT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/receipt", RECEIPT_TEST(test_a_receipt_shows_that_a_listing_is_current),
	  RECEIPT_TEST(test_a_receipt_shows_that_a_listing_was_withdrawn),
	  RECEIPT_TEST(test_a_receipt_of_an_older_version_says_that_it_is),
	  RECEIPT_TEST(test_a_receipt_shows_that_there_is_no_such_listing),
	  RECEIPT_TEST(test_what_is_not_so_is_not_proved),
	  RECEIPT_TEST(test_every_listing_of_a_larger_log_has_its_receipt),
	  RECEIPT_TEST(test_the_largest_listing_has_a_receipt_within_the_limit),
	  RECEIPT_TEST(test_a_changed_bit_anywhere_is_refused),
	  RECEIPT_TEST(test_a_receipt_cut_short_anywhere_is_refused),
	  RECEIPT_TEST(test_a_line_more_anywhere_is_refused),
	  RECEIPT_TEST(test_a_failed_part_is_named),
	  RECEIPT_TEST(test_parts_of_several_receipts_do_not_make_another),
	  RECEIPT_TEST(test_an_entry_that_is_no_state_entry_closes_nothing),
	  RECEIPT_TEST(test_another_federation_member_or_key_is_refused),
	  RECEIPT_TEST(test_a_receipt_too_large_is_refused_unread))
