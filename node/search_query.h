/* node/search_query.h - the request of a search (node/control.h) as catalog/index wants it. */
#ifndef NODE_SEARCH_QUERY_H
#define NODE_SEARCH_QUERY_H

#include "catalog/index.h"
#include "node/control.h"

struct node_search_query {
	struct catalog_query query; /* borrows from the request and from this: not to be copied */
	char country[3], usage[80];
	uint64_t deadline_ms; /* of the monotonic clock */
};

/* The names of what a request may filter by, besides member, country and theme, NULL last: each is
 * a facet's. */
extern const char *const node_search_query_filters[];

/* Read a request; what it says is borrowed.  Returns 0, -ENOENT (no such member), -EINVAL, -E2BIG,
 * each with a sentence. */
int node_search_query_read(const struct node_control_options *options,
			   const struct catalog_value *request, struct node_search_query *ret_query,
			   struct node_error *ret_error);

#endif
