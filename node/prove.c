#include "node/prove.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "catalog/listing.h"
#include "catalog/log.h"
#include "catalog/prover.h"
#include "catalog/receipt.h"
#include "node/answer.h"
#include "node/fields.h"
#include "node/verify.h"

const char *node_prove_claim(enum catalog_receipt_claim claim)
{
	switch (claim) {
	case CATALOG_RECEIPT_CURRENT: return "current";
	case CATALOG_RECEIPT_WITHDRAWN: return "withdrawn";
	case CATALOG_RECEIPT_SUPERSEDED: return "superseded";
	case CATALOG_RECEIPT_ABSENT: return "absent";
	}
	return "?";
}

/* What is asked for. */
struct question {
	const struct catalog_member *member;
	const char *id;
	bool absent;
	bool has_entry;
	uint64_t entry;
};

static int read_question(const struct node_control_options *options,
			 const struct catalog_value *request, struct question *ret_question,
			 struct node_error *error)
{
	const struct catalog_value *absent = catalog_value_get(request, "absent");
	const struct catalog_value *entry = catalog_value_get(request, "entry");
	struct question question = {.absent = absent != NULL && catalog_value_bool(absent),
				    .has_entry = entry != NULL};
	int r = node_answer_member(options,
				   catalog_value_text(catalog_value_get(request, "member")),
				   &question.member, error);

	if (r != 0)
		return r;
	question.id = catalog_value_text(catalog_value_get(request, "id"));
	if (catalog_listing_check_id(question.id) != 0)
		return node_error_set(error, -EINVAL,
				      "\"%s\" is no id: it is 1 to %d bytes of text without white "
				      "space",
				      question.id, CATALOG_ID_BYTES_MAX);
	if (question.has_entry && question.absent)
		return node_error_set(error, -EINVAL,
				      "an entry and absence cannot be proved at once");
	if (question.has_entry && catalog_value_int(entry) < 0)
		return node_error_set(error, -EINVAL, "entries are numbered from 0");
	if (question.has_entry)
		question.entry = (uint64_t)catalog_value_int(entry);
	*ret_question = question;
	return 0;
}

/* Absence, or the withdrawal; what is listed is -EEXIST. */
static int prove_absent(struct catalog_txn *txn, const struct question *question,
			struct catalog_buffer *ret_receipt)
{
	enum catalog_entry_kind kind = CATALOG_ENTRY_PUT;
	uint64_t index = 0;
	int r = catalog_log_find(txn, question->member->index, CATALOG_ENTRY_PUT, question->id,
				 &index, &kind);

	if (r == -ENOENT)
		return catalog_prover_absent(txn, question->member->index, question->id,
					     ret_receipt);
	if (r == 0 && kind == CATALOG_ENTRY_PUT)
		return -EEXIST;
	return r != 0 ? r : catalog_prover_entry(txn, question->member->index, index, ret_receipt);
}

static int prove(struct catalog_txn *txn, const struct question *question,
		 struct catalog_buffer *ret_receipt)
{
	if (question->absent)
		return prove_absent(txn, question, ret_receipt);
	if (question->has_entry)
		return catalog_prover_entry(txn, question->member->index, question->entry,
					    ret_receipt);
	return catalog_prover_newest(txn, question->member->index, question->id, ret_receipt);
}

/* Why there is no receipt. */
static int say_why(struct catalog_txn *txn, const struct question *question, int r,
		   struct node_error *error)
{
	const struct catalog_member *member = question->member;
	char held[NODE_VERIFY_NUMBER_BYTES], target[NODE_VERIFY_NUMBER_BYTES];
	struct catalog_log_status status;

