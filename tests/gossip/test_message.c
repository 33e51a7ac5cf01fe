#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/fork.h"
#include "gossip/frame.h"
#include "gossip/message.h"

static struct gossip_place places[2] = {
	{.log = 3, .target = 500, .held = 400, .attested_s = 5000000000, .root = {1, 2, 3}},
	{.log = 70000, .is_forked = true, .target = 1, .held = 1}};
static struct gossip_head heads[2] = {{.log = 1, .size = 9, .held = 0, .attested_s = 7},
				      {.log = 2, .size = 8, .held = 8}};

static struct gossip_range ranges[2] = {{0, 2, {{1, 2, 3, 4}, {5}}}, {64, 16, {{9}}}};

/* One message of each kind. */
static size_t examples(struct gossip_message *ret_messages)
{
	struct gossip_message *at = ret_messages;

	heads[0].note = (struct catalog_span){(const uint8_t *)"note one", 8};
	heads[1].note = (struct catalog_span){(const uint8_t *)"note two!", 9};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_HELLO,
					.as.hello = {1, 2, 17, UINT64_MAX - 1, {{6}}, {{7}}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_VECTOR,
					.as.vector = {true, false, false, 2, places}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_HEADS, .as.heads = {2, heads}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_PULL,
					.as.pull = {9, 8, 7, 9, 10, 1024, 70000}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_CHUNK,
					.as.chunk = {4, {(const uint8_t *)"bytes of a chunk", 16}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_NONE, .as.none = 44};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_EQUAL, .as.equal = {{9, 9}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_PING, .as.ping = UINT64_MAX};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_PONG, .as.ping = 0};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_BYE, .as.bye = "so long"};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_FORK,
					.as.fork = {6, {(const uint8_t *)"proof", 5}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_COSIGN,
					.as.cosign = {.log = 5, .size = 77}};
	*at++ = (struct gossip_message){
		.kind = GOSSIP_MESSAGE_COSIGNED,
		.as.cosign = {5, 77, {(const uint8_t *)"\xe2\x80\x94 a b\n", 8}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_AMENDMENT,
					.as.amendment = {3, 4, 0, {(const uint8_t *)"part", 4}}};
	*at++ = (struct gossip_message){.kind = GOSSIP_MESSAGE_DIGESTS,
					.as.digests = {77, 4, 2, ranges}};
	*at++ = (struct gossip_message){
		.kind = GOSSIP_MESSAGE_TRAIL,
		.as.trail = {true, 2, {1, 1000}, 2, {{1001, {{1}}}, {0, {{2}}}}}};
	return (size_t)(at - ret_messages);
}

static void test_every_kind_comes_out_as_it_went_in(void **state)
{
	struct gossip_message messages[17];
	size_t count = examples(messages);

	(void)state;
	assert_int_equal(count, GOSSIP_MESSAGE_TRAIL);
	for (size_t i = 0; i < count; i++) {
		struct catalog_buffer bytes = {0}, again = {0};
		struct gossip_message message;

		assert_int_equal(gossip_message_encode(&messages[i], &bytes), 0);
		assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message), 0);
		assert_int_equal(message.kind, messages[i].kind);
		assert_int_equal(gossip_message_encode(&message, &again), 0);
		assert_int_equal(again.len, bytes.len);
		assert_memory_equal(again.bytes, bytes.bytes, bytes.len);
		gossip_message_close(&message);
		catalog_buffer_close(&bytes);
		catalog_buffer_close(&again);
	}
}

static void test_fields_arrive_in_their_places(void **state)
{
	struct gossip_message messages[17], message;
	struct catalog_buffer bytes = {0};

	(void)state;
	(void)examples(messages);
	assert_int_equal(gossip_message_encode(&messages[1], &bytes), 0);
	assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message), 0);
	assert_true(message.as.vector.is_answer);
	assert_false(message.as.vector.is_last);
	assert_int_equal(message.as.vector.count, 2);
	assert_int_equal(message.as.vector.places[0].target, 500);
	assert_int_equal(message.as.vector.places[0].held, 400);
	assert_int_equal(message.as.vector.places[0].root[2], 3);
	assert_true(message.as.vector.places[0].attested_s == 5000000000);
	assert_false(message.as.vector.places[0].is_forked);
	assert_int_equal(message.as.vector.places[1].log, 70000);
	assert_true(message.as.vector.places[1].is_forked);
	gossip_message_close(&message);
	bytes.len = 0;
	assert_int_equal(gossip_message_encode(&messages[3], &bytes), 0);
	assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message), 0);
	assert_int_equal(message.as.pull.request, 9);
	assert_int_equal(message.as.pull.log, 8);
	assert_int_equal(message.as.pull.from, 7);
	assert_int_equal(message.as.pull.to, 9);
	assert_int_equal(message.as.pull.size, 10);
	assert_int_equal(message.as.pull.bytes, 1024);
	assert_int_equal(message.as.pull.packing, 70000);
	bytes.len = 0;
	assert_int_equal(gossip_message_encode(&messages[12], &bytes), 0);
	assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message), 0);
	assert_int_equal(message.as.cosign.log, 5);
	assert_int_equal(message.as.cosign.size, 77);
	assert_int_equal(message.as.cosign.line.len, 8);
	catalog_buffer_close(&bytes);
}

