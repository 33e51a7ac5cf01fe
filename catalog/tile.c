/* catalog/tile.c - the store's own tiles are of 32 hashes (catalog/tree.h); these are for others.
 */
#include "catalog/tile.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/log.h"
#include "catalog/tree.h"

#define LEVEL_BITS 8 /* the levels of the tree in one of tiles */

_Static_assert(1 << LEVEL_BITS == CATALOG_TILE_WIDTH, "a tile is a subtree's lowest level");

static int take_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return -EBADMSG;
	*at += len;
	return 0;
}

static int take_digits(const char **at, unsigned count, unsigned *ret_number)
{
	unsigned number = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned digit = (unsigned char)(*at)[i] - (unsigned)'0';

		if (digit > 9) /* the NUL is none */
			return -EBADMSG;
		number = number * 10 + digit;
	}
	*at += count;
	*ret_number = number;
	return 0;
}

/* Groups of three digits: x001/x234/067.  The first is not x000. */
static int take_index(const char **at, uint64_t *ret_index)
{
	unsigned group = 0, groups = 0;
	uint64_t index = 0;

	for (;; groups++) {
		int more = take_text(at, "x") == 0;

		if (take_digits(at, 3, &group) != 0 || index > (UINT64_MAX - group) / 1000 ||
		    (more && groups == 0 && group == 0))
			return -EBADMSG;
		index = index * 1000 + group;
		if (!more) {
			*ret_index = index;
			return 0;
		}
		if (take_text(at, "/") != 0)
			return -EBADMSG;
	}
}

static int take_width(const char **at, unsigned *ret_width)
{
	unsigned digits = (unsigned)strlen(*at);

	if (digits == 0 || digits > 3 || (*at)[0] == '0' || take_digits(at, digits, ret_width) != 0)
		return -EBADMSG;
	return *ret_width < CATALOG_TILE_WIDTH ? 0 : -EBADMSG;
}

/* Whether the tree could have a tile there: its last leaf has a number. */
static int in_range(const struct catalog_tile *tile)
{
	unsigned shift = LEVEL_BITS * (tile->level + 1);

	return tile->index <= (UINT64_MAX >> shift) - 1 ? 0 : -EBADMSG;
}

int catalog_tile_parse(const char *path, struct catalog_tile *ret_tile)
{
	struct catalog_tile tile = {.width = CATALOG_TILE_WIDTH};
	int r = take_text(&path, "tile/");

	if (r != 0)
		return r;
	if (take_text(&path, "entries/") == 0)
		tile.kind = CATALOG_TILE_ENTRIES;
	else if (take_digits(&path, 1, &tile.level) != 0 || tile.level > CATALOG_TILE_LEVEL_MAX ||
		 take_text(&path, "/") != 0)
		return -EBADMSG;
	if ((r = take_index(&path, &tile.index)) != 0)
		return r;
	if (take_text(&path, ".p/") == 0 && (r = take_width(&path, &tile.width)) != 0)
		return r;
	if (*path != '\0' || (r = in_range(&tile)) != 0)
		return -EBADMSG;
	*ret_tile = tile;
	return 0;
}

void catalog_tile_path(const struct catalog_tile *tile, char ret_path[CATALOG_TILE_PATH_BYTES_MAX])
{
	unsigned groups[8], count = 0;
	uint64_t index = tile->index;
	int at;

	assert(tile->level <= CATALOG_TILE_LEVEL_MAX);
	assert(tile->width >= 1);
	assert(tile->width <= CATALOG_TILE_WIDTH);
	do {
		groups[count++] = (unsigned)(index % 1000);
		index /= 1000;
	} while (index > 0);
	if (tile->kind == CATALOG_TILE_ENTRIES)
		at = snprintf(ret_path, CATALOG_TILE_PATH_BYTES_MAX, "tile/entries/");
	else
		at = snprintf(ret_path, CATALOG_TILE_PATH_BYTES_MAX, "tile/%u/", tile->level);
	while (count-- > 0)
		at += snprintf(ret_path + at, CATALOG_TILE_PATH_BYTES_MAX - (size_t)at,
			       count > 0 ? "x%03u/" : "%03u", groups[count]);
	if (tile->width < CATALOG_TILE_WIDTH)
		at += snprintf(ret_path + at, CATALOG_TILE_PATH_BYTES_MAX - (size_t)at, ".p/%u",
			       tile->width);
	assert(at < CATALOG_TILE_PATH_BYTES_MAX);
}

unsigned catalog_tile_width(const struct catalog_tile *tile, uint64_t size)
{
	uint64_t count = size >> (LEVEL_BITS * tile->level); /* of hashes at that level */
	uint64_t first = tile->index * CATALOG_TILE_WIDTH;

	if (in_range(tile) != 0 || first >= count)
		return 0;
	return count - first < CATALOG_TILE_WIDTH ? (unsigned)(count - first) : CATALOG_TILE_WIDTH;
}

int catalog_tile_hashes(struct catalog_txn *txn, uint32_t log, uint64_t size,
			const struct catalog_tile *tile, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	int r = 0;

	if (tile->kind != CATALOG_TILE_HASHES || tile->width > catalog_tile_width(tile, size))
		return -ENOENT;
	for (unsigned i = 0; i < tile->width && r == 0; i++) {
		struct catalog_hash hash;

		r = catalog_tree_read(txn, log, LEVEL_BITS * tile->level,
				      tile->index * CATALOG_TILE_WIDTH + i, &hash);
		if (r == 0)
			r = catalog_buffer_append(buffer, hash.bytes, sizeof hash.bytes);
	}
	if (r != 0)
		buffer->len = before;
	return r;
}

int catalog_tile_entries(struct catalog_txn *txn, uint32_t log, uint64_t size,
			 const struct catalog_tile *tile, size_t len_max, unsigned *at,
			 struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	unsigned i = *at;
	int r = 0;

	if (tile->kind != CATALOG_TILE_ENTRIES || tile->width > catalog_tile_width(tile, size))
		return -ENOENT;
	while (r == 0 && i < tile->width && (i == *at || buffer->len - before < len_max)) {
		size_t start = buffer->len, len;

		r = catalog_buffer_append(buffer, "\0", 2);
		if (r == 0)
			r = catalog_log_read(txn, log, tile->index * CATALOG_TILE_WIDTH + i,
					     buffer);
		if (r != 0)
			break;
		len = buffer->len - start - 2;
		if (len > CATALOG_TILE_ENTRY_BYTES_MAX) {
			r = -E2BIG;
			break;
		}
		buffer->bytes[start] = (uint8_t)(len >> 8);
		buffer->bytes[start + 1] = (uint8_t)len;
		i++;
	}
	if (r == 0)
		*at = i;
	else
		buffer->len = before;
	return r;
}
