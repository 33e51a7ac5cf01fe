#include "catalog/index_later.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/audit.h"
#include "catalog/erased.h"
#include "catalog/index.h"
#include "catalog/index_later_part.h"
#include "catalog/log_back.h"
#include "catalog/view.h"
#include "gossip/random.h"
#include "tests/catalog/pair.h"
#include "tests/test.h"

#define GAP    20
#define ROUNDS 150
#define AHEAD  3 /* parts that are read before they are written */

static int set_up(void **state)
{
	struct pair *pair = pair_new();

	catalog_store_search_later(pair->stores[1], GAP);
	*state = pair;
	return 0;
}

static int tear_down(void **state)
{
	pair_free(*state);
	return 0;
}

static struct catalog_txn *begin(struct pair *pair)
{
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(pair->stores[1], &txn), 0);
	return txn;
}

static uint64_t missing(struct pair *pair)
{
	struct catalog_txn *txn = begin(pair);
	uint64_t entries;

	assert_int_equal(catalog_index_later_missing(txn, &entries), 0);
	catalog_store_end(txn);
	return entries;
}

struct parts {
	struct pair *pair;
	struct catalog_index_later_part *parts[CATALOG_INDEX_LATER_PARTS_MAX];
	size_t count;
};

/* Read up to some parts, and gather their words. */
static void read_parts(struct pair *pair, size_t max, struct parts *ret_parts)
{
	struct catalog_index_later_place place = {0};
	struct catalog_txn *txn = begin(pair);
	int r = 0;

	*ret_parts = (struct parts){.pair = pair};
	while (ret_parts->count < max && r == 0) {
		r = catalog_index_later_part_read(txn, &place, &ret_parts->parts[ret_parts->count]);
		ret_parts->count += r == 0;
	}
	assert_true(r == 0 || r == -ENOENT);
	catalog_store_end(txn);
	for (size_t i = 0; i < ret_parts->count; i++)
		assert_int_equal(
			catalog_index_later_part_gather(ret_parts->parts[i],
							catalog_store_lender(pair->stores[1])),
			0);
}

static int write_body(struct catalog_txn *txn, void *arg)
{
	const struct parts *parts = arg;

	return catalog_index_later_part_write(txn, parts->pair->charter, parts->parts,
					      parts->count);
}

static int write_parts(struct parts *parts)
{
	int r = parts->count == 0 ? -ENOENT
				  : catalog_store_write(parts->pair->stores[1], write_body, parts);

	for (size_t i = 0; i < parts->count; i++)
		catalog_index_later_part_free(parts->parts[i]);
	return r;
}

static void catch_up(struct pair *pair)
{
	struct parts parts;
	int r = 0;

	while (r == 0) {
		read_parts(pair, AHEAD, &parts);
		r = write_parts(&parts);
	}
	assert_int_equal(r, -ENOENT);
	assert_int_equal(missing(pair), 0);
}

/* What is current below the mark is found, and nothing else. */
static void assert_found(struct pair *pair)
{
	struct catalog_query query = {.text = "", .limit = CATALOG_INDEX_HITS_MAX};
	struct catalog_index_later_mark mark;
	struct catalog_found found;
	struct catalog_txn *txn = begin(pair);
	struct catalog_view_row row;
	struct catalog_cursor *cursor;
	bool is_erased;
	const char *why;
	uint64_t current = 0;
	int r = 0;

	assert_int_equal(catalog_index_later_get(txn, PAIR_SELF, &mark), 0);
	assert_int_equal(catalog_index_find(txn, &query, &found, &why), 0);
	assert_int_equal(catalog_store_cursor_open(txn, CATALOG_TABLE_VIEW, &cursor), 0);
	for (bool first = true; r == 0; first = false) {
		r = catalog_view_next(cursor, PAIR_SELF, first ? NULL : &row.thing, &row);
		if (r != 0 || row.kind != CATALOG_ENTRY_PUT || row.index >= mark.indexed)
			continue;
		assert_int_equal(catalog_erased_is_current(txn, PAIR_SELF, row.index, &is_erased),
				 0);
		if (is_erased) /* since a step back: there is nothing to find */
			continue;
		current++;
		for (size_t i = 0; i <= found.count; i++) {
			assert_true(i < found.count);
			if (found.hits[i].index == row.index)
				break;
		}
	}
	assert_int_equal(r, -ENOENT);
	catalog_store_cursor_close(cursor);
	assert_int_equal(found.total, current);
	assert_int_equal(found.partial, found.missing > 0);
	assert_int_equal(found.missing > 0, mark.indexed != CATALOG_INDEX_LATER_ALL);
	catalog_index_found_close(&found);
	catalog_store_end(txn);
}

