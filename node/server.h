/* node/server.h - fedcatd's control socket (node/control.h): listens, and keeps its clients'
 * connections.
 *
 * Process  SIGPIPE is ignored: a client that goes away is an error like any other.
 * Threads  the loop's alone.
 * Limits   NODE_SERVER_CONNECTIONS_MAX connections; more wait in the backlog.
 */
#ifndef NODE_SERVER_H
#define NODE_SERVER_H

#include <uv.h>

#include "node/control.h"
#include "node/jobs.h"
#include "node/log.h"

#define NODE_SERVER_CONNECTIONS_MAX 32

struct node_server;

/* All borrowed for the life of the server. */
struct node_server_options {
	uv_loop_t *loop;
	struct node_jobs *jobs;
	struct node_log *log;
	struct node_control *control;
	struct catalog_store *store;
	uint32_t own_log; /* UINT32_MAX: none */
	/* On the loop: */
	void (*published)(void *arg); /* our own log has grown */
	void (*moved)(void *arg);     /* other logs may have */
	void (*keys)(void *arg);      /* there are new keys in the directory */
	void (*stop)(void *arg);      /* somebody asked for it */
	void (*show)(void *arg);      /* node_peers is about to be looked at */
	void (*vector)(void *arg, struct catalog_hash *ret_vector, size_t *ret_equal);
	/* Look for witnesses: node_server_witnessed() tells how many were found.  Returns 0,
	 * -EBUSY, -ENOKEY, -ESHUTDOWN. */
	int (*witness)(void *arg, size_t count, uint64_t timeout_ms);
	int (*pull)(void *arg); /* fetch what is lacking: 0, -ESHUTDOWN */
	void *arg;
};

/* Listen on the socket at path, replacing one that a killed process left: the caller holds the
 * directory's lock.  The socket is 0600.  The caller owns *ret_server.
 * Returns 0, -ENAMETOOLONG, -EACCES, ..., -ENOMEM. */
int node_server_open(const struct node_server_options *options, const char *path,
		     struct node_server **ret_server, struct node_error *ret_error);

/* What vector() says may be another now: those who wait for that are answered. */
void node_server_changed(struct node_server *server);

/* So many were found. */
void node_server_witnessed(struct node_server *server, size_t found);

/* Take nothing more in; what has begun is finished and answered, what has not is answered with
 * "stopping".  The connections then end; the loop runs on meanwhile. */
void node_server_stop(struct node_server *server);

/* After node_server_stop(): end the connections that do not read their replies. */
void node_server_abort(struct node_server *server);

/* End it; it was stopped and the loop has run dry.  NULL is allowed. */
void node_server_close(struct node_server *server);

#endif
