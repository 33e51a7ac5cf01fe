/* node/connection.h - one client of the control socket: its requests in, their turn, its replies
 * out.
 *
 * Requests are done one after another; those sent ahead are taken apart on a worker meanwhile. When
 * the connection ends, its publishing run ends.
 *
 * Process  SIGPIPE is ignored: a client that goes away is an error like any other.
 * Threads  the loop's alone; requests are handled on workers, those that write in the one queue of
 *          node/jobs.
 * Limits   at most NODE_CONTROL_WINDOW requests taken in and NODE_CONNECTION_UNSENT_MAX bytes of
 *          replies that the client has not read; then it is not read from.
 */
#ifndef NODE_CONNECTION_H
#define NODE_CONNECTION_H

#include <uv.h>

#include "node/control.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_CONNECTION_UNSENT_MAX (1024u * 1024)

struct node_connection;

/* What the connections of a server share; all borrowed. */
struct node_connection_shared {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct node_log *log;
	struct node_control *control;
	struct catalog_store *store;
	uint32_t own_log;  /* UINT32_MAX: none */
	uint64_t own_size; /* of it, as last told */
	uv_buf_t read;     /* where bytes come in */
	bool stopping;     /* nothing more is begun */
	/* As in struct node_server_options: */
	void (*published)(void *arg);
	void (*moved)(void *arg);
	void (*keys)(void *arg);
	void (*stop)(void *arg);
	void (*show)(void *arg);
	void (*vector)(void *arg, struct catalog_hash *ret_vector, size_t *ret_equal);
	int (*witness)(void *arg, size_t count, uint64_t timeout_ms);
	int (*pull)(void *arg); /* fetch what is lacking: 0, -ESHUTDOWN */
	void *arg;
	/* The connection is no more when this returns: the last call. */
	void (*ended)(void *server, struct node_connection *connection);
	void *server;
};

/* Take the connection that waits at listener.  It ends itself.  Returns 0, -ENOMEM (it waits
 * still). */
int node_connection_accept(struct node_connection_shared *shared, uv_stream_t *listener,
			   struct node_connection **ret_connection);

/* What vector() says may be another now. */
void node_connection_changed(struct node_connection *connection);

/* So many witnesses were found, as shared->witness() asked. */
void node_connection_witnessed(struct node_connection *connection, size_t found);

/* shared->stopping is set: finish what has begun, refuse the rest, end. */
void node_connection_stop(struct node_connection *connection);

/* End now. */
void node_connection_abort(struct node_connection *connection);

/* How long our own log is.  UINT64_MAX if there is none, or it cannot be told.  Any thread. */
uint64_t node_connection_own_size(const struct node_connection_shared *shared);

#endif
