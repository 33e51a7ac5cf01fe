#include "gossip/job.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "catalog/checkpoint.h"
#include "catalog/chunk_fork.h"
#include "catalog/fork.h"
#include "catalog/log_back.h"

struct gossip_job *gossip_job_new(enum gossip_job_kind kind)
{
	struct gossip_job *job = calloc(1, sizeof *job);

	if (job != NULL)
		job->kind = kind;
	return job;
}

void gossip_job_free(struct gossip_job *job)
{
	if (job == NULL)
		return;
	for (size_t i = 0; i < job->head_count; i++)
		catalog_buffer_close(&job->heads[i].note);
	for (size_t i = 0; i < job->chunk_count; i++)
		catalog_chunk_free(job->chunks[i]);
	for (size_t i = 0; i < job->place_count; i++)
		catalog_buffer_close(&job->places[i].note);
	catalog_buffer_close(&job->wire);
	free(job);
}

bool gossip_job_writes(const struct gossip_job *job)
{
	return job->kind == GOSSIP_JOB_HEADS || job->kind == GOSSIP_JOB_COMMIT ||
	       job->kind == GOSSIP_JOB_BACK;
}

int gossip_job_look(struct catalog_txn *txn, uint32_t log, struct gossip_job_place *ret_place)
{
	struct gossip_job_place place = {.log = log};
	int r = catalog_log_status(txn, log, &place.status);

	if (r == 0 && place.status.target_size > 0)
		r = catalog_log_checkpoint(txn, log, &place.note);
	if (r != 0) {
		catalog_buffer_close(&place.note);
		return r == -ENOENT ? -EIO : r;
	}
	*ret_place = place;
	return 0;
}

/* --- what was touched ------------------------------------------------------------------------ */

static int look_at_touched(struct gossip_job *job, struct catalog_store *store)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	for (size_t i = 0; i < job->place_count && r == 0; i++)
		r = gossip_job_look(txn, job->places[i].log, &job->places[i]);
	if (r == 0)
		r = catalog_log_vector_hash(txn, &job->vector);
	catalog_store_end(txn);
	return r;
}

static void touch(struct gossip_job *job, uint32_t log)
{
	for (size_t i = 0; i < job->place_count; i++)
		if (job->places[i].log == log)
			return;
	assert(job->place_count < GOSSIP_JOB_HEADS_MAX);
	job->places[job->place_count++].log = log;
}

/* --- heads ------------------------------------------------------------------------------------ */

struct heads {
	struct gossip_job *job;
	struct catalog_checkpoint checkpoints[GOSSIP_JOB_HEADS_MAX];
	int verified[GOSSIP_JOB_HEADS_MAX];
};

static int verify_head(const struct catalog_charter *charter, const struct gossip_job_head *head,
		       struct catalog_checkpoint *ret_checkpoint)
{
	const struct catalog_member *member = catalog_charter_member(charter, head->log);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];

	if (member == NULL)
		return -ENOENT;
	catalog_checkpoint_origin(catalog_charter_federation(charter), member->name, origin);
	return catalog_checkpoint_verify(catalog_buffer_span(&head->note), origin, &member->key,
					 ret_checkpoint);
}

static int heads_body(struct catalog_txn *txn, void *arg)
{
	struct heads *heads = arg;

	for (size_t i = 0; i < heads->job->head_count; i++) {
		struct gossip_job_head *head = &heads->job->heads[i];
		int r;

		head->outcome = heads->verified[i];
		if (head->outcome != 0)
			continue;
		head->outcome = catalog_log_target(txn, head->log, &heads->checkpoints[i],
						   catalog_buffer_span(&head->note));
		switch (head->outcome) {
		case 0:
		case -EEXIST:
		case -ESTALE:
		case -EROFS: break;
		case -EPROTO:
			r = catalog_log_mark(txn, head->log, CATALOG_LOG_FORKED);
			if (r != 0)
				return r;
			break;
		default: return head->outcome;
		}
	}
	return 0;
}

static int run_heads(struct gossip_job *job, struct catalog_store *store,
		     const struct catalog_charter *charter)
{
	struct heads *heads = calloc(1, sizeof *heads);
	size_t good = 0;
	int r = 0;

	if (heads == NULL)
		return -ENOMEM;
	heads->job = job;
	for (size_t i = 0; i < job->head_count; i++) {
		heads->verified[i] = verify_head(charter, &job->heads[i], &heads->checkpoints[i]);
		job->heads[i].outcome = heads->verified[i];
		good += heads->verified[i] == 0;
		touch(job, job->heads[i].log);
	}
	if (good > 0)
		r = catalog_store_write(store, heads_body, heads);
	free(heads);
	return r;
}

/* --- chunks ----------------------------------------------------------------------------------- */

