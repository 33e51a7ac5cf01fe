/* catalog/log_batch.c - what appending does, in order: judge each entry against the view and what
 * came before it in the batch, store it, then the tree.  The view and the search index are moved
 * once for as many appends as come before the batch is settled, because most of what they cost is
 * paid for each move.  All is one transaction: a reader sees all of a batch or nothing. */
#include "catalog/log_batch.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index.h"
#include "catalog/index_later.h"
#include "catalog/listing.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/prune.h"
#include "catalog/tree.h"
#include "catalog/view.h"

#define TABLE_COUNT 4096u /* places of changes by hash: twice as many as there may be */

_Static_assert(CATALOG_LOG_BATCH_ENTRIES_MAX <= CATALOG_TREE_BATCH_MAX, "a batch is one append");
_Static_assert(CATALOG_LOG_TXN_ENTRIES_MAX <= CATALOG_INDEX_BATCH_DOCS_MAX, "one segment each");
_Static_assert(CATALOG_LOG_TXN_ENTRIES_MAX < TABLE_COUNT, "a free place ends every search");
_Static_assert((TABLE_COUNT & (TABLE_COUNT - 1)) == 0, "a place is some bits of a hash");

/* What the batch does to one thing. */
struct change {
	struct catalog_view_row row;           /* its newest entry */
	const struct catalog_log_entry *entry; /* that entry */
	bool was_put; /* before the batch it was a listing, put at old_index */
	uint64_t old_index;
};

struct catalog_log_batch {
	struct catalog_txn *txn;
	enum catalog_log_batch_root root;
	struct catalog_index_batch *index; /* made when there is something for it */
	size_t entry_count;                /* in all */
	uint64_t lacked;                   /* catalog_log_batch_lacked() */
	/* The log that is being appended to; NULL before the first. */
	const struct catalog_member *member;
	struct catalog_log_status status;
	uint64_t settled_size; /* up to which the view's rows are moved */
	size_t change_count;
	struct change changes[CATALOG_LOG_TXN_ENTRIES_MAX]; /* in the order of their coming */
	struct change *order[CATALOG_LOG_TXN_ENTRIES_MAX];  /* in another */
	uint16_t table[TABLE_COUNT]; /* 1 + place in changes, by thing; 0: free */
	struct catalog_hash leaves[CATALOG_LOG_BATCH_ENTRIES_MAX];
	struct catalog_buffer packed; /* an entry that was not packed before */
	bool is_root_old;             /* the tree has grown since the root was computed */
	struct catalog_buffer erased; /* indices (u64) of entries that were erased */
};

int catalog_log_batch_new(struct catalog_txn *txn, enum catalog_log_batch_root root,
			  struct catalog_log_batch **ret_batch)
{
	struct catalog_log_batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
		return -ENOMEM;
	batch->txn = txn;
	batch->root = root;
	*ret_batch = batch;
	return 0;
}

void catalog_log_batch_lacked(struct catalog_log_batch *batch, uint64_t entries)
{
	batch->lacked = entries;
}

void catalog_log_batch_free(struct catalog_log_batch *batch)
{
	if (batch == NULL)
		return;
	catalog_index_batch_free(batch->index);
	catalog_buffer_close(&batch->packed);
	catalog_buffer_close(&batch->erased);
	free(batch);
}

/* --- judging ---------------------------------------------------------------------------------- */

/* The place in the table of a thing's change, or the free one where it would be.  Things are
 * SHA-256 values, so any of their bytes are spread well enough; who makes many share some can make
 * this slow for his own batch alone, which has at most 2,048. */
static uint16_t *place_of(struct catalog_log_batch *batch, const struct catalog_hash *thing)
{
	size_t at = ((size_t)thing->bytes[30] << 8 | thing->bytes[31]) & (TABLE_COUNT - 1);

	while (batch->table[at] != 0 &&
	       !catalog_hash_equal(&batch->changes[batch->table[at] - 1].row.thing, thing))
		at = (at + 1) & (TABLE_COUNT - 1);
	return &batch->table[at];
}

