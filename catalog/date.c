/* catalog/date.c - one scanner of numbers and words; what they may mean is decided afterwards, and
 * a text with two meanings is refused rather than guessed. */
#include "catalog/date.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct date {
	int year, month, day;
	char clock[CATALOG_DATE_BYTES_MAX + 1]; /* "T09:12:00.5+01:00", or "" */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool day_exists(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return year >= 0 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

/* Read exactly count digits at *text and step over them. */
static bool take_digits(const char **text, int count, int *ret_number)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		if (!is_digit((*text)[i]))
			return false;
		number = number * 10 + ((*text)[i] - '0');
	}
	*text += count;
	*ret_number = number;
	return true;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* The zone, or nothing, and the end. */
static bool zone_ends(const char *text)
{
	int hours, minutes;

	if (*text == '\0' || strcmp(text, "Z") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	text++;
	return take_digits(&text, 2, &hours) && take(&text, ':') &&
	       take_digits(&text, 2, &minutes) && *text == '\0' && hours <= 14 && minutes <= 59;
}

/* "09:12", "09:12:00", "09:12:00.715941", and a zone. */
static bool clock_is_good(const char *text)
{
	int hours, minutes, seconds = 0;

	if (!take_digits(&text, 2, &hours) || !take(&text, ':') || !take_digits(&text, 2, &minutes))
		return false;
	if (take(&text, ':')) {
		if (!take_digits(&text, 2, &seconds))
			return false;
		if (take(&text, '.')) {
			if (!is_digit(*text))
				return false;
			while (is_digit(*text))
				text++;
		}
	}
	/* 24:00:00 is the end of a day, 60 a leap second. */
	if (hours > 24 || minutes > 59 || seconds > 60 || (hours == 24 && minutes + seconds > 0))
		return false;
	return zone_ends(text);
}

int catalog_date_check(const char *text)
{
	int year, month = 1, day = 1;

	if (strlen(text) > CATALOG_DATE_BYTES_MAX || !take_digits(&text, 4, &year))
		return -EBADMSG;
	if (take(&text, '-')) {
		if (!take_digits(&text, 2, &month))
			return -EBADMSG;
		if (take(&text, '-')) {
			if (!take_digits(&text, 2, &day))
				return -EBADMSG;
			if (*text == 'T')
				return day_exists(year, month, day) && clock_is_good(text + 1)
					       ? 0
					       : -EBADMSG;
		}
	}
	return *text == '\0' && day_exists(year, month, day) ? 0 : -EBADMSG;
}

/* --- repair ----------------------------------------------------------------------------- */

/* Beginnings of the months' names in English, French, Spanish, German, Portuguese and Italian. */
static const struct {
	const char *prefix;
	int month;
} months[] = {
	{"jan", 1},  {"ene", 1},  {"gen", 1},  {"jän", 1},  {"feb", 2},  {"fév", 2},
	{"fev", 2},  {"mar", 3},  {"mär", 3},  {"apr", 4},  {"avr", 4},  {"abr", 4},
	{"may", 5},  {"mai", 5},  {"mag", 5},  {"jun", 6},  {"juin", 6}, {"giu", 6},
	{"jul", 7},  {"juil", 7}, {"lug", 7},  {"aug", 8},  {"aoû", 8},  {"aou", 8},
	{"ago", 8},  {"sep", 9},  {"set", 9},  {"oct", 10}, {"okt", 10}, {"out", 10},
	{"ott", 10}, {"nov", 11}, {"dec", 12}, {"déc", 12}, {"dic", 12}, {"dez", 12},
};

/* Words beside a date that change nothing. */
static const char *const fillers[] = {"de",  "del", "of",  "the", "st",  "nd",  "rd", "th",
				      "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* What a text is made of: up to three numbers or a month's name, and what separates them. */
struct parts {
	int numbers[3];
	int digits[3];
	int count;
	int named_month; /* 0: none */

	char separator;   /* between the first two numbers */
	const char *rest; /* after the third part */
};

static int month_named(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
		size_t prefix = strlen(months[i].prefix);

		if (len >= prefix && strncmp(word, months[i].prefix, prefix) == 0)
			return months[i].month;
	}
	return 0;
}

static bool is_filler(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
		if (strlen(fillers[i]) == len && strncmp(word, fillers[i], len) == 0)
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

/* text is in lower case (ASCII). */
static bool split(const char *text, struct parts *ret_parts)
{
	struct parts parts = {.separator = '\0'};

	while (*text != '\0' && parts.count + (parts.named_month != 0) < 3) {
		const char *start = text;

		if (is_digit(*text)) {
			int number = 0;

			for (; is_digit(*text) && text - start < 4; text++)
				number = number * 10 + (*text - '0');
			if (is_digit(*text))
				return false;
			parts.digits[parts.count] = (int)(text - start);
			parts.numbers[parts.count++] = number;
		} else if (is_letter(*text)) {
			while (is_letter(*text))
				text++;
			if (is_filler(start, (size_t)(text - start)))
				continue;
			if (parts.named_month != 0)
				return false;
			parts.named_month = month_named(start, (size_t)(text - start));
			if (parts.named_month == 0)
				return false;
		} else if (strchr(" ,./-", *text) != NULL) {
			if (parts.count == 1 && parts.separator == '\0')
				parts.separator = *text;
			text++;
		} else {
			return false;
		}
	}
	parts.rest = text;
	*ret_parts = parts;
	return true;
}

/* With a month's name: "9 March 2020", "March 9, 2020", "March 2020", "2020 March 9". */
static bool named(const struct parts *parts, struct date *date)
{
	date->month = parts->named_month;
	if (parts->count == 1) {
		date->year = parts->numbers[0];
		return parts->digits[0] == 4;
	}
	if (parts->count != 2)
		return false;
	if (parts->digits[0] == 4 && parts->digits[1] <= 2) {
		date->year = parts->numbers[0];
		date->day = parts->numbers[1];
		return true;
	}
	date->year = parts->numbers[1];
	date->day = parts->numbers[0];
	return parts->digits[1] == 4 && parts->digits[0] <= 2;
}

/* Numbers alone: year first is plain; day first is with dots, or where the other cannot be a month.
 */
static bool numbered(const struct parts *parts, struct date *date)
{
	const int *n = parts->numbers;

	if (parts->count == 2 && parts->digits[0] == 4 && parts->digits[1] <= 2) {
		date->year = n[0];
		date->month = n[1];
		return true;
	}
	if (parts->count != 3 || parts->digits[1] > 2)
		return false;
	if (parts->digits[0] == 4 && parts->digits[2] <= 2) {
		*date = (struct date){.year = n[0], .month = n[1], .day = n[2]};
		return true;
	}
	if (parts->digits[2] != 4 || parts->digits[0] > 2)
		return false;
	*date = (struct date){.year = n[2], .month = n[1], .day = n[0]};
	if (parts->separator == '.' || n[0] > 12 || n[0] == n[1])
		return true;
	if (n[1] > 12) {
		date->month = n[0];
		date->day = n[1];
		return true;
	}
	return false; /* 03/04/2020: March or April */
}

/* " 9:05", "t14:05:00+0100", " 10:00:00 gmt" after a date. */
static bool clock_of(const char *text, char ret_clock[CATALOG_DATE_BYTES_MAX + 1])
{
	int hours, minutes, seconds = 0, zone_hours, zone_minutes;
	char fraction[8] = "", zone[16] = "";
	size_t len = 0;

	while (*text == ' ' || *text == ',')
		text++;
	if (*text == '\0') {
		ret_clock[0] = '\0';
		return true;
	}
	if (*text == 't')
		text++;
	if (!take_digits(&text, 2, &hours) && !take_digits(&text, 1, &hours))
		return false;
	if (!take(&text, ':') || !take_digits(&text, 2, &minutes))
		return false;
	if (take(&text, ':') && !take_digits(&text, 2, &seconds))
		return false;
	if (*text == '.') {
		fraction[len++] = *text++;
		for (; is_digit(*text); text++)
			if (len < sizeof fraction - 1)
				fraction[len++] = *text;
		if (len == 1)
			return false;
	}
	while (*text == ' ')
		text++;
	if (strcmp(text, "z") == 0 || strcmp(text, "utc") == 0 || strcmp(text, "gmt") == 0) {
		memcpy(zone, "Z", 2);
	} else if (*text == '+' || *text == '-') {
		char sign = *text++;

		if (!take_digits(&text, 2, &zone_hours))
			return false;
		(void)take(&text, ':'); /* "+0100" does without */
		if (!take_digits(&text, 2, &zone_minutes) || *text != '\0')
			return false;
		snprintf(zone, sizeof zone, "%c%02d:%02d", sign, zone_hours % 100,
			 zone_minutes % 100);
	} else if (*text != '\0') {
		return false;
	}
	snprintf(ret_clock, CATALOG_DATE_BYTES_MAX + 1, "T%02d:%02d:%02d%s%s", hours % 100,
		 minutes % 100, seconds % 100, fraction, zone);
	return true;
}

static bool write_date(const struct date *date, char ret_date[CATALOG_DATE_BYTES_MAX + 1])
{
	char text[2 * CATALOG_DATE_BYTES_MAX]; /* catalog_date_check() refuses what is too long */

	if (date->day == 0 && date->clock[0] != '\0')
		return false;
	if (date->day == 0)
		snprintf(text, sizeof text, "%04d-%02d", date->year, date->month);
	else
		snprintf(text, sizeof text, "%04d-%02d-%02d%s", date->year, date->month, date->day,
			 date->clock);
	if (catalog_date_check(text) != 0)
		return false;
	memcpy(ret_date, text, strlen(text) + 1);
	return true;
}

int catalog_date_repair(const char *text, char ret_date[CATALOG_DATE_BYTES_MAX + 1])
{
	char lower[80];
	struct parts parts;
	struct date date = {0};
	size_t len;

	while (*text == ' ')
		text++;
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0 || len >= sizeof lower)
		return -EBADMSG;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20 : text[i]);
	lower[len] = '\0';

	if (len == 8 && strspn(lower, "0123456789") == 8) {
		const char *at = lower;

		(void)take_digits(&at, 4, &date.year);  /* all are digits */
		(void)take_digits(&at, 2, &date.month); /* likewise */
		(void)take_digits(&at, 2, &date.day);   /* likewise */
		return write_date(&date, ret_date) ? 0 : -EBADMSG;
	}
	if (!split(lower, &parts))
		return -EBADMSG;
	if (!(parts.named_month != 0 ? named(&parts, &date) : numbered(&parts, &date)) ||
	    !clock_of(parts.rest, date.clock))
		return -EBADMSG;
	return write_date(&date, ret_date) ? 0 : -EBADMSG;
}

void catalog_date_from_seconds(int64_t seconds, char ret_date[CATALOG_DATE_BYTES_MAX + 1])
{
	/* Days to a civil date, for the proleptic Gregorian calendar: eras of 400 years from March
	 * 0000. */
	int64_t days = seconds / 86400 - (seconds % 86400 < 0), rest = seconds - days * 86400;
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);

	snprintf(ret_date, CATALOG_DATE_BYTES_MAX + 1, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ",
		 year, (int)month, (int)(doy - (153 * mp + 2) / 5 + 1), (int)(rest / 3600),
		 (int)(rest / 60 % 60), (int)(rest % 60));
}
