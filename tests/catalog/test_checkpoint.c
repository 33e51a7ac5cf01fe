#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "catalog/checkpoint.h"

struct fixture {
	struct catalog_secret secret;
	struct catalog_key key;
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note;
};

static struct fixture f;

static int set_up(void **state)
{
	static const uint8_t seed[32] = {1};
	struct catalog_hash federation = {{0xab, 0xcd}};

	(void)state;
	f = (struct fixture){.checkpoint = {.size = 1204, .root = {{5, 6, 7}}}};
	crypto_sign_seed_keypair(f.key.bytes, f.secret.bytes, seed);
	catalog_checkpoint_origin(&federation, "nbs", f.checkpoint.origin);
	return catalog_checkpoint_sign(&f.checkpoint, &f.secret, &f.note);
}

static int tear_down(void **state)
{
	(void)state;
	catalog_buffer_close(&f.note);
	return 0;
}

static int verify(void)
{
	struct catalog_checkpoint out;

	return catalog_checkpoint_verify(catalog_buffer_span(&f.note),
					 "fedcat/abcd000000000000/nbs", &f.key, &out);
}

static void test_a_note_reads_as_c2sp_says(void **state)
{
	static const char text[] = "fedcat/abcd000000000000/nbs\n1204\n"
				   "BQYHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
				   "\xe2\x80\x94 fedcat/abcd000000000000/nbs ";
	struct catalog_checkpoint out;

	(void)state;
	assert_true(f.note.len > sizeof text);
	assert_memory_equal(f.note.bytes, text, sizeof text - 1);
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(&f.note),
						   f.checkpoint.origin, &f.key, &out),
			 0);
	assert_int_equal(out.size, 1204);
	assert_true(catalog_hash_equal(&out.root, &f.checkpoint.root));
	assert_string_equal(out.origin, f.checkpoint.origin);
}

static void test_a_changed_bit_anywhere_is_refused(void **state)
{
	(void)state;
	assert_int_equal(verify(), 0);
	for (size_t i = 0; i < f.note.len * 8; i++) {
		f.note.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (verify() == 0)
			fail_msg("bit %zu of %zu bytes", i, f.note.len);
		f.note.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void test_a_note_cut_short_anywhere_is_refused(void **state)
{
	size_t whole = f.note.len;

	(void)state;
	for (f.note.len = 0; f.note.len < whole; f.note.len++)
		assert_int_not_equal(verify(), 0);
	assert_int_equal(verify(), 0);
}

static void test_signatures_by_strangers_are_ignored(void **state)
{
	(void)state;
	assert_int_equal(catalog_buffer_print(&f.note, "\xe2\x80\x94 witness.example/w AAAAAAAA\n"),
			 0);
	assert_int_equal(verify(), 0);
}

static void test_a_false_signature_by_the_member_refuses_the_note(void **state)
{
	size_t line = f.note.len - 1;

	(void)state;
	while (f.note.bytes[line - 1] != '\n')
		line--;
	/* The member's line once more, with one digit of the signature changed. */
	assert_int_equal(catalog_buffer_reserve(&f.note, f.note.len - line), 0);
	memcpy(f.note.bytes + f.note.len, f.note.bytes + line, f.note.len - line);
	f.note.len += f.note.len - line;
	assert_int_equal(verify(), 0);
	f.note.bytes[f.note.len - 20] = f.note.bytes[f.note.len - 20] == 'A' ? 'B' : 'A';
	assert_int_equal(verify(), -EKEYREJECTED);
}

static void test_extension_lines_are_signed_and_ignored(void **state)
{
	static const char text[] = "fedcat/abcd000000000000/nbs\n7\n"
				   "BQYHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n";
	uint8_t blob[68];
	char encoded[100];
	size_t dash, line = f.note.len - 1;

	(void)state;
	while (f.note.bytes[line - 1] != '\n')
		line--;
	for (dash = f.note.len; f.note.bytes[dash - 1] != ' '; dash--)
		continue;
	assert_int_equal(sodium_base642bin(blob, sizeof blob, (char *)f.note.bytes + dash,
					   f.note.len - dash - 1, NULL, NULL, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	crypto_sign_detached(blob + 4, NULL, (const uint8_t *)text, sizeof text - 1,
			     f.secret.bytes);
	sodium_bin2base64(encoded, sizeof encoded, blob, sizeof blob,
			  sodium_base64_VARIANT_ORIGINAL);
	f.note.len = 0;
	assert_int_equal(catalog_buffer_print(&f.note,
					      "%s\n\xe2\x80\x94 fedcat/abcd000000000000/nbs %s\n",
					      text, encoded),
			 0);
	assert_int_equal(verify(), 0);
}

static void test_another_key_or_origin_is_refused(void **state)
{
	struct catalog_checkpoint out;

	(void)state;
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(&f.note),
						   "fedcat/abcd000000000000/other", &f.key, &out),
			 -EKEYREJECTED);
	f.key.bytes[0] ^= 1;
	assert_int_equal(verify(), -EKEYREJECTED);
}

#define NOTE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/checkpoint", NOTE_TEST(test_a_note_reads_as_c2sp_says),
	  NOTE_TEST(test_a_changed_bit_anywhere_is_refused),
	  NOTE_TEST(test_a_note_cut_short_anywhere_is_refused),
	  NOTE_TEST(test_signatures_by_strangers_are_ignored),
	  NOTE_TEST(test_a_false_signature_by_the_member_refuses_the_note),
	  NOTE_TEST(test_extension_lines_are_signed_and_ignored),
	  NOTE_TEST(test_another_key_or_origin_is_refused))
