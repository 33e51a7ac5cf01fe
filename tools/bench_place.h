/* tools/bench_place.h - where a benchmark works: a directory of its own below $TMPDIR or /tmp that
 * goes away, stores in it, a federation, and the clocks.  What fails ends the program, with a word.
 */
#ifndef TOOLS_BENCH_PLACE_H
#define TOOLS_BENCH_PLACE_H

#include "catalog/charter.h"
#include "catalog/store.h"

#define TOOLS_BENCH_PLACE_BYTES 200 /* of the directory's name, with the NUL */

/* Go on if r is 0; else end the program: what it was that failed, and why. */
void tools_bench_place_must(int r, const char *what);

/* Make the directory, and remove it; what others left in it is told. */
void tools_bench_place_make(char ret_dir[TOOLS_BENCH_PLACE_BYTES]);
void tools_bench_place_remove(const char *dir);

/* Open the store of a name in the directory, made if there is none; close it; delete it. */
struct catalog_store *tools_bench_place_open(const char *dir, const char *name);
void tools_bench_place_close(struct catalog_store *store);
void tools_bench_place_delete(const char *dir, const char *name);

/* Found a federation of member "bench", whose secret is given; with nodes[] of further members that
 * follow it, if node_count is more than one: one node each.  nodes may be NULL for the one member.
 * The same one each time.  The caller owns it. */
struct catalog_charter *tools_bench_place_found(const struct catalog_node_key *nodes,
						size_t node_count,
						struct catalog_secret *ret_secret);

/* Seconds that passed, and seconds of processors that the process used: those hardly depend on what
 * else the machine does. */
struct tools_bench_place_cost {
	double wall_s, cpu_s;
};
struct tools_bench_place_cost tools_bench_place_begin(void);
struct tools_bench_place_cost tools_bench_place_since(struct tools_bench_place_cost start);

/* A number from 1 to max of the command line; any other ends the program with 2. */
unsigned tools_bench_place_number(const char *text, unsigned long max);

#endif
