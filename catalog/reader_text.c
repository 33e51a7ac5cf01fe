/* A description that holds "a < b" is no HTML, and one with a stray "<br>" is.  So a "<" counts
 * only before a tag that HTML knows, and a "&" only before a reference that it knows; all else
 * stays.
 */
#include "catalog/reader_text.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_BYTES_MAX 16
#define TAG_BYTES_MAX  4096 /* with its attributes; a bound on how far each "<" is looked after */

/* What a tag becomes. */
enum tag { TAG_NONE, TAG_INLINE, TAG_BLOCK, TAG_ITEM, TAG_HIDDEN };

static const struct {
	const char *name;
	enum tag tag;
} tags[] = {
	{"a", TAG_INLINE},      {"abbr", TAG_INLINE},      {"b", TAG_INLINE},
	{"big", TAG_INLINE},    {"blockquote", TAG_BLOCK}, {"body", TAG_BLOCK},
	{"br", TAG_BLOCK},      {"center", TAG_BLOCK},     {"cite", TAG_INLINE},
	{"code", TAG_INLINE},   {"dd", TAG_BLOCK},         {"div", TAG_BLOCK},
	{"dl", TAG_BLOCK},      {"dt", TAG_BLOCK},         {"em", TAG_INLINE},
	{"font", TAG_INLINE},   {"h1", TAG_BLOCK},         {"h2", TAG_BLOCK},
	{"h3", TAG_BLOCK},      {"h4", TAG_BLOCK},         {"h5", TAG_BLOCK},
	{"h6", TAG_BLOCK},      {"hr", TAG_BLOCK},         {"html", TAG_BLOCK},
	{"i", TAG_INLINE},      {"img", TAG_INLINE},       {"li", TAG_ITEM},
	{"ol", TAG_BLOCK},      {"p", TAG_BLOCK},          {"pre", TAG_BLOCK},
	{"script", TAG_HIDDEN}, {"small", TAG_INLINE},     {"span", TAG_INLINE},
	{"strong", TAG_INLINE}, {"style", TAG_HIDDEN},     {"sub", TAG_INLINE},
	{"sup", TAG_INLINE},    {"table", TAG_BLOCK},      {"tbody", TAG_BLOCK},
	{"td", TAG_INLINE},     {"th", TAG_INLINE},        {"thead", TAG_BLOCK},
	{"tr", TAG_BLOCK},      {"u", TAG_INLINE},         {"ul", TAG_BLOCK},
};

