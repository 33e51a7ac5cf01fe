/* catalog/index_batch.c - a batch is one segment, made of the words of its listings: those that
 * came with it, gathered before, and those that are gathered here, merged in the order of their
 * terms. */
#include "catalog/index_batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_columns.h"
#include "catalog/index_entry.h"
#include "catalog/index_merge.h"
#include "catalog/index_segment.h"
#include "catalog/index_terms.h"
#include "catalog/index_value.h"
#include "catalog/index_words.h"
#include "catalog/index_writer.h"

#define PARTS_START 4
#define ABSENT      UINT32_MAX /* words that are not for this batch */
#define MERGE_SHARE 6          /* postings that merges write for one that is new */

_Static_assert(CATALOG_INDEX_WORDS_SLOTS_MAX == CATALOG_INDEX_BATCH_DOCS_MAX,
	       "each document of a batch has a slot in its own words");

struct part {
	const struct catalog_index_words *words;
	uint32_t *slots; /* of the words -> of the batch; NULL: the same */
	/* While terms are merged: the one that it has come to, and the place of the next. */
	struct catalog_span term;
	size_t first, count; /* its postings */
	size_t next;
};

struct row {
	uint32_t doc, log;
	uint64_t index;
	const struct catalog_index_numbers *numbers; /* of words that stay */
};

/* That a slot has a value of a facet. */
struct value {
	uint32_t slot, id;
};
struct values {
	struct value *values;
	size_t count, room;
};

struct catalog_index_batch {
	struct catalog_txn *txn;
	struct catalog_index_state state;
	struct catalog_index_words *own; /* with a slot for every document */
	struct part *parts;              /* the first is of its own words */
	size_t part_count, part_room;
	uint32_t doc_first;
	struct row rows[CATALOG_INDEX_BATCH_DOCS_MAX];
	struct values values[CATALOG_INDEX_FACET_COUNTED];
	uint32_t *kills;
	size_t kill_count, kill_room;
	/* Of one term, while terms are merged. */
	struct catalog_index_posting postings[CATALOG_INDEX_BATCH_DOCS_MAX];
	struct catalog_index_writer writer;
};

int catalog_index_batch_new(struct catalog_txn *txn, struct catalog_index_batch **ret_batch)
{
	struct catalog_index_batch *batch = calloc(1, sizeof *batch);
	int r = -ENOMEM;

	if (batch == NULL)
		return -ENOMEM;
	batch->txn = txn;
	batch->part_room = PARTS_START;
	batch->parts = calloc(batch->part_room, sizeof *batch->parts);
	if (batch->parts != NULL) {
		r = catalog_index_words_new(catalog_store_lender(catalog_store_of(txn)),
					    CATALOG_INDEX_BATCH_DOCS_MAX, &batch->own);
	}
	if (r == 0) {
		batch->parts[batch->part_count++].words = batch->own;
		r = catalog_index_segment_state_open(txn, &batch->state);
	}
	if (r != 0) {
		catalog_index_batch_free(batch);
		return r;
	}
	batch->doc_first = batch->state.doc_next;
	*ret_batch = batch;
	return 0;
}

void catalog_index_batch_free(struct catalog_index_batch *batch)
{
	if (batch == NULL)
		return;
	catalog_index_words_free(batch->own);
	for (size_t i = 0; i < batch->part_count; i++)
		free(batch->parts[i].slots);
	free(batch->parts);
	free(batch->kills);
	for (size_t i = 0; i < CATALOG_INDEX_FACET_COUNTED; i++)
		free(batch->values[i].values);
	catalog_index_writer_close(&batch->writer);
	catalog_index_segment_state_close(&batch->state);
	free(batch);
}

/* --- documents ------------------------------------------------------------------------ */

