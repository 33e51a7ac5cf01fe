/* Wire bytes by bytes of the missing entries, compression off: everything that two nodes say in
 * both directions from the first byte of the handshake until they are equal, beside its limit. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/gossip/world.h"

#define STEPS 400000000

/* Bytes of all entries that a node holds. */
static uint64_t entry_bytes(struct world *world, size_t node, size_t members)
{
	struct catalog_buffer bytes = {0};
	struct catalog_txn *txn;
	uint64_t all = 0;

	assert_int_equal(catalog_store_begin(world_store(world, node), &txn), 0);
	for (uint32_t log = 0; log < members; log++) {
		uint64_t size = world_status(world, node, log).size;

		for (uint64_t i = 0; i < size; i++) {
			bytes.len = 0;
			assert_int_equal(catalog_log_read(txn, log, i, &bytes), 0);
			all += bytes.len;
		}
	}
	catalog_store_end(txn);
	catalog_buffer_close(&bytes);
	return all;
}

/* One node holds `each` listings of 2 KB of so many members', the other none. */
static double measure(size_t members, unsigned each, double limit)
{
	struct world_options options = {.seed = 401,
					.node_count = 2,
					.member_count = members > 2 ? members : 2,
					.starts_down = true,
					.is_plain = true,
					.text_bytes = 1950};
	struct world *world = world_new(&options);
	uint64_t bytes;
	double ratio;

	for (size_t member = 0; member < members; member++)
		world_publish_as(world, 0, member, 0, each);
	world_start(world, 0);
	world_start(world, 1);
	assert_true(world_settle(world, STEPS));
	bytes = entry_bytes(world, 1, members);
	assert_true(bytes > members * each * 2000);
	ratio = (double)world_counts(world)->bytes / (double)bytes;
	print_message(
		"%zu members, %u listings each: %llu wire bytes for %llu of entries, %.4f (at "
		"most %.3f)\n",
		members, each, (unsigned long long)world_counts(world)->bytes,
		(unsigned long long)bytes, ratio, limit);
	world_free(world);
	return ratio;
}

static void test_a_thousand_listings_of_one_member(void **state)
{
	(void)state;
	assert_true(measure(1, 1000, 1.006) <= 1.006);
}

static void test_ten_listings_of_each_member(void **state)
{
	(void)state;
	/* WIRE_MEMBERS=1000 measures the figure; fewer members cost as much each. */
	const char *text = getenv("WIRE_MEMBERS");

	assert_true(measure(text != NULL ? strtoul(text, NULL, 10) : 100, 10, 1.02) <= 1.02);
}

TEST_MAIN("gossip/wire", cmocka_unit_test(test_a_thousand_listings_of_one_member),
	  cmocka_unit_test(test_ten_listings_of_each_member))
