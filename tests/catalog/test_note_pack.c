#include "tests/test.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/note_pack.h"

#define ORIGIN "fedcat/0123456789abcdef/nbs"

/* A note as members sign them: with an attestation, and with a witness's line. */
static void make_note(struct catalog_buffer *ret_note, const char *witness)
{
	static const uint8_t seed[32] = {7};
	struct catalog_checkpoint checkpoint = {
		.origin = ORIGIN, .size = 1204, .root = {{1, 2, 3}}};
	struct catalog_secret secret;
	uint8_t key[32];

	(void)crypto_sign_seed_keypair(key, secret.bytes, seed); /* always 0 */
	assert_int_equal(catalog_checkpoint_sign(&checkpoint, &secret, ret_note), 0);
	assert_int_equal(catalog_cosignature_add(ret_note, ORIGIN, &secret, 1795511520), 0);
	if (witness != NULL)
		assert_int_equal(catalog_cosignature_add(ret_note, witness, &secret, 1795511521),
				 0);
}

/* Pack and read; returns how long the packed form is. */
static size_t assert_comes_back(struct catalog_span note)
{
	struct catalog_buffer packed = {0}, again = {0};
	size_t len;

	assert_int_equal(catalog_note_pack_make(note, ORIGIN, 1204, &packed), 0);
	assert_int_equal(catalog_note_pack_read(catalog_buffer_span(&packed), ORIGIN, 1204, &again),
			 0);
	assert_int_equal(again.len, note.len);
	assert_memory_equal(again.bytes, note.bytes, note.len);
	len = packed.len;
	catalog_buffer_close(&packed);
	catalog_buffer_close(&again);
	return len;
}

static void test_a_members_note_takes_half(void **state)
{
	struct catalog_buffer note = {0};

	(void)state;
	make_note(&note, NULL);
	assert_in_range(assert_comes_back(catalog_buffer_span(&note)), 170, note.len * 6 / 10);
	catalog_buffer_close(&note);
}

static void test_witnesses_lines_come_back(void **state)
{
	struct catalog_buffer note = {0};

	(void)state;
	make_note(&note, "witness.example/w1");
	assert_true(assert_comes_back(catalog_buffer_span(&note)) < note.len * 2 / 3);
	catalog_buffer_close(&note);
}

static void test_what_is_written_otherwise_goes_as_it_is(void **state)
{
	static const char *const notes[] = {
		"fedcat/0123456789abcdef/kmd\n1204\nAQID\n\n\xe2\x80\x94 a AQID\n", /* no root */
		"another\n1204\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a "
		"AQID\n",
		ORIGIN
		"\n1205\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a AQID\n",
		ORIGIN
		"\n1204\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n\n\xe2\x80\x94 a "
		"AQID\n",
		ORIGIN "\n1204\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 a "
		       "no-base64\n",
		"no note at all",
	};

	(void)state;
	for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
		struct catalog_span note = {(const uint8_t *)notes[i], strlen(notes[i])};

		assert_int_equal(assert_comes_back(note), note.len);
	}
}

static void test_bytes_that_are_no_packed_note_are_refused(void **state)
{
	uint8_t many[CATALOG_CHECKPOINT_BYTES_MAX + 1] = {1};
	struct catalog_buffer note = {0}, packed = {0}, again = {0};
	int r;

	(void)state;
	make_note(&note, NULL);
	assert_int_equal(catalog_note_pack_make(catalog_buffer_span(&note), ORIGIN, 1204, &packed),
			 0);
	assert_int_equal(
		catalog_note_pack_read((struct catalog_span){packed.bytes, 0}, ORIGIN, 1, &again),
		-EBADMSG);
	for (size_t len = 1; len < packed.len; len++) {
		r = catalog_note_pack_read((struct catalog_span){packed.bytes, len}, ORIGIN, 1204,
					   &again);
		assert_true(r == -EBADMSG || (r == 0 && again.len < note.len));
		again.len = 0;
	}
	assert_int_equal(
		catalog_note_pack_read((struct catalog_span){many, sizeof many}, ORIGIN, 1, &again),
		-E2BIG);
	/* Lines that would be many times as long as what they are made of. */
	for (size_t i = 33; i < sizeof many - 1; i++)
		many[i] = i % 3 == 0 ? 0 : 1;
	r = catalog_note_pack_read((struct catalog_span){many, sizeof many - 1}, ORIGIN, 1, &again);
	assert_true(r == -E2BIG || r == -EBADMSG);
	assert_int_equal(again.len, 0);
	catalog_buffer_close(&note);
	catalog_buffer_close(&packed);
	catalog_buffer_close(&again);
}

TEST_MAIN("catalog/note_pack", cmocka_unit_test(test_a_members_note_takes_half),
	  cmocka_unit_test(test_witnesses_lines_come_back),
	  cmocka_unit_test(test_what_is_written_otherwise_goes_as_it_is),
	  cmocka_unit_test(test_bytes_that_are_no_packed_note_are_refused))
