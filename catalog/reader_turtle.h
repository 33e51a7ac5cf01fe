/* catalog/reader_turtle.h - where the statements of a Turtle document end, without parsing them.
 *
 * A parser of whole documents holds them, and stops at the first mistake.  With the statements cut
 * apart, each is parsed by itself: memory is that of one, and a bad one spoils no other.
 */
#ifndef CATALOG_READER_TURTLE_H
#define CATALOG_READER_TURTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum catalog_reader_turtle_state {
	CATALOG_READER_TURTLE_PLAIN,
	CATALOG_READER_TURTLE_COMMENT,
	CATALOG_READER_TURTLE_IRI,
	CATALOG_READER_TURTLE_STRING,
	CATALOG_READER_TURTLE_LONG_STRING,
};

struct catalog_reader_turtle_cut {
	enum catalog_reader_turtle_state state;
	uint8_t quote;   /* of the open string */
	uint8_t before;  /* the byte before */
	unsigned quotes; /* that stand in a row */
	bool is_escaped;
	bool is_after_dot; /* the byte before was a dot that may end the statement */
	bool has_begun;    /* more than white space and comments */
	bool has_brace;    /* outside IRIs and strings: of TriG's graphs, which Turtle has not */
	char word[8];      /* with which the statement begins */
	size_t word_len;
	bool is_word_open;
	bool is_directive; /* "@prefix", "@base", "PREFIX", "BASE" */
};

/* Take the next byte.  Returns true if a statement ended before it: then the byte was not taken,
 * cut->is_directive tells what it was, and catalog_reader_turtle_next() begins the next.  {0} is
 * the beginning. */
bool catalog_reader_turtle_take(struct catalog_reader_turtle_cut *cut, uint8_t byte);

/* Begin the next statement. */
void catalog_reader_turtle_next(struct catalog_reader_turtle_cut *cut);

/* Whether the document may end here: outside a statement, or after the dot that ends one. */
bool catalog_reader_turtle_may_end(const struct catalog_reader_turtle_cut *cut);

#endif
