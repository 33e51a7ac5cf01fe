#include "catalog/value.h"
#include "catalog/value_get.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/test.h"

static struct catalog_value *decode(const void *bytes, size_t len)
{
	struct catalog_value *value = NULL;

	assert_int_equal(catalog_value_decode((struct catalog_span){bytes, len}, &value), 0);
	return value;
}

static int decoding(const char *bytes, size_t len)
{
	struct catalog_value *value = NULL;
	int r = catalog_value_decode((struct catalog_span){(const uint8_t *)bytes, len}, &value);

	catalog_value_free(value);
	return r;
}
#define DECODING(literal) decoding(literal, sizeof literal - 1)

static struct catalog_value *a_tree(void)
{
	struct catalog_value *map = catalog_value_new_map();
	struct catalog_value *list = catalog_value_new_list();

	assert_int_equal(catalog_value_append(list, catalog_value_new_int(-7)), 0);
	assert_int_equal(catalog_value_append(list, catalog_value_new_double(1.5)), 0);
	assert_int_equal(catalog_value_append(list, catalog_value_new_bool(true)), 0);
	assert_int_equal(catalog_value_append(list, catalog_value_new_null()), 0);
	assert_int_equal(catalog_value_set(map, "list", list), 0);
	assert_int_equal(catalog_value_set(map, "name", catalog_value_new_string("riz")), 0);
	return map;
}

static void test_what_is_encoded_decodes_to_the_same(void **state)
{
	struct catalog_value *tree = a_tree(), *again;
	struct catalog_buffer buffer = {0};
	size_t len = 0;

	(void)state;
	assert_int_equal(catalog_value_encode(tree, &buffer), 0);
	assert_int_equal(catalog_value_measure(tree, &len), 0);
	assert_int_equal(len, buffer.len);
	again = decode(buffer.bytes, buffer.len);
	assert_true(catalog_value_equal(tree, again));
	catalog_buffer_close(&buffer);
	catalog_value_free(again);
	catalog_value_free(tree);
}

static void test_the_order_of_setting_does_not_show_in_the_encoding(void **state)
{
	struct catalog_value *a = catalog_value_new_map(), *b = catalog_value_new_map();
	struct catalog_buffer of_a = {0}, of_b = {0};
	const char *keys[] = {"z", "a", "m", "", "b", "é", "Z"};
	size_t i, count = sizeof keys / sizeof *keys;

	(void)state;
	for (i = 0; i < count; i++) {
		const char *back = keys[count - 1 - i];

		assert_int_equal(catalog_value_set(a, keys[i], catalog_value_new_string(keys[i])),
				 0);
		assert_int_equal(catalog_value_set(b, back, catalog_value_new_string(back)), 0);
	}
	assert_int_equal(catalog_value_encode(a, &of_a), 0);
	assert_int_equal(catalog_value_encode(b, &of_b), 0);
	assert_int_equal(of_a.len, of_b.len);
	assert_memory_equal(of_a.bytes, of_b.bytes, of_a.len);
	catalog_buffer_close(&of_a);
	catalog_buffer_close(&of_b);
	catalog_value_free(a);
	catalog_value_free(b);
}

static void test_a_map_lists_its_keys_in_byte_order(void **state)
{
	static const char bytes[] = "\x83\xa1z\x01\xa1m\x02\xa1"
				    "a\x03";
	struct catalog_value *map = decode(bytes, sizeof bytes - 1);
	const char *key;

	(void)state;
	assert_int_equal(catalog_value_count(map), 3);
	assert_int_equal(catalog_value_int(catalog_value_at(map, 0, &key)), 3);
	assert_string_equal(key, "a");
	assert_int_equal(catalog_value_int(catalog_value_at(map, 2, &key)), 1);
	assert_string_equal(key, "z");
	catalog_value_free(map);
}

static void test_setting_a_key_again_replaces_its_child(void **state)
{
	struct catalog_value *map = a_tree();

	(void)state;
	assert_int_equal(catalog_value_set(map, "name", catalog_value_new_int(2)), 0);
	assert_int_equal(catalog_value_count(map), 2);
	assert_int_equal(catalog_value_int(catalog_value_get(map, "name")), 2);
	catalog_value_free(map);
}

static void test_a_child_that_could_not_be_made_is_enomem(void **state)
{
	struct catalog_value *map = a_tree(), *list = catalog_value_new_list();

	(void)state;
	assert_int_equal(catalog_value_set(map, "other", NULL), -ENOMEM);
	assert_int_equal(catalog_value_append(list, NULL), -ENOMEM);
	assert_int_equal(catalog_value_count(map), 2);
	assert_int_equal(catalog_value_count(list), 0);
	catalog_value_free(list);
	catalog_value_free(map);
}

