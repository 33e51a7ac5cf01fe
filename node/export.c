#include "node/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/listing.h"
#include "catalog/log.h"
#include "node/answer.h"
#include "node/evidence.h"
#include "node/fields.h"

/* Where an export is: the next entry to look at, of the member at place in the charter. */
struct export
{
	const struct node_control_options *options;
	struct catalog_txn *txn;
	const struct catalog_member *only; /* NULL: all members */
	size_t place;
	uint64_t index;
	size_t limit, scanned, bytes_len;
	struct catalog_value *items;
	struct catalog_buffer bytes;
};

/* Read "member/index". */
static int read_after(struct export *export, const char *after, struct node_error *error)
{
	const struct catalog_charter *charter = export->options->charter;
	const char *slash = strrchr(after, '/');
	char *end = NULL;
	size_t i, len;

	errno = 0;
	if (slash != NULL && slash[1] >= '0' && slash[1] <= '9') {
		export->index = strtoull(slash + 1, &end, 10);
		len = (size_t)(slash - after);
		for (i = 0; i < catalog_charter_member_count(charter); i++) {
			const char *name = catalog_charter_member_at(charter, i)->name;

			if (errno == 0 && *end == '\0' && strlen(name) == len &&
			    memcmp(name, after, len) == 0) {
				export->place = i;
				return 0;
			}
		}
	}
	return node_error_set(error, -EINVAL,
			      "after: \"%.60s\" is no place in an export; give back the \"after\" "
			      "of the answer before",
			      after);
}

static bool is_full(const struct export *export)
{
	return catalog_value_count(export->items) >= export->limit ||
	       export->bytes_len >= NODE_EXPORT_ITEMS_BYTES ||
	       export->scanned >= NODE_EXPORT_SCANNED_MAX;
}

/* Add the entry at hand if it is a current listing. */
static int export_entry(struct export *export, const struct catalog_member *member)
{
	struct catalog_value *listing = NULL;
	struct catalog_entry entry;
	struct node_fields fields;
	uint64_t newest;
	int r;

	export->scanned++;
	export->bytes.len = 0;
	r = catalog_log_read(export->txn, member->index, export->index, &export->bytes);
	if (r != 0)
		return r == -ENOENT ? 0 : r; /* pruned: what is current stays */
	if (catalog_entry_decode(catalog_buffer_span(&export->bytes), &entry) != 0)
		return -EIO;
	if (entry.kind != CATALOG_ENTRY_PUT)
		return 0;
	r = catalog_log_find(export->txn, member->index, CATALOG_ENTRY_PUT, entry.id, &newest,
			     NULL);
	if (r != 0 || newest != export->index)
		return r == -ENOENT ? -EIO : r;
	r = catalog_value_decode(entry.body, &listing);
	if (r == 0)
		r = catalog_listing_check(listing, NULL);
	if (r != 0) {
		catalog_value_free(listing);
		return r == -ENOMEM ? r : 0; /* signed, and no listing: nothing for others */
	}
	export->bytes_len += entry.body.len;
	node_fields_init(&fields);
	node_fields_text(&fields, "member", member->name);
	node_fields_text(&fields, "id", entry.id);
	node_fields_value(&fields, "listing", listing);
	node_fields_count(&fields, "entry", export->index);
	node_evidence_fields(&fields, export->options->public_url, member->name, entry.id);
	return node_fields_append(&fields, export->items);
}

/* Go on with the member at hand.  Returns 0 when its log is through, 1 when the answer is full. */
static int export_log(struct export *export, const struct catalog_member *member)
{
	struct catalog_log_status status;
	int r = catalog_log_status(export->txn, member->index, &status);

	for (; r == 0 && export->index < status.size; export->index++) {
		if (is_full(export))
			return 1;
		r = export_entry(export, member);
	}
	return r;
}

static int export_logs(struct export *export)
{
	const struct catalog_charter *charter = export->options->charter;

	for (; export->place < catalog_charter_member_count(charter); export->place++) {
		const struct catalog_member *member =
			catalog_charter_member_at(charter, export->place);
		int r = export->only == NULL || export->only == member ? export_log(export, member)
								       : 0;

		if (r != 0)
			return r;
		export->index = 0;
	}
	return 0;
}

static void after_field(struct node_fields *fields, const struct export *export)
{
	char after[CATALOG_MEMBER_NAME_BYTES_MAX + 24];

	(void)snprintf(after, sizeof after, "%s/%" PRIu64,
		       catalog_charter_member_at(export->options->charter, export->place)->name,
		       export->index); /* it fits */
	node_fields_text(fields, "after", after);
}

int node_export_answer(const struct node_control_options *options,
		       const struct catalog_value *request, struct catalog_value **ret_answer,
		       struct node_error *ret_error)
{
	const char *name = catalog_value_text(catalog_value_get(request, "member"));
	const char *after = catalog_value_text(catalog_value_get(request, "after"));
	struct export export = {.options = options};
	struct node_fields fields;
	int more, r;

	r = node_answer_number(request, "limit", NODE_EXPORT_ITEMS_MAX, 1, NODE_EXPORT_ITEMS_MAX,
			       &export.limit, ret_error);
	if (r == 0 && name != NULL)
		r = node_answer_member(options, name, &export.only, ret_error);
	if (r == 0 && after != NULL)
		r = read_after(&export, after, ret_error);
	if (r == 0)
		r = node_answer_begin(options, &export.txn, "export", ret_error);
	if (r != 0)
		return r;
	export.items = catalog_value_new_list();
	more = export.items == NULL ? -ENOMEM : export_logs(&export);
	catalog_store_end(export.txn);
	catalog_buffer_close(&export.bytes);
	if (more < 0) {
		catalog_value_free(export.items);
		return node_answer_failed(ret_error, more, "export");
	}
	node_fields_init(&fields);
	node_fields_value(&fields, "items", export.items);
	if (more == 1)
		after_field(&fields, &export);
	else
		node_fields_null(&fields, "after");
	r = node_fields_close(&fields, ret_answer);
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "export");
}
