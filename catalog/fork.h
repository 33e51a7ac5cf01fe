/* catalog/fork.h - the proof that a member signed two histories: two of its checkpoints that no one
 * log can have.
 *
 * Either they have one size and two roots, or one complete, aligned subtree (a leaf, at level 0)
 * has two different hashes, each proven under one of them.  A subtree's hash commits to its leaves,
 * so that is as good as two different leaves, and needs no further word of anybody.
 *
 * The proof is msgpack [1, log, note, note] or [1, log, note, note, level, index, hash, [hash,
 * ...], hash, [hash, ...]]: first the checkpoint of the smaller size (of one size: of the smaller
 * root), each with its member's signature alone. It is checked with nothing but the charter.
 */
#ifndef CATALOG_FORK_H
#define CATALOG_FORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/merkle.h"
#include "catalog/store.h"

#define CATALOG_FORK_BYTES_MAX 4096

/* A node of a tree, and the path from it to the root. */
struct catalog_fork_side {
	struct catalog_span note; /* borrowed */
	struct catalog_hash hash;
	size_t proof_count;
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
};

/* What a proof says.  Spans are borrowed from it. */
struct catalog_fork {
	uint32_t log;
	bool has_node; /* else the two checkpoints have one size */
	unsigned level;
	uint64_t index; /* of the subtree at that level */
	struct catalog_fork_side sides[2];
	struct catalog_checkpoint checkpoints[2]; /* after catalog_fork_verify() */
};

/* Append the proof that fork says (log, has_node, level, index, sides; in any order of sides), once
 * it holds.  Returns 0, -EINVAL if it proves nothing, -E2BIG, -ENOMEM. */
int catalog_fork_encode(const struct catalog_charter *charter, const struct catalog_fork *fork,
			struct catalog_buffer *ret_proof);

/* Read and verify a proof from anybody.
 * Returns 0, -EBADMSG, -E2BIG, -ENOENT if the charter has no such member, -EKEYREJECTED if it
 * proves nothing, -ESTALE or -EROFS if the charter has drawn a line since, so that it counts no
 * more, -ENOMEM. */
int catalog_fork_verify(const struct catalog_charter *charter, struct catalog_span proof,
			struct catalog_fork *ret_fork);

/* Inside catalog_store_write(): keep a verified proof and mark its log.  One that is marked so
 * already keeps its first proof.  Returns 0, -EEXIST, -ENOSPC, -EIO. */
int catalog_fork_keep(struct catalog_txn *txn, const struct catalog_fork *fork,
		      struct catalog_span proof);

/* Append the proof that is kept of a log.  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int catalog_fork_read(struct catalog_txn *txn, uint32_t log, struct catalog_buffer *ret_proof);

/* Inside catalog_store_write(): forget the proof, which counts no more.  Returns 0, -ENOSPC, -EIO.
 */
int catalog_fork_drop(struct catalog_txn *txn, uint32_t log);

#endif
