/* The search index is put in order by itself: after an upgrade, and when it was asked for. */
#include "tests/node/session.h"

#include <uv.h>

#include "catalog/index_rebuild.h"
#include "node/indexer.h"

#define LISTINGS 1300u /* several steps */

static uv_loop_t loop;
static struct node_jobs *jobs;
static struct node_log *node_log;

static int begin(void **state)
{
	static char request[128 * 1024];
	size_t len = 0;
	int r = set_up(state);

	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(node_jobs_new(&loop, &jobs), 0);
	assert_int_equal(node_log_new(STDERR_FILENO, NODE_CONFIG_ERROR, &node_log), 0);
	tell("{'op':'publish-begin'}");
	len = (size_t)snprintf(request, sizeof request, "{'op':'publish-put','items':[");
	for (unsigned i = 0; i < LISTINGS; i++)
		len += (size_t)snprintf(request + len, sizeof request - len,
					"%s{'id':'t%u','listing':{'title':{'en':'Census tract'}}}",
					i > 0 ? "," : "", i);
	assert_true(len + 3 < sizeof request);
	memcpy(request + len, "]}", 3);
	tell(request);
	tell("{'op':'publish-end'}");
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

static struct node_indexer *start(void)
{
	const struct node_indexer_options options = {.loop = &loop,
						     .jobs = jobs,
						     .store = f.store,
						     .charter = f.scratch.charter,
						     .log = node_log,
						     .first_ms = 0};
	struct node_indexer *indexer;

	assert_int_equal(node_indexer_new(&options, &indexer), 0);
	return indexer;
}

/* As an older version left it: the number that it put in front. */
static int make_old(struct catalog_txn *txn, void *arg)
{
	static const struct catalog_span key = {(const uint8_t *)"state", 5};
	uint8_t bytes[4096];
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, key, &value);

	(void)arg; /* there is nothing to say */
	if (r != 0)
		return r;
	assert_true(value.len >= 4 && value.len <= sizeof bytes);
	memcpy(bytes, value.bytes, value.len);
	memcpy(bytes, "\1\0\0\0", 4);
	return catalog_store_put(txn, CATALOG_TABLE_INDEX, key,
				 (struct catalog_span){bytes, value.len});
}

static int ask_anew(struct catalog_txn *txn, void *arg)
{
	(void)arg; /* there is nothing to say */
	return catalog_index_rebuild_ask(txn);
}

static bool is_due(void)
{
	struct catalog_txn *txn;
	bool due;

	assert_int_equal(catalog_store_begin(f.store, &txn), 0);
	assert_int_equal(catalog_index_rebuild_is_due(txn, &due), 0);
	catalog_store_end(txn);
	return due;
}

/* How many are found; *ret_partial is whether the answer says that there may be more. */
static int64_t found(bool *ret_partial)
{
	struct catalog_value *answer = ask("{'op':'search','text':'census','limit':1}");
	int64_t total = scratch_int(answer, "total");

	*ret_partial = scratch_at(answer, "partial") != NULL;
	catalog_value_free(answer);
	return total;
}

static void test_an_index_of_an_older_version_is_made_anew(void **state)
{
	struct node_indexer *indexer;
	int64_t total, before = 0;
	unsigned parts = 0;
	bool partial;

	(void)state;
	assert_int_equal(catalog_store_write(f.store, make_old, NULL), 0);
	assert_true(is_due());
	refuse("{'op':'search','text':'census'}", -EPROTONOSUPPORT, "try again");
	/* What needs no index is there. */
	assert_int_equal(try("{'op':'show','member':'nbs','id':'t7'}"), 0);
	indexer = start();
	while (is_due()) {
		(void)uv_run(&loop, UV_RUN_ONCE);
		if (try("{'op':'search','text':'census'}") != 0)
			continue; /* the first step is not done yet */
		total = found(&partial);
		assert_true(total >= before && total <= LISTINGS);
		if (is_due()) {
			assert_true(partial); /* and says so */
			parts += total > before && total < LISTINGS;
		}
		before = total;
	}
	assert_true(parts >= 1); /* it served what it had */
	assert_int_equal(found(&partial), LISTINGS);
	assert_false(partial);
	node_indexer_stop(indexer);
}

static void test_an_index_that_is_made_anew_serves_all_meanwhile(void **state)
{
	struct node_indexer *indexer;
	unsigned looks = 0;
	bool partial;

	(void)state;
	assert_int_equal(catalog_store_write(f.store, ask_anew, NULL), 0);
	indexer = start();
	for (; is_due(); looks++) {
		assert_int_equal(found(&partial), LISTINGS);
		assert_false(partial);
		(void)uv_run(&loop, UV_RUN_ONCE);
	}
	assert_true(looks >= 3);
	assert_int_equal(found(&partial), LISTINGS);
	node_indexer_stop(indexer);
}

static void test_work_that_was_cut_short_goes_on(void **state)
{
	struct node_indexer *indexer;
	bool partial;

	(void)state;
	assert_int_equal(catalog_store_write(f.store, make_old, NULL), 0);
	indexer = start();
	while (try("{'op':'search','text':'census'}") != 0)
		(void)uv_run(&loop, UV_RUN_ONCE);
	node_indexer_stop(indexer);
	(void)uv_run(&loop, UV_RUN_DEFAULT); /* a step that runs is finished, and no other begins */
	assert_true(is_due());
	assert_true(found(&partial) < LISTINGS);
	assert_true(partial);
	indexer = start();
	while (is_due())
		(void)uv_run(&loop, UV_RUN_ONCE);
	node_indexer_stop(indexer);
	assert_int_equal(found(&partial), LISTINGS);
	assert_false(partial);
}

static void test_what_is_published_meanwhile_is_found(void **state)
{
	static const char *const late[] = {"late|Late census tract"};
	struct node_indexer *indexer;
	bool partial;

	(void)state;
	assert_int_equal(catalog_store_write(f.store, make_old, NULL), 0);
	indexer = start();
	while (try("{'op':'search','text':'census'}") != 0)
		(void)uv_run(&loop, UV_RUN_ONCE);
	publish("", late, 1);
	tell("{'op':'publish-end'}");
	tell("{'op':'withdraw','id':'t3'}");
	while (is_due())
		(void)uv_run(&loop, UV_RUN_ONCE);
	node_indexer_stop(indexer);
	assert_int_equal(found(&partial), LISTINGS); /* one more, one fewer */
	assert_false(partial);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

TEST_MAIN("node/indexer", TEST(test_an_index_of_an_older_version_is_made_anew),
	  TEST(test_an_index_that_is_made_anew_serves_all_meanwhile),
	  TEST(test_work_that_was_cut_short_goes_on),
	  TEST(test_what_is_published_meanwhile_is_found))