/* Begin a document of an entry.  *ret_row is where the rest of its row goes. */
static int begin(struct catalog_index_batch *batch, const struct catalog_member *member,
		 uint64_t index, struct row **ret_row)
{
	uint32_t number = batch->state.doc_next, slot, other;
	int r;

	if (number > CATALOG_INDEX_ENTRY_DOC_MAX)
		return -ENOSPC;
	r = catalog_index_entry_get(batch->txn, member->index, index, &other);
	if (r != -ENOENT)
		return r == 0 ? -EEXIST : r;
	if ((r = catalog_index_words_begin(batch->own, &slot)) != 0 ||
	    (r = catalog_index_entry_put(batch->txn, member->index, index, number)) != 0)
		return r;
	batch->rows[slot] = (struct row){.doc = number, .log = member->index, .index = index};
	batch->state.doc_next++;
	*ret_row = &batch->rows[slot];
	return 0;
}

/* What is known of words: their numbers, and the values that are the member's. */
static int end(struct catalog_index_batch *batch, const struct catalog_member *member,
	       const struct catalog_index_words *words, uint32_t slot, struct row *row)
{
	bool placed;
	int r;

	row->numbers = catalog_index_words_of(words, slot, &placed);
	batch->state.languages |= catalog_index_words_languages(words);
	r = catalog_index_words_add_value(batch->own, CATALOG_INDEX_FACET_MEMBER, member->name);
	if (r == 0 && member->sector[0] != '\0')
		r = catalog_index_words_add_value(batch->own, CATALOG_INDEX_FACET_SECTOR,
						  member->sector);
	if (r == 0 && !placed && member->country[0] != '\0')
		r = catalog_index_words_add_value(batch->own, CATALOG_INDEX_FACET_COUNTRY,
						  member->country);
	return r;
}

int catalog_index_batch_add(struct catalog_index_batch *batch, const struct catalog_member *member,
			    uint64_t index, const struct catalog_value *listing)
{
	struct row *row;
	int r = begin(batch, member, index, &row);

	if (r == 0)
		r = catalog_index_words_add(batch->own, listing);
	return r == 0 ? end(batch, member, batch->own, (uint32_t)(row - batch->rows), row) : r;
}

/* The part of some words, which is most likely the last. */
static int part_of(struct catalog_index_batch *batch, const struct catalog_index_words *words,
		   struct part **ret_part)
{
	uint32_t count = catalog_index_words_count(words);
	struct part *part = &batch->parts[batch->part_count - 1];

