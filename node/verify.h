/* node/verify.h - check, on request, what a member says with one entry: nothing is taken from
 * memory of an earlier check.
 */
#ifndef NODE_VERIFY_H
#define NODE_VERIFY_H

#include <stdbool.h>

#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/entry.h"
#include "catalog/store.h"

#define NODE_VERIFY_BYTES 700 /* of the sentence, with its NUL */

/* What came of it. */
struct node_verify {
	bool verified;
	bool has_checkpoint;                  /* a checkpoint that covers the entry is held */
	struct catalog_checkpoint checkpoint; /* what it says, when has_checkpoint and signed */
	char sentence[NODE_VERIFY_BYTES];     /* for people; it numbers entries from 1 */
};

/* Verify the entry at index of a member's log, whose bytes these are and which the view names as
 * the newest about id: that it is about id, that an inclusion proof made of the tree leads to the
 * root of the newest checkpoint among the entries held, and that the member's key signed that
 * checkpoint, whose note is appended to ret_note.  What does not verify is no error but a sentence.
 * Returns 0, -ENOMEM, -EIO. */
int node_verify_entry(struct catalog_txn *txn, const struct catalog_charter *charter,
		      const struct catalog_member *member, uint64_t index,
		      struct catalog_span bytes, const char *id, struct catalog_buffer *ret_note,
		      struct node_verify *ret_verify);

/* A number as people read it: "1,204". */
#define NODE_VERIFY_NUMBER_BYTES 27
void node_verify_number(uint64_t number, char ret_text[NODE_VERIFY_NUMBER_BYTES]);

#endif
