/* node/page.h - the web page: members, errors, and what all pages share.  Plain HTML that needs no
 * script and nothing from elsewhere.
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
#include "node/http_search.h"

#define NODE_PAGE_POLICY_BYTES 384

/* The Content-Security-Policy of every page: nothing but our own style sheet and script, named
 * by their hashes, and questions to this node. */
void node_page_policy(char ret_policy[NODE_PAGE_POLICY_BYTES]);

/* What is on every page. */
struct node_page {
	const struct catalog_charter *charter;
	const struct node_http_search *search; /* which fills the form; NULL: none */
};

/* The members: status is the answer to "status". */
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

/* The attribute href, with the target that was made with the outcome r; ends target. */
void node_page_href(struct node_html *html, int r, struct catalog_buffer *target);

/* What the search of the page says, "" if nothing; and whether it says something. */
const char *node_page_parameter(const struct node_page *page, const char *name);
bool node_page_is_given(const struct node_page *page, const char *name);

/* 1204 as "1,204". */
void node_page_number(struct node_html *html, int64_t number);

/* The members and how much of each is held, as a table; and what it means that some are forked,
 * which nobody may overlook. */
void node_page_members_table(struct node_html *html, const struct catalog_value *status);
void node_page_forks(struct node_html *html, const struct catalog_value *status);

/* The text under key of a map, or "". */
const char *node_page_str(const struct catalog_value *map, const char *key);

#endif
