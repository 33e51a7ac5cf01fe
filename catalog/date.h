/* catalog/date.h - dates as ISO 8601 says, and the common styles that have one plain meaning. */
#ifndef CATALOG_DATE_H
#define CATALOG_DATE_H

#include <stdint.h>

#define CATALOG_DATE_BYTES_MAX 40 /* without the NUL */

/* Whether text is a year, year-month, date, or date and time with optional fraction and zone
 * (ISO 8601 extended form as XSD and DCAT use it), and that day exists.  Returns 0, -EBADMSG. */
int catalog_date_check(const char *text);

/* Read a date in a common style that has one plain meaning ("2020/03/09", "20200309", "9 March
 * 2020", "March 9, 2020", "31/12/2020", "2020-03-09 14:05", ...) and write it in ISO 8601.  A style
 * with two meanings ("03/04/2020") is refused.  Returns 0, -EBADMSG. */
int catalog_date_repair(const char *text, char ret_date[CATALOG_DATE_BYTES_MAX + 1]);

/* Write seconds since 1970 as "2026-11-24T09:12:00Z". */
void catalog_date_from_seconds(int64_t seconds, char ret_date[CATALOG_DATE_BYTES_MAX + 1]);

#endif
