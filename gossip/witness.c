/* gossip/witness.c - cosignatures given and asked for, and our own daily attestation.
 *
 * What a peer asks for is signed when we hold it in full, by a job; a peer has one wish at a time.
 * Our own search asks as many members as are wanted, another for each that declines or is slow, and
 * ends with a job that takes the lines into our note together with a fresh attestation, so that the
 * note spreads like any newer one. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "catalog/cosignature.h"
#include "gossip/state.h"

#define COSIGN_PAUSE_MS 1000              /* between two cosignatures for one peer */
#define COSIGN_WAIT_MS  30000             /* for what is on its way to us */
#define ANSWER_MS       3000              /* then another member is asked, too */
#define LOOK_MS         (60u * 60 * 1000) /* whether our attestation is old */
#define LOOK_AGAIN_MS   30000             /* when it could not be renewed */

static void lower(uint64_t *due_ms, uint64_t ms)
{
	if (ms < *due_ms)
		*due_ms = ms;
}

/* --- for others ------------------------------------------------------------------------------- */

static void answer(struct gossip_node *node, struct gossip_link *link, struct catalog_span line)
{
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_COSIGNED};

	if (line.len > GOSSIP_MESSAGE_LINE_MAX)
		line.len = 0;
	message.as.cosign =
		(struct gossip_cosign){node->logs[link->cosign.log].index, link->cosign.size, line};
	link->cosign.is_wanted = link->cosign.is_out = false;
	gossip_link_say(link, &message);
}

static void decline(struct gossip_node *node, struct gossip_link *link)
{
	answer(node, link, (struct catalog_span){(const uint8_t *)"", 0});
}

void gossip_witness_wanted(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_cosign *cosign, uint64_t now_ms)
{
	size_t log = gossip_node_position(node, cosign->log);

	if (link->cosign.is_out || log == node->log_count)
		return; /* a peer that asks for more before the answer gets one answer */
	if (link->cosign.is_wanted)
		decline(node, link); /* what it asked for before */
	link->cosign.log = log;
	link->cosign.size = cosign->size;
	link->cosign.since_ms = now_ms;
	link->cosign.is_wanted = true;
	if (!node->options.can_sign || cosign->log == node->options.self)
		decline(node, link);
}

/* Sign what a peer waits for, if we can now. */
static void begin_cosign(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
			 uint64_t *due_ms)
{
	struct gossip_link_cosign *cosign = &link->cosign;
	const struct catalog_log_status *log = &node->logs[cosign->log].status;
	struct gossip_job *job;

	if (!cosign->is_wanted || cosign->is_out)
		return;
	if (log->health != CATALOG_LOG_GOOD || log->target_size > cosign->size ||
	    now_ms >= cosign->since_ms + COSIGN_WAIT_MS) {
		decline(node, link);
		return;
	}
	if (log->size < cosign->size) {
		lower(due_ms, cosign->since_ms + COSIGN_WAIT_MS);
		return;
	}
	if (now_ms < cosign->due_ms) {
		lower(due_ms, cosign->due_ms);
		return;
	}
	job = gossip_job_new(GOSSIP_JOB_COSIGN);
	if (job == NULL)
		return;
	job->link = link->id;
	job->self = node->options.self;
	job->log = node->logs[cosign->log].index;
	job->size = cosign->size;
	cosign->is_out = true;
	cosign->due_ms = now_ms + COSIGN_PAUSE_MS;
	gossip_work_hand_out(node, job);
}

static void after_cosign(struct gossip_node *node, struct gossip_job *job)
{
	struct gossip_link *link = gossip_node_link(node, job->link);

	if (link == NULL || !link->cosign.is_out)
		return;
	if (job->outcome == 0)
		answer(node, link, catalog_buffer_span(&job->wire));
	else
		decline(node, link);
}

/* --- for ourselves ------------------------------------------------------------------------------
 */

static void forget_lines(struct gossip_gathering *gathering)
{
	for (size_t i = 0; i < gathering->line_count; i++)
		catalog_buffer_close(&gathering->lines[i]);
	catalog_buffer_close(&gathering->note);
	gathering->line_count = 0;
	gathering->asked_count = 0;
	gathering->size = 0;
}

void gossip_witness_close(struct gossip_node *node)
{
	forget_lines(&node->gathering);
}

void gossip_witness_gather(struct gossip_node *node, size_t count, uint64_t until_ms)
{
	assert(node->options.can_sign);
	assert(count <= CATALOG_ATTEST_WITNESSES_MAX);
	forget_lines(&node->gathering);
	node->gathering.is_on = true;
	node->gathering.wanted = count;
	node->gathering.until_ms = until_ms;
	node->is_status_wanted = true; /* for what was published a moment ago */
}

static void tell(struct gossip_node *node, size_t count)
{
	struct gossip_action action = {
		.kind = GOSSIP_ACTION_WITNESSED, .log = node->options.self, .count = count};

	forget_lines(&node->gathering);
	node->gathering.is_on = false;
	gossip_node_queue(node, &action);
}

static bool is_asked(const struct gossip_gathering *gathering, uint32_t member)
{
	for (size_t i = 0; i < gathering->asked_count; i++)
		if (gathering->asked[i].member == member)
			return true;
	return false;
}

