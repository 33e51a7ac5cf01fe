/* node/request.h - one request over the control socket, from its bytes to its reply's: the slow
 * parts, for workers.
 *
 * Threads  one at a time for each request; node_request_handle() as node_control_handle().
 */
#ifndef NODE_REQUEST_H
#define NODE_REQUEST_H

#include "node/control.h"

struct node_request {
	struct catalog_buffer bytes; /* as it came; ended when it is decoded */
	int bad;                     /* what decoding said */
	struct catalog_value *value; /* decoded */
	struct catalog_buffer reply; /* its frame; empty when out of memory */
};

/* End a request's memory. */
void node_request_close(struct node_request *request);

/* Cut a whole frame off the front of what has come in.  Returns 0 (ret_request is that of a new
 * request, the rest of in moves up), -EAGAIN if none is whole, -E2BIG, -ENOMEM. */
int node_request_cut(struct catalog_buffer *in, struct node_request *ret_request);

/* Take its bytes apart. */
void node_request_decode(struct node_request *request);

/* Have it handled, and make the reply. */
void node_request_handle(struct node_request *request, struct node_session *session);

/* Make the reply of what came of it.  Takes answer, which is NULL when code is not 0. */
void node_request_answer(struct node_request *request, int code, struct catalog_value *answer,
			 const struct node_error *error);

#endif
