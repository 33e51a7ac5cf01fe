#include "gossip/job.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/charter_store.h"
#include "catalog/checkpoint.h"
#include "catalog/chunk_fork.h"
#include "catalog/cosignature.h"
#include "catalog/fork.h"
#include "catalog/log_back.h"
#include "gossip/message.h"

struct gossip_job *gossip_job_new(enum gossip_job_kind kind)
{
	struct gossip_job *job = calloc(1, sizeof *job);

	if (job != NULL)
		job->kind = kind;
	return job;
}

static void place_close(struct gossip_job_place *place)
{
	catalog_buffer_close(&place->note);
	catalog_buffer_close(&place->fork);
	free(place->nodes);
	place->nodes = NULL;
}

static void forget_places(struct gossip_job *job)
{
	for (size_t i = 0; i < job->place_count; i++)
		place_close(&job->places[i]);
	job->place_count = 0;
}

void gossip_job_free(struct gossip_job *job)
{
	if (job == NULL)
		return;
	for (size_t i = 0; i < job->head_count; i++)
		catalog_buffer_close(&job->heads[i].note);
	for (size_t i = 0; i < job->chunk_count; i++)
		catalog_chunk_free(job->chunks[i]);
	for (size_t i = 0; i < job->fork_count; i++)
		catalog_buffer_close(&job->forks[i].proof);
	for (size_t i = 0; i < job->line_count; i++)
		catalog_buffer_close(&job->lines[i]);
	forget_places(job);
	catalog_buffer_close(&job->wire);
	free(job);
}

bool gossip_job_writes(const struct gossip_job *job)
{
	switch (job->kind) {
	case GOSSIP_JOB_HEADS:
	case GOSSIP_JOB_COMMIT:
	case GOSSIP_JOB_AMEND:
	case GOSSIP_JOB_BACK:
	case GOSSIP_JOB_FORKS:
	case GOSSIP_JOB_COSIGN:
	case GOSSIP_JOB_ATTEST: return true;
	case GOSSIP_JOB_PARSE:
	case GOSSIP_JOB_READ:
	case GOSSIP_JOB_STATUS: return false;
	}
	return false;
}

bool gossip_job_serves(const struct gossip_job *job)
{
	return job->kind == GOSSIP_JOB_READ;
}

void gossip_job_drop(struct gossip_job *job)
{
	assert(gossip_job_serves(job));
	job->outcome = -ECANCELED;
}

static int look_at_nodes(struct catalog_txn *txn, uint32_t log, struct gossip_job_place *place)
{
	struct catalog_node nodes[CATALOG_NODE_PLACES] = {{.role = 0}};
	int r = catalog_node_list(txn, log, nodes, &place->node_count);

	if (r != 0 || place->node_count == 0)
		return r;
	place->nodes = calloc(place->node_count, sizeof *place->nodes);
	if (place->nodes == NULL)
		return -ENOMEM;
	memcpy(place->nodes, nodes, place->node_count * sizeof *place->nodes);
	return 0;
}

