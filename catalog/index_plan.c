#include "catalog/index_plan.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_detect.h"
#include "catalog/index_policy.h"
#include "catalog/index_relax.h"
#include "catalog/index_value.h"
#include "catalog/theme.h"

#define NONE        CATALOG_INDEX_PLAN_NONE
#define TERMS_START 32

struct maker {
	struct catalog_txn *txn;
	struct catalog_index_text *text;
	uint32_t languages;
	struct catalog_index_plan *plan;
	const struct catalog_query_tree *tree;
	const char *why;
	/* While a text is taken apart. */
	const struct catalog_query_node *from;
	uint16_t first, last; /* nodes of its words */
	struct catalog_index_leaf *phrase;
};

static int too_much(struct maker *maker)
{
	maker->why = "the query is too long: it has more than 32 words; leave some out";
	return -E2BIG;
}

static int new_node(struct maker *maker, enum catalog_index_node_kind kind, uint16_t *ret_node)
{
	struct catalog_index_plan *plan = maker->plan;

	if (plan->node_count == CATALOG_INDEX_PLAN_NODES_MAX)
		return too_much(maker);
	plan->nodes[plan->node_count] = (struct catalog_index_node){
		.kind = kind, .leaf = NONE, .child = NONE, .next = NONE};
	*ret_node = plan->node_count++;
	return 0;
}

static int new_leaf(struct maker *maker, enum catalog_index_leaf_kind kind, uint16_t *ret_node,
		    struct catalog_index_leaf **ret_leaf)
{
	struct catalog_index_plan *plan = maker->plan;
	struct catalog_index_leaf *leaf = &plan->leaves[plan->leaf_count];
	int r;

	if (plan->leaf_count == CATALOG_INDEX_PLAN_LEAVES_MAX)
		return too_much(maker);
	r = new_node(maker, CATALOG_INDEX_NODE_LEAF, ret_node);
	if (r != 0)
		return r;
	*leaf = (struct catalog_index_leaf){
		.kind = kind, .first = plan->term_count, .facet = CATALOG_INDEX_FACET_COUNT};
	plan->nodes[*ret_node].leaf = plan->leaf_count++;
	*ret_leaf = leaf;
	return 0;
}

static void append(struct maker *maker, uint16_t *first, uint16_t *last, uint16_t node)
{
	if (*first == NONE)
		*first = node;
	else
		maker->plan->nodes[*last].next = node;
	*last = node;
}

/* --- words ------------------------------------------------------------------------------- */

/* Make room for count terms more.  Returns 0, -E2BIG, -ENOMEM. */
static int make_room(struct catalog_index_plan *plan, size_t count)
{
	size_t room = plan->term_room > 0 ? plan->term_room * 2 : TERMS_START;
	struct catalog_index_term *terms;

	if (plan->term_count + count > CATALOG_INDEX_PLAN_TERMS_MAX)
		return -E2BIG;
	if (plan->term_count + count <= plan->term_room)
		return 0;
	while (room < plan->term_count + count)
		room *= 2;
	terms = reallocarray(plan->terms, room, sizeof *terms);
	if (terms == NULL)
		return -ENOMEM;
	plan->terms = terms;
	plan->term_room = room;
	return 0;
}

/* The term of those bytes in a leaf, made if it is not there. */
static int term_of(struct catalog_index_plan *plan, struct catalog_index_leaf *leaf,
		   struct catalog_span word, struct catalog_index_term **ret_term)
{
	struct catalog_index_term *term;
	int r;

	for (size_t i = leaf->first; i < leaf->first + leaf->count; i++) {
		term = &plan->terms[i];
		if (term->len == word.len && memcmp(term->bytes, word.bytes, word.len) == 0) {
			*ret_term = term;
			return 0;
		}
	}
	assert(leaf->first + leaf->count == plan->term_count);
	if ((r = make_room(plan, 1)) != 0)
		return r;
	assert(word.len <= sizeof term->bytes);
	term = &plan->terms[plan->term_count++];
	*term = (struct catalog_index_term){.len = word.len};
	memcpy(term->bytes, word.bytes, word.len);
	leaf->count++;
	*ret_term = term;
	return 0;
}

