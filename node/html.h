/* node/html.h - write HTML in which what others wrote is text, whatever it holds.
 *
 * Every function appends to a buffer and returns 0, -ENOMEM.  Once one of them has failed the page
 * is not to be used; so that a page is written without a check in each line, they remember:
 * struct node_html is the buffer and the first failure, after which they do nothing. */
#ifndef NODE_HTML_H
#define NODE_HTML_H

#include "catalog/buffer.h"

struct node_html {
	struct catalog_buffer *buffer; /* borrowed */
	int failed;                    /* 0, or the first failure */
};

/* Append markup of our own: a constant. */
void node_html_raw(struct node_html *html, const char *markup);

/* Append text, escaped for content and for attributes in quotes.  NULL is "". */
void node_html_text(struct node_html *html, const char *text);

/* The same, formatted as by printf. */
void node_html_print(struct node_html *html, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Append text percent-encoded, as one segment of a path or one value of a query. */
void node_html_segment(struct node_html *html, const char *text);

/* Append text as a link to url, if that is one which is safe to follow (http, https, ftp, mailto);
 * else as text. */
void node_html_link(struct node_html *html, const char *url, const char *text);

#endif
