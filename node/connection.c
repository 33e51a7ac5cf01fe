/* node/connection.c - a request goes through: bytes gathered -> decoded (a reading job) -> its turn
 * comes -> handled (a reading or a writing job, or the loop itself) -> the reply is written.  What
 * is slow happens on workers; the loop only moves requests from one step to the next, in advance(),
 * which stands after every event of a connection. */
#include "node/connection.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/log.h"
#include "node/bundle.h"
#include "node/request.h"
#include "node/waiting.h"

enum request_state {
	REQUEST_DECODING,
	REQUEST_READY,    /* waits for its turn */
	REQUEST_HANDLING, /* on a worker */
	REQUEST_WAITING,  /* for what it wants to come true, or for its time to be over */
};

struct request {
	struct node_jobs_job job;
	struct node_connection *connection;
	struct request *next;
	enum request_state state;
	struct node_request it;
	struct node_waiting waiting;
	size_t witnesses;  /* that it waits for; 0: it waits for something else */
	uint64_t own_size; /* of our own log, afterwards; UINT64_MAX: not looked at */
};

struct node_connection {
	uv_pipe_t pipe;
	uv_timer_t timer; /* of a request that waits */
	struct node_connection_shared *shared;
	struct node_session *session;
	struct node_jobs_job ending; /* ends the session, on the writer */
	struct catalog_buffer in;    /* of a frame that has not come whole, and what follows */
	struct request *first, *last;
	size_t count; /* of requests */
	size_t unsent;
	bool reading, ended; /* ended: nothing more comes from the client */
	bool closing;
	unsigned handles, writes;
};

struct write {
	uv_write_t req;
	struct node_connection *connection;
	struct catalog_buffer bytes;
};

static void advance(struct node_connection *connection);

static void free_request(struct request *request)
{
	node_request_close(&request->it);
	free(request);
}

/* --- a connection ends ------------------------------------------------------------------ */

static void free_connection(struct node_connection *connection)
{
	struct node_connection_shared *shared = connection->shared;

	shared->ended(shared->server, connection);
	catalog_buffer_close(&connection->in);
	free(connection);
}

static void run_ending(void *arg)
{
	struct node_connection *connection = arg;

	node_control_session_free(connection->session);
}

static void ending_done(void *arg)
{
	free_connection(arg);
}

/* When nothing of it is under way any more: drop its requests, end its session. */
static void finish_connection(struct node_connection *connection)
{
	if (!connection->closing || connection->handles > 0 || connection->writes > 0)
		return;
	for (struct request *request = connection->first; request != NULL;
	     request = request->next) {
		if (request->state == REQUEST_DECODING || request->state == REQUEST_HANDLING)
			return; /* comes here again */
	}
	while (connection->first != NULL) {
		struct request *request = connection->first;

		connection->first = request->next;
		free_request(request);
	}
	if (connection->session == NULL) {
		free_connection(connection);
		return;
	}
	connection->ending.run = run_ending;
	connection->ending.done = ending_done;
	connection->ending.arg = connection;
	node_jobs_add(connection->shared->jobs, NODE_JOBS_WRITE, &connection->ending);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct node_connection *connection = handle->data;

	connection->handles--;
	finish_connection(connection);
}

static void close_connection(struct node_connection *connection)
{
	if (connection->closing)
		return;
	connection->closing = true;
	uv_close((uv_handle_t *)&connection->pipe, on_handle_closed);
	uv_close((uv_handle_t *)&connection->timer, on_handle_closed);
}

/* --- replies ---------------------------------------------------------------------------- */

static void on_written(uv_write_t *req, int status)
{
	struct write *write = (struct write *)(void *)req;
	struct node_connection *connection = write->connection;

	connection->unsent -= write->bytes.len;
	connection->writes--;
	catalog_buffer_close(&write->bytes);
	free(write);
	if (connection->closing) {
		finish_connection(connection);
		return;
	}
	if (status != 0)
		close_connection(connection); /* the client went away */
	else
		advance(connection);
}

/* Write the first request's reply, and be done with it. */
static void reply(struct node_connection *connection)
{
	struct request *request = connection->first;
	struct write *write = NULL;
	uv_buf_t buf;

	connection->first = request->next;
	if (connection->first == NULL)
		connection->last = NULL;
	connection->count--;
	if (!connection->closing && request->it.reply.len > 0)
		write = calloc(1, sizeof *write);
	if (write != NULL) {
		write->connection = connection;
		write->bytes = request->it.reply;
		request->it.reply = (struct catalog_buffer){0};
		buf = uv_buf_init((char *)write->bytes.bytes, (unsigned)write->bytes.len);
		connection->unsent += write->bytes.len;
		connection->writes++;
		if (uv_write(&write->req, (uv_stream_t *)&connection->pipe, &buf, 1, on_written) !=
		    0) {
			connection->writes--;
			catalog_buffer_close(&write->bytes);
			free(write);
			write = NULL;
		}
	}
	free_request(request);
	if (write == NULL)
		close_connection(
			connection); /* a client waits for each reply: tell it that none comes */
}

