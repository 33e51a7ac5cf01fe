/* catalog/runs.c - a row of the table of runs says: from this number on, so many items are at this
 * place and on.  An append that goes on where the sequence's last run ends, at the end of the
 * table, makes that run longer; any other begins a run. */
#include "catalog/runs.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define SEQUENCE_BYTES (1 + 4 + 1)
#define KEY_BYTES      (SEQUENCE_BYTES + 8)
#define ROW_BYTES      (8 + 8)
#define ITEM_BYTES     (8 + 1)

struct run {
	uint64_t first; /* the number of its first item */
	uint64_t place;
	uint64_t count;
};

static uint8_t *put_number(uint8_t *at, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (uint8_t)(number >> (8 * (bytes - 1 - i)));
	return at;
}

static uint64_t get_number(const uint8_t *at)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | at[i];
	return number;
}

static struct catalog_span run_key(uint8_t key[KEY_BYTES],
				   const struct catalog_runs_sequence *sequence, uint64_t first)
{
	uint8_t *at = put_number(key, sequence->table, 1);

	at = put_number(put_number(at, sequence->log, 4), sequence->level, 1);
	at = put_number(at, first, 8);
	assert(at == key + KEY_BYTES);
	return (struct catalog_span){key, KEY_BYTES};
}

static struct catalog_span item_key(uint8_t key[ITEM_BYTES], uint64_t place, uint8_t part)
{
	(void)put_number(put_number(key, place, 8), part, 1); /* its end is known */
	return (struct catalog_span){key, ITEM_BYTES};
}

/* The last run that begins at index or before.  Returns 0, -ENOENT, -EIO. */
static int find_run(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		    uint64_t index, struct run *ret_run)
{
	struct catalog_cursor *cursor;
	struct catalog_span found, row;
	uint8_t key[KEY_BYTES];
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_RUNS, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, run_key(key, sequence, index), &found, &row);
	if (r == -ENOENT)
		r = catalog_store_cursor_last(cursor, &found, &row);
	else if (r == 0 && (found.len != KEY_BYTES || memcmp(found.bytes, key, KEY_BYTES) != 0))
		r = catalog_store_cursor_prev(cursor, &found, &row);
	if (r == 0 && (found.len != KEY_BYTES || memcmp(found.bytes, key, SEQUENCE_BYTES) != 0))
		r = -ENOENT; /* another sequence's */
	if (r == 0 && row.len != ROW_BYTES)
		r = -EIO;
	if (r == 0)
		*ret_run = (struct run){get_number(found.bytes + SEQUENCE_BYTES),
					get_number(row.bytes), get_number(row.bytes + 8)};
	catalog_store_cursor_close(cursor);
	return r;
}

/* Where the next item of a table goes.  Places are given once: what was dropped or cut leaves its
 * place empty, for a run may still name it. */
static int find_end(struct catalog_txn *txn, enum catalog_table table, uint64_t *ret_place)
{
	uint8_t key = (uint8_t)table;
	struct catalog_span value;
	int r = catalog_store_get(txn, CATALOG_TABLE_RUNS, (struct catalog_span){&key, 1}, &value);

	if (r == -ENOENT) {
		*ret_place = 0;
		return 0;
	}
	if (r == 0 && value.len != 8)
		r = -EIO;
	if (r == 0)
		*ret_place = get_number(value.bytes);
	return r;
}

static int put_end(struct catalog_txn *txn, enum catalog_table table, uint64_t place)
{
	uint8_t key = (uint8_t)table, value[8];

	(void)put_number(value, place, sizeof value); /* its end is known */
	return catalog_store_put(txn, CATALOG_TABLE_RUNS, (struct catalog_span){&key, 1},
				 (struct catalog_span){value, sizeof value});
}

int catalog_runs_extend(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
			uint64_t index, uint64_t count, uint64_t *ret_place)
{
	uint8_t key[KEY_BYTES], row[ROW_BYTES];
	struct run run;
	uint64_t end;
	int r = find_end(txn, sequence->table, &end);

	assert(count > 0);
	if (r != 0)
		return r;
	r = find_run(txn, sequence, index, &run);
	if (r == -ENOENT ||
	    (r == 0 && (index - run.first != run.count || run.place + run.count != end))) {
		run = (struct run){index, end, 0};
		r = 0;
	}
	if (r != 0)
		return r;
	(void)put_number(put_number(row, run.place, 8), run.count + count, 8); /* as above */
	r = catalog_store_put(txn, CATALOG_TABLE_RUNS, run_key(key, sequence, run.first),
			      (struct catalog_span){row, sizeof row});
	if (r == 0)
		r = put_end(txn, sequence->table, end + count);
	if (r == 0)
		*ret_place = end;
	return r;
}

