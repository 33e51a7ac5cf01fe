/* catalog/log.c - what append does, in order: judge each entry against the view and what came
 * before it in the batch, store it, then tree, view, search index, and last the row that says how
 * far the log has come.  All is one transaction: a reader sees all of a batch or nothing.
 *
 * A stored entry is packed, then cut into parts that share LMDB's pages; the first byte of the
 * first part is how many there are. */
#include "catalog/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/codec.h"
#include "catalog/index.h"
#include "catalog/listing.h"
#include "catalog/merkle.h"
#include "catalog/tree.h"
#include "catalog/trie.h"
#include "catalog/view.h"

#define PART_BYTES_MAX 1900
#define PARTS_MAX      ((CATALOG_ENTRY_BYTES_MAX + 4096) / PART_BYTES_MAX + 1)
#define ROW_BYTES      (8 + 8 + 32 + 8 + 8 + 1 + 8 + 32 + 32)

_Static_assert(PARTS_MAX <= 255, "the number of parts is a byte");
_Static_assert(CATALOG_LOG_BATCH_ENTRIES_MAX <= CATALOG_TREE_BATCH_MAX, "a batch is one append");

/* --- keys and rows ------------------------------------------------------------------------ */

static uint8_t *put_number(uint8_t *at, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (uint8_t)(number >> (8 * (bytes - 1 - i)));
	return at;
}

static uint64_t take_number(const uint8_t **at, unsigned bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | *(*at)++;
	return number;
}

static void take_hash(const uint8_t **at, struct catalog_hash *ret_hash)
{
	memcpy(ret_hash->bytes, *at, sizeof ret_hash->bytes);
	*at += sizeof ret_hash->bytes;
}

static uint8_t *put_hash(uint8_t *at, const struct catalog_hash *hash)
{
	memcpy(at, hash->bytes, sizeof hash->bytes);
	return at + sizeof hash->bytes;
}

/* log u32, number u64, and for an entry the part u8. */
struct key {
	uint8_t bytes[13];
};

static struct catalog_span log_key(struct key *key, uint32_t log)
{
	(void)put_number(key->bytes, log, 4); /* its end is known */
	return (struct catalog_span){key->bytes, 4};
}

static struct catalog_span number_key(struct key *key, uint32_t log, uint64_t number)
{
	uint8_t *end = put_number(put_number(key->bytes, log, 4), number, 8);

	return (struct catalog_span){key->bytes, (size_t)(end - key->bytes)};
}

static struct catalog_span part_key(struct key *key, uint32_t log, uint64_t index, unsigned part)
{
	struct catalog_span span = number_key(key, log, index);

	key->bytes[span.len++] = (uint8_t)part;
	return span;
}

static int read_status(struct catalog_span row, struct catalog_log_status *ret_status)
{
	struct catalog_log_status status = {0};
	const uint8_t *at = row.bytes;
	uint8_t health;

	if (row.len != ROW_BYTES)
		return -EIO;
	status.size = take_number(&at, 8);
	status.target_size = take_number(&at, 8);
	take_hash(&at, &status.target_root);
	status.live = take_number(&at, 8);
	status.withdrawn = take_number(&at, 8);
	health = (uint8_t)take_number(&at, 1);
	status.time_s = (int64_t)take_number(&at, 8);
	take_hash(&at, &status.root);
	take_hash(&at, &status.view_root);
	if (health > CATALOG_LOG_FORKED)
		return -EIO;
	status.health = (enum catalog_log_health)health;
	*ret_status = status;
	return 0;
}

static int write_status(struct catalog_txn *txn, uint32_t log,
			const struct catalog_log_status *status)
{
	uint8_t row[ROW_BYTES], *at = row;
	struct key key;

	at = put_number(at, status->size, 8);
	at = put_number(at, status->target_size, 8);
	at = put_hash(at, &status->target_root);
	at = put_number(at, status->live, 8);
	at = put_number(at, status->withdrawn, 8);
	at = put_number(at, status->health, 1);
	at = put_number(at, (uint64_t)status->time_s, 8);
	at = put_hash(at, &status->root);
	at = put_hash(at, &status->view_root);
	assert(at == row + ROW_BYTES);
	return catalog_store_put(txn, CATALOG_TABLE_LOGS, log_key(&key, log),
				 (struct catalog_span){row, sizeof row});
}

