#include "tests/node/asking.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "node/http_watch.h"

#define SLOW_MS 400 /* that a request may take here */

static void publish(void)
{
}

static int set_up_hurried(void **state)
{
	f.request_ms = SLOW_MS;
	return set_up(state);
}

/* Send letters of a header that never ends, one each few milliseconds, until the server has
 * enough.  Returns whether it had, before it was sent very many. */
static bool trickle(int fd)
{
	static const char start[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	assert_int_equal(send(fd, start, sizeof start - 1, MSG_NOSIGNAL), sizeof start - 1);
	for (unsigned i = 0; i < 3000; i++) {
		char end[64];

		if (poll(&ready, 1, 10) > 0)
			return recv(fd, end, sizeof end, 0) <= 0;
		if (send(fd, "a", 1, MSG_NOSIGNAL) != 1)
			return true;
	}
	return false;
}

static void test_who_sends_a_byte_now_and_then_is_hung_up_on(void **state)
{
	int fds[16]; /* as many as there may be */

	(void)state;
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
		fds[i] = connect_to_it();
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		assert_true(trickle(fds[i]));
		(void)close(fds[i]); /* it is at its end */
	}
	/* Their places are free again. */
	get("/healthz");
	assert_int_equal(f.status, 200);
}

/* Whether the other end of a pair is shut within so long. */
static bool is_shut(int fd, int ms)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&ready, 1, ms) > 0 && recv(fd, &byte, 1, 0) == 0;
}

static void test_an_answer_has_longer_than_a_request(void **state)
{
	struct node_http_watched *slow, *answered, *gone;
	struct node_http_watch *watch;
	int pairs[3][2];

	(void)state;
	assert_int_equal(node_http_watch_new(50, 1000u * 1000, &watch), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0);
	answered = node_http_watch_add(watch, pairs[1][0]);
	node_http_watch_answering(answered);
	gone = node_http_watch_add(watch, pairs[2][0]);
	node_http_watch_remove(gone);
	slow = node_http_watch_add(watch, pairs[0][0]);
	assert_true(is_shut(pairs[0][1], 20000));
	assert_false(is_shut(pairs[1][1], 100));
	assert_false(is_shut(pairs[2][1], 0));
	/* The next request of the same connection is on time again, or not. */
	node_http_watch_answered(answered);
	assert_true(is_shut(pairs[1][1], 20000));
	node_http_watch_remove(slow);
	node_http_watch_remove(answered);
	node_http_watch_free(watch);
	for (size_t i = 0; i < 3; i++) {
		(void)close(pairs[i][0]);
		(void)close(pairs[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_sends_a_byte_now_and_then_is_hung_up_on),
		cmocka_unit_test(test_an_answer_has_longer_than_a_request),
	};

	return cmocka_run_group_tests_name("http_watch", tests, set_up_hurried, tear_down) == 0 ? 0
												: 1;
}
