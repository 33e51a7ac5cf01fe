/* catalog/chunk.c - a chunk is made from the store, travels, is taken apart on a worker, and is
 * judged where the log is written.  What the receiver holds of the subtree it hashes itself, so a
 * chunk carries only entries that are new. */
#include "catalog/chunk.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>
#include <zstd.h>

#include "catalog/index_words.h"
#include "catalog/log_batch.h"
#include "catalog/merkle.h"
#include "catalog/wire.h"

#define VERSION_BYTE 1
#define FIELDS       8
#define LEVEL_MAX    8
#define ZSTD_LEVEL   3
/* Of the entries as one msgpack array of bins: a header each, and the array's. */
#define PLAIN_BYTES_MAX (CATALOG_CHUNK_BYTES_MAX + 5 * CATALOG_CHUNK_LEAVES_MAX + 5)

_Static_assert(1u << LEVEL_MAX == CATALOG_CHUNK_LEAVES_MAX, "a chunk is at most one subtree");
_Static_assert(CATALOG_ENTRY_BYTES_MAX <= CATALOG_CHUNK_BYTES_MAX, "one entry always fits");

struct catalog_chunk {
	uint32_t log;
	unsigned level;
	uint64_t size, from, to;
	size_t proof_count;
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
	struct catalog_log_entry entries[CATALOG_CHUNK_LEAVES_MAX]; /* in plain and packed */
	struct catalog_buffer plain;
	/* What is kept of the entries, for the disk and for searching; empty until it is made. */
	struct catalog_buffer packed;
	struct catalog_index_words *words;
};

/* Where the subtree that holds leaf `from` at a level ends, cut off at size. */
static uint64_t end_of(uint64_t from, unsigned level, uint64_t size)
{
	uint64_t end = ((from >> level) + 1) << level;

	return end < size ? end : size;
}

/* --- making ---------------------------------------------------------------------------------- */

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

/* Read entries from `from` on, one after the other with ends[], until the largest subtree ends or
 * they are too many bytes for one chunk.  *ret_count is how many fit. */
static int gather(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t size,
		  struct catalog_buffer *bytes, size_t ends[CATALOG_CHUNK_LEAVES_MAX],
		  size_t *ret_count)
{
	uint64_t end = end_of(from, LEVEL_MAX, size);
	size_t count = 0;

	while (from + count < end) {
		int r = catalog_log_read(txn, log, from + count, bytes);

		if (r != 0)
			return r;
		if (count > 0 && bytes->len > CATALOG_CHUNK_BYTES_MAX)
			break;
		ends[count++] = bytes->len;
	}
	*ret_count = count;
	return 0;
}

static int pack_entries(const struct catalog_buffer *bytes, const size_t *ends, size_t count,
			struct catalog_buffer *ret_packed)
{
	struct catalog_buffer plain = {0};
	msgpack_packer pk;
	size_t start = 0, room, len;
	int r;

	msgpack_packer_init(&pk, &plain, buffer_write);
	r = msgpack_pack_array(&pk, count);
	for (size_t i = 0; i < count && r == 0; i++) {
		if ((r = msgpack_pack_bin(&pk, ends[i] - start)) == 0)
			r = msgpack_pack_bin_body(&pk, bytes->bytes + start, ends[i] - start);
		start = ends[i];
	}
	if (r != 0)
		goto out;
	assert(plain.len <= PLAIN_BYTES_MAX);
	room = ZSTD_compressBound(plain.len);
	r = catalog_buffer_reserve(ret_packed, room);
	if (r != 0)
		goto out;
	len = ZSTD_compress(ret_packed->bytes, room, plain.bytes, plain.len, ZSTD_LEVEL);
	if (ZSTD_isError(len))
		r = -ENOMEM; /* nothing else can go wrong with room enough */
	else
		ret_packed->len = len;
out:
	catalog_buffer_close(&plain);
	return r;
}