int catalog_log_status(struct catalog_txn *txn, uint32_t log, struct catalog_log_status *ret_status)
{
	struct catalog_span row;
	struct key key;
	int r = catalog_store_get(txn, CATALOG_TABLE_LOGS, log_key(&key, log), &row);

	if (r == 0)
		return read_status(row, ret_status);
	if (r != -ENOENT)
		return r;
	*ret_status = (struct catalog_log_status){0};
	catalog_merkle_empty(&ret_status->root);
	catalog_trie_hash_empty(&ret_status->view_root);
	return 0;
}

/* --- reading --------------------------------------------------------------------------------- */

int catalog_log_checkpoint(struct catalog_txn *txn, uint32_t log, struct catalog_buffer *buffer)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	return r != 0 ? r : catalog_log_checkpoint_at(txn, log, status.target_size, buffer);
}

int catalog_log_checkpoint_at(struct catalog_txn *txn, uint32_t log, uint64_t size,
			      struct catalog_buffer *buffer)
{
	struct catalog_span note;
	struct key key;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHECKPOINTS, number_key(&key, log, size),
				  &note);

	return r != 0 ? r : catalog_buffer_append(buffer, note.bytes, note.len);
}

int catalog_log_checkpoint_held(struct catalog_txn *txn, uint32_t log,
				struct catalog_buffer *buffer)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_log_status status;
	struct catalog_span found, note;
	struct key key;
	int r = catalog_log_status(txn, log, &status);

	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_CHECKPOINTS, &cursor);
	if (r != 0)
		return r;
	/* The one before the first that is too large. */
	r = catalog_store_cursor_seek(cursor, number_key(&key, log, status.size + 1), &found,
				      &note);
	if (r == 0)
		r = catalog_store_cursor_prev(cursor, &found, &note);
	else if (r == -ENOENT)
		r = catalog_store_cursor_last(cursor, &found, &note);
	if (r == 0 && (found.len != 12 || memcmp(found.bytes, key.bytes, 4) != 0))
		r = -ENOENT; /* another log's */
	if (r == 0)
		r = catalog_buffer_append(buffer, note.bytes, note.len);
	catalog_store_cursor_close(cursor);
	return r;
}

int catalog_log_read(struct catalog_txn *txn, uint32_t log, uint64_t index,
		     struct catalog_buffer *buffer)
{
	struct catalog_buffer packed = {0};
	struct catalog_span part;
	unsigned count = 1;
	struct key key;
	int r = 0;

	for (unsigned i = 0; i < count && r == 0; i++) {
		r = catalog_store_get(txn, CATALOG_TABLE_ENTRIES, part_key(&key, log, index, i),
				      &part);
		if (r == -ENOENT && i > 0)
			r = -EIO;
		if (r == 0 && i == 0) {
			if (part.len < 1 || part.bytes[0] == 0) {
				r = -EIO;
				break;
			}
			count = part.bytes[0];
			part.bytes++;
			part.len--;
		}
		if (r == 0)
			r = catalog_buffer_append(&packed, part.bytes, part.len);
	}
	if (r == 0) {
		r = catalog_codec_unpack(catalog_store_codec(txn), catalog_buffer_span(&packed),
					 CATALOG_ENTRY_BYTES_MAX, buffer);
		if (r != 0 && r != -ENOMEM)
			r = -EIO; /* we wrote it: it is damaged */
	}
	catalog_buffer_close(&packed);
	return r;
}

int catalog_log_find(struct catalog_txn *txn, uint32_t log, enum catalog_entry_kind kind,
		     const char *id, uint64_t *ret_index, enum catalog_entry_kind *ret_kind)
{
	struct catalog_view_row row;
	struct catalog_hash thing;
	int r;

	catalog_entry_thing(kind, id, &thing);
	r = catalog_view_get(txn, log, &thing, &row);
	if (r != 0)
		return r;
	*ret_index = row.index;
	if (ret_kind != NULL)
		*ret_kind = row.kind;
	return 0;
}

int catalog_log_current(struct catalog_txn *txn, uint32_t log, catalog_log_each each, void *arg)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_view_row row;
	bool first = true;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor);

	while (r == 0) {
		struct catalog_hash after = first ? (struct catalog_hash){{0}} : row.thing;

		r = catalog_view_next(cursor, log, first ? NULL : &after, &row);
		first = false;
		if (r == 0 && row.kind == CATALOG_ENTRY_PUT)
			r = each(arg, row.index, &row.thing);
	}
	catalog_store_cursor_close(cursor);
	return r == -ENOENT ? 0 : r;
}

