#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include "catalog/entry.h"

static const uint8_t body[] = {0x81, 0xa5, 't', 'i', 't', 'l', 'e', 0xa3, 'a', 'b', 'c'};

static struct catalog_entry sample(void)
{
	return (struct catalog_entry){
		.kind = CATALOG_ENTRY_PUT,
		.id = "rice-yield-2024",
		.time_s = 1700000000,
		.prev = 41,
		.salt = {1, 2, 3},
		.body = {body, sizeof body},
	};
}

static void test_an_entry_is_read_as_it_was_written(void **state)
{
	struct catalog_buffer buffer = {0};
	struct catalog_entry in = sample(), out;

	(void)state;
	assert_int_equal(catalog_entry_encode(&in, &buffer), 0);
	assert_int_equal(catalog_entry_decode(catalog_buffer_span(&buffer), &out), 0);
	assert_int_equal(out.kind, in.kind);
	assert_string_equal(out.id, in.id);
	assert_int_equal(out.time_s, in.time_s);
	assert_int_equal(out.prev, in.prev);
	assert_memory_equal(out.salt, in.salt, sizeof in.salt);
	assert_int_equal(out.body.len, sizeof body);
	assert_ptr_equal(out.body.bytes, buffer.bytes + buffer.len - sizeof body);
	catalog_buffer_close(&buffer);
}

static void test_an_entry_cut_short_anywhere_is_refused(void **state)
{
	struct catalog_buffer buffer = {0};
	struct catalog_entry in = sample(), out;

	(void)state;
	in.prev = CATALOG_ENTRY_PREV_NONE;
	assert_int_equal(catalog_entry_encode(&in, &buffer), 0);
	for (size_t len = 0; len < buffer.len; len++)
		assert_int_equal(
			catalog_entry_decode((struct catalog_span){buffer.bytes, len}, &out),
			-EBADMSG);
	assert_int_equal(catalog_buffer_append(&buffer, "\xc0", 1), 0);
	assert_int_equal(catalog_entry_decode(catalog_buffer_span(&buffer), &out), -EBADMSG);
	catalog_buffer_close(&buffer);
}

static void test_an_entry_past_the_limit_is_refused(void **state)
{
	static uint8_t big[CATALOG_ENTRY_BYTES_MAX] = {0xc6, 0, 3, 0xff, 0xfb}; /* bin32 */
	struct catalog_buffer buffer = {0};
	struct catalog_entry in = sample(), out;

	(void)state;
	in.body = (struct catalog_span){big, sizeof big};
	assert_int_equal(catalog_entry_encode(&in, &buffer), -E2BIG);
	assert_int_equal(buffer.len, 0);
	assert_int_equal(
		catalog_entry_decode((struct catalog_span){big, CATALOG_ENTRY_BYTES_MAX + 1}, &out),
		-E2BIG);
	catalog_buffer_close(&buffer);
}

static void test_only_a_state_entry_has_no_id(void **state)
{
	struct catalog_buffer buffer = {0};
	struct catalog_entry in = sample(), out;

	(void)state;
	assert_int_equal(catalog_entry_encode(&in, &buffer), 0);
	buffer.bytes[1] = CATALOG_ENTRY_STATE;
	assert_int_equal(catalog_entry_decode(catalog_buffer_span(&buffer), &out), -EBADMSG);
	buffer.bytes[1] = CATALOG_ENTRY_STATE + 1;
	assert_int_equal(catalog_entry_decode(catalog_buffer_span(&buffer), &out), -EBADMSG);
	catalog_buffer_close(&buffer);
}

