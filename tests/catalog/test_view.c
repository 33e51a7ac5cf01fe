#include "tests/scratch.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/trie.h"
#include "catalog/view.h"

#define LOG        5
#define THINGS_MAX 3000

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	f->store = scratch_store(f->dir, 7);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	scratch_end(f->dir, f->store);
	free(f);
	return 0;
}

enum how {
	AT_ONCE,    /* rows and root */
	ROWS_ALONE, /* the root later */
	ROOT_ALONE,
	AUDIT,
};

struct move {
	enum how how;
	uint64_t first, count; /* indexes of the entries */
	uint64_t since;
	unsigned things; /* of how many things they are */
	struct catalog_hash root;
};

static int by_thing(const void *a, const void *b)
{
	const struct catalog_view_row *x = a, *y = b;

	return memcmp(&x->thing, &y->thing, sizeof x->thing);
}

/* Rows of entries about some of the things: the newest of each, sorted. */
static size_t make_rows(const struct move *move, struct catalog_view_row *rows)
{
	size_t count = 0;

	for (uint64_t i = move->first; i < move->first + move->count; i++) {
		struct catalog_view_row row = {.index = i, .kind = CATALOG_ENTRY_PUT};
		char id[32];
		size_t at = 0;

		snprintf(id, sizeof id, "thing-%u", (unsigned)(i * 7919 % move->things));
		catalog_entry_thing(CATALOG_ENTRY_PUT, id, &row.thing);
		while (at < count && !catalog_hash_equal(&rows[at].thing, &row.thing))
			at++;
		rows[at] = row;
		count += at == count;
	}
	qsort(rows, count, sizeof *rows, by_thing);
	return count;
}

static int move_body(struct catalog_txn *txn, void *arg)
{
	static struct catalog_view_row rows[THINGS_MAX];
	struct move *move = arg;
	size_t count;

	switch (move->how) {
	case AT_ONCE:
		count = make_rows(move, rows);
		return catalog_view_put(txn, LOG, rows, count, &move->root);
	case ROWS_ALONE:
		count = make_rows(move, rows);
		return catalog_view_put_rows(txn, LOG, rows, count);
	case ROOT_ALONE: return catalog_view_hash(txn, LOG, move->since, &move->root);
	case AUDIT: return catalog_view_audit(txn, LOG, &move->root);
	}
	return 0;
}

static struct catalog_hash run(struct fixture *f, struct move move)
{
	assert_int_equal(catalog_store_write(f->store, move_body, &move), 0);
	return move.root;
}

static void assert_audit(struct fixture *f, struct catalog_hash root)
{
	struct catalog_hash audit = run(f, (struct move){.how = AUDIT});

	assert_memory_equal(&root, &audit, sizeof root);
}

/* Everything new, hashed in one sweep; then a few changes one by one, which want every hash that
 * the sweep should have kept. */
static void test_a_root_computed_later_is_the_same(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 2000; i += 400)
		run(f, (struct move){ROWS_ALONE, i, 400, .things = 1700});
	assert_audit(f, run(f, (struct move){.how = ROOT_ALONE, .since = 0}));
	for (uint64_t i = 2000; i < 2050; i += 10)
		assert_audit(f, run(f, (struct move){AT_ONCE, i, 10, .things = 2500}));
}

static void test_few_changes_are_found_by_their_index(void **state)
{
	struct fixture *f = *state;

	run(f, (struct move){AT_ONCE, 0, 2000, .things = 1900});
	run(f, (struct move){ROWS_ALONE, 2000, 40, .things = 3000});
	run(f, (struct move){ROWS_ALONE, 2040, 40, .things = 3000});
	assert_audit(f, run(f, (struct move){.how = ROOT_ALONE, .since = 2000}));
	/* More than a part: in one sweep again. */
	run(f, (struct move){ROWS_ALONE, 2080, 900, .things = 3000});
	assert_audit(f, run(f, (struct move){.how = ROOT_ALONE, .since = 2080}));
	assert_audit(f, run(f, (struct move){AT_ONCE, 2980, 15, .things = 3000}));
}

static void test_small_views_have_the_root_of_their_definition(void **state)
{
	struct fixture *f = *state;
	struct catalog_hash root, empty;

	catalog_trie_hash_empty(&empty);
	root = run(f, (struct move){.how = ROOT_ALONE, .since = 0});
	assert_memory_equal(&root, &empty, sizeof root);
	for (uint64_t i = 0; i < 12; i++) {
		run(f, (struct move){ROWS_ALONE, i, 1, .things = 3000});
		assert_audit(f, run(f, (struct move){.how = ROOT_ALONE, .since = i % 2 * i}));
	}
}

#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/view", VIEW_TEST(test_a_root_computed_later_is_the_same),
	  VIEW_TEST(test_few_changes_are_found_by_their_index),
	  VIEW_TEST(test_small_views_have_the_root_of_their_definition))
