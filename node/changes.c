#include "node/changes.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalog/date.h"
#include "catalog/index.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "node/answer.h"
#include "node/evidence.h"
#include "node/fields.h"
#include "node/search.h"
#include "node/search_query.h"
#include "node/snippet.h"

#define DAY_S        (24 * 60 * 60)
#define NOT_LOOKED   UINT64_MAX
#define PRUNED_MAX   64 /* entries without bytes that are stepped over, one after the other */
#define KEYWORDS_MAX 12 /* of an item */

/* Where the answer before ended: the withdrawals of the log at `log` below `below` are next, and
 * the search goes on at `search`. */
struct place {
	bool withdrawals_done, search_done;
	uint32_t log;
	uint64_t below;
	const char *search; /* "": from the start */
};

struct changes {
	const struct node_control_options *options;
	struct catalog_txn *txn;
	struct node_search_query asked;
	struct node_snippet *snippet;
	const char *lang;
	bool has_since;
	int64_t since_s, withdrawn_since_s;
	uint64_t *firsts; /* of each log's entries: the first that may be new enough */
	size_t first_count;
	int failed; /* of what the index asks us */
	struct place place;
	struct catalog_value *items, *withdrawn;
	int64_t updated_s; /* the latest time in the answer; -1: none */
	size_t scanned;
	uint64_t missing; /* entries that the search index lacks */
	char *cursor;     /* of the search, to go on */
	struct catalog_buffer bytes, line;
};

/* --- what is asked ------------------------------------------------------------------------ */

/* "2026-11-24", or with a time, and then in which zone. */
static int read_instant(const char *text, int64_t *ret_s)
{
	int32_t day = catalog_index_facet_day(text, CATALOG_INDEX_FIRST);
	int hour = 0, minute = 0, second = 0, zone_hour = 0, zone_minute = 0;
	const char *time = strchr(text, 'T'), *zone;

	if (day == CATALOG_INDEX_FACET_NO_DAY ||
	    (time != NULL && sscanf(time, "T%2d:%2d:%2d", &hour, &minute, &second) < 2))
		return -EINVAL;
	*ret_s = (int64_t)day * DAY_S + hour * 3600 + minute * 60 + second;
	zone = time != NULL ? strpbrk(time, "+-") : NULL;
	if (zone != NULL && sscanf(zone + 1, "%2d:%2d", &zone_hour, &zone_minute) >= 1)
		*ret_s -= (zone[0] == '+' ? 1 : -1) * (zone_hour * 3600 + zone_minute * 60);
	return 0;
}

static int read_since(struct changes *changes, const struct catalog_value *request,
		      struct node_error *error)
{
	const char *text = catalog_value_text(catalog_value_get(request, "since"));

	changes->asked.query.since = 0; /* there it is about when a listing says it was modified */
	if (text == NULL || text[0] == '\0') {
		/* To the day, so that the same question has the same answer for a while. */
		changes->withdrawn_since_s =
			((int64_t)time(NULL) / DAY_S - NODE_CHANGES_DAYS) * DAY_S;
		return 0;
	}
	if (read_instant(text, &changes->since_s) != 0)
		return node_error_set(error, -EINVAL,
				      "since: \"%.40s\" is no date or time, such as 2026-11-24 or "
				      "2026-11-24T09:12:00Z",
				      text);
	changes->has_since = true;
	changes->withdrawn_since_s = changes->since_s;
	return 0;
}

/* A cursor: "log.below:" or "-:" for the withdrawals, then that of the search, or "-". */
static int read_cursor(struct changes *changes, const struct catalog_value *request,
		       struct node_error *error)
{
	const char *text = catalog_value_text(catalog_value_get(request, "cursor"));
	struct place *place = &changes->place;
	int n = 0;