static void at_least(float *weight, float least)
{
	*weight = *weight < least ? least : *weight;
}

static int each_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct maker *maker = arg;
	struct catalog_index_plan *plan = maker->plan;
	struct catalog_index_leaf *leaf;
	struct catalog_index_term *term;
	uint16_t node;
	int r;

	if (form == CATALOG_INDEX_TEXT_PART)
		return 0; /* asked for whole words */
	if (form == CATALOG_INDEX_TEXT_WORD) {
		if (plan->word_count++ == CATALOG_INDEX_QUERY_WORDS_MAX)
			return too_much(maker);
		r = new_leaf(maker, CATALOG_INDEX_LEAF_WORD, &node, &leaf);
		if (r != 0)
			return r;
		append(maker, &maker->first, &maker->last, node);
		leaf->scored = true;
		leaf->small = catalog_index_detect_is_small(word);
		leaf->text = maker->from->text;
		leaf->text_len = maker->from->len;
		if (maker->from->field != CATALOG_INDEX_FIELD_COUNT)
			leaf->fields = (uint8_t)(1u << maker->from->field);
		if ((r = term_of(plan, leaf, word, &term)) != 0)
			return r == -E2BIG ? too_much(maker) : r;
		/* A word that is its own stem is not told as a stem: "yield" must find "yields". */
		at_least(&term->weights[0], CATALOG_INDEX_PLAN_WORD);
		at_least(&term->weights[1], CATALOG_INDEX_PLAN_STEM);
		at_least(&term->weights[2], CATALOG_INDEX_PLAN_PART);
		return 0;
	}
	/* A stem that is a word is stored as the word only. */
	leaf = &plan->leaves[plan->leaf_count - 1];
	if ((r = term_of(plan, leaf, word, &term)) != 0)
		return r == -E2BIG ? too_much(maker) : r;
	at_least(&term->weights[0], CATALOG_INDEX_PLAN_STEM);
	at_least(&term->weights[1], CATALOG_INDEX_PLAN_STEM);
	return 0;
}

static int each_of_phrase(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	struct maker *maker = arg;
	struct catalog_index_plan *plan = maker->plan;
	struct catalog_index_term *term;
	int r;

	if (form != CATALOG_INDEX_TEXT_WORD)
		return 0;
	if (plan->word_count++ == CATALOG_INDEX_QUERY_WORDS_MAX)
		return too_much(maker);
	if ((r = make_room(plan, 1)) != 0)
		return r == -E2BIG ? too_much(maker) : r;
	term = &plan->terms[plan->term_count++];
	*term = (struct catalog_index_term){.len = word.len, .weights = {1.0f}};
	memcpy(term->bytes, word.bytes, word.len);
	maker->phrase->count++;
	return 0;
}

int catalog_index_plan_add_term(struct catalog_index_plan *plan, struct catalog_index_leaf *leaf,
				struct catalog_span word, float weight)
{
	struct catalog_index_term *term;
	int r;

	if (leaf->first + leaf->count != plan->term_count) {
		if ((r = make_room(plan, leaf->count)) != 0)
			return r;
		memcpy(&plan->terms[plan->term_count], &plan->terms[leaf->first],
		       leaf->count * sizeof *plan->terms);
		leaf->first = plan->term_count;
		plan->term_count += leaf->count;
	}
	r = term_of(plan, leaf, word, &term);
	if (r != 0)
		return r;
	for (size_t i = 0; i < CATALOG_INDEX_TERMS_FORMS; i++)
		at_least(&term->weights[i], weight);
	return 0;
}

/* --- leaves ------------------------------------------------------------------------------ */

