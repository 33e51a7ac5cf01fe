/* catalog/audit_view.h - the view that entries make, computed beside the one that is kept. */
#ifndef CATALOG_AUDIT_VIEW_H
#define CATALOG_AUDIT_VIEW_H

#include <stdint.h>

#include "catalog/audit.h"
#include "catalog/entry.h"
#include "catalog/log.h"
#include "catalog/view.h"

struct catalog_audit_view;

/* Returns 0, -ENOMEM.  The caller owns *ret_view. */
int catalog_audit_view_new(struct catalog_audit_view **ret_view);
void catalog_audit_view_free(struct catalog_audit_view *view); /* NULL is allowed */

/* An entry of the log, in its order.  Returns 0, -ENOMEM. */
int catalog_audit_view_add(struct catalog_audit_view *view, const struct catalog_entry *entry,
			   uint64_t index);

/* Take note of the puts in [from, to) that are erased, and current all the same (catalog/erased).
 * Returns 0, -ENOMEM, -EIO. */
int catalog_audit_view_add_erased(struct catalog_audit_view *view, struct catalog_txn *txn,
				  uint32_t log, uint64_t from, uint64_t to);

/* The rows so far, sorted by thing, one each; borrowed until the next add. */
const struct catalog_view_row *catalog_audit_view_rows(struct catalog_audit_view *view,
						       size_t *ret_count);

/* Compare with what is kept: rows, root, counts, the last state entry, the search index.  Of a log
 * with a gap the root says nothing.  Returns 0, -ENOMEM, -EIO; *ret_finding is written if something
 * is wrong. */
int catalog_audit_view_check(struct catalog_audit_view *view, struct catalog_txn *txn,
			     const struct catalog_member *member,
			     const struct catalog_log_status *status,
			     struct catalog_audit_finding *ret_finding);

#endif
