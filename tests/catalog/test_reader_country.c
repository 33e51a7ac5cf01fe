#include "tests/test.h"

#include <errno.h>

#include "catalog/reader_country.h"

static void finds(const char *text, const char *code)
{
	char country[3];

	if (catalog_reader_country_find(text, country) != 0)
		fail_msg("%s is not found", text);
	assert_string_equal(country, code);
}

static void test_countries_are_found_by_code_and_name(void **state)
{
	(void)state;
	finds("KE", "KE");
	finds("KEN", "KE");
	finds("kenya", "KE");
	finds("Viet Nam", "VN");
	finds("Deutschland", "DE");
	finds("中国", "CN");
	finds("United States of America", "US");
	finds("http://publications.europa.eu/resource/authority/country/FRA", "FR");
}

static void test_what_is_no_country_is_not_found(void **state)
{
	static const char *const texts[] = {
		"", "ke", "National", "Georgia", "KENY", "X", "http://example.org/KEN"};
	char country[3];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(catalog_reader_country_find(texts[i], country), -ENOENT);
}

TEST_MAIN("catalog/reader_country", cmocka_unit_test(test_countries_are_found_by_code_and_name),
	  cmocka_unit_test(test_what_is_no_country_is_not_found))
