#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/bundle.h"
#include "catalog/chunk.h"
#include "catalog/prune.h"
#include "gossip/random.h"
#include "tests/catalog/pair.h"

#define RECORDS_MAX 64
#define FIRST_LINE  82

/* A bundle in memory, and where its records end. */
struct made {
	struct catalog_buffer bytes;
	size_t ends[RECORDS_MAX], count;
	uint64_t from, size;
};

static void note_end(struct made *made)
{
	assert_true(made->count < RECORDS_MAX);
	made->ends[made->count++] = made->bytes.len;
}

/* What a store holds from since on. */
static struct made make(struct pair *pair, size_t store, uint64_t since)
{
	struct catalog_bundle_writer *writer = NULL;
	struct catalog_buffer note = {0}, wire = {0};
	struct made made = {.from = since};
	struct catalog_txn *txn;

	assert_int_equal(catalog_bundle_writer_new(catalog_charter_federation(pair->charter),
						   &made.bytes, &writer),
			 0);
	assert_int_equal(made.bytes.len, FIRST_LINE);
	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	assert_int_equal(catalog_bundle_head_of(txn, PAIR_SELF, &made.size, &note), 0);
	assert_int_equal(catalog_bundle_write_head(writer, PAIR_SELF, catalog_buffer_span(&note),
						   &made.bytes),
			 0);
	note_end(&made);
	for (uint64_t at = since, from, to; at < made.size; at = to) {
		wire.len = 0;
		assert_int_equal(
			catalog_bundle_chunk_of(txn, PAIR_SELF, at, made.size, &wire, &from, &to),
			0);
		assert_true(from <= at && to > at);
		if (at == since)
			made.from = from;
		assert_int_equal(
			catalog_bundle_write_chunk(writer, catalog_buffer_span(&wire), &made.bytes),
			0);
		note_end(&made);
	}
	catalog_store_end(txn);
	assert_int_equal(catalog_bundle_write_end(writer, &made.bytes), 0);
	note_end(&made);
	catalog_bundle_writer_free(writer);
	catalog_buffer_close(&note);
	catalog_buffer_close(&wire);
	return made;
}

struct head {
	struct pair *pair;
	struct catalog_span note;
};

/* As gossip/job takes one that is a step. */
static int head_body(struct catalog_txn *txn, void *arg)
{
	const struct head *head = arg;
	struct catalog_checkpoint checkpoint;
	int r = catalog_charter_verify(head->pair->charter, PAIR_SELF, head->note, &checkpoint);

	if (r == 0)
		r = catalog_log_target(txn, PAIR_SELF, &checkpoint, head->note);
	if (r == -ESTALE)
		r = catalog_log_keep(txn, PAIR_SELF, &checkpoint, head->note);
	return r;
}

/* Returns what is most wrong with a record, 0 if nothing. */
static int take(struct pair *pair, size_t store, const struct catalog_bundle_record *record)
{
	struct head head = {pair, record->bytes};
	struct catalog_chunk *chunk = NULL;
	int r;

	if (record->kind == CATALOG_BUNDLE_HEAD) {
		r = record->log == PAIR_SELF
			    ? catalog_store_write(pair->stores[store], head_body, &head)
			    : -ENOENT;
	} else {
		r = catalog_chunk_new(record->bytes, &chunk);
		if (r == 0)
			catalog_chunk_commit_all(pair->stores[store], pair->charter,
						 (const struct catalog_chunk *const *)&chunk, 1,
						 &r);
		catalog_chunk_free(chunk);
	}
	return r == -ESTALE || r == -EEXIST ? 0 : r;
}

/* Take a bundle.  Returns 0 if it is whole, -EAGAIN if it was cut off, -EBADMSG; *ret_worst is what
 * came of its records. */