	*place = (struct place){.search = "", .below = UINT64_MAX};
	if (text == NULL || text[0] == '\0')
		return 0;
	if (strncmp(text, "-:", 2) == 0) {
		place->withdrawals_done = true;
		n = 2;
	} else if (text[0] < '0' || text[0] > '9' ||
		   sscanf(text, "%9" SCNu32 ".%18" SCNu64 ":%n", &place->log, &place->below, &n) !=
			   2 ||
		   n == 0) {
		return node_error_set(error, -EINVAL,
				      "cursor: \"%.40s\" is none of an answer's; begin again "
				      "without, or take the one of the answer before",
				      text);
	}
	place->search = text + n;
	place->search_done = strcmp(place->search, "-") == 0;
	return 0;
}

/* --- times in logs ------------------------------------------------------------------------ */

/* Read an entry.  Returns 0, -ENOENT if its bytes are not here, -ENOMEM, -EIO. */
static int read_entry(struct changes *changes, uint32_t log, uint64_t index,
		      struct catalog_entry *ret_entry)
{
	int r;

	changes->bytes.len = 0;
	r = catalog_log_read(changes->txn, log, index, &changes->bytes);
	if (r == 0 && catalog_entry_decode(catalog_buffer_span(&changes->bytes), ret_entry) != 0)
		r = -EIO;
	return r;
}

/* The time of the first entry at or after index that has one here; -ENOENT if none of the next has
 * or they are not below end. */
static int time_near(struct changes *changes, uint32_t log, uint64_t index, uint64_t end,
		     int64_t *ret_s)
{
	struct catalog_entry entry;
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < PRUNED_MAX && index + i < end; i++) {
		r = read_entry(changes, log, index + i, &entry);
		if (r == 0)
			*ret_s = entry.time_s;
	}
	return r;
}

/* The first entry of a log that may be of since_s or later, a day of disorder allowed for. */
static int first_since(struct changes *changes, uint32_t log, int64_t since_s, uint64_t *ret_first)
{
	struct catalog_log_status status;
	uint64_t low = 0, high;
	int r = catalog_log_status(changes->txn, log, &status);

	high = r == 0 ? status.size : 0;
	while (r == 0 && low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t time_s = INT64_MAX; /* not known: as if it were new */

		r = time_near(changes, log, middle, high, &time_s);
		if (r == -ENOENT)
			r = 0;
		if (time_s < since_s - DAY_S)
			low = middle + 1;
		else
			high = middle;
	}
	if (r == 0)
		*ret_first = low;
	return r;
}

/* Whether an entry may be new enough: the index asks of each listing that matches. */
static bool is_wanted(void *arg, uint32_t log, uint64_t index)
{
	struct changes *changes = arg;

	if (log >= changes->first_count || changes->failed != 0)
		return false;
	if (changes->firsts[log] == NOT_LOOKED)
		changes->failed =
			first_since(changes, log, changes->since_s, &changes->firsts[log]);
	return changes->failed == 0 && index >= changes->firsts[log];
}

static int make_firsts(struct changes *changes)
{
	const struct catalog_charter *charter = changes->options->charter;

	for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
		size_t log = catalog_charter_member_at(charter, i)->index;

		if (log >= changes->first_count)
			changes->first_count = log + 1;
	}
	changes->firsts = malloc((changes->first_count + 1) * sizeof *changes->firsts);
	if (changes->firsts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < changes->first_count; i++)
		changes->firsts[i] = NOT_LOOKED;
	changes->asked.query.wants = is_wanted;
	changes->asked.query.wants_arg = changes;
	return 0;
}

static void note_time(struct changes *changes, int64_t time_s)
{
	if (time_s > changes->updated_s)
		changes->updated_s = time_s;
}

/* --- listings ----------------------------------------------------------------------------- */

/* The keywords in the language of the title, or of any. */
static struct catalog_value *keywords_of(const struct catalog_value *listing, const char *tag)
{
	const struct catalog_value *all = catalog_value_get(listing, "keyword");
	const struct catalog_value *list = tag != NULL ? catalog_value_get(all, tag) : NULL;
	struct catalog_value *keywords = catalog_value_new_list();
	int r = keywords == NULL ? -ENOMEM : 0;

