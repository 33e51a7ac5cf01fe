#include "node/search.h"

#include <errno.h>
#include <string.h>

#include "catalog/index.h"
#include "catalog/index_rebuild.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "node/answer.h"
#include "node/evidence.h"
#include "node/fields.h"
#include "node/search_query.h"
#include "node/snippet.h"

struct search {
	const struct node_control_options *options;
	struct catalog_txn *txn;
	struct node_snippet *snippet;
	const char *lang;
	const struct catalog_query *query;
	struct catalog_buffer bytes, line;
};

/* The text of a hit's modified, or of what says nearly the same. */
static const char *modified_of(const struct catalog_value *listing)
{
	const char *text = catalog_value_text(catalog_value_get(listing, "modified"));

	return text != NULL ? text : catalog_value_text(catalog_value_get(listing, "issued"));
}

struct usage {
	const struct catalog_index_policy_question *question;
	enum catalog_index_policy_answer answer;
	char reason[CATALOG_INDEX_FACET_BYTES_MAX + 40];
};

static int answer_line(void *arg, enum catalog_index_facet facet, const char *text, size_t len)
{
	struct usage *usage = arg;
	struct catalog_span line = {(const uint8_t *)text, len};

	(void)facet; /* it is that of policies */
	usage->answer = catalog_index_policy_ask(line, usage->question, usage->reason,
						 sizeof usage->reason);
	return 1;
}

/* What the listing's policy answers to the question that was asked. */
static void add_usage(const struct search *search, const struct catalog_value *listing,
		      struct node_fields *fields)
{
	struct catalog_index_policy_question question;
	struct catalog_index_policy_text text;
	struct usage usage = {.question = &question};

	if (search->query->usage == NULL ||
	    catalog_index_policy_read(search->query->usage, &text, &question) != 0)
		return;
	if (catalog_index_policy_values(listing, answer_line, &usage) == 0)
		usage.answer = catalog_index_policy_ask((struct catalog_span){0}, &question,
							usage.reason, sizeof usage.reason);
	node_fields_text(fields, "usage", catalog_index_policy_word(usage.answer));
	node_fields_text(fields, "usage_reason", usage.reason);
}

static int add_hit(struct search *search, const struct catalog_hit *hit, struct catalog_value *hits)
{
	const struct catalog_member *member =
		catalog_charter_member(search->options->charter, hit->log);
	const char *title, *title_tag = NULL, *tag = NULL;
	struct catalog_value *listing = NULL;
	struct catalog_entry entry;
	struct node_fields fields;
	int r;

	r = node_answer_entry(search->txn, hit->log, hit->index, &search->bytes, &entry, &listing);
	if (r == -EBADMSG || (r == 0 && member == NULL))
		r = -EIO; /* the index has listings of members alone */
	if (r != 0)
		goto out;
	search->line.len = 0;
	r = node_snippet_of(search->snippet, catalog_value_get(listing, "description"),
			    search->lang, &search->line, &tag);
	if (r != 0 && r != -ENOENT)
		goto out;
	title = catalog_listing_text(catalog_value_get(listing, "title"), search->lang, &title_tag);
	node_fields_init(&fields);
	node_fields_text(&fields, "member", member->name);
	node_fields_text(&fields, "id", entry.id);
	node_fields_text(&fields, "title", title);
	node_fields_text(&fields, "title_lang", title_tag);
	if (r == 0)
		node_fields_value(&fields, "snippet",
				  catalog_value_new_string_n((const char *)search->line.bytes,
							     search->line.len));
	else
		node_fields_null(&fields, "snippet");
	node_fields_text(&fields, "snippet_lang", tag);
	node_fields_count(&fields, "entry", hit->index);
	node_fields_value(&fields, "score", catalog_value_new_double(hit->score));
	node_fields_text(&fields, "modified", modified_of(listing));
	add_usage(search, listing, &fields);
	if (hit->explanation != NULL)
		node_fields_text(&fields, "explanation", hit->explanation);
	node_evidence_fields(&fields, search->options->public_url, member->name, entry.id);
	r = node_fields_append(&fields, hits);
out:
	catalog_value_free(listing);
	return r;
}

int node_search_failed(struct node_error *error, int r, const char *why)
{
	if (r == -ESTALE)
		return node_error_set(error, -EINVAL,
				      "cursor: it is none of this search; begin again without, or "
				      "take the one of the answer before, and change nothing else");
	if ((r == -E2BIG || r == -EINVAL) && why[0] != '\0')
		return node_error_set(error, r, "search: %s", why);
	if (r == -EPROTONOSUPPORT)
		return node_error_set(error, r,
				      "search: the search index was written by another version of "
				      "fedcat, and is about to be made anew; try again");
	return node_answer_failed(error, r, "search");
}

/* --- facets ------------------------------------------------------------------------------- */

static struct catalog_value *facet_values(const struct catalog_facet *facet, const char *name)
{
	struct catalog_value *list = catalog_value_new_list();
	int r = list == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r == 0 && i < facet->count; i++) {
		struct node_fields fields;

		node_fields_init(&fields);
		node_fields_text(&fields, name, facet->values[i].value);
		node_fields_count(&fields, "count", facet->values[i].count);
		r = node_fields_append(&fields, list);
	}
	if (r == 0)
		return list;
	catalog_value_free(list);
	return NULL;
}

