/* catalog/tree.c - one pass up the levels: a tile that fills gives one hash to the level above. */
#include "catalog/tree.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/merkle.h"
#include "catalog/runs.h"

#define TILE_BITS   CATALOG_TREE_TILE_BITS
#define TILE_HASHES (1u << TILE_BITS)
#define HASH_BYTES  sizeof(struct catalog_hash)
#define LEVEL_MAX   63
#define KEY_BYTES   5

_Static_assert(sizeof(struct catalog_hash) == 32, "a tile is its hashes, one after the other");

static struct catalog_runs_sequence tiles_of(uint32_t log, unsigned level)
{
	return (struct catalog_runs_sequence){CATALOG_TABLE_TILES, log, (uint8_t)level};
}

static struct catalog_span last_key(uint8_t key[KEY_BYTES], uint32_t log, unsigned level)
{
	for (unsigned i = 0; i < 4; i++)
		key[i] = (uint8_t)(log >> (24 - 8 * i));
	key[4] = (uint8_t)level;
	return (struct catalog_span){key, KEY_BYTES};
}

/* Find a tile: among the full ones, else it is the last or there is none. */
static int find_tile(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t tile,
		     struct catalog_span *ret_hashes)
{
	struct catalog_runs_sequence tiles = tiles_of(log, level);
	uint8_t key[KEY_BYTES];
	uint64_t place;
	int r = catalog_runs_find(txn, &tiles, tile, &place);

	if (r == 0) {
		r = catalog_runs_get(txn, CATALOG_TABLE_TILES, place, 0, ret_hashes);
		if (r == -ENOENT || (r == 0 && ret_hashes->len != TILE_HASHES * HASH_BYTES))
			r = -EIO;
		return r;
	}
	if (r == -ENOENT && tile > 0)
		r = catalog_runs_find(txn, &tiles, tile - 1, &place);
	else if (r == -ENOENT)
		r = 0;
	if (r == 0)
		r = catalog_store_get(txn, CATALOG_TABLE_TREE, last_key(key, log, level),
				      ret_hashes);
	if (r == 0 && (ret_hashes->len % HASH_BYTES != 0 || ret_hashes->len == 0 ||
		       ret_hashes->len >= TILE_HASHES * HASH_BYTES))
		r = -EIO;
	return r;
}

/* Read the first count hashes of a tile. */
static int read_tile(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t tile,
		     struct catalog_hash *ret_hashes, size_t count)
{
	struct catalog_span hashes;
	int r = find_tile(txn, log, level, tile, &hashes);

	if (r != 0)
		return r;
	if (hashes.len < count * HASH_BYTES)
		return -ENOENT;
	memcpy(ret_hashes, hashes.bytes, count * HASH_BYTES);
	return 0;
}

/* Write a tile of held hashes, of which old were kept: when it is full it moves to the tiles that
 * never change. */
static int write_tile(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t tile,
		      const struct catalog_hash *hashes, size_t held, size_t old)
{
	struct catalog_runs_sequence tiles = tiles_of(log, level);
	struct catalog_span bytes = {hashes[0].bytes, held * HASH_BYTES};
	uint8_t key[KEY_BYTES];
	uint64_t place;
	int r;

	if (held < TILE_HASHES)
		return catalog_store_put(txn, CATALOG_TABLE_TREE, last_key(key, log, level), bytes);
	r = catalog_runs_extend(txn, &tiles, tile, 1, &place);
	if (r == 0)
		r = catalog_runs_append(txn, CATALOG_TABLE_TILES, place, 0, bytes);
	if (r == 0 && old > 0)
		r = catalog_store_del(txn, CATALOG_TABLE_TREE, last_key(key, log, level));
	return r;
}

/* Append hashes to one level, of which first are kept.  *ret_up are the hashes of the tiles that
 * became full. */
static int append_level(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t first,
			const struct catalog_hash *hashes, size_t count,
			struct catalog_hash *ret_up, size_t *ret_up_count)
{
	size_t up_count = 0;

	while (count > 0) {
		struct catalog_hash tile[TILE_HASHES];
		size_t held = first % TILE_HASHES;
		size_t taken = count < TILE_HASHES - held ? count : TILE_HASHES - held;
		int r = 0;

		if (held > 0)
			r = read_tile(txn, log, level, first / TILE_HASHES, tile, held);
		if (r != 0)
			return r == -ENOENT ? -EIO : r;
		memcpy(tile + held, hashes, taken * HASH_BYTES);
		r = write_tile(txn, log, level, first / TILE_HASHES, tile, held + taken, held);
		if (r != 0)
			return r == -ENOENT ? -EIO : r;
		if (held + taken == TILE_HASHES)
			catalog_merkle_root(tile, TILE_HASHES, &ret_up[up_count++]);
		first += taken;
		hashes += taken;
		count -= taken;
	}
	*ret_up_count = up_count;
	return 0;
}

int catalog_tree_append(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_hash *leaves, size_t count)
{
	struct catalog_hash up[2][CATALOG_TREE_BATCH_MAX / TILE_HASHES + 1];
	unsigned turn = 0;

	assert(count > 0);
	assert(count <= CATALOG_TREE_BATCH_MAX);
	assert(size <= UINT64_MAX - count);
	for (unsigned level = 0; count > 0; level += TILE_BITS) {
		int r;

		assert(level <= LEVEL_MAX);
		r = append_level(txn, log, level, size >> level, leaves, count, up[turn], &count);
		if (r != 0)
			return r;
		leaves = up[turn];
		turn = 1 - turn;
	}
	return 0;
}

int catalog_tree_read(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
		      struct catalog_hash *ret_hash)
{
	struct catalog_hash tile[TILE_HASHES];
	unsigned below = level % TILE_BITS;
	uint64_t first = index << below;
	size_t at = first % TILE_HASHES, count = (size_t)1 << below;
	int r;

	assert(level <= LEVEL_MAX);
	r = read_tile(txn, log, level - below, first / TILE_HASHES, tile, at + count);
	if (r == 0)
		catalog_merkle_root(tile + at, count, ret_hash);
	return r;
}
