/* tools/command_publish.h - publish catalogue files.
 *
 * Runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_PUBLISH_H
#define TOOLS_COMMAND_PUBLISH_H

#include "tools/call.h"

int tools_command_publish_run(const struct tools_call *call);

#endif
