/* catalog/index.h - the search index: in the same store and the same transactions as the entries,
 * never out of step. */
#ifndef CATALOG_INDEX_H
#define CATALOG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "catalog/value.h"

#define CATALOG_INDEX_VERSION         1 /* of the bytes in the store: see docs/search.md */
#define CATALOG_INDEX_QUERY_BYTES_MAX 1024
#define CATALOG_INDEX_QUERY_WORDS_MAX 32
#define CATALOG_INDEX_HITS_MAX        1000  /* of one answer */
#define CATALOG_INDEX_WINDOW_MAX      10000 /* offset + limit */
#define CATALOG_INDEX_BATCH_DOCS_MAX  1000

/* Words of a query, all of which a listing must have; ranked by BM25.  Filters may be NULL. */
struct catalog_query {
	const char *text; /* "" finds everything that the filters let through, newest entry first */
	const char *member;  /* short name */
	const char *country; /* ISO 3166-1 alpha-2: where the data is of (spatial), else its
				member's country */
	const char
		*theme; /* exact, case folded: the theme's URL, its last part, or its plain name */
	size_t offset, limit; /* limit 1..CATALOG_INDEX_HITS_MAX */
};

struct catalog_hit {
	uint32_t log;
	uint64_t index; /* of the entry that puts the listing */
	double score;
};

/* Inside catalog_store_write(): add a listing / take the one that entry index put out.
 * What is added gathers in memory: begin once per transaction, add, then finish writes it as one
 * immutable segment and merges segments that have become too many.  The batch borrows the
 * transaction.  After a failure the transaction must be abandoned. */
struct catalog_index_batch;

/* The caller owns *ret_batch.  Returns 0, -EPROTONOSUPPORT if the index was written in another
 * version of its format, -ENOMEM, -EIO. */
int catalog_index_batch_new(struct catalog_txn *txn, struct catalog_index_batch **ret_batch);

/* Returns 0, -EEXIST if the entry is in the index, -ENOSPC beyond CATALOG_INDEX_BATCH_DOCS_MAX or
 * if the store is full, -ENOMEM, -EIO. */
int catalog_index_batch_add(struct catalog_index_batch *batch, const struct catalog_member *member,
			    uint64_t index, const struct catalog_value *listing);

/* The same, with the words of the listing gathered before: those of a slot of words, which are
 * sorted, and borrowed until the batch has ended.  Each slot is added once at most. */
struct catalog_index_words;
int catalog_index_batch_add_words(struct catalog_index_batch *batch,
				  const struct catalog_member *member, uint64_t index,
				  const struct catalog_index_words *words, uint32_t slot);

/* An entry that is not in the index is no error.  Returns 0, -ENOSPC, -ENOMEM, -EIO. */
int catalog_index_batch_remove(struct catalog_index_batch *batch, uint32_t log, uint64_t index);

/* Write; nothing may be added or removed afterwards.  Returns 0, -ENOSPC, -ENOMEM, -EIO. */
int catalog_index_batch_finish(struct catalog_index_batch *batch);
void catalog_index_batch_free(struct catalog_index_batch *batch); /* NULL is allowed */

/* Whether an entry is in the index.  Returns 0, -EIO. */
int catalog_index_has(struct catalog_txn *txn, uint32_t log, uint64_t index, bool *ret_has);

/* Inside catalog_store_write(): empty the index.  Returns 0, -ENOSPC, -EIO. */
int catalog_index_clear(struct catalog_txn *txn);

/* Search.  hits[] has room for query->limit.  *ret_total counts all that match, exactly.
 * Returns 0, -E2BIG if the query has too many bytes or words, -EINVAL if the limit is not
 * 1..CATALOG_INDEX_HITS_MAX or offset + limit is beyond CATALOG_INDEX_WINDOW_MAX,
 * -EPROTONOSUPPORT as batch_new, -ENOMEM, -EIO. */
int catalog_index_search(struct catalog_txn *txn, const struct catalog_query *query,
			 struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total);

#endif
