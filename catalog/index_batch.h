/* catalog/index_batch.h - listings into the search index, in the transaction that their entries are
 * in. */
#ifndef CATALOG_INDEX_BATCH_H
#define CATALOG_INDEX_BATCH_H

#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "catalog/value.h"

#define CATALOG_INDEX_BATCH_DOCS_MAX 2048

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

#endif
