#include "catalog/index_walk.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#define BLOCK CATALOG_INDEX_LIST_BLOCK

static uint32_t get_u32(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof n);
	return le32toh(n);
}

void catalog_index_walk_open(struct catalog_index_walk *walk, const struct catalog_index_list *list,
			     struct catalog_cursor *cursor, uint32_t segment)
{
	assert(!list->plain);
	walk->list = list;
	walk->cursor = cursor;
	walk->segment = segment;
	walk->chunk = (struct catalog_span){NULL, 0};
	walk->chunk_blocks = walk->next = 0;
	walk->rest = list->body;
	walk->base = 0;
	walk->left = list->count;
	walk->place = 0;
	walk->placed = false;
	walk->ended = false;
	walk->error = 0;
	walk->copy = NULL;
	walk->block.count = 0;
	walk->block.bare = false;
}

/* A number of the i-th block's in the chunk's directory. */
static uint32_t directory(const struct catalog_index_walk *walk, uint32_t i, size_t at)
{
	uint32_t n;

	memcpy(&n,
	       walk->chunk.bytes + CATALOG_INDEX_WALK_HEADER +
		       CATALOG_INDEX_WALK_DIRECTORY * (size_t)i + at,
	       sizeof n);
	return le32toh(n);
}

static uint32_t block_last(const struct catalog_index_walk *walk, uint32_t i)
{
	return directory(walk, i, 0);
}

static uint32_t block_end(const struct catalog_index_walk *walk, uint32_t i)
{
	return directory(walk, i, 4);
}

static uint32_t positions_end(const struct catalog_index_walk *walk, uint32_t i)
{
	return directory(walk, i, 8);
}

/* Where the blocks begin. */
static size_t data_of(const struct catalog_index_walk *walk)
{
	return CATALOG_INDEX_WALK_HEADER +
	       CATALOG_INDEX_WALK_DIRECTORY * (size_t)walk->chunk_blocks;
}

static int copied(struct catalog_buffer *copy, struct catalog_span *bytes)
{
	int r;

	copy->len = 0;
	r = catalog_buffer_append(copy, bytes->bytes, bytes->len);
	*bytes = catalog_buffer_span(copy);
	return r;
}

/* The last slot of a chunk, by its key. */
static uint32_t key_last(struct catalog_span key)
{
	uint32_t n;

	memcpy(&n, key.bytes + key.len - sizeof n, sizeof n);
	return be32toh(n);
}

/* Go to the chunk that has the first slot at or after slot. */
static bool seek_chunk(struct catalog_index_walk *walk, uint32_t slot)
{
	uint8_t bytes[CATALOG_INDEX_TERMS_KEY_BYTES_MAX];
	struct catalog_span key = catalog_index_terms_chunk_key(bytes, walk->segment,
								walk->list->id, slot),
			    found, chunk;
	int r = catalog_store_cursor_seek(walk->cursor, key, &found, &chunk);

	if (r != 0 && r != -ENOENT) {
		walk->error = r;
		return false;
	}
	if (r == -ENOENT || found.len != key.len || memcmp(found.bytes, key.bytes, 9) != 0)
		return false;
	if (walk->copy != NULL && (walk->error = copied(walk->copy, &chunk)) != 0)
		return false;
	walk->chunk = chunk;
	walk->next = walk->chunk_blocks = 0;
	if (chunk.len >= CATALOG_INDEX_WALK_HEADER) {
		walk->chunk_blocks = get_u32(chunk.bytes) >> 8;
		walk->chunk_last_count = chunk.bytes[0];
		walk->chunk_base = get_u32(chunk.bytes + 4);
	}
	if (walk->chunk_blocks == 0 || walk->chunk_blocks > CATALOG_INDEX_LIST_CHUNK_BLOCKS ||
	    walk->chunk_last_count == 0 || walk->chunk_last_count > BLOCK ||
	    data_of(walk) > chunk.len ||
	    (uint64_t)block_end(walk, walk->chunk_blocks - 1) +
			    positions_end(walk, walk->chunk_blocks - 1) !=
		    chunk.len - data_of(walk) ||
	    block_last(walk, walk->chunk_blocks - 1) != key_last(found)) {
		walk->error = -EIO;
		return false;
	}
	return true;
}

