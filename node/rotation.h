/* node/rotation.h - the files of a key that is being replaced, in a node's directory.
 *
 *   KEY.next  the new one, until it counts
 *   KEY       the one in use
 *   KEY.old   the one before, for whoever must still say that it is gone
 *
 * KEY is member.key or node.key.
 */
#ifndef NODE_ROTATION_H
#define NODE_ROTATION_H

#include <stdbool.h>

#include "node/datadir.h"
#include "node/error.h"

/* dir/name.next, dir/name.old.  Return 0, -ENAMETOOLONG. */
int node_rotation_next(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		       struct node_error *ret_error);
int node_rotation_old(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		      struct node_error *ret_error);

/* Whether a new key waits to be used. */
bool node_rotation_is_on(const char *dir, const char *name);

/* Use the new key: it takes the place of the one in use, which is kept as the old one.  After a
 * crash there is a key in use, the old or the new one.  Returns 0, -ENOENT if there is no new one,
 * -EACCES, -EIO, ... */
int node_rotation_switch(const char *dir, const char *name, struct node_error *ret_error);

/* Use the member's new key if the charter says so by now: its newest key of a member is the one
 * that waits.  *ret_switched (may be NULL) is whether it does.  The directory's lock is held.
 * Returns 0, or as node_rotation_switch(), or what reading the key says. */
int node_rotation_settle(const char *dir, const struct catalog_charter *charter, bool *ret_switched,
			 struct node_error *ret_error);

#endif
