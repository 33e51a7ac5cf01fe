/* catalog/bundle.h - entries in a file: signed checkpoints and chunks that prove themselves, as
 * they travel between nodes, for where there is no network.
 *
 *   fedcat-bundle v1 <64 hexadecimal digits: the federation's id>\n
 *   records: kind (one byte), length u32, so many bytes
 *     'H'  log u32, the signed note of a checkpoint (of each log once, before its chunks)
 *     'C'  a chunk (catalog/chunk), of the log of the head before it, in order
 *     'E'  records before this one u64, SHA-256 of all bytes before this record; nothing follows
 *
 * Nothing in it is believed: heads are signed, chunks lead to a signed root.  The end says whether
 * the file is whole.
 *
 * Sans-I/O: the caller reads and writes the file.
 */
#ifndef CATALOG_BUNDLE_H
#define CATALOG_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_BUNDLE_CHUNK_MAX  (704u * 1024)
#define CATALOG_BUNDLE_NOTE_MAX   4096
#define CATALOG_BUNDLE_RECORD_MAX (CATALOG_BUNDLE_CHUNK_MAX + 5) /* what a reader must hold */

enum catalog_bundle_kind {
	CATALOG_BUNDLE_HEAD = 'H',
	CATALOG_BUNDLE_CHUNK = 'C',
	CATALOG_BUNDLE_END = 'E',
};

/* --- writing -----------------------------------------------------------------------------------
 */

struct catalog_bundle_writer;

/* The caller owns *ret_writer; the first line is appended to buffer.  Returns 0, -ENOMEM. */
int catalog_bundle_writer_new(const struct catalog_hash *federation, struct catalog_buffer *buffer,
			      struct catalog_bundle_writer **ret_writer);
void catalog_bundle_writer_free(struct catalog_bundle_writer *writer); /* NULL is allowed */

/* Append a record to buffer.  Returns 0, -ENOMEM (what was written so far is no whole bundle). */
int catalog_bundle_write_head(struct catalog_bundle_writer *writer, uint32_t log,
			      struct catalog_span note, struct catalog_buffer *buffer);
int catalog_bundle_write_chunk(struct catalog_bundle_writer *writer, struct catalog_span wire,
			       struct catalog_buffer *buffer);
int catalog_bundle_write_end(struct catalog_bundle_writer *writer, struct catalog_buffer *buffer);

/* What a bundle can hold of a log: the note of the largest checkpoint that the entries held can be
 * shown under is appended to ret_note, *ret_size is its size.  Returns 0, -ENOENT if there is none,
 * -ENOMEM, -EIO. */
int catalog_bundle_head_of(struct catalog_txn *txn, uint32_t log, uint64_t *ret_size,
			   struct catalog_buffer *ret_note);

/* The chunk from `from` on, under the checkpoint of size, small enough for a bundle, appended to
 * ret_wire.  Where from is inside of what was pruned as a whole it starts before: *ret_from says
 * where, *ret_to where it ends.  Returns 0, -ENOENT, -ENOMEM, -EIO, -E2BIG (not for what the store
 * took). */
int catalog_bundle_chunk_of(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t size,
			    struct catalog_buffer *ret_wire, uint64_t *ret_from, uint64_t *ret_to);

/* --- reading -----------------------------------------------------------------------------------
 */

struct catalog_bundle_reader;

struct catalog_bundle_record {
	enum catalog_bundle_kind kind;
	uint32_t log;              /* HEAD */
	struct catalog_span bytes; /* HEAD: the note; CHUNK: its wire bytes; borrowed */
};

/* The caller owns *ret_reader.  Returns 0, -ENOMEM. */
int catalog_bundle_reader_new(struct catalog_bundle_reader **ret_reader);
void catalog_bundle_reader_free(struct catalog_bundle_reader *reader); /* NULL is allowed */

/* Take the next record off bytes, which begin where the last one ended: *ret_used of them are done
 * with.  The first line is taken with the first record.  Returns 0, -EAGAIN if more bytes are
 * needed than these (never with CATALOG_BUNDLE_RECORD_MAX and the first line's 128), -EBADMSG if
 * this is no bundle or not whole here: nothing after it can be read; -ENODATA after the end. */
int catalog_bundle_read(struct catalog_bundle_reader *reader, struct catalog_span bytes,
			size_t *ret_used, struct catalog_bundle_record *ret_record);

/* Whose it is; valid once the first record was read. */
const struct catalog_hash *catalog_bundle_federation(const struct catalog_bundle_reader *reader);

#endif
