#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/attest.h"
#include "catalog/cosignature.h"
#include "catalog/fork.h"
#include "gossip/frame.h"
#include "gossip/message.h"
#include "gossip/random.h"
#include "tests/gossip/speak.h"
#include "tests/gossip/world.h"

#define STEPS  2000000ul
#define DAY_MS (24ul * 60 * 60 * 1000)

/* The seed of a test; GOSSIP_SEED=n repeats one. */
static uint64_t seed_of(uint64_t standard)
{
	const char *text = getenv("GOSSIP_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : standard;

	printf("GOSSIP_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static void proof_of(struct world *world, size_t node, uint32_t log, struct catalog_buffer *proof)
{
	struct catalog_txn *txn;

	proof->len = 0;
	assert_int_equal(catalog_store_begin(world_store(world, node), &txn), 0);
	assert_int_equal(catalog_fork_read(txn, log, proof), 0);
	catalog_store_end(txn);
}

static void note_of(struct world *world, size_t node, uint32_t log, struct catalog_buffer *note)
{
	struct catalog_txn *txn;

	note->len = 0;
	assert_int_equal(catalog_store_begin(world_store(world, node), &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, log, note), 0);
	catalog_store_end(txn);
}

/* --- forks ------------------------------------------------------------------------------------ */

/* Two stores with one key publish as many entries each; all nodes hear of one or the other. */
static struct world *fork_world(uint64_t seed, size_t node_count)
{
	struct world_options options = {.seed = seed, .node_count = node_count};
	struct world *world = world_new(&options);

	world_publish(world, node_count - 1, 0, 10);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 1);
	world_publish_as(world, 1, 0, 0, 20);
	world_publish(world, 0, 0, 20);
	world_start(world, 1);
	return world;
}

static void assert_all_know_the_fork(struct world *world, size_t node_count)
{
	struct catalog_buffer first = {0}, other = {0};
	struct catalog_fork fork;

	proof_of(world, 0, 0, &first);
	assert_in_range(first.len, 1, CATALOG_FORK_BYTES_MAX);
	assert_int_equal(
		catalog_fork_verify(world_charter(world), catalog_buffer_span(&first), &fork), 0);
	assert_int_equal(fork.log, 0);
	for (size_t i = 0; i < node_count; i++) {
		assert_int_equal(world_status(world, i, 0).health, CATALOG_LOG_FORKED);
		proof_of(world, i, 0, &other);
		assert_int_equal(other.len, first.len);
		assert_memory_equal(other.bytes, first.bytes, first.len);
		/* The others' logs are what they were. */
		assert_int_equal(world_status(world, i, (uint32_t)node_count - 1).live, 10);
		assert_int_equal(world_status(world, i, (uint32_t)node_count - 1).health,
				 CATALOG_LOG_GOOD);
	}
	catalog_buffer_close(&first);
	catalog_buffer_close(&other);
}

static void test_a_fork_is_known_to_all_and_proven(void **state)
{
	uint64_t seed = seed_of(1);

	(void)state;
	for (uint64_t i = 0; i < 5; i++) {
		struct world *world = fork_world(seed + i, 5);
		struct catalog_log_status before, after;

		assert_true(world_settle(world, STEPS));
		assert_all_know_the_fork(world, 5);
		assert_int_equal(world_counts(world)->notices, 5); /* each says it once */
		assert_non_null(strstr(world_counts(world)->notice, "two histories"));
		/* Nothing more is taken of that log; of the others it is. */
		before = world_status(world, 2, 0);
		world_publish(world, 2, 0, 5);
		assert_true(world_settle(world, STEPS));
		after = world_status(world, 2, 0);
		assert_int_equal(after.size, before.size);
		assert_int_equal(world_status(world, 3, 2).live, 5);
		world_free(world);
	}
}

/* The histories part after some entries and are of different lengths, so that the proof is of a
 * subtree, found where a chunk does not fit what is held. */
static void test_a_fork_of_two_lengths_is_proven_too(void **state)
{
	uint64_t seed = seed_of(41);

	(void)state;
	for (uint64_t i = 0; i < 8; i++) {
		struct world_options options = {.seed = seed + i, .node_count = 5};
		struct world *world = world_new(&options);
		struct catalog_buffer proof = {0};
		struct catalog_fork fork;

		world_publish(world, 4, 0, 10);
		world_publish(world, 0, 0, 300);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 1);
		world_publish_as(world, 1, 0, 1000, i % 2 == 0 ? 5 : 400);
		if (i >= 4) { /* the other history has spread before */
			world_publish(world, 0, 2000, 60);
			assert_true(world_settle(world, STEPS));
		} else {
			world_publish(world, 0, 2000, 60);
		}
		world_start(world, 1);
		assert_true(world_settle(world, STEPS));
		world_pass(world, 20 * 60 * 1000);
		for (size_t node = 0; node < 5; node++) {
			assert_int_equal(world_status(world, node, 0).health, CATALOG_LOG_FORKED);
			proof_of(world, node, 0, &proof);
			assert_in_range(proof.len, 1, CATALOG_FORK_BYTES_MAX);
			assert_int_equal(catalog_fork_verify(world_charter(world),
							     catalog_buffer_span(&proof), &fork),
					 0);
			assert_int_equal(fork.log, 0);
			/* The last agreed prefix stays readable. */
			assert_true(world_status(world, node, 0).size >= 301);
		}
		assert_true(world_settle(world, STEPS));
		catalog_buffer_close(&proof);
		world_free(world);
	}
}

static void test_who_comes_later_is_told_of_the_fork(void **state)
{
	struct world *world = fork_world(seed_of(11), 4);

	(void)state;
	world_kill(world, 2); /* before it hears anything */
	assert_true(world_settle(world, STEPS));
	world_start(world, 2);
	assert_true(world_settle(world, STEPS));
	assert_all_know_the_fork(world, 4);
	/* A node that has lost its store hears of it, too, and then all have nothing to say. */
	world_kill(world, 2);
	world_wipe(world, 2);
	world_start(world, 2);
	assert_true(world_settle(world, STEPS));
	assert_all_know_the_fork(world, 4);
	world_free(world);
}

static void test_equal_nodes_that_know_a_fork_say_nothing(void **state)
{
	struct world *world = fork_world(seed_of(12), 3);
	struct gossip_peer_status peers[8];
	uint64_t before;

	(void)state;
	assert_true(world_settle(world, STEPS));
	world_pass(world, 10000);
	world_kill(world, 2);
	world_start(world, 2);
	before = world_counts(world)->bytes;
	world_pass(world, 20000);
	assert_in_range(gossip_node_peers(world_node(world, 2), peers, 8), 2, 2);
	assert_true(peers[0].equal);
	assert_true(peers[1].equal);
	/* A handshake, a hello and a ping each way with each, and one more handshake if both
	 * dial: no proofs. */
	assert_in_range(world_counts(world)->bytes - before, 4 * 180, 4 * 450);
	world_free(world);
}

/* --- strangers -------------------------------------------------------------------------------- */

static struct world_stranger *greet(struct world *world)
{
	struct gossip_message hello = {.kind = GOSSIP_MESSAGE_HELLO};
	struct world_stranger *stranger = world_stranger_new(world, 0);

	hello.as.hello.version = GOSSIP_PROTOCOL_VERSION;
	hello.as.hello.member = GOSSIP_MESSAGE_MEMBER_NONE;
	hello.as.hello.incarnation = 12345;
	hello.as.hello.course = world_course(world, 0);
	speak(stranger, &hello);
	return stranger;
}

static void test_a_false_proof_ends_the_link(void **state)
{
	struct world *forked = fork_world(seed_of(13), 3);
	struct world_options options = {.seed = 13, .node_count = 1};
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_FORK};
	struct catalog_buffer proof = {0};

	(void)state;
	assert_true(world_settle(forked, STEPS));
	proof_of(forked, 0, 0, &proof);
	for (size_t at = 8; at < proof.len; at += 31) {
		struct world *world = world_new(&options);
		struct world_stranger *stranger;

		world_publish(world, 0, 0, 3);
		assert_true(world_settle(world, STEPS));
		stranger = greet(world);
		proof.bytes[at] ^= 1;
		message.as.fork = (struct gossip_fork){0, catalog_buffer_span(&proof)};
		speak(stranger, &message);
		assert_true(world_settle(world, STEPS));
		assert_int_equal(world_counts(world)->closes, 1);
		assert_string_equal(world_counts(world)->reason,
				    "a proof of a fork that proves nothing");
		assert_int_equal(world_status(world, 0, 0).health, CATALOG_LOG_GOOD);
		proof.bytes[at] ^= 1;
		world_free(world);
	}
	catalog_buffer_close(&proof);
	world_free(forked);
}

