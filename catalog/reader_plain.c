#include "catalog/reader_plain.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reader_build.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* How a property's nodes become plain. */
enum plain {
	PLAIN_LABELS, /* all labels, in their languages */
	PLAIN_IRI,    /* the IRI, else a label */
	PLAIN_WORDS,  /* a label, else the IRI */
	PLAIN_URL,    /* the IRI, else that of a home page, else a label */
};

struct plain_row {
	const char *name;
	enum plain plain;
};

static const struct plain_row plain_rows[] = {
	{"dct:title", PLAIN_LABELS},
	{"dct:description", PLAIN_LABELS},
	{"dct:provenance", PLAIN_LABELS},
	{"dct:rights", PLAIN_LABELS},
	{"adms:versionNotes", PLAIN_LABELS},
	{"dcat:keyword", PLAIN_LABELS},
	{"dcat:theme", PLAIN_IRI},
	{"dct:license", PLAIN_IRI},
	{"dct:accessRights", PLAIN_IRI},
	{"dct:accrualPeriodicity", PLAIN_IRI},
	{"dct:conformsTo", PLAIN_IRI},
	{"dct:type", PLAIN_IRI},
	{"dct:language", PLAIN_IRI},
	{"dct:source", PLAIN_IRI},
	{"dct:relation", PLAIN_IRI},
	{"dct:isVersionOf", PLAIN_IRI},
	{"dct:hasVersion", PLAIN_IRI},
	{"dcat:isVersionOf", PLAIN_IRI},
	{"dcat:hasVersion", PLAIN_IRI},
	{"dct:isReferencedBy", PLAIN_IRI},
	{"dcat:landingPage", PLAIN_URL},
	{"foaf:page", PLAIN_URL},
	{"dcat:accessURL", PLAIN_URL},
	{"dcat:downloadURL", PLAIN_URL},
	{"dcat:mediaType", PLAIN_IRI},
	{"dct:format", PLAIN_WORDS},
	{"dcatap:availability", PLAIN_IRI},
	{"dcat:endpointURL", PLAIN_IRI},
	{"dcat:endpointDescription", PLAIN_IRI},
};

/* In which properties a node has its words, the best first. */
static const char *const labels[] = {
	"rdfs:label", "skos:prefLabel", "dct:title",    "foaf:name",       "schema:name",
	"rdf:value",  "skos:notation",  "rdfs:comment", "dct:description",
};
static const char *const addresses[] = {"foaf:homepage", "schema:url", "vcard:hasURL"};

/* --- plain values ------------------------------------------------------------------- */

static bool is_node(const struct catalog_value *value)
{
	return catalog_value_type(value) == CATALOG_VALUE_MAP &&
	       catalog_value_get(value, "@value") == NULL;
}

static const struct catalog_value *label_of(const struct catalog_value *node, enum plain plain)
{
	for (size_t i = 0; plain == PLAIN_URL && i < COUNT(addresses); i++) {
		const struct catalog_value *address = catalog_value_get(node, addresses[i]);

		if (address != NULL)
			return address;
	}
	for (size_t i = 0; i < COUNT(labels); i++) {
		const struct catalog_value *label = catalog_value_get(node, labels[i]);

		if (label != NULL && !is_node(label))
			return label;
	}
	return NULL;
}

/* Append value, or each of its values, to list. */
static int append_each(struct catalog_value *list, const struct catalog_value *value)
{
	int r = 0;

	for (size_t i = 0; i < catalog_reader_build_count(value) && r == 0; i++)
		r = catalog_value_append(list,
					 catalog_value_clone(catalog_reader_build_at(value, i)));
	return r;
}

/* Append the plain form of a node; *ret_is_all says whether that is all it says. */
static int append_plain(struct catalog_value *list, const struct catalog_value *node,
			enum plain plain, bool *ret_is_all)
{
	const char *iri = catalog_value_text(catalog_value_get(node, "@id"));
	const struct catalog_value *label = label_of(node, plain);
	size_t said = catalog_value_get(node, "@type") != NULL;
	bool is_by_iri = iri != NULL && (plain == PLAIN_IRI || plain == PLAIN_URL || label == NULL);

	if (!is_by_iri && label == NULL) {
		*ret_is_all = false;
		return 0;
	}
	if (is_by_iri) {
		*ret_is_all = said + 1 == catalog_value_count(node);
		return catalog_value_append(list, catalog_value_new_string(iri));
	}
	*ret_is_all = said + 1 == catalog_value_count(node) &&
		      (plain == PLAIN_LABELS || catalog_reader_build_count(label) == 1);
	if (plain == PLAIN_LABELS)
		return append_each(list, label);
	return catalog_value_append(list, catalog_value_clone(catalog_reader_build_at(label, 0)));
}

/* Make one property of node plain.  What its nodes say beyond that moves to a property of the same
 * name with "=" before it, which no row names. */
static int make_plain(struct catalog_value *node, const struct plain_row *row)
{
	const struct catalog_value *value = catalog_value_get(node, row->name);
	struct catalog_value *list;
	bool has_nodes = false, is_all = true, is_all_of_one;
	char kept[64];
	int r = 0;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++)
		has_nodes = has_nodes || is_node(catalog_reader_build_at(value, i));
	if (!has_nodes)
		return 0;
	list = catalog_value_new_list();
	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < catalog_reader_build_count(value) && r == 0; i++) {
		const struct catalog_value *one = catalog_reader_build_at(value, i);

		if (!is_node(one)) {
			r = catalog_value_append(list, catalog_value_clone(one));
			continue;
		}
		r = append_plain(list, one, row->plain, &is_all_of_one);
		is_all = is_all && is_all_of_one;
	}
	if (r == 0 && !is_all) {
		snprintf(kept, sizeof kept, "=%s", row->name);
		r = catalog_value_set(node, kept, catalog_value_clone(value));
	}
	if (r < 0) {
		catalog_value_free(list);
		return r;
	}
	return catalog_value_set(node, row->name, list);
}

int catalog_reader_plain_make(struct catalog_value *node)
{
	int r = 0;

	for (size_t i = 0; i < COUNT(plain_rows) && r == 0; i++)
		r = make_plain(node, &plain_rows[i]);
	return r;
}
