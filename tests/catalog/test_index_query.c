/* What is asked of the index against a plain scan: random listings, random queries, random adds,
 * removes and merges; the seed is printed. */
#include "tests/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/index.h"
#include "catalog/index_policy.h"
#include "catalog/index_words.h"

#define DOCS_MAX   1500
#define VOCABULARY 30
#define THEMES     5
#define KEYWORDS   20
#define WORDS_MAX  12

struct fixture {
	char dir[64];
	struct catalog_store *store;
	struct catalog_member member;
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	snprintf(fixture->dir, sizeof fixture->dir, "/tmp/test_index_query.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	assert_int_equal(catalog_store_open(fixture->dir, 1, &fixture->store), 0);
	snprintf(fixture->member.name, sizeof fixture->member.name, "nbs");
	snprintf(fixture->member.country, 3, "KE");
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "writer.lock"};
	struct fixture *fixture = *state;
	char path[128];

	catalog_store_close(fixture->store);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", fixture->dir, files[i]);
		unlink(path);
	}
	rmdir(fixture->dir);
	free(fixture);
	return 0;
}

/* --- listings ----------------------------------------------------------------------------- */

struct doc {
	uint8_t words[WORDS_MAX]; /* of the title, in order */
	size_t count;
	unsigned theme, other, year; /* other: a second theme, or the same; year: 2000 + 0..9 */
	unsigned keywords;           /* bits; few listings have some, and those have many */
	bool live, box;
	int west, south; /* the box is one degree */
};

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void put(struct catalog_value *map, const char *key, struct catalog_value *child)
{
	assert_int_equal(catalog_value_set(map, key, child), 0);
}

static struct catalog_value *list_of(struct catalog_value *child)
{
	struct catalog_value *list = catalog_value_new_list();

	assert_int_equal(catalog_value_append(list, child), 0);
	return list;
}

static struct catalog_value *listing_of(const struct doc *doc)
{
	struct catalog_value *listing = catalog_value_new_map(), *lang = catalog_value_new_map();
	struct catalog_value *list;
	char text[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < doc->count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "w%02u ", doc->words[i]);
	put(lang, "und", catalog_value_new_string(text));
	put(listing, "title", lang);
	snprintf(text, sizeof text, "http://example.org/theme/T%u", doc->theme);
	list = list_of(catalog_value_new_string(text));
	if (doc->other != doc->theme) {
		snprintf(text, sizeof text, "http://example.org/theme/T%u", doc->other);
		assert_int_equal(catalog_value_append(list, catalog_value_new_string(text)), 0);
	}
	put(listing, "theme", list);
	if (doc->keywords != 0) {
		lang = catalog_value_new_map();
		list = catalog_value_new_list();
		for (unsigned i = 0; i < KEYWORDS; i++) {
			if ((doc->keywords >> i & 1) == 0)
				continue;
			snprintf(text, sizeof text, "key%02u", i);
			assert_int_equal(catalog_value_append(list, catalog_value_new_string(text)),
					 0);
		}
		put(lang, "und", list);
		put(listing, "keyword", lang);
	}
	snprintf(text, sizeof text, "%u-06-01", 2000 + doc->year);
	put(listing, "issued", catalog_value_new_string(text));
	if (doc->box) {
		struct catalog_value *place = catalog_value_new_map();
		struct catalog_value *box = catalog_value_new_list();
		const int corners[] = {doc->west, doc->south, doc->west + 1, doc->south + 1};

		for (size_t i = 0; i < 4; i++)
			assert_int_equal(
				catalog_value_append(box, catalog_value_new_int(corners[i])), 0);
		put(place, "bbox", box);
		put(listing, "spatial", list_of(place));
	}
	return listing;
}

static struct doc random_doc(uint32_t *seed)
{
	struct doc doc = {.count = 1 + random_next(seed) % WORDS_MAX, .live = true};

