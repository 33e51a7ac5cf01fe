#include "tests/test.h"

#include <errno.h>

#include "catalog/reader_language.h"

static void finds(const char *text, const char *expected)
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	if (catalog_reader_language_find(text, tag) != 0)
		fail_msg("%s is not found", text);
	assert_string_equal(tag, expected);
}

static void test_languages_are_found_by_tag_code_and_name(void **state)
{
	(void)state;
	finds("en", "en");
	finds("pt_br", "pt-BR");
	finds("ZH-HANT", "zh-Hant");
	finds("zh-hant-tw", "zh-Hant-TW");
	finds("es-419", "es-419");
	finds("SPA", "es");
	finds("ger", "de");
	finds("deu", "de");
	finds("arz", "arz");
	finds(" English ", "en");
	finds("Kiswahili", "sw");
	finds("http://publications.europa.eu/resource/authority/language/CAT", "ca");
	finds("http://id.loc.gov/vocabulary/iso639-1/fr", "fr");
	finds("und", "und");
}

static void test_what_is_no_language_is_not_found(void **state)
{
	static const char *const texts[] = {
		"",
		"e",
		"Klingonish",
		"en+ar",
		"en,fr",
		"e1",
		"en-",
		"en--US",
		"日",
		"en-overlongsubtag",
		"https://example.org/en",
		"aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee",
	};
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(catalog_reader_language_find(texts[i], tag), -ENOENT);
}

TEST_MAIN("catalog/reader_language",
	  cmocka_unit_test(test_languages_are_found_by_tag_code_and_name),
	  cmocka_unit_test(test_what_is_no_language_is_not_found))
