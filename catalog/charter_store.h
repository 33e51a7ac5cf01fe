/* catalog/charter_store.h - the charter in the store, and the logs as it draws their lines.
 *
 * An amendment and what it does to the logs are one transaction: a log that holds more than counts
 * now steps back, checkpoints that count no more go, and the newest line's checkpoint becomes the
 * target of a log that knows none as large.  So the members' logs are always what the charter in
 * the store allows, in whatever order amendments and entries arrive.
 *
 * Of two amendments of one number that the council signed both, the one with the smaller hash
 * counts, at every node, whichever it heard of first; the proof (catalog/conflict) is kept.  A node
 * that followed the other changes course: in one transaction it forgets what it decided and all
 * that came after it, takes the one that counts, and brings the logs to its lines.
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

/* Bring the store and a charter that was read elsewhere together: both say then what counts of the
 * two, and what follows it.  charter may be any one of the federation's.
 * Returns 0, -EPROTO if the store is of another federation or the charter's amendments cannot be
 * beside the store's (ret_why says), -ENOMEM, -ENOSPC, -EIO. */
int catalog_charter_store_open(struct catalog_store *store, struct catalog_charter *charter,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Whether the amendments that the store holds are a charter's.  Returns 0, -ENOMEM, or -EIO if they
 * are damaged. */
int catalog_charter_store_check(struct catalog_txn *txn);

/* Take amendments (one or more, concatenated) from anybody into the store and charter, which is
 * what the store holds.  Those that are known are passed over, and so are those that follow one
 * that does not count.  Returns 0, -ENOTUNIQ if one shows, for the first time, that the council
 * signed two of its number (all are taken; the charter may have changed course), -EAGAIN if one
 * before the first is missing, -EPROTO if one follows another than ours (those behind such a one
 * are judged all the same), else as catalog_charter_amend() or -ENOSPC, -EIO; those before the one
 * that failed have been taken. */
int catalog_charter_store_take(struct catalog_store *store, struct catalog_charter *charter,
			       struct catalog_span amendments,
			       char ret_why[CATALOG_CHANGE_WHY_BYTES]);

#endif
