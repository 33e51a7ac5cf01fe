/* node/conflicts.h - what is told of a council that signed two amendments of one number: their
 * numbers, and the proof.
 *
 * Threads  any.
 */
#ifndef NODE_CONFLICTS_H
#define NODE_CONFLICTS_H

#include "catalog/conflict.h"
#include "node/control.h"
#include "node/html.h"

/* The numbers, as in the status; the caller owns it.  NULL when out of memory. */
struct catalog_value *node_conflicts_value(const struct catalog_charter *charter);

/* What a verified proof shows, as in node/control.h; the caller owns it.  NULL when out of memory.
 */
struct catalog_value *node_conflicts_proof_value(const struct catalog_conflict *conflict);

/* Answer "charter-conflict".  Returns 0, -ENOENT, -E2BIG, -ENOMEM, -EIO. */
int node_conflicts_answer(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error);

/* Write a warning for each of a status. */
void node_conflicts_page(struct node_html *html, const struct catalog_value *status);

#endif
