/* catalog/value.c - one allocation for a scalar or a string, two for a list or a map.
 *
 * A map is an array of (key, child) sorted by key: small, quick to search, and its order is that
 * of the encoding.  A hash table would cost more for the dozen keys that a listing has, and would
 * have to be sorted at each encoding.  Keys that arrive in order (as those of our own encoding do)
 * are appended; whoever has many in another order sorts them first, as the decoder does.
 */
#include "catalog/value.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

#include "catalog/utf8.h"
#include "catalog/wire.h"

#define ROOM_MIN 4

struct member {
	char *key; /* NULL in a list */
	struct catalog_value *child;
};

struct catalog_value {
	enum catalog_value_type type;
	uint32_t count; /* members of a list or map, bytes of a string */
	union {
		struct {
			struct member *members;
			uint32_t room;
		} c; /* list or map; first, so that {0} empties it */
		bool b;
		int64_t i;
		double d;
	};
	char text[]; /* of a string: count bytes and a NUL */
};

static bool has_children(const struct catalog_value *value)
{
	return value != NULL &&
	       (value->type == CATALOG_VALUE_LIST || value->type == CATALOG_VALUE_MAP);
}

static struct catalog_value *new_value(enum catalog_value_type type, size_t text_room)
{
	struct catalog_value *value = malloc(sizeof *value + text_room);

	if (value == NULL)
		return NULL;
	*value = (struct catalog_value){.type = type};
	return value;
}

struct catalog_value *catalog_value_new_null(void)
{
	return new_value(CATALOG_VALUE_NULL, 0);
}

struct catalog_value *catalog_value_new_bool(bool b)
{
	struct catalog_value *value = new_value(CATALOG_VALUE_BOOL, 0);

	if (value != NULL)
		value->b = b;
	return value;
}

struct catalog_value *catalog_value_new_int(int64_t i)
{
	struct catalog_value *value = new_value(CATALOG_VALUE_INT, 0);

	if (value != NULL)
		value->i = i;
	return value;
}

struct catalog_value *catalog_value_new_double(double d)
{
	struct catalog_value *value;

	if (!isfinite(d))
		return catalog_value_new_null();
	value = new_value(CATALOG_VALUE_DOUBLE, 0);
	if (value != NULL)
		value->d = d;
	return value;
}

struct catalog_value *catalog_value_new_string(const char *text)
{
	return catalog_value_new_string_n(text, strlen(text));
}

struct catalog_value *catalog_value_new_string_n(const char *bytes, size_t len)
{
	struct catalog_value *value;

	if (len >= UINT32_MAX)
		return NULL;
	value = new_value(CATALOG_VALUE_STRING, len + 1);
	if (value == NULL)
		return NULL;
	if (len > 0)
		memcpy(value->text, bytes, len);
	value->text[len] = '\0';
	value->count = (uint32_t)len;
	return value;
}

struct catalog_value *catalog_value_new_list(void)
{
	return new_value(CATALOG_VALUE_LIST, 0);
}

struct catalog_value *catalog_value_new_map(void)
{
	return new_value(CATALOG_VALUE_MAP, 0);
}

void catalog_value_free(struct catalog_value *value)
{
	uint32_t i;

	if (value == NULL)
		return;
	if (has_children(value)) {
		for (i = 0; i < value->count; i++) {
			free(value->c.members[i].key);
			catalog_value_free(value->c.members[i].child);
		}
		free(value->c.members);
	}
	free(value);
}

static int reserve(struct catalog_value *value, uint32_t room)
{
	struct member *members;

	if (room <= value->c.room)
		return 0;
	members = reallocarray(value->c.members, room, sizeof *members);
	if (members == NULL)
		return -ENOMEM;
	value->c.members = members;
	value->c.room = room;
	return 0;
}

static int grow(struct catalog_value *value)
{
	if (value->count < value->c.room)
		return 0;
	if (value->c.room > UINT32_MAX / 2)
		return -ENOMEM;
	return reserve(value, value->c.room == 0 ? ROOM_MIN : value->c.room * 2);
}

static struct catalog_value *clone_children(const struct catalog_value *value)
{
	struct catalog_value *copy = new_value(value->type, 0);
	struct catalog_value *done = NULL;
	uint32_t i;

	if (copy == NULL || reserve(copy, value->count) != 0)
		goto out;
	for (i = 0; i < value->count; i++) {
		const struct member *from = &value->c.members[i];
		struct member *to = &copy->c.members[i];

		*to = (struct member){0};
		copy->count++;
		if (from->key != NULL && (to->key = strdup(from->key)) == NULL)
			goto out;
		to->child = catalog_value_clone(from->child);
		if (to->child == NULL)
			goto out;
	}
	done = copy;
	copy = NULL;
out:
	catalog_value_free(copy);
	return done;
}

