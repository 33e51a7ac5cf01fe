#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "node/datadir.h"
#include "node/nodekey.h"

static char dir[] = "/tmp/test_nodekey.XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/test_nodekey.XXXXXX"); /* the same length */
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/node.key", dir); /* it fits */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path); /* some tests make none */
	return rmdir(dir);
}

static void test_a_directory_without_a_nodes_key_gets_one_and_keeps_it(void **state)
{
	struct gossip_noise_secret *first, *second;
	struct node_error error;
	struct stat st;

	(void)state;
	assert_int_equal(node_nodekey_open(dir, &first, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(sodium_is_zero(first->bytes, sizeof first->bytes));
	assert_int_equal(node_nodekey_open(dir, &second, &error), 0);
	assert_memory_equal(first, second, sizeof *first);
	assert_int_equal(node_nodekey_write(path, first, &error), -EEXIST);
	node_nodekey_free(first);
	node_nodekey_free(second);
}

static void test_a_nodes_key_that_others_may_read_or_that_is_none_is_refused(void **state)
{
	struct gossip_noise_secret *secret;
	struct node_error error;
	FILE *file;

	(void)state;
	assert_int_equal(node_nodekey_open(dir, &secret, &error), 0);
	node_nodekey_free(secret);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(node_nodekey_open(dir, &secret, &error), -EPERM);
	assert_non_null(strstr(error.text, "chmod 600"));
	assert_int_equal(chmod(path, 0600), 0);
	/* A member's key in its place. */
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fprintf(file,
			    "fedcat member key 1 (Ed25519 seed; keep this file secret)\n%064d\n",
			    0) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(node_nodekey_open(dir, &secret, &error), -EBADMSG);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(node_nodekey_open(dir, &secret, &error), -EBADMSG);
}

static void test_a_public_key_goes_through_its_digits(void **state)
{
	struct catalog_node_key key = {{0x3f, 0x2a, 0x91, 0xbc, 0x0d, 0x4e, 0x77, 0xa1, 0xff}},
				same;
	char print[NODE_NODEKEY_FINGERPRINT_BYTES], hex[NODE_NODEKEY_HEX_BYTES];

	(void)state;
	node_nodekey_fingerprint(&key, print);
	assert_string_equal(print, "3f2a 91bc 0d4e 77a1");
	node_nodekey_hex(&key, hex);
	assert_int_equal(node_nodekey_parse(hex, &same), 0);
	assert_memory_equal(&same, &key, sizeof key);
	hex[63] = 'g';
	assert_int_equal(node_nodekey_parse(hex, &same), -EINVAL);
	hex[62] = '\0';
	assert_int_equal(node_nodekey_parse(hex, &same), -EINVAL);
	assert_int_equal(node_nodekey_parse("", &same), -EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN("node/nodekey", TEST(test_a_directory_without_a_nodes_key_gets_one_and_keeps_it),
	  TEST(test_a_nodes_key_that_others_may_read_or_that_is_none_is_refused),
	  TEST(test_a_public_key_goes_through_its_digits))
