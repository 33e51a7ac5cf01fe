/* The rows below say what each property of DCAT means; the fields and parts are those of all
 * readers.  Before them, nodes that a property has where the listing has plain text are made plain:
 * the labels of a dct:ProvenanceStatement, the IRI of a licence.  What such a node says beyond that
 * is kept under "extra", so that nothing is lost.
 *
 * Names are those of catalog/iri.h while a listing is made; at the end those under "extra",
 * "original" and "policy" become IRIs.
 */
#include "catalog/reader_dcat.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/reader_language.h"
#include "catalog/reader_own.h"
#include "catalog/reader_part.h"
#include "catalog/reader_plain.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void check(struct catalog_reader_build *build, int r)
{
	if (r == -ENOMEM)
		build->error = r;
}

/* --- fields of our own -------------------------------------------------------------- */

/* The name at the end of the IRI that IANA's list of media types has for it, by either scheme; NULL
 * if it is none of them. */
static const char *after_media_types(const char *iri)
{
	static const char *const lists[] = {"http://www.iana.org/assignments/media-types/",
					    "https://www.iana.org/assignments/media-types/"};

	for (size_t i = 0; i < COUNT(lists); i++)
		if (strncmp(iri, lists[i], strlen(lists[i])) == 0)
			return iri + strlen(lists[i]);
	return NULL;
}

/* "text/csv", whether it is written so or as IANA's IRI. */
static void media_type(struct catalog_reader_build *build,
		       const struct catalog_reader_build_target *target,
		       const struct catalog_value *value)
{
	const char *text = catalog_value_text(
		catalog_reader_build_count(value) == 1 ? catalog_reader_build_at(value, 0) : NULL);
	const char *last = text != NULL ? after_media_types(text) : NULL;
	struct catalog_value *name = last != NULL ? catalog_value_new_string(last) : NULL;

	if (last != NULL && name == NULL)
		build->error = -ENOMEM;
	catalog_reader_field_line(build, target, name != NULL ? name : value);
	catalog_value_free(name);
}

/* The name of SPDX's algorithm: "sha256". */
static void checksum(struct catalog_reader_build *build,
		     const struct catalog_reader_build_target *target,
		     const struct catalog_value *value)
{
	static const char prefix[] = "http://spdx.org/rdf/terms#checksumAlgorithm_";
	struct catalog_value *copy = catalog_value_clone(value);
	const char *iri = catalog_value_text(
		catalog_value_get(catalog_value_get(copy, "spdx:algorithm"), "@id"));

	if (copy == NULL)
		build->error = -ENOMEM;
	else if (iri != NULL && strncmp(iri, prefix, sizeof prefix - 1) == 0)
		check(build, catalog_value_set(copy, "spdx:algorithm",
					       catalog_value_new_string(iri + sizeof prefix - 1)));
	if (copy != NULL && build->error == 0)
		catalog_reader_part_checksum(build, target, copy);
	catalog_value_free(copy);
}

/* --- rows --------------------------------------------------------------------------- */

static const struct catalog_reader_build_row distribution_rows[] = {
	{"@id", "id", catalog_reader_field_line},
	{"dct:identifier", "id", catalog_reader_field_line},
	{"dct:title", "title", catalog_reader_field_title},
	{"schema:name", "title", catalog_reader_field_title},
	{"dct:description", "description", catalog_reader_field_text},
	{"schema:description", "description", catalog_reader_field_text},
	{"dcat:accessURL", "accessURL", catalog_reader_field_url},
	{"dcat:downloadURL", "downloadURL", catalog_reader_field_url},
	{"schema:contentUrl", "downloadURL", catalog_reader_field_url},
	{"dcat:mediaType", "mediaType", media_type},
	{"dct:format", "format", catalog_reader_field_line},
	{"schema:encodingFormat", "format", catalog_reader_field_line},
	{"dcat:byteSize", "byteSize", catalog_reader_field_bytes},
	{"spdx:checksum", "checksum", checksum},
	{"dct:license", "license", catalog_reader_field_line},
	{"dct:rights", "rights", catalog_reader_field_text},
	{"dct:issued", "issued", catalog_reader_field_date},
	{"dct:modified", "modified", catalog_reader_field_date},
	{"dct:language", "language", catalog_reader_field_languages},
	{"dc:language", "language", catalog_reader_field_languages},
	{"dct:conformsTo", "conformsTo", catalog_reader_field_lines},
	{"dcatap:availability", "availability", catalog_reader_field_line},
	{"odrl:hasPolicy", "policy", catalog_reader_field_maps},
	{"dcat:accessService", "service", catalog_reader_part_service},
	{"@type", "extra", catalog_reader_field_type},
};

