/* catalog/index_segment.c - terms are packed into blocks of about a page rather than stored each
 * under its own key: LMDB fills pages that grow at their end only by half, and a key for each of a
 * segment's many rare terms would cost more than the postings.  A block's key is its last term, so
 * that one seek ("at or after") finds the block that a term is in. */
#include "catalog/index_segment.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index.h"

#define BLOCK_BYTES        4000 /* with LMDB's header of 16 bytes less than one page */
#define STATE_HEADER_BYTES 16
#define STATE_BYTES        (24 + 8 * CATALOG_INDEX_FIELD_COUNT)
#define VARINT_BYTES_MAX   5

_Static_assert(CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX + 4 <= CATALOG_STORE_KEY_BYTES_MAX,
	       "a term and its segment are a key");
_Static_assert(CATALOG_INDEX_SEGMENT_ROW_BYTES == 16 + 2 * CATALOG_INDEX_FIELD_COUNT,
	       "a row is doc, log, index and the words of each field");

static void put_be32(uint8_t *bytes, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void put_le(uint8_t *bytes, size_t len, uint64_t n)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(n >> 8 * i);
}

static uint64_t get_le(const uint8_t *bytes, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n |= (uint64_t)bytes[i] << 8 * i;
	return n;
}

static size_t put_varint(uint8_t bytes[VARINT_BYTES_MAX], uint32_t n)
{
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[len++] = (uint8_t)(n | 0x80);
	bytes[len++] = (uint8_t)n;
	return len;
}

static bool get_varint(struct catalog_span *bytes, uint32_t *ret_n)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < VARINT_BYTES_MAX && i < bytes->len; i++) {
		n |= (uint32_t)(bytes->bytes[i] & 0x7f) << 7 * i;
		if ((bytes->bytes[i] & 0x80) == 0) {
			bytes->bytes += i + 1;
			bytes->len -= i + 1;
			*ret_n = n;
			return true;
		}
	}
	return false;
}

/* --- state ---------------------------------------------------------------------------- */

static const struct catalog_span state_key = {(const uint8_t *)"state", 5};

static void state_encode(const struct catalog_index_state *state, uint8_t *bytes)
{
	put_le(bytes, 4, CATALOG_INDEX_VERSION);
	put_le(bytes + 4, 4, state->doc_next);
	put_le(bytes + 8, 4, state->segment_next);
	put_le(bytes + 12, 4, state->languages);
	bytes += STATE_HEADER_BYTES;
	for (size_t i = 0; i < state->count; i++, bytes += STATE_BYTES) {
		const struct catalog_index_segment *segment = &state->segments[i];

		put_le(bytes, 4, segment->id);
		put_le(bytes + 4, 4, segment->tier);
		put_le(bytes + 8, 4, segment->slots);
		put_le(bytes + 12, 4, segment->dead);
		put_le(bytes + 16, 4, segment->doc_first);
		put_le(bytes + 20, 4, segment->doc_last);
		for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
			put_le(bytes + 24 + 8 * f, 8, segment->words[f]);
	}
}

static int segment_decode(const uint8_t *bytes, struct catalog_index_segment *segment)
{
	segment->id = (uint32_t)get_le(bytes, 4);
	segment->tier = (uint32_t)get_le(bytes + 4, 4);
	segment->slots = (uint32_t)get_le(bytes + 8, 4);
	segment->dead = (uint32_t)get_le(bytes + 12, 4);
	segment->doc_first = (uint32_t)get_le(bytes + 16, 4);
	segment->doc_last = (uint32_t)get_le(bytes + 20, 4);
	for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		segment->words[f] = get_le(bytes + 24 + 8 * f, 8);
	return segment->slots > CATALOG_INDEX_SEGMENT_SLOTS_MAX || segment->dead > segment->slots
		       ? -EIO
		       : 0;
}

