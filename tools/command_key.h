/* tools/command_key.h - show, make, encrypt, decrypt and back up keys.
 *
 * Each runs a command line that was understood, and returns an exit status (enum tools_exit) after
 * saying what went wrong. */
#ifndef TOOLS_COMMAND_KEY_H
#define TOOLS_COMMAND_KEY_H

#include "tools/call.h"

int tools_command_key_show(const struct tools_call *call);
int tools_command_key_make(const struct tools_call *call);
int tools_command_key_encrypt(const struct tools_call *call);
int tools_command_key_decrypt(const struct tools_call *call);
int tools_command_key_backup(const struct tools_call *call);

#endif
