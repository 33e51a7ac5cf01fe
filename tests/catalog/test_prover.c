#include "tests/test.h"

#include "tests/catalog/proving.h"

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

/* --- logs of which nothing can be proved ----------------------------------------------------- */

struct more {
	struct catalog_buffer entry, note;
	struct catalog_checkpoint checkpoint;
};

static int append_more(struct catalog_txn *txn, void *arg)
{
	static const struct catalog_member member = {.index = SELF, .name = "nbs", .country = "KE"};
	const struct more *more = arg;
	struct catalog_span entry = catalog_buffer_span(&more->entry);

	return catalog_log_append(txn, &member, &entry, 1);
}

static int take_target(struct catalog_txn *txn, void *arg)
{
	const struct more *more = arg;

	return catalog_log_target(txn, SELF, &more->checkpoint, catalog_buffer_span(&more->note));
}

static void test_a_log_held_in_part_or_broken_proves_nothing(void **state)
{
	struct fixture *f = *state;
	struct more more = {0};
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_MOTION,
				      .id = "motion",
				      .prev = CATALOG_ENTRY_PREV_NONE,
				      .body = {(const uint8_t *)"\xc0", 1}};
	struct catalog_log_status status;
	struct catalog_txn *txn;

	publish_some(f);
	/* An entry beyond the last checkpoint. */
	assert_int_equal(catalog_entry_encode(&entry, &more.entry), 0);
	assert_int_equal(catalog_store_write(f->store, append_more, &more), 0);
	assert_int_equal(prove(f, "rice"), -EAGAIN);
	assert_int_equal(prove_absent(f, "millet"), -EAGAIN);

	/* A checkpoint that covers it, though it is no state entry. */
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, SELF, &status), 0);
	catalog_store_end(txn);
	more.checkpoint.size = status.size;
	more.checkpoint.root = status.root;
	catalog_checkpoint_origin(catalog_charter_federation(f->charter), "nbs",
				  more.checkpoint.origin);
	assert_int_equal(catalog_checkpoint_sign(&more.checkpoint, &f->secret, &more.note), 0);
	assert_int_equal(catalog_store_write(f->store, take_target, &more), 0);
	assert_int_equal(prove(f, "rice"), -EPROTO);
	assert_int_equal(prove_absent(f, "millet"), -EPROTO);
	assert_int_equal(f->file.len, 0);
	catalog_buffer_close(&more.entry);
	catalog_buffer_close(&more.note);
}

#define RECEIPT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/prover", RECEIPT_TEST(test_what_is_not_so_is_not_proved),
	  RECEIPT_TEST(test_every_listing_of_a_larger_log_has_its_receipt),
	  RECEIPT_TEST(test_the_largest_listing_has_a_receipt_within_the_limit),
	  RECEIPT_TEST(test_a_log_held_in_part_or_broken_proves_nothing))
