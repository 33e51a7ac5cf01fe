/* catalog/index_segment.c - the state is one value, written by each batch: some forty bytes a
 * segment, of which there are a few dozen. */
#include "catalog/index_segment.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index.h"
#include "catalog/index_columns.h"

#define WINDOW         CATALOG_INDEX_LIST_WINDOW
#define DEAD_KEY_BYTES 9

/* --- state ---------------------------------------------------------------------------- */

static const struct catalog_span state_key = {(const uint8_t *)"state", 5};

static int put_u32(struct catalog_buffer *buffer, uint32_t n)
{
	n = htole32(n);
	return catalog_buffer_append(buffer, &n, sizeof n);
}

static uint32_t take_u32(struct catalog_span *bytes, bool *good)
{
	uint32_t n;

	if (bytes->len < sizeof n) {
		*good = false;
		return 0;
	}
	memcpy(&n, bytes->bytes, sizeof n);
	bytes->bytes += sizeof n;
	bytes->len -= sizeof n;
	return le32toh(n);
}

static int put_segment(struct catalog_buffer *buffer, const struct catalog_index_segment *segment)
{
	const uint32_t numbers[] = {segment->id,   segment->tier,      segment->slots,
				    segment->dead, segment->doc_first, segment->doc_last};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof numbers / sizeof *numbers; i++)
		r = put_u32(buffer, numbers[i]);
	return r;
}

static struct catalog_index_segment take_segment(struct catalog_span *bytes, bool *good)
{
	struct catalog_index_segment segment;

	segment.id = take_u32(bytes, good);
	segment.tier = take_u32(bytes, good);
	segment.slots = take_u32(bytes, good);
	segment.dead = take_u32(bytes, good);
	segment.doc_first = take_u32(bytes, good);
	segment.doc_last = take_u32(bytes, good);
	*good = *good && segment.slots <= CATALOG_INDEX_SEGMENT_SLOTS_MAX &&
		segment.dead <= segment.slots;
	return segment;
}

static int put_merging(struct catalog_buffer *buffer, const struct catalog_index_merging *merging)
{
	int r = put_segment(buffer, &merging->result);

	if (r == 0)
		r = put_u32(buffer, merging->part_count);
	for (size_t i = 0; r == 0 && i < merging->part_count; i++)
		r = put_u32(buffer, merging->parts[i]);
	if (r != 0 || (r = put_u32(buffer, merging->rows)) != 0 ||
	    (r = put_u32(buffer, merging->rows_done)) != 0 ||
	    (r = put_u32(buffer, merging->next_id)) != 0 ||
	    (r = put_u32(buffer, merging->term_len)) != 0)
		return r;
	return catalog_buffer_append(buffer, merging->term, merging->term_len);
}

static void take_merging(struct catalog_span *bytes, struct catalog_index_merging *merging,
			 bool *good)
{
	merging->result = take_segment(bytes, good);
	merging->part_count = take_u32(bytes, good);
	if (merging->part_count > CATALOG_INDEX_SEGMENT_PARTS_MAX) {
		*good = false;
		return;
	}
	for (size_t i = 0; i < merging->part_count; i++)
		merging->parts[i] = take_u32(bytes, good);
	merging->rows = take_u32(bytes, good);
	merging->rows_done = take_u32(bytes, good) != 0;
	merging->next_id = take_u32(bytes, good);
	merging->term_len = take_u32(bytes, good);
	if (!*good || merging->term_len > sizeof merging->term || merging->term_len > bytes->len) {
		*good = false;
		return;
	}
	memcpy(merging->term, bytes->bytes, merging->term_len);
	bytes->bytes += merging->term_len;
	bytes->len -= merging->term_len;
}

static int state_encode(const struct catalog_index_state *state, struct catalog_buffer *buffer)
{
	const uint32_t numbers[] = {CATALOG_INDEX_VERSION, state->doc_next,     state->segment_next,
				    state->languages,      state->rebuild,      state->count,
				    state->merge_count,    state->garbage_count};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof numbers / sizeof *numbers; i++)
		r = put_u32(buffer, numbers[i]);
	for (size_t i = 0; r == 0 && i < CATALOG_INDEX_FACET_COUNTED; i++)
		r = put_u32(buffer, state->values[i]);
	for (size_t i = 0; r == 0 && i < state->count; i++)
		r = put_segment(buffer, &state->segments[i]);
	for (size_t i = 0; r == 0 && i < state->merge_count; i++)
		r = put_merging(buffer, &state->merges[i]);
	for (size_t i = 0; r == 0 && i < state->garbage_count; i++)
		if ((r = put_u32(buffer, state->garbage[i].id)) == 0)
			r = put_u32(buffer, state->garbage[i].slots);
	return r;
}