/* --- freshness -------------------------------------------------------------------------------- */

static void test_attestations_are_renewed_and_spread(void **state)
{
	struct world_options options = {.seed = seed_of(21), .node_count = 4};
	struct world *world = world_new(&options);
	struct catalog_buffer first = {0}, other = {0};
	int64_t before_s;
	uint64_t bytes;

	(void)state;
	world_publish(world, 0, 0, 20);
	world_publish(world, 2, 0, 20);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(world_status(world, 3, 0).attested_s, 1);
	world_pass(world, DAY_MS + 2 * 60 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	before_s = world_status(world, 0, 0).attested_s;
	assert_true(before_s >= (int64_t)(DAY_MS / 1000));
	for (uint32_t log = 0; log < 3; log += 2) {
		note_of(world, 0, log, &first);
		for (size_t i = 1; i < 4; i++) {
			assert_true(world_status(world, i, log).attested_s ==
				    world_status(world, 0, log).attested_s);
			note_of(world, i, log, &other);
			assert_int_equal(other.len, first.len);
			assert_memory_equal(other.bytes, first.bytes, first.len);
		}
	}
	/* Then nothing is said of it for a day: in an hour, pings and some vectors. */
	bytes = world_counts(world)->bytes;
	world_pass(world, 60 * 60 * 1000);
	assert_true(world_status(world, 0, 0).attested_s == before_s);
	assert_in_range(world_counts(world)->bytes - bytes, 1, 100000);
	assert_int_equal(world_counts(world)->notices, 0);
	catalog_buffer_close(&first);
	catalog_buffer_close(&other);
	world_free(world);
}

static void test_who_was_cut_off_shows_it_and_catches_up(void **state)
{
	struct world_options options = {.seed = seed_of(22), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_publish(world, 0, 0, 20);
	assert_true(world_settle(world, STEPS));
	world_part(world, 2, 0, true);
	world_part(world, 2, 1, true);
	world_pass(world, 3 * DAY_MS);
	assert_true(world_status(world, 1, 0).attested_s > (int64_t)(2 * DAY_MS / 1000));
	assert_int_equal(world_status(world, 2, 0).attested_s, 1);
	world_part(world, 2, 0, false);
	world_part(world, 2, 1, false);
	world_pass(world, 20 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	assert_true(world_status(world, 2, 0).attested_s == world_status(world, 0, 0).attested_s);
	world_free(world);
}

static void test_an_attestation_from_years_ahead_is_not_taken(void **state)
{
	struct world_options options = {.seed = seed_of(24), .node_count = 3};
	struct world *world = world_new(&options);
	struct catalog_attest_signer self = {catalog_charter_member(world_charter(world), 0),
					     world_secret(world, 0)};
	const int64_t years_s = 5 * 365 * (int64_t)(DAY_MS / 1000);

	(void)state;
	world_part(world, 0, 1, true);
	world_part(world, 0, 2, true);
	world_publish(world, 0, 0, 20);
	world_pass(world, 60000);
	assert_int_equal(catalog_attest_renew(world_store(world, 0), world_charter(world), &self,
					      years_s, 1, NULL, 0, NULL),
			 0);
	gossip_node_published(world_node(world, 0), world_now_ms(world));
	world_part(world, 0, 1, false);
	world_part(world, 0, 2, false);
	world_pass(world, 10 * 60000);
	assert_true(world_status(world, 0, 0).attested_s == years_s);
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(world_status(world, i, 0).live, 20); /* the checkpoint is taken */
		assert_int_equal(world_status(world, i, 0).attested_s, 0);
	}
	/* Its clock is right again: it attests anew, and others believe that. */
	world_pass(world, 2 * 60 * 60 * 1000);
	assert_true(world_settle(world, STEPS));
	for (size_t i = 0; i < 3; i++)
		assert_in_range(world_status(world, i, 0).attested_s, 10,
				(int64_t)(world_now_ms(world) / 1000));
	assert_int_equal(world_counts(world)->notices, 0);
	assert_null(strstr(world_counts(world)->reasons, "sign"));
	world_free(world);
}

/* Tell of the newest checkpoint of log 1, attested to at another time. */
static void tell_attested(struct world *world, struct world_stranger *stranger, int64_t time_s)
{
	struct gossip_head head = {.log = 1, .size = 4, .held = 4, .attested_s = (uint64_t)time_s};
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_HEADS};
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer note = {0};

	note_of(world, 0, 1, &note);
	catalog_checkpoint_origin(catalog_charter_federation(world_charter(world)), "node-1",
				  origin);
	assert_int_equal(catalog_cosignature_add(&note, origin, world_secret(world, 1), time_s), 0);
	head.note = catalog_buffer_span(&note);
	message.as.heads = (struct gossip_heads){1, &head};
	speak(stranger, &message);
	assert_true(world_settle(world, STEPS));
	catalog_buffer_close(&note);
}

static void test_attestations_without_end_are_taken_one_a_minute(void **state)
{
	struct world_options options = {.seed = seed_of(23), .node_count = 2};
	struct world *world = world_new(&options);
	struct world_stranger *stranger;

	(void)state;
	world_publish(world, 1, 0, 3);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 1);
	stranger = greet(world);
	for (int64_t i = 1; i <= 50; i++)
		tell_attested(world, stranger, 1 + i);
	assert_int_equal(world_status(world, 0, 1).attested_s, 1 + 4); /* four at once */
	world_pass(world, 50000);
	tell_attested(world, stranger, 100);
	assert_int_equal(world_status(world, 0, 1).attested_s, 1 + 4);
	world_pass(world, 20000);
	tell_attested(world, stranger, 101);
	tell_attested(world, stranger, 102);
	assert_int_equal(world_status(world, 0, 1).attested_s, 101);
	/* An older one is no news. */
	tell_attested(world, stranger, 7);
	assert_int_equal(world_status(world, 0, 1).attested_s, 101);
	assert_false(world_stranger_is_closed(stranger));
	world_free(world);
}

