/* Proofs that a council signed two amendments of one number.  The first byte chooses: the rest as a
 * proof, which proves nothing, since this council signed nothing; or as the changes of two
 * amendments that it did sign both, which is a proof if they are two and may be. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/amendment.h"
#include "catalog/conflict.h"
#include "tests/fuzz/founder.h"

/* The amendment after the founding that makes the changes in bytes, at most max bytes of them. */
static void sign(const struct catalog_charter *charter, const struct catalog_secret *secret,
		 struct catalog_span bytes, int64_t time_s, struct catalog_buffer *amendment)
{
	struct catalog_change *change = malloc(sizeof *change);
	struct catalog_span rest = bytes;
	struct catalog_buffer body = {0};
	struct catalog_signature signature;
	struct catalog_hash hash;
	size_t count = 0;

	require(change != NULL);
	while (count < 16 && catalog_amendment_next(&rest, change, NULL) == 0)
		count++;
	bytes.len -= rest.len;
	require(catalog_amendment_write(1, catalog_charter_head(charter), time_s, bytes, count,
					&body) == 0);
	catalog_hash_of(body.bytes, body.len, &hash);
	catalog_amendment_sign(&hash, secret, &signature);
	require(catalog_amendment_encode(catalog_buffer_span(&body), &signature, 1, amendment) ==
		0);
	catalog_buffer_close(&body);
	free(change);
}

static void try_two(const struct catalog_charter *charter, const struct catalog_secret *secret,
		    struct catalog_span first, struct catalog_span second)
{
	struct catalog_buffer amendments[2] = {{0}}, proof = {0}, again = {0};
	struct catalog_charter *with = NULL, *other = NULL;
	struct catalog_conflict conflict;

	sign(charter, secret, first, 1, &amendments[0]);
	sign(charter, secret, second, 2, &amendments[1]);
	if (catalog_charter_amend(charter, catalog_buffer_span(&amendments[0]), &with, NULL) == 0 &&
	    catalog_conflict_make(with, catalog_buffer_span(&amendments[1]), &proof, &other,
				  NULL) == 0) {
		require(catalog_conflict_verify(charter, catalog_buffer_span(&proof), &conflict,
						NULL) == 0);
		require(catalog_conflict_verify(with, catalog_buffer_span(&proof), &conflict,
						NULL) == 0);
		require(conflict.number == 1);
		catalog_charter_free(with);
		with = NULL;
		require(catalog_conflict_make(other, catalog_buffer_span(&amendments[0]), &again,
					      &with, NULL) == 0);
		require(again.len == proof.len && memcmp(again.bytes, proof.bytes, again.len) == 0);
		proof.bytes[proof.len / 2] ^= 1; /* in one of the two, or a length */
		require(catalog_conflict_verify(charter, catalog_buffer_span(&proof), &conflict,
						NULL) != 0);
	}
	catalog_charter_free(with);
	catalog_charter_free(other);
	catalog_buffer_close(&amendments[0]);
	catalog_buffer_close(&amendments[1]);
	catalog_buffer_close(&proof);
	catalog_buffer_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {9};
	struct catalog_member founder = {
		.index = 1, .name = "nbs", .title = "Bureau", .country = "KE", .sector = "test"};
	struct catalog_charter *charter;
	struct catalog_conflict conflict;
	struct catalog_secret secret;

	if (size < 2)
		return 0;
	require(sodium_init() >= 0);
	(void)crypto_sign_seed_keypair(founder.key.bytes, secret.bytes, seed); /* always 0 */
	charter = found("Fuzz", &founder, &secret);
	if (data[0] < 128) {
		require(catalog_conflict_verify(charter, (struct catalog_span){data + 1, size - 1},
						&conflict, NULL) != 0);
	} else {
		size_t half = 1 + (size_t)data[1] * (size - 1) / 256;

		try_two(charter, &secret, (struct catalog_span){data + 2, half > 2 ? half - 2 : 0},
			(struct catalog_span){data + half, size - half});
	}
	catalog_charter_free(charter);
	return 0;
}
