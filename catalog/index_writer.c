/* catalog/index_writer.c - a value of more than half a page lies in pages of its own, of which the
 * last is half empty, so a list is cut where it fills pages, and what is left over is short enough
 * to share one. */
#include "catalog/index_writer.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE         4096
#define PAGE_HEADER  16
#define PAGE_BYTES   4000 /* of a block of the dictionary */
#define SHARED_BYTES 1960 /* of a value that shares a page */
#define HERE_BYTES   1800 /* a longer list is chunks */
#define HEADER       CATALOG_INDEX_WALK_HEADER
#define DIRECTORY    CATALOG_INDEX_WALK_DIRECTORY
#define BLOCK        CATALOG_INDEX_LIST_BLOCK

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

void catalog_index_writer_begin(struct catalog_index_writer *writer, struct catalog_span term,
				bool plain)
{
	assert(term.len <= sizeof writer->term);
	memcpy(writer->term, term.bytes, term.len);
	writer->term_len = term.len;
	writer->plain = plain;
	writer->chunked = false;
	writer->count = writer->base = writer->chunk_base = writer->blocks = 0;
	writer->fields = 0;
	writer->block.count = 0;
	writer->body.len = writer->positions.len = 0;
}

static int put(struct catalog_index_writer *writer, uint32_t last, struct catalog_span value)
{
	uint8_t key[CATALOG_INDEX_TERMS_KEY_BYTES_MAX];

	if (!writer->chunked)
		writer->id = writer->next_id++;
	writer->chunked = true;
	return catalog_store_put(
		writer->txn, CATALOG_TABLE_POSTINGS,
		catalog_index_terms_chunk_key(key, writer->segment, writer->id, last), value);
}

/* --- chunks ---------------------------------------------------------------------------- */

/* A number of the i-th block's that has gathered: its last slot, the ends of its bytes, of its
 * positions. */
static uint32_t entry(const struct catalog_index_writer *writer, uint32_t i, size_t at)
{
	return get_u32(writer->directory + DIRECTORY * (size_t)i + at);
}

/* Bytes of a chunk of the first blocks. */
static size_t bytes_of(const struct catalog_index_writer *writer, uint32_t blocks)
{
	return HEADER + DIRECTORY * (size_t)blocks + entry(writer, blocks - 1, 4) +
	       entry(writer, blocks - 1, 8);
}

/* How many of the first blocks to put, so that little of the pages stays empty. */
static uint32_t blocks_to_put(const struct catalog_index_writer *writer)
{
	size_t all = bytes_of(writer, writer->blocks);
	size_t pages = (all + PAGE_HEADER) / PAGE, room = pages * PAGE - PAGE_HEADER;
	uint32_t blocks = writer->blocks;

	if (all <= SHARED_BYTES)
		return blocks;
	if (pages == 0) /* as two that share */
		room = all - PAGE_BYTES / 4 > SHARED_BYTES ? SHARED_BYTES : all - PAGE_BYTES / 4;
	while (blocks > 1 && bytes_of(writer, blocks) > room)
		blocks--;
	return all - bytes_of(writer, blocks) > SHARED_BYTES - PAGE_BYTES / 10 ? writer->blocks
									       : blocks;
}

/* Take the first blocks away. */
static void forget(struct catalog_index_writer *writer, uint32_t blocks)
{
	uint32_t body = entry(writer, blocks - 1, 4), positions = entry(writer, blocks - 1, 8);

	writer->blocks -= blocks;
	memmove(writer->directory, writer->directory + DIRECTORY * (size_t)blocks,
		DIRECTORY * (size_t)writer->blocks);
	for (uint32_t i = 0; i < writer->blocks; i++) {
		uint8_t *at = writer->directory + DIRECTORY * (size_t)i;

		put_u32(at + 4, get_u32(at + 4) - body);
		put_u32(at + 8, get_u32(at + 8) - positions);
	}
	writer->body.len -= body;
	memmove(writer->body.bytes, writer->body.bytes + body, writer->body.len);
	writer->positions.len -= positions;
	if (positions > 0)
		memmove(writer->positions.bytes, writer->positions.bytes + positions,
			writer->positions.len);
}

