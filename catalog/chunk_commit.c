/* catalog/chunk_commit.c - a chunk is verified against a signed root, and what is new of it is
 * appended. */
#include "catalog/chunk.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "catalog/charter_lines.h"
#include "catalog/chunk_data.h"
#include "catalog/chunk_hash.h"
#include "catalog/log_batch.h"

/* --- verifying -------------------------------------------------------------------------------- */

/* The left siblings on the way to the root are subtrees that we hold: were one another, the member
 * would have signed two histories. */
static int same_history(struct catalog_txn *txn, const struct catalog_chunk *chunk)
{
	uint64_t index = chunk->from >> chunk->level, last = (chunk->size - 1) >> chunk->level;
	struct catalog_log_tree tree = {txn, chunk->log};
	unsigned level = chunk->level;
	size_t used = 0;

	for (; last > 0; index >>= 1, last >>= 1, level++) {
		struct catalog_hash ours;
		int r;

		if ((index ^ 1) > last)
			continue;
		if ((index & 1) == 1) {
			r = catalog_log_tree_read(&tree, level, index - 1, &ours);
			if (r != 0 && r != -ENOENT) /* pruned with what is around it */
				return r;
			if (r == 0 && !catalog_hash_equal(&ours, &chunk->proof[used]))
				return -EPROTO;
		}
		used++;
	}
	assert(used == chunk->proof_count); /* the proof was verified */
	return 0;
}

/* The root that the chunk is to be proven under: the target's, or that of an earlier checkpoint
 * that we took note of, so that what was asked for before the target moved is not asked for again.
 */
static int root_of(struct catalog_txn *txn, const struct catalog_charter *charter,
		   const struct catalog_chunk *chunk, const struct catalog_log_status *status,
		   struct catalog_hash *ret_root)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_buffer note = {0};
	int r;

	if (chunk->size == status->target_size) {
		*ret_root = status->target_root;
		return 0;
	}
	r = catalog_log_checkpoint_at(txn, chunk->log, chunk->size, &note);
	if (r == 0) {
		r = catalog_charter_verify(charter, chunk->log, catalog_buffer_span(&note),
					   &checkpoint);
		if (r != 0)
			r = -EIO; /* it was verified when it was kept */
	}
	catalog_buffer_close(&note);
	if (r != 0)
		return r == -ENOENT ? -ESTALE : r;
	*ret_root = checkpoint.root;
	return 0;
}

/* At a checkpoint the view's root is computed: what is held there can be shown, and proven. */
static int reach(struct catalog_log_batch *batch, struct catalog_txn *txn,
		 const struct catalog_chunk *chunk)
{
	struct catalog_buffer note = {0};
	int r;

	if (chunk->to < chunk->size) { /* another may be known */
		r = catalog_log_checkpoint_at(txn, chunk->log, chunk->to, &note);
		catalog_buffer_close(&note);
		return r == 0 ? catalog_log_batch_settle(batch) : r == -ENOENT ? 0 : r;
	}
	/* Its tree has the signed root, since the chunk was proven: the view is left to check. */
	return catalog_log_batch_check(batch);
}

/* What the chunk says of leaves that we hold is what we hold.  A pruned subtree that spans the end
 * of what we hold cannot be taken: it is to be asked for from there. */
static int same_overlap(struct catalog_txn *txn, const struct catalog_chunk *chunk, uint64_t held)
{
	struct catalog_log_tree tree = {txn, chunk->log};

	for (size_t i = 0; i < chunk->item_count && chunk->items[i].at < held; i++) {
		const struct catalog_chunk_item *item = &chunk->items[i];
		struct catalog_hash ours;
		int r;

		if (item->at + ((uint64_t)1 << item->level) > held)
			return -EAGAIN;
		r = catalog_log_tree_read(&tree, item->level, item->at >> item->level, &ours);
		if (r != 0 && r != -ENOENT)
			return r;
		if (r == 0 && !catalog_hash_equal(&ours, &item->hash))
			return -EPROTO;
	}
	return 0;
}

/* Append the items from leaf held on. */
static int append_items(struct catalog_log_batch *batch, const struct catalog_member *member,
			const struct catalog_chunk *chunk, uint64_t held)
{
	size_t i = 0, run;
	int r = 0;

	while (i < chunk->item_count && chunk->items[i].at < held)
		i++;
	for (; i < chunk->item_count && r == 0; i += run) {
		const struct catalog_chunk_item *item = &chunk->items[i];

		for (run = 0; i + run < chunk->item_count && item[run].entry != NULL;)
			run++;
		if (run > 0) { /* they stand side by side among the chunk's entries */
			r = catalog_log_batch_append(batch, member, item->entry, run);
		} else {
			run = 1;
			r = catalog_log_batch_append_pruned(batch, member, item->level,
							    &item->hash);
		}
	}
	return r;
}

