/* A part is made of a node by a table, or of a text by what the text looks like.  It becomes an
 * element of the list even if everything in it was dropped, as long as something was: the paths
 * under "original" count the elements.
 */
#include "catalog/reader_part.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/reader_country.h"
#include "catalog/reader_email.h"
#include "catalog/reader_geometry.h"
#include "catalog/reader_interval.h"
#include "catalog/url.h"
#include "catalog/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void check(struct catalog_reader_build *build, int r)
{
	if (r == -ENOMEM)
		build->error = r;
}

/* Fills part, whose path is given, from a text. */
typedef void (*part_of_text)(struct catalog_reader_build *build, struct catalog_value *part,
			     const char *path, const struct catalog_value *value);

struct kind {
	const struct catalog_reader_build_row *rows;
	size_t count;
	part_of_text of_text; /* NULL: text says nothing */
	/* Completes a part; may be NULL. */
	void (*finish)(struct catalog_reader_build *build, struct catalog_value *part);
};

static void set_text(struct catalog_reader_build *build, struct catalog_value *part,
		     const char *path, const char *key, const char *text)
{
	const struct catalog_reader_build_target target = {part, path, key, key};

	catalog_reader_build_set(build, &target, catalog_value_new_string(text));
}

/* Give a value to a field of part. */
static void fill(struct catalog_reader_build *build, struct catalog_value *part, const char *path,
		 const char *key, catalog_reader_build_field field,
		 const struct catalog_value *value)
{
	const struct catalog_reader_build_target target = {part, path, key, key};

	field(build, &target, value);
}

/* One part, or NULL if value says nothing. */
static struct catalog_value *make_part(struct catalog_reader_build *build, const char *path,
				       const struct catalog_value *value, const struct kind *kind)
{
	struct catalog_value *part = catalog_value_new_map(), *source = NULL;
	unsigned repairs = build->repairs;

	if (part == NULL)
		goto no_memory;
	if (catalog_value_type(value) == CATALOG_VALUE_MAP) {
		source = catalog_value_clone(value);
		if (source == NULL)
			goto no_memory;
		catalog_reader_build_object(build, kind->rows, kind->count, source, part, path);
		catalog_value_free(source);
	} else if (catalog_value_type(value) != CATALOG_VALUE_NULL && kind->of_text != NULL) {
		kind->of_text(build, part, path, value);
	}
	if (kind->finish != NULL)
		kind->finish(build, part);
	if (catalog_value_count(part) > 0 || build->repairs > repairs)
		return part;
	catalog_value_free(part);
	return NULL;
no_memory:
	catalog_value_free(part);
	build->error = -ENOMEM;
	return NULL;
}

static void append_parts(struct catalog_reader_build *build,
			 const struct catalog_reader_build_target *target,
			 const struct catalog_value *value, const struct kind *kind)
{
	for (size_t i = 0; i < catalog_reader_build_count(value) && build->error == 0; i++) {
		size_t at = catalog_value_count(catalog_value_get(target->into, target->key));
		char path[CATALOG_READER_BUILD_PATH_BYTES];
		struct catalog_value *part;

		snprintf(path, sizeof path, "%s/%s/%zu", target->path, target->key, at);
		part = make_part(build, path, catalog_reader_build_at(value, i), kind);
		if (part != NULL)
			catalog_reader_build_append(build, target, part);
	}
}

/* For a property that holds one part: the first; more are noted. */
static void set_part(struct catalog_reader_build *build,
		     const struct catalog_reader_build_target *target,
		     const struct catalog_value *value, const struct kind *kind)
{
	size_t count = catalog_reader_build_count(value);
	char path[CATALOG_READER_BUILD_PATH_BYTES];
	struct catalog_value *part = NULL;

	if (count == 0)
		return;
	if (catalog_value_get(target->into, target->key) != NULL) {
		catalog_reader_build_keep(build, target, value);
		return;
	}
	snprintf(path, sizeof path, "%s/%s", target->path, target->key);
	for (size_t i = 0; i < count && part == NULL; i++)
		part = make_part(build, path, catalog_reader_build_at(value, i), kind);
	if (part != NULL)
		catalog_reader_build_set(build, target, part);
	if (count > 1)
		catalog_reader_build_repaired(build, target, value);
}