static int make_room(struct catalog_index_state *state)
{
	state->room = state->count + 2;
	state->garbage_room = state->garbage_count + 2;
	state->segments = calloc(state->room, sizeof *state->segments);
	state->garbage = calloc(state->garbage_room, sizeof *state->garbage);
	state->merges = calloc(CATALOG_INDEX_SEGMENT_MERGES_MAX, sizeof *state->merges);
	if (state->segments != NULL && state->garbage != NULL && state->merges != NULL)
		return 0;
	catalog_index_segment_state_close(state);
	return -ENOMEM;
}

int catalog_index_segment_state_open(struct catalog_txn *txn, struct catalog_index_state *ret_state)
{
	struct catalog_index_state state = {0};
	struct catalog_span value;
	bool good = true;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, state_key, &value);

	if (r == -ENOENT) {
		r = make_room(&state);
		if (r == 0)
			*ret_state = state;
		return r;
	}
	if (r != 0)
		return r;
	if (take_u32(&value, &good) != CATALOG_INDEX_VERSION)
		return good ? -EPROTONOSUPPORT : -EIO;
	state.doc_next = take_u32(&value, &good);
	state.segment_next = take_u32(&value, &good);
	state.languages = take_u32(&value, &good);
	state.rebuild = take_u32(&value, &good);
	state.count = take_u32(&value, &good);
	state.merge_count = take_u32(&value, &good);
	state.garbage_count = take_u32(&value, &good);
	if (!good || state.count > value.len || state.garbage_count > value.len ||
	    state.merge_count > CATALOG_INDEX_SEGMENT_MERGES_MAX)
		return -EIO;
	if ((r = make_room(&state)) != 0)
		return r;
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++)
		state.values[i] = take_u32(&value, &good);
	for (size_t i = 0; good && i < state.count; i++)
		state.segments[i] = take_segment(&value, &good);
	for (size_t i = 0; good && i < state.merge_count; i++)
		take_merging(&value, &state.merges[i], &good);
	for (size_t i = 0; good && i < state.garbage_count; i++) {
		state.garbage[i].id = take_u32(&value, &good);
		state.garbage[i].slots = take_u32(&value, &good);
	}
	if (!good || value.len != 0) {
		catalog_index_segment_state_close(&state);
		return -EIO;
	}
	*ret_state = state;
	return 0;
}

int catalog_index_segment_state_save(struct catalog_txn *txn,
				     const struct catalog_index_state *state)
{
	struct catalog_buffer buffer = {0};
	int r = state_encode(state, &buffer);

	if (r == 0)
		r = catalog_store_put(txn, CATALOG_TABLE_INDEX, state_key,
				      catalog_buffer_span(&buffer));
	catalog_buffer_close(&buffer);
	return r;
}

void catalog_index_segment_state_close(struct catalog_index_state *state)
{
	free(state->segments);
	free(state->merges);
	free(state->garbage);
	*state = (struct catalog_index_state){0};
}

int catalog_index_segment_insert(struct catalog_index_state *state, size_t at,
				 const struct catalog_index_segment *segment)
{
	assert(at <= state->count);
	assert(segment->slots > 0);
	if (state->count == state->room) {
		size_t room = state->room * 2 + 1;
		struct catalog_index_segment *more =
			reallocarray(state->segments, room, sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		state->segments = more;
		state->room = room;
	}
	memmove(&state->segments[at + 1], &state->segments[at],
		(state->count - at) * sizeof *state->segments);
	state->segments[at] = *segment;
	state->count++;
	return 0;
}

int catalog_index_segment_retire(struct catalog_index_state *state, size_t at)
{
	assert(at < state->count);
	if (state->garbage_count == state->garbage_room) {
		size_t room = state->garbage_room * 2 + 1;
		struct catalog_index_garbage *more =
			reallocarray(state->garbage, room, sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		state->garbage = more;
		state->garbage_room = room;
	}
	state->garbage[state->garbage_count++] =
		(struct catalog_index_garbage){state->segments[at].id, state->segments[at].slots};
	state->count--;
	memmove(&state->segments[at], &state->segments[at + 1],
		(state->count - at) * sizeof *state->segments);
	return 0;
}

uint32_t catalog_index_segment_window_slots(uint32_t slots, uint32_t window)
{
	uint32_t start = window * WINDOW;

	return start >= slots ? 0 : slots - start < WINDOW ? slots - start : WINDOW;
}

/* --- the dead ------------------------------------------------------------------------- */

static struct catalog_span dead_key(uint8_t bytes[DEAD_KEY_BYTES], enum catalog_index_dead what,
				    uint32_t segment, uint32_t window)
{
	segment = htobe32(segment);
	window = htobe32(window);
	bytes[0] = (uint8_t)what;
	memcpy(bytes + 1, &segment, 4);
	memcpy(bytes + 5, &window, 4);
	return (struct catalog_span){bytes, DEAD_KEY_BYTES};
}

int catalog_index_segment_get_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				   uint32_t segment, uint32_t window,
				   uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	uint8_t key[DEAD_KEY_BYTES];
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, dead_key(key, what, segment, window),
				  &value);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (value.len > WINDOW / 8 || value.len % 8 != 0)
		return -EIO;
	for (size_t i = 0; i < value.len / 8; i++) {
		uint64_t word;

		memcpy(&word, value.bytes + 8 * i, sizeof word);
		bits[i] |= le64toh(word);
	}
	return 0;
}

