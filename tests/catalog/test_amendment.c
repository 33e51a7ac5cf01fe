/* Amendments after the founding: who must sign, what each verb does, and what is refused. */
#include "tests/catalog/council.h"

#include <errno.h>

#define FIRST COUNCIL_SIGNERS /* the key of member 0; the next is member 1's */

static struct council c;

static int set_up(void **state)
{
	(void)state;
	council_open(&c, 3, 2);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	council_close(&c);
	return 0;
}

static int verify(uint32_t member, unsigned key, uint64_t size, unsigned branch)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	struct catalog_hash root;
	int r;

	council_note(&c, member, key, size, branch, &note, &root);
	r = catalog_charter_verify(c.charter, member, catalog_buffer_span(&note), &checkpoint);
	if (r == 0)
		assert_int_equal(checkpoint.size, size);
	catalog_buffer_close(&note);
	return r;
}

static void refused(uint64_t signers, const char *why)
{
	uint64_t number = catalog_charter_number(c.charter);

	assert_int_not_equal(council_amend(&c, signers), 0);
	if (strstr(c.why, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", c.why, why);
	assert_int_equal(catalog_charter_number(c.charter), number);
}

static void test_a_member_is_admitted_by_enough_of_the_council(void **state)
{
	struct catalog_charter *read = NULL;

	(void)state;
	council_admit(&c, 7, 20);
	refused(1 << 0, "fewer of the council sign");
	council_admit(&c, 7, 20);
	refused(1 << 0 | 1 << 5, "not of the council");
	council_admit(&c, 7, 20);
	assert_int_equal(council_amend(&c, 1 << 0 | 1 << 2), 0);
	assert_int_equal(catalog_charter_number(c.charter), 1);
	assert_int_equal(catalog_charter_member_count(c.charter), 3);
	assert_string_equal(catalog_charter_member(c.charter, 7)->name, "member-7");
	/* The whole is read as it was made. */
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(c.charter), &read), 0);
	assert_true(
		catalog_hash_equal(catalog_charter_head(read), catalog_charter_head(c.charter)));
	assert_int_equal(catalog_charter_member_count(read), 3);
	catalog_charter_free(read);
}

static void test_an_index_name_or_key_is_never_used_again(void **state)
{
	(void)state;
	council_move(&c, CATALOG_CHANGE_EXPEL, 1, FIRST + 1, 0, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	council_admit(&c, 1, 20);
	refused(3, "amendment 2: two members have the same index");
	council_admit(&c, 5, FIRST + 1);
	refused(3, "same index, name or key");
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 10, 30);
	assert_int_equal(council_amend(&c, 3), 0);
	council_admit(&c, 5, FIRST); /* which member 0 signed with */
	refused(3, "same index, name or key");
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, 30, 20, FIRST);
	refused(3, "the new key is, or was, a member's");
}

static void test_a_new_council_agrees_to_be_one(void **state)
{
	(void)state;
	council_change(&c, 2, 4, 3); /* keys 2 to 5, three of them */
	refused(1 << 0 | 1 << 1, "fewer of the council sign");
	council_change(&c, 2, 4, 3);
	refused(1 << 2 | 1 << 3 | 1 << 4, "fewer of the council sign"); /* one of the old */
	council_change(&c, 2, 4, 3);
	assert_int_equal(council_amend(&c, 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4), 0);
	assert_int_equal(catalog_charter_council(c.charter)->count, 4);
	assert_int_equal(catalog_charter_council(c.charter)->threshold, 3);
	council_admit(&c, 7, 20);
	refused(1 << 0 | 1 << 1, "not of the council");
	council_admit(&c, 7, 20);
	assert_int_equal(council_amend(&c, 1 << 3 | 1 << 4 | 1 << 5), 0);
}

static void test_five_of_nine_is_as_easy_as_one(void **state)
{
	(void)state;
	council_change(&c, 0, 9, 5);
	assert_int_equal(council_amend(&c, 0x1f), 0);
	council_admit(&c, 7, 20);
	refused(0x0f0, "fewer of the council sign");
	council_admit(&c, 7, 20);
	assert_int_equal(council_amend(&c, 0x1f0), 0);
	council_change(&c, 0, 1, 1);
	assert_int_equal(council_amend(&c, 0x01f), 0);
	council_admit(&c, 8, 21);
	assert_int_equal(council_amend(&c, 1), 0);
}

