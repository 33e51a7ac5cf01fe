#include "catalog/reader_turtle.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void catalog_reader_turtle_next(struct catalog_reader_turtle_cut *cut)
{
	*cut = (struct catalog_reader_turtle_cut){.before = ' '};
}

bool catalog_reader_turtle_may_end(const struct catalog_reader_turtle_cut *cut)
{
	return cut->is_after_dot ||
	       (!cut->has_begun && (cut->state == CATALOG_READER_TURTLE_PLAIN ||
				    cut->state == CATALOG_READER_TURTLE_COMMENT));
}

static bool is_name_byte(uint8_t byte)
{
	return isalnum(byte) || byte >= 0x80 || (byte != 0 && strchr("_-%:\\.", byte) != NULL);
}

/* Whether a dot between these ends a statement: "a.b" and "1.5" are names and numbers, " .5" is
 * one, too. */
static bool is_end(uint8_t before, uint8_t after)
{
	if (isdigit(after))
		return false;
	return !is_name_byte(after) || !is_name_byte(before);
}

/* A quote, outside a string: the first or second of its kind may be an empty string, or the third
 * begin a long one. */
static void take_quote(struct catalog_reader_turtle_cut *cut, uint8_t byte)
{
	cut->state = CATALOG_READER_TURTLE_STRING;
	cut->quote = byte;
	cut->quotes = 1;
}

static void take_in_string(struct catalog_reader_turtle_cut *cut, uint8_t byte)
{
	if (cut->is_escaped) {
		cut->is_escaped = false;
		cut->quotes = 0;
		return;
	}
	if (cut->state == CATALOG_READER_TURTLE_LONG_STRING) {
		cut->is_escaped = byte == '\\';
		cut->quotes = byte == cut->quote ? cut->quotes + 1 : 0;
		if (cut->quotes == 3)
			cut->state = CATALOG_READER_TURTLE_PLAIN;
		return;
	}
	if (byte == cut->quote && cut->quotes == 1) {
		cut->quotes = 2; /* an empty string, unless a third comes */
		return;
	}
	if (cut->quotes == 2) { /* only after an empty string */
		cut->state = CATALOG_READER_TURTLE_PLAIN;
		cut->quotes = 0;
		return;
	}
	cut->quotes = 0;
	cut->is_escaped = byte == '\\';
	/* A string that does not end in its line is a mistake, which shall not eat the rest. */
	if (byte == cut->quote || byte == '\n')
		cut->state = CATALOG_READER_TURTLE_PLAIN;
}

/* The word that a statement begins with tells directives. */
static void take_word(struct catalog_reader_turtle_cut *cut, uint8_t byte)
{
	if (!cut->is_word_open)
		return;
	if ((isalpha(byte) || byte == '@') && cut->word_len < sizeof cut->word - 1) {
		cut->word[cut->word_len++] = (char)byte;
		cut->word[cut->word_len] = '\0';
		return;
	}
	cut->is_word_open = false;
	cut->is_directive =
		isspace(byte) &&
		(strcasecmp(cut->word, "prefix") == 0 || strcasecmp(cut->word, "base") == 0 ||
		 strcmp(cut->word, "@prefix") == 0 || strcmp(cut->word, "@base") == 0);
}

static void take_plain(struct catalog_reader_turtle_cut *cut, uint8_t byte)
{
	if (cut->is_escaped) {
		cut->is_escaped = false;
		return;
	}
	if (byte == '#') {
		cut->state = CATALOG_READER_TURTLE_COMMENT;
		return;
	}
	if (!cut->has_begun && !isspace(byte)) {
		cut->has_begun = true;
		cut->is_word_open = true;
	}
	take_word(cut, byte);
	if (byte == '<')
		cut->state = CATALOG_READER_TURTLE_IRI;
	else if (byte == '"' || byte == '\'')
		take_quote(cut, byte);
	else if (byte == '.')
		cut->is_after_dot = true;
	else if (byte == '{' || byte == '}')
		cut->has_brace = true;
	else if (byte == '\\')
		cut->is_escaped = true;
}

bool catalog_reader_turtle_take(struct catalog_reader_turtle_cut *cut, uint8_t byte)
{
	bool is_sparql = cut->is_directive && cut->word[0] != '@';

	if (cut->is_after_dot) {
		if (is_end(cut->before, byte))
			return true;
		cut->is_after_dot = false;
	}
	/* A directive of SPARQL's style ends with its IRI. */
	if (is_sparql && cut->state == CATALOG_READER_TURTLE_PLAIN && cut->before == '>')
		return true;
	if (cut->state == CATALOG_READER_TURTLE_STRING && cut->quotes == 2 && byte == cut->quote) {
		cut->state = CATALOG_READER_TURTLE_LONG_STRING;
		cut->quotes = 0;
		cut->before = byte;
		return false;
	}
	switch (cut->state) {
	case CATALOG_READER_TURTLE_PLAIN: take_plain(cut, byte); break;
	case CATALOG_READER_TURTLE_COMMENT:
		if (byte == '\n')
			cut->state = CATALOG_READER_TURTLE_PLAIN;
		break;
	case CATALOG_READER_TURTLE_IRI:
		if (byte == '>' || byte == '\n')
			cut->state = CATALOG_READER_TURTLE_PLAIN;
		break;
	case CATALOG_READER_TURTLE_STRING:
		take_in_string(cut, byte);
		/* What follows an empty string is plain again. */
		if (cut->state == CATALOG_READER_TURTLE_PLAIN && byte != cut->quote && byte != '\n')
			take_plain(cut, byte);
		break;
	case CATALOG_READER_TURTLE_LONG_STRING: take_in_string(cut, byte); break;
	}
	if (!cut->is_after_dot)
		cut->before = byte;
	return false;
}
