/* catalog/publisher.c - gathers entries in memory and commits them as one batch.  An id that is
 * pending already is flushed first, so that "the newest entry" is always what the store says.
 *
 * The view root of the state entry is known only after the batch's other entries are in, so the
 * flush appends twice in its one transaction: the entries, then the state entry over them. */
#include "catalog/publisher.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "catalog/cosignature.h"
#include "catalog/log_batch.h"

#define PENDING_MAX (CATALOG_LOG_BATCH_ENTRIES_MAX - 1) /* and the state entry */
#define TABLE_COUNT 2048u /* places of the pending by hash: twice as many as there may be */

_Static_assert(PENDING_MAX < TABLE_COUNT, "a free place ends every search");

struct catalog_publisher {
	struct catalog_store *store;
	const struct catalog_charter *charter;
	const struct catalog_member *member;
	struct catalog_secret secret;
	uint64_t size;               /* of the log that the pending entries continue */
	struct catalog_buffer bytes; /* of the pending entries, one after the other */
	size_t ends[PENDING_MAX];    /* where each ends in bytes */
	struct catalog_hash *things; /* PENDING_MAX of them; what each is about */
	uint16_t table[TABLE_COUNT]; /* 1 + place in things, by thing; 0: free */
	size_t count;
	struct catalog_buffer body, entry; /* kept for their room */
};

int catalog_publisher_new(struct catalog_store *store, const struct catalog_charter *charter,
			  uint32_t member, const struct catalog_secret *secret,
			  struct catalog_publisher **ret_publisher)
{
	struct catalog_publisher *publisher = NULL;
	struct catalog_log_status status;
	struct catalog_txn *txn;
	int r;

	r = catalog_store_begin(store, &txn);
	if (r != 0)
		return r;
	r = catalog_log_status(txn, member, &status);
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
	publisher->things = calloc(PENDING_MAX, sizeof *publisher->things);
	if (publisher->things == NULL)
		r = -ENOMEM;
	/* libsodium's secret key ends with the public one. */
	else if (publisher->member == NULL ||
		 memcmp(publisher->member->key.bytes, secret->bytes + 32, 32) != 0)
		r = -EKEYREJECTED;
	else if (publisher->member->standing != CATALOG_STANDING_MEMBER)
		r = -EPERM;
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
	sodium_memzero(&publisher->secret, sizeof publisher->secret);
	catalog_buffer_close(&publisher->bytes);
	catalog_buffer_close(&publisher->body);
	catalog_buffer_close(&publisher->entry);
	free(publisher->things);
	free(publisher);
}

/* --- the batch ---------------------------------------------------------------------------- */

struct flush {
	const struct catalog_publisher *publisher;
	int64_t now_s;
	const uint8_t *salt;
	const struct catalog_log_entry *entries; /* the pending ones, packed */
};

/* Append the state entry of what the batch has come to. */
static int append_state(struct catalog_txn *txn, const struct flush *flush,
			struct catalog_log_batch *batch)
{
	const struct catalog_member *member = flush->publisher->member;
	struct catalog_buffer body = {0}, bytes = {0};
	struct catalog_log_status status;
	struct catalog_entry entry = {.kind = CATALOG_ENTRY_STATE,
				      .time_s = flush->now_s,
				      .prev = CATALOG_ENTRY_PREV_NONE};
	struct catalog_log_entry read;
	struct catalog_state state;
	int r;

	r = catalog_log_status(txn, member->index, &status);
	if (r != 0)
		return r;
	state = (struct catalog_state){status.live, status.withdrawn, status.view_root};
	memcpy(entry.salt, flush->salt, sizeof entry.salt);
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
	catalog_buffer_close(&note);
	return r;
}

/* Whether the log is as we left it, and nobody has shown a larger checkpoint meanwhile: what we
 * sign over anything else is a fork.  Returns 0, -ESTALE, -EIO. */
static int check_place(struct catalog_txn *txn, const struct catalog_publisher *publisher)
{
	struct catalog_log_status status;
	int r = catalog_log_status(txn, publisher->member->index, &status);

	if (r != 0)
		return r;
	return status.size == publisher->size && status.target_size == status.size ? 0 : -ESTALE;
}

