#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog/exact.h"
#include "catalog/export.h"
#include "catalog/json.h"
#include "catalog/listing.h"
#include "catalog/reader.h"

static const struct {
	enum catalog_export_format format;
	enum catalog_reader_format reader;
	const char *name;
} formats[] = {
	{CATALOG_EXPORT_JSONLD, CATALOG_READER_JSONLD, "JSON-LD"},
	{CATALOG_EXPORT_DATAJSON, CATALOG_READER_DATAJSON, "data.json"},
	{CATALOG_EXPORT_NTRIPLES, CATALOG_READER_NTRIPLES, "N-Triples"},
	{CATALOG_EXPORT_NATIVE, CATALOG_READER_NATIVE, "our own"},
};
enum { FORMATS = sizeof formats / sizeof *formats };

#define SAMPLE 60 /* of a real catalogue */

/* Listings and their ids. */
struct items {
	struct catalog_value *ids, *listings;
};

static void items_init(struct items *items)
{
	items->ids = catalog_value_new_list();
	items->listings = catalog_value_new_list();
	assert_non_null(items->ids);
	assert_non_null(items->listings);
}

static void items_close(struct items *items)
{
	catalog_value_free(items->ids);
	catalog_value_free(items->listings);
}

static void items_add(struct items *items, const char *id, const struct catalog_value *listing)
{
	assert_int_equal(catalog_value_append(items->ids, catalog_value_new_string(id)), 0);
	assert_int_equal(catalog_value_append(items->listings, catalog_value_clone(listing)), 0);
}

static void items_add_json(struct items *items, const char *id, const char *json)
{
	struct catalog_value *listing = NULL;
	struct catalog_problem problem;

	assert_int_equal(
		catalog_json_read((struct catalog_span){(const uint8_t *)json, strlen(json)},
				  &listing, NULL),
		0);
	if (catalog_listing_check(listing, &problem) != 0)
		fail_msg("%s: %s, expected %s", problem.path, problem.found, problem.expected);
	items_add(items, id, listing);
	catalog_value_free(listing);
}

static int keep(void *arg, const struct catalog_reader_record *record)
{
	if (record->listing != NULL && !record->is_repeat)
		items_add(arg, record->id, record->listing);
	else if (record->listing == NULL)
		print_message("%s: %s: found %s, expected %s\n", record->place,
			      record->problem->path, record->problem->found,
			      record->problem->expected);
	return 0;
}

/* The ids of real catalogues hold anything. */
static void write_uri(const char *id, char ret_uri[700])
{
	int len = snprintf(ret_uri, 700, "https://example.org/dataset/");

	for (; *id != '\0'; id++)
		if (strchr("<>\"{}|\\^`%#[]", *id) != NULL || *id <= ' ')
			len += snprintf(ret_uri + len, 700 - (size_t)len, "%%%02X",
					(unsigned char)*id);
		else
			len += snprintf(ret_uri + len, 700 - (size_t)len, "%c", *id);
}

/* Every other listing has them. */
static const struct catalog_export_links links = {
	.receipt = "https://data.example.org/api/v1/listings/member/a%2Fb/receipt",
	.log = "https://data.example.org/log/member",
};

static void export_items(const struct items *items, enum catalog_export_format format,
			 struct catalog_buffer *ret_text)
{
	assert_int_equal(catalog_export_begin(format, "A \"title\"", ret_text), 0);
	for (size_t i = 0; i < catalog_value_count(items->ids); i++) {
		const char *id = catalog_value_text(catalog_value_at(items->ids, i, NULL));
		char uri[700];

		write_uri(id, uri);
		assert_int_equal(catalog_export_listing(format, "member", id, uri,
							catalog_value_at(items->listings, i, NULL),
							i % 2 == 0 ? &links : NULL, i == 0,
							ret_text),
				 0);
	}
	assert_int_equal(catalog_export_end(format, ret_text), 0);
}

/* What would have to change for the one to be the other. */
static void print_difference(const struct catalog_value *read, const struct catalog_value *exported)
{
	struct catalog_value *patch = NULL;
	struct catalog_buffer text = {0};

	assert_int_equal(catalog_exact_diff(read, exported, &patch), 0);
	assert_int_equal(catalog_json_write(patch, CATALOG_JSON_COMPACT, &text), 0);
	fprintf(stderr, "%.*s\n", text.len > 3000 ? 3000 : (int)text.len, (char *)text.bytes);
	catalog_buffer_close(&text);
	catalog_value_free(patch);
}

