#include "tests/sim/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/publisher.h"
#include "catalog/value.h"
#include "gossip/random.h"

#define REGIONS     6
#define INSIDE_MS   5, 25 /* between two nodes of one region */
#define BETWEEN_MS  40, 150
#define DIAL_MS_MAX 3000 /* a dial that nobody answers fails after */
#define NOBODY      SIZE_MAX

enum event_kind { EVENT_BYTES, EVENT_ENDED, EVENT_TICK, EVENT_DIALLED, EVENT_FAILED };

struct event {
	uint64_t at_us, order;
	enum event_kind kind;
	size_t node;       /* whom it happens to */
	struct wire *wire; /* BYTES, ENDED, DIALLED */
	size_t side;
	struct catalog_buffer bytes;
	struct gossip_job *job;               /* JOB */
	char address[GOSSIP_NODE_TEXT_BYTES]; /* FAILED */
};

struct side {
	size_t node;
	uint64_t link;
	bool is_open;
	uint64_t arrive_us; /* the last of what is on its way to it */
};

struct wire {
	struct side sides[2];
	uint64_t delay_us;
	char address[GOSSIP_NODE_TEXT_BYTES];
	size_t pending; /* events that name it */
	struct wire *next, **prev;
};

struct node {
	char dir[64];
	struct catalog_store *store;
	struct catalog_secret secret;
	struct gossip_noise_secret key;
	struct gossip_node *gossip;
	unsigned region;
	bool is_behind_nat;
	uint64_t tick_us; /* the earliest tick that is queued */
	unsigned published;
	uint64_t *held_ms; /* by log: when it last grew */
	uint64_t *held;    /* by log */
};

struct net {
	struct net_options options;
	struct gossip_random random;
	struct catalog_charter *charter;
	uint64_t now_us, order, next_link, trace, bytes;
	size_t event_count, event_room;
	struct event **events; /* a heap */
	struct wire *wires;
	struct node *nodes;
	size_t first_parted; /* 0: nobody is */
	unsigned deaf_percent;
};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "simulation: %s\n", what);
	exit(99);
}

/* --- events ----------------------------------------------------------------------------------- */

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct net *net, size_t a, size_t b)
{
	struct event *event = net->events[a];

	net->events[a] = net->events[b];
	net->events[b] = event;
}

static struct event *add_event(struct net *net, enum event_kind kind, size_t node, uint64_t at_us)
{
	struct event *event = calloc(1, sizeof *event);
	size_t i = net->event_count;

	must(event != NULL, "memory");
	*event = (struct event){.at_us = at_us, .order = net->order++, .kind = kind, .node = node};
	if (net->event_count == net->event_room) {
		net->event_room = 2 * net->event_room + 1024;
		net->events = realloc(net->events, net->event_room * sizeof *net->events);
		must(net->events != NULL, "memory");
	}
	net->events[net->event_count++] = event;
	for (; i > 0 && is_before(net->events[i], net->events[(i - 1) / 2]); i = (i - 1) / 2)
		swap(net, i, (i - 1) / 2);
	return event;
}

static struct event *take_event(struct net *net)
{
	struct event *event = net->events[0];

	net->events[0] = net->events[--net->event_count];
	for (size_t i = 0;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < net->event_count; k++)
			if (is_before(net->events[k], net->events[least]))
				least = k;
		if (least == i)
			return event;
		swap(net, i, least);
		i = least;
	}
}

static void note(struct net *net, uint64_t what)
{
	net->trace = (net->trace ^ what) * 0x100000001b3u;
}

/* --- wires ------------------------------------------------------------------------------------ */

static uint64_t between(struct net *net, unsigned from, unsigned to)
{
	return from + gossip_random_below(&net->random, to - from + 1);
}

static uint64_t delay_of(struct net *net, size_t a, size_t b)
{
	return 1000 * (net->nodes[a].region == net->nodes[b].region ? between(net, INSIDE_MS)
								    : between(net, BETWEEN_MS));
}

static bool is_parted(const struct net *net, size_t a, size_t b)
{
	return net->first_parted > 0 && (a < net->first_parted) != (b < net->first_parted);
}

static void wire_end(struct wire *wire)
{
	if (wire->pending > 0 || wire->sides[0].is_open || wire->sides[1].is_open)
		return;
	*wire->prev = wire->next;
	if (wire->next != NULL)
		wire->next->prev = wire->prev;
	free(wire);
}

