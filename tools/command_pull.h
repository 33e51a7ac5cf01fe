/* tools/command_pull.h - `fedcat pull`: fetch what a node knows of and lacks, where that waits to
 * be asked for; and how much that is. */
#ifndef TOOLS_COMMAND_PULL_H
#define TOOLS_COMMAND_PULL_H

#include "catalog/value.h"
#include "tools/call.h"

int tools_command_pull_run(const struct tools_call *call);

/* "1,204 entries, about 3.0 MB, 6 minutes at this rate": what a status answer says of fetching. */
#define TOOLS_COMMAND_PULL_BYTES 160
void tools_command_pull_estimate(const struct catalog_value *fetching,
				 char ret_text[TOOLS_COMMAND_PULL_BYTES]);

#endif
