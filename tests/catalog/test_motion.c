/* Votes in the members' logs: what comes of them, and what of those that nobody should heed. */
#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter_store.h"
#include "catalog/log.h"
#include "catalog/motion.h"
#include "catalog/publisher.h"

#define MEMBERS 4 /* the first three are the council; two of them must sign */
#define NOW     1795511520
#define LATER   (NOW + 1000)

struct fixture {
	char dir[SCRATCH_BYTES];
	struct catalog_store *store;
	struct catalog_secret secrets[MEMBERS];
	struct catalog_charter *charter;
	struct catalog_buffer body; /* of the amendment that was made last */
	struct catalog_hash hash;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
};

static int set_up(void **state)
{
	static const char *const names[MEMBERS] = {"one", "two", "three", "four"};
	struct fixture *f = calloc(1, sizeof *f);
	struct catalog_member *members = calloc(MEMBERS, sizeof *members);
	struct catalog_key council[3];
	struct catalog_founding founding = {.name = "Test",
					    .members = members,
					    .member_count = MEMBERS,
					    .council = council,
					    .council_count = 3,
					    .threshold = 2};
	struct catalog_buffer amendment = {0};
	char why[CATALOG_CHANGE_WHY_BYTES];

	assert_non_null(f);
	assert_non_null(members);
	*state = f;
	for (uint32_t i = 0; i < MEMBERS; i++) {
		uint8_t seed[32] = {(uint8_t)i, 9};

		members[i] =
			(struct catalog_member){.index = i, .country = "KE", .sector = "health"};
		(void)snprintf(members[i].name, sizeof members[i].name, "%s", names[i]);
		(void)snprintf(members[i].title, sizeof members[i].title, "Institute %s", names[i]);
		(void)crypto_sign_seed_keypair(members[i].key.bytes, f->secrets[i].bytes, seed);
		if (i < 3)
			council[i] = members[i].key;
	}
	assert_int_equal(catalog_charter_found(&founding, f->secrets, 2, &amendment, why), 0);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &f->charter), 0);
	catalog_buffer_close(&amendment);
	free(members);
	f->store = scratch_store(f->dir, 1);
	return catalog_charter_store_open(f->store, f->charter, why);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	catalog_charter_free(f->charter);
	catalog_buffer_close(&f->body);
	scratch_end(f->dir, f->store);
	free(f);
	return 0;
}

/* Make the amendment that calls the federation otherwise. */
static void rename_to(struct fixture *f, const char *name)
{
	struct catalog_change *change = calloc(1, sizeof *change);
	struct catalog_buffer changes = {0};

	assert_non_null(change);
	change->verb = CATALOG_CHANGE_PROFILE;
	(void)snprintf(change->as.profile.name, sizeof change->as.profile.name, "%s", name);
	assert_int_equal(catalog_change_encode(change, &changes), 0);
	free(change);
	f->body.len = 0;
	assert_int_equal(catalog_amendment_write(catalog_charter_number(f->charter) + 1,
						 catalog_charter_head(f->charter), NOW,
						 catalog_buffer_span(&changes), 1, &f->body),
			 0);
	catalog_hash_of(f->body.bytes, f->body.len, &f->hash);
	catalog_buffer_close(&changes);
}

/* Have a member append one entry. */
static enum catalog_publisher_outcome append(struct fixture *f, uint32_t member,
					     enum catalog_entry_kind kind, const char *id,
					     struct catalog_span body)
{
	enum catalog_publisher_outcome outcome = CATALOG_PUBLISHER_NEW;
	struct catalog_publisher *publisher;

	f->salt[0]++;
	assert_int_equal(catalog_publisher_new(f->store, f->charter, member, &f->secrets[member],
					       &publisher),
			 0);
	assert_int_equal(
		catalog_publisher_append(publisher, kind, id, body, NOW, f->salt, &outcome), 0);
	assert_int_equal(catalog_publisher_flush(publisher, NOW, f->salt), 0);
	catalog_publisher_free(publisher);
	return outcome;
}

