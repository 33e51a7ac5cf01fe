#include "catalog/index_bits.h"

#define WINDOW_WORDS CATALOG_INDEX_LIST_WINDOW_WORDS

bool catalog_index_bits_are_none(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	uint64_t any = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		any |= bits[i];
	return any == 0;
}

/* Bits set in a window, without asking what the processor can, and without a multiplication, which
 * would keep the compiler from counting several words at once. */
uint64_t catalog_index_bits_count(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS])
{
	uint64_t count = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++) {
		uint64_t n = bits[i];

		n -= n >> 1 & UINT64_C(0x5555555555555555);
		n = (n & UINT64_C(0x3333333333333333)) + (n >> 2 & UINT64_C(0x3333333333333333));
		n = (n + (n >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
		n += n >> 8;
		n += n >> 16;
		count += (n + (n >> 32)) & 0x7f;
	}
	return count;
}

bool catalog_index_bits_list(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS], size_t most,
			     uint16_t *ret_set, size_t *ret_count)
{
	size_t count = 0;

	for (size_t i = 0; i < WINDOW_WORDS; i++)
		for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
			if (count == most)
				return false;
			ret_set[count++] = (uint16_t)(i * 64 + (size_t)__builtin_ctzll(left));
		}
	*ret_count = count;
	return true;
}