	if (list == NULL && catalog_value_count(all) > 0)
		list = catalog_value_at(all, 0, NULL);
	for (size_t i = 0; r == 0 && i < catalog_value_count(list) && i < KEYWORDS_MAX; i++)
		r = catalog_value_append(keywords,
					 catalog_value_clone(catalog_value_at(list, i, NULL)));
	if (r == 0)
		return keywords;
	catalog_value_free(keywords);
	return NULL;
}

static int add_item(struct changes *changes, const struct catalog_member *member, uint64_t index,
		    const struct catalog_entry *entry, const struct catalog_value *listing)
{
	const struct catalog_value *publisher =
		catalog_value_get(catalog_value_get(listing, "publisher"), "name");
	const char *title_tag = NULL, *tag = NULL;
	struct node_fields fields;
	int r;

	changes->line.len = 0;
	r = node_snippet_of(changes->snippet, catalog_value_get(listing, "description"),
			    changes->lang, &changes->line, &tag);
	if (r != 0 && r != -ENOENT)
		return r;
	node_fields_init(&fields);
	node_fields_text(&fields, "member", member->name);
	node_fields_text(&fields, "id", entry->id);
	node_fields_text(&fields, "title",
			 catalog_listing_text(catalog_value_get(listing, "title"), changes->lang,
					      &title_tag));
	node_fields_text(&fields, "title_lang", title_tag);
	if (r == 0)
		node_fields_value(&fields, "summary",
				  catalog_value_new_string_n((const char *)changes->line.bytes,
							     changes->line.len));
	else
		node_fields_null(&fields, "summary");
	node_fields_text(&fields, "summary_lang", tag);
	node_fields_text(&fields, "publisher",
			 catalog_listing_text(publisher, changes->lang, NULL));
	node_fields_value(&fields, "keywords", keywords_of(listing, title_tag));
	node_fields_count(&fields, "entry", index);
	node_fields_time(&fields, "updated", entry->time_s);
	node_evidence_fields(&fields, changes->options->public_url, member->name, entry->id);
	note_time(changes, entry->time_s);
	return node_fields_append(&fields, changes->items);
}

static int take_hit(struct changes *changes, const struct catalog_hit *hit)
{
	const struct catalog_member *member =
		catalog_charter_member(changes->options->charter, hit->log);
	struct catalog_value *listing = NULL;
	struct catalog_entry entry;
	int r = node_answer_entry(changes->txn, hit->log, hit->index, &changes->bytes, &entry,
				  &listing);

	if (r == -EBADMSG || (r == 0 && member == NULL))
		r = -EIO; /* the index has listings of members alone */
	if (r == 0 && (!changes->has_since || entry.time_s >= changes->since_s))
		r = add_item(changes, member, hit->index, &entry, listing);
	catalog_value_free(listing);
	return r;
}

static int find_items(struct changes *changes, const char **ret_why)
{
	struct catalog_query *query = &changes->asked.query;
	struct catalog_found found = {0};
	int r = changes->has_since ? make_firsts(changes) : 0;

	query->sort = CATALOG_QUERY_BY_ENTRY;
	query->lenient = false; /* who mirrors wants what was asked for, and nothing like it */
	query->offset = 0;
	query->facets = 0;
	query->explain = false;
	query->cursor = changes->place.search[0] != '\0' ? changes->place.search : NULL;
	if (r == 0)
		r = catalog_index_find(changes->txn, query, &found, ret_why);
	if (r == 0)
		r = changes->failed;
	for (size_t i = 0; i < found.count && r == 0; i++)
		r = take_hit(changes, &found.hits[i]);
	changes->missing = found.missing;
	changes->cursor = found.cursor;
	found.cursor = NULL; /* ours now */
	catalog_index_found_close(&found);
	return r;
}

