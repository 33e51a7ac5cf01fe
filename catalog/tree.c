/* catalog/tree.c - one pass up the levels: a tile that fills gives one hash to the level above.
 *
 * Three places hold tiles: full ones are items of CATALOG_TABLE_TILES; of sparse ones, and of the
 * last one of each level while it is not full, CATALOG_TABLE_TREE has a row that lists its nodes.
 */
#include "catalog/tree.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/merkle.h"
#include "catalog/runs.h"

#define BITS       CATALOG_TREE_TILE_BITS
#define HASHES     CATALOG_TREE_TILE
#define HASH_BYTES sizeof(struct catalog_hash)
#define NODE_BYTES (1 + HASH_BYTES)
#define LAST_BYTES 8 /* its number, before the nodes of a last tile */
#define KEY_BYTES  13
#define BASE_MAX   (CATALOG_TREE_LEVEL_MAX / BITS * BITS)

_Static_assert(sizeof(struct catalog_hash) == 32, "a tile is its hashes, one after the other");
_Static_assert(HASHES == 32, "a node of a tile is a level (0 to 4) and a place (0 to 31)");

/* A tile in memory: nodes from left to right, without gaps.  A node at level 0 of a tile whose base
 * is 0 is a leaf; one above spans 2^level of its places. */
struct node {
	uint8_t level, place;
	struct catalog_hash hash;
};

struct tile {
	uint32_t log;
	unsigned base; /* level of the tree at which its places are */
	uint64_t number;
	unsigned filled; /* places */
	unsigned count;
	struct node nodes[HASHES];
};

static void add_node(struct tile *tile, unsigned level, const struct catalog_hash *hash)
{
	assert(tile->count < HASHES);
	assert(tile->filled % (1u << level) == 0);
	tile->nodes[tile->count++] = (struct node){(uint8_t)level, (uint8_t)tile->filled, *hash};
	tile->filled += 1u << level;
	assert(tile->filled <= HASHES);
}

/* --- on disk ---------------------------------------------------------------------------------- */

static struct catalog_runs_sequence tiles_of(uint32_t log, unsigned base)
{
	return (struct catalog_runs_sequence){CATALOG_TABLE_TILES, log, (uint8_t)base};
}

static void put_number(uint8_t *at, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

static uint64_t get_number(const uint8_t *at)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | at[i];
	return number;
}

/* The last tile of a level has a key of its own, which is shorter. */
static struct catalog_span last_key(uint8_t key[KEY_BYTES], uint32_t log, unsigned base)
{
	put_number(key, log, 4);
	key[4] = (uint8_t)base;
	return (struct catalog_span){key, 5};
}

static struct catalog_span sparse_key(uint8_t key[KEY_BYTES], uint32_t log, unsigned base,
				      uint64_t number)
{
	(void)last_key(key, log, base); /* the same beginning */
	put_number(key + 5, number, 8);
	return (struct catalog_span){key, KEY_BYTES};
}

/* Read nodes into a tile that has none. */
static int decode(struct catalog_span bytes, struct tile *tile)
{
	if (bytes.len % NODE_BYTES != 0)
		return -EIO;
	for (; bytes.len > 0; bytes.bytes += NODE_BYTES, bytes.len -= NODE_BYTES) {
		unsigned level = bytes.bytes[0] >> BITS, place = bytes.bytes[0] % HASHES;
		struct catalog_hash hash;

		if (level >= BITS || place != tile->filled || place % (1u << level) != 0 ||
		    tile->count == HASHES)
			return -EIO;
		memcpy(hash.bytes, bytes.bytes + 1, HASH_BYTES);
		add_node(tile, level, &hash);
	}
	return 0;
}

static size_t encode(const struct tile *tile, uint8_t *at)
{
	for (unsigned i = 0; i < tile->count; i++) {
		const struct node *node = &tile->nodes[i];

		*at++ = (uint8_t)(node->level << BITS | node->place);
		memcpy(at, node->hash.bytes, HASH_BYTES);
		at += HASH_BYTES;
	}
	return tile->count * NODE_BYTES;
}

