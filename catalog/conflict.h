/* catalog/conflict.h - the proof that a council signed two amendments of one number.
 *
 * msgpack [1, amendment, amendment]: two bins, each an amendment with the signatures that were
 * needed, the one with the smaller hash first.  It is checked with nothing but the federation's
 * charter up to the amendment before, of whichever course.  Such a council contradicts itself, so
 * the same of the two must count everywhere, whichever a node heard of first: the one with the
 * smaller hash (catalog/charter_store).
 */
#ifndef CATALOG_CONFLICT_H
#define CATALOG_CONFLICT_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_CONFLICT_BYTES_MAX (2 * CATALOG_AMENDMENT_BYTES_MAX + 16)

/* What a proof says.  Spans are borrowed from it. */
struct catalog_conflict {
	uint64_t number;
	struct catalog_span amendments[2]; /* in the order of their hashes */
	struct catalog_hash hashes[2], prevs[2];
};

/* Append the proof that an amendment from anybody, of a number up to the charter's newest, gives
 * beside the charter's own.  *ret_other is the charter as it would be with it as its newest; the
 * caller owns it.  Returns 0, -EEXIST if it is the charter's own, -ENOENT if its number comes after
 * the newest, else as catalog_charter_amend(): it follows other amendments, or its council did not
 * sign it. */
int catalog_conflict_make(const struct catalog_charter *charter, struct catalog_span amendment,
			  struct catalog_buffer *ret_proof, struct catalog_charter **ret_other,
			  char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Read a proof; nothing is verified.  Returns 0, -E2BIG, -EBADMSG. */
int catalog_conflict_decode(struct catalog_span proof, struct catalog_conflict *ret_conflict);

/* Read and verify a proof from anybody, by a charter whose newest is at least the one before.
 * Returns 0, -E2BIG, -EBADMSG, -ENOENT if the charter does not reach so far, -EPROTO or
 * -EKEYREJECTED if it proves nothing (ret_why, may be NULL, says), -ENOMEM. */
int catalog_conflict_verify(const struct catalog_charter *charter, struct catalog_span proof,
			    struct catalog_conflict *ret_conflict,
			    char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* --- in the store, inside its transactions ---------------------------------------------------- */

/* Keep a proof: the first of each number, of the first CATALOG_CHARTER_CONFLICTS_MAX numbers.  Any
 * other is passed over.  Returns 0, -ENOSPC, -EIO. */
int catalog_conflict_keep(struct catalog_txn *txn, uint64_t number, struct catalog_span proof);

/* Append the proof that is kept of a number.  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int catalog_conflict_read(struct catalog_txn *txn, uint64_t number,
			  struct catalog_buffer *ret_proof);

/* Whether an amendment with this hash is one of a kept proof's.  Returns 0, -ENOENT, -EIO. */
int catalog_conflict_find(struct catalog_txn *txn, uint64_t number,
			  const struct catalog_hash *hash);

/* The numbers of which proofs are kept, in rising order.  Returns 0, -EIO. */
int catalog_conflict_numbers(struct catalog_txn *txn,
			     uint64_t ret_numbers[CATALOG_CHARTER_CONFLICTS_MAX],
			     size_t *ret_count);

/* Forget the proofs of numbers after this one.  Returns 0, -ENOSPC, -EIO. */
int catalog_conflict_drop_after(struct catalog_txn *txn, uint64_t number);

#endif
