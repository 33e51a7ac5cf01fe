/* catalog/log_row.h - what the store's tables hold of a log: keys, the row that tells where it
 * stands, and the parts that an entry is cut into.
 */
#ifndef CATALOG_LOG_ROW_H
#define CATALOG_LOG_ROW_H

#include <stdint.h>

#include "catalog/log.h"
#include "catalog/runs.h"

/* A stored entry is its packed form after a byte that counts the parts, cut into parts that share
 * the store's pages. */
#define CATALOG_LOG_ROW_PART_BYTES_MAX 1341 /* three fill a page */
#define CATALOG_LOG_ROW_PARTS_MAX                                                                  \
	((CATALOG_ENTRY_BYTES_MAX + 4096) / CATALOG_LOG_ROW_PART_BYTES_MAX + 1)

/* log u32, number u64. */
struct catalog_log_row_key {
	uint8_t bytes[12];
};

/* Make a key of a log, of a number in it.  The span is of *key. */
struct catalog_span catalog_log_row_of(struct catalog_log_row_key *key, uint32_t log);
struct catalog_span catalog_log_row_of_number(struct catalog_log_row_key *key, uint32_t log,
					      uint64_t number);

/* Read the row that tells where a log stands.  Returns 0, -EIO. */
int catalog_log_row_decode(struct catalog_span row, struct catalog_log_status *ret_status);

/* Write it.  Returns 0, -ENOSPC, -EIO. */
int catalog_log_row_put(struct catalog_txn *txn, uint32_t log,
			const struct catalog_log_status *status);

/* Where a log's entries are, for catalog/runs. */
struct catalog_runs_sequence catalog_log_row_entries(uint32_t log);

/* Write an entry, given as packed by catalog_codec_pack() after one byte of room, to the place that
 * catalog_runs_extend() made for it.  Returns 0, -ENOSPC, -EIO. */
int catalog_log_row_put_entry(struct catalog_txn *txn, uint64_t place, struct catalog_span packed);

#endif
