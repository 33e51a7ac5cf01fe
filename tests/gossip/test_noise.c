/* The vectors are ../shared/conformance/noise, or below $FEDCAT_SHARED.  The golden transcript was
 * made by another program than this one, from the same keys. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "gossip/noise.h"

#define BYTES_MAX 512

#define GOLDEN_1                                                                                   \
	"79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a2a6779f6"                 \
	"cb68ca0812663a5ed8f642d8"
#define GOLDEN_2                                                                                   \
	"675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f62095362"                 \
	"d1d602ea2b376f4595845a7b"
#define GOLDEN_3                                                                                   \
	"da3e5f03959b6df33cd42baa389c8b9c7373e3d6521c4ffbaa0c54aabb5071a3465abb8f"                 \
	"7b141b310578b7a36c8d53f695380a7f3f1314ad32639c68177b8e6c525e3119b2634c2e"                 \
	"f23e68f041fed74873"
#define GOLDEN_HASH "01076bb71bd9eedbee862b3746a573e74446fb276422dd5af8c61e96049b158f"
#define GOLDEN_4    "9d3ff2b230781cebbb7656cd7c0bafd9fda7a1ecdb"
#define GOLDEN_5    "dec1f84d534835d21f6ef53bf517a273845f15ce7dc6"
#define GOLDEN_6    "bf01a56823cd804f980e0dd14ae880d7b41eb9c4c2cf"
#define GOLDEN_7    "c12cfd138daef2cb3f33e5f6fc6c2a4a"

struct pair {
	struct gossip_noise *ends[2]; /* initiator, responder */
};

static struct gossip_noise *make(enum gossip_noise_role role, const char *words,
				 struct gossip_noise_secret secret,
				 struct gossip_noise_secret ephemeral,
				 const struct catalog_node_key *remote)
{
	struct gossip_noise *noise = sodium_malloc(sizeof *noise);

	assert_non_null(noise);
	gossip_noise_init(noise, &(struct gossip_noise_options){
					 .role = role,
					 .prologue = {(const uint8_t *)words, strlen(words)},
					 .secret = &secret,
					 .ephemeral = &ephemeral,
					 .remote = remote,
				 });
	return noise;
}

static struct gossip_noise_secret secret_of(uint8_t first)
{
	struct gossip_noise_secret secret;

	for (size_t i = 0; i < sizeof secret.bytes; i++)
		secret.bytes[i] = (uint8_t)(first + i);
	return secret;
}

static struct pair pair_new(const char *prologue)
{
	struct gossip_noise_secret responder = secret_of(0x20);
	struct catalog_node_key key;
	struct pair pair;

	assert_true(sodium_init() >= 0);
	gossip_noise_public(&responder, &key);
	pair.ends[0] =
		make(GOSSIP_NOISE_INITIATOR, prologue, secret_of(0x00), secret_of(0x40), &key);
	pair.ends[1] = make(GOSSIP_NOISE_RESPONDER, prologue, responder, secret_of(0x60), NULL);
	return pair;
}

static void pair_free(struct pair *pair)
{
	for (size_t i = 0; i < 2; i++) {
		gossip_noise_close(pair->ends[i]);
		sodium_free(pair->ends[i]);
	}
}

static struct catalog_span span(const char *text)
{
	return (struct catalog_span){(const uint8_t *)text, strlen(text)};
}

/* One message of the handshake from one end to the other; what is on the wire. */
static size_t pass(struct pair *pair, size_t from, struct catalog_span payload,
		   uint8_t wire[BYTES_MAX])
{
	size_t len = payload.len + gossip_noise_overhead(pair->ends[from]);
	uint8_t got[BYTES_MAX];

	assert_true(len <= BYTES_MAX);
	assert_true(gossip_noise_writes(pair->ends[from]));
	assert_false(gossip_noise_writes(pair->ends[1 - from]));
	assert_int_equal(gossip_noise_write(pair->ends[from], payload, wire), 0);
	assert_int_equal(
		gossip_noise_read(pair->ends[1 - from], (struct catalog_span){wire, len}, got), 0);
	assert_memory_equal(got, payload.bytes, payload.len);
	return len;
}

