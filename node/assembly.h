/* node/assembly.h - has the charter amended when enough votes are in the logs that this node holds,
 * whoever's node it is.
 *
 * Threads  the loop's alone; the work is a job of the writer's.
 */
#ifndef NODE_ASSEMBLY_H
#define NODE_ASSEMBLY_H

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/jobs.h"
#include "node/log.h"

struct node_assembly;

/* All borrowed until it is stopped and the loop has run dry. */
struct node_assembly_options {
	struct node_jobs *jobs;
	struct catalog_store *store;
	struct catalog_charter *charter; /* amended */
	struct node_log *log;
	void (*assembled)(void *arg); /* the charter was amended: tell those who tell others */
	void *arg;
};

/* The caller ends *ret_assembly with node_assembly_stop().  Returns 0, -ENOMEM. */
int node_assembly_new(const struct node_assembly_options *options,
		      struct node_assembly **ret_assembly);

/* Logs have moved, or the charter has: look when the writer has time.  While a look is to come,
 * more calls change nothing. */
void node_assembly_look(struct node_assembly *assembly);

/* Stop; a look that is under way is finished, and then it frees itself, on the loop.  NULL is
 * allowed. */
void node_assembly_stop(struct node_assembly *assembly);

#endif
