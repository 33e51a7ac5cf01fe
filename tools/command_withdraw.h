/* tools/command_withdraw.h - withdraw a listing of this node's member.
 *
 * Runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_WITHDRAW_H
#define TOOLS_COMMAND_WITHDRAW_H

#include "tools/call.h"

int tools_command_withdraw_run(const struct tools_call *call);

#endif
