#include "tests/catalog/reading.h"

#define DATASET "\"@type\": \"http://www.w3.org/ns/dcat#Dataset\""
#define TITLE   "\"http://purl.org/dc/terms/title\""

static void reading_jsonld(const char *text, struct reading *ret_reading)
{
	reading_of_bytes(text, strlen(text), CATALOG_READER_JSONLD, ret_reading);
}

/* Read one dataset and compare a property. */
static void jsonld_makes(const char *text, const char *property, const char *json)
{
	struct reading reading;

	reading_jsonld(text, &reading);
	if (reading.result != 0 || reading.accepted != 1)
		fail_msg("%d %s %s", reading.result, reading.error.text, reading.problems);
	reading_has(&reading, 0, property, json);
	reading_close(&reading);
}

static void test_an_object_an_array_and_a_graph_say_the_same(void **state)
{
	static const char *const texts[] = {
		"{\"@id\": \"http://example.org/d\", " DATASET ", " TITLE ": \"T\"}",
		"[{\"@id\": \"http://example.org/d\", " DATASET ", " TITLE
		": [{\"@value\": \"T\"}]}]",
		"{\"@graph\": [{\"@id\": \"http://example.org/d\", " DATASET ", " TITLE
		": \"T\"}]}",
		"{\"@context\": {\"dct\": \"http://purl.org/dc/terms/\", \"dcat\": "
		"\"http://www.w3.org/ns/dcat#\"}, \"@id\": \"http://example.org/d\", \"@type\": "
		"[\"dcat:Dataset\"], \"dct:title\": \"T\"}",
		"{\"@graph\": [{\"@id\": \"d\", \"@type\": \"Set\", \"name\": \"T\"}], "
		"\"@context\": "
		"{\"@base\": \"http://example.org/\", \"Set\": \"dcat:Dataset\", \"name\": "
		"\"dct:title\"}}",
		"{\"@context\": {\"@vocab\": \"http://purl.org/dc/terms/\"}, \"@type\": "
		"\"http://www.w3.org/ns/dcat#Catalog\", \"http://www.w3.org/ns/dcat#dataset\": "
		"[{\"@id\": \"http://example.org/d\", \"title\": \"T\"}]}",
		"{\"@context\": [\"https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/"
		"dcat-ap.jsonld\", {\"x\": \"http://example.org/\"}], \"@id\": \"x:d\", \"@type\": "
		"\"Dataset\", \"title\": \"T\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct reading reading;

		reading_jsonld(texts[i], &reading);
		if (reading.result != 0 || reading.accepted != 1)
			fail_msg("%zu: %d %s %s", i, reading.result, reading.error.text,
				 reading.problems);
		assert_string_equal(reading.ids, "http://example.org/d ");
		reading_has(&reading, 0, "title", "{\"und\":\"T\"}");
		reading_has(&reading, 0, "extra", "{\"@id\":\"http://example.org/d\"}");
		reading_close(&reading);
	}
}

static void test_terms_say_what_their_values_are(void **state)
{
	(void)state;
	jsonld_makes("{\"@context\": {\"t\": {\"@id\": \"dct:title\", \"@container\": "
		     "\"@language\"}}, " DATASET ", \"t\": {\"en\": \"Rice\", \"fr\": [\"Riz\"], "
		     "\"@none\": \"R\"}}",
		     "title", "{\"en\":\"Rice\",\"fr\":\"Riz\",\"und\":\"R\"}");
	jsonld_makes("{\"@context\": {\"@language\": \"sw\", \"n\": {\"@id\": \"dct:title\", "
		     "\"@language\": null}}, " DATASET
		     ", \"n\": \"T\", \"dct:description\": \"D\"}",
		     "description", "{\"sw\":\"D\"}");
	jsonld_makes("{\"@context\": {\"l\": {\"@id\": \"dct:license\", \"@type\": \"@id\"}, "
		     "\"@base\": \"http://example.org/x/y\"}, " DATASET ", " TITLE
		     ": \"T\", \"l\": \"../z\"}",
		     "license", "\"http://example.org/z\"");
	jsonld_makes(
		"{\"@context\": {\"l\": {\"@id\": \"http://example.org/l\", \"@container\": "
		"\"@list\"}, \"s\": {\"@id\": \"dcat:theme\", \"@container\": \"@set\"}}, " DATASET
		", " TITLE ": \"T\", \"l\": [1, true], \"s\": [\"a\"]}",
		"extra",
		"{\"http://example.org/l\":{\"@list\":[{\"@type\":\"http://www.w3.org/2001/"
		"XMLSchema#integer\",\"@value\":\"1\"},{\"@type\":\"http://www.w3.org/2001/"
		"XMLSchema#boolean\",\"@value\":\"true\"}]}}");
	jsonld_makes("{\"@context\": {\"d\": {\"@id\": \"dct:issued\", \"@type\": "
		     "\"xsd:date\"}}, " DATASET ", " TITLE ": \"T\", \"d\": \"2020-01-02\"}",
		     "issued", "\"2020-01-02\"");
	jsonld_makes("{\"@context\": {\"n\": null}, " DATASET ", " TITLE ": \"T\", \"n\": \"x\"}",
		     "extra", NULL);
}

