#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/channel.h"
#include "catalog/log_row.h"
#include "catalog/prune.h"
#include "catalog/runs.h"
#include "gossip/frame.h"
#include "gossip/job.h"
#include "gossip/message.h"
#include "gossip/random.h"
#include "tests/gossip/world.h"

#define HANDSHAKE (2 + 48 + 2 + 48 + 2 + 64 + 18) /* and the record of one hello */
#define STEPS     2000000ul

/* The seed of a test; GOSSIP_SEED=n repeats one. */
static uint64_t seed_of(uint64_t standard)
{
	const char *text = getenv("GOSSIP_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : standard;

	printf("GOSSIP_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static void assert_equal_catalogues(struct world *world, size_t node_count)
{
	for (uint32_t log = 0; log < node_count; log++) {
		struct catalog_log_status first = world_status(world, 0, log);

		for (size_t i = 1; i < node_count; i++) {
			struct catalog_log_status other = world_status(world, i, log);

			assert_int_equal(other.size, first.size);
			assert_int_equal(other.live, first.live);
			assert_int_equal(other.target_size, first.size);
			assert_true(catalog_hash_equal(&other.root, &first.root));
			assert_true(catalog_hash_equal(&other.view_root, &first.view_root));
		}
	}
}

static void test_three_nodes_come_to_hold_the_same(void **state)
{
	struct world_options options = {.seed = seed_of(1), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 700);
	world_publish(world, 1, 0, 40);
	assert_true(world_settle(world, STEPS));
	world_publish(world, 2, 0, 3);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 3);
	assert_int_equal(world_status(world, 2, 0).live, 700);
	assert_int_equal(world_status(world, 0, 1).live, 40);
	assert_int_equal(world_status(world, 1, 2).live, 3);
	assert_int_equal(world_counts(world)->notices, 0);
	world_free(world);
}

static void test_equal_nodes_have_nothing_to_say(void **state)
{
	struct world_options options = {.seed = seed_of(2), .node_count = 2};
	struct world *world = world_new(&options);
	struct gossip_peer_status peers[4];
	uint64_t before;

	(void)state;
	world_publish(world, 0, 0, 300);
	assert_true(world_settle(world, STEPS));
	world_pass(world, 1000); /* the last words of it */
	world_kill(world, 1);
	world_start(world, 1);
	before = world_counts(world)->bytes;
	world_pass(world, 20000);
	assert_int_equal(gossip_node_peers(world_node(world, 0), peers, 4), 1);
	assert_true(peers[0].equal);
	assert_int_equal(peers[0].entries_in, 0);
	assert_int_equal(gossip_node_peers(world_node(world, 1), peers, 4), 1);
	assert_true(peers[0].equal);
	assert_int_equal(peers[0].entries_in, 0);
	/* A handshake and a hello each; twice if both have dialled. */
	assert_in_range(world_counts(world)->bytes - before, HANDSHAKE + 2 * 60,
			2 * (HANDSHAKE + 2 * 100));
	world_free(world);
}

static void test_links_that_break_cost_time_and_nothing_else(void **state)
{
	uint64_t seed = seed_of(3);

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		struct world_options options = {
			.seed = seed + i, .node_count = 4, .cut_percent = 3, .fail_percent = 30};
		struct world *world = world_new(&options);

		for (unsigned round = 0; round < 5; round++) {
			for (size_t node = 0; node < 4; node++)
				world_publish(world, node, round * 60, 60 + 30 * (unsigned)node);
			for (unsigned k = 0; k < 300; k++)
				(void)world_step(world);
		}
		world_calm(world);
		assert_true(world_settle(world, STEPS));
		assert_equal_catalogues(world, 4);
		assert_int_equal(world_status(world, 0, 3).live, 240 + 150);
		assert_int_equal(world_counts(world)->notices, 0);
		world_free(world);
	}
}

static void test_nodes_that_die_come_back_and_go_on(void **state)
{
	uint64_t seed = seed_of(4);

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		struct world_options options = {.seed = seed + i, .node_count = 3};
		struct world *world = world_new(&options);
		struct gossip_random random = {seed + i};

		for (unsigned round = 0; round < 12; round++) {
			size_t victim = (size_t)gossip_random_below(&random, 3);
			unsigned steps = (unsigned)gossip_random_below(&random, 400);

			world_publish(world, round % 3, round * 100, 300);
			for (unsigned k = 0; k < steps; k++)
				(void)world_step(world);
			world_kill(world, victim);
			for (unsigned k = 0; k < 100; k++)
				(void)world_step(world);
			world_start(world, victim);
		}
		assert_true(world_settle(world, STEPS));
		assert_equal_catalogues(world, 3);
		assert_int_equal(world_counts(world)->notices, 0);
		world_free(world);
	}
}