int catalog_index_segment_state_open(struct catalog_txn *txn, struct catalog_index_state *ret_state)
{
	struct catalog_index_state state = {0};
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, state_key, &value);

	if (r == -ENOENT) {
		*ret_state = state;
		return 0;
	}
	if (r != 0)
		return r;
	if (value.len < STATE_HEADER_BYTES || (value.len - STATE_HEADER_BYTES) % STATE_BYTES != 0)
		return -EIO;
	if (get_le(value.bytes, 4) != CATALOG_INDEX_VERSION)
		return -EPROTONOSUPPORT;
	state.doc_next = (uint32_t)get_le(value.bytes + 4, 4);
	state.segment_next = (uint32_t)get_le(value.bytes + 8, 4);
	state.languages = (uint32_t)get_le(value.bytes + 12, 4);
	state.count = (value.len - STATE_HEADER_BYTES) / STATE_BYTES;
	state.room = state.count + 1;
	state.segments = calloc(state.room, sizeof *state.segments);
	if (state.segments == NULL)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < state.count; i++)
		r = segment_decode(value.bytes + STATE_HEADER_BYTES + i * STATE_BYTES,
				   &state.segments[i]);
	if (r != 0) {
		catalog_index_segment_state_close(&state);
		return r;
	}
	*ret_state = state;
	return 0;
}

int catalog_index_segment_state_save(struct catalog_txn *txn,
				     const struct catalog_index_state *state)
{
	size_t len = STATE_HEADER_BYTES + state->count * STATE_BYTES;
	uint8_t *bytes = malloc(len);
	int r;

	if (bytes == NULL)
		return -ENOMEM;
	state_encode(state, bytes);
	r = catalog_store_put(txn, CATALOG_TABLE_INDEX, state_key,
			      (struct catalog_span){bytes, len});
	free(bytes);
	return r;
}

void catalog_index_segment_state_close(struct catalog_index_state *state)
{
	free(state->segments);
	*state = (struct catalog_index_state){0};
}

/* --- rows ----------------------------------------------------------------------------- */

static struct catalog_span key_of(uint32_t segment, uint8_t bytes[4])
{
	put_be32(bytes, segment);
	return (struct catalog_span){bytes, 4};
}

static struct catalog_span dead_key_of(uint32_t segment, uint8_t bytes[5])
{
	bytes[0] = 'd';
	put_be32(bytes + 1, segment);
	return (struct catalog_span){bytes, 5};
}

int catalog_index_segment_rows(struct catalog_txn *txn, const struct catalog_index_segment *segment,
			       struct catalog_index_rows *ret_rows)
{
	struct catalog_index_rows rows = {.slots = segment->slots};
	uint8_t key[5];
	int r = catalog_store_get(txn, CATALOG_TABLE_DOCS, key_of(segment->id, key), &rows.rows);

	if (r == 0 && rows.rows.len != (size_t)segment->slots * CATALOG_INDEX_SEGMENT_ROW_BYTES)
		r = -EIO;
	if (r == 0 && segment->dead > 0) {
		r = catalog_store_get(txn, CATALOG_TABLE_INDEX, dead_key_of(segment->id, key),
				      &rows.dead);
		if (r == 0 && rows.dead.len != (segment->slots + 7) / 8)
			r = -EIO;
	}
	if (r != 0)
		return r == -ENOENT ? -EIO : r;
	*ret_rows = rows;
	return 0;
}

struct catalog_index_row catalog_index_segment_row(const struct catalog_index_rows *rows,
						   uint32_t slot)
{
	const uint8_t *bytes = rows->rows.bytes + (size_t)slot * CATALOG_INDEX_SEGMENT_ROW_BYTES;
	struct catalog_index_row row;

	assert(slot < rows->slots);
	row.doc = (uint32_t)get_le(bytes, 4);
	row.log = (uint32_t)get_le(bytes + 4, 4);
	row.index = get_le(bytes + 8, 8);
	for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		row.words[f] = (uint16_t)get_le(bytes + 16 + 2 * f, 2);
	return row;
}

