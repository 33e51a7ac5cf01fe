/* Whatever the bytes: no crash; and a note that a witness may cosign is then cosigned by it. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"

#define TIME 1795511520

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {9};
	struct catalog_witness witness = {.name = "witness.example/w1"};
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	struct catalog_secret secret;
	int64_t time_s = 0;
	int r, found;

	(void)crypto_sign_seed_keypair(witness.key.bytes, secret.bytes, seed); /* always 0 */
	(void)catalog_checkpoint_verify((struct catalog_span){data, size},
					"fedcat/abcd000000000000/nbs", &witness.key,
					&checkpoint); /* as it may be */
	found = catalog_cosignature_verify((struct catalog_span){data, size}, &witness, &time_s);
	require(catalog_buffer_append(&note, data, size) == 0);
	r = catalog_cosignature_add(&note, witness.name, &secret, TIME);
	require(r == 0 || r == -EBADMSG || r == -E2BIG);
	if (r == 0) /* what stood there of the witness is gone, false or not */
		require(catalog_cosignature_verify(catalog_buffer_span(&note), &witness, &time_s) ==
				0 &&
			time_s == TIME);
	else
		require(note.len == size && found != 0);
	catalog_buffer_close(&note);
	return 0;
}
