#include "node/http_request.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "catalog/utf8.h"
#include "node/http_search.h"

enum shape {
	WHOLE,     /* path is all of it */
	OF_MEMBER, /* after path come a member and tail */
	OF_THING,  /* after path come a member, a slash, what it is of, and tail */
};

struct route {
	const char *path;
	enum shape shape;
	enum node_http_request_form form;
	const char *parameters; /* separated by spaces */
	const char *tail;
};

/* The first that fits is it. */
static const struct route routes[NODE_HTTP_REQUEST_ROUTES] = {
	[NODE_HTTP_REQUEST_HOME] = {"/", WHOLE, NODE_HTTP_REQUEST_HTML, NODE_HTTP_SEARCH_PARAMETERS,
				    ""},
	[NODE_HTTP_REQUEST_ATOM] = {"/feed.atom", WHOLE, NODE_HTTP_REQUEST_ATOM_FEED,
				    NODE_HTTP_SEARCH_SHARED, ""},
	[NODE_HTTP_REQUEST_FEED] = {"/feed.json", WHOLE, NODE_HTTP_REQUEST_JSON_FEED,
				    NODE_HTTP_SEARCH_SHARED, ""},
	[NODE_HTTP_REQUEST_ROSTER] = {"/members", WHOLE, NODE_HTTP_REQUEST_HTML, "", ""},
	[NODE_HTTP_REQUEST_PAGE] = {"/listing/", OF_THING, NODE_HTTP_REQUEST_HTML, "lang", ""},
	[NODE_HTTP_REQUEST_HEALTH] = {"/healthz", WHOLE, NODE_HTTP_REQUEST_TEXT, "", ""},
	[NODE_HTTP_REQUEST_METRICS] = {"/metrics", WHOLE, NODE_HTTP_REQUEST_TEXT, "", ""},
	[NODE_HTTP_REQUEST_CHARTER] = {"/charter", WHOLE, NODE_HTTP_REQUEST_BYTES, "", ""},
	[NODE_HTTP_REQUEST_STATUS] = {"/api/v1/status", WHOLE, NODE_HTTP_REQUEST_JSON, "", ""},
	[NODE_HTTP_REQUEST_MEMBERS] = {"/api/v1/members", WHOLE, NODE_HTTP_REQUEST_JSON, "", ""},
	[NODE_HTTP_REQUEST_NODES] = {"/api/v1/nodes", WHOLE, NODE_HTTP_REQUEST_JSON, "", ""},
	[NODE_HTTP_REQUEST_FORK] = {"/api/v1/members/", OF_MEMBER, NODE_HTTP_REQUEST_BYTES, "",
				    "/fork"},
	[NODE_HTTP_REQUEST_CONFLICT] = {"/api/v1/charter/", OF_MEMBER, NODE_HTTP_REQUEST_BYTES, "",
					"/conflict"},
	[NODE_HTTP_REQUEST_SEARCH] = {"/api/v1/search", WHOLE, NODE_HTTP_REQUEST_JSON,
				      NODE_HTTP_SEARCH_PARAMETERS, ""},
	[NODE_HTTP_REQUEST_SUGGEST] = {"/api/v1/suggest", WHOLE, NODE_HTTP_REQUEST_JSON, "q", ""},
	[NODE_HTTP_REQUEST_RECEIPT] = {"/api/v1/listings/", OF_THING, NODE_HTTP_REQUEST_TEXT,
				       "absent", "/receipt"},
	[NODE_HTTP_REQUEST_LISTING] = {"/api/v1/listings/", OF_THING, NODE_HTTP_REQUEST_JSON,
				       "lang", ""},
	[NODE_HTTP_REQUEST_EXPORT] = {"/api/v1/export", WHOLE, NODE_HTTP_REQUEST_LINES, "member",
				      ""},
	[NODE_HTTP_REQUEST_CHECKPOINT] = {"/log/", OF_MEMBER, NODE_HTTP_REQUEST_TEXT, "",
					  "/checkpoint"},
	[NODE_HTTP_REQUEST_TILE] = {"/log/", OF_THING, NODE_HTTP_REQUEST_BYTES, "", ""},
};

