/* catalog/log_batch.h - what one transaction adds to logs: entries at once, the view and the search
 * index when the batch is settled.
 *
 * Threads  none: it is inside catalog_store_write().
 * Limits   CATALOG_LOG_BATCH_ENTRIES_MAX entries an append, CATALOG_LOG_TXN_ENTRIES_MAX in all.
 */
#ifndef CATALOG_LOG_BATCH_H
#define CATALOG_LOG_BATCH_H

#include "catalog/log.h"
#include "catalog/log_entry.h"

struct catalog_log_batch;

/* When the view root is computed, which costs more the more often it is done. */
enum catalog_log_batch_root {
	CATALOG_LOG_BATCH_ROOT_NOW,   /* whenever the batch is settled */
	CATALOG_LOG_BATCH_ROOT_LATER, /* when catalog_log_batch_settle() is called, or a state
					 entry is to be compared with it */
};

/* What is appended is of a load in which all logs together lack so many entries: much of it is
 * indexed later (catalog/index_later). */
void catalog_log_batch_lacked(struct catalog_log_batch *batch, uint64_t entries);

/* Begin.  After any failure of what follows the transaction must be abandoned.  The caller owns
 * *ret_batch and ends it with catalog_log_batch_free().  Returns 0, -ENOMEM. */
int catalog_log_batch_new(struct catalog_txn *txn, enum catalog_log_batch_root root,
			  struct catalog_log_batch **ret_batch);
void catalog_log_batch_free(struct catalog_log_batch *batch); /* NULL is allowed */

/* Append entries to a log, after what it holds; what is not packed or gathered is so here.  member
 * and entries are borrowed until the batch is settled.  Going to another log settles it.  Entries
 * and tree are in the store and in catalog_log_status() at once; of the view, only the counts. When
 * the last of them is a state entry the batch is settled, and the view root compared with what the
 * entry says. Returns as catalog_log_append(). */
int catalog_log_batch_append(struct catalog_log_batch *batch, const struct catalog_member *member,
			     const struct catalog_log_entry *entries, size_t count);

/* Append a pruned subtree of 2^level leaves, of which only the hash is known: the log has a gap
 * until it is settled.  Its size is a multiple of that.
 * Returns 0, -EROFS if the log is marked, -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_batch_append_pruned(struct catalog_log_batch *batch,
				    const struct catalog_member *member, unsigned level,
				    const struct catalog_hash *hash);

/* catalog_log_batch_settle() and catalog_log_settle() of the log that was appended to. */
int catalog_log_batch_check(struct catalog_log_batch *batch);

/* Move the view of the log that was appended to, with its root, and gather what changes for
 * searching.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_batch_settle(struct catalog_log_batch *batch);

/* Settle, and write the search index.  Nothing may be appended afterwards.
 * Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_batch_finish(struct catalog_log_batch *batch);

#endif