/* Verify a chunk and append it. */
static int take(struct catalog_log_batch *batch, struct catalog_txn *txn,
		const struct catalog_charter *charter, const struct catalog_chunk *chunk)
{
	const struct catalog_member *member = catalog_charter_member(charter, chunk->log);
	struct catalog_log_status status;
	struct catalog_hash hash, root;
	int r;

	if (member == NULL)
		return -ENOENT;
	r = catalog_log_status(txn, chunk->log, &status);
	if (r != 0)
		return r;
	if (status.health != CATALOG_LOG_GOOD)
		return -EROFS;
	if (chunk->to <= status.size)
		return -ESTALE;
	if (chunk->from > status.size)
		return -EAGAIN;
	if ((r = root_of(txn, charter, chunk, &status, &root)) != 0 ||
	    (r = catalog_chunk_hash_subtree(txn, chunk, &hash)) != 0 ||
	    (r = catalog_merkle_verify_range(&hash, chunk->level, chunk->from >> chunk->level,
					     chunk->size, chunk->proof, chunk->proof_count,
					     &root)) != 0 ||
	    (r = same_history(txn, chunk)) != 0 ||
	    (r = same_overlap(txn, chunk, status.size)) != 0 ||
	    (r = append_items(batch, member, chunk, status.size)) != 0 ||
	    (r = catalog_charter_lines_check(txn, charter, chunk->log, status.size)) != 0)
		return r;
	return reach(batch, txn, chunk);
}

static bool is_refusal(int r)
{
	return r == -ESTALE || r == -EAGAIN || r == -ENOENT || r == -EROFS || r == -EKEYREJECTED;
}

/* Proven, and found wrong when part of it was written. */
static bool is_contradiction(int r)
{
	return r == -EPROTO || r == -ENODATA;
}

struct group {
	const struct catalog_charter *charter;
	const struct catalog_chunk *const *chunks;
	size_t count;
	int *results; /* a contradiction at the start of a run: leave the chunk out */
	size_t at;    /* the chunk that the run came to */
};

static int commit_group(struct catalog_txn *txn, void *arg)
{
	struct catalog_log_batch *batch = NULL;
	struct group *group = arg;
	int r = catalog_log_batch_new(txn, CATALOG_LOG_BATCH_ROOT_LATER, &batch);

	for (group->at = 0; r == 0 && group->at < group->count; group->at++) {
		int *result = &group->results[group->at];

		if (is_contradiction(*result))
			continue;
		catalog_log_batch_lacked(batch, group->chunks[group->at]->lacked);
		r = take(batch, txn, group->charter, group->chunks[group->at]);
		if (r != 0 && !is_refusal(r))
			break;
		*result = r; /* a refusal comes before anything is changed */
		r = 0;
	}
	if (r == 0)
		r = catalog_log_batch_finish(batch);
	catalog_log_batch_free(batch);
	return r;
}

/* --- taking many ------------------------------------------------------------------------------ */

/* How many of the chunks make one transaction: at least one. */
static size_t group_of(const struct catalog_chunk *const *chunks, size_t count)
{
	size_t bytes = 0, used = 0;
	uint64_t entries = 0;

	for (; used < count; used++) {
		entries += chunks[used]->entry_count;
		bytes += chunks[used]->plain.len;
		if (used > 0 &&
		    (entries > CATALOG_LOG_TXN_ENTRIES_MAX || bytes > CATALOG_LOG_TXN_BYTES_MAX))
			break;
	}
	return used;
}

void catalog_chunk_commit_all(struct catalog_store *store, const struct catalog_charter *charter,
			      const struct catalog_chunk *const *chunks, size_t count,
			      int *ret_results)
{
	int r = 0;

	for (size_t done = 0, used; done < count; done += used) {
		struct group group = {charter, chunks + done, 0, ret_results + done, 0};

		used = group.count = group_of(group.chunks, count - done);
		for (size_t i = 0; i < used; i++)
			group.results[i] = r;
		if (r != 0)
			continue;
		/* What is proven and against the rules is found out when part of it is written: the
		 * transaction goes, and another does the same without that chunk. */
		while (is_contradiction(r = catalog_store_write(store, commit_group, &group)))
			group.results[group.at] = r;
		for (size_t i = 0; i < used && r != 0; i++)
			group.results[i] = r;
	}
}