int catalog_log_tree_read(void *log_tree, unsigned level, uint64_t index,
			  struct catalog_hash *ret_hash)
{
	const struct catalog_log_tree *tree = log_tree;

	return catalog_tree_read(tree->txn, tree->log, level, index, ret_hash);
}

int catalog_log_view_root(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	if (r == 0)
		*ret_root = status.view_root;
	return r;
}

int catalog_log_vector_hash(struct catalog_txn *txn, struct catalog_hash *ret_hash)
{
	struct catalog_cursor *cursor = NULL;
	crypto_hash_sha256_state state;
	struct catalog_span key, row;
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_LOGS, &cursor);

	if (r != 0)
		return r;
	(void)crypto_hash_sha256_init(&state); /* these three always return 0 */
	r = catalog_store_cursor_seek(cursor, (struct catalog_span){(const uint8_t *)"", 1}, &key,
				      &row);
	for (; r == 0; r = catalog_store_cursor_next(cursor, &key, &row)) {
		struct catalog_log_status status;
		uint8_t line[4 + 8 + 32];

		r = key.len == 4 ? read_status(row, &status) : -EIO;
		if (r != 0)
			break;
		if (status.size == 0)
			continue;
		memcpy(line, key.bytes, 4);
		(void)put_hash(put_number(line + 4, status.size, 8), &status.root); /* the end */
		(void)crypto_hash_sha256_update(&state, line, sizeof line);
	}
	catalog_store_cursor_close(cursor);
	if (r != -ENOENT)
		return r;
	(void)crypto_hash_sha256_final(&state, ret_hash->bytes);
	return 0;
}

/* --- appending ------------------------------------------------------------------------------- */

/* What a batch does to one thing. */
struct change {
	struct catalog_view_row row; /* its newest entry in this batch */
	bool was_put;                /* before the batch it was a listing, put at old_index */
	uint64_t old_index;
};

struct append {
	struct catalog_txn *txn;
	uint32_t log;
	const struct catalog_span *entries;
	size_t count;
	uint64_t before; /* size of the log before */
	struct catalog_log_status status;
	struct catalog_buffer packed;
	size_t change_count;
	struct change changes[CATALOG_LOG_BATCH_ENTRIES_MAX]; /* sorted by thing */
	struct catalog_hash leaves[CATALOG_LOG_BATCH_ENTRIES_MAX];
};

static int store_entry(struct append *append, uint64_t index, struct catalog_span bytes)
{
	struct catalog_span rest;
	unsigned count;
	struct key key;
	int r;

	/* One byte before the packed form, for the number of parts. */
	append->packed.len = 0;
	if ((r = catalog_buffer_append(&append->packed, "", 1)) != 0 ||
	    (r = catalog_codec_pack(catalog_store_codec(append->txn), bytes, &append->packed)) != 0)
		return r;
	count = (unsigned)((append->packed.len + PART_BYTES_MAX - 1) / PART_BYTES_MAX);
	assert(count >= 1 && count <= PARTS_MAX);
	append->packed.bytes[0] = (uint8_t)count;
	rest = catalog_buffer_span(&append->packed);
	for (unsigned i = 0; i < count && r == 0; i++) {
		size_t len = rest.len < PART_BYTES_MAX ? rest.len : PART_BYTES_MAX;

		r = catalog_store_put(append->txn, CATALOG_TABLE_ENTRIES,
				      part_key(&key, append->log, index, i),
				      (struct catalog_span){rest.bytes, len});
		rest.bytes += len;
		rest.len -= len;
	}
	return r;
}

/* The place of a thing among the changes: its own, or where it belongs. */
static size_t place_of(const struct append *append, const struct catalog_hash *thing)
{
	size_t low = 0, high = append->change_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&append->changes[middle].row.thing, thing, sizeof *thing) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The change of a thing, made from the view if the batch has none yet.  *ret_known tells whether
 * there is an entry about it; row is then the newest. */
static int change_of(struct append *append, const struct catalog_hash *thing,
		     struct change **ret_change, bool *ret_known)
{
	size_t place = place_of(append, thing);
	struct change *change = &append->changes[place];
	struct catalog_view_row row = {.thing = *thing};
	int r;

