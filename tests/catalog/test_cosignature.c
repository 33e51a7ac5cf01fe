#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/note.h"

#define DASH    "\xe2\x80\x94 "
#define WITNESS "witness.example/w1"
#define TIME    1795511520

struct fixture {
	struct catalog_secret member, secret;
	struct catalog_key member_key;
	struct catalog_checkpoint checkpoint;
	struct catalog_witness witness;
	struct catalog_buffer note;
};

static struct fixture f;

static int set_up(void **state)
{
	static const uint8_t member_seed[32] = {1}, seed[32] = {9};
	struct catalog_hash federation = {{0xab, 0xcd}};

	(void)state;
	f = (struct fixture){.checkpoint = {.size = 1204, .root = {{5, 6, 7}}}};
	crypto_sign_seed_keypair(f.member_key.bytes, f.member.bytes, member_seed);
	crypto_sign_seed_keypair(f.witness.key.bytes, f.secret.bytes, seed);
	f.witness.name = WITNESS;
	catalog_checkpoint_origin(&federation, "nbs", f.checkpoint.origin);
	return catalog_checkpoint_sign(&f.checkpoint, &f.member, &f.note);
}

static int tear_down(void **state)
{
	(void)state;
	catalog_buffer_close(&f.note);
	return 0;
}

static void cosign(int64_t time_s)
{
	assert_int_equal(catalog_cosignature_add(&f.note, WITNESS, &f.secret, time_s), 0);
}

static int verify(int64_t *ret_time_s)
{
	return catalog_cosignature_verify(catalog_buffer_span(&f.note), &f.witness, ret_time_s);
}

static size_t last_line(void)
{
	size_t at = f.note.len - 1;

	while (f.note.bytes[at - 1] != '\n')
		at--;
	return at;
}

/* The line was made with Python's hashlib and OpenSSL 3.0 from the same seed (9, then 31 zeros):
 *   msg = b"cosignature/v1\ntime 1795511520\n" + the checkpoint's three lines
 *   id  = sha256(b"witness.example/w1\n\x04" + public_key)[:4]
 *   b64encode(id + struct.pack(">Q", 1795511520) + ed25519(msg)) */
static void test_a_cosignature_is_what_another_program_makes(void **state)
{
	static const char line[] = DASH WITNESS
		" jAQO5AAAAABrBVTgMDF2kyO8kRz17crwLcaV5z9i8J/lfi4TJa26/zPSJutBY537GCZHHVVWyXvpZAmmR"
		"esr+9A3j91kEtJ/LkOxBg==\n";

	(void)state;
	cosign(TIME);
	assert_int_equal(f.note.len - last_line(), sizeof line - 1);
	assert_memory_equal(f.note.bytes + last_line(), line, sizeof line - 1);
}

static void test_a_cosigned_note_tells_who_and_when_and_stays_a_checkpoint(void **state)
{
	struct catalog_checkpoint checkpoint;
	int64_t time_s = 0;

	(void)state;
	assert_int_equal(verify(&time_s), -ENOENT);
	cosign(TIME);
	assert_int_equal(verify(&time_s), 0);
	assert_int_equal(time_s, TIME);
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(&f.note),
						   f.checkpoint.origin, &f.member_key, &checkpoint),
			 0);
	assert_int_equal(checkpoint.size, 1204);
}

static void test_a_member_may_attest_to_its_own_checkpoint(void **state)
{
	struct catalog_witness self = {f.checkpoint.origin, f.member_key};
	struct catalog_checkpoint checkpoint;
	int64_t time_s = 0;

	(void)state;
	assert_int_equal(
		catalog_cosignature_add(&f.note, f.checkpoint.origin, &f.member, TIME + 86400), 0);
	assert_int_equal(catalog_cosignature_verify(catalog_buffer_span(&f.note), &self, &time_s),
			 0);
	assert_int_equal(time_s, TIME + 86400);
	assert_int_equal(catalog_checkpoint_verify(catalog_buffer_span(&f.note),
						   f.checkpoint.origin, &f.member_key, &checkpoint),
			 0);
}

static void test_a_later_cosignature_takes_the_place_of_the_earlier(void **state)
{
	size_t len;
	int64_t time_s = 0;

	(void)state;
	cosign(TIME);
	len = f.note.len;
	for (int i = 1; i < 100; i++)
		cosign(TIME + i);
	assert_int_equal(f.note.len, len);
	assert_int_equal(verify(&time_s), 0);
	assert_int_equal(time_s, TIME + 99);
}

static void test_of_two_cosignatures_the_later_counts(void **state)
{
	struct catalog_buffer early = {0};
	size_t line;
	int64_t time_s = 0;

	(void)state;
	cosign(TIME);
	line = last_line();
	assert_int_equal(catalog_buffer_append(&early, f.note.bytes + line, f.note.len - line), 0);
	cosign(TIME + 7);
	assert_int_equal(catalog_buffer_append(&f.note, early.bytes, early.len), 0);
	assert_int_equal(verify(&time_s), 0);
	assert_int_equal(time_s, TIME + 7);
	catalog_buffer_close(&early);
}

static void test_a_changed_bit_is_refused_or_is_nobodys_cosignature(void **state)
{
	size_t members = last_line(), own;
	int64_t time_s;

	(void)state;
	cosign(TIME);
	own = last_line();
	for (size_t i = 0; i < f.note.len * 8; i++) {
		size_t at = i / 8;
		/* Between its dash and its end it is the checkpoint's business. */
		bool members_line = at >= members && at < own;

		f.note.bytes[at] ^= (uint8_t)(1 << i % 8);
		time_s = 0;
		if (verify(&time_s) == 0 && !members_line)
			fail_msg("bit %zu", i);
		f.note.bytes[at] ^= (uint8_t)(1 << i % 8);
	}
}

