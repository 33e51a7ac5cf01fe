/* catalog/index.c - gathers the terms of a batch's listings in a hash table in memory, then writes
 * them in order as one segment.  Searching is in index_query.c, what is on disk in
 * index_segment.c. */
#include "catalog/index.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_merge.h"
#include "catalog/index_query.h"
#include "catalog/index_segment.h"
#include "catalog/index_text.h"

#define TABLE_COUNT_START 4096u

struct term {
	uint32_t at;  /* of its bytes in the batch's arena */
	uint32_t len; /* at most CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX */
	uint32_t hash;
	uint32_t count;  /* of postings written */
	uint32_t before; /* slot of the last posting written */
	uint32_t slot;   /* of the open posting */
	bool open;
	uint8_t fields; /* of the open posting */
	struct catalog_buffer postings;
};

struct catalog_index_batch {
	struct catalog_txn *txn;
	struct catalog_index_state state;
	struct catalog_index_text *text;
	struct term *terms;
	size_t term_count, term_room;
	uint32_t *table; /* of 1 + place in terms, by hash; 0: free */
	size_t table_count;
	struct catalog_buffer arena, folded;
	uint32_t doc_first;
	uint32_t count;
	struct catalog_index_row rows[CATALOG_INDEX_BATCH_DOCS_MAX];
	uint32_t *kills;
	size_t kill_count, kill_room;
	/* While a listing is added. */
	struct catalog_index_row *row;
	enum catalog_index_field field;
};

int catalog_index_batch_new(struct catalog_txn *txn, struct catalog_index_batch **ret_batch)
{
	struct catalog_index_batch *batch = calloc(1, sizeof *batch);
	int r;

	if (batch == NULL)
		return -ENOMEM;
	batch->txn = txn;
	batch->table_count = TABLE_COUNT_START;
	batch->table = calloc(batch->table_count, sizeof *batch->table);
	r = batch->table == NULL ? -ENOMEM : catalog_index_segment_state_open(txn, &batch->state);
	if (r == 0)
		r = catalog_index_text_new(&batch->text);
	if (r != 0) {
		catalog_index_batch_free(batch);
		return r;
	}
	batch->doc_first = batch->state.doc_next;
	*ret_batch = batch;
	return 0;
}

void catalog_index_batch_free(struct catalog_index_batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->term_count; i++)
		catalog_buffer_close(&batch->terms[i].postings);
	free(batch->terms);
	free(batch->table);
	free(batch->kills);
	catalog_buffer_close(&batch->arena);
	catalog_buffer_close(&batch->folded);
	catalog_index_text_free(batch->text);
	catalog_index_segment_state_close(&batch->state);
	free(batch);
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
static size_t place_of(const struct catalog_index_batch *batch, uint32_t hash, uint8_t kind,
		       struct catalog_span word)
{
	size_t mask = batch->table_count - 1, i = hash & mask;

	for (; batch->table[i] != 0; i = (i + 1) & mask) {
		const struct term *term = &batch->terms[batch->table[i] - 1];
		const uint8_t *bytes = batch->arena.bytes + term->at;

		if (term->hash == hash && term->len == word.len + 1 && bytes[0] == kind &&
		    memcmp(bytes + 1, word.bytes, word.len) == 0)
			break;
	}
	return i;
}

