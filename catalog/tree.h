/* catalog/tree.h - the hashes of a log's Merkle tree on disk.
 *
 * Kept are the hashes of complete subtrees of 2^0, 2^4, 2^8, ... leaves, in tiles of 16 (seven fill
 * a page); those between are computed from a tile.  A log has a prefix of complete subtrees at each
 * level: full tiles never change, and the last of each level is rewritten until it is full.
 */
#ifndef CATALOG_TREE_H
#define CATALOG_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_TREE_BATCH_MAX 1000 /* leaves appended at once */
#define CATALOG_TREE_TILE_BITS 4

/* Append count leaf hashes (1..CATALOG_TREE_BATCH_MAX) to a tree of size leaves, inside
 * catalog_store_write().  Returns 0, -ENOSPC, -EIO (also if what is kept is not so large a tree).
 */
int catalog_tree_append(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_hash *leaves, size_t count);

/* Hash of the complete subtree of 2^level leaves that starts at leaf index << level.
 * Returns 0, -ENOENT if it is not held, -EIO. */
int catalog_tree_read(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
		      struct catalog_hash *ret_hash);

#endif
