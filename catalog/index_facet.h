/* catalog/index_facet.h - what listings are filtered and counted by, besides their words: values of
 * facets, as terms of the index, and numbers.
 *
 * A value is folded (catalog/index_text) and at most CATALOG_INDEX_FACET_BYTES_MAX long, and has a
 * number in the store that it keeps for ever, so that what is kept of a document need not change
 * when segments are merged.
 */
#ifndef CATALOG_INDEX_FACET_H
#define CATALOG_INDEX_FACET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/store.h"
#include "catalog/value.h"

#define CATALOG_INDEX_FACET_BYTES_MAX  400
#define CATALOG_INDEX_FACET_VALUES_MAX 255 /* of one facet of a listing */

/* The order is that of the bytes on disk: only append. */
enum catalog_index_facet {
	CATALOG_INDEX_FACET_MEMBER,
	CATALOG_INDEX_FACET_SECTOR,
	CATALOG_INDEX_FACET_COUNTRY,
	CATALOG_INDEX_FACET_THEME,
	CATALOG_INDEX_FACET_LICENCE,
	CATALOG_INDEX_FACET_FORMAT,
	CATALOG_INDEX_FACET_ACCESS,
	CATALOG_INDEX_FACET_LANGUAGE,
	CATALOG_INDEX_FACET_KEYWORD,
	CATALOG_INDEX_FACET_YEAR,
	CATALOG_INDEX_FACET_DOI,
	CATALOG_INDEX_FACET_POLICY,  /* catalog/index_policy */
	CATALOG_INDEX_FACET_COUNTED, /* those after it are only filtered by */
	CATALOG_INDEX_FACET_THEME_URL = CATALOG_INDEX_FACET_COUNTED,
	CATALOG_INDEX_FACET_COUNT
};

/* "member", "sector", ...; NULL for one that people do not name. */
const char *catalog_index_facet_name(enum catalog_index_facet facet);
/* The facet of that name; CATALOG_INDEX_FACET_COUNT if there is none. */
enum catalog_index_facet catalog_index_facet_of(const char *name, size_t len);

/* Numbers of a listing, each with a value for "none". */
#define CATALOG_INDEX_FACET_NO_DAY INT32_MIN
struct catalog_index_numbers {
	uint32_t modified;  /* seconds since 1970; 0: not said, or before */
	int32_t issued;     /* days since 1970-01-01 */
	int32_t start, end; /* days of the time that the data is about, first and last */
	float bbox[4];      /* west, south, east, north; west is NAN if there is none */
};

/* Days since 1970-01-01 of an ISO 8601 date, the first or the last that a shorter one (2020,
 * 2020-03) covers; CATALOG_INDEX_FACET_NO_DAY if it is none. */
enum catalog_index_end { CATALOG_INDEX_FIRST, CATALOG_INDEX_LAST };
int32_t catalog_index_facet_day(const char *date, enum catalog_index_end end);

/* Read a listing's numbers. */
void catalog_index_facet_numbers(const struct catalog_value *listing,
				 struct catalog_index_numbers *ret_numbers);

/* Call each for the values that a listing has of facets, as they stand (not folded, perhaps more
 * than once), until it returns non-zero, which is then returned. */
typedef int (*catalog_index_facet_each)(void *arg, enum catalog_index_facet facet, const char *text,
					size_t len);
int catalog_index_facet_values(const struct catalog_value *listing, catalog_index_facet_each each,
			       void *arg);

/* What a listing of an industry (catalog/theme) has among its CATALOG_INDEX_FACET_THEME_URL, where
 * themes are also as they stand. */
#define CATALOG_INDEX_FACET_INDUSTRY_BYTES 40
void catalog_index_facet_industry(const char *name,
				  char ret_value[CATALOG_INDEX_FACET_INDUSTRY_BYTES]);

/* The part of a value that tells: of a URL what is after the last "/" or "#", else all of it. */
struct catalog_span catalog_index_facet_tail(const char *text, size_t len);

#endif
