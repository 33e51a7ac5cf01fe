/* tools/bench_index.h - the search index alone: the words of entries gathered on one thread, and
 * written by another, in transactions like those of a pull.  What fails ends the program, with a
 * word.
 */
#ifndef TOOLS_BENCH_INDEX_H
#define TOOLS_BENCH_INDEX_H

#include "tools/bench_log.h"

/* Index the listings that the entries of the log of member 0 put, in an empty store. */
struct tools_bench_place_cost tools_bench_index_run(struct catalog_store *store,
						    const struct catalog_charter *charter,
						    const struct tools_bench_log_entries *entries);

#endif
