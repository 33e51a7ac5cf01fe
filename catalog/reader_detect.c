/* The first bytes tell JSON, XML, Turtle and CSV apart.  The JSON formats are told apart by where
 * their records are and by the keys of the first one, since each has keys that the others have
 * not; the name of the file is never asked.
 */
#include "catalog/reader_detect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "catalog/json.h"
#include "catalog/reader_columns.h"
#include "catalog/reader_json.h"

#define FOUND 1 /* what stops the scan once the format is clear */

static int unknown(struct catalog_reader_error *ret_error, const char *what)
{
	snprintf(ret_error->text, sizeof ret_error->text,
		 "%s; give data.json, CKAN's JSON, DCAT as JSON-LD, Turtle, N-Triples or RDF/XML, "
		 "or CSV with a header, or say which it is with --format",
		 what);
	return -EBADMSG;
}

/* --- JSON ------------------------------------------------------------------------------- */

struct json_look {
	enum catalog_reader_format format;
	char path[64]; /* of the array of records */
	bool is_in_array;
	bool has_inline_context;
};

static bool has(const struct catalog_value *record, const char *key)
{
	return catalog_value_get(record, key) != NULL;
}

/* "dct:title", "http://purl.org/dc/terms/title", "@id": no other format has such keys.  "@type" and
 * "@context" stand in data.json, too. */
static bool has_rdf_keys(const struct catalog_value *record)
{
	for (size_t i = 0; i < catalog_value_count(record); i++) {
		const char *key;

		(void)catalog_value_at(record, i, &key); /* only for the key */
		if (strcmp(key, "@graph") == 0 || strcmp(key, "@id") == 0 ||
		    strncmp(key, "http://", 7) == 0 || strncmp(key, "https://", 8) == 0)
			return true;
		if (strncmp(key, "dct:", 4) == 0 || strncmp(key, "dcterms:", 8) == 0 ||
		    strncmp(key, "dcat:", 5) == 0 || strncmp(key, "schema:", 7) == 0)
			return true;
	}
	return catalog_value_type(catalog_value_get(record, "@context")) == CATALOG_VALUE_MAP ||
	       catalog_value_type(catalog_value_get(record, "@context")) == CATALOG_VALUE_LIST;
}

static bool is_ckan_path(const char *path)
{
	return strcmp(path, "result.results") == 0 || strcmp(path, "results") == 0 ||
	       strcmp(path, "result") == 0 || strcmp(path, "packages") == 0 ||
	       strcmp(path, "result.packages") == 0;
}

static bool is_jsonld_path(const char *path)
{
	return strcmp(path, "@graph") == 0 || strcmp(path, "dcat:dataset") == 0 ||
	       strcmp(path, "http://www.w3.org/ns/dcat#dataset") == 0;
}

static enum catalog_reader_format format_of(const struct json_look *look,
					    const struct catalog_value *record)
{
	if (has(record, "id") &&
	    catalog_value_type(catalog_value_get(record, "listing")) == CATALOG_VALUE_MAP)
		return CATALOG_READER_NATIVE;
	/* Our own data.json keeps what its source said, whatever the names. */
	if (strcmp(look->path, "dataset") == 0 && has(record, "fedcat:id"))
		return CATALOG_READER_DATAJSON;
	if (look->has_inline_context || is_jsonld_path(look->path) || has_rdf_keys(record))
		return CATALOG_READER_JSONLD;
	if (is_ckan_path(look->path) || has(record, "resources") || has(record, "notes") ||
	    has(record, "extras") || has(record, "notes_translated") || has(record, "owner_org"))
		return CATALOG_READER_CKAN;
	if (catalog_value_type(catalog_value_get(record, "result")) == CATALOG_VALUE_MAP)
		return CATALOG_READER_CKAN;
	if (has(record, "title") || has(record, "identifier") || strcmp(look->path, "dataset") == 0)
		return CATALOG_READER_DATAJSON;
	if (has(record, "@context"))
		return CATALOG_READER_JSONLD;
	return CATALOG_READER_AUTO;
}

static int each_record(void *arg, const struct catalog_reader_json_item *item)
{
	struct json_look *look = arg;
	struct catalog_value *record = NULL;
	int r = item->is_too_big ? -EBADMSG : catalog_json_read(item->text, &record, NULL);

	if (r == -ENOMEM)
		return r;
	/* A bad record says nothing, nor one without names; the next one may. */
	if (r == 0 && catalog_value_type(record) == CATALOG_VALUE_MAP)
		look->format = format_of(look, record);
	catalog_value_free(record);
	return look->format == CATALOG_READER_AUTO ? 0 : FOUND;
}

static int each_member(void *arg, const char *key, const struct catalog_reader_json_item *item)
{
	struct json_look *look = arg;

	if (strcmp(key, "@context") == 0 && !item->is_too_big && item->text.len > 0)
		look->has_inline_context = item->text.bytes[0] == '{' || item->text.bytes[0] == '[';
	return 0;
}

static int each_array(void *arg, const char *path)
{
	struct json_look *look = arg;

	snprintf(look->path, sizeof look->path, "%s", path);
	look->is_in_array = true;
	return 0;
}

