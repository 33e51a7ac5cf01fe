#include "tests/test.h"

#include <string.h>

#include "node/jobs.h"

#define JOBS 40

struct fixture {
	uv_loop_t loop;
	struct node_jobs *jobs;
	uv_mutex_t mutex;
	size_t running[2], running_most[2]; /* by kind */
	size_t order[JOBS], count;          /* in which they were done */
};

struct job {
	struct node_jobs_job job;
	struct fixture *f;
	size_t number;
};

static void run(void *arg)
{
	struct job *job = arg;
	enum node_jobs_kind kind = job->job.kind;

	uv_mutex_lock(&job->f->mutex);
	job->f->running[kind]++;
	if (job->f->running[kind] > job->f->running_most[kind])
		job->f->running_most[kind] = job->f->running[kind];
	uv_mutex_unlock(&job->f->mutex);
	uv_mutex_lock(&job->f->mutex);
	job->f->running[kind]--;
	uv_mutex_unlock(&job->f->mutex);
}

static void done(void *arg)
{
	struct job *job = arg;

	job->f->order[job->f->count++] = job->number;
}

static void add_all(struct fixture *f, struct job *jobs, enum node_jobs_kind kind)
{
	memset(f, 0, sizeof *f);
	memset(jobs, 0, JOBS * sizeof *jobs);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	assert_int_equal(uv_mutex_init(&f->mutex), 0);
	assert_int_equal(node_jobs_new(&f->loop, &f->jobs), 0);
	assert_true(node_jobs_idle(f->jobs));
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].f = f;
		jobs[i].number = i;
		jobs[i].job.run = run;
		jobs[i].job.done = done;
		jobs[i].job.arg = &jobs[i];
		node_jobs_add(f->jobs, kind, &jobs[i].job);
	}
	assert_false(node_jobs_idle(f->jobs));
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
	assert_true(node_jobs_idle(f->jobs));
	assert_int_equal(f->count, JOBS);
	node_jobs_free(f->jobs);
	uv_mutex_destroy(&f->mutex);
	assert_int_equal(uv_loop_close(&f->loop), 0);
}

static void test_writes_run_one_at_a_time_and_in_order(void **state)
{
	static struct job jobs[JOBS];
	struct fixture f;

	(void)state;
	add_all(&f, jobs, NODE_JOBS_WRITE);
	assert_int_equal(f.running_most[NODE_JOBS_WRITE], 1);
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(f.order[i], i);
}

static void test_reads_run_a_few_at_once(void **state)
{
	static struct job jobs[JOBS];
	struct fixture f;
	bool seen[JOBS] = {false};

	(void)state;
	add_all(&f, jobs, NODE_JOBS_READ);
	assert_true(f.running_most[NODE_JOBS_READ] <= NODE_JOBS_READS_MAX);
	for (size_t i = 0; i < JOBS; i++)
		seen[f.order[i]] = true;
	for (size_t i = 0; i < JOBS; i++)
		assert_true(seen[i]);
}

TEST_MAIN("jobs", cmocka_unit_test(test_writes_run_one_at_a_time_and_in_order),
	  cmocka_unit_test(test_reads_run_a_few_at_once))
