/* catalog/query.c - recursive descent, bounded by the depth:
 *   any    = all { "OR" all }
 *   all    = { one }
 *   one    = ["-"] ( "(" any ")" | [ name ":" ] ( "\"" phrase "\"" | word "*" | word | range ) )
 * A parenthesis, quote, minus, star or colon that opens none of these is text, as a space is. */
#include "catalog/query.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct parser {
	const char *at, *end;
	struct catalog_query_tree *tree;
	unsigned depth;
	const char *why;
};

static int any(struct parser *parser, uint16_t *ret_node);

static int refuse(struct parser *parser, int r, const char *why)
{
	parser->why = why;
	return r;
}

static int new_node(struct parser *parser, enum catalog_query_kind kind, uint16_t *ret_node)
{
	struct catalog_query_tree *tree = parser->tree;

	if (tree->count == CATALOG_QUERY_NODES_MAX)
		return refuse(parser, -E2BIG,
			      "the query has too many parts; leave some out, at most 128 fit");
	tree->nodes[tree->count] = (struct catalog_query_node){.kind = kind,
							       .field = CATALOG_INDEX_FIELD_COUNT,
							       .facet = CATALOG_INDEX_FACET_COUNT,
							       .child = CATALOG_QUERY_NONE,
							       .next = CATALOG_QUERY_NONE};
	*ret_node = tree->count++;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_end_of_word(const struct parser *parser, const char *at)
{
	return at == parser->end || is_space(*at) || *at == '(' || *at == ')' || *at == '"';
}

static void skip_spaces(struct parser *parser)
{
	while (parser->at < parser->end && is_space(*parser->at))
		parser->at++;
}

/* Whether an operator stands here, as a word by itself. */
static bool is_operator(const struct parser *parser, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(parser->end - parser->at) >= len && memcmp(parser->at, word, len) == 0 &&
	       is_end_of_word(parser, parser->at + len);
}

/* --- what has a name ---------------------------------------------------------------------- */

static bool is(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

static enum catalog_index_field field_of(const char *name, size_t len)
{
	for (int f = 0; f < CATALOG_INDEX_FIELD_COUNT; f++)
		if (is(name, len, catalog_index_impact_field((enum catalog_index_field)f)))
			return (enum catalog_index_field)f;
	return CATALOG_INDEX_FIELD_COUNT;
}

static bool is_range_name(const char *name, size_t len, enum catalog_query_kind *ret_kind)
{
	if (is(name, len, "issued"))
		*ret_kind = CATALOG_QUERY_ISSUED;
	else if (is(name, len, "modified"))
		*ret_kind = CATALOG_QUERY_MODIFIED;
	else if (is(name, len, "time"))
		*ret_kind = CATALOG_QUERY_TIME;
	else if (is(name, len, "year"))
		*ret_kind = CATALOG_QUERY_ISSUED;
	else
		return false;
	return true;
}

/* A day of text[0..len), which may be empty: then the end of all time. */
static bool day_of(const char *text, size_t len, enum catalog_index_end end, int32_t *ret_day)
{
	char date[40];

	if (len == 0) {
		*ret_day = end == CATALOG_INDEX_FIRST ? INT32_MIN + 1 : INT32_MAX;
		return true;
	}
	if (len >= sizeof date)
		return false;
	memcpy(date, text, len);
	date[len] = '\0';
	*ret_day = catalog_index_facet_day(date, end);
	return *ret_day != CATALOG_INDEX_FACET_NO_DAY;
}

/* Read "2020", "2020-03..2024", "..2024", "2020..": false if it is none. */
static bool read_range(const char *text, size_t len, int32_t *ret_from, int32_t *ret_to)
{
	const char *dots = memmem(text, len, "..", 2);
	size_t first = dots != NULL ? (size_t)(dots - text) : len;
	const char *second = dots != NULL ? dots + 2 : text;
	size_t rest = dots != NULL ? len - first - 2 : len;

	return len > 0 && (dots == NULL || len > 2) &&
	       day_of(text, first, CATALOG_INDEX_FIRST, ret_from) &&
	       day_of(second, rest, CATALOG_INDEX_LAST, ret_to) && *ret_from <= *ret_to;
}

/* --- one ---------------------------------------------------------------------------------- */

/* The quoted text that begins here; false if nothing closes it, or nothing is in it. */
static bool read_quoted(struct parser *parser, const char **ret_text, size_t *ret_len)
{
	const char *start = parser->at + 1, *close;

	if (parser->at == parser->end || *parser->at != '"')
		return false;
	close = memchr(start, '"', (size_t)(parser->end - start));
	if (close == NULL || close == start)
		return false;
	*ret_text = start;
	*ret_len = (size_t)(close - start);
	parser->at = close + 1;
	return true;
}

/* Whether enough stands before a star. */
static bool is_prefix(const char *text, size_t len)
{
	size_t characters = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		characters += (c & 0xc0) != 0x80;
		if (c >= 0xe2 && !(c == 0xe2 && i + 1 < len && (unsigned char)text[i + 1] < 0xba))
			return true; /* one character says as much as two letters */
	}
	return characters >= CATALOG_QUERY_PREFIX_MIN;
}

/* A leaf of text under a name (or none), up to end. */
static int leaf(struct parser *parser, const char *name, size_t name_len, const char *text,
		size_t len, bool quoted, uint16_t *ret_node)
{
	enum catalog_query_kind kind = quoted ? CATALOG_QUERY_PHRASE : CATALOG_QUERY_TEXT;
	enum catalog_index_field field = field_of(name, name_len);
	enum catalog_index_facet facet = catalog_index_facet_of(name, name_len);
	enum catalog_query_kind range;
	struct catalog_query_node *node;
	int32_t from = 0, to = 0;
	int r;

	if (name_len > 0 && is_range_name(name, name_len, &range) &&
	    read_range(text, len, &from, &to)) {
		kind = range;
	} else if (name_len > 0 && field == CATALOG_INDEX_FIELD_COUNT) {
		if (facet != CATALOG_INDEX_FACET_COUNT && facet != CATALOG_INDEX_FACET_YEAR &&
		    facet != CATALOG_INDEX_FACET_POLICY) {
			kind = CATALOG_QUERY_VALUE;
		} else { /* no name of ours: all of it is text */
			len = (size_t)(text + len - name) + (quoted ? 1 : 0);
			text = name;
			kind = CATALOG_QUERY_TEXT;
		}
	}
	if (kind == CATALOG_QUERY_TEXT && len > 0 && text[len - 1] == '*') {
		bool alone = true;

		while (len > 0 && text[len - 1] == '*')
			len--;
		for (size_t i = 0; i < len && alone; i++)
			alone = strchr("*?-.,:;!", text[i]) != NULL;
		if (alone || !is_prefix(text, len))
			return refuse(parser, -EINVAL,
				      "a * needs at least two letters before it, as in ri*");
		kind = CATALOG_QUERY_PREFIX;
	}
	r = new_node(parser, kind, ret_node);
	if (r != 0)
		return r;
	node = &parser->tree->nodes[*ret_node];
	node->field = field;
	node->facet = facet;
	node->text = text;
	node->len = len;
	node->from = from;
	node->to = to;
	return 0;
}

static int word(struct parser *parser, uint16_t *ret_node)
{
	const char *start = parser->at, *colon = NULL, *text;
	size_t len;

	if (read_quoted(parser, &text, &len))
		return leaf(parser, start, 0, text, len, true, ret_node);
	if (*parser->at == '"')
		parser->at++; /* closed by nothing: text */
	start = parser->at;
	while (!is_end_of_word(parser, parser->at)) {
		if (*parser->at == ':' && colon == NULL)
			colon = parser->at;
		parser->at++;
		if (colon != NULL && parser->at == colon + 1 && read_quoted(parser, &text, &len))
			return leaf(parser, start, (size_t)(colon - start), text, len, true,
				    ret_node);
	}
	len = (size_t)(parser->at - start);
	if (colon != NULL && colon + 1 < parser->at)
		return leaf(parser, start, (size_t)(colon - start), colon + 1,
			    (size_t)(parser->at - colon - 1), false, ret_node);
	return leaf(parser, start, 0, start, len, false, ret_node);
}

static int one(struct parser *parser, uint16_t *ret_node)
{
	uint16_t child;
	int r;

	if (*parser->at == '-' && !is_end_of_word(parser, parser->at + 1)) {
		parser->at++;
		if (*parser->at == '-')
			return word(parser, ret_node); /* "--x" is text */
	} else if (*parser->at == '-' && parser->at + 1 < parser->end &&
		   (parser->at[1] == '(' || parser->at[1] == '"')) {
		parser->at++;
	} else {
		if (*parser->at != '(')
			return word(parser, ret_node);
		parser->at++;
		return any(parser, ret_node);
	}
	if (*parser->at == '(') {
		parser->at++;
		r = any(parser, &child);
	} else {
		r = word(parser, &child);
	}
	if (r != 0 || child == CATALOG_QUERY_NONE)
		return r;
	r = new_node(parser, CATALOG_QUERY_NOT, ret_node);
	if (r == 0)
		parser->tree->nodes[*ret_node].child = child;
	return r;
}

/* --- many --------------------------------------------------------------------------------- */

/* Put a node at the end of a list of siblings. */
static void append(struct catalog_query_tree *tree, uint16_t *first, uint16_t *last, uint16_t node)
{
	if (*first == CATALOG_QUERY_NONE)
		*first = node;
	else
		tree->nodes[*last].next = node;
	*last = node;
}

/* A list of siblings as one node. */
static int gather(struct parser *parser, enum catalog_query_kind kind, uint16_t first,
		  uint16_t *ret_node)
{
	int r;

	if (first == CATALOG_QUERY_NONE || parser->tree->nodes[first].next == CATALOG_QUERY_NONE) {
		*ret_node = first;
		return 0;
	}
	r = new_node(parser, kind, ret_node);
	if (r == 0)
		parser->tree->nodes[*ret_node].child = first;
	return r;
}

static int all(struct parser *parser, uint16_t *ret_node)
{
	uint16_t first = CATALOG_QUERY_NONE, last = CATALOG_QUERY_NONE;
	bool wanted = false;
	int r = 0;

	for (;;) {
		uint16_t node = CATALOG_QUERY_NONE;

		skip_spaces(parser);
		if (parser->at == parser->end || *parser->at == ')' || is_operator(parser, "OR"))
			break;
		if (is_operator(parser, "AND")) {
			parser->at += 3;
			continue;
		}
		r = one(parser, &node);
		if (r != 0)
			return r;
		if (node == CATALOG_QUERY_NONE)
			continue;
		wanted = wanted || parser->tree->nodes[node].kind != CATALOG_QUERY_NOT;
		append(parser->tree, &first, &last, node);
	}
	if (first != CATALOG_QUERY_NONE && !wanted) { /* all but these */
		uint16_t node;

		r = new_node(parser, CATALOG_QUERY_ALL, &node);
		if (r != 0)
			return r;
		append(parser->tree, &first, &last, node);
	}
	return gather(parser, CATALOG_QUERY_AND, first, ret_node);
}

/* Up to the end or the parenthesis that closes, which is taken. */
static int any(struct parser *parser, uint16_t *ret_node)
{
	uint16_t first = CATALOG_QUERY_NONE, last = CATALOG_QUERY_NONE;
	int r;

	if (parser->depth == CATALOG_QUERY_DEPTH_MAX)
		return refuse(parser, -E2BIG,
			      "the query has too many parentheses in one another; leave some "
			      "out, 16 fit");
	parser->depth++;
	for (;;) {
		uint16_t node = CATALOG_QUERY_NONE;

		r = all(parser, &node);
		if (r != 0)
			return r;
		if (node != CATALOG_QUERY_NONE)
			append(parser->tree, &first, &last, node);
		if (parser->at == parser->end)
			break;
		if (*parser->at == ')') {
			parser->at++;
			if (parser->depth > 1)
				break;
			if (first == CATALOG_QUERY_NONE || parser->at == parser->end)
				continue; /* it closes nothing */
			/* What follows is wanted, too: as if it were a space. */
			r = all(parser, &node);
			if (r != 0)
				return r;
			if (node != CATALOG_QUERY_NONE) {
				uint16_t pair;

				r = new_node(parser, CATALOG_QUERY_AND, &pair);
				if (r != 0)
					return r;
				if (first == last) {
					parser->tree->nodes[first].next = node;
					parser->tree->nodes[pair].child = first;
				} else {
					uint16_t or_node;

					r = gather(parser, CATALOG_QUERY_OR, first, &or_node);
					if (r != 0)
						return r;
					parser->tree->nodes[or_node].next = node;
					parser->tree->nodes[pair].child = or_node;
				}
				first = last = pair;
			}
			continue;
		}
		parser->at += 2; /* OR */
	}
	parser->depth--;
	return gather(parser, CATALOG_QUERY_OR, first, ret_node);
}

int catalog_query_parse(const char *text, size_t len, struct catalog_query_tree *ret_tree,
			const char **ret_why)
{
	struct parser parser = {.at = text, .end = text + len, .tree = ret_tree};
	uint16_t root = CATALOG_QUERY_NONE;
	int r = 0;

	ret_tree->count = 0;
	if (len > CATALOG_QUERY_BYTES_MAX)
		r = refuse(&parser, -E2BIG,
			   "the query is longer than 1,024 bytes; leave some words out");
	if (r == 0)
		r = any(&parser, &root);
	if (r == 0 && root == CATALOG_QUERY_NONE)
		r = new_node(&parser, CATALOG_QUERY_ALL, &root);
	if (r == 0)
		ret_tree->root = root;
	else
		*ret_why = parser.why;
	return r;
}
