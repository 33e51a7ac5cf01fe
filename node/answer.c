#include "node/answer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "catalog/erased.h"
#include "catalog/index_later.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/profile.h"
#include "node/confirm.h"
#include "node/conflicts.h"
#include "node/evidence.h"
#include "node/fields.h"
#include "node/keyfile.h"
#include "node/peers.h"
#include "node/trust.h"
#include "node/verify.h"

/* --- what they share ---------------------------------------------------------------------------
 */

int node_answer_failed(struct node_error *error, int r, const char *what)
{
	if (r == -ENOMEM)
		return node_error_set(error, r, "%s: out of memory", what);
	return node_error_set(error, r,
			      "%s: cannot read the store: %s; if the disk is sound, stop fedcatd, "
			      "move the directory store/ away and start again: the catalogue "
			      "comes back from the other members, and nothing is signed before it "
			      "has",
			      what, node_error_words(r));
}

int node_answer_begin(const struct node_control_options *options, struct catalog_txn **ret_txn,
		      const char *what, struct node_error *error)
{
	int r = catalog_store_begin(options->store, ret_txn);

	return r == 0 ? 0 : node_answer_failed(error, r, what);
}

int node_answer_member(const struct node_control_options *options, const char *name,
		       const struct catalog_member **ret_member, struct node_error *error)
{
	const struct catalog_member *member = catalog_charter_member_named(options->charter, name);

	if (member == NULL)
		return node_error_set(error, -ENOENT,
				      "no member of %s is called \"%.60s\"; `fedcat members` lists "
				      "them",
				      catalog_charter_name(options->charter), name);
	*ret_member = member;
	return 0;
}

static void member_fields(struct node_fields *fields, const struct catalog_member *member)
{
	node_fields_text(fields, "name", member->name);
	node_fields_text(fields, "title", member->title);
	node_fields_text(fields, "country", member->country);
	node_fields_text(fields, "sector", member->sector);
}

static void key_fields(struct node_fields *fields, const struct catalog_member *member)
{
	char print[NODE_KEYFILE_FINGERPRINT_BYTES];
	struct catalog_hash key;

	_Static_assert(sizeof key == sizeof member->key, "a key is written as a hash is");
	memcpy(key.bytes, member->key.bytes, sizeof key.bytes);
	node_keyfile_fingerprint(&member->key, print);
	node_fields_hash(fields, "key", &key);
	node_fields_text(fields, "fingerprint", print);
}

int node_answer_entry(struct catalog_txn *txn, uint32_t log, uint64_t index,
		      struct catalog_buffer *bytes, struct catalog_entry *ret_entry,
		      struct catalog_value **ret_body)
{
	struct catalog_value *body = NULL;
	int r;

	bytes->len = 0;
	r = catalog_log_read(txn, log, index, bytes);
	if (r == -ENOENT)
		return -EIO; /* the view or the index named it */
	if (r != 0)
		return r;
	if (catalog_entry_decode(catalog_buffer_span(bytes), ret_entry) != 0)
		return -EIO;
	r = catalog_value_decode(ret_entry->body, &body);
	if (r == 0)
		r = catalog_listing_check_depth(body);
	if (r == 0) {
		*ret_body = body;
		body = NULL; /* the caller's now */
	}
	catalog_value_free(body);
	return r == -E2BIG ? -EBADMSG : r;
}

int node_answer_number(const struct catalog_value *request, const char *key, int64_t standard,
		       int64_t least, int64_t most, size_t *ret_number, struct node_error *error)
{
	const struct catalog_value *value = catalog_value_get(request, key);
	int64_t number = value != NULL ? catalog_value_int(value) : standard;

	if (number < least || number > most)
		return node_error_set(error, -EINVAL,
				      "%s: %" PRId64 " is not allowed; it is a number from %" PRId64
				      " to %" PRId64,
				      key, number, least, most);
	*ret_number = (size_t)number;
	return 0;
}

/* --- status and members ------------------------------------------------------------------------
 */

static const char *state_of(const struct catalog_log_status *status)
{
	switch (status->health) {
	case CATALOG_LOG_GOOD: break;
	case CATALOG_LOG_BROKEN: return "broken";
	case CATALOG_LOG_FORKED: return "forked";
	}
	if (status->target_size == 0)
		return "empty";
	return status->size < status->target_size ? "partial" : "complete";
}

