/* catalog/index_match.h - a plan carried out on one segment, a window of slots at a time: which
 * documents match, as bits, and what their words are worth.
 *
 * Every step works on whole windows in arrays that fit the processor's caches, so the count of what
 * matches is exact and costs little; nothing is allocated by posting.
 */
#ifndef CATALOG_INDEX_MATCH_H
#define CATALOG_INDEX_MATCH_H

#include "catalog/index_plan.h"
#include "catalog/index_segment.h"

struct catalog_index_match;

/* A match is made for a plan, whose leaves' idf is set before the first run.  lists are those of
 * the plan's terms in the segment, CATALOG_INDEX_TERMS_FORMS for each: see _look_up. Returns 0,
 * -ENOMEM. */
int catalog_index_match_new(struct catalog_txn *txn, const struct catalog_index_plan *plan,
			    uint64_t postings_max, struct catalog_index_match **ret_match);
void catalog_index_match_free(struct catalog_index_match *match);

/* Find the lists of all terms in a segment.  Returns 0, -EIO. */
int catalog_index_match_look_up(struct catalog_cursor *cursor,
				const struct catalog_index_plan *plan, uint32_t segment,
				struct catalog_index_list *ret_lists);

/* Begin a segment.  Returns 0, -EIO, -ENOMEM. */
int catalog_index_match_begin(struct catalog_index_match *match,
			      const struct catalog_index_segment *segment,
			      const struct catalog_index_list *lists);

/* Go to the next window at or after `from` that may have a match; UINT32_MAX at the end. */
uint32_t catalog_index_match_next(struct catalog_index_match *match, uint32_t from);

/* Which of the window's live documents match, in ret_bits; their scores, where bits are set, are
 * then at catalog_index_match_scores() until the next call.  Windows ascend.
 * Returns 0, -EIO, -ENOSPC if the budget of postings is spent. */
int catalog_index_match_window(struct catalog_index_match *match, uint32_t window,
			       uint64_t ret_bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);
const float *catalog_index_match_scores(const struct catalog_index_match *match);
/* Which of them have all the words, after catalog_index_relax_words(); others' bits say nothing. */
const uint64_t *catalog_index_match_whole(const struct catalog_index_match *match);

/* What each scored leaf gave to one slot of the segment at hand, after its windows are done (the
 * match begins the segment anew): gives[leaf], 0 if it has none.  Returns 0, -EIO, -ENOMEM. */
int catalog_index_match_explain(struct catalog_index_match *match,
				const struct catalog_index_segment *segment,
				const struct catalog_index_list *lists, uint32_t slot,
				float gives[CATALOG_INDEX_PLAN_LEAVES_MAX]);

#endif
