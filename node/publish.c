#include "node/publish.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/profile.h"
#include "catalog/publisher.h"
#include "catalog/utf8.h"
#include "node/confirm.h"
#include "node/fields.h"
#include "node/missing.h"
#include "node/verify.h"

#define REASON_MISSING "no longer listed by its source"

struct counts {
	uint64_t created, changed, unchanged, rejected;
};

struct node_publish {
	const struct node_control_options *options;
	struct catalog_publisher *publisher;
	bool withdraw_missing, yes, dry;
	struct catalog_log_status before;
	struct node_missing *missing; /* NULL without withdraw_missing */
	struct counts counts;
	struct catalog_buffer body, entry; /* kept for their room */
};

/* --- sentences ----------------------------------------------------------------------------- */

/* Say why our log did not grow. */
static int failed(const struct node_control_options *options, struct node_error *error, int r)
{
	const char *name = options->member->name;

	switch (r) {
	case -ESTALE:
		return node_error_set(
			error, r,
			"cannot publish: other nodes have entries of %s that are not here, and "
			"signing now would fork its log, which --force-new-log does not do either. "
			" "
			"Let fedcatd run until `fedcat status` shows %s as complete, then publish "
			"again",
			name, name);
	case -EEXIST:
		return node_error_set(
			error, -EPERM,
			"cannot publish: the key of %s has signed more of its log than the charter "
			"lets count, and what it signed now would be a second history, which "
			"others "
			"take for a fork.  The member needs another key: ask the council for "
			"`fedcat charter propose --rotate %s=KEY`",
			name, name);
	case -EROFS:
		return node_error_set(error, -EPERM,
				      "cannot publish: the log of %s is marked as broken or forked "
				      "and takes nothing more; ask the federation's council",
				      name);
	case -EKEYREJECTED:
		return node_error_set(error, r,
				      "cannot publish: the key of this node is not that of %s in "
				      "the charter",
				      name);
	case -ENOSPC:
		return node_error_set(
			error, r,
			"cannot publish: the disk is full.  What was committed before "
			"is kept; make room and publish again");
	case -ENOMEM: return node_error_set(error, r, "cannot publish: out of memory");
	default:
		return node_error_set(error, r,
				      "cannot publish: the store failed: %s.  What was committed "
				      "before is kept; see to the disk and publish again",
				      node_error_words(r));
	}
}

static int check_key(const struct node_control_options *options, struct node_error *error)
{
	if (options->member != NULL && options->secret != NULL)
		return 0;
	return node_error_set(error, -ENOKEY,
			      "cannot publish: this node has no member's key (the file member.key "
			      "in its directory); publish at the node that has it");
}

static bool flag_of(const struct catalog_value *request, const char *key)
{
	const struct catalog_value *value = catalog_value_get(request, key);

	return value != NULL && catalog_value_bool(value);
}

static void new_salt(uint8_t ret_salt[CATALOG_ENTRY_SALT_BYTES])
{
	randombytes_buf(ret_salt, CATALOG_ENTRY_SALT_BYTES);
}

static int read_status(const struct node_control_options *options,
		       struct catalog_log_status *ret_status)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(options->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_status(txn, options->member->index, ret_status);
	catalog_store_end(txn);
	return r;
}

/* Whether we may sign: our log is good, and others have said where it stands; *ret_status is where
 * it stands here. */
static int check_log(const struct node_control_options *options,
		     const struct catalog_value *request, const char *verb,
		     struct catalog_log_status *ret_status, struct node_error *error)
{
	int r = read_status(options, ret_status);

	if (r == 0 && ret_status->health != CATALOG_LOG_GOOD)
		r = -EROFS;
	if (r != 0)
		return failed(options, error, r);
	if (flag_of(request, "dry") || flag_of(request, "force_new_log"))
		return 0;
	return node_confirm_check(options, verb, error);
}

/* --- a run --------------------------------------------------------------------------------- */

int node_publish_begin(const struct node_control_options *options,
		       const struct catalog_value *request, struct node_publish **ret_run,
		       struct catalog_value **ret_answer, struct node_error *ret_error)
{
	struct node_publish *run = NULL;
	struct node_fields fields;
	int r = check_key(options, ret_error);

