/* catalog/signed.h - how much of its log each key has signed here, whatever became of that since.
 *
 * A log may step back, where the charter draws a line or changes course.  A key that signs the same
 * sizes again signs a second history.
 */
#ifndef CATALOG_SIGNED_H
#define CATALOG_SIGNED_H

#include <stdint.h>

#include "catalog/checkpoint.h"
#include "catalog/store.h"

/* Inside catalog_store_write(): the key has signed a checkpoint of this size.  Returns 0, -ENOSPC,
 * -EIO. */
int catalog_signed_note(struct catalog_txn *txn, const struct catalog_key *key, uint64_t size);

/* The size of the last checkpoint that it signed here; 0 if there is none.  Returns 0, -EIO. */
int catalog_signed_largest(struct catalog_txn *txn, const struct catalog_key *key,
			   uint64_t *ret_size);

#endif