/* Read an export of items back; language is what the reader assumes. */
static void comes_back(const struct items *items, size_t f, const char *language, int by_content)
{
	const struct catalog_reader_options options = {.format = by_content ? CATALOG_READER_AUTO
									    : formats[f].reader,
						       .default_language = language};
	struct catalog_reader_error error = {{0}};
	struct catalog_buffer text = {0};
	struct items read;
	int r;

	items_init(&read);
	export_items(items, formats[f].format, &text);
	r = catalog_reader_read_bytes(catalog_buffer_span(&text), &options, keep, &read, &error);
	if (r != 0)
		fail_msg("%s: %d %s", formats[f].name, r, error.text);
	if (catalog_value_count(read.ids) != catalog_value_count(items->ids))
		fail_msg("%s: %zu of %zu", formats[f].name, catalog_value_count(read.ids),
			 catalog_value_count(items->ids));
	for (size_t i = 0; i < catalog_value_count(items->ids); i++) {
		assert_string_equal(catalog_value_text(catalog_value_at(read.ids, i, NULL)),
				    catalog_value_text(catalog_value_at(items->ids, i, NULL)));
		if (catalog_value_equal(catalog_value_at(read.listings, i, NULL),
					catalog_value_at(items->listings, i, NULL)))
			continue;
		print_difference(catalog_value_at(read.listings, i, NULL),
				 catalog_value_at(items->listings, i, NULL));
		fail_msg("%s: listing %zu differs", formats[f].name, i);
	}
	catalog_buffer_close(&text);
	items_close(&read);
}

static void all_come_back(const struct items *items)
{
	for (size_t f = 0; f < FORMATS; f++) {
		comes_back(items, f, NULL, 0);
		comes_back(items, f, "sw", 1);
	}
}

/* --- by hand --------------------------------------------------------------------------- */

