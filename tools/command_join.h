/* tools/command_join.h - `fedcat join`. */
#ifndef TOOLS_COMMAND_JOIN_H
#define TOOLS_COMMAND_JOIN_H

#include "tools/call.h"

int tools_command_join_run(const struct tools_call *call);

#endif
