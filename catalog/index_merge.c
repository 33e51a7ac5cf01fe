/* catalog/index_merge.c - neighbours are merged, so documents keep their order and a merged list of
 * postings is the lists of the parts, one after the other, with the dead left out.  Which are left
 * out is written down when a merge begins; those that die later are dead in the result. */
#include "catalog/index_merge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_columns.h"
#include "catalog/index_due.h"
#include "catalog/index_walk.h"
#include "catalog/index_writer.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define GONE         UINT32_MAX /* the new slot of a dead document */
#define DROP_KEYS    64         /* deleted at once */
#define DROP_COST    100        /* of deleting a key, in postings */

/* Write down which documents of a part are dead. */
static int leave_out(struct catalog_txn *txn, const struct catalog_index_segment *segment)
{
	for (uint32_t w = 0; segment->dead > 0 && w < (segment->slots + WINDOW - 1) / WINDOW; w++) {
		uint64_t bits[WINDOW_WORDS] = {0}, any = 0;
		int r = catalog_index_segment_dead(txn, segment, w, bits);

		for (size_t i = 0; i < WINDOW_WORDS; i++)
			any |= bits[i];
		if (r == 0 && any != 0)
			r = catalog_index_segment_put_dead(txn, CATALOG_INDEX_LEFT_OUT, segment->id,
							   w, bits);
		if (r != 0)
			return r;
	}
	return 0;
}

int catalog_index_merge_begin(struct catalog_txn *txn, struct catalog_index_state *state,
			      enum catalog_index_due_when when)
{
	size_t at, n;

	while (state->merge_count < CATALOG_INDEX_SEGMENT_MERGES_MAX &&
	       (n = catalog_index_due_run(state, when, &at)) > 0) {
		struct catalog_index_merging *merging = &state->merges[state->merge_count];
		const struct catalog_index_segment *run = &state->segments[at];
		uint32_t tier = 0;

		*merging = (struct catalog_index_merging){.part_count = (uint32_t)n};
		for (size_t i = 0; i < n; i++) {
			int r = leave_out(txn, &run[i]);

			if (r != 0)
				return r;
			merging->parts[i] = run[i].id;
			merging->result.slots += (uint32_t)catalog_index_due_live(&run[i]);
			tier = run[i].tier > tier ? run[i].tier : tier;
		}
		merging->result.id = state->segment_next++;
		merging->result.tier = tier + (n > 1 ? 1 : 0);
		merging->result.doc_first = run[0].doc_first;
		merging->result.doc_last = run[n - 1].doc_last;
		state->merge_count++;
	}
	return 0;
}

/* --- the parts --------------------------------------------------------------------------- */

struct part {
	const struct catalog_index_segment *segment;
	uint32_t base;      /* the new slot of its first live document */
	uint64_t *left_out; /* bits */
	uint32_t *ranks;    /* how many were left out before each word */
	struct catalog_index_reader reader;
	bool ended;
};

struct merge {
	struct catalog_txn *txn;
	struct catalog_index_state *state;
	struct catalog_index_merging *merging;
	struct catalog_cursor *cursor;
	struct part parts[CATALOG_INDEX_DUE_FAN];
	struct catalog_index_window *window;
	struct catalog_index_walk walk;
	struct catalog_buffer copy;
	struct catalog_index_writer writer;
	uint64_t spent;
};

static uint32_t words_of(const struct part *part)
{
	return (part->segment->slots + 63) / 64;
}

/* Read what a part leaves out. */
static int open_part(struct merge *merge, struct part *part, uint32_t id, uint32_t *base)
{
	uint32_t windows, gone = 0;

	for (size_t i = 0; i < merge->state->count; i++)
		if (merge->state->segments[i].id == id)
			part->segment = &merge->state->segments[i];
	if (part->segment == NULL)
		return -EIO;
	windows = (part->segment->slots + WINDOW - 1) / WINDOW;
	part->left_out = calloc((size_t)windows * WINDOW_WORDS, sizeof *part->left_out);
	part->ranks = calloc(words_of(part), sizeof *part->ranks);
	if (part->left_out == NULL || part->ranks == NULL)
		return -ENOMEM;
	for (uint32_t w = 0; part->segment->dead > 0 && w < windows; w++) {
		int r = catalog_index_segment_get_dead(merge->txn, CATALOG_INDEX_LEFT_OUT, id, w,
						       part->left_out + (size_t)w * WINDOW_WORDS);

		if (r != 0)
			return r;
	}
	for (uint32_t i = 0; i < words_of(part); i++) {
		part->ranks[i] = gone;
		gone += (uint32_t)__builtin_popcountll(part->left_out[i]);
	}
	part->base = *base;
	*base += part->segment->slots - gone;
	return 0;
}

