/* node/jobs.h - slow work on libuv's workers: writes one at a time and in order, reads a few at
 * once.
 *
 * Everything that may change the store goes through the one queue of writes, whoever asks for it,
 * so that a publishing member and arriving entries take turns.  NODE_JOBS_READS_MAX and the writer
 * together are libuv's four workers: a read never keeps the writer waiting.
 *
 * Threads  the loop's alone; `run` of a job is called on a worker.
 */
#ifndef NODE_JOBS_H
#define NODE_JOBS_H

#include <stdbool.h>

#include <uv.h>

#define NODE_JOBS_READS_MAX 3

enum node_jobs_kind { NODE_JOBS_READ, NODE_JOBS_WRITE };

/* A job, inside something of the caller's that lives until done is called.  Set run, done and arg;
 * the rest is the queue's. */
struct node_jobs_job {
	void (*run)(void *arg);  /* on a worker */
	void (*done)(void *arg); /* then, on the loop; may free the job */
	void *arg;
	enum node_jobs_kind kind;
	struct node_jobs *jobs;
	struct node_jobs_job *next;
	uv_work_t work;
};

struct node_jobs;

/* The caller owns *ret_jobs; loop is borrowed.  Returns 0, -ENOMEM. */
int node_jobs_new(uv_loop_t *loop, struct node_jobs **ret_jobs);
void node_jobs_free(struct node_jobs *jobs); /* idle; NULL is allowed */

/* Have a job done when its turn comes. */
void node_jobs_add(struct node_jobs *jobs, enum node_jobs_kind kind, struct node_jobs_job *job);

/* How many of a kind wait, and how many run. */
void node_jobs_count(const struct node_jobs *jobs, enum node_jobs_kind kind, size_t *ret_waiting,
		     size_t *ret_running);

/* Whether nothing waits and nothing runs. */
bool node_jobs_idle(const struct node_jobs *jobs);

#endif
