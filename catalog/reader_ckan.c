/* A CKAN package is put into order first and read by a table then.
 *
 * Into order: the members of "extras" become members; what CKAN writes for "nothing" (null, "")
 * goes; members that speak of one thing ("publisher_name", "publisher_email") become one node; a
 * text that "..._translated" has too goes.  The names are those of CKAN itself, of ckanext-dcat
 * (both its extras and its scheming form) and of ckanext-fluent.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/reader_format.h"
#include "catalog/reader_geometry.h"
#include "catalog/reader_language.h"
#include "catalog/reader_part.h"
#include "catalog/reader_records.h"

#define EXTRAS_MAX   1000 /* that become members; more stay extras */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- into order ------------------------------------------------------------------------- */

/* A copy without null and "" in maps, at every level.  NULL when out of memory. */
static struct catalog_value *without_nothing(const struct catalog_value *value)
{
	enum catalog_value_type type = catalog_value_type(value);
	struct catalog_value *copy, *child_copy;

	if (type != CATALOG_VALUE_MAP && type != CATALOG_VALUE_LIST)
		return catalog_value_clone(value);
	copy = type == CATALOG_VALUE_MAP ? catalog_value_new_map() : catalog_value_new_list();
	for (size_t i = 0; copy != NULL && i < catalog_value_count(value); i++) {
		const char *key = NULL;
		const struct catalog_value *child = catalog_value_at(value, i, &key);
		bool is_nothing = catalog_value_type(child) == CATALOG_VALUE_NULL ||
				  (catalog_value_type(child) == CATALOG_VALUE_STRING &&
				   catalog_value_text_len(child) == 0);

		if (is_nothing && type == CATALOG_VALUE_MAP)
			continue;
		child_copy = without_nothing(child);
		if ((type == CATALOG_VALUE_MAP ? catalog_value_set(copy, key, child_copy)
					       : catalog_value_append(copy, child_copy)) != 0) {
			catalog_value_free(copy);
			return NULL;
		}
	}
	return copy;
}

/* An extra is text; lists and objects stand in it as JSON. */
static struct catalog_value *value_of_extra(const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	struct catalog_value *json = NULL;
	struct catalog_span span = {(const uint8_t *)text, catalog_value_text_len(value)};
	int r;

	/* GeoJSON stays text, as "spatial" wants it. */
	if (text != NULL && (text[0] == '[' || text[0] == '{') &&
	    !catalog_reader_geometry_is(text)) {
		r = catalog_json_read(span, &json, NULL);
		if (r == 0)
			return json;
		if (r == -ENOMEM)
			return NULL;
	}
	return catalog_value_clone(value);
}

/* {"extras": [{"key", "value"}, ...]} become members; those that are there already stay extras. */
static int lift_extras(struct catalog_value *package)
{
	struct catalog_value *extras = catalog_value_take(package, "extras");
	struct catalog_value *left = catalog_value_new_list();
	int r = left == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < catalog_reader_build_count(extras); i++) {
		const struct catalog_value *extra = catalog_reader_build_at(extras, i);
		const char *key = catalog_value_text(catalog_value_get(extra, "key"));
		const struct catalog_value *value = catalog_value_get(extra, "value");

		if (key != NULL && value == NULL)
			continue; /* it was empty */
		if (key != NULL && i < EXTRAS_MAX && catalog_value_get(package, key) == NULL)
			r = catalog_value_set(package, key, value_of_extra(value));
		else
			r = catalog_value_append(left, catalog_value_clone(extra));
	}
	if (r == 0 && catalog_value_count(left) > 0) {
		r = catalog_value_set(package, "extras", left);
		left = NULL;
	}
	catalog_value_free(extras);
	catalog_value_free(left);
	return r;
}

/* Move member from of package to member to of node. */
struct gathering {
	const char *from;
	const char *to;
};

/* Make one node of members of package, under key, unless there is something already. */
static int gather(struct catalog_value *package, const char *key, const struct gathering *members,
		  size_t count)
{
	struct catalog_value *node;
	int r = 0;

	if (catalog_value_get(package, key) != NULL)
		return 0;
	node = catalog_value_new_map();
	if (node == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && r == 0; i++) {
		struct catalog_value *child;

		if (catalog_value_get(node, members[i].to) != NULL)
			continue;
		child = catalog_value_take(package, members[i].from);
		if (child != NULL)
			r = catalog_value_set(node, members[i].to, child);
	}
	if (r == 0 && catalog_value_count(node) > 0)
		return catalog_value_set(package, key, node);
	catalog_value_free(node);
	return r;
}

