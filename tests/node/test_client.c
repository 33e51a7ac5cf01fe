#include "tests/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "node/client.h"
#include "node/reply.h"
#include "tests/node/scratch.h"

struct rejection {
	char id[256], path[160];
	unsigned count;
};

struct fixture {
	struct scratch scratch;
	struct node_client *client;
	struct rejection rejection;
	struct node_error error;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof f);
	scratch_make(&f.scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	node_client_close(f.client);
	scratch_drop(&f.scratch);
	return 0;
}

static void note_rejection(void *arg, const char *id, const char *path, const char *found,
			   const char *expected)
{
	struct rejection *rejection = arg;

	assert_non_null(found);
	assert_non_null(expected);
	snprintf(rejection->id, sizeof rejection->id, "%.255s", id);
	snprintf(rejection->path, sizeof rejection->path, "%.159s", path);
	rejection->count++;
}

static void open_client(void)
{
	if (node_client_open(f.scratch.dir, &f.client, &f.error) != 0)
		fail_msg("%s", f.error.text);
	node_client_on_rejected(f.client, note_rejection, &f.rejection);
}

static struct catalog_value *ask(const char *json)
{
	struct catalog_value *answer = NULL;

	if (node_client_call(f.client, scratch_value(json), &answer, &f.error) != 0)
		fail_msg("%s: %s", json, f.error.text);
	return answer;
}

static int call(const char *json)
{
	struct catalog_value *answer = NULL;
	int r = node_client_call(f.client, scratch_value(json), &answer, &f.error);

	catalog_value_free(answer);
	return r;
}

static int put(const char *id, const char *listing_json)
{
	struct catalog_value *listing = scratch_value(listing_json);
	int r = node_client_put(f.client, id, listing, &f.error);

	catalog_value_free(listing);
	return r;
}

/* --- without fedcatd ------------------------------------------------------------------------ */

static void test_without_fedcatd_the_client_answers_itself(void **state)
{
	struct catalog_value *answer;

	(void)state;
	open_client();
	assert_false(node_client_running(f.client));
	answer = ask("{'op':'status'}");
	assert_string_equal(scratch_text(answer, "member"), "nbs");
	assert_true(scratch_null(answer, "uptime_s"));
	catalog_value_free(answer);
	assert_int_equal(call("{'op':'stop'}"), -ENOENT);
	assert_int_equal(call("{'op':'dance'}"), -EINVAL);
	assert_int_equal(node_client_call(f.client, NULL, &answer, &f.error), -ENOMEM);
}

static void test_what_is_put_is_there_after_the_end(void **state)
{
	const struct node_client_counts *counts;
	struct catalog_value *answer;
	char id[20];

	(void)state;
	open_client();
	assert_int_equal(call("{'op':'publish-begin','withdraw_missing':true}"), 0);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(id, sizeof id, "d%u", i);
		assert_int_equal(put(id, "{'title':{'en':'A dataset among many'},'keyword':{'en':"
					 "['one','two','three','four','five','six','seven']}}"),
				 0);
	}
	assert_int_equal(put("bad", "{'title':7}"), 0);
	assert_int_equal(put("no id", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(node_client_reject(f.client, "gone", &f.error), 0);
	assert_int_equal(node_client_reject(f.client, "no id", &f.error), 0);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "live"), 3000);
	catalog_value_free(answer);
	counts = node_client_counts(f.client);
	assert_int_equal(counts->created, 3000);
	assert_int_equal(counts->changed, 0);
	assert_int_equal(counts->unchanged, 0);
	assert_int_equal(counts->rejected, 2);
	assert_int_equal(f.rejection.count, 2);
	assert_string_equal(f.rejection.id, "bad"); /* told when its request was answered */
	assert_string_equal(f.rejection.path, "/title");
	/* And after it was closed. */
	node_client_close(f.client);
	open_client();
	answer = ask("{'op':'status'}");
	assert_int_equal(scratch_int(answer, "listings"), 3000);
	catalog_value_free(answer);
}

