#include "catalog/prune.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/entry.h"
#include "catalog/erased.h"
#include "catalog/log.h"
#include "catalog/log_row.h"
#include "catalog/runs.h"
#include "catalog/tree.h"
#include "catalog/view.h"

#define STALE_BYTES (8 + 4 + 8)

/* An entry that waits to be dropped. */
struct stale {
	uint64_t time;
	uint32_t log;
	uint64_t index;
};

/* --- the table -------------------------------------------------------------------------------- */

static struct catalog_span stale_key(uint8_t key[STALE_BYTES], const struct stale *stale)
{
	for (unsigned i = 0; i < 8; i++) {
		key[i] = (uint8_t)(stale->time >> (8 * (7 - i)));
		key[12 + i] = (uint8_t)(stale->index >> (8 * (7 - i)));
	}
	for (unsigned i = 0; i < 4; i++)
		key[8 + i] = (uint8_t)(stale->log >> (8 * (3 - i)));
	return (struct catalog_span){key, STALE_BYTES};
}

static int stale_from(struct catalog_span key, struct stale *ret_stale)
{
	struct stale stale = {0};

	if (key.len != STALE_BYTES)
		return -EIO;
	for (unsigned i = 0; i < 8; i++) {
		stale.time = stale.time << 8 | key.bytes[i];
		stale.index = stale.index << 8 | key.bytes[12 + i];
	}
	for (unsigned i = 0; i < 4; i++)
		stale.log = stale.log << 8 | key.bytes[8 + i];
	*ret_stale = stale;
	return 0;
}

int catalog_prune_later(struct catalog_txn *txn, uint32_t log, uint64_t index, int64_t time_s)
{
	struct stale stale = {time_s < 0 ? 0 : (uint64_t)time_s, log, index};
	uint8_t key[STALE_BYTES];

	return catalog_store_put(txn, CATALOG_TABLE_STALE, stale_key(key, &stale),
				 (struct catalog_span){(const uint8_t *)"", 0});
}

/* --- dropping --------------------------------------------------------------------------------- */

/* Returns 0, -ENOENT if it is not there. */
static int drop(struct catalog_txn *txn, uint32_t log, uint64_t index)
{
	struct catalog_runs_sequence entries = catalog_log_row_entries(log);

	return catalog_runs_drop(txn, &entries, index);
}

static int has_entry(struct catalog_txn *txn, uint32_t log, uint64_t index, bool *ret_has)
{
	struct catalog_runs_sequence entries = catalog_log_row_entries(log);
	struct catalog_span part;
	uint64_t place;
	int r = catalog_runs_find(txn, &entries, index, &place);

	if (r == 0)
		r = catalog_runs_get(txn, CATALOG_TABLE_ENTRIES, place, 0, &part);
	*ret_has = r == 0;
	return r == -ENOENT ? 0 : r;
}

int catalog_prune_collapse(struct catalog_txn *txn, uint32_t log, uint64_t index)
{
	uint64_t tile = index / CATALOG_TREE_TILE;
	uint32_t kept = 0;

	for (unsigned i = 0; i < CATALOG_TREE_TILE; i++) {
		bool has;
		int r = has_entry(txn, log, tile * CATALOG_TREE_TILE + i, &has);

		if (r != 0)
			return r;
		kept |= (uint32_t)has << i;
	}
	return catalog_tree_collapse(txn, log, tile, kept);
}

/* --- in their time ---------------------------------------------------------------------------- */

struct step {
	uint64_t before;
	size_t count;
	struct stale stales[CATALOG_PRUNE_STEP_MAX]; /* sorted by log and index */
};

static int find_stale(struct catalog_txn *txn, struct step *step)
{
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_STALE, &cursor);

	if (r != 0)
		return r;
	step->count = 0;
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){(const uint8_t *)"", 1}, &key,
				      &value);
	while (r == 0 && step->count < CATALOG_PRUNE_STEP_MAX) {
		struct stale *stale = &step->stales[step->count];

		r = stale_from(key, stale);
		if (r != 0 || stale->time >= step->before)
			break;
		step->count++;
		r = catalog_store_cursor_next(cursor, &key, &value);
	}
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

