#include "catalog/reader_jsonld_node.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/reader_build.h"

#define CONTEXTS_MAX CATALOG_READER_JSONLD_CONTEXTS_MAX
#define RDF          "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XSD          "http://www.w3.org/2001/XMLSchema#"
#define DCAT         "http://www.w3.org/ns/dcat#"

enum { IRI_ROOM = CATALOG_READER_JSONLD_IRI_BYTES_MAX };

/* Where a value belongs. */
struct under {
	const char *subject;
	const char *predicate;
	bool is_reverse;
};

static int read_value(struct catalog_reader_jsonld_nodes *nodes,
		      const struct catalog_reader_jsonld_context *context,
		      const struct catalog_reader_jsonld_term *term, const struct under *under,
		      const struct catalog_value *value);

/* --- statements --------------------------------------------------------------------- */

static int say(struct catalog_reader_jsonld_nodes *nodes, const struct under *under,
	       const char *object)
{
	struct catalog_reader_statement s = {.subject = under->subject,
					     .predicate = under->predicate,
					     .object = object,
					     .line = nodes->line};

	if (under->is_reverse) {
		s.subject = object;
		s.object = under->subject;
	}
	return nodes->say(nodes->arg, &s);
}

static int say_literal(struct catalog_reader_jsonld_nodes *nodes, const struct under *under,
		       const char *text, const char *language, const char *datatype)
{
	const struct catalog_reader_statement s = {.subject = under->subject,
						   .predicate = under->predicate,
						   .object = text,
						   .is_literal = true,
						   .language = language,
						   .datatype = datatype,
						   .line = nodes->line};

	return nodes->say(nodes->arg, &s);
}

static void new_blank(struct catalog_reader_jsonld_nodes *nodes, char ret_name[IRI_ROOM])
{
	snprintf(ret_name, IRI_ROOM, "_:j%" PRIu64, ++nodes->blanks);
}

/* The document's blank nodes begin with "u", so that they are none of ours. */
static void name_blank(char name[IRI_ROOM])
{
	char copy[IRI_ROOM];

	if (strncmp(name, "_:", 2) != 0)
		return;
	snprintf(copy, sizeof copy, "%s", name + 2);
	snprintf(name, IRI_ROOM, "_:u%.*s", IRI_ROOM - 4, copy);
}

/* --- values ------------------------------------------------------------------------- */

static int say_json(struct catalog_reader_jsonld_nodes *nodes, const struct under *under,
		    const struct catalog_value *value)
{
	struct catalog_buffer text = {0};
	int r = catalog_json_write(value, CATALOG_JSON_COMPACT, &text);

	if (r == 0)
		r = catalog_buffer_append(&text, "", 1);
	if (r == 0)
		r = say_literal(nodes, under, (const char *)text.bytes, NULL, RDF "JSON");
	catalog_buffer_close(&text);
	return r;
}

/* A number or truth as text. */
static const char *scalar_text(const struct catalog_value *value, char room[40],
			       const char **ret_datatype)
{
	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_BOOL:
		*ret_datatype = XSD "boolean";
		return catalog_value_bool(value) ? "true" : "false";
	case CATALOG_VALUE_INT:
		*ret_datatype = XSD "integer";
		snprintf(room, 40, "%" PRId64, catalog_value_int(value));
		return room;
	case CATALOG_VALUE_DOUBLE:
		*ret_datatype = XSD "double";
		snprintf(room, 40, "%.15g", catalog_value_double(value));
		if (strtod(room, NULL) != catalog_value_double(value))
			snprintf(room, 40, "%.17g", catalog_value_double(value));
		return room;
	case CATALOG_VALUE_NULL:
	case CATALOG_VALUE_STRING:
	case CATALOG_VALUE_LIST:
	case CATALOG_VALUE_MAP: break;
	}
	return NULL;
}

