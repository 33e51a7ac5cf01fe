/* catalog/index_cursor.h - where an answer ended, in text: the next begins there, at the same cost
 * however deep, and sees no listing that came after the first answer.
 *
 * It carries what the first answer weighed words by, so that scores stay as they were.  It is no
 * secret and proves nothing: who makes up one gets some page of a search that anybody may ask for.
 */
#ifndef CATALOG_INDEX_CURSOR_H
#define CATALOG_INDEX_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/index_plan.h"

struct catalog_index_cursor {
	uint64_t query; /* a hash of it */
	double key;     /* of the last hit */
	uint32_t doc;
	uint32_t bound; /* documents from this on came later */
	bool relaxed;   /* some of the words do */
	bool whole;     /* the last hit had all of them */
	uint16_t idf_count;
	float idfs[CATALOG_INDEX_PLAN_LEAVES_MAX];
};

uint64_t catalog_index_cursor_hash(const struct catalog_query *query);

/* The caller owns *ret_text.  Returns 0, -ENOMEM. */
int catalog_index_cursor_write(const struct catalog_index_cursor *cursor, char **ret_text);

/* Returns 0, -ESTALE if the text is no cursor. */
int catalog_index_cursor_read(const char *text, struct catalog_index_cursor *ret_cursor);

#endif
