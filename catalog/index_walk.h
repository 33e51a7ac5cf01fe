/* catalog/index_walk.h - a term's list, block by block.
 *
 * A chunk is: the postings of its last block (u8) and how many blocks it has (u24); the slot before
 * which its first is not; for each block its last slot, where it ends among the blocks and where
 * its positions end; the blocks; the positions.  All u32 where nothing else is said.
 */
#ifndef CATALOG_INDEX_WALK_H
#define CATALOG_INDEX_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_list.h"
#include "catalog/index_terms.h"
#include "catalog/store.h"

#define CATALOG_INDEX_WALK_HEADER    8
#define CATALOG_INDEX_WALK_DIRECTORY 12 /* of each block */

/* Start on a list that is not plain with catalog_index_walk_open(): borrows from the list and the
 * cursor, which may be shared.  Who writes meanwhile sets copy afterwards. */
struct catalog_index_walk {
	const struct catalog_index_list *list;
	struct catalog_cursor *cursor;
	uint32_t segment;
	struct catalog_span chunk;                                 /* the one at hand */
	uint32_t chunk_blocks, chunk_last_count, chunk_base, next; /* of it; the next block in it */
	struct catalog_span rest;                                  /* of a list that is here */
	uint32_t base, left;                                       /* likewise: postings left */
	uint32_t place; /* the block's first posting among those of the list that is here */
	struct catalog_span positions; /* those from place_next on */
	uint32_t place_next;           /* among the block's or the list's; see place */
	bool placed, ended;
	int error;
	struct catalog_buffer *copy; /* of the chunk; NULL: borrow */
	struct catalog_index_block block;
};
void catalog_index_walk_open(struct catalog_index_walk *walk, const struct catalog_index_list *list,
			     struct catalog_cursor *cursor, uint32_t segment);

/* Unpack the first block that has a slot at or after slot (after the one at hand); false if there
 * is none, or walk->error says why.  *ret_read is increased by the postings unpacked. */
bool catalog_index_walk_seek(struct catalog_index_walk *walk, uint32_t slot, uint64_t *read);

/* The positions of the posting at place i of the block at hand; empty if there are none. */
struct catalog_span catalog_index_walk_positions(struct catalog_index_walk *walk, uint32_t i);

/* The plain list's bytes.  Returns 0, -EIO. */
int catalog_index_walk_plain(struct catalog_cursor *cursor, uint32_t segment,
			     const struct catalog_index_list *list, struct catalog_span *ret_plain);

#endif
