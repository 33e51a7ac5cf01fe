/* catalog/publisher.c - gathers entries in memory and commits them as one batch.  An id that is
 * pending already is flushed first, so that "the newest entry" is always what the store says.
 *
 * There are two batches.  One takes entries, is hashed, packed and gathered for the index by
 * whoever calls; the other flies: a thread of its own commits it, which is half of the work and all
 * of the waiting for the disk.  Each flight is one thread, because to start one costs nothing
 * beside a thousand entries, and to join it is all the synchronisation that is needed.
 *
 * The view root of the state entry is known only after the batch's other entries are in, so the
 * flush appends twice in its one transaction: the entries, then the state entry over them. */
#include "catalog/publisher.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/erased.h"
#include "catalog/index_words.h"
#include "catalog/log_batch.h"
#include "catalog/signed.h"
#include "catalog/view.h"

#define PENDING_MAX (CATALOG_LOG_BATCH_ENTRIES_MAX - 1) /* and the state entry */
#define TABLE_COUNT 2048u /* places of the pending by hash: twice as many as there may be */

_Static_assert(PENDING_MAX < TABLE_COUNT, "a free place ends every search");

struct batch {
	const struct catalog_publisher *publisher;
	struct catalog_buffer bytes;             /* of the entries, one after the other */
	size_t ends[PENDING_MAX];                /* where each ends in bytes */
	struct catalog_hash things[PENDING_MAX]; /* what each is about */
	uint16_t table[TABLE_COUNT];             /* 1 + place in things, by thing; 0: free */
	size_t count;
	/* When it is closed: */
	struct catalog_log_entry entries[PENDING_MAX];
	struct catalog_buffer packed;
	struct catalog_index_words *words;
	uint64_t size; /* of the log that it continues */
	int64_t now_s;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	int result;
};

struct catalog_publisher {
	struct catalog_store *store;
	const struct catalog_charter *charter;
	const struct catalog_member *member;
	struct catalog_secret secret;
	uint64_t size;           /* of the log that the pending batch continues */
	struct batch *pending;   /* takes entries */
	struct batch *committed; /* in flight, or without entries */
	bool is_flying;
	pthread_t flight;
	uint64_t kept; /* entries that were put or withdrawn, and are committed */
	struct catalog_buffer body, entry; /* kept for their room */
};

static void empty(struct batch *batch)
{
	catalog_index_words_free(batch->words);
	batch->words = NULL;
	batch->count = 0;
	batch->bytes.len = 0;
	batch->packed.len = 0;
	memset(batch->table, 0, sizeof batch->table);
}

static void free_batch(struct batch *batch)
{
	if (batch == NULL)
		return;
	empty(batch);
	catalog_buffer_close(&batch->bytes);
	catalog_buffer_close(&batch->packed);
	free(batch);
}

static int new_batch(const struct catalog_publisher *publisher, struct batch **ret_batch)
{
	struct batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
		return -ENOMEM;
	batch->publisher = publisher;
	*ret_batch = batch;
	return 0;
}

static int land(struct catalog_publisher *publisher);

int catalog_publisher_new(struct catalog_store *store, const struct catalog_charter *charter,
			  uint32_t member, const struct catalog_secret *secret,
			  struct catalog_publisher **ret_publisher)
{
	struct catalog_publisher *publisher = NULL;
	struct catalog_log_status status;
	struct catalog_txn *txn;
	struct catalog_key key;
	uint64_t signed_size = 0;
	int r;

	memcpy(key.bytes, secret->bytes + 32, sizeof key.bytes); /* libsodium's ends with it */
	r = catalog_store_begin(store, &txn);
	if (r != 0)
		return r;
	r = catalog_log_status(txn, member, &status);
	if (r == 0)
		r = catalog_signed_largest(txn, &key, &signed_size);
	catalog_store_end(txn);
	if (r != 0)
		return r;
	if (status.size < status.target_size)
		return -ESTALE;
	publisher = calloc(1, sizeof *publisher);
	if (publisher == NULL)
		return -ENOMEM;
	publisher->store = store;
	publisher->charter = charter;
	publisher->member = catalog_charter_member(charter, member);
	publisher->secret = *secret;
	publisher->size = status.size;
	r = new_batch(publisher, &publisher->pending);
	if (r == 0)
		r = new_batch(publisher, &publisher->committed);
	if (r == 0 &&
	    (publisher->member == NULL || memcmp(&publisher->member->key, &key, sizeof key) != 0))
		r = -EKEYREJECTED;
	else if (r == 0 && publisher->member->standing != CATALOG_STANDING_MEMBER)
		r = -EPERM;
	else if (r == 0 && signed_size > status.size)
		r = -EEXIST;
	if (r == 0) {
		*ret_publisher = publisher;
		publisher = NULL; /* the caller's now */
	}
	catalog_publisher_free(publisher);
	return r;
}

