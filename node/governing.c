#include "node/governing.h"

#include <errno.h>
#include <string.h>

#include "catalog/charter_store.h"
#include "catalog/log.h"
#include "catalog/note.h"
#include "node/answer.h"
#include "node/fields.h"

/* The largest checkpoint under which all is held, of at most so many entries. */
static int read_line(const struct node_control_options *options, struct catalog_txn *txn,
		     uint32_t log, uint64_t size_max, struct catalog_buffer *note,
		     struct catalog_checkpoint *ret_checkpoint)
{
	int r = catalog_log_checkpoint_up_to(txn, log, size_max, note);

	if (r == -ENOENT) { /* before everything */
		*ret_checkpoint = (struct catalog_checkpoint){0};
		catalog_hash_of(NULL, 0, &ret_checkpoint->root);
		return 0;
	}
	if (r == 0 && catalog_charter_verify(options->charter, log, catalog_buffer_span(note),
					     ret_checkpoint) != 0)
		r = -EIO;
	return r;
}

int node_governing_line(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error)
{
	const char *name = catalog_value_text(catalog_value_get(request, "member"));
	struct catalog_checkpoint checkpoint;
	const struct catalog_member *member;
	struct catalog_buffer note = {0};
	struct node_fields fields;
	struct catalog_txn *txn;
	size_t size_max = SIZE_MAX;
	int r = node_answer_member(options, name, &member, ret_error);

	if (r == 0 && catalog_value_get(request, "after") != NULL)
		r = node_answer_number(request, "after", 0, 0, INT64_MAX, &size_max, ret_error);
	if (r != 0)
		return r;
	r = node_answer_begin(options, &txn, "charter-line", ret_error);
	if (r != 0)
		return r;
	r = read_line(options, txn, member->index, size_max, &note, &checkpoint);
	catalog_store_end(txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_count(&fields, "size", checkpoint.size);
		node_fields_hash(&fields, "root", &checkpoint.root);
		node_fields_value(&fields, "note",
				  catalog_value_new_string_n((const char *)note.bytes, note.len));
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_buffer_close(&note);
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "charter-line");
}

static int read_amendment(const struct catalog_value *request, struct catalog_buffer *ret_amendment)
{
	const struct catalog_value *text = catalog_value_get(request, "amendment");
	struct catalog_span base64 = {(const uint8_t *)catalog_value_text(text),
				      catalog_value_text_len(text)};
	size_t len = 0;
	int r = catalog_buffer_reserve(ret_amendment, base64.len + 1);

	if (r == 0)
		r = catalog_note_base64(base64, ret_amendment->bytes, base64.len + 1, &len);
	if (r == 0)
		ret_amendment->len = len;
	return r;
}

int node_governing_submit(const struct node_control_options *options,
			  const struct catalog_value *request, struct catalog_value **ret_answer,
			  struct node_error *ret_error)
{
	uint64_t before = catalog_charter_number(options->charter);
	char why[CATALOG_CHANGE_WHY_BYTES] = "it is no amendment";
	struct catalog_buffer amendment = {0};
	struct node_fields fields;
	int r = read_amendment(request, &amendment);

	if (r == 0)
		r = catalog_charter_store_take(options->store, options->charter,
					       catalog_buffer_span(&amendment), why);
	catalog_buffer_close(&amendment);
	switch (r) {
	case 0: break;
	case -EBADMSG:
	case -EPROTO:
	case -EKEYREJECTED:
	case -E2BIG:
	case -EAGAIN:
		return node_error_set(ret_error, r == -EKEYREJECTED ? r : -EPERM,
				      "the amendment is refused: %s", why);
	case -ENOTUNIQ:
		return node_error_set(
			ret_error, -EPERM,
			"the council has signed another amendment of that number: the "
			"one with the smaller hash counts, at all nodes; `fedcat status` "
			"tells, and `fedcat charter conflict` shows the proof");
	default: return node_answer_failed(ret_error, r, "charter-submit");
	}
	node_fields_init(&fields);
	node_fields_count(&fields, "number", catalog_charter_number(options->charter));
	node_fields_value(
		&fields, "taken",
		catalog_value_new_bool(catalog_charter_number(options->charter) > before));
	return node_fields_close(&fields, ret_answer);
}
