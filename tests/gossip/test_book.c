#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "gossip/book.h"

#define MEMBERS 4

struct fixture {
	struct catalog_charter *charter;
	struct gossip_book *book;
	struct gossip_random random;
};

static struct fixture fixture;

static void make_charter(void)
{
	struct catalog_member members[MEMBERS] = {0};
	struct catalog_secret secrets[MEMBERS];
	struct catalog_founding founding = {.name = "Book",
					    .members = members,
					    .member_count = MEMBERS,
					    .council = &members[0].key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};

	for (uint32_t i = 0; i < MEMBERS; i++) {
		uint8_t seed[32] = {(uint8_t)(i + 1)};

		members[i] = (struct catalog_member){.index = i,
						     .title = "M",
						     .country = "KE",
						     .sector = "x",
						     .address_count = 1};
		snprintf(members[i].name, sizeof members[i].name, "m%u", i);
		snprintf(members[i].addresses[0], sizeof members[i].addresses[0], "127.0.0.1:%u",
			 100 + i);
		crypto_sign_seed_keypair(members[i].key.bytes, secrets[i].bytes, seed);
	}
	assert_int_equal(catalog_charter_found(&founding, secrets, 1, &amendment, NULL), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &fixture.charter), 0);
	catalog_buffer_close(&amendment);
}

static int set_up(void **state)
{
	static const struct gossip_node_address addresses[] = {{2, "[::1]:9", false}};
	struct gossip_node_options options = {
		.self = 0, .addresses = addresses, .address_count = 1};

	(void)state;
	fixture.random.state = 1;
	make_charter();
	return gossip_book_new(fixture.charter, &options, &fixture.book);
}

static int tear_down(void **state)
{
	(void)state;
	gossip_book_free(fixture.book);
	catalog_charter_free(fixture.charter);
	return 0;
}

/* The address that may be dialled at a time; NULL if none may. */
static const char *next(uint64_t now_ms, uint64_t *ret_due_ms)
{
	struct gossip_book_dial dial;

	if (gossip_book_next(fixture.book, &fixture.random, now_ms, &dial, ret_due_ms) != 0)
		return NULL;
	return dial.address;
}

static void test_everybody_else_is_dialled_once(void **state)
{
	bool seen[3] = {false};
	uint64_t due_ms;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *address = next(1, &due_ms);

		assert_non_null(address);
		seen[0] |= strcmp(address, "127.0.0.1:101") == 0;
		seen[1] |= strcmp(address, "[::1]:9") == 0; /* in place of the charter's */
		seen[2] |= strcmp(address, "127.0.0.1:103") == 0;
	}
	assert_true(seen[0] && seen[1] && seen[2]);
	assert_int_equal(gossip_book_dialling(fixture.book), 3);
	assert_null(next(1, &due_ms));
	assert_true(due_ms == UINT64_MAX);
}

static void test_a_member_that_has_a_link_is_not_dialled(void **state)
{
	uint64_t due_ms;

	(void)state;
	gossip_book_linked(fixture.book, 1, 1);
	gossip_book_linked(fixture.book, 2, 1);
	assert_string_equal(next(1, &due_ms), "127.0.0.1:103");
	assert_null(next(1, &due_ms));
	gossip_book_linked(fixture.book, 2, -1);
	assert_string_equal(next(1, &due_ms), "[::1]:9");
}

static void test_pauses_grow_and_end_after_a_steady_link(void **state)
{
	uint64_t now_ms = 1, due_ms, last_ms = 0;

	(void)state;
	gossip_book_linked(fixture.book, 1, 1);
	gossip_book_linked(fixture.book, 3, 1);
	for (unsigned i = 0; i < 14; i++) {
		const char *address = next(now_ms, &due_ms);

		assert_non_null(address);
		gossip_book_ended(fixture.book, address, GOSSIP_BOOK_FAILED, &fixture.random,
				  now_ms);
		assert_null(next(now_ms, &due_ms));
		assert_true(due_ms - now_ms >= GOSSIP_BOOK_PAUSE_MS * 3 / 4);
		assert_true(due_ms - now_ms <= GOSSIP_BOOK_PAUSE_MS_MAX * 5 / 4);
		if (i == 9)
			assert_true(due_ms - now_ms > 8 * last_ms); /* longer than at the first */
		if (i == 0)
			last_ms = due_ms - now_ms;
		now_ms = due_ms;
	}
	assert_non_null(next(now_ms, &due_ms));
	gossip_book_opened(fixture.book, "[::1]:9", now_ms);
	now_ms += GOSSIP_BOOK_STEADY_MS;
	gossip_book_ended(fixture.book, "[::1]:9", GOSSIP_BOOK_FAILED, &fixture.random, now_ms);
	assert_null(next(now_ms, &due_ms));
	assert_true(due_ms - now_ms <= GOSSIP_BOOK_PAUSE_MS * 5 / 4);
}

