/* gossip/confirm.c - asking is no message of its own.  Two nodes that greet each other tell their
 * vectors where these differ, and that they are equal where they are.  What a peer says in answer
 * to our hello is on its way before it sees anything that we say after its own hello; so a ping
 * then comes back behind all of it, and with the pong the peer has answered.
 *
 * What a peer claims counts as its answer once a checkpoint that our key signed has shown it. Until
 * then the claim keeps us from signing, for a while: longer would let one liar silence a member. */
#include "gossip/confirm.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "gossip/state.h"

#define ASK 2 /* the number of our ping; others are to find out who is still there */

size_t gossip_confirm_needed(const struct catalog_charter *charter,
			     const struct gossip_node_options *options,
			     const struct gossip_roster *roster)
{
	const struct catalog_node *nodes;
	size_t count = 0;

	for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);
		bool is_reachable = member->address_count > 0;

		for (size_t k = 0; k < options->address_count && !is_reachable; k++)
			is_reachable = options->addresses[k].member == member->index;
		for (size_t k = gossip_roster_told(roster, member->index, &nodes);
		     k > 0 && !is_reachable; k--)
			is_reachable = nodes[k - 1].address_count > 0 &&
				       nodes[k - 1].expires_s > options->now_s;
		count += is_reachable && member->index != options->self &&
			 member->standing != CATALOG_STANDING_EXPELLED;
	}
	return count < GOSSIP_CONFIRM_MEMBERS ? count : GOSSIP_CONFIRM_MEMBERS;
}

void gossip_confirm_amended(struct gossip_node *node)
{
	size_t count = 0;

	for (size_t i = 0; i < catalog_charter_member_count(node->charter); i++) {
		const struct catalog_member *member = catalog_charter_member_at(node->charter, i);

		count += member->index != node->options.self &&
			 member->standing != CATALOG_STANDING_EXPELLED &&
			 gossip_book_knows(node->book, member->index);
	}
	if (node->confirm_needed > count)
		node->confirm_needed = count;
}

static size_t own_log(const struct gossip_node *node)
{
	return gossip_node_position(node, node->options.self);
}

static size_t count_answers(const struct gossip_node *node)
{
	size_t count = 0;

	for (size_t i = 0; i < node->log_count; i++)
		count += node->logs[i].has_answered;
	return count;
}

static bool is_asking(const struct gossip_node *node)
{
	return own_log(node) < node->log_count && count_answers(node) < node->confirm_needed;
}

size_t gossip_confirm_links(const struct gossip_node *node)
{
	size_t links = node->options.outgoing_links;

	/* One more than must answer, since one may not. */
	return is_asking(node) && links <= node->confirm_needed ? node->confirm_needed + 1 : links;
}

void gossip_confirm_greeted(struct gossip_node *node, struct gossip_link *link, bool is_equal)
{
	struct gossip_message ping = {.kind = GOSSIP_MESSAGE_PING, .as.ping = ASK};

	link->has_told = is_equal;
	if (node->options.self != GOSSIP_MESSAGE_MEMBER_NONE && link->member == node->options.self)
		gossip_node_notice(node,
				   "another node says that it is of our own member: if it has the "
				   "member's key, too, and publishes, the log forks; let one node "
				   "publish");
	if (is_asking(node))
		gossip_link_say(link, &ping);
}

void gossip_confirm_vector(struct gossip_node *node, struct gossip_link *link,
			   const struct gossip_vector *vector)
{
	size_t own = own_log(node);

	for (size_t i = 0; i < vector->count && own < node->log_count; i++) {
		const struct gossip_place *place = &vector->places[i];
		const struct catalog_log_status *ours = &node->logs[own].status;

		if (place->log == node->options.self)
			link->is_disputed = place->target == ours->target_size &&
					    memcmp(place->root, ours->target_root.bytes,
						   sizeof place->root) != 0;
	}
	link->has_told = link->has_told || vector->is_last;
}

void gossip_confirm_pong(struct gossip_link *link, uint64_t number)
{
	link->has_ponged = link->has_ponged || number == ASK;
}

/* Whether a peer speaks of more of our log than we have seen signed, or of something else. */
static bool is_claim(const struct gossip_node *node, const struct gossip_link *link, size_t own)
{
	return link->is_disputed || gossip_pull_known(node->pull, link->id, own)->target >
					    node->logs[own].status.target_size;
}

static bool waits_to_be_verified(const struct gossip_node *node)
{
	for (size_t i = 0; i < node->head_count; i++)
		if (node->heads[i].log == node->options.self)
			return true;
	return false;
}

void gossip_confirm_settle(struct gossip_node *node, uint64_t now_ms, uint64_t *due_ms)
{
	size_t own = own_log(node);

	if (own == node->log_count)
		return;
	node->is_claimed = waits_to_be_verified(node);
	for (size_t i = 0; i < node->link_count; i++) {
		struct gossip_link *link = node->links[i];
		size_t member = gossip_node_position(node, link->named_by);

		if (link->state != GOSSIP_LINK_GREETED)
			continue;
		if (!is_claim(node, link, own)) {
			link->claimed_ms = 0;
			if (link->has_told && link->has_ponged && member < node->log_count &&
			    member != own)
				node->logs[member].has_answered = true;
			continue;
		}
		if (link->claimed_ms == 0)
			link->claimed_ms = now_ms;
		if (now_ms >= link->claimed_ms + GOSSIP_CONFIRM_CLAIM_MS)
			continue;
		node->is_claimed = true;
		if (link->claimed_ms + GOSSIP_CONFIRM_CLAIM_MS < *due_ms)
			*due_ms = link->claimed_ms + GOSSIP_CONFIRM_CLAIM_MS;
	}
}

void gossip_confirm_look(const struct gossip_node *node, struct gossip_confirm *ret_confirm)
{
	struct gossip_confirm confirm = {.needed = node->confirm_needed};
	size_t own = own_log(node);
	const struct catalog_log_status *status;

	if (own == node->log_count) {
		*ret_confirm = confirm;
		return;
	}
	status = &node->logs[own].status;
	confirm.answered = count_answers(node);
	confirm.held = status->size;
	confirm.known = status->target_size;
	for (size_t i = 0; i < node->link_count; i++) {
		const struct gossip_link *link = node->links[i];
		uint64_t target;

		if (link->state != GOSSIP_LINK_GREETED)
			continue;
		target = gossip_pull_known(node->pull, link->id, own)->target;
		if (target > confirm.known)
			confirm.known = target;
	}
	confirm.is_confirmed = confirm.answered >= confirm.needed && !node->is_claimed &&
			       status->size == status->target_size &&
			       status->health == CATALOG_LOG_GOOD;
	*ret_confirm = confirm;
}