static int gather_all(struct catalog_value *package)
{
	static const struct gathering publisher[] = {
		{"publisher_name", "name"},   {"dcat_publisher_name", "name"},
		{"publisher_email", "email"}, {"dcat_publisher_email", "email"},
		{"publisher_url", "url"},     {"publisher_uri", "uri"},
		{"publisher_type", "type"},   {"publisher_identifier", "identifier"},
	};
	static const struct gathering creator[] = {
		{"creator_name", "name"},   {"dcat_creator_name", "name"},
		{"creator_email", "email"}, {"dcat_creator_email", "email"},
		{"creator_url", "url"},     {"creator_uri", "uri"},
		{"creator_type", "type"},   {"creator_identifier", "identifier"},
		{"author", "name"},         {"author_email", "email"},
	};
	static const struct gathering contact[] = {
		{"contact_name", "name"}, {"contact_email", "email"}, {"contact_url", "url"},
		{"contact_uri", "uri"},   {"maintainer", "name"},     {"maintainer_email", "email"},
	};
	static const struct gathering period[] = {
		{"temporal_start", "start"},
		{"temporal_end", "end"},
	};
	static const struct gathering place[] = {
		{"spatial_uri", "uri"},   {"spatial_text", "text"},         {"spatial", "geom"},
		{"spatial_bbox", "bbox"}, {"spatial_centroid", "centroid"},
	};
	const char *spatial = catalog_value_text(catalog_value_get(package, "spatial"));
	int r = gather(package, "publisher", publisher, COUNT(publisher));

	if (r == 0)
		r = gather(package, "creator", creator, COUNT(creator));
	if (r == 0)
		r = gather(package, "contact", contact, COUNT(contact));
	if (r == 0)
		r = gather(package, "temporal_coverage", period, COUNT(period));
	/* "spatial" may be the name of a place: then it is one of its own. */
	if (r == 0 && (spatial == NULL || catalog_reader_geometry_is(spatial)))
		r = gather(package, "spatial_coverage", place, COUNT(place));
	return r;
}

/* Drop the text under key if "key_translated" says it, in whatever language. */
static void drop_translated(struct catalog_value *package, const char *key)
{
	const struct catalog_value *translated;
	const char *text = catalog_value_text(catalog_value_get(package, key));
	char name[40];

	snprintf(name, sizeof name, "%s_translated", key);
	translated = catalog_value_get(package, name);
	for (size_t i = 0; i < catalog_value_count(translated); i++) {
		const char *other;

		if (catalog_value_type(translated) != CATALOG_VALUE_MAP)
			return;
		other = catalog_value_text(catalog_value_at(translated, i, NULL));
		if (other != NULL && text != NULL && strcmp(other, text) == 0) {
			catalog_value_free(catalog_value_take(package, key));
			return;
		}
	}
}

/* Take a value that member from says for member to, if to says none. */
static int fall_back(struct catalog_value *package, const char *to, const char *from)
{
	const struct catalog_value *value = catalog_value_get(package, from);

	if (catalog_value_get(package, to) != NULL || value == NULL)
		return 0;
	return catalog_value_set(package, to, catalog_value_clone(value));
}

/* --- tables ----------------------------------------------------------------------------- */

static const struct catalog_reader_build_row resource_rows[] = {
	{"language", "language", catalog_reader_field_languages},
	{"uri", "id", catalog_reader_field_line},
	{"id", "id", catalog_reader_field_line},
	{"name_translated", "title", catalog_reader_field_title},
	{"name", "title", catalog_reader_field_title},
	{"title_translated", "title", catalog_reader_field_title},
	{"title", "title", catalog_reader_field_title},
	{"description_translated", "description", catalog_reader_field_text},
	{"description", "description", catalog_reader_field_text},
	{"access_url", "accessURL", catalog_reader_field_url},
	{"url", "accessURL", catalog_reader_field_url},
	{"download_url", "downloadURL", catalog_reader_field_url},
	{"mimetype", "mediaType", catalog_reader_field_line},
	{"format", "format", catalog_reader_field_line},
	{"size", "byteSize", catalog_reader_field_bytes},
	{"checksum", "checksum", catalog_reader_part_checksum},
	{"license", "license", catalog_reader_field_line},
	{"license_url", "license", catalog_reader_field_line},
	{"license_id", "license", catalog_reader_field_line},
	{"rights", "rights", catalog_reader_field_text},
	{"issued", "issued", catalog_reader_field_date},
	{"created", "issued", catalog_reader_field_date},
	{"modified", "modified", catalog_reader_field_date},
	{"last_modified", "modified", catalog_reader_field_date},
	{"conforms_to", "conformsTo", catalog_reader_field_lines},
	{"availability", "availability", catalog_reader_field_line},
	{"access_services", "service", catalog_reader_part_service},
	{"package_id", NULL, NULL}, /* the package that it stands in */
};

