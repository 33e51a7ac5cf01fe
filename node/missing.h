/* node/missing.h - which current listings of a log a publishing run has not seen.
 *
 * One bit for each entry that the log had before the run: a current listing whose entry is older
 * than the run and has no bit is missing at the source; one that the run put has a younger entry.
 * (A set of the ids that were seen would take a hundred times the memory.)
 * Threads  one caller at a time.
 */
#ifndef NODE_MISSING_H
#define NODE_MISSING_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/listing.h"
#include "catalog/store.h"

#define NODE_MISSING_AT_ONCE 256 /* ids from one look into the store */

struct node_missing;

/* Begin a run over a log of size entries, with nothing seen.  store is borrowed for its life; the
 * caller owns *ret_missing.  Returns 0, -ENOMEM. */
int node_missing_new(struct catalog_store *store, uint32_t log, uint64_t size,
		     struct node_missing **ret_missing);
void node_missing_free(struct node_missing *missing); /* NULL is allowed */

/* The source lists what the entry at index is about; index may be beyond size. */
void node_missing_seen(struct node_missing *missing, uint64_t index);

/* Count what is missing.  Returns 0, -ENOMEM, -EIO. */
int node_missing_count(struct node_missing *missing, uint64_t *ret_count);

/* The next ids that are missing, each once; *ret_count is 0 when there are no more.  Those that
 * were given may be withdrawn before the next call.  Returns 0, -ENOMEM, -EIO. */
int node_missing_next(struct node_missing *missing,
		      char ret_ids[NODE_MISSING_AT_ONCE][CATALOG_ID_BYTES_MAX + 1],
		      size_t *ret_count);

#endif