static unsigned place_of(struct fixture *f, uint32_t member, int expected)
{
	unsigned place = 99;
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_motion_place(txn, f->charter, member, NOW, &place), expected);
	catalog_store_end(txn);
	return place;
}

static void propose(struct fixture *f, uint32_t member, int64_t expires_s)
{
	struct catalog_buffer entry = {0};
	char id[12];

	(void)snprintf(id, sizeof id, "%u", place_of(f, member, 0));
	assert_int_equal(catalog_motion_encode(catalog_buffer_span(&f->body), expires_s, &entry),
			 0);
	(void)append(f, member, CATALOG_ENTRY_MOTION, id, catalog_buffer_span(&entry));
	catalog_buffer_close(&entry);
}

/* A vote in a member's log, by whosever key; not true if spoilt is not 0. */
static void vote_as(struct fixture *f, uint32_t member, uint32_t signer, uint8_t spoilt)
{
	struct catalog_signature signature;
	struct catalog_buffer entry = {0};
	char id[CATALOG_MOTION_ID_BYTES];

	catalog_amendment_sign(&f->hash, &f->secrets[signer], &signature);
	signature.bytes[0] ^= spoilt;
	catalog_hash_to_hex(&f->hash, id);
	assert_int_equal(catalog_motion_encode_vote(&f->hash, &signature, &entry), 0);
	(void)append(f, member, CATALOG_ENTRY_VOTE, id, catalog_buffer_span(&entry));
	catalog_buffer_close(&entry);
}

static void vote(struct fixture *f, uint32_t member)
{
	vote_as(f, member, member, 0);
}

static unsigned assemble(struct fixture *f, int64_t now_s)
{
	unsigned taken = 99;

	assert_int_equal(catalog_motion_assemble(f->store, f->charter, now_s, &taken), 0);
	return taken;
}

/* How many motions there are of each state. */
struct states {
	struct fixture *f;
	int64_t now_s;
	unsigned counts[CATALOG_MOTION_OVERTAKEN + 1];
};

static int count_one(void *arg, const struct catalog_motion *motion)
{
	struct states *states = arg;

	states->counts[catalog_motion_state(states->f->charter, motion, states->now_s)]++;
	return 0;
}

static struct states states_of(struct fixture *f, int64_t now_s)
{
	struct states states = {f, now_s, {0}};
	struct catalog_txn *txn;

	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_motion_walk(txn, f->charter, count_one, &states), 0);
	catalog_store_end(txn);
	return states;
}

static void test_enough_votes_amend_the_charter(void **state)
{
	struct fixture *f = *state;

	rename_to(f, "Other");
	propose(f, 0, LATER);
	vote(f, 0);
	assert_int_equal(assemble(f, NOW), 0);
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_OPEN], 1);
	vote(f, 2);
	assert_int_equal(assemble(f, NOW), 1);
	assert_int_equal(catalog_charter_number(f->charter), 1);
	assert_string_equal(catalog_charter_name(f->charter), "Other");
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_ADOPTED], 1);
	assert_int_equal(assemble(f, NOW), 0);
}

static void test_of_two_motions_of_one_number_the_other_is_overtaken(void **state)
{
	struct fixture *f = *state;

	rename_to(f, "First");
	propose(f, 0, LATER);
	vote(f, 0);
	rename_to(f, "Second");
	propose(f, 1, LATER);
	vote(f, 1);
	vote(f, 2);
	assert_int_equal(assemble(f, NOW), 1);
	assert_string_equal(catalog_charter_name(f->charter), "Second");
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_ADOPTED], 1);
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_OVERTAKEN], 1);
}

static void test_what_has_expired_is_not_assembled(void **state)
{
	struct fixture *f = *state;

	rename_to(f, "Other");
	propose(f, 0, LATER);
	vote(f, 0);
	vote(f, 1);
	assert_int_equal(assemble(f, LATER + 1), 0);
	assert_int_equal(states_of(f, LATER + 1).counts[CATALOG_MOTION_EXPIRED], 1);
	assert_int_equal(assemble(f, LATER), 1);
}