void catalog_publisher_free(struct catalog_publisher *publisher)
{
	if (publisher == NULL)
		return;
	if (publisher->is_flying)
		(void)land(publisher); /* what was not flushed may be dropped */
	free_batch(publisher->pending);
	free_batch(publisher->committed);
	sodium_memzero(&publisher->secret, sizeof publisher->secret);
	catalog_buffer_close(&publisher->body);
	catalog_buffer_close(&publisher->entry);
	free(publisher);
}

/* --- the batch ---------------------------------------------------------------------------- */

/* Append the state entry of what the batch has come to. */
static int append_state(struct catalog_txn *txn, const struct batch *closed,
			struct catalog_log_batch *batch)
{
	const struct catalog_member *member = closed->publisher->member;
	struct catalog_buffer body = {0}, bytes = {0};
	struct catalog_log_status status;
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_STATE,
				      .time_s = closed->now_s,
				      .prev = CATALOG_ENTRY_PREV_NONE};
	struct catalog_log_entry read;
	struct catalog_state state;
	int r;

	r = catalog_log_status(txn, member->index, &status);
	if (r != 0)
		return r;
	state = (struct catalog_state){status.live, status.withdrawn, status.view_root};
	memcpy(entry.salt, closed->salt, sizeof entry.salt);
	r = catalog_entry_encode_state(&state, &body);
	if (r != 0)
		goto out;
	entry.body = catalog_buffer_span(&body);
	r = catalog_entry_encode(&entry, &bytes);
	if (r != 0)
		goto out;
	catalog_log_entry_read(catalog_buffer_span(&bytes), &read);
	r = catalog_log_batch_append(batch, member, &read, 1);
out:
	catalog_buffer_close(&body);
	catalog_buffer_close(&bytes);
	return r;
}

static int sign(struct catalog_txn *txn, const struct catalog_publisher *publisher, int64_t now_s)
{
	struct catalog_checkpoint checkpoint = {0};
	struct catalog_buffer note = {0};
	struct catalog_log_status status;
	int r = catalog_log_status(txn, publisher->member->index, &status);

	if (r != 0)
		return r;
	catalog_checkpoint_origin(catalog_charter_federation(publisher->charter),
				  publisher->member->name, checkpoint.origin);
	checkpoint.size = status.size;
	checkpoint.root = status.root;
	checkpoint.attested_s = now_s > 0 ? now_s : 0;
	r = catalog_checkpoint_sign(&checkpoint, &publisher->secret, &note);
	if (r == 0)
		r = catalog_cosignature_add(&note, checkpoint.origin, &publisher->secret,
					    checkpoint.attested_s);
	if (r == 0)
		r = catalog_log_target(txn, publisher->member->index, &checkpoint,
				       catalog_buffer_span(&note));
	if (r == 0)
		r = catalog_log_check(txn, publisher->member->index);
	if (r == 0)
		r = catalog_signed_note(txn, &publisher->member->key, status.size);
	catalog_buffer_close(&note);
	return r;
}

/* Whether the log is as we left it, and nobody has shown a larger checkpoint meanwhile: what we
 * sign over anything else is a fork.  Returns 0, -ESTALE, -EIO. */
static int check_place(struct catalog_txn *txn, const struct batch *closed)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, closed->publisher->member->index, &status);

	if (r != 0)
		return r;
	return status.size == closed->size && status.target_size == status.size ? 0 : -ESTALE;
}

static int write_body(struct catalog_txn *txn, void *arg)
{
	const struct batch *closed = arg;
	const struct catalog_publisher *publisher = closed->publisher;
	struct catalog_log_batch *batch = NULL;
	int r;

	if ((r = check_place(txn, closed)) == 0 &&
	    (r = catalog_log_batch_new(txn, CATALOG_LOG_BATCH_ROOT_NOW, &batch)) == 0 &&
	    (r = catalog_log_batch_append(batch, publisher->member, closed->entries,
					  closed->count)) == 0 &&
	    (r = catalog_log_batch_settle(batch)) == 0 &&
	    (r = append_state(txn, closed, batch)) == 0 &&
	    (r = catalog_log_batch_finish(batch)) == 0)
		r = sign(txn, publisher, closed->now_s);
	catalog_log_batch_free(batch);
	return r;
}

