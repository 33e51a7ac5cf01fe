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

#include "catalog/export_extra.h"
#include "catalog/export_make.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define XSD          "xsd:"
#define MEDIA_TYPES  "http://www.iana.org/assignments/media-types/"
#define ALGORITHMS   "http://spdx.org/rdf/terms#checksumAlgorithm_"
#define WKT          "geosparql:wktLiteral"
#define GEOJSON      "geosparql:geoJSONLiteral"

struct row {
	const char *key;
	const char *name;
	catalog_export_make_function make;
};

/* --- values ------------------------------------------------------------------------- */

static struct catalog_value *reference(struct catalog_export_make *maker,
				       const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	return catalog_export_make_is_iri(text)
		       ? catalog_export_make_pair(maker, "@id", text, NULL, NULL)
		       : NULL;
}

/* A URL as what it names, words as words. */
static struct catalog_value *words(struct catalog_export_make *maker,
				   const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text == NULL)
		return NULL;
	return (strstr(text, "://") != NULL || strncmp(text, "urn:", 4) == 0) &&
			       catalog_export_make_is_iri(text)
		       ? reference(maker, value)
		       : catalog_export_make_literal(maker, value);
}

static struct catalog_value *references(struct catalog_export_make *maker,
					const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, reference);
}

static struct catalog_value *literals(struct catalog_export_make *maker,
				      const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, catalog_export_make_literal);
}

static struct catalog_value *all_words(struct catalog_export_make *maker,
				       const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, words);
}

static struct catalog_value *tagged(struct catalog_export_make *maker, const char *tag,
				    const struct catalog_value *text)
{
	if (strcmp(tag, "und") == 0)
		return catalog_export_make_literal(maker, text);
	return catalog_value_text(text) == NULL
		       ? NULL
		       : catalog_export_make_pair(maker, "@value", catalog_value_text(text),
						  "@language", tag);
}

/* {tag: text} or {tag: [text]}. */
static struct catalog_value *lang(struct catalog_export_make *maker,
				  const struct catalog_value *map)
{
	struct catalog_value *all = catalog_export_make_made(maker, catalog_value_new_list());

	for (size_t i = 0; all != NULL && i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *value = catalog_value_at(map, i, &tag);
		bool is_list = catalog_value_type(value) == CATALOG_VALUE_LIST;
		size_t count = is_list ? catalog_value_count(value) : 1;

		for (size_t k = 0; k < count; k++) {
			struct catalog_value *one = tagged(
				maker, tag, is_list ? catalog_value_at(value, k, NULL) : value);

			if (one != NULL)
				catalog_export_make_append(maker, all, one);
		}
	}
	return all;
}

static struct catalog_value *date(struct catalog_export_make *maker,
				  const struct catalog_value *value)
{
	const char *text = catalog_value_text(value), *type;
	size_t len = text != NULL ? strlen(text) : 0;

	if (text == NULL)
		return NULL;
	type = strchr(text, 'T') != NULL ? XSD "dateTime"
	       : len == 10               ? XSD "date"
	       : len == 7                ? XSD "gYearMonth"
					 : XSD "gYear";
	return catalog_export_make_pair(maker, "@value", text, "@type", type);
}

static struct catalog_value *bytes(struct catalog_export_make *maker,
				   const struct catalog_value *value)
{
	char text[32];

	if (catalog_value_type(value) != CATALOG_VALUE_INT)
		return NULL;
	snprintf(text, sizeof text, "%lld", (long long)catalog_value_int(value));
	return catalog_export_make_pair(maker, "@value", text, "@type", XSD "nonNegativeInteger");
}

/* IANA's IRI, where the text is a media type. */
static struct catalog_value *media_type(struct catalog_export_make *maker,
					const struct catalog_value *value)
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
	return catalog_export_make_pair(maker, "@id", iri, NULL, NULL);
}

static struct catalog_value *algorithm(struct catalog_export_make *maker,
				       const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char iri[200];

	if (text == NULL || strlen(text) > 60 ||
	    text[strspn(text,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] !=
		    '\0')
		return words(maker, value);
	snprintf(iri, sizeof iri, ALGORITHMS "%s", text);
	return catalog_export_make_pair(maker, "@id", iri, NULL, NULL);
}

static struct catalog_value *mailbox(struct catalog_export_make *maker,
				     const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char iri[400];

	if (text == NULL || strlen(text) > 350)
		return NULL;
	snprintf(iri, sizeof iri, "mailto:%s", text);
	return catalog_export_make_is_iri(iri)
		       ? catalog_export_make_pair(maker, "@id", iri, NULL, NULL)
		       : catalog_export_make_literal(maker, value);
}

static struct catalog_value *box(struct catalog_export_make *maker,
				 const struct catalog_value *value)
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
	return catalog_export_make_pair(maker, "@value", text, "@type", WKT);
}

