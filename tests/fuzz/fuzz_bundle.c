/* Bytes as a bundle, fed in two ways, whole and byte by byte more, which must read the same. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/bundle.h"
#include "catalog/chunk.h"
#include "tests/fuzz/target.h"

/* The next record from at most len bytes that are there, asking for more one by one. */
static int read_slowly(struct catalog_bundle_reader *reader, const uint8_t *data, size_t len,
		       size_t *ret_used, struct catalog_bundle_record *ret_record)
{
	/* Steps, so that large inputs take no time that is a square of them. */
	for (size_t step = 1, have = 0;; have = have + step < len ? have + step : len, step *= 2) {
		int r = catalog_bundle_read(reader, (struct catalog_span){data, have}, ret_used,
					    ret_record);

		if (r != -EAGAIN || have == len)
			return r;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct catalog_bundle_reader *one = NULL, *two = NULL;
	size_t at = 0;
	int r;

	if (catalog_bundle_reader_new(&one) != 0 || catalog_bundle_reader_new(&two) != 0)
		abort();
	do {
		struct catalog_bundle_record a, b;
		struct catalog_chunk *chunk = NULL;
		size_t used_a = 0, used_b = 0;

		r = catalog_bundle_read(one, (struct catalog_span){data + at, size - at}, &used_a,
					&a);
		assert(read_slowly(two, data + at, size - at, &used_b, &b) == r);
		if (r != 0)
			break;
		assert(used_a == used_b && used_a > 0 && used_a <= size - at);
		assert(a.kind == b.kind && a.bytes.bytes == b.bytes.bytes &&
		       a.bytes.len == b.bytes.len);
		assert(a.bytes.len <= CATALOG_BUNDLE_CHUNK_MAX);
		if (a.kind == CATALOG_BUNDLE_CHUNK && catalog_chunk_new(a.bytes, &chunk) == 0)
			catalog_chunk_free(chunk);
		at += used_a;
	} while (r == 0);
	assert(r == -EAGAIN || r == -EBADMSG || r == -ENODATA);
	catalog_bundle_reader_free(one);
	catalog_bundle_reader_free(two);
	return 0;
}
