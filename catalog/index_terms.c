/* catalog/index_terms.c - keys of the table of postings begin with the segment, then
 *   1, the last term of a block of the dictionary -> terms, each with its list or where that is
 *   2, list u32, last slot u32 -> a chunk of a list; 3, ... -> its positions; 2, list u32 -> plain
 * Terms share blocks of about a page, since a key for each of a segment's many rare terms would
 * cost more than their postings.  A block's key is its last term, so that one seek ("at or after")
 * finds the block that a term is in; a chunk's is its last slot, for the same reason. */
#include "catalog/index_terms.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_text.h"

#define PAGE_BYTES    4000 /* with LMDB's header of 16 bytes less than one page */
#define HERE_BYTES    1800 /* a longer list is chunks */
#define DICTIONARY    1
#define CHUNK         2
#define POSITIONS     3
#define CHUNK_HEADER  8
#define KEY_BYTES_MAX 13
#define BLOCK         CATALOG_INDEX_LIST_BLOCK

enum { PLAIN = 1, CHUNKED = 2 }; /* bits of a list's form */

_Static_assert(CATALOG_INDEX_TERMS_BYTES_MAX + 5 <= CATALOG_STORE_KEY_BYTES_MAX,
	       "a segment, a kind and a term are a key");

static void put_be32(uint8_t *bytes, uint32_t n)
{
	n = htobe32(n);
	memcpy(bytes, &n, sizeof n);
}

static uint32_t get_be32(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof n);
	return be32toh(n);
}

static uint32_t get_u32(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof n);
	return le32toh(n);
}

static void put_u32(uint8_t *bytes, uint32_t n)
{
	n = htole32(n);
	memcpy(bytes, &n, sizeof n);
}

static struct catalog_span chunk_key(uint8_t bytes[KEY_BYTES_MAX], uint32_t segment, uint8_t kind,
				     uint32_t id, uint32_t last)
{
	put_be32(bytes, segment);
	bytes[4] = kind;
	put_be32(bytes + 5, id);
	put_be32(bytes + 9, last);
	return (struct catalog_span){bytes, KEY_BYTES_MAX};
}

/* --- the dictionary --------------------------------------------------------------------- */

/* Mostly one byte. */
static inline bool get_short(struct catalog_span *bytes, uint32_t *ret_n)
{
	if (bytes->len == 0 || (bytes->bytes[0] & 0x80) != 0)
		return catalog_index_list_get_varint(bytes, ret_n);
	*ret_n = *bytes->bytes++;
	bytes->len--;
	return true;
}

/* Read what an entry says of its term. */
static bool list_decode(struct catalog_span *block, struct catalog_index_list *list)
{
	uint32_t form, body, positions;

	if (!get_short(block, &list->count) || block->len < 3)
		return false;
	form = block->bytes[0];
	list->plain = (form & PLAIN) != 0;
	list->chunked = (form & CHUNKED) != 0;
	list->fields = block->bytes[1];
	list->impact = block->bytes[2];
	block->bytes += 3;
	block->len -= 3;
	list->body = list->positions = (struct catalog_span){NULL, 0};
	list->id = 0;
	if (list->chunked)
		return get_short(block, &list->id);
	if (!get_short(block, &body) || !get_short(block, &positions) || body > block->len ||
	    positions > block->len - body)
		return false;
	list->body = (struct catalog_span){block->bytes, body};
	list->positions = (struct catalog_span){block->bytes + body, positions};
	block->bytes += body + positions;
	block->len -= body + positions;
	return true;
}

/* Read the entry at the front of a block.  term[0..*len) is the term before, and becomes this. */
static bool entry_decode(struct catalog_span *block, uint8_t *term, size_t *len,
			 struct catalog_index_list *list)
{
	uint32_t shared, suffix;

	if (!get_short(block, &shared) || !get_short(block, &suffix) || shared > *len ||
	    suffix > CATALOG_INDEX_TERMS_BYTES_MAX - shared || suffix > block->len)
		return false;
	memcpy(term + shared, block->bytes, suffix);
	*len = shared + suffix;
	block->bytes += suffix;
	block->len -= suffix;
	return list_decode(block, list);
}

enum found { FOUND, BEYOND, BAD };

