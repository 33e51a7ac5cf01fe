#include "tests/catalog/reading.h"

#include <stdlib.h>

static void test_every_property_finds_its_place(void **state)
{
	(void)state;
	reading_makes("\"accessLevel\": \"public\"", "accessRights", "\"public\"", 0);
	reading_makes("\"references\": [\"http://example.org/doc\"]", "page",
		      "[\"http://example.org/doc\"]", 0);
	reading_makes(
		"\"publisher\": {\"@type\": \"org:Organization\", \"name\": \"N\", "
		"\"subOrganizationOf\": {\"name\": \"M\"}}",
		"publisher",
		"{\"extra\":{\"subOrganizationOf\":{\"name\":\"M\"}},\"name\":{\"und\":\"N\"}}", 0);
	reading_makes(
		"\"distribution\": [{\"@type\": \"dcat:Distribution\", \"downloadURL\": "
		"\"http://example.org/a\", \"mediaType\": \"text/csv\", \"byteSize\": \"12\", "
		"\"describedBy\": \"http://example.org/d\"}]",
		"distribution",
		"[{\"byteSize\":12,\"downloadURL\":\"http://example.org/a\",\"extra\":{"
		"\"describedBy\":\"http://example.org/d\"},\"mediaType\":\"text/csv\"}]",
		0);
	reading_makes("\"bureauCode\": [\"015:11\"], \"isPartOf\": null", "extra",
		      "{\"bureauCode\":[\"015:11\"]}", 0);
	reading_makes("\"title\": {\"en\": \"Rice\", \"fr\": \"Riz\"}", "title",
		      "{\"en\":\"Rice\",\"fr\":\"Riz\"}", 0);
	reading_makes("\"@type\": \"dcat:Dataset\"", "extra", NULL, 0);
	reading_makes("\"@type\": \"ex:Map\"", "extra", "{\"@type\":\"ex:Map\"}", 0);
}

static void test_what_is_empty_is_left_out_and_noted(void **state)
{
	(void)state;
	reading_makes("\"description\": \"\"", "description", NULL, 1);
	reading_makes("\"description\": \"\"", "original", "{\"/description\":\"\"}", 1);
	reading_makes("\"description\": null", "original", NULL, 0);
	reading_makes("\"issued\": \"\"", "issued", NULL, 1);
	reading_makes("\"contactPoint\": {}", "contact", NULL, 0);
	reading_makes("\"keyword\": []", "keyword", NULL, 0);
	reading_makes("\"keyword\": [\"a\", \"\", \"a\"]", "keyword", "{\"und\":[\"a\"]}", 1);
	reading_makes("\"distribution\": [{\"format\": null}, {\"format\": \"CSV\"}]",
		      "distribution", "[{\"format\":\"CSV\"}]", 0);
}

static void test_dates_are_repaired_where_they_have_one_meaning(void **state)
{
	(void)state;
	reading_makes("\"issued\": \"2017-08-18 14:38:42\"", "issued", "\"2017-08-18T14:38:42\"",
		      1);
	reading_makes("\"issued\": \"14.06.2019 07:48\"", "original",
		      "{\"/issued\":\"14.06.2019 07:48\"}", 1);
	reading_makes("\"issued\": \"03/04/2020\"", "issued", NULL, 1);
	reading_makes("\"modified\": \"R/P1D\"", "original", "{\"/modified\":\"R/P1D\"}", 1);
	reading_makes("\"issued\": 2013", "issued", "\"2013\"", 0);
	reading_makes("\"temporal\": \"2010-01-01/2010-06-30\"", "temporal",
		      "[{\"end\":\"2010-06-30\",\"start\":\"2010-01-01\"}]", 0);
	reading_makes("\"temporal\": \"2010/..\"", "temporal", "[{\"start\":\"2010\"}]", 0);
	reading_makes("\"temporal\": \"2010-2015\"", "temporal",
		      "[{\"end\":\"2015\",\"start\":\"2010\"}]", 1);
	reading_makes("\"temporal\": \"the dry season\"", "temporal",
		      "[{\"text\":\"the dry season\"}]", 0);
}

