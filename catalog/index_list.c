/* catalog/index_list.c - packed bits are read eight bytes at a time: what is read beyond them is
 * the block's impacts, which always follow.  A plain list is laid out as roaring bitmaps are, with
 * windows of 16,384 instead of 65,536, so that one is a container.  libroaring itself would have to
 * copy: its views want an alignment that a value in the store does not have. */
#include "catalog/index_list.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#define BLOCK      CATALOG_INDEX_LIST_BLOCK
#define WINDOW     CATALOG_INDEX_LIST_WINDOW
#define MASK_BITS  5
#define MASK_MIXED 0xff

#define FEW_MAX 32

enum container { ARRAY, RUNS, BITMAP };
enum plain { PLAIN_FEW, PLAIN_MANY };

size_t catalog_index_list_put_varint(uint8_t bytes[CATALOG_INDEX_LIST_VARINT_MAX], uint32_t n)
{
	size_t len = 0;

	for (; n >= 0x80; n >>= 7)
		bytes[len++] = (uint8_t)(n | 0x80);
	bytes[len++] = (uint8_t)n;
	return len;
}

bool catalog_index_list_get_varint(struct catalog_span *bytes, uint32_t *ret_n)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < CATALOG_INDEX_LIST_VARINT_MAX && i < bytes->len; i++) {
		n |= (uint32_t)(bytes->bytes[i] & 0x7f) << 7 * i;
		if ((bytes->bytes[i] & 0x80) == 0) {
			bytes->bytes += i + 1;
			bytes->len -= i + 1;
			*ret_n = n;
			return true;
		}
	}
	return false;
}

static uint16_t get_u16(const uint8_t *bytes)
{
	uint16_t n;

	memcpy(&n, bytes, sizeof n);
	return le16toh(n);
}

static uint32_t get_u32(const uint8_t *bytes)
{
	uint32_t n;

	memcpy(&n, bytes, sizeof n);
	return le32toh(n);
}

static void put_u16(uint8_t *bytes, uint16_t n)
{
	n = htole16(n);
	memcpy(bytes, &n, sizeof n);
}

static void put_u32(uint8_t *bytes, uint32_t n)
{
	n = htole32(n);
	memcpy(bytes, &n, sizeof n);
}

/* --- blocks ---------------------------------------------------------------------------- */

static void pack_bits(uint8_t *bytes, const uint32_t *values, unsigned width)
{
	uint64_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		held |= (uint64_t)values[i] << bits;
		for (bits += width; bits >= 8; bits -= 8, held >>= 8)
			*bytes++ = (uint8_t)held;
	}
	assert(bits == 0); /* 128 values are whole bytes whatever their width */
}

static uint64_t load(const uint8_t *bytes)
{
	uint64_t held;

	memcpy(&held, bytes, sizeof held);
	return le64toh(held);
}

/* Unpack gaps and add them up; false if they do not ascend within 32 bits.  Eight bytes beyond the
 * packed ones must be readable. */
static bool unpack_slots(const uint8_t *bytes, unsigned width, uint32_t base, uint32_t *slots)
{
	uint64_t mask = (UINT64_C(1) << width) - 1, next = base;

	if (width <= 14) /* four at once: with the bits before them at most 63 */
		for (size_t i = 0, bit = 0; i < BLOCK; i += 4, bit += 4 * width) {
			uint64_t held = load(bytes + (bit >> 3)) >> (bit & 7);

			for (size_t k = 0; k < 4; k++, held >>= width) {
				next += (held & mask) + 1;
				slots[i + k] = (uint32_t)(next - 1);
			}
		}
	else
		for (size_t i = 0, bit = 0; i < BLOCK; i++, bit += width) {
			next += (load(bytes + (bit >> 3)) >> (bit & 7) & mask) + 1;
			slots[i] = (uint32_t)(next - 1);
		}
	return next <= UINT32_MAX;
}

static void unpack_masks(const uint8_t *bytes, uint8_t *masks)
{
	for (size_t i = 0; i < BLOCK; i += 8, bytes += MASK_BITS) {
		uint64_t held = 0;

		memcpy(&held, bytes, MASK_BITS);
		held = le64toh(held);
		for (size_t k = 0; k < 8; k++, held >>= MASK_BITS)
			masks[i + k] = held & ((1u << MASK_BITS) - 1);
	}
}

