#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/frame.h"
#include "gossip/random.h"

struct fixture {
	struct gossip_frame_writer *writer;
	struct gossip_frame_reader *reader;
	struct catalog_buffer wire;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*state = f;
	assert_int_equal(gossip_frame_writer_new(&f->writer), 0);
	return gossip_frame_reader_new(&f->reader);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	gossip_frame_writer_free(f->writer);
	gossip_frame_reader_free(f->reader);
	catalog_buffer_close(&f->wire);
	free(f);
	return 0;
}

static int push(struct fixture *f, enum gossip_lane lane, const void *bytes, size_t len)
{
	return gossip_frame_writer_push(f->writer, lane, (struct catalog_span){bytes, len});
}

static uint8_t *filled(size_t len, uint8_t with)
{
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	memset(bytes, with, len);
	return bytes;
}

static void test_messages_come_out_as_they_went_in(void **state)
{
	static const size_t lens[] = {1,
				      2,
				      GOSSIP_FRAME_PAYLOAD_MAX - 1,
				      GOSSIP_FRAME_PAYLOAD_MAX,
				      GOSSIP_FRAME_PAYLOAD_MAX + 1,
				      GOSSIP_FRAME_CONTROL_MAX};
	struct gossip_random random = {1};
	struct fixture *f = *state;
	struct catalog_span message, rest;
	enum gossip_lane lane;
	size_t used, seen = 0;

	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		uint8_t *bytes = filled(lens[i], (uint8_t)i);

		assert_int_equal(push(f, GOSSIP_LANE_CONTROL, bytes, lens[i]), 0);
		free(bytes);
	}
	while (gossip_frame_writer_next(f->writer, &f->wire) == 0) {
	}
	assert_int_equal(gossip_frame_writer_waiting(f->writer), 0);
	rest = catalog_buffer_span(&f->wire);
	while (rest.len > 0) { /* cut anywhere */
		size_t len = 1 + (size_t)gossip_random_below(&random, rest.len);
		struct catalog_span part = {rest.bytes, len};
		int r = gossip_frame_reader_feed(f->reader, part, &used, &lane, &message);

		assert_true(used <= len);
		rest.bytes += used;
		rest.len -= used;
		if (r == -EAGAIN) {
			assert_int_equal(used, len);
			continue;
		}
		assert_int_equal(r, 0);
		assert_int_equal(lane, GOSSIP_LANE_CONTROL);
		assert_int_equal(message.len, lens[seen]);
		for (size_t i = 0; i < message.len; i++)
			assert_int_equal(message.bytes[i], seen);
		seen++;
	}
	assert_int_equal(seen, sizeof lens / sizeof lens[0]);
}

static void test_control_goes_between_the_frames_of_bulk(void **state)
{
	struct fixture *f = *state;
	uint8_t *bulk = filled(GOSSIP_FRAME_BULK_MAX, 7);
	struct catalog_span message, rest;
	enum gossip_lane lane;
	size_t used;

	assert_int_equal(push(f, GOSSIP_LANE_BULK, bulk, GOSSIP_FRAME_BULK_MAX), 0);
	assert_int_equal(gossip_frame_writer_next(f->writer, &f->wire), 0);
	assert_int_equal(push(f, GOSSIP_LANE_CONTROL, "ping", 4), 0);
	while (gossip_frame_writer_next(f->writer, &f->wire) == 0) {
	}
	rest = catalog_buffer_span(&f->wire);
	assert_int_equal(gossip_frame_reader_feed(f->reader, rest, &used, &lane, &message), 0);
	assert_int_equal(lane, GOSSIP_LANE_CONTROL);
	assert_int_equal(message.len, 4);
	/* It has waited for one frame of bulk, no more. */
	assert_int_equal(used, 2 * GOSSIP_FRAME_HEADER_BYTES + GOSSIP_FRAME_PAYLOAD_MAX + 4);
	rest.bytes += used;
	rest.len -= used;
	assert_int_equal(gossip_frame_reader_feed(f->reader, rest, &used, &lane, &message), 0);
	assert_int_equal(lane, GOSSIP_LANE_BULK);
	assert_int_equal(message.len, GOSSIP_FRAME_BULK_MAX);
	assert_int_equal(used, rest.len);
	free(bulk);
}