static int pack_wire(const struct catalog_chunk *chunk, struct catalog_span packed,
		     struct catalog_buffer *ret_wire)
{
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, ret_wire, buffer_write);
	if ((r = msgpack_pack_array(&pk, FIELDS)) != 0 ||
	    (r = msgpack_pack_int(&pk, VERSION_BYTE)) != 0 ||
	    (r = msgpack_pack_uint32(&pk, chunk->log)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, chunk->size)) != 0 ||
	    (r = msgpack_pack_unsigned_int(&pk, chunk->level)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, chunk->from)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, chunk->to - chunk->from)) != 0 ||
	    (r = msgpack_pack_array(&pk, chunk->proof_count)) != 0)
		return r;
	for (size_t i = 0; i < chunk->proof_count && r == 0; i++)
		if ((r = msgpack_pack_bin(&pk, sizeof chunk->proof[i])) == 0)
			r = msgpack_pack_bin_body(&pk, chunk->proof[i].bytes,
						  sizeof chunk->proof[i]);
	if (r != 0 || (r = msgpack_pack_bin(&pk, packed.len)) != 0)
		return r;
	return msgpack_pack_bin_body(&pk, packed.bytes, packed.len);
}

int catalog_chunk_make(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t size,
		       struct catalog_buffer *ret_wire, uint64_t *ret_to)
{
	struct catalog_log_tree tree = {txn, log};
	struct catalog_buffer bytes = {0}, packed = {0};
	struct catalog_chunk *chunk = NULL;
	struct catalog_log_status status;
	size_t ends[CATALOG_CHUNK_LEAVES_MAX], count = 0, before = ret_wire->len;
	int r;

	assert(from < size);
	r = catalog_log_status(txn, log, &status);
	if (r != 0)
		return r;
	if (size > status.size)
		return -ENOENT;
	chunk = calloc(1, sizeof *chunk);
	if (chunk == NULL)
		return -ENOMEM;
	*chunk = (struct catalog_chunk){.log = log, .level = LEVEL_MAX, .size = size, .from = from};
	r = gather(txn, log, from, size, &bytes, ends, &count);
	if (r != 0)
		goto out;
	while (end_of(from, chunk->level, size) > from + count)
		chunk->level--; /* at level 0 it is one entry, which always fits */
	chunk->to = end_of(from, chunk->level, size);
	if ((r = catalog_merkle_prove_range(chunk->level, from >> chunk->level, size,
					    catalog_log_tree_read, &tree, chunk->proof,
					    &chunk->proof_count)) == 0 &&
	    (r = pack_entries(&bytes, ends, (size_t)(chunk->to - from), &packed)) == 0)
		r = pack_wire(chunk, catalog_buffer_span(&packed), ret_wire);
	if (r == 0 && ret_to != NULL)
		*ret_to = chunk->to;
out:
	catalog_chunk_free(chunk);
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&packed);
	if (r != 0)
		ret_wire->len = before;
	return r;
}

/* --- reading -----------------------------------------------------------------------------------
 */

static bool number_from(const msgpack_object *o, uint64_t max, uint64_t *ret_number)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > max)
		return false;
	*ret_number = o->via.u64;
	return true;
}

static bool proof_from(const msgpack_object *o, struct catalog_chunk *chunk)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > CATALOG_MERKLE_PROOF_MAX)
		return false;
	for (uint32_t i = 0; i < o->via.array.size; i++) {
		const msgpack_object *hash = &o->via.array.ptr[i];

		if (hash->type != MSGPACK_OBJECT_BIN ||
		    hash->via.bin.size != sizeof chunk->proof[i])
			return false;
		memcpy(chunk->proof[i].bytes, hash->via.bin.ptr, sizeof chunk->proof[i]);
	}
	chunk->proof_count = o->via.array.size;
	return true;
}

/* Decompress, having believed no more than the limit. */
static int unpack(struct catalog_span packed, struct catalog_buffer *ret_plain)
{
	unsigned long long declared = ZSTD_getFrameContentSize(packed.bytes, packed.len);
	size_t len;
	int r;

	if (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared == ZSTD_CONTENTSIZE_ERROR)
		return -EBADMSG;
	if (declared > PLAIN_BYTES_MAX)
		return -E2BIG;
	r = catalog_buffer_reserve(ret_plain, (size_t)declared);
	if (r != 0)
		return r;
	len = ZSTD_decompress(ret_plain->bytes, (size_t)declared, packed.bytes, packed.len);
	if (ZSTD_isError(len) || len != declared)
		return -EBADMSG;
	ret_plain->len = len;
	return 0;
}

