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
	uint8_t fields;                      /* of all documents */
	uint32_t id;                         /* of a list that is elsewhere */
	struct catalog_span body, positions; /* of one that is here */
};

/* What an entry of the dictionary says of its list, as one byte with the smaller counts. */
enum catalog_index_terms_form {
	CATALOG_INDEX_TERMS_HERE,   /* the list */
	CATALOG_INDEX_TERMS_PLACED, /* the list and its positions */
	CATALOG_INDEX_TERMS_CHUNKS, /* its number */
	CATALOG_INDEX_TERMS_PLAIN,  /* the plain list, or nothing and its number */
};
#define CATALOG_INDEX_TERMS_FORM_BITS 2

/* Keys of the table of postings, after the segment. */
#define CATALOG_INDEX_TERMS_DICTIONARY    1
#define CATALOG_INDEX_TERMS_CHUNK         2
#define CATALOG_INDEX_TERMS_KEY_BYTES_MAX 13
struct catalog_span catalog_index_terms_chunk_key(uint8_t bytes[CATALOG_INDEX_TERMS_KEY_BYTES_MAX],
						  uint32_t segment, uint32_t id, uint32_t last);

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

/* Delete at most `most` of a segment's keys; *ret_more tells whether some are left.
 * Returns 0, -ENOSPC, -EIO. */
int catalog_index_terms_drop(struct catalog_txn *txn, uint32_t segment, size_t most,
			     bool *ret_more);

#endif
