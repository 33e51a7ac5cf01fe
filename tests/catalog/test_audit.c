#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/audit.h"
#include "catalog/audit_repair.h"
#include "catalog/index.h"
#include "catalog/prune.h"
#include "gossip/random.h"
#include "tests/catalog/pair.h"

#define DAMAGED 1 /* the store that is damaged; [0] is whole */

static int set_up(void **state)
{
	struct pair *pair = pair_new();

	*state = pair;
	for (unsigned round = 0; round < 6; round++) { /* it comes to know every checkpoint */
		pair_publish(pair, 20 * round, 90, round % 2 == 0 ? "even" : "odd", 100 + round);
		assert_int_equal(pair_pull(pair, 0, DAMAGED, 0, NULL), 0);
	}
	pair_withdraw(pair, 5, false, 200);
	assert_int_equal(pair_pull(pair, 0, DAMAGED, 0, NULL), 0);
	return 0;
}

static int tear_down(void **state)
{
	pair_free(*state);
	return 0;
}

static struct catalog_audit_finding audit(struct pair *pair, size_t store)
{
	const struct catalog_member *member = catalog_charter_member(pair->charter, PAIR_SELF);
	struct catalog_audit_finding finding;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(pair->stores[store], &txn), 0);
	assert_int_equal(catalog_audit_log(txn, pair->charter, member, NULL, NULL, &finding), 0);
	catalog_store_end(txn);
	assert_true((finding.class == CATALOG_AUDIT_NOTHING) == (finding.text[0] == '\0'));
	return finding;
}

struct repair {
	struct pair *pair;
	struct catalog_audit_finding finding;
	uint64_t size;
};

static int repair_body(struct catalog_txn *txn, void *arg)
{
	struct repair *repair = arg;
	int r = catalog_audit_repair_log(txn, repair->pair->charter,
					 catalog_charter_member(repair->pair->charter, PAIR_SELF),
					 &repair->finding, &repair->size);

	return r != 0 ? r : catalog_audit_repair_index(txn, repair->pair->charter);
}

/* Repair, pull what is missing from the whole store, and everything is as it was. */
static uint64_t mend(struct pair *pair, const struct catalog_audit_finding *finding)
{
	struct repair repair = {pair, *finding, 0};

	assert_int_equal(catalog_store_write(pair->stores[DAMAGED], repair_body, &repair), 0);
	assert_int_equal(audit(pair, DAMAGED).class, CATALOG_AUDIT_NOTHING);
	assert_int_equal(pair_pull(pair, 0, DAMAGED, 0, NULL), 0);
	pair_assert_equal(pair, 0, DAMAGED);
	assert_int_equal(audit(pair, DAMAGED).class, CATALOG_AUDIT_NOTHING);
	return repair.size;
}

/* --- damage ----------------------------------------------------------------------------------- */

struct flip {
	enum catalog_table table;
	size_t row;  /* counted from the first whose key begins with the log, if keys do */
	size_t byte; /* of the value */
	bool is_of_log;
};

static int flip_body(struct catalog_txn *txn, void *arg)
{
	static const uint8_t log[4] = {0, 0, 0, PAIR_SELF}, first[1] = {0};
	const struct flip *flip = arg;
	struct catalog_cursor *cursor;
	struct catalog_span key, value;
	uint8_t key_bytes[64], bytes[2000];
	int r = catalog_store_cursor_open(txn, flip->table, &cursor);

	if (r == 0)
		r = catalog_store_cursor_seek(cursor,
					      flip->is_of_log
						      ? (struct catalog_span){log, sizeof log}
						      : (struct catalog_span){first, sizeof first},
					      &key, &value);
	for (size_t i = 0; i < flip->row && r == 0; i++)
		r = catalog_store_cursor_next(cursor, &key, &value);
	assert_int_equal(r, 0);
	assert_true(key.len <= sizeof key_bytes && value.len <= sizeof bytes &&
		    flip->byte < value.len);
	memcpy(key_bytes, key.bytes, key.len);
	memcpy(bytes, value.bytes, value.len);
	key.bytes = key_bytes;
	value.bytes = bytes;
	catalog_store_cursor_close(cursor);
	bytes[flip->byte] ^= 0x10;
	return catalog_store_put(txn, flip->table, key, value);
}

static void damage(struct pair *pair, enum catalog_table table, size_t row, size_t byte)
{
	struct flip flip = {table, row, byte,
			    table != CATALOG_TABLE_ENTRIES && table != CATALOG_TABLE_TILES};

	assert_int_equal(catalog_store_write(pair->stores[DAMAGED], flip_body, &flip), 0);
}

static void test_a_whole_store_is_found_whole(void **state)
{
	struct pair *pair = *state;
	size_t count;

	assert_int_equal(audit(pair, 0).class, CATALOG_AUDIT_NOTHING);
	assert_int_equal(audit(pair, DAMAGED).class, CATALOG_AUDIT_NOTHING);
	assert_int_equal(audit(pair, 2).class, CATALOG_AUDIT_NOTHING); /* which holds nothing */
	assert_int_equal(catalog_prune_step(pair->stores[0], 1000, &count), 0);
	assert_true(count > 0);
	assert_int_equal(audit(pair, 0).class, CATALOG_AUDIT_NOTHING);
	assert_int_equal(pair_pull(pair, 0, 2, 0, NULL), 0);
	assert_int_equal(audit(pair, 2).class, CATALOG_AUDIT_NOTHING);
}

