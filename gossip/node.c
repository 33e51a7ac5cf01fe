/* gossip/node.c - events come in here and actions go out; gossip/meet opens links and takes them
 * apart into messages, gossip/exchange does what those say, gossip/work what jobs bring. */
#include "gossip/node.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/state.h"

#define OUTGOING_LINKS 4
#define LEAF_LINKS     2
#define INCOMING_LINKS (GOSSIP_NODE_LINKS_MAX - GOSSIP_NODE_STRANGERS_MAX - OUTGOING_LINKS)
#define HELLO_MS_MAX   10000             /* a peer says hello by then */
#define PING_MS        30000             /* after so long a silence we ask */
#define SILENCE_MS_MAX 90000             /* and after so long it is gone */
#define PERIOD_MS      (10u * 60 * 1000) /* of anti-entropy, and of changing a link */
#define CLOSING_MS_MAX 5000              /* for what is still to be sent */

static void lower(uint64_t *due_ms, uint64_t ms)
{
	if (ms < *due_ms)
		*due_ms = ms;
}

/* --- the beginning and the end ---------------------------------------------------------------- */

int gossip_node_look(struct gossip_node *node)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(node->store, &txn);

	if (r != 0)
		return r;
	for (size_t i = 0; i < node->log_count && r == 0; i++) {
		uint32_t index = catalog_charter_member_at(node->charter, i)->index;
		struct gossip_job_place place;

		r = gossip_job_look(txn, index, &place);
		if (r != 0)
			break;
		catalog_buffer_close(&node->logs[i].note);
		catalog_buffer_close(&node->logs[i].fork);
		node->logs[i].index = index;
		node->logs[i].snapshot = place.snapshot;
		node->logs[i].status = place.status;
		node->logs[i].note = place.note;
		node->logs[i].fork = place.fork;
		r = gossip_meet_told(node, index, place.nodes, place.node_count);
		free(place.nodes);
		gossip_pull_set(node->pull, i, place.status.size, place.status.target_size,
				place.status.health != CATALOG_LOG_GOOD);
	}
	if (r == 0)
		r = catalog_log_vector_hash(txn, &node->vector);
	catalog_store_end(txn);
	return r;
}

int gossip_node_new(struct catalog_store *store, const struct catalog_charter *charter,
		    const struct gossip_node_options *options, uint64_t now_ms,
		    struct gossip_node **ret_node)
{
	struct gossip_node *node = calloc(1, sizeof *node);
	int r;

	assert(options->secret != NULL);
	if (node == NULL)
		return -ENOMEM;
	node->store = store;
	node->charter = charter;
	node->options = *options;
	if (node->options.outgoing_links == 0)
		node->options.outgoing_links = options->is_leaf ? LEAF_LINKS : OUTGOING_LINKS;
	if (node->options.incoming_links == 0)
		node->options.incoming_links = options->is_leaf ? LEAF_LINKS : INCOMING_LINKS;
	if (node->options.peer_bytes_max == 0)
		node->options.peer_bytes_max = GOSSIP_NODE_PEER_BYTES;
	assert(node->options.peer_bytes_max >= GOSSIP_NODE_PEER_BYTES_LEAST);
	node->packing = options->is_plain ? GOSSIP_MESSAGE_PLAIN
					  : catalog_codec_id(catalog_store_codec(store));
	node->random.state = options->seed;
	node->end = &node->first;
	node->amendment = catalog_charter_number(charter);
	node->amendment_hash = *catalog_charter_hash(charter, node->amendment);
	(void)catalog_charter_conflicts(charter, &node->conflict_count);
	gossip_score_recall(&node->score, options->scores, options->score_count, now_ms);
	node->log_count = catalog_charter_member_count(charter);
	node->look_next = node->log_count;
	node->is_told = true;
	node->exchange_ms = now_ms + gossip_random_jitter(&node->random, PERIOD_MS);
	node->swap_ms = now_ms + gossip_random_jitter(&node->random, PERIOD_MS);
	node->logs = calloc(node->log_count + 1, sizeof *node->logs);
	node->now_s = options->now_s;
	node->judge_s = INT64_MAX;
	r = node->logs == NULL ? -ENOMEM : gossip_book_new(charter, options, &node->book);
	if (r == 0)
		r = gossip_roster_new(charter, &node->roster);
	if (r == 0)
		r = gossip_pull_new(node->log_count,
				    node->options.peer_bytes_max - GOSSIP_LINK_BYTES_MAX,
				    &node->pull);
	if (r == 0)
		r = gossip_node_look(node);
	if (r == 0)
		node->confirm_needed = gossip_confirm_needed(charter, options, node->roster);
	/* The caller's list need not outlive this. */
	node->options.addresses = NULL;
	node->options.address_count = 0;
	if (r == 0) {
		*ret_node = node;
		node = NULL; /* the caller's now */
	}
	gossip_node_free(node);
	return r;
}

