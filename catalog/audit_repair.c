#include "catalog/audit_repair.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "catalog/audit_view.h"
#include "catalog/index.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/runs.h"
#include "catalog/tree.h"
#include "catalog/view.h"

#define ANY_SIZE ((uint64_t)1 << CATALOG_TREE_LEVEL_MAX)

struct repair {
	struct catalog_txn *txn;
	const struct catalog_charter *charter;
	const struct catalog_member *member;
	struct catalog_log_status status; /* as it will be */
};

/* Whether a checkpoint is kept, and good. */
static int read_good(struct repair *repair, uint64_t size,
		     struct catalog_checkpoint *ret_checkpoint, bool *ret_good)
{
	const struct catalog_key *key =
		catalog_charter_key(repair->charter, repair->member->index, size);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer note = {0};
	int r = catalog_log_checkpoint_at(repair->txn, repair->member->index, size, &note);

	assert(key != NULL); /* the member is the charter's */

	catalog_checkpoint_origin(catalog_charter_federation(repair->charter), repair->member->name,
				  origin);
	*ret_good = r == 0 &&
		    catalog_checkpoint_verify(catalog_buffer_span(&note), origin, key,
					      ret_checkpoint) == 0 &&
		    ret_checkpoint->size == size;
	catalog_buffer_close(&note);
	return r == -ENOENT ? 0 : r;
}

/* The largest good checkpoint of at most so many entries. */
static int find_good(struct repair *repair, uint64_t most,
		     struct catalog_checkpoint *ret_checkpoint, bool *ret_found)
{
	bool found = false;
	int r = 0;

	for (uint64_t size = most; r == 0 && !found && size > 0; size--)
		r = read_good(repair, size, ret_checkpoint, &found);
	*ret_found = found;
	return r;
}

/* Delete the rows of a log from a table whose keys begin with it. */
static int delete_rows(struct repair *repair, enum catalog_table table)
{
	struct catalog_log_row_key key;

	return catalog_store_del_range(repair->txn, table,
				       catalog_log_row_of(&key, repair->member->index), 4);
}

static int delete_checkpoint(struct repair *repair, uint64_t size)
{
	struct catalog_log_row_key key;
	int r = catalog_store_del(repair->txn, CATALOG_TABLE_CHECKPOINTS,
				  catalog_log_row_of_number(&key, repair->member->index, size));

	return r == -ENOENT ? 0 : r;
}

static int cut(struct repair *repair, uint64_t size)
{
	uint32_t log = repair->member->index;
	struct catalog_runs_sequence entries = catalog_log_row_entries(log);
	int r = catalog_tree_cut(repair->txn, log, ANY_SIZE, size);

	return r != 0 ? r : catalog_runs_cut(repair->txn, &entries, size);
}

/* What the entries that are left say: counts, and the rows of the view. */
static int read_entries(struct repair *repair, struct catalog_audit_view *view)
{
	struct catalog_log_status *status = &repair->status;
	struct catalog_buffer bytes = {0};
	int r = 0;

	for (uint64_t i = 0; i < status->size && r == 0; i++) {
		struct catalog_entry entry;

		bytes.len = 0;
		r = catalog_log_read(repair->txn, repair->member->index, i, &bytes);
		if (r == -ENOENT) {
			r = catalog_audit_view_add_erased(view, repair->txn, repair->member->index,
							  i, i + 1);
			continue;
		}
		if (r == 0 && catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0)
			r = -EIO;
		if (r == 0) {
			status->kept++;
			status->time_s = entry.time_s;
			if (entry.kind == CATALOG_ENTRY_STATE)
				status->state_end = i + 1;
			r = catalog_audit_view_add(view, &entry, i);
		}
	}
	catalog_buffer_close(&bytes);
	return r;
}

static int write_view(struct repair *repair, struct catalog_audit_view *view)
{
	struct catalog_log_status *status = &repair->status;
	size_t count;
	const struct catalog_view_row *rows = catalog_audit_view_rows(view, &count);
	int r = delete_rows(repair, CATALOG_TABLE_VIEW);

	for (size_t i = 0; i < count; i++) {
		status->live += rows[i].kind == CATALOG_ENTRY_PUT;
		status->withdrawn += rows[i].kind == CATALOG_ENTRY_WITHDRAW;
	}
	if (r == 0)
		r = catalog_view_put_rows(repair->txn, repair->member->index, rows, count);
	return r != 0 ? r
		      : catalog_view_rebuild(repair->txn, repair->member->index,
					     &status->view_root);
}