static const struct gossip_signer any_time = {NULL, 1795511520};

/* Carry a log from one store to another as a file would. */
static void carry(struct world *world, size_t from, size_t to, uint32_t log)
{
	struct gossip_job *head = gossip_job_new(GOSSIP_JOB_HEADS);
	struct gossip_job *read = gossip_job_new(GOSSIP_JOB_READ);
	struct gossip_job *commit = gossip_job_new(GOSSIP_JOB_COMMIT);
	struct catalog_log_status status = world_status(world, from, log);
	struct catalog_charter *charter = NULL;
	struct catalog_txn *txn;

	assert_non_null(head);
	assert_non_null(read);
	assert_non_null(commit);
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(world_charter(world)), &charter),
			 0);
	head->head_count = 1;
	head->heads[0].log = log;
	head->heads[0].size = status.target_size;
	head->heads[0].attested_s = (uint64_t)status.attested_s;
	assert_int_equal(catalog_store_begin(world_store(world, from), &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, log, &head->heads[0].note), 0);
	catalog_store_end(txn);
	gossip_job_run(head, world_store(world, to), charter, &any_time);
	assert_int_equal(head->heads[0].outcome, 0);
	read->log = log;
	read->to_max = read->size = status.target_size;
	read->bytes = CATALOG_CHUNK_BYTES_MAX;
	read->packing = GOSSIP_MESSAGE_ZSTD;
	gossip_job_run(read, world_store(world, from), charter, &any_time);
	assert_int_equal(read->outcome, 0);
	assert_int_equal(catalog_chunk_new(catalog_buffer_span(&read->wire), &commit->chunks[0]),
			 0);
	commit->chunk_count = 1;
	gossip_job_run(commit, world_store(world, to), charter, &any_time);
	assert_int_equal(commit->outcomes[0], 0);
	gossip_job_free(head);
	gossip_job_free(read);
	gossip_job_free(commit);
	catalog_charter_free(charter);
}

static void test_what_came_in_a_file_is_told(void **state)
{
	struct world_options options = {.seed = seed_of(32), .node_count = 4};
	struct world *world = world_new(&options);
	uint64_t chunks;

	(void)state;
	for (size_t i = 1; i < 4; i++)
		world_part(world, 0, i, true);
	world_publish(world, 0, 0, 200);
	world_publish(world, 1, 0, 5);
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 2, 0).size, 0);
	assert_int_equal(world_status(world, 2, 1).live, 5);
	carry(world, 0, 1, 0);
	gossip_node_moved(world_node(world, 1));
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 1, 0).live, 200);
	assert_int_equal(world_status(world, 2, 0).live, 200);
	assert_int_equal(world_status(world, 3, 0).live, 200);
	/* Told of nothing new they say nothing. */
	world_pass(world, 60000);
	chunks = world_counts(world)->chunks;
	gossip_node_moved(world_node(world, 2));
	world_pass(world, 60000);
	assert_int_equal(world_counts(world)->chunks, chunks);
	assert_int_equal(world_counts(world)->notices, 0);
	world_free(world);
}

