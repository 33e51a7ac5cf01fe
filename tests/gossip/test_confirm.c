#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/confirm.h"
#include "gossip/frame.h"
#include "gossip/message.h"
#include "tests/gossip/speak.h"
#include "tests/gossip/world.h"

#define STEPS 2000000ul

/* The seed of a test; GOSSIP_SEED=n repeats one. */
static uint64_t seed_of(uint64_t standard)
{
	const char *text = getenv("GOSSIP_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : standard;

	printf("GOSSIP_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* Let things happen until node 0 may sign.  It never may while it holds less of its log than size.
 */
static void confirm_with(struct world *world, uint64_t size)
{
	for (unsigned long i = 0; i < STEPS && !world_confirm(world, 0).is_confirmed; i++)
		if (!world_step(world))
			world_pass(world, 1);
	assert_true(world_confirm(world, 0).is_confirmed);
	assert_int_equal(world_status(world, 0, 0).size, size);
}

static void assert_nobody_sees_a_fork(struct world *world, size_t node_count)
{
	for (size_t i = 0; i < node_count; i++)
		for (uint32_t log = 0; log < node_count; log++)
			assert_int_equal(world_status(world, i, log).health, CATALOG_LOG_GOOD);
	assert_int_equal(world_counts(world)->notices, 0);
}

static void test_a_wiped_publisher_gets_its_log_back_first(void **state)
{
	uint64_t seed = seed_of(21);

	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		struct world_options options = {.seed = seed + i,
						.node_count = 5,
						.cut_percent = i % 2 ? 3 : 0,
						.fail_percent = i % 2 ? 30 : 0};
		struct world *world = world_new(&options);

		world_publish(world, 0, 0, 600);
		world_publish(world, 1, 0, 20);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 0);
		world_wipe(world, 0);
		world_start(world, 0);
		assert_int_equal(world_confirm(world, 0).needed, 3);
		assert_false(world_confirm(world, 0).is_confirmed);
		confirm_with(world, 601);
		world_publish(world, 0, 600, 5);
		world_calm(world);
		assert_true(world_settle(world, STEPS));
		assert_int_equal(world_status(world, 4, 0).live, 605);
		assert_int_equal(world_status(world, 0, 1).live, 20);
		assert_nobody_sees_a_fork(world, 5);
		world_free(world);
	}
}

static void test_a_restored_backup_gets_the_rest_first(void **state)
{
	uint64_t seed = seed_of(31);

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		struct world_options options = {.seed = seed + i, .node_count = 3};
		struct world *world = world_new(&options);

		world_publish(world, 0, 0, 50);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 0);
		world_keep(world, 0);
		world_start(world, 0);
		confirm_with(world, 51);
		world_publish(world, 0, 20, 100);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 0);
		world_restore(world, 0);
		assert_int_equal(world_status(world, 0, 0).size, 51);
		world_start(world, 0);
		confirm_with(world, 152);
		world_publish(world, 0, 120, 1);
		assert_true(world_settle(world, STEPS));
		assert_int_equal(world_status(world, 2, 0).live, 121);
		assert_nobody_sees_a_fork(world, 3);
		world_free(world);
	}
}

static void test_without_answers_nothing_is_confirmed(void **state)
{
	struct world_options options = {.seed = seed_of(41), .node_count = 5};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 300);
	assert_true(world_settle(world, STEPS));
	for (size_t node = 0; node < 5; node++)
		if (node != 1)
			world_kill(world, node);
	world_wipe(world, 0);
	world_start(world, 0);
	world_pass(world, 20u * 60 * 1000);
	/* It has all, from one: whether there is more only others can tell. */
	assert_int_equal(world_confirm(world, 0).held, 301);
	assert_int_equal(world_confirm(world, 0).answered, 1);
	assert_false(world_confirm(world, 0).is_confirmed);
	world_start(world, 2);
	world_pass(world, 20u * 60 * 1000);
	assert_int_equal(world_confirm(world, 0).answered, 2);
	assert_false(world_confirm(world, 0).is_confirmed);
	/* Whoever has answered need not stay. */
	world_kill(world, 1);
	world_start(world, 4);
	world_pass(world, 20u * 60 * 1000);
	assert_int_equal(world_confirm(world, 0).answered, 3);
	assert_true(world_confirm(world, 0).is_confirmed);
	world_free(world);
}

static void test_a_federation_of_one_may_sign_at_once(void **state)
{
	struct world_options options = {.seed = 1, .node_count = 1};
	struct world *world = world_new(&options);

	(void)state;
	assert_int_equal(world_confirm(world, 0).needed, 0);
	assert_true(world_confirm(world, 0).is_confirmed);
	world_free(world);
}

static void test_who_holds_as_much_must_still_tell_what_more_was_signed(void **state)
{
	struct world_options options = {.seed = seed_of(51), .node_count = 2};
	struct world *world = world_new(&options);
	struct catalog_log_status there;

	(void)state;
	world_publish(world, 0, 0, 50);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 0);
	world_keep(world, 0);
	world_start(world, 0);
	confirm_with(world, 51);
	world_publish(world, 0, 50, 700);
	/* The other has the checkpoint and none of its entries when the disk dies. */
	do {
		assert_true(world_step(world));
		there = world_status(world, 1, 0);
	} while (there.target_size == 51);
	world_kill(world, 0);
	assert_int_equal(world_status(world, 1, 0).size, 51);
	world_restore(world, 0);
	world_start(world, 0);
	world_pass(world, 60u * 60 * 1000);
	/* Both hold the same and say so, and yet nothing must be signed over the 51. */
	assert_int_equal(world_confirm(world, 0).held, 51);
	assert_int_equal(world_confirm(world, 0).known, there.target_size);
	assert_false(world_confirm(world, 0).is_confirmed);
	assert_int_equal(world_status(world, 0, 0).target_size, there.target_size);
	world_free(world);
}

