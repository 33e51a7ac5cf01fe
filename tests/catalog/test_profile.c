/* What a federation's profile asks of listings. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/profile.h"

static struct catalog_profile profile;
static struct catalog_problem problem;

static int set_up(void **state)
{
	(void)state;
	memset(&profile, 0, sizeof profile);
	memset(&problem, 0, sizeof problem);
	return 0;
}

static int check(const char *json)
{
	struct catalog_json_error error;
	struct catalog_value *listing = NULL;
	int r;

	assert_int_equal(
		catalog_json_read((struct catalog_span){(const uint8_t *)json, strlen(json)},
				  &listing, &error),
		0);
	assert_int_equal(catalog_listing_check(listing, NULL), 0);
	r = catalog_profile_check(&profile, listing, &problem);
	catalog_value_free(listing);
	return r;
}

static void test_a_profile_that_asks_for_nothing_takes_everything(void **state)
{
	(void)state;
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"license\":\"mine\",\"theme\":"
			       "[\"rice\"]}"),
			 0);
	assert_false(catalog_profile_is_over(&profile, UINT64_MAX));
}

static void test_a_licence_that_is_not_accepted_is_named(void **state)
{
	(void)state;
	profile.licence_count = 2;
	(void)snprintf(profile.licences[0], sizeof profile.licences[0],
		       "https://creativecommons.org/licenses/by/4.0/");
	(void)snprintf(profile.licences[1], sizeof profile.licences[1], "odbl");
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"}}"), 0); /* it says none */
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"license\":"
			       "\"http://www.creativecommons.org/licenses/by/4.0\"}"),
			 0);
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"license\":\"odbl\"}"), 0);
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"license\":"
			       "\"https://creativecommons.org/licenses/by-nc/4.0/\"}"),
			 -EPROTO);
	assert_string_equal(problem.path, "/license");
	assert_string_equal(problem.found, "https://creativecommons.org/licenses/by-nc/4.0/");
	assert_non_null(strstr(problem.expected, "https://creativecommons.org/licenses/by/4.0/"));
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"license\":\"odbl\","
			       "\"distribution\":[{\"license\":\"odbl\",\"accessURL\":"
			       "\"https://a.example/\"},{\"license\":\"other\",\"accessURL\":"
			       "\"https://a.example/b\"}]}"),
			 -EPROTO);
	assert_string_equal(problem.path, "/distribution/1/license");
}

static void test_one_theme_is_of_an_accepted_vocabulary(void **state)
{
	(void)state;
	profile.vocabulary_count = 1;
	(void)snprintf(profile.vocabularies[0], sizeof profile.vocabularies[0],
		       "http://publications.europa.eu/resource/authority/data-theme");
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"}}"), 0);
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"theme\":[\"rice\","
			       "\"https://publications.europa.eu/resource/authority/data-theme/"
			       "AGRI\"]}"),
			 0);
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"theme\":[\"rice\"]}"), -EPROTO);
	assert_string_equal(problem.path, "/theme");
	/* It must end where the vocabulary's name does. */
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"},\"theme\":"
			       "[\"http://publications.europa.eu/resource/authority/"
			       "data-themes/AGRI\"]}"),
			 -EPROTO);
}

static void test_a_listing_that_is_too_long_is_told_by_how_much(void **state)
{
	(void)state;
	profile.listing_bytes_max = 30;
	assert_int_equal(check("{\"title\":{\"en\":\"Rice\"}}"), 0);
	assert_int_equal(check("{\"title\":{\"en\":\"Rice by county, variety and season\"}}"),
			 -EPROTO);
	assert_non_null(strstr(problem.found, " bytes"));
	assert_non_null(strstr(problem.expected, "at most 30 bytes"));
}

static void test_a_member_may_have_as_many_as_the_charter_says(void **state)
{
	(void)state;
	profile.listings_max = 10;
	assert_false(catalog_profile_is_over(&profile, 10));
	assert_true(catalog_profile_is_over(&profile, 11));
	catalog_profile_full(&profile, &problem);
	assert_non_null(strstr(problem.expected, "at most 10 listings"));
}

#define A_TEST(name) cmocka_unit_test_setup(name, set_up)

TEST_MAIN("catalog/profile", A_TEST(test_a_profile_that_asks_for_nothing_takes_everything),
	  A_TEST(test_a_licence_that_is_not_accepted_is_named),
	  A_TEST(test_one_theme_is_of_an_accepted_vocabulary),
	  A_TEST(test_a_listing_that_is_too_long_is_told_by_how_much),
	  A_TEST(test_a_member_may_have_as_many_as_the_charter_says))