int catalog_runs_append(struct catalog_txn *txn, enum catalog_table table, uint64_t place,
			uint8_t part, struct catalog_span value)
{
	uint8_t key[ITEM_BYTES];

	return catalog_store_append(txn, table, item_key(key, place, part), value);
}

int catalog_runs_find(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		      uint64_t index, uint64_t *ret_place)
{
	struct run run;
	int r = find_run(txn, sequence, index, &run);

	if (r == 0 && index - run.first >= run.count)
		r = -ENOENT;
	if (r == 0)
		*ret_place = run.place + (index - run.first);
	return r;
}

int catalog_runs_get(struct catalog_txn *txn, enum catalog_table table, uint64_t place,
		     uint8_t part, struct catalog_span *ret_value)
{
	uint8_t key[ITEM_BYTES];

	return catalog_store_get(txn, table, item_key(key, place, part), ret_value);
}

/* Delete the parts of an item from part on. */
static int delete_parts(struct catalog_txn *txn, enum catalog_table table, uint64_t place,
			unsigned part)
{
	uint8_t key[ITEM_BYTES];
	int r = 0;

	for (; r == 0 && part <= UINT8_MAX; part++)
		r = catalog_store_del(txn, table, item_key(key, place, (uint8_t)part));
	return r == -ENOENT ? 0 : r;
}

/* Whether anything is left at the places of a run. */
static int is_empty(struct catalog_txn *txn, enum catalog_table table, const struct run *run,
		    bool *ret_empty)
{
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	uint8_t bytes[ITEM_BYTES];
	int r = catalog_store_cursor_open(txn, table, &cursor);

	if (r != 0)
		return r;
	r = catalog_store_cursor_seek(cursor, item_key(bytes, run->place, 0), &key, &value);
	if (r == 0 && key.len != ITEM_BYTES)
		r = -EIO;
	if (r == 0)
		*ret_empty = get_number(key.bytes) >= run->place + run->count;
	if (r == -ENOENT) {
		*ret_empty = true;
		r = 0;
	}
	catalog_store_cursor_close(cursor);
	return r;
}

int catalog_runs_drop(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		      uint64_t index)
{
	uint8_t key[KEY_BYTES];
	bool empty = false;
	uint64_t place;
	struct run run;
	int r = find_run(txn, sequence, index, &run);

	if (r == 0 && index - run.first >= run.count)
		r = -ENOENT;
	if (r != 0)
		return r;
	place = run.place + (index - run.first);
	r = catalog_store_del(txn, sequence->table, item_key(key, place, 0));
	if (r == 0)
		r = delete_parts(txn, sequence->table, place, 1);
	if (r == 0)
		r = is_empty(txn, sequence->table, &run, &empty);
	if (r == 0 && empty) /* so that what is long gone leaves nothing */
		r = catalog_store_del(txn, CATALOG_TABLE_RUNS, run_key(key, sequence, run.first));
	return r;
}

int catalog_runs_cut(struct catalog_txn *txn, const struct catalog_runs_sequence *sequence,
		     uint64_t count)
{
	uint8_t key[KEY_BYTES], row[ROW_BYTES];
	struct run run;
	int r;

	while ((r = find_run(txn, sequence, UINT64_MAX, &run)) == 0 &&
	       run.first + run.count > count) {
		uint64_t kept = run.first < count ? count - run.first : 0;

		for (uint64_t i = kept; i < run.count && r == 0; i++)
			r = delete_parts(txn, sequence->table, run.place + i, 0);
		if (r == 0 && kept == 0)
			r = catalog_store_del(txn, CATALOG_TABLE_RUNS,
					      run_key(key, sequence, run.first));
		if (r == 0 && kept > 0) {
			(void)put_number(put_number(row, run.place, 8), kept, 8); /* the end */
			r = catalog_store_put(txn, CATALOG_TABLE_RUNS,
					      run_key(key, sequence, run.first),
					      (struct catalog_span){row, sizeof row});
		}
		if (r != 0)
			return r;
	}
	return r == -ENOENT ? 0 : r;
}
