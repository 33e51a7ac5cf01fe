/* catalog/index_query.c - the newest segment first, each window by window: count, tally facets,
 * keep the best in a heap.  A document is a segment and a slot until it is given out; both ascend
 * as documents' numbers do, so ties are broken without looking at them. */
#include "catalog/index_query.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_columns.h"
#include "catalog/index_cursor.h"
#include "catalog/index_impact.h"
#include "catalog/index_match.h"
#include "catalog/index_spell.h"
#include "catalog/index_value.h"
#include "catalog/index_words.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define FORMS        CATALOG_INDEX_TERMS_FORMS
#define TYPOS_MAX    3 /* words that stand in for one that is not there */

struct hit {
	double key;
	bool whole;       /* has all the words; those come first */
	uint32_t segment; /* place in the state */
	uint32_t slot;
};

struct search {
	struct catalog_txn *txn;
	const struct catalog_query *query;
	struct catalog_index_lender *lender;
	struct catalog_index_text *text;
	struct catalog_index_state state;
	struct catalog_index_plan *plan;
	struct catalog_index_match *match;
	struct catalog_index_list *lists;  /* [segment][term][form] */
	struct catalog_index_cursor *from; /* NULL: the first answer */
	uint32_t bound;                    /* documents from this on are not looked at */
	bool flat;                         /* no scores: by entry alone */
	bool relaxed;
	struct hit *heap; /* the worst first */
	size_t heap_count, heap_room;
	uint32_t *counts[CATALOG_INDEX_FACET_COUNTED];
	uint64_t all; /* that match, those with some of the words included */
	struct catalog_found *found;
};

/* --- preparing --------------------------------------------------------------------------- */

static int look_up(struct search *search)
{
	size_t each = search->plan->term_count * FORMS;
	struct catalog_cursor *cursor = NULL;
	int r;

	free(search->lists);
	search->lists = calloc(search->state.count * each + 1, sizeof *search->lists);
	if (search->lists == NULL)
		return -ENOMEM;
	r = catalog_store_cursor_open(search->txn, CATALOG_TABLE_POSTINGS, &cursor);
	for (size_t s = 0; r == 0 && each > 0 && s < search->state.count; s++)
		r = catalog_index_match_look_up(cursor, search->plan, search->state.segments[s].id,
						search->lists + s * each);
	if (cursor != NULL)
		catalog_store_cursor_close(cursor);
	return r;
}

/* How many documents have a term, of those forms that count. */
static uint64_t found_of(const struct search *search, size_t term)
{
	uint64_t found = 0;

	for (size_t s = 0; s < search->state.count; s++)
		for (size_t f = 0; f < FORMS; f++)
			found += search->lists[(s * search->plan->term_count + term) * FORMS + f]
					 .count;
	return found;
}

static float idf_of(uint64_t docs, uint64_t found)
{
	double n = (double)(found < docs ? found : docs);

	return (float)log(1 + ((double)docs - n + 0.5) / (n + 0.5));
}

/* How rare each leaf is. */
static void weigh(struct search *search)
{
	struct catalog_index_plan *plan = search->plan;
	uint64_t docs = 0;

	for (size_t s = 0; s < search->state.count; s++)
		docs += search->state.segments[s].slots;
	for (size_t l = 0; l < plan->leaf_count; l++) {
		struct catalog_index_leaf *leaf = &plan->leaves[l];

		leaf->found = 0;
		leaf->idf = 0;
		if (leaf->kind != CATALOG_INDEX_LEAF_WORD &&
		    leaf->kind != CATALOG_INDEX_LEAF_PHRASE)
			continue;
		for (size_t i = leaf->first; i < leaf->first + leaf->count; i++) {
			uint64_t found = found_of(search, i);

			leaf->found += found;
			if (leaf->kind == CATALOG_INDEX_LEAF_PHRASE)
				leaf->idf += idf_of(docs, found);
		}
		if (leaf->kind == CATALOG_INDEX_LEAF_WORD)
			leaf->idf = idf_of(docs, leaf->found);
	}
}

/* The place of a word among a leaf's terms, of which the first is as it was typed; 0: it is none.
 */
static size_t place_of(const struct catalog_index_plan *plan, const struct catalog_index_leaf *leaf,
		       const struct catalog_index_spelled *word)
{
	size_t i = leaf->count;

	while (i > 1) {
		const struct catalog_index_term *term = &plan->terms[leaf->first + --i];

		if (term->len == word->len && memcmp(term->bytes, word->bytes, word->len) == 0)
			return i;
	}
	return 0;
}

