/* gossip/noise.h - one end of a Noise XK_25519_ChaChaPoly_SHA256 session (revision 34 of the Noise
 * protocol framework): three messages agree on keys, then both directions are sealed.
 *
 *   <- s            the initiator knows the responder's static key beforehand
 *   -> e, es        message 1
 *   <- e, ee        message 2
 *   -> s, se        message 3: the responder learns who the initiator is
 *
 * Pure: the ephemeral secret is an argument, and must come from a good source and be used once.
 * Memory   the caller's.  struct gossip_noise holds secrets: it and whatever secret is passed in
 *          belong in memory of sodium_malloc().  What is needed no more is wiped at once, the rest
 *          by gossip_noise_close().
 * Threads  none: one caller at a time.
 */
#ifndef GOSSIP_NOISE_H
#define GOSSIP_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"

#define GOSSIP_NOISE_TAG_BYTES         16
#define GOSSIP_NOISE_FIRST_BYTES       48 /* messages 1 and 2 without a payload */
#define GOSSIP_NOISE_THIRD_BYTES       64 /* message 3 likewise */
#define GOSSIP_NOISE_MESSAGE_BYTES_MAX 65535

/* The secret half of an X25519 key: 32 bytes of a good random source. */
struct gossip_noise_secret {
	uint8_t bytes[32];
};

enum gossip_noise_role { GOSSIP_NOISE_INITIATOR, GOSSIP_NOISE_RESPONDER };

/* Keys and counters of one direction. */
struct gossip_noise_cipher {
	uint8_t key[32];
	uint64_t nonce;
};

/* Nobody but noise.c reads or writes what is in it. */
struct gossip_noise {
	enum gossip_noise_role role;
	unsigned step; /* messages of the handshake that have passed */
	bool is_over;  /* it failed */
	struct gossip_noise_secret secret, ephemeral;
	struct catalog_node_key key, ephemeral_key; /* our public halves */
	struct catalog_node_key remote, remote_ephemeral;
	struct catalog_hash hash;
	uint8_t chain[32];
	struct gossip_noise_cipher handshake, sending, receiving;
};

struct gossip_noise_options {
	enum gossip_noise_role role;
	struct catalog_span prologue;                /* both ends must have the same */
	const struct gossip_noise_secret *secret;    /* our static key; copied */
	const struct gossip_noise_secret *ephemeral; /* used once; copied */
	const struct catalog_node_key *remote; /* initiator: the responder's static key; else NULL
						*/
};

/* The public half of a secret. */
void gossip_noise_public(const struct gossip_noise_secret *secret,
			 struct catalog_node_key *ret_key);

/* Begin.  End it with gossip_noise_close(). */
void gossip_noise_init(struct gossip_noise *noise, const struct gossip_noise_options *options);

/* Wipe everything. */
void gossip_noise_close(struct gossip_noise *noise);

/* Whether the next message of the handshake is ours to write; false when it is done or over. */
bool gossip_noise_writes(const struct gossip_noise *noise);

/* Bytes that the next message of the handshake has besides its payload. */
size_t gossip_noise_overhead(const struct gossip_noise *noise);

/* Write the next message of the handshake: payload.len + gossip_noise_overhead() bytes, together at
 * most GOSSIP_NOISE_MESSAGE_BYTES_MAX.  The payload may lie in ret_message, at its end but for a
 * tag (so that it is sealed where it is), or elsewhere.
 * Returns 0, -EKEYREJECTED if a key of the other's is of low order: then the handshake is over. */
int gossip_noise_write(struct gossip_noise *noise, struct catalog_span payload,
		       uint8_t *ret_message);

/* Read the other's next message; its payload (message.len - gossip_noise_overhead() bytes) goes to
 * ret_payload, which does not overlap it.
 * Returns 0, -EBADMSG if it is too short or not what a peer with these keys and this prologue
 * writes, -EKEYREJECTED if a key of the other's is of low order.  After either the handshake is
 * over: everything secret is wiped. */
int gossip_noise_read(struct gossip_noise *noise, struct catalog_span message,
		      uint8_t *ret_payload);

/* Whether the three messages have passed. */
bool gossip_noise_is_done(const struct gossip_noise *noise);

/* The other's static key: from the beginning for the initiator, from message 3 on for the
 * responder. */
const struct catalog_node_key *gossip_noise_remote(const struct gossip_noise *noise);

/* The hash of the whole handshake, once it is done: the same at both ends, and in no other session.
 */
const struct catalog_hash *gossip_noise_hash(const struct gossip_noise *noise);

/* Seal plain.len bytes under our next nonce: plain.len + GOSSIP_NOISE_TAG_BYTES bytes.  Both may be
 * the same memory.  extra is authenticated and not sent.  The handshake is done.
 * Returns 0, -EOVERFLOW if there are no nonces left. */
int gossip_noise_seal(struct gossip_noise *noise, struct catalog_span extra,
		      struct catalog_span plain, uint8_t *ret_sealed);

/* Open what the other sealed next: sealed.len - GOSSIP_NOISE_TAG_BYTES bytes.  Likewise.
 * Returns 0, -EBADMSG if it is too short or not that, -EOVERFLOW; then nothing has changed. */
int gossip_noise_open(struct gossip_noise *noise, struct catalog_span extra,
		      struct catalog_span sealed, uint8_t *ret_plain);

/* From here on another key, which does not tell the one before, for what we seal; and for what we
 * open. */
void gossip_noise_rekey_sending(struct gossip_noise *noise);
void gossip_noise_rekey_receiving(struct gossip_noise *noise);

#endif
