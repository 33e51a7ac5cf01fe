/* catalog/charter_store.h - the charter in the store, and the logs as it draws their lines.
 *
 * An amendment and what it does to the logs are one transaction: a log that holds more than counts
 * now steps back, checkpoints that count no more go, and the newest line's checkpoint becomes the
 * target of a log that knows none as large.  So the members' logs are always what the charter in
 * the store allows, in whatever order amendments and entries arrive.
 *
 * Threads  none of its own; amendments are taken one after the other, and not while anybody else
 *          writes to logs by an older charter.
 */
#ifndef CATALOG_CHARTER_STORE_H
#define CATALOG_CHARTER_STORE_H

#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/store.h"

/* Bring the store and a charter that was read elsewhere together: both say what the longer of the
 * two says then.  charter may be any one of the federation's.
 * Returns 0, -EPROTO if the store is of another federation or holds another amendment of some
 * number (ret_why says), -ENOMEM, -ENOSPC, -EIO. */
int catalog_charter_store_open(struct catalog_store *store, struct catalog_charter *charter,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Take amendments (one or more, concatenated) from anybody into the store and charter, which is
 * what the store holds.  Those that are known are passed over.  One that shows that the council
 * signed two of a number is kept, and nothing after it is taken.  Returns 0, -ENOTUNIQ if the
 * council signed two, -EAGAIN if one before the first is missing, else as catalog_charter_amend()
 * or -ENOSPC, -EIO; those before the one that failed have been taken. */
int catalog_charter_store_take(struct catalog_store *store, struct catalog_charter *charter,
			       struct catalog_span amendments,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Append the amendment that the council signed beside ours, of the smallest such number from number
 * on.  Returns 0, -ENOENT if there is none, -ENOMEM, -EIO. */
int catalog_charter_store_contradiction(struct catalog_txn *txn, uint64_t number,
					uint64_t *ret_number, struct catalog_buffer *ret_amendment);

#endif
