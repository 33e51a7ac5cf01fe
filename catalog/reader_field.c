/* Every field goes the same way: for each single value, make of it what the property holds; if
 * anything was changed, dropped or left over, note the whole as it was.  Text with a NUL inside
 * ends there for lines, URLs and dates: what stands behind it no reader would show.
 */
#include "catalog/reader_field.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/date.h"
#include "catalog/reader_language.h"
#include "catalog/reader_text.h"
#include "catalog/url.h"

/* The limits of catalog/listing.c. */
#define LIST_COUNT_MAX  5000
#define TEXT_BYTES_MAX  (64u * 1024)
#define LINE_BYTES_MAX  4096
#define TITLE_BYTES_MAX 2000

static void check(struct catalog_reader_build *build, int r)
{
	if (r == -ENOMEM)
		build->error = r;
}

/* --- lines ------------------------------------------------------------------------------ */

/* Make one line of text: white space at the ends goes, line ends become spaces, control characters
 * go.  ret_line is NUL-terminated; its len does not count the NUL.  *ret_changed is set if more
 * than white space changed. */
static int make_line(const char *text, struct catalog_buffer *ret_line, bool *ret_changed)
{
	int r = 0;

	for (; *text != '\0' && r == 0; text++) {
		unsigned char byte = (unsigned char)*text;

		if (strchr(" \t\r\n", *text) != NULL) {
			/* A run with a line end in it is one space; spaces alone stay. */
			size_t run = strspn(text, " \t\r\n");
			bool is_plain = strspn(text, " ") >= run;

			if (text[run] != '\0' && ret_line->len > 0)
				r = catalog_buffer_print(ret_line, "%*s", is_plain ? (int)run : 1,
							 "");
			text += run - 1;
			continue;
		}
		if (byte < 0x20 || byte == 0x7f) {
			*ret_changed = true;
			continue;
		}
		if (byte == 0xc2 && (unsigned char)text[1] >= 0x80 &&
		    (unsigned char)text[1] < 0xa0) {
			const char *was = catalog_reader_text_from_control((unsigned char)text[1]);

			*ret_changed = true;
			r = catalog_buffer_append(ret_line, was, strlen(was));
			text++;
			continue;
		}
		r = catalog_buffer_append(ret_line, text, 1);
	}
	while (r == 0 && ret_line->len > 0 && ret_line->bytes[ret_line->len - 1] == ' ')
		ret_line->len--;
	if (r == 0)
		r = catalog_buffer_append(ret_line, "", 1);
	if (r == 0)
		ret_line->len--;
	return r;
}

/* The line that value says, in room; NULL if it says none or too much. *ret_changed as above. */
static const char *line_of(struct catalog_reader_build *build, const struct catalog_value *value,
			   struct catalog_buffer *room, bool *ret_changed)
{
	char number[32];
	const char *text = catalog_reader_build_iri(value, number);

	room->len = 0;
	if (text == NULL || build->error < 0) {
		*ret_changed = true;
		return NULL;
	}
	check(build, make_line(text, room, ret_changed));
	if (build->error < 0)
		return NULL;
	if (room->len == 0 || room->len > LINE_BYTES_MAX) {
		*ret_changed = true;
		return NULL;
	}
	return (const char *)room->bytes;
}

/* Set a property that holds one text; if it holds another one already, value goes where what is
 * not known goes. */
static void set_text(struct catalog_reader_build *build,
		     const struct catalog_reader_build_target *target, const char *text,
		     const struct catalog_value *value)
{
	const struct catalog_value *old = catalog_value_get(target->into, target->key);

	if (old == NULL)
		catalog_reader_build_set(build, target, catalog_value_new_string(text));
	else if (catalog_value_text(old) == NULL || strcmp(catalog_value_text(old), text) != 0)
		catalog_reader_build_keep(build, target, value);
}

/* Turns one single value into text for a property that holds one.  NULL if it cannot be. */
typedef const char *(*text_of)(struct catalog_reader_build *build,
			       const struct catalog_value *value, struct catalog_buffer *room,
			       bool *ret_changed);

static void set_first(struct catalog_reader_build *build,
		      const struct catalog_reader_build_target *target,
		      const struct catalog_value *value, text_of make)
{
	size_t count = catalog_reader_build_count(value);
	struct catalog_buffer room = {0};
	const char *text = NULL;
	bool changed = false;

	for (size_t i = 0; i < count && text == NULL; i++) {
		text = make(build, catalog_reader_build_at(value, i), &room, &changed);
		changed = changed || (text != NULL && i + 1 < count);
	}
	if (text != NULL)
		set_text(build, target, text, value);
	if (changed)
		catalog_reader_build_repaired(build, target, value);
	catalog_buffer_close(&room);
}

