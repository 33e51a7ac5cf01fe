/* Requests to join, and the blocks of text that they and amendments travel in. */
#include "tests/catalog/council.h"

#include <errno.h>

#include "catalog/armour.h"
#include "catalog/join.h"

static struct council c;

static void test_a_request_says_who_asks(void **state)
{
	struct catalog_member member, read;
	struct catalog_buffer request = {0};
	const struct catalog_hash *federation;

	(void)state;
	council_open(&c, 1, 1);
	federation = catalog_charter_federation(c.charter);
	council_member(&c, 0, 20, &member);
	assert_int_equal(catalog_join_write(federation, &member, &c.secrets[20], &request), 0);
	assert_int_equal(catalog_join_read(catalog_buffer_span(&request), federation, &read), 0);
	assert_string_equal(read.name, member.name);
	assert_memory_equal(&read.key, &c.keys[20], sizeof read.key);
	assert_int_equal(catalog_join_read(catalog_buffer_span(&request),
					   &(struct catalog_hash){{1}}, &read),
			 -EPROTO);
	for (size_t i = 0; i < request.len * 8; i++) {
		request.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (catalog_join_read(catalog_buffer_span(&request), federation, &read) == 0)
			fail_msg("bit %zu", i);
		request.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	memset(member.country, 'x', 2);
	assert_int_equal(catalog_join_write(federation, &member, &c.secrets[20], &request),
			 -EINVAL);
	catalog_buffer_close(&request);
	council_close(&c);
}

static void test_a_block_survives_what_is_around_it(void **state)
{
	struct catalog_buffer text = {0}, read = {0};
	uint8_t bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		text.len = read.len = 0;
		assert_int_equal(catalog_buffer_print(&text, "Dear all,\r\n> "), 0);
		assert_int_equal(
			catalog_armour_write("THING", (struct catalog_span){bytes, len}, &text), 0);
		assert_int_equal(catalog_buffer_print(&text, "> Yours"), 0);
		assert_int_equal(catalog_armour_read("THING", catalog_buffer_span(&text), &read),
				 0);
		assert_int_equal(read.len, len);
		assert_memory_equal(read.bytes, bytes, len);
		assert_int_equal(catalog_armour_read("OTHER", catalog_buffer_span(&text), &read),
				 -EBADMSG);
	}
	text.len -= 30; /* the end is cut off */
	assert_int_equal(catalog_armour_read("THING", catalog_buffer_span(&text), &read), -EBADMSG);
	assert_int_equal(catalog_armour_read("THING", (struct catalog_span){NULL, 0}, &read),
			 -EBADMSG);
	catalog_buffer_close(&text);
	catalog_buffer_close(&read);
}

TEST_MAIN("catalog/join", cmocka_unit_test(test_a_request_says_who_asks),
	  cmocka_unit_test(test_a_block_survives_what_is_around_it))
