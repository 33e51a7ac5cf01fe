/* tools/bench_log.h - a log to measure with: published, read, and the bare loop over its entries.
 * What fails ends the program, with a word.
 */
#ifndef TOOLS_BENCH_LOG_H
#define TOOLS_BENCH_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/log.h"
#include "catalog/value.h"
#include "tools/bench_place.h"

/* Publish listings as member 0. */
struct tools_bench_place_cost tools_bench_log_publish(struct catalog_store *store,
						      const struct catalog_charter *charter,
						      const struct catalog_secret *secret,
						      struct catalog_value **listings,
						      unsigned count);

/* Where the log of member 0 stands. */
struct catalog_log_status tools_bench_log_status(struct catalog_store *store);

/* The bytes of its entries.  The caller owns them. */
struct tools_bench_log_entries {
	struct catalog_buffer *entries;
	uint64_t count;
	size_t bytes; /* of all */
};
void tools_bench_log_read(struct catalog_store *store, struct tools_bench_log_entries *ret_entries);
void tools_bench_log_close(struct tools_bench_log_entries *entries);

/* The bare loop: hash the entries (SHA-256), put them as they are into one table of an empty store,
 * in key order, in batches of 1,000, each synchronised, and sign once a batch. */
enum tools_bench_log_hash { TOOLS_BENCH_LOG_OURS, TOOLS_BENCH_LOG_SODIUM };
struct tools_bench_place_cost tools_bench_log_bare(struct catalog_store *store,
						   enum tools_bench_log_hash hash,
						   const struct tools_bench_log_entries *entries,
						   const struct catalog_secret *secret);

#endif
