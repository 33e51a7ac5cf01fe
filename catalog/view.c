/* catalog/view.c - descends only where something changed; everywhere else the hash that is kept
 * beside the rows stands for its range. */
#include "catalog/view.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <stdbool.h>
#include <string.h>

#define THING_BYTES    sizeof(struct catalog_hash)
#define KEY_BYTES      (4 + THING_BYTES)
#define VALUE_BYTES    9
#define NODE_BYTES_MAX (4 + 1 + THING_BYTES)
#define CHANGES_MAX    50000 /* hashed one by one */
#define CURSORS        32    /* into the kept nodes: one for each level, the last for all below */
#define SMALL_LEAVES   8     /* a subtree of up to so many is computed from its rows */

_Static_assert(sizeof(struct catalog_hash) == 32, "a bit of a thing is numbered by a byte");

enum trust {
	TRUST_KEPT, /* what is kept and not changed is right; keep what is computed */
	TRUST_ROWS, /* compute everything, keep nothing */
};

struct walk {
	struct catalog_txn *txn;
	struct catalog_cursor *cursor;
	uint32_t log;
	enum trust trust;
	/* Nodes of one level stand side by side in the order of the walk, so that a cursor that
	 * stays in a level is mostly on the right page already. */
	struct catalog_cursor *nodes[CURSORS];
};

/* The rows from one thing to another, of which changes[] are new. */
struct range {
	struct catalog_hash first, last;
	const struct catalog_view_row *changes;
	size_t count;
};

static void put_log(uint8_t *bytes, uint32_t log)
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(log >> (24 - 8 * i));
}

static struct catalog_span row_key(uint8_t key[KEY_BYTES], uint32_t log,
				   const struct catalog_hash *thing)
{
	put_log(key, log);
	memcpy(key + 4, thing->bytes, THING_BYTES);
	return (struct catalog_span){key, KEY_BYTES};
}

/* Read a pair of the table.  -ENOENT if it is of another log. */
static int read_row(uint32_t log, struct catalog_span key, struct catalog_span value,
		    struct catalog_view_row *ret_row)
{
	uint8_t prefix[4];

	put_log(prefix, log);
	if (key.len != KEY_BYTES || value.len != VALUE_BYTES)
		return -EIO;
	if (memcmp(key.bytes, prefix, sizeof prefix) != 0)
		return -ENOENT;
	memcpy(ret_row->thing.bytes, key.bytes + 4, THING_BYTES);
	ret_row->index = 0;
	for (unsigned i = 0; i < 8; i++)
		ret_row->index = ret_row->index << 8 | value.bytes[i];
	if (value.bytes[8] < CATALOG_ENTRY_PUT || value.bytes[8] >= CATALOG_ENTRY_STATE)
		return -EIO;
	ret_row->kind = (enum catalog_entry_kind)value.bytes[8];
	return 0;
}

int catalog_view_get(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
		     struct catalog_view_row *ret_row)
{
	uint8_t bytes[KEY_BYTES];
	struct catalog_span key = row_key(bytes, log, thing), value;
	int r = catalog_store_get(txn, CATALOG_TABLE_VIEW, key, &value);

	return r != 0 ? r : read_row(log, key, value, ret_row);
}

/* The first row at or after a thing. */
static int seek_row(struct catalog_cursor *cursor, uint32_t log, const struct catalog_hash *thing,
		    struct catalog_view_row *ret_row)
{
	uint8_t bytes[KEY_BYTES];
	struct catalog_span key, value;
	int r = catalog_store_cursor_seek(cursor, row_key(bytes, log, thing), &key, &value);

	return r != 0 ? r : read_row(log, key, value, ret_row);
}

static int step_row(struct catalog_cursor *cursor, uint32_t log, struct catalog_view_row *ret_row)
{
	struct catalog_span key, value;
	int r = catalog_store_cursor_next(cursor, &key, &value);

	return r != 0 ? r : read_row(log, key, value, ret_row);
}

int catalog_view_next(struct catalog_cursor *cursor, uint32_t log, const struct catalog_hash *after,
		      struct catalog_view_row *ret_row)
{
	const struct catalog_hash lowest = {{0}};
	struct catalog_view_row row;
	int r = seek_row(cursor, log, after != NULL ? after : &lowest, &row);

	if (r == 0 && after != NULL && catalog_hash_equal(&row.thing, after))
		r = step_row(cursor, log, &row);
	if (r == 0)
		*ret_row = row;
	return r;
}

