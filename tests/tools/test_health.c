#include "tests/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/json.h"
#include "node/control.h"
#include "node/reply.h"
#include "tools/command_health.h"

#define OUT_BYTES 4096

static char dir[] = "/tmp/test_health.XXXXXX";
static char out[OUT_BYTES];
static pid_t fake; /* in fedcatd's place; 0: none */

static void socket_path(struct sockaddr_un *ret_address)
{
	memset(ret_address, 0, sizeof *ret_address);
	ret_address->sun_family = AF_UNIX;
	(void)snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "%s/control.sock",
		       dir); /* it fits */
}

/* Whether what is asked of a disk is there; else nothing here would be as it should. */
static bool has_room(void)
{
	struct statvfs disk;

	return statvfs("/tmp", &disk) == 0 &&
	       (uint64_t)disk.f_bavail * disk.f_frsize >= TOOLS_COMMAND_HEALTH_DISK_WORSE;
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/test_health.XXXXXX"); /* the same length */
	fake = 0;
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	struct sockaddr_un address;

	(void)state;
	if (fake > 0) {
		(void)kill(fake, SIGKILL); /* it may have ended */
		(void)waitpid(fake, NULL, 0);
	}
	socket_path(&address);
	(void)unlink(address.sun_path); /* some tests have none */
	return rmdir(dir);
}

/* Answer the next request with this status; NULL: with nothing, ever. */
static void pretend(const char *status)
{
	struct catalog_buffer frame = {0};
	struct sockaddr_un address;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(listener >= 0);
	socket_path(&address);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 1), 0);
	if (status != NULL) {
		struct catalog_json_error error;
		struct catalog_value *answer, *reply;
		struct node_error none = {""};

		assert_int_equal(catalog_json_read((struct catalog_span){(const uint8_t *)status,
									 strlen(status)},
						   &answer, &error),
				 0);
		reply = node_reply_make(0, answer, &none);
		assert_non_null(reply);
		assert_int_equal(node_reply_frame(reply, NODE_CONTROL_REPLY_MAX, &frame), 0);
		catalog_value_free(reply);
	}
	fake = fork();
	assert_true(fake >= 0);
	if (fake == 0) {
		int client = accept(listener, NULL, NULL);
		char request[512];

		if (client < 0 || read(client, request, sizeof request) <= 0)
			_exit(1);
		if (frame.len == 0)
			(void)pause(); /* until it is killed */
		_exit(write(client, frame.bytes, frame.len) == (ssize_t)frame.len ? 0 : 1);
	}
	(void)close(listener); /* the child's */
	catalog_buffer_close(&frame);
}

/* Run fedcat health in a process of its own, since it may end it; what it says is in out.
 * Returns its exit status. */
static int health(const char *flag)
{
	int pipes[2], status;
	ssize_t len = 0, n;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	(void)fflush(stdout); /* else the child says it again */
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char command[] = "health", dir_flag[64], flag_copy[64];
		char *args[] = {command, dir_flag, flag_copy};
		struct tools_call call;
		struct node_error error;

		(void)snprintf(dir_flag, sizeof dir_flag, "--dir=%s", dir);
		(void)snprintf(flag_copy, sizeof flag_copy, "%s", flag != NULL ? flag : "");
		(void)dup2(pipes[1], STDOUT_FILENO);
		if (tools_call_parse(flag != NULL ? 3 : 2, args, &call, &error) != 0)
			_exit(99);
		status = tools_command_health_run(&call);
		(void)fflush(stdout);
		_exit(status);
	}
	(void)close(pipes[1]);
	while ((n = read(pipes[0], out + len, sizeof out - 1 - (size_t)len)) > 0)
		len += n;
	out[len] = '\0';
	(void)close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define MEMBER(name, state, current, old)                                                          \
	"{\"name\":\"" name "\",\"state\":\"" state "\",\"current\":" current ",\"old\":" old "}"
#define NBS  MEMBER("nbs", "complete", "\"2026-01-01T00:00:00Z\"", "false")
#define UNI  MEMBER("uni", "complete", "\"2026-01-01T00:00:00Z\"", "false")
#define PEER "{\"greeted\":true}"
#define STATUS(uptime, members, peers)                                                             \
	"{\"member\":\"nbs\",\"uptime_s\":" uptime ",\"members\":[" members "],\"peers\":[" peers  \
	"],\"signing\":{\"confirmed\":true}}"

static void test_without_fedcatd_it_is_unhealthy(void **state)
{
	(void)state;
	assert_int_equal(health(NULL), 1);
	assert_non_null(strstr(out, "unhealthy: no fedcatd runs"));
	assert_int_equal(health("--json"), 1);
	assert_non_null(strstr(out, "\"health\":\"unhealthy\""));
}

static void test_a_fedcatd_that_hangs_is_unhealthy(void **state)
{
	(void)state;
	pretend(NULL);
	assert_int_equal(health("--timeout=1"), 1);
	assert_string_equal(out, "unhealthy: fedcatd does not answer in time\n");
}

static void test_all_well_is_one_line(void **state)
{
	(void)state;
	if (!has_room())
		skip();
	pretend(STATUS("500", NBS "," UNI, PEER));
	assert_int_equal(health("--strict"), 0);
	assert_int_equal(strncmp(out, "ok: ", 4), 0);
	assert_non_null(strstr(out, "2 logs complete"));
	assert_non_null(strstr(out, "1 nodes linked"));
	assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

/* Each of these is degraded, with these words. */
static void test_what_wants_daylight_is_degraded(void **state)
{
	static const struct {
		const char *status, *words;
	} rows[] = {
		{STATUS("500", NBS "," UNI, ""), "no other node is linked"},
		{STATUS("500",
			NBS "," MEMBER("uni", "complete", "\"2025-01-01T00:00:00Z\"", "true"),
			PEER),
		 "not heard of for two days: uni"},
		{STATUS("500", NBS "," MEMBER("uni", "forked", "null", "false"), PEER),
		 "marked as forked or broken: uni"},
		{STATUS("500", MEMBER("nbs", "forked", "null", "false") "," UNI, PEER),
		 "this member's own log"},
		{STATUS("500",
			NBS "," MEMBER("uni", "complete", "\"9000-01-01T00:00:00Z\"", "false"),
			PEER),
		 "in what this machine takes for the future: uni"},
		{"{\"member\":\"nbs\",\"uptime_s\":500,\"members\":[" NBS "," UNI
		 "],\"peers\":[" PEER "],\"signing\":{\"confirmed\":false,\"answered\":1,"
		 "\"needed\":3}}",
		 "1 of 3 members have answered"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(tear_down(NULL), 0);
		assert_int_equal(set_up(NULL), 0);
		pretend(rows[i].status);
		assert_int_equal(health(i % 2 == 0 ? "--strict" : NULL), i % 2 == 0 ? 1 : 0);
		assert_int_equal(strncmp(out, "degraded: ", 10), 0);
		assert_non_null(strstr(out, rows[i].words));
	}
}

static void test_a_node_that_starts_is_given_time(void **state)
{
	(void)state;
	if (!has_room())
		skip();
	pretend(STATUS("5", NBS "," UNI, ""));
	assert_int_equal(health("--strict"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("tools/command_health", TEST(test_without_fedcatd_it_is_unhealthy),
	  TEST(test_a_fedcatd_that_hangs_is_unhealthy), TEST(test_all_well_is_one_line),
	  TEST(test_what_wants_daylight_is_degraded), TEST(test_a_node_that_starts_is_given_time))
