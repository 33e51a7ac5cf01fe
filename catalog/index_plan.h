/* catalog/index_plan.h - a query in terms of the index: a tree of conditions whose leaves are
 * terms, sets of documents or comparisons with numbers. */
#ifndef CATALOG_INDEX_PLAN_H
#define CATALOG_INDEX_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index.h"
#include "catalog/index_segment.h"
#include "catalog/index_text.h"
#include "catalog/query.h"

#define CATALOG_INDEX_PLAN_NODES_MAX  256
#define CATALOG_INDEX_PLAN_LEAVES_MAX 128
#define CATALOG_INDEX_PLAN_TERMS_MAX  1024
#define CATALOG_INDEX_PLAN_VALUES_MAX 1024 /* of a facet, in one leaf */

/* What a document's having a word counts for, by the form that it has it in. */
#define CATALOG_INDEX_PLAN_WORD 1.0f
#define CATALOG_INDEX_PLAN_PART 0.7f
#define CATALOG_INDEX_PLAN_STEM 0.5f
#define CATALOG_INDEX_PLAN_TYPO 0.4f

struct catalog_index_term {
	uint8_t bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
	size_t len;
	float weights[CATALOG_INDEX_TERMS_FORMS]; /* as catalog_index_terms_find_forms(); 0: not */
};

enum catalog_index_leaf_kind {
	CATALOG_INDEX_LEAF_WORD,   /* any of the terms */
	CATALOG_INDEX_LEAF_PHRASE, /* all of the terms, one after the other */
	CATALOG_INDEX_LEAF_PREFIX, /* words that begin as the one term */
	CATALOG_INDEX_LEAF_VALUE,  /* any of the values of a facet; of none: nothing */
	CATALOG_INDEX_LEAF_ISSUED,
	CATALOG_INDEX_LEAF_MODIFIED,
	CATALOG_INDEX_LEAF_TIME,
	CATALOG_INDEX_LEAF_BBOX,
};

struct catalog_index_leaf {
	enum catalog_index_leaf_kind kind;
	uint8_t fields; /* bits; 0: any */
	bool scored, small;
	size_t first, count; /* of its terms */
	uint64_t found;      /* documents in all segments, dead ones included */
	float idf;
	enum catalog_index_facet facet;
	struct catalog_buffer values; /* terms of the dictionary, each after its length (u16) */
	int64_t from, to;
	float bbox[4];
	bool within;
	size_t meant; /* place among its terms of what a misspelled word is taken for; 0: none */
	const char *text; /* of the query; the word as it was typed */
	size_t text_len;
};

enum catalog_index_node_kind {
	CATALOG_INDEX_NODE_ALL,
	CATALOG_INDEX_NODE_LEAF,
	CATALOG_INDEX_NODE_AND,
	CATALOG_INDEX_NODE_OR,
	CATALOG_INDEX_NODE_NOT,
};
#define CATALOG_INDEX_PLAN_NONE UINT16_MAX

struct catalog_index_node {
	enum catalog_index_node_kind kind;
	bool optional; /* only counts */
	bool tiers;    /* what meets all children is told from what meets some */
	uint16_t leaf, child, next;
};

struct catalog_index_plan {
	struct catalog_index_node nodes[CATALOG_INDEX_PLAN_NODES_MAX];
	struct catalog_index_leaf leaves[CATALOG_INDEX_PLAN_LEAVES_MAX];
	struct catalog_index_term *terms; /* CATALOG_INDEX_PLAN_TERMS_MAX at most */
	uint16_t node_count, leaf_count, root;
	size_t term_count, term_room, word_count;
};

/* Make the plan of a query; its texts are borrowed.  End it with _close, also after a failure.
 * Returns 0, -E2BIG, -EINVAL, each with a sentence in *ret_why, -ENOMEM, -EIO. */
int catalog_index_plan_make(struct catalog_txn *txn, struct catalog_index_text *text,
			    uint32_t languages, const struct catalog_query *query,
			    struct catalog_index_plan *plan, const char **ret_why);
void catalog_index_plan_close(struct catalog_index_plan *plan);

/* Add a term to a word's leaf, which must be the one whose terms are last, or whose terms are moved
 * there.  Returns 0, -E2BIG. */
int catalog_index_plan_add_term(struct catalog_index_plan *plan, struct catalog_index_leaf *leaf,
				struct catalog_span word, float weight);

#endif
