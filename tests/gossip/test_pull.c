#include <errno.h>

#include "tests/test.h"

#include "gossip/pull.h"

#define GIVEN_UP_MS (GOSSIP_PULL_GIVE_UP_MS + 10)

/* One log, of which two peers hold all 100 entries and we none. */
static struct gossip_pull *pull_of_two(void)
{
	struct gossip_pull *pull;

	assert_int_equal(gossip_pull_new(1, GOSSIP_PULL_PEER_BYTES_LEAST, &pull), 0);
	for (uint64_t link = 1; link <= 2; link++) {
		assert_int_equal(gossip_pull_join(pull, link, 0), 0);
		*gossip_pull_known(pull, link, 0) =
			(struct gossip_pull_known){.target = 100, .held = 100};
	}
	gossip_pull_set(pull, 0, 0, 100, false);
	return pull;
}

static uint64_t ask(struct gossip_pull *pull, uint64_t now_ms, uint32_t *ret_request)
{
	struct gossip_pull_request request;
	uint64_t due_ms;

	if (gossip_pull_next(pull, now_ms, &request, &due_ms) != 0)
		return GOSSIP_PULL_NOBODY;
	*ret_request = request.request;
	return request.link;
}

static void test_what_nobody_can_bring_is_not_under_way(void **state)
{
	struct gossip_pull *pull = pull_of_two();
	uint32_t requests[2] = {0};
	uint64_t links[2];

	(void)state;
	assert_false(gossip_pull_is_idle(pull));
	for (size_t i = 0; i < 2; i++)
		links[i] = ask(pull, i * 1000, &requests[i]);
	assert_int_equal(links[0] + links[1], 3); /* each was asked */
	for (size_t i = 0; i < 2; i++)
		gossip_pull_refused(pull, links[i], requests[i]);
	assert_int_equal(ask(pull, 5000, &requests[0]), GOSSIP_PULL_NOBODY);
	/* Or nobody would compare with the peers, who alone can bring it on. */
	assert_true(gossip_pull_is_idle(pull));
	gossip_pull_known(pull, 1, 0)->target = 100;
	assert_false(gossip_pull_is_idle(pull));
	assert_int_equal(ask(pull, 5000, &requests[0]), 1);
	assert_false(gossip_pull_is_idle(pull));
	gossip_pull_free(pull);
}

static void test_likewise_when_they_never_answer(void **state)
{
	struct gossip_pull *pull = pull_of_two();
	uint32_t request;

	(void)state;
	while (ask(pull, 0, &request) != GOSSIP_PULL_NOBODY) {
	}
	assert_int_not_equal(ask(pull, 1000, &request), GOSSIP_PULL_NOBODY);
	/* Each is given up in its turn; who is left is asked again. */
	for (uint64_t now_ms = GIVEN_UP_MS; now_ms < 4ull * GIVEN_UP_MS; now_ms += 1000)
		(void)ask(pull, now_ms, &request);
	assert_true(gossip_pull_is_idle(pull));
	gossip_pull_free(pull);
}

static void test_the_only_one_asked_may_refuse(void **state)
{
	struct gossip_pull *pull = pull_of_two();
	uint32_t request = 0;
	uint64_t first;

	(void)state;
	/* Something was withheld, by nobody knows whom: all is asked of one, to find out. */
	assert_int_equal(gossip_pull_withheld(pull, 0), GOSSIP_PULL_NOBODY);
	first = ask(pull, 0, &request);
	assert_in_range(first, 1, 2);
	gossip_pull_refused(pull, first, request);
	assert_int_equal(ask(pull, 10, &request), 3 - first);
	gossip_pull_free(pull);
}

/* Ask a peer for all that it may be asked for; all comes at once, is large, and is being read. */
static void fill(struct gossip_pull *pull, uint64_t now_ms)
{
	size_t bytes_max, wire;
	uint32_t request;

	while (ask(pull, now_ms, &request) != GOSSIP_PULL_NOBODY)
		assert_int_equal(gossip_pull_arrived(pull, 1, request, 300000, now_ms + 1,
						     &bytes_max, &wire),
				 0);
}

/* What waits behind it has taken all the room there is, and cannot be committed without it. */
static void test_what_comes_next_is_asked_for_whatever_waits(void **state)
{
	struct gossip_pull_request request;
	uint64_t due_ms;
	uint32_t first = 0;
	size_t bytes_max, wire;
	struct gossip_pull *pull;

	(void)state;
	assert_int_equal(gossip_pull_new(1, GOSSIP_PULL_PEER_BYTES_LEAST, &pull), 0);
	assert_int_equal(gossip_pull_join(pull, 1, 0), 0);
	*gossip_pull_known(pull, 1, 0) =
		(struct gossip_pull_known){.target = 100000, .held = 100000};
	gossip_pull_set(pull, 0, 0, 100000, false);
	assert_int_equal(ask(pull, 0, &first), 1);
	fill(pull, 0);
	assert_int_equal(gossip_pull_arrived(pull, 1, first, 300000, 2, &bytes_max, &wire), 0);
	fill(pull, 2);
	/* Read, it is good for nothing. */
	assert_int_equal(gossip_pull_parsed(pull, first, NULL, -EBADMSG), 0);
	assert_int_equal(gossip_pull_next(pull, 10000, &request, &due_ms), 0);
	assert_int_equal(request.from, 0);
	assert_int_not_equal(gossip_pull_next(pull, 10000, &request, &due_ms), 0);
	gossip_pull_free(pull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_nobody_can_bring_is_not_under_way),
		cmocka_unit_test(test_likewise_when_they_never_answer),
		cmocka_unit_test(test_the_only_one_asked_may_refuse),
		cmocka_unit_test(test_what_comes_next_is_asked_for_whatever_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
