/* A catalogue of a gigabyte is one JSON value, and a parser of whole values would hold it all.  So
 * a machine with few states runs over the bytes and knows only this: inside a string or not, how
 * deep, and under which keys for the outer levels.  That is enough to cut out each record, and
 * catalog_json_read() judges what was cut out: one record with a mistake inside does not spoil the
 * others.  Only what breaks the brackets ends the file; and in JSON lines not even that, where the
 * next line begins with "{" and no value can be there.
 *
 * An event parser that delivers every token would work too; it would have to build values from
 * events, which is a second JSON reader, and it would stop at the first mistake.
 */
#include "catalog/reader_json.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"

#define DEPTH_MAX     512  /* brackets within brackets */
#define KEY_BYTES_MAX 1024 /* longer keys name nothing */
#define KEY_LEVELS    2    /* depth at which keys matter */

/* Under which keys the array of records is found. */
static const char *const record_paths[] = {
	"dataset",
	"datasets",
	"results",
	"result",
	"packages",
	"result.results",
	"result.packages",
	"@graph",
	"dcat:dataset",
	"data",
	"http://www.w3.org/ns/dcat#dataset",
};

struct scan {
	const struct catalog_reader_json_found *found;
	struct catalog_reader_error *error;
	struct catalog_buffer held; /* text since the open item began */
	bool is_held_too_big;
	size_t depth;
	char brackets[DEPTH_MAX]; /* the closing bracket that each level awaits */
	char keys[KEY_LEVELS][KEY_BYTES_MAX];
	size_t key_len;
	bool is_in_string, is_escaped;
	bool is_key; /* the open string is a key */
	bool is_key_awaited;
	bool is_value_awaited; /* behind a colon, "[" or a comma in a list */
	bool is_line_start;
	uint64_t line;
	size_t array_depth;     /* of the array of records, 0 if outside one */
	bool is_container;      /* the outer object has had an array of records */
	bool is_array_possible; /* "[" under a known path: what comes first decides */
	struct {
		size_t offset; /* in held */
		uint64_t line;
		bool is_open;
	} record, member;
	uint64_t values; /* whole values so far at the outer level */
	bool is_scalar;  /* within a number, true, false, null at the outer level */
};

static int fail(struct scan *s, const char *what)
{
	snprintf(s->error->text, sizeof s->error->text,
		 "line %llu: %s, so the rest of the file cannot be read; correct the JSON there",
		 (unsigned long long)s->line, what);
	return -EBADMSG;
}

static bool is_record_path(const struct scan *s)
{
	char path[2 * KEY_BYTES_MAX + 1];

	if (s->depth == 0)
		return true;
	if (s->depth > KEY_LEVELS || s->is_container)
		return false;
	for (size_t i = 0; i < s->depth; i++)
		if (s->brackets[i] != '}')
			return false;
	snprintf(path, sizeof path, "%s%s%s", s->keys[0], s->depth == 2 ? "." : "",
		 s->depth == 2 ? s->keys[1] : "");
	for (size_t i = 0; i < sizeof record_paths / sizeof *record_paths; i++)
		if (strcmp(path, record_paths[i]) == 0)
			return true;
	return false;
}

static struct catalog_reader_json_item item_from(const struct scan *s, size_t offset, uint64_t line)
{
	struct catalog_reader_json_item item = {.line = line, .is_too_big = s->is_held_too_big};

	if (!item.is_too_big) {
		item.text.bytes = s->held.bytes + offset;
		item.text.len = s->held.len - offset;
	}
	return item;
}

/* Begin to hold text, for a record or a member. */
static void hold_from_here(struct scan *s)
{
	s->held.len = 0;
	s->is_held_too_big = false;
}

static int hold_run(struct scan *s, const uint8_t *bytes, size_t len)
{
	if (!s->record.is_open && !s->member.is_open)
		return 0;
	if (s->held.len + len > CATALOG_READER_RECORD_BYTES_MAX) {
		s->is_held_too_big = true;
		return 0;
	}
	return catalog_buffer_append(&s->held, bytes, len);
}

static int hold(struct scan *s, uint8_t byte)
{
	return hold_run(s, &byte, 1);
}

static int end_record(struct scan *s)
{
	struct catalog_reader_json_item item = item_from(s, 0, s->record.line);

	s->record.is_open = false;
	return s->found->record != NULL ? s->found->record(s->found->arg, &item) : 0;
}

