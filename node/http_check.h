/* node/http_check.h - whether a request's headers are ones that we answer (node/http.h says which
 * are refused, and why). */
#ifndef NODE_HTTP_CHECK_H
#define NODE_HTTP_CHECK_H

#include "node/config.h"

struct MHD_Connection;

/* Look at all headers of a request to where we listen; public_url may be NULL.  Returns 0, or the
 * status that it is refused with; *ret_why is a constant then, and NULL else. */
unsigned node_http_check_headers(struct MHD_Connection *connection, const char *method,
				 const struct node_config_address *listen, const char *public_url,
				 const char **ret_why);

#endif
