/* catalog/unpack.h - read msgpack a value at a time, from bytes that may come from anybody.
 *
 * Nothing is allocated.  What is not there, is of another type or is too long leaves the reader
 * bad: it then gives nothing but empty values, so that a caller may read on and judge once, with
 * catalog_unpack_done().
 */
#ifndef CATALOG_UNPACK_H
#define CATALOG_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"

struct catalog_unpack {
	struct catalog_span rest; /* borrowed */
	bool is_bad;
};

/* Begin to read bytes, borrowed. */
struct catalog_unpack catalog_unpack_of(struct catalog_span bytes);

/* How many pairs (values) the map (array) has that comes next; they follow.  At most max. */
size_t catalog_unpack_map(struct catalog_unpack *unpack, size_t max);
size_t catalog_unpack_array(struct catalog_unpack *unpack, size_t max);

/* Read a nil, if one comes next. */
bool catalog_unpack_nil(struct catalog_unpack *unpack);

/* An unsigned number of at most max; a number. */
uint64_t catalog_unpack_number(struct catalog_unpack *unpack, uint64_t max);
int64_t catalog_unpack_int(struct catalog_unpack *unpack);

/* Text of 1 to room - 1 bytes without a NUL, copied and ended with one; "" if bad. */
void catalog_unpack_text(struct catalog_unpack *unpack, char *ret_text, size_t room);

/* A bin, borrowed; one of exactly len bytes, copied (zeros if bad). */
struct catalog_span catalog_unpack_bin(struct catalog_unpack *unpack);
void catalog_unpack_bytes(struct catalog_unpack *unpack, uint8_t *ret_bytes, size_t len);

/* The bytes of the next value, whatever it is, borrowed. */
struct catalog_span catalog_unpack_any(struct catalog_unpack *unpack);

/* Whether all was good and nothing is left. */
bool catalog_unpack_done(const struct catalog_unpack *unpack);

#endif
