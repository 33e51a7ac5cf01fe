/* catalog/buffer.h - bytes that grow, and bytes that are borrowed.
 *
 * Threads  none: one caller at a time.
 */
#ifndef CATALOG_BUFFER_H
#define CATALOG_BUFFER_H

#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes: never freed through this.  {NULL, 0} is the empty span. */
struct catalog_span {
	const uint8_t *bytes;
	size_t len;
};

/* Owned bytes.  {0} is a valid empty buffer; every state with len <= room is. */
struct catalog_buffer {
	uint8_t *bytes;
	size_t len;
	size_t room;
};

/* End a buffer's memory and leave it empty, ready for use again. */
void catalog_buffer_close(struct catalog_buffer *buffer);

/* Append a copy of len bytes.  Returns 0, -ENOMEM (and changes nothing). */
int catalog_buffer_append(struct catalog_buffer *buffer, const void *bytes, size_t len);

/* Append text formatted as by printf, without its NUL.  Returns 0, -ENOMEM. */
int catalog_buffer_print(struct catalog_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Make room for len more bytes after buffer->len, without changing len.
 * Returns 0, -ENOMEM. */
int catalog_buffer_reserve(struct catalog_buffer *buffer, size_t len);

/* Give back the room that is not used, if that succeeds. */
void catalog_buffer_trim(struct catalog_buffer *buffer);

/* The buffer's bytes, borrowed until its next change. */
struct catalog_span catalog_buffer_span(const struct catalog_buffer *buffer);

#endif