	if (r != 0)
		return r;
	run = calloc(1, sizeof *run);
	if (run == NULL)
		return failed(options, ret_error, -ENOMEM);
	run->options = options;
	run->withdraw_missing = flag_of(request, "withdraw_missing");
	run->yes = flag_of(request, "yes");
	run->dry = flag_of(request, "dry");
	r = check_log(options, request, "publish", &run->before, ret_error);
	if (r != 0) {
		node_publish_free(run);
		return r;
	}
	r = catalog_publisher_new(options->store, options->charter, options->member->index,
				  options->secret, &run->publisher);
	if (r == 0 && run->withdraw_missing) {
		r = node_missing_new(options->store, options->member->index, run->before.size,
				     &run->missing);
	}
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_text(&fields, "member", options->member->name);
		node_fields_count(&fields, "live", run->before.live);
		r = node_fields_close(&fields, ret_answer);
	}
	if (r == 0) {
		*ret_run = run;
		run = NULL; /* the caller's now */
	}
	node_publish_free(run);
	return r == 0 ? 0 : failed(options, ret_error, r);
}

void node_publish_free(struct node_publish *run)
{
	if (run == NULL)
		return;
	catalog_publisher_free(run->publisher);
	catalog_buffer_close(&run->body);
	catalog_buffer_close(&run->entry);
	node_missing_free(run->missing);
	free(run);
}

/* What a put of these bytes would do to what the store holds. */
static int compare(struct node_publish *run, struct catalog_txn *txn, uint64_t index,
		   struct catalog_span body, enum catalog_publisher_outcome *ret_outcome)
{
	struct catalog_entry entry;
	int r;

	run->entry.len = 0;
	r = catalog_log_read(txn, run->options->member->index, index, &run->entry);
	if (r == -ENOENT) { /* it was erased, and the charter has drawn a line before that */
		*ret_outcome = CATALOG_PUBLISHER_CHANGED;
		return 0;
	}
	if (r != 0 || catalog_entry_decode(catalog_buffer_span(&run->entry), &entry) != 0)
		return r == -ENOMEM ? r : -EIO;
	*ret_outcome =
		entry.body.len == body.len && memcmp(entry.body.bytes, body.bytes, body.len) == 0
			? CATALOG_PUBLISHER_UNCHANGED
			: CATALOG_PUBLISHER_CHANGED;
	return 0;
}

/* Note that the source lists id; and, if ret_outcome is not NULL, what a put of body would do. */
static int look_up(struct node_publish *run, const char *id, struct catalog_span body,
		   enum catalog_publisher_outcome *ret_outcome)
{
	enum catalog_entry_kind kind = CATALOG_ENTRY_WITHDRAW;
	struct catalog_txn *txn;
	uint64_t index = UINT64_MAX;
	int r = catalog_store_begin(run->options->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_find(txn, run->options->member->index, CATALOG_ENTRY_PUT, id, &index,
			     &kind);
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && ret_outcome != NULL) {
		*ret_outcome = CATALOG_PUBLISHER_NEW;
		if (kind == CATALOG_ENTRY_PUT)
			r = compare(run, txn, index, body, ret_outcome);
	}
	catalog_store_end(txn);
	if (r == 0 && run->missing != NULL && index != UINT64_MAX)
		node_missing_seen(run->missing, index);
	return r;
}

static int put_listing(struct node_publish *run, const char *id,
		       const struct catalog_value *listing,
		       enum catalog_publisher_outcome *ret_outcome)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	int r = 0;

	run->body.len = 0;
	if (run->dry)
		r = catalog_value_encode(listing, &run->body);
	if (r == 0 && (run->dry || run->missing != NULL))
		r = look_up(run, id, catalog_buffer_span(&run->body),
			    run->dry ? ret_outcome : NULL);
	if (r != 0 || run->dry)
		return r;
	new_salt(salt);
	return catalog_publisher_put(run->publisher, id, listing, (int64_t)time(NULL), salt,
				     ret_outcome);
}

static int add_rejected(struct catalog_value *rejected, const char *id,
			const struct catalog_problem *problem)
{
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_text(&fields, "id", id);
	node_fields_text(&fields, "path", problem->path);
	node_fields_text(&fields, "found", problem->found);
	node_fields_text(&fields, "expected", problem->expected);
	return node_fields_append(&fields, rejected);
}

/* A text that is an id; it may hold NULs, which a C string hides. */
static bool is_id(const struct catalog_value *text)
{
	const char *id = catalog_value_text(text);

	return strlen(id) == catalog_value_text_len(text) && catalog_listing_check_id(id) == 0;
}