/* The new slot of one of a part's; GONE if it was left out. */
static uint32_t slot_of(const struct part *part, uint32_t slot)
{
	uint64_t word = part->left_out[slot / 64];

	if (word == 0)
		return part->base + slot - part->ranks[slot / 64];
	if ((word >> slot % 64 & 1) != 0)
		return GONE;
	return part->base + slot - part->ranks[slot / 64] -
	       (uint32_t)__builtin_popcountll(word & ((UINT64_C(1) << slot % 64) - 1));
}

/* --- columns ----------------------------------------------------------------------------- */

struct columns {
	struct catalog_index_column doc, entry, modified, issued, time, bbox;
	struct catalog_index_column facets[CATALOG_INDEX_FACET_COUNTED];
};

static int open_columns(struct merge *merge, const struct part *part, uint32_t w,
			struct columns *columns)
{
	uint32_t id = part->segment->id;
	uint32_t slots = catalog_index_segment_window_slots(part->segment->slots, w);
	const struct {
		uint8_t kind;
		struct catalog_index_column *column;
	} all[] = {
		{CATALOG_INDEX_COLUMNS_DOC, &columns->doc},
		{CATALOG_INDEX_COLUMNS_ENTRY, &columns->entry},
		{CATALOG_INDEX_COLUMNS_MODIFIED, &columns->modified},
		{CATALOG_INDEX_COLUMNS_ISSUED, &columns->issued},
		{CATALOG_INDEX_COLUMNS_TIME, &columns->time},
		{CATALOG_INDEX_COLUMNS_BBOX, &columns->bbox},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof all / sizeof *all; i++)
		r = catalog_index_columns_get(merge->txn, id, w, all[i].kind, slots, all[i].column);
	for (uint8_t i = 0; r == 0 && i < CATALOG_INDEX_FACET_COUNTED; i++)
		r = catalog_index_columns_get(merge->txn, id, w, CATALOG_INDEX_COLUMNS_FACET + i,
					      slots, &columns->facets[i]);
	return r;
}

/* Append a document to the window. */
static int take_row(struct merge *merge, const struct columns *columns, uint32_t slot)
{
	struct catalog_index_window *window = merge->window;
	uint32_t to = window->count++, ids[CATALOG_INDEX_FACET_VALUES_MAX];
	struct catalog_index_numbers *numbers = &window->numbers[to];
	int r = 0;

	window->docs[to] = catalog_index_columns_u32(&columns->doc, slot);
	catalog_index_columns_entry(&columns->entry, slot, &window->logs[to], &window->indexes[to]);
	numbers->modified = catalog_index_columns_u32(&columns->modified, slot);
	numbers->issued = columns->issued.none
				  ? CATALOG_INDEX_FACET_NO_DAY
				  : (int32_t)catalog_index_columns_u32(&columns->issued, slot);
	catalog_index_columns_time(&columns->time, slot, &numbers->start, &numbers->end);
	catalog_index_columns_bbox(&columns->bbox, slot, numbers->bbox);
	for (int f = 0; f < CATALOG_INDEX_FACET_COUNTED && r == 0; f++) {
		uint32_t n = catalog_index_columns_ids(&columns->facets[f], slot, ids);

		for (uint32_t i = 0; i < n && r == 0; i++)
			r = catalog_index_columns_add_value(window, to, (enum catalog_index_facet)f,
							    ids[i]);
	}
	return r;
}

