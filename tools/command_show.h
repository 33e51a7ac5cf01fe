/* tools/command_show.h - one listing and its proof, for people.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_SHOW_H
#define TOOLS_COMMAND_SHOW_H

#include "tools/call.h"

int tools_command_show_run(const struct tools_call *call);

#endif