/* One value in each form that MessagePack has for it; none of another type passes. */
static void test_every_form_of_a_field_is_read(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int64_t time_s;
		int r;
	} times[] = {
		{"\x05", 1, 5, 0},
		{"\xfb", 1, -5, 0},
		{"\xcc\xff", 2, 255, 0},
		{"\xcd\x01\x00", 3, 256, 0},
		{"\xce\xff\xff\xff\xff", 5, UINT32_MAX, 0},
		{"\xcf\x7f\xff\xff\xff\xff\xff\xff\xff", 9, INT64_MAX, 0},
		{"\xcf\x80\0\0\0\0\0\0\0", 9, 0, -EBADMSG},
		{"\xd0\xfb", 2, -5, 0},
		{"\xd0\x05", 2, 5, 0},
		{"\xd1\xff\x00", 3, -256, 0},
		{"\xd2\x80\0\0\0", 5, INT32_MIN, 0},
		{"\xd3\x80\0\0\0\0\0\0\0", 9, INT64_MIN, 0},
		{"\xca\0\0\0\0", 5, 0, -EBADMSG},
		{"\xa1\x35", 2, 0, -EBADMSG},
		{"\xc0", 1, 0, -EBADMSG},
		{"\xc1", 1, 0, -EBADMSG},
	};
	static const struct {
		const char *bytes;
		size_t len;
		int r;
	} ids[] = {
		{"\xa2"
		 "ab",
		 3, 0},
		{"\xd9\x02"
		 "ab",
		 4, 0},
		{"\xda\0\x02"
		 "ab",
		 5, 0},
		{"\xdb\0\0\0\x02"
		 "ab",
		 7, 0},
		{"\xc4\x02"
		 "ab",
		 4, -EBADMSG},
		{"\xa2"
		 "a\0",
		 3, -EBADMSG},
		{"\xa2"
		 "a\xff",
		 3, -EBADMSG},
		{"\xa0", 1, -EBADMSG},
		{"\x07", 1, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		for (size_t k = 0; k < sizeof ids / sizeof *ids; k++) {
			struct catalog_buffer b = {0};
			struct catalog_entry out;
			int r = times[i].r != 0 ? times[i].r : ids[k].r;

			assert_int_equal(catalog_buffer_append(&b, "\xdc\0\x06\xcd\0\1", 6), 0);
			assert_int_equal(catalog_buffer_append(&b, ids[k].bytes, ids[k].len), 0);
			assert_int_equal(catalog_buffer_append(&b, times[i].bytes, times[i].len),
					 0);
			assert_int_equal(catalog_buffer_append(&b,
							       "\xc0\xc5\0\x10"
							       "0123456789abcdef"
							       "\x80",
							       21),
					 0);
			assert_int_equal(catalog_entry_decode(catalog_buffer_span(&b), &out), r);
			if (r == 0) {
				assert_int_equal(out.time_s, times[i].time_s);
				assert_string_equal(out.id, "ab");
				assert_memory_equal(out.salt, "0123456789abcdef", 16);
				assert_int_equal(out.body.len, 1);
			}
			catalog_buffer_close(&b);
		}
}

static void test_a_state_is_read_as_it_was_written(void **state)
{
	struct catalog_state in = {.live = 300, .withdrawn = 7, .view_root = {{9, 8, 7}}}, out;
	struct catalog_buffer buffer = {0};

	(void)state;
	assert_int_equal(catalog_entry_encode_state(&in, &buffer), 0);
	assert_int_equal(catalog_entry_decode_state(catalog_buffer_span(&buffer), &out), 0);
	assert_int_equal(out.live, 300);
	assert_int_equal(out.withdrawn, 7);
	assert_true(catalog_hash_equal(&out.view_root, &in.view_root));
	for (size_t len = 0; len < buffer.len; len++)
		assert_int_equal(
			catalog_entry_decode_state((struct catalog_span){buffer.bytes, len}, &out),
			-EBADMSG);
	catalog_buffer_close(&buffer);
}

static void test_a_withdrawal_is_about_the_thing_that_was_put(void **state)
{
	struct catalog_hash put, withdraw, node;

	(void)state;
	catalog_entry_thing(CATALOG_ENTRY_PUT, "soil", &put);
	catalog_entry_thing(CATALOG_ENTRY_WITHDRAW, "soil", &withdraw);
	catalog_entry_thing(CATALOG_ENTRY_NODE, "soil", &node);
	assert_true(catalog_hash_equal(&put, &withdraw));
	assert_false(catalog_hash_equal(&put, &node));
}

TEST_MAIN("catalog/entry", cmocka_unit_test(test_an_entry_is_read_as_it_was_written),
	  cmocka_unit_test(test_an_entry_cut_short_anywhere_is_refused),
	  cmocka_unit_test(test_an_entry_past_the_limit_is_refused),
	  cmocka_unit_test(test_only_a_state_entry_has_no_id),
	  cmocka_unit_test(test_every_form_of_a_field_is_read),
	  cmocka_unit_test(test_a_state_is_read_as_it_was_written),
	  cmocka_unit_test(test_a_withdrawal_is_about_the_thing_that_was_put))
