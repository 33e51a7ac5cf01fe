/* catalog/index_merge.c - neighbours are merged, so documents keep their order and a merged list of
 * postings is the lists of the parts, one after the other, with the dead left out. */
#include "catalog/index_merge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GONE UINT32_MAX /* the new slot of a dead document */

/* The first segment of a run that is due and its length; 0 if none is. */
static size_t due(const struct catalog_index_state *state, size_t *ret_at)
{
	for (size_t i = 0; i < state->count; i++) {
		*ret_at = i;
		if (state->segments[i].dead > state->segments[i].slots / 2)
			return 1;
	}
	for (size_t i = 0; i + CATALOG_INDEX_MERGE_FAN <= state->count; i++) {
		const struct catalog_index_segment *run = &state->segments[i];
		uint64_t live = 0;
		size_t n = 0;

		for (; n < CATALOG_INDEX_MERGE_FAN && run[n].tier == run[0].tier; n++)
			live += run[n].slots - run[n].dead;
		*ret_at = i;
		if (n == CATALOG_INDEX_MERGE_FAN && live <= CATALOG_INDEX_MERGE_DOCS_MAX)
			return n;
	}
	return 0;
}

struct part {
	uint32_t *slots; /* old slot -> new, or GONE */
	uint32_t count;  /* old slots */
	struct catalog_index_reader reader;
	bool ended;
};

struct merge {
	struct catalog_txn *txn;
	struct catalog_cursor *cursor;
	size_t part_count;
	struct part parts[CATALOG_INDEX_MERGE_FAN];
	struct catalog_buffer rows, postings;
	struct catalog_index_segment result;
	struct catalog_index_writer writer;
};

/* Number the live documents of a part anew and copy their rows. */
static int take_rows(struct merge *merge, const struct catalog_index_segment *segment,
		     struct part *part)
{
	struct catalog_index_rows rows;
	int r = catalog_index_segment_rows(merge->txn, segment, &rows);

	if (r != 0)
		return r;
	part->count = rows.slots;
	part->reader.segment = segment->id;
	part->slots = calloc(rows.slots, sizeof *part->slots);
	if (part->slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < rows.slots; i++) {
		struct catalog_index_row row = catalog_index_segment_row(&rows, i);

		if (catalog_index_segment_is_dead(&rows, i)) {
			part->slots[i] = GONE;
			continue;
		}
		if (merge->result.slots == 0)
			merge->result.doc_first = row.doc;
		merge->result.doc_last = row.doc;
		part->slots[i] = merge->result.slots++;
		for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
			merge->result.words[f] += row.words[f];
		r = catalog_buffer_append(
			&merge->rows, rows.rows.bytes + (size_t)i * CATALOG_INDEX_SEGMENT_ROW_BYTES,
			CATALOG_INDEX_SEGMENT_ROW_BYTES);
		if (r != 0)
			return r;
	}
	return 0;
}

static int step(struct merge *merge, struct part *part)
{
	int r = catalog_index_segment_read(merge->cursor, &part->reader);

	part->ended = r == -ENOENT;
	return r == -ENOENT ? 0 : r;
}

/* The part with the smallest term, the oldest of equals; NULL at the end. */
static struct part *smallest(struct merge *merge)
{
	struct part *best = NULL;

	for (size_t i = 0; i < merge->part_count; i++) {
		struct part *part = &merge->parts[i];
		size_t len;
		int order;

		if (part->ended)
			continue;
		if (best == NULL) {
			best = part;
			continue;
		}
		len = part->reader.term_len < best->reader.term_len ? part->reader.term_len
								    : best->reader.term_len;
		order = memcmp(part->reader.term, best->reader.term, len);
		if (order < 0 || (order == 0 && part->reader.term_len < best->reader.term_len))
			best = part;
	}
	return best;
}

