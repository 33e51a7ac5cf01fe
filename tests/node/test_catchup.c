/* The search index catches up by itself, and says until then what it lacks. */
#include "tests/node/session.h"

#include <uv.h>

#include "node/catchup.h"

#define LISTINGS 5000u /* more parts than are in memory at once */
#define AT_ONCE  500u

static uv_loop_t loop;
static struct node_jobs *jobs;
static struct node_log *node_log;

static void publish_some(unsigned first, unsigned count)
{
	static char request[64 * 1024];
	size_t len = 0;

	len = (size_t)snprintf(request, sizeof request, "{'op':'publish-put','items':[");
	for (unsigned i = first; i < first + count; i++)
		len += (size_t)snprintf(request + len, sizeof request - len,
					"%s{'id':'t%u','listing':{'title':{'en':'Census tract'}}}",
					i > first ? "," : "", i);
	assert_true(len + 3 < sizeof request);
	memcpy(request + len, "]}", 3);
	tell("{'op':'publish-begin'}");
	tell(request);
	tell("{'op':'publish-end'}");
}

static int begin(void **state)
{
	int r = set_up(state);

	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(node_jobs_new(&loop, &jobs), 0);
	assert_int_equal(node_log_new(STDERR_FILENO, NODE_CONFIG_ERROR, &node_log), 0);
	catalog_store_search_later(f.store, 0);
	for (unsigned i = 0; i < LISTINGS; i += AT_ONCE)
		publish_some(i, AT_ONCE);
	return r;
}

static int end(void **state)
{
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	node_jobs_free(jobs);
	assert_int_equal(uv_loop_close(&loop), 0);
	node_log_free(node_log);
	return tear_down(state);
}

static struct node_catchup *start(void)
{
	const struct node_catchup_options options = {.loop = &loop,
						     .jobs = jobs,
						     .store = f.store,
						     .charter = f.scratch.charter,
						     .log = node_log,
						     .period_ms = 1,
						     .wait_ms = 3};
	struct node_catchup *catchup;

	assert_int_equal(node_catchup_new(&options, &catchup), 0);
	return catchup;
}

/* How many listings are found, and how many entries the answer says are missing. */
static int64_t found(int64_t *ret_missing)
{
	struct catalog_value *answer = ask("{'op':'search','text':'census','limit':1}");
	int64_t total = scratch_int(answer, "total");

	*ret_missing = 0;
	if (scratch_at(answer, "index_missing") != NULL)
		*ret_missing = scratch_int(answer, "index_missing");
	assert_int_equal(scratch_at(answer, "partial") != NULL, *ret_missing > 0);
	catalog_value_free(answer);
	return total;
}

static int64_t status_missing(void)
{
	struct catalog_value *answer = ask("{'op':'status'}");
	int64_t missing = scratch_int(answer, "index_missing");

	catalog_value_free(answer);
	return missing;
}

static int64_t changes_missing(void)
{
	struct catalog_value *answer = ask("{'op':'changes','limit':10}");
	int64_t missing = 0;

	if (scratch_at(answer, "index_missing") != NULL)
		missing = scratch_int(answer, "index_missing");
	catalog_value_free(answer);
	return missing;
}

static void test_an_index_that_is_behind_catches_up_and_says_so(void **state)
{
	int64_t missing, total, before = status_missing();
	struct node_catchup *catchup;
	unsigned parts = 0;

	(void)state;
	assert_int_equal(found(&missing), 0);
	assert_int_equal(missing, before);
	assert_int_equal(changes_missing(), before); /* who mirrors comes again */
	assert_true(missing > LISTINGS);
	catchup = start();
	while (status_missing() > 0) {
		(void)uv_run(&loop, UV_RUN_ONCE);
		total = found(&missing);
		assert_true(missing <= before && total <= LISTINGS);
		parts += missing < before && missing > 0;
		before = missing;
	}
	assert_true(parts >= 1); /* it served what it had */
	assert_int_equal(changes_missing(), 0);
	assert_int_equal(found(&missing), LISTINGS);
	node_catchup_stop(catchup);
}

static void test_it_goes_on_while_others_write_and_with_what_they_wrote(void **state)
{
	struct node_catchup *catchup = start();
	int64_t missing;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		(void)uv_run(&loop, UV_RUN_ONCE);
		publish_some(LISTINGS + i, 1);
	}
	while (status_missing() > 0)
		(void)uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(found(&missing), LISTINGS + 10);
	node_catchup_stop(catchup);
}

static void test_it_stops_anywhere_and_goes_on_from_there(void **state)
{
	int64_t missing, before = status_missing();

	(void)state;
	for (unsigned i = 0; before > 0 && i < 10000; i++) {
		struct node_catchup *catchup = start();

		for (unsigned turns = 0; turns < i % 23 + 3; turns++)
			(void)uv_run(&loop, UV_RUN_ONCE);
		node_catchup_stop(catchup);
		(void)uv_run(&loop, UV_RUN_DEFAULT);
		missing = status_missing();
		assert_true(missing <= before);
		before = missing;
	}
	assert_int_equal(found(&missing), LISTINGS);
	assert_int_equal(missing, 0);
}

#define CATCHUP_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

TEST_MAIN("node/catchup", CATCHUP_TEST(test_an_index_that_is_behind_catches_up_and_says_so),
	  CATCHUP_TEST(test_it_goes_on_while_others_write_and_with_what_they_wrote),
	  CATCHUP_TEST(test_it_stops_anywhere_and_goes_on_from_there))
