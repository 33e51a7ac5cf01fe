#include "catalog/reader_interval.h"

#include <errno.h>
#include <string.h>

/* One end of an interval: a date, or open ("" and ".."). */
static bool end_of(const char *text, size_t len, char ret_date[CATALOG_DATE_BYTES_MAX + 1],
		   bool *ret_changed)
{
	char copy[60];

	while (len > 0 && *text == ' ') {
		text++;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	ret_date[0] = '\0';
	if (len == 0 || (len == 2 && strncmp(text, "..", 2) == 0))
		return true;
	if (len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (catalog_date_check(copy) == 0) {
		memcpy(ret_date, copy, len + 1);
		return true;
	}
	*ret_changed = true;
	return catalog_date_repair(copy, ret_date) == 0;
}

int catalog_reader_interval_read(const char *text, char ret_start[CATALOG_DATE_BYTES_MAX + 1],
				 char ret_end[CATALOG_DATE_BYTES_MAX + 1], bool *ret_changed)
{
	const char *between = strchr(text, '/');
	char start[CATALOG_DATE_BYTES_MAX + 1] = "", end[CATALOG_DATE_BYTES_MAX + 1] = "";
	bool changed = false;

	if (between == NULL && strlen(text) == 9 && text[4] == '-' &&
	    strspn(text, "0123456789") == 4 && strspn(text + 5, "0123456789") == 4) {
		between = text + 4;
		changed = true;
	}
	if (between == NULL || !end_of(text, (size_t)(between - text), start, &changed) ||
	    !end_of(between + 1, strlen(between + 1), end, &changed) ||
	    (start[0] == '\0' && end[0] == '\0'))
		return -EBADMSG;
	memcpy(ret_start, start, sizeof start);
	memcpy(ret_end, end, sizeof end);
	*ret_changed = changed;
	return 0;
}
