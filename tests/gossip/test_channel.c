#include "tests/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gossip/channel.h"
#include "gossip/random.h"

#define NOW 1000

enum { DIALLER, ANSWERER };

/* Both ends of a link and what is on its way to each. */
struct link {
	struct gossip_channel *channels[2];
	struct gossip_frame_writer *writers[2];
	struct gossip_frame_reader *readers[2];
	struct catalog_buffer to[2];
	uint64_t now_ms;
};

static struct gossip_noise_secret secret_of(uint8_t number)
{
	struct gossip_noise_secret secret;

	memset(secret.bytes, number, sizeof secret.bytes);
	return secret;
}

static struct gossip_channel *make(enum gossip_noise_role role, uint8_t secret_number,
				   uint8_t ephemeral_number, uint8_t remote_number,
				   uint8_t federation_number)
{
	struct gossip_noise_secret secret = secret_of(secret_number);
	struct gossip_noise_secret ephemeral = secret_of(ephemeral_number);
	struct gossip_noise_secret remote = secret_of(remote_number);
	struct gossip_channel *channel;
	struct catalog_node_key key;
	struct catalog_hash federation;

	assert_true(sodium_init() >= 0);
	gossip_noise_public(&remote, &key);
	memset(&federation, federation_number, sizeof federation);
	assert_int_equal(gossip_channel_new(
				 &(struct gossip_channel_options){
					 .role = role,
					 .secret = &secret,
					 .ephemeral = &ephemeral,
					 .remote = role == GOSSIP_NOISE_INITIATOR ? &key : NULL,
					 .federation = &federation,
				 },
				 NOW, &channel),
			 0);
	return channel;
}

static struct link *link_of(struct gossip_channel *dialler, struct gossip_channel *answerer)
{
	struct link *link = calloc(1, sizeof *link);

	assert_non_null(link);
	link->now_ms = NOW;
	link->channels[DIALLER] = dialler;
	link->channels[ANSWERER] = answerer;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(gossip_frame_writer_new(&link->writers[i]), 0);
		assert_int_equal(gossip_frame_reader_new(&link->readers[i]), 0);
	}
	return link;
}

static struct link *link_new(void)
{
	return link_of(make(GOSSIP_NOISE_INITIATOR, 1, 3, 2, 9),
		       make(GOSSIP_NOISE_RESPONDER, 2, 4, 0, 9));
}

static void link_free(struct link *link)
{
	for (size_t i = 0; i < 2; i++) {
		gossip_channel_free(link->channels[i]);
		gossip_frame_writer_free(link->writers[i]);
		gossip_frame_reader_free(link->readers[i]);
		catalog_buffer_close(&link->to[i]);
	}
	free(link);
}

static void push(struct link *link, size_t end, enum gossip_lane lane, const void *bytes,
		 size_t len)
{
	assert_int_equal(gossip_frame_writer_push(link->writers[end], lane,
						  (struct catalog_span){bytes, len}),
			 0);
}

/* The next thing that an end sends, to what is on its way to the other. */
static int send_next(struct link *link, size_t end)
{
	return gossip_channel_next(link->channels[end], link->writers[end], link->now_ms,
				   &link->to[1 - end]);
}

static int feed_bytes(struct link *link, size_t end, const uint8_t *bytes, size_t len)
{
	struct catalog_span plain;
	size_t used = 0;

	return gossip_channel_feed(link->channels[end], (struct catalog_span){bytes, len},
				   link->now_ms, &used, &plain);
}

/* Hand an end what has come, until one thing is whole or all is used. */
static int receive(struct link *link, size_t end, struct catalog_span *ret_plain)
{
	struct catalog_buffer *in = &link->to[end];
	size_t used = 0;
	int r = gossip_channel_feed(link->channels[end], catalog_buffer_span(in), link->now_ms,
				    &used, ret_plain);

	if (r != 0 && r != -EAGAIN)
		return r;
	assert_true(used <= in->len);
	if (used > 0)
		memmove(in->bytes, in->bytes + used, in->len - used);
	in->len -= used;
	return r;
}

static void expect_message(struct link *link, size_t end, struct catalog_span plain,
			   enum gossip_lane expected_lane, const void *expected, size_t len)
{
	struct catalog_span message;
	enum gossip_lane lane;
	size_t used;

