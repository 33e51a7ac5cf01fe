/* node/confirm.h - whether this node may sign for its member, and what it says while it may not.
 *
 * Threads  any.
 */
#ifndef NODE_CONFIRM_H
#define NODE_CONFIRM_H

#include "node/control.h"
#include "node/fields.h"

/* verb is what is to be done: "publish".  Returns 0, or -EINPROGRESS with a sentence: other members
 * must tell first where our own log stands. */
int node_confirm_check(const struct node_control_options *options, const char *verb,
		       struct node_error *ret_error);

/* Add "signing" as status shows it. */
void node_confirm_field(struct node_fields *fields, const struct node_control_options *options);

#endif
