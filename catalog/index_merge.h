/* catalog/index_merge.h - few segments instead of many, and none of what is dead.
 *
 * A merge is as large as the index may become, and is done a piece at a time, in transactions that
 * write anyway: nobody waits for more than one piece.  Until it is done its parts are searched.
 */
#ifndef CATALOG_INDEX_MERGE_H
#define CATALOG_INDEX_MERGE_H

#include <stdbool.h>

#include "catalog/index_due.h"
#include "catalog/index_segment.h"

/* What a piece may cost, in postings; a document's columns cost CATALOG_INDEX_MERGE_ROW. */
#define CATALOG_INDEX_MERGE_PIECE 50000u
#define CATALOG_INDEX_MERGE_ROW   16u

/* Go on with the merges that are under way, smallest first, and with what is to be deleted, until
 * the budget is spent (by at most one term or window more).  The caller saves the state.
 * Returns 0, -ENOSPC, -EIO, -ENOMEM. */
int catalog_index_merge_work(struct catalog_txn *txn, struct catalog_index_state *state,
			     uint64_t budget);

/* Begin the merges that are due.  Returns 0, -ENOSPC, -EIO, -ENOMEM. */
int catalog_index_merge_begin(struct catalog_txn *txn, struct catalog_index_state *state,
			      enum catalog_index_due_when when);

/* Whether there is something to begin, to go on with or to delete. */
bool catalog_index_merge_is_due(const struct catalog_index_state *state,
				enum catalog_index_due_when when);

#endif
