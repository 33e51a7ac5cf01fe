#include "tools/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2 /* columns between two cells */

struct cell {
	char *text;
	enum tools_terminal_style style;
};

struct tools_table {
	const struct tools_table_column *columns;
	size_t column_count;
	struct cell *cells; /* row by row */
	size_t count, room;
};

int tools_table_new(const struct tools_table_column *columns, size_t count,
		    struct tools_table **ret_table)
{
	struct tools_table *table;

	assert(count > 0 && count <= TOOLS_TABLE_COLUMNS_MAX);
	table = calloc(1, sizeof *table);
	if (table == NULL)
		return -ENOMEM;
	table->columns = columns;
	table->column_count = count;
	*ret_table = table;
	return 0;
}

void tools_table_free(struct tools_table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

int tools_table_add(struct tools_table *table, enum tools_terminal_style style, const char *text)
{
	char *copy;

	if (table->count == table->room) {
		size_t room = table->room == 0 ? 64 : 2 * table->room;
		struct cell *cells = reallocarray(table->cells, room, sizeof *cells);

		if (cells == NULL)
			return -ENOMEM;
		table->cells = cells;
		table->room = room;
	}
	copy = strdup(text);
	if (copy == NULL)
		return -ENOMEM;
	table->cells[table->count++] = (struct cell){copy, style};
	return 0;
}

/* How wide each column is: as its widest cell; where that is too much, the widest of those that
 * may be cut gives a column at a time. */
static void measure(const struct tools_table *table, unsigned columns_max, unsigned *ret_widths)
{
	size_t n = table->column_count;
	unsigned sum = (unsigned)(n - 1) * GAP;

	for (size_t c = 0; c < n; c++)
		ret_widths[c] = tools_terminal_width(table->columns[c].title);
	for (size_t i = 0; i < table->count; i++) {
		unsigned width = tools_terminal_width(table->cells[i].text);

		if (width > ret_widths[i % n])
			ret_widths[i % n] = width;
	}
	for (size_t c = 0; c < n; c++)
		sum += ret_widths[c];
	while (columns_max > 0 && sum > columns_max) {
		size_t widest = n;

		for (size_t c = 0; c < n; c++) {
			unsigned least = table->columns[c].columns_least;

			if (least > 0 && ret_widths[c] > least &&
			    (widest == n || ret_widths[c] > ret_widths[widest]))
				widest = c;
		}
		if (widest == n)
			return;
		ret_widths[widest]--;
		sum--;
	}
}

static void print_cell(const struct tools_terminal *terminal, enum tools_table_align align,
		       enum tools_terminal_style style, const char *text, unsigned width,
		       bool is_last)
{
	unsigned own = tools_terminal_width(text);

	if (align == TOOLS_TABLE_RIGHT && own < width)
		tools_terminal_print(terminal, "%*s", (int)(width - own), "");
	if (own < width && (align == TOOLS_TABLE_RIGHT || is_last))
		tools_terminal_text(terminal, style, text); /* no spaces at the end of a line */
	else
		tools_terminal_cell(terminal, style, text, width);
	tools_terminal_print(terminal, "%s", is_last ? "\n" : "  ");
}

void tools_table_print(const struct tools_table *table, const struct tools_terminal *terminal)
{
	unsigned widths[TOOLS_TABLE_COLUMNS_MAX];
	size_t n = table->column_count;

	measure(table, terminal->columns, widths);
	for (size_t c = 0; c < n; c++)
		print_cell(terminal, table->columns[c].align, TOOLS_TERMINAL_DIM,
			   table->columns[c].title, widths[c], c == n - 1);
	for (size_t i = 0; i < table->count - table->count % n; i++)
		print_cell(terminal, table->columns[i % n].align, table->cells[i].style,
			   table->cells[i].text, widths[i % n], i % n == n - 1);
}