static size_t send_one(struct pair *pair, size_t from, struct catalog_span payload,
		       uint8_t wire[BYTES_MAX])
{
	const struct catalog_span none = {NULL, 0};
	size_t len = payload.len + GOSSIP_NOISE_TAG_BYTES;
	uint8_t got[BYTES_MAX];

	assert_true(len <= BYTES_MAX);
	assert_int_equal(gossip_noise_seal(pair->ends[from], none, payload, wire), 0);
	assert_int_equal(gossip_noise_open(pair->ends[1 - from], none,
					   (struct catalog_span){wire, len}, got),
			 0);
	assert_memory_equal(got, payload.bytes, payload.len);
	return len;
}

static void shake_hands(struct pair *pair)
{
	uint8_t wire[BYTES_MAX];

	pass(pair, 0, span("one"), wire);
	pass(pair, 1, span("two"), wire);
	pass(pair, 0, span("three"), wire);
	assert_true(gossip_noise_is_done(pair->ends[0]));
	assert_true(gossip_noise_is_done(pair->ends[1]));
}

/* --- vectors --------------------------------------------------------------------------------- */

static size_t hex(const json_t *value, uint8_t ret_bytes[BYTES_MAX])
{
	const char *text = json_string_value(value);
	size_t len = 0;

	assert_non_null(text);
	assert_int_equal(sodium_hex2bin(ret_bytes, BYTES_MAX, text, strlen(text), NULL, &len, NULL),
			 0);
	return len;
}

static void hex32(const json_t *vector, const char *key, uint8_t ret_bytes[32])
{
	uint8_t bytes[BYTES_MAX];

	assert_int_equal(hex(json_object_get(vector, key), bytes), 32);
	memcpy(ret_bytes, bytes, 32);
}

static struct pair pair_of(const json_t *vector)
{
	struct gossip_noise_secret secrets[2], ephemerals[2];
	struct catalog_node_key remote, computed;
	char prologue[BYTES_MAX + 1];
	struct pair pair;
	size_t len;

	len = hex(json_object_get(vector, "init_prologue"), (uint8_t *)prologue);
	prologue[len] = '\0';
	assert_int_equal(strlen(prologue), len);
	hex32(vector, "init_static", secrets[0].bytes);
	hex32(vector, "resp_static", secrets[1].bytes);
	hex32(vector, "init_ephemeral", ephemerals[0].bytes);
	hex32(vector, "resp_ephemeral", ephemerals[1].bytes);
	hex32(vector, "init_remote_static", remote.bytes);
	gossip_noise_public(&secrets[1], &computed);
	assert_memory_equal(&computed, &remote, sizeof remote);
	pair.ends[0] = make(GOSSIP_NOISE_INITIATOR, prologue, secrets[0], ephemerals[0], &remote);
	pair.ends[1] = make(GOSSIP_NOISE_RESPONDER, prologue, secrets[1], ephemerals[1], NULL);
	return pair;
}

static void test_the_published_vectors_hold_byte_for_byte(void **state)
{
	const char *shared = getenv("FEDCAT_SHARED"), *srcdir = getenv("srcdir");
	char path[4096];
	json_t *root, *vector;
	size_t v, i;

	(void)state;
	assert_true(sodium_init() >= 0);
	if (shared != NULL)
		snprintf(path, sizeof path, "%s/conformance/noise/xk_25519_chachapoly_sha256.json",
			 shared);
	else
		snprintf(path, sizeof path,
			 "%s/../shared/conformance/noise/xk_25519_chachapoly_sha256.json",
			 srcdir != NULL ? srcdir : ".");
	root = json_load_file(path, 0, NULL);
	if (root == NULL) {
		print_message("skipped: no vectors in %s\n", path);
		skip();
	}
	assert_true(json_array_size(json_object_get(root, "vectors")) > 0);
	json_array_foreach(json_object_get(root, "vectors"), v, vector)
	{
		struct pair pair = pair_of(vector);
		const json_t *message;
		uint8_t hash[32];

		json_array_foreach(json_object_get(vector, "messages"), i, message)
		{
			uint8_t payload[BYTES_MAX], expected[BYTES_MAX], wire[BYTES_MAX];
			struct catalog_span bytes = {
				payload, hex(json_object_get(message, "payload"), payload)};
			size_t len = hex(json_object_get(message, "ciphertext"), expected);

			assert_int_equal((i < 3 ? pass : send_one)(&pair, i % 2, bytes, wire), len);
			assert_memory_equal(wire, expected, len);
		}
		assert_true(i > 3);
		hex32(vector, "handshake_hash", hash);
		for (size_t k = 0; k < 2; k++)
			assert_memory_equal(gossip_noise_hash(pair.ends[k])->bytes, hash, 32);
		pair_free(&pair);
	}
	json_decref(root);
}