	assert_int_equal(
		gossip_frame_reader_feed(link->readers[end], plain, &used, &lane, &message), 0);
	assert_int_equal(used, plain.len);
	assert_int_equal(lane, expected_lane);
	assert_int_equal(message.len, len);
	assert_memory_equal(message.bytes, expected, len);
}

/* Make a channel of it; what the dialler has to say first comes out in *ret_first. */
static void shake_hands(struct link *link, struct catalog_span *ret_first)
{
	struct catalog_span plain;

	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(send_next(link, DIALLER), -ENOENT);
	assert_int_equal(send_next(link, ANSWERER), -ENOENT);
	assert_int_equal(receive(link, ANSWERER, &plain), -EAGAIN);
	assert_int_equal(send_next(link, ANSWERER), 0);
	assert_int_equal(receive(link, DIALLER, &plain), -EAGAIN);
	assert_false(gossip_channel_is_open(link->channels[DIALLER]));
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_true(gossip_channel_is_open(link->channels[DIALLER]));
	assert_false(gossip_channel_is_open(link->channels[ANSWERER]));
	assert_int_equal(receive(link, ANSWERER, ret_first), 0);
	assert_true(gossip_channel_is_open(link->channels[ANSWERER]));
	assert_int_equal(link->to[DIALLER].len, 0);
	assert_int_equal(link->to[ANSWERER].len, 0);
}

static struct link *link_open(void)
{
	struct link *link = link_new();
	struct catalog_span first;

	shake_hands(link, &first);
	assert_int_equal(first.len, 0);
	return link;
}

static void test_what_the_dialler_says_first_comes_with_its_identity(void **state)
{
	struct gossip_noise_secret secret = secret_of(1);
	struct link *link = link_new();
	struct catalog_node_key key;
	struct catalog_span plain;

	(void)state;
	push(link, DIALLER, GOSSIP_LANE_CONTROL, "hello", 5);
	push(link, ANSWERER, GOSSIP_LANE_CONTROL, "and hello", 9);
	shake_hands(link, &plain);
	expect_message(link, ANSWERER, plain, GOSSIP_LANE_CONTROL, "hello", 5);
	gossip_noise_public(&secret, &key);
	assert_memory_equal(gossip_channel_remote(link->channels[ANSWERER]), &key, sizeof key);
	assert_true(catalog_hash_equal(gossip_channel_hash(link->channels[DIALLER]),
				       gossip_channel_hash(link->channels[ANSWERER])));
	assert_int_equal(gossip_channel_due_ms(link->channels[ANSWERER]), UINT64_MAX);
	assert_int_equal(send_next(link, DIALLER), -ENOENT); /* it has said it */
	assert_int_equal(send_next(link, ANSWERER), 0);
	assert_int_equal(receive(link, DIALLER, &plain), 0);
	expect_message(link, DIALLER, plain, GOSSIP_LANE_CONTROL, "and hello", 9);
	link_free(link);
}

static void test_a_first_message_that_is_too_long_follows_the_handshake(void **state)
{
	uint8_t *bytes = calloc(1, GOSSIP_FRAME_CONTROL_MAX);
	struct link *link = link_new();
	struct catalog_span plain;

	(void)state;
	assert_non_null(bytes);
	push(link, DIALLER, GOSSIP_LANE_CONTROL, bytes, GOSSIP_CHANNEL_FIRST_BYTES_MAX);
	shake_hands(link, &plain);
	assert_int_equal(plain.len, 0);
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(receive(link, ANSWERER, &plain), 0);
	expect_message(link, ANSWERER, plain, GOSSIP_LANE_CONTROL, bytes,
		       GOSSIP_CHANNEL_FIRST_BYTES_MAX);
	link_free(link);
	free(bytes);
}

