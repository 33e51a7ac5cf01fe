/* node/governing.h - what a node answers about its charter: charter-line and charter-submit of
 * node/control. */
#ifndef NODE_GOVERNING_H
#define NODE_GOVERNING_H

#include "catalog/value.h"
#include "node/control.h"
#include "node/error.h"

/* The newest checkpoint that is held whole of a member's log, to draw a line at.
 * Returns 0, or a negative errno with a sentence. */
int node_governing_line(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error);

/* Take an amendment.  On the writer.  Returns likewise. */
int node_governing_submit(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error);

#endif
