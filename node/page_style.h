/* node/page_style.h - the style sheet of the web page: light and dark, wide and narrow, left to
 * right and right to left. */
#ifndef NODE_PAGE_STYLE_H
#define NODE_PAGE_STYLE_H

/* A constant, without anything that HTML would take for markup. */
const char *node_page_style_text(void);

#endif
