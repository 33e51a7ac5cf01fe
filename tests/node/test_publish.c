/* Runs of publishing, and withdrawals. */
#include "tests/node/session.h"

#include "node/peers.h"

static void check_counts(const struct catalog_value *answer, int64_t created, int64_t changed,
			 int64_t unchanged)
{
	assert_int_equal(scratch_int(answer, "new"), created);
	assert_int_equal(scratch_int(answer, "changed"), changed);
	assert_int_equal(scratch_int(answer, "unchanged"), unchanged);
}

/* Ask a session for what has to be signed; it is refused, with these words. */
static void assert_unconfirmed(struct node_session *session, const char *json, const char *words)
{
	struct catalog_value *request = scratch_value(json), *answer = NULL;
	struct node_error error;

	assert_int_equal(node_control_handle(session, request, &answer, &error), -EINPROGRESS);
	if (strstr(error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	assert_null(answer);
	catalog_value_free(request);
}

static void test_nothing_is_signed_before_others_were_asked(void **state)
{
	struct gossip_confirm confirm = {.answered = 1, .needed = 3, .held = 4, .known = 4};
	struct node_control_options options = f.options;
	struct node_session *session;
	struct catalog_value *answer;
	struct node_control *control;

	(void)state;
	assert_int_equal(node_peers_new(&options.peers), 0);
	assert_int_equal(node_control_new(&options, &control), 0);
	assert_int_equal(node_control_session_new(control, &session), 0);
	/* Before the loop has looked, too. */
	assert_unconfirmed(session, "{'op':'publish-begin'}", "cannot publish yet");
	node_peers_set_confirm(options.peers, &confirm);
	assert_unconfirmed(session, "{'op':'publish-begin'}", "1 of 3 members");
	assert_unconfirmed(session, "{'op':'withdraw','id':'a'}", "cannot withdraw yet: 1 of 3");
	assert_unconfirmed(session, "{'op':'withdraw','id':'a'}", "--force-new-log");
	assert_int_equal(try_with(session, "{'op':'status'}", &answer), 0);
	assert_false(catalog_value_bool(scratch_at(answer, "signing/confirmed")));
	assert_int_equal(scratch_int(answer, "signing/answered"), 1);
	assert_int_equal(scratch_int(answer, "signing/needed"), 3);
	catalog_value_free(answer);
	confirm.answered = 3;
	confirm.known = 1234;
	node_peers_set_confirm(options.peers, &confirm);
	assert_unconfirmed(session, "{'op':'publish-begin'}", "1,234 entries");
	confirm.known = 4;
	node_peers_set_confirm(options.peers, &confirm);
	assert_unconfirmed(session, "{'op':'publish-begin'}", "in a moment");
	/* What signs nothing need not wait; nor does who insists. */
	assert_int_equal(try_with(session, "{'op':'publish-begin','dry':true}", &answer), 0);
	catalog_value_free(answer);
	assert_int_equal(try_with(session, "{'op':'publish-abort'}", &answer), 0);
	catalog_value_free(answer);
	assert_int_equal(try_with(session, "{'op':'publish-begin','force_new_log':true}", &answer),
			 0);
	catalog_value_free(answer);
	assert_int_equal(try_with(session, "{'op':'publish-abort'}", &answer), 0);
	catalog_value_free(answer);
	confirm.is_confirmed = true;
	node_peers_set_confirm(options.peers, &confirm);
	assert_int_equal(try_with(session, "{'op':'publish-begin'}", &answer), 0);
	catalog_value_free(answer);
	node_control_session_free(session);
	node_control_free(control);
	node_peers_free(options.peers);
}

static void test_without_fedcatd_nothing_is_signed_where_others_are(void **state)
{
	struct node_control_options options = f.options;
	struct node_session *session;
	struct catalog_value *answer;
	struct node_control *control;

	(void)state;
	options.others = 2;
	assert_int_equal(node_control_new(&options, &control), 0);
	assert_int_equal(node_control_session_new(control, &session), 0);
	assert_unconfirmed(session, "{'op':'publish-begin'}", "Start fedcatd");
	assert_unconfirmed(session, "{'op':'withdraw','id':'a'}", "2 of the other members");
	assert_int_equal(try_with(session, "{'op':'publish-begin','force_new_log':true}", &answer),
			 0);
	catalog_value_free(answer);
	node_control_session_free(session);
	node_control_free(control);
}

static void test_publishing_the_same_again_appends_nothing(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish("", crops, 5);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 5, 0, 0);
	assert_int_equal(scratch_int(answer, "live"), 5);
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 6);
	catalog_value_free(answer);
	publish("", crops, 5);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 0, 0, 5);
	assert_int_equal(scratch_int(answer, "withdrawn"), 0);
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 6);
	catalog_value_free(answer);
}

static void test_a_changed_listing_is_one_put(void **state)
{
	static const char *const changed[] = {"rice|Rice yield, revised", "maize|Maize yield"};
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish("", changed, 2);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 0, 1, 1);
	assert_int_equal(scratch_int(answer, "live"), 5);
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 8);
	catalog_value_free(answer);
}