static void test_frames_of_every_kind_of_length_arrive_cut_anywhere(void **state)
{
	static const size_t lens[] = {1, 2, 100, GOSSIP_FRAME_PAYLOAD_MAX - 1,
				      GOSSIP_FRAME_PAYLOAD_MAX};
	struct gossip_random random = {11};
	struct link *link = link_open();
	uint8_t bytes[GOSSIP_FRAME_PAYLOAD_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
		struct catalog_buffer *in = &link->to[ANSWERER];
		size_t at = 0;

		memset(bytes, (int)(i + 1), lens[i]);
		push(link, DIALLER, GOSSIP_LANE_BULK, bytes, lens[i]);
		assert_int_equal(send_next(link, DIALLER), 0);
		assert_int_equal(in->len, 2 + GOSSIP_FRAME_HEADER_BYTES + lens[i] + 16);
		assert_true(in->len <= GOSSIP_CHANNEL_RECORD_BYTES_MAX);
		while (at < in->len) {
			size_t used, len = 1 + gossip_random_below(&random, in->len - at);
			struct catalog_span plain;
			int r = gossip_channel_feed(link->channels[ANSWERER],
						    (struct catalog_span){in->bytes + at, len},
						    link->now_ms, &used, &plain);

			assert_int_equal(used, len);
			at += used;
			assert_int_equal(r, at < in->len ? -EAGAIN : 0);
			if (r == 0)
				expect_message(link, ANSWERER, plain, GOSSIP_LANE_BULK, bytes,
					       lens[i]);
		}
		in->len = 0;
	}
	link_free(link);
}

/* --- strangers ------------------------------------------------------------------------------- */

/* Bring a link to where the message of this number (from 0) is on its way.  Returns to whom. */
static size_t before(struct link *link, size_t number)
{
	struct catalog_span plain;

	push(link, DIALLER, GOSSIP_LANE_CONTROL, "hello", 5);
	for (size_t i = 0; i < number; i++) {
		assert_int_equal(send_next(link, i % 2), 0);
		assert_int_equal(receive(link, 1 - i % 2, &plain), -EAGAIN);
	}
	assert_int_equal(send_next(link, number % 2), 0);
	return 1 - number % 2;
}

static void test_any_flipped_bit_of_a_handshake_ends_it(void **state)
{
	(void)state;
	for (size_t number = 0; number < 3; number++) {
		size_t len = 1;

		for (size_t bit = 0; bit < 8 * len; bit++) {
			struct link *link = link_new();
			size_t to = before(link, number);
			struct catalog_buffer *in = &link->to[to];
			struct catalog_span plain;
			int r;

			len = in->len;
			in->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			r = receive(link, to, &plain);
			/* A length that has become longer waits for more; that comes to an end,
			 * too. */
			if (r == -EAGAIN) {
				assert_true(bit < 16);
				link->now_ms += GOSSIP_CHANNEL_STRANGER_MS;
				r = receive(link, to, &plain);
				assert_int_equal(r, -ETIMEDOUT);
			} else {
				assert_true(r == -EBADMSG || r == -E2BIG);
			}
			assert_false(gossip_channel_is_open(link->channels[to]));
			assert_int_equal(send_next(link, to), -ENOENT);
			link_free(link);
		}
	}
}

static void test_a_handshake_that_is_cut_anywhere_never_opens(void **state)
{
	(void)state;
	for (size_t number = 0; number < 3; number++) {
		size_t whole = 1;

		for (size_t len = 0; len < whole; len++) {
			struct link *link = link_new();
			size_t to = before(link, number);
			struct catalog_span plain;

			whole = link->to[to].len;
			link->to[to].len = len;
			assert_int_equal(receive(link, to, &plain), -EAGAIN);
			assert_false(gossip_channel_is_open(link->channels[to]));
			assert_int_equal(send_next(link, to), -ENOENT);
			link_free(link);
		}
	}
}

static void test_a_stranger_has_five_seconds(void **state)
{
	struct link *link = link_new();
	struct catalog_span plain;

	(void)state;
	assert_int_equal(gossip_channel_due_ms(link->channels[ANSWERER]),
			 NOW + GOSSIP_CHANNEL_STRANGER_MS);
	assert_int_equal(send_next(link, DIALLER), 0);
	link->now_ms = NOW + GOSSIP_CHANNEL_STRANGER_MS - 1;
	assert_int_equal(feed_bytes(link, ANSWERER, link->to[ANSWERER].bytes, 1), -EAGAIN);
	link->now_ms++;
	assert_int_equal(receive(link, ANSWERER, &plain), -ETIMEDOUT);
	link_free(link);
}