static void test_what_is_too_much_is_refused_by_the_writer(void **state)
{
	struct fixture *f = *state;
	uint8_t *bytes = filled(GOSSIP_FRAME_BULK_MAX + 1, 1);
	size_t count = 0;

	assert_int_equal(push(f, GOSSIP_LANE_CONTROL, bytes, GOSSIP_FRAME_CONTROL_MAX + 1), -E2BIG);
	assert_int_equal(push(f, GOSSIP_LANE_BULK, bytes, GOSSIP_FRAME_BULK_MAX + 1), -E2BIG);
	while (push(f, GOSSIP_LANE_BULK, bytes, GOSSIP_FRAME_BULK_MAX) == 0)
		count++;
	assert_int_equal(count, GOSSIP_FRAME_QUEUE_MAX / GOSSIP_FRAME_BULK_MAX);
	assert_int_equal(push(f, GOSSIP_LANE_BULK, bytes, GOSSIP_FRAME_BULK_MAX), -ENOSPC);
	free(bytes);
}

static int feed(const uint8_t *bytes, size_t len)
{
	struct gossip_frame_reader *reader;
	struct catalog_span message;
	enum gossip_lane lane;
	size_t used;
	int r;

	assert_int_equal(gossip_frame_reader_new(&reader), 0);
	r = gossip_frame_reader_feed(reader, (struct catalog_span){bytes, len}, &used, &lane,
				     &message);
	gossip_frame_reader_free(reader);
	return r;
}

static void test_frames_against_the_rules_are_refused(void **state)
{
	(void)state;
	assert_int_equal(feed((const uint8_t[]){0, 1, 0, 9}, 4), 0);
	assert_int_equal(feed((const uint8_t[]){0, 0, 0}, 3), -EBADMSG);      /* empty */
	assert_int_equal(feed((const uint8_t[]){0, 0, 1}, 3), -EBADMSG);      /* empty, for ever */
	assert_int_equal(feed((const uint8_t[]){0, 1, 4}, 3), -EBADMSG);      /* unknown flag */
	assert_int_equal(feed((const uint8_t[]){0, 1, 128}, 3), -EBADMSG);    /* likewise */
	assert_int_equal(feed((const uint8_t[]){255, 255, 0}, 3), -EBADMSG);  /* too long */
	assert_int_equal(feed((const uint8_t[]){0x3f, 0xc0, 0}, 3), -EAGAIN); /* the longest */
	assert_int_equal(feed((const uint8_t[]){0x3f, 0xc1, 0}, 3), -EBADMSG);
}

static void test_a_message_is_refused_before_it_is_held(void **state)
{
	struct fixture *f = *state;
	uint8_t *frame = filled(GOSSIP_FRAME_HEADER_BYTES + GOSSIP_FRAME_PAYLOAD_MAX, 1);
	struct catalog_span message;
	enum gossip_lane lane;
	size_t used, fed = 0;
	int r = -EAGAIN;

	frame[0] = GOSSIP_FRAME_PAYLOAD_MAX >> 8;
	frame[1] = GOSSIP_FRAME_PAYLOAD_MAX & 0xff;
	frame[2] = 1; /* more follows, always */
	while (r == -EAGAIN) {
		r = gossip_frame_reader_feed(
			f->reader,
			(struct catalog_span){frame,
					      GOSSIP_FRAME_HEADER_BYTES + GOSSIP_FRAME_PAYLOAD_MAX},
			&used, &lane, &message);
		fed++;
		assert_true(fed < 100);
	}
	assert_int_equal(r, -E2BIG);
	assert_int_equal(fed, GOSSIP_FRAME_CONTROL_MAX / GOSSIP_FRAME_PAYLOAD_MAX + 1);
	free(frame);
}

#define FRAME_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("gossip/frame", FRAME_TEST(test_messages_come_out_as_they_went_in),
	  FRAME_TEST(test_control_goes_between_the_frames_of_bulk),
	  FRAME_TEST(test_what_is_too_much_is_refused_by_the_writer),
	  FRAME_TEST(test_frames_against_the_rules_are_refused),
	  FRAME_TEST(test_a_message_is_refused_before_it_is_held))