static int append_each(struct catalog_value *list, const struct catalog_value *value)
{
	int r = 0;

	for (size_t i = 0; i < catalog_reader_build_count(value) && r == 0; i++)
		r = catalog_value_append(list,
					 catalog_value_clone(catalog_reader_build_at(value, i)));
	return r;
}

/* Distributions, made plain first. */
static void distributions(struct catalog_reader_build *build,
			  const struct catalog_reader_build_target *target,
			  const struct catalog_value *value)
{
	struct catalog_value *list = catalog_value_new_list();

	check(build, list == NULL ? -ENOMEM : append_each(list, value));
	for (size_t i = 0; i < catalog_value_count(list) && build->error == 0; i++) {
		/* The list is ours. */
		struct catalog_value *one =
			(struct catalog_value *)(uintptr_t)catalog_value_at(list, i, NULL);

		if (catalog_value_type(one) == CATALOG_VALUE_MAP)
			check(build, catalog_reader_plain_make(one));
	}
	if (build->error == 0)
		catalog_reader_part_each(build, target, list, distribution_rows,
					 COUNT(distribution_rows));
	catalog_value_free(list);
}

static const struct catalog_reader_build_row dataset_rows[] = {
	{"dct:title", "title", catalog_reader_field_title},
	{"dct:description", "description", catalog_reader_field_text},
	{"schema:description", "description", catalog_reader_field_text},
	{"dcat:keyword", "keyword", catalog_reader_field_keywords},
	{"schema:keywords", "keyword", catalog_reader_field_keywords},
	{"dcat:theme", "theme", catalog_reader_field_lines},
	{"dct:identifier", "identifier", catalog_reader_field_lines},
	{"schema:identifier", "identifier", catalog_reader_field_lines},
	{"dcat:landingPage", "landingPage", catalog_reader_field_url},
	{"schema:url", "landingPage", catalog_reader_field_url},
	{"foaf:page", "page", catalog_reader_field_urls},
	{"dct:license", "license", catalog_reader_field_line},
	{"schema:license", "license", catalog_reader_field_line},
	{"dct:accessRights", "accessRights", catalog_reader_field_line},
	{"dct:rights", "rights", catalog_reader_field_text},
	{"odrl:hasPolicy", "policy", catalog_reader_field_maps},
	{"dcat:contactPoint", "contact", catalog_reader_part_contacts},
	{"dct:creator", "creator", catalog_reader_part_agents},
	{"schema:creator", "creator", catalog_reader_part_agents},
	{"dct:publisher", "publisher", catalog_reader_part_agent},
	{"schema:publisher", "publisher", catalog_reader_part_agent},
	{"dct:issued", "issued", catalog_reader_field_date},
	{"schema:datePublished", "issued", catalog_reader_field_date},
	{"dct:modified", "modified", catalog_reader_field_date},
	{"schema:dateModified", "modified", catalog_reader_field_date},
	{"dct:accrualPeriodicity", "frequency", catalog_reader_field_line},
	{"dct:language", "language", catalog_reader_field_languages},
	{"dc:language", "language", catalog_reader_field_languages},
	{"schema:inLanguage", "language", catalog_reader_field_languages},
	{"dct:spatial", "spatial", catalog_reader_part_places},
	{"schema:spatialCoverage", "spatial", catalog_reader_part_places},
	{"dct:temporal", "temporal", catalog_reader_part_periods},
	{"schema:temporalCoverage", "temporal", catalog_reader_part_periods},
	{"dct:provenance", "provenance", catalog_reader_field_text},
	{"dcat:version", "version", catalog_reader_field_line},
	{"owl:versionInfo", "version", catalog_reader_field_line},
	{"schema:version", "version", catalog_reader_field_line},
	{"adms:versionNotes", "versionNotes", catalog_reader_field_text},
	{"dct:type", "type", catalog_reader_field_line},
	{"dct:conformsTo", "conformsTo", catalog_reader_field_lines},
	{"dct:source", "source", catalog_reader_field_lines},
	{"dct:isVersionOf", "isVersionOf", catalog_reader_field_lines},
	{"dcat:isVersionOf", "isVersionOf", catalog_reader_field_lines},
	{"dct:hasVersion", "hasVersion", catalog_reader_field_lines},
	{"dcat:hasVersion", "hasVersion", catalog_reader_field_lines},
	{"dct:isReferencedBy", "isReferencedBy", catalog_reader_field_lines},
	{"dct:relation", "relation", catalog_reader_field_lines},
	{"dcat:distribution", "distribution", distributions},
	{"schema:distribution", "distribution", distributions},
	{"fedcat:service", "service", catalog_reader_part_services},
	{"@type", "extra", catalog_reader_field_type},
};

