/* catalog/tree.h - the hashes of a log's Merkle tree on disk.
 *
 * Kept are the hashes of complete subtrees of 2^0, 2^5, 2^10, ... leaves, in tiles of 32; those
 * between are computed from a tile.  A log has a prefix of complete subtrees at each level, so
 * appending rewrites the last tile of each level and adds new ones.
 *
 * Where leaves were pruned a tile is sparse: the hash of a whole pruned subtree stands for what was
 * below it, and a tile that is pruned altogether is gone, its hash being in the tile above.
 */
#ifndef CATALOG_TREE_H
#define CATALOG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_TREE_BATCH_MAX 1000 /* leaves appended at once */
#define CATALOG_TREE_TILE_BITS 5    /* a tile spans so many levels */
#define CATALOG_TREE_TILE      (1u << CATALOG_TREE_TILE_BITS)
#define CATALOG_TREE_LEVEL_MAX 59

/* Append count leaf hashes (1..CATALOG_TREE_BATCH_MAX) to a tree of size leaves, inside
 * catalog_store_write().  Returns 0, -ENOSPC, -EIO (also if what is kept is not so large a tree).
 */
int catalog_tree_append(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_hash *leaves, size_t count);

/* Likewise a pruned subtree of 2^level leaves; size is a multiple of that. */
int catalog_tree_append_pruned(struct catalog_txn *txn, uint32_t log, uint64_t size, unsigned level,
			       const struct catalog_hash *hash);

/* Hash of the complete subtree of 2^level leaves that starts at leaf index << level.
 * Returns 0, -ENOENT if it is not held (or was pruned with what is around it), -EIO. */
int catalog_tree_read(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
		      struct catalog_hash *ret_hash);

/* Whether nothing is held below that complete subtree: it was pruned.  Of a leaf the tree cannot
 * tell: false.  Returns 0, -ENOENT if the subtree itself is not held, -EIO. */
int catalog_tree_is_pruned(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
			   bool *ret_pruned);

/* Whether a tile of 32 leaves is complete and none of its hashes was let go of.
 * Returns 0, -EIO. */
int catalog_tree_is_full(struct catalog_txn *txn, uint32_t log, uint64_t tile, bool *ret_full);

/* Let go of the hashes below subtrees none of whose leaves is wanted.  Bit i of kept says whether
 * leaf 32 * tile + i is; a tile that is not full yet stays as it is.  Returns 0, -ENOSPC, -EIO. */
int catalog_tree_collapse(struct catalog_txn *txn, uint32_t log, uint64_t tile, uint32_t kept);

/* Take the leaves from size on away, as if they had never been, from a tree of old_size.
 * Returns 0, -ENODATA if what was pruned spans size, -ENOSPC, -EIO. */
int catalog_tree_cut(struct catalog_txn *txn, uint32_t log, uint64_t old_size, uint64_t size);

#endif