/* --- the target ------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum plus { PLUS_IS_PLUS, PLUS_IS_SPACE };

/* Decode len bytes at from to the place *at in text, with a NUL, and move the place on; *ret_text
 * is where it began.  There is room: nothing grows.  Returns 0, -EBADMSG. */
static int decode(const char *from, size_t len, enum plus plus, char **at, const char **ret_text)
{
	char *to = *at;

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (from[i] == '+' && plus == PLUS_IS_SPACE) {
			*to++ = ' ';
			continue;
		}
		if (from[i] != '%') {
			*to++ = from[i];
			continue;
		}
		if (len - i < 3)
			return -EBADMSG;
		high = hex_digit(from[i + 1]);
		low = hex_digit(from[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return -EBADMSG;
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	*to = '\0';
	if (catalog_utf8_check(*at, (size_t)(to - *at)) != 0)
		return -EBADMSG;
	*ret_text = *at;
	*at = to + 1;
	return 0;
}

/* Whether name is one of the words of list. */
static bool is_listed(const char *name, const char *list)
{
	size_t len = strlen(name);

	while (*list != '\0') {
		size_t word = strcspn(list, " ");

		if (word == len && memcmp(list, name, len) == 0)
			return true;
		list += word;
		list += strspn(list, " ");
	}
	return false;
}

/* "http://host/path" is "/path"; anything else is itself. */
static const char *skip_authority(const char *target)
{
	const char *slash;

	if (strncasecmp(target, "http://", 7) != 0)
		return target;
	slash = strchr(target + 7, '/');
	return slash != NULL ? slash : "/";
}

enum node_http_request_form node_http_request_guess(const char *target)
{
	return strncmp(target, "/api/", 5) == 0 || strncmp(target, "/feed.", 6) == 0 ||
			       strncmp(target, "/log/", 5) == 0
		       ? NODE_HTTP_REQUEST_JSON
		       : NODE_HTTP_REQUEST_HTML;
}

/* Whether a path of len bytes is one of this route; *ret_member and *ret_id are what it names, not
 * decoded yet. */
static bool fits(const struct route *route, const char *path, size_t len,
		 struct catalog_span *ret_member, struct catalog_span *ret_id)
{
	size_t head = strlen(route->path), tail = strlen(route->tail);
	const uint8_t *from = (const uint8_t *)path + head, *slash;

	if (len < head || memcmp(path, route->path, head) != 0)
		return false;
	len -= head;
	if (route->shape == WHOLE)
		return len == 0;
	if (len <= tail || memcmp(from + len - tail, route->tail, tail) != 0)
		return false;
	len -= tail;
	slash = memchr(from, '/', len);
	if (route->shape == OF_MEMBER) {
		*ret_member = (struct catalog_span){from, len};
		return slash == NULL;
	}
	/* An id may hold anything, a slash as it is, too. */
	if (slash == NULL || slash == from || slash == from + len - 1)
		return false;
	*ret_member = (struct catalog_span){from, (size_t)(slash - from)};
	*ret_id = (struct catalog_span){slash + 1, len - ret_member->len - 1};
	return true;
}

static int read_path(const char *path, size_t len, char **at, struct node_http_request *request,
		     struct node_error *ret_error)
{
	struct catalog_span member = {NULL, 0}, id = {NULL, 0};
	size_t i = 0;

	while (i < NODE_HTTP_REQUEST_ROUTES && !fits(&routes[i], path, len, &member, &id))
		i++;
	if (i == NODE_HTTP_REQUEST_ROUTES)
		return node_error_set(ret_error, -ENOENT, "there is nothing at this path");
	request->route = (enum node_http_request_route)i;
	if ((member.len > 0 && decode((const char *)member.bytes, member.len, PLUS_IS_PLUS, at,
				      &request->member) != 0) ||
	    (id.len > 0 &&
	     decode((const char *)id.bytes, id.len, PLUS_IS_PLUS, at, &request->id) != 0))
		return node_error_set(ret_error, -EBADMSG, "the path is not percent-encoded UTF-8");
	return 0;
}

static int read_parameter(const char *text, size_t len, char **at,
			  struct node_http_request *request, struct node_error *ret_error)
{
	struct node_http_request_parameter *parameter =
		&request->parameters[request->parameter_count];
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - text) : len;
	const char *value = equals != NULL ? equals + 1 : text + len;

	if (request->parameter_count == NODE_HTTP_REQUEST_PARAMETERS_MAX)
		return node_error_set(ret_error, -EINVAL, "more than %d parameters",
				      NODE_HTTP_REQUEST_PARAMETERS_MAX);
	if (decode(text, name_len, PLUS_IS_SPACE, at, &parameter->name) != 0 ||
	    decode(value, len - (size_t)(value - text), PLUS_IS_SPACE, at, &parameter->value) != 0)
		return node_error_set(ret_error, -EBADMSG,
				      "the query is not percent-encoded UTF-8");
	if (!is_listed(parameter->name, routes[request->route].parameters))
		return node_error_set(
			ret_error, -EINVAL, "there is no parameter \"%.60s\" here; there %s%s",
			parameter->name,
			routes[request->route].parameters[0] != '\0' ? "are: " : "are none",
			routes[request->route].parameters);
	for (size_t i = 0; i < request->parameter_count; i++) {
		if (strcmp(request->parameters[i].name, parameter->name) == 0)
			return node_error_set(ret_error, -EINVAL,
					      "the parameter \"%s\" is given twice",
					      parameter->name);
	}
	request->parameter_count++;
	return 0;
}

int node_http_request_read(const char *target, struct node_http_request *ret_request,
			   enum node_http_request_form *ret_form, struct node_error *ret_error)
{
	const char *path = skip_authority(target), *query, *end;
	char *at = ret_request->text;
	int r;

	memset(ret_request, 0, sizeof *ret_request);
	*ret_form = node_http_request_guess(path);
	if (strlen(target) > NODE_HTTP_REQUEST_TARGET_MAX)
		return node_error_set(ret_error, -ENAMETOOLONG,
				      "the target of a request has at most %d bytes",
				      NODE_HTTP_REQUEST_TARGET_MAX);
	end = path + strlen(path);
	query = strchr(path, '?');
	if (path[0] != '/' || strpbrk(path, "# \t\"<>\\^`{|}") != NULL)
		return node_error_set(ret_error, -EBADMSG,
				      "the target is no path and query as RFC 9112 has it");
	r = read_path(path, (size_t)((query != NULL ? query : end) - path), &at, ret_request,
		      ret_error);
	if (r != 0)
		return r;
	*ret_form = routes[ret_request->route].form;
	for (const char *from = query != NULL ? query + 1 : end; from < end;) {
		size_t len = strcspn(from, "&");

		if (len > 0)
			r = read_parameter(from, len, &at, ret_request, ret_error);
		if (r != 0)
			return r;
		from += from[len] == '&' ? len + 1 : len;
	}
	return 0;
}

const char *node_http_request_parameter(const struct node_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		const struct node_http_request_parameter *parameter = &request->parameters[i];

		if (strcmp(parameter->name, name) == 0)
			return parameter->value[0] != '\0' ? parameter->value : NULL;
	}
	return NULL;
}