/* Gather the next window of the result, from row merging->rows on, and write it. */
static int merge_window(struct merge *merge)
{
	struct catalog_index_merging *merging = merge->merging;
	struct columns columns;
	int r = 0;

	if (merge->window == NULL && (r = catalog_index_columns_window_new(&merge->window)) != 0)
		return r;
	catalog_index_columns_window_reset(merge->window);
	for (size_t p = 0; p < merging->part_count; p++) {
		struct part *part = &merge->parts[p];
		uint32_t opened = UINT32_MAX;

		for (uint32_t slot = 0; slot < part->segment->slots; slot++) {
			uint32_t to;

			if (slot % 64 == 0 && slot + 64 <= part->segment->slots &&
			    part->base + slot + 64 - part->ranks[slot / 64] <= merging->rows) {
				slot += 63; /* all before */
				continue;
			}
			to = slot_of(part, slot);
			if (to == GONE || to < merging->rows)
				continue;
			if (merge->window->count == WINDOW)
				break;
			if (slot / WINDOW != opened) {
				opened = slot / WINDOW;
				r = open_columns(merge, part, opened, &columns);
			}
			if (r == 0)
				r = take_row(merge, &columns, slot % WINDOW);
			if (r != 0)
				return r;
		}
		if (merge->window->count == WINDOW)
			break;
	}
	merge->spent += (uint64_t)merge->window->count * CATALOG_INDEX_MERGE_ROW;
	if (merge->window->count > 0)
		r = catalog_index_columns_write(merge->txn, merging->result.id,
						merging->rows / WINDOW, merge->window);
	merging->rows += merge->window->count;
	merging->rows_done = merging->rows == merging->result.slots;
	return r == 0 && merge->window->count == 0 && !merging->rows_done ? -EIO : r;
}

/* --- terms ------------------------------------------------------------------------------- */

static int step(struct merge *merge, struct part *part)
{
	int r = catalog_index_terms_next(merge->cursor, &part->reader);

	part->ended = r == -ENOENT;
	return r == -ENOENT ? 0 : r;
}

