#include "tools/command_search.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/theme.h"
#include "catalog/value_get.h"
#include "tools/output.h"

#define REINDEX_A_LINE 10000u /* listings between two lines of progress */
#define LIMIT_MAX      100
#define LIMIT_STANDARD 10
#define OFFSET_MAX     100000000
#define QUERY_BYTES    4096

/* The arguments as one query. */
static int join_words(const struct tools_call *call, char ret_query[QUERY_BYTES])
{
	size_t len = 0;

	ret_query[0] = '\0';
	for (size_t i = 0; i < call->word_count; i++) {
		int added = snprintf(ret_query + len, QUERY_BYTES - len, "%s%s", i > 0 ? " " : "",
				     call->words[i]);

		if (added < 0 || (size_t)added >= QUERY_BYTES - len)
			return tools_call_fail(
				call, TOOLS_EXIT_USAGE,
				"the query is longer than %d bytes; leave some words out",
				QUERY_BYTES - 1);
		len += (size_t)added;
	}
	return 0;
}

static int make_request(const struct tools_call *call, const char *query,
			struct catalog_value **ret_request)
{
	static const char *const filters[] = {"member", "country", "theme",    "sector",  "licence",
					      "format", "access",  "language", "keyword", "year",
					      "doi",    "usage",   "since",    "time",    "bbox",
					      "box",    "sort",    "facets",   "cursor"};
	struct catalog_value *request = tools_call_request("search");
	unsigned long limit, offset;
	int status;

	status = tools_call_number(call, "limit", 1, LIMIT_MAX, LIMIT_STANDARD, &limit);
	if (status == 0)
		status = tools_call_number(call, "offset", 0, OFFSET_MAX, 0, &offset);
	if (status != 0) {
		catalog_value_free(request);
		return status;
	}
	request = tools_call_with(request, "text", query[0] != '\0' ? query : NULL);
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
		request = tools_call_with(request, filters[i], tools_call_option(call, filters[i]));
	request = tools_call_with(request, "explain",
				  tools_call_option(call, "explain") != NULL ? "1" : NULL);
	request = tools_call_with(request, "lang", call->lang[0] != '\0' ? call->lang : NULL);
	request = tools_call_with_value(request, "limit", catalog_value_new_int((int64_t)limit));
	request = tools_call_with_value(request, "offset", catalog_value_new_int((int64_t)offset));
	*ret_request = request;
	return 0;
}

static void show_remark(const struct tools_terminal *t, const char *remark)
{
	if (remark[0] == '\0')
		return;
	tools_terminal_print(t, "     ");
	tools_terminal_wrap(t, TOOLS_TERMINAL_DIM, remark, 5);
}

static void show_hit(const struct tools_terminal *t, const struct catalog_value *hit,
		     uint64_t number)
{
	const char *modified = catalog_value_get_text(hit, "modified"),
		   *snippet = catalog_value_get_text(hit, "snippet");
	char id[CATALOG_MEMBER_NAME_BYTES_MAX + CATALOG_ID_BYTES_MAX + 2];
	char day[sizeof "2026-11-24"];

	(void)snprintf(day, sizeof day, "%s", modified); /* without the time of day */
	tools_terminal_print(t, "%3" PRIu64 "  ", number);
	tools_terminal_wrap(t, TOOLS_TERMINAL_BOLD, catalog_value_get_text(hit, "title"), 5);
	(void)snprintf(id, sizeof id, "%s/%s", catalog_value_get_text(hit, "member"),
		       catalog_value_get_text(hit, "id"));
	tools_terminal_print(t, "     ");
	tools_terminal_text(t, TOOLS_TERMINAL_GOOD, id);
	if (modified[0] != '\0') {
		tools_terminal_print(t, "  ");
		tools_terminal_text(t, TOOLS_TERMINAL_DIM, day);
	}
	tools_terminal_print(t, "\n");
	if (snippet[0] != '\0') {
		tools_terminal_print(t, "     ");
		tools_terminal_wrap(t, TOOLS_TERMINAL_PLAIN, snippet, 5);
	}
	show_remark(t, catalog_value_get_text(hit, "explanation"));
	show_remark(t, catalog_value_get_text(hit, "usage_reason"));
}

