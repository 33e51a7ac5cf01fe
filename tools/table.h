/* tools/table.h - rows and columns for people, no wider than the terminal.
 *
 * Limits  TOOLS_TABLE_COLUMNS_MAX columns.
 */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include "tools/terminal.h"

#define TOOLS_TABLE_COLUMNS_MAX 12

enum tools_table_align { TOOLS_TABLE_LEFT, TOOLS_TABLE_RIGHT };

struct tools_table_column {
	const char *title; /* borrowed */
	enum tools_table_align align;
	unsigned columns_least; /* may be cut to this where room is short; 0: never cut */
};
struct tools_table;

/* The caller owns *ret_table; columns are borrowed.  Returns 0, -ENOMEM. */
int tools_table_new(const struct tools_table_column *columns, size_t count,
		    struct tools_table **ret_table);
void tools_table_free(struct tools_table *table); /* NULL is allowed */

/* Add the next cell, row by row from the left; text is copied.  Returns 0, -ENOMEM. */
int tools_table_add(struct tools_table *table, enum tools_terminal_style style, const char *text);

/* Print titles and the rows that are complete. */
void tools_table_print(const struct tools_table *table, const struct tools_terminal *terminal);

#endif