static void reply_error(struct request *request, int code, const char *sentence)
{
	struct node_error error;

	(void)node_error_set(&error, code, "%s", sentence);
	node_request_answer(&request->it, code, NULL, &error);
	reply(request->connection);
}

/* --- handling --------------------------------------------------------------------------- */

static void run_decode(void *arg)
{
	struct request *request = arg;

	node_request_decode(&request->it);
}

static void decode_done(void *arg)
{
	struct request *request = arg;
	struct node_connection *connection = request->connection;

	request->state = REQUEST_READY;
	if (connection->closing)
		finish_connection(connection);
	else
		advance(connection);
}

static void run_handle(void *arg)
{
	struct request *request = arg;

	node_request_handle(&request->it, request->connection->session);
	if (request->job.kind == NODE_JOBS_WRITE)
		request->own_size = node_connection_own_size(request->connection->shared);
}

/* The charter may be another now, which whoever speaks to other nodes must be told; our log may
 * have grown by a vote and stepped back by what came of it. */
static bool may_amend(const struct node_request *request)
{
	const char *op = catalog_value_text(catalog_value_get(request->value, "op"));

	return op != NULL &&
	       (strcmp(op, "charter-submit") == 0 || strcmp(op, "charter-propose") == 0 ||
		strcmp(op, "charter-vote") == 0);
}

static void handle_done(void *arg)
{
	struct request *request = arg;
	struct node_connection *connection = request->connection;
	struct node_connection_shared *shared = connection->shared;
	uint64_t size = request->own_size;

	request->state = REQUEST_READY;
	if (request->job.kind == NODE_JOBS_WRITE && node_bundle_is(request->it.value))
		shared->moved(shared->arg);
	if ((size != UINT64_MAX && size != shared->own_size) || may_amend(&request->it)) {
		shared->own_size = size;
		shared->published(shared->arg);
	}
	if (connection->closing) {
		finish_connection(connection);
		return;
	}
	reply(connection);
	advance(connection);
}

static void handle(struct request *request, enum node_jobs_kind kind)
{
	struct node_connection_shared *shared = request->connection->shared;

	/* What is shown, and whether our member may sign, is as of now. */
	shared->show(shared->arg);
	request->state = REQUEST_HANDLING;
	request->own_size = UINT64_MAX;
	request->job.run = run_handle;
	request->job.done = handle_done;
	request->job.arg = request;
	node_jobs_add(shared->jobs, kind, &request->job);
}

/* --- wait and stop ---------------------------------------------------------------------- */

/* Answer the first request, which waits, if what it waits for has come true.  Returns whether. */
static bool answer_waiting(struct node_connection *connection)
{
	struct node_connection_shared *shared = connection->shared;
	struct request *request = connection->first;
	struct catalog_hash vector;
	struct catalog_value *answer;
	size_t equal;

	if (request->witnesses > 0)
		return false; /* node_connection_witnessed() answers it */
	shared->vector(shared->arg, &vector, &equal);
	if (!node_waiting_over(&request->waiting, &vector, equal))
		return false;
	(void)uv_timer_stop(&connection->timer); /* never fails */
	answer = node_waiting_answer(&request->waiting, &vector, uv_now(shared->loop));
	if (answer != NULL)
		node_request_answer(&request->it, 0, answer, NULL);
	reply(connection); /* without one the connection ends */
	return true;
}

static void on_wait_over(uv_timer_t *timer)
{
	struct node_connection *connection = timer->data;
	struct node_connection_shared *shared = connection->shared;
	struct request *request = connection->first;
	struct catalog_hash vector;
	struct node_error error;
	size_t equal;

	if (connection->closing)
		return;
	assert(request->state == REQUEST_WAITING);
	shared->vector(shared->arg, &vector, &equal);
	node_waiting_timeout(&request->waiting, &vector, equal, &error);
	node_request_answer(&request->it, -ETIMEDOUT, NULL, &error);
	reply(connection);
	advance(connection);
}

