/* node/http.c - libmicrohttpd's side: sockets, threads, headers; what is answered is decided in
 * node/http_api and node/page.
 *
 * libmicrohttpd hands out the target with its percent-encoding undone and cut at a NUL, with which
 * an id that holds a slash or a question mark cannot be told from a path.  So we take the target as
 * it came, in the callback that is meant for logging, and read it ourselves. */
#include "node/http.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include "catalog/index_later.h"
#include "catalog/log.h"
#include "node/http_api.h"
#include "node/http_changed.h"
#include "node/http_check.h"
#include "node/http_date.h"
#include "node/http_log.h"
#include "node/http_page.h"
#include "node/http_reply.h"
#include "node/http_request.h"
#include "node/http_send.h"
#include "node/http_watch.h"
#include "node/metrics.h"
#include "node/socket.h"

#define BACKLOG      64
#define BASE_BYTES   512          /* of a URL, with the NUL */
#define EXPORT_BYTES (64u * 1024) /* that a reader of an export is given at a time */

struct node_http {
	struct node_http_options options;
	struct node_config_address address;
	struct MHD_Daemon *daemon;
	struct node_http_watch *watch;
	struct node_http_changed *changed;
	struct node_http_send send;
};

/* One request, from its first line until it is answered. */
struct exchange {
	bool seen;                                     /* its headers were looked at */
	char target[NODE_HTTP_REQUEST_TARGET_MAX + 2]; /* one byte more than is allowed, if it is
							  too long */
};

/* --- answering -------------------------------------------------------------------------- */

/* What a search finds is the same for as long as the catalogue is, and what the search index lacks
 * of it: tag it by the version vector, that, the target and the language, before anything is looked
 * for.  Since when it has been so is for feeds. */
static int tag_search(struct node_http *http, const char *target, const char *lang,
		      struct node_http_reply *reply)
{
	struct catalog_buffer bytes = {0};
	int64_t now_s = (int64_t)time(NULL), since_s;
	uint64_t missing = 0;
	struct catalog_hash vector;
	const struct catalog_span parts[] = {{vector.bytes, sizeof vector.bytes},
					     {(const uint8_t *)&missing, sizeof missing}};
	struct catalog_txn *txn;
	int r;

	r = catalog_store_begin(http->options.store, &txn);
	if (r != 0)
		return r;
	r = catalog_log_vector_hash(txn, &vector);
	if (r == 0)
		r = catalog_index_later_missing(txn, &missing);
	catalog_store_end(txn);
	if (r == 0 && missing > 0)
		catalog_hash_of_parts(parts, 2, &vector);
	if (r == 0)
		r = catalog_buffer_append(&bytes, &vector, sizeof vector);
	if (r == 0)
		r = catalog_buffer_print(&bytes, "%s %s", lang, target);
	if (r == 0)
		node_http_reply_tag(reply, bytes.bytes, bytes.len);
	catalog_buffer_close(&bytes);
	if (r != 0)
		return r;
	since_s = node_http_changed_look(http->changed, &vector, now_s);
	if (since_s >= 0)
		node_http_date_write(since_s, reply->modified);
	return 0;
}

static ssize_t read_export(void *arg, uint64_t position, char *bytes, size_t len_max)
{
	ssize_t n = node_http_api_export_read(arg, bytes, len_max);

	(void)position;
	/* A transfer that ends in an error is cut, and the client sees that it is not whole. */
	return n > 0    ? n
	       : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM
			: MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_export(void *arg)
{
	node_http_api_export_free(arg);
}

/* Takes session. */
static enum MHD_Result send_export(struct node_http *http, struct MHD_Connection *connection,
				   struct node_session *session,
				   const struct node_http_request *request)
{
	struct node_http_reply reply = {
		.status = 200, .type = "application/x-ndjson; charset=utf-8", .fresh = true};
	struct node_http_api_export *export;
	struct MHD_Response *response;
	struct node_error error;
	int r;

	r = node_http_api_export_new(session, node_http_request_parameter(request, "member"),
				     &export, &error);
	if (r != 0)
		return node_http_send_error(&http->send, connection, NODE_HTTP_REQUEST_LINES,
					    node_http_reply_status(r), error.text);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EXPORT_BYTES, read_export,
						     export, end_export);
	if (response == NULL)
		node_http_api_export_free(export);
	return node_http_send_response(&http->send, connection, &reply, response);
}

