#include "tests/node/session.h"

#include "catalog/receipt.h"

/* 0 rice, 1 tea, 2 state; 3 rice again, 4 state; 5 tea withdrawn, 6 state. */
static void publish_versions(void)
{
	tell("{'op':'publish-begin'}");
	tell("{'op':'publish-put','items':[{'id':'rice','listing':{'title':{'en':'Rice'}}},"
	     "{'id':'tea','listing':{'title':{'en':'Tea'}}}]}");
	tell("{'op':'publish-end'}");
	tell("{'op':'publish-begin'}");
	tell("{'op':'publish-put','items':[{'id':'rice','listing':{'title':{'en':'Rice, more'}}}]"
	     "}");
	tell("{'op':'publish-end'}");
	tell("{'op':'withdraw','id':'tea'}");
}

/* Verify the receipt in an answer by the charter alone. */
static enum catalog_receipt_claim claim_of(const struct catalog_value *answer)
{
	const struct catalog_value *text = scratch_at(answer, "receipt");
	struct catalog_span bytes = {(const uint8_t *)catalog_value_text(text),
				     catalog_value_text_len(text)};
	struct catalog_receipt_trust trust = {.charter = f.scratch.charter};
	char why[CATALOG_RECEIPT_WHY_BYTES] = "";
	struct catalog_receipt_outcome outcome;
	struct catalog_receipt receipt;

	assert_non_null(bytes.bytes);
	assert_int_equal(catalog_receipt_init(&receipt, bytes, why), 0);
	if (catalog_receipt_verify(&receipt, &trust, &outcome, why) != 0)
		fail_msg("%s", why);
	catalog_receipt_close(&receipt);
	assert_string_equal(outcome.id, scratch_text(answer, "id"));
	return outcome.claim;
}

static void test_a_receipt_is_given_that_others_can_check(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_versions();
	answer = ask("{'op':'prove','member':'nbs','id':'rice'}");
	assert_string_equal(scratch_text(answer, "claim"), "current");
	assert_string_equal(scratch_text(answer, "member"), "nbs");
	assert_int_equal(scratch_int(answer, "entry/index"), 3);
	assert_int_equal(scratch_int(answer, "entry/newest"), 3);
	assert_int_equal(scratch_int(answer, "size"), 7);
	assert_int_equal(claim_of(answer), CATALOG_RECEIPT_CURRENT);
	catalog_value_free(answer);

	answer = ask("{'op':'prove','member':'nbs','id':'tea'}");
	assert_string_equal(scratch_text(answer, "claim"), "withdrawn");
	assert_int_equal(claim_of(answer), CATALOG_RECEIPT_WITHDRAWN);
	catalog_value_free(answer);

	answer = ask("{'op':'prove','member':'nbs','id':'rice','entry':0}");
	assert_string_equal(scratch_text(answer, "claim"), "superseded");
	assert_int_equal(scratch_int(answer, "entry/newest"), 3);
	assert_int_equal(claim_of(answer), CATALOG_RECEIPT_SUPERSEDED);
	catalog_value_free(answer);
}

static void test_absence_is_that_or_a_withdrawal(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_versions();
	answer = ask("{'op':'prove','member':'nbs','id':'coffee','absent':true}");
	assert_string_equal(scratch_text(answer, "claim"), "absent");
	assert_true(scratch_null(answer, "entry"));
	assert_int_equal(claim_of(answer), CATALOG_RECEIPT_ABSENT);
	catalog_value_free(answer);
	answer = ask("{'op':'prove','member':'nbs','id':'tea','absent':true}");
	assert_string_equal(scratch_text(answer, "claim"), "withdrawn");
	catalog_value_free(answer);
	refuse("{'op':'prove','member':'nbs','id':'rice','absent':true}", -EPERM, "lists \"rice\"");
}

static void test_what_cannot_be_proved_says_why(void **state)
{
	(void)state;
	publish_versions();
	refuse("{'op':'prove','member':'nbs','id':'coffee'}", -ENOENT, "--absent");
	refuse("{'op':'prove','member':'xyz','id':'rice'}", -ENOENT, "no member");
	refuse("{'op':'prove','member':'uni','id':'rice','absent':true}", -ENOENT,
	       "signed nothing yet");
	refuse("{'op':'prove','member':'nbs','id':'a b','absent':true}", -EINVAL, "no id");
	refuse("{'op':'prove','member':'nbs','id':'rice','entry':1}", -ENOENT, "about \"tea\"");
	refuse("{'op':'prove','member':'nbs','id':'rice','entry':2}", -ENOENT, "no such entry");
	refuse("{'op':'prove','member':'nbs','id':'rice','entry':-1}", -EINVAL, "from 0");
	refuse("{'op':'prove','member':'nbs','id':'rice','entry':0,'absent':true}", -EINVAL,
	       "at once");
}

#define NODE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("node/prove", NODE_TEST(test_a_receipt_is_given_that_others_can_check),
	  NODE_TEST(test_absence_is_that_or_a_withdrawal),
	  NODE_TEST(test_what_cannot_be_proved_says_why))