static int pack_full(struct catalog_buffer *buffer, const struct catalog_index_block *block,
		     uint32_t base)
{
	uint32_t gaps[BLOCK], fields[BLOCK], all = 0;
	bool mixed = false;
	unsigned width;
	uint8_t *to;
	int r;

	for (size_t i = 0; i < BLOCK; i++) {
		assert(block->slots[i] >= base);
		gaps[i] = block->slots[i] - base;
		base = block->slots[i] + 1;
		all |= gaps[i];
		fields[i] = block->fields[i];
		mixed = mixed || block->fields[i] != block->fields[0];
	}
	width = all == 0 ? 0 : 32 - (unsigned)__builtin_clz(all);
	r = catalog_buffer_reserve(buffer, 2 + 16 * width + BLOCK + 16 * MASK_BITS);
	if (r != 0)
		return r;
	to = buffer->bytes + buffer->len;
	*to++ = (uint8_t)width;
	pack_bits(to, gaps, width);
	to += 16 * width;
	memcpy(to, block->impacts, BLOCK);
	to += BLOCK;
	*to++ = mixed ? MASK_MIXED : block->fields[0];
	if (mixed) {
		pack_bits(to, fields, MASK_BITS);
		to += 16 * MASK_BITS;
	}
	buffer->len = (size_t)(to - buffer->bytes);
	return 0;
}

int catalog_index_list_pack(struct catalog_buffer *buffer, const struct catalog_index_block *block,
			    uint32_t base)
{
	int r;

	if (block->count == BLOCK)
		return pack_full(buffer, block, base);
	r = catalog_buffer_reserve(buffer, block->count * (CATALOG_INDEX_LIST_VARINT_MAX + 2));
	if (r != 0)
		return r;
	for (size_t i = 0; i < block->count; i++) {
		uint8_t *to = buffer->bytes + buffer->len;
		size_t len;

		assert(block->slots[i] >= base);
		len = catalog_index_list_put_varint(to, block->slots[i] - base);
		to[len++] = block->impacts[i];
		to[len++] = block->fields[i];
		buffer->len += len;
		base = block->slots[i] + 1;
	}
	return 0;
}

static bool unpack_full(struct catalog_span *bytes, uint32_t base,
			struct catalog_index_block *block)
{
	unsigned width = bytes->len > 0 ? bytes->bytes[0] : 33;
	size_t len = 1 + 16 * (size_t)width + BLOCK + 1;
	const uint8_t *from = bytes->bytes + 1;
	uint8_t mask;

	if (width > 32 || len > bytes->len || !unpack_slots(from, width, base, block->slots))
		return false;
	memcpy(block->impacts, from + 16 * width, BLOCK);
	mask = bytes->bytes[len - 1];
	if (mask == MASK_MIXED) {
		if (len + 16 * MASK_BITS > bytes->len)
			return false;
		if (!block->bare)
			unpack_masks(bytes->bytes + len, block->fields);
		len += 16 * MASK_BITS;
	} else if (!block->bare) {
		memset(block->fields, mask, BLOCK);
	}
	bytes->bytes += len;
	bytes->len -= len;
	return true;
}

bool catalog_index_list_unpack(struct catalog_span *bytes, uint32_t count, uint32_t base,
			       struct catalog_index_block *ret_block)
{
	assert(count <= BLOCK);
	ret_block->count = count;
	if (count == BLOCK)
		return unpack_full(bytes, base, ret_block);
	for (size_t i = 0; i < count; i++) {
		uint32_t gap;

		if (!catalog_index_list_get_varint(bytes, &gap) || bytes->len < 2 ||
		    gap >= UINT32_MAX - base)
			return false;
		ret_block->slots[i] = base + gap;
		ret_block->impacts[i] = bytes->bytes[0];
		ret_block->fields[i] = bytes->bytes[1];
		bytes->bytes += 2;
		bytes->len -= 2;
		base = ret_block->slots[i] + 1;
	}
	return true;
}

/* --- positions ------------------------------------------------------------------------- */

int catalog_index_list_put_positions(struct catalog_buffer *buffer, const uint32_t *positions,
				     size_t count)
{
	int r = catalog_buffer_reserve(buffer, count * CATALOG_INDEX_LIST_VARINT_MAX);

	for (size_t i = 0; r == 0 && i < count; i++) {
		uint32_t gap = positions[i] - (i > 0 ? positions[i - 1] : 0);

		buffer->len += catalog_index_list_put_varint(buffer->bytes + buffer->len,
							     gap << 1 | (i + 1 < count));
	}
	return r;
}

bool catalog_index_list_skip_positions(struct catalog_span *bytes, struct catalog_span *ret_own)
{
	const uint8_t *start = bytes->bytes;
	uint32_t n;

	do {
		if (!catalog_index_list_get_varint(bytes, &n))
			return false;
	} while ((n & 1) != 0);
	*ret_own = (struct catalog_span){start, (size_t)(bytes->bytes - start)};
	return true;
}

