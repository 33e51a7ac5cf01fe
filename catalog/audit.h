/* catalog/audit.h - verify everything that the store holds, trusting nothing that is kept beside
 * it.
 *
 * Of each log: every checkpoint's signature; every entry against its leaf hash; the tree from its
 * leaves up, against what is kept of it and against every checkpoint's root; the view from the
 * entries, against its rows, its root and the last state entry; and the search index against the
 * view.
 *
 * LMDB trusts its own pages: bytes that are flipped in the file may end the process that reads
 * them.  So whoever audits a store that may be damaged does it in a process of its own.
 */
#ifndef CATALOG_AUDIT_H
#define CATALOG_AUDIT_H

#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/store.h"

/* What may be damaged, in the order in which it is looked at. */
enum catalog_audit_class {
	CATALOG_AUDIT_NOTHING,
	CATALOG_AUDIT_STATUS,     /* the row that says where a log stands */
	CATALOG_AUDIT_CHECKPOINT, /* a signed note */
	CATALOG_AUDIT_ENTRY,
	CATALOG_AUDIT_TREE,
	CATALOG_AUDIT_VIEW,
	CATALOG_AUDIT_INDEX,
};

struct catalog_audit_finding {
	enum catalog_audit_class class;
	uint64_t index; /* of the first entry that is concerned */
	char text[240]; /* a sentence */
};

/* Called now and then: entries looked at, of how many in this log. */
typedef void (*catalog_audit_progress)(void *arg, uint64_t done, uint64_t total);

/* Audit one log.  *ret_finding is the first damage that was found, or of class _NOTHING.  progress
 * may be NULL.  Returns 0 (damage or not), -ENOMEM, or -EIO if the store cannot even be read: that
 * is damage of another kind. */
int catalog_audit_log(struct catalog_txn *txn, const struct catalog_charter *charter,
		      const struct catalog_member *member, catalog_audit_progress progress,
		      void *arg, struct catalog_audit_finding *ret_finding);

/* A word for a class: "entry", "tree", ... */
const char *catalog_audit_class_name(enum catalog_audit_class class);

#endif