static void test_contexts_nest(void **state)
{
	(void)state;
	jsonld_makes("{\"@context\": {\"name\": \"dct:title\", \"org\": {\"@id\": "
		     "\"dct:publisher\", \"@context\": {\"name\": \"foaf:name\"}}}, " DATASET
		     ", \"name\": \"T\", \"org\": {\"name\": \"N\"}}",
		     "publisher", "{\"name\":{\"und\":\"N\"}}");
	jsonld_makes("{\"@context\": {\"name\": \"dct:title\"}, " DATASET
		     ", \"name\": \"T\", \"dct:publisher\": {\"@context\": {\"name\": "
		     "\"foaf:name\"}, \"name\": \"N\"}}",
		     "publisher", "{\"name\":{\"und\":\"N\"}}");
	jsonld_makes("{\"@context\": {\"Set\": {\"@id\": \"dcat:Dataset\", \"@context\": {\"n\": "
		     "\"dct:title\"}}}, \"@type\": \"Set\", \"n\": \"T\"}",
		     "title", "{\"und\":\"T\"}");
}

static void test_references_within_the_graph_are_followed(void **state)
{
	static const char text[] =
		"{\"@context\": {\"dcat\": \"http://www.w3.org/ns/dcat#\"}, \"@graph\": [\n"
		"{\"@id\": \"_:p\", \"foaf:name\": \"N\"},\n"
		"{\"@id\": \"http://example.org/d\", \"@type\": \"dcat:Dataset\", \"dct:title\": "
		"\"T\", \"dct:publisher\": {\"@id\": \"_:p\"}, \"dcat:distribution\": [{\"@id\": "
		"\"http://example.org/x\"}]},\n"
		"{\"@id\": \"http://example.org/x\", \"@type\": \"dcat:Distribution\", "
		"\"dcat:downloadURL\": {\"@id\": \"http://example.org/x.csv\"}},\n"
		"{\"@id\": \"http://example.org/s\", \"@type\": \"dcat:DataService\", "
		"\"dcat:servesDataset\": {\"@id\": \"http://example.org/d\"}}]}";
	struct reading reading;

	(void)state;
	reading_of(text, &reading);
	assert_string_equal(reading.ids, "http://example.org/d ");
	reading_has(&reading, 0, "publisher", "{\"name\":{\"und\":\"N\"}}");
	reading_has(
		&reading, 0, "distribution",
		"[{\"downloadURL\":\"http://example.org/x.csv\",\"id\":\"http://example.org/x\"}"
		"]");
	reading_has(&reading, 0, "service", "[{\"id\":\"http://example.org/s\"}]");
	reading_close(&reading);
}

static void test_a_context_that_lies_elsewhere_is_never_fetched(void **state)
{
	struct reading reading;

	(void)state;
	jsonld_makes("{\"@context\": \"http://127.0.0.1:1/c.jsonld\", \"@type\": \"Dataset\", "
		     "\"title\": \"T\"}",
		     "title", "{\"und\":\"T\"}");
	reading_jsonld("{\"@context\": \"http://127.0.0.1:1/c.jsonld\", \"@type\": \"Set\", "
		       "\"heading\": \"T\"}",
		       &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_non_null(strstr(reading.error.text, "http://127.0.0.1:1/c.jsonld"));
	assert_non_null(strstr(reading.error.text, "into the file"));
	reading_close(&reading);
}

static void test_a_bad_record_spoils_no_other(void **state)
{
	struct reading reading;

	(void)state;
	reading_jsonld("{\"@graph\": [\n{" DATASET ", " TITLE ": \"A\", \"x\": },\n{" DATASET
		       ", " TITLE ": \"B\"},\n{" DATASET "}]}",
		       &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.accepted, 1);
	assert_int_equal(reading.rejected, 2);
	assert_non_null(strstr(reading.problems, "record 1 (line 2)"));
	assert_non_null(strstr(reading.problems, "(line 4): /title"));
	reading_close(&reading);

	reading_jsonld("{\"@graph\": [\n{" DATASET ", " TITLE ": \"A\"},\n{" DATASET, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_int_equal(reading.accepted, 0);
	assert_non_null(strstr(reading.error.text, "line 3"));
	reading_close(&reading);
}

static void test_definitions_that_go_in_circles_end(void **state)
{
	(void)state;
	jsonld_makes(
		"{\"@context\": {\"a\": \"b\", \"b\": \"a\", \"c\": {\"@id\": \"c:c\"}}, " DATASET
		", " TITLE ": \"T\", \"a\": 1, \"c\": 2}",
		"title", "{\"und\":\"T\"}");
}

TEST_MAIN("catalog/reader_jsonld",
	  cmocka_unit_test(test_an_object_an_array_and_a_graph_say_the_same),
	  cmocka_unit_test(test_terms_say_what_their_values_are),
	  cmocka_unit_test(test_contexts_nest),
	  cmocka_unit_test(test_references_within_the_graph_are_followed),
	  cmocka_unit_test(test_a_context_that_lies_elsewhere_is_never_fetched),
	  cmocka_unit_test(test_a_bad_record_spoils_no_other),
	  cmocka_unit_test(test_definitions_that_go_in_circles_end))
