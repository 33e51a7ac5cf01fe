/* catalog/amendment.h - an amendment of the charter as it travels: what it decides, and signatures.
 *
 * msgpack [body, [[key, signature], ...]].  body is a bin: msgpack {v: 1, number, prev (hash of the
 * amendment before; nil for 0), time, changes: [change, ...]} (catalog/change).  A signature is
 * Ed25519 over "fedcat-amendment-v1" || 0x00 || SHA-256(body).  The hash of an amendment is
 * SHA-256(body); the federation's id is that of amendment 0.  One with too few signatures is a
 * draft: it gathers them, here or there, and is the same amendment.
 */
#ifndef CATALOG_AMENDMENT_H
#define CATALOG_AMENDMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/change.h"
#include "catalog/checkpoint.h"
#include "catalog/hash.h"

#define CATALOG_AMENDMENT_BYTES_MAX      (4u * 1024 * 1024)
#define CATALOG_AMENDMENT_CHANGES_MAX    8192
#define CATALOG_AMENDMENT_SIGNATURES_MAX (2 * CATALOG_CHARTER_COUNCIL_MAX) /* two councils */

struct catalog_signature {
	struct catalog_key key;
	uint8_t bytes[64];
};

/* All spans are borrowed from the bytes that were read. */
struct catalog_amendment {
	struct catalog_span body;
	struct catalog_hash hash; /* of the body */
	uint64_t number;
	struct catalog_hash prev; /* zeros for number 0 */
	int64_t time_s;
	size_t change_count;
	struct catalog_span changes; /* one after the other: catalog_amendment_next() */
	size_t signature_count;
	struct catalog_signature signatures[CATALOG_AMENDMENT_SIGNATURES_MAX];
};

/* Append a body: changes are change_count of catalog_change_encode(), one after the other; prev is
 * NULL for number 0.  Returns 0, -ENOMEM. */
int catalog_amendment_write(uint64_t number, const struct catalog_hash *prev, int64_t time_s,
			    struct catalog_span changes, size_t change_count,
			    struct catalog_buffer *body);

/* Append the amendment of a body and its signatures.  Returns 0, -ENOMEM. */
int catalog_amendment_encode(struct catalog_span body, const struct catalog_signature *signatures,
			     size_t count, struct catalog_buffer *buffer);

/* Read exactly one amendment (one body) from bytes that may come from anybody.  Nothing is verified
 * yet.  *ret_amendment is of no use unless it returns 0.  Returns 0, -E2BIG, -EBADMSG. */
int catalog_amendment_decode(struct catalog_span bytes, struct catalog_amendment *ret_amendment);
int catalog_amendment_decode_body(struct catalog_span body,
				  struct catalog_amendment *ret_amendment);

/* Take the next change off *changes, which begins as amendment->changes.  Returns 0, -ENOENT at the
 * end, else as catalog_change_decode(). */
int catalog_amendment_next(struct catalog_span *changes, struct catalog_change *ret_change,
			   char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* Sign the amendment with this hash. */
void catalog_amendment_sign(const struct catalog_hash *hash, const struct catalog_secret *secret,
			    struct catalog_signature *ret_signature);

/* Returns 0, -EKEYREJECTED if the signature is false. */
int catalog_amendment_verify(const struct catalog_hash *hash,
			     const struct catalog_signature *signature);

/* Add a signature that is true.  Returns 0, -EEXIST if this key has signed, -EKEYREJECTED if it is
 * false, -ENOSPC. */
int catalog_amendment_add(struct catalog_amendment *amendment,
			  const struct catalog_signature *signature);

/* Leave only true signatures by keys, each once.  Returns how many there are then. */
size_t catalog_amendment_keep(struct catalog_amendment *amendment, const struct catalog_key *keys,
			      size_t count);

#endif
