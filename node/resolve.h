/* node/resolve.h - the addresses of a name, from DNS or the hosts file, without the loop waiting.
 *
 * Threads  the loop's alone; the looking up is done by one of libuv's workers.
 * Limits   the first NODE_RESOLVE_ADDRESSES_MAX addresses; how long it takes is the system's
 *          resolver's to say (resolv.conf, RES_OPTIONS).
 */
#ifndef NODE_RESOLVE_H
#define NODE_RESOLVE_H

#include <uv.h>

#include "node/config.h"

#define NODE_RESOLVE_ADDRESSES_MAX 8

struct node_resolve;

/* Look a place up.  done is called from the loop, later, with 0 and at least one address with
 * place's port (borrowed for the call), or with a code for node_error_words(), of libuv's
 * UV_EAI_... too; then *ret_resolve, which may be cancelled until then, is no more.
 * Returns 0, -ENOMEM, -EINVAL. */
int node_resolve_start(uv_loop_t *loop, const struct node_config_place *place,
		       void (*done)(void *arg, int status, const struct sockaddr_storage *addresses,
				    size_t count),
		       void *arg, struct node_resolve **ret_resolve);

/* Have done not called.  The loop does not end before the system has answered.  NULL is allowed. */
void node_resolve_cancel(struct node_resolve *resolve);

#endif
