/* Whatever the bytes: no crash; what reads as a receipt is written as the same bytes, unless its
 * check says that it is damaged, and then it does not verify; and what verifies says who signed,
 * about what. */
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/receipt.h"
#include "tests/fuzz/target.h"

static void same_bytes(const struct catalog_receipt *receipt, const uint8_t *data, size_t size)
{
	struct catalog_buffer again = {0};

	require(catalog_receipt_encode(receipt, &again) == 0);
	require(again.len == size && memcmp(again.bytes, data, size) == 0);
	catalog_buffer_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = {4}; /* signs the corpus */
	char why[CATALOG_RECEIPT_WHY_BYTES] = "";
	struct catalog_receipt_outcome outcome;
	struct catalog_witness witness = {.name = "witness.example/w1"};
	struct catalog_receipt_trust trust = {.key = &witness.key};
	struct catalog_receipt receipt;
	struct catalog_secret secret;
	int64_t time_s;
	int r;

	(void)crypto_sign_seed_keypair(witness.key.bytes, secret.bytes, seed); /* always 0 */
	if (catalog_receipt_init(&receipt, (struct catalog_span){data, size}, why) != 0) {
		require(why[0] != '\0');
		return 0;
	}
	if (!receipt.is_damaged)
		same_bytes(&receipt, data, size);
	r = catalog_receipt_verify(&receipt, &trust, &outcome, why);
	require((r == 0) == (why[0] == '\0'));
	require(r != 0 || !receipt.is_damaged);
	if (r == 0)
		require(outcome.member[0] != '\0' && strcmp(outcome.id, receipt.id) == 0 &&
			outcome.checkpoint.size > receipt.index);
	(void)catalog_cosignature_verify(receipt.note, &witness, &time_s); /* as it may be */
	catalog_receipt_close(&receipt);
	return 0;
}