/* Eight bytes at a time while more postings end than in those. */
bool catalog_index_list_skip_many(struct catalog_span *bytes, uint32_t postings)
{
	static const uint64_t highs = UINT64_C(0x8080808080808080);
	static const uint64_t ones = UINT64_C(0x0101010101010101);
	struct catalog_span own;
	uint64_t inside = 0; /* the byte before goes on in the next */

	while (bytes->len >= 8) {
		uint64_t held = load(bytes->bytes), high = held & highs;
		uint64_t first = ~(high << 8 | inside) & highs; /* bytes that begin a number */
		uint64_t ends = (first & ~held << 7) >> 7; /* of those the last of a posting's */
		uint32_t count = (uint32_t)(ends * ones >> 56);

		if (count >= postings)
			break;
		postings -= count;
		inside = high >> 56;
		bytes->bytes += 8;
		bytes->len -= 8;
	}
	while (inside != 0 && bytes->len > 0) {
		inside = *bytes->bytes++ & 0x80;
		bytes->len--;
	}
	while (postings > 0) {
		if (!catalog_index_list_skip_positions(bytes, &own))
			return false;
		postings--;
	}
	return true;
}

bool catalog_index_list_next_position(struct catalog_span *own, uint32_t *position)
{
	uint32_t n;

	if (!catalog_index_list_get_varint(own, &n))
		return false;
	*position += n >> 1;
	return true;
}

/* --- plain lists ----------------------------------------------------------------------- */

int catalog_index_list_put_container(struct catalog_buffer *buffer, const uint16_t *slots,
				     size_t count)
{
	size_t runs = 0, array_len = 2 * count, runs_len;
	uint8_t *to;
	int r = catalog_buffer_reserve(buffer, 1 + WINDOW / 8);

	if (r != 0)
		return r;
	for (size_t i = 0; i < count; i++)
		runs += i == 0 || slots[i] != slots[i - 1] + 1;
	runs_len = 4 * runs;
	to = buffer->bytes + buffer->len;
	if (runs_len < array_len && runs_len < WINDOW / 8) {
		size_t at = 0;

		*to = RUNS;
		for (size_t i = 0, next; i < count; i = next, at += 4) {
			for (next = i + 1; next < count && slots[next] == slots[next - 1] + 1;)
				next++;
			put_u16(to + 1 + at, slots[i]);
			put_u16(to + 3 + at, slots[next - 1]);
		}
		buffer->len += 1 + runs_len;
	} else if (array_len < WINDOW / 8) {
		*to = ARRAY;
		for (size_t i = 0; i < count; i++)
			put_u16(to + 1 + 2 * i, slots[i]);
		buffer->len += 1 + array_len;
	} else {
		*to = BITMAP;
		memset(to + 1, 0, WINDOW / 8);
		for (size_t i = 0; i < count; i++)
			to[1 + slots[i] / 8] |= (uint8_t)(1 << slots[i] % 8);
		buffer->len += 1 + WINDOW / 8;
	}
	return 0;
}

/* A few slots are the byte PLAIN_FEW and the gaps between them.  Else: PLAIN_MANY, the windows that
 * have slots: u32 count, then u32 window and u32 end of its container for each, then the
 * containers. */
static int put_few(struct catalog_buffer *buffer, const uint32_t *slots, size_t count)
{
	uint32_t base = 0;
	int r = catalog_buffer_reserve(buffer, 1 + count * CATALOG_INDEX_LIST_VARINT_MAX);

	if (r != 0)
		return r;
	buffer->bytes[buffer->len++] = PLAIN_FEW;
	for (size_t i = 0; i < count; i++) {
		buffer->len +=
			catalog_index_list_put_varint(buffer->bytes + buffer->len, slots[i] - base);
		base = slots[i] + 1;
	}
	return 0;
}

int catalog_index_list_put_plain(struct catalog_buffer *buffer, const uint32_t *slots, size_t count)
{
	uint16_t in[WINDOW];
	size_t windows = 0, start = buffer->len + 1, header, nth = 0, data;
	int r;

	if (count <= FEW_MAX)
		return put_few(buffer, slots, count);
	for (size_t i = 0; i < count; i++)
		windows += i == 0 || slots[i] / WINDOW != slots[i - 1] / WINDOW;
	header = 1 + 4 + 8 * windows;
	r = catalog_buffer_reserve(buffer, header);
	if (r != 0)
		return r;
	buffer->bytes[buffer->len] = PLAIN_MANY;
	put_u32(buffer->bytes + start, (uint32_t)windows);
	buffer->len += header;
	data = buffer->len;
	for (size_t i = 0; i < count; nth++) {
		uint32_t window = slots[i] / WINDOW;
		size_t n = 0;

		for (; i < count && slots[i] / WINDOW == window; i++)
			in[n++] = (uint16_t)(slots[i] % WINDOW);
		r = catalog_index_list_put_container(buffer, in, n);
		if (r != 0)
			return r;
		put_u32(buffer->bytes + start + 4 + 8 * nth, window);
		put_u32(buffer->bytes + start + 8 + 8 * nth, (uint32_t)(buffer->len - data));
	}
	return 0;
}

