/* tools/command_motion.h - `fedcat charter vote` and `list`, and what `propose --online` does. */
#ifndef TOOLS_COMMAND_MOTION_H
#define TOOLS_COMMAND_MOTION_H

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "node/client.h"
#include "tools/call.h"

/* Have the node propose the amendment of this body and vote for it, and print what came of it.
 * signature (may be NULL) is one more, by the key that the amendment gives our member.
 * Returns 0 or an exit status. */
int tools_command_motion_propose(const struct tools_call *call, struct node_client *client,
				 const struct catalog_charter *charter, struct catalog_span body,
				 const struct catalog_signature *signature);

int tools_command_motion_vote(const struct tools_call *call);
int tools_command_motion_list(const struct tools_call *call);

#endif
