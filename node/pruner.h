/* node/pruner.h - lets superseded history go, a little at a time, as the retention setting says.
 *
 * Threads  the loop's alone; the work is a job of the writer's, in steps, so that others have their
 *          turns between.
 */
#ifndef NODE_PRUNER_H
#define NODE_PRUNER_H

#include <uv.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_PRUNER_FIRST_MS (60u * 1000) /* after the start: there is more urgent work */

struct node_pruner;

/* All borrowed. */
struct node_pruner_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct catalog_store *store;
	struct node_log *log;
	const struct catalog_charter *charter; /* which may ask for more days */
	unsigned retention_days;               /* not 0 */
	unsigned first_ms;                     /* NODE_PRUNER_FIRST_MS, but in tests */
};

/* Begin: what was superseded more than retention_days ago, or as many as the charter asks for by
 * then if those are more, goes after first_ms, and from then on every hour.  The caller ends
 * *ret_pruner with node_pruner_stop().  Returns 0, -ENOMEM. */
int node_pruner_new(const struct node_pruner_options *options, struct node_pruner **ret_pruner);

/* Stop; a step that is under way is finished, and then the pruner frees itself, on the loop.  NULL
 * is allowed. */
void node_pruner_stop(struct node_pruner *pruner);

#endif