	if (catalog_log_status(txn, member->index, &status) != 0)
		return node_answer_failed(error, -EIO, "prove");
	node_verify_number(status.size, held);
	node_verify_number(status.target_size, target);
	if ((r == -ENOENT || r == -EAGAIN) && status.size < status.target_size)
		return node_error_set(
			error, -EAGAIN,
			"%s of the %s entries of %s (%s) have arrived; nothing can be "
			"proved of it until all have; try again later",
			held, target, member->title, member->name);
	if (r == -EAGAIN)
		return node_error_set(
			error, -ENOENT,
			"%s (%s) has signed nothing yet, so nothing can be proved of it",
			member->title, member->name);
	if (r == -ENOENT && question->has_entry)
		return node_error_set(error, r, "%s (%s) has no such entry about a listing",
				      member->title, member->name);
	if (r == -ENOENT)
		return node_error_set(error, r,
				      "%s (%s) lists nothing under the id \"%s\"; `fedcat prove "
				      "--absent` proves that",
				      member->title, member->name, question->id);
	if (r == -EEXIST)
		return node_error_set(error, -EPERM,
				      "%s (%s) lists \"%s\", so it cannot be proved absent",
				      member->title, member->name, question->id);
	if (r == -EPROTO)
		return node_error_set(error, -EKEYREJECTED,
				      "what is held of %s (%s) contradicts what it signed; do not "
				      "rely on it",
				      member->title, member->name);
	return node_answer_failed(error, r, "prove");
}

static struct catalog_value *entry_of(const struct catalog_receipt_outcome *outcome)
{
	struct catalog_value *map = NULL;
	struct node_fields fields;

	if (outcome->claim == CATALOG_RECEIPT_ABSENT)
		return catalog_value_new_null();
	node_fields_init(&fields);
	node_fields_count(&fields, "index", outcome->index);
	node_fields_time(&fields, "time", outcome->time_s);
	node_fields_count(&fields, "newest", outcome->newest);
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* Verify as a stranger would, then answer. */
static int answer(const struct node_control_options *options, const struct question *question,
		  struct catalog_span bytes, struct catalog_value **ret_answer,
		  struct node_error *error)
{
	struct catalog_receipt_trust trust = {.charter = options->charter};
	struct catalog_receipt_outcome outcome;
	char why[CATALOG_RECEIPT_WHY_BYTES] = "";
	struct catalog_receipt receipt;
	struct node_fields fields;
	int r = catalog_receipt_init(&receipt, bytes, why);

	if (r == 0) {
		r = catalog_receipt_verify(&receipt, &trust, &outcome, why);
		catalog_receipt_close(&receipt); /* the outcome's entry is not looked at */
	}
	if (r == -ENOMEM)
		return node_answer_failed(error, r, "prove");
	if (r != 0)
		return node_error_set(error, -EKEYREJECTED,
				      "what is held of %s (%s) does not verify: %s",
				      question->member->title, question->member->name, why);
	if (strcmp(outcome.id, question->id) != 0)
		return node_error_set(error, -ENOENT, "that entry of %s (%s) is about \"%s\"",
				      question->member->title, question->member->name, outcome.id);
	node_fields_init(&fields);
	node_fields_text(&fields, "member", outcome.member);
	node_fields_text(&fields, "id", outcome.id);
	node_fields_text(&fields, "claim", node_prove_claim(outcome.claim));
	node_fields_value(&fields, "entry", entry_of(&outcome));
	node_fields_count(&fields, "size", outcome.checkpoint.size);
	node_fields_value(&fields, "receipt",
			  catalog_value_new_string_n((const char *)bytes.bytes, bytes.len));
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(error, r, "prove");
}

int node_prove_answer(const struct node_control_options *options,
		      const struct catalog_value *request, struct catalog_value **ret_answer,
		      struct node_error *ret_error)
{
	struct catalog_buffer bytes = {0};
	struct catalog_txn *txn = NULL;
	struct question question;
	int r = read_question(options, request, &question, ret_error);

	if (r == 0)
		r = node_answer_begin(options, &txn, "prove", ret_error);
	if (r != 0)
		return r;
	r = prove(txn, &question, &bytes);
	if (r != 0)
		r = say_why(txn, &question, r, ret_error);
	catalog_store_end(txn);
	if (r == 0)
		r = answer(options, &question, catalog_buffer_span(&bytes), ret_answer, ret_error);
	catalog_buffer_close(&bytes);
	return r;
}
