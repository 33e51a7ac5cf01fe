/* tools/bench_take.h - a pull without its network: chunks as they come over an encrypted channel
 * are opened, read, verified, packed and committed.  What fails ends the program, with a word.
 */
#ifndef TOOLS_BENCH_TAKE_H
#define TOOLS_BENCH_TAKE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/log.h"
#include "tools/bench_place.h"

#define TOOLS_BENCH_TAKE_THREADS_MAX 3

/* The log of member 0 on the wire: its chunks, one after the other. */
struct tools_bench_take_wires {
	struct catalog_buffer *wires;
	size_t count;
	size_t bytes;
	struct catalog_buffer sealed; /* all of them, as the channel carries them */
};

/* Make the chunks, which is what is measured, and seal them.  The caller owns them. */
struct tools_bench_place_cost tools_bench_take_make(struct catalog_store *from, uint64_t size,
						    struct tools_bench_take_wires *ret_wires);
void tools_bench_take_close(struct tools_bench_take_wires *wires);

/* Take the log into an empty store, as many chunks at once as are ready, up to eight; with more
 * threads as a node does it: opening, reading and packing on all but one, committing on that one.
 */
struct tools_bench_place_cost tools_bench_take_run(struct catalog_store *to,
						   const struct catalog_charter *charter,
						   const struct catalog_log_status *source,
						   const struct tools_bench_take_wires *wires,
						   unsigned threads);

#endif