void catalog_reader_part_each(struct catalog_reader_build *build,
			      const struct catalog_reader_build_target *target,
			      const struct catalog_value *value,
			      const struct catalog_reader_build_row *rows, size_t count)
{
	const struct kind kind = {.rows = rows, .count = count};

	append_parts(build, target, value, &kind);
	/* What is no node has no place among parts. */
	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		enum catalog_value_type type =
			catalog_value_type(catalog_reader_build_at(value, i));

		if (type != CATALOG_VALUE_MAP && type != CATALOG_VALUE_NULL) {
			catalog_reader_build_repaired(build, target, value);
			return;
		}
	}
}

void catalog_reader_part_one(struct catalog_reader_build *build,
			     const struct catalog_reader_build_target *target,
			     const struct catalog_value *value,
			     const struct catalog_reader_build_row *rows, size_t count)
{
	const struct kind kind = {.rows = rows, .count = count};

	set_part(build, target, value, &kind);
}

/* --- e-mail, telephone ------------------------------------------------------------------ */

/* The text of a value, or of the node that vCard wraps it in. */
static const char *plain_text(const struct catalog_value *value, char room[32])
{
	const struct catalog_value *inner = catalog_value_get(value, "vcard:hasValue");

	if (inner == NULL)
		inner = catalog_value_get(value, "hasValue");
	if (catalog_reader_build_count(inner) > 0)
		value = catalog_reader_build_at(inner, 0);
	return catalog_reader_build_iri(value, room);
}

static void part_email(struct catalog_reader_build *build,
		       const struct catalog_reader_build_target *target,
		       const struct catalog_value *value)
{
	char room[32], email[CATALOG_READER_EMAIL_BYTES];
	bool changed = false;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		const char *text = plain_text(catalog_reader_build_at(value, i), room);

		if (text == NULL || catalog_reader_email_find(text, email) != 0)
			changed = true;
		else if (catalog_value_get(target->into, target->key) == NULL)
			catalog_reader_build_set(build, target, catalog_value_new_string(email));
		else if (strcmp(catalog_value_text(catalog_value_get(target->into, target->key)),
				email) != 0)
			changed = true;
	}
	if (changed)
		catalog_reader_build_repaired(build, target, value);
}

static void part_phone(struct catalog_reader_build *build,
		       const struct catalog_reader_build_target *target,
		       const struct catalog_value *value)
{
	char room[32];
	const char *text = plain_text(
		catalog_reader_build_count(value) > 0 ? catalog_reader_build_at(value, 0) : NULL,
		room);
	struct catalog_value *line;

	if (catalog_reader_build_count(value) == 0)
		return;
	if (text != NULL && strncmp(text, "tel:", 4) == 0)
		text += 4;
	line = catalog_value_new_string(text == NULL ? "" : text);
	if (line == NULL)
		build->error = -ENOMEM;
	else
		catalog_reader_field_line(build, target, line);
	catalog_value_free(line);
}

/* --- agents and contacts ---------------------------------------------------------------- */

static const struct catalog_reader_build_row agent_rows[] = {
	{"name_translated", "name", catalog_reader_field_title},
	{"name", "name", catalog_reader_field_title},
	{"foaf:name", "name", catalog_reader_field_title},
	{"vcard:fn", "name", catalog_reader_field_title},
	{"skos:prefLabel", "name", catalog_reader_field_title},
	{"rdfs:label", "name", catalog_reader_field_title},
	{"schema:name", "name", catalog_reader_field_title},
	{"id", "id", catalog_reader_field_line},
	{"@id", "id", catalog_reader_field_line},
	{"uri", "id", catalog_reader_field_line},
	{"identifier", "id", catalog_reader_field_line},
	{"dct:identifier", "id", catalog_reader_field_line},
	{"type", "type", catalog_reader_field_line},
	{"dct:type", "type", catalog_reader_field_line},
	{"email", "email", part_email},
	{"mbox", "email", part_email},
	{"hasEmail", "email", part_email},
	{"foaf:mbox", "email", part_email},
	{"vcard:hasEmail", "email", part_email},
	{"schema:email", "email", part_email},
	{"url", "url", catalog_reader_field_url},
	{"homepage", "url", catalog_reader_field_url},
	{"hasURL", "url", catalog_reader_field_url},
	{"foaf:homepage", "url", catalog_reader_field_url},
	{"vcard:hasURL", "url", catalog_reader_field_url},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

static void agent_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			  const char *path, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char email[CATALOG_READER_EMAIL_BYTES];

	if (text != NULL && strstr(text, "://") != NULL && catalog_url_check(text) == 0)
		set_text(build, part, path, "id", text);
	else if (text != NULL && catalog_reader_email_find(text, email) == 0)
		set_text(build, part, path, "email", email);
	else
		fill(build, part, path, "name", catalog_reader_field_title, value);
}

