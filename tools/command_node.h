/* tools/command_node.h - `fedcat nodes`, `fedcat key delegate`, `fedcat key withdraw`. */
#ifndef TOOLS_COMMAND_NODE_H
#define TOOLS_COMMAND_NODE_H

#include "tools/call.h"

int tools_command_node_list(const struct tools_call *call);
int tools_command_node_delegate(const struct tools_call *call);
int tools_command_node_withdraw(const struct tools_call *call);

#endif
