/* The node is read back as a reader of any of the formats will read it, from its statements, and
 * compared with the listing: so the promise that nothing is lost does not depend on the tables that
 * write and those that read saying the same.
 */
#include "catalog/export_dcat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/exact.h"
#include "catalog/export_node.h"
#include "catalog/json.h"
#include "catalog/reader_dcat.h"
#include "catalog/reader_jsonld_node.h"
#include "catalog/reader_own.h"

int catalog_export_dcat_say(const struct catalog_value *node,
			    int (*say)(void *arg, const struct catalog_reader_statement *statement),
			    void *arg)
{
	static const struct catalog_reader_jsonld_context nothing;
	struct catalog_reader_jsonld_nodes nodes = {.say = say, .arg = arg};
	char subject[CATALOG_READER_JSONLD_IRI_BYTES_MAX];

	return catalog_reader_jsonld_node_read(&nodes, &nothing, node, NULL, subject);
}

int catalog_export_dcat_patch(const struct catalog_value *read, const struct catalog_value *listing,
			      struct catalog_value **ret_patch)
{
	struct catalog_value *patch = NULL;
	struct catalog_buffer text = {0};
	int r = catalog_exact_diff(read, listing, &patch);

	*ret_patch = NULL;
	if (r == 0 && catalog_value_count(patch) > 0) {
		r = catalog_json_write(patch, CATALOG_JSON_COMPACT, &text);
		if (r == 0) {
			*ret_patch = catalog_value_new_string_n((char *)text.bytes, text.len);
			r = *ret_patch == NULL ? -ENOMEM : 0;
		}
	}
	catalog_value_free(patch);
	catalog_buffer_close(&text);
	return r;
}

static int add(void *arg, const struct catalog_reader_statement *statement)
{
	return catalog_reader_graph_add(arg, statement);
}

/* The listing that node reads back as. */
static int read_back(const struct catalog_value *node, struct catalog_value **ret_listing)
{
	struct catalog_reader_graph_dataset dataset = {0};
	struct catalog_reader_graph *graph = NULL;
	struct catalog_reader_build build = {0};
	char identifier[CATALOG_READER_DCAT_ID_BYTES_MAX];
	int r = catalog_reader_graph_new(NULL, &graph);

	if (r == 0)
		r = catalog_export_dcat_say(node, add, graph);
	if (r == 0)
		r = catalog_reader_graph_finish(graph);
	if (r == 0)
		r = catalog_reader_graph_next(graph, &dataset);
	if (r == 0 && dataset.node != NULL) {
		catalog_reader_dcat_build(dataset.node, "und", &build, identifier);
		r = build.error;
		if (r == 0)
			r = catalog_reader_own_settle(&build);
		if (r == 0) {
			*ret_listing = build.listing;
			build.listing = NULL;
		}
		catalog_reader_build_close(&build);
	} else if (r == 0 || r == -ENOENT) {
		*ret_listing = catalog_value_new_map();
		r = *ret_listing == NULL ? -ENOMEM : 0;
	}
	catalog_value_free(dataset.node);
	catalog_reader_graph_free(graph);
	return r;
}

/* {"@value": text, "@type": "rdf:JSON"}. */
static int set_exact(struct catalog_value *node, struct catalog_value *patch)
{
	struct catalog_value *literal = catalog_value_new_map();
	int r = literal == NULL ? -ENOMEM : 0;

	if (r < 0) {
		catalog_value_free(patch);
		return r;
	}
	r = catalog_value_set(literal, "@value", patch);
	if (r == 0)
		r = catalog_value_set(literal, "@type", catalog_value_new_string("rdf:JSON"));
	if (r < 0) {
		catalog_value_free(literal);
		return r;
	}
	return catalog_value_set(node, "fedcat:exact", literal);
}

/* Add {"@id": url} to what node says under name already, if anything. */
static int add_reference(struct catalog_value *node, const char *name, const char *url)
{
	struct catalog_value *reference = catalog_value_new_map(), *list = NULL;
	int r = reference == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = catalog_value_set(reference, "@id", catalog_value_new_string(url));
	if (r == 0 && catalog_value_get(node, name) == NULL) {
		r = catalog_value_set(node, name, reference);
		reference = NULL; /* taken */
		goto out;
	}
	if (r == 0) {
		list = catalog_value_take(node, name);
		if (catalog_value_type(list) != CATALOG_VALUE_LIST) {
			struct catalog_value *one = list;

			list = catalog_value_new_list();
			r = list == NULL ? -ENOMEM : 0;
			if (r == 0) {
				r = catalog_value_append(list, one);
				one = NULL; /* taken */
			}
			catalog_value_free(one);
		}
	}
	if (r == 0) {
		r = catalog_value_append(list, reference);
		reference = NULL; /* taken */
	}
	if (r == 0) {
		r = catalog_value_set(node, name, list);
		list = NULL; /* taken */
	}
out:
	catalog_value_free(reference);
	catalog_value_free(list);
	return r;
}

static int add_links(struct catalog_value *node, const struct catalog_export_links *links)
{
	struct catalog_buffer checkpoint = {0};
	int r = catalog_buffer_print(&checkpoint, "%s" CATALOG_READER_OWN_CHECKPOINT "%c",
				     links->log, '\0');

	if (r == 0)
		r = add_reference(node, "prov:has_provenance", links->receipt);
	if (r == 0)
		r = add_reference(node, "rdfs:seeAlso", (const char *)checkpoint.bytes);
	if (r == 0)
		r = add_reference(node, "fedcat:receipt", links->receipt);
	if (r == 0)
		r = add_reference(node, "fedcat:log", links->log);
	catalog_buffer_close(&checkpoint);
	return r;
}

int catalog_export_dcat_make(const char *member, const char *id, const char *uri,
			     const struct catalog_value *listing,
			     const struct catalog_export_links *links,
			     struct catalog_value **ret_node)
{
	struct catalog_value *node = NULL, *read = NULL, *patch = NULL;
	int r = catalog_export_node_make(uri, listing, &node);

	if (r == 0)
		r = catalog_value_set(node, "fedcat:id", catalog_value_new_string(id));
	if (r == 0)
		r = catalog_value_set(node, "fedcat:member", catalog_value_new_string(member));
	if (r == 0 && links != NULL)
		r = add_links(node, links);
	if (r == 0)
		r = read_back(node, &read);
	if (r == 0)
		r = catalog_export_dcat_patch(read, listing, &patch);
	if (r == 0 && patch != NULL)
		r = set_exact(node, patch);
	catalog_value_free(read);
	if (r < 0) {
		catalog_value_free(node);
		return r;
	}
	*ret_node = node;
	return 0;
}
