/* gossip/work.c - jobs: which can begin, and what follows from one that is done.
 *
 * One job that writes is out at a time: checkpoints first (they are few and decide what is wanted),
 * then all chunks that are ready.  While it runs others arrive, so that a busy node commits more at
 * once.  For each peer one chunk is made at a time, and only when the last is nearly sent. */
#include "gossip/state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BULK_WAITING_MAX   (256u * 1024) /* with more than that queued no further chunk is made */
#define BULK_WAITING_LEAST (32u * 1024)
#define WANT_MS_MAX        60000 /* a peer waits so long for an answer */
#define STALLS_MAX         2     /* so often a peer may leave us waiting in vain */
#define COMMIT_CHUNKS_MAX  16    /* so that a small change waits for few others */
#define TROUBLE_PAUSE_MS   30000 /* after the disk was full, say */

static void lower(uint64_t *due_ms, uint64_t ms)
{
	if (ms < *due_ms)
		*due_ms = ms;
}

void gossip_work_hand_out(struct gossip_node *node, struct gossip_job *job)
{
	struct gossip_action action = {.kind = GOSSIP_ACTION_JOB, .link = job->link, .job = job};

	node->jobs_out++;
	if (gossip_job_writes(job))
		node->is_writing = true;
	gossip_node_queue(node, &action);
}

/* --- beginning -------------------------------------------------------------------------------- */

static void begin_heads(struct gossip_node *node)
{
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_HEADS);
	size_t count =
		node->head_count < GOSSIP_JOB_HEADS_MAX ? node->head_count : GOSSIP_JOB_HEADS_MAX;

	if (job == NULL)
		return; /* they wait */
	memcpy(job->heads, node->heads, count * sizeof job->heads[0]);
	job->head_count = count;
	node->head_count -= count;
	memmove(node->heads, node->heads + count, node->head_count * sizeof node->heads[0]);
	gossip_work_hand_out(node, job);
}

static void begin_commit(struct gossip_node *node)
{
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_COMMIT);

	if (job == NULL)
		return;
	job->chunk_count =
		gossip_pull_take(node->pull, job->chunks, job->requests, COMMIT_CHUNKS_MAX);
	if (job->chunk_count > 0)
		gossip_work_hand_out(node, job);
	else
		gossip_job_free(job);
}

static void begin_status(struct gossip_node *node)
{
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_STATUS);

	if (job == NULL)
		return;
	if (node->options.self != GOSSIP_MESSAGE_MEMBER_NONE)
		job->places[job->place_count++].log = node->options.self;
	while (node->look_next < node->log_count && job->place_count < GOSSIP_JOB_HEADS_MAX) {
		uint32_t log = node->logs[node->look_next++].index;

		if (log != node->options.self)
			job->places[job->place_count++].log = log;
	}
	node->is_status_wanted = node->look_next < node->log_count;
	node->is_status_out = true;
	gossip_work_hand_out(node, job);
}

/* Refuse what has waited for too long. */
static void refuse_old(struct gossip_link *link, uint64_t now_ms, uint64_t *due_ms)
{
	for (size_t i = 0; i < link->want_count;) {
		const struct gossip_link_want *want = &link->wants[i];
		struct gossip_message none = {.kind = GOSSIP_MESSAGE_NONE,
					      .as.none = want->request};

		if (now_ms < want->since_ms + WANT_MS_MAX) {
			lower(due_ms, want->since_ms + WANT_MS_MAX);
			i++;
			continue;
		}
		gossip_link_drop_want(link, i);
		gossip_link_say(link, &none);
	}
}

/* Of the wants that can be answered the one of the fewest leaves, so that a small change does not
 * wait behind a large load; want_count if there is none. */
static size_t next_want(const struct gossip_node *node, const struct gossip_link *link)
{
	size_t best = link->want_count;

	for (size_t i = 0; i < link->want_count; i++) {
		const struct gossip_link_want *want = &link->wants[i];

		if (want->size > node->logs[want->log].status.size)
			continue;
		if (best == link->want_count ||
		    want->to - want->from < link->wants[best].to - link->wants[best].from)
			best = i;
	}
	return best;
}

/* With more than this queued no further chunk is made: a peer that asks for little at once is slow,
 * and what it asks for next may be small. */
