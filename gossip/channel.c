/* gossip/channel.c - the rekeying is the sender's business: it counts its records and looks at the
 * clock, and says in an empty record that it takes the next key.  So nothing depends on two clocks,
 * and the receiver only has to refuse one who never does. */
#include "gossip/channel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gossip/node.h"

#define LENGTH_BYTES 2
#define NAME         "fedcat-gossip"

_Static_assert(LENGTH_BYTES + GOSSIP_FRAME_HEADER_BYTES + GOSSIP_FRAME_PAYLOAD_MAX +
			       GOSSIP_NOISE_TAG_BYTES <=
		       GOSSIP_CHANNEL_RECORD_BYTES_MAX,
	       "the longest frame fits a record");
_Static_assert(2 * LENGTH_BYTES + GOSSIP_NOISE_FIRST_BYTES + GOSSIP_NOISE_THIRD_BYTES +
			       GOSSIP_CHANNEL_FIRST_BYTES_MAX <=
		       GOSSIP_CHANNEL_STRANGER_BYTES_MAX,
	       "what the lengths let through of a stranger's is bounded");

struct gossip_channel {
	struct gossip_noise *noise; /* of sodium_malloc() */
	bool is_dead;               /* an error has ended it */
	uint64_t since_ms;
	uint64_t rekey_ms;        /* when we took our key */
	uint32_t sent;            /* records under it */
	uint32_t received;        /* records under the other's */
	struct catalog_buffer in; /* the length and what follows it, as far as it has come */
	struct catalog_buffer plain;
};

static struct catalog_span prologue(const struct catalog_hash *federation, uint8_t ret_bytes[64])
{
	size_t len = sizeof NAME; /* with its zero */

	memcpy(ret_bytes, NAME, len);
	ret_bytes[len++] = GOSSIP_PROTOCOL_VERSION >> 8;
	ret_bytes[len++] = GOSSIP_PROTOCOL_VERSION & 0xff;
	memcpy(ret_bytes + len, federation->bytes, sizeof federation->bytes);
	len += sizeof federation->bytes;
	assert(len <= 64);
	return (struct catalog_span){ret_bytes, len};
}

int gossip_channel_new(const struct gossip_channel_options *options, uint64_t now_ms,
		       struct gossip_channel **ret_channel)
{
	struct gossip_channel *channel = calloc(1, sizeof *channel);
	uint8_t bytes[64];

	if (channel == NULL)
		return -ENOMEM;
	channel->noise = sodium_malloc(sizeof *channel->noise);
	if (channel->noise == NULL) {
		free(channel);
		return -ENOMEM;
	}
	channel->since_ms = now_ms;
	gossip_noise_init(channel->noise, &(struct gossip_noise_options){
						  .role = options->role,
						  .prologue = prologue(options->federation, bytes),
						  .secret = options->secret,
						  .ephemeral = options->ephemeral,
						  .remote = options->remote,
					  });
	*ret_channel = channel;
	return 0;
}

void gossip_channel_free(struct gossip_channel *channel)
{
	if (channel == NULL)
		return;
	sodium_free(channel->noise); /* which wipes it */
	catalog_buffer_close(&channel->in);
	catalog_buffer_close(&channel->plain);
	free(channel);
}

/* --- out ------------------------------------------------------------------------------------- */

static void write_length(uint8_t ret_bytes[LENGTH_BYTES], size_t len)
{
	assert(len <= UINT16_MAX);
	ret_bytes[0] = (uint8_t)(len >> 8);
	ret_bytes[1] = (uint8_t)len;
}

/* Append one record: its plain_len bytes stand in out's room already, behind two for the length. */
static int seal_record(struct gossip_channel *channel, struct catalog_buffer *out, size_t plain_len)
{
	uint8_t *at = out->bytes + out->len;
	struct catalog_span plain = {at + LENGTH_BYTES, plain_len};
	int r;

	write_length(at, plain_len + GOSSIP_NOISE_TAG_BYTES);
	r = gossip_noise_seal(channel->noise, (struct catalog_span){at, LENGTH_BYTES}, plain,
			      at + LENGTH_BYTES);
	if (r != 0)
		return r;
	channel->sent++;
	out->len += LENGTH_BYTES + plain_len + GOSSIP_NOISE_TAG_BYTES;
	return 0;
}

/* An empty record, and another key. */
static int rekey(struct gossip_channel *channel, uint64_t now_ms, struct catalog_buffer *out)
{
	int r = seal_record(channel, out, 0);

	if (r != 0)
		return r;
	gossip_noise_rekey_sending(channel->noise);
	channel->sent = 0;
	channel->rekey_ms = now_ms;
	return 0;
}

