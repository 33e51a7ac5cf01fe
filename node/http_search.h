/* node/http_search.h - a search as the parameters of an HTTP request have it: read once, and
 * written again as the target of the same search with something changed, so that a URL holds all
 * of a search and every link keeps what it does not change.
 *
 * What a form without scripts cannot put into one parameter may come as several: usage as may,
 * purpose and where, bbox as west, south, east and north, time as from and to.  docs/http.md lists
 * all.
 */
#ifndef NODE_HTTP_SEARCH_H
#define NODE_HTTP_SEARCH_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/value.h"
#include "node/error.h"
#include "node/http_request.h"

/* The parameters of a search, separated by spaces: of its page and its answer, and of its feeds,
 * which have an order of their own. */
#define NODE_HTTP_SEARCH_SHARED                                                                    \
	"q member country theme sector licence format access language keyword year doi usage may " \
	"purpose where since time from to bbox west south east north box cursor limit lang"
#define NODE_HTTP_SEARCH_PARAMETERS NODE_HTTP_SEARCH_SHARED " sort facets explain offset"

#define NODE_HTTP_SEARCH_FIELDS     24
#define NODE_HTTP_SEARCH_PART_BYTES 128 /* of what is put together, with the NUL */

struct node_http_search {
	const char *values[NODE_HTTP_SEARCH_FIELDS]; /* NULL: not given; of the request, or below */
	char usage[NODE_HTTP_SEARCH_PART_BYTES], time[NODE_HTTP_SEARCH_PART_BYTES],
		bbox[NODE_HTTP_SEARCH_PART_BYTES];
};

/* Read; what it holds is the request's or its own: it is not to be copied.  What the values mean
 * is not looked at.  Returns 0, -EINVAL with a sentence if parts of a parameter are missing, too
 * long or there beside the whole. */
int node_http_search_read(const struct node_http_request *request,
			  struct node_http_search *ret_search, struct node_error *ret_error);

/* The value of one of the whole parameters; NULL if it is not given. */
const char *node_http_search_get(const struct node_http_search *search, const char *name);

/* Whether anything is asked for: more than a language, an order or a place in what is found. */
bool node_http_search_asks(const struct node_http_search *search);

/* The names of the parameters that are filters, each by one value; NULL last. */
extern const char *const node_http_search_filters[];

/* Set in request, a map, what node/control.h has for each parameter that is given and that `op`,
 * "search" or "changes", takes.  Returns 0, -EINVAL if one is no number, -ENOMEM. */
int node_http_search_fill(const struct node_http_search *search, const char *op,
			  struct catalog_value *request, struct node_error *ret_error);

/* What is to be another in a target: value NULL is without it. */
struct node_http_search_change {
	const char *name, *value;
};

/* Append path, and the search as its query, with changes.  Its place (cursor, offset) and its
 * explanations are left out unless they are among the changes.  Returns 0, -ENOMEM. */
int node_http_search_target(const struct node_http_search *search, const char *path,
			    const struct node_http_search_change *changes, size_t count,
			    struct catalog_buffer *target);

/* The same for a feed: without an order; a day of modification becomes a word of the query, since
 * there "since" is when a listing came. */
int node_http_search_feed(const struct node_http_search *search, const char *path,
			  struct catalog_buffer *target);

#endif
