#include "tests/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/index.h"
#include "catalog/index_words.h"

#define DOCS_MAX   600
#define VOCABULARY 40

struct fixture {
	char dir[64];
	struct catalog_store *store;
	struct catalog_member members[2];
};

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	snprintf(fixture->dir, sizeof fixture->dir, "/tmp/test_index.XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	assert_int_equal(catalog_store_open(fixture->dir, 1, &fixture->store), 0);
	for (uint32_t i = 0; i < 2; i++) {
		fixture->members[i].index = i;
		snprintf(fixture->members[i].name, sizeof fixture->members[i].name, "member-%u", i);
		snprintf(fixture->members[i].country, 3, "%s", i == 0 ? "KE" : "FR");
	}
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	catalog_store_close(fixture->store);
	snprintf(path, sizeof path, "%s/data.mdb", fixture->dir);
	unlink(path);
	snprintf(path, sizeof path, "%s/lock.mdb", fixture->dir);
	unlink(path);
	rmdir(fixture->dir);
	free(fixture);
	return 0;
}

static struct catalog_value *listing_of(const char *tag, const char *title, const char *theme,
					const char *country)
{
	struct catalog_value *listing = catalog_value_new_map();
	struct catalog_value *lang = catalog_value_new_map(), *list, *place;

	assert_int_equal(catalog_value_set(lang, tag, catalog_value_new_string(title)), 0);
	assert_int_equal(catalog_value_set(listing, "title", lang), 0);
	if (theme != NULL) {
		list = catalog_value_new_list();
		assert_int_equal(catalog_value_append(list, catalog_value_new_string(theme)), 0);
		assert_int_equal(catalog_value_set(listing, "theme", list), 0);
	}
	if (country != NULL) {
		place = catalog_value_new_map();
		list = catalog_value_new_list();
		assert_int_equal(
			catalog_value_set(place, "country", catalog_value_new_string(country)), 0);
		assert_int_equal(catalog_value_append(list, place), 0);
		assert_int_equal(catalog_value_set(listing, "spatial", list), 0);
	}
	return listing;
}

struct change {
	const struct catalog_member *member;
	uint64_t index;
	struct catalog_value *listing; /* NULL: remove */
};
struct changes {
	struct change *changes;
	size_t count;
};

#define GATHERED 3 /* words that are gathered before, besides those of the batch itself */

/* Whose words a change's are: those gathered before in turn, with some of the batch's between. */
static size_t words_of(size_t i)
{
	return i / 5 % (GATHERED + 1);
}

static int apply(struct catalog_txn *txn, void *arg)
{
	const struct changes *all = arg;
	struct catalog_index_batch *batch = NULL;
	struct catalog_index_words *words[GATHERED];
	uint32_t *slots = calloc(all->count + 1, sizeof *slots);
	int r;

	assert_non_null(slots);
	for (size_t w = 0; w < GATHERED; w++) {
		assert_int_equal(
			catalog_index_words_new(catalog_store_lender(catalog_store_of(txn)),
						all->count + 1, &words[w]),
			0);
		for (size_t i = 0; i < all->count; i++) {
			const struct catalog_value *listing = all->changes[i].listing;

			if (listing == NULL || words_of(i) != w)
				continue;
			assert_int_equal(catalog_index_words_begin(words[w], &slots[i]), 0);
			assert_int_equal(catalog_index_words_add(words[w], listing), 0);
		}
		assert_int_equal(catalog_index_words_sort(words[w]), 0);
	}
	r = catalog_index_batch_new(txn, &batch);
	for (size_t i = 0; r == 0 && i < all->count; i++) {
		const struct change *change = &all->changes[i];

		if (change->listing == NULL)
			r = catalog_index_batch_remove(batch, change->member->index, change->index);
		else if (words_of(i) < GATHERED)
			r = catalog_index_batch_add_words(batch, change->member, change->index,
							  words[words_of(i)], slots[i]);
		else
			r = catalog_index_batch_add(batch, change->member, change->index,
						    change->listing);
	}
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	for (size_t w = 0; w < GATHERED; w++)
		catalog_index_words_free(words[w]);
	free(slots);
	return r;
}

