/* catalog/index_answer.h - what a search found, as it is given out. */
#ifndef CATALOG_INDEX_ANSWER_H
#define CATALOG_INDEX_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/index.h"
#include "catalog/index_plan.h"

/* Append how a hit's key is made of what each leaf of the plan gives, and a zero byte.
 * Returns 0, -ENOMEM. */
int catalog_index_answer_explain(const struct catalog_index_plan *plan, const float *gives,
				 double key, enum catalog_query_sort sort,
				 struct catalog_buffer *buffer);

/* The most frequent values of a facet, at most so many, of equals those that the store has known
 * longest: counts[0..value_count) are by their numbers.  *given is to be closed also after a
 * failure.  Returns 0, -ENOMEM, -EIO. */
int catalog_index_answer_facet(struct catalog_txn *txn, enum catalog_index_facet facet,
			       const uint32_t *counts, uint32_t value_count, size_t most,
			       struct catalog_facet *given);

/* Add what the policies of what was found answer to a question: counts[0..value_count) are those of
 * facet policy, of `all` listings.  Returns 0, -EIO. */
int catalog_index_answer_usage(struct catalog_txn *txn, const char *asked, const uint32_t *counts,
			       uint32_t value_count, uint64_t all, uint64_t *usage);

#endif