static void test_a_profile_is_replaced_whole(void **state)
{
	const struct catalog_profile *profile;

	(void)state;
	memset(&c.change, 0, sizeof c.change);
	c.change.verb = CATALOG_CHANGE_PROFILE;
	(void)snprintf(c.change.as.profile.name, 20, "Open Data");
	c.change.as.profile.licence_count = 1;
	(void)snprintf(c.change.as.profile.licences[0], 40, "CC-BY-4.0");
	c.change.as.profile.vocabulary_count = 1;
	(void)snprintf(c.change.as.profile.vocabularies[0], 60, "http://eurovoc.europa.eu/");
	c.change.as.profile.listing_bytes_max = 65536;
	c.change.as.profile.listings_max = 1000000;
	c.change.as.profile.retention_days = 90;
	council_add(&c);
	assert_int_equal(council_amend(&c, 3), 0);
	profile = catalog_charter_profile(c.charter);
	assert_memory_equal(profile, &c.change.as.profile, sizeof *profile);
	assert_string_equal(catalog_charter_name(c.charter), "Open Data");
	memset(&c.change, 0, sizeof c.change);
	(void)snprintf(c.change.as.profile.name, 20, "Data");
	council_add(&c);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_charter_profile(c.charter)->licence_count, 0);
	assert_int_equal(catalog_charter_profile(c.charter)->retention_days, 0);
}

static void test_a_key_signs_up_to_where_it_was_rotated(void **state)
{
	struct catalog_charter_line line;

	(void)state;
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 100, 30);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(verify(0, FIRST, 99, 0), 0);
	assert_int_equal(verify(0, FIRST, 100, 0), 0);
	assert_int_equal(verify(0, FIRST, 100, 1), -EKEYREJECTED); /* another history */
	assert_int_equal(verify(0, FIRST, 101, 0), -EKEYREJECTED);
	assert_int_equal(verify(0, 30, 101, 0), 0);
	assert_int_equal(verify(0, 30, 100, 0), -EKEYREJECTED);
	assert_memory_equal(catalog_charter_key(c.charter, 0, 100), &c.keys[FIRST], 32);
	assert_memory_equal(catalog_charter_key(c.charter, 0, 101), &c.keys[30], 32);
	assert_memory_equal(&catalog_charter_member(c.charter, 0)->key, &c.keys[30], 32);
	assert_ptr_equal(catalog_charter_member_with_key(c.charter, &c.keys[30]),
			 catalog_charter_member(c.charter, 0));
	assert_null(catalog_charter_member_with_key(c.charter, &c.keys[FIRST]));
	assert_int_equal(catalog_charter_line(c.charter, 0, 2, &line), -ENOENT);
	assert_int_equal(catalog_charter_line(c.charter, 0, 1, &line), 0);
	assert_int_equal(line.size, 100);
	assert_true(line.note.len > 0);
	assert_null(catalog_charter_key(c.charter, 9, 1));
	assert_int_equal(verify(1, FIRST + 1, 500, 0), 0); /* another member's stays */
}

static void test_an_earlier_line_takes_the_later_ones_away(void **state)
{
	struct catalog_charter_line line;

	(void)state;
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 100, 30);
	assert_int_equal(council_amend(&c, 3), 0);
	/* It comes out that the first key was stolen before entry 80. */
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 80, 31);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_charter_line(c.charter, 0, 2, &line), -ENOENT);
	assert_int_equal(catalog_charter_line(c.charter, 0, CATALOG_CHARTER_NEWEST, &line), 0);
	assert_int_equal(line.size, 80);
	assert_int_equal(verify(0, FIRST, 80, 0), 0);
	assert_int_equal(verify(0, FIRST, 90, 0), -EKEYREJECTED);
	assert_int_equal(verify(0, 30, 101, 0), -EKEYREJECTED);
	assert_int_equal(verify(0, 31, 90, 0), 0);
	assert_int_equal(verify(0, 31, 100, 1), 0); /* the line at 100 is gone */
}

