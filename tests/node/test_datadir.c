#include "tests/test.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/node/scratch.h"

static struct scratch scratch;
static char path[NODE_DATADIR_PATH_BYTES];
static struct node_error error;

static int set_up(void **state)
{
	(void)state;
	scratch_make(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_drop(&scratch);
	return 0;
}

/* Name a file of the directory; the path stays until the next is named. */
static const char *in_dir(const char *name)
{
	assert_int_equal(node_datadir_path(scratch.dir, name, path, &error), 0);
	return path;
}

static struct catalog_span span_of(const char *text)
{
	return (struct catalog_span){(const uint8_t *)text, strlen(text)};
}

/* --- where the directory is ---------------------------------------------------------------- */

static void clear_environment(void)
{
	assert_int_equal(unsetenv("FEDCAT_DIR"), 0);
	assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
	assert_int_equal(unsetenv("HOME"), 0);
}

static void test_the_environment_says_where_the_directory_is(void **state)
{
	char dir[NODE_DATADIR_PATH_BYTES];

	(void)state;
	clear_environment();
	assert_int_equal(node_datadir_default(dir, &error), -ENOENT);
	assert_non_null(strstr(error.text, "--dir"));
	setenv("HOME", "/home/amina", 1);
	assert_int_equal(node_datadir_default(dir, &error), 0);
	assert_string_equal(dir, "/home/amina/.local/share/fedcat");
	setenv("XDG_DATA_HOME", "relative", 1); /* the standard says: ignore it */
	assert_int_equal(node_datadir_default(dir, &error), 0);
	assert_string_equal(dir, "/home/amina/.local/share/fedcat");
	setenv("XDG_DATA_HOME", "/data", 1);
	assert_int_equal(node_datadir_default(dir, &error), 0);
	assert_string_equal(dir, "/data/fedcat");
	setenv("FEDCAT_DIR", "", 1); /* as if it were not set */
	assert_int_equal(node_datadir_default(dir, &error), 0);
	assert_string_equal(dir, "/data/fedcat");
	setenv("FEDCAT_DIR", "node1", 1);
	assert_int_equal(node_datadir_default(dir, &error), 0);
	assert_string_equal(dir, "node1");
	clear_environment();
}

static void test_a_path_that_does_not_fit_is_refused(void **state)
{
	char dir[NODE_DATADIR_PATH_BYTES], longer[NODE_DATADIR_PATH_BYTES + 10], whole[8192];

	(void)state;
	memset(dir, 'd', sizeof dir - 1);
	dir[sizeof dir - 4] = '\0';
	assert_int_equal(node_datadir_path(dir, "ab", whole, &error), 0);
	assert_int_equal(node_datadir_path(dir, "abc", whole, &error), -ENAMETOOLONG);
	assert_true(strlen(error.text) < 200);
	memset(longer, 'd', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	setenv("FEDCAT_DIR", longer, 1);
	assert_int_equal(node_datadir_default(dir, &error), -ENAMETOOLONG);
	clear_environment();
}

/* --- files --------------------------------------------------------------------------------- */

static void test_a_file_comes_back_as_it_was_written(void **state)
{
	struct catalog_buffer bytes = {0};
	struct stat st;

	(void)state;
	in_dir("config");
	assert_int_equal(node_datadir_write(path, span_of("one"), 0640, &error), 0);
	assert_int_equal(node_datadir_write(path, span_of("two, longer"), 0600, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(catalog_buffer_append(&bytes, "<", 1), 0);
	assert_int_equal(node_datadir_read(path, 11, &bytes, &error), 0);
	assert_int_equal(bytes.len, 12);
	assert_memory_equal(bytes.bytes, "<two, longer", 12); /* appended */
	assert_int_equal(node_datadir_read(path, 10, &bytes, &error), -E2BIG);
	assert_non_null(strstr(error.text, "longer than 10 bytes"));
	assert_int_equal(bytes.len, 12); /* nothing was added */
	catalog_buffer_close(&bytes);
}

static void test_a_draft_that_a_crash_left_does_not_say_the_mode(void **state)
{
	char draft[NODE_DATADIR_PATH_BYTES + 8];
	struct stat st;

	(void)state;
	in_dir("config");
	snprintf(draft, sizeof draft, "%s.new", path);
	assert_int_equal(node_datadir_write(draft, span_of("half a fi"), 0644, &error), 0);
	assert_int_equal(node_datadir_write(path, span_of("whole"), 0600, &error), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 5);
}

static void test_an_empty_file_is_a_file(void **state)
{
	struct catalog_buffer bytes = {0};

	(void)state;
	in_dir("config");
	assert_int_equal(node_datadir_write(path, (struct catalog_span){NULL, 0}, 0600, &error), 0);
	assert_int_equal(node_datadir_read(path, 0, &bytes, &error), 0);
	assert_int_equal(bytes.len, 0);
	catalog_buffer_close(&bytes);
}

static void test_what_cannot_be_read_is_told_with_its_path(void **state)
{
	struct catalog_buffer bytes = {0};

	(void)state;
	assert_int_equal(node_datadir_read(in_dir("config"), 10, &bytes, &error), -ENOENT);
	assert_non_null(strstr(error.text, path));
	assert_int_equal(node_datadir_read(scratch.dir, 10, &bytes, &error), -EISDIR);
	assert_non_null(strstr(error.text, scratch.dir));
	assert_null(bytes.bytes);
}

static void test_a_failed_write_leaves_the_old_file(void **state)
{
	struct catalog_buffer bytes = {0};
	char draft[NODE_DATADIR_PATH_BYTES + 8];

	(void)state;
	in_dir("config");
	assert_int_equal(node_datadir_write(path, span_of("old"), 0600, &error), 0);
	snprintf(draft, sizeof draft, "%s.new", path);
	assert_int_equal(access(draft, F_OK), -1);
	assert_int_equal(mkdir(draft, 0700), 0); /* in the way of the new file */
	assert_int_equal(node_datadir_write(path, span_of("new"), 0600, &error), -EISDIR);
	assert_int_equal(node_datadir_read(path, 10, &bytes, &error), 0);
	assert_memory_equal(bytes.bytes, "old", 3);
	catalog_buffer_close(&bytes);
	assert_int_equal(node_datadir_write("/tmp/fedcat_test.none/x", span_of("x"), 0600, &error),
			 -ENOENT);
	assert_int_equal(node_datadir_write(scratch.dir, span_of("x"), 0600, &error), -EISDIR);
	snprintf(draft, sizeof draft, "%s.new", scratch.dir);
	assert_int_equal(access(draft, F_OK), -1); /* no draft is left behind */
}

/* --- the lock ------------------------------------------------------------------------------ */

static void test_one_process_has_the_directory(void **state)
{
	int fd = -1, other = -1;
	char who[40];

	(void)state;
	assert_int_equal(node_datadir_lock(scratch.dir, &fd, &error), 0);
	assert_true(fd >= 0);
	assert_int_equal(node_datadir_lock(scratch.dir, &other, &error), -EBUSY);
	snprintf(who, sizeof who, "process %ld;", (long)getpid());
	assert_non_null(strstr(error.text, who));
	assert_int_equal(other, -1);
	node_datadir_unlock(fd);
	assert_int_equal(node_datadir_lock(scratch.dir, &fd, &error), 0);
	node_datadir_unlock(fd);
}

static void test_the_lock_goes_with_its_process(void **state)
{
	pid_t child = fork();
	int status, fd;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(node_datadir_lock(scratch.dir, &fd, NULL) == 0 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(node_datadir_lock(scratch.dir, &fd, &error), 0);
	node_datadir_unlock(fd);
}

static void test_a_directory_that_is_not_there_cannot_be_locked(void **state)
{
	int fd = -1;

	(void)state;
	assert_int_equal(node_datadir_lock("/tmp/fedcat_test.none", &fd, &error), -ENOENT);
	assert_non_null(strstr(error.text, "fedcat init"));
}

/* --- charter, key, store -------------------------------------------------------------------- */

static void test_the_charter_is_read_and_verified(void **state)
{
	struct catalog_charter *charter = NULL;
	struct catalog_buffer bytes = {0};

	(void)state;
	assert_int_equal(node_datadir_charter(scratch.dir, &charter, &error), 0);
	assert_string_equal(catalog_charter_name(charter), "East African Data");
	catalog_charter_free(charter);
	charter = NULL;

	in_dir(NODE_DATADIR_CHARTER);
	assert_int_equal(node_datadir_read(path, 100000, &bytes, &error), 0);
	bytes.bytes[bytes.len - 1] ^= 1; /* in the signature */
	assert_int_equal(node_datadir_write(path, catalog_buffer_span(&bytes), 0644, &error), 0);
	assert_int_equal(node_datadir_charter(scratch.dir, &charter, &error), -EKEYREJECTED);
	assert_non_null(strstr(error.text, "do not verify"));
	assert_int_equal(node_datadir_write(path, span_of("no charter"), 0644, &error), 0);
	assert_true(node_datadir_charter(scratch.dir, &charter, &error) < 0);
	assert_non_null(strstr(error.text, "is no charter"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(node_datadir_charter(scratch.dir, &charter, &error), -ENOENT);
	assert_non_null(strstr(error.text, "fedcat init"));
	assert_null(charter);
	catalog_buffer_close(&bytes);
}

static void test_the_key_says_whose_node_it_is(void **state)
{
	const struct catalog_member *member = NULL;
	struct catalog_secret secret, stranger;

	(void)state;
	assert_int_equal(
		node_datadir_member(scratch.dir, scratch.charter, &secret, &member, &error), 0);
	assert_string_equal(member->name, "nbs");
	assert_memory_equal(&secret, &scratch.nbs, sizeof secret);

	assert_int_equal(unlink(in_dir(NODE_DATADIR_KEY)), 0);
	assert_int_equal(
		node_datadir_member(scratch.dir, scratch.charter, &secret, &member, &error),
		-ENOENT);
	node_keyfile_generate(&stranger);
	assert_int_equal(node_keyfile_write(in_dir(NODE_DATADIR_KEY), &stranger, &error), 0);
	assert_int_equal(
		node_datadir_member(scratch.dir, scratch.charter, &secret, &member, &error),
		-EKEYREJECTED);
	assert_non_null(strstr(error.text, "no member's of East African Data"));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(
		node_datadir_member(scratch.dir, scratch.charter, &secret, &member, &error),
		-EPERM);
	assert_memory_equal(&secret, &scratch.nbs, sizeof secret); /* untouched by failures */
}

static void test_the_store_is_made_and_found_again(void **state)
{
	struct catalog_store *store = NULL;
	struct stat st;
	uint64_t incarnation;

	(void)state;
	assert_int_equal(node_datadir_store(scratch.dir, &store, &error), 0);
	incarnation = catalog_store_incarnation(store);
	catalog_store_close(store);
	assert_int_equal(stat(in_dir(NODE_DATADIR_STORE), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(node_datadir_store(scratch.dir, &store, &error), 0);
	assert_true(catalog_store_incarnation(store) == incarnation);
	catalog_store_close(store);
}

static void test_a_store_that_cannot_be_made_is_told(void **state)
{
	struct catalog_store *store = NULL;

	(void)state;
	assert_int_equal(
		node_datadir_write(in_dir(NODE_DATADIR_STORE), span_of("a file"), 0600, &error), 0);
	assert_true(node_datadir_store(scratch.dir, &store, &error) < 0);
	assert_non_null(strstr(error.text, path));
	assert_null(store);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

TEST_MAIN("node/datadir", TEST(test_the_environment_says_where_the_directory_is),
	  TEST(test_a_path_that_does_not_fit_is_refused),
	  TEST(test_a_file_comes_back_as_it_was_written),
	  TEST(test_a_draft_that_a_crash_left_does_not_say_the_mode),
	  TEST(test_an_empty_file_is_a_file), TEST(test_what_cannot_be_read_is_told_with_its_path),
	  TEST(test_a_failed_write_leaves_the_old_file), TEST(test_one_process_has_the_directory),
	  TEST(test_the_lock_goes_with_its_process),
	  TEST(test_a_directory_that_is_not_there_cannot_be_locked),
	  TEST(test_the_charter_is_read_and_verified), TEST(test_the_key_says_whose_node_it_is),
	  TEST(test_the_store_is_made_and_found_again),
	  TEST(test_a_store_that_cannot_be_made_is_told))
