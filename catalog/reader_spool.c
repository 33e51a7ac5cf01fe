/* Pairs gather in memory; when that is full they are sorted and written as a run.  At the end the
 * runs are merged into one file, with the place of every sixteenth kilobyte or so in memory.  What
 * fits into memory at once stays there, and no file is made.
 *
 * Keys are sorted by 8 bytes of their SHA-256 and then by themselves: the index in memory has one
 * size whatever the keys, and nobody can choose keys that crowd one place.  Bits of the same hash
 * in a filter answer most questions for keys that are not there, without reading.
 *
 * A temporary LMDB environment would do it with less code; random insertion into a tree larger
 * than memory is several times slower than a sort, though, and the tree's pages would count as
 * ours.
 */
#include "catalog/reader_spool.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/hash.h"
#include "catalog/reader_source.h"

#define ARENA_BYTES     (16u * 1024 * 1024) /* of pairs in memory */
#define ARENA_BYTES_MIN (16u * 1024)
#define PAIRS_MAX       (256u * 1024)
#define PAIRS_MIN       256u
#define RUNS_MAX        4096u
#define BLOCK_BYTES     (16u * 1024)
#define FILTER_BITS_LOG 23u /* 1 MiB */
#define HEADER_BYTES    16u /* hash, key's length or 0 for the key before, value's length */

struct pair {
	uint64_t hash;
	uint32_t key, key_len; /* place in the arena */
	uint32_t value, value_len;
};

/* Reads a part of a file pair by pair. */
struct tape {
	int fd;
	uint64_t offset, end; /* of what is not in bytes yet */
	struct catalog_buffer bytes;
	size_t used; /* of bytes */
	/* The pair that was read last; places in bytes, or in key. */
	uint64_t hash;
	struct catalog_buffer key;
	struct catalog_span value;
	bool is_new_key;
};

struct run {
	uint64_t offset, end;
};

struct mark {
	uint64_t hash, offset;
};

struct catalog_reader_spool {
	char *temporary_dir;
	uint8_t *arena;
	size_t arena_len, arena_room;
	struct pair *pairs;
	size_t pair_count, pair_room;
	size_t at; /* of the pair to come, when all is in memory */
	FILE *runs_file, *sorted_file;
	struct run runs[RUNS_MAX];
	size_t run_count;
	uint64_t runs_len, total;
	struct mark *marks;
	size_t mark_count, mark_room;
	uint64_t last_mark_offset, last_hash, sorted_len;
	uint8_t filter[(1u << FILTER_BITS_LOG) / 8];
	struct tape tape;
	bool is_sorted, is_in_memory, is_at_value;
};

static uint64_t hash_of(struct catalog_span key)
{
	struct catalog_hash hash;
	uint64_t h;

	catalog_hash_of(key.bytes, key.len, &hash);
	memcpy(&h, hash.bytes, sizeof h);
	return h;
}

int catalog_reader_spool_new(const char *temporary_dir, struct catalog_reader_spool **ret_spool)
{
	struct catalog_reader_spool *spool = calloc(1, sizeof *spool);

	if (spool == NULL)
		return -ENOMEM;
	if (temporary_dir != NULL) {
		spool->temporary_dir = strdup(temporary_dir);
		if (spool->temporary_dir == NULL) {
			free(spool);
			return -ENOMEM;
		}
	}
	*ret_spool = spool;
	return 0;
}

void catalog_reader_spool_free(struct catalog_reader_spool *spool)
{
	if (spool == NULL)
		return;
	if (spool->runs_file != NULL)
		fclose(spool->runs_file);
	if (spool->sorted_file != NULL)
		fclose(spool->sorted_file);
	catalog_buffer_close(&spool->tape.bytes);
	catalog_buffer_close(&spool->tape.key);
	free(spool->temporary_dir);
	free(spool->arena);
	free(spool->pairs);
	free(spool->marks);
	free(spool);
}

/* --- tapes -------------------------------------------------------------------------- */

static void tape_init(struct tape *tape, FILE *file, uint64_t offset, uint64_t end)
{
	tape->fd = fileno(file);
	tape->offset = offset;
	tape->end = end;
	tape->bytes.len = tape->used = 0;
	tape->key.len = 0;
}

