/* catalog/audit.c - one pass over the entries computes everything that is kept beside them: the
 * tree as a compact range (the roots of the complete subtrees so far), the view as rows to be
 * sorted. */
#include "catalog/audit.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/audit_view.h"
#include "catalog/entry.h"
#include "catalog/log.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"
#include "catalog/tree.h"

#define PROGRESS_ENTRIES 1000
#define RANGE_MAX        64

/* The complete subtrees that the leaves so far make, from left to right. */
struct range {
	size_t count;
	unsigned levels[RANGE_MAX];
	struct catalog_hash hashes[RANGE_MAX];
};

struct audit {
	struct catalog_txn *txn;
	const struct catalog_charter *charter;
	const struct catalog_member *member;
	struct catalog_log_status status;
	struct catalog_audit_finding *finding;
	struct range range;
	struct catalog_audit_view *view;
	struct catalog_buffer bytes;
	uint64_t kept;
};

const char *catalog_audit_class_name(enum catalog_audit_class class)
{
	switch (class) {
	case CATALOG_AUDIT_NOTHING: return "nothing";
	case CATALOG_AUDIT_STATUS: return "status";
	case CATALOG_AUDIT_CHECKPOINT: return "checkpoint";
	case CATALOG_AUDIT_ENTRY: return "entry";
	case CATALOG_AUDIT_TREE: return "tree";
	case CATALOG_AUDIT_VIEW: return "view";
	case CATALOG_AUDIT_INDEX: return "index";
	}
	return "";
}

static bool is_found(const struct audit *audit)
{
	return audit->finding->class != CATALOG_AUDIT_NOTHING;
}

/* The first finding stays.  Returns 0: a finding is no failure of the audit. */
__attribute__((format(printf, 4, 5))) static int
find(struct audit *audit, enum catalog_audit_class class, uint64_t index, const char *format, ...)
{
	struct catalog_audit_finding *finding = audit->finding;
	va_list args;

	if (is_found(audit))
		return 0;
	finding->class = class;
	finding->index = index;
	va_start(args, format);
	vsnprintf(finding->text, sizeof finding->text, format, args);
	va_end(args);
	return 0;
}

/* --- the tree --------------------------------------------------------------------------------- */

/* A node that the range now has is what the tree keeps in its place, if it keeps it. */
static int compare_node(struct audit *audit, unsigned level, uint64_t index,
			const struct catalog_hash *hash)
{
	struct catalog_log_tree tree = {audit->txn, audit->member->index};
	struct catalog_hash kept;
	int r;

	if (level % CATALOG_TREE_TILE_BITS != 0)
		return 0;
	r = catalog_log_tree_read(&tree, level, index, &kept);
	if (r == -ENOENT) /* a kept leaf is there; what is around pruned ones need not be */
		return level > 0 ? 0
				 : find(audit, CATALOG_AUDIT_TREE, index,
					"the tree of %s lacks the hash of entry %" PRIu64,
					audit->member->name, index);
	if (r != 0 || catalog_hash_equal(&kept, hash))
		return r;
	if (level == 0)
		return find(audit, CATALOG_AUDIT_ENTRY, index,
			    "entry %" PRIu64 " of %s is not what its hash in the tree says", index,
			    audit->member->name);
	return find(audit, CATALOG_AUDIT_TREE, index << level,
		    "the tree of %s has a wrong hash over entries %" PRIu64 " to %" PRIu64,
		    audit->member->name, index << level, ((index + 1) << level) - 1);
}

/* Append a subtree, and join what is complete now. */
static int grow(struct audit *audit, uint64_t at, unsigned level, const struct catalog_hash *hash)
{
	struct range *range = &audit->range;
	int r = compare_node(audit, level, at >> level, hash);

	assert(range->count < RANGE_MAX);
	range->levels[range->count] = level;
	range->hashes[range->count++] = *hash;
	while (r == 0 && range->count >= 2 &&
	       range->levels[range->count - 1] == range->levels[range->count - 2]) {
		struct catalog_hash *left = &range->hashes[range->count - 2];

		catalog_merkle_node(left, left + 1, left);
		range->levels[range->count - 2]++;
		range->count--;
		level = range->levels[range->count - 1];
		r = compare_node(audit, level, at >> level, left);
	}
	return r;
}