/* The last row of a log. */
static int last_row(struct catalog_cursor *cursor, uint32_t log, struct catalog_view_row *ret_row)
{
	struct catalog_hash highest;
	struct catalog_span key, value;
	uint8_t bytes[KEY_BYTES];
	int r;

	memset(highest.bytes, 0xff, sizeof highest.bytes);
	r = catalog_store_cursor_seek(cursor, row_key(bytes, log, &highest), &key, &value);
	if (r == -ENOENT)
		r = catalog_store_cursor_last(cursor, &key, &value);
	else if (r == 0 && memcmp(key.bytes, bytes, KEY_BYTES) != 0)
		r = catalog_store_cursor_prev(cursor, &key, &value);
	return r != 0 ? r : read_row(log, key, value, ret_row);
}

/* A node is named by its bit and the bits before it, which all keys below it share. */
static struct catalog_span node_key(uint8_t key[NODE_BYTES_MAX], uint32_t log, unsigned bit,
				    const struct catalog_hash *below)
{
	size_t len = (bit + 7) / 8;

	put_log(key, log);
	key[4] = (uint8_t)bit;
	memcpy(key + 5, below->bytes, len);
	if (bit % 8 != 0)
		key[5 + len - 1] &= (uint8_t)(0xff << (8 - bit % 8));
	return (struct catalog_span){key, 5 + len};
}

/* If the range has few rows, its hash from them; else -E2BIG. */
static int hash_small(struct walk *walk, const struct range *range, struct catalog_hash *ret_hash)
{
	struct catalog_trie_leaf leaves[SMALL_LEAVES];
	struct catalog_view_row row;
	int r = seek_row(walk->cursor, walk->log, &range->first, &row);

	for (size_t i = 0; r == 0 && i < SMALL_LEAVES; i++) {
		leaves[i] = (struct catalog_trie_leaf){row.thing, row.index};
		if (catalog_hash_equal(&row.thing, &range->last)) {
			catalog_trie_root(leaves, i + 1, ret_hash);
			return 0;
		}
		r = step_row(walk->cursor, walk->log, &row);
	}
	if (r == -ENOENT)
		return -EIO; /* the range's last row was there before */
	return r != 0 ? r : -E2BIG;
}

/* Cut a range where its keys part. */
static int split(struct walk *walk, const struct range *range, unsigned bit, struct range *ret_left,
		 struct range *ret_right)
{
	struct catalog_hash middle = {{0}};
	struct catalog_span key, value;
	struct catalog_view_row row;
	size_t left = 0, right = range->count;
	int r;

	memcpy(middle.bytes, range->last.bytes, bit / 8 + 1);
	middle.bytes[bit / 8] &= (uint8_t)(0xff << (7 - bit % 8));
	r = seek_row(walk->cursor, walk->log, &middle, &row);
	if (r != 0)
		return r == -ENOENT ? -EIO : r;
	while (left < right) { /* first change that is not before the middle */
		size_t at = left + (right - left) / 2;

		if (memcmp(range->changes[at].thing.bytes, middle.bytes, THING_BYTES) < 0)
			left = at + 1;
		else
			right = at;
	}
	*ret_right = (struct range){row.thing, range->last,
				    range->changes == NULL ? NULL : range->changes + left,
				    range->count - left};
	r = catalog_store_cursor_prev(walk->cursor, &key, &value);
	if (r == 0)
		r = read_row(walk->log, key, value, &row);
	if (r != 0)
		return r == -ENOENT ? -EIO : r;
	*ret_left = (struct range){range->first, row.thing, range->changes, left};
	return 0;
}

static void close_walk(struct walk *walk)
{
	for (size_t i = 0; i < CURSORS; i++)
		catalog_store_cursor_close(walk->nodes[i]);
	catalog_store_cursor_close(walk->cursor);
}

/* The cursor for the nodes of a bit. */
static int nodes_of(struct walk *walk, unsigned bit, struct catalog_cursor **ret_cursor)
{
	struct catalog_cursor **cursor = &walk->nodes[bit < CURSORS ? bit : CURSORS - 1];
	int r = 0;

	if (*cursor == NULL)
		r = catalog_store_cursor_open(walk->txn, CATALOG_TABLE_TRIE, cursor);
	*ret_cursor = *cursor;
	return r;
}

/* What is kept for the node of a bit.  Returns 0, -ENOENT, -EIO, -ENOMEM. */
static int get_kept(struct walk *walk, unsigned bit, struct catalog_span key,
		    struct catalog_hash *ret_hash)
{
	struct catalog_cursor *cursor;
	struct catalog_span value;
	int r;

