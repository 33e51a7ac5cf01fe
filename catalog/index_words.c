/* catalog/index_words.c - terms in a hash table, each with its postings so far; sorted at the end.
 */
#include "catalog/index_words.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_detect.h"
#include "catalog/index_impact.h"
#include "catalog/index_lender.h"
#include "catalog/index_order.h"
#include "catalog/index_terms.h"
#include "catalog/index_text.h"

#define TABLE_COUNT_START 4096u
#define GAP               1    /* position between two texts, so that no phrase spans them */
#define POSITIONS_MAX     1000 /* of one word in one listing */
#define PLACE_MAX         (1u << 24)

struct term {
	uint32_t at;  /* of its bytes in the arena */
	uint32_t len; /* at most CATALOG_INDEX_TERMS_BYTES_MAX */
	uint32_t hash;
	uint32_t count; /* of its postings */
	uint32_t last;  /* of them, among all */
};

/* That a term is in a slot. */
struct posting {
	uint32_t term;
	uint32_t at; /* of its positions */
	uint16_t slot, len;
	uint8_t impact, fields;
};

/* The same of the slot at hand, until all its words are there. */
struct occurrence {
	uint16_t counts[CATALOG_INDEX_FIELD_COUNT];
	uint32_t first, last; /* places in tokens, plus one; 0: none */
	uint32_t places;
};
struct token {
	uint32_t position, next;
};

_Static_assert(CATALOG_INDEX_WORDS_SLOTS_MAX <= UINT16_MAX, "a slot is 16 bits");

struct catalog_index_words {
	struct catalog_index_lender *lender;
	struct catalog_index_text *text; /* lent, until the terms are sorted */
	struct term *terms;
	size_t term_count, term_room;
	uint32_t *table; /* of 1 + place in terms, by hash; 0: free */
	size_t table_count;
	struct catalog_index_place *places; /* of the terms in order, once they are sorted */
	struct catalog_buffer arena, folded, positions;
	struct posting *noted; /* in the order of their coming; then in that of the terms */
	size_t noted_count, noted_room;
	uint32_t languages;
	uint32_t count, count_max;             /* slots */
	struct catalog_index_numbers *numbers; /* of each; they never move, since they are lent */
	bool *placed;
	/* The slot at hand: its postings begin at start, and have an occurrence each. */
	size_t start;
	struct occurrence *occurrences;
	size_t occurrence_room;
	struct token *tokens;
	size_t token_count, token_room;
	uint16_t counts[CATALOG_INDEX_FIELD_COUNT];
	uint32_t position;
	enum catalog_index_field field; /* while a text is added */
};

/* --- beginning ------------------------------------------------------------------------ */

int catalog_index_words_new(struct catalog_index_lender *lender, size_t slots_max,
			    struct catalog_index_words **ret_words)
{
	struct catalog_index_words *words = calloc(1, sizeof *words);
	int r;

	assert(slots_max >= 1);
	assert(slots_max <= CATALOG_INDEX_WORDS_SLOTS_MAX);
	if (words == NULL)
		return -ENOMEM;
	words->lender = lender;
	words->count_max = (uint32_t)slots_max;
	words->numbers = calloc(slots_max, sizeof *words->numbers);
	words->placed = calloc(slots_max, sizeof *words->placed);
	words->table_count = TABLE_COUNT_START;
	words->table = calloc(words->table_count, sizeof *words->table);
	r = words->table == NULL || words->numbers == NULL || words->placed == NULL
		    ? -ENOMEM
		    : catalog_index_lender_borrow(lender, &words->text);
	if (r != 0) {
		catalog_index_words_free(words);
		return r;
	}
	*ret_words = words;
	return 0;
}

void catalog_index_words_free(struct catalog_index_words *words)
{
	if (words == NULL)
		return;
	free(words->numbers);
	free(words->placed);
	free(words->terms);
	free(words->noted);
	free(words->table);
	free(words->places);
	catalog_buffer_close(&words->arena);
	catalog_buffer_close(&words->folded);
	catalog_buffer_close(&words->positions);
	free(words->occurrences);
	free(words->tokens);
	catalog_index_lender_give_back(words->lender, words->text);
	free(words);
}