static size_t waiting_max(const struct gossip_link_want *want)
{
	if (want->bytes < BULK_WAITING_LEAST)
		return BULK_WAITING_LEAST;
	return want->bytes < BULK_WAITING_MAX ? want->bytes : BULK_WAITING_MAX;
}

/* Where all that was made is on its way, making is what takes time: then two are made at once. */
static bool may_read(const struct gossip_link *link)
{
	return link->reading == 0 || (link->reading < GOSSIP_LINK_READS_MAX &&
				      gossip_frame_writer_waiting(link->writer) == 0);
}

static bool begin_read(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
		       uint64_t *due_ms)
{
	const struct gossip_link_want *want;
	struct gossip_job *job;
	size_t next;

	refuse_old(link, now_ms, due_ms);
	next = next_want(node, link);
	if (next == link->want_count)
		return false;
	want = &link->wants[next];
	if (gossip_frame_writer_waiting(link->writer) >= waiting_max(want))
		return false;
	job = gossip_job_new(GOSSIP_JOB_READ);
	if (job == NULL)
		return false;
	job->link = link->id;
	job->request = want->request;
	job->log = node->logs[want->log].index;
	job->from = want->from;
	job->to_max = want->to;
	job->size = want->size;
	job->bytes = want->bytes;
	job->packing = want->packing;
	gossip_link_drop_want(link, next);
	link->reading++;
	gossip_work_hand_out(node, job);
	return true;
}

static void ask(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	struct gossip_pull_request request;
	uint64_t pull_due_ms = UINT64_MAX;

	while (gossip_thin_may_ask(node, now_ms, due_ms) &&
	       gossip_pull_next(node->pull, now_ms, &request, &pull_due_ms) == 0) {
		struct gossip_message message = {.kind = GOSSIP_MESSAGE_PULL};
		struct gossip_link *link = gossip_node_link(node, request.link);

		assert(link != NULL); /* it left pull before it went */
		message.as.pull = (struct gossip_pull_ask){.request = request.request,
							   .log = node->logs[request.log].index,
							   .from = request.from,
							   .to = request.to,
							   .size = request.size,
							   .bytes = (uint32_t)request.chunk_bytes,
							   .packing = node->packing};
		gossip_link_say(link, &message);
		gossip_thin_asked(node, link, request.wire_bytes, now_ms);
	}
	lower(due_ms, pull_due_ms);
	for (size_t i = 0; i < node->link_count; i++)
		if (gossip_pull_stalls(node->pull, node->links[i]->id) >= STALLS_MAX)
			gossip_link_close(node->links[i], GOSSIP_BOOK_MISBEHAVED,
					  "it does not send what it has");
}

void gossip_work_begin(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	if (!node->is_writing)
		gossip_amend_begin(node);
	if (!node->is_writing)
		gossip_forks_begin(node);
	if (!node->is_writing && node->head_count > 0)
		begin_heads(node);
	if (!node->is_writing)
		begin_commit(node);
	gossip_witness_begin(node, now_ms, due_ms);
	if (node->is_status_wanted && !node->is_status_out)
		begin_status(node);
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		while (link->state == GOSSIP_LINK_GREETED && may_read(link) &&
		       begin_read(node, link, now_ms, due_ms))
			;
	}
	ask(node, now_ms, due_ms);
}

static uint64_t lacked(const struct gossip_node *node)
{
	uint64_t entries = 0;

	for (size_t i = 0; i < node->log_count; i++) {
		const struct catalog_log_status *log = &node->logs[i].status;

		if (log->health == CATALOG_LOG_GOOD)
			entries += log->target_size - log->size;
	}
	return entries;
}

void gossip_work_arrived(struct gossip_node *node, struct gossip_link *link, uint32_t request,
			 struct catalog_span wire, uint64_t now_ms)
{
	size_t bytes_max = 0, thought = 0;
	int r = gossip_pull_arrived(node->pull, link->id, request, wire.len, now_ms, &bytes_max,
				    &thought);
	struct gossip_job *job;