static int reject_id(const char *id, struct catalog_value *rejected)
{
	struct catalog_problem problem = {.path = "id",
					  .expected = "1 to 200 bytes of text without white space "
						      "or control characters"};
	size_t len = 0;

	while (id[len] != '\0' && len < sizeof problem.found - 4) {
		uint32_t character;
		int step = catalog_utf8_next(id + len, strlen(id + len), &character);

		assert(step > 0); /* values are UTF-8 */
		len += (size_t)step;
	}
	memcpy(problem.found, id, len);
	return add_rejected(rejected, id, &problem);
}

/* Whether the federation's charter lets the listing in. */
static int check_profile(struct node_publish *run, const char *id,
			 const struct catalog_value *listing, const struct counts *counts,
			 struct catalog_problem *ret_problem)
{
	const struct catalog_profile *profile = catalog_charter_profile(run->options->charter);
	uint64_t live = run->before.live + run->counts.created + counts->created;
	enum catalog_publisher_outcome outcome;
	int r = catalog_profile_check(profile, listing, ret_problem);

	if (r != 0 || !catalog_profile_is_over(profile, live + 1))
		return r;
	r = look_up(run, id, (struct catalog_span){NULL, 0}, &outcome);
	if (r != 0 || outcome != CATALOG_PUBLISHER_NEW)
		return r;
	catalog_profile_full(profile, ret_problem);
	return -EPROTO;
}

/* Put one item of a request.  What is wrong with it alone is told in rejected. */
static int put_item(struct node_publish *run, const struct catalog_value *item,
		    struct counts *counts, struct catalog_value *rejected)
{
	const struct catalog_value *listing = catalog_value_get(item, "listing");
	const char *id = catalog_value_text(catalog_value_get(item, "id"));
	enum catalog_publisher_outcome outcome;
	struct catalog_problem problem;
	int r;

	if (!is_id(catalog_value_get(item, "id"))) {
		counts->rejected++;
		return reject_id(id, rejected);
	}
	r = catalog_listing_check(listing, &problem);
	if (r == 0)
		r = check_profile(run, id, listing, counts, &problem);
	if (r == -EPROTO)
		r = -EBADMSG;
	if (r == 0)
		r = put_listing(run, id, listing, &outcome);
	if (r == -E2BIG) {
		problem = (struct catalog_problem){
			.found = "a listing that is too long or nested too deep",
			.expected = "a listing that fits an entry of 256 KiB"};
		r = -EBADMSG;
	}
	if (r == -EBADMSG) {
		counts->rejected++;
		r = run->missing != NULL ? look_up(run, id, (struct catalog_span){NULL, 0}, NULL)
					 : 0;
		return r == 0 ? add_rejected(rejected, id, &problem) : r;
	}
	if (r != 0)
		return r;
	counts->created += outcome == CATALOG_PUBLISHER_NEW;
	counts->changed += outcome == CATALOG_PUBLISHER_CHANGED;
	counts->unchanged += outcome == CATALOG_PUBLISHER_UNCHANGED;
	return 0;
}

static void count_fields(struct node_fields *fields, const struct counts *counts)
{
	node_fields_count(fields, "new", counts->created);
	node_fields_count(fields, "changed", counts->changed);
	node_fields_count(fields, "unchanged", counts->unchanged);
}

/* What the run has brought that is on disk and signed, or was there. */
static void kept_field(struct node_fields *fields, const struct node_publish *run)
{
	node_fields_count(
		fields, "kept",
		run->dry ? 0 : catalog_publisher_kept(run->publisher) + run->counts.unchanged);
}

int node_publish_put(struct node_publish *run, const struct catalog_value *request,
		     struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const struct catalog_value *items = catalog_value_get(request, "items");
	struct catalog_value *rejected = catalog_value_new_list();
	struct counts counts = {0};
	struct node_fields fields;
	int r = rejected == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(items); i++) {
		const struct catalog_value *item = catalog_value_at(items, i, NULL);

		if (catalog_value_type(item) != CATALOG_VALUE_MAP ||
		    catalog_value_count(item) != 2 || catalog_value_get(item, "listing") == NULL ||
		    catalog_value_text(catalog_value_get(item, "id")) == NULL) {
			catalog_value_free(rejected);
			return node_error_set(ret_error, -EINVAL,
					      "publish-put: item %zu is not a map of \"id\" (text) "
					      "and \"listing\"",
					      i);
		}
		r = put_item(run, item, &counts, rejected);
	}
	run->counts.created += counts.created;
	run->counts.changed += counts.changed;
	run->counts.unchanged += counts.unchanged;
	run->counts.rejected += counts.rejected;
	if (r != 0) {
		catalog_value_free(rejected);
		return failed(run->options, ret_error, r);
	}
	node_fields_init(&fields);
	count_fields(&fields, &counts);
	kept_field(&fields, run);
	node_fields_value(&fields, "rejected", rejected);
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : failed(run->options, ret_error, r);
}

