/* catalog/tile.h - a log as C2SP tlog-tiles, so that others' auditing tools can read it.
 *
 *   tile/<L>/<N>[.p/<W>]         256 hashes (W in a partial tile): hash i is that of the subtree of
 *                                256^L leaves that starts at leaf (256 N + i) 256^L
 *   tile/entries/<N>[.p/<W>]     entries 256 N to 256 N + 255 (W in a partial bundle), each after
 * its length, u16 big-endian
 *
 * N is decimal in groups of three digits, all but the last with an x: 1234067 is x001/x234/067.  A
 * partial tile is the last of its level, 0 < W < 256.
 *
 * The length of an entry in a bundle is 16 bits, and ours may be longer: there is no bundle then
 * (docs/formats.md).
 */
#ifndef CATALOG_TILE_H
#define CATALOG_TILE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/store.h"

#define CATALOG_TILE_WIDTH           256
#define CATALOG_TILE_LEVEL_MAX       5
#define CATALOG_TILE_PATH_BYTES_MAX  64
#define CATALOG_TILE_ENTRY_BYTES_MAX 65535 /* in a bundle */

enum catalog_tile_kind {
	CATALOG_TILE_HASHES,
	CATALOG_TILE_ENTRIES,
};

struct catalog_tile {
	enum catalog_tile_kind kind;
	unsigned level; /* 0..CATALOG_TILE_LEVEL_MAX; 0 for entries */
	uint64_t index;
	unsigned width; /* 1..CATALOG_TILE_WIDTH */
};

/* Read a path, without a leading slash.  A tile has one path.  Returns 0, -EBADMSG. */
int catalog_tile_parse(const char *path, struct catalog_tile *ret_tile);

/* Write a tile's path. */
void catalog_tile_path(const struct catalog_tile *tile, char ret_path[CATALOG_TILE_PATH_BYTES_MAX]);

/* How many hashes (entries) there are at a place in the tree of size leaves: 0..CATALOG_TILE_WIDTH.
 * tile->width is not looked at. */
unsigned catalog_tile_width(const struct catalog_tile *tile, uint64_t size);

/* Append the hashes of a tile of the tree of size leaves, 32 bytes each.  size is that of a signed
 * checkpoint, at most what is held.  Returns 0, -ENOENT if the tree has no such tile, -ENOMEM,
 * -EIO. */
int catalog_tile_hashes(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_tile *tile, struct catalog_buffer *buffer);

/* Append entries of a bundle, each with its length, from number *at (0 at first) on, until len_max
 * bytes were appended (one entry more may go over it) or the bundle ends; *at moves on, and is
 * tile->width at the end.  So no read lasts long: ask again in another.
 * Returns 0, -ENOENT if the tree has no such bundle or an entry is not held, -E2BIG if one is
 * longer than a bundle can say, -ENOMEM, -EIO; on failure nothing is appended. */
int catalog_tile_entries(struct catalog_txn *txn, uint32_t log, uint64_t size,
			 const struct catalog_tile *tile, size_t len_max, unsigned *at,
			 struct catalog_buffer *buffer);

#endif
