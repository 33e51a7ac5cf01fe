/* node/motions.h - what a node answers about motions and votes on its charter: charter-motions,
 * charter-propose and charter-vote of node/control.
 *
 * Threads  node_motions_list() any; the others the writer alone, outside of any publishing run.
 */
#ifndef NODE_MOTIONS_H
#define NODE_MOTIONS_H

#include "catalog/value.h"
#include "node/control.h"
#include "node/error.h"

/* All motions of the council's members, and what became of them.
 * Returns 0, or a negative errno with a sentence. */
int node_motions_list(const struct node_control_options *options, struct catalog_value **ret_answer,
		      struct node_error *ret_error);

/* Propose an amendment, with our vote.  Returns likewise. */
int node_motions_propose(const struct node_control_options *options,
			 const struct catalog_value *request, struct catalog_value **ret_answer,
			 struct node_error *ret_error);

/* Vote for one.  Returns likewise. */
int node_motions_vote(const struct node_control_options *options,
		      const struct catalog_value *request, struct catalog_value **ret_answer,
		      struct node_error *ret_error);

#endif
