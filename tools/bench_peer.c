#include "tools/bench_peer.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog/index_later.h"
#include "node/catchup.h"
#include "node/limits.h"
#include "node/links.h"
#include "tools/bench_log.h"

struct peer {
	uv_loop_t loop;
	struct node_jobs *jobs;
	struct node_log *log;
	struct node_peers *peers;
	struct node_links *links;
	struct catalog_store *store;
	struct gossip_noise_secret secret; /* borrowed by its links */
	uv_pipe_t stop;                    /* of the server */
	/* Of who pulls. */
	uint64_t size;
	struct tools_bench_place_cost start, cost, searched;
	struct node_catchup *catchup; /* NULL: the index is made as entries come, or not at all */
	uv_timer_t look;              /* whether it has caught up */
};

static struct gossip_noise_secret secret_of(unsigned member)
{
	struct gossip_noise_secret secret;

	memset(secret.bytes, (int)(1 + member), sizeof secret.bytes);
	return secret;
}

void tools_bench_peer_keys(struct catalog_node_key ret_keys[TOOLS_BENCH_PEER_NODES])
{
	for (unsigned i = 0; i < TOOLS_BENCH_PEER_NODES; i++) {
		struct gossip_noise_secret secret = secret_of(i);

		gossip_noise_public(&secret, &ret_keys[i]);
	}
}

/* --- a node ----------------------------------------------------------------------------------- */

static void on_event(void *arg)
{
	(void)arg; /* nothing to do */
}

static void on_look(uv_timer_t *timer)
{
	struct peer *peer = timer->data;
	struct catalog_txn *txn;
	uint64_t missing;

	tools_bench_place_must(catalog_store_begin(peer->store, &txn), "look");
	tools_bench_place_must(catalog_index_later_missing(txn, &missing), "look");
	catalog_store_end(txn);
	if (missing > 0)
		return;
	peer->searched = tools_bench_place_since(peer->start);
	uv_close((uv_handle_t *)timer, NULL);
	uv_stop(timer->loop);
}

/* Once all is held the clock stops; and another when all is searched.  Then the node says
 * goodbye. */
static void on_advanced(void *arg)
{
	struct peer *peer = arg;
	struct catalog_log_status status;

	if (peer->catchup != NULL)
		node_catchup_look(peer->catchup);
	if (peer->size == 0)
		return;
	status = tools_bench_log_status(peer->store);
	if (status.size < peer->size)
		return;
	peer->cost = tools_bench_place_since(peer->start);
	if (status.settled != peer->size)
		tools_bench_place_must(-EBADMSG, "what was pulled is not what was signed");
	peer->size = 0;
	if (peer->catchup == NULL)
		uv_stop(&peer->loop);
	else
		(void)uv_timer_start(&peer->look, on_look, 1, 1); /* it is not closing */
}

static void open_peer(struct peer *peer, struct catalog_charter *charter, unsigned member,
		      uint16_t dial_port)
{
	static const struct node_limits none = {.count = 0};
	struct node_config_address listen = {.host = "127.0.0.1"};
	char text[NODE_CONFIG_ADDRESS_BYTES];
	struct gossip_node_address address = {.member = 0, .address = text};
	struct gossip_node_options gossip = {.seed = 1 + member,
					     .secret = &peer->secret,
					     .self = member,
					     .addresses = &address,
					     .address_count = dial_port != 0};
	struct node_links_options options = {.loop = &peer->loop,
					     .store = peer->store,
					     .charter = charter,
					     .limits = &none,
					     .gossip = &gossip,
					     .listen = &listen,
					     .witnessed = NULL,
					     .amended = on_event,
					     .advanced = on_advanced,
					     .changed = on_event,
					     .arg = peer};
	struct node_error error;

	peer->secret = secret_of(member);
	snprintf(text, sizeof text, "127.0.0.1:%u", dial_port);
	tools_bench_place_must(uv_loop_init(&peer->loop), "a loop");
	tools_bench_place_must(node_jobs_new(&peer->loop, &peer->jobs), "jobs");
	tools_bench_place_must(node_log_new(STDERR_FILENO, NODE_CONFIG_WARNING, &peer->log), "log");
	tools_bench_place_must(node_peers_new(&peer->peers), "peers");
	options.jobs = peer->jobs;
	options.log = peer->log;
	options.peers = peer->peers;
	tools_bench_place_must(node_links_open(&options, &peer->links, &error), "links");
}

static void close_peer(struct peer *peer)
{
	int r;

	node_links_stop(peer->links);
	(void)uv_run(&peer->loop, UV_RUN_DEFAULT); /* until all handles are closed */
	node_links_close(peer->links);
	node_jobs_free(peer->jobs);
	r = uv_loop_close(&peer->loop);
	assert(r == 0);
	node_peers_free(peer->peers);
	node_log_free(peer->log);
}

