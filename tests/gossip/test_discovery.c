/* Nodes that the members' logs name: who finds whom by them, and who is let in, until when. */
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

#include "catalog/node.h"
#include "tests/gossip/world.h"

#define STEPS   2000000
#define A_DAY_S (24 * 60 * 60)
#define HOUR_MS (60ull * 60 * 1000)

static struct catalog_node named(const struct catalog_node_key *key, unsigned place,
				 int64_t expires_s, const char *address)
{
	struct catalog_node node = {.key = *key,
				    .role = CATALOG_NODE_PUBLISHER,
				    .expires_s = expires_s,
				    .place = place};

	if (address != NULL)
		snprintf(node.addresses[node.address_count++], sizeof node.addresses[0], "%s",
			 address);
	return node;
}

/* The key that the charter names first of a member's. */
static const struct catalog_node_key *key_of(const struct world *world, uint32_t member)
{
	return &catalog_charter_member(world_charter(world), member)->nodes[0];
}

/* Whether two nodes are linked, by the word of the first. */
static bool is_linked(struct world *world, size_t node, uint32_t member)
{
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
	size_t count = gossip_node_peers(world_node(world, node), peers, GOSSIP_NODE_LINKS_MAX);

	for (size_t i = 0; i < count; i++)
		if (peers[i].greeted && peers[i].member == member)
			return true;
	return false;
}

static void assert_all_hold(struct world *world, size_t nodes, uint32_t log, uint64_t live)
{
	for (size_t i = 0; i < nodes; i++)
		assert_int_equal(world_status(world, i, log).live, live);
}

static void test_who_has_moved_is_found_by_its_log(void **state)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct world_options options = {.seed = seed, .node_count = 3};
		struct world *world = world_new(&options);
		struct catalog_node node;

		(void)state;
		world_publish(world, 2, 0, 5);
		assert_true(world_settle(world, STEPS));
		node = named(key_of(world, 2), 0, world_now_s(world) + A_DAY_S, "moved.example:7");
		world_name(world, 2, 2, &node);
		assert_true(world_settle(world, STEPS));
		/* It comes back elsewhere, and can call nobody itself. */
		world_kill(world, 2);
		world_move(world, 2, "moved.example:7");
		world_mute(world, 2, true);
		world_start(world, 2);
		world_publish(world, 0, 0, 7);
		world_pass(world, 20 * 60 * 1000);
		assert_true(world_settle(world, STEPS));
		assert_all_hold(world, 3, 0, 7);
		/* So do those that begin with what they have on disk. */
		for (size_t i = 0; i < 3; i++) {
			world_kill(world, i);
			world_start(world, i);
		}
		world_publish(world, 1, 0, 9);
		world_pass(world, 20 * 60 * 1000);
		assert_true(world_settle(world, STEPS));
		assert_all_hold(world, 3, 1, 9);
		world_free(world);
	}
}

