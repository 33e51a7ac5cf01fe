/* tests/gossip/speak.h - say a message as a stranger (world.h), in frames as a node would. */
#ifndef TESTS_GOSSIP_SPEAK_H
#define TESTS_GOSSIP_SPEAK_H

#include "gossip/frame.h"
#include "gossip/message.h"
#include "tests/gossip/world.h"
#include "tests/test.h"

static inline void speak(struct world_stranger *stranger, const struct gossip_message *message)
{
	struct catalog_buffer bytes = {0}, frame = {0};
	struct gossip_frame_writer *writer;

	assert_int_equal(gossip_frame_writer_new(&writer), 0);
	assert_int_equal(gossip_message_encode(message, &bytes), 0);
	assert_int_equal(
		gossip_frame_writer_push(writer, GOSSIP_LANE_CONTROL, catalog_buffer_span(&bytes)),
		0);
	while (gossip_frame_writer_next(writer, &frame) == 0) {
	}
	world_stranger_say(stranger, frame.bytes, frame.len);
	gossip_frame_writer_free(writer);
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&frame);
}

#endif