#define FLOOD 8192 /* checkpoints */

/* Tell of checkpoints of log 1, each larger than the one before, GOSSIP_MESSAGE_HEADS_MAX at once:
 * signed by its member, or not. */
static void tell_many(struct world *world, struct world_stranger *stranger, size_t signer)
{
	static struct gossip_head heads[GOSSIP_MESSAGE_HEADS_MAX];
	struct catalog_buffer notes[GOSSIP_MESSAGE_HEADS_MAX] = {{0}};
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_HEADS};
	struct catalog_checkpoint checkpoint = {.size = 1000};

	catalog_checkpoint_origin(catalog_charter_federation(world_charter(world)), "node-1",
				  checkpoint.origin);
	for (size_t told = 0; told < FLOOD; told += GOSSIP_MESSAGE_HEADS_MAX) {
		for (size_t i = 0; i < GOSSIP_MESSAGE_HEADS_MAX; i++) {
			checkpoint.size++;
			notes[i].len = 0;
			assert_int_equal(catalog_checkpoint_sign(&checkpoint,
								 world_secret(world, signer),
								 &notes[i]),
					 0);
			heads[i] = (struct gossip_head){.log = 1,
							.size = checkpoint.size,
							.held = checkpoint.size,
							.note = catalog_buffer_span(&notes[i])};
		}
		message.as.heads = (struct gossip_heads){GOSSIP_MESSAGE_HEADS_MAX, heads};
		speak(stranger, &message);
	}
	for (size_t i = 0; i < GOSSIP_MESSAGE_HEADS_MAX; i++)
		catalog_buffer_close(&notes[i]);
}

