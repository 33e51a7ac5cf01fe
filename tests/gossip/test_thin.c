/* Limits, metered links, leaves, slow links: bytes are counted, and time is simulated. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/rate.h"
#include "tests/gossip/world.h"

#define STEPS 20000000

static uint64_t seed_of(uint64_t standard)
{
	const char *text = getenv("GOSSIP_SEED");
	uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : standard;

	printf("GOSSIP_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

/* --- the bucket ------------------------------------------------------------------------------- */

static void test_a_bucket_gives_its_rate(void **state)
{
	struct gossip_rate rate = {0};
	uint64_t now_ms = 5000, taken = 0;

	(void)state;
	assert_int_equal(gossip_rate_due_ms(&rate, now_ms), now_ms); /* no limit */
	gossip_rate_set(&rate, 20000, now_ms);
	while (now_ms < 5000 + 100 * 1000) {
		uint64_t due_ms = gossip_rate_due_ms(&rate, now_ms);

		if (due_ms > now_ms) {
			now_ms = due_ms;
			continue;
		}
		gossip_rate_take(&rate, 16384, now_ms);
		taken += 16384;
	}
	/* A second's worth at first, and what the last one took ahead. */
	assert_in_range(taken, 100 * 20000, 101 * 20000 + 16384);
}

static void test_what_was_not_used_comes_back(void **state)
{
	struct gossip_rate rate = {0};

	(void)state;
	gossip_rate_set(&rate, 1000, 0);
	gossip_rate_take(&rate, 11000, 0);
	assert_int_equal(gossip_rate_due_ms(&rate, 0), 10001);
	gossip_rate_give(&rate, 9000, 0);
	assert_int_equal(gossip_rate_due_ms(&rate, 0), 1001);
	gossip_rate_give(&rate, 90000, 0); /* never more than a second's worth */
	gossip_rate_take(&rate, 1000, 0);
	assert_int_equal(gossip_rate_due_ms(&rate, 0), 1);
}

static void test_a_bucket_that_rested_for_years_holds_a_seconds_worth(void **state)
{
	struct gossip_rate rate = {0};
	uint64_t now_ms = UINT64_MAX / 4;

	(void)state;
	gossip_rate_set(&rate, 1000000000, 0);
	gossip_rate_take(&rate, 1000000000, now_ms);
	assert_int_equal(gossip_rate_due_ms(&rate, now_ms), now_ms + 1);
	gossip_rate_set(&rate, 1000, now_ms);
	gossip_rate_set(&rate, 0, now_ms);
	assert_int_equal(gossip_rate_due_ms(&rate, now_ms), now_ms);
}

/* --- limits ----------------------------------------------------------------------------------- */

enum { OF_ALL, OF_EACH };

static struct gossip_totals totals_of(struct world *world, size_t node)
{
	struct gossip_totals totals;

	gossip_node_totals(world_node(world, node), &totals);
	return totals;
}

/* Node 1 keeps within a limit while it fetches from two others: its bytes in any half minute, and
 * on the whole. */
static void assert_limited(uint64_t seed, int whose, uint64_t bytes_s)
{
	struct world_options options = {.seed = seed,
					.node_count = 3,
					.starts_down = true,
					.text_bytes = 2000,
					.is_plain = true};
	struct gossip_thin_limits limits = {.all_bytes_s = whose == OF_ALL ? bytes_s : 0,
					    .peer_bytes_s = whose == OF_EACH ? bytes_s : 0};
	struct world *world = world_new(&options);
	uint64_t most = whose == OF_ALL ? bytes_s : 2 * bytes_s;
	uint64_t start_ms, before = 0;

	world_publish(world, 0, 0, 400);
	world_start(world, 0);
	world_start(world, 2);
	assert_true(world_settle(world, STEPS));
	world_start(world, 1);
	world_limit(world, 1, &limits);
	start_ms = world_now_ms(world);
	while (world_status(world, 1, 0).live < 400) {
		uint64_t in;

		assert_true(world_now_ms(world) < start_ms + 3600 * 1000);
		world_pass(world, 30000);
		in = totals_of(world, 1).bytes_in;
		/* A second's worth, and one answer more than was thought. */
		assert_true(in - before <= most * 31 + 64 * 1024);
		before = in;
	}
	print_message("%llu bytes at %llu a second: %llu s\n", (unsigned long long)before,
		      (unsigned long long)most,
		      (unsigned long long)(world_now_ms(world) - start_ms) / 1000);
	/* Not much slower than it may be. */
	assert_true((world_now_ms(world) - start_ms) * most / 1000 <= before * 5 / 4 + 31 * most);
	world_free(world);
}

