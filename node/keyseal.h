/* node/keyseal.h - a member's key under a passphrase, as the text of a file:
 *
 *   fedcat member key 2 (Ed25519 seed, encrypted: Argon2id, XChaCha20-Poly1305)
 *   public <64 hexadecimal digits>
 *   argon2id <passes> <bytes of memory> <salt, 32 digits>
 *   sealed <nonce, 48 digits> <seed and tag, 96 digits>
 *
 * The first three lines are authenticated with the seed.  There is one way to write each text.
 *
 * Limits  a new one takes 6 passes over 32 MiB, which a machine with 64 MB can spare; what is read
 *         may ask for NODE_KEYSEAL_PASSES_MAX and NODE_KEYSEAL_MEMORY_MAX, so that no file makes us
 *         work for hours.
 */
#ifndef NODE_KEYSEAL_H
#define NODE_KEYSEAL_H

#include <stdbool.h>

#include "catalog/buffer.h"
#include "catalog/checkpoint.h"
#include "node/passphrase.h"

#define NODE_KEYSEAL_BYTES_MAX  512 /* of a text, with a NUL */
#define NODE_KEYSEAL_SEED_BYTES 32
#define NODE_KEYSEAL_PASSES_MAX 64
#define NODE_KEYSEAL_MEMORY_MAX (1024u * 1024 * 1024)

/* Write the text, which ends in a NUL.  Returns 0, -ENOMEM. */
int node_keyseal_write(const uint8_t seed[NODE_KEYSEAL_SEED_BYTES], const struct catalog_key *key,
		       const struct node_passphrase *passphrase,
		       char ret_text[NODE_KEYSEAL_BYTES_MAX]);

/* Whether a text is one of these, good or not. */
bool node_keyseal_is(const char *text);

/* The public key that it names; only an opened one proves it.  Returns 0, -EBADMSG. */
int node_keyseal_key(const char *text, struct catalog_key *ret_key);

/* Open it.  The caller wipes ret_seed.
 * Returns 0, -EBADMSG, -EKEYREJECTED if the passphrase is another or the text was changed,
 * -ENOMEM. */
int node_keyseal_open(const char *text, const struct node_passphrase *passphrase,
		      uint8_t ret_seed[NODE_KEYSEAL_SEED_BYTES]);

#endif