const char *node_http_request_type(enum node_http_request_form form)
{
	switch (form) {
	case NODE_HTTP_REQUEST_HTML: return "text/html";
	case NODE_HTTP_REQUEST_JSON: return "application/json";
	case NODE_HTTP_REQUEST_LINES: return "application/x-ndjson";
	case NODE_HTTP_REQUEST_TEXT: return "text/plain";
	case NODE_HTTP_REQUEST_BYTES: return "application/octet-stream";
	case NODE_HTTP_REQUEST_ATOM_FEED: return "application/atom+xml";
	case NODE_HTTP_REQUEST_JSON_FEED: return "application/feed+json";
	}
	assert(false); /* not a form */
	return "";
}

/* --- headers ---------------------------------------------------------------------------- */

bool node_http_request_host(const char *host, const struct node_config_address *listen)
{
	struct node_config_address address;
	char with_port[NODE_CONFIG_ADDRESS_BYTES + 16];
	const char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');
	bool has_port = colon != NULL && (bracket == NULL ? host[0] != '[' : colon > bracket);
	size_t len = strlen(host);

	if (len == 0 || len + 3 > sizeof with_port)
		return false;
	for (size_t i = 0; i <= len; i++)
		with_port[i] =
			host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] - 'A' + 'a') : host[i];
	if (!has_port)
		memcpy(with_port + len, ":0", 3);
	if (node_config_address(with_port, &address, NULL) == 0 &&
	    node_config_is_loopback(&address))
		return true;
	with_port[has_port ? (size_t)(colon - host) : len] = '\0';
	return strcmp(with_port, listen->host) == 0;
}

