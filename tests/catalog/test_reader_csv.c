#include "tests/catalog/reading.h"

static void test_cells_are_cut_as_rfc_4180_says(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("\xef\xbb\xbf\"title\",identifier\r\n"
		   "\"a, \"\"b\"\"\r\nc\",1\r\n"
		   "\r\n"
		   "d \"e\",2",
		   &reading);
	assert_string_equal(reading.ids, "1 2 ");
	reading_has(&reading, 0, "title", "{\"und\":\"a, \\\"b\\\" c\"}");
	reading_has(&reading, 1, "title", "{\"und\":\"d \\\"e\\\"\"}");
	reading_close(&reading);
}

static void test_the_delimiter_is_found(void **state)
{
	static const char *const files[] = {
		"Title;ID;Description\nA;1;b, c\n", "Title\tID\tDescription\nA\t1\tb, c\n",
		"Title|ID|Description\nA|1|b, c\n", "Title,ID,Description\nA,1,\"b, c\"\n"};
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		reading_of(files[i], &reading);
		assert_string_equal(reading.ids, "1 ");
		reading_has(&reading, 0, "description", "{\"und\":\"b, c\"}");
		reading_close(&reading);
	}
}

static void test_columns_are_known_by_many_names(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("Dataset Title,dct:identifier,title@fr,title_sw,Description (en),Tags,"
		   "Last Modified,Agency,Contact Email,Download URL,Format,Themes,Colour\n"
		   "Rice,1,Riz,Mchele,Yield,a|b,2020/03/09,Office,x@example.org,"
		   "http://example.org/1 | http://example.org/2?a;b,CSV|XLS,food;farms,red\n",
		   &reading);
	assert_int_equal(reading.repairs, 1);
	reading_has(&reading, 0, "title", "{\"fr\":\"Riz\",\"sw\":\"Mchele\",\"und\":\"Rice\"}");
	reading_has(&reading, 0, "description", "{\"en\":\"Yield\"}");
	reading_has(&reading, 0, "keyword", "{\"und\":[\"a\",\"b\"]}");
	reading_has(&reading, 0, "modified", "\"2020-03-09\"");
	reading_has(&reading, 0, "original", "{\"/modified\":\"2020/03/09\"}");
	reading_has(&reading, 0, "publisher", "{\"name\":{\"und\":\"Office\"}}");
	reading_has(&reading, 0, "contact", "[{\"email\":\"x@example.org\"}]");
	reading_has(&reading, 0, "theme", "[\"food\",\"farms\"]");
	reading_has(&reading, 0, "extra", "{\"Colour\":\"red\"}");
	reading_has(&reading, 0, "distribution",
		    "[{\"downloadURL\":\"http://example.org/1\",\"format\":\"CSV\"},"
		    "{\"downloadURL\":\"http://example.org/2?a;b\",\"format\":\"XLS\"}]");
	reading_close(&reading);
}

static void test_a_propertys_own_name_wins_over_synonyms(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("id,name,title,identifier,created,published,tags,keywords\n"
		   "7,rice-yield,Rice,x,2020,2021,a,b\n",
		   &reading);
	assert_string_equal(reading.ids, "x ");
	assert_int_equal(reading.repairs, 0);
	reading_has(&reading, 0, "title", "{\"und\":\"Rice\"}");
	reading_has(&reading, 0, "issued", "\"2020\"");
	reading_has(&reading, 0, "keyword", "{\"und\":[\"a\",\"b\"]}");
	reading_has(&reading, 0, "extra",
		    "{\"id\":\"7\",\"name\":\"rice-yield\",\"published\":\"2021\"}");
	reading_close(&reading);
}

