/* catalog/profile.h - what a federation asks of its members' listings (the charter's profile),
 * judged where a listing is published.
 *
 * Nodes that take entries from others judge none of this.  What a log may hold must be the same at
 * every node, and this is not: an amendment comes to each at another time, a limit may be lowered
 * later than a listing was signed, and who begins with pruned history does not see what was over a
 * limit once.  So a member over a limit is shown, and the council draws a line, which is.
 */
#ifndef CATALOG_PROFILE_H
#define CATALOG_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/change.h"
#include "catalog/listing.h"
#include "catalog/value.h"

/* Judge a valid listing.  Without a licence, or without themes, nothing is said that could be
 * wrong.  A licence is accepted whatever its scheme, "www." and last slash; one of the themes must
 * begin as a vocabulary does, likewise.  Returns 0, -EPROTO and what is wrong, by which rule, in
 * *ret_problem; -E2BIG if it is too long for an entry, -ENOMEM. */
int catalog_profile_check(const struct catalog_profile *profile,
			  const struct catalog_value *listing, struct catalog_problem *ret_problem);

/* Whether a member that has so many listings has too many; and what to say of one more. */
bool catalog_profile_is_over(const struct catalog_profile *profile, uint64_t listings);
void catalog_profile_full(const struct catalog_profile *profile,
			  struct catalog_problem *ret_problem);

#endif
