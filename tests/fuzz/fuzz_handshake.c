/* The handshake by itself.  The first byte chooses the end that hears the rest, cut into messages
 * whose lengths the input tells: whoever has not the keys opens nothing.  Or both ends are there,
 * and the input changes what passes between them: then they open only if nothing was changed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "gossip/noise.h"
#include "tests/fuzz/target.h"

#define MESSAGE_MAX 128
#define MESSAGES    3

static const struct gossip_noise_secret secrets[] = {{{0, 1}}, {{0, 2}}, {{0, 3}}, {{0, 4}}};

static void begin(struct gossip_noise *noise, enum gossip_noise_role role)
{
	static const uint8_t prologue[] = "fuzz";
	struct catalog_node_key remote;

	gossip_noise_public(&secrets[GOSSIP_NOISE_RESPONDER], &remote);
	gossip_noise_init(noise, &(struct gossip_noise_options){
					 .role = role,
					 .prologue = {prologue, sizeof prologue},
					 .secret = &secrets[role],
					 .ephemeral = &secrets[2 + role],
					 .remote = role == GOSSIP_NOISE_INITIATOR ? &remote : NULL,
				 });
}

/* One end, and messages of nobody's. */
static void hear(enum gossip_noise_role role, const uint8_t *data, size_t size)
{
	struct gossip_noise noise;
	uint8_t message[MESSAGE_MAX], payload[256];

	begin(&noise, role);
	for (unsigned i = 0; i < MESSAGES && size > 0; i++) {
		size_t len = data[0] % (MESSAGE_MAX + 1u);

		if (gossip_noise_writes(&noise)) {
			(void)gossip_noise_write(&noise, (struct catalog_span){NULL, 0}, message);
			continue;
		}
		data++;
		size--;
		if (len > size)
			len = size;
		if (gossip_noise_read(&noise, (struct catalog_span){data, len}, payload) != 0)
			break;
		data += len;
		size -= len;
	}
	require(!gossip_noise_is_done(&noise));
	gossip_noise_close(&noise);
}

/* Both ends; of each message the input tells which byte is changed to what, and how much is cut. */
static void between(const uint8_t *data, size_t size)
{
	struct gossip_noise ends[2];
	bool is_changed = false;

	begin(&ends[0], GOSSIP_NOISE_INITIATOR);
	begin(&ends[1], GOSSIP_NOISE_RESPONDER);
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct gossip_noise *from = &ends[i % 2], *to = &ends[1 - i % 2];
		uint8_t message[MESSAGE_MAX], payload[MESSAGE_MAX];
		size_t len = gossip_noise_overhead(from);

		if (!gossip_noise_writes(from))
			break;
		require(gossip_noise_write(from, (struct catalog_span){NULL, 0}, message) == 0);
		if (size >= 3) {
			is_changed |= data[1] != 0 || (data[2] & 15) == 15;
			message[data[0] % len] ^= data[1];
			len -= (data[2] & 15) == 15 ? 1 + data[2] % len : 0;
			data += 3;
			size -= 3;
		}
		if (gossip_noise_read(to, (struct catalog_span){message, len}, payload) != 0)
			break;
	}
	/* A handshake that is done at both ends is the same at both, and was not touched; the one
	 * bit of a public key that does not count is in the hash. */
	if (gossip_noise_is_done(&ends[0]) && gossip_noise_is_done(&ends[1])) {
		require(!is_changed);
		require(catalog_hash_equal(gossip_noise_hash(&ends[0]),
					   gossip_noise_hash(&ends[1])));
	} else {
		require(is_changed);
	}
	gossip_noise_close(&ends[0]);
	gossip_noise_close(&ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	require(sodium_init() >= 0);
	if (data[0] < 86)
		hear(GOSSIP_NOISE_INITIATOR, data + 1, size - 1);
	else if (data[0] < 172)
		hear(GOSSIP_NOISE_RESPONDER, data + 1, size - 1);
	else
		between(data + 1, size - 1);
	return 0;
}