/* Let words that are nearly one that is not there stand in for it, and say which is the best. */
static int correct(struct search *search, bool *ret_changed)
{
	struct catalog_index_plan *plan = search->plan;
	struct catalog_buffer said = {0};
	const char *text = search->query->text, *done = text;
	bool changed = false;
	int r = 0;

	for (size_t l = 0; r == 0 && l < plan->leaf_count; l++) {
		struct catalog_index_spelled words[TYPOS_MAX];
		struct catalog_index_leaf *leaf = &plan->leaves[l];
		struct catalog_span word;
		uint8_t copy[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
		size_t count = 0;

		if (leaf->kind != CATALOG_INDEX_LEAF_WORD || !leaf->scored || leaf->found > 0 ||
		    leaf->count == 0)
			continue;
		word = (struct catalog_span){copy, plan->terms[leaf->first].len};
		memcpy(copy, plan->terms[leaf->first].bytes, word.len);
		r = catalog_index_spell_near(search->txn, &search->state, word, words, TYPOS_MAX,
					     &count);
		for (size_t i = 0; r == 0 && i < count; i++)
			if (words[i].edits == words[0].edits)
				r = catalog_index_plan_add_term(
					plan, leaf,
					(struct catalog_span){words[i].bytes, words[i].len},
					CATALOG_INDEX_PLAN_TYPO);
		r = r == -E2BIG ? 0 : r; /* then without them */
		changed = changed || count > 0;
		if (count > 0)
			leaf->meant = place_of(plan, leaf, &words[0]);
		if (r == 0 && count > 0 && leaf->text >= done) {
			if ((r = catalog_buffer_append(&said, done, (size_t)(leaf->text - done))) ==
			    0)
				r = catalog_buffer_append(&said, words[0].bytes, words[0].len);
			done = leaf->text + leaf->text_len;
		}
	}
	if (r == 0 && done > text) {
		r = catalog_buffer_append(&said, done, strlen(done) + 1);
		if (r == 0) {
			search->found->did_you_mean = (char *)said.bytes;
			said = (struct catalog_buffer){0};
		}
	}
	catalog_buffer_close(&said);
	*ret_changed = changed;
	return r;
}

static int prepare(struct search *search, const char **ret_why)
{
	bool changed = false;
	int r;

	if ((r = catalog_index_segment_state_open(search->txn, &search->state)) != 0 ||
	    (r = catalog_index_words_borrow(search->lender, &search->text)) != 0 ||
	    (r = catalog_index_plan_make(search->txn, search->text, search->state.languages,
					 search->query, search->plan, ret_why)) != 0 ||
	    (r = look_up(search)) != 0)
		return r;
	weigh(search);
	r = search->query->lenient ? correct(search, &changed) : 0;
	if (r == 0 && changed && (r = look_up(search)) == 0)
		weigh(search);
	search->found->partial = search->state.rebuild != 0;
	search->bound = search->from != NULL ? search->from->bound : search->state.doc_next;
	for (size_t f = 0; r == 0 && f < CATALOG_INDEX_FACET_COUNTED; f++) {
		if ((search->query->facets >> f & 1) == 0)
			continue;
		search->counts[f] = calloc(search->state.values[f] + 1, sizeof **search->counts);
		r = search->counts[f] == NULL ? -ENOMEM : 0;
	}
	return r;
}

/* --- the best ---------------------------------------------------------------------------- */

/* Whether a comes after b in the answer. */
static bool is_worse(const struct hit *a, const struct hit *b)
{
	if (a->whole != b->whole)
		return b->whole;
	if (a->key < b->key || a->key > b->key)
		return a->key < b->key;
	if (a->segment != b->segment)
		return a->segment < b->segment;
	return a->slot < b->slot;
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

/* How many of a segment's documents have a number below bound: its first slots. */
static int slots_below(struct search *search, const struct catalog_index_segment *segment,
		       uint32_t bound, uint32_t *ret_slots)
{
	uint32_t low = 0, high = segment->slots;

	if (segment->doc_last < bound) {
		*ret_slots = segment->slots;
		return 0;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2, w = middle / WINDOW;
		struct catalog_index_column column;
		int r = catalog_index_columns_get(
			search->txn, segment->id, w, CATALOG_INDEX_COLUMNS_DOC,
			catalog_index_segment_window_slots(segment->slots, w), &column);

		if (r != 0)
			return r;
		if (catalog_index_columns_u32(&column, middle % WINDOW) < bound)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_slots = low;
	return 0;
}

/* Bits set in a window, without asking what the processor can, and without a multiplication, which
 * would keep the compiler from counting several words at once. */
static uint64_t count_bits(const uint64_t *bits)
{
	uint64_t count = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++) {
		uint64_t n = bits[i];

		n -= n >> 1 & UINT64_C(0x5555555555555555);
		n = (n & UINT64_C(0x3333333333333333)) + (n >> 2 & UINT64_C(0x3333333333333333));
		n = (n + (n >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
		n += n >> 8;
		n += n >> 16;
		count += (n + (n >> 32)) & 0x7f;
	}
	return count;
}

struct segment {
	uint32_t at;    /* in the state */
	uint32_t slots; /* those that came before the bound */
	uint32_t after; /* slots from here on were given, where the key is the cursor's */
};

/* Keep the newest of a window, of which there are no scores. */
static void collect_flat(struct search *search, const struct segment *segment, uint32_t start,
			 const uint64_t *bits)
{
	size_t left = search->heap_room;

	for (uint32_t w = WINDOW_WORDS; w > 0 && left > 0; w--)
		for (uint64_t word = bits[w - 1]; word != 0 && left > 0;) {
			uint32_t bit = 63 - (uint32_t)__builtin_clzll(word);
			struct hit hit = {.whole = !search->relaxed,
					  .segment = segment->at,
					  .slot = start + (w - 1) * 64 + bit};

			word &= ~(UINT64_C(1) << bit);
			if (search->from != NULL && hit.slot >= segment->after)
				continue;
			keep(search, &hit);
			left--;
		}
}

static bool is_below(const struct hit *hit, const struct hit *least)
{
	return hit->whole != least->whole ? least->whole : hit->key < least->key;
}

/* Whether an answer before gave the hit. */
static bool was_given(const struct catalog_index_cursor *from, const struct segment *segment,
		      const struct hit *hit)
{
	if (hit->whole != from->whole)
		return hit->whole;
	return hit->key > from->key || (hit->key >= from->key && hit->slot >= segment->after);
}

static int collect(struct search *search, const struct segment *segment, uint32_t window,
		   const uint64_t *bits)
{
	const float *scores = catalog_index_match_scores(search->match);
	const uint64_t *whole = catalog_index_match_whole(search->match);
	bool by_time = search->query->sort == CATALOG_QUERY_BY_MODIFIED;
	struct catalog_index_column modified = {0};
	struct hit least = {.key = -INFINITY};

	if (search->heap_count == search->heap_room)
		least = search->heap[0];
	if (search->flat) {
		collect_flat(search, segment, window * WINDOW, bits);
		return 0;
	}
	if (by_time) {
		const struct catalog_index_segment *of = &search->state.segments[segment->at];
		int r = catalog_index_columns_get(
			search->txn, of->id, window, CATALOG_INDEX_COLUMNS_MODIFIED,
			catalog_index_segment_window_slots(of->slots, window), &modified);

		if (r != 0)
			return r;
	}
	for (uint32_t w = 0; w < WINDOW_WORDS; w++)
		for (uint64_t left = bits[w]; left != 0; left &= left - 1) {
			uint32_t at = w * 64 + (uint32_t)__builtin_ctzll(left);
			struct hit hit = {by_time ? catalog_index_columns_u32(&modified, at)
						  : (double)scores[at],
					  (whole[w] >> (at % 64) & 1) != 0, segment->at,
					  window * WINDOW + at};

			if (is_below(&hit, &least))
				continue;
			if (search->from != NULL && was_given(search->from, segment, &hit))
				continue;
			keep(search, &hit);
			if (search->heap_count == search->heap_room)
				least = search->heap[0];
		}
	return 0;
}

/* --- all segments ------------------------------------------------------------------------ */

/* The slots whose bits are set. */
static size_t list_slots(const uint64_t *bits, uint16_t ret_slots[WINDOW])
{
	size_t count = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		for (uint64_t left = bits[i]; left != 0; left &= left - 1)
			ret_slots[count++] = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(left));
	return count;
}

static int tally(struct search *search, const struct catalog_index_segment *segment,
		 uint32_t window, const uint64_t *bits)
{
	uint32_t in_window = catalog_index_segment_window_slots(segment->slots, window);
	uint16_t slots[WINDOW];
	size_t count = search->query->facets != 0 ? list_slots(bits, slots) : 0;

	for (uint8_t f = 0; count > 0 && f < CATALOG_INDEX_FACET_COUNTED; f++) {
		struct catalog_index_column column;
		int r;

		if (search->counts[f] == NULL)
			continue;
		r = catalog_index_columns_get(search->txn, segment->id, window,
					      CATALOG_INDEX_COLUMNS_FACET + f, in_window, &column);
		if (r != 0)
			return r;
		if (!catalog_index_columns_tally(&column, slots, count, search->counts[f],
						 search->state.values[f]))
			return -EIO;
	}
	return 0;
}

/* Clear the bits of what the query's own filter does not want. */
static int drop_unwanted(const struct search *search, const struct catalog_index_segment *segment,
			 uint32_t window, uint64_t *bits)
{
	struct catalog_index_column column;
	int r;

	if (search->query->wants == NULL)
		return 0;
	r = catalog_index_columns_get(search->txn, segment->id, window, CATALOG_INDEX_COLUMNS_ENTRY,
				      catalog_index_segment_window_slots(segment->slots, window),
				      &column);
	for (uint32_t i = 0; r == 0 && i < WINDOW_WORDS; i++) {
		for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
			uint32_t bit = (uint32_t)__builtin_ctzll(left), log;
			uint64_t index;

			catalog_index_columns_entry(&column, i * 64 + bit, &log, &index);
			if (!search->query->wants(search->query->wants_arg, log, index))
				bits[i] &= ~(UINT64_C(1) << bit);
		}
	}
	return r;
}

/* Count what matches in a window. */
static void count_window(struct search *search, const uint64_t *bits, bool *ret_any)
{
	const uint64_t *whole = catalog_index_match_whole(search->match);
	uint64_t both[WINDOW_WORDS], any = 0, count;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		any |= bits[i];
	*ret_any = any != 0;
	if (any == 0)
		return;
	count = count_bits(bits);
	search->all += count;
	for (size_t i = 0; search->relaxed && i < WINDOW_WORDS; i++)
		both[i] = bits[i] & whole[i];
	search->found->total += search->relaxed ? count_bits(both) : count;
}

static int search_segment(struct search *search, uint32_t at)
{
	const struct catalog_index_segment *segment = &search->state.segments[at];
	const struct catalog_index_list *lists =
		search->lists + (size_t)at * search->plan->term_count * FORMS;
	struct segment own = {.at = at};
	int r = 0;

	if (segment->doc_first >= search->bound)
		return 0;
	if ((r = slots_below(search, segment, search->bound, &own.slots)) != 0 ||
	    (search->from != NULL &&
	     (r = slots_below(search, segment, search->from->doc, &own.after)) != 0) ||
	    (r = catalog_index_match_begin(search->match, segment, lists)) != 0)
		return r;
	for (uint32_t w = catalog_index_match_next(search->match, 0); w != UINT32_MAX;
	     w = catalog_index_match_next(search->match, w + 1)) {
		uint64_t bits[WINDOW_WORDS];
		bool any;
		uint32_t slots = catalog_index_segment_window_slots(own.slots, w);

		if (search->query->is_over != NULL &&
		    search->query->is_over(search->query->over_arg))
			return -ENOSPC;
		if ((r = catalog_index_match_window(search->match, w, bits)) != 0)
			return r;
		for (uint32_t i = 0; i < WINDOW_WORDS; i++) {
			if (i * 64 >= slots)
				bits[i] = 0;
			else if (i * 64 + 64 > slots)
				bits[i] &= (UINT64_C(1) << slots % 64) - 1;
		}
		if ((r = drop_unwanted(search, segment, w, bits)) != 0)
			return r;
		count_window(search, bits, &any);
		if (!any)
			continue;
		if ((r = collect(search, &own, w, bits)) != 0 ||
		    (r = tally(search, segment, w, bits)) != 0)
			return r;
	}
	return 0;
}

/* Whether anything in the plan tells one document from another by more than its age. */
static bool is_flat(const struct search *search)
{
	bool scored = false;

	for (size_t i = 0; i < search->plan->leaf_count; i++) {
		const struct catalog_index_leaf *leaf = &search->plan->leaves[i];

		scored = scored || (leaf->scored && leaf->kind != CATALOG_INDEX_LEAF_PREFIX);
	}
	switch (search->query->sort) {
	case CATALOG_QUERY_RELEVANCE: return !scored;
	case CATALOG_QUERY_BY_MODIFIED: return false;
	case CATALOG_QUERY_BY_ENTRY: return true;
	}
	return true;
}

static int run(struct search *search)
{
	const struct catalog_query *query = search->query;
	uint64_t most = query->postings_max > 0 ? query->postings_max : CATALOG_INDEX_POSTINGS_MAX;
	int r;

	if (search->from != NULL) {
		if (search->from->idf_count != search->plan->leaf_count)
			return -ESTALE;
		for (size_t i = 0; i < search->plan->leaf_count; i++)
			search->plan->leaves[i].idf = search->from->idfs[i];
	}
	search->flat = is_flat(search);
	search->heap_count = 0;
	search->found->total = search->all = 0;
	for (size_t f = 0; f < CATALOG_INDEX_FACET_COUNTED; f++)
		if (search->counts[f] != NULL)
			memset(search->counts[f], 0,
			       search->state.values[f] * sizeof *search->counts[f]);
	catalog_index_match_free(search->match);
	search->match = NULL;
	r = catalog_index_match_new(search->txn, search->plan, most, &search->match);
	for (uint32_t s = search->state.count; r == 0 && s > 0; s--)
		r = search_segment(search, s - 1);
	if (r == -ENOSPC) {
		search->found->partial = true;
		r = 0;
	}
	return r;
}

/* --- the answer -------------------------------------------------------------------------- */

/* Sort the heap, best first. */
static void sort_hits(struct search *search)
{
	for (size_t n = search->heap_count; n > 1; n--) {
		struct hit worst = search->heap[0];

		search->heap[0] = search->heap[n - 1];
		sift_down(search->heap, n - 1);
		search->heap[n - 1] = worst;
	}
}

static int explain_leaf(const struct catalog_index_plan *plan,
			const struct catalog_index_leaf *leaf, float gives, const char *plus,
			struct catalog_buffer *buffer)
{
	static const struct catalog_index_term none = {.len = 0};
	const struct catalog_index_term *typed =
		leaf->count > 0 ? &plan->terms[leaf->first] : &none;
	const struct catalog_index_term *meant =
		leaf->meant > 0 ? &plan->terms[leaf->first + leaf->meant] : &none;
	int r = catalog_buffer_print(buffer, "%s %.3f (\"%.*s\"", plus, (double)gives,
				     (int)typed->len, (const char *)typed->bytes);

	if (r == 0 && meant->len > 0)
		r = catalog_buffer_print(buffer, ", taken for \"%.*s\"", (int)meant->len,
					 (const char *)meant->bytes);
	return r != 0 ? r
		      : catalog_buffer_print(buffer, ": rarity %.3f, in the listing %.3f)",
					     (double)leaf->idf,
					     leaf->idf > 0 ? (double)(gives / leaf->idf) : 0.0);
}

static int explain(struct search *search, const struct hit *hit, struct catalog_buffer *buffer)
{
	const struct catalog_index_plan *plan = search->plan;
	const struct catalog_index_list *lists =
		search->lists + (size_t)hit->segment * plan->term_count * FORMS;
	float gives[CATALOG_INDEX_PLAN_LEAVES_MAX];
	const char *plus = "";
	int r = catalog_index_match_explain(search->match, &search->state.segments[hit->segment],
					    lists, hit->slot, gives);

	if (r == 0)
		r = catalog_buffer_print(buffer, "%.3f =", hit->key);
	for (size_t i = 0; r == 0 && i < plan->leaf_count; i++) {
		const struct catalog_index_leaf *leaf = &plan->leaves[i];

		if (gives[i] <= 0)
			continue;
		r = explain_leaf(plan, leaf, gives[i], plus, buffer);
		plus = " +";
	}
	if (r == 0 && plus[0] == '\0')
		r = catalog_buffer_print(buffer, " no words to weigh: by %s",
					 search->query->sort == CATALOG_QUERY_BY_MODIFIED
						 ? "time of change"
						 : "age of the entry");
	return r == 0 ? catalog_buffer_append(buffer, "", 1) : r;
}

static int give_hit(struct search *search, const struct hit *hit, struct catalog_hit *ret_hit,
		    uint32_t *ret_doc)
{
	const struct catalog_index_segment *segment = &search->state.segments[hit->segment];
	uint32_t w = hit->slot / WINDOW;
	uint32_t slots = catalog_index_segment_window_slots(segment->slots, w);
	struct catalog_index_column entry, doc;
	struct catalog_buffer buffer = {0};
	int r = catalog_index_columns_get(search->txn, segment->id, w, CATALOG_INDEX_COLUMNS_ENTRY,
					  slots, &entry);

	if (r == 0)
		r = catalog_index_columns_get(search->txn, segment->id, w,
					      CATALOG_INDEX_COLUMNS_DOC, slots, &doc);
	if (r != 0)
		return r;
	catalog_index_columns_entry(&entry, hit->slot % WINDOW, &ret_hit->log, &ret_hit->index);
	*ret_doc = catalog_index_columns_u32(&doc, hit->slot % WINDOW);
	ret_hit->score = hit->key;
	if (search->query->explain) {
		r = explain(search, hit, &buffer);
		if (r == 0)
			ret_hit->explanation = (char *)buffer.bytes;
		else
			catalog_buffer_close(&buffer);
	}
	return r;
}

static int give_cursor(struct search *search, const struct hit *last, uint32_t doc)
{
	struct catalog_index_cursor cursor = {.query = catalog_index_cursor_hash(search->query),
					      .key = last->key,
					      .doc = doc,
					      .bound = search->bound,
					      .relaxed = search->relaxed,
					      .whole = last->whole,
					      .idf_count = search->plan->leaf_count};

	for (size_t i = 0; i < search->plan->leaf_count; i++)
		cursor.idfs[i] = search->plan->leaves[i].idf;
	return catalog_index_cursor_write(&cursor, &search->found->cursor);
}

static int give_hits(struct search *search)
{
	struct catalog_found *found = search->found;
	uint32_t doc = 0;
	int r = 0;

	sort_hits(search);
	found->hits = calloc(search->query->limit, sizeof *found->hits);
	if (found->hits == NULL)
		return -ENOMEM;
	for (size_t i = search->query->offset;
	     r == 0 && i < search->heap_count && found->count < search->query->limit; i++)
		r = give_hit(search, &search->heap[i], &found->hits[found->count++], &doc);
	/* One more than was asked for was kept, to know whether there is a next page. */
	if (r == 0 && found->count > 0 && search->query->offset + found->count < search->heap_count)
		r = give_cursor(search, &search->heap[search->query->offset + found->count - 1],
				doc);
	return r;
}

struct counted {
	uint32_t id, count;
};

static int compare_counted(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The most frequent values of a facet; of equals those that the store has known longest. */
static int give_facet(struct search *search, enum catalog_index_facet facet, size_t most)
{
	struct catalog_facet *given = &search->found->facets[facet];
	struct counted *best = calloc(most, sizeof *best);
	struct catalog_index_value_group group = {0};
	size_t count = 0;
	int r = 0;

	given->values = calloc(most, sizeof *given->values);
	if (best == NULL || given->values == NULL) {
		free(best);
		return -ENOMEM;
	}
	for (uint32_t id = 0; id < search->state.values[facet]; id++) {
		struct counted one = {id, search->counts[facet][id]};
		size_t at;

		given->distinct += one.count > 0;
		if (one.count == 0 || (count == most && one.count <= best[most - 1].count))
			continue;
		for (at = count < most ? count++ : most - 1;
		     at > 0 && best[at - 1].count < one.count; at--)
			best[at] = best[at - 1];
		best[at] = one;
	}
	qsort(best, count, sizeof *best, compare_counted);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct catalog_span value;

		r = catalog_index_value_get(search->txn, facet, best[i].id, &group, &value);
		if (r != 0)
			break;
		given->values[i].value = strndup((const char *)value.bytes, value.len);
		given->values[i].count = best[i].count;
		given->count++;
		r = given->values[i].value == NULL ? -ENOMEM : 0;
	}
	free(best);
	return r;
}

/* What the policies of what was found answer. */
static int give_usage(struct search *search)
{
	struct catalog_index_policy_question question;
	struct catalog_index_policy_text text;
	uint64_t *usage = search->found->usage, told = 0;
	struct catalog_index_value_group group = {0};

	if (search->query->usage == NULL || search->counts[CATALOG_INDEX_FACET_POLICY] == NULL ||
	    catalog_index_policy_read(search->query->usage, &text, &question) != 0)
		return 0;
	for (uint32_t id = 0; id < search->state.values[CATALOG_INDEX_FACET_POLICY]; id++) {
		uint32_t count = search->counts[CATALOG_INDEX_FACET_POLICY][id];
		struct catalog_span line;
		int r;

		if (count == 0)
			continue;
		r = catalog_index_value_get(search->txn, CATALOG_INDEX_FACET_POLICY, id, &group,
					    &line);
		if (r != 0)
			return r;
		usage[catalog_index_policy_ask(line, &question, NULL, 0)] += count;
		told += count;
	}
	usage[CATALOG_INDEX_POLICY_UNKNOWN] += search->all - told;
	return 0;
}

static int answer(struct search *search)
{
	size_t most = search->query->facet_values > 0 ? search->query->facet_values
						      : CATALOG_INDEX_VALUES_DEFAULT;
	int r = give_hits(search);

	if (most > CATALOG_INDEX_VALUES_MAX)
		most = CATALOG_INDEX_VALUES_MAX;
	for (int f = 0; r == 0 && f < CATALOG_INDEX_FACET_COUNTED; f++)
		if (search->counts[f] != NULL)
			r = give_facet(search, (enum catalog_index_facet)f, most);
	return r == 0 ? give_usage(search) : r;
}

/* Whether the list should go on with what has some of the words: where few have all of them. */
static bool wants_more(const struct search *search)
{
	uint64_t enough = search->query->sort == CATALOG_QUERY_RELEVANCE ? CATALOG_INDEX_ENOUGH : 1;

	return search->query->lenient && search->from == NULL && !search->found->partial &&
	       search->found->total < enough;
}

static int find(struct search *search, const char **ret_why)
{
	int r = prepare(search, ret_why);

	if (r == 0 && search->from != NULL && search->from->relaxed)
		search->relaxed = catalog_index_plan_relax(search->plan);
	if (r == 0)
		r = run(search);
	if (r == 0 && wants_more(search) && catalog_index_plan_relax(search->plan)) {
		search->relaxed = true;
		r = run(search);
	}
	search->found->more = search->all - search->found->total;
	return r == 0 ? answer(search) : r;
}

int catalog_index_query_run(struct catalog_txn *txn, const struct catalog_query *query,
			    struct catalog_found *ret_found, const char **ret_why)
{
	struct catalog_found found = {0};
	struct catalog_index_cursor cursor;
	struct search search = {.txn = txn,
				.query = query,
				.lender = catalog_store_lender(catalog_store_of(txn)),
				.found = &found};
	int r = 0;

	*ret_why = "";
	if (query->limit < 1 || query->limit > CATALOG_INDEX_HITS_MAX ||
	    query->offset > CATALOG_INDEX_WINDOW_MAX - query->limit) {
		*ret_why = "only the first 10,000 hits can be asked for by number: go on by cursor";
		return -EINVAL;
	}
	if (query->cursor != NULL) {
		r = catalog_index_cursor_read(query->cursor, &cursor);
		if (r == 0 &&
		    (cursor.query != catalog_index_cursor_hash(query) || query->offset != 0))
			r = -ESTALE;
		if (r != 0) {
			*ret_why = "the cursor is none of this search";
			return r;
		}
		search.from = &cursor;
	}
	search.heap_room = query->offset + query->limit + 1;
	search.heap = calloc(search.heap_room, sizeof *search.heap);
	search.plan = malloc(sizeof *search.plan); /* what is used of it is set as it is made */
	if (search.plan != NULL) {
		search.plan->terms = NULL;
		search.plan->leaf_count = 0;
	}
	r = search.heap == NULL || search.plan == NULL ? -ENOMEM : find(&search, ret_why);
	catalog_index_match_free(search.match);
	if (search.plan != NULL)
		catalog_index_plan_close(search.plan);
	catalog_index_words_give_back(search.lender, search.text);
	catalog_index_segment_state_close(&search.state);
	for (size_t f = 0; f < CATALOG_INDEX_FACET_COUNTED; f++)
		free(search.counts[f]);
	free(search.lists);
	free(search.plan);
	free(search.heap);
	if (r != 0)
		catalog_index_found_close(&found);
	else
		*ret_found = found;
	return r;
}
