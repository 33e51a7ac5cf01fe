/* catalog/reader_columns.h - what the header of a CSV catalogue says: which property each column
 * holds, in which language; and rows made into datasets in the terms of data.json. */
#ifndef CATALOG_READER_COLUMNS_H
#define CATALOG_READER_COLUMNS_H

#include <stddef.h>

#include "catalog/reader.h"
#include "catalog/value.h"

#define CATALOG_READER_COLUMNS_MAX 500

struct catalog_reader_columns;

/* Read the header that text begins with, len bytes; it may be followed by rows.  The delimiter
 * (",", ";", tab or "|") is the one with which it names a title.  The caller owns *ret_columns.
 * Returns 0, -EBADMSG with *ret_error if it names none, -ENOMEM. */
int catalog_reader_columns_new(const char *text, size_t len,
			       struct catalog_reader_columns **ret_columns,
			       struct catalog_reader_error *ret_error);
void catalog_reader_columns_free(struct catalog_reader_columns *columns);

char catalog_reader_columns_delimiter(const struct catalog_reader_columns *columns);
size_t catalog_reader_columns_count(const struct catalog_reader_columns *columns);

/* Cut one row out of text: *ret_cells is a list of its cells.  *ret_len is how many bytes it takes,
 * its line end included.  Returns 0, -EAGAIN if the row does not end within text, -ENOMEM. */
int catalog_reader_columns_cut(char delimiter, const char *text, size_t len, bool is_end,
			       struct catalog_value **ret_cells, size_t *ret_len);

/* Make a dataset of the cells of a row, at most as many as there are columns.
 * Returns 0, -ENOMEM. */
int catalog_reader_columns_record(const struct catalog_reader_columns *columns,
				  const struct catalog_value *cells,
				  struct catalog_value **ret_record);

#endif