/* The change of a thing, made from the view if the batch has none yet.  *ret_known tells whether
 * there is an entry about it; row is then the newest. */
static int change_of(struct catalog_log_batch *batch, const struct catalog_hash *thing,
		     struct change **ret_change, bool *ret_known)
{
	uint16_t *place = place_of(batch, thing);
	struct catalog_view_row row = {.thing = *thing};
	struct change *change;
	int r;

	if (*place != 0) {
		*ret_change = &batch->changes[*place - 1];
		*ret_known = true;
		return 0;
	}
	r = catalog_view_get(batch->txn, batch->member->index, thing, &row);
	if (r != 0 && r != -ENOENT)
		return r;
	assert(batch->change_count < CATALOG_LOG_TXN_ENTRIES_MAX);
	change = &batch->changes[batch->change_count++];
	*change = (struct change){.row = row};
	change->was_put = r == 0 && row.kind == CATALOG_ENTRY_PUT;
	change->old_index = row.index;
	*place = (uint16_t)batch->change_count;
	*ret_change = change;
	*ret_known = r == 0;
	return 0;
}

/* A state entry's counts are those of the entries before it.  The one before it is superseded. */
static int judge_state(struct catalog_log_batch *batch, const struct catalog_log_entry *entry,
		       uint64_t index)
{
	struct catalog_log_status *status = &batch->status;
	struct catalog_state state;
	int r = 0;

	if (entry->prev != CATALOG_ENTRY_PREV_NONE ||
	    catalog_entry_decode_state(entry->body, &state) != 0)
		return -EPROTO;
	if (!status->has_gap &&
	    (state.live != status->live || state.withdrawn != status->withdrawn))
		return -EPROTO;
	if (status->state_end > 0)
		r = catalog_prune_later(batch->txn, batch->member->index, status->state_end - 1,
					entry->time_s);
	status->state_end = index + 1;
	return r;
}

/* Whether a withdrawal asks for the bodies to go. */
static bool erases(const struct catalog_log_entry *entry)
{
	struct catalog_value *body = NULL;
	const struct catalog_value *erase;
	bool is;

	if (entry->kind != CATALOG_ENTRY_WITHDRAW || catalog_value_decode(entry->body, &body) != 0)
		return false;
	erase = catalog_value_get(body, "erase");
	is = catalog_value_type(erase) == CATALOG_VALUE_BOOL && catalog_value_bool(erase);
	catalog_value_free(body);
	return is;
}

/* Whether an entry may follow the newest that is known of its thing.  In a gap there may be others
 * between, which were pruned. */
static bool may_follow(const struct catalog_log_batch *batch, const struct catalog_log_entry *entry,
		       const struct change *change, bool known, uint64_t index)
{
	bool is_put = known && change->row.kind == CATALOG_ENTRY_PUT;

	if (entry->prev == (known ? change->row.index : CATALOG_ENTRY_PREV_NONE))
		return entry->kind != CATALOG_ENTRY_WITHDRAW || is_put || (known && erases(entry));
	if (!batch->status.has_gap || entry->prev == CATALOG_ENTRY_PREV_NONE)
		return false;
	return entry->prev < index && (!known || entry->prev > change->row.index);
}

static void count(struct catalog_log_status *status, enum catalog_entry_kind before,
		  enum catalog_entry_kind after)
{
	status->live -= before == CATALOG_ENTRY_PUT;
	status->withdrawn -= before == CATALOG_ENTRY_WITHDRAW;
	status->live += after == CATALOG_ENTRY_PUT;
	status->withdrawn += after == CATALOG_ENTRY_WITHDRAW;
}