/* Signed by their member or not: it is hung up on before they are all looked at. */
static void test_a_flood_of_checkpoints_ends_the_link(void **state)
{
	struct world_options options = {.seed = seed_of(25), .node_count = 2};

	(void)state;
	for (size_t signer = 0; signer < 2; signer++) {
		struct world *world = world_new(&options);
		struct world_stranger *stranger;
		struct gossip_totals totals;

		world_publish(world, 0, 0, 3);
		assert_true(world_settle(world, STEPS));
		world_kill(world, 1);
		stranger = greet(world);
		while (world_step(world)) {
		}
		tell_many(world, stranger, signer);
		while (world_step(world)) {
		}
		assert_true(world_stranger_is_closed(stranger));
		assert_string_equal(world_counts(world)->reason, "too many checkpoints at once");
		/* What it had said by then is all that was ever held. */
		gossip_node_totals(world_node(world, 0), &totals);
		assert_in_range(totals.heads_in, GOSSIP_MESSAGE_HEADS_MAX,
				4 * GOSSIP_MESSAGE_HEADS_MAX);
		/* It goes on as before. */
		world_publish(world, 0, 3, 3);
		assert_int_equal(world_status(world, 0, 0).live, 6);
		assert_int_equal(world_status(world, 0, 1).size, 0);
		world_free(world);
	}
}

/* --- witnesses -------------------------------------------------------------------------------- */

