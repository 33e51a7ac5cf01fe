#include "tools/output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/utf8.h"

/* Whether a character is written as an escape: DEL, C1 controls, line separators, direction. */
static int is_escaped(uint32_t c)
{
	return (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

int tools_output_escaped(FILE *file, struct catalog_span text)
{
	const char *at = (const char *)text.bytes;
	size_t left = text.len, plain = 0;

	while (plain < left) {
		uint32_t c = (uint8_t)at[plain];
		int taken = 1;

		if (c >= 0x7f)
			taken = catalog_utf8_next(at + plain, left - plain, &c);
		if (taken > 0 && !is_escaped(c)) {
			plain += (size_t)taken;
			continue;
		}
		if (fwrite(at, 1, plain, file) != plain ||
		    fprintf(file, "\\u%04" PRIx32, taken > 0 ? c : 0xfffd) < 0)
			return -EIO;
		at += plain + (size_t)(taken > 0 ? taken : 1);
		left -= plain + (size_t)(taken > 0 ? taken : 1);
		plain = 0;
	}
	return fwrite(at, 1, left, file) == left ? 0 : -EIO;
}

int tools_output_json(FILE *file, const struct catalog_value *value)
{
	struct catalog_buffer text = {0};
	int r;

	r = catalog_json_write(value, CATALOG_JSON_COMPACT, &text);
	if (r == 0)
		r = tools_output_escaped(file, catalog_buffer_span(&text));
	if (r == 0 && fputc('\n', file) == EOF)
		r = -EIO;
	catalog_buffer_close(&text);
	return r;
}

void tools_output_count(uint64_t count, char ret_text[TOOLS_OUTPUT_TEXT_BYTES])
{
	char digits[TOOLS_OUTPUT_TEXT_BYTES];
	size_t len, at = 0;

	len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			ret_text[at++] = ',';
		ret_text[at++] = digits[i];
	}
	ret_text[at] = '\0';
}

void tools_output_bytes(uint64_t bytes, char ret_text[TOOLS_OUTPUT_TEXT_BYTES])
{
	static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
	double part = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%" PRIu64 " bytes", bytes);
		return;
	}
	for (; part >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
		part /= 1000;
	(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, part < 9.95 ? "%.1f %s" : "%.0f %s", part,
		       units[unit]);
}

void tools_output_duration(uint64_t seconds, char ret_text[TOOLS_OUTPUT_TEXT_BYTES])
{
	uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days > 0)
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%" PRIu64 " d %u h", days,
			       (unsigned)(hours % 24));
	else if (hours > 0)
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%u h %u min", (unsigned)hours,
			       (unsigned)(minutes % 60));
	else if (minutes > 0)
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%u min %u s", (unsigned)minutes,
			       (unsigned)(seconds % 60));
	else
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%u s", (unsigned)seconds);
}

void tools_output_time(const char *time, char ret_text[TOOLS_OUTPUT_TEXT_BYTES])
{
	size_t len = strlen(time);

	if (len == 20 && time[10] == 'T' && time[19] == 'Z')
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%.10s %.5s UTC", time,
			       time + 11);
	else
		(void)snprintf(ret_text, TOOLS_OUTPUT_TEXT_BYTES, "%.31s", time);
}

void tools_output_day(const char *time, char ret_text[TOOLS_OUTPUT_TEXT_BYTES])
{
	tools_output_time(time, ret_text);
	if (strlen(ret_text) > 10 && ret_text[10] == ' ')
		ret_text[10] = '\0';
}
