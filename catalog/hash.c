/* catalog/hash.c - thin over nettle and libsodium.
 *
 * libsodium's SHA-256 is portable C.  Nettle's uses the instructions that processors have for it,
 * and is four times as fast on those; hashing is what reading, checking and writing a log costs
 * most. It is in every node's memory already, because libmicrohttpd and libraptor2 bring it. */
#include "catalog/hash.h"

#include <errno.h>
#include <string.h>

#include <nettle/sha2.h>
#include <sodium.h>

_Static_assert(sizeof(struct catalog_hash) == SHA256_DIGEST_SIZE, "SHA-256 is 32 bytes");

void catalog_hash_of(const void *bytes, size_t len, struct catalog_hash *ret_hash)
{
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, len, bytes);
	sha256_digest(&context, sizeof ret_hash->bytes, ret_hash->bytes);
}

void catalog_hash_of_parts(const struct catalog_span *parts, size_t count,
			   struct catalog_hash *ret_hash)
{
	struct sha256_ctx context;

	sha256_init(&context);
	for (size_t i = 0; i < count; i++)
		sha256_update(&context, parts[i].len, parts[i].bytes);
	sha256_digest(&context, sizeof ret_hash->bytes, ret_hash->bytes);
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