static void test_a_log_that_stepped_back_by_other_ways_is_pulled_again(void **state)
{
	struct world_options options = {.seed = seed_of(33), .node_count = 3};
	struct world *world = world_new(&options);
	struct gossip_job *back = gossip_job_new(GOSSIP_JOB_BACK);
	struct catalog_charter *charter = NULL;

	(void)state;
	assert_non_null(back);
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(world_charter(world)), &charter),
			 0);
	world_publish(world, 0, 0, 200);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(world_status(world, 1, 0).live, 200);
	gossip_job_run(back, world_store(world, 1), charter, &any_time);
	assert_int_equal(back->outcome, 0);
	assert_int_equal(world_status(world, 1, 0).size, 0);
	gossip_node_moved(world_node(world, 1));
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 1, 0).live, 200);
	assert_equal_catalogues(world, 3);
	assert_int_equal(world_counts(world)->notices, 0);
	gossip_job_free(back);
	catalog_charter_free(charter);
	world_free(world);
}

static void test_news_travel_through_a_node_between(void **state)
{
	struct world_options options = {.seed = seed_of(5), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_part(world, 0, 2, true);
	world_publish(world, 0, 0, 600);
	world_publish(world, 2, 0, 600);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 3);
	/* Cut off from everybody, both go on; then they meet again. */
	world_part(world, 0, 1, true);
	world_publish(world, 0, 300, 600);
	world_publish(world, 1, 0, 5);
	for (unsigned k = 0; k < 2000; k++)
		(void)world_step(world);
	assert_int_equal(world_status(world, 2, 0).live, 600);
	world_part(world, 0, 1, false);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 3);
	assert_int_equal(world_status(world, 2, 0).live, 900);
	world_free(world);
}

static void test_what_is_published_between_two_hellos_arrives(void **state)
{
	uint64_t seed = seed_of(31);

	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		struct world_options options = {.seed = seed + i, .node_count = 3};
		struct world *world = world_new(&options);

		world_publish(world, 0, 0, 50);
		assert_true(world_settle(world, STEPS));
		assert_true(world_now_ms(world) < 60000);
		world_free(world);
	}
}

static void test_many_nodes_take_each_entry_about_once(void **state)
{
	struct world_options options = {.seed = seed_of(6), .node_count = 12};
	struct world *world = world_new(&options);
	uint64_t in = 0;

	(void)state;
	assert_true(world_settle(world, STEPS));
	for (size_t node = 0; node < 12; node++)
		world_publish(world, node, 0, 20);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 12);
	for (size_t node = 0; node < 12; node++) {
		struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
		size_t count =
			gossip_node_peers(world_node(world, node), peers, GOSSIP_NODE_LINKS_MAX);

		for (size_t i = 0; i < count; i++)
			in += peers[i].entries_in;
	}
	/* 12 logs of 21 entries, at 11 nodes each. */
	assert_int_equal(in, 12 * 11 * 21);
	world_free(world);
}

/* --- pruned history --------------------------------------------------------------------------- */

static size_t prune(struct world *world, size_t node)
{
	size_t count, all = 0;

	do {
		assert_int_equal(catalog_prune_step(world_store(world, node), 1000000, &count), 0);
		all += count;
	} while (count > 0);
	return all;
}

static void test_a_newcomer_pulls_what_is_left_of_long_histories(void **state)
{
	struct world_options options = {.seed = seed_of(9), .node_count = 3};
	struct world *world = world_new(&options);
	struct gossip_peer_status peers[4];
	uint64_t in = 0;

	(void)state;
	world_kill(world, 2);
	for (unsigned round = 0; round < 30; round++)
		world_publish(world, 0, 3 * round % 50, 100);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(prune(world, 0), prune(world, 1));
	world_start(world, 2);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 3);
	for (size_t i = gossip_node_peers(world_node(world, 2), peers, 4); i-- > 0;)
		in += peers[i].entries_in;
	assert_int_equal(in, world_status(world, 0, 0).kept);
	assert_true(in < world_status(world, 0, 0).size / 10);
	assert_int_equal(world_counts(world)->notices, 0);
	world_free(world);
}

