/* catalog/hash.h - SHA-256 values and their hexadecimal form. */
#ifndef CATALOG_HASH_H
#define CATALOG_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_HASH_HEX_BYTES 65 /* 64 digits and the NUL */

struct catalog_hash {
	uint8_t bytes[32];
};

/* SHA-256 of len bytes. */
void catalog_hash_of(const void *bytes, size_t len, struct catalog_hash *ret_hash);

/* SHA-256 of spans, one after the other as if they were one. */
void catalog_hash_of_parts(const struct catalog_span *parts, size_t count,
			   struct catalog_hash *ret_hash);

/* Whether two hashes are the same.  Not constant-time: hashes are public. */
bool catalog_hash_equal(const struct catalog_hash *a, const struct catalog_hash *b);

/* Write hash as 64 lower-case digits and a NUL. */
void catalog_hash_to_hex(const struct catalog_hash *hash, char ret_hex[CATALOG_HASH_HEX_BYTES]);

/* Read exactly 64 hexadecimal digits.  Returns 0, -EBADMSG. */
int catalog_hash_from_hex(const char *hex, struct catalog_hash *ret_hash);

#endif
