#include "catalog/index_audit.h"

#include <errno.h>
#include <math.h>

#include "catalog/entry.h"
#include "catalog/index.h"
#include "catalog/index_columns.h"
#include "catalog/index_entry.h"
#include "catalog/index_segment.h"
#include "catalog/log.h"

struct window {
	struct catalog_index_column doc, entry, modified, issued, time, bbox;
};

struct audit {
	struct catalog_txn *txn;
	uint32_t log;
	uint64_t live, wrong;
	bool whole;
};

/* Open all columns of a window, and see that the values of facets have numbers that were given. */
static int window_open(struct catalog_txn *txn, const struct catalog_index_state *state,
		       const struct catalog_index_segment *segment, uint32_t number,
		       struct window *ret_window)
{
	const struct {
		enum catalog_index_column_kind kind;
		struct catalog_index_column *column;
	} columns[] = {
		{CATALOG_INDEX_COLUMNS_DOC, &ret_window->doc},
		{CATALOG_INDEX_COLUMNS_ENTRY, &ret_window->entry},
		{CATALOG_INDEX_COLUMNS_MODIFIED, &ret_window->modified},
		{CATALOG_INDEX_COLUMNS_ISSUED, &ret_window->issued},
		{CATALOG_INDEX_COLUMNS_TIME, &ret_window->time},
		{CATALOG_INDEX_COLUMNS_BBOX, &ret_window->bbox},
	};
	uint32_t slots = catalog_index_segment_window_slots(segment->slots, number), ids[256];
	struct catalog_index_column facet;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof columns / sizeof columns[0]; i++)
		r = catalog_index_columns_get(txn, segment->id, number, (uint8_t)columns[i].kind,
					      slots, columns[i].column);
	for (uint8_t i = 0; r == 0 && i < CATALOG_INDEX_FACET_COUNTED; i++) {
		r = catalog_index_columns_get(txn, segment->id, number,
					      CATALOG_INDEX_COLUMNS_FACET + i, slots, &facet);
		for (uint32_t slot = 0; r == 0 && slot < slots; slot++) {
			uint32_t count = catalog_index_columns_ids(&facet, slot, ids);

			/* Each has a member, and only one. */
			if (i == CATALOG_INDEX_FACET_MEMBER && count != 1)
				r = -EIO;
			for (uint32_t j = 0; j < count; j++)
				if (ids[j] >= state->values[i])
					r = -EIO;
		}
	}
	return r;
}

static bool has_numbers(const struct window *window, uint32_t slot,
			const struct catalog_index_numbers *numbers)
{
	int32_t start, end, issued = CATALOG_INDEX_FACET_NO_DAY;
	float bbox[4];

	catalog_index_columns_time(&window->time, slot, &start, &end);
	catalog_index_columns_bbox(&window->bbox, slot, bbox);
	if (!window->issued.none)
		issued = (int32_t)catalog_index_columns_u32(&window->issued, slot);
	if (catalog_index_columns_u32(&window->modified, slot) != numbers->modified ||
	    issued != numbers->issued || start != numbers->start)
		return false;
	if (start != CATALOG_INDEX_FACET_NO_DAY && end != numbers->end)
		return false;
	if (isnan(bbox[0]) || isnan(numbers->bbox[0]))
		return isnan(bbox[0]) && isnan(numbers->bbox[0]);
	for (size_t i = 0; i < 4; i++)
		if (bbox[i] < numbers->bbox[i] || bbox[i] > numbers->bbox[i])
			return false;
	return true;
}

static int is_right(struct catalog_txn *txn, const struct window *window, uint32_t slot,
		    uint32_t log, uint64_t index, bool *ret_is)
{
	struct catalog_index_numbers numbers;
	struct catalog_value *listing = NULL;
	struct catalog_buffer bytes = {0};
	struct catalog_entry entry;
	uint32_t doc;
	int r = catalog_index_entry_get(txn, log, index, &doc);

	*ret_is = false;
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (doc != catalog_index_columns_u32(&window->doc, slot))
		return 0;
	r = catalog_log_read(txn, log, index, &bytes);
	if (r == 0 && catalog_entry_decode(catalog_buffer_span(&bytes), &entry) == 0)
		r = catalog_value_decode(entry.body, &listing);
	if (r == 0 && listing != NULL) {
		catalog_index_facet_numbers(listing, &numbers);
		*ret_is = has_numbers(window, slot, &numbers);
	}
	catalog_value_free(listing);
	catalog_buffer_close(&bytes);
	return r == -ENOMEM || r == -EIO ? r : 0;
}

static int audit_window(struct audit *audit, const struct catalog_index_state *state,
			const struct catalog_index_segment *segment, uint32_t number)
{
	uint64_t dead[CATALOG_INDEX_LIST_WINDOW_WORDS] = {0};
	struct window window;
	int r = window_open(audit->txn, state, segment, number, &window);

	if (r == 0)
		r = catalog_index_segment_dead(audit->txn, segment, number, dead);
	for (uint32_t slot = 0; r == 0 && audit->whole && slot < window.doc.count; slot++) {
		uint32_t log;
		uint64_t index;

		catalog_index_columns_entry(&window.entry, slot, &log, &index);
		if (log != audit->log || (dead[slot / 64] >> slot % 64 & 1) != 0)
			continue;
		audit->live++;
		audit->wrong = index;
		r = is_right(audit->txn, &window, slot, log, index, &audit->whole);
	}
	return r;
}

int catalog_index_audit_check(struct catalog_txn *txn, uint32_t log, uint64_t *ret_live,
			      bool *ret_whole, uint64_t *ret_index)
{
	struct audit audit = {.txn = txn, .log = log, .whole = true};
	struct catalog_index_state state;
	int r = catalog_index_segment_state_open(txn, &state);

	if (r != 0)
		return r;
	for (size_t i = 0; r == 0 && audit.whole && i < state.count; i++) {
		const struct catalog_index_segment *segment = &state.segments[i];

		for (uint32_t w = 0;
		     r == 0 && audit.whole && w * CATALOG_INDEX_LIST_WINDOW < segment->slots; w++)
			r = audit_window(&audit, &state, segment, w);
	}
	catalog_index_segment_state_close(&state);
	*ret_live = audit.live;
	*ret_whole = audit.whole;
	*ret_index = audit.wrong;
	return r;
}
