/* catalog/url.h - whether a text is an absolute URL (RFC 3986), and how one that people wrote
 * becomes it. */
#ifndef CATALOG_URL_H
#define CATALOG_URL_H

#include "catalog/buffer.h"

#define CATALOG_URL_BYTES_MAX 4096

/* Check that text is a URI with a scheme (RFC 3986 section 3); http, https and ftp need a host,
 * too. Returns 0, -EBADMSG. */
int catalog_url_check(const char *text);

/* Append the URL that text plainly means, NUL-terminated (the NUL is counted): surrounding white
 * space goes, characters that a URL cannot hold (spaces, letters beyond ASCII, quotes) are
 * percent-encoded, "www.x" gets "http://". Returns 0, -EBADMSG if it means none, -ENOMEM. */
int catalog_url_repair(const char *text, struct catalog_buffer *ret_url);

#endif
