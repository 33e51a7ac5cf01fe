/* A channel in hostile hands.  The first byte chooses: bytes of a stranger's to one end; or two
 * ends whose every byte the input may change, drop, add, repeat or turn back on its way.  Whatever
 * it does, what an end gives out is what the other said, in order, from the beginning. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#include "gossip/channel.h"
#include "tests/fuzz/target.h"

#define WAY_BYTES_MAX (256u * 1024)

struct end {
	struct gossip_channel *channel;
	struct gossip_frame_writer *writer;
	struct gossip_frame_reader *reader;
	struct catalog_buffer in; /* on its way to it */
	unsigned said, heard;     /* messages */
	bool is_dead;
};

static const struct gossip_noise_secret secrets[] = {{{0, 1}}, {{0, 2}}, {{0, 3}}, {{0, 4}}};

static void open_end(struct end *end, enum gossip_noise_role role)
{
	struct catalog_hash federation = {{9}};
	struct catalog_node_key remote;
	struct gossip_channel_options options = {
		.role = role,
		.secret = &secrets[role],
		.ephemeral = &secrets[2 + role],
		.federation = &federation,
	};

	assert(sodium_init() >= 0);
	gossip_noise_public(&secrets[GOSSIP_NOISE_RESPONDER], &remote);
	if (role == GOSSIP_NOISE_INITIATOR)
		options.remote = &remote;
	*end = (struct end){0};
	assert(gossip_channel_new(&options, 0, &end->channel) == 0);
	assert(gossip_frame_writer_new(&end->writer) == 0);
	assert(gossip_frame_reader_new(&end->reader) == 0);
}

static void close_end(struct end *end)
{
	gossip_channel_free(end->channel);
	gossip_frame_writer_free(end->writer);
	gossip_frame_reader_free(end->reader);
	catalog_buffer_close(&end->in);
}

static void say(struct end *end)
{
	uint8_t bytes[40];

	memset(bytes, (uint8_t)end->said, sizeof bytes);
	if (gossip_frame_writer_push(end->writer, GOSSIP_LANE_CONTROL,
				     (struct catalog_span){bytes, 1 + end->said % 40u}) == 0)
		end->said++;
}

static void hear(struct end *end, const struct end *other, struct catalog_span plain)
{
	struct catalog_span message;
	enum gossip_lane lane;
	size_t used;

	if (plain.len == 0) /* a third message without a payload */
		return;
	assert(gossip_frame_reader_feed(end->reader, plain, &used, &lane, &message) == 0);
	assert(used == plain.len);
	assert(end->heard < other->said);
	assert(message.len == 1 + end->heard % 40u);
	for (size_t i = 0; i < message.len; i++)
		assert(message.bytes[i] == (uint8_t)end->heard);
	end->heard++;
}

/* Hand an end up to len bytes of what is on its way. */
static void deliver(struct end *end, const struct end *other, size_t len, uint64_t now_ms)
{
	size_t at = 0;

	if (len > end->in.len)
		len = end->in.len;
	if (len == 0)
		return;
	while (!end->is_dead) {
		struct catalog_span plain;
		size_t used = 0;
		int r = gossip_channel_feed(end->channel,
					    (struct catalog_span){end->in.bytes + at, len - at},
					    now_ms, &used, &plain);

		if (r == -EAGAIN)
			break;
		if (r != 0)
			end->is_dead = true;
		else
			hear(end, other, plain);
		at += used;
	}
	memmove(end->in.bytes, end->in.bytes + len, end->in.len - len);
	end->in.len -= len;
}

/* What is on its way comes again, at the same end or at the one that it came from. */
static void repeat(const struct catalog_buffer *from, struct catalog_buffer *to)
{
	size_t len = from->len;

	if (len == 0 || to->len >= WAY_BYTES_MAX || catalog_buffer_reserve(to, len) != 0)
		return;
	memcpy(to->bytes + to->len, from->bytes, len); /* there is room: from stays where it is */
	to->len += len;
}

static void act(struct end ends[2], uint8_t what, uint8_t how, uint64_t *now_ms)
{
	struct end *end = &ends[what & 1], *other = &ends[1 - (what & 1)];

	switch (what >> 1 & 7) {
	case 0: say(end); break;
	case 1:
		if (other->in.len < WAY_BYTES_MAX)
			(void)gossip_channel_next(end->channel, end->writer, *now_ms, &other->in);
		break;
	case 2: deliver(end, other, (size_t)how * 4 + 1, *now_ms); break;
	case 3: deliver(end, other, SIZE_MAX, *now_ms); break;
	case 4: /* changed */
		if (end->in.len > 0)
			end->in.bytes[how % end->in.len] ^= (uint8_t)(1 << (how & 7));
		break;
	case 5: /* dropped */ end->in.len -= how % (end->in.len + 1); break;
	case 6: repeat(&end->in, (how & 1) != 0 ? &end->in : &other->in); break;
	case 7: *now_ms += (uint64_t)how * how * how; break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct end ends[2];
	uint64_t now_ms = 0;

	if (size < 2)
		return 0;
	open_end(&ends[0], GOSSIP_NOISE_INITIATOR);
	open_end(&ends[1], GOSSIP_NOISE_RESPONDER);
	if (data[0] < 128) {
		struct end *end = &ends[data[0] & 1];

		(void)gossip_channel_next(end->channel, end->writer, 0,
					  &ends[1 - (data[0] & 1)].in); /* nothing is to come */
		if (catalog_buffer_append(&end->in, data + 1, size - 1) == 0)
			for (size_t i = 1; end->in.len > 0 && !end->is_dead; i++)
				deliver(end, &ends[1 - (data[0] & 1)], i, 0);
		assert(!gossip_channel_is_open(end->channel));
	} else {
		for (size_t i = 1; i + 1 < size; i += 2)
			act(ends, data[i], data[i + 1], &now_ms);
	}
	close_end(&ends[0]);
	close_end(&ends[1]);
	return 0;
}
