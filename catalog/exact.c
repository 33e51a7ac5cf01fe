#include "catalog/exact.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/buffer.h"
#include "catalog/hash.h"

#define WAS_DIGITS     16
#define PATH_BYTES_MAX 2000

/* The digits of value.  Returns 0, -ENOMEM, -E2BIG. */
static int digits_of(const struct catalog_value *value, char ret_digits[WAS_DIGITS + 1])
{
	char hex[CATALOG_HASH_HEX_BYTES];
	struct catalog_buffer bytes = {0};
	struct catalog_hash hash;
	int r = catalog_value_encode(value, &bytes);

	if (r == 0) {
		catalog_hash_of(bytes.bytes, bytes.len, &hash);
		catalog_hash_to_hex(&hash, hex);
		memcpy(ret_digits, hex, WAS_DIGITS);
		ret_digits[WAS_DIGITS] = '\0';
	}
	catalog_buffer_close(&bytes);
	return r;
}

/* --- diff --------------------------------------------------------------------------- */

static int add_change(struct catalog_value *patch, const struct catalog_buffer *path,
		      const struct catalog_value *was, const struct catalog_value *value)
{
	struct catalog_value *change = catalog_value_new_list();
	char digits[WAS_DIGITS + 1];
	int r = change == NULL ? -ENOMEM : 0;

	if (r == 0)
		r = catalog_value_append(
			change, catalog_value_new_string_n((const char *)path->bytes, path->len));
	if (r == 0 && was != NULL)
		r = digits_of(was, digits);
	if (r == 0)
		r = catalog_value_append(change, was != NULL ? catalog_value_new_string(digits)
							     : catalog_value_new_null());
	if (r == 0 && value != NULL)
		r = catalog_value_append(change, catalog_value_clone(value));
	if (r < 0) {
		catalog_value_free(change);
		return r;
	}
	return catalog_value_append(patch, change);
}

static int add_step(struct catalog_buffer *path, const char *key)
{
	int r = catalog_buffer_append(path, "/", 1);

	for (; *key != '\0' && r == 0; key++)
		r = *key == '~'   ? catalog_buffer_append(path, "~0", 2)
		    : *key == '/' ? catalog_buffer_append(path, "~1", 2)
				  : catalog_buffer_append(path, key, 1);
	return r;
}

/* Whether lists can be changed element by element: those that differ are maps on both sides. */
static bool is_like(const struct catalog_value *a, const struct catalog_value *b)
{
	if (catalog_value_type(a) != CATALOG_VALUE_LIST ||
	    catalog_value_type(b) != CATALOG_VALUE_LIST ||
	    catalog_value_count(a) != catalog_value_count(b))
		return false;
	for (size_t i = 0; i < catalog_value_count(a); i++) {
		const struct catalog_value *x = catalog_value_at(a, i, NULL);
		const struct catalog_value *y = catalog_value_at(b, i, NULL);

		if ((catalog_value_type(x) != CATALOG_VALUE_MAP ||
		     catalog_value_type(y) != CATALOG_VALUE_MAP) &&
		    !catalog_value_equal(x, y))
			return false;
	}
	return true;
}

static int diff_maps(const struct catalog_value *have, const struct catalog_value *wanted,
		     struct catalog_buffer *path, struct catalog_value *patch);

/* A child that both maps have. */
static int diff_children(const struct catalog_value *have, const struct catalog_value *wanted,
			 struct catalog_buffer *path, struct catalog_value *patch)
{
	int r = 0;

	if (catalog_value_equal(have, wanted))
		return 0;
	if (catalog_value_type(have) == CATALOG_VALUE_MAP &&
	    catalog_value_type(wanted) == CATALOG_VALUE_MAP)
		return diff_maps(have, wanted, path, patch);
	if (!is_like(have, wanted))
		return add_change(patch, path, have, wanted);
	for (size_t i = 0; i < catalog_value_count(have) && r == 0; i++) {
		const struct catalog_value *x = catalog_value_at(have, i, NULL);
		const struct catalog_value *y = catalog_value_at(wanted, i, NULL);
		size_t len = path->len;

		if (catalog_value_type(x) != CATALOG_VALUE_MAP)
			continue; /* then they are equal */
		r = catalog_buffer_print(path, "/%zu", i);
		if (r == 0)
			r = diff_maps(x, y, path, patch);
		path->len = len;
	}
	return r;
}

static int diff_maps(const struct catalog_value *have, const struct catalog_value *wanted,
		     struct catalog_buffer *path, struct catalog_value *patch)
{
	size_t len = path->len;
	const char *key;
	int r = 0;

