/* catalog/json.h - values from JSON text and back (RFC 8259). */
#ifndef CATALOG_JSON_H
#define CATALOG_JSON_H

#include "catalog/buffer.h"
#include "catalog/value.h"

enum catalog_json_style {
	CATALOG_JSON_COMPACT, /* one line, no spaces */
	CATALOG_JSON_INDENTED /* two spaces a level, for people */
};

struct catalog_json_error {
	size_t line;   /* from 1 */
	size_t column; /* from 1 */
	char text[160];
};

/* Read one JSON value, which fills the bytes.  An integer beyond 64 bits becomes a double; a key
 * given twice keeps its last value; invalid UTF-8 is refused.  The caller owns *ret_value.
 * *ret_error (may be NULL) is written on -EBADMSG.
 * Returns 0, -EBADMSG, -E2BIG if nested deeper than CATALOG_VALUE_DEPTH_MAX, -ENOMEM. */
int catalog_json_read(struct catalog_span text, struct catalog_value **ret_value,
		      struct catalog_json_error *ret_error);

/* Append value as JSON text; text beyond ASCII stays as it is.  Returns 0, -ENOMEM. */
int catalog_json_write(const struct catalog_value *value, enum catalog_json_style style,
		       struct catalog_buffer *buffer);

#endif