/* What an entry supersedes is pruned in its time, or at once. */
static int supersede(struct catalog_log_batch *batch, const struct catalog_log_entry *entry,
		     const struct change *change)
{
	uint32_t log = batch->member->index;

	if (erases(entry))
		return catalog_prune_erase(batch->txn, log, &entry->thing, entry->time_s,
					   entry->prev,
					   &batch->status.kept, &batch->erased);
	if (change->row.kind != CATALOG_ENTRY_PUT)
		return 0; /* withdrawals are kept */
	return catalog_prune_later(batch->txn, log, change->row.index, entry->time_s);
}

static int judge(struct catalog_log_batch *batch, const struct catalog_log_entry *entry,
		 uint64_t index)
{
	struct change *change;
	bool known;
	int r;

	if (entry->kind == 0)
		return -EPROTO;
	if (entry->kind == CATALOG_ENTRY_STATE)
		return judge_state(batch, entry, index);
	r = change_of(batch, &entry->thing, &change, &known);
	if (r != 0)
		return r;
	if (!may_follow(batch, entry, change, known, index))
		return -EPROTO;
	if (known && (r = supersede(batch, entry, change)) != 0)
		return r;
	count(&batch->status, known ? change->row.kind : 0, entry->kind);
	change->row.index = index;
	change->row.kind = entry->kind;
	change->entry = entry;
	return 0;
}

/* --- settling --------------------------------------------------------------------------------- */

static int by_thing(const void *a, const void *b)
{
	const struct change *const *x = a, *const *y = b;

	return memcmp(&(*x)->row.thing, &(*y)->row.thing, sizeof(*x)->row.thing);
}

static int by_index(const void *a, const void *b)
{
	const struct change *const *x = a, *const *y = b;

	return ((*x)->row.index > (*y)->row.index) - ((*x)->row.index < (*y)->row.index);
}

/* Put the rows of the view that change. */
static int move_rows(struct catalog_log_batch *batch, enum catalog_log_batch_root root)
{
	struct catalog_log_status *status = &batch->status;
	bool behind = status->view_size < batch->settled_size;
	struct catalog_view_row *rows = malloc(batch->change_count * sizeof *rows);
	int r;

	if (rows == NULL)
		return -ENOMEM;
	qsort(batch->order, batch->change_count, sizeof *batch->order, by_thing);
	for (size_t i = 0; i < batch->change_count; i++)
		rows[i] = batch->order[i]->row;
	if (root == CATALOG_LOG_BATCH_ROOT_LATER || behind) {
		r = catalog_view_put_rows(batch->txn, batch->member->index, rows,
					  batch->change_count);
	} else {
		r = catalog_view_put(batch->txn, batch->member->index, rows, batch->change_count,
				     &status->view_root);
		if (r == 0)
			status->view_size = status->size;
	}
	free(rows);
	return r;
}

/* A body that is no listing of our model is not found by searching; it is kept all the same. */
static int index_put(struct catalog_log_batch *batch, const struct change *change)
{
	const struct catalog_log_entry *entry = change->entry;
	struct catalog_value *listing = NULL;
	int r;

	if (entry->words != NULL && entry->words_slot == CATALOG_LOG_ENTRY_NO_WORDS)
		return 0;
	if (entry->words != NULL)
		return catalog_index_batch_add_words(batch->index, batch->member, change->row.index,
						     entry->words, entry->words_slot);
	r = catalog_value_decode(entry->body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0)
		r = catalog_index_batch_add(batch->index, batch->member, change->row.index,
					    listing);
	catalog_value_free(listing);
	return r == -EBADMSG || r == -E2BIG ? 0 : r;
}

/* What of a change the index is to have, and to have no longer, by how far it has come. */
static int index_change(struct catalog_log_batch *batch, const struct change *change,
			const struct catalog_index_later_mark *mark)
{
	bool is_new =
		change->row.kind == CATALOG_ENTRY_PUT && mark->indexed == CATALOG_INDEX_LATER_ALL;
	bool is_old = change->was_put && change->old_index < mark->indexed;
	int r = 0;

	if ((is_new || is_old) && batch->index == NULL)
		r = catalog_index_batch_new(batch->txn, &batch->index);
	if (r == 0 && is_old)
		r = catalog_index_batch_remove(batch->index, batch->member->index,
					       change->old_index);
	return r == 0 && is_new ? index_put(batch, change) : r;
}

