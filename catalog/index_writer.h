/* catalog/index_writer.h - the dictionary and the lists of a segment, written.
 *
 * Terms come in ascending order: begin one, post its documents in order, end it; flush at last.
 * After a failure the transaction must be abandoned.
 */
#ifndef CATALOG_INDEX_WRITER_H
#define CATALOG_INDEX_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/index_list.h"
#include "catalog/index_terms.h"
#include "catalog/index_walk.h"
#include "catalog/store.h"

/* {.txn, .segment} begins; next_id goes from one writer of a segment to the next. */
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
	uint8_t fields;
	uint32_t id;
	struct catalog_index_block block;
	uint8_t directory[CATALOG_INDEX_LIST_CHUNK_BLOCKS * CATALOG_INDEX_WALK_DIRECTORY];
	struct catalog_buffer body, positions, scratch;
	uint32_t *slots; /* of a plain list */
	size_t slot_room;
};

/* Begin a term. */
void catalog_index_writer_begin(struct catalog_index_writer *writer, struct catalog_span term,
				bool plain);
/* Each returns 0, -ENOSPC, -ENOMEM, -EIO. */
int catalog_index_writer_post(struct catalog_index_writer *writer,
			      const struct catalog_index_posting *posting);
int catalog_index_writer_end(struct catalog_index_writer *writer);
int catalog_index_writer_flush(struct catalog_index_writer *writer);
void catalog_index_writer_close(struct catalog_index_writer *writer);

#endif