/* Find the entries in plain: a msgpack array of count bins. */
static int split(struct catalog_chunk *chunk)
{
	msgpack_unpacked u;
	size_t used = 0, count = (size_t)(chunk->to - chunk->from);
	int r = catalog_wire_check(chunk->plain.bytes, chunk->plain.len);

	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, (const char *)chunk->plain.bytes, chunk->plain.len, &used) !=
		    MSGPACK_UNPACK_SUCCESS ||
	    u.data.type != MSGPACK_OBJECT_ARRAY || u.data.via.array.size != count)
		r = -EBADMSG;
	for (size_t i = 0; i < count && r == 0; i++) {
		const msgpack_object *o = &u.data.via.array.ptr[i];

		if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size == 0) {
			r = -EBADMSG;
			break;
		}
		if (o->via.bin.size > CATALOG_ENTRY_BYTES_MAX) {
			r = -E2BIG;
			break;
		}
		/* msgpack-c points into the bytes that it was given. */
		catalog_log_entry_read(
			(struct catalog_span){(const uint8_t *)o->via.bin.ptr, o->via.bin.size},
			&chunk->entries[i]);
	}
	msgpack_unpacked_destroy(&u);
	return r;
}

static int from_object(const msgpack_object *o, struct catalog_chunk *chunk)
{
	const msgpack_object *f = o->via.array.ptr;
	uint64_t version, log, level, count;
	int r;

	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != FIELDS ||
	    !number_from(&f[0], VERSION_BYTE, &version) || version != VERSION_BYTE ||
	    !number_from(&f[1], UINT32_MAX - 1, &log) ||
	    !number_from(&f[2], UINT64_MAX / 2, &chunk->size) ||
	    !number_from(&f[3], LEVEL_MAX, &level) ||
	    !number_from(&f[4], UINT64_MAX / 2, &chunk->from) ||
	    !number_from(&f[5], CATALOG_CHUNK_LEAVES_MAX, &count) || !proof_from(&f[6], chunk) ||
	    f[7].type != MSGPACK_OBJECT_BIN)
		return -EBADMSG;
	chunk->log = (uint32_t)log;
	chunk->level = (unsigned)level;
	if (chunk->from >= chunk->size)
		return -EBADMSG;
	chunk->to = end_of(chunk->from, chunk->level, chunk->size);
	if (chunk->to - chunk->from != count)
		return -EBADMSG;
	r = unpack((struct catalog_span){(const uint8_t *)f[7].via.bin.ptr, f[7].via.bin.size},
		   &chunk->plain);
	return r != 0 ? r : split(chunk);
}

int catalog_chunk_new(struct catalog_span wire, struct catalog_chunk **ret_chunk)
{
	struct catalog_chunk *chunk = NULL;
	msgpack_unpacked u;
	size_t used = 0;
	int r;

	if (wire.len > CATALOG_CHUNK_WIRE_MAX)
		return -E2BIG;
	r = catalog_wire_check(wire.bytes, wire.len);
	if (r != 0)
		return r;
	chunk = calloc(1, sizeof *chunk);
	if (chunk == NULL)
		return -ENOMEM;
	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, (const char *)wire.bytes, wire.len, &used) ==
	    MSGPACK_UNPACK_SUCCESS)
		r = from_object(&u.data, chunk);
	else
		r = -EBADMSG;
	msgpack_unpacked_destroy(&u);
	if (r == 0) {
		*ret_chunk = chunk;
		chunk = NULL; /* the caller's now */
	}
	catalog_chunk_free(chunk);
	return r;
}

void catalog_chunk_free(struct catalog_chunk *chunk)
{
	if (chunk == NULL)
		return;
	catalog_buffer_close(&chunk->plain);
	catalog_buffer_close(&chunk->packed);
	catalog_index_words_free(chunk->words);
	free(chunk);
}

int catalog_chunk_pack(struct catalog_chunk *chunk, const struct catalog_store *store)
{
	size_t count = (size_t)(chunk->to - chunk->from);
	struct catalog_buffer packed = {0};
	int r = 0;

	if (chunk->packed.len == 0) {
		r = catalog_log_entry_pack(catalog_store_codec(store), chunk->entries, count,
					   &packed);
		if (r != 0) {
			catalog_buffer_close(&packed);
			return r;
		}
		chunk->packed = packed;
	}
	if (chunk->words == NULL && !catalog_store_leaves_search(store))
		r = catalog_log_entry_gather(catalog_store_lender(store), chunk->entries, count,
					     &chunk->words);
	return r;
}

