#include "tests/catalog/reading.h"

#include <stdlib.h>
#include <unistd.h>

#include "catalog/reader_detect.h"

static void detects(const char *text, enum catalog_reader_format expected)
{
	enum catalog_reader_format format = CATALOG_READER_AUTO;
	struct catalog_reader_source source;
	struct catalog_reader_error error = {{0}};
	struct catalog_span span = {(const uint8_t *)text, strlen(text)};

	assert_int_equal(catalog_reader_source_of_bytes(span, &source), 0);
	if (catalog_reader_detect_format(&source, &format, &error) != 0)
		fail_msg("%s: %s", text, error.text);
	catalog_reader_source_close(&source);
	assert_string_equal(catalog_reader_format_name(format),
			    catalog_reader_format_name(expected));
}

static void refuses(const char *text, size_t len, const char *why)
{
	struct reading reading;

	reading_of_bytes(text, len, CATALOG_READER_AUTO, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_int_equal(reading.accepted + reading.rejected, 0);
	assert_non_null(strstr(reading.error.text, why));
	reading_close(&reading);
}

static void test_json_formats_are_told_apart(void **state)
{
	(void)state;
	detects("{\"conformsTo\": \"x\", \"dataset\": [{\"title\": \"a\"}]}",
		CATALOG_READER_DATAJSON);
	detects("{\"@context\": \"https://example.org/catalog.jsonld\", \"@type\": "
		"\"dcat:Catalog\", \"dataset\": [{\"@type\": \"dcat:Dataset\", \"title\": "
		"\"a\"}]}",
		CATALOG_READER_DATAJSON);
	detects("{\"dataset\": []}", CATALOG_READER_DATAJSON);
	detects("[{\"identifier\": \"1\", \"title\": \"a\"}]", CATALOG_READER_DATAJSON);
	detects("{\"dataset\": [{}, [\"title\"], {\"title\": \"a\"}]}", CATALOG_READER_DATAJSON);
	detects("[{}, [\"@id\"], {\"@id\": \"a\"}]", CATALOG_READER_JSONLD);
	detects("{\"success\": true, \"result\": {\"name\": \"a\", \"resources\": []}}",
		CATALOG_READER_CKAN);
	detects("{\"success\": true, \"result\": {\"count\": 1, \"results\": [{\"name\": "
		"\"a\"}]}}",
		CATALOG_READER_CKAN);
	detects("{\"name\": \"a\", \"notes\": \"b\"}\n{\"name\": \"c\"}\n", CATALOG_READER_CKAN);
	detects("{\"@graph\": [{\"@type\": \"dcat:Dataset\"}]}", CATALOG_READER_JSONLD);
	detects("{\"@context\": {\"title\": \"http://purl.org/dc/terms/title\"}, \"dataset\": "
		"[{\"title\": \"a\"}]}",
		CATALOG_READER_JSONLD);
	detects("[{\"@id\": \"http://example.org/a\", \"http://purl.org/dc/terms/title\": []}]",
		CATALOG_READER_JSONLD);
	detects("{\"id\": \"a\", \"listing\": {\"title\": {\"en\": \"A\"}}}\n",
		CATALOG_READER_NATIVE);
}

static void test_other_formats_are_told_apart(void **state)
{
	(void)state;
	detects("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- a -->\n<rdf:RDF/>",
		CATALOG_READER_RDFXML);
	detects("# a comment\n@prefix dcat: <http://www.w3.org/ns/dcat#> .\n",
		CATALOG_READER_TURTLE);
	detects("PREFIX dcat: <http://www.w3.org/ns/dcat#>\n", CATALOG_READER_TURTLE);
	detects("<http://example.org/a> a <http://www.w3.org/ns/dcat#Dataset> ;\n",
		CATALOG_READER_TURTLE);
	detects("<http://example.org/a> <http://purl.org/dc/terms/title> \"A\"@en .\n",
		CATALOG_READER_NTRIPLES);
	detects("_:a <http://purl.org/dc/terms/title> \"A\"@en .\n", CATALOG_READER_NTRIPLES);
	detects("identifier,title,description\na,b,c\n", CATALOG_READER_CSV);
	detects("\xef\xbb\xbfTitle;Landing Page\r\n", CATALOG_READER_CSV);
}

static void test_what_is_no_catalogue_is_refused_with_a_reason(void **state)
{
	static const char gzip[] = "\x1f\x8b\x08\x00", utf16[] = "\xff\xfe{\0\"\0";

	(void)state;
	refuses("", 0, "empty");
	refuses("  \n", 3, "empty");
	refuses("<!DOCTYPE html><html></html>", 28, "web page");
	refuses("\n<HTML>", 7, "web page");
	refuses("just words", 10, "--format");
	refuses("a,b,c\n1,2,3\n", 12, "--format");
	refuses("{\"a\": 1}", 8, "no datasets");
	refuses(gzip, 4, "gzip");
	refuses(utf16, 6, "UTF-16");
	refuses("PK\3\4....", 8, "ZIP");
}

static void test_format_names_go_both_ways(void **state)
{
	enum catalog_reader_format format;

	(void)state;
	for (int i = CATALOG_READER_AUTO; i <= CATALOG_READER_NATIVE; i++) {
		const char *name = catalog_reader_format_name((enum catalog_reader_format)i);

		assert_int_equal(catalog_reader_format_named(name, &format), 0);
		assert_int_equal(format, i);
	}
	assert_int_equal(catalog_reader_format_named("xls", &format), -EINVAL);
}

static void test_one_bad_record_does_not_stop_the_others(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("{\"dataset\": [\n"
		   "{\"identifier\": \"a\", \"title\": \"A\"},\n"
		   "{\"identifier\": \"b\", \"title\" \"B\"},\n"
		   "{\"identifier\": \"c\"},\n"
		   "17,\n"
		   "{\"identifier\": \"d\", \"title\": \"D\"}]}",
		   &reading);
	assert_int_equal(reading.accepted, 2);
	assert_int_equal(reading.rejected, 3);
	assert_string_equal(reading.ids, "a d ");
	assert_non_null(strstr(reading.problems, "record 2 (line 3): : found line 3, column"));
	assert_non_null(strstr(reading.problems,
			       "record 3 (line 4): /title: found nothing, expected a title"));
	assert_non_null(strstr(reading.problems, "record 4 (line 5): : found no object"));
	reading_close(&reading);
}

static void test_an_id_given_twice_is_refused_where_it_comes_again(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("[{\"identifier\": \"a\", \"title\": \"A\"},\n"
		   "{\"identifier\": \"a\", \"title\": \"B\"},\n"
		   "{\"identifier\": \" a \", \"title\": \"A\"},\n"
		   "{\"identifier\": \"a\", \"title\": \"A\"},\n"
		   "{\"identifier\": \"b\", \"title\": \"A\"}]",
		   &reading);
	assert_int_equal(reading.accepted, 4);
	assert_int_equal(reading.repeats, 2);
	assert_string_equal(reading.problems,
			    "record 2 (line 2): /identifier: found the id of the record in "
			    "line 1: "
			    "a, expected an identifier that no other record of the file has\n");
	reading_close(&reading);
}

static void test_what_has_no_identifier_is_named_by_what_lasts(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("[{\"title\": \"A\", \"landingPage\": \"http://example.org/a\", "
		   "\"distribution\": [{\"accessURL\": \"http://example.org/x\"}]},\n"
		   "{\"title\": \"B\", \"distribution\": [{\"downloadURL\": "
		   "\"http://example.org/b\", \"accessURL\": \"http://example.org/c\"}]},\n"
		   "{\"title\": \"D\", \"distribution\": [{\"downloadURL\": "
		   "\"http://example.org/d\"}]},\n"
		   "{\"identifier\": \" \", \"title\": \"Rice yield\"}]",
		   &reading);
	assert_string_equal(reading.ids, "http://example.org/a http://example.org/c "
					 "http://example.org/d Rice-yield ");
	reading_close(&reading);
}

static void test_a_file_cut_short_gives_what_came_before(void **state)
{
	static const char json[] = "{\"dataset\": [{\"identifier\": \"a\", \"title\": \"A\"}, "
				   "{\"identifier\": \"b\", \"title\": \"B\"}]}";
	static const size_t first = sizeof "{\"dataset\": [{\"identifier\": \"a\", \"title\": "
					   "\"A\"}" -
				    1;
	struct reading reading;

	(void)state;
	for (size_t len = first; len < sizeof json - 1; len++) {
		reading_of_bytes(json, len, CATALOG_READER_AUTO, &reading);
		assert_int_equal(reading.result, -EBADMSG);
		assert_int_equal(reading.accepted, len < sizeof json - 3 ? 1 : 2);
		assert_non_null(strstr(reading.error.text, "line 1"));
		reading_close(&reading);
	}
}

static void test_native_lines_come_back_as_they_are(void **state)
{
	struct reading reading;

	(void)state;
	reading_of("{\"id\":\"a\",\"member\":\"nbs\",\"listing\":{\"title\":{\"en\":\"A\"},"
		   "\"original\":{\"/issued\":\"?\"}}}\n"
		   "{\"id\":\"b\"}\n"
		   "{\"id\":\"c\",\"listing\":{\"title\":{\"en\":\"C\"},\"issued\":\"?\"}}\n",
		   &reading);
	assert_int_equal(reading.accepted, 1);
	assert_int_equal(reading.repairs, 0);
	assert_int_equal(reading.rejected, 2);
	reading_has(&reading, 0, "original", "{\"/issued\":\"?\"}");
	assert_non_null(strstr(reading.problems, "/issued: found ?, expected a date"));
	reading_close(&reading);
}

/* A dataset in data.json, of CKAN and in CSV. */
static void test_one_dataset_in_three_formats_is_one(void **state)
{
	static const char datajson[] =
		"{\"dataset\": [{\"identifier\": \"Rice Yield 2024\", \"title\": \"Rice yield\", "
		"\"description\": \"By district.\", \"keyword\": [\"rice\", \"yield\"], "
		"\"landingPage\": \"https://example.org/rice\", \"language\": [\"en\"], "
		"\"license\": \"https://example.org/by\", \"issued\": \"2024-02-01\", "
		"\"publisher\": {\"name\": \"Office of Statistics\"}, \"contactPoint\": {\"fn\": "
		"\"Desk\", \"hasEmail\": \"mailto:desk@example.org\"}, \"temporal\": "
		"\"2023-01-01/2023-12-31\", \"accrualPeriodicity\": \"annual\", \"spatial\": "
		"\"Viet Nam\", \"distribution\": [{\"title\": \"Table\", \"format\": \"CSV\", "
		"\"accessURL\": \"https://example.org/rice.csv\"}]}]}";
	static const char ckan[] =
		"{\"success\": true, \"result\": {\"identifier\": \" Rice  Yield 2024\", "
		"\"title\": "
		"\"Rice yield\", \"notes\": \"By district.\", \"tags\": [{\"name\": \"rice\"}, "
		"{\"name\": \"yield\"}], \"url\": \"https://example.org/rice\", \"license_url\": "
		"\"https://example.org/by\", \"author\": \"\", \"extras\": [{\"key\": \"issued\", "
		"\"value\": \"2024-02-01\"}, {\"key\": \"language\", \"value\": \"[\\\"en\\\"]\"}, "
		"{\"key\": \"contact_name\", \"value\": \"Desk\"}, {\"key\": \"contact_email\", "
		"\"value\": \"desk@example.org\"}, {\"key\": \"temporal_start\", \"value\": "
		"\"2023-01-01\"}, {\"key\": \"temporal_end\", \"value\": \"2023-12-31\"}, "
		"{\"key\": "
		"\"frequency\", \"value\": \"annual\"}, {\"key\": \"spatial_text\", \"value\": "
		"\"Viet Nam\"}, {\"key\": \"publisher_name\", \"value\": \"Office of "
		"Statistics\"}], \"resources\": [{\"name\": \"Table\", \"format\": \"CSV\", "
		"\"url\": \"https://example.org/rice.csv\"}]}}";
	static const char csv[] =
		"identifier,title,description,keywords,landing_page,language,license,issued,"
		"publisher,contact_name,contact_email,temporal_start,temporal_end,frequency,"
		"country,"
		"distribution_title,format,access_url\r\n"
		"Rice Yield 2024,Rice yield,By district.,rice|yield,https://example.org/rice,en,"
		"https://example.org/by,2024-02-01,Office of Statistics,Desk,desk@example.org,"
		"2023-01-01,2023-12-31,annual,Viet Nam,Table,CSV,https://example.org/rice.csv\r\n";
	struct reading first, other;

	(void)state;
	reading_of(datajson, &first);
	assert_string_equal(first.ids, "Rice-Yield-2024 ");
	reading_has(&first, 0, "spatial", "[{\"country\":\"VN\",\"name\":{\"en\":\"Viet Nam\"}}]");
	for (int i = 0; i < 2; i++) {
		struct catalog_value *a, *b;

		reading_of(i == 0 ? ckan : csv, &other);
		assert_int_equal(other.repairs, 0);
		assert_string_equal(other.ids, first.ids);
		a = catalog_value_clone(catalog_value_at(first.listings, 0, NULL));
		b = catalog_value_clone(catalog_value_at(other.listings, 0, NULL));
		/* As the source wrote it. */
		catalog_value_free(catalog_value_take(a, "identifier"));
		catalog_value_free(catalog_value_take(b, "identifier"));
		if (!catalog_value_equal(a, b)) {
			struct catalog_buffer text = {0};

			assert_int_equal(catalog_json_write(b, CATALOG_JSON_INDENTED, &text), 0);
			fail_msg("%.*s", (int)text.len, (char *)text.bytes);
		}
		catalog_value_free(a);
		catalog_value_free(b);
		reading_close(&other);
	}
	reading_close(&first);
}

static void test_the_default_language_is_that_of_text_that_does_not_say(void **state)
{
	static const char json[] = "[{\"identifier\": \"a\", \"title\": \"A\"}, {\"identifier\": "
				   "\"b\", \"title\": \"B\", \"language\": \"fr\"}]";
	struct catalog_reader_options options = {.default_language = "pt_br"};
	struct reading reading = {.listings = catalog_value_new_list()};
	struct catalog_span span = {(const uint8_t *)json, sizeof json - 1};

	(void)state;
	assert_int_equal(
		catalog_reader_read_bytes(span, &options, reading_each, &reading, &reading.error),
		0);
	reading_has(&reading, 0, "title", "{\"pt-BR\":\"A\"}");
	reading_has(&reading, 1, "title", "{\"fr\":\"B\"}");
	options.default_language = "no such language";
	assert_int_equal(
		catalog_reader_read_bytes(span, &options, reading_each, &reading, &reading.error),
		-EINVAL);
	reading_close(&reading);
}

static int stop(void *arg, const struct catalog_reader_record *record)
{
	(void)record;
	++*(unsigned *)arg;
	return -ECANCELED;
}

static void test_what_the_caller_returns_stops_reading(void **state)
{
	static const char json[] = "[{\"title\": \"A\"}, {\"title\": \"B\"}]",
			  csv[] = "title\nA\nB\n";
	struct catalog_reader_options options = {0};
	struct catalog_reader_error error;
	unsigned calls = 0;

	(void)state;
	assert_int_equal(catalog_reader_read_bytes(
				 (struct catalog_span){(const uint8_t *)json, sizeof json - 1},
				 &options, stop, &calls, &error),
			 -ECANCELED);
	assert_int_equal(catalog_reader_read_bytes(
				 (struct catalog_span){(const uint8_t *)csv, sizeof csv - 1},
				 &options, stop, &calls, &error),
			 -ECANCELED);
	assert_int_equal(calls, 2);
}

static void on_progress(void *arg, uint64_t done_bytes, uint64_t total_bytes)
{
	uint64_t *last = arg;

	assert_true(done_bytes >= *last && done_bytes <= total_bytes);
	*last = done_bytes;
}

static void test_a_file_is_read_from_disk_and_tells_its_progress(void **state)
{
	static const char csv[] = "title,identifier\nA,a\n";
	char path[] = "/tmp/fedcat-test-XXXXXX";
	uint64_t last = 0;
	struct catalog_reader_options options = {.progress = on_progress, .progress_arg = &last};
	struct reading reading = {.listings = catalog_value_new_list()};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, csv, sizeof csv - 1), sizeof csv - 1);
	close(fd);
	assert_int_equal(
		catalog_reader_read(path, &options, reading_each, &reading, &reading.error), 0);
	assert_int_equal(last, sizeof csv - 1);
	assert_string_equal(reading.ids, "a ");
	/* As standard input, which cannot be rewound. */
	assert_non_null(freopen(path, "rb", stdin));
	assert_int_equal(catalog_reader_read("-", &options, reading_each, &reading, &reading.error),
			 0);
	assert_string_equal(reading.ids, "a a ");
	unlink(path);
	assert_int_equal(
		catalog_reader_read(path, &options, reading_each, &reading, &reading.error),
		-ENOENT);
	assert_non_null(strstr(reading.error.text, path));
	assert_int_equal(catalog_reader_read("/", &options, reading_each, &reading, &reading.error),
			 -EISDIR);
	reading_close(&reading);
}

TEST_MAIN("catalog/reader", cmocka_unit_test(test_json_formats_are_told_apart),
	  cmocka_unit_test(test_other_formats_are_told_apart),
	  cmocka_unit_test(test_what_is_no_catalogue_is_refused_with_a_reason),
	  cmocka_unit_test(test_format_names_go_both_ways),
	  cmocka_unit_test(test_one_bad_record_does_not_stop_the_others),
	  cmocka_unit_test(test_an_id_given_twice_is_refused_where_it_comes_again),
	  cmocka_unit_test(test_what_has_no_identifier_is_named_by_what_lasts),
	  cmocka_unit_test(test_a_file_cut_short_gives_what_came_before),
	  cmocka_unit_test(test_native_lines_come_back_as_they_are),
	  cmocka_unit_test(test_one_dataset_in_three_formats_is_one),
	  cmocka_unit_test(test_the_default_language_is_that_of_text_that_does_not_say),
	  cmocka_unit_test(test_what_the_caller_returns_stops_reading),
	  cmocka_unit_test(test_a_file_is_read_from_disk_and_tells_its_progress))
