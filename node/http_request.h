/* node/http_request.h - what an HTTP request asks for: its target taken apart, its headers looked
 * at.  Pure functions. */
#ifndef NODE_HTTP_REQUEST_H
#define NODE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/listing.h"
#include "node/config.h"
#include "node/error.h"

#define NODE_HTTP_REQUEST_TARGET_MAX     4096 /* bytes */
#define NODE_HTTP_REQUEST_PARAMETERS_MAX 48
#define NODE_HTTP_REQUEST_LANG_BYTES     36 /* a language tag and the NUL */

enum node_http_request_route {
	NODE_HTTP_REQUEST_HOME,    /* / */
	NODE_HTTP_REQUEST_ATOM,    /* /feed.atom */
	NODE_HTTP_REQUEST_FEED,    /* /feed.json */
	NODE_HTTP_REQUEST_ROSTER,  /* /members */
	NODE_HTTP_REQUEST_PAGE,    /* /listing/{member}/{id} */
	NODE_HTTP_REQUEST_HEALTH,  /* /healthz */
	NODE_HTTP_REQUEST_METRICS, /* /metrics */
	NODE_HTTP_REQUEST_CHARTER, /* /charter */
	NODE_HTTP_REQUEST_STATUS,  /* /api/v1/... */
	NODE_HTTP_REQUEST_MEMBERS,
	NODE_HTTP_REQUEST_FORK,     /* /api/v1/members/{member}/fork */
	NODE_HTTP_REQUEST_CONFLICT, /* /api/v1/charter/{number}/conflict */
	NODE_HTTP_REQUEST_NODES,
	NODE_HTTP_REQUEST_SEARCH,
	NODE_HTTP_REQUEST_SUGGEST,
	NODE_HTTP_REQUEST_RECEIPT, /* /api/v1/listings/{member}/{id}/receipt: before LISTING */
	NODE_HTTP_REQUEST_LISTING,
	NODE_HTTP_REQUEST_EXPORT,
	NODE_HTTP_REQUEST_CHECKPOINT, /* /log/{member}/checkpoint */
	NODE_HTTP_REQUEST_TILE,       /* /log/{member}/tile/... */
	NODE_HTTP_REQUEST_ROUTES
};

enum node_http_request_form {
	NODE_HTTP_REQUEST_HTML,
	NODE_HTTP_REQUEST_JSON,
	NODE_HTTP_REQUEST_LINES, /* JSON, one value a line */
	NODE_HTTP_REQUEST_TEXT,
	NODE_HTTP_REQUEST_BYTES,
	NODE_HTTP_REQUEST_ATOM_FEED, /* as RFC 4287 has it */
	NODE_HTTP_REQUEST_JSON_FEED,
};

struct node_http_request_parameter {
	const char *name, *value; /* decoded, borrowed from the request */
};

struct node_http_request {
	enum node_http_request_route route;
	const char *member, *id; /* of a listing: decoded, borrowed from the request.  Of a tile, id
				    is its path (catalog/tile.h) */
	size_t parameter_count;
	struct node_http_request_parameter parameters[NODE_HTTP_REQUEST_PARAMETERS_MAX];
	char text[2 * NODE_HTTP_REQUEST_TARGET_MAX]; /* what the above point into */
};

/* Read a request's target as it came ("/api/v1/search?q=rice", or with "http://host" before it).
 * The request points into itself: it is not to be copied.  *ret_form, which form the answer or the
 * error has, is written on failure, too.  Returns 0, -ENAMETOOLONG, -EBADMSG if it is not
 * well-formed, -ENOENT if there is nothing of that name, -EINVAL if a parameter is unknown or given
 * twice. */
int node_http_request_read(const char *target, struct node_http_request *ret_request,
			   enum node_http_request_form *ret_form, struct node_error *ret_error);

/* Which form an error has whose request was not read to the end. */
enum node_http_request_form node_http_request_guess(const char *target);

/* The media type of a form, without its charset. */
const char *node_http_request_type(enum node_http_request_form form);

/* The value of a parameter; NULL if it is absent or empty. */
const char *node_http_request_parameter(const struct node_http_request *request, const char *name);

/* Whether a Host (with or without a port) is a loopback name or address, or the one listened on. */
bool node_http_request_host(const char *host, const struct node_config_address *listen);

/* Whether a Host is that of the URL (NULL or "": of none). */
bool node_http_request_is_public(const char *host, const char *public_url);

/* Whether a header's name is a token, as RFC 9110 has it. */
bool node_http_request_token(const char *name);

/* Whether an Accept header (NULL: any) lets this media type through. */
bool node_http_request_accepts(const char *accept, const char *media_type);

/* Whether an If-None-Match header (NULL: none) names this entity tag, quotes included. */
bool node_http_request_matches(const char *if_none_match, const char *etag);

/* The language that an Accept-Language header (NULL: none) names first; "" if none. */
void node_http_request_language(const char *accept_language,
				char ret_lang[NODE_HTTP_REQUEST_LANG_BYTES]);

#endif