static void root_of(const struct range *range, struct catalog_hash *ret_root)
{
	catalog_merkle_empty(ret_root);
	for (size_t i = range->count; i-- > 0;)
		if (i + 1 == range->count)
			*ret_root = range->hashes[i];
		else
			catalog_merkle_node(&range->hashes[i], ret_root, ret_root);
}

/* The pruned subtree that begins at a leaf. */
static int read_pruned(struct audit *audit, uint64_t at, unsigned *ret_level,
		       struct catalog_hash *ret_hash)
{
	struct catalog_log_tree tree = {audit->txn, audit->member->index};
	uint32_t log = audit->member->index;

	if (catalog_log_tree_read(&tree, 0, at, ret_hash) == 0) {
		*ret_level = 0;
		return 0;
	}
	for (unsigned level = 1; level <= CATALOG_TREE_LEVEL_MAX; level++) {
		bool pruned = false;

		if (at % ((uint64_t)1 << level) != 0 ||
		    at + ((uint64_t)1 << level) > audit->status.size)
			break;
		if (catalog_tree_is_pruned(audit->txn, log, level, at >> level, &pruned) != 0 ||
		    !pruned)
			continue;
		*ret_level = level;
		return catalog_log_tree_read(&tree, level, at >> level, ret_hash);
	}
	return find(audit, CATALOG_AUDIT_TREE, at,
		    "entry %" PRIu64 " of %s is gone, and no hash stands for it", at,
		    audit->member->name);
}

/* --- checkpoints ------------------------------------------------------------------------------ */

static int verify_note(struct audit *audit, uint64_t size,
		       struct catalog_checkpoint *ret_checkpoint)
{
	const struct catalog_key *key =
		catalog_charter_key(audit->charter, audit->member->index, size);
	char origin[CATALOG_CHECKPOINT_ORIGIN_MAX + 1];
	struct catalog_buffer note = {0};
	int r = catalog_log_checkpoint_at(audit->txn, audit->member->index, size, &note);

	assert(key != NULL); /* the member is the charter's */

	if (r != 0)
		return r;
	catalog_checkpoint_origin(catalog_charter_federation(audit->charter), audit->member->name,
				  origin);
	if (catalog_checkpoint_verify(catalog_buffer_span(&note), origin, key, ret_checkpoint) !=
		    0 ||
	    ret_checkpoint->size != size)
		r = find(audit, CATALOG_AUDIT_CHECKPOINT, size,
			 "the checkpoint of %" PRIu64
			 " entries of %s is not what its member signed",
			 size, audit->member->name);
	catalog_buffer_close(&note);
	return r;
}

/* If there is a checkpoint of so many entries, it is signed and has this root. */
static int check_here(struct audit *audit, uint64_t size)
{
	struct catalog_checkpoint checkpoint;
	struct catalog_hash root;
	int r = verify_note(audit, size, &checkpoint);

	if (r == -ENOENT)
		return size == audit->status.target_size
			       ? find(audit, CATALOG_AUDIT_CHECKPOINT, size,
				      "the newest checkpoint of %s is missing", audit->member->name)
			       : 0;
	if (r != 0 || is_found(audit))
		return r;
	root_of(&audit->range, &root);
	if (catalog_hash_equal(&root, &checkpoint.root))
		return 0;
	return find(audit, CATALOG_AUDIT_TREE, 0,
		    "the first %" PRIu64 " entries of %s have not the root that it signed", size,
		    audit->member->name);
}

/* --- entries ---------------------------------------------------------------------------------- */

static int check_entry(struct audit *audit, uint64_t index)
{
	struct catalog_hash leaf;
	struct catalog_entry entry;
	int r;

	audit->kept++;
	catalog_merkle_leaf(catalog_buffer_span(&audit->bytes), &leaf);
	r = grow(audit, index, 0, &leaf);
	if (r != 0 || is_found(audit))
		return r;
	if (catalog_entry_decode(catalog_buffer_span(&audit->bytes), &entry) != 0)
		return find(audit, CATALOG_AUDIT_ENTRY, index,
			    "entry %" PRIu64 " of %s is no entry", index, audit->member->name);
	return catalog_audit_view_add(audit->view, &entry, index);
}

