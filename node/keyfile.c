#include "node/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "node/secretfile.h"

#define HEADER     "fedcat member key 1 (Ed25519 seed; keep this file secret)\n"
#define HEX_DIGITS (2 * crypto_sign_SEEDBYTES)
#define FILE_BYTES (sizeof HEADER - 1 + HEX_DIGITS + 1)

_Static_assert(sizeof(struct catalog_secret) == crypto_sign_SECRETKEYBYTES, "libsodium's form");
_Static_assert(sizeof(struct catalog_key) == crypto_sign_PUBLICKEYBYTES, "libsodium's form");

void node_keyfile_generate(struct catalog_secret *ret_secret)
{
	struct catalog_key key;
	int r;

	r = sodium_init();
	assert(r >= 0);
	r = crypto_sign_keypair(key.bytes, ret_secret->bytes);
	assert(r == 0);
	(void)r;
}

void node_keyfile_public(const struct catalog_secret *secret, struct catalog_key *ret_key)
{
	int r = crypto_sign_ed25519_sk_to_pk(ret_key->bytes, secret->bytes);

	assert(r == 0);
	(void)r;
}

void node_keyfile_fingerprint(const struct catalog_key *key,
			      char ret_text[NODE_KEYFILE_FINGERPRINT_BYTES])
{
	const uint8_t *b = key->bytes;
	int len;

	len = snprintf(ret_text, NODE_KEYFILE_FINGERPRINT_BYTES,
		       "%02x%02x %02x%02x %02x%02x %02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
		       b[6], b[7]);
	assert(len == NODE_KEYFILE_FINGERPRINT_BYTES - 1);
	(void)len;
}

int node_keyfile_write(const char *path, const struct catalog_secret *secret,
		       struct node_error *ret_error)
{
	char text[FILE_BYTES + 1] = HEADER, seed_hex[HEX_DIGITS + 1];
	uint8_t seed[crypto_sign_SEEDBYTES];
	int r;

	r = crypto_sign_ed25519_sk_to_seed(seed, secret->bytes);
	assert(r == 0);
	sodium_bin2hex(seed_hex, sizeof seed_hex, seed, sizeof seed);
	memcpy(text + sizeof HEADER - 1, seed_hex, HEX_DIGITS);
	text[FILE_BYTES - 1] = '\n';
	r = node_secretfile_write(path, (struct catalog_span){(uint8_t *)text, FILE_BYTES},
				  ret_error);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(seed_hex, sizeof seed_hex);
	sodium_memzero(text, sizeof text);
	return r;
}

/* Whether len bytes at text are a key file; its seed. */
static bool parse(const char *text, size_t len, uint8_t ret_seed[crypto_sign_SEEDBYTES])
{
	size_t seed_len = 0;
	const char *end;

	if (len == FILE_BYTES - 1) /* without the last line's end: an editor's work */
		len++;
	else if (len != FILE_BYTES || text[FILE_BYTES - 1] != '\n')
		return false;
	return memcmp(text, HEADER, sizeof HEADER - 1) == 0 &&
	       sodium_hex2bin(ret_seed, crypto_sign_SEEDBYTES, text + sizeof HEADER - 1, HEX_DIGITS,
			      NULL, &seed_len, &end) == 0 &&
	       seed_len == crypto_sign_SEEDBYTES && end == text + len - 1;
}

int node_keyfile_read(const char *path, struct catalog_secret *ret_secret,
		      struct node_error *ret_error)
{
	char text[FILE_BYTES + 1] = "";
	uint8_t seed[crypto_sign_SEEDBYTES];
	struct catalog_key key;
	size_t len;
	int r;

	r = node_secretfile_read(path, text, sizeof text, &len, ret_error);
	if (r != 0)
		goto out;
	if (!parse(text, len, seed)) {
		r = node_error_set(ret_error, -EBADMSG,
				   "%s: is not a fedcat key file (a line that begins \"fedcat "
				   "member key 1\", then 64 hexadecimal digits); restore it from a "
				   "backup",
				   path);
		goto out;
	}
	r = crypto_sign_seed_keypair(key.bytes, ret_secret->bytes, seed);
	assert(r == 0);
out:
	sodium_memzero(text, sizeof text);
	sodium_memzero(seed, sizeof seed);
	return r;
}

void node_keyfile_wipe(struct catalog_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}
