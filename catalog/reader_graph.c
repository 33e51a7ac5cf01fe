/* Statements are spooled under their subject.  Subjects that are said to be datasets are also
 * listed in a file, in the order of the source; each is then put together by looking up its
 * statements, those of what it points to, and so on.
 */
#include "catalog/reader_graph.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/iri.h"
#include "catalog/reader.h"
#include "catalog/reader_source.h"
#include "catalog/reader_spool.h"

#define TAG_BYTES_MAX    60
#define LIST_COUNT_MAX   5000
#define LISTED_BYTES_MAX (256u * 1024)
#define RDF              "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define XSD_STRING       "http://www.w3.org/2001/XMLSchema#string"
#define SERVES           "http://www.w3.org/ns/dcat#servesDataset"
#define SERVICE          "urn:fedcat:service"

enum kind { KIND_REFERENCE, KIND_PLAIN, KIND_LANGUAGE, KIND_TYPED };

/* What precedes the three texts of a spooled statement. */
struct head {
	uint64_t line, number;
	enum kind kind;
};

/* A spooled statement; texts borrowed. */
struct statement {
	struct head head;
	const char *predicate, *object, *qualifier;
};

struct catalog_reader_graph {
	struct catalog_reader_spool *spool;
	char *temporary_dir;
	struct catalog_buffer listed; /* datasets, as long as they are few */
	size_t listed_used;
	FILE *datasets; /* when they are many; else NULL */
	uint64_t count; /* statements */
	bool has_catalog;
	struct catalog_buffer subject, value;
	/* Of the dataset in work. */
	size_t nodes, bytes;
	const char *path[CATALOG_READER_GRAPH_DEPTH_MAX];
};

/* What is a dataset. */
static const char *const dataset_types[] = {
	"dcat:Dataset",
	"dcat:DatasetSeries",
	"schema:Dataset",
	"https://schema.org/Dataset",
};

