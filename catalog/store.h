/* catalog/store.h - ordered tables of bytes on disk, in one LMDB environment per node.
 *
 * Threads  one writing transaction at a time (others wait); readers any number up to
 *          CATALOG_STORE_READERS_MAX, each a snapshot, each transaction used by one thread.  A
 *          thread has one transaction at a time: it ends its read before it begins another or
 *          writes.  No read transaction is ever held across a wait for a socket.
 * Process  one store per directory per process.  Another process may open the directory too
 *          (catalog_store_open_to_read()); who means to write takes catalog_store_lock() first.
 * Map      grows by itself, between transactions: catalog_store_write() runs its body again after
 *          growing, and growing waits until the reads that are under way have ended.
 */
#ifndef CATALOG_STORE_H
#define CATALOG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/buffer.h"
#include "catalog/codec.h"

#define CATALOG_STORE_SCHEMA        3
#define CATALOG_STORE_KEY_BYTES_MAX 511
#define CATALOG_STORE_READERS_MAX   512

enum catalog_table {
	CATALOG_TABLE_META,    /* text name -> value: schema, incarnation, ... */
	CATALOG_TABLE_LOGS,    /* log u32 -> where the log stands (catalog/log) */
	CATALOG_TABLE_RUNS,    /* where what is in the next two tables belongs (catalog/runs) */
	CATALOG_TABLE_ENTRIES, /* place u64, part u8 -> packed entry (catalog/codec) */
	CATALOG_TABLE_TILES,   /* place u64, part u8 -> a full tile (catalog/tree) */
	CATALOG_TABLE_TREE, /* log u32, level u8 -> the last tile, not yet full; with tile u64 -> a
			       sparse one (catalog/tree) */
	CATALOG_TABLE_CHECKPOINTS, /* log u32, size u64 -> note */
	CATALOG_TABLE_STALE,   /* time u64, log u32, index u64 -> : superseded (catalog/prune) */
	CATALOG_TABLE_VIEW,    /* log u32, thing hash -> index u64, kind u8 (catalog/view) */
	CATALOG_TABLE_TRIE,    /* log u32, bit u8, prefix -> hash: the trie's larger inner nodes */
	CATALOG_TABLE_CHARTER, /* number u64 -> amendment */
	CATALOG_TABLE_DICTIONARIES, /* id u32 -> zstd dictionary */
	CATALOG_TABLE_DOCS,         /* search index: document number -> ... (catalog/index) */
	CATALOG_TABLE_POSTINGS,     /* search index: segment u32, term -> postings */
	CATALOG_TABLE_INDEX,        /* search index: everything else */
	CATALOG_TABLE_COUNT
};

struct catalog_store;
struct catalog_txn;

/* Be the one process that writes to the store in dir, until catalog_store_unlock(): the lock goes
 * with the process, however it ends.  *ret_lock is the caller's.
 * Returns 0, -EBUSY if another process holds it, -ENOENT, -EACCES, or another error of open(). */
int catalog_store_lock(const char *dir, int *ret_lock);
void catalog_store_unlock(int lock);

/* Open or create the store in directory dir, which must exist.  A new store gets incarnation
 * (random, from the caller). The caller owns *ret_store and ends it with catalog_store_close().
 * Returns 0, -ENOENT if there is no such directory, -EPROTONOSUPPORT if a newer fedcat wrote it,
 * -EACCES, -ENOSPC, -ENOMEM, -EBADMSG if it is no store of ours. */
int catalog_store_open(const char *dir, uint64_t incarnation, struct catalog_store **ret_store);

/* Open the store that another process may have, to read it and no more: nothing waits for its
 * writer, and nothing is made.  The caller owns *ret_store.  Returns 0, -ENOENT if there is none,
 * else as catalog_store_open(). */
int catalog_store_open_to_read(const char *dir, struct catalog_store **ret_store);

/* Close a store; NULL is allowed.  No transaction is open. */
void catalog_store_close(struct catalog_store *store);

/* The random number that this store got when it was made. */
uint64_t catalog_store_incarnation(const struct catalog_store *store);

/* From now on leave the search index as it is, whatever is written: for a measurement of the rest,
 * in a store that is thrown away.  Told before any other thread uses the store. */
void catalog_store_leave_search(struct catalog_store *store);
bool catalog_store_leaves_search(const struct catalog_store *store);

/* The search index is made later (catalog/index_later) of logs that lack more than so many entries;
 * 0: of all.  Told as above; CATALOG_STORE_LATER_NEVER at first. */