/* Go past the entries of a block whose terms are before target, to the first that begins with it:
 * ret_rest is what follows target in its term, and block stands after it.  The bytes that the term
 * before has in common with target, and those that it shares with the next, say how the next
 * compares; only where they are equal is anything looked at. */
static enum found find_in(struct catalog_span *block, struct catalog_span target,
			  struct catalog_span *ret_rest, struct catalog_index_list *ret_list)
{
	size_t common = 0;

	while (block->len > 0) {
		uint32_t shared, suffix;
		const uint8_t *bytes;
		size_t same = 0, most;

		if (!get_short(block, &shared) || !get_short(block, &suffix) ||
		    suffix > block->len || suffix > CATALOG_INDEX_TERMS_BYTES_MAX)
			return BAD;
		bytes = block->bytes;
		block->bytes += suffix;
		block->len -= suffix;
		if (!list_decode(block, ret_list))
			return BAD;
		if (shared > common)
			continue;
		if (shared < common)
			return BEYOND;
		most = target.len - common < suffix ? target.len - common : suffix;
		while (same < most && bytes[same] == target.bytes[common + same])
			same++;
		if (common + same == target.len) {
			*ret_rest = (struct catalog_span){bytes + same, suffix - same};
			return FOUND;
		}
		if (same < suffix && bytes[same] > target.bytes[common + same])
			return BEYOND;
		common += same;
	}
	return BEYOND;
}

static int compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

/* The block that holds the first term at or after term. */
static int seek_block(struct catalog_cursor *cursor, uint32_t segment, struct catalog_span term,
		      struct catalog_span *ret_key, struct catalog_span *ret_block)
{
	uint8_t bytes[CATALOG_STORE_KEY_BYTES_MAX];
	struct catalog_span key = {bytes, 5 + term.len};
	int r;

	assert(term.len <= CATALOG_STORE_KEY_BYTES_MAX - 5);
	put_be32(bytes, segment);
	bytes[4] = DICTIONARY;
	if (term.len > 0)
		memcpy(bytes + 5, term.bytes, term.len);
	r = catalog_store_cursor_seek(cursor, key, ret_key, ret_block);
	if (r == 0 && (ret_key->len < 5 || memcmp(ret_key->bytes, bytes, 5) != 0))
		return -ENOENT; /* beyond the last block */
	return r;
}

int catalog_index_terms_find(struct catalog_cursor *cursor, uint32_t segment,
			     struct catalog_span term, struct catalog_index_list *ret_list)
{
	struct catalog_span key, block, rest;
	struct catalog_index_list list;
	int r = seek_block(cursor, segment, term, &key, &block);

	if (r != 0)
		return r;
	switch (find_in(&block, term, &rest, &list)) {
	case FOUND: break;
	case BEYOND: return -ENOENT;
	case BAD: return -EIO;
	}
	if (rest.len != 0)
		return -ENOENT; /* longer, so the term itself is not there */
	*ret_list = list;
	return 0;
}

static int form_of(uint8_t form)
{
	switch ((enum catalog_index_text_form)form) {
	case CATALOG_INDEX_TEXT_WORD: return 0;
	case CATALOG_INDEX_TEXT_STEM: return 1;
	case CATALOG_INDEX_TEXT_PART: return 2;
	}
	return -1;
}

/* Keep the form that ends a term which is the word, a zero byte and rest; whether there can be
 * more. */
static bool take_form(struct catalog_span rest, const struct catalog_index_list *list,
		      struct catalog_index_list *lists)
{
	int form = rest.len == 1 ? form_of(rest.bytes[0]) : -1;

	if (form >= 0)
		lists[form] = *list;
	return form != 0; /* 'w' is the last */
}

int catalog_index_terms_find_forms(struct catalog_cursor *cursor, uint32_t segment,
				   struct catalog_span word,
				   struct catalog_index_list ret_lists[CATALOG_INDEX_TERMS_FORMS])
{
	uint8_t term[CATALOG_INDEX_TERMS_BYTES_MAX];
	struct catalog_span target = {term, word.len + 1}, key, block = {0}, rest;
	struct catalog_index_list list;
	size_t len;
	int r;

