/* tests/sim/net.c - nodes, their jobs, and time. */
#include "tests/sim/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter_store.h"
#include "catalog/publisher.h"
#include "catalog/value.h"
#include "tests/sim/net_state.h"

#define REGIONS      6
#define JOB_US_MAX   20000      /* that a job waits, and then runs, where the net is rough */
#define EPOCH_MS_MAX 100000000  /* a node's monotonic clock may be so far on when it starts */
#define START_S      1790000000 /* when simulated time begins, seconds since 1970 */

void net_must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "simulation: %s\n", what);
	exit(99);
}

struct net_event *net_add_event(struct net *net, enum net_event_kind kind, size_t node,
				uint64_t at_us)
{
	struct net_event *event = calloc(1, sizeof *event);

	net_must(event != NULL, "memory");
	*event = (struct net_event){.item.at_us = at_us, .kind = kind, .node = node};
	queue_put(&net->queue, &event->item);
	return event;
}

void net_note(struct net *net, uint64_t what)
{
	net->trace = (net->trace ^ what) * 0x100000001b3u;
}

uint64_t net_between(struct net *net, uint64_t from, uint64_t to)
{
	return from + gossip_random_below(&net->random, to - from + 1);
}

bool net_chance(struct net *net, unsigned percent)
{
	return percent > 0 && gossip_random_below(&net->random, 100) < percent;
}

uint64_t net_time_of(const struct net *net, size_t node)
{
	return net->nodes[node].epoch_ms + net->now_us / 1000;
}

