/* node/prove.h - the answer to "prove": a receipt that is checked without this node
 * (catalog/receipt.h).  What the request takes and gives is in node/control.h; its shape was
 * checked there.
 *
 * Threads  any, several at once.
 */
#ifndef NODE_PROVE_H
#define NODE_PROVE_H

#include "catalog/receipt.h"
#include "node/control.h"

/* Makes the inside of "ok", which the caller owns, from one snapshot of the store; the receipt was
 * verified as a stranger would.  Returns 0, -ENOENT (no such member or listing), -EPERM (absence
 * was asked for, and it is listed), -EAGAIN (the member's log is partial, and no checkpoint covers
 * what is held), -EINVAL, -EKEYREJECTED (what is held does not verify), -ENOMEM, -EIO. */
int node_prove_answer(const struct node_control_options *options,
		      const struct catalog_value *request, struct catalog_value **ret_answer,
		      struct node_error *ret_error);

/* What a claim is called in answers and in --json: "current", "withdrawn", "superseded", "absent".
 */
const char *node_prove_claim(enum catalog_receipt_claim claim);

#endif