	if (walk->trust == TRUST_ROWS)
		return -ENOENT;
	r = nodes_of(walk, bit, &cursor);
	if (r == 0)
		r = catalog_store_cursor_get(cursor, key, &value);
	if (r != 0)
		return r;
	if (value.len != THING_BYTES)
		return -EIO;
	memcpy(ret_hash->bytes, value.bytes, THING_BYTES);
	return 0;
}

static int keep(struct walk *walk, unsigned bit, struct catalog_span key,
		const struct catalog_hash *hash)
{
	struct catalog_cursor *cursor;
	int r = nodes_of(walk, bit, &cursor);

	return r != 0 ? r
		      : catalog_store_cursor_put(cursor, key,
						 (struct catalog_span){hash->bytes, THING_BYTES});
}

/* Hash of the subtree over a range of rows.  As deep as the trie: 256 at most, and as many bits as
 * somebody could make two SHA-256 values share. */
static int hash_range(struct walk *walk, const struct range *range, struct catalog_hash *ret_hash)
{
	struct catalog_hash left_hash, right_hash;
	struct range left, right;
	uint8_t bytes[NODE_BYTES_MAX];
	struct catalog_span key;
	unsigned bit;
	int r;

	if (catalog_hash_equal(&range->first, &range->last))
		return hash_small(walk, range, ret_hash);
	bit = catalog_trie_fork(&range->first, &range->last);
	key = node_key(bytes, walk->log, bit, &range->first);
	r = get_kept(walk, bit, key, ret_hash);
	if (r == 0 && range->count == 0)
		return 0;
	if (r == -ENOENT) /* new, or small */
		r = hash_small(walk, range, ret_hash);
	else if (r == 0)
		r = -E2BIG;
	if (r != -E2BIG)
		return r;
	r = split(walk, range, bit, &left, &right);
	if (r == 0)
		r = hash_range(walk, &left, &left_hash);
	if (r == 0)
		r = hash_range(walk, &right, &right_hash);
	if (r != 0)
		return r;
	catalog_trie_hash_node(bit, &left_hash, &right_hash, ret_hash);
	return walk->trust == TRUST_ROWS ? 0 : keep(walk, bit, key, ret_hash);
}

static int hash_all(struct catalog_txn *txn, uint32_t log, enum trust trust,
		    const struct catalog_view_row *changes, size_t count,
		    struct catalog_hash *ret_root)
{
	struct walk walk = {.txn = txn, .log = log, .trust = trust};
	struct range range = {.changes = changes, .count = count};
	struct catalog_view_row row;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &walk.cursor);

	if (r != 0)
		return r;
	r = catalog_view_next(walk.cursor, log, NULL, &row);
	if (r == -ENOENT) {
		catalog_trie_hash_empty(ret_root);
		r = 0;
		goto out;
	}
	range.first = row.thing;
	if (r == 0)
		r = last_row(walk.cursor, log, &row);
	range.last = row.thing;
	if (r == 0)
		r = hash_range(&walk, &range, ret_root);
out:
	close_walk(&walk);
	return r;
}

int catalog_view_put_rows(struct catalog_txn *txn, uint32_t log,
			  const struct catalog_view_row *rows, size_t count)
{
	struct catalog_cursor *cursor = NULL;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	for (size_t i = 0; i < count && r == 0; i++) {
		uint8_t key[KEY_BYTES], value[VALUE_BYTES];

		assert(i == 0 ||
		       memcmp(rows[i - 1].thing.bytes, rows[i].thing.bytes, THING_BYTES) < 0);
		for (unsigned j = 0; j < 8; j++)
			value[j] = (uint8_t)(rows[i].index >> (56 - 8 * j));
		value[8] = (uint8_t)rows[i].kind;
		r = catalog_store_cursor_put(cursor, row_key(key, log, &rows[i].thing),
					     (struct catalog_span){value, VALUE_BYTES});
	}
	catalog_store_cursor_close(cursor);
	return r;
}

int catalog_view_put(struct catalog_txn *txn, uint32_t log, const struct catalog_view_row *rows,
		     size_t count, struct catalog_hash *ret_root)
{
	int r = catalog_view_put_rows(txn, log, rows, count);

	return r != 0 ? r : hash_all(txn, log, TRUST_KEPT, rows, count, ret_root);
}

/* --- many changes ---------------------------------------------------------------------- */

/* The left subtrees that wait for their right ones, while the rows go by in order: each forks at a
 * higher bit than the one before it, so there are at most as many as a key has bits. */