static void test_a_message_cut_short_or_longer_is_refused(void **state)
{
	struct gossip_message messages[17], message;
	size_t count = examples(messages);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct catalog_buffer bytes = {0};

		assert_int_equal(gossip_message_encode(&messages[i], &bytes), 0);
		for (size_t len = 0; len < bytes.len; len++) {
			struct catalog_span cut = {bytes.bytes, len};

			assert_int_equal(gossip_message_decode(cut, &message), -EBADMSG);
		}
		assert_int_equal(catalog_buffer_append(&bytes, "", 1), 0);
		assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message),
				 -EBADMSG);
		catalog_buffer_close(&bytes);
	}
}

static int decode(const void *bytes, size_t len)
{
	struct gossip_message message;
	int r = gossip_message_decode((struct catalog_span){bytes, len}, &message);

	if (r == 0)
		gossip_message_close(&message);
	return r;
}

static void test_values_out_of_their_range_are_refused(void **state)
{
	(void)state;
	assert_int_equal(decode("\x92\x08\x05", 3), 0);            /* a ping */
	assert_int_equal(decode("\x92\x00\x05", 3), -EBADMSG);     /* no such kind */
	assert_int_equal(decode("\x92\x0e\x05", 3), -EBADMSG);     /* likewise */
	assert_int_equal(decode("\x92\x08\xff", 3), -EBADMSG);     /* a negative number */
	assert_int_equal(decode("\x93\x08\x05\x05", 4), -EBADMSG); /* one too many */
	assert_int_equal(decode("\x96\x04\x01\x01\x07\x07\x08", 7), -EBADMSG); /* from == size */
	assert_int_equal(decode("\x92\x07\xc4\x02xx", 6), -EBADMSG);           /* a short hash */
	assert_int_equal(decode("\x92\x03\x93\x01\x01\x01", 6), -EBADMSG);     /* 3 of 5 fields */
	assert_int_equal(decode("\x94\x02\x01\x01\x96\x01\x00\x05\x06\x09\xc4\x08"
				"12345678",
				20),
			 -EBADMSG); /* holds more than its target */
	assert_int_equal(decode("\x94\x02\x01\x01\x96\x01\x02\x06\x05\x09\xc4\x08"
				"12345678",
				20),
			 -EBADMSG); /* forked: yes or no */
	assert_int_equal(decode("\x94\x02\x01\x01\x96\x01\x00\x06\x05\x09\xc4\x08"
				"12345678",
				20),
			 0);
}

static void test_proofs_and_lines_have_their_limits(void **state)
{
	static uint8_t long_bytes[CATALOG_FORK_BYTES_MAX + 1];
	struct gossip_message fork = {.kind = GOSSIP_MESSAGE_FORK};
	struct gossip_message message;
	struct catalog_buffer bytes = {0};

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		bytes.len = 0;
		fork.as.fork.proof =
			(struct catalog_span){long_bytes, CATALOG_FORK_BYTES_MAX + more};
		assert_int_equal(gossip_message_encode(&fork, &bytes), 0);
		assert_int_equal(gossip_message_decode(catalog_buffer_span(&bytes), &message),
				 more == 0 ? 0 : -E2BIG);
	}
	bytes.len = 0;
	assert_int_equal(catalog_buffer_append(&bytes, "\x94\x0d\x01\x01\xc5\x02\x01", 7), 0);
	assert_int_equal(catalog_buffer_append(&bytes, long_bytes, 513), 0);
	assert_int_equal(decode(bytes.bytes, bytes.len), -E2BIG);
	catalog_buffer_close(&bytes);
}

static void test_many_tiny_values_cost_no_memory(void **state)
{
	size_t len = GOSSIP_FRAME_CONTROL_MAX + 100;
	uint8_t *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 0xc0, len); /* nil, nil, nil, ... in a vector, and in the place of a chunk */
	memcpy(bytes, "\x94\x02\x01\x01\xdd\x00\x01\x00\x5b", 9);
	assert_int_equal(decode(bytes, len), -E2BIG);
	memcpy(bytes, "\x93\x05\x01\xdd\x00\x01\x00\x5c", 8);
	assert_int_equal(decode(bytes, len), -EBADMSG);
	free(bytes);
}

TEST_MAIN("gossip/message", cmocka_unit_test(test_every_kind_comes_out_as_it_went_in),
	  cmocka_unit_test(test_fields_arrive_in_their_places),
	  cmocka_unit_test(test_a_message_cut_short_or_longer_is_refused),
	  cmocka_unit_test(test_values_out_of_their_range_are_refused),
	  cmocka_unit_test(test_proofs_and_lines_have_their_limits),
	  cmocka_unit_test(test_many_tiny_values_cost_no_memory))
