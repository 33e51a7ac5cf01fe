#include "catalog/audit_view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/erased.h"
#include "catalog/index.h"
#include "catalog/index_audit.h"
#include "catalog/index_later.h"
#include "catalog/index_rebuild.h"
#include "catalog/listing.h"
#include "catalog/trie.h"

struct catalog_audit_view {
	size_t count, room;
	struct catalog_view_row *rows;
	struct catalog_state state; /* what the last state entry says */
	bool has_state;
};

int catalog_audit_view_new(struct catalog_audit_view **ret_view)
{
	*ret_view = calloc(1, sizeof **ret_view);
	return *ret_view == NULL ? -ENOMEM : 0;
}

void catalog_audit_view_free(struct catalog_audit_view *view)
{
	if (view == NULL)
		return;
	free(view->rows);
	free(view);
}

int catalog_audit_view_add(struct catalog_audit_view *view, const struct catalog_entry *entry,
			   uint64_t index)
{
	if (entry->kind == CATALOG_ENTRY_STATE) {
		view->has_state = catalog_entry_decode_state(entry->body, &view->state) == 0;
		return 0;
	}
	if (view->count == view->room) {
		size_t room = 2 * view->room + 1024;
		struct catalog_view_row *rows = realloc(view->rows, room * sizeof *rows);

		if (rows == NULL)
			return -ENOMEM;
		view->rows = rows;
		view->room = room;
	}
	view->rows[view->count].index = index;
	view->rows[view->count].kind = entry->kind;
	catalog_entry_thing(entry->kind, entry->id, &view->rows[view->count++].thing);
	return 0;
}

int catalog_audit_view_add_erased(struct catalog_audit_view *view, struct catalog_txn *txn,
				  uint32_t log, uint64_t from, uint64_t to)
{
	struct catalog_entry put = {.kind = CATALOG_ENTRY_PUT};
	struct catalog_erased erased;
	uint64_t index = from;
	int r = 0;

	while (r == 0 && from < to) {
		r = catalog_erased_next_current(txn, log, from, to, &index, &erased);
		if (r != 0)
			break;
		memcpy(put.id, erased.id, sizeof put.id);
		r = catalog_audit_view_add(view, &put, index);
		from = index + 1;
	}
	return r == -ENOENT ? 0 : r;
}

static int by_thing(const void *a, const void *b)
{
	const struct catalog_view_row *x = a, *y = b;
	int order = memcmp(&x->thing, &y->thing, sizeof x->thing);

	if (order != 0)
		return order;
	return (x->index > y->index) - (x->index < y->index);
}

const struct catalog_view_row *catalog_audit_view_rows(struct catalog_audit_view *view,
						       size_t *ret_count)
{
	size_t kept = 0;

	if (view->count > 0)
		qsort(view->rows, view->count, sizeof *view->rows, by_thing);
	for (size_t i = 0; i < view->count; i++)
		if (i + 1 == view->count ||
		    !catalog_hash_equal(&view->rows[i].thing, &view->rows[i + 1].thing))
			view->rows[kept++] = view->rows[i];
	view->count = kept;
	*ret_count = kept;
	return view->rows;
}

/* --- comparing -------------------------------------------------------------------------------- */

static void find(struct catalog_audit_finding *finding, enum catalog_audit_class class,
		 uint64_t index, const char *format, const char *name)
{
	finding->class = class;
	finding->index = index;
	snprintf(finding->text, sizeof finding->text, "%s of %s (entry %" PRIu64 ")", format, name,
		 index);
}

static int compare_rows(struct catalog_txn *txn, const struct catalog_member *member,
			const struct catalog_view_row *rows, size_t count,
			struct catalog_audit_finding *finding)
{
	struct catalog_cursor *cursor;
	struct catalog_view_row row;
	size_t i = 0;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	if (r != 0)
		return r;
	for (; i < count; i++) {
		r = catalog_view_next(cursor, member->index, i == 0 ? NULL : &rows[i - 1].thing,
				      &row);
		if (r != 0 || !catalog_hash_equal(&row.thing, &rows[i].thing) ||
		    row.index != rows[i].index || row.kind != rows[i].kind) {
			find(finding, CATALOG_AUDIT_VIEW, rows[i].index,
			     "the view is wrong about a listing", member->name);
			r = 0;
			goto out;
		}
	}
	r = catalog_view_next(cursor, member->index, count == 0 ? NULL : &rows[count - 1].thing,
			      &row);
	if (r == 0)
		find(finding, CATALOG_AUDIT_VIEW, row.index, "the view has a listing too many",
		     member->name);
	if (r == -ENOENT)
		r = 0;
	else if (r == -EIO) {
		find(finding, CATALOG_AUDIT_VIEW, 0, "the view cannot be read", member->name);
		r = 0;
	}
out:
	catalog_store_cursor_close(cursor);
	return r;
}

static void count_rows(const struct catalog_view_row *rows, size_t count, uint64_t *ret_live,
		       uint64_t *ret_withdrawn)
{
	*ret_live = *ret_withdrawn = 0;
	for (size_t i = 0; i < count; i++) {
		*ret_live += rows[i].kind == CATALOG_ENTRY_PUT;
		*ret_withdrawn += rows[i].kind == CATALOG_ENTRY_WITHDRAW;
	}
}

