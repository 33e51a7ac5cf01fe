#include "tests/test.h"

#include "tests/catalog/proving.h"

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
	  RECEIPT_TEST(test_a_changed_bit_anywhere_is_refused),
	  RECEIPT_TEST(test_a_receipt_cut_short_anywhere_is_refused),
	  RECEIPT_TEST(test_a_line_more_anywhere_is_refused),
	  RECEIPT_TEST(test_a_failed_part_is_named),
	  RECEIPT_TEST(test_parts_of_several_receipts_do_not_make_another),
	  RECEIPT_TEST(test_an_entry_that_is_no_state_entry_closes_nothing),
	  RECEIPT_TEST(test_another_federation_member_or_key_is_refused),
	  RECEIPT_TEST(test_a_receipt_too_large_is_refused_unread))
