/* catalog/chunk_hash.h - hashes of the subtrees that a chunk is part of. */
#ifndef CATALOG_CHUNK_HASH_H
#define CATALOG_CHUNK_HASH_H

#include <stdint.h>

#include "catalog/chunk.h"
#include "catalog/hash.h"
#include "catalog/store.h"

/* Hash of the chunk's own subtree, cut off at the size it names: what comes before `from` by our
 * own tree, the rest by the chunk.  Returns 0, -EAGAIN if ours was pruned there, -EIO. */
int catalog_chunk_hash_subtree(struct catalog_txn *txn, const struct catalog_chunk *chunk,
			       struct catalog_hash *ret_hash);

/* Hash of a node inside of it.  Returns 0, -ENOENT if it is inside of a pruned subtree, likewise.
 */
int catalog_chunk_hash_node(struct catalog_txn *txn, const struct catalog_chunk *chunk,
			    unsigned level, uint64_t index, struct catalog_hash *ret_hash);

#endif
