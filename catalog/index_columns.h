/* catalog/index_columns.h - what a segment keeps of each document, by column: which entry it is,
 * its numbers, and the numbers of its facets' values; for filters, sorting and counting.
 *
 * A column of a window of slots is one value of the store, read in place.
 */
#ifndef CATALOG_INDEX_COLUMNS_H
#define CATALOG_INDEX_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_facet.h"
#include "catalog/index_list.h"
#include "catalog/store.h"

/* The last byte of a column's key; columns of facets are CATALOG_INDEX_COLUMNS_FACET + facet. */
enum catalog_index_column_kind {
	CATALOG_INDEX_COLUMNS_DOC = 'D',   /* u32: number in the store, ascending */
	CATALOG_INDEX_COLUMNS_ENTRY = 'E', /* u32 log, u64 index */
	CATALOG_INDEX_COLUMNS_MODIFIED = 'M',
	CATALOG_INDEX_COLUMNS_ISSUED = 'I',
	CATALOG_INDEX_COLUMNS_TIME = 'T', /* i32 start, i32 end; none: nobody says */
	CATALOG_INDEX_COLUMNS_BBOX = 'B', /* four f32; likewise */
	CATALOG_INDEX_COLUMNS_FACET = 128,
};

/* The documents of one window, to be written or taken from others.  Allocated: it is large. */
struct catalog_index_values {
	uint8_t *counts; /* per slot */
	uint32_t *ids;   /* one slot's after the other's */
	size_t id_count, id_room;
};
struct catalog_index_window {
	uint32_t count;
	uint32_t docs[CATALOG_INDEX_LIST_WINDOW];
	uint32_t logs[CATALOG_INDEX_LIST_WINDOW];
	uint64_t indexes[CATALOG_INDEX_LIST_WINDOW];
	struct catalog_index_numbers numbers[CATALOG_INDEX_LIST_WINDOW];
	struct catalog_index_values values[CATALOG_INDEX_FACET_COUNTED];
};
/* Returns 0, -ENOMEM. */
int catalog_index_columns_window_new(struct catalog_index_window **ret_window);
void catalog_index_columns_window_free(struct catalog_index_window *window);
void catalog_index_columns_window_reset(struct catalog_index_window *window);

/* Add a value to the document that was added last (count - 1), whose values of a facet come
 * together; those beyond CATALOG_INDEX_FACET_VALUES_MAX are left out.  Returns 0, -ENOMEM. */
int catalog_index_columns_add_value(struct catalog_index_window *window, uint32_t slot,
				    enum catalog_index_facet facet, uint32_t id);

/* Write a window of a segment.  Returns 0, -ENOMEM, -ENOSPC, -EIO. */
int catalog_index_columns_write(struct catalog_txn *txn, uint32_t segment, uint32_t number,
				const struct catalog_index_window *window);

/* Delete a segment's columns, of windows[0..count).  Returns 0, -ENOSPC, -EIO. */
int catalog_index_columns_drop(struct catalog_txn *txn, uint32_t segment, uint32_t slots);

/* A column of a window, borrowed from the transaction. */
struct catalog_index_column {
	struct catalog_span bytes;
	uint32_t count;                       /* slots */
	uint8_t width;                        /* of a facet's ids */
	uint8_t each;                         /* ids a slot has room for; 0: any number */
	bool none;                            /* no slot has anything */
	const uint8_t *starts, *counts, *ids; /* in bytes */
};
/* slots: how many the window has.  Returns 0, -EIO. */
int catalog_index_columns_get(struct catalog_txn *txn, uint32_t segment, uint32_t number,
			      uint8_t kind, uint32_t slots,
			      struct catalog_index_column *ret_column);

uint32_t catalog_index_columns_u32(const struct catalog_index_column *column, uint32_t slot);
void catalog_index_columns_entry(const struct catalog_index_column *column, uint32_t slot,
				 uint32_t *ret_log, uint64_t *ret_index);
void catalog_index_columns_time(const struct catalog_index_column *column, uint32_t slot,
				int32_t *ret_start, int32_t *ret_end);
void catalog_index_columns_bbox(const struct catalog_index_column *column, uint32_t slot,
				float ret_bbox[4]);
/* The ids of a slot; returns how many. */
uint32_t catalog_index_columns_ids(const struct catalog_index_column *column, uint32_t slot,
				   uint32_t ret_ids[CATALOG_INDEX_FACET_VALUES_MAX]);

/* Add one to counts[id] for each id of each of slots[0..count), ascending, which the column has.
 * Ids beyond room are an error of the bytes: false. */
bool catalog_index_columns_tally(const struct catalog_index_column *column, const uint16_t *slots,
				 size_t count, uint32_t *counts, uint32_t room);

#endif