static const struct {
	const char *name;
	const char *text;
} references[] = {
	{"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},
	{"nbsp", " "},   {"ndash", "–"},  {"mdash", "—"},  {"lsquo", "‘"},  {"rsquo", "’"},
	{"ldquo", "“"},  {"rdquo", "”"},  {"hellip", "…"}, {"bull", "•"},   {"middot", "·"},
	{"laquo", "«"},  {"raquo", "»"},  {"deg", "°"},    {"euro", "€"},   {"copy", "©"},
	{"reg", "®"},    {"trade", "™"},  {"aacute", "á"}, {"eacute", "é"}, {"iacute", "í"},
	{"oacute", "ó"}, {"uacute", "ú"}, {"ntilde", "ñ"}, {"Aacute", "Á"}, {"Eacute", "É"},
	{"Iacute", "Í"}, {"Oacute", "Ó"}, {"Uacute", "Ú"}, {"Ntilde", "Ñ"}, {"agrave", "à"},
	{"egrave", "è"}, {"ugrave", "ù"}, {"acirc", "â"},  {"ecirc", "ê"},  {"icirc", "î"},
	{"ocirc", "ô"},  {"ucirc", "û"},  {"ccedil", "ç"}, {"auml", "ä"},   {"ouml", "ö"},
	{"uuml", "ü"},   {"Auml", "Ä"},   {"Ouml", "Ö"},   {"Uuml", "Ü"},   {"szlig", "ß"},
	{"euml", "ë"},   {"iuml", "ï"},   {"sup2", "²"},   {"times", "×"},  {"micro", "µ"},
	{"ordm", "º"},   {"ordf", "ª"},   {"iquest", "¿"}, {"iexcl", "¡"},  {"sect", "§"},
};

/* Recognise a tag at text[0] == '<'.  *ret_len is how far it reaches. */
static enum tag find_tag(const char *text, size_t len, size_t *ret_len)
{
	char name[NAME_BYTES_MAX];
	const char *end = memchr(text, '>', len < TAG_BYTES_MAX ? len : TAG_BYTES_MAX);
	size_t i = 1, n = 0;

	if (end == NULL)
		return TAG_NONE;
	*ret_len = (size_t)(end - text) + 1;
	if (text[i] == '/')
		i++;
	while (i < *ret_len && n < sizeof name - 1 &&
	       ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'))
		name[n++] = text[i++];
	while (n > 0 && i < *ret_len && n < sizeof name - 1 && text[i] >= '0' && text[i] <= '9')
		name[n++] = text[i++];
	name[n] = '\0';
	if (strchr(" \t\r\n/>", text[i]) == NULL)
		return TAG_NONE;
	for (size_t t = 0; t < sizeof tags / sizeof *tags; t++)
		if (strcasecmp(name, tags[t].name) == 0)
			return text[1] == '/' && tags[t].tag == TAG_ITEM ? TAG_BLOCK : tags[t].tag;
	return TAG_NONE;
}

const char *catalog_reader_text_from_control(uint32_t control)
{
	static const char *const characters[32] = {
		"€", "",  "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "", "Ž", "",
		"",  "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "", "ž", "Ÿ",
	};

	assert(control >= 0x80 && control <= 0x9f);
	return characters[control - 0x80];
}

static size_t to_utf8(unsigned long c, char ret_bytes[4])
{
	if (c >= 0x80 && c <= 0x9f) {
		const char *text = catalog_reader_text_from_control((uint32_t)c);

		memcpy(ret_bytes, text, strlen(text));
		return strlen(text);
	}
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	if (c < 0x80) {
		ret_bytes[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret_bytes[0] = (char)(0xc0 | c >> 6);
		ret_bytes[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret_bytes[0] = (char)(0xe0 | c >> 12);
		ret_bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret_bytes[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret_bytes[0] = (char)(0xf0 | c >> 18);
	ret_bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret_bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret_bytes[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Resolve a reference at text[0] == '&'.  Returns how many bytes it takes, 0 if it is none. */
static size_t find_reference(const char *text, size_t len, char ret_bytes[4], size_t *ret_count)
{
	const char *end = memchr(text, ';', len < 12 ? len : 12);
	char name[12];
	size_t n;

	if (end == NULL || end - text < 3)
		return 0;
	n = (size_t)(end - text) - 1;
	memcpy(name, text + 1, n);
	name[n] = '\0';
	if (name[0] == '#') {
		int is_hex = (name[1] | 0x20) == 'x';
		char *stop;
		unsigned long c = strtoul(name + 1 + is_hex, &stop, is_hex ? 16 : 10);

		if (*stop != '\0' || stop == name + 1 + is_hex)
			return 0;
		*ret_count = to_utf8(c == 0xa0 ? ' ' : c, ret_bytes);
		return n + 2;
	}
	for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
		if (strcmp(name, references[i].name) != 0)
			continue;
		*ret_count = strlen(references[i].text);
		memcpy(ret_bytes, references[i].text, *ret_count);
		return n + 2;
	}
	return 0;
}

/* Skip what stands between <script> or <style> and its end. */
static size_t skip_hidden(const char *text, size_t len)
{
	for (size_t i = 1; i + 2 < len; i++)
		if (text[i] == '<' && text[i + 1] == '/') {
			const char *end = memchr(text + i, '>', len - i);

			return end == NULL ? len : (size_t)(end - text) + 1;
		}
	return len;
}

static int put_tag(enum tag tag, struct catalog_buffer *buffer, size_t start)
{
	bool is_line_start = buffer->len == start || buffer->bytes[buffer->len - 1] == '\n';
	int r = 0;

	switch (tag) {
	case TAG_BLOCK:
	case TAG_ITEM:
		if (!is_line_start)
			r = catalog_buffer_append(buffer, "\n", 1);
		if (r == 0 && tag == TAG_ITEM)
			r = catalog_buffer_append(buffer, "- ", 2);
		return r;
	case TAG_NONE:
	case TAG_INLINE:
	case TAG_HIDDEN: break;
	}
	return 0;
}

static size_t trim(struct catalog_span *text)
{
	while (text->len > 0 && strchr(" \t\r\n", text->bytes[0]) != NULL && text->bytes[0] != 0) {
		text->bytes++;
		text->len--;
	}
	while (text->len > 0 && text->bytes[text->len - 1] <= ' ')
		text->len--;
	return text->len;
}

int catalog_reader_text_clean(struct catalog_span span, struct catalog_buffer *buffer,
			      bool *ret_repaired)
{
	size_t start = buffer->len, len = trim(&span), used, count = 0, i = 0;
	const char *text = (const char *)span.bytes;
	bool repaired = false;
	char bytes[4];
	int r = 0;

	while (i < len && r == 0) {
		enum tag tag = text[i] == '<' ? find_tag(text + i, len - i, &used) : TAG_NONE;

		if (tag != TAG_NONE) {
			repaired = true;
			r = put_tag(tag, buffer, start);
			i += tag == TAG_HIDDEN ? skip_hidden(text + i, len - i) : used;
		} else if (text[i] == '&' &&
			   (used = find_reference(text + i, len - i, bytes, &count)) > 0) {
			repaired = true;
			r = catalog_buffer_append(buffer, bytes, count);
			i += used;
		} else if (text[i] == '\r') {
			if (i + 1 >= len || text[i + 1] != '\n')
				r = catalog_buffer_append(buffer, "\n", 1);
			i++;
		} else if (((unsigned char)text[i] < ' ' && strchr("\n\t", text[i]) == NULL) ||
			   text[i] == 0x7f || text[i] == '\0') {
			repaired = true;
			i++;
		} else if ((unsigned char)text[i] == 0xc2 && i + 1 < len &&
			   (unsigned char)text[i + 1] >= 0x80 &&
			   (unsigned char)text[i + 1] < 0xa0) {
			const char *was =
				catalog_reader_text_from_control((unsigned char)text[i + 1]);

			repaired = true;
			r = catalog_buffer_append(buffer, was, strlen(was));
			i += 2;
		} else {
			r = catalog_buffer_append(buffer, text + i++, 1);
		}
	}
	while (r == 0 && buffer->len > start && buffer->bytes[buffer->len - 1] <= ' ')
		buffer->len--;
	if (r == 0)
		*ret_repaired = repaired;
	return r;
}