void catalog_index_segment_put_row(uint8_t bytes[CATALOG_INDEX_SEGMENT_ROW_BYTES],
				   const struct catalog_index_row *row)
{
	put_le(bytes, 4, row->doc);
	put_le(bytes + 4, 4, row->log);
	put_le(bytes + 8, 8, row->index);
	for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		put_le(bytes + 16 + 2 * f, 2, row->words[f]);
}

bool catalog_index_segment_is_dead(const struct catalog_index_rows *rows, uint32_t slot)
{
	assert(slot < rows->slots);
	return rows->dead.len > 0 && (rows->dead.bytes[slot / 8] >> slot % 8 & 1) != 0;
}

/* The slot of a document; rows->slots if it is not there. */
static uint32_t slot_of(const struct catalog_index_rows *rows, uint32_t doc)
{
	uint32_t low = 0, high = rows->slots;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (catalog_index_segment_row(rows, middle).doc < doc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < rows->slots && catalog_index_segment_row(rows, low).doc == doc)
		return low;
	return rows->slots;
}

/* Mark those of docs[0..count) that are in the segment; *ret_used is how many that were. */
static int kill_in(struct catalog_txn *txn, struct catalog_index_segment *segment,
		   const uint32_t *docs, size_t count, size_t *ret_used)
{
	size_t len = (segment->slots + 7) / 8, used = 0;
	struct catalog_index_rows rows;
	uint8_t key[5], *dead;
	int r = catalog_index_segment_rows(txn, segment, &rows);

	if (r != 0)
		return r;
	dead = calloc(1, len);
	if (dead == NULL)
		return -ENOMEM;
	if (rows.dead.len > 0)
		memcpy(dead, rows.dead.bytes, len);
	for (; used < count && docs[used] <= segment->doc_last; used++) {
		uint32_t slot = slot_of(&rows, docs[used]);

		if (slot == rows.slots || (dead[slot / 8] >> slot % 8 & 1) != 0) {
			r = -EIO;
			goto out;
		}
		dead[slot / 8] |= (uint8_t)(1 << slot % 8);
	}
	r = catalog_store_put(txn, CATALOG_TABLE_INDEX, dead_key_of(segment->id, key),
			      (struct catalog_span){dead, len});
	if (r == 0) {
		segment->dead += (uint32_t)used;
		*ret_used = used;
	}
out:
	free(dead);
	return r;
}

int catalog_index_segment_kill(struct catalog_txn *txn, struct catalog_index_state *state,
			       const uint32_t *docs, size_t count)
{
	for (size_t i = 0; count > 0 && i < state->count; i++) {
		struct catalog_index_segment *segment = &state->segments[i];
		size_t used;
		int r;

		if (docs[0] > segment->doc_last)
			continue;
		r = kill_in(txn, segment, docs, count, &used);
		if (r != 0)
			return r;
		docs += used;
		count -= used;
	}
	return count == 0 ? 0 : -EIO;
}

/* --- postings ------------------------------------------------------------------------- */

/* Read the entry at the front of a block.  term[0..*len) is the term before, and becomes this. */
static bool entry_decode(struct catalog_span *block,
			 uint8_t term[CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX], size_t *len,
			 struct catalog_index_postings *ret_postings)
{
	uint32_t shared, suffix, count, bytes;

	if (!get_varint(block, &shared) || !get_varint(block, &suffix) || shared > *len ||
	    suffix > CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX - shared || suffix > block->len)
		return false;
	memcpy(term + shared, block->bytes, suffix);
	*len = shared + suffix;
	block->bytes += suffix;
	block->len -= suffix;
	if (!get_varint(block, &count) || !get_varint(block, &bytes) || bytes > block->len)
		return false;
	*ret_postings = (struct catalog_index_postings){{block->bytes, bytes}, .count = count};
	block->bytes += bytes;
	block->len -= bytes;
	return true;
}

static int compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

int catalog_index_segment_find(struct catalog_cursor *postings_cursor, uint32_t segment,
			       struct catalog_span term,
			       struct catalog_index_postings *ret_postings)
{
	uint8_t bytes[CATALOG_STORE_KEY_BYTES_MAX], found[CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX];
	struct catalog_span key = {bytes, 4 + term.len}, block;
	size_t len = 0;
	int r;