static int import(struct pair *pair, size_t store, struct catalog_span bytes, int *ret_worst)
{
	struct catalog_bundle_reader *reader = NULL;
	struct catalog_bundle_record record;
	int r;

	*ret_worst = 0;
	assert_int_equal(catalog_bundle_reader_new(&reader), 0);
	for (;;) {
		size_t used = 0;
		int r2;

		r = catalog_bundle_read(reader, bytes, &used, &record);
		if (r != 0)
			break;
		assert_true(used > 0 && used <= bytes.len);
		bytes.bytes += used;
		bytes.len -= used;
		if (record.kind == CATALOG_BUNDLE_END)
			continue;
		assert_true(catalog_hash_equal(catalog_bundle_federation(reader),
					       catalog_charter_federation(pair->charter)));
		r2 = take(pair, store, &record);
		if (*ret_worst == 0)
			*ret_worst = r2;
	}
	if (r == -ENODATA) /* after the end */
		r = bytes.len == 0 ? 0 : -EBADMSG;
	catalog_bundle_reader_free(reader);
	return r;
}

static void close_made(struct made *made)
{
	catalog_buffer_close(&made->bytes);
}

static struct made publish_and_make(struct pair *pair, unsigned first, unsigned count,
				    const char *what, int64_t time_s, uint64_t since)
{
	pair_publish(pair, first, count, what, time_s);
	return make(pair, 0, since);
}

static void test_what_is_written_is_taken(void **state)
{
	struct pair *pair = pair_new();
	struct made made = publish_and_make(pair, 0, 700, "one", 100, 0);
	int worst;

	(void)state;
	assert_true(made.count >= 4); /* chunks of 256 entries */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(import(pair, 1, catalog_buffer_span(&made.bytes), &worst), 0);
		assert_int_equal(worst, 0);
		pair_assert_equal(pair, 0, 1);
	}
	close_made(&made);
	pair_free(pair);
}

static void test_bundles_come_in_any_order(void **state)
{
	static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
					   {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct pair *pair = pair_new();
		struct made made[3];
		int worst;

		made[0] = publish_and_make(pair, 0, 300, "one", 100, 0);
		made[1] = publish_and_make(pair, 100, 100, "two", 101, made[0].size);
		made[2] = publish_and_make(pair, 300, 9, "three", 102, made[1].size);
		/* What came too early comes again. */
		for (size_t k = 0; k < 9; k++)
			assert_int_equal(import(pair, 1,
						catalog_buffer_span(&made[orders[i][k % 3]].bytes),
						&worst),
					 0);
		assert_int_equal(worst, 0);
		pair_assert_equal(pair, 0, 1);
		for (size_t k = 0; k < 3; k++)
			close_made(&made[k]);
		pair_free(pair);
	}
}

static void test_what_is_missing_before_is_said(void **state)
{
	struct pair *pair = pair_new();
	struct made first = publish_and_make(pair, 0, 30, "one", 100, 0);
	struct made second = publish_and_make(pair, 30, 30, "two", 101, first.size);
	int worst;

	(void)state;
	assert_int_equal(import(pair, 1, catalog_buffer_span(&second.bytes), &worst), 0);
	assert_int_equal(worst, -EAGAIN);
	assert_int_equal(pair_status(pair, 1).size, 0);
	assert_int_equal(pair_status(pair, 1).target_size, second.size);
	/* The first is proven under a checkpoint smaller than the target. */
	assert_int_equal(import(pair, 1, catalog_buffer_span(&first.bytes), &worst), 0);
	assert_int_equal(worst, 0);
	assert_int_equal(pair_status(pair, 1).size, first.size);
	close_made(&first);
	close_made(&second);
	pair_free(pair);
}