	for (size_t i = 0; i < doc.count; i++) { /* some words are frequent */
		uint32_t a = random_next(seed) % VOCABULARY, b = random_next(seed) % VOCABULARY;

		doc.words[i] = (uint8_t)(a < b ? a : b);
	}
	doc.theme = random_next(seed) % THEMES;
	doc.other = random_next(seed) % 3 == 0 ? random_next(seed) % THEMES : doc.theme;
	if (random_next(seed) % 12 == 0)
		doc.keywords = random_next(seed) % (1u << KEYWORDS);
	doc.year = random_next(seed) % 10;
	doc.box = random_next(seed) % 2 == 0;
	doc.west = (int)(random_next(seed) % 20);
	doc.south = (int)(random_next(seed) % 20);
	return doc;
}

struct change {
	const struct catalog_member *member;
	struct doc *docs;
	size_t from, to; /* to add */
	const size_t *gone;
	size_t gone_count;
};

static int apply(struct catalog_txn *txn, void *arg)
{
	const struct change *change = arg;
	struct catalog_index_batch *batch = NULL;
	int r = catalog_index_batch_new(txn, &batch);

	for (size_t i = change->from; r == 0 && i < change->to; i++) {
		struct catalog_value *listing = listing_of(&change->docs[i]);

		r = catalog_index_batch_add(batch, change->member, i, listing);
		catalog_value_free(listing);
	}
	for (size_t i = 0; r == 0 && i < change->gone_count; i++)
		r = catalog_index_batch_remove(batch, change->member->index, change->gone[i]);
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	return r;
}

static int tidy(struct catalog_txn *txn, void *arg)
{
	return catalog_index_tidy(txn, arg);
}

/* --- asking ------------------------------------------------------------------------------- */

static int try(struct fixture *fixture, const struct catalog_query *query,
	       struct catalog_found *found, const char **why)
{
	struct catalog_txn *txn;
	int r;

	assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
	r = catalog_index_find(txn, query, found, why);
	catalog_store_end(txn);
	return r;
}

static struct catalog_found ask(struct fixture *fixture, struct catalog_query query)
{
	struct catalog_found found;
	const char *why = "";

	if (query.limit == 0)
		query.limit = CATALOG_INDEX_HITS_MAX;
	if (try(fixture, &query, &found, &why) != 0)
		fail_msg("\"%s\": %s", query.text, why);
	return found;
}

static uint64_t total_of(struct fixture *fixture, const char *text)
{
	struct catalog_found found = ask(fixture, (struct catalog_query){.text = text});
	uint64_t total = found.total;

	catalog_index_found_close(&found);
	return total;
}

/* --- the model's answer ------------------------------------------------------------------- */

static bool has(const struct doc *doc, unsigned word)
{
	for (size_t i = 0; i < doc->count; i++)
		if (doc->words[i] == word)
			return true;
	return false;
}

static bool has_pair(const struct doc *doc, unsigned a, unsigned b)
{
	for (size_t i = 1; i < doc->count; i++)
		if (doc->words[i - 1] == a && doc->words[i] == b)
			return true;
	return false;
}

enum shape { BOTH, TRIPLE, QUOTED, EITHER, BUT, PAIR, PREFIX, THEME, YEARS, BOX, GROUP, SHAPES };

