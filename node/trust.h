/* node/trust.h - what is told of whether a member's log can be trusted to be the newest, and one
 * history: its attestation's age, and the proof of its fork.
 *
 * Threads  any.
 */
#ifndef NODE_TRUST_H
#define NODE_TRUST_H

#include "catalog/fork.h"
#include "catalog/log.h"
#include "node/control.h"
#include "node/fields.h"

/* An attestation older than that is warned of, and one so far ahead of our clock, too: by it nobody
 * could tell for how long there has been no news. */
#define NODE_TRUST_OLD_S (2 * 24 * 60 * 60)

/* Whether a member whose log has a checkpoint has not attested to it for too long, or at a time
 * that cannot be. */
bool node_trust_is_old(const struct catalog_log_status *status, int64_t now_s);

/* Add "current": as of when, "old", and "fork" as in node/control.h.  Returns 0, -ENOMEM, -EIO. */
int node_trust_fields(struct node_fields *fields, const struct node_control_options *options,
		      struct catalog_txn *txn, uint32_t log,
		      const struct catalog_log_status *status, int64_t now_s);

/* Answer "fork".  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int node_trust_answer_fork(const struct node_control_options *options,
			   const struct catalog_value *request, struct catalog_value **ret_answer,
			   struct node_error *ret_error);

/* What a verified proof shows; the caller owns it.  NULL when out of memory. */
struct catalog_value *node_trust_fork_value(const struct catalog_fork *fork);

#endif