static void test_no_length_of_a_strangers_is_held_that_is_too_long(void **state)
{
	(void)state;
	for (size_t number = 0; number < 3; number++) {
		size_t overhead = number < 2 ? 48 : 64;
		size_t len_max = number < 2 ? 48 : 64 + GOSSIP_CHANNEL_FIRST_BYTES_MAX;
		/* Every length that there is, once; the handshake before it only when it is spent.
		 */
		struct link *link = NULL;
		size_t to = 0;

		for (size_t len = 0; len <= UINT16_MAX; len++) {
			uint8_t bytes[2] = {(uint8_t)(len >> 8), (uint8_t)len};
			int expected = len < overhead ? -EBADMSG : len > len_max ? -E2BIG : -EAGAIN;

			if (len > 300 && len < 65200 && len % 97 != 0 && (len < 4000 || len > 4300))
				continue;
			link = link_new();
			to = before(link, number);
			assert_int_equal(feed_bytes(link, to, bytes, sizeof bytes), expected);
			link_free(link);
		}
	}
}

static void test_a_handshake_that_is_replayed_opens_nothing(void **state)
{
	struct link *first = link_new();
	struct catalog_buffer messages[2] = {{0}, {0}};
	struct gossip_channel *again;
	struct catalog_span plain;
	struct link *second;

	(void)state;
	/* What a dialler said... */
	push(first, DIALLER, GOSSIP_LANE_CONTROL, "hello", 5);
	assert_int_equal(send_next(first, DIALLER), 0);
	assert_int_equal(catalog_buffer_append(&messages[0], first->to[ANSWERER].bytes,
					       first->to[ANSWERER].len),
			 0);
	assert_int_equal(receive(first, ANSWERER, &plain), -EAGAIN);
	assert_int_equal(send_next(first, ANSWERER), 0);
	assert_int_equal(receive(first, DIALLER, &plain), -EAGAIN);
	assert_int_equal(send_next(first, DIALLER), 0);
	assert_int_equal(catalog_buffer_append(&messages[1], first->to[ANSWERER].bytes,
					       first->to[ANSWERER].len),
			 0);
	assert_int_equal(receive(first, ANSWERER, &plain), 0);
	/* ...is said again to the same node, which has another ephemeral key now. */
	again = make(GOSSIP_NOISE_RESPONDER, 2, 5, 0, 9);
	second = link_of(make(GOSSIP_NOISE_INITIATOR, 1, 3, 2, 9), again);
	assert_int_equal(feed_bytes(second, ANSWERER, messages[0].bytes, messages[0].len), -EAGAIN);
	assert_int_equal(send_next(second, ANSWERER), 0);
	assert_int_equal(feed_bytes(second, ANSWERER, messages[1].bytes, messages[1].len),
			 -EBADMSG);
	assert_false(gossip_channel_is_open(again));
	for (size_t i = 0; i < 2; i++)
		catalog_buffer_close(&messages[i]);
	link_free(first);
	link_free(second);
}

static void test_a_handshake_that_is_reflected_opens_nothing(void **state)
{
	struct link *link = link_new();
	struct catalog_span plain;

	(void)state;
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(
		feed_bytes(link, DIALLER, link->to[ANSWERER].bytes, link->to[ANSWERER].len),
		-EBADMSG);
	link_free(link);
	link = link_new();
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(receive(link, ANSWERER, &plain), -EAGAIN);
	assert_int_equal(send_next(link, ANSWERER), 0);
	assert_int_equal(feed_bytes(link, ANSWERER, link->to[DIALLER].bytes, link->to[DIALLER].len),
			 -EBADMSG);
	link_free(link);
}

/* Try to make a channel; which end fails first, and how. */
static int try_hands(struct gossip_channel *dialler, struct gossip_channel *answerer,
		     size_t *ret_end)
{
	struct link *link = link_of(dialler, answerer);
	struct catalog_span plain;
	int r = -EAGAIN;

	for (size_t i = 0; i < 3 && r == -EAGAIN; i++) {
		assert_int_equal(send_next(link, i % 2), 0);
		*ret_end = 1 - i % 2;
		r = receive(link, *ret_end, &plain);
	}
	link_free(link);
	return r;
}

