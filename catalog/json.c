/* catalog/json.c - jansson reads; a few lines of our own write.
 *
 * jansson refuses integers beyond 64 bits, recurses 2,048 levels deep, and would print a double as
 * the locale has it.  So the text is looked over first: brackets are counted, and an integer too
 * long for 64 bits gets ".0" behind it, which makes it a double.
 */
#include "catalog/json.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define INDENT_SPACES 2

/* Skip the string that begins at i.  Returns where it ends. */
static size_t skip_string(struct catalog_span text, size_t i)
{
	assert(text.bytes[i] == '"');
	for (i++; i < text.len && text.bytes[i] != '"'; i++)
		if (text.bytes[i] == '\\')
			i++;
	return i < text.len ? i + 1 : text.len;
}

static bool is_number_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("+-.eE", byte) != NULL);
}

/* Skip the number that begins at i.  Returns where it ends, and whether it is an integer that 64
 * bits do not hold. */
static size_t skip_number(struct catalog_span text, size_t i, bool *ret_too_big)
{
	char digits[24];
	size_t begin = i;
	bool integer = true;

	for (; i < text.len && is_number_byte(text.bytes[i]); i++)
		if (text.bytes[i] != '-' && (text.bytes[i] < '0' || text.bytes[i] > '9'))
			integer = false;
	*ret_too_big = integer && i - begin > 20;
	if (integer && i - begin >= 19 && i - begin <= 20) {
		memcpy(digits, text.bytes + begin, i - begin);
		digits[i - begin] = '\0';
		errno = 0;
		(void)strtoll(digits, NULL, 10); /* only for errno */
		*ret_too_big = errno == ERANGE;
	}
	return i;
}

/* Copy text into buffer, with ".0" behind each integer too big for 64 bits.
 * Returns 0, -E2BIG if nested too deep, -ENOMEM. */
static int prepare(struct catalog_span text, struct catalog_buffer *buffer)
{
	size_t i = 0, done = 0;
	int depth = 0, r = 0;

	while (r == 0 && i < text.len) {
		uint8_t byte = text.bytes[i];
		bool too_big;

		if (byte == '"') {
			i = skip_string(text, i);
			continue;
		}
		if (is_number_byte(byte) && byte != 'e' && byte != 'E') {
			i = skip_number(text, i, &too_big);
			if (too_big) {
				r = catalog_buffer_append(buffer, text.bytes + done, i - done);
				if (r == 0)
					r = catalog_buffer_append(buffer, ".0", 2);
				done = i;
			}
			continue;
		}
		if ((byte == '[' || byte == '{') && ++depth > CATALOG_VALUE_DEPTH_MAX)
			return -E2BIG;
		if (byte == ']' || byte == '}')
			depth--;
		i++;
	}
	if (r == 0 && done > 0) /* else the text serves as it is */
		r = catalog_buffer_append(buffer, text.bytes + done, text.len - done);
	return r;
}

static int from_jansson(json_t *json, struct catalog_value **ret_value);