static struct catalog_value *usage_counts(const struct catalog_found *found)
{
	struct catalog_value *usage = NULL;
	struct node_fields fields;

	node_fields_init(&fields);
	for (int i = 0; i < CATALOG_INDEX_POLICY_ANSWERS; i++)
		node_fields_count(&fields,
				  catalog_index_policy_word((enum catalog_index_policy_answer)i),
				  found->usage[i]);
	return node_fields_close(&fields, &usage) == 0 ? usage : NULL;
}

/* The facets that were asked for; policies only as what they answer. */
static void add_facets(const struct catalog_query *query, const struct catalog_found *found,
		       struct node_fields *to)
{
	struct catalog_value *facets = catalog_value_new_map();
	int r = facets == NULL ? -ENOMEM : 0;

	for (int f = 0; r == 0 && f < CATALOG_INDEX_FACET_POLICY; f++)
		if ((query->facets >> f & 1) != 0)
			r = catalog_value_set(facets,
					      catalog_index_facet_name((enum catalog_index_facet)f),
					      facet_values(&found->facets[f], "value"));
	if (r == 0 && query->usage != NULL)
		r = catalog_value_set(facets, "usage", usage_counts(found));
	if (r != 0) {
		catalog_value_free(facets);
		facets = NULL;
	}
	node_fields_value(to, "facets", facets);
}

/* What is said of the answer as a whole, where there is something to say. */
static void add_remarks(const struct catalog_found *found, struct node_fields *fields)
{
	if (found->cursor != NULL)
		node_fields_text(fields, "cursor", found->cursor);
	if (found->did_you_mean != NULL)
		node_fields_text(fields, "did_you_mean", found->did_you_mean);
	if (found->partial)
		node_fields_value(fields, "partial", catalog_value_new_bool(true));
	if (found->missing > 0)
		node_fields_count(fields, "index_missing", found->missing);
}

int node_search_answer(const struct node_control_options *options,
		       const struct catalog_value *request, struct catalog_value **ret_answer,
		       struct node_error *ret_error)
{
	struct search search = {.options = options,
				.lang = catalog_value_text(catalog_value_get(request, "lang"))};
	struct catalog_value *list = NULL;
	struct catalog_found found = {0};
	struct node_search_query asked;
	struct node_fields fields;
	const char *why = "";
	int r;

	r = node_search_query_read(options, request, &asked, ret_error);
	if (r == 0)
		r = node_answer_begin(options, &search.txn, "search", ret_error);
	if (r != 0)
		return r;
	search.query = &asked.query;
	list = catalog_value_new_list();
	r = list == NULL ? -ENOMEM : node_snippet_new(asked.query.text, &search.snippet);
	if (r == 0)
		r = catalog_index_find(search.txn, &asked.query, &found, &why);
	for (size_t i = 0; i < found.count && r == 0; i++)
		r = add_hit(&search, &found.hits[i], list);
	catalog_store_end(search.txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_count(&fields, "total", found.total);
		if (found.more > 0)
			node_fields_count(&fields, "more", found.more);
		node_fields_count(&fields, "offset", asked.query.offset);
		node_fields_value(&fields, "hits", list);
		list = NULL; /* taken */
		add_remarks(&found, &fields);
		if (asked.query.facets != 0)
			add_facets(&asked.query, &found, &fields);
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_value_free(list);
	catalog_index_found_close(&found);
	node_snippet_free(search.snippet);
	catalog_buffer_close(&search.bytes);
	catalog_buffer_close(&search.line);
	return r == 0 ? 0 : node_search_failed(ret_error, r, why);
}

int node_search_suggest(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error)
{
	const char *text = catalog_value_text(catalog_value_get(request, "text"));
	struct catalog_facet words = {0};
	struct node_fields fields;
	struct catalog_txn *txn;
	int r = node_answer_begin(options, &txn, "suggest", ret_error);

	if (r != 0)
		return r;
	r = catalog_index_suggest(txn, text != NULL ? text : "", &words);
	catalog_store_end(txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_value(&fields, "words", facet_values(&words, "word"));
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_index_suggest_close(&words);
	return r == 0 ? 0 : node_search_failed(ret_error, r, "");
}

struct reindex {
	const struct catalog_charter *charter;
	bool begin, more;
	uint64_t done;
};

static int reindex_step(struct catalog_txn *txn, void *arg)
{
	struct reindex *reindex = arg;
	int r = reindex->begin ? catalog_index_rebuild_ask(txn) : 0;

	return r == 0 ? catalog_index_rebuild_step(txn, reindex->charter, &reindex->done,
						   &reindex->more)
		      : r;
}

int node_search_reindex(const struct node_control_options *options,
			const struct catalog_value *request, struct catalog_value **ret_answer,
			struct node_error *ret_error)
{
	const struct catalog_value *begin = catalog_value_get(request, "begin");
	struct reindex reindex = {.charter = options->charter,
				  .begin = begin != NULL && catalog_value_bool(begin)};
	struct node_fields fields;
	int r = catalog_store_write(options->store, reindex_step, &reindex);

	if (r == 0) {
		node_fields_init(&fields);
		node_fields_count(&fields, "done", reindex.done);
		node_fields_bool(&fields, "more", reindex.more);
		r = node_fields_close(&fields, ret_answer);
	}
	return r == 0 ? 0 : node_answer_failed(ret_error, r, "reindex");
}
