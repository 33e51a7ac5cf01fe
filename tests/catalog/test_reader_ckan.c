#include "tests/catalog/reading.h"

/* A package of these members makes this property. */
static void makes(const char *members, const char *property, const char *json, unsigned repairs)
{
	struct reading reading;
	char text[4000];

	snprintf(text, sizeof text, "{\"name\": \"rice\", \"notes\": \"N\", %s}", members);
	reading_of_bytes(text, strlen(text), CATALOG_READER_CKAN, &reading);
	assert_string_equal(reading.problems, "");
	assert_int_equal(reading.result, 0);
	reading_has(&reading, 0, property, json);
	if (reading.repairs != repairs)
		fail_msg("%s: %u repairs", members, reading.repairs);
	reading_close(&reading);
}

static void test_packages_are_found_in_every_answer_of_ckan(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("{\"help\": \"x\", \"success\": true, \"result\": {\"id\": \"1\", \"title\": "
		   "\"A\", \"resources\": []}}",
		   &reading);
	assert_string_equal(reading.ids, "1 ");
	reading_close(&reading);
	reading_of("{\"success\": true, \"result\": {\"count\": 2, \"sort\": \"x\", \"facets\": "
		   "{}, \"results\": [{\"id\": \"1\", \"title\": \"A\"}, {\"id\": \"2\", "
		   "\"title\": \"B\"}], \"search_facets\": {}}}",
		   &reading);
	assert_string_equal(reading.ids, "1 2 ");
	reading_close(&reading);
	reading_of("{\"id\": \"1\", \"title\": \"A\", \"notes\": \"\", \"language\": \"fr\"}\n"
		   "{\"id\": \"2\", \"title\": \"B\"}\n\n",
		   &reading);
	assert_string_equal(reading.ids, "1 2 ");
	reading_has(&reading, 1, "title", "{\"und\":\"B\"}");
	reading_close(&reading);
}

static void test_a_package_is_named_by_identifier_then_guid_then_id_then_name(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("[{\"name\": \"n\", \"id\": \"i\", \"notes\": \"\", \"extras\": [{\"key\": "
		   "\"guid\", \"value\": \"g\"}, {\"key\": \"identifier\", \"value\": \"x\"}]},"
		   "{\"name\": \"n\", \"id\": \"i\", \"extras\": [{\"key\": \"guid\", \"value\": "
		   "\"g\"}]}, {\"name\": \"n\", \"id\": \"i\"}, {\"name\": \"n\"}]",
		   &reading);
	assert_string_equal(reading.ids, "x g i n ");
	/* CKAN shows the name where there is no title. */
	reading_has(&reading, 3, "title", "{\"und\":\"n\"}");
	reading_close(&reading);
}

static void test_extras_are_properties(void **state)
{
	(void)state;
	makes("\"extras\": [{\"key\": \"dcat_issued\", \"value\": \"2012-05-10\"}]", "issued",
	      "\"2012-05-10\"", 0);
	makes("\"metadata_modified\": \"2020-01-01T00:00:00.123\", \"extras\": [{\"key\": "
	      "\"modified\", \"value\": \"2019\"}]",
	      "modified", "\"2019\"", 0);
	makes("\"extras\": [{\"key\": \"theme\", \"value\": \"[\\\"a\\\", \\\"b\\\"]\"}]", "theme",
	      "[\"a\",\"b\"]", 0);
	makes("\"extras\": [{\"key\": \"conforms_to\", \"value\": \"[\\\"http://s\\\"]\"}]",
	      "conformsTo", "[\"http://s\"]", 0);
	makes("\"extras\": [{\"key\": \"language\", \"value\": \"en,es\"}]", "language",
	      "[\"en\",\"es\"]", 1);
	makes("\"extras\": [{\"key\": \"publisher_uri\", \"value\": \"http://p\"}, {\"key\": "
	      "\"publisher_name\", \"value\": \"P\"}, {\"key\": \"publisher_email\", \"value\": "
	      "\"p@example.org\"}]",
	      "publisher",
	      "{\"email\":\"p@example.org\",\"id\":\"http://p\",\"name\":{\"und\":\"P\"}}", 0);
	makes("\"extras\": [{\"key\": \"spatial\", \"value\": \"{\\\"type\\\": \\\"Point\\\", "
	      "\\\"coordinates\\\": [1, 2]}\"}, {\"key\": \"spatial_text\", \"value\": "
	      "\"Nairobi\"}]",
	      "spatial",
	      "[{\"geometry\":\"{\\\"type\\\": \\\"Point\\\", \\\"coordinates\\\": [1, "
	      "2]}\",\"name\":{\"und\":\"Nairobi\"}}]",
	      0);
	makes("\"extras\": [{\"key\": \"spatial\", \"value\": "
	      "\"{\\\"type\\\":\\bPoint\\\",\\\"coordinates\\\":[1,2]}\"}, "
	      "{\"key\": \"spatial_text\", \"value\": \"Nairobi\"}]",
	      "spatial", "[{\"name\":{\"und\":\"Nairobi\"}}]", 1);
	makes("\"extras\": [{\"key\": \"spatial\", \"value\": \"Kenya\"}]", "spatial",
	      "[{\"country\":\"KE\",\"name\":{\"und\":\"Kenya\"}}]", 0);
	makes("\"extras\": [{\"key\": \"harvest\", \"value\": \"x\"}, {\"key\": \"name\", "
	      "\"value\": \"other\"}]",
	      "extra",
	      "{\"extras\":[{\"key\":\"name\",\"value\":\"other\"}],\"harvest\":\"x\",\"name\":"
	      "\"rice\"}",
	      0);
}

