/* catalog/runs.h - sequences that share a table whose pages are full.
 *
 * Items are kept in the order in which they arrived, whosever they are, so a table only ever grows
 * at its end; runs tell where in it each sequence's items are.  (Keys that begin with the sequence
 * would put items in the middle of the table, where LMDB splits a page in halves that are never
 * filled: twice the disk.)
 *
 * A sequence is a log and a level (0 where there are none); its items are numbered from 0.  An item
 * is one value, or several parts.
 */
#ifndef CATALOG_RUNS_H
#define CATALOG_RUNS_H

#include <stdint.h>

#include "catalog/store.h"

struct catalog_runs_sequence {
	enum catalog_table table; /* where the items are: nothing else is in it */
	uint32_t log;
	uint8_t level;
};

/* Make places for count > 0 items, number index and on, which are appended next, inside
 * catalog_store_write().  Returns 0, -ENOSPC, -EIO. */
int catalog_runs_extend(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
			uint64_t index, uint64_t count, uint64_t *ret_place);

/* Append the next part (0, 1, ...) of the item at place.  Returns 0, -ENOSPC, -EIO. */
int catalog_runs_append(struct catalog_txn *txn, enum catalog_table table, uint64_t place,
			uint8_t part, struct catalog_span value);

/* Where item index is.  Returns 0, -ENOENT, -EIO. */
int catalog_runs_find(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		      uint64_t index, uint64_t *ret_place);

/* Delete an item, all its parts; neither its number nor its place is given to another.
 * Returns 0, -ENOENT, -ENOSPC, -EIO. */
int catalog_runs_drop(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		      uint64_t index);

/* Take the items from number count on away from a sequence, as if they had never been.
 * Returns 0, -ENOSPC, -EIO. */
int catalog_runs_cut(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		     uint64_t count);

/* A part of the item at place, borrowed as by catalog_store_get().  Returns 0, -ENOENT (it was
 * dropped, or never was), -EIO. */
int catalog_runs_get(struct catalog_txn *txn, enum catalog_table table, uint64_t place,
		     uint8_t part, struct catalog_span *ret_value);

#endif
