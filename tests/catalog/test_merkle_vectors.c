/* The vectors of the transparency-dev project, good and bad: ../shared/conformance/merkle, or below
 * $FEDCAT_SHARED.  A hash that has not 32 bytes cannot even be asked about, which counts as
 * refused. */
#include "tests/test.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>
#include <sodium.h>

#include "catalog/merkle.h"

#define PROOF_MAX 70

static bool hash_from(const json_t *value, struct catalog_hash *ret_hash)
{
	const char *text = json_string_value(value);
	size_t len = 0;

	return text != NULL &&
	       sodium_base642bin(ret_hash->bytes, sizeof ret_hash->bytes, text, strlen(text), NULL,
				 &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       len == sizeof ret_hash->bytes;
}

static bool proof_from(const json_t *list, struct catalog_hash proof[PROOF_MAX], size_t *ret_count)
{
	*ret_count = json_array_size(list);
	assert_true(*ret_count <= PROOF_MAX);
	for (size_t i = 0; i < *ret_count; i++)
		if (!hash_from(json_array_get(list, i), &proof[i]))
			return false;
	return true;
}

/* Numbers are read as reals, since jansson refuses 2^64 - 1, which some vectors have (it is "0 -
 * 1"); all the others are small. */
static uint64_t number(const json_t *vector, const char *key)
{
	const json_t *value = json_object_get(vector, key);

	assert_true(json_is_real(value));
	return json_real_value(value) >= 0x1p63 ? UINT64_MAX : (uint64_t)json_real_value(value);
}

static bool inclusion_holds(const json_t *vector)
{
	struct catalog_hash leaf, root, proof[PROOF_MAX];
	size_t count;

	return hash_from(json_object_get(vector, "leafHash"), &leaf) &&
	       hash_from(json_object_get(vector, "root"), &root) &&
	       proof_from(json_object_get(vector, "proof"), proof, &count) &&
	       catalog_merkle_verify_inclusion(&leaf, number(vector, "leafIdx"),
					       number(vector, "treeSize"), proof, count,
					       &root) == 0;
}

static bool consistency_holds(const json_t *vector)
{
	struct catalog_hash old_root, root, proof[PROOF_MAX];
	size_t count;

	return hash_from(json_object_get(vector, "root1"), &old_root) &&
	       hash_from(json_object_get(vector, "root2"), &root) &&
	       proof_from(json_object_get(vector, "proof"), proof, &count) &&
	       catalog_merkle_verify_consistency(number(vector, "size1"), number(vector, "size2"),
						 &old_root, &root, proof, count) == 0;
}

struct tally {
	unsigned good, bad;
};

static void try_file(const char *path, bool (*holds)(const json_t *), struct tally *tally)
{
	json_error_t error;
	json_t *vector = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
	bool want_error;

	if (vector == NULL)
		fail_msg("%s: %s", path, error.text);
	want_error = json_is_true(json_object_get(vector, "wantErr"));
	if (holds(vector) == want_error)
		fail_msg("%s is %s", path, want_error ? "accepted" : "refused");
	tally->good += !want_error;
	tally->bad += want_error;
	json_decref(vector);
}

/* Each *.json below dir, two levels deep. */
static void try_all(const char *dir, bool (*holds)(const json_t *), struct tally *tally)
{
	DIR *open = opendir(dir);
	struct dirent *entry;

	if (open == NULL)
		fail_msg("cannot read %s", dir);
	while ((entry = readdir(open)) != NULL) {
		char path[4096];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		assert_true(snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) <
			    (int)sizeof path);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode))
			try_all(path, holds, tally);
		else if (strstr(entry->d_name, ".json") != NULL)
			try_file(path, holds, tally);
	}
	closedir(open);
}

static void try_kind(const char *kind, bool (*holds)(const json_t *))
{
	const char *shared = getenv("FEDCAT_SHARED"), *srcdir = getenv("srcdir");
	struct tally tally = {0, 0};
	char dir[2048];
	struct stat st;

	if (shared != NULL)
		snprintf(dir, sizeof dir, "%s/conformance/merkle/%s", shared, kind);
	else
		snprintf(dir, sizeof dir, "%s/../shared/conformance/merkle/%s",
			 srcdir != NULL ? srcdir : ".", kind);
	if (stat(dir, &st) != 0) {
		print_message("skipped: no vectors in %s\n", dir);
		skip();
	}
	try_all(dir, holds, &tally);
	print_message("%s: %u good, %u bad\n", kind, tally.good, tally.bad);
	assert_true(tally.good > 0);
	assert_true(tally.bad > 0);
}

static void test_the_published_inclusion_proofs_hold_and_the_bad_do_not(void **state)
{
	(void)state;
	try_kind("inclusion", inclusion_holds);
}

static void test_the_published_consistency_proofs_hold_and_the_bad_do_not(void **state)
{
	(void)state;
	try_kind("consistency", consistency_holds);
}

TEST_MAIN("catalog/merkle, vectors",
	  cmocka_unit_test(test_the_published_inclusion_proofs_hold_and_the_bad_do_not),
	  cmocka_unit_test(test_the_published_consistency_proofs_hold_and_the_bad_do_not))
