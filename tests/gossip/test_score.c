#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/frame.h"
#include "gossip/message.h"
#include "gossip/pull.h"
#include "gossip/score.h"
#include "tests/gossip/world.h"

static const struct catalog_node_key one = {{1}}, other = {{2}};

static void test_pauses_grow_to_a_limit(void **state)
{
	struct gossip_score score = {0};
	uint64_t now_ms = 1000, pause_ms = GOSSIP_SCORE_PAUSE_MS;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		gossip_score_add(&score, &one, 7, "it lied", now_ms);
		assert_int_equal(gossip_score_until_ms(&score, &one, now_ms), now_ms + pause_ms);
		assert_int_equal(gossip_score_until_ms(&score, &other, now_ms), 0);
		now_ms += pause_ms;
		assert_int_equal(gossip_score_until_ms(&score, &one, now_ms), 0);
		pause_ms = 2 * pause_ms < GOSSIP_SCORE_PAUSE_MS_MAX ? 2 * pause_ms
								    : GOSSIP_SCORE_PAUSE_MS_MAX;
	}
	now_ms += GOSSIP_SCORE_FORGIVE_MS;
	gossip_score_add(&score, &one, 7, "it lied", now_ms);
	assert_int_equal(gossip_score_until_ms(&score, &one, now_ms),
			 now_ms + GOSSIP_SCORE_PAUSE_MS);
}

static void test_one_more_takes_the_place_of_the_least(void **state)
{
	struct gossip_score score = {0};

	(void)state;
	gossip_score_add(&score, &one, 0, "", 0);
	gossip_score_add(&score, &one, 0, "", 0);
	for (unsigned i = 0; i < GOSSIP_SCORE_MAX + 8; i++) {
		struct catalog_node_key key = {{3, (uint8_t)i}};

		gossip_score_add(&score, &key, i, "", 10 + i);
	}
	assert_int_equal(score.count, GOSSIP_SCORE_MAX);
	assert_true(gossip_score_until_ms(&score, &one, 20) != 0);
}

static void test_an_earlier_run_is_remembered(void **state)
{
	const struct gossip_score_entry kept[] = {
		{.key = one, .member = 7, .offences = 3, .until_ms = 5000, .reason = "it lied"},
		{.key = other, .member = 8, .offences = 1, .until_ms = UINT64_MAX},
	};
	struct gossip_score score = {0};

	(void)state;
	gossip_score_recall(&score, kept, 2, 1000);
	assert_int_equal(gossip_score_until_ms(&score, &one, 1000), 6000);
	assert_int_equal(gossip_score_until_ms(&score, &one, 6000), 0);
	assert_int_equal(gossip_score_until_ms(&score, &other, 1000),
			 1000 + GOSSIP_SCORE_PAUSE_MS_MAX);
	gossip_score_add(&score, &one, 7, "it lied", 7000);
	assert_int_equal(gossip_score_until_ms(&score, &one, 7000),
			 7000 + 8 * GOSSIP_SCORE_PAUSE_MS);
}

static void say(struct world_stranger *stranger, const struct gossip_message *message)
{
	struct catalog_buffer bytes = {0}, frame = {0};
	struct gossip_frame_writer *writer = NULL;

	assert_int_equal(gossip_message_encode(message, &bytes), 0);
	assert_int_equal(gossip_frame_writer_new(&writer), 0);
	assert_int_equal(
		gossip_frame_writer_push(writer, GOSSIP_LANE_CONTROL, catalog_buffer_span(&bytes)),
		0);
	while (gossip_frame_writer_next(writer, &frame) == 0)
		continue;
	world_stranger_say(stranger, frame.bytes, frame.len);
	gossip_frame_writer_free(writer);
	catalog_buffer_close(&frame);
	catalog_buffer_close(&bytes);
}

static struct gossip_message hello(uint64_t incarnation)
{
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_HELLO};

	message.as.hello.version = GOSSIP_PROTOCOL_VERSION;
	message.as.hello.member = 1;
	message.as.hello.incarnation = incarnation;
	return message;
}

/* One that misbehaves once it is known; whether it was let in. */
static bool offend(struct world *world, uint64_t incarnation)
{
	struct world_stranger *stranger = world_stranger_of(world, 0, 1);
	struct gossip_message first = hello(incarnation), chunk = {.kind = GOSSIP_MESSAGE_CHUNK};
	size_t before = strlen(world_counts(world)->reasons);

	chunk.as.chunk.request = 77;
	chunk.as.chunk.wire = (struct catalog_span){(const uint8_t *)"x", 1};
	say(stranger, &first);
	say(stranger, &chunk);
	world_pass(world, 8000);
	assert_true(world_stranger_is_closed(stranger));
	return strstr(world_counts(world)->reasons + before, "nobody asked for") != NULL;
}

