/* Searches, and that readers do not wait for the writer. */
#include "tests/node/session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

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

/* One question of each kind, from a session of its own; returns NULL if all were answered. */
static void *ask_each(void *arg)
{
	static const char *const questions[] = {
		"{'op':'search','text':'yield','facets':'all','sort':'modified'}",
		"{'op':'suggest','text':'ri'}", "{'op':'changes'}", "{'op':'status'}",
		"{'op':'show','member':'nbs','id':'rice'}"};
	struct node_session *session;
	void *wrong = NULL;

	if (node_control_session_new(f.control, &session) != 0)
		return arg;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		struct catalog_value *request = scratch_value(questions[i]), *answer = NULL;
		struct node_error error;

		if (node_control_handle(session, request, &answer, &error) != 0)
			wrong = arg;
		catalog_value_free(request);
		catalog_value_free(answer);
	}
	node_control_session_free(session);
	return wrong;
}

/* In the middle of a transaction that writes: it does not end before the reader has. */
static int wait_for_a_reader(struct catalog_txn *txn, void *arg)
{
	static const struct catalog_span key = {(const uint8_t *)"zz", 2};
	pthread_t thread;
	void *wrong;
	int r = catalog_store_put(txn, CATALOG_TABLE_INDEX, key, key);

	assert_int_equal(r, 0);
	assert_int_equal(pthread_create(&thread, NULL, ask_each, arg), 0);
	assert_int_equal(pthread_join(thread, &wrong), 0);
	assert_null(wrong);
	return catalog_store_del(txn, CATALOG_TABLE_INDEX, key);
}

static void test_a_reader_is_through_before_the_writer_is(void **state)
{
	int mark;

	(void)state;
	publish_crops();
	(void)alarm(60); /* where a reader waits, neither would ever end */
	assert_int_equal(catalog_store_write(f.store, wait_for_a_reader, &mark), 0);
	(void)alarm(0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/search", TEST(test_hits_come_in_the_language_asked), TEST(test_filters_and_pages),
	  TEST(test_readers_do_not_wait_for_the_writer),
	  TEST(test_a_reader_is_through_before_the_writer_is))
