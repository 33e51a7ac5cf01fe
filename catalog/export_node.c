/* One table for each kind of node says under which name a property goes, and in which form.  What
 * has no place there is left out here: catalog/export_dcat adds what is missing as a whole.
 *
 * What a reader of RDF kept under "extra" goes out under its own name again, in place of what was
 * made of it.
 */
#include "catalog/export_node.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/url.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define XSD          "xsd:"
#define MEDIA_TYPES  "http://www.iana.org/assignments/media-types/"
#define ALGORITHMS   "http://spdx.org/rdf/terms#checksumAlgorithm_"
#define WKT          "geosparql:wktLiteral"
#define GEOJSON      "geosparql:geoJSONLiteral"

struct maker {
	const char *uri;
	int error; /* sticky */
};

/* Makes the JSON-LD of a property, or NULL if it has none. */
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

static void append(struct maker *maker, struct catalog_value *list, struct catalog_value *child)
{
	if (list == NULL) {
		catalog_value_free(child);
		maker->error = -ENOMEM;
		return;
	}
	if (catalog_value_append(list, child) < 0)
		maker->error = -ENOMEM;
}

/* Whatever is returned was made, or maker->error says why not. */
static struct catalog_value *made(struct maker *maker, struct catalog_value *value)
{
	if (value == NULL)
		maker->error = -ENOMEM;
	return value;
}

/* --- values ------------------------------------------------------------------------- */

static struct catalog_value *new_pair(struct maker *maker, const char *a, const char *a_text,
				      const char *b, const char *b_text)
{
	struct catalog_value *map = made(maker, catalog_value_new_map());

	if (map == NULL)
		return NULL;
	set(maker, map, a, catalog_value_new_string(a_text));
	if (b != NULL)
		set(maker, map, b, catalog_value_new_string(b_text));
	return map;
}

/* Whether text can stand under "@id": an absolute IRI that no prefix changes. */
static bool is_iri(const char *text)
{
	struct catalog_buffer expanded = {0};
	bool is = text != NULL && catalog_url_check(text) == 0 &&
		  strncmp(text, "dcterms:", 8) != 0 && catalog_iri_expand(text, &expanded) == 0 &&
		  strcmp((const char *)expanded.bytes, text) == 0;

	catalog_buffer_close(&expanded);
	return is;
}

static struct catalog_value *reference(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	return is_iri(text) ? new_pair(maker, "@id", text, NULL, NULL) : NULL;
}

static struct catalog_value *literal(struct maker *maker, const struct catalog_value *value)
{
	return made(maker, catalog_value_clone(value));
}

/* A URL as what it names, words as words. */
static struct catalog_value *words(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text == NULL)
		return NULL;
	return (strstr(text, "://") != NULL || strncmp(text, "urn:", 4) == 0) && is_iri(text)
		       ? reference(maker, value)
		       : literal(maker, value);
}

static struct catalog_value *each(struct maker *maker, const struct catalog_value *list,
				  make_function make)
{
	struct catalog_value *all = made(maker, catalog_value_new_list());

	for (size_t i = 0; all != NULL && i < catalog_value_count(list); i++) {
		struct catalog_value *one = make(maker, catalog_value_at(list, i, NULL));

		if (one != NULL)
			append(maker, all, one);
	}
	return all;
}

static struct catalog_value *references(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, reference);
}

static struct catalog_value *literals(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, literal);
}

static struct catalog_value *all_words(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, words);
}

static struct catalog_value *tagged(struct maker *maker, const char *tag,
				    const struct catalog_value *text)
{
	if (strcmp(tag, "und") == 0)
		return literal(maker, text);
	return catalog_value_text(text) == NULL
		       ? NULL
		       : new_pair(maker, "@value", catalog_value_text(text), "@language", tag);
}

/* {tag: text} or {tag: [text]}. */
static struct catalog_value *lang(struct maker *maker, const struct catalog_value *map)
{
	struct catalog_value *all = made(maker, catalog_value_new_list());

	for (size_t i = 0; all != NULL && i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *value = catalog_value_at(map, i, &tag);
		bool is_list = catalog_value_type(value) == CATALOG_VALUE_LIST;
		size_t count = is_list ? catalog_value_count(value) : 1;

		for (size_t k = 0; k < count; k++) {
			struct catalog_value *one = tagged(
				maker, tag, is_list ? catalog_value_at(value, k, NULL) : value);

			if (one != NULL)
				append(maker, all, one);
		}
	}
	return all;
}