	gossip_pull_heard(node->pull, link->id, now_ms);
	if (r == -ENOENT) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a chunk that nobody asked for");
		return;
	}
	if (r != 0)
		return; /* another was quicker */
	job = gossip_job_new(GOSSIP_JOB_PARSE);
	if (job == NULL || catalog_buffer_append(&job->wire, wire.bytes, wire.len) != 0) {
		gossip_job_free(job);
		(void)gossip_pull_parsed(node->pull, request, NULL,
					 -ENOMEM); /* it is asked for again */
		return;
	}
	job->link = link->id;
	job->request = request;
	gossip_thin_answered(node, link, thought, wire.len, now_ms);
	job->lacked = lacked(node);
	job->memory_max = bytes_max > wire.len ? bytes_max - wire.len : 0;
	gossip_work_hand_out(node, job);
}

/* --- after ------------------------------------------------------------------------------------ */

void gossip_work_trouble(struct gossip_node *node, const char *what, int outcome, uint64_t now_ms)
{
	gossip_node_notice(node, "%s failed (%s); it is tried again in %u s", what,
			   outcome == -ENOSPC   ? "the disk is full: make room"
			   : outcome == -ENOMEM ? "out of memory"
						: "the store cannot be read or written",
			   TROUBLE_PAUSE_MS / 1000);
	gossip_pull_pause(node->pull, now_ms + TROUBLE_PAUSE_MS);
}

static void note_health(struct gossip_node *node, size_t log)
{
	const struct catalog_member *member = catalog_charter_member_at(node->charter, log);

	switch (node->logs[log].status.health) {
	case CATALOG_LOG_GOOD: break;
	case CATALOG_LOG_BROKEN:
		gossip_node_notice(
			node, "the log of %s breaks its own rules; nothing more is taken of it",
			member->name);
		break;
	case CATALOG_LOG_FORKED:
		gossip_node_notice(node,
				   "%s has signed two histories; nothing more is taken of its log: "
				   "see `fedcat fork show %s`",
				   member->name, member->name);
		break;
	}
}

/* Whether the checkpoint of one is newer than the other's, or its attestation. */
static bool is_newer(const struct catalog_log_status *one, const struct catalog_log_status *other)
{
	if (one->target_size != other->target_size)
		return one->target_size > other->target_size;
	return one->attested_s > other->attested_s;
}

/* An attestation without anything new was taken. */
static void use_turn(struct gossip_standing *log, uint64_t now_ms)
{
	log->attest_ms =
		(log->attest_ms > now_ms ? log->attest_ms : now_ms) + GOSSIP_STATE_ATTEST_MS;
}

/* Where a log stands has been looked up. */
static void note_place(struct gossip_node *node, struct gossip_job_place *place, uint64_t now_ms)
{
	size_t log = gossip_node_position(node, place->log);
	struct gossip_action advanced = {.kind = GOSSIP_ACTION_ADVANCED, .log = place->log};
	struct gossip_standing *ours;
	struct catalog_log_status before;

	if (log == node->log_count)
		return;
	ours = &node->logs[log];
	before = ours->status;
	/* Of two jobs that ended in another order than they looked, the later look counts, even if
	 * it finds less: a log may step back. */
	if (place->snapshot < ours->snapshot)
		return;
	ours->snapshot = place->snapshot;
	ours->status = place->status;
	catalog_buffer_close(&ours->note);
	catalog_buffer_close(&ours->fork);
	ours->note = place->note;
	ours->fork = place->fork;
	place->note = place->fork = (struct catalog_buffer){0};
	for (size_t i = 0; i < node->link_count; i++) /* what was compared is no longer so */
		node->links[i]->compared[log] &= (uint8_t)~GOSSIP_LINK_OPENED;
	if (gossip_meet_told(node, place->log, place->nodes, place->node_count) != 0)
		gossip_work_trouble(node, "noting a member's nodes", -ENOMEM, now_ms);
	gossip_pull_set(node->pull, log, ours->status.size, ours->status.target_size,
			ours->status.health != CATALOG_LOG_GOOD);
	if (ours->status.size < before.size)
		gossip_pull_reset(node->pull, log);
	if (ours->status.target_size == before.target_size &&
	    ours->status.attested_s > before.attested_s)
		use_turn(ours, now_ms);
	if (is_newer(&ours->status, &before) || ours->status.health != before.health)
		gossip_exchange_spread(node, log);
	if (ours->status.health != before.health)
		note_health(node, log);
	if (ours->status.size > before.size || ours->status.health != before.health)
		gossip_node_queue(node, &advanced);
}