static bool meets(const struct doc *doc, enum shape shape, unsigned a, unsigned b, unsigned c)
{
	switch (shape) {
	case BOTH: return has(doc, a) && has(doc, b);
	case TRIPLE: return has(doc, a) && has(doc, b) && has(doc, c);
	case QUOTED: return has_pair(doc, a, b) && has(doc, c);
	case EITHER: return has(doc, a) || has(doc, b);
	case BUT: return has(doc, a) && !has(doc, b);
	case PAIR: return has_pair(doc, a, b);
	case PREFIX:
		for (unsigned word = a / 10 * 10; word < a / 10 * 10 + 10; word++)
			if (has(doc, word))
				return true;
		return false;
	case THEME: return has(doc, a) && (doc->theme == c % THEMES || doc->other == c % THEMES);
	case YEARS: return has(doc, a) && doc->year >= b % 5 && doc->year <= b % 5 + c % 5;
	case BOX:
		return doc->box && has(doc, a) && doc->west <= (int)(b % 20) + 3 &&
		       doc->west + 1 >= (int)(b % 20) && doc->south <= (int)(c % 20) + 3 &&
		       doc->south + 1 >= (int)(c % 20);
	case GROUP: return (has(doc, a) || has_pair(doc, b, c)) && !(has(doc, c) && has(doc, a));
	case SHAPES: break;
	}
	return false;
}

static struct catalog_query query_of(enum shape shape, unsigned a, unsigned b, unsigned c,
				     char text[128], char theme[8])
{
	struct catalog_query query = {.text = text};

	switch (shape) {
	case BOTH: snprintf(text, 128, "w%02u w%02u", a, b); break;
	case TRIPLE: snprintf(text, 128, "w%02u w%02u w%02u", a, b, c); break;
	case QUOTED: snprintf(text, 128, "\"w%02u w%02u\" w%02u", a, b, c); break;
	case EITHER: snprintf(text, 128, "w%02u OR w%02u", a, b); break;
	case BUT: snprintf(text, 128, "w%02u -w%02u", a, b); break;
	case PAIR: snprintf(text, 128, "\"w%02u w%02u\"", a, b); break;
	case PREFIX: snprintf(text, 128, "w%u*", a / 10); break;
	case THEME:
		snprintf(text, 128, "w%02u", a);
		snprintf(theme, 8, "T%u", c % THEMES);
		query.theme = theme;
		break;
	case YEARS:
		snprintf(text, 128, "w%02u issued:%u..%u", a, 2000 + b % 5, 2000 + b % 5 + c % 5);
		break;
	case BOX:
		snprintf(text, 128, "w%02u", a);
		query.box = CATALOG_QUERY_BOX_MEETS;
		query.bbox[0] = b % 20;
		query.bbox[1] = c % 20;
		query.bbox[2] = b % 20 + 3;
		query.bbox[3] = c % 20 + 3;
		break;
	case GROUP:
		snprintf(text, 128, "(w%02u OR \"w%02u w%02u\") -(w%02u w%02u)", a, b, c, c, a);
		break;
	case SHAPES: break;
	}
	return query;
}

/* Values are so many letters and a number; each has its count, those that have none are not there.
 */