static ssize_t read_bundle(void *arg, uint64_t position, char *bytes, size_t len_max)
{
	ssize_t n = node_http_log_bundle_read(arg, bytes, len_max);

	(void)position;
	/* The length was promised: an end before it is an error. */
	return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_bundle(void *arg)
{
	node_http_log_bundle_free(arg);
}

/* A member's log, for auditors. */
static enum MHD_Result send_log(struct node_http *http, struct MHD_Connection *connection,
				const struct node_http_request *request,
				enum node_http_request_form form)
{
	struct node_http_reply reply = {0};
	struct node_http_log_bundle *bundle = NULL;
	struct MHD_Response *response;
	enum MHD_Result sent;
	int r;

	if (request->route == NODE_HTTP_REQUEST_CHECKPOINT)
		r = node_http_log_checkpoint(http->options.store, http->options.charter,
					     request->member, &reply);
	else
		r = node_http_log_tile(http->options.store, http->options.charter, request->member,
				       request->id, &reply, &bundle);
	if (r != 0) {
		node_http_reply_close(&reply);
		return node_http_send_error(&http->send, connection, form,
					    node_http_reply_status(r),
					    "this node cannot answer now");
	}
	if (bundle == NULL ||
	    node_http_request_matches(
		    node_http_send_header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH), reply.etag)) {
		node_http_log_bundle_free(bundle);
		reply.fresh = reply.status != 200;
		sent = node_http_send_reply(&http->send, connection, &reply);
	} else {
		response = MHD_create_response_from_callback(node_http_log_bundle_len(bundle),
							     NODE_HTTP_LOG_STEP_BYTES, read_bundle,
							     bundle, end_bundle);
		if (response == NULL)
			node_http_log_bundle_free(bundle);
		sent = node_http_send_response(&http->send, connection, &reply, response);
	}
	node_http_reply_close(&reply);
	return sent;
}

/* Whether the store can be read. */
static enum MHD_Result send_health(struct node_http *http, struct MHD_Connection *connection)
{
	struct node_http_reply reply = {
		.status = 200, .type = "text/plain; charset=utf-8", .fresh = true};
	enum MHD_Result sent = MHD_NO;

	if (tag_search(http, "", "", &reply) != 0)
		return node_http_send_error(&http->send, connection, NODE_HTTP_REQUEST_TEXT, 503,
					    "the store cannot be read");
	reply.etag[0] = '\0';
	if (catalog_buffer_print(&reply.body, "ok\n") == 0)
		sent = node_http_send_reply(&http->send, connection, &reply);
	node_http_reply_close(&reply);
	return sent;
}

/* The charter as it is now.  Its bytes stay for as long as the node does. */
static enum MHD_Result send_charter(struct node_http *http, struct MHD_Connection *connection)
{
	struct catalog_span bytes = catalog_charter_bytes(http->options.charter);
	struct node_http_reply reply = {
		.status = 200, .type = "application/octet-stream", .fresh = true};

	return node_http_send_response(
		&http->send, connection, &reply,
		MHD_create_response_from_buffer(bytes.len, (void *)(uintptr_t)bytes.bytes,
						MHD_RESPMEM_PERSISTENT));
}

/* The status as OpenMetrics. */
static enum MHD_Result send_metrics(struct node_http *http, struct MHD_Connection *connection,
				    struct node_session *session)
{
	struct node_http_reply reply = {.status = 200, .type = NODE_METRICS_TYPE, .fresh = true};
	struct catalog_value *status = NULL;
	enum MHD_Result sent = MHD_NO;
	struct node_error error;
	int r = node_http_api_ask_op(session, "status", &status, &error);