/* In the order of the entries, which is that of their words. */
static int gather_index(struct catalog_log_batch *batch)
{
	struct catalog_index_later_load load = {batch->settled_size, batch->status.target_size,
						batch->lacked};
	struct catalog_index_later_mark mark;
	int r;

	if (catalog_store_leaves_search(catalog_store_of(batch->txn)))
		return 0;
	r = catalog_index_later_begin(batch->txn, batch->member->index, &load, &mark);
	qsort(batch->order, batch->change_count, sizeof *batch->order, by_index);
	for (size_t i = 0; i < batch->change_count && r == 0; i++)
		r = index_change(batch, batch->order[i], &mark);
	return r;
}

/* Bring the view's root to what is held. */
static int move_root(struct catalog_log_batch *batch)
{
	struct catalog_log_status *status = &batch->status;
	int r;

	if (status->view_size == status->size)
		return 0;
	r = catalog_view_hash(batch->txn, batch->member->index, status->view_size,
			      &status->view_root);
	if (r == 0)
		status->view_size = status->size;
	return r;
}

static int compute_root(struct catalog_log_batch *batch)
{
	struct catalog_log_tree tree = {batch->txn, batch->member->index};

	batch->is_root_old = false;
	return catalog_merkle_root_at(batch->status.size, catalog_log_tree_read, &tree,
				      &batch->status.root);
}

/* The tree lets go of the hashes that only what was erased had use for. */
static int collapse_erased(struct catalog_log_batch *batch)
{
	int r = 0;

	for (size_t at = 0; at < batch->erased.len && r == 0; at += sizeof(uint64_t)) {
		uint64_t index;

		memcpy(&index, batch->erased.bytes + at, sizeof index);
		r = catalog_prune_collapse(batch->txn, batch->member->index, index);
	}
	batch->erased.len = 0;
	return r;
}

static int settle(struct catalog_log_batch *batch, enum catalog_log_batch_root root)
{
	int r = 0;

	if (batch->member == NULL)
		return 0;
	if (batch->is_root_old && (r = compute_root(batch)) != 0)
		return r;
	for (size_t i = 0; i < batch->change_count; i++)
		batch->order[i] = &batch->changes[i];
	if (batch->change_count > 0 &&
	    ((r = move_rows(batch, root)) != 0 || (r = gather_index(batch)) != 0 ||
	     (r = collapse_erased(batch)) != 0))
		return r;
	if (batch->change_count == 0 && batch->status.view_size == batch->settled_size)
		batch->status.view_size = batch->status.size; /* state entries change nothing */
	if (root == CATALOG_LOG_BATCH_ROOT_NOW && (r = move_root(batch)) != 0)
		return r;
	memset(batch->table, 0, sizeof batch->table);
	batch->change_count = 0;
	batch->settled_size = batch->status.size;
	return catalog_log_row_put(batch->txn, batch->member->index, &batch->status);
}

/* --- appending -------------------------------------------------------------------------------- */

static int store_entry(struct catalog_log_batch *batch, const struct catalog_log_entry *entry,
		       uint64_t place)
{
	struct catalog_log_entry copy = *entry;
	int r = 0;

	if (copy.packed.len == 0) {
		batch->packed.len = 0;
		r = catalog_log_entry_pack(catalog_store_codec(catalog_store_of(batch->txn)), &copy,
					   1, &batch->packed);
	}
	return r != 0 ? r : catalog_log_row_put_entry(batch->txn, place, copy.packed);
}