/* Put the first blocks as a chunk; last_count is how many postings the last of them has. */
static int put_chunk(struct catalog_index_writer *writer, uint32_t blocks, uint32_t last_count)
{
	struct catalog_buffer *scratch = &writer->scratch;
	uint32_t last = entry(writer, blocks - 1, 0);
	uint8_t header[HEADER];
	int r;

	put_u32(header, blocks << 8 | last_count);
	put_u32(header + 4, writer->chunk_base);
	scratch->len = 0;
	if ((r = catalog_buffer_append(scratch, header, sizeof header)) != 0 ||
	    (r = catalog_buffer_append(scratch, writer->directory, DIRECTORY * (size_t)blocks)) !=
		    0 ||
	    (r = catalog_buffer_append(scratch, writer->body.bytes,
				       entry(writer, blocks - 1, 4))) != 0)
		return r;
	if (entry(writer, blocks - 1, 8) > 0 &&
	    (r = catalog_buffer_append(scratch, writer->positions.bytes,
				       entry(writer, blocks - 1, 8))) != 0)
		return r;
	if ((r = put(writer, last, catalog_buffer_span(scratch))) != 0)
		return r;
	writer->chunk_base = last + 1;
	forget(writer, blocks);
	return 0;
}

/* Pack the block that has gathered, whose positions are all there. */
static int pack_block(struct catalog_index_writer *writer)
{
	struct catalog_index_block *block = &writer->block;
	uint8_t *at = writer->directory + DIRECTORY * (size_t)writer->blocks;
	int r = catalog_index_list_pack(&writer->body, block, writer->base);

	if (r != 0)
		return r;
	for (size_t i = 0; i < block->count; i++)
		writer->fields |= block->fields[i];
	writer->base = block->slots[block->count - 1] + 1;
	put_u32(at, writer->base - 1);
	put_u32(at + 4, (uint32_t)writer->body.len);
	put_u32(at + 8, (uint32_t)writer->positions.len);
	writer->blocks++;
	return 0;
}

/* --- postings -------------------------------------------------------------------------- */

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

int catalog_index_writer_post(struct catalog_index_writer *writer,
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
		    (r = put_chunk(writer, blocks_to_put(writer), BLOCK)) != 0)
			return r;
	}
	block->slots[block->count] = posting->slot;
	block->impacts[block->count] = posting->impact;
	block->fields[block->count++] = posting->fields;
	writer->count++;
	return posting->positions.len == 0
		       ? 0
		       : catalog_buffer_append(&writer->positions, posting->positions.bytes,
					       posting->positions.len);
}

/* --- the dictionary -------------------------------------------------------------------- */

int catalog_index_writer_flush(struct catalog_index_writer *writer)
{
	uint8_t key[CATALOG_STORE_KEY_BYTES_MAX];
	uint32_t segment = htobe32(writer->segment);
	int r;

	if (writer->entries.len == 0)
		return 0;
	memcpy(key, &segment, sizeof segment);
	key[4] = CATALOG_INDEX_TERMS_DICTIONARY;
	memcpy(key + 5, writer->last, writer->last_len);
	r = catalog_store_put(writer->txn, CATALOG_TABLE_POSTINGS,
			      (struct catalog_span){key, 5 + writer->last_len},
			      catalog_buffer_span(&writer->entries));
	writer->entries.len = 0;
	writer->last_len = 0;
	return r;
}

static enum catalog_index_terms_form form_of(const struct catalog_index_writer *writer)
{
	if (writer->plain)
		return CATALOG_INDEX_TERMS_PLAIN;
	if (writer->chunked)
		return CATALOG_INDEX_TERMS_CHUNKS;
	return writer->positions.len > 0 ? CATALOG_INDEX_TERMS_PLACED : CATALOG_INDEX_TERMS_HERE;
}