	if (r != 0)
		return node_http_send_error(&http->send, connection, NODE_HTTP_REQUEST_TEXT,
					    node_http_reply_status(r), error.text);
	if (node_metrics_print(status, http->options.log, (int64_t)time(NULL), &reply.body) == 0)
		sent = node_http_send_reply(&http->send, connection, &reply);
	catalog_value_free(status);
	node_http_reply_close(&reply);
	return sent;
}

/* Whether the client takes what there is.  Who scrapes metrics may name their own type alone, or,
 * if it is old, the type of all text; who reads feeds, the type that theirs is a kind of. */
static bool accepts(struct MHD_Connection *connection, const struct node_http_request *request,
		    enum node_http_request_form form)
{
	const char *accept = node_http_send_header(connection, MHD_HTTP_HEADER_ACCEPT);

	const char *other = request->route == NODE_HTTP_REQUEST_METRICS
				    ? "application/openmetrics-text"
			    : form == NODE_HTTP_REQUEST_ATOM_FEED ? "application/xml"
			    : form == NODE_HTTP_REQUEST_JSON_FEED ? "application/json"
								  : NULL;

	return node_http_request_accepts(accept, node_http_request_type(form)) ||
	       (other != NULL && node_http_request_accepts(accept, other));
}

/* Where the client reaches this server. */
static void print_base(const struct node_http *http, struct MHD_Connection *connection,
		       char base[BASE_BYTES])
{
	const char *url = http->options.public_url,
		   *host = node_http_send_header(connection, "Host");
	int n = url != NULL && url[0] != '\0'
			? snprintf(base, BASE_BYTES, "%s", url)
			: snprintf(base, BASE_BYTES, "http://%s", host != NULL ? host : "");

	if (n < 0 || n >= BASE_BYTES)
		base[0] = '\0'; /* then targets are relative */
}

/* The feed of a search.  It is another on another day, with the withdrawals that it tells. */
static int make_feed(struct node_http *http, struct MHD_Connection *connection,
		     struct node_session *session, const char *target, const char *lang,
		     const struct node_http_request *request, struct node_http_reply *reply)
{
	char base[BASE_BYTES], about[NODE_HTTP_REQUEST_TARGET_MAX + BASE_BYTES + 40];
	int r;

	print_base(http, connection, base);
	(void)snprintf(about, sizeof about, "%lld %s%s", (long long)time(NULL) / (24 * 60 * 60),
		       base, target); /* it fits */
	r = tag_search(http, about, lang, reply);
	if (r != 0 || node_http_send_has(connection, reply))
		return r;
	return node_http_page_feed(http->options.charter, session, request, lang, base, reply);
}

/* A search, as a page or as JSON. */
static int make_search(struct node_http *http, struct MHD_Connection *connection,
		       struct node_session *session, const char *target, const char *lang,
		       const struct node_http_request *request, struct node_http_reply *reply)
{
	int r = tag_search(http, target, lang, reply);

	reply->modified[0] = '\0'; /* pages change with the program, too, and JSON has a tag */
	if (r != 0 || node_http_send_has(connection, reply))
		return r;
	return request->route == NODE_HTTP_REQUEST_SEARCH
		       ? node_http_api_answer(session, request, reply)
		       : node_http_page_write(http->options.charter, session, request, lang, reply);
}

/* Answer with JSON, a page or a feed. */
static enum MHD_Result send_answer(struct node_http *http, struct MHD_Connection *connection,
				   struct node_session *session, const char *target,
				   const struct node_http_request *request,
				   enum node_http_request_form form)
{
	struct node_http_reply reply = {.status = 200, .type = "application/json"};
	char lang[NODE_HTTP_REQUEST_LANG_BYTES] = "";
	enum MHD_Result sent = MHD_NO;
	bool feeding = form == NODE_HTTP_REQUEST_ATOM_FEED || form == NODE_HTTP_REQUEST_JSON_FEED;
	bool searching = request->route == NODE_HTTP_REQUEST_SEARCH ||
			 (request->route == NODE_HTTP_REQUEST_HOME && request->parameter_count > 0);
	int r = 0;