static void test_votes_that_do_not_count(void **state)
{
	struct fixture *f = *state;

	rename_to(f, "Other");
	propose(f, 0, LATER);
	vote(f, 0);
	vote(f, 3);             /* not of the council */
	vote_as(f, 1, 0, 0);    /* somebody else's signature */
	vote_as(f, 2, 2, 0x10); /* a false one */
	assert_int_equal(assemble(f, NOW), 0);
	assert_int_equal(catalog_charter_number(f->charter), 0);
	vote(f, 1); /* it takes the place of what it said before */
	assert_int_equal(assemble(f, NOW), 1);
}

static void test_a_motion_of_a_stranger_to_the_council_is_not_heeded(void **state)
{
	struct fixture *f = *state;

	rename_to(f, "Other");
	propose(f, 3, LATER);
	vote(f, 0);
	vote(f, 1);
	assert_int_equal(assemble(f, NOW), 0);
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_OPEN], 0);
}

static void test_a_motion_that_is_none_is_passed_over(void **state)
{
	static const uint8_t nothing[] = {0x92, 0xc4, 0x01, 0xc1, 0x05};
	struct fixture *f = *state;

	(void)append(f, 0, CATALOG_ENTRY_MOTION, "0",
		     (struct catalog_span){nothing, sizeof nothing});
	(void)append(f, 0, CATALOG_ENTRY_MOTION, "1", (struct catalog_span){nothing + 4, 1});
	(void)append(f, 0, CATALOG_ENTRY_MOTION, "elsewhere",
		     (struct catalog_span){nothing + 4, 1});
	rename_to(f, "Other");
	assert_int_equal(place_of(f, 0, 0), 0); /* it may have that place */
	propose(f, 1, LATER);
	vote(f, 0);
	vote(f, 1);
	assert_int_equal(assemble(f, NOW), 1);
}

static void test_a_member_has_so_many_motions_and_no_more(void **state)
{
	struct fixture *f = *state;
	char name[20];

	for (unsigned i = 0; i < CATALOG_MOTION_PLACES; i++) {
		(void)snprintf(name, sizeof name, "Name %u", i);
		rename_to(f, name);
		assert_int_equal(place_of(f, 0, 0), i);
		propose(f, 0, LATER);
	}
	(void)place_of(f, 0, -ENOSPC);
	assert_int_equal(states_of(f, NOW).counts[CATALOG_MOTION_OPEN], CATALOG_MOTION_PLACES);
	vote(f, 1);
	vote(f, 2);
	assert_int_equal(assemble(f, NOW), 1);
	assert_int_equal(place_of(f, 0, 0), 0); /* all are settled */
}

static void test_a_new_council_must_have_voted_too(void **state)
{
	struct fixture *f = *state;
	struct catalog_change *change = calloc(1, sizeof *change);
	struct catalog_buffer changes = {0};

	assert_non_null(change);
	change->verb = CATALOG_CHANGE_COUNCIL;
	change->as.council.count = change->as.council.threshold = 2;
	for (uint32_t i = 0; i < 2; i++)
		change->as.council.keys[i] = catalog_charter_member(f->charter, 2 + i)->key;
	assert_int_equal(catalog_change_encode(change, &changes), 0);
	free(change);
	assert_int_equal(catalog_amendment_write(1, catalog_charter_head(f->charter), NOW,
						 catalog_buffer_span(&changes), 1, &f->body),
			 0);
	catalog_buffer_close(&changes);
	catalog_hash_of(f->body.bytes, f->body.len, &f->hash);
	propose(f, 0, LATER);
	vote(f, 0);
	vote(f, 2);
	assert_int_equal(assemble(f, NOW), 0);
	vote(f, 3); /* as one who is to be of the council */
	assert_int_equal(assemble(f, NOW), 1);
	assert_int_equal(catalog_charter_council(f->charter)->count, 2);
}