static void test_cut_anywhere_what_is_whole_is_taken(void **state)
{
	struct pair *pair = pair_new();
	struct made made = publish_and_make(pair, 0, 600, "one", 100, 0);
	uint64_t held = 0;
	int worst;

	(void)state;
	/* Before, at and after each record's end; ever more of it, into one store. */
	for (size_t i = 0; i < made.count; i++)
		for (int off = -1; off <= 1; off++) {
			size_t len = made.ends[i] + (size_t)off;
			struct catalog_span cut = {made.bytes.bytes, len};

			if (len >= made.bytes.len)
				continue;
			assert_int_equal(import(pair, 1, cut, &worst), -EAGAIN);
			assert_int_equal(worst, 0);
			assert_true(pair_status(pair, 1).size >= held);
			held = pair_status(pair, 1).size;
		}
	assert_int_equal(held, made.size); /* the end alone was missing at last */
	for (size_t len = 0; len <= FIRST_LINE + 5; len++)
		assert_int_equal(
			import(pair, 2, (struct catalog_span){made.bytes.bytes, len}, &worst),
			-EAGAIN);
	assert_int_equal(pair_status(pair, 2).size, 0);
	close_made(&made);
	pair_free(pair);
}

static void test_no_flipped_bit_is_taken_for_whole(void **state)
{
	struct pair *pair = pair_new();
	struct made made = publish_and_make(pair, 0, 40, "one", 100, 0);
	struct gossip_random random = {5};
	int worst;

	(void)state;
	for (size_t i = 0; i < made.bytes.len; i += i < 400 ? 1 : 37) {
		uint8_t bit = (uint8_t)(1u << gossip_random_below(&random, 8));
		struct catalog_log_status status;
		int r;

		if (i >= FIRST_LINE - 65 && i < FIRST_LINE - 1)
			continue; /* another federation: below */
		made.bytes.bytes[i] ^= bit;
		r = import(pair, 1, catalog_buffer_span(&made.bytes), &worst);
		assert_true(r == -EAGAIN || r == -EBADMSG);
		made.bytes.bytes[i] ^= bit;
		/* And nothing false was: what is held is what was signed. */
		status = pair_status(pair, 1);
		assert_int_equal(status.health, CATALOG_LOG_GOOD);
		assert_true(status.size == 0 ||
			    (status.size == made.size &&
			     catalog_hash_equal(&status.root, &status.target_root)));
	}
	assert_int_equal(import(pair, 1, catalog_buffer_span(&made.bytes), &worst), 0);
	pair_assert_equal(pair, 0, 1);
	close_made(&made);
	pair_free(pair);
}

static void test_it_says_whose_it_is(void **state)
{
	struct pair *pair = pair_new();
	struct made made = publish_and_make(pair, 0, 3, "one", 100, 0);
	struct catalog_bundle_reader *reader = NULL;
	struct catalog_bundle_record record;
	struct catalog_hash other = *catalog_charter_federation(pair->charter);
	char hex[CATALOG_HASH_HEX_BYTES];
	size_t used;

	(void)state;
	other.bytes[0] ^= 1;
	catalog_hash_to_hex(&other, hex);
	memcpy(made.bytes.bytes + FIRST_LINE - 65, hex, 64);
	assert_int_equal(catalog_bundle_reader_new(&reader), 0);
	assert_int_equal(
		catalog_bundle_read(reader, catalog_buffer_span(&made.bytes), &used, &record), 0);
	assert_int_equal(record.kind, CATALOG_BUNDLE_HEAD);
	assert_true(catalog_hash_equal(catalog_bundle_federation(reader), &other));
	catalog_bundle_reader_free(reader);
	close_made(&made);
	pair_free(pair);
}

static void test_nothing_follows_the_end(void **state)
{
	struct pair *pair = pair_new();
	struct made made = publish_and_make(pair, 0, 3, "one", 100, 0);
	int worst;

	(void)state;
	assert_int_equal(catalog_buffer_append(&made.bytes, "more", 4), 0);
	assert_int_equal(import(pair, 1, catalog_buffer_span(&made.bytes), &worst), -EBADMSG);
	close_made(&made);
	pair_free(pair);
}

static void prune(struct pair *pair, size_t store)
{
	size_t count;

	do {
		assert_int_equal(catalog_prune_step(pair->stores[store], 1000000, &count), 0);
	} while (count > 0);
}

