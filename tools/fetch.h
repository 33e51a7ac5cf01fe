/* tools/fetch.h - what a web server has at an address, whole and bounded.
 *
 * Limits  TOOLS_FETCH_SECONDS in all, 10 to connect, 20 with nearly nothing; 5 redirects, of https
 * to https alone.  Nothing compressed is asked for, so nothing grows.
 */
#ifndef TOOLS_FETCH_H
#define TOOLS_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/buffer.h"
#include "node/error.h"

#define TOOLS_FETCH_SECONDS 120

/* Whether a text is an http or https address. */
bool tools_fetch_is_url(const char *text);

/* Get it; appended to ret_bytes, at most bytes_max.  Returns 0, -EINVAL if it is no such address,
 * -ENOENT (404, 410), -E2BIG, -ETIMEDOUT, -EKEYREJECTED (the server's certificate), -EIO (all that
 * can be wrong else), -ENOMEM. */
int tools_fetch_get(const char *url, size_t bytes_max, struct catalog_buffer *ret_bytes,
		    struct node_error *ret_error);

#endif
