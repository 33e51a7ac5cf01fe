/* catalog/index_segment.h - the index on disk: immutable segments, each a small index of its own
 * over the documents that one transaction, or a merge of segments, wrote.
 *
 * Inside a segment a document is a slot: 0 .. slots - 1.  Documents have store-wide numbers too,
 * which only ascend; those of one segment are all below those of the next.
 * docs/search.md describes the bytes.
 */
#ifndef CATALOG_INDEX_SEGMENT_H
#define CATALOG_INDEX_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/store.h"

#define CATALOG_INDEX_SEGMENT_SLOTS_MAX      65536u
#define CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX 480

/* Fields in the order of a posting's bit pairs. */
enum catalog_index_field {
	CATALOG_INDEX_FIELD_TITLE,
	CATALOG_INDEX_FIELD_KEYWORD,
	CATALOG_INDEX_FIELD_DESCRIPTION,
	CATALOG_INDEX_FIELD_OTHER, /* publisher's name, distributions' titles */
	CATALOG_INDEX_FIELD_COUNT
};

struct catalog_index_segment {
	uint32_t id;
	uint32_t tier;
	uint32_t slots;
	uint32_t dead;
	uint32_t doc_first, doc_last;
	uint64_t words[CATALOG_INDEX_FIELD_COUNT]; /* of all slots */
};

/* What the index consists of; read whole by every search and batch. */
struct catalog_index_state {
	uint32_t doc_next;
	uint32_t segment_next;
	uint32_t languages; /* set of catalog/index_text */
	size_t count, room;
	struct catalog_index_segment *segments; /* oldest first */
};

/* Read the state of a store; an empty index if there is none.  End it with
 * catalog_index_segment_state_close().  Returns 0, -EPROTONOSUPPORT if the index was written in
 * another version of its format, -ENOMEM, -EIO. */
int catalog_index_segment_state_open(struct catalog_txn *txn,
				     struct catalog_index_state *ret_state);
int catalog_index_segment_state_save(struct catalog_txn *txn,
				     const struct catalog_index_state *state);
void catalog_index_segment_state_close(struct catalog_index_state *state);

/* A document in a segment. */
struct catalog_index_row {
	uint32_t doc, log;
	uint64_t index;
	uint16_t words[CATALOG_INDEX_FIELD_COUNT]; /* how many, at most 65,535 */
};
#define CATALOG_INDEX_SEGMENT_ROW_BYTES 24

/* A segment's rows and its dead slots, borrowed from the transaction until it changes. */
struct catalog_index_rows {
	struct catalog_span rows;
	struct catalog_span dead; /* empty if none is dead */
	uint32_t slots;
};
int catalog_index_segment_rows(struct catalog_txn *txn, const struct catalog_index_segment *segment,
			       struct catalog_index_rows *ret_rows);
struct catalog_index_row catalog_index_segment_row(const struct catalog_index_rows *rows,
						   uint32_t slot);
bool catalog_index_segment_is_dead(const struct catalog_index_rows *rows, uint32_t slot);

/* Mark documents of docs[0..count), ascending, as dead.  Returns 0, -EIO if one is in no segment,
 * -ENOSPC, -ENOMEM. */
int catalog_index_segment_kill(struct catalog_txn *txn, struct catalog_index_state *state,
			       const uint32_t *docs, size_t count);

/* --- postings ------------------------------------------------------------------------- */

/* The documents of a segment that have a term, ascending.  For each a byte: two bits for each
 * field, the first field lowest: 0, 1, 2, 3 or more times. */
struct catalog_index_postings {
	struct catalog_span bytes; /* what is left */
	uint32_t count;            /* in all, dead ones included */
	uint32_t slot;             /* after next() returned true */
	uint8_t fields;
	bool begun;
};

/* Find a term's postings.  Returns 0, -ENOENT, -EIO. */
int catalog_index_segment_find(struct catalog_cursor *postings_cursor, uint32_t segment,
			       struct catalog_span term,
			       struct catalog_index_postings *ret_postings);

/* Go to the next posting; false at the end, or where the bytes are no postings. */
bool catalog_index_segment_next(struct catalog_index_postings *postings);

/* Append one posting after the one of slot before (or the first, if begun is false). */
int catalog_index_segment_post(struct catalog_buffer *buffer, bool begun, uint32_t before,
			       uint32_t slot, uint8_t fields);

/* --- writing -------------------------------------------------------------------------- */

/* Gathers terms, which come in ascending order of their bytes, into blocks. */
struct catalog_index_writer {
	struct catalog_txn *txn;
	uint32_t segment;
	struct catalog_buffer block;
	uint8_t last[CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX]; /* term of the block */
	size_t last_len;
};
int catalog_index_segment_write(struct catalog_index_writer *writer, struct catalog_span term,
				uint32_t count, struct catalog_span postings);
/* Write what is gathered.  The writer still wants _close. */
int catalog_index_segment_write_end(struct catalog_index_writer *writer);
void catalog_index_segment_write_close(struct catalog_index_writer *writer);

/* Write the rows of a segment whose terms are written, and append it to the state. */
int catalog_index_segment_add(struct catalog_txn *txn, struct catalog_index_state *state,
			      const struct catalog_index_segment *segment,
			      struct catalog_span rows);
void catalog_index_segment_put_row(uint8_t bytes[CATALOG_INDEX_SEGMENT_ROW_BYTES],
				   const struct catalog_index_row *row);

/* Delete a segment's blocks, rows and dead slots, and take it out of the state. */
int catalog_index_segment_drop(struct catalog_txn *txn, struct catalog_index_state *state,
			       size_t at);

/* A segment's terms in order, with its own copy of the block, so that the transaction may change
 * between two calls. */
struct catalog_index_reader {
	uint32_t segment;
	struct catalog_buffer block;
	size_t pos; /* in the block */
	uint8_t key[CATALOG_STORE_KEY_BYTES_MAX];
	size_t key_len;
	uint8_t term[CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX];
	size_t term_len;
	struct catalog_index_postings postings; /* of the term */
};
/* Go to the next term.  Start with {.segment = id}.  Returns 0, -ENOENT after the last, -EIO,
 * -ENOMEM. */
int catalog_index_segment_read(struct catalog_cursor *postings_cursor,
			       struct catalog_index_reader *reader);
void catalog_index_segment_read_end(struct catalog_index_reader *reader);

#endif