	assert(word.len + 2 < sizeof term);
	memset(ret_lists, 0, CATALOG_INDEX_TERMS_FORMS * sizeof *ret_lists);
	memcpy(term, word.bytes, word.len);
	term[word.len] = 0;
	r = seek_block(cursor, segment, target, &key, &block);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	switch (find_in(&block, target, &rest, &list)) {
	case FOUND: break;
	case BEYOND: return 0;
	case BAD: return -EIO;
	}
	if (rest.len > sizeof term - target.len)
		return -EIO;
	memcpy(term + target.len, rest.bytes, rest.len);
	len = target.len + rest.len;
	while (take_form((struct catalog_span){term + target.len, len - target.len}, &list,
			 ret_lists)) {
		if (block.len == 0) { /* the forms go on in the next block */
			r = catalog_store_cursor_next(cursor, &key, &block);
			if (r != 0 || key.len < 5 || get_be32(key.bytes) != segment ||
			    key.bytes[4] != DICTIONARY)
				return r == -ENOENT ? 0 : r;
			len = 0;
		}
		if (!entry_decode(&block, term, &len, &list))
			return -EIO;
		if (len < target.len || memcmp(term, word.bytes, word.len) != 0 ||
		    term[word.len] != 0)
			return 0;
	}
	return 0;
}

/* --- terms in order --------------------------------------------------------------------- */

static int load_block(struct catalog_cursor *cursor, struct catalog_index_reader *reader,
		      struct catalog_span from)
{
	struct catalog_span key, block;
	int r = seek_block(cursor, reader->segment, from, &key, &block);

	if (r != 0)
		return r;
	if (key.len > sizeof reader->key)
		return -EIO;
	memcpy(reader->key, key.bytes, key.len);
	reader->key_len = key.len;
	reader->block.len = 0;
	reader->at = 0;
	reader->term_len = 0;
	return catalog_buffer_append(&reader->block, block.bytes, block.len);
}

int catalog_index_terms_next(struct catalog_cursor *cursor, struct catalog_index_reader *reader)
{
	struct catalog_span left;

	if (reader->at == reader->block.len) {
		uint8_t after[CATALOG_STORE_KEY_BYTES_MAX];
		size_t len = reader->key_len - 5;
		int r;

		memcpy(after, reader->key + 5, len);
		after[len++] = 0; /* the first key after it */
		r = load_block(cursor, reader, (struct catalog_span){after, len});
		if (r != 0)
			return r;
	}
	left = (struct catalog_span){reader->block.bytes + reader->at,
				     reader->block.len - reader->at};
	memset(&reader->list, 0, sizeof reader->list);
	if (!entry_decode(&left, reader->term, &reader->term_len, &reader->list))
		return -EIO;
	reader->at = reader->block.len - left.len;
	return 0;
}

int catalog_index_terms_begin(struct catalog_cursor *cursor, struct catalog_index_reader *reader,
			      uint32_t segment, struct catalog_span from,
			      enum catalog_index_from how)
{
	int r;

	reader->segment = segment;
	r = load_block(cursor, reader, from);
	while (r == 0) {
		int order;

		r = catalog_index_terms_next(cursor, reader);
		if (r != 0)
			return r;
		order = compare(reader->term, reader->term_len, from.bytes, from.len);
		if (order > 0 || (order == 0 && how == CATALOG_INDEX_AT))
			return 0;
	}
	return r;
}

void catalog_index_terms_end(struct catalog_index_reader *reader)
{
	catalog_buffer_close(&reader->block);
}

/* --- a list ------------------------------------------------------------------------------ */

void catalog_index_terms_open(struct catalog_index_walk *walk,
			      const struct catalog_index_list *list, struct catalog_cursor *cursor,
			      uint32_t segment)
{
	assert(!list->plain);
	walk->list = list;
	walk->cursor = cursor;
	walk->segment = segment;
	walk->chunk = (struct catalog_span){NULL, 0};
	walk->chunk_blocks = walk->next = 0;
	walk->rest = list->body;
	walk->base = 0;
	walk->left = list->count;
	walk->place = 0;
	walk->placed = false;
	walk->ended = false;
	walk->error = 0;
	walk->copy = NULL;
	walk->block.count = 0;
	walk->block.bare = false;
}

static uint32_t block_last(const struct catalog_index_walk *walk, uint32_t i)
{
	return get_u32(walk->chunk.bytes + CHUNK_HEADER + 8 * (size_t)i);
}

static uint32_t block_end(const struct catalog_index_walk *walk, uint32_t i)
{
	return get_u32(walk->chunk.bytes + CHUNK_HEADER + 8 * (size_t)i + 4) >> 8;
}

