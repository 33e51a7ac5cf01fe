/* tools/bench_view.h - the current view alone, and the trie over it, in a store that has neither.
 * What fails ends the program, with a word.
 */
#ifndef TOOLS_BENCH_VIEW_H
#define TOOLS_BENCH_VIEW_H

#include "tools/bench_place.h"

/* Put so many rows in batches of 1,000; with the trie's root after each, as who publishes does. */
enum tools_bench_view_root { TOOLS_BENCH_VIEW_ROOT_NOT, TOOLS_BENCH_VIEW_ROOT_EACH };
struct tools_bench_place_cost tools_bench_view_put(struct catalog_store *store,
						   enum tools_bench_view_root root, unsigned count);

/* Compute the root of rows that were put without, as at the end of a pull. */
struct tools_bench_place_cost tools_bench_view_hash(struct catalog_store *store);

#endif