static void test_who_misbehaved_is_kept_out_for_longer_each_time(void **state)
{
	struct world_options options = {.seed = 501, .node_count = 2};
	struct world *world = world_new(&options);
	struct gossip_score_entry out[4];
	uint64_t pause_ms = GOSSIP_SCORE_PAUSE_MS;

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		assert_true(offend(world, 100 + i));
		assert_int_equal(
			gossip_score_look(world_node(world, 0), world_now_ms(world), out, 4), 1);
		assert_int_equal(out[0].member, 1);
		assert_int_equal(out[0].offences, i + 1);
		assert_string_equal(out[0].reason, "a chunk that nobody asked for");
		assert_false(offend(world, 200 + i)); /* it is not let in */
		world_pass(world, pause_ms - 30000);
		assert_false(offend(world, 300 + i));
		world_pass(world, 30000);
		pause_ms *= 2;
	}
	/* The member's own node, which has another key, is linked all the while. */
	world_publish(world, 1, 0, 3);
	world_pass(world, 20000);
	assert_int_equal(world_status(world, 0, 1).live, 3);
	world_free(world);
}

static void test_who_repeats_itself_is_hung_up_on(void **state)
{
	struct world_options options = {.seed = 502, .node_count = 2};
	struct world *world = world_new(&options);
	struct world_stranger *stranger;
	struct gossip_message first = hello(100), heads = {.kind = GOSSIP_MESSAGE_HEADS};
	struct catalog_buffer note = {0};
	struct gossip_head head = {.log = 0};
	struct catalog_txn *txn;

	(void)state;
	world_publish(world, 0, 0, 3);
	assert_true(world_settle(world, 2000000));
	assert_int_equal(catalog_store_begin(world_store(world, 0), &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 0, &note), 0);
	catalog_store_end(txn);
	head.size = world_status(world, 0, 0).target_size;
	head.held = head.size;
	head.attested_s = (uint64_t)world_status(world, 0, 0).attested_s;
	head.note = catalog_buffer_span(&note);
	heads.as.heads = (struct gossip_heads){1, &head};
	stranger = world_stranger_of(world, 0, 1);
	say(stranger, &first);
	for (unsigned i = 0; i < 40; i++)
		say(stranger, &heads);
	world_pass(world, 5000);
	assert_false(world_stranger_is_closed(stranger));
	for (unsigned i = 0; i < 60; i++)
		say(stranger, &heads);
	world_pass(world, 5000);
	assert_true(world_stranger_is_closed(stranger));
	assert_non_null(strstr(world_counts(world)->reasons, "it repeats itself"));
	catalog_buffer_close(&note);
	world_free(world);
}

/* Let time pass for one that answers when it is asked whether it is there, and nothing else.
 * Returns after how many milliseconds it was hung up on, at most max. */
static uint64_t stall(struct world *world, struct world_stranger *stranger, uint64_t max_ms)
{
	struct gossip_message pong = {.kind = GOSSIP_MESSAGE_PONG, .as.ping = 1};
	uint64_t from_ms = world_now_ms(world);

	while (!world_stranger_is_closed(stranger) && world_now_ms(world) < from_ms + max_ms) {
		say(stranger, &pong);
		world_pass(world, 1000);
	}
	return world_now_ms(world) - from_ms;
}

/* A stranger that has the newest checkpoint of member 1, whose own node is away, and none of the
 * entries that it says it has.  Whether it was hung up on for that. */
static bool come_and_stall(struct world *world, uint64_t incarnation, struct gossip_head *head)
{
	struct gossip_message first = hello(incarnation), heads = {.kind = GOSSIP_MESSAGE_HEADS};
	struct world_stranger *stranger = world_stranger_of(world, 0, 1);
	size_t before = strlen(world_counts(world)->reasons);
	uint64_t took_ms;

	heads.as.heads = (struct gossip_heads){1, head};
	say(stranger, &first);
	say(stranger, &heads);
	took_ms = stall(world, stranger, (uint64_t)6 * GOSSIP_PULL_GIVE_UP_MS);
	if (strstr(world_counts(world)->reasons + before, "does not send what it has") == NULL)
		return false;
	assert_true(world_stranger_is_closed(stranger));
	/* It had its time; and no more than a slow one is given twice. */
	assert_true(took_ms >= GOSSIP_PULL_GIVE_UP_MS);
	assert_true(took_ms <= (uint64_t)3 * GOSSIP_PULL_GIVE_UP_MS);
	return true;
}

