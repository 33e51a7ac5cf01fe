#include "tests/gossip/world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter_store.h"
#include "catalog/motion.h"
#include "catalog/publisher.h"
#include "catalog/value.h"
#include "gossip/channel.h"
#include "gossip/job.h"
#include "gossip/random.h"

#define JOBS_MAX  256
#define PART_MAX  4096 /* bytes */
#define PARTS_MAX 4096
#define WIRES_MAX 256
#define STRANGER  WORLD_NODES_MAX

/* First byte of the secret of each member's second node: strangers have it. */
#define STRANGER_KEY 99

/* One direction of a link. */
struct pipe {
	struct catalog_buffer bytes;
	size_t part_count; /* of bytes, that arrive one after the other */
	struct part {
		size_t len;
		uint64_t at_ms;
	} parts[PARTS_MAX];
	uint64_t free_ms; /* all that is in it has passed the narrowest place */
	bool is_ended;    /* nothing more follows: when it is empty the receiver learns of it */
};

struct side {
	size_t node; /* or STRANGER: what it is sent stays in `in` */
	uint64_t link;
	bool is_open; /* the node knows the link */
	struct pipe in;
};

struct wire {
	bool is_used;
	struct side sides[2];
};

struct node {
	char dir[40];
	char address[40]; /* where it takes connections */
	bool is_mute;     /* its dials fail */
	struct catalog_store *store;
	struct catalog_charter *charter;
	struct gossip_noise_secret key;
	struct gossip_node *gossip;
	size_t job_count;
	struct gossip_job *jobs[JOBS_MAX];
	uint64_t due_ms;
	bool is_settled;            /* it had nothing to do when it was asked last */
	uint64_t delay_ms, bytes_s; /* of its links */
};

struct world {
	struct world_options options;
	struct catalog_secret secrets[WORLD_MEMBERS_MAX]; /* by member */
	struct gossip_random random;
	struct catalog_charter *charter;
	uint64_t now_ms, next_link;
	struct node nodes[WORLD_NODES_MAX];
	bool is_parted[WORLD_NODES_MAX][WORLD_NODES_MAX];
	struct wire wires[WIRES_MAX];
	struct world_stranger *strangers;
	struct world_counts counts;
};

/* What must hold, and is no matter of what is tested. */
static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "the test's world: %s\n", what);
	abort();
}

static bool chance(struct world *world, unsigned percent)
{
	return gossip_random_below(&world->random, 100) < percent;
}

/* --- making ----------------------------------------------------------------------------------- */

void world_member(const struct world *world, size_t i, struct catalog_member *ret_member)
{
	struct catalog_member *member = ret_member;

	*member = (struct catalog_member){.index = (uint32_t)i};
	snprintf(member->name, sizeof member->name, "node-%zu", i);
	snprintf(member->title, sizeof member->title, "Node %zu", i);
	snprintf(member->country, sizeof member->country, "KE");
	snprintf(member->sector, sizeof member->sector, "test");
	memcpy(member->key.bytes, world->secrets[i].bytes + 32, sizeof member->key.bytes);
	if (i >= world->options.node_count)
		return;
	member->address_count = 1;
	snprintf(member->addresses[0], sizeof member->addresses[0], "127.0.0.1:%zu", i + 1);
	gossip_noise_public(&world->nodes[i].key, &member->nodes[0]);
	gossip_noise_public(&(struct gossip_noise_secret){{STRANGER_KEY, (uint8_t)i}},
			    &member->nodes[1]);
	member->node_count = 2;
}

static void found(struct world *world)
{
	size_t count = world->options.member_count, founded = world->options.founded;
	struct catalog_member *members = calloc(count, sizeof *members);
	struct catalog_founding founding = {.name = "World",
					    .members = members,
					    .member_count = founded != 0 ? founded : count,
					    .council = &members[0].key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};

	must(members != NULL, "memory");
	for (size_t i = 0; i < count; i++) {
		uint8_t seed[32] = {(uint8_t)(i + 1), (uint8_t)((i + 1) >> 8)}, key[32];

		crypto_sign_seed_keypair(key, world->secrets[i].bytes, seed);
		if (i < world->options.node_count) /* three bits of the first do not count */
			world->nodes[i].key.bytes[1] = (uint8_t)(i + 1);
		world_member(world, i, &members[i]);
	}
	must(catalog_charter_found(&founding, world->secrets, 1, &amendment, NULL) == 0, "found");
	must(catalog_charter_new(catalog_buffer_span(&amendment), &world->charter) == 0,
	     "read the charter");
	catalog_buffer_close(&amendment);
	free(members);
}

