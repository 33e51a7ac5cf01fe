/* catalog/reader_jsonld_node.h - the nodes of a JSON-LD document as statements (RDF). */
#ifndef CATALOG_READER_JSONLD_NODE_H
#define CATALOG_READER_JSONLD_NODE_H

#include "catalog/reader_graph.h"
#include "catalog/reader_jsonld_context.h"
#include "catalog/value.h"

#define CATALOG_READER_JSONLD_CONTEXTS_MAX 20 /* in one "@context" */

/* Where the statements go. */
struct catalog_reader_jsonld_nodes {
	/* Told of each.  Non-zero ends the reading and is returned. */
	int (*say)(void *arg, const struct catalog_reader_statement *statement);
	void *arg;
	uint64_t line;                      /* in the source, of what is read */
	uint64_t blanks;                    /* blank nodes named so far */
	char unknown[200]; /* address of the first context that is not known; "" if there is none */
};

/* Enter the context that value says: what stood under "@context", or NULL.  room holds the contexts
 * and must outlive what is returned. */
const struct catalog_reader_jsonld_context *catalog_reader_jsonld_node_enter(
	struct catalog_reader_jsonld_nodes *nodes,
	const struct catalog_reader_jsonld_context *context, const struct catalog_value *value,
	struct catalog_reader_jsonld_context room[CATALOG_READER_JSONLD_CONTEXTS_MAX]);

/* The name of the node with text as its "@id"; NULL: one without. */
void catalog_reader_jsonld_node_name(struct catalog_reader_jsonld_nodes *nodes,
				     const struct catalog_reader_jsonld_context *context,
				     const char *text,
				     char ret_subject[CATALOG_READER_JSONLD_IRI_BYTES_MAX]);

/* Say all that node says.  If it says no type, it has implied_type, an IRI or NULL.  Returns 0,
 * -ENOMEM, or what say returned. */
int catalog_reader_jsonld_node_read(struct catalog_reader_jsonld_nodes *nodes,
				    const struct catalog_reader_jsonld_context *context,
				    const struct catalog_value *node, const char *implied_type,
				    char ret_subject[CATALOG_READER_JSONLD_IRI_BYTES_MAX]);

/* Say what one member of a node says; term is room to work in.  Returns 0,
 * -ENOMEM, or what say returned. */
int catalog_reader_jsonld_node_member(struct catalog_reader_jsonld_nodes *nodes,
				      const struct catalog_reader_jsonld_context *context,
				      const char *subject, const char *key,
				      const struct catalog_value *value,
				      struct catalog_reader_jsonld_term *term);

#endif