static int take_text(struct maker *maker, const struct catalog_query_node *from, uint16_t *ret_node)
{
	struct catalog_span bytes = {(const uint8_t *)from->text, from->len};
	int r;

	maker->from = from;
	maker->first = maker->last = NONE;
	/* A query does not say its language: stem by each that the index holds. */
	r = catalog_index_text_words(maker->text, bytes, maker->languages, each_word, maker);
	if (r != 0)
		return r;
	*ret_node = maker->first;
	if (maker->first == NONE || maker->first == maker->last)
		return 0;
	r = new_node(maker, CATALOG_INDEX_NODE_AND, ret_node);
	if (r == 0)
		maker->plan->nodes[*ret_node].child = maker->first;
	return r;
}

static int take_phrase(struct maker *maker, const struct catalog_query_node *from,
		       uint16_t *ret_node)
{
	struct catalog_span bytes = {(const uint8_t *)from->text, from->len};
	int r = new_leaf(maker, CATALOG_INDEX_LEAF_PHRASE, ret_node, &maker->phrase);

	if (r != 0)
		return r;
	maker->phrase->scored = true;
	maker->phrase->text = from->text;
	maker->phrase->text_len = from->len;
	if (from->field != CATALOG_INDEX_FIELD_COUNT)
		maker->phrase->fields = (uint8_t)(1u << from->field);
	r = catalog_index_text_words(maker->text, bytes, 0, each_of_phrase, maker);
	if (r == 0 && maker->phrase->count == 0)
		*ret_node = NONE; /* no words: text that says nothing */
	if (r == 0 && maker->phrase->count == 1)
		maker->phrase->kind = CATALOG_INDEX_LEAF_WORD;
	return r;
}

static int take_prefix(struct maker *maker, const struct catalog_query_node *from,
		       uint16_t *ret_node)
{
	struct catalog_buffer folded = {0};
	struct catalog_index_leaf *leaf;
	struct catalog_index_term *term;
	size_t len;
	int r = new_leaf(maker, CATALOG_INDEX_LEAF_PREFIX, ret_node, &leaf);

	if (r == 0)
		r = catalog_index_text_fold(
			maker->text, (struct catalog_span){(const uint8_t *)from->text, from->len},
			&folded);
	if (r == -EBADMSG)
		r = 0;
	len = folded.len;
	if (r == 0 && len <= CATALOG_INDEX_TEXT_WORD_BYTES_MAX && len > 0) {
		r = term_of(maker->plan, leaf, catalog_buffer_span(&folded), &term);
		if (r == 0)
			term->weights[0] = 1.0f;
		else if (r == -E2BIG)
			r = too_much(maker);
	}
	if (r == 0) {
		leaf->scored = true;
		if (from->field != CATALOG_INDEX_FIELD_COUNT)
			leaf->fields = (uint8_t)(1u << from->field);
	}
	catalog_buffer_close(&folded);
	return r;
}

static int add_value(struct catalog_index_leaf *leaf, enum catalog_index_facet facet,
		     struct catalog_span value)
{
	uint8_t front[4] = {(uint8_t)(value.len + 2), (uint8_t)((value.len + 2) >> 8),
			    CATALOG_INDEX_TERMS_FILTER, (uint8_t)facet};
	int r = catalog_buffer_append(&leaf->values, front, sizeof front);

	return r == 0 ? catalog_buffer_append(&leaf->values, value.bytes, value.len) : r;
}

