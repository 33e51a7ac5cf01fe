/* Terms are expanded when they are used: a definition may use prefixes that stand after it, and
 * most terms of a context are never used. */
#include "catalog/reader_jsonld_context.h"

#include <stdio.h>
#include <string.h>

#include "catalog/iri.h"

#define DEPTH_MAX 10 /* terms that stand for terms */
#define ROOM      CATALOG_READER_JSONLD_IRI_BYTES_MAX

/* The terms of our own context: those of DCAT-AP's, of DCAT-US's, and of plain DCAT. */
enum { TEXT = 0, LANG = 1, ID = 2 };
static const struct {
	const char *term;
	const char *name;
	int kind;
} own_terms[] = {
	{"Agent", "foaf:Agent", TEXT},
	{"Catalog", "dcat:Catalog", TEXT},
	{"CatalogRecord", "dcat:CatalogRecord", TEXT},
	{"Catalogue", "dcat:Catalog", TEXT},
	{"CatalogueRecord", "dcat:CatalogRecord", TEXT},
	{"Checksum", "spdx:Checksum", TEXT},
	{"Contact", "vcard:Kind", TEXT},
	{"DataService", "dcat:DataService", TEXT},
	{"Dataset", "dcat:Dataset", TEXT},
	{"DatasetSeries", "dcat:DatasetSeries", TEXT},
	{"Distribution", "dcat:Distribution", TEXT},
	{"Kind", "vcard:Kind", TEXT},
	{"Location", "dct:Location", TEXT},
	{"Organization", "foaf:Organization", TEXT},
	{"PeriodOfTime", "dct:PeriodOfTime", TEXT},
	{"accessRights", "dct:accessRights", ID},
	{"accessService", "dcat:accessService", ID},
	{"accessURL", "dcat:accessURL", ID},
	{"accrualPeriodicity", "dct:accrualPeriodicity", ID},
	{"algorithm", "spdx:algorithm", ID},
	{"applicableLegislation", "dcatap:applicableLegislation", ID},
	{"availability", "dcatap:availability", ID},
	{"bbox", "dcat:bbox", TEXT},
	{"byteSize", "dcat:byteSize", TEXT},
	{"centroid", "dcat:centroid", TEXT},
	{"checksum", "spdx:checksum", ID},
	{"checksumValue", "spdx:checksumValue", TEXT},
	{"compressFormat", "dcat:compressFormat", ID},
	{"conformsTo", "dct:conformsTo", ID},
	{"contactPoint", "dcat:contactPoint", ID},
	{"creator", "dct:creator", ID},
	{"dataset", "dcat:dataset", ID},
	{"description", "dct:description", LANG},
	{"distribution", "dcat:distribution", ID},
	{"downloadURL", "dcat:downloadURL", ID},
	{"endDate", "dcat:endDate", TEXT},
	{"endpointDescription", "dcat:endpointDescription", ID},
	{"endpointURL", "dcat:endpointURL", ID},
	{"fn", "vcard:fn", TEXT},
	{"format", "dct:format", ID},
	{"frequency", "dct:accrualPeriodicity", ID},
	{"geometry", "locn:geometry", TEXT},
	{"hasEmail", "vcard:hasEmail", ID},
	{"hasPolicy", "odrl:hasPolicy", ID},
	{"hasTelephone", "vcard:hasTelephone", ID},
	{"hasURL", "vcard:hasURL", ID},
	{"hasVersion", "dcat:hasVersion", ID},
	{"homepage", "foaf:homepage", ID},
	{"id", "@id", TEXT},
	{"identifier", "dct:identifier", TEXT},
	{"inSeries", "dcat:inSeries", ID},
	{"isReferencedBy", "dct:isReferencedBy", ID},
	{"isVersionOf", "dct:isVersionOf", ID},
	{"issued", "dct:issued", TEXT},
	{"keyword", "dcat:keyword", LANG},
	{"label", "rdfs:label", LANG},
	{"landingPage", "dcat:landingPage", ID},
	{"language", "dct:language", ID},
	{"license", "dct:license", ID},
	{"mbox", "foaf:mbox", ID},
	{"mediaType", "dcat:mediaType", ID},
	{"modified", "dct:modified", TEXT},
	{"name", "foaf:name", LANG},
	{"packageFormat", "dcat:packageFormat", ID},
	{"page", "foaf:page", ID},
	{"prefLabel", "skos:prefLabel", LANG},
	{"provenance", "dct:provenance", LANG},
	{"publisher", "dct:publisher", ID},
	{"qualifiedAttribution", "prov:qualifiedAttribution", ID},
	{"qualifiedRelation", "dcat:qualifiedRelation", ID},
	{"record", "dcat:record", ID},
	{"relation", "dct:relation", ID},
	{"rights", "dct:rights", LANG},
	{"sample", "adms:sample", ID},
	{"servesDataset", "dcat:servesDataset", ID},
	{"service", "dcat:service", ID},
	{"source", "dct:source", ID},
	{"spatial", "dct:spatial", ID},
	{"spatialResolutionInMeters", "dcat:spatialResolutionInMeters", TEXT},
	{"startDate", "dcat:startDate", TEXT},
	{"temporal", "dct:temporal", ID},
	{"temporalResolution", "dcat:temporalResolution", TEXT},
	{"theme", "dcat:theme", ID},
	{"title", "dct:title", LANG},
	{"type", "@type", TEXT},
	{"version", "dcat:version", TEXT},
	{"versionNotes", "adms:versionNotes", LANG},
	{"wasGeneratedBy", "prov:wasGeneratedBy", ID},
};