/* Commit a batch that is closed.  Of the publisher it only reads what never changes. */
static void *commit(void *arg)
{
	struct batch *closed = arg;

	closed->result = catalog_store_write(closed->publisher->store, write_body, closed);
	return NULL;
}

/* What came of the commit.  If it failed, what is pending goes, too: its place was after it. */
static int settle(struct catalog_publisher *publisher)
{
	struct batch *committed = publisher->committed;
	int r = committed->result;

	if (r != 0) {
		publisher->size = committed->size;
		empty(publisher->pending);
	} else {
		publisher->kept += committed->count;
	}
	empty(committed);
	return r;
}

/* Wait for the batch that flies, if one does. */
static int land(struct catalog_publisher *publisher)
{
	int r;

	if (!publisher->is_flying)
		return 0;
	r = pthread_join(publisher->flight, NULL);
	assert(r == 0); /* it is ours, and joined once */
	publisher->is_flying = false;
	return settle(publisher);
}

/* Read, pack and gather what is pending; before the transaction, which nobody else can write
 * beside. */
static int prepare(struct catalog_store *store, struct batch *batch)
{
	size_t start = 0;
	int r;

	for (size_t i = 0; i < batch->count; i++) {
		catalog_log_entry_read(
			(struct catalog_span){batch->bytes.bytes + start, batch->ends[i] - start},
			&batch->entries[i]);
		start = batch->ends[i];
	}
	r = catalog_log_entry_pack(catalog_store_codec(store), batch->entries, batch->count,
				   &batch->packed);
	if (r == 0 && !catalog_store_leaves_search(store))
		r = catalog_log_entry_gather(catalog_store_lender(store), batch->entries,
					     batch->count, &batch->words);
	return r;
}

/* Close the pending batch, once the one before it has landed: it is the one to commit then. */
static int close_pending(struct catalog_publisher *publisher, int64_t now_s,
			 const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct batch *closed = publisher->pending;
	int r = prepare(publisher->store, closed);

	if (r != 0) {
		empty(closed);
		return r;
	}
	r = land(publisher);
	if (r != 0)
		return r;
	closed->size = publisher->size;
	closed->now_s = now_s;
	memcpy(closed->salt, salt, sizeof closed->salt);
	publisher->size += closed->count + 1;
	publisher->pending = publisher->committed;
	publisher->committed = closed;
	return 0;
}

uint64_t catalog_publisher_kept(const struct catalog_publisher *publisher)
{
	return publisher->kept;
}

/* Let what is pending fly.  The state entry's salt is made of the entry's that follows: a state
 * entry is never erased, so nothing hangs on its salt being secret. */
static int fly(struct catalog_publisher *publisher, int64_t now_s,
	       const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_hash derived;
	int r;

	catalog_hash_of(salt, CATALOG_ENTRY_SALT_BYTES, &derived);
	r = close_pending(publisher, now_s, derived.bytes);
	if (r != 0)
		return r;
	if (pthread_create(&publisher->flight, NULL, commit, publisher->committed) == 0) {
		publisher->is_flying = true;
		return 0;
	}
	(void)commit(publisher->committed); /* without a thread it is only slower */
	return settle(publisher);
}

/* --- entries -------------------------------------------------------------------------------- */

/* The place in the table of a thing that is pending, or the free one where it would be. */
static uint16_t *place_of(struct batch *batch, const struct catalog_hash *thing)
{
	size_t at = ((size_t)thing->bytes[30] << 8 | thing->bytes[31]) % TABLE_COUNT;

	while (batch->table[at] != 0 &&
	       !catalog_hash_equal(&batch->things[batch->table[at] - 1], thing))
		at = (at + 1) % TABLE_COUNT;
	return &batch->table[at];
}

/* The newest entry about a thing in the store.  *ret_kind is 0 if there is none; ret_same, if not
 * NULL, tells whether it is no withdrawal and has these bytes as its body. */
static int newest(struct catalog_publisher *publisher, const struct catalog_hash *thing,
		  struct catalog_span body, uint64_t *ret_prev, int *ret_kind, bool *ret_same)
{
	struct catalog_view_row row;
	struct catalog_entry entry;
	struct catalog_txn *txn;
	bool same = false;
	int r = catalog_store_begin(publisher->store, &txn);

