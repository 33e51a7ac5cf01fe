#include "tests/test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "node/link.h"

#define MUCH (8u * 1024 * 1024) /* more than both sockets hold */

/* Two links, the ends of one connection, on one loop. */
struct fixture {
	uv_loop_t loop;
	uv_tcp_t listener;
	struct node_config_place place;
	char read[64 * 1024];
	struct end {
		struct node_link *link;
		int connected; /* 1: not yet */
		int closed;    /* 1: not yet */
		size_t received, sent;
		char last; /* byte received */
	} dialled, accepted;
	bool accept_ends; /* the accepted end says goodbye as soon as it is there */
};

static struct fixture f;

static void on_connected(void *arg, int status)
{
	struct end *end = arg;

	end->connected = status;
	if (status != 0)
		node_link_close(end->link, status);
}

static void on_received(void *arg, struct catalog_span bytes)
{
	struct end *end = arg;

	assert_true(bytes.len > 0);
	end->received += bytes.len;
	end->last = (char)bytes.bytes[bytes.len - 1];
}

static void on_sent(void *arg, size_t len)
{
	struct end *end = arg;

	end->sent += len;
}

static void on_closed(void *arg, int status)
{
	struct end *end = arg;

	end->closed = status;
	end->link = NULL;
	if (!uv_is_closing((uv_handle_t *)&f.listener))
		uv_close((uv_handle_t *)&f.listener, NULL);
}

static const struct node_link_events events = {on_connected, on_received, on_sent, on_closed};

static struct node_link_options options_of(struct end *end)
{
	return (struct node_link_options){.loop = &f.loop,
					  .read = uv_buf_init(f.read, sizeof f.read),
					  .events = &events,
					  .arg = end};
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct node_link_options options = options_of(&f.accepted);
	size_t taken;

	assert_int_equal(status, 0);
	assert_int_equal(node_link_accept(&options, listener, &f.accepted.link), 0);
	assert_string_equal(node_link_name(f.accepted.link), "127.0.0.1");
	if (!f.accept_ends)
		return;
	node_link_send(f.accepted.link, (struct catalog_span){(const uint8_t *)"goodbye", 7},
		       &taken);
	node_link_end(f.accepted.link);
}

static int set_up(void **state)
{
	struct sockaddr_in at;
	int len = sizeof at;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	memset(&f, 0, sizeof f);
	f.dialled.connected = f.dialled.closed = f.accepted.closed = 1;
	memcpy(f.place.host, "127.0.0.1", 10);
	assert_int_equal(uv_loop_init(&f.loop), 0);
	assert_int_equal(uv_tcp_init(&f.loop, &f.listener), 0);
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	assert_int_equal(uv_tcp_bind(&f.listener, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&f.listener, 4, on_connection), 0);
	assert_int_equal(uv_tcp_getsockname(&f.listener, (struct sockaddr *)&at, &len), 0);
	f.place.port = ntohs(at.sin_port);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_close(&f.loop), 0);
	return 0;
}

static void dial(void)
{
	struct node_link_options options = options_of(&f.dialled);

	assert_int_equal(node_link_dial(&options, &f.place, &f.dialled.link), 0);
}

static void test_what_waits_is_told_when_it_is_taken(void **state)
{
	static uint8_t bytes[MUCH];
	size_t taken;

	(void)state;
	dial();
	while (f.dialled.connected == 1 || f.accepted.link == NULL)
		assert_true(uv_run(&f.loop, UV_RUN_ONCE) != 0);
	assert_int_equal(f.dialled.connected, 0);
	bytes[MUCH - 1] = 'z';
	node_link_send(f.dialled.link, (struct catalog_span){bytes, MUCH}, &taken);
	assert_true(taken < MUCH);
	while (f.dialled.sent < MUCH - taken)
		assert_true(uv_run(&f.loop, UV_RUN_ONCE) != 0);
	node_link_end(f.dialled.link);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.accepted.received, MUCH);
	assert_int_equal(f.accepted.last, 'z');
	assert_int_equal(f.accepted.closed, 0);
	assert_int_equal(f.dialled.closed, 0);
}

