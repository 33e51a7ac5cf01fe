#include "node/pruner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "catalog/prune.h"
#include "node/error.h"

#define PERIOD_MS (60u * 60 * 1000)
#define DAY_S     (24 * 60 * 60)

struct node_pruner {
	uv_timer_t timer;
	struct node_jobs *jobs;
	struct catalog_store *store;
	struct node_log *log;
	const struct catalog_charter *charter;
	int64_t retention_s; /* as the operator likes, at least */
	struct node_jobs_job job;
	bool is_busy, is_stopping, is_closed;
	/* Of this round: */
	size_t count, step;
	int outcome;
};

static void free_when_idle(struct node_pruner *pruner)
{
	if (pruner->is_closed && !pruner->is_busy)
		free(pruner);
}

static void on_closed(uv_handle_t *handle)
{
	struct node_pruner *pruner = handle->data;

	pruner->is_closed = true;
	free_when_idle(pruner);
}

/* Lines are drawn in the past, and whoever is ahead of one steps back to it: so the federation may
 * ask that history is kept for longer than its operator would. */
static int64_t retention_of(const struct node_pruner *pruner)
{
	int64_t asked_s = (int64_t)catalog_charter_profile(pruner->charter)->retention_days * DAY_S;

	return asked_s > pruner->retention_s ? asked_s : pruner->retention_s;
}

/* On a worker. */
static void run(void *arg)
{
	struct node_pruner *pruner = arg;

	pruner->step = 0;
	pruner->outcome = catalog_prune_step(
		pruner->store, (int64_t)time(NULL) - retention_of(pruner), &pruner->step);
}

static void done(void *arg)
{
	struct node_pruner *pruner = arg;

	pruner->is_busy = false;
	if (pruner->outcome != 0)
		node_log_line(pruner->log, NODE_CONFIG_WARNING,
			      "letting old history go failed (%s); it is tried again in an hour",
			      node_error_words(pruner->outcome));
	pruner->count += pruner->step;
	if (pruner->is_stopping) {
		free_when_idle(pruner);
		return;
	}
	if (pruner->outcome == 0 && pruner->step > 0) { /* there may be more */
		pruner->is_busy = true;
		node_jobs_add(pruner->jobs, NODE_JOBS_WRITE, &pruner->job);
		return;
	}
	if (pruner->count > 0)
		node_log_line(pruner->log, NODE_CONFIG_INFO,
			      "let %zu superseded entries go that were older than %" PRId64 " days",
			      pruner->count, retention_of(pruner) / DAY_S);
	pruner->count = 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct node_pruner *pruner = timer->data;

	if (pruner->is_busy || uv_is_closing((uv_handle_t *)timer))
		return;
	pruner->is_busy = true;
	node_jobs_add(pruner->jobs, NODE_JOBS_WRITE, &pruner->job);
}

int node_pruner_new(const struct node_pruner_options *options, struct node_pruner **ret_pruner)
{
	struct node_pruner *pruner = calloc(1, sizeof *pruner);

	if (pruner == NULL)
		return -ENOMEM;
	pruner->jobs = options->jobs;
	pruner->store = options->store;
	pruner->log = options->log;
	pruner->charter = options->charter;
	pruner->retention_s = (int64_t)options->retention_days * DAY_S;
	pruner->job = (struct node_jobs_job){.run = run, .done = done, .arg = pruner};
	(void)uv_timer_init(options->loop, &pruner->timer); /* neither fails on a new handle */
	pruner->timer.data = pruner;
	(void)uv_timer_start(&pruner->timer, on_timer, options->first_ms, PERIOD_MS);
	*ret_pruner = pruner;
	return 0;
}

void node_pruner_stop(struct node_pruner *pruner)
{
	if (pruner == NULL || pruner->is_stopping)
		return;
	pruner->is_stopping = true;
	uv_close((uv_handle_t *)&pruner->timer, on_closed);
}
