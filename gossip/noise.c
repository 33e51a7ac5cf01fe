/* gossip/noise.c - the names of the Noise specification are kept where they name a step: MixHash,
 * MixKey, Split, Rekey.  The chain key is never used after the handshake, and the handshake's
 * cipher key never before the first MixKey: every message of XK begins with a Diffie-Hellman before
 * its payload, so there is always a key when something is sealed. */
#include "gossip/noise.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sodium.h>

#define STEPS 3

static const char protocol[] = "Noise_XK_25519_ChaChaPoly_SHA256";

_Static_assert(sizeof protocol - 1 == 32, "a name of the hash's length is itself the first hash");
_Static_assert(sizeof(struct gossip_noise_secret) == crypto_scalarmult_SCALARBYTES, "X25519's");
_Static_assert(sizeof(struct catalog_node_key) == crypto_scalarmult_BYTES, "X25519's");
_Static_assert(GOSSIP_NOISE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "the tag");
_Static_assert(sizeof(struct catalog_hash) == crypto_hash_sha256_BYTES, "SHA-256's");
_Static_assert(crypto_auth_hmacsha256_BYTES == 32, "HMAC-SHA256's");

void gossip_noise_public(const struct gossip_noise_secret *secret, struct catalog_node_key *ret_key)
{
	/* It fails for no secret: the base point is of prime order and the secret is clamped. */
	int r = crypto_scalarmult_base(ret_key->bytes, secret->bytes);

	assert(r == 0);
	(void)r;
}

/* --- the cipher ------------------------------------------------------------------------------ */

static void nonce_bytes(uint64_t nonce, uint8_t ret_bytes[12])
{
	memset(ret_bytes, 0, 4);
	for (unsigned i = 0; i < 8; i++)
		ret_bytes[4 + i] = (uint8_t)(nonce >> 8 * i);
}

static int seal(struct gossip_noise_cipher *cipher, struct catalog_span extra,
		struct catalog_span plain, uint8_t *ret_sealed)
{
	uint8_t nonce[12];
	int r;

	if (cipher->nonce == UINT64_MAX) /* reserved, for the rekeying */
		return -EOVERFLOW;
	nonce_bytes(cipher->nonce, nonce);
	r = crypto_aead_chacha20poly1305_ietf_encrypt(ret_sealed, NULL, plain.bytes, plain.len,
						      extra.bytes, extra.len, NULL, nonce,
						      cipher->key);
	assert(r == 0);
	(void)r;
	cipher->nonce++;
	return 0;
}

static int open_sealed(struct gossip_noise_cipher *cipher, struct catalog_span extra,
		       struct catalog_span sealed, uint8_t *ret_plain)
{
	uint8_t nonce[12];

	if (sealed.len < GOSSIP_NOISE_TAG_BYTES)
		return -EBADMSG;
	if (cipher->nonce == UINT64_MAX)
		return -EOVERFLOW;
	nonce_bytes(cipher->nonce, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, sealed.bytes,
						      sealed.len, extra.bytes, extra.len, nonce,
						      cipher->key) != 0)
		return -EBADMSG;
	cipher->nonce++;
	return 0;
}

static void rekey(struct gossip_noise_cipher *cipher)
{
	static const uint8_t zeros[32];
	uint8_t nonce[12], sealed[32 + GOSSIP_NOISE_TAG_BYTES];

	nonce_bytes(UINT64_MAX, nonce);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, zeros, sizeof zeros, NULL, 0,
							NULL, nonce, cipher->key); /* always 0 */
	memcpy(cipher->key, sealed, sizeof cipher->key);
	sodium_memzero(sealed, sizeof sealed);
}

/* --- the handshake's state ------------------------------------------------------------------- */

static void mix_hash(struct gossip_noise *noise, const void *bytes, size_t len)
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state); /* none of the three fails */
	(void)crypto_hash_sha256_update(&state, noise->hash.bytes, sizeof noise->hash.bytes);
	(void)crypto_hash_sha256_update(&state, bytes, len);
	(void)crypto_hash_sha256_final(&state, noise->hash.bytes);
}

static void hmac(const uint8_t key[32], const uint8_t *bytes, size_t len, uint8_t ret_mac[32])
{
	int r = crypto_auth_hmacsha256(ret_mac, bytes, len, key);

	assert(r == 0);
	(void)r;
}

