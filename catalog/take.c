#include "catalog/take.h"

#include <errno.h>
#include <string.h>

#define NIL       0xc0
#define BIN_8     0xc4
#define UINT_8    0xcc
#define INT_8     0xd0
#define STR_8     0xd9
#define ARRAY_16  0xdc
#define ARRAY_32  0xdd
#define FIX_ARRAY 0x90
#define FIX_STR   0xa0

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

int catalog_take_integer(struct catalog_span *rest, uint64_t *ret_number, bool *ret_negative)
{
	struct catalog_span at = *rest;
	bool is_signed = true;
	uint64_t number;
	uint8_t type;

	if (!take_type(&at, &type))
		return -EBADMSG;
	if (type <= 0x7f || type >= 0xe0) {
		number = (uint64_t)(int64_t)(int8_t)type;
	} else if (type >= UINT_8 && type <= UINT_8 + 3) {
		if (!take_number(&at, (size_t)1 << (type - UINT_8), &number))
			return -EBADMSG;
		is_signed = false;
	} else if (type >= INT_8 && type <= INT_8 + 3) {
		unsigned unused = 64 - (8u << (type - INT_8));

		if (!take_number(&at, (size_t)1 << (type - INT_8), &number))
			return -EBADMSG;
		number = (uint64_t)((int64_t)(number << unused) >> unused);
	} else {
		return -EBADMSG;
	}
	*rest = at;
	*ret_number = number;
	*ret_negative = is_signed && (int64_t)number < 0;
	return 0;
}

int catalog_take_unsigned(struct catalog_span *rest, uint64_t max, uint64_t *ret_number)
{
	struct catalog_span at = *rest;
	uint64_t number = 0;
	bool negative = false;

	if (catalog_take_integer(&at, &number, &negative) != 0 || negative || number > max)
		return -EBADMSG;
	*rest = at;
	*ret_number = number;
	return 0;
}

/* A str (bin) of whatever length: fix is the first type of the short form or 0, type8 that of the
 * form with a length of one byte. */
static int take_bytes(struct catalog_span *rest, uint8_t fix, uint8_t type8,
		      struct catalog_span *ret_bytes)
{
	struct catalog_span at = *rest;
	uint64_t len;
	uint8_t type;

	if (!take_type(&at, &type))
		return -EBADMSG;
	if (fix != 0 && type >= fix && type <= fix + 0x1f)
		len = type - fix;
	else if (type < type8 || type > type8 + 2 ||
		 !take_number(&at, (size_t)1 << (type - type8), &len))
		return -EBADMSG;
	if (len > at.len)
		return -EBADMSG;
	*ret_bytes = (struct catalog_span){at.bytes, (size_t)len};
	*rest = (struct catalog_span){at.bytes + len, at.len - (size_t)len};
	return 0;
}

int catalog_take_str(struct catalog_span *rest, struct catalog_span *ret_bytes)
{
	return take_bytes(rest, FIX_STR, STR_8, ret_bytes);
}

int catalog_take_bin(struct catalog_span *rest, struct catalog_span *ret_bytes)
{
	return take_bytes(rest, 0, BIN_8, ret_bytes);
}

int catalog_take_fixed(struct catalog_span *rest, void *ret_bytes, size_t len)
{
	struct catalog_span at = *rest, bytes;

	if (catalog_take_bin(&at, &bytes) != 0 || bytes.len != len)
		return -EBADMSG;
	memcpy(ret_bytes, bytes.bytes, len);
	*rest = at;
	return 0;
}

int catalog_take_array(struct catalog_span *rest, uint64_t *ret_count)
{
	struct catalog_span at = *rest;
	uint64_t count;
	uint8_t type;

	if (!take_type(&at, &type))
		return -EBADMSG;
	if ((type & 0xf0) == FIX_ARRAY)
		count = type & 0x0f;
	else if ((type != ARRAY_16 && type != ARRAY_32) ||
		 !take_number(&at, type == ARRAY_16 ? 2 : 4, &count))
		return -EBADMSG;
	*rest = at;
	*ret_count = count;
	return 0;
}

bool catalog_take_is_array(struct catalog_span rest)
{
	return rest.len > 0 && ((rest.bytes[0] & 0xf0) == FIX_ARRAY || rest.bytes[0] == ARRAY_16 ||
				rest.bytes[0] == ARRAY_32);
}

bool catalog_take_nil(struct catalog_span *rest)
{
	if (rest->len == 0 || rest->bytes[0] != NIL)
		return false;
	rest->bytes++;
	rest->len--;
	return true;
}