static struct catalog_value *geometry(struct catalog_export_make *maker,
				      const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);

	if (text == NULL)
		return NULL;
	return catalog_export_make_pair(maker, "@value", text, "@type",
					text[0] == '{' ? GEOJSON : WKT);
}

/* --- parts -------------------------------------------------------------------------- */

static void fill(struct catalog_export_make *maker, const struct catalog_value *part,
		 const struct row *rows, size_t count, struct catalog_value *node)
{
	for (size_t i = 0; i < count && maker->error == 0; i++) {
		const struct catalog_value *value = catalog_value_get(part, rows[i].key);
		struct catalog_value *one = value != NULL ? rows[i].make(maker, value) : NULL;

		if (one != NULL)
			catalog_export_make_set(maker, node, rows[i].name, one);
	}
}

static struct catalog_value *node_of(struct catalog_export_make *maker,
				     const struct catalog_value *part, const char *type,
				     const struct row *rows, size_t count)
{
	struct catalog_value *node = catalog_export_make_made(maker, catalog_value_new_map()),
			     *types;

	if (node == NULL)
		return NULL;
	types = catalog_export_make_made(maker, catalog_value_new_list());
	if (types != NULL)
		catalog_export_make_append(maker, types, catalog_value_new_string(type));
	catalog_export_make_set(maker, node, "@type", types);
	fill(maker, part, rows, count, node);
	catalog_export_extra_add(maker, part, node);
	return node;
}

/* A part that has nothing but an IRI is only pointed to. */
static bool is_pointer(const struct catalog_value *part)
{
	return catalog_value_count(part) == 1 &&
	       catalog_export_make_is_iri(catalog_value_text(catalog_value_get(part, "id")));
}

static struct catalog_value *agent(struct catalog_export_make *maker,
				   const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "foaf:name", lang},         {"id", "dct:identifier", words},
		{"type", "dct:type", words},         {"email", "foaf:mbox", mailbox},
		{"url", "foaf:homepage", reference},
	};

	return is_pointer(part) ? reference(maker, catalog_value_get(part, "id"))
				: node_of(maker, part, "foaf:Agent", rows, COUNT(rows));
}

static struct catalog_value *agents(struct catalog_export_make *maker,
				    const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, agent);
}

static struct catalog_value *contact(struct catalog_export_make *maker,
				     const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "vcard:fn", catalog_export_make_literal},
		{"email", "vcard:hasEmail", mailbox},
		{"url", "vcard:hasURL", reference},
		{"phone", "vcard:hasTelephone", catalog_export_make_literal},
	};

	return node_of(maker, part, "vcard:Kind", rows, COUNT(rows));
}

static struct catalog_value *contacts(struct catalog_export_make *maker,
				      const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, contact);
}

static struct catalog_value *place(struct catalog_export_make *maker,
				   const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"name", "skos:prefLabel", lang},
		{"id", "dct:identifier", words},
		{"bbox", "dcat:bbox", box},
		{"geometry", "locn:geometry", geometry},
	};
	bool is_country =
		catalog_value_count(part) == 2 && catalog_value_get(part, "country") != NULL &&
		catalog_export_make_is_iri(catalog_value_text(catalog_value_get(part, "id")));

	return is_pointer(part) || is_country
		       ? reference(maker, catalog_value_get(part, "id"))
		       : node_of(maker, part, "dct:Location", rows, COUNT(rows));
}

static struct catalog_value *places(struct catalog_export_make *maker,
				    const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, place);
}

static struct catalog_value *period(struct catalog_export_make *maker,
				    const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"start", "dcat:startDate", date},
		{"end", "dcat:endDate", date},
		{"text", "rdfs:label", catalog_export_make_literal},
	};

	return node_of(maker, part, "dct:PeriodOfTime", rows, COUNT(rows));
}

static struct catalog_value *periods(struct catalog_export_make *maker,
				     const struct catalog_value *list)
{
	return catalog_export_make_each(maker, list, period);
}

