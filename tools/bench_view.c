#include "tools/bench_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/view.h"

#define BATCH 1000

struct rows {
	struct catalog_view_row rows[BATCH];
	size_t count;
	enum tools_bench_view_root root;
};

static int by_thing(const void *a, const void *b)
{
	const struct catalog_view_row *x = a, *y = b;

	return memcmp(x->thing.bytes, y->thing.bytes, sizeof x->thing.bytes);
}

static int put_rows(struct catalog_txn *txn, void *arg)
{
	const struct rows *rows = arg;
	struct catalog_hash root;

	if (rows->root == TOOLS_BENCH_VIEW_ROOT_EACH)
		return catalog_view_put(txn, 0, rows->rows, rows->count, &root);
	return catalog_view_put_rows(txn, 0, rows->rows, rows->count);
}

struct tools_bench_place_cost tools_bench_view_put(struct catalog_store *store,
						   enum tools_bench_view_root root, unsigned count)
{
	static struct rows rows;
	struct tools_bench_place_cost start = tools_bench_place_begin();

	rows.root = root;
	for (unsigned at = 0; at < count; at += BATCH) {
		rows.count = at + BATCH < count ? BATCH : count - at;
		for (unsigned i = 0; i < rows.count; i++) {
			struct catalog_view_row *row = &rows.rows[i];
			char id[32];

			snprintf(id, sizeof id, "dataset-%u", at + i);
			catalog_entry_thing(CATALOG_ENTRY_PUT, id, &row->thing);
			row->index = at + i;
			row->kind = CATALOG_ENTRY_PUT;
		}
		qsort(rows.rows, rows.count, sizeof *rows.rows, by_thing);
		tools_bench_place_must(catalog_store_write(store, put_rows, &rows), "put rows");
	}
	return tools_bench_place_since(start);
}

static int hash_view(struct catalog_txn *txn, void *arg)
{
	return catalog_view_hash(txn, 0, 0, arg);
}

struct tools_bench_place_cost tools_bench_view_hash(struct catalog_store *store)
{
	struct catalog_hash root;
	struct tools_bench_place_cost start = tools_bench_place_begin();

	tools_bench_place_must(catalog_store_write(store, hash_view, &root), "hash the view");
	return tools_bench_place_since(start);
}
