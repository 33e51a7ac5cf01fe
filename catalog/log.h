/* catalog/log.h - the members' logs in the store: entries, tree, checkpoints, current view, all
 * moved forward together.
 *
 * A log is named by its member's index.  What is committed of it is always a prefix without gaps.
 * `target` is the newest checkpoint known (the largest ever seen), `size` how many entries are
 * held: size < target.size is "partial". The view root is verified when size reaches target.size.
 */
#ifndef CATALOG_LOG_H
#define CATALOG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/entry.h"
#include "catalog/hash.h"
#include "catalog/store.h"

#define CATALOG_LOG_ATTEST_AHEAD_S    (24 * 60 * 60) /* of the clock; more is not believed */
#define CATALOG_LOG_BATCH_ENTRIES_MAX 1000 /* of one append, which a publisher signs */
#define CATALOG_LOG_BATCH_BYTES_MAX   (2u * 1024 * 1024)
#define CATALOG_LOG_TXN_ENTRIES_MAX   2048 /* of one transaction of a pull: eight full chunks */
#define CATALOG_LOG_TXN_BYTES_MAX     (8u * 1024 * 1024)

enum catalog_log_health {
	CATALOG_LOG_GOOD = 0,
	CATALOG_LOG_BROKEN = 1, /* its own signed state entry does not match its entries; nothing
				   more is taken */
	CATALOG_LOG_FORKED = 2, /* it signed two histories; nothing more is taken */
};

struct catalog_log_status {
	uint64_t size;        /* entries held, a prefix */
	uint64_t target_size; /* of the largest checkpoint known, size <= target_size */
	uint64_t live;        /* current listings among the entries held */
	uint64_t withdrawn;
	enum catalog_log_health health;
	struct catalog_hash target_root; /* valid when target_size > 0 */
	int64_t time_s;                  /* of the newest entry held; 0 if none */
	struct catalog_hash root;        /* of the tree of the entries held */
	uint64_t view_size; /* entries that the view root is of: fewer than size while a log is
			       pulled and no checkpoint is reached */
	struct catalog_hash view_root;
	uint64_t kept;      /* entries held whose bytes are here; the others were pruned */
	uint64_t settled;   /* the last size at which the view was what the member signed */
	uint64_t state_end; /* index after the newest state entry held */
	bool has_gap; /* pruned entries were taken since then: the view may lack what they hid */
	int64_t attested_s; /* when the member last said that the target is its newest; 0: never */
};

/* Where a log stands; of a log that nothing is known of, all is zero but the roots, which are those
 * of nothing.  Returns 0, -EIO. */
int catalog_log_status(struct catalog_txn *txn, uint32_t log,
		       struct catalog_log_status *ret_status);

/* Append the newest checkpoint's note (of target_size).  Returns 0, -ENOENT, -ENOMEM,
 * -EIO. */
int catalog_log_checkpoint(struct catalog_txn *txn, uint32_t log, struct catalog_buffer *buffer);

/* Append the note of the checkpoint of exactly this size, verified when it was taken.
 * Returns 0, -ENOENT if none of that size was kept, -ENOMEM, -EIO. */
int catalog_log_checkpoint_at(struct catalog_txn *txn, uint32_t log, uint64_t size,
			      struct catalog_buffer *buffer);

/* Append the note of the largest checkpoint kept whose size is at most the entries held: what they
 * can be shown under while the log is partial.  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int catalog_log_checkpoint_held(struct catalog_txn *txn, uint32_t log,
				struct catalog_buffer *buffer);

/* The same of those whose size is at most size_max.  Returns likewise. */
int catalog_log_checkpoint_up_to(struct catalog_txn *txn, uint32_t log, uint64_t size_max,
				 struct catalog_buffer *buffer);

/* Append the bytes of an entry, as they were written.
 * Returns 0, -ENOENT if it is not held or was pruned, -ENOMEM, -EIO. */
int catalog_log_read(struct catalog_txn *txn, uint32_t log, uint64_t index,
		     struct catalog_buffer *buffer);

/* Index of the newest entry about a thing (kind put stands for put and withdraw).
 * *ret_kind (may be NULL) is that entry's kind.  Returns 0, -ENOENT, -EIO. */
int catalog_log_find(struct catalog_txn *txn, uint32_t log, enum catalog_entry_kind kind,
		     const char *id, uint64_t *ret_index, enum catalog_entry_kind *ret_kind);

/* The newest entry about a thing: its bytes in place of what bytes held, and *ret_entry, which
 * borrows from them.  Returns 0, -ENOENT, -ENOMEM, -EIO. */
int catalog_log_newest(struct catalog_txn *txn, uint32_t log, enum catalog_entry_kind kind,
		       const char *id, struct catalog_buffer *bytes,
		       struct catalog_entry *ret_entry);

