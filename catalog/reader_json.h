/* catalog/reader_json.h - finds the records in a JSON file of any length without holding it.
 *
 * A record is an element of the array that a catalogue keeps its datasets in ("dataset",
 * "result"."results", "@graph", ...: see the .c file), an element of an array that is the whole
 * file, or an object that is the whole file or, in JSON lines, one of several.  In JSON lines an
 * object that is cut short ends where the next line begins with another.
 *
 * Memory   one record (CATALOG_READER_RECORD_BYTES_MAX), whatever the file's length.
 */
#ifndef CATALOG_READER_JSON_H
#define CATALOG_READER_JSON_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/reader_source.h"

struct catalog_reader_json_item {
	struct catalog_span text; /* borrowed; empty if the item is over the limit */
	uint64_t line;            /* where it begins, from 1 */
	bool is_too_big;
};

/* What the scan found; each may be NULL.  Non-zero stops the scan and is returned. */
struct catalog_reader_json_found {
	/* A record. */
	int (*record)(void *arg, const struct catalog_reader_json_item *item);
	/* A member, beside the array of records, of the object that holds it: key (borrowed,
	 * unescaped only if it has no escapes) and the text of its value. */
	int (*member)(void *arg, const char *key, const struct catalog_reader_json_item *item);
	/* The array of records begins; path is "", "dataset", "result.results", ... */
	int (*array)(void *arg, const char *path);
	void *arg;
};

/* Scan a source from its beginning.  Returns 0, -EBADMSG and *ret_error if brackets and strings do
 * not fit together, -EIO, -ENOMEM, or what a callback returned. */
int catalog_reader_json_scan(struct catalog_reader_source *source,
			     const struct catalog_reader_json_found *found,
			     struct catalog_reader_error *ret_error);

#endif