static void append_all(struct catalog_reader_build *build,
		       const struct catalog_reader_build_target *target,
		       const struct catalog_value *value, text_of make)
{
	struct catalog_buffer room = {0};
	bool changed = false;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		const char *text = make(build, catalog_reader_build_at(value, i), &room, &changed);

		if (text == NULL)
			continue;
		if (catalog_value_count(catalog_value_get(target->into, target->key)) <
		    LIST_COUNT_MAX)
			catalog_reader_build_append_text(build, target, text);
		else
			changed = true;
	}
	if (changed)
		catalog_reader_build_repaired(build, target, value);
	catalog_buffer_close(&room);
}

CATALOG_READER_FIELD(line)
{
	set_first(build, target, value, line_of);
}

CATALOG_READER_FIELD(lines)
{
	append_all(build, target, value, line_of);
}

/* --- URLs, dates, numbers --------------------------------------------------------------- */

static const char *url_of(struct catalog_reader_build *build, const struct catalog_value *value,
			  struct catalog_buffer *room, bool *ret_changed)
{
	char number[32];
	const char *text = catalog_reader_build_iri(value, number);
	int r;

	room->len = 0;
	if (text != NULL && catalog_url_check(text) == 0) {
		check(build, catalog_buffer_append(room, text, strlen(text) + 1));
		return build->error < 0 ? NULL : (const char *)room->bytes;
	}
	*ret_changed = true;
	if (text == NULL)
		return NULL;
	r = catalog_url_repair(text, room);
	check(build, r);
	return r == 0 ? (const char *)room->bytes : NULL;
}

CATALOG_READER_FIELD(url)
{
	set_first(build, target, value, url_of);
}

CATALOG_READER_FIELD(urls)
{
	append_all(build, target, value, url_of);
}

static const char *date_of(struct catalog_reader_build *build, const struct catalog_value *value,
			   struct catalog_buffer *room, bool *ret_changed)
{
	char number[32], date[CATALOG_DATE_BYTES_MAX + 1];
	const char *text = catalog_reader_build_text(value, number);

	room->len = 0;
	if (text != NULL && catalog_date_check(text) != 0) {
		*ret_changed = true;
		text = catalog_date_repair(text, date) == 0 ? date : NULL;
	}
	if (text == NULL) {
		*ret_changed = true;
		return NULL;
	}
	check(build, catalog_buffer_append(room, text, strlen(text) + 1));
	return build->error < 0 ? NULL : (const char *)room->bytes;
}

CATALOG_READER_FIELD(date)
{
	set_first(build, target, value, date_of);
}

CATALOG_READER_FIELD(bytes)
{
	const struct catalog_value *first =
		catalog_reader_build_count(value) == 1 ? catalog_reader_build_at(value, 0) : NULL;
	char number[32];
	const char *text = catalog_reader_build_text(first, number);
	double bytes = -1;
	char *end;

	if (catalog_reader_build_count(value) == 0)
		return;
	if (text != NULL && text[strspn(text, " 0123456789.eE+")] == '\0') {
		bytes = strtod(text, &end);
		if (end == text || end[strspn(end, " ")] != '\0')
			bytes = -1;
	}
	if (bytes < 0 || bytes >= 0x1p63 || bytes != floor(bytes)) {
		catalog_reader_build_repaired(build, target, value);
		return;
	}
	if (catalog_value_get(target->into, target->key) == NULL)
		catalog_reader_build_set(build, target, catalog_value_new_int((int64_t)bytes));
}

/* --- languages -------------------------------------------------------------------------- */

CATALOG_READER_FIELD(languages)
{
	bool changed = false;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		const struct catalog_value *one = catalog_reader_build_at(value, i);
		char number[32], tag[CATALOG_READER_BUILD_LANGUAGE_BYTES], part[128];
		const char *text = catalog_reader_build_iri(one, number);

		if (text != NULL && catalog_reader_language_find(text, tag) == 0) {
			catalog_reader_build_append_text(build, target, tag);
			/* A concept's URL is as good a form as a tag. */
			changed = changed || (strcmp(text, tag) != 0 && strchr(text, ':') == NULL);
			continue;
		}
		changed = true;
		for (; text != NULL && *text != '\0'; text += *text != '\0') {
			size_t len = strcspn(text, ",;|+/");

			if (len < sizeof part) {
				memcpy(part, text, len);
				part[len] = '\0';
				if (catalog_reader_language_find(part, tag) == 0)
					catalog_reader_build_append_text(build, target, tag);
			}
			text += len;
		}
	}
	if (changed)
		catalog_reader_build_repaired(build, target, value);
}

