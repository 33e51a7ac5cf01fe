/* gossip/meet.c - from a connection to a known peer: whose key to expect, who came in, what a
 * channel gives and how it ends.
 */
#include "gossip/state.h"

#include <errno.h>

#include "gossip/roster.h"

/* Whom we dialled at an address: its member and the key that we expect there. */
static int find_remote(const struct gossip_node *node, const char *address, uint32_t *ret_member,
		       const struct catalog_node_key **ret_key)
{
	const struct catalog_node_key *keys;
	size_t turn, count;

	if (gossip_book_whose(node->book, address, ret_member, &turn) != 0)
		return -ENOKEY;
	count = gossip_roster_nodes(node->charter, *ret_member, &keys);
	if (count == 0)
		return -ENOKEY;
	*ret_key = &keys[turn % count];
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
	struct gossip_link *link;
	int r = 0;

	if (node->link_count == GOSSIP_NODE_LINKS_MAX || node->is_stopping)
		return -ENOSPC;
	if (address != NULL)
		r = find_remote(node, address, &member, &options.remote);
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
	node->links[node->link_count++] = link;
	if (address != NULL) /* it goes with the handshake's last message */
		gossip_exchange_greet(node, link);
	return 0;
}

/* The one who came in has shown which key it has: is it a node of the federation? */
static void meet(struct gossip_node *node, struct gossip_link *link)
{
	const struct catalog_node_key *key = gossip_channel_remote(link->channel);

	if (gossip_roster_find(node->charter, key, &link->named_by) == 0)
		gossip_exchange_greet(node, link);
	else
		gossip_link_close(link, GOSSIP_BOOK_MISBEHAVED,
				  "no member has named the node with the key %02x%02x %02x%02x "
				  "%02x%02x %02x%02x",
				  key->bytes[0], key->bytes[1], key->bytes[2], key->bytes[3],
				  key->bytes[4], key->bytes[5], key->bytes[6], key->bytes[7]);
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
			meet(node, link);
		take_plain(node, link, plain, now_ms);
		bytes.bytes += used;
		bytes.len -= used;
	}
}
