/* node/page_search.h - the first page: the search form, what was found, what it can be narrowed
 * down by.
 *
 * Every filter, facet and page is a link or a field of the form; the page's URL is the search. */
#ifndef NODE_PAGE_SEARCH_H
#define NODE_PAGE_SEARCH_H

#include "node/http_search.h"
#include "node/page.h"

/* Append the page.  status is the answer to "status", found that to "search", with facets, for
 * page->search.  Returns 0, -ENOMEM. */
int node_page_search_write(const struct node_page *page, const struct catalog_value *status,
			   const struct catalog_value *found, struct catalog_buffer *buffer);

#endif
