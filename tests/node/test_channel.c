#include "tests/test.h"

#include <errno.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/channel.h"
#include "node/control.h"

/* The channel at one end of a socket pair; the test is fedcatd at the other. */
struct fixture {
	struct node_channel *channel;
	int fd; /* -1 when hung up */
};

static struct fixture f;

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	f.fd = pair[1];
	return node_channel_new(pair[0], &f.channel);
}

static void hang_up(void)
{
	if (f.fd >= 0)
		assert_int_equal(close(f.fd), 0);
	f.fd = -1;
}

static int tear_down(void **state)
{
	(void)state;
	hang_up();
	node_channel_free(f.channel);
	return 0;
}

static void say(const void *bytes, size_t len)
{
	assert_int_equal(send(f.fd, bytes, len, MSG_NOSIGNAL), len);
}

#define REPLY       "\0\0\0\x0b\x81\xa2op\xa6status" /* any map will do */
#define REPLY_BYTES 15u

static int receive(void)
{
	struct catalog_value *reply = NULL;
	int r = node_channel_receive(f.channel, &reply);

	assert_true((r == 0) == (reply != NULL));
	if (r == 0)
		assert_string_equal(catalog_value_text(catalog_value_get(reply, "op")), "status");
	catalog_value_free(reply);
	return r;
}

static void test_replies_come_in_order_however_they_arrive(void **state)
{
	(void)state;
	say(REPLY REPLY REPLY, 2 * REPLY_BYTES + 7); /* two, and part of a third */
	assert_int_equal(receive(), 0);
	assert_int_equal(receive(), 0);
	say(&REPLY[7], REPLY_BYTES - 7);
	assert_int_equal(receive(), 0);
	hang_up();
	assert_int_equal(receive(), -EPIPE);
	assert_int_equal(receive(), -EPIPE);
}

static void test_a_reply_cut_short_anywhere_is_none(void **state)
{
	for (size_t len = 0; len < REPLY_BYTES; len++) {
		say(REPLY REPLY, REPLY_BYTES + len);
		hang_up();
		assert_int_equal(receive(), 0);
		assert_int_equal(receive(), -EPIPE);
		tear_down(state);
		set_up(state);
	}
}

/* Says the reply byte by byte, the next when the other side took the one before. */
static void *speak_slowly(void *arg)
{
	int waiting;

	(void)arg; /* all is in f */
	for (size_t i = 0; i < REPLY_BYTES; i++) {
		if (send(f.fd, &REPLY[i], 1, MSG_NOSIGNAL) != 1)
			break;
		do
			(void)sched_yield(); /* a moment for the reader */
		while (ioctl(f.fd, SIOCOUTQ, &waiting) == 0 && waiting > 0);
	}
	return NULL;
}

static void test_a_reply_may_come_byte_by_byte(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, speak_slowly, NULL), 0);
	assert_int_equal(receive(), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_a_reply_that_is_too_long_ends_the_channel(void **state)
{
	static const uint8_t header[] = {0, 0x40, 0, 1}; /* 4 MiB and a byte */

	(void)state;
	say(header, sizeof header);
	assert_int_equal(receive(), -EPROTO); /* before any of it has come */
	say(REPLY, REPLY_BYTES);
	assert_int_equal(receive(), -EPROTO); /* nothing is believed any more */
}

static void test_what_is_no_message_ends_the_channel(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{"\0\0\0\0", 4},             /* nothing */
		{"\0\0\0\x01\xc1", 5},       /* no msgpack */
		{"\0\0\0\x02\x80\x80", 6},   /* two values */
		{"\0\0\0\x02\x81\xa1", 6},   /* cut short inside */
		{"\xff\xff\xff\xff", 4},     /* 4 GiB */
		{"HTTP/1.1 400 no\r\n", 17}, /* somebody else */
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		say(bad[i].bytes, bad[i].len);
		assert_int_equal(receive(), -EPROTO);
		tear_down(state);
		set_up(state);
	}
}

static void test_what_was_said_before_the_end_is_heard(void **state)
{
	struct catalog_span request = {(const uint8_t *)REPLY, REPLY_BYTES};

	(void)state;
	say(REPLY, REPLY_BYTES);
	hang_up();
	assert_int_equal(node_channel_send(f.channel, request), 0);
	assert_int_equal(node_channel_send(f.channel, request), 0);
	assert_int_equal(receive(), 0);
	assert_int_equal(receive(), -EPIPE);
}

#define LARGE_BYTES (3u * 1024 * 1024)

/* A server that says all it has to say before it listens. */
static void *speak_then_listen(void *arg)
{
	uint8_t *bytes = arg;
	size_t done = 0, heard = 0;

	while (done < LARGE_BYTES + 4) {
		ssize_t n = send(f.fd, bytes + done, LARGE_BYTES + 4 - done, MSG_NOSIGNAL);

		if (n <= 0)
			return NULL;
		done += (size_t)n;
	}
	while (heard < LARGE_BYTES + 4) {
		ssize_t n = recv(f.fd, bytes, LARGE_BYTES, 0);

		if (n <= 0)
			return NULL;
		heard += (size_t)n;
	}
	return bytes;
}

static void test_a_server_that_speaks_before_it_listens_is_no_deadlock(void **state)
{
	uint8_t *bytes = malloc(LARGE_BYTES + 4), *mine = malloc(LARGE_BYTES + 4);
	struct catalog_value *reply = NULL;
	pthread_t thread;
	void *heard_all;

	(void)state;
	assert_non_null(bytes);
	assert_non_null(mine);
	memset(bytes, 'x', LARGE_BYTES + 4); /* str 32 of the rest */
	memcpy(bytes, "\0\x30\0\0\xdb\0\x2f\xff\xfb", 9);
	memcpy(mine, bytes, LARGE_BYTES + 4);
	assert_int_equal(pthread_create(&thread, NULL, speak_then_listen, bytes), 0);
	assert_int_equal(node_channel_send(f.channel, (struct catalog_span){mine, LARGE_BYTES + 4}),
			 0);
	assert_int_equal(node_channel_receive(f.channel, &reply), 0);
	assert_int_equal(catalog_value_text_len(reply), LARGE_BYTES - 5);
	assert_int_equal(pthread_join(thread, &heard_all), 0);
	assert_non_null(heard_all);
	catalog_value_free(reply);
	free(bytes);
	free(mine);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/channel", TEST(test_replies_come_in_order_however_they_arrive),
	  TEST(test_a_reply_cut_short_anywhere_is_none), TEST(test_a_reply_may_come_byte_by_byte),
	  TEST(test_a_reply_that_is_too_long_ends_the_channel),
	  TEST(test_what_is_no_message_ends_the_channel),
	  TEST(test_what_was_said_before_the_end_is_heard),
	  TEST(test_a_server_that_speaks_before_it_listens_is_no_deadlock))
