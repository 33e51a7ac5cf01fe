/* catalog/index_spell.c - a scan of the dictionary, whose terms are sorted: the rows of the
 * distance for a beginning that two neighbours share are computed once. */
#include "catalog/index_spell.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <unicode/utf8.h>

#include "catalog/index_impact.h"

#define CHARACTERS_MAX CATALOG_INDEX_TEXT_WORD_BYTES_MAX
#define TERMS_MAX      200000u /* looked at, in all segments */
#define EDITS_MAX      2

struct distance {
	UChar32 word[CHARACTERS_MAX], other[CHARACTERS_MAX];
	size_t word_len, other_len;
	/* rows[i][k]: of the first i characters of other and the first k of word. */
	unsigned char rows[CHARACTERS_MAX + 1][CHARACTERS_MAX + 1];
};

unsigned catalog_index_spell_edits(size_t characters)
{
	return characters < 4 ? 0 : characters < 8 ? 1 : EDITS_MAX;
}

static size_t characters_of(struct catalog_span word, UChar32 ret_characters[CHARACTERS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < word.len && count < CHARACTERS_MAX;) {
		UChar32 c;

		U8_NEXT(word.bytes, i, word.len, c);
		ret_characters[count++] = c;
	}
	return count;
}

/* Edits between the word and another: insert, delete, replace, or exchange two neighbours.  more
 * than most: most + 1. */
static unsigned edits_to(struct distance *distance, struct catalog_span other, unsigned most)
{
	UChar32 characters[CHARACTERS_MAX];
	size_t count = characters_of(other, characters), shared = 0, n = distance->word_len;

	if (count > n + most || n > count + most)
		return most + 1;
	while (shared < count && shared < distance->other_len &&
	       characters[shared] == distance->other[shared])
		shared++;
	memcpy(distance->other, characters, count * sizeof *characters);
	for (size_t i = shared + 1; i <= count; i++) {
		unsigned char *row = distance->rows[i], *before = distance->rows[i - 1];
		unsigned least = row[0] = (unsigned char)i;

		for (size_t k = 1; k <= n; k++) {
			unsigned same = characters[i - 1] == distance->word[k - 1] ? 0 : 1;
			unsigned best = before[k - 1] + same;

			best = before[k] + 1u < best ? before[k] + 1u : best;
			best = row[k - 1] + 1u < best ? row[k - 1] + 1u : best;
			if (i > 1 && k > 1 && characters[i - 1] == distance->word[k - 2] &&
			    characters[i - 2] == distance->word[k - 1] &&
			    distance->rows[i - 2][k - 2] + 1u < best)
				best = distance->rows[i - 2][k - 2] + 1u;
			row[k] = (unsigned char)best;
			least = best < least ? best : least;
		}
		if (least > most) {
			distance->other_len = i;
			return most + 1;
		}
	}
	distance->other_len = count;
	return distance->rows[count][n];
}

static bool is_better(const struct catalog_index_spelled *a, const struct catalog_index_spelled *b)
{
	if (a->edits != b->edits)
		return a->edits < b->edits;
	return a->count > b->count;
}

/* Keep a word among the best; of one that is there already the count grows. */
static void keep(struct catalog_index_spelled *words, size_t room, size_t *count,
		 const struct catalog_index_spelled *word)
{
	struct catalog_index_spelled moved = *word;
	size_t at = 0;

	while (at < *count &&
	       (words[at].len != word->len || memcmp(words[at].bytes, word->bytes, word->len) != 0))
		at++;
	if (at < *count) {
		moved.count += words[at].count;
	} else if (*count < room) {
		at = (*count)++;
	} else if (is_better(word, &words[room - 1])) {
		at = room - 1;
	} else {
		return;
	}
	for (; at > 0 && is_better(&moved, &words[at - 1]); at--)
		words[at] = words[at - 1];
	words[at] = moved;
}

struct scan {
	struct catalog_cursor *cursor;
	struct distance *distance; /* NULL: all that begin so */
	unsigned most;
	uint8_t fields;
	unsigned left; /* terms to look at */
	struct catalog_index_spelled *words;
	size_t room, *count;
};