static void assert_sound(struct pair *pair)
{
	struct catalog_txn *txn = begin(pair);
	struct catalog_audit_finding finding;

	assert_int_equal(catalog_audit_log(txn, pair->charter,
					   catalog_charter_member(pair->charter, PAIR_SELF), NULL,
					   NULL, &finding),
			 0);
	if (finding.class != CATALOG_AUDIT_NOTHING)
		fail_msg("%s", finding.text);
	catalog_store_end(txn);
}

static void test_a_log_that_lacks_much_is_indexed_afterwards(void **state)
{
	struct pair *pair = *state;

	for (unsigned i = 0; i < 20; i++)
		pair_publish(pair, 60 * i, 60, "rice", 100);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(pair_status(pair, 1).size, pair_status(pair, 0).size);
	assert_int_equal(missing(pair), pair_status(pair, 1).size);
	assert_int_equal(pair_find(pair, 1, "rice"), 0);
	assert_found(pair);
	assert_sound(pair);
	catch_up(pair);
	assert_int_equal(pair_find(pair, 1, "rice"), 1200);
	pair_assert_equal(pair, 0, 1);
	assert_sound(pair);
}

static void test_a_log_that_lacks_little_is_indexed_at_once(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, GAP - 1, "rice", 100); /* and the state entry */
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(missing(pair), 0);
	pair_assert_equal(pair, 0, 1);
}

static bool is_later(struct pair *pair, uint64_t own, uint64_t lacked)
{
	struct catalog_index_later_load load = {10, 10 + own, lacked};
	struct catalog_txn *txn = begin(pair);
	bool is;

	assert_int_equal(catalog_index_later_expect(txn, PAIR_SELF, &load, &is), 0);
	catalog_store_end(txn);
	return is;
}

/* Many members' logs that lack some each, as a newcomer's do; but not another's small change. */
static void test_what_all_logs_lack_together_counts_too(void **state)
{
	struct pair *pair = *state;

	catalog_store_search_later(pair->stores[1], 10000);
	assert_false(is_later(pair, 10000, 0));
	assert_true(is_later(pair, 10001, 0));
	assert_false(is_later(pair, 500, 10000));
	assert_true(is_later(pair, 500, 10001));
	assert_true(is_later(pair, CATALOG_INDEX_LATER_LEAST + 1, 1000000));
	assert_false(is_later(pair, CATALOG_INDEX_LATER_LEAST, 1000000));
	catalog_store_search_later(pair->stores[1], CATALOG_STORE_LATER_NEVER);
	assert_false(is_later(pair, UINT64_MAX - 10, UINT64_MAX));
}

static void test_what_is_superseded_meanwhile_is_not_found(void **state)
{
	struct pair *pair = *state;

	pair_publish(pair, 0, 10, "rice", 100);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(pair_find(pair, 1, "rice"), 10);
	pair_publish(pair, 5, 60, "wheat", 200);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	pair_withdraw(pair, 2, true, 300);
	pair_withdraw(pair, 20, true, 300);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(pair_find(pair, 1, "rice"), 4);
	assert_int_equal(pair_find(pair, 1, "wheat"), 0);
	assert_found(pair);
	catch_up(pair);
	assert_int_equal(pair_find(pair, 1, "wheat"), 59);
	pair_assert_equal(pair, 0, 1);
}

