/* Amendments travel between nodes, ahead of what they change. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/amendment.h"
#include "catalog/charter.h"
#include "catalog/log.h"
#include "gossip/message.h"
#include "tests/gossip/world.h"

#define STEPS 2000000

static struct catalog_change change; /* large */

/* The amendment after what a node holds, by the council of one that the first node is. */
static void write_amendment(struct world *world, size_t node, struct catalog_buffer *amendment)
{
	const struct catalog_charter *charter = world_charter_of(world, node);
	struct catalog_buffer changes = {0}, body = {0};
	struct catalog_signature signature;
	struct catalog_hash hash;

	assert_int_equal(catalog_change_encode(&change, &changes), 0);
	assert_int_equal(catalog_amendment_write(catalog_charter_number(charter) + 1,
						 catalog_charter_head(charter), 1,
						 catalog_buffer_span(&changes), 1, &body),
			 0);
	catalog_hash_of(body.bytes, body.len, &hash);
	catalog_amendment_sign(&hash, world_secret(world, 0), &signature);
	amendment->len = 0;
	assert_int_equal(
		catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, amendment), 0);
	catalog_buffer_close(&changes);
	catalog_buffer_close(&body);
}

static void amend(struct world *world, size_t node)
{
	struct catalog_buffer amendment = {0};

	write_amendment(world, node, &amendment);
	assert_int_equal(world_amend(world, node, catalog_buffer_span(&amendment)), 0);
	catalog_buffer_close(&amendment);
}

static void admit(struct world *world, size_t node, size_t newcomer)
{
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_ADMIT;
	world_member(world, newcomer, &change.as.admit);
	amend(world, node);
}

/* A line at the newest checkpoint that a node holds of a log. */
static void line_at(struct world *world, size_t node, uint32_t log, struct catalog_buffer *note)
{
	struct catalog_log_status status = world_status(world, node, log);
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(world_store(world, node), &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, log, note), 0);
	catalog_store_end(txn);
	change.as.move.line = (struct catalog_line){status.target_size, status.target_root,
						    catalog_buffer_span(note)};
	change.as.move.member = log;
}

static void assert_all_at(struct world *world, size_t count, uint64_t number)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(catalog_charter_number(world_charter_of(world, i)), number);
}

static void test_a_federation_of_one_admits_two_more(void **state)
{
	struct world_options options = {.seed = 1, .node_count = 3, .founded = 1};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 20);
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 1, 0).size, 0); /* nobody lets it in */
	admit(world, 0, 1);
	admit(world, 0, 2);
	world_pass(world, 10 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	assert_all_at(world, 3, 2);
	assert_int_equal(world_status(world, 1, 0).live, 20);
	/* They are members now, and what they publish is everybody's. */
	for (size_t i = 1; i < 3; i++) {
		world_kill(world, i);
		world_start(world, i);
		world_publish(world, i, 0, 5);
	}
	world_pass(world, 10 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	for (size_t i = 0; i < 3; i++)
		for (uint32_t log = 0; log < 3; log++)
			assert_int_equal(world_status(world, i, log).live, log == 0 ? 20 : 5);
	world_free(world);
}

static void test_all_nodes_draw_the_same_line(void **state)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct world_options options = {
			.seed = seed, .node_count = 5, .cut_percent = 2, .fail_percent = 10};
		struct world *world = world_new(&options);
		struct catalog_buffer note = {0};
		uint64_t size;

		(void)state;
		print_message("seed %llu\n", (unsigned long long)seed);
		world_publish(world, 3, 0, 30);
		world_calm(world);
		world_pass(world, 60000);
		assert_true(world_settle(world, STEPS));
		memset(&change, 0, sizeof change);
		change.verb = CATALOG_CHANGE_SUSPEND;
		line_at(world, 0, 3, &note);
		size = change.as.move.line.size;
		/* Some have taken more by the time that they hear of it, one has nothing. */
		world_publish(world, 3, 10, 40);
		for (unsigned long i = 0; i < 60 * seed; i++)
			world_step(world);
		world_kill(world, 4);
		world_wipe(world, 4);
		world_start(world, 4);
		amend(world, 0);
		world_pass(world, 20 * 60 * 1000);
		assert_true(world_settle(world, STEPS));
		assert_all_at(world, 5, 1);
		for (size_t i = 0; i < 5; i++) {
			struct catalog_log_status status = world_status(world, i, 3);

			assert_int_equal(status.size, size);
			assert_int_equal(status.target_size, size);
			assert_int_equal(status.health, CATALOG_LOG_GOOD);
			assert_int_equal(status.live, 30);
		}
		catalog_buffer_close(&note);
		world_free(world);
	}
}

