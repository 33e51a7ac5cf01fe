/* catalog/take.h - take MessagePack values off the front of bytes, one by one, without a decoder.
 *
 * What every entry and chunk passes through is read by hand: msgpack-c allocates an object for each
 * value, and bytes from a peer could ask for many.  Nothing here allocates; each function moves
 * *rest on success alone.
 */
#ifndef CATALOG_TAKE_H
#define CATALOG_TAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/buffer.h"

/* An integer in any of its forms.  *ret_negative: *ret_number is one, in two's complement.
 * Returns 0, -EBADMSG. */
int catalog_take_integer(struct catalog_span *rest, uint64_t *ret_number, bool *ret_negative);

/* An integer from 0 to max.  Returns 0, -EBADMSG. */
int catalog_take_unsigned(struct catalog_span *rest, uint64_t max, uint64_t *ret_number);

/* A str, a bin; borrowed from the bytes.  Returns 0, -EBADMSG. */
int catalog_take_str(struct catalog_span *rest, struct catalog_span *ret_bytes);
int catalog_take_bin(struct catalog_span *rest, struct catalog_span *ret_bytes);

/* A bin of exactly len bytes, copied.  Returns 0, -EBADMSG. */
int catalog_take_fixed(struct catalog_span *rest, void *ret_bytes, size_t len);

/* The header of an array; its elements follow.  Returns 0, -EBADMSG. */
int catalog_take_array(struct catalog_span *rest, uint64_t *ret_count);

/* Whether an array comes next. */
bool catalog_take_is_array(struct catalog_span rest);

/* A nil, if one comes next. */
bool catalog_take_nil(struct catalog_span *rest);

#endif
