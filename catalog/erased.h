/* catalog/erased.h - what an erased entry was about, though not what it said.
 *
 * The body of an erased put is gone, and with it what it superseded.  A line that the charter draws
 * before the withdrawal makes that put the newest of its thing again, and the view, whose root the
 * member signed, needs its index.  So a row is kept of each: its thing, its id (which the
 * withdrawal tells, too) and what it superseded.
 */
#ifndef CATALOG_ERASED_H
#define CATALOG_ERASED_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/entry.h"
#include "catalog/hash.h"
#include "catalog/store.h"

struct catalog_erased {
	struct catalog_hash thing;
	uint64_t prev; /* what it superseded, or CATALOG_ENTRY_PREV_NONE */
	char id[CATALOG_ID_BYTES_MAX + 1];
};

/* Inside catalog_store_write(): a put is erased.  Returns 0, -ENOSPC, -EIO. */
int catalog_erased_keep(struct catalog_txn *txn, uint32_t log, uint64_t index,
			const struct catalog_entry *put);

/* Returns 0, -ENOENT, -EIO. */
int catalog_erased_get(struct catalog_txn *txn, uint32_t log, uint64_t index,
		       struct catalog_erased *ret_erased);

/* Inside catalog_store_write(): forget it, if it is kept.  Returns 0, -ENOSPC, -EIO. */
int catalog_erased_drop(struct catalog_txn *txn, uint32_t log, uint64_t index);

/* Whether the entry is erased, and the newest of its thing all the same.  Returns 0, -EIO. */
int catalog_erased_is_current(struct catalog_txn *txn, uint32_t log, uint64_t index,
			      bool *ret_is_current);

/* The first such entry from index `from` on and before `to`; ret_erased may be NULL.  Returns 0,
 * -ENOENT, -ENOMEM, -EIO. */
int catalog_erased_next_current(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to,
				uint64_t *ret_index, struct catalog_erased *ret_erased);

#endif
