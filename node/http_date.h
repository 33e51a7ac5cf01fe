/* node/http_date.h - times as HTTP's headers have them: "Sun, 06 Nov 1994 08:49:37 GMT".  Pure
 * functions. */
#ifndef NODE_HTTP_DATE_H
#define NODE_HTTP_DATE_H

#include <stdint.h>

#define NODE_HTTP_DATE_BYTES 30 /* with the NUL */

/* Write seconds since 1970, of the years 1970 to 9999. */
void node_http_date_write(int64_t seconds, char ret_date[NODE_HTTP_DATE_BYTES]);

/* Read one.  Returns 0, -EBADMSG if it is none of this form, which RFC 9110 has all write. */
int node_http_date_read(const char *date, int64_t *ret_seconds);

#endif
