/* gossip/exchange.c - what each message does, and what is told to whom.
 *
 * Two nodes whose vectors are equal say only so.  Otherwise each sends its vector, and each sends
 * the checkpoints that the other lacks; the bodies are then pulled (gossip/work). */
#include "gossip/state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/checkpoint.h"
#include "catalog/note.h"
#include "catalog/note_pack.h"

#define REPEATS_MAX         64
#define TELL_PAUSE_MS       100  /* between two words of our vector */
#define TELL_BUSY_PAUSE_MS  5000 /* likewise while much is under way */
#define CONTROL_WAITING_MAX (256u * 1024)
#define COMPARE_TURN_MS     200 /* of a vector or of digests that a peer sends; so many a second, */
#define COMPARE_CREDIT_MS   60000 /* and this much of it at once */
#define COMPARE_PAUSE_MS    2000  /* after the hellos */

static bool is_greeted(const struct gossip_link *link)
{
	return link->state == GOSSIP_LINK_GREETED;
}

/* --- what we say ------------------------------------------------------------------------------ */

void gossip_exchange_greet(struct gossip_node *node, struct gossip_link *link)
{
	struct gossip_message hello = {.kind = GOSSIP_MESSAGE_HELLO};

	hello.as.hello = (struct gossip_hello){
		.version = GOSSIP_PROTOCOL_VERSION,
		.amendment = catalog_charter_number(node->charter),
		.member = node->options.self,
		.incarnation = catalog_store_incarnation(node->store),
		.vector = node->vector,
		.is_leaf = node->options.is_leaf,
	};
	gossip_course_greet(node, link, &hello.as.hello);
	link->told = node->vector;
	gossip_link_say(link, &hello);
}

static void origin_of(const struct gossip_node *node, size_t log,
		      char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1])
{
	catalog_checkpoint_origin(catalog_charter_federation(node->charter),
				  catalog_charter_member_at(node->charter, log)->name, ret_origin);
}

/* Take the next logs that the peer must be told of, as many as one message holds.  The notes are
 * packed, one behind the other.  Returns 0, -ENOMEM. */
static int gather_heads(struct gossip_node *node, struct gossip_link *link,
			struct gossip_head *heads, size_t *ret_count, struct catalog_buffer *packed)
{
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; i < node->log_count && link->dirty_count > 0 && r == 0; i++) {
		const struct gossip_standing *log = &node->logs[i];
		size_t before = packed->len;

		if (!link->is_dirty[i])
			continue;
		if (count == GOSSIP_MESSAGE_HEADS_MAX ||
		    (count > 0 && before + log->note.len > GOSSIP_MESSAGE_HEADS_BYTES))
			break;
		link->is_dirty[i] = false;
		link->dirty_count--;
		/* A leaf tells its own news only. */
		if (log->note.len == 0 ||
		    (node->options.is_leaf && log->index != node->options.self))
			continue;
		origin_of(node, i, origin);
		r = catalog_note_pack_make(catalog_buffer_span(&log->note), origin,
					   log->status.target_size, packed);
		link->told_of[i].size = log->status.target_size;
		link->told_of[i].attested_s = (uint64_t)log->status.attested_s;
		heads[count++] =
			(struct gossip_head){.log = log->index,
					     .size = log->status.target_size,
					     .held = log->status.size,
					     .attested_s = (uint64_t)log->status.attested_s,
					     .note = {NULL, packed->len - before}};
	}
	*ret_count = count;
	return r;
}

/* Send the proofs and the checkpoints that the peer must be told of, as many as one message holds.
 */
static void say_heads(struct gossip_node *node, struct gossip_link *link)
{
	struct gossip_head heads[GOSSIP_MESSAGE_HEADS_MAX];
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_HEADS};
	struct catalog_buffer packed = {0};
	size_t count = 0, at = 0;

	gossip_forks_say(node, link); /* ahead of all else */
	if (gather_heads(node, link, heads, &count, &packed) != 0) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		heads[i].note.bytes = packed.bytes + at;
		at += heads[i].note.len;
	}
	message.as.heads = (struct gossip_heads){count, heads};
	if (count > 0)
		gossip_link_say(link, &message);
	catalog_buffer_close(&packed);
}