int64_t net_clock_s(const struct net *net, size_t node)
{
	return START_S + (int64_t)(net->now_us / 1000000) + net->nodes[node].clock_s;
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* What is asked for is not always given. */
static void run(struct net *net, size_t number, struct gossip_job *job)
{
	struct net_node *node = &net->nodes[number];
	const struct net_watch *watch = &net->options.watch;
	struct gossip_signer signer = {&node->secret, net_clock_s(net, number)};

	if (gossip_job_serves(job) && net_chance(net, net->deaf_percent))
		gossip_job_drop(job);
	else
		gossip_job_run(job, node->store, node->charter, &signer);
	if (watch->ran != NULL && !net_has_failed(net, number))
		watch->ran(watch->arg, number, job);
}

static void take_job(struct net *net, size_t number, struct gossip_job *job)
{
	struct net_node *node = &net->nodes[number];
	struct net_event *event;

	if (!net->options.is_rough) {
		run(net, number, job);
		gossip_node_job_done(node->gossip, job, net_time_of(net, number));
		return;
	}
	net_must(node->job_count < NET_JOBS_MAX, "not so many jobs");
	event = net_add_event(net, NET_EVENT_RUN, number,
			      net->now_us + net_between(net, 0, JOB_US_MAX));
	event->job = job;
	node->jobs[node->job_count++] = event;
}

static void drop_job(struct net_node *node, const struct net_event *event)
{
	size_t i = 0;

	while (node->jobs[i] != event)
		i++;
	node->jobs[i] = node->jobs[--node->job_count];
}

/* A job is run at one time and its node hears of it at another. */
static void on_job(struct net *net, struct net_event *event)
{
	struct net_node *node = &net->nodes[event->node];
	struct net_event *done;

	if (event->job == NULL)
		return;
	drop_job(node, event);
	if (event->kind == NET_EVENT_DONE) {
		gossip_node_job_done(node->gossip, event->job, net_time_of(net, event->node));
		return;
	}
	run(net, event->node, event->job);
	done = net_add_event(net, NET_EVENT_DONE, event->node,
			     net->now_us + net_between(net, 0, JOB_US_MAX));
	done->job = event->job;
	node->jobs[node->job_count++] = done;
	if (disk_has_failed(node->disk))
		net_kill(net, event->node);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void note_advance(struct net *net, size_t number, uint32_t log)
{
	struct net_node *node = &net->nodes[number];
	struct catalog_log_status status;
	struct catalog_txn *txn;

	net_must(catalog_store_begin(node->store, &txn) == 0 &&
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
	const struct net_watch *watch = &net->options.watch;

	switch (action->kind) {
	case GOSSIP_ACTION_SEND:
		net_wires_send(net, number, action->link, action->bytes);
		gossip_node_sent(gossip, action->link, action->bytes.len, net_time_of(net, number));
		break;
	case GOSSIP_ACTION_CLOSE:
		if (watch->closed != NULL)
			watch->closed(watch->arg, number, net_wires_peer(net, number, action->link),
				      action->text);
		net_wires_close(net, number, action->link);
		gossip_node_closed(gossip, action->link, net_time_of(net, number));
		break;
	case GOSSIP_ACTION_DIAL: net_wires_dial(net, number, action); break;
	case GOSSIP_ACTION_JOB: take_job(net, number, action->job); break;
	case GOSSIP_ACTION_ADVANCED: note_advance(net, number, action->log); break;
	case GOSSIP_ACTION_NOTICE:
		if (watch->noticed != NULL)
			watch->noticed(watch->arg, number, action->text);
		else
			fprintf(stderr, "node %zu: %s\n", number, action->text);
		break;
	case GOSSIP_ACTION_WITNESSED:
	case GOSSIP_ACTION_AMENDED: break; /* who looks on sees it in the store */
	case GOSSIP_ACTION_TURNED:
		net_kill(net, number);
		net_start(net, number, (struct catalog_span){NULL, 0});
		break;
	}
}

void net_drain(struct net *net, size_t number)
{
	struct net_node *node = &net->nodes[number];
	struct gossip_action action;
	uint64_t due_ms, due_us;

	if (node->gossip == NULL)
		return;
	gossip_node_clock(node->gossip, net_clock_s(net, number));
	while (gossip_node_next(node->gossip, net_time_of(net, number), &action, &due_ms) == 0)
		carry_out(net, number, &action);
	if (due_ms == UINT64_MAX)
		return;
	due_us = due_ms <= node->epoch_ms ? 0 : (due_ms - node->epoch_ms) * 1000;
	if (due_us <= net->now_us)
		due_us = net->now_us + 1000;
	if (node->tick_us > net->now_us && node->tick_us <= due_us)
		return;
	node->tick_us = due_us;
	(void)net_add_event(net, NET_EVENT_TICK, number, due_us);
}

static void happen(struct net *net, struct net_event *event)
{
	net_note(net, event->item.at_us ^ (uint64_t)event->kind << 60 ^ event->node);
	switch (event->kind) {
	case NET_EVENT_BYTES:
	case NET_EVENT_ENDED:
	case NET_EVENT_DIALLED: net_wires_happen(net, event); break;
	case NET_EVENT_FAILED:
		if (net->nodes[event->node].gossip != NULL &&
		    net->nodes[event->node].life == event->life)
			gossip_node_dial_failed(net->nodes[event->node].gossip, event->address,
						net_time_of(net, event->node));
		break;
	case NET_EVENT_RUN:
	case NET_EVENT_DONE: on_job(net, event); break;
	case NET_EVENT_TICK: break;
	}
	net_drain(net, event->node);
	net_wires_forget(event);
	catalog_buffer_close(&event->bytes);
	free(event);
}

/* --- beginning and ending --------------------------------------------------------------------- */

void net_member(const struct net *net, size_t i, struct catalog_member *ret_member)
{
	struct catalog_member *member = ret_member;

	*member = (struct catalog_member){.index = (uint32_t)i};
	snprintf(member->name, sizeof member->name, "node-%zu", i);
	snprintf(member->title, sizeof member->title, "Node %zu", i);
	snprintf(member->country, sizeof member->country, "KE");
	snprintf(member->sector, sizeof member->sector, "test");
	if (net->options.is_rough && net->nodes[i].is_behind_nat)
		member->address_count = 0;
	else
		member->address_count = 1;
	snprintf(member->addresses[0], sizeof member->addresses[0], "127.0.0.1:%zu", i + 1);
	memcpy(member->key.bytes, net->nodes[i].secret.bytes + 32, sizeof member->key.bytes);
	gossip_noise_public(&net->nodes[i].key, &member->nodes[0]);
	member->node_count = 1;
}

static void found(struct net *net)
{
	size_t count = net->options.founded;
	struct catalog_member *members = calloc(count, sizeof *members);
	struct catalog_founding founding = {.name = "Simulation",
					    .members = members,
					    .member_count = count,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};

	net_must(members != NULL, "memory");
	founding.council = &members[0].key;
	for (size_t i = 0; i < net->options.node_count; i++) {
		uint8_t seed[32] = {(uint8_t)i, (uint8_t)(i >> 8), 1}, key[32];
		struct net_node *node = &net->nodes[i];

		crypto_sign_seed_keypair(key, node->secret.bytes, seed);
		node->key = (struct gossip_noise_secret){{0, (uint8_t)i, (uint8_t)(i >> 8), 1}};
		if (i < count)
			net_member(net, i, &members[i]);
	}
	net_must(catalog_charter_found(&founding, &net->nodes[0].secret, 1, &amendment, NULL) == 0,
		 "found");
	net_must(catalog_charter_new(catalog_buffer_span(&amendment), &net->charter) == 0,
		 "read the charter");
	catalog_buffer_close(&amendment);
	free(members);
}

static void open_charter(struct net *net, struct net_node *node, struct catalog_span charter)
{
	if (charter.len == 0)
		charter = catalog_charter_bytes(net->charter);
	if (!net->options.is_rough) {
		node->charter = net->charter;
		return;
	}
	if (node->charter != NULL)
		catalog_charter_free(node->charter);
	node->charter = NULL;
	net_must(catalog_charter_new(charter, &node->charter) == 0 &&
			 catalog_charter_store_open(node->store, node->charter, NULL) == 0,
		 "open the charter");
}

static void make_dir(struct net *net, struct net_node *node)
{
	const char *temporary = getenv("TMPDIR");

	if (temporary == NULL)
		temporary = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(node->dir, sizeof node->dir, "%s/fedcat_sim.XXXXXX", temporary);
	net_must(mkdtemp(node->dir) != NULL, "mkdtemp");
	node->held = calloc(net->options.node_count, sizeof *node->held);
	node->held_ms = calloc(net->options.node_count, sizeof *node->held_ms);
	net_must(node->held != NULL && node->held_ms != NULL, "memory");
	node->has_started = true;
}

void net_start(struct net *net, size_t number, struct catalog_span charter)
{
	struct net_node *node = &net->nodes[number];
	struct gossip_node_options options = {.seed = gossip_random_next(&net->random),
					      .secret = &node->key,
					      .self = (uint32_t)number,
					      .can_sign = true,
					      .now_s = net_clock_s(net, number)};
	char path[100];

	net_must(node->gossip == NULL, "the node is down");
	if (!node->has_started)
		make_dir(net, node);
	net_must(catalog_store_open(node->dir, gossip_random_next(&net->random), &node->store) == 0,
		 "open a store");
	snprintf(path, sizeof path, "%s/data.mdb", node->dir);
	if (!net->options.is_rough)
		catalog_store_leave_search(node->store);
	if (net->options.is_rough) {
		node->disk = disk_new(path, gossip_random_next(&net->random));
		node->epoch_ms = gossip_random_below(&net->random, EPOCH_MS_MAX);
	}
	open_charter(net, node, charter);
	if (catalog_charter_member(node->charter, options.self) == NULL)
		options = (struct gossip_node_options){
			.seed = options.seed, .secret = &node->key, .self = UINT32_MAX};
	net_must(gossip_node_new(node->store, node->charter, &options, net_time_of(net, number),
				 &node->gossip) == 0,
		 "make a node");
	node->life++;
	/* Not all in the same instant. */
	node->tick_us = net->now_us + 1000 * gossip_random_below(&net->random, 2000);
	(void)net_add_event(net, NET_EVENT_TICK, number, node->tick_us);
}

struct net *net_new(const struct net_options *options)
{
	struct net *net = calloc(1, sizeof *net);
	size_t count = options->node_count;

	net_must(net != NULL && sodium_init() >= 0, "memory");
	net->options = *options;
	if (net->options.founded == 0)
		net->options.founded = count;
	net->random.state = options->seed;
	net->now_us = 1000000;
	net->link_count = 1; /* 0 is none */
	net->nodes = calloc(count, sizeof *net->nodes);
	net->is_blocked = calloc(count, count);
	net->links = calloc(1, sizeof *net->links);
	net->link_room = 1;
	net_must(net->nodes != NULL && net->is_blocked != NULL && net->links != NULL, "memory");
	for (size_t i = 0; i < count; i++) {
		net->nodes[i].region = (unsigned)gossip_random_below(&net->random, REGIONS);
		net->nodes[i].is_behind_nat = i > 0 && net_chance(net, options->nat_percent);
	}
	found(net);
	for (size_t i = 0; i < count; i++) {
		if (i < net->options.founded)
			net_start(net, i, (struct catalog_span){NULL, 0});
	}
	return net;
}

void net_kill(struct net *net, size_t number)
{
	struct net_node *node = &net->nodes[number];

	for (size_t i = 0; i < node->job_count; i++) {
		gossip_node_job_done(node->gossip, node->jobs[i]->job, net_time_of(net, number));
		node->jobs[i]->job = NULL;
	}
	node->job_count = 0;
	gossip_node_free(node->gossip);
	node->gossip = NULL;
	net_wires_leave(net, number);
	catalog_store_close(node->store);
	node->store = NULL;
	if (node->disk != NULL)
		disk_revive(node->disk);
	disk_free(node->disk);
	node->disk = NULL;
}

static void node_free(struct net *net, size_t number)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "kept.mdb"};
	struct net_node *node = &net->nodes[number];
	char path[100];

	if (node->gossip != NULL)
		net_kill(net, number);
	for (size_t k = 0; k < 3 && node->has_started; k++) {
		snprintf(path, sizeof path, "%s/%s", node->dir, files[k]);
		(void)unlink(path); /* some are not there */
	}
	if (node->has_started)
		(void)rmdir(node->dir); /* a rest in a temporary place */
	if (net->options.is_rough)
		catalog_charter_free(node->charter);
	free(node->held);
	free(node->held_ms);
}

void net_free(struct net *net)
{
	struct queue_item *item;

	for (size_t i = 0; i < net->options.node_count; i++)
		node_free(net, i);
	while ((item = queue_take(&net->queue)) != NULL) {
		struct net_event *event = (struct net_event *)item; /* its first member */

		net_wires_forget(event);
		catalog_buffer_close(&event->bytes);
		free(event);
	}
	queue_close(&net->queue);
	free(net->links);
	free(net->is_blocked);
	free(net->nodes);
	catalog_charter_free(net->charter);
	free(net);
}

/* --- driving ---------------------------------------------------------------------------------- */

void net_run(struct net *net, uint64_t ms)
{
	uint64_t end_us = net->now_us + ms * 1000;

	while (queue_next_us(&net->queue) <= end_us) {
		struct net_event *event = (struct net_event *)queue_take(&net->queue);

		net->now_us = event->item.at_us;
		happen(net, event);
	}
	net->now_us = end_us;
}

uint64_t net_now_ms(const struct net *net)
{
	return net->now_us / 1000;
}

void net_published(struct net *net, size_t number)
{
	struct net_node *node = &net->nodes[number];

	gossip_node_published(node->gossip, net_time_of(net, number));
	note_advance(net, number, (uint32_t)number);
	net_drain(net, number);
}

uint64_t net_publish(struct net *net, size_t number)
{
	struct net_node *node = &net->nodes[number];
	struct catalog_value *listing = catalog_value_new_map(), *titles = catalog_value_new_map();
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;
	char text[200];

	snprintf(text, sizeof text, "Dataset %u of node %zu, %llx", node->published, number,
		 (unsigned long long)gossip_random_next(&net->random));
	net_must(catalog_value_set(titles, "en", catalog_value_new_string(text)) == 0 &&
			 catalog_value_set(listing, "title", titles) == 0,
		 "memory");
	for (size_t i = 0; i < sizeof salt; i++)
		salt[i] = (uint8_t)gossip_random_next(&net->random);
	net_must(catalog_publisher_new(node->store, node->charter, (uint32_t)number, &node->secret,
				       &publisher) == 0,
		 "make a publisher");
	snprintf(text, sizeof text, "dataset-%u", node->published++);
	net_must(catalog_publisher_put(publisher, text, listing, net_clock_s(net, number), salt,
				       &outcome) == 0 &&
			 catalog_publisher_flush(publisher, net_clock_s(net, number), salt) == 0,
		 "publish");
	catalog_publisher_free(publisher);
	catalog_value_free(listing);
	net_published(net, number);
	return node->held[number];
}

void net_moved(struct net *net, size_t number)
{
	gossip_node_moved(net->nodes[number].gossip);
	net_drain(net, number);
}

int net_amend(struct net *net, size_t number, struct catalog_span amendment)
{
	struct net_node *node = &net->nodes[number];
	int r = catalog_charter_store_take(node->store, node->charter, amendment, NULL);

	if (disk_has_failed(node->disk))
		net_kill(net, number);
	net_drain(net, number);
	return r;
}

/* --- looking ---------------------------------------------------------------------------------- */

bool net_is_up(const struct net *net, size_t node)
{
	return net->nodes[node].gossip != NULL;
}

bool net_has_started(const struct net *net, size_t node)
{
	return net->nodes[node].has_started;
}

struct catalog_store *net_store(struct net *net, size_t node)
{
	return net->nodes[node].store;
}

const struct catalog_charter *net_charter(const struct net *net, size_t node)
{
	return net->nodes[node].charter;
}

struct gossip_node *net_gossip(struct net *net, size_t node)
{
	return net->nodes[node].gossip;
}

struct catalog_secret *net_secret(struct net *net, size_t node)
{
	return &net->nodes[node].secret;
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
