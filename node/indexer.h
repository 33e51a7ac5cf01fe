/* node/indexer.h - keeps the search index in order while nobody writes: makes it anew when it was
 * asked for or another version wrote it, catches up with what came without its words, and makes few
 * segments of many.
 *
 * Threads  the loop's alone; the work is jobs of the writer's, in steps, so that others have their
 *          turns between.
 */
#ifndef NODE_INDEXER_H
#define NODE_INDEXER_H

#include <stdbool.h>

#include <uv.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_INDEXER_PERIOD_MS (10u * 1000)

struct node_indexer;

/* All borrowed. */
struct node_indexer_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct catalog_store *store;
	const struct catalog_charter *charter;
	struct node_log *log;
	unsigned first_ms;
	bool catches_up; /* with logs that came without their words: see node/catchup.h */
};

/* Begin: look after first_ms, and then every NODE_INDEXER_PERIOD_MS, whether there is something to
 * do.  The caller ends *ret_indexer with node_indexer_stop().  Returns 0, -ENOMEM. */
int node_indexer_new(const struct node_indexer_options *options, struct node_indexer **ret_indexer);

/* Logs have grown: there may be something to catch up with.  NULL is allowed. */
void node_indexer_look(struct node_indexer *indexer);

/* Stop; a step that is under way is finished, and then the indexer frees itself, on the loop.  NULL
 * is allowed. */
void node_indexer_stop(struct node_indexer *indexer);

#endif