	reply.speaks = feeding || form == NODE_HTTP_REQUEST_HTML;
	if (reply.speaks)
		node_http_request_language(
			node_http_send_header(connection, MHD_HTTP_HEADER_ACCEPT_LANGUAGE), lang);
	if (form == NODE_HTTP_REQUEST_HTML)
		reply.type = "text/html; charset=utf-8";
	reply.fresh = request->route == NODE_HTTP_REQUEST_STATUS;
	if (feeding)
		r = make_feed(http, connection, session, target, lang, request, &reply);
	else if (searching)
		r = make_search(http, connection, session, target, lang, request, &reply);
	else if (form == NODE_HTTP_REQUEST_HTML)
		r = node_http_page_write(http->options.charter, session, request, lang, &reply);
	else
		r = node_http_api_answer(session, request, &reply);
	if (r != 0) {
		node_http_reply_close(&reply);
		return node_http_send_error(&http->send, connection, form,
					    node_http_reply_status(r),
					    "this node cannot answer now");
	}
	if (reply.status == 200 && !searching && !feeding && !reply.fresh)
		node_http_reply_tag(&reply, reply.body.bytes, reply.body.len);
	if (reply.status != 200) {
		reply.fresh = true;
		reply.modified[0] = '\0';
	}
	sent = node_http_send_reply(&http->send, connection, &reply);
	node_http_reply_close(&reply);
	return sent;
}

static enum MHD_Result answer(struct node_http *http, struct MHD_Connection *connection,
			      const char *target)
{
	struct node_http_request *request = malloc(sizeof *request);
	struct node_session *session = NULL;
	enum node_http_request_form form;
	enum MHD_Result sent;
	struct node_error error;
	int r;

	if (request == NULL)
		return MHD_NO;
	r = node_http_request_read(target, request, &form, &error);
	if (r != 0) {
		sent = node_http_send_error(&http->send, connection, form,
					    r == -ENAMETOOLONG ? 414
					    : r == -ENOENT     ? 404
							       : 400,
					    error.text);
	} else if (!accepts(connection, request, form)) {
		(void)node_error_set(&error, -EINVAL, "there is this as %s only",
				     node_http_request_type(form));
		sent = node_http_send_error(&http->send, connection, form, 406, error.text);
	} else if (request->route == NODE_HTTP_REQUEST_HEALTH) {
		sent = send_health(http, connection);
	} else if (request->route == NODE_HTTP_REQUEST_CHARTER) {
		sent = send_charter(http, connection);
	} else if (request->route == NODE_HTTP_REQUEST_CHECKPOINT ||
		   request->route == NODE_HTTP_REQUEST_TILE) {
		sent = send_log(http, connection, request, form);
	} else if (node_control_session_new(http->options.control, &session) != 0) {
		sent = node_http_send_error(&http->send, connection, form, 503,
					    "this node is out of memory");
	} else if (request->route == NODE_HTTP_REQUEST_METRICS) {
		sent = send_metrics(http, connection, session);
	} else if (request->route == NODE_HTTP_REQUEST_EXPORT) {
		sent = send_export(http, connection, session, request);
		session = NULL; /* the export's */
	} else {
		sent = send_answer(http, connection, session, target, request, form);
	}
	if (session != NULL)
		node_control_session_free(session);
	free(request);
	return sent;
}

/* --- libmicrohttpd's callbacks ---------------------------------------------------------- */

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct node_http *http = arg;

	if (code == MHD_CONNECTION_NOTIFY_STARTED && info != NULL) {
		*context = node_http_watch_add(http->watch, info->connect_fd);
	} else if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		node_http_watch_remove(*context); /* the socket is closed after this */
		*context = NULL;
	}
}

static struct node_http_watched *watched(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void *on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	(void)arg;
	(void)connection;
	if (exchange != NULL)
		(void)snprintf(exchange->target, sizeof exchange->target, "%s",
			       target); /* cut one byte beyond what is allowed */
	return exchange;
}