uint32_t catalog_chunk_log(const struct catalog_chunk *chunk)
{
	return chunk->log;
}

uint64_t catalog_chunk_from(const struct catalog_chunk *chunk)
{
	return chunk->from;
}

uint64_t catalog_chunk_to(const struct catalog_chunk *chunk)
{
	return chunk->to;
}

uint64_t catalog_chunk_size(const struct catalog_chunk *chunk)
{
	return chunk->size;
}

size_t catalog_chunk_bytes(const struct catalog_chunk *chunk)
{
	return sizeof *chunk + chunk->plain.room + chunk->packed.room +
	       (chunk->words == NULL ? 0 : catalog_index_words_bytes(chunk->words));
}

/* --- taking --------------------------------------------------------------------------------------
 */

/* Hash of the chunk's subtree: the leaves that we hold by our own tree, the others by the chunk. */
static int subtree_hash(struct catalog_txn *txn, const struct catalog_chunk *chunk, uint64_t held,
			struct catalog_hash *ret_hash)
{
	uint64_t start = chunk->from >> chunk->level << chunk->level;
	struct catalog_hash leaves[CATALOG_CHUNK_LEAVES_MAX];

	for (uint64_t i = start; i < chunk->to; i++) {
		struct catalog_log_tree tree = {txn, chunk->log};
		int r = 0;

		if (i < held)
			r = catalog_log_tree_read(&tree, 0, i, &leaves[i - start]);
		else
			leaves[i - start] = chunk->entries[i - chunk->from].leaf;
		if (r != 0)
			return r;
	}
	catalog_merkle_root(leaves, (size_t)(chunk->to - start), ret_hash);
	return 0;
}

/* The left siblings on the way to the root are subtrees that we hold: were one another, the member
 * would have signed two histories. */
static int same_history(struct catalog_txn *txn, const struct catalog_chunk *chunk)
{
	uint64_t index = chunk->from >> chunk->level, last = (chunk->size - 1) >> chunk->level;
	struct catalog_log_tree tree = {txn, chunk->log};
	unsigned level = chunk->level;
	size_t used = 0;

	for (; last > 0; index >>= 1, last >>= 1, level++) {
		struct catalog_hash ours;
		int r;

		if ((index ^ 1) > last)
			continue;
		if ((index & 1) == 1) {
			r = catalog_log_tree_read(&tree, level, index - 1, &ours);
			if (r != 0)
				return r;
			if (!catalog_hash_equal(&ours, &chunk->proof[used]))
				return -EPROTO;
		}
		used++;
	}
	assert(used == chunk->proof_count); /* the proof was verified */
	return 0;
}

/* The root that the chunk is to be proven under: the target's, or that of an earlier checkpoint
 * that we took note of, so that what was asked for before the target moved is not asked for again.
 */
static int root_of(struct catalog_txn *txn, const struct catalog_charter *charter,
		   const struct catalog_member *member, const struct catalog_chunk *chunk,
		   const struct catalog_log_status *status, struct catalog_hash *ret_root)
{
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	int r;

	if (chunk->size == status->target_size) {
		*ret_root = status->target_root;
		return 0;
	}
	r = catalog_log_checkpoint_at(txn, chunk->log, chunk->size, &note);
	if (r == 0) {
		catalog_checkpoint_origin(catalog_charter_federation(charter), member->name,
					  origin);
		r = catalog_checkpoint_verify(catalog_buffer_span(&note), origin, &member->key,
					      &checkpoint);
		if (r != 0)
			r = -EIO; /* it was verified when it was kept */
	}
	catalog_buffer_close(&note);
	if (r != 0)
		return r == -ENOENT ? -ESTALE : r;
	*ret_root = checkpoint.root;
	return 0;
}

/* At a checkpoint the view's root is computed: what is held there can be shown, and proven. */
static int reach(struct catalog_log_batch *batch, struct catalog_txn *txn,
		 const struct catalog_chunk *chunk)
{
	struct catalog_buffer note = {0};
	int r;

	if (chunk->to < chunk->size) { /* another may be known */
		r = catalog_log_checkpoint_at(txn, chunk->log, chunk->to, &note);
		catalog_buffer_close(&note);
		return r == 0 ? catalog_log_batch_settle(batch) : r == -ENOENT ? 0 : r;
	}
	/* Its tree has the signed root, since the chunk was proven: the view is left to check. */
	return catalog_log_batch_check(batch);
}