void gossip_node_free(struct gossip_node *node)
{
	if (node == NULL)
		return;
	while (node->first != NULL) {
		struct gossip_queued *queued = node->first;

		node->first = queued->next;
		if (queued->action.kind == GOSSIP_ACTION_JOB) { /* never handed out */
			node->jobs_out--;
			gossip_job_free(queued->action.job);
		}
		free(queued);
	}
	assert(node->jobs_out == 0);
	for (size_t i = 0; i < node->link_count; i++)
		gossip_link_free(node->links[i]);
	for (size_t i = 0; i < node->head_count; i++)
		catalog_buffer_close(&node->heads[i].note);
	for (size_t i = 0; i < node->fork_count; i++)
		catalog_buffer_close(&node->forks[i].proof);
	for (size_t i = 0; i < node->log_count && node->logs != NULL; i++) {
		catalog_buffer_close(&node->logs[i].note);
		catalog_buffer_close(&node->logs[i].fork);
	}
	gossip_witness_close(node);
	catalog_buffer_close(&node->out);
	gossip_pull_free(node->pull);
	gossip_book_free(node->book);
	gossip_roster_free(node->roster);
	free(node->logs);
	free(node);
}

/* --- for the other parts ---------------------------------------------------------------------- */

size_t gossip_node_position(const struct gossip_node *node, uint32_t index)
{
	for (size_t i = 0; i < node->log_count; i++)
		if (node->logs[i].index == index)
			return i;
	return node->log_count;
}

struct gossip_link *gossip_node_link(const struct gossip_node *node, uint64_t id)
{
	for (size_t i = 0; i < node->link_count; i++)
		if (node->links[i]->id == id)
			return node->links[i];
	return NULL;
}

void gossip_node_queue(struct gossip_node *node, const struct gossip_action *action)
{
	struct gossip_queued *queued = calloc(1, sizeof *queued);

	assert(queued != NULL || action->kind != GOSSIP_ACTION_JOB);
	if (queued == NULL)
		return;
	queued->action = *action;
	*node->end = queued;
	node->end = &queued->next;
}

void gossip_node_notice(struct gossip_node *node, const char *format, ...)
{
	struct gossip_action action = {.kind = GOSSIP_ACTION_NOTICE};
	va_list args;

	va_start(args, format);
	vsnprintf(action.text, sizeof action.text, format, args);
	va_end(args);
	gossip_node_queue(node, &action);
}

/* --- events ----------------------------------------------------------------------------------- */

int gossip_node_opened(struct gossip_node *node, uint64_t link_id, const char *address,
		       const struct gossip_noise_secret *ephemeral, uint64_t now_ms)
{
	int r = gossip_meet_open(node, link_id, address, ephemeral, now_ms);

	if (r == 0 && address == NULL)
		node->totals.links_in++;
	else if (r == 0)
		node->totals.links_out++;
	if (address == NULL)
		return r;
	gossip_book_opened(node->book, address, now_ms);
	if (r != 0)
		gossip_book_ended(node->book, address,
				  r == -ENOKEY || r == -EPERM ? GOSSIP_BOOK_FAILED
							      : GOSSIP_BOOK_CLOSED,
				  &node->random, now_ms);
	return r;
}

void gossip_node_dial_failed(struct gossip_node *node, const char *address, uint64_t now_ms)
{
	gossip_book_ended(node->book, address, GOSSIP_BOOK_FAILED, &node->random, now_ms);
}

void gossip_node_received(struct gossip_node *node, uint64_t link_id, struct catalog_span bytes,
			  uint64_t now_ms)
{
	struct gossip_link *link = gossip_node_link(node, link_id);
	uint64_t bulk;

	if (link == NULL || !gossip_course_look(node) || link->state >= GOSSIP_LINK_CLOSING)
		return;
	link->heard_ms = now_ms;
	link->bytes_in += bytes.len;
	node->totals.bytes_in += bytes.len;
	bulk = gossip_frame_reader_bulk(link->reader);
	gossip_meet_received(node, link, bytes, now_ms);
	/* Of what we wait for, chunks: who only talks is not at work on them. */
	if (gossip_frame_reader_bulk(link->reader) > bulk)
		gossip_pull_heard(node->pull, link_id, now_ms);
	gossip_thin_heard(node, link, now_ms);
}

