#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "catalog/charter.h"

struct fixture {
	struct catalog_secret secrets[5];
	struct catalog_key keys[5];
	struct catalog_member members[3];
	struct catalog_founding founding;
	struct catalog_buffer bytes;
	char why[200];
};

static struct fixture f;

static int set_up(void **state)
{
	static const char *const names[] = {"nbs", "makerere", "moh"};

	(void)state;
	f = (struct fixture){.founding = {.name = "East African Data", .time_s = 1795511520}};
	for (unsigned i = 0; i < 5; i++) {
		uint8_t seed[32] = {(uint8_t)(i + 1)};

		crypto_sign_seed_keypair(f.keys[i].bytes, f.secrets[i].bytes, seed);
	}
	for (unsigned i = 0; i < 3; i++) {
		struct catalog_member *member = &f.members[i];

		member->index = 10 + i;
		member->key = f.keys[i];
		member->address_count = 1;
		snprintf(member->name, sizeof member->name, "%s", names[i]);
		snprintf(member->title, sizeof member->title, "Member %u", i);
		memcpy(member->country, "KE", 3);
		snprintf(member->sector, sizeof member->sector, "statistics");
		snprintf(member->addresses[0], sizeof member->addresses[0], "127.0.0.1:%u",
			 7000 + i);
	}
	f.founding.members = f.members;
	f.founding.member_count = 3;
	f.founding.council = f.keys;
	f.founding.council_count = 3;
	f.founding.threshold = 2;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	catalog_buffer_close(&f.bytes);
	return 0;
}

static int found(size_t signers)
{
	f.bytes.len = 0;
	return catalog_charter_found(&f.founding, f.secrets, signers, &f.bytes, f.why);
}

static int read_back(struct catalog_charter **ret_charter)
{
	*ret_charter = NULL;
	return catalog_charter_new(catalog_buffer_span(&f.bytes), ret_charter);
}

static void test_a_charter_is_read_as_it_was_founded(void **state)
{
	struct catalog_charter *charter;
	const struct catalog_member *member;

	(void)state;
	assert_int_equal(found(2), 0);
	assert_int_equal(read_back(&charter), 0);
	assert_string_equal(catalog_charter_name(charter), "East African Data");
	assert_int_equal(catalog_charter_number(charter), 0);
	assert_int_equal(catalog_charter_member_count(charter), 3);
	member = catalog_charter_member_named(charter, "moh");
	assert_non_null(member);
	assert_int_equal(member->index, 12);
	assert_string_equal(member->addresses[0], "127.0.0.1:7002");
	assert_ptr_equal(catalog_charter_member(charter, 12), member);
	assert_ptr_equal(catalog_charter_member_with_key(charter, &f.keys[2]), member);
	assert_ptr_equal(catalog_charter_member_at(charter, 2), member);
	assert_null(catalog_charter_member(charter, 9));
	assert_null(catalog_charter_member_named(charter, "nobody"));
	assert_null(catalog_charter_member_with_key(charter, &f.keys[4]));
	assert_int_equal(catalog_charter_bytes(charter).len, f.bytes.len);
	catalog_charter_free(charter);
}

static void test_the_federation_is_the_same_whoever_signs(void **state)
{
	struct catalog_charter *two, *three;

	(void)state;
	assert_int_equal(found(2), 0);
	assert_int_equal(read_back(&two), 0);
	assert_int_equal(found(3), 0);
	assert_int_equal(read_back(&three), 0);
	assert_true(catalog_hash_equal(catalog_charter_federation(two),
				       catalog_charter_federation(three)));
	catalog_charter_free(two);
	catalog_charter_free(three);
}

static void test_a_members_first_nodes_are_known_by_their_keys(void **state)
{
	const struct catalog_node_key keys[] = {{{1}}, {{2}}, {{3}}};
	struct catalog_charter *charter;

	(void)state;
	f.members[0].node_count = 2;
	f.members[0].nodes[0] = keys[0];
	f.members[0].nodes[1] = keys[1];
	f.members[2].node_count = 1;
	f.members[2].nodes[0] = keys[2];
	assert_int_equal(found(2), 0);
	assert_int_equal(read_back(&charter), 0);
	assert_int_equal(catalog_charter_member(charter, 10)->node_count, 2);
	assert_int_equal(catalog_charter_member(charter, 11)->node_count, 0);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(catalog_charter_member_with_node(charter, &keys[i]),
				 catalog_charter_member(charter, i < 2 ? 10 : 12));
	assert_null(catalog_charter_member_with_node(charter, &(struct catalog_node_key){{4}}));
	catalog_charter_free(charter);
}

