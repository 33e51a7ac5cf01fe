/* tests/node/asking.h - a node's HTTP server on a store of its own, and a client that sends bytes
 * as they are.  A test includes it, writes publish(), and names set_up and tear_down. */
#ifndef TESTS_NODE_ASKING_H
#define TESTS_NODE_ASKING_H

#include "tests/test.h"

#include <netinet/in.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "node/http.h"
#include "node/http_request.h"
#include "tests/node/scratch.h"

#define SECONDS_MAX 20 /* for an answer; only a hang takes as long */

struct fixture {
	struct scratch scratch;
	struct catalog_store *store;
	struct node_control *control;
	struct node_session *session;
	struct node_log *log;
	struct node_http *http;
	uint64_t request_ms; /* how long one may take; 0: as long as usual */
	struct node_error error;
	char answer[512 * 1024]; /* the last one, as it came */
	const char *body;        /* in it */
	unsigned status;
};

static struct fixture f;

static inline struct catalog_value *control(const char *json)
{
	struct catalog_value *request = scratch_value(json), *answer = NULL;

	if (node_control_handle(f.session, request, &answer, &f.error) != 0)
		fail_msg("%s: %s", json, f.error.text);
	catalog_value_free(request);
	return answer;
}

static inline void do_control(const char *json)
{
	struct catalog_value *answer = control(json);

	if (catalog_value_count(scratch_at(answer, "rejected")) > 0)
		fail_msg("%s: %s: found %s", json, scratch_text(answer, "rejected/0/path"),
			 scratch_text(answer, "rejected/0/found"));
	catalog_value_free(answer);
}

/* What the test wants to be there before HTTP answers. */
static void publish(void);

static inline int set_up(void **state)
{
	static const struct node_config_address listen = {.host = "127.0.0.1"};
	struct node_control_options options = {0};
	struct node_http_options http = {.listen = &listen, .threads = 2, .connections = 16};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	scratch_make(&f.scratch);
	assert_int_equal(node_datadir_store(f.scratch.dir, &f.store, &f.error), 0);
	options = (struct node_control_options){
		.store = f.store,
		.charter = f.scratch.charter,
		.member = catalog_charter_member(f.scratch.charter, SCRATCH_NBS),
		.secret = &f.scratch.nbs};
	assert_int_equal(node_control_new(&options, &f.control), 0);
	assert_int_equal(node_control_session_new(f.control, &f.session), 0);
	assert_true(null >= 0);
	assert_int_equal(node_log_new(null, NODE_CONFIG_DEBUG, &f.log), 0);
	publish();
	http.control = f.control;
	http.store = f.store;
	http.charter = f.scratch.charter;
	http.log = f.log;
	http.request_ms = f.request_ms;
	if (node_http_open(&http, &f.http, &f.error) != 0)
		fail_msg("%s", f.error.text);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	node_http_close(f.http);
	node_control_session_free(f.session);
	node_control_free(f.control);
	node_log_free(f.log);
	catalog_store_close(f.store);
	scratch_drop(&f.scratch);
	return 0;
}

/* --- talking ------------------------------------------------------------------------------- */

static inline int connect_to_it(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(node_http_address(f.http)->port),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct timeval patience = {.tv_sec = SECONDS_MAX};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Send bytes as they are and take in all until the server closes: so it must. */
static inline void send_raw(const char *bytes)
{
	size_t len = 0, to_send = strlen(bytes), sent = 0;
	int fd = connect_to_it();

	while (sent < to_send) {
		ssize_t n = send(fd, bytes + sent, to_send - sent, MSG_NOSIGNAL);

		if (n <= 0)
			break; /* refused before all was sent: the answer tells */
		sent += (size_t)n;
	}
	for (;;) {
		ssize_t n = recv(fd, f.answer + len, sizeof f.answer - 1 - len, 0);

		if (n < 0 && errno == ECONNRESET)
			break;
		if (n < 0)
			fail_msg("no answer, or the connection stays open: %.200s", bytes);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	f.answer[len] = '\0';
	f.status = 0;
	if (len >= 12 && strncmp(f.answer, "HTTP/1.", 7) == 0)
		f.status = (unsigned)strtoul(f.answer + 9, NULL, 10);
	f.body = strstr(f.answer, "\r\n\r\n");
	f.body = f.body != NULL ? f.body + 4 : "";
}

static inline void ask_with(const char *method, const char *target, const char *headers)
{
	static char request[32 * 1024];
	int n = snprintf(request, sizeof request,
			 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", method,
			 target, headers);

	assert_true(n > 0 && (size_t)n < sizeof request);
	send_raw(request);
}

static inline void get(const char *target)
{
	ask_with("GET", target, "");
}

static inline bool has_header(const char *line)
{
	const char *at = strstr(f.answer, "\r\n");

	while (at != NULL && at + 4 < f.body) {
		at += 2;
		if (strncasecmp(at, line, strlen(line)) == 0)
			return true;
		at = strstr(at, "\r\n");
	}
	return false;
}

static inline void expect(unsigned status, const char *header)
{
	if (f.status != status)
		fail_msg("%u instead of %u: %.400s", f.status, status, f.answer);
	if (header != NULL && !has_header(header))
		fail_msg("no header \"%s\": %.600s", header, f.answer);
}

static inline struct catalog_value *json(void)
{
	struct catalog_value *value = NULL;
	struct catalog_json_error error;

	if (catalog_json_read((struct catalog_span){(const uint8_t *)f.body, strlen(f.body)},
			      &value, &error) != 0)
		fail_msg("%s: %.200s", error.text, f.body);
	return value;
}

/* An answer that is problem details of this status, whose detail has these words. */
static inline void expect_problem(unsigned status, const char *words)
{
	struct catalog_value *problem;

	expect(status, "Content-Type: application/problem+json");
	problem = json();
	assert_int_equal(scratch_int(problem, "status"), status);
	assert_string_equal(scratch_text(problem, "type"), "about:blank");
	assert_true(scratch_text(problem, "title")[0] != '\0');
	if (strstr(scratch_text(problem, "detail"), words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", scratch_text(problem, "detail"), words);
	catalog_value_free(problem);
}

static inline void expect_text(const char *text)
{
	if (strstr(f.body, text) == NULL)
		fail_msg("no \"%s\" in %.3000s", text, f.body);
}

static inline void expect_no_text(const char *text)
{
	if (strstr(f.body, text) != NULL)
		fail_msg("\"%s\" in %s", text, f.body);
}

#endif
