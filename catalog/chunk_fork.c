/* catalog/chunk_fork.c - the nodes that a chunk shows are its items, and the siblings on the way
 * from its subtree to the root.  The first of them that differs from ours, and is complete under a
 * checkpoint that we hold, is the fork. */
#include "catalog/chunk_fork.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/chunk_data.h"
#include "catalog/chunk_hash.h"
#include "catalog/fork.h"
#include "catalog/log.h"

struct search {
	struct catalog_txn *txn;
	const struct catalog_chunk *chunk;
	uint64_t size;             /* of the checkpoint that we hold */
	struct catalog_fork *fork; /* side 0 is ours */
};

/* Whether our node is another than theirs; then our side of the proof is made.  A node that we do
 * not hold, or that our checkpoint cuts off, is not compared. */
static int differs(struct search *search, unsigned level, uint64_t index,
		   const struct catalog_hash *theirs, bool *ret_differs)
{
	struct catalog_log_tree tree = {search->txn, search->chunk->log};
	struct catalog_fork_side *ours = &search->fork->sides[0];
	int r;

	*ret_differs = false;
	if ((index + 1) << level > search->size)
		return 0;
	r = catalog_log_tree_read(&tree, level, index, &ours->hash);
	if (r == -ENOENT)
		return 0;
	if (r != 0 || catalog_hash_equal(&ours->hash, theirs))
		return r;
	r = catalog_merkle_prove_range(level, index, search->size, catalog_log_tree_read, &tree,
				       ours->proof, &ours->proof_count);
	search->fork->level = level;
	search->fork->index = index;
	search->fork->sides[1].hash = *theirs;
	*ret_differs = r == 0;
	return r == -ENOENT ? 0 : r;
}

/* The path from a node inside of the chunk's subtree to the root. */
static int prove_inside(struct search *search, unsigned level, uint64_t index)
{
	const struct catalog_chunk *chunk = search->chunk;
	struct catalog_fork_side *theirs = &search->fork->sides[1];
	size_t count = 0;

	for (; level < chunk->level; level++, index >>= 1) {
		int r;

		if ((index ^ 1) << level >= chunk->size)
			continue;
		r = catalog_chunk_hash_node(search->txn, chunk, level, index ^ 1,
					    &theirs->proof[count]);
		if (r != 0)
			return r;
		count++;
	}
	if (count + chunk->proof_count > CATALOG_MERKLE_PROOF_MAX)
		return -EIO;
	memcpy(&theirs->proof[count], chunk->proof, chunk->proof_count * sizeof chunk->proof[0]);
	theirs->proof_count = count + chunk->proof_count;
	return 0;
}

static int search_inside(struct search *search, bool *ret_found)
{
	const struct catalog_chunk *chunk = search->chunk;
	int r = 0;

	*ret_found = false;
	for (size_t i = 0; i < chunk->item_count && r == 0 && !*ret_found; i++) {
		const struct catalog_chunk_item *item = &chunk->items[i];
		uint64_t index = item->at >> item->level;

		r = differs(search, item->level, index, &item->hash, ret_found);
		if (r == 0 && *ret_found)
			r = prove_inside(search, item->level, index);
	}
	return r;
}

/* The siblings of the path, from the chunk's subtree up. */
static int search_above(struct search *search, bool *ret_found)
{
	const struct catalog_chunk *chunk = search->chunk;
	struct catalog_fork_side *theirs = &search->fork->sides[1];
	uint64_t index = chunk->from >> chunk->level, last = (chunk->size - 1) >> chunk->level;
	struct catalog_hash hash;
	size_t used = 0;
	int r = catalog_chunk_hash_subtree(search->txn, chunk, &hash);

	*ret_found = false;
	for (unsigned level = chunk->level; r == 0 && last > 0; level++, index >>= 1, last >>= 1) {
		const struct catalog_hash *sibling = &chunk->proof[used];

		if ((index ^ 1) > last)
			continue;
		if (used == chunk->proof_count)
			return -EIO;
		used++;
		r = differs(search, level, index ^ 1, sibling, ret_found);
		if (r == 0 && *ret_found) {
			theirs->proof[0] = hash;
			memcpy(&theirs->proof[1], &chunk->proof[used],
			       (chunk->proof_count - used) * sizeof chunk->proof[0]);
			theirs->proof_count = 1 + chunk->proof_count - used;
			return 0;
		}
		if ((index & 1) == 1)
			catalog_merkle_node(sibling, &hash, &hash);
		else
			catalog_merkle_node(&hash, sibling, &hash);
	}
	return r;
}

/* The note of the largest checkpoint that we hold the entries of, and its size. */
static int read_ours(struct catalog_txn *txn, const struct catalog_charter *charter,
		     const struct catalog_member *member, struct catalog_buffer *ret_note,
		     uint64_t *ret_size)
{
	struct catalog_checkpoint checkpoint;
	int r = catalog_log_checkpoint_held(txn, member->index, ret_note);

	if (r != 0)
		return r;
	if (catalog_charter_verify(charter, member->index, catalog_buffer_span(ret_note),
				   &checkpoint) != 0)
		return -EIO; /* it was verified when it was kept */
	*ret_size = checkpoint.size;
	return 0;
}

int catalog_chunk_fork_prove(struct catalog_txn *txn, const struct catalog_charter *charter,
			     const struct catalog_chunk *chunk, struct catalog_buffer *ret_proof)
{
	const struct catalog_member *member = catalog_charter_member(charter, chunk->log);
	struct catalog_buffer ours = {0}, theirs = {0};
	struct search search = {.txn = txn, .chunk = chunk};
	struct catalog_fork *fork = NULL;
	bool found = false;
	int r;

	if (member == NULL)
		return -ENOENT;
	fork = calloc(1, sizeof *fork);
	if (fork == NULL)
		return -ENOMEM;
	search.fork = fork;
	if ((r = read_ours(txn, charter, member, &ours, &search.size)) != 0 ||
	    (r = catalog_log_checkpoint_at(txn, chunk->log, chunk->size, &theirs)) != 0)
		goto out;
	fork->log = chunk->log;
	fork->has_node = true;
	fork->sides[0].note = catalog_buffer_span(&ours);
	fork->sides[1].note = catalog_buffer_span(&theirs);
	r = search_inside(&search, &found);
	if (r == 0 && !found)
		r = search_above(&search, &found);
	if (r == 0)
		r = found ? catalog_fork_encode(charter, fork, ret_proof) : -ENOENT;
	if (r == -EINVAL || r == -EAGAIN) /* the chunk was not proven after all */
		r = -ENOENT;
out:
	catalog_buffer_close(&ours);
	catalog_buffer_close(&theirs);
	free(fork);
	return r;
}
