/* catalog/entry.c - the array is read field by field, so that the body stays where it is, and by
 * hand: msgpack-c would allocate for each field, and every entry that a node takes passes here. */
#include "catalog/entry.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <msgpack.h>

#include "catalog/take.h"
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

/* --- reading: what an entry is made of, without a tree of values -------------------------------
 */

static int take_fields(struct catalog_span *rest, uint64_t count)
{
	uint64_t found;

	return catalog_take_array(rest, &found) != 0 || found != count ? -EBADMSG : 0;
}

static int take_kind(struct catalog_span *rest, enum catalog_entry_kind *ret_kind)
{
	uint64_t kind = 0;

	if (catalog_take_unsigned(rest, CATALOG_ENTRY_STATE, &kind) != 0 || !kind_known(kind))
		return -EBADMSG;
	*ret_kind = (enum catalog_entry_kind)kind;
	return 0;
}

static int take_id(struct catalog_span *rest, enum catalog_entry_kind kind,
		   char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	struct catalog_span id;

	if (catalog_take_str(rest, &id) != 0 || id.len > CATALOG_ID_BYTES_MAX ||
	    (id.len == 0) != (kind == CATALOG_ENTRY_STATE) ||
	    memchr(id.bytes, '\0', id.len) != NULL ||
	    catalog_utf8_check((const char *)id.bytes, id.len) != 0)
		return -EBADMSG;
	memcpy(ret_id, id.bytes, id.len);
	ret_id[id.len] = '\0';
	return 0;
}

static int take_time(struct catalog_span *rest, int64_t *ret_time_s)
{
	bool negative = false;
	uint64_t time = 0;
	int r = catalog_take_integer(rest, &time, &negative);

	if (r != 0 || (!negative && time > INT64_MAX))
		return -EBADMSG;
	*ret_time_s = (int64_t)time;
	return 0;
}

static int take_prev(struct catalog_span *rest, uint64_t *ret_prev)
{
	uint64_t prev = 0;

	if (catalog_take_nil(rest)) {
		*ret_prev = CATALOG_ENTRY_PREV_NONE;
		return 0;
	}
	if (catalog_take_unsigned(rest, CATALOG_ENTRY_PREV_NONE - 1, &prev) != 0)
		return -EBADMSG;
	*ret_prev = prev;
	return 0;
}

int catalog_entry_decode(struct catalog_span bytes, struct catalog_entry *ret_entry)
{
	struct catalog_entry entry;
	int r;

	if (bytes.len > CATALOG_ENTRY_BYTES_MAX)
		return -E2BIG;
	entry.body = bytes;
	if ((r = take_fields(&entry.body, FIELDS)) != 0 ||
	    (r = take_kind(&entry.body, &entry.kind)) != 0 ||
	    (r = take_id(&entry.body, entry.kind, entry.id)) != 0 ||
	    (r = take_time(&entry.body, &entry.time_s)) != 0 ||
	    (r = take_prev(&entry.body, &entry.prev)) != 0 ||
	    (r = catalog_take_fixed(&entry.body, entry.salt, sizeof entry.salt)) != 0 ||
	    (r = catalog_wire_check(entry.body.bytes, entry.body.len)) != 0)
		return r;
	*ret_entry = entry;
	return 0;
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

	if (take_fields(&rest, 3) != 0 ||
	    catalog_take_unsigned(&rest, UINT64_MAX, &state.live) != 0 ||
	    catalog_take_unsigned(&rest, UINT64_MAX, &state.withdrawn) != 0 ||
	    catalog_take_fixed(&rest, state.view_root.bytes, sizeof state.view_root.bytes) != 0 ||
	    rest.len != 0)
		return -EBADMSG;
	*ret_state = state;
	return 0;
}

void catalog_entry_thing(enum catalog_entry_kind kind, const char *id, struct catalog_hash *ret_key)
{
	static const char domain[] = "fedcat-thing-v1"; /* with its NUL */
	uint8_t thing = (uint8_t)(kind == CATALOG_ENTRY_WITHDRAW ? CATALOG_ENTRY_PUT : kind);
	const struct catalog_span parts[] = {{(const uint8_t *)domain, sizeof domain},
					     {&thing, 1},
					     {(const uint8_t *)id, strlen(id)}};

	assert(kind_known(kind));
	catalog_hash_of_parts(parts, 3, ret_key);
}