static int by_index(const void *a, const void *b)
{
	const struct stale *x = a, *y = b;

	if (x->log != y->log)
		return x->log < y->log ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* The checkpoint that a state entry closed is of no more use than the entry. */
static int drop_checkpoint(struct catalog_txn *txn, const struct stale *stale,
			   const struct catalog_log_status *status)
{
	struct catalog_log_row_key key;
	uint64_t size = stale->index + 1;
	int r;

	if (size == status->target_size || size == status->settled)
		return 0;
	r = catalog_store_del(txn, CATALOG_TABLE_CHECKPOINTS,
			      catalog_log_row_of_number(&key, stale->log, size));
	return r == -ENOENT ? 0 : r;
}

/* Whether an entry is current after all: the log has stepped back since it was superseded. */
static int is_current(struct catalog_txn *txn, const struct stale *stale,
		      const struct catalog_log_status *status, bool *ret_current)
{
	struct catalog_buffer bytes = {0};
	struct catalog_view_row row;
	struct catalog_entry entry;
	struct catalog_hash thing;
	int r = catalog_log_read(txn, stale->log, stale->index, &bytes);

	*ret_current = false;
	if (r == -ENOENT)
		r = catalog_erased_is_current(txn, stale->log, stale->index, ret_current);
	if (r != 0 || bytes.len == 0 ||
	    catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0)
		goto out;
	if (entry.kind == CATALOG_ENTRY_STATE) {
		*ret_current = stale->index + 1 == status->state_end;
		goto out;
	}
	catalog_entry_thing(entry.kind, entry.id, &thing);
	r = catalog_view_get(txn, stale->log, &thing, &row);
	*ret_current = r == 0 && (row.index == stale->index || entry.kind != CATALOG_ENTRY_PUT);
out:
	catalog_buffer_close(&bytes);
	return r == -ENOENT ? 0 : r;
}

/* Drop the entries of one log among the stale ones, count of them from *stales on. */
static int drop_of_log(struct catalog_txn *txn, const struct stale *stales, size_t count)
{
	uint32_t log = stales[0].log;
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	for (size_t i = 0; i < count && r == 0; i++) {
		uint8_t key[STALE_BYTES];
		bool current;

		r = is_current(txn, &stales[i], &status, &current);
		if (r == 0 && !current) {
			r = drop(txn, log, stales[i].index);
			if (r == 0)
				status.kept--;
			if (r == 0 || r == -ENOENT) /* erased before, say */
				r = drop_checkpoint(txn, &stales[i], &status);
			if (r == 0) /* a line is not drawn before it any more */
				r = catalog_erased_drop(txn, log, stales[i].index);
		}
		if (r == 0)
			r = catalog_store_del(txn, CATALOG_TABLE_STALE, stale_key(key, &stales[i]));
	}
	for (size_t i = 0; i < count && r == 0; i++)
		if (i + 1 == count ||
		    stales[i].index / CATALOG_TREE_TILE != stales[i + 1].index / CATALOG_TREE_TILE)
			r = catalog_prune_collapse(txn, log, stales[i].index);
	return r != 0 ? r : catalog_log_row_put(txn, log, &status);
}

static int step_body(struct catalog_txn *txn, void *arg)
{
	struct step *step = arg;
	int r = find_stale(txn, step);

	qsort(step->stales, step->count, sizeof step->stales[0], by_index);
	for (size_t at = 0, end; at < step->count && r == 0; at = end) {
		for (end = at + 1;
		     end < step->count && step->stales[end].log == step->stales[at].log;)
			end++;
		r = drop_of_log(txn, step->stales + at, end - at);
	}
	return r;
}

int catalog_prune_step(struct catalog_store *store, int64_t before_s, size_t *ret_count)
{
	struct step *step;
	int r;

	if (before_s <= 0) {
		*ret_count = 0;
		return 0;
	}
	step = malloc(sizeof *step);
	if (step == NULL)
		return -ENOMEM;
	step->before = (uint64_t)before_s;
	r = catalog_store_write(store, step_body, step);
	if (r == 0)
		*ret_count = step->count;
	free(step);
	return r;
}

/* --- at once ---------------------------------------------------------------------------------- */

struct erase {
	struct catalog_txn *txn;
	uint32_t log;
	const struct catalog_hash *thing;
	int64_t time_s;
	uint64_t *kept;
	struct catalog_buffer *erased;
};

/* Erase an entry if it is a put about the thing.  *ret_prev is what it superseded.
 * Returns 0, -ENOENT if it is not held. */
static int erase_entry(const struct erase *erase, uint64_t index, uint64_t *ret_prev)
{
	struct catalog_erased before;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	struct catalog_hash thing;
	int r = catalog_log_read(erase->txn, erase->log, index, &bytes);

	*ret_prev = CATALOG_ENTRY_PREV_NONE;
	if (r == -ENOENT && catalog_erased_get(erase->txn, erase->log, index, &before) == 0) {
		*ret_prev = before.prev; /* erased already, and a line was drawn since */
		r = catalog_prune_later(erase->txn, erase->log, index, erase->time_s);
		goto out;
	}
	if (r != 0 || catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0 ||
	    entry.kind == CATALOG_ENTRY_STATE)
		goto out;
	catalog_entry_thing(entry.kind, entry.id, &thing);
	if (!catalog_hash_equal(&thing, erase->thing))
		goto out;
	*ret_prev = entry.prev;
	if (entry.kind != CATALOG_ENTRY_PUT)
		goto out;
	r = drop(erase->txn, erase->log, index);
	if (r == 0)
		r = catalog_erased_keep(erase->txn, erase->log, index, &entry);
	if (r == 0)
		r = catalog_prune_later(erase->txn, erase->log, index, erase->time_s);
	if (r == 0)
		r = catalog_buffer_append(erase->erased, &index, sizeof index);
	if (r == 0)
		(*erase->kept)--;
out:
	catalog_buffer_close(&bytes);
	return r;
}

int catalog_prune_erase(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
			int64_t time_s, uint64_t from, uint64_t *kept,
			struct catalog_buffer *erased)
{
	struct erase erase = {txn, log, thing, time_s, kept, erased};
	uint64_t at = from, prev;
	int r = 0;

	while (r == 0 && at != CATALOG_ENTRY_PREV_NONE) {
		r = erase_entry(&erase, at, &prev);
		/* It judged right when it was taken, so it goes back; a gap was not judged. */
		if (r == 0 && prev != CATALOG_ENTRY_PREV_NONE && prev >= at)
			return -EIO;
		if (r == 0)
			at = prev;
	}
	if (r != -ENOENT)
		return r;
	for (r = 0; r == 0 && at > 0;) {
		r = erase_entry(&erase, --at, &prev);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}