/* {"@value": ..., "@type": ..., "@language": ...}. */
static int read_literal(struct catalog_reader_jsonld_nodes *nodes,
			const struct catalog_reader_jsonld_context *context,
			const struct under *under, const struct catalog_value *value)
{
	const struct catalog_value *content = catalog_value_get(value, "@value");
	const char *type = catalog_value_text(catalog_value_get(value, "@type"));
	const char *language = catalog_value_text(catalog_value_get(value, "@language"));
	const char *text = catalog_value_text(content), *datatype = NULL;
	char iri[IRI_ROOM], room[40];

	if (type != NULL && strcmp(type, "@json") == 0)
		return say_json(nodes, under, content);
	if (text == NULL)
		text = scalar_text(content, room, &datatype);
	if (text == NULL)
		return 0; /* null, or no literal */
	if (type != NULL) {
		catalog_reader_jsonld_context_iri(context, type, true, iri);
		if (iri[0] != '\0')
			datatype = iri;
	}
	return say_literal(nodes, under, text, language, datatype);
}

/* Text, a number or a truth, by what its term says. */
static int read_scalar(struct catalog_reader_jsonld_nodes *nodes,
		       const struct catalog_reader_jsonld_context *context,
		       const struct catalog_reader_jsonld_term *term, const struct under *under,
		       const struct catalog_value *value)
{
	bool is_id = strcmp(term->type, "@id") == 0, is_vocab = strcmp(term->type, "@vocab") == 0;
	const char *text = catalog_value_text(value), *datatype = NULL, *language;
	char iri[IRI_ROOM], room[40];

	if (strcmp(term->type, "@json") == 0)
		return say_json(nodes, under, value);
	if (text == NULL)
		text = scalar_text(value, room, &datatype);
	else if (strlen(text) != catalog_value_text_len(value))
		return 0; /* a NUL, which catalog/json refuses */
	if (text == NULL)
		return 0;
	if ((is_id || is_vocab) && datatype == NULL &&
	    (!term->is_loose || (strstr(text, "://") != NULL && strchr(text, ' ') == NULL) ||
	     strncmp(text, "mailto:", 7) == 0)) {
		catalog_reader_jsonld_context_iri(context, text, is_vocab, iri);
		name_blank(iri);
		return say(nodes, under, iri);
	}
	if (term->type[0] != '\0' && term->type[0] != '@')
		return say_literal(nodes, under, text, NULL, term->type);
	if (datatype != NULL)
		return say_literal(nodes, under, text, NULL, datatype);
	language = term->language != NULL ? term->language
					  : catalog_reader_jsonld_context_language(context);
	return say_literal(nodes, under, text, language, NULL);
}

static bool looks_like_tag(const char *key)
{
	size_t len = strcspn(key, "-_");

	if (strcmp(key, "@none") == 0)
		return true;
	return len >= 2 && len <= 3 &&
	       strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
			   "UVWXYZ0123456789-_") == strlen(key);
}

/* {"en": "text", "fr": ["text", ...]}. */
static bool is_language_map(const struct catalog_value *value)
{
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const char *key;
		enum catalog_value_type type = catalog_value_type(catalog_value_at(value, i, &key));

		if (!looks_like_tag(key) ||
		    (type != CATALOG_VALUE_STRING && type != CATALOG_VALUE_LIST &&
		     type != CATALOG_VALUE_NULL))
			return false;
	}
	return catalog_value_count(value) > 0;
}

static int read_language_map(struct catalog_reader_jsonld_nodes *nodes, const struct under *under,
			     const struct catalog_value *map)
{
	int r = 0;

	for (size_t i = 0; i < catalog_value_count(map) && r == 0; i++) {
		const char *key;
		const struct catalog_value *value = catalog_value_at(map, i, &key);

		if (strcmp(key, "@none") == 0)
			key = NULL;
		for (size_t k = 0; k < catalog_reader_build_count(value) && r == 0; k++) {
			const char *text = catalog_value_text(catalog_reader_build_at(value, k));

			if (text != NULL)
				r = say_literal(nodes, under, text, key, NULL);
		}
	}
	return r;
}