struct catalog_value *catalog_value_clone(const struct catalog_value *value)
{
	struct catalog_value *copy;

	assert(value != NULL);
	if (has_children(value))
		return clone_children(value);
	if (value->type == CATALOG_VALUE_STRING)
		return catalog_value_new_string_n(value->text, value->count);
	copy = new_value(value->type, 0);
	if (copy != NULL)
		*copy = *value;
	return copy;
}

enum catalog_value_type catalog_value_type(const struct catalog_value *value)
{
	return value == NULL ? CATALOG_VALUE_NULL : value->type;
}

bool catalog_value_bool(const struct catalog_value *value)
{
	assert(catalog_value_type(value) == CATALOG_VALUE_BOOL);
	return value->b;
}

int64_t catalog_value_int(const struct catalog_value *value)
{
	assert(catalog_value_type(value) == CATALOG_VALUE_INT);
	return value->i;
}

double catalog_value_double(const struct catalog_value *value)
{
	if (catalog_value_type(value) == CATALOG_VALUE_INT)
		return (double)value->i;
	assert(catalog_value_type(value) == CATALOG_VALUE_DOUBLE);
	return value->d;
}

const char *catalog_value_text(const struct catalog_value *value)
{
	return catalog_value_type(value) == CATALOG_VALUE_STRING ? value->text : NULL;
}

size_t catalog_value_text_len(const struct catalog_value *value)
{
	return catalog_value_type(value) == CATALOG_VALUE_STRING ? value->count : 0;
}

size_t catalog_value_count(const struct catalog_value *value)
{
	return has_children(value) ? value->count : 0;
}

const struct catalog_value *catalog_value_at(const struct catalog_value *value, size_t i,
					     const char **ret_key)
{
	assert(has_children(value));
	assert(i < value->count);
	if (ret_key != NULL)
		*ret_key = value->c.members[i].key;
	return value->c.members[i].child;
}