static size_t on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text); /* left as it is: see the top of this file */
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_len, void **context)
{
	struct node_http *http = arg;
	struct exchange *exchange = *context;
	const char *why;
	unsigned status;

	(void)url;
	(void)version;
	(void)upload;
	if (exchange == NULL)
		return MHD_NO; /* out of memory */
	if (exchange->seen) {
		assert(*upload_len == 0); /* a body was refused */
		(void)upload_len;
		return answer(http, connection, exchange->target);
	}
	exchange->seen = true;
	node_http_watch_answering(watched(connection));
	status = node_http_check_headers(connection, method, &http->address,
					 http->options.public_url, &why);
	node_log_line(http->options.log, NODE_CONFIG_DEBUG, "http: %s %.200s%s%s", method,
		      exchange->target, status != 0 ? ": " : "", status != 0 ? why : "");
	if (status == 0)
		return MHD_YES; /* called again when the request is whole */
	return node_http_send_error(&http->send, connection,
				    node_http_request_guess(exchange->target), status, why);
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode code)
{
	(void)arg;
	(void)code;
	node_http_watch_answered(watched(connection));
	free(*context);
	*context = NULL;
}

static void on_log(void *arg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void on_log(void *arg, const char *format, va_list args)
{
	struct node_http *http = arg;
	char line[400];

	(void)vsnprintf(line, sizeof line, format, args); /* cut: it informs people */
	line[strcspn(line, "\r\n")] = '\0';
	node_log_line(http->options.log, NODE_CONFIG_DEBUG, "http: %s", line);
}

/* --- start and end ---------------------------------------------------------------------- */

/* Start libmicrohttpd on a socket, which it then owns. */
static int start(struct node_http *http, int fd)
{
	unsigned threads = http->options.threads;
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_LISTEN_SOCKET, fd, NULL},
		{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
		{MHD_OPTION_CONNECTION_LIMIT, http->options.connections, NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, NODE_HTTP_IDLE_SECONDS, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, NODE_HTTP_MEMORY_BYTES, NULL},
		/* One thread is what there is without this option, which does not take a 1. */
		{threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
		{MHD_OPTION_END, 0, NULL},
	};

	http->daemon = MHD_start_daemon(
		MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, http,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, http, MHD_OPTION_URI_LOG_CALLBACK, on_target,
		http, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, http, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, http, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	return http->daemon != NULL ? 0 : -EIO;
}

int node_http_open(const struct node_http_options *options, struct node_http **ret_http,
		   struct node_error *ret_error)
{
	struct node_http *http = calloc(1, sizeof *http);
	char text[NODE_CONFIG_ADDRESS_BYTES];
	int fd = -1, r;

	if (http == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	http->options = *options;
	http->address = *options->listen;
	node_http_send_init(&http->send, options->charter);
	node_config_print(options->listen, text);
	r = node_socket_listen(options->listen, BACKLOG, &fd, &http->address.port);
	if (r == -EADDRINUSE)
		(void)node_error_set(ret_error, r,
				     "HTTP on %s: another program listens there; choose another "
				     "with --http, or port 0 for any free one",
				     text);
	else if (r != 0)
		(void)node_error_set(ret_error, r, "HTTP on %s: %s", text, node_error_words(r));
	if (r != 0)
		goto out;
	r = node_http_watch_new(options->request_ms != 0 ? options->request_ms
							 : NODE_HTTP_REQUEST_MS,
				NODE_HTTP_ANSWER_MS, &http->watch);
	if (r == 0)
		r = node_http_changed_new(&http->changed);
	if (r == 0)
		r = start(http, fd);
	if (r != 0) {
		(void)close(fd); /* nothing was written */
		(void)node_error_set(ret_error, r, "HTTP on %s: cannot start its threads", text);
		goto out;
	}
	*ret_http = http;
	http = NULL;
out:
	if (http != NULL) {
		node_http_watch_free(http->watch);
		node_http_changed_free(http->changed);
	}
	free(http);
	return r;
}

void node_http_close(struct node_http *http)
{
	if (http == NULL)
		return;
	MHD_stop_daemon(http->daemon);
	node_http_watch_free(http->watch);
	node_http_changed_free(http->changed);
	free(http);
}

const struct node_config_address *node_http_address(const struct node_http *http)
{
	return &http->address;
}