/* The root that the rows make, what is kept of it, and what the member signed. */
static int compare_roots(const struct catalog_audit_view *view, struct catalog_txn *txn,
			 const struct catalog_member *member,
			 const struct catalog_log_status *status,
			 struct catalog_audit_finding *finding)
{
	struct catalog_hash root, kept;
	uint64_t live, withdrawn;
	int r = catalog_view_audit(txn, member->index, &root);

	if (r != 0)
		return r;
	count_rows(view->rows, view->count, &live, &withdrawn);
	if (live != status->live || withdrawn != status->withdrawn ||
	    (status->view_size == status->size && !catalog_hash_equal(&root, &status->view_root)))
		find(finding, CATALOG_AUDIT_VIEW, 0, "what is noted of the view is not so",
		     member->name);
	if (finding->class == CATALOG_AUDIT_NOTHING && status->view_size == status->size) {
		r = catalog_view_verify(txn, member->index, &kept);
		if (r != 0 && r != -EPROTO)
			return r;
		if (r == -EPROTO)
			find(finding, CATALOG_AUDIT_VIEW, 0, "the trie has a wrong hash",
			     member->name);
	}
	if (finding->class != CATALOG_AUDIT_NOTHING || status->has_gap ||
	    status->size != status->target_size || status->size == 0)
		return 0;
	if (!view->has_state || view->state.live != live || view->state.withdrawn != withdrawn ||
	    !catalog_hash_equal(&view->state.view_root, &root))
		find(finding, CATALOG_AUDIT_VIEW, status->size - 1,
		     "the view is not what the last state entry says", member->name);
	return 0;
}

/* Whether an entry puts something that is to be found by searching. */
static int is_listing(struct catalog_txn *txn, uint32_t log, uint64_t index, bool *ret_is)
{
	struct catalog_value *listing = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	bool is_erased = false;
	int r = catalog_log_read(txn, log, index, &bytes);

	if (r == -ENOENT && (r = catalog_erased_is_current(txn, log, index, &is_erased)) == 0 &&
	    !is_erased)
		r = -ENOENT;
	if (r == 0 && !is_erased &&
	    (catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0 ||
	     (r = catalog_value_decode(entry.body, &listing)) != 0))
		r = r == -ENOMEM ? r : 0;
	*ret_is = listing != NULL && catalog_listing_check(listing, NULL) == 0;
	catalog_value_free(listing);
	catalog_buffer_close(&bytes);
	return r;
}

static int compare_index(struct catalog_txn *txn, const struct catalog_member *member,
			 const struct catalog_view_row *rows, size_t count,
			 struct catalog_audit_finding *finding)
{
	struct catalog_query query = {.text = "", .member = member->name, .limit = 1};
	struct catalog_hit hit;
	uint64_t total, expected = 0, live = 0, wrong = 0;
	bool whole = true, due = false;
	struct catalog_index_later_mark mark;
	size_t hits;
	int r = catalog_index_rebuild_is_due(txn, &due);

	if (r == 0)
		r = catalog_index_later_get(txn, member->index, &mark);
	if (r == 0 && (due || mark.indexed != CATALOG_INDEX_LATER_ALL))
		return 0; /* it is about to be made */
	for (size_t i = 0; i < count && r == 0; i++) {
		bool is = false, has = false;

		if (rows[i].kind != CATALOG_ENTRY_PUT)
			continue;
		r = is_listing(txn, member->index, rows[i].index, &is);
		if (r == 0 && is)
			r = catalog_index_has(txn, member->index, rows[i].index, &has);
		expected += is;
		if (r == 0 && is && !has) {
			find(finding, CATALOG_AUDIT_INDEX, rows[i].index,
			     "the search index lacks a listing", member->name);
			return 0;
		}
	}
	if (r == 0)
		r = catalog_index_search(txn, &query, &hit, &hits, &total);
	if (r == 0)
		r = catalog_index_audit_check(txn, member->index, &live, &whole, &wrong);
	if (r == 0 && !whole)
		find(finding, CATALOG_AUDIT_INDEX, wrong,
		     "the search index says something else of a listing", member->name);
	else if (r == 0 && (total != expected || live != expected))
		find(finding, CATALOG_AUDIT_INDEX, 0,
		     "the search index finds another number of listings", member->name);
	if (r == -EIO) {
		find(finding, CATALOG_AUDIT_INDEX, 0, "the search index cannot be read",
		     member->name);
		r = 0;
	}
	return r;
}

int catalog_audit_view_check(struct catalog_audit_view *view, struct catalog_txn *txn,
			     const struct catalog_member *member,
			     const struct catalog_log_status *status,
			     struct catalog_audit_finding *ret_finding)
{
	size_t count;
	const struct catalog_view_row *rows = catalog_audit_view_rows(view, &count);
	int r = compare_rows(txn, member, rows, count, ret_finding);

	if (r == 0 && ret_finding->class == CATALOG_AUDIT_NOTHING)
		r = compare_roots(view, txn, member, status, ret_finding);
	if (r == 0 && ret_finding->class == CATALOG_AUDIT_NOTHING)
		r = compare_index(txn, member, rows, count, ret_finding);
	return r;
}
