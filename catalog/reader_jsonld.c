/* A JSON-LD document is read as what it says: statements, which go the way of all RDF.  So a
 * dataset may be nested, or scattered over "@graph", and memory does not grow with the document.
 *
 * The file is scanned twice: for the context of the object that holds the records, which may stand
 * behind them; then for the records.
 */
#include "catalog/reader_format.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/reader_dcat.h"
#include "catalog/reader_json.h"
#include "catalog/reader_jsonld_node.h"

#define DCAT "http://www.w3.org/ns/dcat#"

enum { IRI_ROOM = CATALOG_READER_JSONLD_IRI_BYTES_MAX };

struct reading {
	struct catalog_reader_jsonld_nodes nodes;
	struct catalog_reader_graph *graph;
	struct catalog_reader_sink *sink;
	/* Of the object that holds the records. */
	struct catalog_value *context_value;
	char container[IRI_ROOM];
	bool has_container; /* there is such an object */
	bool is_dataset_array;
	struct catalog_reader_jsonld_context contexts[CATALOG_READER_JSONLD_CONTEXTS_MAX];
	const struct catalog_reader_jsonld_context *context;
};

static int found_array(void *arg, const char *path)
{
	struct reading *reading = arg;

	if (path[0] != '\0') {
		reading->has_container = true;
		reading->is_dataset_array = strstr(path, "dataset") != NULL;
	}
	return 0;
}

/* First scan: the context and the name of the object that holds the records. */
static int found_context(void *arg, const char *key, const struct catalog_reader_json_item *item)
{
	struct reading *reading = arg;
	struct catalog_value *value = NULL;
	int r;

	if (item->is_too_big || (strcmp(key, "@context") != 0 && strcmp(key, "@id") != 0))
		return 0;
	r = catalog_json_read(item->text, &value, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0; /* it is found again, and told, where it counts */
	if (strcmp(key, "@context") == 0 && reading->context_value == NULL) {
		reading->context_value = value;
		return 0;
	}
	if (strcmp(key, "@id") == 0 && catalog_value_text(value) != NULL)
		snprintf(reading->container, sizeof reading->container, "%s",
			 catalog_value_text(value));
	catalog_value_free(value);
	return 0;
}

static int reject(struct reading *reading, const struct catalog_reader_json_item *item,
		  const struct catalog_json_error *error)
{
	struct catalog_reader_place place = {.line = item->line};
	char found[300];

	snprintf(found, sizeof found, "line %" PRIu64 ", column %zu: %s",
		 item->line + error->line - 1, error->column, error->text);
	return catalog_reader_sink_reject(reading->sink, &place, found, "JSON (RFC 8259)");
}

/* Second scan: what else the object that holds the records says. */
static int found_member(void *arg, const char *key, const struct catalog_reader_json_item *item)
{
	struct reading *reading = arg;
	struct catalog_reader_jsonld_term *term;
	struct catalog_value *value = NULL;
	int r;

	if (!reading->has_container || item->is_too_big || strcmp(key, "@context") == 0 ||
	    strcmp(key, "@id") == 0)
		return 0;
	r = catalog_json_read(item->text, &value, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0; /* it only says more of what the records say */
	term = malloc(sizeof *term);
	reading->nodes.line = item->line;
	r = term == NULL ? -ENOMEM
			 : catalog_reader_jsonld_node_member(&reading->nodes, reading->context,
							     reading->container, key, value, term);
	free(term);
	catalog_value_free(value);
	return r;
}

static int found_record(void *arg, const struct catalog_reader_json_item *item)
{
	struct reading *reading = arg;
	struct catalog_reader_place place = {.line = item->line};
	struct catalog_json_error error;
	struct catalog_value *value = NULL;
	char subject[IRI_ROOM];
	int r;

	if (item->is_too_big)
		return catalog_reader_sink_reject(reading->sink, &place, "a record over the limit",
						  "a record of at most 8 MiB");
	r = catalog_json_read(item->text, &value, &error);
	if (r == -EBADMSG)
		return reject(reading, item, &error);
	if (r == -E2BIG)
		return catalog_reader_sink_reject(reading->sink, &place, "JSON nested too deep",
						  "brackets at most 24 deep");
	if (r < 0)
		return r;
	reading->nodes.line = item->line;
	if (catalog_value_type(value) == CATALOG_VALUE_MAP)
		r = catalog_reader_jsonld_node_read(
			&reading->nodes, reading->context, value,
			reading->is_dataset_array ? DCAT "Dataset" : NULL, subject);
	catalog_value_free(value);
	return r;
}

/* Outside all contexts. */
static const struct catalog_reader_jsonld_context nothing;

static int gather(struct reading *reading, struct catalog_reader_source *source,
		  struct catalog_reader_error *ret_error)
{
	const struct catalog_reader_json_found contexts = {
		.member = found_context, .array = found_array, .arg = reading};
	const struct catalog_reader_json_found records = {
		.record = found_record, .member = found_member, .arg = reading};
	char iri[IRI_ROOM];
	int r = catalog_reader_json_scan(source, &contexts, ret_error);

	if (r < 0)
		return r;
	reading->context = &nothing;
	if (reading->has_container)
		reading->context = catalog_reader_jsonld_node_enter(
			&reading->nodes, &nothing, reading->context_value, reading->contexts);
	catalog_reader_jsonld_node_name(&reading->nodes, reading->context,
					reading->container[0] != '\0' ? reading->container : NULL,
					iri);
	memcpy(reading->container, iri, sizeof iri);
	return catalog_reader_json_scan(source, &records, ret_error);
}

static int say(void *arg, const struct catalog_reader_statement *statement)
{
	struct reading *reading = arg;

	return catalog_reader_graph_add(reading->graph, statement);
}

int catalog_reader_jsonld_read(struct catalog_reader_source *source,
			       const struct catalog_reader_options *options,
			       struct catalog_reader_sink *sink,
			       struct catalog_reader_error *ret_error)
{
	struct reading *reading = calloc(1, sizeof *reading);
	uint64_t count = sink->count;
	int r;

	if (reading == NULL)
		return -ENOMEM;
	reading->sink = sink;
	reading->nodes.say = say;
	reading->nodes.arg = reading;
	r = catalog_reader_graph_new(options->temporary_dir, &reading->graph);
	if (r == 0)
		r = gather(reading, source, ret_error);
	if (r == 0)
		r = catalog_reader_dcat_deliver(reading->graph, options, sink, ret_error);
	/* Without its context a document says nothing, unless its names are DCAT's. */
	if ((r == 0 || r == -EBADMSG) && sink->count == count &&
	    reading->nodes.unknown[0] != '\0') {
		snprintf(
			ret_error->text, sizeof ret_error->text,
			"the @context \"%.120s\" is not one that fedcat knows, and nothing is ever "
			"fetched; write the context itself into the file",
			reading->nodes.unknown);
		r = -EBADMSG;
	}
	catalog_reader_graph_free(reading->graph);
	catalog_value_free(reading->context_value);
	free(reading);
	return r;
}
