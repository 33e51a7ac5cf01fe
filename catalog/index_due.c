#include "catalog/index_due.h"

static bool is_merging(const struct catalog_index_state *state, uint32_t id)
{
	for (size_t i = 0; i < state->merge_count; i++)
		for (size_t k = 0; k < state->merges[i].part_count; k++)
			if (state->merges[i].parts[k] == id)
				return true;
	return false;
}

uint64_t catalog_index_due_live(const struct catalog_index_segment *segment)
{
	return segment->slots - segment->dead;
}

/* A run that idle time is for: up to the newest, as many as may be, the oldest of which is at most
 * three times all newer. */
static size_t due_when_idle(const struct catalog_index_state *state, size_t *ret_at)
{
	uint64_t newer = 0;
	size_t best = 0, n = 1;

	for (size_t i = state->count; i > 0 && n <= CATALOG_INDEX_DUE_FAN; i--, n++) {
		const struct catalog_index_segment *segment = &state->segments[i - 1];
		uint64_t live = catalog_index_due_live(segment);

		if (is_merging(state, segment->id) ||
		    newer + live > CATALOG_INDEX_SEGMENT_SLOTS_MAX)
			break;
		if (n > 1 && live <= 3 * newer)
			best = n;
		newer += live;
	}
	*ret_at = state->count - best;
	return best;
}

size_t catalog_index_due_run(const struct catalog_index_state *state,
			     enum catalog_index_due_when when, size_t *ret_at)
{
	for (size_t i = 0; i < state->count; i++) {
		*ret_at = i;
		if (state->segments[i].dead > state->segments[i].slots / 2 &&
		    !is_merging(state, state->segments[i].id))
			return 1;
	}
	for (size_t i = 0; i + CATALOG_INDEX_DUE_FAN <= state->count; i++) {
		const struct catalog_index_segment *run = &state->segments[i];
		uint64_t live = 0;
		size_t n = 0;

		for (; n < CATALOG_INDEX_DUE_FAN && run[n].tier == run[0].tier &&
		       !is_merging(state, run[n].id);
		     n++)
			live += catalog_index_due_live(&run[n]);
		*ret_at = i;
		if (n == CATALOG_INDEX_DUE_FAN && live <= CATALOG_INDEX_SEGMENT_SLOTS_MAX)
			return n;
	}
	return when == CATALOG_INDEX_DUE_IDLE ? due_when_idle(state, ret_at) : 0;
}
