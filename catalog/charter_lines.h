/* catalog/charter_lines.h - a member's log brought to where the charter's lines allow it. */
#ifndef CATALOG_CHARTER_LINES_H
#define CATALOG_CHARTER_LINES_H

#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"

/* Inside catalog_store_write(): bring every member's log to where the charter allows it, where that
 * is not so already.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_charter_lines_apply(struct catalog_txn *txn, const struct catalog_charter *charter);

/* Likewise when the charter changes course from one to another: what it said of lines before counts
 * no more, and the log of a member that is none, or another, in the new one is forgotten.  Returns
 * as catalog_charter_lines_apply(). */
int catalog_charter_lines_turn(struct catalog_txn *txn, const struct catalog_charter *from,
			       const struct catalog_charter *to);

/* Inside it, after entries were appended to a log that held before: whether its tree goes through
 * the lines that were passed.  Returns 0, -EPROTO if it does not, -ENOMEM, -EIO. */
int catalog_charter_lines_check(struct catalog_txn *txn, const struct catalog_charter *charter,
				uint32_t member, uint64_t before);

#endif
