/* tools/command_rotate.h - `fedcat key rotate`. */
#ifndef TOOLS_COMMAND_ROTATE_H
#define TOOLS_COMMAND_ROTATE_H

#include "tools/call.h"

int tools_command_rotate_run(const struct tools_call *call);

#endif