static const struct kind agent = {agent_rows, COUNT(agent_rows), agent_of_text, NULL};

CATALOG_READER_PART(agent)
{
	set_part(build, target, value, &agent);
}

CATALOG_READER_PART(agents)
{
	append_parts(build, target, value, &agent);
}

static const struct catalog_reader_build_row contact_rows[] = {
	{"name", "name", catalog_reader_field_line},
	{"fn", "name", catalog_reader_field_line},
	{"vcard:fn", "name", catalog_reader_field_line},
	{"vcard:organization-name", "name", catalog_reader_field_line},
	{"foaf:name", "name", catalog_reader_field_line},
	{"schema:name", "name", catalog_reader_field_line},
	{"rdfs:label", "name", catalog_reader_field_line},
	{"email", "email", part_email},
	{"hasEmail", "email", part_email},
	{"mbox", "email", part_email},
	{"vcard:hasEmail", "email", part_email},
	{"vcard:email", "email", part_email},
	{"foaf:mbox", "email", part_email},
	{"schema:email", "email", part_email},
	{"url", "url", catalog_reader_field_url},
	{"hasURL", "url", catalog_reader_field_url},
	{"vcard:hasURL", "url", catalog_reader_field_url},
	{"vcard:url", "url", catalog_reader_field_url},
	{"phone", "phone", part_phone},
	{"telephone", "phone", part_phone},
	{"hasTelephone", "phone", part_phone},
	{"vcard:hasTelephone", "phone", part_phone},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

static void contact_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			    const char *path, const struct catalog_value *value)
{
	char room[32], name[CATALOG_READER_EMAIL_NAME_BYTES], email[CATALOG_READER_EMAIL_BYTES];
	const char *text = catalog_reader_build_text(value, room);
	const struct catalog_reader_build_target target = {part, path, "email", "email"};
	struct catalog_value *line;

	if (text != NULL && catalog_reader_email_find(text, email) == 0) {
		set_text(build, part, path, "email", email);
		catalog_reader_build_repaired(build, &target, value);
	} else if (text != NULL && catalog_reader_email_named(text, name, email) == 0) {
		line = catalog_value_new_string(name);
		if (line == NULL)
			build->error = -ENOMEM;
		else
			fill(build, part, path, "name", catalog_reader_field_line, line);
		catalog_value_free(line);
		set_text(build, part, path, "email", email);
		catalog_reader_build_repaired(build, &target, value);
	} else if (text != NULL && strstr(text, "://") != NULL && catalog_url_check(text) == 0) {
		set_text(build, part, path, "url", text);
	} else {
		fill(build, part, path, "name", catalog_reader_field_line, value);
	}
}

CATALOG_READER_PART(contacts)
{
	static const struct kind contact = {contact_rows, COUNT(contact_rows), contact_of_text,
					    NULL};

	append_parts(build, target, value, &contact);
}

/* --- places ----------------------------------------------------------------------------- */

static bool set_box(struct catalog_reader_build *build, struct catalog_value *part,
		    const struct catalog_value *value)
{
	const struct catalog_reader_build_target target = {part, "", "bbox", "bbox"};
	struct catalog_value *list;
	double box[4];

	if (catalog_reader_geometry_box(value, box) != 0)
		return false;
	list = catalog_value_new_list();
	for (size_t i = 0; i < 4 && list != NULL; i++)
		check(build, catalog_value_append(list, catalog_value_new_double(box[i])));
	catalog_reader_build_set(build, &target, list);
	return true;
}

static void part_box(struct catalog_reader_build *build,
		     const struct catalog_reader_build_target *target,
		     const struct catalog_value *value)
{
	const struct catalog_value *one = value;

	/* A list of one form, or the four numbers themselves. */
	if (catalog_value_type(value) == CATALOG_VALUE_LIST && catalog_value_count(value) > 0 &&
	    catalog_value_count(value) != 4)
		one = catalog_value_at(value, 0, NULL);
	if (catalog_value_get(one, "@value") != NULL)
		one = catalog_value_get(one, "@value");
	if (catalog_reader_build_count(value) == 0)
		return;
	if (catalog_value_get(target->into, target->key) != NULL)
		catalog_reader_build_keep(build, target, value);
	else if (!set_box(build, target->into, one))
		catalog_reader_build_repaired(build, target, value);
}

