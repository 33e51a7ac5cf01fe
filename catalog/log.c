/* catalog/log.c - reading logs, and what is known of where they stand; catalog/log_batch moves them
 * forward. */
#include "catalog/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/codec.h"
#include "catalog/log_batch.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/note.h"
#include "catalog/tree.h"
#include "catalog/trie.h"
#include "catalog/view.h"

#define VECTOR_LINE_BYTES (4 + 8 + 32 + 8)

int catalog_log_status(struct catalog_txn *txn, uint32_t log, struct catalog_log_status *ret_status)
{
	struct catalog_span row;
	struct catalog_log_row_key key;
	int r = catalog_store_get(txn, CATALOG_TABLE_LOGS, catalog_log_row_of(&key, log), &row);

	if (r == 0)
		return catalog_log_row_decode(row, ret_status);
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
	struct catalog_log_row_key key;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHECKPOINTS,
				  catalog_log_row_of_number(&key, log, size), &note);

	return r != 0 ? r : catalog_buffer_append(buffer, note.bytes, note.len);
}

int catalog_log_checkpoint_up_to(struct catalog_txn *txn, uint32_t log, uint64_t size_max,
				 struct catalog_buffer *buffer)
{
	struct catalog_cursor *cursor = NULL;
	struct catalog_log_status status;
	struct catalog_span found, note;
	struct catalog_log_row_key key;
	int r = catalog_log_status(txn, log, &status);

	if (r == 0)
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_CHECKPOINTS, &cursor);
	if (r != 0)
		return r;
	if (size_max > status.size)
		size_max = status.size;
	/* The one before the first that is too large. */
	r = catalog_store_cursor_seek(cursor, catalog_log_row_of_number(&key, log, size_max + 1),
				      &found, &note);
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

int catalog_log_checkpoint_held(struct catalog_txn *txn, uint32_t log,
				struct catalog_buffer *buffer)
{
	return catalog_log_checkpoint_up_to(txn, log, UINT64_MAX, buffer);
}

/* Put the parts of an entry after the first, which is given, one after the other. */
static int gather_parts(struct catalog_txn *txn, uint64_t place, struct catalog_span part,
			unsigned count, struct catalog_buffer *ret_packed)
{
	int r = catalog_buffer_append(ret_packed, part.bytes, part.len);

	for (unsigned i = 1; i < count && r == 0; i++) {
		r = catalog_runs_get(txn, CATALOG_TABLE_ENTRIES, place, (uint8_t)i, &part);
		if (r == 0)
			r = catalog_buffer_append(ret_packed, part.bytes, part.len);
	}
	return r == -ENOENT ? -EIO : r;
}

int catalog_log_read(struct catalog_txn *txn, uint32_t log, uint64_t index,
		     struct catalog_buffer *buffer)
{
	struct catalog_buffer gathered = {0};
	struct catalog_runs_sequence entries = catalog_log_row_entries(log);
	struct catalog_span packed;
	uint64_t place;
	unsigned count;
	int r = catalog_runs_find(txn, &entries, index, &place);

	if (r != 0)
		return r;
	r = catalog_runs_get(txn, CATALOG_TABLE_ENTRIES, place, 0, &packed);
	if (r != 0)
		return r; /* -ENOENT: it was pruned */
	if (packed.len < 1 || packed.bytes[0] == 0)
		return -EIO;
	count = packed.bytes[0];
	packed.bytes++;
	packed.len--;
	if (count > 1) {
		r = gather_parts(txn, place, packed, count, &gathered);
		packed = catalog_buffer_span(&gathered);
	}
	if (r == 0) {
		r = catalog_codec_unpack(catalog_store_codec(catalog_store_of(txn)), packed,
					 CATALOG_ENTRY_BYTES_MAX, buffer);
		if (r != 0 && r != -ENOMEM)
			r = -EIO; /* we wrote it: it is damaged */
	}
	catalog_buffer_close(&gathered);
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

int catalog_log_newest(struct catalog_txn *txn, uint32_t log, enum catalog_entry_kind kind,
		       const char *id, struct catalog_buffer *bytes,
		       struct catalog_entry *ret_entry)
{
	uint64_t index;
	int r = catalog_log_find(txn, log, kind, id, &index, NULL);