static void test_a_node_that_was_away_for_long_begins_anew(void **state)
{
	struct world_options options = {.seed = seed_of(10), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 99);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 2);
	for (unsigned round = 0; round < 5; round++)
		world_publish(world, 0, 0, 99);
	assert_true(world_settle(world, STEPS));
	assert_true(prune(world, 0) > 0);
	assert_true(prune(world, 1) > 0);
	world_start(world, 2);
	assert_true(world_settle(world, STEPS));
	assert_equal_catalogues(world, 3);
	assert_true(world_status(world, 2, 0).kept < 120);
	world_free(world);
}

/* Drop an entry as if it had been superseded. */
static int hide_body(struct catalog_txn *txn, void *arg)
{
	const uint64_t *index = arg;
	struct catalog_runs_sequence entries = catalog_log_row_entries(0);
	int r = catalog_runs_drop(txn, &entries, *index);

	return r != 0 ? r : catalog_prune_collapse(txn, 0, *index);
}

static void test_who_withholds_is_found_out_and_another_is_asked(void **state)
{
	struct world_options options = {.seed = seed_of(11), .node_count = 3};
	struct world *world = world_new(&options);
	uint64_t hidden = 70;

	(void)state;
	world_kill(world, 2);
	world_publish(world, 0, 0, 500);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(catalog_store_write(world_store(world, 1), hide_body, &hidden), 0);
	world_part(world, 0, 2, true);
	world_start(world, 2);
	world_pass(world, 20000);
	assert_non_null(strstr(world_counts(world)->reasons, "entries of node-0 were withheld\n"));
	assert_int_equal(world_status(world, 2, 0).size, 0);
	world_part(world, 0, 2, false);
	world_pass(world, 700000); /* its pause for node 0, which it could not reach, ends */
	assert_true(world_settle(world, STEPS));
	assert_int_equal(world_status(world, 2, 0).live, 500);
	assert_equal_catalogues(world, 3);
	world_free(world);
}

/* --- strangers -------------------------------------------------------------------------------- */

static void say(struct world_stranger *stranger, const struct gossip_message *message)
{
	enum gossip_lane lane =
		message->kind == GOSSIP_MESSAGE_CHUNK ? GOSSIP_LANE_BULK : GOSSIP_LANE_CONTROL;
	struct catalog_buffer bytes = {0}, frame = {0};
	struct gossip_frame_writer *writer;

	assert_int_equal(gossip_frame_writer_new(&writer), 0);
	assert_int_equal(gossip_message_encode(message, &bytes), 0);
	assert_int_equal(gossip_frame_writer_push(writer, lane, catalog_buffer_span(&bytes)), 0);
	while (gossip_frame_writer_next(writer, &frame) == 0) {
	}
	world_stranger_say(stranger, frame.bytes, frame.len);
	gossip_frame_writer_free(writer);
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&frame);
}

static struct gossip_message hello_of(void)
{
	struct gossip_message hello = {.kind = GOSSIP_MESSAGE_HELLO};

	hello.as.hello.version = GOSSIP_PROTOCOL_VERSION;
	hello.as.hello.member = GOSSIP_MESSAGE_MEMBER_NONE;
	hello.as.hello.incarnation = 12345;
	return hello;
}

/* Say messages to a node that holds 300 entries of its own, and see how it ends the link. */
static void assert_refused(const struct gossip_message *messages, size_t count, bool with_hello,
			   const char *reason)
{
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_message hello = hello_of();
	struct catalog_log_status before, after;
	struct world_stranger *stranger;

	world_publish(world, 0, 0, 299);
	assert_true(world_settle(world, STEPS));
	before = world_status(world, 0, 0);
	stranger = world_stranger_new(world, 0);
	hello.as.hello.course = world_course(world, 0);
	if (with_hello)
		say(stranger, &hello);
	for (size_t i = 0; i < count; i++)
		say(stranger, &messages[i]);
	assert_true(world_settle(world, STEPS));
	assert_string_equal(world_counts(world)->reason, reason);
	assert_int_equal(world_counts(world)->closes, 1);
	after = world_status(world, 0, 0);
	assert_memory_equal(&after, &before, sizeof before);
	world_free(world);
}

