#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/utf8.h"
#include "node/snippet.h"

static struct catalog_buffer line;
static const char *tag;

static int tear_down(void **state)
{
	(void)state;
	catalog_buffer_close(&line);
	return 0;
}

static struct catalog_value *described(const char *lang, const char *text)
{
	struct catalog_value *map = catalog_value_new_map();

	assert_int_equal(catalog_value_set(map, lang, catalog_value_new_string(text)), 0);
	return map;
}

/* The snippet of description, which is freed, as a string that stays until the next. */
static const char *snippet_of(const char *query, const char *lang,
			      struct catalog_value *description)
{
	struct node_snippet *snippet = NULL;

	line.len = 0;
	tag = NULL;
	assert_int_equal(node_snippet_new(query, &snippet), 0);
	assert_int_equal(node_snippet_of(snippet, description, lang, &line, &tag), 0);
	node_snippet_free(snippet);
	assert_int_equal(catalog_utf8_check((const char *)line.bytes, line.len), 0);
	assert_int_equal(catalog_buffer_append(&line, "", 1), 0);
	if (tag != NULL) {
		static char copy[16];

		assert_true(strlen(tag) < sizeof copy);
		memcpy(copy, tag, strlen(tag) + 1);
		tag = copy;
	}
	catalog_value_free(description);
	return (const char *)line.bytes;
}

/* How many characters, without the marks of what was left out. */
static size_t characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

#define LONG                                                                                       \
	"The first sentence says what this collection is about and who keeps it, at length. The "  \
	"second says where the measurements come from and how they were taken. The third tells "   \
	"that harvests of maize were weighed on 312 farms in the highlands each March and "        \
	"September. The fourth explains the units, and the fifth whom to ask about all of it."

static void test_a_short_description_is_told_whole(void **state)
{
	(void)state;
	assert_string_equal(snippet_of("rice", NULL, described("en", "Rice by district.")),
			    "Rice by district.");
	assert_string_equal(tag, "en");
	assert_string_equal(snippet_of("", NULL, described("en", "Two\n\nparagraphs, \t here. ")),
			    "Two paragraphs, here.");
}

static void test_a_long_one_is_cut_at_words_around_the_match(void **state)
{
	const char *text;

	(void)state;
	text = snippet_of("maize", NULL, described("en", LONG));
	assert_non_null(strstr(text, "harvests of maize were weighed"));
	assert_true(strncmp(text, "\xe2\x80\xa6", 3) == 0);
	assert_string_equal(text + strlen(text) - 3, "\xe2\x80\xa6");
	assert_true(characters(text) <= NODE_SNIPPET_CHARACTERS_MAX + 2);
	assert_true(characters(text) > NODE_SNIPPET_CHARACTERS_MAX / 2);
	/* Cut at words: what is between the marks stands in the text with a space on each side. */
	{
		char inner[1000];

		snprintf(inner, sizeof inner, " %.*s ", (int)strlen(text) - 6, text + 3);
		assert_non_null(strstr(LONG, inner));
	}
	text = snippet_of("nothing there", NULL, described("en", LONG));
	assert_true(strncmp(text, "The first sentence", 18) == 0);
}

static void test_a_word_is_found_as_the_search_finds_it(void **state)
{
	(void)state;
	assert_non_null(strstr(snippet_of("WEIGH", NULL, described("en", LONG)), "weighed"));
	assert_non_null(
		strstr(snippet_of("recolte", "fr",
				  described("fr", "Une longue introduction qui ne dit pas encore "
						  "de quoi il s'agit ici. La r\xc3\xa9"
						  "colte du riz.")),
		       "r\xc3\xa9"
		       "colte"));
}

static void test_another_language_is_taken_where_the_word_is(void **state)
{
	struct catalog_value *both = described("en", "Harvest of rice.");

	(void)state;
	assert_int_equal(catalog_value_set(both, "sw", catalog_value_new_string("Mavuno.")), 0);
	assert_string_equal(snippet_of("rice", "sw", catalog_value_clone(both)),
			    "Harvest of rice.");
	assert_string_equal(tag, "en");
	assert_string_equal(snippet_of("coffee", "sw", both), "Mavuno.");
	assert_string_equal(tag, "sw");
}

static void test_text_without_spaces_is_cut_between_characters(void **state)
{
	struct catalog_buffer text = {0};
	const char *result;

	(void)state;
	for (unsigned i = 0; i < 300; i++) /* "weather" */
		assert_int_equal(catalog_buffer_append(&text, "\xe5\xa4\xa9\xe6\xb0\x94", 6), 0);
	assert_int_equal(catalog_buffer_append(&text, "\xe6\xb0\xb4\xe7\xa8\xbb", 7), 0); /* rice */
	result = snippet_of("\xe6\xb0\xb4\xe7\xa8\xbb", "zh",
			    described("zh", (const char *)text.bytes));
	assert_non_null(strstr(result, "\xe6\xb0\xb4\xe7\xa8\xbb"));
	assert_true(characters(result) <= NODE_SNIPPET_CHARACTERS_MAX + 2);
	result = snippet_of("", "zh", described("zh", (const char *)text.bytes));
	assert_int_equal(characters(result), NODE_SNIPPET_CHARACTERS_MAX + 1);
	catalog_buffer_close(&text);
}

static void test_every_length_and_place_gives_whole_characters(void **state)
{
	/* Characters of one to four bytes, a space now and then. */
	static const char *const units[] = {"a", "\xc3\xa9", "\xe6\xb0\xb4", "\xf0\x9f\x8c\xbe",
					    " "};
	struct catalog_buffer text = {0};
	unsigned seed = 20261124; /* the same each time */

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		const char *unit;

		seed = seed * 1103515245u + 12345u;
		unit = units[(seed >> 16) % 5];
		assert_int_equal(catalog_buffer_append(&text, unit, strlen(unit)), 0);
		assert_int_equal(catalog_buffer_append(&text, " maize", 7), 0);
		assert_true(characters(snippet_of(i % 2 ? "maize" : "", NULL,
						  described("en", (const char *)text.bytes))) <=
			    NODE_SNIPPET_CHARACTERS_MAX + 2);
		text.len -= 7; /* the word and its NUL */
	}
	catalog_buffer_close(&text);
}

static void test_without_a_description_there_is_no_snippet(void **state)
{
	struct node_snippet *snippet = NULL;
	struct catalog_value *empty = catalog_value_new_map();

	(void)state;
	assert_int_equal(node_snippet_new("rice", &snippet), 0);
	assert_int_equal(node_snippet_of(snippet, NULL, "en", &line, &tag), -ENOENT);
	assert_int_equal(node_snippet_of(snippet, empty, "en", &line, &tag), -ENOENT);
	catalog_value_free(empty);
	node_snippet_free(snippet);
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

TEST_MAIN("node/snippet", TEST(test_a_short_description_is_told_whole),
	  TEST(test_a_long_one_is_cut_at_words_around_the_match),
	  TEST(test_a_word_is_found_as_the_search_finds_it),
	  TEST(test_another_language_is_taken_where_the_word_is),
	  TEST(test_text_without_spaces_is_cut_between_characters),
	  TEST(test_every_length_and_place_gives_whole_characters),
	  TEST(test_without_a_description_there_is_no_snippet))
