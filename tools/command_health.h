/* tools/command_health.h - whether this node does its work: for whoever restarts it, and for
 * whoever is woken at night.
 *
 * Unhealthy is what keeps the node from answering or from storing; degraded what somebody should
 * look at by daylight.  docs/operating.md lists which is which.
 */
#ifndef TOOLS_COMMAND_HEALTH_H
#define TOOLS_COMMAND_HEALTH_H

#include "tools/call.h"

#define TOOLS_COMMAND_HEALTH_DISK_BAD   (64u * 1000 * 1000) /* bytes free: nothing can be stored */
#define TOOLS_COMMAND_HEALTH_DISK_WORSE (1000u * 1000 * 1000) /* bytes free: soon */
#define TOOLS_COMMAND_HEALTH_START_S    120 /* in which a node finds others, after it was started */
#define TOOLS_COMMAND_HEALTH_AHEAD_S    600 /* that an attestation may be ahead of our clock */

/* Run `fedcat health`.  Returns an exit status (enum tools_exit) after saying what is wrong. */
int tools_command_health_run(const struct tools_call *call);

#endif