/* --- withdrawals -------------------------------------------------------------------------- */

static int add_withdrawal(struct changes *changes, const struct catalog_member *member,
			  uint64_t index, const struct catalog_entry *entry)
{
	struct catalog_value *body = NULL;
	struct node_fields fields;
	uint64_t newest;
	int r = catalog_log_find(changes->txn, member->index, CATALOG_ENTRY_PUT, entry->id, &newest,
				 NULL);

	if (r != 0 || newest != index || entry->time_s < changes->withdrawn_since_s)
		return r == -ENOENT ? -EIO : r;
	r = catalog_value_decode(entry->body, &body);
	if (r == -ENOMEM)
		return r;
	node_fields_init(&fields);
	node_fields_text(&fields, "member", member->name);
	node_fields_text(&fields, "id", entry->id);
	node_fields_time(&fields, "time", entry->time_s);
	node_fields_text(&fields, "reason", catalog_value_text(catalog_value_get(body, "reason")));
	node_fields_count(&fields, "entry", index);
	catalog_value_free(body);
	note_time(changes, entry->time_s);
	return node_fields_append(&fields, changes->withdrawn);
}

static bool is_full(const struct changes *changes)
{
	return catalog_value_count(changes->withdrawn) >= NODE_CHANGES_WITHDRAWN_MAX ||
	       changes->scanned >= NODE_CHANGES_SCANNED_MAX;
}

/* The withdrawals of one log, from its place downward.  Returns 0 at the end, 1 if the answer is
 * full. */
static int walk_log(struct changes *changes, const struct catalog_member *member)
{
	struct catalog_log_status status;
	uint64_t first;
	int r = catalog_log_status(changes->txn, member->index, &status);

	if (r != 0 || status.withdrawn == 0)
		return r;
	r = first_since(changes, member->index, changes->withdrawn_since_s, &first);
	if (r != 0)
		return r;
	if (changes->place.below > status.size)
		changes->place.below = status.size;
	if (!changes->has_since && status.size - first > NODE_CHANGES_NEWEST)
		first = status.size - NODE_CHANGES_NEWEST;
	while (changes->place.below > first) {
		struct catalog_entry entry;

		if (is_full(changes))
			return 1;
		changes->scanned++;
		r = read_entry(changes, member->index, changes->place.below - 1, &entry);
		if (r == 0 && entry.kind == CATALOG_ENTRY_WITHDRAW)
			r = add_withdrawal(changes, member, changes->place.below - 1, &entry);
		if (r != 0 && r != -ENOENT)
			return r;
		changes->place.below--;
	}
	return 0;
}

/* Log by log, in the order of their numbers. */
static int walk(struct changes *changes)
{
	const struct catalog_charter *charter = changes->options->charter;
	struct place *place = &changes->place;

	for (;;) {
		const struct catalog_member *next = NULL;
		int r;

		for (size_t i = 0; i < catalog_charter_member_count(charter); i++) {
			const struct catalog_member *one = catalog_charter_member_at(charter, i);
			const char *only = changes->asked.query.member;

			if (one->index >= place->log &&
			    (next == NULL || one->index < next->index) &&
			    (only == NULL || strcmp(only, one->name) == 0))
				next = one;
		}
		if (next == NULL) {
			place->withdrawals_done = true;
			return 0;
		}
		if (next->index != place->log)
			place->below = UINT64_MAX;
		place->log = next->index;
		r = walk_log(changes, next);
		if (r != 0)
			return r < 0 ? r : 0;
		place->log++;
		place->below = UINT64_MAX;
	}
}

/* --- the answer --------------------------------------------------------------------------- */