static struct event *wire_event(struct net *net, struct wire *wire, size_t side,
				enum event_kind kind, uint64_t at_us)
{
	struct event *event = add_event(net, kind, wire->sides[side].node, at_us);

	event->wire = wire;
	event->side = side;
	wire->pending++;
	return event;
}

static struct wire *wire_of(struct net *net, size_t node, uint64_t link, size_t *ret_side)
{
	for (struct wire *wire = net->wires; wire != NULL; wire = wire->next)
		for (size_t side = 0; side < 2; side++)
			if (wire->sides[side].node == node && wire->sides[side].link == link) {
				*ret_side = side;
				return wire;
			}
	must(false, "a link that nobody knows");
	return NULL;
}

/* Something for the other side is on its way; it keeps its place behind what was sent before. */
static uint64_t arrival(struct net *net, struct wire *wire, size_t to)
{
	uint64_t at_us = net->now_us + wire->delay_us;

	if (at_us < wire->sides[to].arrive_us)
		at_us = wire->sides[to].arrive_us;
	wire->sides[to].arrive_us = at_us;
	return at_us;
}

static bool open_side(struct net *net, struct wire *wire, size_t side, const char *address)
{
	struct gossip_noise_secret ephemeral;
	struct side *s = &wire->sides[side];

	for (size_t i = 0; i < sizeof ephemeral.bytes; i++)
		ephemeral.bytes[i] = (uint8_t)gossip_random_next(&net->random);
	s->link = net->next_link++;
	s->is_open = gossip_node_opened(net->nodes[s->node].gossip, s->link, address, &ephemeral,
					net->now_us / 1000) == 0;
	return s->is_open;
}

