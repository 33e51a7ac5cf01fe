/* catalog/log_back.c - what changes of the view is found by its rows: those that point beyond the
 * new end.  Where each pointed before is found along what the entries supersede; where that is
 * broken by a gap, the whole log is looked through. */
#include "catalog/log_back.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/entry.h"
#include "catalog/erased.h"
#include "catalog/index.h"
#include "catalog/index_later.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/runs.h"
#include "catalog/tree.h"
#include "catalog/view.h"

#define NONE UINT64_MAX

/* A thing whose newest entry goes, and what was newest before. */
struct change {
	struct catalog_view_row row; /* as it is */
	uint64_t index;              /* as it will be; NONE: unknown again */
	enum catalog_entry_kind kind;
};

struct back {
	struct catalog_txn *txn;
	const struct catalog_member *member;
	uint64_t size;
	struct catalog_log_status status;
	size_t count, room;
	struct change *changes; /* sorted by thing */
};

/* --- what changes ----------------------------------------------------------------------------- */

static int find_changes(struct back *back)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_view_row row;
	struct catalog_hash thing;
	bool is_first = true;
	int r = catalog_store_cursor_open(back->txn, CATALOG_TABLE_VIEW, &cursor);

	while (r == 0 && (r = catalog_view_next(cursor, back->member->index,
						is_first ? NULL : &thing, &row)) == 0) {
		thing = row.thing;
		is_first = false;
		if (row.index < back->size)
			continue;
		if (back->count == back->room) {
			size_t room = 2 * back->room + 64;
			struct change *changes = realloc(back->changes, room * sizeof *changes);

			if (changes == NULL) {
				r = -ENOMEM;
				break;
			}
			back->changes = changes;
			back->room = room;
		}
		back->changes[back->count++] = (struct change){.row = row, .index = NONE};
	}
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

/* Read an entry of the log.  Returns 0, -ENOENT if it was pruned, -ENOMEM, -EIO. */
static int read_entry(struct back *back, uint64_t index, struct catalog_buffer *bytes,
		      struct catalog_entry *ret_entry)
{
	int r;

	bytes->len = 0;
	r = catalog_log_read(back->txn, back->member->index, index, bytes);
	if (r == 0 && catalog_entry_decode(catalog_buffer_span(bytes), ret_entry) != 0)
		r = -EIO; /* it was judged */
	return r;
}

/* Likewise, or what is known of one that was erased: kind, id and prev. */
static int know_entry(struct back *back, uint64_t index, struct catalog_buffer *bytes,
		      struct catalog_entry *ret_entry)
{
	struct catalog_erased erased;
	int r = read_entry(back, index, bytes, ret_entry);

	if (r != -ENOENT)
		return r;
	r = catalog_erased_get(back->txn, back->member->index, index, &erased);
	if (r != 0)
		return r;
	*ret_entry = (struct catalog_entry){.kind = CATALOG_ENTRY_PUT, .prev = erased.prev};
	memcpy(ret_entry->id, erased.id, sizeof erased.id);
	return 0;
}

/* What was newest before, along the chain.  Returns 0, -ENOENT if the chain is broken. */
static int follow(struct back *back, struct change *change, struct catalog_buffer *bytes)
{
	struct catalog_entry entry = {.prev = change->row.index};
	int r = 0;

	while (entry.prev != CATALOG_ENTRY_PREV_NONE && r == 0) {
		uint64_t index = entry.prev;

		r = know_entry(back, index, bytes, &entry);
		if (r == 0 && index < back->size) {
			change->index = index;
			change->kind = entry.kind;
			return 0;
		}
	}
	return r;
}

static struct change *change_of(struct back *back, const struct catalog_hash *thing)
{
	size_t low = 0, high = back->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(&back->changes[middle].row.thing, thing, sizeof *thing);