/* Geometry stays text as given; a GeoJSON object becomes its text. */
static void part_geometry(struct catalog_reader_build *build,
			  const struct catalog_reader_build_target *target,
			  const struct catalog_value *value)
{
	const struct catalog_value *one =
		catalog_reader_build_count(value) > 0 ? catalog_reader_build_at(value, 0) : NULL;
	const char *text = catalog_value_text(one);
	struct catalog_buffer json = {0};

	if (one == NULL)
		return;
	if (catalog_value_get(one, "@value") != NULL)
		text = catalog_value_text(catalog_value_get(one, "@value"));
	if (catalog_value_get(target->into, target->key) != NULL) {
		catalog_reader_build_keep(build, target, value);
		return;
	}
	if (text == NULL && catalog_value_get(one, "coordinates") != NULL) {
		check(build, catalog_json_write(one, CATALOG_JSON_COMPACT, &json));
		check(build, catalog_buffer_append(&json, "", 1));
		if (build->error == 0)
			text = (const char *)json.bytes;
	}
	if (text != NULL && catalog_reader_geometry_is(text) && strlen(text) <= 64u * 1024 &&
	    catalog_utf8_is_text(text, strlen(text), true))
		catalog_reader_build_set(build, target, catalog_value_new_string(text));
	else
		catalog_reader_build_repaired(build, target, value);
	if (catalog_reader_build_count(value) > 1)
		catalog_reader_build_repaired(build, target, value);
	catalog_buffer_close(&json);
}

static void part_country(struct catalog_reader_build *build,
			 const struct catalog_reader_build_target *target,
			 const struct catalog_value *value)
{
	char room[32], country[3];
	const char *text = catalog_reader_build_iri(
		catalog_reader_build_count(value) > 0 ? catalog_reader_build_at(value, 0) : NULL,
		room);

	if (text != NULL && catalog_reader_country_find(text, country) == 0)
		catalog_reader_build_set(build, target, catalog_value_new_string(country));
	else if (catalog_reader_build_count(value) > 0)
		catalog_reader_build_repaired(build, target, value);
}

static const struct catalog_reader_build_row place_rows[] = {
	{"name", "name", catalog_reader_field_title},
	{"text", "name", catalog_reader_field_title},
	{"skos:prefLabel", "name", catalog_reader_field_title},
	{"rdfs:label", "name", catalog_reader_field_title},
	{"locn:geographicName", "name", catalog_reader_field_title},
	{"schema:name", "name", catalog_reader_field_title},
	{"id", "id", catalog_reader_field_line},
	{"@id", "id", catalog_reader_field_line},
	{"uri", "id", catalog_reader_field_line},
	{"dct:identifier", "id", catalog_reader_field_line},
	{"country", "country", part_country},
	{"bbox", "bbox", part_box},
	{"dcat:bbox", "bbox", part_box},
	{"geometry", "geometry", part_geometry},
	{"geom", "geometry", part_geometry},
	{"locn:geometry", "geometry", part_geometry},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

/* The country that a place's id or name says. */
static void find_country(struct catalog_reader_build *build, struct catalog_value *part)
{
	const struct catalog_value *names = catalog_value_get(part, "name");
	const char *id = catalog_value_text(catalog_value_get(part, "id"));
	char country[3] = "";

	if (catalog_value_get(part, "country") != NULL)
		return;
	if (id == NULL || catalog_reader_country_find(id, country) != 0)
		for (size_t i = 0; i < catalog_value_count(names) && country[0] == '\0'; i++)
			if (catalog_reader_country_find(
				    catalog_value_text(catalog_value_at(names, i, NULL)),
				    country) != 0)
				country[0] = '\0';
	if (country[0] != '\0')
		set_text(build, part, "", "country", country);
}

static void place_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			  const char *path, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text != NULL && catalog_reader_geometry_is(text))
		fill(build, part, path, "geometry", part_geometry, value);
	else if (text != NULL && strstr(text, "://") != NULL && catalog_url_check(text) == 0)
		set_text(build, part, path, "id", text);
	else if (!set_box(build, part, value))
		fill(build, part, path, "name", catalog_reader_field_title, value);
}

/* Append the place that has value alone, under key. */
static void append_wrapped(struct catalog_reader_build *build,
			   const struct catalog_reader_build_target *target, const char *key,
			   const struct catalog_value *value, const struct kind *kind)
{
	struct catalog_value *wrapped = catalog_value_new_map();

	if (wrapped == NULL || catalog_value_set(wrapped, key, catalog_value_clone(value)) != 0)
		build->error = -ENOMEM;
	else
		append_parts(build, target, wrapped, kind);
	catalog_value_free(wrapped);
}

