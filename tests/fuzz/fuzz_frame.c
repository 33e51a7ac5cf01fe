/* The frame decoder.  The first byte tells how the rest is cut when it is fed; whatever it is, a
 * reader that takes it whole gives the same messages and ends the same way, and none is longer than
 * its lane allows. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/hash.h"
#include "gossip/frame.h"
#include "tests/fuzz/target.h"

struct outcome {
	int r;
	size_t messages, bytes, used;
	struct catalog_hash hash; /* of all that was said before, and the message */
};

static void add(struct outcome *outcome, enum gossip_lane lane, struct catalog_span message)
{
	struct catalog_buffer all = {0};

	require(message.len > 0);
	require(message.len <=
		(lane == GOSSIP_LANE_BULK ? GOSSIP_FRAME_BULK_MAX : GOSSIP_FRAME_CONTROL_MAX));
	require(catalog_buffer_append(&all, outcome->hash.bytes, sizeof outcome->hash.bytes) == 0);
	require(catalog_buffer_append(&all, lane == GOSSIP_LANE_BULK ? "b" : "c", 1) == 0);
	require(catalog_buffer_append(&all, message.bytes, message.len) == 0);
	catalog_hash_of(all.bytes, all.len, &outcome->hash);
	catalog_buffer_close(&all);
	outcome->messages++;
	outcome->bytes += message.len;
}

static struct outcome feed(struct catalog_span bytes, size_t part)
{
	struct outcome outcome = {0};
	struct gossip_frame_reader *reader;

	require(gossip_frame_reader_new(&reader) == 0);
	while (bytes.len > 0 && outcome.r == 0) {
		struct catalog_span some = {bytes.bytes, bytes.len < part ? bytes.len : part};
		struct catalog_span message;
		enum gossip_lane lane;
		size_t used = 0;
		int r = gossip_frame_reader_feed(reader, some, &used, &lane, &message);

		require(used <= some.len);
		if (r == 0)
			add(&outcome, lane, message);
		else if (r == -EAGAIN)
			require(used == some.len);
		else
			outcome.r = r;
		bytes.bytes += used;
		bytes.len -= used;
	}
	gossip_frame_reader_free(reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;

	if (size < 2)
		return 0;
	whole = feed((struct catalog_span){data + 1, size - 1}, SIZE_MAX);
	cut = feed((struct catalog_span){data + 1, size - 1}, 1 + (size_t)data[0] * data[0]);
	require(whole.r == cut.r && whole.messages == cut.messages && whole.bytes == cut.bytes);
	require(catalog_hash_equal(&whole.hash, &cut.hash));
	return 0;
}