int catalog_index_words_begin(struct catalog_index_words *words, uint32_t *ret_slot)
{
	assert(words->places == NULL);
	if (words->count == words->count_max)
		return -ENOSPC;
	words->start = words->noted_count;
	words->token_count = 0;
	words->position = 0;
	memset(words->counts, 0, sizeof words->counts);
	*ret_slot = words->count++;
	return 0;
}

/* --- terms ---------------------------------------------------------------------------- */

static uint32_t hash_of(struct catalog_span term)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < term.len; i++)
		hash = (hash ^ term.bytes[i]) * 16777619u;
	return hash;
}

/* The place in the table of a term, or the free one where it would be. */
static size_t place_of(const struct catalog_index_words *words, uint32_t hash,
		       struct catalog_span term)
{
	size_t mask = words->table_count - 1, i = hash & mask;

	for (; words->table[i] != 0; i = (i + 1) & mask) {
		const struct term *other = &words->terms[words->table[i] - 1];

		if (other->hash == hash && other->len == term.len &&
		    memcmp(words->arena.bytes + other->at, term.bytes, term.len) == 0)
			break;
	}
	return i;
}

static int grow(struct catalog_index_words *words)
{
	size_t room = words->term_room * 2 + TABLE_COUNT_START / 2;
	size_t count = words->table_count;
	struct term *terms;
	uint32_t *table;

	if (words->term_count == words->term_room) {
		terms = realloc(words->terms, room * sizeof *terms);
		if (terms == NULL)
			return -ENOMEM;
		words->terms = terms;
		words->term_room = room;
	}
	if (words->term_count < count / 2)
		return 0;
	count *= 2;
	table = calloc(count, sizeof *table);
	if (table == NULL)
		return -ENOMEM;
	for (size_t k = 0; k < words->term_count; k++) {
		size_t i = words->terms[k].hash & (count - 1);

		while (table[i] != 0)
			i = (i + 1) & (count - 1);
		table[i] = (uint32_t)k + 1;
	}
	free(words->table);
	words->table = table;
	words->table_count = count;
	return 0;
}

static int post(struct catalog_index_words *words, uint32_t term, uint16_t slot)
{
	size_t nth = words->noted_count - words->start;

	if (words->noted_count == words->noted_room) {
		size_t room = words->noted_room * 2 + TABLE_COUNT_START;
		struct posting *noted = reallocarray(words->noted, room, sizeof *noted);

		if (noted == NULL)
			return -ENOMEM;
		words->noted = noted;
		words->noted_room = room;
	}
	if (nth == words->occurrence_room) {
		size_t room = words->occurrence_room * 2 + 256;
		struct occurrence *occurrences =
			reallocarray(words->occurrences, room, sizeof *occurrences);

		if (occurrences == NULL)
			return -ENOMEM;
		words->occurrences = occurrences;
		words->occurrence_room = room;
	}
	assert(words->noted_count < UINT32_MAX);
	words->occurrences[nth] = (struct occurrence){.first = 0};
	words->terms[term].last = (uint32_t)words->noted_count;
	words->terms[term].count++;
	words->noted[words->noted_count++] = (struct posting){.term = term, .slot = slot};
	return 0;
}

/* Note a term for the slot taken last. */
static int note(struct catalog_index_words *words, struct catalog_span term,
		struct occurrence **ret_occurrence)
{
	uint32_t hash = hash_of(term), n;
	uint16_t slot = (uint16_t)(words->count - 1);
	size_t place;
	int r = grow(words);