	if (part->words == words) {
		*ret_part = part;
		return 0;
	}
	if (batch->part_count == batch->part_room) {
		size_t room = batch->part_room * 2;
		struct part *parts = reallocarray(batch->parts, room, sizeof *parts);

		if (parts == NULL)
			return -ENOMEM;
		batch->parts = parts;
		batch->part_room = room;
	}
	part = &batch->parts[batch->part_count];
	*part = (struct part){.words = words, .slots = calloc(count, sizeof *part->slots)};
	if (part->slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		part->slots[i] = ABSENT;
	batch->part_count++;
	*ret_part = part;
	return 0;
}

int catalog_index_batch_add_words(struct catalog_index_batch *batch,
				  const struct catalog_member *member, uint64_t index,
				  const struct catalog_index_words *words, uint32_t slot)
{
	struct row *row;
	struct part *part;
	int r = begin(batch, member, index, &row);

	if (r != 0 || (r = part_of(batch, words, &part)) != 0)
		return r;
	assert(part->slots[slot] == ABSENT);
	part->slots[slot] = (uint32_t)(row - batch->rows);
	return end(batch, member, words, slot, row);
}

int catalog_index_batch_remove(struct catalog_index_batch *batch, uint32_t log, uint64_t index)
{
	uint32_t doc;
	int r = catalog_index_entry_get(batch->txn, log, index, &doc);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (batch->kill_count == batch->kill_room) {
		size_t room = batch->kill_room * 2 + 64;
		uint32_t *kills = realloc(batch->kills, room * sizeof *kills);

		if (kills == NULL)
			return -ENOMEM;
		batch->kills = kills;
		batch->kill_room = room;
	}
	r = catalog_index_entry_del(batch->txn, log, index);
	if (r != 0)
		return r;
	batch->kills[batch->kill_count++] = doc; /* perhaps one of this batch */
	return 0;
}

/* --- writing -------------------------------------------------------------------------- */

static int compare_docs(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int compare_postings(const void *a, const void *b)
{
	const struct catalog_index_posting *x = a, *y = b;

	return (x->slot > y->slot) - (x->slot < y->slot);
}

/* Whether a part's term comes before another's; equal ones in the order of their parts. */
static bool comes_before(const struct part *a, const struct part *b)
{
	size_t len = a->term.len < b->term.len ? a->term.len : b->term.len;
	int order = memcmp(a->term.bytes, b->term.bytes, len);

	if (order == 0)
		order = (a->term.len > b->term.len) - (a->term.len < b->term.len);
	return order != 0 ? order < 0 : a < b;
}

/* Let the part at a place of the heap sink to where it belongs. */
static void sink(struct part **heap, size_t count, size_t at)
{
	for (size_t child = 2 * at + 1; child < count; at = child, child = 2 * at + 1) {
		struct part *part = heap[at];

		if (child + 1 < count && comes_before(heap[child + 1], heap[child]))
			child++;
		if (!comes_before(heap[child], part))
			break;
		heap[at] = heap[child];
		heap[child] = part;
	}
}

static bool advance(struct part *part)
{
	return catalog_index_words_term(part->words, part->next++, &part->term, &part->first,
					&part->count);
}

/* Note a part's postings of its term as the batch numbers its documents. */
static void take_postings(struct catalog_index_batch *batch, struct part *part, size_t *count)
{
	for (size_t i = 0; i < part->count; i++) {
		struct catalog_index_posting posting =
			catalog_index_words_posting(part->words, part->first + i);

		if (part->slots != NULL)
			posting.slot = part->slots[posting.slot];
		if (posting.slot == ABSENT)
			continue;
		assert(*count < CATALOG_INDEX_BATCH_DOCS_MAX);
		batch->postings[(*count)++] = posting;
	}
}

/* Note that the documents of the postings have a value. */
static int take_value(struct catalog_index_batch *batch, struct catalog_span term, size_t count)
{
	enum catalog_index_facet facet = (enum catalog_index_facet)term.bytes[1];
	struct values *values;
	uint32_t id;
	int r;

	if (facet >= CATALOG_INDEX_FACET_COUNTED)
		return 0;
	values = &batch->values[facet];
	r = catalog_index_value_number(batch->txn, facet,
				       (struct catalog_span){term.bytes + 2, term.len - 2},
				       &batch->state.values[facet], &id);
	if (r != 0)
		return r;
	if (values->count + count > values->room) {
		size_t room = values->room * 2 + count + 256;
		struct value *more = reallocarray(values->values, room, sizeof *more);

		if (more == NULL)
			return -ENOMEM;
		values->values = more;
		values->room = room;
	}
	for (size_t i = 0; i < count; i++)
		values->values[values->count++] = (struct value){batch->postings[i].slot, id};
	return 0;
}

static int write_term(struct catalog_index_batch *batch, struct catalog_span term, size_t count)
{
	const struct catalog_index_posting *postings = batch->postings;
	bool plain = term.bytes[0] == CATALOG_INDEX_TERMS_FILTER, sorted = true;
	int r = 0;

	for (size_t i = 1; i < count && sorted; i++)
		sorted = postings[i - 1].slot < postings[i].slot;
	if (!sorted)
		qsort(batch->postings, count, sizeof *postings, compare_postings);
	catalog_index_writer_begin(&batch->writer, term, plain);
	for (size_t i = 0; i < count && r == 0; i++)
		r = catalog_index_writer_post(&batch->writer, &postings[i]);
	if (r == 0 && plain)
		r = take_value(batch, term, count);
	return r == 0 ? catalog_index_writer_end(&batch->writer) : r;
}

/* Write the terms of all parts in order. */
static int merge_terms(struct catalog_index_batch *batch, struct part **heap)
{
	size_t left = 0;
	int r = 0;

	for (size_t i = 0; i < batch->part_count; i++)
		if (advance(&batch->parts[i]))
			heap[left++] = &batch->parts[i];
	for (size_t i = left / 2; i > 0; i--)
		sink(heap, left, i - 1);
	while (left > 0 && r == 0) {
		struct catalog_span term = heap[0]->term; /* of the words, which stay */
		size_t count = 0;

		do {
			take_postings(batch, heap[0], &count);
			if (!advance(heap[0]))
				heap[0] = heap[--left];
			sink(heap, left, 0);
		} while (left > 0 && heap[0]->term.len == term.len &&
			 memcmp(heap[0]->term.bytes, term.bytes, term.len) == 0);
		if (count > 0)
			r = write_term(batch, term, count);
	}
	return r;
}

static int write_terms(struct catalog_index_batch *batch, uint32_t segment)
{
	struct part **heap = calloc(batch->part_count, sizeof *heap);
	int r = heap == NULL ? -ENOMEM : catalog_index_words_sort(batch->own);

	batch->writer.txn = batch->txn;
	batch->writer.segment = segment;
	if (r == 0)
		r = merge_terms(batch, heap);
	if (r == 0)
		r = catalog_index_writer_flush(&batch->writer);
	free(heap);
	return r;
}

static int compare_values(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int write_columns(struct catalog_index_batch *batch, uint32_t segment, uint32_t count)
{
	struct catalog_index_window *window;
	int r = catalog_index_columns_window_new(&window);

	if (r != 0)
		return r;
	window->count = count;
	for (uint32_t i = 0; i < count; i++) {
		window->docs[i] = batch->rows[i].doc;
		window->logs[i] = batch->rows[i].log;
		window->indexes[i] = batch->rows[i].index;
		window->numbers[i] = *batch->rows[i].numbers;
	}
	for (int f = 0; f < CATALOG_INDEX_FACET_COUNTED && r == 0; f++) {
		struct values *values = &batch->values[f];

		if (values->count > 0)
			qsort(values->values, values->count, sizeof *values->values,
			      compare_values);
		for (size_t i = 0; i < values->count && r == 0; i++)
			r = catalog_index_columns_add_value(window, values->values[i].slot,
							    (enum catalog_index_facet)f,
							    values->values[i].id);
	}
	if (r == 0)
		r = catalog_index_columns_write(batch->txn, segment, 0, window);
	catalog_index_columns_window_free(window);
	return r;
}

static int write_segment(struct catalog_index_batch *batch)
{
	uint32_t count = catalog_index_words_count(batch->own);
	struct catalog_index_segment segment = {.id = batch->state.segment_next++,
						.slots = count,
						.doc_first = batch->doc_first,
						.doc_last = batch->state.doc_next - 1};
	int r = write_terms(batch, segment.id);

	if (r == 0)
		r = write_columns(batch, segment.id, count);
	return r == 0 ? catalog_index_segment_insert(&batch->state, batch->state.count, &segment)
		      : r;
}

int catalog_index_batch_finish(struct catalog_index_batch *batch)
{
	int r = catalog_index_words_count(batch->own) > 0 ? write_segment(batch) : 0;

	if (r == 0 && batch->kill_count > 0) {
		qsort(batch->kills, batch->kill_count, sizeof *batch->kills, compare_docs);
		r = catalog_index_segment_kill(batch->txn, &batch->state, batch->kills,
					       batch->kill_count);
	}
	/* As much as keeps up with what is added, so that a transaction's work is bounded: what is
	 * written now is written again once per tier. */
	if (r == 0)
		r = catalog_index_merge_work(batch->txn, &batch->state,
					     MERGE_SHARE * batch->writer.written +
						     CATALOG_INDEX_MERGE_PIECE);
	if (r == 0)
		r = catalog_index_merge_begin(batch->txn, &batch->state, CATALOG_INDEX_DUE_BUSY);
	return r == 0 ? catalog_index_segment_state_save(batch->txn, &batch->state) : r;
}