static void test_a_limit_of_all_is_kept(void **state)
{
	(void)state;
	assert_limited(seed_of(301), OF_ALL, 20000);
}

static void test_a_limit_of_each_peer_is_kept(void **state)
{
	(void)state;
	assert_limited(seed_of(302), OF_EACH, 8000);
}

static void test_what_is_sent_is_limited_too(void **state)
{
	struct world_options options = {
		.seed = seed_of(303), .node_count = 3, .text_bytes = 2000, .is_plain = true};
	struct gossip_thin_limits limits = {.all_bytes_s = 20000};
	struct world *world = world_new(&options);
	uint64_t start_ms, before;

	(void)state;
	assert_true(world_settle(world, STEPS));
	world_limit(world, 0, &limits);
	before = totals_of(world, 0).bytes_out;
	start_ms = world_now_ms(world);
	world_publish(world, 0, 0, 200);
	while (world_status(world, 1, 0).live < 200 || world_status(world, 2, 0).live < 200) {
		uint64_t out;

		assert_true(world_now_ms(world) < start_ms + 600 * 1000);
		world_pass(world, 5000);
		out = totals_of(world, 0).bytes_out - before;
		assert_true(out <= (world_now_ms(world) - start_ms + 1000) * 20 + 32 * 1024);
	}
	/* Twice 400 KB do not go faster; once, and the one who has it passes it on, they may. */
	assert_true(world_now_ms(world) - start_ms >= 19 * 1000);
	world_free(world);
}

/* --- metered ---------------------------------------------------------------------------------- */

static void test_a_metered_node_fetches_when_it_is_asked_to(void **state)
{
	struct world_options options = {.seed = seed_of(304), .node_count = 2};
	struct gossip_thin_limits limits = {.is_metered = true};
	struct world *world = world_new(&options);
	struct gossip_thin_estimate estimate;

	(void)state;
	world_pass(world, 10000);
	world_limit(world, 1, &limits);
	world_publish(world, 0, 0, 100);
	world_pass(world, 120000);
	assert_int_equal(world_status(world, 1, 0).target_size, 101); /* it knows of them */
	assert_int_equal(world_status(world, 1, 0).size, 0);
	gossip_thin_look(world_node(world, 1), &estimate);
	assert_int_equal(estimate.entries, 101);
	assert_in_range(estimate.bytes, 101 * 100, 101 * 2000);
	assert_true(estimate.is_waiting);
	world_pull(world, 1);
	world_pass(world, 10000);
	assert_int_equal(world_status(world, 1, 0).live, 100);
	gossip_thin_look(world_node(world, 1), &estimate);
	assert_int_equal(estimate.entries, 0);
	assert_false(estimate.is_waiting);
	/* What comes later waits again. */
	world_publish(world, 0, 100, 10);
	world_pass(world, 60000);
	assert_int_equal(world_status(world, 1, 0).live, 100);
	/* And comes when the links are metered no more: at night, say. */
	limits.is_metered = false;
	world_limit(world, 1, &limits);
	world_pass(world, 10000);
	assert_int_equal(world_status(world, 1, 0).live, 110);
	world_free(world);
}