struct mark {
	uint32_t log;
	enum catalog_log_health health;
};

static int mark_body(struct catalog_txn *txn, void *arg)
{
	const struct mark *mark = arg;

	return catalog_log_mark(txn, mark->log, mark->health);
}

struct keep {
	struct catalog_fork fork;
	struct catalog_buffer proof;
};

static int keep_body(struct catalog_txn *txn, void *arg)
{
	const struct keep *keep = arg;
	int r = catalog_fork_keep(txn, &keep->fork, catalog_buffer_span(&keep->proof));

	return r == -EEXIST ? 0 : r;
}

/* The member signed what cannot be: two histories, and then there is a proof, or entries against
 * the rules. */
static int mark(struct catalog_store *store, const struct catalog_charter *charter,
		const struct catalog_chunk *chunk)
{
	struct mark broken = {catalog_chunk_log(chunk), CATALOG_LOG_BROKEN};
	struct catalog_txn *txn;
	struct keep keep = {0};
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = catalog_chunk_fork_prove(txn, charter, chunk, &keep.proof);
	catalog_store_end(txn);
	if (r == 0)
		r = catalog_fork_verify(charter, catalog_buffer_span(&keep.proof), &keep.fork);
	if (r == 0)
		r = catalog_store_write(store, keep_body, &keep);
	else if (r == -ENOENT)
		r = catalog_store_write(store, mark_body, &broken);
	catalog_buffer_close(&keep.proof);
	return r;
}

static int run_commit(struct gossip_job *job, struct catalog_store *store,
		      const struct catalog_charter *charter)
{
	const struct catalog_chunk *chunks[GOSSIP_JOB_CHUNKS_MAX];
	int r = 0;

	for (size_t i = 0; i < job->chunk_count; i++) {
		chunks[i] = job->chunks[i];
		touch(job, catalog_chunk_log(chunks[i]));
	}
	catalog_chunk_commit_all(store, charter, chunks, job->chunk_count, job->outcomes);
	for (size_t i = 0; i < job->chunk_count && r == 0; i++)
		if (job->outcomes[i] == -EPROTO)
			r = mark(store, charter, chunks[i]);
	return r;
}

struct step_back {
	const struct catalog_member *member;
	uint64_t size;
};

static int back_body(struct catalog_txn *txn, void *arg)
{
	const struct step_back *back = arg;

	return catalog_log_back_to(txn, back->member, back->size);
}

/* What was pruned may span the place where it was settled; to nothing it can always go. */
static int run_back(struct gossip_job *job, struct catalog_store *store,
		    const struct catalog_charter *charter)
{
	struct step_back back = {catalog_charter_member(charter, job->log), job->size};
	int r;

	assert(back.member != NULL);
	touch(job, job->log);
	r = catalog_store_write(store, back_body, &back);
	if (r == -ENODATA) {
		back.size = 0;
		r = catalog_store_write(store, back_body, &back);
	}
	return r;
}

static int run_read(struct gossip_job *job, struct catalog_store *store)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = catalog_chunk_make(txn, job->log, job->from, job->to_max, job->size, &job->wire,
			       &job->to);
	catalog_store_end(txn);
	return r;
}

static int run_parse(struct gossip_job *job, const struct catalog_store *store)
{
	struct catalog_chunk *chunk = NULL;
	int r = catalog_chunk_new(catalog_buffer_span(&job->wire), &chunk);

	catalog_buffer_close(&job->wire);
	if (r == 0)
		r = catalog_chunk_pack(chunk, store); /* here, where nobody waits to write */
	if (r != 0) {
		catalog_chunk_free(chunk);
		return r;
	}
	job->chunks[0] = chunk;
	job->chunk_count = 1;
	return 0;
}

void gossip_job_run(struct gossip_job *job, struct catalog_store *store,
		    const struct catalog_charter *charter)
{
	int r;

	switch (job->kind) {
	case GOSSIP_JOB_HEADS: job->outcome = run_heads(job, store, charter); break;
	case GOSSIP_JOB_PARSE: job->outcome = run_parse(job, store); return;
	case GOSSIP_JOB_COMMIT: job->outcome = run_commit(job, store, charter); break;
	case GOSSIP_JOB_BACK: job->outcome = run_back(job, store, charter); break;
	case GOSSIP_JOB_READ: job->outcome = run_read(job, store); return;
	case GOSSIP_JOB_STATUS: touch(job, job->log); break;
	}
	r = look_at_touched(job, store);
	if (r != 0) {
		for (size_t i = 0; i < job->place_count; i++)
			catalog_buffer_close(&job->places[i].note);
		job->place_count = 0; /* nothing is known of where they stand */
		if (job->outcome == 0)
			job->outcome = r;
	}
}