static int flush_body(struct catalog_txn *txn, void *arg)
{
	const struct flush *flush = arg;
	const struct catalog_publisher *publisher = flush->publisher;
	struct catalog_log_batch *batch = NULL;
	int r;

	if ((r = check_place(txn, publisher)) == 0 &&
	    (r = catalog_log_batch_new(txn, CATALOG_LOG_BATCH_ROOT_NOW, &batch)) == 0 &&
	    (r = catalog_log_batch_append(batch, publisher->member, flush->entries,
					  publisher->count)) == 0 &&
	    (r = catalog_log_batch_settle(batch)) == 0 &&
	    (r = append_state(txn, flush, batch)) == 0 &&
	    (r = catalog_log_batch_finish(batch)) == 0)
		r = sign(txn, publisher, flush->now_s);
	catalog_log_batch_free(batch);
	return r;
}

/* Read and pack what is pending; before the transaction, which nobody else can write beside. */
static int prepare(const struct catalog_publisher *publisher, struct catalog_log_entry *entries,
		   struct catalog_buffer *packed)
{
	size_t start = 0;

	for (size_t i = 0; i < publisher->count; i++) {
		catalog_log_entry_read((struct catalog_span){publisher->bytes.bytes + start,
							     publisher->ends[i] - start},
				       &entries[i]);
		start = publisher->ends[i];
	}
	return catalog_log_entry_pack(catalog_store_codec(publisher->store), entries,
				      publisher->count, packed);
}

int catalog_publisher_flush(struct catalog_publisher *publisher, int64_t now_s,
			    const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_log_entry *entries;
	struct catalog_buffer packed = {0};
	int r;

	if (publisher->count == 0)
		return 0;
	entries = calloc(publisher->count, sizeof *entries);
	r = entries == NULL ? -ENOMEM : prepare(publisher, entries, &packed);
	if (r == 0) {
		struct flush flush = {publisher, now_s, salt, entries};

		r = catalog_store_write(publisher->store, flush_body, &flush);
		if (r == 0)
			publisher->size += publisher->count + 1;
	}
	free(entries);
	catalog_buffer_close(&packed);
	publisher->count = 0;
	publisher->bytes.len = 0;
	memset(publisher->table, 0, sizeof publisher->table);
	return r;
}

/* Flush for room or order.  The state entry's salt is made of the entry's that follows: a state
 * entry is never erased, so nothing hangs on its salt being secret. */
static int flush_before(struct catalog_publisher *publisher, int64_t now_s,
			const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_hash derived;

	catalog_hash_of(salt, CATALOG_ENTRY_SALT_BYTES, &derived);
	return catalog_publisher_flush(publisher, now_s, derived.bytes);
}

/* --- entries -------------------------------------------------------------------------------- */

/* The place in the table of a thing that is pending, or the free one where it would be. */
static uint16_t *place_of(struct catalog_publisher *publisher, const struct catalog_hash *thing)
{
	size_t at = ((size_t)thing->bytes[30] << 8 | thing->bytes[31]) % TABLE_COUNT;

	while (publisher->table[at] != 0 &&
	       !catalog_hash_equal(&publisher->things[publisher->table[at] - 1], thing))
		at = (at + 1) % TABLE_COUNT;
	return &publisher->table[at];
}

/* The newest entry about a listing in the store.  *ret_kind is 0 if there is none; ret_same, if not
 * NULL, tells whether it is a put of these bytes. */