/* HKDF with two outputs. */
static void derive(const uint8_t chain[32], const uint8_t *input, size_t len, uint8_t ret_first[32],
		   uint8_t ret_second[32])
{
	uint8_t extracted[32], text[33];

	hmac(chain, input, len, extracted);
	text[0] = 1;
	hmac(extracted, text, 1, ret_first);
	memcpy(text, ret_first, 32);
	text[32] = 2;
	hmac(extracted, text, sizeof text, ret_second);
	sodium_memzero(extracted, sizeof extracted);
	sodium_memzero(text, sizeof text);
}

/* MixKey of a Diffie-Hellman.  A public key of low order makes nothing but zeros, whatever the
 * secret: libsodium tells. */
static int mix_key(struct gossip_noise *noise, const struct gossip_noise_secret *secret,
		   const struct catalog_node_key *key)
{
	uint8_t shared[32], chain[32];

	if (crypto_scalarmult(shared, secret->bytes, key->bytes) != 0) {
		sodium_memzero(shared, sizeof shared);
		return -EKEYREJECTED;
	}
	derive(noise->chain, shared, sizeof shared, chain, noise->handshake.key);
	memcpy(noise->chain, chain, sizeof chain);
	noise->handshake.nonce = 0;
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(chain, sizeof chain);
	return 0;
}

/* EncryptAndHash. */
static void seal_and_hash(struct gossip_noise *noise, struct catalog_span plain,
			  uint8_t *ret_sealed)
{
	struct catalog_span extra = {noise->hash.bytes, sizeof noise->hash.bytes};
	int r = seal(&noise->handshake, extra, plain, ret_sealed);

	assert(r == 0); /* a handful of nonces is all that a handshake takes */
	(void)r;
	mix_hash(noise, ret_sealed, plain.len + GOSSIP_NOISE_TAG_BYTES);
}

/* DecryptAndHash. */
static int open_and_hash(struct gossip_noise *noise, struct catalog_span sealed, uint8_t *ret_plain)
{
	struct catalog_span extra = {noise->hash.bytes, sizeof noise->hash.bytes};
	int r = open_sealed(&noise->handshake, extra, sealed, ret_plain);

	if (r == 0)
		mix_hash(noise, sealed.bytes, sealed.len);
	return r;
}

/* The Diffie-Hellman of a step: es, ee, se.  The first letter is the initiator's key. */
static int mix_step(struct gossip_noise *noise, unsigned step)
{
	bool initiates = noise->role == GOSSIP_NOISE_INITIATOR;
	bool is_ours_static = initiates ? step == 2 : step == 0;
	bool is_theirs_static = initiates ? step == 0 : step == 2;

	return mix_key(noise, is_ours_static ? &noise->secret : &noise->ephemeral,
		       is_theirs_static ? &noise->remote : &noise->remote_ephemeral);
}

static void wipe_handshake(struct gossip_noise *noise)
{
	sodium_memzero(&noise->secret, sizeof noise->secret);
	sodium_memzero(&noise->ephemeral, sizeof noise->ephemeral);
	sodium_memzero(noise->chain, sizeof noise->chain);
	sodium_memzero(&noise->handshake, sizeof noise->handshake);
}

static void split(struct gossip_noise *noise)
{
	bool initiates = noise->role == GOSSIP_NOISE_INITIATOR;
	struct gossip_noise_cipher *first = initiates ? &noise->sending : &noise->receiving;
	struct gossip_noise_cipher *second = initiates ? &noise->receiving : &noise->sending;

	derive(noise->chain, NULL, 0, first->key, second->key);
	first->nonce = second->nonce = 0;
	wipe_handshake(noise);
}

static int finish_step(struct gossip_noise *noise, int r)
{
	if (r != 0) {
		noise->is_over = true;
		wipe_handshake(noise);
	} else if (++noise->step == STEPS) {
		split(noise);
	}
	return r;
}

/* --- for everybody --------------------------------------------------------------------------- */

void gossip_noise_init(struct gossip_noise *noise, const struct gossip_noise_options *options)
{
	assert((options->role == GOSSIP_NOISE_INITIATOR) == (options->remote != NULL));
	memset(noise, 0, sizeof *noise);
	noise->role = options->role;
	noise->secret = *options->secret;
	noise->ephemeral = *options->ephemeral;
	gossip_noise_public(&noise->secret, &noise->key);
	gossip_noise_public(&noise->ephemeral, &noise->ephemeral_key);
	if (options->remote != NULL)
		noise->remote = *options->remote;
	memcpy(noise->hash.bytes, protocol, sizeof noise->hash.bytes);
	memcpy(noise->chain, protocol, sizeof noise->chain);
	mix_hash(noise, options->prologue.bytes, options->prologue.len);
	mix_hash(noise, options->remote != NULL ? noise->remote.bytes : noise->key.bytes,
		 sizeof noise->key.bytes);
}