static void test_text_is_repaired(void **state)
{
	(void)state;
	reading_makes("\"description\": \"<p>R&amp;D</p>\\r\\n<br>more\"", "description",
		      "{\"und\":\"R&D\\n\\nmore\"}", 1);
	reading_makes("\"description\": \" a < b \"", "description", "{\"und\":\"a < b\"}", 0);
	reading_makes("\"title\": \"a\\nb\"", "title", "{\"und\":\"a b\"}", 0);
	reading_makes("\"license\": \"a\\u0007b\"", "license", "\"ab\"", 1);
	reading_makes("\"license\": \"a \\u0096 b\"", "license", "\"a \xe2\x80\x93 b\"", 1);
	reading_makes("\"keyword\": \"roads, bridges; rivers\"", "keyword",
		      "{\"und\":[\"roads\",\"bridges\",\"rivers\"]}", 1);
	reading_makes("\"license\": [\"a\", \"b\"]", "license", "\"a\"", 1);
}

static void test_urls_and_addresses_are_repaired(void **state)
{
	(void)state;
	reading_makes("\"landingPage\": \"www.example.org/a b\"", "landingPage",
		      "\"http://www.example.org/a%20b\"", 1);
	reading_makes("\"landingPage\": \"n/a\"", "landingPage", NULL, 1);
	reading_makes("\"landingPage\": \"n/a\"", "original", "{\"/landingPage\":\"n/a\"}", 1);
	reading_makes("\"contactPoint\": \"desk@example.org\"", "contact",
		      "[{\"email\":\"desk@example.org\"}]", 1);
	reading_makes("\"contactPoint\": \"Jo Doe <jo@example.org>\"", "contact",
		      "[{\"email\":\"jo@example.org\",\"name\":\"Jo Doe\"}]", 1);
	reading_makes("\"contactPoint\": {\"fn\": \"Jo\", \"hasEmail\": "
		      "\"mailto:jo@example.org\"}",
		      "contact", "[{\"email\":\"jo@example.org\",\"name\":\"Jo\"}]", 0);
	reading_makes("\"contactPoint\": {\"fn\": \"Jo\", \"hasEmail\": \"ask us\"}", "original",
		      "{\"/contact/0/email\":\"ask us\"}", 1);
	reading_makes(
		"\"distribution\": [{\"accessURL\": \"?\"}, {\"accessURL\": \"!\"}]", "original",
		"{\"/distribution/0/accessURL\":\"?\",\"/distribution/1/accessURL\":\"!\"}", 2);
}

static void test_places_are_understood(void **state)
{
	(void)state;
	reading_makes("\"spatial\": [\"ARG\"]", "spatial",
		      "[{\"country\":\"AR\",\"name\":{\"und\":\"ARG\"}}]", 0);
	reading_makes("\"spatial\": \"-124.7,24.5,-66.9,49.4\"", "spatial",
		      "[{\"bbox\":[-124.7,24.5,-66.9,49.4]}]", 0);
	reading_makes("\"spatial\": [1, 2, 3, 4]", "spatial", "[{\"bbox\":[1.0,2.0,3.0,4.0]}]", 0);
	reading_makes("\"spatial\": {\"type\": \"Point\", \"coordinates\": [1, 2]}", "spatial",
		      "[{\"geometry\":\"{\\\"coordinates\\\":[1,2],\\\"type\\\":\\\"Point\\\"}\"}]",
		      0);
	reading_makes("\"spatial\": \"POINT (1 2)\"", "spatial", "[{\"geometry\":\"POINT (1 2)\"}]",
		      0);
	reading_makes("\"spatial\": {\"bbox\": \"POLYGON((1 2, 1 4, 3 4, 3 2, 1 2))\"}", "spatial",
		      "[{\"bbox\":[1.0,2.0,3.0,4.0]}]", 0);
	reading_makes("\"spatial\": {\"bbox\": [1, 2, 3, 400], \"name\": \"X\"}", "spatial",
		      "[{\"name\":{\"und\":\"X\"}}]", 1);
	reading_makes("\"spatial\": "
		      "\"http://publications.europa.eu/resource/authority/country/KEN\"",
		      "spatial",
		      "[{\"country\":\"KE\",\"id\":\"http://publications.europa.eu/resource/"
		      "authority/country/KEN\"}]",
		      0);
}

