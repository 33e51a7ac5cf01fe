/* node/http_log.h - each member's log as C2SP tlog-tiles, for auditors: the signed checkpoint,
 * tiles of hashes, bundles of entries (catalog/tile.h).
 *
 * What is shown is the log under the largest checkpoint that covers nothing but what is held: all
 * that a tile says can be proved under it.  Every answer is from one snapshot of the store; a
 * bundle of entries, which may have megabytes, is read little by little, each time from a new one.
 *
 * Threads  any, several at once; a bundle has one caller at a time.
 */
#ifndef NODE_HTTP_LOG_H
#define NODE_HTTP_LOG_H

#include <stdint.h>
#include <sys/types.h>

#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/http_reply.h"

#define NODE_HTTP_LOG_STEP_BYTES (64u * 1024) /* of entries that are read from one snapshot */

struct node_http_log_bundle;

/* Answer with a member's signed checkpoint, or with problem details.  Returns 0, -ENOMEM, -EIO. */
int node_http_log_checkpoint(struct catalog_store *store, const struct catalog_charter *charter,
			     const char *member, struct node_http_reply *reply);

/* Answer with the tile at path ("tile/0/x001/234"), or with problem details.  When it is a bundle
 * of entries, all of which are here, the reply has no body and *ret_bundle, which the caller owns,
 * has it; else that is NULL.  Returns 0, -ENOMEM, -EIO. */
int node_http_log_tile(struct catalog_store *store, const struct catalog_charter *charter,
		       const char *member, const char *path, struct node_http_reply *reply,
		       struct node_http_log_bundle **ret_bundle);

/* How many bytes there are in all. */
uint64_t node_http_log_bundle_len(const struct node_http_log_bundle *bundle);

/* Copy at most len_max of the next bytes out.  Returns how many, 0 at the end, -ENOENT if the
 * entries were pruned meanwhile, -ENOMEM, -EIO. */
ssize_t node_http_log_bundle_read(struct node_http_log_bundle *bundle, char *ret_bytes,
				  size_t len_max);
void node_http_log_bundle_free(struct node_http_log_bundle *bundle); /* NULL is allowed */

#endif