	if (r != 0)
		return r;
	r = catalog_view_get(txn, publisher->member->index, thing, &row);
	if (r == -ENOENT) {
		*ret_prev = CATALOG_ENTRY_PREV_NONE;
		*ret_kind = 0;
		r = 0;
		goto out;
	}
	if (r != 0)
		goto out;
	*ret_prev = row.index;
	*ret_kind = (int)row.kind;
	if (ret_same != NULL && row.kind != CATALOG_ENTRY_WITHDRAW) {
		publisher->entry.len = 0;
		r = catalog_log_read(txn, publisher->member->index, row.index, &publisher->entry);
		if (r == -ENOENT) { /* it was erased, and a line was drawn before that */
			r = 0;
			goto out;
		}
		if (r == 0 &&
		    catalog_entry_decode(catalog_buffer_span(&publisher->entry), &entry) != 0)
			r = -EIO;
		if (r == 0)
			same = entry.body.len == body.len &&
			       memcmp(entry.body.bytes, body.bytes, body.len) == 0;
	}
out:
	catalog_store_end(txn);
	if (r == 0 && ret_same != NULL)
		*ret_same = same;
	return r;
}

static int add(struct catalog_publisher *publisher, const struct catalog_entry *entry,
	       const struct catalog_hash *thing)
{
	struct batch *batch = publisher->pending;
	int r;

	publisher->entry.len = 0;
	r = catalog_entry_encode(entry, &publisher->entry);
	if (r != 0)
		return r;
	if (batch->count == PENDING_MAX ||
	    (batch->count > 0 &&
	     batch->bytes.len + publisher->entry.len > CATALOG_LOG_BATCH_BYTES_MAX)) {
		r = fly(publisher, entry->time_s, entry->salt);
		if (r != 0)
			return r;
		batch = publisher->pending;
	}
	r = catalog_buffer_append(&batch->bytes, publisher->entry.bytes, publisher->entry.len);
	if (r != 0)
		return r;
	batch->things[batch->count] = *thing;
	batch->ends[batch->count++] = batch->bytes.len;
	*place_of(batch, thing) = (uint16_t)batch->count;
	return 0;
}

/* Begin an entry about id: what there is of it already is committed first. */
static int begin(struct catalog_publisher *publisher, enum catalog_entry_kind kind, const char *id,
		 int64_t now_s, const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
		 struct catalog_entry *ret_entry, struct catalog_hash *ret_thing)
{
	int r;

	assert(catalog_listing_check_id(id) == 0);
	*ret_entry = (struct catalog_entry){.kind = kind, .time_s = now_s};
	memcpy(ret_entry->id, id, strlen(id) + 1);
	memcpy(ret_entry->salt, salt, sizeof ret_entry->salt);
	catalog_entry_thing(kind, id, ret_thing);
	if (*place_of(publisher->pending, ret_thing) != 0 && (r = fly(publisher, now_s, salt)) != 0)
		return r;
	return *place_of(publisher->committed, ret_thing) != 0 ? land(publisher) : 0;
}

/* Append an entry of this body, unless it is what the log holds. */
static int append(struct catalog_publisher *publisher, struct catalog_entry *entry,
		  const struct catalog_hash *thing, struct catalog_span body,
		  enum catalog_publisher_outcome *ret_outcome)
{
	bool same = false;
	int kind = 0, r;

	entry->body = body;
	r = newest(publisher, thing, body, &entry->prev, &kind, &same);
	if (r == 0 && !same)
		r = add(publisher, entry, thing);
	if (r == 0)
		*ret_outcome = same ? CATALOG_PUBLISHER_UNCHANGED
			       : kind == 0 || kind == CATALOG_ENTRY_WITHDRAW
				       ? CATALOG_PUBLISHER_NEW
				       : CATALOG_PUBLISHER_CHANGED;
	return r;
}

int catalog_publisher_put(struct catalog_publisher *publisher, const char *id,
			  const struct catalog_value *listing, int64_t now_s,
			  const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
			  enum catalog_publisher_outcome *ret_outcome)
{
	struct catalog_entry entry;
	struct catalog_hash thing;
	int r;

	r = begin(publisher, CATALOG_ENTRY_PUT, id, now_s, salt, &entry, &thing);
	if (r != 0)
		return r;
	publisher->body.len = 0;
	r = catalog_value_encode(listing, &publisher->body);
	if (r != 0)
		return r;
	return append(publisher, &entry, &thing, catalog_buffer_span(&publisher->body),
		      ret_outcome);
}

int catalog_publisher_append(struct catalog_publisher *publisher, enum catalog_entry_kind kind,
			     const char *id, struct catalog_span body, int64_t now_s,
			     const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
			     enum catalog_publisher_outcome *ret_outcome)
{
	struct catalog_entry entry;
	struct catalog_hash thing;
	int r;

