#include "node/page_search.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/theme.h"
#include "catalog/value_get.h"
#include "node/page_form.h"
#include "node/page_script.h"

#define SHOWN 6 /* values of a facet; the others are behind a click */

static bool get_bool(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

/* The start of a link to the same search with changes. */
static void begin_link(struct node_html *html, const struct node_page *page,
		       const struct node_http_search_change *changes, size_t count)
{
	struct catalog_buffer target = {0};
	int r = node_http_search_target(page->search, "/", changes, count, &target);

	node_html_raw(html, "<a");
	node_page_href(html, r, &target);
}

/* --- names of values ---------------------------------------------------------------------- */

static const struct filter {
	const char *name, *title;
} filters[] = {
	{"theme", "Theme"},   {"country", "Country"},   {"member", "Member"},
	{"sector", "Sector"}, {"format", "Format"},     {"licence", "Licence"},
	{"access", "Access"}, {"language", "Language"}, {"keyword", "Keyword"},
	{"year", "Year"},     {"doi", "DOI"},
};
#define FILTERS (sizeof filters / sizeof filters[0])

/* A facet's value as people say it. */
static void write_value(struct node_html *html, const struct node_page *page, const char *filter,
			const char *value)
{
	const char *label = NULL;

	if (strcmp(filter, "theme") == 0)
		label = catalog_theme_label(value);
	else if (strcmp(filter, "doi") == 0)
		label = strcmp(value, "yes") == 0 ? "has a DOI" : "has none";
	else if (strcmp(filter, "member") == 0) {
		const struct catalog_member *member =
			catalog_charter_member_named(page->charter, value);

		label = member != NULL ? member->title : NULL;
	} else if (strcmp(filter, "usage") == 0 && strchr(value, ':') != NULL)
		label = strchr(value, ':') + 1;
	node_html_raw(html, "<bdi>");
	if (strcmp(filter, "country") == 0 && strlen(value) == 2)
		node_html_print(html, "%c%c", toupper((unsigned char)value[0]),
				toupper((unsigned char)value[1]));
	else
		node_html_text(html, label != NULL ? label : value);
	node_html_raw(html, "</bdi>");
	if (strcmp(filter, "usage") == 0 && label != NULL) {
		node_html_raw(html, " (answer: ");
		node_html_text(html, strncmp(value, "unknown", 7) == 0 ? "nobody says" : "");
		node_html_text(html, strncmp(value, "no:", 3) == 0 ? "no" : "");
		node_html_text(html, strncmp(value, "yes:", 4) == 0 ? "yes" : "");
		node_html_raw(html, ")");
	}
}

/* --- what is narrowed down by now --------------------------------------------------------- */

static void write_chip(struct node_html *html, const struct node_page *page, const char *name,
		       const char *title)
{
	const struct node_http_search_change without[] = {
		{name, NULL}, {strcmp(name, "bbox") == 0 ? "box" : name, NULL}};

	node_html_raw(html, "<li>");
	node_html_raw(html, title);
	node_html_raw(html, ": ");
	write_value(html, page, name, node_page_parameter(page, name));
	node_html_raw(html, " ");
	begin_link(html, page, without, 2);
	node_html_raw(html, " aria-label=\"Search without this: ");
	node_html_raw(html, title);
	node_html_raw(html, "\">\303\227</a></li>\n");
}

static void write_chips(struct node_html *html, const struct node_page *page)
{
	static const struct filter others[] = {{"usage", "May I use it"},
					       {"since", "Changed since"},
					       {"time", "About the time"},
					       {"bbox", "About the area"}};
	size_t given = 0;

	for (size_t i = 0; i < FILTERS; i++)
		given += node_page_is_given(page, filters[i].name);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		given += node_page_is_given(page, others[i].name);
	if (given == 0)
		return;
	node_html_raw(html, "<ul class=\"tags chips\" aria-label=\"Narrowed down by\">\n");
	for (size_t i = 0; i < FILTERS; i++)
		if (node_page_is_given(page, filters[i].name))
			write_chip(html, page, filters[i].name, filters[i].title);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (node_page_is_given(page, others[i].name))
			write_chip(html, page, others[i].name, others[i].title);
	node_html_raw(html, "</ul>\n");
}

/* --- facets ------------------------------------------------------------------------------- */

static void write_facet_value(struct node_html *html, const struct node_page *page,
			      const char *filter, const struct catalog_value *one)
{
	const char *value = node_page_str(one, "value");
	const struct node_http_search_change with = {filter, value};

	node_html_raw(html, "<li>");
	begin_link(html, page, &with, 1);
	node_html_raw(html, ">");
	write_value(html, page, filter, value);
	node_html_raw(html, "</a> <span class=\"num soft\">");
	node_page_number(html, catalog_value_get_int(one, "count", 0));
	node_html_raw(html, "</span></li>\n");
}

static void write_facet(struct node_html *html, const struct node_page *page,
			const struct filter *filter, const struct catalog_value *values,
			int64_t total)
{
	size_t count = catalog_value_count(values);

	/* What everything has alike narrows down nothing. */
	if (count == 0 || node_page_is_given(page, filter->name) ||
	    (count == 1 &&
	     catalog_value_get_int(catalog_value_at(values, 0, NULL), "count", 0) == total))
		return;
	node_html_raw(html, "<section><h3>");
	node_html_raw(html, filter->title);
	node_html_raw(html, "</h3>\n<ul>\n");
	for (size_t i = 0; i < count && i < SHOWN; i++)
		write_facet_value(html, page, filter->name, catalog_value_at(values, i, NULL));
	node_html_raw(html, "</ul>\n");
	if (count > SHOWN) {
		node_html_raw(html, "<details><summary>");
		node_html_print(html, "%zu more", count - SHOWN);
		node_html_raw(html, "</summary>\n<ul>\n");
		for (size_t i = SHOWN; i < count; i++)
			write_facet_value(html, page, filter->name,
					  catalog_value_at(values, i, NULL));
		node_html_raw(html, "</ul></details>\n");
	}
	node_html_raw(html, "</section>\n");
}

static void write_facets(struct node_html *html, const struct node_page *page,
			 const struct catalog_value *found)
{
	const struct catalog_value *facets = catalog_value_get(found, "facets");
	int64_t total =
		catalog_value_get_int(found, "total", 0) + catalog_value_get_int(found, "more", 0);

	node_html_raw(html, "<aside aria-labelledby=\"narrow\">\n<h2 id=\"narrow\">Narrow down"
			    "</h2>\n");
	for (size_t i = 0; i < FILTERS; i++)
		write_facet(html, page, &filters[i], catalog_value_get(facets, filters[i].name),
			    total);
	node_html_raw(html, "</aside>\n");
}

/* --- what was found ----------------------------------------------------------------------- */

static void write_hit_use(struct node_html *html, const struct catalog_value *hit)
{
	const char *use = node_page_str(hit, "usage");

	if (use[0] == '\0')
		return;
	node_html_raw(html, strcmp(use, "yes") == 0  ? "<p class=\"good\">May be used: "
			    : strcmp(use, "no") == 0 ? "<p class=\"bad\">May not be used: "
						     : "<p class=\"warn\">Nobody says: ");
	node_html_text(html, node_page_str(hit, "usage_reason"));
	node_html_raw(html, "</p>\n");
}

static void write_hit(struct node_html *html, const struct node_page *page,
		      const struct catalog_value *hit)
{
	const char *name = node_page_str(hit, "member"), *modified = node_page_str(hit, "modified");
	const char *snippet = node_page_str(hit, "snippet");
	const char *explanation = node_page_str(hit, "explanation");
	const struct catalog_member *member = catalog_charter_member_named(page->charter, name);

	node_html_raw(html, "<li><h3");
	node_page_lang(html, node_page_str(hit, "title_lang"));
	node_html_raw(html, "><a href=\"/listing/");
	node_html_segment(html, name);
	node_html_raw(html, "/");
	node_html_segment(html, node_page_str(hit, "id"));
	node_html_raw(html, "\">");
	node_html_text(html, node_page_str(hit, "title"));
	node_html_raw(html, "</a></h3>\n");
	if (snippet[0] != '\0') {
		node_html_raw(html, "<p");
		node_page_lang(html, node_page_str(hit, "snippet_lang"));
		node_html_raw(html, ">");
		node_html_text(html, snippet);
		node_html_raw(html, "</p>\n");
	}
	write_hit_use(html, hit);
	node_html_raw(html, "<p class=\"soft\"><bdi>");
	node_html_text(html, member != NULL ? member->title : name);
	node_html_raw(html, "</bdi>");
	if (member != NULL && member->country[0] != '\0')
		node_html_print(html, " (%s)", member->country);
	if (modified[0] != '\0')
		node_html_print(html, " \302\267 changed %.10s", modified);
	node_html_raw(html, "</p>\n");
	if (explanation[0] != '\0') {
		node_html_raw(html, "<pre>");
		node_html_text(html, explanation);
		node_html_raw(html, "</pre>\n");
	}
	node_html_raw(html, "</li>\n");
}

static void write_hits(struct node_html *html, const struct node_page *page,
		       const struct catalog_value *found)
{
	const struct catalog_value *hits = catalog_value_get(found, "hits");

	node_html_raw(html, "<ol class=\"hits\">\n");
	for (size_t i = 0; i < catalog_value_count(hits); i++)
		write_hit(html, page, catalog_value_at(hits, i, NULL));
	node_html_raw(html, "</ol>\n");
}

static void write_pages(struct node_html *html, const struct node_page *page,
			const struct catalog_value *found)
{
	const char *cursor = node_page_str(found, "cursor");
	const struct node_http_search_change more = {"cursor", cursor};

	node_html_raw(html, "<nav class=\"pages\" aria-label=\"Pages\"><span>");
	if (node_page_is_given(page, "cursor") || catalog_value_get_int(found, "offset", 0) > 0) {
		begin_link(html, page, NULL, 0);
		node_html_raw(html, " rel=\"first\">\342\206\220 From the start</a>");
	}
	node_html_raw(html, "</span> <span>");
	if (cursor[0] != '\0') {
		begin_link(html, page, &more, 1);
		node_html_raw(html, " rel=\"next\">More \342\206\222</a>");
	}
	node_html_raw(html, "</span></nav>\n");
}

/* Whether a usage, with its colon if it has one, asks for this answer; yes is what none means. */
static bool is_answer(const char *usage, const char *colon, const char *answer)
{
	size_t len = colon != NULL ? (size_t)(colon - usage) : 0;

	return colon == NULL ? strcmp(answer, "yes") == 0
			     : strlen(answer) == len && memcmp(usage, answer, len) == 0;
}

/* The same question about use, and what else may be the answer. */
static void write_answers(struct node_html *html, const struct node_page *page)
{
	static const char *const answers[][2] = {
		{"yes", "yes"}, {"no", "no"}, {"unknown", "nobody says"}};
	const char *usage = node_page_parameter(page, "usage"), *colon = strchr(usage, ':');

	if (usage[0] == '\0')
		return;
	node_html_raw(html, "<p>Show those where the answer is ");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		char other[NODE_HTTP_SEARCH_PART_BYTES + 16];
		const struct node_http_search_change with = {"usage", other};

		node_html_raw(html, i == 0 ? "" : i == 1 ? ", " : " or ");
		if (is_answer(usage, colon, answers[i][0])) {
			node_html_raw(html, "<b>");
			node_html_raw(html, answers[i][1]);
			node_html_raw(html, "</b>");
			continue;
		}
		(void)snprintf(other, sizeof other, "%s:%s", answers[i][0],
			       colon != NULL ? colon + 1 : usage); /* cut: an answer will say */
		begin_link(html, page, &with, 1);
		node_html_raw(html, ">");
		node_html_raw(html, answers[i][1]);
		node_html_raw(html, "</a>");
	}
	node_html_raw(html, ".</p>\n");
}

