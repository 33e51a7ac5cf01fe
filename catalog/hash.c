/* catalog/hash.c - thin over libsodium. */
#include "catalog/hash.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

_Static_assert(sizeof(struct catalog_hash) == crypto_hash_sha256_BYTES, "SHA-256 is 32 bytes");

void catalog_hash_of(const void *bytes, size_t len, struct catalog_hash *ret_hash)
{
	crypto_hash_sha256(ret_hash->bytes, bytes, len);
}

bool catalog_hash_equal(const struct catalog_hash *a, const struct catalog_hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void catalog_hash_to_hex(const struct catalog_hash *hash, char ret_hex[CATALOG_HASH_HEX_BYTES])
{
	sodium_bin2hex(ret_hex, CATALOG_HASH_HEX_BYTES, hash->bytes, sizeof hash->bytes);
}

int catalog_hash_from_hex(const char *hex, struct catalog_hash *ret_hash)
{
	struct catalog_hash hash;
	size_t len = 0;

	if (strlen(hex) != 2 * sizeof hash.bytes ||
	    sodium_hex2bin(hash.bytes, sizeof hash.bytes, hex, strlen(hex), NULL, &len, NULL) !=
		    0 ||
	    len != sizeof hash.bytes)
		return -EBADMSG;
	*ret_hash = hash;
	return 0;
}
