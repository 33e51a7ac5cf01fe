/* catalog/reader_interval.h - intervals of time as text says them. */
#ifndef CATALOG_READER_INTERVAL_H
#define CATALOG_READER_INTERVAL_H

#include <stdbool.h>

#include "catalog/date.h"

/* The two ends of "2010-01-15/2010-06-30" (ISO 8601), either of which may be open ("" or "..": then
 * it is ""), or of "2010-2015", which is of years.  *ret_changed is set if more than the form of
 * ISO 8601 was read into text.  Returns 0, -EBADMSG if it is none. */
int catalog_reader_interval_read(const char *text, char ret_start[CATALOG_DATE_BYTES_MAX + 1],
				 char ret_end[CATALOG_DATE_BYTES_MAX + 1], bool *ret_changed);

#endif