/* Build everything that is kept beside the first size entries. */
static int rebuild(struct repair *repair, uint64_t size)
{
	struct catalog_log_tree tree = {repair->txn, repair->member->index};
	struct catalog_log_status *status = &repair->status;
	struct catalog_audit_view *view = NULL;
	int r;

	status->size = status->view_size = size;
	status->kept = status->live = status->withdrawn = status->state_end = 0;
	status->time_s = 0;
	status->has_gap = false;
	r = catalog_audit_view_new(&view);
	if (r == 0 && (r = read_entries(repair, view)) == 0)
		r = write_view(repair, view);
	if (r == 0)
		r = catalog_merkle_root_at(size, catalog_log_tree_read, &tree, &status->root);
	catalog_audit_view_free(view);
	if (r != 0)
		return r;
	r = catalog_log_row_put(repair->txn, repair->member->index, status);
	if (r != 0 || size == 0)
		return r;
	r = catalog_log_settle(repair->txn, repair->member->index);
	/* A log that was partial need not be settled where it ends. */
	return r == -EPROTO || r == -ENODATA ? 0 : r;
}

int catalog_audit_repair_log(struct catalog_txn *txn, const struct catalog_charter *charter,
			     const struct catalog_member *member,
			     const struct catalog_audit_finding *finding, uint64_t *ret_size)
{
	struct repair repair = {txn, charter, member, {0}};
	struct catalog_checkpoint target = {.size = 0}, before;
	bool has_target = false, found = false;
	uint64_t size = 0;
	int r = catalog_log_status(txn, member->index, &repair.status);

	if (r == -EIO) { /* it cannot be read: nothing is known of it */
		repair.status = (struct catalog_log_status){0};
		r = 0;
	}
	if (r == 0 && repair.status.target_size > 0)
		r = read_good(&repair, repair.status.target_size, &target, &has_target);
	if (r == 0 && finding->class == CATALOG_AUDIT_VIEW)
		size = repair.status.size;
	if (r == 0 && finding->class == CATALOG_AUDIT_CHECKPOINT) {
		r = delete_checkpoint(&repair, finding->index);
		size = has_target ? repair.status.size : 0; /* an older one is of no more use */
	}
	if (r == 0 && finding->class == CATALOG_AUDIT_ENTRY) {
		r = find_good(&repair, finding->index, &before, &found);
		size = found ? before.size : 0;
	}
	if (r != 0)
		return r;
	repair.status.target_size = has_target ? target.size : 0;
	repair.status.target_root = target.root;
	repair.status.settled = 0;
	if (size < repair.status.size || size == 0)
		r = cut(&repair, size);
	if (r == -ENODATA) { /* what was pruned spans the place */
		size = 0;
		r = cut(&repair, size);
	}
	if (r == 0)
		r = rebuild(&repair, size);
	if (r == 0)
		*ret_size = size;
	return r;
}

/* --- the search index ---------------------------------------------------------------------------
 */

struct reindex {
	struct catalog_txn *txn;
	const struct catalog_member *member;
	struct catalog_index_batch *batch;
	size_t count;
};

static int finish_batch(struct reindex *reindex)
{
	int r = reindex->batch == NULL ? 0 : catalog_index_batch_finish(reindex->batch);

	catalog_index_batch_free(reindex->batch);
	reindex->batch = NULL;
	reindex->count = 0;
	return r;
}

static int add(void *arg, uint64_t index, const struct catalog_hash *thing)
{
	struct reindex *reindex = arg;
	struct catalog_value *listing = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	int r = 0;

	(void)thing; /* the entry says which it is */
	if (reindex->count == CATALOG_INDEX_BATCH_DOCS_MAX)
		r = finish_batch(reindex);
	if (r == 0 && reindex->batch == NULL)
		r = catalog_index_batch_new(reindex->txn, &reindex->batch);
	if (r == 0)
		r = catalog_log_read(reindex->txn, reindex->member->index, index, &bytes);
	if (r == 0 && (catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0))
		r = -EIO;
	if (r == 0)
		r = catalog_value_decode(entry.body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0) {
		r = catalog_index_batch_add(reindex->batch, reindex->member, index, listing);
		reindex->count++;
	}
	catalog_value_free(listing);
	catalog_buffer_close(&bytes);
	/* No listing of our model, or one that was erased: not searched for. */
	return r == -EBADMSG || r == -E2BIG || r == -ENOENT ? 0 : r;
}

int catalog_audit_repair_index(struct catalog_txn *txn, const struct catalog_charter *charter)
{
	int r = catalog_index_clear(txn);

	for (size_t i = 0; i < catalog_charter_member_count(charter) && r == 0; i++) {
		struct reindex reindex = {txn, catalog_charter_member_at(charter, i), NULL, 0};

		r = catalog_log_current(txn, reindex.member->index, add, &reindex);
		if (r == 0)
			r = finish_batch(&reindex);
		catalog_index_batch_free(reindex.batch);
	}
	return r;
}