	assert(term.len <= CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX);
	put_be32(bytes, segment);
	memcpy(bytes + 4, term.bytes, term.len);
	r = catalog_store_cursor_seek(postings_cursor, key, &key, &block);
	if (r != 0)
		return r;
	if (key.len < 4 || memcmp(key.bytes, bytes, 4) != 0)
		return -ENOENT; /* the first block of another segment */
	while (block.len > 0) {
		int order;

		if (!entry_decode(&block, found, &len, ret_postings))
			return -EIO;
		order = compare(found, len, term.bytes, term.len);
		if (order == 0)
			return 0;
		if (order > 0)
			break;
	}
	return -ENOENT;
}

bool catalog_index_segment_next(struct catalog_index_postings *postings)
{
	uint32_t delta;

	if (!get_varint(&postings->bytes, &delta) || postings->bytes.len == 0)
		return false;
	postings->slot = postings->begun ? postings->slot + 1 + delta : delta;
	postings->begun = true;
	postings->fields = *postings->bytes.bytes++;
	postings->bytes.len--;
	return true;
}

int catalog_index_segment_post(struct catalog_buffer *buffer, bool begun, uint32_t before,
			       uint32_t slot, uint8_t fields)
{
	int r = catalog_buffer_reserve(buffer, VARINT_BYTES_MAX + 1);

	assert(!begun || slot > before);
	if (r != 0)
		return r;
	buffer->len += put_varint(buffer->bytes + buffer->len, begun ? slot - before - 1 : slot);
	buffer->bytes[buffer->len++] = fields;
	return 0;
}

/* --- writing -------------------------------------------------------------------------- */

static int flush(struct catalog_index_writer *writer)
{
	uint8_t key[CATALOG_STORE_KEY_BYTES_MAX];
	int r;

	put_be32(key, writer->segment);
	memcpy(key + 4, writer->last, writer->last_len);
	r = catalog_store_put(writer->txn, CATALOG_TABLE_POSTINGS,
			      (struct catalog_span){key, 4 + writer->last_len},
			      catalog_buffer_span(&writer->block));
	writer->block.len = 0;
	writer->last_len = 0;
	return r;
}

int catalog_index_segment_write(struct catalog_index_writer *writer, struct catalog_span term,
				uint32_t count, struct catalog_span postings)
{
	uint8_t numbers[2][2 * VARINT_BYTES_MAX];
	size_t shared = 0, len[2];
	int r = 0;

	assert(term.len <= sizeof writer->last);
	assert(postings.len <= UINT32_MAX);
	if (writer->block.len > 0 &&
	    writer->block.len + term.len + postings.len + 4 * VARINT_BYTES_MAX > BLOCK_BYTES)
		r = flush(writer);
	if (r != 0)
		return r;
	while (shared < writer->last_len && shared < term.len &&
	       writer->last[shared] == term.bytes[shared])
		shared++;
	len[0] = put_varint(numbers[0], (uint32_t)shared);
	len[0] += put_varint(numbers[0] + len[0], (uint32_t)(term.len - shared));
	len[1] = put_varint(numbers[1], count);
	len[1] += put_varint(numbers[1] + len[1], (uint32_t)postings.len);
	if ((r = catalog_buffer_append(&writer->block, numbers[0], len[0])) != 0 ||
	    (r = catalog_buffer_append(&writer->block, term.bytes + shared, term.len - shared)) !=
		    0 ||
	    (r = catalog_buffer_append(&writer->block, numbers[1], len[1])) != 0 ||
	    (r = catalog_buffer_append(&writer->block, postings.bytes, postings.len)) != 0)
		return r;
	memcpy(writer->last, term.bytes, term.len);
	writer->last_len = term.len;
	return 0;
}

int catalog_index_segment_write_end(struct catalog_index_writer *writer)
{
	return writer->block.len > 0 ? flush(writer) : 0;
}