/* The tile of a level that is not full yet; without nodes if there is none. */
static int read_last(struct catalog_txn *txn, uint32_t log, unsigned base, struct tile *ret_tile)
{
	struct catalog_span value;
	uint8_t key[KEY_BYTES];
	int r = catalog_store_get(txn, CATALOG_TABLE_TREE, last_key(key, log, base), &value);

	*ret_tile = (struct tile){.log = log, .base = base, .number = UINT64_MAX};
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (value.len < LAST_BYTES)
		return -EIO;
	ret_tile->number = get_number(value.bytes);
	value.bytes += LAST_BYTES;
	value.len -= LAST_BYTES;
	r = decode(value, ret_tile);
	return r == 0 && (ret_tile->filled == 0 || ret_tile->filled == HASHES) ? -EIO : r;
}

static int write_last(struct catalog_txn *txn, const struct tile *tile)
{
	uint8_t key[KEY_BYTES], bytes[LAST_BYTES + HASHES * NODE_BYTES];

	put_number(bytes, tile->number, LAST_BYTES);
	return catalog_store_put(
		txn, CATALOG_TABLE_TREE, last_key(key, tile->log, tile->base),
		(struct catalog_span){bytes, LAST_BYTES + encode(tile, bytes + LAST_BYTES)});
}

static int delete_last(struct catalog_txn *txn, uint32_t log, unsigned base)
{
	uint8_t key[KEY_BYTES];
	int r = catalog_store_del(txn, CATALOG_TABLE_TREE, last_key(key, log, base));

	return r == -ENOENT ? 0 : r;
}

/* The hashes of a tile in which nothing was pruned, borrowed.  Returns 0, -ENOENT, -EIO. */
static int find_full(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t number,
		     struct catalog_span *ret_hashes, uint64_t *ret_place)
{
	struct catalog_runs_sequence tiles = tiles_of(log, base);
	int r = catalog_runs_find(txn, &tiles, number, ret_place);

	if (r == 0)
		r = catalog_runs_get(txn, CATALOG_TABLE_TILES, *ret_place, 0, ret_hashes);
	return r == 0 && ret_hashes->len != HASHES * HASH_BYTES ? -EIO : r;
}

/* Write a tile that is complete. */
static int write_whole(struct catalog_txn *txn, const struct tile *tile)
{
	struct catalog_runs_sequence tiles = tiles_of(tile->log, tile->base);
	struct catalog_hash hashes[HASHES];
	uint8_t key[KEY_BYTES], bytes[HASHES * NODE_BYTES];
	uint64_t place;
	int r;

	assert(tile->filled == HASHES);
	if (tile->count < HASHES)
		return catalog_store_put(txn, CATALOG_TABLE_TREE,
					 sparse_key(key, tile->log, tile->base, tile->number),
					 (struct catalog_span){bytes, encode(tile, bytes)});
	for (unsigned i = 0; i < HASHES; i++)
		hashes[i] = tile->nodes[i].hash;
	r = catalog_runs_extend(txn, &tiles, tile->number, 1, &place);
	if (r == 0)
		r = catalog_runs_append(txn, CATALOG_TABLE_TILES, place, 0,
					(struct catalog_span){hashes[0].bytes, sizeof hashes});
	return r;
}

/* Find a tile wherever it is.  Returns 0, -ENOENT, -EIO. */
static int read_tile(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t number,
		     struct tile *ret_tile)
{
	struct catalog_span value;
	uint8_t key[KEY_BYTES];
	uint64_t place;
	int r = find_full(txn, log, base, number, &value, &place);

	*ret_tile = (struct tile){.log = log, .base = base, .number = number};
	if (r == 0) {
		for (unsigned i = 0; i < HASHES; i++) {
			struct catalog_hash hash;

			memcpy(hash.bytes, value.bytes + i * HASH_BYTES, HASH_BYTES);
			add_node(ret_tile, 0, &hash);
		}
		return 0;
	}
	if (r == -ENOENT)
		r = catalog_store_get(txn, CATALOG_TABLE_TREE, sparse_key(key, log, base, number),
				      &value);
	if (r == 0)
		return decode(value, ret_tile) != 0 || ret_tile->filled != HASHES ? -EIO : 0;
	if (r == -ENOENT)
		r = read_last(txn, log, base, ret_tile);
	return r == 0 && ret_tile->number != number ? -ENOENT : r;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Hash of the node at a level of a tile, from what is at it or below.  Returns 0, -ENOENT. */
static int hash_in(const struct tile *tile, unsigned level, unsigned place,
		   struct catalog_hash *ret_hash)
{
	struct catalog_hash left, right;

