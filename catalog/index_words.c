/* catalog/index_words.c - terms in a hash table, each with its postings so far; sorted at the end.
 * The text's own tables are lent from a pool, so that a word that was stemmed for one batch is
 * still known in the next. */
#include "catalog/index_words.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_query.h"
#include "catalog/index_text.h"

#define TABLE_COUNT_START 4096u
#define IDLE_MAX          4 /* kept for the next borrower */

struct catalog_index_lender {
	pthread_mutex_t lock;
	struct catalog_index_text *idle[IDLE_MAX];
	size_t count;
};

struct term {
	uint32_t at;  /* of its bytes in the arena */
	uint32_t len; /* at most CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX */
	uint32_t hash;
	uint32_t count;  /* of postings written */
	uint32_t before; /* slot of the last posting written */
	uint32_t slot;   /* of the open posting */
	bool open;
	uint8_t fields;                   /* of the open posting */
	struct catalog_buffer postings;   /* until the terms are sorted */
	size_t postings_at, postings_len; /* after that: where they are among all */
};

/* A term to be sorted: mostly its first bytes tell its place. */
struct place {
	uint64_t first; /* eight bytes, big-endian, zeros after a shorter term */
	uint32_t term;  /* place in terms */
};

struct catalog_index_words {
	struct catalog_index_lender *lender;
	struct catalog_index_text *text; /* lent, until the terms are sorted */
	struct term *terms;
	size_t term_count, term_room;
	uint32_t *table; /* of 1 + place in terms, by hash; 0: free */
	size_t table_count;
	struct place *places; /* of the terms in order, once they are sorted */
	struct catalog_buffer arena, folded;
	struct catalog_buffer postings; /* of all terms in order, once they are sorted */
	uint32_t languages;
	uint32_t count; /* slots */
	uint16_t counts[CATALOG_INDEX_WORDS_SLOTS_MAX][CATALOG_INDEX_FIELD_COUNT];
	bool placed[CATALOG_INDEX_WORDS_SLOTS_MAX];
	enum catalog_index_field field; /* while a text is added */
};

/* --- lending -------------------------------------------------------------------------- */

int catalog_index_words_lender_new(struct catalog_index_lender **ret_lender)
{
	struct catalog_index_lender *lender = calloc(1, sizeof *lender);
	int r;

	if (lender == NULL)
		return -ENOMEM;
	r = pthread_mutex_init(&lender->lock, NULL);
	assert(r == 0);
	*ret_lender = lender;
	return 0;
}

void catalog_index_words_lender_free(struct catalog_index_lender *lender)
{
	if (lender == NULL)
		return;
	for (size_t i = 0; i < lender->count; i++)
		catalog_index_text_free(lender->idle[i]);
	pthread_mutex_destroy(&lender->lock);
	free(lender);
}

static int borrow(struct catalog_index_lender *lender, struct catalog_index_text **ret_text)
{
	struct catalog_index_text *text = NULL;

	pthread_mutex_lock(&lender->lock);
	if (lender->count > 0)
		text = lender->idle[--lender->count];
	pthread_mutex_unlock(&lender->lock);
	if (text == NULL)
		return catalog_index_text_new(ret_text);
	*ret_text = text;
	return 0;
}

static void give_back(struct catalog_index_lender *lender, struct catalog_index_text *text)
{
	if (text == NULL)
		return;
	pthread_mutex_lock(&lender->lock);
	if (lender->count < IDLE_MAX) {
		lender->idle[lender->count++] = text;
		text = NULL;
	}
	pthread_mutex_unlock(&lender->lock);
	catalog_index_text_free(text);
}

/* --- beginning ------------------------------------------------------------------------ */

int catalog_index_words_new(struct catalog_index_lender *lender,
			    struct catalog_index_words **ret_words)
{
	struct catalog_index_words *words = calloc(1, sizeof *words);
	int r;

	if (words == NULL)
		return -ENOMEM;
	words->lender = lender;
	words->table_count = TABLE_COUNT_START;
	words->table = calloc(words->table_count, sizeof *words->table);
	r = words->table == NULL ? -ENOMEM : borrow(lender, &words->text);
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
	for (size_t i = 0; i < words->term_count; i++)
		catalog_buffer_close(&words->terms[i].postings);
	free(words->terms);
	free(words->table);
	free(words->places);
	catalog_buffer_close(&words->arena);
	catalog_buffer_close(&words->folded);
	catalog_buffer_close(&words->postings);
	give_back(words->lender, words->text);
	free(words);
}

int catalog_index_words_begin(struct catalog_index_words *words, uint32_t *ret_slot)
{
	assert(words->places == NULL);
	if (words->count == CATALOG_INDEX_WORDS_SLOTS_MAX)
		return -ENOSPC;
	*ret_slot = words->count++;
	return 0;
}

