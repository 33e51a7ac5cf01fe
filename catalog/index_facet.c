#include "catalog/index_facet.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/date.h"
#include "catalog/index_policy.h"
#include "catalog/theme.h"

static const char *const names[CATALOG_INDEX_FACET_COUNT] = {
	[CATALOG_INDEX_FACET_MEMBER] = "member",   [CATALOG_INDEX_FACET_SECTOR] = "sector",
	[CATALOG_INDEX_FACET_COUNTRY] = "country", [CATALOG_INDEX_FACET_THEME] = "theme",
	[CATALOG_INDEX_FACET_LICENCE] = "licence", [CATALOG_INDEX_FACET_FORMAT] = "format",
	[CATALOG_INDEX_FACET_ACCESS] = "access",   [CATALOG_INDEX_FACET_LANGUAGE] = "language",
	[CATALOG_INDEX_FACET_KEYWORD] = "keyword", [CATALOG_INDEX_FACET_YEAR] = "year",
	[CATALOG_INDEX_FACET_DOI] = "doi",         [CATALOG_INDEX_FACET_POLICY] = "policy",
};

const char *catalog_index_facet_name(enum catalog_index_facet facet)
{
	assert(facet < CATALOG_INDEX_FACET_COUNT);
	return names[facet];
}

enum catalog_index_facet catalog_index_facet_of(const char *name, size_t len)
{
	if (len == 7 && memcmp(name, "license", 7) == 0)
		return CATALOG_INDEX_FACET_LICENCE;
	for (int i = 0; i < CATALOG_INDEX_FACET_COUNT; i++)
		if (names[i] != NULL && strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (enum catalog_index_facet)i;
	return CATALOG_INDEX_FACET_COUNT;
}

/* --- dates ------------------------------------------------------------------------------ */

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int32_t day_of(int32_t year, int32_t month, int32_t day)
{
	int32_t y = month <= 2 ? year - 1 : year, era, of_era, of_year;

	era = (y >= 0 ? y : y - 399) / 400;
	of_era = y - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int32_t catalog_index_facet_day(const char *date, enum catalog_index_end end)
{
	int year, month = 1, day = 1, n;

	if (date == NULL || catalog_date_check(date) != 0)
		return CATALOG_INDEX_FACET_NO_DAY;
	n = sscanf(date, "%5d-%2d-%2d", &year, &month, &day);
	if (n < 1 || year < -99999 || year > 99999)
		return CATALOG_INDEX_FACET_NO_DAY;
	if (n == 1 && end == CATALOG_INDEX_LAST)
		return day_of(year + 1, 1, 1) - 1;
	if (n == 2 && end == CATALOG_INDEX_LAST)
		return month == 12 ? day_of(year + 1, 1, 1) - 1 : day_of(year, month + 1, 1) - 1;
	return day_of(year, month, day);
}

/* Seconds since 1970 of a date and time; 0 if there is none or it was before. */
static uint32_t seconds_of(const char *date)
{
	int32_t day = catalog_index_facet_day(date, CATALOG_INDEX_FIRST);
	int hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
	const char *time, *zone;
	int64_t seconds;

	if (day == CATALOG_INDEX_FACET_NO_DAY)
		return 0;
	time = strchr(date, 'T');
	if (time != NULL && sscanf(time, "T%2d:%2d:%2d", &hour, &minute, &second) < 1)
		return 0;
	seconds = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second;
	zone = time != NULL ? strpbrk(time, "+-") : NULL;
	if (zone != NULL && sscanf(zone + 1, "%2d:%2d", &zone_hour, &zone_minute) >= 1)
		seconds += (zone[0] == '+' ? -1 : 1) * (zone_hour * 3600 + zone_minute * 60);
	if (seconds <= 0)
		return 0;
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

static const char *text_of(const struct catalog_value *map, const char *key)
{
	return catalog_value_text(catalog_value_get(map, key));
}

static void read_bbox(const struct catalog_value *place, struct catalog_index_numbers *numbers)
{
	const struct catalog_value *bbox = catalog_value_get(place, "bbox");
	double corners[4];

	if (catalog_value_type(bbox) != CATALOG_VALUE_LIST || catalog_value_count(bbox) != 4)
		return;
	for (size_t i = 0; i < 4; i++) {
		const struct catalog_value *corner = catalog_value_at(bbox, i, NULL);

		if (catalog_value_type(corner) != CATALOG_VALUE_INT &&
		    catalog_value_type(corner) != CATALOG_VALUE_DOUBLE)
			return;
		corners[i] = catalog_value_double(corner);
	}
	if (isnan(numbers->bbox[0])) {
		for (size_t i = 0; i < 4; i++)
			numbers->bbox[i] = (float)corners[i];
		return;
	}
	for (size_t i = 0; i < 2; i++) { /* several places: the box around all */
		if ((float)corners[i] < numbers->bbox[i])
			numbers->bbox[i] = (float)corners[i];
		if ((float)corners[i + 2] > numbers->bbox[i + 2])
			numbers->bbox[i + 2] = (float)corners[i + 2];
	}
}

void catalog_index_facet_numbers(const struct catalog_value *listing,
				 struct catalog_index_numbers *ret_numbers)
{
	const struct catalog_value *spatial = catalog_value_get(listing, "spatial");
	const struct catalog_value *temporal = catalog_value_get(listing, "temporal");
	const char *modified = text_of(listing, "modified"), *issued = text_of(listing, "issued");
	struct catalog_index_numbers numbers = {
		.modified = seconds_of(modified != NULL ? modified : issued),
		.issued = catalog_index_facet_day(issued, CATALOG_INDEX_FIRST),
		.start = CATALOG_INDEX_FACET_NO_DAY,
		.end = CATALOG_INDEX_FACET_NO_DAY,
		.bbox = {NAN, NAN, NAN, NAN}};

	for (size_t i = 0; i < catalog_value_count(spatial); i++)
		read_bbox(catalog_value_at(spatial, i, NULL), &numbers);
	for (size_t i = 0; i < catalog_value_count(temporal); i++) {
		const struct catalog_value *time = catalog_value_at(temporal, i, NULL);
		int32_t start =
			catalog_index_facet_day(text_of(time, "start"), CATALOG_INDEX_FIRST);
		int32_t end = catalog_index_facet_day(text_of(time, "end"), CATALOG_INDEX_LAST);

		if (start == CATALOG_INDEX_FACET_NO_DAY && end == CATALOG_INDEX_FACET_NO_DAY)
			continue;
		if (start == CATALOG_INDEX_FACET_NO_DAY)
			start = INT32_MIN + 1; /* open: from ever, to ever */
		if (end == CATALOG_INDEX_FACET_NO_DAY)
			end = INT32_MAX;
		if (numbers.end == CATALOG_INDEX_FACET_NO_DAY || start < numbers.start)
			numbers.start = start;
		if (numbers.end == CATALOG_INDEX_FACET_NO_DAY || end > numbers.end)
			numbers.end = end;
	}
	*ret_numbers = numbers;
}

/* --- values ----------------------------------------------------------------------------- */

struct catalog_span catalog_index_facet_tail(const char *text, size_t len)
{
	const char *part, *end;

	if (len < 4 || memmem(text, len, "://", 3) == NULL)
		return (struct catalog_span){(const uint8_t *)text, len};
	while (len > 0 && (text[len - 1] == '/' || text[len - 1] == '#'))
		len--;
	end = text + len;
	for (part = end; part > text && part[-1] != '/' && part[-1] != '#' && part[-1] != '=';)
		part--;
	return (struct catalog_span){(const uint8_t *)part, (size_t)(end - part)};
}

struct values {
	catalog_index_facet_each each;
	void *arg;
};

static int give(const struct values *values, enum catalog_index_facet facet, const char *text)
{
	return text == NULL || text[0] == '\0'
		       ? 0
		       : values->each(values->arg, facet, text, strlen(text));
}

static int give_tail(const struct values *values, enum catalog_index_facet facet, const char *text)
{
	struct catalog_span tail;

	if (text == NULL)
		return 0;
	tail = catalog_index_facet_tail(text, strlen(text));
	return tail.len == 0 ? 0
			     : values->each(values->arg, facet, (const char *)tail.bytes, tail.len);
}

/* Licences are told apart by more than their last part (".../by/4.0/"). */
static int give_licence(const struct values *values, const char *text)
{
	const char *start = text;

	if (text == NULL)
		return 0;
	if (strncmp(start, "https://", 8) == 0)
		start += 8;
	else if (strncmp(start, "http://", 7) == 0)
		start += 7;
	if (start > text && strncmp(start, "www.", 4) == 0)
		start += 4;
	size_t len = strlen(start);

	while (start > text && len > 0 && (start[len - 1] == '/' || start[len - 1] == '#'))
		len--;
	return len == 0 ? 0 : values->each(values->arg, CATALOG_INDEX_FACET_LICENCE, start, len);
}

static bool is_doi(const char *text)
{
	const char *doi = text == NULL ? NULL : strstr(text, "10.");

	return doi != NULL && doi[3] >= '1' && doi[3] <= '9' && strchr(doi, '/') != NULL &&
	       (doi == text || strstr(text, "doi") != NULL || strstr(text, "DOI") != NULL);
}

static int give_doi(const struct values *values, const struct catalog_value *listing)
{
	const struct catalog_value *ids = catalog_value_get(listing, "identifier");
	bool found = is_doi(text_of(listing, "landingPage"));

	for (size_t i = 0; i < catalog_value_count(ids) && !found; i++)
		found = is_doi(catalog_value_text(catalog_value_at(ids, i, NULL)));
	return give(values, CATALOG_INDEX_FACET_DOI, found ? "yes" : "no");
}

static int give_distributions(const struct values *values, const struct catalog_value *listing)
{
	const struct catalog_value *all = catalog_value_get(listing, "distribution");
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(all); i++) {
		const struct catalog_value *one = catalog_value_at(all, i, NULL);
		const char *media = text_of(one, "mediaType");

		if ((r = give_tail(values, CATALOG_INDEX_FACET_FORMAT, text_of(one, "format"))) !=
			    0 ||
		    (r = give_licence(values, text_of(one, "license"))) != 0)
			return r;
		if (media != NULL && strstr(media, "/media-types/") != NULL)
			media = strstr(media, "/media-types/") + 13;
		r = give(values, CATALOG_INDEX_FACET_FORMAT, media);
	}
	return r;
}

static int give_keywords(const struct values *values, const struct catalog_value *map)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(map); i++) {
		const struct catalog_value *list = catalog_value_at(map, i, NULL);

		for (size_t k = 0; r == 0 && k < catalog_value_count(list); k++)
			r = give(values, CATALOG_INDEX_FACET_KEYWORD,
				 catalog_value_text(catalog_value_at(list, k, NULL)));
	}
	return r;
}

