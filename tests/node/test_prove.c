#include "tests/test.h"

#include "catalog/receipt.h"
#include "tests/node/scratch.h"

struct fixture {
	struct scratch scratch;
	struct catalog_store *store;
	struct node_control_options options;
	struct node_control *control;
	struct node_session *session;
	struct node_error error;
};

static struct fixture f;

static int try(const char *json, struct catalog_value **ret_answer)
{
	struct catalog_value *request = scratch_value(json);
	int r;

	f.error.text[0] = '\0';
	*ret_answer = NULL;
	r = node_control_handle(f.session, request, ret_answer, &f.error);
	catalog_value_free(request);
	assert_true((r == 0) == (*ret_answer != NULL));
	assert_true((r == 0) == (f.error.text[0] == '\0'));
	return r;
}

static struct catalog_value *ask(const char *json)
{
	struct catalog_value *answer;

	if (try(json, &answer) != 0)
		fail_msg("%s: %s", json, f.error.text);
	return answer;
}

static void tell(const char *json)
{
	catalog_value_free(ask(json));
}

static void refuse(const char *json, int code, const char *words)
{
	struct catalog_value *answer;
	int r = try(json, &answer);

	catalog_value_free(answer);
	if (r != code || strstr(f.error.text, words) == NULL)
		fail_msg("%s: %d \"%s\"", json, r, f.error.text);
}

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof f);
	scratch_make(&f.scratch);
	assert_int_equal(node_datadir_store(f.scratch.dir, &f.store, &f.error), 0);
	f.options = (struct node_control_options){
		.store = f.store,
		.charter = f.scratch.charter,
		.member = catalog_charter_member(f.scratch.charter, SCRATCH_NBS),
		.secret = &f.scratch.nbs};
	assert_int_equal(node_control_new(&f.options, &f.control), 0);
	return node_control_session_new(f.control, &f.session);
}

static int tear_down(void **state)
{
	(void)state;
	node_control_session_free(f.session);
	node_control_free(f.control);
	catalog_store_close(f.store);
	scratch_drop(&f.scratch);
	return 0;
}

/* 0 rice, 1 tea, 2 state; 3 rice again, 4 state; 5 tea withdrawn, 6 state. */
static void publish(void)
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
	publish();
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
	publish();
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
	publish();
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
