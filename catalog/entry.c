/* catalog/entry.c - the array is read field by field, so that the body stays where it is. */
#include "catalog/entry.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <msgpack.h>
#include <sodium.h>

#include "catalog/utf8.h"
#include "catalog/wire.h"

#define FIELDS 6

static int buffer_write(void *data, const char *bytes, size_t len)
{
	return catalog_buffer_append(data, bytes, len);
}

static bool kind_known(uint64_t kind)
{
	return kind >= CATALOG_ENTRY_PUT && kind <= CATALOG_ENTRY_STATE;
}

int catalog_entry_encode(const struct catalog_entry *entry, struct catalog_buffer *buffer)
{
	size_t before = buffer->len, id_len = strlen(entry->id);
	msgpack_packer pk;
	int r;

	assert(kind_known(entry->kind));
	assert(id_len <= CATALOG_ID_BYTES_MAX);
	assert((id_len == 0) == (entry->kind == CATALOG_ENTRY_STATE));
	assert(catalog_wire_check(entry->body.bytes, entry->body.len) == 0);

	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, FIELDS)) != 0 ||
	    (r = msgpack_pack_int(&pk, entry->kind)) != 0 ||
	    (r = msgpack_pack_str(&pk, id_len)) != 0 ||
	    (r = msgpack_pack_str_body(&pk, entry->id, id_len)) != 0 ||
	    (r = msgpack_pack_int64(&pk, entry->time_s)) != 0 ||
	    (r = entry->prev == CATALOG_ENTRY_PREV_NONE
			 ? msgpack_pack_nil(&pk)
			 : msgpack_pack_uint64(&pk, entry->prev)) != 0 ||
	    (r = msgpack_pack_bin(&pk, sizeof entry->salt)) != 0 ||
	    (r = msgpack_pack_bin_body(&pk, entry->salt, sizeof entry->salt)) != 0 ||
	    (r = catalog_buffer_append(buffer, entry->body.bytes, entry->body.len)) != 0)
		goto out;
	if (buffer->len - before > CATALOG_ENTRY_BYTES_MAX)
		r = -E2BIG;
out:
	if (r != 0)
		buffer->len = before;
	return r;
}

/* Take the first value off *rest; *ret_bytes is where it stands. */
static int next_span(struct catalog_span *rest, struct catalog_span *ret_bytes)
{
	size_t len = 0;
	int r = catalog_wire_measure(rest->bytes, rest->len, &len);

	if (r != 0)
		return r;
	*ret_bytes = (struct catalog_span){rest->bytes, len};
	rest->bytes += len;
	rest->len -= len;
	return 0;
}

/* Take the first value off *rest, decoded into *unpacked (initialised; the caller destroys it). */
static int next_value(struct catalog_span *rest, msgpack_unpacked *unpacked)
{
	struct catalog_span bytes = {0};
	size_t used = 0;
	int r = next_span(rest, &bytes);

	if (r != 0)
		return r;
	return msgpack_unpack_next(unpacked, (const char *)bytes.bytes, bytes.len, &used) ==
			       MSGPACK_UNPACK_SUCCESS
		       ? 0
		       : -EBADMSG;
}

static int take_array(struct catalog_span *rest, unsigned count)
{
	size_t header;

	if (rest->len >= 1 && rest->bytes[0] == (0x90 | count))
		header = 1;
	else if (rest->len >= 3 &&
		 memcmp(rest->bytes, (uint8_t[]){0xdc, 0, (uint8_t)count}, 3) == 0)
		header = 3;
	else if (rest->len >= 5 &&
		 memcmp(rest->bytes, (uint8_t[]){0xdd, 0, 0, 0, (uint8_t)count}, 5) == 0)
		header = 5;
	else
		return -EBADMSG;
	rest->bytes += header;
	rest->len -= header;
	return 0;
}

static int kind_from(const msgpack_object *o, enum catalog_entry_kind *ret_kind)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || !kind_known(o->via.u64))
		return -EBADMSG;
	*ret_kind = (enum catalog_entry_kind)o->via.u64;
	return 0;
}

static int id_from(const msgpack_object *o, enum catalog_entry_kind kind,
		   char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	size_t len;

	if (o->type != MSGPACK_OBJECT_STR || o->via.str.size > CATALOG_ID_BYTES_MAX)
		return -EBADMSG;
	len = o->via.str.size;
	if ((len == 0) != (kind == CATALOG_ENTRY_STATE))
		return -EBADMSG;
	if (len > 0) { /* an empty string's ptr is NULL */
		if (memchr(o->via.str.ptr, '\0', len) != NULL ||
		    catalog_utf8_check(o->via.str.ptr, len) != 0)
			return -EBADMSG;
		memcpy(ret_id, o->via.str.ptr, len);
	}
	ret_id[len] = '\0';
	return 0;
}

