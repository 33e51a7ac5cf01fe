/* Whatever the bytes: no crash; and a note that a witness may cosign is then cosigned by it. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/note_pack.h"
#include "tests/fuzz/target.h"

#define TIME 1795511520

/* Packed as a note it comes back; read as a packed one it is refused or a note, which comes back.
 */
static void pack(struct catalog_span bytes, int again)
{
	static const char origin[] = "fedcat/abcd000000000000/nbs";
	struct catalog_buffer packed = {0}, note = {0};

	if (bytes.len == 0 || bytes.len > CATALOG_CHECKPOINT_BYTES_MAX)
		return;
	if (bytes.bytes[0] != 1) {
		require(catalog_note_pack_make(bytes, origin, 7, &packed) == 0);
		require(packed.len <= bytes.len);
		require(catalog_note_pack_read(catalog_buffer_span(&packed), origin, 7, &note) ==
			0);
		require(note.len == bytes.len && memcmp(note.bytes, bytes.bytes, note.len) == 0);
	} else if (catalog_note_pack_read(bytes, origin, 7, &note) == 0 && again) {
		require(note.len <= CATALOG_CHECKPOINT_BYTES_MAX);
		pack(catalog_buffer_span(&note), 0);
	}
	catalog_buffer_close(&packed);
	catalog_buffer_close(&note);
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

	pack((struct catalog_span){data, size}, 1);
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
