/* node/page_listing.h - the page of one listing: what it says, who signed it, where its data is. */
#ifndef NODE_PAGE_LISTING_H
#define NODE_PAGE_LISTING_H

#include "node/page.h"

/* Append the page.  show is the answer to "show" of a listing that is current; lang (may be NULL)
 * is the reader's language.  Returns 0, -ENOMEM. */
int node_page_listing_write(const struct node_page *page, const struct catalog_value *show,
			    const char *lang, struct catalog_buffer *buffer);

/* Likewise of one that was withdrawn; sentence says by whom, when and why. */
int node_page_listing_write_gone(const struct node_page *page, const struct catalog_value *show,
				 const char *sentence, struct catalog_buffer *buffer);

#endif
