#include "node/jobs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct queue {
	struct node_jobs_job *first, *last;
	size_t waiting, running, running_max;
};

struct node_jobs {
	uv_loop_t *loop;
	struct queue queues[2]; /* by kind */
};

int node_jobs_new(uv_loop_t *loop, struct node_jobs **ret_jobs)
{
	struct node_jobs *jobs = calloc(1, sizeof *jobs);

	if (jobs == NULL)
		return -ENOMEM;
	jobs->loop = loop;
	jobs->queues[NODE_JOBS_READ].running_max = NODE_JOBS_READS_MAX;
	jobs->queues[NODE_JOBS_WRITE].running_max = 1;
	*ret_jobs = jobs;
	return 0;
}

void node_jobs_free(struct node_jobs *jobs)
{
	if (jobs == NULL)
		return;
	assert(node_jobs_idle(jobs));
	free(jobs);
}

static void on_work(uv_work_t *work)
{
	struct node_jobs_job *job = work->data;

	job->run(job->arg);
}

static void start(struct node_jobs *jobs, enum node_jobs_kind kind);

static void on_done(uv_work_t *work, int status)
{
	struct node_jobs_job *job = work->data;
	struct node_jobs *jobs = job->jobs;
	enum node_jobs_kind kind = job->kind;

	assert(status == 0); /* nothing is cancelled */
	(void)status;
	jobs->queues[kind].running--;
	start(jobs, kind); /* first: done may take its time, and may free the job */
	job->done(job->arg);
}

/* Give the workers what they may have. */
static void start(struct node_jobs *jobs, enum node_jobs_kind kind)
{
	struct queue *queue = &jobs->queues[kind];

	while (queue->first != NULL && queue->running < queue->running_max) {
		struct node_jobs_job *job = queue->first;
		int r;

		queue->first = job->next;
		if (queue->first == NULL)
			queue->last = NULL;
		job->next = NULL;
		queue->waiting--;
		queue->running++;
		job->work.data = job;
		r = uv_queue_work(jobs->loop, &job->work, on_work, on_done);
		assert(r == 0); /* fails without a function to call, only */
		(void)r;
	}
}

void node_jobs_add(struct node_jobs *jobs, enum node_jobs_kind kind, struct node_jobs_job *job)
{
	struct queue *queue = &jobs->queues[kind];

	assert(job->run != NULL);
	assert(job->done != NULL);
	job->jobs = jobs;
	job->kind = kind;
	job->next = NULL;
	if (queue->last != NULL)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
	queue->waiting++;
	start(jobs, kind);
}

void node_jobs_count(const struct node_jobs *jobs, enum node_jobs_kind kind, size_t *ret_waiting,
		     size_t *ret_running)
{
	*ret_waiting = jobs->queues[kind].waiting;
	*ret_running = jobs->queues[kind].running;
}

bool node_jobs_idle(const struct node_jobs *jobs)
{
	for (size_t i = 0; i < sizeof jobs->queues / sizeof jobs->queues[0]; i++) {
		if (jobs->queues[i].running > 0 || jobs->queues[i].first != NULL)
			return false;
	}
	return true;
}