static struct catalog_value *date(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value), *type;
	size_t len = text != NULL ? strlen(text) : 0;

	if (text == NULL)
		return NULL;
	type = strchr(text, 'T') != NULL ? XSD "dateTime"
	       : len == 10               ? XSD "date"
	       : len == 7                ? XSD "gYearMonth"
					 : XSD "gYear";
	return new_pair(maker, "@value", text, "@type", type);
}

static struct catalog_value *bytes(struct maker *maker, const struct catalog_value *value)
{
	char text[32];

	if (catalog_value_type(value) != CATALOG_VALUE_INT)
		return NULL;
	snprintf(text, sizeof text, "%lld", (long long)catalog_value_int(value));
	return new_pair(maker, "@value", text, "@type", XSD "nonNegativeInteger");
}

/* IANA's IRI, where the text is a media type. */
static struct catalog_value *media_type(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value), *slash;
	char iri[200];

	if (text == NULL)
		return NULL;
	slash = strchr(text, '/');
	if (slash == NULL || slash == text || slash[1] == '\0' || strlen(text) > 120 ||
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-"
			      "_/")] != '\0')
		return words(maker, value);
	snprintf(iri, sizeof iri, MEDIA_TYPES "%s", text);
	return new_pair(maker, "@id", iri, NULL, NULL);
}

static struct catalog_value *algorithm(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char iri[200];

	if (text == NULL || strlen(text) > 60 ||
	    text[strspn(text,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] !=
		    '\0')
		return words(maker, value);
	snprintf(iri, sizeof iri, ALGORITHMS "%s", text);
	return new_pair(maker, "@id", iri, NULL, NULL);
}

static struct catalog_value *mailbox(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char iri[400];

	if (text == NULL || strlen(text) > 350)
		return NULL;
	snprintf(iri, sizeof iri, "mailto:%s", text);
	return is_iri(iri) ? new_pair(maker, "@id", iri, NULL, NULL) : literal(maker, value);
}

static struct catalog_value *box(struct maker *maker, const struct catalog_value *value)
{
	double corner[4];
	char text[400];

	if (catalog_value_count(value) != 4)
		return NULL;
	for (size_t i = 0; i < 4; i++) {
		const struct catalog_value *one = catalog_value_at(value, i, NULL);

		if (catalog_value_type(one) != CATALOG_VALUE_INT &&
		    catalog_value_type(one) != CATALOG_VALUE_DOUBLE)
			return NULL;
		corner[i] = catalog_value_double(one);
	}
	snprintf(text, sizeof text,
		 "POLYGON((%.10g %.10g,%.10g %.10g,%.10g %.10g,%.10g %.10g,%.10g %.10g))",
		 corner[0], corner[1], corner[2], corner[1], corner[2], corner[3], corner[0],
		 corner[3], corner[0], corner[1]);
	return new_pair(maker, "@value", text, "@type", WKT);
}

static struct catalog_value *geometry(struct maker *maker, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text == NULL)
		return NULL;
	return new_pair(maker, "@value", text, "@type", text[0] == '{' ? GEOJSON : WKT);
}

/* --- what others have said ---------------------------------------------------------- */

static struct catalog_value *others(struct maker *maker, const struct catalog_value *value);

/* A literal: text with a language or a type. */
static struct catalog_value *others_literal(struct maker *maker, const struct catalog_value *value)
{
	const struct catalog_value *text = catalog_value_get(value, "@value");
	const char *tag = catalog_value_text(catalog_value_get(value, "@language"));
	const char *type = catalog_value_text(catalog_value_get(value, "@type"));
	struct catalog_buffer iri = {0};
	struct catalog_value *map = NULL;
	bool is_type;

