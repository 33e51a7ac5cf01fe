/* catalog/view.h - the current view of a log: for each thing, the index of its newest entry; and
 * the root of the trie over it (catalog/trie.h).
 *
 * The table of rows is ordered by the things' hashes, so it is the trie's leaf level: a range of
 * rows is a subtree.  Beside it the hashes of inner nodes with more than eight leaves are kept;
 * smaller ones are computed from their rows.  Things never leave a view (a withdrawn listing is
 * still one), so a node that is kept stays a node, and only a change below it changes its hash.
 */
#ifndef CATALOG_VIEW_H
#define CATALOG_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/entry.h"
#include "catalog/hash.h"
#include "catalog/store.h"
#include "catalog/trie.h"

struct catalog_view_row {
	struct catalog_hash thing;
	uint64_t index; /* of its newest entry */
	enum catalog_entry_kind kind;
};

/* The path of the leaf that a walk along a thing's bits ends at.  If the leaf's key is the thing,
 * it shows the thing's newest entry (catalog_trie_verify); if not, or without a leaf, that there is
 * no such thing (catalog_trie_verify_absent). */
struct catalog_view_proof {
	bool has_leaf; /* false in an empty view */
	struct catalog_trie_leaf leaf;
	size_t count;
	struct catalog_trie_step steps[CATALOG_TRIE_PROOF_MAX];
};

/* Get the row of a thing.  Returns 0, -ENOENT, -EIO. */
int catalog_view_get(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
		     struct catalog_view_row *ret_row);

/* Read on: the first row whose thing is after *after (NULL: the very first).
 * Returns 0, -ENOENT, -EIO. */
int catalog_view_next(struct catalog_cursor *cursor, uint32_t log, const struct catalog_hash *after,
		      struct catalog_view_row *ret_row);

/* Put count rows, sorted by thing, each thing once, and compute the root; inside
 * catalog_store_write().  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_view_put(struct catalog_txn *txn, uint32_t log, const struct catalog_view_row *rows,
		     size_t count, struct catalog_hash *ret_root);

/* Put rows likewise, and leave the root for later: until catalog_view_hash() what is kept beside
 * the rows is of the view before.  Returns 0, -ENOSPC, -EIO. */
int catalog_view_put_rows(struct catalog_txn *txn, uint32_t log,
			  const struct catalog_view_row *rows, size_t count);

/* Compute the root after rows were put with catalog_view_put_rows(): all that have changed have an
 * index of at least since.  For many changes at once this costs a fraction of what it does after
 * each.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_view_hash(struct catalog_txn *txn, uint32_t log, uint64_t since,
		      struct catalog_hash *ret_root);

/* Take the row of a thing away, as if it had never been; catalog_view_rebuild() must follow.
 * Returns 0, -ENOENT, -ENOSPC, -EIO. */
int catalog_view_drop(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing);

/* Compute the root, and all that is kept beside the rows, anew.  Returns 0, -ENOMEM, -ENOSPC, -EIO.
 */
int catalog_view_rebuild(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root);

/* Compute the root from the rows, and compare all that is kept beside them.
 * Returns 0, -EPROTO if something that is kept is wrong or missing, -ENOMEM, -EIO. */
int catalog_view_verify(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root);

/* Compute the root from the rows alone, trusting nothing that is kept beside them: an audit.
 * Returns 0, -ENOMEM, -EIO. */
int catalog_view_audit(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root);

/* Prove what the view says of a thing, in O(log n) reads.  On failure *ret_proof is undefined.
 * Returns 0, -ENOMEM, -EIO (also if a hash that should be kept is not). */
int catalog_view_prove(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
		       struct catalog_view_proof *ret_proof);

#endif
