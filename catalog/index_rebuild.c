#include "catalog/index_rebuild.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "catalog/entry.h"
#include "catalog/index.h"
#include "catalog/index_later.h"
#include "catalog/index_segment.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/view.h"

#define STEP_LISTINGS 500 /* of one transaction: half a batch, and little that others wait for */

static const struct catalog_span marker_key = {(const uint8_t *)"rebuild", 7};

/* Where it has come to: of which member, after which of its things. */
struct marker {
	uint32_t member; /* place in the charter */
	bool begun;      /* thing is the last that was done */
	struct catalog_hash thing;
	uint64_t done;
};
#define HASH_BYTES   sizeof(struct catalog_hash)
#define MARKER_BYTES (4 + 1 + HASH_BYTES + 8)

static int put_marker(struct catalog_txn *txn, const struct marker *marker)
{
	uint8_t bytes[MARKER_BYTES];
	uint32_t member = htole32(marker->member);
	uint64_t done = htole64(marker->done);

	memcpy(bytes, &member, 4);
	bytes[4] = marker->begun;
	memcpy(bytes + 5, marker->thing.bytes, HASH_BYTES);
	memcpy(bytes + 5 + HASH_BYTES, &done, 8);
	return catalog_store_put(txn, CATALOG_TABLE_INDEX, marker_key,
				 (struct catalog_span){bytes, sizeof bytes});
}

static int get_marker(struct catalog_txn *txn, struct marker *ret_marker)
{
	struct catalog_span bytes;
	int r = catalog_store_get(txn, CATALOG_TABLE_INDEX, marker_key, &bytes);

	if (r != 0)
		return r;
	if (bytes.len != MARKER_BYTES)
		return -EIO;
	memcpy(&ret_marker->member, bytes.bytes, 4);
	ret_marker->member = le32toh(ret_marker->member);
	ret_marker->begun = bytes.bytes[4] != 0;
	memcpy(ret_marker->thing.bytes, bytes.bytes + 5, HASH_BYTES);
	memcpy(&ret_marker->done, bytes.bytes + 5 + HASH_BYTES, 8);
	ret_marker->done = le64toh(ret_marker->done);
	return 0;
}

/* Note in the state whether what is found is but a part. */
static int set_rebuild(struct catalog_txn *txn, uint32_t rebuild)
{
	struct catalog_index_state state;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r != 0)
		return r;
	state.rebuild = rebuild;
	r = catalog_index_segment_state_save(txn, &state);
	catalog_index_segment_state_close(&state);
	return r;
}

/* Empty an index of another version; -ENOENT if it is of this one. */
static int empty_other(struct catalog_txn *txn)
{
	struct catalog_index_state state;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r == 0) {
		catalog_index_segment_state_close(&state);
		return -ENOENT;
	}
	if (r != -EPROTONOSUPPORT)
		return r;
	r = catalog_index_clear(txn);
	if (r == 0)
		r = set_rebuild(txn, 1);
	return r == 0 ? catalog_index_rebuild_ask(txn) : r;
}

int catalog_index_rebuild_ask(struct catalog_txn *txn)
{
	return put_marker(txn, &(struct marker){.member = 0});
}

int catalog_index_rebuild_is_due(struct catalog_txn *txn, bool *ret_due)
{
	struct catalog_index_state state;
	struct marker marker;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r == -EPROTONOSUPPORT) {
		*ret_due = true;
		return 0;
	}
	if (r != 0)
		return r;
	catalog_index_segment_state_close(&state);
	r = get_marker(txn, &marker);
	*ret_due = r == 0;
	return r == -ENOENT ? 0 : r;
}

/* Take a listing out and put it in again. */
static int redo(struct catalog_txn *txn, struct catalog_index_batch *batch,
		const struct catalog_member *member, uint64_t index)
{
	struct catalog_value *listing = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	int r = catalog_index_batch_remove(batch, member->index, index);

	if (r == 0)
		r = catalog_log_read(txn, member->index, index, &bytes);
	if (r == 0)
		r = catalog_entry_decode(catalog_buffer_span(&bytes), &entry);
	if (r == 0)
		r = catalog_value_decode(entry.body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0)
		r = catalog_index_batch_add(batch, member, index, listing);
	catalog_value_free(listing);
	catalog_buffer_close(&bytes);
	/* No listing of our model is found, nor one that was erased. */
	return r == -EBADMSG || r == -E2BIG || r == -ENOENT ? 0 : r;
}

/* Do the next things of the marker's member; moves to the next member at its end. */
static int redo_some(struct catalog_txn *txn, const struct catalog_member *member,
		     struct catalog_index_batch *batch, struct marker *marker)
{
	struct catalog_index_later_mark mark;
	struct catalog_cursor *cursor = NULL;
	int r = catalog_index_later_get(txn, member->index, &mark);

	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	for (unsigned n = 0; r == 0 && n < STEP_LISTINGS; n++) {
		struct catalog_view_row row;

		r = catalog_view_next(cursor, member->index, marker->begun ? &marker->thing : NULL,
				      &row);
		if (r == -ENOENT) {
			marker->member++;
			marker->begun = false;
			r = 0;
			break;
		}
		if (r != 0)
			break;
		marker->thing = row.thing;
		marker->begun = true;
		if (row.kind == CATALOG_ENTRY_PUT && row.index < mark.indexed) {
			r = redo(txn, batch, member, row.index);
			marker->done++;
		}
	}
	if (cursor != NULL)
		catalog_store_cursor_close(cursor);
	return r;
}

int catalog_index_rebuild_step(struct catalog_txn *txn, const struct catalog_charter *charter,
			       uint64_t *ret_done, bool *ret_more)
{
	struct catalog_index_batch *batch = NULL;
	struct marker marker;
	int r = empty_other(txn);

	if (r != 0 && r != -ENOENT)
		return r;
	r = get_marker(txn, &marker);
	if (r == -ENOENT) {
		*ret_more = false;
		*ret_done = 0;
		return 0;
	}
	if (r == 0 && marker.member >= catalog_charter_member_count(charter)) {
		if ((r = set_rebuild(txn, 0)) == 0)
			r = catalog_store_del(txn, CATALOG_TABLE_INDEX, marker_key);
		if (r == 0) {
			*ret_more = false;
			*ret_done = marker.done;
		}
		return r;
	}
	if (r == 0)
		r = catalog_index_batch_new(txn, &batch);
	if (r == 0)
		r = redo_some(txn, catalog_charter_member_at(charter, marker.member), batch,
			      &marker);
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	if (r == 0)
		r = put_marker(txn, &marker);
	if (r == 0) {
		*ret_more = true;
		*ret_done = marker.done;
	}
	return r;
}
