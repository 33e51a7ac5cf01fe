/* catalog/log_entry.h - an entry made ready for its log: read, hashed, packed for the disk
 * and gathered for the search index.
 *
 * All that wants no store, so that it is done before the one transaction that writes begins, and on
 * as many threads as there are.
 */
#ifndef CATALOG_LOG_ENTRY_H
#define CATALOG_LOG_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/codec.h"
#include "catalog/entry.h"
#include "catalog/hash.h"

#define CATALOG_LOG_ENTRY_NO_WORDS UINT32_MAX

struct catalog_index_lender;
struct catalog_index_words;

struct catalog_log_entry {
	struct catalog_span bytes; /* as they were written; borrowed */
	struct catalog_hash leaf;  /* their leaf hash */
	/* What they say; kind 0 if they are no entry, which the log then refuses. */
	enum catalog_entry_kind kind;
	struct catalog_hash thing; /* catalog_entry_thing(); not of a state entry */
	uint64_t prev;
	int64_t time_s;
	struct catalog_span body;   /* in bytes */
	struct catalog_span packed; /* one byte of room, then as by catalog_codec_pack(); borrowed.
				       Empty until it is packed */
	/* Its words for the search index, borrowed; NULL until they are gathered. */
	const struct catalog_index_words *words;
	uint32_t words_slot; /* CATALOG_LOG_ENTRY_NO_WORDS if it is not searched for */
};

/* Read and hash an entry. */
void catalog_log_entry_read(struct catalog_span bytes, struct catalog_log_entry *ret_entry);

/* Pack entries into *packed, an empty buffer, from which their packed spans are borrowed then.
 * Returns 0, -ENOMEM. */
int catalog_log_entry_pack(const struct catalog_codec *codec, struct catalog_log_entry *entries,
			   size_t count, struct catalog_buffer *packed);

/* Gather the words of the listings that the entries put (at most CATALOG_LOG_BATCH_ENTRIES_MAX); a
 * body that is no listing of our model has none.  The caller owns *ret_words, which the entries
 * borrow.  Returns 0, -ENOMEM. */
int catalog_log_entry_gather(struct catalog_index_lender *lender, struct catalog_log_entry *entries,
			     size_t count, struct catalog_index_words **ret_words);

#endif
