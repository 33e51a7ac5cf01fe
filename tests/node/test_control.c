#include "tests/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "catalog/log.h"
#include "catalog/publisher.h"
#include "node/peers.h"
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

static int try_with(struct node_session *session, const char *json,
		    struct catalog_value **ret_answer)
{
	struct catalog_value *request = scratch_value(json);
	int r;

	f.error.text[0] = '\0';
	*ret_answer = NULL;
	r = node_control_handle(session, request, ret_answer, &f.error);
	catalog_value_free(request);
	assert_true((r == 0) == (*ret_answer != NULL));
	assert_true((r == 0) == (f.error.text[0] == '\0'));
	return r;
}

static int try(const char *json)
{
	struct catalog_value *answer;
	int r = try_with(f.session, json, &answer);

	catalog_value_free(answer);
	return r;
}

static struct catalog_value *ask(const char *json)
{
	struct catalog_value *answer;

	if (try_with(f.session, json, &answer) != 0)
		fail_msg("%s: %s", json, f.error.text);
	return answer;
}

static void refuse(const char *json, int code, const char *words)
{
	int r = try(json);

	if (r != code)
		fail_msg("%s: %d instead of %d", json, r, code);
	if (strstr(f.error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.error.text, words);
}

/* Publish listings, each written as "id|title". */
static void publish(const char *flags, const char *const *listings, size_t count)
{
	char json[512];

	snprintf(json, sizeof json, "{'op':'publish-begin'%s}", flags);
	assert_int_equal(try(json), 0);
	for (size_t i = 0; i < count; i++) {
		const char *bar = strchr(listings[i], '|');

		snprintf(json, sizeof json,
			 "{'op':'publish-put','items':[{'id':'%.*s','listing':{'title':{'en':'%s'}}"
			 "}]}",
			 (int)(bar - listings[i]), listings[i], bar + 1);
		assert_int_equal(try(json), 0);
	}
}

static void check_counts(const struct catalog_value *answer, int64_t created, int64_t changed,
			 int64_t unchanged)
{
	assert_int_equal(scratch_int(answer, "new"), created);
	assert_int_equal(scratch_int(answer, "changed"), changed);
	assert_int_equal(scratch_int(answer, "unchanged"), unchanged);
}

static const char *const crops[] = {"rice|Rice yield", "maize|Maize yield", "tea|Tea exports",
				    "sisal|Sisal", "coffee|Coffee"};

static void publish_crops(void)
{
	publish("", crops, 5);
	assert_int_equal(try("{'op':'publish-end'}"), 0);
}

/* --- requests ------------------------------------------------------------------------------ */

static void test_what_is_no_request_is_refused_in_words(void **state)
{
	(void)state;
	refuse("[]", -EINVAL, "map");
	refuse("{}", -EINVAL, "op");
	refuse("{'op':7}", -EINVAL, "op");
	refuse("{'op':'statuss'}", -EINVAL, "\"statuss\"");
	refuse("{'op':'status','more':1}", -EINVAL, "does not know \"more\"");
	refuse("{'op':'search','limit':'20'}", -EINVAL, "limit is a whole number, not text");
	refuse("{'op':'search','limit':20.0}", -EINVAL, "not a number");
	refuse("{'op':'search','text':null}", -EINVAL, "text is text, not null");
	refuse("{'op':'show','member':'nbs'}", -EINVAL, "needs id");
	refuse("{'op':'publish-begin','dry':'yes'}", -EINVAL, "true or false");
	refuse("{'op':'publish-put','items':{}}", -EINVAL, "a list, not a map");
	refuse("{'op':'stop'}", -ENOENT, "no fedcatd is running");
	refuse("{'op':'wait','timeout_ms':5}", -ENOENT, "no fedcatd is running");
}

static void test_a_text_that_is_too_long_is_refused(void **state)
{
	char json[4096], text[2000];

	(void)state;
	memset(text, 'x', sizeof text);
	snprintf(json, sizeof json, "{'op':'search','text':'%.1025s'}", text);
	refuse(json, -E2BIG, "1024 are allowed");
	snprintf(json, sizeof json, "{'op':'search','text':'%.1024s'}", text);
	assert_int_equal(try(json), 0);
	snprintf(json, sizeof json, "{'op':'show','member':'nbs','id':'%.201s'}", text);
	refuse(json, -E2BIG, "200 are allowed");
	snprintf(json, sizeof json, "{'op':'withdraw','id':'a','reason':'%.1001s'}", text);
	refuse(json, -E2BIG, "1000 are allowed");
}

static void test_a_nul_hides_nothing(void **state)
{
	static const char *const keys[] = {"op", "member", "id"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct catalog_value *request =
			scratch_value("{'op':'show','member':'nbs','id':'rice'}");
		const char *text = scratch_text(request, keys[i]);
		struct catalog_value *longer, *answer = NULL;

		longer = catalog_value_new_string_n(text, strlen(text) + 1);
		assert_int_equal(catalog_value_set(request, keys[i], longer), 0);
		assert_int_equal(node_control_handle(f.session, request, &answer, &f.error),
				 -EINVAL);
		catalog_value_free(request);
	}
}

static enum node_control_kind kind_of(const char *json)
{
	struct catalog_value *request = scratch_value(json);
	enum node_control_kind kind = node_control_kind(request);

	catalog_value_free(request);
	return kind;
}

static void test_a_request_says_where_it_runs(void **state)
{
	(void)state;
	assert_int_equal(kind_of("{'op':'status'}"), NODE_CONTROL_READ);
	assert_int_equal(kind_of("{'op':'export'}"), NODE_CONTROL_READ);
	assert_int_equal(kind_of("{'op':'withdraw'}"), NODE_CONTROL_WRITE);
	assert_int_equal(kind_of("{'op':'publish-reject'}"), NODE_CONTROL_WRITE);
	assert_int_equal(kind_of("{'op':'stop'}"), NODE_CONTROL_LOOP);
	assert_int_equal(kind_of("{'op':'dance'}"), NODE_CONTROL_BAD);
	assert_int_equal(kind_of("{}"), NODE_CONTROL_BAD);
	assert_int_equal(kind_of("'status'"), NODE_CONTROL_BAD);
}

/* --- status and members --------------------------------------------------------------------- */

static void test_the_status_of_a_new_node_is_empty(void **state)
{
	struct catalog_value *answer = ask("{'op':'status'}");

	(void)state;
	assert_string_equal(scratch_text(answer, "version"), PACKAGE_VERSION);
	assert_string_equal(scratch_text(answer, "federation/name"), "East African Data");
	assert_int_equal(strlen(scratch_text(answer, "federation/id")), 64);
	assert_int_equal(scratch_int(answer, "federation/amendment"), 0);
	assert_string_equal(scratch_text(answer, "member"), "nbs");
	assert_int_equal(strlen(scratch_text(answer, "vector")), 64);
	assert_int_equal(scratch_int(answer, "listings"), 0);
	assert_true(scratch_int(answer, "store_bytes") > 0);
	assert_true(scratch_null(answer, "uptime_s"));
	assert_string_equal(scratch_text(answer, "members/1/name"), "uni");
	assert_string_equal(scratch_text(answer, "members/1/state"), "empty");
	assert_true(scratch_null(answer, "members/1/newest"));
	assert_null(scratch_at(answer, "members/0/key"));
	assert_int_equal(catalog_value_count(scratch_at(answer, "peers")), 0);
	catalog_value_free(answer);
}

static void test_the_status_counts_what_was_published(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	assert_int_equal(try("{'op':'withdraw','id':'sisal'}"), 0);
	answer = ask("{'op':'status'}");
	assert_int_equal(scratch_int(answer, "listings"), 4);
	assert_int_equal(scratch_int(answer, "withdrawn"), 1);
	assert_int_equal(scratch_int(answer, "entries"), 8);
	assert_string_equal(scratch_text(answer, "members/0/state"), "complete");
	assert_int_equal(scratch_int(answer, "members/0/entries"), 8);
	assert_int_equal(scratch_int(answer, "members/0/target"), 8);
	assert_int_equal(strlen(scratch_text(answer, "members/0/newest")), 20);
	catalog_value_free(answer);
}

static void test_members_are_listed_with_their_keys(void **state)
{
	struct catalog_value *answer = ask("{'op':'members'}");
	struct catalog_key key;
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];

	(void)state;
	node_keyfile_public(&f.scratch.nbs, &key);
	node_keyfile_fingerprint(&key, print);
	assert_int_equal(catalog_value_count(scratch_at(answer, "members")), 2);
	assert_int_equal(scratch_int(answer, "members/0/index"), SCRATCH_NBS);
	assert_string_equal(scratch_text(answer, "members/0/title"), "Bureau of Statistics");
	assert_string_equal(scratch_text(answer, "members/0/country"), "KE");
	assert_string_equal(scratch_text(answer, "members/0/fingerprint"), print);
	assert_int_equal(strlen(scratch_text(answer, "members/0/key")), 64);
	assert_string_equal(scratch_text(answer, "members/0/addresses/0"), "127.0.0.1:7001");
	assert_int_equal(catalog_value_count(scratch_at(answer, "members/1/addresses")), 0);
	catalog_value_free(answer);
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

static void test_the_peers_that_the_loop_knows_are_shown(void **state)
{
	struct gossip_peer_status table[2] = {{.link = 1,
					       .outgoing = true,
					       .greeted = true,
					       .member = SCRATCH_UNI,
					       .address = "127.0.0.1:7002",
					       .bytes_in = 10,
					       .entries_out = 4,
					       .since_ms = 1000,
					       .equal = true},
					      {.link = 2, .member = UINT32_MAX}};
	struct node_control_options options = f.options;
	struct node_session *session;
	struct catalog_value *answer;
	struct node_control *control;

	(void)state;
	assert_int_equal(node_peers_new(&options.peers), 0);
	node_peers_set(options.peers, table, 2, 3500);
	assert_int_equal(node_control_new(&options, &control), 0);
	assert_int_equal(node_control_session_new(control, &session), 0);
	assert_int_equal(try_with(session, "{'op':'status'}", &answer), 0);
	assert_true(scratch_int(answer, "uptime_s") >= 0);
	assert_string_equal(scratch_text(answer, "peers/0/member"), "uni");
	assert_string_equal(scratch_text(answer, "peers/0/direction"), "out");
	assert_int_equal(scratch_int(answer, "peers/0/seconds"), 2);
	assert_int_equal(scratch_int(answer, "peers/0/entries_out"), 4);
	assert_true(catalog_value_bool(scratch_at(answer, "peers/0/equal")));
	assert_true(scratch_null(answer, "peers/1/member"));
	assert_true(scratch_null(answer, "peers/1/address"));
	catalog_value_free(answer);
	node_control_session_free(session);
	node_control_free(control);
	node_peers_free(options.peers);
}

/* --- publishing ----------------------------------------------------------------------------- */

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

/* Another node of nbs (before the disk was lost, say) signed more than is held here. */
static int longer_elsewhere(struct catalog_txn *txn, void *arg)
{
	struct catalog_checkpoint checkpoint = {.size = 100, .root = {{1}}};
	struct catalog_buffer note = {0};
	int r;

	(void)arg; /* all is in f */
	catalog_checkpoint_origin(catalog_charter_federation(f.scratch.charter), "nbs",
				  checkpoint.origin);
	r = catalog_checkpoint_sign(&checkpoint, &f.scratch.nbs, &note);
	if (r == 0)
		r = catalog_log_target(txn, SCRATCH_NBS, &checkpoint, catalog_buffer_span(&note));
	catalog_buffer_close(&note);
	return r;
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

/* --- show ----------------------------------------------------------------------------------- */

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

/* --- search --------------------------------------------------------------------------------- */

static void publish_described(const char *id, const char *listing)
{
	char json[6000];

	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	snprintf(json, sizeof json, "{'op':'publish-put','items':[{'id':'%s','listing':%s}]}", id,
		 listing);
	assert_int_equal(try(json), 0);
	assert_int_equal(try("{'op':'publish-end'}"), 0);
}

static void test_hits_come_in_the_language_asked(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_described("mpunga", "{'title':{'en':'Rice harvest','sw':'Mavuno ya mpunga'},"
				    "'description':{'en':'How much rice was harvested.',"
				    "'sw':'Kiasi cha mpunga kilichovunwa.'},"
				    "'modified':'2026-03-01','theme':['agriculture']}");
	answer = ask("{'op':'search','text':'rice','lang':'sw'}");
	assert_int_equal(scratch_int(answer, "total"), 1);
	assert_int_equal(scratch_int(answer, "offset"), 0);
	assert_string_equal(scratch_text(answer, "hits/0/member"), "nbs");
	assert_string_equal(scratch_text(answer, "hits/0/id"), "mpunga");
	assert_string_equal(scratch_text(answer, "hits/0/title"), "Mavuno ya mpunga");
	assert_string_equal(scratch_text(answer, "hits/0/title_lang"), "sw");
	/* Where the word is, whatever the language. */
	assert_string_equal(scratch_text(answer, "hits/0/snippet"), "How much rice was harvested.");
	assert_string_equal(scratch_text(answer, "hits/0/snippet_lang"), "en");
	assert_string_equal(scratch_text(answer, "hits/0/modified"), "2026-03-01");
	assert_int_equal(scratch_int(answer, "hits/0/entry"), 0);
	catalog_value_free(answer);
	answer = ask("{'op':'search','text':'mpunga','lang':'sw'}");
	assert_string_equal(scratch_text(answer, "hits/0/snippet_lang"), "sw");
	catalog_value_free(answer);
}

static void test_filters_and_pages(void **state)
{
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	answer = ask("{'op':'search','limit':2,'offset':1}");
	assert_int_equal(scratch_int(answer, "total"), 5);
	assert_int_equal(scratch_int(answer, "offset"), 1);
	assert_int_equal(catalog_value_count(scratch_at(answer, "hits")), 2);
	assert_true(scratch_null(answer, "hits/0/snippet"));
	assert_true(scratch_null(answer, "hits/0/modified"));
	catalog_value_free(answer);
	answer = ask("{'op':'search','text':'yield','member':'nbs','country':'ke'}");
	assert_int_equal(scratch_int(answer, "total"), 2);
	catalog_value_free(answer);
	answer = ask("{'op':'search','text':'yield','member':'uni'}");
	assert_int_equal(scratch_int(answer, "total"), 0);
	catalog_value_free(answer);
	refuse("{'op':'search','member':'moh'}", -ENOENT, "no member");
	refuse("{'op':'search','country':'Kenya'}", -EINVAL, "ISO 3166");
	refuse("{'op':'search','country':''}", -EINVAL, "ISO 3166");
	refuse("{'op':'search','limit':0}", -EINVAL, "from 1 to 100");
	refuse("{'op':'search','limit':101}", -EINVAL, "from 1 to 100");
	refuse("{'op':'search','offset':-1}", -EINVAL, "offset");
	refuse("{'op':'search','offset':9999,'limit':2}", -E2BIG, "first 10000");
	refuse("{'op':'search','text':'a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d "
	       "e f g'}",
	       -E2BIG, "too long");
}

/* --- export --------------------------------------------------------------------------------- */

static void test_current_listings_are_exported_in_order(void **state)
{
	static const char *const changed[] = {"rice|Rice, revised"};
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish("", changed, 1);
	assert_int_equal(try("{'op':'publish-end'}"), 0);
	assert_int_equal(try("{'op':'withdraw','id':'tea'}"), 0);
	answer = ask("{'op':'export'}");
	assert_int_equal(catalog_value_count(scratch_at(answer, "items")), 4);
	assert_string_equal(scratch_text(answer, "items/0/id"), "maize");
	assert_string_equal(scratch_text(answer, "items/0/member"), "nbs");
	assert_int_equal(scratch_int(answer, "items/0/entry"), 1);
	assert_string_equal(scratch_text(answer, "items/3/id"), "rice");
	assert_string_equal(scratch_text(answer, "items/3/listing/title/en"), "Rice, revised");
	assert_true(scratch_null(answer, "after"));
	catalog_value_free(answer);
	answer = ask("{'op':'export','member':'uni'}");
	assert_int_equal(catalog_value_count(scratch_at(answer, "items")), 0);
	assert_true(scratch_null(answer, "after"));
	catalog_value_free(answer);
}

/* Export page by page; returns how many items came, *ret_pages in how many pages. */
static unsigned export_all(int limit, unsigned *ret_pages)
{
	unsigned items = 0;
	char json[200];

	*ret_pages = 0;
	snprintf(json, sizeof json, "{'op':'export','limit':%d}", limit);
	for (;;) {
		struct catalog_value *answer = ask(json);
		struct catalog_buffer frame = {0};
		bool more = !scratch_null(answer, "after");

		items += (unsigned)catalog_value_count(scratch_at(answer, "items"));
		(*ret_pages)++;
		if (more)
			snprintf(json, sizeof json, "{'op':'export','limit':%d,'after':'%s'}",
				 limit, scratch_text(answer, "after"));
		answer = node_control_reply(0, answer, NULL);
		assert_int_equal(node_control_frame(answer, NODE_CONTROL_REPLY_MAX, &frame), 0);
		catalog_buffer_close(&frame);
		catalog_value_free(answer);
		if (!more)
			return items;
	}
}

/* Sign something that publish-put would have refused, as another program may. */
static void sign_anything(const char *id, const struct catalog_value *listing)
{
	static const uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;

	assert_int_equal(catalog_publisher_new(f.store, f.scratch.charter, SCRATCH_NBS,
					       &f.scratch.nbs, &publisher),
			 0);
	assert_int_equal(catalog_publisher_put(publisher, id, listing, 1795511520, salt, &outcome),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, 1795511520, salt), 0);
	catalog_publisher_free(publisher);
}

static void test_what_is_signed_and_no_listing_stops_nobody(void **state)
{
	struct catalog_value *deep = scratch_value("{}"), *odd = scratch_value("{'title':7}");
	struct catalog_buffer frame = {0};
	struct catalog_value *answer;
	unsigned pages;

	(void)state;
	for (unsigned i = 1; i < CATALOG_VALUE_DEPTH_MAX; i++) {
		struct catalog_value *outer = scratch_value("{}");

		assert_int_equal(catalog_value_set(outer, "in", deep), 0);
		deep = outer;
	}
	sign_anything("deep", deep);
	sign_anything("odd", odd);
	catalog_value_free(deep);
	catalog_value_free(odd);
	publish_crops();
	assert_int_equal(export_all(1, &pages), 5);
	answer = ask("{'op':'search'}");
	assert_int_equal(scratch_int(answer, "total"), 5);
	catalog_value_free(answer);
	answer = ask("{'op':'show','member':'nbs','id':'odd'}");
	assert_int_equal(scratch_int(answer, "listing/title"), 7); /* as it was signed */
	catalog_value_free(answer);
	answer = ask("{'op':'show','member':'nbs','id':'deep'}");
	assert_true(scratch_null(answer, "listing")); /* no answer could hold it */
	assert_string_equal(scratch_text(answer, "state"), "current");
	assert_true(catalog_value_bool(scratch_at(answer, "verified")));
	answer = node_control_reply(0, answer, NULL);
	assert_int_equal(node_control_frame(answer, NODE_CONTROL_REPLY_MAX, &frame), 0);
	catalog_buffer_close(&frame);
	catalog_value_free(answer);
}

static void test_an_export_goes_on_after_each_page(void **state)
{
	unsigned pages;

	(void)state;
	publish_crops();
	assert_int_equal(export_all(2, &pages), 5);
	assert_int_equal(pages, 3);
	assert_int_equal(export_all(1000, &pages), 5);
	assert_int_equal(pages, 1);
	refuse("{'op':'export','after':'nbs'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/-1'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/1x'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'moh/1'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/99999999999999999999'}", -EINVAL, "no place");
	refuse("{'op':'export','limit':0}", -EINVAL, "limit");
	refuse("{'op':'export','member':'moh'}", -ENOENT, "no member");
	assert_int_equal(try("{'op':'export','after':'nbs/18446744073709551615'}"), 0);
}

static void test_a_page_of_large_listings_fits_a_reply(void **state)
{
	struct catalog_value *answer;
	unsigned pages;

	(void)state;
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	for (unsigned i = 0; i < 12; i++) {
		struct catalog_value *request =
			scratch_value("{'op':'publish-put','items':[{'listing':{'title':{'en':"
				      "'Large'},'extra':{}}}]}");
		struct catalog_value *items = catalog_value_take(request, "items");
		struct catalog_value *list = catalog_value_new_list();
		struct catalog_value *item = catalog_value_clone(scratch_at(items, "0"));
		struct catalog_value *listing = catalog_value_take(item, "listing");
		struct catalog_value *extra = catalog_value_new_map();
		char id[20], *text = malloc(50000);

		assert_non_null(text);
		for (unsigned k = 0; k < 4; k++) {
			for (unsigned at = 0; at < 50000; at++) /* hardly compressible */
				text[at] = (char)('a' + randombytes_uniform(26));
			snprintf(id, sizeof id, "k%u", k);
			assert_int_equal(catalog_value_set(extra, id,
							   catalog_value_new_string_n(text, 50000)),
					 0);
		}
		free(text);
		snprintf(id, sizeof id, "large-%u", i);
		assert_int_equal(catalog_value_set(listing, "extra", extra), 0);
		assert_int_equal(catalog_value_set(item, "listing", listing), 0);
		assert_int_equal(catalog_value_set(item, "id", catalog_value_new_string(id)), 0);
		assert_int_equal(catalog_value_append(list, item), 0);
		assert_int_equal(catalog_value_set(request, "items", list), 0);
		assert_int_equal(node_control_handle(f.session, request, &answer, &f.error), 0);
		assert_int_equal(scratch_int(answer, "new"), 1);
		catalog_value_free(answer);
		catalog_value_free(request);
		catalog_value_free(items);
	}
	assert_int_equal(try("{'op':'publish-end'}"), 0);
	assert_int_equal(export_all(1000, &pages), 12);
	assert_true(pages >= 2);
}

/* --- threads -------------------------------------------------------------------------------- */

/* Asks until it is told to stop; returns NULL if all went well. */
static void *keep_asking(void *arg)
{
	static const char *const questions[] = {
		"{'op':'status'}",
		"{'op':'search','text':'yield','lang':'en'}",
		"{'op':'export','limit':3}",
		"{'op':'show','member':'nbs','id':'rice'}",
	};
	atomic_bool *done = arg;
	struct node_session *session;
	void *wrong = NULL;

	if (node_control_session_new(f.control, &session) != 0)
		return arg;
	for (unsigned i = 0; !atomic_load(done) || i < 8; i++) {
		struct catalog_value *request = scratch_value(questions[i % 4]), *answer = NULL;
		struct node_error error;

		if (node_control_handle(session, request, &answer, &error) != 0)
			wrong = arg;
		catalog_value_free(request);
		catalog_value_free(answer);
	}
	node_control_session_free(session);
	return wrong;
}

static void test_readers_do_not_wait_for_the_writer(void **state)
{
	pthread_t threads[3];
	atomic_bool done = false;
	char json[200];

	(void)state;
	publish_crops();
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, keep_asking, &done), 0);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(try("{'op':'publish-begin'}"), 0);
		snprintf(json, sizeof json,
			 "{'op':'publish-put','items':[{'id':'d%u','listing':{'title':{'en':'Yield "
			 "%u'}}}]}",
			 i, i);
		assert_int_equal(try(json), 0);
		assert_int_equal(try("{'op':'publish-end'}"), 0);
	}
	atomic_store(&done, true);
	for (size_t i = 0; i < 3; i++) {
		void *wrong;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

/* --- frames and replies --------------------------------------------------------------------- */

static void test_a_frame_is_its_length_and_the_message(void **state)
{
	struct catalog_value *message = scratch_value("{'op':'status'}");
	struct catalog_buffer frame = {0};

	(void)state;
	assert_int_equal(node_control_frame(message, 11, &frame), 0);
	assert_int_equal(frame.len, NODE_CONTROL_HEADER_BYTES + 11);
	assert_memory_equal(frame.bytes, "\0\0\0\x0b\x81\xa2op\xa6status", 15);
	assert_int_equal(node_control_frame(message, 10, &frame), -E2BIG);
	assert_int_equal(frame.len, 15); /* nothing was added */
	catalog_buffer_close(&frame);
	catalog_value_free(message);
}

static void test_a_reply_comes_back_as_it_was_meant(void **state)
{
	static const int codes[] = {-EINVAL,       -ENOENT, -EBUSY,    -EPERM, -ENOKEY,
				    -EKEYREJECTED, -EAGAIN, -ESTALE,   -E2BIG, -ENOSPC,
				    -ETIMEDOUT,    -EIO,    -ESHUTDOWN};
	struct node_error error = {"a sentence"}, back;
	struct catalog_value *reply, *answer = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		reply = node_control_reply(codes[i], NULL, &error);
		assert_int_equal(node_control_outcome(reply, &answer, &back), codes[i]);
		assert_string_equal(back.text, "a sentence");
		catalog_value_free(reply);
	}
	reply = node_control_reply(-ENOMEM, NULL, &error); /* no word of its own */
	assert_int_equal(node_control_outcome(reply, &answer, &back), -EIO);
	catalog_value_free(reply);
	reply = node_control_reply(0, scratch_value("{'a':1}"), NULL);
	assert_int_equal(node_control_outcome(reply, &answer, &back), 0);
	assert_int_equal(scratch_int(answer, "a"), 1);
	catalog_value_free(answer);
	catalog_value_free(reply);
	assert_null(node_control_reply(0, NULL, NULL));
}