static void test_a_suspended_log_ends_where_it_was_suspended(void **state)
{
	(void)state;
	council_move(&c, CATALOG_CHANGE_SUSPEND, 0, FIRST, 100, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_charter_member(c.charter, 0)->standing,
			 CATALOG_STANDING_SUSPENDED);
	assert_int_equal(catalog_charter_end(c.charter, 0), 100);
	assert_int_equal(verify(0, FIRST, 100, 0), 0);
	assert_int_equal(verify(0, FIRST, 101, 0), -EROFS);
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 101, 30);
	refused(3, "beyond where the member was suspended");
	council_move(&c, CATALOG_CHANGE_READMIT, 1, FIRST + 1, 10, 0);
	refused(3, "only a suspended member");
	/* It may come back where it was, or with what it went on to. */
	council_move(&c, CATALOG_CHANGE_READMIT, 0, FIRST, 120, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_charter_end(c.charter, 0), CATALOG_CHARTER_OPEN);
	assert_int_equal(catalog_charter_member(c.charter, 0)->standing, CATALOG_STANDING_MEMBER);
	assert_int_equal(verify(0, FIRST, 500, 0), 0);
	assert_int_equal(verify(0, FIRST, 120, 1), -EKEYREJECTED);
}

static void test_an_expelled_member_never_comes_back(void **state)
{
	(void)state;
	council_move(&c, CATALOG_CHANGE_EXPEL, 0, FIRST, 100, 0);
	assert_int_equal(council_amend(&c, 3), 0);
	assert_int_equal(catalog_charter_end(c.charter, 0), 100);
	assert_int_equal(verify(0, FIRST, 101, 0), -EROFS);
	council_move(&c, CATALOG_CHANGE_READMIT, 0, FIRST, 100, 0);
	refused(3, "for ever");
}

static void test_a_line_is_drawn_at_what_the_member_signed(void **state)
{
	struct catalog_buffer note = {0};
	struct catalog_line line = {.size = 100};

	(void)state;
	council_move(&c, CATALOG_CHANGE_SUSPEND, 0, FIRST + 1, 100, 0); /* another's key */
	refused(3, "did not sign");
	council_note(&c, 1, FIRST + 1, 100, 0, &note, &line.root); /* another's checkpoint */
	line.note = catalog_buffer_span(&note);
	council_move_at(&c, CATALOG_CHANGE_SUSPEND, 0, line, 0);
	refused(3, "did not sign");
	council_note(&c, 0, FIRST, 100, 0, &note, &line.root);
	line.size = 101;
	line.note = catalog_buffer_span(&note);
	council_move_at(&c, CATALOG_CHANGE_SUSPEND, 0, line, 0);
	refused(3, "another checkpoint than its note's");
	line.size = 100;
	line.root.bytes[0] ^= 1;
	council_move_at(&c, CATALOG_CHANGE_SUSPEND, 0, line, 0);
	refused(3, "another checkpoint than its note's");
	council_move(&c, CATALOG_CHANGE_SUSPEND, 9, FIRST, 0, 0);
	refused(3, "no member of that index");
	catalog_buffer_close(&note);
}

static void test_what_a_reader_does_not_know_is_refused(void **state)
{
	static const char verb[] = "\x92\xa6"
				   "banish\x80",
			  field[] = "\x92\xa7"
				    "profile\x82\xa4"
				    "name\xa1X\xa4"
				    "mood\xa4good",
			  twice[] = "\x92\xa7"
				    "profile\x82\xa4name\xa1X\xa4name\xa1Y";
	const struct {
		const char *bytes;
		size_t len;
	} changes[] = {
		{verb, sizeof verb - 1}, {field, sizeof field - 1}, {twice, sizeof twice - 1}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			catalog_buffer_append(&c.changes, changes[i].bytes, changes[i].len), 0);
		c.change_count = 1;
		refused(3, "does not know");
	}
}

static void test_signatures_are_gathered_and_counted(void **state)
{
	struct catalog_amendment amendment;
	struct catalog_charter_tally tally;
	struct catalog_signature signature;

	(void)state;
	council_admit(&c, 7, 20);
	council_write(&c, 1 << 0 | 1 << 6); /* 6 is nobody's */
	assert_int_equal(catalog_amendment_decode(catalog_buffer_span(&c.amendment), &amendment),
			 0);
	assert_int_equal(catalog_charter_judge(c.charter, &amendment, &tally, c.why), 0);
	assert_int_equal(amendment.signature_count, 1);
	assert_int_equal(tally.signed_count, 1);
	assert_int_equal(tally.needed, 2);
	assert_false(catalog_charter_tally_is_full(&tally));
	catalog_amendment_sign(&amendment.hash, &c.secrets[1], &signature);
	assert_int_equal(catalog_amendment_add(&amendment, &signature), 0);
	assert_int_equal(catalog_amendment_add(&amendment, &signature), -EEXIST);
	signature.bytes[5] ^= 1;
	assert_int_equal(catalog_amendment_add(&amendment, &signature), -EKEYREJECTED);
	assert_int_equal(catalog_charter_judge(c.charter, &amendment, &tally, c.why), 0);
	assert_true(catalog_charter_tally_is_full(&tally));
}