static void test_what_is_taken_is_gone_from_the_map(void **state)
{
	struct catalog_value *map = a_tree();
	struct catalog_value *list = catalog_value_take(map, "list");

	(void)state;
	assert_int_equal(catalog_value_count(list), 4);
	assert_int_equal(catalog_value_count(map), 1);
	assert_null(catalog_value_take(map, "list"));
	assert_string_equal(catalog_value_text(catalog_value_get(map, "name")), "riz");
	catalog_value_free(list);
	catalog_value_free(map);
}

static void test_absent_things_can_be_asked(void **state)
{
	struct catalog_value *map = a_tree();

	(void)state;
	assert_null(catalog_value_get(map, "none"));
	assert_null(catalog_value_text(catalog_value_get(map, "none")));
	assert_null(catalog_value_text(catalog_value_get(map, "list")));
	assert_null(catalog_value_get(catalog_value_get(map, "name"), "x"));
	assert_int_equal(catalog_value_count(NULL), 0);
	assert_int_equal(catalog_value_type(NULL), CATALOG_VALUE_NULL);
	catalog_value_free(map);
}

static void test_a_clone_is_equal_and_independent(void **state)
{
	struct catalog_value *map = a_tree(), *clone = catalog_value_clone(map);

	(void)state;
	assert_true(catalog_value_equal(map, clone));
	assert_int_equal(catalog_value_set(clone, "name", catalog_value_new_string("maïs")), 0);
	assert_false(catalog_value_equal(map, clone));
	assert_string_equal(catalog_value_text(catalog_value_get(map, "name")), "riz");
	catalog_value_free(map);
	catalog_value_free(clone);
}

static void test_an_int_and_a_double_differ(void **state)
{
	struct catalog_value *i = catalog_value_new_int(1), *d = catalog_value_new_double(1.0);

	(void)state;
	assert_false(catalog_value_equal(i, d));
	assert_true(catalog_value_double(i) == catalog_value_double(d));
	catalog_value_free(i);
	catalog_value_free(d);
}

static void test_a_double_that_is_not_finite_becomes_null(void **state)
{
	struct catalog_value *value = catalog_value_new_double(INFINITY);

	(void)state;
	assert_int_equal(catalog_value_type(value), CATALOG_VALUE_NULL);
	catalog_value_free(value);
}

static void test_integers_take_their_shortest_form(void **state)
{
	static const struct {
		int64_t i;
		size_t len;
	} cases[] = {{0, 1},     {127, 1},   {128, 2},       {255, 2},      {256, 3},
		     {65536, 5}, {-32, 1},   {-33, 2},       {-129, 3},     {4294967296, 9},
		     {-1, 1},    {65535, 3}, {INT64_MAX, 9}, {INT64_MIN, 9}};
	size_t n;

	(void)state;
	for (n = 0; n < sizeof cases / sizeof *cases; n++) {
		struct catalog_value *value = catalog_value_new_int(cases[n].i), *again;
		struct catalog_buffer buffer = {0};

		assert_int_equal(catalog_value_encode(value, &buffer), 0);
		assert_int_equal(buffer.len, cases[n].len);
		again = decode(buffer.bytes, buffer.len);
		assert_true(catalog_value_equal(value, again));
		catalog_buffer_close(&buffer);
		catalog_value_free(value);
		catalog_value_free(again);
	}
}

static void test_a_string_keeps_its_nuls(void **state)
{
	struct catalog_value *value = catalog_value_new_string_n("a\0b", 3), *again;
	struct catalog_buffer buffer = {0};

	(void)state;
	assert_int_equal(catalog_value_encode(value, &buffer), 0);
	again = decode(buffer.bytes, buffer.len);
	assert_int_equal(catalog_value_text_len(again), 3);
	assert_memory_equal(catalog_value_text(again), "a\0b", 4);
	catalog_buffer_close(&buffer);
	catalog_value_free(value);
	catalog_value_free(again);
}

static void test_a_key_given_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(DECODING("\x82\xa1k\x01\xa1k\x02"), -EBADMSG);
	assert_int_equal(DECODING("\x83\xa1k\x01\xa1"
				  "b\x01\xa1k\x02"),
			 -EBADMSG);
}

static void test_keys_that_are_no_text_are_refused(void **state)
{
	(void)state;
	assert_int_equal(DECODING("\x81\x01\x01"), -EBADMSG);
	assert_int_equal(DECODING("\x81\xa2k\0\x01"), -EBADMSG);
	assert_int_equal(DECODING("\x81\xa1\xff\x01"), -EBADMSG);
}

