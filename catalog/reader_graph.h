/* catalog/reader_graph.h - statements of RDF in, in any order; datasets out, each a tree of nodes.
 *
 * A node is a map: "@id" unless it is blank, "@type" a list of names, and for each property, under
 * its name (catalog/iri.h: "dct:title"), one loose value or a list of them: text; {"@value",
 * "@language"}; {"@value", "@type"}; {"@id"}; {"@list"}; or a node that the property points to, if
 * the file describes it.  What is a dataset, a catalogue or such by itself is pointed to only.
 * A service that says dcat:servesDataset is found under the dataset's "fedcat:service".
 *
 * Memory   that of a catalog/reader_spool, and one dataset.
 * Threads  none: one caller at a time.
 */
#ifndef CATALOG_READER_GRAPH_H
#define CATALOG_READER_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/value.h"

#define CATALOG_READER_GRAPH_DEPTH_MAX 8    /* nodes within nodes */
#define CATALOG_READER_GRAPH_NODES_MAX 50000 /* in one dataset, each time that it is named */

struct catalog_reader_statement {
	const char *subject; /* an IRI, or a blank node: "_:b1" */
	const char *predicate;
	const char *object;
	bool is_literal;
	const char *language; /* of a literal; may be NULL */
	const char *datatype; /* of a literal; may be NULL */
	uint64_t line;        /* in the source, from 1 */
};

struct catalog_reader_graph_dataset {
	const char *subject;        /* borrowed until the next */
	uint64_t line;              /* where it is said to be a dataset */
	struct catalog_value *node; /* the caller's to free; NULL if it is over the limits */
};

struct catalog_reader_graph;

/* temporary_dir as in catalog/reader_source.h.  Returns 0, -ENOMEM, and what the file system says.
 */
int catalog_reader_graph_new(const char *temporary_dir, struct catalog_reader_graph **ret_graph);
void catalog_reader_graph_free(struct catalog_reader_graph *graph);

/* Add a statement (copied).  Returns 0, -E2BIG if it is too long to be one, -ENOSPC, -EIO and what
 * else the file system says, -ENOMEM. */
int catalog_reader_graph_add(struct catalog_reader_graph *graph,
			     const struct catalog_reader_statement *statement);

/* All statements are there; the datasets can be read.  Returns as add. */
int catalog_reader_graph_finish(struct catalog_reader_graph *graph);

/* The next dataset in the order of the source.  Returns 0, -ENOENT after the last, -EIO, -ENOMEM.
 */
int catalog_reader_graph_next(struct catalog_reader_graph *graph,
			      struct catalog_reader_graph_dataset *ret_dataset);

/* Whether there are statements, but nothing is said to be a dataset or a catalogue. */
bool catalog_reader_graph_is_foreign(const struct catalog_reader_graph *graph);

#endif
