/* node/datadir.h - the directory of one node: where its files are, and whose turn it is.
 *
 *   charter       the federation's amendments, concatenated
 *   member.key    the member's secret (node/keyfile); absent on a node that only mirrors
 *   node.key      the node's own secret, with which it speaks to other nodes (node/nodekey)
 *   joining       the request to be admitted, until the charter has the member
 *   config        settings of fedcatd (node/config); optional
 *   store/        the catalogue
 *   lock          held by fedcatd, or by a command that works on the store itself
 *   control.sock  where a running fedcatd answers the command (node/control)
 *   seen          where other nodes answered (node/seen)
 *   addresses     where a running fedcatd listens: "gossip 127.0.0.1:7420", "http ..."
 */
#ifndef NODE_DATADIR_H
#define NODE_DATADIR_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/store.h"
#include "node/error.h"

#define NODE_DATADIR_PATH_BYTES  4096 /* with the NUL */
#define NODE_DATADIR_CHARTER_MAX (16u * 1024 * 1024)

#define NODE_DATADIR_CHARTER   "charter"
#define NODE_DATADIR_KEY       "member.key"
#define NODE_DATADIR_JOINING   "joining"
#define NODE_DATADIR_NODE_KEY  "node.key"
#define NODE_DATADIR_CONFIG    "config"
#define NODE_DATADIR_STORE     "store"
#define NODE_DATADIR_LOCK      "lock"
#define NODE_DATADIR_CONTROL   "control.sock"
#define NODE_DATADIR_ADDRESSES "addresses"

/* The directory when nobody names one: $FEDCAT_DIR, $XDG_DATA_HOME/fedcat,
 * $HOME/.local/share/fedcat.  Returns 0, -ENOENT if the environment has none of these,
 * -ENAMETOOLONG. */
int node_datadir_default(char ret_dir[NODE_DATADIR_PATH_BYTES], struct node_error *ret_error);

/* dir/name.  Returns 0, -ENAMETOOLONG. */
int node_datadir_path(const char *dir, const char *name, char ret_path[NODE_DATADIR_PATH_BYTES],
		      struct node_error *ret_error);

/* Read a whole file of at most len_max bytes; appended to ret_bytes.
 * Returns 0, -ENOENT, -E2BIG, -EACCES, -EIO, -ENOMEM. */
int node_datadir_read(const char *path, size_t len_max, struct catalog_buffer *ret_bytes,
		      struct node_error *ret_error);

/* Write a whole file so that after a crash there is the old one or the new one, synchronised to
 * disk, with this mode.  Returns 0, -ENOENT, -EACCES, -ENOSPC, -EIO. */
int node_datadir_write(const char *path, struct catalog_span bytes, unsigned mode,
		       struct node_error *ret_error);

/* Take the directory for this process alone.  *ret_fd stays open for as long as it is held and is
 * given back with node_datadir_unlock().  Returns 0, -EBUSY if another process has it (the sentence
 * names it), -ENOENT if there is no such directory, -EACCES, -EIO. */
int node_datadir_lock(const char *dir, int *ret_fd, struct node_error *ret_error);
void node_datadir_unlock(int fd);

/* Where dir is not, or has no charter: make it, and copy the one at path into it once it is
 * verified. Returns 0, -EKEYREJECTED if dir has the charter of another federation, or as
 * node_datadir_charter() of the one at path. */
int node_datadir_adopt(const char *dir, const char *path, struct node_error *ret_error);

/* Likewise of bytes that come from elsewhere, which the sentences name. */
int node_datadir_adopt_bytes(const char *dir, const char *from, struct catalog_span bytes,
			     struct node_error *ret_error);

/* Read and verify the charter.  The caller owns *ret_charter.
 * Returns 0, -ENOENT if there is none (the sentence says how to get one), -EBADMSG,
 * -EKEYREJECTED, ... as catalog_charter_new(). */
int node_datadir_charter(const char *dir, struct catalog_charter **ret_charter,
			 struct node_error *ret_error);

/* Bring the charter, the store and the file together: all say what the longer of them says. Returns
 * 0, or what catalog_charter_store_open() and node_datadir_write() return. */
int node_datadir_amended(const char *dir, struct catalog_store *store,
			 struct catalog_charter *charter, struct node_error *ret_error);

/* Write the charter to its file, if it has grown.  Returns as node_datadir_write(). */
int node_datadir_keep_charter(const char *dir, const struct catalog_charter *charter,
			      struct node_error *ret_error);

/* Whether the directory is that of a member that asked to be admitted. */
bool node_datadir_is_joining(const char *dir);

/* Read the member's key, if there is one, and find the member that it belongs to.  Returns 0,
 * -ENOENT if there is no key file, -EKEYREJECTED if no member of the charter has this key, else as
 * node_keyfile_read().  *ret_member is borrowed from the charter. */
int node_datadir_member(const char *dir, const struct catalog_charter *charter,
			struct catalog_secret *ret_secret, const struct catalog_member **ret_member,
			struct node_error *ret_error);

/* The same for a key file elsewhere. */
int node_datadir_member_at(const char *path, const struct catalog_charter *charter,
			   struct catalog_secret *ret_secret,
			   const struct catalog_member **ret_member, struct node_error *ret_error);

/* The member whose key is in dir, without opening the key, so that nobody is asked for its
 * passphrase.  Likewise. */
int node_datadir_whose(const char *dir, const struct catalog_charter *charter,
		       const struct catalog_member **ret_member, struct node_error *ret_error);

/* Open the store below dir, which is made if need be.  The lock is held.  The caller owns
 * *ret_store.  Returns as catalog_store_open(). */
int node_datadir_store(const char *dir, struct catalog_store **ret_store,
		       struct node_error *ret_error);

#endif
