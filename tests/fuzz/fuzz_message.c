/* Bytes of a link, cut where the first byte says: frames and the messages in them.  What decodes
 * encodes again, to something that decodes to the same bytes. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gossip/frame.h"
#include "gossip/message.h"
#include "tests/fuzz/target.h"

static void try_message(struct catalog_span bytes)
{
	struct catalog_buffer first = {0}, second = {0};
	struct gossip_message message, again;

	if (gossip_message_decode(bytes, &message) != 0)
		return;
	if (gossip_message_encode(&message, &first) == 0 &&
	    gossip_message_decode(catalog_buffer_span(&first), &again) == 0) {
		assert(gossip_message_encode(&again, &second) == 0);
		assert(first.len == second.len);
		assert(memcmp(first.bytes, second.bytes, first.len) == 0);
		gossip_message_close(&again);
	}
	gossip_message_close(&message);
	catalog_buffer_close(&first);
	catalog_buffer_close(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gossip_frame_reader *reader;
	struct catalog_span rest, message;
	enum gossip_lane lane;
	size_t part, used;

	if (size < 2 || gossip_frame_reader_new(&reader) != 0)
		return 0;
	part = (size_t)data[0] + 1;
	rest = (struct catalog_span){data + 1, size - 1};
	while (rest.len > 0) {
		struct catalog_span now = {rest.bytes, rest.len < part ? rest.len : part};
		int r = gossip_frame_reader_feed(reader, now, &used, &lane, &message);

		if (r != 0 && r != -EAGAIN)
			break;
		if (r == 0)
			try_message(message);
		rest.bytes += used;
		rest.len -= used;
	}
	gossip_frame_reader_free(reader);
	try_message((struct catalog_span){data, size});
	return 0;
}
