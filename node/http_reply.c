#include "node/http_reply.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/hash.h"
#include "catalog/json.h"

#define NODE_HTTP_REPLY_NAME_BYTES 230 /* of a proposed file's name, with the NUL */

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

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
	case 409: return "Conflict";
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
	case -EPERM: return 409;
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

/* Append a part of a file's name: what is no letter, digit, dot or dash of ASCII as a dash. */
static size_t put_plain(char *to, size_t room, size_t at, const char *text)
{
	for (; *text != '\0' && at + 1 < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x80 && c < 0xc0)
			continue; /* goes on from the byte before */
		to[at++] = is_plain(c) ? (char)c : '-';
	}
	to[at] = '\0';
	return at;
}

/* The same with every character (RFC 8187), but those that no file's name has. */
static size_t put_encoded(char *to, size_t room, size_t at, const char *text)
{
	for (; *text != '\0' && at + 4 < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80)
			to[at++] = is_plain(c) ? (char)c : '-';
		else
			at += (size_t)snprintf(to + at, room - at, "%%%02X", c);
	}
	to[at] = '\0';
	return at;
}

void node_http_reply_name(struct node_http_reply *reply, const char *member, const char *id,
			  const char *suffix)
{
	char plain[NODE_HTTP_REPLY_NAME_BYTES], encoded[3 * (NODE_HTTP_REPLY_NAME_BYTES + 30)];
	size_t at = put_plain(plain, sizeof plain, 0, member);
	int n;

	at = put_plain(plain, sizeof plain, at, "-");
	(void)put_plain(plain, sizeof plain, at, id); /* cut: a name is only a proposal */
	at = put_encoded(encoded, sizeof encoded, 0, member);
	at = put_encoded(encoded, sizeof encoded, at, "-");
	(void)put_encoded(encoded, sizeof encoded, at, id);
	n = snprintf(reply->disposition, sizeof reply->disposition,
		     "attachment; filename=\"%s.%s\"; filename*=UTF-8''%s.%s", plain, suffix,
		     encoded, suffix);
	if (n < 0 || (size_t)n >= sizeof reply->disposition)
		reply->disposition[0] = '\0';
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
