/* catalog/chunk.c - a chunk is made from the store, travels, is taken apart on a worker, and is
 * judged where the log is written (catalog/chunk_commit).  What the receiver holds of the subtree
 * it hashes itself, so a chunk carries only what is new. */
#include "catalog/chunk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>
#include <zstd.h>

#include "catalog/chunk_data.h"
#include "catalog/chunk_walk.h"
#include "catalog/erased.h"
#include "catalog/index_later.h"
#include "catalog/log.h"
#include "catalog/take.h"
#include "catalog/tree.h"

#define FORMAT       2
#define FIELDS       7
#define ITEMS_MAX    (CATALOG_CHUNK_LEAVES_MAX + CATALOG_CHUNK_NODES_MAX)
#define NODE_BYTES   (1 + 2 + 2 + sizeof(struct catalog_hash)) /* [level, hash] */
#define SIZE_MAX_LOG (UINT64_MAX / 2)
#define AS_IT_IS     0 /* before what is not zstd alone */
#define BY_CODEC     1
/* Of the array; more is fewer bytes without a dictionary, as we do it. */
#define DICTIONARY_BYTES_MAX ((size_t)64 * 1024)
/* Of the items as one msgpack array: a bin's header each, and the array's. */
#define PLAIN_BYTES_MAX                                                                            \
	(CATALOG_CHUNK_BYTES_MAX + 5 * CATALOG_CHUNK_LEAVES_MAX +                                  \
	 NODE_BYTES * CATALOG_CHUNK_NODES_MAX + 5)

_Static_assert(PLAIN_BYTES_MAX + PLAIN_BYTES_MAX / 200 + 8192 <= CATALOG_CHUNK_WIRE_MAX,
	       "what zstd makes no shorter fits, with its proof");
_Static_assert(CATALOG_ENTRY_BYTES_MAX <= CATALOG_CHUNK_BYTES_MAX, "one entry always fits");

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

static int pack_bin(msgpack_packer *pk, const void *bytes, size_t len)
{
	int r = msgpack_pack_bin(pk, len);

	return r != 0 ? r : msgpack_pack_bin_body(pk, bytes, len);
}

/* The items before leaf `to`, as one msgpack array. */
static int pack_items(const struct catalog_chunk_walk *walk, uint64_t to,
		      struct catalog_buffer *ret_plain)
{
	size_t count = 0, start = 0;
	msgpack_packer pk;
	int r;

	while (count < walk->count && walk->items[count].at < to)
		count++;
	msgpack_packer_init(&pk, ret_plain, buffer_write);
	r = msgpack_pack_array(&pk, count);
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct catalog_chunk_walk_item *item = &walk->items[i];

		if (item->is_entry) {
			r = pack_bin(&pk, walk->bytes.bytes + start, item->end - start);
			start = item->end;
		} else if ((r = msgpack_pack_array(&pk, 2)) == 0 &&
			   (r = msgpack_pack_unsigned_int(&pk, item->level)) == 0) {
			r = pack_bin(&pk, item->hash.bytes, sizeof item->hash.bytes);
		}
	}
	assert(r != 0 || ret_plain->len <= PLAIN_BYTES_MAX);
	return r;
}

/* Level 6 with smaller tables and a shorter search: 6 % fewer bytes than level 3 makes, for twice
 * its time, which is still a tenth of what the receiver takes.  Level 6 itself finds 1 % more in
 * half as much time again. */
static const struct {
	ZSTD_cParameter name;
	int value;
} zstd_settings[] = {{ZSTD_c_compressionLevel, 6},
		     {ZSTD_c_hashLog, 17},
		     {ZSTD_c_chainLog, 16},
		     {ZSTD_c_searchLog, 3}};

static int compress_alone(struct catalog_span plain, struct catalog_buffer *ret_packed)
{
	size_t room = ZSTD_compressBound(plain.len), len;
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	int r = zstd == NULL ? -ENOMEM : catalog_buffer_reserve(ret_packed, room);

	for (size_t i = 0; i < sizeof zstd_settings / sizeof zstd_settings[0] && r == 0; i++) {
		len = ZSTD_CCtx_setParameter(zstd, zstd_settings[i].name, zstd_settings[i].value);
		assert(!ZSTD_isError(len)); /* all are within their bounds */
	}
	if (r == 0) {
		len = ZSTD_compress2(zstd, ret_packed->bytes, room, plain.bytes, plain.len);
		if (ZSTD_isError(len))
			r = -ENOMEM; /* nothing else can go wrong with room enough */
		else
			ret_packed->len = len;
	}
	ZSTD_freeCCtx(zstd);
	return r;
}

