#include "catalog/bundle.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "catalog/chunk.h"
#include "catalog/log.h"
#include "catalog/note.h"

#define MAGIC        "fedcat-bundle v1 "
#define MAGIC_BYTES  (sizeof MAGIC - 1)
#define FIRST_BYTES  (MAGIC_BYTES + 64 + 1)
#define HEADER_BYTES 5
#define END_BYTES    (8 + 32)

/* What has gone by. */
struct sum {
	struct sha256_ctx hash;
	uint64_t records;
};

struct catalog_bundle_writer {
	struct sum sum;
};

struct catalog_bundle_reader {
	struct sum sum;
	struct catalog_hash federation;
	enum { AT_FIRST, AT_RECORDS, AT_END, AT_DAMAGE } at;
};

static void digest(const struct sum *sum, uint8_t ret_end[END_BYTES])
{
	struct sha256_ctx copy = sum->hash;

	for (unsigned i = 0; i < 8; i++)
		ret_end[i] = (uint8_t)(sum->records >> (56 - 8 * i));
	sha256_digest(&copy, 32, ret_end + 8);
}

/* --- writing -----------------------------------------------------------------------------------
 */

int catalog_bundle_writer_new(const struct catalog_hash *federation, struct catalog_buffer *buffer,
			      struct catalog_bundle_writer **ret_writer)
{
	struct catalog_bundle_writer *writer = calloc(1, sizeof *writer);
	char hex[CATALOG_HASH_HEX_BYTES];
	size_t before = buffer->len;

	if (writer == NULL)
		return -ENOMEM;
	sha256_init(&writer->sum.hash);
	catalog_hash_to_hex(federation, hex);
	if (catalog_buffer_print(buffer, MAGIC "%s\n", hex) != 0) {
		free(writer);
		return -ENOMEM;
	}
	sha256_update(&writer->sum.hash, buffer->len - before, buffer->bytes + before);
	*ret_writer = writer;
	return 0;
}

void catalog_bundle_writer_free(struct catalog_bundle_writer *writer)
{
	free(writer);
}

static int write_record(struct catalog_bundle_writer *writer, enum catalog_bundle_kind kind,
			struct catalog_span first, struct catalog_span second,
			struct catalog_buffer *buffer)
{
	size_t before = buffer->len, len = first.len + second.len;
	uint8_t header[HEADER_BYTES] = {(uint8_t)kind, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
					(uint8_t)(len >> 8), (uint8_t)len};

	assert(len <= CATALOG_BUNDLE_CHUNK_MAX);
	if (catalog_buffer_reserve(buffer, sizeof header + len) != 0)
		return -ENOMEM;
	/* There is room. */
	(void)catalog_buffer_append(buffer, header, sizeof header);
	(void)catalog_buffer_append(buffer, first.bytes, first.len);
	(void)catalog_buffer_append(buffer, second.bytes, second.len);
	sha256_update(&writer->sum.hash, buffer->len - before, buffer->bytes + before);
	writer->sum.records++;
	return 0;
}

int catalog_bundle_write_head(struct catalog_bundle_writer *writer, uint32_t log,
			      struct catalog_span note, struct catalog_buffer *buffer)
{
	uint8_t number[4] = {(uint8_t)(log >> 24), (uint8_t)(log >> 16), (uint8_t)(log >> 8),
			     (uint8_t)log};

	assert(note.len > 0);
	assert(note.len <= CATALOG_BUNDLE_NOTE_MAX);
	return write_record(writer, CATALOG_BUNDLE_HEAD,
			    (struct catalog_span){number, sizeof number}, note, buffer);
}

int catalog_bundle_write_chunk(struct catalog_bundle_writer *writer, struct catalog_span wire,
			       struct catalog_buffer *buffer)
{
	assert(wire.len > 0);
	return write_record(writer, CATALOG_BUNDLE_CHUNK, wire, (struct catalog_span){NULL, 0},
			    buffer);
}

int catalog_bundle_write_end(struct catalog_bundle_writer *writer, struct catalog_buffer *buffer)
{
	uint8_t end[END_BYTES];

	digest(&writer->sum, end);
	return write_record(writer, CATALOG_BUNDLE_END, (struct catalog_span){end, sizeof end},
			    (struct catalog_span){NULL, 0}, buffer);
}

int catalog_bundle_head_of(struct catalog_txn *txn, uint32_t log, uint64_t *ret_size,
			   struct catalog_buffer *ret_note)
{
	size_t before = ret_note->len;
	struct catalog_span note, line;
	int r = catalog_log_checkpoint_held(txn, log, ret_note);

	if (r != 0)
		return r;
	note = (struct catalog_span){ret_note->bytes + before, ret_note->len - before};
	/* Its second line tells the size. */
	if (catalog_note_line(&note, &line) == 0 && catalog_note_line(&note, &line) == 0 &&
	    catalog_note_decimal(line, ret_size) == 0)
		return 0;
	ret_note->len = before;
	return -EIO; /* it was verified when it was kept */
}

int catalog_bundle_chunk_of(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t size,
			    struct catalog_buffer *ret_wire, uint64_t *ret_from, uint64_t *ret_to)
{
	uint64_t to_max = size, to = size;
	size_t before = ret_wire->len;