/* Where a theme is to be looked for, and as what. */
static enum catalog_index_facet ask_theme(struct catalog_span *theme,
					  char industry[CATALOG_INDEX_FACET_INDUSTRY_BYTES])
{
	const char *name;

	switch (catalog_theme_ask((const char *)theme->bytes, theme->len, &name)) {
	case CATALOG_THEME_CODE:
		*theme = (struct catalog_span){(const uint8_t *)name, strlen(name)};
		return CATALOG_INDEX_FACET_THEME;
	case CATALOG_THEME_INDUSTRY:
		catalog_index_facet_industry(name, industry);
		*theme = (struct catalog_span){(const uint8_t *)industry, strlen(industry)};
		return CATALOG_INDEX_FACET_THEME_URL;
	case CATALOG_THEME_WORD: return CATALOG_INDEX_FACET_THEME_URL;
	case CATALOG_THEME_ITSELF: break;
	}
	return memmem(theme->bytes, theme->len, "://", 3) != NULL ? CATALOG_INDEX_FACET_THEME_URL
								  : CATALOG_INDEX_FACET_THEME;
}

static int take_value(struct maker *maker, enum catalog_index_facet facet, const char *text,
		      size_t len, uint16_t *ret_node)
{
	char industry[CATALOG_INDEX_FACET_INDUSTRY_BYTES];
	struct catalog_buffer folded = {0};
	struct catalog_index_leaf *leaf;
	struct catalog_span tail = {(const uint8_t *)text, len};
	const char *start = text;
	int r = new_leaf(maker, CATALOG_INDEX_LEAF_VALUE, ret_node, &leaf);

	if (r != 0)
		return r;
	leaf->facet = facet;
	if (facet == CATALOG_INDEX_FACET_THEME)
		facet = ask_theme(&tail, industry);
	else if (facet == CATALOG_INDEX_FACET_ACCESS || facet == CATALOG_INDEX_FACET_LANGUAGE)
		tail = catalog_index_facet_tail(text, len);
	if (facet == CATALOG_INDEX_FACET_LICENCE) {
		if (len > 8 && memcmp(start, "https://", 8) == 0)
			start += 8;
		else if (len > 7 && memcmp(start, "http://", 7) == 0)
			start += 7;
		len -= (size_t)(start - text);
		while (start > text && len > 0 && start[len - 1] == '/')
			len--;
		tail = (struct catalog_span){(const uint8_t *)start, len};
	}
	r = catalog_index_text_fold(maker->text, tail, &folded);
	if (r == 0)
		r = add_value(leaf, facet, catalog_buffer_span(&folded));
	catalog_buffer_close(&folded);
	return r == -EBADMSG ? 0 : r; /* a leaf of no value: nothing meets it */
}

/* The values of the policies that answer a question as is wanted. */
static int take_usage(struct maker *maker, const struct catalog_query *query, uint16_t *ret_node)
{
	struct catalog_index_policy_question question;
	struct catalog_index_policy_text text;
	struct catalog_index_leaf *leaf;
	struct catalog_index_value_group group = {0};
	bool unknown = query->usage_answer == CATALOG_INDEX_POLICY_UNKNOWN;
	size_t count = 0;
	uint16_t node;
	int r;

	if (catalog_index_policy_read(query->usage, &text, &question) != 0) {
		maker->why = "usage is a purpose, a country or both, as in \"research in KE\"";
		return -EINVAL;
	}
	r = new_leaf(maker, CATALOG_INDEX_LEAF_VALUE, &node, &leaf);
	if (r != 0)
		return r;
	leaf->facet = CATALOG_INDEX_FACET_POLICY;
	*ret_node = node;
	if (unknown) { /* also those without a policy: all but those that are answered */
		r = new_node(maker, CATALOG_INDEX_NODE_NOT, ret_node);
		if (r == 0)
			maker->plan->nodes[*ret_node].child = node;
	}
	for (uint32_t id = 0; r == 0; id++) {
		struct catalog_span line;

		if (catalog_index_value_get(maker->txn, CATALOG_INDEX_FACET_POLICY, id, &group,
					    &line) != 0)
			break; /* beyond the last */
		if ((catalog_index_policy_ask(line, &question, NULL, 0) == query->usage_answer) ==
		    unknown)
			continue;
		if (count++ == CATALOG_INDEX_PLAN_VALUES_MAX)
			return too_much(maker);
		r = add_value(leaf, CATALOG_INDEX_FACET_POLICY, line);
	}
	return r;
}

