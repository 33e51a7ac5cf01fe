#include "catalog/export_datajson.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "catalog/export_dcat.h"
#include "catalog/listing.h"
#include "catalog/reader_datajson.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct maker {
	const char *tag; /* the language of the record's text */
	int error;       /* sticky */
};

/* Makes the JSON of a property, or NULL if it has none. */
typedef struct catalog_value *(*make_function)(struct maker *maker,
					       const struct catalog_value *value);

struct row {
	const char *key;
	const char *name;
	make_function make;
};

static void set(struct maker *maker, struct catalog_value *map, const char *name,
		struct catalog_value *child)
{
	if (maker->error < 0) {
		catalog_value_free(child);
		return;
	}
	if (catalog_value_set(map, name, child) < 0)
		maker->error = -ENOMEM;
}

static struct catalog_value *made(struct maker *maker, struct catalog_value *value)
{
	if (value == NULL)
		maker->error = -ENOMEM;
	return value;
}

static struct catalog_value *as_is(struct maker *maker, const struct catalog_value *value)
{
	return made(maker, catalog_value_clone(value));
}

static const struct catalog_value *first_of(const struct catalog_value *list)
{
	return catalog_value_count(list) > 0 ? catalog_value_at(list, 0, NULL) : NULL;
}

static struct catalog_value *first(struct maker *maker, const struct catalog_value *list)
{
	const struct catalog_value *one = first_of(list);

	return one != NULL ? as_is(maker, one) : NULL;
}

/* The text in the record's language, or the best. */
static struct catalog_value *lang(struct maker *maker, const struct catalog_value *map)
{
	const char *text = catalog_listing_text(map, maker->tag, NULL);

	return text != NULL ? made(maker, catalog_value_new_string(text)) : NULL;
}

/* All keywords, those in the record's language first. */
static struct catalog_value *keywords(struct maker *maker, const struct catalog_value *map)
{
	struct catalog_value *all = made(maker, catalog_value_new_list());

	for (int pass = 0; pass < 2 && all != NULL; pass++)
		for (size_t i = 0; i < catalog_value_count(map); i++) {
			const char *tag;
			const struct catalog_value *list = catalog_value_at(map, i, &tag);

			if ((strcmp(tag, maker->tag) == 0) != (pass == 0))
				continue;
			for (size_t k = 0; k < catalog_value_count(list); k++)
				if (catalog_value_append(
					    all, as_is(maker, catalog_value_at(list, k, NULL))) < 0)
					maker->error = -ENOMEM;
		}
	return all;
}

/* A node of one type with some of a part's properties. */
static struct catalog_value *node_of(struct maker *maker, const struct catalog_value *part,
				     const char *type, const struct row *rows, size_t count)
{
	struct catalog_value *node = made(maker, catalog_value_new_map());

	if (node == NULL)
		return NULL;
	if (type != NULL)
		set(maker, node, "@type", catalog_value_new_string(type));
	for (size_t i = 0; i < count && maker->error == 0; i++) {
		const struct catalog_value *value = catalog_value_get(part, rows[i].key);
		struct catalog_value *one = value != NULL ? rows[i].make(maker, value) : NULL;

		if (one != NULL)
			set(maker, node, rows[i].name, one);
	}
	return node;
}

/* What the source said under names that we do not know, as it was. */
static void add_extra(struct maker *maker, const struct catalog_value *part,
		      struct catalog_value *node)
{
	const struct catalog_value *extra = catalog_value_get(part, "extra");
	const char *name;

	for (size_t i = 0; i < catalog_value_count(extra); i++) {
		const struct catalog_value *child = catalog_value_at(extra, i, &name);

		if (strncmp(name, "fedcat:", 7) != 0 &&
		    (strcmp(name, "@type") == 0 || catalog_value_get(node, name) == NULL))
			set(maker, node, name, as_is(maker, child));
	}
}

static struct catalog_value *mailbox(struct maker *maker, const struct catalog_value *value)
{
	char text[400];

	if (catalog_value_text(value) == NULL || catalog_value_text_len(value) > 350)
		return NULL;
	snprintf(text, sizeof text, "mailto:%s", catalog_value_text(value));
	return made(maker, catalog_value_new_string(text));
}