static int time_from(const msgpack_object *o, int64_t *ret_time_s)
{
	if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		*ret_time_s = o->via.i64;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT64_MAX)
		*ret_time_s = (int64_t)o->via.u64;
	else
		return -EBADMSG;
	return 0;
}

static int prev_from(const msgpack_object *o, uint64_t *ret_prev)
{
	if (o->type == MSGPACK_OBJECT_NIL)
		*ret_prev = CATALOG_ENTRY_PREV_NONE;
	else if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER &&
		 o->via.u64 != CATALOG_ENTRY_PREV_NONE)
		*ret_prev = o->via.u64;
	else
		return -EBADMSG;
	return 0;
}

static int salt_from(const msgpack_object *o, uint8_t ret_salt[CATALOG_ENTRY_SALT_BYTES])
{
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size != CATALOG_ENTRY_SALT_BYTES)
		return -EBADMSG;
	memcpy(ret_salt, o->via.bin.ptr, CATALOG_ENTRY_SALT_BYTES);
	return 0;
}

int catalog_entry_decode(struct catalog_span bytes, struct catalog_entry *ret_entry)
{
	struct catalog_span rest = bytes;
	struct catalog_entry entry = {0};
	msgpack_unpacked u;
	int r;

	if (bytes.len > CATALOG_ENTRY_BYTES_MAX)
		return -E2BIG;
	r = take_array(&rest, FIELDS);
	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	if ((r = next_value(&rest, &u)) == 0 && (r = kind_from(&u.data, &entry.kind)) == 0 &&
	    (r = next_value(&rest, &u)) == 0 && (r = id_from(&u.data, entry.kind, entry.id)) == 0 &&
	    (r = next_value(&rest, &u)) == 0 && (r = time_from(&u.data, &entry.time_s)) == 0 &&
	    (r = next_value(&rest, &u)) == 0 && (r = prev_from(&u.data, &entry.prev)) == 0 &&
	    (r = next_value(&rest, &u)) == 0 && (r = salt_from(&u.data, entry.salt)) == 0 &&
	    (r = next_span(&rest, &entry.body)) == 0 && rest.len != 0)
		r = -EBADMSG;
	msgpack_unpacked_destroy(&u);
	if (r == 0)
		*ret_entry = entry;
	return r;
}

int catalog_entry_encode_state(const struct catalog_state *state, struct catalog_buffer *buffer)
{
	size_t before = buffer->len;
	msgpack_packer pk;
	int r;

	msgpack_packer_init(&pk, buffer, buffer_write);
	if ((r = msgpack_pack_array(&pk, 3)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, state->live)) != 0 ||
	    (r = msgpack_pack_uint64(&pk, state->withdrawn)) != 0 ||
	    (r = msgpack_pack_bin(&pk, sizeof state->view_root)) != 0 ||
	    (r = msgpack_pack_bin_body(&pk, state->view_root.bytes, sizeof state->view_root)) != 0)
		buffer->len = before;
	return r;
}

int catalog_entry_decode_state(struct catalog_span body, struct catalog_state *ret_state)
{
	struct catalog_span rest = body;
	struct catalog_state state = {0};
	msgpack_unpacked u;
	int r;

	r = take_array(&rest, 3);
	if (r != 0)
		return r;
	msgpack_unpacked_init(&u);
	for (unsigned i = 0; i < 3 && r == 0; i++) {
		r = next_value(&rest, &u);
		if (r != 0)
			break;
		if (i < 2 && u.data.type == MSGPACK_OBJECT_POSITIVE_INTEGER)
			*(i == 0 ? &state.live : &state.withdrawn) = u.data.via.u64;
		else if (i == 2 && u.data.type == MSGPACK_OBJECT_BIN &&
			 u.data.via.bin.size == sizeof state.view_root)
			memcpy(&state.view_root, u.data.via.bin.ptr, sizeof state.view_root);
		else
			r = -EBADMSG;
	}
	msgpack_unpacked_destroy(&u);
	if (r == 0 && rest.len != 0)
		r = -EBADMSG;
	if (r == 0)
		*ret_state = state;
	return r;
}

void catalog_entry_thing(enum catalog_entry_kind kind, const char *id, struct catalog_hash *ret_key)
{
	static const char domain[] = "fedcat-thing-v1"; /* with its NUL */
	uint8_t thing = (uint8_t)(kind == CATALOG_ENTRY_WITHDRAW ? CATALOG_ENTRY_PUT : kind);
	crypto_hash_sha256_state state;

	assert(kind_known(kind));
	(void)crypto_hash_sha256_init(&state); /* these four always return 0 */
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)domain, sizeof domain);
	(void)crypto_hash_sha256_update(&state, &thing, 1);
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)id, strlen(id));
	(void)crypto_hash_sha256_final(&state, ret_key->bytes);
}
