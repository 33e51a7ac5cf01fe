/* tests/sim/net_wires.c - connections: what is sent arrives after the wire's delay, in its order,
 * or no more of it does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/net_state.h"

#define INSIDE_MS     5, 25 /* between two nodes of one region */
#define BETWEEN_MS    40, 150
#define DIAL_MS_MAX   3000 /* a dial that nobody answers fails after */
#define SLOW_MS       50   /* the least that a slow packet waits; the tail is 1/x */
#define SLOW_MS_MAX   20000
#define PIECE_PERCENT 25 /* of what is sent arrives in two pieces, where the net is rough */

static uint64_t delay_of(struct net *net, size_t a, size_t b)
{
	return 1000 * (net->nodes[a].region == net->nodes[b].region ? net_between(net, INSIDE_MS)
								    : net_between(net, BETWEEN_MS));
}

static bool is_blocked(const struct net *net, size_t from, size_t to)
{
	return (net->first_parted > 0 && (from < net->first_parted) != (to < net->first_parted)) ||
	       net->is_blocked[from * net->options.node_count + to];
}

/* Whether a connection can be made, for which something must come back. */
static bool is_reachable(const struct net *net, size_t from, size_t to)
{
	return !is_blocked(net, from, to) && !is_blocked(net, to, from);
}

/* --- the wires there are ---------------------------------------------------------------------- */

static struct net_wire *wire_new(struct net *net, size_t from, size_t to, const char *address)
{
	struct net_wire *wire = calloc(1, sizeof *wire);

	net_must(wire != NULL, "memory");
	wire->sides[0].node = from;
	wire->sides[1].node = to;
	wire->delay_us = delay_of(net, from, to);
	snprintf(wire->address, sizeof wire->address, "%s", address);
	wire->next = net->wires;
	wire->prev = &net->wires;
	if (wire->next != NULL)
		wire->next->prev = &wire->next;
	net->wires = wire;
	return wire;
}

static void wire_end(struct net_wire *wire)
{
	if (wire->pending > 0 || wire->sides[0].is_open || wire->sides[1].is_open)
		return;
	if (wire->ghost != NULL)
		wire->ghost->origin = NULL;
	if (wire->origin != NULL)
		wire->origin->ghost = NULL;
	*wire->prev = wire->next;
	if (wire->next != NULL)
		wire->next->prev = wire->prev;
	free(wire);
}

static struct net_event *wire_event(struct net *net, struct net_wire *wire, size_t side,
				    enum net_event_kind kind, uint64_t at_us)
{
	struct net_event *event = net_add_event(net, kind, wire->sides[side].node, at_us);

	event->wire = wire;
	event->side = side;
	wire->pending++;
	return event;
}

void net_wires_forget(struct net_event *event)
{
	if (event->wire == NULL)
		return;
	event->wire->pending--;
	wire_end(event->wire);
}

static struct net_wire *wire_of(struct net *net, size_t node, uint64_t link, size_t *ret_side)
{
	const struct net_place *place = &net->links[link];

	net_must(link < net->link_count && place->wire->sides[place->side].node == node,
		 "a link that nobody knows");
	*ret_side = place->side;
	return place->wire;
}

/* Something for the other side is on its way; it keeps its place behind what was sent before. */
static uint64_t arrival(struct net *net, struct net_wire *wire, size_t to)
{
	uint64_t at_us = net->now_us + wire->delay_us;

	if (net_chance(net, net->slow_percent)) {
		uint64_t slow_ms = SLOW_MS * 1000 / net_between(net, 1, 1000);

		at_us += 1000 * (slow_ms < SLOW_MS_MAX ? slow_ms : SLOW_MS_MAX);
	}
	if (at_us < wire->sides[to].arrive_us)
		at_us = wire->sides[to].arrive_us;
	wire->sides[to].arrive_us = at_us;
	return at_us;
}

