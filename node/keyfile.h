/* node/keyfile.h - the member's Ed25519 secret key in a file that only its owner may read.
 *
 *   fedcat member key 1 (Ed25519 seed; keep this file secret)
 *   <64 hexadecimal digits>
 *
 * Or the same under a passphrase: node/keyseal.  How the file is kept: node/secretfile.
 */
#ifndef NODE_KEYFILE_H
#define NODE_KEYFILE_H

#include <stdbool.h>

#include "catalog/checkpoint.h"
#include "node/error.h"
#include "node/passphrase.h"

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

/* Read a key file, with a passphrase of node/passphrase if it needs one.  The caller wipes
 * *ret_secret with node_keyfile_wipe().
 * Returns 0, -ENOENT, -EPERM if others may read or write it or it is not ours, -EBADMSG if it is no
 * key file, -EKEYREJECTED if the passphrase does not open it, -EACCES, -EIO, or why there is no
 * passphrase. */
int node_keyfile_read(const char *path, struct catalog_secret *ret_secret,
		      struct node_error *ret_error);

/* What can be told of a key file without opening it.  Returns as node_keyfile_read(), but for the
 * passphrase. */
int node_keyfile_look(const char *path, bool *ret_is_encrypted, struct catalog_key *ret_key,
		      struct node_error *ret_error);

/* Write the file anew, under passphrase, or in clear if it is NULL; after a crash there is the old
 * one or the new one.  What the disk keeps of the old one is beyond us.
 * Returns 0, -ENOENT, -EACCES, -ENOSPC, -EIO, -ENOMEM. */
int node_keyfile_replace(const char *path, const struct catalog_secret *secret,
			 const struct node_passphrase *passphrase, struct node_error *ret_error);

/* Write a copy of a key file as it is, encrypted or not; an existing file is never touched.
 * Returns as node_keyfile_look() and node_secretfile_write(). */
int node_keyfile_copy(const char *from, const char *to, struct node_error *ret_error);

/* Memory for a secret, of sodium_malloc().  The caller ends it with node_keyfile_free(), which
 * wipes it.  Returns 0, -ENOMEM. */
int node_keyfile_new(struct catalog_secret **ret_secret);
void node_keyfile_free(struct catalog_secret *secret); /* NULL is allowed */

/* Overwrite a secret in memory. */
void node_keyfile_wipe(struct catalog_secret *secret);

#endif
