/* gossip/confirm.h - whether a publisher may sign: since it started, have other members told it
 * where its own log stands, and does it hold all of that?
 *
 * A store that was lost or put back from a backup looks like one that never held more.  Only the
 * others know; so nothing is signed after a start before they were asked.
 *
 * A node answers for the member that named its key, a mirror too, and each member counts once.
 *
 * Limits  GOSSIP_CONFIRM_MEMBERS members are asked, or all there are.
 */
#ifndef GOSSIP_CONFIRM_H
#define GOSSIP_CONFIRM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "gossip/node.h"
#include "gossip/roster.h"

#define GOSSIP_CONFIRM_MEMBERS  3
#define GOSSIP_CONFIRM_CLAIM_MS 60000 /* so long a claim that nobody has proven is waited for */

/* How things stand. */
struct gossip_confirm {
	size_t answered; /* other members that have told since the start where our log stands */
	size_t needed;
	uint64_t held;  /* entries of our log that are here */
	uint64_t known; /* and in the largest checkpoint of it that anybody told of, proven or not
			 */
	bool is_confirmed;
};

/* How many members must have answered: of those that are not our own, were not expelled and can be
 * dialled, by the charter, by options or by what their logs tell, GOSSIP_CONFIRM_MEMBERS at the
 * most.  0: there is nobody to ask. */
size_t gossip_confirm_needed(const struct catalog_charter *charter,
			     const struct gossip_node_options *options,
			     const struct gossip_roster *roster);

/* As of the last event.  A node of no member is never confirmed. */
void gossip_confirm_look(const struct gossip_node *node, struct gossip_confirm *ret_confirm);

#endif