/* It begins with the charter of the founding and what its store knows more. */
static void open_charter(struct world *world, struct node *node)
{
	catalog_charter_free(node->charter);
	node->charter = NULL;
	must(catalog_charter_new(catalog_charter_bytes(world->charter), &node->charter) == 0 &&
		     catalog_charter_store_open(node->store, node->charter, NULL) == 0,
	     "open the charter");
}

void world_start(struct world *world, size_t number)
{
	struct node *node = &world->nodes[number];
	struct gossip_node_options options = {.seed = gossip_random_next(&world->random),
					      .secret = &node->key,
					      .self = (uint32_t)number,
					      .is_plain = world->options.is_plain,
					      .incoming_links = world->options.incoming_links,
					      .is_leaf =
						      number > 0 && world->options.leaf == number,
					      .can_sign = true,
					      .now_s = world_now_s(world)};

	must(node->gossip == NULL, "the node is down");
	open_charter(world, node);
	if (catalog_charter_member(node->charter, options.self) == NULL) {
		options.self = UINT32_MAX;
		options.can_sign = false;
	}
	must(gossip_node_new(node->store, node->charter, &options, world->now_ms, &node->gossip) ==
		     0,
	     "make a node");
	node->is_settled = false;
}

struct world *world_new(const struct world_options *options)
{
	struct world *world = calloc(1, sizeof *world);

	must(world != NULL, "memory");
	must(options->node_count <= WORLD_NODES_MAX, "not so many nodes");
	must(sodium_init() >= 0, "libsodium");
	world->options = *options;
	if (options->member_count == 0)
		world->options.member_count = options->node_count;
	must(world->options.member_count <= WORLD_MEMBERS_MAX, "not so many members");
	world->random.state = options->seed;
	world->next_link = 1;
	world->now_ms = 1000;
	found(world);
	for (size_t i = 0; i < options->node_count; i++) {
		struct node *node = &world->nodes[i];

		snprintf(node->address, sizeof node->address, "127.0.0.1:%zu", i + 1);
		snprintf(node->dir, sizeof node->dir, "%s/fedcat_world.XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		must(mkdtemp(node->dir) != NULL, "mkdtemp");
		must(catalog_store_open(node->dir, gossip_random_next(&world->random),
					&node->store) == 0,
		     "open a store");
		if (options->starts_down)
			open_charter(world, node);
		else
			world_start(world, i);
	}
	return world;
}

static void free_strangers(struct world *world);

static void side_close(struct side *side)
{
	catalog_buffer_close(&side->in.bytes);
	side->is_open = false;
}

static void wire_free(struct wire *wire)
{
	side_close(&wire->sides[0]);
	side_close(&wire->sides[1]);
	memset(wire, 0, sizeof *wire);
}

void world_kill(struct world *world, size_t number)
{
	struct node *node = &world->nodes[number];

	for (size_t i = 0; i < node->job_count; i++)
		gossip_node_job_done(node->gossip, node->jobs[i], world->now_ms);
	node->job_count = 0;
	gossip_node_free(node->gossip);
	node->gossip = NULL;
	for (size_t i = 0; i < WIRES_MAX; i++) {
		struct wire *wire = &world->wires[i];

		for (size_t k = 0; k < 2 && wire->is_used; k++) {
			if (wire->sides[k].node != number)
				continue;
			wire->sides[k].is_open = false;
			wire->sides[1 - k].in.is_ended = true;
		}
	}
}

/* With the store closed: copy one of its files over another, or remove one. */
static void change_file(const struct node *node, const char *from, const char *to)
{
	char old[64], new[64], bytes[64 * 1024];
	FILE *in, *out;
	size_t len;

	snprintf(new, sizeof new, "%s/%s", node->dir, to);
	if (from == NULL) {
		must(unlink(new) == 0, "remove a file");
		return;
	}
	snprintf(old, sizeof old, "%s/%s", node->dir, from);
	in = fopen(old, "rb");
	out = fopen(new, "wb");
	must(in != NULL && out != NULL, "open two files");
	while ((len = fread(bytes, 1, sizeof bytes, in)) > 0)
		must(fwrite(bytes, 1, len, out) == len, "write");
	must(fclose(in) == 0 && fclose(out) == 0, "close");
}

static void change_store(struct world *world, size_t number, const char *from, const char *to)
{
	struct node *node = &world->nodes[number];

	must(node->gossip == NULL, "the node is down");
	catalog_store_close(node->store);
	change_file(node, from, to);
	must(catalog_store_open(node->dir, gossip_random_next(&world->random), &node->store) == 0,
	     "open the store");
}

void world_wipe(struct world *world, size_t number)
{
	change_store(world, number, NULL, "data.mdb");
}

void world_keep(struct world *world, size_t number)
{
	change_store(world, number, "data.mdb", "kept.mdb");
}

void world_restore(struct world *world, size_t number)
{
	change_store(world, number, "kept.mdb", "data.mdb");
}

struct gossip_confirm world_confirm(struct world *world, size_t number)
{
	struct gossip_confirm confirm;