#define CATALOG_STORE_LATER_NEVER UINT64_MAX
void catalog_store_search_later(struct catalog_store *store, uint64_t entries);
uint64_t catalog_store_later(const struct catalog_store *store);

/* Bytes that the store's pages in use fill on disk, and the part of them that the search index is.
 * Returns 0, -ENOMEM, -EIO. */
int catalog_store_bytes(struct catalog_store *store, uint64_t *ret_total, uint64_t *ret_index);

/* Where the words of the search index are gathered with (catalog/index_words).  Borrowed until the
 * store is closed. */
struct catalog_index_lender *catalog_store_lender(const struct catalog_store *store);

/* The store that a transaction is of. */
struct catalog_store *catalog_store_of(struct catalog_txn *txn);

/* Begin reading a snapshot; end it with catalog_store_end().  Returns 0, -ENOMEM, -EIO. */
int catalog_store_begin(struct catalog_store *store, struct catalog_txn **ret_txn);
void catalog_store_end(struct catalog_txn *txn);

/* The number of the state that a transaction reads: what was committed later has a higher one. */
uint64_t catalog_store_snapshot(struct catalog_txn *txn);

/* Run body in a write transaction, commit and synchronise to disk: when this returns 0 it is
 * durable.  When body returns non-zero nothing is changed and that is returned.  When the map is
 * full it grows and body runs again, so body must not change anything but the transaction before it
 * returns.  Returns 0, -ENOSPC if the disk is full, -EIO, body's. */
typedef int (*catalog_store_body)(struct catalog_txn *txn, void *arg);
int catalog_store_write(struct catalog_store *store, catalog_store_body body, void *arg);

/* Bytes that the pages of one table fill.  Returns 0, -EIO. */
int catalog_store_table_bytes(struct catalog_txn *txn, enum catalog_table table,
			      uint64_t *ret_bytes);

/* What the store's values are packed with: this build's dictionary, and every one that the store
 * has used.  Borrowed until the store is closed.  Packing wants no transaction, and is better done
 * before one begins. */
const struct catalog_codec *catalog_store_codec(const struct catalog_store *store);

/* Get a value, borrowed until the transaction's next change or end.  Returns 0, -ENOENT, -EIO. */
int catalog_store_get(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
		      struct catalog_span *ret_value);

/* Put a value (replacing).  Returns 0, -ENOSPC, -EIO: the body then returns that at once. */
int catalog_store_put(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
		      struct catalog_span value);

/* Put a value under a key that is after all others in the table: its pages become full.
 * Returns 0, -ENOSPC, -EIO (also if the key is not the last). */
int catalog_store_append(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key,
			 struct catalog_span value);

/* Delete a key.  Returns 0, -ENOENT, -ENOSPC, -EIO. */
int catalog_store_del(struct catalog_txn *txn, enum catalog_table table, struct catalog_span key);

/* Delete everything in a table.  Returns 0, -ENOSPC, -EIO. */
int catalog_store_clear(struct catalog_txn *txn, enum catalog_table table);

/* Delete the keys from `from` on that share its first prefix_len bytes.  Returns 0 (also if there
 * is none), -ENOMEM, -ENOSPC, -EIO. */
int catalog_store_del_range(struct catalog_txn *txn, enum catalog_table table,
			    struct catalog_span from, size_t prefix_len);

/* A place in a table.  Open, then seek, then next or prev; close before the transaction ends.
 * Returns 0, -ENOMEM, -EIO. */
struct catalog_cursor;
int catalog_store_cursor_open(struct catalog_txn *txn, enum catalog_table table,
			      struct catalog_cursor **ret_cursor);
void catalog_store_cursor_close(struct catalog_cursor *cursor);
/* First pair whose key is at or after key; the value of just this key; the last pair; the next; the
 * one before.  Spans are borrowed as by get.  Each returns 0, -ENOENT if there is none, -EIO. */
int catalog_store_cursor_seek(struct catalog_cursor *cursor, struct catalog_span key,
			      struct catalog_span *ret_key, struct catalog_span *ret_value);
int catalog_store_cursor_get(struct catalog_cursor *cursor, struct catalog_span key,
			     struct catalog_span *ret_value);
int catalog_store_cursor_last(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value);
int catalog_store_cursor_next(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value);
int catalog_store_cursor_prev(struct catalog_cursor *cursor, struct catalog_span *ret_key,
			      struct catalog_span *ret_value);

/* catalog_store_put() with a cursor: less to search where the key is near the one before. */
int catalog_store_cursor_put(struct catalog_cursor *cursor, struct catalog_span key,
			     struct catalog_span value);

#endif