static bool seek_in_chunks(struct catalog_index_walk *walk, uint32_t slot)
{
	uint32_t low = walk->next, high = walk->chunk_blocks, start, count, base;
	struct catalog_span bytes;
	size_t data;

	if (walk->chunk_blocks == 0 || low >= high || block_last(walk, high - 1) < slot) {
		uint32_t from = slot;

		if (walk->chunk_blocks > 0 && block_last(walk, walk->chunk_blocks - 1) >= from)
			from = block_last(walk, walk->chunk_blocks - 1) + 1;
		if (!seek_chunk(walk, from))
			return false;
		low = 0;
		high = walk->chunk_blocks;
	}
	if (block_last(walk, low) < slot) {
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (block_last(walk, middle) < slot)
				low = middle + 1;
			else
				high = middle;
		}
	}
	start = low > 0 ? block_end(walk, low - 1) : 0;
	base = low > 0 ? block_last(walk, low - 1) + 1 : walk->chunk_base;
	count = low + 1 == walk->chunk_blocks ? walk->chunk_last_count : BLOCK;
	data = data_of(walk);
	if (start > block_end(walk, low) || block_end(walk, low) > walk->chunk.len - data) {
		walk->error = -EIO;
		return false;
	}
	bytes = (struct catalog_span){walk->chunk.bytes + data + start,
				      block_end(walk, low) - start};
	if (!catalog_index_list_unpack(&bytes, count, base, &walk->block) ||
	    walk->block.slots[count - 1] != block_last(walk, low)) {
		walk->error = -EIO;
		return false;
	}
	walk->next = low + 1;
	walk->placed = false;
	return true;
}

bool catalog_index_walk_seek(struct catalog_index_walk *walk, uint32_t slot, uint64_t *read)
{
	bool found = false;

	if (walk->ended)
		return false;
	if (walk->list->chunked) {
		found = seek_in_chunks(walk, slot);
		*read += found ? walk->block.count : 0;
	} else {
		while (walk->left > 0 && !found) {
			uint32_t count = walk->left < BLOCK ? walk->left : BLOCK;

			walk->place += walk->block.count;
			if (!catalog_index_list_unpack(&walk->rest, count, walk->base,
						       &walk->block)) {
				walk->error = -EIO;
				break;
			}
			walk->left -= count;
			walk->base = walk->block.slots[count - 1] + 1;
			*read += count;
			found = walk->block.slots[count - 1] >= slot;
		}
	}
	walk->ended = !found;
	return found;
}

/* Find the positions of the block at hand, or of the whole list. */
static bool find_positions(struct catalog_index_walk *walk)
{
	struct catalog_span bytes = walk->list->positions;
	uint64_t start, end;

	walk->place_next = 0;
	if (walk->list->chunked) {
		size_t data = data_of(walk) + block_end(walk, walk->chunk_blocks - 1);

		start = walk->next > 1 ? positions_end(walk, walk->next - 2) : 0;
		end = positions_end(walk, walk->next - 1);
		if (start > end || data + end > walk->chunk.len)
			return false;
		bytes = (struct catalog_span){walk->chunk.bytes + data + start, end - start};
	}
	walk->positions = bytes;
	walk->placed = true;
	return true;
}

struct catalog_span catalog_index_walk_positions(struct catalog_index_walk *walk, uint32_t i)
{
	uint32_t wanted = walk->list->chunked ? i : walk->place + i;
	struct catalog_span own = {0};

	if ((!walk->placed || wanted < walk->place_next) && !find_positions(walk))
		return own;
	if (!catalog_index_list_skip_many(&walk->positions, wanted - walk->place_next) ||
	    !catalog_index_list_skip_positions(&walk->positions, &own))
		return (struct catalog_span){0};
	walk->place_next = wanted + 1;
	return own;
}

int catalog_index_walk_plain(struct catalog_cursor *cursor, uint32_t segment,
			     const struct catalog_index_list *list, struct catalog_span *ret_plain)
{
	uint8_t bytes[CATALOG_INDEX_TERMS_KEY_BYTES_MAX];
	struct catalog_span key = catalog_index_terms_chunk_key(bytes, segment, list->id, 0), found;
	int r;

	assert(list->plain);
	if (!list->chunked) {
		*ret_plain = list->body;
		return 0;
	}
	r = catalog_store_cursor_seek(cursor, key, &found, ret_plain);
	if (r != 0 || found.len != key.len || memcmp(found.bytes, key.bytes, key.len) != 0)
		return r == 0 || r == -ENOENT ? -EIO : r;
	return 0;
}
