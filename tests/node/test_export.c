/* All current listings, page by page. */
#include "tests/node/session.h"

#include "catalog/publisher.h"
#include "node/reply.h"

static void test_current_listings_are_exported_in_order(void **state)
{
	static const char *const changed[] = {"rice|Rice, revised"};
	struct catalog_value *answer;

	(void)state;
	publish_crops();
	publish("", changed, 1);
	assert_int_equal(try("{'op':'publish-end'}"), 0);
	assert_int_equal(try("{'op':'withdraw','id':'tea'}"), 0);
	answer = ask("{'op':'export'}");
	assert_int_equal(catalog_value_count(scratch_at(answer, "items")), 4);
	assert_string_equal(scratch_text(answer, "items/0/id"), "maize");
	assert_string_equal(scratch_text(answer, "items/0/member"), "nbs");
	assert_int_equal(scratch_int(answer, "items/0/entry"), 1);
	assert_string_equal(scratch_text(answer, "items/3/id"), "rice");
	assert_string_equal(scratch_text(answer, "items/3/listing/title/en"), "Rice, revised");
	assert_true(scratch_null(answer, "after"));
	catalog_value_free(answer);
	answer = ask("{'op':'export','member':'uni'}");
	assert_int_equal(catalog_value_count(scratch_at(answer, "items")), 0);
	assert_true(scratch_null(answer, "after"));
	catalog_value_free(answer);
}

/* Export page by page; returns how many items came, *ret_pages in how many pages. */
static unsigned export_all(int limit, unsigned *ret_pages)
{
	unsigned items = 0;
	char json[200];

	*ret_pages = 0;
	snprintf(json, sizeof json, "{'op':'export','limit':%d}", limit);
	for (;;) {
		struct catalog_value *answer = ask(json);
		struct catalog_buffer frame = {0};
		bool more = !scratch_null(answer, "after");

		items += (unsigned)catalog_value_count(scratch_at(answer, "items"));
		(*ret_pages)++;
		if (more)
			snprintf(json, sizeof json, "{'op':'export','limit':%d,'after':'%s'}",
				 limit, scratch_text(answer, "after"));
		answer = node_reply_make(0, answer, NULL);
		assert_int_equal(node_reply_frame(answer, NODE_CONTROL_REPLY_MAX, &frame), 0);
		catalog_buffer_close(&frame);
		catalog_value_free(answer);
		if (!more)
			return items;
	}
}

/* Sign something that publish-put would have refused, as another program may. */
static void sign_anything(const char *id, const struct catalog_value *listing)
{
	static const uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;

	assert_int_equal(catalog_publisher_new(f.store, f.scratch.charter, SCRATCH_NBS,
					       &f.scratch.nbs, &publisher),
			 0);
	assert_int_equal(catalog_publisher_put(publisher, id, listing, 1795511520, salt, &outcome),
			 0);
	assert_int_equal(catalog_publisher_flush(publisher, 1795511520, salt), 0);
	catalog_publisher_free(publisher);
}

static void test_what_is_signed_and_no_listing_stops_nobody(void **state)
{
	struct catalog_value *deep = scratch_value("{}"), *odd = scratch_value("{'title':7}");
	struct catalog_buffer frame = {0};
	struct catalog_value *answer;
	unsigned pages;

	(void)state;
	for (unsigned i = 1; i < CATALOG_VALUE_DEPTH_MAX; i++) {
		struct catalog_value *outer = scratch_value("{}");

		assert_int_equal(catalog_value_set(outer, "in", deep), 0);
		deep = outer;
	}
	sign_anything("deep", deep);
	sign_anything("odd", odd);
	catalog_value_free(deep);
	catalog_value_free(odd);
	publish_crops();
	assert_int_equal(export_all(1, &pages), 5);
	answer = ask("{'op':'search'}");
	assert_int_equal(scratch_int(answer, "total"), 5);
	catalog_value_free(answer);
	answer = ask("{'op':'show','member':'nbs','id':'odd'}");
	assert_int_equal(scratch_int(answer, "listing/title"), 7); /* as it was signed */
	catalog_value_free(answer);
	answer = ask("{'op':'show','member':'nbs','id':'deep'}");
	assert_true(scratch_null(answer, "listing")); /* no answer could hold it */
	assert_string_equal(scratch_text(answer, "state"), "current");
	assert_true(catalog_value_bool(scratch_at(answer, "verified")));
	answer = node_reply_make(0, answer, NULL);
	assert_int_equal(node_reply_frame(answer, NODE_CONTROL_REPLY_MAX, &frame), 0);
	catalog_buffer_close(&frame);
	catalog_value_free(answer);
}