static void test_who_has_not_the_keys_that_were_dialled_learns_nothing(void **state)
{
	size_t end;

	(void)state;
	assert_int_equal(try_hands(make(GOSSIP_NOISE_INITIATOR, 1, 3, 2, 9),
				   make(GOSSIP_NOISE_RESPONDER, 2, 4, 0, 9), &end),
			 0);
	/* Somebody in the middle, with a key of his own. */
	assert_int_equal(try_hands(make(GOSSIP_NOISE_INITIATOR, 1, 3, 2, 9),
				   make(GOSSIP_NOISE_RESPONDER, 7, 4, 0, 9), &end),
			 -EBADMSG);
	assert_int_equal(end, ANSWERER);
	/* Another federation. */
	assert_int_equal(try_hands(make(GOSSIP_NOISE_INITIATOR, 1, 3, 2, 9),
				   make(GOSSIP_NOISE_RESPONDER, 2, 4, 0, 8), &end),
			 -EBADMSG);
	assert_int_equal(end, ANSWERER);
}

static void test_another_protocol_version_does_not_meet(void **state)
{
	struct gossip_noise_secret secret = secret_of(1), ephemeral = secret_of(3),
				   remote = secret_of(2);
	/* As gossip/channel.h says, but for the version's last byte. */
	uint8_t words[48] = "fedcat-gossip", message[2 + 48] = {0, 48};
	struct gossip_noise *noise = sodium_malloc(sizeof *noise);
	struct catalog_node_key key;

	(void)state;
	assert_non_null(noise);
	gossip_noise_public(&remote, &key);
	memset(words + 16, 9, 32);
	for (unsigned version = 0; version < 4; version++) {
		struct link *link = link_new();

		words[15] = (uint8_t)version;
		gossip_noise_init(noise, &(struct gossip_noise_options){
						 .role = GOSSIP_NOISE_INITIATOR,
						 .prologue = {words, sizeof words},
						 .secret = &secret,
						 .ephemeral = &ephemeral,
						 .remote = &key,
					 });
		assert_int_equal(
			gossip_noise_write(noise, (struct catalog_span){NULL, 0}, message + 2), 0);
		assert_int_equal(feed_bytes(link, ANSWERER, message, sizeof message),
				 version == 1 ? -EAGAIN : -EBADMSG);
		link_free(link);
	}
	sodium_free(noise);
}

static void test_who_speaks_out_of_turn_is_refused(void **state)
{
	uint8_t bytes[50] = {0, 48};
	struct link *link = link_new();

	(void)state;
	assert_int_equal(feed_bytes(link, DIALLER, bytes, sizeof bytes), -EBADMSG);
	link_free(link);
}

/* --- records --------------------------------------------------------------------------------- */

static void test_any_flipped_bit_of_a_record_ends_the_channel(void **state)
{
	size_t len = 1;

	(void)state;
	for (size_t bit = 0; bit < 8 * len; bit++) {
		struct link *link = link_open();
		struct catalog_buffer *in = &link->to[ANSWERER];
		struct catalog_span plain;
		int r;

		push(link, DIALLER, GOSSIP_LANE_CONTROL, "a ping", 6);
		assert_int_equal(send_next(link, DIALLER), 0);
		len = in->len;
		in->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = receive(link, ANSWERER, &plain);
		/* A longer length swallows what follows, and then it is not authentic. */
		while (r == -EAGAIN) {
			assert_true(bit < 16);
			push(link, DIALLER, GOSSIP_LANE_CONTROL, "another", 7);
			assert_int_equal(send_next(link, DIALLER), 0);
			r = receive(link, ANSWERER, &plain);
		}
		assert_int_equal(r, -EBADMSG);
		assert_false(gossip_channel_is_open(link->channels[ANSWERER]));
		link_free(link);
	}
}

static void test_a_record_that_is_cut_anywhere_gives_nothing(void **state)
{
	struct link *link = link_open();
	struct catalog_buffer *in = &link->to[ANSWERER];
	struct catalog_span plain;

	(void)state;
	push(link, DIALLER, GOSSIP_LANE_CONTROL, "a ping", 6);
	assert_int_equal(send_next(link, DIALLER), 0);
	for (size_t i = 0; i + 1 < in->len; i++)
		assert_int_equal(feed_bytes(link, ANSWERER, in->bytes + i, 1), -EAGAIN);
	memmove(in->bytes, in->bytes + in->len - 1, 1);
	in->len = 1;
	assert_int_equal(receive(link, ANSWERER, &plain), 0);
	expect_message(link, ANSWERER, plain, GOSSIP_LANE_CONTROL, "a ping", 6);
	link_free(link);
}

/* A link on whose way to the answerer are two records, whose lengths are the same. */
static struct link *with_two_records(void)
{
	struct link *link = link_open();

