/* gossip/meet.c - from a connection to a known peer: whose key to expect, who came in, what a
 * channel gives and how it ends.
 */
#include "gossip/state.h"

#include <errno.h>

#include "gossip/roster.h"

/* Whom we dialled at an address: its member and the key that we expect there. */
static int find_remote(const struct gossip_node *node, const char *address, uint32_t *ret_member,
		       struct catalog_node_key *ret_key)
{
	struct catalog_node_key keys[GOSSIP_ROSTER_NODES_MAX];
	const struct catalog_node_key *told;
	size_t turn, count;

	if (gossip_book_whose(node->book, address, ret_member, &told, &turn) != 0)
		return -ENOKEY;
	if (told != NULL && gossip_roster_judge(node->roster, *ret_member, told, node->now_s,
						NULL) == CATALOG_NODE_GOOD) {
		*ret_key = *told;
		return 0;
	}
	count = gossip_roster_nodes(node->roster, *ret_member, node->now_s, keys);
	if (count == 0)
		return -ENOKEY;
	*ret_key = keys[turn % count];
	return 0;
}

static bool is_stranger(const struct gossip_link *link)
{
	return !link->is_outgoing && link->state == GOSSIP_LINK_OPEN &&
	       !gossip_channel_is_open(link->channel);
}

/* Who opens links and says nothing on them must not keep others out: the oldest makes room. */
static void make_room(struct gossip_node *node)
{
	struct gossip_link *oldest = NULL;
	size_t count = 0;

	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];

		if (!is_stranger(link))
			continue;
		count++;
		if (oldest == NULL || link->id < oldest->id)
			oldest = link;
	}
	if (count >= GOSSIP_NODE_STRANGERS_MAX)
		gossip_link_close(oldest, GOSSIP_BOOK_FAILED, "too many that are not known yet");
}

int gossip_meet_open(struct gossip_node *node, uint64_t link_id, const char *address,
		     const struct gossip_noise_secret *ephemeral, uint64_t now_ms)
{
	struct gossip_channel_options options = {
		.role = address != NULL ? GOSSIP_NOISE_INITIATOR : GOSSIP_NOISE_RESPONDER,
		.secret = node->options.secret,
		.ephemeral = ephemeral,
		.federation = catalog_charter_federation(node->charter),
	};
	uint32_t member = GOSSIP_MESSAGE_MEMBER_NONE;
	struct catalog_node_key remote;
	struct gossip_link *link;
	int r = 0;

	if (node->link_count == GOSSIP_NODE_LINKS_MAX || node->is_stopping || node->has_turned)
		return -ENOSPC;
	if (address != NULL) {
		r = find_remote(node, address, &member, &remote);
		options.remote = &remote;
		if (r == 0 && gossip_score_until_ms(&node->score, &remote, now_ms) != 0)
			r = -EPERM;
	}
	if (r == 0)
		r = gossip_link_new(link_id, address, node->log_count, now_ms, &link);
	if (r != 0)
		return r;
	r = gossip_channel_new(&options, now_ms, &link->channel);
	if (r != 0) {
		gossip_link_free(link);
		return r;
	}
	if (address == NULL)
		make_room(node);
	link->named_by = member;
	gossip_thin_opened(node, link, now_ms);
	node->links[node->link_count++] = link;
	if (address != NULL) /* it goes with the handshake's last message */
		gossip_exchange_greet(node, link);
	return 0;
}

bool gossip_meet_has_room(struct gossip_node *node, const struct gossip_link *link)
{
	size_t member = gossip_node_position(node, link->named_by), count = 0;
	size_t most = node->options.incoming_links;
	bool was_linked = member < node->log_count && node->logs[member].was_linked;

	for (size_t i = 0; i < node->link_count; i++)
		count += !node->links[i]->is_outgoing && node->links[i] != link &&
			 node->links[i]->state == GOSSIP_LINK_GREETED;
	if (!link->is_outgoing && count >= (was_linked ? most - most / 4 : most))
		return false;
	if (member < node->log_count)
		node->logs[member].was_linked = true;
	return true;
}

/* --- whose keys are good ---------------------------------------------------------------------- */

static void refuse(struct gossip_node *node, struct gossip_link *link, uint32_t member,
		   enum catalog_node_state state, enum gossip_book_end end)
{
	char why[GOSSIP_ROSTER_WHY_BYTES];

	gossip_roster_why(node->roster, member, gossip_channel_remote(link->channel), state, why);
	gossip_link_close(link, end, "%s", why);
}

