#include "tools/bench_link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gossip/channel.h"
#include "gossip/frame.h"

#define NOW_MS     1000
#define READ_BYTES (64u * 1024) /* as much as a node reads of a socket at once */

enum end { SENDER = 1, RECEIVER = 2 };

static int make_channel(enum end end, struct gossip_channel **ret_channel)
{
	struct gossip_noise_secret secret, ephemeral, other;
	struct catalog_hash federation = {{0}};
	struct catalog_node_key remote;

	memset(secret.bytes, end, sizeof secret.bytes);
	memset(ephemeral.bytes, 10 + end, sizeof ephemeral.bytes);
	memset(other.bytes, RECEIVER, sizeof other.bytes);
	gossip_noise_public(&other, &remote);
	return gossip_channel_new(
		&(struct gossip_channel_options){.role = end == SENDER ? GOSSIP_NOISE_INITIATOR
								       : GOSSIP_NOISE_RESPONDER,
						 .secret = &secret,
						 .ephemeral = &ephemeral,
						 .remote = end == SENDER ? &remote : NULL,
						 .federation = &federation},
		NOW_MS, ret_channel);
}

/* --- sealing ---------------------------------------------------------------------------------- */

/* What the receiver answers to the sender's first message. */
static int answer(struct catalog_span first, struct catalog_buffer *ret_bytes)
{
	struct gossip_frame_writer *writer = NULL;
	struct gossip_channel *channel = NULL;
	struct catalog_span plain;
	size_t used;
	int r = make_channel(RECEIVER, &channel);

	if (r == 0)
		r = gossip_frame_writer_new(&writer);
	if (r == 0)
		r = gossip_channel_feed(channel, first, NOW_MS, &used, &plain);
	if (r == -EAGAIN)
		r = gossip_channel_next(channel, writer, NOW_MS, ret_bytes);
	gossip_frame_writer_free(writer);
	gossip_channel_free(channel);
	return r;
}

static int shake_hands(struct gossip_channel *sender, struct gossip_frame_writer *writer,
		       struct catalog_buffer *sealed)
{
	struct catalog_buffer answered = {0};
	struct catalog_span plain;
	size_t used;
	int r = gossip_channel_next(sender, writer, NOW_MS, sealed);

	if (r == 0)
		r = answer(catalog_buffer_span(sealed), &answered);
	if (r == 0)
		r = gossip_channel_feed(sender, catalog_buffer_span(&answered), NOW_MS, &used,
					&plain);
	if (r == -EAGAIN)
		r = gossip_channel_next(sender, writer, NOW_MS, sealed);
	catalog_buffer_close(&answered);
	return r;
}

int tools_bench_link_seal(const struct catalog_buffer *messages, size_t count,
			  struct catalog_buffer *ret_sealed)
{
	struct gossip_frame_writer *writer = NULL;
	struct gossip_channel *sender = NULL;
	struct catalog_buffer sealed = {0};
	int r = make_channel(SENDER, &sender);

	if (r == 0)
		r = gossip_frame_writer_new(&writer);
	if (r == 0)
		r = shake_hands(sender, writer, &sealed);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = gossip_frame_writer_push(writer, GOSSIP_LANE_BULK,
					     catalog_buffer_span(&messages[i]));
		while (r == 0)
			r = gossip_channel_next(sender, writer, NOW_MS, &sealed);
		if (r == -ENOENT) /* all of it is sent */
			r = 0;
	}
	gossip_frame_writer_free(writer);
	gossip_channel_free(sender);
	if (r != 0)
		catalog_buffer_close(&sealed);
	else
		*ret_sealed = sealed;
	return r;
}

/* --- receiving -------------------------------------------------------------------------------- */

struct tools_bench_link_receiver {
	struct gossip_channel *channel;
	struct gossip_frame_reader *reader;
	struct gossip_frame_writer *writer; /* of what is answered, which nobody reads */
	struct catalog_buffer answered;
	struct catalog_span rest;
};

int tools_bench_link_receiver_new(struct catalog_span sealed,
				  struct tools_bench_link_receiver **ret_receiver)
{
	struct tools_bench_link_receiver *receiver = calloc(1, sizeof *receiver);
	int r;

	if (receiver == NULL)
		return -ENOMEM;
	receiver->rest = sealed;
	r = make_channel(RECEIVER, &receiver->channel);
	if (r == 0)
		r = gossip_frame_reader_new(&receiver->reader);
	if (r == 0)
		r = gossip_frame_writer_new(&receiver->writer);
	if (r != 0)
		tools_bench_link_receiver_free(receiver);
	else
		*ret_receiver = receiver;
	return r;
}

void tools_bench_link_receiver_free(struct tools_bench_link_receiver *receiver)
{
	if (receiver == NULL)
		return;
	gossip_channel_free(receiver->channel);
	gossip_frame_reader_free(receiver->reader);
	gossip_frame_writer_free(receiver->writer);
	catalog_buffer_close(&receiver->answered);
	free(receiver);
}

/* What is read next: of the handshake one message, since the other end waits for an answer to it.
 */
static size_t next_read(const struct tools_bench_link_receiver *receiver)
{
	struct catalog_span rest = receiver->rest;
	size_t len = READ_BYTES;

	if (!gossip_channel_is_open(receiver->channel) && rest.len >= 2)
		len = 2 + ((size_t)rest.bytes[0] << 8 | rest.bytes[1]);
	return len < rest.len ? len : rest.len;
}

/* Open the next record; an answer in the handshake is made at once. */
static int open_record(struct tools_bench_link_receiver *receiver, struct catalog_span *ret_plain)
{
	for (;;) {
		struct catalog_span read = {receiver->rest.bytes, next_read(receiver)};
		size_t used;
		int r;

		if (read.len == 0)
			return -ENOENT;
		r = gossip_channel_feed(receiver->channel, read, NOW_MS, &used, ret_plain);
		if (r != 0 && r != -EAGAIN)
			return r;
		receiver->rest.bytes += used;
		receiver->rest.len -= used;
		if (r == 0)
			return 0;
		r = gossip_channel_next(receiver->channel, receiver->writer, NOW_MS,
					&receiver->answered);
		if (r != 0 && r != -ENOENT)
			return r;
	}
}

int tools_bench_link_receive(struct tools_bench_link_receiver *receiver,
			     struct catalog_buffer *ret_message)
{
	for (;;) {
		struct catalog_span plain, message;
		enum gossip_lane lane;
		size_t used;
		int r = open_record(receiver, &plain);

		if (r != 0)
			return r;
		r = gossip_frame_reader_feed(receiver->reader, plain, &used, &lane, &message);
		if (r == -EAGAIN)
			continue;
		if (r != 0)
			return r;
		assert(used == plain.len); /* a frame ends where its message does */
		return catalog_buffer_append(ret_message, message.bytes, message.len);
	}
}