/* The name of the open member, without the escapes of JSON; NULL if it is too long, or no text:
 * then it names nothing.  Returns 0, -ENOMEM. */
static int read_name(const struct scan *s, struct catalog_value **ret_name)
{
	char quoted[KEY_BYTES_MAX + 2];
	int len = snprintf(quoted, sizeof quoted, "\"%s\"", s->keys[0]);
	int r;

	*ret_name = NULL;
	if (len == KEY_BYTES_MAX + 1)
		return 0;
	r = catalog_json_read((struct catalog_span){(uint8_t *)quoted, (size_t)len}, ret_name,
			      NULL);
	return r == -ENOMEM ? r : 0;
}

static int end_member(struct scan *s)
{
	struct catalog_reader_json_item item = item_from(s, s->member.offset, s->member.line);
	struct catalog_value *name = NULL;
	int r;

	s->member.is_open = false;
	if (s->found->member == NULL)
		return 0;
	r = read_name(s, &name);
	if (r == 0 && name != NULL)
		r = s->found->member(s->found->arg, catalog_value_text(name), &item);
	catalog_value_free(name);
	return r;
}

/* A value begins: number, string, object or array. */
static int begin_value(struct scan *s, uint8_t byte)
{
	bool is_element = s->array_depth > 0 && s->depth == s->array_depth;

	s->is_value_awaited = false;
	if (s->is_array_possible) {
		s->is_array_possible = false;
		if (byte == '{' || byte == ']') {
			const char *dot = s->depth == 3 ? "." : "";
			char path[2 * KEY_BYTES_MAX + 1];

			snprintf(path, sizeof path, "%s%s%s", s->depth > 1 ? s->keys[0] : "", dot,
				 s->depth == 3 ? s->keys[1] : "");
			s->array_depth = s->depth;
			s->is_container = s->depth > 1;
			s->record.is_open = s->member.is_open = false;
			is_element = byte != ']';
			if (s->found->array != NULL) {
				int r = s->found->array(s->found->arg, path);

				if (r != 0)
					return r;
			}
		}
	}
	if (is_element || (s->depth == 0 && byte == '{')) {
		hold_from_here(s);
		s->record.is_open = true;
		s->record.line = s->line;
	}
	if (s->depth == 1 && s->brackets[0] == '}') {
		if (!s->record.is_open)
			hold_from_here(s);
		s->member.is_open = true;
		s->member.offset = s->held.len;
		s->member.line = s->line;
	}
	if (s->depth == 0 && byte != '{' && byte != '[')
		return fail(s, "found a plain value where an object or array should be");
	return 0;
}

static int end_value(struct scan *s)
{
	int r = 0;

	if (s->member.is_open && s->depth == 1)
		r = end_member(s);
	if (r == 0 && s->record.is_open && s->depth == s->array_depth)
		r = end_record(s);
	return r;
}

static int open_bracket(struct scan *s, uint8_t byte)
{
	bool is_possible = byte == '[' && s->array_depth == 0 && is_record_path(s);
	int r = begin_value(s, byte);

	if (r != 0)
		return r;
	if (s->depth == DEPTH_MAX)
		return fail(s, "brackets are nested too deep");
	s->brackets[s->depth++] = byte == '{' ? '}' : ']';
	s->is_key_awaited = byte == '{';
	s->is_value_awaited = byte == '[';
	s->is_array_possible = is_possible;
	return hold(s, byte);
}

static int close_bracket(struct scan *s, uint8_t byte)
{
	int r = 0;

	if (s->depth == 0 || s->brackets[s->depth - 1] != byte)
		return fail(s, byte == '}' ? "found \"}\" that closes nothing"
					   : "found \"]\" that closes nothing");
	if (s->is_array_possible)
		r = begin_value(s, byte);
	if (r == 0)
		r = hold(s, byte);
	if (r != 0)
		return r;
	if (s->array_depth == s->depth)
		s->array_depth = 0;
	s->depth--;
	s->is_key_awaited = false;
	if (s->depth == 0) {
		s->values++;
		s->is_container = false;
	}
	return end_value(s);
}

static int in_string(struct scan *s, uint8_t byte)
{
	int r = hold(s, byte);

	if (r != 0)
		return r;
	if (s->is_escaped) {
		s->is_escaped = false;
	} else if (byte == '\\') {
		s->is_escaped = true;
	} else if (byte == '"') {
		s->is_in_string = false;
		if (!s->is_key)
			return end_value(s);
		if (s->depth <= KEY_LEVELS)
			s->keys[s->depth - 1][s->key_len] = '\0';
		return 0;
	}
	if (s->is_key && s->depth <= KEY_LEVELS && s->key_len < KEY_BYTES_MAX - 1)
		s->keys[s->depth - 1][s->key_len++] = (char)byte;
	return 0;
}

