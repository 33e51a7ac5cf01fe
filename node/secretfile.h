/* node/secretfile.h - a file that only its owner may read: made once, never overwritten.
 *
 * It is 0600 and belongs to whoever runs the program; one that others may read or write is refused,
 * since nobody can tell who has read it.  One of root's that a group of ours may read (0440) is
 * taken, too: so are secrets mounted.  What is in it is node/keyfile's and node/nodekey's
 * business.
 */
#ifndef NODE_SECRETFILE_H
#define NODE_SECRETFILE_H

#include <stddef.h>

#include "catalog/buffer.h"
#include "node/error.h"

/* Write a new file, synchronised to disk; an existing one is never touched.
 * Returns 0, -EEXIST, -ENOENT (no such directory), -EACCES, -ENOSPC, -EIO. */
int node_secretfile_write(const char *path, struct catalog_span bytes,
			  struct node_error *ret_error);

/* Write such a file in another's place: after a crash there is the old one or the new one.
 * Returns 0, -ENOENT, -EACCES, -ENOSPC, -EIO. */
int node_secretfile_replace(const char *path, struct catalog_span bytes,
			    struct node_error *ret_error);

/* Read at most room bytes of a file: the caller takes one that fills the room for too long, and
 * wipes what was read.  Returns 0, -ENOENT, -EPERM if others may read or write it or it is not
 * ours, -EBADMSG if it is no file, -EACCES, -EIO. */
int node_secretfile_read(const char *path, char *ret_bytes, size_t room, size_t *ret_len,
			 struct node_error *ret_error);

#endif
