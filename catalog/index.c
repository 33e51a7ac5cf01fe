/* catalog/index.c - writing is in index_batch.c, searching in index_query.c, what is on disk in
 * index_segment.c. */
#include "catalog/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_entry.h"
#include "catalog/index_later.h"
#include "catalog/index_lender.h"
#include "catalog/index_merge.h"
#include "catalog/index_query.h"
#include "catalog/index_segment.h"
#include "catalog/index_spell.h"
#include "catalog/index_text.h"

#define TIDY_PIECES 20

int catalog_index_has(struct catalog_txn *txn, uint32_t log, uint64_t index, bool *ret_has)
{
	uint32_t doc;
	int r = catalog_index_entry_get(txn, log, index, &doc);

	*ret_has = r == 0;
	return r == -ENOENT ? 0 : r;
}

int catalog_index_clear(struct catalog_txn *txn)
{
	int r = 0;

	for (enum catalog_table table = CATALOG_TABLE_DOCS; r == 0 && table < CATALOG_TABLE_COUNT;
	     table++)
		r = catalog_store_clear(txn, table);
	return r;
}

int catalog_index_tidy(struct catalog_txn *txn, bool *ret_more)
{
	struct catalog_index_state state;
	bool more;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r != 0)
		return r;
	r = catalog_index_merge_begin(txn, &state, CATALOG_INDEX_DUE_IDLE);
	if (r == 0)
		r = catalog_index_merge_work(txn, &state, TIDY_PIECES * CATALOG_INDEX_MERGE_PIECE);
	if (r == 0)
		r = catalog_index_merge_begin(txn, &state, CATALOG_INDEX_DUE_IDLE);
	more = state.merge_count > 0 || state.garbage_count > 0;
	if (r == 0 && state.segment_next > 0)
		r = catalog_index_segment_state_save(txn, &state);
	catalog_index_segment_state_close(&state);
	if (r == 0)
		*ret_more = more;
	return r;
}

int catalog_index_is_untidy(struct catalog_txn *txn, bool *ret_untidy)
{
	struct catalog_index_state state;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r != 0)
		return r;
	*ret_untidy = catalog_index_merge_is_due(&state, CATALOG_INDEX_DUE_IDLE);
	catalog_index_segment_state_close(&state);
	return 0;
}

/* --- searching ------------------------------------------------------------------------ */

int catalog_index_find(struct catalog_txn *txn, const struct catalog_query *query,
		       struct catalog_found *ret_found, const char **ret_why)
{
	struct catalog_found found;
	int r = catalog_index_query_run(txn, query, &found, ret_why);

	if (r != 0)
		return r;
	r = catalog_index_later_missing(txn, &found.missing);
	if (r != 0) {
		catalog_index_found_close(&found);
		return r;
	}
	found.partial |= found.missing > 0;
	*ret_found = found;
	return 0;
}

void catalog_index_found_close(struct catalog_found *found)
{
	for (size_t i = 0; i < found->count; i++)
		free(found->hits[i].explanation);
	free(found->hits);
	free(found->did_you_mean);
	free(found->cursor);
	for (size_t f = 0; f < CATALOG_INDEX_FACET_COUNTED; f++)
		catalog_index_suggest_close(&found->facets[f]);
	*found = (struct catalog_found){0};
}

int catalog_index_search(struct catalog_txn *txn, const struct catalog_query *query,
			 struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total)
{
	struct catalog_found found;
	const char *why;
	int r = catalog_index_find(txn, query, &found, &why);

	if (r != 0)
		return r;
	for (size_t i = 0; i < found.count; i++) {
		ret_hits[i] = found.hits[i];
		ret_hits[i].explanation = NULL;
	}
	*ret_count = found.count;
	*ret_total = found.total;
	catalog_index_found_close(&found);
	return 0;
}

static int last_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct catalog_buffer *last = arg;

	if (form != CATALOG_INDEX_TEXT_WORD)
		return 0;
	last->len = 0;
	return catalog_buffer_append(last, word.bytes, word.len);
}

static int give_words(const struct catalog_index_spelled *words, size_t count,
		      struct catalog_facet *ret_words)
{
	struct catalog_facet given = {.values = calloc(count + 1, sizeof *given.values)};

	if (given.values == NULL)
		return -ENOMEM;
	for (; given.count < count; given.count++) {
		const struct catalog_index_spelled *word = &words[given.count];
		char *text = strndup((const char *)word->bytes, word->len);

		if (text == NULL) {
			catalog_index_suggest_close(&given);
			return -ENOMEM;
		}
		given.values[given.count] = (struct catalog_facet_value){text, word->count};
	}
	given.distinct = count;
	*ret_words = given;
	return 0;
}

int catalog_index_suggest(struct catalog_txn *txn, const char *text,
			  struct catalog_facet *ret_words)
{
	struct catalog_index_lender *lender = catalog_store_lender(catalog_store_of(txn));
	struct catalog_index_spelled words[CATALOG_INDEX_SUGGEST_MAX];
	struct catalog_span bytes = {(const uint8_t *)text, strlen(text)};
	struct catalog_index_state state;
	struct catalog_index_text *taker = NULL;
	struct catalog_buffer last = {0};
	size_t count = 0;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r != 0)
		return r;
	r = catalog_index_lender_borrow(lender, &taker);
	if (r == 0 && bytes.len <= CATALOG_INDEX_QUERY_BYTES_MAX)
		r = catalog_index_text_words(taker, bytes, 0, last_word, &last);
	if (r == 0 && last.len > 0)
		r = catalog_index_spell_begin(txn, &state, catalog_buffer_span(&last), words,
					      CATALOG_INDEX_SUGGEST_MAX, &count);
	catalog_index_lender_give_back(lender, taker);
	catalog_index_segment_state_close(&state);
	catalog_buffer_close(&last);
	return r == 0 ? give_words(words, count, ret_words) : r;
}

void catalog_index_suggest_close(struct catalog_facet *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->values[i].value);
	free(words->values);
	*words = (struct catalog_facet){0};
}
