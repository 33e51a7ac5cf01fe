/* catalog/theme.h - what a listing's themes stand for: the data themes of the European Union, and
 * the industries.
 *
 * Catalogues name a theme by its URL, its code ("HEAL"), its label in some language ("Gesundheit")
 * or a word of their own ("medicine").  Those that have one plain meaning get it here; the others
 * stay what they are.  docs/search.md lists the industries.  Pure functions over constant tables.
 */
#ifndef CATALOG_THEME_H
#define CATALOG_THEME_H

#include <stddef.h>

#define CATALOG_THEME_CODES      13
#define CATALOG_THEME_INDUSTRIES 14
#define CATALOG_THEME_PARTS_MAX  16  /* themes that one text may name */
#define CATALOG_THEME_TEXT_MAX   200 /* bytes; a longer one is nobody's label */

struct catalog_theme {
	const char *code;     /* of the EU's vocabulary, in small letters: "heal"; NULL: none */
	const char *industry; /* "health"; NULL: none */
};

/* What a theme's text of len bytes (of a URL, its last part) stands for.
 * Returns 0, -ENOENT if it has no plain meaning. */
int catalog_theme_find(const char *text, size_t len, struct catalog_theme *ret_theme);

/* The same of a text that may name several, between commas ("Bildung, Kultur und Sport,Verkehr").
 * Returns how many; 0 if any part has no plain meaning. */
size_t catalog_theme_find_all(const char *text, size_t len,
			      struct catalog_theme ret_themes[CATALOG_THEME_PARTS_MAX]);

/* How a text is to be looked for as a filter. */
enum catalog_theme_question {
	CATALOG_THEME_ITSELF,   /* it has no plain meaning: as it stands */
	CATALOG_THEME_CODE,     /* a code or a label: all that has the theme of *ret_name */
	CATALOG_THEME_INDUSTRY, /* an industry's name: all that belongs to it */
	CATALOG_THEME_WORD,     /* a word that only belongs to one: as it stands */
};
enum catalog_theme_question catalog_theme_ask(const char *text, size_t len, const char **ret_name);

/* The codes, by number below CATALOG_THEME_CODES. */
const char *catalog_theme_code(size_t number);

/* The English label of a code in small letters; NULL if it is none. */
const char *catalog_theme_label(const char *code);

/* The industries, by number below CATALOG_THEME_INDUSTRIES: name, title, and sections of NACE. */
struct catalog_theme_industry {
	const char *name, *title, *sections;
};
const struct catalog_theme_industry *catalog_theme_industry(size_t number);

#endif