static void check_counts(const struct catalog_facet *facet, size_t letters, uint64_t *expected,
			 size_t count)
{
	for (size_t i = 0; i < facet->count; i++) {
		unsigned long nth = strtoul(facet->values[i].value + letters, NULL, 10);

		assert_true(nth < count);
		assert_int_equal(facet->values[i].count, expected[nth]);
		assert_true(expected[nth] > 0);
		expected[nth] = 0;
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(expected[i], 0);
}

static void compare(struct fixture *fixture, const struct doc *docs, size_t count, uint32_t *seed)
{
	unsigned a = random_next(seed) % VOCABULARY, b = random_next(seed) % VOCABULARY;
	unsigned c = random_next(seed) % VOCABULARY;
	enum shape shape = random_next(seed) % SHAPES;
	uint64_t expected = 0, themes[THEMES] = {0}, keywords[KEYWORDS] = {0};
	bool given[DOCS_MAX] = {false};
	char text[128], theme[8];
	struct catalog_query query = query_of(shape, a, b, c, text, theme);
	struct catalog_found found;
	double before = 1e300;
	uint64_t index_before = 0;

	query.facets = 1u << CATALOG_INDEX_FACET_THEME | 1u << CATALOG_INDEX_FACET_KEYWORD;
	found = ask(fixture, query);
	for (size_t i = 0; i < count; i++) {
		if (!docs[i].live || !meets(&docs[i], shape, a, b, c))
			continue;
		expected++;
		themes[docs[i].theme]++;
		themes[docs[i].other] += docs[i].other != docs[i].theme;
		for (size_t k = 0; k < KEYWORDS; k++)
			keywords[k] += docs[i].keywords >> k & 1;
	}
	if (found.total != expected)
		fail_msg("\"%s\" finds %lu, not %lu", text, (unsigned long)found.total,
			 (unsigned long)expected);
	for (size_t i = 0; i < found.count; i++) {
		const struct catalog_hit *hit = &found.hits[i];

		assert_true(hit->index < count);
		assert_false(given[hit->index]);
		given[hit->index] = true;
		assert_true(docs[hit->index].live);
		assert_true(meets(&docs[hit->index], shape, a, b, c));
		assert_true(hit->score <= before);
		if (hit->score >= before) /* of equal ones the newer is first */
			assert_true(hit->index < index_before);
		before = hit->score;
		index_before = hit->index;
	}
	check_counts(&found.facets[CATALOG_INDEX_FACET_THEME], 1, themes, THEMES);
	check_counts(&found.facets[CATALOG_INDEX_FACET_KEYWORD], 3, keywords, KEYWORDS);
	catalog_index_found_close(&found);
}

/* The same asked leniently: what has all of the words, then what has some. */
static void compare_leniently(struct fixture *fixture, const struct doc *docs, size_t count,
			      uint32_t *seed)
{
	unsigned a = random_next(seed) % VOCABULARY, b = random_next(seed) % VOCABULARY;
	unsigned c = random_next(seed) % VOCABULARY;
	uint64_t all = 0, some = 0, at = 0;
	struct catalog_found found;
	char text[32];

	for (size_t i = 0; i < count; i++) {
		all += docs[i].live && meets(&docs[i], TRIPLE, a, b, c);
		some += docs[i].live && (has(&docs[i], a) || has(&docs[i], b) || has(&docs[i], c));
	}
	snprintf(text, sizeof text, "w%02u w%02u w%02u", a, b, c);
	found = ask(fixture, (struct catalog_query){.text = text, .lenient = true});
	assert_int_equal(found.total, all);
	assert_int_equal(found.more, all < CATALOG_INDEX_ENOUGH ? some - all : 0);
	for (; at < found.count; at++)
		assert_true(meets(&docs[found.hits[at].index], TRIPLE, a, b, c) == (at < all));
	catalog_index_found_close(&found);
}

static void test_random_queries_give_what_a_scan_gives(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	const char *given = getenv("INDEX_SEED");
	uint32_t seed = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : 11;
	size_t count = 0;

	printf("INDEX_SEED=%u\n", seed);
	while (count + 70 < DOCS_MAX) {
		struct change change = {.member = &fixture->member, .docs = docs, .from = count};
		size_t gone[20];

		for (size_t n = random_next(&seed) % 9 == 0 ? 60 : random_next(&seed) % 8; n > 0;
		     n--)
			docs[count++] = random_doc(&seed);
		change.to = count;
		for (size_t n = random_next(&seed) % 6; n > 0 && count > 0; n--) {
			size_t i = random_next(&seed) % count;

			if (!docs[i].live)
				continue;
			docs[i].live = false;
			gone[change.gone_count++] = i;
		}
		change.gone = gone;
		assert_int_equal(catalog_store_write(fixture->store, apply, &change), 0);
		if (random_next(&seed) % 20 == 0) {
			bool more;

			assert_int_equal(catalog_store_write(fixture->store, tidy, &more), 0);
		}
		for (int i = 0; i < 5; i++)
			compare(fixture, docs, count, &seed);
		compare_leniently(fixture, docs, count, &seed);
	}
}

static void fill(struct fixture *fixture, struct doc *docs, size_t count, uint32_t *seed)
{
	for (size_t i = 0; i < count; i++)
		docs[i] = random_doc(seed);
	for (size_t i = 0; i < count; i += 100) {
		struct change change = {.member = &fixture->member,
					.docs = docs,
					.from = i,
					.to = i + 100 < count ? i + 100 : count};

		assert_int_equal(catalog_store_write(fixture->store, apply, &change), 0);
	}
}

static void test_pages_by_cursor_are_the_whole_answer_while_listings_come(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	struct catalog_query query = {.text = "w03 OR w05", .limit = 7};
	struct catalog_found whole, page;
	uint32_t seed = 5;
	size_t at = 0, came = 1000;
	char *cursor = NULL;

	fill(fixture, docs, 1000, &seed);
	whole = ask(fixture, (struct catalog_query){.text = "w03 OR w05"});
	assert_true(whole.total > 100);
	do {
		struct change change = {.member = &fixture->member, .docs = docs, .from = came};

		query.cursor = cursor;
		page = ask(fixture, query);
		assert_int_equal(page.total, whole.total);
		for (size_t i = 0; i < page.count; i++, at++) {
			assert_int_equal(page.hits[i].index, whole.hits[at].index);
			assert_true(page.hits[i].score >= whole.hits[at].score &&
				    page.hits[i].score <= whole.hits[at].score);
		}
		free(cursor);
		cursor = page.cursor;
		page.cursor = NULL;
		catalog_index_found_close(&page);
		if (came < DOCS_MAX) {
			docs[came] = random_doc(&seed);
			change.to = ++came;
			assert_int_equal(catalog_store_write(fixture->store, apply, &change), 0);
		}
	} while (cursor != NULL);
	assert_int_equal(at, whole.count);
	catalog_index_found_close(&whole);
}

static void test_a_cursor_of_another_search_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	struct catalog_query other = {.text = "w05", .limit = 5};
	struct catalog_found page, none;
	const char *why = "";
	uint32_t seed = 6;

	fill(fixture, docs, 300, &seed);
	page = ask(fixture, (struct catalog_query){.text = "w03", .limit = 5});
	assert_non_null(page.cursor);
	other.cursor = page.cursor;
	assert_int_equal(try(fixture, &other, &none, &why), -ESTALE);
	other.cursor = "0123";
	assert_int_equal(try(fixture, &other, &none, &why), -ESTALE);
	catalog_index_found_close(&page);
}

