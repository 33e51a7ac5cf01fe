/* catalog/index_entry.c - the documents of GROUP neighbours are one value: 1 + document (u32) for
 * each, zeros at the end left out.  Nearly every entry is a listing, and a key takes six times as
 * much. */
#include "catalog/index_entry.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#define GROUP     64
#define KEY_BYTES 13

static struct catalog_span key_of(uint8_t bytes[KEY_BYTES], uint32_t log, uint64_t index)
{
	uint64_t group = htobe64(index / GROUP);

	log = htobe32(log);
	bytes[0] = 'r';
	memcpy(bytes + 1, &log, sizeof log);
	memcpy(bytes + 5, &group, sizeof group);
	return (struct catalog_span){bytes, KEY_BYTES};
}

/* The numbers of a group; *ret_count is how many there are before the zeros. */
static int group_get(struct catalog_txn *txn, struct catalog_span key, uint32_t ret_numbers[GROUP],
		     size_t *ret_count)
{
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, key, &value);

	memset(ret_numbers, 0, GROUP * sizeof *ret_numbers);
	*ret_count = 0;
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (value.len > GROUP * sizeof *ret_numbers || value.len % sizeof *ret_numbers != 0)
		return -EIO;
	memcpy(ret_numbers, value.bytes, value.len);
	*ret_count = value.len / sizeof *ret_numbers;
	return 0;
}

static int change(struct catalog_txn *txn, uint32_t log, uint64_t index, uint32_t number)
{
	uint8_t bytes[KEY_BYTES];
	struct catalog_span key = key_of(bytes, log, index);
	uint32_t numbers[GROUP];
	size_t count, at = index % GROUP;
	int r = group_get(txn, key, numbers, &count);

	if (r != 0)
		return r;
	numbers[at] = htole32(number);
	count = at + 1 > count ? at + 1 : count;
	while (count > 0 && numbers[count - 1] == 0)
		count--;
	if (count == 0)
		return catalog_store_del(txn, CATALOG_TABLE_INDEX, key);
	return catalog_store_put(
		txn, CATALOG_TABLE_INDEX, key,
		(struct catalog_span){(const uint8_t *)numbers, count * sizeof *numbers});
}

int catalog_index_entry_get(struct catalog_txn *txn, uint32_t log, uint64_t index,
			    uint32_t *ret_doc)
{
	uint32_t numbers[GROUP];
	uint8_t bytes[KEY_BYTES];
	size_t count;
	int r = group_get(txn, key_of(bytes, log, index), numbers, &count);

	if (r != 0)
		return r;
	if (numbers[index % GROUP] == 0)
		return -ENOENT;
	*ret_doc = le32toh(numbers[index % GROUP]) - 1;
	return 0;
}

int catalog_index_entry_put(struct catalog_txn *txn, uint32_t log, uint64_t index, uint32_t doc)
{
	assert(doc <= CATALOG_INDEX_ENTRY_DOC_MAX);
	return change(txn, log, index, doc + 1);
}

int catalog_index_entry_del(struct catalog_txn *txn, uint32_t log, uint64_t index)
{
	return change(txn, log, index, 0);
}
