#include "node/http_send.h"

#include <string.h>

#include "node/http_date.h"

void node_http_send_init(struct node_http_send *send, const struct catalog_charter *charter)
{
	send->charter = charter;
	node_page_policy(send->policy);
}

const char *node_http_send_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Add a header.  Failing is being out of memory: the answer is then sent without. */
static void add(struct MHD_Response *response, const char *name, const char *value)
{
	(void)MHD_add_response_header(response, name, value);
}

enum MHD_Result node_http_send_response(const struct node_http_send *send,
					struct MHD_Connection *connection,
					const struct node_http_reply *reply,
					struct MHD_Response *response)
{
	enum MHD_Result sent;
	unsigned status = reply->status;

	if (response == NULL)
		return MHD_NO;
	add(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	add(response, "X-Content-Type-Options", "nosniff");
	add(response, "Cross-Origin-Resource-Policy", "same-origin");
	add(response, "Referrer-Policy", "no-referrer");
	add(response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    reply->fresh     ? "no-store"
	    : reply->lasting ? "public, max-age=31536000, immutable"
			     : "no-cache");
	if (reply->disposition[0] != '\0')
		add(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, reply->disposition);
	if (strncmp(reply->type, "text/html", 9) == 0)
		add(response, "Content-Security-Policy", send->policy);
	if (reply->speaks)
		add(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
	if (reply->modified[0] != '\0')
		add(response, MHD_HTTP_HEADER_LAST_MODIFIED, reply->modified);
	if (reply->etag[0] != '\0')
		add(response, MHD_HTTP_HEADER_ETAG, reply->etag);
	if (status == 405)
		add(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (status == 503)
		add(response, MHD_HTTP_HEADER_RETRY_AFTER, "30");
	/* Who asks in ways that may be read differently elsewhere is not listened to any longer. */
	if (status == 400 || status == 405 || status == 414 || status == 431)
		add(response, MHD_HTTP_HEADER_CONNECTION, "close");
	sent = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return sent;
}

bool node_http_send_has(struct MHD_Connection *connection, const struct node_http_reply *reply)
{
	const char *tags = node_http_send_header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *since = node_http_send_header(connection, MHD_HTTP_HEADER_IF_MODIFIED_SINCE);
	int64_t since_s, modified_s;

	if (reply->etag[0] != '\0' && tags != NULL)
		return node_http_request_matches(tags, reply->etag);
	return since != NULL && node_http_date_read(since, &since_s) == 0 &&
	       node_http_date_read(reply->modified, &modified_s) == 0 && since_s >= modified_s;
}

enum MHD_Result node_http_send_reply(const struct node_http_send *send,
				     struct MHD_Connection *connection,
				     struct node_http_reply *reply)
{
	struct MHD_Response *response;

	if (reply->status == 200 && node_http_send_has(connection, reply)) {
		reply->status = 304;
		catalog_buffer_close(&reply->body);
	}
	response = MHD_create_response_from_buffer(reply->body.len, reply->body.bytes,
						   MHD_RESPMEM_MUST_FREE);
	if (response != NULL)
		reply->body = (struct catalog_buffer){0}; /* the response's now */
	return node_http_send_response(send, connection, reply, response);
}

enum MHD_Result node_http_send_error(const struct node_http_send *send,
				     struct MHD_Connection *connection,
				     enum node_http_request_form form, unsigned status,
				     const char *detail)
{
	struct node_page page = {.charter = send->charter};
	struct node_http_reply reply = {.status = status, .type = "text/html; charset=utf-8"};
	enum MHD_Result sent = MHD_NO;
	int r;

	if (form == NODE_HTTP_REQUEST_HTML)
		r = node_page_error(&page, status, detail, &reply.body);
	else
		r = node_http_reply_problem(&reply, status, detail, NULL);
	reply.fresh = true;
	if (r == 0)
		sent = node_http_send_reply(send, connection, &reply);
	node_http_reply_close(&reply);
	return sent;
}
