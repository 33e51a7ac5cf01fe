/* tests/node/scratch.h - a node's directory that is thrown away: a charter of two members, the key
 * of the first, a store; and requests written as JSON with ' for ". */
#ifndef TESTS_NODE_SCRATCH_H
#define TESTS_NODE_SCRATCH_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "catalog/charter.h"
#include "catalog/json.h"
#include "catalog/store.h"
#include "node/control.h"
#include "node/datadir.h"
#include "node/keyfile.h"

#define SCRATCH_NBS 3
#define SCRATCH_UNI 8

struct scratch {
	char dir[64];
	struct catalog_secret nbs, uni;
	struct catalog_charter *charter;
};

static inline void scratch_found(struct scratch *scratch, struct catalog_buffer *ret_amendment)
{
	static const uint8_t nbs_seed[32] = {7}, uni_seed[32] = {9};
	struct catalog_member members[2] = {{.index = SCRATCH_NBS,
					     .name = "nbs",
					     .title = "Bureau of Statistics",
					     .country = "KE",
					     .sector = "statistics",
					     .address_count = 1,
					     .addresses = {"127.0.0.1:7001"}},
					    {.index = SCRATCH_UNI,
					     .name = "uni",
					     .title = "University",
					     .country = "UG",
					     .sector = "research"}};
	struct catalog_founding founding = {.name = "East African Data",
					    .time_s = 1795511520,
					    .members = members,
					    .member_count = 2,
					    .council = &members[0].key,
					    .council_count = 1,
					    .threshold = 1};
	char why[200] = "";

	assert_true(sodium_init() >= 0);
	crypto_sign_seed_keypair(members[0].key.bytes, scratch->nbs.bytes, nbs_seed);
	crypto_sign_seed_keypair(members[1].key.bytes, scratch->uni.bytes, uni_seed);
	if (catalog_charter_found(&founding, &scratch->nbs, 1, ret_amendment, why) != 0)
		fail_msg("%s", why);
}

/* Make the directory with charter and key. */
static inline void scratch_make(struct scratch *scratch)
{
	struct catalog_buffer amendment = {0};
	char path[NODE_DATADIR_PATH_BYTES];
	struct node_error error;

	memset(scratch, 0, sizeof *scratch);
	snprintf(scratch->dir, sizeof scratch->dir, "/tmp/fedcat_test.XXXXXX");
	assert_non_null(mkdtemp(scratch->dir));
	scratch_found(scratch, &amendment);
	assert_int_equal(catalog_charter_new(catalog_buffer_span(&amendment), &scratch->charter),
			 0);
	assert_int_equal(node_datadir_path(scratch->dir, NODE_DATADIR_CHARTER, path, &error), 0);
	assert_int_equal(node_datadir_write(path, catalog_buffer_span(&amendment), 0644, &error),
			 0);
	assert_int_equal(node_datadir_path(scratch->dir, NODE_DATADIR_KEY, path, &error), 0);
	assert_int_equal(node_keyfile_write(path, &scratch->nbs, &error), 0);
	catalog_buffer_close(&amendment);
}

static inline void scratch_empty(const char *dir)
{
	struct dirent *entry;
	DIR *listing = opendir(dir);

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL) {
		char path[512];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path)
			continue;
		if (unlink(path) != 0)
			scratch_empty(path);
	}
	closedir(listing);
	rmdir(dir);
}

static inline void scratch_drop(struct scratch *scratch)
{
	catalog_charter_free(scratch->charter);
	scratch_empty(scratch->dir);
}

/* A value of JSON with ' for ". */
static inline struct catalog_value *scratch_value(const char *json)
{
	size_t len = strlen(json);
	struct catalog_json_error error;
	struct catalog_value *value = NULL;
	char *text = malloc(len + 1);

	assert_non_null(text);
	for (size_t i = 0; i <= len; i++)
		text[i] = json[i];
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\'')
			text[i] = '"';
	if (catalog_json_read((struct catalog_span){(uint8_t *)text, len}, &value, &error) != 0)
		fail_msg("%s: %s", json, error.text);
	free(text);
	return value;
}

/* What is at a path of keys and numbers: "members/0/name".  NULL if there is nothing. */
static inline const struct catalog_value *scratch_at(const struct catalog_value *value,
						     const char *path)
{
	char key[64];

	while (*path != '\0' && value != NULL) {
		size_t len = strcspn(path, "/");

		assert_true(len < sizeof key);
		memcpy(key, path, len);
		key[len] = '\0';
		path += len + (path[len] == '/');
		if (catalog_value_type(value) == CATALOG_VALUE_LIST) {
			size_t i = strtoul(key, NULL, 10);

			value = i < catalog_value_count(value) ? catalog_value_at(value, i, NULL)
							       : NULL;
		} else {
			value = catalog_value_get(value, key);
		}
	}
	return value;
}

static inline const char *scratch_text(const struct catalog_value *value, const char *path)
{
	const char *text = catalog_value_text(scratch_at(value, path));

	if (text == NULL)
		fail_msg("no text at %s", path);
	return text;
}

static inline int64_t scratch_int(const struct catalog_value *value, const char *path)
{
	const struct catalog_value *at = scratch_at(value, path);

	if (catalog_value_type(at) != CATALOG_VALUE_INT)
		fail_msg("no number at %s", path);
	return catalog_value_int(at);
}

static inline bool scratch_null(const struct catalog_value *value, const char *path)
{
	const struct catalog_value *at = scratch_at(value, path);

	return at != NULL && catalog_value_type(at) == CATALOG_VALUE_NULL;
}

#endif
