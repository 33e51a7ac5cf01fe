/* catalog/chunk_data.h - what a chunk is made of, shared by the parts of catalog/chunk. */
#ifndef CATALOG_CHUNK_DATA_H
#define CATALOG_CHUNK_DATA_H

#include "catalog/chunk.h"
#include "catalog/index_words.h"
#include "catalog/log_entry.h"
#include "catalog/merkle.h"

/* One entry, or one pruned subtree. */
struct catalog_chunk_item {
	uint64_t at;                     /* its (first) leaf */
	unsigned level;                  /* 2^level leaves; 0 for an entry */
	struct catalog_hash hash;        /* of the leaf or subtree */
	struct catalog_log_entry *entry; /* NULL: pruned */
};

struct catalog_chunk {
	uint32_t log;
	unsigned level;
	uint64_t size, from, to;
	size_t proof_count;
	struct catalog_hash proof[CATALOG_MERKLE_PROOF_MAX];
	size_t item_count, entry_count;
	struct catalog_chunk_item *items;  /* from `from` to `to` without gaps */
	struct catalog_log_entry *entries; /* in plain and packed */
	struct catalog_buffer plain;
	/* What is kept of the entries, for the disk and for searching; empty until it is made. */
	uint64_t lacked;     /* catalog_chunk_pack() */
	size_t bytes_packed; /* memory it had once all was made */
	struct catalog_buffer packed;
	struct catalog_index_words *words;
};

#endif