	if (place < append->change_count && memcmp(&change->row.thing, thing, sizeof *thing) == 0) {
		*ret_change = change;
		*ret_known = true;
		return 0;
	}
	r = catalog_view_get(append->txn, append->log, thing, &row);
	if (r != 0 && r != -ENOENT)
		return r;
	memmove(change + 1, change, (append->change_count - place) * sizeof *change);
	append->change_count++;
	*change = (struct change){.row = row};
	change->was_put = r == 0 && row.kind == CATALOG_ENTRY_PUT;
	change->old_index = row.index;
	*ret_change = change;
	*ret_known = r == 0;
	return 0;
}

/* A state entry's counts are those of the entries before it. */
static int judge_state(const struct append *append, const struct catalog_entry *entry)
{
	struct catalog_state state;

	if (entry->prev != CATALOG_ENTRY_PREV_NONE ||
	    catalog_entry_decode_state(entry->body, &state) != 0 ||
	    state.live != append->status.live || state.withdrawn != append->status.withdrawn)
		return -EPROTO;
	return 0;
}

static int judge(struct append *append, const struct catalog_entry *entry, uint64_t index)
{
	struct catalog_log_status *status = &append->status;
	struct catalog_hash thing;
	struct change *change;
	bool known, is_put;
	int r;

	if (entry->kind == CATALOG_ENTRY_STATE)
		return judge_state(append, entry);
	catalog_entry_thing(entry->kind, entry->id, &thing);
	r = change_of(append, &thing, &change, &known);
	if (r != 0)
		return r;
	if (entry->prev != (known ? change->row.index : CATALOG_ENTRY_PREV_NONE))
		return -EPROTO;
	is_put = known && change->row.kind == CATALOG_ENTRY_PUT;
	if (entry->kind == CATALOG_ENTRY_WITHDRAW && !is_put)
		return -EPROTO;
	if (entry->kind == CATALOG_ENTRY_PUT && !is_put) {
		status->live++;
		status->withdrawn -= known;
	}
	if (entry->kind == CATALOG_ENTRY_WITHDRAW) {
		status->live--;
		status->withdrawn++;
	}
	change->row.index = index;
	change->row.kind = entry->kind;
	return 0;
}

static int take_entries(struct append *append)
{
	for (size_t i = 0; i < append->count; i++) {
		struct catalog_entry entry;
		uint64_t index = append->before + i;
		int r = catalog_entry_decode(append->entries[i], &entry);

		if (r != 0)
			return r == -ENOMEM ? r : -EPROTO;
		if ((r = judge(append, &entry, index)) != 0 ||
		    (r = store_entry(append, index, append->entries[i])) != 0)
			return r;
		catalog_merkle_leaf(append->entries[i], &append->leaves[i]);
		append->status.time_s = entry.time_s;
	}
	append->status.size = append->before + append->count;
	return 0;
}

static int move_tree(struct append *append)
{
	struct catalog_log_tree tree = {append->txn, append->log};
	int r = catalog_tree_append(append->txn, append->log, append->before, append->leaves,
				    append->count);

	return r != 0 ? r
		      : catalog_merkle_root_at(append->status.size, catalog_log_tree_read, &tree,
					       &append->status.root);
}

static int move_view(struct append *append)
{
	struct catalog_view_row *rows;
	int r;

	if (append->change_count == 0)
		return 0; /* a batch of state entries alone */
	rows = malloc(append->change_count * sizeof *rows);
	if (rows == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < append->change_count; i++)
		rows[i] = append->changes[i].row;
	r = catalog_view_put(append->txn, append->log, rows, append->change_count,
			     &append->status.view_root);
	free(rows);
	return r;
}

/* A body that is no listing of our model is not found by searching; it is kept all the same. */
static int index_put(struct catalog_index_batch *batch, const struct catalog_member *member,
		     uint64_t index, struct catalog_span bytes)
{
	struct catalog_value *listing = NULL;
	struct catalog_entry entry;
	int r = catalog_entry_decode(bytes, &entry);

	assert(r == 0); /* it was judged */
	r = catalog_value_decode(entry.body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0)
		r = catalog_index_batch_add(batch, member, index, listing);
	catalog_value_free(listing);
	return r == -EBADMSG || r == -E2BIG ? 0 : r;
}