static void dial(struct net *net, size_t from, const struct gossip_action *action)
{
	size_t to = action->log;
	struct wire *wire;

	if (net->nodes[to].gossip == NULL || net->nodes[to].is_behind_nat ||
	    is_parted(net, from, to)) {
		struct event *event =
			add_event(net, EVENT_FAILED, from, net->now_us + 1000 * DIAL_MS_MAX);

		snprintf(event->address, sizeof event->address, "%s", action->text);
		return;
	}
	wire = calloc(1, sizeof *wire);
	must(wire != NULL, "memory");
	wire->sides[0].node = from;
	wire->sides[1].node = to;
	wire->delay_us = delay_of(net, from, to);
	snprintf(wire->address, sizeof wire->address, "%s", action->text);
	wire->next = net->wires;
	wire->prev = &net->wires;
	if (wire->next != NULL)
		wire->next->prev = &wire->next;
	net->wires = wire;
	(void)wire_event(net, wire, 0, EVENT_DIALLED, net->now_us + 2 * wire->delay_us);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static void drain(struct net *net, size_t number);

static void run_job(struct net *net, size_t number, struct gossip_job *job)
{
	struct node *node = &net->nodes[number];
	struct gossip_signer signer = {&node->secret, (int64_t)(net->now_us / 1000000)};

	gossip_job_run(job, node->store, net->charter, &signer);
	gossip_node_job_done(node->gossip, job, net->now_us / 1000);
}

/* What is asked for is not always given. */
static void take_job(struct net *net, size_t number, struct gossip_job *job)
{
	if (net->deaf_percent == 0 || !gossip_job_serves(job) ||
	    gossip_random_below(&net->random, 100) >= net->deaf_percent) {
		run_job(net, number, job);
		return;
	}
	gossip_job_drop(job);
	gossip_node_job_done(net->nodes[number].gossip, job, net->now_us / 1000);
}

static void note_advance(struct net *net, size_t number, uint32_t log)
{
	struct node *node = &net->nodes[number];
	struct catalog_log_status status;
	struct catalog_txn *txn;

	must(catalog_store_begin(node->store, &txn) == 0 &&
		     catalog_log_status(txn, log, &status) == 0,
	     "read a store");
	catalog_store_end(txn);
	if (status.size == node->held[log])
		return;
	node->held[log] = status.size;
	node->held_ms[log] = net->now_us / 1000;
}

static void carry_out(struct net *net, size_t number, const struct gossip_action *action)
{
	struct gossip_node *gossip = net->nodes[number].gossip;
	struct event *event;
	struct wire *wire;
	size_t side;

	switch (action->kind) {
	case GOSSIP_ACTION_SEND:
		wire = wire_of(net, number, action->link, &side);
		net->bytes += action->bytes.len;
		event = wire_event(net, wire, 1 - side, EVENT_BYTES, arrival(net, wire, 1 - side));
		must(catalog_buffer_append(&event->bytes, action->bytes.bytes, action->bytes.len) ==
			     0,
		     "memory");
		gossip_node_sent(gossip, action->link, action->bytes.len, net->now_us / 1000);
		break;
	case GOSSIP_ACTION_CLOSE:
		wire = wire_of(net, number, action->link, &side);
		wire->sides[side].is_open = false;
		gossip_node_closed(gossip, action->link, net->now_us / 1000);
		(void)wire_event(net, wire, 1 - side, EVENT_ENDED, arrival(net, wire, 1 - side));
		break;
	case GOSSIP_ACTION_DIAL: dial(net, number, action); break;
	case GOSSIP_ACTION_JOB: take_job(net, number, action->job); break;
	case GOSSIP_ACTION_ADVANCED: note_advance(net, number, action->log); break;
	case GOSSIP_ACTION_NOTICE: fprintf(stderr, "node %zu: %s\n", number, action->text); break;
	case GOSSIP_ACTION_WITNESSED:
	case GOSSIP_ACTION_AMENDED: break; /* neither is simulated */
	}
}

static void drain(struct net *net, size_t number)
{
	struct node *node = &net->nodes[number];
	struct gossip_action action;
	uint64_t due_ms, due_us;

	if (node->gossip == NULL)
		return;
	while (gossip_node_next(node->gossip, net->now_us / 1000, &action, &due_ms) == 0)
		carry_out(net, number, &action);
	if (due_ms == UINT64_MAX)
		return;
	due_us = due_ms * 1000 > net->now_us ? due_ms * 1000 : net->now_us + 1000;
	if (node->tick_us > net->now_us && node->tick_us <= due_us)
		return;
	node->tick_us = due_us;
	(void)add_event(net, EVENT_TICK, number, due_us);
}

static void on_dialled(struct net *net, const struct event *event)
{
	struct wire *wire = event->wire;
	size_t from = wire->sides[0].node, to = wire->sides[1].node;

	if (net->nodes[from].gossip == NULL)
		return;
	if (net->nodes[to].gossip == NULL || is_parted(net, from, to)) {
		gossip_node_dial_failed(net->nodes[from].gossip, wire->address, net->now_us / 1000);
		return;
	}
	if (!open_side(net, wire, 0, wire->address))
		return;
	if (!open_side(net, wire, 1, NULL))
		(void)wire_event(net, wire, 0, EVENT_ENDED, arrival(net, wire, 0));
	drain(net, to);
}

static void on_bytes(struct net *net, const struct event *event)
{
	struct wire *wire = event->wire;
	struct side *side = &wire->sides[event->side], *other = &wire->sides[1 - event->side];

	if (!side->is_open)
		return;
	if (is_parted(net, side->node, other->node))
		return; /* lost: and the link falls silent */
	note(net, event->bytes.len);
	gossip_node_received(net->nodes[side->node].gossip, side->link,
			     catalog_buffer_span(&event->bytes), net->now_us / 1000);
}

static void on_ended(struct net *net, const struct event *event)
{
	struct side *side = &event->wire->sides[event->side];

	if (!side->is_open)
		return;
	side->is_open = false;
	gossip_node_closed(net->nodes[side->node].gossip, side->link, net->now_us / 1000);
}

static void happen(struct net *net, struct event *event)
{
	note(net, event->at_us ^ (uint64_t)event->kind << 60 ^ event->node);
	switch (event->kind) {
	case EVENT_BYTES: on_bytes(net, event); break;
	case EVENT_ENDED: on_ended(net, event); break;
	case EVENT_DIALLED: on_dialled(net, event); break;
	case EVENT_FAILED:
		if (net->nodes[event->node].gossip != NULL)
			gossip_node_dial_failed(net->nodes[event->node].gossip, event->address,
						net->now_us / 1000);
		break;
	case EVENT_TICK: break;
	}
	drain(net, event->node);
	if (event->wire != NULL) {
		event->wire->pending--;
		wire_end(event->wire);
	}
	catalog_buffer_close(&event->bytes);
	free(event);
}

/* --- making ----------------------------------------------------------------------------------- */

static void found(struct net *net)
{
	size_t count = net->options.node_count;
	struct catalog_member *members = calloc(count, sizeof *members);
	struct catalog_founding founding = {.name = "Simulation",
					    .members = members,
					    .member_count = count,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};

	must(members != NULL, "memory");
	founding.council = &members[0].key;
	for (size_t i = 0; i < count; i++) {
		uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 1};
		struct catalog_member *member = &members[i];
		struct node *node = &net->nodes[i];

		member->index = (uint32_t)i;
		snprintf(member->name, sizeof member->name, "node-%zu", i);
		snprintf(member->title, sizeof member->title, "Node %zu", i);
		snprintf(member->country, sizeof member->country, "KE");
		snprintf(member->sector, sizeof member->sector, "test");
		member->address_count = 1;
		snprintf(member->addresses[0], sizeof member->addresses[0], "127.0.0.1:%zu", i + 1);
		crypto_sign_seed_keypair(member->key.bytes, node->secret.bytes, seed);
		node->key = (struct gossip_noise_secret){{0, (uint8_t)i, (uint8_t)(i >> 8), 1}};
		gossip_noise_public(&node->key, &member->nodes[0]);
		member->node_count = 1;
	}
	must(catalog_charter_found(&founding, &net->nodes[0].secret, 1, &amendment, NULL) == 0,
	     "found");
	must(catalog_charter_new(catalog_buffer_span(&amendment), &net->charter) == 0,
	     "read the charter");
	catalog_buffer_close(&amendment);
	free(members);
}