	if (catalog_value_type(text) == CATALOG_VALUE_MAP ||
	    catalog_value_type(text) == CATALOG_VALUE_LIST)
		return NULL;
	map = made(maker, catalog_value_new_map());
	if (map == NULL)
		return NULL;
	set(maker, map, "@value", catalog_value_clone(text));
	is_type = type != NULL && catalog_iri_expand(type, &iri) == 0 &&
		  catalog_url_check((const char *)iri.bytes) == 0;
	if (is_type)
		set(maker, map, "@type", catalog_value_new_string(type));
	else if (tag != NULL && tag[0] != '\0' && strlen(tag) < 36 &&
		 tag[strspn(tag,
			    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] ==
			 '\0')
		set(maker, map, "@language", catalog_value_new_string(tag));
	catalog_buffer_close(&iri);
	return map;
}

static void set_types(struct maker *maker, struct catalog_value *node,
		      const struct catalog_value *types)
{
	bool is_list = catalog_value_type(types) == CATALOG_VALUE_LIST;
	struct catalog_value *good = made(maker, catalog_value_new_list());

	for (size_t i = 0; good != NULL && i < (is_list ? catalog_value_count(types) : 1); i++) {
		const struct catalog_value *one =
			is_list ? catalog_value_at(types, i, NULL) : types;
		struct catalog_buffer iri = {0};

		if (catalog_value_text(one) != NULL &&
		    catalog_iri_expand(catalog_value_text(one), &iri) == 0 &&
		    catalog_url_check((const char *)iri.bytes) == 0)
			append(maker, good, catalog_value_clone(one));
		catalog_buffer_close(&iri);
	}
	if (catalog_value_count(good) > 0)
		set(maker, node, "@type", good);
	else
		catalog_value_free(good);
}

static bool is_property(const char *name)
{
	struct catalog_buffer iri = {0};
	bool is = name[0] != '@' && strchr(name, ':') != NULL && strncmp(name, "fedcat:", 7) != 0 &&
		  strncmp(name, "dcterms:", 8) != 0 && catalog_iri_expand(name, &iri) == 0 &&
		  catalog_url_check((const char *)iri.bytes) == 0;

	catalog_buffer_close(&iri);
	return is;
}

/* A node: without its name if it says more than that, since others may say something else of it. */
static struct catalog_value *others_node(struct maker *maker, const struct catalog_value *value)
{
	const char *id = catalog_value_text(catalog_value_get(value, "@id")), *name;
	struct catalog_value *node;

	if (catalog_value_count(value) == 1 && id != NULL)
		return is_iri(id) ? new_pair(maker, "@id", id, NULL, NULL) : NULL;
	node = made(maker, catalog_value_new_map());
	if (node == NULL)
		return NULL;
	if (is_iri(id))
		set(maker, node, "owl:sameAs", new_pair(maker, "@id", id, NULL, NULL));
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const struct catalog_value *child = catalog_value_at(value, i, &name), *old;
		struct catalog_value *one;

		if (strcmp(name, "@type") == 0) {
			set_types(maker, node, child);
			continue;
		}
		old = catalog_value_get(node, name);
		if (!is_property(name) || old != NULL)
			continue;
		one = others(maker, child);
		if (one != NULL)
			set(maker, node, name, one);
	}
	if (catalog_value_count(node) > 0)
		return node;
	catalog_value_free(node);
	return NULL;
}

/* What a reader of RDF has kept, with names in place of IRIs; NULL if JSON-LD has no place for it.
 */
static struct catalog_value *others(struct maker *maker, const struct catalog_value *value)
{
	struct catalog_value *list, *map;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return NULL;
	case CATALOG_VALUE_BOOL:
	case CATALOG_VALUE_INT:
	case CATALOG_VALUE_DOUBLE:
	case CATALOG_VALUE_STRING: return literal(maker, value);
	case CATALOG_VALUE_LIST: return each(maker, value, others);
	case CATALOG_VALUE_MAP: break;
	}
	if (catalog_value_get(value, "@value") != NULL)
		return others_literal(maker, value);
	if (catalog_value_get(value, "@list") == NULL)
		return others_node(maker, value);
	list = others(maker, catalog_value_get(value, "@list"));
	if (catalog_value_type(list) != CATALOG_VALUE_LIST) {
		catalog_value_free(list);
		return NULL;
	}
	map = made(maker, catalog_value_new_map());
	if (map == NULL)
		catalog_value_free(list);
	else
		set(maker, map, "@list", list);
	return map;
}

/* What a part has under "extra". */
static void add_extra(struct maker *maker, const struct catalog_value *part,
		      struct catalog_value *node)
{
	const struct catalog_value *extra = catalog_value_get(part, "extra");
	struct catalog_value *named = NULL;
	const char *name;

	if (catalog_value_type(extra) != CATALOG_VALUE_MAP)
		return;
	if (catalog_iri_compact_tree(extra, &named) < 0) {
		maker->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < catalog_value_count(named); i++) {
		const struct catalog_value *child = catalog_value_at(named, i, &name);
		struct catalog_value *one;

		if (strcmp(name, "@type") == 0)
			set_types(maker, node, child);
		if (!is_property(name))
			continue;
		one = others(maker, child);
		if (one != NULL)
			set(maker, node, name, one);
	}
	catalog_value_free(named);
}

static struct catalog_value *policies(struct maker *maker, const struct catalog_value *list)
{
	struct catalog_value *named = NULL, *all;

	if (catalog_iri_compact_tree(list, &named) < 0) {
		maker->error = -ENOMEM;
		return NULL;
	}
	all = each(maker, named, others);
	catalog_value_free(named);
	return all;
}

/* --- parts -------------------------------------------------------------------------- */

