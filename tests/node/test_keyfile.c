#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/keyfile.h"

static char dir[] = "/tmp/test_keyfile.XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/test_keyfile.XXXXXX"); /* the same length */
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/member.key", dir); /* it fits */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path); /* some tests make none */
	return rmdir(dir);
}

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void test_a_key_comes_back_as_it_was_written(void **state)
{
	struct catalog_secret written, read;
	struct catalog_key a, b;
	struct node_error error;
	struct stat st;

	(void)state;
	node_keyfile_generate(&written);
	assert_int_equal(node_keyfile_write(path, &written, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(node_keyfile_read(path, &read, &error), 0);
	assert_memory_equal(&read, &written, sizeof read);
	node_keyfile_public(&written, &a);
	node_keyfile_public(&read, &b);
	assert_memory_equal(&a, &b, sizeof a);
}

static void test_a_key_is_never_overwritten(void **state)
{
	struct catalog_secret first, second, read;
	struct node_error error;

	(void)state;
	node_keyfile_generate(&first);
	node_keyfile_generate(&second);
	assert_int_equal(node_keyfile_write(path, &first, &error), 0);
	assert_int_equal(node_keyfile_write(path, &second, &error), -EEXIST);
	assert_int_equal(node_keyfile_read(path, &read, &error), 0);
	assert_memory_equal(&read, &first, sizeof read);
}

static void test_a_key_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0602, 0644};
	struct catalog_secret secret;
	struct node_error error;

	(void)state;
	node_keyfile_generate(&secret);
	assert_int_equal(node_keyfile_write(path, &secret, &error), 0);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(node_keyfile_read(path, &secret, &error), -EPERM);
		assert_non_null(strstr(error.text, "chmod 600"));
	}
}

static void test_what_is_no_key_file_is_refused(void **state)
{
	static const char header[] = "fedcat member key 1 (Ed25519 seed; keep this file secret)\n";
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	struct catalog_secret secret;
	struct node_error error;
	char text[256];

	(void)state;
	assert_int_equal(node_keyfile_read(path, &secret, &error), -ENOENT);
	write_text("");
	assert_int_equal(node_keyfile_read(path, &secret, &error), -EBADMSG);
	write_text(header);
	assert_int_equal(node_keyfile_read(path, &secret, &error), -EBADMSG);
	(void)snprintf(text, sizeof text, "%s%.63s\n", header, zeros);
	write_text(text);
	assert_int_equal(node_keyfile_read(path, &secret, &error), -EBADMSG);
	(void)snprintf(text, sizeof text, "%s%.63sg\n", header, zeros);
	write_text(text);
	assert_int_equal(node_keyfile_read(path, &secret, &error), -EBADMSG);
	(void)snprintf(text, sizeof text, "%s%s\nmore\n", header, zeros);
	write_text(text);
	assert_int_equal(node_keyfile_read(path, &secret, &error), -EBADMSG);
	(void)snprintf(text, sizeof text, "%s%s", header, zeros);
	write_text(text); /* an editor dropped the last line's end: nothing is lost */
	assert_int_equal(node_keyfile_read(path, &secret, &error), 0);
}

static void test_a_fingerprint_is_the_first_sixteen_digits(void **state)
{
	struct catalog_key key = {{0x3f, 0x2a, 0x91, 0xbc, 0x0d, 0x4e, 0x77, 0xa1, 0xff}};
	char text[NODE_KEYFILE_FINGERPRINT_BYTES];

	(void)state;
	node_keyfile_fingerprint(&key, text);
	assert_string_equal(text, "3f2a 91bc 0d4e 77a1");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

TEST_MAIN("node/keyfile", TEST(test_a_key_comes_back_as_it_was_written),
	  TEST(test_a_key_is_never_overwritten), TEST(test_a_key_that_others_may_read_is_refused),
	  TEST(test_what_is_no_key_file_is_refused),
	  TEST(test_a_fingerprint_is_the_first_sixteen_digits))