/* --- names to IRIs ------------------------------------------------------------------ */

/* Keys that begin with "=" without it; such a one goes before its plain form. */
static int without_marks(const struct catalog_value *map, struct catalog_value **ret_map)
{
	struct catalog_value *made = catalog_value_new_map();
	const char *key;
	int r = made == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < catalog_value_count(map) && r == 0; i++) {
		const struct catalog_value *child = catalog_value_at(map, i, &key);

		if (key[0] == '=')
			r = catalog_value_set(made, key + 1, catalog_value_clone(child));
		else if (catalog_value_get(made, key) == NULL)
			r = catalog_value_set(made, key, catalog_value_clone(child));
	}
	if (r < 0) {
		catalog_value_free(made);
		return r;
	}
	*ret_map = made;
	return 0;
}

static int finish_tree(const struct catalog_value *value, struct catalog_value **ret_value);

/* A member of a listing or a part of it: names become IRIs in those that hold nodes. */
static int finish_member(const char *key, const struct catalog_value *value,
			 struct catalog_value **ret_value)
{
	struct catalog_value *unmarked = NULL;
	int r;

	if (strcmp(key, "policy") == 0)
		return catalog_iri_expand_tree(value, ret_value);
	if (strcmp(key, "extra") != 0)
		return finish_tree(value, ret_value);
	r = without_marks(value, &unmarked);
	if (r == 0)
		r = catalog_iri_expand_tree(unmarked, ret_value);
	catalog_value_free(unmarked);
	return r;
}

static int finish_tree(const struct catalog_value *value, struct catalog_value **ret_value)
{
	bool is_map = catalog_value_type(value) == CATALOG_VALUE_MAP;
	struct catalog_value *made, *child;
	const char *key;
	int r = 0;

	if (!is_map && catalog_value_type(value) != CATALOG_VALUE_LIST) {
		*ret_value = catalog_value_clone(value);
		return *ret_value == NULL ? -ENOMEM : 0;
	}
	made = is_map ? catalog_value_new_map() : catalog_value_new_list();
	if (made == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++) {
		const struct catalog_value *old = catalog_value_at(value, i, &key);

		child = NULL;
		r = is_map ? finish_member(key, old, &child) : finish_tree(old, &child);
		if (r == 0)
			r = is_map ? catalog_value_set(made, key, child)
				   : catalog_value_append(made, child);
	}
	if (r < 0) {
		catalog_value_free(made);
		return r;
	}
	*ret_value = made;
	return 0;
}

static int replace(struct catalog_value **value,
		   int (*make)(const struct catalog_value *, struct catalog_value **))
{
	struct catalog_value *made = NULL;
	int r = make(*value, &made);

	if (r < 0)
		return r;
	catalog_value_free(*value);
	*value = made;
	return 0;
}

/* --- listings ----------------------------------------------------------------------- */

static void first_identifier(const struct catalog_value *node,
			     char ret_identifier[CATALOG_READER_DCAT_ID_BYTES_MAX])
{
	static const char *const names[] = {"dct:identifier", "schema:identifier"};
	const char *iri = catalog_value_text(catalog_value_get(node, "@id"));
	char number[32];

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct catalog_value *value = catalog_value_get(node, names[i]);

		for (size_t k = 0; k < catalog_reader_build_count(value); k++) {
			const char *text =
				catalog_reader_build_iri(catalog_reader_build_at(value, k), number);

			if (text == NULL || text[0] == '\0')
				continue;
			snprintf(ret_identifier, CATALOG_READER_DCAT_ID_BYTES_MAX, "%s", text);
			return;
		}
	}
	snprintf(ret_identifier, CATALOG_READER_DCAT_ID_BYTES_MAX, "%s", iri != NULL ? iri : "");
}

