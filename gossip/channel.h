/* gossip/channel.h - one end of a link's encrypted channel: a handshake, then frames as sealed
 * records.
 *
 * Sans-I/O: what is to be sent is asked for, what came is handed in.  On the wire everything is
 * length (u16 big-endian, of what follows) and then that many bytes: three messages of the
 * handshake (gossip/noise), then records.  A record is one frame of gossip/frame, sealed, with its
 * length authenticated; an empty one says that the records after it are under the next key.  The
 * prologue of the handshake is "fedcat-gossip", a zero, GOSSIP_PROTOCOL_VERSION (u16) and the
 * federation's id.  The third message's payload is the first frame of the one who dials.
 *
 * Whoever is not an end of the channel can only cut it.  What was cut off shows in that the link
 * ends without a goodbye; nothing is given out before the whole record was authentic.
 *
 * Time     now_ms: milliseconds on one monotonic clock.
 * Threads  none: one caller at a time.
 * Limits   of a stranger's bytes GOSSIP_CHANNEL_STRANGER_BYTES_MAX, for GOSSIP_CHANNEL_STRANGER_MS;
 *          of a peer's one record.  Secrets are in memory of sodium_malloc(), and wiped.
 */
#ifndef GOSSIP_CHANNEL_H
#define GOSSIP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/hash.h"
#include "gossip/frame.h"
#include "gossip/noise.h"

#define GOSSIP_CHANNEL_RECORD_BYTES_MAX   (16u * 1024) /* on the wire, with its length */
#define GOSSIP_CHANNEL_STRANGER_BYTES_MAX (8u * 1024)  /* before the handshake is done */
#define GOSSIP_CHANNEL_STRANGER_MS        5000         /* likewise */
#define GOSSIP_CHANNEL_FIRST_BYTES_MAX    4096         /* the third message's payload */
#define GOSSIP_CHANNEL_REKEY_RECORDS      (1u << 16)   /* under one key at most */
#define GOSSIP_CHANNEL_REKEY_MS           (60u * 60 * 1000)

struct gossip_channel_options {
	enum gossip_noise_role role;
	const struct gossip_noise_secret *secret;    /* of this node; copied */
	const struct gossip_noise_secret *ephemeral; /* for this link alone; copied */
	const struct catalog_node_key *remote;       /* initiator: whom it dials; else NULL */
	const struct catalog_hash *federation;
};

/* Make one end of a channel.  The caller owns *ret_channel.  Returns 0, -ENOMEM. */
struct gossip_channel;
int gossip_channel_new(const struct gossip_channel_options *options, uint64_t now_ms,
		       struct gossip_channel **ret_channel);
void gossip_channel_free(struct gossip_channel *channel); /* NULL is allowed */

/* Append what is to be sent next: a message of the handshake, or one of writer's frames, sealed.
 * Returns 0, -ENOENT if there is nothing now (the other's turn, or no frame waits), -EKEYREJECTED
 * if the other's key is of low order, -EOVERFLOW, -ENOMEM.  After the last three nothing more can
 * be sent. */
int gossip_channel_next(struct gossip_channel *channel, struct gossip_frame_writer *writer,
			uint64_t now_ms, struct catalog_buffer *ret_bytes);

/* Take in bytes from the other, cut anywhere; *ret_used tells how many were taken.  After a record
 * (or the third message, which may have nothing in it) it stops: *ret_plain is what was in it,
 * bytes for a gossip_frame_reader, and is borrowed until the next call.
 * Returns 0, -EAGAIN when all bytes were used and nothing is whole, -EBADMSG if they are not what
 * an end of this channel sends, -E2BIG if there were too many of a stranger's, -ETIMEDOUT if he
 * took too long, -EPROTO if the other keeps a key for too long, -EKEYREJECTED, -ENOMEM.  After any
 * of those but the first two it is of no more use. */
int gossip_channel_feed(struct gossip_channel *channel, struct catalog_span bytes, uint64_t now_ms,
			size_t *ret_used, struct catalog_span *ret_plain);

/* Whether the handshake is done at this end: the other is who gossip_channel_remote() says, and
 * frames go both ways. */
bool gossip_channel_is_open(const struct gossip_channel *channel);

/* Whose end the other is.  The channel is open. */
const struct catalog_node_key *gossip_channel_remote(const struct gossip_channel *channel);

/* The handshake's hash: the same at both ends and in no other channel.  The channel is open. */
const struct catalog_hash *gossip_channel_hash(const struct gossip_channel *channel);

/* When the handshake must be done; UINT64_MAX when it is. */
uint64_t gossip_channel_due_ms(const struct gossip_channel *channel);

#endif