/* Look at the words of a segment that begin with prefix. */
static int scan_segment(struct scan *scan, uint32_t segment, struct catalog_span prefix)
{
	static const uint8_t first_word[] = {CATALOG_INDEX_TERMS_FILTER + 1};
	struct catalog_index_reader reader = {0};
	struct catalog_span from = prefix.len > 0 ? prefix : (struct catalog_span){first_word, 1};
	int r = catalog_index_terms_begin(scan->cursor, &reader, segment, from, CATALOG_INDEX_AT);

	for (; r == 0 && scan->left > 0;
	     scan->left--, r = catalog_index_terms_next(scan->cursor, &reader)) {
		struct catalog_index_spelled word = {.count = reader.list.count};

		if (reader.term_len < prefix.len ||
		    (prefix.len > 0 && memcmp(reader.term, prefix.bytes, prefix.len) != 0))
			break;
		if (reader.list.plain || reader.term_len < 3 ||
		    reader.term[reader.term_len - 1] != CATALOG_INDEX_TEXT_WORD ||
		    (scan->fields != 0 && (reader.list.fields & scan->fields) == 0))
			continue;
		word.len = reader.term_len - 2;
		if (word.len > sizeof word.bytes)
			continue;
		memcpy(word.bytes, reader.term, word.len);
		if (scan->distance != NULL) {
			word.edits =
				edits_to(scan->distance,
					 (struct catalog_span){word.bytes, word.len}, scan->most);
			if (word.edits > scan->most)
				continue;
		}
		keep(scan->words, scan->room, scan->count, &word);
	}
	catalog_index_terms_end(&reader);
	return r == -ENOENT ? 0 : r;
}

static int scan_all(struct scan *scan, const struct catalog_index_state *state,
		    struct catalog_span prefix)
{
	int r = 0;

	for (size_t i = state->count; r == 0 && i > 0; i--) {
		if (scan->distance != NULL)
			scan->distance->other_len = 0;
		r = scan_segment(scan, state->segments[i - 1].id, prefix);
	}
	return r;
}

int catalog_index_spell_near(struct catalog_txn *txn, const struct catalog_index_state *state,
			     struct catalog_span word, struct catalog_index_spelled *ret_words,
			     size_t room, size_t *ret_count)
{
	struct distance distance = {.other_len = 0};
	size_t count = 0, first = 0;
	struct scan scan = {.distance = &distance,
			    .left = TERMS_MAX,
			    .words = ret_words,
			    .room = room,
			    .count = &count};
	int r = 0;

	assert(room > 0);
	distance.word_len = characters_of(word, distance.word);
	for (size_t k = 0; k <= distance.word_len; k++)
		distance.rows[0][k] = (unsigned char)k;
	scan.most = catalog_index_spell_edits(distance.word_len);
	if (scan.most > 0) {
		U8_FWD_1(word.bytes, first, word.len);
		r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &scan.cursor);
		if (r == 0)
			r = scan_all(&scan, state, (struct catalog_span){word.bytes, first});
		if (r == 0 && count == 0)
			r = scan_all(&scan, state, (struct catalog_span){0});
		if (scan.cursor != NULL)
			catalog_store_cursor_close(scan.cursor);
	}
	if (r == 0)
		*ret_count = count;
	return r;
}

int catalog_index_spell_begin(struct catalog_txn *txn, const struct catalog_index_state *state,
			      struct catalog_span prefix, struct catalog_index_spelled *ret_words,
			      size_t room, size_t *ret_count)
{
	size_t count = 0;
	struct scan scan = {.fields = 1u << CATALOG_INDEX_FIELD_TITLE,
			    .left = TERMS_MAX / 10,
			    .words = ret_words,
			    .room = room,
			    .count = &count};
	int r = catalog_store_cursor_open(txn, CATALOG_TABLE_POSTINGS, &scan.cursor);

	if (r != 0)
		return r;
	r = scan_all(&scan, state, prefix);
	catalog_store_cursor_close(scan.cursor);
	if (r == 0)
		*ret_count = count;
	return r;
}