/* What is meant, and what was given instead. */
static void show_help(const struct tools_terminal *t, const struct catalog_value *answer)
{
	const char *meant = catalog_value_get_text(answer, "did_you_mean");
	uint64_t more = catalog_value_get_count(answer, "more"),
		 missing = catalog_value_get_count(answer, "index_missing");
	char count[TOOLS_OUTPUT_TEXT_BYTES];

	if (meant[0] != '\0') {
		tools_terminal_print(t, "Did you mean: ");
		tools_terminal_text(t, TOOLS_TERMINAL_BOLD, meant);
		tools_terminal_print(t, "\n");
	}
	if (more > 0) {
		tools_output_count(more, count);
		tools_terminal_print(t, "%s%s more with some of the words.\n",
				     catalog_value_get_count(answer, "total") > 0
					     ? "Then "
					     : "No dataset has all; ",
				     count);
	}
	tools_output_count(missing, count);
	if (missing > 0)
		tools_terminal_print(t, "The search index lacks %s entries: there may be more.\n",
				     count);
	else if (catalog_value_get(answer, "partial") != NULL)
		tools_terminal_print(t, "Not everything could be looked at: there may be more.\n");
}

static void show_value(const struct tools_terminal *t, const char *facet, const char *value,
		       const char *count)
{
	const char *label = strcmp(facet, "theme") == 0 ? catalog_theme_label(value) : NULL;

	tools_terminal_print(t, "%12s  ", count);
	tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, value);
	if (label != NULL) {
		tools_terminal_print(t, "  ");
		tools_terminal_text(t, TOOLS_TERMINAL_DIM, label);
	}
	tools_terminal_print(t, "\n");
}

static void show_facets(const struct tools_terminal *t, const struct catalog_value *facets)
{
	for (size_t i = 0; i < catalog_value_count(facets); i++) {
		const char *facet, *name;
		const struct catalog_value *values = catalog_value_at(facets, i, &facet);
		char count[TOOLS_OUTPUT_TEXT_BYTES];

		if (catalog_value_count(values) == 0)
			continue;
		tools_terminal_print(t, "\n");
		tools_terminal_text(t, TOOLS_TERMINAL_BOLD, facet);
		tools_terminal_print(t, "\n");
		for (size_t k = 0; k < catalog_value_count(values); k++) {
			const struct catalog_value *value = catalog_value_at(values, k, &name);
			bool listed = catalog_value_type(value) == CATALOG_VALUE_MAP;

			tools_output_count(listed ? catalog_value_get_count(value, "count")
						  : catalog_value_get_count(values, name),
					   count);
			show_value(t, facet, listed ? catalog_value_get_text(value, "value") : name,
				   count);
		}
	}
}

/* Whether a value needs no quotes in a shell. */
static bool is_plain(const char *value)
{
	return value[0] != '\0' && value[0] != '-' &&
	       value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._/:+-")] == '\0';
}

/* How to go on from counts: the first that a shell takes as it is. */
static void show_narrowing(const struct tools_terminal *t, const struct catalog_value *facets)
{
	for (size_t i = 0; i < catalog_value_count(facets); i++) {
		const char *name;
		const struct catalog_value *values = catalog_value_at(facets, i, &name);

		for (size_t k = 0; k < catalog_value_count(values); k++) {
			const char *value =
				catalog_value_get_text(catalog_value_at(values, k, NULL), "value");

			if (!is_plain(value))
				continue;
			tools_terminal_print(t, "Narrow:  add --");
			tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, name);
			tools_terminal_print(t, " ");
			tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, value);
			tools_terminal_print(t, "\n");
			return;
		}
	}
}

