#include "catalog/index_later_part.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "catalog/index_batch.h"
#include "catalog/index_later.h"
#include "catalog/index_words.h"
#include "catalog/log.h"
#include "catalog/log_entry.h"
#include "catalog/view.h"

_Static_assert(CATALOG_INDEX_LATER_PART_ENTRIES *CATALOG_INDEX_LATER_PARTS_MAX <=
		       CATALOG_INDEX_BATCH_DOCS_MAX,
	       "parts that are written together are one segment");

/* An entry that puts a listing. */
struct put {
	uint64_t index;
	size_t at; /* of its bytes */
};

struct catalog_index_later_part {
	uint32_t log;
	struct catalog_index_later_mark mark; /* where the log's mark is when the part is written */
	uint64_t to;
	struct catalog_buffer bytes; /* of the entries, until their words are gathered */
	size_t count;
	struct put puts[CATALOG_INDEX_LATER_PART_ENTRIES];
	struct catalog_log_entry entries[CATALOG_INDEX_LATER_PART_ENTRIES];
	struct catalog_index_words *words;
};

void catalog_index_later_part_free(struct catalog_index_later_part *part)
{
	if (part == NULL)
		return;
	catalog_buffer_close(&part->bytes);
	catalog_index_words_free(part->words);
	free(part);
}

uint64_t catalog_index_later_part_entries(const struct catalog_index_later_part *part)
{
	return part->to - part->mark.indexed;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Read entries from the mark on.  What was pruned is no longer current. */
static int read_entries(struct catalog_txn *txn, struct catalog_index_later_part *part,
			uint64_t size)
{
	uint64_t at = part->mark.indexed;

	for (; at < size && at - part->mark.indexed < CATALOG_INDEX_LATER_PART_ENTRIES &&
	       part->bytes.len < CATALOG_INDEX_LATER_PART_BYTES;
	     at++) {
		size_t before = part->bytes.len;
		int r = catalog_log_read(txn, part->log, at, &part->bytes);

		if (r == -ENOENT)
			continue;
		if (r != 0)
			return r;
		part->puts[part->count++] = (struct put){at, before};
	}
	part->to = at;
	return 0;
}

/* Where there is something to do: further on in the log, or in another. */
static int find_place(struct catalog_txn *txn, struct catalog_index_later_place *place,
		      uint64_t *ret_size)
{
	struct catalog_log_status status;
	uint32_t from = 0;
	int r = 0;

	if (place->begun) {
		r = catalog_log_status(txn, place->log, &status);
		if (r == 0 && place->mark.indexed < status.size) {
			*ret_size = status.size;
			return 0;
		}
		if (place->log == UINT32_MAX)
			return -ENOENT;
		from = place->log + 1;
	}
	if (r == 0)
		r = catalog_index_later_next(txn, from, &place->log, &place->mark);
	if (r == 0)
		r = catalog_log_status(txn, place->log, &status);
	if (r != 0)
		return r;
	assert(place->mark.indexed < status.size); /* else there is no mark */
	*ret_size = status.size;
	return 0;
}

int catalog_index_later_part_read(struct catalog_txn *txn, struct catalog_index_later_place *place,
				  struct catalog_index_later_part **ret_part)
{
	struct catalog_index_later_part *part = calloc(1, sizeof *part);
	struct catalog_index_later_place found = *place;
	uint64_t size = 0;
	int r;

	if (part == NULL)
		return -ENOMEM;
	r = find_place(txn, &found, &size);
	if (r == 0) {
		part->log = found.log;
		part->mark = found.mark;
		r = read_entries(txn, part, size);
	}
	if (r != 0) {
		catalog_index_later_part_free(part);
		return r;
	}
	found.begun = true;
	found.mark.indexed = part->to;
	*place = found;
	*ret_part = part;
	return 0;
}

/* --- gathering -------------------------------------------------------------------------------- */

int catalog_index_later_part_gather(struct catalog_index_later_part *part,
				    struct catalog_index_lender *lender)
{
	int r;

	assert(part->words == NULL);
	for (size_t i = 0; i < part->count; i++) {
		size_t at = part->puts[i].at;
		size_t end = i + 1 < part->count ? part->puts[i + 1].at : part->bytes.len;

		catalog_log_entry_read((struct catalog_span){part->bytes.bytes + at, end - at},
				       &part->entries[i]);
	}
	r = catalog_log_entry_gather(lender, part->entries, part->count, &part->words);
	if (r == 0)
		catalog_buffer_close(&part->bytes);
	return r;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* What is superseded by now left the index, or never came to it. */
static int add_current(struct catalog_txn *txn, struct catalog_index_batch *batch,
		       const struct catalog_member *member,
		       const struct catalog_index_later_part *part)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct catalog_log_entry *entry = &part->entries[i];
		struct catalog_view_row row;
		int r;

		if (entry->kind != CATALOG_ENTRY_PUT ||
		    entry->words_slot == CATALOG_LOG_ENTRY_NO_WORDS)
			continue;
		r = catalog_view_get(txn, part->log, &entry->thing, &row);
		if (r != 0 && r != -ENOENT)
			return r;
		if (r == -ENOENT || row.index != part->puts[i].index)
			continue;
		r = catalog_index_batch_add_words(batch, member, row.index, part->words,
						  entry->words_slot);
		if (r != 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

static int write_part(struct catalog_txn *txn, struct catalog_index_batch *batch,
		      const struct catalog_charter *charter,
		      const struct catalog_index_later_part *part)
{
	const struct catalog_member *member = catalog_charter_member(charter, part->log);
	struct catalog_index_later_mark mark;
	struct catalog_log_status status;
	int r = catalog_index_later_get(txn, part->log, &mark);

	if (r == 0)
		r = catalog_log_status(txn, part->log, &status);
	if (r != 0)
		return r;
	if (mark.indexed != part->mark.indexed || mark.since != part->mark.since)
		return -ESTALE;
	if (member != NULL)
		r = add_current(txn, batch, member, part);
	return r == 0 ? catalog_index_later_move(txn, part->log, &mark, part->to, status.size) : r;
}

int catalog_index_later_part_write(struct catalog_txn *txn, const struct catalog_charter *charter,
				   struct catalog_index_later_part *const *parts, size_t count)
{
	struct catalog_index_batch *batch = NULL;
	int r;

	assert(count >= 1);
	assert(count <= CATALOG_INDEX_LATER_PARTS_MAX);
	r = catalog_index_batch_new(txn, &batch);
	for (size_t i = 0; i < count && r == 0; i++) {
		assert(parts[i]->words != NULL);
		r = write_part(txn, batch, charter, parts[i]);
	}
	if (r == 0)
		r = catalog_index_batch_finish(batch);
	catalog_index_batch_free(batch);
	return r;
}
