#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node/log.h"

static int ends[2];
static char text[64 * 1024];

/* What was logged since the last time. */
static const char *logged(void)
{
	ssize_t n;

	assert_int_equal(write(ends[1], "", 1), 1); /* so that there is something to read */
	n = read(ends[0], text, sizeof text);
	assert_true(n > 0);
	return text;
}

static size_t count_of(const char *in, const char *word)
{
	size_t count = 0;

	for (const char *at = in; (at = strstr(at, word)) != NULL; at++)
		count++;
	return count;
}

static struct node_log *open_log(enum node_config_level level)
{
	struct node_log *log;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(node_log_new(ends[1], level, &log), 0);
	return log;
}

static void close_log(struct node_log *log)
{
	node_log_free(log);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_line_has_time_level_and_no_control_characters(void **state)
{
	struct node_log *log = open_log(NODE_CONFIG_WARNING);
	int year, month, day, hour, minute, second, ms, len = 0;

	(void)state;
	node_log_line(log, NODE_CONFIG_INFO, "left out");
	node_log_line(log, NODE_CONFIG_WARNING, "it said \"%s\"", "a\n\x1b[31mb\x7f");
	assert_int_equal(sscanf(logged(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ warning %n", &year, &month,
				&day, &hour, &minute, &second, &ms, &len),
			 7);
	assert_string_equal(text + len, "it said \"a??[31mb?\"\n");
	close_log(log);
}

static void test_a_long_line_is_cut(void **state)
{
	struct node_log *log = open_log(NODE_CONFIG_DEBUG);
	static char longer[4096];

	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	node_log_line(log, NODE_CONFIG_DEBUG, "%s", longer);
	assert_true(strlen(logged()) < NODE_LOG_LINE_BYTES);
	assert_int_equal(text[strlen(text) - 1], '\n');
	close_log(log);
}

static void test_a_peer_that_errs_for_ever_is_said_to_a_few_times_a_minute(void **state)
{
	struct node_log *log = open_log(NODE_CONFIG_INFO);
	uint64_t now_ms = 5;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		node_log_peer(log, NODE_CONFIG_INFO, "10.0.0.1", now_ms++, "nonsense");
	node_log_peer(log, NODE_CONFIG_INFO, "10.0.0.2", now_ms, "different");
	(void)logged();
	assert_int_equal(count_of(text, "nonsense"), NODE_LOG_PEER_LINES_MAX);
	assert_int_equal(count_of(text, "different"), 1);
	now_ms += NODE_LOG_MINUTE_MS;
	node_log_peer(log, NODE_CONFIG_INFO, "10.0.0.1", now_ms, "nonsense");
	(void)logged();
	assert_int_equal(count_of(text, "96 more lines"), 1);
	assert_int_equal(count_of(text, "nonsense"), 1);
	close_log(log);
}

TEST_MAIN("log", cmocka_unit_test(test_a_line_has_time_level_and_no_control_characters),
	  cmocka_unit_test(test_a_long_line_is_cut),
	  cmocka_unit_test(test_a_peer_that_errs_for_ever_is_said_to_a_few_times_a_minute))