void catalog_index_segment_write_close(struct catalog_index_writer *writer)
{
	catalog_buffer_close(&writer->block);
}

int catalog_index_segment_add(struct catalog_txn *txn, struct catalog_index_state *state,
			      const struct catalog_index_segment *segment, struct catalog_span rows)
{
	uint8_t key[4];

	assert(segment->slots > 0);
	assert(segment->slots <= CATALOG_INDEX_SEGMENT_SLOTS_MAX);
	if (state->count == state->room) {
		size_t room = state->room * 2 + 1;
		struct catalog_index_segment *more = realloc(state->segments, room * sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		state->segments = more;
		state->room = room;
	}
	state->segments[state->count++] = *segment;
	return catalog_store_put(txn, CATALOG_TABLE_DOCS, key_of(segment->id, key), rows);
}

int catalog_index_segment_drop(struct catalog_txn *txn, struct catalog_index_state *state,
			       size_t at)
{
	uint32_t id = state->segments[at].id;
	struct catalog_cursor *cursor = NULL;
	uint8_t prefix[4], rows_key[4], dead_key[5], copy[CATALOG_STORE_KEY_BYTES_MAX];
	struct catalog_span from = key_of(id, prefix), key, value;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor);

	if (r != 0)
		return r;
	for (;;) {
		r = catalog_store_cursor_seek(cursor, from, &key, &value);
		if (r != 0 || key.len < 4 || memcmp(key.bytes, prefix, 4) != 0)
			break;
		memcpy(copy, key.bytes, key.len);
		r = catalog_store_del(txn, CATALOG_TABLE_POSTINGS,
				      (struct catalog_span){copy, key.len});
		if (r != 0)
			break;
	}
	catalog_store_cursor_close(cursor);
	if (r != 0 && r != -ENOENT)
		return r;
	r = catalog_store_del(txn, CATALOG_TABLE_DOCS, key_of(id, rows_key));
	if (r == 0 && state->segments[at].dead > 0)
		r = catalog_store_del(txn, CATALOG_TABLE_INDEX, dead_key_of(id, dead_key));
	if (r != 0)
		return r == -ENOENT ? -EIO : r;
	state->count--;
	memmove(&state->segments[at], &state->segments[at + 1],
		(state->count - at) * sizeof *state->segments);
	return 0;
}

/* --- reading in order ----------------------------------------------------------------- */

static int next_block(struct catalog_cursor *cursor, struct catalog_index_reader *reader)
{
	struct catalog_span key, value;
	int r;

	if (reader->key_len == 0) {
		put_be32(reader->key, reader->segment);
		reader->key_len = 4;
	} else {
		assert(reader->key_len < sizeof reader->key);
		reader->key[reader->key_len++] = 0; /* the first key after it */
	}
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){reader->key, reader->key_len},
				      &key, &value);
	if (r != 0)
		return r;
	if (key.len < 4 || memcmp(key.bytes, reader->key, 4) != 0)
		return -ENOENT;
	if (key.len >= sizeof reader->key)
		return -EIO;
	memcpy(reader->key, key.bytes, key.len);
	reader->key_len = key.len;
	reader->block.len = 0;
	reader->pos = 0;
	reader->term_len = 0;
	return catalog_buffer_append(&reader->block, value.bytes, value.len);
}

int catalog_index_segment_read(struct catalog_cursor *postings_cursor,
			       struct catalog_index_reader *reader)
{
	struct catalog_span left;
	int r;

	if (reader->pos == reader->block.len) {
		r = next_block(postings_cursor, reader);
		if (r != 0)
			return r;
	}
	left = (struct catalog_span){reader->block.bytes + reader->pos,
				     reader->block.len - reader->pos};
	if (!entry_decode(&left, reader->term, &reader->term_len, &reader->postings))
		return -EIO;
	reader->pos = reader->block.len - left.len;
	return 0;
}

void catalog_index_segment_read_end(struct catalog_index_reader *reader)
{
	catalog_buffer_close(&reader->block);
}