/* What the address of a context of DCAT has in it. */
static const char *const known_contexts[] = {
	"project-open-data.cio.gov", "/DCAT-AP",         "dcat-ap",     "dcat-us",
	"//www.w3.org/ns/dcat",      "//w3.org/ns/dcat", "dcat.jsonld",
};

/* --- entering ----------------------------------------------------------------------- */

static bool is_known(const char *address)
{
	for (size_t i = 0; i < sizeof known_contexts / sizeof *known_contexts; i++)
		if (strstr(address, known_contexts[i]) != NULL)
			return true;
	return false;
}

size_t catalog_reader_jsonld_context_enter(const struct catalog_reader_jsonld_context *parent,
					   const struct catalog_value *value,
					   struct catalog_reader_jsonld_context *ret_contexts,
					   size_t room, const char **ret_unknown)
{
	bool is_list = catalog_value_type(value) == CATALOG_VALUE_LIST;
	size_t count = is_list ? catalog_value_count(value) : 1, used = 0;

	for (size_t i = 0; i < count && used < room; i++) {
		const struct catalog_value *one =
			is_list ? catalog_value_at(value, i, NULL) : value;
		struct catalog_reader_jsonld_context context = {
			.parent = used > 0 ? &ret_contexts[used - 1] : parent};
		const char *address = catalog_value_text(one);

		if (context.parent != NULL) {
			context.base = context.parent->base;
			context.vocab = context.parent->vocab;
			context.language = context.parent->language;
		}
		if (address != NULL && strstr(address, "schema.org") != NULL)
			context.vocab = "http://schema.org/";
		else if (address != NULL && !is_known(address))
			*ret_unknown = address;
		if (catalog_value_type(one) == CATALOG_VALUE_NULL) {
			context.is_reset = true;
			context.vocab = context.language = NULL;
		}
		if (catalog_value_type(one) == CATALOG_VALUE_MAP) {
			const struct catalog_value *said;

			context.terms = one;
			said = catalog_value_get(one, "@base");
			if (said != NULL)
				context.base = catalog_value_text(said);
			said = catalog_value_get(one, "@vocab");
			if (said != NULL)
				context.vocab = catalog_value_text(said);
			said = catalog_value_get(one, "@language");
			if (said != NULL)
				context.language = catalog_value_text(said);
			if (catalog_value_text(catalog_value_get(one, "@import")) != NULL)
				*ret_unknown =
					catalog_value_text(catalog_value_get(one, "@import"));
		}
		ret_contexts[used++] = context;
	}
	return used;
}

const char *
catalog_reader_jsonld_context_language(const struct catalog_reader_jsonld_context *context)
{
	return context->language;
}

/* --- looking up --------------------------------------------------------------------- */