void gossip_witness_answered(struct gossip_node *node, struct gossip_link *link,
			     const struct gossip_cosign *cosigned)
{
	struct gossip_gathering *gathering = &node->gathering;
	const struct catalog_member *member = catalog_charter_member(node->charter, link->member);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer *line;

	if (!gathering->is_on || gathering->is_out || member == NULL ||
	    cosigned->log != node->options.self || cosigned->size != gathering->size)
		return; /* too late */
	for (size_t i = 0; i < gathering->asked_count; i++) {
		if (gathering->asked[i].member != link->member)
			continue;
		if (gathering->asked[i].is_done)
			return;
		gathering->asked[i].is_done = true;
	}
	if (cosigned->line.len == 0 || gathering->line_count == gathering->wanted)
		return;
	catalog_checkpoint_origin(catalog_charter_federation(node->charter), member->name, origin);
	switch (catalog_cosignature_take(
		&gathering->note, &(struct catalog_witness){origin, member->key}, cosigned->line)) {
	case 0: break;
	case -ENOMEM:
	case -E2BIG: return; /* no room for it: then without */
	default:
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a cosignature that is none");
		return;
	}
	line = &gathering->lines[gathering->line_count];
	*line = (struct catalog_buffer){0};
	if (catalog_buffer_append(line, cosigned->line.bytes, cosigned->line.len) != 0)
		return;
	gathering->line_members[gathering->line_count++] = link->member;
}

/* Ask members until as many are at it as there are witnesses missing. */
static void ask(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	struct gossip_gathering *gathering = &node->gathering;
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_COSIGN};
	size_t under_way = 0;

	for (size_t i = 0; i < gathering->asked_count; i++) {
		if (gathering->asked[i].is_done ||
		    now_ms >= gathering->asked[i].since_ms + ANSWER_MS)
			continue; /* a late answer is taken all the same */
		under_way++;
		lower(due_ms, gathering->asked[i].since_ms + ANSWER_MS);
	}
	message.as.cosign =
		(struct gossip_cosign){.log = node->options.self, .size = gathering->size};
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (gathering->line_count + under_way >= gathering->wanted ||
		    gathering->asked_count == GOSSIP_NODE_LINKS_MAX)
			return;
		if (link->state != GOSSIP_LINK_GREETED || link->member == node->options.self ||
		    link->member == GOSSIP_MESSAGE_MEMBER_NONE || is_asked(gathering, link->member))
			continue;
		gathering->asked[gathering->asked_count].member = link->member;
		gathering->asked[gathering->asked_count].is_done = false;
		gathering->asked[gathering->asked_count++].since_ms = now_ms;
		under_way++;
		lower(due_ms, now_ms + ANSWER_MS);
		gossip_link_say(link, &message);
	}
}

/* Whether everybody that there is has answered. */
static bool is_exhausted(const struct gossip_node *node)
{
	const struct gossip_gathering *gathering = &node->gathering;

	for (size_t i = 0; i < gathering->asked_count; i++)
		if (!gathering->asked[i].is_done)
			return false;
	return gathering->asked_count + 1 >= node->log_count;
}

static bool begin_attest(struct gossip_node *node)
{
	struct gossip_gathering *gathering = &node->gathering;
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_ATTEST);

	if (job == NULL)
		return false;
	job->self = node->options.self;
	job->line_count = gathering->line_count;
	memcpy(job->line_members, gathering->line_members, sizeof job->line_members);
	memcpy(job->lines, gathering->lines, gathering->line_count * sizeof job->lines[0]);
	gathering->is_out = gathering->line_count > 0;
	gathering->line_count = 0; /* the job's now */
	gossip_work_hand_out(node, job);
	return true;
}

static void gather(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	struct gossip_gathering *gathering = &node->gathering;
	const struct gossip_standing *own =
		&node->logs[gossip_node_position(node, node->options.self)];

	if (node->is_status_wanted || node->is_status_out)
		return; /* where our own log stands is being looked up */
	if (gathering->size != own->status.target_size && own->status.target_size > 0) {
		forget_lines(gathering);
		gathering->size = own->status.target_size;
		if (catalog_buffer_append(&gathering->note, own->note.bytes, own->note.len) != 0)
			gathering->size = 0;
	}
	if (gathering->line_count < gathering->wanted && now_ms < gathering->until_ms &&
	    gathering->size > 0 && !is_exhausted(node)) {
		lower(due_ms, gathering->until_ms);
		ask(node, now_ms, due_ms);
		return;
	}
	if (gathering->line_count == 0)
		tell(node, 0);
	else if (!node->is_writing)
		(void)begin_attest(node); /* out of memory: it is tried again with the next event */
}

void gossip_witness_begin(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	struct gossip_confirm confirm;

	if (!node->options.can_sign)
		return;
	for (size_t i = 0; i < node->link_count; i++)
		if (node->links[i]->state == GOSSIP_LINK_GREETED && !node->is_writing)
			begin_cosign(node, node->links[i], now_ms, due_ms);
	if (node->gathering.is_on && !node->gathering.is_out) {
		gather(node, now_ms, due_ms);
		return;
	}
	gossip_confirm_look(node, &confirm);
	if (!confirm.is_confirmed)
		return; /* there may be a newer checkpoint of ours than we know */
	if (now_ms >= node->attest_ms && !node->is_writing && begin_attest(node))
		node->attest_ms = now_ms + LOOK_MS;
	lower(due_ms, node->attest_ms > now_ms ? node->attest_ms : now_ms + LOOK_AGAIN_MS);
}

static void after_attest(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	if (job->outcome == -ENOSPC || job->outcome == -EIO || job->outcome == -ENOMEM)
		gossip_work_trouble(node, "attesting to our own log", job->outcome, now_ms);
	if (job->line_count > 0) {
		node->gathering.is_out = false;
		if (node->gathering.is_on)
			tell(node, job->outcome == 0 ? job->lines_taken : 0);
	}
}

void gossip_witness_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	if (job->kind == GOSSIP_JOB_COSIGN)
		after_cosign(node, job);
	else
		after_attest(node, job, now_ms);
}
