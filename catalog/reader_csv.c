/* CSV by RFC 4180, read row by row: a row is cut out of what has been read so far, and more is read
 * while it has not ended.
 *
 * A quote that is never closed swallows the rest of the file.  Then the row where it opens is
 * rejected and reading goes on at the line after: one bad row does not stop the others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/reader_columns.h"
#include "catalog/reader_datajson.h"
#include "catalog/utf8.h"

struct reading {
	struct catalog_reader_source *source;
	const struct catalog_reader_options *options;
	struct catalog_reader_sink *sink;
	struct catalog_reader_columns *columns;
	struct catalog_buffer held; /* read and not yet used, from used on */
	size_t used;
	bool is_end;
	uint64_t line; /* at used */
};

static int read_more(struct reading *reading)
{
	size_t len = 0;
	int r;

	if (reading->used > 0) {
		memmove(reading->held.bytes, reading->held.bytes + reading->used,
			reading->held.len - reading->used);
		reading->held.len -= reading->used;
		reading->used = 0;
	}
	r = catalog_buffer_reserve(&reading->held, CATALOG_READER_SOURCE_BLOCK_BYTES);
	if (r == 0)
		r = catalog_reader_source_read(reading->source,
					       reading->held.bytes + reading->held.len, &len);
	if (r != 0)
		return r;
	reading->held.len += len;
	reading->is_end = len == 0;
	return 0;
}

/* Read until twice as much is there: a long row is then looked at few times. */
static int read_twice(struct reading *reading)
{
	size_t wanted = 2 * (reading->held.len - reading->used);
	int r;

	do
		r = read_more(reading);
	while (r == 0 && !reading->is_end && reading->held.len - reading->used < wanted);
	return r;
}

static const char *text_of(const struct reading *reading, size_t *ret_len)
{
	*ret_len = reading->held.len - reading->used;
	return (const char *)reading->held.bytes + reading->used;
}

/* Step over len bytes, counting lines. */
static void use(struct reading *reading, size_t len)
{
	const char *text = (const char *)reading->held.bytes + reading->used;

	for (size_t i = 0; i < len; i++)
		reading->line += text[i] == '\n';
	reading->used += len;
}

static bool is_empty(const struct catalog_value *cells)
{
	for (size_t i = 0; i < catalog_value_count(cells); i++)
		if (catalog_value_text_len(catalog_value_at(cells, i, NULL)) > 0)
			return false;
	return true;
}

static bool is_utf8(const struct catalog_value *cells)
{
	for (size_t i = 0; i < catalog_value_count(cells); i++) {
		const struct catalog_value *cell = catalog_value_at(cells, i, NULL);

		if (catalog_utf8_check(catalog_value_text(cell), catalog_value_text_len(cell)) != 0)
			return false;
	}
	return true;
}

static int read_header(struct reading *reading, struct catalog_reader_error *ret_error)
{
	const char *text;
	size_t len, header, blank = 0;
	struct catalog_value *cells = NULL;
	int r = catalog_reader_source_rewind(reading->source);

	if (r == 0)
		r = read_more(reading);
	if (r != 0)
		return r;
	text = text_of(reading, &len);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		use(reading, 3);
	text = text_of(reading, &len);
	while (blank < len && strchr(" \t\r\n", text[blank]) != NULL && text[blank] != '\0')
		blank++;
	use(reading, blank);
	text = text_of(reading, &len);
	r = catalog_reader_columns_new(text, len, &reading->columns, ret_error);
	if (r == 0)
		r = catalog_reader_columns_cut(catalog_reader_columns_delimiter(reading->columns),
					       text, len, true, &cells, &header);
	if (r == 0 && !is_utf8(cells)) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "the header is not UTF-8; save the file as UTF-8");
		r = -EBADMSG;
	}
	if (r == 0)
		use(reading, header);
	catalog_value_free(cells);
	return r;
}

static int put_row(struct reading *reading, const struct catalog_value *cells)
{
	struct catalog_reader_place place = {.line = reading->line};
	size_t count = catalog_reader_columns_count(reading->columns);
	struct catalog_value *record = NULL;
	int r;

	if (is_empty(cells))
		return 0;
	for (size_t i = count; i < catalog_value_count(cells); i++)
		if (catalog_value_text_len(catalog_value_at(cells, i, NULL)) > 0)
			return catalog_reader_sink_reject(
				reading->sink, &place, "more cells than the header has columns",
				"a cell for each column, in quotes if it holds the delimiter");
	if (!is_utf8(cells))
		return catalog_reader_sink_reject(reading->sink, &place, "text that is not UTF-8",
						  "a file saved as UTF-8");
	r = catalog_reader_columns_record(reading->columns, cells, &record);
	if (r == 0)
		r = catalog_reader_datajson_put(reading->sink, &place,
						reading->options->default_language, record);
	catalog_value_free(record);
	return r;
}

/* The row at used does not end: reject it, go on at the next line. */
static int give_up_row(struct reading *reading)
{
	struct catalog_reader_place place = {.line = reading->line};
	const char *text, *end;
	size_t len;
	int r = catalog_reader_sink_reject(reading->sink, &place,
					   "a quote that is not closed within 8 MiB",
					   "a closing quote; quotes in text are doubled");

	text = text_of(reading, &len);
	end = memchr(text, '\n', len);
	use(reading, end == NULL ? len : (size_t)(end - text) + 1);
	return r;
}

static int read_rows(struct reading *reading)
{
	char delimiter = catalog_reader_columns_delimiter(reading->columns);
	int r = 0;

	while (r == 0) {
		struct catalog_value *cells = NULL;
		const char *text;
		size_t len, row = 0;

		text = text_of(reading, &len);
		if (len == 0 && reading->is_end)
			break;
		r = len == 0 ? -EAGAIN
			     : catalog_reader_columns_cut(delimiter, text, len, reading->is_end,
							  &cells, &row);
		if (r == -EAGAIN) {
			r = reading->is_end || len > CATALOG_READER_RECORD_BYTES_MAX
				    ? give_up_row(reading)
				    : read_twice(reading);
			continue;
		}
		if (r == 0) {
			r = put_row(reading, cells);
			use(reading, row);
		}
		catalog_value_free(cells);
	}
	return r;
}

int catalog_reader_csv_read(struct catalog_reader_source *source,
			    const struct catalog_reader_options *options,
			    struct catalog_reader_sink *sink,
			    struct catalog_reader_error *ret_error)
{
	struct reading reading = {.source = source, .options = options, .sink = sink, .line = 1};
	int r = read_header(&reading, ret_error);

	if (r == 0)
		r = read_rows(&reading);
	catalog_reader_columns_free(reading.columns);
	catalog_buffer_close(&reading.held);
	return r;
}