static struct catalog_value *contact(struct maker *maker, const struct catalog_value *list)
{
	static const struct row rows[] = {
		{"name", "fn", as_is},
		{"email", "hasEmail", mailbox},
		{"url", "hasURL", as_is},
		{"phone", "hasTelephone", as_is},
	};
	struct catalog_value *node =
		node_of(maker, first_of(list), "vcard:Contact", rows, COUNT(rows));

	if (node != NULL)
		add_extra(maker, first_of(list), node);
	return node;
}

static struct catalog_value *publisher(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "name", lang},   {"id", "id", as_is},        {"type", "type", as_is},
		{"email", "mbox", as_is}, {"url", "homepage", as_is},
	};
	struct catalog_value *node = node_of(maker, part, "org:Organization", rows, COUNT(rows));

	if (node != NULL)
		add_extra(maker, part, node);
	return node;
}

/* A name, or a box as "west,south,east,north". */
static struct catalog_value *place(struct maker *maker, const struct catalog_value *list)
{
	const struct catalog_value *part = first_of(list), *box = catalog_value_get(part, "bbox");
	char text[160];

	if (catalog_value_get(part, "name") != NULL)
		return lang(maker, catalog_value_get(part, "name"));
	if (catalog_value_count(box) == 4) {
		double corner[4] = {0};

		for (size_t i = 0; i < 4; i++)
			corner[i] = catalog_value_double(catalog_value_at(box, i, NULL));
		snprintf(text, sizeof text, "%.10g,%.10g,%.10g,%.10g", corner[0], corner[1],
			 corner[2], corner[3]);
		return made(maker, catalog_value_new_string(text));
	}
	if (catalog_value_get(part, "geometry") != NULL)
		return as_is(maker, catalog_value_get(part, "geometry"));
	return catalog_value_get(part, "id") != NULL ? as_is(maker, catalog_value_get(part, "id"))
						     : NULL;
}

static struct catalog_value *period(struct maker *maker, const struct catalog_value *list)
{
	const struct catalog_value *part = first_of(list);
	const char *start = catalog_value_text(catalog_value_get(part, "start"));
	const char *end = catalog_value_text(catalog_value_get(part, "end"));
	char text[120];

	if (start == NULL && end == NULL)
		return catalog_value_get(part, "text") != NULL
			       ? as_is(maker, catalog_value_get(part, "text"))
			       : NULL;
	snprintf(text, sizeof text, "%.50s/%.50s", start != NULL ? start : "..",
		 end != NULL ? end : "..");
	return made(maker, catalog_value_new_string(text));
}

static struct catalog_value *distribution(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"id", "identifier", as_is},
		{"title", "title", lang},
		{"description", "description", lang},
		{"accessURL", "accessURL", as_is},
		{"downloadURL", "downloadURL", as_is},
		{"mediaType", "mediaType", as_is},
		{"format", "format", as_is},
		{"byteSize", "byteSize", as_is},
		{"checksum", "checksum", as_is},
		{"license", "license", as_is},
		{"rights", "rights", lang},
		{"issued", "issued", as_is},
		{"modified", "modified", as_is},
		{"language", "language", as_is},
		{"conformsTo", "conformsTo", first},
		{"availability", "availability", as_is},
		{"policy", "policy", as_is},
		{"service", "service", as_is},
	};
	struct catalog_value *node = node_of(maker, part, "dcat:Distribution", rows, COUNT(rows));

	if (node != NULL)
		add_extra(maker, part, node);
	return node;
}

static struct catalog_value *distributions(struct maker *maker, const struct catalog_value *list)
{
	struct catalog_value *all = made(maker, catalog_value_new_list());

	for (size_t i = 0; all != NULL && i < catalog_value_count(list); i++)
		if (catalog_value_append(all,
					 distribution(maker, catalog_value_at(list, i, NULL))) < 0)
			maker->error = -ENOMEM;
	return all;
}

