#include "node/keyseal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define MAGIC  "fedcat member key 2 "
#define HEADER MAGIC "(Ed25519 seed, encrypted: Argon2id, XChaCha20-Poly1305)\n"

#define PASSES       6
#define MEMORY_BYTES (32u * 1024 * 1024)

#define KEY_BYTES    crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_BYTES  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SALT_BYTES   crypto_pwhash_argon2id_SALTBYTES
#define SEALED_BYTES (NODE_KEYSEAL_SEED_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES)

_Static_assert(NODE_KEYSEAL_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519's");

struct parts {
	struct catalog_key key;
	unsigned passes;
	uint64_t memory;
	uint8_t salt[SALT_BYTES];
	uint8_t nonce[NONCE_BYTES];
	uint8_t sealed[SEALED_BYTES];
};

/* The lines that are authenticated.  Returns their length. */
static size_t print_head(const struct parts *parts, char ret_text[NODE_KEYSEAL_BYTES_MAX])
{
	char key[2 * sizeof parts->key.bytes + 1], salt[2 * SALT_BYTES + 1];
	int len;

	sodium_bin2hex(key, sizeof key, parts->key.bytes, sizeof parts->key.bytes);
	sodium_bin2hex(salt, sizeof salt, parts->salt, sizeof parts->salt);
	len = snprintf(ret_text, NODE_KEYSEAL_BYTES_MAX,
		       HEADER "public %s\nargon2id %u %" PRIu64 " %s\n", key, parts->passes,
		       parts->memory, salt);
	assert(len > 0 && len < NODE_KEYSEAL_BYTES_MAX);
	return (size_t)len;
}

static void print(const struct parts *parts, char ret_text[NODE_KEYSEAL_BYTES_MAX])
{
	char nonce[2 * NONCE_BYTES + 1], sealed[2 * SEALED_BYTES + 1];
	size_t head_len = print_head(parts, ret_text);
	int len;

	sodium_bin2hex(nonce, sizeof nonce, parts->nonce, sizeof parts->nonce);
	sodium_bin2hex(sealed, sizeof sealed, parts->sealed, sizeof parts->sealed);
	len = snprintf(ret_text + head_len, NODE_KEYSEAL_BYTES_MAX - head_len, "sealed %s %s\n",
		       nonce, sealed);
	assert(len > 0 && (size_t)len < NODE_KEYSEAL_BYTES_MAX - head_len);
	(void)len;
}

static bool hex(const char *text, uint8_t *ret_bytes, size_t len)
{
	size_t got = 0;

	return sodium_hex2bin(ret_bytes, len, text, strlen(text), NULL, &got, NULL) == 0 &&
	       got == len;
}

static int parse(const char *text, struct parts *ret_parts)
{
	char key[65], salt[33], nonce[49], sealed[97], same[NODE_KEYSEAL_BYTES_MAX];
	struct parts parts = {0};

	if (strlen(text) >= NODE_KEYSEAL_BYTES_MAX ||
	    strncmp(text, HEADER, sizeof HEADER - 1) != 0 ||
	    sscanf(text + sizeof HEADER - 1,
		   "public %64s argon2id %9u %10" SCNu64 " %32s sealed %48s %96s", key,
		   &parts.passes, &parts.memory, salt, nonce, sealed) != 6 ||
	    !hex(key, parts.key.bytes, sizeof parts.key.bytes) ||
	    !hex(salt, parts.salt, sizeof parts.salt) ||
	    !hex(nonce, parts.nonce, sizeof parts.nonce) ||
	    !hex(sealed, parts.sealed, sizeof parts.sealed))
		return -EBADMSG;
	if (parts.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN ||
	    parts.passes > NODE_KEYSEAL_PASSES_MAX ||
	    parts.memory < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
	    parts.memory > NODE_KEYSEAL_MEMORY_MAX)
		return -EBADMSG;
	/* What sscanf() lets pass and we would not write is none of ours; but for the last line's
	 * end, which an editor may have dropped. */
	print(&parts, same);
	if (text[strlen(text) - 1] != '\n')
		same[strlen(same) - 1] = '\0';
	if (strcmp(text, same) != 0)
		return -EBADMSG;
	*ret_parts = parts;
	return 0;
}

static int stretch(const struct parts *parts, const struct node_passphrase *passphrase,
		   uint8_t ret_key[KEY_BYTES])
{
	/* It fails for want of memory alone: the limits were checked. */
	return crypto_pwhash(ret_key, KEY_BYTES, passphrase->bytes, passphrase->len, parts->salt,
			     parts->passes, (size_t)parts->memory,
			     crypto_pwhash_ALG_ARGON2ID13) == 0
		       ? 0
		       : -ENOMEM;
}

int node_keyseal_write(const uint8_t seed[NODE_KEYSEAL_SEED_BYTES], const struct catalog_key *key,
		       const struct node_passphrase *passphrase,
		       char ret_text[NODE_KEYSEAL_BYTES_MAX])
{
	struct parts parts = {.key = *key, .passes = PASSES, .memory = MEMORY_BYTES};
	char head[NODE_KEYSEAL_BYTES_MAX];
	uint8_t *stretched = sodium_malloc(KEY_BYTES);
	size_t head_len;
	int r;

	if (stretched == NULL)
		return -ENOMEM;
	randombytes_buf(parts.salt, sizeof parts.salt);
	randombytes_buf(parts.nonce, sizeof parts.nonce);
	r = stretch(&parts, passphrase, stretched);
	if (r == 0) {
		head_len = print_head(&parts, head);
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
			parts.sealed, NULL, seed, NODE_KEYSEAL_SEED_BYTES, (uint8_t *)head,
			head_len, NULL, parts.nonce, stretched); /* always 0 */
		print(&parts, ret_text);
	}
	sodium_free(stretched);
	return r;
}

bool node_keyseal_is(const char *text)
{
	return strncmp(text, MAGIC, sizeof MAGIC - 1) == 0;
}

int node_keyseal_key(const char *text, struct catalog_key *ret_key)
{
	struct parts parts;
	int r = parse(text, &parts);

	if (r == 0)
		*ret_key = parts.key;
	return r;
}

int node_keyseal_open(const char *text, const struct node_passphrase *passphrase,
		      uint8_t ret_seed[NODE_KEYSEAL_SEED_BYTES])
{
	char head[NODE_KEYSEAL_BYTES_MAX];
	struct parts parts;
	uint8_t *stretched;
	size_t head_len;
	int r = parse(text, &parts);

	if (r != 0)
		return r;
	stretched = sodium_malloc(KEY_BYTES);
	if (stretched == NULL)
		return -ENOMEM;
	r = stretch(&parts, passphrase, stretched);
	head_len = print_head(&parts, head);
	if (r == 0 && crypto_aead_xchacha20poly1305_ietf_decrypt(
			      ret_seed, NULL, NULL, parts.sealed, sizeof parts.sealed,
			      (uint8_t *)head, head_len, parts.nonce, stretched) != 0)
		r = -EKEYREJECTED;
	sodium_free(stretched);
	return r;
}
