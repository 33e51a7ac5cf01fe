#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "catalog/log.h"
#include "node/reply.h"
#include "node/server.h"
#include "tests/node/scratch.h"

#define SECONDS_MAX 20 /* for a reply; only a hang takes as long */

/* A server on a loop in a thread of its own; what it says of the rest is counted here. */
struct fixture {
	struct scratch scratch;
	struct catalog_store *store;
	struct node_control *control;
	struct node_log *log;
	struct node_error error;
	char path[NODE_DATADIR_PATH_BYTES];
	uv_thread_t thread;
	uv_loop_t loop;
	uv_async_t change, end;
	struct node_jobs *jobs;
	struct node_server *server;
	size_t equal; /* peers, before uv_async_send(&change) */
	size_t published, moved;
};

static struct fixture f;

static void on_published(void *arg)
{
	(void)arg;
	f.published++;
}

static void on_moved(void *arg)
{
	(void)arg;
	f.moved++;
}

static void on_show(void *arg)
{
	(void)arg;
}

static void stop(void *arg)
{
	(void)arg;
	node_server_stop(f.server);
	if (!uv_is_closing((uv_handle_t *)&f.change)) {
		uv_close((uv_handle_t *)&f.change, NULL);
		uv_close((uv_handle_t *)&f.end, NULL);
	}
}

static void on_vector(void *arg, struct catalog_hash *ret_vector, size_t *ret_equal)
{
	(void)arg;
	memset(ret_vector, 0xab, sizeof *ret_vector);
	*ret_equal = f.equal;
}

static void on_change(uv_async_t *async)
{
	(void)async;
	f.equal++;
	node_server_changed(f.server);
}

static void on_end(uv_async_t *async)
{
	stop(async);
}

static void run(void *arg)
{
	(void)arg;
	(void)uv_run(&f.loop, UV_RUN_DEFAULT);
}

static int set_up(void **state)
{
	struct node_control_options control = {0};
	struct node_server_options options = {.loop = &f.loop,
					      .own_log = SCRATCH_NBS,
					      .published = on_published,
					      .moved = on_moved,
					      .stop = stop,
					      .show = on_show,
					      .vector = on_vector};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN); /* as in fedcatd */
	memset(&f, 0, sizeof f);
	scratch_make(&f.scratch);
	assert_int_equal(node_datadir_store(f.scratch.dir, &f.store, &f.error), 0);
	control = (struct node_control_options){
		.store = f.store,
		.charter = f.scratch.charter,
		.member = catalog_charter_member(f.scratch.charter, SCRATCH_NBS),
		.secret = &f.scratch.nbs};
	assert_int_equal(node_control_new(&control, &f.control), 0);
	assert_int_equal(node_log_new(null, NODE_CONFIG_DEBUG, &f.log), 0);
	assert_int_equal(uv_loop_init(&f.loop), 0);
	assert_int_equal(uv_async_init(&f.loop, &f.change, on_change), 0);
	assert_int_equal(uv_async_init(&f.loop, &f.end, on_end), 0);
	assert_int_equal(node_jobs_new(&f.loop, &f.jobs), 0);
	options.jobs = f.jobs;
	options.log = f.log;
	options.control = f.control;
	options.store = f.store;
	assert_int_equal(node_datadir_path(f.scratch.dir, NODE_DATADIR_CONTROL, f.path, NULL), 0);
	if (node_server_open(&options, f.path, &f.server, &f.error) != 0)
		fail_msg("%s", f.error.text);
	return uv_thread_create(&f.thread, run, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	(void)uv_async_send(&f.end); /* it may have stopped already */
	assert_int_equal(uv_thread_join(&f.thread), 0);
	node_server_close(f.server);
	node_jobs_free(f.jobs);
	assert_int_equal(uv_loop_close(&f.loop), 0);
	node_control_free(f.control);
	node_log_free(f.log);
	catalog_store_close(f.store);
	scratch_drop(&f.scratch);
	return 0;
}