static void note_places(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	for (size_t i = 0; i < job->place_count; i++)
		note_place(node, &job->places[i], now_ms);
	if (job->place_count == 0 || catalog_hash_equal(&node->vector, &job->vector))
		return;
	node->vector = job->vector;
	node->is_told = false;
}

/* Others may have told of the same log: hear them again. */
static void hear_again(struct gossip_node *node, uint32_t index, uint64_t now_ms)
{
	size_t log = gossip_node_position(node, index);

	for (size_t i = 0; i < node->link_count && log < node->log_count; i++) {
		struct gossip_link *link = node->links[i];

		if (link->state == GOSSIP_LINK_GREETED &&
		    gossip_pull_known(node->pull, link->id, log)->target >
			    node->logs[log].status.target_size)
			link->exchange_ms = now_ms;
	}
}

static void after_heads(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	if (job->outcome != 0)
		gossip_work_trouble(node, "keeping checkpoints", job->outcome, now_ms);
	for (size_t i = 0; i < job->head_count; i++) {
		const struct gossip_job_head *head = &job->heads[i];
		struct gossip_link *link = gossip_node_link(node, head->link);

		if (link != NULL)
			link->heads_pending--;
		if (head->outcome != -EKEYREJECTED && head->outcome != -EBADMSG &&
		    head->outcome != -E2BIG)
			continue;
		if (link != NULL && gossip_amend_is_to_blame(link, head->amendment, job->amendment))
			gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
					  "a checkpoint that its member did not sign");
		hear_again(node, head->log, now_ms);
	}
}

static void after_parse(struct gossip_node *node, struct gossip_job *job)
{
	struct gossip_link *link = gossip_node_link(node, job->link);
	struct catalog_chunk *chunk = job->chunk_count > 0 ? job->chunks[0] : NULL;
	int r;

	job->chunk_count = 0; /* pull's now */
	r = gossip_pull_parsed(node->pull, job->request, chunk, job->outcome);
	if (link == NULL || (r != -EPROTO && (job->outcome == 0 || job->outcome == -ENOMEM ||
					      job->outcome == -ENOSPC)))
		return;
	gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a chunk that is not what was asked for");
}

/* A log is to step back, and to be pulled from there. */
static void go_back(struct gossip_node *node, size_t log, uint64_t size)
{
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_BACK);

	if (job == NULL)
		return; /* the next chunk ends the same way */
	job->log = node->logs[log].index;
	job->size = size;
	gossip_work_hand_out(node, job);
}

/* What was pruned hid something that is current. */
static void after_withheld(struct gossip_node *node, const struct catalog_chunk *chunk)
{
	size_t log = gossip_node_position(node, catalog_chunk_log(chunk));
	struct gossip_link *link = gossip_node_link(node, gossip_pull_withheld(node->pull, log));
	struct catalog_charter_line line = {0};

	/* What is current no more in a newer checkpoint may be gone where that is held: one that
	 * we could not keep when it was told, or that the charter has taken back and the peer has
	 * not heard of that. */
	(void)catalog_charter_line(node->charter, catalog_chunk_log(chunk), CATALOG_CHARTER_NEWEST,
				   &line); /* a member has one */
	if (link != NULL && catalog_chunk_size(chunk) == node->logs[log].status.target_size &&
	    catalog_chunk_size(chunk) > line.size &&
	    gossip_pull_known(node->pull, link->id, log)->target <=
		    node->logs[log].status.target_size)
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "entries of %s were withheld",
				  catalog_charter_member_at(node->charter, log)->name);
	go_back(node, log, node->logs[log].status.settled);
}

/* Something was pruned that spans the end of what we hold: we have been away for longer than
 * history is kept, and begin anew. */
static void after_spanned(struct gossip_node *node, const struct catalog_chunk *chunk)
{
	size_t log = gossip_node_position(node, catalog_chunk_log(chunk));
	uint64_t held = node->logs[log].status.size;

	if (catalog_chunk_from(chunk) < held && catalog_chunk_to(chunk) > held)
		go_back(node, log, 0);
}

