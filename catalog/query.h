/* catalog/query.h - what a person types into a search, as a tree.  docs/search.md has the grammar.
 *
 * Words that stand beside one another are all wanted.  Nothing that a person may plainly type is a
 * mistake: what has no meaning in the grammar is text.  What is refused is what would cost too
 * much.
 */
#ifndef CATALOG_QUERY_H
#define CATALOG_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/index_facet.h"
#include "catalog/index_impact.h"

#define CATALOG_QUERY_BYTES_MAX  1024
#define CATALOG_QUERY_NODES_MAX  128
#define CATALOG_QUERY_DEPTH_MAX  16
#define CATALOG_QUERY_PREFIX_MIN 2 /* characters before a *; one of those beyond U+2E7F */

enum catalog_query_kind {
	CATALOG_QUERY_ALL,    /* everything: an empty query, or one that only excludes */
	CATALOG_QUERY_TEXT,   /* words, all of them, in any order */
	CATALOG_QUERY_PHRASE, /* words one after the other, as they stand */
	CATALOG_QUERY_PREFIX, /* words that begin so */
	CATALOG_QUERY_VALUE,  /* of a facet */
	CATALOG_QUERY_ISSUED, /* from..to: days since 1970-01-01, both included */
	CATALOG_QUERY_MODIFIED,
	CATALOG_QUERY_TIME, /* the time that the data is about, if any of it is in from..to */
	CATALOG_QUERY_AND,
	CATALOG_QUERY_OR,
	CATALOG_QUERY_NOT, /* has one child */
};

#define CATALOG_QUERY_NONE UINT16_MAX

struct catalog_query_node {
	enum catalog_query_kind kind;
	enum catalog_index_field field; /* CATALOG_INDEX_FIELD_COUNT: any */
	enum catalog_index_facet facet;
	const char *text; /* borrowed from what was parsed; not NUL-terminated */
	size_t len;
	int32_t from, to;
	uint16_t child, next; /* first child; next of the same parent */
};

struct catalog_query_tree {
	struct catalog_query_node nodes[CATALOG_QUERY_NODES_MAX];
	uint16_t count;
	uint16_t root;
};

/* Parse text[0..len), which stays.  Returns 0; -E2BIG if it is too long, has too many parts or is
 * nested too deep, -EINVAL if it is a wildcard without enough before it; both with a sentence
 * in *ret_why. */
int catalog_query_parse(const char *text, size_t len, struct catalog_query_tree *ret_tree,
			const char **ret_why);

#endif
