/* catalog/prover.h - receipts (catalog/receipt.h) from the store, in O(log n) reads.
 *
 * A receipt is made under the checkpoint that covers exactly what is held of the log, for the view
 * is that of the entries held.  Each returns the receipt appended to a buffer, already checked in
 * all but the member's signature, which was checked when the checkpoint was taken.
 *
 * Codes that all share: -EAGAIN if the log is partial and no checkpoint covers what is held,
 * -EPROTO if what is held contradicts itself (the store is damaged, or the log is broken), -E2BIG,
 * -ENOMEM, -EIO.
 */
#ifndef CATALOG_PROVER_H
#define CATALOG_PROVER_H

#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/store.h"

/* Prove the newest entry of a listing: that it is current, or was withdrawn.
 * Returns 0, -ENOENT if there never was such a listing, or a shared code. */
int catalog_prover_newest(struct catalog_txn *txn, uint32_t log, const char *id,
			  struct catalog_buffer *ret_receipt);

/* Prove one entry about a listing, superseded or not.
 * Returns 0, -ENOENT if there is no such entry or it is about no listing, or a shared code. */
int catalog_prover_entry(struct catalog_txn *txn, uint32_t log, uint64_t index,
			 struct catalog_buffer *ret_receipt);

/* Prove that there never was such a listing.
 * Returns 0, -EEXIST if there is or was (prove its newest entry), or a shared code. */
int catalog_prover_absent(struct catalog_txn *txn, uint32_t log, const char *id,
			  struct catalog_buffer *ret_receipt);

#endif