static void change(struct fixture *fixture, struct change *changes, size_t count)
{
	struct changes all = {changes, count};

	assert_int_equal(catalog_store_write(fixture->store, apply, &all), 0);
	for (size_t i = 0; i < count; i++)
		catalog_value_free(changes[i].listing);
}

static uint64_t find(struct fixture *fixture, struct catalog_query query, struct catalog_hit *hits,
		     size_t *ret_count)
{
	struct catalog_txn *txn;
	uint64_t total = 0;

	assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
	assert_int_equal(catalog_index_search(txn, &query, hits, ret_count, &total), 0);
	catalog_store_end(txn);
	return total;
}

static uint64_t total_of(struct fixture *fixture, struct catalog_query query)
{
	static struct catalog_hit hits[CATALOG_INDEX_HITS_MAX];
	size_t count;

	query.limit = CATALOG_INDEX_HITS_MAX;
	return find(fixture, query, hits, &count);
}

static void test_words_are_found_in_the_forms_people_type(void **state)
{
	static const struct {
		const char *tag, *title, *query;
	} cases[] = {
		{"en", "Rice yields of the plantations", "plantation yield"},
		{"fr", "Établissements de santé", "sante etablissement"},
		{"zh", "北京市空气质量监测数据", "空气质量"},
		{"ar", "السُّكَّان حسب المحافظة", "السكان"},
		{"sw", "Takwimu za afya ya jamii", "AFYA takwimu"},
		{"th", "ข้อมูลประชากรไทย", "ประชากร"},
		{"de", "Straßenverkehr in Köln", "strassenverkehr KOLN"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		change(fixture,
		       &(struct change){&fixture->members[0], i,
					listing_of(cases[i].tag, cases[i].title, NULL, NULL)},
		       1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct catalog_hit hits[10];
		size_t count;

		if (find(fixture, (struct catalog_query){.text = cases[i].query, .limit = 10}, hits,
			 &count) != 1)
			fail_msg("\"%s\" finds %zu", cases[i].query, count);
		assert_int_equal(hits[0].index, i);
	}
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "yield afya"}), 0);
}

static void test_filters_let_through_what_they_name(void **state)
{
	struct fixture *fixture = *state;
	struct change changes[] = {
		{&fixture->members[0], 0, listing_of("en", "a", "http://x.org/theme/HEAL/", NULL)},
		{&fixture->members[0], 1, listing_of("en", "a", "Health", "TZ")},
		{&fixture->members[1], 0, listing_of("en", "b", NULL, NULL)},
	};

	change(fixture, changes, 3);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = ""}), 3);
	assert_int_equal(
		total_of(fixture, (struct catalog_query){.text = "", .member = "member-0"}), 2);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "", .country = "ke"}), 1);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "", .country = "TZ"}), 1);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "", .theme = "heal"}), 2);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "a", .theme = "HEALTH"}),
			 2);
	assert_int_equal(total_of(fixture, (struct catalog_query){.text = "",
								  .theme = "http://x.org/theme/"
									   "HEAL/"}),
			 1);
	assert_int_equal(
		total_of(fixture, (struct catalog_query){.text = "b", .member = "member-0"}), 0);
}

static void test_limits_are_kept(void **state)
{
	struct fixture *fixture = *state;
	char text[CATALOG_INDEX_QUERY_BYTES_MAX + 2];
	struct catalog_query query = {.text = text, .limit = 1};
	struct catalog_hit hit;
	struct catalog_txn *txn;
	uint64_t total;
	size_t count;

	assert_int_equal(catalog_store_begin(fixture->store, &txn), 0);
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '\0';
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), -E2BIG);
	for (size_t i = 0; i < 66; i++)
		text[i] = i % 2 == 0 ? 'a' : ' ';
	text[66] = '\0';
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), -E2BIG);
	text[64] = '\0';
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), 0);
	query.limit = 0;
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), -EINVAL);
	query.limit = 1;
	query.offset = CATALOG_INDEX_WINDOW_MAX;
	assert_int_equal(catalog_index_search(txn, &query, &hit, &count, &total), -EINVAL);
	catalog_store_end(txn);
}

