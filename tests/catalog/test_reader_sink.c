#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reader_sink.h"

struct seen {
	unsigned accepted, rejected, repeats;
	char problem[500];
};

static int each(void *arg, const struct catalog_reader_record *record)
{
	struct seen *seen = arg;

	seen->accepted += record->listing != NULL;
	seen->rejected += record->listing == NULL;
	seen->repeats += record->is_repeat;
	if (record->problem != NULL)
		snprintf(seen->problem, sizeof seen->problem, "%s: %s: %s", record->place,
			 record->problem->found, record->problem->expected);
	return 0;
}

static int put(struct catalog_reader_sink *sink, const char *id, const char *title)
{
	const struct catalog_reader_place place = {.name = "a <name>"};
	struct catalog_value *map = catalog_value_new_map();
	struct catalog_reader_build build;

	assert_non_null(map);
	catalog_reader_build_init(&build, "und");
	if (title != NULL) {
		assert_int_equal(catalog_value_set(map, "und", catalog_value_new_string(title)), 0);
		assert_int_equal(catalog_value_set(build.listing, "title", map), 0);
	} else {
		catalog_value_free(map);
	}
	return catalog_reader_sink_put(sink, &place, id, &build);
}

static void test_ids_are_remembered_while_the_table_grows(void **state)
{
	struct catalog_reader_sink sink;
	struct seen seen = {0};
	char id[20];

	(void)state;
	catalog_reader_sink_init(&sink, each, &seen);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(id, sizeof id, "id-%d", i);
			assert_int_equal(put(&sink, id, "A"), 0);
		}
	assert_int_equal(seen.accepted, 10000);
	assert_int_equal(seen.repeats, 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof id, "id-%d", i);
		assert_int_equal(put(&sink, id, "B"), 0);
	}
	assert_int_equal(seen.rejected, 5000);
	assert_string_equal(seen.problem,
			    "record 15000 (a <name>): the id of the record of number 5000: "
			    "id-4999: an identifier that no other record of the file has");
	catalog_reader_sink_close(&sink);
}

static void test_a_rejected_record_takes_no_id(void **state)
{
	struct catalog_reader_sink sink;
	struct seen seen = {0};

	(void)state;
	catalog_reader_sink_init(&sink, each, &seen);
	assert_int_equal(put(&sink, "a", NULL), 0);
	assert_int_equal(put(&sink, "a", "A"), 0);
	assert_int_equal(seen.rejected, 1);
	assert_int_equal(seen.accepted, 1);
	assert_int_equal(seen.repeats, 0);
	catalog_reader_sink_close(&sink);
}

static void test_more_records_than_the_limit_are_refused(void **state)
{
	const struct catalog_reader_place place = {.line = 1};
	struct catalog_reader_sink sink;
	struct seen seen = {0};

	(void)state;
	catalog_reader_sink_init(&sink, each, &seen);
	sink.count = CATALOG_READER_SINK_RECORDS_MAX - 1;
	assert_int_equal(put(&sink, "a", "A"), 0);
	assert_int_equal(put(&sink, "b", "B"), -E2BIG);
	assert_int_equal(catalog_reader_sink_reject(&sink, &place, "x", "y"), -E2BIG);
	assert_int_equal(seen.accepted, 1);
	catalog_reader_sink_close(&sink);
}

/* What is told is cut before a character, never within. */
static void test_long_words_are_cut_at_a_character(void **state)
{
	const struct catalog_reader_place place = {.line = 1};
	struct catalog_reader_sink sink;
	struct seen seen = {0};
	char found[400] = "x";

	(void)state;
	for (int i = 0; i < 100; i++)
		memcpy(found + 1 + 3 * i, "中", 4);
	catalog_reader_sink_init(&sink, each, &seen);
	assert_int_equal(catalog_reader_sink_reject(&sink, &place, found, "y"), 0);
	assert_non_null(strstr(seen.problem, "中: y"));
	catalog_reader_sink_close(&sink);
}

TEST_MAIN("catalog/reader_sink", cmocka_unit_test(test_ids_are_remembered_while_the_table_grows),
	  cmocka_unit_test(test_a_rejected_record_takes_no_id),
	  cmocka_unit_test(test_more_records_than_the_limit_are_refused),
	  cmocka_unit_test(test_long_words_are_cut_at_a_character))