static void test_a_run_counts_from_its_beginning(void **state)
{
	(void)state;
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(put("a", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(node_client_counts(f.client)->created, 0);
	assert_int_equal(put("a", "{'title':{'en':'A'}}"), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(node_client_counts(f.client)->unchanged, 1);
}

/* A listing of depth levels, the outermost one included. */
static struct catalog_value *nested(unsigned levels)
{
	struct catalog_value *inner = scratch_value("{}");

	for (unsigned i = 2; i < levels; i++) {
		struct catalog_value *outer = scratch_value("{}");

		assert_int_equal(catalog_value_set(outer, "in", inner), 0);
		inner = outer;
	}
	{
		struct catalog_value *listing = scratch_value("{'title':{'en':'Deep'}}");

		assert_int_equal(catalog_value_set(listing, "extra", inner), 0);
		return listing;
	}
}

static void test_a_listing_too_deep_or_too_long_is_rejected_alone(void **state)
{
	struct catalog_value *listing = nested(CATALOG_VALUE_DEPTH_MAX), *answer;
	char *text = malloc(700000);

	(void)state;
	assert_non_null(text);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(node_client_put(f.client, "deep", listing, &f.error), 0);
	assert_int_equal(f.rejection.count, 1);
	assert_string_equal(f.rejection.id, "deep");
	catalog_value_free(listing);
	memset(text, 'x', 700000);
	listing = scratch_value("{'title':{'en':'Long'}}");
	assert_int_equal(
		catalog_value_set(listing, "license", catalog_value_new_string_n(text, 700000)), 0);
	assert_int_equal(node_client_put(f.client, "long", listing, &f.error), 0);
	assert_int_equal(f.rejection.count, 2);
	assert_int_equal(
		catalog_value_set(listing, "license", catalog_value_new_string_n(text, 300000)), 0);
	assert_int_equal(node_client_put(f.client, "longish", listing, &f.error), 0);
	catalog_value_free(listing);
	free(text);
	assert_int_equal(put("good", "{'title':{'en':'Good'}}"), 0);
	answer = ask("{'op':'publish-end'}");
	assert_int_equal(scratch_int(answer, "live"), 1);
	catalog_value_free(answer);
	assert_int_equal(f.rejection.count, 3);
	assert_string_equal(f.rejection.id, "longish");
}

static void test_a_directory_that_is_no_node_is_told(void **state)
{
	char path[NODE_DATADIR_PATH_BYTES + 10];
	struct node_client *client = NULL;

	(void)state;
	snprintf(path, sizeof path, "%s/none", f.scratch.dir);
	assert_int_equal(node_client_open(path, &client, &f.error), -ENOENT);
	assert_non_null(strstr(f.error.text, "fedcat init"));
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(node_client_open(path, &client, &f.error), -ENAMETOOLONG);
	assert_null(client);
}

static void test_a_directory_that_is_in_use_is_told(void **state)
{
	struct node_client *client = NULL;
	char who[40];

	(void)state;
	open_client();
	assert_int_equal(node_client_open(f.scratch.dir, &client, &f.error), -EBUSY);
	snprintf(who, sizeof who, "process %ld", (long)getpid());
	assert_non_null(strstr(f.error.text, who));
}

static void test_without_a_key_the_client_reads(void **state)
{
	char path[NODE_DATADIR_PATH_BYTES];

	(void)state;
	assert_int_equal(node_datadir_path(f.scratch.dir, NODE_DATADIR_KEY, path, &f.error), 0);
	assert_int_equal(unlink(path), 0);
	open_client();
	assert_int_equal(call("{'op':'status'}"), 0);
	assert_int_equal(call("{'op':'publish-begin'}"), -ENOKEY);
}

/* --- with a fedcatd of our own making -------------------------------------------------------- */

/* One connection is served on a thread.  answer gives the reply, or NULL to hang up. */
struct server {
	int listening;
	pthread_t thread;
	struct catalog_value *(*answer)(struct server *server, const struct catalog_value *request);
	unsigned requests,
		held_max; /* how many put requests are held back before one is answered */
	unsigned calls;
	struct catalog_value *held[NODE_CONTROL_WINDOW];
	unsigned held_count;
	struct node_session *session;
};

static bool read_all(int fd, uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, bytes, len, 0);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static struct catalog_value *read_request(int fd)
{
	struct catalog_value *request = NULL;
	uint8_t header[NODE_CONTROL_HEADER_BYTES], *bytes;
	size_t len = 0;

	if (!read_all(fd, header, sizeof header))
		return NULL;
	for (unsigned i = 0; i < sizeof header; i++)
		len = len << 8 | header[i];
	bytes = malloc(len + 1);
	if (bytes != NULL && len <= NODE_CONTROL_REQUEST_MAX && read_all(fd, bytes, len))
		(void)catalog_value_decode((struct catalog_span){bytes, len}, &request);
	free(bytes);
	return request;
}

/* Answer a request; returns whether to go on. */
static bool reply_to(struct server *server, int fd, const struct catalog_value *request)
{
	struct catalog_value *reply = server->answer(server, request);
	struct catalog_buffer frame = {0};
	bool sent;

	if (reply == NULL)
		return false;
	sent = node_reply_frame(reply, NODE_CONTROL_REPLY_MAX, &frame) == 0 &&
	       send(fd, frame.bytes, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len;
	catalog_buffer_close(&frame);
	catalog_value_free(reply);
	return sent;
}

/* Answer what is held back, the oldest first, until so many are left. */
static bool let_go(struct server *server, int fd, unsigned left)
{
	bool go_on = true;

	while (server->held_count > left) {
		go_on = go_on && reply_to(server, fd, server->held[0]);
		catalog_value_free(server->held[0]);
		server->held_count--;
		memmove(server->held, server->held + 1,
			server->held_count * sizeof server->held[0]);
	}
	return go_on;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	struct catalog_value *request;
	int fd = accept(server->listening, NULL, NULL);
	bool go_on = fd >= 0;

	while (go_on && (request = read_request(fd)) != NULL) {
		const char *op = catalog_value_text(catalog_value_get(request, "op"));

		server->requests++;
		if (strncmp(op, "publish-put", 11) == 0) {
			server->held[server->held_count++] = request;
			go_on = let_go(server, fd, server->held_max);
			continue;
		}
		/* A call comes when all before it is settled. */
		go_on = let_go(server, fd, 0) && reply_to(server, fd, request);
		catalog_value_free(request);
	}
	(void)let_go(server, -1, 0); /* whoever waits has gone */
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void start(struct server *server, const char *dir)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int dir_fd = open(dir, O_PATH | O_DIRECTORY);

	assert_true(dir_fd >= 0);
	server->listening = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(server->listening >= 0);
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir_fd,
		 NODE_DATADIR_CONTROL); /* dir may be too long for it */
	assert_int_equal(bind(server->listening, (struct sockaddr *)&address, sizeof address), 0);
	close(dir_fd);
	assert_int_equal(listen(server->listening, 5), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The client hangs up first. */
static void stop(struct server *server)
{
	node_client_close(f.client);
	f.client = NULL;
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	close(server->listening);
}

/* Knows nothing, and says what came: how many items or ids. */
static struct catalog_value *count_items(struct server *server, const struct catalog_value *request)
{
	char json[100];

	server->calls++;
	snprintf(json, sizeof json, "{'ok':{'new':%zu,'ids':%zu}}",
		 catalog_value_count(catalog_value_get(request, "items")),
		 catalog_value_count(catalog_value_get(request, "ids")));
	return scratch_value(json);
}

static void put_many(unsigned count)
{
	static char text[60000];
	struct catalog_value *listing = scratch_value("{'title':{'en':'Large'}}");
	char id[20];

	memset(text, 'x', sizeof text);
	assert_int_equal(catalog_value_set(listing, "license",
					   catalog_value_new_string_n(text, sizeof text)),
			 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(id, sizeof id, "d%u", i);
		assert_int_equal(node_client_put(f.client, id, listing, &f.error), 0);
	}
	catalog_value_free(listing);
}

static void test_a_running_fedcatd_is_asked(void **state)
{
	struct server server = {.answer = count_items};
	struct catalog_value *answer;

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_true(node_client_running(f.client));
	answer = ask("{'op':'status'}");
	assert_int_equal(scratch_int(answer, "new"), 0);
	catalog_value_free(answer);
	stop(&server);
	assert_int_equal(server.requests, 1);
}

static void test_a_window_of_requests_goes_ahead_of_its_replies(void **state)
{
	/* With one fewer in the window this would wait for ever. */
	struct server server = {.answer = count_items, .held_max = NODE_CONTROL_WINDOW - 1};

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	put_many(60);
	assert_int_equal(node_client_reject(f.client, "gone", &f.error), 0);
	/* The server answers the rest when it sees that there is no more. */
	stop(&server);
	assert_true(server.requests > NODE_CONTROL_WINDOW);
}

static void test_all_is_settled_before_a_call(void **state)
{
	struct server server = {.answer = count_items};

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	put_many(60);
	assert_int_equal(node_client_reject(f.client, "gone", &f.error), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(node_client_counts(f.client)->created, 60);
	stop(&server);
}

/* The first put is answered with an error, the others with what follows from it. */
static struct catalog_value *fill_the_disk(struct server *server,
					   const struct catalog_value *request)
{
	struct node_error error = {"no run"};

	if (strcmp(catalog_value_text(catalog_value_get(request, "op")), "publish-put") != 0)
		return scratch_value("{'ok':{}}");
	if (server->calls++ == 0) {
		snprintf(error.text, sizeof error.text, "the disk is full");
		return node_reply_make(-ENOSPC, NULL, &error);
	}
	return node_reply_make(-EINVAL, NULL, &error);
}

static void test_the_first_error_of_a_run_is_the_one_that_is_told(void **state)
{
	struct server server = {.answer = fill_the_disk};
	struct catalog_value *listing = scratch_value("{'title':{'en':'A'}}");
	char id[20];
	int r = 0;

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	for (unsigned i = 0; r == 0 && i < 1000000; i++) {
		snprintf(id, sizeof id, "d%u", i);
		r = node_client_put(f.client, id, listing, &f.error);
	}
	catalog_value_free(listing);
	assert_int_equal(r, -ENOSPC);
	assert_string_equal(f.error.text, "the disk is full");
	assert_int_equal(call("{'op':'status'}"), 0); /* the connection is still good */
	stop(&server);
}

static struct catalog_value *die_at_once(struct server *server, const struct catalog_value *request)
{
	(void)request; /* whatever it is */
	return server->calls++ == 0 ? scratch_value("{'ok':{}}") : NULL;
}

static void test_a_server_that_dies_is_told(void **state)
{
	struct server server = {.answer = die_at_once};
	struct catalog_value *listing = scratch_value("{'title':{'en':'A'}}");
	char id[20];
	int r = 0;

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	for (unsigned i = 0; r == 0 && i < 1000000; i++) {
		snprintf(id, sizeof id, "d%u", i);
		r = node_client_put(f.client, id, listing, &f.error);
	}
	catalog_value_free(listing);
	assert_int_equal(r, -EPIPE);
	assert_non_null(strstr(f.error.text, "went away"));
	assert_int_equal(call("{'op':'publish-end'}"), -EPIPE);
	stop(&server);
}

/* Acknowledges 700 as kept, and then 1,400, and dies. */
static struct catalog_value *keep_and_die(struct server *server,
					  const struct catalog_value *request)
{
	(void)request; /* whatever it is */
	switch (server->calls++) {
	case 0: return scratch_value("{'ok':{}}");
	case 1: return scratch_value("{'ok':{'new':900,'kept':700}}");
	case 2: return scratch_value("{'ok':{'new':900,'kept':1400}}");
	default: return NULL;
	}
}

static void test_what_a_server_that_dies_has_kept_is_known(void **state)
{
	struct server server = {.answer = keep_and_die};
	struct catalog_value *listing = scratch_value("{'title':{'en':'A'}}");
	char id[20];
	int r = 0;

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(node_client_counts(f.client)->kept, 0);
	for (unsigned i = 0; r == 0 && i < 1000000; i++) {
		snprintf(id, sizeof id, "k%u", i);
		r = node_client_put(f.client, id, listing, &f.error);
	}
	catalog_value_free(listing);
	assert_int_equal(r, -EPIPE);
	assert_int_equal(node_client_counts(f.client)->kept, 1400);
	stop(&server);
}

static struct catalog_value *make_no_sense(struct server *server,
					   const struct catalog_value *request)
{
	(void)request; /* whatever it is */
	(void)server;  /* nothing to note */
	return scratch_value("{'fine':{}}");
}

static void test_a_server_of_another_kind_is_told(void **state)
{
	struct server server = {.answer = make_no_sense};

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'status'}"), -EPROTO);
	assert_non_null(strstr(f.error.text, "same version"));
	stop(&server);
}

static void test_a_request_that_is_too_long_is_not_sent(void **state)
{
	struct server server = {.answer = count_items};
	struct catalog_value *request = scratch_value("{'op':'search'}"), *answer = NULL;
	char *text = calloc(1, NODE_CONTROL_REQUEST_MAX);

	(void)state;
	assert_non_null(text);
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(
		catalog_value_set(request, "text",
				  catalog_value_new_string_n(text, NODE_CONTROL_REQUEST_MAX)),
		0);
	free(text);
	assert_int_equal(node_client_call(f.client, request, &answer, &f.error), -E2BIG);
	assert_int_equal(call("{'op':'status'}"), 0);
	stop(&server);
	assert_int_equal(server.requests, 1);
}

static void test_a_socket_that_nobody_serves_is_no_fedcatd(void **state)
{
	struct server server = {.answer = count_items};

	(void)state;
	start(&server, f.scratch.dir);
	open_client();
	stop(&server); /* the file stays, as after kill -9 */
	open_client();
	assert_false(node_client_running(f.client));
	assert_int_equal(call("{'op':'status'}"), 0);
}

static void test_a_path_too_long_for_a_socket_is_found(void **state)
{
	struct server server = {.answer = count_items};
	char dir[300];

	(void)state;
	snprintf(dir, sizeof dir, "%s/%0200d", f.scratch.dir, 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	start(&server, dir);
	assert_int_equal(node_client_open(dir, &f.client, &f.error), 0);
	assert_true(node_client_running(f.client));
	assert_int_equal(call("{'op':'status'}"), 0);
	stop(&server);
}

/* The answers of a real control, over the socket. */
static struct catalog_value *answer_truly(struct server *server,
					  const struct catalog_value *request)
{
	struct catalog_value *answer = NULL;
	struct node_error error;
	int r = node_control_handle(server->session, request, &answer, &error);

	return node_reply_make(r, answer, &error);
}

static void test_both_ways_give_the_same(void **state)
{
	struct node_control_options options = {.charter = f.scratch.charter,
					       .secret = &f.scratch.nbs};
	struct server server = {.answer = answer_truly};
	struct catalog_value *there, *here;
	struct node_control *control;
	struct catalog_store *store;

	(void)state;
	assert_int_equal(node_datadir_store(f.scratch.dir, &store, &f.error), 0);
	options.store = store;
	options.member = catalog_charter_member_named(f.scratch.charter, "nbs");
	assert_int_equal(node_control_new(&options, &control), 0);
	assert_int_equal(node_control_session_new(control, &server.session), 0);
	start(&server, f.scratch.dir);
	open_client();
	assert_int_equal(call("{'op':'publish-begin'}"), 0);
	assert_int_equal(put("rice", "{'title':{'en':'Rice'}}"), 0);
	assert_int_equal(put("bad", "{'title':7}"), 0);
	assert_int_equal(call("{'op':'publish-end'}"), 0);
	assert_int_equal(node_client_counts(f.client)->created, 1);
	assert_int_equal(f.rejection.count, 1);
	assert_string_equal(f.rejection.path, "/title");
	assert_int_equal(call("{'op':'show','member':'nbs','id':'bad'}"), -ENOENT);
	there = ask("{'op':'show','member':'nbs','id':'rice'}");
	stop(&server);
	node_control_session_free(server.session);
	node_control_free(control);
	catalog_store_close(store);

	open_client();
	assert_false(node_client_running(f.client));
	here = ask("{'op':'show','member':'nbs','id':'rice'}");
	assert_true(catalog_value_equal(here, there));
	catalog_value_free(here);
	catalog_value_free(there);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/client", TEST(test_without_fedcatd_the_client_answers_itself),
	  TEST(test_what_is_put_is_there_after_the_end), TEST(test_a_run_counts_from_its_beginning),
	  TEST(test_a_listing_too_deep_or_too_long_is_rejected_alone),
	  TEST(test_a_directory_that_is_no_node_is_told),
	  TEST(test_a_directory_that_is_in_use_is_told), TEST(test_without_a_key_the_client_reads),
	  TEST(test_a_running_fedcatd_is_asked),
	  TEST(test_a_window_of_requests_goes_ahead_of_its_replies),
	  TEST(test_all_is_settled_before_a_call),
	  TEST(test_the_first_error_of_a_run_is_the_one_that_is_told),
	  TEST(test_a_server_that_dies_is_told),
	  TEST(test_what_a_server_that_dies_has_kept_is_known),
	  TEST(test_a_server_of_another_kind_is_told),
	  TEST(test_a_request_that_is_too_long_is_not_sent),
	  TEST(test_a_socket_that_nobody_serves_is_no_fedcatd),
	  TEST(test_a_path_too_long_for_a_socket_is_found), TEST(test_both_ways_give_the_same))
