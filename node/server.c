#include "node/server.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/connection.h"
#include "node/datadir.h"

#define BACKLOG    64
#define READ_BYTES (64u * 1024)

struct node_server {
	struct node_connection_shared shared;
	uv_pipe_t listener;
	char path[NODE_DATADIR_PATH_BYTES];
	struct node_connection *connections[NODE_SERVER_CONNECTIONS_MAX]; /* NULL: free */
	bool backlog; /* somebody waits to be accepted */
	char read[READ_BYTES];
};

/* Take the connection that waits, if there is room; else it is taken when another ends: libuv
 * accepts no more until then. */
static void accept_one(struct node_server *server)
{
	struct node_connection_shared *shared = &server->shared;
	size_t i = 0;

	server->backlog = true;
	while (i < NODE_SERVER_CONNECTIONS_MAX && server->connections[i] != NULL)
		i++;
	if (i == NODE_SERVER_CONNECTIONS_MAX)
		return;
	if (node_connection_accept(shared, (uv_stream_t *)&server->listener,
				   &server->connections[i]) == 0)
		server->backlog = false;
	else
		node_log_line(shared->log, NODE_CONFIG_ERROR, "control socket: out of memory");
}

static void on_ended(void *arg, struct node_connection *connection)
{
	struct node_server *server = arg;
	size_t i = 0;

	while (server->connections[i] != connection) {
		i++;
		assert(i < NODE_SERVER_CONNECTIONS_MAX);
	}
	server->connections[i] = NULL;
	if (server->backlog && !server->shared.stopping)
		accept_one(server);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct node_server *server = listener->data;

	if (uv_is_closing((uv_handle_t *)listener) || server->shared.stopping)
		return;
	if (status == 0)
		accept_one(server);
	else
		node_log_line(server->shared.log, NODE_CONFIG_WARNING,
			      "control socket: accepting: %s", node_error_words(status));
}

static void share(struct node_server *server, const struct node_server_options *options)
{
	server->shared = (struct node_connection_shared){
		.loop = options->loop,
		.jobs = options->jobs,
		.log = options->log,
		.control = options->control,
		.store = options->store,
		.own_log = options->own_log,
		.read = uv_buf_init(server->read, sizeof server->read),
		.published = options->published,
		.moved = options->moved,
		.keys = options->keys,
		.stop = options->stop,
		.show = options->show,
		.vector = options->vector,
		.witness = options->witness,
		.pull = options->pull,
		.arg = options->arg,
		.ended = on_ended,
		.server = server,
	};
	server->shared.own_size = node_connection_own_size(&server->shared);
}

int node_server_open(const struct node_server_options *options, const char *path,
		     struct node_server **ret_server, struct node_error *ret_error)
{
	struct node_server *server = NULL;
	mode_t mask;
	int r;

	if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
		return node_error_set(ret_error, -ENAMETOOLONG,
				      "%s: a socket's path has at most %zu bytes; choose a shorter "
				      "--dir",
				      path, sizeof((struct sockaddr_un *)0)->sun_path - 1);
	if (unlink(path) != 0 && errno != ENOENT) {
		r = -errno;
		return node_error_set(ret_error, r, "%s: removing what was left there: %s", path,
				      node_error_words(r));
	}
	server = calloc(1, sizeof *server);
	if (server == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	share(server, options);
	(void)snprintf(server->path, sizeof server->path, "%s", path); /* it fits: see above */
	(void)uv_pipe_init(options->loop, &server->listener, 0);       /* never fails */
	server->listener.data = server;
	/* No other thread makes files yet. */
	mask = umask(0177);
	r = uv_pipe_bind(&server->listener, path);
	(void)umask(mask);
	if (r == 0)
		r = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
	if (r != 0) {
		uv_close((uv_handle_t *)&server->listener, NULL);
		(void)uv_run(options->loop, UV_RUN_NOWAIT); /* so that it is closed */
		free(server);
		return node_error_set(ret_error, r, "%s: listening: %s", path, node_error_words(r));
	}
	*ret_server = server;
	return 0;
}

void node_server_changed(struct node_server *server)
{
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		if (server->connections[i] != NULL)
			node_connection_changed(server->connections[i]);
	}
}

void node_server_witnessed(struct node_server *server, size_t found)
{
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		if (server->connections[i] != NULL)
			node_connection_witnessed(server->connections[i], found);
	}
}

void node_server_stop(struct node_server *server)
{
	if (server->shared.stopping)
		return;
	server->shared.stopping = true;
	uv_close((uv_handle_t *)&server->listener, NULL);
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		if (server->connections[i] != NULL)
			node_connection_stop(server->connections[i]);
	}
}

void node_server_abort(struct node_server *server)
{
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++) {
		if (server->connections[i] != NULL)
			node_connection_abort(server->connections[i]);
	}
}

void node_server_close(struct node_server *server)
{
	if (server == NULL)
		return;
	assert(server->shared.stopping);
	for (size_t i = 0; i < NODE_SERVER_CONNECTIONS_MAX; i++)
		assert(server->connections[i] == NULL);
	(void)unlink(server->path); /* libuv did so: this is for its being elsewhere one day */
	free(server);
}