static void status_fields(struct node_fields *fields, const struct catalog_member *member,
			  const struct catalog_log_status *status)
{
	node_fields_count(fields, "index", member->index);
	member_fields(fields, member);
	node_fields_count(fields, "entries", status->size);
	node_fields_count(fields, "target", status->target_size);
	node_fields_count(fields, "live", status->live);
	node_fields_count(fields, "withdrawn", status->withdrawn);
	node_fields_text(fields, "state", state_of(status));
	if (status->size > 0)
		node_fields_time(fields, "newest", status->time_s);
	else
		node_fields_null(fields, "newest");
}

enum detail { WITHOUT_KEYS, WITH_KEYS };

/* The list of members and, in *ret_sum, all their logs together. */
static int list_members(const struct node_control_options *options, struct catalog_txn *txn,
			enum detail detail, struct catalog_log_status *ret_sum,
			struct catalog_value **ret_list)
{
	struct catalog_value *list = catalog_value_new_list();
	struct catalog_log_status sum = {0};
	int64_t now_s = (int64_t)time(NULL);
	int r = list == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < catalog_charter_member_count(options->charter); i++) {
		const struct catalog_member *member =
			catalog_charter_member_at(options->charter, i);
		struct catalog_log_status status;
		struct node_fields fields;

		r = catalog_log_status(txn, member->index, &status);
		if (r != 0)
			break;
		sum.size += status.size;
		sum.live += status.live;
		sum.withdrawn += status.withdrawn;
		node_fields_init(&fields);
		status_fields(&fields, member, &status);
		node_fields_bool(&fields, "over",
				 catalog_profile_is_over(catalog_charter_profile(options->charter),
							 status.live));
		r = node_trust_fields(&fields, options, txn, member->index, &status, now_s);
		if (r != 0) {
			node_fields_drop(&fields);
			break;
		}
		if (detail == WITH_KEYS) {
			key_fields(&fields, member);
			node_fields_texts(&fields, "addresses", member->addresses[0],
					  sizeof member->addresses[0], member->address_count);
		}
		r = node_fields_append(&fields, list);
	}
	if (r == 0) {
		*ret_sum = sum;
		*ret_list = list;
		list = NULL; /* the caller's now */
	}
	catalog_value_free(list);
	return r;
}

static struct catalog_value *list_peers(const struct node_control_options *options)
{
	struct gossip_peer_status table[NODE_PEERS_MAX];
	struct catalog_value *list = catalog_value_new_list();
	uint64_t now_ms = 0;
	size_t count = 0;

	if (list != NULL && options->peers != NULL)
		count = node_peers_get(options->peers, table, &now_ms);
	for (size_t i = 0; i < count; i++) {
		const struct gossip_peer_status *peer = &table[i];
		const struct catalog_member *member =
			catalog_charter_member(options->charter, peer->member);
		uint64_t age_ms = now_ms > peer->since_ms ? now_ms - peer->since_ms : 0;
		struct node_fields fields;

		node_fields_init(&fields);
		node_fields_text(&fields, "member", member != NULL ? member->name : NULL);
		node_fields_text(&fields, "address",
				 peer->address[0] != '\0' ? peer->address : NULL);
		node_fields_text(&fields, "direction", peer->outgoing ? "out" : "in");
		node_fields_bool(&fields, "greeted", peer->greeted);
		node_fields_bool(&fields, "equal", peer->equal);
		node_fields_count(&fields, "bytes_in", peer->bytes_in);
		node_fields_count(&fields, "bytes_out", peer->bytes_out);
		node_fields_count(&fields, "entries_in", peer->entries_in);
		node_fields_count(&fields, "entries_out", peer->entries_out);
		node_fields_count(&fields, "seconds", age_ms / 1000);
		node_fields_count(&fields, "bytes_s", peer->rate);
		node_fields_count(&fields, "memory", peer->memory);
		node_fields_count(&fields, "stalls", peer->stalls);
		if (node_fields_append(&fields, list) != 0) {
			catalog_value_free(list);
			return NULL;
		}
	}
	return list;
}

static struct catalog_value *work_of(const struct node_control_options *options)
{
	struct catalog_value *map = NULL;
	struct node_peers_work work;
	struct node_fields fields;