static enum catalog_chunk_packing packing_of(const struct catalog_chunk_form *form, size_t len)
{
	return form->packing == CATALOG_CHUNK_DICTIONARY && len > DICTIONARY_BYTES_MAX
		       ? CATALOG_CHUNK_ZSTD
		       : form->packing;
}

static int compress(enum catalog_chunk_packing packing, const struct catalog_codec *codec,
		    struct catalog_buffer *plain, struct catalog_buffer *ret_packed)
{
	switch (packing) {
	case CATALOG_CHUNK_ZSTD: return compress_alone(catalog_buffer_span(plain), ret_packed);
	case CATALOG_CHUNK_DICTIONARY:
		return catalog_codec_pack(codec, catalog_buffer_span(plain), ret_packed);
	case CATALOG_CHUNK_PLAIN: break;
	}
	*ret_packed = *plain;
	*plain = (struct catalog_buffer){0};
	return 0;
}

/* What the wire carries besides the items. */
struct frame {
	uint32_t log;
	unsigned level;
	uint64_t from, size;
	size_t proof_count;
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
};

static int pack_wire(const struct frame *frame, enum catalog_chunk_packing packing,
		     const struct catalog_buffer *packed, struct catalog_buffer *ret_wire)
{
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, ret_wire, buffer_write);
	if ((r = msgpack_pack_array(&pk, FIELDS)) != 0 ||
	    (r = msgpack_pack_int(&pk, FORMAT)) != 0 ||
	    (r = msgpack_pack_uint32(&pk, frame->log)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, frame->size)) != 0 ||
	    (r = msgpack_pack_unsigned_int(&pk, frame->level)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, frame->from)) != 0 ||
	    (r = msgpack_pack_array(&pk, frame->proof_count)) != 0)
		return r;
	for (size_t i = 0; i < frame->proof_count && r == 0; i++)
		r = pack_bin(&pk, frame->proof[i].bytes, sizeof frame->proof[i].bytes);
	if (r == 0 && packing != CATALOG_CHUNK_ZSTD && (r = msgpack_pack_array(&pk, 2)) == 0)
		r = msgpack_pack_unsigned_int(&pk,
					      packing == CATALOG_CHUNK_PLAIN ? AS_IT_IS : BY_CODEC);
	return r != 0 ? r : pack_bin(&pk, packed->bytes, packed->len);
}

/* The largest subtree around from that the items which were gathered, up to end, fill. */
static unsigned level_of(uint64_t from, uint64_t end, uint64_t size)
{
	unsigned level = CATALOG_TREE_LEVEL_MAX;

	while (end_of(from, level, size) > end)
		level--; /* at level 0 it is one leaf, and there is one item at least */
	/* The smallest that ends there: it takes the least of what the receiver holds to check. */
	while (level > 0 && end_of(from, level - 1, size) == end_of(from, level, size))
		level--;
	return level;
}

int catalog_chunk_make(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to_max,
		       uint64_t size, struct catalog_buffer *ret_wire, uint64_t *ret_to)
{
	static const struct catalog_chunk_form form = {.bytes_max = CATALOG_CHUNK_BYTES_MAX};

	return catalog_chunk_make_as(txn, log, from, to_max, size, &form, ret_wire, ret_to);
}

int catalog_chunk_make_as(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to_max,
			  uint64_t size, const struct catalog_chunk_form *form,
			  struct catalog_buffer *ret_wire, uint64_t *ret_to)
{
	struct catalog_log_tree tree = {txn, log};
	struct catalog_buffer plain = {0}, packed = {0};
	struct catalog_chunk_walk *walk = NULL;
	struct frame frame = {.log = log, .size = size};
	struct catalog_log_status status;
	size_t before = ret_wire->len;
	uint64_t end = 0, to = 0, erased;
	int r;

