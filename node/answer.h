/* node/answer.h - the answers about members and one listing: status, members, show; and what all
 * answers share.  What requests take and give is in node/control.h; the shape of a request was
 * checked there.
 *
 * Each answer makes the inside of "ok", which the caller owns, from one snapshot of the store.
 * Threads  any, several at once.
 */
#ifndef NODE_ANSWER_H
#define NODE_ANSWER_H

#include <stdint.h>

#include "catalog/entry.h"
#include "node/control.h"

/* uptime_s is UINT64_MAX when fedcatd is not running.  Returns 0, -ENOMEM, -EIO. */
int node_answer_status(const struct node_control_options *options, uint64_t uptime_s,
		       struct catalog_value **ret_answer, struct node_error *ret_error);

/* Returns 0, -ENOMEM, -EIO. */
int node_answer_members(const struct node_control_options *options,
			struct catalog_value **ret_answer, struct node_error *ret_error);

/* Returns 0, -ENOENT (no such member, or no such listing), -EAGAIN (not here, and the member's log
 * is partial), -ENOMEM, -EIO. */
int node_answer_show(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error);

/* --- for those who answer ------------------------------------------------------------- */

/* Say that the store could not be read while doing what.  Returns r. */
int node_answer_failed(struct node_error *ret_error, int r, const char *what);

/* catalog_store_begin() with a sentence.  Returns 0, -ENOMEM, -EIO. */
int node_answer_begin(const struct node_control_options *options, struct catalog_txn **ret_txn,
		      const char *what, struct node_error *ret_error);

/* The member of that name, borrowed from the charter.  Returns 0, -ENOENT. */
int node_answer_member(const struct node_control_options *options, const char *name,
		       const struct catalog_member **ret_member, struct node_error *ret_error);

/* Read an entry that the view or the index names.  Its bytes take the place of those in bytes and
 * *ret_entry borrows from them; the caller owns *ret_body.
 * Returns 0, -EBADMSG if the body is no value that we can read and tell, -ENOMEM, -EIO. */
int node_answer_entry(struct catalog_txn *txn, uint32_t log, uint64_t index,
		      struct catalog_buffer *bytes, struct catalog_entry *ret_entry,
		      struct catalog_value **ret_body);

/* A number of the request, or standard if it has none, from least to most.  Returns 0, -EINVAL. */
int node_answer_number(const struct catalog_value *request, const char *key, int64_t standard,
		       int64_t least, int64_t most, size_t *ret_number,
		       struct node_error *ret_error);

#endif