/* --- terms ---------------------------------------------------------------------------- */

static uint32_t hash_of(uint8_t kind, struct catalog_span word)
{
	uint32_t hash = (2166136261u ^ kind) * 16777619u; /* FNV-1a */

	for (size_t i = 0; i < word.len; i++)
		hash = (hash ^ word.bytes[i]) * 16777619u;
	return hash;
}

/* The place in the table of a term, or the free one where it would be. */
static size_t place_of(const struct catalog_index_words *words, uint32_t hash, uint8_t kind,
		       struct catalog_span word)
{
	size_t mask = words->table_count - 1, i = hash & mask;

	for (; words->table[i] != 0; i = (i + 1) & mask) {
		const struct term *term = &words->terms[words->table[i] - 1];
		const uint8_t *bytes = words->arena.bytes + term->at;

		if (term->hash == hash && term->len == word.len + 1 && bytes[0] == kind &&
		    memcmp(bytes + 1, word.bytes, word.len) == 0)
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

static int close_posting(struct term *term)
{
	int r;

	if (!term->open)
		return 0;
	r = catalog_index_segment_post(&term->postings, term->count > 0, term->before, term->slot,
				       term->fields);
	if (r != 0)
		return r;
	term->open = false;
	term->before = term->slot;
	term->count++;
	return 0;
}

/* Note the term kind + word once more for the slot taken last; in a field if it has one. */
static int note(struct catalog_index_words *words, uint8_t kind, struct catalog_span word,
		bool in_field)
{
	uint32_t hash = hash_of(kind, word), slot = words->count - 1;
	unsigned shift = 2 * words->field;
	struct term *term;
	size_t place;
	int r = grow(words);

	assert(word.len < CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX);
	if (r != 0)
		return r;
	place = place_of(words, hash, kind, word);
	if (words->table[place] == 0) {
		size_t at = words->arena.len;

		if (at > UINT32_MAX - CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX)
			return -ENOSPC;
		if ((r = catalog_buffer_append(&words->arena, &kind, 1)) != 0 ||
		    (r = catalog_buffer_append(&words->arena, word.bytes, word.len)) != 0)
			return r;
		words->terms[words->term_count++] = (struct term){
			.at = (uint32_t)at, .len = (uint32_t)word.len + 1, .hash = hash};
		words->table[place] = (uint32_t)words->term_count;
	}
	term = &words->terms[words->table[place] - 1];
	if (!term->open || term->slot != slot) {
		r = close_posting(term);
		if (r != 0)
			return r;
		term->open = true;
		term->slot = slot;
		term->fields = 0;
	}
	if (in_field && (term->fields >> shift & 3) < 3)
		term->fields = (uint8_t)(term->fields + (1u << shift));
	return 0;
}

/* --- a listing's text ----------------------------------------------------------------- */

static int each_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct catalog_index_words *words = arg;

	if (form == CATALOG_INDEX_TEXT_WORD &&
	    words->counts[words->count - 1][words->field] < UINT16_MAX)
		words->counts[words->count - 1][words->field]++;
	return note(words, (uint8_t)form, word, true);
}

/* Words of a text in the language of a BCP 47 tag. */
static int add_text(struct catalog_index_words *words, const struct catalog_value *text,
		    const char *tag)
{
	uint32_t language = catalog_index_text_language(tag);

	if (catalog_value_type(text) != CATALOG_VALUE_STRING)
		return 0;
	words->languages |= language;
	return catalog_index_text_words(
		words->text,
		(struct catalog_span){(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)},
		language, each_word, words);
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

static int add_filter(struct catalog_index_words *words, uint8_t kind, const char *text, size_t len)
{
	int r;

	words->folded.len = 0;
	r = catalog_index_text_fold(words->text, (struct catalog_span){(const uint8_t *)text, len},
				    &words->folded);
	if (r != 0)
		return r == -EBADMSG ? 0 : r; /* too long for anybody to ask for */
	return note(words, kind, catalog_buffer_span(&words->folded), false);
}

static int add_theme(struct catalog_index_words *words, const struct catalog_value *theme)
{
	const char *text = catalog_value_text(theme), *part;
	size_t len = catalog_value_text_len(theme);
	int r;

	if (text == NULL)
		return 0;
	r = add_filter(words, CATALOG_INDEX_QUERY_THEME, text, len);
	if (r != 0 || strstr(text, "://") == NULL)
		return r;
	while (len > 0 && (text[len - 1] == '/' || text[len - 1] == '#'))
		len--;
	for (part = text + len; part > text && part[-1] != '/' && part[-1] != '#';)
		part--;
	return part == text + len ? 0
				  : add_filter(words, CATALOG_INDEX_QUERY_THEME, part,
					       (size_t)(text + len - part));
}

/* The countries that the data is about, and themes. */
static int add_filters(struct catalog_index_words *words, const struct catalog_value *listing)
{
	const struct catalog_value *themes = catalog_value_get(listing, "theme");
	const struct catalog_value *spatial = catalog_value_get(listing, "spatial");
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(spatial); i++) {
		const struct catalog_value *place = catalog_value_at(spatial, i, NULL);
		const char *country = catalog_value_text(catalog_value_get(place, "country"));

		if (country == NULL)
			continue;
		words->placed[words->count - 1] = true;
		r = add_filter(words, CATALOG_INDEX_QUERY_COUNTRY, country, strlen(country));
	}
	for (size_t i = 0; r == 0 && i < catalog_value_count(themes); i++)
		r = add_theme(words, catalog_value_at(themes, i, NULL));
	return r;
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
			  CATALOG_INDEX_FIELD_OTHER)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < catalog_value_count(distributions); i++)
		r = add_lang(words,
			     catalog_value_get(catalog_value_at(distributions, i, NULL), "title"),
			     CATALOG_INDEX_FIELD_OTHER);
	return r;
}

