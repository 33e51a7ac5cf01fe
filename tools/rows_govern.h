/* tools/rows_govern.h - the commands of a federation, its charter and its keys, a row for each. */
#ifndef TOOLS_ROWS_GOVERN_H
#define TOOLS_ROWS_GOVERN_H

#include "tools/command.h"

/* The rows, in the order in which help lists them.  Returns how many. */
size_t tools_rows_govern_table(const struct tools_command **ret_rows);

#endif