static size_t witnesses_of(struct world *world, size_t node, uint32_t log)
{
	struct catalog_attest_witness witnesses[CATALOG_ATTEST_WITNESSES_MAX];
	struct catalog_buffer note = {0};
	int count;

	note_of(world, node, log, &note);
	count = catalog_attest_witnesses(world_charter(world), log, catalog_buffer_span(&note),
					 witnesses, CATALOG_ATTEST_WITNESSES_MAX);
	catalog_buffer_close(&note);
	assert_true(count >= 0);
	return (size_t)count;
}

static void test_witnesses_cosign_and_the_note_spreads(void **state)
{
	uint64_t seed = seed_of(31);

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		struct world_options options = {.seed = seed + i, .node_count = 5};
		struct world *world = world_new(&options);

		assert_true(world_settle(world, STEPS));
		world_pass(world, 5000); /* until all have links */
		world_publish(world, 0, 0, 300);
		world_witness(world, 0, 3, 30000);
		world_pass(world, 1000);
		assert_true(world_settle(world, STEPS));
		assert_int_equal(world_counts(world)->witnessed, 1);
		assert_int_equal(world_counts(world)->witnesses, 3);
		world_pass(world, 1000);
		assert_true(world_settle(world, STEPS));
		for (size_t node = 0; node < 5; node++)
			assert_int_equal(witnesses_of(world, node, 0), 3);
		/* Again: they sign the same, and nothing is worse for it. */
		world_witness(world, 0, 4, 30000);
		world_pass(world, 10000);
		assert_int_equal(world_counts(world)->witnessed, 2);
		assert_int_equal(world_counts(world)->witnesses, 4);
		assert_int_equal(witnesses_of(world, 4, 0), 4);
		assert_int_equal(world_counts(world)->notices, 0);
		world_free(world);
	}
}

static void test_too_few_witnesses_are_told_in_time(void **state)
{
	struct world_options options = {.seed = seed_of(32), .node_count = 3};
	struct world *world = world_new(&options);

	(void)state;
	world_kill(world, 2);
	world_pass(world, 5000);
	world_publish(world, 0, 0, 3);
	world_witness(world, 0, 2, 15000);
	world_pass(world, 14000);
	assert_int_equal(world_counts(world)->witnessed, 0);
	world_pass(world, 2000);
	assert_int_equal(world_counts(world)->witnessed, 1);
	assert_int_equal(world_counts(world)->witnesses, 1);
	assert_int_equal(witnesses_of(world, 0, 0), 1);
	world_free(world);
}

static void test_a_false_cosignature_is_not_asked_for_twice(void **state)
{
	struct world_options options = {.seed = seed_of(33), .node_count = 1};
	struct world *world = world_new(&options);
	struct gossip_message message = {.kind = GOSSIP_MESSAGE_COSIGN};
	struct world_stranger *stranger;

	(void)state;
	world_publish(world, 0, 0, 3);
	assert_true(world_settle(world, STEPS));
	stranger = greet(world);
	/* Its own log, a log that is none, and an answer that nobody asked for: no harm. */
	message.as.cosign = (struct gossip_cosign){.log = 0, .size = 4};
	speak(stranger, &message);
	message.as.cosign.log = 77;
	speak(stranger, &message);
	message.kind = GOSSIP_MESSAGE_COSIGNED;
	message.as.cosign = (struct gossip_cosign){0, 4, {(const uint8_t *)"x", 1}};
	speak(stranger, &message);
	assert_true(world_settle(world, STEPS));
	assert_int_equal(world_counts(world)->closes, 0);
	assert_int_equal(witnesses_of(world, 0, 0), 0);
	world_free(world);
}

TEST_MAIN("gossip/trust", cmocka_unit_test(test_a_fork_is_known_to_all_and_proven),
	  cmocka_unit_test(test_a_fork_of_two_lengths_is_proven_too),
	  cmocka_unit_test(test_who_comes_later_is_told_of_the_fork),
	  cmocka_unit_test(test_equal_nodes_that_know_a_fork_say_nothing),
	  cmocka_unit_test(test_a_false_proof_ends_the_link),
	  cmocka_unit_test(test_attestations_are_renewed_and_spread),
	  cmocka_unit_test(test_an_attestation_from_years_ahead_is_not_taken),
	  cmocka_unit_test(test_a_flood_of_checkpoints_ends_the_link),
	  cmocka_unit_test(test_attestations_without_end_are_taken_one_a_minute),
	  cmocka_unit_test(test_who_was_cut_off_shows_it_and_catches_up),
	  cmocka_unit_test(test_witnesses_cosign_and_the_note_spreads),
	  cmocka_unit_test(test_too_few_witnesses_are_told_in_time),
	  cmocka_unit_test(test_a_false_cosignature_is_not_asked_for_twice))
