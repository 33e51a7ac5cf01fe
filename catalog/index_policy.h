/* catalog/index_policy.h - what a listing's ODRL policies say, in one line, and what that line
 * answers to "may I use it for this purpose, here?".
 *
 * The line is a facet's value (CATALOG_INDEX_FACET_POLICY): rules separated by ";", each
 * "+action" or "-action" (permitted, prohibited), then "?purpose,purpose" and "@country,country"
 * where the rule names them.  There are few different ones, so a question is answered once for
 * each, and not for each listing.
 */
#ifndef CATALOG_INDEX_POLICY_H
#define CATALOG_INDEX_POLICY_H

#include <stddef.h>

#include "catalog/buffer.h"
#include "catalog/index_facet.h"
#include "catalog/value.h"

enum catalog_index_policy_answer {
	CATALOG_INDEX_POLICY_UNKNOWN,
	CATALOG_INDEX_POLICY_YES,
	CATALOG_INDEX_POLICY_NO,
	CATALOG_INDEX_POLICY_ANSWERS
};
const char *catalog_index_policy_word(enum catalog_index_policy_answer answer);

/* A question; what is NULL is not asked.  Texts in lower case. */
struct catalog_index_policy_question {
	const char *action;  /* "use" if NULL */
	const char *purpose; /* "research", "commercial", ... */
	const char *country; /* "ke" */
};

/* Give the line of a listing, or nothing if it has no policy.  As catalog_index_facet_values(). */
int catalog_index_policy_values(const struct catalog_value *listing, catalog_index_facet_each each,
				void *arg);

/* Answer a question by a line.  ret_reason (NULL is allowed) gets why, in a few words.
 * A prohibition that fits wins over a permission. */
enum catalog_index_policy_answer
catalog_index_policy_ask(struct catalog_span line,
			 const struct catalog_index_policy_question *question, char *ret_reason,
			 size_t room);

/* Read "research in KE" or "commercial" or "in KE": a purpose, a country or both, folded to lower
 * case, into room for both.  Returns 0, -EINVAL. */
struct catalog_index_policy_text {
	char purpose[65], country[3];
};
int catalog_index_policy_read(const char *text, struct catalog_index_policy_text *ret_text,
			      struct catalog_index_policy_question *ret_question);

#endif
