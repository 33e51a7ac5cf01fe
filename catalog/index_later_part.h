/* catalog/index_later_part.h - the search index catches up with a log, a part of it at a time.
 *
 * A part is read from a snapshot, its words are gathered with no transaction at all, and it is
 * written with others: one after the other for one part, but different parts by different threads.
 * Parts are read in order, each after the one before, and written in that order.
 */
#ifndef CATALOG_INDEX_LATER_PART_H
#define CATALOG_INDEX_LATER_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/charter.h"
#include "catalog/index_later.h"
#include "catalog/store.h"

#define CATALOG_INDEX_LATER_PART_ENTRIES 512
#define CATALOG_INDEX_LATER_PART_BYTES   (1024u * 1024) /* of entries, but one at least */
#define CATALOG_INDEX_LATER_PARTS_MAX    4              /* written in one transaction */

struct catalog_index_later_part;

/* Where to read on.  All of it is zero at first. */
struct catalog_index_later_place {
	bool begun;
	uint32_t log;
	struct catalog_index_later_mark mark; /* as it will be when what was read is written */
};

/* Read what comes next, which need not be of the same log, and move the place behind it.  The
 * caller owns *ret_part.  Returns 0, -ENOENT if there is nothing, -ENOMEM, -EIO. */
int catalog_index_later_part_read(struct catalog_txn *txn, struct catalog_index_later_place *place,
				  struct catalog_index_later_part **ret_part);
void catalog_index_later_part_free(struct catalog_index_later_part *part); /* NULL is allowed */

/* Gather the words of a part, once.  The lender is that of the store (catalog_store_lender()) and
 * borrowed as long as the part is there.  Returns 0, -ENOMEM. */
int catalog_index_later_part_gather(struct catalog_index_later_part *part,
				    struct catalog_index_lender *lender);

/* Inside catalog_store_write(): write parts that were gathered, 1..CATALOG_INDEX_LATER_PARTS_MAX of
 * them.  Returns 0, -ESTALE if the log has stepped back since or another wrote them: read anew;
 * -EPROTONOSUPPORT if the index was written in another version of its format, -ENOMEM, -ENOSPC,
 * -EIO. */
int catalog_index_later_part_write(struct catalog_txn *txn, const struct catalog_charter *charter,
				   struct catalog_index_later_part *const *parts, size_t count);

/* How many entries a part covers. */
uint64_t catalog_index_later_part_entries(const struct catalog_index_later_part *part);

#endif