/* The definition of key, and the context it stands in.  NULL if nobody defines it. */
static const struct catalog_value *find(const struct catalog_reader_jsonld_context *context,
					const char *key,
					const struct catalog_reader_jsonld_context **ret_where)
{
	for (; context != NULL && !context->is_reset; context = context->parent) {
		const struct catalog_value *definition = catalog_value_get(context->terms, key);

		if (definition != NULL && key[0] != '@') {
			*ret_where = context;
			return definition;
		}
	}
	return NULL;
}

static int find_own(const char *key)
{
	size_t low = 0, high = sizeof own_terms / sizeof *own_terms;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(own_terms[middle].term, key);

		if (order == 0)
			return (int)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/* Copy, or leave empty what is too long. */
static void set(char ret_iri[ROOM], const char *text)
{
	size_t len = strlen(text);

	ret_iri[0] = '\0';
	if (len < ROOM)
		memcpy(ret_iri, text, len + 1);
}

static void set_expanded(char ret_iri[ROOM], const char *name)
{
	struct catalog_buffer iri = {0};

	ret_iri[0] = '\0';
	if (catalog_iri_expand(name, &iri) == 0)
		set(ret_iri, (const char *)iri.bytes);
	catalog_buffer_close(&iri);
}

static void expand(const struct catalog_reader_jsonld_context *context, const char *text,
		   bool is_vocab, unsigned depth, char ret_iri[ROOM]);

/* The IRI that a definition gives its term. */
static void expand_definition(const struct catalog_reader_jsonld_context *where, const char *key,
			      const struct catalog_value *definition, unsigned depth,
			      char ret_iri[ROOM])
{
	const char *said = catalog_value_text(definition);

	ret_iri[0] = '\0';
	if (catalog_value_type(definition) == CATALOG_VALUE_MAP) {
		const struct catalog_value *id = catalog_value_get(definition, "@id");

		if (id == NULL)
			id = catalog_value_get(definition, "@reverse");
		said = id == NULL ? key : catalog_value_text(id);
	}
	if (said == NULL)
		return; /* mapped to null */
	if (strcmp(said, key) != 0) {
		expand(where, said, true, depth + 1, ret_iri);
		return;
	}
	/* The term itself: "dct:title" by its prefix, "title" by the vocabulary. */
	if (strchr(key, ':') != NULL)
		expand(where, key, false, depth + 1, ret_iri);
	else if (where->vocab != NULL)
		snprintf(ret_iri, ROOM, "%s%s", where->vocab, key);
}

/* text is "prefix:rest". */
static void expand_compact(const struct catalog_reader_jsonld_context *context, const char *text,
			   size_t colon, unsigned depth, char ret_iri[ROOM])
{
	const struct catalog_reader_jsonld_context *where = NULL;
	const struct catalog_value *definition = NULL;
	char prefix[64], namespace[ROOM];

	if (strncmp(text + colon, "://", 3) == 0 || strncmp(text, "_:", 2) == 0) {
		set(ret_iri, text);
		return;
	}
	if (colon < sizeof prefix) {
		memcpy(prefix, text, colon);
		prefix[colon] = '\0';
		definition = find(context, prefix, &where);
	}
	if (definition != NULL) {
		expand_definition(where, prefix, definition, depth, namespace);
		if (namespace[0] != '\0' && strlen(namespace) + strlen(text + colon + 1) < ROOM) {
			if (snprintf(ret_iri, ROOM, "%s%s", namespace, text + colon + 1) >= (int)ROOM)
				ret_iri[0] = '\0'; /* it fits, which gcc -O2 does not see */
			return;
		}
	}
	if (colon == 7 && memcmp(text, "dcterms", 7) == 0) {
		char name[ROOM];

		snprintf(name, sizeof name, "dct%.*s", ROOM - 8, text + colon);
		set_expanded(ret_iri, name);
		return;
	}
	set_expanded(ret_iri, text); /* the usual prefixes need no declaration */
}

static void expand(const struct catalog_reader_jsonld_context *context, const char *text,
		   bool is_vocab, unsigned depth, char ret_iri[ROOM])
{
	const struct catalog_reader_jsonld_context *where = NULL;
	const struct catalog_value *definition;
	struct catalog_buffer resolved = {0};
	size_t colon = strcspn(text, ":");
	int own;

	ret_iri[0] = '\0';
	if (depth > DEPTH_MAX)
		return;
	if (text[0] == '@') {
		set(ret_iri, text);
		return;
	}
	definition = is_vocab ? find(context, text, &where) : NULL;
	if (definition != NULL) {
		expand_definition(where, text, definition, depth, ret_iri);
		return;
	}
	if (text[colon] == ':') {
		expand_compact(context, text, colon, depth, ret_iri);
		return;
	}
	if (is_vocab && context != NULL && context->vocab != NULL) {
		if (strlen(context->vocab) + strlen(text) < ROOM &&
		    snprintf(ret_iri, ROOM, "%s%s", context->vocab, text) >= (int)ROOM)
			ret_iri[0] = '\0'; /* it fits, which gcc -O2 does not see */
		return;
	}
	own = is_vocab ? find_own(text) : -1;
	if (own >= 0) {
		set_expanded(ret_iri, own_terms[own].name);
		return;
	}
	if (!is_vocab &&
	    catalog_iri_resolve(context != NULL ? context->base : NULL, text, &resolved) == 0)
		set(ret_iri, (const char *)resolved.bytes);
	else
		set(ret_iri, text);
	catalog_buffer_close(&resolved);
}

void catalog_reader_jsonld_context_iri(const struct catalog_reader_jsonld_context *context,
				       const char *text, bool is_vocab,
				       char ret_iri[CATALOG_READER_JSONLD_IRI_BYTES_MAX])
{
	expand(context, text, is_vocab, 0, ret_iri);
}

/* --- terms -------------------------------------------------------------------------- */

static void set_container(const struct catalog_value *container,
			  struct catalog_reader_jsonld_term *term)
{
	bool is_list = catalog_value_type(container) == CATALOG_VALUE_LIST;
	size_t count = is_list ? catalog_value_count(container) : container != NULL;

	for (size_t i = 0; i < count; i++) {
		const char *text = catalog_value_text(is_list ? catalog_value_at(container, i, NULL)
							      : container);

		if (text == NULL)
			continue;
		term->is_list = term->is_list || strcmp(text, "@list") == 0;
		term->is_language_map = term->is_language_map || strcmp(text, "@language") == 0;
		term->is_index = term->is_index || strcmp(text, "@index") == 0 ||
				 strcmp(text, "@id") == 0 || strcmp(text, "@type") == 0;
	}
}

void catalog_reader_jsonld_context_term(const struct catalog_reader_jsonld_context *context,
					const char *key,
					struct catalog_reader_jsonld_term *ret_term)
{
	const struct catalog_reader_jsonld_context *where = NULL;
	const struct catalog_value *definition = find(context, key, &where), *said;
	int own = definition == NULL ? find_own(key) : -1;

	ret_term->type[0] = '\0';
	ret_term->language = NULL;
	ret_term->context = NULL;
	ret_term->is_ignored = ret_term->is_reverse = ret_term->is_list = false;
	ret_term->is_language_map = ret_term->is_index = ret_term->is_loose = false;
	expand(context, key, true, 0, ret_term->iri);
	ret_term->is_ignored = ret_term->iri[0] == '\0';
	if (own >= 0 && (context == NULL || context->vocab == NULL)) {
		ret_term->is_loose = true;
		if (own_terms[own].kind == ID)
			set(ret_term->type, "@id");
		ret_term->is_language_map = own_terms[own].kind == LANG;
		return;
	}
	if (catalog_value_type(definition) != CATALOG_VALUE_MAP) {
		/* "dct:license": "CC-BY" under the usual names says nothing of its kind. */
		return;
	}
	said = catalog_value_get(definition, "@type");
	if (catalog_value_text(said) != NULL)
		expand(where, catalog_value_text(said), true, 0, ret_term->type);
	said = catalog_value_get(definition, "@language");
	if (said != NULL)
		ret_term->language =
			catalog_value_text(said) != NULL ? catalog_value_text(said) : "";
	ret_term->is_reverse = catalog_value_get(definition, "@reverse") != NULL;
	ret_term->context = catalog_value_get(definition, "@context");
	set_container(catalog_value_get(definition, "@container"), ret_term);
}
