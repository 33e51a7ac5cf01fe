/* gossip/pull_slot.c - each range that is under way has a slot: who was asked for it, and how far
 * it has come.  Whoever is asked pays with its credit, until its answer is committed or not wanted
 * any more. */
#include <assert.h>
#include <string.h>

#include "gossip/pull_state.h"

struct gossip_pull_peer *gossip_pull_slot_peer(struct gossip_pull *pull, uint64_t link)
{
	for (size_t i = 0; i < pull->peer_count; i++)
		if (pull->peers[i].link == link)
			return &pull->peers[i];
	return NULL;
}

struct gossip_pull_slot *gossip_pull_slot_new(struct gossip_pull *pull, size_t log, uint64_t from,
					      uint64_t to, uint64_t size)
{
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];

		if (slot->state != GOSSIP_PULL_FREE)
			continue;
		*slot = (struct gossip_pull_slot){.state = GOSSIP_PULL_WANTED,
						  .log = log,
						  .from = from,
						  .to = to,
						  .size = size};
		pull->slot_count++;
		pull->tracks[log].slots++;
		return slot;
	}
	return NULL;
}

void gossip_pull_slot_ask(struct gossip_pull *pull, struct gossip_pull_slot *slot,
			  struct gossip_pull_peer *peer, const struct gossip_pull_ask_of *ask)
{
	assert(slot->ask_count < GOSSIP_PULL_ASKS_MAX);
	assert(slot->state == GOSSIP_PULL_WANTED || slot->state == GOSSIP_PULL_ASKED);
	if (pull->tracks[slot->log].is_single)
		pull->tracks[slot->log].single = peer->link;
	slot->asks[slot->ask_count++] = *ask;
	slot->state = GOSSIP_PULL_ASKED;
	peer->asked++;
	peer->bytes += ask->bytes;
	peer->wire += ask->wire;
}

/* A peer's credit is its own again. */
static void pay_back(struct gossip_pull *pull, const struct gossip_pull_slot *slot,
		     const struct gossip_pull_ask_of *ask)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, ask->link);

	if (peer == NULL)
		return;
	assert(peer->bytes >= ask->bytes);
	peer->bytes -= ask->bytes;
	if (slot->state != GOSSIP_PULL_ASKED)
		return; /* it has answered */
	assert(peer->asked > 0 && peer->wire >= ask->wire);
	peer->asked--;
	peer->wire -= ask->wire;
}

void gossip_pull_slot_drop(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t ask)
{
	pay_back(pull, slot, &slot->asks[ask]);
	slot->asks[ask] = slot->asks[--slot->ask_count];
	if (slot->ask_count == 0)
		slot->state = GOSSIP_PULL_WANTED;
}

static void forget(struct gossip_pull *pull, struct gossip_pull_slot *slot)
{
	for (size_t i = 0; i < slot->ask_count; i++)
		pay_back(pull, slot, &slot->asks[i]);
	slot->ask_count = 0;
	catalog_chunk_free(slot->chunk);
	slot->chunk = NULL;
}

void gossip_pull_slot_free(struct gossip_pull *pull, struct gossip_pull_slot *slot)
{
	forget(pull, slot);
	pull->tracks[slot->log].slots--;
	pull->slot_count--;
	*slot = (struct gossip_pull_slot){.state = GOSSIP_PULL_FREE};
}

void gossip_pull_slot_want(struct gossip_pull *pull, struct gossip_pull_slot *slot)
{
	forget(pull, slot);
	slot->state = GOSSIP_PULL_WANTED;
}

void gossip_pull_slot_answered(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t ask,
			       size_t len, uint64_t now_ms)
{
	struct gossip_pull_ask_of answered = slot->asks[ask];
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, answered.link);

	for (size_t i = 0; i < slot->ask_count; i++)
		if (i != ask)
			pay_back(pull, slot, &slot->asks[i]);
	assert(peer != NULL && peer->asked > 0 && peer->wire >= answered.wire);
	peer->asked--;
	peer->wire -= answered.wire;
	gossip_pull_peer_answered(peer, len, answered.at_ms, now_ms);
	slot->asks[0] = answered;
	slot->ask_count = 1;
	slot->state = GOSSIP_PULL_ARRIVED;
}

void gossip_pull_slot_holds(struct gossip_pull *pull, struct gossip_pull_slot *slot, size_t bytes)
{
	struct gossip_pull_peer *peer = gossip_pull_slot_peer(pull, slot->asks[0].link);

	assert(slot->state >= GOSSIP_PULL_ARRIVED && slot->ask_count == 1);
	if (peer != NULL) {
		assert(peer->bytes >= slot->asks[0].bytes);
		peer->bytes = peer->bytes - slot->asks[0].bytes + bytes;
	}
	slot->asks[0].bytes = bytes;
}

struct gossip_pull_slot *gossip_pull_slot_of(struct gossip_pull *pull, uint32_t request,
					     size_t *ret_ask)
{
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++)
		for (size_t k = 0; k < pull->slots[i].ask_count; k++)
			if (pull->slots[i].asks[k].request == request) {
				*ret_ask = k;
				return &pull->slots[i];
			}
	return NULL;
}

bool gossip_pull_slot_is_asked(const struct gossip_pull_slot *slot, uint64_t link)
{
	for (size_t i = 0; i < slot->ask_count; i++)
		if (slot->asks[i].link == link)
			return true;
	return false;
}

struct gossip_pull_slot *gossip_pull_slot_ready(struct gossip_pull *pull, size_t log, uint64_t at)
{
	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
		struct gossip_pull_slot *slot = &pull->slots[i];

		if (slot->state == GOSSIP_PULL_PARSED && slot->log == log && slot->from <= at &&
		    slot->to > at)
			return slot;
	}
	return NULL;
}

uint64_t gossip_pull_slot_end(const struct gossip_pull *pull, size_t log, uint64_t held)
{
	uint64_t end = held;

	for (bool moved = true; moved && pull->tracks[log].slots > 0;) {
		moved = false;
		for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++) {
			const struct gossip_pull_slot *slot = &pull->slots[i];

			if (slot->state != GOSSIP_PULL_FREE && slot->log == log &&
			    slot->from <= end && slot->to > end) {
				end = slot->to;
				moved = true;
			}
		}
	}
	return end;
}

size_t gossip_pull_slot_bytes(const struct gossip_pull *pull)
{
	size_t bytes = 0;

	for (size_t i = 0; i < GOSSIP_PULL_SLOTS; i++)
		for (size_t k = 0; k < pull->slots[i].ask_count; k++)
			bytes += pull->slots[i].asks[k].bytes;
	return bytes;
}
