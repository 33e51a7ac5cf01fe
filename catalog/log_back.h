/* catalog/log_back.h - a log steps back: to where it was found right, or where the charter draws a
 * line.
 */
#ifndef CATALOG_LOG_BACK_H
#define CATALOG_LOG_BACK_H

#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"

/* Inside catalog_store_write(): take the entries from size on away, as if they had never been held:
 * entries, tree, view and search index.  What they superseded is current again, if it is still
 * held; what was pruned or erased by then is not, and then the view is not what was signed there.
 * The target stays: the largest checkpoint that was ever seen. Returns 0 (also if it holds no more
 * than size), -ENODATA if what was pruned spans size, or the view would not be the signed one
 * without being known for that (step back further in the same transaction: to 0, which is always
 * possible), -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_back_to(struct catalog_txn *txn, const struct catalog_member *member,
			uint64_t size);

#endif