void gossip_node_sent(struct gossip_node *node, uint64_t link_id, size_t len, uint64_t now_ms)
{
	struct gossip_link *link = gossip_node_link(node, link_id);

	if (link == NULL)
		return;
	assert(len <= link->unsent);
	link->unsent -= len;
	gossip_link_drained(link, len, now_ms);
}

/* A link that ends leaves those who counted on it. */
static void leave(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	if (!link->is_joined)
		return;
	link->is_joined = false;
	if (link->state >= GOSSIP_LINK_CLOSING && link->end == GOSSIP_BOOK_MISBEHAVED)
		gossip_score_add(&node->score, gossip_channel_remote(link->channel), link->named_by,
				 link->reason, now_ms);
	gossip_pull_leave(node->pull, link->id);
	gossip_book_linked(node->book, link->member, -1);
	link->want_count = 0;
}

void gossip_node_closed(struct gossip_node *node, uint64_t link_id, uint64_t now_ms)
{
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (link->id != link_id)
			continue;
		leave(node, link, now_ms);
		if (link->is_outgoing)
			gossip_book_ended(node->book, link->address,
					  link->state >= GOSSIP_LINK_CLOSING ? link->end
									     : GOSSIP_BOOK_FAILED,
					  &node->random, now_ms);
		gossip_link_free(link);
		node->links[i] = node->links[--node->link_count];
		return;
	}
}

void gossip_node_published(struct gossip_node *node, uint64_t now_ms)
{
	(void)now_ms; /* the next action begins the look at our log */
	if (node->options.self != GOSSIP_MESSAGE_MEMBER_NONE)
		node->is_status_wanted = true;
}

void gossip_node_moved(struct gossip_node *node)
{
	node->look_next = 0;
	node->is_status_wanted = true;
}

int gossip_node_witness(struct gossip_node *node, size_t count, uint64_t until_ms)
{
	if (!node->options.can_sign)
		return -ENOKEY;
	gossip_witness_gather(node, count, until_ms);
	return 0;
}

void gossip_node_stop(struct gossip_node *node, const char *reason, uint64_t now_ms)
{
	(void)now_ms; /* closing begins with the next action */
	node->is_stopping = true;
	for (size_t i = 0; i < node->link_count; i++)
		gossip_link_close(node->links[i], GOSSIP_BOOK_CLOSED, "%s", reason);
}

void gossip_node_job_done(struct gossip_node *node, struct gossip_job *job, uint64_t now_ms)
{
	gossip_work_done(node, job, now_ms);
}

/* --- time ------------------------------------------------------------------------------------- */

static void watch_link(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
		       uint64_t *due_ms)
{
	struct gossip_message ping = {.kind = GOSSIP_MESSAGE_PING, .as.ping = 1};

	switch (link->state) {
	case GOSSIP_LINK_OPEN:
		lower(due_ms, gossip_channel_due_ms(link->channel));
		if (now_ms >= gossip_channel_due_ms(link->channel))
			gossip_meet_break(link, -ETIMEDOUT);
		else if (now_ms >= link->since_ms + HELLO_MS_MAX)
			gossip_link_close(link, GOSSIP_BOOK_FAILED, "no hello in time");
		else
			lower(due_ms, link->since_ms + HELLO_MS_MAX);
		break;
	case GOSSIP_LINK_GREETED:
		if (now_ms >= link->heard_ms + SILENCE_MS_MAX) {
			gossip_link_close(link, GOSSIP_BOOK_FAILED, "it has fallen silent");
			break;
		}
		if (now_ms >= link->heard_ms + PING_MS && now_ms >= link->pinged_ms + PING_MS) {
			link->pinged_ms = now_ms;
			gossip_link_say(link, &ping);
		}
		lower(due_ms,
		      (link->pinged_ms > link->heard_ms ? link->pinged_ms : link->heard_ms) +
			      PING_MS);
		break;
	case GOSSIP_LINK_CLOSING:
	case GOSSIP_LINK_CLOSED: break;
	}
	if (link->state >= GOSSIP_LINK_CLOSING && link->is_joined) {
		leave(node, link, now_ms);
		link->since_ms = now_ms; /* it closes since now */
	}
}