/* --- against a scan ------------------------------------------------------------------- */

struct model {
	uint64_t words; /* set of the vocabulary */
	uint64_t index;
	bool live;
};

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static struct catalog_value *random_listing(uint32_t *seed, uint64_t *ret_words)
{
	char title[256] = "";
	size_t len = 0;
	uint64_t words = 0;

	for (uint32_t n = 1 + random_next(seed) % 8; n > 0; n--) {
		uint32_t word = random_next(seed) % VOCABULARY;

		len += (size_t)snprintf(title + len, sizeof title - len, "w%u ", word);
		words |= UINT64_C(1) << word;
	}
	*ret_words = words;
	return listing_of("und", title, NULL, NULL);
}

static void compare_with_scan(struct fixture *fixture, const struct model *models, size_t count,
			      uint32_t *seed)
{
	static struct catalog_hit hits[CATALOG_INDEX_HITS_MAX];
	uint32_t a = random_next(seed) % VOCABULARY, b = random_next(seed) % VOCABULARY;
	uint64_t wanted = UINT64_C(1) << a | UINT64_C(1) << b;
	bool found[DOCS_MAX] = {false};
	size_t expected = 0, got;
	char text[32];

	snprintf(text, sizeof text, "w%u w%u", a, b);
	for (size_t i = 0; i < count; i++)
		expected += models[i].live && (models[i].words & wanted) == wanted;
	assert_int_equal(find(fixture,
			      (struct catalog_query){.text = text, .limit = CATALOG_INDEX_HITS_MAX},
			      hits, &got),
			 expected);
	assert_int_equal(got, expected);
	for (size_t i = 0; i < got; i++) {
		assert_true(hits[i].index < count);
		assert_false(found[hits[i].index]);
		found[hits[i].index] = true;
		assert_true(models[hits[i].index].live);
		assert_true((models[hits[i].index].words & wanted) == wanted);
		if (i > 0)
			assert_true(hits[i].score <= hits[i - 1].score);
	}
}

static void test_random_batches_give_what_a_scan_gives(void **state)
{
	struct fixture *fixture = *state;
	struct model models[DOCS_MAX];
	struct catalog_hit newest;
	size_t count = 0, live = 0, got;
	uint32_t seed = 7;

	while (count + 12 < DOCS_MAX) {
		struct change changes[24];
		size_t n = 0;

		for (uint32_t adds = 1 + random_next(&seed) % 12; adds > 0; adds--, count++) {
			models[count] = (struct model){.index = count, .live = true};
			changes[n++] = (struct change){&fixture->members[0], count,
						       random_listing(&seed, &models[count].words)};
			live++;
		}
		for (uint32_t removes = random_next(&seed) % 12; removes > 0; removes--) {
			size_t i = random_next(&seed) % count;

			changes[n++] = (struct change){&fixture->members[0], i, NULL};
			live -= models[i].live;
			models[i].live = false;
		}
		change(fixture, changes, n);
		for (int i = 0; i < 4; i++)
			compare_with_scan(fixture, models, count, &seed);
		assert_int_equal(total_of(fixture, (struct catalog_query){.text = ""}), live);
	}
	assert_true(live > 0);
	find(fixture, (struct catalog_query){.text = "", .limit = 1}, &newest, &got);
	for (size_t i = newest.index + 1; i < count; i++)
		assert_false(models[i].live);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

TEST_MAIN("catalog/index", TEST(test_words_are_found_in_the_forms_people_type),
	  TEST(test_filters_let_through_what_they_name), TEST(test_limits_are_kept),
	  TEST(test_random_batches_give_what_a_scan_gives))