	if (r != 0)
		return r;
	bytes->len = 0;
	r = catalog_log_read(txn, log, index, bytes);
	if (r == 0 && catalog_entry_decode(catalog_buffer_span(bytes), ret_entry) != 0)
		r = -EIO;
	return r;
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

/* What a log adds to the vector's hash. */
static void vector_line(struct catalog_span key, const struct catalog_log_status *status,
			uint8_t ret_line[VECTOR_LINE_BYTES])
{
	bool is_forked = status->health == CATALOG_LOG_FORKED;
	uint64_t size = is_forked ? UINT64_MAX : status->size;
	uint64_t attested_s =
		is_forked || status->size != status->target_size ? 0 : (uint64_t)status->attested_s;

	memset(ret_line, 0, VECTOR_LINE_BYTES);
	memcpy(ret_line, key.bytes, 4);
	for (unsigned i = 0; i < 8; i++) {
		ret_line[4 + i] = (uint8_t)(size >> (56 - 8 * i));
		ret_line[44 + i] = (uint8_t)(attested_s >> (56 - 8 * i));
	}
	if (!is_forked)
		memcpy(ret_line + 12, status->root.bytes, sizeof status->root.bytes);
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
		uint8_t line[VECTOR_LINE_BYTES];

		r = key.len == 4 ? catalog_log_row_decode(row, &status) : -EIO;
		if (r != 0)
			break;
		if (status.size == 0 && status.health != CATALOG_LOG_FORKED)
			continue;
		vector_line(key, &status, line);
		(void)crypto_hash_sha256_update(&state, line, sizeof line);
	}
	catalog_store_cursor_close(cursor);
	if (r != -ENOENT)
		return r;
	(void)crypto_hash_sha256_final(&state, ret_hash->bytes);
	return 0;
}

/* --- appending ------------------------------------------------------------------------------- */

int catalog_log_append(struct catalog_txn *txn, const struct catalog_member *member,
		       const struct catalog_span *entries, size_t count)
{
	struct catalog_log_batch *batch = NULL;
	struct catalog_log_entry *read = NULL;
	int r;

	assert(count >= 1);
	assert(count <= CATALOG_LOG_BATCH_ENTRIES_MAX);
	read = calloc(count, sizeof *read);
	if (read == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		catalog_log_entry_read(entries[i], &read[i]);
	if ((r = catalog_log_batch_new(txn, CATALOG_LOG_BATCH_ROOT_NOW, &batch)) == 0 &&
	    (r = catalog_log_batch_append(batch, member, read, count)) == 0)
		r = catalog_log_batch_finish(batch);
	catalog_log_batch_free(batch);
	free(read);
	return r;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

int catalog_log_target(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_checkpoint *checkpoint, struct catalog_span note)
{
	struct catalog_log_status status;
	struct catalog_log_row_key key;
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
	status.attested_s = checkpoint->attested_s;
	r = catalog_store_put(txn, CATALOG_TABLE_CHECKPOINTS,
			      catalog_log_row_of_number(&key, log, checkpoint->size), note);
	return r != 0 ? r : catalog_log_row_put(txn, log, &status);
}

/* The third line of a note that was verified is its root. */
static int root_of_note(struct catalog_span note, struct catalog_hash *ret_root)
{
	struct catalog_span line;
	size_t len;

	for (unsigned i = 0; i < 3; i++)
		if (catalog_note_line(&note, &line) != 0)
			return -EIO;
	if (catalog_note_base64(line, ret_root->bytes, sizeof ret_root->bytes, &len) != 0 ||
	    len != sizeof ret_root->bytes)
		return -EIO;
	return 0;
}

int catalog_log_keep(struct catalog_txn *txn, uint32_t log,
		     const struct catalog_checkpoint *checkpoint, struct catalog_span note)
{
	struct catalog_log_status status;
	struct catalog_log_row_key key;
	struct catalog_span row, kept;
	struct catalog_hash root;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (checkpoint->size <= status.size || checkpoint->size >= status.target_size)
		return -ESTALE;
	row = catalog_log_row_of_number(&key, log, checkpoint->size);
	r = catalog_store_get(txn, CATALOG_TABLE_CHECKPOINTS, row, &kept);
	if (r == -ENOENT)
		return catalog_store_put(txn, CATALOG_TABLE_CHECKPOINTS, row, note);
	if (r == 0)
		r = root_of_note(kept, &root);
	if (r != 0)
		return r;
	return catalog_hash_equal(&root, &checkpoint->root) ? -EEXIST : -EPROTO;
}

int64_t catalog_log_attested(int64_t attested_s, int64_t now_s)
{
	return attested_s - CATALOG_LOG_ATTEST_AHEAD_S > now_s ? 0 : attested_s;
}

int catalog_log_attest(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_checkpoint *checkpoint, struct catalog_span note,
		       int64_t now_s)
{
	struct catalog_log_status status;
	struct catalog_log_row_key key;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (checkpoint->size != status.target_size || status.target_size == 0 ||
	    !catalog_hash_equal(&checkpoint->root, &status.target_root))
		return -ENOENT;
	if (catalog_log_attested(checkpoint->attested_s, now_s) <=
	    catalog_log_attested(status.attested_s, now_s))
		return -EEXIST;
	status.attested_s = checkpoint->attested_s;
	r = catalog_store_put(txn, CATALOG_TABLE_CHECKPOINTS,
			      catalog_log_row_of_number(&key, log, checkpoint->size), note);
	return r != 0 ? r : catalog_log_row_put(txn, log, &status);
}

/* Whether the last entry held is a state entry that tells what is held. */
static int check_state(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_log_status *status)
{
	struct catalog_buffer bytes = {0};
	struct catalog_state state;
	struct catalog_entry entry;
	int r;

	if (status->size == 0)
		return -EPROTO;
	r = catalog_log_read(txn, log, status->size - 1, &bytes);
	if (r == -ENOENT) /* pruned: and it is the newest of its kind */
		r = -EPROTO;
	if (r == 0 && (catalog_entry_decode(catalog_buffer_span(&bytes), &entry) != 0 ||
		       entry.kind != CATALOG_ENTRY_STATE ||
		       catalog_entry_decode_state(entry.body, &state) != 0 ||
		       state.live != status->live || state.withdrawn != status->withdrawn ||
		       !catalog_hash_equal(&state.view_root, &status->view_root)))
		r = -EPROTO;
	catalog_buffer_close(&bytes);
	return r;
}

int catalog_log_settle(struct catalog_txn *txn, uint32_t log)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	r = check_state(txn, log, &status);
	if (r != 0)
		return r == -EPROTO && status.has_gap ? -ENODATA : r;
	status.settled = status.size;
	status.has_gap = false;
	return catalog_log_row_put(txn, log, &status);
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
	return catalog_log_settle(txn, log);
}

int catalog_log_mark(struct catalog_txn *txn, uint32_t log, enum catalog_log_health health)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, log, &status);

	if (r != 0)
		return r;
	status.health = health;
	return catalog_log_row_put(txn, log, &status);
}
