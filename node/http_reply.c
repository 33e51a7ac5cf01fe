#include "node/http_reply.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/hash.h"
#include "catalog/json.h"

void node_http_reply_close(struct node_http_reply *reply)
{
	catalog_buffer_close(&reply->body);
}

const char *node_http_reply_words(unsigned status)
{
	switch (status) {
	case 200: return "OK";
	case 304: return "Not Modified";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 406: return "Not Acceptable";
	case 410: return "Gone";
	case 414: return "URI Too Long";
	case 421: return "Misdirected Request";
	case 431: return "Request Header Fields Too Large";
	case 503: return "Service Unavailable";
	default: return "Internal Server Error";
	}
}

unsigned node_http_reply_status(int code)
{
	switch (code) {
	case -EINVAL:
	case -E2BIG: return 400;
	case -ENOENT: return 404;
	case -EAGAIN: /* not here yet */
	case -ESHUTDOWN:
	case -EBUSY:
	case -ENOMEM: return 503;
	default: return 500;
	}
}

int node_http_reply_json(struct node_http_reply *reply, struct catalog_value *value)
{
	int r = value != NULL ? 0 : -ENOMEM;

	reply->body.len = 0;
	if (r == 0)
		r = catalog_json_write(value, CATALOG_JSON_COMPACT, &reply->body);
	if (r == 0)
		r = catalog_buffer_append(&reply->body, "\n", 1);
	catalog_value_free(value);
	if (r != 0)
		return r;
	reply->status = 200;
	reply->type = "application/json";
	return 0;
}

int node_http_reply_problem(struct node_http_reply *reply, unsigned status, const char *detail,
			    struct catalog_value *extra)
{
	struct catalog_value *problem = extra != NULL ? extra : catalog_value_new_map();
	int r = -ENOMEM;

	/* about:blank: the title says what the status means, and no more is to be known. */
	if (problem != NULL &&
	    catalog_value_set(problem, "type", catalog_value_new_string("about:blank")) == 0 &&
	    catalog_value_set(problem, "title",
			      catalog_value_new_string(node_http_reply_words(status))) == 0 &&
	    catalog_value_set(problem, "status", catalog_value_new_int((int64_t)status)) == 0 &&
	    catalog_value_set(problem, "detail", catalog_value_new_string(detail)) == 0) {
		r = node_http_reply_json(reply, problem);
		problem = NULL; /* taken */
	}
	catalog_value_free(problem);
	if (r != 0)
		return r;
	reply->status = status;
	reply->type = "application/problem+json";
	reply->etag[0] = '\0';
	return 0;
}

void node_http_reply_tag(struct node_http_reply *reply, const void *bytes, size_t len)
{
	struct {
		struct catalog_hash of_bytes;
		char version[16];
	} both = {0};
	char hex[CATALOG_HASH_HEX_BYTES];
	struct catalog_hash hash;

	catalog_hash_of(bytes, len, &both.of_bytes);
	(void)snprintf(both.version, sizeof both.version, "%s", PACKAGE_VERSION); /* cut: fine */
	catalog_hash_of(&both, sizeof both, &hash);
	catalog_hash_to_hex(&hash, hex);
	(void)snprintf(reply->etag, sizeof reply->etag, "\"%.32s\"", hex); /* it fits */
}
