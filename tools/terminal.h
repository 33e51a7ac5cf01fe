/* tools/terminal.h - text for people: safe to show, as wide as it looks, in colour where that is
 * wanted.
 *
 * Whatever came from others (listings, names, files, peers) is printed through these functions.
 * They write no control character and no character that turns the direction of what follows, so
 * that no text can move the cursor, change the screen or make a line read otherwise than it is;
 * what is not allowed, and bytes that are not UTF-8, show as U+FFFD.  On a terminal, text with
 * right-to-left letters is isolated (U+2068, U+2069) from what stands beside it.
 *
 * Widths are in columns: 2 for East Asian wide characters, 0 for combining ones.
 */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum tools_terminal_style {
	TOOLS_TERMINAL_PLAIN,
	TOOLS_TERMINAL_BOLD,
	TOOLS_TERMINAL_DIM,
	TOOLS_TERMINAL_GOOD,  /* green */
	TOOLS_TERMINAL_WORSE, /* yellow */
	TOOLS_TERMINAL_BAD,   /* red */
};

/* Where text goes, and what may be done there.  A plain value; file is borrowed. */
struct tools_terminal {
	FILE *file;
	unsigned columns; /* 0: no terminal, so nothing is cut or wrapped */
	bool colour;
	bool moves; /* the cursor can be moved: progress may be shown */
};

/* Look at file and the environment: COLUMNS, TERM ("dumb" or unset: neither colour nor moves),
 * NO_COLOR (set and not empty: no colour). */
void tools_terminal_init(struct tools_terminal *terminal, FILE *file);

/* How many columns text takes on one line, as it would be printed. */
unsigned tools_terminal_width(const char *text);

/* Print our own words, formatted as by printf: trusted, so the caller may colour and lay out. */
void tools_terminal_print(const struct tools_terminal *terminal, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Print text on one line, line breaks as spaces, in a style. */
void tools_terminal_text(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text);

/* The same in exactly so many columns: cut with "…" or padded behind. */
void tools_terminal_cell(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text, unsigned columns);

/* Print text in lines that fit, each after indent spaces but the first, which continues a line on
 * which so many columns are taken; ends with a line break.  Breaks at spaces, between wide
 * characters, and where a word is longer than a line.  Line breaks of the text are kept. */
void tools_terminal_wrap(const struct tools_terminal *terminal, enum tools_terminal_style style,
			 const char *text, unsigned indent);

#endif