#define EVERYTHING                                                                                 \
	"{\"title\": {\"en\": \"Rice yield\", \"sw\": \"Mavuno\", \"zh-Hant\": \"稻米\"},"       \
	"\"description\": {\"en\": \"Line\\nand \\\"line\\\" \\\\ <b>bold</b>\", \"und\": \"?\"}," \
	"\"keyword\": {\"en\": [\"rice\", \"a, b\"], \"und\": [\"c\", \"c;d\"]},"                  \
	"\"theme\": [\"agriculture\", \"http://eurovoc.europa.eu/100142\"],"                       \
	"\"identifier\": [\"Rice 2020\", \"https://doi.org/10.1/x\"],"                             \
	"\"landingPage\": \"https://example.org/rice?a=1&b=%20#c\","                               \
	"\"page\": [\"https://example.org/doc\", \"ftp://example.org/d\"],"                        \
	"\"license\": \"https://creativecommons.org/licenses/by/4.0/\","                           \
	"\"accessRights\": \"public\", \"rights\": {\"en\": \"Some rights\"},"                     \
	"\"policy\": [{\"@type\": \"Offer\", \"permission\": [{\"action\": \"use\"}]},"            \
	" {\"@type\": [\"http://www.w3.org/ns/odrl/2/Offer\"], "                                   \
	"\"http://www.w3.org/ns/odrl/2/permission\": {\"http://www.w3.org/ns/odrl/2/action\": "    \
	"{\"@id\": \"http://www.w3.org/ns/odrl/2/use\"}}}],"                                       \
	"\"contact\": [{\"name\": \"Jane Doe\", \"email\": \"jane@example.org\", \"url\": "        \
	"\"https://example.org/jane\", \"phone\": \"+254 20 1\"}, {\"email\": "                    \
	"\"b@example.org\"}],"                                                                     \
	"\"creator\": [{\"name\": {\"en\": \"Bureau\", \"fr\": \"Bureau\"}, \"id\": "              \
	"\"https://ror.org/05wg1m734\", \"type\": \"Institute\"}, {\"id\": "                       \
	"\"https://ror.org/05wg1m735\"}],"                                                         \
	"\"publisher\": {\"name\": {\"en\": \"NBS\"}, \"id\": \"nbs\", \"type\": "                 \
	"\"http://purl.org/adms/publishertype/NationalAuthority\", \"email\": \"i@example.org\", " \
	"\"url\": \"https://example.org/\", \"extra\": {\"code\": 5}},"                            \
	"\"issued\": \"2020-03\", \"modified\": \"2020-03-09T14:05:00Z\", \"frequency\": "         \
	"\"R/P1Y\", \"language\": [\"en\", \"pt-BR\"],"                                            \
	"\"spatial\": [{\"name\": {\"en\": \"Kenya\"}, \"country\": \"KE\"}, {\"country\": "       \
	"\"VN\"}, {\"bbox\": [33.9, -4.7, 41.9, 5]}, {\"id\": "                                    \
	"\"http://publications.europa.eu/resource/authority/country/KEN\", \"country\": \"KE\"},"  \
	" {\"geometry\": \"POINT (36.8 -1.3)\"}, {\"geometry\": \"{\\\"type\\\": \\\"Point\\\", "  \
	"\\\"coordinates\\\": [36.8, -1.3]}\"}],"                                                  \
	"\"temporal\": [{\"start\": \"1990\", \"end\": \"2020-12-31\"}, {\"text\": \"since "       \
	"independence\"}, {\"start\": \"2001-01\"}],"                                              \
	"\"provenance\": {\"en\": \"Census\", \"fr\": \"Recensement\"}, \"version\": \"1.0\","     \
	"\"versionNotes\": {\"en\": \"First\"}, \"type\": \"Statistical\","                        \
	"\"conformsTo\": [\"Standard 1\", \"https://example.org/standard\"],"                      \
	"\"source\": [\"https://example.org/s\"], \"isVersionOf\": [\"v\"],"                       \
	"\"hasVersion\": [\"https://example.org/v2\"], \"isReferencedBy\": "                       \
	"[\"https://doi.org/10.1/y\"], \"relation\": [\"dct:title\", \"urn:x:y\"],"                \
	"\"distribution\": [{\"id\": \"d-1\", \"title\": {\"en\": \"Table\", \"und\": \"T\"}, "    \
	"\"description\": {\"fr\": \"Tableau\"}, \"accessURL\": \"https://example.org/a\", "       \
	"\"downloadURL\": \"https://example.org/a.csv\", \"mediaType\": \"text/csv\", "            \
	"\"format\": "                                                                             \
	"\"CSV\", \"byteSize\": 9007199254740993, \"checksum\": {\"algorithm\": \"sha256\", "      \
	"\"value\": \"ab\", \"extra\": {\"by\": \"us\"}}, \"license\": \"CC BY\", \"rights\": "    \
	"{\"und\": \"r\"}, \"issued\": \"2020\", \"modified\": \"2021-01-01\", \"language\": "     \
	"[\"sw\"], \"conformsTo\": [\"a\", \"b\"], \"availability\": \"stable\", \"policy\": "     \
	"[{\"uid\": \"x\"}], \"service\": {\"id\": \"https://example.org/api\", \"title\": "       \
	"{\"en\": \"API\"}, \"description\": {\"en\": \"An API\"}, \"endpointURL\": "              \
	"[\"https://example.org/api/1\"], \"endpointDescription\": "                               \
	"[\"https://example.org/api.json\"]}, \"extra\": {\"describedBy\": "                       \
	"\"https://example.org/dict\", \"http://www.w3.org/ns/dcat#packageFormat\": {\"@id\": "    \
	"\"http://example.org/tar\"}}}, {\"id\": \"https://example.org/x#2\"}],"                   \
	"\"service\": [{\"id\": \"s\", \"endpointURL\": [\"https://example.org/sparql\", "         \
	"\"https://example.org/sparql2\"]}],"                                                      \
	"\"extra\": {\"@id\": \"https://example.org/own\", \"@type\": "                            \
	"[\"http://www.w3.org/ns/dcat#DatasetSeries\"], \"bureauCode\": [\"015:11\"], \"deep\": "  \
	"{\"a\": [1, 2.5, null, true, {\"b\": []}]}, \"http://example.org/p\": [{\"@value\": "     \
	"\"1\", \"@type\": \"http://www.w3.org/2001/XMLSchema#integer\"}, {\"@value\": \"x\", "    \
	"\"@language\": \"en-GB\"}, {\"@id\": \"http://example.org/n\", "                          \
	"\"http://purl.org/dc/terms/title\": \"named\"}, {\"@list\": [\"a\", \"b\"]}], "           \
	"\"http://example.org/has space\": 1, \"fedcat:id\": \"sly\", \"\": \"empty\"},"           \
	"\"original\": {\"/issued\": \"March 2020\", \"/description/en\": \"<p>Line</p>\"}}"