static void test_nothing_that_a_person_types_is_a_mistake(void **state)
{
	static const char *const texts[] = {"\"w01",     "w01)",      "(w01",
					    "w01:",      ":w01",      "w01 OR",
					    "OR w01",    "OR",        "()",
					    "\"\"",      "- w01",     "--w01",
					    "w01 AND",   "((w01)",    "http://w01.org/a",
					    "a:b:c",     "w01 -(",    "-\"w01",
					    "issued:xx", "issued:",   "issued:..",
					    "year:a",    ") w01",     "w01 ) OR ( w02",
					    "-",         "\"-\" -\"", "theme:\"",
					    "w01\"w02",  "policy:x"};
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	uint32_t seed = 7;

	fill(fixture, docs, 200, &seed);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		(void)total_of(fixture, texts[i]);
	assert_int_equal(total_of(fixture, "\"w01"), total_of(fixture, "w01"));
	assert_int_equal(total_of(fixture, "((w01)"), total_of(fixture, "w01"));
	assert_int_equal(total_of(fixture, "w01 w02 )"), total_of(fixture, "w02 w01"));
	assert_int_equal(total_of(fixture, "-w01") + total_of(fixture, "w01"), 200);
}

static void test_hostile_queries_are_refused_with_a_sentence(void **state)
{
	struct fixture *fixture = *state;
	static char text[20001];
	struct catalog_query query = {.text = text, .limit = 1};
	struct catalog_found found;
	const char *why = "";

	for (size_t i = 0; i < 10000; i++)
		memcpy(text + 2 * i, "a ", 3);
	assert_int_equal(try(fixture, &query, &found, &why), -E2BIG);
	assert_non_null(strstr(why, "1,024"));
	memset(text, '(', 900);
	text[900] = '\0';
	assert_int_equal(try(fixture, &query, &found, &why), -E2BIG);
	assert_non_null(strstr(why, "parentheses"));
	snprintf(text, sizeof text, "*");
	assert_int_equal(try(fixture, &query, &found, &why), -EINVAL);
	assert_non_null(strstr(why, "*"));
	snprintf(text, sizeof text, "a*");
	assert_int_equal(try(fixture, &query, &found, &why), -EINVAL);
	snprintf(text, sizeof text, "rice");
	query.cursor = "zz";
	assert_int_equal(try(fixture, &query, &found, &why), -ESTALE);
}

