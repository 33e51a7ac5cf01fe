/* gossip/frame.h - messages cut into frames, control before bulk.
 *
 * A frame is length (u16 big-endian, of the payload), flags (u8), payload of 1 to
 * GOSSIP_FRAME_PAYLOAD_MAX bytes.  Flag bit 0: more of this message follows; bit 1: bulk lane; the
 * others are zero.  Each lane's messages are whole and in order; frames of the two lanes
 * interleave, so that a bulk transfer never starves a ping.
 *
 * Threads  none: one caller at a time.
 */
#ifndef GOSSIP_FRAME_H
#define GOSSIP_FRAME_H

#include "catalog/buffer.h"

#define GOSSIP_FRAME_PAYLOAD_MAX                                                                   \
	(16u * 1024 - 64) /* leaves room for a cipher's tag within 16 KiB */
#define GOSSIP_FRAME_HEADER_BYTES 3
#define GOSSIP_FRAME_CONTROL_MAX  (64u * 1024)       /* a control message */
#define GOSSIP_FRAME_BULK_MAX     (1284u * 1024)     /* a bulk message */
#define GOSSIP_FRAME_QUEUE_MAX    (2u * 1024 * 1024) /* bytes waiting in one writer */

enum gossip_lane { GOSSIP_LANE_CONTROL, GOSSIP_LANE_BULK };

/* Make a writer.  The caller owns *ret_writer and ends it with gossip_frame_writer_free().
 * Returns 0, -ENOMEM. */
struct gossip_frame_writer;
int gossip_frame_writer_new(struct gossip_frame_writer **ret_writer);
void gossip_frame_writer_free(struct gossip_frame_writer *writer); /* NULL is allowed */

/* Queue a message of at least one byte (copied).
 * Returns 0, -E2BIG for its lane, -ENOSPC if the queue is full, -ENOMEM. */
int gossip_frame_writer_push(struct gossip_frame_writer *writer, enum gossip_lane lane,
			     struct catalog_span message);

/* Append the next frame.  Returns 0, -ENOENT if nothing waits, -ENOMEM. */
int gossip_frame_writer_next(struct gossip_frame_writer *writer, struct catalog_buffer *ret_frame);

/* Bytes of messages that wait. */
size_t gossip_frame_writer_waiting(const struct gossip_frame_writer *writer);

/* Make a reader.  The caller owns *ret_reader and ends it with gossip_frame_reader_free().
 * Returns 0, -ENOMEM. */
struct gossip_frame_reader;
int gossip_frame_reader_new(struct gossip_frame_reader **ret_reader);
void gossip_frame_reader_free(struct gossip_frame_reader *reader); /* NULL is allowed */

/* Memory that it holds: twice a message at most. */
size_t gossip_frame_reader_bytes(const struct gossip_frame_reader *reader);

/* How many bytes of bulk messages have come in all. */
uint64_t gossip_frame_reader_bulk(const struct gossip_frame_reader *reader);

/* Take in bytes from the peer, cut anywhere; *ret_used tells how many were taken.  When a message
 * is complete it stops there: *ret_message is borrowed until the next call.
 * Returns 0 with a message, -EAGAIN when all bytes were used and none is complete, -EBADMSG, -E2BIG
 * if a message is too large for its lane, -ENOMEM.  After any of the last three the reader is of no
 * more use. */
int gossip_frame_reader_feed(struct gossip_frame_reader *reader, struct catalog_span bytes,
			     size_t *ret_used, enum gossip_lane *ret_lane,
			     struct catalog_span *ret_message);

#endif
