/* catalog/index_query.h - the search behind catalog_index_search(), and the terms of filters. */
#ifndef CATALOG_INDEX_QUERY_H
#define CATALOG_INDEX_QUERY_H

#include "catalog/index.h"

/* First bytes of the terms that filters ask for; words have those of catalog/index_text. */
#define CATALOG_INDEX_QUERY_MEMBER  'm'
#define CATALOG_INDEX_QUERY_COUNTRY 'c'
#define CATALOG_INDEX_QUERY_THEME   't'

int catalog_index_query_run(struct catalog_txn *txn, const struct catalog_query *query,
			    struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total);

#endif