static void test_an_export_goes_on_after_each_page(void **state)
{
	unsigned pages;

	(void)state;
	publish_crops();
	assert_int_equal(export_all(2, &pages), 5);
	assert_int_equal(pages, 3);
	assert_int_equal(export_all(1000, &pages), 5);
	assert_int_equal(pages, 1);
	refuse("{'op':'export','after':'nbs'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/-1'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/1x'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'moh/1'}", -EINVAL, "no place");
	refuse("{'op':'export','after':'nbs/99999999999999999999'}", -EINVAL, "no place");
	refuse("{'op':'export','limit':0}", -EINVAL, "limit");
	refuse("{'op':'export','member':'moh'}", -ENOENT, "no member");
	assert_int_equal(try("{'op':'export','after':'nbs/18446744073709551615'}"), 0);
}

static void test_a_page_of_large_listings_fits_a_reply(void **state)
{
	struct catalog_value *answer;
	unsigned pages;

	(void)state;
	assert_int_equal(try("{'op':'publish-begin'}"), 0);
	for (unsigned i = 0; i < 12; i++) {
		struct catalog_value *request =
			scratch_value("{'op':'publish-put','items':[{'listing':{'title':{'en':"
				      "'Large'},'extra':{}}}]}");
		struct catalog_value *items = catalog_value_take(request, "items");
		struct catalog_value *list = catalog_value_new_list();
		struct catalog_value *item = catalog_value_clone(scratch_at(items, "0"));
		struct catalog_value *listing = catalog_value_take(item, "listing");
		struct catalog_value *extra = catalog_value_new_map();
		char id[20], *text = malloc(50000);

		assert_non_null(text);
		for (unsigned k = 0; k < 4; k++) {
			for (unsigned at = 0; at < 50000; at++) /* hardly compressible */
				text[at] = (char)('a' + randombytes_uniform(26));
			snprintf(id, sizeof id, "k%u", k);
			assert_int_equal(catalog_value_set(extra, id,
							   catalog_value_new_string_n(text, 50000)),
					 0);
		}
		free(text);
		snprintf(id, sizeof id, "large-%u", i);
		assert_int_equal(catalog_value_set(listing, "extra", extra), 0);
		assert_int_equal(catalog_value_set(item, "listing", listing), 0);
		assert_int_equal(catalog_value_set(item, "id", catalog_value_new_string(id)), 0);
		assert_int_equal(catalog_value_append(list, item), 0);
		assert_int_equal(catalog_value_set(request, "items", list), 0);
		assert_int_equal(node_control_handle(f.session, request, &answer, &f.error), 0);
		assert_int_equal(scratch_int(answer, "new"), 1);
		catalog_value_free(answer);
		catalog_value_free(request);
		catalog_value_free(items);
	}
	assert_int_equal(try("{'op':'publish-end'}"), 0);
	assert_int_equal(export_all(1000, &pages), 12);
	assert_true(pages >= 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/export", TEST(test_current_listings_are_exported_in_order),
	  TEST(test_what_is_signed_and_no_listing_stops_nobody),
	  TEST(test_an_export_goes_on_after_each_page),
	  TEST(test_a_page_of_large_listings_fits_a_reply))
