#include "tests/test.h"

#include <string.h>

#include "catalog/buffer.h"

static void test_what_is_appended_stays_in_order(void **state)
{
	struct catalog_buffer buffer = {0};
	char expected[4000];

	(void)state;
	for (size_t i = 0; i < sizeof expected; i++) {
		expected[i] = (char)('a' + i % 26);
		assert_int_equal(catalog_buffer_append(&buffer, expected + i, 1), 0);
	}
	assert_int_equal(buffer.len, sizeof expected);
	assert_memory_equal(buffer.bytes, expected, sizeof expected);
	catalog_buffer_close(&buffer);
	assert_null(buffer.bytes);
}

static void test_print_measures_before_it_writes(void **state)
{
	struct catalog_buffer buffer = {0};

	(void)state;
	assert_int_equal(catalog_buffer_print(&buffer, "%0*d", 500, 7), 0);
	assert_int_equal(buffer.len, 500);
	assert_int_equal(catalog_buffer_print(&buffer, "%s", "end"), 0);
	assert_memory_equal(buffer.bytes + 499, "7end", 4);
	catalog_buffer_close(&buffer);
}

static void test_room_beyond_the_address_space_is_refused(void **state)
{
	struct catalog_buffer buffer = {0};

	(void)state;
	assert_int_not_equal(catalog_buffer_reserve(&buffer, SIZE_MAX - 1), 0);
	assert_int_equal(buffer.room, 0);
}

TEST_MAIN("catalog/buffer", cmocka_unit_test(test_what_is_appended_stays_in_order),
	  cmocka_unit_test(test_print_measures_before_it_writes),
	  cmocka_unit_test(test_room_beyond_the_address_space_is_refused))