	if (place + (1u << level) > tile->filled)
		return -ENOENT;
	for (unsigned i = 0; i < tile->count; i++)
		if (tile->nodes[i].place == place && tile->nodes[i].level >= level) {
			*ret_hash = tile->nodes[i].hash;
			return tile->nodes[i].level == level ? 0 : -ENOENT;
		}
	if (level == 0 || hash_in(tile, level - 1, place, &left) != 0 ||
	    hash_in(tile, level - 1, place + (1u << (level - 1)), &right) != 0)
		return -ENOENT;
	catalog_merkle_node(&left, &right, ret_hash);
	return 0;
}

static void hash_of_tile(const struct tile *tile, struct catalog_hash *ret_hash)
{
	struct catalog_hash halves[2];
	int r;

	assert(tile->filled == HASHES);
	for (unsigned i = 0; i < 2; i++) {
		r = hash_in(tile, BITS - 1, i * HASHES / 2, &halves[i]);
		assert(r == 0); /* it is whole */
	}
	catalog_merkle_node(&halves[0], &halves[1], ret_hash);
}

/* Where a node of the tree is: the level and place in its tile. */
static void place_of(unsigned level, uint64_t index, unsigned *ret_base, uint64_t *ret_number,
		     unsigned *ret_below, unsigned *ret_place)
{
	uint64_t first;

	*ret_below = level % BITS;
	*ret_base = level - *ret_below;
	first = index << *ret_below;
	*ret_number = first / HASHES;
	*ret_place = (unsigned)(first % HASHES);
}

int catalog_tree_read(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
		      struct catalog_hash *ret_hash)
{
	unsigned base, below, place;
	struct catalog_span hashes;
	uint64_t number, where;
	struct tile tile;
	int r;

	assert(level <= CATALOG_TREE_LEVEL_MAX);
	place_of(level, index, &base, &number, &below, &place);
	r = find_full(txn, log, base, number, &hashes, &where);
	if (r == 0) { /* nearly always */
		struct catalog_hash copy[HASHES];

		memcpy(copy, hashes.bytes + place * HASH_BYTES, HASH_BYTES << below);
		catalog_merkle_root(copy, (size_t)1 << below, ret_hash);
		return 0;
	}
	if (r == -ENOENT)
		r = read_tile(txn, log, base, number, &tile);
	return r != 0 ? r : hash_in(&tile, below, place, ret_hash);
}

int catalog_tree_is_full(struct catalog_txn *txn, uint32_t log, uint64_t tile, bool *ret_full)
{
	struct catalog_span hashes;
	uint64_t place;
	int r = find_full(txn, log, 0, tile, &hashes, &place);

	*ret_full = r == 0;
	return r == -ENOENT ? 0 : r;
}

static int has_tile(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t number,
		    bool *ret_has)
{
	struct tile tile;
	int r = read_tile(txn, log, base, number, &tile);

	*ret_has = r == 0;
	return r == -ENOENT ? 0 : r;
}

int catalog_tree_is_pruned(struct catalog_txn *txn, uint32_t log, unsigned level, uint64_t index,
			   bool *ret_pruned)
{
	unsigned base, below, place;
	bool has = true;
	struct tile tile;
	uint64_t number;
	int r;

	assert(level <= CATALOG_TREE_LEVEL_MAX);
	place_of(level, index, &base, &number, &below, &place);
	r = read_tile(txn, log, base, number, &tile);
	if (r == 0 && place + (1u << below) > tile.filled)
		r = -ENOENT;
	if (r != 0)
		return r;
	for (unsigned i = 0; i < tile.count; i++) {
		const struct node *node = &tile.nodes[i];

		if (node->place > place || place >= node->place + (1u << node->level))
			continue;
		if (node->level > below)
			return -ENOENT;
		if (node->level == below && below > 0) {
			*ret_pruned = true;
			return 0;
		}
	}
	if (below == 0 && base > 0)
		r = has_tile(txn, log, base - BITS, index, &has);
	*ret_pruned = !has;
	return r;
}

/* --- appending -------------------------------------------------------------------------------- */

/* Begin, or go on with, the tile in which place `first` of a level is. */
static int open_tile(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t first,
		     struct tile *ret_tile)
{
	int r = read_last(txn, log, base, ret_tile);

