/* catalog/reader_spool.h - more pairs of key and value than memory holds, found again by key.
 *
 * Pairs are added in any order; after the sort, those of one key are read in the order in which
 * they were added.
 *
 * Memory   at most about 30 MB, and 1 MB for each gigabyte added; the rest is in temporary files
 *          without names, which are gone when the spool is freed.
 * Threads  none: one caller at a time.
 */
#ifndef CATALOG_READER_SPOOL_H
#define CATALOG_READER_SPOOL_H

#include "catalog/buffer.h"

#define CATALOG_READER_SPOOL_VALUE_BYTES_MAX (8u * 1024 * 1024)
#define CATALOG_READER_SPOOL_BYTES_MAX       (64ull << 30) /* of all pairs */

struct catalog_reader_spool;

/* Make an empty spool with its files in temporary_dir (NULL: $TMPDIR, else /tmp).  Returns 0,
 * -ENOMEM. */
int catalog_reader_spool_new(const char *temporary_dir, struct catalog_reader_spool **ret_spool);
void catalog_reader_spool_free(struct catalog_reader_spool *spool);

/* Add a pair (copied); neither is empty.  Returns 0, -E2BIG if key or value is over the limit,
 * -ENOSPC if all are or the disk is full, -EIO and what else the file system says, -ENOMEM. */
int catalog_reader_spool_add(struct catalog_reader_spool *spool, struct catalog_span key,
			     struct catalog_span value);

/* Make the pairs readable.  Nothing can be added afterwards.  Returns 0, -ENOSPC, -EIO and what
 * else the file system says, -ENOMEM. */
int catalog_reader_spool_sort(struct catalog_reader_spool *spool);

/* Go to the first value of key.  Returns 0, -ENOENT, -EIO, -ENOMEM. */
int catalog_reader_spool_seek(struct catalog_reader_spool *spool, struct catalog_span key);

/* The value under the place, borrowed until the next call; goes on to the next of the same key.
 * Returns 0, -ENOENT after the last, -EIO, -ENOMEM. */
int catalog_reader_spool_next(struct catalog_reader_spool *spool, struct catalog_span *ret_value);

#endif