static void test_a_spent_budget_gives_a_part_that_says_so(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	struct catalog_found found;
	uint32_t seed = 8;

	fill(fixture, docs, 1000, &seed);
	found = ask(fixture, (struct catalog_query){.text = "w01 OR w02", .postings_max = 1});
	assert_true(found.partial);
	catalog_index_found_close(&found);
	found = ask(fixture, (struct catalog_query){.text = "w01 OR w02"});
	assert_false(found.partial);
	catalog_index_found_close(&found);
}

static void test_explanations_add_up(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	struct catalog_found found;
	uint32_t seed = 9;

	fill(fixture, docs, 300, &seed);
	found = ask(fixture,
		    (struct catalog_query){.text = "w01 w02", .explain = true, .limit = 5});
	assert_true(found.count > 0);
	for (size_t i = 0; i < found.count; i++) {
		double total, a, b;
		const char *first, *second;

		assert_non_null(found.hits[i].explanation);
		assert_int_equal(sscanf(found.hits[i].explanation, "%lf = %lf", &total, &a), 2);
		first = strstr(found.hits[i].explanation, "\"w01\"");
		second = strstr(found.hits[i].explanation, ") + ");
		assert_non_null(first);
		assert_non_null(second);
		assert_int_equal(sscanf(second, ") + %lf", &b), 1);
		assert_true(a + b > total - 0.002 && a + b < total + 0.002);
	}
	catalog_index_found_close(&found);
}

/* --- words that are nearly there ----------------------------------------------------------- */

static struct catalog_value *titled(const char *tag, const char *title)
{
	struct catalog_value *listing = catalog_value_new_map(), *lang = catalog_value_new_map();

	put(lang, tag, catalog_value_new_string(title));
	put(listing, "title", lang);
	return listing;
}

struct one {
	const struct catalog_member *member;
	struct catalog_value *listing;
	uint64_t index;
};

static int apply_one(struct catalog_txn *txn, void *arg)
{
	const struct one *one = arg;
	struct catalog_index_batch *batch = NULL;
	int r = catalog_index_batch_new(txn, &batch);

	if (r == 0)
		r = catalog_index_batch_add(batch, one->member, one->index, one->listing);
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	return r;
}

static void add(struct fixture *fixture, uint64_t index, struct catalog_value *listing)
{
	struct one one = {&fixture->member, listing, index};

	assert_int_equal(catalog_store_write(fixture->store, apply_one, &one), 0);
	catalog_value_free(listing);
}

static void test_a_slip_of_the_finger_is_forgiven(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_found found;
	struct catalog_facet words;
	struct catalog_txn *txn;

	add(fixture, 0, titled("en", "Population of the counties"));
	add(fixture, 1, titled("en", "Rainfall"));
	found = ask(fixture,
		    (struct catalog_query){.text = "popluation", .lenient = true, .explain = true});
	assert_int_equal(found.total, 1);
	assert_string_equal(found.did_you_mean, "population");
	assert_non_null(
		strstr(found.hits[0].explanation, "\"popluation\", taken for \"population\""));
	catalog_index_found_close(&found);
	found = ask(fixture,
		    (struct catalog_query){.text = "rainfall -popluaton", .lenient = true});
	assert_int_equal(found.total, 1);
	assert_null(found.did_you_mean); /* what is not wanted need not be there */
	catalog_index_found_close(&found);
	assert_int_equal(total_of(fixture, "popluation"), 0);
	assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
	assert_int_equal(catalog_index_suggest(txn, "the pop", &words), 0);
	catalog_store_end(txn);
	assert_int_equal(words.count, 1);
	assert_string_equal(words.values[0].value, "population");
	catalog_index_suggest_close(&words);
}