static void test_an_estimate_is_about_right(void **state)
{
	struct world_options options = {.seed = seed_of(305), .node_count = 2, .text_bytes = 2000};
	struct gossip_thin_limits metered = {.is_metered = true, .all_bytes_s = 10000};
	struct world *world = world_new(&options);
	struct gossip_thin_estimate estimate;
	uint64_t before, start_ms;

	(void)state;
	world_publish(world, 0, 0, 200);
	assert_true(world_settle(world, STEPS)); /* node 1 has seen what such entries take */
	world_limit(world, 1, &metered);
	world_publish(world, 0, 200, 300);
	world_pass(world, 60000);
	gossip_thin_look(world_node(world, 1), &estimate);
	assert_int_equal(estimate.entries, 301);
	assert_int_equal(estimate.bytes_s, 10000);
	before = totals_of(world, 1).bytes_in;
	start_ms = world_now_ms(world);
	world_pull(world, 1);
	assert_true(world_settle(world, STEPS));
	before = totals_of(world, 1).bytes_in - before;
	print_message("estimated %llu bytes, %llu s; it was %llu bytes, %llu s\n",
		      (unsigned long long)estimate.bytes,
		      (unsigned long long)(estimate.bytes / estimate.bytes_s),
		      (unsigned long long)before,
		      (unsigned long long)(world_now_ms(world) - start_ms) / 1000);
	assert_in_range(before, estimate.bytes * 3 / 4, estimate.bytes * 5 / 4);
	assert_in_range(world_now_ms(world) - start_ms, estimate.bytes / 10 * 2 / 3,
			estimate.bytes / 10 * 3 / 2);
	world_free(world);
}

/* --- leaves ----------------------------------------------------------------------------------- */

static void test_a_leaf_serves_its_own_listings_and_no_others(void **state)
{
	struct world_options options = {.seed = seed_of(306), .node_count = 6, .leaf = 5};
	struct world *world = world_new(&options);
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
	size_t out = 0, count;

	(void)state;
	world_pass(world, 10000);
	world_publish(world, 5, 0, 20);
	for (size_t i = 0; i < 5; i++)
		world_publish(world, i, 0, 20);
	world_pass(world, 180000);
	assert_true(world_settle(world, STEPS));
	for (size_t i = 0; i < 6; i++)
		for (uint32_t log = 0; log < 6; log++)
			assert_int_equal(world_status(world, i, log).live, 20);
	count = gossip_node_peers(world_node(world, 5), peers, GOSSIP_NODE_LINKS_MAX);
	for (size_t i = 0; i < count; i++)
		out += peers[i].outgoing;
	assert_in_range(out, 1, 2);
	/* Its own 21 entries, to those who are linked with it, and nothing else. */
	assert_in_range(totals_of(world, 5).entries_out, 21, 21 * count);
	world_free(world);
}

static void test_a_leaf_is_told_of_news_once_a_minute(void **state)
{
	struct world_options options = {.seed = seed_of(307), .node_count = 2, .leaf = 1};
	struct world *world = world_new(&options);
	uint64_t before;

	(void)state;
	world_publish(world, 0, 0, 1);
	world_pass(world, 150000);
	assert_int_equal(world_status(world, 1, 0).live, 1);
	before = totals_of(world, 1).heads_in;
	for (unsigned i = 0; i < 40; i++) { /* in ten minutes */
		world_publish(world, 0, 1 + i, 1);
		world_pass(world, 15000);
	}
	world_pass(world, 120000);
	assert_int_equal(world_status(world, 1, 0).live, 41);
	assert_in_range(totals_of(world, 1).heads_in - before, 8, 13);
	world_free(world);
}

/* --- slow and distant ------------------------------------------------------------------------- */