/* {"@list": [...]} as a chain of rdf:first and rdf:rest. */
static int read_list(struct catalog_reader_jsonld_nodes *nodes,
		     const struct catalog_reader_jsonld_context *context,
		     const struct catalog_reader_jsonld_term *term, const struct under *under,
		     const struct catalog_value *list)
{
	size_t count = catalog_reader_build_count(list);
	char link[IRI_ROOM], next[IRI_ROOM];
	struct catalog_reader_jsonld_term element = *term;
	int r;

	element.is_list = false;
	if (count == 0)
		return say(nodes, under, RDF "nil");
	new_blank(nodes, link);
	r = say(nodes, under, link);
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct under first = {link, RDF "first", false};
		const struct under rest = {link, RDF "rest", false};

		r = read_value(nodes, context, &element, &first, catalog_reader_build_at(list, i));
		if (r < 0)
			break;
		if (i + 1 == count) {
			r = say(nodes, &rest, RDF "nil");
			break;
		}
		new_blank(nodes, next);
		r = say(nodes, &rest, next);
		memcpy(link, next, sizeof link);
	}
	return r;
}

static int read_map(struct catalog_reader_jsonld_nodes *nodes,
		    const struct catalog_reader_jsonld_context *context,
		    const struct catalog_reader_jsonld_term *term, const struct under *under,
		    const struct catalog_value *map)
{
	const struct catalog_value *inner;
	char subject[IRI_ROOM];
	const char *type;
	int r = 0;

	if (strcmp(term->type, "@json") == 0)
		return say_json(nodes, under, map);
	if (catalog_value_get(map, "@value") != NULL)
		return read_literal(nodes, context, under, map);
	inner = catalog_value_get(map, "@list");
	if (inner != NULL)
		return read_list(nodes, context, term, under, inner);
	inner = catalog_value_get(map, "@set");
	if (inner != NULL)
		return read_value(nodes, context, term, under, inner);
	if (term->is_language_map && (!term->is_loose || is_language_map(map)))
		return read_language_map(nodes, under, map);
	if (term->is_index) {
		struct catalog_reader_jsonld_term element = *term;

		element.is_index = false;
		for (size_t i = 0; i < catalog_value_count(map) && r == 0; i++)
			r = read_value(nodes, context, &element, under,
				       catalog_value_at(map, i, NULL));
		return r;
	}
	type = strcmp(under->predicate, DCAT "dataset") == 0        ? DCAT "Dataset"
	       : strcmp(under->predicate, DCAT "distribution") == 0 ? DCAT "Distribution"
								    : NULL;
	r = catalog_reader_jsonld_node_read(nodes, context, map, type, subject);
	return r < 0 ? r : say(nodes, under, subject);
}

static int read_value(struct catalog_reader_jsonld_nodes *nodes,
		      const struct catalog_reader_jsonld_context *context,
		      const struct catalog_reader_jsonld_term *term, const struct under *under,
		      const struct catalog_value *value)
{
	int r = 0;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return 0;
	case CATALOG_VALUE_LIST:
		if (term->is_list)
			return read_list(nodes, context, term, under, value);
		for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++)
			r = read_value(nodes, context, term, under,
				       catalog_value_at(value, i, NULL));
		return r;
	case CATALOG_VALUE_MAP: return read_map(nodes, context, term, under, value);
	case CATALOG_VALUE_BOOL:
	case CATALOG_VALUE_INT:
	case CATALOG_VALUE_DOUBLE:
	case CATALOG_VALUE_STRING: break;
	}
	return read_scalar(nodes, context, term, under, value);
}

/* --- nodes -------------------------------------------------------------------------- */

/* Enter the context that value says, which may be NULL. */
const struct catalog_reader_jsonld_context *
catalog_reader_jsonld_node_enter(struct catalog_reader_jsonld_nodes *nodes,
				 const struct catalog_reader_jsonld_context *context,
				 const struct catalog_value *value,
				 struct catalog_reader_jsonld_context room[CONTEXTS_MAX])
{
	const char *unknown = NULL;
	size_t count;

