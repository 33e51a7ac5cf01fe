/* catalog/chunk_walk.c - down to the leaves wherever something is kept; two pruned halves make one
 * pruned whole on the way back up. */
#include "catalog/chunk_walk.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/log.h"
#include "catalog/merkle.h"
#include "catalog/tree.h"

#define FULL 1 /* no more fits; not an error */

struct walker {
	struct catalog_txn *txn;
	uint32_t log;
	struct catalog_chunk_walk *walk;
};

static int add_pruned(struct walker *walker, unsigned level, uint64_t index,
		      const struct catalog_hash *hash)
{
	struct catalog_chunk_walk *walk = walker->walk;

	if (walk->count - walk->entry_count == CATALOG_CHUNK_NODES_MAX)
		return FULL;
	walk->items[walk->count++] = (struct catalog_chunk_walk_item){
		.at = index << level, .level = level, .hash = *hash};
	return 0;
}

static int add_leaf(struct walker *walker, uint64_t index, bool *ret_pruned)
{
	struct catalog_chunk_walk *walk = walker->walk;
	size_t before = walk->bytes.len;
	struct catalog_hash hash;
	int r;

	if (walk->entry_count == CATALOG_CHUNK_LEAVES_MAX)
		return FULL;
	r = catalog_log_read(walker->txn, walker->log, index, &walk->bytes);
	*ret_pruned = r == -ENOENT;
	if (r == -ENOENT) {
		r = catalog_tree_read(walker->txn, walker->log, 0, index, &hash);
		if (r == 0)
			r = add_pruned(walker, 0, index, &hash);
		return r == -ENOENT ? -ENODATA : r;
	}
	if (r != 0)
		return r;
	if (walk->entry_count > 0 && walk->bytes.len > walk->bytes_max) {
		walk->bytes.len = before;
		return FULL;
	}
	walk->entry_count++;
	walk->items[walk->count++] = (struct catalog_chunk_walk_item){
		.at = index, .is_entry = true, .end = walk->bytes.len};
	return 0;
}

/* Whether the whole subtree is one hash.  In a full tile no hash is of more than a leaf. */
static int is_one_hash(struct walker *walker, unsigned level, uint64_t index, bool in_full_tile,
		       bool *ret_pruned)
{
	int r;

	*ret_pruned = false;
	if (in_full_tile)
		return 0;
	r = catalog_tree_is_pruned(walker->txn, walker->log, level, index, ret_pruned);
	return r == -ENOENT ? -ENODATA : r;
}

static int visit(struct walker *walker, unsigned level, uint64_t index, bool in_full_tile,
		 bool *ret_pruned);

static int visit_halves(struct walker *walker, unsigned level, uint64_t index, bool in_full_tile,
			bool *ret_pruned)
{
	struct catalog_chunk_walk *walk = walker->walk;
	size_t before = walk->count;
	bool left = false, right = false;
	struct catalog_hash hash;
	int r = visit(walker, level - 1, 2 * index, in_full_tile, &left);

	if (r == 0)
		r = visit(walker, level - 1, 2 * index + 1, in_full_tile, &right);
	*ret_pruned = left && right;
	if (r != 0 || !*ret_pruned)
		return r;
	assert(walk->count == before + 2);
	catalog_merkle_node(&walk->items[before].hash, &walk->items[before + 1].hash, &hash);
	walk->count = before;
	return add_pruned(walker, level, index, &hash);
}

static int visit(struct walker *walker, unsigned level, uint64_t index, bool in_full_tile,
		 bool *ret_pruned)
{
	struct catalog_hash hash;
	int r;

	if (level == 0)
		return add_leaf(walker, index, ret_pruned);
	if (level == CATALOG_TREE_TILE_BITS) {
		r = catalog_tree_is_full(walker->txn, walker->log, index, &in_full_tile);
		if (r != 0)
			return r;
	}
	r = is_one_hash(walker, level, index, in_full_tile, ret_pruned);
	if (r != 0)
		return r;
	if (!*ret_pruned)
		return visit_halves(walker, level, index, in_full_tile, ret_pruned);
	r = catalog_tree_read(walker->txn, walker->log, level, index, &hash);
	return r != 0 ? r : add_pruned(walker, level, index, &hash);
}

/* Where the pruned subtree begins that holds a leaf, and ends; the leaf itself if it is in none. */
static int find_whole(struct walker *walker, uint64_t at, uint64_t *ret_from, uint64_t *ret_to)
{
	for (unsigned level = 0; level <= CATALOG_TREE_LEVEL_MAX; level++) {
		bool pruned;
		int r = catalog_tree_is_pruned(walker->txn, walker->log, level, at >> level,
					       &pruned);

		if (r == -ENOENT) /* inside of something larger */
			continue;
		if (r != 0)
			return r;
		*ret_from = pruned ? at >> level << level : at;
		*ret_to = pruned ? *ret_from + ((uint64_t)1 << level) : at;
		return 0;
	}
	return -ENOENT;
}

int catalog_chunk_walk_gather(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to,
			      struct catalog_chunk_walk *walk, uint64_t *ret_from,
			      uint64_t *ret_end)
{
	struct walker walker = {txn, log, walk};
	const struct catalog_chunk_walk_item *last;
	uint64_t first, whole;
	int r = find_whole(&walker, from, &first, &whole);

	assert(from < to);
	assert(walk->count == 0);
	if (r != 0)
		return r;
	if (whole > to)
		to = whole;
	for (uint64_t at = first, leaves; at < to && r == 0; at += leaves) {
		unsigned level = 0;
		bool pruned;

		while (at % ((uint64_t)2 << level) == 0 && at + ((uint64_t)2 << level) <= to &&
		       level < CATALOG_TREE_LEVEL_MAX)
			level++;
		leaves = (uint64_t)1 << level;
		r = visit(&walker, level, at >> level, false, &pruned);
	}
	/* What was pruned as a whole beyond the end is for the next chunk. */
	if (r == FULL || (r == -ENODATA && walk->count > 0))
		r = 0;
	if (r != 0)
		return r == -ENODATA ? -EIO : r;
	assert(walk->count > 0);
	last = &walk->items[walk->count - 1];
	*ret_from = first;
	*ret_end = last->at + ((uint64_t)1 << last->level);
	return 0;
}

void catalog_chunk_walk_close(struct catalog_chunk_walk *walk)
{
	catalog_buffer_close(&walk->bytes);
	walk->count = walk->entry_count = 0;
}
