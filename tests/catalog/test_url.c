#include "tests/test.h"

#include <errno.h>

#include "catalog/url.h"

static void test_urls_of_rfc_3986_are_good(void **state)
{
	static const char *const good[] = {
		"https://example.org",
		"http://user@example.org:8080/a/b;c?d=e&f#g",
		"urn:isbn:0451450523",
		"mailto:a@example.org",
		"http://[2001:db8::7]/c",
		"ftp://example.org/%E5%8C%97",
		"doi:10.1/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (catalog_url_check(good[i]) != 0)
			fail_msg("%s", good[i]);
}

static void test_what_is_no_url_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"example.org",
		"http:",
		"http://",
		"https:///path",
		"http:example.org",
		"http://a b",
		"http://example.org/\xe5\x8c\x97",
		"http://example.org/%2",
		"1http://a",
		"http://a#b#c",
		"http://[::1",
		"http://a/\"b\"",
		"www.example.org",
		"http://:80/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (catalog_url_check(bad[i]) != -EBADMSG)
			fail_msg("%s", bad[i]);
}

static void test_what_plainly_means_a_url_becomes_it(void **state)
{
	static const struct {
		const char *text, *url;
	} cases[] = {
		{" https://example.org/a b.csv ", "https://example.org/a%20b.csv"},
		{"http://example.org/\xe5\x8c\x97", "http://example.org/%E5%8C%97"},
		{"www.example.org/data", "http://www.example.org/data"},
		{"http://example.org/100%", "http://example.org/100%25"},
		{"http://example.org/%E5", "http://example.org/%E5"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct catalog_buffer url = {0};

		assert_int_equal(catalog_url_repair(cases[i].text, &url), 0);
		assert_string_equal((char *)url.bytes, cases[i].url);
		catalog_buffer_close(&url);
	}
}

static void test_what_means_no_url_stays_as_it_was(void **state)
{
	struct catalog_buffer url = {0};

	(void)state;
	assert_int_equal(catalog_url_repair("see the web site", &url), -EBADMSG);
	assert_int_equal(catalog_url_repair("n/a", &url), -EBADMSG);
	assert_int_equal(url.len, 0);
	catalog_buffer_close(&url);
}

TEST_MAIN("catalog/url", cmocka_unit_test(test_urls_of_rfc_3986_are_good),
	  cmocka_unit_test(test_what_is_no_url_is_refused),
	  cmocka_unit_test(test_what_plainly_means_a_url_becomes_it),
	  cmocka_unit_test(test_what_means_no_url_stays_as_it_was))