	assert(from < to_max);
	assert(to_max <= size);
	assert(form->bytes_max <= CATALOG_CHUNK_BYTES_MAX);
	r = catalog_log_status(txn, log, &status);
	if (r != 0)
		return r;
	if (size > status.size)
		return -ENOENT;
	walk = calloc(1, sizeof *walk);
	if (walk == NULL)
		return -ENOMEM;
	walk->bytes_max = form->bytes_max;
	r = catalog_chunk_walk_gather(txn, log, from, to_max, walk, &frame.from, &end);
	if (r != 0)
		goto out;
	frame.level = level_of(frame.from, end, size);
	to = end_of(frame.from, frame.level, size);
	r = catalog_erased_next_current(txn, log, frame.from, to, &erased, NULL);
	if (r == 0)
		r = -ENOENT; /* it is current, and its body is not to be had here */
	else if (r == -ENOENT)
		r = 0;
	if (r != 0)
		goto out;
	if ((r = catalog_merkle_prove_range(frame.level, frame.from >> frame.level, size,
					    catalog_log_tree_read, &tree, frame.proof,
					    &frame.proof_count)) == 0 &&
	    (r = pack_items(walk, to, &plain)) == 0) {
		enum catalog_chunk_packing packing = packing_of(form, plain.len);

		r = compress(packing, form->codec, &plain, &packed);
		if (r == 0)
			r = pack_wire(&frame, packing, &packed, ret_wire);
	}
	if (r == 0 && ret_to != NULL)
		*ret_to = to;
out:
	catalog_chunk_walk_close(walk);
	free(walk);
	catalog_buffer_close(&plain);
	catalog_buffer_close(&packed);
	if (r != 0)
		ret_wire->len = before;
	return r;
}

/* --- reading -----------------------------------------------------------------------------------
 */

/* Decompress, having believed no more than the limit. */
static int decompress(struct catalog_span packed, size_t memory_max,
		      struct catalog_buffer *ret_plain)
{
	unsigned long long declared = ZSTD_getFrameContentSize(packed.bytes, packed.len);
	size_t len;
	int r;

	if (declared == ZSTD_CONTENTSIZE_UNKNOWN || declared == ZSTD_CONTENTSIZE_ERROR)
		return -EBADMSG;
	if (declared > PLAIN_BYTES_MAX)
		return -E2BIG;
	if (declared > memory_max)
		return -ENOSPC;
	r = catalog_buffer_reserve(ret_plain, (size_t)declared);
	if (r != 0)
		return r;
	len = ZSTD_decompress(ret_plain->bytes, (size_t)declared, packed.bytes, packed.len);
	if (ZSTD_isError(len) || len != declared)
		return -EBADMSG;
	ret_plain->len = len;
	return 0;
}

/* The items' bytes, in whichever way they were packed. */
static int take_packed(struct catalog_span *rest, const struct catalog_codec *codec,
		       size_t memory_max, struct catalog_buffer *ret_plain)
{
	size_t bytes_max = memory_max < PLAIN_BYTES_MAX ? memory_max : PLAIN_BYTES_MAX;
	uint64_t fields, kind;
	struct catalog_span packed;
	int r;

	if (!catalog_take_is_array(*rest))
		return catalog_take_bin(rest, &packed) != 0 || rest->len > 0
			       ? -EBADMSG
			       : decompress(packed, memory_max, ret_plain);
	if (catalog_take_array(rest, &fields) != 0 || fields != 2 ||
	    catalog_take_unsigned(rest, BY_CODEC, &kind) != 0 ||
	    catalog_take_bin(rest, &packed) != 0 || rest->len > 0)
		return -EBADMSG;
	if (kind == BY_CODEC) {
		r = codec == NULL ? -ENOENT
				  : catalog_codec_unpack(codec, packed, bytes_max, ret_plain);
		return r == -E2BIG && bytes_max < PLAIN_BYTES_MAX ? -ENOSPC : r;
	}
	if (packed.len > PLAIN_BYTES_MAX)
		return -E2BIG;
	return packed.len > memory_max ? -ENOSPC
				       : catalog_buffer_append(ret_plain, packed.bytes, packed.len);
}