static int grow(struct catalog_index_batch *batch)
{
	size_t room = batch->term_room * 2 + TABLE_COUNT_START / 2;
	size_t count = batch->table_count;
	struct term *terms;
	uint32_t *table;

	if (batch->term_count == batch->term_room) {
		terms = realloc(batch->terms, room * sizeof *terms);
		if (terms == NULL)
			return -ENOMEM;
		batch->terms = terms;
		batch->term_room = room;
	}
	if (batch->term_count < count / 2)
		return 0;
	count *= 2;
	table = calloc(count, sizeof *table);
	if (table == NULL)
		return -ENOMEM;
	for (size_t k = 0; k < batch->term_count; k++) {
		size_t i = batch->terms[k].hash & (count - 1);

		while (table[i] != 0)
			i = (i + 1) & (count - 1);
		table[i] = (uint32_t)k + 1;
	}
	free(batch->table);
	batch->table = table;
	batch->table_count = count;
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

/* Note the term kind + word once more for the row's document; in a field if it has one. */
static int note(struct catalog_index_batch *batch, uint8_t kind, struct catalog_span word,
		bool in_field)
{
	uint32_t hash = hash_of(kind, word), slot = (uint32_t)(batch->row - batch->rows);
	unsigned shift = 2 * batch->field;
	struct term *term;
	size_t place;
	int r = grow(batch);

	assert(word.len < CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX);
	if (r != 0)
		return r;
	place = place_of(batch, hash, kind, word);
	if (batch->table[place] == 0) {
		size_t at = batch->arena.len;

		if (at > UINT32_MAX - CATALOG_INDEX_SEGMENT_TERM_BYTES_MAX)
			return -ENOSPC;
		if ((r = catalog_buffer_append(&batch->arena, &kind, 1)) != 0 ||
		    (r = catalog_buffer_append(&batch->arena, word.bytes, word.len)) != 0)
			return r;
		batch->terms[batch->term_count++] = (struct term){
			.at = (uint32_t)at, .len = (uint32_t)word.len + 1, .hash = hash};
		batch->table[place] = (uint32_t)batch->term_count;
	}
	term = &batch->terms[batch->table[place] - 1];
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
	struct catalog_index_batch *batch = arg;

	if (form == CATALOG_INDEX_TEXT_WORD && batch->row->words[batch->field] < UINT16_MAX)
		batch->row->words[batch->field]++;
	return note(batch, (uint8_t)form, word, true);
}

/* Words of a text in the language of a BCP 47 tag. */
static int add_text(struct catalog_index_batch *batch, const struct catalog_value *text,
		    const char *tag)
{
	uint32_t language = catalog_index_text_language(tag);

	if (catalog_value_type(text) != CATALOG_VALUE_STRING)
		return 0;
	batch->state.languages |= language;
	return catalog_index_text_words(
		batch->text,
		(struct catalog_span){(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)},
		language, each_word, batch);
}

/* A map from tag to text, or to a list of texts. */
static int add_lang(struct catalog_index_batch *batch, const struct catalog_value *map,
		    enum catalog_index_field field)
{
	int r = 0;

	batch->field = field;
	if (catalog_value_type(map) != CATALOG_VALUE_MAP)
		return 0;
	for (size_t i = 0; r == 0 && i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *child = catalog_value_at(map, i, &tag);

		if (catalog_value_type(child) != CATALOG_VALUE_LIST)
			r = add_text(batch, child, tag);
		else
			for (size_t k = 0; r == 0 && k < catalog_value_count(child); k++)
				r = add_text(batch, catalog_value_at(child, k, NULL), tag);
	}
	return r;
}

static int add_filter(struct catalog_index_batch *batch, uint8_t kind, const char *text, size_t len)
{
	int r;

	batch->folded.len = 0;
	r = catalog_index_text_fold(batch->text, (struct catalog_span){(const uint8_t *)text, len},
				    &batch->folded);
	if (r != 0)
		return r == -EBADMSG ? 0 : r; /* too long for anybody to ask for */
	return note(batch, kind, catalog_buffer_span(&batch->folded), false);
}

static int add_theme(struct catalog_index_batch *batch, const struct catalog_value *theme)
{
	const char *text = catalog_value_text(theme), *part;
	size_t len = catalog_value_text_len(theme);
	int r;

	if (text == NULL)
		return 0;
	r = add_filter(batch, CATALOG_INDEX_QUERY_THEME, text, len);
	if (r != 0 || strstr(text, "://") == NULL)
		return r;
	while (len > 0 && (text[len - 1] == '/' || text[len - 1] == '#'))
		len--;
	for (part = text + len; part > text && part[-1] != '/' && part[-1] != '#';)
		part--;
	return part == text + len ? 0
				  : add_filter(batch, CATALOG_INDEX_QUERY_THEME, part,
					       (size_t)(text + len - part));
}

static int add_filters(struct catalog_index_batch *batch, const struct catalog_member *member,
		       const struct catalog_value *listing)
{
	const struct catalog_value *themes = catalog_value_get(listing, "theme");
	const struct catalog_value *spatial = catalog_value_get(listing, "spatial");
	bool placed = false;
	int r = add_filter(batch, CATALOG_INDEX_QUERY_MEMBER, member->name, strlen(member->name));

	for (size_t i = 0; r == 0 && i < catalog_value_count(spatial); i++) {
		const struct catalog_value *place = catalog_value_at(spatial, i, NULL);
		const char *country = catalog_value_text(catalog_value_get(place, "country"));

		if (country == NULL)
			continue;
		placed = true;
		r = add_filter(batch, CATALOG_INDEX_QUERY_COUNTRY, country, strlen(country));
	}
	if (r == 0 && !placed)
		r = add_filter(batch, CATALOG_INDEX_QUERY_COUNTRY, member->country,
			       strlen(member->country));
	for (size_t i = 0; r == 0 && i < catalog_value_count(themes); i++)
		r = add_theme(batch, catalog_value_at(themes, i, NULL));
	return r;
}

static int add_words(struct catalog_index_batch *batch, const struct catalog_value *listing)
{
	const struct catalog_value *distributions = catalog_value_get(listing, "distribution");
	int r;

	if ((r = add_lang(batch, catalog_value_get(listing, "title"), CATALOG_INDEX_FIELD_TITLE)) !=
		    0 ||
	    (r = add_lang(batch, catalog_value_get(listing, "keyword"),
			  CATALOG_INDEX_FIELD_KEYWORD)) != 0 ||
	    (r = add_lang(batch, catalog_value_get(listing, "description"),
			  CATALOG_INDEX_FIELD_DESCRIPTION)) != 0 ||
	    (r = add_lang(batch, catalog_value_get(catalog_value_get(listing, "publisher"), "name"),
			  CATALOG_INDEX_FIELD_OTHER)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < catalog_value_count(distributions); i++)
		r = add_lang(batch,
			     catalog_value_get(catalog_value_at(distributions, i, NULL), "title"),
			     CATALOG_INDEX_FIELD_OTHER);
	return r;
}

/* --- documents ------------------------------------------------------------------------ */

#define ENTRY_KEY_BYTES 13

static struct catalog_span entry_key(uint32_t log, uint64_t index, uint8_t bytes[ENTRY_KEY_BYTES])
{
	bytes[0] = 'r';
	for (int i = 0; i < 4; i++)
		bytes[1 + i] = (uint8_t)(log >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		bytes[5 + i] = (uint8_t)(index >> (56 - 8 * i));
	return (struct catalog_span){bytes, ENTRY_KEY_BYTES};
}

int catalog_index_batch_add(struct catalog_index_batch *batch, const struct catalog_member *member,
			    uint64_t index, const struct catalog_value *listing)
{
	uint8_t key_bytes[ENTRY_KEY_BYTES], doc[4];
	struct catalog_span key = entry_key(member->index, index, key_bytes), value;
	int r;

	if (batch->count == CATALOG_INDEX_BATCH_DOCS_MAX || batch->state.doc_next == UINT32_MAX)
		return -ENOSPC;
	r = catalog_store_get(batch->txn, CATALOG_TABLE_INDEX, key, &value);
	if (r != -ENOENT)
		return r == 0 ? -EEXIST : r;
	batch->row = &batch->rows[batch->count];
	*batch->row = (struct catalog_index_row){
		.doc = batch->state.doc_next, .log = member->index, .index = index};
	if ((r = add_words(batch, listing)) != 0 || (r = add_filters(batch, member, listing)) != 0)
		return r;
	for (int i = 0; i < 4; i++)
		doc[i] = (uint8_t)(batch->row->doc >> 8 * i);
	r = catalog_store_put(batch->txn, CATALOG_TABLE_INDEX, key,
			      (struct catalog_span){doc, sizeof doc});
	if (r != 0)
		return r;
	batch->count++;
	batch->state.doc_next++;
	return 0;
}

int catalog_index_batch_remove(struct catalog_index_batch *batch, uint32_t log, uint64_t index)
{
	uint8_t key_bytes[ENTRY_KEY_BYTES];
	struct catalog_span key = entry_key(log, index, key_bytes), value;
	uint32_t doc = 0;
	int r = catalog_store_get(batch->txn, CATALOG_TABLE_INDEX, key, &value);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if (value.len != sizeof doc)
		return -EIO;
	for (size_t i = 0; i < sizeof doc; i++)
		doc |= (uint32_t)value.bytes[i] << 8 * i;
	if (batch->kill_count == batch->kill_room) {
		size_t room = batch->kill_room * 2 + 64;
		uint32_t *kills = realloc(batch->kills, room * sizeof *kills);

		if (kills == NULL)
			return -ENOMEM;
		batch->kills = kills;
		batch->kill_room = room;
	}
	r = catalog_store_del(batch->txn, CATALOG_TABLE_INDEX, key);
	if (r != 0)
		return r;
	batch->kills[batch->kill_count++] = doc; /* perhaps one of this batch */
	return 0;
}

/* --- writing -------------------------------------------------------------------------- */

/* A term to be sorted: mostly its first bytes tell its place. */
struct place {
	uint64_t first; /* eight bytes, big-endian, zeros after a shorter term */
	uint32_t term;  /* place in the batch's terms */
};

static int compare_places(const void *a, const void *b, void *arg)
{
	const struct place *x = a, *y = b;
	const struct catalog_index_batch *batch = arg;
	const struct term *s = &batch->terms[x->term], *t = &batch->terms[y->term];
	int order;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	order = memcmp(batch->arena.bytes + s->at, batch->arena.bytes + t->at,
		       s->len < t->len ? s->len : t->len);
	return order != 0 ? order : (s->len > t->len) - (s->len < t->len);
}

/* The terms in the order of their bytes; the caller frees *ret_places. */
static int sort_terms(struct catalog_index_batch *batch, struct place **ret_places)
{
	struct place *places = calloc(batch->term_count + 1, sizeof *places);

	if (places == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < batch->term_count; i++) {
		const struct term *term = &batch->terms[i];

		places[i].term = (uint32_t)i;
		for (size_t k = 0; k < 8; k++)
			places[i].first = places[i].first << 8 |
					  (k < term->len ? batch->arena.bytes[term->at + k] : 0);
	}
	qsort_r(places, batch->term_count, sizeof *places, compare_places, batch);
	*ret_places = places;
	return 0;
}

static int compare_docs(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int write_terms(struct catalog_index_batch *batch, uint32_t segment)
{
	struct catalog_index_writer writer = {.txn = batch->txn, .segment = segment};
	struct place *places = NULL;
	int r = sort_terms(batch, &places);

	for (size_t i = 0; r == 0 && i < batch->term_count; i++) {
		struct term *term = &batch->terms[places[i].term];

		r = close_posting(term);
		if (r == 0)
			r = catalog_index_segment_write(
				&writer,
				(struct catalog_span){batch->arena.bytes + term->at, term->len},
				term->count, catalog_buffer_span(&term->postings));
	}
	if (r == 0)
		r = catalog_index_segment_write_end(&writer);
	catalog_index_segment_write_close(&writer);
	free(places);
	return r;
}

static int write_segment(struct catalog_index_batch *batch)
{
	struct catalog_index_segment segment = {.id = batch->state.segment_next++,
						.slots = batch->count,
						.doc_first = batch->doc_first,
						.doc_last = batch->state.doc_next - 1};
	size_t len = (size_t)batch->count * CATALOG_INDEX_SEGMENT_ROW_BYTES;
	uint8_t *rows = malloc(len);
	int r;

	if (rows == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < batch->count; i++) {
		catalog_index_segment_put_row(rows + (size_t)i * CATALOG_INDEX_SEGMENT_ROW_BYTES,
					      &batch->rows[i]);
		for (size_t f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
			segment.words[f] += batch->rows[i].words[f];
	}
	r = write_terms(batch, segment.id);
	if (r == 0)
		r = catalog_index_segment_add(batch->txn, &batch->state, &segment,
					      (struct catalog_span){rows, len});
	free(rows);
	return r;
}

int catalog_index_batch_finish(struct catalog_index_batch *batch)
{
	bool merged;
	int r = batch->count > 0 ? write_segment(batch) : 0;

	if (r == 0 && batch->kill_count > 0) {
		qsort(batch->kills, batch->kill_count, sizeof *batch->kills, compare_docs);
		r = catalog_index_segment_kill(batch->txn, &batch->state, batch->kills,
					       batch->kill_count);
	}
	/* One at most, so that a transaction's work is bounded: a batch adds one segment, and a
	 * merge takes more away, so those that wait for their turn do not grow in number. */
	if (r == 0)
		r = catalog_index_merge_one(batch->txn, &batch->state, &merged);
	return r == 0 ? catalog_index_segment_state_save(batch->txn, &batch->state) : r;
}

int catalog_index_search(struct catalog_txn *txn, const struct catalog_query *query,
			 struct catalog_hit *ret_hits, size_t *ret_count, uint64_t *ret_total)
{
	return catalog_index_query_run(txn, query, ret_hits, ret_count, ret_total);
}
