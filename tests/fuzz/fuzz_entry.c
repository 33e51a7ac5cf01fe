/* Whatever the bytes: no crash; and what decodes re-encodes to bytes that decode to the same. */
#include <stdint.h>
#include <string.h>

#include "catalog/entry.h"
#include "tests/fuzz/target.h"

static void same_state(struct catalog_span body)
{
	struct catalog_buffer bytes = {0};
	struct catalog_state state, again;

	if (catalog_entry_decode_state(body, &state) != 0)
		return;
	require(catalog_entry_encode_state(&state, &bytes) == 0);
	require(catalog_entry_decode_state(catalog_buffer_span(&bytes), &again) == 0);
	require(state.live == again.live && state.withdrawn == again.withdrawn &&
		catalog_hash_equal(&state.view_root, &again.view_root));
	catalog_buffer_close(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_entry entry, again;
	struct catalog_buffer bytes = {0};
	int r;

	if (catalog_entry_decode((struct catalog_span){data, size}, &entry) != 0)
		return 0;
	/* Ours is the shortest encoding, so it cannot be too long where theirs was not. */
	r = catalog_entry_encode(&entry, &bytes);
	require(r == 0 && bytes.len <= size);
	require(catalog_entry_decode(catalog_buffer_span(&bytes), &again) == 0);
	require(entry.kind == again.kind && strcmp(entry.id, again.id) == 0 &&
		entry.time_s == again.time_s && entry.prev == again.prev &&
		memcmp(entry.salt, again.salt, sizeof entry.salt) == 0 &&
		entry.body.len == again.body.len &&
		memcmp(entry.body.bytes, again.body.bytes, entry.body.len) == 0);
	if (entry.kind == CATALOG_ENTRY_STATE)
		same_state(entry.body);
	catalog_buffer_close(&bytes);
	return 0;
}