static void test_a_listing_that_is_not_valid_is_told_and_the_run_goes_on(void **state)
{
	struct catalog_value *answer;

	(void)state;
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	answer = ask("{'op':'publish-put','items':["
		     "{'id':'a','listing':{'title':{'en':'A'},'issued':'soon'}},"
		     "{'id':'b','listing':{}},"
		     "{'id':'white space','listing':{'title':{'en':'C'}}},"
		     "{'id':'d','listing':{'title':{'en':'D'}}}]}");
	check_counts(answer, 1, 0, 0);
	assert_int_equal(catalog_value_count(scratch_at(answer, "rejected")), 3);
	assert_string_equal(scratch_text(answer, "rejected/0/id"), "a");
	assert_string_equal(scratch_text(answer, "rejected/0/path"), "/issued");
	assert_non_null(strstr(scratch_text(answer, "rejected/0/found"), "soon"));
	assert_non_null(strstr(scratch_text(answer, "rejected/1/expected"), "title"));
	assert_string_equal(scratch_text(answer, "rejected/2/path"), "id");
	assert_string_equal(scratch_text(answer, "rejected/2/found"), "white space");
	catalog_value_free(answer);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 1, 0, 0);
	assert_int_equal(scratch_int(answer, "rejected"), 3);
	catalog_value_free(answer);
}

static void test_what_the_source_no_longer_lists_is_withdrawn(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish(",'withdraw_missing':true", crops, 4);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 0, 0, 4);
	assert_int_equal(scratch_int(answer, "withdrawn"), 1);
	assert_int_equal(scratch_int(answer, "live"), 4);
	catalog_value_free(answer);
	answer = ask("{'op':'show','member':'nbs','id':'coffee'}");
	assert_string_equal(scratch_text(answer, "state"), "withdrawn");
	assert_non_null(strstr(scratch_text(answer, "reason"), "no longer listed"));
	catalog_value_free(answer);
}

static void test_more_than_a_fifth_missing_is_refused_unless_yes(void **state)
{
	static const char *const two[] = {"rice|Rice yield", "wheat|Wheat"};
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish(",'withdraw_missing':true", two, 2);
	refuse("{'op':'publish-end'}", -EPERM, "4 of the 5 listings of nbs");
	assert_non_null(strstr(f.error.text, "--yes"));
	answer = ask("{'op':'status'}"); /* the puts are kept */
	assert_int_equal(scratch_int(answer, "listings"), 6);
	catalog_value_free(answer);
	publish(",'withdraw_missing':true,'yes':true", two, 2);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "withdrawn"), 4);
	assert_int_equal(scratch_int(answer, "live"), 2);
	catalog_value_free(answer);
}

static void test_what_could_not_be_shown_is_not_missing(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish(",'withdraw_missing':true", crops, 3);
	assert_int_equal(try("{'op':'publish-reject','ids':['coffee','unheard of','new']}"), 0);
	assert_int_equal(try("{'op':'publish-put','items':[{'id':'sisal','listing':{'title':7}}]}"),
			 0);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "withdrawn"), 0);
	assert_int_equal(scratch_int(answer, "live"), 5);
	catalog_value_free(answer);
}

static void test_many_missing_listings_are_all_withdrawn(void **state)
{
	struct catalog_value *answer;
	char json[200];

	(void)state;
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	for (unsigned i = 0; i < 1300; i++) {
		snprintf(json, sizeof json,
			 "{'op':'publish-put','items':[{'id':'d%u','listing':{'title':{'en':'D "
			 "%u'}}}]}",
			 i, i);
		assert_int_equal(try(json), 0);
	}
	assert_int_equal(try("{'op':'publish-end'}"), 0);
	publish(",'withdraw_missing':true,'yes':true", crops, 1);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "withdrawn"), 1300);
	assert_int_equal(scratch_int(answer, "live"), 1);
	catalog_value_free(answer);
}

static void test_a_dry_run_counts_and_changes_nothing(void **state)
{
	static const char *const some[] = {"rice|Rice, revised", "maize|Maize yield",
					   "tea|Tea exports", "sisal|Sisal", "wheat|Wheat"};
	struct catalog_value *answer, *before, *after;

	(void)state;
	publish_crops();
	before = ask("{'op':'status'}");
	publish(",'dry':true,'withdraw_missing':true", some, 5);
	answer = ask("{'op':'publish-end'}");
	check_counts(answer, 1, 1, 3);
	assert_int_equal(scratch_int(answer, "withdrawn"), 1);
	assert_int_equal(scratch_int(answer, "live"), 5);
	after = ask("{'op':'status'}");
	assert_string_equal(scratch_text(before, "vector"), scratch_text(after, "vector"));
	catalog_value_free(answer);
	catalog_value_free(before);
	catalog_value_free(after);
}