	if (r != 0)
		return r;
	if (ret_tile->filled == 0)
		ret_tile->number = first / HASHES;
	return ret_tile->number != first / HASHES || ret_tile->filled != first % HASHES ? -EIO : 0;
}

/* Write a tile that was `held` places full before.  *ret_is_whole tells whether it is now. */
static int close_tile(struct catalog_txn *txn, const struct tile *tile, unsigned held,
		      bool *ret_is_whole)
{
	int r = 0;

	*ret_is_whole = tile->filled == HASHES;
	if (!*ret_is_whole)
		return write_last(txn, tile);
	if (held > 0)
		r = delete_last(txn, tile->log, tile->base);
	return r != 0 ? r : write_whole(txn, tile);
}

/* Append hashes to one level, of which first are there.  *ret_up are the hashes of the tiles that
 * became full. */
static int append_level(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t first,
			const struct catalog_hash *hashes, size_t count,
			struct catalog_hash *ret_up, size_t *ret_up_count)
{
	size_t up_count = 0;

	while (count > 0) {
		struct tile tile;
		unsigned held;
		bool is_whole;
		int r = open_tile(txn, log, base, first, &tile);

		if (r != 0)
			return r;
		held = tile.filled;
		for (; count > 0 && tile.filled < HASHES; hashes++, count--, first++)
			add_node(&tile, 0, hashes);
		r = close_tile(txn, &tile, held, &is_whole);
		if (r != 0)
			return r;
		if (is_whole)
			hash_of_tile(&tile, &ret_up[up_count++]);
	}
	*ret_up_count = up_count;
	return 0;
}

int catalog_tree_append(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_hash *leaves, size_t count)
{
	struct catalog_hash up[2][CATALOG_TREE_BATCH_MAX / HASHES + 1];
	unsigned turn = 0;

	assert(count > 0);
	assert(count <= CATALOG_TREE_BATCH_MAX);
	assert(size <= UINT64_MAX / 2 - count);
	for (unsigned base = 0; count > 0; base += BITS) {
		int r;

		assert(base <= BASE_MAX);
		r = append_level(txn, log, base, size >> base, leaves, count, up[turn], &count);
		if (r != 0)
			return r;
		leaves = up[turn];
		turn = 1 - turn;
	}
	return 0;
}

int catalog_tree_append_pruned(struct catalog_txn *txn, uint32_t log, uint64_t size, unsigned level,
			       const struct catalog_hash *hash)
{
	unsigned base = level - level % BITS, below = level % BITS;
	struct catalog_hash up = *hash;
	bool is_whole = true;

	assert(level <= CATALOG_TREE_LEVEL_MAX);
	assert(size % ((uint64_t)1 << level) == 0);
	for (; is_whole; base += BITS, below = 0) {
		struct tile tile;
		unsigned held;
		int r;

		assert(base <= BASE_MAX);
		r = open_tile(txn, log, base, size >> base, &tile);
		if (r != 0)
			return r;
		held = tile.filled;
		if (held + (1u << below) > HASHES)
			return -EIO;
		add_node(&tile, below, &up);
		r = close_tile(txn, &tile, held, &is_whole);
		if (r != 0)
			return r;
		if (is_whole)
			hash_of_tile(&tile, &up);
	}
	return 0;
}

/* --- pruning ---------------------------------------------------------------------------------- */

/* Add what is needed of a tile's subtree: one hash if none of it is kept. */
static void thin(const struct tile *tile, unsigned level, unsigned place, uint32_t kept,
		 struct tile *ret_thin)
{
	uint32_t mask = (uint32_t)(((uint64_t)1 << (1u << level)) - 1) << place;
	struct catalog_hash hash;
	int r;

