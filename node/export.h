/* node/export.h - the answer to export (node/control.h): the current listings, a page at a time.
 *
 * A page walks the logs in the charter's order, each from its first entry, and takes the entries
 * that are the newest about their listing; "after" is where the next begins.  It reads a bounded
 * number of entries, so that a page of a log that is mostly history may hold nothing.
 * Threads  any, several at once.
 */
#ifndef NODE_EXPORT_H
#define NODE_EXPORT_H

#include "node/control.h"

#define NODE_EXPORT_ITEMS_MAX   1000
#define NODE_EXPORT_ITEMS_BYTES (1024u * 1024) /* of listings; the last one may go beyond */
#define NODE_EXPORT_SCANNED_MAX 5000           /* entries read, superseded ones included */

/* The caller owns *ret_answer.  Returns 0, -ENOENT (no such member), -EINVAL (limit, or no such
 * place to go on after), -ENOMEM, -EIO. */
int node_export_answer(const struct node_control_options *options,
		       const struct catalog_value *request, struct catalog_value **ret_answer,
		       struct node_error *ret_error);

#endif