struct pending {
	struct catalog_hash hash;
	struct catalog_hash below; /* a key of the subtree */
	uint64_t leaves;
	unsigned bit; /* at which it parts from the next row */
};

enum sweep_kept {
	SWEEP_PUT,     /* write what is kept beside the rows */
	SWEEP_COMPARE, /* it must be there, and right */
};

struct sweep {
	struct catalog_txn *txn;
	uint32_t log;
	enum sweep_kept kept;
	struct pending stack[256];
	size_t count;
	struct pending current; /* what ends at the row before */
};

/* Join the left subtree on top of the stack with the current one. */
static int join(struct sweep *sweep)
{
	const struct pending *left = &sweep->stack[--sweep->count];
	struct pending *current = &sweep->current;
	uint8_t bytes[NODE_BYTES_MAX];
	struct catalog_span key, value;
	int r;

	catalog_trie_hash_node(left->bit, &left->hash, &current->hash, &current->hash);
	current->leaves += left->leaves;
	if (current->leaves <= SMALL_LEAVES)
		return 0;
	key = node_key(bytes, sweep->log, left->bit, &current->below);
	if (sweep->kept == SWEEP_PUT)
		return catalog_store_put(sweep->txn, CATALOG_TABLE_TRIE, key,
					 (struct catalog_span){current->hash.bytes, THING_BYTES});
	r = catalog_store_get(sweep->txn, CATALOG_TABLE_TRIE, key, &value);
	if (r == -ENOENT ||
	    (r == 0 && (value.len != THING_BYTES ||
			memcmp(value.bytes, current->hash.bytes, THING_BYTES) != 0)))
		return -EPROTO;
	return r;
}

static int sweep_row(struct sweep *sweep, const struct catalog_view_row *row)
{
	struct catalog_trie_leaf leaf = {row->thing, row->index};

	if (sweep->current.leaves > 0) {
		unsigned bit = catalog_trie_fork(&sweep->current.below, &row->thing);

		while (sweep->count > 0 && sweep->stack[sweep->count - 1].bit > bit) {
			int r = join(sweep);

			if (r != 0)
				return r;
		}
		sweep->current.bit = bit;
		sweep->stack[sweep->count++] = sweep->current;
	}
	catalog_trie_hash_leaf(&leaf, &sweep->current.hash);
	sweep->current.below = row->thing;
	sweep->current.leaves = 1;
	return 0;
}

/* Hash every row once, in order. */
static int hash_anew(struct catalog_txn *txn, uint32_t log, enum sweep_kept kept,
		     struct catalog_hash *ret_root)
{
	struct sweep *sweep = calloc(1, sizeof *sweep);
	struct catalog_cursor *cursor = NULL;
	struct catalog_view_row row;
	int r = sweep == NULL ? -ENOMEM
			      : catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	if (r != 0)
		goto out;
	sweep->txn = txn;
	sweep->log = log;
	sweep->kept = kept;
	r = catalog_view_next(cursor, log, NULL, &row);
	for (; r == 0; r = step_row(cursor, log, &row)) {
		r = sweep_row(sweep, &row);
		if (r != 0)
			goto out;
	}
	if (r != -ENOENT)
		goto out;
	r = 0;
	while (r == 0 && sweep->count > 0)
		r = join(sweep);
	if (r != 0)
		goto out;
	if (sweep->current.leaves > 0)
		*ret_root = sweep->current.hash;
	else
		catalog_trie_hash_empty(ret_root);
out:
	catalog_store_cursor_close(cursor);
	free(sweep);
	return r;
}

/* The rows whose index is at least since, in order, at most max of them: -E2BIG if there are
 * more.  The caller frees *ret_rows. */