	assert(term.len <= CATALOG_INDEX_TERMS_BYTES_MAX);
	if (r != 0)
		return r;
	place = place_of(words, hash, term);
	if (words->table[place] == 0) {
		size_t at = words->arena.len;

		if (at > UINT32_MAX - CATALOG_INDEX_TERMS_BYTES_MAX)
			return -ENOSPC;
		r = catalog_buffer_append(&words->arena, term.bytes, term.len);
		if (r != 0)
			return r;
		words->terms[words->term_count++] =
			(struct term){.at = (uint32_t)at, .len = (uint32_t)term.len, .hash = hash};
		words->table[place] = (uint32_t)words->term_count;
	}
	n = words->table[place] - 1;
	if (words->terms[n].count == 0 || words->noted[words->terms[n].last].slot != slot)
		r = post(words, n, slot);
	if (r == 0)
		*ret_occurrence = &words->occurrences[words->terms[n].last - words->start];
	return r;
}

/* --- a listing's text ----------------------------------------------------------------- */

static int add_position(struct catalog_index_words *words, struct occurrence *occurrence)
{
	if (occurrence->places == POSITIONS_MAX || words->position >= PLACE_MAX)
		return 0;
	if (words->token_count == words->token_room) {
		size_t room = words->token_room * 2 + 1024;
		struct token *tokens = reallocarray(words->tokens, room, sizeof *tokens);

		if (tokens == NULL)
			return -ENOMEM;
		words->tokens = tokens;
		words->token_room = room;
	}
	words->tokens[words->token_count++] = (struct token){words->position, 0};
	if (occurrence->first == 0)
		occurrence->first = (uint32_t)words->token_count;
	else
		words->tokens[occurrence->last - 1].next = (uint32_t)words->token_count;
	occurrence->last = (uint32_t)words->token_count;
	occurrence->places++;
	return 0;
}

static int each_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct catalog_index_words *words = arg;
	uint8_t bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX + 2];
	struct occurrence *occurrence;
	int r;

	assert(word.len <= CATALOG_INDEX_TEXT_WORD_BYTES_MAX);
	memcpy(bytes, word.bytes, word.len);
	bytes[word.len] = 0;
	bytes[word.len + 1] = (uint8_t)form;
	r = note(words, (struct catalog_span){bytes, word.len + 2}, &occurrence);
	if (r != 0)
		return r;
	if (occurrence->counts[words->field] < UINT16_MAX)
		occurrence->counts[words->field]++;
	if (form != CATALOG_INDEX_TEXT_WORD)
		return 0;
	if (words->counts[words->field] < UINT16_MAX)
		words->counts[words->field]++;
	words->position++;
	return add_position(words, occurrence);
}

