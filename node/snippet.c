/* node/snippet.c - the words of the query and of the description are made equal as the search index
 * does it (folded and stemmed), one run between white space after another, since only runs have a
 * place in the text.  Of a script that writes no spaces a run is a sentence: there the folded word
 * is looked for in the bytes, where it mostly stands as it is. */
#include "node/snippet.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index.h"
#include "catalog/index_text.h"
#include "catalog/listing.h"
#include "catalog/utf8.h"

#define FORMS_MAX         (4 * CATALOG_INDEX_QUERY_WORDS_MAX)
#define CHARACTERS_BEFORE 60 /* of context before the word */
#define BREAK_BEFORE      30 /* how far back from a cut we look for a space */

struct form {
	uint8_t bytes[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
	size_t len;
};

struct node_snippet {
	struct catalog_index_text *text; /* NULL: the query has no words */
	char query[CATALOG_INDEX_QUERY_BYTES_MAX + 1];
	struct form forms[FORMS_MAX]; /* of the query, in the language at hand */
	size_t form_count;
	const struct form *found;
};

int node_snippet_new(const char *query, struct node_snippet **ret_snippet)
{
	struct node_snippet *snippet = calloc(1, sizeof *snippet);
	size_t len = strnlen(query, CATALOG_INDEX_QUERY_BYTES_MAX);
	int r = 0;

	if (snippet == NULL)
		return -ENOMEM;
	memcpy(snippet->query, query, len);
	if (len > 0)
		r = catalog_index_text_new(&snippet->text);
	if (r != 0) {
		node_snippet_free(snippet);
		return r;
	}
	*ret_snippet = snippet;
	return 0;
}

void node_snippet_free(struct node_snippet *snippet)
{
	if (snippet == NULL)
		return;
	catalog_index_text_free(snippet->text);
	free(snippet);
}

static int keep_form(void *arg, enum catalog_index_text_form kind, struct catalog_span word)
{
	struct node_snippet *snippet = arg;
	struct form *form = &snippet->forms[snippet->form_count];

	if (kind == CATALOG_INDEX_TEXT_PART || snippet->form_count == FORMS_MAX ||
	    word.len > sizeof form->bytes || word.len == 0)
		return 0;
	memcpy(form->bytes, word.bytes, word.len);
	form->len = word.len;
	snippet->form_count++;
	return 0;
}

static int is_form(void *arg, enum catalog_index_text_form kind, struct catalog_span word)
{
	struct node_snippet *snippet = arg;

	if (kind == CATALOG_INDEX_TEXT_PART)
		return 0;
	for (size_t i = 0; i < snippet->form_count; i++)
		if (snippet->forms[i].len == word.len &&
		    memcmp(snippet->forms[i].bytes, word.bytes, word.len) == 0) {
			snippet->found = &snippet->forms[i];
			return 1;
		}
	return 0;
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* Find the first word of the query in text.  Returns 1 and where, 0 if there is none, -ENOMEM. */
static int find(struct node_snippet *snippet, struct catalog_span text, const char *tag,
		size_t *ret_at)
{
	uint32_t language = catalog_index_text_language(tag);
	size_t start = 0, end;
	int r;

	if (snippet->text == NULL)
		return 0;
	snippet->form_count = 0;
	r = catalog_index_text_words(
		snippet->text,
		(struct catalog_span){(const uint8_t *)snippet->query, strlen(snippet->query)},
		language, keep_form, snippet);
	if (r != 0)
		return r;
	for (; start < text.len && start < NODE_SNIPPET_SEARCHED_MAX; start = end + 1) {
		const uint8_t *place;

		for (end = start; end < text.len && !is_space(text.bytes[end]);)
			end++;
		if (end == start)
			continue;
		r = catalog_index_text_words(snippet->text,
					     (struct catalog_span){text.bytes + start, end - start},
					     language, is_form, snippet);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		place = memmem(text.bytes + start, end - start, snippet->found->bytes,
			       snippet->found->len);
		*ret_at = place != NULL ? (size_t)(place - text.bytes) : start;
		return 1;
	}
	return 0;
}

/* Where the character before the one at `at` begins; at > 0. */
static size_t back(struct catalog_span text, size_t at)
{
	assert(at > 0);
	do
		at--;
	while (at > 0 && (text.bytes[at] & 0xc0) == 0x80);
	return at;
}

/* Where the character after the one at `at` begins; at < text.len. */
static size_t forth(struct catalog_span text, size_t at)
{
	uint32_t character;
	int len = catalog_utf8_next((const char *)text.bytes + at, text.len - at, &character);

	return at + (len > 0 ? (size_t)len : 1);
}

/* Where to begin so that the word at `at` has something before it: after a space, if one is near.
 */
static size_t begin_of(struct catalog_span text, size_t at)
{
	size_t from = at, place;

	for (unsigned i = 0; i < CHARACTERS_BEFORE && from > 0; i++)
		from = back(text, from);
	if (from == 0)
		return 0;
	for (place = from; place < at; place++)
		if (is_space(text.bytes[place]))
			return place + 1;
	return from; /* no spaces here: any character will do */
}

/* Where to end, at most the characters' limit after from: before a space, if one is near. */
static size_t end_of(struct catalog_span text, size_t from)
{
	size_t to = from, place;

	for (unsigned i = 0; i < NODE_SNIPPET_CHARACTERS_MAX && to < text.len; i++)
		to = forth(text, to);
	if (to == text.len || is_space(text.bytes[to]))
		return to;
	place = to;
	for (unsigned i = 0; i < BREAK_BEFORE && place > from; i++) {
		place = back(text, place);
		if (is_space(text.bytes[place]))
			return place;
	}
	return to;
}

/* Append the text between as one line, with marks for what was left out. */
static int write_line(struct catalog_span text, size_t from, size_t to, struct catalog_buffer *line)
{
	size_t before = line->len;
	bool gap = false;
	int r = from > 0 ? catalog_buffer_append(line, "\xe2\x80\xa6", 3) : 0;

	for (size_t i = from; i < to && r == 0; i++) {
		if (is_space(text.bytes[i])) {
			gap = line->len > before;
			continue;
		}
		if (gap)
			r = catalog_buffer_append(line, " ", 1);
		gap = false;
		if (r == 0)
			r = catalog_buffer_append(line, text.bytes + i, 1);
	}
	if (r == 0 && to < text.len)
		r = catalog_buffer_append(line, "\xe2\x80\xa6", 3);
	if (r != 0)
		line->len = before;
	return r;
}

static struct catalog_span span_of(const char *text)
{
	return (struct catalog_span){(const uint8_t *)text, strlen(text)};
}

int node_snippet_of(struct node_snippet *snippet, const struct catalog_value *description,
		    const char *lang, struct catalog_buffer *ret_text, const char **ret_tag)
{
	const char *tag = NULL, *text = catalog_listing_text(description, lang, &tag);
	struct catalog_span span;
	size_t at = 0, from;
	int r;

	if (text == NULL)
		return -ENOENT;
	r = find(snippet, span_of(text), tag, &at);
	for (size_t i = 0; r == 0 && i < catalog_value_count(description); i++) {
		const char *other_tag;
		const char *other =
			catalog_value_text(catalog_value_at(description, i, &other_tag));

		if (other == NULL || other == text)
			continue;
		r = find(snippet, span_of(other), other_tag, &at);
		if (r == 1) {
			text = other;
			tag = other_tag;
		}
	}
	if (r < 0)
		return r;
	span = span_of(text);
	from = begin_of(span, at);
	r = write_line(span, from, end_of(span, from), ret_text);
	if (r == 0)
		*ret_tag = tag;
	return r;
}