	if (value == NULL)
		return context;
	count = catalog_reader_jsonld_context_enter(context, value, room, CONTEXTS_MAX, &unknown);
	if (unknown != NULL && nodes->unknown[0] == '\0')
		snprintf(nodes->unknown, sizeof nodes->unknown, "%s", unknown);
	return count > 0 ? &room[count - 1] : context;
}

/* What a key stands for among the keywords: "@id" for "id", say. */
static const char *keyword_of(const struct catalog_reader_jsonld_context *context, const char *key,
			      struct catalog_reader_jsonld_term *term)
{
	if (key[0] == '@')
		return key;
	catalog_reader_jsonld_context_term(context, key, term);
	return term->iri[0] == '@' ? term->iri : NULL;
}

static int read_types(struct catalog_reader_jsonld_nodes *nodes,
		      const struct catalog_reader_jsonld_context *context, const char *subject,
		      const struct catalog_value *types)
{
	const struct under under = {subject, RDF "type", false};
	char iri[IRI_ROOM];
	int r = 0;

	for (size_t i = 0; i < catalog_reader_build_count(types) && r == 0; i++) {
		const char *type = catalog_value_text(catalog_reader_build_at(types, i));

		if (type == NULL)
			continue;
		catalog_reader_jsonld_context_iri(context, type, true, iri);
		r = say(nodes, &under, iri);
	}
	return r;
}

static int read_property(struct catalog_reader_jsonld_nodes *nodes,
			 const struct catalog_reader_jsonld_context *context, const char *subject,
			 const struct catalog_value *value, struct catalog_reader_jsonld_term *term)
{
	struct catalog_reader_jsonld_context room[CONTEXTS_MAX];
	struct under under = {subject, term->iri, term->is_reverse};

	if (term->is_ignored)
		return 0;
	return read_value(nodes,
			  catalog_reader_jsonld_node_enter(nodes, context, term->context, room),
			  term, &under, value);
}

/* {"@reverse": {"dcat:servesDataset": ...}}. */
static int read_reverse(struct catalog_reader_jsonld_nodes *nodes,
			const struct catalog_reader_jsonld_context *context, const char *subject,
			const struct catalog_value *map)
{
	struct catalog_reader_jsonld_term *term = malloc(sizeof *term);
	int r = term == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < catalog_value_count(map) && r == 0; i++) {
		const char *key;
		const struct catalog_value *value = catalog_value_at(map, i, &key);

		if (keyword_of(context, key, term) != NULL)
			continue;
		term->is_reverse = !term->is_reverse;
		r = read_property(nodes, context, subject, value, term);
	}
	free(term);
	return r;
}

/* Nodes beside or within a node that are said for themselves: "@graph", "@included". */
static int read_nodes(struct catalog_reader_jsonld_nodes *nodes,
		      const struct catalog_reader_jsonld_context *context,
		      const struct catalog_value *list)
{
	char subject[IRI_ROOM];
	int r = 0;

	for (size_t i = 0; i < catalog_reader_build_count(list) && r == 0; i++) {
		const struct catalog_value *node = catalog_reader_build_at(list, i);

		if (catalog_value_type(node) == CATALOG_VALUE_MAP)
			r = catalog_reader_jsonld_node_read(nodes, context, node, NULL, subject);
	}
	return r;
}

int catalog_reader_jsonld_node_member(struct catalog_reader_jsonld_nodes *nodes,
				      const struct catalog_reader_jsonld_context *context,
				      const char *subject, const char *key,
				      const struct catalog_value *value,
				      struct catalog_reader_jsonld_term *term)
{
	const char *keyword = keyword_of(context, key, term);

	if (keyword == NULL)
		return read_property(nodes, context, subject, value, term);
	if (strcmp(keyword, "@type") == 0)
		return read_types(nodes, context, subject, value);
	if (strcmp(keyword, "@reverse") == 0)
		return read_reverse(nodes, context, subject, value);
	if (strcmp(keyword, "@graph") == 0 || strcmp(keyword, "@included") == 0)
		return read_nodes(nodes, context, value);
	return 0; /* "@id" and "@context" are known, "@index" says nothing */
}

