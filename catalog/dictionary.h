/* catalog/dictionary.h - the zstd dictionary that the build makes (tools/mkdict.c) of the listings
 * in catalog/dictionary/; the build writes catalog/dictionary.c. */
#ifndef CATALOG_DICTIONARY_H
#define CATALOG_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t catalog_dictionary_bytes[];
extern const size_t catalog_dictionary_len;

#endif
