#include "catalog/signed.h"

#include <errno.h>
#include <string.h>

#define PREFIX     "sgn"
#define SIZE_BYTES 8

struct row_key {
	uint8_t bytes[sizeof PREFIX - 1 + sizeof(struct catalog_key)];
};

static struct catalog_span row_key_of(struct row_key *row_key, const struct catalog_key *key)
{
	memcpy(row_key->bytes, PREFIX, sizeof PREFIX - 1);
	memcpy(row_key->bytes + sizeof PREFIX - 1, key->bytes, sizeof key->bytes);
	return (struct catalog_span){row_key->bytes, sizeof row_key->bytes};
}

int catalog_signed_note(struct catalog_txn *txn, const struct catalog_key *key, uint64_t size)
{
	uint8_t value[SIZE_BYTES];
	struct row_key row_key;

	for (unsigned i = 0; i < SIZE_BYTES; i++)
		value[i] = (uint8_t)(size >> (56 - 8 * i));
	return catalog_store_put(txn, CATALOG_TABLE_META, row_key_of(&row_key, key),
				 (struct catalog_span){value, sizeof value});
}

int catalog_signed_largest(struct catalog_txn *txn, const struct catalog_key *key,
			   uint64_t *ret_size)
{
	struct row_key row_key;
	struct catalog_span value;
	uint64_t size = 0;
	int r = catalog_store_get(txn, CATALOG_TABLE_META, row_key_of(&row_key, key), &value);

	if (r == 0 && value.len != SIZE_BYTES)
		r = -EIO;
	for (unsigned i = 0; r == 0 && i < SIZE_BYTES; i++)
		size = size << 8 | value.bytes[i];
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_size = size;
	return 0;
}