/* --- a client ------------------------------------------------------------------------------ */

static int dial(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = SECONDS_MAX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(strlen(f.path) < sizeof to.sun_path);
	memcpy(to.sun_path, f.path, strlen(f.path) + 1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void say_bytes(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static void say(int fd, const char *json)
{
	struct catalog_value *request = scratch_value(json);
	struct catalog_buffer frame = {0};

	assert_int_equal(node_reply_frame(request, NODE_CONTROL_REQUEST_MAX, &frame), 0);
	say_bytes(fd, frame.bytes, frame.len);
	catalog_buffer_close(&frame);
	catalog_value_free(request);
}

/* Take in exactly len bytes; false at the end of the connection. */
static bool take(int fd, void *bytes, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = recv(fd, (char *)bytes + got, len - got, 0);

		if (n < 0 && errno != ECONNRESET)
			fail_msg("no reply: %s", strerror(errno));
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* The next reply; NULL at the end of the connection. */
static struct catalog_value *hear(int fd)
{
	static uint8_t bytes[64 * 1024];
	struct catalog_value *reply = NULL;
	uint8_t head[4];
	size_t len;

	if (!take(fd, head, sizeof head))
		return NULL;
	len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	assert_true(len <= sizeof bytes);
	assert_true(take(fd, bytes, len));
	assert_int_equal(catalog_value_decode((struct catalog_span){bytes, len}, &reply), 0);
	return reply;
}

static void expect_ok(int fd, const char *path)
{
	struct catalog_value *reply = hear(fd);

	assert_non_null(reply);
	if (scratch_at(reply, path) == NULL)
		fail_msg("no %s; %s", path, scratch_text(reply, "error/text"));
	catalog_value_free(reply);
}

static void expect_error(int fd, const char *code, const char *words)
{
	struct catalog_value *reply = hear(fd);

	assert_non_null(reply);
	assert_string_equal(scratch_text(reply, "error/code"), code);
	if (strstr(scratch_text(reply, "error/text"), words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", scratch_text(reply, "error/text"), words);
	catalog_value_free(reply);
}

/* --- tests --------------------------------------------------------------------------------- */

static void test_the_socket_is_the_owners_alone(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(f.path, &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_requests_sent_ahead_are_answered_in_order(void **state)
{
	int fd = dial();

	(void)state;
	/* More than the window: the rest waits in the socket. */
	for (size_t i = 0; i < 5 * NODE_CONTROL_WINDOW; i++) {
		say(fd, "{'op':'status'}");
		say(fd, "{'op':'search'}");
	}
	for (size_t i = 0; i < 5 * NODE_CONTROL_WINDOW; i++) {
		expect_ok(fd, "ok/vector");
		expect_ok(fd, "ok/hits");
	}
	close(fd);
}

static void test_a_request_may_come_byte_by_byte_and_its_sender_stop_there(void **state)
{
	static const uint8_t frame[] = "\0\0\0\x0b\x81\xa2op\xa6status";
	int fd = dial();

	(void)state;
	for (size_t i = 0; i < sizeof frame - 1; i++)
		say_bytes(fd, &frame[i], 1);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_ok(fd, "ok/vector");
	assert_null(hear(fd));
	close(fd);
}

static void test_a_frame_that_breaks_the_rules_ends_the_connection(void **state)
{
	int fd = dial();

	(void)state;
	say_bytes(fd, "\xff\xff\xff\xff", 4);
	assert_null(hear(fd));
	close(fd);
	fd = dial();
	say_bytes(fd, "\0\0\0\3\xc1\xc1\xc1", 7); /* a whole frame, of what is no msgpack */
	expect_error(fd, "bad-request", "msgpack");
	say_bytes(fd, "\0\0\0\0", 4);
	expect_error(fd, "bad-request", "msgpack");
	say(fd, "{'op':'dance'}");
	expect_error(fd, "bad-request", "dance");
	say(fd, "{'op':'status'}");
	expect_ok(fd, "ok/vector");
	close(fd);
}

static void test_connections_beyond_the_limit_wait_their_turn(void **state)
{
	int fds[NODE_SERVER_CONNECTIONS_MAX], late;

	(void)state;
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		fds[i] = dial();
		say(fds[i], "{'op':'status'}");
		expect_ok(fds[i], "ok/vector");
	}
	late = dial();
	say(late, "{'op':'status'}");
	assert_int_equal(recv(late, &(char){0}, 1, MSG_DONTWAIT), -1);
	close(fds[7]);
	expect_ok(late, "ok/vector");
	close(late);
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		if (i != 7)
			close(fds[i]);
	}
}

static void test_a_run_ends_with_its_connection(void **state)
{
	int first = dial(), second;

	(void)state;
	say(first, "{'op':'publish-begin'}");
	expect_ok(first, "ok/member");
	say(first, "{'op':'publish-put','items':[{'id':'a','listing':{'title':{'en':'A'}}}]}");
	expect_ok(first, "ok/new");
	second = dial();
	say(second, "{'op':'publish-begin'}");
	expect_error(second, "busy", "");
	close(first);
	/* The writer ends the run of the first when it sees it gone, and then there is room. */
	for (;;) {
		struct catalog_value *reply;
		bool begun;

		say(second, "{'op':'publish-begin'}");
		reply = hear(second);
		assert_non_null(reply);
		begun = scratch_at(reply, "ok") != NULL;
		catalog_value_free(reply);
		if (begun)
			break;
	}
	say(second, "{'op':'publish-end'}");
	expect_ok(second, "ok/live");
	close(second);
}

static void test_what_bundles_bring_is_told(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "{'op':'bundle-take','items':[{'chunk':'AAAA'},{'log':0,'head':'AAAA'},"
		"{'log':4000000,'head':'!'}]}");
	expect_ok(fd, "ok/results/2/result");
	say(fd, "{'op':'bundle-take','items':[{'chunk':'AAAA','head':'AAAA'}]}");
	expect_error(fd, "bad-request", "item 0 is neither");
	say(fd, "{'op':'bundle-take','items':[{'log':-1,'head':'AAAA'}]}");
	expect_error(fd, "bad-request", "item 0 is neither");
	say(fd, "{'op':'bundle-take','items':[7]}");
	expect_error(fd, "bad-request", "item 0 is neither");
	say(fd, "{'op':'bundle-back','member':'nobody'}");
	expect_error(fd, "not-found", "nobody");
	say(fd, "{'op':'bundle-back','member':'nbs'}");
	expect_error(fd, "refused", "own log");
	assert_int_equal(f.moved, 6);
	assert_int_equal(f.published, 0);
	close(fd);
}

static void test_what_is_published_is_told_at_once(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "{'op':'publish-begin'}");
	expect_ok(fd, "ok/member");
	say(fd, "{'op':'publish-put','items':[{'id':'a','listing':{'title':{'en':'A'}}}]}");
	expect_ok(fd, "ok/new");
	say(fd, "{'op':'publish-end'}");
	expect_ok(fd, "ok/checkpoint/root");
	/* One after another: when this is answered, that is done. */
	say(fd, "{'op':'withdraw','id':'a'}");
	expect_ok(fd, "ok/checkpoint/root");
	say(fd, "{'op':'withdraw','id':'none'}");
	expect_error(fd, "not-found", "none");
	assert_int_equal(f.published, 2);
	close(fd);
}

static void test_who_waits_is_answered_when_it_comes_true_or_too_late(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, "{'op':'wait','timeout_ms':0}");
	expect_ok(fd, "ok/waited_ms");
	say(fd, "{'op':'wait','equal':1,'timeout_ms':10}");
	expect_error(fd, "timeout", "0 peers");
	say(fd, "{'op':'wait','vector':'0000000000000000000000000000000000000000000000000000000000"
		"000000','timeout_ms':10}");
	expect_error(fd, "timeout", "abababababababab");
	say(fd, "{'op':'wait','equal':2,'timeout_ms':20000}");
	assert_int_equal(uv_async_send(&f.change), 0);
	/* Two wakings may be one: go on until it is answered. */
	while (recv(fd, &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
		assert_int_equal(uv_async_send(&f.change), 0);
	expect_ok(fd, "ok/vector");
	say(fd, "{'op':'wait'}");
	expect_error(fd, "bad-request", "timeout_ms");
	say(fd, "{'op':'wait','timeout_ms':1,'equal':-1}");
	expect_error(fd, "bad-request", "equal");
	say(fd, "{'op':'wait','timeout_ms':1,'vector':'x'}");
	expect_error(fd, "bad-request", "64");
	say(fd, "{'op':'wait','timeout_ms':1,'more':1}");
	expect_error(fd, "bad-request", "more");
	close(fd);
}

static void test_stopping_answers_who_waits_and_closes(void **state)
{
	int waiting = dial(), idle = dial(), stopping = dial();

	(void)state;
	say(idle, "{'op':'status'}");
	expect_ok(idle, "ok/vector");
	/* What follows is taken in behind the wait, and not begun before the end. */
	say(waiting, "{'op':'wait','equal':9,'timeout_ms':60000}");
	say(waiting, "{'op':'status'}");
	say(stopping, "{'op':'status'}");
	expect_ok(stopping, "ok/vector");
	say(stopping, "{'op':'stop'}");
	expect_ok(stopping, "ok");
	assert_null(hear(stopping));
	assert_null(hear(idle));
	close(waiting);
	close(idle);
	close(stopping);
	assert_int_not_equal(access(f.path, F_OK), 0);
}

static void test_a_client_that_reads_nothing_does_not_keep_others_waiting(void **state)
{
	static char json[64 * 1024];
	int deaf = dial(), other = dial();
	int len;

	(void)state;
	len = snprintf(json, sizeof json,
		       "{'op':'publish-put','items':[{'id':'long','listing':{'title':{'en':'A'},"
		       "'description':{'en':'%060000d'}}}]}",
		       0);
	assert_true(len > 60000 && (size_t)len < sizeof json);
	say(other, "{'op':'publish-begin'}");
	expect_ok(other, "ok/member");
	say(other, json);
	expect_ok(other, "ok/new");
	say(other, "{'op':'publish-end'}");
	expect_ok(other, "ok/checkpoint/root");
	/* Far more than both sides' sockets and we take: the rest is not begun. */
	for (size_t i = 0; i < 100; i++)
		say(deaf, "{'op':'show','member':'nbs','id':'long'}");
	for (size_t i = 0; i < 10; i++) {
		say(other, "{'op':'search'}");
		expect_ok(other, "ok/hits");
	}
	assert_true(uv_async_send(&f.end) == 0);
	assert_null(hear(other));
	/* The deaf one is cut when it has had its time: here, when it goes. */
	close(deaf);
	close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("server", TEST(test_the_socket_is_the_owners_alone),
	  TEST(test_requests_sent_ahead_are_answered_in_order),
	  TEST(test_a_request_may_come_byte_by_byte_and_its_sender_stop_there),
	  TEST(test_a_frame_that_breaks_the_rules_ends_the_connection),
	  TEST(test_connections_beyond_the_limit_wait_their_turn),
	  TEST(test_a_run_ends_with_its_connection), TEST(test_what_is_published_is_told_at_once),
	  TEST(test_what_bundles_bring_is_told),
	  TEST(test_who_waits_is_answered_when_it_comes_true_or_too_late),
	  TEST(test_stopping_answers_who_waits_and_closes),
	  TEST(test_a_client_that_reads_nothing_does_not_keep_others_waiting))
