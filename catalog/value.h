/* catalog/value.h - a tree of null, bool, int, double, string, list and map: what a listing
 * is in memory, and what its msgpack and JSON forms say.
 *
 * A map keeps its keys in byte order and each key once, so that one value has one encoding:
 * catalog_value_encode() of equal values gives equal bytes.
 *
 * Ownership  a list or map owns its children.  Functions that take a child take ownership
 *            whatever they return, and take NULL as "the child could not be made": so
 *            map_set(map, "a", catalog_value_new_string(...)) needs one check.
 * Limits     lists and maps at most CATALOG_VALUE_DEPTH_MAX inside one another, in what is encoded
 *            and decoded; strings are UTF-8 bytes with a length; numbers are finite.
 */
#ifndef CATALOG_VALUE_H
#define CATALOG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

#define CATALOG_VALUE_DEPTH_MAX 24

enum catalog_value_type {
	CATALOG_VALUE_NULL,
	CATALOG_VALUE_BOOL,
	CATALOG_VALUE_INT,
	CATALOG_VALUE_DOUBLE,
	CATALOG_VALUE_STRING,
	CATALOG_VALUE_LIST,
	CATALOG_VALUE_MAP,
};
struct catalog_value;

/* Each returns a new value that the caller owns, or NULL when out of memory. */
struct catalog_value *catalog_value_new_null(void);
struct catalog_value *catalog_value_new_bool(bool b);
struct catalog_value *catalog_value_new_int(int64_t i);
struct catalog_value *catalog_value_new_double(double d);         /* null if d is not finite */
struct catalog_value *catalog_value_new_string(const char *text); /* copied */
struct catalog_value *catalog_value_new_string_n(const char *bytes, size_t len); /* copied */
struct catalog_value *catalog_value_new_list(void);
struct catalog_value *catalog_value_new_map(void);
struct catalog_value *catalog_value_clone(const struct catalog_value *value);

/* End a value and all its children; NULL is allowed. */
void catalog_value_free(struct catalog_value *value);

/* What a value is.  NULL asks for nothing and is CATALOG_VALUE_NULL. */
enum catalog_value_type catalog_value_type(const struct catalog_value *value);

/* The content; asserts that the type is right. */
bool catalog_value_bool(const struct catalog_value *value);
int64_t catalog_value_int(const struct catalog_value *value);
double catalog_value_double(const struct catalog_value *value); /* of an int, too */

/* The text of a string, NUL-terminated (it may hold other NULs: see the length), borrowed from
 * the value; or NULL if value is NULL or no string, so that
 * catalog_value_text(catalog_value_get(map, "title")) needs one check. */
const char *catalog_value_text(const struct catalog_value *value);
size_t catalog_value_text_len(const struct catalog_value *value);

/* How many children a list or map has; 0 for anything else and NULL. */
size_t catalog_value_count(const struct catalog_value *value);

/* The child at position i < count of a list or map, borrowed.  For a map *ret_key, when ret_key
 * is not NULL, is the child's key, borrowed. */
const struct catalog_value *catalog_value_at(const struct catalog_value *value, size_t i,
					     const char **ret_key);

/* The child of map under key, borrowed; NULL if there is none or map is NULL or no map. */
const struct catalog_value *catalog_value_get(const struct catalog_value *map, const char *key);

/* Append child to list.  Returns 0, -ENOMEM. */
int catalog_value_append(struct catalog_value *list, struct catalog_value *child);

/* Put child under key (copied), in place of what was there.  Returns 0, -ENOMEM. */
int catalog_value_set(struct catalog_value *map, const char *key, struct catalog_value *child);

/* Take the child under key out of map; the caller owns it.  NULL if there is none. */
struct catalog_value *catalog_value_take(struct catalog_value *map, const char *key);

/* Whether two values are the same, children included.  1 and 1.0 differ. */
bool catalog_value_equal(const struct catalog_value *a, const struct catalog_value *b);

/* Append value as msgpack.  Returns 0, -ENOMEM, -E2BIG if nested too deep. */
int catalog_value_encode(const struct catalog_value *value, struct catalog_buffer *buffer);

/* How many bytes that would append.  Returns 0, -E2BIG if nested too deep. */
int catalog_value_measure(const struct catalog_value *value, size_t *ret_len);

/* Read exactly one msgpack value from bytes that may come from a peer.  Keys must be strings
 * without NULs; a key given twice is refused; so are bin, ext, integers beyond 63 bits, numbers
 * that are not finite and text that is not UTF-8.  The caller owns *ret_value. Returns 0, -EBADMSG,
 * -E2BIG if nested too deep, -ENOMEM. */
int catalog_value_decode(struct catalog_span bytes, struct catalog_value **ret_value);

#endif
