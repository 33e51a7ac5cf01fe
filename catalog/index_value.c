/* catalog/index_value.c - a value stands in the key that finds its number, and once more in a group
 * of GROUP neighbours, by number: how many (u8), where each ends (u16), then the values.  A key for
 * each would take more room than the value. */
#include "catalog/index_value.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#define GROUP           32
#define GROUP_KEY_BYTES 6

_Static_assert(GROUP *CATALOG_INDEX_FACET_BYTES_MAX <= UINT16_MAX, "ends of values are 16 bits");

static struct catalog_span value_key(uint8_t bytes[CATALOG_INDEX_FACET_BYTES_MAX + 2],
				     enum catalog_index_facet facet, struct catalog_span value)
{
	assert(value.len <= CATALOG_INDEX_FACET_BYTES_MAX);
	bytes[0] = 'v';
	bytes[1] = (uint8_t)facet;
	memcpy(bytes + 2, value.bytes, value.len);
	return (struct catalog_span){bytes, value.len + 2};
}

static struct catalog_span group_key(uint8_t bytes[GROUP_KEY_BYTES], enum catalog_index_facet facet,
				     uint32_t group)
{
	bytes[0] = 'V';
	bytes[1] = (uint8_t)facet;
	group = htobe32(group);
	memcpy(bytes + 2, &group, sizeof group);
	return (struct catalog_span){bytes, GROUP_KEY_BYTES};
}

int catalog_index_value_find(struct catalog_txn *txn, enum catalog_index_facet facet,
			     struct catalog_span value, uint32_t *ret_id)
{
	uint8_t bytes[CATALOG_INDEX_FACET_BYTES_MAX + 2];
	struct catalog_span id;
	uint32_t n;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, value_key(bytes, facet, value), &id);

	if (r != 0)
		return r;
	if (id.len != sizeof n)
		return -EIO;
	memcpy(&n, id.bytes, sizeof n);
	*ret_id = le32toh(n);
	return 0;
}

/* A group's values, without what is in front of them: *ret_ends is where each ends. */
static bool group_open(struct catalog_span group, size_t *ret_count, const uint8_t **ret_ends,
		       struct catalog_span *ret_values)
{
	size_t count = group.len > 0 ? group.bytes[0] : 0;

	if (group.len < 1 + 2 * count)
		return false;
	*ret_count = count;
	*ret_ends = group.bytes + 1;
	*ret_values = (struct catalog_span){group.bytes + 1 + 2 * count, group.len - 1 - 2 * count};
	return true;
}

/* Append a value to the group that its number belongs to, which has all before it. */
static int put_in_group(struct catalog_txn *txn, enum catalog_index_facet facet, uint32_t id,
			struct catalog_span value)
{
	static const uint8_t none[1] = {0};
	struct catalog_buffer bytes = {0};
	struct catalog_span old = {none, sizeof none}, values;
	uint8_t key_bytes[GROUP_KEY_BYTES], count = id % GROUP + 1;
	struct catalog_span key = group_key(key_bytes, facet, id / GROUP);
	const uint8_t *ends;
	size_t before;
	uint16_t end;
	int r = count == 1 ? 0 : catalog_store_get(txn, CATALOG_TABLE_INDEX, key, &old);

	if (r == -ENOENT ||
	    (r == 0 && (!group_open(old, &before, &ends, &values) || before + 1 != count)))
		r = -EIO;
	if (r != 0)
		return r;
	end = htole16((uint16_t)(values.len + value.len));
	if ((r = catalog_buffer_append(&bytes, &count, sizeof count)) == 0 &&
	    (r = catalog_buffer_append(&bytes, ends, 2 * before)) == 0 &&
	    (r = catalog_buffer_append(&bytes, &end, sizeof end)) == 0 &&
	    (r = catalog_buffer_append(&bytes, values.bytes, values.len)) == 0 &&
	    (r = catalog_buffer_append(&bytes, value.bytes, value.len)) == 0)
		r = catalog_store_put(txn, CATALOG_TABLE_INDEX, key, catalog_buffer_span(&bytes));
	catalog_buffer_close(&bytes);
	return r;
}

int catalog_index_value_number(struct catalog_txn *txn, enum catalog_index_facet facet,
			       struct catalog_span value, uint32_t *next, uint32_t *ret_id)
{
	uint8_t bytes[CATALOG_INDEX_FACET_BYTES_MAX + 2];
	uint32_t id = *next, le = htole32(id);
	int r = catalog_index_value_find(txn, facet, value, ret_id);

	if (r != -ENOENT)
		return r;
	if (id >= UINT32_C(1) << 31)
		return -ENOSPC;
	r = catalog_store_put(txn, CATALOG_TABLE_INDEX, value_key(bytes, facet, value),
			      (struct catalog_span){(const uint8_t *)&le, sizeof le});
	if (r == 0)
		r = put_in_group(txn, facet, id, value);
	if (r != 0)
		return r;
	(*next)++;
	*ret_id = id;
	return 0;
}

static uint16_t end_of(const uint8_t *ends, size_t i)
{
	uint16_t end;

	memcpy(&end, ends + 2 * i, sizeof end);
	return le16toh(end);
}

int catalog_index_value_get(struct catalog_txn *txn, enum catalog_index_facet facet, uint32_t id,
			    struct catalog_index_value_group *group, struct catalog_span *ret_value)
{
	size_t at = id % GROUP, count, start, end;
	uint8_t key[GROUP_KEY_BYTES];
	struct catalog_span values;
	const uint8_t *ends;
	int r;

	if (!group->is_there || group->number != id / GROUP) {
		group->is_there = false;
		r = catalog_store_get(txn, CATALOG_TABLE_INDEX, group_key(key, facet, id / GROUP),
				      &group->bytes);
		if (r != 0)
			return r == -ENOENT ? -EIO : r;
		group->number = id / GROUP;
		group->is_there = true;
	}
	if (!group_open(group->bytes, &count, &ends, &values) || at >= count)
		return -EIO;
	start = at > 0 ? end_of(ends, at - 1) : 0;
	end = end_of(ends, at);
	if (start > end || end > values.len)
		return -EIO;
	*ret_value = (struct catalog_span){values.bytes + start, end - start};
	return 0;
}