void gossip_exchange_spread(struct gossip_node *node, size_t log)
{
	const struct gossip_standing *ours = &node->logs[log];

	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];
		const struct gossip_link_told *told = &link->told_of[log];

		if (!is_greeted(link) ||
		    !gossip_compare_is_behind(ours, gossip_pull_known(node->pull, link->id, log)))
			continue;
		if (ours->fork.len > 0
			    ? !told->is_forked
			    : gossip_compare_is_older(told->size, told->attested_s, &ours->status))
			gossip_link_touch(link, log);
	}
}

/* --- hello ------------------------------------------------------------------------------------ */

/* Of two links between the same two nodes the one stays that the node with the smaller incarnation
 * dialled, so that both sides choose the same; of two that one side dialled, its first.  Returns
 * whether link is to go. */
static bool is_second(const struct gossip_node *node, const struct gossip_link *link,
		      const struct gossip_link *other)
{
	uint64_t ours = catalog_store_incarnation(node->store);

	if (link->is_outgoing == other->is_outgoing)
		return link->is_outgoing; /* else the dialler sees to it */
	return link->is_outgoing != (ours < link->incarnation);
}

static void part_with_second(struct gossip_node *node, struct gossip_link *link)
{
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *other = node->links[i];

		if (other == link || !is_greeted(other) || other->incarnation != link->incarnation)
			continue;
		if (is_second(node, link, other))
			gossip_link_close(link, GOSSIP_BOOK_CLOSED, "we have another link");
		else if (is_second(node, other, link))
			gossip_link_close(other, GOSSIP_BOOK_CLOSED, "we have another link");
	}
}

static void note_vector(struct gossip_node *node, struct gossip_link *link,
			const struct catalog_hash *vector)
{
	link->vector = *vector;
	link->has_vector = true;
	if (catalog_hash_equal(vector, &node->vector))
		gossip_compare_equal(node, link);
}

/* A peer that told the vector's hash that we told it gets no vector of ours.  What that hash does
 * not tell must be said: checkpoints of which we lack entries, and what came between the two
 * hellos. */
static void tell_more(struct gossip_node *node, struct gossip_link *link)
{
	if (!catalog_hash_equal(&node->vector, &link->told)) {
		node->is_told = false;
		gossip_compare_begin(node, link); /* so that we learn what it lacks */
		return;
	}
	for (size_t i = 0; i < node->log_count; i++)
		if (node->logs[i].status.target_size > node->logs[i].status.size &&
		    node->logs[i].fork.len == 0)
			gossip_link_touch(link, i);
	while (is_greeted(link) && link->dirty_count > 0 &&
	       gossip_frame_writer_waiting(link->writer) < CONTROL_WAITING_MAX)
		say_heads(node, link);
}