static void tape_close(struct tape *tape)
{
	catalog_buffer_close(&tape->bytes);
	catalog_buffer_close(&tape->key);
}

/* Have len more bytes.  Returns 0, -ENOENT if the part ends before, -EIO, -ENOMEM. */
static int tape_need(struct tape *tape, size_t len)
{
	size_t have = tape->bytes.len - tape->used, want;
	ssize_t n;
	int r;

	if (have >= len)
		return 0;
	if (tape->used > 0) {
		memmove(tape->bytes.bytes, tape->bytes.bytes + tape->used, have);
		tape->bytes.len = have;
		tape->used = 0;
	}
	want = len > BLOCK_BYTES ? len : BLOCK_BYTES;
	r = catalog_buffer_reserve(&tape->bytes, want - have);
	if (r < 0)
		return r;
	while (tape->bytes.len < want && tape->offset < tape->end) {
		uint64_t left = tape->end - tape->offset;
		size_t ask = want - tape->bytes.len;

		if (ask > left)
			ask = (size_t)left;
		n = pread(tape->fd, tape->bytes.bytes + tape->bytes.len, ask, (off_t)tape->offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EIO;
		tape->bytes.len += (size_t)n;
		tape->offset += (uint64_t)n;
	}
	return tape->bytes.len >= len ? 0 : -ENOENT;
}

/* Read the next pair.  Returns 0, -ENOENT at the end, -EIO, -ENOMEM. */
static int tape_next(struct tape *tape)
{
	uint32_t key_len, value_len;
	int r = tape_need(tape, HEADER_BYTES);

	if (r < 0)
		return r;
	memcpy(&tape->hash, tape->bytes.bytes + tape->used, 8);
	memcpy(&key_len, tape->bytes.bytes + tape->used + 8, 4);
	memcpy(&value_len, tape->bytes.bytes + tape->used + 12, 4);
	r = tape_need(tape, HEADER_BYTES + (size_t)key_len + value_len);
	if (r < 0)
		return r == -ENOENT ? -EIO : r;
	tape->is_new_key = key_len > 0;
	if (tape->is_new_key) {
		tape->key.len = 0;
		r = catalog_buffer_append(&tape->key, tape->bytes.bytes + tape->used + HEADER_BYTES,
					  key_len);
		if (r < 0)
			return r;
	}
	tape->value.bytes = tape->bytes.bytes + tape->used + HEADER_BYTES + key_len;
	tape->value.len = value_len;
	tape->used += HEADER_BYTES + (size_t)key_len + value_len;
	return 0;
}

static int write_pair(FILE *file, uint64_t hash, struct catalog_span key, bool is_new_key,
		      struct catalog_span value, uint64_t *offset)
{
	uint8_t header[HEADER_BYTES];
	uint32_t key_len = is_new_key ? (uint32_t)key.len : 0, value_len = (uint32_t)value.len;

	memcpy(header, &hash, 8);
	memcpy(header + 8, &key_len, 4);
	memcpy(header + 12, &value_len, 4);
	errno = 0;
	if (fwrite(header, 1, sizeof header, file) != sizeof header ||
	    fwrite(key.bytes, 1, key_len, file) != key_len ||
	    fwrite(value.bytes, 1, value_len, file) != value_len)
		return errno != 0 ? -errno : -EIO;
	*offset += sizeof header + key_len + value_len;
	return 0;
}

static int flush(FILE *file)
{
	errno = 0;
	if (fflush(file) != 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

/* --- runs --------------------------------------------------------------------------- */

static struct catalog_span key_of(const struct catalog_reader_spool *spool, const struct pair *pair)
{
	return (struct catalog_span){spool->arena + pair->key, pair->key_len};
}

static int compare_keys(struct catalog_span a, struct catalog_span b)
{
	int order = memcmp(a.bytes, b.bytes, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_pairs(const void *a, const void *b, void *arg)
{
	const struct pair *left = a, *right = b;
	int order;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	order = compare_keys(key_of(arg, left), key_of(arg, right));
	if (order != 0)
		return order;
	return (left->value > right->value) - (left->value < right->value); /* as added */
}

/* Write what is in memory as one run. */
static int write_run(struct catalog_reader_spool *spool)
{
	struct run *run = &spool->runs[spool->run_count];
	struct catalog_span last = {NULL, 0};
	int r = 0;

	if (spool->pair_count == 0)
		return 0;
	if (spool->run_count == RUNS_MAX)
		return -ENOSPC;
	if (spool->runs_file == NULL)
		r = catalog_reader_source_temporary(spool->temporary_dir, &spool->runs_file);
	if (r < 0)
		return r;
	qsort_r(spool->pairs, spool->pair_count, sizeof *spool->pairs, compare_pairs, spool);
	run->offset = spool->runs_len;
	for (size_t i = 0; i < spool->pair_count && r == 0; i++) {
		const struct pair *pair = &spool->pairs[i];
		struct catalog_span key = key_of(spool, pair);
		bool is_new_key = i == 0 || compare_keys(key, last) != 0;

		r = write_pair(spool->runs_file, pair->hash, key, is_new_key,
			       (struct catalog_span){spool->arena + pair->value, pair->value_len},
			       &spool->runs_len);
		last = key;
	}
	if (r == 0)
		r = flush(spool->runs_file);
	if (r < 0)
		return r;
	run->end = spool->runs_len;
	spool->run_count++;
	spool->pair_count = 0;
	spool->arena_len = 0;
	return 0;
}

/* Make room for one more pair of len bytes, which fits. */
static int make_room(struct catalog_reader_spool *spool, size_t len)
{
	if (spool->arena_len + len > spool->arena_room) {
		size_t room = spool->arena_room == 0 ? ARENA_BYTES_MIN : spool->arena_room;
		uint8_t *arena;

		while (room < spool->arena_len + len)
			room *= 2;
		arena = realloc(spool->arena, room);
		if (arena == NULL)
			return -ENOMEM;
		spool->arena = arena;
		spool->arena_room = room;
	}
	if (spool->pair_count == spool->pair_room) {
		size_t room = spool->pair_room == 0 ? PAIRS_MIN : 2 * spool->pair_room;
		struct pair *pairs = realloc(spool->pairs, room * sizeof *pairs);

		if (pairs == NULL)
			return -ENOMEM;
		spool->pairs = pairs;
		spool->pair_room = room;
	}
	return 0;
}

int catalog_reader_spool_add(struct catalog_reader_spool *spool, struct catalog_span key,
			     struct catalog_span value)
{
	struct pair *pair, *before;
	int r;

	assert(!spool->is_sorted);
	assert(key.len > 0);
	assert(value.len > 0); /* so that the place of a value tells which came first */
	if (key.len > CATALOG_READER_SPOOL_VALUE_BYTES_MAX ||
	    value.len > CATALOG_READER_SPOOL_VALUE_BYTES_MAX)
		return -E2BIG;
	if (spool->total > CATALOG_READER_SPOOL_BYTES_MAX)
		return -ENOSPC;
	if (spool->pair_count == PAIRS_MAX ||
	    spool->arena_len + key.len + value.len > ARENA_BYTES) {
		r = write_run(spool);
		if (r < 0)
			return r;
	}
	r = make_room(spool, key.len + value.len);
	if (r < 0)
		return r;
	pair = &spool->pairs[spool->pair_count];
	before = spool->pair_count > 0 ? pair - 1 : NULL;
	if (before != NULL && compare_keys(key, key_of(spool, before)) == 0) {
		pair->hash = before->hash;
		pair->key = before->key;
	} else {
		pair->hash = hash_of(key);
		pair->key = (uint32_t)spool->arena_len;
		memcpy(spool->arena + spool->arena_len, key.bytes, key.len);
		spool->arena_len += key.len;
	}
	pair->key_len = (uint32_t)key.len;
	pair->value = (uint32_t)spool->arena_len;
	pair->value_len = (uint32_t)value.len;
	memcpy(spool->arena + spool->arena_len, value.bytes, value.len);
	spool->arena_len += value.len;
	spool->total += key.len + value.len + HEADER_BYTES;
	spool->pair_count++;
	return 0;
}

/* --- the merge ---------------------------------------------------------------------- */

static bool is_before(const struct tape *tapes, size_t a, size_t b)
{
	int order;

	if (tapes[a].hash != tapes[b].hash)
		return tapes[a].hash < tapes[b].hash;
	order = compare_keys(catalog_buffer_span(&tapes[a].key),
			     catalog_buffer_span(&tapes[b].key));
	return order != 0 ? order < 0 : a < b;
}

/* Let the first of a heap of tapes sink to its place. */
static void sink(const struct tape *tapes, size_t *heap, size_t count, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1, swap;

		if (child >= count)
			return;
		if (child + 1 < count && is_before(tapes, heap[child + 1], heap[child]))
			child++;
		if (!is_before(tapes, heap[child], heap[at]))
			return;
		swap = heap[at];
		heap[at] = heap[child];
		heap[child] = swap;
		at = child;
	}
}

static void set_filter(struct catalog_reader_spool *spool, uint64_t hash)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t bit = (hash >> (i * 32)) & ((1u << FILTER_BITS_LOG) - 1);

		spool->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

static bool is_in_filter(const struct catalog_reader_spool *spool, uint64_t hash)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t bit = (hash >> (i * 32)) & ((1u << FILTER_BITS_LOG) - 1);

		if ((spool->filter[bit / 8] & 1u << bit % 8) == 0)
			return false;
	}
	return true;
}

/* Remember the place of the pair to come, if the last that we remember is far behind.  Keys of one
 * hash are never parted. */
static int mark(struct catalog_reader_spool *spool, uint64_t hash)
{
	if (spool->mark_count > 0 &&
	    (hash == spool->last_hash || spool->sorted_len - spool->last_mark_offset < BLOCK_BYTES))
		return 0;
	if (spool->mark_count == spool->mark_room) {
		size_t room = spool->mark_room == 0 ? 64 : 2 * spool->mark_room;
		struct mark *marks = realloc(spool->marks, room * sizeof *marks);

		if (marks == NULL)
			return -ENOMEM;
		spool->marks = marks;
		spool->mark_room = room;
	}
	spool->marks[spool->mark_count++] = (struct mark){hash, spool->sorted_len};
	spool->last_mark_offset = spool->sorted_len;
	return 0;
}

static int merge(struct catalog_reader_spool *spool, struct tape *tapes, size_t *heap, size_t count)
{
	struct catalog_buffer last = {0};
	int r = 0;

	for (size_t i = count; i > 0; i--)
		sink(tapes, heap, count, i - 1);
	while (count > 0 && r == 0) {
		struct tape *tape = &tapes[heap[0]];
		struct catalog_span key = catalog_buffer_span(&tape->key);
		bool is_new_key =
			last.len == 0 || compare_keys(key, catalog_buffer_span(&last)) != 0;

		if (is_new_key) {
			r = mark(spool, tape->hash);
			last.len = 0;
			if (r == 0)
				r = catalog_buffer_append(&last, key.bytes, key.len);
			set_filter(spool, tape->hash);
			spool->last_hash = tape->hash;
		}
		if (r == 0)
			r = write_pair(spool->sorted_file, tape->hash, key, is_new_key, tape->value,
				       &spool->sorted_len);
		if (r < 0)
			break;
		r = tape_next(tape);
		if (r == -ENOENT) {
			heap[0] = heap[--count];
			r = 0;
		}
		if (r == 0)
			sink(tapes, heap, count, 0);
	}
	if (r == 0)
		r = flush(spool->sorted_file);
	catalog_buffer_close(&last);
	return r;
}

int catalog_reader_spool_sort(struct catalog_reader_spool *spool)
{
	struct tape *tapes = NULL;
	size_t *heap = NULL, count;
	int r;

	assert(!spool->is_sorted);
	if (spool->run_count == 0) {
		if (spool->pair_count > 0)
			qsort_r(spool->pairs, spool->pair_count, sizeof *spool->pairs,
				compare_pairs, spool);
		spool->is_sorted = spool->is_in_memory = true;
		return 0;
	}
	r = write_run(spool);
	if (r < 0)
		return r;
	free(spool->arena);
	free(spool->pairs);
	spool->arena = NULL;
	spool->pairs = NULL;
	count = spool->run_count;
	r = catalog_reader_source_temporary(spool->temporary_dir, &spool->sorted_file);
	tapes = calloc(count + 1, sizeof *tapes);
	heap = calloc(count + 1, sizeof *heap);
	if (r == 0 && (tapes == NULL || heap == NULL))
		r = -ENOMEM;
	for (size_t i = 0; i < count && r == 0; i++) {
		tape_init(&tapes[i], spool->runs_file, spool->runs[i].offset, spool->runs[i].end);
		heap[i] = i;
		r = tape_next(&tapes[i]);
		assert(r != -ENOENT);
	}
	if (r == 0)
		r = merge(spool, tapes, heap, count);
	if (r == 0) {
		spool->is_sorted = true;
		if (spool->runs_file != NULL)
			fclose(spool->runs_file);
		spool->runs_file = NULL;
	}
	for (size_t i = 0; tapes != NULL && i < count; i++)
		tape_close(&tapes[i]);
	free(tapes);
	free(heap);
	return r;
}

/* --- reading ------------------------------------------------------------------------ */

/* Whether the pair at i of those in memory has this key. */
static bool has_key(const struct catalog_reader_spool *spool, size_t i, struct catalog_span key)
{
	return i < spool->pair_count && compare_keys(key_of(spool, &spool->pairs[i]), key) == 0;
}

static int seek_in_memory(struct catalog_reader_spool *spool, struct catalog_span key)
{
	uint64_t hash = hash_of(key);
	size_t low = 0, high = spool->pair_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct pair *pair = &spool->pairs[middle];

		if (pair->hash < hash ||
		    (pair->hash == hash && compare_keys(key_of(spool, pair), key) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	spool->at = low;
	spool->is_at_value = has_key(spool, low, key);
	return spool->is_at_value ? 0 : -ENOENT;
}

static int next_in_memory(struct catalog_reader_spool *spool, struct catalog_span *ret_value)
{
	const struct pair *pair = &spool->pairs[spool->at];

	if (!spool->is_at_value)
		return -ENOENT;
	*ret_value = (struct catalog_span){spool->arena + pair->value, pair->value_len};
	spool->at++;
	spool->is_at_value = has_key(spool, spool->at, key_of(spool, pair));
	return 0;
}

int catalog_reader_spool_seek(struct catalog_reader_spool *spool, struct catalog_span key)
{
	uint64_t hash;
	size_t low = 0, high = spool->mark_count;
	int r;

	assert(spool->is_sorted);
	if (spool->is_in_memory)
		return seek_in_memory(spool, key);
	hash = hash_of(key);
	spool->is_at_value = false;
	if (!is_in_filter(spool, hash))
		return -ENOENT;
	while (low < high) { /* the first mark after hash */
		size_t middle = low + (high - low) / 2;

		if (spool->marks[middle].hash <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return -ENOENT;
	tape_init(&spool->tape, spool->sorted_file, spool->marks[low - 1].offset,
		  spool->sorted_len);
	do {
		r = tape_next(&spool->tape);
		if (r < 0)
			return r;
		if (spool->tape.hash > hash)
			return -ENOENT;
	} while (!spool->tape.is_new_key ||
		 compare_keys(catalog_buffer_span(&spool->tape.key), key) != 0);
	spool->is_at_value = true;
	return 0;
}

int catalog_reader_spool_next(struct catalog_reader_spool *spool, struct catalog_span *ret_value)
{
	int r;

	if (spool->is_in_memory)
		return next_in_memory(spool, ret_value);
	if (!spool->is_at_value) {
		r = spool->tape.bytes.bytes == NULL ? -ENOENT : tape_next(&spool->tape);
		if (r < 0)
			return r;
		if (spool->tape.is_new_key)
			return -ENOENT;
	}
	spool->is_at_value = false;
	*ret_value = spool->tape.value;
	return 0;
}
