/* node/page.h - the web page: search, members, errors.  Plain HTML that needs no script and nothing
 * from elsewhere.
 *
 * Each appends a whole page.  Return 0, -ENOMEM.
 */
#ifndef NODE_PAGE_H
#define NODE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/value.h"
#include "node/html.h"
#include "node/http_request.h"

#define NODE_PAGE_POLICY_BYTES 256

/* The Content-Security-Policy of every page: nothing but our own style sheet, named by its hash. */
void node_page_policy(char ret_policy[NODE_PAGE_POLICY_BYTES]);

/* What is on every page. */
struct node_page {
	const struct catalog_charter *charter;
	const struct node_http_request *request; /* its parameters fill the form; NULL: none */
};

/* The first page: status is the answer to "status", found that to "search". */
int node_page_home(const struct node_page *page, const struct catalog_value *status,
		   const struct catalog_value *found, struct catalog_buffer *buffer);

/* The members: status as above. */
int node_page_members(const struct node_page *page, const struct catalog_value *status,
		      struct catalog_buffer *buffer);

/* An error: its status and a sentence. */
int node_page_error(const struct node_page *page, unsigned status, const char *detail,
		    struct catalog_buffer *buffer);

/* --- for other pages ---------------------------------------------------------------------- */

/* What comes before and after a page's own part.  title is text, for the window. */
void node_page_begin(struct node_html *html, const struct node_page *page, const char *title);
void node_page_end(struct node_html *html);

/* The attributes lang (if tag is one) and dir of a text in the language tag. */
void node_page_lang(struct node_html *html, const char *tag);

/* 1204 as "1,204". */
void node_page_number(struct node_html *html, int64_t number);

/* The number under key of a map, or standard. */
int64_t node_page_int(const struct catalog_value *map, const char *key, int64_t standard);

/* The text under key of a map, or "". */
const char *node_page_str(const struct catalog_value *map, const char *key);

#endif
