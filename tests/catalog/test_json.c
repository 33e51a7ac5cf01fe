#include "catalog/json.h"

#include <errno.h>
#include <string.h>

#include "tests/test.h"

static struct catalog_value *read_text(const char *text)
{
	struct catalog_span span = {(const uint8_t *)text, strlen(text)};
	struct catalog_value *value = NULL;

	assert_int_equal(catalog_json_read(span, &value, NULL), 0);
	return value;
}

/* What text becomes when read and written again. */
static void assert_rewritten(const char *text, const char *expected)
{
	struct catalog_value *value = read_text(text);
	struct catalog_buffer buffer = {0};

	assert_int_equal(catalog_json_write(value, CATALOG_JSON_COMPACT, &buffer), 0);
	assert_int_equal(catalog_buffer_append(&buffer, "", 1), 0);
	assert_string_equal((const char *)buffer.bytes, expected);
	catalog_buffer_close(&buffer);
	catalog_value_free(value);
}

static void assert_refused(const char *text, size_t line, size_t column)
{
	struct catalog_span span = {(const uint8_t *)text, strlen(text)};
	struct catalog_json_error error = {0};
	struct catalog_value *value = NULL;

	assert_int_equal(catalog_json_read(span, &value, &error), -EBADMSG);
	assert_null(value);
	assert_int_equal(error.line, line);
	assert_int_equal(error.column, column);
	assert_true(strlen(error.text) > 0);
}

static void test_every_type_reads_and_writes(void **state)
{
	(void)state;
	assert_rewritten(" { \"b\" : [ 1 , -2.5 , true , false , null ] , \"a\" : \"x\" } ",
			 "{\"a\":\"x\",\"b\":[1,-2.5,true,false,null]}");
	assert_rewritten("[]", "[]");
	assert_rewritten("{}", "{}");
	assert_rewritten("\"\"", "\"\"");
}

static void test_indented_text_is_for_people(void **state)
{
	struct catalog_value *value = read_text("{\"a\":[1,{}],\"b\":{\"c\":null}}");
	struct catalog_buffer buffer = {0};

	(void)state;
	assert_int_equal(catalog_json_write(value, CATALOG_JSON_INDENTED, &buffer), 0);
	assert_int_equal(catalog_buffer_append(&buffer, "", 1), 0);
	assert_string_equal((const char *)buffer.bytes, "{\n"
							"  \"a\": [\n"
							"    1,\n"
							"    {}\n"
							"  ],\n"
							"  \"b\": {\n"
							"    \"c\": null\n"
							"  }\n"
							"}");
	catalog_buffer_close(&buffer);
	catalog_value_free(value);
}

static void test_control_characters_are_escaped_and_others_are_not(void **state)
{
	(void)state;
	assert_rewritten("\"\\u0001\\n\\t\\\"\\\\\\/ \\u00e9 \\ud83c\\udf3e 稻\"",
			 "\"\\u0001\\n\\t\\\"\\\\/ é 🌾 稻\"");
}

static void test_an_integral_double_stays_a_double(void **state)
{
	(void)state;
	assert_rewritten("1.0", "1.0");
	assert_rewritten("1e3", "1000.0");
	assert_rewritten("0.1", "0.1");
	assert_rewritten("1e300", "1e+300");
	assert_rewritten("-0.0", "-0.0");
	assert_rewritten("0.30000000000000004", "0.30000000000000004");
}

static void test_integers_use_all_64_bits(void **state)
{
	(void)state;
	assert_rewritten("9223372036854775807", "9223372036854775807");
	assert_rewritten("-9223372036854775808", "-9223372036854775808");
}

static void test_an_integer_beyond_64_bits_becomes_a_double(void **state)
{
	(void)state;
	assert_rewritten("[9223372036854775808,1]", "[9.223372036854776e+18,1]");
	assert_rewritten("{\"a\":-9223372036854775809}", "{\"a\":-9.223372036854776e+18}");
	assert_rewritten("[123456789012345678901234567890]", "[1.2345678901234568e+29]");
}

static void test_digits_in_text_are_left_alone(void **state)
{
	(void)state;
	assert_rewritten("\"\\\"99999999999999999999\"", "\"\\\"99999999999999999999\"");
}

static void test_the_last_of_equal_keys_wins(void **state)
{
	(void)state;
	assert_rewritten("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
}

static void test_an_error_names_its_place(void **state)
{
	(void)state;
	assert_refused("{\"a\": 1,\n \"b\" 2}", 2, 6);
	assert_refused("", 1, 1);
	assert_refused("{\"a\":", 1, 5);
}

static void test_what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {"1 2",    "[1,]",  "{a:1}", "'a'", "\"\xff\"",
					    "01",     "1e999", "tru",   "\"a", "]",
					    "\"\n\"", "- 1",   "[1}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct catalog_span span = {(const uint8_t *)texts[i], strlen(texts[i])};
		struct catalog_value *value = NULL;

		assert_int_equal(catalog_json_read(span, &value, NULL), -EBADMSG);
	}
}

static void test_a_nul_in_text_is_refused_with_a_reason(void **state)
{
	static const char text[] = "\"a\\u0000b\"";
	struct catalog_span span = {(const uint8_t *)text, strlen(text)};
	struct catalog_json_error error = {0};
	struct catalog_value *value = NULL;

	(void)state;
	assert_int_equal(catalog_json_read(span, &value, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "\\u0000"));
}

static void test_nesting_has_a_limit(void **state)
{
	char text[2 * CATALOG_VALUE_DEPTH_MAX + 3] = "";
	struct catalog_value *value = NULL;
	struct catalog_span span = {(const uint8_t *)text, 2 * CATALOG_VALUE_DEPTH_MAX};

	(void)state;
	memset(text, '[', CATALOG_VALUE_DEPTH_MAX + 1);
	memset(text + CATALOG_VALUE_DEPTH_MAX, ']', CATALOG_VALUE_DEPTH_MAX);
	assert_int_equal(catalog_json_read(span, &value, NULL), 0);
	catalog_value_free(value);

	memset(text, '[', CATALOG_VALUE_DEPTH_MAX + 1);
	memset(text + CATALOG_VALUE_DEPTH_MAX + 1, ']', CATALOG_VALUE_DEPTH_MAX + 1);
	span.len += 2;
	assert_int_equal(catalog_json_read(span, &value, NULL), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_reads_and_writes),
		cmocka_unit_test(test_indented_text_is_for_people),
		cmocka_unit_test(test_control_characters_are_escaped_and_others_are_not),
		cmocka_unit_test(test_an_integral_double_stays_a_double),
		cmocka_unit_test(test_integers_use_all_64_bits),
		cmocka_unit_test(test_an_integer_beyond_64_bits_becomes_a_double),
		cmocka_unit_test(test_digits_in_text_are_left_alone),
		cmocka_unit_test(test_the_last_of_equal_keys_wins),
		cmocka_unit_test(test_an_error_names_its_place),
		cmocka_unit_test(test_what_is_no_json_is_refused),
		cmocka_unit_test(test_a_nul_in_text_is_refused_with_a_reason),
		cmocka_unit_test(test_nesting_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