static void test_what_has_some_words_follows_where_few_have_all(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = {.text = "population rainfall", .lenient = true};
	struct catalog_found found;

	add(fixture, 0, titled("en", "Population"));
	add(fixture, 1, titled("en", "Rainfall"));
	assert_int_equal(total_of(fixture, "population rainfall"), 0);
	found = ask(fixture, query);
	assert_int_equal(found.total, 0);
	assert_int_equal(found.more, 2);
	assert_int_equal(found.count, 2);
	catalog_index_found_close(&found);
	/* Long, so that its score is the least, but it has both. */
	add(fixture, 2,
	    titled("en", "On the many ways in which the population of a region may be "
			 "told from its rainfall, and the other way round"));
	found = ask(fixture, query);
	assert_int_equal(found.total, 1);
	assert_int_equal(found.more, 2);
	assert_int_equal(found.hits[0].index, 2);
	assert_int_equal(found.count, 3);
	catalog_index_found_close(&found);
	query.sort = CATALOG_QUERY_BY_ENTRY;
	found = ask(fixture, query);
	assert_int_equal(found.total, 1);
	assert_int_equal(found.more, 0);
	catalog_index_found_close(&found);
	/* Small words need not be there. */
	found = ask(fixture,
		    (struct catalog_query){.text = "what is the rainfall", .lenient = true});
	assert_int_equal(found.total, 2);
	assert_int_equal(found.more, 0);
	catalog_index_found_close(&found);
}

static void test_pages_go_on_from_all_words_to_some(void **state)
{
	struct fixture *fixture = *state;
	static struct doc docs[DOCS_MAX];
	struct catalog_query query = {.text = "w20 w29", .lenient = true, .limit = 3};
	struct catalog_found page;
	bool given[DOCS_MAX] = {false}, some = false;
	uint64_t both = 0, either = 0, count = 0;
	uint32_t seed = 12;
	char *cursor = NULL;

	fill(fixture, docs, 400, &seed);
	for (size_t i = 0; i < 400; i++) {
		both += has(&docs[i], 20) && has(&docs[i], 29);
		either += has(&docs[i], 20) || has(&docs[i], 29);
	}
	assert_in_range(both, 1, CATALOG_INDEX_ENOUGH - 1);
	do {
		query.cursor = cursor;
		page = ask(fixture, query);
		assert_int_equal(page.total, both);
		assert_int_equal(page.more, either - both);
		for (size_t i = 0; i < page.count; i++, count++) {
			const struct doc *doc = &docs[page.hits[i].index];

			assert_false(given[page.hits[i].index]);
			given[page.hits[i].index] = true;
			assert_true(has(doc, 20) || has(doc, 29));
			some = some || !has(doc, 20) || !has(doc, 29);
			assert_true(some == (count >= both));
		}
		free(cursor);
		cursor = page.cursor;
		page.cursor = NULL;
		catalog_index_found_close(&page);
	} while (cursor != NULL);
	assert_int_equal(count, either);
}

/* --- policies ------------------------------------------------------------------------------ */