/* --- serving ---------------------------------------------------------------------------------- */

static void give_room(uv_handle_t *handle, size_t len, uv_buf_t *ret_buf)
{
	static char room[16];

	(void)handle;
	(void)len;
	*ret_buf = uv_buf_init(room, sizeof room);
}

/* The other end was closed: by who measures, or because it ended. */
static void on_stop(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	(void)buf;
	if (len < 0)
		uv_stop(stream->loop);
}

static void serve(const char *dir, const char *name, struct catalog_charter *charter, int stop,
		  int ready)
{
	struct peer peer = {.store = tools_bench_place_open(dir, name)};
	uint16_t port;

	open_peer(&peer, charter, 0, 0);
	port = node_links_address(peer.links)->port;
	tools_bench_place_must(uv_pipe_init(&peer.loop, &peer.stop, 0), "a pipe");
	tools_bench_place_must(uv_pipe_open(&peer.stop, stop), "a pipe");
	tools_bench_place_must(uv_read_start((uv_stream_t *)&peer.stop, give_room, on_stop),
			       "a pipe");
	if (write(ready, &port, sizeof port) != sizeof port)
		tools_bench_place_must(-EPIPE, "say where it listens");
	(void)uv_run(&peer.loop, UV_RUN_DEFAULT); /* until on_stop() */
	uv_close((uv_handle_t *)&peer.stop, NULL);
	close_peer(&peer);
	tools_bench_place_close(peer.store);
	catalog_charter_free(charter);
}

void tools_bench_peer_serve(const char *dir, const char *name, struct catalog_charter *charter,
			    struct tools_bench_peer_server *ret_server)
{
	int stop[2], ready[2];

	if (pipe(stop) != 0 || pipe(ready) != 0)
		tools_bench_place_must(-errno, "pipes");
	(void)fflush(NULL); /* or the other process would write it, too */
	ret_server->pid = fork();
	if (ret_server->pid < 0)
		tools_bench_place_must(-errno, "fork");
	if (ret_server->pid == 0) {
		(void)close(stop[1]); /* so that it ends with the one that has the other end */
		(void)close(ready[0]);
		serve(dir, name, charter, stop[0], ready[1]);
		_exit(0);
	}
	(void)close(stop[0]); /* of the other process */
	(void)close(ready[1]);
	ret_server->stop = stop[1];
	if (read(ready[0], &ret_server->port, sizeof ret_server->port) != sizeof ret_server->port)
		tools_bench_place_must(-EPIPE, "the process that serves");
	(void)close(ready[0]); /* it was read */
}

double tools_bench_peer_stop(struct tools_bench_peer_server *server)
{
	struct rusage usage;
	int status;

	(void)close(server->stop); /* all that was to be said */
	if (wait4(server->pid, &status, 0, &usage) < 0)
		tools_bench_place_must(-errno, "wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		tools_bench_place_must(-ECHILD, "the process that serves");
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- pulling ---------------------------------------------------------------------------------- */

static void open_catchup(struct peer *peer, const struct catalog_charter *charter)
{
	struct node_catchup_options options = {.loop = &peer->loop,
					       .jobs = peer->jobs,
					       .store = peer->store,
					       .charter = charter,
					       .log = peer->log,
					       .period_ms = NODE_CATCHUP_PERIOD_MS,
					       .wait_ms = NODE_CATCHUP_WAIT_MS};

	tools_bench_place_must(node_catchup_new(&options, &peer->catchup), "catching up");
	(void)uv_timer_init(&peer->loop, &peer->look); /* never fails */
	peer->look.data = peer;
}

struct tools_bench_place_cost tools_bench_peer_pull(struct catalog_store *store,
						    struct catalog_charter *charter, uint16_t port,
						    uint64_t size, uint64_t *ret_wire_bytes,
						    struct tools_bench_place_cost *ret_searched)
{
	struct peer peer = {.store = store, .size = size, .start = tools_bench_place_begin()};
	struct node_peers_work work;

	open_peer(&peer, charter, 1, port);
	if (catalog_store_later(store) != CATALOG_STORE_LATER_NEVER)
		open_catchup(&peer, charter);
	(void)uv_run(&peer.loop, UV_RUN_DEFAULT); /* until on_advanced(), or on_look() */
	*ret_searched = peer.catchup != NULL ? peer.searched : peer.cost;
	node_catchup_stop(peer.catchup);
	node_links_show(peer.links);
	node_peers_get_work(peer.peers, &work);
	close_peer(&peer);
	*ret_wire_bytes = work.totals.bytes_in;
	return peer.cost;
}
