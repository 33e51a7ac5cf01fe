/* tools/command_export.h - write the catalogue for other programs.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_EXPORT_H
#define TOOLS_COMMAND_EXPORT_H

#include "tools/call.h"

int tools_command_export_run(const struct tools_call *call);

#endif
