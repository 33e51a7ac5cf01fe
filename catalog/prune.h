/* catalog/prune.h - superseded entries go after a grace, erased ones at once; their hashes stay.
 *
 * A put that a later entry about the same listing supersedes, and a state entry that a later one
 * does, wait in a table in the order of the times that their successors tell.  (A member whose
 * clock is wrong decides only how long its own history is kept.)  Withdrawals are kept for ever.
 * What is dropped leaves its hash in the tree, or the hash of a whole subtree, so every proof of
 * what is kept still holds.
 */
#ifndef CATALOG_PRUNE_H
#define CATALOG_PRUNE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_PRUNE_STEP_MAX 1000 /* entries dropped in one transaction */

/* Drop what was superseded before before_s (seconds since 1970), at most CATALOG_PRUNE_STEP_MAX
 * entries, in one transaction.  *ret_count tells how many; call again while it is not 0.
 * Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_prune_step(struct catalog_store *store, int64_t before_s, size_t *ret_count);

/* --- for catalog/log_batch, inside catalog_store_write() ------------------------------------ */

/* An entry was superseded by one of that time.  Returns 0, -ENOSPC, -EIO. */
int catalog_prune_later(struct catalog_txn *txn, uint32_t log, uint64_t index, int64_t time_s);

/* Drop every put about thing, going back from index `from` along what each entry supersedes; where
 * that chain is broken by a gap, all that is held before it is looked through.  *kept is lowered by
 * what was dropped, and their indices (uint64_t each) are appended to *erased, for
 * catalog_prune_collapse() once the tree holds them.  What they were about is kept
 * (catalog/erased) until an entry superseded at time_s would go.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_prune_erase(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
			int64_t time_s, uint64_t from, uint64_t *kept,
			struct catalog_buffer *erased);

/* Let the tree go of hashes around an entry that was dropped.  Returns 0, -ENOSPC, -EIO. */
int catalog_prune_collapse(struct catalog_txn *txn, uint32_t log, uint64_t index);

#endif