int gossip_job_look(struct catalog_txn *txn, uint32_t log, struct gossip_job_place *ret_place)
{
	struct gossip_job_place place = {.log = log, .snapshot = catalog_store_snapshot(txn)};
	int r = catalog_log_status(txn, log, &place.status);

	if (r == 0 && place.status.target_size > 0)
		r = catalog_log_checkpoint(txn, log, &place.note);
	if (r == 0 && place.status.health == CATALOG_LOG_FORKED) {
		r = catalog_fork_read(txn, log, &place.fork);
		if (r == -ENOENT)
			r = 0; /* marked by hand: nobody else will believe it */
	}
	if (r == 0 && place.status.size > 0)
		r = look_at_nodes(txn, log, &place);
	if (r != 0) {
		place_close(&place);
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
	const struct catalog_charter *charter;
	int64_t now_s;
	struct catalog_checkpoint checkpoints[GOSSIP_JOB_HEADS_MAX];
	int verified[GOSSIP_JOB_HEADS_MAX];
};

/* An attestation from a clock that is far ahead would stay the newest for as long: it is taken out,
 * and the checkpoint is as good without it. */
static int drop_ahead(const struct catalog_charter *charter, struct gossip_job_head *head,
		      int64_t now_s, struct catalog_checkpoint *checkpoint)
{
	const struct catalog_key *key = catalog_charter_key(charter, head->log, checkpoint->size);
	struct catalog_witness self = {.name = checkpoint->origin};

	if (catalog_log_attested(checkpoint->attested_s, now_s) == checkpoint->attested_s)
		return 0;
	if (key == NULL)
		return -EKEYREJECTED;
	self.key = *key;
	checkpoint->attested_s = 0;
	return catalog_cosignature_drop(&head->note, &self);
}

static int verify_head(const struct catalog_charter *charter, struct gossip_job_head *head,
		       int64_t now_s, struct catalog_checkpoint *ret_checkpoint)
{
	struct catalog_charter_line line;
	int r = catalog_charter_verify(charter, head->log, catalog_buffer_span(&head->note),
				       ret_checkpoint);

	if (r != 0)
		return r;
	if (ret_checkpoint->size != head->size ||
	    (uint64_t)ret_checkpoint->attested_s != head->attested_s)
		return -EBADMSG; /* it is not what the peer says that it is */
	/* Below the newest line the charter tells the history. */
	r = catalog_charter_line(charter, head->log, CATALOG_CHARTER_NEWEST, &line);
	if (r == 0 && ret_checkpoint->size < line.size)
		r = -ESTALE;
	return r == 0 ? drop_ahead(charter, head, now_s, ret_checkpoint) : r;
}

/* A member signed two checkpoints of one size: keep the proof, and mark its log. */
static int keep_fork(struct catalog_txn *txn, const struct catalog_charter *charter,
		     const struct gossip_job_head *head)
{
	struct catalog_fork fork = {.log = head->log};
	struct catalog_buffer ours = {0}, proof = {0};
	int r = catalog_log_checkpoint_at(txn, head->log, head->size, &ours);

	fork.sides[0].note = catalog_buffer_span(&ours);
	fork.sides[1].note = catalog_buffer_span(&head->note);
	if (r == 0)
		r = catalog_fork_encode(charter, &fork, &proof);
	if (r == 0)
		r = catalog_fork_keep(txn, &fork, catalog_buffer_span(&proof));
	catalog_buffer_close(&ours);
	catalog_buffer_close(&proof);
	return r == -ENOENT || r == -EINVAL || r == -E2BIG ? -EIO : r;
}

/* Take a head that was verified. */
static int take_head(struct catalog_txn *txn, const struct gossip_job_head *head,
		     const struct catalog_checkpoint *checkpoint, int64_t now_s)
{
	struct catalog_span note = catalog_buffer_span(&head->note);
	int r = catalog_log_target(txn, head->log, checkpoint, note);

	if (r == -ESTALE && head->is_step)
		return catalog_log_keep(txn, head->log, checkpoint, note);
	if (r != -EEXIST)
		return r;
	r = catalog_log_attest(txn, head->log, checkpoint, note, now_s);
	return r == -ENOENT ? -EEXIST : r;
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
		head->outcome = take_head(txn, head, &heads->checkpoints[i], heads->now_s);
		switch (head->outcome) {
		case 0:
		case -EEXIST:
		case -ESTALE:
		case -EROFS: break;
		case -EPROTO:
			r = keep_fork(txn, heads->charter, head);
			if (r != 0 && r != -EEXIST)
				return r;
			break;
		default: return head->outcome;
		}
	}
	return 0;
}

