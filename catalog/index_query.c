/* catalog/index_query.c - the newest segment first, each window by window: count, tally facets,
 * keep the best in a heap.  A document is a segment and a slot until it is given out; both ascend
 * as documents' numbers do, so ties are broken without looking at them. */
#include "catalog/index_query.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_answer.h"
#include "catalog/index_best.h"
#include "catalog/index_bits.h"
#include "catalog/index_columns.h"
#include "catalog/index_cursor.h"
#include "catalog/index_impact.h"
#include "catalog/index_lender.h"
#include "catalog/index_match.h"
#include "catalog/index_relax.h"
#include "catalog/index_typo.h"

#define WINDOW       CATALOG_INDEX_LIST_WINDOW
#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS
#define FORMS        CATALOG_INDEX_TERMS_FORMS

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
	struct catalog_index_best best;
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

static int prepare(struct search *search, const char **ret_why)
{
	bool changed = false;
	int r;

	if ((r = catalog_index_segment_state_open(search->txn, &search->state)) != 0 ||
	    (r = catalog_index_lender_borrow(search->lender, &search->text)) != 0 ||
	    (r = catalog_index_plan_make(search->txn, search->text, search->state.languages,
					 search->query, search->plan, ret_why)) != 0 ||
	    (r = look_up(search)) != 0)
		return r;
	weigh(search);
	r = search->query->lenient
		    ? catalog_index_typo_correct(search->txn, &search->state, search->plan,
						 search->query->text, &changed,
						 &search->found->did_you_mean)
		    : 0;
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

struct segment {
	uint32_t at;    /* in the state */
	uint32_t slots; /* those that came before the bound */
	uint32_t after; /* slots from here on were given, where the key is the cursor's */
};

/* Keep the newest of a window, of which there are no scores. */
static void collect_flat(struct search *search, const struct segment *segment, uint32_t start,
			 const uint64_t *bits)
{
	size_t left = search->best.room;

	for (uint32_t w = WINDOW_WORDS; w > 0 && left > 0; w--)
		for (uint64_t word = bits[w - 1]; word != 0 && left > 0;) {
			uint32_t bit = 63 - (uint32_t)__builtin_clzll(word);
			struct catalog_index_hit hit = {.whole = !search->relaxed,
							.segment = segment->at,
							.slot = start + (w - 1) * 64 + bit};

			word &= ~(UINT64_C(1) << bit);
			if (search->from != NULL && hit.slot >= segment->after)
				continue;
			catalog_index_best_keep(&search->best, &hit);
			left--;
		}
}

static bool is_below(const struct catalog_index_hit *hit, const struct catalog_index_hit *least)
{
	return hit->whole != least->whole ? least->whole : hit->key < least->key;
}

/* Whether an answer before gave the hit. */
static bool was_given(const struct catalog_index_cursor *from, const struct segment *segment,
		      const struct catalog_index_hit *hit)
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
	struct catalog_index_hit least = {.key = -INFINITY};

	if (search->best.count == search->best.room)
		least = search->best.hits[0];
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
			struct catalog_index_hit hit = {
				by_time ? catalog_index_columns_u32(&modified, at)
					: (double)scores[at],
				(whole[w] >> (at % 64) & 1) != 0, segment->at,
				window * WINDOW + at};

			if (is_below(&hit, &least))
				continue;
			if (search->from != NULL && was_given(search->from, segment, &hit))
				continue;
			catalog_index_best_keep(&search->best, &hit);
			if (search->best.count == search->best.room)
				least = search->best.hits[0];
		}
	return 0;
}

/* --- all segments ------------------------------------------------------------------------ */

static int tally(struct search *search, const struct catalog_index_segment *segment,
		 uint32_t window, const uint64_t *bits)
{
	uint32_t in_window = catalog_index_segment_window_slots(segment->slots, window);
	uint16_t slots[WINDOW];
	size_t count = 0;

	if (search->query->facets != 0)
		(void)catalog_index_bits_list(bits, WINDOW, slots, &count); /* room for all */
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
	count = catalog_index_bits_count(bits);
	search->all += count;
	for (size_t i = 0; search->relaxed && i < WINDOW_WORDS; i++)
		both[i] = bits[i] & whole[i];
	search->found->total += search->relaxed ? catalog_index_bits_count(both) : count;
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
	search->best.count = 0;
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

static int explain(struct search *search, const struct catalog_index_hit *hit,
		   struct catalog_buffer *buffer)
{
	const struct catalog_index_plan *plan = search->plan;
	const struct catalog_index_list *lists =
		search->lists + (size_t)hit->segment * plan->term_count * FORMS;
	float gives[CATALOG_INDEX_PLAN_LEAVES_MAX];
	int r = catalog_index_match_explain(search->match, &search->state.segments[hit->segment],
					    lists, hit->slot, gives);

	return r != 0 ? r
		      : catalog_index_answer_explain(plan, gives, hit->key, search->query->sort,
						     buffer);
}

static int give_hit(struct search *search, const struct catalog_index_hit *hit,
		    struct catalog_hit *ret_hit, uint32_t *ret_doc)
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

static int give_cursor(struct search *search, const struct catalog_index_hit *last, uint32_t doc)
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

	catalog_index_best_sort(&search->best);
	found->hits = calloc(search->query->limit, sizeof *found->hits);
	if (found->hits == NULL)
		return -ENOMEM;
	for (size_t i = search->query->offset;
	     r == 0 && i < search->best.count && found->count < search->query->limit; i++)
		r = give_hit(search, &search->best.hits[i], &found->hits[found->count++], &doc);
	/* One more than was asked for was kept, to know whether there is a next page. */
	if (r == 0 && found->count > 0 && search->query->offset + found->count < search->best.count)
		r = give_cursor(search,
				&search->best.hits[search->query->offset + found->count - 1], doc);
	return r;
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
			r = catalog_index_answer_facet(search->txn, f, search->counts[f],
						       search->state.values[f], most,
						       &search->found->facets[f]);
	if (r != 0 || search->query->usage == NULL ||
	    search->counts[CATALOG_INDEX_FACET_POLICY] == NULL)
		return r;
	return catalog_index_answer_usage(search->txn, search->query->usage,
					  search->counts[CATALOG_INDEX_FACET_POLICY],
					  search->state.values[CATALOG_INDEX_FACET_POLICY],
					  search->all, search->found->usage);
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
		search->relaxed = catalog_index_relax_words(search->plan);
	if (r == 0)
		r = run(search);
	if (r == 0 && wants_more(search) && catalog_index_relax_words(search->plan)) {
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
	search.best.room = query->offset + query->limit + 1;
	search.best.hits = calloc(search.best.room, sizeof *search.best.hits);
	search.plan = malloc(sizeof *search.plan); /* what is used of it is set as it is made */
	if (search.plan != NULL) {
		search.plan->terms = NULL;
		search.plan->leaf_count = 0;
	}
	r = search.best.hits == NULL || search.plan == NULL ? -ENOMEM : find(&search, ret_why);
	catalog_index_match_free(search.match);
	if (search.plan != NULL)
		catalog_index_plan_close(search.plan);
	catalog_index_lender_give_back(search.lender, search.text);
	catalog_index_segment_state_close(&search.state);
	for (size_t f = 0; f < CATALOG_INDEX_FACET_COUNTED; f++)
		free(search.counts[f]);
	free(search.lists);
	free(search.plan);
	free(search.best.hits);
	if (r != 0)
		catalog_index_found_close(&found);
	else
		*ret_found = found;
	return r;
}