static void test_a_newcomer_learns_from_one_where_the_others_are(void **state)
{
	struct world_options options = {.seed = 3, .node_count = 4};
	struct world *world = world_new(&options);

	(void)state;
	for (uint32_t i = 1; i < 4; i++) {
		struct catalog_node node;
		char address[40];

		snprintf(address, sizeof address, "moved-%u.example:7", i);
		node = named(key_of(world, i), 0, world_now_s(world) + A_DAY_S, address);
		world_name(world, i, i, &node);
		assert_true(world_settle(world, STEPS));
		world_move(world, i, address);
	}
	/* Of the charter's addresses one is true: that of the first. */
	world_kill(world, 3);
	world_wipe(world, 3);
	for (size_t i = 0; i < 3; i++) {
		world_kill(world, i);
		world_start(world, i);
		world_mute(world, i, true); /* the newcomer must do it by itself */
	}
	world_start(world, 3);
	world_pass(world, 20 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	for (uint32_t i = 0; i < 3; i++)
		assert_true(is_linked(world, 3, i));
	world_free(world);
}

static void test_a_node_that_only_dials_takes_part(void **state)
{
	struct world_options options = {.seed = 5, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_node node = named(key_of(world, 2), 0, world_now_s(world) + A_DAY_S, NULL);

	(void)state;
	world_move(world, 2, "");
	world_name(world, 2, 2, &node);
	world_publish(world, 2, 0, 5);
	world_publish(world, 0, 0, 6);
	world_pass(world, 10 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	assert_all_hold(world, 3, 2, 5);
	assert_all_hold(world, 3, 0, 6);
	world_free(world);
}

static void test_a_key_that_the_log_names_is_let_in_until_it_expires(void **state)
{
	struct world_options options = {.seed = 6, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_node node;
	struct catalog_node_key key;

	(void)state;
	assert_true(world_settle(world, STEPS));
	world_kill(world, 2);
	key = world_rekey(world, 2, 7);
	world_start(world, 2);
	world_pass(world, 5 * 60 * 1000);
	assert_non_null(strstr(world_counts(world)->reasons, "no member has named the node"));
	assert_false(is_linked(world, 0, 2));
	/* Its member's log comes to the others some other way: from a file, say. */
	world_kill(world, 2);
	(void)world_rekey(world, 2, 0);
	world_start(world, 2);
	node = named(&key, 0, world_now_s(world) + 3 * 60 * 60, NULL);
	world_name(world, 2, 2, &node);
	world_pass(world, 10 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 2);
	(void)world_rekey(world, 2, 7);
	world_start(world, 2);
	world_publish(world, 0, 0, 6);
	world_pass(world, 10 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	assert_all_hold(world, 3, 0, 6);
	assert_true(is_linked(world, 0, 2));
	world_pass(world, 3 * HOUR_MS);
	assert_false(is_linked(world, 0, 2));
	assert_false(is_linked(world, 1, 2));
	assert_non_null(strstr(world_counts(world)->reasons, "the time is over for which node-2"));
	world_publish(world, 0, 50, 1);
	world_pass(world, HOUR_MS);
	assert_int_equal(world_status(world, 2, 0).live, 6); /* and it is not let in again */
	world_free(world);
}

static void test_a_key_that_is_withdrawn_is_refused_though_the_charter_names_it(void **state)
{
	struct world_options options = {.seed = 8, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_node node = named(key_of(world, 2), 0, 0, NULL);

	(void)state;
	world_pass(world, 60000);
	assert_true(is_linked(world, 0, 2));
	world_name(world, 2, 2, &node);
	world_pass(world, 60000);
	for (size_t i = 0; i < 2; i++) {
		assert_false(is_linked(world, i, 2));
		assert_true(is_linked(world, i, 1 - (uint32_t)i));
	}
	assert_non_null(strstr(world_counts(world)->reasons, "node-2 has withdrawn the node"));
	world_publish(world, 0, 0, 4);
	world_pass(world, HOUR_MS);
	assert_int_equal(world_status(world, 2, 0).size, 0);
	world_free(world);
}

static void test_another_member_that_names_a_node_takes_nothing_from_it(void **state)
{
	struct world_options options = {.seed = 9, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_node node;
	struct catalog_node_key key;

	(void)state;
	/* Node 2 goes by a key that its log names; so does member 1's, and its withdrawal, too. */
	world_kill(world, 2);
	key = world_rekey(world, 2, 7);
	(void)world_rekey(world, 2, 0);
	world_start(world, 2);
	node = named(&key, 0, world_now_s(world) + A_DAY_S, NULL);
	world_name(world, 2, 2, &node);
	world_name(world, 1, 1, &node);
	world_pass(world, 60000);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 2);
	(void)world_rekey(world, 2, 7);
	world_start(world, 2);
	world_pass(world, 60000);
	assert_true(is_linked(world, 0, 2));
	node = named(&key, 0, 0, NULL);
	world_name(world, 1, 1, &node);
	world_pass(world, 60000);
	assert_true(is_linked(world, 0, 2));
	world_publish(world, 0, 0, 4);
	assert_true(world_settle(world, STEPS));
	assert_all_hold(world, 3, 0, 4);
	world_free(world);
}

static void test_a_member_that_names_a_crowd_costs_few_dials(void **state)
{
	struct world_options options = {.seed = 10, .node_count = 3};
	struct world *world = world_new(&options);
	uint64_t before;

	(void)state;
	for (unsigned place = 0; place < CATALOG_NODE_PLACES; place++) {
		struct catalog_node_key key = {{(uint8_t)place, 1, 2}};
		struct catalog_node node =
			named(&key, place, world_now_s(world) + 30 * A_DAY_S, NULL);

		while (node.address_count < CATALOG_NODE_ADDRESSES_MAX) {
			snprintf(node.addresses[node.address_count], sizeof node.addresses[0],
				 "victim-%u.example:%zu", place, 1 + node.address_count);
			node.address_count++;
		}
		world_name(world, 2, 2, &node);
	}
	world_pass(world, 60000);
	world_kill(world, 2); /* so that it must be looked for */
	world_move(world, 2, "");
	before = world_counts(world)->failed_dials;
	world_pass(world, 24 * HOUR_MS);
	/* Two nodes; besides, each dials what the charter says, every five minutes or so. */
	assert_in_range(world_counts(world)->failed_dials - before, 100, 2 * (24 * 13 + 70));
	world_free(world);
}

/* The outgoing links of a node, by their numbers. */
static size_t outgoing(struct world *world, size_t node, uint64_t ret_links[GOSSIP_NODE_LINKS_MAX])
{
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
	size_t count = gossip_node_peers(world_node(world, node), peers, GOSSIP_NODE_LINKS_MAX),
	       kept = 0;

	for (size_t i = 0; i < count; i++)
		if (peers[i].outgoing && peers[i].greeted)
			ret_links[kept++] = peers[i].link;
	return kept;
}

/* Who keeps the same links for ever hears what these neighbours let it hear. */
static void test_one_outgoing_link_is_swapped_every_ten_minutes(void **state)
{
	struct world_options options = {.seed = 12, .node_count = WORLD_NODES_MAX};
	struct world *world = world_new(&options);
	uint64_t before[GOSSIP_NODE_LINKS_MAX], after[GOSSIP_NODE_LINKS_MAX];
	size_t before_count, after_count, gone = 0, periods = 12;

	(void)state;
	assert_true(world_settle(world, 4000000));
	world_pass(world, 60000);
	for (size_t period = 0; period < periods; period++) {
		before_count = outgoing(world, 3, before);
		assert_in_range(before_count, 1, 6);
		world_pass(world, 10 * 60000);
		after_count = outgoing(world, 3, after);
		for (size_t i = 0; i < before_count; i++) {
			bool stays = false;

			for (size_t k = 0; k < after_count; k++)
				stays |= after[k] == before[i];
			gone += !stays;
		}
	}
	/* About one a period, which is of ten minutes more or less; anti-entropy's own links
	 * come and go besides. */
	assert_in_range(gone, periods / 2, 4 * periods);
	world_free(world);
}

TEST_MAIN("gossip/discovery", cmocka_unit_test(test_who_has_moved_is_found_by_its_log),
	  cmocka_unit_test(test_a_newcomer_learns_from_one_where_the_others_are),
	  cmocka_unit_test(test_a_node_that_only_dials_takes_part),
	  cmocka_unit_test(test_a_key_that_the_log_names_is_let_in_until_it_expires),
	  cmocka_unit_test(test_a_key_that_is_withdrawn_is_refused_though_the_charter_names_it),
	  cmocka_unit_test(test_another_member_that_names_a_node_takes_nothing_from_it),
	  cmocka_unit_test(test_a_member_that_names_a_crowd_costs_few_dials),
	  cmocka_unit_test(test_one_outgoing_link_is_swapped_every_ten_minutes))