static void start(struct net *net, size_t number)
{
	const char *temporary = getenv("TMPDIR");
	struct node *node = &net->nodes[number];
	struct gossip_node_options options = {.seed = gossip_random_next(&net->random),
					      .secret = &node->key,
					      .self = (uint32_t)number,
					      .can_sign = true};

	if (temporary == NULL)
		temporary = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(node->dir, sizeof node->dir, "%s/fedcat_sim.XXXXXX", temporary);
	must(mkdtemp(node->dir) != NULL, "mkdtemp");
	must(catalog_store_open(node->dir, gossip_random_next(&net->random), &node->store) == 0,
	     "open a store");
	node->held = calloc(net->options.node_count, sizeof *node->held);
	node->held_ms = calloc(net->options.node_count, sizeof *node->held_ms);
	must(node->held != NULL && node->held_ms != NULL, "memory");
	must(gossip_node_new(node->store, net->charter, &options, net->now_us / 1000,
			     &node->gossip) == 0,
	     "make a node");
	/* Not all in the same instant. */
	node->tick_us = net->now_us + 1000 * gossip_random_below(&net->random, 2000);
	(void)add_event(net, EVENT_TICK, number, node->tick_us);
}

struct net *net_new(const struct net_options *options)
{
	struct net *net = calloc(1, sizeof *net);

	must(net != NULL && sodium_init() >= 0, "memory");
	net->options = *options;
	net->random.state = options->seed;
	net->now_us = 1000000;
	net->next_link = 1;
	net->nodes = calloc(options->node_count, sizeof *net->nodes);
	must(net->nodes != NULL, "memory");
	found(net);
	for (size_t i = 0; i < options->node_count; i++) {
		net->nodes[i].region = (unsigned)gossip_random_below(&net->random, REGIONS);
		net->nodes[i].is_behind_nat =
			i > 0 && gossip_random_below(&net->random, 100) < options->nat_percent;
		start(net, i);
	}
	return net;
}

void net_kill(struct net *net, size_t number)
{
	struct node *node = &net->nodes[number];

	gossip_node_free(node->gossip);
	node->gossip = NULL;
	for (struct wire *wire = net->wires, *next; wire != NULL; wire = next) {
		next = wire->next;
		for (size_t side = 0; side < 2; side++)
			if (wire->sides[side].node == number && wire->sides[side].is_open) {
				wire->sides[side].is_open = false;
				(void)wire_event(net, wire, 1 - side, EVENT_ENDED,
						 arrival(net, wire, 1 - side));
			}
	}
}