/* Append what lives of a part's current postings. */
static int take_postings(struct merge *merge, struct part *part, uint32_t *count, uint32_t *before)
{
	struct catalog_index_postings *from = &part->reader.postings;

	while (catalog_index_segment_next(from)) {
		uint32_t slot;
		int r;

		if (from->slot >= part->count)
			return -EIO;
		slot = part->slots[from->slot];
		if (slot == GONE)
			continue;
		r = catalog_index_segment_post(&merge->postings, *count > 0, *before, slot,
					       from->fields);
		if (r != 0)
			return r;
		*before = slot;
		(*count)++;
	}
	return from->bytes.len == 0 ? 0 : -EIO;
}

static int merge_terms(struct merge *merge)
{
	struct part *first;
	int r = 0;

	while ((first = smallest(merge)) != NULL) {
		uint8_t term[CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX];
		size_t len = first->reader.term_len;
		uint32_t count = 0, before = 0;

		memcpy(term, first->reader.term, len);
		merge->postings.len = 0;
		for (struct part *part = first; part < merge->parts + merge->part_count; part++) {
			if (part->ended || part->reader.term_len != len ||
			    memcmp(part->reader.term, term, len) != 0)
				continue;
			if ((r = take_postings(merge, part, &count, &before)) != 0 ||
			    (r = step(merge, part)) != 0)
				return r;
		}
		if (count > 0)
			r = catalog_index_segment_write(&merge->writer,
							(struct catalog_span){term, len}, count,
							catalog_buffer_span(&merge->postings));
		if (r != 0)
			return r;
	}
	return catalog_index_segment_write_end(&merge->writer);
}

/* Put the merged segment in the place of state->segments[at .. at + part_count). */
static int replace(struct merge *merge, struct catalog_index_state *state, size_t at)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < merge->part_count; i++)
		r = catalog_index_segment_drop(merge->txn, state, at);
	if (r != 0 || merge->result.slots == 0)
		return r;
	r = catalog_index_segment_add(merge->txn, state, &merge->result,
				      catalog_buffer_span(&merge->rows));
	if (r != 0)
		return r;
	memmove(&state->segments[at + 1], &state->segments[at],
		(state->count - 1 - at) * sizeof *state->segments);
	state->segments[at] = merge->result;
	return 0;
}

static int run(struct merge *merge, struct catalog_index_state *state, size_t at)
{
	int r;

	for (size_t i = 0; i < merge->part_count; i++) {
		r = take_rows(merge, &state->segments[at + i], &merge->parts[i]);
		if (r != 0)
			return r;
	}
	r = catalog_store_cursor_open(merge->txn, CATALOG_TABLE_POSTINGS, &merge->cursor);
	if (r != 0)
		return r;
	for (size_t i = 0; r == 0 && i < merge->part_count; i++)
		r = step(merge, &merge->parts[i]);
	if (r == 0)
		r = merge_terms(merge);
	catalog_store_cursor_close(merge->cursor);
	return r == 0 ? replace(merge, state, at) : r;
}

int catalog_index_merge_one(struct catalog_txn *txn, struct catalog_index_state *state,
			    bool *ret_merged)
{
	struct merge *merge;
	size_t at = 0, n = due(state, &at);
	int r;

	if (n == 0) {
		*ret_merged = false;
		return 0;
	}
	merge = calloc(1, sizeof *merge);
	if (merge == NULL)
		return -ENOMEM;
	merge->txn = txn;
	merge->part_count = n;
	merge->result.id = state->segment_next++;
	merge->result.tier = state->segments[at].tier + (n > 1 ? 1 : 0);
	merge->writer = (struct catalog_index_writer){.txn = txn, .segment = merge->result.id};
	r = run(merge, state, at);
	for (size_t i = 0; i < n; i++) {
		free(merge->parts[i].slots);
		catalog_index_segment_read_end(&merge->parts[i].reader);
	}
	catalog_buffer_close(&merge->rows);
	catalog_buffer_close(&merge->postings);
	catalog_index_segment_write_close(&merge->writer);
	free(merge);
	if (r == 0)
		*ret_merged = true;
	return r;
}
