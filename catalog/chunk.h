/* catalog/chunk.h - a part of a log on its way: entries, and hashes of what was pruned between
 * them, which prove themselves.
 *
 * A chunk is the range [from, to) of leaves within one aligned subtree, with the path from that
 * subtree to a signed root: at most 256 entries of up to 1 MiB (one entry is never split) and 2,048
 * hashes of pruned subtrees.  The receiver holds the leaves of the subtree before `from` already.
 * On the wire: msgpack [version, log, size (of the checkpoint), level, from, [proof hash, ...],
 * packed], where packed is of a msgpack array of items from left to right: the bytes of an entry
 * (bin), or [level, hash] of a pruned subtree.  Packed is zstd (no dictionary, content size
 * declared), or [0, the array's bytes as they are], or [1, packed by catalog/codec], which
 * names the dictionary.
 */
#ifndef CATALOG_CHUNK_H
#define CATALOG_CHUNK_H

#include "catalog/buffer.h"
#include "catalog/log.h"

#define CATALOG_CHUNK_LEAVES_MAX 256            /* entries */
#define CATALOG_CHUNK_NODES_MAX  2048           /* pruned subtrees */
#define CATALOG_CHUNK_BYTES_MAX  (1024u * 1024) /* of entries, unless one alone is larger */
#define CATALOG_CHUNK_WIRE_MAX   (1280u * 1024)

struct catalog_chunk;

/* Append the chunk of log that starts at from and ends at to_max or before, provable under the
 * checkpoint of size `size` (from < to_max <= size <= entries held).  Where from is inside of what
 * was pruned as a whole the chunk starts with that, so earlier, and may end later.  *ret_to (may be
 * NULL) is the index after its last leaf.  Returns 0, -ENOENT if we do not hold it, or
 * hold of something that is current only that it was erased; -ENOMEM, -EIO. */
int catalog_chunk_make(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to_max,
		       uint64_t size, struct catalog_buffer *ret_wire, uint64_t *ret_to);

/* How a chunk travels. */
enum catalog_chunk_packing {
	CATALOG_CHUNK_ZSTD,
	CATALOG_CHUNK_PLAIN,
	CATALOG_CHUNK_DICTIONARY, /* for who has the one of this build */
};

struct catalog_chunk_form {
	size_t bytes_max; /* of entries, unless one alone is larger; at most CATALOG_CHUNK_BYTES_MAX
			   */
	enum catalog_chunk_packing packing;
	const struct catalog_codec *codec; /* DICTIONARY: packs */
};

/* Likewise, in that form. */
int catalog_chunk_make_as(struct catalog_txn *txn, uint32_t log, uint64_t from, uint64_t to_max,
			  uint64_t size, const struct catalog_chunk_form *form,
			  struct catalog_buffer *ret_wire, uint64_t *ret_to);

/* Read a chunk from a peer: shape, limits, decompression (bounded), hashes of the entries.  No
 * store is touched: a worker's job.  The caller owns *ret_chunk.  Returns 0, -EBADMSG, -E2BIG,
 * -ENOMEM. */
int catalog_chunk_new(struct catalog_span wire, struct catalog_chunk **ret_chunk);
void catalog_chunk_free(struct catalog_chunk *chunk);

/* Likewise, of one that may be packed with a dictionary that codec (NULL: none) knows, and that
 * takes at most memory_max.  Returns also -ENOENT if it does not know it, -ENOSPC if it would take
 * more. */
int catalog_chunk_read(struct catalog_span wire, const struct catalog_codec *codec,
		       size_t memory_max, struct catalog_chunk **ret_chunk);

/* Make what the store keeps of the entries, for reading and for searching: most of the work of
 * taking a chunk, and a worker's job too, one chunk on one thread.  What is not made when the chunk
 * is committed is made then.  Begins a read of the store, to see whether the index comes later
 * (catalog/index_later); lacked is how many entries all logs lack, 0 if that is not known.  Returns
 * 0 (also if it is made), -ENOMEM, -EIO. */
int catalog_chunk_pack(struct catalog_chunk *chunk, struct catalog_store *store, uint64_t lacked);

/* Give up what catalog_chunk_pack() made. */
void catalog_chunk_unpack(struct catalog_chunk *chunk);

uint32_t catalog_chunk_log(const struct catalog_chunk *chunk);
uint64_t catalog_chunk_from(const struct catalog_chunk *chunk);
uint64_t catalog_chunk_to(const struct catalog_chunk *chunk);
uint64_t catalog_chunk_start(const struct catalog_chunk *chunk); /* of its subtree, <= from */
uint64_t catalog_chunk_size(const struct catalog_chunk *chunk);  /* of the checkpoint it claims */
size_t catalog_chunk_bytes(const struct catalog_chunk *chunk);   /* memory it holds, roughly */
size_t catalog_chunk_bytes_packed(
	const struct catalog_chunk *chunk); /* memory that catalog_chunk_pack() made it hold, though
					       it was given up since; 0: not packed */
size_t catalog_chunk_plain(const struct catalog_chunk *chunk); /* bytes of its entries */
size_t catalog_chunk_entries(const struct catalog_chunk *chunk);
size_t catalog_chunk_pruned(const struct catalog_chunk *chunk); /* subtrees */

/* Commit chunks, of one log or of several, in the order given, those of one log in the order of
 * their entries.  Hand over as many as have arrived: a transaction costs a synchronisation, and
 * moves the view and the index once however many chunks it takes.  The transactions are made
 * here, each of at most CATALOG_LOG_TXN_ENTRIES_MAX entries and CATALOG_LOG_TXN_BYTES_MAX bytes
 * (or one chunk), so this is called outside of any, where one may write.
 *
 * Of each chunk it verifies that it follows what is held of its log and leads to the root of the
 * checkpoint whose size it names (the log's target, or an earlier one that was kept); it appends
 * the entries (those that are held already are passed over) and, when that checkpoint is reached,
 * checks the view root.  ret_results[i] is what came of chunks[i], and those with 0 are durable:
 * -ESTALE if all of it is held or no such checkpoint is known, -EAGAIN if it starts beyond what is
 * held, or before it with something pruned that spans the end of what is held (who holds so much
 * and gets no other answer must step back and begin anew), -ENOENT if the charter has no such
 * member, -EROFS if the log is marked; two that blame somebody: -EKEYREJECTED if it proves nothing
 * (whoever sent it), -EPROTO if it is proven and against the rules, or belongs to another history
 * than what is held (the member that signed it: catalog/chunk_fork); -ENODATA if it reaches a
 * checkpoint whose view is not that of the entries taken, which what was pruned may explain: one of
 * those who sent chunks with pruned parts has withheld something that is current, and the log must
 * step back (catalog/log_back). A chunk that is refused keeps no other out, but for those that
 * follow it in its log, which are -EAGAIN then.  If the store or the memory fails (-ENOMEM,
 * -ENOSPC, -EIO), that is the result of the chunks of that transaction and of all after it. */
void catalog_chunk_commit_all(struct catalog_store *store, const struct catalog_charter *charter,
			      const struct catalog_chunk *const *chunks, size_t count,
			      int *ret_results);

#endif
