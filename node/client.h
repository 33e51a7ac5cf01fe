/* node/client.h - the command's side: ask fedcatd when it runs, else work on the store ourselves.
 *
 * Both ways give the same answers (node/control.h): when no fedcatd runs in the directory, the
 * client takes its lock, opens the store and answers its own requests.
 *
 * Threads  one caller at a time.  Calls block.
 */
#ifndef NODE_CLIENT_H
#define NODE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/value.h"
#include "node/error.h"

struct node_client;

/* What came of the listings put since the last publish-begin, as far as is known. */
struct node_client_counts {
	uint64_t created, changed, unchanged, rejected;
	uint64_t kept; /* of those the node has acknowledged so many as on disk and signed; it may
			  have kept more by now */
};

/* Open the node in directory dir, to publish or to read; to read only, an encrypted key is not
 * opened (nobody is asked for its passphrase), and nothing can be published.  The caller owns
 * *ret_client. Returns 0, -ENOENT (no such directory, or no charter in it), -EBUSY (another process
 * has the store), -ENAMETOOLONG, or what the charter, key and store say. */
int node_client_open_to_read(const char *dir, struct node_client **ret_client,
			     struct node_error *ret_error);
int node_client_open(const char *dir, struct node_client **ret_client,
		     struct node_error *ret_error);
void node_client_close(struct node_client *client); /* NULL is allowed */

/* Whether fedcatd answers, rather than this process. */
bool node_client_running(const struct node_client *client);

/* Ask and wait for the answer, which the caller owns.  Takes request, whatever happens; NULL (it
 * could not be made) is -ENOMEM.  Returns 0, the outcome's code (node/control.h: -EINVAL
 * bad-request, -ENOENT not-found, -EBUSY busy, -EPERM refused, -ENOKEY no-key, -EKEYREJECTED,
 * -EAGAIN partial, -ESTALE stale, -EINPROGRESS unconfirmed, -E2BIG, -ENOSPC, -ETIMEDOUT timeout,
 * -ESHUTDOWN stopping, -EIO failed), -ENOMEM, -EPIPE when fedcatd went away, or -EPROTO when it
 * does not speak this protocol. */
int node_client_call(struct node_client *client, struct catalog_value *request,
		     struct catalog_value **ret_answer, struct node_error *ret_error);

/* Between publish-begin and publish-end: put a listing, or name a record that was rejected (an id
 * that is none is told as rejected, or passed over: it was never listed).  They
 * are gathered into large requests, a few of which are on their way at once; node_client_call()
 * sends and settles what is gathered before it asks.  Return 0, or as node_client_call(): then the
 * run is over. */
int node_client_put(struct node_client *client, const char *id, const struct catalog_value *listing,
		    struct node_error *ret_error);
int node_client_reject(struct node_client *client, const char *id, struct node_error *ret_error);

const struct node_client_counts *node_client_counts(const struct node_client *client);

/* Called for each listing that the node refused although the reader took it. */
typedef void (*node_client_rejected)(void *arg, const char *id, const char *path, const char *found,
				     const char *expected);
void node_client_on_rejected(struct node_client *client, node_client_rejected rejected, void *arg);

#endif