static int take_pruned(struct catalog_span *rest, struct catalog_chunk_item *item)
{
	uint64_t fields, level;

	if (catalog_take_array(rest, &fields) != 0 || fields != 2 ||
	    catalog_take_unsigned(rest, CATALOG_TREE_LEVEL_MAX, &level) != 0 ||
	    catalog_take_fixed(rest, item->hash.bytes, sizeof item->hash.bytes) != 0)
		return -EBADMSG;
	item->level = (unsigned)level;
	return 0;
}

static int take_entry(struct catalog_span *rest, struct catalog_chunk *chunk,
		      struct catalog_chunk_item *item)
{
	struct catalog_span bytes;

	if (catalog_take_bin(rest, &bytes) != 0 || bytes.len == 0)
		return -EBADMSG;
	if (bytes.len > CATALOG_ENTRY_BYTES_MAX || chunk->entry_count == CATALOG_CHUNK_LEAVES_MAX)
		return -E2BIG;
	item->entry = &chunk->entries[chunk->entry_count++];
	catalog_log_entry_read(bytes, item->entry);
	item->hash = item->entry->leaf;
	return 0;
}

/* Find the items in plain.  They follow each other from `from` on, each where a subtree of its
 * level can be, and end where the chunk's own subtree does. */
static int split(struct catalog_chunk *chunk)
{
	struct catalog_span rest = catalog_buffer_span(&chunk->plain);
	uint64_t count, at = chunk->from;

	if (catalog_take_array(&rest, &count) != 0 || count == 0)
		return -EBADMSG;
	if (count > ITEMS_MAX)
		return -E2BIG;
	chunk->items = calloc((size_t)count, sizeof *chunk->items);
	chunk->entries =
		calloc(count < CATALOG_CHUNK_LEAVES_MAX ? (size_t)count : CATALOG_CHUNK_LEAVES_MAX,
		       sizeof *chunk->entries);
	if (chunk->items == NULL || chunk->entries == NULL)
		return -ENOMEM;
	for (; chunk->item_count < count; chunk->item_count++) {
		struct catalog_chunk_item *item = &chunk->items[chunk->item_count];
		int r = catalog_take_is_array(rest) ? take_pruned(&rest, item)
						    : take_entry(&rest, chunk, item);

		if (r != 0)
			return r;
		item->at = at;
		if (at % ((uint64_t)1 << item->level) != 0 ||
		    chunk->to - at < (uint64_t)1 << item->level)
			return -EBADMSG;
		at += (uint64_t)1 << item->level;
	}
	return at != chunk->to || rest.len > 0 ? -EBADMSG : 0;
}

static int take_proof(struct catalog_span *rest, struct catalog_chunk *chunk)
{
	uint64_t count;

	if (catalog_take_array(rest, &count) != 0 || count > CATALOG_MERKLE_PROOF_MAX)
		return -EBADMSG;
	for (; chunk->proof_count < count; chunk->proof_count++) {
		struct catalog_hash *hash = &chunk->proof[chunk->proof_count];

		if (catalog_take_fixed(rest, hash->bytes, sizeof hash->bytes) != 0)
			return -EBADMSG;
	}
	return 0;
}

static int read_wire(struct catalog_span rest, const struct catalog_codec *codec, size_t memory_max,
		     struct catalog_chunk *chunk)
{
	uint64_t fields, format, log, level;
	int r;

	if (catalog_take_array(&rest, &fields) != 0 || fields != FIELDS ||
	    catalog_take_unsigned(&rest, FORMAT, &format) != 0 || format != FORMAT ||
	    catalog_take_unsigned(&rest, UINT32_MAX - 1, &log) != 0 ||
	    catalog_take_unsigned(&rest, SIZE_MAX_LOG, &chunk->size) != 0 ||
	    catalog_take_unsigned(&rest, CATALOG_TREE_LEVEL_MAX, &level) != 0 ||
	    catalog_take_unsigned(&rest, SIZE_MAX_LOG, &chunk->from) != 0 ||
	    take_proof(&rest, chunk) != 0 || chunk->from >= chunk->size)
		return -EBADMSG;
	chunk->log = (uint32_t)log;
	chunk->level = (unsigned)level;
	chunk->to = end_of(chunk->from, chunk->level, chunk->size);
	r = take_packed(&rest, codec, memory_max, &chunk->plain);
	if (r == 0)
		r = split(chunk);
	return r == 0 && catalog_chunk_bytes(chunk) > memory_max ? -ENOSPC : r;
}