static void test_entries_of_other_kinds_are_no_listings_and_come_once(void **state)
{
	static const uint8_t five[] = {5}, six[] = {6};
	struct fixture *f = *state;
	struct catalog_log_status status;
	struct catalog_txn *txn;

	assert_int_equal(append(f, 0, CATALOG_ENTRY_NODE, "a", (struct catalog_span){five, 1}),
			 CATALOG_PUBLISHER_NEW);
	assert_int_equal(append(f, 0, CATALOG_ENTRY_NODE, "a", (struct catalog_span){five, 1}),
			 CATALOG_PUBLISHER_UNCHANGED);
	assert_int_equal(append(f, 0, CATALOG_ENTRY_NODE, "a", (struct catalog_span){six, 1}),
			 CATALOG_PUBLISHER_CHANGED);
	assert_int_equal(append(f, 0, CATALOG_ENTRY_VOTE, "a", (struct catalog_span){six, 1}),
			 CATALOG_PUBLISHER_NEW);
	assert_int_equal(catalog_store_begin(f->store, &txn), 0);
	assert_int_equal(catalog_log_status(txn, 0, &status), 0);
	catalog_store_end(txn);
	assert_int_equal(status.size, 6); /* three, each with the state entry of its batch */
	assert_int_equal(status.live, 0);
	assert_int_equal(status.withdrawn, 0);
}

static void test_bodies_are_read_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	struct catalog_signature signature;
	struct catalog_buffer bytes = {0};
	struct catalog_motion motion;
	struct catalog_hash hash;

	rename_to(f, "Other");
	assert_int_equal(catalog_motion_encode(catalog_buffer_span(&f->body), -5, &bytes), 0);
	assert_int_equal(catalog_motion_decode(catalog_buffer_span(&bytes), &motion), 0);
	assert_int_equal(motion.expires_s, -5);
	assert_int_equal(motion.number, 1);
	assert_true(catalog_hash_equal(&motion.hash, &f->hash));
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(
			catalog_motion_decode((struct catalog_span){bytes.bytes, len}, &motion),
			-EBADMSG);
	bytes.len = 0;
	catalog_amendment_sign(&f->hash, &f->secrets[0], &signature);
	assert_int_equal(catalog_motion_encode_vote(&f->hash, &signature, &bytes), 0);
	assert_int_equal(catalog_motion_decode_vote(catalog_buffer_span(&bytes), &hash, &signature),
			 0);
	assert_int_equal(catalog_amendment_verify(&hash, &signature), 0);
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(catalog_motion_decode_vote((struct catalog_span){bytes.bytes, len},
							    &hash, &signature),
				 -EBADMSG);
	assert_int_equal(catalog_buffer_append(&bytes, "", 1), 0);
	assert_int_equal(catalog_motion_decode_vote(catalog_buffer_span(&bytes), &hash, &signature),
			 -EBADMSG);
	catalog_buffer_close(&bytes);
}

#define MOTION_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/motion", MOTION_TEST(test_enough_votes_amend_the_charter),
	  MOTION_TEST(test_of_two_motions_of_one_number_the_other_is_overtaken),
	  MOTION_TEST(test_what_has_expired_is_not_assembled),
	  MOTION_TEST(test_votes_that_do_not_count),
	  MOTION_TEST(test_a_motion_of_a_stranger_to_the_council_is_not_heeded),
	  MOTION_TEST(test_a_motion_that_is_none_is_passed_over),
	  MOTION_TEST(test_a_member_has_so_many_motions_and_no_more),
	  MOTION_TEST(test_a_new_council_must_have_voted_too),
	  MOTION_TEST(test_entries_of_other_kinds_are_no_listings_and_come_once),
	  MOTION_TEST(test_bodies_are_read_whole_or_not_at_all))
