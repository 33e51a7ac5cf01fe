#include "node/http_check.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <microhttpd.h>

#include "node/http.h"
#include "node/http_request.h"

struct headers {
	const struct node_config_address *listen;
	const char *public_url;
	size_t count, bytes, hosts, lengths;
	unsigned status; /* 0: fine so far */
	const char *why;
};

static void refuse(struct headers *headers, unsigned status, const char *why)
{
	if (headers->status != 0)
		return;
	headers->status = status;
	headers->why = why;
}

static enum MHD_Result look_at(void *arg, enum MHD_ValueKind kind, const char *name,
			       const char *value)
{
	struct headers *headers = arg;

	(void)kind;
	value = value != NULL ? value : "";
	headers->count++;
	headers->bytes += strlen(name) + strlen(value) + 4;
	if (!node_http_request_token(name))
		refuse(headers, 400, "the name of a header is no token");
	if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
		refuse(headers, 400,
		       "no request here has a body, and so none has a transfer coding");
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		if (++headers->lengths > 1)
			refuse(headers, 400, "two content lengths");
		if (strcmp(value, "0") != 0)
			refuse(headers, 400, "no request here has a body");
	}
	if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
		if (++headers->hosts > 1)
			refuse(headers, 400, "two hosts");
		if (!node_http_request_host(value, headers->listen) &&
		    !node_http_request_is_public(value, headers->public_url))
			refuse(headers, 421,
			       "this node answers to localhost and to the address that it listens "
			       "on, not to the host that was asked for");
	}
	return MHD_YES;
}

unsigned node_http_check_headers(struct MHD_Connection *connection, const char *method,
				 const struct node_config_address *listen, const char *public_url,
				 const char **ret_why)
{
	struct headers headers = {.listen = listen, .public_url = public_url};

	(void)MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at, &headers);
	if (headers.count > NODE_HTTP_HEADERS_MAX || headers.bytes > NODE_HTTP_HEADER_BYTES_MAX)
		refuse(&headers, 431, "the headers have at most 64 lines and 8,192 bytes");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		refuse(&headers, 405, "everything here is read only: GET and HEAD");
	*ret_why = headers.why;
	return headers.status;
}
