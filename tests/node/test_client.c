#include "tests/test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "node/client.h"
#include "tests/node/scratch.h"

struct rejection {
	char id[256], path[160];
	unsigned count;
};

struct fixture {
	struct scratch scratch;
	struct node_client *client;
	struct rejection rejection;
	struct node_error error;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof f);
	scratch_make(&f.scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	node_client_close(f.client);
	scratch_drop(&f.scratch);
	return 0;
}

static void note_rejection(void *arg, const char *id, const char *path, const char *found,
			   const char *expected)
{
	struct rejection *rejection = arg;

	assert_non_null(found);
	assert_non_null(expected);
	snprintf(rejection->id, sizeof rejection->id, "%.255s", id);
	snprintf(rejection->path, sizeof rejection->path, "%.159s", path);
	rejection->count++;
}

static void open_client(void)
{
	if (node_client_open(f.scratch.dir, &f.client, &f.error) != 0)
		fail_msg("%s", f.error.text);
	node_client_on_rejected(f.client, note_rejection, &f.rejection);
}

static struct catalog_value *ask(const char *json)
{
	struct catalog_value *answer = NULL;

	if (node_client_call(f.client, scratch_value(json), &answer, &f.error) != 0)
		fail_msg("%s: %s", json, f.error.text);
	return answer;
}

static int call(const char *json)
{
	struct catalog_value *answer = NULL;
	int r = node_client_call(f.client, scratch_value(json), &answer, &f.error);

	catalog_value_free(answer);
	return r;
}

static int put(const char *id, const char *listing_json)
{
	struct catalog_value *listing = scratch_value(listing_json);
	int r = node_client_put(f.client, id, listing, &f.error);

	catalog_value_free(listing);
	return r;
}

/* --- without fedcatd ------------------------------------------------------------------------ */

static void test_without_fedcatd_the_client_answers_itself(void **state)
{
	struct catalog_value *answer;

	(void)state;
	open_client();
	assert_false(node_client_running(f.client));
	answer = ask("{'op':'status'}");
	assert_string_equal(scratch_text(answer, "member"), "nbs");
	assert_true(scratch_null(answer, "uptime_s"));
	catalog_value_free(answer);
	assert_int_equal(call("{'op':'stop'}"), -ENOENT);
	assert_int_equal(call("{'op':'dance'}"), -EINVAL);
	assert_int_equal(node_client_call(f.client, NULL, &answer, &f.error), -ENOMEM);
}

static void test_what_is_put_is_there_after_the_end(void **state)
{
	const struct node_client_counts *counts;
	struct catalog_value *answer;
	char id[20];

	(void)state;
	open_client();
	assert_int_equal(call("{'op':'publish-begin','withdraw_missing':true}"), 0);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(id, sizeof id, "d%u", i);
		assert_int_equal(put(id, "{'title':{'en':'A dataset among many'},'keyword':{'en':"
					 "['one','two','three','four','five','six','seven']}}"),
				 0);
	}
	assert_int_equal(put("bad", "{'title':7}"), 0);
	assert_int_equal(put("no id", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(node_client_reject(f.client, "gone", &f.error), 0);
	assert_int_equal(node_client_reject(f.client, "no id", &f.error), 0);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "live"), 3000);
	catalog_value_free(answer);
	counts = node_client_counts(f.client);
	assert_int_equal(counts->created, 3000);
	assert_int_equal(counts->changed, 0);
	assert_int_equal(counts->unchanged, 0);
	assert_int_equal(counts->rejected, 2);
	assert_int_equal(f.rejection.count, 2);
	assert_string_equal(f.rejection.id, "bad"); /* told when its request was answered */
	assert_string_equal(f.rejection.path, "/title");
	/* And after it was closed. */
	node_client_close(f.client);
	open_client();
	answer = ask("{'op':'status'}");
	assert_int_equal(scratch_int(answer, "listings"), 3000);
	catalog_value_free(answer);
}