/* Call each for every current listing of a log (put, not withdrawn), in the order of its things'
 * hashes, until it returns non-zero, which is then returned.  Returns 0, -ENOMEM, -EIO. */
typedef int (*catalog_log_each)(void *arg, uint64_t index, const struct catalog_hash *thing);
int catalog_log_current(struct catalog_txn *txn, uint32_t log, catalog_log_each each, void *arg);

/* Hash of a complete subtree of the entries held; a catalog_merkle_read with arg a struct
 * catalog_log_tree. */
struct catalog_log_tree {
	struct catalog_txn *txn;
	uint32_t log;
};
int catalog_log_tree_read(void *log_tree, unsigned level, uint64_t index,
			  struct catalog_hash *ret_hash);

/* Root of the view as held now.  Returns 0, -EIO. */
int catalog_log_view_root(struct catalog_txn *txn, uint32_t log, struct catalog_hash *ret_root);

/* --- changing, inside catalog_store_write() ------------------------------------------- */

/* Append 1..CATALOG_LOG_BATCH_ENTRIES_MAX entries, whose bytes were verified (or are our own):
 * entries, tree, view and search index.  member tells the index whose they are.  A put's body that
 * is no valid listing is kept in log and view and left out of the index.
 * Refused with -EPROTO, so that it is never of our own making: bytes that are no entry; a `prev`
 * that is not the newest entry of its thing; a withdrawal of what was never put; a state entry
 * whose counts, or, when it comes last, whose view root are not those of the entries before it.
 * While the log has a gap, what was pruned may explain all of these but the first; then they are
 * judged where the next checkpoint is reached.
 * Returns 0, -EPROTO, -EROFS if the log is marked, -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_append(struct catalog_txn *txn, const struct catalog_member *member,
		       const struct catalog_span *entries, size_t count);

/* Take note of a larger verified checkpoint: it becomes the target.  Returns 0, -ESTALE if it is
 * not larger than the target, -EEXIST if it is the target, -EPROTO if it has the target's size and
 * another root (a fork; nothing is changed: call catalog_log_mark), -EROFS if the log is marked. */
int catalog_log_target(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_checkpoint *checkpoint, struct catalog_span note);

/* Keep a verified checkpoint that is larger than what is held and smaller than the target, so that
 * entries can be taken that are proven under it.  Returns 0, -EEXIST if it is kept already, -ESTALE
 * if as many entries are held or it is not smaller than the target, -EPROTO if another of its size
 * is kept (a fork, as above), -EROFS if the log is marked, -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_keep(struct catalog_txn *txn, uint32_t log,
		     const struct catalog_checkpoint *checkpoint, struct catalog_span note);

/* When an attestation counts as made, at a time of day: 0, as if there were none, if it is more
 * than CATALOG_LOG_ATTEST_AHEAD_S ahead, so that a clock that was wrong once is not believed for
 * years. */
int64_t catalog_log_attested(int64_t attested_s, int64_t now_s);

/* Take the verified note of the target that its member attested to later than the one we have, in
 * its place; of either, what catalog_log_attested() says counts.  Returns 0, -ENOENT if it is of
 * another checkpoint, -EEXIST if it is no newer, -EROFS if the log is marked, -ENOSPC, -EIO. */
int catalog_log_attest(struct catalog_txn *txn, uint32_t log,
		       const struct catalog_checkpoint *checkpoint, struct catalog_span note,
		       int64_t now_s);

/* When size has reached target_size: check tree root, that the last entry is a state entry, its
 * counts and view root.  Returns 0, -EAGAIN if still partial, -EKEYREJECTED if the tree's root is
 * not the target's, or as catalog_log_settle(). */
int catalog_log_check(struct catalog_txn *txn, uint32_t log);

/* Check that the last entry held is a state entry that tells the counts and the view root of what
 * is held, as it must be under every checkpoint, and note that the log is settled there.  Returns
 * 0, -EPROTO if it is not so, -ENODATA if it is not so and the log has a gap (what was pruned hides
 * something that is current: step back and ask another), -ENOMEM, -ENOSPC, -EIO. */
int catalog_log_settle(struct catalog_txn *txn, uint32_t log);

/* Mark a log; it keeps what it holds and takes nothing more.  Returns 0, -EIO. */
int catalog_log_mark(struct catalog_txn *txn, uint32_t log, enum catalog_log_health health);

/* SHA-256 over (log u32, size u64, root, attested u64) of each log with size > 0 in order of log:
 * the version vector's hash, over what is held in full or in part (size and the tree's root at
 * size).  attested is 0 while the log is partial.  A log that is marked as forked counts as (log,
 * 2^64 - 1, 32 zeros, 0), whatever of it is held.  Equal hashes, equal catalogues, as current.
 * Returns 0, -ENOMEM, -EIO. */
int catalog_log_vector_hash(struct catalog_txn *txn, struct catalog_hash *ret_hash);

#endif