	if (options->peers == NULL)
		return catalog_value_new_null();
	node_peers_get_work(options->peers, &work);
	node_fields_init(&fields);
	node_fields_count(&fields, "links_in", work.totals.links_in);
	node_fields_count(&fields, "links_out", work.totals.links_out);
	node_fields_count(&fields, "bytes_in", work.totals.bytes_in);
	node_fields_count(&fields, "bytes_out", work.totals.bytes_out);
	node_fields_count(&fields, "entries_in", work.totals.entries_in);
	node_fields_count(&fields, "entries_out", work.totals.entries_out);
	node_fields_count(&fields, "reads_waiting", work.reads_waiting);
	node_fields_count(&fields, "reads_running", work.reads_running);
	node_fields_count(&fields, "writes_waiting", work.writes_waiting);
	node_fields_count(&fields, "writes_running", work.writes_running);
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* A limit; null if there is none. */
static void limit_field(struct node_fields *fields, const char *key, uint64_t limit)
{
	if (limit > 0)
		node_fields_count(fields, key, limit);
	else
		node_fields_null(fields, key);
}

static struct catalog_value *
texts_of(char texts[CATALOG_CHARTER_TERMS_MAX][CATALOG_CHARTER_TERM_BYTES_MAX + 1], size_t count)
{
	struct catalog_value *list = catalog_value_new_list();

	for (size_t i = 0; i < count && list != NULL; i++)
		if (catalog_value_append(list, catalog_value_new_string(texts[i])) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	return list;
}

static struct catalog_value *profile_of(const struct catalog_profile *profile)
{
	struct catalog_profile copy = *profile; /* C knows no const array of arrays */
	struct catalog_value *map = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_value(&fields, "licences", texts_of(copy.licences, copy.licence_count));
	node_fields_value(&fields, "vocabularies",
			  texts_of(copy.vocabularies, copy.vocabulary_count));
	limit_field(&fields, "listing_bytes", profile->listing_bytes_max);
	limit_field(&fields, "listings", profile->listings_max);
	limit_field(&fields, "retention_days", profile->retention_days);
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* Nodes that are kept out for a while. */
static struct catalog_value *out_of(const struct node_control_options *options)
{
	struct catalog_value *list = catalog_value_new_list();
	struct node_peers_work work = {.out_count = 0};

	if (options->peers != NULL)
		node_peers_get_work(options->peers, &work);
	for (size_t i = 0; i < work.out_count && list != NULL; i++) {
		const struct gossip_score_entry *out = &work.out[i];
		const struct catalog_member *member =
			catalog_charter_member(options->charter, out->member);
		struct node_fields fields;

		if (out->until_ms <= work.now_ms)
			continue; /* they may come back */
		node_fields_init(&fields);
		node_fields_text(&fields, "member", member != NULL ? member->name : NULL);
		node_fields_count(&fields, "offences", out->offences);
		node_fields_count(&fields, "seconds", (out->until_ms - work.now_ms) / 1000);
		node_fields_text(&fields, "reason", out->reason);
		if (node_fields_append(&fields, list) != 0) {
			catalog_value_free(list);
			return NULL;
		}
	}
	return list;
}

/* What is known of and lacking. */
static struct catalog_value *fetching_of(const struct node_control_options *options)
{
	const struct gossip_thin_estimate *fetching;
	struct catalog_value *map = NULL;
	struct node_peers_work work;
	struct node_fields fields;

	if (options->peers == NULL)
		return catalog_value_new_null();
	node_peers_get_work(options->peers, &work);
	fetching = &work.fetching;
	node_fields_init(&fields);
	node_fields_count(&fields, "entries", fetching->entries);
	node_fields_count(&fields, "bytes", fetching->bytes);
	if (fetching->bytes_s == 0) {
		node_fields_null(&fields, "bytes_s");
		node_fields_null(&fields, "seconds");
	} else {
		node_fields_count(&fields, "bytes_s", fetching->bytes_s);
		node_fields_count(&fields, "seconds", fetching->bytes / fetching->bytes_s);
	}
	node_fields_bool(&fields, "waiting", fetching->is_waiting);
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

static struct catalog_value *federation_of(const struct catalog_charter *charter)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_text(&fields, "name", catalog_charter_name(charter));
	node_fields_hash(&fields, "id", catalog_charter_federation(charter));
	node_fields_count(&fields, "amendment", catalog_charter_number(charter));
	node_fields_value(&fields, "conflicts", node_conflicts_value(charter));
	node_fields_value(&fields, "profile", profile_of(catalog_charter_profile(charter)));
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

int node_answer_status(const struct node_control_options *options, uint64_t uptime_s,
		       struct catalog_value **ret_answer, struct node_error *ret_error)
{
	uint64_t store_bytes = 0, index_bytes = 0, missing = 0;
	struct catalog_value *members = NULL;
	struct catalog_log_status sum;
	struct catalog_hash vector;
	struct node_fields fields;
	struct catalog_txn *txn;
	int r;

	/* Before the snapshot: a thread has one at a time. */
	r = catalog_store_bytes(options->store, &store_bytes, &index_bytes);
	if (r != 0)
		return node_answer_failed(ret_error, r, "status");
	r = node_answer_begin(options, &txn, "status", ret_error);
	if (r != 0)
		return r;
	r = catalog_log_vector_hash(txn, &vector);
	if (r == 0)
		r = catalog_index_later_missing(txn, &missing);
	if (r == 0)
		r = list_members(options, txn, WITHOUT_KEYS, &sum, &members);
	catalog_store_end(txn);
	if (r != 0)
		return node_answer_failed(ret_error, r, "status");
	node_fields_init(&fields);
	node_fields_text(&fields, "version", PACKAGE_VERSION);
	node_fields_value(&fields, "federation", federation_of(options->charter));
	node_fields_text(&fields, "member", options->member != NULL ? options->member->name : NULL);
	node_fields_hash(&fields, "vector", &vector);
	node_fields_count(&fields, "listings", sum.live);
	node_fields_count(&fields, "withdrawn", sum.withdrawn);
	node_fields_count(&fields, "entries", sum.size);
	node_fields_count(&fields, "store_bytes", store_bytes);
	node_fields_count(&fields, "index_bytes", index_bytes);
	node_fields_count(&fields, "index_missing", missing);
	if (uptime_s != UINT64_MAX)
		node_fields_count(&fields, "uptime_s", uptime_s);
	else
		node_fields_null(&fields, "uptime_s");
	node_fields_value(&fields, "members", members);
	node_fields_value(&fields, "peers", list_peers(options));
	node_fields_value(&fields, "work", work_of(options));
	node_fields_value(&fields, "fetching", fetching_of(options));
	node_fields_value(&fields, "kept_out", out_of(options));
	node_confirm_field(&fields, options);
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "status");
}

int node_answer_members(const struct node_control_options *options,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct catalog_value *members = NULL;
	struct catalog_log_status sum;
	struct node_fields fields;
	struct catalog_txn *txn;
	int r;

	r = node_answer_begin(options, &txn, "members", ret_error);
	if (r != 0)
		return r;
	r = list_members(options, txn, WITH_KEYS, &sum, &members);
	catalog_store_end(txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_value(&fields, "members", members);
		r = node_fields_close(&fields, ret_answer);
	}
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "members");
}

/* --- show --------------------------------------------------------------------------------------
 */

/* Why there is nothing to show.  Returns -ENOENT, -EAGAIN, -EIO. */
static int not_here(struct catalog_txn *txn, const struct catalog_member *member, const char *id,
		    struct node_error *error)
{
	char held[NODE_VERIFY_NUMBER_BYTES], target[NODE_VERIFY_NUMBER_BYTES];
	struct catalog_log_status status;
	int r = catalog_log_status(txn, member->index, &status);

	if (r != 0)
		return node_answer_failed(error, r, "show");
	if (status.size >= status.target_size)
		return node_error_set(error, -ENOENT,
				      "%s (%s) lists nothing under the id \"%s\"; `fedcat search` "
				      "finds ids by words",
				      member->title, member->name, id);
	node_verify_number(status.size, held);
	node_verify_number(status.target_size, target);
	return node_error_set(error, -EAGAIN,
			      "\"%s\" of %s (%s) is not here yet: %s of its %s entries have "
			      "arrived; try again later",
			      id, member->title, member->name, held, target);
}

/* A put that was erased is current again where the charter has drawn a line before its withdrawal.
 */
static int not_erased(struct catalog_txn *txn, const struct catalog_member *member, const char *id,
		      uint64_t index, struct node_error *error)
{
	bool is_erased = false;
	int r = catalog_erased_is_current(txn, member->index, index, &is_erased);

	if (r != 0)
		return node_answer_failed(error, r, "show");
	if (!is_erased)
		return 0;
	return node_error_set(error, -ENOENT,
			      "%s (%s) has erased \"%s\": only its hash is left; the member's next "
			      "publishing withdraws it again",
			      member->title, member->name, id);
}

static struct catalog_value *checkpoint_of(const struct node_verify *verify,
					   const struct catalog_buffer *note)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	if (!verify->has_checkpoint)
		return catalog_value_new_null();
	node_fields_init(&fields);
	node_fields_count(&fields, "size", verify->checkpoint.size);
	node_fields_hash(&fields, "root", &verify->checkpoint.root);
	node_fields_value(&fields, "note",
			  catalog_value_new_string_n((const char *)note->bytes, note->len));
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

static struct catalog_value *place_of(const struct catalog_entry *entry, uint64_t index)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_count(&fields, "index", index);
	node_fields_time(&fields, "time", entry->time_s);
	if (entry->prev != CATALOG_ENTRY_PREV_NONE)
		node_fields_count(&fields, "prev", entry->prev);
	else
		node_fields_null(&fields, "prev");
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

static struct catalog_value *signer_of(const struct catalog_member *member,
				       const struct catalog_log_status *status)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	member_fields(&fields, member);
	key_fields(&fields, member);
	node_fields_text(&fields, "state", state_of(status));
	if (status->attested_s > 0)
		node_fields_time(&fields, "current", status->attested_s);
	else
		node_fields_null(&fields, "current");
	node_fields_bool(&fields, "old", node_trust_is_old(status, (int64_t)time(NULL)));
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* Takes body, which may be NULL. */
static int make_show(const struct catalog_member *member, const struct catalog_log_status *status,
		     const char *id, uint64_t index, const struct catalog_entry *entry,
		     struct catalog_value *body, const struct node_verify *verify,
		     const struct catalog_buffer *note, const char *public_url,
		     struct catalog_value **ret_answer)
{
	bool current = entry->kind == CATALOG_ENTRY_PUT;
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_value(&fields, "member", signer_of(member, status));
	node_fields_text(&fields, "id", id);
	node_fields_text(&fields, "state", current ? "current" : "withdrawn");
	node_fields_text(&fields, "reason",
			 current ? NULL : catalog_value_text(catalog_value_get(body, "reason")));
	if (current && body != NULL) {
		node_fields_value(&fields, "listing", body);
	} else {
		node_fields_null(&fields, "listing");
		catalog_value_free(body);
	}
	node_fields_value(&fields, "entry", place_of(entry, index));
	node_fields_value(&fields, "checkpoint", checkpoint_of(verify, note));
	node_fields_bool(&fields, "verified", verify->verified);
	node_fields_text(&fields, "verification", verify->sentence);
	node_evidence_fields(&fields, public_url, member->name, id);
	return node_fields_close(&fields, ret_answer);
}

int node_answer_show(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error)
{
	const char *id = catalog_value_text(catalog_value_get(request, "id"));
	struct catalog_buffer bytes = {0}, note = {0};
	const struct catalog_member *member = NULL;
	struct catalog_value *body = NULL;
	struct catalog_log_status status;
	struct catalog_entry entry;
	struct node_verify verify;
	struct catalog_txn *txn;
	uint64_t index;
	int r;

	r = node_answer_member(options, catalog_value_text(catalog_value_get(request, "member")),
			       &member, ret_error);
	if (r == 0)
		r = node_answer_begin(options, &txn, "show", ret_error);
	if (r != 0)
		return r;
	r = catalog_log_find(txn, member->index, CATALOG_ENTRY_PUT, id, &index, NULL);
	if (r == -ENOENT) {
		r = not_here(txn, member, id, ret_error);
		goto out;
	}
	if (r == 0) {
		r = not_erased(txn, member, id, index, ret_error);
		if (r != 0)
			goto out;
		r = node_answer_entry(txn, member->index, index, &bytes, &entry, &body);
	}
	if (r == -EBADMSG)
		r = 0; /* signed all the same: body stays NULL */
	if (r == 0)
		r = catalog_log_status(txn, member->index, &status);
	if (r == 0)
		r = node_verify_entry(txn, options->charter, member, index,
				      catalog_buffer_span(&bytes), id, &note, &verify);
	if (r == 0) {
		r = make_show(member, &status, id, index, &entry, body, &verify, &note,
			      options->public_url, ret_answer);
		body = NULL; /* taken */
	}
	if (r != 0)
		r = node_answer_failed(ret_error, r, "show");
out:
	catalog_store_end(txn);
	catalog_value_free(body);
	catalog_buffer_close(&bytes);
	catalog_buffer_close(&note);
	return r;
}
