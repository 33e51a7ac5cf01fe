/* catalog/listing.c - the model is a table: for each property its name and kind, and for those that
 * hold others the table of theirs.  One walk checks a listing against it, keeping the path for the
 * message. */
#include "catalog/listing.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "catalog/date.h"
#include "catalog/hash.h"
#include "catalog/url.h"
#include "catalog/utf8.h"

#define LIST_COUNT_MAX  5000
#define TEXT_BYTES_MAX  (64u * 1024)
#define LINE_BYTES_MAX  4096
#define TITLE_BYTES_MAX 2000

enum kind {
	KIND_LINE,      /* text of one line */
	KIND_TEXT,      /* text, lines allowed */
	KIND_LANG,      /* map from language tag to text */
	KIND_TITLE,     /* the same, short and of one line */
	KIND_LANG_LIST, /* map from language tag to list of lines */
	KIND_URL,
	KIND_DATE,
	KIND_TAG,
	KIND_COUNTRY,
	KIND_COUNT, /* an integer from 0 */
	KIND_BBOX,
	KIND_MAP, /* a map with a table of its own */
	KIND_ANY_MAP,
};

struct property {
	const char *name;
	enum kind kind;
	bool is_list;
	const struct property *properties; /* of KIND_MAP; ends with a NULL name */
};

