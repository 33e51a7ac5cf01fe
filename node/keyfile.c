#include "node/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "node/keyseal.h"
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

static void print_plain(const uint8_t seed[crypto_sign_SEEDBYTES], char ret_text[FILE_BYTES + 1])
{
	memcpy(ret_text, HEADER, sizeof HEADER - 1);
	sodium_bin2hex(ret_text + sizeof HEADER - 1, HEX_DIGITS + 1, seed, crypto_sign_SEEDBYTES);
	memcpy(ret_text + FILE_BYTES - 1, "\n", 2);
}

int node_keyfile_write(const char *path, const struct catalog_secret *secret,
		       struct node_error *ret_error)
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	char text[FILE_BYTES + 1];
	int r;

	r = crypto_sign_ed25519_sk_to_seed(seed, secret->bytes);
	assert(r == 0);
	print_plain(seed, text);
	r = node_secretfile_write(path, (struct catalog_span){(uint8_t *)text, FILE_BYTES},
				  ret_error);
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(text, sizeof text);
	return r;
}

int node_keyfile_replace(const char *path, const struct catalog_secret *secret,
			 const struct node_passphrase *passphrase, struct node_error *ret_error)
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	char text[NODE_KEYSEAL_BYTES_MAX];
	struct catalog_key key;
	int r;

	r = crypto_sign_ed25519_sk_to_seed(seed, secret->bytes);
	assert(r == 0);
	node_keyfile_public(secret, &key);
	if (passphrase != NULL)
		r = node_keyseal_write(seed, &key, passphrase, text);
	else
		print_plain(seed, text);
	if (r == 0)
		r = node_secretfile_replace(
			path, (struct catalog_span){(uint8_t *)text, strlen(text)}, ret_error);
	else
		(void)node_error_set(ret_error, r,
				     "%s: there is not the memory to encrypt it (32 MiB)", path);
	sodium_memzero(seed, sizeof seed);
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

static int fail_to_parse(const char *path, struct node_error *ret_error)
{
	return node_error_set(
		ret_error, -EBADMSG,
		"%s: is not a fedcat key file (a line that begins \"fedcat member key "
		"1\", then 64 hexadecimal digits); restore it from a backup",
		path);
}

/* The file's text, NUL-terminated.  The caller wipes it. */
static int read_text(const char *path, char text[NODE_KEYSEAL_BYTES_MAX], size_t *ret_len,
		     struct node_error *ret_error)
{
	int r = node_secretfile_read(path, text, NODE_KEYSEAL_BYTES_MAX - 1, ret_len, ret_error);

	if (r == 0)
		text[*ret_len] = '\0';
	return r;
}

/* Open an encrypted one. */
static int open_text(const char *path, const char *text, uint8_t ret_seed[crypto_sign_SEEDBYTES],
		     struct node_error *ret_error)
{
	struct node_passphrase *passphrase = NULL;
	struct catalog_key key;
	int r = node_keyseal_key(text, &key);

	if (r != 0) /* before anybody is asked for anything */
		return fail_to_parse(path, ret_error);
	r = node_passphrase_get(path, &passphrase, ret_error);
	if (r != 0)
		return r;
	r = node_keyseal_open(text, passphrase, ret_seed);
	node_passphrase_free(passphrase);
	if (r == -EKEYREJECTED)
		return node_error_set(ret_error, r, "%s: the passphrase does not open it", path);
	if (r != 0)
		return node_error_set(ret_error, r, "%s: there is not the memory to open it", path);
	return 0;
}

int node_keyfile_read(const char *path, struct catalog_secret *ret_secret,
		      struct node_error *ret_error)
{
	char text[NODE_KEYSEAL_BYTES_MAX] = "";
	uint8_t seed[crypto_sign_SEEDBYTES];
	struct catalog_key key;
	size_t len;
	int r;

	r = sodium_init();
	assert(r >= 0);
	r = read_text(path, text, &len, ret_error);
	if (r == 0 && node_keyseal_is(text))
		r = open_text(path, text, seed, ret_error);
	else if (r == 0 && !parse(text, len, seed))
		r = fail_to_parse(path, ret_error);
	if (r != 0)
		goto out;
	r = crypto_sign_seed_keypair(key.bytes, ret_secret->bytes, seed);
	assert(r == 0);
out:
	sodium_memzero(text, sizeof text);
	sodium_memzero(seed, sizeof seed);
	return r;
}

int node_keyfile_look(const char *path, bool *ret_is_encrypted, struct catalog_key *ret_key,
		      struct node_error *ret_error)
{
	char text[NODE_KEYSEAL_BYTES_MAX] = "";
	struct catalog_secret secret;
	bool is_encrypted;
	size_t len;
	int r;

	r = read_text(path, text, &len, ret_error);
	is_encrypted = r == 0 && node_keyseal_is(text);
	if (is_encrypted) {
		r = node_keyseal_key(text, ret_key);
		if (r != 0)
			r = fail_to_parse(path, ret_error);
	} else if (r == 0) {
		r = node_keyfile_read(path, &secret, ret_error);
		if (r == 0)
			node_keyfile_public(&secret, ret_key);
		node_keyfile_wipe(&secret);
	}
	sodium_memzero(text, sizeof text);
	if (r == 0)
		*ret_is_encrypted = is_encrypted;
	return r;
}

int node_keyfile_copy(const char *from, const char *to, struct node_error *ret_error)
{
	char text[NODE_KEYSEAL_BYTES_MAX] = "";
	struct catalog_key key;
	bool is_encrypted;
	size_t len;
	int r;

	r = node_keyfile_look(from, &is_encrypted, &key, ret_error);
	if (r == 0)
		r = read_text(from, text, &len, ret_error);
	if (r == 0)
		r = node_secretfile_write(to, (struct catalog_span){(uint8_t *)text, len},
					  ret_error);
	sodium_memzero(text, sizeof text);
	return r;
}

int node_keyfile_new(struct catalog_secret **ret_secret)
{
	int r = sodium_init();

	assert(r >= 0);
	(void)r;
	*ret_secret = sodium_malloc(sizeof **ret_secret);
	return *ret_secret == NULL ? -ENOMEM : 0;
}

void node_keyfile_free(struct catalog_secret *secret)
{
	sodium_free(secret); /* wipes; NULL is allowed */
}

void node_keyfile_wipe(struct catalog_secret *secret)
{
	sodium_memzero(secret, sizeof *secret);
}