	gossip_confirm_look(world->nodes[number].gossip, &confirm);
	return confirm;
}

void world_free(struct world *world)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "kept.mdb"};

	for (size_t i = 0; i < world->options.node_count; i++) {
		struct node *node = &world->nodes[i];
		char path[64];

		if (node->gossip != NULL)
			world_kill(world, i);
		catalog_store_close(node->store);
		for (size_t k = 0; k < 3; k++) {
			snprintf(path, sizeof path, "%s/%s", node->dir, files[k]);
			unlink(path);
		}
		rmdir(node->dir);
	}
	for (size_t i = 0; i < WIRES_MAX; i++)
		wire_free(&world->wires[i]);
	free_strangers(world);
	for (size_t i = 0; i < WORLD_NODES_MAX; i++)
		catalog_charter_free(world->nodes[i].charter);
	catalog_charter_free(world->charter);
	free(world);
}

/* --- looking ---------------------------------------------------------------------------------- */

const struct catalog_charter *world_charter(const struct world *world)
{
	return world->charter;
}

const struct catalog_charter *world_charter_of(const struct world *world, size_t node)
{
	return world->nodes[node].charter;
}

struct gossip_course world_course(const struct world *world, size_t number)
{
	const struct catalog_hash *head = catalog_charter_head(world->nodes[number].charter);
	struct gossip_course course;
	struct catalog_hash digest;

	catalog_hash_of(head->bytes, sizeof head->bytes, &digest);
	memcpy(course.bytes, digest.bytes, sizeof course.bytes);
	return course;
}

int world_amend(struct world *world, size_t number, struct catalog_span amendment)
{
	struct node *node = &world->nodes[number];
	int r = catalog_charter_store_take(node->store, node->charter, amendment, NULL);

	node->is_settled = false;
	return r;
}

struct catalog_store *world_store(struct world *world, size_t node)
{
	return world->nodes[node].store;
}

struct gossip_node *world_node(struct world *world, size_t node)
{
	return world->nodes[node].gossip;
}

const struct catalog_secret *world_secret(const struct world *world, size_t node)
{
	return &world->secrets[node];
}

uint64_t world_now_ms(const struct world *world)
{
	return world->now_ms;
}

const struct world_counts *world_counts(const struct world *world)
{
	return &world->counts;
}

struct catalog_log_status world_status(struct world *world, size_t node, uint32_t log)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;

	must(catalog_store_begin(world->nodes[node].store, &txn) == 0, "begin");
	must(catalog_log_status(txn, log, &status) == 0, "status");
	catalog_store_end(txn);
	return status;
}

/* --- changing --------------------------------------------------------------------------------- */

void world_part(struct world *world, size_t a, size_t b, bool is_parted)
{
	world->is_parted[a][b] = world->is_parted[b][a] = is_parted;
	for (size_t i = 0; i < WIRES_MAX && is_parted; i++) {
		struct wire *wire = &world->wires[i];

		if (wire->is_used && wire->sides[0].node + wire->sides[1].node == a + b &&
		    (wire->sides[0].node == a || wire->sides[0].node == b))
			wire->sides[0].in.is_ended = wire->sides[1].in.is_ended = true;
	}
}

void world_calm(struct world *world)
{
	world->options.cut_percent = 0;
	world->options.fail_percent = 0;
}

void world_publish(struct world *world, size_t number, unsigned first, unsigned count)
{
	world_publish_as(world, number, number, first, count);
}

/* A text in English, of as many bytes as the options say, that no compression makes much shorter;
 * NULL: none. */
static struct catalog_value *describe(struct world *world)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -";
	struct catalog_value *texts;
	char *text;

	if (world->options.text_bytes == 0)
		return NULL;
	texts = catalog_value_new_map();
	text = calloc(1, world->options.text_bytes + 1);
	must(texts != NULL && text != NULL, "memory");
	for (size_t i = 0; i < world->options.text_bytes; i++)
		text[i] = digits[gossip_random_below(&world->random, sizeof digits - 1)];
	text[0] = 'a';
	text[world->options.text_bytes - 1] = 'z';
	must(catalog_value_set(texts, "en", catalog_value_new_string(text)) == 0, "memory");
	free(text);
	return texts;
}

