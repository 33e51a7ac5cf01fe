#include "node/conflicts.h"

#include <errno.h>
#include <inttypes.h>

#include "catalog/note.h"
#include "node/answer.h"
#include "node/fields.h"

#define REPLY_SPARE 4096 /* for what is beside the proof */

struct catalog_value *node_conflicts_value(const struct catalog_charter *charter)
{
	struct catalog_value *list = catalog_value_new_list();
	size_t count;
	const uint64_t *numbers = catalog_charter_conflicts(charter, &count);

	for (size_t i = 0; i < count && list != NULL; i++)
		if (catalog_value_append(list, catalog_value_new_int((int64_t)numbers[i])) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	return list;
}

struct catalog_value *node_conflicts_proof_value(const struct catalog_conflict *conflict)
{
	struct catalog_value *list = catalog_value_new_list();

	for (size_t i = 0; i < 2 && list != NULL; i++) {
		char hex[CATALOG_HASH_HEX_BYTES];

		catalog_hash_to_hex(&conflict->hashes[i], hex);
		if (catalog_value_append(list, catalog_value_new_string(hex)) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	}
	return list;
}

/* Read the proof that is kept of a number, and what it shows. */
static int read_proof(const struct node_control_options *options, uint64_t number,
		      struct catalog_buffer *proof, struct catalog_conflict *ret_conflict)
{
	struct catalog_txn *txn;
	int r = catalog_store_begin(options->store, &txn);

	if (r != 0)
		return r;
	r = catalog_conflict_read(txn, number, proof);
	catalog_store_end(txn);
	if (r == 0 && catalog_conflict_decode(catalog_buffer_span(proof), ret_conflict) != 0)
		r = -EIO; /* it was verified when it was kept */
	return r;
}

static int make_answer(const struct catalog_buffer *proof, const struct catalog_conflict *conflict,
		       struct catalog_value **ret_answer)
{
	struct catalog_buffer text = {0};
	struct node_fields fields;
	int r = catalog_note_append_base64(&text, catalog_buffer_span(proof));

	if (r == 0) {
		node_fields_init(&fields);
		node_fields_count(&fields, "number", conflict->number);
		node_fields_value(&fields, "hashes", node_conflicts_proof_value(conflict));
		node_fields_value(&fields, "proof",
				  catalog_value_new_string_n((const char *)text.bytes, text.len));
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_buffer_close(&text);
	return r;
}

int node_conflicts_answer(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error)
{
	int64_t number = catalog_value_int(catalog_value_get(request, "number"));
	struct catalog_buffer proof = {0};
	struct catalog_conflict conflict;
	int r;

	r = number > 0 ? read_proof(options, (uint64_t)number, &proof, &conflict) : -ENOENT;
	if (r == 0 && proof.len / 3 * 4 > NODE_CONTROL_REPLY_MAX - REPLY_SPARE)
		r = node_error_set(
			ret_error, -E2BIG,
			"the two amendments are longer than an answer may be (%u bytes); "
			"copy the store to show them elsewhere",
			NODE_CONTROL_REPLY_MAX);
	else if (r == 0)
		r = make_answer(&proof, &conflict, ret_answer);
	catalog_buffer_close(&proof);
	if (r == -ENOENT)
		return node_error_set(ret_error, r,
				      "this node knows of no two amendments %" PRId64
				      " that the council signed both",
				      number);
	return r == 0 || r == -E2BIG ? r : node_answer_failed(ret_error, r, "charter-conflict");
}

void node_conflicts_page(struct node_html *html, const struct catalog_value *status)
{
	const struct catalog_value *numbers =
		catalog_value_get(catalog_value_get(status, "federation"), "conflicts");

	for (size_t i = 0; i < catalog_value_count(numbers); i++) {
		int64_t number = catalog_value_int(catalog_value_at(numbers, i, NULL));

		node_html_print(html,
				"<section class=\"seal not\" role=\"alert\"><p><b class=\"bad\">"
				"The federation's council has signed two amendments %" PRId64
				" of the charter</b></p>\n"
				"<p>It is proven. All nodes keep to the one with the smaller hash, "
				"so the federation goes on as one; members of the council signed "
				"both, and people must ask why. <a href=\"/api/v1/charter/%" PRId64
				"/conflict\">Download the proof</a>; <code>fedcat verify</code> "
				"checks it, anywhere.</p></section>\n",
				number, number);
	}
}
