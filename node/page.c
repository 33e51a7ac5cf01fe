#include "node/page.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "node/http_reply.h"
#include "node/page_style.h"

#define HITS_A_PAGE 20 /* the control protocol's own number */

void node_page_policy(char ret_policy[NODE_PAGE_POLICY_BYTES])
{
	const char *style = node_page_style_text();
	unsigned char hash[crypto_hash_sha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
	int n;

	(void)crypto_hash_sha256(hash, (const unsigned char *)style, strlen(style)); /* cannot */
	(void)sodium_bin2base64(base64, sizeof base64, hash, sizeof hash,
				sodium_base64_VARIANT_ORIGINAL);
	n = snprintf(ret_policy, NODE_PAGE_POLICY_BYTES,
		     "default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action "
		     "'self'; base-uri 'none'; frame-ancestors 'none'",
		     base64);
	assert(n > 0 && n < NODE_PAGE_POLICY_BYTES);
	(void)n;
}

/* --- pieces ------------------------------------------------------------------------------- */

int64_t node_page_int(const struct catalog_value *map, const char *key, int64_t standard)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_INT ? catalog_value_int(value) : standard;
}

const char *node_page_str(const struct catalog_value *map, const char *key)
{
	const char *text = catalog_value_text(catalog_value_get(map, key));

	return text != NULL ? text : "";
}

static bool get_bool(const struct catalog_value *map, const char *key)
{
	const struct catalog_value *value = catalog_value_get(map, key);

	return catalog_value_type(value) == CATALOG_VALUE_BOOL && catalog_value_bool(value);
}

void node_page_number(struct node_html *html, int64_t number)
{
	char digits[24], text[32];
	size_t len, to = 0;

	(void)snprintf(digits, sizeof digits, "%" PRId64, number < 0 ? 0 : number); /* it fits */
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			text[to++] = ',';
		text[to++] = digits[i];
	}
	text[to] = '\0';
	node_html_raw(html, text);
}

void node_page_lang(struct node_html *html, const char *tag)
{
	if (tag != NULL && tag[0] != '\0' && strcmp(tag, "und") != 0)
		node_html_raw(html, " lang=");
	if (tag != NULL && tag[0] != '\0' && strcmp(tag, "und") != 0) {
		node_html_raw(html, "\"");
		node_html_text(html, tag);
		node_html_raw(html, "\"");
	}
	node_html_raw(html, " dir=\"auto\"");
}