static void test_languages_are_understood(void **state)
{
	(void)state;
	reading_makes("\"language\": [\"SPA\"]", "language", "[\"es\"]", 1);
	reading_makes("\"language\": [\"en+ar\"]", "language", "[\"en\",\"ar\"]", 1);
	reading_makes("\"language\": [\"Klingonish\"]", "language", NULL, 1);
	reading_makes("\"language\": \"fr\"", "title", "{\"fr\":\"T\"}", 0);
	reading_makes("\"language\": [\"fr\", \"en\"]", "title", "{\"und\":\"T\"}", 0);
}

static void test_the_catalogues_language_is_assumed(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("{\"language\": [\"spa\"], \"dataset\": [{\"title\": \"A\"}, {\"title\": \"B\", "
		   "\"language\": \"fr\"}]}",
		   &reading);
	reading_has(&reading, 0, "title", "{\"es\":\"A\"}");
	reading_has(&reading, 1, "title", "{\"fr\":\"B\"}");
	reading_close(&reading);
	/* A line of JSON lines is no catalogue. */
	reading_of("{\"title\": \"A\", \"language\": \"fr\"}\n{\"title\": \"B\"}\n", &reading);
	reading_has(&reading, 1, "title", "{\"und\":\"B\"}");
	reading_close(&reading);
}

/* 1,001 distributions; a title of 2,001 bytes; a listing of over 255 KiB. */
static void test_what_is_over_the_limits_is_rejected(void **state)
{
	struct catalog_buffer json = {0};
	struct reading reading;
	char *title = calloc(1, 2002);

	(void)state;
	assert_non_null(title);
	memset(title, 'x', 2001);
	assert_int_equal(catalog_buffer_print(&json,
					      "[{\"title\": \"%s\"}, {\"title\": \"A\", "
					      "\"distribution\": [",
					      title),
			 0);
	for (int i = 0; i < 1001; i++)
		assert_int_equal(
			catalog_buffer_print(&json, "%s{\"format\": \"CSV\"}", i == 0 ? "" : ","),
			0);
	assert_int_equal(catalog_buffer_print(&json, "]}, {\"title\": \"B\", \"x\": ["), 0);
	for (int i = 0; i < 200; i++)
		assert_int_equal(catalog_buffer_print(&json, "%s\"%s\"", i == 0 ? "" : ",", title),
				 0);
	assert_int_equal(catalog_buffer_print(&json, "]}, {\"title\": \"C\"}]"), 0);
	reading_of_bytes(json.bytes, json.len, CATALOG_READER_AUTO, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.rejected, 3);
	assert_string_equal(reading.ids, "C ");
	assert_non_null(strstr(reading.problems, "at most 1,000 distributions"));
	assert_non_null(strstr(reading.problems, "at most 255 KiB"));
	reading_close(&reading);
	catalog_buffer_close(&json);
	free(title);
}

TEST_MAIN("catalog/reader_datajson", cmocka_unit_test(test_every_property_finds_its_place),
	  cmocka_unit_test(test_what_is_empty_is_left_out_and_noted),
	  cmocka_unit_test(test_dates_are_repaired_where_they_have_one_meaning),
	  cmocka_unit_test(test_text_is_repaired),
	  cmocka_unit_test(test_urls_and_addresses_are_repaired),
	  cmocka_unit_test(test_places_are_understood),
	  cmocka_unit_test(test_languages_are_understood),
	  cmocka_unit_test(test_the_catalogues_language_is_assumed),
	  cmocka_unit_test(test_what_is_over_the_limits_is_rejected))
