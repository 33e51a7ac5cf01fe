/* catalog/index_spell.h - the words of the index that are nearly a word that is not in it, and
 * those that begin as it does. */
#ifndef CATALOG_INDEX_SPELL_H
#define CATALOG_INDEX_SPELL_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/index_segment.h"
#include "catalog/index_text.h"

#define CATALOG_INDEX_SPELL_MAX 20

struct catalog_index_spelled {
	uint8_t bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
	size_t len;
	unsigned edits;
	uint64_t count; /* documents, dead ones included */
};

/* The most edits that a word of so many characters may be away: 0 below 4, 1 below 8, else 2. */
unsigned catalog_index_spell_edits(size_t characters);

/* Words at most that far from word, the nearest first and of those the most frequent; at most room.
 * Words that begin with another character are looked at only if none was found, and only so far as
 * a bounded scan comes.  Returns 0, -ENOMEM, -EIO. */
int catalog_index_spell_near(struct catalog_txn *txn, const struct catalog_index_state *state,
			     struct catalog_span word, struct catalog_index_spelled *ret_words,
			     size_t room, size_t *ret_count);

/* Words of titles that begin with prefix, the most frequent first, as far as a bounded scan comes.
 */
int catalog_index_spell_begin(struct catalog_txn *txn, const struct catalog_index_state *state,
			      struct catalog_span prefix, struct catalog_index_spelled *ret_words,
			      size_t room, size_t *ret_count);

#endif
