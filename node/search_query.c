#include "node/search_query.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node/answer.h"
#include "node/search.h"

#define BUDGET_MS 2000 /* then what was found so far is the answer, and says so */

const char *const node_search_query_filters[] = {
	"sector", "licence", "format", "access", "language", "keyword", "year", "doi", NULL};

static const char *text_of(const struct catalog_value *request, const char *key)
{
	const char *text = catalog_value_text(catalog_value_get(request, key));

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* there is such a clock on every Linux */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_over(void *arg)
{
	const struct node_search_query *query = arg;

	return now_ms() > query->deadline_ms;
}

static int read_country(const char *given, char country[3], struct node_error *error)
{
	if (strlen(given) != 2 || !isalpha((unsigned char)given[0]) ||
	    !isalpha((unsigned char)given[1]))
		return node_error_set(error, -EINVAL,
				      "country: \"%.40s\" is no country's code; it is two "
				      "letters (ISO 3166-1), such as KE",
				      given);
	country[0] = (char)toupper((unsigned char)given[0]);
	country[1] = (char)toupper((unsigned char)given[1]);
	country[2] = '\0';
	return 0;
}

static int read_sort(const char *text, enum catalog_query_sort *ret_sort, struct node_error *error)
{
	if (text == NULL || strcmp(text, "relevance") == 0)
		*ret_sort = CATALOG_QUERY_RELEVANCE;
	else if (strcmp(text, "modified") == 0)
		*ret_sort = CATALOG_QUERY_BY_MODIFIED;
	else if (strcmp(text, "entry") == 0)
		*ret_sort = CATALOG_QUERY_BY_ENTRY;
	else
		return node_error_set(error, -EINVAL,
				      "sort: \"%.40s\" is none of relevance, modified, entry",
				      text);
	return 0;
}

/* "yes", "no" or "unknown" before a colon says which answer is wanted; yes if nothing does. */
static int read_usage(const char *text, struct node_search_query *to, struct node_error *error)
{
	struct catalog_index_policy_question question;
	struct catalog_index_policy_text parts;
	const char *colon = strchr(text, ':');

	to->query.usage_answer = CATALOG_INDEX_POLICY_YES;
	for (int i = 0; colon != NULL && i < CATALOG_INDEX_POLICY_ANSWERS; i++) {
		const char *word = catalog_index_policy_word((enum catalog_index_policy_answer)i);

		if (strlen(word) == (size_t)(colon - text) &&
		    memcmp(word, text, strlen(word)) == 0) {
			to->query.usage_answer = (enum catalog_index_policy_answer)i;
			text = colon + 1;
			colon = NULL;
		}
	}
	if (strlen(text) >= sizeof to->usage ||
	    catalog_index_policy_read(text, &parts, &question) != 0)
		return node_error_set(error, -EINVAL,
				      "usage: \"%.40s\" is no purpose and country, as in "
				      "\"research in KE\", \"commercial\" or \"no:commercial\"",
				      text);
	memcpy(to->usage, text, strlen(text) + 1);
	to->query.usage = to->usage;
	return 0;
}

static int read_time(const char *text, struct catalog_query *query, struct node_error *error)
{
	const char *dots = strstr(text, "..");
	char from[40] = "";
	size_t len = dots != NULL ? (size_t)(dots - text) : strlen(text);
	const char *to = dots != NULL ? dots + 2 : text;

	if (len < sizeof from) {
		memcpy(from, text, len);
		from[len] = '\0';
		query->time_from = len == 0 ? INT32_MIN + 1
					    : catalog_index_facet_day(from, CATALOG_INDEX_FIRST);
		query->time_to =
			to[0] == '\0' ? INT32_MAX : catalog_index_facet_day(to, CATALOG_INDEX_LAST);
		if (query->time_from != CATALOG_INDEX_FACET_NO_DAY &&
		    query->time_to != CATALOG_INDEX_FACET_NO_DAY &&
		    query->time_from <= query->time_to && (len > 0 || to[0] != '\0'))
			return 0;
	}
	return node_error_set(error, -EINVAL,
			      "time: \"%.40s\" is no interval, such as 1990..2000 or 2020-03..",
			      text);
}

static int read_box(const char *text, const char *how, struct catalog_query *query,
		    struct node_error *error)
{
	const char *at = text;
	char *end;
	size_t n = 0;

	for (; n < 4; n++) {
		query->bbox[n] = strtod(at, &end);
		if (end == at || !isfinite(query->bbox[n]) || *end != (n < 3 ? ',' : '\0'))
			break;
		at = end + 1;
	}
	if (n < 4 || query->bbox[1] > query->bbox[3])
		return node_error_set(error, -EINVAL,
				      "bbox: \"%.60s\" is no box: west,south,east,north in "
				      "degrees, such as 33.9,-4.7,41.9,5.0",
				      text);
	if (how == NULL || strcmp(how, "meets") == 0)
		query->box = CATALOG_QUERY_BOX_MEETS;
	else if (strcmp(how, "within") == 0)
		query->box = CATALOG_QUERY_BOX_WITHIN;
	else
		return node_error_set(error, -EINVAL, "box: \"%.40s\" is none of meets, within",
				      how);
	return 0;
}

/* Names of facets between commas; "all" is all but policy. */
static int read_facets(const char *text, uint32_t *ret_facets, struct node_error *error)
{
	uint32_t facets = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		enum catalog_index_facet facet = catalog_index_facet_of(text, len);

		if (len == 3 && memcmp(text, "all", 3) == 0)
			facets |= (UINT32_C(1) << CATALOG_INDEX_FACET_POLICY) - 1;
		else if (facet < CATALOG_INDEX_FACET_COUNTED)
			facets |= UINT32_C(1) << facet;
		else
			return node_error_set(error, -EINVAL,
					      "facets: \"%.*s\" is none of member, sector, "
					      "country, theme, licence, format, access, "
					      "language, keyword, year, doi, all",
					      (int)(len < 40 ? len : 40), text);
		text += len + (text[len] == ',');
	}
	*ret_facets = facets;
	return 0;
}

