/* catalog/index_merge.h - few segments instead of many, and none of what is dead. */
#ifndef CATALOG_INDEX_MERGE_H
#define CATALOG_INDEX_MERGE_H

#include <stdbool.h>

#include "catalog/index_segment.h"

#define CATALOG_INDEX_MERGE_FAN      8      /* neighbours of one tier that become one of the next */
#define CATALOG_INDEX_MERGE_DOCS_MAX 16384u /* since a merge is done while others wait to write */

/* Do one merge, if one is due: neighbours of one tier, CATALOG_INDEX_MERGE_FAN of them, that have
 * no more than CATALOG_INDEX_MERGE_DOCS_MAX live documents; or one segment of which more than
 * half is dead.  So each posting is written again at most once per tier, besides once whenever
 * half of its segment has died.  The caller saves the state.
 * Returns 0 and whether there was one, -ENOSPC, -EIO, -ENOMEM. */
int catalog_index_merge_one(struct catalog_txn *txn, struct catalog_index_state *state,
			    bool *ret_merged);

#endif