/* Ask others to be witnesses.  Returns whether that is answered already. */
static bool begin_witness(struct request *request)
{
	struct node_connection *connection = request->connection;
	struct node_connection_shared *shared = connection->shared;
	struct node_error error;
	uint64_t timeout_ms = 0;
	size_t count = 0;
	int r = node_waiting_read_witness(request->it.value, &count, &timeout_ms, &error);

	if (r == 0) {
		r = shared->witness(shared->arg, count, timeout_ms);
		if (r == 0) {
			request->state = REQUEST_WAITING;
			request->witnesses = count;
			return false;
		}
		(void)node_error_set(&error, r, "%s",
				     r == -EBUSY ? "another command waits for witnesses at this "
						   "node; try again when it is done"
				     : r == -ENOKEY
					     ? "this node has no member's key, so there is no "
					       "checkpoint of its own to be cosigned"
					     : "fedcatd is stopping");
	}
	node_request_answer(&request->it, r, NULL, &error);
	reply(connection);
	return true;
}

/* Do a request of the loop's own.  Returns whether it is answered. */
static bool handle_here(struct request *request)
{
	struct node_connection *connection = request->connection;
	struct node_connection_shared *shared = connection->shared;
	uint64_t now_ms = uv_now(shared->loop);
	struct node_error error;
	int r;

	if (node_waiting_is(request->it.value, "stop")) {
		node_log_line(shared->log, NODE_CONFIG_INFO,
			      "asked to stop, over the control socket");
		node_request_answer(&request->it, 0, catalog_value_new_map(), NULL);
		reply(connection);
		shared->stop(shared->arg);
		return true;
	}
	if (node_waiting_is(request->it.value, "keys")) {
		shared->keys(shared->arg);
		node_request_answer(&request->it, 0, catalog_value_new_map(), NULL);
		reply(connection);
		return true;
	}
	if (node_waiting_is(request->it.value, "pull")) {
		r = shared->pull(shared->arg);
		if (r != 0)
			(void)node_error_set(&error, r, "fedcatd is stopping");
		node_request_answer(&request->it, r, r == 0 ? catalog_value_new_map() : NULL,
				    &error);
		reply(connection);
		return true;
	}
	if (node_waiting_is(request->it.value, "witness"))
		return begin_witness(request);
	r = node_waiting_read(request->it.value, now_ms, &request->waiting, &error);
	if (r != 0) {
		node_request_answer(&request->it, r, NULL, &error);
		reply(connection);
		return true;
	}
	if (answer_waiting(connection))
		return true;
	request->state = REQUEST_WAITING;
	(void)uv_timer_start(&connection->timer, on_wait_over, request->waiting.timeout_ms,
			     0); /* fails for a closing one, only */
	return false;
}

/* --- moving on -------------------------------------------------------------------------- */

/* Begin with the first request.  Returns whether it is answered already. */
static bool begin_first(struct node_connection *connection)
{
	struct request *request = connection->first;

	if (connection->shared->stopping) {
		reply_error(request, -ESHUTDOWN, "fedcatd is stopping");
		return true;
	}
	if (request->it.bad != 0) {
		reply_error(request, -EINVAL, "the request is no well-formed msgpack");
		return true;
	}
	switch (node_control_kind(request->it.value)) {
	case NODE_CONTROL_READ:
	case NODE_CONTROL_BAD: handle(request, NODE_JOBS_READ); return false;
	case NODE_CONTROL_WRITE: handle(request, NODE_JOBS_WRITE); return false;
	case NODE_CONTROL_LOOP: return handle_here(request);
	}
	assert(false); /* not a kind */
	return false;
}

/* Take a whole frame off what has come in, as a request.  Returns 0, -EAGAIN if none is whole,
 * -E2BIG, -ENOMEM. */
static int take_request(struct node_connection *connection)
{
	struct request *request = calloc(1, sizeof *request);
	int r;

	if (request == NULL)
		return -ENOMEM;
	r = node_request_cut(&connection->in, &request->it);
	if (r != 0) {
		free(request);
		return r;
	}
	request->connection = connection;
	request->job.run = run_decode;
	request->job.done = decode_done;
	request->job.arg = request;
	if (connection->last != NULL)
		connection->last->next = request;
	else
		connection->first = request;
	connection->last = request;
	connection->count++;
	node_jobs_add(connection->shared->jobs, NODE_JOBS_READ, &request->job);
	return 0;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct node_connection *connection = handle->data;

	(void)suggested;
	/* One for all: what is read is copied before anything else is read. */
	*ret_buf = connection->shared->read;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct node_connection *connection = stream->data;

	if (connection->closing || n == 0)
		return;
	if (n < 0) {
		(void)uv_read_stop(stream); /* never fails */
		connection->reading = false;
		connection->ended = true;
		/* A client that sent its requests and shut its half still gets its replies; one
		 * that waits would be waited for in vain. */
		if (n != UV_EOF ||
		    (connection->first != NULL && connection->first->state == REQUEST_WAITING))
			close_connection(connection);
	} else if (catalog_buffer_append(&connection->in, buf->base, (size_t)n) != 0) {
		close_connection(connection);
	}
	if (!connection->closing)
		advance(connection);
}

