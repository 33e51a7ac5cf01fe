/* node/home.h - what a fedcatd holds of its directory while it runs: the lock, the charter, the
 * store, the keys.
 */
#ifndef NODE_HOME_H
#define NODE_HOME_H

#include <stdbool.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "gossip/noise.h"
#include "node/config.h"
#include "node/log.h"

struct node_home {
	int lock; /* -1: not held */
	struct catalog_charter *charter;
	struct catalog_secret *secret;
	const struct catalog_member *member; /* NULL: we have no key that a member's is */
	struct gossip_noise_secret *node_secret;
	struct catalog_store *store;
	bool is_waiting; /* the member's key that is here is no member's yet */
};

/* Take the directory of the settings and open what is in it.  What is opened, also when it fails,
 * the caller ends with node_home_close().  Returns 0, -EBUSY, ..., with a sentence. */
int node_home_open(const struct node_config *config, struct node_log *log,
		   struct node_home *ret_home, struct node_error *ret_error);
void node_home_close(struct node_home *home);

#endif