static int read_filters(const struct node_control_options *options,
			const struct catalog_value *request, struct node_search_query *to,
			struct node_error *error)
{
	const struct catalog_member *member;
	const char *text;
	int r = 0;

	to->query.member = catalog_value_text(catalog_value_get(request, "member"));
	to->query.theme = catalog_value_text(catalog_value_get(request, "theme"));
	if (to->query.member != NULL)
		r = node_answer_member(options, to->query.member, &member, error);
	if (r == 0 && (text = catalog_value_text(catalog_value_get(request, "country"))) != NULL) {
		r = read_country(text, to->country, error);
		to->query.country = to->country;
	}
	for (size_t i = 0; node_search_query_filters[i] != NULL; i++) {
		const char *name = node_search_query_filters[i];

		to->query.values[catalog_index_facet_of(name, strlen(name))] =
			text_of(request, name);
	}
	if (r == 0 && (text = text_of(request, "usage")) != NULL)
		r = read_usage(text, to, error);
	if (r == 0 && (text = text_of(request, "time")) != NULL)
		r = read_time(text, &to->query, error);
	if (r == 0 && (text = text_of(request, "bbox")) != NULL)
		r = read_box(text, text_of(request, "box"), &to->query, error);
	if (r == 0 && (text = text_of(request, "since")) != NULL) {
		int32_t day = catalog_index_facet_day(text, CATALOG_INDEX_FIRST);

		if (day == CATALOG_INDEX_FACET_NO_DAY)
			return node_error_set(error, -EINVAL,
					      "since: \"%.40s\" is no date, such as 2026-11-24",
					      text);
		to->query.since = (int64_t)day * 86400;
	}
	return r;
}

int node_search_query_read(const struct node_control_options *options,
			   const struct catalog_value *request, struct node_search_query *ret_query,
			   struct node_error *ret_error)
{
	struct catalog_query *query = &ret_query->query;
	const char *text = text_of(request, "text");
	int r;

	memset(ret_query, 0, sizeof *ret_query);
	query->text = text != NULL ? text : "";
	query->lenient = true;
	query->cursor = text_of(request, "cursor");
	query->explain = text_of(request, "explain") != NULL;
	ret_query->deadline_ms = now_ms() + BUDGET_MS;
	query->is_over = is_over;
	query->over_arg = ret_query;
	if ((r = read_filters(options, request, ret_query, ret_error)) != 0 ||
	    (r = read_sort(text_of(request, "sort"), &query->sort, ret_error)) != 0)
		return r;
	text = text_of(request, "facets");
	if (text != NULL && (r = read_facets(text, &query->facets, ret_error)) != 0)
		return r;
	if (query->usage != NULL && query->facets != 0)
		query->facets |= UINT32_C(1) << CATALOG_INDEX_FACET_POLICY;
	r = node_answer_number(request, "offset", 0, 0, CATALOG_INDEX_WINDOW_MAX, &query->offset,
			       ret_error);
	if (r == 0)
		r = node_answer_number(request, "limit", NODE_SEARCH_HITS_DEFAULT, 1,
				       NODE_SEARCH_HITS_MAX, &query->limit, ret_error);
	if (r == 0 && query->offset + query->limit > CATALOG_INDEX_WINDOW_MAX)
		r = node_error_set(ret_error, -E2BIG,
				   "search: only the first %d hits can be paged through by number; "
				   "go on by cursor, or add words or filters",
				   CATALOG_INDEX_WINDOW_MAX);
	return r;
}