void net_free(struct net *net)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};

	for (size_t i = 0; i < net->options.node_count; i++) {
		struct node *node = &net->nodes[i];
		char path[100];

		if (node->gossip != NULL)
			net_kill(net, i);
		catalog_store_close(node->store);
		for (size_t k = 0; k < 2; k++) {
			snprintf(path, sizeof path, "%s/%s", node->dir, files[k]);
			unlink(path);
		}
		rmdir(node->dir);
		free(node->held);
		free(node->held_ms);
	}
	while (net->event_count > 0) {
		struct event *event = take_event(net);

		if (event->wire != NULL) {
			event->wire->pending--;
			wire_end(event->wire);
		}
		catalog_buffer_close(&event->bytes);
		free(event);
	}
	free(net->events);
	free(net->nodes);
	catalog_charter_free(net->charter);
	free(net);
}

/* --- driving ---------------------------------------------------------------------------------- */

void net_run(struct net *net, uint64_t ms)
{
	uint64_t end_us = net->now_us + ms * 1000;

	while (net->event_count > 0 && net->events[0]->at_us <= end_us) {
		struct event *event = take_event(net);

		net->now_us = event->at_us;
		happen(net, event);
	}
	net->now_us = end_us;
}

uint64_t net_now_ms(const struct net *net)
{
	return net->now_us / 1000;
}

uint64_t net_publish(struct net *net, size_t number)
{
	struct node *node = &net->nodes[number];
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;
	char text[200];

	snprintf(text, sizeof text, "Dataset %u of node %zu, %llx", node->published, number,
		 (unsigned long long)gossip_random_next(&net->random));
	must(catalog_value_set(titles, "en", catalog_value_new_string(text)) == 0 &&
		     catalog_value_set(listing, "title", titles) == 0,
	     "memory");
	for (size_t i = 0; i < sizeof salt; i++)
		salt[i] = (uint8_t)gossip_random_next(&net->random);
	must(catalog_publisher_new(node->store, net->charter, (uint32_t)number, &node->secret,
				   &publisher) == 0,
	     "make a publisher");
	snprintf(text, sizeof text, "dataset-%u", node->published++);
	must(catalog_publisher_put(publisher, text, listing, (int64_t)(net->now_us / 1000000), salt,
				   &outcome) == 0 &&
		     catalog_publisher_flush(publisher, (int64_t)(net->now_us / 1000000), salt) ==
			     0,
	     "publish");
	catalog_publisher_free(publisher);
	catalog_value_free(listing);
	gossip_node_published(node->gossip, net->now_us / 1000);
	note_advance(net, number, (uint32_t)number);
	drain(net, number);
	return node->held[number];
}

void net_deafen(struct net *net, unsigned percent)
{
	net->deaf_percent = percent;
}

void net_part(struct net *net, size_t first, bool parted)
{
	net->first_parted = parted ? first : 0;
}

/* --- looking ---------------------------------------------------------------------------------- */

bool net_is_up(const struct net *net, size_t node)
{
	return net->nodes[node].gossip != NULL;
}

uint64_t net_held_ms(const struct net *net, size_t node, uint32_t log, uint64_t size)
{
	return net->nodes[node].held[log] >= size ? net->nodes[node].held_ms[log] : UINT64_MAX;
}

bool net_is_equal(const struct net *net)
{
	struct catalog_hash first, vector;
	bool has_first = false;
	size_t equal;

	for (size_t i = 0; i < net->options.node_count; i++) {
		if (net->nodes[i].gossip == NULL)
			continue;
		gossip_node_vector(net->nodes[i].gossip, &vector, &equal);
		if (has_first && !catalog_hash_equal(&first, &vector))
			return false;
		first = vector;
		has_first = true;
	}
	return true;
}

struct net_totals net_totals(const struct net *net)
{
	struct net_totals totals = {.bytes = net->bytes};

	for (size_t i = 0; i < net->options.node_count; i++) {
		struct gossip_totals node;

		if (net->nodes[i].gossip == NULL)
			continue;
		gossip_node_totals(net->nodes[i].gossip, &node);
		totals.heads += node.heads_in;
		totals.entries += node.entries_out;
		totals.committed += node.entries_in;
	}
	return totals;
}

uint64_t net_trace(const struct net *net)
{
	return net->trace;
}
