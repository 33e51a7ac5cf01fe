/* tools/command_search.h - search the catalogue.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_SEARCH_H
#define TOOLS_COMMAND_SEARCH_H

#include "tools/call.h"

int tools_command_search_run(const struct tools_call *call);

/* Print words of titles that begin as text does, one a line, for a shell that completes: only such
 * as no shell expands. */
int tools_command_search_complete(const struct tools_call *call, const char *text);

/* `fedcat reindex`: make the search index anew.  Returns an exit status. */
int tools_command_search_reindex(const struct tools_call *call);

#endif
