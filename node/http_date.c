#include "node/http_date.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void node_http_date_write(int64_t seconds, char ret_date[NODE_HTTP_DATE_BYTES])
{
	time_t time_s = (time_t)seconds;
	struct tm utc = {0};
	int n;

	assert(seconds >= 0);
	assert(seconds < INT64_C(253402300800));
	(void)gmtime_r(&time_s, &utc); /* cannot fail within these years */
	n = snprintf(ret_date, NODE_HTTP_DATE_BYTES, "%s, %02d %s %04d %02d:%02d:%02d GMT",
		     days[(unsigned)utc.tm_wday % 7], (int)((unsigned)utc.tm_mday % 32),
		     months[(unsigned)utc.tm_mon % 12],
		     (int)((unsigned)(utc.tm_year + 1900) % 10000),
		     (int)((unsigned)utc.tm_hour % 24), (int)((unsigned)utc.tm_min % 60),
		     (int)((unsigned)utc.tm_sec % 61));
	assert(n == NODE_HTTP_DATE_BYTES - 1);
	(void)n;
}

int node_http_date_read(const char *date, int64_t *ret_seconds)
{
	char day[4], month[4], again[NODE_HTTP_DATE_BYTES];
	struct tm utc = {0};
	int64_t seconds;
	int n = 0;

	if (strlen(date) != NODE_HTTP_DATE_BYTES - 1 ||
	    sscanf(date, "%3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", day, &utc.tm_mday,
		   month, &utc.tm_year, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &n) != 7 ||
	    n != NODE_HTTP_DATE_BYTES - 1)
		return -EBADMSG;
	while (utc.tm_mon < 12 && strcmp(months[utc.tm_mon], month) != 0)
		utc.tm_mon++;
	utc.tm_year -= 1900;
	seconds = utc.tm_mon < 12 && utc.tm_year >= 70 ? (int64_t)timegm(&utc) : -1;
	if (seconds < 0 || seconds >= INT64_C(253402300800))
		return -EBADMSG;
	/* What is written in one way alone is read in one way alone. */
	node_http_date_write(seconds, again);
	if (strcmp(again, date) != 0)
		return -EBADMSG;
	*ret_seconds = seconds;
	return 0;
}