void world_publish_as(struct world *world, size_t number, size_t member, unsigned first,
		      unsigned count)
{
	struct node *node = &world->nodes[number];
	struct catalog_publisher *publisher;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {0};

	must(catalog_publisher_new(node->store, node->charter, (uint32_t)member,
				   &world->secrets[member], &publisher) == 0,
	     "make a publisher");
	for (unsigned i = first; i < first + count; i++) {
		struct catalog_value *listing = catalog_value_new_map();
		struct catalog_value *titles = catalog_value_new_map();
		enum catalog_publisher_outcome outcome;
		char id[32], title[200];
		struct catalog_value *text;

		snprintf(id, sizeof id, "dataset-%u", i);
		snprintf(title, sizeof title, "Dataset %u of node %zu, as of %llu", i, number,
			 (unsigned long long)gossip_random_next(&world->random));
		must(catalog_value_set(titles, "en", catalog_value_new_string(title)) == 0 &&
			     catalog_value_set(listing, "title", titles) == 0,
		     "memory");
		text = describe(world);
		if (text != NULL)
			must(catalog_value_set(listing, "description", text) == 0, "memory");
		for (size_t k = 0; k < sizeof salt; k++)
			salt[k] = (uint8_t)gossip_random_next(&world->random);
		must(catalog_publisher_put(publisher, id, listing, 1, salt, &outcome) == 0, "put");
		catalog_value_free(listing);
	}
	must(catalog_publisher_flush(publisher, 1, salt) == 0, "flush");
	catalog_publisher_free(publisher);
	world_published(world, number);
}

/* Whoever holds enough votes amends. */
static void assemble(struct world *world, struct node *node)
{
	unsigned taken;

	must(catalog_motion_assemble(node->store, node->charter, world_now_s(world), &taken) == 0,
	     "count votes");
	node->is_settled = false;
}

void world_published(struct world *world, size_t number)
{
	struct node *node = &world->nodes[number];

	if (node->gossip != NULL)
		gossip_node_published(node->gossip, world->now_ms);
	if (world->options.assembles)
		assemble(world, node);
	node->is_settled = false;
}

int64_t world_now_s(const struct world *world)
{
	return 1795511520 + (int64_t)(world->now_ms / 1000);
}

void world_move(struct world *world, size_t number, const char *address)
{
	snprintf(world->nodes[number].address, sizeof world->nodes[number].address, "%s", address);
}

void world_mute(struct world *world, size_t number, bool is_mute)
{
	world->nodes[number].is_mute = is_mute;
}

struct catalog_node_key world_rekey(struct world *world, size_t number, uint8_t key)
{
	struct node *node = &world->nodes[number];
	struct catalog_node_key public;

	must(node->gossip == NULL, "the node is down");
	node->key.bytes[2] = key;
	gossip_noise_public(&node->key, &public);
	return public;
}

void world_name(struct world *world, size_t number, size_t member, const struct catalog_node *named)
{
	struct node *node = &world->nodes[number];
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {(uint8_t)gossip_random_next(&world->random)};
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;
	struct catalog_buffer body = {0};
	char id[12];

	snprintf(id, sizeof id, "%u", named->place);
	must(catalog_publisher_new(node->store, node->charter, (uint32_t)member,
				   &world->secrets[member], &publisher) == 0 &&
		     catalog_node_encode(named, &body) == 0 &&
		     catalog_publisher_append(publisher, CATALOG_ENTRY_NODE, id,
					      catalog_buffer_span(&body), 1, salt, &outcome) == 0 &&
		     catalog_publisher_flush(publisher, 1, salt) == 0,
	     "name a node");
	catalog_publisher_free(publisher);
	catalog_buffer_close(&body);
	if (node->gossip != NULL)
		gossip_node_published(node->gossip, world->now_ms);
	node->is_settled = false;
}

void world_slow(struct world *world, size_t number, uint64_t delay_ms, uint64_t bytes_s)
{
	world->nodes[number].delay_ms = delay_ms;
	world->nodes[number].bytes_s = bytes_s;
}

void world_limit(struct world *world, size_t number, const struct gossip_thin_limits *limits)
{
	gossip_thin_limit(world->nodes[number].gossip, limits, world->now_ms);
	world->nodes[number].is_settled = false;
}

void world_pull(struct world *world, size_t number)
{
	gossip_thin_pull(world->nodes[number].gossip);
	world->nodes[number].is_settled = false;
}

void world_witness(struct world *world, size_t number, size_t count, uint64_t ms)
{
	struct node *node = &world->nodes[number];

	must(gossip_node_witness(node->gossip, count, world->now_ms + ms) == 0, "can sign");
	node->is_settled = false;
}

/* --- wires ------------------------------------------------------------------------------------ */

