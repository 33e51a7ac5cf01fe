#include "catalog/erased.h"

#include <errno.h>
#include <string.h>

#include "catalog/view.h"

#define KEY_PREFIX   "erased"
#define PREFIX_BYTES (sizeof KEY_PREFIX - 1)
#define KEY_BYTES    (PREFIX_BYTES + 4 + 8)
#define HEAD_BYTES   (32 + 8) /* thing, prev u64; the id follows */
#define ROW_BYTES    (HEAD_BYTES + CATALOG_ID_BYTES_MAX)

static void put_number(uint8_t *bytes, unsigned len, uint64_t number)
{
	for (unsigned i = 0; i < len; i++)
		bytes[i] = (uint8_t)(number >> (8 * (len - 1 - i)));
}

static uint64_t get_number(const uint8_t *bytes, unsigned len)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < len; i++)
		number = number << 8 | bytes[i];
	return number;
}

static struct catalog_span key_of(uint32_t log, uint64_t index, uint8_t key[KEY_BYTES])
{
	memcpy(key, KEY_PREFIX, PREFIX_BYTES);
	put_number(key + PREFIX_BYTES, 4, log);
	put_number(key + PREFIX_BYTES + 4, 8, index);
	return (struct catalog_span){key, KEY_BYTES};
}

int catalog_erased_keep(struct catalog_txn *txn, uint32_t log, uint64_t index,
			const struct catalog_entry *put)
{
	uint8_t key[KEY_BYTES], row[ROW_BYTES];
	size_t len = strlen(put->id);
	struct catalog_hash thing;

	catalog_entry_thing(put->kind, put->id, &thing);
	memcpy(row, thing.bytes, sizeof thing.bytes);
	put_number(row + sizeof thing.bytes, 8, put->prev);
	memcpy(row + HEAD_BYTES, put->id, len);
	return catalog_store_put(txn, CATALOG_TABLE_META, key_of(log, index, key),
				 (struct catalog_span){row, HEAD_BYTES + len});
}

int catalog_erased_get(struct catalog_txn *txn, uint32_t log, uint64_t index,
		       struct catalog_erased *ret_erased)
{
	uint8_t key[KEY_BYTES];
	struct catalog_span row;
	int r = catalog_store_get(txn, CATALOG_TABLE_META, key_of(log, index, key), &row);

	if (r != 0)
		return r;
	if (row.len < HEAD_BYTES || row.len > ROW_BYTES)
		return -EIO;
	memcpy(ret_erased->thing.bytes, row.bytes, sizeof ret_erased->thing.bytes);
	ret_erased->prev = get_number(row.bytes + sizeof ret_erased->thing.bytes, 8);
	memcpy(ret_erased->id, row.bytes + HEAD_BYTES, row.len - HEAD_BYTES);
	ret_erased->id[row.len - HEAD_BYTES] = '\0';
	return 0;
}

int catalog_erased_drop(struct catalog_txn *txn, uint32_t log, uint64_t index)
{
	uint8_t key[KEY_BYTES];
	int r = catalog_store_del(txn, CATALOG_TABLE_META, key_of(log, index, key));

	return r == -ENOENT ? 0 : r;
}

int catalog_erased_is_current(struct catalog_txn *txn, uint32_t log, uint64_t index,
			      bool *ret_is_current)
{
	struct catalog_erased erased;
	struct catalog_view_row row;
	int r = catalog_erased_get(txn, log, index, &erased);

	if (r == 0)
		r = catalog_view_get(txn, log, &erased.thing, &row);
	*ret_is_current = r == 0 && row.index == index;
	return r == -ENOENT ? 0 : r;
}

int catalog_erased_next_current(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to,
				uint64_t *ret_index, struct catalog_erased *ret_erased)
{
	struct catalog_cursor *cursor;
	struct catalog_span key, row;
	uint8_t first[KEY_BYTES];
	bool is_current = false;
	uint64_t index = from;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_META, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, key_of(log, from, first), &key, &row);
	for (; r == 0; r = catalog_store_cursor_next(cursor, &key, &row)) {
		if (key.len != KEY_BYTES || memcmp(key.bytes, first, PREFIX_BYTES + 4) != 0 ||
		    (index = get_number(key.bytes + PREFIX_BYTES + 4, 8)) >= to) {
			r = -ENOENT;
			break;
		}
		r = catalog_erased_is_current(txn, log, index, &is_current);
		if (r != 0 || is_current)
			break;
	}
	catalog_store_cursor_close(cursor);
	if (r == 0 && ret_erased != NULL)
		r = catalog_erased_get(txn, log, index, ret_erased);
	if (r == 0)
		*ret_index = index;
	return r;
}