static void test_a_listing_with_everything_comes_back(void **state)
{
	struct items items;

	(void)state;
	items_init(&items);
	items_add_json(&items, "rice/yield-2020", EVERYTHING);
	items_add_json(&items, "plain", "{\"title\": {\"und\": \"Plain\"}}");
	/* What one says of a place or a publisher is not what another says of it. */
	items_add_json(&items, "a",
		       "{\"title\": {\"en\": \"A\"}, \"publisher\": {\"id\": "
		       "\"https://ror.org/1\", \"name\": {\"en\": \"One\"}}, \"distribution\": "
		       "[{\"id\": \"https://example.org/x#2\", \"format\": \"A\"}]}");
	items_add_json(&items, "b",
		       "{\"title\": {\"en\": \"B\"}, \"publisher\": {\"id\": "
		       "\"https://ror.org/1\", \"name\": {\"en\": \"Two\"}}, \"distribution\": "
		       "[{\"id\": \"https://example.org/x#2\", \"format\": \"B\"}]}");
	items_add_json(&items, "一二三",
		       "{\"title\": {\"zh\": \"三\"}, \"identifier\": [\"other\"]}");
	all_come_back(&items);
	items_close(&items);
}

static void test_an_empty_catalogue_is_one(void **state)
{
	struct items items;

	(void)state;
	items_init(&items);
	for (size_t f = 0; f < FORMATS - 1; f++)
		comes_back(&items, f, NULL, 0);
	items_close(&items);
}

/* Those of the exporter are left out, and a listing's own, of the same names or even the same, are
 * not. */
static void test_links_to_the_proof_are_none_of_the_listing(void **state)
{
	static const char *const extras[] = {
		"{}",
		"{\"http://www.w3.org/ns/prov#has_provenance\": {\"@id\": \"http://a.b/prov\"},"
		" \"http://www.w3.org/2000/01/rdf-schema#seeAlso\": [{\"@id\": \"http://a.b/1\"},"
		" {\"@id\": \"http://a.b/2\"}]}",
		"{\"http://www.w3.org/ns/prov#has_provenance\": {\"@id\": "
		"\"https://data.example.org/api/v1/listings/member/a%2Fb/receipt\"},"
		" \"http://www.w3.org/2000/01/rdf-schema#seeAlso\": "
		"\"https://data.example.org/log/member/checkpoint\"}",
		"{\"http://www.w3.org/ns/prov#has_provenance\": [{\"@id\": "
		"\"https://data.example.org/api/v1/listings/member/a%2Fb/receipt\"}, {\"@id\": "
		"\"http://a.b/prov\", \"http://purl.org/dc/terms/title\": \"P\"}],"
		" \"fedcat:receipt\": \"http://a.b/r\", \"prov:has_provenance\": [\"x\"],"
		" \"rdfs:seeAlso\": \"y\"}",
	};
	struct items items;
	char json[1024];

	(void)state;
	items_init(&items);
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		snprintf(json, sizeof json, "{\"title\": {\"en\": \"T\"}, \"extra\": %s}",
			 extras[i]);
		/* Both with links and without. */
		for (int k = 0; k < 2; k++) {
			char id[16];

			snprintf(id, sizeof id, "%zu-%d", i, k);
			items_add_json(&items, id, i == 0 ? "{\"title\": {\"en\": \"T\"}}" : json);
		}
	}
	all_come_back(&items);
	items_close(&items);
}

