#include "catalog/index_typo.h"

#include <errno.h>
#include <string.h>

#include "catalog/index_spell.h"

#define TYPOS_MAX 3 /* words that stand in for one that is not there */

/* The place of a word among a leaf's terms, of which the first is as it was typed; 0: it is none.
 */
static size_t place_of(const struct catalog_index_plan *plan, const struct catalog_index_leaf *leaf,
		       const struct catalog_index_spelled *word)
{
	size_t i = leaf->count;

	while (i > 1) {
		const struct catalog_index_term *term = &plan->terms[leaf->first + --i];

		if (term->len == word->len && memcmp(term->bytes, word->bytes, word->len) == 0)
			return i;
	}
	return 0;
}

int catalog_index_typo_correct(struct catalog_txn *txn, const struct catalog_index_state *state,
			       struct catalog_index_plan *plan, const char *text, bool *ret_changed,
			       char **ret_meant)
{
	struct catalog_buffer said = {0};
	const char *done = text;
	bool changed = false;
	int r = 0;

	for (size_t l = 0; r == 0 && l < plan->leaf_count; l++) {
		struct catalog_index_spelled words[TYPOS_MAX];
		struct catalog_index_leaf *leaf = &plan->leaves[l];
		struct catalog_span word;
		uint8_t copy[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
		size_t count = 0;

		if (leaf->kind != CATALOG_INDEX_LEAF_WORD || !leaf->scored || leaf->found > 0 ||
		    leaf->count == 0)
			continue;
		word = (struct catalog_span){copy, plan->terms[leaf->first].len};
		memcpy(copy, plan->terms[leaf->first].bytes, word.len);
		r = catalog_index_spell_near(txn, state, word, words, TYPOS_MAX, &count);
		for (size_t i = 0; r == 0 && i < count; i++)
			if (words[i].edits == words[0].edits)
				r = catalog_index_plan_add_term(
					plan, leaf,
					(struct catalog_span){words[i].bytes, words[i].len},
					CATALOG_INDEX_PLAN_TYPO);
		r = r == -E2BIG ? 0 : r; /* then without them */
		changed = changed || count > 0;
		if (count > 0)
			leaf->meant = place_of(plan, leaf, &words[0]);
		if (r == 0 && count > 0 && leaf->text >= done) {
			if ((r = catalog_buffer_append(&said, done, (size_t)(leaf->text - done))) ==
			    0)
				r = catalog_buffer_append(&said, words[0].bytes, words[0].len);
			done = leaf->text + leaf->text_len;
		}
	}
	if (r == 0 && done > text) {
		r = catalog_buffer_append(&said, done, strlen(done) + 1);
		if (r == 0) {
			*ret_meant = (char *)said.bytes;
			said = (struct catalog_buffer){0};
		}
	}
	catalog_buffer_close(&said);
	*ret_changed = changed;
	return r;
}