static void test_nothing_is_ever_indexed_if_all_is_for_later(void **state)
{
	struct pair *pair = *state;

	catalog_store_search_later(pair->stores[1], 0);
	pair_publish(pair, 0, 2, "rice", 100);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(missing(pair), 3);
	assert_int_equal(pair_find(pair, 1, "rice"), 0);
	catalog_store_search_later(pair->stores[1], GAP);
	catch_up(pair);
	assert_int_equal(pair_find(pair, 1, "rice"), 2);
}

struct back {
	struct pair *pair;
	uint64_t size;
};

static int back_body(struct catalog_txn *txn, void *arg)
{
	const struct back *back = arg;

	return catalog_log_back_to(txn, catalog_charter_member(back->pair->charter, PAIR_SELF),
				   back->size);
}

static void step_back(struct pair *pair, uint64_t size)
{
	struct back back = {pair, size};

	int r = catalog_store_write(pair->stores[1], back_body, &back);

	if (r == -ENODATA) { /* what was current there never was here */
		back.size = 0;
		r = catalog_store_write(pair->stores[1], back_body, &back);
	}
	assert_int_equal(r, 0);
}

/* What was read before a step back is not taken for what is there now. */
static void test_parts_of_a_log_that_stepped_back_are_refused(void **state)
{
	struct pair *pair = *state;
	struct parts parts;
	uint64_t size;

	pair_publish(pair, 0, 60, "rice", 100);
	size = pair_status(pair, 0).size;
	pair_publish(pair, 30, 60, "wheat", 200);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	read_parts(pair, 1, &parts);
	assert_int_equal(parts.count, 1);
	step_back(pair, size);
	assert_found(pair);
	assert_int_equal(write_parts(&parts), -ESTALE);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	catch_up(pair);
	pair_assert_equal(pair, 0, 1);
	assert_sound(pair);
}

/* All in any order. */
static void test_the_index_is_what_it_would_have_been(void **state)
{
	struct pair *pair = *state;
	struct parts parts = {0};
	struct gossip_random random = {20261125};
	uint64_t past[ROUNDS]; /* sizes at which something was signed */

	printf("seed %" PRIu64 "\n", random.state);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned first = (unsigned)gossip_random_below(&random, 100),
			 count = 1 + (unsigned)gossip_random_below(&random, 50);
		int r;

		switch (gossip_random_below(&random, 6)) {
		case 0:
		case 1:
			pair_publish(pair, first, count,
				     gossip_random_below(&random, 2) == 0 ? "rice" : "wheat",
				     100 + round);
			break;
		case 2:
			if (pair_status(pair, 0).live > 0) {
				pair_publish(pair, first, 1, "gone", 100 + round);
				pair_withdraw(pair, first, gossip_random_below(&random, 2) == 0,
					      100 + round);
			}
			break;
		case 3: assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0); break;
		case 4:
			if (round > 0)
				step_back(pair, past[gossip_random_below(&random, round)]);
			break;
		case 5: /* parts that were read some rounds ago */
			r = write_parts(&parts);
			assert_true(r == 0 || r == -ESTALE || r == -ENOENT);
			read_parts(pair, 1 + (size_t)gossip_random_below(&random, AHEAD), &parts);
			break;
		}
		assert_found(pair);
		past[round] = pair_status(pair, 0).size;
	}
	(void)write_parts(&parts); /* whatever comes of it */
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	catch_up(pair);
	pair_assert_equal(pair, 0, 1);
	assert_int_equal(pair_find(pair, 1, "rice"), pair_find(pair, 0, "rice"));
	assert_int_equal(pair_find(pair, 1, "wheat"), pair_find(pair, 0, "wheat"));
	assert_sound(pair);
}

#define LATER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/index_later", LATER_TEST(test_a_log_that_lacks_much_is_indexed_afterwards),
	  LATER_TEST(test_a_log_that_lacks_little_is_indexed_at_once),
	  LATER_TEST(test_what_all_logs_lack_together_counts_too),
	  LATER_TEST(test_what_is_superseded_meanwhile_is_not_found),
	  LATER_TEST(test_nothing_is_ever_indexed_if_all_is_for_later),
	  LATER_TEST(test_parts_of_a_log_that_stepped_back_are_refused),
	  LATER_TEST(test_the_index_is_what_it_would_have_been))