static void on_hello(struct gossip_node *node, struct gossip_link *link,
		     const struct gossip_hello *hello, uint64_t now_ms)
{
	bool is_told;

	if (link->state != GOSSIP_LINK_OPEN) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a second hello");
		return;
	}
	if (hello->version != GOSSIP_PROTOCOL_VERSION) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED,
				  "protocol version %u here, %u there: update the older fedcat",
				  GOSSIP_PROTOCOL_VERSION, hello->version);
		return;
	}
	if (hello->member != GOSSIP_MESSAGE_MEMBER_NONE && hello->member != link->named_by &&
	    !gossip_meet_is_named_by(node, link, hello->member)) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
				  "it says that it is member %u, and has a key of member %u's",
				  hello->member, link->named_by);
		return;
	}
	if (hello->incarnation == catalog_store_incarnation(node->store)) {
		gossip_link_close(link, GOSSIP_BOOK_SELF, "that is ourselves");
		return;
	}
	if (!gossip_meet_has_room(node, link)) {
		gossip_link_close(link, GOSSIP_BOOK_CLOSED, "no room for more links: dial another");
		return;
	}
	/* Whoever dialled has been answered twice by now, the other once and a half. */
	if (gossip_pull_join(node->pull, link->id, (now_ms - link->since_ms) / 2) != 0) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		return;
	}
	link->state = GOSSIP_LINK_GREETED;
	node->is_judge_due = true; /* its key may expire */
	link->amendment = link->amendment_told = hello->amendment;
	gossip_course_heard(node, link, hello->amendment, &hello->course);
	link->is_joined = true;
	link->incarnation = hello->incarnation;
	if (catalog_charter_member(node->charter, hello->member) != NULL)
		link->member = hello->member;
	gossip_thin_greeted(node, link, hello->is_leaf, now_ms);
	gossip_book_linked(node->book, link->member, 1);
	if (link->is_outgoing)
		gossip_book_met(node->book, link->address);
	part_with_second(node, link);
	if (!is_greeted(link))
		return;
	note_vector(node, link, &hello->vector);
	link->exchange_ms = now_ms + COMPARE_PAUSE_MS;
	/* We judge by what we told it, as it does, so that both or neither send their vectors. */
	is_told = catalog_hash_equal(&hello->vector, &link->told);
	if (is_told)
		tell_more(node, link);
	else
		gossip_compare_greeted(node, link);
	gossip_confirm_greeted(node, link, is_told);
}

/* --- vectors and heads ------------------------------------------------------------------------ */

/* Each vector and each digests are hashed for and answered, with up to as much as there is: nobody
 * honest sends so many. */
static bool may_compare(struct gossip_link *link, uint64_t now_ms)
{
	if (link->comparing_ms < now_ms)
		link->comparing_ms = now_ms;
	link->comparing_ms += COMPARE_TURN_MS;
	if (link->comparing_ms <= now_ms + COMPARE_CREDIT_MS)
		return true;
	gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "it compares without end");
	return false;
}

/* A checkpoint that we may not know waits to be verified. */
static void queue_head(struct gossip_node *node, struct gossip_link *link,
		       const struct gossip_head *head)
{
	struct gossip_job_head *queued;

	for (size_t i = 0; i < node->head_count; i++)
		if (node->heads[i].log == head->log && node->heads[i].size == head->size &&
		    node->heads[i].note.len == head->note.len &&
		    memcmp(node->heads[i].note.bytes, head->note.bytes, head->note.len) == 0)
			return;
	/* The whole vector, and some more: nobody honest has so many. */
	if (link->heads_pending > node->log_count + GOSSIP_MESSAGE_HEADS_MAX) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "too many checkpoints at once");
		return;
	}
	if (node->head_count == GOSSIP_STATE_HEADS_MAX)
		return; /* the next exchange of vectors brings it again */
	queued = &node->heads[node->head_count];
	*queued = (struct gossip_job_head){.log = head->log,
					   .link = link->id,
					   .amendment = link->amendment,
					   .size = head->size,
					   .held = head->held,
					   .attested_s = head->attested_s};
	if (catalog_buffer_append(&queued->note, head->note.bytes, head->note.len) != 0)
		return; /* likewise */
	node->head_count++;
	link->heads_pending++;
}

/* Whether a head tells what we do not know: a larger checkpoint, perhaps another one of the same
 * size, or a newer attestation of ours, which wait for their turn so that they cannot be used to
 * flood us (another exchange of vectors brings them again). */
static bool is_news(const struct gossip_standing *ours, const struct gossip_head *head,
		    uint64_t now_ms)
{
	struct catalog_span text = {0}, our_text = {0}, signatures;
	const uint64_t credit_ms = (uint64_t)(GOSSIP_STATE_ATTESTS - 1) * GOSSIP_STATE_ATTEST_MS;

	if (head->size != ours->status.target_size)
		return head->size > ours->status.target_size;
	if (catalog_note_split(head->note, &text, &signatures) != 0 ||
	    catalog_note_split(catalog_buffer_span(&ours->note), &our_text, &signatures) != 0 ||
	    text.len != our_text.len || memcmp(text.bytes, our_text.bytes, text.len) != 0)
		return true;
	return head->attested_s > (uint64_t)ours->status.attested_s &&
	       ours->attest_ms <= now_ms + credit_ms;
}