/* Append writer's next frame behind the room that is kept for what comes before it; *ret_len is the
 * frame's length.  out->len stays.  There is memory for it. */
static int take_frame(struct gossip_frame_writer *writer, struct catalog_buffer *out, size_t before,
		      size_t *ret_len)
{
	size_t start = out->len;
	int r;

	out->len += before;
	r = gossip_frame_writer_next(writer, out);
	*ret_len = out->len - start - before;
	out->len = start;
	return r;
}

static int next_record(struct gossip_channel *channel, struct gossip_frame_writer *writer,
		       uint64_t now_ms, struct catalog_buffer *out)
{
	size_t len;
	int r;

	if (gossip_frame_writer_waiting(writer) == 0)
		return -ENOENT;
	/* For both records: once the frame is taken from the writer, nothing may fail. */
	r = catalog_buffer_reserve(out, 2 * GOSSIP_CHANNEL_RECORD_BYTES_MAX);
	if (r == 0 && (channel->sent + 1 >= GOSSIP_CHANNEL_REKEY_RECORDS ||
		       now_ms >= channel->rekey_ms + GOSSIP_CHANNEL_REKEY_MS))
		r = rekey(channel, now_ms, out);
	if (r == 0)
		r = take_frame(writer, out, LENGTH_BYTES, &len);
	return r == 0 ? seal_record(channel, out, len) : r;
}

static int next_of_handshake(struct gossip_channel *channel, struct gossip_frame_writer *writer,
			     uint64_t now_ms, struct catalog_buffer *out)
{
	size_t overhead = gossip_noise_overhead(channel->noise);
	size_t before = LENGTH_BYTES + overhead - GOSSIP_NOISE_TAG_BYTES;
	struct catalog_span payload = {NULL, 0};
	size_t len = 0;
	uint8_t *at;
	int r;

	r = catalog_buffer_reserve(out, GOSSIP_CHANNEL_RECORD_BYTES_MAX + overhead);
	if (r != 0)
		return r;
	/* Who is to write the third knows whom it speaks to, and begins; a frame is no longer than
	 * all that waits and its header. */
	if (overhead == GOSSIP_NOISE_THIRD_BYTES &&
	    gossip_frame_writer_waiting(writer) + GOSSIP_FRAME_HEADER_BYTES <=
		    GOSSIP_CHANNEL_FIRST_BYTES_MAX) {
		r = take_frame(writer, out, before, &len);
		if (r != 0 && r != -ENOENT)
			return r;
	}
	at = out->bytes + out->len;
	payload = (struct catalog_span){at + before, len};
	write_length(at, overhead + len);
	r = gossip_noise_write(channel->noise, payload, at + LENGTH_BYTES);
	if (r != 0)
		return r;
	out->len += LENGTH_BYTES + overhead + len;
	channel->rekey_ms = now_ms;
	return 0;
}

int gossip_channel_next(struct gossip_channel *channel, struct gossip_frame_writer *writer,
			uint64_t now_ms, struct catalog_buffer *ret_bytes)
{
	int r;

	if (channel->is_dead)
		return -ENOENT;
	if (gossip_noise_is_done(channel->noise))
		r = next_record(channel, writer, now_ms, ret_bytes);
	else if (gossip_noise_writes(channel->noise))
		r = next_of_handshake(channel, writer, now_ms, ret_bytes);
	else
		return -ENOENT;
	channel->is_dead = r != 0 && r != -ENOENT;
	return r;
}

/* --- in -------------------------------------------------------------------------------------- */

/* Whether the length of what comes next is one that it may have. */
static int judge_length(const struct gossip_channel *channel, size_t len)
{
	size_t overhead, len_max;

	if (gossip_noise_is_done(channel->noise))
		return len < GOSSIP_NOISE_TAG_BYTES ||
				       len > GOSSIP_CHANNEL_RECORD_BYTES_MAX - LENGTH_BYTES
			       ? -EBADMSG
			       : 0;
	if (gossip_noise_writes(channel->noise)) /* it is not the other's turn */
		return -EBADMSG;
	overhead = len_max = gossip_noise_overhead(channel->noise);
	/* Until the third, neither knows whom it speaks to, and says nothing. */
	if (overhead == GOSSIP_NOISE_THIRD_BYTES)
		len_max += GOSSIP_CHANNEL_FIRST_BYTES_MAX;
	if (len < overhead)
		return -EBADMSG;
	return len > len_max ? -E2BIG : 0;
}

/* Bytes that are missing of the length, or of what follows it.  Returns 0, or what is wrong with
 * the length. */