void gossip_noise_close(struct gossip_noise *noise)
{
	sodium_memzero(noise, sizeof *noise);
}

bool gossip_noise_writes(const struct gossip_noise *noise)
{
	return !noise->is_over && noise->step < STEPS &&
	       (noise->role == GOSSIP_NOISE_INITIATOR) == (noise->step % 2 == 0);
}

size_t gossip_noise_overhead(const struct gossip_noise *noise)
{
	return noise->step == 2 ? GOSSIP_NOISE_THIRD_BYTES : GOSSIP_NOISE_FIRST_BYTES;
}

int gossip_noise_write(struct gossip_noise *noise, struct catalog_span payload,
		       uint8_t *ret_message)
{
	uint8_t *sealed = ret_message + gossip_noise_overhead(noise) - GOSSIP_NOISE_TAG_BYTES;
	int r;

	assert(gossip_noise_writes(noise));
	assert(payload.len <= GOSSIP_NOISE_MESSAGE_BYTES_MAX - gossip_noise_overhead(noise));
	if (noise->step == 2) {
		struct catalog_span key = {noise->key.bytes, sizeof noise->key.bytes};

		seal_and_hash(noise, key, ret_message);
	} else {
		memcpy(ret_message, noise->ephemeral_key.bytes, sizeof noise->ephemeral_key.bytes);
		mix_hash(noise, noise->ephemeral_key.bytes, sizeof noise->ephemeral_key.bytes);
	}
	r = mix_step(noise, noise->step);
	if (r == 0)
		seal_and_hash(noise, payload, sealed);
	return finish_step(noise, r);
}

int gossip_noise_read(struct gossip_noise *noise, struct catalog_span message, uint8_t *ret_payload)
{
	size_t overhead = gossip_noise_overhead(noise);
	size_t key_len = overhead - GOSSIP_NOISE_TAG_BYTES;
	struct catalog_span sealed;
	int r = 0;

	assert(!noise->is_over);
	assert(noise->step < STEPS);
	assert(!gossip_noise_writes(noise));
	if (message.len < overhead || message.len > GOSSIP_NOISE_MESSAGE_BYTES_MAX)
		return finish_step(noise, -EBADMSG);
	sealed = (struct catalog_span){message.bytes + key_len, message.len - key_len};
	if (noise->step == 2) {
		struct catalog_span key = {message.bytes, key_len};

		r = open_and_hash(noise, key, noise->remote.bytes);
	} else {
		memcpy(noise->remote_ephemeral.bytes, message.bytes, key_len);
		mix_hash(noise, message.bytes, key_len);
	}
	if (r == 0)
		r = mix_step(noise, noise->step);
	if (r == 0)
		r = open_and_hash(noise, sealed, ret_payload);
	return finish_step(noise, r);
}

bool gossip_noise_is_done(const struct gossip_noise *noise)
{
	return noise->step == STEPS;
}

const struct catalog_node_key *gossip_noise_remote(const struct gossip_noise *noise)
{
	return &noise->remote;
}

const struct catalog_hash *gossip_noise_hash(const struct gossip_noise *noise)
{
	assert(gossip_noise_is_done(noise));
	return &noise->hash;
}

int gossip_noise_seal(struct gossip_noise *noise, struct catalog_span extra,
		      struct catalog_span plain, uint8_t *ret_sealed)
{
	assert(gossip_noise_is_done(noise));
	return seal(&noise->sending, extra, plain, ret_sealed);
}

int gossip_noise_open(struct gossip_noise *noise, struct catalog_span extra,
		      struct catalog_span sealed, uint8_t *ret_plain)
{
	assert(gossip_noise_is_done(noise));
	return open_sealed(&noise->receiving, extra, sealed, ret_plain);
}

void gossip_noise_rekey_sending(struct gossip_noise *noise)
{
	assert(gossip_noise_is_done(noise));
	rekey(&noise->sending);
}

void gossip_noise_rekey_receiving(struct gossip_noise *noise)
{
	assert(gossip_noise_is_done(noise));
	rekey(&noise->receiving);
}
