/* Bytes as the proof of a fork, by a charter that knows one member: whatever they are, they prove
 * nothing, since its key signed nothing. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "catalog/fork.h"
#include "tests/fuzz/founder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {7};
	struct catalog_member founder = {
		.index = 1, .name = "nbs", .title = "Bureau", .country = "KE", .sector = "test"};
	struct catalog_charter *charter;
	struct catalog_secret secret;
	struct catalog_fork fork;

	require(sodium_init() >= 0);
	crypto_sign_seed_keypair(founder.key.bytes, secret.bytes, seed);
	charter = found("Fuzz", &founder, &secret);
	require(catalog_fork_verify(charter, (struct catalog_span){data, size}, &fork) != 0);
	catalog_charter_free(charter);
	return 0;
}