static int give_list(const struct values *values, enum catalog_index_facet facet,
		     const struct catalog_value *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(list); i++)
		r = give_tail(values, facet, catalog_value_text(catalog_value_at(list, i, NULL)));
	return r;
}

/* A theme is counted as what it stands for; as it stands it is still found, and by industry. */
static int give_theme(const struct values *values, const char *text)
{
	struct catalog_theme themes[CATALOG_THEME_PARTS_MAX];
	struct catalog_span tail = catalog_index_facet_tail(text, strlen(text));
	size_t count = catalog_theme_find_all((const char *)tail.bytes, tail.len, themes);
	bool counted = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		char industry[CATALOG_INDEX_FACET_INDUSTRY_BYTES];

		r = give(values, CATALOG_INDEX_FACET_THEME, themes[i].code);
		counted = counted || themes[i].code != NULL;
		if (r == 0 && themes[i].industry != NULL) {
			catalog_index_facet_industry(themes[i].industry, industry);
			r = give(values, CATALOG_INDEX_FACET_THEME_URL, industry);
		}
	}
	if (r == 0 && count > 0)
		r = values->each(values->arg, CATALOG_INDEX_FACET_THEME_URL,
				 (const char *)tail.bytes, tail.len);
	if (r == 0 && !counted && tail.len > 0)
		r = values->each(values->arg, CATALOG_INDEX_FACET_THEME, (const char *)tail.bytes,
				 tail.len);
	return r == 0 && strstr(text, "://") != NULL
		       ? give(values, CATALOG_INDEX_FACET_THEME_URL, text)
		       : r;
}

