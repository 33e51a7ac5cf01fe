/* catalog/publisher.h - how a member writes its own log: gathers entries, closes each batch with a
 * state entry, signs the checkpoint, commits.
 *
 * Publishing mirrors: a listing whose bytes are what the log holds already appends nothing.
 * Threads  one caller at a time, and one publisher per store.  A thread of the publisher's own may
 *          commit a full batch meanwhile; it has ended when flush has returned.
 * Limits   two batches in memory.
 */
#ifndef CATALOG_PUBLISHER_H
#define CATALOG_PUBLISHER_H

#include "catalog/charter.h"
#include "catalog/entry.h"
#include "catalog/store.h"
#include "catalog/value.h"

enum catalog_publisher_outcome {
	CATALOG_PUBLISHER_NEW,
	CATALOG_PUBLISHER_CHANGED,
	CATALOG_PUBLISHER_UNCHANGED,
};

struct catalog_publisher;

/* Begin publishing as member, with its secret key (copied; wiped at the end).  store and charter
 * are borrowed for the publisher's life. Returns 0, -EKEYREJECTED if secret is not the member's,
 * -EPERM if the charter has the member suspended or expelled, -ESTALE if our own log is partial
 * (pull it first), -EEXIST if this key has signed more of it than is held here and known of: the
 * charter has taken that back, and what the key signs now would be a second history of the log, so
 * the member must have another key; -ENOMEM, -EIO. */
int catalog_publisher_new(struct catalog_store *store, const struct catalog_charter *charter,
			  uint32_t member, const struct catalog_secret *secret,
			  struct catalog_publisher **ret_publisher);

/* End a publisher, having waited for a batch that is being committed; what was not flushed is
 * dropped otherwise.  NULL is allowed. */
void catalog_publisher_free(struct catalog_publisher *publisher);

/* Put a listing that catalog_listing_check() accepts.  A full batch is closed first, and is
 * committed while the next one is gathered; should that fail, it is told by the next call that
 * waits for it, and what was put after that batch is dropped with it.  Returns 0, -E2BIG, or as
 * flush. */
int catalog_publisher_put(struct catalog_publisher *publisher, const char *id,
			  const struct catalog_value *listing, int64_t now_s,
			  const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
			  enum catalog_publisher_outcome *ret_outcome);

enum catalog_publisher_withdrawal {
	CATALOG_PUBLISHER_WITHDRAW,
	CATALOG_PUBLISHER_ERASE, /* and the bodies of all its versions go from every node that this
				    reaches; their salted hashes stay */
};

/* Withdraw a listing; reason may be NULL.  Returns 0, -ENOENT if there is none (one that is
 * withdrawn can still be erased), as put. */
int catalog_publisher_withdraw(struct catalog_publisher *publisher, const char *id,
			       enum catalog_publisher_withdrawal withdrawal, const char *reason,
			       int64_t now_s, const uint8_t salt[CATALOG_ENTRY_SALT_BYTES]);

/* Append an entry that is about no listing: what a node is (CATALOG_ENTRY_NODE), a motion or a vote
 * (catalog/motion.h).  id is one as of a listing; body is one msgpack value.  One that the log
 * holds already as the newest of its thing appends nothing.  Returns 0, -E2BIG, or as put. */
int catalog_publisher_append(struct catalog_publisher *publisher, enum catalog_entry_kind kind,
			     const char *id, struct catalog_span body, int64_t now_s,
			     const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
			     enum catalog_publisher_outcome *ret_outcome);

/* Close the batch: what was erased and is current again, since the charter has drawn a line before
 * that, is withdrawn again if the batch says nothing of it; state entry, checkpoint, one synced
 * transaction.  Nothing happens if there is nothing pending. salt is for the state entry.  When
 * this returns 0 all that was put is durable and signed.  On failure nothing is kept of the batch
 * that failed, and nothing after it.  Returns 0, -ESTALE if the log is no longer as this publisher
 * left it (somebody else has the key, and signed more), -EROFS if it is marked, -ENOSPC, -EIO,
 * -ENOMEM. */
int catalog_publisher_flush(struct catalog_publisher *publisher, int64_t now_s,
			    const uint8_t salt[CATALOG_ENTRY_SALT_BYTES]);

/* How many entries of this publisher's calls are durable and signed by now, as far as it has waited
 * for that: those of a batch that is being committed are not counted yet. */
uint64_t catalog_publisher_kept(const struct catalog_publisher *publisher);

#endif