static void fill(struct maker *maker, const struct catalog_value *part, const struct row *rows,
		 size_t count, struct catalog_value *node)
{
	for (size_t i = 0; i < count && maker->error == 0; i++) {
		const struct catalog_value *value = catalog_value_get(part, rows[i].key);
		struct catalog_value *one = value != NULL ? rows[i].make(maker, value) : NULL;

		if (one != NULL)
			set(maker, node, rows[i].name, one);
	}
}

static struct catalog_value *node_of(struct maker *maker, const struct catalog_value *part,
				     const char *type, const struct row *rows, size_t count)
{
	struct catalog_value *node = made(maker, catalog_value_new_map()), *types;

	if (node == NULL)
		return NULL;
	types = made(maker, catalog_value_new_list());
	if (types != NULL)
		append(maker, types, catalog_value_new_string(type));
	set(maker, node, "@type", types);
	fill(maker, part, rows, count, node);
	add_extra(maker, part, node);
	return node;
}

/* A part that has nothing but an IRI is only pointed to. */
static bool is_pointer(const struct catalog_value *part)
{
	return catalog_value_count(part) == 1 &&
	       is_iri(catalog_value_text(catalog_value_get(part, "id")));
}

static struct catalog_value *agent(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "foaf:name", lang},         {"id", "dct:identifier", words},
		{"type", "dct:type", words},         {"email", "foaf:mbox", mailbox},
		{"url", "foaf:homepage", reference},
	};

	return is_pointer(part) ? reference(maker, catalog_value_get(part, "id"))
				: node_of(maker, part, "foaf:Agent", rows, COUNT(rows));
}

static struct catalog_value *agents(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, agent);
}

static struct catalog_value *contact(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "vcard:fn", literal},
		{"email", "vcard:hasEmail", mailbox},
		{"url", "vcard:hasURL", reference},
		{"phone", "vcard:hasTelephone", literal},
	};

	return node_of(maker, part, "vcard:Kind", rows, COUNT(rows));
}

static struct catalog_value *contacts(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, contact);
}

static struct catalog_value *place(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "skos:prefLabel", lang},
		{"id", "dct:identifier", words},
		{"bbox", "dcat:bbox", box},
		{"geometry", "locn:geometry", geometry},
	};
	bool is_country = catalog_value_count(part) == 2 &&
			  catalog_value_get(part, "country") != NULL &&
			  is_iri(catalog_value_text(catalog_value_get(part, "id")));

	return is_pointer(part) || is_country
		       ? reference(maker, catalog_value_get(part, "id"))
		       : node_of(maker, part, "dct:Location", rows, COUNT(rows));
}

static struct catalog_value *places(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, place);
}

static struct catalog_value *period(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"start", "dcat:startDate", date},
		{"end", "dcat:endDate", date},
		{"text", "rdfs:label", literal},
	};

	return node_of(maker, part, "dct:PeriodOfTime", rows, COUNT(rows));
}

static struct catalog_value *periods(struct maker *maker, const struct catalog_value *list)
{
	return each(maker, list, period);
}

static struct catalog_value *checksum(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"algorithm", "spdx:algorithm", algorithm},
		{"value", "spdx:checksumValue", literal},
	};

	return node_of(maker, part, "spdx:Checksum", rows, COUNT(rows));
}

static struct catalog_value *service(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"id", "dct:identifier", literal},
		{"title", "dct:title", lang},
		{"description", "dct:description", lang},
		{"endpointURL", "dcat:endpointURL", references},
		{"endpointDescription", "dcat:endpointDescription", references},
	};

	return node_of(maker, part, "dcat:DataService", rows, COUNT(rows));
}

static struct catalog_value *distribution(struct maker *maker, const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"id", "dct:identifier", literal},
		{"title", "dct:title", lang},
		{"description", "dct:description", lang},
		{"accessURL", "dcat:accessURL", reference},
		{"downloadURL", "dcat:downloadURL", reference},
		{"mediaType", "dcat:mediaType", media_type},
		{"format", "dct:format", words},
		{"byteSize", "dcat:byteSize", bytes},
		{"checksum", "spdx:checksum", checksum},
		{"license", "dct:license", words},
		{"rights", "dct:rights", lang},
		{"issued", "dct:issued", date},
		{"modified", "dct:modified", date},
		{"language", "dct:language", literals},
		{"conformsTo", "dct:conformsTo", all_words},
		{"availability", "dcatap:availability", words},
		{"policy", "odrl:hasPolicy", policies},
		{"service", "dcat:accessService", service},
	};

	return node_of(maker, part, "dcat:Distribution", rows, COUNT(rows));
}

