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
	static const struct gossip_node_address addresses[] = {{2, "[::1]:9"}};
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
	const char *address;
	uint32_t member;

	if (gossip_book_next(fixture.book, &fixture.random, now_ms, &address, &member,
			     ret_due_ms) != 0)
		return NULL;
	return address;
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

#define BOOK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("gossip/book", BOOK_TEST(test_everybody_else_is_dialled_once),
	  BOOK_TEST(test_a_member_that_has_a_link_is_not_dialled),
	  BOOK_TEST(test_pauses_grow_and_end_after_a_steady_link),
	  BOOK_TEST(test_ourselves_are_never_dialled_again),
	  BOOK_TEST(test_who_misbehaved_waits_long))