static void test_a_slow_and_distant_peer_is_never_blamed(void **state)
{
	struct world_options options = {
		.seed = seed_of(308), .node_count = 3, .starts_down = true, .text_bytes = 2000};
	struct world *world = world_new(&options);
	uint64_t start_ms;

	(void)state;
	world_publish(world, 0, 0, 500);
	world_slow(world, 0, 1000, 8000); /* 2 s there and back, 8 kB/s */
	world_start(world, 0);
	world_start(world, 1);
	start_ms = world_now_ms(world);
	while (world_status(world, 1, 0).live < 500) {
		assert_true(world_now_ms(world) < start_ms + 1800 * 1000);
		world_pass(world, 10000);
	}
	print_message("500 listings of 2 KB over 8 kB/s: %llu s\n",
		      (unsigned long long)(world_now_ms(world) - start_ms) / 1000);
	assert_int_equal(world_counts(world)->notices, 0);
	/* A link may be swapped, or be the second of two; nothing else. */
	for (const char *line = world_counts(world)->reasons; *line != '\0';
	     line = strchr(line, '\n') + 1)
		assert_true(strncmp(line, "we have another link", 20) == 0 ||
			    strncmp(line, "the peer said: we have another link", 35) == 0 ||
			    strncmp(line, "it is another's turn", 20) == 0);
	world_free(world);
}

static void test_a_slow_peer_does_not_hold_up_a_quick_one(void **state)
{
	struct world_options options = {
		.seed = seed_of(309), .node_count = 3, .starts_down = true, .text_bytes = 2000};
	struct world *world = world_new(&options);
	uint64_t start_ms;

	(void)state;
	world_publish(world, 0, 0, 500);
	world_start(world, 0);
	world_start(world, 1);
	assert_true(world_settle(world, STEPS));
	world_kill(world, 0);
	world_slow(world, 0, 1000, 2000);
	world_slow(world, 1, 20, 1000000);
	world_slow(world, 2, 0, 0);
	world_start(world, 0);
	world_start(world, 2);
	start_ms = world_now_ms(world);
	while (world_status(world, 2, 0).live < 500) {
		assert_true(world_now_ms(world) < start_ms + 3600 * 1000);
		world_pass(world, 500);
	}
	print_message("a peer at 1 MB/s and one at 2 kB/s: %llu ms\n",
		      (unsigned long long)(world_now_ms(world) - start_ms));
	assert_true(world_now_ms(world) - start_ms < 20000); /* the slow one alone: 500 s */
	world_free(world);
}

static void test_a_small_change_does_not_wait_for_a_large_load(void **state)
{
	struct world_options options = {
		.seed = seed_of(310), .node_count = 3, .starts_down = true, .text_bytes = 2000};
	struct world *world = world_new(&options);
	struct gossip_thin_limits none = {0};
	uint64_t start_ms;

	(void)state;
	world_publish(world, 0, 0, 3000); /* 6 MB */
	world_slow(world, 0, 50, 20000);
	world_start(world, 0);
	world_start(world, 2);
	world_pass(world, 30000); /* the load is under way */
	assert_in_range(world_status(world, 2, 0).size, 1, 2000);
	world_publish_as(world, 0, 1, 0, 2);
	gossip_node_moved(world_node(world, 0));
	world_limit(world, 0, &none); /* it is looked at again */
	start_ms = world_now_ms(world);
	while (world_status(world, 2, 1).live < 2) {
		assert_true(world_now_ms(world) < start_ms + 600 * 1000);
		world_pass(world, 500);
	}
	print_message("a small change in the middle of 6 MB at 20 kB/s: %llu ms\n",
		      (unsigned long long)(world_now_ms(world) - start_ms));
	assert_true(world_status(world, 2, 0).live < 3000);
	assert_true(world_now_ms(world) - start_ms < 30000);
	world_free(world);
}