int catalog_chunk_new(struct catalog_span wire, struct catalog_chunk **ret_chunk)
{
	return catalog_chunk_read(wire, NULL, SIZE_MAX, ret_chunk);
}

int catalog_chunk_read(struct catalog_span wire, const struct catalog_codec *codec,
		       size_t memory_max, struct catalog_chunk **ret_chunk)
{
	struct catalog_chunk *chunk;
	int r;

	if (wire.len > CATALOG_CHUNK_WIRE_MAX)
		return -E2BIG;
	chunk = calloc(1, sizeof *chunk);
	if (chunk == NULL)
		return -ENOMEM;
	r = read_wire(wire, codec, memory_max, chunk);
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
	free(chunk->items);
	free(chunk->entries);
	free(chunk);
}

/* Whether the words of a chunk are wanted when it is committed. */
static int wants_words(const struct catalog_chunk *chunk, struct catalog_store *store,
		       bool *ret_wants)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;
	bool later = false;
	int r;

	*ret_wants = false;
	if (chunk->words != NULL || chunk->entry_count == 0 || catalog_store_leaves_search(store))
		return 0;
	r = catalog_store_begin(store, &txn);
	if (r != 0)
		return r;
	r = catalog_log_status(txn, chunk->log, &status);
	if (r == 0) {
		struct catalog_index_later_load load = {status.size, status.target_size,
							chunk->lacked};

		r = catalog_index_later_expect(txn, chunk->log, &load, &later);
	}
	catalog_store_end(txn);
	*ret_wants = r == 0 && !later;
	return r;
}

int catalog_chunk_pack(struct catalog_chunk *chunk, struct catalog_store *store, uint64_t lacked)
{
	size_t count = chunk->entry_count;
	struct catalog_buffer packed = {0};
	bool wants;
	int r;

	chunk->lacked = lacked;
	if (chunk->packed.len == 0 && count > 0) {
		r = catalog_log_entry_pack(catalog_store_codec(store), chunk->entries, count,
					   &packed);
		if (r != 0) {
			catalog_buffer_close(&packed);
			return r;
		}
		chunk->packed = packed;
	}
	r = wants_words(chunk, store, &wants);
	if (r == 0 && wants)
		r = catalog_log_entry_gather(catalog_store_lender(store), chunk->entries, count,
					     &chunk->words);
	if (r == 0)
		chunk->bytes_packed = catalog_chunk_bytes(chunk);
	return r;
}

void catalog_chunk_unpack(struct catalog_chunk *chunk)
{
	for (size_t i = 0; i < chunk->entry_count; i++) {
		chunk->entries[i].packed = (struct catalog_span){NULL, 0};
		chunk->entries[i].words = NULL;
	}
	catalog_buffer_close(&chunk->packed);
	catalog_index_words_free(chunk->words);
	chunk->words = NULL;
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

uint64_t catalog_chunk_start(const struct catalog_chunk *chunk)
{
	return chunk->from >> chunk->level << chunk->level;
}

uint64_t catalog_chunk_size(const struct catalog_chunk *chunk)
{
	return chunk->size;
}

size_t catalog_chunk_bytes(const struct catalog_chunk *chunk)
{
	return sizeof *chunk + chunk->item_count * sizeof chunk->items[0] +
	       chunk->entry_count * sizeof chunk->entries[0] + chunk->plain.room +
	       chunk->packed.room +
	       (chunk->words == NULL ? 0 : catalog_index_words_bytes(chunk->words));
}

size_t catalog_chunk_bytes_packed(const struct catalog_chunk *chunk)
{
	return chunk->bytes_packed;
}

size_t catalog_chunk_plain(const struct catalog_chunk *chunk)
{
	size_t bytes = 0;

	for (size_t i = 0; i < chunk->entry_count; i++)
		bytes += chunk->entries[i].bytes.len;
	return bytes;
}

size_t catalog_chunk_entries(const struct catalog_chunk *chunk)
{
	return chunk->entry_count;
}

size_t catalog_chunk_pruned(const struct catalog_chunk *chunk)
{
	return chunk->item_count - chunk->entry_count;
}