static int run_heads(struct gossip_job *job, struct catalog_store *store,
		     const struct catalog_charter *charter, int64_t now_s)
{
	struct heads *heads = calloc(1, sizeof *heads);
	size_t good = 0;
	int r = 0;

	if (heads == NULL)
		return -ENOMEM;
	heads->job = job;
	heads->charter = charter;
	heads->now_s = now_s;
	for (size_t i = 0; i < job->head_count; i++) {
		heads->verified[i] =
			verify_head(charter, &job->heads[i], now_s, &heads->checkpoints[i]);
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

/* --- forks and witnesses ---------------------------------------------------------------------- */

struct forks {
	struct gossip_job *job;
	struct catalog_fork verified[GOSSIP_JOB_FORKS_MAX];
};

static int forks_body(struct catalog_txn *txn, void *arg)
{
	struct forks *forks = arg;

	for (size_t i = 0; i < forks->job->fork_count; i++) {
		struct gossip_job_fork *fork = &forks->job->forks[i];
		int r;

		if (fork->outcome != 0 && fork->outcome != -EEXIST)
			continue;
		r = catalog_fork_keep(txn, &forks->verified[i], catalog_buffer_span(&fork->proof));
		if (r != 0 && r != -EEXIST)
			return r;
		fork->outcome = r;
	}
	return 0;
}

static int run_forks(struct gossip_job *job, struct catalog_store *store,
		     const struct catalog_charter *charter)
{
	struct forks *forks = calloc(1, sizeof *forks);
	size_t good = 0;
	int r = 0;

	if (forks == NULL)
		return -ENOMEM;
	forks->job = job;
	for (size_t i = 0; i < job->fork_count; i++) {
		struct gossip_job_fork *fork = &job->forks[i];

		fork->outcome = catalog_fork_verify(charter, catalog_buffer_span(&fork->proof),
						    &forks->verified[i]);
		if (fork->outcome == 0 && forks->verified[i].log != fork->log)
			fork->outcome = -EBADMSG;
		good += fork->outcome == 0;
		touch(job, fork->log);
	}
	if (good > 0)
		r = catalog_store_write(store, forks_body, forks);
	free(forks);
	return r;
}

/* Sign, as the member whose node this is. */
static int run_signing(struct gossip_job *job, struct catalog_store *store,
		       const struct catalog_charter *charter, const struct gossip_signer *signer)
{
	struct catalog_attest_line lines[CATALOG_ATTEST_WITNESSES_MAX];
	struct catalog_attest_signer self = {.member = catalog_charter_member(charter, job->self)};

	if (signer->secret == NULL || self.member == NULL)
		return -ENOKEY;
	self.secret = signer->secret;
	if (job->kind == GOSSIP_JOB_COSIGN)
		return catalog_attest_cosign(store, charter, &self, job->log, job->size,
					     signer->now_s, &job->wire);
	touch(job, job->self);
	for (size_t i = 0; i < job->line_count; i++)
		lines[i] = (struct catalog_attest_line){job->line_members[i],
							catalog_buffer_span(&job->lines[i])};
	return catalog_attest_renew(store, charter, &self, signer->now_s, GOSSIP_JOB_ATTEST_S,
				    lines, job->line_count, &job->lines_taken);
}

/* How the asker wants it: with a dictionary, if it has the one that we pack with. */
static struct catalog_chunk_form form_of(const struct gossip_job *job,
					 const struct catalog_store *store)
{
	struct catalog_chunk_form form = {.bytes_max = job->bytes,
					  .packing = CATALOG_CHUNK_ZSTD,
					  .codec = catalog_store_codec(store)};

	if (job->packing == GOSSIP_MESSAGE_PLAIN)
		form.packing = CATALOG_CHUNK_PLAIN;
	else if (job->packing == catalog_codec_id(form.codec))
		form.packing = CATALOG_CHUNK_DICTIONARY;
	return form;
}

static int run_read(struct gossip_job *job, struct catalog_store *store)
{
	struct catalog_chunk_form form = form_of(job, store);
	struct catalog_txn *txn;
	int r = catalog_store_begin(store, &txn);

	if (r != 0)
		return r;
	r = catalog_chunk_make_as(txn, job->log, job->from, job->to_max, job->size, &form,
				  &job->wire, &job->to);
	catalog_store_end(txn);
	return r;
}

static int run_parse(struct gossip_job *job, struct catalog_store *store)
{
	struct catalog_chunk *chunk = NULL;
	int r = catalog_chunk_read(catalog_buffer_span(&job->wire), catalog_store_codec(store),
				   job->memory_max, &chunk);

	catalog_buffer_close(&job->wire);
	if (r == 0)
		r = catalog_chunk_pack(chunk, store,
				       job->lacked); /* here, where nobody waits to write */
	if (r == 0 && catalog_chunk_bytes(chunk) > job->memory_max)
		catalog_chunk_unpack(chunk); /* it is made when it is committed */
	if (r != 0) {
		catalog_chunk_free(chunk);
		return r;
	}
	job->chunks[0] = chunk;
	job->chunk_count = 1;
	return 0;
}

void gossip_job_run(struct gossip_job *job, struct catalog_store *store,
		    struct catalog_charter *charter, const struct gossip_signer *signer)
{
	int r;

	job->amendment = catalog_charter_number(charter);
	switch (job->kind) {
	case GOSSIP_JOB_HEADS: job->outcome = run_heads(job, store, charter, signer->now_s); break;
	case GOSSIP_JOB_PARSE: job->outcome = run_parse(job, store); return;
	case GOSSIP_JOB_COMMIT: job->outcome = run_commit(job, store, charter); break;
	case GOSSIP_JOB_BACK: job->outcome = run_back(job, store, charter); break;
	case GOSSIP_JOB_READ: job->outcome = run_read(job, store); return;
	case GOSSIP_JOB_STATUS: break; /* the places say of which logs */
	case GOSSIP_JOB_AMEND:
		job->outcome = catalog_charter_store_take(
			store, charter, catalog_buffer_span(&job->wire), job->why);
		return;
	case GOSSIP_JOB_FORKS: job->outcome = run_forks(job, store, charter); break;
	case GOSSIP_JOB_COSIGN:
	case GOSSIP_JOB_ATTEST: job->outcome = run_signing(job, store, charter, signer); break;
	}
	r = look_at_touched(job, store);
	if (r != 0) {
		forget_places(job); /* nothing is known of where they stand */
		if (job->outcome == 0)
			job->outcome = r;
	}
}