static int begin_string(struct scan *s)
{
	s->is_key = s->is_key_awaited;
	s->is_key_awaited = false;
	s->key_len = 0;
	if (!s->is_key) {
		int r = begin_value(s, '"');

		if (r != 0)
			return r;
	}
	s->is_in_string = true;
	return hold(s, '"');
}

/* The end of a number or word shows only at the byte after it. */
static int end_scalar(struct scan *s)
{
	if (!s->is_scalar)
		return 0;
	s->is_scalar = false;
	return end_value(s);
}

/* Whether an object begins here, at a line's start, in the middle of a record that is an outer
 * object: that record was cut short. */
static bool is_next_line(const struct scan *s, uint8_t byte)
{
	return byte == '{' && s->is_line_start && s->record.is_open && s->array_depth == 0 &&
	       s->depth > 0 && (s->is_in_string || !s->is_value_awaited);
}

/* Deliver the record that was cut short, as it is, and be outside of everything. */
static int give_up_record(struct scan *s)
{
	s->depth = 0;
	s->is_in_string = s->is_escaped = s->is_scalar = false;
	s->is_key_awaited = s->is_value_awaited = s->is_array_possible = false;
	s->member.is_open = false;
	s->values++;
	return end_record(s);
}

static int step(struct scan *s, uint8_t byte)
{
	int r = is_next_line(s, byte) ? give_up_record(s) : 0;

	if (r != 0)
		return r;
	s->is_line_start = byte == '\n';
	if (byte == '\n')
		s->line++;
	if (s->is_in_string)
		return in_string(s, byte);
	switch (byte) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ',':
	case '}':
	case ']':
		r = end_scalar(s);
		if (r != 0)
			return r;
		if (byte == '}' || byte == ']')
			return close_bracket(s, byte);
		if (byte == ',') {
			s->is_key_awaited = s->depth > 0 && s->brackets[s->depth - 1] == '}';
			s->is_value_awaited = !s->is_key_awaited;
		}
		return hold(s, byte);
	case '{':
	case '[': return open_bracket(s, byte);
	case '"': return begin_string(s);
	case ':': s->is_value_awaited = true; return hold(s, byte);
	}
	if (!s->is_scalar) {
		r = begin_value(s, byte);
		if (r != 0)
			return r;
		s->is_scalar = true;
	}
	return hold(s, byte);
}

/* Take the part of a string's text that holds no quote, backslash or line end: most of a file. */
static int take_plain(struct scan *s, const uint8_t *bytes, size_t len, size_t *ret_taken)
{
	size_t taken = 0;

	*ret_taken = 0;
	if (!s->is_in_string || s->is_escaped || s->is_key || s->is_line_start)
		return 0;
	while (taken < len && bytes[taken] != '"' && bytes[taken] != '\\' && bytes[taken] != '\n')
		taken++;
	*ret_taken = taken;
	return taken > 0 ? hold_run(s, bytes, taken) : 0;
}

static int finish(struct scan *s)
{
	if (s->is_in_string)
		return fail(s, "the file ends within a string");
	if (s->depth > 0)
		return fail(s, "the file ends before its last bracket is closed");
	if (s->values == 0)
		return fail(s, "the file holds no JSON");
	return 0;
}

int catalog_reader_json_scan(struct catalog_reader_source *source,
			     const struct catalog_reader_json_found *found,
			     struct catalog_reader_error *ret_error)
{
	struct scan s = {.found = found, .error = ret_error, .line = 1};
	uint8_t block[CATALOG_READER_SOURCE_BLOCK_BYTES];
	bool is_first = true;
	size_t len, i, taken;
	int r = catalog_reader_source_rewind(source);

	while (r == 0) {
		r = catalog_reader_source_read(source, block, &len);
		if (r != 0 || len == 0)
			break;
		i = is_first && len >= 3 && memcmp(block, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		is_first = false;
		while (i < len && r == 0) {
			r = take_plain(&s, block + i, len - i, &taken);
			i += taken;
			if (r == 0 && i < len)
				r = step(&s, block[i++]);
		}
	}
	if (r == 0)
		r = finish(&s);
	catalog_buffer_close(&s.held);
	return r;
}
