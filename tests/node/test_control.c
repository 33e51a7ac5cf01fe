/* What a request and a reply are; the status, and who is a member. */
#include "tests/node/session.h"

#include "node/peers.h"
#include "node/reply.h"

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

static void test_a_frame_is_its_length_and_the_message(void **state)
{
	struct catalog_value *message = scratch_value("{'op':'status'}");
	struct catalog_buffer frame = {0};

	(void)state;
	assert_int_equal(node_reply_frame(message, 11, &frame), 0);
	assert_int_equal(frame.len, NODE_CONTROL_HEADER_BYTES + 11);
	assert_memory_equal(frame.bytes, "\0\0\0\x0b\x81\xa2op\xa6status", 15);
	assert_int_equal(node_reply_frame(message, 10, &frame), -E2BIG);
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
		reply = node_reply_make(codes[i], NULL, &error);
		assert_int_equal(node_reply_outcome(reply, &answer, &back), codes[i]);
		assert_string_equal(back.text, "a sentence");
		catalog_value_free(reply);
	}
	reply = node_reply_make(-ENOMEM, NULL, &error); /* no word of its own */
	assert_int_equal(node_reply_outcome(reply, &answer, &back), -EIO);
	catalog_value_free(reply);
	reply = node_reply_make(0, scratch_value("{'a':1}"), NULL);
	assert_int_equal(node_reply_outcome(reply, &answer, &back), 0);
	assert_int_equal(scratch_int(answer, "a"), 1);
	catalog_value_free(answer);
	catalog_value_free(reply);
	assert_null(node_reply_make(0, NULL, NULL));
}

static void test_a_sentence_cut_inside_a_character_stays_text(void **state)
{
	struct node_error error = {"caf\xc3"}, back;
	struct catalog_value *reply = node_reply_make(-EIO, NULL, &error), *answer = NULL;

	(void)state;
	assert_int_equal(node_reply_outcome(reply, &answer, &back), -EIO);
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

		assert_int_equal(node_reply_outcome(reply, &answer, &f.error), -EPROTO);
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
	  TEST(test_the_peers_that_the_loop_knows_are_shown),
	  TEST(test_a_frame_is_its_length_and_the_message),
	  TEST(test_a_reply_comes_back_as_it_was_meant),
	  TEST(test_a_sentence_cut_inside_a_character_stays_text),
	  TEST(test_what_is_no_reply_is_refused))
