/* node/daemon.h - fedcatd from start to end: takes the directory, opens what is in it, listens,
 * runs until it is asked to stop, and leaves things tidy. */
#ifndef NODE_DAEMON_H
#define NODE_DAEMON_H

#include "node/config.h"

#define NODE_DAEMON_STOP_MS_MAX 10000 /* from being asked to stop until the process ends */

/* Run a node with these settings until SIGTERM, SIGINT or a "stop" over the control socket.  Logs
 * on standard error.  What was acknowledged is on disk whenever it ends, and however.
 * Returns 0, -EBUSY if another process has the directory, or why it could not start (with a
 * sentence). */
int node_daemon_run(const struct node_config *config, struct node_error *ret_error);

#endif
