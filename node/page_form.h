/* node/page_form.h - the form that searches, filled with what is asked for. */
#ifndef NODE_PAGE_FORM_H
#define NODE_PAGE_FORM_H

#include "node/page.h"

/* Append the form.  What it has no field for goes along unseen. */
void node_page_form_write(struct node_html *html, const struct node_page *page);

#endif
