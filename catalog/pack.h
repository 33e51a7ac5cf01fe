/* catalog/pack.h - write msgpack a value at a time, each in its shortest form. */
#ifndef CATALOG_PACK_H
#define CATALOG_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

/* Append the head of a map or an array, whose count pairs or values follow; or a value.  text is
 * NUL-terminated UTF-8, len of bin below 2^32.  Each returns 0, -ENOMEM. */
int catalog_pack_map(struct catalog_buffer *buffer, uint32_t count);
int catalog_pack_array(struct catalog_buffer *buffer, uint32_t count);
int catalog_pack_nil(struct catalog_buffer *buffer);
int catalog_pack_number(struct catalog_buffer *buffer, uint64_t number);
int catalog_pack_int(struct catalog_buffer *buffer, int64_t number);
int catalog_pack_text(struct catalog_buffer *buffer, const char *text);
int catalog_pack_bin(struct catalog_buffer *buffer, const void *bytes, size_t len);

#endif