int catalog_index_words_add(struct catalog_index_words *words, const struct catalog_value *listing)
{
	int r;

	assert(words->places == NULL);
	assert(words->count > 0);
	r = add_words(words, listing);
	return r == 0 ? add_filters(words, listing) : r;
}

int catalog_index_words_add_filter(struct catalog_index_words *words, uint8_t kind,
				   const char *text)
{
	assert(words->places == NULL);
	assert(words->count > 0);
	return add_filter(words, kind, text, strlen(text));
}

/* --- reading -------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b, void *arg)
{
	const struct place *x = a, *y = b;
	const struct catalog_index_words *words = arg;
	const struct term *s = &words->terms[x->term], *t = &words->terms[y->term];
	int order;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	order = memcmp(words->arena.bytes + s->at, words->arena.bytes + t->at,
		       s->len < t->len ? s->len : t->len);
	return order != 0 ? order : (s->len > t->len) - (s->len < t->len);
}

/* Put the postings of all terms into one buffer: merging them goes from the first to the last. */
static int gather_postings(struct catalog_index_words *words)
{
	for (size_t i = 0; i < words->term_count; i++) {
		struct term *term = &words->terms[words->places[i].term];
		int r = close_posting(term);

		term->postings_at = words->postings.len;
		term->postings_len = term->postings.len;
		if (r == 0)
			r = catalog_buffer_append(&words->postings, term->postings.bytes,
						  term->postings.len);
		if (r != 0)
			return r;
		catalog_buffer_close(&term->postings);
	}
	return 0;
}

int catalog_index_words_sort(struct catalog_index_words *words)
{
	int r;

	assert(words->places == NULL);
	words->places = calloc(words->term_count + 1, sizeof *words->places);
	if (words->places == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < words->term_count; i++) {
		const struct term *term = &words->terms[i];
		struct place *place = &words->places[i];

		place->term = (uint32_t)i;
		for (size_t k = 0; k < 8; k++)
			place->first = place->first << 8 |
				       (k < term->len ? words->arena.bytes[term->at + k] : 0);
	}
	qsort_r(words->places, words->term_count, sizeof *words->places, compare_places, words);
	r = gather_postings(words);
	/* The rest was for adding. */
	give_back(words->lender, words->text);
	words->text = NULL;
	free(words->table);
	words->table = NULL;
	return r;
}

size_t catalog_index_words_bytes(const struct catalog_index_words *words)
{
	return sizeof *words + words->term_room * sizeof *words->terms +
	       words->term_count * sizeof *words->places + words->arena.room + words->postings.room;
}

uint32_t catalog_index_words_count(const struct catalog_index_words *words)
{
	return words->count;
}

uint32_t catalog_index_words_languages(const struct catalog_index_words *words)
{
	return words->languages;
}

const uint16_t *catalog_index_words_of(const struct catalog_index_words *words, uint32_t slot,
				       bool *ret_placed)
{
	assert(slot < words->count);
	*ret_placed = words->placed[slot];
	return words->counts[slot];
}

bool catalog_index_words_term(const struct catalog_index_words *words, size_t i,
			      struct catalog_span *ret_term,
			      struct catalog_index_postings *ret_postings)
{
	const struct term *term;

	assert(words->places != NULL);
	if (i >= words->term_count)
		return false;
	term = &words->terms[words->places[i].term];
	*ret_term = (struct catalog_span){words->arena.bytes + term->at, term->len};
	*ret_postings = (struct catalog_index_postings){
		.bytes = {words->postings.bytes + term->postings_at, term->postings_len},
		.count = term->count};
	return true;
}