static int copied(struct catalog_buffer *copy, struct catalog_span *bytes)
{
	int r;

	copy->len = 0;
	r = catalog_buffer_append(copy, bytes->bytes, bytes->len);
	*bytes = catalog_buffer_span(copy);
	return r;
}

/* Go to the chunk that has the first slot at or after slot. */
static bool seek_chunk(struct catalog_index_walk *walk, uint32_t slot)
{
	uint8_t bytes[KEY_BYTES_MAX];
	struct catalog_span key = chunk_key(bytes, walk->segment, CHUNK, walk->list->id, slot),
			    found, chunk;
	int r = catalog_store_cursor_seek(walk->cursor, key, &found, &chunk);

	if (r != 0 && r != -ENOENT) {
		walk->error = r;
		return false;
	}
	if (r == -ENOENT || found.len != key.len || memcmp(found.bytes, key.bytes, 9) != 0)
		return false;
	if (walk->copy != NULL && (walk->error = copied(&walk->copy[0], &chunk)) != 0)
		return false;
	walk->chunk_blocks = chunk.len >= CHUNK_HEADER ? get_u32(chunk.bytes) >> 8 : 0;
	walk->chunk_last_count = chunk.len >= CHUNK_HEADER ? chunk.bytes[0] : 0;
	walk->chunk_base = chunk.len >= CHUNK_HEADER ? get_u32(chunk.bytes + 4) : 0;
	walk->chunk = chunk;
	walk->next = 0;
	if (walk->chunk_blocks == 0 || walk->chunk_blocks > CATALOG_INDEX_LIST_CHUNK_BLOCKS ||
	    walk->chunk_last_count == 0 || walk->chunk_last_count > BLOCK ||
	    CHUNK_HEADER + 8 * (size_t)walk->chunk_blocks > chunk.len ||
	    block_end(walk, walk->chunk_blocks - 1) !=
		    chunk.len - CHUNK_HEADER - 8 * (size_t)walk->chunk_blocks) {
		walk->error = -EIO;
		return false;
	}
	return true;
}

static bool seek_in_chunks(struct catalog_index_walk *walk, uint32_t slot)
{
	uint32_t low = walk->next, high = walk->chunk_blocks, start, count, base;
	struct catalog_span bytes;
	size_t data;

	if (walk->chunk_blocks == 0 || low >= high || block_last(walk, high - 1) < slot) {
		uint32_t from = slot;

		if (walk->chunk_blocks > 0 && block_last(walk, walk->chunk_blocks - 1) >= from)
			from = block_last(walk, walk->chunk_blocks - 1) + 1;
		if (!seek_chunk(walk, from))
			return false;
		low = 0;
		high = walk->chunk_blocks;
	}
	if (block_last(walk, low) < slot) {
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;

			if (block_last(walk, middle) < slot)
				low = middle + 1;
			else
				high = middle;
		}
	}
	start = low > 0 ? block_end(walk, low - 1) : 0;
	base = low > 0 ? block_last(walk, low - 1) + 1 : walk->chunk_base;
	count = low + 1 == walk->chunk_blocks ? walk->chunk_last_count : BLOCK;
	data = CHUNK_HEADER + 8 * (size_t)walk->chunk_blocks;
	if (start > block_end(walk, low) || block_end(walk, low) > walk->chunk.len - data) {
		walk->error = -EIO;
		return false;
	}
	bytes = (struct catalog_span){walk->chunk.bytes + data + start,
				      block_end(walk, low) - start};
	if (!catalog_index_list_unpack(&bytes, count, base, &walk->block)) {
		walk->error = -EIO;
		return false;
	}
	walk->next = low + 1;
	walk->placed = false;
	return true;
}

bool catalog_index_terms_seek(struct catalog_index_walk *walk, uint32_t slot, uint64_t *read)
{
	bool found = false;

	if (walk->ended)
		return false;
	if (walk->list->chunked) {
		found = seek_in_chunks(walk, slot);
		*read += found ? walk->block.count : 0;
	} else {
		while (walk->left > 0 && !found) {
			uint32_t count = walk->left < BLOCK ? walk->left : BLOCK;

			walk->place += walk->block.count;
			if (!catalog_index_list_unpack(&walk->rest, count, walk->base,
						       &walk->block)) {
				walk->error = -EIO;
				break;
			}
			walk->left -= count;
			walk->base = walk->block.slots[count - 1] + 1;
			*read += count;
			found = walk->block.slots[count - 1] >= slot;
		}
	}
	walk->ended = !found;
	return found;
}