int node_publish_reject(struct node_publish *run, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error)
{
	const struct catalog_value *ids = catalog_value_get(request, "ids");
	struct node_fields fields;
	int r = 0;

	for (size_t i = 0; r == 0 && i < catalog_value_count(ids); i++) {
		const struct catalog_value *text = catalog_value_at(ids, i, NULL);
		const char *id = catalog_value_text(text);

		if (id == NULL)
			return node_error_set(ret_error, -EINVAL,
					      "publish-reject: id %zu is no text", i);
		/* What is no id was never listed. */
		if (run->missing != NULL && is_id(text))
			r = look_up(run, id, (struct catalog_span){NULL, 0}, NULL);
	}
	if (r == 0) {
		node_fields_init(&fields);
		kept_field(&fields, run);
		r = node_fields_close(&fields, ret_answer);
	}
	return r == 0 ? 0 : failed(run->options, ret_error, r);
}

/* --- the end of a run ---------------------------------------------------------------------- */

static int flush(struct node_publish *run)
{
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];

	new_salt(salt);
	return catalog_publisher_flush(run->publisher, (int64_t)time(NULL), salt);
}

static int withdraw_missing(struct node_publish *run)
{
	char(*ids)[CATALOG_ID_BYTES_MAX + 1] = calloc(NODE_MISSING_AT_ONCE, sizeof *ids);
	size_t count = 1;
	int r = ids == NULL ? -ENOMEM : 0;

	while (r == 0 && count > 0) {
		r = node_missing_next(run->missing, ids, &count);
		for (size_t i = 0; r == 0 && i < count; i++) {
			uint8_t salt[CATALOG_ENTRY_SALT_BYTES];

			new_salt(salt);
			r = catalog_publisher_withdraw(run->publisher, ids[i],
						       CATALOG_PUBLISHER_WITHDRAW, REASON_MISSING,
						       (int64_t)time(NULL), salt);
			if (r == -ENOENT)
				r = -EIO; /* it was current a moment ago, and we are the writer */
		}
	}
	free(ids);
	return r == 0 ? flush(run) : r;
}

/* Withdraw what the run has not seen, unless that is too much.  *ret_count is how many. */
static int settle_missing(struct node_publish *run, uint64_t *ret_count, struct node_error *error)
{
	char missing[NODE_VERIFY_NUMBER_BYTES], live[NODE_VERIFY_NUMBER_BYTES];
	uint64_t count = 0;
	int r = node_missing_count(run->missing, &count);

	if (r != 0)
		return failed(run->options, error, r);
	if (!run->yes && count * 100 > run->before.live * NODE_CONTROL_MISSING_PERCENT) {
		node_verify_number(count, missing);
		node_verify_number(run->before.live, live);
		return node_error_set(
			error, -EPERM,
			"%s of the %s listings of %s are not in what was read, more than %d %%: is "
			"it complete?  Nothing was withdrawn%s; add --yes to withdraw them",
			missing, live, run->options->member->name, NODE_CONTROL_MISSING_PERCENT,
			run->dry ? "" : ", and what is new or changed is published");
	}
	if (count > 0 && !run->dry) {
		r = withdraw_missing(run);
		if (r != 0)
			return failed(run->options, error, r);
	}
	*ret_count = count;
	return 0;
}

static void checkpoint_field(struct node_fields *fields, const struct catalog_log_status *status)
{
	struct catalog_value *map = NULL;
	struct node_fields inner;

	if (status->target_size == 0) {
		node_fields_null(fields, "checkpoint");
		return;
	}
	node_fields_init(&inner);
	node_fields_count(&inner, "size", status->target_size);
	node_fields_hash(&inner, "root", &status->target_root);
	(void)node_fields_close(&inner, &map); /* NULL says it */
	node_fields_value(fields, "checkpoint", map);
}

