/* catalog/index_terms.h - the dictionary of a segment: its terms in order, each with its list.
 *
 * A term is a word and, after a zero byte, the form in which documents have it; so the forms of one
 * word are neighbours and one look finds them all.  The terms of filters begin with byte 1.
 * docs/search.md describes the bytes.
 */
#ifndef CATALOG_INDEX_TERMS_H
#define CATALOG_INDEX_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/index_list.h"
#include "catalog/store.h"

#define CATALOG_INDEX_TERMS_BYTES_MAX 440
#define CATALOG_INDEX_TERMS_FILTER    1 /* first byte of a filter's term; the facet comes next */

/* What the dictionary says of a term. */
struct catalog_index_list {
	uint32_t count;                      /* documents, dead ones included */
	bool plain;                          /* a set of slots: no impacts, fields, positions */
	bool chunked;                        /* elsewhere */
	uint8_t fields, impact;              /* of all documents: every field; the largest */
	uint32_t id;                         /* of a list that is elsewhere */
	struct catalog_span body, positions; /* of one that is here */
};

/* Find a term.  Borrows from the transaction.  Returns 0, -ENOENT, -EIO. */
int catalog_index_terms_find(struct catalog_cursor *cursor, uint32_t segment,
			     struct catalog_span term, struct catalog_index_list *ret_list);

/* Find the forms of a word (catalog/index_text): ret_lists[0] as a word, [1] as a stem, [2] as a
 * part; of one that is not there the count is 0.  Returns 0, -EIO. */
#define CATALOG_INDEX_TERMS_FORMS 3
int catalog_index_terms_find_forms(struct catalog_cursor *cursor, uint32_t segment,
				   struct catalog_span word,
				   struct catalog_index_list ret_lists[CATALOG_INDEX_TERMS_FORMS]);

/* Terms in order, from one on.  The reader owns a copy of the block, so that the transaction may
 * write meanwhile; ended by _end. */
struct catalog_index_reader {
	uint32_t segment;
	uint8_t key[CATALOG_STORE_KEY_BYTES_MAX];
	size_t key_len;
	struct catalog_buffer block;
	size_t at; /* in the block */
	uint8_t term[CATALOG_INDEX_TERMS_BYTES_MAX];
	size_t term_len;
	struct catalog_index_list list; /* of the term; borrows from the block */
};
/* Go to the first term that is at or after `from` (after: strictly after it); to the next.
 * Returns 0, -ENOENT at the end, -EIO, -ENOMEM. */
enum catalog_index_from { CATALOG_INDEX_AT, CATALOG_INDEX_AFTER };
int catalog_index_terms_begin(struct catalog_cursor *cursor, struct catalog_index_reader *reader,
			      uint32_t segment, struct catalog_span from,
			      enum catalog_index_from how);
int catalog_index_terms_next(struct catalog_cursor *cursor, struct catalog_index_reader *reader);
void catalog_index_terms_end(struct catalog_index_reader *reader);

/* --- a list, block by block ------------------------------------------------------------- */

/* Start on a list that is not plain with catalog_index_terms_open(): borrows from the list and the
 * cursor, which may be shared.  Who writes meanwhile sets copy afterwards, to two buffers. */
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
	uint32_t place_next;           /* among the chunk block's or the list's; see place */
	bool placed, ended;
	int error;
	struct catalog_buffer *copy; /* two: of the chunk, of its positions; NULL: borrow */
	struct catalog_index_block block;
};
void catalog_index_terms_open(struct catalog_index_walk *walk,
			      const struct catalog_index_list *list, struct catalog_cursor *cursor,
			      uint32_t segment);

/* Unpack the first block that has a slot at or after slot (after the one at hand); false if there
 * is none, or walk->error says why.  *ret_read is increased by the postings unpacked. */
bool catalog_index_terms_seek(struct catalog_index_walk *walk, uint32_t slot, uint64_t *read);

/* The positions of the posting at place i of the block at hand; empty if there are none. */
struct catalog_span catalog_index_terms_positions(struct catalog_index_walk *walk, uint32_t i);

/* The plain list's bytes.  Returns 0, -EIO. */
int catalog_index_terms_plain(struct catalog_cursor *cursor, uint32_t segment,
			      const struct catalog_index_list *list,
			      struct catalog_span *ret_plain);

/* --- writing ---------------------------------------------------------------------------- */

/* Terms come in ascending order: begin one, post its documents in order, end it; flush at last.
 * {.txn, .segment} begins; next_id goes from one writer of a segment to the next.
 * After a failure the transaction must be abandoned.  Each returns 0, -ENOSPC, -ENOMEM, -EIO. */
struct catalog_index_writer {
	struct catalog_txn *txn;
	uint32_t segment;
	uint32_t next_id;
	uint64_t written; /* postings */
	struct catalog_buffer entries;
	uint8_t last[CATALOG_INDEX_TERMS_BYTES_MAX]; /* the newest term of the entries */
	size_t last_len;
	/* The term at hand. */
	uint8_t term[CATALOG_INDEX_TERMS_BYTES_MAX];
	size_t term_len;
	bool plain, chunked;
	uint32_t count, base, chunk_base, blocks;
	uint8_t fields, impact;
	uint32_t id;
	struct catalog_index_block block;
	uint8_t directory[CATALOG_INDEX_LIST_CHUNK_BLOCKS * 8];
	uint8_t places[CATALOG_INDEX_LIST_CHUNK_BLOCKS * 4]; /* of the blocks' positions */
	struct catalog_buffer body, positions, scratch;
	uint32_t *slots; /* of a plain list */
	size_t slot_room;
};
void catalog_index_terms_write(struct catalog_index_writer *writer, struct catalog_span term,
			       bool plain);
int catalog_index_terms_post(struct catalog_index_writer *writer,
			     const struct catalog_index_posting *posting);
int catalog_index_terms_write_end(struct catalog_index_writer *writer);
int catalog_index_terms_flush(struct catalog_index_writer *writer);
void catalog_index_terms_close(struct catalog_index_writer *writer);

/* Delete at most `most` of a segment's keys; *ret_more tells whether some are left.
 * Returns 0, -ENOSPC, -EIO. */
int catalog_index_terms_drop(struct catalog_txn *txn, uint32_t segment, size_t most,
			     bool *ret_more);

#endif
