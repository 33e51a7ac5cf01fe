/* catalog/chunk_walk.h - what there is to send of a range of a log: entries, and the largest pruned
 * subtrees between them.
 */
#ifndef CATALOG_CHUNK_WALK_H
#define CATALOG_CHUNK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/chunk.h"
#include "catalog/hash.h"
#include "catalog/store.h"

struct catalog_chunk_walk_item {
	uint64_t at;
	unsigned level;
	bool is_entry;
	size_t end;               /* of an entry, in bytes */
	struct catalog_hash hash; /* of a pruned subtree */
};

struct catalog_chunk_walk {
	size_t count, entry_count;
	struct catalog_chunk_walk_item items[CATALOG_CHUNK_LEAVES_MAX + CATALOG_CHUNK_NODES_MAX];
	struct catalog_buffer bytes; /* of the entries, one after the other */
	size_t bytes_max;            /* of them, unless one alone is larger; set by the caller */
};

/* Walk the leaves from from on, to `to` or until there is as much as one chunk may have; at least
 * one item.  If from is inside of what was pruned as a whole, that is the first item, however long
 * it is; *ret_from is where the first item begins, *ret_end the leaf after the last.  The caller
 * makes *walk all zero but for bytes_max, and ends it with catalog_chunk_walk_close() whatever is
 * returned. Returns 0, -ENOENT if from is not held, -ENOMEM, -EIO. */
int catalog_chunk_walk_gather(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to,
			      struct catalog_chunk_walk *walk, uint64_t *ret_from,
			      uint64_t *ret_end);
void catalog_chunk_walk_close(struct catalog_chunk_walk *walk);

#endif
