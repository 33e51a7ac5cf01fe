#include "tests/catalog/reading.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PREFIXES                                                                                   \
	"@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"                                           \
	"@prefix dct: <http://purl.org/dc/terms/> .\n"

static void reading_rdf(const char *text, enum catalog_reader_format format,
			struct reading *ret_reading)
{
	reading_of_bytes(text, strlen(text), format, ret_reading);
}

/* Read one dataset of Turtle with a title and these statements, and compare a property. */
static void turtle_makes(const char *statements, const char *property, const char *json)
{
	struct reading reading;
	char text[8000];

	snprintf(text, sizeof text,
		 PREFIXES "<http://example.org/d> a dcat:Dataset ; dct:title \"T\" ; %s",
		 statements);
	reading_rdf(text, CATALOG_READER_TURTLE, &reading);
	if (reading.result != 0 || reading.accepted != 1)
		fail_msg("%d %s %s", reading.result, reading.error.text, reading.problems);
	reading_has(&reading, 0, property, json);
	reading_close(&reading);
}

static void test_properties_find_their_place(void **state)
{
	(void)state;
	turtle_makes("dct:description \"Rice\"@en, \"Riz\"@fr .", "description",
		     "{\"en\":\"Rice\",\"fr\":\"Riz\"}");
	turtle_makes("dcat:keyword \"a\"@en, \"b\"@en, \"c\" .", "keyword",
		     "{\"en\":[\"a\",\"b\"],\"und\":[\"c\"]}");
	turtle_makes("dct:license <http://example.org/l> .", "license", "\"http://example.org/l\"");
	turtle_makes("dct:publisher [ a foaf:Agent ; foaf:name \"N\"@en ; foaf:mbox "
		     "<mailto:a@example.org> ] .",
		     "publisher", "{\"email\":\"a@example.org\",\"name\":{\"en\":\"N\"}}");
	turtle_makes("dct:temporal [ dcat:startDate \"2010-01-01\"^^xsd:date ] .", "temporal",
		     "[{\"start\":\"2010-01-01\"}]");
	turtle_makes("dct:spatial "
		     "<http://publications.europa.eu/resource/authority/country/KEN> .",
		     "spatial",
		     "[{\"country\":\"KE\",\"id\":\"http://publications.europa.eu/resource/"
		     "authority/country/KEN\"}]");
	turtle_makes("dct:provenance [ rdfs:label \"Census\"@en, \"Sensa\"@sw ] .", "provenance",
		     "{\"en\":\"Census\",\"sw\":\"Sensa\"}");
	turtle_makes("dcat:distribution [ dcat:mediaType "
		     "<http://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize "
		     "\"12\"^^xsd:decimal ; spdx:checksum [ spdx:algorithm "
		     "spdx:checksumAlgorithm_sha256 ; spdx:checksumValue \"ab\" ] ] .",
		     "distribution",
		     "[{\"byteSize\":12,\"checksum\":{\"algorithm\":\"sha256\",\"value\":\"ab\"},"
		     "\"mediaType\":\"text/csv\"}]");
	turtle_makes("dcat:distribution [ dcat:mediaType "
		     "<https://www.iana.org/assignments/media-types/application/geo+json> ] .",
		     "distribution", "[{\"mediaType\":\"application/geo+json\"}]");
}

static void test_what_is_not_known_is_kept_under_its_iri(void **state)
{
	(void)state;
	turtle_makes("<http://example.org/p> \"1\"^^xsd:integer, [ dct:title \"in\" ] .", "extra",
		     "{\"@id\":\"http://example.org/d\",\"http://example.org/p\":[{\"@type\":"
		     "\"http://www.w3.org/2001/XMLSchema#integer\",\"@value\":\"1\"},{\"http://"
		     "purl.org/dc/terms/title\":\"in\"}]}");
	turtle_makes("dct:license [ rdfs:label \"Free\" ; rdfs:seeAlso <http://example.org/l> ] .",
		     "license", "\"Free\"");
	turtle_makes("dct:license [ rdfs:label \"Free\" ; rdfs:seeAlso <http://example.org/l> ] .",
		     "extra",
		     "{\"@id\":\"http://example.org/d\",\"http://purl.org/dc/terms/license\":{"
		     "\"http://www.w3.org/2000/01/rdf-schema#label\":\"Free\",\"http://www.w3.org/"
		     "2000/01/rdf-schema#seeAlso\":{\"@id\":\"http://example.org/l\"}}}");
	turtle_makes("<http://example.org/p> ( \"a\" \"b\" ) .", "extra",
		     "{\"@id\":\"http://example.org/d\",\"http://example.org/p\":{\"@list\":[\"a\","
		     "\"b\"]}}");
}

