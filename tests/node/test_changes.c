/* What is new in a search, and since when: the times are those that the member signed. */
#include "tests/node/session.h"

#include "catalog/date.h"
#include "catalog/publisher.h"
#include "node/changes.h"

#define DAY_S   (24 * 60 * 60)
#define START_S (INT64_C(18262) * DAY_S) /* 2020-01-01 */

static struct catalog_publisher *publisher;

static int begin(void **state)
{
	int r = set_up(state);

	assert_int_equal(catalog_publisher_new(f.store, f.scratch.charter, SCRATCH_NBS,
					       &f.scratch.nbs, &publisher),
			 0);
	return r;
}

static int end(void **state)
{
	catalog_publisher_free(publisher);
	return tear_down(state);
}

/* Put a listing at a time; each is a batch of its own. */
static void put_at(const char *id, const char *title, int64_t time_s)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {1};
	enum catalog_publisher_outcome outcome;
	struct catalog_value *listing;
	char json[200];

	snprintf(json, sizeof json, "{'title':{'en':'%s'},'modified':'1999-01-01'}", title);
	listing = scratch_value(json);
	assert_int_equal(catalog_publisher_put(publisher, id, listing, time_s, salt, &outcome), 0);
	assert_int_equal(catalog_publisher_flush(publisher, time_s, salt), 0);
	catalog_value_free(listing);
}

static void withdraw_at(const char *id, int64_t time_s)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES] = {2};

	assert_int_equal(catalog_publisher_withdraw(publisher, id, CATALOG_PUBLISHER_WITHDRAW, NULL,
						    time_s, salt),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, time_s, salt), 0);
}

/* How many items and withdrawals there are since a time, over all pages. */
static void count_since(const char *more, int64_t since_s, size_t *ret_items, size_t *ret_withdrawn)
{
	char date[CATALOG_DATE_BYTES_MAX + 1], json[1200], cursor[800] = "";
	unsigned pages = 0;

	catalog_date_from_seconds(since_s, date);
	*ret_items = *ret_withdrawn = 0;
	for (;;) {
		struct catalog_value *answer;
		const char *next;

		snprintf(json, sizeof json, "{'op':'changes','since':'%s'%s%s%s%s}", date, more,
			 cursor[0] != '\0' ? ",'cursor':'" : "", cursor,
			 cursor[0] != '\0' ? "'" : "");
		answer = ask(json);
		*ret_items += catalog_value_count(scratch_at(answer, "items"));
		*ret_withdrawn += catalog_value_count(scratch_at(answer, "withdrawn"));
		next = catalog_value_text(scratch_at(answer, "cursor"));
		cursor[0] = '\0';
		if (next != NULL)
			snprintf(cursor, sizeof cursor, "%s", next);
		catalog_value_free(answer);
		if (cursor[0] == '\0')
			return;
		assert_true(++pages < 100);
	}
}

static void check_since(const char *more, int64_t since_s, size_t items, size_t withdrawn)
{
	size_t got_items, got_withdrawn;

	count_since(more, since_s, &got_items, &got_withdrawn);
	if (got_items != items || got_withdrawn != withdrawn)
		fail_msg("%s since %lld: %zu and %zu instead of %zu and %zu", more,
			 (long long)since_s, got_items, got_withdrawn, items, withdrawn);
}

#define LISTINGS 40

static void test_every_since_gives_what_was_signed_then_or_later(void **state)
{
	(void)state;
	for (int i = 0; i < LISTINGS; i++) {
		char id[16];

		snprintf(id, sizeof id, "t%d", i);
		put_at(id, "Census tract", START_S + i * DAY_S);
	}
	for (int i = 0; i <= LISTINGS; i++) {
		check_since("", START_S + i * DAY_S, (size_t)(LISTINGS - i), 0);
		check_since(",'limit':7", START_S + i * DAY_S - 1, (size_t)(LISTINGS - i), 0);
		check_since(",'text':'census','limit':3", START_S + i * DAY_S + 1,
			    (size_t)(i < LISTINGS ? LISTINGS - i - 1 : 0), 0);
	}
	check_since(",'text':'rice'", START_S, 0, 0);
	check_since(",'member':'uni'", START_S, 0, 0);
}

static void test_a_listing_counts_as_of_its_newest_version(void **state)
{
	struct catalog_value *answer;

	(void)state;
	put_at("a", "Rice", START_S);
	put_at("b", "Rice", START_S + 10 * DAY_S);
	put_at("a", "Rice, revised", START_S + 20 * DAY_S);
	check_since("", START_S + 15 * DAY_S, 1, 0);
	answer = ask("{'op':'changes','since':'2020-01-15'}");
	assert_string_equal(scratch_text(answer, "items/0/title"), "Rice, revised");
	assert_string_equal(scratch_text(answer, "items/0/updated"), "2020-01-21T00:00:00Z");
	assert_string_equal(scratch_text(answer, "updated"), "2020-01-21T00:00:00Z");
	catalog_value_free(answer);
}

static void test_withdrawals_are_told_once_and_since_then(void **state)
{
	struct catalog_value *answer;

	(void)state;
	for (int i = 0; i < LISTINGS; i++) {
		char id[16];

		snprintf(id, sizeof id, "t%d", i);
		put_at(id, "Census tract", START_S);
	}
	for (int i = 0; i < 10; i++) {
		char id[16];

		snprintf(id, sizeof id, "t%d", i);
		withdraw_at(id, START_S + (10 + i) * DAY_S);
	}
	put_at("t4", "Comes back", START_S + 30 * DAY_S);
	check_since("", START_S, LISTINGS - 9, 9);
	check_since("", START_S + 12 * DAY_S, 1, 7);
	check_since("", START_S + 19 * DAY_S, 1, 1);
	check_since("", START_S + 19 * DAY_S + 1, 1, 0);
	/* Long ago, and nobody asks since when. */
	answer = ask("{'op':'changes','limit':100}");
	assert_int_equal(catalog_value_count(scratch_at(answer, "items")), LISTINGS - 9);
	assert_int_equal(catalog_value_count(scratch_at(answer, "withdrawn")), 0);
	assert_null(scratch_at(answer, "cursor"));
	catalog_value_free(answer);
}

static void test_a_clock_that_was_set_back_for_hours_hides_nothing(void **state)
{
	(void)state;
	put_at("a", "A", START_S);
	put_at("b", "B", START_S + 10 * DAY_S);
	put_at("c", "C", START_S + 10 * DAY_S - 20 * 3600); /* set back */
	put_at("d", "D", START_S + 10 * DAY_S - 19 * 3600);
	put_at("e", "E", START_S + 11 * DAY_S);
	check_since("", START_S + 10 * DAY_S, 2, 0);
	check_since("", START_S + 10 * DAY_S - 20 * 3600, 4, 0);
	check_since("", START_S + 1, 4, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

TEST_MAIN("node/changes", TEST(test_every_since_gives_what_was_signed_then_or_later),
	  TEST(test_a_listing_counts_as_of_its_newest_version),
	  TEST(test_withdrawals_are_told_once_and_since_then),
	  TEST(test_a_clock_that_was_set_back_for_hours_hides_nothing))