/* Every so often compare with somebody, however equal we seem. */
static void exchange_with_somebody(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	if (now_ms >= node->exchange_ms) {
		node->exchange_ms = now_ms + gossip_random_jitter(&node->random, PERIOD_MS);
		if (node->link_count > 0) {
			struct gossip_link *link =
				node->links[gossip_random_below(&node->random, node->link_count)];

			link->exchange_ms = now_ms;
			link->exchange_pause_ms = 0;
		}
	}
	lower(due_ms, node->exchange_ms);
}

static size_t count_outgoing(const struct gossip_node *node)
{
	size_t count = gossip_book_dialling(node->book);

	for (size_t i = 0; i < node->link_count; i++)
		count += node->links[i]->is_outgoing && node->links[i]->state < GOSSIP_LINK_CLOSING;
	return count;
}

/* Let go of the outgoing link that has lasted longest, once there is one more than we keep. */
static void swap(struct gossip_node *node, size_t outgoing, uint64_t now_ms, uint64_t *due_ms)
{
	struct gossip_link *oldest = NULL;
	size_t greeted = 0;

	if (now_ms >= node->swap_ms) {
		node->swap_ms = now_ms + gossip_random_jitter(&node->random, PERIOD_MS);
		node->is_swapping = outgoing >= node->options.outgoing_links;
	}
	lower(due_ms, node->swap_ms);
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (!link->is_outgoing || link->state != GOSSIP_LINK_GREETED)
			continue;
		greeted++;
		if (oldest == NULL || link->since_ms < oldest->since_ms)
			oldest = link;
	}
	if (greeted <= gossip_confirm_links(node) || !(node->is_swapping || node->options.is_leaf))
		return;
	node->is_swapping = false;
	gossip_link_close(oldest, GOSSIP_BOOK_CLOSED, "it is another's turn");
}

static void dial(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	size_t outgoing = count_outgoing(node), wanted;

	swap(node, outgoing, now_ms, due_ms);
	wanted = gossip_confirm_links(node) + node->is_swapping;
	while (outgoing < wanted && node->link_count + outgoing < GOSSIP_NODE_LINKS_MAX) {
		struct gossip_action action = {.kind = GOSSIP_ACTION_DIAL};
		struct gossip_book_dial next;
		uint64_t book_due_ms;

		if (gossip_book_next(node->book, &node->random, now_ms, &next, &book_due_ms) != 0) {
			lower(due_ms, book_due_ms);
			return;
		}
		action.log = next.member;
		action.is_told = next.is_told;
		snprintf(action.text, sizeof action.text, "%s", next.address);
		gossip_node_queue(node, &action);
		outgoing++;
	}
}

void gossip_node_clock(struct gossip_node *node, int64_t now_s)
{
	node->now_s = now_s;
}

void gossip_node_tick(struct gossip_node *node, uint64_t now_ms)
{
	(void)node; /* gossip_node_next() looks at the time itself */
	(void)now_ms;
}

/* Do all that can be done now. */
static void progress(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	for (size_t i = 0; i < node->link_count; i++)
		watch_link(node, node->links[i], now_ms, due_ms);
	if (node->is_stopping || !gossip_course_look(node))
		return;
	if (catalog_charter_number(node->charter) != node->amendment)
		(void)gossip_amend_take(node, now_ms); /* in vain: it is tried again */
	gossip_meet_judge(node, now_ms, due_ms);
	exchange_with_somebody(node, now_ms, due_ms);
	gossip_confirm_settle(node, now_ms, due_ms);
	gossip_work_begin(node, now_ms, due_ms);
	gossip_exchange_tell(node, now_ms, due_ms);
	dial(node, now_ms, due_ms);
	for (size_t i = 0; i < node->link_count; i++) /* some may have been closed */
		watch_link(node, node->links[i], now_ms, due_ms);
}

/* --- actions ---------------------------------------------------------------------------------- */