int catalog_index_segment_dead(struct catalog_txn *txn, const struct catalog_index_segment *segment,
			       uint32_t window, uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	return segment->dead == 0 ? 0
				  : catalog_index_segment_get_dead(txn, CATALOG_INDEX_DEAD,
								   segment->id, window, bits);
}

int catalog_index_segment_put_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				   uint32_t segment, uint32_t window,
				   const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	uint8_t key[DEAD_KEY_BYTES], bytes[WINDOW / 8];
	size_t len = 0;

	for (size_t i = 0; i < WINDOW / 64; i++) {
		uint64_t word = htole64(bits[i]);

		memcpy(bytes + 8 * i, &word, sizeof word);
		if (word != 0)
			len = 8 * i + 8; /* zeros at the end are left out */
	}
	return catalog_store_put(txn, CATALOG_TABLE_INDEX, dead_key(key, what, segment, window),
				 (struct catalog_span){bytes, len});
}

int catalog_index_segment_drop_dead(struct catalog_txn *txn, enum catalog_index_dead what,
				    uint32_t segment, uint32_t slots)
{
	uint8_t key[DEAD_KEY_BYTES];

	for (uint32_t w = 0; w < (slots + WINDOW - 1) / WINDOW; w++) {
		int r = catalog_store_del(txn, CATALOG_TABLE_INDEX,
					  dead_key(key, what, segment, w));

		if (r != 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

/* The window of a segment that has the document, if any has, and its numbers of documents. */
static int find_window(struct catalog_txn *txn, const struct catalog_index_segment *segment,
		       uint32_t doc, uint32_t *ret_window, struct catalog_index_column *ret_docs)
{
	uint32_t low = 0, high = (segment->slots + WINDOW - 1) / WINDOW;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t slots = catalog_index_segment_window_slots(segment->slots, middle);
		int r = catalog_index_columns_get(txn, segment->id, middle,
						  CATALOG_INDEX_COLUMNS_DOC, slots, ret_docs);

		if (r != 0)
			return r;
		if (catalog_index_columns_u32(ret_docs, slots - 1) < doc) {
			low = middle + 1;
		} else if (catalog_index_columns_u32(ret_docs, 0) > doc) {
			high = middle;
		} else {
			*ret_window = middle;
			return 0;
		}
	}
	return -EIO;
}

/* Mark those of docs[0..count) that are in one window of the segment; *ret_used is how many. */
static int kill_in(struct catalog_txn *txn, struct catalog_index_segment *segment,
		   const uint32_t *docs, size_t count, size_t *ret_used)
{
	uint64_t dead[CATALOG_INDEX_LIST_WINDOW_WORDS] = {0};
	struct catalog_index_column column;
	uint32_t window, slot = 0;
	size_t used = 0;
	int r = find_window(txn, segment, docs[0], &window, &column);

	if (r != 0 || (r = catalog_index_segment_dead(txn, segment, window, dead)) != 0)
		return r;
	for (; used < count && docs[used] <= catalog_index_columns_u32(&column, column.count - 1);
	     used++) {
		uint32_t high = column.count;

		while (slot < high) {
			uint32_t middle = slot + (high - slot) / 2;

			if (catalog_index_columns_u32(&column, middle) < docs[used])
				slot = middle + 1;
			else
				high = middle;
		}
		if (slot == column.count ||
		    catalog_index_columns_u32(&column, slot) != docs[used] ||
		    (dead[slot / 64] >> slot % 64 & 1) != 0)
			return -EIO;
		dead[slot / 64] |= UINT64_C(1) << slot % 64;
	}
	r = catalog_index_segment_put_dead(txn, CATALOG_INDEX_DEAD, segment->id, window, dead);
	if (r != 0)
		return r;
	segment->dead += (uint32_t)used;
	*ret_used = used;
	return 0;
}

int catalog_index_segment_kill(struct catalog_txn *txn, struct catalog_index_state *state,
			       const uint32_t *docs, size_t count)
{
	for (size_t i = 0; count > 0 && i < state->count;) {
		size_t used;
		int r;

		if (docs[0] > state->segments[i].doc_last) {
			i++;
			continue;
		}
		r = kill_in(txn, &state->segments[i], docs, count, &used);
		if (r != 0)
			return r;
		docs += used;
		count -= used;
	}
	return count == 0 ? 0 : -EIO;
}