/* Nobody honest tells one peer of a checkpoint twice, unless the charter has changed meanwhile. */
static void note_repeat(struct gossip_node *node, struct gossip_link *link, size_t log,
			const struct gossip_head *head)
{
	const struct gossip_pull_known *known = gossip_pull_known(node->pull, link->id, log);

	if ((link->compared[log] & GOSSIP_LINK_HEARD) != 0 && known->target == head->size &&
	    known->attested_s == head->attested_s && ++link->repeats > REPEATS_MAX)
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "it repeats itself");
	link->compared[log] |= GOSSIP_LINK_HEARD;
}

static void take_head(struct gossip_node *node, struct gossip_link *link,
		      const struct gossip_head *told, uint64_t now_ms)
{
	size_t log = gossip_node_position(node, told->log);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer note = {0};
	struct gossip_head head = *told;
	const struct gossip_standing *ours;
	int r;

	if (head.size == 0) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a checkpoint that is none");
		return;
	}
	if (log == node->log_count)
		return;
	origin_of(node, log, origin);
	r = catalog_note_pack_read(told->note, origin, told->size, &note);
	if (r == 0) {
		ours = &node->logs[log];
		head.note = catalog_buffer_span(&note);
		note_repeat(node, link, log, &head);
		gossip_compare_note(gossip_pull_known(node->pull, link->id, log), head.size,
				    head.held, head.attested_s);
		if (ours->status.health == CATALOG_LOG_GOOD && is_news(ours, &head, now_ms))
			queue_head(node, link, &head);
	} else if (r == -ENOMEM) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
	} else {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a checkpoint that is none");
	}
	catalog_buffer_close(&note);
}

static void on_heads(struct gossip_node *node, struct gossip_link *link,
		     const struct gossip_heads *heads, uint64_t now_ms)
{
	node->totals.heads_in += heads->count;
	for (size_t i = 0; i < heads->count && is_greeted(link); i++)
		take_head(node, link, &heads->heads[i], now_ms);
}

/* --- pulls ------------------------------------------------------------------------------------ */

static void on_pull(struct gossip_node *node, struct gossip_link *link,
		    const struct gossip_pull_ask *pull, uint64_t now_ms)
{
	size_t log = gossip_node_position(node, pull->log);
	struct gossip_message none = {.kind = GOSSIP_MESSAGE_NONE, .as.none = pull->request};

	if (link->want_count == GOSSIP_LINK_WANTS_MAX) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "too many requests at once");
		return;
	}
	/* What is on its way to us is waited for; what we do not know of is not.  A leaf gives what
	 * its own member wrote. */
	if (log == node->log_count || (node->options.is_leaf && pull->log != node->options.self) ||
	    pull->size > node->logs[log].status.target_size ||
	    (pull->size > node->logs[log].status.size &&
	     node->logs[log].status.health != CATALOG_LOG_GOOD)) {
		gossip_link_say(link, &none);
		return;
	}
	link->wants[link->want_count++] = (struct gossip_link_want){.request = pull->request,
								    .log = log,
								    .from = pull->from,
								    .to = pull->to,
								    .size = pull->size,
								    .bytes = pull->bytes,
								    .packing = pull->packing,
								    .since_ms = now_ms};
}

/* --- all -------------------------------------------------------------------------------------- */