/* The subject that a node says, by "@id" or a term for it. */
static void find_subject(struct catalog_reader_jsonld_nodes *nodes,
			 const struct catalog_reader_jsonld_context *context,
			 const struct catalog_value *node, struct catalog_reader_jsonld_term *term,
			 char ret_subject[IRI_ROOM])
{
	ret_subject[0] = '\0';
	for (size_t i = 0; i < catalog_value_count(node) && ret_subject[0] == '\0'; i++) {
		const char *key, *keyword;
		const char *text = catalog_value_text(catalog_value_at(node, i, &key));

		if (text == NULL || text[0] == '\0')
			continue;
		keyword = keyword_of(context, key, term);
		if (keyword != NULL && strcmp(keyword, "@id") == 0)
			catalog_reader_jsonld_context_iri(context, text, false, ret_subject);
	}
	if (ret_subject[0] == '\0')
		new_blank(nodes, ret_subject);
	else
		name_blank(ret_subject);
}

/* The context that the types of a node bring with them. */
static const struct catalog_reader_jsonld_context *
enter_types(struct catalog_reader_jsonld_nodes *nodes,
	    const struct catalog_reader_jsonld_context *context, const struct catalog_value *node,
	    struct catalog_reader_jsonld_term *term,
	    struct catalog_reader_jsonld_context room[CONTEXTS_MAX])
{
	const struct catalog_value *types = catalog_value_get(node, "@type");

	for (size_t i = 0; i < catalog_reader_build_count(types); i++) {
		const char *type = catalog_value_text(catalog_reader_build_at(types, i));

		if (type == NULL)
			continue;
		catalog_reader_jsonld_context_term(context, type, term);
		if (term->context != NULL)
			return catalog_reader_jsonld_node_enter(nodes, context, term->context,
								room);
	}
	return context;
}

int catalog_reader_jsonld_node_read(struct catalog_reader_jsonld_nodes *nodes,
				    const struct catalog_reader_jsonld_context *context,
				    const struct catalog_value *node, const char *implied_type,
				    char ret_subject[IRI_ROOM])
{
	/* On the heap: nodes nest, and a stack is small. */
	struct {
		struct catalog_reader_jsonld_context own[CONTEXTS_MAX], typed[CONTEXTS_MAX];
		struct catalog_reader_jsonld_term term;
	} *room = malloc(sizeof *room);
	bool has_type = false;
	int r = 0;

	if (room == NULL)
		return -ENOMEM;
	context = catalog_reader_jsonld_node_enter(nodes, context,
						   catalog_value_get(node, "@context"), room->own);
	context = enter_types(nodes, context, node, &room->term, room->typed);
	find_subject(nodes, context, node, &room->term, ret_subject);
	for (size_t i = 0; i < catalog_value_count(node) && r == 0; i++) {
		const char *key, *keyword;
		const struct catalog_value *value = catalog_value_at(node, i, &key);

		keyword = keyword_of(context, key, &room->term);
		has_type = has_type || (keyword != NULL && strcmp(keyword, "@type") == 0);
		r = catalog_reader_jsonld_node_member(nodes, context, ret_subject, key, value,
						      &room->term);
	}
	/* What stands where datasets stand is one, unless it is only pointed to. */
	if (r == 0 && implied_type != NULL && !has_type &&
	    catalog_value_count(node) > (catalog_value_get(node, "@id") != NULL)) {
		const struct under under = {ret_subject, RDF "type", false};

		r = say(nodes, &under, implied_type);
	}
	free(room);
	return r;
}

void catalog_reader_jsonld_node_name(struct catalog_reader_jsonld_nodes *nodes,
				     const struct catalog_reader_jsonld_context *context,
				     const char *text,
				     char ret_subject[CATALOG_READER_JSONLD_IRI_BYTES_MAX])
{
	ret_subject[0] = '\0';
	if (text != NULL)
		catalog_reader_jsonld_context_iri(context, text, false, ret_subject);
	if (ret_subject[0] == '\0')
		new_blank(nodes, ret_subject);
	else
		name_blank(ret_subject);
}