static struct wire *wire_new(struct world *world)
{
	for (size_t i = 0; i < WIRES_MAX; i++) {
		if (world->wires[i].is_used)
			continue;
		world->wires[i] = (struct wire){.is_used = true};
		return &world->wires[i];
	}
	must(false, "not so many links");
	return NULL;
}

static struct side *side_of(struct world *world, size_t node, uint64_t link,
			    struct side **ret_other)
{
	for (size_t i = 0; i < WIRES_MAX; i++)
		for (size_t k = 0; k < 2 && world->wires[i].is_used; k++)
			if (world->wires[i].sides[k].node == node &&
			    world->wires[i].sides[k].link == link) {
				*ret_other = &world->wires[i].sides[1 - k];
				return &world->wires[i].sides[k];
			}
	must(false, "a link that nobody knows");
	return NULL;
}

static struct gossip_noise_secret fresh_secret(struct world *world)
{
	struct gossip_noise_secret secret;

	for (size_t i = 0; i < sizeof secret.bytes; i++)
		secret.bytes[i] = (uint8_t)gossip_random_next(&world->random);
	return secret;
}

static void open_side(struct world *world, struct side *side, size_t node, const char *address)
{
	struct gossip_noise_secret ephemeral = fresh_secret(world);

	side->node = node;
	side->link = world->next_link++;
	side->is_open = gossip_node_opened(world->nodes[node].gossip, side->link, address,
					   &ephemeral, world->now_ms) == 0;
	world->nodes[node].is_settled = false;
}

static void dial(struct world *world, size_t from, const struct gossip_action *action)
{
	size_t to = action->log;
	struct wire *wire;

	if (chance(world, world->options.fail_percent) || world->nodes[to].gossip == NULL ||
	    world->is_parted[from][to] || world->nodes[from].is_mute ||
	    strcmp(world->nodes[to].address, action->text) != 0) {
		world->counts.failed_dials++;
		gossip_node_dial_failed(world->nodes[from].gossip, action->text, world->now_ms);
		return;
	}
	wire = wire_new(world);
	open_side(world, &wire->sides[0], from, action->text);
	open_side(world, &wire->sides[1], to, NULL);
	for (size_t k = 0; k < 2; k++)
		if (!wire->sides[k].is_open)
			wire->sides[1 - k].in.is_ended = true;
}

/* Put bytes into the pipe of a side; other is where they come from. */
static void put_bytes(struct world *world, struct side *side, size_t other,
		      struct catalog_span bytes)
{
	struct pipe *pipe = &side->in;
	size_t ends[] = {side->node, other};
	uint64_t delay_ms = 0, bytes_s = UINT64_MAX, at_ms;

	must(catalog_buffer_append(&pipe->bytes, bytes.bytes, bytes.len) == 0, "memory");
	for (size_t i = 0; i < 2; i++) {
		const struct node *node = ends[i] == STRANGER ? NULL : &world->nodes[ends[i]];

		if (node == NULL)
			continue;
		delay_ms += node->delay_ms;
		if (node->bytes_s != 0 && node->bytes_s < bytes_s)
			bytes_s = node->bytes_s;
	}
	while (bytes.len > 0) {
		size_t len = bytes.len < PART_MAX ? bytes.len : PART_MAX;

		if (pipe->free_ms < world->now_ms)
			pipe->free_ms = world->now_ms;
		if (bytes_s != UINT64_MAX)
			pipe->free_ms += len * 1000 / bytes_s + 1;
		at_ms = pipe->free_ms + delay_ms;
		bytes.len -= len;
		if (pipe->part_count > 0 && pipe->parts[pipe->part_count - 1].at_ms == at_ms) {
			pipe->parts[pipe->part_count - 1].len += len;
			continue;
		}
		must(pipe->part_count < PARTS_MAX, "not so much under way");
		pipe->parts[pipe->part_count++] = (struct part){len, at_ms};
	}
}

/* How many bytes have come through. */
static size_t arrived(const struct world *world, const struct pipe *pipe)
{
	size_t len = 0;

	for (size_t i = 0; i < pipe->part_count && pipe->parts[i].at_ms <= world->now_ms; i++)
		len += pipe->parts[i].len;
	return len;
}

static void take_parts(struct pipe *pipe, size_t len)
{
	size_t gone = 0;

	while (gone < pipe->part_count && pipe->parts[gone].len <= len)
		len -= pipe->parts[gone++].len;
	pipe->part_count -= gone;
	memmove(pipe->parts, pipe->parts + gone, pipe->part_count * sizeof pipe->parts[0]);
	if (len > 0)
		pipe->parts[0].len -= len;
}