static void show_hits(const struct tools_call *call, const struct catalog_value *answer,
		      const char *query)
{
	const struct catalog_value *hits = catalog_value_get(answer, "hits");
	uint64_t total = catalog_value_get_count(answer, "total"),
		 offset = catalog_value_get_count(answer, "offset");
	uint64_t all = total + catalog_value_get_count(answer, "more");
	uint64_t last = offset + catalog_value_count(hits);
	const struct tools_terminal *t = &call->out;
	char count[TOOLS_OUTPUT_TEXT_BYTES];

	tools_output_count(total, count);
	if (total == 0)
		tools_terminal_print(t, "No dataset");
	else
		tools_terminal_print(t, "%s dataset%s", count, total == 1 ? "" : "s");
	if (query[0] != '\0') {
		tools_terminal_print(t, " match%s \"", total == 1 || total == 0 ? "es" : "");
		tools_terminal_text(t, TOOLS_TERMINAL_BOLD, query);
		tools_terminal_print(t, "\"");
	}
	if (all == 0) {
		tools_terminal_print(t, ".\n");
		show_help(t, answer);
		tools_terminal_wrap(t, TOOLS_TERMINAL_PLAIN,
				    "Try fewer words or filters; `fedcat status` shows what this "
				    "node holds.",
				    0);
		return;
	}
	if (catalog_value_count(hits) < all && last == offset + 1)
		tools_terminal_print(t, "; this is number %" PRIu64, last);
	else if (catalog_value_count(hits) < all && last > offset)
		tools_terminal_print(t, "; these are %" PRIu64 " to %" PRIu64, offset + 1, last);
	tools_terminal_print(t, "\n");
	show_help(t, answer);
	for (size_t i = 0; i < catalog_value_count(hits); i++) {
		tools_terminal_print(t, "\n");
		show_hit(t, catalog_value_at(hits, i, NULL), offset + i + 1);
	}
	show_facets(t, catalog_value_get(answer, "facets"));
	if (t->columns > 0 && catalog_value_count(hits) > 0) {
		const struct catalog_value *first = catalog_value_at(hits, 0, NULL);

		tools_terminal_print(t, "\nSee one: fedcat show ");
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN,
				    catalog_value_get_text(first, "member"));
		tools_terminal_print(t, "/");
		tools_terminal_text(t, TOOLS_TERMINAL_PLAIN, catalog_value_get_text(first, "id"));
		tools_terminal_print(t, "\n");
		if (last < all && catalog_value_get_text(answer, "cursor")[0] != '\0' &&
		    tools_call_option(call, "cursor") != NULL)
			tools_terminal_print(t, "More:    --cursor %s\n",
					     catalog_value_get_text(answer, "cursor"));
		else if (last < all)
			tools_terminal_print(t, "More:    add --offset %" PRIu64 "\n", last);
		if (catalog_value_get(answer, "facets") != NULL)
			show_narrowing(t, catalog_value_get(answer, "facets"));
		else if (last < all)
			tools_terminal_print(t, "Narrow:  add --facets all to see by what\n");
	}
}

int tools_command_search_run(const struct tools_call *call)
{
	struct catalog_value *request = NULL, *answer = NULL;
	struct node_client *client = NULL;
	char query[QUERY_BYTES];
	int status;

	status = join_words(call, query);
	if (status == 0)
		status = make_request(call, query, &request);
	if (status != 0)
		return status;
	status = tools_call_open(call, &client);
	if (status != 0) {
		catalog_value_free(request);
		return status;
	}
	status = tools_call_ask(call, client, request, &answer);
	if (status == 0 && call->json)
		status = tools_call_print_json(call, answer);
	else if (status == 0)
		show_hits(call, answer, query);
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

/* Whether no shell finds anything to expand in a word. */
static bool is_word(const char *word)
{
	for (; *word != '\0'; word++) {
		unsigned char c = (unsigned char)*word;

		if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9'))
			return false;
	}
	return true;
}

int tools_command_search_complete(const struct tools_call *call, const char *text)
{
	struct catalog_value *answer = NULL;
	struct node_client *client = NULL;
	const struct catalog_value *words;
	int status = tools_call_open(call, &client);

	if (status != 0)
		return status;
	status = tools_call_ask(call, client,
				tools_call_with(tools_call_request("suggest"), "text", text),
				&answer);
	words = catalog_value_get(answer, "words");
	for (size_t i = 0; i < catalog_value_count(words); i++) {
		const char *word = catalog_value_get_text(catalog_value_at(words, i, NULL), "word");

		if (is_word(word))
			tools_terminal_print(&call->out, "%s\n", word);
	}
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}

int tools_command_search_reindex(const struct tools_call *call)
{
	const struct tools_terminal *t = &call->out;
	char count[TOOLS_OUTPUT_TEXT_BYTES];
	struct node_client *client = NULL;
	uint64_t told = 0;
	bool begin = true, more = true;
	int status = tools_call_open(call, &client);

	while (status == 0 && more) {
		struct catalog_value *request = tools_call_request("reindex"), *answer = NULL;

		request = tools_call_with_value(request, "begin", catalog_value_new_bool(begin));
		begin = false;
		status = tools_call_ask(call, client, request, &answer);
		if (status != 0)
			break;
		more = catalog_value_bool(catalog_value_get(answer, "more"));
		tools_output_count(catalog_value_get_count(answer, "done"), count);
		if (!more && call->json)
			status = tools_call_print_json(call, answer);
		else if (!more)
			tools_terminal_print(t, "%s listings are indexed anew.\n", count);
		else if (!call->json &&
			 catalog_value_get_count(answer, "done") >= told + REINDEX_A_LINE) {
			told = catalog_value_get_count(answer, "done");
			tools_terminal_print(t, "%s listings so far\n", count);
		}
		catalog_value_free(answer);
	}
	node_client_close(client);
	return status;
}
