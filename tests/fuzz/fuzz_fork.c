/* Bytes as the proof of a fork, by a charter that knows one member: whatever they are, they prove
 * nothing, since its key signed nothing. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "catalog/fork.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalog_charter *make_charter(void)
{
	struct catalog_member member = {
		.index = 1, .name = "nbs", .title = "Bureau", .country = "KE", .sector = "test"};
	struct catalog_founding founding = {.name = "Fuzz",
					    .members = &member,
					    .member_count = 1,
					    .council = &member.key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_buffer amendment = {0};
	struct catalog_charter *charter = NULL;
	struct catalog_secret secret;
	static const uint8_t seed[32] = {7};

	if (sodium_init() < 0)
		abort();
	crypto_sign_seed_keypair(member.key.bytes, secret.bytes, seed);
	if (catalog_charter_found(&founding, &secret, 1, &amendment, NULL) != 0 ||
	    catalog_charter_new(catalog_buffer_span(&amendment), &charter) != 0)
		abort();
	catalog_buffer_close(&amendment);
	return charter;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_charter *charter = make_charter();
	struct catalog_fork fork;

	assert(catalog_fork_verify(charter, (struct catalog_span){data, size}, &fork) != 0);
	catalog_charter_free(charter);
	return 0;
}