void node_page_begin(struct node_html *html, const struct node_page *page, const char *title)
{
	const char *name = catalog_charter_name(page->charter);

	node_html_raw(html,
		      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width,"
		      "initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
	if (title[0] != '\0')
		node_html_print(html, "%s - ", title);
	node_html_text(html, name);
	node_html_raw(html, "</title>\n<style>");
	node_html_raw(html, node_page_style_text());
	node_html_raw(html, "</style>\n</head>\n<body>\n<header><b><a href=\"/\" dir=\"auto\">");
	node_html_text(html, name);
	node_html_raw(html, "</a></b> <a href=\"/\">Search</a> <a href=\"/members\">Members</a>"
			    "</header>\n<main>\n");
}

void node_page_end(struct node_html *html)
{
	node_html_raw(html, "</main>\n<footer class=\"soft\">fedcat " PACKAGE_VERSION
			    ": one catalogue that nobody owns. This node holds all of it; what it "
			    "shows is checked against its publisher's signature. "
			    "<a href=\"/api/v1/status\">Status as JSON</a></footer>\n</body>\n"
			    "</html>\n");
}

/* --- the search form ---------------------------------------------------------------------- */

static const char *parameter(const struct node_page *page, const char *name)
{
	const char *value =
		page->request != NULL ? node_http_request_parameter(page->request, name) : NULL;

	return value != NULL ? value : "";
}

static void write_input(struct node_html *html, const struct node_page *page, const char *label,
			const char *name, const char *attributes)
{
	node_html_raw(html, "<label");
	if (strcmp(name, "q") == 0)
		node_html_raw(html, " class=\"wide\"");
	node_html_raw(html, " for=");
	node_html_raw(html, "\"");
	node_html_text(html, name);
	node_html_raw(html, "\">");
	node_html_text(html, label);
	node_html_raw(html, "<input name=\"");
	node_html_text(html, name);
	node_html_raw(html, "\" id=\"");
	node_html_text(html, name);
	node_html_raw(html, "\" value=\"");
	node_html_text(html, parameter(page, name));
	node_html_raw(html, "\" dir=\"auto\" ");
	node_html_raw(html, attributes);
	node_html_raw(html, "></label>\n");
}

static void write_form(struct node_html *html, const struct node_page *page)
{
	size_t count = catalog_charter_member_count(page->charter);

	node_html_raw(html, "<form action=\"/\" method=\"get\" role=\"search\">\n");
	write_input(html, page, "Find datasets", "q",
		    "type=\"search\" maxlength=\"500\" placeholder=\"rice yield\"");
	node_html_raw(html, "<label for=\"member\">Member<select name=\"member\" id=\"member\">"
			    "<option value=\"\">all</option>");
	for (size_t i = 0; i < count; i++) {
		const struct catalog_member *member = catalog_charter_member_at(page->charter, i);

		node_html_raw(html, "<option value=\"");
		node_html_text(html, member->name);
		node_html_raw(html, strcmp(parameter(page, "member"), member->name) == 0
					    ? "\" selected>"
					    : "\">");
		node_html_text(html, member->title);
		node_html_raw(html, "</option>");
	}
	node_html_raw(html, "</select></label>\n");
	write_input(html, page, "Country", "country",
		    "maxlength=\"2\" pattern=\"[A-Za-z]{2}\" placeholder=\"KE\" "
		    "title=\"two letters, such as KE\"");
	write_input(html, page, "Theme", "theme", "maxlength=\"200\" placeholder=\"Health\"");
	node_html_raw(html, "<button>Search</button>\n</form>\n");
}

/* --- what was found ----------------------------------------------------------------------- */

static void write_listing_href(struct node_html *html, const char *member, const char *id)
{
	node_html_raw(html, "/listing/");
	node_html_segment(html, member);
	node_html_raw(html, "/");
	node_html_segment(html, id);
}

static void write_hit(struct node_html *html, const struct node_page *page,
		      const struct catalog_value *hit)
{
	const char *name = node_page_str(hit, "member"), *modified = node_page_str(hit, "modified");
	const char *snippet = node_page_str(hit, "snippet");
	const struct catalog_member *member = catalog_charter_member_named(page->charter, name);

	node_html_raw(html, "<li><h3");
	node_page_lang(html, node_page_str(hit, "title_lang"));
	node_html_raw(html, "><a href=\"");
	write_listing_href(html, name, node_page_str(hit, "id"));
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
	node_html_raw(html, "<p class=\"soft\"><bdi>");
	node_html_text(html, member != NULL ? member->title : name);
	node_html_raw(html, "</bdi>");
	if (member != NULL && member->country[0] != '\0')
		node_html_print(html, " (%s)", member->country);
	if (modified[0] != '\0')
		node_html_print(html, " \302\267 changed %s", modified);
	node_html_raw(html, "</p></li>\n");
}

/* A link to another page of what was found. */
static void write_page_link(struct node_html *html, const struct node_page *page, int64_t offset,
			    const char *words)
{
	static const char *const kept[] = {"q", "member", "country", "theme", "limit", "lang"};
	char number[24];

	node_html_raw(html, "<a href=\"/?");
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (parameter(page, kept[i])[0] == '\0')
			continue;
		node_html_raw(html, kept[i]);
		node_html_raw(html, "=");
		node_html_segment(html, parameter(page, kept[i]));
		node_html_raw(html, "&amp;");
	}
	(void)snprintf(number, sizeof number, "offset=%" PRId64, offset); /* it fits */
	node_html_raw(html, number);
	node_html_raw(html, "\">");
	node_html_raw(html, words);
	node_html_raw(html, "</a>");
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

static void write_found(struct node_html *html, const struct node_page *page,
			const struct catalog_value *found)
{
	int64_t total = node_page_int(found, "total", 0) + node_page_int(found, "more", 0);
	int64_t offset = node_page_int(found, "offset", 0);
	int64_t count = (int64_t)catalog_value_count(catalog_value_get(found, "hits"));
	const char *limit_text = parameter(page, "limit");
	int64_t limit = limit_text[0] != '\0' ? strtol(limit_text, NULL, 10) : HITS_A_PAGE;

	if (limit < 1)
		limit = HITS_A_PAGE;
	write_hits(html, page, found);
	node_html_raw(html, "<nav class=\"pages\" aria-label=\"Pages\"><span>");
	if (offset > 0)
		write_page_link(html, page, offset > limit ? offset - limit : 0,
				"\342\206\220 Before");
	node_html_raw(html, "</span> <span>");
	if (offset + count < total)
		write_page_link(html, page, offset + count, "More \342\206\222");
	node_html_raw(html, "</span></nav>\n");
}

/* --- members ------------------------------------------------------------------------------ */

static void write_member_state(struct node_html *html, const struct catalog_value *member)
{
	const char *state = node_page_str(member, "state");

	if (strcmp(state, "complete") == 0) {
		node_html_raw(html, "<span class=\"good\">complete</span>");
	} else if (strcmp(state, "partial") == 0) {
		node_html_raw(html, "<span class=\"warn\">partial: ");
		node_page_number(html, node_page_int(member, "entries", 0));
		node_html_raw(html, " of ");
		node_page_number(html, node_page_int(member, "target", 0));
		node_html_raw(html, "</span>");
	} else if (strcmp(state, "broken") == 0 || strcmp(state, "forked") == 0) {
		node_html_raw(html, "<span class=\"bad\">");
		node_html_text(html, state);
		node_html_raw(html, "</span>");
	} else {
		node_html_raw(html, "<span class=\"soft\">nothing yet</span>");
	}
}

/* When the member last said that this is its newest. */
static void write_current(struct node_html *html, const struct catalog_value *member)
{
	bool is_old = get_bool(member, "old");

	node_html_raw(html, is_old ? "<td class=\"warn\">" : "<td class=\"soft\">");
	node_html_print(html, "%.10s", node_page_str(member, "current"));
	if (is_old)
		node_html_raw(html, " (not heard of for two days)");
}

/* What it means that a member is forked. */
static void write_fork(struct node_html *html, const struct catalog_value *member)
{
	const struct catalog_value *fork = catalog_value_get(member, "fork");
	const struct catalog_value *checkpoints = catalog_value_get(fork, "checkpoints");

	if (catalog_value_type(fork) != CATALOG_VALUE_MAP)
		return;
	node_html_raw(html, "<section class=\"seal not\" role=\"alert\"><p><b class=\"bad\"><bdi>");
	node_html_text(html, node_page_str(member, "title"));
	node_html_raw(html, "</bdi> has signed two histories of its log</b></p>\n<p>It is proven");
	for (size_t i = 0; i < catalog_value_count(checkpoints); i++) {
		const struct catalog_value *checkpoint = catalog_value_at(checkpoints, i, NULL);

		node_html_raw(html, i == 0 ? ": a checkpoint of " : ", and one of ");
		node_page_number(html, node_page_int(checkpoint, "size", 0));
		node_html_print(html, " entries with the root %.16s",
				node_page_str(checkpoint, "root"));
	}
	node_html_raw(html, ". Nothing more is taken of it until the federation decides; what "
			    "was agreed on stays here. <a href=\"/api/v1/members/");
	node_html_segment(html, node_page_str(member, "name"));
	node_html_raw(html, "/fork\">Download the proof</a>; <code>fedcat verify</code> checks it, "
			    "anywhere.</p></section>\n");
}

/* Nobody may overlook these. */
static void write_forks(struct node_html *html, const struct catalog_value *status)
{
	const struct catalog_value *members = catalog_value_get(status, "members");

	for (size_t i = 0; i < catalog_value_count(members); i++)
		write_fork(html, catalog_value_at(members, i, NULL));
}

static void write_members(struct node_html *html, const struct catalog_value *status)
{
	const struct catalog_value *members = catalog_value_get(status, "members");

	node_html_raw(html, "<div class=\"scroll\"><table><thead><tr><th>Member<th>Country<th "
			    "class=\"num\">Listings<th>Held here<th>Newest entry<th>Current as of"
			    "</tr></thead><tbody>\n");
	for (size_t i = 0; i < catalog_value_count(members); i++) {
		const struct catalog_value *member = catalog_value_at(members, i, NULL);
		const char *newest = node_page_str(member, "newest");

		node_html_raw(html, "<tr><td><a dir=\"auto\" href=\"/?member=");
		node_html_segment(html, node_page_str(member, "name"));
		node_html_raw(html, "\">");
		node_html_text(html, node_page_str(member, "title"));
		node_html_raw(html, "</a> <span class=\"soft\">");
		node_html_text(html, node_page_str(member, "sector"));
		node_html_raw(html, "</span><td>");
		node_html_text(html, node_page_str(member, "country"));
		node_html_raw(html, "<td class=\"num\">");
		node_page_number(html, node_page_int(member, "live", 0));
		node_html_raw(html, "<td>");
		write_member_state(html, member);
		node_html_raw(html, "<td class=\"soft\">");
		node_html_print(html, "%.10s", newest);
		write_current(html, member);
		node_html_raw(html, "</tr>\n");
	}
	node_html_raw(html, "</tbody></table></div>\n");
}

static void write_peers(struct node_html *html, const struct catalog_value *status)
{
	const struct catalog_value *peers = catalog_value_get(status, "peers");
	size_t count = catalog_value_count(peers);

	node_html_raw(html, "<h2>Nodes that this one is linked with</h2>\n");
	if (count == 0) {
		node_html_raw(html, "<p class=\"soft\">None at the moment.</p>\n");
		return;
	}
	node_html_raw(html, "<div class=\"scroll\"><table><thead><tr><th>Node of<th>Link<th>"
			    "Catalogue<th class=\"num\">Entries in<th class=\"num\">Entries out"
			    "</tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++) {
		const struct catalog_value *peer = catalog_value_at(peers, i, NULL);
		const char *name = node_page_str(peer, "member");

		node_html_raw(html, "<tr><td>");
		node_html_text(html, name[0] != '\0' ? name : "(not known yet)");
		node_html_raw(html, strcmp(node_page_str(peer, "direction"), "in") == 0
					    ? "<td>it called<td>"
					    : "<td>we called<td>");
		node_html_raw(html, get_bool(peer, "equal")
					    ? "<span class=\"good\">equal</span>"
					    : "<span class=\"warn\">differs</span>");
		node_html_raw(html, "<td class=\"num\">");
		node_page_number(html, node_page_int(peer, "entries_in", 0));
		node_html_raw(html, "<td class=\"num\">");
		node_page_number(html, node_page_int(peer, "entries_out", 0));
		node_html_raw(html, "</tr>\n");
	}
	node_html_raw(html, "</tbody></table></div>\n");
}

/* --- pages -------------------------------------------------------------------------------- */

/* Whether the request asks for anything in particular. */
static bool is_asking(const struct node_page *page)
{
	static const char *const names[] = {"q", "member", "country", "theme", "offset"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (parameter(page, names[i])[0] != '\0')
			return true;
	}
	return false;
}

int node_page_home(const struct node_page *page, const struct catalog_value *status,
		   const struct catalog_value *found, struct catalog_buffer *buffer)
{
	struct node_html html = {.buffer = buffer};
	bool asking = is_asking(page);
	int64_t total = node_page_int(found, "total", 0), more = node_page_int(found, "more", 0);

	node_page_begin(&html, page, asking ? parameter(page, "q") : "");
	write_forks(&html, status);
	write_form(&html, page);
	if (asking) {
		node_html_raw(&html, "<h2>");
		node_page_number(&html, total);
		node_html_raw(&html, total == 1 ? " listing" : " listings");
		node_html_raw(&html, "</h2>\n");
		if (more > 0) {
			node_html_raw(&html, "<p class=\"soft\">with all of these words, and ");
			node_page_number(&html, more);
			node_html_raw(&html, " more with some of them.</p>\n");
		} else if (total == 0)
			node_html_raw(&html, "<p>Nothing here has all of these words. Fewer or "
					     "other words may find more.</p>\n");
		write_found(&html, page, found);
	} else {
		node_html_raw(&html, "<p class=\"soft\">");
		node_page_number(&html, node_page_int(status, "listings", 0));
		node_html_raw(&html, " listings of ");
		node_page_number(
			&html, (int64_t)catalog_value_count(catalog_value_get(status, "members")));
		node_html_raw(&html, " members are on this node.</p>\n<h2>Newest</h2>\n");
		write_hits(&html, page, found);
		node_html_raw(&html, "<h2>Members</h2>\n");
		write_members(&html, status);
	}
	node_page_end(&html);
	return html.failed;
}

int node_page_members(const struct node_page *page, const struct catalog_value *status,
		      struct catalog_buffer *buffer)
{
	struct node_html html = {.buffer = buffer};
	const char *vector = node_page_str(status, "vector");

	node_page_begin(&html, page, "Members");
	node_html_raw(&html, "<h1>Members</h1>\n<p class=\"soft\">Nodes that show the same hash "
			     "hold the same catalogue. This one's: <code>");
	node_html_print(&html, "%.16s", vector);
	node_html_raw(&html, "</code></p>\n");
	write_forks(&html, status);
	write_members(&html, status);
	write_peers(&html, status);
	node_page_end(&html);
	return html.failed;
}

int node_page_error(const struct node_page *page, unsigned status, const char *detail,
		    struct catalog_buffer *buffer)
{
	struct node_html html = {.buffer = buffer};
	struct node_page plain = {.charter = page->charter}; /* the form is empty */
	const char *words = status == 404   ? "There is no such page"
			    : status == 503 ? "Not now"
			    : status >= 500 ? "Something went wrong here"
					    : "This request cannot be answered";

	node_page_begin(&html, page, words);
	node_html_raw(&html, "<h1>");
	node_html_raw(&html, words);
	node_html_raw(&html, "</h1>\n<p dir=\"auto\">");
	node_html_text(&html, detail);
	node_html_print(&html, " (%u %s)", status, node_http_reply_words(status));
	node_html_raw(&html, "</p>\n");
	write_form(&html, &plain);
	node_page_end(&html);
	return html.failed;
}