int node_publish_end(struct node_publish *run, struct catalog_value **ret_answer,
		     struct node_error *ret_error)
{
	struct catalog_log_status after;
	struct node_fields fields;
	uint64_t withdrawn = 0;
	int r = flush(run);

	if (r == 0 && run->withdraw_missing) {
		r = settle_missing(run, &withdrawn, ret_error);
		if (r != 0)
			return r;
	}
	if (r == 0)
		r = read_status(run->options, &after);
	if (r != 0)
		return failed(run->options, ret_error, r);
	node_fields_init(&fields);
	count_fields(&fields, &run->counts);
	node_fields_count(&fields, "rejected", run->counts.rejected);
	node_fields_count(&fields, "withdrawn", withdrawn);
	node_fields_count(&fields, "live", after.live);
	checkpoint_field(&fields, &after);
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : failed(run->options, ret_error, r);
}

/* --- one listing --------------------------------------------------------------------------- */

int node_publish_withdraw(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error)
{
	const char *id = catalog_value_text(catalog_value_get(request, "id"));
	const char *reason = catalog_value_text(catalog_value_get(request, "reason"));
	const struct catalog_value *erase = catalog_value_get(request, "erase");
	enum catalog_publisher_withdrawal withdrawal = erase != NULL && catalog_value_bool(erase)
							       ? CATALOG_PUBLISHER_ERASE
							       : CATALOG_PUBLISHER_WITHDRAW;
	struct catalog_publisher *publisher = NULL;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_log_status after;
	struct node_fields fields;
	int r = check_key(options, ret_error);

	if (r != 0)
		return r;
	if (catalog_listing_check_id(id) != 0)
		return node_error_set(
			ret_error, -EINVAL,
			"withdraw: \"%.80s\" is no id: 1 to 200 bytes of text without "
			"white space or control characters",
			id);
	r = check_log(options, request, "withdraw", &after, ret_error);
	if (r != 0)
		return r;
	r = catalog_publisher_new(options->store, options->charter, options->member->index,
				  options->secret, &publisher);
	if (r != 0)
		return failed(options, ret_error, r);
	new_salt(salt);
	r = catalog_publisher_withdraw(publisher, id, withdrawal, reason, (int64_t)time(NULL),
				       salt);
	if (r == -ENOENT) {
		catalog_publisher_free(publisher);
		return node_error_set(ret_error, r,
				      "%s lists nothing under the id \"%s\" now, so there is "
				      "nothing to withdraw",
				      options->member->name, id);
	}
	new_salt(salt);
	if (r == 0)
		r = catalog_publisher_flush(publisher, (int64_t)time(NULL), salt);
	catalog_publisher_free(publisher);
	if (r == 0)
		r = read_status(options, &after);
	if (r == 0) {
		node_fields_init(&fields);
		checkpoint_field(&fields, &after);
		r = node_fields_close(&fields, ret_answer);
	}
	return r == 0 ? 0 : failed(options, ret_error, r);
}

/* --- entries of other kinds ---------------------------------------------------------------- */

int node_publish_entries(const struct node_control_options *options,
			 const struct catalog_value *request, const char *verb,
			 const struct node_publish_entry *entries, size_t count,
			 struct node_error *ret_error)
{
	struct catalog_publisher *publisher = NULL;
	enum catalog_publisher_outcome outcome;
	uint8_t salt[CATALOG_ENTRY_SALT_BYTES];
	struct catalog_log_status before;
	int r = check_key(options, ret_error);

	if (r == 0)
		r = check_log(options, request, verb, &before, ret_error);
	if (r != 0)
		return r;
	r = catalog_publisher_new(options->store, options->charter, options->member->index,
				  options->secret, &publisher);
	for (size_t i = 0; i < count && r == 0; i++) {
		new_salt(salt);
		r = catalog_publisher_append(publisher, entries[i].kind, entries[i].id,
					     entries[i].body, (int64_t)time(NULL), salt, &outcome);
	}
	new_salt(salt);
	if (r == 0)
		r = catalog_publisher_flush(publisher, (int64_t)time(NULL), salt);
	catalog_publisher_free(publisher);
	if (r == -E2BIG)
		return node_error_set(ret_error, r,
				      "%s: it is too long for an entry of 256 KiB of our log",
				      verb);
	return r == 0 ? 0 : failed(options, ret_error, r);
}
