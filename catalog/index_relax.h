/* catalog/index_relax.h - plans that ask for less than all words. */
#ifndef CATALOG_INDEX_RELAX_H
#define CATALOG_INDEX_RELAX_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/index_plan.h"

/* Of the words below a node, if it is an AND: small ones beside others only count. */
void catalog_index_relax_small(struct catalog_index_plan *plan, uint16_t parent);

/* Let any of the words do, of those that must all be there; false if that changes nothing.  What
 * has all of them is then told from the rest. */
bool catalog_index_relax_words(struct catalog_index_plan *plan);

#endif