static int take_range(struct maker *maker, enum catalog_index_leaf_kind kind, int64_t from,
		      int64_t to, uint16_t *ret_node)
{
	struct catalog_index_leaf *leaf;
	int r = new_leaf(maker, kind, ret_node, &leaf);

	if (r == 0) {
		leaf->from = from;
		leaf->to = to;
	}
	return r;
}

/* --- the tree ---------------------------------------------------------------------------- */

static int take(struct maker *maker, uint16_t at, uint16_t *ret_node);

static int take_children(struct maker *maker, const struct catalog_query_node *from,
			 enum catalog_index_node_kind kind, uint16_t *ret_node)
{
	uint16_t first = NONE, last = NONE;
	int r = 0;

	for (uint16_t at = from->child; r == 0 && at != CATALOG_QUERY_NONE;
	     at = maker->tree->nodes[at].next) {
		uint16_t node = NONE;

		r = take(maker, at, &node);
		if (r != 0 || node == NONE)
			continue;
		/* Words that must all be there stand side by side, however they came. */
		if (kind == CATALOG_INDEX_NODE_AND &&
		    maker->plan->nodes[node].kind == CATALOG_INDEX_NODE_AND) {
			append(maker, &first, &last, maker->plan->nodes[node].child);
			while (maker->plan->nodes[last].next != NONE)
				last = maker->plan->nodes[last].next;
			continue;
		}
		append(maker, &first, &last, node);
	}
	if (r != 0)
		return r;
	*ret_node = first;
	if (first == NONE || (first == last && kind != CATALOG_INDEX_NODE_NOT))
		return 0;
	r = new_node(maker, kind, ret_node);
	if (r == 0)
		maker->plan->nodes[*ret_node].child = first;
	return r;
}

static int take(struct maker *maker, uint16_t at, uint16_t *ret_node)
{
	const struct catalog_query_node *from = &maker->tree->nodes[at];

	*ret_node = NONE;
	switch (from->kind) {
	case CATALOG_QUERY_ALL: return new_node(maker, CATALOG_INDEX_NODE_ALL, ret_node);
	case CATALOG_QUERY_TEXT: return take_text(maker, from, ret_node);
	case CATALOG_QUERY_PHRASE: return take_phrase(maker, from, ret_node);
	case CATALOG_QUERY_PREFIX: return take_prefix(maker, from, ret_node);
	case CATALOG_QUERY_VALUE:
		return take_value(maker, from->facet, from->text, from->len, ret_node);
	case CATALOG_QUERY_ISSUED:
		return take_range(maker, CATALOG_INDEX_LEAF_ISSUED, from->from, from->to, ret_node);
	case CATALOG_QUERY_MODIFIED:
		return take_range(maker, CATALOG_INDEX_LEAF_MODIFIED, (int64_t)from->from * 86400,
				  (int64_t)from->to * 86400 + 86399, ret_node);
	case CATALOG_QUERY_TIME:
		return take_range(maker, CATALOG_INDEX_LEAF_TIME, from->from, from->to, ret_node);
	case CATALOG_QUERY_AND: return take_children(maker, from, CATALOG_INDEX_NODE_AND, ret_node);
	case CATALOG_QUERY_OR: return take_children(maker, from, CATALOG_INDEX_NODE_OR, ret_node);
	case CATALOG_QUERY_NOT: {
		uint16_t first = maker->plan->leaf_count;
		int r = take_children(maker, from, CATALOG_INDEX_NODE_NOT, ret_node);

		for (uint16_t i = first; i < maker->plan->leaf_count; i++)
			maker->plan->leaves[i].scored = false;
		return r;
	}
	}
	return 0;
}

