/* tools/command_charter.h - `fedcat charter show`, `propose`, `sign` and `submit`. */
#ifndef TOOLS_COMMAND_CHARTER_H
#define TOOLS_COMMAND_CHARTER_H

#include "tools/call.h"

int tools_command_charter_show(const struct tools_call *call);
int tools_command_charter_propose(const struct tools_call *call);
int tools_command_charter_sign(const struct tools_call *call);
int tools_command_charter_submit(const struct tools_call *call);

/* Propose, as the options online, days and output say, that our member has this key from now on,
 * which signs, too.  Returns 0 or an exit status. */
int tools_command_charter_rotate(const struct tools_call *call, const struct catalog_secret *next);

#endif
