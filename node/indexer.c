#include "node/indexer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "catalog/index.h"
#include "catalog/index_rebuild.h"
#include "node/catchup.h"
#include "node/error.h"

#define LISTINGS_A_LINE 50000u /* of the log, while the index is made anew */

struct node_indexer {
	uv_timer_t timer;
	struct node_indexer_options options;
	struct node_jobs_job job;
	struct node_catchup *catchup; /* NULL: it does not catch up */
	bool is_busy, is_stopping, is_closed;
	/* Of the newest step: */
	bool more, rebuilding;
	uint64_t done, told;
	int outcome;
};

static void free_when_idle(struct node_indexer *indexer)
{
	if (indexer->is_closed && !indexer->is_busy)
		free(indexer);
}

static void on_closed(uv_handle_t *handle)
{
	struct node_indexer *indexer = handle->data;

	indexer->is_closed = true;
	free_when_idle(indexer);
}

static int step(struct catalog_txn *txn, void *arg)
{
	struct node_indexer *indexer = arg;
	bool due;
	int r = catalog_index_rebuild_is_due(txn, &due);

	indexer->rebuilding = r == 0 && due;
	if (r != 0)
		return r;
	return due ? catalog_index_rebuild_step(txn, indexer->options.charter, &indexer->done,
						&indexer->more)
		   : catalog_index_tidy(txn, &indexer->more);
}

/* Whether there is something to do: a look that writes nothing. */
static int look(struct catalog_store *store, bool *ret_due)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = catalog_index_rebuild_is_due(txn, ret_due);
	if (r == 0 && !*ret_due)
		r = catalog_index_is_untidy(txn, ret_due);
	catalog_store_end(txn);
	return r;
}

/* On a worker. */
static void run(void *arg)
{
	struct node_indexer *indexer = arg;
	bool due = false;

	indexer->more = indexer->rebuilding = false;
	indexer->outcome = look(indexer->options.store, &due);
	if (indexer->outcome == 0 && due)
		indexer->outcome = catalog_store_write(indexer->options.store, step, indexer);
}

static void tell(struct node_indexer *indexer)
{
	if (indexer->outcome != 0)
		node_log_line(indexer->options.log, NODE_CONFIG_WARNING,
			      "work on the search index failed (%s); it is tried again",
			      node_error_words(indexer->outcome));
	else if (indexer->rebuilding && !indexer->more)
		node_log_line(indexer->options.log, NODE_CONFIG_INFO,
			      "made the search index anew: %" PRIu64 " listings", indexer->done);
	else if (indexer->rebuilding && indexer->done >= indexer->told + LISTINGS_A_LINE)
		node_log_line(indexer->options.log, NODE_CONFIG_INFO,
			      "making the search index anew: %" PRIu64 " listings so far",
			      indexer->told = indexer->done);
	if (!indexer->rebuilding)
		indexer->told = 0;
}

static void done(void *arg)
{
	struct node_indexer *indexer = arg;

	indexer->is_busy = false;
	tell(indexer);
	if (indexer->is_stopping) {
		free_when_idle(indexer);
		return;
	}
	if (indexer->outcome == 0 && indexer->more) {
		indexer->is_busy = true;
		node_jobs_add(indexer->options.jobs, NODE_JOBS_WRITE, &indexer->job);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct node_indexer *indexer = timer->data;

	if (indexer->is_busy || uv_is_closing((uv_handle_t *)timer))
		return;
	indexer->is_busy = true;
	node_jobs_add(indexer->options.jobs, NODE_JOBS_WRITE, &indexer->job);
}

int node_indexer_new(const struct node_indexer_options *options, struct node_indexer **ret_indexer)
{
	struct node_catchup_options catchup = {.loop = options->loop,
					       .jobs = options->jobs,
					       .store = options->store,
					       .charter = options->charter,
					       .log = options->log,
					       .period_ms = NODE_CATCHUP_PERIOD_MS,
					       .wait_ms = NODE_CATCHUP_WAIT_MS};
	struct node_indexer *indexer = calloc(1, sizeof *indexer);

	if (indexer == NULL)
		return -ENOMEM;
	if (options->catches_up && node_catchup_new(&catchup, &indexer->catchup) != 0) {
		free(indexer);
		return -ENOMEM;
	}
	indexer->options = *options;
	indexer->job = (struct node_jobs_job){.run = run, .done = done, .arg = indexer};
	(void)uv_timer_init(options->loop, &indexer->timer); /* neither fails on a new handle */
	indexer->timer.data = indexer;
	(void)uv_timer_start(&indexer->timer, on_timer, options->first_ms, NODE_INDEXER_PERIOD_MS);
	*ret_indexer = indexer;
	return 0;
}

void node_indexer_look(struct node_indexer *indexer)
{
	if (indexer != NULL && indexer->catchup != NULL)
		node_catchup_look(indexer->catchup);
}

void node_indexer_stop(struct node_indexer *indexer)
{
	if (indexer == NULL || indexer->is_stopping)
		return;
	indexer->is_stopping = true;
	node_catchup_stop(indexer->catchup);
	indexer->catchup = NULL; /* it frees itself */
	uv_close((uv_handle_t *)&indexer->timer, on_closed);
}
