/* tests/sim/truth.h - what each member's log really is, as its writer wrote it and as the charter
 * cut it, and whether what a node holds is that.
 *
 * It knows a log by its entries' bytes, and computes leaf hashes and roots by itself, with
 * libsodium.  A line of the charter begins another history, of which the part before the line is
 * the same: what holds for a node is the history as of the newest amendment that it knows.  Who is
 * not trusted may sign several histories.
 */
#ifndef TESTS_SIM_TRUTH_H
#define TESTS_SIM_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/log.h"
#include "catalog/store.h"

#define TRUTH_WHY_BYTES 400

struct truth;

struct truth *truth_new(size_t log_count);
void truth_free(struct truth *truth);
void truth_distrust(struct truth *truth, uint32_t log);

/* A log's writer has written, or might have: learn what its store holds more.  Returns whether that
 * goes on from what was known; if not, `why` says how it does not. */
bool truth_learn(struct truth *truth, struct catalog_store *store,
		 const struct catalog_charter *charter, uint32_t log, char why[TRUTH_WHY_BYTES]);

/* An amendment cuts a log at a size. */
void truth_cut(struct truth *truth, uint32_t log, uint64_t amendment, uint64_t size);

/* Entries of a log as of an amendment, and a checkpoint of it: the newest (back 0) or one before.
 * Returns whether there is one; note is borrowed until the next change. */
uint64_t truth_size(const struct truth *truth, uint32_t log, uint64_t amendment);
/* Whether something that was erased is current in the first size entries (at most all): nobody who
 * begins anew can verify them there. */
bool truth_brings_back(const struct truth *truth, uint32_t log, uint64_t amendment, uint64_t size);

bool truth_checkpoint(const struct truth *truth, uint32_t log, uint64_t amendment, size_t back,
		      struct catalog_line *ret_line);

/* Whether what a store says of a log is true.  The second looks at every entry and at what is
 * current, too. */
bool truth_check(const struct truth *truth, struct catalog_txn *txn,
		 const struct catalog_charter *charter, uint32_t log, char why[TRUTH_WHY_BYTES]);
bool truth_check_entries(const struct truth *truth, struct catalog_txn *txn,
			 const struct catalog_charter *charter, uint32_t log,
			 char why[TRUTH_WHY_BYTES]);

#endif
