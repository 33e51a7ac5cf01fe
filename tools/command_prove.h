/* tools/command_prove.h - a listing's proof in a file, and what such a file shows.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong.  _verify() opens no node and no network. */
#ifndef TOOLS_COMMAND_PROVE_H
#define TOOLS_COMMAND_PROVE_H

#include "tools/call.h"

int tools_command_prove_run(const struct tools_call *call);
int tools_command_prove_verify(const struct tools_call *call);

#endif