static void test_a_sentence_cut_inside_a_character_stays_text(void **state)
{
	struct node_error error = {"caf\xc3"}, back;
	struct catalog_value *reply = node_control_reply(-EIO, NULL, &error), *answer = NULL;

	(void)state;
	assert_int_equal(node_control_outcome(reply, &answer, &back), -EIO);
	assert_string_equal(back.text, "caf");
	catalog_value_free(reply);
}

static void test_what_is_no_reply_is_refused(void **state)
{
	static const char *const bad[] = {"{}",
					  "[]",
					  "{'ok':1}",
					  "{'ok':{},'error':{'code':'busy','text':'x'}}",
					  "{'error':'busy'}",
					  "{'error':{'code':'strange','text':'x'}}",
					  "{'error':{'code':'busy'}}",
					  "{'error':{'code':3,'text':'x'}}"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct catalog_value *reply = scratch_value(bad[i]), *answer = NULL;

		assert_int_equal(node_control_outcome(reply, &answer, &f.error), -EPROTO);
		assert_null(answer);
		catalog_value_free(reply);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/control", TEST(test_what_is_no_request_is_refused_in_words),
	  TEST(test_a_text_that_is_too_long_is_refused), TEST(test_a_nul_hides_nothing),
	  TEST(test_a_request_says_where_it_runs), TEST(test_the_status_of_a_new_node_is_empty),
	  TEST(test_the_status_counts_what_was_published),
	  TEST(test_members_are_listed_with_their_keys),
	  TEST(test_nothing_is_signed_before_others_were_asked),
	  TEST(test_without_fedcatd_nothing_is_signed_where_others_are),
	  TEST(test_the_peers_that_the_loop_knows_are_shown),
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
	  TEST(test_a_withdrawal_says_when_there_is_nothing),
	  TEST(test_a_listing_is_shown_with_its_proof),
	  TEST(test_what_is_not_there_is_told_from_what_is_not_here),
	  TEST(test_a_damaged_tree_does_not_verify),
	  TEST(test_a_damaged_checkpoint_does_not_verify),
	  TEST(test_hits_come_in_the_language_asked), TEST(test_filters_and_pages),
	  TEST(test_current_listings_are_exported_in_order),
	  TEST(test_what_is_signed_and_no_listing_stops_nobody),
	  TEST(test_an_export_goes_on_after_each_page),
	  TEST(test_a_page_of_large_listings_fits_a_reply),
	  TEST(test_readers_do_not_wait_for_the_writer),
	  TEST(test_a_frame_is_its_length_and_the_message),
	  TEST(test_a_reply_comes_back_as_it_was_meant),
	  TEST(test_a_sentence_cut_inside_a_character_stays_text),
	  TEST(test_what_is_no_reply_is_refused))