static void test_the_language_column_is_that_of_the_text(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("title,language\n中文,zh-Hant\nA,en|fr\nB,\n", &reading);
	reading_has(&reading, 0, "title", "{\"zh-Hant\":\"中文\"}");
	reading_has(&reading, 1, "title", "{\"und\":\"A\"}");
	reading_has(&reading, 1, "language", "[\"en\",\"fr\"]");
	reading_has(&reading, 2, "language", NULL);
	assert_int_equal(reading.repairs, 0);
	reading_close(&reading);
}

static void test_a_bad_row_does_not_stop_the_others(void **state)
{
	static const char latin1[] = "title,identifier\nA,1\nCaf\xe9,2\nB,3\n";
	struct reading reading;

	(void)state;
	reading_of("title,identifier\nA,1\nB,2,3\n,4\nC,5\nD\n", &reading);
	assert_string_equal(reading.ids, "1 5 D ");
	assert_non_null(strstr(reading.problems, "record 2 (line 3): : found more cells than"));
	assert_non_null(strstr(reading.problems, "record 3 (line 4): /title: found nothing"));
	reading_close(&reading);
	reading_of_bytes(latin1, sizeof latin1 - 1, CATALOG_READER_AUTO, &reading);
	assert_string_equal(reading.ids, "1 3 ");
	assert_non_null(strstr(reading.problems, "not UTF-8"));
	reading_close(&reading);
}

static void test_a_quote_never_closed_spoils_one_row(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("title,identifier\nA,1\n\"B,2\nC,3\n", &reading);
	assert_string_equal(reading.ids, "1 3 ");
	assert_non_null(strstr(reading.problems, "record 2 (line 3): : found a quote"));
	reading_close(&reading);
}

static void test_a_header_without_title_is_refused(void **state)
{
	static const char csv[] = "a,b\n1,2\n";
	struct reading reading;

	(void)state;
	reading_of_bytes(csv, sizeof csv - 1, CATALOG_READER_CSV, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_non_null(strstr(reading.error.text, "title"));
	reading_close(&reading);
	reading_of_bytes("title,\xe9\nA,b\n", 12, CATALOG_READER_CSV, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_non_null(strstr(reading.error.text, "UTF-8"));
	reading_close(&reading);
	reading_of_bytes("", 0, CATALOG_READER_CSV, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	reading_close(&reading);
}

/* Blocks of 64 KiB end anywhere in a row, between "\r" and "\n", between two quotes. */
static void test_rows_across_blocks_are_read_whole(void **state)
{
	struct catalog_buffer csv = {0};
	struct reading reading;

	(void)state;
	for (size_t shift = 0; shift < 40; shift++) {
		csv.len = 0;
		assert_int_equal(catalog_buffer_print(&csv, "title,identifier,x\r\nA,1,%*s\r\n",
						      (int)(64 * 1024 - 30 - shift), "y"),
				 0);
		assert_int_equal(catalog_buffer_print(&csv, "\"a\"\"b\r\nc\",2,z\r\nC,3,z\r\n"), 0);
		reading_of_bytes(csv.bytes, csv.len, CATALOG_READER_CSV, &reading);
		assert_string_equal(reading.problems, "");
		assert_string_equal(reading.ids, "1 2 3 ");
		reading_has(&reading, 1, "title", "{\"und\":\"a\\\"b c\"}");
		reading_close(&reading);
	}
	catalog_buffer_close(&csv);
}

TEST_MAIN("catalog/reader_csv", cmocka_unit_test(test_cells_are_cut_as_rfc_4180_says),
	  cmocka_unit_test(test_the_delimiter_is_found),
	  cmocka_unit_test(test_columns_are_known_by_many_names),
	  cmocka_unit_test(test_a_propertys_own_name_wins_over_synonyms),
	  cmocka_unit_test(test_the_language_column_is_that_of_the_text),
	  cmocka_unit_test(test_a_bad_row_does_not_stop_the_others),
	  cmocka_unit_test(test_a_quote_never_closed_spoils_one_row),
	  cmocka_unit_test(test_a_header_without_title_is_refused),
	  cmocka_unit_test(test_rows_across_blocks_are_read_whole))
