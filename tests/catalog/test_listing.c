#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/listing.h"

static struct catalog_value *parse(const char *json)
{
	struct catalog_value *value = NULL;

	assert_int_equal(
		catalog_json_read((struct catalog_span){(const uint8_t *)json, strlen(json)},
				  &value, NULL),
		0);
	return value;
}

static void test_a_full_listing_is_good(void **state)
{
	struct catalog_problem problem = {0};
	struct catalog_value *listing = parse(
		"{\"title\": {\"en\": \"Rice yield\", \"sw\": \"Mavuno ya mpunga\"},"
		"\"description\": {\"en\": \"By district.\\nSince 1990.\"},"
		"\"keyword\": {\"en\": [\"rice\", \"yield\"]}, \"theme\": [\"agriculture\"],"
		"\"issued\": \"2020-03\", \"language\": [\"en\", \"pt-BR\"],"
		"\"spatial\": [{\"country\": \"KE\", \"bbox\": [33.9, -4.7, 41.9, 5]}],"
		"\"temporal\": [{\"start\": \"1990\", \"end\": \"2020-12-31\"}],"
		"\"publisher\": {\"name\": {\"en\": \"Bureau\"}},"
		"\"distribution\": [{\"accessURL\": \"https://example.org/a?b=%20#c\","
		" \"byteSize\": 12, \"checksum\": {\"algorithm\": \"sha256\", \"value\": \"ab\"}}],"
		"\"extra\": {\"bureauCode\": [\"015:11\"]}, \"original\": {\"/issued\": \"March "
		"2020\"}}");

	(void)state;
	if (catalog_listing_check(listing, &problem) != 0)
		fail_msg("%s: %s, expected %s", problem.path, problem.found, problem.expected);
	catalog_value_free(listing);
}

static void test_a_listing_may_be_so_deep_and_no_deeper(void **state)
{
	struct catalog_value *inner = catalog_value_new_list(), *listing;
	struct catalog_problem problem;

	(void)state;
	for (unsigned levels = 2; levels < CATALOG_LISTING_DEPTH_MAX; levels++) {
		struct catalog_value *outer = catalog_value_new_map();

		assert_int_equal(catalog_listing_check_depth(inner), 0);
		assert_int_equal(catalog_value_set(outer, "in", inner), 0);
		inner = outer;
	}
	listing = parse("{\"title\": {\"en\": \"Deep\"}}");
	assert_int_equal(catalog_value_set(listing, "extra", inner), 0);
	assert_int_equal(catalog_listing_check(listing, NULL), 0);
	inner = catalog_value_new_map();
	assert_int_equal(catalog_value_set(inner, "in", catalog_value_take(listing, "extra")), 0);
	assert_int_equal(catalog_value_set(listing, "extra", inner), 0);
	assert_int_equal(catalog_listing_check_depth(listing), -E2BIG);
	assert_int_equal(catalog_listing_check(listing, &problem), -EBADMSG);
	assert_non_null(strstr(problem.expected, "20 deep"));
	catalog_value_free(listing);
}

