#include "gossip/frame.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LANES          2
#define FLAG_MORE      1
#define FLAG_BULK      2
#define ROOM_BYTES_MAX (64u * 1024) /* of an empty buffer that is kept */

_Static_assert(GOSSIP_FRAME_PAYLOAD_MAX <= UINT16_MAX, "its length is two bytes");
_Static_assert(GOSSIP_FRAME_PAYLOAD_MAX + GOSSIP_FRAME_HEADER_BYTES < 16 * 1024,
	       "a frame is small");

static const size_t lane_bytes_max[LANES] = {
	[GOSSIP_LANE_CONTROL] = GOSSIP_FRAME_CONTROL_MAX,
	[GOSSIP_LANE_BULK] = GOSSIP_FRAME_BULK_MAX,
};

/* --- writing --------------------------------------------------------------------------------- */

struct message {
	struct message *next;
	size_t len, sent;
	uint8_t bytes[];
};

struct queue {
	struct message *first, **end;
};

struct gossip_frame_writer {
	struct queue lanes[LANES];
	size_t waiting;
};

int gossip_frame_writer_new(struct gossip_frame_writer **ret_writer)
{
	struct gossip_frame_writer *writer = calloc(1, sizeof *writer);

	if (writer == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < LANES; i++)
		writer->lanes[i].end = &writer->lanes[i].first;
	*ret_writer = writer;
	return 0;
}

static void drop_first(struct queue *queue)
{
	struct message *message = queue->first;

	queue->first = message->next;
	if (queue->first == NULL)
		queue->end = &queue->first;
	free(message);
}

void gossip_frame_writer_free(struct gossip_frame_writer *writer)
{
	if (writer == NULL)
		return;
	for (size_t i = 0; i < LANES; i++)
		while (writer->lanes[i].first != NULL)
			drop_first(&writer->lanes[i]);
	free(writer);
}

int gossip_frame_writer_push(struct gossip_frame_writer *writer, enum gossip_lane lane,
			     struct catalog_span message)
{
	struct queue *queue = &writer->lanes[lane];
	struct message *copy;

	assert(message.len > 0);
	if (message.len > lane_bytes_max[lane])
		return -E2BIG;
	if (message.len > GOSSIP_FRAME_QUEUE_MAX - writer->waiting)
		return -ENOSPC;
	copy = malloc(sizeof *copy + message.len);
	if (copy == NULL)
		return -ENOMEM;
	copy->next = NULL;
	copy->len = message.len;
	copy->sent = 0;
	memcpy(copy->bytes, message.bytes, message.len);
	*queue->end = copy;
	queue->end = &copy->next;
	writer->waiting += message.len;
	return 0;
}

int gossip_frame_writer_next(struct gossip_frame_writer *writer, struct catalog_buffer *ret_frame)
{
	enum gossip_lane lane = writer->lanes[GOSSIP_LANE_CONTROL].first != NULL
					? GOSSIP_LANE_CONTROL
					: GOSSIP_LANE_BULK;
	struct message *message = writer->lanes[lane].first;
	uint8_t header[GOSSIP_FRAME_HEADER_BYTES];
	size_t len;
	int r;

	if (message == NULL)
		return -ENOENT;
	len = message->len - message->sent;
	if (len > GOSSIP_FRAME_PAYLOAD_MAX)
		len = GOSSIP_FRAME_PAYLOAD_MAX;
	header[0] = (uint8_t)(len >> 8);
	header[1] = (uint8_t)len;
	header[2] = (uint8_t)((message->sent + len < message->len ? FLAG_MORE : 0) |
			      (lane == GOSSIP_LANE_BULK ? FLAG_BULK : 0));
	r = catalog_buffer_reserve(ret_frame, sizeof header + len);
	if (r != 0)
		return r;
	memcpy(ret_frame->bytes + ret_frame->len, header, sizeof header);
	memcpy(ret_frame->bytes + ret_frame->len + sizeof header, message->bytes + message->sent,
	       len);
	ret_frame->len += sizeof header + len;
	message->sent += len;
	writer->waiting -= len;
	if (message->sent == message->len)
		drop_first(&writer->lanes[lane]);
	return 0;
}

