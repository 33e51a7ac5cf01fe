#include "node/http_search.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which URLs have them. */
static const char *const names[NODE_HTTP_SEARCH_FIELDS] = {
	"q",        "member",  "country", "theme", "sector", "licence", "format", "access",
	"language", "keyword", "year",    "doi",   "usage",  "since",   "time",   "bbox",
	"box",      "sort",    "facets",  "limit", "lang",   "explain", "offset", "cursor"};

const char *const node_http_search_filters[] = {"member",  "country", "theme",  "sector",
						"licence", "format",  "access", "language",
						"keyword", "year",    "doi",    NULL};

/* Those that narrow down nothing. */
static const char *const shaping[] = {"box",  "sort",    "facets", "limit",
				      "lang", "explain", "offset", "cursor"};

static size_t field_of(const char *name)
{
	size_t i = 0;

	while (i < NODE_HTTP_SEARCH_FIELDS && strcmp(names[i], name) != 0)
		i++;
	assert(i < NODE_HTTP_SEARCH_FIELDS);
	return i;
}

static bool is_among(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* --- reading ----------------------------------------------------------------------------- */

/* Put what came in parts in the place of the whole. */
static int put_whole(struct node_http_search *search, const char *name, const char *whole, int len,
		     struct node_error *error)
{
	size_t field = field_of(name);

	if (search->values[field] != NULL)
		return node_error_set(error, -EINVAL,
				      "%s is given, and in parts, too; give one of the two", name);
	if (len < 0 || len >= NODE_HTTP_SEARCH_PART_BYTES)
		return node_error_set(error, -EINVAL, "the parts of %s are too long", name);
	search->values[field] = whole;
	return 0;
}

static int read_usage(const struct node_http_request *request, struct node_http_search *search,
		      struct node_error *error)
{
	const char *purpose = node_http_request_parameter(request, "purpose");
	const char *where = node_http_request_parameter(request, "where");
	const char *may = node_http_request_parameter(request, "may");
	int len;

	if (purpose == NULL && where == NULL)
		return 0; /* the form says what may is even so */
	len = snprintf(search->usage, sizeof search->usage, "%s%s%s%s%s", may != NULL ? may : "",
		       may != NULL ? ":" : "", purpose != NULL ? purpose : "",
		       where == NULL     ? ""
		       : purpose != NULL ? " in "
					 : "in ",
		       where != NULL ? where : "");
	return put_whole(search, "usage", search->usage, len, error);
}

static int read_time(const struct node_http_request *request, struct node_http_search *search,
		     struct node_error *error)
{
	const char *from = node_http_request_parameter(request, "from");
	const char *to = node_http_request_parameter(request, "to");
	int len;

	if (from == NULL && to == NULL)
		return 0;
	len = snprintf(search->time, sizeof search->time, "%s..%s", from != NULL ? from : "",
		       to != NULL ? to : "");
	return put_whole(search, "time", search->time, len, error);
}

static int read_box(const struct node_http_request *request, struct node_http_search *search,
		    struct node_error *error)
{
	static const char *const sides[] = {"west", "south", "east", "north"};
	const char *values[4];
	size_t given = 0;
	int len;

	for (size_t i = 0; i < 4; i++) {
		values[i] = node_http_request_parameter(request, sides[i]);
		given += values[i] != NULL;
	}
	if (given == 0)
		return 0;
	if (given < 4)
		return node_error_set(error, -EINVAL,
				      "a box has four sides: west, south, east and north, in "
				      "degrees; give all of them or none");
	len = snprintf(search->bbox, sizeof search->bbox, "%s,%s,%s,%s", values[0], values[1],
		       values[2], values[3]);
	return put_whole(search, "bbox", search->bbox, len, error);
}

int node_http_search_read(const struct node_http_request *request,
			  struct node_http_search *ret_search, struct node_error *ret_error)
{
	int r;

	memset(ret_search, 0, sizeof *ret_search);
	for (size_t i = 0; i < NODE_HTTP_SEARCH_FIELDS; i++)
		ret_search->values[i] = node_http_request_parameter(request, names[i]);
	r = read_usage(request, ret_search, ret_error);
	if (r == 0)
		r = read_time(request, ret_search, ret_error);
	return r == 0 ? read_box(request, ret_search, ret_error) : r;
}

const char *node_http_search_get(const struct node_http_search *search, const char *name)
{
	return search->values[field_of(name)];
}

bool node_http_search_asks(const struct node_http_search *search)
{
	for (size_t i = 0; i < NODE_HTTP_SEARCH_FIELDS; i++)
		if (search->values[i] != NULL &&
		    !is_among(names[i], shaping, sizeof shaping / sizeof shaping[0]))
			return true;
	return search->values[field_of("cursor")] != NULL ||
	       search->values[field_of("offset")] != NULL;
}

/* --- for the control protocol ------------------------------------------------------------- */

static int put_number(struct catalog_value *request, const char *key, const char *text,
		      struct node_error *error)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (text[strspn(text, "0123456789")] != '\0' || end == text || errno != 0)
		return node_error_set(error, -EINVAL, "%s: \"%.40s\" is no whole number", key,
				      text);
	return catalog_value_set(request, key, catalog_value_new_int(number));
}

