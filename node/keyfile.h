/* node/keyfile.h - the member's Ed25519 secret key in a file that only its owner may read.
 *
 *   fedcat member key 1 (Ed25519 seed; keep this file secret)
 *   <64 hexadecimal digits>
 *
 * How the file is kept: node/secretfile.
 */
#ifndef NODE_KEYFILE_H
#define NODE_KEYFILE_H

#include "catalog/checkpoint.h"
#include "node/error.h"

#define NODE_KEYFILE_FINGERPRINT_BYTES 20 /* "3f2a 91bc 0d4e 77a1" and the NUL */

/* Make a new secret from the system's randomness. */
void node_keyfile_generate(struct catalog_secret *ret_secret);

/* The public half of a secret. */
void node_keyfile_public(const struct catalog_secret *secret, struct catalog_key *ret_key);

/* A key as people compare it: its first 16 hexadecimal digits in groups of four. */
void node_keyfile_fingerprint(const struct catalog_key *key,
			      char ret_text[NODE_KEYFILE_FINGERPRINT_BYTES]);

/* Write a new key file, synchronised to disk; an existing one is never touched.
 * Returns 0, -EEXIST, -ENOENT (no such directory), -EACCES, -ENOSPC, -EIO. */
int node_keyfile_write(const char *path, const struct catalog_secret *secret,
		       struct node_error *ret_error);

/* Read a key file.  The caller wipes *ret_secret with node_keyfile_wipe().
 * Returns 0, -ENOENT, -EPERM if others may read or write it or it is not ours, -EBADMSG if it is no
 * key file, -EACCES, -EIO. */
int node_keyfile_read(const char *path, struct catalog_secret *ret_secret,
		      struct node_error *ret_error);

/* Overwrite a secret in memory. */
void node_keyfile_wipe(struct catalog_secret *secret);

#endif
