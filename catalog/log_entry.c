/* catalog/log_entry.c - everything about an entry that its bytes alone decide. */
#include "catalog/log_entry.h"

#include <assert.h>
#include <errno.h>

#include "catalog/index_words.h"
#include "catalog/listing.h"
#include "catalog/merkle.h"

void catalog_log_entry_read(struct catalog_span bytes, struct catalog_log_entry *ret_entry)
{
	struct catalog_log_entry read = {.bytes = bytes};
	struct catalog_entry entry;

	catalog_merkle_leaf(bytes, &read.leaf);
	if (catalog_entry_decode(bytes, &entry) == 0) {
		read.kind = entry.kind;
		read.prev = entry.prev;
		read.time_s = entry.time_s;
		read.body = entry.body;
		if (entry.kind != CATALOG_ENTRY_STATE)
			catalog_entry_thing(entry.kind, entry.id, &read.thing);
	}
	*ret_entry = read;
}

int catalog_log_entry_pack(const struct catalog_codec *codec, struct catalog_log_entry *entries,
			   size_t count, struct catalog_buffer *packed)
{
	size_t at = 0;

	assert(packed->len == 0);
	for (size_t i = 0; i < count; i++) {
		size_t before = packed->len;
		int r = catalog_buffer_append(packed, "", 1);

		if (r == 0)
			r = catalog_codec_pack(codec, entries[i].bytes, packed);
		if (r != 0) {
			while (i > 0)
				entries[--i].packed.len = 0;
			return r;
		}
		entries[i].packed = (struct catalog_span){NULL, packed->len - before};
	}
	catalog_buffer_trim(packed);
	for (size_t i = 0; i < count; i++) { /* the buffer has stopped moving */
		entries[i].packed.bytes = packed->bytes + at;
		at += entries[i].packed.len;
	}
	return 0;
}

/* Gather one entry's words, if it puts a listing. */
static int gather(struct catalog_index_words *words, struct catalog_log_entry *entry)
{
	struct catalog_value *listing = NULL;
	uint32_t slot = CATALOG_LOG_ENTRY_NO_WORDS;
	int r;

	entry->words = words;
	entry->words_slot = slot;
	if (entry->kind != CATALOG_ENTRY_PUT)
		return 0;
	r = catalog_value_decode(entry->body, &listing);
	if (r == 0 && catalog_listing_check(listing, NULL) == 0 &&
	    (r = catalog_index_words_begin(words, &slot)) == 0 &&
	    (r = catalog_index_words_add(words, listing)) == 0)
		entry->words_slot = slot;
	catalog_value_free(listing);
	return r == -EBADMSG || r == -E2BIG ? 0 : r;
}

int catalog_log_entry_gather(struct catalog_index_lender *lender, struct catalog_log_entry *entries,
			     size_t count, struct catalog_index_words **ret_words)
{
	struct catalog_index_words *words = NULL;
	int r;

	assert(count <= CATALOG_INDEX_WORDS_SLOTS_MAX);
	r = catalog_index_words_new(lender, count > 0 ? count : 1, &words);
	if (r != 0)
		return r;
	for (size_t i = 0; i < count && r == 0; i++)
		r = gather(words, &entries[i]);
	if (r == 0)
		r = catalog_index_words_sort(words);
	if (r == 0) {
		*ret_words = words;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		entries[i].words = NULL;
	catalog_index_words_free(words);
	return r;
}
