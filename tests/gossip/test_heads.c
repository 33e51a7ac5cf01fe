/* What finding out costs, counted on the wire, in a federation of a thousand members: two nodes
 * that have published in all of its logs. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "gossip/random.h"
#include "tests/gossip/world.h"

#define MEMBERS   WORLD_MEMBERS_MAX
#define STEPS     40000000
#define HANDSHAKE (2 + 48 + 2 + 48 + 2 + 64)
#define ENDS      120 /* hello, and the tag and lengths around it, in both directions */

static uint64_t seed_of(uint64_t standard)
{
	const char *text = getenv("GOSSIP_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : standard;

	printf("GOSSIP_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* Two nodes that both hold a listing of each member's and have nothing to say; it takes a while, so
 * the tests share them. */
static int make_two(void **state)
{
	struct world_options options = {.seed = seed_of(201),
					.node_count = 2,
					.member_count = MEMBERS,
					.starts_down = true};
	struct world *world = world_new(&options);

	for (size_t member = 0; member < MEMBERS; member++)
		world_publish_as(world, 0, member, 0, 1);
	world_start(world, 0);
	world_start(world, 1);
	assert_true(world_settle(world, STEPS));
	world_pass(world, 60000); /* the last words of it */
	*state = world;
	return 0;
}

static int free_two(void **state)
{
	world_free(*state);
	return 0;
}

/* Let a link end and another begin; the bytes that this costs in both directions. */
static uint64_t meet_again(struct world *world)
{
	uint64_t before;

	world_kill(world, 1);
	world_pass(world, 1000);
	before = world_counts(world)->bytes;
	world_start(world, 1);
	assert_true(world_settle(world, STEPS));
	world_pass(world, 20000);
	return world_counts(world)->bytes - before;
}

static void assert_linked_once(struct world *world)
{
	struct gossip_peer_status peers[4];

	assert_int_equal(gossip_node_peers(world_node(world, 0), peers, 4), 1);
	assert_true(peers[0].equal);
}

static void test_equal_catalogues_cost_a_hello_each(void **state)
{
	struct world *world = *state;
	uint64_t bytes;

	/* The node that is up may not dial: what is counted is one link. */
	world_part(world, 0, 1, true);
	world_part(world, 0, 1, false);
	world_pass(world, 60000);
	bytes = meet_again(world);
	assert_linked_once(world);
	print_message("equal, 1,000 members: %llu bytes, of which the handshake %d\n",
		      (unsigned long long)bytes, HANDSHAKE);
	assert_in_range(bytes, HANDSHAKE + ENDS, HANDSHAKE + 2 * 100);
}

static void test_three_that_changed_of_a_thousand_cost_two_kilobytes(void **state)
{
	static const size_t changed[] = {7, 500, 998};
	struct world *world = *state;
	uint64_t bytes, entries;

	world_kill(world, 1);
	world_pass(world, 1000);
	for (size_t i = 0; i < 3; i++)
		world_publish_as(world, 0, changed[i], 1, 1);
	world_kill(world, 0);
	world_start(world, 0);
	entries = world_counts(world)->bulk;
	bytes = meet_again(world);
	bytes -= world_counts(world)->bulk - entries;
	assert_linked_once(world);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world_status(world, 1, (uint32_t)changed[i]).live, 2);
	print_message("3 of 1,000 members changed: %llu bytes besides the entries\n",
		      (unsigned long long)bytes);
	assert_in_range(bytes, 600, 2048);
}

static void test_who_was_wiped_is_told_all(void **state)
{
	struct world *world = *state;
	struct gossip_totals totals;

	world_kill(world, 1);
	world_wipe(world, 1);
	(void)meet_again(world);
	assert_linked_once(world);
	gossip_node_totals(world_node(world, 1), &totals);
	assert_in_range(totals.heads_in, MEMBERS, 2 * MEMBERS);
	for (uint32_t member = 0; member < MEMBERS; member++)
		assert_int_equal(world_status(world, 1, member).live,
				 world_status(world, 0, member).live);
}

static void test_differences_on_both_sides_are_found(void **state)
{
	uint64_t seed = seed_of(210);

	(void)state;
	for (uint64_t round = 0; round < 6; round++) {
		struct world_options options = {.seed = seed + round,
						.node_count = 2,
						.member_count = 70,
						.starts_down = true};
		struct gossip_random random = {seed + round};
		struct world *world = world_new(&options);

		for (size_t member = 0; member < 70; member++)
			world_publish_as(world, 0, member, 0, 1);
		world_start(world, 0);
		world_start(world, 1);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 0);
		world_kill(world, 1);
		/* From none to all of them, each at one of the two. */
		for (size_t member = 0; member < 70; member++)
			if (gossip_random_below(&random, 6) < round)
				world_publish_as(world, (size_t)gossip_random_below(&random, 2),
						 member, 1, 1);
		world_start(world, 0);
		world_start(world, 1);
		assert_true(world_settle(world, STEPS));
		assert_int_equal(world_counts(world)->notices, 0);
		assert_true(world_now_ms(world) < 60000);
		world_free(world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_catalogues_cost_a_hello_each),
		cmocka_unit_test(test_three_that_changed_of_a_thousand_cost_two_kilobytes),
		cmocka_unit_test(test_who_was_wiped_is_told_all),
		cmocka_unit_test(test_differences_on_both_sides_are_found),
	};

	return cmocka_run_group_tests_name("gossip/heads", tests, make_two, free_two) == 0 ? 0 : 1;
}
