#include "tests/test.h"

#include <string.h>

#include "catalog/theme.h"

static const char *code_of(const char *text)
{
	struct catalog_theme theme = {NULL, NULL};

	return catalog_theme_find(text, strlen(text), &theme) == 0 && theme.code != NULL
		       ? theme.code
		       : "-";
}

static void test_codes_and_labels_of_many_languages_are_one_theme(void **state)
{
	(void)state;
	assert_string_equal(code_of("HEAL"), "heal");
	assert_string_equal(code_of("Health"), "heal");
	assert_string_equal(code_of("  Sant\303\251 "), "heal");
	assert_string_equal(code_of("SANT\303\211"), "heal");
	assert_string_equal(code_of("Gesundheit"), "heal");
	assert_string_equal(code_of("Bev\303\266lkerung und Gesellschaft"), "soci");
	assert_string_equal(code_of("Regionen und St\303\244dte"), "regi");
	assert_string_equal(code_of("Public Safety and Justice"), "just");
	assert_string_equal(code_of("\345\260\261\351\206\253 (57)"), "heal");
}

static void test_what_has_no_plain_meaning_is_itself(void **state)
{
	static const char *const texts[] = {
		"",     " ", "general", "news",     "Healthy", "()",
		"(12)", ",", "HEAL,",   "\303\227", "\303",    "Card Services Program"};
	struct catalog_theme themes[CATALOG_THEME_PARTS_MAX];
	char *text = test_malloc(CATALOG_THEME_TEXT_MAX + 100);
	const char *name;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_string_equal(code_of(texts[i]), "-");
		assert_int_equal(catalog_theme_ask(texts[i], strlen(texts[i]), &name),
				 CATALOG_THEME_ITSELF);
	}
	memset(text, 'x', CATALOG_THEME_TEXT_MAX + 100);
	for (size_t len = 0; len < CATALOG_THEME_TEXT_MAX + 100; len++)
		assert_int_equal(catalog_theme_find_all(text, len, themes), 0);
	for (size_t i = 0; i < CATALOG_THEME_TEXT_MAX + 100; i += 2)
		memcpy(text + i, "\303\237", 2); /* grows when it is folded */
	assert_int_equal(catalog_theme_find_all(text, CATALOG_THEME_TEXT_MAX, themes), 0);
	test_free(text);
}

static void test_several_themes_in_one_text_are_told_apart(void **state)
{
	static const char both[] = "Bildung, Kultur und Sport,Umwelt,Verkehr";
	static const char unknown[] = "Umwelt,Allerlei";
	static const char many[] = "heal,heal,heal,heal,heal,heal,heal,heal,heal,heal,heal,heal,"
				   "heal,heal,heal,heal,heal";
	struct catalog_theme themes[CATALOG_THEME_PARTS_MAX];

	(void)state;
	assert_int_equal(catalog_theme_find_all(both, strlen(both), themes), 3);
	assert_string_equal(themes[0].code, "educ");
	assert_string_equal(themes[1].code, "envi");
	assert_string_equal(themes[2].code, "tran");
	assert_int_equal(catalog_theme_find_all(unknown, strlen(unknown), themes), 0);
	assert_int_equal(catalog_theme_find_all(many, strlen(many), themes), 0);
}

static void test_a_filter_is_a_theme_an_industry_or_itself(void **state)
{
	static const char url[] =
		"http://publications.europa.eu/resource/authority/data-theme/TRAN";
	static const char other[] = "http://eurovoc.europa.eu/100142";
	const char *name = NULL;

	(void)state;
	assert_int_equal(catalog_theme_ask(url, strlen(url), &name), CATALOG_THEME_CODE);
	assert_string_equal(name, "tran");
	assert_int_equal(catalog_theme_ask("Tourism", 7, &name), CATALOG_THEME_INDUSTRY);
	assert_string_equal(name, "tourism");
	assert_int_equal(catalog_theme_ask("health", 6, &name), CATALOG_THEME_CODE);
	assert_int_equal(catalog_theme_ask("sports", 6, &name), CATALOG_THEME_WORD);
	assert_int_equal(catalog_theme_ask(other, strlen(other), &name), CATALOG_THEME_ITSELF);
}

static void test_every_industry_has_a_name_of_its_own(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; i < CATALOG_THEME_INDUSTRIES; i++) {
		const struct catalog_theme_industry *one = catalog_theme_industry(i);

		assert_true(one->title[0] != '\0' && one->sections[0] != '\0');
		assert_int_not_equal(catalog_theme_ask(one->name, strlen(one->name), &name),
				     CATALOG_THEME_ITSELF);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(one->name, catalog_theme_industry(k)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_and_labels_of_many_languages_are_one_theme),
		cmocka_unit_test(test_what_has_no_plain_meaning_is_itself),
		cmocka_unit_test(test_several_themes_in_one_text_are_told_apart),
		cmocka_unit_test(test_a_filter_is_a_theme_an_industry_or_itself),
		cmocka_unit_test(test_every_industry_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
