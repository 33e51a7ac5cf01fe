#include "tests/test.h"

#include <errno.h>

#include "catalog/date.h"

static void test_iso_8601_is_good(void **state)
{
	static const char *const good[] = {
		"2020",
		"2020-02",
		"2020-02-29",
		"2020-01-23T01:28:56.715941",
		"2020-01-23T01:28Z",
		"2020-01-23T01:28:56+01:00",
		"2016-12-31T23:59:60Z",
		"1999-12-31T24:00:00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (catalog_date_check(good[i]) != 0)
			fail_msg("%s", good[i]);
}

static void test_what_is_no_date_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"20",
		"2019-02-29",
		"2020-13",
		"2020-1-1",
		"2020-01-32",
		"2020-01-23T",
		"R/P1Y",
		"2020-01-23T1:28",
		"2020-01-23T25:00",
		"2020-01-23T01:28:56+0100",
		"2020-01-23 01:28",
		"2020-01-23T01:28:56.",
		"2020-01-23T24:00:01",
		"2020-01-23T01:28:56+15:00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (catalog_date_check(bad[i]) != -EBADMSG)
			fail_msg("%s", bad[i]);
}

static void test_common_styles_with_one_meaning_are_repaired(void **state)
{
	static const struct {
		const char *text, *date;
	} cases[] = {
		{"2020/3/9", "2020-03-09"},
		{"20200309", "2020-03-09"},
		{" 2020-3-9 ", "2020-03-09"},
		{"9.3.2020", "2020-03-09"},
		{"31/12/2020", "2020-12-31"},
		{"12/31/2020", "2020-12-31"},
		{"3/3/2020", "2020-03-03"},
		{"9 March 2020", "2020-03-09"},
		{"March 9, 2020", "2020-03-09"},
		{"9th of march 2020", "2020-03-09"},
		{"March 2020", "2020-03"},
		{"2020/03", "2020-03"},
		{"9. März 2020", "2020-03-09"},
		{"9 de marzo de 2020", "2020-03-09"},
		{"9 août 2020", "2020-08-09"},
		{"Mon, 09 Mar 2020 10:00:00 GMT", "2020-03-09T10:00:00Z"},
		{"2020-03-09 14:05", "2020-03-09T14:05:00"},
		{"2020-03-09T14:05:00+0100", "2020-03-09T14:05:00+01:00"},
		{"2020-03-09 14:05:00.25 UTC", "2020-03-09T14:05:00.25Z"},
	};
	char date[CATALOG_DATE_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (catalog_date_repair(cases[i].text, date) != 0)
			fail_msg("%s", cases[i].text);
		assert_string_equal(date, cases[i].date);
	}
}

static void test_what_has_two_meanings_or_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"03/04/2020",       "R/P1Y",      "annual",     "",
		"2020/02/30",       "9 March 20", "soon, 2020", "1/2",
		"2020-03-09 25:00", "20201399",   "123456789",  "May 9, 2020 at noon",
		"31.12.99",
	};
	char date[CATALOG_DATE_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (catalog_date_repair(bad[i], date) != -EBADMSG)
			fail_msg("%s became %s", bad[i], date);
}

static void test_seconds_are_written_as_a_date(void **state)
{
	static const struct {
		int64_t seconds;
		const char *date;
	} cases[] = {
		{0, "1970-01-01T00:00:00Z"},          {-1, "1969-12-31T23:59:59Z"},
		{951782399, "2000-02-28T23:59:59Z"},  {951782400, "2000-02-29T00:00:00Z"},
		{1795511520, "2026-11-24T09:12:00Z"},
	};
	char date[CATALOG_DATE_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		catalog_date_from_seconds(cases[i].seconds, date);
		assert_string_equal(date, cases[i].date);
	}
}

TEST_MAIN("catalog/date", cmocka_unit_test(test_iso_8601_is_good),
	  cmocka_unit_test(test_what_is_no_date_is_refused),
	  cmocka_unit_test(test_common_styles_with_one_meaning_are_repaired),
	  cmocka_unit_test(test_what_has_two_meanings_or_none_is_refused),
	  cmocka_unit_test(test_seconds_are_written_as_a_date))
