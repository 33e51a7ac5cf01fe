/* catalog/index_due.h - which segments should become one. */
#ifndef CATALOG_INDEX_DUE_H
#define CATALOG_INDEX_DUE_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/index_segment.h"

#define CATALOG_INDEX_DUE_FAN CATALOG_INDEX_SEGMENT_PARTS_MAX /* neighbours of one tier */

/* When somebody writes: neighbours of one tier, CATALOG_INDEX_DUE_FAN of them, and one segment of
 * which more than half is dead.  So each posting is written again once per tier, besides once
 * whenever half of its segment has died.
 * Idle: also what is at most three times as large as all that came after it. */
enum catalog_index_due_when { CATALOG_INDEX_DUE_BUSY, CATALOG_INDEX_DUE_IDLE };

/* How many segments, from *ret_at on, are to become one; 0: none. */
size_t catalog_index_due_run(const struct catalog_index_state *state,
			     enum catalog_index_due_when when, size_t *ret_at);

/* How many documents of a segment are not dead. */
uint64_t catalog_index_due_live(const struct catalog_index_segment *segment);

#endif