static int take_entries(struct catalog_log_batch *batch, const struct catalog_log_entry *entries,
			size_t count)
{
	uint32_t log = batch->member->index;
	struct catalog_runs_sequence sequence = catalog_log_row_entries(log);
	uint64_t before = batch->status.size, place;
	int r = catalog_runs_extend(batch->txn, &sequence, before, count, &place);

	if (r != 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if ((r = judge(batch, &entries[i], before + i)) != 0 ||
		    (r = store_entry(batch, &entries[i], place + i)) != 0)
			return r;
		batch->leaves[i] = entries[i].leaf;
		batch->status.time_s = entries[i].time_s;
	}
	r = catalog_tree_append(batch->txn, log, before, batch->leaves, count);
	if (r == 0) {
		batch->status.size = before + count;
		batch->status.kept += count;
		batch->is_root_old = true;
	}
	return r;
}

static int go_to(struct catalog_log_batch *batch, const struct catalog_member *member)
{
	struct catalog_log_status status;
	int r;

	if (batch->member != NULL && batch->member->index == member->index)
		return 0;
	if ((r = settle(batch, batch->root)) != 0 ||
	    (r = catalog_log_status(batch->txn, member->index, &status)) != 0)
		return r;
	batch->member = member;
	batch->status = status;
	batch->settled_size = status.size;
	return 0;
}

/* If the entries end with a state entry, its view root is the one that we have computed. */
static int judge_end(struct catalog_log_batch *batch, const struct catalog_log_entry *last)
{
	struct catalog_state state;
	int r;

	if (last->kind != CATALOG_ENTRY_STATE)
		return 0;
	r = catalog_log_batch_settle(batch);
	if (r != 0 || batch->status.has_gap)
		return r;
	r = catalog_entry_decode_state(last->body, &state);
	assert(r == 0); /* it was judged */
	return catalog_hash_equal(&state.view_root, &batch->status.view_root) ? 0 : -EPROTO;
}

int catalog_log_batch_append(struct catalog_log_batch *batch, const struct catalog_member *member,
			     const struct catalog_log_entry *entries, size_t count)
{
	int r;

	assert(count >= 1);
	assert(count <= CATALOG_LOG_BATCH_ENTRIES_MAX);
	assert(count <= CATALOG_LOG_TXN_ENTRIES_MAX - batch->entry_count);
	r = go_to(batch, member);
	if (r != 0)
		return r;
	if (batch->status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	batch->entry_count += count;
	if ((r = take_entries(batch, entries, count)) != 0 ||
	    (r = catalog_log_row_put(batch->txn, member->index, &batch->status)) != 0)
		return r;
	return judge_end(batch, &entries[count - 1]);
}

int catalog_log_batch_append_pruned(struct catalog_log_batch *batch,
				    const struct catalog_member *member, unsigned level,
				    const struct catalog_hash *hash)
{
	int r = go_to(batch, member);

	if (r != 0)
		return r;
	if (batch->status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	r = catalog_tree_append_pruned(batch->txn, member->index, batch->status.size, level, hash);
	if (r != 0)
		return r;
	batch->status.size += (uint64_t)1 << level;
	batch->status.has_gap = true;
	batch->is_root_old = true;
	return catalog_log_row_put(batch->txn, member->index, &batch->status);
}

int catalog_log_batch_settle(struct catalog_log_batch *batch)
{
	return settle(batch, CATALOG_LOG_BATCH_ROOT_NOW);
}

int catalog_log_batch_check(struct catalog_log_batch *batch)
{
	int r;

	assert(batch->member != NULL);
	if ((r = catalog_log_batch_settle(batch)) != 0 ||
	    (r = catalog_log_settle(batch->txn, batch->member->index)) != 0)
		return r;
	return catalog_log_status(batch->txn, batch->member->index, &batch->status);
}

int catalog_log_batch_finish(struct catalog_log_batch *batch)
{
	int r = settle(batch, batch->root);

	return r == 0 && batch->index != NULL ? catalog_index_batch_finish(batch->index) : r;
}
