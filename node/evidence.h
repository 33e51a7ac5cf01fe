/* node/evidence.h - where the proof of a listing can be had over HTTP: its receipt, and the log
 * that it is in (docs/http.md).
 *
 * base is the URL that a node's HTTP has for others, without a slash at its end; "" makes
 * references that are relative to it; NULL is unknown, and then nothing is told.
 */
#ifndef NODE_EVIDENCE_H
#define NODE_EVIDENCE_H

#include "catalog/value.h"
#include "node/fields.h"

/* Set "receipt" and "log" in a map, unless they are there.  Returns 0, -ENOMEM. */
int node_evidence_set(struct catalog_value *map, const char *base, const char *member,
		      const char *id);

/* The same among fields. */
void node_evidence_fields(struct node_fields *fields, const char *base, const char *member,
			  const char *id);

#endif