/* What an entry says between its term and its list. */
static size_t describe(const struct catalog_index_writer *writer,
		       uint8_t to[4 * CATALOG_INDEX_LIST_VARINT_MAX])
{
	enum catalog_index_terms_form form = form_of(writer);
	size_t len = catalog_index_list_put_varint(
		to, writer->count << CATALOG_INDEX_TERMS_FORM_BITS | form);

	if (writer->plain) {
		len += catalog_index_list_put_varint(
			to + len, writer->chunked ? 0 : (uint32_t)writer->body.len);
	} else if (writer->chunked || writer->count > 1) {
		to[len++] = writer->fields;
		if (!writer->chunked)
			len += catalog_index_list_put_varint(to + len, (uint32_t)writer->body.len);
		if (form == CATALOG_INDEX_TERMS_PLACED)
			len += catalog_index_list_put_varint(to + len,
							     (uint32_t)writer->positions.len);
	}
	return writer->chunked ? len + catalog_index_list_put_varint(to + len, writer->id) : len;
}

/* Append the term to the block of the dictionary. */
static int put_entry(struct catalog_index_writer *writer)
{
	uint8_t front[2 * CATALOG_INDEX_LIST_VARINT_MAX], rest[4 * CATALOG_INDEX_LIST_VARINT_MAX];
	size_t body = writer->chunked ? 0 : writer->body.len + writer->positions.len, shared = 0;
	size_t front_len, rest_len = describe(writer, rest);
	int r;

	if (writer->entries.len > 0 &&
	    writer->entries.len + writer->term_len + body + sizeof front + rest_len > PAGE_BYTES &&
	    (r = catalog_index_writer_flush(writer)) != 0)
		return r;
	while (shared < writer->last_len && shared < writer->term_len &&
	       writer->last[shared] == writer->term[shared])
		shared++;
	front_len = catalog_index_list_put_varint(front, (uint32_t)shared);
	front_len += catalog_index_list_put_varint(front + front_len,
						   (uint32_t)(writer->term_len - shared));
	if ((r = catalog_buffer_append(&writer->entries, front, front_len)) != 0 ||
	    (r = catalog_buffer_append(&writer->entries, writer->term + shared,
				       writer->term_len - shared)) != 0 ||
	    (r = catalog_buffer_append(&writer->entries, rest, rest_len)) != 0)
		return r;
	if (!writer->chunked &&
	    ((r = catalog_buffer_append(&writer->entries, writer->body.bytes, writer->body.len)) !=
		     0 ||
	     (writer->positions.len > 0 &&
	      (r = catalog_buffer_append(&writer->entries, writer->positions.bytes,
					 writer->positions.len)) != 0)))
		return r;
	memcpy(writer->last, writer->term, writer->term_len);
	writer->last_len = writer->term_len;
	return 0;
}

static int end_plain(struct catalog_index_writer *writer)
{
	int r = catalog_index_list_put_plain(&writer->body, writer->slots, writer->count);

	if (r != 0 || writer->body.len <= HERE_BYTES)
		return r;
	return put(writer, 0, catalog_buffer_span(&writer->body));
}

static int end_list(struct catalog_index_writer *writer)
{
	int r = pack_block(writer);

	if (!writer->chunked && writer->body.len + writer->positions.len <= HERE_BYTES)
		return r;
	while (r == 0 && writer->blocks > 0) {
		uint32_t blocks = blocks_to_put(writer);

		r = put_chunk(writer, blocks,
			      blocks == writer->blocks ? writer->block.count : BLOCK);
	}
	return r;
}

int catalog_index_writer_end(struct catalog_index_writer *writer)
{
	int r;

	if (writer->count == 0)
		return 0;
	r = writer->plain ? end_plain(writer) : end_list(writer);
	return r == 0 ? put_entry(writer) : r;
}

void catalog_index_writer_close(struct catalog_index_writer *writer)
{
	catalog_buffer_close(&writer->entries);
	catalog_buffer_close(&writer->body);
	catalog_buffer_close(&writer->positions);
	catalog_buffer_close(&writer->scratch);
	free(writer->slots);
	writer->slots = NULL;
	writer->slot_room = 0;
}