/* Where key is in map, or where it belongs. */
static bool find(const struct catalog_value *map, const char *key, uint32_t *ret_i)
{
	uint32_t low = 0, high = map->count;

	/* In order is the common case of building. */
	if (high > 0 && strcmp(map->c.members[high - 1].key, key) < 0)
		low = high;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = strcmp(map->c.members[mid].key, key);

		if (c == 0) {
			*ret_i = mid;
			return true;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_i = low;
	return false;
}

const struct catalog_value *catalog_value_get(const struct catalog_value *map, const char *key)
{
	uint32_t i;

	if (catalog_value_type(map) != CATALOG_VALUE_MAP || !find(map, key, &i))
		return NULL;
	return map->c.members[i].child;
}

int catalog_value_append(struct catalog_value *list, struct catalog_value *child)
{
	assert(catalog_value_type(list) == CATALOG_VALUE_LIST);
	if (child == NULL || grow(list) != 0) {
		catalog_value_free(child);
		return -ENOMEM;
	}
	list->c.members[list->count++] = (struct member){NULL, child};
	return 0;
}

int catalog_value_set(struct catalog_value *map, const char *key, struct catalog_value *child)
{
	struct member *members;
	char *copy;
	uint32_t i;

	assert(catalog_value_type(map) == CATALOG_VALUE_MAP);
	if (child == NULL)
		return -ENOMEM;
	if (find(map, key, &i)) {
		catalog_value_free(map->c.members[i].child);
		map->c.members[i].child = child;
		return 0;
	}
	copy = strdup(key);
	if (copy == NULL || grow(map) != 0) {
		free(copy);
		catalog_value_free(child);
		return -ENOMEM;
	}
	members = map->c.members;
	memmove(members + i + 1, members + i, (map->count - i) * sizeof *members);
	members[i] = (struct member){copy, child};
	map->count++;
	return 0;
}

struct catalog_value *catalog_value_take(struct catalog_value *map, const char *key)
{
	struct catalog_value *child;
	struct member *members;
	uint32_t i;

	if (catalog_value_type(map) != CATALOG_VALUE_MAP || !find(map, key, &i))
		return NULL;
	members = map->c.members;
	child = members[i].child;
	free(members[i].key);
	map->count--;
	memmove(members + i, members + i + 1, (map->count - i) * sizeof *members);
	return child;
}

static bool equal_children(const struct catalog_value *a, const struct catalog_value *b)
{
	uint32_t i;

	for (i = 0; i < a->count; i++) {
		const struct member *of_a = &a->c.members[i];
		const struct member *of_b = &b->c.members[i];

		if (of_a->key != NULL && strcmp(of_a->key, of_b->key) != 0)
			return false;
		if (!catalog_value_equal(of_a->child, of_b->child))
			return false;
	}
	return true;
}

bool catalog_value_equal(const struct catalog_value *a, const struct catalog_value *b)
{
	if (catalog_value_type(a) != catalog_value_type(b))
		return false;
	switch (catalog_value_type(a)) {
	case CATALOG_VALUE_NULL: return true;
	case CATALOG_VALUE_BOOL: return a->b == b->b;
	case CATALOG_VALUE_INT: return a->i == b->i;
	/* Bits: 0.0 and -0.0 have two encodings. */
	case CATALOG_VALUE_DOUBLE: return memcmp(&a->d, &b->d, sizeof a->d) == 0;
	case CATALOG_VALUE_STRING:
		return a->count == b->count && memcmp(a->text, b->text, a->count) == 0;
	case CATALOG_VALUE_LIST:
	case CATALOG_VALUE_MAP: return a->count == b->count && equal_children(a, b);
	}
	return false;
}

static int pack_bytes(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static int pack_string(msgpack_packer *pk, const char *text, size_t len)
{
	int r = msgpack_pack_str(pk, len);

	return r != 0 ? r : msgpack_pack_str_body(pk, text, len);
}

static int pack(msgpack_packer *pk, const struct catalog_value *value, int depth)
{
	uint32_t i;
	int r = 0;

	switch (catalog_value_type(value)) {
	case CATALOG_VALUE_NULL: return msgpack_pack_nil(pk);
	case CATALOG_VALUE_BOOL: return value->b ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
	case CATALOG_VALUE_INT: return msgpack_pack_int64(pk, value->i);
	case CATALOG_VALUE_DOUBLE: return msgpack_pack_double(pk, value->d);
	case CATALOG_VALUE_STRING: return pack_string(pk, value->text, value->count);
	case CATALOG_VALUE_LIST:
	case CATALOG_VALUE_MAP: break;
	}
	if (depth == CATALOG_VALUE_DEPTH_MAX)
		return -E2BIG;
	r = value->type == CATALOG_VALUE_LIST ? msgpack_pack_array(pk, value->count)
					      : msgpack_pack_map(pk, value->count);
	for (i = 0; r == 0 && i < value->count; i++) {
		const struct member *member = &value->c.members[i];

		if (member->key != NULL)
			r = pack_string(pk, member->key, strlen(member->key));
		if (r == 0)
			r = pack(pk, member->child, depth + 1);
	}
	return r;
}

static int count_bytes(void *data, const char *bytes, size_t len)
{
	size_t *total = data;

	(void)bytes; /* how many is all that is asked */
	*total += len;
	return 0;
}

int catalog_value_measure(const struct catalog_value *value, size_t *ret_len)
{
	msgpack_packer pk;
	size_t len = 0;
	int r;

	msgpack_packer_init(&pk, &len, count_bytes);
	r = pack(&pk, value, 0);
	if (r == 0)
		*ret_len = len;
	return r;
}

int catalog_value_encode(const struct catalog_value *value, struct catalog_buffer *buffer)
{
	size_t len = buffer->len;
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, pack_bytes);
	r = pack(&pk, value, 0);
	if (r != 0)
		buffer->len = len;
	return r;
}

static int from_object(const msgpack_object *o, int depth, struct catalog_value **ret_value);

static int list_from_object(const msgpack_object_array *array, int depth,
			    struct catalog_value **ret_value)
{
	struct catalog_value *list = catalog_value_new_list();
	struct catalog_value *child;
	uint32_t i;
	int r = -ENOMEM;

	if (list == NULL || reserve(list, array->size) != 0)
		goto out;
	for (i = 0; i < array->size; i++) {
		r = from_object(&array->ptr[i], depth, &child);
		if (r != 0)
			goto out;
		list->c.members[list->count++] = (struct member){NULL, child};
	}
	r = 0;
	*ret_value = list;
	list = NULL;
out:
	catalog_value_free(list);
	return r;
}

static int compare_members(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

/* Bring the members of a map into order.  Returns 0, -EBADMSG if a key is there twice. */
static int sort_members(struct catalog_value *map)
{
	struct member *members = map->c.members;
	bool sorted = true;
	uint32_t i;

	for (i = 1; i < map->count && sorted; i++)
		sorted = compare_members(&members[i - 1], &members[i]) < 0;
	if (sorted)
		return 0;
	qsort(members, map->count, sizeof *members, compare_members);
	for (i = 1; i < map->count; i++)
		if (compare_members(&members[i - 1], &members[i]) == 0)
			return -EBADMSG;
	return 0;
}

static int key_from_object(const msgpack_object *o, char **ret_key)
{
	const char *bytes;
	size_t len;
	char *key;

	if (o->type != MSGPACK_OBJECT_STR)
		return -EBADMSG;
	len = o->via.str.size;
	bytes = len > 0 ? o->via.str.ptr : ""; /* an empty string has no ptr */
	if (memchr(bytes, '\0', len) != NULL || catalog_utf8_check(bytes, len) != 0)
		return -EBADMSG;
	key = strndup(bytes, len);
	if (key == NULL)
		return -ENOMEM;
	*ret_key = key;
	return 0;
}

static int map_from_object(const msgpack_object_map *object, int depth,
			   struct catalog_value **ret_value)
{
	struct catalog_value *map = catalog_value_new_map();
	uint32_t i;
	int r = -ENOMEM;

	if (map == NULL || reserve(map, object->size) != 0)
		goto out;
	for (i = 0; i < object->size; i++) {
		struct member *member = &map->c.members[i];

		*member = (struct member){0};
		map->count++;
		r = key_from_object(&object->ptr[i].key, &member->key);
		if (r == 0)
			r = from_object(&object->ptr[i].val, depth, &member->child);
		if (r != 0)
			goto out;
	}
	r = sort_members(map);
	if (r != 0)
		goto out;
	*ret_value = map;
	map = NULL;
out:
	catalog_value_free(map);
	return r;
}

static int scalar_from_object(const msgpack_object *o, struct catalog_value **ret_value)
{
	struct catalog_value *value = NULL;
	const char *bytes;

	switch (o->type) {
	case MSGPACK_OBJECT_NIL: value = catalog_value_new_null(); break;
	case MSGPACK_OBJECT_BOOLEAN: value = catalog_value_new_bool(o->via.boolean); break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		if (o->via.u64 > INT64_MAX)
			return -EBADMSG;
		value = catalog_value_new_int((int64_t)o->via.u64);
		break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: value = catalog_value_new_int(o->via.i64); break;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		if (!isfinite(o->via.f64))
			return -EBADMSG;
		value = catalog_value_new_double(o->via.f64);
		break;
	case MSGPACK_OBJECT_STR:
		bytes = o->via.str.size > 0 ? o->via.str.ptr : "";
		if (catalog_utf8_check(bytes, o->via.str.size) != 0)
			return -EBADMSG;
		value = catalog_value_new_string_n(bytes, o->via.str.size);
		break;
	case MSGPACK_OBJECT_ARRAY:
	case MSGPACK_OBJECT_MAP:
	case MSGPACK_OBJECT_BIN:
	case MSGPACK_OBJECT_EXT: return -EBADMSG;
	}
	if (value == NULL)
		return -ENOMEM;
	*ret_value = value;
	return 0;
}

static int from_object(const msgpack_object *o, int depth, struct catalog_value **ret_value)
{
	if (o->type != MSGPACK_OBJECT_ARRAY && o->type != MSGPACK_OBJECT_MAP)
		return scalar_from_object(o, ret_value);
	if (depth == CATALOG_VALUE_DEPTH_MAX)
		return -E2BIG;
	if (o->type == MSGPACK_OBJECT_ARRAY)
		return list_from_object(&o->via.array, depth + 1, ret_value);
	return map_from_object(&o->via.map, depth + 1, ret_value);
}

int catalog_value_decode(struct catalog_span bytes, struct catalog_value **ret_value)
{
	msgpack_unpacked unpacked;
	size_t used = 0;
	int r;

	r = catalog_wire_check(bytes.bytes, bytes.len);
	if (r != 0)
		return r;
	msgpack_unpacked_init(&unpacked);
	switch (msgpack_unpack_next(&unpacked, (const char *)bytes.bytes, bytes.len, &used)) {
	case MSGPACK_UNPACK_SUCCESS: r = from_object(&unpacked.data, 0, ret_value); break;
	/* msgpack-c says this beyond its own 32 levels, which is the likely case by far. */
	case MSGPACK_UNPACK_NOMEM_ERROR: r = -E2BIG; break;
	case MSGPACK_UNPACK_EXTRA_BYTES:
	case MSGPACK_UNPACK_CONTINUE:
	case MSGPACK_UNPACK_PARSE_ERROR: r = -EBADMSG; break;
	}
	msgpack_unpacked_destroy(&unpacked);
	return r;
}