static const struct property agent[] = {
	{"name", KIND_TITLE, false, NULL}, {"id", KIND_LINE, false, NULL},
	{"type", KIND_LINE, false, NULL},  {"email", KIND_LINE, false, NULL},
	{"url", KIND_URL, false, NULL},    {"extra", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};
static const struct property contact[] = {
	{"name", KIND_LINE, false, NULL},     {"email", KIND_LINE, false, NULL},
	{"url", KIND_URL, false, NULL},       {"phone", KIND_LINE, false, NULL},
	{"extra", KIND_ANY_MAP, false, NULL}, {NULL, KIND_LINE, false, NULL},
};
static const struct property place[] = {
	{"name", KIND_TITLE, false, NULL},      {"id", KIND_LINE, false, NULL},
	{"country", KIND_COUNTRY, false, NULL}, {"bbox", KIND_BBOX, false, NULL},
	{"geometry", KIND_TEXT, false, NULL},   {"extra", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};
static const struct property period[] = {
	{"start", KIND_DATE, false, NULL}, {"end", KIND_DATE, false, NULL},
	{"text", KIND_LINE, false, NULL},  {"extra", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};
static const struct property checksum[] = {
	{"algorithm", KIND_LINE, false, NULL},
	{"value", KIND_LINE, false, NULL},
	{"extra", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};
static const struct property service[] = {
	{"id", KIND_LINE, false, NULL},
	{"title", KIND_TITLE, false, NULL},
	{"description", KIND_LANG, false, NULL},
	{"endpointURL", KIND_URL, true, NULL},
	{"endpointDescription", KIND_URL, true, NULL},
	{"extra", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};
static const struct property distribution[] = {
	{"id", KIND_LINE, false, NULL},          {"title", KIND_TITLE, false, NULL},
	{"description", KIND_LANG, false, NULL}, {"accessURL", KIND_URL, false, NULL},
	{"downloadURL", KIND_URL, false, NULL},  {"mediaType", KIND_LINE, false, NULL},
	{"format", KIND_LINE, false, NULL},      {"byteSize", KIND_COUNT, false, NULL},
	{"checksum", KIND_MAP, false, checksum}, {"license", KIND_LINE, false, NULL},
	{"rights", KIND_LANG, false, NULL},      {"issued", KIND_DATE, false, NULL},
	{"modified", KIND_DATE, false, NULL},    {"language", KIND_TAG, true, NULL},
	{"conformsTo", KIND_LINE, true, NULL},   {"availability", KIND_LINE, false, NULL},
	{"policy", KIND_ANY_MAP, true, NULL},    {"service", KIND_MAP, false, service},
	{"extra", KIND_ANY_MAP, false, NULL},    {NULL, KIND_LINE, false, NULL},
};
static const struct property dataset[] = {
	{"title", KIND_TITLE, false, NULL},
	{"description", KIND_LANG, false, NULL},
	{"keyword", KIND_LANG_LIST, false, NULL},
	{"theme", KIND_LINE, true, NULL},
	{"identifier", KIND_LINE, true, NULL},
	{"landingPage", KIND_URL, false, NULL},
	{"page", KIND_URL, true, NULL},
	{"license", KIND_LINE, false, NULL},
	{"accessRights", KIND_LINE, false, NULL},
	{"rights", KIND_LANG, false, NULL},
	{"policy", KIND_ANY_MAP, true, NULL},
	{"contact", KIND_MAP, true, contact},
	{"creator", KIND_MAP, true, agent},
	{"publisher", KIND_MAP, false, agent},
	{"issued", KIND_DATE, false, NULL},
	{"modified", KIND_DATE, false, NULL},
	{"frequency", KIND_LINE, false, NULL},
	{"language", KIND_TAG, true, NULL},
	{"spatial", KIND_MAP, true, place},
	{"temporal", KIND_MAP, true, period},
	{"provenance", KIND_LANG, false, NULL},
	{"version", KIND_LINE, false, NULL},
	{"versionNotes", KIND_LANG, false, NULL},
	{"type", KIND_LINE, false, NULL},
	{"conformsTo", KIND_LINE, true, NULL},
	{"source", KIND_LINE, true, NULL},
	{"isVersionOf", KIND_LINE, true, NULL},
	{"hasVersion", KIND_LINE, true, NULL},
	{"isReferencedBy", KIND_LINE, true, NULL},
	{"relation", KIND_LINE, true, NULL},
	{"distribution", KIND_MAP, true, distribution},
	{"service", KIND_MAP, true, service},
	{"extra", KIND_ANY_MAP, false, NULL},
	{"original", KIND_ANY_MAP, false, NULL},
	{NULL, KIND_LINE, false, NULL},
};

/* --- the walk -------------------------------------------------------------------------- */

struct check {
	char path[sizeof((struct catalog_problem *)NULL)->path];
	size_t path_len;
	struct catalog_problem *problem; /* may be NULL */
};

/* Copy text to a field of a problem: cut at a character, control characters as spaces. */
static void shorten(const char *text, size_t len, char *ret_text, size_t room)
{
	size_t kept = len < room ? len : room - 1;

	while (kept < len && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--;
	for (size_t i = 0; i < kept; i++)
		ret_text[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
	ret_text[kept] = '\0';
}

static void describe(const struct catalog_value *value, char *ret_text, size_t room)
{
	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: snprintf(ret_text, room, "nothing"); break;
	case CATALOG_VALUE_BOOL:
		snprintf(ret_text, room, "%s", catalog_value_bool(value) ? "true" : "false");
		break;
	case CATALOG_VALUE_INT:
	case CATALOG_VALUE_DOUBLE:
		snprintf(ret_text, room, "%.15g", catalog_value_double(value));
		break;
	case CATALOG_VALUE_STRING:
		shorten(catalog_value_text(value), catalog_value_text_len(value), ret_text, room);
		break;
	case CATALOG_VALUE_LIST:
		snprintf(ret_text, room, "a list of %zu", catalog_value_count(value));
		break;
	case CATALOG_VALUE_MAP:
		snprintf(ret_text, room, "a map of %zu", catalog_value_count(value));
		break;
	}
}

static int fail(const struct check *check, const struct catalog_value *found, const char *expected)
{
	if (check->problem != NULL) {
		memcpy(check->problem->path, check->path, sizeof check->path);
		describe(found, check->problem->found, sizeof check->problem->found);
		snprintf(check->problem->expected, sizeof check->problem->expected, "%s", expected);
	}
	return -EBADMSG;
}

/* Go one step down; returns the length to go back to.  A path too long for its field is cut. */
static size_t step(struct check *check, const char *key)
{
	size_t before = check->path_len;
	size_t room = sizeof check->path - 1 - before, len = strlen(key);

	if (room > 0) {
		check->path[before] = '/';
		len = len < room ? len : room - 1;
		memcpy(check->path + before + 1, key, len);
		check->path_len = before + 1 + len;
		check->path[check->path_len] = '\0';
	}
	return before;
}

static void back(struct check *check, size_t before)
{
	check->path_len = before;
	check->path[before] = '\0';
}

/* Whether all names and texts in value are, as whoever decodes it demands. */
static bool is_utf8(const struct catalog_value *value)
{
	enum catalog_value_type type = catalog_value_type(value);
	bool is_good = true;

	if (type == CATALOG_VALUE_STRING)
		return catalog_utf8_check(catalog_value_text(value),
					  catalog_value_text_len(value)) == 0;
	for (size_t i = 0; is_good && i < catalog_value_count(value); i++) {
		const char *key = NULL;
		const struct catalog_value *child = catalog_value_at(value, i, &key);

		is_good = is_utf8(child) &&
			  (type != CATALOG_VALUE_MAP || catalog_utf8_check(key, strlen(key)) == 0);
	}
	return is_good;
}

static int check_text(const struct check *check, const struct catalog_value *value, bool lines,
		      size_t bytes_max)
{
	if (catalog_value_text(value) == NULL)
		return fail(check, value, "text");
	if (catalog_value_text_len(value) == 0)
		return fail(check, value, "text that is not empty; leave the property out");
	if (catalog_value_text_len(value) > bytes_max)
		return fail(check, value,
			    bytes_max == TEXT_BYTES_MAX   ? "text of at most 65,536 bytes"
			    : bytes_max == LINE_BYTES_MAX ? "text of at most 4,096 bytes"
							  : "text of at most 2,000 bytes");
	if (!catalog_utf8_is_text(catalog_value_text(value), catalog_value_text_len(value), lines))
		return fail(check, value,
			    lines ? "UTF-8 without control characters"
				  : "UTF-8 on one line, without control characters");
	return 0;
}

/* RFC 5646: subtags of 1 to 8 letters and digits, the first of 2 or more letters (or x, i). */
static bool tag_is_good(const char *tag)
{
	size_t len = strlen(tag), sub = 0;

	if (len < 2 || len > 35)
		return false;
	for (size_t i = 0; i <= len; i++) {
		char c = tag[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (c == '-' || c == '\0') {
			if (sub == 0 || sub > 8 || (i == 1 && strchr("xXiI", tag[0]) == NULL))
				return false;
			sub = 0;
			continue;
		}
		if (!letter && !(c >= '0' && c <= '9' && memchr(tag, '-', i) != NULL))
			return false;
		sub++;
	}
	return true;
}

/* A map from language tag to text, or to lists of lines. */
static int check_lang(struct check *check, const struct catalog_value *value, enum kind kind)
{
	if (catalog_value_type(value) != CATALOG_VALUE_MAP || catalog_value_count(value) == 0)
		return fail(check, value, "a map from language tag to text");
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const char *tag;
		const struct catalog_value *child = catalog_value_at(value, i, &tag);
		size_t before = step(check, tag);
		int r = 0;

		if (!tag_is_good(tag))
			return fail(check, child,
				    "a BCP 47 language tag as key, such as en or pt-BR");
		if (kind == KIND_LANG_LIST) {
			if (catalog_value_type(child) != CATALOG_VALUE_LIST ||
			    catalog_value_count(child) == 0 ||
			    catalog_value_count(child) > LIST_COUNT_MAX)
				return fail(check, child, "a list of 1 to 5,000 texts");
			for (size_t k = 0; r == 0 && k < catalog_value_count(child); k++)
				r = check_text(check, catalog_value_at(child, k, NULL), false,
					       LINE_BYTES_MAX);
		} else {
			r = check_text(check, child, kind == KIND_LANG,
				       kind == KIND_LANG ? TEXT_BYTES_MAX : TITLE_BYTES_MAX);
		}
		if (r != 0)
			return r;
		back(check, before);
	}
	return 0;
}

static bool bbox_is_good(const struct catalog_value *value)
{
	static const double limits[4] = {180, 90, 180, 90};
	double corner[4];

	if (catalog_value_type(value) != CATALOG_VALUE_LIST || catalog_value_count(value) != 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		const struct catalog_value *child = catalog_value_at(value, i, NULL);
		enum catalog_value_type type = catalog_value_type(child);

		if (type != CATALOG_VALUE_INT && type != CATALOG_VALUE_DOUBLE)
			return false;
		corner[i] = catalog_value_double(child);
		if (!(fabs(corner[i]) <= limits[i]))
			return false;
	}
	return corner[1] <= corner[3]; /* west may exceed east, across the date line */
}

static bool is_country(const char *text)
{
	return text != NULL && strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' &&
	       text[1] >= 'A' && text[1] <= 'Z';
}

static int check_map(struct check *check, const struct catalog_value *map,
		     const struct property *properties);

static int check_one(struct check *check, const struct catalog_value *value,
		     const struct property *property)
{
	const char *text = catalog_value_text(value);

	switch (property->kind) {
	case KIND_LINE: return check_text(check, value, false, LINE_BYTES_MAX);
	case KIND_TEXT: return check_text(check, value, true, TEXT_BYTES_MAX);
	case KIND_LANG:
	case KIND_TITLE:
	case KIND_LANG_LIST: return check_lang(check, value, property->kind);
	case KIND_URL:
		return text != NULL && strlen(text) == catalog_value_text_len(value) &&
				       catalog_url_check(text) == 0
			       ? 0
			       : fail(check, value,
				      "a URL (RFC 3986), such as https://example.org/a");
	case KIND_DATE:
		return text != NULL && catalog_date_check(text) == 0
			       ? 0
			       : fail(check, value, "a date (ISO 8601), such as 2026-11-24");
	case KIND_TAG:
		return text != NULL && tag_is_good(text)
			       ? 0
			       : fail(check, value, "a BCP 47 language tag, such as en or pt-BR");
	case KIND_COUNTRY:
		return is_country(text) ? 0
					: fail(check, value,
					       "a country of ISO 3166-1, two capitals, such as KE");
	case KIND_COUNT:
		return catalog_value_type(value) == CATALOG_VALUE_INT &&
				       catalog_value_int(value) >= 0
			       ? 0
			       : fail(check, value, "a whole number from 0");
	case KIND_BBOX:
		return bbox_is_good(value)
			       ? 0
			       : fail(check, value,
				      "four numbers: west, south, east, north, in degrees");
	case KIND_MAP: return check_map(check, value, property->properties);
	case KIND_ANY_MAP:
		if (catalog_value_type(value) != CATALOG_VALUE_MAP)
			return fail(check, value, "a map");
		return is_utf8(value) ? 0
				      : fail(check, value, "a map whose names and texts are UTF-8");
	}
	return 0;
}

static int check_list(struct check *check, const struct catalog_value *list,
		      const struct property *property)
{
	size_t count = catalog_value_count(list);

	if (catalog_value_type(list) != CATALOG_VALUE_LIST || count == 0)
		return fail(check, list, "a list that is not empty; leave the property out");
	if (property->properties == distribution && count > CATALOG_LISTING_DISTRIBUTIONS_MAX)
		return fail(check, list, "at most 1,000 distributions");
	if (count > LIST_COUNT_MAX)
		return fail(check, list, "a list of at most 5,000");
	for (size_t i = 0; i < count; i++) {
		char number[24];
		size_t before;
		int r;

		snprintf(number, sizeof number, "%zu", i);
		before = step(check, number);
		r = check_one(check, catalog_value_at(list, i, NULL), property);
		if (r != 0)
			return r;
		back(check, before);
	}
	return 0;
}

static const struct property *find(const struct property *properties, const char *name)
{
	for (; properties->name != NULL; properties++)
		if (strcmp(properties->name, name) == 0)
			return properties;
	return NULL;
}

static int check_map(struct check *check, const struct catalog_value *map,
		     const struct property *properties)
{
	if (catalog_value_type(map) != CATALOG_VALUE_MAP)
		return fail(check, map, "a map of properties");
	for (size_t i = 0; i < catalog_value_count(map); i++) {
		const char *name;
		const struct catalog_value *value = catalog_value_at(map, i, &name);
		const struct property *property = find(properties, name);
		size_t before = step(check, name);
		int r;

		if (property == NULL)
			return fail(
				check, value,
				"a property of the model; what it does not know goes under extra");
		r = property->is_list ? check_list(check, value, property)
				      : check_one(check, value, property);
		if (r != 0)
			return r;
		back(check, before);
	}
	return 0;
}

static bool is_flat(const struct catalog_value *value, unsigned levels)
{
	bool flat = true;

	if (catalog_value_type(value) != CATALOG_VALUE_LIST &&
	    catalog_value_type(value) != CATALOG_VALUE_MAP)
		return true;
	if (levels == 0)
		return false;
	for (size_t i = 0; flat && i < catalog_value_count(value); i++)
		flat = is_flat(catalog_value_at(value, i, NULL), levels - 1);
	return flat;
}

int catalog_listing_check_depth(const struct catalog_value *value)
{
	_Static_assert(CATALOG_LISTING_DEPTH_MAX == 20, "as the sentence of check says");
	_Static_assert(CATALOG_LISTING_DEPTH_MAX + 4 <= CATALOG_VALUE_DEPTH_MAX,
		       "a reply of a list of items still travels");
	return is_flat(value, CATALOG_LISTING_DEPTH_MAX) ? 0 : -E2BIG;
}

int catalog_listing_check(const struct catalog_value *listing, struct catalog_problem *ret_problem)
{
	struct check check = {.problem = ret_problem};
	size_t len = 0;
	int r;

	if (catalog_value_type(listing) != CATALOG_VALUE_MAP)
		return fail(&check, listing, "a map of properties");
	if (catalog_value_get(listing, "title") == NULL) {
		(void)step(&check, "title"); /* the message is the end of it */
		return fail(&check, NULL, "a title in at least one language");
	}
	r = check_map(&check, listing, dataset);
	if (r != 0)
		return r;
	if (catalog_listing_check_depth(listing) != 0)
		return fail(&check, listing, "a listing nested at most 20 deep");
	r = catalog_value_measure(listing, &len);
	assert(r == 0); /* it is not deep */
	if (len > CATALOG_LISTING_BYTES_MAX) {
		r = fail(&check, listing, "a listing of at most 255 KiB in all");
		if (ret_problem != NULL)
			snprintf(ret_problem->found, sizeof ret_problem->found, "%zu KiB",
				 len / 1024);
	}
	return r;
}

/* --- ids ---------------------------------------------------------------------------------- */

/* White space of Unicode, the byte order mark, and what has no width. */
static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000 || c == 0xfeff;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200c && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

int catalog_listing_check_id(const char *id)
{
	size_t len = strnlen(id, CATALOG_ID_BYTES_MAX + 1);

	if (len == 0 || len > CATALOG_ID_BYTES_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		int n = catalog_utf8_next(id + i, len - i, &c);

		if (n < 0 || is_space(c) || is_control(c))
			return -EBADMSG;
		i += (size_t)n;
	}
	return 0;
}

int catalog_listing_make_id(const char *text, char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	enum { HASH_DIGITS = 16, KEPT = CATALOG_ID_BYTES_MAX - HASH_DIGITS - 1 };
	struct catalog_buffer id = {0};
	size_t len = strlen(text);
	bool gap = false;
	int r = 0;

	for (size_t i = 0; i < len && r == 0;) {
		uint32_t c = 0;
		int n = catalog_utf8_next(text + i, len - i, &c);

		if (n < 0) {
			r = -EBADMSG;
			break;
		}
		if (is_space(c)) {
			gap = id.len > 0;
		} else if (!is_control(c)) {
			if (gap)
				r = catalog_buffer_append(&id, "-", 1);
			gap = false;
			if (r == 0)
				r = catalog_buffer_append(&id, text + i, (size_t)n);
		}
		i += (size_t)n;
	}
	if (r == 0 && id.len == 0)
		r = -EBADMSG;
	if (r != 0)
		goto out;
	if (id.len > CATALOG_ID_BYTES_MAX) {
		char hex[CATALOG_HASH_HEX_BYTES];
		struct catalog_hash hash;
		size_t kept = KEPT;

		catalog_hash_of(id.bytes, id.len, &hash);
		catalog_hash_to_hex(&hash, hex);
		while (kept > 0 && (id.bytes[kept] & 0xc0) == 0x80)
			kept--;
		id.len = kept;
		r = catalog_buffer_print(&id, "-%.*s", HASH_DIGITS, hex);
		if (r != 0)
			goto out;
	}
	memcpy(ret_id, id.bytes, id.len);
	ret_id[id.len] = '\0';
out:
	catalog_buffer_close(&id);
	return r;
}

/* --- languages ------------------------------------------------------------------------------ */

/* How well a tag serves a reader of lang: the same 3, a relative 2, else 0. */
static int kinship(const char *tag, const char *lang)
{
	size_t len = strcspn(lang, "-");

	if (strcmp(tag, lang) == 0)
		return 3;
	return strncmp(tag, lang, len) == 0 && (tag[len] == '\0' || tag[len] == '-') ? 2 : 0;
}

const char *catalog_listing_text(const struct catalog_value *lang_map, const char *lang,
				 const char **ret_tag)
{
	const char *best = NULL, *best_tag = NULL;
	int best_rank = -1;

	if (catalog_value_type(lang_map) != CATALOG_VALUE_MAP)
		return NULL;
	for (size_t i = 0; i < catalog_value_count(lang_map); i++) {
		const char *tag, *text = catalog_value_text(catalog_value_at(lang_map, i, &tag));
		int rank = 0;

		if (text == NULL)
			continue;
		if (lang != NULL && kinship(tag, lang) > 0)
			rank = 10 + kinship(tag, lang);
		else if (kinship(tag, "en") > 0)
			rank = 5 + kinship(tag, "en");
		else if (strcmp(tag, "und") == 0)
			rank = 1;
		if (rank > best_rank) {
			best_rank = rank;
			best = text;
			best_tag = tag;
		}
	}
	if (best != NULL && ret_tag != NULL)
		*ret_tag = best_tag;
	return best;
}
