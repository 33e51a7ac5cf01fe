/* catalog/index_later.h - which logs the search index is behind with, and how far it has come.
 *
 * A log that lacks much is taken without its words, and indexed when it is there: then in larger
 * pieces, on all processors, while nothing waits for it (catalog/index_later_part).  Until then
 *
 * - what is found is current all the same: what an entry supersedes leaves the index with it;
 * - everything current below the log's mark is found, and nothing from there on;
 * - answers tell how many entries they do not know (catalog_index_later_missing()).
 *
 * The mark is part of the transactions that move the log, so that a process may end at any time.
 */
#ifndef CATALOG_INDEX_LATER_H
#define CATALOG_INDEX_LATER_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/store.h"

#define CATALOG_INDEX_LATER_DEFAULT 10000      /* entries that are lacked */
#define CATALOG_INDEX_LATER_LEAST   100        /* of them by the log itself */
#define CATALOG_INDEX_LATER_ALL     UINT64_MAX /* a mark: nothing is missing */

/* How far the index is with a log, and since when: another number each time that the mark was set
 * anew, so that what was read before is not taken for what is there. */
struct catalog_index_later_mark {
	uint64_t indexed; /* entries; CATALOG_INDEX_LATER_ALL if the index is not behind */
	uint64_t since;
};

/* Returns 0, -EIO. */
int catalog_index_later_get(struct catalog_txn *txn, uint32_t log,
			    struct catalog_index_later_mark *ret_mark);

/* What comes to a log. */
struct catalog_index_later_load {
	uint64_t held, target; /* entries of the log */
	uint64_t lacked;       /* of all logs, as who pulls knows it; 0: not known */
};

/* Inside catalog_store_write(): entries come to a log.  The mark is set if more is lacked than the
 * store leaves for later (catalog_store_search_later()), by this log or by all together and not
 * little by this one.  *ret_mark is then in force.  Returns 0, -ENOSPC, -EIO. */
int catalog_index_later_begin(struct catalog_txn *txn, uint32_t log,
			      const struct catalog_index_later_load *load,
			      struct catalog_index_later_mark *ret_mark);

/* Whether that would be so: for who gathers words before.  Returns 0, -EIO. */
int catalog_index_later_expect(struct catalog_txn *txn, uint32_t log,
			       const struct catalog_index_later_load *load, bool *ret_is);

/* Inside catalog_store_write(): the index has come from one mark to another place, where the log
 * may end.  Returns 0, -ENOSPC, -EIO. */
int catalog_index_later_move(struct catalog_txn *txn, uint32_t log,
			     const struct catalog_index_later_mark *mark, uint64_t indexed,
			     uint64_t size);

/* Inside catalog_store_write(): the log steps back to a size.  Returns 0, -ENOSPC, -EIO. */
int catalog_index_later_back(struct catalog_txn *txn, uint32_t log, uint64_t size);

/* The first log from one on that has a mark.  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int catalog_index_later_next(struct catalog_txn *txn, uint32_t from, uint32_t *ret_log,
			     struct catalog_index_later_mark *ret_mark);

/* Entries of all logs that the index is behind with.  Returns 0, -ENOMEM, -EIO. */
int catalog_index_later_missing(struct catalog_txn *txn, uint64_t *ret_entries);

#endif