/* Bytes for a link whose socket is ready for more; what waits is handed out a part at a time. */
static bool send_to(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
		    uint64_t *due_ms, struct gossip_action *ret_action)
{
	size_t len;
	int r = 0;

	if (link->state == GOSSIP_LINK_CLOSED || link->unsent >= link->unsent_max)
		return false;
	node->out.len = 0;
	len = gossip_thin_may_send(node, link, now_ms, due_ms);
	while (node->out.len < len && r == 0)
		r = gossip_channel_next(link->channel, link->writer, now_ms, &node->out);
	if (r != 0 && r != -ENOENT)
		gossip_meet_break(link, r);
	if (node->out.len == 0)
		return false;
	gossip_thin_sent(node, link, node->out.len, now_ms);
	link->unsent += node->out.len;
	link->bytes_out += node->out.len;
	node->totals.bytes_out += node->out.len;
	*ret_action = (struct gossip_action){.kind = GOSSIP_ACTION_SEND,
					     .link = link->id,
					     .bytes = catalog_buffer_span(&node->out)};
	return true;
}

static bool close_now(struct gossip_link *link, uint64_t now_ms, uint64_t *due_ms,
		      struct gossip_action *ret_action)
{
	if (link->state != GOSSIP_LINK_CLOSING)
		return false;
	/* Without a channel nothing can be said. */
	if (gossip_channel_is_open(link->channel) &&
	    (gossip_frame_writer_waiting(link->writer) > 0 || link->unsent > 0) &&
	    now_ms < link->since_ms + CLOSING_MS_MAX) {
		lower(due_ms, link->since_ms + CLOSING_MS_MAX);
		return false;
	}
	link->state = GOSSIP_LINK_CLOSED;
	*ret_action = (struct gossip_action){.kind = GOSSIP_ACTION_CLOSE, .link = link->id};
	memcpy(ret_action->text, link->reason, sizeof ret_action->text);
	return true;
}

static bool next_of_links(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms,
			  struct gossip_action *ret_action)
{
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[(node->turn + i) % node->link_count];

		if (send_to(node, link, now_ms, due_ms, ret_action) ||
		    close_now(link, now_ms, due_ms, ret_action)) {
			node->turn = (node->turn + i + 1) % node->link_count;
			return true;
		}
	}
	return false;
}

int gossip_node_next(struct gossip_node *node, uint64_t now_ms, struct gossip_action *ret_action,
		     uint64_t *ret_due_ms)
{
	uint64_t due_ms = UINT64_MAX;

	if (node->first == NULL)
		progress(node, now_ms, &due_ms);
	if (node->first != NULL) {
		struct gossip_queued *queued = node->first;

		*ret_action = queued->action;
		node->first = queued->next;
		if (node->first == NULL)
			node->end = &node->first;
		free(queued);
		return 0;
	}
	if (next_of_links(node, now_ms, &due_ms, ret_action))
		return 0;
	*ret_due_ms = due_ms;
	return -ENOENT;
}

/* --- for those who look on -------------------------------------------------------------------- */

static bool is_equal(const struct gossip_node *node, const struct gossip_link *link)
{
	return link->state == GOSSIP_LINK_GREETED && link->has_vector &&
	       catalog_hash_equal(&link->vector, &node->vector);
}

void gossip_node_vector(const struct gossip_node *node, struct catalog_hash *ret_vector,
			size_t *ret_equal)
{
	size_t equal = 0;

	for (size_t i = 0; i < node->link_count; i++)
		equal += is_equal(node, node->links[i]);
	*ret_vector = node->vector;
	*ret_equal = equal;
}

void gossip_node_totals(const struct gossip_node *node, struct gossip_totals *ret_totals)
{
	*ret_totals = node->totals;
}

size_t gossip_node_peers(const struct gossip_node *node, struct gossip_peer_status *ret_peers,
			 size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < node->link_count && count < max; i++) {
		const struct gossip_link *link = node->links[i];
		struct gossip_peer_status *peer = &ret_peers[count++];

		*peer = (struct gossip_peer_status){
			.link = link->id,
			.outgoing = link->is_outgoing,
			.greeted = link->state == GOSSIP_LINK_GREETED,
			.member = link->member,
			.bytes_in = link->bytes_in,
			.bytes_out = link->bytes_out,
			.entries_in = link->entries_in,
			.entries_out = link->entries_out,
			.since_ms = link->since_ms,
			.equal = is_equal(node, link),
			.stalls = gossip_pull_stalls(node->pull, link->id),
			.memory = gossip_link_bytes(link) + gossip_link_amending(link) +
				  gossip_pull_bytes(node->pull, link->id),
			.rate = gossip_pull_rate(node->pull, link->id),
		};
		snprintf(peer->address, sizeof peer->address, "%s", link->address);
	}
	return count;
}