static void resources(struct catalog_reader_build *build,
		      const struct catalog_reader_build_target *target,
		      const struct catalog_value *value)
{
	static const struct gathering checksum[] = {{"hash_algorithm", "algorithm"},
						    {"hash", "value"}};

	for (size_t i = 0; i < catalog_reader_build_count(value) && build->error == 0; i++) {
		const struct catalog_value *one = catalog_reader_build_at(value, i);
		struct catalog_value *resource = catalog_value_clone(one);

		if (resource != NULL && catalog_value_type(resource) == CATALOG_VALUE_MAP) {
			drop_translated(resource, "name");
			drop_translated(resource, "description");
			if (gather(resource, "checksum", checksum, COUNT(checksum)) != 0)
				build->error = -ENOMEM;
		}
		if (resource == NULL)
			build->error = -ENOMEM;
		else
			catalog_reader_part_each(build, target, resource, resource_rows,
						 COUNT(resource_rows));
		catalog_value_free(resource);
	}
}

/* CKAN's own organization, for publisher if nothing else says it. "name" is its name in URLs. */
static void organization(struct catalog_reader_build *build,
			 const struct catalog_reader_build_target *target,
			 const struct catalog_value *value)
{
	static const struct catalog_reader_build_row rows[] = {
		{"title_translated", "name", catalog_reader_field_title},
		{"title", "name", catalog_reader_field_title},
		{"display_name", "name", catalog_reader_field_title},
	};
	struct catalog_value *node;

	if (catalog_value_type(value) != CATALOG_VALUE_MAP) {
		catalog_reader_part_agent(build, target, value);
		return;
	}
	node = catalog_value_clone(value);
	if (node == NULL ||
	    (catalog_value_get(node, "title") == NULL && fall_back(node, "title", "name") != 0)) {
		build->error = -ENOMEM;
		catalog_value_free(node);
		return;
	}
	drop_translated(node, "title");
	catalog_reader_part_one(build, target, node, rows, COUNT(rows));
	catalog_value_free(node);
}

/* What a package is: "dataset", unless an extension says otherwise. */
static void kind(struct catalog_reader_build *build,
		 const struct catalog_reader_build_target *target,
		 const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text == NULL || strcmp(text, "dataset") != 0)
		catalog_reader_build_keep(build, target, value);
}