static void test_a_pull_goes_on_where_it_was(void **state)
{
	struct world_options options = {
		.seed = seed_of(311), .node_count = 2, .starts_down = true, .text_bytes = 2000};
	struct world *world = world_new(&options);
	unsigned cuts = 0;

	(void)state;
	world_publish(world, 0, 0, 300);
	world_slow(world, 0, 100, 10000);
	world_start(world, 0);
	world_start(world, 1);
	while (world_status(world, 1, 0).live < 300 && cuts < 60) {
		world_pass(world, 25000);
		world_part(world, 0, 1, true);
		world_part(world, 0, 1, false);
		cuts++;
	}
	print_message("600 KB at 10 kB/s, cut each 25 s: %u cuts, %llu bytes of chunks\n", cuts,
		      (unsigned long long)world_counts(world)->bulk);
	assert_int_equal(world_status(world, 1, 0).live, 300);
	assert_in_range(cuts, 3, 20);
	world_free(world);
}

/* --- several peers, memory -------------------------------------------------------------------- */

static void test_a_cold_start_is_shared_and_bounded(void **state)
{
	struct world_options options = {
		.seed = seed_of(312), .node_count = 5, .starts_down = true, .text_bytes = 2000};
	struct world *world = world_new(&options);
	struct gossip_peer_status peers[GOSSIP_NODE_LINKS_MAX];
	size_t count = 0, gave = 0, most = 0;
	uint64_t all = 0;

	(void)state;
	world_publish(world, 0, 0, 2500);
	for (size_t i = 0; i < 4; i++)
		world_start(world, i);
	assert_true(world_settle(world, STEPS));
	for (size_t i = 0; i < 4; i++) {
		world_kill(world, i);
		world_slow(world, i, 30, 200000);
		world_start(world, i);
	}
	world_pass(world, 5000);
	world_start(world, 4);
	while (world_status(world, 4, 0).live < 2500) {
		count = gossip_node_peers(world_node(world, 4), peers, GOSSIP_NODE_LINKS_MAX);
		for (size_t k = 0; k < count; k++)
			most = peers[k].memory > most ? peers[k].memory : most;
		world_pass(world, 10);
	}
	count = gossip_node_peers(world_node(world, 4), peers, GOSSIP_NODE_LINKS_MAX);
	for (size_t k = 0; k < count; k++) {
		gave += peers[k].entries_in > 200;
		all += peers[k].entries_in;
	}
	print_message("%zu peers gave more than 200 of 2,503 entries; at most %zu KiB for one\n",
		      gave, most / 1024);
	assert_in_range(gave, 3, 4);
	assert_in_range(all, 2500, 2600);
	assert_in_range(most, 256 * 1024, GOSSIP_NODE_PEER_BYTES);
	world_free(world);
}

TEST_MAIN("gossip/thin", cmocka_unit_test(test_a_bucket_gives_its_rate),
	  cmocka_unit_test(test_what_was_not_used_comes_back),
	  cmocka_unit_test(test_a_bucket_that_rested_for_years_holds_a_seconds_worth),
	  cmocka_unit_test(test_a_limit_of_all_is_kept),
	  cmocka_unit_test(test_a_limit_of_each_peer_is_kept),
	  cmocka_unit_test(test_what_is_sent_is_limited_too),
	  cmocka_unit_test(test_a_metered_node_fetches_when_it_is_asked_to),
	  cmocka_unit_test(test_an_estimate_is_about_right),
	  cmocka_unit_test(test_a_leaf_serves_its_own_listings_and_no_others),
	  cmocka_unit_test(test_a_leaf_is_told_of_news_once_a_minute),
	  cmocka_unit_test(test_a_slow_and_distant_peer_is_never_blamed),
	  cmocka_unit_test(test_a_slow_peer_does_not_hold_up_a_quick_one),
	  cmocka_unit_test(test_a_small_change_does_not_wait_for_a_large_load),
	  cmocka_unit_test(test_a_pull_goes_on_where_it_was),
	  cmocka_unit_test(test_a_cold_start_is_shared_and_bounded))
