/* catalog/charter_rules.h - what a charter is made of, and what each change does to it, if it may.
 * For catalog/charter alone.
 */
#ifndef CATALOG_CHARTER_RULES_H
#define CATALOG_CHARTER_RULES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"

struct catalog_charter_rules_line {
	uint64_t size;
	struct catalog_hash root;
	struct catalog_key key;   /* of checkpoints that are larger, up to the next line */
	size_t note_at, note_len; /* in the charter's bytes */
};

struct catalog_charter_rules_log {
	uint64_t end; /* the largest size that counts */
	size_t count; /* at least 1 */
	struct catalog_charter_rules_line *lines;
};

/* An amendment: where it is in the charter's bytes, and its hash. */
struct catalog_charter_rules_step {
	size_t at, len;
	struct catalog_hash hash;
};

struct catalog_charter_rules {
	struct catalog_charter_rules *older; /* what the charter was before: others may read it */
	struct catalog_buffer bytes;
	size_t step_count;
	struct catalog_charter_rules_step *steps;
	size_t conflict_count;
	uint64_t conflicts[CATALOG_CHARTER_CONFLICTS_MAX];
	struct catalog_profile profile;
	struct catalog_council council;
	size_t member_count;
	struct catalog_member *members;
	struct catalog_charter_rules_log *logs; /* in their order */
};

struct catalog_charter {
	struct catalog_charter_rules *_Atomic state;
};

/* Apply a change, whose line's note is in the charter's bytes.  Returns 0, -EPROTO with ret_why
 * (may be NULL), -ENOMEM. */
int catalog_charter_rules_apply(struct catalog_charter_rules *state,
				const struct catalog_change *change,
				char ret_why[CATALOG_CHANGE_WHY_BYTES]);

/* NULL if there is no such member. */
const struct catalog_member *catalog_charter_rules_member(const struct catalog_charter_rules *state,
							  uint32_t index);

/* The key for checkpoints of this size. */
const struct catalog_key *catalog_charter_rules_key(const struct catalog_charter_rules_log *log,
						    uint64_t size);

/* As catalog_charter_verify(), of checkpoints of any size: also those larger than what counts. */
int catalog_charter_rules_verify(const struct catalog_charter_rules *state, uint32_t member,
				 struct catalog_span note,
				 struct catalog_checkpoint *ret_checkpoint);

#endif