static void test_an_export_links_to_the_proof(void **state)
{
	static const char *const lines[] = {
		"<http://www.w3.org/ns/prov#has_provenance> "
		"<https://data.example.org/api/v1/listings/member/a%2Fb/receipt> .\n",
		"<http://www.w3.org/2000/01/rdf-schema#seeAlso> "
		"<https://data.example.org/log/member/checkpoint> .\n",
	};
	struct items items;

	(void)state;
	items_init(&items);
	items_add_json(&items, "a/b", "{\"title\": {\"en\": \"A\"}}");
	for (size_t f = 0; f < FORMATS; f++) {
		struct catalog_buffer text = {0};

		export_items(&items, formats[f].format, &text);
		assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
		assert_non_null(strstr((char *)text.bytes, links.receipt));
		assert_non_null(strstr((char *)text.bytes, links.log));
		/* Our reader needs no patch to leave them out. */
		if (formats[f].format != CATALOG_EXPORT_DATAJSON)
			assert_null(strstr((char *)text.bytes, "exact"));
		for (size_t i = 0; i < 2 && formats[f].format == CATALOG_EXPORT_NTRIPLES; i++)
			assert_non_null(strstr((char *)text.bytes, lines[i]));
		catalog_buffer_close(&text);
	}
	items_close(&items);
}

/* Other tools read an export as the plain format that it is. */
static void test_an_export_is_plain_dcat(void **state)
{
	struct catalog_buffer text = {0};
	struct items items;

	(void)state;
	items_init(&items);
	items_add_json(&items, "rice", EVERYTHING);
	export_items(&items, CATALOG_EXPORT_NTRIPLES, &text);
	assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
	assert_non_null(
		strstr((char *)text.bytes,
		       "<https://example.org/dataset/rice> <http://purl.org/dc/terms/title> "
		       "\"Rice yield\"@en .\n"));
	assert_non_null(strstr((char *)text.bytes,
			       "<https://example.org/dataset/rice#distribution-0> "
			       "<http://www.w3.org/ns/dcat#mediaType> "
			       "<http://www.iana.org/assignments/media-types/text/csv> .\n"));
	assert_non_null(strstr((char *)text.bytes, "<http://www.w3.org/ns/dcat#servesDataset> "
						   "<https://example.org/dataset/rice> .\n"));
	text.len = 0;
	export_items(&items, CATALOG_EXPORT_DATAJSON, &text);
	assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
	assert_non_null(strstr((char *)text.bytes, "\"title\":\"Rice yield\""));
	assert_non_null(strstr((char *)text.bytes, "\"accessLevel\":\"public\""));
	assert_non_null(strstr((char *)text.bytes, "\"bureauCode\":[\"015:11\"]"));
	assert_non_null(strstr((char *)text.bytes, "\"hasEmail\":\"mailto:jane@example.org\""));
	catalog_buffer_close(&text);
	items_close(&items);
}

/* Whoever edits an export means it: what is under fedcat:exact does not undo it. */
static void test_an_edited_export_is_read_as_edited(void **state)
{
	const struct catalog_reader_options options = {.format = CATALOG_READER_NTRIPLES};
	struct catalog_reader_error error;
	struct catalog_buffer text = {0};
	struct items items, read;
	char *found;

	(void)state;
	items_init(&items);
	items_init(&read);
	items_add_json(&items, "rice", EVERYTHING);
	export_items(&items, CATALOG_EXPORT_NTRIPLES, &text);
	assert_int_equal(catalog_buffer_append(&text, "", 1), 0);
	found = strstr((char *)text.bytes, "\"Rice yield\"@en");
	assert_non_null(found);
	found[1] = 'D';
	found = strstr((char *)text.bytes, "\"since independence\"");
	assert_non_null(found);
	found[1] = 'S';
	assert_int_equal(catalog_reader_read_bytes((struct catalog_span){text.bytes, text.len - 1},
						   &options, keep, &read, &error),
			 0);
	assert_int_equal(catalog_value_count(read.ids), 1);
	assert_string_equal(
		catalog_listing_text(
			catalog_value_get(catalog_value_at(read.listings, 0, NULL), "title"), "en",
			NULL),
		"Dice yield");
	assert_non_null(catalog_value_get(
		catalog_value_get(catalog_value_at(read.listings, 0, NULL), "extra"),
		"bureauCode"));
	catalog_buffer_close(&text);
	items_close(&items);
	items_close(&read);
}