/* What is said of the answer as a whole. */
static void write_remarks(struct node_html *html, const struct node_page *page,
			  const struct catalog_value *found)
{
	int64_t total = catalog_value_get_int(found, "total", 0),
		more = catalog_value_get_int(found, "more", 0),
		missing = catalog_value_get_int(found, "index_missing", 0);
	const char *meant = node_page_str(found, "did_you_mean");
	const struct node_http_search_change other = {"q", meant};

	write_answers(html, page);
	if (meant[0] != '\0') {
		node_html_raw(html, "<p class=\"mean\">Did you mean ");
		begin_link(html, page, &other, 1);
		node_html_raw(html, " dir=\"auto\">");
		node_html_text(html, meant);
		node_html_raw(html, "</a>?</p>\n");
	}
	if (more > 0) {
		node_html_raw(html, total > 0 ? "<p class=\"soft\">have all of this, and "
					      : "<p class=\"warn\">No listing has all of these "
						"words; ");
		node_page_number(html, more);
		node_html_raw(html,
			      total > 0 ? " more have some of the words, and come after them.</p>\n"
			      : more == 1 ? " has some of them.</p>\n"
					  : " have some of them.</p>\n");
	}
	if (missing > 0) {
		node_html_raw(html, "<p class=\"warn\">The search index lacks ");
		node_page_number(html, missing);
		node_html_raw(html, " entries: there may be more.</p>\n");
	} else if (get_bool(found, "partial"))
		node_html_raw(html, "<p class=\"warn\">Not everything could be looked at in time: "
				    "there may be more. Another word or a filter makes it "
				    "quicker.</p>\n");
	if (total == 0 && more == 0)
		node_html_raw(html, "<p>Nothing here has all of this. Fewer or other words, or "
				    "fewer filters, may find more.</p>\n");
}

