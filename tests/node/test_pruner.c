#include "tests/test.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "node/pruner.h"
#include "tests/catalog/pair.h"

struct fixture {
	struct pair *pair;
	struct node_log *log;
	uv_loop_t loop;
	struct node_jobs *jobs;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	f->pair = pair_new();
	assert_int_equal(node_log_new(STDERR_FILENO, NODE_CONFIG_ERROR, &f->log), 0);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	return node_jobs_new(&f->loop, &f->jobs);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	node_jobs_free(f->jobs);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	node_log_free(f->log);
	pair_free(f->pair);
	free(f);
	return 0;
}

static struct node_pruner *begin(struct fixture *f, unsigned first_ms)
{
	struct node_pruner_options options = {.loop = &f->loop,
					      .jobs = f->jobs,
					      .store = f->pair->stores[0],
					      .log = f->log,
					      .charter = f->pair->charter,
					      .retention_days = 30,
					      .first_ms = first_ms};
	struct node_pruner *pruner;

	assert_int_equal(node_pruner_new(&options, &pruner), 0);
	return pruner;
}

static void test_what_is_older_than_the_setting_goes(void **state)
{
	struct fixture *f = *state;
	struct node_pruner *pruner;

	pair_publish(f->pair, 0, 1500, "one", 100);
	pair_publish(f->pair, 0, 1500, "two", 200);                 /* long ago */
	pair_publish(f->pair, 0, 10, "three", (int64_t)time(NULL)); /* just now */
	pruner = begin(f, 0);
	/* What the last batch superseded stays: 10 listings and the state entry before its own. */
	while (pair_status(f->pair, 0).kept > 1500 + 10 + 2)
		assert_int_not_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
	node_pruner_stop(pruner);
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(pair_status(f->pair, 0).kept, 1500 + 10 + 2);
}

static void test_a_pruner_that_is_stopped_leaves_nothing_on_the_loop(void **state)
{
	struct fixture *f = *state;
	struct node_pruner *pruner = begin(f, NODE_PRUNER_FIRST_MS);

	assert_int_not_equal(uv_run(&f->loop, UV_RUN_NOWAIT), 0); /* it waits for its time */
	node_pruner_stop(pruner);
	node_pruner_stop(NULL);
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

#define PRUNER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("node/pruner", PRUNER_TEST(test_what_is_older_than_the_setting_goes),
	  PRUNER_TEST(test_a_pruner_that_is_stopped_leaves_nothing_on_the_loop))