static void test_a_pruned_log_is_brought_whole(void **state)
{
	struct pair *pair = pair_new();
	struct made old, made, since;
	int worst;

	(void)state;
	old = publish_and_make(pair, 0, 300, "one", 100, 0);
	assert_int_equal(import(pair, 2, catalog_buffer_span(&old.bytes), &worst), 0);
	for (unsigned i = 0; i < 4; i++)
		pair_publish(pair, 0, 300, i % 2 == 0 ? "two" : "three", 101 + i);
	prune(pair, 0);
	made = make(pair, 0, 0);
	assert_true(made.bytes.len < 5 * old.bytes.len);
	assert_int_equal(import(pair, 1, catalog_buffer_span(&made.bytes), &worst), 0);
	assert_int_equal(worst, 0);
	pair_assert_equal(pair, 0, 1);
	/* What is asked for from within what was pruned begins before. */
	since = make(pair, 0, old.size);
	assert_true(since.from < old.size);
	assert_int_equal(import(pair, 2, catalog_buffer_span(&since.bytes), &worst), 0);
	assert_int_equal(worst, -EAGAIN);
	assert_int_equal(pair_status(pair, 2).size, old.size);
	close_made(&old);
	close_made(&made);
	close_made(&since);
	pair_free(pair);
}

static int keep_body(struct catalog_txn *txn, void *arg)
{
	struct head *head = arg;
	struct catalog_checkpoint checkpoint;

	assert_int_equal(
		catalog_charter_verify(head->pair->charter, PAIR_SELF, head->note, &checkpoint), 0);
	return catalog_log_keep(txn, PAIR_SELF, &checkpoint, head->note);
}

static void test_a_step_is_kept_between_what_is_held_and_the_target(void **state)
{
	struct pair *pair = pair_new();
	struct catalog_buffer small = {0}, large = {0};
	struct head head = {pair, {NULL, 0}};
	struct catalog_txn *txn;

	(void)state;
	pair_publish(pair, 0, 5, "one", 100);
	assert_int_equal(catalog_store_begin(pair->stores[0], &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, PAIR_SELF, &small), 0);
	catalog_store_end(txn);
	pair_publish(pair, 5, 5, "two", 101);
	assert_int_equal(catalog_store_begin(pair->stores[0], &txn), 0);
	assert_int_equal(catalog_log_checkpoint(txn, PAIR_SELF, &large), 0);
	catalog_store_end(txn);
	head.note = catalog_buffer_span(&small);
	/* Larger than the target, which there is none of: not kept so. */
	assert_int_equal(catalog_store_write(pair->stores[1], keep_body, &head), -ESTALE);
	pair_tell(pair, 0, 1);
	assert_int_equal(catalog_store_write(pair->stores[1], keep_body, &head), 0);
	assert_int_equal(catalog_store_write(pair->stores[1], keep_body, &head), -EEXIST);
	head.note = catalog_buffer_span(&large);
	assert_int_equal(catalog_store_write(pair->stores[1], keep_body, &head), -ESTALE);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	head.note = catalog_buffer_span(&small);
	assert_int_equal(catalog_store_write(pair->stores[1], keep_body, &head), -ESTALE);
	catalog_buffer_close(&small);
	catalog_buffer_close(&large);
	pair_free(pair);
}

TEST_MAIN("catalog/bundle", cmocka_unit_test(test_what_is_written_is_taken),
	  cmocka_unit_test(test_bundles_come_in_any_order),
	  cmocka_unit_test(test_what_is_missing_before_is_said),
	  cmocka_unit_test(test_cut_anywhere_what_is_whole_is_taken),
	  cmocka_unit_test(test_no_flipped_bit_is_taken_for_whole),
	  cmocka_unit_test(test_it_says_whose_it_is),
	  cmocka_unit_test(test_nothing_follows_the_end),
	  cmocka_unit_test(test_a_pruned_log_is_brought_whole),
	  cmocka_unit_test(test_a_step_is_kept_between_what_is_held_and_the_target))