static void test_a_node_that_is_there_twice_is_refused(void **state)
{
	(void)state;
	f.members[0].node_count = 2; /* the same two: zeros */
	assert_int_equal(found(2), -EINVAL);
	assert_string_equal(f.why, "a node's key is there twice");
	f.members[0].node_count = f.members[1].node_count = 1;
	assert_int_equal(found(2), -EINVAL);
	assert_string_equal(f.why, "two members have the same index, name or key, or a node in common");
	f.members[0].node_count = CATALOG_CHARTER_NODES_MAX + 1;
	assert_int_equal(found(2), -EINVAL);
	f.members[0].node_count = 0;
	assert_int_equal(found(2), 0);
}

static void test_a_changed_bit_anywhere_is_refused(void **state)
{
	struct catalog_charter *charter;

	(void)state;
	assert_int_equal(found(2), 0);
	for (size_t i = 0; i < f.bytes.len * 8; i++) {
		f.bytes.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (read_back(&charter) == 0)
			fail_msg("bit %zu", i);
		f.bytes.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(read_back(&charter), 0);
	catalog_charter_free(charter);
}

static void test_a_charter_cut_short_anywhere_is_refused(void **state)
{
	struct catalog_charter *charter;
	size_t whole;

	(void)state;
	assert_int_equal(found(2), 0);
	whole = f.bytes.len;
	for (f.bytes.len = 0; f.bytes.len < whole; f.bytes.len++)
		assert_int_equal(read_back(&charter), -EBADMSG);
}

static void test_too_few_or_strange_signatures_are_refused(void **state)
{
	struct catalog_charter *charter;

	(void)state;
	assert_int_equal(found(1), -EINVAL);
	f.founding.threshold = 1;
	assert_int_equal(found(1), 0); /* a council of one may begin today */
	f.founding.threshold = 2;
	assert_int_equal(found(4), -EINVAL); /* the fourth is not on the council */
	assert_non_null(strstr(f.why, "not on the council"));
	f.secrets[1] = f.secrets[0]; /* the same key twice is one signature */
	assert_int_equal(found(2), -EINVAL);
	assert_int_equal(f.bytes.len, 0);
	assert_int_equal(read_back(&charter), -EBADMSG);
}

static void refuse(const char *why)
{
	assert_int_equal(found(2), -EINVAL);
	if (strstr(f.why, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.why, why);
}

static void test_a_founding_against_the_rules_is_refused_with_the_reason(void **state)
{
	(void)state;
	f.members[1].index = 10;
	refuse("same index");
	f.members[1].index = 11;
	f.members[1].key = f.keys[0];
	refuse("same index, name or key");
	f.members[1].key = f.keys[1];
	memcpy(f.members[1].name, "nbs", 4);
	refuse("same index, name or key");
	memcpy(f.members[1].name, "Nbs", 4);
	refuse("a-z");
	memcpy(f.members[1].name, "-bs", 4);
	refuse("a-z");
	memcpy(f.members[1].name, "ubos", 5);
	memcpy(f.members[1].country, "ke", 3);
	refuse("ISO 3166-1");
	memcpy(f.members[1].country, "UG", 3);
	memcpy(f.members[1].addresses[0], "localhost", 10);
	refuse("host:port");
	f.members[1].address_count = 0;
	f.members[1].title[0] = '\0';
	refuse("title");
	f.members[1].title[0] = 'M';
	f.founding.threshold = 4;
	refuse("threshold");
	f.founding.threshold = 2;
	f.keys[1] = f.keys[0];
	refuse("twice");
}

static void test_what_follows_the_founding_is_refused(void **state)
{
	struct catalog_charter *charter;

	(void)state;
	assert_int_equal(found(2), 0);
	assert_int_equal(catalog_buffer_reserve(&f.bytes, f.bytes.len), 0);
	memcpy(f.bytes.bytes + f.bytes.len, f.bytes.bytes, f.bytes.len);
	f.bytes.len *= 2;
	assert_int_equal(read_back(&charter), -EPROTO);
}

#define CHARTER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

TEST_MAIN("catalog/charter", CHARTER_TEST(test_a_charter_is_read_as_it_was_founded),
	  CHARTER_TEST(test_the_federation_is_the_same_whoever_signs),
	  CHARTER_TEST(test_a_members_first_nodes_are_known_by_their_keys),
	  CHARTER_TEST(test_a_node_that_is_there_twice_is_refused),
	  CHARTER_TEST(test_a_changed_bit_anywhere_is_refused),
	  CHARTER_TEST(test_a_charter_cut_short_anywhere_is_refused),
	  CHARTER_TEST(test_too_few_or_strange_signatures_are_refused),
	  CHARTER_TEST(test_a_founding_against_the_rules_is_refused_with_the_reason),
	  CHARTER_TEST(test_what_follows_the_founding_is_refused))