static void test_a_run_counts_from_its_beginning(void **state)
{
	(void)state;
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(put("a", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(node_client_counts(f.client)->created, 0);
	assert_int_equal(put("a", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(node_client_counts(f.client)->unchanged, 1);
}

/* A listing of depth levels, the outermost one included. */
static struct catalog_value *nested(unsigned levels)
{
	struct catalog_value *inner = scratch_value("{}");

	for (unsigned i = 2; i < levels; i++) {
		struct catalog_value *outer = scratch_value("{}");

		assert_int_equal(catalog_value_set(outer, "in", inner), 0);
		inner = outer;
	}
	{
		struct catalog_value *listing = scratch_value("{'title':{'en':'Deep'}}");

		assert_int_equal(catalog_value_set(listing, "extra", inner), 0);
		return listing;
	}
}

static void test_a_listing_too_deep_or_too_long_is_rejected_alone(void **state)
{
	struct catalog_value *listing = nested(CATALOG_VALUE_DEPTH_MAX), *answer;
	char *text = malloc(700000);

	(void)state;
	assert_non_null(text);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(node_client_put(f.client, "deep", listing, &f.error), 0);
	assert_int_equal(f.rejection.count, 1);
	assert_string_equal(f.rejection.id, "deep");
	catalog_value_free(listing);
	memset(text, 'x', 700000);
	listing = scratch_value("{'title':{'en':'Long'}}");
	assert_int_equal(
		catalog_value_set(listing, "license", catalog_value_new_string_n(text, 700000)), 0);
	assert_int_equal(node_client_put(f.client, "long", listing, &f.error), 0);
	assert_int_equal(f.rejection.count, 2);
	assert_int_equal(
		catalog_value_set(listing, "license", catalog_value_new_string_n(text, 300000)), 0);
	assert_int_equal(node_client_put(f.client, "longish", listing, &f.error), 0);
	catalog_value_free(listing);
	free(text);
	assert_int_equal(put("good", "{'title':{'en':'Good'}}"), 0);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "live"), 1);
	catalog_value_free(answer);
	assert_int_equal(f.rejection.count, 3);
	assert_string_equal(f.rejection.id, "longish");
}

static void test_a_directory_that_is_no_node_is_told(void **state)
{
	char path[NODE_DATADIR_PATH_BYTES + 10];
	struct node_client *client = NULL;

	(void)state;
	snprintf(path, sizeof path, "%s/none", f.scratch.dir);
	assert_int_equal(node_client_open(path, &client, &f.error), -ENOENT);
	assert_non_null(strstr(f.error.text, "fedcat init"));
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(node_client_open(path, &client, &f.error), -ENAMETOOLONG);
	assert_null(client);
}

static void test_a_directory_that_is_in_use_is_told(void **state)
{
	struct node_client *client = NULL;
	char who[40];

	(void)state;
	open_client();
	assert_int_equal(node_client_open(f.scratch.dir, &client, &f.error), -EBUSY);
	snprintf(who, sizeof who, "process %ld", (long)getpid());
	assert_non_null(strstr(f.error.text, who));
}

static void test_without_a_key_the_client_reads(void **state)
{
	char path[NODE_DATADIR_PATH_BYTES];

	(void)state;
	assert_int_equal(node_datadir_path(f.scratch.dir, NODE_DATADIR_KEY, path, &f.error), 0);
	assert_int_equal(unlink(path), 0);
	open_client();
	assert_int_equal(call("{'op':'status'}"), 0);
	assert_int_equal(call("{'op':'publish-begin'}"), -ENOKEY);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/client", TEST(test_without_fedcatd_the_client_answers_itself),
	  TEST(test_what_is_put_is_there_after_the_end), TEST(test_a_run_counts_from_its_beginning),
	  TEST(test_a_listing_too_deep_or_too_long_is_rejected_alone),
	  TEST(test_a_directory_that_is_no_node_is_told),
	  TEST(test_a_directory_that_is_in_use_is_told), TEST(test_without_a_key_the_client_reads))