	push(link, DIALLER, GOSSIP_LANE_CONTROL, "one", 3);
	push(link, DIALLER, GOSSIP_LANE_CONTROL, "two", 3);
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(send_next(link, DIALLER), 0);
	return link;
}

static void test_records_are_not_replayed_reordered_dropped_or_reflected(void **state)
{
	struct link *link = with_two_records();
	size_t half = link->to[ANSWERER].len / 2;

	(void)state;
	assert_int_equal(feed_bytes(link, ANSWERER, link->to[ANSWERER].bytes, half), 0);
	assert_int_equal(feed_bytes(link, ANSWERER, link->to[ANSWERER].bytes, half), -EBADMSG);
	link_free(link);

	link = with_two_records(); /* the second before the first, or without it */
	assert_int_equal(feed_bytes(link, ANSWERER, link->to[ANSWERER].bytes + half, half),
			 -EBADMSG);
	link_free(link);

	link = with_two_records(); /* back to whom it came from */
	assert_int_equal(feed_bytes(link, DIALLER, link->to[ANSWERER].bytes, half), -EBADMSG);
	link_free(link);
}

static void test_a_record_is_never_longer_than_16_KiB_nor_shorter_than_its_tag(void **state)
{
	(void)state;
	for (size_t len = 0; len <= UINT16_MAX; len++) {
		uint8_t bytes[2] = {(uint8_t)(len >> 8), (uint8_t)len};
		struct link *link;

		/* All about the limits, some of the rest. */
		if (len > 40 && len % 199 != 0 && (len < 16300 || len > 16500))
			continue;
		link = link_open();
		assert_int_equal(feed_bytes(link, ANSWERER, bytes, sizeof bytes),
				 len < 16 || len > 16382 ? -EBADMSG : -EAGAIN);
		link_free(link);
	}
}

static void test_a_ping_is_answered_in_the_middle_of_a_bulk_transfer(void **state)
{
	uint8_t *bulk = calloc(1, GOSSIP_FRAME_BULK_MAX);
	struct link *link = link_open();
	struct catalog_span plain, message;
	size_t used, bytes = 0;
	enum gossip_lane lane;
	int r;

	(void)state;
	assert_non_null(bulk);
	push(link, ANSWERER, GOSSIP_LANE_BULK, bulk, GOSSIP_FRAME_BULK_MAX);
	assert_int_equal(send_next(link, ANSWERER), 0); /* it has begun */
	push(link, DIALLER, GOSSIP_LANE_CONTROL, "ping", 4);
	assert_int_equal(send_next(link, DIALLER), 0);
	assert_int_equal(receive(link, ANSWERER, &plain), 0);
	expect_message(link, ANSWERER, plain, GOSSIP_LANE_CONTROL, "ping", 4);
	push(link, ANSWERER, GOSSIP_LANE_CONTROL, "pong", 4);
	for (;;) { /* as a thin link takes it: one record after the other */
		bytes += link->to[DIALLER].len;
		assert_int_equal(receive(link, DIALLER, &plain), 0);
		r = gossip_frame_reader_feed(link->readers[DIALLER], plain, &used, &lane, &message);
		if (r == 0)
			break;
		assert_int_equal(r, -EAGAIN);
		assert_int_equal(send_next(link, ANSWERER), 0);
	}
	assert_int_equal(lane, GOSSIP_LANE_CONTROL);
	assert_memory_equal(message.bytes, "pong", 4);
	assert_true(bytes < 2 * GOSSIP_CHANNEL_RECORD_BYTES_MAX);
	for (;;) { /* and the bulk arrives */
		assert_int_equal(send_next(link, ANSWERER), 0);
		assert_int_equal(receive(link, DIALLER, &plain), 0);
		r = gossip_frame_reader_feed(link->readers[DIALLER], plain, &used, &lane, &message);
		if (r == 0)
			break;
	}
	assert_int_equal(lane, GOSSIP_LANE_BULK);
	assert_int_equal(message.len, GOSSIP_FRAME_BULK_MAX);
	link_free(link);
	free(bulk);
}

/* --- other keys ------------------------------------------------------------------------------ */

static void pass_one(struct link *link, size_t from, const char *text)
{
	struct catalog_span plain;

	push(link, from, GOSSIP_LANE_CONTROL, text, strlen(text));
	assert_int_equal(send_next(link, from), 0);
	assert_int_equal(receive(link, 1 - from, &plain), 0);
	expect_message(link, 1 - from, plain, GOSSIP_LANE_CONTROL, text, strlen(text));
	assert_int_equal(link->to[1 - from].len, 0);
}

