/* tools/charter_profile.h - the federation's profile, as options of `fedcat charter propose` and as
 * people read it. */
#ifndef TOOLS_CHARTER_PROFILE_H
#define TOOLS_CHARTER_PROFILE_H

#include <stdbool.h>

#include "catalog/change.h"
#include "tools/terminal.h"

/* Whether an option is about the profile. */
bool tools_charter_profile_is(const char *option);

/* Change the profile as such an option says.  Returns NULL, or what is wrong with the value. */
const char *tools_charter_profile_set(const char *option, const char *value,
				      struct catalog_profile *profile);

/* Print what it asks for, a line for each; nothing if it asks for nothing. */
void tools_charter_profile_print(const struct tools_terminal *terminal,
				 const struct catalog_profile *profile);

#endif