static void test_text_that_is_not_utf8_is_refused(void **state)
{
	(void)state;
	assert_int_equal(DECODING("\xa1\xff"), -EBADMSG);
	assert_int_equal(DECODING("\xa2\xc0\x80"), -EBADMSG);     /* overlong */
	assert_int_equal(DECODING("\xa3\xed\xa0\x80"), -EBADMSG); /* a surrogate */
	assert_int_equal(DECODING("\xa4\xf4\x90\x80\x80"), -EBADMSG);
	assert_int_equal(DECODING("\xa2\xe2\x82"), -EBADMSG); /* cut short */
	assert_int_equal(DECODING("\xa3\xe2\x82\xac"), 0);
}

static void test_forms_outside_the_model_are_refused(void **state)
{
	(void)state;
	assert_int_equal(DECODING("\xc4\x01x"), -EBADMSG);                            /* bin */
	assert_int_equal(DECODING("\xd4\x01x"), -EBADMSG);                            /* ext */
	assert_int_equal(DECODING("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), -EBADMSG); /* 2^64-1 */
	assert_int_equal(DECODING("\xca\x7f\x80\x00\x00"), -EBADMSG);                 /* infinity */
	assert_int_equal(DECODING("\x01\x02"), -EBADMSG); /* something left over */
	assert_int_equal(DECODING(""), -EBADMSG);
}

static void test_nesting_has_a_limit_both_ways(void **state)
{
	uint8_t bytes[CATALOG_VALUE_DEPTH_MAX + 40];
	struct catalog_value *value, *outer;
	struct catalog_buffer buffer = {0};

	(void)state;
	memset(bytes, 0x91, sizeof bytes);
	bytes[CATALOG_VALUE_DEPTH_MAX] = 0x01;
	value = decode(bytes, CATALOG_VALUE_DEPTH_MAX + 1);
	assert_int_equal(catalog_value_encode(value, &buffer), 0);

	outer = catalog_value_new_list();
	assert_int_equal(catalog_value_append(outer, value), 0);
	assert_int_equal(catalog_value_encode(outer, &buffer), -E2BIG);
	assert_int_equal(buffer.len, CATALOG_VALUE_DEPTH_MAX + 1); /* as it was */

	bytes[CATALOG_VALUE_DEPTH_MAX] = 0x91;
	bytes[CATALOG_VALUE_DEPTH_MAX + 1] = 0x01;
	assert_int_equal(decoding((char *)bytes, CATALOG_VALUE_DEPTH_MAX + 2), -E2BIG);
	bytes[CATALOG_VALUE_DEPTH_MAX + 1] = 0x91;
	bytes[sizeof bytes - 1] = 0x01;
	assert_int_equal(decoding((char *)bytes, sizeof bytes), -E2BIG);
	catalog_buffer_close(&buffer);
	catalog_value_free(outer);
}

static void test_what_a_map_says_under_a_key(void **state)
{
	static const uint8_t bytes[] = "\x82\xa1n\xd1\xff\x38\xa1t\xa1x";
	struct catalog_value *map = NULL;

	(void)state;
	assert_int_equal(catalog_value_decode((struct catalog_span){bytes, sizeof bytes - 1}, &map),
			 0);
	assert_string_equal(catalog_value_get_text(map, "t"), "x");
	assert_string_equal(catalog_value_get_text(map, "n"), "");
	assert_string_equal(catalog_value_get_text(NULL, "t"), "");
	assert_int_equal(catalog_value_get_int(map, "n", 7), -200);
	assert_int_equal(catalog_value_get_int(map, "t", 7), 7);
	assert_int_equal(catalog_value_get_count(map, "n"), 0);
	assert_int_equal(catalog_value_get_count(map, "none"), 0);
	catalog_value_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(test_the_order_of_setting_does_not_show_in_the_encoding),
		cmocka_unit_test(test_a_map_lists_its_keys_in_byte_order),
		cmocka_unit_test(test_setting_a_key_again_replaces_its_child),
		cmocka_unit_test(test_a_child_that_could_not_be_made_is_enomem),
		cmocka_unit_test(test_what_is_taken_is_gone_from_the_map),
		cmocka_unit_test(test_absent_things_can_be_asked),
		cmocka_unit_test(test_a_clone_is_equal_and_independent),
		cmocka_unit_test(test_an_int_and_a_double_differ),
		cmocka_unit_test(test_a_double_that_is_not_finite_becomes_null),
		cmocka_unit_test(test_integers_take_their_shortest_form),
		cmocka_unit_test(test_a_string_keeps_its_nuls),
		cmocka_unit_test(test_a_key_given_twice_is_refused),
		cmocka_unit_test(test_keys_that_are_no_text_are_refused),
		cmocka_unit_test(test_text_that_is_not_utf8_is_refused),
		cmocka_unit_test(test_forms_outside_the_model_are_refused),
		cmocka_unit_test(test_nesting_has_a_limit_both_ways),
		cmocka_unit_test(test_what_a_map_says_under_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