static void test_people_and_organizations(void **state)
{
	(void)state;
	makes("\"organization\": {\"id\": \"1\", \"name\": \"nbs\", \"title\": \"Office\"}",
	      "publisher",
	      "{\"extra\":{\"id\":\"1\",\"name\":\"nbs\"},\"name\":{\"und\":\"Office\"}}", 0);
	makes("\"author\": \"Jo\", \"author_email\": \"jo@example.org\"", "creator",
	      "[{\"email\":\"jo@example.org\",\"name\":{\"und\":\"Jo\"}}]", 0);
	makes("\"maintainer\": \"Jo\", \"maintainer_email\": \"\"", "contact",
	      "[{\"name\":\"Jo\"}]", 0);
	makes("\"license_id\": \"cc-by\", \"license_title\": \"CC BY\", \"license_url\": "
	      "\"http://cc/by\"",
	      "license", "\"http://cc/by\"", 0);
	makes("\"groups\": [{\"name\": \"agri\", \"display_name\": \"Agriculture\"}]", "theme",
	      "[\"Agriculture\"]", 0);
}

static void test_translations_win_over_the_default_text(void **state)
{
	(void)state;
	makes("\"title\": \"Rice\", \"title_translated\": {\"en\": \"Rice\", \"fr\": \"Riz\"}",
	      "title", "{\"en\":\"Rice\",\"fr\":\"Riz\"}", 0);
	makes("\"tags\": [{\"name\": \"Oaks\"}], \"tags_translated\": {\"en\": [\"Oaks\"], "
	      "\"fr\": []}",
	      "keyword", "{\"en\":[\"Oaks\"]}", 0);
	makes("\"title\": {\"en\": \"Rice\", \"fr\": \"\"}", "title", "{\"en\":\"Rice\"}", 0);
	makes("\"resources\": [{\"name\": \"T\", \"name_translated\": {\"en\": \"T\"}, \"hash\": "
	      "\"ab\", \"hash_algorithm\": \"md5\", \"size\": 3, \"created\": \"2020-01-01\", "
	      "\"url\": \"http://example.org/x\", \"package_id\": \"1\", \"position\": 0}]",
	      "distribution",
	      "[{\"accessURL\":\"http://example.org/"
	      "x\",\"byteSize\":3,\"checksum\":{\"algorithm\":\"md5\",\"value\":\"ab\"},\"extra\":"
	      "{\"position\":0},\"issued\":\"2020-01-01\",\"title\":{\"en\":\"T\"}}]",
	      0);
}

TEST_MAIN("catalog/reader_ckan", cmocka_unit_test(test_packages_are_found_in_every_answer_of_ckan),
	  cmocka_unit_test(test_a_package_is_named_by_identifier_then_guid_then_id_then_name),
	  cmocka_unit_test(test_extras_are_properties),
	  cmocka_unit_test(test_people_and_organizations),
	  cmocka_unit_test(test_translations_win_over_the_default_text))