static int look_at_json(struct catalog_reader_source *source,
			enum catalog_reader_format *ret_format,
			struct catalog_reader_error *ret_error)
{
	struct json_look look = {.format = CATALOG_READER_AUTO};
	const struct catalog_reader_json_found found = {each_record, each_member, each_array,
							&look};
	int r = catalog_reader_json_scan(source, &found, ret_error);

	if (r != 0 && r != FOUND)
		return r;
	/* A catalogue without datasets is one, too. */
	if (look.format == CATALOG_READER_AUTO && look.is_in_array)
		look.format = is_ckan_path(look.path)     ? CATALOG_READER_CKAN
			      : is_jsonld_path(look.path) ? CATALOG_READER_JSONLD
							  : CATALOG_READER_DATAJSON;
	if (look.format == CATALOG_READER_AUTO)
		return unknown(ret_error, "this JSON holds no datasets where catalogues keep them");
	*ret_format = look.format;
	return 0;
}

/* --- the others -------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* The text behind white space and comments of Turtle. */
static const char *skip_comments(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return text;
		text += strcspn(text, "\n");
	}
}

/* The text behind white space, the declaration and comments of XML. */
static const char *skip_prolog(const char *text)
{
	for (;;) {
		const char *end = NULL;

		text += strspn(text, " \t\r\n");
		if (begins(text, "<?"))
			end = strstr(text, "?>");
		else if (begins(text, "<!--"))
			end = strstr(text, "-->");
		if (end == NULL)
			return text;
		text = end + (text[1] == '?' ? 2 : 3);
	}
}

/* Whether each statement of the first lines stands on a line of its own and ends with a point:
 * N-Triples, of which every file is Turtle, too. */
static bool is_ntriples(const char *text)
{
	size_t len = strcspn(text, "\n");
	const char *end = text + len;

	if (*end != '\n' && len > 4000)
		return false;
	while (end > text && strchr(" \t\r", end[-1]) != NULL)
		end--;
	if (end == text || end[-1] != '.')
		return false;
	for (int term = 0; term < 2; term++) {
		if (*text != '<' && strncmp(text, "_:", 2) != 0)
			return false;
		text += strcspn(text, " \t\n");
		text += strspn(text, " \t");
	}
	return strchr("<\"_", *text) != NULL;
}

static int look_at_text(const char *text, size_t len, enum catalog_reader_format *ret_format,
			struct catalog_reader_error *ret_error)
{
	const char *plain = skip_comments(text), *root;
	struct catalog_reader_columns *columns = NULL;
	struct catalog_reader_error ignored;
	int r;

	if (begins(plain, "@prefix") || begins(plain, "@base") || begins(plain, "prefix ") ||
	    begins(plain, "base <")) {
		*ret_format = CATALOG_READER_TURTLE;
		return 0;
	}
	if (begins(plain, "<http") || begins(plain, "<urn:") || begins(plain, "<>") ||
	    begins(plain, "<#") || begins(plain, "_:") || begins(plain, "<mailto:") ||
	    begins(plain, "<file:")) {
		*ret_format = is_ntriples(plain) ? CATALOG_READER_NTRIPLES : CATALOG_READER_TURTLE;
		return 0;
	}
	if (*plain == '<') {
		root = skip_prolog(plain);
		if (begins(root, "<html") || begins(root, "<!doctype html"))
			return unknown(ret_error, "this is a web page, not a catalogue");
		*ret_format = CATALOG_READER_RDFXML;
		return 0;
	}
	r = catalog_reader_columns_new(text, len, &columns, &ignored);
	catalog_reader_columns_free(columns);
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		return unknown(ret_error, "this is no catalogue in a format that we know");
	*ret_format = CATALOG_READER_CSV;
	return 0;
}

int catalog_reader_detect_format(struct catalog_reader_source *source,
				 enum catalog_reader_format *ret_format,
				 struct catalog_reader_error *ret_error)
{
	static const uint8_t gzip[] = {0x1f, 0x8b};
	char block[CATALOG_READER_SOURCE_BLOCK_BYTES + 1];
	const char *text = block;
	size_t len;
	int r = catalog_reader_source_rewind(source);

	if (r == 0)
		r = catalog_reader_source_read(source, block, &len);
	if (r != 0)
		return r;
	block[len] = '\0';
	if (len >= 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (len >= 2 && memcmp(text, gzip, 2) == 0)
		return unknown(ret_error, "this is compressed by gzip: unpack it");
	if (len >= 4 && memcmp(text, "PK\3\4", 4) == 0)
		return unknown(ret_error,
			       "this is a ZIP file or a spreadsheet: unpack or export it");
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return unknown(ret_error, "this is UTF-16: convert it to UTF-8");
	text += strspn(text, " \t\r\n");
	if (*text == '\0')
		return unknown(ret_error,
			       strlen(block) == len ? "the file is empty" : "this is no text");
	if (*text == '{' || *text == '[')
		return look_at_json(source, ret_format, ret_error);
	return look_at_text(text, strlen(text), ret_format, ret_error);
}
