/* catalog/index_entry.h - which document of the index an entry of a log is. */
#ifndef CATALOG_INDEX_ENTRY_H
#define CATALOG_INDEX_ENTRY_H

#include <stdint.h>

#include "catalog/store.h"

#define CATALOG_INDEX_ENTRY_DOC_MAX (UINT32_MAX - 1)

/* Returns 0, -ENOENT if the entry is none, -EIO. */
int catalog_index_entry_get(struct catalog_txn *txn, uint32_t log, uint64_t index,
			    uint32_t *ret_doc);

/* Put the number of an entry's document, which has none; take it away, which is there.  Each
 * returns 0, -ENOSPC, -EIO. */
int catalog_index_entry_put(struct catalog_txn *txn, uint32_t log, uint64_t index, uint32_t doc);
int catalog_index_entry_del(struct catalog_txn *txn, uint32_t log, uint64_t index);

#endif