/* The one who came in has shown which key it has: is it a node of the federation? */
static void meet(struct gossip_node *node, struct gossip_link *link, uint64_t now_ms)
{
	uint64_t until_ms =
		gossip_score_until_ms(&node->score, gossip_channel_remote(link->channel), now_ms);
	enum catalog_node_state state;
	uint32_t member = GOSSIP_MESSAGE_MEMBER_NONE;

	if (gossip_roster_find(node->roster, gossip_channel_remote(link->channel), node->now_s,
			       &member, &state) != 0) {
		refuse(node, link, member, state, GOSSIP_BOOK_MISBEHAVED);
		return;
	}
	link->named_by = member;
	node->is_judge_due = true; /* it may expire */
	if (until_ms != 0) {
		gossip_link_close(link, GOSSIP_BOOK_CLOSED, "it misbehaved: come back in %llu s",
				  (unsigned long long)(until_ms - now_ms) / 1000 + 1);
		return;
	}
	gossip_exchange_greet(node, link);
}

bool gossip_meet_is_named_by(struct gossip_node *node, struct gossip_link *link, uint32_t member)
{
	if (gossip_roster_judge(node->roster, member, gossip_channel_remote(link->channel),
				node->now_s, NULL) != CATALOG_NODE_GOOD)
		return false;
	link->named_by = member;
	return true;
}

int gossip_meet_told(struct gossip_node *node, uint32_t member, const struct catalog_node *nodes,
		     size_t count)
{
	bool has_changed;
	int r = gossip_roster_set(node->roster, member, nodes, count, &has_changed);

	if (r != 0 || !has_changed)
		return r;
	node->is_judge_due = true;
	return gossip_book_told(node->book, member, nodes, count, node->now_s);
}

void gossip_meet_judge(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	const int64_t ahead_s = 60 * 60; /* since the time of day may jump */
	int64_t first_s = INT64_MAX;

	if (node->is_judge_due || node->now_s >= node->judge_s) {
		for (size_t i = 0; i < node->link_count; i++) {
			struct gossip_link *link = node->links[i];
			int64_t until_s = INT64_MAX;
			enum catalog_node_state state;

			if (link->state >= GOSSIP_LINK_CLOSING ||
			    !gossip_channel_is_open(link->channel))
				continue;
			state = gossip_roster_judge(node->roster, link->named_by,
						    gossip_channel_remote(link->channel),
						    node->now_s, &until_s);
			if (state != CATALOG_NODE_GOOD)
				refuse(node, link, link->named_by, state, GOSSIP_BOOK_CLOSED);
			else if (until_s < first_s)
				first_s = until_s;
		}
		node->judge_s = first_s;
		node->is_judge_due = false;
	}
	if (node->judge_s == INT64_MAX)
		return;
	first_s = node->judge_s - node->now_s < ahead_s ? node->judge_s - node->now_s : ahead_s;
	if (now_ms + (uint64_t)first_s * 1000 < *due_ms)
		*due_ms = now_ms + (uint64_t)first_s * 1000;
}

/* What stood in a record: a part of a message, or more. */
static void take_plain(struct gossip_node *node, struct gossip_link *link,
		       struct catalog_span plain, uint64_t now_ms)
{
	while (link->state < GOSSIP_LINK_CLOSING) {
		struct catalog_span message;
		enum gossip_lane lane;
		size_t used;
		int r = gossip_frame_reader_feed(link->reader, plain, &used, &lane, &message);

		if (r == -EAGAIN)
			break;
		if (r == -ENOMEM) {
			gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
			break;
		}
		if (r != 0) {
			gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED, "a frame that is none");
			break;
		}
		gossip_exchange_message(node, link, message, now_ms);
		plain.bytes += used;
		plain.len -= used;
	}
}

void gossip_meet_break(struct gossip_link *link, int code)
{
	bool is_open = link->state == GOSSIP_LINK_GREETED;

	if (code == -ENOMEM)
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "out of memory");
	else if (code == -ETIMEDOUT)
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "no handshake in time");
	else if (code == -EPROTO)
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "it keeps one key for too long");
	else if (is_open)
		gossip_link_close(link, GOSSIP_BOOK_FAILED, "what came was changed on its way");
	else
		gossip_link_close(
			link, GOSSIP_BOOK_FAILED,
			link->is_outgoing
				? "it has not the key that was expected there, or another "
				  "version or federation"
				: "it knows not our key, or has another version or "
				  "federation");
}

void gossip_meet_received(struct gossip_node *node, struct gossip_link *link,
			  struct catalog_span bytes, uint64_t now_ms)
{
	while (link->state < GOSSIP_LINK_CLOSING) {
		bool was_stranger = is_stranger(link);
		struct catalog_span plain;
		size_t used;
		int r = gossip_channel_feed(link->channel, bytes, now_ms, &used, &plain);

		if (r == -EAGAIN)
			break;
		if (r != 0) {
			gossip_meet_break(link, r);
			break;
		}
		if (was_stranger)
			meet(node, link, now_ms);
		take_plain(node, link, plain, now_ms);
		bytes.bytes += used;
		bytes.len -= used;
	}
}
