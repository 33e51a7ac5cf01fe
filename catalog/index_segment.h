/* catalog/index_segment.h - what the index consists of: immutable segments, each a small index of
 * its own over the documents that one transaction, or a merge of segments, wrote; which of their
 * documents are dead; and the merges that are under way.
 *
 * Inside a segment a document is a slot: 0 .. slots - 1.  Documents have store-wide numbers too,
 * which only ascend; those of one segment are all below those of the next.
 */
#ifndef CATALOG_INDEX_SEGMENT_H
#define CATALOG_INDEX_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_facet.h"
#include "catalog/index_list.h"
#include "catalog/index_terms.h"
#include "catalog/store.h"

#define CATALOG_INDEX_SEGMENT_SLOTS_MAX  (1u << 26)
#define CATALOG_INDEX_SEGMENT_COUNT_MAX  4096
#define CATALOG_INDEX_SEGMENT_MERGES_MAX 8
#define CATALOG_INDEX_SEGMENT_PARTS_MAX  8

struct catalog_index_segment {
	uint32_t id;
	uint32_t tier;
	uint32_t slots;
	uint32_t dead;
	uint32_t doc_first, doc_last;
};

/* A merge of neighbours into a segment that is not yet there for those who search. */
struct catalog_index_merging {
	struct catalog_index_segment result;
	uint32_t part_count;
	uint32_t parts[CATALOG_INDEX_SEGMENT_PARTS_MAX]; /* ids */
	uint32_t rows; /* of the result that are written; then the terms */
	bool rows_done;
	uint32_t next_id;                            /* of lists */
	uint8_t term[CATALOG_INDEX_TERMS_BYTES_MAX]; /* the last that is written */
	uint32_t term_len;
};

/* A segment that is no longer searched and goes piece by piece. */
struct catalog_index_garbage {
	uint32_t id, slots;
};

/* Read whole by every search and batch. */
struct catalog_index_state {
	uint32_t doc_next;
	uint32_t segment_next;
	uint32_t languages; /* set of catalog/index_text */
	uint32_t rebuild;   /* of how many entries that were not yet indexed: see
			       catalog/index_rebuild */
	uint32_t values[CATALOG_INDEX_FACET_COUNTED]; /* next numbers of facets' values */
	uint32_t count, merge_count, garbage_count;
	size_t room, garbage_room;
	struct catalog_index_segment *segments; /* oldest first */
	struct catalog_index_merging *merges;   /* CATALOG_INDEX_SEGMENT_MERGES_MAX of them */
	struct catalog_index_garbage *garbage;
};

/* Read the state of a store; an empty index if there is none.  End it with
 * catalog_index_segment_state_close().  Returns 0, -EPROTONOSUPPORT if the index was written in
 * another version of its format, -ENOMEM, -EIO. */
int catalog_index_segment_state_open(struct catalog_txn *txn,
				     struct catalog_index_state *ret_state);
int catalog_index_segment_state_save(struct catalog_txn *txn,
				     const struct catalog_index_state *state);
void catalog_index_segment_state_close(struct catalog_index_state *state);

/* Put a segment at a place of the state's; take it out and let it go piece by piece.
 * Returns 0, -ENOMEM. */
int catalog_index_segment_insert(struct catalog_index_state *state, size_t at,
				 const struct catalog_index_segment *segment);
int catalog_index_segment_retire(struct catalog_index_state *state, size_t at);

/* How many slots a window of a segment has. */
uint32_t catalog_index_segment_window_slots(uint32_t slots, uint32_t window);

/* The dead slots of a window: set the bits in bits, which may have others.  Returns 0, -EIO. */
int catalog_index_segment_dead(struct catalog_txn *txn, const struct catalog_index_segment *segment,
			       uint32_t window, uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);

/* Put the dead slots of a window, when a segment is made or what a merge leaves out is kept
 * (kept: under a name of its own).  Returns 0, -ENOSPC, -EIO. */
enum catalog_index_dead { CATALOG_INDEX_DEAD = 'd', CATALOG_INDEX_LEFT_OUT = 'D' };
int catalog_index_segment_put_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				   uint32_t segment, uint32_t window,
				   const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);
/* Set the bits of what was put; nothing if nothing was.  Returns 0, -EIO. */
int catalog_index_segment_get_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				   uint32_t segment, uint32_t window,
				   uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);
int catalog_index_segment_drop_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				    uint32_t segment, uint32_t slots);

/* Mark documents of docs[0..count), ascending, as dead.  Returns 0, -EIO if one is in no segment,
 * -ENOSPC, -ENOMEM. */
int catalog_index_segment_kill(struct catalog_txn *txn, struct catalog_index_state *state,
			       const uint32_t *docs, size_t count);

#endif
