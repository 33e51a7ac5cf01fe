#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "node/keyseal.h"

static const struct node_passphrase words = {5, "words"}, others = {5, "wordz"};
static const struct catalog_key key = {{0xaa, 2, 3}};
static const uint8_t seed[NODE_KEYSEAL_SEED_BYTES] = {1, 2, 3, 4};

/* As the program writes it, but cheap to open. */
static const char text[] =
	"fedcat member key 2 (Ed25519 seed, encrypted: Argon2id, XChaCha20-Poly1305)\n"
	"public aa02030000000000000000000000000000000000000000000000000000000000\n"
	"argon2id 1 8192 000102030405060708090a0b0c0d0e0f\n"
	"sealed 0f0e0d0c0b0a090807060504030201000f0e0d0c0b0a0908 "
	"%s\n";

/* Made of its parts by libsodium alone. */
static void make(char ret_text[NODE_KEYSEAL_BYTES_MAX])
{
	uint8_t stretched[32], salt[16], nonce[24], sealed[48];
	char hex[97], head[NODE_KEYSEAL_BYTES_MAX];
	size_t head_len = (size_t)(strstr(text, "sealed ") - text);

	assert_true(sodium_init() >= 0);
	for (uint8_t i = 0; i < 16; i++)
		salt[i] = i;
	for (uint8_t i = 0; i < 24; i++)
		nonce[i] = (uint8_t)(15 - i % 16);
	memcpy(head, text, head_len);
	assert_int_equal(crypto_pwhash(stretched, 32, words.bytes, words.len, salt, 1, 8192,
				       crypto_pwhash_ALG_ARGON2ID13),
			 0);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, seed, sizeof seed, (uint8_t *)head,
						   head_len, NULL, nonce, stretched);
	sodium_bin2hex(hex, sizeof hex, sealed, sizeof sealed);
	assert_in_range(snprintf(ret_text, NODE_KEYSEAL_BYTES_MAX, text, hex), 100,
			NODE_KEYSEAL_BYTES_MAX - 1);
}

static void test_what_was_sealed_opens_with_the_same_words_only(void **state)
{
	uint8_t opened[NODE_KEYSEAL_SEED_BYTES];
	char sealed[NODE_KEYSEAL_BYTES_MAX], again[NODE_KEYSEAL_BYTES_MAX];
	struct catalog_key named;

	(void)state;
	assert_true(sodium_init() >= 0);
	assert_int_equal(node_keyseal_write(seed, &key, &words, sealed), 0);
	assert_true(node_keyseal_is(sealed));
	assert_int_equal(node_keyseal_key(sealed, &named), 0);
	assert_memory_equal(&named, &key, sizeof key);
	assert_int_equal(node_keyseal_open(sealed, &words, opened), 0);
	assert_memory_equal(opened, seed, sizeof seed);
	assert_int_equal(node_keyseal_open(sealed, &others, opened), -EKEYREJECTED);
	assert_int_equal(node_keyseal_write(seed, &key, &words, again), 0);
	assert_string_not_equal(again, sealed); /* another salt and nonce */
}

static void test_the_format_is_what_the_header_says(void **state)
{
	uint8_t opened[NODE_KEYSEAL_SEED_BYTES];
	char sealed[NODE_KEYSEAL_BYTES_MAX];

	(void)state;
	make(sealed);
	assert_int_equal(node_keyseal_open(sealed, &words, opened), 0);
	assert_memory_equal(opened, seed, sizeof seed);
	sealed[strlen(sealed) - 1] = '\0'; /* an editor dropped the last line's end */
	assert_int_equal(node_keyseal_open(sealed, &words, opened), 0);
}

static void test_a_changed_or_cut_text_never_opens(void **state)
{
	uint8_t opened[NODE_KEYSEAL_SEED_BYTES];
	char whole[NODE_KEYSEAL_BYTES_MAX], changed[NODE_KEYSEAL_BYTES_MAX];
	size_t len;

	(void)state;
	make(whole);
	len = strlen(whole);
	for (size_t i = 0; i < len; i++) {
		memcpy(changed, whole, sizeof changed);
		changed[i] ^= 1;
		assert_int_not_equal(node_keyseal_open(changed, &words, opened), 0);
		memcpy(changed, whole, sizeof changed);
		changed[i] = ' ';
		if (whole[i] != ' ')
			assert_int_not_equal(node_keyseal_open(changed, &words, opened), 0);
	}
	for (size_t i = 0; i + 1 < len; i++) {
		memcpy(changed, whole, sizeof changed);
		changed[i] = '\0';
		assert_int_equal(node_keyseal_open(changed, &words, opened), -EBADMSG);
	}
}

static void replace(char *in, const char *from, const char *to)
{
	char rest[NODE_KEYSEAL_BYTES_MAX], *at = strstr(in, from);

	assert_non_null(at);
	(void)snprintf(rest, sizeof rest, "%s", at + strlen(from)); /* it fits */
	(void)snprintf(at, NODE_KEYSEAL_BYTES_MAX - (size_t)(at - in), "%s%s", to, rest);
}

static void test_no_text_makes_us_work_for_hours(void **state)
{
	static const char *const costs[] = {
		"argon2id 65 8192 ",          "argon2id 1 1073741825 ", "argon2id 4294967297 8192 ",
		"argon2id 1 99999999999999 ", "argon2id 0 8192 ",       "argon2id 1 0 ",
		"argon2id -1 8192 ",          "argon2id 01 8192 ",      "argon2id  1 8192 "};
	uint8_t opened[NODE_KEYSEAL_SEED_BYTES];
	char sealed[NODE_KEYSEAL_BYTES_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
		make(sealed);
		replace(sealed, "argon2id 1 8192 ", costs[i]);
		assert_int_equal(node_keyseal_open(sealed, &words, opened), -EBADMSG);
	}
}

TEST_MAIN("node/keyseal", cmocka_unit_test(test_what_was_sealed_opens_with_the_same_words_only),
	  cmocka_unit_test(test_the_format_is_what_the_header_says),
	  cmocka_unit_test(test_a_changed_or_cut_text_never_opens),
	  cmocka_unit_test(test_no_text_makes_us_work_for_hours))
