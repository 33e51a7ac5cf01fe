/* catalog/index_terms.c - keys of the table of postings begin with the segment, then
 *   1, the last term of a block of the dictionary -> terms, each with its list or where that is
 *   2, list u32, last slot u32 -> a chunk of a list; 2, list u32, 0 -> a plain list
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

#define DICTIONARY CATALOG_INDEX_TERMS_DICTIONARY

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

struct catalog_span catalog_index_terms_chunk_key(uint8_t bytes[CATALOG_INDEX_TERMS_KEY_BYTES_MAX],
						  uint32_t segment, uint32_t id, uint32_t last)
{
	put_be32(bytes, segment);
	bytes[4] = CATALOG_INDEX_TERMS_CHUNK;
	put_be32(bytes + 5, id);
	put_be32(bytes + 9, last);
	return (struct catalog_span){bytes, CATALOG_INDEX_TERMS_KEY_BYTES_MAX};
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

/* The bytes that a length in front of the block tells. */
static bool take(struct catalog_span *block, uint32_t len, struct catalog_span *ret_bytes)
{
	if (len > block->len)
		return false;
	*ret_bytes = (struct catalog_span){block->bytes, len};
	block->bytes += len;
	block->len -= len;
	return true;
}

/* The only posting of a term: slot, impact, fields, positions. */
static bool one_decode(struct catalog_span *block, bool placed, struct catalog_index_list *list)
{
	struct catalog_span left = *block;
	uint32_t slot;

	if (!get_short(&left, &slot) || left.len < 2)
		return false;
	list->fields = left.bytes[1];
	return take(block, (uint32_t)(block->len - left.len + 2), &list->body) &&
	       (!placed || catalog_index_list_skip_positions(block, &list->positions));
}

/* Read what an entry says of its term. */
static bool list_decode(struct catalog_span *block, struct catalog_index_list *list)
{
	uint32_t tag, body, positions = 0;
	enum catalog_index_terms_form form;

	if (!get_short(block, &tag))
		return false;
	form = tag & ((1u << CATALOG_INDEX_TERMS_FORM_BITS) - 1);
	*list = (struct catalog_index_list){.count = tag >> CATALOG_INDEX_TERMS_FORM_BITS,
					    .plain = form == CATALOG_INDEX_TERMS_PLAIN,
					    .chunked = form == CATALOG_INDEX_TERMS_CHUNKS};
	if (form == CATALOG_INDEX_TERMS_PLAIN) {
		if (!get_short(block, &body))
			return false;
		list->chunked = body == 0;
		return body == 0 ? get_short(block, &list->id) : take(block, body, &list->body);
	}
	if (list->count == 1 && !list->chunked)
		return one_decode(block, form == CATALOG_INDEX_TERMS_PLACED, list);
	if (block->len == 0)
		return false;
	list->fields = *block->bytes++;
	block->len--;
	if (list->chunked)
		return get_short(block, &list->id);
	if (!get_short(block, &body) ||
	    (form == CATALOG_INDEX_TERMS_PLACED && !get_short(block, &positions)))
		return false;
	return take(block, body, &list->body) && take(block, positions, &list->positions);
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