static int missing(const struct gossip_channel *channel, size_t *ret_len)
{
	const struct catalog_buffer *in = &channel->in;
	size_t len;
	int r;

	if (in->len < LENGTH_BYTES) {
		*ret_len = LENGTH_BYTES - in->len;
		return 0;
	}
	len = (size_t)in->bytes[0] << 8 | in->bytes[1];
	r = judge_length(channel, len);
	if (r != 0)
		return r;
	*ret_len = LENGTH_BYTES + len - in->len;
	return 0;
}

/* A whole message of the handshake is there.  Only the last is news: else -EAGAIN. */
static int read_handshake(struct gossip_channel *channel, struct catalog_span message,
			  uint64_t now_ms)
{
	size_t len = message.len - gossip_noise_overhead(channel->noise);
	int r = catalog_buffer_reserve(&channel->plain, len + 1);

	if (r == 0)
		r = gossip_noise_read(channel->noise, message, channel->plain.bytes);
	if (r != 0)
		return r;
	channel->plain.len = len;
	if (!gossip_noise_is_done(channel->noise))
		return -EAGAIN;
	channel->rekey_ms = now_ms;
	return 0;
}

/* A whole record is there.  An empty one is no news: -EAGAIN. */
static int read_record(struct gossip_channel *channel, struct catalog_span length,
		       struct catalog_span sealed)
{
	size_t len = sealed.len - GOSSIP_NOISE_TAG_BYTES;
	int r = catalog_buffer_reserve(&channel->plain, len + 1);

	if (r == 0)
		r = gossip_noise_open(channel->noise, length, sealed, channel->plain.bytes);
	if (r != 0)
		return r;
	if (len == 0) {
		gossip_noise_rekey_receiving(channel->noise);
		channel->received = 0;
		return -EAGAIN;
	}
	if (++channel->received >= GOSSIP_CHANNEL_REKEY_RECORDS)
		return -EPROTO;
	channel->plain.len = len;
	return 0;
}

static int read_whole(struct gossip_channel *channel, uint64_t now_ms)
{
	struct catalog_span length = {channel->in.bytes, LENGTH_BYTES};
	struct catalog_span rest = {channel->in.bytes + LENGTH_BYTES,
				    channel->in.len - LENGTH_BYTES};

	channel->in.len = 0; /* its bytes stay where they are until more are appended */
	channel->plain.len = 0;
	return gossip_noise_is_done(channel->noise) ? read_record(channel, length, rest)
						    : read_handshake(channel, rest, now_ms);
}

static int feed(struct gossip_channel *channel, struct catalog_span bytes, uint64_t now_ms,
		size_t *ret_used)
{
	size_t used = 0;

	while (used < bytes.len) {
		size_t len;
		int r = missing(channel, &len);

		if (r != 0)
			return r;
		if (len > bytes.len - used)
			len = bytes.len - used;
		r = catalog_buffer_append(&channel->in, bytes.bytes + used, len);
		if (r != 0)
			return r;
		used += len;
		r = missing(channel, &len); /* the length may be whole now: judged at once */
		if (r != 0)
			return r;
		if (len > 0 || channel->in.len <= LENGTH_BYTES)
			continue;
		r = read_whole(channel, now_ms);
		*ret_used = used;
		if (r != -EAGAIN)
			return r;
	}
	*ret_used = used;
	return -EAGAIN;
}

int gossip_channel_feed(struct gossip_channel *channel, struct catalog_span bytes, uint64_t now_ms,
			size_t *ret_used, struct catalog_span *ret_plain)
{
	int r;

	assert(!channel->is_dead);
	if (now_ms >= gossip_channel_due_ms(channel))
		r = -ETIMEDOUT;
	else
		r = feed(channel, bytes, now_ms, ret_used);
	if (r == 0)
		*ret_plain = catalog_buffer_span(&channel->plain);
	channel->is_dead = r != 0 && r != -EAGAIN;
	return r;
}

/* --- looking --------------------------------------------------------------------------------- */

bool gossip_channel_is_open(const struct gossip_channel *channel)
{
	return !channel->is_dead && gossip_noise_is_done(channel->noise);
}

const struct catalog_node_key *gossip_channel_remote(const struct gossip_channel *channel)
{
	assert(gossip_noise_is_done(channel->noise));
	return gossip_noise_remote(channel->noise);
}

const struct catalog_hash *gossip_channel_hash(const struct gossip_channel *channel)
{
	return gossip_noise_hash(channel->noise);
}

uint64_t gossip_channel_due_ms(const struct gossip_channel *channel)
{
	return gossip_noise_is_done(channel->noise)
		       ? UINT64_MAX
		       : channel->since_ms + GOSSIP_CHANNEL_STRANGER_MS;
}
