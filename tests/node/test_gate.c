#include "tests/test.h"

#include <errno.h>
#include <stdio.h>

#include "node/gate.h"

static struct node_gate *gate;

static int set_up(void **state)
{
	static const uint8_t key[NODE_GATE_KEY_BYTES] = {1};

	(void)state;
	return node_gate_new(key, &gate);
}

static int tear_down(void **state)
{
	(void)state;
	node_gate_free(gate);
	return 0;
}

/* Connect until it is refused; how often it was let in. */
static unsigned flood(const char *host, uint64_t now_ms)
{
	unsigned count = 0;

	while (node_gate_pass(gate, host, now_ms) == 0)
		count++;
	return count;
}

static void test_an_address_that_floods_is_held_back_and_comes_again(void **state)
{
	(void)state;
	assert_int_equal(flood("192.0.2.1", 5000), NODE_GATE_TOKENS);
	assert_int_equal(node_gate_pass(gate, "192.0.2.1", 5000 + NODE_GATE_TOKEN_MS - 1), -EAGAIN);
	assert_int_equal(flood("192.0.2.1", 5000 + NODE_GATE_TOKEN_MS), 1);
	assert_int_equal(flood("192.0.2.1", 5000 + 11 * NODE_GATE_TOKEN_MS), 10);
	assert_int_equal(flood("192.0.2.1", 500000), NODE_GATE_TOKENS);
}

static void test_others_are_let_in_meanwhile(void **state)
{
	unsigned refused = 0;

	(void)state;
	(void)flood("192.0.2.1", 5000);
	for (unsigned i = 0; i < 200; i++) {
		char host[32];

		(void)snprintf(host, sizeof host, "198.51.100.%u", i); /* it fits */
		refused += node_gate_pass(gate, host, 5000) != 0;
	}
	/* But for those who share its bucket: one in 4,096. */
	assert_in_range(refused, 0, 1);
}

static void test_an_address_is_the_same_however_it_is_written(void **state)
{
	(void)state;
	(void)flood("192.0.2.1", 5000);
	assert_int_equal(node_gate_pass(gate, "::ffff:192.0.2.1", 5000), -EAGAIN);
	(void)flood("2001:db8:1:2::1", 5000);
	assert_int_equal(node_gate_pass(gate, "2001:db8:1:2:ffff::9", 5000), -EAGAIN);
	assert_int_equal(node_gate_pass(gate, "2001:db8:1:3::1", 5000), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("node/gate", TEST(test_an_address_that_floods_is_held_back_and_comes_again),
	  TEST(test_others_are_let_in_meanwhile),
	  TEST(test_an_address_is_the_same_however_it_is_written))
