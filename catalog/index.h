/* catalog/index.h - the search index: in the same store and the same transactions as the entries,
 * never out of step. */
#ifndef CATALOG_INDEX_H
#define CATALOG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_batch.h"
#include "catalog/index_facet.h"
#include "catalog/index_policy.h"
#include "catalog/store.h"
#include "catalog/value.h"

#define CATALOG_INDEX_VERSION         6 /* of the bytes in the store: see docs/search.md */
#define CATALOG_INDEX_QUERY_BYTES_MAX 1024
#define CATALOG_INDEX_QUERY_WORDS_MAX 32
#define CATALOG_INDEX_HITS_MAX        1000  /* of one answer */
#define CATALOG_INDEX_WINDOW_MAX      10000 /* offset + limit */
#define CATALOG_INDEX_POSTINGS_MAX    UINT64_C(200000000)
#define CATALOG_INDEX_VALUES_DEFAULT  20
#define CATALOG_INDEX_VALUES_MAX      1000
#define CATALOG_INDEX_SUGGEST_MAX     20
#define CATALOG_INDEX_ENOUGH          10 /* with all words: where there are fewer, some do */

enum catalog_query_sort {
	CATALOG_QUERY_RELEVANCE,   /* the best first, and of equals the newest entry */
	CATALOG_QUERY_BY_MODIFIED, /* what was modified last first */
	CATALOG_QUERY_BY_ENTRY,    /* the newest entry first */
};
enum catalog_query_box {
	CATALOG_QUERY_BOX_NONE,
	CATALOG_QUERY_BOX_MEETS, /* the listing's box and this have something in common */
	CATALOG_QUERY_BOX_WITHIN,
};

/* What is searched for.  All of {.text = "", .limit = 1} is left out when it is zero. */
struct catalog_query {
	const char *text;    /* catalog/query; "" finds all that the filters let through */
	const char *member;  /* short name */
	const char *country; /* ISO 3166-1 alpha-2: where the data is of (spatial), else its
				member's country */
	const char
		*theme; /* exact, case folded: the theme's URL, its last part, or its plain name */
	const char *values[CATALOG_INDEX_FACET_COUNTED]; /* other filters, exact, case folded */
	const char *usage; /* "research in KE": catalog/index_policy */
	enum catalog_index_policy_answer usage_answer;
	int64_t since;              /* modified at or after: seconds since 1970 */
	int32_t time_from, time_to; /* days since 1970-01-01, both included; 0, 0: not asked */
	enum catalog_query_box box;
	double bbox[4]; /* west, south, east, north; west > east crosses the date line */
	enum catalog_query_sort sort;
	const char *cursor;  /* of the answer before: go on there; offset is then 0 */
	uint32_t facets;     /* to count: a bit for each of enum catalog_index_facet */
	size_t facet_values; /* of each, the most frequent; 0: CATALOG_INDEX_VALUES_DEFAULT */
	bool lenient;        /* a word that is nowhere may be misspelled; and if fewer than
				CATALOG_INDEX_ENOUGH have all words, those with some of them follow: in
				another order than by relevance only if nothing has all */
	bool explain;
	size_t offset, limit;  /* limit 1..CATALOG_INDEX_HITS_MAX */
	uint64_t postings_max; /* to read at most; 0: CATALOG_INDEX_POSTINGS_MAX */
	bool (*wants)(void *arg, uint32_t log,
		      uint64_t index); /* one more filter, of entries; NULL: all */
	void *wants_arg;
	bool (*is_over)(void *arg); /* asked now and then; NULL: never */
	void *over_arg;
};

struct catalog_hit {
	uint32_t log;
	uint64_t index; /* of the entry that puts the listing */
	double score;
	char *explanation; /* NULL if it was not asked for */
};

struct catalog_facet_value {
	char *value;
	uint64_t count;
};
struct catalog_facet {
	struct catalog_facet_value *values; /* most frequent first, then by value */
	size_t count;
	uint64_t distinct; /* how many values there are in all */
};

struct catalog_found {
	struct catalog_hit *hits;
	size_t count;
	uint64_t total;     /* that have all the words, exactly, unless it is partial */
	uint64_t more;      /* that have some of them, and come after those; 0 if not asked for */
	bool partial;       /* the budget was spent, or the index lacks something: some of what
			       matches was not looked at */
	uint64_t missing;   /* entries that are yet to be indexed (catalog/index_later) */
	char *did_you_mean; /* the query with words that are known; or NULL */
	char *cursor;       /* for the next; NULL at the end */
	struct catalog_facet facets[CATALOG_INDEX_FACET_COUNTED];
	uint64_t usage[CATALOG_INDEX_POLICY_ANSWERS]; /* of facet policy: what usage answers */
};

/* Whether an entry is in the index.  Returns 0, -EIO. */
int catalog_index_has(struct catalog_txn *txn, uint32_t log, uint64_t index, bool *ret_has);

/* Inside catalog_store_write(): empty the index.  Returns 0, -ENOSPC, -EIO. */
int catalog_index_clear(struct catalog_txn *txn);

/* Inside catalog_store_write(), while nobody else has anything to write: a piece of the work that
 * makes few segments of many, some 50 ms of it; *ret_more tells whether there is more.
 * Returns 0, -EPROTONOSUPPORT as batch_new, -ENOSPC, -ENOMEM, -EIO. */
int catalog_index_tidy(struct catalog_txn *txn, bool *ret_more);
/* Whether there is any such work, without a write.  Returns likewise. */
int catalog_index_is_untidy(struct catalog_txn *txn, bool *ret_untidy);

/* Search.  The caller owns what *ret_found holds and ends it with catalog_index_found_close().
 * Returns 0, -E2BIG if the query has too many bytes, words or parts, -EINVAL if something in it has
 * no meaning, each with a sentence in *ret_why (borrowed for ever), -ESTALE if the cursor is none
 * for this query, -EPROTONOSUPPORT as batch_new, -ENOMEM, -EIO. */
int catalog_index_find(struct catalog_txn *txn, const struct catalog_query *query,
		       struct catalog_found *ret_found, const char **ret_why);
void catalog_index_found_close(struct catalog_found *found);

/* The same, in short: hits[] has room for query->limit, and offset + limit is at most
 * CATALOG_INDEX_WINDOW_MAX, else -EINVAL. */
int catalog_index_search(struct catalog_txn *txn, const struct catalog_query *query,
			 struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total);

/* Words of titles that begin as the last word of text does, most frequent first: at most
 * CATALOG_INDEX_SUGGEST_MAX, each with its count, as a facet, which catalog_index_suggest_close()
 * ends.  Returns 0, -EPROTONOSUPPORT, -ENOMEM, -EIO. */
int catalog_index_suggest(struct catalog_txn *txn, const char *text,
			  struct catalog_facet *ret_words);
void catalog_index_suggest_close(struct catalog_facet *words);

#endif