static void end_for(struct net *net, struct net_wire *wire, size_t side)
{
	(void)wire_event(net, wire, side, NET_EVENT_ENDED, arrival(net, wire, side));
}

/* --- what nodes do ---------------------------------------------------------------------------- */

void net_wires_dial(struct net *net, size_t from, const struct gossip_action *action)
{
	size_t to = action->log;
	const struct net_node *node = &net->nodes[to];
	struct net_event *event;
	struct net_wire *wire;

	if ((node->gossip == NULL && !node->is_mute) || node->is_behind_nat ||
	    !is_reachable(net, from, to)) {
		event = net_add_event(net, NET_EVENT_FAILED, from,
				      net->now_us + 1000 * DIAL_MS_MAX);
		snprintf(event->address, sizeof event->address, "%s", action->text);
	} else {
		wire = wire_new(net, from, to, action->text);
		event = wire_event(net, wire, 0, NET_EVENT_DIALLED,
				   net->now_us + 2 * wire->delay_us);
	}
	event->life = net->nodes[from].life;
}

static void post(struct net *net, struct net_wire *wire, size_t to, struct catalog_span bytes)
{
	struct net_event *event =
		wire_event(net, wire, to, NET_EVENT_BYTES, arrival(net, wire, to));

	net_must(catalog_buffer_append(&event->bytes, bytes.bytes, bytes.len) == 0, "memory");
}

void net_wires_send(struct net *net, size_t from, uint64_t link, struct catalog_span bytes)
{
	size_t side;
	struct net_wire *wire = wire_of(net, from, link, &side);

	net->bytes += bytes.len;
	if (side == 0 && wire->ghost != NULL)
		post(net, wire->ghost, 1, bytes);
	if (net->options.is_rough && bytes.len > 1 && net_chance(net, PIECE_PERCENT)) {
		size_t len = (size_t)net_between(net, 1, bytes.len - 1);

		post(net, wire, 1 - side, (struct catalog_span){bytes.bytes, len});
		bytes.bytes += len;
		bytes.len -= len;
	}
	post(net, wire, 1 - side, bytes);
}

size_t net_wires_peer(struct net *net, size_t node, uint64_t link)
{
	size_t side;
	const struct net_wire *wire = wire_of(net, node, link, &side);

	return wire->sides[1 - side].node;
}

void net_wires_close(struct net *net, size_t from, uint64_t link)
{
	size_t side;
	struct net_wire *wire = wire_of(net, from, link, &side);

	wire->sides[side].is_open = false;
	if (side == 0 && wire->ghost != NULL)
		end_for(net, wire->ghost, 1);
	end_for(net, wire, 1 - side); /* which frees the wire when it has happened */
}

void net_wires_leave(struct net *net, size_t node)
{
	for (struct net_wire *wire = net->wires; wire != NULL; wire = wire->next) {
		for (size_t side = 0; side < 2; side++) {
			if (wire->sides[side].node != node || !wire->sides[side].is_open)
				continue;
			wire->sides[side].is_open = false;
			end_for(net, wire, 1 - side);
			if (side == 0 && wire->ghost != NULL)
				end_for(net, wire->ghost, 1);
		}
	}
}

/* --- what arrives ----------------------------------------------------------------------------- */

static bool open_side(struct net *net, struct net_wire *wire, size_t side, const char *address)
{
	struct gossip_noise_secret ephemeral;
	struct net_side *s = &wire->sides[side];

	for (size_t i = 0; i < sizeof ephemeral.bytes; i++)
		ephemeral.bytes[i] = (uint8_t)gossip_random_next(&net->random);
	if (net->link_count == net->link_room) {
		net->link_room = 2 * net->link_room + 1024;
		net->links = realloc(net->links, net->link_room * sizeof *net->links);
		net_must(net->links != NULL, "memory");
	}
	s->link = net->link_count++;
	net->links[s->link] = (struct net_place){wire, side};
	s->is_open = gossip_node_opened(net->nodes[s->node].gossip, s->link, address, &ephemeral,
					net_time_of(net, s->node)) == 0;
	return s->is_open;
}