/* What the query asks for besides its text. */
static int take_filters(struct maker *maker, const struct catalog_query *query, uint16_t *first,
			uint16_t *last)
{
	const char *values[CATALOG_INDEX_FACET_COUNTED];
	struct catalog_index_leaf *leaf;
	uint16_t node;
	int r = 0;

	memcpy(values, query->values, sizeof values);
	if (query->member != NULL)
		values[CATALOG_INDEX_FACET_MEMBER] = query->member;
	if (query->country != NULL)
		values[CATALOG_INDEX_FACET_COUNTRY] = query->country;
	if (query->theme != NULL)
		values[CATALOG_INDEX_FACET_THEME] = query->theme;
	for (int f = 0; f < CATALOG_INDEX_FACET_COUNTED; f++) {
		if (values[f] == NULL)
			continue;
		r = take_value(maker, (enum catalog_index_facet)f, values[f], strlen(values[f]),
			       &node);
		if (r != 0)
			return r;
		append(maker, first, last, node);
	}
	if (query->usage != NULL) {
		if ((r = take_usage(maker, query, &node)) != 0)
			return r;
		append(maker, first, last, node);
	}
	if (query->since > 0) {
		r = take_range(maker, CATALOG_INDEX_LEAF_MODIFIED, query->since, INT64_MAX, &node);
		if (r != 0)
			return r;
		append(maker, first, last, node);
	}
	if (query->time_from != 0 || query->time_to != 0) {
		r = take_range(maker, CATALOG_INDEX_LEAF_TIME, query->time_from, query->time_to,
			       &node);
		if (r != 0)
			return r;
		append(maker, first, last, node);
	}
	if (query->box != CATALOG_QUERY_BOX_NONE) {
		r = new_leaf(maker, CATALOG_INDEX_LEAF_BBOX, &node, &leaf);
		if (r != 0)
			return r;
		for (size_t i = 0; i < 4; i++)
			leaf->bbox[i] = (float)query->bbox[i];
		leaf->within = query->box == CATALOG_QUERY_BOX_WITHIN;
		append(maker, first, last, node);
	}
	return 0;
}

int catalog_index_plan_make(struct catalog_txn *txn, struct catalog_index_text *text,
			    uint32_t languages, const struct catalog_query *query,
			    struct catalog_index_plan *plan, const char **ret_why)
{
	struct catalog_query_tree tree;
	struct maker maker = {.txn = txn,
			      .text = text,
			      .languages = languages,
			      .plan = plan,
			      .tree = &tree,
			      .why = ""};
	uint16_t first = NONE, last = NONE, node;
	int r;

	plan->node_count = plan->leaf_count = 0;
	plan->term_count = plan->word_count = 0;
	plan->terms = NULL;
	plan->term_room = 0;
	r = catalog_query_parse(query->text, strlen(query->text), &tree, &maker.why);
	if (r == 0)
		r = take(&maker, tree.root, &node);
	if (r == 0 && node == NONE)
		r = new_node(&maker, CATALOG_INDEX_NODE_ALL, &node);
	if (r == 0) {
		if (query->lenient)
			catalog_index_relax_small(plan, node);
		/* The filters join the words that must all be there. */
		if (plan->nodes[node].kind == CATALOG_INDEX_NODE_AND) {
			first = last = plan->nodes[node].child;
			while (plan->nodes[last].next != NONE)
				last = plan->nodes[last].next;
		} else {
			first = last = node;
		}
		r = take_filters(&maker, query, &first, &last);
	}
	if (r == 0) {
		r = new_node(&maker, CATALOG_INDEX_NODE_AND, &plan->root);
		if (r == 0)
			plan->nodes[plan->root].child = first;
	}
	if (r != 0)
		*ret_why = maker.why;
	return r;
}

void catalog_index_plan_close(struct catalog_index_plan *plan)
{
	for (size_t i = 0; i < plan->leaf_count; i++)
		catalog_buffer_close(&plan->leaves[i].values);
	free(plan->terms);
	plan->terms = NULL;
	plan->leaf_count = plan->node_count = 0;
}