static void test_a_damaged_entry_is_named_and_pulled_again(void **state)
{
	struct catalog_audit_finding finding;

	damage(*state, CATALOG_TABLE_ENTRIES, 300, 20); /* not all of zstd's bits tell something */
	finding = audit(*state, DAMAGED);
	assert_int_equal(finding.class, CATALOG_AUDIT_ENTRY);
	assert_int_equal(finding.index, 300);
	/* The batches end at 91, 182, 273, ...: what is before the damage stays. */
	assert_int_equal(mend(*state, &finding), 273);
}

static void test_a_damaged_tree_is_found(void **state)
{
	struct catalog_audit_finding finding;

	damage(*state, CATALOG_TABLE_TILES, 3, 17);
	finding = audit(*state, DAMAGED);
	assert_true(finding.class == CATALOG_AUDIT_ENTRY || finding.class == CATALOG_AUDIT_TREE);
	(void)mend(*state, &finding);
}

static void test_a_damaged_checkpoint_is_found(void **state)
{
	struct catalog_audit_finding finding;

	damage(*state, CATALOG_TABLE_CHECKPOINTS, 0, 90);
	finding = audit(*state, DAMAGED);
	assert_int_equal(finding.class, CATALOG_AUDIT_CHECKPOINT);
	(void)mend(*state, &finding);
}

static void test_a_damaged_view_is_computed_anew(void **state)
{
	static const struct {
		enum catalog_table table;
		size_t row, byte;
	} cases[] = {{CATALOG_TABLE_VIEW, 20, 7}, {CATALOG_TABLE_TRIE, 2, 5}};
	struct catalog_audit_finding finding;
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		damage(pair, cases[i].table, cases[i].row, cases[i].byte);
		finding = audit(pair, DAMAGED);
		assert_int_equal(finding.class, CATALOG_AUDIT_VIEW);
		/* Nothing is pulled for it. */
		assert_int_equal(mend(pair, &finding), pair_status(pair, 0).size);
	}
}

static void test_a_damaged_row_of_the_log_is_found(void **state)
{
	struct catalog_audit_finding finding;

	damage(*state, CATALOG_TABLE_LOGS, 0, 7); /* its size */
	finding = audit(*state, DAMAGED);
	assert_int_not_equal(finding.class, CATALOG_AUDIT_NOTHING);
	(void)mend(*state, &finding);
}

static int clear_body(struct catalog_txn *txn, void *arg)
{
	(void)arg;
	return catalog_index_clear(txn);
}

static void test_a_lost_index_is_made_anew(void **state)
{
	struct catalog_audit_finding finding;
	struct pair *pair = *state;
	struct repair repair = {.pair = pair};

	assert_int_equal(catalog_store_write(pair->stores[DAMAGED], clear_body, NULL), 0);
	finding = audit(pair, DAMAGED);
	assert_int_equal(finding.class, CATALOG_AUDIT_INDEX);
	repair.finding.class = CATALOG_AUDIT_VIEW; /* which keeps the log */
	assert_int_equal(catalog_store_write(pair->stores[DAMAGED], repair_body, &repair), 0);
	assert_int_equal(audit(pair, DAMAGED).class, CATALOG_AUDIT_NOTHING);
	pair_assert_equal(pair, 0, DAMAGED);
}

static void test_any_flipped_bit_is_found_and_mended(void **state)
{
	static const enum catalog_table tables[] = {CATALOG_TABLE_ENTRIES, CATALOG_TABLE_TILES,
						    CATALOG_TABLE_VIEW, CATALOG_TABLE_TRIE,
						    CATALOG_TABLE_TREE};
	struct gossip_random random = {20261125};
	struct pair *pair = *state;

	printf("seed %llu\n", (unsigned long long)random.state);
	for (unsigned i = 0; i < 25; i++) {
		enum catalog_table table = tables[i % 5];
		struct catalog_audit_finding finding;

		damage(pair, table,
		       (size_t)gossip_random_below(&random, table == CATALOG_TABLE_TREE ? 1 : 8),
		       (size_t)gossip_random_below(&random, 9));
		finding = audit(pair, DAMAGED);
		assert_int_not_equal(finding.class, CATALOG_AUDIT_NOTHING);
		(void)mend(pair, &finding);
	}
}

#define AUDIT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/audit", AUDIT_TEST(test_a_whole_store_is_found_whole),
	  AUDIT_TEST(test_a_damaged_entry_is_named_and_pulled_again),
	  AUDIT_TEST(test_a_damaged_tree_is_found), AUDIT_TEST(test_a_damaged_checkpoint_is_found),
	  AUDIT_TEST(test_a_damaged_view_is_computed_anew),
	  AUDIT_TEST(test_a_damaged_row_of_the_log_is_found),
	  AUDIT_TEST(test_a_lost_index_is_made_anew),
	  AUDIT_TEST(test_any_flipped_bit_is_found_and_mended))
