/* A member's node, or its log, that floods: it is bounded, and what others say still arrives.
 * Floods of checkpoints, attestations and proofs of forks are in test_trust, of connections in
 * test_node. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/motion.h"
#include "catalog/node.h"
#include "catalog/publisher.h"
#include "gossip/frame.h"
#include "gossip/message.h"
#include "tests/gossip/speak.h"
#include "tests/gossip/world.h"

#define STEPS 4000000

/* --- a node that floods ----------------------------------------------------------------------- */

static struct world_stranger *greet(struct world *world)
{
	struct gossip_message hello = {.kind = GOSSIP_MESSAGE_HELLO};
	struct world_stranger *stranger = world_stranger_of(world, 0, 1);

	hello.as.hello.version = GOSSIP_PROTOCOL_VERSION;
	hello.as.hello.member = GOSSIP_MESSAGE_MEMBER_NONE;
	hello.as.hello.incarnation = 12345;
	hello.as.hello.course = world_course(world, 0);
	speak(stranger, &hello);
	return stranger;
}

/* Say so many of a message, while the others go about their business; the link must end with the
 * reason, and what member 1 then publishes must arrive at all. */
static void assert_flood_ends(const struct gossip_message *messages, size_t kinds, size_t count,
			      const char *reason)
{
	struct world_options options = {.seed = 31, .node_count = 3};
	struct world *world = world_new(&options);
	struct world_stranger *stranger;

	world_publish(world, 0, 0, 20);
	world_pass(world, 60000);
	stranger = greet(world);
	for (size_t i = 0; i < count && !world_stranger_is_closed(stranger); i++) {
		speak(stranger, &messages[i % kinds]);
		if (i % 10 == 0)
			for (unsigned k = 0; k < 20; k++)
				(void)world_step(world);
	}
	world_pass(world, 1000);
	assert_true(world_stranger_is_closed(stranger));
	assert_non_null(strstr(world_counts(world)->reasons, reason));
	world_publish(world, 1, 0, 5);
	world_pass(world, 10000);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world_status(world, i, 1).live, 5);
	world_free(world);
}

static void test_a_flood_of_requests_ends_the_link(void **state)
{
	struct gossip_message pull = {.kind = GOSSIP_MESSAGE_PULL};

	(void)state;
	/* Of what is on its way, it believes, so that they wait. */
	pull.as.pull = (struct gossip_pull_ask){.request = 1, .to = 1, .size = 20};
	assert_flood_ends(&pull, 1, 2000, "too many requests at once");
}

static void test_a_flood_of_trails_ends_the_link(void **state)
{
	struct gossip_message trail = {.kind = GOSSIP_MESSAGE_TRAIL};

	(void)state;
	trail.as.trail.count = 1;
	trail.as.trail.steps[0].number = 5;
	assert_flood_ends(&trail, 1, 200, "the charter is told again and again");
}

static void test_a_flood_of_amendments_ends_the_link(void **state)
{
	static uint8_t bytes[GOSSIP_MESSAGE_PART_MAX];
	struct gossip_message part = {.kind = GOSSIP_MESSAGE_AMENDMENT};

	(void)state;
	/* Begun again and again; none is ever whole. */
	part.as.amendment =
		(struct gossip_amendment){1, CATALOG_AMENDMENT_BYTES_MAX, 0, {bytes, sizeof bytes}};
	assert_flood_ends(&part, 1, 200, "parts of an amendment out of their order");
	/* Whole, and nothing. */
	part.as.amendment = (struct gossip_amendment){1, 100, 0, {bytes, 100}};
	assert_flood_ends(&part, 1, 200, "it is no amendment");
}

static void test_a_flood_of_entries_nobody_asked_for_ends_the_link(void **state)
{
	struct gossip_message chunk = {.kind = GOSSIP_MESSAGE_CHUNK};

	(void)state;
	chunk.as.chunk.request = 7;
	chunk.as.chunk.wire = (struct catalog_span){(const uint8_t *)"entries", 7};
	assert_flood_ends(&chunk, 1, 200, "a chunk that nobody asked for");
}

