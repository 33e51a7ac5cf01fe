#include "node/page.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "catalog/value_get.h"
#include "node/conflicts.h"
#include "node/http_reply.h"
#include "node/page_form.h"
#include "node/page_script.h"
#include "node/page_style.h"

/* The base64 of a text's SHA-256, as a policy has it. */
#define HASH_BYTES                                                                                 \
	sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)
static void hash_text(const char *text, char ret_base64[HASH_BYTES])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text)); /* cannot */
	(void)sodium_bin2base64(ret_base64, HASH_BYTES, hash, sizeof hash,
				sodium_base64_VARIANT_ORIGINAL);
}

void node_page_policy(char ret_policy[NODE_PAGE_POLICY_BYTES])
{
	char style[HASH_BYTES], script[HASH_BYTES];
	int n;

	hash_text(node_page_style_text(), style);
	hash_text(node_page_script_text(), script);
	n = snprintf(ret_policy, NODE_PAGE_POLICY_BYTES,
		     "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; "
		     "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
		     "frame-ancestors 'none'",
		     style, script);
	assert(n > 0 && n < NODE_PAGE_POLICY_BYTES);
	(void)n;
}

/* --- pieces ------------------------------------------------------------------------------- */

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

void node_page_href(struct node_html *html, int r, struct catalog_buffer *target)
{
	if (r == 0)
		r = catalog_buffer_append(target, "", 1);
	if (r != 0 && html->failed == 0)
		html->failed = r;
	node_html_raw(html, " href=\"");
	if (r == 0)
		node_html_text(html, (const char *)target->bytes);
	node_html_raw(html, "\"");
	catalog_buffer_close(target);
}

const char *node_page_parameter(const struct node_page *page, const char *name)
{
	const char *value = page->search != NULL ? node_http_search_get(page->search, name) : NULL;

	return value != NULL ? value : "";
}

bool node_page_is_given(const struct node_page *page, const char *name)
{
	return node_page_parameter(page, name)[0] != '\0';
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

/* Where feed readers find the feed of the page's search. */
static void write_alternate(struct node_html *html, const struct node_page *page, const char *type,
			    const char *path)
{
	struct catalog_buffer target = {0};
	int r = node_http_search_feed(page->search, path, &target);

	node_html_raw(html, "<link rel=\"alternate\" type=\"");
	node_html_raw(html, type);
	node_html_raw(html, "\" title=\"What is new\"");
	node_page_href(html, r, &target);
	node_html_raw(html, ">\n");
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
	node_html_raw(html, "</title>\n");
	if (page->search != NULL) {
		write_alternate(html, page, "application/atom+xml", "/feed.atom");
		write_alternate(html, page, "application/feed+json", "/feed.json");
	}
	node_html_raw(html, "<style>");
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

/* --- members ------------------------------------------------------------------------------ */

static void write_member_state(struct node_html *html, const struct catalog_value *member)
{
	const char *state = node_page_str(member, "state");

	if (strcmp(state, "complete") == 0) {
		node_html_raw(html, "<span class=\"good\">complete</span>");
	} else if (strcmp(state, "partial") == 0) {
		node_html_raw(html, "<span class=\"warn\">partial: ");
		node_page_number(html, catalog_value_get_int(member, "entries", 0));
		node_html_raw(html, " of ");
		node_page_number(html, catalog_value_get_int(member, "target", 0));
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
		node_page_number(html, catalog_value_get_int(checkpoint, "size", 0));
		node_html_print(html, " entries with the root %.16s",
				node_page_str(checkpoint, "root"));
	}
	node_html_raw(html, ". Nothing more is taken of it until the federation decides; what "
			    "was agreed on stays here. <a href=\"/api/v1/members/");
	node_html_segment(html, node_page_str(member, "name"));
	node_html_raw(html, "/fork\">Download the proof</a>; <code>fedcat verify</code> checks it, "
			    "anywhere.</p></section>\n");
}

void node_page_forks(struct node_html *html, const struct catalog_value *status)
{
	const struct catalog_value *members = catalog_value_get(status, "members");

	node_conflicts_page(html, status);
	for (size_t i = 0; i < catalog_value_count(members); i++)
		write_fork(html, catalog_value_at(members, i, NULL));
}

void node_page_members_table(struct node_html *html, const struct catalog_value *status)
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
		node_page_number(html, catalog_value_get_int(member, "live", 0));
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
		node_page_number(html, catalog_value_get_int(peer, "entries_in", 0));
		node_html_raw(html, "<td class=\"num\">");
		node_page_number(html, catalog_value_get_int(peer, "entries_out", 0));
		node_html_raw(html, "</tr>\n");
	}
	node_html_raw(html, "</tbody></table></div>\n");
}

/* --- pages -------------------------------------------------------------------------------- */

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
	node_page_forks(&html, status);
	node_page_members_table(&html, status);
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
	node_page_form_write(&html, &plain);
	node_page_end(&html);
	return html.failed;
}