static void test_policies_answer_yes_no_or_unknown(void **state)
{
	static const struct {
		const char *line, *question;
		enum catalog_index_policy_answer answer;
	} cases[] = {
		{"", "research", CATALOG_INDEX_POLICY_UNKNOWN},
		{"+use", "research in KE", CATALOG_INDEX_POLICY_YES},
		{"+use?research@ke", "research in KE", CATALOG_INDEX_POLICY_YES},
		{"+use?research@ke", "research in TZ", CATALOG_INDEX_POLICY_UNKNOWN},
		{"+use?research@ke", "research", CATALOG_INDEX_POLICY_UNKNOWN},
		{"-use?commercial;+use", "commercial", CATALOG_INDEX_POLICY_NO},
		{"-use?commercial;+use", "research", CATALOG_INDEX_POLICY_YES},
		{"-use!;+use", "research", CATALOG_INDEX_POLICY_UNKNOWN},
		{"+use?research!", "research", CATALOG_INDEX_POLICY_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct catalog_index_policy_question question;
		struct catalog_index_policy_text text;
		char reason[100];

		assert_int_equal(catalog_index_policy_read(cases[i].question, &text, &question), 0);
		if (catalog_index_policy_ask((struct catalog_span){(const uint8_t *)cases[i].line,
								   strlen(cases[i].line)},
					     &question, reason, sizeof reason) != cases[i].answer)
			fail_msg("\"%s\" of \"%s\": %s", cases[i].question, cases[i].line, reason);
		assert_true(strlen(reason) > 0);
	}
}

static struct catalog_value *constraint(const char *left, const char *right)
{
	struct catalog_value *map = catalog_value_new_map();

	put(map, "leftOperand", catalog_value_new_string(left));
	put(map, "operator", catalog_value_new_string("eq"));
	put(map, "rightOperand", catalog_value_new_string(right));
	return map;
}

static void test_usage_filters_and_counts_listings(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_value *listing = titled("en", "Wells"), *rule = catalog_value_new_map();
	struct catalog_value *policy = catalog_value_new_map();
	struct catalog_query query = {.text = "wells",
				      .usage = "research in KE",
				      .usage_answer = CATALOG_INDEX_POLICY_YES,
				      .facets = 1u << CATALOG_INDEX_FACET_POLICY};
	struct catalog_found found;

	put(rule, "action", catalog_value_new_string("odrl:use"));
	put(rule, "constraint", list_of(constraint("odrl:purpose", "research")));
	put(policy, "permission", list_of(rule));
	put(listing, "policy", list_of(policy));
	add(fixture, 0, listing);
	add(fixture, 1, titled("en", "Wells"));
	found = ask(fixture, query);
	assert_int_equal(found.total, 1);
	assert_int_equal(found.hits[0].index, 0);
	assert_int_equal(found.usage[CATALOG_INDEX_POLICY_YES], 1);
	catalog_index_found_close(&found);
	query.usage_answer = CATALOG_INDEX_POLICY_UNKNOWN;
	found = ask(fixture, query);
	assert_int_equal(found.total, 1);
	assert_int_equal(found.hits[0].index, 1);
	assert_int_equal(found.usage[CATALOG_INDEX_POLICY_UNKNOWN], 1);
	catalog_index_found_close(&found);
}

#define A_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

TEST_MAIN("catalog/index_query", A_TEST(test_random_queries_give_what_a_scan_gives),
	  A_TEST(test_pages_by_cursor_are_the_whole_answer_while_listings_come),
	  A_TEST(test_a_cursor_of_another_search_is_refused),
	  A_TEST(test_nothing_that_a_person_types_is_a_mistake),
	  A_TEST(test_hostile_queries_are_refused_with_a_sentence),
	  A_TEST(test_a_spent_budget_gives_a_part_that_says_so), A_TEST(test_explanations_add_up),
	  A_TEST(test_a_slip_of_the_finger_is_forgiven),
	  A_TEST(test_what_has_some_words_follows_where_few_have_all),
	  A_TEST(test_pages_go_on_from_all_words_to_some),
	  A_TEST(test_policies_answer_yes_no_or_unknown),
	  A_TEST(test_usage_filters_and_counts_listings))