static int newest(struct catalog_publisher *publisher, const char *id, struct catalog_span body,
		  uint64_t *ret_prev, int *ret_kind, bool *ret_same)
{
	enum catalog_entry_kind kind;
	struct catalog_entry entry;
	struct catalog_txn *txn;
	bool same = false;
	int r = catalog_store_begin(publisher->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_find(txn, publisher->member->index, CATALOG_ENTRY_PUT, id, ret_prev, &kind);
	if (r == -ENOENT) {
		*ret_prev = CATALOG_ENTRY_PREV_NONE;
		*ret_kind = 0;
		r = 0;
		goto out;
	}
	if (r != 0)
		goto out;
	*ret_kind = (int)kind;
	if (ret_same != NULL && kind == CATALOG_ENTRY_PUT) {
		publisher->entry.len = 0;
		r = catalog_log_read(txn, publisher->member->index, *ret_prev, &publisher->entry);
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

static int add(struct catalog_publisher *publisher, const struct catalog_entry *entry)
{
	size_t before = publisher->bytes.len;
	struct catalog_hash thing;
	int r;

	publisher->entry.len = 0;
	r = catalog_entry_encode(entry, &publisher->entry);
	if (r != 0)
		return r;
	if (publisher->count == PENDING_MAX ||
	    (publisher->count > 0 && before + publisher->entry.len > CATALOG_LOG_BATCH_BYTES_MAX)) {
		r = flush_before(publisher, entry->time_s, entry->salt);
		if (r != 0)
			return r;
	}
	r = catalog_buffer_append(&publisher->bytes, publisher->entry.bytes, publisher->entry.len);
	if (r != 0)
		return r;
	catalog_entry_thing(entry->kind, entry->id, &thing);
	publisher->things[publisher->count] = thing;
	publisher->ends[publisher->count++] = publisher->bytes.len;
	*place_of(publisher, &thing) = (uint16_t)publisher->count;
	return 0;
}

/* Begin an entry about id: what is pending of it is committed first. */
static int begin(struct catalog_publisher *publisher, enum catalog_entry_kind kind, const char *id,
		 int64_t now_s, const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
		 struct catalog_entry *ret_entry)
{
	struct catalog_hash thing;

	assert(catalog_listing_check_id(id) == 0);
	*ret_entry = (struct catalog_entry){.kind = kind, .time_s = now_s};
	memcpy(ret_entry->id, id, strlen(id) + 1);
	memcpy(ret_entry->salt, salt, sizeof ret_entry->salt);
	catalog_entry_thing(kind, id, &thing);
	return *place_of(publisher, &thing) != 0 ? flush_before(publisher, now_s, salt) : 0;
}

int catalog_publisher_put(struct catalog_publisher *publisher, const char *id,
			  const struct catalog_value *listing, int64_t now_s,
			  const uint8_t salt[CATALOG_ENTRY_SALT_BYTES],
			  enum catalog_publisher_outcome *ret_outcome)
{
	struct catalog_entry entry;
	bool same = false;
	int kind = 0, r;

	r = begin(publisher, CATALOG_ENTRY_PUT, id, now_s, salt, &entry);
	if (r != 0)
		return r;
	publisher->body.len = 0;
	r = catalog_value_encode(listing, &publisher->body);
	if (r != 0)
		return r;
	entry.body = catalog_buffer_span(&publisher->body);
	r = newest(publisher, id, entry.body, &entry.prev, &kind, &same);
	if (r != 0)
		return r;
	if (!same) {
		r = add(publisher, &entry);
		if (r != 0)
			return r;
	}
	*ret_outcome = same                        ? CATALOG_PUBLISHER_UNCHANGED
		       : kind == CATALOG_ENTRY_PUT ? CATALOG_PUBLISHER_CHANGED
						   : CATALOG_PUBLISHER_NEW;
	return 0;
}

int catalog_publisher_withdraw(struct catalog_publisher *publisher, const char *id,
			       enum catalog_publisher_withdrawal withdrawal, const char *reason,
			       int64_t now_s, const uint8_t salt[CATALOG_ENTRY_SALT_BYTES])
{
	struct catalog_value *body = NULL;
	struct catalog_entry entry;
	int kind = 0, r;

	r = begin(publisher, CATALOG_ENTRY_WITHDRAW, id, now_s, salt, &entry);
	if (r != 0)
		return r;
	r = newest(publisher, id, (struct catalog_span){NULL, 0}, &entry.prev, &kind, NULL);
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
		r = add(publisher, &entry);
	}
	catalog_value_free(body);
	return r;
}
