/* catalog/buffer.c - doubles its room, so that appending is linear in all. */
#include "catalog/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_BYTES_MIN 64

void catalog_buffer_close(struct catalog_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct catalog_buffer){0};
}

int catalog_buffer_reserve(struct catalog_buffer *buffer, size_t len)
{
	size_t room = buffer->room < ROOM_BYTES_MIN ? ROOM_BYTES_MIN : buffer->room;
	uint8_t *bytes;

	assert(buffer->len <= buffer->room);
	if (len <= buffer->room - buffer->len)
		return 0;
	if (len > SIZE_MAX / 2 - buffer->len)
		return -ENOMEM;
	while (room - buffer->len < len)
		room *= 2;
	bytes = realloc(buffer->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->room = room;
	return 0;
}

int catalog_buffer_append(struct catalog_buffer *buffer, const void *bytes, size_t len)
{
	int r = catalog_buffer_reserve(buffer, len);

	if (r != 0)
		return r;
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
	return 0;
}

int catalog_buffer_print(struct catalog_buffer *buffer, const char *format, ...)
{
	va_list args, again;
	int len, r;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	r = catalog_buffer_reserve(buffer, (size_t)len + 1);
	if (r == 0) {
		(void)vsnprintf((char *)buffer->bytes + buffer->len, (size_t)len + 1, format,
				again); /* measured above */
		buffer->len += (size_t)len;
	}
	va_end(again);
	return r;
}

struct catalog_span catalog_buffer_span(const struct catalog_buffer *buffer)
{
	return (struct catalog_span){buffer->bytes, buffer->len};
}

void catalog_buffer_trim(struct catalog_buffer *buffer)
{
	uint8_t *bytes;

	if (buffer->len == 0 || buffer->len == buffer->room)
		return;
	bytes = realloc(buffer->bytes, buffer->len);
	if (bytes == NULL)
		return;
	buffer->bytes = bytes;
	buffer->room = buffer->len;
}
