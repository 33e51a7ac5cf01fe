/* tools/command_import.h - take what bundles bring (catalog/bundle). */
#ifndef TOOLS_COMMAND_IMPORT_H
#define TOOLS_COMMAND_IMPORT_H

#include "tools/call.h"

/* Run `fedcat bundle import`.  Returns an exit status (enum tools_exit) after saying what is wrong.
 */
int tools_command_import_run(const struct tools_call *call);

#endif
