#include "catalog/pack.h"

#include <assert.h>
#include <string.h>

/* A head: the tag byte, and the width bytes of number after it, big-endian. */
static int head(struct catalog_buffer *buffer, uint8_t tag, uint64_t number, unsigned width)
{
	uint8_t bytes[9] = {tag};

	assert(width <= 8);
	for (unsigned i = 0; i < width; i++)
		bytes[1 + i] = (uint8_t)(number >> 8 * (width - 1 - i));
	return catalog_buffer_append(buffer, bytes, 1 + width);
}

int catalog_pack_map(struct catalog_buffer *buffer, uint32_t count)
{
	if (count < 16)
		return head(buffer, (uint8_t)(0x80 | count), 0, 0);
	return count <= UINT16_MAX ? head(buffer, 0xde, count, 2) : head(buffer, 0xdf, count, 4);
}

int catalog_pack_array(struct catalog_buffer *buffer, uint32_t count)
{
	if (count < 16)
		return head(buffer, (uint8_t)(0x90 | count), 0, 0);
	return count <= UINT16_MAX ? head(buffer, 0xdc, count, 2) : head(buffer, 0xdd, count, 4);
}

int catalog_pack_nil(struct catalog_buffer *buffer)
{
	return head(buffer, 0xc0, 0, 0);
}

int catalog_pack_number(struct catalog_buffer *buffer, uint64_t number)
{
	if (number < 0x80)
		return head(buffer, (uint8_t)number, 0, 0);
	if (number <= UINT8_MAX)
		return head(buffer, 0xcc, number, 1);
	if (number <= UINT16_MAX)
		return head(buffer, 0xcd, number, 2);
	return number <= UINT32_MAX ? head(buffer, 0xce, number, 4) : head(buffer, 0xcf, number, 8);
}

int catalog_pack_int(struct catalog_buffer *buffer, int64_t number)
{
	if (number >= 0)
		return catalog_pack_number(buffer, (uint64_t)number);
	if (number >= -32)
		return head(buffer, (uint8_t)number, 0, 0);
	if (number >= INT8_MIN)
		return head(buffer, 0xd0, (uint64_t)number, 1);
	if (number >= INT16_MIN)
		return head(buffer, 0xd1, (uint64_t)number, 2);
	return number >= INT32_MIN ? head(buffer, 0xd2, (uint64_t)number, 4)
				   : head(buffer, 0xd3, (uint64_t)number, 8);
}

int catalog_pack_text(struct catalog_buffer *buffer, const char *text)
{
	size_t len = strlen(text);
	int r;

	assert(len <= UINT32_MAX);
	if (len < 32)
		r = head(buffer, (uint8_t)(0xa0 | len), 0, 0);
	else if (len <= UINT8_MAX)
		r = head(buffer, 0xd9, len, 1);
	else
		r = len <= UINT16_MAX ? head(buffer, 0xda, len, 2) : head(buffer, 0xdb, len, 4);
	return r != 0 ? r : catalog_buffer_append(buffer, text, len);
}

int catalog_pack_bin(struct catalog_buffer *buffer, const void *bytes, size_t len)
{
	int r;

	assert(len <= UINT32_MAX);
	if (len <= UINT8_MAX)
		r = head(buffer, 0xc4, len, 1);
	else
		r = len <= UINT16_MAX ? head(buffer, 0xc5, len, 2) : head(buffer, 0xc6, len, 4);
	return r != 0 ? r : catalog_buffer_append(buffer, bytes, len);
}