/* Find the positions of the block at hand, or of the whole list. */
static bool find_positions(struct catalog_index_walk *walk)
{
	uint8_t key_bytes[KEY_BYTES_MAX];
	struct catalog_span key, found, bytes = walk->list->positions;
	uint32_t at;

	walk->place_next = 0;
	if (walk->list->chunked) {
		key = chunk_key(key_bytes, walk->segment, POSITIONS, walk->list->id,
				block_last(walk, walk->chunk_blocks - 1));
		if (catalog_store_cursor_seek(walk->cursor, key, &found, &bytes) != 0 ||
		    found.len != key.len || memcmp(found.bytes, key.bytes, key.len) != 0 ||
		    bytes.len < 4 * (size_t)walk->chunk_blocks)
			return false;
		at = get_u32(bytes.bytes + 4 * (size_t)(walk->next - 1));
		if (at > bytes.len)
			return false;
		bytes.bytes += at;
		bytes.len -= at;
		if (walk->copy != NULL && copied(&walk->copy[1], &bytes) != 0)
			return false;
	}
	walk->positions = bytes;
	walk->placed = true;
	return true;
}

struct catalog_span catalog_index_terms_positions(struct catalog_index_walk *walk, uint32_t i)
{
	uint32_t wanted = walk->list->chunked ? i : walk->place + i;
	struct catalog_span own = {0};

	if ((!walk->placed || wanted < walk->place_next) && !find_positions(walk))
		return own;
	if (!catalog_index_list_skip_many(&walk->positions, wanted - walk->place_next) ||
	    !catalog_index_list_skip_positions(&walk->positions, &own))
		return (struct catalog_span){0};
	walk->place_next = wanted + 1;
	return own;
}

int catalog_index_terms_plain(struct catalog_cursor *cursor, uint32_t segment,
			      const struct catalog_index_list *list, struct catalog_span *ret_plain)
{
	uint8_t bytes[KEY_BYTES_MAX];
	struct catalog_span key = chunk_key(bytes, segment, CHUNK, list->id, 0), found;
	int r;

	assert(list->plain);
	if (!list->chunked) {
		*ret_plain = list->body;
		return 0;
	}
	r = catalog_store_cursor_seek(cursor, key, &found, ret_plain);
	if (r != 0 || found.len != key.len || memcmp(found.bytes, key.bytes, key.len) != 0)
		return r == 0 || r == -ENOENT ? -EIO : r;
	return 0;
}

/* --- writing ----------------------------------------------------------------------------- */

void catalog_index_terms_write(struct catalog_index_writer *writer, struct catalog_span term,
			       bool plain)
{
	assert(term.len <= sizeof writer->term);
	memcpy(writer->term, term.bytes, term.len);
	writer->term_len = term.len;
	writer->plain = plain;
	writer->chunked = false;
	writer->count = writer->base = writer->chunk_base = writer->blocks = 0;
	writer->fields = writer->impact = 0;
	writer->block.count = 0;
	writer->body.len = writer->positions.len = 0;
}

static int put(struct catalog_index_writer *writer, uint8_t kind, uint32_t last,
	       struct catalog_span value)
{
	uint8_t key[KEY_BYTES_MAX];

	return catalog_store_put(writer->txn, CATALOG_TABLE_POSTINGS,
				 chunk_key(key, writer->segment, kind, writer->id, last), value);
}