static void test_a_large_amendment_comes_in_parts(void **state)
{
	struct world_options options = {.seed = 3, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_buffer changes = {0}, body = {0}, amendment = {0};
	const struct catalog_charter *charter = world_charter_of(world, 0);
	struct catalog_signature signature;
	struct catalog_hash hash;

	(void)state;
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_ADMIT;
	for (unsigned i = 0; i < 1400; i++) {
		world_member(world, 2, &change.as.admit);
		change.as.admit.index = 1000 + i;
		snprintf(change.as.admit.name, 20, "more-%u", i);
		change.as.admit.key.bytes[0] = (uint8_t)i;
		change.as.admit.key.bytes[1] = (uint8_t)(i >> 8);
		change.as.admit.node_count = change.as.admit.address_count = 0;
		assert_int_equal(catalog_change_encode(&change, &changes), 0);
	}
	assert_int_equal(catalog_amendment_write(1, catalog_charter_head(charter), 1,
						 catalog_buffer_span(&changes), 1400, &body),
			 0);
	catalog_hash_of(body.bytes, body.len, &hash);
	catalog_amendment_sign(&hash, world_secret(world, 0), &signature);
	assert_int_equal(
		catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, &amendment), 0);
	assert_true(amendment.len > 2 * GOSSIP_MESSAGE_PART_MAX);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(world_amend(world, 0, catalog_buffer_span(&amendment)), 0);
	assert_true(world_settle(world, STEPS));
	world_pass(world, 60000);
	assert_all_at(world, 3, 1);
	assert_int_equal(catalog_charter_member_count(world_charter_of(world, 2)), 1403);
	catalog_buffer_close(&changes);
	catalog_buffer_close(&body);
	catalog_buffer_close(&amendment);
	world_free(world);
}

static void test_a_rotated_key_goes_on(void **state)
{
	struct world_options options = {.seed = 4, .node_count = 4};
	struct world *world = world_new(&options);
	struct catalog_buffer note = {0};

	(void)state;
	world_publish(world, 2, 0, 10);
	world_pass(world, 60000);
	assert_true(world_settle(world, STEPS));
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_ROTATE;
	line_at(world, 0, 2, &note);
	change.as.move.key.bytes[0] =
		77; /* whose secret nobody has: the old one is of no use now */
	amend(world, 0);
	world_pass(world, 60000);
	assert_true(world_settle(world, STEPS));
	assert_all_at(world, 4, 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(catalog_charter_key(world_charter_of(world, i), 2, 1000)->bytes[0],
				 77);
	assert_int_equal(world_status(world, 1, 2).live, 10);
	catalog_buffer_close(&note);
	world_free(world);
}

/* Member 2 names a node of its own, which then runs in the place of the charter's and gets what
 * member 0 publishes. */
static void come_by_name(struct world *world)
{
	struct catalog_node node = {.role = CATALOG_NODE_PUBLISHER,
				    .expires_s = world_now_s(world) + 1000000};

	world_kill(world, 2);
	node.key = world_rekey(world, 2, 7);
	(void)world_rekey(world, 2, 0);
	world_start(world, 2);
	world_name(world, 2, 2, &node);
	world_pass(world, 60000);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 2);
	(void)world_rekey(world, 2, 7);
	world_start(world, 2);
	world_publish(world, 0, 0, 3);
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 2, 0).live, 3);
}