static void write_feed_link(struct node_html *html, const struct node_page *page, const char *path,
			    const char *label)
{
	struct catalog_buffer target = {0};
	int r = node_http_search_feed(page->search, path, &target);

	node_html_raw(html, "<a");
	node_page_href(html, r, &target);
	node_html_raw(html, ">");
	node_html_raw(html, label);
	node_html_raw(html, "</a>");
}

/* How to come back to this search. */
static void write_follow(struct node_html *html, const struct node_page *page)
{
	struct catalog_buffer target = {0};
	int r = node_http_search_target(page->search, "/api/v1/search", NULL, 0, &target);

	node_html_raw(html, "<p class=\"soft\">This page's address is the search: bookmark it to "
			    "come back. What is new in it: ");
	write_feed_link(html, page, "/feed.atom", "Atom feed");
	node_html_raw(html, ", ");
	write_feed_link(html, page, "/feed.json", "JSON feed");
	node_html_raw(html, ". <a");
	node_page_href(html, r, &target);
	node_html_raw(html, ">These results as JSON</a></p>\n");
}

static void write_found(struct node_html *html, const struct node_page *page,
			const struct catalog_value *found)
{
	int64_t total = catalog_value_get_int(found, "total", 0);
	bool any = total > 0 || catalog_value_get_int(found, "more", 0) > 0;

	node_html_raw(html, any ? "<div class=\"found\">" : "<div class=\"found alone\">");
	node_html_raw(html, "\n<section class=\"results\">\n<h1>");
	node_page_number(html, total);
	node_html_raw(html, total == 1 ? " listing" : " listings");
	node_html_raw(html, "</h1>\n");
	write_chips(html, page);
	write_remarks(html, page, found);
	if (any)
		node_html_raw(html, "<p class=\"skip\"><a href=\"#narrow\">Narrow down</a></p>\n"
				    "<h2 class=\"unseen\">Results</h2>\n");
	write_hits(html, page, found);
	write_pages(html, page, found);
	write_follow(html, page);
	node_html_raw(html, "</section>\n");
	if (any)
		write_facets(html, page, found);
	node_html_raw(html, "</div>\n");
}

