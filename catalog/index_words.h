/* catalog/index_words.h - the words of a handful of listings, gathered in memory: what the search
 * index writes of them, before it is known where.
 *
 * All of it that wants no store, so that it is done before the one transaction that writes begins,
 * and on as many threads as there are.  A listing gets a slot: 0, 1, ...
 *
 * Threads  each struct one at a time.
 */
#ifndef CATALOG_INDEX_WORDS_H
#define CATALOG_INDEX_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_facet.h"
#include "catalog/index_list.h"
#include "catalog/value.h"

#define CATALOG_INDEX_WORDS_SLOTS_MAX 2048

struct catalog_index_lender;
struct catalog_index_words;

/* For slots_max listings: 1..CATALOG_INDEX_WORDS_SLOTS_MAX.  The lender is borrowed until the end.
 * The caller owns *ret_words.  Returns 0, -ENOMEM. */
int catalog_index_words_new(struct catalog_index_lender *lender, size_t slots_max,
			    struct catalog_index_words **ret_words);
void catalog_index_words_free(struct catalog_index_words *words); /* NULL is allowed */

/* Take the next slot.  Returns 0, -ENOSPC beyond slots_max. */
int catalog_index_words_begin(struct catalog_index_words *words, uint32_t *ret_slot);

/* Add a listing's words, values and numbers to the slot that was taken last, or one value.
 * Returns 0, -ENOSPC if they are too many, -ENOMEM. */
int catalog_index_words_add(struct catalog_index_words *words, const struct catalog_value *listing);
int catalog_index_words_add_value(struct catalog_index_words *words, enum catalog_index_facet facet,
				  const char *text);

/* Put the terms in order; nothing is added afterwards, also if it fails.  Returns 0, -ENOMEM. */
int catalog_index_words_sort(struct catalog_index_words *words);

/* Memory that sorted words hold, roughly. */
size_t catalog_index_words_bytes(const struct catalog_index_words *words);

/* How many slots; the languages of the texts (catalog/index_text); of a slot, its numbers and
 * whether a country was named. */
uint32_t catalog_index_words_count(const struct catalog_index_words *words);
uint32_t catalog_index_words_languages(const struct catalog_index_words *words);
const struct catalog_index_numbers *catalog_index_words_of(const struct catalog_index_words *words,
							   uint32_t slot, bool *ret_placed);

/* The i-th term in order, after it was sorted, as it is in a dictionary (catalog/index_terms), and
 * the range of its postings; false beyond the last. */
bool catalog_index_words_term(const struct catalog_index_words *words, size_t i,
			      struct catalog_span *ret_term, size_t *ret_first, size_t *ret_count);
struct catalog_index_posting catalog_index_words_posting(const struct catalog_index_words *words,
							 size_t at);

#endif
