/* catalog/index_query.c - a query is clauses, all of which a document must meet; a clause is terms,
 * any of which will do: a word as it stands and its stems, or the one term of a filter.  Every
 * segment is searched by itself, document by document in order, the best kept in a heap. */
#include "catalog/index_query.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_segment.h"
#include "catalog/index_text.h"

#define CLAUSES_MAX (CATALOG_INDEX_QUERY_WORDS_MAX + 3)
#define TERMS_MAX   (CATALOG_INDEX_QUERY_WORDS_MAX * 12)

/* BM25F: how soon repeating a word stops counting, how much a long field dilutes it. */
static const double k1 = 1.2;
static const struct {
	double weight, b;
} fields[CATALOG_INDEX_FIELD_COUNT] = {
	[CATALOG_INDEX_FIELD_TITLE] = {4.0, 0.5},
	[CATALOG_INDEX_FIELD_KEYWORD] = {3.0, 0.5},
	[CATALOG_INDEX_FIELD_DESCRIPTION] = {1.0, 0.75},
	[CATALOG_INDEX_FIELD_OTHER] = {0.7, 0.5},
};
#define WEIGHT_WORD 1.0
#define WEIGHT_PART 0.7
#define WEIGHT_STEM 0.6

struct term {
	uint8_t bytes[CATALOG_INDEX_TEXT_FOLD_BYTES_MAX + 1];
	size_t len;
	double weight;
	/* In the segment at hand. */
	struct catalog_index_postings postings;
	bool there; /* postings.slot is the next */
};

struct clause {
	size_t first, count; /* of its terms */
	bool scored;
	double idf;
};

struct hit {
	double score;
	struct catalog_index_row row;
};

struct search {
	struct catalog_txn *txn;
	struct catalog_index_state state;
	struct catalog_cursor *cursor;
	struct term *terms;
	size_t term_count;
	struct clause clauses[CLAUSES_MAX];
	size_t clause_count;
	double mean[CATALOG_INDEX_FIELD_COUNT];
	struct hit *heap; /* the worst first */
	size_t heap_count, heap_room;
	uint64_t total;
};

/* --- the clauses ---------------------------------------------------------------------- */

static int add_term(struct search *search, uint8_t kind, struct catalog_span word, double weight)
{
	struct clause *clause = &search->clauses[search->clause_count - 1];
	struct term *term = &search->terms[search->term_count];

	for (size_t i = clause->first; i < search->term_count; i++) {
		const struct term *other = &search->terms[i];

		if (other->len == word.len + 1 && other->bytes[0] == kind &&
		    memcmp(other->bytes + 1, word.bytes, word.len) == 0)
			return 0;
	}
	if (search->term_count == TERMS_MAX)
		return -E2BIG;
	assert(word.len < sizeof term->bytes);
	term->bytes[0] = kind;
	memcpy(term->bytes + 1, word.bytes, word.len);
	term->len = word.len + 1;
	term->weight = weight;
	clause->count++;
	search->term_count++;
	return 0;
}

static void add_clause(struct search *search, bool scored)
{
	assert(search->clause_count < CLAUSES_MAX);
	search->clauses[search->clause_count++] =
		(struct clause){.first = search->term_count, .scored = scored};
}

static int each_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct search *search = arg;
	int r;

	switch (form) {
	case CATALOG_INDEX_TEXT_WORD:
		if (search->clause_count == CATALOG_INDEX_QUERY_WORDS_MAX)
			return -E2BIG;
		add_clause(search, true);
		/* A word that is its own stem is not told as a stem: "yield" must find "yields". */
		if ((r = add_term(search, CATALOG_INDEX_TEXT_WORD, word, WEIGHT_WORD)) == 0 &&
		    (r = add_term(search, CATALOG_INDEX_TEXT_STEM, word, WEIGHT_STEM)) == 0)
			r = add_term(search, CATALOG_INDEX_TEXT_PART, word, WEIGHT_PART);
		return r;
	case CATALOG_INDEX_TEXT_STEM: /* a stem that is a word is stored as the word only */
		r = add_term(search, CATALOG_INDEX_TEXT_STEM, word, WEIGHT_STEM);
		return r != 0 ? r : add_term(search, CATALOG_INDEX_TEXT_WORD, word, WEIGHT_STEM);
	case CATALOG_INDEX_TEXT_PART: return 0; /* asked for whole words */
	}
	return 0;
}