static const struct row dataset_rows[] = {
	{"title", "title", lang},
	{"description", "description", lang},
	{"keyword", "keyword", keywords},
	{"theme", "theme", as_is},
	{"identifier", "identifier", first},
	{"landingPage", "landingPage", as_is},
	{"page", "references", as_is},
	{"license", "license", as_is},
	{"rights", "rights", lang},
	{"contact", "contactPoint", contact},
	{"publisher", "publisher", publisher},
	{"issued", "issued", as_is},
	{"modified", "modified", as_is},
	{"frequency", "accrualPeriodicity", as_is},
	{"language", "language", as_is},
	{"spatial", "spatial", place},
	{"temporal", "temporal", period},
	{"conformsTo", "conformsTo", first},
	{"distribution", "distribution", distributions},
	/* Names of the model's own. */
	{"policy", "policy", as_is},
	{"creator", "creator", as_is},
	{"provenance", "provenance", as_is},
	{"version", "version", as_is},
	{"versionNotes", "versionNotes", as_is},
	{"type", "type", as_is},
	{"source", "source", as_is},
	{"isVersionOf", "isVersionOf", as_is},
	{"hasVersion", "hasVersion", as_is},
	{"isReferencedBy", "isReferencedBy", as_is},
	{"relation", "relation", as_is},
	{"service", "service", as_is},
};

/* The record without "fedcat:exact". */
static struct catalog_value *make_record(struct maker *maker, const char *member, const char *id,
					 const struct catalog_value *listing,
					 const struct catalog_export_links *links)
{
	const struct catalog_value *rights = catalog_value_get(listing, "accessRights");
	const char *level = catalog_value_text(rights);
	struct catalog_value *record =
		node_of(maker, listing, "dcat:Dataset", dataset_rows, COUNT(dataset_rows));

	if (record == NULL)
		return NULL;
	if (level != NULL) /* the three words that data.json has are a level */
		set(maker, record,
		    strcmp(level, "public") == 0 || strcmp(level, "restricted public") == 0 ||
				    strcmp(level, "non-public") == 0
			    ? "accessLevel"
			    : "accessRights",
		    as_is(maker, rights));
	if (catalog_value_get(record, "identifier") == NULL)
		set(maker, record, "identifier", catalog_value_new_string(id));
	add_extra(maker, listing, record);
	set(maker, record, "fedcat:id", catalog_value_new_string(id));
	set(maker, record, "fedcat:member", catalog_value_new_string(member));
	if (links != NULL) {
		set(maker, record, "fedcat:receipt", catalog_value_new_string(links->receipt));
		set(maker, record, "fedcat:log", catalog_value_new_string(links->log));
	}
	set(maker, record, "fedcat:language", catalog_value_new_string(maker->tag));
	return record;
}

static int read_back(const struct catalog_value *record, struct catalog_value **ret_listing)
{
	struct catalog_value *copy = catalog_value_clone(record);
	struct catalog_reader_build build = {0};
	struct catalog_reader_own own;
	int r;

	if (copy == NULL)
		return -ENOMEM;
	catalog_reader_own_take(copy, &own);
	catalog_reader_datajson_build("und", copy, &own, &build);
	r = build.error;
	if (r == 0)
		r = catalog_reader_own_settle(&build);
	if (r == 0) {
		*ret_listing = build.listing;
		build.listing = NULL;
	}
	catalog_reader_build_close(&build);
	catalog_reader_own_close(&own);
	catalog_value_free(copy);
	return r;
}

int catalog_export_datajson_make(const char *member, const char *id,
				 const struct catalog_value *listing,
				 const struct catalog_export_links *links,
				 struct catalog_value **ret_record)
{
	struct maker maker = {.tag = "und"};
	struct catalog_value *record, *read = NULL, *patch = NULL;
	int r;

	(void)catalog_listing_text(catalog_value_get(listing, "title"), NULL, &maker.tag);
	record = make_record(&maker, member, id, listing, links);
	r = maker.error;
	if (r == 0)
		r = read_back(record, &read);
	if (r == 0)
		r = catalog_export_dcat_patch(read, listing, &patch);
	if (r == 0 && patch != NULL)
		r = catalog_value_set(record, "fedcat:exact", patch);
	catalog_value_free(read);
	if (r < 0) {
		catalog_value_free(record);
		return r;
	}
	*ret_record = record;
	return 0;
}