/* Hand a part of what is on its way to the node at side.  Returns whether there was something. */
static bool deliver(struct world *world, struct wire *wire, size_t k)
{
	struct side *side = &wire->sides[k], *other = &wire->sides[1 - k];
	struct catalog_buffer *bytes = &side->in.bytes;
	struct node *to = &world->nodes[side->node];
	size_t len = arrived(world, &side->in);

	if (len == 0 || !side->is_open || side->node == STRANGER)
		return false;
	len = 1 + (size_t)gossip_random_below(&world->random, len);
	take_parts(&side->in, len);
	gossip_node_received(to->gossip, side->link, (struct catalog_span){bytes->bytes, len},
			     world->now_ms);
	to->is_settled = false;
	if (other->is_open && other->node != STRANGER) {
		gossip_node_sent(world->nodes[other->node].gossip, other->link, len, world->now_ms);
		world->nodes[other->node].is_settled = false;
	}
	memmove(bytes->bytes, bytes->bytes + len, bytes->len - len);
	bytes->len -= len;
	world->counts.bytes += len;
	if (chance(world, world->options.cut_percent)) {
		side->in.is_ended = other->in.is_ended = true;
		bytes->len = 0;
		side->in.part_count = 0;
	}
	return true;
}

/* Tell a node of a link's end once nothing is on its way. */
static bool finish(struct world *world, struct wire *wire, size_t k)
{
	struct side *side = &wire->sides[k];

	if (!side->is_open || !side->in.is_ended || side->in.bytes.len > 0 ||
	    side->node == STRANGER)
		return false;
	side->is_open = false;
	gossip_node_closed(world->nodes[side->node].gossip, side->link, world->now_ms);
	world->nodes[side->node].is_settled = false;
	wire->sides[1 - k].in.is_ended = true;
	return true;
}

static void carry_out(struct world *world, size_t number, const struct gossip_action *action)
{
	struct node *node = &world->nodes[number];
	struct side *side, *other;
	size_t len;

	switch (action->kind) {
	case GOSSIP_ACTION_SEND:
		side = side_of(world, number, action->link, &other);
		if (other->is_open && !other->in.is_ended)
			put_bytes(world, other, number, action->bytes);
		if (!other->is_open || other->in.is_ended || other->node == STRANGER)
			gossip_node_sent(node->gossip, action->link, action->bytes.len,
					 world->now_ms);
		break;
	case GOSSIP_ACTION_CLOSE:
		world->counts.closes++;
		snprintf(world->counts.reason, sizeof world->counts.reason, "%s", action->text);
		len = strlen(world->counts.reasons);
		snprintf(world->counts.reasons + len, sizeof world->counts.reasons - len, "%s\n",
			 action->text);
		side = side_of(world, number, action->link, &other);
		side->is_open = false;
		gossip_node_closed(node->gossip, action->link, world->now_ms);
		other->in.is_ended = true;
		break;
	case GOSSIP_ACTION_DIAL: dial(world, number, action); break;
	case GOSSIP_ACTION_JOB:
		must(node->job_count < JOBS_MAX, "not so many jobs");
		node->jobs[node->job_count++] = action->job;
		break;
	case GOSSIP_ACTION_ADVANCED:
		if (world->options.assembles)
			assemble(world, node);
		break;
	case GOSSIP_ACTION_WITNESSED:
		world->counts.witnessed++;
		world->counts.witnesses = action->count;
		break;
	case GOSSIP_ACTION_AMENDED: break; /* who looks on sees it in the charter */
	case GOSSIP_ACTION_TURNED:
		world->counts.turns++;
		world_kill(world, number);
		world_start(world, number);
		break;
	case GOSSIP_ACTION_NOTICE:
		world->counts.notices++;
		snprintf(world->counts.notice, sizeof world->counts.notice, "%s", action->text);
		break;
	}
}

/* --- time ------------------------------------------------------------------------------------- */

/* Let a node do what it has to do.  Returns whether there was something. */
static bool act(struct world *world, size_t number)
{
	struct node *node = &world->nodes[number];
	struct gossip_action action;

	if (node->gossip == NULL || (node->is_settled && world->now_ms < node->due_ms))
		return false;
	gossip_node_clock(node->gossip, world_now_s(world));
	if (gossip_node_next(node->gossip, world->now_ms, &action, &node->due_ms) != 0) {
		node->is_settled = true;
		return false;
	}
	carry_out(world, number, &action);
	return true;
}

