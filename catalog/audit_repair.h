/* catalog/audit_repair.h - what an audit found is made right again: from what is good in the store,
 * and where that is not enough, by stepping back so that it is pulled again.
 *
 * Inside catalog_store_write().
 */
#ifndef CATALOG_AUDIT_REPAIR_H
#define CATALOG_AUDIT_REPAIR_H

#include <stdint.h>

#include "catalog/audit.h"

/* Make a log right: with a damaged view, compute it anew; with a damaged entry, go back to the last
 * checkpoint before it; with a damaged older checkpoint, drop that; with anything else, forget all
 * that it holds.  The newest checkpoint stays if its signature is good.  The search index is to be
 * made anew afterwards.  *ret_size is how many entries are left.  Returns 0, -ENOMEM, -ENOSPC,
 * -EIO. */
int catalog_audit_repair_log(struct catalog_txn *txn, const struct catalog_charter *charter,
			     const struct catalog_member *member,
			     const struct catalog_audit_finding *finding, uint64_t *ret_size);

/* Make the search index anew from the views of all members.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_audit_repair_index(struct catalog_txn *txn, const struct catalog_charter *charter);

#endif