/* What stands for itself, and is no part of a dataset that points to it. */
static const char *const own_types[] = {
	"dcat:Dataset",       "dcat:DatasetSeries", "dcat:Catalog",
	"dcat:CatalogRecord", "schema:Dataset",     "https://schema.org/Dataset",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

int catalog_reader_graph_new(const char *temporary_dir, struct catalog_reader_graph **ret_graph)
{
	struct catalog_reader_graph *graph = calloc(1, sizeof *graph);
	int r;

	if (graph == NULL)
		return -ENOMEM;
	r = catalog_reader_spool_new(temporary_dir, &graph->spool);
	if (r == 0 && temporary_dir != NULL) {
		graph->temporary_dir = strdup(temporary_dir);
		r = graph->temporary_dir == NULL ? -ENOMEM : 0;
	}
	if (r < 0) {
		catalog_reader_graph_free(graph);
		return r;
	}
	*ret_graph = graph;
	return 0;
}

void catalog_reader_graph_free(struct catalog_reader_graph *graph)
{
	if (graph == NULL)
		return;
	if (graph->datasets != NULL)
		fclose(graph->datasets);
	catalog_reader_spool_free(graph->spool);
	catalog_buffer_close(&graph->subject);
	catalog_buffer_close(&graph->value);
	catalog_buffer_close(&graph->listed);
	free(graph->temporary_dir);
	free(graph);
}

static struct catalog_span span_of(const char *text)
{
	return (struct catalog_span){(const uint8_t *)text, strlen(text)};
}

/* Write what is listed to the file, which is made when needed. */
static int flush_listed(struct catalog_reader_graph *graph)
{
	int r = 0;

	if (graph->datasets == NULL)
		r = catalog_reader_source_temporary(graph->temporary_dir, &graph->datasets);
	if (r < 0)
		return r;
	errno = 0;
	if (fwrite(graph->listed.bytes, 1, graph->listed.len, graph->datasets) != graph->listed.len)
		return errno != 0 ? -errno : -EIO;
	graph->listed.len = 0;
	return 0;
}

/* Note that subject is a dataset: number of the statement that says so, length, text. */
static int list_dataset(struct catalog_reader_graph *graph, const char *subject)
{
	size_t len = strlen(subject) + 1;
	int r = catalog_buffer_append(&graph->listed, &graph->count, sizeof graph->count);

	if (r == 0)
		r = catalog_buffer_append(&graph->listed, &len, sizeof len);
	if (r == 0)
		r = catalog_buffer_append(&graph->listed, subject, len);
	if (r == 0 && graph->listed.len > LISTED_BYTES_MAX)
		r = flush_listed(graph);
	return r;
}

static bool is_type(const char *predicate)
{
	return strcmp(predicate, RDF "type") == 0;
}

/* Whether a statement says that its subject is a dataset; graph->value is used.  Returns 1, 0,
 * -ENOMEM. */
static int says_dataset(struct catalog_reader_graph *graph, const char *predicate,
			const char *object)
{
	int r;

	if (!is_type(predicate))
		return 0;
	graph->value.len = 0;
	r = catalog_iri_compact(object, &graph->value);
	if (r < 0)
		return r;
	if (strcmp((const char *)graph->value.bytes, "dcat:Catalog") == 0)
		graph->has_catalog = true;
	return is_among((const char *)graph->value.bytes, dataset_types,
			sizeof dataset_types / sizeof *dataset_types);
}

/* A language tag as BCP 47 recommends to write it, "en-GB" and "zh-Hans": parsers change it. */
static const char *write_tag(const char *tag, char room[TAG_BYTES_MAX + 1])
{
	size_t begin = 0, i;

	for (i = 0; tag[i] != '\0' && i < TAG_BYTES_MAX; i++) {
		size_t len = strcspn(tag + begin, "-");

		if (tag[i] == '-')
			begin = i + 1;
		room[i] = (char)(begin > 0 && (len == 2 || (len == 4 && i == begin))
					 ? toupper((unsigned char)tag[i])
					 : tolower((unsigned char)tag[i]));
	}
	room[i] = '\0';
	return room;
}

static int add(struct catalog_reader_graph *graph, const struct catalog_reader_statement *s)
{
	char tag[TAG_BYTES_MAX + 1];
	struct head head = {.line = s->line, .number = graph->count, .kind = KIND_REFERENCE};
	const char *qualifier = "";
	int r;

	if (s->is_literal && s->language != NULL && s->language[0] != '\0') {
		head.kind = KIND_LANGUAGE;
		qualifier = write_tag(s->language, tag);
	} else if (s->is_literal && s->datatype != NULL && strcmp(s->datatype, XSD_STRING) != 0) {
		head.kind = KIND_TYPED;
		qualifier = s->datatype;
	} else if (s->is_literal) {
		head.kind = KIND_PLAIN;
	}
	r = s->is_literal ? 0 : says_dataset(graph, s->predicate, s->object);
	if (r == 1)
		r = list_dataset(graph, s->subject);
	if (r < 0)
		return r;
	graph->value.len = 0;
	r = catalog_buffer_append(&graph->value, &head, sizeof head);
	if (r == 0)
		r = catalog_buffer_append(&graph->value, s->predicate, strlen(s->predicate) + 1);
	if (r == 0)
		r = catalog_buffer_append(&graph->value, s->object, strlen(s->object) + 1);
	if (r == 0)
		r = catalog_buffer_append(&graph->value, qualifier, strlen(qualifier) + 1);
	if (r == 0)
		r = catalog_reader_spool_add(graph->spool, span_of(s->subject),
					     catalog_buffer_span(&graph->value));
	if (r == 0)
		graph->count++;
	return r;
}

int catalog_reader_graph_add(struct catalog_reader_graph *graph,
			     const struct catalog_reader_statement *s)
{
	struct catalog_reader_statement inverse = {.line = s->line};
	int r;

	if (s->subject[0] == '\0' || (!s->is_literal && s->object[0] == '\0'))
		return 0; /* what has no name, nothing can be said of */
	r = add(graph, s);
	if (r < 0 || s->is_literal || strcmp(s->predicate, SERVES) != 0)
		return r;
	inverse.subject = s->object;
	inverse.predicate = SERVICE;
	inverse.object = s->subject;
	return add(graph, &inverse);
}

bool catalog_reader_graph_is_foreign(const struct catalog_reader_graph *graph)
{
	return graph->count > 0 && !graph->has_catalog;
}

int catalog_reader_graph_finish(struct catalog_reader_graph *graph)
{
	if (graph->datasets != NULL) {
		int r = flush_listed(graph);

		if (r < 0)
			return r;
		errno = 0;
		if (fflush(graph->datasets) != 0 || fseeko(graph->datasets, 0, SEEK_SET) != 0)
			return errno != 0 ? -errno : -EIO;
	}
	return catalog_reader_spool_sort(graph->spool);
}

/* --- nodes -------------------------------------------------------------------------- */

/* Read a statement out of bytes that graph_add made. */
static size_t unpack(const uint8_t *bytes, struct statement *ret_statement)
{
	const char *text = (const char *)bytes + sizeof ret_statement->head;

	memcpy(&ret_statement->head, bytes, sizeof ret_statement->head);
	ret_statement->predicate = text;
	ret_statement->object = text + strlen(text) + 1;
	ret_statement->qualifier = ret_statement->object + strlen(ret_statement->object) + 1;
	return (size_t)(ret_statement->qualifier + strlen(ret_statement->qualifier) + 1 -
			(const char *)bytes);
}

/* Read all that is said of subject.  Returns 0, -ENOENT if nothing is, -E2BIG, -EIO, -ENOMEM. */
static int load(struct catalog_reader_graph *graph, const char *subject,
		struct catalog_buffer *statements)
{
	struct catalog_span value;
	int r = catalog_reader_spool_seek(graph->spool, span_of(subject));

	while (r == 0) {
		r = catalog_reader_spool_next(graph->spool, &value);
		if (r == -ENOENT)
			return 0;
		if (r == 0 && graph->bytes + value.len > CATALOG_READER_RECORD_BYTES_MAX)
			return -E2BIG;
		if (r == 0)
			r = catalog_buffer_append(statements, value.bytes, value.len);
		graph->bytes += value.len;
	}
	return r;
}

/* Set property of node: one value stands alone, more are a list. */
static int add_value(struct catalog_value *node, const char *name, bool is_always_list,
		     struct catalog_value *child)
{
	const struct catalog_value *there = catalog_value_get(node, name);
	struct catalog_value *list = NULL;
	int r;

	if (there == NULL && !is_always_list)
		return catalog_value_set(node, name, child);
	if (catalog_value_type(there) == CATALOG_VALUE_LIST)
		/* It is ours: the node was made here. */
		return catalog_value_append((struct catalog_value *)(uintptr_t)there, child);
	list = catalog_value_new_list();
	r = list == NULL ? -ENOMEM : 0;
	if (r == 0 && there != NULL)
		r = catalog_value_append(list, catalog_value_take(node, name));
	if (r < 0) {
		catalog_value_free(list);
		catalog_value_free(child);
		return r;
	}
	r = catalog_value_append(list, child);
	if (r < 0) {
		catalog_value_free(list);
		return r;
	}
	return catalog_value_set(node, name, list);
}

static struct catalog_value *new_pair(const char *a, const char *a_text, const char *b,
				      const char *b_text)
{
	struct catalog_value *map = catalog_value_new_map();

	if (map == NULL)
		return NULL;
	if (catalog_value_set(map, a, catalog_value_new_string(a_text)) < 0 ||
	    (b != NULL && catalog_value_set(map, b, catalog_value_new_string(b_text)) < 0)) {
		catalog_value_free(map);
		return NULL;
	}
	return map;
}

static int make_literal(const struct statement *s, struct catalog_value **ret_value)
{
	struct catalog_buffer name = {0};
	int r = 0;

	if (s->head.kind == KIND_PLAIN) {
		*ret_value = catalog_value_new_string(s->object);
	} else if (s->head.kind == KIND_LANGUAGE) {
		*ret_value = new_pair("@value", s->object, "@language", s->qualifier);
	} else {
		r = catalog_iri_compact(s->qualifier, &name);
		*ret_value =
			r < 0 ? NULL
			      : new_pair("@value", s->object, "@type", (const char *)name.bytes);
		catalog_buffer_close(&name);
	}
	return *ret_value == NULL ? -ENOMEM : 0;
}

static int make_node(struct catalog_reader_graph *graph, const char *subject, size_t depth,
		     struct catalog_buffer *statements, struct catalog_value **ret_node);
static int make_object(struct catalog_reader_graph *graph, const char *object, size_t depth,
		       struct catalog_value **ret_value);

/* The first object of a property among statements; NULL if there is none. */
static const char *find_object(const struct catalog_buffer *statements, const char *predicate,
			       struct statement *ret_statement)
{
	for (size_t at = 0; at < statements->len;) {
		at += unpack(statements->bytes + at, ret_statement);
		if (strcmp(ret_statement->predicate, predicate) == 0)
			return ret_statement->object;
	}
	return NULL;
}

/* A chain of rdf:first and rdf:rest as {"@list"}.  statements are those of its first link. */
static int make_list(struct catalog_reader_graph *graph, size_t depth,
		     struct catalog_buffer *statements, struct catalog_value **ret_value)
{
	struct catalog_value *list = catalog_value_new_list(), *map = catalog_value_new_map();
	size_t count = 0;
	int r = list == NULL || map == NULL ? -ENOMEM : 0;

	while (r == 0) {
		struct statement first, rest;
		struct catalog_value *child = NULL;

		if (++count > LIST_COUNT_MAX)
			r = -E2BIG;
		else if (find_object(statements, RDF "first", &first) == NULL)
			break;
		else if (first.head.kind == KIND_REFERENCE)
			r = make_object(graph, first.object, depth + 1, &child);
		else
			r = make_literal(&first, &child);
		if (r == 0)
			r = catalog_value_append(list, child);
		if (r < 0 || find_object(statements, RDF "rest", &rest) == NULL ||
		    strcmp(rest.object, RDF "nil") == 0)
			break;
		/* rest lies in the statements that are replaced. */
		struct catalog_buffer next = {0};

		r = load(graph, rest.object, &next);
		catalog_buffer_close(statements);
		*statements = next;
		if (r == -ENOENT) {
			r = 0;
			break;
		}
	}
	if (r == 0) {
		r = catalog_value_set(map, "@list", list);
		list = NULL;
	}
	if (r == 0) {
		*ret_value = map;
		map = NULL;
	}
	catalog_value_free(list);
	catalog_value_free(map);
	return r;
}

/* Whether statements are those of something that is no part of another. */
static int is_own(const struct catalog_buffer *statements, bool *ret_own)
{
	struct catalog_buffer name = {0};
	struct statement s;
	int r = 0;

	*ret_own = false;
	for (size_t at = 0; at < statements->len && r == 0;) {
		at += unpack(statements->bytes + at, &s);
		if (!is_type(s.predicate))
			continue;
		name.len = 0;
		r = catalog_iri_compact(s.object, &name);
		if (r == 0 && is_among((const char *)name.bytes, own_types,
				       sizeof own_types / sizeof *own_types))
			*ret_own = true;
	}
	catalog_buffer_close(&name);
	return r;
}

static int make_object(struct catalog_reader_graph *graph, const char *object, size_t depth,
		       struct catalog_value **ret_value)
{
	struct catalog_buffer statements = {0};
	bool own = false, is_loop = false;
	int r = -ENOENT;

	for (size_t i = 0; i < depth; i++)
		is_loop = is_loop || strcmp(graph->path[i], object) == 0;
	if (!is_loop && depth < CATALOG_READER_GRAPH_DEPTH_MAX && strcmp(object, RDF "nil") != 0)
		r = load(graph, object, &statements);
	if (r == 0)
		r = is_own(&statements, &own);
	if (r == 0 && !own) {
		struct statement first;

		if (++graph->nodes > CATALOG_READER_GRAPH_NODES_MAX)
			r = -E2BIG;
		graph->path[depth] = object;
		if (r == 0 && find_object(&statements, RDF "first", &first) != NULL)
			r = make_list(graph, depth, &statements, ret_value);
		else if (r == 0)
			r = make_node(graph, object, depth, &statements, ret_value);
	} else if (r == 0 || r == -ENOENT) {
		/* The name of a blank node says nothing, and another reading would give another. */
		*ret_value = strncmp(object, "_:", 2) == 0 ? catalog_value_new_map()
							   : new_pair("@id", object, NULL, NULL);
		r = *ret_value == NULL ? -ENOMEM : 0;
	}
	catalog_buffer_close(&statements);
	return r;
}

static int add_statement(struct catalog_reader_graph *graph, const struct statement *s,
			 size_t depth, struct catalog_value *node)
{
	struct catalog_buffer name = {0}, type = {0};
	struct catalog_value *child = NULL;
	int r;

	if (is_type(s->predicate) && s->head.kind == KIND_REFERENCE) {
		r = catalog_iri_compact(s->object, &type);
		if (r == 0)
			r = add_value(node, "@type", true,
				      catalog_value_new_string((const char *)type.bytes));
		catalog_buffer_close(&type);
		return r;
	}
	/* A service may serve thousands; each has it the other way round. */
	if (depth > 0 && strcmp(s->predicate, SERVES) == 0)
		return 0;
	r = catalog_iri_compact(s->predicate, &name);
	if (r == 0 && s->head.kind == KIND_REFERENCE)
		r = make_object(graph, s->object, depth + 1, &child);
	else if (r == 0)
		r = make_literal(s, &child);
	if (r == 0)
		r = add_value(node, (const char *)name.bytes, false, child);
	catalog_buffer_close(&name);
	return r;
}

static int make_node(struct catalog_reader_graph *graph, const char *subject, size_t depth,
		     struct catalog_buffer *statements, struct catalog_value **ret_node)
{
	struct catalog_value *node = catalog_value_new_map();
	struct statement s;
	int r = node == NULL ? -ENOMEM : 0;

	assert(depth < CATALOG_READER_GRAPH_DEPTH_MAX);
	graph->path[depth] = subject;
	if (r == 0 && strncmp(subject, "_:", 2) != 0)
		r = catalog_value_set(node, "@id", catalog_value_new_string(subject));
	for (size_t at = 0; at < statements->len && r == 0;) {
		at += unpack(statements->bytes + at, &s);
		r = add_statement(graph, &s, depth, node);
	}
	if (r < 0) {
		catalog_value_free(node);
		return r;
	}
	*ret_node = node;
	return 0;
}

/* Read len bytes of the list.  Returns 0, -ENOENT at its end, -EIO. */
static int read_listed(struct catalog_reader_graph *graph, void *bytes, size_t len)
{
	if (graph->datasets != NULL) {
		if (fread(bytes, 1, len, graph->datasets) == len)
			return 0;
		return ferror(graph->datasets) ? -EIO : -ENOENT;
	}
	if (graph->listed.len - graph->listed_used < len)
		return -ENOENT;
	memcpy(bytes, graph->listed.bytes + graph->listed_used, len);
	graph->listed_used += len;
	return 0;
}

/* Read the next subject of the list.  Returns 0, -ENOENT, -EIO, -ENOMEM. */
static int next_subject(struct catalog_reader_graph *graph, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t len = 0;
	int r = read_listed(graph, &number, sizeof number);

	if (r == 0)
		r = read_listed(graph, &len, sizeof len);
	graph->subject.len = 0;
	if (r == 0)
		r = catalog_buffer_reserve(&graph->subject, len);
	if (r == 0)
		r = read_listed(graph, graph->subject.bytes, len);
	if (r < 0)
		return r;
	graph->subject.len = len;
	*ret_number = number;
	return 0;
}

/* The number and line of the first statement that says that this is a dataset. */
static int first_said(struct catalog_reader_graph *graph, const struct catalog_buffer *statements,
		      struct head *ret_head)
{
	struct statement s;
	int r = 0;

	for (size_t at = 0; at < statements->len && r == 0;) {
		at += unpack(statements->bytes + at, &s);
		if (s.head.kind == KIND_REFERENCE)
			r = says_dataset(graph, s.predicate, s.object);
		if (r == 1)
			*ret_head = s.head;
		if (r != 0)
			return r < 0 ? r : 0;
	}
	*ret_head = (struct head){0};
	return 0;
}

int catalog_reader_graph_next(struct catalog_reader_graph *graph,
			      struct catalog_reader_graph_dataset *ret_dataset)
{
	struct catalog_buffer statements = {0};
	struct catalog_value *node = NULL;
	const char *subject;
	uint64_t number = 0;
	struct head head = {0};
	int r;

	do {
		r = next_subject(graph, &number);
		if (r < 0)
			goto out;
		subject = (const char *)graph->subject.bytes;
		statements.len = 0;
		graph->bytes = graph->nodes = 0;
		r = load(graph, subject, &statements);
		assert(r != -ENOENT);
		if (r == 0 || r == -E2BIG) {
			int found = first_said(graph, &statements, &head);

			if (found < 0)
				r = found;
		}
		if (r < 0 && r != -E2BIG)
			goto out;
	} while (head.number != number && r != -E2BIG); /* said twice */
	if (r == 0)
		r = make_node(graph, subject, 0, &statements, &node);
	if (r < 0 && r != -E2BIG)
		goto out;
	*ret_dataset = (struct catalog_reader_graph_dataset){subject, head.line, node};
	node = NULL;
	r = 0;
out:
	catalog_value_free(node);
	catalog_buffer_close(&statements);
	return r;
}