static int move_index(struct append *append, const struct catalog_member *member)
{
	struct catalog_index_batch *batch = NULL;
	int r;

	if (append->change_count == 0)
		return 0;
	r = catalog_index_batch_new(append->txn, &batch);
	for (size_t i = 0; i < append->change_count && r == 0; i++) {
		const struct change *change = &append->changes[i];

		if (change->was_put)
			r = catalog_index_batch_remove(batch, append->log, change->old_index);
		if (r == 0 && change->row.kind == CATALOG_ENTRY_PUT)
			r = index_put(batch, member, change->row.index,
				      append->entries[change->row.index - append->before]);
	}
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	return r;
}

/* If the batch ends with a state entry, its view root is the one that we have computed. */
static int judge_end(const struct append *append)
{
	struct catalog_state state;
	struct catalog_entry entry;
	int r = catalog_entry_decode(append->entries[append->count - 1], &entry);

	assert(r == 0); /* it was judged */
	if (entry.kind != CATALOG_ENTRY_STATE)
		return 0;
	r = catalog_entry_decode_state(entry.body, &state);
	assert(r == 0); /* likewise */
	return catalog_hash_equal(&state.view_root, &append->status.view_root) ? 0 : -EPROTO;
}

int catalog_log_append(struct catalog_txn *txn, const struct catalog_member *member,
		       const struct catalog_span *entries, size_t count)
{
	struct append *append;
	int r;

	assert(count >= 1);
	assert(count <= CATALOG_LOG_BATCH_ENTRIES_MAX);
	append = calloc(1, sizeof *append);
	if (append == NULL)
		return -ENOMEM;
	append->txn = txn;
	append->log = member->index;
	append->entries = entries;
	append->count = count;
	r = catalog_log_status(txn, append->log, &append->status);
	if (r != 0)
		goto out;
	append->before = append->status.size;
	if (append->status.health != CATALOG_LOG_GOOD)
		r = -EROFS;
	else if ((r = take_entries(append)) == 0 && (r = move_tree(append)) == 0 &&
		 (r = move_view(append)) == 0 && (r = judge_end(append)) == 0 &&
		 (r = move_index(append, member)) == 0)
		r = write_status(txn, append->log, &append->status);
out:
	catalog_buffer_close(&append->packed);
	free(append);
	return r;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

int catalog_log_target(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_checkpoint *checkpoint, struct catalog_span note)
{
	struct catalog_log_status status;
	struct key key;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (checkpoint->size < status.target_size || checkpoint->size == 0)
		return -ESTALE;
	if (checkpoint->size == status.target_size)
		return catalog_hash_equal(&checkpoint->root, &status.target_root) ? -EEXIST
										  : -EPROTO;
	status.target_size = checkpoint->size;
	status.target_root = checkpoint->root;
	r = catalog_store_put(txn, CATALOG_TABLE_CHECKPOINTS,
			      number_key(&key, log, checkpoint->size), note);
	return r != 0 ? r : write_status(txn, log, &status);
}

int catalog_log_check_state(struct catalog_txn *txn, uint32_t log)
{
	struct catalog_buffer bytes = {0};
	struct catalog_log_status status;
	struct catalog_state state;
	struct catalog_entry entry;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	if (status.size == 0)
		return -EPROTO;
	r = catalog_log_read(txn, log, status.size - 1, &bytes);
	if (r == 0 && (catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0 ||
		       entry.kind != CATALOG_ENTRY_STATE ||
		       catalog_entry_decode_state(entry.body, &state) != 0 ||
		       state.live != status.live || state.withdrawn != status.withdrawn ||
		       !catalog_hash_equal(&state.view_root, &status.view_root)))
		r = -EPROTO;
	catalog_buffer_close(&bytes);
	return r;
}

int catalog_log_check(struct catalog_txn *txn, uint32_t log)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	if (status.size < status.target_size)
		return -EAGAIN;
	if (status.size == 0)
		return 0;
	if (status.size != status.target_size ||
	    !catalog_hash_equal(&status.root, &status.target_root))
		return -EKEYREJECTED;
	return catalog_log_check_state(txn, log);
}

int catalog_log_mark(struct catalog_txn *txn, uint32_t log, enum catalog_log_health health)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	status.health = health;
	return write_status(txn, log, &status);
}
