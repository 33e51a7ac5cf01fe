#include "node/trust.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "catalog/note.h"
#include "node/answer.h"

bool node_trust_is_old(const struct catalog_log_status *status, int64_t now_s)
{
	return status->target_size > 0 && (now_s - status->attested_s > NODE_TRUST_OLD_S ||
					   status->attested_s - now_s > NODE_TRUST_OLD_S);
}

struct catalog_value *node_trust_fork_value(const struct catalog_fork *fork)
{
	struct catalog_value *list = catalog_value_new_list(), *map = NULL;
	struct node_fields fields;

	for (size_t i = 0; i < 2 && list != NULL; i++) {
		node_fields_init(&fields);
		node_fields_count(&fields, "size", fork->checkpoints[i].size);
		node_fields_hash(&fields, "root", &fork->checkpoints[i].root);
		if (node_fields_append(&fields, list) != 0) {
			catalog_value_free(list);
			list = NULL;
		}
	}
	node_fields_init(&fields);
	node_fields_value(&fields, "checkpoints", list);
	if (fork->has_node) {
		node_fields_count(&fields, "first", fork->index << fork->level);
		node_fields_count(&fields, "entries", (uint64_t)1 << fork->level);
	} else {
		node_fields_null(&fields, "first");
		node_fields_null(&fields, "entries");
	}
	(void)node_fields_close(&fields, &map); /* NULL says it */
	return map;
}

/* Read the proof that is kept of a log, and what it shows. */
static int read_fork(const struct node_control_options *options, struct catalog_txn *txn,
		     uint32_t log, struct catalog_buffer *proof, struct catalog_value **ret_value)
{
	struct catalog_fork fork;
	int r = catalog_fork_read(txn, log, proof);

	if (r != 0)
		return r;
	r = catalog_fork_verify(options->charter, catalog_buffer_span(proof), &fork);
	if (r != 0)
		return r == -ENOMEM ? r : -EIO; /* it was verified when it was kept */
	*ret_value = node_trust_fork_value(&fork);
	return *ret_value != NULL ? 0 : -ENOMEM;
}

int node_trust_fields(struct node_fields *fields, const struct node_control_options *options,
		      struct catalog_txn *txn, uint32_t log,
		      const struct catalog_log_status *status, int64_t now_s)
{
	struct catalog_buffer proof = {0};
	struct catalog_value *fork = NULL;
	int r = 0;

	if (status->attested_s > 0)
		node_fields_time(fields, "current", status->attested_s);
	else
		node_fields_null(fields, "current");
	node_fields_bool(fields, "old", node_trust_is_old(status, now_s));
	if (status->health == CATALOG_LOG_FORKED)
		r = read_fork(options, txn, log, &proof, &fork);
	catalog_buffer_close(&proof);
	if (r != 0 && r != -ENOENT)
		return r;
	if (fork != NULL)
		node_fields_value(fields, "fork", fork);
	else
		node_fields_null(fields, "fork");
	return 0;
}

int node_trust_answer_fork(const struct node_control_options *options,
			   const struct catalog_value *request, struct catalog_value **ret_answer,
			   struct node_error *ret_error)
{
	const char *name = catalog_value_text(catalog_value_get(request, "member"));
	struct catalog_buffer proof = {0}, text = {0};
	struct catalog_value *fork = NULL;
	const struct catalog_member *member;
	struct node_fields fields;
	struct catalog_txn *txn;
	int r = node_answer_member(options, name, &member, ret_error);

	if (r != 0)
		return r;
	r = node_answer_begin(options, &txn, "fork", ret_error);
	if (r != 0)
		return r;
	r = read_fork(options, txn, member->index, &proof, &fork);
	catalog_store_end(txn);
	if (r == 0)
		r = catalog_note_append_base64(&text, catalog_buffer_span(&proof));
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_text(&fields, "member", member->name);
		node_fields_value(&fields, "fork", fork);
		fork = NULL; /* taken */
		node_fields_value(&fields, "proof",
				  catalog_value_new_string_n((const char *)text.bytes, text.len));
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_value_free(fork);
	catalog_buffer_close(&proof);
	catalog_buffer_close(&text);
	if (r == -ENOENT)
		return node_error_set(ret_error, r,
				      "this node knows of no fork of %s (%s): as far as it knows, "
				      "its log is one history",
				      member->title, member->name);
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "fork");
}