static void test_a_node_that_nobody_has_named_is_refused(void **state)
{
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_message hello = hello_of(), bye;
	struct gossip_frame_reader *reader;
	struct world_stranger *stranger;
	struct catalog_span message;
	enum gossip_lane lane;
	size_t used;

	(void)state;
	stranger = world_stranger_unknown(world, 0);
	say(stranger, &hello);
	assert_true(world_settle(world, STEPS));
	assert_true(world_stranger_is_closed(stranger));
	assert_int_equal(world_counts(world)->closes, 1);
	/* It hears why, and nothing else: no hello. */
	assert_int_equal(gossip_frame_reader_new(&reader), 0);
	assert_int_equal(gossip_frame_reader_feed(
				 reader, catalog_buffer_span(world_stranger_heard(stranger)), &used,
				 &lane, &message),
			 0);
	assert_int_equal(used, world_stranger_heard(stranger)->len);
	assert_int_equal(gossip_message_decode(message, &bye), 0);
	assert_int_equal(bye.kind, GOSSIP_MESSAGE_BYE);
	assert_non_null(strstr(world_counts(world)->reason, "no member has named the node"));
	gossip_message_close(&bye);
	gossip_frame_reader_free(reader);
	world_free(world);
}

static void test_a_node_that_claims_to_be_another_members_is_refused(void **state)
{
	struct gossip_message hello;
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);

	(void)state;
	hello = hello_of();
	world_free(world);
	hello.as.hello.member = 5;
	assert_refused(&hello, 1, false,
		       "it says that it is member 5, and has a key of member 0's");
}

static void test_who_makes_no_handshake_has_five_seconds_and_no_answer(void **state)
{
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);
	struct world_stranger *silent = world_stranger_raw(world, 0);
	struct world_stranger *noisy = world_stranger_raw(world, 0);
	uint8_t noise[2 + 48] = {0, 48, 1, 2, 3};

	(void)state;
	world_stranger_say(noisy, noise, sizeof noise);
	world_pass(world, GOSSIP_CHANNEL_STRANGER_MS - 1);
	assert_true(world_stranger_is_closed(noisy));
	assert_int_equal(world_stranger_heard(noisy)->len, 0);
	assert_false(world_stranger_is_closed(silent));
	world_pass(world, 1);
	assert_true(world_stranger_is_closed(silent));
	assert_int_equal(world_stranger_heard(silent)->len, 0);
	assert_string_equal(world_counts(world)->reason, "no handshake in time");
	world_free(world);
}

static void test_many_strangers_do_not_keep_a_member_out(void **state)
{
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_message hello = hello_of();
	struct world_stranger *strangers[100], *known;
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		strangers[i] = world_stranger_raw(world, 0);
		while (world_step(world)) {
		}
		assert_in_range(
			gossip_node_peers(world_node(world, 0), peers, GOSSIP_NODE_LINKS_MAX), 1,
			GOSSIP_NODE_STRANGERS_MAX);
	}
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(world_stranger_is_closed(strangers[i]),
				 i < 100 - GOSSIP_NODE_STRANGERS_MAX);
	known = world_stranger_new(world, 0);
	say(known, &hello);
	for (unsigned i = 0; i < 1000 && world_step(world); i++) {
	}
	assert_false(world_stranger_is_closed(known));
	assert_true(world_stranger_heard(known)->len > 50); /* its hello */
	world_free(world);
}

