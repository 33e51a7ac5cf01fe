/* catalog/index_audit.h - whether what the search index keeps of each listing is what the listing
 * says.  The words are not compared: that would be to make the index anew. */
#ifndef CATALOG_INDEX_AUDIT_H
#define CATALOG_INDEX_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/store.h"

/* Look at all documents of a log: each must name an entry whose row names the document, and have
 * that listing's numbers; all columns must be readable.  *ret_live is how many there are, and
 * *ret_whole whether all are right; if not, *ret_index is the entry of the first that is wrong.
 * Returns 0, -EPROTONOSUPPORT as catalog_index_batch_new(), -ENOMEM, -EIO if a column is missing,
 * or has another form. */
int catalog_index_audit_check(struct catalog_txn *txn, uint32_t log, uint64_t *ret_live,
			      bool *ret_whole, uint64_t *ret_index);

#endif