static void test_a_node_that_comes_back_whole_is_confirmed_by_hellos(void **state)
{
	struct world_options options = {.seed = seed_of(61), .node_count = 4};
	struct world *world = world_new(&options);
	uint64_t before;

	(void)state;
	world_publish(world, 0, 0, 300);
	assert_true(world_settle(world, STEPS));
	world_pass(world, 1000);
	world_kill(world, 0);
	world_pass(world, 1000);
	before = world_counts(world)->bytes;
	world_start(world, 0);
	confirm_with(world, 301);
	/* A handshake, two hellos, a ping and a pong with each. */
	assert_in_range(world_counts(world)->bytes - before, 3 * 300, 3 * 550);
	world_free(world);
}

/* --- strangers -------------------------------------------------------------------------------- */

/* A stranger whose key named_by has named, that says of itself to be of member, and that our log
 * has target entries. */
static void claim(struct world *world, uint32_t named_by, uint32_t member, uint64_t target)
{
	struct world_stranger *stranger = world_stranger_of(world, 0, named_by);
	struct gossip_place place = {.log = 0, .target = target};
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_HELLO};

	message.as.hello.version = GOSSIP_PROTOCOL_VERSION;
	message.as.hello.member = member;
	message.as.hello.incarnation = 12345;
	message.as.hello.vector.bytes[0] = 1;
	message.as.hello.course = world_course(world, 0);
	speak(stranger, &message);
	message = (struct gossip_message){.kind = GOSSIP_MESSAGE_VECTOR};
	message.as.vector = (struct gossip_vector){.is_answer = true, .is_last = true, 1, &place};
	speak(stranger, &message);
	message = (struct gossip_message){.kind = GOSSIP_MESSAGE_PONG, .as.ping = 2};
	speak(stranger, &message);
}

static void test_a_claim_that_nobody_proves_counts_for_nothing(void **state)
{
	struct world_options options = {.seed = seed_of(71), .node_count = 2};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 30);
	world_kill(world, 1);
	claim(world, 1, 1, 1000000);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).known, 1000000);
	assert_int_equal(world_confirm(world, 0).answered, 0);
	assert_false(world_confirm(world, 0).is_confirmed);
	world_start(world, 1);
	world_pass(world, 30000);
	assert_int_equal(world_confirm(world, 0).answered, 1);
	assert_false(world_confirm(world, 0).is_confirmed); /* it may be proven still */
	world_pass(world, GOSSIP_CONFIRM_CLAIM_MS);
	assert_true(world_confirm(world, 0).is_confirmed);
	world_free(world);
}

static void test_our_own_members_other_nodes_do_not_count(void **state)
{
	struct world_options options = {.seed = seed_of(81), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 30);
	world_kill(world, 1);
	world_kill(world, 2);
	claim(world, 0, GOSSIP_MESSAGE_MEMBER_NONE, 30);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).answered, 0);
	/* One that publishes, too, is worth a word. */
	assert_int_equal(world_counts(world)->notices, 0);
	claim(world, 0, 0, 30);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).answered, 0);
	assert_int_equal(world_counts(world)->notices, 1);
	/* Of another member a mirror will do, and two are one. */
	claim(world, 1, GOSSIP_MESSAGE_MEMBER_NONE, 30);
	claim(world, 1, 1, 30);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).answered, 1);
	assert_false(world_confirm(world, 0).is_confirmed);
	/* Another checkpoint of the size of ours is no answer before it is shown. */
	claim(world, 2, 2, 31);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).answered, 1);
	claim(world, 2, 2, 30);
	world_pass(world, 1000);
	assert_int_equal(world_confirm(world, 0).answered, 2);
	assert_false(world_confirm(world, 0).is_confirmed);
	world_pass(world, GOSSIP_CONFIRM_CLAIM_MS);
	assert_int_equal(world_confirm(world, 0).answered, 2);
	assert_true(world_confirm(world, 0).is_confirmed);
	world_free(world);
}

TEST_MAIN("gossip/confirm", cmocka_unit_test(test_a_wiped_publisher_gets_its_log_back_first),
	  cmocka_unit_test(test_a_restored_backup_gets_the_rest_first),
	  cmocka_unit_test(test_without_answers_nothing_is_confirmed),
	  cmocka_unit_test(test_a_federation_of_one_may_sign_at_once),
	  cmocka_unit_test(test_who_holds_as_much_must_still_tell_what_more_was_signed),
	  cmocka_unit_test(test_a_node_that_comes_back_whole_is_confirmed_by_hellos),
	  cmocka_unit_test(test_a_claim_that_nobody_proves_counts_for_nothing),
	  cmocka_unit_test(test_our_own_members_other_nodes_do_not_count))
