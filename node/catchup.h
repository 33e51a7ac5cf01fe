/* node/catchup.h - the search index catches up with logs that came without it.
 *
 * It begins when others have stopped writing for a moment, or when it has waited for that long
 * enough; words are gathered by two workers at once while what was gathered before is written.
 *
 * Threads  the loop's alone; the work is jobs.
 * Memory   NODE_CATCHUP_PARTS parts, each a megabyte of entries and then their words.
 */
#ifndef NODE_CATCHUP_H
#define NODE_CATCHUP_H

#include <uv.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_CATCHUP_PERIOD_MS 250
#define NODE_CATCHUP_WAIT_MS   10000
#define NODE_CATCHUP_IDLE_MS   10000 /* without a word from node_catchup_look() */
#define NODE_CATCHUP_PARTS     6

struct node_catchup;

/* All borrowed. */
struct node_catchup_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct catalog_store *store;
	const struct catalog_charter *charter;
	struct node_log *log;
	unsigned period_ms; /* of looking, while the index is behind */
	unsigned wait_ms;   /* for others to stop writing, at most */
};

/* Look in period_ms, and from then on, whether the index is behind.  The caller ends
 * *ret_catchup with node_catchup_stop().  Returns 0, -ENOMEM. */
int node_catchup_new(const struct node_catchup_options *options, struct node_catchup **ret_catchup);

/* Logs have grown: look soon. */
void node_catchup_look(struct node_catchup *catchup);

/* Stop; what is under way is finished, and then it frees itself, on the loop.  NULL is allowed. */
void node_catchup_stop(struct node_catchup *catchup);

#endif
