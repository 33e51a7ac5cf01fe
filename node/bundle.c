/* node/bundle.c - a request's items become two jobs of gossip/job, first the heads, then the
 * chunks, and what came of each is said in a word. */
#include "node/bundle.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/bundle.h"
#include "catalog/log.h"
#include "catalog/note.h"
#include "gossip/job.h"
#include "node/answer.h"
#include "node/fields.h"

_Static_assert(NODE_BUNDLE_ITEMS_MAX <= GOSSIP_JOB_HEADS_MAX, "each may be a head");
_Static_assert(NODE_BUNDLE_ITEMS_MAX <= GOSSIP_JOB_CHUNKS_MAX, "or a chunk");

struct item {
	bool is_chunk;
	size_t place; /* among the heads or the chunks of the jobs; SIZE_MAX: of neither */
	int outcome;
	/* Of a chunk, once it was taken apart; of a head, log alone. */
	uint32_t log;
	uint64_t from, to;
};

struct take {
	const struct node_control_options *options;
	struct gossip_job *heads, *chunks;
	size_t count;
	struct item items[NODE_BUNDLE_ITEMS_MAX];
};

/* --- reading the request ---------------------------------------------------------------------- */

/* Base64 as bytes, appended.  Returns 0, -EBADMSG, -ENOMEM. */
static int decode(const struct catalog_value *text, struct catalog_buffer *ret_bytes)
{
	struct catalog_span base64 = {(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	size_t room = base64.len / 4 * 3, len;
	int r = catalog_buffer_reserve(ret_bytes, room + 1);

	if (r == 0)
		r = catalog_note_base64(base64, ret_bytes->bytes + ret_bytes->len, room, &len);
	if (r == 0)
		ret_bytes->len += len;
	return r;
}

/* What cannot be a head says so; all else is the job's to judge. */
static int read_head(struct take *take, struct item *item, const struct catalog_value *value)
{
	const struct catalog_value *log = catalog_value_get(value, "log");
	struct gossip_job_head *head = &take->heads->heads[take->heads->head_count];
	struct catalog_checkpoint checkpoint;
	int r;

	if (catalog_value_type(log) != CATALOG_VALUE_INT || catalog_value_int(log) < 0 ||
	    catalog_value_int(log) >= UINT32_MAX)
		return -EINVAL;
	*head = (struct gossip_job_head){.is_step = true};
	head->log = item->log = (uint32_t)catalog_value_int(log);
	r = decode(catalog_value_get(value, "head"), &head->note);
	if (r == 0)
		r = catalog_charter_verify(take->options->charter, head->log,
					   catalog_buffer_span(&head->note), &checkpoint);
	if (r != 0) {
		catalog_buffer_close(&head->note);
		if (r == -ENOMEM)
			return r;
		item->outcome = r;
		return 0;
	}
	head->size = item->to = checkpoint.size;
	head->attested_s = (uint64_t)checkpoint.attested_s;
	item->place = take->heads->head_count++;
	return 0;
}

static int read_chunk(struct take *take, struct item *item, const struct catalog_value *value)
{
	struct catalog_chunk *chunk = NULL;
	struct catalog_buffer wire = {0};
	int r = decode(catalog_value_get(value, "chunk"), &wire);

	item->is_chunk = true;
	if (r == 0)
		r = catalog_chunk_new(catalog_buffer_span(&wire), &chunk);
	catalog_buffer_close(&wire);
	if (r == 0)
		r = catalog_chunk_pack(chunk, take->options->store, 0);
	if (r == 0 &&
	    catalog_charter_member(take->options->charter, catalog_chunk_log(chunk)) == NULL)
		r = -ENOENT;
	if (r != 0) {
		catalog_chunk_free(chunk);
		if (r == -ENOMEM)
			return r;
		item->outcome = r;
		return 0;
	}
	item->log = catalog_chunk_log(chunk);
	item->from = catalog_chunk_from(chunk);
	item->to = catalog_chunk_to(chunk);
	item->place = take->chunks->chunk_count;
	take->chunks->chunks[take->chunks->chunk_count++] = chunk;
	return 0;
}

static int read_item(struct take *take, const struct catalog_value *value)
{
	bool has_head =
		catalog_value_type(catalog_value_get(value, "head")) == CATALOG_VALUE_STRING;
	bool has_chunk =
		catalog_value_type(catalog_value_get(value, "chunk")) == CATALOG_VALUE_STRING;
	struct item *item = &take->items[take->count];

	if (has_head == has_chunk || catalog_value_count(value) != (has_head ? 2u : 1u))
		return -EINVAL;
	*item = (struct item){.place = SIZE_MAX, .log = UINT32_MAX};
	take->count++;
	return has_head ? read_head(take, item, value) : read_chunk(take, item, value);
}

static int read_items(struct take *take, const struct catalog_value *request,
		      struct node_error *error)
{
	const struct catalog_value *items = catalog_value_get(request, "items");
	size_t count = catalog_value_count(items);

	if (count > NODE_BUNDLE_ITEMS_MAX)
		return node_error_set(error, -EINVAL, "bundle-take: at most %d items",
				      NODE_BUNDLE_ITEMS_MAX);
	for (size_t i = 0; i < count; i++) {
		int r = read_item(take, catalog_value_at(items, i, NULL));

		if (r == -EINVAL)
			return node_error_set(error, r,
					      "bundle-take: item %zu is neither {log, head} nor "
					      "{chunk}",
					      i);
		if (r != 0)
			return node_error_set(error, r, "out of memory");
	}
	return 0;
}

/* --- taking ----------------------------------------------------------------------------------- */

static int failed(int r, struct node_error *error)
{
	return node_error_set(error, r, "taking what the bundle brings: %s", node_error_words(r));
}

static bool is_trouble(int outcome)
{
	return outcome == -ENOSPC || outcome == -EIO || outcome == -ENOMEM;
}

static void run_job(struct gossip_job *job, const struct node_control_options *options)
{
	const struct gossip_signer clock = {NULL, (int64_t)time(NULL)};

	gossip_job_run(job, options->store, options->charter, &clock);
}

/* A log steps back to size, as far as it can. */
static int step_back(const struct node_control_options *options, uint32_t log, uint64_t size)
{
	struct gossip_job *job = gossip_job_new(GOSSIP_JOB_BACK);
	int r;

	if (job == NULL)
		return -ENOMEM;
	job->log = log;
	job->size = size;
	run_job(job, options);
	r = job->outcome;
	gossip_job_free(job);
	return r;
}

/* What was pruned hid something that is current. */
static int back_to_settled(struct take *take, uint32_t log)
{
	struct catalog_log_status status;
	struct catalog_txn *txn;
	int r = catalog_store_begin(take->options->store, &txn);

	if (r != 0)
		return r;
	r = catalog_log_status(txn, log, &status);
	catalog_store_end(txn);
	return r != 0 ? r : step_back(take->options, log, status.settled);
}

/* A job that nothing is in is not run. */
static int run(struct take *take)
{
	int r = 0;

	if (take->heads->head_count > 0)
		run_job(take->heads, take->options);
	if (take->heads->outcome == 0 && take->chunks->chunk_count > 0)
		run_job(take->chunks, take->options);
	r = take->heads->outcome != 0 ? take->heads->outcome : take->chunks->outcome;
	for (size_t i = 0; i < take->count && r == 0; i++) {
		struct item *item = &take->items[i];

		if (item->place == SIZE_MAX)
			continue;
		item->outcome = item->is_chunk ? take->chunks->outcomes[item->place]
					       : take->heads->heads[item->place].outcome;
		if (is_trouble(item->outcome))
			r = item->outcome;
		if (item->is_chunk && item->outcome == -ENODATA)
			r = back_to_settled(take, item->log);
	}
	return r;
}

/* --- answering -------------------------------------------------------------------------------- */

static const char *word_of(const struct item *item, uint64_t held)
{
	switch (item->outcome) {
	case 0: return "taken";
	case -EEXIST: return "held";
	case -ESTALE: return item->is_chunk && item->to > held ? "no-checkpoint" : "held";
	case -EAGAIN: return item->from > held ? "gap" : "spanned";
	case -ENOENT: return "no-member";
	case -EROFS: return "marked";
	case -EKEYREJECTED: return "unproven";
	case -EPROTO: return "contradiction";
	case -ENODATA: return "withheld";
	default: return "damaged";
	}
}

static int say_item(struct take *take, struct catalog_txn *txn, const struct item *item,
		    struct catalog_value *results)
{
	const struct catalog_member *member =
		catalog_charter_member(take->options->charter, item->log);
	struct catalog_log_status status = {0};
	struct node_fields fields;
	int r = member == NULL ? 0 : catalog_log_status(txn, item->log, &status);

	if (r != 0)
		return r;
	node_fields_init(&fields);
	node_fields_text(&fields, "result", word_of(item, status.size));
	node_fields_text(&fields, "member", member != NULL ? member->name : NULL);
	node_fields_count(&fields, "from", item->from);
	node_fields_count(&fields, "to", item->to);
	node_fields_count(&fields, "held", status.size);
	return node_fields_append(&fields, results);
}

static int answer(struct take *take, struct catalog_value **ret_answer)
{
	struct catalog_value *results = catalog_value_new_list();
	struct node_fields fields;
	struct catalog_txn *txn;
	int r = results == NULL ? -ENOMEM : catalog_store_begin(take->options->store, &txn);

	if (r == 0) {
		for (size_t i = 0; i < take->count && r == 0; i++)
			r = say_item(take, txn, &take->items[i], results);
		catalog_store_end(txn);
	}
	if (r != 0) {
		catalog_value_free(results);
		return r;
	}
	node_fields_init(&fields);
	node_fields_value(&fields, "results", results);
	return node_fields_close(&fields, ret_answer);
}

int node_bundle_take(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error)
{
	struct take *take = calloc(1, sizeof *take);
	int r = -ENOMEM;

	if (take == NULL)
		return failed(r, ret_error);
	take->options = options;
	take->heads = gossip_job_new(GOSSIP_JOB_HEADS);
	take->chunks = gossip_job_new(GOSSIP_JOB_COMMIT);
	if (take->heads == NULL || take->chunks == NULL) {
		r = failed(r, ret_error);
		goto out;
	}
	r = read_items(take, request, ret_error);
	if (r != 0)
		goto out;
	r = run(take);
	if (r == 0)
		r = answer(take, ret_answer);
	if (r != 0)
		r = failed(r, ret_error);
out:
	gossip_job_free(take->heads);
	gossip_job_free(take->chunks);
	free(take);
	return r;
}

int node_bundle_back(const struct node_control_options *options,
		     const struct catalog_value *request, struct catalog_value **ret_answer,
		     struct node_error *ret_error)
{
	const struct catalog_member *member;
	int r = node_answer_member(options,
				   catalog_value_text(catalog_value_get(request, "member")),
				   &member, ret_error);

	if (r != 0)
		return r;
	if (options->member != NULL && member->index == options->member->index)
		return node_error_set(ret_error, -EPERM,
				      "%s is this node's own log, which does not step back",
				      member->name);
	r = step_back(options, member->index, 0);
	if (r != 0)
		return failed(r, ret_error);
	*ret_answer = catalog_value_new_map();
	return *ret_answer != NULL ? 0 : failed(-ENOMEM, ret_error);
}

bool node_bundle_is(const struct catalog_value *request)
{
	const char *op = catalog_value_text(catalog_value_get(request, "op"));

	return op != NULL && strncmp(op, "bundle-", 7) == 0;
}