	for (size_t i = 0; i < catalog_value_count(have) && r == 0; i++) {
		const struct catalog_value *child = catalog_value_at(have, i, &key);

		if (catalog_value_get(wanted, key) != NULL)
			continue;
		r = add_step(path, key);
		if (r == 0)
			r = add_change(patch, path, child, NULL);
		path->len = len;
	}
	for (size_t i = 0; i < catalog_value_count(wanted) && r == 0; i++) {
		const struct catalog_value *child = catalog_value_at(wanted, i, &key);
		const struct catalog_value *old = catalog_value_get(have, key);

		r = add_step(path, key);
		if (r == 0 && old == NULL)
			r = add_change(patch, path, NULL, child);
		else if (r == 0)
			r = diff_children(old, child, path, patch);
		path->len = len;
	}
	return r;
}

int catalog_exact_diff(const struct catalog_value *have, const struct catalog_value *wanted,
		       struct catalog_value **ret_patch)
{
	struct catalog_value *patch = catalog_value_new_list();
	struct catalog_buffer path = {0};
	int r = patch == NULL ? -ENOMEM : 0;

	assert(catalog_value_type(have) == CATALOG_VALUE_MAP);
	assert(catalog_value_type(wanted) == CATALOG_VALUE_MAP);
	if (r == 0)
		r = diff_maps(have, wanted, &path, patch);
	catalog_buffer_close(&path);
	if (r < 0) {
		catalog_value_free(patch);
		return r;
	}
	*ret_patch = patch;
	return 0;
}

/* --- apply -------------------------------------------------------------------------- */

/* Read the next step of a pointer.  Returns false at its end or if it is none. */
static bool next_step(const char **path, char ret_key[PATH_BYTES_MAX])
{
	size_t len = 0;

	if (**path != '/')
		return false;
	for ((*path)++; **path != '\0' && **path != '/'; (*path)++) {
		char c = **path;

		if (c == '~' && ((*path)[1] == '0' || (*path)[1] == '1')) {
			(*path)++;
			c = **path == '0' ? '~' : '/';
		}
		if (len + 1 >= PATH_BYTES_MAX)
			return false;
		ret_key[len++] = c;
	}
	ret_key[len] = '\0';
	return true;
}

static const struct catalog_value *child_of(const struct catalog_value *value, const char *key)
{
	size_t i;
	char *end;

	if (catalog_value_type(value) != CATALOG_VALUE_LIST)
		return catalog_value_get(value, key);
	i = strtoul(key, &end, 10);
	return *key != '\0' && *end == '\0' && i < catalog_value_count(value)
		       ? catalog_value_at(value, i, NULL)
		       : NULL;
}

static int apply_change(const struct catalog_value *change, struct catalog_value *map)
{
	const char *path = catalog_value_text(
		catalog_value_count(change) >= 2 ? catalog_value_at(change, 0, NULL) : NULL);
	const struct catalog_value *was, *old, *at = map, *value = NULL;
	char key[PATH_BYTES_MAX], digits[WAS_DIGITS + 1];
	int r;

	if (path == NULL || catalog_value_type(change) != CATALOG_VALUE_LIST ||
	    !next_step(&path, key))
		return 0;
	while (*path != '\0') {
		at = child_of(at, key);
		if (at == NULL || !next_step(&path, key))
			return 0;
	}
	if (catalog_value_type(at) != CATALOG_VALUE_MAP)
		return 0;
	was = catalog_value_at(change, 1, NULL);
	old = catalog_value_get(at, key);
	if ((old == NULL) != (catalog_value_text(was) == NULL))
		return 0;
	if (old != NULL) {
		r = digits_of(old, digits);
		if (r < 0 || strcmp(digits, catalog_value_text(was)) != 0)
			return r == -ENOMEM ? r : 0;
	}
	if (catalog_value_count(change) >= 3)
		value = catalog_value_at(change, 2, NULL);
	/* It is a part of map, which is ours to change. */
	if (value != NULL)
		return catalog_value_set((struct catalog_value *)(uintptr_t)at, key,
					 catalog_value_clone(value));
	catalog_value_free(catalog_value_take((struct catalog_value *)(uintptr_t)at, key));
	return 0;
}

int catalog_exact_apply(const struct catalog_value *patch, struct catalog_value *map)
{
	size_t count =
		catalog_value_type(patch) == CATALOG_VALUE_LIST ? catalog_value_count(patch) : 0;
	int r = 0;

	for (size_t i = 0; i < count && i < CATALOG_EXACT_CHANGES_MAX && r == 0; i++)
		r = apply_change(catalog_value_at(patch, i, NULL), map);
	return r;
}