static int add_filter(struct search *search, struct catalog_index_text *text, uint8_t kind,
		      const char *filter)
{
	struct catalog_buffer folded = {0};
	int r;

	if (filter == NULL)
		return 0;
	add_clause(search, false);
	r = catalog_index_text_fold(
		text, (struct catalog_span){(const uint8_t *)filter, strlen(filter)}, &folded);
	if (r == 0)
		r = add_term(search, kind, catalog_buffer_span(&folded), 0);
	catalog_buffer_close(&folded);
	return r == -EBADMSG ? 0 : r; /* a clause of no term: nothing meets it */
}

static int add_clauses(struct search *search, const struct catalog_query *query)
{
	struct catalog_span words = {(const uint8_t *)query->text, strlen(query->text)};
	struct catalog_index_text *text;
	int r = catalog_index_text_new(&text);

	if (r != 0)
		return r;
	/* A query does not say its language: stem by each that the index holds. */
	if ((r = catalog_index_text_words(text, words, search->state.languages, each_word,
					  search)) == 0 &&
	    (r = add_filter(search, text, CATALOG_INDEX_QUERY_MEMBER, query->member)) == 0 &&
	    (r = add_filter(search, text, CATALOG_INDEX_QUERY_COUNTRY, query->country)) == 0)
		r = add_filter(search, text, CATALOG_INDEX_QUERY_THEME, query->theme);
	catalog_index_text_free(text);
	return r;
}

/* --- one segment ---------------------------------------------------------------------- */

static bool advance(struct term *term, uint32_t slots)
{
	term->there = catalog_index_segment_next(&term->postings) && term->postings.slot < slots;
	return term->there;
}

/* Find the postings of all terms; false in *ret_any if a clause has none. */
static int open_terms(struct search *search, const struct catalog_index_segment *segment,
		      bool *ret_any)
{
	bool all = true;

	for (size_t c = 0; c < search->clause_count; c++) {
		struct clause *clause = &search->clauses[c];
		bool any = false;

		for (size_t i = clause->first; i < clause->first + clause->count; i++) {
			struct term *term = &search->terms[i];
			int r = catalog_index_segment_find(
				search->cursor, segment->id,
				(struct catalog_span){term->bytes, term->len}, &term->postings);

			if (r != 0 && r != -ENOENT)
				return r;
			term->there = r == 0;
			any = any || r == 0;
		}
		all = all && any;
	}
	*ret_any = all;
	return 0;
}

/* The clause's first slot at or after from; UINT32_MAX if there is none. */
static uint32_t seek(struct search *search, struct clause *clause, uint32_t from, uint32_t slots)
{
	uint32_t best = UINT32_MAX;

	for (size_t i = clause->first; i < clause->first + clause->count; i++) {
		struct term *term = &search->terms[i];

		while (term->there && term->postings.slot < from)
			advance(term, slots);
		if (term->there && term->postings.slot < best)
			best = term->postings.slot;
	}
	return best;
}

/* The first slot at or after from that all clauses have. */
static uint32_t meet(struct search *search, uint32_t from, uint32_t slots)
{
	size_t agreed = 0;

	for (size_t c = 0; agreed < search->clause_count; c = (c + 1) % search->clause_count) {
		uint32_t slot = seek(search, &search->clauses[c], from, slots);

		if (slot == UINT32_MAX)
			return slot;
		agreed = slot == from ? agreed + 1 : 1;
		from = slot;
	}
	return from;
}

static double score_of(const struct search *search, const struct catalog_index_row *row,
		       uint32_t slot)
{
	double score = 0;

	for (size_t c = 0; c < search->clause_count; c++) {
		const struct clause *clause = &search->clauses[c];
		double tf = 0;

		if (!clause->scored)
			continue;
		for (size_t i = clause->first; i < clause->first + clause->count; i++) {
			const struct term *term = &search->terms[i];

			if (!term->there || term->postings.slot != slot)
				continue;
			for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++) {
				unsigned n = term->postings.fields >> 2 * f & 3;
				double b = fields[f].b;

				if (n > 0)
					tf += term->weight * fields[f].weight * n /
					      (1 - b + b * row->words[f] / search->mean[f]);
			}
		}
		score += clause->idf * tf * (k1 + 1) / (k1 + tf);
	}
	return score;
}

/* Whether a comes after b in the answer. */
static bool is_worse(const struct hit *a, const struct hit *b)
{
	if (a->score < b->score || a->score > b->score)
		return a->score < b->score;
	return a->row.doc < b->row.doc;
}

static void sift_down(struct hit *heap, size_t count)
{
	struct hit moved = heap[0];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < count && is_worse(&heap[child + 1], &heap[child]))
			child++;
		if (child >= count || !is_worse(&heap[child], &moved))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

