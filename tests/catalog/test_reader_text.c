#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/reader_text.h"

static void becomes(const char *text, const char *clean, bool repaired)
{
	struct catalog_buffer buffer = {0};
	bool changed = !repaired;

	assert_int_equal(catalog_reader_text_clean(
				 (struct catalog_span){(const uint8_t *)text, strlen(text)},
				 &buffer, &changed),
			 0);
	assert_int_equal(catalog_buffer_append(&buffer, "", 1), 0);
	assert_string_equal((char *)buffer.bytes, clean);
	assert_int_equal(changed, repaired);
	catalog_buffer_close(&buffer);
}

static void test_html_becomes_text(void **state)
{
	(void)state;
	becomes("<b>Rice</b> &amp; maize", "Rice & maize", true);
	becomes("Caf&eacute; &#8364;", "Caf\xc3\xa9 \xe2\x82\xac", true);
}

static void test_text_that_is_no_html_stays(void **state)
{
	(void)state;
	becomes("  Rice yield ", "Rice yield", false);
	becomes("where a < b and c > d", "where a < b and c > d", false);
	becomes("\xe5\x8c\x97\xe4\xba\xac", "\xe5\x8c\x97\xe4\xba\xac", false);
	becomes("", "", false);
}

/* Each "<" used to look for its ">" to the end: a megabyte took half a minute. */
static void test_many_brackets_take_no_longer_than_other_text(void **state)
{
	size_t len = 1024 * 1024;
	struct catalog_buffer buffer = {0};
	uint8_t *text = malloc(len);
	bool changed = true;

	(void)state;
	assert_non_null(text);
	memset(text, '<', len);
	assert_int_equal(
		catalog_reader_text_clean((struct catalog_span){text, len}, &buffer, &changed), 0);
	assert_int_equal(buffer.len, len);
	assert_false(changed);
	catalog_buffer_close(&buffer);
	free(text);
}

static void test_control_characters_go(void **state)
{
	(void)state;
	becomes("Ri\x01"
		"ce",
		"Rice", true);
	/* Windows-1252 that was taken for Latin-1. */
	becomes("l\xc2\x92"
		"eau \xc2\x96 &#150;\xc2\x81",
		"l\xe2\x80\x99"
		"eau \xe2\x80\x93 \xe2\x80\x93",
		true);
}

TEST_MAIN("catalog/reader_text", cmocka_unit_test(test_html_becomes_text),
	  cmocka_unit_test(test_text_that_is_no_html_stays),
	  cmocka_unit_test(test_many_brackets_take_no_longer_than_other_text),
	  cmocka_unit_test(test_control_characters_go))