	if (level < BITS && ((kept & mask) == 0 || level == 0)) {
		r = hash_in(tile, level, place, &hash);
		assert(r == 0); /* what is not kept any more was there, or is one hash already */
		add_node(ret_thin, level, &hash);
		return;
	}
	thin(tile, level - 1, place, kept, ret_thin);
	thin(tile, level - 1, place + (1u << (level - 1)), kept, ret_thin);
}

/* What is one hash already cannot be kept below. */
static uint32_t without_pruned(const struct tile *tile, uint32_t kept)
{
	for (unsigned i = 0; i < tile->count; i++)
		if (tile->nodes[i].level > 0)
			kept &= ~((uint32_t)(((uint64_t)1 << (1u << tile->nodes[i].level)) - 1)
				  << tile->nodes[i].place);
	return kept;
}

static int delete_whole(struct catalog_txn *txn, const struct tile *tile)
{
	struct catalog_runs_sequence tiles = tiles_of(tile->log, tile->base);
	uint8_t key[KEY_BYTES];
	int r = catalog_runs_drop(txn, &tiles, tile->number);

	if (r == -ENOENT)
		r = catalog_store_del(txn, CATALOG_TABLE_TREE,
				      sparse_key(key, tile->log, tile->base, tile->number));
	return r == -ENOENT ? -EIO : r;
}

/* Which places of a tile above the lowest have a tile below. */
static int find_kept(struct catalog_txn *txn, const struct tile *tile, uint32_t *ret_kept)
{
	uint32_t kept = 0;

	for (unsigned i = 0; i < tile->count; i++) {
		const struct node *node = &tile->nodes[i];
		bool has;
		int r;

		if (node->level > 0)
			continue;
		r = has_tile(txn, tile->log, tile->base - BITS, tile->number * HASHES + node->place,
			     &has);
		if (r != 0)
			return r;
		kept |= (uint32_t)has << node->place;
	}
	*ret_kept = kept;
	return 0;
}

int catalog_tree_collapse(struct catalog_txn *txn, uint32_t log, uint64_t number, uint32_t kept)
{
	for (unsigned base = 0; base <= BASE_MAX; base += BITS, number /= HASHES) {
		struct tile tile, thinned;
		int r = read_tile(txn, log, base, number, &tile);

		if (r == 0 && base > 0 && tile.filled == HASHES)
			r = find_kept(txn, &tile, &kept);
		if (r != 0)
			return r == -ENOENT ? 0 : r; /* pruned altogether before */
		if (tile.filled < HASHES)
			return 0;
		kept = without_pruned(&tile, kept);
		if (kept == 0) {
			r = delete_whole(txn, &tile);
			if (r != 0)
				return r;
			continue; /* and perhaps the tile above is of no more use */
		}
		thinned = (struct tile){.log = log, .base = base, .number = number};
		thin(&tile, BITS, 0, kept, &thinned);
		if (thinned.count == tile.count)
			return 0;
		r = delete_whole(txn, &tile);
		return r != 0 ? r : write_whole(txn, &thinned);
	}
	return 0;
}

/* --- cutting ---------------------------------------------------------------------------------- */

/* Cut one level to its first places. */
static int cut_level(struct catalog_txn *txn, uint32_t log, unsigned base, uint64_t places)
{
	struct catalog_runs_sequence tiles = tiles_of(log, base);
	struct tile old, cut = {.log = log, .base = base, .number = places / HASHES};
	uint8_t key[KEY_BYTES];
	int r = 0;

	if (places % HASHES > 0) {
		r = read_tile(txn, log, base, cut.number, &old);
		if (r != 0)
			return r == -ENOENT ? -ENODATA : r;
		for (unsigned i = 0; i < old.count && cut.filled < places % HASHES; i++)
			add_node(&cut, old.nodes[i].level, &old.nodes[i].hash);
		if (cut.filled != places % HASHES)
			return -ENODATA;
	}
	if ((r = catalog_runs_cut(txn, &tiles, cut.number)) != 0 ||
	    (r = catalog_store_del_range(txn, CATALOG_TABLE_TREE,
					 sparse_key(key, log, base, cut.number), 5)) != 0 ||
	    (r = delete_last(txn, log, base)) != 0)
		return r;
	return cut.filled > 0 ? write_last(txn, &cut) : 0;
}

int catalog_tree_cut(struct catalog_txn *txn, uint32_t log, uint64_t old_size, uint64_t size)
{
	assert(size <= old_size);
	for (unsigned base = 0; base <= BASE_MAX && old_size >> base > 0; base += BITS) {
		int r = cut_level(txn, log, base, size >> base);

		if (r != 0)
			return r;
	}
	return 0;
}
