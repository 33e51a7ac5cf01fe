#include "node/search.h"

#include <errno.h>
#include <string.h>

#include "catalog/index.h"
#include "catalog/listing.h"
#include "catalog/log.h"
#include "node/answer.h"
#include "node/evidence.h"
#include "node/fields.h"
#include "node/snippet.h"

struct search {
	const struct node_control_options *options;
	struct catalog_txn *txn;
	struct node_snippet *snippet;
	const char *lang;
	struct catalog_buffer bytes, line;
};

/* The text of a hit's modified, or of what says nearly the same. */
static const char *modified_of(const struct catalog_value *listing)
{
	const char *text = catalog_value_text(catalog_value_get(listing, "modified"));

	return text != NULL ? text : catalog_value_text(catalog_value_get(listing, "issued"));
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
	node_evidence_fields(&fields, search->options->public_url, member->name, entry.id);
	r = node_fields_append(&fields, hits);
out:
	catalog_value_free(listing);
	return r;
}

static int search_failed(struct node_error *error, int r)
{
	if (r == -E2BIG)
		return node_error_set(error, r,
				      "search: the query is too long; at most %d words and %d "
				      "bytes",
				      CATALOG_INDEX_QUERY_WORDS_MAX, CATALOG_INDEX_QUERY_BYTES_MAX);
	if (r == -EPROTONOSUPPORT)
		return node_error_set(error, r,
				      "search: the search index was written by another version of "
				      "fedcat; update fedcat");
	return node_answer_failed(error, r, "search");
}

static int read_query(const struct node_control_options *options,
		      const struct catalog_value *request, struct catalog_query *query,
		      char country[3], struct node_error *error)
{
	const char *text = catalog_value_text(catalog_value_get(request, "text"));
	const char *given = catalog_value_text(catalog_value_get(request, "country"));
	const struct catalog_member *member;
	int r;

	query->text = text != NULL ? text : "";
	query->member = catalog_value_text(catalog_value_get(request, "member"));
	query->theme = catalog_value_text(catalog_value_get(request, "theme"));
	if (query->member != NULL &&
	    (r = node_answer_member(options, query->member, &member, error)) != 0)
		return r;
	if (given != NULL) {
		for (size_t i = 0; i < 2; i++) {
			country[i] = given[i];
			if (given[i] >= 'a' && given[i] <= 'z')
				country[i] = (char)(given[i] - 'a' + 'A');
			if (country[i] < 'A' || country[i] > 'Z')
				break;
		}
		country[2] = '\0';
		if (strlen(given) != 2 || country[0] < 'A' || country[0] > 'Z' ||
		    country[1] < 'A' || country[1] > 'Z')
			return node_error_set(error, -EINVAL,
					      "country: \"%.40s\" is no country's code; it is two "
					      "letters (ISO 3166-1), such as KE",
					      given);
		query->country = country;
	}
	r = node_answer_number(request, "offset", 0, 0, CATALOG_INDEX_WINDOW_MAX, &query->offset,
			       error);
	if (r == 0)
		r = node_answer_number(request, "limit", NODE_SEARCH_HITS_DEFAULT, 1,
				       NODE_SEARCH_HITS_MAX, &query->limit, error);
	if (r == 0 && query->offset + query->limit > CATALOG_INDEX_WINDOW_MAX)
		r = node_error_set(error, -E2BIG,
				   "search: only the first %d hits can be paged through; add words "
				   "or filters",
				   CATALOG_INDEX_WINDOW_MAX);
	return r;
}

int node_search_answer(const struct node_control_options *options,
		       const struct catalog_value *request, struct catalog_value **ret_answer,
		       struct node_error *ret_error)
{
	struct search search = {.options = options,
				.lang = catalog_value_text(catalog_value_get(request, "lang"))};
	struct catalog_hit hits[NODE_SEARCH_HITS_MAX];
	struct catalog_value *list = NULL;
	struct catalog_query query = {0};
	struct node_fields fields;
	uint64_t total = 0;
	char country[3];
	size_t count = 0;
	int r;

	r = read_query(options, request, &query, country, ret_error);
	if (r == 0)
		r = node_answer_begin(options, &search.txn, "search", ret_error);
	if (r != 0)
		return r;
	list = catalog_value_new_list();
	r = list == NULL ? -ENOMEM : node_snippet_new(query.text, &search.snippet);
	if (r == 0)
		r = catalog_index_search(search.txn, &query, hits, &count, &total);
	for (size_t i = 0; i < count && r == 0; i++)
		r = add_hit(&search, &hits[i], list);
	catalog_store_end(search.txn);
	if (r == 0) {
		node_fields_init(&fields);
		node_fields_count(&fields, "total", total);
		node_fields_count(&fields, "offset", query.offset);
		node_fields_value(&fields, "hits", list);
		list = NULL; /* taken */
		r = node_fields_close(&fields, ret_answer);
	}
	catalog_value_free(list);
	node_snippet_free(search.snippet);
	catalog_buffer_close(&search.bytes);
	catalog_buffer_close(&search.line);
	return r == 0 ? 0 : search_failed(ret_error, r);
}