static void test_a_flood_of_refusals_and_words_costs_nothing(void **state)
{
	struct world_options options = {.seed = 32, .node_count = 3};
	struct world *world = world_new(&options);
	struct gossip_message messages[3] = {{.kind = GOSSIP_MESSAGE_NONE, .as.none = 9},
					     {.kind = GOSSIP_MESSAGE_EQUAL},
					     {.kind = GOSSIP_MESSAGE_PONG, .as.ping = 2}};
	struct world_stranger *stranger;
	uint64_t bytes;

	(void)state;
	world_publish(world, 0, 0, 20);
	world_pass(world, 60000);
	stranger = greet(world);
	world_pass(world, 5000);
	bytes = world_stranger_heard(stranger)->len;
	for (unsigned i = 0; i < 3000; i++)
		speak(stranger, &messages[i % 3]);
	world_publish(world, 1, 0, 5);
	world_pass(world, 10000);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world_status(world, i, 1).live, 5);
	/* What it is told of the change, and no answer to each word. */
	assert_true(world_stranger_heard(stranger)->len - bytes < 8000);
	world_free(world);
}

/* --- a log that floods ------------------------------------------------------------------------ */

enum flood { MOTIONS, VOTES, NODES };

static void append(struct catalog_publisher *publisher, enum flood flood, unsigned number)
{
	static const enum catalog_entry_kind kinds[] = {CATALOG_ENTRY_MOTION, CATALOG_ENTRY_VOTE,
							CATALOG_ENTRY_NODE};
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {(uint8_t)number, (uint8_t)(number >> 8)};
	uint8_t body[] = {0xce, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
			  (uint8_t)(number >> 8), (uint8_t)number};
	enum catalog_publisher_outcome outcome;
	char id[70];

	/* Of motions there are 16 places; the others are of things without end. */
	(void)snprintf(id, sizeof id, flood == MOTIONS ? "%u" : "%064x",
		       flood == MOTIONS ? number % CATALOG_MOTION_PLACES : number);
	assert_int_equal(catalog_publisher_append(publisher, kinds[flood], id,
						  (struct catalog_span){body, sizeof body}, 1, salt,
						  &outcome),
			 0);
}

static void flood_log(struct world *world, enum flood flood, unsigned batches, unsigned entries)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {1};
	struct catalog_publisher *publisher;

	for (unsigned i = 0; i < batches; i++) {
		assert_int_equal(catalog_publisher_new(world_store(world, 0),
						       world_charter_of(world, 0), 0,
						       world_secret(world, 0), &publisher),
				 0);
		for (unsigned k = 0; k < entries; k++)
			append(publisher, flood, i * entries + k);
		assert_int_equal(catalog_publisher_flush(publisher, 1, salt), 0);
		catalog_publisher_free(publisher);
		world_published(world, 0);
		for (unsigned k = 0; k < 10; k++)
			(void)world_step(world);
	}
}

/* Steps until all hold a listing that member 1 publishes in the middle of it. */
static unsigned long steps_until_heard(struct world *world)
{
	unsigned long steps = 0;

	world_publish(world, 1, 0, 1);
	while (steps < STEPS &&
	       (world_status(world, 2, 1).live < 1 || world_status(world, 3, 1).live < 1)) {
		if (!world_step(world))
			world_pass(world, 1);
		steps++;
	}
	return steps;
}

static void test_a_log_that_floods_holds_nobody_up(void **state)
{
	for (enum flood flood = MOTIONS; flood <= NODES; flood++) {
		struct world_options options = {
			.seed = 33 + (uint64_t)flood, .node_count = 4, .assembles = true};
		struct world *world = world_new(&options);
		unsigned long calm, steps, rest = 0;

		(void)state;
		world_pass(world, 60000);
		world_publish(world, 2, 0, 1);
		world_pass(world, 60000);
		flood_log(world, flood, 60, 100);
		steps = steps_until_heard(world);
		while (world_status(world, 3, 0).size < world_status(world, 0, 0).size &&
		       rest < STEPS) {
			if (!world_step(world))
				world_pass(world, 1);
			rest++;
		}
		assert_true(world_settle(world, STEPS));
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(world_status(world, i, 0).size,
					 world_status(world, 0, 0).size);
		calm = steps_until_heard(world);
		print_message("flood %u: heard after %lu steps, the flood after %lu more, a calm "
			      "one after %lu\n",
			      (unsigned)flood, steps, rest, calm);
		assert_true(steps < 20000);
		world_free(world);
	}
}

TEST_MAIN("gossip/flood", cmocka_unit_test(test_a_flood_of_requests_ends_the_link),
	  cmocka_unit_test(test_a_flood_of_trails_ends_the_link),
	  cmocka_unit_test(test_a_flood_of_amendments_ends_the_link),
	  cmocka_unit_test(test_a_flood_of_entries_nobody_asked_for_ends_the_link),
	  cmocka_unit_test(test_a_flood_of_refusals_and_words_costs_nothing),
	  cmocka_unit_test(test_a_log_that_floods_holds_nobody_up))