/* All words of the slot are there: what each is worth in it, and where it stands. */
static int weigh(struct catalog_index_words *words)
{
	uint32_t positions[POSITIONS_MAX];

	for (size_t i = words->start; i < words->noted_count; i++) {
		const struct occurrence *occurrence = &words->occurrences[i - words->start];
		struct posting *posting = &words->noted[i];
		size_t count = 0;
		int r;

		for (unsigned f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
			if (occurrence->counts[f] > 0)
				posting->fields |= (uint8_t)(1u << f);
		if (posting->fields == 0)
			continue; /* of a facet */
		posting->impact = catalog_index_impact_of(occurrence->counts, words->counts);
		for (uint32_t t = occurrence->first; t != 0; t = words->tokens[t - 1].next)
			positions[count++] = words->tokens[t - 1].position;
		if (words->positions.len > UINT32_MAX)
			return -ENOSPC;
		posting->at = (uint32_t)words->positions.len;
		r = catalog_index_list_put_positions(&words->positions, positions, count);
		if (r != 0)
			return r;
		posting->len = (uint16_t)(words->positions.len - posting->at);
	}
	return 0;
}

/* Words of a text in the language of a BCP 47 tag. */
static int add_text(struct catalog_index_words *words, const struct catalog_value *text,
		    const char *tag)
{
	uint32_t language = catalog_index_text_language(tag);
	struct catalog_span bytes;

	if (catalog_value_type(text) != CATALOG_VALUE_STRING)
		return 0;
	bytes = (struct catalog_span){(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	if (strcmp(tag, "und") == 0)
		language = catalog_index_detect_language(bytes);
	words->languages |= language;
	words->position += GAP;
	return catalog_index_text_words(words->text, bytes, language, each_word, words);
}

/* A map from tag to text, or to a list of texts. */
static int add_lang(struct catalog_index_words *words, const struct catalog_value *map,
		    enum catalog_index_field field)
{
	int r = 0;

	words->field = field;
	if (catalog_value_type(map) != CATALOG_VALUE_MAP)
		return 0;
	for (size_t i = 0; r == 0 && i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *child = catalog_value_at(map, i, &tag);

		if (catalog_value_type(child) != CATALOG_VALUE_LIST)
			r = add_text(words, child, tag);
		else
			for (size_t k = 0; r == 0 && k < catalog_value_count(child); k++)
				r = add_text(words, catalog_value_at(child, k, NULL), tag);
	}
	return r;
}

static int each_value(void *arg, enum catalog_index_facet facet, const char *text, size_t len)
{
	static const uint8_t front[] = {CATALOG_INDEX_TERMS_FILTER};
	struct catalog_index_words *words = arg;
	struct occurrence *occurrence;
	uint8_t kind = (uint8_t)facet;
	int r;

	if (facet == CATALOG_INDEX_FACET_COUNTRY)
		words->placed[words->count - 1] = true;
	words->folded.len = 0;
	if ((r = catalog_buffer_append(&words->folded, front, sizeof front)) != 0 ||
	    (r = catalog_buffer_append(&words->folded, &kind, 1)) != 0)
		return r;
	r = catalog_index_text_fold(words->text, (struct catalog_span){(const uint8_t *)text, len},
				    &words->folded);
	if (r != 0 || words->folded.len == 2)
		return r == -EBADMSG ? 0 : r; /* too long for anybody to ask for, or nothing */
	return note(words, catalog_buffer_span(&words->folded), &occurrence);
}

static int add_words(struct catalog_index_words *words, const struct catalog_value *listing)
{
	const struct catalog_value *distributions = catalog_value_get(listing, "distribution");
	int r;

	if ((r = add_lang(words, catalog_value_get(listing, "title"), CATALOG_INDEX_FIELD_TITLE)) !=
		    0 ||
	    (r = add_lang(words, catalog_value_get(listing, "keyword"),
			  CATALOG_INDEX_FIELD_KEYWORD)) != 0 ||
	    (r = add_lang(words, catalog_value_get(listing, "description"),
			  CATALOG_INDEX_FIELD_DESCRIPTION)) != 0 ||
	    (r = add_lang(words, catalog_value_get(catalog_value_get(listing, "publisher"), "name"),
			  CATALOG_INDEX_FIELD_PUBLISHER)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < catalog_value_count(distributions); i++)
		r = add_lang(words,
			     catalog_value_get(catalog_value_at(distributions, i, NULL), "title"),
			     CATALOG_INDEX_FIELD_DISTRIBUTION);
	return r;
}

int catalog_index_words_add(struct catalog_index_words *words, const struct catalog_value *listing)
{
	int r;

	assert(words->places == NULL);
	assert(words->count > 0);
	catalog_index_facet_numbers(listing, &words->numbers[words->count - 1]);
	if ((r = add_words(words, listing)) != 0 || (r = weigh(words)) != 0)
		return r;
	return catalog_index_facet_values(listing, each_value, words);
}

int catalog_index_words_add_value(struct catalog_index_words *words, enum catalog_index_facet facet,
				  const char *text)
{
	assert(words->places == NULL);
	assert(words->count > 0);
	return each_value(words, facet, text, strlen(text));
}

/* --- reading -------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b, void *arg)
{
	const struct catalog_index_place *x = a, *y = b;
	const struct catalog_index_words *words = arg;
	const struct term *s = &words->terms[x->term], *t = &words->terms[y->term];
	int order;

	order = memcmp(words->arena.bytes + s->at, words->arena.bytes + t->at,
		       s->len < t->len ? s->len : t->len);
	return order != 0 ? order : (s->len > t->len) - (s->len < t->len);
}

static int sort_places(struct catalog_index_words *words)
{
	struct catalog_index_place *places = words->places;

	for (size_t i = 0; i < words->term_count; i++) {
		const struct term *term = &words->terms[i];

		places[i].term = (uint32_t)i;
		for (size_t k = 0; k < 8; k++)
			places[i].first = places[i].first << 8 |
					  (k < term->len ? words->arena.bytes[term->at + k] : 0);
	}
	return catalog_index_order_sort(places, words->term_count, compare_places, words);
}

/* Put the postings of all terms one after the other in the terms' order, which is that in which
 * they are merged.  Those of one term are noted in the order of slots. */
static int order_postings(struct catalog_index_words *words)
{
	uint32_t *starts = calloc(words->term_count + 1, sizeof *starts), at = 0;
	struct posting *ordered = calloc(words->noted_count + 1, sizeof *ordered);

	if (starts == NULL || ordered == NULL) {
		free(starts);
		free(ordered);
		return -ENOMEM;
	}
	for (size_t i = 0; i < words->term_count; i++) {
		words->places[i].at = starts[words->places[i].term] = at;
		at += words->terms[words->places[i].term].count;
	}
	for (size_t i = 0; i < words->noted_count; i++)
		ordered[starts[words->noted[i].term]++] = words->noted[i];
	free(words->noted);
	words->noted = ordered;
	words->noted_room = words->noted_count + 1;
	free(starts);
	return 0;
}

/* Give back the room that nothing is added to any more: a third of all, while many chunks wait. */
static void trim(struct catalog_index_words *words)
{
	size_t room = words->term_count + 1;
	struct term *terms = realloc(words->terms, room * sizeof *terms);

	if (terms != NULL) {
		words->terms = terms;
		words->term_room = room;
	}
	catalog_buffer_trim(&words->arena);
	catalog_buffer_trim(&words->positions);
	catalog_buffer_close(&words->folded);
}

int catalog_index_words_sort(struct catalog_index_words *words)
{
	int r;

	assert(words->places == NULL);
	words->places = calloc(words->term_count + 1, sizeof *words->places);
	if (words->places == NULL)
		return -ENOMEM;
	r = sort_places(words);
	if (r == 0)
		r = order_postings(words);
	/* The rest was for adding. */
	catalog_index_lender_give_back(words->lender, words->text);
	words->text = NULL;
	free(words->table);
	words->table = NULL;
	free(words->occurrences);
	words->occurrences = NULL;
	free(words->tokens);
	words->tokens = NULL;
	trim(words);
	return r;
}

size_t catalog_index_words_bytes(const struct catalog_index_words *words)
{
	return sizeof *words + words->count_max * (sizeof *words->numbers + sizeof *words->placed) +
	       words->term_room * sizeof *words->terms + words->term_count * sizeof *words->places +
	       words->arena.room + words->positions.room + words->noted_room * sizeof *words->noted;
}

uint32_t catalog_index_words_count(const struct catalog_index_words *words)
{
	return words->count;
}

uint32_t catalog_index_words_languages(const struct catalog_index_words *words)
{
	return words->languages;
}

const struct catalog_index_numbers *catalog_index_words_of(const struct catalog_index_words *words,
							   uint32_t slot, bool *ret_placed)
{
	assert(slot < words->count);
	*ret_placed = words->placed[slot];
	return &words->numbers[slot];
}

bool catalog_index_words_term(const struct catalog_index_words *words, size_t i,
			      struct catalog_span *ret_term, size_t *ret_first, size_t *ret_count)
{
	const struct term *term;

	assert(words->places != NULL);
	if (i >= words->term_count)
		return false;
	term = &words->terms[words->places[i].term];
	*ret_term = (struct catalog_span){words->arena.bytes + term->at, term->len};
	*ret_first = words->places[i].at;
	*ret_count = term->count;
	return true;
}

struct catalog_index_posting catalog_index_words_posting(const struct catalog_index_words *words,
							 size_t at)
{
	const struct posting *posting = &words->noted[at];

	assert(at < words->noted_count);
	return (struct catalog_index_posting){
		.slot = posting->slot,
		.impact = posting->impact,
		.fields = posting->fields,
		.positions = {posting->len > 0 ? words->positions.bytes + posting->at : NULL,
			      posting->len}};
}
