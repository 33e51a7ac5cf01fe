/* catalog/index_detect.h - languages told apart, where that is plain, by script or small words. */
#ifndef CATALOG_INDEX_DETECT_H
#define CATALOG_INDEX_DETECT_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/buffer.h"

/* The language of a text whose tag is missing, as a set of catalog/index_text with one member; 0 if
 * it is not plain. */
uint32_t catalog_index_detect_language(struct catalog_span bytes);

/* Whether a folded word is one of the small words of a language that say little by themselves. */
bool catalog_index_detect_is_small(struct catalog_span word);

#endif
