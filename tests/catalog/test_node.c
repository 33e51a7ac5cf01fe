/* Nodes that a member's log names: what a body may be, and whose key speaks for whom until when. */
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/entry.h"
#include "catalog/node.h"
#include "catalog/publisher.h"
#include "tests/catalog/pair.h"

#define NOW 1795511520

static struct catalog_node_key key_of(unsigned number)
{
	struct catalog_node_key key = {{(uint8_t)number, 0x77}};

	return key;
}

static struct catalog_node node_of(unsigned key, int64_t expires_s, const char *address)
{
	struct catalog_node node = {
		.key = key_of(key), .role = CATALOG_NODE_MIRROR, .expires_s = expires_s};

	if (address != NULL)
		snprintf(node.addresses[node.address_count++], sizeof node.addresses[0], "%s",
			 address);
	return node;
}

static void test_addresses_are_told_from_what_is_none(void **state)
{
	static const char *const good[] = {
		"192.0.2.1:7420",       "[2001:db8::1]:7420",      "[::]:1",
		"node.example.org:443", "db-1.internal_net:65535", "a:1"};
	static const char *const bad[] = {"",
					  ":7420",
					  "192.0.2.1",
					  "192.0.2.1:",
					  "192.0.2.1:0",
					  "192.0.2.1:65536",
					  "192.0.2.1:007420",
					  "192.0.2:7420",
					  "1.2.3.4.5:1",
					  "2001:db8::1:7420",
					  "[2001:db8::1]7420",
					  "[2001:db8::1:7420",
					  "[]:1",
					  "[fe80::1%eth0]:1",
					  "-a.example:1",
					  ".example:1",
					  "a..b:1",
					  "a b:1",
					  "a\n:1",
					  "http://a:1",
					  "a:1:2",
					  "\xc3\xa4.example:1",
					  "user@host:1"};
	char text[400] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(catalog_node_is_address(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (catalog_node_is_address(bad[i]))
			fail_msg("\"%s\" was taken for an address", bad[i]);
	memset(text, 'a', CATALOG_CHARTER_ADDRESS_BYTES_MAX - 2);
	memcpy(text + CATALOG_CHARTER_ADDRESS_BYTES_MAX - 2, ":1", 3);
	assert_true(catalog_node_is_address(text));
	memcpy(text + CATALOG_CHARTER_ADDRESS_BYTES_MAX - 2, "a:1", 4);
	assert_false(catalog_node_is_address(text));
}

static void test_a_body_is_read_as_it_was_written(void **state)
{
	struct catalog_node node = node_of(1, NOW, "192.0.2.1:7420"), read = {.place = 3};
	struct catalog_buffer body = {0};

	(void)state;
	snprintf(node.addresses[node.address_count++], sizeof node.addresses[0],
		 "[2001:db8::1]:7420");
	node.place = 3;
	assert_int_equal(catalog_node_encode(&node, &body), 0);
	assert_int_equal(catalog_node_decode(catalog_buffer_span(&body), &read), 0);
	assert_memory_equal(&read, &node, sizeof node);
	for (size_t len = 0; len < body.len; len++)
		assert_int_equal(catalog_node_decode((struct catalog_span){body.bytes, len}, &read),
				 -EBADMSG);
	assert_int_equal(catalog_buffer_append(&body, "", 1), 0);
	assert_int_equal(catalog_node_decode(catalog_buffer_span(&body), &read), -EBADMSG);
	catalog_buffer_close(&body);
}

static void test_bodies_against_the_rules_are_refused(void **state)
{
	struct catalog_node node = node_of(1, NOW, "192.0.2.1:0");
	struct catalog_buffer body = {0};

	(void)state;
	assert_int_equal(catalog_node_encode(&node, &body), -EINVAL);
	node = node_of(1, NOW, NULL);
	node.role = 0;
	assert_int_equal(catalog_node_encode(&node, &body), -EINVAL);
	node.role = CATALOG_NODE_ROLE_MAX + 1;
	assert_int_equal(catalog_node_encode(&node, &body), -EINVAL);
	node = node_of(1, -1, NULL);
	assert_int_equal(catalog_node_encode(&node, &body), -EINVAL);
	assert_int_equal(body.len, 0);
	node = node_of(1, NOW, "192.0.2.1:1");
	assert_int_equal(catalog_node_encode(&node, &body), 0);
	body.bytes[body.len - 1] = '0'; /* the port */
	assert_int_equal(catalog_node_decode(catalog_buffer_span(&body), &node), -EBADMSG);
	catalog_buffer_close(&body);
}

static void test_the_charters_keys_do_not_expire_and_can_be_withdrawn(void **state)
{
	struct catalog_member member = {.node_count = 1, .nodes = {key_of(1)}};
	struct catalog_node nodes[] = {node_of(1, NOW - 1, NULL), node_of(2, NOW + 10, NULL)};
	struct catalog_node_key one = key_of(1), two = key_of(2), three = key_of(3);
	int64_t until_s = 0;

	(void)state;
	nodes[1].place = 1;
	assert_int_equal(catalog_node_judge(&member, nodes, 2, &one, NOW, &until_s),
			 CATALOG_NODE_GOOD);
	assert_true(until_s == INT64_MAX);
	nodes[0].expires_s = 0;
	assert_int_equal(catalog_node_judge(&member, nodes, 2, &one, NOW, NULL),
			 CATALOG_NODE_WITHDRAWN);
	assert_int_equal(catalog_node_judge(&member, nodes, 2, &two, NOW, &until_s),
			 CATALOG_NODE_GOOD);
	assert_int_equal(until_s, NOW + 10);
	assert_int_equal(catalog_node_judge(&member, nodes, 2, &two, NOW + 10, NULL),
			 CATALOG_NODE_EXPIRED);
	assert_int_equal(catalog_node_judge(&member, nodes, 2, &three, NOW, NULL),
			 CATALOG_NODE_UNNAMED);
}

static void test_who_is_suspended_keeps_the_charters_nodes_alone(void **state)
{
	struct catalog_member member = {
		.node_count = 1, .nodes = {key_of(1)}, .standing = CATALOG_STANDING_SUSPENDED};
	struct catalog_node node = node_of(2, NOW + 10, NULL);
	struct catalog_node_key one = key_of(1), two = key_of(2);

	(void)state;
	assert_int_equal(catalog_node_judge(&member, &node, 1, &one, NOW, NULL), CATALOG_NODE_GOOD);
	assert_int_equal(catalog_node_judge(&member, &node, 1, &two, NOW, NULL),
			 CATALOG_NODE_SUSPENDED);
	member.standing = CATALOG_STANDING_EXPELLED;
	assert_int_equal(catalog_node_judge(&member, &node, 1, &one, NOW, NULL),
			 CATALOG_NODE_EXPELLED);
	assert_int_equal(catalog_node_judge(&member, &node, 1, &two, NOW, NULL),
			 CATALOG_NODE_EXPELLED);
}

static void test_places_are_used_again_but_for_withdrawals_of_the_charters_keys(void **state)
{
	struct catalog_member member = {.node_count = 1, .nodes = {key_of(1)}};
	struct catalog_node nodes[CATALOG_NODE_PLACES];
	struct catalog_node_key other = key_of(99), fifth = key_of(5);
	unsigned place = 77;

	(void)state;
	for (unsigned i = 0; i < CATALOG_NODE_PLACES; i++) {
		nodes[i] = node_of(i + 1, NOW + 1, NULL);
		nodes[i].place = i;
	}
	assert_int_equal(
		catalog_node_place(&member, nodes, CATALOG_NODE_PLACES, &other, NOW, &place),
		-ENOSPC);
	assert_int_equal(
		catalog_node_place(&member, nodes, CATALOG_NODE_PLACES, &fifth, NOW, &place), 0);
	assert_int_equal(place, 4);
	nodes[0].expires_s = 0; /* of the charter's key: that must not be forgotten */
	nodes[2].expires_s = 0;
	assert_int_equal(
		catalog_node_place(&member, nodes, CATALOG_NODE_PLACES, &other, NOW, &place), 0);
	assert_int_equal(place, 2);
	assert_int_equal(catalog_node_place(&member, nodes, 0, &other, NOW, &place), 0);
	assert_int_equal(place, 0);
}

static void append(struct pair *pair, const char *id, struct catalog_span body)
{
	static uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	enum catalog_publisher_outcome outcome;
	struct catalog_publisher *publisher;

	salt[0]++;
	assert_int_equal(catalog_publisher_new(pair->stores[0], pair->charter, PAIR_SELF,
					       &pair->secret, &publisher),
			 0);
	assert_int_equal(catalog_publisher_append(publisher, CATALOG_ENTRY_NODE, id, body, NOW,
						  salt, &outcome),
			 0);
	salt[1]++;
	assert_int_equal(catalog_publisher_flush(publisher, NOW, salt), 0);
	catalog_publisher_free(publisher);
}

static void test_a_log_names_sixteen_nodes_whatever_it_holds(void **state)
{
	struct catalog_node nodes[CATALOG_NODE_PLACES];
	struct pair *pair = pair_new();
	struct catalog_txn *txn;
	size_t count = 99;

	(void)state;
	for (unsigned i = 0; i < CATALOG_NODE_PLACES + 3; i++) {
		struct catalog_node node = node_of(i, NOW + 1, "192.0.2.1:1");
		struct catalog_buffer body = {0};
		char id[12];

		snprintf(id, sizeof id, "%u", i);
		assert_int_equal(catalog_node_encode(&node, &body), 0);
		append(pair, id,
		       i == 1 ? (struct catalog_span){(const uint8_t *)"\xc0", 1}
			      : catalog_buffer_span(&body));
		catalog_buffer_close(&body);
	}
	assert_int_equal(catalog_store_begin(pair->stores[0], &txn), 0);
	assert_int_equal(catalog_node_list(txn, PAIR_SELF, nodes, &count), 0);
	assert_int_equal(count, CATALOG_NODE_PLACES - 1); /* one is no node */
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(nodes[i].place, i + (i > 0));
		assert_int_equal(nodes[i].key.bytes[0], nodes[i].place);
	}
	assert_int_equal(catalog_node_list(txn, PAIR_SELF + 1, nodes, &count), 0);
	assert_int_equal(count, 0);
	catalog_store_end(txn);
	pair_tell(pair, 0, 1);
	assert_int_equal(pair_pull(pair, 0, 1, 0, NULL), 0);
	assert_int_equal(catalog_store_begin(pair->stores[1], &txn), 0);
	assert_int_equal(catalog_node_list(txn, PAIR_SELF, nodes, &count), 0);
	assert_int_equal(count, CATALOG_NODE_PLACES - 1);
	catalog_store_end(txn);
	pair_free(pair);
}

TEST_MAIN("catalog/node", cmocka_unit_test(test_addresses_are_told_from_what_is_none),
	  cmocka_unit_test(test_a_body_is_read_as_it_was_written),
	  cmocka_unit_test(test_bodies_against_the_rules_are_refused),
	  cmocka_unit_test(test_the_charters_keys_do_not_expire_and_can_be_withdrawn),
	  cmocka_unit_test(test_who_is_suspended_keeps_the_charters_nodes_alone),
	  cmocka_unit_test(test_places_are_used_again_but_for_withdrawals_of_the_charters_keys),
	  cmocka_unit_test(test_a_log_names_sixteen_nodes_whatever_it_holds))
