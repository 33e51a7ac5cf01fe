/* catalog/index_typo.h - words of a query that are nowhere, but nearly. */
#ifndef CATALOG_INDEX_TYPO_H
#define CATALOG_INDEX_TYPO_H

#include <stdbool.h>

#include "catalog/index_plan.h"
#include "catalog/index_segment.h"

/* Let words that are nearly one that is not there stand in for it: *ret_changed tells whether the
 * plan has terms that it had not.  *ret_meant is the text with the best of them, the caller's; it
 * stays as it is where nothing stands in.  Returns 0, -ENOMEM, -EIO. */
int catalog_index_typo_correct(struct catalog_txn *txn, const struct catalog_index_state *state,
			       struct catalog_index_plan *plan, const char *text, bool *ret_changed,
			       char **ret_meant);

#endif
