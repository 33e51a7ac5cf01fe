/* tools/command_bundle.h - write entries into a file, for where there is no network
 * (catalog/bundle); tools/command_import takes them. */
#ifndef TOOLS_COMMAND_BUNDLE_H
#define TOOLS_COMMAND_BUNDLE_H

#include "tools/call.h"

/* Run `fedcat bundle export` and `fedcat bundle vector`.  Return an exit status (enum tools_exit)
 * after saying what is wrong. */
int tools_command_bundle_export(const struct tools_call *call);
int tools_command_bundle_vector(const struct tools_call *call);

#endif
