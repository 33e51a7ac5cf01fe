/* catalog/exact.h - what must be changed in a value to make it another: how an export carries what
 * its format cannot say.
 *
 * A patch is a list of changes [path, was, value]: path a JSON pointer (RFC 6901), was the first 16
 * digits of the SHA-256 of what was there or null if nothing was, value what shall be there;
 * without value, nothing shall.  A change whose "was" does not fit is left out: somebody has edited
 * the export, and means it.
 */
#ifndef CATALOG_EXACT_H
#define CATALOG_EXACT_H

#include "catalog/value.h"

#define CATALOG_EXACT_CHANGES_MAX 10000

/* What makes the map wanted of the map have: an empty list if they are equal.  The caller owns
 * *ret_patch.  Returns 0, -ENOMEM, -E2BIG if a value is nested too deep. */
int catalog_exact_diff(const struct catalog_value *have, const struct catalog_value *wanted,
		       struct catalog_value **ret_patch);

/* Change map as patch says; what is no change is left out.  Returns 0, -ENOMEM. */
int catalog_exact_apply(const struct catalog_value *patch, struct catalog_value *map);

#endif