static void set_reading(struct node_connection *connection, bool want)
{
	if (want == connection->reading)
		return;
	connection->reading = want;
	if (!want)
		(void)uv_read_stop((uv_stream_t *)&connection->pipe); /* never fails */
	else if (uv_read_start((uv_stream_t *)&connection->pipe, on_alloc, on_read) != 0)
		close_connection(connection);
}

/* After every event: cut requests out, begin with the first, read on, or be done. */
static void advance(struct node_connection *connection)
{
	bool stopping = connection->shared->stopping;
	int r = 0;

	while (!connection->closing) {
		r = connection->count < NODE_CONTROL_WINDOW && !stopping ? take_request(connection)
									 : -EAGAIN;
		if (r == 0)
			continue;
		if (r != -EAGAIN) {
			node_log_line(connection->shared->log, NODE_CONFIG_WARNING,
				      "control socket: a request that breaks the rules: %s",
				      node_error_words(r));
			close_connection(connection);
			return;
		}
		if (connection->first == NULL || connection->first->state != REQUEST_READY ||
		    connection->unsent > NODE_CONNECTION_UNSENT_MAX || !begin_first(connection))
			break;
		stopping = connection->shared->stopping; /* one of the requests is "stop" */
	}
	if (connection->closing)
		return;
	set_reading(connection,
		    !connection->ended && !stopping && connection->count < NODE_CONTROL_WINDOW);
	if ((connection->ended || stopping) && connection->first == NULL && connection->writes == 0)
		close_connection(connection);
}

/* --- for the server --------------------------------------------------------------------- */

uint64_t node_connection_own_size(const struct node_connection_shared *shared)
{
	struct catalog_log_status status = {0};
	struct catalog_txn *txn;
	int r;

	if (shared->own_log == UINT32_MAX || catalog_store_begin(shared->store, &txn) != 0)
		return UINT64_MAX;
	r = catalog_log_status(txn, shared->own_log, &status);
	catalog_store_end(txn);
	return r == 0 ? status.size : UINT64_MAX;
}

int node_connection_accept(struct node_connection_shared *shared, uv_stream_t *listener,
			   struct node_connection **ret_connection)
{
	struct node_connection *connection = calloc(1, sizeof *connection);
	int r;

	if (connection == NULL)
		return -ENOMEM;
	connection->shared = shared;
	/* Neither fails. */
	(void)uv_pipe_init(shared->loop, &connection->pipe, 0);
	(void)uv_timer_init(shared->loop, &connection->timer);
	connection->pipe.data = connection->timer.data = connection;
	connection->handles = 2;
	r = uv_accept(listener, (uv_stream_t *)&connection->pipe);
	if (r == 0)
		r = node_control_session_new(shared->control, &connection->session);
	if (r == 0) {
		advance(connection);
	} else {
		node_log_line(shared->log, NODE_CONFIG_WARNING, "control socket: accepting: %s",
			      node_error_words(r));
		close_connection(connection);
	}
	*ret_connection = connection;
	return 0;
}

void node_connection_changed(struct node_connection *connection)
{
	if (connection->closing || connection->first == NULL ||
	    connection->first->state != REQUEST_WAITING)
		return;
	if (answer_waiting(connection))
		advance(connection);
}

void node_connection_witnessed(struct node_connection *connection, size_t found)
{
	struct request *request = connection->first;
	struct catalog_value *answer;

	if (connection->closing || request == NULL || request->state != REQUEST_WAITING ||
	    request->witnesses == 0)
		return;
	answer = node_waiting_witnessed(request->witnesses, found);
	if (answer != NULL)
		node_request_answer(&request->it, 0, answer, NULL);
	reply(connection); /* without one the connection ends */
	advance(connection);
}

void node_connection_stop(struct node_connection *connection)
{
	assert(connection->shared->stopping);
	if (connection->closing)
		return;
	if (connection->first != NULL && connection->first->state == REQUEST_WAITING) {
		(void)uv_timer_stop(&connection->timer); /* never fails */
		reply_error(connection->first, -ESHUTDOWN, "fedcatd is stopping");
	}
	advance(connection);
}

void node_connection_abort(struct node_connection *connection)
{
	close_connection(connection);
}
