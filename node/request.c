#include "node/request.h"

#include <errno.h>
#include <string.h>

#include "node/reply.h"

void node_request_close(struct node_request *request)
{
	catalog_buffer_close(&request->bytes);
	catalog_buffer_close(&request->reply);
	catalog_value_free(request->value);
	request->value = NULL;
}

int node_request_cut(struct catalog_buffer *in, struct node_request *ret_request)
{
	struct node_request request = {0};
	size_t len;
	int r;

	if (in->len < NODE_CONTROL_HEADER_BYTES)
		return -EAGAIN;
	len = (size_t)in->bytes[0] << 24 | (size_t)in->bytes[1] << 16 | (size_t)in->bytes[2] << 8 |
	      in->bytes[3];
	if (len > NODE_CONTROL_REQUEST_MAX)
		return -E2BIG;
	if (in->len - NODE_CONTROL_HEADER_BYTES < len)
		return -EAGAIN;
	r = catalog_buffer_append(&request.bytes, in->bytes + NODE_CONTROL_HEADER_BYTES, len);
	if (r != 0)
		return r;
	in->len -= NODE_CONTROL_HEADER_BYTES + len;
	memmove(in->bytes, in->bytes + NODE_CONTROL_HEADER_BYTES + len, in->len);
	*ret_request = request;
	return 0;
}

void node_request_decode(struct node_request *request)
{
	request->bad = catalog_value_decode(catalog_buffer_span(&request->bytes), &request->value);
	catalog_buffer_close(&request->bytes);
}

void node_request_handle(struct node_request *request, struct node_session *session)
{
	struct catalog_value *answer = NULL;
	struct node_error error = {{0}};
	int r;

	r = node_control_handle(session, request->value, &answer, &error);
	node_request_answer(request, r, answer, &error);
}

void node_request_answer(struct node_request *request, int code, struct catalog_value *answer,
			 const struct node_error *error)
{
	struct catalog_value *value = node_reply_make(code, answer, error);
	struct node_error too_big;

	if (value == NULL)
		return; /* out of memory: there is no reply, and the connection ends */
	if (node_reply_frame(value, NODE_CONTROL_REPLY_MAX, &request->reply) == -E2BIG) {
		catalog_value_free(value);
		(void)node_error_set(&too_big, -E2BIG, "the answer is too long; ask for less");
		value = node_reply_make(-E2BIG, NULL, &too_big);
		if (value == NULL)
			return;
		/* Short: it fails for want of memory alone, and then the connection ends. */
		(void)node_reply_frame(value, NODE_CONTROL_REPLY_MAX, &request->reply);
	}
	catalog_value_free(value);
}