static int order_of(const struct part *a, const struct part *b)
{
	size_t a_len = a->reader.term_len, b_len = b->reader.term_len;
	int order = memcmp(a->reader.term, b->reader.term, a_len < b_len ? a_len : b_len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

/* The part with the smallest term, the oldest of equals; NULL at the end. */
static struct part *smallest(struct merge *merge)
{
	struct part *best = NULL;

	for (size_t i = 0; i < merge->merging->part_count; i++) {
		struct part *part = &merge->parts[i];

		if (!part->ended && (best == NULL || order_of(part, best) < 0))
			best = part;
	}
	return best;
}

static int take_plain(struct merge *merge, struct part *part)
{
	uint32_t windows = (part->segment->slots + WINDOW - 1) / WINDOW;
	struct catalog_index_posting posting = {0};
	struct catalog_span plain;
	int r = catalog_index_walk_plain(merge->cursor, part->segment->id, &part->reader.list,
					 &plain);

	if (r != 0)
		return r;
	merge->copy.len = 0;
	r = catalog_buffer_append(&merge->copy, plain.bytes, plain.len);
	plain = catalog_buffer_span(&merge->copy);
	for (uint32_t w = catalog_index_list_plain_window(plain, 0); r == 0 && w < windows;
	     w = catalog_index_list_plain_window(plain, w + 1)) {
		uint64_t bits[WINDOW_WORDS] = {0};

		if (!catalog_index_list_plain_bits(plain, w, bits))
			return -EIO;
		for (uint32_t i = 0; i < WINDOW_WORDS && r == 0; i++)
			for (uint64_t left = bits[i]; left != 0 && r == 0; left &= left - 1) {
				uint32_t slot =
					w * WINDOW + i * 64 + (uint32_t)__builtin_ctzll(left);

				if (slot >= part->segment->slots)
					return -EIO;
				posting.slot = slot_of(part, slot);
				if (posting.slot != GONE)
					r = catalog_index_writer_post(&merge->writer, &posting);
			}
	}
	merge->spent += part->reader.list.count;
	return r;
}

/* Append what lives of a part's current postings. */
static int take_postings(struct merge *merge, struct part *part)
{
	struct catalog_index_walk *walk = &merge->walk;
	const struct catalog_index_list *list = &part->reader.list;
	bool placed = list->chunked || list->positions.len > 0;
	uint32_t from = 0;
	int r = 0;

	if (list->plain)
		return take_plain(merge, part);
	catalog_index_walk_open(walk, list, merge->cursor, part->segment->id);
	walk->copy = &merge->copy;
	while (r == 0 && catalog_index_walk_seek(walk, from, &merge->spent)) {
		const struct catalog_index_block *block = &walk->block;

		for (uint32_t i = 0; i < block->count && r == 0; i++) {
			struct catalog_index_posting posting = {.impact = block->impacts[i],
								.fields = block->fields[i]};

			if (block->slots[i] >= part->segment->slots)
				return -EIO;
			posting.slot = slot_of(part, block->slots[i]);
			if (placed) /* also of those left out, to go past theirs */
				posting.positions = catalog_index_walk_positions(walk, i);
			placed = placed && posting.positions.len > 0;
			if (posting.slot != GONE)
				r = catalog_index_writer_post(&merge->writer, &posting);
		}
		from = block->slots[block->count - 1] + 1;
	}
	return r != 0 ? r : walk->error;
}

static int merge_term(struct merge *merge, struct part *first)
{
	struct catalog_index_merging *merging = merge->merging;
	size_t len = first->reader.term_len;
	int r = 0;

	memcpy(merging->term, first->reader.term, len);
	merging->term_len = (uint32_t)len;
	merge->spent += 4; /* of the term itself */
	catalog_index_writer_begin(&merge->writer, (struct catalog_span){merging->term, len},
				   first->reader.list.plain);
	for (size_t i = (size_t)(first - merge->parts); r == 0 && i < merging->part_count; i++) {
		struct part *part = &merge->parts[i];

		if (part->ended || part->reader.term_len != len ||
		    memcmp(part->reader.term, merging->term, len) != 0)
			continue;
		r = take_postings(merge, part);
		if (r == 0)
			r = step(merge, part);
	}
	return r == 0 ? catalog_index_writer_end(&merge->writer) : r;
}

static int merge_terms(struct merge *merge, uint64_t budget, bool *ret_done)
{
	struct catalog_index_merging *merging = merge->merging;
	struct catalog_span from = {merging->term, merging->term_len};
	struct part *first = NULL;
	int r = 0;

	merge->writer = (struct catalog_index_writer){
		.txn = merge->txn, .segment = merging->result.id, .next_id = merging->next_id};
	for (size_t i = 0; r == 0 && i < merging->part_count; i++) {
		struct part *part = &merge->parts[i];

		r = catalog_index_terms_begin(merge->cursor, &part->reader, part->segment->id, from,
					      merging->term_len == 0 ? CATALOG_INDEX_AT
								     : CATALOG_INDEX_AFTER);
		part->ended = r == -ENOENT;
		r = part->ended ? 0 : r;
	}
	while (r == 0 && (first = smallest(merge)) != NULL && merge->spent < budget)
		r = merge_term(merge, first);
	if (r == 0)
		r = catalog_index_writer_flush(&merge->writer);
	merging->next_id = merge->writer.next_id;
	*ret_done = r == 0 && first == NULL;
	return r;
}

/* --- the end ----------------------------------------------------------------------------- */

/* Mark as dead in the result what died in the parts since the merge began. */
static int take_dead(struct merge *merge)
{
	struct catalog_index_segment *result = &merge->merging->result;
	uint64_t *dead =
		calloc((result->slots + WINDOW - 1) / WINDOW + 1, WINDOW_WORDS * sizeof *dead);
	int r = dead == NULL ? -ENOMEM : 0;

	for (size_t p = 0; r == 0 && p < merge->merging->part_count; p++) {
		const struct part *part = &merge->parts[p];
		uint32_t windows = (part->segment->slots + WINDOW - 1) / WINDOW;

		for (uint32_t w = 0; r == 0 && part->segment->dead > 0 && w < windows; w++) {
			uint64_t bits[WINDOW_WORDS] = {0};

			r = catalog_index_segment_dead(merge->txn, part->segment, w, bits);
			for (uint32_t i = 0; r == 0 && i < WINDOW_WORDS; i++) {
				uint64_t left =
					bits[i] & ~part->left_out[(size_t)w * WINDOW_WORDS + i];

				for (; left != 0; left &= left - 1) {
					uint32_t to = slot_of(
						part, w * WINDOW + i * 64 +
							      (uint32_t)__builtin_ctzll(left));

					dead[to / 64] |= UINT64_C(1) << to % 64;
					result->dead++;
				}
			}
		}
	}
	for (uint32_t w = 0;
	     r == 0 && result->dead > 0 && w < (result->slots + WINDOW - 1) / WINDOW; w++)
		r = catalog_index_segment_put_dead(merge->txn, CATALOG_INDEX_DEAD, result->id, w,
						   dead + (size_t)w * WINDOW_WORDS);
	free(dead);
	return r;
}

/* Put the merged segment in the place of its parts. */
static int replace(struct merge *merge)
{
	struct catalog_index_state *state = merge->state;
	struct catalog_index_merging *merging = merge->merging;
	size_t at = 0, nth = (size_t)(merging - state->merges);
	int r = 0;

	while (at < state->count && state->segments[at].id != merging->parts[0])
		at++;
	for (size_t i = 0; r == 0 && i < merging->part_count; i++) {
		if (at >= state->count || state->segments[at].id != merging->parts[i])
			return -EIO;
		r = catalog_index_segment_drop_dead(merge->txn, CATALOG_INDEX_LEFT_OUT,
						    merging->parts[i], state->segments[at].slots);
		if (r == 0)
			r = catalog_index_segment_retire(state, at);
	}
	if (r == 0 && merging->result.slots > 0)
		r = catalog_index_segment_insert(state, at, &merging->result);
	if (r != 0)
		return r;
	state->merge_count--;
	memmove(merging, merging + 1, (state->merge_count - nth) * sizeof *merging);
	return 0;
}

static int run(struct merge *merge, uint64_t budget)
{
	struct catalog_index_merging *merging = merge->merging;
	uint32_t base = 0;
	bool done = merging->result.slots == 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < merging->part_count; i++)
		r = open_part(merge, &merge->parts[i], merging->parts[i], &base);
	if (r == 0 && base != merging->result.slots)
		r = -EIO;
	while (r == 0 && !done && !merging->rows_done && merge->spent < budget)
		r = merge_window(merge);
	if (r == 0 && !done && merging->rows_done && merge->spent < budget) {
		r = catalog_store_cursor_open(merge->txn, CATALOG_TABLE_POSTINGS, &merge->cursor);
		if (r == 0)
			r = merge_terms(merge, budget, &done);
	}
	if (r == 0 && done)
		r = take_dead(merge);
	return r == 0 && done ? replace(merge) : r;
}

static int work_on(struct catalog_txn *txn, struct catalog_index_state *state, size_t nth,
		   uint64_t budget, uint64_t *spent)
{
	struct merge *merge = calloc(1, sizeof *merge);
	int r;

	if (merge == NULL)
		return -ENOMEM;
	merge->txn = txn;
	merge->state = state;
	merge->merging = &state->merges[nth];
	r = run(merge, budget);
	*spent += merge->spent;
	for (size_t i = 0; i < CATALOG_INDEX_DUE_FAN; i++) {
		free(merge->parts[i].left_out);
		free(merge->parts[i].ranks);
		catalog_index_terms_end(&merge->parts[i].reader);
	}
	catalog_index_columns_window_free(merge->window);
	catalog_index_writer_close(&merge->writer);
	catalog_buffer_close(&merge->copy);
	if (merge->cursor != NULL)
		catalog_store_cursor_close(merge->cursor);
	free(merge);
	return r;
}

static int drop_garbage(struct catalog_txn *txn, struct catalog_index_state *state, uint64_t budget,
			uint64_t *spent)
{
	while (state->garbage_count > 0 && *spent < budget) {
		const struct catalog_index_garbage *garbage = &state->garbage[0];
		bool more;
		int r = catalog_index_terms_drop(txn, garbage->id, DROP_KEYS, &more);

		*spent += DROP_KEYS * DROP_COST;
		if (r == 0 && !more &&
		    (r = catalog_index_columns_drop(txn, garbage->id, garbage->slots)) == 0 &&
		    (r = catalog_index_segment_drop_dead(txn, CATALOG_INDEX_DEAD, garbage->id,
							 garbage->slots)) == 0) {
			state->garbage_count--;
			memmove(&state->garbage[0], &state->garbage[1],
				state->garbage_count * sizeof *state->garbage);
		}
		if (r != 0)
			return r;
	}
	return 0;
}

int catalog_index_merge_work(struct catalog_txn *txn, struct catalog_index_state *state,
			     uint64_t budget)
{
	uint64_t spent = 0;

	while (state->merge_count > 0 && spent < budget) {
		size_t least = 0;
		int r;

		for (size_t i = 1; i < state->merge_count; i++)
			if (state->merges[i].result.tier < state->merges[least].result.tier)
				least = i;
		r = work_on(txn, state, least, budget - spent, &spent);
		if (r != 0)
			return r;
	}
	return drop_garbage(txn, state, budget + budget / 4, &spent);
}

bool catalog_index_merge_is_due(const struct catalog_index_state *state,
				enum catalog_index_due_when when)
{
	size_t at;

	return state->merge_count > 0 || state->garbage_count > 0 ||
	       catalog_index_due_run(state, when, &at) > 0;
}
