/* node/audit.h - audit a node's store, and mend it, in a child process: the pages of a damaged
 * store may end whoever reads them.
 *
 * Process  forks; the caller has no other thread and no store of its own open.  The audit reads a
 *          snapshot, beside a fedcatd if one runs; who mends holds the directory's lock.
 * Limits   a child of which nothing is heard for NODE_AUDIT_SILENCE_S is ended: pages that lead
 *          in a circle.
 */
#ifndef NODE_AUDIT_H
#define NODE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/audit.h"
#include "catalog/charter.h"
#include "node/error.h"

#define NODE_AUDIT_SILENCE_S 600

/* Called now and then.  member is NULL while the tables are walked through: done rows, total is 0.
 */
typedef void (*node_audit_progress)(void *arg, const struct catalog_member *member, uint64_t done,
				    uint64_t total);

struct node_audit_report {
	bool is_damaged;
	bool has_bad_pages; /* the damage is that the store's pages cannot be read */
	const struct catalog_member *member;  /* whose log is damaged; NULL: nobody's in particular;
						 borrowed from the charter */
	struct catalog_audit_finding finding; /* of class _NOTHING when the pages are bad: text
						 alone */
	size_t log_count;                     /* that were audited, or begun with */
	uint64_t entry_count;                 /* in them */
};

/* Audit everything in the store below dir, to the first damage.  progress may be NULL.  Returns 0
 * (damaged or not), -ENOENT if there is no store, -EPROTONOSUPPORT if a newer fedcat wrote it,
 * -EACCES, -ENOMEM, -EINTR if something else ended the child. */
int node_audit_run(const char *dir, const struct catalog_charter *charter,
		   node_audit_progress progress, void *arg, struct node_audit_report *ret_report,
		   struct node_error *ret_error);

struct node_audit_repair {
	uint64_t entries_before, entries_after; /* of the log that was damaged */
};

/* Mend what a report says, whose pages are good: the log, then the search index.  own is our
 * member, whose entries may be held nowhere else: they are dropped only with may_lose.  own may be
 * NULL.  Returns 0, -EPERM if own entries would have been dropped (nothing is changed; *ret_repair
 * says how many are), -EIO if the pages cannot be written, -ENOSPC, -ENOMEM, -EINTR. */
enum node_audit_loss { NODE_AUDIT_KEEP_OWN, NODE_AUDIT_MAY_LOSE };
int node_audit_mend(const char *dir, const struct catalog_charter *charter,
		    const struct node_audit_report *report, const struct catalog_member *own,
		    enum node_audit_loss loss, struct node_audit_repair *ret_repair,
		    struct node_error *ret_error);

#endif