static void test_a_changed_bit_anywhere_is_refused(void **state)
{
	struct catalog_charter *amended = NULL;

	(void)state;
	council_admit(&c, 7, 20);
	council_move(&c, CATALOG_CHANGE_ROTATE, 0, FIRST, 100, 30);
	council_move(&c, CATALOG_CHANGE_SUSPEND, 1, FIRST + 1, 10, 0);
	council_change(&c, 1, 2, 1);
	council_write(&c, 3);
	for (size_t i = 0; i < c.amendment.len * 8; i++) {
		c.amendment.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (catalog_charter_amend(c.charter, catalog_buffer_span(&c.amendment), &amended,
					  NULL) == 0)
			fail_msg("bit %zu", i);
		c.amendment.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t len = 0; len < c.amendment.len; len++)
		assert_int_not_equal(
			catalog_charter_amend(c.charter,
					      (struct catalog_span){c.amendment.bytes, len},
					      &amended, NULL),
			0);
	assert_int_equal(
		catalog_charter_amend(c.charter, catalog_buffer_span(&c.amendment), &amended, NULL),
		0);
	catalog_charter_free(amended);
}

/* --- random histories ------------------------------------------------------------------------ */

#define MEMBERS 6
#define SIZES   40

/* A member as it should be, said another way: for each size, who may sign it, and the history that
 * it must be of (-1: any). */
struct model {
	bool is_there;
	enum catalog_standing standing;
	unsigned key;
	uint64_t end;
	unsigned signer[SIZES + 1];
	int root[SIZES + 1];
};

static struct model models[MEMBERS];
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void model_line(struct model *m, uint64_t size, unsigned key)
{
	m->root[size] = size > 0 ? 0 : -1;
	for (uint64_t s = size + 1; s <= SIZES; s++) {
		m->signer[s] = key;
		m->root[s] = -1;
	}
	m->key = key;
}

/* Whether the model allows it; then it is done to the model. */
static bool model_move(enum catalog_change_verb verb, struct model *m, unsigned by, uint64_t size,
		       unsigned new_key)
{
	bool is_readmission = verb == CATALOG_CHANGE_READMIT;

	if (m->standing == CATALOG_STANDING_EXPELLED ||
	    (is_readmission && m->standing != CATALOG_STANDING_SUSPENDED) ||
	    (!is_readmission && size > m->end) || (size > 0 && m->signer[size] != by))
		return false;
	model_line(m, size, verb == CATALOG_CHANGE_ROTATE ? new_key : m->key);
	if (is_readmission)
		m->end = UINT64_MAX;
	else if (verb != CATALOG_CHANGE_ROTATE || m->standing == CATALOG_STANDING_SUSPENDED)
		m->end = size;
	if (verb == CATALOG_CHANGE_SUSPEND)
		m->standing = CATALOG_STANDING_SUSPENDED;
	if (verb == CATALOG_CHANGE_EXPEL)
		m->standing = CATALOG_STANDING_EXPELLED;
	if (is_readmission)
		m->standing = CATALOG_STANDING_MEMBER;
	return true;
}

static void model_admit(unsigned i, unsigned key)
{
	models[i] = (struct model){.is_there = true, .end = UINT64_MAX};
	model_line(&models[i], 0, key);
}

static void compare(void)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		const struct catalog_member *member = catalog_charter_member(c.charter, i);

		assert_int_equal(member != NULL, models[i].is_there);
		if (member == NULL)
			continue;
		assert_int_equal(member->standing, models[i].standing);
		assert_memory_equal(&member->key, &c.keys[models[i].key], 32);
		assert_int_equal(catalog_charter_end(c.charter, i), models[i].end);
		for (uint64_t s = 1; s <= SIZES; s++)
			assert_memory_equal(catalog_charter_key(c.charter, i, s),
					    &c.keys[models[i].signer[s]], 32);
	}
}

