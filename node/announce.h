/* node/announce.h - has our member's log say which this node is and where, and renews that; and
 * replaces the node's key when a new one waits (node/rotation).
 *
 * A new key is named in the log first; it is used when our member's log names it and the linked
 * nodes hold what we hold, so that they know it; then the old one is withdrawn.  A mirror's member
 * names its new key elsewhere.
 *
 * Threads  the loop's alone; the work is a job of the writer's.
 */
#ifndef NODE_ANNOUNCE_H
#define NODE_ANNOUNCE_H

#include <uv.h>

#include "catalog/node.h"
#include "node/control.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_ANNOUNCE_RETRY_MS  1000 /* doubled up to NODE_ANNOUNCE_PERIOD_MS */
#define NODE_ANNOUNCE_PERIOD_MS (60u * 60 * 1000)
#define NODE_ANNOUNCE_WARN_DAYS 30        /* before a mirror is let in no longer */
#define NODE_ANNOUNCE_PATIENT_S (10 * 60) /* then one node that knows the new key is enough */

struct node_announce;

/* All borrowed until it is stopped and the loop has run dry. */
struct node_announce_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct node_log *log;
	struct node_control *control;
	struct catalog_store *store;
	struct catalog_charter *charter;
	const char *dir;
	bool is_member; /* it has its member's key */
	bool keeps_key; /* the node's key is elsewhere, and not ours to replace */
	const struct catalog_node_key *key; /* the node's; for the call alone */
	const char *addresses[CATALOG_NODE_ADDRESSES_MAX];
	size_t address_count; /* 0: as the charter or the log say */
	/* On the loop: */
	void (*published)(void *arg); /* our log has grown */
	/* How many nodes are linked, and how many of them hold what has this vector hash. */
	void (*spread)(void *arg, const struct catalog_hash *vector, size_t *ret_linked,
		       size_t *ret_equal);
	void (*renewed)(void *arg); /* node.key is another now: begin anew */
	void *arg;
};

/* The caller ends *ret_announce with node_announce_stop().  Returns 0, -ENOMEM. */
int node_announce_new(const struct node_announce_options *options,
		      struct node_announce **ret_announce);

/* Keys, charter or logs may be others now: look when the writer has time. */
void node_announce_look(struct node_announce *announce);

/* Stop; a look that is under way is finished, and then it frees itself, on the loop.  NULL is
 * allowed. */
void node_announce_stop(struct node_announce *announce);

#endif
