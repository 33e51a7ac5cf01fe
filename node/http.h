/* node/http.h - the HTTP API and the web page, on threads of their own (libmicrohttpd).
 *
 * Each request is answered from a snapshot of the store by node_control_handle(), so that HTTP says
 * what the control socket says, and never waits for the writer.  What the paths are is in
 * docs/http.md.
 *
 * Requests are refused that a proxy in front might read otherwise than we do (a body, two lengths,
 * a transfer coding, white space in a header's name), and those whose Host is neither a loopback
 * name, nor where we listen, nor that of our public URL: a page of somebody else's that has its
 * name resolve to 127.0.0.1 must not read us.
 *
 * Threads  opening and closing: one; answers: options.threads of them.
 * Limits   NODE_HTTP_..., and those of node/http_request.
 */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include "node/config.h"
#include "node/control.h"
#include "node/log.h"

#define NODE_HTTP_CONNECTIONS_MAX  256
#define NODE_HTTP_IDLE_SECONDS     15                /* a connection on which nothing happens */
#define NODE_HTTP_REQUEST_MS       20000             /* for a request to be whole */
#define NODE_HTTP_ANSWER_MS        (15u * 60 * 1000) /* for its answer to be taken */
#define NODE_HTTP_HEADERS_MAX      64                /* lines */
#define NODE_HTTP_HEADER_BYTES_MAX 8192              /* all lines together */
#define NODE_HTTP_MEMORY_BYTES     (48u * 1024)      /* of one connection */

struct node_http;

/* All borrowed for the life of the server. */
struct node_http_options {
	const struct node_config_address *listen;
	const char *public_url; /* whose host is ours, too; NULL or "": none */
	unsigned threads;
	unsigned connections; /* at most */
	uint64_t request_ms;  /* 0: NODE_HTTP_REQUEST_MS */
	struct node_control *control;
	struct catalog_store *store;
	const struct catalog_charter *charter;
	struct node_log *log;
};

/* Listen and answer.  The caller owns *ret_http.  Returns 0, -EADDRINUSE, ..., -ENOMEM. */
int node_http_open(const struct node_http_options *options, struct node_http **ret_http,
		   struct node_error *ret_error);

/* Finish what is being answered and end it.  NULL is allowed. */
void node_http_close(struct node_http *http);

/* Where it listens, with the port it got. */
const struct node_config_address *node_http_address(const struct node_http *http);

#endif
