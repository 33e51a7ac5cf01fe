/* catalog/index_list.h - the bytes of one term's documents in one segment.
 *
 * A list is cut into blocks of CATALOG_INDEX_LIST_BLOCK postings: full blocks are packed bits, the
 * last is variable bytes.  A short list stands in the dictionary; a long one is chunks of blocks,
 * each under its own key, whose header tells where each block is, its last slot and its largest
 * impact.  A plain list (of a filter) is a set of slots and nothing else.
 *
 * Nothing here allocates while reading, and nothing trusts lengths.
 */
#ifndef CATALOG_INDEX_LIST_H
#define CATALOG_INDEX_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_INDEX_LIST_BLOCK        128u
#define CATALOG_INDEX_LIST_CHUNK_BLOCKS 128u
#define CATALOG_INDEX_LIST_WINDOW       16384u /* slots that are looked at together */
#define CATALOG_INDEX_LIST_WINDOW_WORDS (CATALOG_INDEX_LIST_WINDOW / 64)
#define CATALOG_INDEX_LIST_VARINT_MAX   5

/* One document of a term. */
struct catalog_index_posting {
	uint32_t slot;
	uint8_t impact; /* see catalog/index_impact */
	uint8_t fields; /* a bit for each field that has the term */
	struct catalog_span positions;
};

/* Up to one block of postings, unpacked. */
struct catalog_index_block {
	uint32_t count;
	bool bare; /* of whom unpacks: leave out the fields of a full block */
	uint32_t slots[CATALOG_INDEX_LIST_BLOCK];
	uint8_t impacts[CATALOG_INDEX_LIST_BLOCK];
	uint8_t fields[CATALOG_INDEX_LIST_BLOCK];
};

size_t catalog_index_list_put_varint(uint8_t bytes[CATALOG_INDEX_LIST_VARINT_MAX], uint32_t n);
bool catalog_index_list_get_varint(struct catalog_span *bytes, uint32_t *ret_n);

/* Append a block whose slots are all at or after base.  Returns 0, -ENOMEM. */
int catalog_index_list_pack(struct catalog_buffer *buffer, const struct catalog_index_block *block,
			    uint32_t base);

/* Unpack the block at the front of bytes, which has count postings, and go past it; false if the
 * bytes are no block. */
bool catalog_index_list_unpack(struct catalog_span *bytes, uint32_t count, uint32_t base,
			       struct catalog_index_block *ret_block);

/* Positions of one posting: each is the distance from the one before, doubled, plus one if another
 * follows.  Append them; go past those at the front of bytes (false if they are none). */
int catalog_index_list_put_positions(struct catalog_buffer *buffer, const uint32_t *positions,
				     size_t count);
bool catalog_index_list_skip_positions(struct catalog_span *bytes, struct catalog_span *ret_own);
/* Go past those of so many postings. */
bool catalog_index_list_skip_many(struct catalog_span *bytes, uint32_t postings);
/* The next position of a posting's own; *position starts at 0.  False at the end. */
bool catalog_index_list_next_position(struct catalog_span *own, uint32_t *position);

/* --- plain lists ----------------------------------------------------------------------- */

/* Append the container of slots[0..count), ascending, all of them in one window: an array, runs or
 * a bitmap, whichever is shortest.  Returns 0, -ENOMEM. */
int catalog_index_list_put_container(struct catalog_buffer *buffer, const uint16_t *slots,
				     size_t count);

/* A whole plain list: containers and where each is.  Returns 0, -ENOMEM. */
int catalog_index_list_put_plain(struct catalog_buffer *buffer, const uint32_t *slots,
				 size_t count);

/* Set the bits of a window's slots in bits; false if the bytes are no plain list. */
bool catalog_index_list_plain_bits(struct catalog_span plain, uint32_t window,
				   uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);

/* The first window at or after `from` that has slots; UINT32_MAX if there is none. */
uint32_t catalog_index_list_plain_window(struct catalog_span plain, uint32_t from);

#endif