static void keep(struct search *search, const struct hit *hit)
{
	size_t i = search->heap_count;

	if (i == search->heap_room) {
		if (!is_worse(&search->heap[0], hit))
			return;
		search->heap[0] = *hit;
		sift_down(search->heap, i);
		return;
	}
	search->heap_count++;
	for (; i > 0 && is_worse(hit, &search->heap[(i - 1) / 2]); i = (i - 1) / 2)
		search->heap[i] = search->heap[(i - 1) / 2];
	search->heap[i] = *hit;
}

static int search_segment(struct search *search, const struct catalog_index_segment *segment)
{
	struct catalog_index_rows rows;
	bool any;
	int r = open_terms(search, segment, &any);

	if (r != 0 || !any)
		return r;
	r = catalog_index_segment_rows(search->txn, segment, &rows);
	if (r != 0)
		return r;
	for (size_t i = 0; i < search->term_count; i++)
		if (search->terms[i].there)
			advance(&search->terms[i], rows.slots);
	for (uint32_t slot = 0; slot < rows.slots; slot++) {
		struct hit hit = {0};

		slot = meet(search, slot, rows.slots);
		if (slot >= rows.slots)
			break;
		if (catalog_index_segment_is_dead(&rows, slot))
			continue;
		hit.row = catalog_index_segment_row(&rows, slot);
		hit.score = score_of(search, &hit.row, slot);
		search->total++;
		keep(search, &hit);
	}
	return 0;
}

/* --- all of them ---------------------------------------------------------------------- */

/* How rare each clause is and how long fields are on average. */
static int weigh(struct search *search)
{
	uint64_t found[CLAUSES_MAX] = {0};
	uint64_t docs = 0, words[CATALOG_INDEX_FIELD_COUNT] = {0};
	bool any;

	for (size_t s = 0; s < search->state.count; s++) {
		const struct catalog_index_segment *segment = &search->state.segments[s];
		int r = open_terms(search, segment, &any);

		if (r != 0)
			return r;
		docs += segment->slots;
		for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
			words[f] += segment->words[f];
		for (size_t c = 0; c < search->clause_count; c++)
			for (size_t i = 0; i < search->clauses[c].count; i++) {
				const struct term *term =
					&search->terms[search->clauses[c].first + i];

				found[c] += term->there ? term->postings.count : 0;
			}
	}
	for (size_t c = 0; c < search->clause_count; c++) {
		double n = (double)(found[c] < docs ? found[c] : docs);

		search->clauses[c].idf = log(1 + ((double)docs - n + 0.5) / (n + 0.5));
	}
	for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		search->mean[f] = words[f] > 0 ? (double)words[f] / (double)docs : 1;
	return 0;
}

/* Sort the heap, best first, and give the part that was asked for. */
static void answer(struct search *search, const struct catalog_query *query,
		   struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total)
{
	size_t count = search->heap_count, given = 0;

	for (size_t n = count; n > 1; n--) {
		struct hit worst = search->heap[0];

		search->heap[0] = search->heap[n - 1];
		sift_down(search->heap, n - 1);
		search->heap[n - 1] = worst;
	}
	for (size_t i = query->offset; i < count && given < query->limit; i++)
		ret_hits[given++] = (struct catalog_hit){.log = search->heap[i].row.log,
							 .index = search->heap[i].row.index,
							 .score = search->heap[i].score};
	*ret_count = given;
	*ret_total = search->total;
}

int catalog_index_query_run(struct catalog_txn *txn, const struct catalog_query *query,
			    struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total)
{
	struct search *search;
	int r;

	if (query->limit < 1 || query->limit > CATALOG_INDEX_HITS_MAX ||
	    query->offset > CATALOG_INDEX_WINDOW_MAX - query->limit)
		return -EINVAL;
	if (strlen(query->text) > CATALOG_INDEX_QUERY_BYTES_MAX)
		return -E2BIG;
	search = calloc(1, sizeof *search);
	if (search == NULL)
		return -ENOMEM;
	search->txn = txn;
	search->heap_room = query->offset + query->limit;
	search->heap = calloc(search->heap_room, sizeof *search->heap);
	search->terms = calloc(TERMS_MAX, sizeof *search->terms);
	r = search->heap == NULL || search->terms == NULL ? -ENOMEM : 0;
	if (r == 0)
		r = catalog_index_segment_state_open(txn, &search->state);
	if (r == 0)
		r = add_clauses(search, query);
	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &search->cursor);
	if (r == 0)
		r = weigh(search);
	for (size_t s = 0; r == 0 && s < search->state.count; s++)
		r = search_segment(search, &search->state.segments[s]);
	if (r == 0)
		answer(search, query, ret_hits, ret_count, ret_total);
	if (search->cursor != NULL)
		catalog_store_cursor_close(search->cursor);
	catalog_index_segment_state_close(&search->state);
	free(search->heap);
	free(search->terms);
	free(search);
	return r;
}