static bool work(struct world *world, size_t number)
{
	struct node *node = &world->nodes[number];
	struct gossip_job *job;
	size_t i;

	if (node->job_count == 0)
		return false;
	i = (size_t)gossip_random_below(&world->random, node->job_count);
	job = node->jobs[i];
	node->jobs[i] = node->jobs[--node->job_count];
	gossip_job_run(
		job, node->store, node->charter,
		&(struct gossip_signer){&world->secrets[number], (int64_t)(world->now_ms / 1000)});
	if (job->kind == GOSSIP_JOB_READ && job->outcome == 0) {
		world->counts.chunks++;
		world->counts.bulk += job->wire.len;
	}
	gossip_node_job_done(node->gossip, job, world->now_ms);
	node->is_settled = false;
	return true;
}

static bool move_wire(struct world *world, struct wire *wire)
{
	bool moved = false;

	if (!wire->is_used)
		return false;
	for (size_t k = 0; k < 2 && !moved; k++)
		moved = deliver(world, wire, k) || finish(world, wire, k);
	if (!wire->sides[0].is_open && !wire->sides[1].is_open)
		wire_free(wire);
	return moved;
}

bool world_step(struct world *world)
{
	size_t things = world->options.node_count * 2 + WIRES_MAX;
	size_t start = (size_t)gossip_random_below(&world->random, things);

	for (size_t i = 0; i < things; i++) {
		size_t thing = (start + i) % things;

		if (thing < world->options.node_count) {
			if (act(world, thing))
				return true;
		} else if (thing < 2 * world->options.node_count) {
			if (work(world, thing - world->options.node_count))
				return true;
		} else if (move_wire(world, &world->wires[thing - 2 * world->options.node_count])) {
			return true;
		}
	}
	return false;
}

static bool is_equal(struct world *world)
{
	struct catalog_hash first, vector;
	bool has_first = false;
	size_t equal;

	for (size_t i = 0; i < world->options.node_count; i++) {
		if (world->nodes[i].gossip == NULL)
			continue;
		gossip_node_vector(world->nodes[i].gossip, &vector, &equal);
		if (has_first && !catalog_hash_equal(&first, &vector))
			return false;
		first = vector;
		has_first = true;
	}
	return true;
}

/* To the next moment at which a node wants to be called, but no further than limit_ms. */
static void wait(struct world *world, uint64_t limit_ms)
{
	uint64_t due_ms = UINT64_MAX;

	for (size_t i = 0; i < world->options.node_count; i++)
		if (world->nodes[i].gossip != NULL && world->nodes[i].due_ms < due_ms)
			due_ms = world->nodes[i].due_ms;
	for (size_t i = 0; i < WIRES_MAX; i++)
		for (size_t k = 0; k < 2 && world->wires[i].is_used; k++)
			if (world->wires[i].sides[k].in.part_count > 0 &&
			    world->wires[i].sides[k].node != STRANGER &&
			    world->wires[i].sides[k].in.parts[0].at_ms < due_ms)
				due_ms = world->wires[i].sides[k].in.parts[0].at_ms;
	must(due_ms != UINT64_MAX, "somebody waits for something");
	if (due_ms <= world->now_ms)
		due_ms = world->now_ms + 1;
	world->now_ms = due_ms < limit_ms ? due_ms : limit_ms;
}

void world_pass(struct world *world, uint64_t ms)
{
	uint64_t end_ms = world->now_ms + ms;

	while (world_step(world) || world->now_ms < end_ms)
		if (!world_step(world))
			wait(world, end_ms);
}

bool world_settle(struct world *world, unsigned long steps_max)
{
	for (unsigned long i = 0; i < steps_max; i++) {
		if (world_step(world))
			continue;
		if (is_equal(world))
			return true;
		wait(world, UINT64_MAX);
	}
	return false;
}

/* --- strangers -------------------------------------------------------------------------------- */

struct world_stranger {
	struct world *world;
	struct wire *wire;
	struct gossip_noise noise;
	struct catalog_buffer heard;
	struct world_stranger *next;
};

static struct world_stranger *new_stranger(struct world *world, size_t node)
{
	struct world_stranger *stranger = calloc(1, sizeof *stranger);

	must(stranger != NULL, "memory");
	stranger->world = world;
	stranger->next = world->strangers;
	world->strangers = stranger;
	stranger->wire = wire_new(world);
	open_side(world, &stranger->wire->sides[0], node, NULL);
	must(stranger->wire->sides[0].is_open, "the node takes the link");
	stranger->wire->sides[1] = (struct side){.node = STRANGER, .is_open = true};
	return stranger;
}

static void put(struct world_stranger *stranger, const uint8_t *bytes, size_t len)
{
	uint8_t length[2] = {(uint8_t)(len >> 8), (uint8_t)len};
	struct side *side = &stranger->wire->sides[0];

	put_bytes(stranger->world, side, STRANGER, (struct catalog_span){length, sizeof length});
	put_bytes(stranger->world, side, STRANGER, (struct catalog_span){bytes, len});
}

