/* node/http_send.h - sends replies: with the headers that every answer has, or 304 to a client that
 * has it. */
#ifndef NODE_HTTP_SEND_H
#define NODE_HTTP_SEND_H

#include <microhttpd.h>

#include "node/http_reply.h"
#include "node/http_request.h"
#include "node/page.h"

struct node_http_send {
	const struct catalog_charter *charter;
	char policy[NODE_PAGE_POLICY_BYTES];
};

/* charter is borrowed. */
void node_http_send_init(struct node_http_send *send, const struct catalog_charter *charter);

/* The value of a request's header; NULL if it has none. */
const char *node_http_send_header(struct MHD_Connection *connection, const char *name);

/* Whether the client has what reply tags, or has it from after it was modified. */
bool node_http_send_has(struct MHD_Connection *connection, const struct node_http_reply *reply);

/* Send response, which is taken (NULL, out of memory, is allowed), with the headers of reply. */
enum MHD_Result node_http_send_response(const struct node_http_send *send,
					struct MHD_Connection *connection,
					const struct node_http_reply *reply,
					struct MHD_Response *response);

/* Send a reply, or 304 if the client has it.  Takes its body. */
enum MHD_Result node_http_send_reply(const struct node_http_send *send,
				     struct MHD_Connection *connection,
				     struct node_http_reply *reply);

/* Send an error in the form that the answer would have had. */
enum MHD_Result node_http_send_error(const struct node_http_send *send,
				     struct MHD_Connection *connection,
				     enum node_http_request_form form, unsigned status,
				     const char *detail);

#endif