static void test_ourselves_are_never_dialled_again(void **state)
{
	uint64_t due_ms;

	(void)state;
	gossip_book_linked(fixture.book, 1, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_string_equal(next(1, &due_ms), "[::1]:9");
	gossip_book_opened(fixture.book, "[::1]:9", 1);
	gossip_book_ended(fixture.book, "[::1]:9", GOSSIP_BOOK_SELF, &fixture.random, 1);
	assert_null(next(UINT64_MAX - 1, &due_ms));
	assert_true(due_ms == UINT64_MAX);
}

static void test_who_misbehaved_waits_long(void **state)
{
	uint64_t due_ms;

	(void)state;
	gossip_book_linked(fixture.book, 1, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_string_equal(next(1, &due_ms), "[::1]:9");
	gossip_book_opened(fixture.book, "[::1]:9", 1);
	gossip_book_ended(fixture.book, "[::1]:9", GOSSIP_BOOK_MISBEHAVED, &fixture.random, 1);
	assert_null(next(1, &due_ms));
	assert_true(due_ms > 30000);
}

#define NOW_S 1795511520

/* A node of a member's at its place, at addresses that begin so. */
static struct catalog_node node_at(unsigned place, const char *host, size_t addresses)
{
	struct catalog_node node = {.key = {{(uint8_t)(place + 1)}},
				    .role = CATALOG_NODE_MIRROR,
				    .expires_s = NOW_S + 1000,
				    .address_count = addresses,
				    .place = place};

	for (size_t i = 0; i < addresses; i++)
		snprintf(node.addresses[i], sizeof node.addresses[i], "%s:%zu", host,
			 1000 + place * 10 + i);
	return node;
}

/* Dial whatever may be dialled for so long, in vain.  Returns how often. */
static unsigned dial_for(uint64_t *now_ms, uint64_t ms)
{
	uint64_t end_ms = *now_ms + ms, due_ms = *now_ms;
	unsigned count = 0;

	while (due_ms < end_ms) {
		const char *address;

		*now_ms = due_ms;
		address = next(*now_ms, &due_ms);
		if (address == NULL)
			continue;
		gossip_book_ended(fixture.book, address, GOSSIP_BOOK_FAILED, &fixture.random,
				  *now_ms);
		due_ms = *now_ms;
		count++;
	}
	*now_ms = end_ms;
	return count;
}

static void test_what_the_log_tells_goes_before_the_charter(void **state)
{
	struct catalog_node node = node_at(0, "node.example", 1);
	const struct catalog_node_key *key;
	struct gossip_book_dial dial;
	uint32_t member;
	uint64_t due_ms;
	size_t turn;

	(void)state;
	gossip_book_linked(fixture.book, 2, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_int_equal(gossip_book_told(fixture.book, 1, &node, 1, NOW_S), 0);
	assert_int_equal(gossip_book_next(fixture.book, &fixture.random, 1, &dial, &due_ms), 0);
	assert_string_equal(dial.address, "node.example:1000");
	assert_true(dial.is_told);
	assert_int_equal(gossip_book_whose(fixture.book, "node.example:1000", &member, &key, &turn),
			 0);
	assert_int_equal(member, 1);
	assert_non_null(key);
	assert_memory_equal(key, &node.key, sizeof *key);
	gossip_book_ended(fixture.book, "node.example:1000", GOSSIP_BOOK_FAILED, &fixture.random,
			  1);
	assert_int_equal(gossip_book_next(fixture.book, &fixture.random, 1, &dial, &due_ms), 0);
	assert_string_equal(dial.address, "127.0.0.1:101"); /* it has not failed yet */
	assert_false(dial.is_told);
	gossip_book_ended(fixture.book, "127.0.0.1:101", GOSSIP_BOOK_FAILED, &fixture.random, 1);
	/* Where a node has answered it is no longer hearsay. */
	assert_int_equal(gossip_book_next(fixture.book, &fixture.random, 100000, &dial, &due_ms),
			 0);
	assert_string_equal(dial.address, "node.example:1000");
	gossip_book_opened(fixture.book, "node.example:1000", 100000);
	gossip_book_met(fixture.book, "node.example:1000");
	gossip_book_ended(fixture.book, "node.example:1000", GOSSIP_BOOK_CLOSED, &fixture.random,
			  100001);
	assert_int_equal(gossip_book_next(fixture.book, &fixture.random, 300000, &dial, &due_ms),
			 0);
	assert_string_equal(dial.address, "node.example:1000");
	assert_false(dial.is_told);
}

static void test_two_nodes_at_one_address_get_their_turns(void **state)
{
	struct catalog_node nodes[2] = {node_at(0, "node.example", 1), node_at(1, "other", 1)};
	const struct catalog_node_key *key;
	uint32_t member;
	uint64_t due_ms;
	size_t turn;

	(void)state;
	memcpy(nodes[1].addresses[0], nodes[0].addresses[0], sizeof nodes[0].addresses[0]);
	gossip_book_linked(fixture.book, 2, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_int_equal(gossip_book_told(fixture.book, 1, nodes, 2, NOW_S), 0);
	assert_string_equal(next(1, &due_ms), "node.example:1000");
	assert_int_equal(gossip_book_whose(fixture.book, "node.example:1000", &member, &key, &turn),
			 0);
	assert_null(key);
}

static void test_expired_and_withdrawn_nodes_are_not_dialled(void **state)
{
	struct catalog_node nodes[2] = {node_at(0, "old.example", 1),
					node_at(1, "gone.example", 1)};
	uint64_t due_ms;

	(void)state;
	nodes[0].expires_s = NOW_S;
	nodes[1].expires_s = 0;
	gossip_book_linked(fixture.book, 2, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_int_equal(gossip_book_told(fixture.book, 1, nodes, 2, NOW_S), 0);
	assert_string_equal(next(1, &due_ms), "127.0.0.1:101");
	assert_null(next(1, &due_ms));
	assert_true(due_ms == UINT64_MAX);
}

static void test_an_address_in_use_stays_until_it_ends(void **state)
{
	struct catalog_node node = node_at(0, "node.example", 1);
	uint64_t due_ms;

	(void)state;
	gossip_book_linked(fixture.book, 2, 1);
	gossip_book_linked(fixture.book, 3, 1);
	assert_int_equal(gossip_book_told(fixture.book, 1, &node, 1, NOW_S), 0);
	assert_string_equal(next(1, &due_ms), "node.example:1000");
	gossip_book_opened(fixture.book, "node.example:1000", 1);
	assert_int_equal(gossip_book_told(fixture.book, 1, NULL, 0, NOW_S), 0);
	assert_null(next(1, &due_ms));
	gossip_book_ended(fixture.book, "node.example:1000", GOSSIP_BOOK_CLOSED, &fixture.random,
			  2);
	assert_string_equal(next(3, &due_ms), "127.0.0.1:101");
	gossip_book_ended(fixture.book, "127.0.0.1:101", GOSSIP_BOOK_CLOSED, &fixture.random, 3);
	assert_string_equal(next(100000, &due_ms), "127.0.0.1:101"); /* and no other ever */
}

static void test_a_member_that_tells_of_a_crowd_has_us_dial_little(void **state)
{
	struct catalog_node nodes[CATALOG_NODE_PLACES];
	uint64_t now_ms = 1, due_ms;
	unsigned first, later;

	(void)state;
	for (unsigned i = 0; i < CATALOG_NODE_PLACES; i++)
		nodes[i] = node_at(i, "victim.example", CATALOG_NODE_ADDRESSES_MAX);
	gossip_book_linked(fixture.book, 1, 1);
	gossip_book_linked(fixture.book, 3, 1);
	/* The operator's own word of where member 2 is; nobody is there either. */
	assert_string_equal(next(1, &due_ms), "[::1]:9");
	gossip_book_opened(fixture.book, "[::1]:9", 1);
	gossip_book_ended(fixture.book, "[::1]:9", GOSSIP_BOOK_SELF, &fixture.random, 1);
	assert_int_equal(gossip_book_told(fixture.book, 2, nodes, CATALOG_NODE_PLACES, NOW_S), 0);
	first = dial_for(&now_ms, 60 * 60 * 1000);
	(void)dial_for(&now_ms, 2 * 60 * 60 * 1000);
	later = dial_for(&now_ms, 24ull * 60 * 60 * 1000);
	assert_in_range(first, 3, 12);
	assert_in_range(later, 12, 36);
}

static void test_who_tells_of_many_is_not_dialled_more_often(void **state)
{
	struct catalog_node nodes[2] = {node_at(0, "a.example", 4), node_at(1, "b.example", 4)};
	unsigned first[MEMBERS] = {0};
	uint64_t due_ms;

	(void)state;
	assert_int_equal(gossip_book_told(fixture.book, 1, nodes, 2, NOW_S), 0);
	for (unsigned i = 0; i < 300; i++) {
		struct gossip_book_dial dial;

		assert_int_equal(gossip_book_next(fixture.book, &fixture.random, 1 + i * 1000000ull,
						  &dial, &due_ms),
				 0);
		first[dial.member]++;
		gossip_book_ended(fixture.book, dial.address, GOSSIP_BOOK_CLOSED, &fixture.random,
				  1 + i * 1000000ull);
	}
	for (uint32_t i = 1; i < MEMBERS; i++)
		assert_in_range(first[i], 70, 130);
}

static void test_one_address_of_two_members_is_dialled_once_at_a_time(void **state)
{
	struct catalog_node node = node_at(0, "node.example", 1);
	struct gossip_book_dial dial;
	uint64_t due_ms;
	unsigned count = 0;

	(void)state;
	for (uint32_t i = 1; i < MEMBERS; i++)
		assert_int_equal(gossip_book_told(fixture.book, i, &node, 1, NOW_S), 0);
	while (gossip_book_next(fixture.book, &fixture.random, 1, &dial, &due_ms) == 0)
		count += strcmp(dial.address, "node.example:1000") == 0;
	assert_int_equal(count, 1);
}

static void test_where_it_answered_last_time_goes_before_the_charter(void **state)
{
	static const struct gossip_node_address addresses[] = {{1, "seen.example:1", true}};
	struct gossip_node_options options = {
		.self = 0, .addresses = addresses, .address_count = 1};
	struct gossip_book_dial dial;
	struct gossip_book *book;
	uint64_t due_ms;

	(void)state;
	assert_int_equal(gossip_book_new(fixture.charter, &options, &book), 0);
	gossip_book_linked(book, 2, 1);
	gossip_book_linked(book, 3, 1);
	assert_int_equal(gossip_book_next(book, &fixture.random, 1, &dial, &due_ms), 0);
	assert_string_equal(dial.address, "seen.example:1");
	gossip_book_ended(book, dial.address, GOSSIP_BOOK_FAILED, &fixture.random, 1);
	assert_int_equal(gossip_book_next(book, &fixture.random, 1, &dial, &due_ms), 0);
	assert_string_equal(dial.address, "127.0.0.1:101"); /* it is not in its place */
	gossip_book_free(book);
}

#define BOOK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("gossip/book", BOOK_TEST(test_everybody_else_is_dialled_once),
	  BOOK_TEST(test_a_member_that_has_a_link_is_not_dialled),
	  BOOK_TEST(test_pauses_grow_and_end_after_a_steady_link),
	  BOOK_TEST(test_ourselves_are_never_dialled_again),
	  BOOK_TEST(test_who_misbehaved_waits_long),
	  BOOK_TEST(test_what_the_log_tells_goes_before_the_charter),
	  BOOK_TEST(test_two_nodes_at_one_address_get_their_turns),
	  BOOK_TEST(test_expired_and_withdrawn_nodes_are_not_dialled),
	  BOOK_TEST(test_an_address_in_use_stays_until_it_ends),
	  BOOK_TEST(test_a_member_that_tells_of_a_crowd_has_us_dial_little),
	  BOOK_TEST(test_who_tells_of_many_is_not_dialled_more_often),
	  BOOK_TEST(test_one_address_of_two_members_is_dialled_once_at_a_time),
	  BOOK_TEST(test_where_it_answered_last_time_goes_before_the_charter))