static void shake_hands(struct world_stranger *stranger, size_t node,
			const struct gossip_noise_secret *key)
{
	struct world *world = stranger->world;
	const struct catalog_buffer *in = &stranger->wire->sides[1].in.bytes;
	struct gossip_noise_secret ephemeral = fresh_secret(world);
	struct catalog_span none = {NULL, 0};
	uint8_t prologue[48] = "fedcat-gossip", message[64], payload[64];
	struct catalog_node_key remote;

	prologue[15] = GOSSIP_PROTOCOL_VERSION;
	memcpy(prologue + 16, catalog_charter_federation(world->charter)->bytes, 32);
	gossip_noise_public(&world->nodes[node].key, &remote);
	gossip_noise_init(&stranger->noise, &(struct gossip_noise_options){
						    .role = GOSSIP_NOISE_INITIATOR,
						    .prologue = {prologue, sizeof prologue},
						    .secret = key,
						    .ephemeral = &ephemeral,
						    .remote = &remote,
					    });
	must(gossip_noise_write(&stranger->noise, none, message) == 0, "write a message");
	put(stranger, message, 48);
	for (unsigned i = 0; i < 10000 && in->len < 50; i++)
		(void)world_step(world); /* whatever comes first */
	must(in->len == 50, "the node answers");
	must(gossip_noise_read(&stranger->noise, (struct catalog_span){in->bytes + 2, 48},
			       payload) == 0,
	     "read a message");
	stranger->wire->sides[1].in.bytes.len = 0;
	must(gossip_noise_write(&stranger->noise, none, message) == 0, "write a message");
	put(stranger, message, 64);
}

struct world_stranger *world_stranger_of(struct world *world, size_t node, uint32_t member)
{
	struct world_stranger *stranger = new_stranger(world, node);
	struct gossip_noise_secret key = {{STRANGER_KEY, (uint8_t)member}};

	shake_hands(stranger, node, &key);
	return stranger;
}

struct world_stranger *world_stranger_new(struct world *world, size_t node)
{
	return world_stranger_of(world, node, (uint32_t)node);
}

struct world_stranger *world_stranger_unknown(struct world *world, size_t node)
{
	struct world_stranger *stranger = new_stranger(world, node);
	struct gossip_noise_secret key = fresh_secret(world);

	shake_hands(stranger, node, &key);
	return stranger;
}

struct world_stranger *world_stranger_raw(struct world *world, size_t node)
{
	return new_stranger(world, node);
}

void world_stranger_say(struct world_stranger *stranger, const void *bytes, size_t len)
{
	uint8_t sealed[GOSSIP_CHANNEL_RECORD_BYTES_MAX];
	const uint8_t *at = bytes;

	if (!gossip_noise_is_done(&stranger->noise)) {
		put_bytes(stranger->world, &stranger->wire->sides[0], STRANGER,
			  (struct catalog_span){bytes, len});
		return;
	}
	while (len > 0) {
		size_t part = len < 16000 ? len : 16000;
		uint8_t length[2] = {(uint8_t)((part + 16) >> 8), (uint8_t)(part + 16)};

		must(gossip_noise_seal(&stranger->noise, (struct catalog_span){length, 2},
				       (struct catalog_span){at, part}, sealed) == 0,
		     "seal");
		put(stranger, sealed, part + 16);
		at += part;
		len -= part;
	}
}

const struct catalog_buffer *world_stranger_heard(struct world_stranger *stranger)
{
	struct catalog_buffer *in = &stranger->wire->sides[1].in.bytes;
	size_t at = 0;

	if (!gossip_noise_is_done(&stranger->noise))
		return in;
	while (in->len - at > 2) {
		size_t len = (size_t)in->bytes[at] << 8 | in->bytes[at + 1];

		if (in->len - at - 2 < len)
			break;
		must(catalog_buffer_reserve(&stranger->heard, len) == 0, "memory");
		must(gossip_noise_open(&stranger->noise, (struct catalog_span){in->bytes + at, 2},
				       (struct catalog_span){in->bytes + at + 2, len},
				       stranger->heard.bytes + stranger->heard.len) == 0,
		     "what a node says is authentic");
		stranger->heard.len += len - 16;
		at += 2 + len;
	}
	in->len = 0; /* a rest would be cut off: nodes send whole records */
	return &stranger->heard;
}

bool world_stranger_is_closed(const struct world_stranger *stranger)
{
	return stranger->wire->sides[1].in.is_ended;
}

static void free_strangers(struct world *world)
{
	while (world->strangers != NULL) {
		struct world_stranger *stranger = world->strangers;

		world->strangers = stranger->next;
		catalog_buffer_close(&stranger->heard);
		free(stranger);
	}
}
