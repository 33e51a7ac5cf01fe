/* tests/catalog/pair.h - one member that publishes, and stores that pull from each other. */
#ifndef TESTS_CATALOG_PAIR_H
#define TESTS_CATALOG_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/log.h"
#include "catalog/store.h"
#include "tests/scratch.h"

#define PAIR_SELF   2 /* the member's index */
#define PAIR_STORES 3

struct pair {
	struct catalog_secret secret;
	struct catalog_charter *charter;
	char dirs[PAIR_STORES][SCRATCH_BYTES];
	struct catalog_store *stores[PAIR_STORES]; /* [0] is the publisher's */
};

/* The caller ends it with pair_free().  Everything here ends the program if it fails. */
struct pair *pair_new(void);
void pair_free(struct pair *pair);

/* Put count listings, named from number first on, whose titles say what; one batch. */
void pair_publish(struct pair *pair, unsigned first, unsigned count, const char *what,
		  int64_t time_s);
/* Withdraw one. */
void pair_withdraw(struct pair *pair, unsigned number, bool erase, int64_t time_s);

struct catalog_log_status pair_status(struct pair *pair, size_t store);

/* Make the sender's newest checkpoint the receiver's target. */
void pair_tell(struct pair *pair, size_t from, size_t to);

/* Carry chunks until the receiver holds all, or a chunk is refused.  Each spans at most span leaves
 * (0: as many as may be).  Returns 0, or what came of the chunk that was refused. *ret_bytes (may
 * be NULL) is how many went over the wire. */
int pair_pull(struct pair *pair, size_t from, size_t to, uint64_t span, uint64_t *ret_bytes);

/* Both hold the same listings, and find them. */
void pair_assert_equal(struct pair *pair, size_t a, size_t b);

/* How many listings searching finds for a word ("": all). */
uint64_t pair_find(struct pair *pair, size_t store, const char *word);

#endif
