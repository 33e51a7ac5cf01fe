/* catalog/index_impact.h - how much a document is about a term, in one byte: the part of BM25F that
 * does not depend on what else there is, so that it is computed once and outlives every merge.
 *
 * A field's occurrences count by its weight, diluted by its length against a fixed reference
 * (docs/search.md has the table), and are summed; the byte is the logarithm of the sum.
 */
#ifndef CATALOG_INDEX_IMPACT_H
#define CATALOG_INDEX_IMPACT_H

#include <stdint.h>

/* Fields in the order of a posting's bits. */
enum catalog_index_field {
	CATALOG_INDEX_FIELD_TITLE,
	CATALOG_INDEX_FIELD_KEYWORD,
	CATALOG_INDEX_FIELD_DESCRIPTION,
	CATALOG_INDEX_FIELD_PUBLISHER,
	CATALOG_INDEX_FIELD_DISTRIBUTION,
	CATALOG_INDEX_FIELD_COUNT
};

#define CATALOG_INDEX_IMPACT_K1 1.2f

/* The byte of counts occurrences in fields of so many words. */
uint8_t catalog_index_impact_of(const uint16_t counts[CATALOG_INDEX_FIELD_COUNT],
				const uint16_t words[CATALOG_INDEX_FIELD_COUNT]);

/* The sums that all bytes stand for, within 2 %; of 0: nothing. */
void catalog_index_impact_sums(float ret_sums[256]);

/* "title", ...; the field of that name or CATALOG_INDEX_FIELD_COUNT. */
const char *catalog_index_impact_field(enum catalog_index_field field);

#endif
