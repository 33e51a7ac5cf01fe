/* tools/terminal.c - text is taken character by character: each becomes a piece that is safe to
 * print and knows its width.  Everything else (cells, wrapping) counts and prints pieces, so there
 * is one place that decides what reaches a terminal.  Not wcwidth(): it depends on the locale,
 * which is C on many a server, and the width of a character does not.
 */
#include "tools/terminal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <unicode/uchar.h>

#include "catalog/utf8.h"

#define REPLACEMENT   "\xef\xbf\xbd" /* U+FFFD */
#define ISOLATE       "\xe2\x81\xa8" /* U+2068 */
#define ISOLATE_END   "\xe2\x81\xa9" /* U+2069 */
#define ELLIPSIS      "\xe2\x80\xa6"
#define COLUMNS_LEAST 20
#define COLUMNS_MOST  500

/* One character, safe to print. */
struct piece {
	const char *bytes;
	size_t len; /* of bytes */
	unsigned columns;
	bool is_break; /* a line break in the text */
	bool is_space;
	bool is_rtl;
};

void tools_terminal_init(struct tools_terminal *terminal, FILE *file)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	const char *columns = getenv("COLUMNS");
	struct tools_terminal found = {.file = file};
	struct winsize window;

	if (isatty(fileno(file)) == 1) {
		found.moves = term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
		found.colour = found.moves && (no_colour == NULL || no_colour[0] == '\0');
		found.columns = 80;
		if (columns != NULL && columns[0] >= '1' && columns[0] <= '9')
			found.columns = (unsigned)strtoul(columns, NULL, 10);
		else if (ioctl(fileno(file), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
			found.columns = window.ws_col;
		if (found.columns < COLUMNS_LEAST)
			found.columns = COLUMNS_LEAST;
		if (found.columns > COLUMNS_MOST)
			found.columns = COLUMNS_MOST;
	}
	*terminal = found;
}

/* Characters that a terminal may obey, or that change how others are read. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff) ||
	       (c & 0xfffe) == 0xfffe;
}

static unsigned columns_of(UChar32 c)
{
	int width;

	if (c < 0x300)
		return 1;
	switch (u_charType(c)) {
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_FORMAT_CHAR: return 0;
	default: break;
	}
	if (c >= 0x1160 && c <= 0x11ff) /* Hangul vowels and finals join the letter before */
		return 0;
	width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
	return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

/* Take the next character off text.  Returns how many bytes it was; 0 at the end. */
static size_t take(const char *text, struct piece *ret_piece)
{
	struct piece piece = {.bytes = text, .columns = 1};
	UCharDirection direction;
	uint32_t c;
	int taken;

	if (text[0] == '\0')
		return 0;
	taken = catalog_utf8_next(text, strnlen(text, 4), &c);
	if (taken > 0 && (c == '\n' || c == '\t' || c == '\r' || c == ' ')) {
		piece = (struct piece){" ", 1, 1, c == '\n', true, false};
	} else if (taken <= 0 || is_unsafe(c)) {
		piece.bytes = REPLACEMENT;
		piece.len = sizeof REPLACEMENT - 1;
	} else {
		piece.len = (size_t)taken;
		piece.columns = columns_of((UChar32)c);
		direction = u_charDirection((UChar32)c);
		piece.is_rtl = direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
	}
	*ret_piece = piece;
	return taken > 0 ? (size_t)taken : 1;
}

unsigned tools_terminal_width(const char *text)
{
	struct piece piece;
	unsigned columns = 0;
	size_t len;

	for (; (len = take(text, &piece)) > 0; text += len)
		columns += piece.columns;
	return columns;
}

void tools_terminal_print(const struct tools_terminal *terminal, const char *format, ...)
{
	va_list args;

	/* Whether it could be written is asked once, at the end of the program. */
	va_start(args, format);
	(void)vfprintf(terminal->file, format, args);
	va_end(args);
}

static const char *style_begin(const struct tools_terminal *terminal,
			       enum tools_terminal_style style)
{
	if (!terminal->colour)
		return "";
	switch (style) {
	case TOOLS_TERMINAL_PLAIN: return "";
	case TOOLS_TERMINAL_BOLD: return "\033[1m";
	case TOOLS_TERMINAL_DIM: return "\033[2m";
	case TOOLS_TERMINAL_GOOD: return "\033[32m";
	case TOOLS_TERMINAL_WORSE: return "\033[33m";
	case TOOLS_TERMINAL_BAD: return "\033[31m";
	}
	return "";
}

static bool has_rtl(const char *text, const char *end)
{
	struct piece piece;
	size_t len;

	for (; text < end && (len = take(text, &piece)) > 0; text += len)
		if (piece.is_rtl)
			return true;
	return false;
}

/* Print the pieces from text up to end, and what shows that there is more. */
static void put(const struct tools_terminal *terminal, enum tools_terminal_style style,
		const char *text, const char *end, const char *more)
{
	const char *begin = style_begin(terminal, style);
	bool isolate = terminal->columns > 0 && has_rtl(text, end);
	struct piece piece;
	size_t len;

	(void)fputs(begin, terminal->file);
	if (isolate)
		(void)fputs(ISOLATE, terminal->file);
	for (; text < end && (len = take(text, &piece)) > 0; text += len)
		(void)fwrite(piece.bytes, 1, piece.len, terminal->file);
	(void)fputs(more, terminal->file);
	if (isolate)
		(void)fputs(ISOLATE_END, terminal->file);
	if (begin[0] != '\0')
		(void)fputs("\033[0m", terminal->file);
}

void tools_terminal_text(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text)
{
	put(terminal, style, text, text + strlen(text), "");
}

void tools_terminal_cell(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text, unsigned columns)
{
	unsigned used = 0, width = tools_terminal_width(text);
	const char *end = text;
	struct piece piece;
	size_t len;

	assert(columns > 0);
	if (width <= columns) {
		tools_terminal_text(terminal, style, text);
		used = width;
	} else {
		for (; (len = take(end, &piece)) > 0 && used + piece.columns < columns; end += len)
			used += piece.columns;
		put(terminal, style, text, end, ELLIPSIS);
		used++;
	}
	(void)fprintf(terminal->file, "%*s", (int)(columns - used), "");
}

/* Where the line that begins at text ends if it has so much room.  *ret_next is where the next one
 * begins; NULL if there is none. */
static const char *line_end(const char *text, unsigned room, const char **ret_next)
{
	const char *at = text, *end = NULL, *next = NULL;
	unsigned used = 0;
	bool after_wide = false;
	struct piece piece;
	size_t len;

	for (; (len = take(at, &piece)) > 0; at += len) {
		if (piece.is_break) {
			*ret_next = at + len;
			return at;
		}
		if (piece.is_space || ((piece.columns == 2 || after_wide) && at > text)) {
			end = at;
			next = piece.is_space ? at + len : at;
		}
		if (used + piece.columns > room && at > text) {
			if (end == NULL || (end == text && next == text))
				end = next = at; /* one long word */
			while (*next == ' ')
				next++;
			*ret_next = next;
			return end;
		}
		used += piece.columns;
		after_wide = piece.columns == 2 || (after_wide && piece.columns == 0);
	}
	*ret_next = NULL;
	return at;
}

void tools_terminal_wrap(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text, unsigned indent)
{
	unsigned room = UINT32_MAX;
	const char *next;

	if (terminal->columns > 0)
		room = terminal->columns > indent + COLUMNS_LEAST / 2 ? terminal->columns - indent
								      : COLUMNS_LEAST / 2;
	for (;; text = next) {
		const char *end = line_end(text, room, &next);

		put(terminal, style, text, end, "");
		(void)fputc('\n', terminal->file);
		if (next == NULL || *next == '\0')
			return;
		if (*next != '\n')
			(void)fprintf(terminal->file, "%*s", (int)indent, "");
	}
}