/* Nodes with names below the dataset's: "#distribution-0". */
static struct catalog_value *named(struct maker *maker, const struct catalog_value *list,
				   make_function make, const char *what)
{
	struct catalog_value *all = each(maker, list, make);

	for (size_t i = 0; i < catalog_value_count(all); i++) {
		struct catalog_buffer name = {0};
		/* The list is ours. */
		struct catalog_value *one =
			(struct catalog_value *)(uintptr_t)catalog_value_at(all, i, NULL);

		if (catalog_buffer_print(&name, "%s#%s-%zu%c", maker->uri, what, i, '\0') < 0)
			maker->error = -ENOMEM;
		else if (catalog_value_get(one, "@id") == NULL)
			set(maker, one, "@id", catalog_value_new_string((char *)name.bytes));
		catalog_buffer_close(&name);
	}
	return all;
}

static struct catalog_value *distributions(struct maker *maker, const struct catalog_value *list)
{
	return named(maker, list, distribution, "distribution");
}

/* Services point to the dataset, not it to them. */
static struct catalog_value *services(struct maker *maker, const struct catalog_value *list)
{
	struct catalog_value *all = named(maker, list, service, "service");
	struct catalog_value *map = made(maker, catalog_value_new_map());

	if (map == NULL) {
		catalog_value_free(all);
		return NULL;
	}
	set(maker, map, "dcat:servesDataset", all);
	return map;
}

/* A dataset is one, whatever else its source called it. */
static void ensure_dataset(struct maker *maker, struct catalog_value *node)
{
	const struct catalog_value *types = catalog_value_get(node, "@type");
	struct catalog_value *all;

	for (size_t i = 0; i < catalog_value_count(types); i++) {
		const char *type = catalog_value_text(catalog_value_at(types, i, NULL));

		if (type != NULL &&
		    (strcmp(type, "dcat:Dataset") == 0 || strcmp(type, "dcat:DatasetSeries") == 0))
			return;
	}
	all = each(maker, types, literal);
	if (all != NULL)
		append(maker, all, catalog_value_new_string("dcat:Dataset"));
	set(maker, node, "@type", all);
}

int catalog_export_node_make(const char *uri, const struct catalog_value *listing,
			     struct catalog_value **ret_node)
{
	static const struct row rows[] = {
		{"title", "dct:title", lang},
		{"description", "dct:description", lang},
		{"keyword", "dcat:keyword", lang},
		{"theme", "dcat:theme", all_words},
		{"identifier", "dct:identifier", literals},
		{"landingPage", "dcat:landingPage", reference},
		{"page", "foaf:page", references},
		{"license", "dct:license", words},
		{"accessRights", "dct:accessRights", words},
		{"rights", "dct:rights", lang},
		{"policy", "odrl:hasPolicy", policies},
		{"contact", "dcat:contactPoint", contacts},
		{"creator", "dct:creator", agents},
		{"publisher", "dct:publisher", agent},
		{"issued", "dct:issued", date},
		{"modified", "dct:modified", date},
		{"frequency", "dct:accrualPeriodicity", words},
		{"language", "dct:language", literals},
		{"spatial", "dct:spatial", places},
		{"temporal", "dct:temporal", periods},
		{"provenance", "dct:provenance", lang},
		{"version", "dcat:version", literal},
		{"versionNotes", "adms:versionNotes", lang},
		{"type", "dct:type", words},
		{"conformsTo", "dct:conformsTo", all_words},
		{"source", "dct:source", all_words},
		{"isVersionOf", "dct:isVersionOf", all_words},
		{"hasVersion", "dct:hasVersion", all_words},
		{"isReferencedBy", "dct:isReferencedBy", all_words},
		{"relation", "dct:relation", all_words},
		{"distribution", "dcat:distribution", distributions},
		{"service", "@reverse", services},
	};
	struct maker maker = {.uri = uri};
	const char *source =
		catalog_value_text(catalog_value_get(catalog_value_get(listing, "extra"), "@id"));
	struct catalog_value *node = node_of(&maker, listing, "dcat:Dataset", rows, COUNT(rows));

	if (node != NULL) {
		ensure_dataset(&maker, node);
		set(&maker, node, "@id", catalog_value_new_string(uri));
		if (is_iri(source))
			set(&maker, node, "fedcat:source",
			    new_pair(&maker, "@id", source, NULL, NULL));
		/* Whatever a reader assumes of text without a language. */
		set(&maker, node, "fedcat:language", catalog_value_new_string("und"));
	}
	if (maker.error < 0) {
		catalog_value_free(node);
		return maker.error;
	}
	*ret_node = node;
	return 0;
}