static int give_themes(const struct values *values, const struct catalog_value *themes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(themes); i++) {
		const char *text = catalog_value_text(catalog_value_at(themes, i, NULL));

		if (text != NULL && text[0] != '\0')
			r = give_theme(values, text);
	}
	return r;
}

void catalog_index_facet_industry(const char *name,
				  char ret_value[CATALOG_INDEX_FACET_INDUSTRY_BYTES])
{
	int n = snprintf(ret_value, CATALOG_INDEX_FACET_INDUSTRY_BYTES, "industry/%s", name);

	assert(n > 0 && n < CATALOG_INDEX_FACET_INDUSTRY_BYTES);
	(void)n;
}

int catalog_index_facet_values(const struct catalog_value *listing, catalog_index_facet_each each,
			       void *arg)
{
	const struct values values = {each, arg};
	const struct catalog_value *spatial = catalog_value_get(listing, "spatial");
	const char *issued = text_of(listing, "issued");
	int r = 0;

	if (issued == NULL)
		issued = text_of(listing, "modified");
	for (size_t i = 0; r == 0 && i < catalog_value_count(spatial); i++)
		r = give(&values, CATALOG_INDEX_FACET_COUNTRY,
			 text_of(catalog_value_at(spatial, i, NULL), "country"));
	if (r != 0 || (r = give_themes(&values, catalog_value_get(listing, "theme"))) != 0 ||
	    (r = give_licence(&values, text_of(listing, "license"))) != 0 ||
	    (r = give_distributions(&values, listing)) != 0 ||
	    (r = give_tail(&values, CATALOG_INDEX_FACET_ACCESS,
			   text_of(listing, "accessRights"))) != 0 ||
	    (r = give_list(&values, CATALOG_INDEX_FACET_LANGUAGE,
			   catalog_value_get(listing, "language"))) != 0 ||
	    (r = give_keywords(&values, catalog_value_get(listing, "keyword"))) != 0 ||
	    (r = give_doi(&values, listing)) != 0)
		return r;
	if (issued != NULL && strlen(issued) >= 4)
		r = each(arg, CATALOG_INDEX_FACET_YEAR, issued, 4);
	return r == 0 ? catalog_index_policy_values(listing, each, arg) : r;
}