/* --- our own --------------------------------------------------------------------------------- */

static void expect(const uint8_t *bytes, size_t len, const char *expected)
{
	char text[2 * BYTES_MAX + 1];

	sodium_bin2hex(text, sizeof text, bytes, len);
	assert_string_equal(text, expected);
}

static void test_the_golden_transcript_comes_out(void **state)
{
	struct pair pair = pair_new("fedcat's golden transcript");
	uint8_t wire[BYTES_MAX];
	size_t len;

	(void)state;
	len = pass(&pair, 0, span(""), wire);
	expect(wire, len, GOLDEN_1);
	len = pass(&pair, 1, span(""), wire);
	expect(wire, len, GOLDEN_2);
	len = pass(&pair, 0, span("Habari za asubuhi"), wire);
	expect(wire, len, GOLDEN_3);
	expect(gossip_noise_hash(pair.ends[1])->bytes, 32, GOLDEN_HASH);
	len = send_one(&pair, 1, span("Nzuri"), wire);
	expect(wire, len, GOLDEN_4);
	len = send_one(&pair, 0, span("Karibu"), wire);
	expect(wire, len, GOLDEN_5);
	gossip_noise_rekey_sending(pair.ends[0]);
	gossip_noise_rekey_receiving(pair.ends[1]);
	len = send_one(&pair, 0, span("Asante"), wire);
	expect(wire, len, GOLDEN_6);
	len = send_one(&pair, 1, span(""), wire);
	expect(wire, len, GOLDEN_7);
	pair_free(&pair);
}

static void test_the_responder_learns_who_calls_and_both_the_hash(void **state)
{
	struct gossip_noise_secret secret = secret_of(0x00);
	struct pair pair = pair_new("x");
	struct catalog_node_key key;

	(void)state;
	shake_hands(&pair);
	gossip_noise_public(&secret, &key);
	assert_memory_equal(gossip_noise_remote(pair.ends[1]), &key, sizeof key);
	assert_true(catalog_hash_equal(gossip_noise_hash(pair.ends[0]),
				       gossip_noise_hash(pair.ends[1])));
	pair_free(&pair);
}

/* Bring a fresh pair to the message of this number (from 0), which is in wire. */
static size_t before(struct pair *pair, size_t number, uint8_t wire[BYTES_MAX])
{
	static const char *const payloads[] = {"", "second", "the third message"};
	struct catalog_span payload = span(payloads[number]);
	size_t len;

	*pair = pair_new("x");
	for (size_t i = 0; i < number; i++)
		pass(pair, i % 2, span(payloads[i]), wire);
	len = payload.len + gossip_noise_overhead(pair->ends[number % 2]);
	assert_int_equal(gossip_noise_write(pair->ends[number % 2], payload, wire), 0);
	return len;
}