static bool is_trouble(int outcome)
{
	return outcome == -ENOSPC || outcome == -EIO || outcome == -ENOMEM;
}

static void after_chunk(struct gossip_node *node, struct gossip_job *job, size_t i)
{
	const struct catalog_chunk *chunk = job->chunks[i];
	struct gossip_link *link;
	uint64_t from;

	gossip_pull_committed(node->pull, job->requests[i], job->outcomes[i],
			      catalog_chunk_start(chunk), &from);
	link = gossip_node_link(node, from);
	if (job->outcomes[i] == 0)
		node->totals.entries_in += catalog_chunk_entries(chunk);
	if (link != NULL && job->outcomes[i] == 0)
		link->entries_in += catalog_chunk_entries(chunk);
	if (link != NULL && job->outcomes[i] == -EKEYREJECTED)
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
				  "a chunk that does not lead to the signed root");
	if (job->outcomes[i] == -ENODATA)
		after_withheld(node, chunk);
	if (job->outcomes[i] == -EAGAIN)
		after_spanned(node, chunk);
}

static void after_commit(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	int trouble = job->outcome;

	for (size_t i = 0; i < job->chunk_count; i++) {
		after_chunk(node, job, i);
		if (is_trouble(job->outcomes[i]))
			trouble = job->outcomes[i];
	}
	if (trouble != 0)
		gossip_work_trouble(node, "committing entries", trouble, now_ms);
	/* Slots of logs that could not be looked up are judged by what was known of them. */
	for (size_t i = 0; i < job->chunk_count && job->place_count == 0; i++) {
		size_t log = gossip_node_position(node, catalog_chunk_log(job->chunks[i]));

		gossip_pull_set(node->pull, log, node->logs[log].status.size,
				node->logs[log].status.target_size,
				node->logs[log].status.health != CATALOG_LOG_GOOD);
	}
}

static void after_read(struct gossip_node *node, struct gossip_job *job)
{
	struct gossip_link *link = gossip_node_link(node, job->link);
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_CHUNK};

	if (link == NULL)
		return;
	assert(link->reading > 0);
	link->reading--;
	if (job->outcome == -ECANCELED)
		return;
	if (job->outcome == 0) {
		message.as.chunk.request = job->request;
		message.as.chunk.wire = catalog_buffer_span(&job->wire);
		link->entries_out += job->to - job->from;
		node->totals.entries_out += job->to - job->from;
	} else {
		message.kind = GOSSIP_MESSAGE_NONE;
		message.as.none = job->request;
	}
	gossip_link_say(link, &message);
}

void gossip_work_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	assert(node->jobs_out > 0);
	node->jobs_out--;
	if (gossip_job_writes(job))
		node->is_writing = false;
	if (!gossip_course_look(node)) { /* it is of what was */
		gossip_job_free(job);
		return;
	}
	switch (job->kind) {
	case GOSSIP_JOB_HEADS: after_heads(node, job, now_ms); break;
	case GOSSIP_JOB_PARSE: after_parse(node, job); break;
	case GOSSIP_JOB_COMMIT: after_commit(node, job, now_ms); break;
	case GOSSIP_JOB_BACK:
		if (job->outcome != 0)
			gossip_work_trouble(node, "stepping back", job->outcome, now_ms);
		break;
	case GOSSIP_JOB_AMEND: gossip_amend_done(node, job, now_ms); break;
	case GOSSIP_JOB_READ: after_read(node, job); break;
	case GOSSIP_JOB_FORKS:
		gossip_forks_done(node, job);
		if (job->outcome != 0)
			gossip_work_trouble(node, "keeping the proof of a fork", job->outcome,
					    now_ms);
		break;
	case GOSSIP_JOB_COSIGN:
	case GOSSIP_JOB_ATTEST: gossip_witness_done(node, job, now_ms); break;
	case GOSSIP_JOB_STATUS:
		node->is_status_out = false;
		if (job->outcome != 0)
			gossip_work_trouble(node, "reading where logs stand", job->outcome, now_ms);
		break;
	}
	note_places(node, job, now_ms);
	gossip_job_free(job);
}
