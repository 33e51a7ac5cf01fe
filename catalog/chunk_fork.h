/* catalog/chunk_fork.h - a chunk of another history than what we hold makes the proof of a fork. */
#ifndef CATALOG_CHUNK_FORK_H
#define CATALOG_CHUNK_FORK_H

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/chunk.h"
#include "catalog/store.h"

/* After catalog_chunk_commit_all() said -EPROTO of a chunk: append the proof (catalog/fork.h) that
 * its member signed two histories, if that is why.  What is compared is what the chunk shows with
 * what we hold under the largest checkpoint that it reaches. Returns 0, -ENOENT if the chunk shows
 * no other history, -ENOMEM, -EIO. */
int catalog_chunk_fork_prove(struct catalog_txn *txn, const struct catalog_charter *charter,
			     const struct catalog_chunk *chunk, struct catalog_buffer *ret_proof);

#endif