CATALOG_READER_PART(places)
{
	static const struct kind place = {place_rows, COUNT(place_rows), place_of_text,
					  find_country};
	double box[4];

	/* The four numbers of one box, not four places; GeoJSON, not a node. */
	if (catalog_value_type(value) == CATALOG_VALUE_LIST &&
	    catalog_reader_geometry_box(value, box) == 0)
		append_wrapped(build, target, "bbox", value, &place);
	else if (catalog_value_get(value, "coordinates") != NULL)
		append_wrapped(build, target, "geometry", value, &place);
	else
		append_parts(build, target, value, &place);
}

/* --- periods ---------------------------------------------------------------------------- */

static const struct catalog_reader_build_row period_rows[] = {
	{"start", "start", catalog_reader_field_date},
	{"startDate", "start", catalog_reader_field_date},
	{"dcat:startDate", "start", catalog_reader_field_date},
	{"schema:startDate", "start", catalog_reader_field_date},
	{"end", "end", catalog_reader_field_date},
	{"endDate", "end", catalog_reader_field_date},
	{"dcat:endDate", "end", catalog_reader_field_date},
	{"schema:endDate", "end", catalog_reader_field_date},
	{"text", "text", catalog_reader_field_line},
	{"rdfs:label", "text", catalog_reader_field_line},
	{"skos:prefLabel", "text", catalog_reader_field_line},
	{"@id", "text", catalog_reader_field_line},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

static void period_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			   const char *path, const struct catalog_value *value)
{
	const struct catalog_reader_build_target target = {part, path, "start", "start"};
	char room[32], start[CATALOG_DATE_BYTES_MAX + 1], end[CATALOG_DATE_BYTES_MAX + 1];
	const char *text = catalog_reader_build_text(value, room);
	bool changed = false;

	if (text == NULL || catalog_reader_interval_read(text, start, end, &changed) != 0) {
		fill(build, part, path, "text", catalog_reader_field_line, value);
		return;
	}
	if (start[0] != '\0')
		set_text(build, part, path, "start", start);
	if (end[0] != '\0')
		set_text(build, part, path, "end", end);
	if (changed)
		catalog_reader_build_repaired(build, &target, value);
}

CATALOG_READER_PART(periods)
{
	static const struct kind period = {period_rows, COUNT(period_rows), period_of_text, NULL};

	append_parts(build, target, value, &period);
}

/* --- checksums and services ------------------------------------------------------------- */

static const struct catalog_reader_build_row checksum_rows[] = {
	{"algorithm", "algorithm", catalog_reader_field_line},
	{"spdx:algorithm", "algorithm", catalog_reader_field_line},
	{"value", "value", catalog_reader_field_line},
	{"checksumValue", "value", catalog_reader_field_line},
	{"spdx:checksumValue", "value", catalog_reader_field_line},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

static void checksum_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			     const char *path, const struct catalog_value *value)
{
	fill(build, part, path, "value", catalog_reader_field_line, value);
}

CATALOG_READER_PART(checksum)
{
	static const struct kind checksum = {checksum_rows, COUNT(checksum_rows), checksum_of_text,
					     NULL};

	set_part(build, target, value, &checksum);
}

static const struct catalog_reader_build_row service_rows[] = {
	{"id", "id", catalog_reader_field_line},
	{"@id", "id", catalog_reader_field_line},
	{"uri", "id", catalog_reader_field_line},
	{"dct:identifier", "id", catalog_reader_field_line},
	{"title", "title", catalog_reader_field_title},
	{"dct:title", "title", catalog_reader_field_title},
	{"description", "description", catalog_reader_field_text},
	{"dct:description", "description", catalog_reader_field_text},
	{"endpointURL", "endpointURL", catalog_reader_field_urls},
	{"endpoint_url", "endpointURL", catalog_reader_field_urls},
	{"dcat:endpointURL", "endpointURL", catalog_reader_field_urls},
	{"endpointDescription", "endpointDescription", catalog_reader_field_urls},
	{"endpoint_description", "endpointDescription", catalog_reader_field_urls},
	{"dcat:endpointDescription", "endpointDescription", catalog_reader_field_urls},
	{"@type", "extra", catalog_reader_field_type},
	{"extra", "extra", catalog_reader_field_extra},
};

static void service_of_text(struct catalog_reader_build *build, struct catalog_value *part,
			    const char *path, const struct catalog_value *value)
{
	fill(build, part, path, "id", catalog_reader_field_line, value);
}

static const struct kind service = {service_rows, COUNT(service_rows), service_of_text, NULL};

CATALOG_READER_PART(service)
{
	set_part(build, target, value, &service);
}

CATALOG_READER_PART(services)
{
	append_parts(build, target, value, &service);
}
