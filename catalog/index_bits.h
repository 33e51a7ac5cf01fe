/* catalog/index_bits.h - the slots of a window as bits. */
#ifndef CATALOG_INDEX_BITS_H
#define CATALOG_INDEX_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/index_list.h"

bool catalog_index_bits_are_none(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);
uint64_t catalog_index_bits_count(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS]);

/* Tell which bits are set, ascending, if they are at most so many, for which ret_set has room; else
 * false. */
bool catalog_index_bits_list(const uint64_t bits[CATALOG_INDEX_LIST_WINDOW_WORDS], size_t most,
			     uint16_t *ret_set, size_t *ret_count);

#endif