/* --- by chance ------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static struct catalog_value *any_text(void)
{
	static const char *const texts[] = {
		"a",
		"Two words",
		"x, y; z",
		"<b>bold</b> &amp; more",
		"2020-01-01",
		"http://a.b/c",
		"urn:a:b",
		"mailto:a@b.c",
		"dct:title",
		"_:blank",
		"\"quoted\"",
		"back\\slash",
		"\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a",
		"a@b.c",
		"12",
		"true",
		"@id",
		"en",
		"text/csv",
		"POINT (1 2)",
	};

	return catalog_value_new_string(texts[below(sizeof texts / sizeof *texts)]);
}

static struct catalog_value *any_lang(int lists)
{
	static const char *const tags[] = {"und", "en", "fr", "pt-BR", "zh-Hans"};
	struct catalog_value *map = catalog_value_new_map(), *list;

	for (unsigned i = 0; i <= below(3); i++) {
		const char *tag = tags[below(5)];

		if (!lists) {
			assert_int_equal(catalog_value_set(map, tag, any_text()), 0);
			continue;
		}
		list = catalog_value_new_list();
		for (unsigned k = 0; k <= below(3); k++)
			assert_int_equal(catalog_value_append(list, any_text()), 0);
		assert_int_equal(catalog_value_set(map, tag, list), 0);
	}
	return map;
}

static struct catalog_value *any_value(unsigned depth)
{
	static const char *const keys[] = {
		"a",
		"@id",
		"@type",
		"@value",
		"@language",
		"title",
		"dct:title",
		"http://x.y/z",
		"http://purl.org/dc/terms/title",
		"http://www.w3.org/ns/dcat#keyword",
		"@list",
		"extra",
	};
	struct catalog_value *made;
	unsigned kind = below(depth > 3 ? 4 : 7);

	switch (kind) {
	case 0: return catalog_value_new_int((int64_t)below(1000) - 500);
	case 1: return catalog_value_new_double(below(1000) / 8.0);
	case 2: return catalog_value_new_bool(below(2));
	case 3:
	case 4: return any_text();
	case 5:
		made = catalog_value_new_list();
		for (unsigned i = 0; i < below(4); i++)
			assert_int_equal(catalog_value_append(made, any_value(depth + 1)), 0);
		return made;
	default: break;
	}
	made = catalog_value_new_map();
	for (unsigned i = 0; i < below(4); i++)
		assert_int_equal(catalog_value_set(made, keys[below(sizeof keys / sizeof *keys)],
						   any_value(depth + 1)),
				 0);
	return made;
}

static struct catalog_value *any_map(void)
{
	struct catalog_value *made;

	for (;;) {
		made = any_value(0);
		if (catalog_value_type(made) == CATALOG_VALUE_MAP)
			return made;
		catalog_value_free(made);
	}
}

/* A property of the model with something in it that may or may not be valid. */
static void add_property(struct catalog_value *listing, const char *name, unsigned depth)
{
	static const char *const parts[] = {
		"name",      "id",        "type",     "email",       "url",
		"country",   "geometry",  "start",    "end",         "text",
		"title",     "accessURL", "format",   "mediaType",   "license",
		"phone",     "extra",     "checksum", "description", "service",
		"algorithm", "value",     "issued",   "byteSize",    "availability",
	};
	struct catalog_value *value = NULL, *list;

	switch (below(6)) {
	case 0: value = any_text(); break;
	case 1: value = any_lang(0); break;
	case 2: value = any_lang(1); break;
	case 3: value = any_map(); break;
	case 4:
		value = catalog_value_new_list();
		for (unsigned i = 0; i <= below(3); i++)
			assert_int_equal(catalog_value_append(value, any_text()), 0);
		break;
	default:
		value = catalog_value_new_map();
		for (unsigned i = 0; i <= below(4) && depth < 3; i++)
			add_property(value, parts[below(sizeof parts / sizeof *parts)], depth + 1);
		if (below(2)) {
			list = catalog_value_new_list();
			assert_int_equal(catalog_value_append(list, value), 0);
			value = list;
		}
		break;
	}
	assert_int_equal(catalog_value_set(listing, name, value), 0);
}

/* Set a property to what the model allows, by trying. */
static void add_valid(struct catalog_value *listing, const char *name)
{
	for (unsigned tries = 0; tries < 40; tries++) {
		add_property(listing, name, 0);
		if (catalog_listing_check(listing, NULL) == 0)
			return;
		catalog_value_free(catalog_value_take(listing, name));
	}
}