	assert(kind == CATALOG_ENTRY_NODE || kind == CATALOG_ENTRY_MOTION ||
	       kind == CATALOG_ENTRY_VOTE);
	if (body.len > CATALOG_ENTRY_BYTES_MAX)
		return -E2BIG;
	r = begin(publisher, kind, id, now_s, salt, &entry, &thing);
	return r != 0 ? r : append(publisher, &entry, &thing, body, ret_outcome);
}

int catalog_publisher_withdraw(struct catalog_publisher *publisher, const char *id,
			       enum catalog_publisher_withdrawal withdrawal, const char *reason,
			       int64_t now_s, const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_value *body = NULL;
	struct catalog_entry entry;
	struct catalog_hash thing;
	int kind = 0, r;

	r = begin(publisher, CATALOG_ENTRY_WITHDRAW, id, now_s, salt, &entry, &thing);
	if (r != 0)
		return r;
	r = newest(publisher, &thing, (struct catalog_span){NULL, 0}, &entry.prev, &kind, NULL);
	if (r != 0)
		return r;
	if (kind != CATALOG_ENTRY_PUT &&
	    (kind != CATALOG_ENTRY_WITHDRAW || withdrawal != CATALOG_PUBLISHER_ERASE))
		return -ENOENT;
	body = catalog_value_new_map();
	if (body == NULL)
		return -ENOMEM;
	publisher->body.len = 0;
	if ((reason == NULL ||
	     (r = catalog_value_set(body, "reason", catalog_value_new_string(reason))) == 0) &&
	    (withdrawal != CATALOG_PUBLISHER_ERASE ||
	     (r = catalog_value_set(body, "erase", catalog_value_new_bool(true))) == 0) &&
	    (r = catalog_value_encode(body, &publisher->body)) == 0) {
		entry.body = catalog_buffer_span(&publisher->body);
		r = add(publisher, &entry, &thing);
	}
	catalog_value_free(body);
	return r;
}

/* --- the end -------------------------------------------------------------------------------- */

/* The next listing, from entry *from on, that was erased and is current again.  *from moves on. */
static int find_erased(const struct catalog_publisher *publisher, uint64_t *from,
		       char ret_id[CATALOG_ID_BYTES_MAX + 1])
{
	uint32_t log = publisher->member->index;
	struct catalog_erased erased;
	struct catalog_txn *txn;
	uint64_t index;
	int r = catalog_store_begin(publisher->store, &txn);

	if (r != 0)
		return r;
	r = catalog_erased_next_current(txn, log, *from, UINT64_MAX, &index, &erased);
	catalog_store_end(txn);
	if (r != 0)
		return r;
	*from = index + 1;
	memcpy(ret_id, erased.id, sizeof erased.id);
	return 0;
}

/* Nobody has the bodies, and who begins anew verifies the log without them only if something newer
 * follows.  A withdrawal is never erased, so its salt may be derived. */
static int withdraw_again(struct catalog_publisher *publisher, int64_t now_s,
			  const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	char id[CATALOG_ID_BYTES_MAX + 1];
	uint64_t from = 0;
	int r;

	/* What flies is not in the store yet. */
	while ((r = land(publisher)) == 0 && (r = find_erased(publisher, &from, id)) == 0) {
		struct catalog_hash thing, derived;
		uint8_t seed[CATALOG_ENTRY_SALT_BYTES];

		catalog_entry_thing(CATALOG_ENTRY_WITHDRAW, id, &thing);
		if (*place_of(publisher->pending, &thing) != 0)
			continue;
		for (size_t i = 0; i < sizeof seed; i++)
			seed[i] = salt[i] ^ thing.bytes[i];
		catalog_hash_of(seed, sizeof seed, &derived);
		r = catalog_publisher_withdraw(publisher, id, CATALOG_PUBLISHER_ERASE, NULL, now_s,
					       derived.bytes);
		if (r != 0)
			break;
	}
	return r == -ENOENT ? 0 : r;
}

int catalog_publisher_flush(struct catalog_publisher *publisher, int64_t now_s,
			    const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	int r;

	if (publisher->pending->count == 0)
		return land(publisher);
	r = withdraw_again(publisher, now_s, salt);
	if (r != 0)
		return r;
	r = close_pending(publisher, now_s, salt);
	if (r != 0)
		return r;
	(void)commit(publisher->committed); /* its result is told there */
	return settle(publisher);
}