/* Put the blocks that have gathered as a chunk. */
static int put_chunk(struct catalog_index_writer *writer)
{
	struct catalog_buffer *scratch = &writer->scratch;
	size_t directory = 8 * (size_t)writer->blocks;
	uint32_t last = get_u32(writer->directory + directory - 8);
	uint8_t header[CHUNK_HEADER];
	int r;

	if (!writer->chunked)
		writer->id = writer->next_id++;
	writer->chunked = true;
	put_u32(header,
		writer->blocks << 8 | (writer->block.count > 0 ? writer->block.count : BLOCK));
	put_u32(header + 4, writer->chunk_base);
	scratch->len = 0;
	if ((r = catalog_buffer_append(scratch, header, sizeof header)) != 0 ||
	    (r = catalog_buffer_append(scratch, writer->directory, directory)) != 0 ||
	    (r = catalog_buffer_append(scratch, writer->body.bytes, writer->body.len)) != 0 ||
	    (r = put(writer, CHUNK, last, catalog_buffer_span(scratch))) != 0)
		return r;
	if (writer->positions.len > 0) {
		scratch->len = 0;
		for (size_t i = 0; i < writer->blocks; i++)
			put_u32(writer->places + 4 * i,
				get_u32(writer->places + 4 * i) + 4 * writer->blocks);
		if ((r = catalog_buffer_append(scratch, writer->places, directory / 2)) != 0 ||
		    (r = catalog_buffer_append(scratch, writer->positions.bytes,
					       writer->positions.len)) != 0 ||
		    (r = put(writer, POSITIONS, last, catalog_buffer_span(scratch))) != 0)
			return r;
	}
	writer->chunk_base = last + 1;
	writer->blocks = 0;
	writer->body.len = writer->positions.len = 0;
	return 0;
}

/* Pack the block that has gathered. */
static int pack_block(struct catalog_index_writer *writer)
{
	struct catalog_index_block *block = &writer->block;
	uint8_t *entry = writer->directory + 8 * (size_t)writer->blocks, impact = 0;
	int r = catalog_index_list_pack(&writer->body, block, writer->base);

	if (r != 0)
		return r;
	for (size_t i = 0; i < block->count; i++) {
		if (block->impacts[i] > impact)
			impact = block->impacts[i];
		writer->fields |= block->fields[i];
	}
	if (impact > writer->impact)
		writer->impact = impact;
	writer->base = block->slots[block->count - 1] + 1;
	put_u32(entry, writer->base - 1);
	put_u32(entry + 4, (uint32_t)writer->body.len << 8 | impact);
	writer->blocks++;
	return 0;
}

static int post_plain(struct catalog_index_writer *writer, uint32_t slot)
{
	if (writer->count == writer->slot_room) {
		size_t room = writer->slot_room * 2 + 1024;
		uint32_t *slots = reallocarray(writer->slots, room, sizeof *slots);

		if (slots == NULL)
			return -ENOMEM;
		writer->slots = slots;
		writer->slot_room = room;
	}
	writer->slots[writer->count++] = slot;
	return 0;
}

int catalog_index_terms_post(struct catalog_index_writer *writer,
			     const struct catalog_index_posting *posting)
{
	struct catalog_index_block *block = &writer->block;
	int r;

	writer->written++;
	if (writer->plain)
		return post_plain(writer, posting->slot);
	if (block->count == BLOCK) {
		if ((r = pack_block(writer)) != 0)
			return r;
		block->count = 0;
		if (writer->blocks == CATALOG_INDEX_LIST_CHUNK_BLOCKS &&
		    (r = put_chunk(writer)) != 0)
			return r;
	}
	if (block->count == 0)
		put_u32(writer->places + 4 * (size_t)writer->blocks,
			(uint32_t)writer->positions.len);
	block->slots[block->count] = posting->slot;
	block->impacts[block->count] = posting->impact;
	block->fields[block->count++] = posting->fields;
	writer->count++;
	return posting->positions.len == 0
		       ? 0
		       : catalog_buffer_append(&writer->positions, posting->positions.bytes,
					       posting->positions.len);
}

int catalog_index_terms_flush(struct catalog_index_writer *writer)
{
	uint8_t key[CATALOG_STORE_KEY_BYTES_MAX];
	int r;

	if (writer->entries.len == 0)
		return 0;
	put_be32(key, writer->segment);
	key[4] = DICTIONARY;
	memcpy(key + 5, writer->last, writer->last_len);
	r = catalog_store_put(writer->txn, CATALOG_TABLE_POSTINGS,
			      (struct catalog_span){key, 5 + writer->last_len},
			      catalog_buffer_span(&writer->entries));
	writer->entries.len = 0;
	writer->last_len = 0;
	return r;
}

static int end_plain(struct catalog_index_writer *writer)
{
	int r = catalog_index_list_put_plain(&writer->body, writer->slots, writer->count);

	if (r != 0 || writer->body.len <= HERE_BYTES)
		return r;
	writer->id = writer->next_id++;
	writer->chunked = true;
	return put(writer, CHUNK, 0, catalog_buffer_span(&writer->body));
}

