#include "catalog/chunk_hash.h"

#include <assert.h>
#include <errno.h>

#include "catalog/chunk_data.h"
#include "catalog/log.h"

/* The item that begins at a leaf; NULL if there is none. */
static const struct catalog_chunk_item *item_at(const struct catalog_chunk *chunk, uint64_t at)
{
	size_t low = 0, high = chunk->item_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chunk->items[middle].at == at)
			return &chunk->items[middle];
		if (chunk->items[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int catalog_chunk_hash_node(struct catalog_txn *txn, const struct catalog_chunk *chunk,
			    unsigned level, uint64_t index, struct catalog_hash *ret_hash)
{
	struct catalog_log_tree tree = {txn, chunk->log};
	const struct catalog_chunk_item *item;
	struct catalog_hash left, right;
	int r;

	if ((index + 1) << level <= chunk->from) {
		r = catalog_log_tree_read(&tree, level, index, ret_hash);
		return r == -ENOENT ? -EAGAIN : r;
	}
	item = item_at(chunk, index << level);
	if (item != NULL && item->level >= level) {
		*ret_hash = item->hash;
		return item->level == level ? 0 : -ENOENT;
	}
	if (level == 0)
		return -ENOENT;
	r = catalog_chunk_hash_node(txn, chunk, level - 1, 2 * index, &left);
	if (r != 0)
		return r;
	if ((2 * index + 1) << (level - 1) >= chunk->size) { /* cut off */
		*ret_hash = left;
		return 0;
	}
	r = catalog_chunk_hash_node(txn, chunk, level - 1, 2 * index + 1, &right);
	if (r == 0)
		catalog_merkle_node(&left, &right, ret_hash);
	return r;
}

int catalog_chunk_hash_subtree(struct catalog_txn *txn, const struct catalog_chunk *chunk,
			       struct catalog_hash *ret_hash)
{
	int r = catalog_chunk_hash_node(txn, chunk, chunk->level, chunk->from >> chunk->level,
					ret_hash);

	assert(r != -ENOENT); /* its items fill it */
	return r;
}