bool node_http_request_is_public(const char *host, const char *public_url)
{
	const char *authority = public_url != NULL ? strstr(public_url, "://") : NULL;
	size_t len;

	if (authority == NULL)
		return false;
	authority += 3;
	len = strcspn(authority, "/");
	return len > 0 && strncasecmp(host, authority, len) == 0 && host[len] == '\0';
}

bool node_http_request_token(const char *name)
{
	if (name[0] == '\0')
		return false;
	for (; *name != '\0'; name++) {
		char c = *name;

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    strchr("!#$%&'*+-.^_`|~", c) == NULL)
			return false;
	}
	return true;
}

/* Whether the media range of len bytes covers the type. */
static bool range_covers(const char *range, size_t len, const char *media_type)
{
	const char *slash = strchr(media_type, '/');
	size_t kind = (size_t)(slash - media_type) + 1;

	if (len == 3 && memcmp(range, "*/*", 3) == 0)
		return true;
	if (len == kind + 1 && range[kind] == '*')
		return strncasecmp(range, media_type, kind) == 0;
	return len == strlen(media_type) && strncasecmp(range, media_type, len) == 0;
}

/* Whether the parameters of a media range, up to the next comma, say q=0. */
static bool is_refused(const char *parameters, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if ((parameters[i] != 'q' && parameters[i] != 'Q') || parameters[i + 1] != '=')
			continue;
		for (i += 2; i < len && parameters[i] != ';'; i++) {
			if (parameters[i] >= '1' && parameters[i] <= '9')
				return false;
		}
		return true;
	}
	return false;
}

bool node_http_request_accepts(const char *accept, const char *media_type)
{
	size_t best = 0; /* length of the most precise range that covers it */
	bool accepted = false;

	assert(strchr(media_type, '/') != NULL);
	if (accept == NULL || accept[strspn(accept, " \t")] == '\0')
		return true;
	while (*accept != '\0') {
		size_t item, range, precise;

		accept += strspn(accept, " \t,");
		item = strcspn(accept, ",");
		range = strcspn(accept, ";, \t");
		if (range > item)
			range = item;
		precise = range == 3 ? 1 : accept[range > 0 ? range - 1 : 0] == '*' ? 2 : 3;
		if (range > 0 && range_covers(accept, range, media_type) && precise >= best) {
			accepted = !is_refused(accept + range, item - range);
			best = precise;
		}
		accept += item;
	}
	return accepted;
}

bool node_http_request_matches(const char *if_none_match, const char *etag)
{
	size_t len = strlen(etag);

	if (if_none_match == NULL)
		return false;
	while (*if_none_match != '\0') {
		size_t item;

		if_none_match += strspn(if_none_match, " \t,");
		if (strncmp(if_none_match, "W/", 2) == 0)
			if_none_match += 2;
		item = strcspn(if_none_match, ", \t");
		if ((item == 1 && if_none_match[0] == '*') ||
		    (item == len && memcmp(if_none_match, etag, len) == 0))
			return true;
		if_none_match += item;
	}
	return false;
}

void node_http_request_language(const char *accept_language,
				char ret_lang[NODE_HTTP_REQUEST_LANG_BYTES])
{
	size_t len = 0;

	ret_lang[0] = '\0';
	if (accept_language == NULL)
		return;
	accept_language += strspn(accept_language, " \t");
	while (len < NODE_HTTP_REQUEST_LANG_BYTES - 1) {
		char c = accept_language[len];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			break;
		ret_lang[len++] = c;
	}
	ret_lang[len] = '\0';
}
