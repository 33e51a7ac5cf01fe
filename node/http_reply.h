/* node/http_reply.h - an HTTP answer in the making: status, type, body; and errors as problem
 * details (RFC 9457). */
#ifndef NODE_HTTP_REPLY_H
#define NODE_HTTP_REPLY_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/value.h"
#include "node/http_date.h"

#define NODE_HTTP_REPLY_ETAG_BYTES        35 /* with its quotes and the NUL */
#define NODE_HTTP_REPLY_DISPOSITION_BYTES 1280

struct node_http_reply {
	unsigned status;
	const char *type; /* media type, with its charset */
	struct catalog_buffer body;
	bool fresh;                            /* of this moment: neither kept nor tagged */
	bool lasting;                          /* never another at this place */
	bool speaks;                           /* another to readers of other languages */
	char etag[NODE_HTTP_REPLY_ETAG_BYTES]; /* "": none */
	char modified[NODE_HTTP_DATE_BYTES];   /* Last-Modified; "": not told */
	char disposition[NODE_HTTP_REPLY_DISPOSITION_BYTES]; /* Content-Disposition; "": none */
};

/* End a reply's memory. */
void node_http_reply_close(struct node_http_reply *reply);

/* The words of a status: "Not Found". */
const char *node_http_reply_words(unsigned status);

/* The status that a code of node_control_handle() stands for. */
unsigned node_http_reply_status(int code);

/* Make the reply a value as JSON.  Takes value, of which NULL is out of memory.
 * Returns 0, -ENOMEM. */
int node_http_reply_json(struct node_http_reply *reply, struct catalog_value *value);

/* Make the reply problem details: type, title, status and detail, with those of extra (may be NULL,
 * taken) beside them.  Returns 0, -ENOMEM. */
int node_http_reply_problem(struct node_http_reply *reply, unsigned status, const char *detail,
			    struct catalog_value *extra);

/* Let the reply be kept as a file called "<member>-<id>.<suffix>", as far as files can. */
void node_http_reply_name(struct node_http_reply *reply, const char *member, const char *id,
			  const char *suffix);

/* Tag the reply with a hash of the len bytes, and the program's version. */
void node_http_reply_tag(struct node_http_reply *reply, const void *bytes, size_t len);

#endif