size_t gossip_frame_writer_waiting(const struct gossip_frame_writer *writer)
{
	return writer->waiting;
}

/* --- reading --------------------------------------------------------------------------------- */

struct gossip_frame_reader {
	uint8_t header[GOSSIP_FRAME_HEADER_BYTES];
	size_t header_len;   /* of the frame under way */
	size_t payload_left; /* likewise, once the header is whole */
	struct catalog_buffer lanes[LANES];
	uint64_t bulk;
	bool is_whole[LANES]; /* the message was given out: the next byte begins another */
};

int gossip_frame_reader_new(struct gossip_frame_reader **ret_reader)
{
	struct gossip_frame_reader *reader = calloc(1, sizeof *reader);

	if (reader == NULL)
		return -ENOMEM;
	*ret_reader = reader;
	return 0;
}

void gossip_frame_reader_free(struct gossip_frame_reader *reader)
{
	if (reader == NULL)
		return;
	for (size_t i = 0; i < LANES; i++)
		catalog_buffer_close(&reader->lanes[i]);
	free(reader);
}

static enum gossip_lane lane_of(const struct gossip_frame_reader *reader)
{
	return (reader->header[2] & FLAG_BULK) != 0 ? GOSSIP_LANE_BULK : GOSSIP_LANE_CONTROL;
}

/* The header is whole: judge it. */
static int begin_frame(struct gossip_frame_reader *reader)
{
	enum gossip_lane lane = lane_of(reader);
	struct catalog_buffer *message = &reader->lanes[lane];
	size_t len = (size_t)reader->header[0] << 8 | reader->header[1];

	if (len == 0 || len > GOSSIP_FRAME_PAYLOAD_MAX ||
	    (reader->header[2] & ~(FLAG_MORE | FLAG_BULK)) != 0)
		return -EBADMSG;
	if (reader->is_whole[lane]) {
		reader->is_whole[lane] = false;
		message->len = 0;
	}
	if (len > lane_bytes_max[lane] - message->len)
		return -E2BIG;
	reader->payload_left = len;
	return 0;
}

/* A message that was given out is no longer borrowed; a large one's memory goes back. */
static void forget_whole(struct gossip_frame_reader *reader)
{
	for (size_t i = 0; i < LANES; i++) {
		if (!reader->is_whole[i])
			continue;
		if (reader->lanes[i].room > ROOM_BYTES_MAX)
			catalog_buffer_close(&reader->lanes[i]);
		reader->lanes[i].len = 0;
	}
}

size_t gossip_frame_reader_bytes(const struct gossip_frame_reader *reader)
{
	return reader->lanes[GOSSIP_LANE_CONTROL].room + reader->lanes[GOSSIP_LANE_BULK].room;
}

uint64_t gossip_frame_reader_bulk(const struct gossip_frame_reader *reader)
{
	return reader->bulk;
}

int gossip_frame_reader_feed(struct gossip_frame_reader *reader, struct catalog_span bytes,
			     size_t *ret_used, enum gossip_lane *ret_lane,
			     struct catalog_span *ret_message)
{
	size_t used = 0;
	int r;

	forget_whole(reader);
	while (used < bytes.len) {
		size_t len = bytes.len - used;
		enum gossip_lane lane;

		if (reader->header_len < sizeof reader->header) {
			reader->header[reader->header_len++] = bytes.bytes[used++];
			if (reader->header_len == sizeof reader->header &&
			    (r = begin_frame(reader)) != 0)
				return r;
			continue;
		}
		lane = lane_of(reader);
		if (len > reader->payload_left)
			len = reader->payload_left;
		r = catalog_buffer_append(&reader->lanes[lane], bytes.bytes + used, len);
		if (r != 0)
			return r;
		used += len;
		reader->payload_left -= len;
		reader->bulk += lane == GOSSIP_LANE_BULK ? len : 0;
		if (reader->payload_left > 0)
			continue;
		reader->header_len = 0;
		if ((reader->header[2] & FLAG_MORE) != 0)
			continue;
		reader->is_whole[lane] = true;
		*ret_used = used;
		*ret_lane = lane;
		*ret_message = catalog_buffer_span(&reader->lanes[lane]);
		return 0;
	}
	*ret_used = used;
	return -EAGAIN;
}
