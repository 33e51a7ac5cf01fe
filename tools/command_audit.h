/* tools/command_audit.h - verify everything that this node's store holds, and mend it. */
#ifndef TOOLS_COMMAND_AUDIT_H
#define TOOLS_COMMAND_AUDIT_H

#include "tools/call.h"

/* Run `fedcat audit`.  Returns an exit status (enum tools_exit) after saying what is wrong. */
int tools_command_audit_run(const struct tools_call *call);

#endif