/* When the newest entry of all was signed; -1 if there is none. */
static int newest_time(struct changes *changes, int64_t *ret_s)
{
	const struct catalog_charter *charter = changes->options->charter;
	int r = 0;

	*ret_s = -1;
	for (size_t i = 0; i < catalog_charter_member_count(charter) && r == 0; i++) {
		struct catalog_log_status status;

		r = catalog_log_status(changes->txn, catalog_charter_member_at(charter, i)->index,
				       &status);
		if (r == 0 && status.size > 0 && status.time_s > *ret_s)
			*ret_s = status.time_s;
	}
	return r;
}

static void add_cursor(struct changes *changes, struct node_fields *fields)
{
	struct catalog_buffer text = {0};
	const struct place *place = &changes->place;
	int r;

	if (place->withdrawals_done && changes->cursor == NULL)
		return;
	r = place->withdrawals_done
		    ? catalog_buffer_print(&text, "-:")
		    : catalog_buffer_print(&text, "%" PRIu32 ".%" PRIu64 ":", place->log,
					   place->below == UINT64_MAX ? UINT64_C(999999999999999999)
								      : place->below);
	if (r == 0)
		r = catalog_buffer_print(&text, "%s",
					 changes->cursor != NULL ? changes->cursor : "-");
	node_fields_value(fields, "cursor",
			  r == 0 ? catalog_value_new_string_n((const char *)text.bytes, text.len)
				 : NULL);
	catalog_buffer_close(&text);
}

static int make_answer(struct changes *changes, struct catalog_value **ret_answer)
{
	struct node_fields fields;
	int r = changes->updated_s >= 0 ? 0 : newest_time(changes, &changes->updated_s);

	if (r != 0)
		return r;
	node_fields_init(&fields);
	if (changes->updated_s >= 0)
		node_fields_time(&fields, "updated", changes->updated_s);
	else
		node_fields_null(&fields, "updated");
	if (changes->missing > 0)
		node_fields_count(&fields, "index_missing", changes->missing);
	node_fields_value(&fields, "items", changes->items);
	node_fields_value(&fields, "withdrawn", changes->withdrawn);
	changes->items = changes->withdrawn = NULL; /* taken */
	add_cursor(changes, &fields);
	return node_fields_close(&fields, ret_answer);
}

static int answer(struct changes *changes, struct catalog_value **ret_answer, const char **ret_why)
{
	int r;

	changes->items = catalog_value_new_list();
	changes->withdrawn = catalog_value_new_list();
	if (changes->items == NULL || changes->withdrawn == NULL)
		return -ENOMEM;
	r = node_snippet_new(changes->asked.query.text, &changes->snippet);
	if (r == 0 && !changes->place.search_done)
		r = find_items(changes, ret_why);
	if (r == 0 && !changes->place.withdrawals_done)
		r = walk(changes);
	if (!changes->has_since)
		changes->place.withdrawals_done = true; /* who wants all says since when */
	return r == 0 ? make_answer(changes, ret_answer) : r;
}

int node_changes_answer(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error)
{
	struct changes *changes = calloc(1, sizeof *changes);
	const char *why = "";
	int r;

	if (changes == NULL)
		return node_error_set(ret_error, -ENOMEM, "out of memory");
	changes->options = options;
	changes->lang = catalog_value_text(catalog_value_get(request, "lang"));
	changes->updated_s = -1;
	r = node_search_query_read(options, request, &changes->asked, ret_error);
	if (r == 0)
		r = read_since(changes, request, ret_error);
	if (r == 0)
		r = read_cursor(changes, request, ret_error);
	if (r == 0)
		r = node_answer_begin(options, &changes->txn, "changes", ret_error);
	if (r != 0)
		goto out;
	r = answer(changes, ret_answer, &why);
	catalog_store_end(changes->txn);
	if (r != 0)
		r = node_search_failed(ret_error, r, why);
out:
	catalog_value_free(changes->items);
	catalog_value_free(changes->withdrawn);
	node_snippet_free(changes->snippet);
	catalog_buffer_close(&changes->bytes);
	catalog_buffer_close(&changes->line);
	free(changes->firsts);
	free(changes->cursor);
	free(changes);
	return r;
}
