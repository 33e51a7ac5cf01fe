#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "node/limits.h"

static void test_rates_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes_s;
	} good[] = {{"off", 0},      {"20k", 20000},        {"1000", 1000},
		    {"2M", 2000000}, {"1000M", 1000000000}, {"1k", 1000}};
	static const char *const bad[] = {"",    "k",    "0",     "999", "20kB",        "1.5k",
					  "-1k", "20 k", "1001M", "2G",  "99999999999", "0k"};
	struct node_error error;
	uint64_t bytes_s = 7;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(node_limits_read_rate(good[i].text, &bytes_s, &error), 0);
		assert_int_equal(bytes_s, good[i].bytes_s);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(node_limits_read_rate(bad[i], &bytes_s, &error), -EINVAL);
		assert_non_null(strstr(error.text, "such as 20k"));
	}
}

static struct gossip_thin_limits at(const struct node_limits *limits, unsigned hour)
{
	struct gossip_thin_limits now;

	node_limits_at(limits, hour, &now);
	return now;
}

static void test_the_hour_decides(void **state)
{
	struct node_limits limits = {.all_bytes_s = 20000, .peer_bytes_s = 5000};
	struct node_error error;

	(void)state;
	assert_int_equal(node_limits_read_hours("22-06:off,12-13:50k/10k", &limits, &error), 0);
	for (unsigned hour = 0; hour < 24; hour++) {
		bool night = hour >= 22 || hour < 6, noon = hour == 12;
		struct gossip_thin_limits now = at(&limits, hour);

		assert_int_equal(now.all_bytes_s, night ? 0 : noon ? 50000 : 20000);
		assert_int_equal(now.peer_bytes_s, noon ? 10000 : 5000);
		assert_false(now.is_metered);
	}
}

static void test_what_is_fetched_when(void **state)
{
	struct node_limits limits = {0};
	struct node_error error;

	(void)state;
	assert_int_equal(node_limits_read_pull("asked", &limits, &error), 0);
	for (unsigned hour = 0; hour < 24; hour++)
		assert_true(at(&limits, hour).is_metered);
	assert_int_equal(node_limits_read_pull("1-5", &limits, &error), 0);
	for (unsigned hour = 0; hour < 24; hour++)
		assert_int_equal(at(&limits, hour).is_metered, hour < 1 || hour >= 5);
	assert_int_equal(node_limits_read_pull("20-24", &limits, &error), 0);
	assert_true(at(&limits, 19).is_metered);
	assert_false(at(&limits, 23).is_metered);
	assert_true(at(&limits, 0).is_metered);
	assert_int_equal(node_limits_read_pull("always", &limits, &error), 0);
	for (unsigned hour = 0; hour < 24; hour++)
		assert_false(at(&limits, hour).is_metered);
}

static void test_what_is_no_limit_is_refused(void **state)
{
	static const char *const hours[] = {"22:off",     "22-25:off",    "24-3:off", "5-5:off",
					    "22-06",      "22-06:",       "22-06:5",  "22-06:off/",
					    "22-06:1k/k", "022-06:off",   "22-06off", "a-b:1k",
					    "1-2:off,x",  "1-2:1k/2k/3k", "-2:1k"};
	static const char *const pulls[] = {"",          "never",  "22-25", "22",
					    "22-06:off", "Always", "3-3"};
	struct node_limits limits = {.all_bytes_s = 5000};
	char many[200] = "";
	struct node_error error;

	(void)state;
	for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++)
		assert_int_equal(node_limits_read_hours(hours[i], &limits, &error), -EINVAL);
	for (size_t i = 0; i < sizeof pulls / sizeof pulls[0]; i++)
		assert_int_equal(node_limits_read_pull(pulls[i], &limits, &error), -EINVAL);
	for (size_t i = 0; i < NODE_LIMITS_HOURS_MAX + 1; i++)
		memcpy(many + strlen(many), "1-2:1k,", 8);
	assert_int_equal(node_limits_read_hours(many, &limits, &error), -EINVAL);
	/* A reader that refuses changes nothing. */
	assert_int_equal(limits.count, 0);
	assert_false(limits.is_metered);
	assert_int_equal(node_limits_read_hours("", &limits, &error), 0);
	assert_int_equal(at(&limits, 3).all_bytes_s, 5000);
}

TEST_MAIN("node/limits", cmocka_unit_test(test_rates_are_read),
	  cmocka_unit_test(test_the_hour_decides), cmocka_unit_test(test_what_is_fetched_when),
	  cmocka_unit_test(test_what_is_no_limit_is_refused))