static void test_a_handshake_that_any_bit_of_is_changed_fails(void **state)
{
	uint8_t wire[BYTES_MAX], got[BYTES_MAX];
	struct pair pair;

	(void)state;
	for (size_t number = 0; number < 3; number++) {
		size_t len = before(&pair, number, wire);

		pair_free(&pair);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			struct gossip_noise *to;
			int r;

			before(&pair, number, wire);
			to = pair.ends[1 - number % 2];
			wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
			r = gossip_noise_read(to, (struct catalog_span){wire, len}, got);
			assert_int_equal(r, -EBADMSG);
			assert_false(gossip_noise_is_done(to));
			assert_false(gossip_noise_writes(to));
			pair_free(&pair);
		}
	}
}

static void test_a_handshake_that_is_cut_or_longer_fails(void **state)
{
	uint8_t wire[BYTES_MAX], got[BYTES_MAX];
	struct pair pair;

	(void)state;
	for (size_t number = 0; number < 3; number++) {
		size_t whole = before(&pair, number, wire);

		pair_free(&pair);
		for (size_t len = 0; len <= whole + 1; len++) {
			before(&pair, number, wire);
			wire[whole] = 0;
			assert_int_equal(gossip_noise_read(pair.ends[1 - number % 2],
							   (struct catalog_span){wire, len}, got),
					 len == whole ? 0 : -EBADMSG);
			pair_free(&pair);
		}
	}
}

static bool is_zero(const void *bytes, size_t len)
{
	return sodium_is_zero(bytes, len) == 1;
}

static void test_secrets_are_wiped_after_the_handshake_and_after_a_failure(void **state)
{
	uint8_t wire[BYTES_MAX] = {0}, got[BYTES_MAX];
	struct pair pair = pair_new("x");

	(void)state;
	shake_hands(&pair);
	for (size_t i = 0; i < 2; i++) {
		assert_true(is_zero(&pair.ends[i]->secret, 32));
		assert_true(is_zero(&pair.ends[i]->ephemeral, 32));
		assert_true(is_zero(pair.ends[i]->chain, 32));
		assert_true(is_zero(&pair.ends[i]->handshake, sizeof pair.ends[i]->handshake));
		gossip_noise_close(pair.ends[i]);
		assert_true(is_zero(pair.ends[i], sizeof *pair.ends[i]));
	}
	pair_free(&pair);
	pair = pair_new("x");
	assert_int_equal(gossip_noise_read(pair.ends[1], (struct catalog_span){wire, 48}, got),
			 -EKEYREJECTED);
	assert_true(is_zero(&pair.ends[1]->secret, 32));
	assert_true(is_zero(&pair.ends[1]->ephemeral, 32));
	assert_true(is_zero(pair.ends[1]->chain, 32));
	pair_free(&pair);
}

