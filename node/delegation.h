/* node/delegation.h - what a node answers about the nodes that members name: nodes, node-name and
 * node-withdraw of node/control.
 *
 * Threads  node_delegation_list() any; the others the writer alone, outside of any publishing run.
 */
#ifndef NODE_DELEGATION_H
#define NODE_DELEGATION_H

#include "catalog/value.h"
#include "node/control.h"
#include "node/error.h"

#define NODE_DELEGATION_DAYS 365 /* that a node is named for when nobody says */

/* All nodes that the charter and the members' logs name.  Returns 0, or a negative errno with a
 * sentence. */
int node_delegation_list(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error);

/* Name a node in our member's log.  Returns likewise. */
int node_delegation_name(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error);

/* Withdraw one.  Returns likewise. */
int node_delegation_withdraw(const struct node_control_options *options,
			     const struct catalog_value *request, struct catalog_value **ret_answer,
			     struct node_error *ret_error);

#endif
