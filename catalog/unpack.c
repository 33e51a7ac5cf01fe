#include "catalog/unpack.h"

#include <assert.h>
#include <string.h>

#include "catalog/wire.h"

static const struct catalog_span nothing = {NULL, 0};

struct catalog_unpack catalog_unpack_of(struct catalog_span bytes)
{
	return (struct catalog_unpack){bytes, false};
}

static void spoil(struct catalog_unpack *unpack)
{
	unpack->is_bad = true;
	unpack->rest = nothing;
}

/* The next len bytes. */
static struct catalog_span take(struct catalog_unpack *unpack, size_t len)
{
	struct catalog_span taken = {unpack->rest.bytes, len};

	if (unpack->is_bad || len > unpack->rest.len) {
		spoil(unpack);
		return nothing;
	}
	unpack->rest.bytes += len;
	unpack->rest.len -= len;
	return taken;
}

static uint8_t take_tag(struct catalog_unpack *unpack)
{
	struct catalog_span tag = take(unpack, 1);

	return tag.len == 1 ? tag.bytes[0] : 0xc1; /* which msgpack never uses */
}

static uint64_t take_number(struct catalog_unpack *unpack, size_t width)
{
	struct catalog_span bytes = take(unpack, width);
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | bytes.bytes[i];
	return number;
}

/* A count or length: in the tag, below fix, or in the 1, 2 or 4 bytes after one of the tags from
 * first on (first_width bytes after the first). */
static size_t take_count(struct catalog_unpack *unpack, uint8_t fix, uint8_t fix_mask,
			 uint8_t first, size_t first_width, size_t max)
{
	uint8_t tag = take_tag(unpack);
	uint64_t count;
	size_t width = first_width;

	if (fix != 0 && (tag & (uint8_t)~fix_mask) == fix) {
		count = tag & fix_mask;
	} else {
		for (uint8_t t = first; width <= 4; t++, width *= 2)
			if (t == tag)
				break;
		if (width > 4) {
			spoil(unpack);
			return 0;
		}
		count = take_number(unpack, width);
	}
	if (unpack->is_bad || count > max) {
		spoil(unpack);
		return 0;
	}
	return (size_t)count;
}

size_t catalog_unpack_map(struct catalog_unpack *unpack, size_t max)
{
	return take_count(unpack, 0x80, 0x0f, 0xde, 2, max);
}

size_t catalog_unpack_array(struct catalog_unpack *unpack, size_t max)
{
	return take_count(unpack, 0x90, 0x0f, 0xdc, 2, max);
}

bool catalog_unpack_nil(struct catalog_unpack *unpack)
{
	if (unpack->rest.len == 0 || unpack->rest.bytes[0] != 0xc0)
		return false;
	(void)take(unpack, 1); /* it is there */
	return true;
}

uint64_t catalog_unpack_number(struct catalog_unpack *unpack, uint64_t max)
{
	uint8_t tag = take_tag(unpack);
	uint64_t number = 0;

	if (tag < 0x80)
		number = tag;
	else if (tag >= 0xcc && tag <= 0xcf)
		number = take_number(unpack, (size_t)1 << (tag - 0xcc));
	else
		spoil(unpack);
	if (unpack->is_bad || number > max) {
		spoil(unpack);
		return 0;
	}
	return number;
}

int64_t catalog_unpack_int(struct catalog_unpack *unpack)
{
	uint8_t tag = unpack->rest.len > 0 ? unpack->rest.bytes[0] : 0xc1;
	size_t width;
	uint64_t number;

	if (tag >= 0xe0) {
		(void)take(unpack, 1); /* it is there */
		return (int64_t)tag - 256;
	}
	if (tag < 0xd0 || tag > 0xd3)
		return (int64_t)catalog_unpack_number(unpack, INT64_MAX);
	(void)take(unpack, 1); /* likewise */
	width = (size_t)1 << (tag - 0xd0);
	number = take_number(unpack, width);
	if (unpack->is_bad)
		return 0;
	if (width < 8 && number >> (8 * width - 1) != 0)
		number |= UINT64_MAX << 8 * width; /* the sign */
	return number <= INT64_MAX ? (int64_t)number : -(int64_t)(UINT64_MAX - number) - 1;
}

void catalog_unpack_text(struct catalog_unpack *unpack, char *ret_text, size_t room)
{
	size_t len = take_count(unpack, 0xa0, 0x1f, 0xd9, 1, room - 1);
	struct catalog_span text = take(unpack, len);

	assert(room > 0);
	if (text.len == 0 || memchr(text.bytes, '\0', text.len) != NULL) {
		spoil(unpack);
		ret_text[0] = '\0';
		return;
	}
	memcpy(ret_text, text.bytes, text.len);
	ret_text[text.len] = '\0';
}

struct catalog_span catalog_unpack_bin(struct catalog_unpack *unpack)
{
	size_t len = take_count(unpack, 0, 0, 0xc4, 1, SIZE_MAX);

	return take(unpack, len);
}

void catalog_unpack_bytes(struct catalog_unpack *unpack, uint8_t *ret_bytes, size_t len)
{
	struct catalog_span bytes = catalog_unpack_bin(unpack);

	if (unpack->is_bad || bytes.len != len) {
		spoil(unpack);
		memset(ret_bytes, 0, len);
		return;
	}
	memcpy(ret_bytes, bytes.bytes, len);
}

struct catalog_span catalog_unpack_any(struct catalog_unpack *unpack)
{
	size_t len = 0;

	if (unpack->is_bad ||
	    catalog_wire_measure(unpack->rest.bytes, unpack->rest.len, &len) != 0) {
		spoil(unpack);
		return nothing;
	}
	return take(unpack, len);
}

bool catalog_unpack_done(const struct catalog_unpack *unpack)
{
	return !unpack->is_bad && unpack->rest.len == 0;
}
