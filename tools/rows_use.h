/* tools/rows_use.h - the commands that publish, look, carry and watch, a row for each. */
#ifndef TOOLS_ROWS_USE_H
#define TOOLS_ROWS_USE_H

#include "tools/command.h"

/* The rows, in the order in which help lists them.  Returns how many. */
size_t tools_rows_use_table(const struct tools_command **ret_rows);

#endif