static void test_listings_by_chance_come_back(void **state)
{
	static const char *const names[] = {
		"description", "keyword",      "theme",          "identifier", "landingPage",
		"page",        "license",      "accessRights",   "rights",     "policy",
		"contact",     "creator",      "publisher",      "issued",     "modified",
		"frequency",   "language",     "spatial",        "temporal",   "provenance",
		"version",     "versionNotes", "type",           "conformsTo", "source",
		"isVersionOf", "hasVersion",   "isReferencedBy", "relation",   "distribution",
		"service",     "extra",        "original",
	};
	const char *given = getenv("EXPORT_SEED");
	struct items items;

	(void)state;
	seed = given != NULL ? strtoull(given, NULL, 10) : 20261124;
	print_message("EXPORT_SEED=%llu\n", (unsigned long long)seed);
	items_init(&items);
	for (unsigned i = 0; i < 150; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		char id[20];

		assert_int_equal(catalog_value_set(listing, "title", any_lang(0)), 0);
		for (unsigned k = 0; k < 12; k++)
			add_valid(listing, names[below(sizeof names / sizeof *names)]);
		assert_int_equal(catalog_listing_check(listing, NULL), 0);
		snprintf(id, sizeof id, "n%u", i);
		items_add(&items, id, listing);
		catalog_value_free(listing);
	}
	all_come_back(&items);
	items_close(&items);
}

/* --- what others have published --------------------------------------------------------- */

/* Of a large catalogue some listings, spread over it; all if EXPORT_ALL is set. */
static void thin_out(struct items *items)
{
	size_t count = catalog_value_count(items->ids), step = count / SAMPLE + 1;
	struct items some;

	if (getenv("EXPORT_ALL") != NULL)
		return;
	items_init(&some);
	for (size_t i = 0; i < count; i += step)
		items_add(&some, catalog_value_text(catalog_value_at(items->ids, i, NULL)),
			  catalog_value_at(items->listings, i, NULL));
	items_close(items);
	*items = some;
}

static void try_file(const char *path)
{
	const struct catalog_reader_options options = {0};
	struct catalog_reader_error error;
	struct items items;

	items_init(&items);
	if (catalog_reader_read(path, &options, keep, &items, &error) != 0)
		fail_msg("%s: %s", path, error.text);
	thin_out(&items);
	for (size_t f = 0; f < FORMATS; f++)
		comes_back(&items, f, NULL, 1);
	print_message("%s: %zu come back in %d formats\n", path, catalog_value_count(items.ids),
		      FORMATS);
	items_close(&items);
}

static void test_real_catalogues_come_back(void **state)
{
	const char *shared = getenv("FEDCAT_SHARED"), *srcdir = getenv("srcdir");
	char dir[1000], sub[1400], path[2000];
	struct dirent **folders = NULL, **files = NULL;
	int folder_count, file_count;

	(void)state;
	if (shared != NULL)
		snprintf(dir, sizeof dir, "%s/data", shared);
	else
		snprintf(dir, sizeof dir, "%s/../shared/data", srcdir != NULL ? srcdir : ".");
	folder_count = scandir(dir, &folders, NULL, alphasort);
	if (folder_count < 0) {
		print_message("skipped: no catalogues in %s\n", dir);
		skip();
	}
	for (int i = 0; i < folder_count; free(folders[i++])) {
		struct stat st;

		snprintf(sub, sizeof sub, "%s/%s", dir, folders[i]->d_name);
		if (folders[i]->d_name[0] == '.' || stat(sub, &st) != 0 || !S_ISDIR(st.st_mode))
			continue;
		file_count = scandir(sub, &files, NULL, alphasort);
		for (int k = 0; k < file_count; free(files[k++])) {
			if (files[k]->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", sub, files[k]->d_name);
			try_file(path);
		}
		free(files);
	}
	free(folders);
}

TEST_MAIN("catalog/export", cmocka_unit_test(test_a_listing_with_everything_comes_back),
	  cmocka_unit_test(test_an_empty_catalogue_is_one),
	  cmocka_unit_test(test_an_export_is_plain_dcat),
	  cmocka_unit_test(test_an_export_links_to_the_proof),
	  cmocka_unit_test(test_links_to_the_proof_are_none_of_the_listing),
	  cmocka_unit_test(test_an_edited_export_is_read_as_edited),
	  cmocka_unit_test(test_listings_by_chance_come_back),
	  cmocka_unit_test(test_real_catalogues_come_back))