static void test_the_time_cannot_be_replaced(void **state)
{
	uint8_t blob[100];
	char encoded[150];
	size_t len = 0, line, space;
	int64_t time_s;

	(void)state;
	cosign(TIME);
	line = last_line();
	space = line + strlen(DASH WITNESS " ");
	assert_int_equal(catalog_note_base64((struct catalog_span){f.note.bytes + space,
								   f.note.len - space - 1},
					     blob, sizeof blob, &len),
			 0);
	assert_int_equal(len, 76);
	for (unsigned i = 4; i < 12; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			blob[i] ^= (uint8_t)(1 << bit);
			sodium_bin2base64(encoded, sizeof encoded, blob, len,
					  sodium_base64_VARIANT_ORIGINAL);
			memcpy(f.note.bytes + space, encoded, strlen(encoded));
			assert_int_equal(verify(&time_s), -EKEYREJECTED);
			blob[i] ^= (uint8_t)(1 << bit);
		}
}

static void test_a_note_cut_short_anywhere_is_refused(void **state)
{
	size_t whole, line;
	int64_t time_s;

	(void)state;
	cosign(TIME);
	whole = f.note.len;
	line = last_line();
	for (f.note.len = 0; f.note.len < whole; f.note.len++)
		/* Without its line the note is whole, and not cosigned. */
		assert_int_equal(verify(&time_s), f.note.len == line ? -ENOENT : -EBADMSG);
}

static void test_another_key_or_name_did_not_sign(void **state)
{
	struct catalog_witness other = f.witness;
	int64_t time_s;

	(void)state;
	cosign(TIME);
	other.name = "witness.example/w2";
	assert_int_equal(catalog_cosignature_verify(catalog_buffer_span(&f.note), &other, &time_s),
			 -ENOENT);
	other = f.witness;
	other.key = f.member_key;
	assert_int_equal(catalog_cosignature_verify(catalog_buffer_span(&f.note), &other, &time_s),
			 -ENOENT);
}

static void test_a_cosignature_of_another_checkpoint_is_refused(void **state)
{
	struct catalog_buffer line = {0};
	size_t at;
	int64_t time_s;

	(void)state;
	cosign(TIME);
	at = last_line();
	assert_int_equal(catalog_buffer_append(&line, f.note.bytes + at, f.note.len - at), 0);
	f.note.len = 0;
	f.checkpoint.size++;
	assert_int_equal(catalog_checkpoint_sign(&f.checkpoint, &f.member, &f.note), 0);
	assert_int_equal(catalog_buffer_append(&f.note, line.bytes, line.len), 0);
	assert_int_equal(verify(&time_s), -EKEYREJECTED);
	catalog_buffer_close(&line);
}

static void test_those_who_signed_are_listed(void **state)
{
	struct catalog_witness witnesses[3] = {
		{"witness.example/none", {{0}}}, f.witness, {f.checkpoint.origin, f.member_key}};
	struct catalog_cosigned cosigned[3];
	size_t count = 0;

	(void)state;
	cosign(TIME);
	assert_int_equal(catalog_cosignature_add(&f.note, f.checkpoint.origin, &f.member, TIME + 1),
			 0);
	assert_int_equal(catalog_cosignature_list(catalog_buffer_span(&f.note), witnesses, 3,
						  cosigned, &count),
			 0);
	assert_int_equal(count, 2);
	assert_false(cosigned[0].is);
	assert_true(cosigned[1].is);
	assert_int_equal(cosigned[1].time_s, TIME);
	assert_true(cosigned[2].is);
	assert_int_equal(cosigned[2].time_s, TIME + 1);
}

static void test_a_full_note_takes_no_more(void **state)
{
	char name[40];
	size_t len;
	int r = 0;

	(void)state;
	for (unsigned i = 0; i < 100 && r == 0; i++) {
		snprintf(name, sizeof name, "witness.example/%u", i);
		len = f.note.len;
		r = catalog_cosignature_add(&f.note, name, &f.secret, TIME);
	}
	assert_int_equal(r, -E2BIG);
	assert_int_equal(f.note.len, len);
	assert_true(len <= CATALOG_CHECKPOINT_BYTES_MAX);
	f.note.len -= 1;
	assert_int_equal(catalog_cosignature_add(&f.note, WITNESS, &f.secret, TIME), -EBADMSG);
}

#define NOTE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/cosignature", NOTE_TEST(test_a_cosignature_is_what_another_program_makes),
	  NOTE_TEST(test_a_cosigned_note_tells_who_and_when_and_stays_a_checkpoint),
	  NOTE_TEST(test_a_member_may_attest_to_its_own_checkpoint),
	  NOTE_TEST(test_a_later_cosignature_takes_the_place_of_the_earlier),
	  NOTE_TEST(test_of_two_cosignatures_the_later_counts),
	  NOTE_TEST(test_a_changed_bit_is_refused_or_is_nobodys_cosignature),
	  NOTE_TEST(test_the_time_cannot_be_replaced),
	  NOTE_TEST(test_a_note_cut_short_anywhere_is_refused),
	  NOTE_TEST(test_another_key_or_name_did_not_sign),
	  NOTE_TEST(test_a_cosignature_of_another_checkpoint_is_refused),
	  NOTE_TEST(test_those_who_signed_are_listed), NOTE_TEST(test_a_full_note_takes_no_more))
