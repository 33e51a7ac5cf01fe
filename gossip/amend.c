/* gossip/amend.c - the charter is told before everything else: a peer that knows fewer amendments
 * is sent those it lacks, each in parts, and takes them before it judges what comes after.
 *
 * What two nodes say to each other while they go by different charters is not held against either:
 * a checkpoint by a key that one has not heard of yet, or by one that it has not heard is gone. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/state.h"

#define WAITING_MAX  (256u * 1024) /* bytes queued for a peer */
#define CONTROL_PART GOSSIP_MESSAGE_PART_MAX

static bool is_greeted(const struct gossip_link *link)
{
	return link->state == GOSSIP_LINK_GREETED;
}

bool gossip_amend_is_same(const struct gossip_node *node, const struct gossip_link *link)
{
	return link->amendment == catalog_charter_number(node->charter) && !link->is_astray;
}

bool gossip_amend_is_to_blame(const struct gossip_link *link, uint64_t said, uint64_t judged)
{
	return said == judged && !link->is_astray;
}

/* --- saying ---------------------------------------------------------------------------------- */

/* The next part of the amendment that the peer is being sent. */
static void say_part(struct gossip_link *link)
{
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_AMENDMENT};
	size_t len = link->saying.len - link->saying_at;

	if (len > CONTROL_PART)
		len = CONTROL_PART;
	message.as.amendment = (struct gossip_amendment){
		.number = link->saying_number,
		.len_all = (uint32_t)link->saying.len,
		.at = (uint32_t)link->saying_at,
		.part = {link->saying.bytes + link->saying_at, len},
	};
	gossip_link_say(link, &message);
	link->saying_at += len;
	if (link->saying_at < link->saying.len)
		return;
	catalog_buffer_close(&link->saying);
	link->saying_at = 0;
}

/* Choose what the peer is sent next: proofs that the council signed two of a number before what
 * follows.  Returns 0, -ENOENT if it lacks nothing, -ENOMEM, -EIO. */
static int choose(struct gossip_node *node, struct gossip_link *link)
{
	struct catalog_span amendment;
	int r = gossip_course_next(node, link);

	if (r != -ENOENT || link->amendment_told >= catalog_charter_number(node->charter))
		return r;
	amendment = catalog_charter_amendment(node->charter, link->amendment_told + 1);
	r = catalog_buffer_append(&link->saying, amendment.bytes, amendment.len);
	if (r == 0)
		link->saying_number = ++link->amendment_told;
	return r;
}

void gossip_amend_say(struct gossip_node *node, struct gossip_link *link)
{
	while (is_greeted(link) && gossip_frame_writer_waiting(link->writer) < WAITING_MAX) {
		int r = link->saying.len > 0 ? 0 : choose(node, link);

		if (r == -ENOENT)
			return;
		if (r == 0)
			say_part(link);
		else
			gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
	}
}

/* --- hearing --------------------------------------------------------------------------------- */

static void heard_of(struct gossip_link *link, uint64_t number)
{
	if (link->amendment < number)
		link->amendment = number;
	/* On another course it may have another of that number. */
	if (link->amendment_told < number && !link->is_astray)
		link->amendment_told = number;
}

/* What a buffer of so many bytes takes: they double. */
static size_t room_of(size_t len)
{
	size_t room = 64;

	while (room < len)
		room *= 2;
	return room;
}

/* Whether a part can be held with all else that the peer makes us hold. */
static bool has_room(const struct gossip_node *node, const struct gossip_link *link,
		     const struct gossip_amendment *amendment)
{
	size_t limit = node->options.peer_bytes_max - GOSSIP_LINK_BYTES_MAX;
	size_t held = gossip_pull_bytes(node->pull, link->id) + room_of(amendment->len_all);

	if (link->amendments.len > 0) /* then it is put behind those */
		held += room_of(link->amendments.len + amendment->len_all);
	return held <= limit;
}

/* A whole one goes to those that wait to be judged. */
static int take_part(struct gossip_link *link, const struct gossip_amendment *amendment)
{
	int r = catalog_buffer_append(&link->amending, amendment->part.bytes, amendment->part.len);

	if (r != 0 || link->amending.len < amendment->len_all)
		return r;
	if (link->amendments.len == 0) {
		link->amendments = link->amending;
		link->amending = (struct catalog_buffer){0};
		return 0;
	}
	r = catalog_buffer_append(&link->amendments, link->amending.bytes, link->amending.len);
	catalog_buffer_close(&link->amending);
	return r;
}

/* What a peer and we said to each other of logs is as of a charter that one of us goes by no more.
 */
static void forget_said(struct gossip_node *node, struct gossip_link *link)
{
	for (size_t log = 0; log < node->log_count; log++) {
		*gossip_pull_known(node->pull, link->id, log) = (struct gossip_pull_known){0};
		link->told_of[log] = (struct gossip_link_told){0};
		link->compared[log] = 0;
	}
	link->exchange_ms = 0; /* at once */
	link->exchange_pause_ms = 0;
}