/* One entry, or the pruned subtree in its place.  *at moves on. */
static int check_item(struct audit *audit, uint64_t *at)
{
	struct catalog_hash hash;
	unsigned level = 0;
	int r;

	audit->bytes.len = 0;
	r = catalog_log_read(audit->txn, audit->member->index, *at, &audit->bytes);
	if (r == 0) {
		r = check_entry(audit, *at);
	} else if (r == -EIO) {
		r = find(audit, CATALOG_AUDIT_ENTRY, *at, "entry %" PRIu64 " of %s cannot be read",
			 *at, audit->member->name);
	} else if (r == -ENOENT) {
		r = read_pruned(audit, *at, &level, &hash);
		if (r == 0 && !is_found(audit))
			r = grow(audit, *at, level, &hash);
		if (r == 0 && !is_found(audit))
			r = catalog_audit_view_add_erased(audit->view, audit->txn,
							  audit->member->index, *at,
							  *at + ((uint64_t)1 << level));
	}
	*at += (uint64_t)1 << level;
	return r;
}

static int check_entries(struct audit *audit, catalog_audit_progress progress, void *arg)
{
	uint64_t size = audit->status.size, shown = 0;
	int r = 0;

	for (uint64_t at = 0; at < size && r == 0 && !is_found(audit);) {
		r = check_item(audit, &at);
		if (r == 0 && !is_found(audit))
			r = check_here(audit, at);
		if (progress != NULL && (at - shown >= PROGRESS_ENTRIES || at >= size)) {
			progress(arg, at, size);
			shown = at;
		}
	}
	return r;
}

static int check_status(struct audit *audit)
{
	const struct catalog_log_status *status = &audit->status;
	struct catalog_checkpoint checkpoint;
	struct catalog_hash root;
	int r = 0;

	root_of(&audit->range, &root);
	if (!catalog_hash_equal(&root, &status->root) || audit->kept != status->kept)
		return find(audit, CATALOG_AUDIT_STATUS, 0,
			    "what is noted of the log of %s (%" PRIu64 " entries, %" PRIu64
			    " of them kept) is not what it holds (%" PRIu64 " kept)",
			    audit->member->name, status->size, status->kept, audit->kept);
	if (status->target_size > status->size) { /* it was not come by */
		r = verify_note(audit, status->target_size, &checkpoint);
		if (r == -ENOENT)
			r = find(audit, CATALOG_AUDIT_CHECKPOINT, status->target_size,
				 "the newest checkpoint of %s is missing", audit->member->name);
	}
	return r;
}

int catalog_audit_log(struct catalog_txn *txn, const struct catalog_charter *charter,
		      const struct catalog_member *member, catalog_audit_progress progress,
		      void *arg, struct catalog_audit_finding *ret_finding)
{
	struct audit *audit = calloc(1, sizeof *audit);
	int r;

	if (audit == NULL)
		return -ENOMEM;
	*ret_finding = (struct catalog_audit_finding){.class = CATALOG_AUDIT_NOTHING};
	audit->txn = txn;
	audit->charter = charter;
	audit->member = member;
	audit->finding = ret_finding;
	r = catalog_audit_view_new(&audit->view);
	if (r != 0)
		goto out;
	r = catalog_log_status(txn, member->index, &audit->status);
	if (r == -EIO) {
		r = find(audit, CATALOG_AUDIT_STATUS, 0,
			 "what is noted of the log of %s cannot be read", member->name);
		goto out;
	}
	if (r == 0)
		r = check_entries(audit, progress, arg);
	if (r == -EIO)
		r = find(audit, CATALOG_AUDIT_TREE, 0, "the tree of %s cannot be read",
			 member->name);
	if (r == 0 && !is_found(audit))
		r = check_status(audit);
	if (r == 0 && !is_found(audit))
		r = catalog_audit_view_check(audit->view, txn, member, &audit->status, ret_finding);
	if (r == -EIO)
		r = find(audit, CATALOG_AUDIT_VIEW, 0, "the view of %s cannot be read",
			 member->name);
out:
	catalog_audit_view_free(audit->view);
	catalog_buffer_close(&audit->bytes);
	free(audit);
	return r;
}
