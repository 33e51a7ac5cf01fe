#include "gossip/thin.h"

#include "gossip/state.h"

#define SEND_BYTES (64u * 1024) /* handed out at once without a limit */
#define CHUNK_MS   4000         /* of a limit: so much is asked of one peer at once */
#define GATHER_MS  60000        /* a leaf is told of news once in so long */

static uint64_t later(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms > b_ms ? a_ms : b_ms;
}

static void limit_link(const struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	gossip_rate_set(&link->out, node->limits.peer_bytes_s, now_ms);
	gossip_rate_set(&link->in, node->limits.peer_bytes_s, now_ms);
}

void gossip_thin_limit(struct gossip_node *node, const struct gossip_thin_limits *limits,
		       uint64_t now_ms)
{
	uint64_t least = limits->all_bytes_s;

	node->limits = *limits;
	gossip_rate_set(&node->rate_out, limits->all_bytes_s, now_ms);
	gossip_rate_set(&node->rate_in, limits->all_bytes_s, now_ms);
	for (size_t i = 0; i < node->link_count; i++)
		limit_link(node, node->links[i], now_ms);
	if (least == 0 || (limits->peer_bytes_s != 0 && limits->peer_bytes_s < least))
		least = limits->peer_bytes_s;
	gossip_pull_chunks(node->pull, least == 0 ? SIZE_MAX : (size_t)(least * CHUNK_MS / 1000));
	if (!limits->is_metered)
		node->is_pulling = false;
}

void gossip_thin_opened(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	limit_link(node, link, now_ms);
}

/* --- sending ---------------------------------------------------------------------------------- */

size_t gossip_thin_may_send(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms,
			    uint64_t *due_ms)
{
	uint64_t at_ms;

	if (!gossip_channel_is_open(link->channel))
		return SEND_BYTES;
	at_ms = later(gossip_rate_due_ms(&node->rate_out, now_ms),
		      gossip_rate_due_ms(&link->out, now_ms));
	if (at_ms > now_ms) {
		if (at_ms < *due_ms)
			*due_ms = at_ms;
		return 0;
	}
	/* A frame at a time, so that links take turns. */
	return node->rate_out.bytes_s != 0 || link->out.bytes_s != 0 ? 1 : SEND_BYTES;
}

void gossip_thin_sent(struct gossip_node *node, struct gossip_link *link, size_t len,
		      uint64_t now_ms)
{
	gossip_rate_take(&node->rate_out, len, now_ms);
	gossip_rate_take(&link->out, len, now_ms);
}

/* --- fetching --------------------------------------------------------------------------------- */

static void received(struct gossip_node *node, struct gossip_link *link, size_t len,
		     uint64_t now_ms)
{
	gossip_rate_take(&node->rate_in, len, now_ms);
	gossip_rate_take(&link->in, len, now_ms);
}

/* A record counts as no chunk until it is whole; then it may turn out to be one. */
void gossip_thin_heard(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	int64_t others = (int64_t)link->bytes_in - (int64_t)gossip_frame_reader_bulk(link->reader);
	int64_t more = others - link->counted;

	link->counted = others;
	if (more > 0) {
		received(node, link, (size_t)more, now_ms);
		return;
	}
	gossip_rate_give(&node->rate_in, (uint64_t)-more, now_ms);
	gossip_rate_give(&link->in, (uint64_t)-more, now_ms);
}

static void hold(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	uint64_t at_ms = gossip_rate_due_ms(&link->in, now_ms);

	gossip_pull_hold(node->pull, link->id, at_ms > now_ms ? at_ms : 0);
}

bool gossip_thin_may_ask(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	uint64_t at_ms;

	if (node->limits.is_metered) {
		if (!node->is_pulling)
			return false;
		if (gossip_pull_is_idle(node->pull))
			node->is_pulling = false;
	}
	at_ms = gossip_rate_due_ms(&node->rate_in, now_ms);
	if (at_ms > now_ms) {
		if (at_ms < *due_ms)
			*due_ms = at_ms;
		return false;
	}
	for (size_t i = 0; i < node->link_count && node->limits.peer_bytes_s != 0; i++)
		hold(node, node->links[i], now_ms);
	return true;
}

void gossip_thin_asked(struct gossip_node *node, struct gossip_link *link, size_t wire,
		       uint64_t now_ms)
{
	gossip_rate_take(&node->rate_in, wire, now_ms);
	gossip_rate_take(&link->in, wire, now_ms);
	if (link->in.bytes_s != 0)
		hold(node, link, now_ms);
}

void gossip_thin_answered(struct gossip_node *node, struct gossip_link *link, size_t thought,
			  size_t len, uint64_t now_ms)
{
	if (len > thought) {
		received(node, link, len - thought, now_ms);
		return;
	}
	gossip_rate_give(&node->rate_in, thought - len, now_ms);
	gossip_rate_give(&link->in, thought - len, now_ms);
}

void gossip_thin_pull(struct gossip_node *node)
{
	node->is_pulling = node->limits.is_metered;
}

bool gossip_thin_is_idle(const struct gossip_node *node)
{
	return (node->limits.is_metered && !node->is_pulling) || gossip_pull_is_idle(node->pull);
}

/* --- leaves ----------------------------------------------------------------------------------- */

bool gossip_thin_may_tell(const struct gossip_link *link, uint64_t now_ms, uint64_t *due_ms)
{
	if (!link->is_leaf || now_ms >= link->gather_ms)
		return true;
	if (link->gather_ms < *due_ms)
		*due_ms = link->gather_ms;
	return false;
}

void gossip_thin_told(struct gossip_link *link, uint64_t now_ms)
{
	link->gather_ms = now_ms + GATHER_MS;
}

void gossip_thin_greeted(struct gossip_node *node, struct gossip_link *link, bool is_leaf,
			 uint64_t now_ms)
{
	link->is_leaf = is_leaf;
	if (!is_leaf)
		return;
	gossip_pull_leaf(node->pull, link->id, gossip_node_position(node, link->member));
	link->gather_ms = now_ms; /* what it lacks it is told at once, when we meet */
}

/* --- for those who look on -------------------------------------------------------------------- */

void gossip_thin_look(const struct gossip_node *node, struct gossip_thin_estimate *ret_estimate)
{
	uint64_t entries = 0, bytes_s = gossip_pull_speed(node->pull);
	uint64_t all = node->limits.all_bytes_s, peers = 0;

	for (size_t i = 0; i < node->log_count; i++) {
		const struct catalog_log_status *log = &node->logs[i].status;

		if (log->health == CATALOG_LOG_GOOD)
			entries += log->target_size - log->size;
	}
	for (size_t i = 0; i < node->link_count; i++)
		peers += node->links[i]->state == GOSSIP_LINK_GREETED;
	if (node->limits.peer_bytes_s != 0 && (all == 0 || node->limits.peer_bytes_s * peers < all))
		all = node->limits.peer_bytes_s * peers;
	if (all != 0 && (bytes_s == 0 || bytes_s > all))
		bytes_s = all;
	*ret_estimate = (struct gossip_thin_estimate){
		.entries = entries,
		.bytes = entries * gossip_pull_entry_wire(node->pull),
		.bytes_s = bytes_s,
		.is_waiting = entries > 0 && node->limits.is_metered && !node->is_pulling,
	};
}