/* The next slot of a few; *base starts at 0.  False at the end. */
static bool next_of_few(struct catalog_span *few, uint32_t *base, uint32_t *ret_slot)
{
	uint32_t gap;

	if (few->len == 0 || !catalog_index_list_get_varint(few, &gap) || gap >= UINT32_MAX - *base)
		return false;
	*ret_slot = *base + gap;
	*base = *ret_slot + 1;
	return true;
}

static size_t plain_windows(struct catalog_span plain)
{
	size_t count = plain.len >= 4 ? get_u32(plain.bytes) : 0;

	return count <= (plain.len - 4) / 8 ? count : 0;
}

/* The place in the directory of the first window at or after `from`. */
static size_t plain_find(struct catalog_span plain, size_t count, uint32_t from)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (get_u32(plain.bytes + 4 + 8 * middle) < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void set_run(uint64_t *bits, uint32_t first, uint32_t last)
{
	uint64_t head = ~UINT64_C(0) << first % 64, tail = ~UINT64_C(0) >> (63 - last % 64);

	if (first / 64 == last / 64) {
		bits[first / 64] |= head & tail;
		return;
	}
	bits[first / 64] |= head;
	for (uint32_t i = first / 64 + 1; i < last / 64; i++)
		bits[i] = ~UINT64_C(0);
	bits[last / 64] |= tail;
}

static bool container_bits(struct catalog_span container, uint64_t *bits)
{
	const uint8_t *data = container.bytes + 1;
	size_t len = container.len - 1;

	switch (container.len > 0 ? container.bytes[0] : 255) {
	case ARRAY:
		for (size_t i = 0; i + 2 <= len; i += 2) {
			uint16_t slot = get_u16(data + i);

			if (slot >= WINDOW)
				return false;
			bits[slot / 64] |= UINT64_C(1) << slot % 64;
		}
		return true;
	case RUNS:
		for (size_t i = 0; i + 4 <= len; i += 4) {
			uint16_t first = get_u16(data + i), last = get_u16(data + i + 2);

			if (last >= WINDOW || first > last)
				return false;
			set_run(bits, first, last);
		}
		return true;
	case BITMAP:
		if (len != WINDOW / 8)
			return false;
		for (size_t i = 0; i < WINDOW / 64; i++) {
			uint64_t word;

			memcpy(&word, data + 8 * i, sizeof word);
			bits[i] |= le64toh(word);
		}
		return true;
	default: return false;
	}
}

/* What follows the byte that tells the form. */
static bool is_few(struct catalog_span *plain)
{
	bool few = plain->len > 0 && plain->bytes[0] == PLAIN_FEW;

	if (plain->len > 0) {
		plain->bytes++;
		plain->len--;
	}
	return few;
}

bool catalog_index_list_plain_bits(struct catalog_span plain, uint32_t window,
				   uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	size_t count, at, start, end, data;
	uint32_t base = 0, slot;

	if (is_few(&plain)) {
		while (next_of_few(&plain, &base, &slot))
			if (slot / WINDOW == window)
				bits[slot % WINDOW / 64] |= UINT64_C(1) << slot % 64;
		return plain.len == 0;
	}
	count = plain_windows(plain);
	at = plain_find(plain, count, window);
	data = 4 + 8 * count;
	if (at == count || get_u32(plain.bytes + 4 + 8 * at) != window)
		return plain.len >= 4;
	start = at > 0 ? get_u32(plain.bytes + 8 * at) : 0;
	end = get_u32(plain.bytes + 8 + 8 * at);
	if (start >= end || end > plain.len - data)
		return false;
	return container_bits((struct catalog_span){plain.bytes + data + start, end - start}, bits);
}

uint32_t catalog_index_list_plain_window(struct catalog_span plain, uint32_t from)
{
	size_t count, at;
	uint32_t base = 0, slot;

	if (is_few(&plain)) {
		while (next_of_few(&plain, &base, &slot))
			if (slot / WINDOW >= from)
				return slot / WINDOW;
		return UINT32_MAX;
	}
	count = plain_windows(plain);
	at = plain_find(plain, count, from);
	return at < count ? get_u32(plain.bytes + 4 + 8 * at) : UINT32_MAX;
}