static int changed_rows(struct catalog_txn *txn, uint32_t log, uint64_t since, size_t max,
			struct catalog_view_row **ret_rows, size_t *ret_count)
{
	struct catalog_view_row *rows = malloc(max * sizeof *rows), row;
	struct catalog_cursor *cursor = NULL;
	size_t count = 0;
	int r = rows == NULL ? -ENOMEM
			     : catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	if (r == 0)
		r = catalog_view_next(cursor, log, NULL, &row);
	for (; r == 0; r = step_row(cursor, log, &row)) {
		if (row.index < since)
			continue;
		if (count == max) {
			r = -E2BIG;
			break;
		}
		rows[count++] = row;
	}
	catalog_store_cursor_close(cursor);
	if (r != -ENOENT) {
		free(rows);
		return r;
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

int catalog_view_hash(struct catalog_txn *txn, uint32_t log, uint64_t since,
		      struct catalog_hash *ret_root)
{
	struct catalog_view_row *rows = NULL;
	size_t count = 0;
	int r = -E2BIG;

	/* Where a good part has changed, to hash all of it in one sweep is less. */
	if (since > 0)
		r = changed_rows(txn, log, since,
				 since / 8 < CHANGES_MAX ? (size_t)since / 8 + 1 : CHANGES_MAX,
				 &rows, &count);
	if (r == 0)
		r = hash_all(txn, log, TRUST_KEPT, rows, count, ret_root);
	else if (r == -E2BIG)
		r = hash_anew(txn, log, SWEEP_PUT, ret_root);
	free(rows);
	return r;
}

int catalog_view_drop(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing)
{
	uint8_t key[KEY_BYTES];

	return catalog_store_del(txn, CATALOG_TABLE_VIEW, row_key(key, log, thing));
}

int catalog_view_rebuild(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root)
{
	uint8_t prefix[4];
	int r;

	put_log(prefix, log);
	r = catalog_store_del_range(txn, CATALOG_TABLE_TRIE,
				    (struct catalog_span){prefix, sizeof prefix}, sizeof prefix);
	return r != 0 ? r : hash_anew(txn, log, SWEEP_PUT, ret_root);
}

int catalog_view_verify(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root)
{
	return hash_anew(txn, log, SWEEP_COMPARE, ret_root);
}

int catalog_view_audit(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root)
{
	return hash_all(txn, log, TRUST_ROWS, NULL, 0, ret_root);
}

/* --- proofs ---------------------------------------------------------------------------------- */

/* Hash of a subtree that stands beside a path: kept, or of a few rows. */
static int hash_sibling(struct walk *walk, const struct range *range, struct catalog_hash *ret_hash)
{
	uint8_t bytes[NODE_BYTES_MAX];
	int r = -ENOENT;

	if (!catalog_hash_equal(&range->first, &range->last)) {
		unsigned bit = catalog_trie_fork(&range->first, &range->last);

		r = get_kept(walk, bit, node_key(bytes, walk->log, bit, &range->first), ret_hash);
	}
	if (r == -ENOENT)
		r = hash_small(walk, range, ret_hash);
	return r == -E2BIG ? -EIO : r; /* a large one is kept */
}

/* Walk along a thing's bits from the subtree over range down to one leaf. */
static int descend(struct walk *walk, struct range range, const struct catalog_hash *thing,
		   struct catalog_view_proof *ret_proof)
{
	size_t count = 0;
	struct catalog_view_row row;
	int r;

	while (!catalog_hash_equal(&range.first, &range.last)) {
		unsigned bit = catalog_trie_fork(&range.first, &range.last);
		struct range left, right;
		bool goes_right = catalog_trie_bit(thing, bit) == 1;

		assert(count < CATALOG_TRIE_PROOF_MAX);
		r = split(walk, &range, bit, &left, &right);
		if (r == 0)
			r = hash_sibling(walk, goes_right ? &left : &right,
					 &ret_proof->steps[count].sibling);
		if (r != 0)
			return r;
		ret_proof->steps[count++].bit = (uint16_t)bit;
		range = goes_right ? right : left;
	}
	r = catalog_view_get(walk->txn, walk->log, &range.first, &row);
	if (r != 0)
		return r == -ENOENT ? -EIO : r;
	ret_proof->leaf = (struct catalog_trie_leaf){row.thing, row.index};
	ret_proof->has_leaf = true;
	ret_proof->count = count;
	return 0;
}

int catalog_view_prove(struct catalog_txn *txn, uint32_t log, const struct catalog_hash *thing,
		       struct catalog_view_proof *ret_proof)
{
	struct walk walk = {.txn = txn, .log = log, .trust = TRUST_KEPT};
	struct range range = {.count = 0};
	struct catalog_view_row row;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &walk.cursor);

	if (r != 0)
		return r;
	r = catalog_view_next(walk.cursor, log, NULL, &row);
	if (r == -ENOENT) {
		ret_proof->has_leaf = false;
		ret_proof->count = 0;
		r = 0;
		goto out;
	}
	if (r != 0)
		goto out;
	range.first = row.thing;
	r = last_row(walk.cursor, log, &row);
	range.last = row.thing;
	if (r == 0)
		r = descend(&walk, range, thing, ret_proof);
out:
	close_walk(&walk);
	return r;
}
