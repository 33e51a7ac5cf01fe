/* catalog/checkpoint.h - a signed statement of a log's size and root: C2SP tlog-checkpoint in a
 * C2SP signed-note, Ed25519.
 *
 *   fedcat/<first 16 hex digits of the federation id>/<member name>      (origin, and key name)
 *   <size, decimal>
 *   <root, base64>
 *                                                                        (empty line)
 *   — <key name> <base64(key id (4 bytes) || Ed25519 signature)>
 *
 * The key id is the first 4 bytes of SHA-256(key name || "\n" || 0x01 || public key).  Extension
 * lines and signatures by keys we do not know are kept in the note and ignored, as C2SP says.
 */
#ifndef CATALOG_CHECKPOINT_H
#define CATALOG_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"

#define CATALOG_CHECKPOINT_BYTES_MAX  4096 /* a note with its cosignatures */
#define CATALOG_CHECKPOINT_ORIGIN_MAX 100  /* bytes, without the NUL */

/* An Ed25519 public key. */
struct catalog_key {
	uint8_t bytes[32];
};

/* An Ed25519 secret key, as libsodium keeps it: seed and public key. */
struct catalog_secret {
	uint8_t bytes[64];
};

struct catalog_checkpoint {
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	uint64_t size;
	struct catalog_hash root;
	int64_t attested_s; /* when its signer last said that it is the newest; 0: never */
};

/* Write the origin line of a member's log. */
void catalog_checkpoint_origin(const struct catalog_hash *federation, const char *member_name,
			       char ret_origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1]);

/* Append the note that secret signs over checkpoint (origin, size, root).  Deterministic (RFC
 * 8032). Returns 0, -ENOMEM. */
int catalog_checkpoint_sign(const struct catalog_checkpoint *checkpoint,
			    const struct catalog_secret *secret, struct catalog_buffer *ret_note);

/* Read a note from bytes that may come from a peer and verify that key, under the origin as its
 * name, signed it; and its own cosignature (catalog/cosignature.h), if it has one.  Returns 0,
 * -E2BIG, -EBADMSG if it is no such note, -EKEYREJECTED if origin is another, there is no valid
 * signature by key, or one by it that is not valid. */
int catalog_checkpoint_verify(struct catalog_span note, const char *origin,
			      const struct catalog_key *key,
			      struct catalog_checkpoint *ret_checkpoint);

#endif