/* Verify a chunk and append it. */
static int take(struct catalog_log_batch *batch, struct catalog_txn *txn,
		const struct catalog_charter *charter, const struct catalog_chunk *chunk)
{
	const struct catalog_member *member = catalog_charter_member(charter, chunk->log);
	struct catalog_log_status status;
	struct catalog_hash hash, root;
	size_t skipped;
	int r;

	if (member == NULL)
		return -ENOENT;
	r = catalog_log_status(txn, chunk->log, &status);
	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (chunk->to <= status.size)
		return -ESTALE;
	if (chunk->from > status.size)
		return -EAGAIN;
	if ((r = root_of(txn, charter, member, chunk, &status, &root)) != 0)
		return r;
	r = subtree_hash(txn, chunk, status.size, &hash);
	if (r != 0)
		return r;
	r = catalog_merkle_verify_range(&hash, chunk->level, chunk->from >> chunk->level,
					chunk->size, chunk->proof, chunk->proof_count, &root);
	if (r != 0)
		return r;
	if ((r = same_history(txn, chunk)) != 0)
		return r;
	skipped = (size_t)(status.size - chunk->from);
	r = catalog_log_batch_append(batch, member, chunk->entries + skipped,
				     (size_t)(chunk->to - chunk->from) - skipped);
	return r != 0 ? r : reach(batch, txn, chunk);
}

static bool is_refusal(int r)
{
	return r == -ESTALE || r == -EAGAIN || r == -ENOENT || r == -EROFS || r == -EKEYREJECTED;
}

struct group {
	const struct catalog_charter *charter;
	const struct catalog_chunk *const *chunks;
	size_t count;
	int *results; /* -EPROTO at the start of a run: leave the chunk out */
	size_t at;    /* the chunk that the run came to */
};

static int commit_group(struct catalog_txn *txn, void *arg)
{
	struct catalog_log_batch *batch = NULL;
	struct group *group = arg;
	int r = catalog_log_batch_new(txn, CATALOG_LOG_BATCH_ROOT_LATER, &batch);

	for (group->at = 0; r == 0 && group->at < group->count; group->at++) {
		int *result = &group->results[group->at];

		if (*result == -EPROTO)
			continue;
		r = take(batch, txn, group->charter, group->chunks[group->at]);
		if (r != 0 && !is_refusal(r))
			break;
		*result = r; /* a refusal comes before anything is changed */
		r = 0;
	}
	if (r == 0)
		r = catalog_log_batch_finish(batch);
	catalog_log_batch_free(batch);
	return r;
}

/* --- taking many ------------------------------------------------------------------------------ */

/* How many of the chunks make one transaction: at least one. */
static size_t group_of(const struct catalog_chunk *const *chunks, size_t count)
{
	size_t bytes = 0, used = 0;
	uint64_t entries = 0;

	for (; used < count; used++) {
		entries += chunks[used]->to - chunks[used]->from;
		bytes += chunks[used]->plain.len;
		if (used > 0 && (entries > CATALOG_LOG_BATCH_ENTRIES_MAX ||
				 bytes > CATALOG_LOG_BATCH_BYTES_MAX))
			break;
	}
	return used;
}

void catalog_chunk_commit_all(struct catalog_store *store, const struct catalog_charter *charter,
			      const struct catalog_chunk *const *chunks, size_t count,
			      int *ret_results)
{
	int r = 0;

	for (size_t done = 0, used; done < count; done += used) {
		struct group group = {charter, chunks + done, 0, ret_results + done, 0};

		used = group.count = group_of(group.chunks, count - done);
		for (size_t i = 0; i < used; i++)
			group.results[i] = r;
		if (r != 0)
			continue;
		/* What is proven and against the rules is found out when part of it is written: the
		 * transaction goes, and another does the same without that chunk. */
		while ((r = catalog_store_write(store, commit_group, &group)) == -EPROTO)
			group.results[group.at] = -EPROTO;
		for (size_t i = 0; i < used && r != 0; i++)
			group.results[i] = r;
	}
}
