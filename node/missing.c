#include "node/missing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/erased.h"
#include "catalog/log.h"
#include "catalog/view.h"

struct node_missing {
	struct catalog_store *store;
	uint32_t log;
	uint64_t size;
	uint8_t *seen; /* a bit for each entry */
	/* Where node_missing_next() is. */
	bool begun;
	struct catalog_hash thing; /* the last one looked at */
	struct catalog_buffer bytes;
};

int node_missing_new(struct catalog_store *store, uint32_t log, uint64_t size,
		     struct node_missing **ret_missing)
{
	struct node_missing *missing = calloc(1, sizeof *missing);

	if (missing == NULL)
		return -ENOMEM;
	missing->store = store;
	missing->log = log;
	missing->size = size;
	missing->seen = calloc((size_t)(size / 8 + 1), 1);
	if (missing->seen == NULL) {
		node_missing_free(missing);
		return -ENOMEM;
	}
	*ret_missing = missing;
	return 0;
}

void node_missing_free(struct node_missing *missing)
{
	if (missing == NULL)
		return;
	catalog_buffer_close(&missing->bytes);
	free(missing->seen);
	free(missing);
}

void node_missing_seen(struct node_missing *missing, uint64_t index)
{
	if (index < missing->size)
		missing->seen[index / 8] |= (uint8_t)(1u << index % 8);
}

static bool is_missing(const struct node_missing *missing, uint64_t index)
{
	return index < missing->size && (missing->seen[index / 8] >> index % 8 & 1) == 0;
}

struct counting {
	const struct node_missing *missing;
	uint64_t count;
};

static int count_one(void *arg, uint64_t index, const struct catalog_hash *thing)
{
	struct counting *counting = arg;

	(void)thing; /* the bit is the entry's */
	counting->count += is_missing(counting->missing, index);
	return 0;
}

int node_missing_count(struct node_missing *missing, uint64_t *ret_count)
{
	struct counting counting = {missing, 0};
	struct catalog_txn *txn;
	int r = catalog_store_begin(missing->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_current(txn, missing->log, count_one, &counting);
	catalog_store_end(txn);
	if (r == 0)
		*ret_count = counting.count;
	return r;
}

/* The id of what the entry at index is about. */
static int read_id(struct node_missing *missing, struct catalog_txn *txn, uint64_t index,
		   char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	struct catalog_erased erased;
	struct catalog_entry entry;
	int r;

	missing->bytes.len = 0;
	r = catalog_log_read(txn, missing->log, index, &missing->bytes);
	if (r == -ENOENT && catalog_erased_get(txn, missing->log, index, &erased) == 0) {
		memcpy(ret_id, erased.id, sizeof erased.id);
		return 0;
	}
	if (r != 0 || catalog_entry_decode(catalog_buffer_span(&missing->bytes), &entry) != 0)
		return r == -ENOMEM ? r : -EIO; /* the view named it */
	memcpy(ret_id, entry.id, sizeof entry.id);
	return 0;
}

int node_missing_next(struct node_missing *missing,
		      char ret_ids[NODE_MISSING_AT_ONCE][CATALOG_ID_BYTES_MAX + 1],
		      size_t *ret_count)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_view_row row;
	struct catalog_txn *txn;
	size_t count = 0;
	int r = catalog_store_begin(missing->store, &txn);

	if (r != 0)
		return r;
	r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);
	while (r == 0 && count < NODE_MISSING_AT_ONCE) {
		r = catalog_view_next(cursor, missing->log, missing->begun ? &missing->thing : NULL,
				      &row);
		if (r != 0)
			break;
		missing->thing = row.thing;
		missing->begun = true;
		if (row.kind == CATALOG_ENTRY_PUT && is_missing(missing, row.index)) {
			r = read_id(missing, txn, row.index, ret_ids[count]);
			count += r == 0;
		}
	}
	catalog_store_cursor_close(cursor);
	catalog_store_end(txn);
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_count = count;
	return 0;
}
