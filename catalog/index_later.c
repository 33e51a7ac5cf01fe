#include "catalog/index_later.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "catalog/log.h"

#define PREFIX       "later"
#define PREFIX_BYTES 5

/* Big-endian, so that they stand in the order of logs. */
struct key {
	uint8_t bytes[PREFIX_BYTES + 4];
};

static struct catalog_span key_of(struct key *key, uint32_t log)
{
	uint32_t number = htobe32(log);

	memcpy(key->bytes, PREFIX, PREFIX_BYTES);
	memcpy(key->bytes + PREFIX_BYTES, &number, sizeof number);
	return (struct catalog_span){key->bytes, sizeof key->bytes};
}

static int decode(struct catalog_span value, struct catalog_index_later_mark *ret_mark)
{
	struct catalog_index_later_mark mark;

	if (value.len != sizeof mark.indexed + sizeof mark.since)
		return -EIO;
	memcpy(&mark.indexed, value.bytes, sizeof mark.indexed);
	memcpy(&mark.since, value.bytes + sizeof mark.indexed, sizeof mark.since);
	ret_mark->indexed = le64toh(mark.indexed);
	ret_mark->since = le64toh(mark.since);
	return 0;
}

static int put(struct catalog_txn *txn, uint32_t log, const struct catalog_index_later_mark *mark)
{
	uint64_t words[2] = {htole64(mark->indexed), htole64(mark->since)};
	struct key key;

	return catalog_store_put(txn, CATALOG_TABLE_INDEX, key_of(&key, log),
				 (struct catalog_span){(const uint8_t *)words, sizeof words});
}

int catalog_index_later_get(struct catalog_txn *txn, uint32_t log,
			    struct catalog_index_later_mark *ret_mark)
{
	struct catalog_span value;
	struct key key;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, key_of(&key, log), &value);

	if (r == 0)
		return decode(value, ret_mark);
	if (r != -ENOENT)
		return r;
	*ret_mark = (struct catalog_index_later_mark){.indexed = CATALOG_INDEX_LATER_ALL};
	return 0;
}

static bool is_much(const struct catalog_index_later_load *load, uint64_t gap)
{
	uint64_t own = load->target > load->held ? load->target - load->held : 0;

	return gap == 0 || own > gap || (load->lacked > gap && own > CATALOG_INDEX_LATER_LEAST);
}

int catalog_index_later_expect(struct catalog_txn *txn, uint32_t log,
			       const struct catalog_index_later_load *load, bool *ret_is)
{
	struct catalog_index_later_mark mark;
	int r = catalog_index_later_get(txn, log, &mark);

	if (r == 0)
		*ret_is = mark.indexed != CATALOG_INDEX_LATER_ALL ||
			  is_much(load, catalog_store_later(catalog_store_of(txn)));
	return r;
}

int catalog_index_later_begin(struct catalog_txn *txn, uint32_t log,
			      const struct catalog_index_later_load *load,
			      struct catalog_index_later_mark *ret_mark)
{
	struct catalog_index_later_mark mark;
	bool is;
	int r = catalog_index_later_get(txn, log, &mark);

	if (r == 0)
		r = catalog_index_later_expect(txn, log, load, &is);
	if (r == 0 && is && mark.indexed == CATALOG_INDEX_LATER_ALL) {
		mark.indexed = load->held;
		mark.since = catalog_store_snapshot(txn);
		r = put(txn, log, &mark);
	}
	if (r == 0)
		*ret_mark = mark;
	return r;
}

int catalog_index_later_move(struct catalog_txn *txn, uint32_t log,
			     const struct catalog_index_later_mark *mark, uint64_t indexed,
			     uint64_t size)
{
	struct catalog_index_later_mark moved = {indexed, mark->since};
	struct key key;

	assert(indexed >= mark->indexed);
	if (indexed < size)
		return put(txn, log, &moved);
	return catalog_store_del(txn, CATALOG_TABLE_INDEX, key_of(&key, log));
}

int catalog_index_later_back(struct catalog_txn *txn, uint32_t log, uint64_t size)
{
	struct catalog_index_later_mark mark;
	struct key key;
	int r = catalog_index_later_get(txn, log, &mark);

	if (r != 0 || mark.indexed == CATALOG_INDEX_LATER_ALL)
		return r;
	if (mark.indexed >= size)
		return catalog_store_del(txn, CATALOG_TABLE_INDEX, key_of(&key, log));
	mark.since = catalog_store_snapshot(txn);
	return put(txn, log, &mark);
}

int catalog_index_later_next(struct catalog_txn *txn, uint32_t from, uint32_t *ret_log,
			     struct catalog_index_later_mark *ret_mark)
{
	struct catalog_cursor *cursor;
	struct catalog_span at, value;
	struct key key;
	uint32_t log;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_INDEX, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, key_of(&key, from), &at, &value);
	if (r == 0 && (at.len != sizeof key.bytes || memcmp(at.bytes, PREFIX, PREFIX_BYTES) != 0))
		r = -ENOENT;
	if (r == 0) {
		memcpy(&log, at.bytes + PREFIX_BYTES, sizeof log);
		r = decode(value, ret_mark);
	}
	if (r == 0)
		*ret_log = be32toh(log);
	catalog_store_cursor_close(cursor);
	return r;
}

int catalog_index_later_missing(struct catalog_txn *txn, uint64_t *ret_entries)
{
	struct catalog_index_later_mark mark;
	uint64_t entries = 0;
	uint32_t log = 0;
	int r;

	while ((r = catalog_index_later_next(txn, log, &log, &mark)) == 0) {
		struct catalog_log_status status;

		r = catalog_log_status(txn, log, &status);
		if (r != 0)
			return r;
		if (status.size > mark.indexed)
			entries += status.size - mark.indexed;
		if (log++ == UINT32_MAX)
			break;
	}
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_entries = entries;
	return 0;
}
