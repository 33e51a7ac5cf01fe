/* tools/command_fork.h - `fedcat fork show`, and what `fedcat verify` does with the proof of a
 * fork.
 */
#ifndef TOOLS_COMMAND_FORK_H
#define TOOLS_COMMAND_FORK_H

#include <stdbool.h>

#include "catalog/charter.h"
#include "tools/call.h"

int tools_command_fork_show(const struct tools_call *call);

/* Whether the bytes of a file look like the proof of a fork rather than a receipt. */
bool tools_command_fork_is(struct catalog_span bytes);

/* Verify the proof in bytes, called name, and say what it shows.  charter is NULL if there is only
 * a key to believe.  Returns an exit status. */
int tools_command_fork_verify(const struct tools_call *call, const char *name,
			      const struct catalog_charter *charter, struct catalog_span bytes);

#endif