static void test_after_an_hour_either_side_takes_another_key(void **state)
{
	(void)state;
	for (size_t from = 0; from < 2; from++) {
		struct link *link = link_open();

		pass_one(link, from, "before");
		link->now_ms += GOSSIP_CHANNEL_REKEY_MS;
		push(link, from, GOSSIP_LANE_CONTROL, "after", 5);
		assert_int_equal(send_next(link, from), 0);
		/* An empty record before the frame's. */
		assert_int_equal(link->to[1 - from].len, 2 + 16 + 2 + 3 + 5 + 16);
		link->to[1 - from].len = 0; /* lost: so the other has not the key */
		push(link, from, GOSSIP_LANE_CONTROL, "later", 5);
		assert_int_equal(send_next(link, from), 0);
		assert_int_equal(link->to[1 - from].len, 2 + 3 + 5 + 16);
		assert_int_equal(feed_bytes(link, 1 - from, link->to[1 - from].bytes,
					    link->to[1 - from].len),
				 -EBADMSG);
		link_free(link);

		link = link_open();
		for (size_t i = 0; i < 5; i++) {
			link->now_ms += GOSSIP_CHANNEL_REKEY_MS;
			pass_one(link, from, "one");
			pass_one(link, from, "another");
			pass_one(link, 1 - from, "and back");
		}
		link_free(link);
	}
}

static void test_no_key_seals_more_than_65536_records(void **state)
{
	struct link *link = link_open();
	size_t rekeyed = 0;

	(void)state;
	for (size_t i = 0; i < GOSSIP_CHANNEL_REKEY_RECORDS + 2; i++) {
		struct catalog_span plain;

		push(link, DIALLER, GOSSIP_LANE_CONTROL, "x", 1);
		assert_int_equal(send_next(link, DIALLER), 0);
		if (link->to[ANSWERER].len > 2 + 3 + 1 + 16) {
			rekeyed++;
			/* The empty one is the last of its key. */
			assert_int_equal(i, GOSSIP_CHANNEL_REKEY_RECORDS - 1);
		}
		assert_int_equal(receive(link, ANSWERER, &plain), 0);
		assert_int_equal(plain.len, 4);
	}
	assert_int_equal(rekeyed, 1);
	pass_one(link, ANSWERER, "all is well");
	link_free(link);
}

TEST_MAIN("gossip/channel",
	  cmocka_unit_test(test_what_the_dialler_says_first_comes_with_its_identity),
	  cmocka_unit_test(test_a_first_message_that_is_too_long_follows_the_handshake),
	  cmocka_unit_test(test_frames_of_every_kind_of_length_arrive_cut_anywhere),
	  cmocka_unit_test(test_any_flipped_bit_of_a_handshake_ends_it),
	  cmocka_unit_test(test_a_handshake_that_is_cut_anywhere_never_opens),
	  cmocka_unit_test(test_a_stranger_has_five_seconds),
	  cmocka_unit_test(test_no_length_of_a_strangers_is_held_that_is_too_long),
	  cmocka_unit_test(test_a_handshake_that_is_replayed_opens_nothing),
	  cmocka_unit_test(test_a_handshake_that_is_reflected_opens_nothing),
	  cmocka_unit_test(test_who_has_not_the_keys_that_were_dialled_learns_nothing),
	  cmocka_unit_test(test_another_protocol_version_does_not_meet),
	  cmocka_unit_test(test_who_speaks_out_of_turn_is_refused),
	  cmocka_unit_test(test_any_flipped_bit_of_a_record_ends_the_channel),
	  cmocka_unit_test(test_a_record_that_is_cut_anywhere_gives_nothing),
	  cmocka_unit_test(test_records_are_not_replayed_reordered_dropped_or_reflected),
	  cmocka_unit_test(test_a_record_is_never_longer_than_16_KiB_nor_shorter_than_its_tag),
	  cmocka_unit_test(test_a_ping_is_answered_in_the_middle_of_a_bulk_transfer),
	  cmocka_unit_test(test_after_an_hour_either_side_takes_another_key),
	  cmocka_unit_test(test_no_key_seals_more_than_65536_records))