static void test_a_goodbye_arrives_although_the_other_is_talking(void **state)
{
	static uint8_t bytes[MUCH];
	size_t taken;

	(void)state;
	f.accept_ends = true;
	dial();
	while (f.dialled.connected == 1)
		assert_true(uv_run(&f.loop, UV_RUN_ONCE) != 0);
	/* It says goodbye, and has all of this to drop. */
	node_link_send(f.dialled.link, (struct catalog_span){bytes, MUCH}, &taken);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.dialled.received, 7);
	assert_int_equal(f.dialled.last, 'e');
	assert_int_equal(f.accepted.received, 0);
	assert_int_equal(f.accepted.closed, 0);
}

static void test_a_dial_to_where_nobody_listens_is_told(void **state)
{
	(void)state;
	uv_close((uv_handle_t *)&f.listener, NULL);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	dial();
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.dialled.connected, UV_ECONNREFUSED);
	assert_int_equal(f.dialled.closed, UV_ECONNREFUSED);
}

static void test_a_dial_that_is_ended_is_told(void **state)
{
	(void)state;
	dial();
	node_link_end(f.dialled.link);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.dialled.connected, UV_ECANCELED);
	assert_int_equal(f.dialled.closed, 0);
}

/* Where the hosts file says that localhost is ::1, too, nobody listens there. */
static void test_each_address_of_a_name_is_tried(void **state)
{
	(void)state;
	memcpy(f.place.host, "localhost", 10);
	f.accept_ends = true;
	dial();
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.dialled.connected, 0);
	assert_int_equal(f.dialled.received, 7);
	assert_int_equal(f.dialled.closed, 0);
}

static void test_a_v6_address_is_dialled(void **state)
{
	(void)state;
	uv_close((uv_handle_t *)&f.listener, NULL);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	memcpy(f.place.host, "::1", 4);
	dial();
	assert_int_equal(strncmp(node_link_name(f.dialled.link), "[::1]:", 6), 0);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	/* Refused where there is IPv6, out of reach where there is none. */
	assert_true(f.dialled.connected == UV_ECONNREFUSED ||
		    f.dialled.connected == UV_EADDRNOTAVAIL ||
		    f.dialled.connected == UV_ENETUNREACH);
	assert_int_equal(f.dialled.closed, f.dialled.connected);
}

static void test_a_name_that_is_none_is_told(void **state)
{
	(void)state;
	memcpy(f.place.host, "no-such-name.invalid", 21);
	uv_close((uv_handle_t *)&f.listener, NULL);
	dial();
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	/* Its code is the resolver's: that nobody has the name, or that nobody can be asked. */
	assert_true(f.dialled.connected < 0);
	assert_int_equal(f.dialled.closed, f.dialled.connected);
}

static void test_a_dial_that_is_ended_while_a_name_is_looked_up_is_told(void **state)
{
	(void)state;
	memcpy(f.place.host, "localhost", 10);
	dial();
	node_link_end(f.dialled.link);
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
	assert_int_equal(f.dialled.connected, UV_ECANCELED);
	assert_int_equal(f.dialled.closed, 0);
	assert_null(f.accepted.link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("link", TEST(test_what_waits_is_told_when_it_is_taken),
	  TEST(test_a_goodbye_arrives_although_the_other_is_talking),
	  TEST(test_a_dial_to_where_nobody_listens_is_told),
	  TEST(test_a_dial_that_is_ended_is_told), TEST(test_each_address_of_a_name_is_tried),
	  TEST(test_a_v6_address_is_dialled), TEST(test_a_name_that_is_none_is_told),
	  TEST(test_a_dial_that_is_ended_while_a_name_is_looked_up_is_told))
