/* node/http_page.h - which page a request gets, and which feed: asks, and has it written. */
#ifndef NODE_HTTP_PAGE_H
#define NODE_HTTP_PAGE_H

#include "node/control.h"
#include "node/http_reply.h"
#include "node/http_request.h"

/* Make the page that is asked for, or one that says why not; lang, "" for none, is the reader's
 * language.  Returns 0, -ENOMEM. */
int node_http_page_write(const struct catalog_charter *charter, struct node_session *session,
			 const struct node_http_request *request, const char *lang,
			 struct node_http_reply *reply);

/* Make the feed that is asked for, or problem details; base is where others reach this server.
 * Returns 0, -ENOMEM. */
int node_http_page_feed(const struct catalog_charter *charter, struct node_session *session,
			const struct node_http_request *request, const char *lang, const char *base,
			struct node_http_reply *reply);

#endif