/* A dataset without dct:title may have its title elsewhere. */
static int find_title(struct catalog_value *node)
{
	static const char *const names[] = {"schema:name", "rdfs:label", "skos:prefLabel",
					    "foaf:name"};

	for (size_t i = 0; i < COUNT(names); i++) {
		if (catalog_value_get(node, "dct:title") != NULL)
			return 0;
		if (catalog_value_get(node, names[i]) != NULL) {
			struct catalog_value *title = catalog_value_take(node, names[i]);

			return catalog_value_set(node, "dct:title", title);
		}
	}
	return 0;
}

/* Nodes that our export has named below the dataset's own name had none. */
static void take_names(struct catalog_value *value, const char *subject)
{
	const char *id = catalog_value_text(catalog_value_get(value, "@id"));
	size_t len = strlen(subject);

	if (id != NULL && strncmp(id, subject, len) == 0 && id[len] == '#')
		catalog_value_free(catalog_value_take(value, "@id"));
	for (size_t i = 0; i < catalog_value_count(value); i++)
		/* The tree is ours. */
		take_names((struct catalog_value *)(uintptr_t)catalog_value_at(value, i, NULL),
			   subject);
}

/* The node of an export of ours, as the source had it. */
static int restore(struct catalog_value *node, const struct catalog_reader_own *own)
{
	struct catalog_value *id = catalog_value_take(node, "@id");

	if (catalog_value_text(id) != NULL)
		take_names(node, catalog_value_text(id));
	catalog_value_free(id);
	return own->has_source
		       ? catalog_value_set(node, "@id", catalog_value_new_string(own->source))
		       : 0;
}

void catalog_reader_dcat_build(struct catalog_value *node, const char *language,
			       struct catalog_reader_build *build,
			       char ret_identifier[CATALOG_READER_DCAT_ID_BYTES_MAX])
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
	struct catalog_reader_own own;

	snprintf(tag, sizeof tag, "%s", language);
	if (catalog_reader_language_only(catalog_value_get(node, "dct:language"), tag) != 0)
		(void)catalog_reader_language_only(catalog_value_get(node, "dc:language"), tag);
	catalog_reader_own_take(node, &own);
	catalog_reader_build_init(build, own.language[0] != '\0' ? own.language : tag);
	first_identifier(node, ret_identifier);
	if (own.is_ours) {
		snprintf(ret_identifier, CATALOG_READER_DCAT_ID_BYTES_MAX, "%s", own.id);
		check(build, restore(node, &own));
	}
	check(build, find_title(node));
	check(build, catalog_reader_plain_make(node));
	if (build->error == 0)
		catalog_reader_build_object(build, dataset_rows, COUNT(dataset_rows), node,
					    build->listing, "");
	if (build->error == 0)
		check(build, replace(&build->listing, finish_tree));
	if (build->error == 0)
		check(build, replace(&build->original, catalog_iri_expand_tree));
	catalog_reader_own_apply(&own, build);
	catalog_reader_own_close(&own);
}

int catalog_reader_dcat_deliver(struct catalog_reader_graph *graph,
				const struct catalog_reader_options *options,
				struct catalog_reader_sink *sink,
				struct catalog_reader_error *ret_error)
{
	const char *language =
		options->default_language != NULL ? options->default_language : "und";
	uint64_t count = sink->count;
	int r = catalog_reader_graph_finish(graph);

	while (r == 0) {
		char identifier[CATALOG_READER_DCAT_ID_BYTES_MAX];
		struct catalog_reader_graph_dataset dataset;
		struct catalog_reader_place place = {0};
		struct catalog_reader_build build;

		r = catalog_reader_graph_next(graph, &dataset);
		if (r < 0)
			break;
		place.line = dataset.line;
		place.name = dataset.subject;
		if (dataset.node == NULL) {
			r = catalog_reader_sink_reject(sink, &place, dataset.subject,
						       "a dataset of at most 8 MiB and 50,000 "
						       "nodes, with what it points to");
			continue;
		}
		catalog_reader_dcat_build(dataset.node, language, &build, identifier);
		catalog_value_free(dataset.node);
		r = catalog_reader_sink_put(sink, &place, identifier, &build);
	}
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && sink->count == count && catalog_reader_graph_is_foreign(graph)) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "the file is RDF, but nothing in it is a dcat:Dataset or a dcat:Catalog; "
			 "check "
			 "that it is a DCAT catalogue");
		return -EBADMSG;
	}
	return r;
}