/* The page when nothing is asked for. */
static void write_front(struct node_html *html, const struct node_page *page,
			const struct catalog_value *status, const struct catalog_value *found)
{
	node_html_raw(html, "<p class=\"soft\">");
	node_page_number(html, catalog_value_get_int(status, "listings", 0));
	node_html_raw(html, " listings of ");
	node_page_number(html, (int64_t)catalog_value_count(catalog_value_get(status, "members")));
	node_html_raw(html, " members are on this node.</p>\n<div class=\"found\">\n<section "
			    "class=\"results\">\n<h2>Newest</h2>\n");
	write_hits(html, page, found);
	node_html_raw(html, "<p class=\"soft\">What is new: ");
	write_feed_link(html, page, "/feed.atom", "Atom feed");
	node_html_raw(html, ", ");
	write_feed_link(html, page, "/feed.json", "JSON feed");
	node_html_raw(html, "</p>\n</section>\n");
	write_facets(html, page, found);
	node_html_raw(html, "</div>\n<h2>Members</h2>\n");
	node_page_members_table(html, status);
}

int node_page_search_write(const struct node_page *page, const struct catalog_value *status,
			   const struct catalog_value *found, struct catalog_buffer *buffer)
{
	struct node_html html = {.buffer = buffer};
	bool asking = node_http_search_asks(page->search);

	node_page_begin(&html, page, asking ? node_page_parameter(page, "q") : "");
	if (!asking)
		node_html_raw(&html, "<h1 class=\"unseen\">Search the catalogue</h1>\n");
	node_page_forks(&html, status);
	node_page_form_write(&html, page);
	if (asking)
		write_found(&html, page, found);
	else
		write_front(&html, page, status, found);
	node_html_raw(&html, "<script>");
	node_html_raw(&html, node_page_script_text());
	node_html_raw(&html, "</script>\n");
	node_page_end(&html);
	return html.failed;
}