static void test_a_dataset_may_be_scattered_over_the_file(void **state)
{
	struct reading reading;

	(void)state;
	reading_rdf(
		PREFIXES
		"<http://example.org/x> dct:title \"Table\" ; dcat:downloadURL "
		"<http://example.org/x.csv> .\n"
		"<http://example.org/b> a dcat:Dataset ; dct:title \"B\" .\n"
		"<http://example.org/a> dct:title \"A\" ; dcat:distribution <http://example.org/x> "
		".\n"
		"<http://example.org/a> a dcat:Dataset, dcat:Resource ; dct:identifier \"a-1\" .\n"
		"<http://example.org/a> a dcat:Dataset ; dct:relation <http://example.org/b> .\n"
		"<http://example.org/c> a dcat:Catalog ; dct:title \"C\" ; dcat:dataset "
		"<http://example.org/a> .\n"
		"<http://example.org/r> a dcat:CatalogRecord ; dct:title \"R\" .\n"
		"<http://example.org/s> a dcat:DataService ; dct:title \"S\" ; "
		"dcat:servesDataset <http://example.org/a> .\n"
		"<http://example.org/i> a dcat:DatasetSeries ; dct:title \"I\" .\n",
		CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_string_equal(reading.ids, "http://example.org/b a-1 http://example.org/i ");
	reading_has(&reading, 1, "distribution",
		    "[{\"downloadURL\":\"http://example.org/x.csv\",\"id\":\"http://example.org/"
		    "x\",\"title\":{\"und\":\"Table\"}}]");
	reading_has(&reading, 1, "relation", "[\"http://example.org/b\"]");
	reading_has(&reading, 1, "service",
		    "[{\"id\":\"http://example.org/s\",\"title\":{\"und\":\"S\"}}]");
	reading_close(&reading);
}

static void test_the_three_syntaxes_say_the_same(void **state)
{
	static const char ntriples[] =
		"<http://example.org/d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
		"<http://www.w3.org/ns/dcat#Dataset> .\n"
		"<http://example.org/d> <http://purl.org/dc/terms/title> \"T\\u00e9\"@fr .\n"
		"<http://example.org/d> <http://purl.org/dc/terms/publisher> _:b .\n"
		"_:b <http://xmlns.com/foaf/0.1/name> \"N\" .\n";
	static const char turtle[] =
		PREFIXES "<http://example.org/d> a dcat:Dataset ; dct:title \"T\xc3\xa9\"@fr ; "
			 "dct:publisher [ <http://xmlns.com/foaf/0.1/name> \"N\" ] .";
	static const char rdfxml[] =
		"<?xml version=\"1.0\"?>\n<!DOCTYPE rdf:RDF [ <!ENTITY dcat "
		"\"http://www.w3.org/ns/dcat#\"> ]>\n"
		"<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
		"xmlns:dcat=\"&dcat;\" xmlns:dct=\"http://purl.org/dc/terms/\" "
		"xmlns:foaf=\"http://xmlns.com/foaf/0.1/\">\n"
		"<dcat:Dataset rdf:about=\"http://example.org/d\"><dct:title "
		"xml:lang=\"fr\">T&#233;</dct:title><dct:publisher><rdf:Description><foaf:name>N"
		"</foaf:name></rdf:Description></dct:publisher></dcat:Dataset></rdf:RDF>\n";
	static const char *const texts[] = {ntriples, turtle, rdfxml};
	struct reading first, other;

	(void)state;
	reading_of(ntriples, &first);
	assert_string_equal(first.ids, "http://example.org/d ");
	reading_has(&first, 0, "title", "{\"fr\":\"T\xc3\xa9\"}");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		reading_of(texts[i], &other);
		assert_true(catalog_value_equal(first.listings, other.listings));
		reading_close(&other);
	}
	reading_close(&first);
}