/* The language of a single value: what it says, or what is assumed. */
static void tag_of(const struct catalog_reader_build *build, const struct catalog_value *value,
		   char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES])
{
	const char *said = catalog_value_text(catalog_value_get(value, "@language"));

	if (said == NULL || catalog_reader_language_find(said, ret_tag) != 0)
		memcpy(ret_tag, build->language, CATALOG_READER_BUILD_LANGUAGE_BYTES);
}

/* Whether a map is {language: text or texts}, and no node. */
static bool is_lang_map(const struct catalog_value *value)
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	/* "id" is Indonesian, and alone it is more likely an id. */
	if (catalog_value_type(value) != CATALOG_VALUE_MAP ||
	    (catalog_value_count(value) == 1 && catalog_value_get(value, "id") != NULL))
		return false;
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const char *key;
		enum catalog_value_type type = catalog_value_type(catalog_value_at(value, i, &key));

		if (catalog_reader_language_find(key, tag) != 0 || strcmp(key, "url") == 0 ||
		    strcmp(key, "uri") == 0)
			return false;
		if (type != CATALOG_VALUE_STRING && type != CATALOG_VALUE_LIST &&
		    type != CATALOG_VALUE_NULL)
			return false;
	}
	return catalog_value_count(value) > 0;
}

/* --- text in languages ------------------------------------------------------------------ */

struct lang {
	struct catalog_reader_build *build;
	const struct catalog_reader_build_target *target;
	bool is_title;    /* one line, short */
	bool is_keywords; /* lists of lines */
	bool changed;
	struct catalog_buffer room, line;
};

/* The cleaned text in lang->line, NUL-terminated; false if nothing is left, or too much. */
static bool clean(struct lang *lang, const char *text, size_t len)
{
	size_t len_max = lang->is_keywords ? LINE_BYTES_MAX
			 : lang->is_title  ? TITLE_BYTES_MAX
					   : TEXT_BYTES_MAX;
	bool changed = false;
	int r;

	lang->room.len = lang->line.len = 0;
	r = catalog_reader_text_clean((struct catalog_span){(const uint8_t *)text, len},
				      &lang->room, &changed);
	if (r == 0)
		r = catalog_buffer_append(&lang->room, "", 1);
	if (r == 0 && (lang->is_title || lang->is_keywords))
		r = make_line((const char *)lang->room.bytes, &lang->line, &changed);
	else if (r == 0)
		r = catalog_buffer_append(&lang->line, lang->room.bytes, lang->room.len);
	if (r == 0 && lang->line.bytes[0] == '\0')
		changed = true;
	if (r == 0 && strlen((const char *)lang->line.bytes) > len_max) {
		changed = true;
		lang->line.bytes[0] = '\0';
	}
	check(lang->build, r);
	lang->changed = lang->changed || changed;
	return r == 0 && lang->line.bytes[0] != '\0';
}

/* The map of the property, made when needed. */
static struct catalog_value *lang_map(struct lang *lang)
{
	const struct catalog_value *map = catalog_value_get(lang->target->into, lang->target->key);

	if (map == NULL) {
		catalog_reader_build_set(lang->build, lang->target, catalog_value_new_map());
		map = catalog_value_get(lang->target->into, lang->target->key);
	}
	/* It is ours. */
	return lang->build->error < 0 ? NULL : (struct catalog_value *)(uintptr_t)map;
}

static void put_text(struct lang *lang, const char *tag, const char *text, size_t len)
{
	struct catalog_reader_build_target target = {.key = tag, .from = tag, .path = ""};
	const char *old;

	if (lang->build->error < 0 || !clean(lang, text, len))
		return;
	text = (const char *)lang->line.bytes;
	target.into = lang_map(lang);
	if (target.into == NULL)
		return;
	if (lang->is_keywords) {
		if (catalog_value_count(catalog_value_get(target.into, tag)) < LIST_COUNT_MAX)
			catalog_reader_build_append_text(lang->build, &target, text);
		else
			lang->changed = true;
		return;
	}
	old = catalog_value_text(catalog_value_get(target.into, tag));
	if (old == NULL)
		catalog_reader_build_set(lang->build, &target, catalog_value_new_string(text));
	else if (strcmp(old, text) != 0)
		lang->changed = true; /* two texts in one language: the first stays */
}

static void put_value(struct lang *lang, const char *tag, const struct catalog_value *value)
{
	char number[32];
	const char *text = catalog_reader_build_text(value, number);

	if (text == NULL)
		lang->changed = true;
	else if (catalog_value_type(value) == CATALOG_VALUE_STRING)
		put_text(lang, tag, text, catalog_value_text_len(value));
	else
		put_text(lang, tag, text, strlen(text));
}

