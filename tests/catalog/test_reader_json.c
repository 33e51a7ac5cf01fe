#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/reader_json.h"

/* The records found, one after the other with a line each: "LINE TEXT\n". */
static struct catalog_buffer seen;

static int each_record(void *arg, const struct catalog_reader_json_item *item)
{
	(void)arg;
	if (item->is_too_big)
		return catalog_buffer_print(&seen, "%u too big\n", (unsigned)item->line);
	return catalog_buffer_print(&seen, "%u %.*s\n", (unsigned)item->line, (int)item->text.len,
				    (const char *)item->text.bytes);
}

static int each_member(void *arg, const char *key, const struct catalog_reader_json_item *item)
{
	(void)arg;
	return catalog_buffer_print(&seen, "%s %.*s\n", key, (int)item->text.len,
				    (const char *)item->text.bytes);
}

static int scan_for(struct catalog_reader_json_found found, struct catalog_span text)
{
	struct catalog_reader_source source;
	struct catalog_reader_error error;
	int r;

	catalog_buffer_close(&seen);
	assert_int_equal(catalog_reader_source_of_bytes(text, &source), 0);
	r = catalog_reader_json_scan(&source, &found, &error);
	catalog_reader_source_close(&source);
	if (r == -EBADMSG)
		assert_true(error.text[0] != '\0');
	return r;
}

static int scan(struct catalog_span text)
{
	return scan_for((struct catalog_reader_json_found){.record = each_record}, text);
}

static void finds(const char *json, const char *records)
{
	assert_int_equal(scan((struct catalog_span){(const uint8_t *)json, strlen(json)}), 0);
	assert_int_equal(catalog_buffer_append(&seen, "", 1), 0);
	assert_string_equal((char *)seen.bytes, records);
	catalog_buffer_close(&seen);
}

static void test_records_are_found_where_catalogues_keep_them(void **state)
{
	(void)state;
	finds("{\"conformsTo\": \"x\",\n\"dataset\": [{\"a\": 1},\n{\"b\": [2]}]}",
	      "2 {\"a\": 1}\n3 {\"b\": [2]}\n");
	finds("{\"success\": true, \"result\": {\"count\": 2, \"results\": [{\"a\": 1}, {\"b\": "
	      "2}]}}",
	      "1 {\"a\": 1}\n1 {\"b\": 2}\n");
	finds("{\"@graph\": [{\"a\": \"]}\\\"\"}]}", "1 {\"a\": \"]}\\\"\"}\n");
	finds("[{\"a\": 1}, {\"b\": 2}]", "1 {\"a\": 1}\n1 {\"b\": 2}\n");
	finds("{\"a\": 1}\n{\"b\": 2}\n", "1 {\"a\": 1}\n2 {\"b\": 2}\n");
}

static void test_a_file_cut_short_is_told(void **state)
{
	static const char json[] = "{\"dataset\": [{\"a\": \"b\"}, {\"c\": [1]}]}";

	(void)state;
	for (size_t len = 1; len < sizeof json - 1; len++)
		assert_int_equal(scan((struct catalog_span){(const uint8_t *)json, len}), -EBADMSG);
	assert_int_equal(scan((struct catalog_span){(const uint8_t *)json, sizeof json - 1}), 0);
	catalog_buffer_close(&seen);
}

static void test_a_record_past_the_limit_does_not_stop_the_others(void **state)
{
	static const char before[] = "[{\"a\": \"", after[] = "\"}, {\"b\": 2}]";
	size_t len = CATALOG_READER_RECORD_BYTES_MAX;
	struct catalog_buffer json = {0};

	(void)state;
	assert_int_equal(catalog_buffer_append(&json, before, strlen(before)), 0);
	assert_int_equal(catalog_buffer_reserve(&json, len + sizeof after), 0);
	memset(json.bytes + json.len, 'x', len);
	json.len += len;
	assert_int_equal(catalog_buffer_append(&json, after, strlen(after)), 0);
	assert_int_equal(scan(catalog_buffer_span(&json)), 0);
	assert_int_equal(catalog_buffer_append(&seen, "", 1), 0);
	assert_string_equal((char *)seen.bytes, "1 too big\n1 {\"b\": 2}\n");
	catalog_buffer_close(&seen);
	catalog_buffer_close(&json);
}

static void test_a_line_cut_short_does_not_swallow_the_next(void **state)
{
	(void)state;
	finds("{\"a\": 1}\n{\"b\": 2\n{\"c\": 3}\n", "1 {\"a\": 1}\n2 {\"b\": 2\n\n3 {\"c\": 3}\n");
	finds("{\"a\": \"x\n{\"c\": [3]}\n", "1 {\"a\": \"x\n\n2 {\"c\": [3]}\n");
	finds("{\"a\": [{\"b\":1\n{\"c\": 3}\n", "1 {\"a\": [{\"b\":1\n\n2 {\"c\": 3}\n");
	/* Where a value may stand, "{" is one. */
	finds("{\"a\":\n{\"b\": [\n{},\n{}\n]}}\n", "1 {\"a\":\n{\"b\": [\n{},\n{}\n]}}\n");
	finds("{\"dataset\": [\n{\"a\": \"\n{\"}\n,\n{\"b\": 1}]}",
	      "2 {\"a\": \"\n{\"}\n5 {\"b\": 1}\n");
}

static void test_what_a_member_is_called_is_json_too(void **state)
{
	struct catalog_buffer json = {0};

	(void)state;
	/* The second name is no UTF-8, the third too long to be one: neither names anything. */
	assert_int_equal(
		catalog_buffer_print(&json,
				     "{\"caf\\u00e9 \\\"x\": 1, \"\x8b\": 2, \"%02000d\": 3, "
				     "\"b\": [4], \"dataset\": [{}]}",
				     0),
		0);
	assert_int_equal(scan_for((struct catalog_reader_json_found){.member = each_member},
				  catalog_buffer_span(&json)),
			 0);
	assert_int_equal(catalog_buffer_append(&seen, "", 1), 0);
	assert_string_equal((char *)seen.bytes, "caf\xc3\xa9 \"x 1\nb [4]\n");
	catalog_buffer_close(&seen);
	catalog_buffer_close(&json);
}

TEST_MAIN("catalog/reader_json",
	  cmocka_unit_test(test_records_are_found_where_catalogues_keep_them),
	  cmocka_unit_test(test_a_file_cut_short_is_told),
	  cmocka_unit_test(test_a_line_cut_short_does_not_swallow_the_next),
	  cmocka_unit_test(test_what_a_member_is_called_is_json_too),
	  cmocka_unit_test(test_a_record_past_the_limit_does_not_stop_the_others))