void gossip_amend_arrived(struct gossip_node *node, struct gossip_link *link,
			  const struct gossip_amendment *amendment)
{
	if (amendment->len_all == 0) {
		struct gossip_course course;

		memcpy(course.bytes, amendment->part.bytes, sizeof course.bytes);
		/* Its logs may have stepped back since it told of them. */
		if (link->amendment < amendment->number && link->is_joined)
			forget_said(node, link);
		heard_of(link, amendment->number);
		gossip_course_heard(node, link, amendment->number, &course);
		return;
	}
	if (amendment->at != link->amending.len) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
				  "parts of an amendment out of their order");
		return;
	}
	if (!has_room(node, link, amendment)) {
		gossip_link_close(link, GOSSIP_BOOK_CLOSED, "more amendments than wait at once");
		return;
	}
	if (take_part(link, amendment) != 0) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		return;
	}
	gossip_pull_elsewhere(node->pull, link->id, gossip_link_amending(link));
	if (link->amending.len == 0)
		heard_of(link, amendment->number);
}

void gossip_amend_begin(struct gossip_node *node)
{
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];
		struct gossip_job *job;

		if (link->amendments.len == 0 || !is_greeted(link))
			continue;
		job = gossip_job_new(GOSSIP_JOB_AMEND);
		if (job == NULL)
			return; /* they wait */
		job->link = link->id;
		job->wire = link->amendments;
		link->amendments = (struct catalog_buffer){0};
		gossip_pull_elsewhere(node->pull, link->id, gossip_link_amending(link));
		gossip_work_hand_out(node, job);
		return;
	}
}

/* --- taking ---------------------------------------------------------------------------------- */

/* More logs, in the charter's order: those that there were stay where they are. */
static int grow(struct gossip_node *node)
{
	size_t count = catalog_charter_member_count(node->charter);
	struct gossip_standing *logs = reallocarray(node->logs, count + 1, sizeof *logs);
	int r;

	if (logs == NULL)
		return -ENOMEM;
	node->logs = logs;
	memset(logs + node->log_count, 0, (count + 1 - node->log_count) * sizeof *logs);
	if ((r = gossip_pull_grow(node->pull, count)) != 0 ||
	    (r = gossip_book_grow(node->book, node->charter, node->options.self)) != 0)
		return r;
	for (size_t i = 0; i < node->link_count && r == 0; i++)
		r = gossip_link_grow(node->links[i], count);
	if (r == 0)
		node->log_count = count;
	return r;
}

/* What was said of logs by another charter is said anew. */
static void begin_anew(struct gossip_node *node, uint64_t now_ms)
{
	struct gossip_message known = {.kind = GOSSIP_MESSAGE_AMENDMENT};
	struct gossip_course course;

	known.as.amendment.number = node->amendment;
	known.as.amendment.part = (struct catalog_span){course.bytes, sizeof course.bytes};
	gossip_course_of(node->charter, node->amendment, &course);
	for (size_t i = 0; i < node->log_count; i++)
		gossip_pull_reset(node->pull, i);
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (!is_greeted(link) || !link->is_joined)
			continue;
		if (link->amendment >= known.as.amendment.number)
			gossip_link_say(link, &known);
		else
			gossip_amend_say(node, link);
		forget_said(node, link);
		link->exchange_ms = now_ms;
		while (link->want_count > 0) { /* it may be of what is no more */
			struct gossip_message none = {.kind = GOSSIP_MESSAGE_NONE,
						      .as.none = link->wants[0].request};

			gossip_link_drop_want(link, 0);
			gossip_link_say(link, &none);
		}
	}
	node->is_told = false;
	node->is_judge_due = true; /* a member may have been suspended or expelled */
}

int gossip_amend_take(struct gossip_node *node, uint64_t now_ms)
{
	struct gossip_action action = {.kind = GOSSIP_ACTION_AMENDED};
	uint64_t number = catalog_charter_number(node->charter);
	struct catalog_hash hash = *catalog_charter_head(node->charter);
	int r = grow(node);

	if (r == 0)
		r = gossip_node_look(node);
	if (r != 0)
		return r;
	/* Should it change course meanwhile, these two are of no charter, which is seen. */
	node->amendment = number;
	node->amendment_hash = hash;
	gossip_confirm_amended(node);
	begin_anew(node, now_ms);
	gossip_node_queue(node, &action);
	return 0;
}

void gossip_amend_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	struct gossip_link *link = gossip_node_link(node, job->link);

	switch (job->outcome) {
	case 0:
	case -EAGAIN:          /* the next greeting brings those before it */
	case -EPROTO:          /* of a course that another counts beside */
	case -ENOTUNIQ: break; /* gossip/course tells of it */
	case -EBADMSG:
	case -E2BIG:
	case -EKEYREJECTED:
		if (link != NULL)
			gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "%s", job->why);
		break;
	default:
		gossip_work_trouble(node, "taking an amendment", job->outcome, now_ms);
		if (link != NULL) /* it tells that but once; the next greeting brings it again */
			gossip_link_close(link, GOSSIP_BOOK_FAILED, "an amendment is not kept");
		break;
	}
	if (catalog_charter_number(node->charter) == node->amendment)
		return;
	if (gossip_amend_take(node, now_ms) != 0)
		gossip_work_trouble(node, "taking an amendment", -ENOMEM, now_ms);
}
