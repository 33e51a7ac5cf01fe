/* node/nodekey.h - a node's own key, X25519, with which it speaks to other nodes: <dir>/node.key.
 *
 *   fedcat node key 1 (X25519; keep this file secret)
 *   <64 hexadecimal digits>
 *
 * It signs nothing: who has it can speak for its member to other nodes, and publish nothing.
 * How the file is kept: node/secretfile.  Secrets are in memory of sodium_malloc().
 */
#ifndef NODE_NODEKEY_H
#define NODE_NODEKEY_H

#include "gossip/noise.h"
#include "node/error.h"

#define NODE_NODEKEY_FINGERPRINT_BYTES 20 /* "3f2a 91bc 0d4e 77a1" and the NUL */
#define NODE_NODEKEY_HEX_BYTES         65

/* Make a new secret from the system's randomness.  The caller owns *ret_secret and ends it with
 * node_nodekey_free(), which wipes it.  Returns 0, -ENOMEM. */
int node_nodekey_generate(struct gossip_noise_secret **ret_secret);
void node_nodekey_free(struct gossip_noise_secret *secret); /* NULL is allowed */

/* Write a new key file; an existing one is never touched.
 * Returns as node_secretfile_write(). */
int node_nodekey_write(const char *path, const struct gossip_noise_secret *secret,
		       struct node_error *ret_error);

/* Read a key file.  The caller owns *ret_secret likewise.
 * Returns as node_secretfile_read(), -EBADMSG if it is no node's key file, -ENOMEM. */
int node_nodekey_read(const char *path, struct gossip_noise_secret **ret_secret,
		      struct node_error *ret_error);

/* The node's key of a directory; one that has none gets one.  Likewise. */
int node_nodekey_open(const char *dir, struct gossip_noise_secret **ret_secret,
		      struct node_error *ret_error);

/* A public key as people compare it: its first 16 hexadecimal digits in groups of four; and
 * as programs do, whole. */
void node_nodekey_fingerprint(const struct catalog_node_key *key,
			      char ret_text[NODE_NODEKEY_FINGERPRINT_BYTES]);
void node_nodekey_hex(const struct catalog_node_key *key, char ret_hex[NODE_NODEKEY_HEX_BYTES]);

/* The other way round, from all 64 digits.  Returns 0, -EINVAL. */
int node_nodekey_parse(const char *hex, struct catalog_node_key *ret_key);

#endif