		if (order == 0)
			return &back->changes[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What was newest before, of everything that changes. */
static int look_through(struct back *back, struct catalog_buffer *bytes)
{
	int r = 0;

	for (uint64_t i = 0; i < back->size && r == 0; i++) {
		struct catalog_entry entry;
		struct catalog_hash thing;
		struct change *change;

		r = know_entry(back, i, bytes, &entry);
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		if (r != 0 || entry.kind == CATALOG_ENTRY_STATE)
			continue;
		catalog_entry_thing(entry.kind, entry.id, &thing);
		change = change_of(back, &thing);
		if (change == NULL)
			continue;
		change->index = i;
		change->kind = entry.kind;
	}
	return r;
}

static int find_before(struct back *back)
{
	struct catalog_buffer bytes = {0};
	int r = 0;

	for (size_t i = 0; i < back->count && r == 0; i++)
		r = follow(back, &back->changes[i], &bytes);
	if (r == -ENOENT)
		r = look_through(back, &bytes);
	catalog_buffer_close(&bytes);
	return r;
}

/* --- changing --------------------------------------------------------------------------------- */

static int put_back(struct back *back, struct catalog_index_batch *batch, uint64_t index)
{
	struct catalog_value *listing = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	int r = read_entry(back, index, &bytes, &entry);

	if (r == 0)
		r = catalog_value_decode(entry.body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0)
		r = catalog_index_batch_add(batch, back->member, index, listing);
	catalog_value_free(listing);
	catalog_buffer_close(&bytes);
	/* It was not found before, either, or is erased. */
	return r == -EBADMSG || r == -E2BIG || r == -ENOENT ? 0 : r;
}

static int move_search(struct back *back)
{
	uint32_t log = back->member->index;
	struct catalog_index_later_mark mark;
	int r;

	if (catalog_store_leaves_search(catalog_store_of(back->txn)))
		return 0;
	r = catalog_index_later_get(back->txn, log, &mark);
	for (size_t at = 0; at < back->count && r == 0;) {
		struct catalog_index_batch *batch = NULL;
		size_t end = at + CATALOG_INDEX_BATCH_DOCS_MAX / 2;

		r = catalog_index_batch_new(back->txn, &batch);
		for (; r == 0 && at < back->count && at < end; at++) {
			const struct change *change = &back->changes[at];

			if (change->row.kind == CATALOG_ENTRY_PUT)
				r = catalog_index_batch_remove(batch, log, change->row.index);
			if (r == 0 && change->index != NONE && change->kind == CATALOG_ENTRY_PUT &&
			    change->index < mark.indexed)
				r = put_back(back, batch, change->index);
		}
		if (r == 0)
			r = catalog_index_batch_finish(batch);
		catalog_index_batch_free(batch);
	}
	return r == 0 ? catalog_index_later_back(back->txn, log, back->size) : r;
}

static void count(struct back *back)
{
	struct catalog_log_status *status = &back->status;

	for (size_t i = 0; i < back->count; i++) {
		const struct change *change = &back->changes[i];
		enum catalog_entry_kind after = change->index != NONE ? change->kind : 0;

		status->live -= change->row.kind == CATALOG_ENTRY_PUT;
		status->withdrawn -= change->row.kind == CATALOG_ENTRY_WITHDRAW;
		status->live += after == CATALOG_ENTRY_PUT;
		status->withdrawn += after == CATALOG_ENTRY_WITHDRAW;
	}
}

static int move_view(struct back *back)
{
	uint32_t log = back->member->index;
	int r = 0;

	for (size_t i = 0; i < back->count && r == 0; i++) {
		struct change *change = &back->changes[i];

		if (change->index == NONE) {
			r = catalog_view_drop(back->txn, log, &change->row.thing);
			continue;
		}
		change->row.index = change->index;
		change->row.kind = change->kind;
		r = catalog_view_put_rows(back->txn, log, &change->row, 1);
	}
	return r != 0 ? r : catalog_view_rebuild(back->txn, log, &back->status.view_root);
}

/* How many of the entries that go are held (of those that were erased nothing is left), and where
 * the newest state entry is that stays. */
static int look_at_entries(struct back *back)
{
	struct catalog_log_status *status = &back->status;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	uint64_t end;
	int r = 0;

	for (uint64_t i = back->size; i < status->size && r == 0; i++) {
		r = read_entry(back, i, &bytes, &entry);
		status->kept -= r == 0;
		if (r == -ENOENT)
			r = catalog_erased_drop(back->txn, back->member->index, i);
	}
	for (end = back->size; end > 0 && r == 0; end--) {
		r = read_entry(back, end - 1, &bytes, &entry);
		if (r == 0 && entry.kind == CATALOG_ENTRY_STATE)
			break;
		r = r == -ENOENT ? 0 : r;
	}
	status->state_end = end;
	if (r == 0 && end > 0)
		status->time_s = entry.time_s;
	if (end == 0)
		status->time_s = 0;
	catalog_buffer_close(&bytes);
	return r;
}

/* Whether the view is what the member signed there.  What was superseded since may be pruned, or
 * erased, and then nobody can tell what was current.  In a gap that is so anyway, and the next
 * checkpoint tells. */
static int check_view(struct back *back)
{
	const struct catalog_log_status *status = &back->status;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	struct catalog_state state;
	int r;

	if (back->size == 0 || (status->has_gap && back->size != status->settled))
		return 0;
	r = read_entry(back, back->size - 1, &bytes, &entry);
	if (r == 0 && entry.kind == CATALOG_ENTRY_STATE &&
	    catalog_entry_decode_state(entry.body, &state) == 0 &&
	    !catalog_hash_equal(&state.view_root, &status->view_root))
		r = -ENODATA;
	catalog_buffer_close(&bytes);
	return r == -ENOENT ? 0 : r;
}

static int move_log(struct back *back)
{
	uint32_t log = back->member->index;
	struct catalog_runs_sequence entries = catalog_log_row_entries(log);
	struct catalog_log_status *status = &back->status;
	struct catalog_log_tree tree = {back->txn, log};
	int r;

	if ((r = catalog_tree_cut(back->txn, log, status->size, back->size)) != 0 ||
	    (r = catalog_runs_cut(back->txn, &entries, back->size)) != 0 ||
	    (r = catalog_merkle_root_at(back->size, catalog_log_tree_read, &tree, &status->root)) !=
		    0)
		return r;
	status->size = status->view_size = back->size;
	if (back->size == 0 || back->size == status->settled)
		status->has_gap = false;
	if (back->size == 0) /* also if a step that came to nothing went before, and left a part */
		status->live = status->withdrawn = status->kept = 0;
	if (status->settled > back->size)
		status->settled = back->size;
	return catalog_log_row_put(back->txn, log, status);
}

int catalog_log_back_to(struct catalog_txn *txn, const struct catalog_member *member, uint64_t size)
{
	struct back back = {.txn = txn, .member = member, .size = size};
	int r = catalog_log_status(txn, member->index, &back.status);

	if (r != 0 || back.status.size <= size)
		return r;
	if ((r = find_changes(&back)) == 0 && (r = find_before(&back)) == 0 &&
	    (r = look_at_entries(&back)) == 0 && (r = move_search(&back)) == 0) {
		count(&back);
		r = move_view(&back);
	}
	if (r == 0)
		r = check_view(&back);
	if (r == 0)
		r = move_log(&back);
	free(back.changes);
	return r;
}