static void test_one_run_at_a_time(void **state)
{
	struct node_session *other;
	struct catalog_value *answer;

	(void)state;
	refuse("{'op':'publish-end'}", -EINVAL, "publish-begin");
	refuse("{'op':'publish-abort'}", -EINVAL, "publish-begin");
	refuse("{'op':'publish-put','items':[]}", -EINVAL, "publish-begin");
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	refuse("{'op':'publish-begin'}", -EBUSY, "on this connection");
	assert_int_equal(node_control_session_new(f.control, &other), 0);
	assert_int_equal(try_with(other, "{'op':'publish-begin'}", &answer), -EBUSY);
	assert_non_null(strstr(f.error.text, "another command"));
	assert_int_equal(try_with(other, "{'op':'withdraw','id':'rice'}", &answer), -EBUSY);
	assert_int_equal(try("{'op':'publish-abort'}"), 0);
	assert_int_equal(try_with(other, "{'op':'publish-begin'}", &answer), 0);
	catalog_value_free(answer);
	node_control_session_free(other); /* its run goes with it */
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
}

static void test_what_is_no_item_ends_the_run(void **state)
{
	static const char *const bad[] = {"7", "{'id':'a'}", "{'id':7,'listing':{}}",
					  "{'id':'a','listing':{},'more':1}"};
	char json[200];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(try("{'op':'publish-begin'}"), 0);
		snprintf(json, sizeof json, "{'op':'publish-put','items':[%s]}", bad[i]);
		refuse(json, -EINVAL, "item 0");
		refuse("{'op':'publish-end'}", -EINVAL, "no publishing run");
	}
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	refuse("{'op':'publish-reject','ids':['a',2]}", -EINVAL, "id 1 is no text");
}

static void test_without_a_key_nothing_is_published(void **state)
{
	struct node_control_options options = f.options;
	struct node_session *session;
	struct catalog_value *answer;
	struct node_control *control;

	(void)state;
	options.member = NULL;
	options.secret = NULL;
	assert_int_equal(node_control_new(&options, &control), 0);
	assert_int_equal(node_control_session_new(control, &session), 0);
	assert_int_equal(try_with(session, "{'op':'publish-begin'}", &answer), -ENOKEY);
	assert_non_null(strstr(f.error.text, "member.key"));
	assert_int_equal(try_with(session, "{'op':'withdraw','id':'a'}", &answer), -ENOKEY);
	assert_int_equal(try_with(session, "{'op':'status'}", &answer), 0);
	assert_true(scratch_null(answer, "member"));
	catalog_value_free(answer);
	node_control_session_free(session);
	node_control_free(control);
}

static void test_a_partial_log_of_our_own_is_not_signed(void **state)
{
	(void)state;
	publish_crops();
	assert_int_equal(catalog_store_write(f.store, longer_elsewhere, NULL), 0);
	refuse("{'op':'publish-begin'}", -ESTALE, "would fork");
	refuse("{'op':'withdraw','id':'rice'}", -ESTALE, "would fork");
}

static void test_a_withdrawal_says_when_there_is_nothing(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	answer = ask("{'op':'withdraw','id':'tea','reason':'Superseded by tea-2'}");
	assert_int_equal(scratch_int(answer, "checkpoint/size"), 8);
	assert_int_equal(strlen(scratch_text(answer, "checkpoint/root")), 64);
	catalog_value_free(answer);
	refuse("{'op':'withdraw','id':'tea'}", -ENOENT, "nothing to withdraw");
	refuse("{'op':'withdraw','id':'never'}", -ENOENT, "\"never\"");
	refuse("{'op':'withdraw','id':'white space'}", -EINVAL, "no id");
	answer = ask("{'op':'show','member':'nbs','id':'tea'}");
	assert_string_equal(scratch_text(answer, "reason"), "Superseded by tea-2");
	assert_true(scratch_null(answer, "listing"));
	assert_true(catalog_value_bool(scratch_at(answer, "verified")));
	catalog_value_free(answer);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/publish", TEST(test_nothing_is_signed_before_others_were_asked),
	  TEST(test_without_fedcatd_nothing_is_signed_where_others_are),
	  TEST(test_publishing_the_same_again_appends_nothing),
	  TEST(test_a_changed_listing_is_one_put),
	  TEST(test_a_listing_that_is_not_valid_is_told_and_the_run_goes_on),
	  TEST(test_what_the_source_no_longer_lists_is_withdrawn),
	  TEST(test_more_than_a_fifth_missing_is_refused_unless_yes),
	  TEST(test_what_could_not_be_shown_is_not_missing),
	  TEST(test_many_missing_listings_are_all_withdrawn),
	  TEST(test_a_dry_run_counts_and_changes_nothing), TEST(test_one_run_at_a_time),
	  TEST(test_what_is_no_item_ends_the_run), TEST(test_without_a_key_nothing_is_published),
	  TEST(test_a_partial_log_of_our_own_is_not_signed),
	  TEST(test_a_withdrawal_says_when_there_is_nothing))
