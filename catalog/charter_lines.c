/* catalog/charter_lines.c - beside each log that lines were drawn for the store keeps those that it
 * was brought to.  So when an amendment comes only logs whose lines are others than those are
 * looked at, and of their checkpoints only those from the first difference on. */
#include "catalog/charter_lines.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/fork.h"
#include "catalog/log.h"
#include "catalog/log_back.h"
#include "catalog/log_row.h"
#include "catalog/merkle.h"

#define ROW_KEY_BYTES  5
#define ROW_HEAD_BYTES 8
#define ROW_LINE_BYTES 72
#define ROW_BYTES_MAX  (ROW_HEAD_BYTES + CATALOG_CHARTER_LINES_MAX * ROW_LINE_BYTES)

enum course {
	COURSE_AS_BEFORE,
	COURSE_CHANGED, /* what the charter said before may have been taken back */
};

/* --- what the store was brought to ------------------------------------------------------------ */

static struct catalog_span key_of(uint32_t log, uint8_t key[ROW_KEY_BYTES])
{
	key[0] = 'l';
	for (unsigned i = 0; i < 4; i++)
		key[1 + i] = (uint8_t)(log >> (24 - 8 * i));
	return (struct catalog_span){key, ROW_KEY_BYTES};
}

static void put_u64(uint8_t *bytes, uint64_t number)
{
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

static uint64_t get_u64(const uint8_t *bytes)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* end u64, then of each line: size u64, root, key. */
static size_t encode(const struct catalog_charter *charter, uint32_t log,
		     uint8_t row[ROW_BYTES_MAX])
{
	struct catalog_charter_line line;
	size_t count = 0;

	put_u64(row, catalog_charter_end(charter, log));
	for (; catalog_charter_line(charter, log, count, &line) == 0; count++) {
		uint8_t *at = row + ROW_HEAD_BYTES + count * ROW_LINE_BYTES;

		assert(count < CATALOG_CHARTER_LINES_MAX);
		put_u64(at, line.size);
		memcpy(at + 8, line.root.bytes, 32);
		memcpy(at + 40, line.key.bytes, 32);
	}
	return ROW_HEAD_BYTES + count * ROW_LINE_BYTES;
}

static uint64_t lower_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The size below which two rows say the same. */
static uint64_t first_difference(struct catalog_span was, struct catalog_span is)
{
	uint64_t ends[2] = {get_u64(was.bytes), get_u64(is.bytes)};
	uint64_t first = ends[0] == ends[1] ? UINT64_MAX : lower_of(ends[0], ends[1]);
	size_t at = ROW_HEAD_BYTES;

	while (at < was.len && at < is.len &&
	       memcmp(was.bytes + at, is.bytes + at, ROW_LINE_BYTES) == 0)
		at += ROW_LINE_BYTES;
	if (at < was.len)
		first = lower_of(first, get_u64(was.bytes + at));
	if (at < is.len)
		first = lower_of(first, get_u64(is.bytes + at));
	return first;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

/* Take away the checkpoints of sizes from first on that count no more.  *ret_last is the largest
 * that is left, whatever its size (size 0: none). */
static int sift(struct catalog_txn *txn, const struct catalog_charter *charter, uint32_t log,
		uint64_t first, struct catalog_checkpoint *ret_last)
{
	struct catalog_checkpoint last = {0};
	struct catalog_log_row_key row_key;
	uint64_t size = UINT64_MAX;
	int r = 0;

	/* From the end; the cursor is made anew, since what is under it may go. */
	while (r == 0) {
		struct catalog_cursor *cursor = NULL;
		struct catalog_checkpoint checkpoint;
		struct catalog_span key, note;
		bool is_good;

		r = catalog_store_cursor_open(txn, CATALOG_TABLE_CHECKPOINTS, &cursor);
		if (r != 0)
			return r;
		r = catalog_store_cursor_seek(
			cursor, catalog_log_row_of_number(&row_key, log, size), &key, &note);
		if (r == 0)
			r = catalog_store_cursor_prev(cursor, &key, &note);
		else if (r == -ENOENT)
			r = catalog_store_cursor_last(cursor, &key, &note);
		if (r == 0 &&
		    (key.len != sizeof row_key.bytes || memcmp(key.bytes, row_key.bytes, 4) != 0))
			r = -ENOENT; /* another log's */
		if (r == 0)
			size = get_u64(key.bytes + 4);
		is_good = r == 0 && catalog_charter_verify(charter, log, note, &checkpoint) == 0 &&
			  checkpoint.size == size;
		catalog_store_cursor_close(cursor);
		if (r != 0)
			break;
		if (is_good && last.size == 0)
			last = checkpoint;
		if (size < first)
			break;
		if (!is_good)
			r = catalog_store_del(txn, CATALOG_TABLE_CHECKPOINTS,
					      catalog_log_row_of_number(&row_key, log, size));
	}
	if (r != 0 && r != -ENOENT)
		return r;
	*ret_last = last;
	return 0;
}

/* The lines' own checkpoints, where none of their size is kept.  *ret_is_new: of the newest line
 * there was none. */
static int keep_lines(struct catalog_txn *txn, const struct catalog_charter *charter, uint32_t log,
		      bool *ret_is_new)
{
	struct catalog_charter_line line;

	*ret_is_new = false;
	for (size_t i = 0; catalog_charter_line(charter, log, i, &line) == 0; i++) {
		struct catalog_log_row_key key;
		struct catalog_span kept;
		int r;

		if (line.size == 0)
			continue;
		(void)catalog_log_row_of_number(&key, log, line.size); /* filled in */
		r = catalog_store_get(txn, CATALOG_TABLE_CHECKPOINTS,
				      (struct catalog_span){key.bytes, sizeof key.bytes}, &kept);
		*ret_is_new = r == -ENOENT;
		if (r == -ENOENT)
			r = catalog_store_put(txn, CATALOG_TABLE_CHECKPOINTS,
					      (struct catalog_span){key.bytes, sizeof key.bytes},
					      line.note);
		if (r != 0)
			return r;
	}
	return 0;
}

/* --- where it may stay ------------------------------------------------------------------------ */

static int root_at(struct catalog_txn *txn, uint32_t log, uint64_t size,
		   struct catalog_hash *ret_root)
{
	struct catalog_log_tree tree = {txn, log};

	return catalog_merkle_root_at(size, catalog_log_tree_read, &tree, ret_root);
}

/* How much of what is held, at most of size, goes through every line that it passes: all, or up to
 * the last line that it goes through. */
static int sound_size(struct catalog_txn *txn, const struct catalog_charter *charter, uint32_t log,
		      uint64_t size, uint64_t *ret_size)
{
	struct catalog_charter_line line;
	uint64_t sound = 0;

	for (size_t i = 0; catalog_charter_line(charter, log, i, &line) == 0; i++) {
		struct catalog_hash root;
		int r;

		if (line.size > size)
			break;
		r = root_at(txn, log, line.size, &root);
		if (r != 0 && r != -ENOENT)
			return r;
		if (r != 0 || !catalog_hash_equal(&root, &line.root)) {
			*ret_size = sound;
			return 0;
		}
		sound = line.size;
	}
	*ret_size = size;
	return 0;
}

/* The largest line that is not beyond size. */
static uint64_t line_below(const struct catalog_charter *charter, uint32_t log, uint64_t size)
{
	struct catalog_charter_line line;
	uint64_t below = 0;

	for (size_t i = 0; catalog_charter_line(charter, log, i, &line) == 0; i++)
		if (line.size <= size)
			below = line.size;
	return below;
}

/* Whether the log's mark was for what is no more. */
static int is_mark_settled(struct catalog_txn *txn, const struct catalog_charter *charter,
			   uint32_t log, const struct catalog_log_status *status, bool *ret_settled)
{
	struct catalog_buffer proof = {0};
	struct catalog_fork fork;
	int r = 0;

	*ret_settled = true;
	if (status->health == CATALOG_LOG_FORKED) {
		r = catalog_fork_read(txn, log, &proof);
		*ret_settled = r == -ENOENT ||
			       (r == 0 && catalog_fork_verify(charter, catalog_buffer_span(&proof),
							      &fork) != 0);
		if (r == 0 && *ret_settled)
			r = catalog_fork_drop(txn, log);
		else if (r == -ENOENT)
			r = 0;
	}
	catalog_buffer_close(&proof);
	return r;
}

static int step_back(struct catalog_txn *txn, const struct catalog_member *member, uint64_t size)
{
	int r = catalog_log_back_to(txn, member, size);

	/* What was pruned may span the place; to nothing it can always go. */
	return r == -ENODATA ? catalog_log_back_to(txn, member, 0) : r;
}

static int bring(struct catalog_txn *txn, const struct catalog_charter *charter,
		 const struct catalog_member *member, uint64_t first)
{
	struct catalog_checkpoint last;
	struct catalog_log_status status;
	uint32_t log = member->index;
	bool is_new = false, is_settled = true;
	uint64_t size;
	int r;

	if ((r = sift(txn, charter, log, first, &last)) != 0 ||
	    (r = keep_lines(txn, charter, log, &is_new)) != 0 ||
	    (r = sift(txn, charter, log, UINT64_MAX, &last)) != 0 ||
	    (r = catalog_log_status(txn, log, &status)) != 0 ||
	    (r = is_mark_settled(txn, charter, log, &status, &is_settled)) != 0)
		return r;
	/* What is held of a history that the newest line's checkpoint was not known for may be
	 * another; and what was marked is not to be trusted beyond a line. */
	size = lower_of(status.size, last.size);
	if (last.size > status.size && is_new)
		size = line_below(charter, log, size);
	if (status.health != CATALOG_LOG_GOOD && is_settled)
		size = line_below(charter, log, size);
	if ((r = sound_size(txn, charter, log, size, &size)) != 0 ||
	    (size < status.size && (r = step_back(txn, member, size)) != 0) ||
	    (r = catalog_log_status(txn, log, &status)) != 0)
		return r;
	status.target_size = last.size;
	status.target_root = last.root;
	status.attested_s = last.attested_s;
	if (is_settled)
		status.health = CATALOG_LOG_GOOD;
	r = catalog_log_row_put(txn, log, &status);
	if (r != 0 || status.size == 0 || status.size != status.target_size)
		return r;
	/* A line may be drawn where the member's own state entry is false. */
	r = catalog_log_check(txn, log);
	if (r == -ENODATA)
		return step_back(txn, member, 0);
	return r == -EPROTO ? catalog_log_mark(txn, log, CATALOG_LOG_BROKEN) : r;
}

/* Whether a log that no lines were kept for is as it was when its member was admitted. */
static int is_plain(struct catalog_txn *txn, const struct catalog_charter *charter, uint32_t log,
		    enum course course, bool *ret_is_plain)
{
	struct catalog_log_status status;
	struct catalog_buffer note = {0};
	struct catalog_checkpoint checkpoint;
	struct catalog_charter_line second;
	int r;

	*ret_is_plain = catalog_charter_line(charter, log, 1, &second) != 0 &&
			catalog_charter_end(charter, log) == CATALOG_CHARTER_OPEN;
	if (!*ret_is_plain)
		return 0;
	r = catalog_log_status(txn, log, &status);
	if (r == 0 && course == COURSE_CHANGED && status.health != CATALOG_LOG_GOOD) {
		*ret_is_plain = false; /* what it was marked for may be no more */
		return 0;
	}
	if (r == 0)
		r = catalog_log_checkpoint(txn, log, &note);
	if (r == 0)
		*ret_is_plain = catalog_charter_verify(charter, log, catalog_buffer_span(&note),
						       &checkpoint) == 0;
	catalog_buffer_close(&note);
	return r == -ENOENT ? 0 : r;
}

static int apply_to(struct catalog_txn *txn, const struct catalog_charter *charter,
		    const struct catalog_member *member, enum course course)
{
	uint8_t key[ROW_KEY_BYTES], row[ROW_BYTES_MAX];
	size_t len = encode(charter, member->index, row);
	struct catalog_span is = {row, len}, was;
	uint64_t first = 0;
	bool plain = false;
	int r = catalog_store_get(txn, CATALOG_TABLE_CHARTER, key_of(member->index, key), &was);

	if (r == 0 &&
	    (was.len < ROW_HEAD_BYTES || (was.len - ROW_HEAD_BYTES) % ROW_LINE_BYTES != 0))
		return -EIO;
	if (r == 0) {
		if (was.len == is.len && memcmp(was.bytes, is.bytes, is.len) == 0)
			return 0;
		first = first_difference(was, is);
	} else if (r == -ENOENT) {
		r = is_plain(txn, charter, member->index, course, &plain);
		if (r != 0 || plain)
			return r;
	} else {
		return r;
	}
	r = bring(txn, charter, member, first);
	return r != 0 ? r
		      : catalog_store_put(txn, CATALOG_TABLE_CHARTER, key_of(member->index, key),
					  is);
}

static int apply(struct catalog_txn *txn, const struct catalog_charter *charter, enum course course)
{
	size_t count = catalog_charter_member_count(charter);
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = apply_to(txn, charter, catalog_charter_member_at(charter, i), course);
	return r;
}

int catalog_charter_lines_apply(struct catalog_txn *txn, const struct catalog_charter *charter)
{
	return apply(txn, charter, COURSE_AS_BEFORE);
}

/* --- another course --------------------------------------------------------------------------- */

/* Whether a log is the same member's by both: its origin and its first key, and what the search
 * index says of its member. */
static bool is_same_member(const struct catalog_charter *from, const struct catalog_charter *to,
			   const struct catalog_member *member)
{
	const struct catalog_member *other = catalog_charter_member(to, member->index);
	struct catalog_charter_line ours, theirs;

	return other != NULL && strcmp(member->name, other->name) == 0 &&
	       strcmp(member->country, other->country) == 0 &&
	       strcmp(member->sector, other->sector) == 0 &&
	       catalog_charter_line(from, member->index, 0, &ours) == 0 &&
	       catalog_charter_line(to, member->index, 0, &theirs) == 0 &&
	       memcmp(&ours.key, &theirs.key, sizeof ours.key) == 0;
}

/* Forget a log as if it had never been. */
static int forget(struct catalog_txn *txn, const struct catalog_member *member)
{
	struct catalog_log_row_key from, key;
	uint32_t log = member->index;
	int r;

	if ((r = catalog_log_back_to(txn, member, 0)) != 0 ||
	    (r = catalog_fork_drop(txn, log)) != 0 ||
	    (r = catalog_store_del_range(txn, CATALOG_TABLE_CHECKPOINTS,
					 catalog_log_row_of_number(&from, log, 0), 4)) != 0)
		return r;
	r = catalog_store_del(txn, CATALOG_TABLE_LOGS, catalog_log_row_of(&key, log));
	return r == -ENOENT ? 0 : r;
}

int catalog_charter_lines_turn(struct catalog_txn *txn, const struct catalog_charter *from,
			       const struct catalog_charter *to)
{
	size_t count = catalog_charter_member_count(from);
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		const struct catalog_member *member = catalog_charter_member_at(from, i);
		uint8_t key[ROW_KEY_BYTES];

		r = catalog_store_del(txn, CATALOG_TABLE_CHARTER, key_of(member->index, key));
		if (r == -ENOENT)
			r = 0;
		if (r == 0 && !is_same_member(from, to, member))
			r = forget(txn, member);
	}
	return r != 0 ? r : apply(txn, to, COURSE_CHANGED);
}

int catalog_charter_lines_check(struct catalog_txn *txn, const struct catalog_charter *charter,
				uint32_t member, uint64_t before)
{
	struct catalog_charter_line line;
	struct catalog_log_status status;
	int r = 0;

	for (size_t i = 1; r == 0 && catalog_charter_line(charter, member, i, &line) == 0; i++) {
		struct catalog_hash root;

		r = catalog_log_status(txn, member, &status);
		if (r != 0)
			break;
		if (line.size <= before || line.size > status.size)
			continue;
		r = root_at(txn, member, line.size, &root);
		if (r == 0 && !catalog_hash_equal(&root, &line.root))
			return -EPROTO;
		if (r == -ENOENT)
			r = 0; /* a pruned subtree spans the line: the next checkpoint tells */
	}
	return r;
}