/* A few checkpoints, by one key or another. */
static void try_checkpoints(unsigned key_count)
{
	for (unsigned n = 0; n < 4; n++) {
		unsigned i = (unsigned)draw(MEMBERS), branch = (unsigned)draw(2);
		uint64_t size = 1 + draw(SIZES);
		const struct model *m = &models[i];
		unsigned key = draw(2) == 0 ? m->signer[size]
					    : (unsigned)(FIRST + draw(key_count - FIRST));
		int expected = 0;

		if (!m->is_there)
			continue;
		if (key != m->signer[size] || (m->root[size] == 0 && branch == 1))
			expected = -EKEYREJECTED;
		else if (size > m->end)
			expected = -EROFS;
		assert_int_equal(verify(i, key, size, branch), expected);
	}
}

static void one_history(void)
{
	struct catalog_charter *read = NULL;
	unsigned key_count = FIRST + 2;

	memset(models, 0, sizeof models);
	model_admit(0, FIRST);
	model_admit(1, FIRST + 1);
	for (unsigned step = 0; step < 60; step++) {
		unsigned i = (unsigned)draw(MEMBERS);
		bool is_allowed;

		if (!models[i].is_there) {
			council_admit(&c, i, key_count);
			assert_int_equal(council_amend(&c, 3), 0);
			model_admit(i, key_count++);
		} else {
			static const enum catalog_change_verb verbs[] = {
				CATALOG_CHANGE_ROTATE,  CATALOG_CHANGE_ROTATE,
				CATALOG_CHANGE_SUSPEND, CATALOG_CHANGE_SUSPEND,
				CATALOG_CHANGE_READMIT, CATALOG_CHANGE_READMIT,
				CATALOG_CHANGE_EXPEL};
			enum catalog_change_verb verb = verbs[draw(step % 8 == 0 ? 7 : 6)];
			uint64_t size = draw(SIZES + 1);
			unsigned by = draw(8) == 0 ? FIRST : models[i].signer[size];

			council_move(&c, verb, i, size == 0 ? FIRST : by, size, key_count);
			is_allowed = model_move(verb, &models[i], by, size, key_count);
			key_count += is_allowed;
			assert_int_equal(council_amend(&c, 5) == 0, is_allowed);
		}
		compare();
		try_checkpoints(key_count);
	}
	assert_int_equal(catalog_charter_new(catalog_charter_bytes(c.charter), &read), 0);
	catalog_charter_free(c.charter);
	c.charter = read; /* what is read at once is what came of each */
	compare();
}

static void test_random_histories_come_to_what_they_say(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 12; run++) {
		print_message("seed %llu\n", (unsigned long long)run);
		seed = run * 0x9e3779b97f4a7c15u;
		council_close(&c);
		council_open(&c, 3, 2);
		one_history();
	}
}

static void test_random_flips_in_random_histories_are_refused(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 3; run++) {
		struct catalog_charter *read = NULL;
		struct catalog_buffer bytes = {0};
		struct catalog_span all;

		print_message("seed %llu\n", (unsigned long long)run);
		seed = run * 0x9e3779b97f4a7c15u;
		council_close(&c);
		council_open(&c, 3, 2);
		one_history();
		all = catalog_charter_bytes(c.charter);
		assert_int_equal(catalog_buffer_append(&bytes, all.bytes, all.len), 0);
		for (unsigned n = 0; n < 60; n++) {
			size_t bit = draw(bytes.len * 8);

			bytes.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (catalog_charter_new(catalog_buffer_span(&bytes), &read) == 0)
				fail_msg("bit %zu", bit);
			bytes.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		catalog_buffer_close(&bytes);
	}
}

#define A_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/amendment", A_TEST(test_a_member_is_admitted_by_enough_of_the_council),
	  A_TEST(test_an_index_name_or_key_is_never_used_again),
	  A_TEST(test_a_new_council_agrees_to_be_one), A_TEST(test_five_of_nine_is_as_easy_as_one),
	  A_TEST(test_a_profile_is_replaced_whole),
	  A_TEST(test_a_key_signs_up_to_where_it_was_rotated),
	  A_TEST(test_an_earlier_line_takes_the_later_ones_away),
	  A_TEST(test_a_suspended_log_ends_where_it_was_suspended),
	  A_TEST(test_an_expelled_member_never_comes_back),
	  A_TEST(test_a_line_is_drawn_at_what_the_member_signed),
	  A_TEST(test_what_a_reader_does_not_know_is_refused),
	  A_TEST(test_signatures_are_gathered_and_counted),
	  A_TEST(test_a_changed_bit_anywhere_is_refused),
	  A_TEST(test_random_histories_come_to_what_they_say),
	  A_TEST(test_random_flips_in_random_histories_are_refused))
