/* node/page_script.h - the one script of the web page: suggestions while typing.  Everything works
 * without it; the pages' Content-Security-Policy names it by its hash, so that no other runs. */
#ifndef NODE_PAGE_SCRIPT_H
#define NODE_PAGE_SCRIPT_H

const char *node_page_script_text(void);

#endif
