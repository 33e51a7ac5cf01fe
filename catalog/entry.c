/* catalog/entry.c - the array is read field by field, so that the body stays where it is, and by
 * hand: msgpack-c would allocate for each field, and every entry that a node takes passes here. */
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
#define NIL    0xc0

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

/* Take len bytes, big-endian, off *rest. */
static bool take_number(struct catalog_span *rest, size_t len, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (rest->len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | rest->bytes[i];
	rest->bytes += len;
	rest->len -= len;
	*ret_number = number;
	return true;
}

static bool take_type(struct catalog_span *rest, uint8_t *ret_type)
{
	uint64_t type;

	if (!take_number(rest, 1, &type))
		return false;
	*ret_type = (uint8_t)type;
	return true;
}

/* An integer in any of its forms.  *ret_negative: *ret_number is one, in two's complement. */
static int take_integer(struct catalog_span *rest, uint64_t *ret_number, bool *ret_negative)
{
	uint64_t number;
	uint8_t type;

	if (!take_type(rest, &type))
		return -EBADMSG;
	if (type <= 0x7f || type >= 0xe0) {
		number = (uint64_t)(int64_t)(int8_t)type;
	} else if (type >= 0xcc && type <= 0xcf) { /* uint 8 to 64 */
		if (!take_number(rest, (size_t)1 << (type - 0xcc), &number))
			return -EBADMSG;
		*ret_number = number;
		*ret_negative = false;
		return 0;
	} else if (type >= 0xd0 && type <= 0xd3) { /* int 8 to 64 */
		unsigned unused = 64 - (8u << (type - 0xd0));

		if (!take_number(rest, (size_t)1 << (type - 0xd0), &number))
			return -EBADMSG;
		number = (uint64_t)((int64_t)(number << unused) >> unused);
	} else {
		return -EBADMSG;
	}
	*ret_number = number;
	*ret_negative = (int64_t)number < 0;
	return 0;
}

static int take_unsigned(struct catalog_span *rest, uint64_t *ret_number)
{
	bool negative = false;
	int r = take_integer(rest, ret_number, &negative);

	return r == 0 && negative ? -EBADMSG : r;
}

/* A str (bin) of whatever length: fix is the first type of the short form or 0, type8 that of the
 * form with a length of one byte. */
static int take_bytes(struct catalog_span *rest, uint8_t fix, uint8_t type8,
		      struct catalog_span *ret_bytes)
{
	uint64_t len;
	uint8_t type;

	if (!take_type(rest, &type))
		return -EBADMSG;
	if (fix != 0 && type >= fix && type <= fix + 0x1f)
		len = type - fix;
	else if (type < type8 || type > type8 + 2 ||
		 !take_number(rest, (size_t)1 << (type - type8), &len))
		return -EBADMSG;
	if (len > rest->len)
		return -EBADMSG;
	*ret_bytes = (struct catalog_span){rest->bytes, (size_t)len};
	rest->bytes += len;
	rest->len -= (size_t)len;
	return 0;
}

static int take_str(struct catalog_span *rest, struct catalog_span *ret_bytes)
{
	return take_bytes(rest, 0xa0, 0xd9, ret_bytes);
}

static int take_bin(struct catalog_span *rest, struct catalog_span *ret_bytes)
{
	return take_bytes(rest, 0, 0xc4, ret_bytes);
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

static int take_kind(struct catalog_span *rest, enum catalog_entry_kind *ret_kind)
{
	uint64_t kind = 0;
	int r = take_unsigned(rest, &kind);

	if (r != 0 || !kind_known(kind))
		return -EBADMSG;
	*ret_kind = (enum catalog_entry_kind)kind;
	return 0;
}

static int take_id(struct catalog_span *rest, enum catalog_entry_kind kind,
		   char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	struct catalog_span id;

	if (take_str(rest, &id) != 0 || id.len > CATALOG_ID_BYTES_MAX ||
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
	int r = take_integer(rest, &time, &negative);

	if (r != 0 || (!negative && time > INT64_MAX))
		return -EBADMSG;
	*ret_time_s = (int64_t)time;
	return 0;
}

static int take_prev(struct catalog_span *rest, uint64_t *ret_prev)
{
	uint64_t prev = 0;

	if (rest->len > 0 && rest->bytes[0] == NIL) {
		rest->bytes++;
		rest->len--;
		*ret_prev = CATALOG_ENTRY_PREV_NONE;
		return 0;
	}
	if (take_unsigned(rest, &prev) != 0 || prev == CATALOG_ENTRY_PREV_NONE)
		return -EBADMSG;
	*ret_prev = prev;
	return 0;
}

static int take_salt(struct catalog_span *rest, uint8_t ret_salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_span salt;

	if (take_bin(rest, &salt) != 0 || salt.len != CATALOG_ENTRY_SALT_BYTES)
		return -EBADMSG;
	memcpy(ret_salt, salt.bytes, CATALOG_ENTRY_SALT_BYTES);
	return 0;
}

int catalog_entry_decode(struct catalog_span bytes, struct catalog_entry *ret_entry)
{
	struct catalog_entry entry;
	int r;

	if (bytes.len > CATALOG_ENTRY_BYTES_MAX)
		return -E2BIG;
	entry.body = bytes;
	if ((r = take_array(&entry.body, FIELDS)) != 0 ||
	    (r = take_kind(&entry.body, &entry.kind)) != 0 ||
	    (r = take_id(&entry.body, entry.kind, entry.id)) != 0 ||
	    (r = take_time(&entry.body, &entry.time_s)) != 0 ||
	    (r = take_prev(&entry.body, &entry.prev)) != 0 ||
	    (r = take_salt(&entry.body, entry.salt)) != 0 ||
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
	struct catalog_span rest = body, root = {0};
	struct catalog_state state = {0};

	if (take_array(&rest, 3) != 0 || take_unsigned(&rest, &state.live) != 0 ||
	    take_unsigned(&rest, &state.withdrawn) != 0 || take_bin(&rest, &root) != 0 ||
	    root.len != sizeof state.view_root || rest.len != 0)
		return -EBADMSG;
	memcpy(state.view_root.bytes, root.bytes, root.len);
	*ret_state = state;
	return 0;
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
