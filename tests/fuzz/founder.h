/* tests/fuzz/founder.h - a federation of one member, who is its council. */
#ifndef TESTS_FUZZ_FOUNDER_H
#define TESTS_FUZZ_FOUNDER_H

#include "catalog/charter.h"
#include "tests/fuzz/target.h"

/* The charter of a federation with that name, founded by the member, whose key the secret is.  Ends
 * the run where memory is short. */
static inline struct catalog_charter *found(const char *name, const struct catalog_member *member,
					    const struct catalog_secret *secret)
{
	struct catalog_founding founding = {.name = name,
					    .members = member,
					    .member_count = 1,
					    .council = &member->key,
					    .council_count = 1,
					    .threshold = 1};
	struct catalog_charter *charter = NULL;
	struct catalog_buffer amendment = {0};

	require(catalog_charter_found(&founding, secret, 1, &amendment, NULL) == 0);
	require(catalog_charter_new(catalog_buffer_span(&amendment), &charter) == 0);
	catalog_buffer_close(&amendment);
	return charter;
}

#endif
