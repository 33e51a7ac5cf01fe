/* tools/command_federation.h - found a federation; make a node's directory.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_FEDERATION_H
#define TOOLS_COMMAND_FEDERATION_H

#include "tools/call.h"

#define TOOLS_COMMAND_FEDERATION_MEMBERS_MAX 1024 /* the first 64 are the council */

int tools_command_federation_create(const struct tools_call *call);
int tools_command_federation_init(const struct tools_call *call);

#endif
