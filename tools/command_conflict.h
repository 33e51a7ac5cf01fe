/* tools/command_conflict.h - `fedcat charter conflict`, and what `fedcat verify` does with the
 * proof that a council signed two amendments of one number.
 */
#ifndef TOOLS_COMMAND_CONFLICT_H
#define TOOLS_COMMAND_CONFLICT_H

#include <stdbool.h>

#include "catalog/charter.h"
#include "tools/call.h"

int tools_command_conflict_show(const struct tools_call *call);

/* Whether the bytes of a file look like such a proof rather than a receipt, or the proof of a fork.
 */
bool tools_command_conflict_is(struct catalog_span bytes);

/* Verify the proof in bytes, called name, and say what it shows.  charter is NULL if there is only
 * a key to believe.  Returns an exit status. */
int tools_command_conflict_verify(const struct tools_call *call, const char *name,
				  const struct catalog_charter *charter, struct catalog_span bytes);

#endif
