/* tools/bench_peer.h - two real nodes on loopback: one serves a log from a process of its own, the
 * other pulls it.  Links, channel, jobs and workers are those of fedcatd.  What fails ends the
 * program, with a word.
 *
 * Process  forks: no store may be open when serving begins.
 */
#ifndef TOOLS_BENCH_PEER_H
#define TOOLS_BENCH_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "tools/bench_place.h"

#define TOOLS_BENCH_PEER_NODES 2 /* of member 0, which serves, and member 1, which pulls */

/* The public keys of both nodes, for the charter; the same ones each time. */
void tools_bench_peer_keys(struct catalog_node_key ret_keys[TOOLS_BENCH_PEER_NODES]);

/* A process that serves the store of a name in dir. */
struct tools_bench_peer_server {
	pid_t pid;
	int stop; /* closed, it ends */
	uint16_t port;
};
void tools_bench_peer_serve(const char *dir, const char *name, struct catalog_charter *charter,
			    struct tools_bench_peer_server *ret_server);

/* End it.  Returns the seconds of processors that it used. */
double tools_bench_peer_stop(struct tools_bench_peer_server *server);

/* Pull the log of member 0 into a store until it holds size entries, all of them verified and on
 * disk: what is measured, from before the node listens.  *ret_wire_bytes came over its sockets.
 * *ret_searched is until the search index has caught up, if the store leaves it for later, else the
 * same. */
struct tools_bench_place_cost tools_bench_peer_pull(struct catalog_store *store,
						    struct catalog_charter *charter, uint16_t port,
						    uint64_t size, uint64_t *ret_wire_bytes,
						    struct tools_bench_place_cost *ret_searched);

#endif