static struct catalog_value *checksum(struct catalog_export_make *maker,
				      const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"algorithm", "spdx:algorithm", algorithm},
		{"value", "spdx:checksumValue", catalog_export_make_literal},
	};

	return node_of(maker, part, "spdx:Checksum", rows, COUNT(rows));
}

static struct catalog_value *service(struct catalog_export_make *maker,
				     const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"id", "dct:identifier", catalog_export_make_literal},
		{"title", "dct:title", lang},
		{"description", "dct:description", lang},
		{"endpointURL", "dcat:endpointURL", references},
		{"endpointDescription", "dcat:endpointDescription", references},
	};

	return node_of(maker, part, "dcat:DataService", rows, COUNT(rows));
}

static struct catalog_value *distribution(struct catalog_export_make *maker,
					  const struct catalog_value *part)
{
	static const struct row rows[] = {
		{"id", "dct:identifier", catalog_export_make_literal},
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
		{"policy", "odrl:hasPolicy", catalog_export_extra_policies},
		{"service", "dcat:accessService", service},
	};

	return node_of(maker, part, "dcat:Distribution", rows, COUNT(rows));
}

/* Nodes with names below the dataset's: "#distribution-0". */
static struct catalog_value *named(struct catalog_export_make *maker,
				   const struct catalog_value *list,
				   catalog_export_make_function make, const char *what)
{
	struct catalog_value *all = catalog_export_make_each(maker, list, make);

	for (size_t i = 0; i < catalog_value_count(all); i++) {
		struct catalog_buffer name = {0};
		/* The list is ours. */
		struct catalog_value *one =
			(struct catalog_value *)(uintptr_t)catalog_value_at(all, i, NULL);

		if (catalog_buffer_print(&name, "%s#%s-%zu%c", maker->uri, what, i, '\0') < 0)
			maker->error = -ENOMEM;
		else if (catalog_value_get(one, "@id") == NULL)
			catalog_export_make_set(maker, one, "@id",
						catalog_value_new_string((char *)name.bytes));
		catalog_buffer_close(&name);
	}
	return all;
}

static struct catalog_value *distributions(struct catalog_export_make *maker,
					   const struct catalog_value *list)
{
	return named(maker, list, distribution, "distribution");
}

/* Services point to the dataset, not it to them. */
static struct catalog_value *services(struct catalog_export_make *maker,
				      const struct catalog_value *list)
{
	struct catalog_value *all = named(maker, list, service, "service");
	struct catalog_value *map = catalog_export_make_made(maker, catalog_value_new_map());

	if (map == NULL) {
		catalog_value_free(all);
		return NULL;
	}
	catalog_export_make_set(maker, map, "dcat:servesDataset", all);
	return map;
}

/* A dataset is one, whatever else its source called it. */
static void ensure_dataset(struct catalog_export_make *maker, struct catalog_value *node)
{
	const struct catalog_value *types = catalog_value_get(node, "@type");
	struct catalog_value *all;

	for (size_t i = 0; i < catalog_value_count(types); i++) {
		const char *type = catalog_value_text(catalog_value_at(types, i, NULL));

		if (type != NULL &&
		    (strcmp(type, "dcat:Dataset") == 0 || strcmp(type, "dcat:DatasetSeries") == 0))
			return;
	}
	all = catalog_export_make_each(maker, types, catalog_export_make_literal);
	if (all != NULL)
		catalog_export_make_append(maker, all, catalog_value_new_string("dcat:Dataset"));
	catalog_export_make_set(maker, node, "@type", all);
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
		{"policy", "odrl:hasPolicy", catalog_export_extra_policies},
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
		{"version", "dcat:version", catalog_export_make_literal},
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
	struct catalog_export_make maker = {.uri = uri};
	const char *source =
		catalog_value_text(catalog_value_get(catalog_value_get(listing, "extra"), "@id"));
	struct catalog_value *node = node_of(&maker, listing, "dcat:Dataset", rows, COUNT(rows));

	if (node != NULL) {
		ensure_dataset(&maker, node);
		catalog_export_make_set(&maker, node, "@id", catalog_value_new_string(uri));
		if (catalog_export_make_is_iri(source))
			catalog_export_make_set(
				&maker, node, "fedcat:source",
				catalog_export_make_pair(&maker, "@id", source, NULL, NULL));
		/* Whatever a reader assumes of text without a language. */
		catalog_export_make_set(&maker, node, "fedcat:language",
					catalog_value_new_string("und"));
	}
	if (maker.error < 0) {
		catalog_value_free(node);
		return maker.error;
	}
	*ret_node = node;
	return 0;
}
