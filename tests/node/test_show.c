/* One listing, and whether it verifies. */
#include "catalog/prune.h"
#include "tests/node/session.h"

static void test_a_listing_is_shown_with_its_proof(void **state)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_value *answer;
	struct catalog_span note;
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];

	(void)state;
	publish_crops();
	answer = ask("{'op':'show','member':'nbs','id':'maize','lang':'sw'}");
	assert_string_equal(scratch_text(answer, "member/title"), "Bureau of Statistics");
	assert_string_equal(scratch_text(answer, "state"), "current");
	assert_string_equal(scratch_text(answer, "listing/title/en"), "Maize yield");
	assert_true(scratch_null(answer, "reason"));
	assert_int_equal(scratch_int(answer, "entry/index"), 1);
	assert_true(scratch_null(answer, "entry/prev"));
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 6);
	assert_true(catalog_value_bool(scratch_at(answer, "verified")));
	assert_non_null(strstr(scratch_text(answer, "verification"),
			       "signed by Bureau of Statistics (nbs) with key "));
	assert_non_null(strstr(scratch_text(answer, "verification"),
			       "; entry 2 of 6; checkpoint verified here"));
	/* Anybody can check the note. */
	note = (struct catalog_span){(const uint8_t *)scratch_text(answer, "checkpoint/note"),
				     strlen(scratch_text(answer, "checkpoint/note"))};
	catalog_checkpoint_origin(catalog_charter_federation(f.scratch.charter), "nbs", origin);
	assert_int_equal(
		catalog_checkpoint_verify(note, origin, &f.options.member->key, &checkpoint), 0);
	assert_int_equal(checkpoint.size, 6);
	catalog_value_free(answer);
}

static void test_what_is_not_there_is_told_from_what_is_not_here(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	refuse("{'op':'show','member':'moh','id':'a'}", -ENOENT, "no member");
	refuse("{'op':'show','member':'nbs','id':'a'}", -ENOENT, "lists nothing");
	assert_int_equal(catalog_store_write(f.store, longer_elsewhere, NULL), 0);
	refuse("{'op':'show','member':'nbs','id':'a'}", -EAGAIN, "6 of its 100 entries");
	/* What is here is still proven by the checkpoint that covers it. */
	answer = ask("{'op':'show','member':'nbs','id':'rice'}");
	assert_true(catalog_value_bool(scratch_at(answer, "verified")));
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 6);
	catalog_value_free(answer);
	answer = ask("{'op':'status'}");
	assert_string_equal(scratch_text(answer, "members/0/state"), "partial");
	assert_int_equal(scratch_int(answer, "members/0/target"), 100);
	catalog_value_free(answer);
}

/* Erase the listing under the id in arg, and nothing else: a line was drawn before its withdrawal.
 */
static int erase_alone(struct catalog_txn *txn, void *arg)
{
	struct catalog_buffer erased = {0};
	struct catalog_hash thing;
	uint64_t index, kept = 6;
	int r = catalog_log_find(txn, f.options.member->index, CATALOG_ENTRY_PUT, arg, &index,
				 NULL);

	assert_int_equal(r, 0);
	catalog_entry_thing(CATALOG_ENTRY_PUT, arg, &thing);
	r = catalog_prune_erase(txn, f.options.member->index, &thing, 0, index, &kept, &erased);
	assert_int_equal(erased.len, sizeof index);
	catalog_buffer_close(&erased);
	return r;
}

static void test_what_was_erased_and_came_back_is_told(void **state)
{
	char id[] = "maize";

	(void)state;
	publish_crops();
	assert_int_equal(catalog_store_write(f.store, erase_alone, id), 0);
	refuse("{'op':'show','member':'nbs','id':'maize'}", -ENOENT, "has erased \"maize\"");
	catalog_value_free(ask("{'op':'show','member':'nbs','id':'rice'}"));
}

/* Overwrite a stored value's last byte; which is in arg. */
struct damage {
	enum catalog_table table;
	size_t from_end; /* of the value */
	unsigned place;  /* of the row in the table */
};

static int do_damage(struct catalog_txn *txn, void *arg)
{
	const struct damage *damage = arg;
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	uint8_t key_bytes[64], bytes[4096];
	int r = catalog_store_cursor_open(txn, damage->table, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){(const uint8_t *)"", 1}, &key,
				      &value);
	for (unsigned i = 0; r == 0 && i < damage->place; i++)
		r = catalog_store_cursor_next(cursor, &key, &value);
	if (r == 0) {
		assert_true(value.len <= sizeof bytes && key.len <= sizeof key_bytes);
		memcpy(bytes, value.bytes, value.len);
		memcpy(key_bytes, key.bytes, key.len);
		bytes[value.len - damage->from_end] ^= 1;
		key.bytes = key_bytes;
		value.bytes = bytes;
	}
	catalog_store_cursor_close(cursor);
	return r != 0 ? r : catalog_store_put(txn, damage->table, key, value);
}

static void check_unverified(const struct damage *damage, const char *words)
{
	struct damage copy = *damage;
	struct catalog_value *answer;

	publish_crops();
	assert_int_equal(catalog_store_write(f.store, do_damage, &copy), 0);
	answer = ask("{'op':'show','member':'nbs','id':'rice'}");
	assert_false(catalog_value_bool(scratch_at(answer, "verified")));
	if (strstr(scratch_text(answer, "verification"), words) == NULL)
		fail_msg("%s", scratch_text(answer, "verification"));
	catalog_value_free(answer);
}

static void test_a_damaged_tree_does_not_verify(void **state)
{
	(void)state;
	check_unverified(&(struct damage){CATALOG_TABLE_TREE, 1, 0}, "does not lead to the root");
}

static void test_a_damaged_checkpoint_does_not_verify(void **state)
{
	(void)state;
	/* In the signature: the attestation, of 137 bytes, comes after it. */
	check_unverified(&(struct damage){CATALOG_TABLE_CHECKPOINTS, 160, 0}, "is not signed");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/show", TEST(test_a_listing_is_shown_with_its_proof),
	  TEST(test_what_is_not_there_is_told_from_what_is_not_here),
	  TEST(test_what_was_erased_and_came_back_is_told),
	  TEST(test_a_damaged_tree_does_not_verify),
	  TEST(test_a_damaged_checkpoint_does_not_verify))
