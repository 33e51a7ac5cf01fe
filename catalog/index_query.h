/* catalog/index_query.h - the search behind catalog_index_find(). */
#ifndef CATALOG_INDEX_QUERY_H
#define CATALOG_INDEX_QUERY_H

#include "catalog/index.h"

int catalog_index_query_run(struct catalog_txn *txn, const struct catalog_query *query,
			    struct catalog_found *ret_found, const char **ret_why);

#endif