static const struct catalog_reader_build_row package_rows[] = {
	{"language", "language", catalog_reader_field_languages},
	{"identifier", "identifier", catalog_reader_field_lines},
	{"title_translated", "title", catalog_reader_field_title},
	{"title", "title", catalog_reader_field_title},
	{"notes_translated", "description", catalog_reader_field_text},
	{"notes", "description", catalog_reader_field_text},
	{"description", "description", catalog_reader_field_text},
	{"tags_translated", "keyword", catalog_reader_field_keywords},
	{"keywords", "keyword", catalog_reader_field_keywords},
	{"tags", "keyword", catalog_reader_field_keywords},
	{"tag_string", "keyword", catalog_reader_field_keywords},
	{"theme", "theme", catalog_reader_field_lines},
	{"groups", "theme", catalog_reader_field_lines},
	{"landing_page", "landingPage", catalog_reader_field_url},
	{"url", "landingPage", catalog_reader_field_url},
	{"documentation", "page", catalog_reader_field_urls},
	{"license_url", "license", catalog_reader_field_line},
	{"license", "license", catalog_reader_field_line},
	{"license_title", "license", catalog_reader_field_line},
	{"license_id", "license", catalog_reader_field_line},
	{"access_rights", "accessRights", catalog_reader_field_line},
	{"rights", "rights", catalog_reader_field_text},
	{"contact", "contact", catalog_reader_part_contacts},
	{"creator", "creator", catalog_reader_part_agents},
	{"publisher", "publisher", catalog_reader_part_agent},
	{"organization", "publisher", organization},
	{"issued", "issued", catalog_reader_field_date},
	{"dcat_issued", "issued", catalog_reader_field_date},
	{"metadata_created", "issued", catalog_reader_field_date},
	{"modified", "modified", catalog_reader_field_date},
	{"dcat_modified", "modified", catalog_reader_field_date},
	{"metadata_modified", "modified", catalog_reader_field_date},
	{"frequency", "frequency", catalog_reader_field_line},
	{"spatial_coverage", "spatial", catalog_reader_part_places},
	{"spatial", "spatial", catalog_reader_part_places},
	{"temporal_coverage", "temporal", catalog_reader_part_periods},
	{"temporal", "temporal", catalog_reader_part_periods},
	{"provenance", "provenance", catalog_reader_field_text},
	{"version", "version", catalog_reader_field_line},
	{"dcat_version", "version", catalog_reader_field_line},
	{"version_notes", "versionNotes", catalog_reader_field_text},
	{"dcat_type", "type", catalog_reader_field_line},
	{"conforms_to", "conformsTo", catalog_reader_field_lines},
	{"source", "source", catalog_reader_field_lines},
	{"related_resource", "relation", catalog_reader_field_lines},
	{"is_version_of", "isVersionOf", catalog_reader_field_lines},
	{"has_version", "hasVersion", catalog_reader_field_lines},
	{"is_referenced_by", "isReferencedBy", catalog_reader_field_lines},
	{"resources", "distribution", resources},
	{"type", "extra", kind},
	{"num_resources", NULL, NULL}, /* counted */
	{"num_tags", NULL, NULL},      /* counted */
};

/* --- records ---------------------------------------------------------------------------- */

/* Put a package into order.  Returns 0, -ENOMEM. */
static int prepare(struct catalog_value *package)
{
	int r = lift_extras(package);

	if (r == 0)
		r = gather_all(package);
	if (r == 0)
		r = fall_back(package, "identifier", "guid");
	if (r == 0 && catalog_value_get(package, "identifier") == NULL) {
		r = fall_back(package, "identifier", "id");
		catalog_value_free(catalog_value_take(package, "id"));
	}
	if (r == 0 && catalog_value_get(package, "identifier") == NULL)
		r = fall_back(package, "identifier", "name");
	/* CKAN itself shows the name where there is no title. */
	if (r == 0 && catalog_value_get(package, "title_translated") == NULL)
		r = fall_back(package, "title", "name");
	if (catalog_value_count(catalog_value_get(package, "tags_translated")) > 0)
		catalog_value_free(catalog_value_take(package, "tags"));
	drop_translated(package, "title");
	drop_translated(package, "notes");
	return r;
}

struct reading {
	struct catalog_reader_sink *sink;
	const char *language;
};

static int put(const struct reading *reading, const struct catalog_reader_place *place,
	       struct catalog_value *package)
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
	const char *language = reading->language;
	struct catalog_reader_build build;
	int r = prepare(package);

	if (r != 0)
		return r;
	if (catalog_reader_language_only(catalog_value_get(package, "language"), tag) == 0)
		language = tag;
	catalog_reader_build_init(&build, language);
	catalog_reader_build_object(&build, package_rows, COUNT(package_rows), package,
				    build.listing, "");
	return catalog_reader_sink_put(reading->sink, place, NULL, &build);
}

static int each_record(void *arg, struct catalog_value *record,
		       const struct catalog_reader_place *place)
{
	const struct catalog_value *result = catalog_value_get(record, "result");
	struct catalog_value *package;
	int r;

	/* The answer to package_show wraps it. */
	if (catalog_value_type(result) != CATALOG_VALUE_MAP)
		result = record;
	package = without_nothing(result);
	if (package == NULL)
		return -ENOMEM;
	r = put(arg, place, package);
	catalog_value_free(package);
	return r;
}

int catalog_reader_ckan_read(struct catalog_reader_source *source,
			     const struct catalog_reader_options *options,
			     struct catalog_reader_sink *sink,
			     struct catalog_reader_error *ret_error)
{
	struct reading reading = {sink, options->default_language};
	const struct catalog_reader_records records = {each_record, NULL, &reading};

	return catalog_reader_records_read(source, sink, &records, ret_error);
}