/* The points of order 1, 2, 4 and 8 on the curve and its twist, and what is the same modulo p. */
static const char *const low_order[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void test_points_of_low_order_are_refused(void **state)
{
	uint8_t wire[BYTES_MAX] = {0}, got[BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++) {
		struct catalog_node_key key;
		struct pair pair = pair_new("x");
		struct gossip_noise *noise;
		uint8_t first[BYTES_MAX];

		assert_int_equal(sodium_hex2bin(key.bytes, sizeof key.bytes, low_order[i],
						strlen(low_order[i]), NULL, NULL, NULL),
				 0);
		/* As the ephemeral key of either. */
		memcpy(wire, key.bytes, sizeof key.bytes);
		assert_int_equal(
			gossip_noise_read(pair.ends[1], (struct catalog_span){wire, 48}, got),
			-EKEYREJECTED);
		assert_int_equal(gossip_noise_write(pair.ends[0], span(""), first), 0);
		assert_int_equal(
			gossip_noise_read(pair.ends[0], (struct catalog_span){wire, 48}, got),
			-EKEYREJECTED);
		/* As the responder's static key. */
		noise = make(GOSSIP_NOISE_INITIATOR, "x", secret_of(1), secret_of(2), &key);
		assert_int_equal(gossip_noise_write(noise, span(""), first), -EKEYREJECTED);
		assert_false(gossip_noise_writes(noise));
		gossip_noise_close(noise);
		sodium_free(noise);
		pair_free(&pair);
	}
}

static void test_other_prologues_and_other_keys_do_not_meet(void **state)
{
	struct gossip_noise_secret other = secret_of(0x99);
	struct pair a = pair_new("x"), b = pair_new("y");
	uint8_t wire[BYTES_MAX], got[BYTES_MAX];
	struct gossip_noise *noise;
	struct catalog_node_key key;

	(void)state;
	assert_int_equal(gossip_noise_write(a.ends[0], span(""), wire), 0);
	assert_int_equal(gossip_noise_read(b.ends[1], (struct catalog_span){wire, 48}, got),
			 -EBADMSG);
	gossip_noise_public(&other, &key);
	noise = make(GOSSIP_NOISE_INITIATOR, "x", secret_of(0), secret_of(0x40), &key);
	assert_int_equal(gossip_noise_write(noise, span(""), wire), 0);
	assert_int_equal(gossip_noise_read(a.ends[1], (struct catalog_span){wire, 48}, got),
			 -EBADMSG);
	gossip_noise_close(noise);
	sodium_free(noise);
	pair_free(&a);
	pair_free(&b);
}

static void test_what_is_sealed_opens_once_in_order_and_there_only(void **state)
{
	const struct catalog_span none = {NULL, 0};
	uint8_t first[BYTES_MAX], second[BYTES_MAX], got[BYTES_MAX];
	struct pair pair = pair_new("x");
	struct catalog_span one = {first, 3 + 16}, two = {second, 3 + 16};

	(void)state;
	shake_hands(&pair);
	assert_int_equal(gossip_noise_seal(pair.ends[0], none, span("one"), first), 0);
	assert_int_equal(gossip_noise_seal(pair.ends[0], none, span("two"), second), 0);
	assert_int_equal(gossip_noise_open(pair.ends[1], none, two, got), -EBADMSG); /* order */
	assert_int_equal(gossip_noise_open(pair.ends[0], none, one, got), -EBADMSG); /* mirror */
	assert_int_equal(gossip_noise_open(pair.ends[1], span("?"), one, got), -EBADMSG);
	assert_int_equal(gossip_noise_open(pair.ends[1], none, one, got), 0);
	assert_memory_equal(got, "one", 3);
	assert_int_equal(gossip_noise_open(pair.ends[1], none, one, got), -EBADMSG); /* replay */
	assert_int_equal(gossip_noise_open(pair.ends[1], none, two, got), 0);
	assert_memory_equal(got, "two", 3);
	pair_free(&pair);
}

static void test_the_last_nonce_is_never_used(void **state)
{
	const struct catalog_span none = {NULL, 0};
	uint8_t wire[BYTES_MAX], got[BYTES_MAX];
	struct pair pair = pair_new("x");

	(void)state;
	shake_hands(&pair);
	pair.ends[0]->sending.nonce = pair.ends[1]->receiving.nonce = UINT64_MAX - 1;
	send_one(&pair, 0, span("the last"), wire);
	assert_int_equal(gossip_noise_seal(pair.ends[0], none, span("more"), wire), -EOVERFLOW);
	assert_int_equal(
		gossip_noise_open(pair.ends[1], none, (struct catalog_span){wire, 20}, got),
		-EOVERFLOW);
	pair_free(&pair);
}

TEST_MAIN("gossip/noise", cmocka_unit_test(test_the_published_vectors_hold_byte_for_byte),
	  cmocka_unit_test(test_the_golden_transcript_comes_out),
	  cmocka_unit_test(test_the_responder_learns_who_calls_and_both_the_hash),
	  cmocka_unit_test(test_a_handshake_that_any_bit_of_is_changed_fails),
	  cmocka_unit_test(test_a_handshake_that_is_cut_or_longer_fails),
	  cmocka_unit_test(test_secrets_are_wiped_after_the_handshake_and_after_a_failure),
	  cmocka_unit_test(test_points_of_low_order_are_refused),
	  cmocka_unit_test(test_other_prologues_and_other_keys_do_not_meet),
	  cmocka_unit_test(test_what_is_sealed_opens_once_in_order_and_there_only),
	  cmocka_unit_test(test_the_last_nonce_is_never_used))
