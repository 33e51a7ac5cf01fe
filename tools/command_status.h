/* tools/command_status.h - what a node holds: status, members; and stopping it.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_STATUS_H
#define TOOLS_COMMAND_STATUS_H

#include "tools/call.h"

int tools_command_status_run(const struct tools_call *call);
int tools_command_status_members(const struct tools_call *call);
int tools_command_status_stop(const struct tools_call *call);

#endif