/* The connection is made, or not; also a second time, as when a packet was sent again. */
static void on_dialled(struct net *net, const struct net_event *event)
{
	struct net_wire *wire = event->wire;
	size_t from = wire->sides[0].node, to = wire->sides[1].node;

	if (net->nodes[from].gossip == NULL || net->nodes[from].life != event->life)
		return;
	if ((net->nodes[to].gossip == NULL && !net->nodes[to].is_mute) ||
	    !is_reachable(net, from, to)) {
		gossip_node_dial_failed(net->nodes[from].gossip, wire->address,
					net_time_of(net, from));
		return;
	}
	if (!open_side(net, wire, 0, wire->address))
		return;
	if (net->nodes[to].is_mute) {
		wire->sides[0].is_lost = wire->sides[1].is_lost = true;
		return;
	}
	if (!open_side(net, wire, 1, NULL))
		end_for(net, wire, 0);
	if (net_chance(net, net->ghost_percent)) {
		wire->ghost = wire_new(net, from, to, wire->address);
		wire->ghost->origin = wire;
		if (!open_side(net, wire->ghost, 1, NULL))
			wire_end(wire->ghost);
	}
	net_drain(net, to);
}

static void on_bytes(struct net *net, const struct net_event *event)
{
	struct net_side *side = &event->wire->sides[event->side];

	if (!side->is_open)
		return;
	/* What is lost is lost with all that follows: the link falls silent. */
	if (is_blocked(net, event->wire->sides[1 - event->side].node, side->node))
		side->is_lost = true;
	if (side->is_lost)
		return;
	net_note(net, event->bytes.len);
	gossip_node_received(net->nodes[side->node].gossip, side->link,
			     catalog_buffer_span(&event->bytes), net_time_of(net, side->node));
}

static void on_ended(struct net *net, const struct net_event *event)
{
	struct net_side *side = &event->wire->sides[event->side];

	if (!side->is_open || side->is_lost)
		return;
	side->is_open = false;
	gossip_node_closed(net->nodes[side->node].gossip, side->link, net_time_of(net, side->node));
}

void net_wires_happen(struct net *net, struct net_event *event)
{
	if (event->kind == NET_EVENT_BYTES)
		on_bytes(net, event);
	else if (event->kind == NET_EVENT_ENDED)
		on_ended(net, event);
	else
		on_dialled(net, event);
}

/* --- faults ----------------------------------------------------------------------------------- */

void net_part(struct net *net, size_t first, bool parted)
{
	net->first_parted = parted ? first : 0;
}

void net_block(struct net *net, size_t from, size_t to, bool blocked)
{
	net->is_blocked[from * net->options.node_count + to] = blocked;
}

void net_mute(struct net *net, size_t node, bool is_mute)
{
	net->nodes[node].is_mute = is_mute;
}

void net_slow(struct net *net, unsigned percent)
{
	net->slow_percent = percent;
}

void net_double(struct net *net, unsigned percent)
{
	net->ghost_percent = percent;
}

void net_cut(struct net *net, size_t node, enum net_cut cut)
{
	for (struct net_wire *wire = net->wires; wire != NULL; wire = wire->next) {
		size_t ours = wire->sides[0].node == node ? 0 : 1;

		if (wire->sides[ours].node != node || wire->origin != NULL)
			continue;
		if (cut == NET_CUT_SOME && !net_chance(net, 50))
			continue;
		if (cut == NET_CUT_HALF) { /* the other never hears of it */
			wire->sides[1 - ours].is_lost = true;
			(void)wire_event(net, wire, ours, NET_EVENT_ENDED, net->now_us);
			continue;
		}
		for (size_t side = 0; side < 2; side++)
			(void)wire_event(net, wire, side, NET_EVENT_ENDED, net->now_us);
	}
}