static void test_a_bad_statement_spoils_no_other(void **state)
{
	struct reading reading;

	(void)state;
	reading_rdf(PREFIXES
		    "\n<http://example.org/a> a dcat:Dataset ; dct:title \"A\" .\n"
		    "<http://example.org/b> a dcat:Dataset ; dct:title \"B ;\n"
		    "  dct:issued 2020 .\n"
		    "# a comment. With 'quotes' and \"more.\n"
		    "<http://example.org/c> a dcat:Dataset ; dct:title \"\"\"C.\n \"d\" .\"\"\" .\n"
		    "<http://example.org/e> dct:title dct:title dct:title .\n",
		    CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_string_equal(reading.ids, "http://example.org/a http://example.org/c ");
	assert_int_equal(reading.rejected, 2);
	assert_non_null(strstr(reading.problems, "record 1 (line 5)"));
	assert_non_null(strstr(reading.problems, "record 2 (line 10)"));
	reading_close(&reading);

	reading_rdf(PREFIXES "<> { <http://example.org/a> a dcat:Dataset .\n"
			     "<http://example.org/b> a dcat:Dataset ; dct:title \"{B}\" .\n"
			     "}\n"
			     "<http://example.org/c> a dcat:Dataset ; dct:title \"C\" .\n",
		    CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_string_equal(reading.ids, "http://example.org/b ");
	assert_int_equal(reading.rejected, 2);
	assert_non_null(strstr(reading.problems, "a brace"));
	reading_close(&reading);

	reading_rdf("<http://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
		    "<http://www.w3.org/ns/dcat#Dataset> .\n"
		    "<http://example.org/a> <http://purl.org/dc/terms/title> \"A .\n"
		    "<http://example.org/a> <http://purl.org/dc/terms/title> \"A\" .\n",
		    CATALOG_READER_NTRIPLES, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.accepted, 1);
	assert_non_null(strstr(reading.problems, "record 1 (line 2)"));
	reading_close(&reading);
}

static void test_prefixes_need_not_be_declared(void **state)
{
	struct reading reading;

	(void)state;
	reading_rdf("<http://example.org/a> a dcat:Dataset ; dcterms:title \"A\" ; x:y \"1\" .\n"
		    "PREFIX dct: <http://purl.org/dc/terms/>\nprefix x: <http://example.org/x#> "
		    "<http://example.org/b> a dcat:Dataset ; dct:title \"B\" ; x:y \"2\" .",
		    CATALOG_READER_TURTLE, &reading);
	assert_string_equal(reading.problems, "");
	assert_int_equal(reading.accepted, 2);
	reading_has(&reading, 0, "extra", "{\"@id\":\"http://example.org/a\",\"x:y\":\"1\"}");
	reading_has(&reading, 1, "extra",
		    "{\"@id\":\"http://example.org/b\",\"http://example.org/x#y\":\"2\"}");
	reading_close(&reading);
}

static void refused(const char *text, enum catalog_reader_format format, const char *said)
{
	struct reading reading;

	reading_rdf(text, format, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_int_equal(reading.accepted, 0);
	if (strstr(reading.error.text, said) == NULL)
		fail_msg("%s", reading.error.text);
	reading_close(&reading);
}

static void test_a_file_that_breaks_off_delivers_nothing(void **state)
{
	(void)state;
	refused(PREFIXES "<http://example.org/a> a dcat:Dataset ; dct:title \"A\" .\n\n"
			 "<http://example.org/b> a dcat:Dataset ;\n dct:ti",
		CATALOG_READER_TURTLE, "line 5");
	refused(PREFIXES "<http://example.org/a> a dcat:Dataset ; dct:title \"\"\"A .\n",
		CATALOG_READER_TURTLE, "line 3");
	refused("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
		"xmlns:dcat=\"http://www.w3.org/ns/dcat#\">\n<dcat:Dataset "
		"rdf:about=\"http://example.org/d\">\n",
		CATALOG_READER_RDFXML, "line 2");
	refused("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<a></b>",
		CATALOG_READER_RDFXML, "line 2");
	refused(PREFIXES "<http://example.org/a> dct:title \"A\" .\n", CATALOG_READER_TURTLE,
		"dcat:Dataset");
}

/* A document that declares an entity and uses it. */
static void refused_entity(const char *doctype, const char *said)
{
	char text[2000];

	snprintf(
		text, sizeof text,
		"<?xml version=\"1.0\"?>\n%s\n<rdf:RDF "
		"xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
		"xmlns:dcat=\"http://www.w3.org/ns/dcat#\" xmlns:dct=\"http://purl.org/dc/terms/\">"
		"<dcat:Dataset rdf:about=\"http://example.org/d\"><dct:title>&a;</dct:title>"
		"</dcat:Dataset></rdf:RDF>",
		doctype);
	refused(text, CATALOG_READER_RDFXML, said);
}

static void test_xml_bombs_are_refused(void **state)
{
	char doctype[1200] = "<!DOCTYPE r [<!ENTITY a \"";

	(void)state;
	refused_entity("<!DOCTYPE r [<!ENTITY b \"ha\"><!ENTITY a \"&b;&b;&b;&b;\">]>",
		       "holds others");
	refused_entity("<!DOCTYPE r [<!ENTITY % b \"ha\"> %b; ]>", "parameter entities");
	refused_entity("<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>", "never fetched");
	refused_entity("<!DOCTYPE r [<!ENTITY a PUBLIC \"x\" \"http://example.org/\">]>",
		       "never fetched");
	refused_entity("<!-- <!DOCTYPE --><?x [?><!DOCTYPE r [<!-- ] --><!ENTITY a '<b/>'>]>",
		       "holds others");
	memset(doctype + strlen(doctype), 'x', 1000);
	strncat(doctype, "\">]>", sizeof doctype - strlen(doctype) - 1);
	refused_entity(doctype, "256 bytes");
}

static void test_a_short_entity_does_not_grow_without_end(void **state)
{
	size_t len = 300000, at;
	char *text = malloc(len + 2000);
	struct reading reading;

	(void)state;
	assert_non_null(text);
	at = (size_t)snprintf(text, 1000,
			      "<!DOCTYPE r [<!ENTITY a \"%0200d\">]>\n<rdf:RDF "
			      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
			      "xmlns:dct=\"http://purl.org/dc/terms/\"><rdf:Description "
			      "rdf:about=\"http://example.org/d\"><dct:title>",
			      1);
	for (; at < len; at += 3)
		memcpy(text + at, "&a;", 3);
	text[at] = '\0';
	reading_rdf(text, CATALOG_READER_RDFXML, &reading);
	assert_int_equal(reading.result, -EBADMSG);
	assert_non_null(strstr(reading.error.text, "16 MiB"));
	reading_close(&reading);
	free(text);
}

/* Nobody must come to a socket that a document points to. */
static void test_nothing_is_fetched(void **state)
{
	static const enum catalog_reader_format formats[] = {CATALOG_READER_RDFXML,
							     CATALOG_READER_TURTLE};
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)state;
	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	for (size_t i = 0; i < 2; i++) {
		struct reading reading;
		char text[1000];
		unsigned port = ntohs(address.sin_port);

		if (i == 0)
			snprintf(text, sizeof text,
				 "<!DOCTYPE r SYSTEM \"http://127.0.0.1:%u/r.dtd\">\n<rdf:RDF "
				 "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
				 "xmlns:dcat=\"http://www.w3.org/ns/dcat#\"><dcat:Dataset "
				 "rdf:about=\"http://127.0.0.1:%u/d\"/></rdf:RDF>",
				 port, port);
		else
			snprintf(text, sizeof text,
				 "@base <http://127.0.0.1:%u/> .\n<d> a "
				 "<http://www.w3.org/ns/dcat#Dataset> .\n<http://127.0.0.1:%u/c> "
				 "<http://www.w3.org/2002/07/owl#imports> <b> .",
				 port, port);
		reading_rdf(text, formats[i], &reading);
		reading_close(&reading);
		assert_int_equal(accept(listener, NULL, NULL), -1);
		assert_int_equal(errno, EAGAIN);
	}
	close(listener);
}

static void test_loops_and_crowds_have_an_end(void **state)
{
	enum { LEVELS = 30 };
	struct catalog_buffer text = {0};
	struct reading reading;

	(void)state;
	turtle_makes(
		"<http://example.org/p> <http://example.org/d>, [ <http://example.org/q> "
		"<http://example.org/d> ] .",
		"extra",
		"{\"@id\":\"http://example.org/d\",\"http://example.org/p\":[{\"@id\":\"http://"
		"example.org/d\"},{\"http://example.org/q\":{\"@id\":\"http://example.org/d\"}}]"
		"}");
	turtle_makes(
		"<http://example.org/p> _:l . _:l rdf:first _:l ; rdf:rest rdf:nil .", "extra",
		"{\"@id\":\"http://example.org/d\",\"http://example.org/p\":{\"@list\":[{}]}}");
	/* Each level points ten times to the next: 10^7 nodes if each were written out. */
	assert_int_equal(catalog_buffer_print(&text, PREFIXES "_:n0 a dcat:Dataset ; dct:title "
							      "\"T\" .\n"),
			 0);
	for (int i = 0; i < LEVELS; i++)
		for (int k = 0; k < 10; k++)
			assert_int_equal(catalog_buffer_print(
						 &text, "_:n%d <http://example.org/p%d> _:n%d .\n",
						 i, k, i + 1),
					 0);
	reading_of_bytes(text.bytes, text.len, CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.rejected, 1);
	assert_non_null(strstr(reading.problems, "50,000 nodes"));
	reading_close(&reading);
	catalog_buffer_close(&text);
}

/* More than memory holds at once: several runs are merged, and all is found again. */
static void test_many_datasets_come_in_their_order(void **state)
{
	enum { COUNT = 120000 };
	struct catalog_buffer text = {0};
	struct reading reading;
	char expected[64];

	(void)state;
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(
			catalog_buffer_print(&text,
					     "<http://example.org/p%d> "
					     "<http://xmlns.com/foaf/0.1/name> \"P%d\" .\n",
					     COUNT - i, COUNT - i),
			0);
	assert_int_equal(catalog_buffer_print(&text, "%s", PREFIXES), 0);
	for (int i = 0; i < COUNT; i += 2000)
		assert_int_equal(catalog_buffer_print(&text,
						      "<http://example.org/%d> a dcat:Dataset ; "
						      "dct:title \"T%d\" ; dct:publisher "
						      "<http://example.org/p%d> .\n",
						      i, i, i + 1),
				 0);
	for (int i = 0; i < 200000; i++)
		assert_int_equal(
			catalog_buffer_print(&text, "<x%d> dct:title \"%d\" .\n", i % 777, i), 0);
	reading_of_bytes(text.bytes, text.len, CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.accepted, COUNT / 2000);
	for (size_t i = 0; i < COUNT / 2000; i++) {
		snprintf(expected, sizeof expected, "{\"und\":\"T%zu\"}", i * 2000);
		reading_has(&reading, i, "title", expected);
		snprintf(expected, sizeof expected, "P%zu", i * 2000 + 1);
		assert_string_equal(
			catalog_value_text(catalog_value_get(
				catalog_value_get(
					catalog_value_get(
						catalog_value_at(reading.listings, i, NULL),
						"publisher"),
					"name"),
				"und")),
			expected);
	}
	reading_close(&reading);
	catalog_buffer_close(&text);
}

static void test_text_that_is_not_utf8_is_told(void **state)
{
	struct reading reading;

	(void)state;
	reading_rdf(PREFIXES "<http://example.org/a> a dcat:Dataset ; dct:title \"A\xff\" .\n"
			     "<http://example.org/b> a dcat:Dataset ; dct:title \"B\" .\n",
		    CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.rejected, 1);
	assert_string_equal(reading.ids, "http://example.org/b ");
	reading_close(&reading);
	reading_rdf(PREFIXES
		    "<http://example.org/a> a dcat:Dataset ; dct:title \"A\" .\n"
		    "<http://example.org/a> dct:issued \"1\"^^<http://example.org/\xff> .\n",
		    CATALOG_READER_TURTLE, &reading);
	assert_int_equal(reading.result, 0);
	assert_int_equal(reading.rejected, 1);
	assert_string_equal(reading.ids, "http://example.org/a ");
	reading_close(&reading);
}

/* --- what others have published --------------------------------------------------------- */

static void test_catalogues_of_others_are_read(void **state)
{
	static const struct {
		const char *file;
		unsigned accepted, rejected;
		const char *title; /* of the first */
	} files[] = {
		{"catalog.rdf", 2, 0, "Example dataset 1"},
		{"catalog_datasets_list.rdf", 2, 0, "Example dataset 1"},
		{"catalog_pod.jsonld", 1, 0, "U.S. Widget Manufacturing Statistics"},
		{"catalog_with_at_graph.jsonld", 1, 0, "Title dataset"},
		{"dataset.rdf", 1, 0, "Zimbabwe Regional Geochemical Survey."},
		{"dataset.ttl", 1, 1, "HealthDCAT-AP test dataset"}, /* "^^<<http" in a statement */
		{"dataset_afs.ttl", 1, 0, "A test dataset on your catalogue"},
		{"dataset_deri.ttl", 1, 0, "Abandoned Vehicles"},
		{"dataset_gob_es.ttl", 1, 0,
		 "Estudio de Satisfacci\xc3\xb3n con el Programa de Escuelas Municipales de "
		 "Promoci\xc3\xb3n Deportiva en centros escolares"},
		{"dataset_health.ttl", 1, 0, "HealthDCAT-AP test dataset"},
		{"dataset_multilingual.ttl", 1, 0, "Test DCAT dataset"},
	};
	const char *shared = getenv("FEDCAT_SHARED"), *srcdir = getenv("srcdir");
	const struct catalog_reader_options options = {0};
	char dir[2000], path[2200];

	(void)state;
	if (shared != NULL)
		snprintf(dir, sizeof dir, "%s/data/dcat", shared);
	else
		snprintf(dir, sizeof dir, "%s/../shared/data/dcat", srcdir != NULL ? srcdir : ".");
	if (access(dir, R_OK) != 0) {
		print_message("skipped: no catalogues in %s\n", dir);
		skip();
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct reading reading = {.listings = catalog_value_new_list()};

		snprintf(path, sizeof path, "%s/%s", dir, files[i].file);
		reading.result =
			catalog_reader_read(path, &options, reading_each, &reading, &reading.error);
		if (reading.result != 0)
			fail_msg("%s: %s", path, reading.error.text);
		if (reading.accepted != files[i].accepted || reading.rejected != files[i].rejected)
			fail_msg("%s: %u accepted, %u rejected: %s", path, reading.accepted,
				 reading.rejected, reading.problems);
		assert_string_equal(
			catalog_listing_text(
				catalog_value_get(catalog_value_at(reading.listings, 0, NULL),
						  "title"),
				"en", NULL),
			files[i].title);
		reading_close(&reading);
	}
}

TEST_MAIN("catalog/reader_rdf", cmocka_unit_test(test_properties_find_their_place),
	  cmocka_unit_test(test_what_is_not_known_is_kept_under_its_iri),
	  cmocka_unit_test(test_a_dataset_may_be_scattered_over_the_file),
	  cmocka_unit_test(test_the_three_syntaxes_say_the_same),
	  cmocka_unit_test(test_a_bad_statement_spoils_no_other),
	  cmocka_unit_test(test_prefixes_need_not_be_declared),
	  cmocka_unit_test(test_a_file_that_breaks_off_delivers_nothing),
	  cmocka_unit_test(test_xml_bombs_are_refused),
	  cmocka_unit_test(test_a_short_entity_does_not_grow_without_end),
	  cmocka_unit_test(test_nothing_is_fetched),
	  cmocka_unit_test(test_loops_and_crowds_have_an_end),
	  cmocka_unit_test(test_many_datasets_come_in_their_order),
	  cmocka_unit_test(test_text_that_is_not_utf8_is_told),
	  cmocka_unit_test(test_catalogues_of_others_are_read))