static void test_who_stalls_is_kept_out_for_longer_each_time(void **state)
{
	struct world_options options = {.seed = 504, .node_count = 2};
	struct world *world = world_new(&options);
	uint64_t pause_ms = GOSSIP_SCORE_PAUSE_MS;
	struct gossip_score_entry out[4];
	struct catalog_buffer note = {0};
	struct gossip_head head = {.log = 1};
	struct catalog_txn *txn;

	(void)state;
	world_settle(world, 2000000);
	world_part(world, 0, 1, true);
	world_publish(world, 1, 0, 3);
	assert_int_equal(catalog_store_begin(world_store(world, 1), &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, 1, &note), 0);
	catalog_store_end(txn);
	head.size = head.held = world_status(world, 1, 1).target_size;
	head.attested_s = (uint64_t)world_status(world, 1, 1).attested_s;
	head.note = catalog_buffer_span(&note);
	world_kill(world, 1);
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(come_and_stall(world, 100 + i, &head));
		assert_int_equal(
			gossip_score_look(world_node(world, 0), world_now_ms(world), out, 4), 1);
		assert_int_equal(out[0].offences, i + 1);
		assert_true(out[0].until_ms > world_now_ms(world) + pause_ms - 5000);
		assert_true(out[0].until_ms <= world_now_ms(world) + pause_ms);
		world_pass(world, pause_ms);
		pause_ms *= 2;
	}
	/* What it kept back comes from whoever has it. */
	world_start(world, 1);
	world_part(world, 0, 1, false);
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 0, 1).live, 3);
	catalog_buffer_close(&note);
	world_free(world);
}

/* Vectors that ask for an answer, without end; an honest one's comparisons are far fewer. */
static void test_who_compares_without_end_is_hung_up_on(void **state)
{
	struct world_options options = {.seed = 505, .node_count = 2};
	struct gossip_message first = hello(100), vector = {.kind = GOSSIP_MESSAGE_VECTOR};
	struct world *world = world_new(&options);
	struct world_stranger *stranger = world_stranger_of(world, 0, 1);

	(void)state;
	vector.as.vector.is_last = true;
	say(stranger, &first);
	for (unsigned i = 0; i < 280; i++)
		say(stranger, &vector);
	world_pass(world, 1000);
	assert_false(world_stranger_is_closed(stranger));
	/* At a rate that can be borne it may go on. */
	for (unsigned i = 0; i < 100; i++) {
		say(stranger, &vector);
		world_pass(world, 1000);
	}
	assert_false(world_stranger_is_closed(stranger));
	for (unsigned i = 0; i < 310; i++)
		say(stranger, &vector);
	world_pass(world, 1000);
	assert_true(world_stranger_is_closed(stranger));
	assert_non_null(strstr(world_counts(world)->reasons, "it compares without end"));
	world_free(world);
}

/* Another one that comes in, of a member; whether it was let in. */
static bool come(struct world *world, uint32_t member, uint64_t incarnation)
{
	struct world_stranger *stranger = world_stranger_of(world, 0, member);
	struct gossip_message first = hello(incarnation);

	first.as.hello.member = member;
	say(stranger, &first);
	world_pass(world, 3000);
	return !world_stranger_is_closed(stranger);
}

static void test_the_last_places_are_for_members_never_seen(void **state)
{
	struct world_options options = {
		.seed = 503, .node_count = 10, .starts_down = true, .incoming_links = 8};
	struct world *world = world_new(&options);

	(void)state;
	world_start(world, 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_true(come(world, 1 + i, 100 + i));
	assert_true(come(world, 1, 200)); /* the sixth */
	assert_false(come(world, 2, 201));
	assert_true(come(world, 6, 202)); /* never seen */
	assert_false(come(world, 3, 203));
	assert_true(come(world, 7, 204));
	assert_false(come(world, 8, 205)); /* it is full */
	assert_non_null(strstr(world_counts(world)->reasons, "no room for more links"));
	world_free(world);
}

TEST_MAIN("gossip/score", cmocka_unit_test(test_pauses_grow_to_a_limit),
	  cmocka_unit_test(test_one_more_takes_the_place_of_the_least),
	  cmocka_unit_test(test_an_earlier_run_is_remembered),
	  cmocka_unit_test(test_who_misbehaved_is_kept_out_for_longer_each_time),
	  cmocka_unit_test(test_who_repeats_itself_is_hung_up_on),
	  cmocka_unit_test(test_who_compares_without_end_is_hung_up_on),
	  cmocka_unit_test(test_who_stalls_is_kept_out_for_longer_each_time),
	  cmocka_unit_test(test_the_last_places_are_for_members_never_seen))