static void test_another_version_is_refused(void **state)
{
	struct world_options options = {.seed = 7, .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_message hello = hello_of();

	(void)state;
	world_free(world);
	hello.as.hello.version = 2;
	assert_refused(&hello, 1, false,
		       "protocol version 1 here, 2 there: update the older fedcat");
}

static void test_who_breaks_the_rules_is_refused(void **state)
{
	struct gossip_message ping = {.kind = GOSSIP_MESSAGE_PING};
	struct gossip_message chunk = {.kind = GOSSIP_MESSAGE_CHUNK};
	struct gossip_message bye = {.kind = GOSSIP_MESSAGE_BYE, .as.bye = "so long\x1b[2J"};
	struct gossip_message pull = {.kind = GOSSIP_MESSAGE_PULL};
	struct gossip_message pulls[200];

	(void)state;
	assert_refused(&ping, 1, false, "no hello first");
	chunk.as.chunk.request = 77;
	chunk.as.chunk.wire = (struct catalog_span){(const uint8_t *)"x", 1};
	assert_refused(&chunk, 1, true, "a chunk that nobody asked for");
	assert_refused(&bye, 1, true, "the peer said: so long?[2J");
	pull.as.pull = (struct gossip_pull_ask){1, 0, 0, 300, 300, 1024 * 1024, 1};
	for (size_t i = 0; i < 200; i++)
		pulls[i] = pull;
	assert_refused(pulls, 200, true, "too many requests at once");
}

static void test_a_false_checkpoint_is_refused(void **state)
{
	static const char note[] =
		"fedcat/0000000000000000/node-0\n400\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 fedcat/x AAAA\n";
	struct gossip_head head = {.log = 0, .size = 400, .held = 400};
	struct gossip_message heads = {.kind = GOSSIP_MESSAGE_HEADS};

	(void)state;
	head.note = (struct catalog_span){(const uint8_t *)note, sizeof note - 1};
	heads.as.heads = (struct gossip_heads){1, &head};
	assert_refused(&heads, 1, true, "a checkpoint that its member did not sign");
	head.note.len = 0;
	assert_refused(&heads, 1, true, "a checkpoint that is none");
}

static void test_bytes_that_are_no_frames_are_refused(void **state)
{
	uint64_t seed = seed_of(8);
	struct world_options options = {.seed = seed, .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_random random = {seed};

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		struct world_stranger *stranger = world_stranger_new(world, 0);
		uint8_t bytes[600];

		for (size_t k = 0; k < sizeof bytes; k++)
			bytes[k] = (uint8_t)gossip_random_next(&random);
		bytes[0] = (uint8_t)(i % 3); /* of a length that is allowed, often */
		bytes[2] &= 3;
		world_stranger_say(stranger, bytes, sizeof bytes);
		for (unsigned k = 0; k < 1000 && world_step(world); k++) {
		}
	}
	/* Those that wait for the rest of a frame are given up in time. */
	world_pass(world, 60000);
	assert_int_equal(world_counts(world)->closes, 200);
	assert_int_equal(world_counts(world)->notices, 0);
	world_free(world);
}

TEST_MAIN("gossip/node", cmocka_unit_test(test_three_nodes_come_to_hold_the_same),
	  cmocka_unit_test(test_equal_nodes_have_nothing_to_say),
	  cmocka_unit_test(test_links_that_break_cost_time_and_nothing_else),
	  cmocka_unit_test(test_nodes_that_die_come_back_and_go_on),
	  cmocka_unit_test(test_what_came_in_a_file_is_told),
	  cmocka_unit_test(test_a_log_that_stepped_back_by_other_ways_is_pulled_again),
	  cmocka_unit_test(test_news_travel_through_a_node_between),
	  cmocka_unit_test(test_what_is_published_between_two_hellos_arrives),
	  cmocka_unit_test(test_many_nodes_take_each_entry_about_once),
	  cmocka_unit_test(test_a_node_that_nobody_has_named_is_refused),
	  cmocka_unit_test(test_a_node_that_claims_to_be_another_members_is_refused),
	  cmocka_unit_test(test_who_makes_no_handshake_has_five_seconds_and_no_answer),
	  cmocka_unit_test(test_many_strangers_do_not_keep_a_member_out),
	  cmocka_unit_test(test_a_newcomer_pulls_what_is_left_of_long_histories),
	  cmocka_unit_test(test_a_node_that_was_away_for_long_begins_anew),
	  cmocka_unit_test(test_who_withholds_is_found_out_and_another_is_asked),
	  cmocka_unit_test(test_another_version_is_refused),
	  cmocka_unit_test(test_who_breaks_the_rules_is_refused),
	  cmocka_unit_test(test_a_false_checkpoint_is_refused),
	  cmocka_unit_test(test_bytes_that_are_no_frames_are_refused))