	assert(from < size);
	for (;;) {
		struct catalog_chunk *chunk = NULL;
		struct catalog_span wire;
		int r = catalog_chunk_make(txn, log, from, to_max, size, ret_wire, &to);

		if (r != 0)
			return r;
		wire = (struct catalog_span){ret_wire->bytes + before, ret_wire->len - before};
		if (wire.len <= CATALOG_BUNDLE_CHUNK_MAX) {
			r = catalog_chunk_new(wire, &chunk);
			if (r == 0) {
				*ret_from = catalog_chunk_from(chunk);
				*ret_to = to;
			}
			catalog_chunk_free(chunk);
			return r == -EBADMSG ? -EIO : r;
		}
		ret_wire->len = before;
		if (to <= from + 1)
			return -E2BIG;
		to_max = from + (to - from) / 2;
	}
}

/* --- reading -----------------------------------------------------------------------------------
 */

int catalog_bundle_reader_new(struct catalog_bundle_reader **ret_reader)
{
	struct catalog_bundle_reader *reader = calloc(1, sizeof *reader);

	if (reader == NULL)
		return -ENOMEM;
	sha256_init(&reader->sum.hash);
	*ret_reader = reader;
	return 0;
}

void catalog_bundle_reader_free(struct catalog_bundle_reader *reader)
{
	free(reader);
}

const struct catalog_hash *catalog_bundle_federation(const struct catalog_bundle_reader *reader)
{
	assert(reader->at != AT_FIRST);
	return &reader->federation;
}

/* Returns 0 and how many bytes the first line has, -EAGAIN, -EBADMSG. */
static int read_first(struct catalog_span bytes, struct catalog_hash *ret_federation)
{
	size_t have = bytes.len < MAGIC_BYTES ? bytes.len : MAGIC_BYTES;
	char hex[CATALOG_HASH_HEX_BYTES] = "";

	if (have > 0 && memcmp(bytes.bytes, MAGIC, have) != 0)
		return -EBADMSG;
	if (bytes.len < FIRST_BYTES)
		return -EAGAIN;
	memcpy(hex, bytes.bytes + MAGIC_BYTES, 64);
	if (bytes.bytes[FIRST_BYTES - 1] != '\n' || strlen(hex) != 64)
		return -EBADMSG;
	for (size_t i = 0; i < 64; i++)
		if (strchr("0123456789abcdef", hex[i]) == NULL)
			return -EBADMSG;
	return catalog_hash_from_hex(hex, ret_federation);
}

static bool is_length_good(uint8_t kind, size_t len)
{
	switch (kind) {
	case CATALOG_BUNDLE_HEAD: return len > 4 && len <= 4 + CATALOG_BUNDLE_NOTE_MAX;
	case CATALOG_BUNDLE_CHUNK: return len > 0 && len <= CATALOG_BUNDLE_CHUNK_MAX;
	case CATALOG_BUNDLE_END: return len == END_BYTES;
	default: return false; /* from outside */
	}
}

/* The record at the start of bytes.  Returns 0 and its length with its header, -EAGAIN, -EBADMSG.
 */
static int cut_record(const struct sum *sum, struct catalog_span bytes, size_t *ret_len,
		      struct catalog_bundle_record *ret_record)
{
	const uint8_t *b = bytes.bytes;
	uint8_t end[END_BYTES];
	size_t len;

	if (bytes.len < HEADER_BYTES)
		return -EAGAIN;
	len = (size_t)b[1] << 24 | (size_t)b[2] << 16 | (size_t)b[3] << 8 | b[4];
	if (!is_length_good(b[0], len))
		return -EBADMSG;
	if (bytes.len - HEADER_BYTES < len)
		return -EAGAIN;
	*ret_record = (struct catalog_bundle_record){
		(enum catalog_bundle_kind)b[0], 0, {b + HEADER_BYTES, len}};
	*ret_len = HEADER_BYTES + len;
	switch (ret_record->kind) {
	case CATALOG_BUNDLE_HEAD:
		ret_record->log =
			(uint32_t)b[5] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 8 | b[8];
		ret_record->bytes.bytes += 4;
		ret_record->bytes.len -= 4;
		break;
	case CATALOG_BUNDLE_CHUNK: break;
	case CATALOG_BUNDLE_END:
		digest(sum, end);
		return memcmp(end, ret_record->bytes.bytes, sizeof end) == 0 ? 0 : -EBADMSG;
	}
	return 0;
}

int catalog_bundle_read(struct catalog_bundle_reader *reader, struct catalog_span bytes,
			size_t *ret_used, struct catalog_bundle_record *ret_record)
{
	struct catalog_bundle_record record;
	size_t first = 0, len = 0;
	struct sum sum = reader->sum;
	int r;

	if (reader->at == AT_END)
		return -ENODATA;
	if (reader->at == AT_DAMAGE)
		return -EBADMSG;
	if (reader->at == AT_FIRST) {
		r = read_first(bytes, &reader->federation);
		if (r != 0)
			goto out;
		first = FIRST_BYTES;
		sha256_update(&sum.hash, first, bytes.bytes);
	}
	r = cut_record(&sum, (struct catalog_span){bytes.bytes + first, bytes.len - first}, &len,
		       &record);
	if (r != 0)
		goto out;
	sha256_update(&sum.hash, len, bytes.bytes + first);
	sum.records++;
	reader->sum = sum;
	reader->at = record.kind == CATALOG_BUNDLE_END ? AT_END : AT_RECORDS;
	*ret_used = first + len;
	*ret_record = record;
	return 0;
out:
	if (r == -EBADMSG)
		reader->at = AT_DAMAGE;
	return r;
}