static int list_from_jansson(json_t *json, struct catalog_value **ret_value)
{
	struct catalog_value *list = catalog_value_new_list();
	struct catalog_value *child;
	size_t i;
	int r = list == NULL ? -ENOMEM : 0;

	for (i = 0; r == 0 && i < json_array_size(json); i++) {
		r = from_jansson(json_array_get(json, i), &child);
		if (r == 0)
			r = catalog_value_append(list, child);
	}
	if (r != 0) {
		catalog_value_free(list);
		return r;
	}
	*ret_value = list;
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order of key, because catalog_value_set() is quick then. */
static int map_from_jansson(json_t *json, struct catalog_value **ret_value)
{
	struct catalog_value *map = catalog_value_new_map();
	size_t i = 0, count = json_object_size(json);
	const char **keys = calloc(count + 1, sizeof *keys);
	struct catalog_value *child;
	const char *key;
	json_t *json_child;
	int r = map == NULL || keys == NULL ? -ENOMEM : 0;

	if (r != 0)
		goto out;
	json_object_foreach(json, key, json_child)
	{
		keys[i++] = key;
	}
	assert(i == count);
	qsort(keys, count, sizeof *keys, compare_keys);
	for (i = 0; r == 0 && i < count; i++) {
		r = from_jansson(json_object_get(json, keys[i]), &child);
		if (r == 0)
			r = catalog_value_set(map, keys[i], child);
	}
	if (r != 0)
		goto out;
	*ret_value = map;
	map = NULL;
out:
	free(keys);
	catalog_value_free(map);
	return r;
}

static int from_jansson(json_t *json, struct catalog_value **ret_value)
{
	struct catalog_value *value = NULL;

	switch (json_typeof(json)) {
	case JSON_OBJECT: return map_from_jansson(json, ret_value);
	case JSON_ARRAY: return list_from_jansson(json, ret_value);
	case JSON_STRING:
		value = catalog_value_new_string_n(json_string_value(json),
						   json_string_length(json));
		break;
	case JSON_INTEGER: value = catalog_value_new_int(json_integer_value(json)); break;
	case JSON_REAL: value = catalog_value_new_double(json_real_value(json)); break;
	case JSON_TRUE: value = catalog_value_new_bool(true); break;
	case JSON_FALSE: value = catalog_value_new_bool(false); break;
	case JSON_NULL: value = catalog_value_new_null(); break;
	}
	if (value == NULL)
		return -ENOMEM;
	*ret_value = value;
	return 0;
}

static int from_error(const json_error_t *error, struct catalog_json_error *ret_error)
{
	enum json_error_code code = json_error_code(error);

	if (code == json_error_out_of_memory)
		return -ENOMEM;
	if (ret_error == NULL)
		return -EBADMSG;
	*ret_error = (struct catalog_json_error){
		.line = error->line > 0 ? (size_t)error->line : 1,
		.column = error->column > 0 ? (size_t)error->column : 1,
	};
	if (code == json_error_null_character || code == json_error_null_byte_in_key)
		(void)snprintf(ret_error->text, sizeof ret_error->text,
			       "found \\u0000 in a text, which no text may hold");
	else /* shortened is fine */
		(void)snprintf(ret_error->text, sizeof ret_error->text, "%s", error->text);
	return -EBADMSG;
}

int catalog_json_read(struct catalog_span text, struct catalog_value **ret_value,
		      struct catalog_json_error *ret_error)
{
	struct catalog_buffer prepared = {0};
	json_error_t error;
	json_t *json = NULL;
	int r;

	r = prepare(text, &prepared);
	if (r != 0)
		goto out;
	if (prepared.len > 0)
		text = catalog_buffer_span(&prepared);
	json = json_loadb(text.len > 0 ? (const char *)text.bytes : "", text.len, JSON_DECODE_ANY,
			  &error);
	r = json == NULL ? from_error(&error, ret_error) : from_jansson(json, ret_value);
out:
	json_decref(json);
	catalog_buffer_close(&prepared);
	return r;
}

static int put(struct catalog_buffer *buffer, const char *text)
{
	return catalog_buffer_append(buffer, text, strlen(text));
}

/* What stands for a byte inside a JSON string, or NULL if it stands for itself. */
static const char *escape_of(unsigned char byte, char room[8])
{
	switch (byte) {
	case '"': return "\\\"";
	case '\\': return "\\\\";
	case '\b': return "\\b";
	case '\f': return "\\f";
	case '\n': return "\\n";
	case '\r': return "\\r";
	case '\t': return "\\t";
	default: break;
	}
	if (byte >= 0x20 && byte != 0x7f)
		return NULL;
	(void)snprintf(room, 8, "\\u%04x", byte); /* six characters */
	return room;
}

static int write_string(const char *text, size_t len, struct catalog_buffer *buffer)
{
	char room[8];
	size_t i, done = 0;
	int r = put(buffer, "\"");

	for (i = 0; r == 0 && i < len; i++) {
		const char *escape = escape_of((unsigned char)text[i], room);

		if (escape == NULL)
			continue;
		r = catalog_buffer_append(buffer, text + done, i - done);
		if (r == 0)
			r = put(buffer, escape);
		done = i + 1;
	}
	if (r == 0)
		r = catalog_buffer_append(buffer, text + done, len - done);
	return r != 0 ? r : put(buffer, "\"");
}

/* The shortest text that reads back as d, with a point, and ".0" or an exponent where it is
 * integral, so that it reads back as a double. */
static int write_double(double d, struct catalog_buffer *buffer)
{
	char text[40];
	int digits;
	char *c;

	for (digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, d); /* at most 24 characters */
		if (strtod(text, NULL) == d)
			break;
	}
	for (c = text; *c != '\0'; c++)
		if (strchr("0123456789+-eE", *c) == NULL)
			*c = '.'; /* the locale's point */
	if (strpbrk(text, ".eE") == NULL)
		(void)strncat(text, ".0", 3);
	return put(buffer, text);
}

static int new_line(enum catalog_json_style style, int depth, struct catalog_buffer *buffer)
{
	if (style == CATALOG_JSON_COMPACT)
		return 0;
	return catalog_buffer_print(buffer, "\n%*s", depth * INDENT_SPACES, "");
}

static int write_value(const struct catalog_value *value, enum catalog_json_style style, int depth,
		       struct catalog_buffer *buffer);

static int write_children(const struct catalog_value *value, enum catalog_json_style style,
			  int depth, struct catalog_buffer *buffer)
{
	size_t i, count = catalog_value_count(value);
	int r = 0;

	for (i = 0; r == 0 && i < count; i++) {
		const char *key;
		const struct catalog_value *child = catalog_value_at(value, i, &key);

		if (i > 0)
			r = put(buffer, ",");
		if (r == 0)
			r = new_line(style, depth + 1, buffer);
		if (r == 0 && key != NULL)
			r = write_string(key, strlen(key), buffer);
		if (r == 0 && key != NULL)
			r = put(buffer, style == CATALOG_JSON_COMPACT ? ":" : ": ");
		if (r == 0)
			r = write_value(child, style, depth + 1, buffer);
	}
	if (r == 0 && count > 0)
		r = new_line(style, depth, buffer);
	return r;
}

static int write_value(const struct catalog_value *value, enum catalog_json_style style, int depth,
		       struct catalog_buffer *buffer)
{
	bool map = catalog_value_type(value) == CATALOG_VALUE_MAP;
	int r;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return put(buffer, "null");
	case CATALOG_VALUE_BOOL: return put(buffer, catalog_value_bool(value) ? "true" : "false");
	case CATALOG_VALUE_INT:
		return catalog_buffer_print(buffer, "%lld", (long long)catalog_value_int(value));
	case CATALOG_VALUE_DOUBLE: return write_double(catalog_value_double(value), buffer);
	case CATALOG_VALUE_STRING:
		return write_string(catalog_value_text(value), catalog_value_text_len(value),
				    buffer);
	case CATALOG_VALUE_LIST:
	case CATALOG_VALUE_MAP: break;
	}
	r = put(buffer, map ? "{" : "[");
	if (r == 0)
		r = write_children(value, style, depth, buffer);
	return r != 0 ? r : put(buffer, map ? "}" : "]");
}

int catalog_json_write(const struct catalog_value *value, enum catalog_json_style style,
		       struct catalog_buffer *buffer)
{
	size_t len = buffer->len;
	int r;

	r = write_value(value, style, 0, buffer);
	if (r != 0)
		buffer->len = len;
	return r;
}