/* {language: text}, {language: [text, ...]}. */
static void put_lang_map(struct lang *lang, const struct catalog_value *map)
{
	for (size_t i = 0; i < catalog_value_count(map); i++) {
		char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
		const char *key;
		const struct catalog_value *value = catalog_value_at(map, i, &key);

		if (catalog_reader_language_find(key, tag) != 0)
			continue; /* it was one when is_lang_map() looked */
		for (size_t k = 0; k < catalog_reader_build_count(value); k++)
			put_value(lang, tag, catalog_reader_build_at(value, k));
	}
}

/* "roads, bridges; rivers": several keywords in one text. */
static bool put_split(struct lang *lang, const struct catalog_value *value)
{
	const char *text = catalog_value_text(value);
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

	if (text == NULL || text[strcspn(text, ",;|")] == '\0')
		return false;
	tag_of(lang->build, value, tag);
	while (*text != '\0') {
		size_t len = strcspn(text, ",;|");

		if (strspn(text, " ") < len)
			put_text(lang, tag, text, len);
		text += len;
		text += *text != '\0';
	}
	lang->changed = true;
	return true;
}

static void put_lang(struct lang *lang, const struct catalog_value *value)
{
	if (!(lang->is_keywords && put_split(lang, value))) {
		for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
			const struct catalog_value *one = catalog_reader_build_at(value, i);
			char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];

			if (is_lang_map(one)) {
				put_lang_map(lang, one);
				continue;
			}
			if (catalog_value_type(one) == CATALOG_VALUE_MAP &&
			    catalog_value_count(one) == 0)
				continue;
			tag_of(lang->build, one, tag);
			put_value(lang, tag, one);
		}
	}
	if (lang->changed)
		catalog_reader_build_repaired(lang->build, lang->target, value);
	catalog_buffer_close(&lang->room);
	catalog_buffer_close(&lang->line);
}

CATALOG_READER_FIELD(title)
{
	struct lang lang = {.build = build, .target = target, .is_title = true};

	put_lang(&lang, value);
}

CATALOG_READER_FIELD(text)
{
	struct lang lang = {.build = build, .target = target};

	put_lang(&lang, value);
}

CATALOG_READER_FIELD(keywords)
{
	struct lang lang = {.build = build, .target = target, .is_keywords = true};

	put_lang(&lang, value);
}

/* --- as they are ------------------------------------------------------------------------ */

CATALOG_READER_FIELD(maps)
{
	bool changed = false;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		const struct catalog_value *one = catalog_reader_build_at(value, i);

		if (catalog_value_type(one) == CATALOG_VALUE_MAP &&
		    catalog_value_count(catalog_value_get(target->into, target->key)) <
			    LIST_COUNT_MAX)
			catalog_reader_build_append(build, target, catalog_value_clone(one));
		else
			changed = true;
	}
	if (changed)
		catalog_reader_build_repaired(build, target, value);
}

CATALOG_READER_FIELD(keep)
{
	catalog_reader_build_keep(build, target, value);
}

CATALOG_READER_FIELD(extra)
{
	if (catalog_value_type(value) != CATALOG_VALUE_MAP) {
		catalog_reader_build_keep(build, target, value);
		return;
	}
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		struct catalog_reader_build_target member = *target;
		const struct catalog_value *child = catalog_value_at(value, i, &member.from);

		catalog_reader_build_keep(build, &member, child);
	}
}

CATALOG_READER_FIELD(originals)
{
	if (catalog_value_type(value) != CATALOG_VALUE_MAP) {
		catalog_reader_build_keep(build, target, value);
		return;
	}
	for (size_t i = 0; i < catalog_value_count(value) && build->error == 0; i++) {
		const char *path;
		const struct catalog_value *child = catalog_value_at(value, i, &path);

		check(build, catalog_value_set(build->original, path, catalog_value_clone(child)));
	}
}

CATALOG_READER_FIELD(type)
{
	static const char *const classes[] = {
		"Dataset",  "Catalog", "Distribution", "DataService",   "Contact",
		"Kind",     "VCard",   "Individual",   "Organization",  "Agent",
		"Location", "Place",   "PeriodOfTime", "CatalogRecord", "Checksum",
	};
	bool is_known = catalog_reader_build_count(value) > 0;

	for (size_t i = 0; i < catalog_reader_build_count(value); i++) {
		const char *text = catalog_value_text(catalog_reader_build_at(value, i));
		bool is_class = false;

		for (size_t c = 0; text != NULL && c < sizeof classes / sizeof *classes; c++) {
			size_t len = strlen(text), tail = strlen(classes[c]);

			is_class = is_class ||
				   (len >= tail && strcmp(text + len - tail, classes[c]) == 0 &&
				    (len == tail || strchr(":/#", text[len - tail - 1]) != NULL));
		}
		is_known = is_known && is_class;
	}
	if (!is_known && catalog_reader_build_count(value) > 0)
		catalog_reader_build_keep(build, target, value);
}