static void on_message(struct gossip_node *node, struct gossip_link *link,
		       const struct gossip_message *message, uint64_t now_ms)
{
	struct gossip_message pong = {.kind = GOSSIP_MESSAGE_PONG};

	if (message->kind != GOSSIP_MESSAGE_HELLO && message->kind != GOSSIP_MESSAGE_BYE &&
	    !is_greeted(link)) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "no hello first");
		return;
	}
	switch (message->kind) {
	case GOSSIP_MESSAGE_HELLO: on_hello(node, link, &message->as.hello, now_ms); break;
	case GOSSIP_MESSAGE_VECTOR:
		if (may_compare(link, now_ms))
			gossip_compare_vector(node, link, &message->as.vector);
		break;
	case GOSSIP_MESSAGE_DIGESTS:
		if (may_compare(link, now_ms))
			gossip_compare_digests(node, link, &message->as.digests);
		break;
	case GOSSIP_MESSAGE_HEADS: on_heads(node, link, &message->as.heads, now_ms); break;
	case GOSSIP_MESSAGE_PULL: on_pull(node, link, &message->as.pull, now_ms); break;
	case GOSSIP_MESSAGE_CHUNK:
		gossip_work_arrived(node, link, message->as.chunk.request, message->as.chunk.wire,
				    now_ms);
		break;
	case GOSSIP_MESSAGE_NONE:
		gossip_pull_refused(node->pull, link->id, message->as.none);
		break;
	case GOSSIP_MESSAGE_EQUAL: note_vector(node, link, &message->as.equal); break;
	case GOSSIP_MESSAGE_PING:
		pong.as.ping = message->as.ping;
		gossip_link_say(link, &pong);
		break;
	case GOSSIP_MESSAGE_PONG: gossip_confirm_pong(link, message->as.ping); break;
	case GOSSIP_MESSAGE_BYE:
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "the peer said: %.150s",
				  message->as.bye);
		break;
	case GOSSIP_MESSAGE_TRAIL: gossip_course_trail(node, link, &message->as.trail); break;
	case GOSSIP_MESSAGE_AMENDMENT:
		gossip_amend_arrived(node, link, &message->as.amendment);
		break;
	case GOSSIP_MESSAGE_FORK: gossip_forks_arrived(node, link, &message->as.fork); break;
	case GOSSIP_MESSAGE_COSIGN:
		gossip_witness_wanted(node, link, &message->as.cosign, now_ms);
		break;
	case GOSSIP_MESSAGE_COSIGNED:
		gossip_witness_answered(node, link, &message->as.cosign);
		break;
	}
}

void gossip_exchange_message(struct gossip_node *node, struct gossip_link *link,
			     struct catalog_span bytes, uint64_t now_ms)
{
	struct gossip_message message;
	int r = gossip_message_decode(bytes, &message);

	if (r == -ENOMEM) {
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
		return;
	}
	if (r != 0) {
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a message that is none");
		return;
	}
	on_message(node, link, &message, now_ms);
	gossip_message_close(&message);
}

/* --- what is told when there is time ---------------------------------------------------------- */

static void lower(uint64_t *due_ms, uint64_t ms)
{
	if (ms < *due_ms)
		*due_ms = ms;
}

/* Tell our vector's hash to those who were told another. */
static void tell_vector(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	uint64_t pause_ms = gossip_thin_is_idle(node) ? TELL_PAUSE_MS : TELL_BUSY_PAUSE_MS;
	bool is_told = true;
	struct gossip_message equal = {.kind = GOSSIP_MESSAGE_EQUAL, .as.equal = node->vector};

	if (node->is_told)
		return;
	if (now_ms < node->told_ms + pause_ms) {
		lower(due_ms, node->told_ms + pause_ms);
		return;
	}
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (!is_greeted(link) || catalog_hash_equal(&link->told, &node->vector))
			continue;
		if (!gossip_thin_may_tell(link, now_ms, due_ms)) {
			is_told = false;
			continue;
		}
		gossip_thin_told(link, now_ms);
		link->told = node->vector;
		gossip_link_say(link, &equal);
	}
	node->told_ms = now_ms;
	node->is_told = is_told;
}

void gossip_exchange_tell(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		gossip_amend_say(node, link);
		if (link->dirty_count == 0 || !gossip_thin_may_tell(link, now_ms, due_ms))
			continue;
		gossip_thin_told(link, now_ms);
		while (is_greeted(link) && link->dirty_count > 0 &&
		       gossip_frame_writer_waiting(link->writer) < CONTROL_WAITING_MAX)
			say_heads(node, link);
	}
	tell_vector(node, now_ms, due_ms);
	gossip_compare_due(node, now_ms, due_ms);
}