/* Append the term to the block of the dictionary. */
static int put_entry(struct catalog_index_writer *writer)
{
	uint8_t front[2 * CATALOG_INDEX_LIST_VARINT_MAX], rest[4 * CATALOG_INDEX_LIST_VARINT_MAX];
	size_t body = writer->chunked ? 0 : writer->body.len + writer->positions.len, shared = 0;
	size_t front_len, rest_len;
	int r;

	if (writer->entries.len > 0 &&
	    writer->entries.len + writer->term_len + body + sizeof front + sizeof rest >
		    PAGE_BYTES &&
	    (r = catalog_index_terms_flush(writer)) != 0)
		return r;
	while (shared < writer->last_len && shared < writer->term_len &&
	       writer->last[shared] == writer->term[shared])
		shared++;
	front_len = catalog_index_list_put_varint(front, (uint32_t)shared);
	front_len += catalog_index_list_put_varint(front + front_len,
						   (uint32_t)(writer->term_len - shared));
	rest_len = catalog_index_list_put_varint(rest, writer->count);
	rest[rest_len++] = (uint8_t)((writer->plain ? PLAIN : 0) | (writer->chunked ? CHUNKED : 0));
	rest[rest_len++] = writer->fields;
	rest[rest_len++] = writer->impact;
	if (writer->chunked) {
		rest_len += catalog_index_list_put_varint(rest + rest_len, writer->id);
	} else {
		rest_len +=
			catalog_index_list_put_varint(rest + rest_len, (uint32_t)writer->body.len);
		rest_len += catalog_index_list_put_varint(rest + rest_len,
							  (uint32_t)writer->positions.len);
	}
	if ((r = catalog_buffer_append(&writer->entries, front, front_len)) != 0 ||
	    (r = catalog_buffer_append(&writer->entries, writer->term + shared,
				       writer->term_len - shared)) != 0 ||
	    (r = catalog_buffer_append(&writer->entries, rest, rest_len)) != 0)
		return r;
	if (!writer->chunked &&
	    ((r = catalog_buffer_append(&writer->entries, writer->body.bytes, writer->body.len)) !=
		     0 ||
	     (r = catalog_buffer_append(&writer->entries, writer->positions.bytes,
					writer->positions.len)) != 0))
		return r;
	memcpy(writer->last, writer->term, writer->term_len);
	writer->last_len = writer->term_len;
	return 0;
}

int catalog_index_terms_write_end(struct catalog_index_writer *writer)
{
	int r = 0;

	if (writer->count == 0)
		return 0;
	if (writer->plain) {
		r = end_plain(writer);
	} else {
		r = pack_block(writer);
		if (r == 0 &&
		    (writer->chunked || writer->body.len + writer->positions.len > HERE_BYTES))
			r = put_chunk(writer);
	}
	return r == 0 ? put_entry(writer) : r;
}

void catalog_index_terms_close(struct catalog_index_writer *writer)
{
	catalog_buffer_close(&writer->entries);
	catalog_buffer_close(&writer->body);
	catalog_buffer_close(&writer->positions);
	catalog_buffer_close(&writer->scratch);
	free(writer->slots);
	writer->slots = NULL;
	writer->slot_room = 0;
}

int catalog_index_terms_drop(struct catalog_txn *txn, uint32_t segment, size_t most, bool *ret_more)
{
	struct catalog_cursor *cursor = NULL;
	uint8_t prefix[4], copy[CATALOG_STORE_KEY_BYTES_MAX];
	struct catalog_span key, value;
	size_t n = 0;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &cursor);

	if (r != 0)
		return r;
	put_be32(prefix, segment);
	for (;; n++) {
		r = catalog_store_cursor_seek(cursor, (struct catalog_span){prefix, 4}, &key,
					      &value);
		if (r != 0 || key.len < 4 || memcmp(key.bytes, prefix, 4) != 0 || n == most)
			break;
		memcpy(copy, key.bytes, key.len);
		r = catalog_store_del(txn, CATALOG_TABLE_POSTINGS,
				      (struct catalog_span){copy, key.len});
		if (r != 0)
			break;
	}
	*ret_more = r == 0 && n == most && key.len >= 4 && memcmp(key.bytes, prefix, 4) == 0;
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}