static void test_a_line_before_it_takes_a_node_away(void **state)
{
	struct world_options options = {.seed = 22, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_buffer note = {0};

	(void)state;
	world_publish(world, 2, 0, 3);
	assert_true(world_settle(world, STEPS));
	memset(&change, 0, sizeof change);
	line_at(world, 0, 2, &note);
	/* A thief names his own node, and comes in with it. */
	come_by_name(world);
	/* The line is drawn before. */
	change.verb = CATALOG_CHANGE_ROTATE;
	memset(change.as.move.key.bytes, 0x5a, sizeof change.as.move.key.bytes);
	amend(world, 0);
	world_pass(world, 60000);
	assert_non_null(strstr(world_counts(world)->reasons, "no member has named the node"));
	world_publish(world, 0, 10, 1);
	world_pass(world, 60 * 60 * 1000);
	assert_int_equal(world_status(world, 2, 0).live, 3);
	catalog_buffer_close(&note);
	world_free(world);
}

static void test_a_suspended_member_keeps_the_charters_nodes_alone(void **state)
{
	struct world_options options = {.seed = 21, .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_buffer note = {0};

	(void)state;
	come_by_name(world);
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_SUSPEND;
	line_at(world, 0, 2, &note);
	amend(world, 0);
	world_pass(world, 60000);
	assert_non_null(strstr(world_counts(world)->reasons, "node-2 is suspended"));
	world_publish(world, 0, 10, 1);
	world_pass(world, 60 * 60 * 1000);
	assert_int_equal(world_status(world, 2, 0).live, 3);
	/* With the charter's key it reads on. */
	world_kill(world, 2);
	(void)world_rekey(world, 2, 0);
	world_start(world, 2);
	world_pass(world, 60 * 60 * 1000);
	assert_int_equal(world_status(world, 2, 0).live, 4);
	catalog_buffer_close(&note);
	world_free(world);
}

static void test_nobody_waits_for_the_word_of_an_expelled_member(void **state)
{
	struct world_options options = {.seed = 5, .node_count = 4};
	struct world *world = world_new(&options);
	struct catalog_buffer note = {0};

	(void)state;
	world_publish(world, 3, 0, 3);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 3);
	world_kill(world, 1);
	memset(&change, 0, sizeof change);
	change.verb = CATALOG_CHANGE_EXPEL;
	line_at(world, 0, 3, &note);
	amend(world, 0);
	world_pass(world, 10 * 60 * 1000);
	assert_int_equal(world_confirm(world, 2).needed, 2); /* it was running */
	/* One that begins by the old charter and hears of it then. */
	world_start(world, 1);
	assert_int_equal(world_confirm(world, 1).needed, 3);
	world_pass(world, 10 * 60 * 1000);
	assert_int_equal(world_confirm(world, 1).needed, 2);
	assert_true(world_confirm(world, 1).is_confirmed);
	/* And one that begins by the new one. */
	world_kill(world, 1);
	world_start(world, 1);
	assert_int_equal(world_confirm(world, 1).needed, 2);
	catalog_buffer_close(&note);
	world_free(world);
}

TEST_MAIN("gossip/amend", cmocka_unit_test(test_a_federation_of_one_admits_two_more),
	  cmocka_unit_test(test_all_nodes_draw_the_same_line),
	  cmocka_unit_test(test_a_large_amendment_comes_in_parts),
	  cmocka_unit_test(test_a_rotated_key_goes_on),
	  cmocka_unit_test(test_a_line_before_it_takes_a_node_away),
	  cmocka_unit_test(test_a_suspended_member_keeps_the_charters_nodes_alone),
	  cmocka_unit_test(test_nobody_waits_for_the_word_of_an_expelled_member))