int node_http_search_fill(const struct node_http_search *search, const char *op,
			  struct catalog_value *request, struct node_error *ret_error)
{
	static const char *const not_of_changes[] = {"sort", "facets", "explain", "offset"};
	bool changes = strcmp(op, "changes") == 0;
	int r = 0;

	for (size_t i = 0; i < NODE_HTTP_SEARCH_FIELDS && r == 0; i++) {
		const char *name = names[i], *value = search->values[i];

		if (value == NULL || (changes && is_among(name, not_of_changes, 4)))
			continue;
		if (strcmp(name, "offset") == 0 || strcmp(name, "limit") == 0)
			r = put_number(request, name, value, ret_error);
		else
			r = catalog_value_set(request, strcmp(name, "q") == 0 ? "text" : name,
					      catalog_value_new_string(value));
	}
	if (r == -ENOMEM)
		(void)node_error_set(ret_error, r, "out of memory");
	return r;
}

/* --- targets ------------------------------------------------------------------------------ */

/* Append text percent-encoded, as a value of a query. */
static int put_encoded(struct catalog_buffer *target, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~,:/";
	int r = 0;

	for (; *text != '\0' && r == 0; text++)
		r = strchr(plain, *text) != NULL
			    ? catalog_buffer_append(target, text, 1)
			    : catalog_buffer_print(target, "%%%02X", (unsigned char)*text);
	return r;
}

int node_http_search_target(const struct node_http_search *search, const char *path,
			    const struct node_http_search_change *changes, size_t count,
			    struct catalog_buffer *target)
{
	static const char *const places[] = {"cursor", "offset", "explain"};
	const char *mark = "?";
	int r = catalog_buffer_append(target, path, strlen(path));

	for (size_t i = 0; i < NODE_HTTP_SEARCH_FIELDS && r == 0; i++) {
		const char *value = is_among(names[i], places, 3) ? NULL : search->values[i];

		for (size_t k = 0; k < count; k++)
			if (strcmp(names[i], changes[k].name) == 0)
				value = changes[k].value;
		if (value == NULL)
			continue;
		r = catalog_buffer_print(target, "%s%s=", mark, names[i]);
		if (r == 0)
			r = put_encoded(target, value);
		mark = "&";
	}
	return r;
}

int node_http_search_feed(const struct node_http_search *search, const char *path,
			  struct catalog_buffer *target)
{
	const char *since = node_http_search_get(search, "since");
	const char *text = node_http_search_get(search, "q");
	struct catalog_buffer words = {0};
	struct node_http_search_change changes[] = {
		{"sort", NULL}, {"facets", NULL}, {"since", NULL}, {"limit", NULL}, {"q", text}};
	int r = 0;

	if (since != NULL) {
		r = catalog_buffer_print(&words, "%s%smodified:%s..", text != NULL ? text : "",
					 text != NULL ? " " : "", since);
		if (r == 0)
			r = catalog_buffer_append(&words, "", 1);
		if (r == 0)
			changes[4].value = (const char *)words.bytes;
	}
	if (r == 0)
		r = node_http_search_target(search, path, changes,
					    sizeof changes / sizeof changes[0], target);
	catalog_buffer_close(&words);
	return r;
}
