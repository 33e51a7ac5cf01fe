#include "catalog/export.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/export_datajson.h"
#include "catalog/export_dcat.h"
#include "catalog/export_ntriples.h"
#include "catalog/iri.h"
#include "catalog/json.h"
#include "catalog/url.h"

#define POD "https://project-open-data.cio.gov/v1.1/schema"

static int put(struct catalog_buffer *buffer, const char *text)
{
	return catalog_buffer_append(buffer, text, strlen(text));
}

static int put_text(struct catalog_buffer *buffer, const char *text)
{
	struct catalog_value *value = catalog_value_new_string(text);
	int r = value == NULL ? -ENOMEM : catalog_json_write(value, CATALOG_JSON_COMPACT, buffer);

	catalog_value_free(value);
	return r;
}

/* The catalogue's node. */
static int make_catalog(const char *title, struct catalog_value **ret_node)
{
	struct catalog_value *node = catalog_value_new_map();
	int r = node == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = catalog_value_set(node, "@type", catalog_value_new_string("dcat:Catalog"));
	if (r == 0)
		r = catalog_value_set(node, "dct:title", catalog_value_new_string(title));
	if (r < 0) {
		catalog_value_free(node);
		return r;
	}
	*ret_node = node;
	return 0;
}

static int begin_jsonld(const char *title, struct catalog_buffer *buffer)
{
	const char *prefix, *namespace;
	struct catalog_value *node = NULL;
	int r = put(buffer, "{\"@context\":{");

	for (size_t i = 0; r == 0 && catalog_iri_prefix_at(i, &prefix, &namespace); i++) {
		r = put(buffer, i > 0 ? ",\n" : "\n");
		if (r == 0)
			r = put_text(buffer, prefix);
		if (r == 0)
			r = put(buffer, ":");
		if (r == 0)
			r = put_text(buffer, namespace);
	}
	if (r == 0)
		r = put(buffer, "},\n\"@graph\":[\n");
	if (r == 0)
		r = make_catalog(title, &node);
	if (r == 0)
		r = catalog_json_write(node, CATALOG_JSON_COMPACT, buffer);
	catalog_value_free(node);
	return r;
}

static int begin_datajson(const char *title, struct catalog_buffer *buffer)
{
	int r = put(buffer, "{\"@context\":\"" POD "/catalog.jsonld\",\n"
			    "\"@type\":\"dcat:Catalog\",\n"
			    "\"conformsTo\":\"" POD "\",\n"
			    "\"describedBy\":\"" POD "/catalog.json\",\n"
			    "\"title\":");

	if (r == 0)
		r = put_text(buffer, title);
	return r < 0 ? r : put(buffer, ",\n\"dataset\":[\n");
}

static int begin_ntriples(const char *title, struct catalog_buffer *buffer)
{
	struct catalog_value *node = NULL;
	int r = make_catalog(title, &node);

	if (r == 0)
		r = catalog_export_ntriples_write("catalog", node, buffer);
	catalog_value_free(node);
	return r;
}

int catalog_export_begin(enum catalog_export_format format, const char *catalog_title,
			 struct catalog_buffer *buffer)
{
	switch (format) {
	case CATALOG_EXPORT_JSONLD: return begin_jsonld(catalog_title, buffer);
	case CATALOG_EXPORT_DATAJSON: return begin_datajson(catalog_title, buffer);
	case CATALOG_EXPORT_NTRIPLES: return begin_ntriples(catalog_title, buffer);
	case CATALOG_EXPORT_NATIVE: break;
	}
	return 0;
}

/* {"id": ..., "listing": ..., "log": ..., "member": ..., "receipt": ...} and a line break. */
static int write_native(const char *member, const char *id, const struct catalog_value *listing,
			const struct catalog_export_links *links, struct catalog_buffer *buffer)
{
	struct catalog_value *line = catalog_value_new_map();
	int r = line == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = catalog_value_set(line, "member", catalog_value_new_string(member));
	if (r == 0)
		r = catalog_value_set(line, "id", catalog_value_new_string(id));
	if (r == 0)
		r = catalog_value_set(line, "listing", catalog_value_clone(listing));
	if (r == 0 && links != NULL)
		r = catalog_value_set(line, "receipt", catalog_value_new_string(links->receipt));
	if (r == 0 && links != NULL)
		r = catalog_value_set(line, "log", catalog_value_new_string(links->log));
	if (r == 0)
		r = catalog_json_write(line, CATALOG_JSON_COMPACT, buffer);
	if (r == 0)
		r = catalog_buffer_append(buffer, "\n", 1);
	catalog_value_free(line);
	return r;
}

static int write_datajson(const char *member, const char *id, const struct catalog_value *listing,
			  const struct catalog_export_links *links, bool is_first,
			  struct catalog_buffer *buffer)
{
	struct catalog_value *record = NULL;
	int r = catalog_export_datajson_make(member, id, listing, links, &record);

	if (r == 0 && !is_first)
		r = put(buffer, ",\n");
	if (r == 0)
		r = catalog_json_write(record, CATALOG_JSON_COMPACT, buffer);
	catalog_value_free(record);
	return r;
}

static int write_rdf(enum catalog_export_format format, const char *member, const char *id,
		     const char *uri, const struct catalog_value *listing,
		     const struct catalog_export_links *links, struct catalog_buffer *buffer)
{
	struct catalog_buffer good = {0};
	struct catalog_value *node = NULL;
	int r = 0;

	if (catalog_url_check(uri) != 0) {
		r = catalog_url_repair(uri, &good);
		if (r == -EBADMSG) {
			good.len = 0;
			r = catalog_buffer_print(&good, "urn:x-fedcat:%zu%c", strlen(uri), '\0');
		}
		uri = (const char *)good.bytes;
	}
	if (r == 0)
		r = catalog_export_dcat_make(member, id, uri, listing, links, &node);
	if (r == 0 && format == CATALOG_EXPORT_NTRIPLES)
		r = catalog_export_ntriples_write(uri, node, buffer);
	else if (r == 0)
		r = put(buffer, ",\n"); /* the catalogue's node is before it */
	if (r == 0 && format == CATALOG_EXPORT_JSONLD)
		r = catalog_json_write(node, CATALOG_JSON_COMPACT, buffer);
	catalog_value_free(node);
	catalog_buffer_close(&good);
	return r;
}

int catalog_export_listing(enum catalog_export_format format, const char *member, const char *id,
			   const char *uri, const struct catalog_value *listing,
			   const struct catalog_export_links *links, int is_first,
			   struct catalog_buffer *buffer)
{
	size_t len = buffer->len;
	int r = 0;

	switch (format) {
	case CATALOG_EXPORT_JSONLD:
	case CATALOG_EXPORT_NTRIPLES:
		r = write_rdf(format, member, id, uri, listing, links, buffer);
		break;
	case CATALOG_EXPORT_DATAJSON:
		r = write_datajson(member, id, listing, links, is_first != 0, buffer);
		break;
	case CATALOG_EXPORT_NATIVE: r = write_native(member, id, listing, links, buffer); break;
	}
	if (r < 0)
		buffer->len = len;
	return r;
}

int catalog_export_end(enum catalog_export_format format, struct catalog_buffer *buffer)
{
	switch (format) {
	case CATALOG_EXPORT_JSONLD:
	case CATALOG_EXPORT_DATAJSON: return put(buffer, "\n]}\n");
	case CATALOG_EXPORT_NTRIPLES:
	case CATALOG_EXPORT_NATIVE: break;
	}
	return 0;
}