static void test_a_problem_is_told_with_its_place(void **state)
{
	static const struct {
		const char *json, *path, *found;
	} cases[] = {
		{"[]", "", "a list of 0"},
		{"{}", "/title", "nothing"},
		{"{\"title\": {}}", "/title", "a map of 0"},
		{"{\"title\": \"Rice\"}", "/title", "Rice"},
		{"{\"title\": {\"en\": \"\"}}", "/title/en", ""},
		{"{\"title\": {\"en\": \"two\\nlines\"}}", "/title/en", "two lines"},
		{"{\"title\": {\"e\": \"a\"}}", "/title/e", "a"},
		{"{\"title\": {\"en\": \"a\"}, \"issued\": \"March\"}", "/issued", "March"},
		{"{\"title\": {\"en\": \"a\"}, \"subtitle\": 1}", "/subtitle", "1"},
		{"{\"title\": {\"en\": \"a\"}, \"theme\": [\"a\", 7]}", "/theme/1", "7"},
		{"{\"title\": {\"en\": \"a\"}, \"keyword\": {\"en\": \"a\"}}", "/keyword/en", "a"},
		{"{\"title\": {\"en\": \"a\"}, \"distribution\": [{}, {\"accessURL\": \"foo "
		 "bar\"}]}",
		 "/distribution/1/accessURL", "foo bar"},
		{"{\"title\": {\"en\": \"a\"}, \"distribution\": [{\"byteSize\": -1}]}",
		 "/distribution/0/byteSize", "-1"},
		{"{\"title\": {\"en\": \"a\"}, \"spatial\": [{\"country\": \"ke\"}]}",
		 "/spatial/0/country", "ke"},
		{"{\"title\": {\"en\": \"a\"}, \"spatial\": [{\"bbox\": [1, 2, 3, 91]}]}",
		 "/spatial/0/bbox", "a list of 4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct catalog_value *listing = parse(cases[i].json);
		struct catalog_problem problem = {0};

		if (catalog_listing_check(listing, &problem) != -EBADMSG)
			fail_msg("%s", cases[i].json);
		assert_string_equal(problem.path, cases[i].path);
		assert_string_equal(problem.found, cases[i].found);
		assert_true(problem.expected[0] != '\0');
		assert_int_equal(catalog_listing_check(listing, NULL), -EBADMSG);
		catalog_value_free(listing);
	}
}

/* Whoever decodes a listing refuses what is no UTF-8, wherever it stands. */
static void test_what_is_kept_as_it_was_is_utf8(void **state)
{
	static const char *const names[] = {"a", "\x8b"};
	struct catalog_problem problem;

	(void)state;
	for (int bad = 0; bad < 4; bad++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *title = catalog_value_new_map();
		struct catalog_value *extra = catalog_value_new_map();
		struct catalog_value *list = catalog_value_new_list();
		int r;

		assert_int_equal(catalog_value_set(title, "en", catalog_value_new_string("T")), 0);
		assert_int_equal(catalog_value_set(listing, "title", title), 0);
		assert_int_equal(
			catalog_value_append(list, catalog_value_new_string(names[bad & 1])), 0);
		assert_int_equal(catalog_value_set(extra, names[bad >> 1], list), 0);
		assert_int_equal(catalog_value_set(listing, "extra", extra), 0);
		r = catalog_listing_check(listing, &problem);
		assert_int_equal(r, bad == 0 ? 0 : -EBADMSG);
		if (r != 0)
			assert_string_equal(problem.path, "/extra");
		catalog_value_free(listing);
	}
}

static void test_too_many_distributions_are_refused(void **state)
{
	struct catalog_value *listing = parse("{\"title\": {\"en\": \"a\"}}");
	struct catalog_value *list = catalog_value_new_list();
	struct catalog_problem problem = {0};

	(void)state;
	for (size_t i = 0; i < CATALOG_LISTING_DISTRIBUTIONS_MAX; i++)
		assert_int_equal(catalog_value_append(list, catalog_value_new_map()), 0);
	assert_int_equal(catalog_value_set(listing, "distribution", catalog_value_clone(list)), 0);
	assert_int_equal(catalog_listing_check(listing, &problem), 0);
	assert_int_equal(catalog_value_append(list, catalog_value_new_map()), 0);
	assert_int_equal(catalog_value_set(listing, "distribution", list), 0);
	assert_int_equal(catalog_listing_check(listing, &problem), -EBADMSG);
	assert_string_equal(problem.path, "/distribution");
	catalog_value_free(listing);
}

static void test_a_listing_too_large_in_all_is_refused(void **state)
{
	struct catalog_value *listing = parse("{\"title\": {\"en\": \"a\"}, \"description\": {}}");
	struct catalog_value *description = catalog_value_new_map();
	struct catalog_problem problem = {0};
	static char text[60000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	for (char tag[] = "aa"; tag[1] <= 'e'; tag[1]++)
		assert_int_equal(
			catalog_value_set(description, tag, catalog_value_new_string(text)), 0);
	assert_int_equal(catalog_value_set(listing, "description", description), 0);
	assert_int_equal(catalog_listing_check(listing, &problem), -EBADMSG);
	assert_non_null(strstr(problem.expected, "255 KiB"));
	catalog_value_free(listing);
}

static void test_one_text_gives_one_id(void **state)
{
	char id[CATALOG_ID_BYTES_MAX + 1], again[CATALOG_ID_BYTES_MAX + 1], text[1000];

	(void)state;
	assert_int_equal(catalog_listing_make_id("  Rice \t yield\n2024 ", id), 0);
	assert_string_equal(id, "Rice-yield-2024");
	assert_int_equal(catalog_listing_make_id("https://example.org/a b", id), 0);
	assert_string_equal(id, "https://example.org/a-b");
	assert_int_equal(catalog_listing_make_id(" \x01\n ", id), -EBADMSG);
	assert_int_equal(catalog_listing_make_id("\xff", id), -EBADMSG);
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xe5\x8c\x97", 4);
	assert_int_equal(catalog_listing_make_id(text, id), 0);
	assert_int_equal(catalog_listing_check_id(id), 0);
	text[0] = 'x', text[1] = 'y', text[2] = 'z';
	assert_int_equal(catalog_listing_make_id(text, again), 0);
	assert_string_not_equal(id, again);
}

static void test_an_id_has_no_space_and_an_end(void **state)
{
	char id[CATALOG_ID_BYTES_MAX + 2];

	(void)state;
	memset(id, 'a', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	assert_int_equal(catalog_listing_check_id(id), -EBADMSG);
	id[sizeof id - 2] = '\0';
	assert_int_equal(catalog_listing_check_id(id), 0);
	assert_int_equal(catalog_listing_check_id(""), -EBADMSG);
	assert_int_equal(catalog_listing_check_id("a b"), -EBADMSG);
	assert_int_equal(catalog_listing_check_id("a\x7f"), -EBADMSG);
	assert_int_equal(catalog_listing_check_id("a\xe2\x80\xae"),
			 -EBADMSG); /* right-to-left override */
}

static void test_a_reader_gets_the_language_nearest_to_theirs(void **state)
{
	struct catalog_value *map = parse("{\"de\": \"d\", \"en-GB\": \"e\", \"pt-BR\": \"p\"}");
	const char *tag = NULL;

	(void)state;
	assert_string_equal(catalog_listing_text(map, "pt", &tag), "p");
	assert_string_equal(tag, "pt-BR");
	assert_string_equal(catalog_listing_text(map, "de", NULL), "d");
	assert_string_equal(catalog_listing_text(map, "sw", NULL), "e");
	assert_string_equal(catalog_listing_text(map, NULL, NULL), "e");
	assert_null(catalog_listing_text(NULL, NULL, NULL));
	catalog_value_free(map);
}

TEST_MAIN("catalog/listing", cmocka_unit_test(test_a_full_listing_is_good),
	  cmocka_unit_test(test_a_listing_may_be_so_deep_and_no_deeper),
	  cmocka_unit_test(test_a_problem_is_told_with_its_place),
	  cmocka_unit_test(test_what_is_kept_as_it_was_is_utf8),
	  cmocka_unit_test(test_too_many_distributions_are_refused),
	  cmocka_unit_test(test_a_listing_too_large_in_all_is_refused),
	  cmocka_unit_test(test_one_text_gives_one_id),
	  cmocka_unit_test(test_an_id_has_no_space_and_an_end),
	  cmocka_unit_test(test_a_reader_gets_the_language_nearest_to_theirs))
