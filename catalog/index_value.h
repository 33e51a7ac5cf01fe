/* catalog/index_value.h - the numbers of facets' values, which a value keeps for ever. */
#ifndef CATALOG_INDEX_VALUE_H
#define CATALOG_INDEX_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/index_facet.h"
#include "catalog/store.h"

/* The number of a folded value; -ENOENT if it has none.  Returns 0, -ENOENT, -EIO. */
int catalog_index_value_find(struct catalog_txn *txn, enum catalog_index_facet facet,
			     struct catalog_span value, uint32_t *ret_id);
/* The same, but a new value takes *next, which is increased.  Returns 0, -ENOSPC, -ENOMEM, -EIO. */
int catalog_index_value_number(struct catalog_txn *txn, enum catalog_index_facet facet,
			       struct catalog_span value, uint32_t *next, uint32_t *ret_id);

/* Values that lie together, those that were looked at last: of one facet and transaction, until
 * that writes. {0} begins. */
struct catalog_index_value_group {
	bool is_there;
	uint32_t number;
	struct catalog_span bytes;
};
/* The value of a number, borrowed.  Returns 0, -EIO. */
int catalog_index_value_get(struct catalog_txn *txn, enum catalog_index_facet facet, uint32_t id,
			    struct catalog_index_value_group *group,
			    struct catalog_span *ret_value);

#endif
