/* catalog/index_rebuild.h - makes the search index anew, a little at a time, while it serves.
 *
 * Each current listing is taken out and put in again, log by log, so that an index that is whole
 * stays whole.  One that another version wrote is emptied first: searches say that they are partial
 * until it is done.
 */
#ifndef CATALOG_INDEX_REBUILD_H
#define CATALOG_INDEX_REBUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"

/* Inside catalog_store_write(): ask for it; one that is under way begins again.
 * Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_index_rebuild_ask(struct catalog_txn *txn);

/* Inside catalog_store_write(): do a part of it, if it was asked for or if the index is of another
 * version.  *ret_done: listings so far, since it was asked for; *ret_more: there is more to do.
 * Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_index_rebuild_step(struct catalog_txn *txn, const struct catalog_charter *charter,
			       uint64_t *ret_done, bool *ret_more);

/* Whether there is something for it to do, without a write.  Returns 0, -ENOMEM, -EIO. */
int catalog_index_rebuild_is_due(struct catalog_txn *txn, bool *ret_due);

#endif
