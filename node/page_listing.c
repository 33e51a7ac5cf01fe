#include "node/page_listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/listing.h"
#include "catalog/value_get.h"

struct writer {
	struct node_html html;
	const char *lang;
};

/* --- values ------------------------------------------------------------------------------- */

/* A URL as a link, anything else as text. */
static void write_text(struct writer *w, const char *text)
{
	node_html_raw(&w->html, "<bdi>");
	node_html_link(&w->html, text, text);
	node_html_raw(&w->html, "</bdi>");
}

static void write_lang(struct writer *w, const struct catalog_value *map)
{
	const char *tag = NULL, *text = catalog_listing_text(map, w->lang, &tag);

	if (text == NULL)
		return;
	node_html_raw(&w->html, "<span");
	node_page_lang(&w->html, tag);
	node_html_raw(&w->html, ">");
	node_html_text(&w->html, text);
	node_html_raw(&w->html, "</span>");
}

static void begin_fact(struct writer *w, const char *label)
{
	node_html_raw(&w->html, "<tr><th>");
	node_html_raw(&w->html, label);
	node_html_raw(&w->html, "<td>");
}

static void end_fact(struct writer *w)
{
	node_html_raw(&w->html, "</tr>\n");
}

/* A row for a text, or a list of texts. */
static void write_fact(struct writer *w, const char *label, const struct catalog_value *value)
{
	if (catalog_value_text(value) != NULL) {
		begin_fact(w, label);
		write_text(w, catalog_value_text(value));
		end_fact(w);
		return;
	}
	if (catalog_value_type(value) != CATALOG_VALUE_LIST || catalog_value_count(value) == 0)
		return;
	begin_fact(w, label);
	for (size_t i = 0; i < catalog_value_count(value); i++) {
		const char *text = catalog_value_text(catalog_value_at(value, i, NULL));

		if (i > 0)
			node_html_raw(&w->html, "<br>");
		if (text != NULL)
			write_text(w, text);
	}
	end_fact(w);
}

/* A row for a text in several languages. */
static void write_lang_fact(struct writer *w, const char *label, const struct catalog_value *map)
{
	if (catalog_value_count(map) == 0)
		return;
	begin_fact(w, label);
	node_html_raw(&w->html, "<div class=\"text\">");
	write_lang(w, map);
	node_html_raw(&w->html, "</div>");
	end_fact(w);
}

/* --- parts -------------------------------------------------------------------------------- */

/* Title and description in all languages but the one shown. */
static void write_other_languages(struct writer *w, const struct catalog_value *listing)
{
	const struct catalog_value *title = catalog_value_get(listing, "title");
	const struct catalog_value *description = catalog_value_get(listing, "description");
	const char *shown = NULL;

	(void)catalog_listing_text(title, w->lang, &shown); /* for its tag */
	if (catalog_value_count(title) < 2)
		return;
	node_html_raw(&w->html, "<details><summary>In other languages</summary>\n");
	for (size_t i = 0; i < catalog_value_count(title); i++) {
		const char *tag;
		const char *text = catalog_value_text(catalog_value_at(title, i, &tag));

		if (shown != NULL && strcmp(tag, shown) == 0)
			continue;
		node_html_raw(&w->html, "<div");
		node_page_lang(&w->html, tag);
		node_html_raw(&w->html, "><h3>");
		node_html_text(&w->html, text);
		node_html_raw(&w->html, "</h3><p class=\"text\">");
		node_html_text(&w->html, catalog_value_text(catalog_value_get(description, tag)));
		node_html_raw(&w->html, "</p></div>\n");
	}
	node_html_raw(&w->html, "</details>\n");
}

/* Whether its member could have said something newer that is not here. */
static void write_freshness(struct writer *w, const struct catalog_value *member)
{
	const struct catalog_value *old = catalog_value_get(member, "old");

	if (strcmp(node_page_str(member, "state"), "forked") == 0)
		node_html_raw(
			&w->html,
			"<p class=\"bad\">This member has signed two histories of its log. What "
			"is shown was here before that was known, and others may have been "
			"shown something else. <a href=\"/members\">See the members</a></p>\n");
	else if (catalog_value_type(old) == CATALOG_VALUE_BOOL && catalog_value_bool(old))
		node_html_raw(&w->html,
			      "<p class=\"warn\">This member has not been heard of for two "
			      "days: there may be something newer.</p>\n");
}

static void write_seal(struct writer *w, const struct catalog_value *show)
{
	const struct catalog_value *member = catalog_value_get(show, "member");
	const struct catalog_value *entry = catalog_value_get(show, "entry");
	const struct catalog_value *checkpoint = catalog_value_get(show, "checkpoint");
	const struct catalog_value *verified = catalog_value_get(show, "verified");
	const char *current = node_page_str(member, "current");
	bool good =
		catalog_value_type(verified) == CATALOG_VALUE_BOOL && catalog_value_bool(verified);
	bool forked = strcmp(node_page_str(member, "state"), "forked") == 0;

	node_html_raw(
		&w->html,
		good && forked
			? "<section class=\"seal not\" aria-label=\"Signature\"><p><b>Signed by "
		: good ? "<section class=\"seal\" aria-label=\"Signature\"><p><b "
			 "class=\"good\">\342\234\223 Signed by "
		       : "<section class=\"seal not\" aria-label=\"Signature\"><p><b "
			 "class=\"bad\">Not verified: said to be by ");
	node_html_raw(&w->html, "<bdi>");
	node_html_text(&w->html, node_page_str(member, "title"));
	node_html_raw(&w->html, "</bdi></b></p>\n<p class=\"soft\">");
	node_html_text(&w->html, node_page_str(show, "verification"));
	node_html_raw(&w->html, "</p>\n<p class=\"soft\">Written ");
	node_html_text(&w->html, node_page_str(entry, "time"));
	if (catalog_value_type(checkpoint) == CATALOG_VALUE_MAP) {
		node_html_raw(&w->html, " \302\267 root of the checkpoint <code>");
		node_html_print(&w->html, "%.16s", node_page_str(checkpoint, "root"));
		node_html_raw(&w->html, "\342\200\246</code>");
	}
	if (current[0] != '\0')
		node_html_print(&w->html, " \302\267 current as of %s", current);
	node_html_raw(&w->html, "</p>\n");
	write_freshness(w, member);
	node_html_raw(&w->html, "</section>\n");
}

static void write_keywords(struct writer *w, const struct catalog_value *map)
{
	if (catalog_value_count(map) == 0)
		return;
	begin_fact(w, "Keywords");
	node_html_raw(&w->html, "<ul class=\"tags\">");
	for (size_t i = 0; i < catalog_value_count(map); i++) {
		const char *tag;
		const struct catalog_value *list = catalog_value_at(map, i, &tag);

		for (size_t j = 0; j < catalog_value_count(list); j++) {
			node_html_raw(&w->html, "<li");
			node_page_lang(&w->html, tag);
			node_html_raw(&w->html, ">");
			node_html_text(&w->html,
				       catalog_value_text(catalog_value_at(list, j, NULL)));
		}
	}
	node_html_raw(&w->html, "</ul>");
	end_fact(w);
}

/* Creator, publisher: a name, linked if there is where to. */
static void write_agent(struct writer *w, const struct catalog_value *agent)
{
	const char *url = node_page_str(agent, "url"), *email = node_page_str(agent, "email");

	node_html_raw(&w->html, "<p>");
	write_lang(w, catalog_value_get(agent, "name"));
	if (url[0] == '\0')
		url = node_page_str(agent, "id");
	if (url[0] != '\0') {
		node_html_raw(&w->html, " <span class=\"soft\">");
		write_text(w, url);
		node_html_raw(&w->html, "</span>");
	}
	if (email[0] != '\0')
		node_html_print(&w->html, " (%s)", email);
	node_html_raw(&w->html, "</p>");
}

static void write_agents(struct writer *w, const char *label, const struct catalog_value *agents)
{
	if (catalog_value_count(agents) == 0)
		return;
	begin_fact(w, label);
	if (catalog_value_type(agents) == CATALOG_VALUE_MAP)
		write_agent(w, agents);
	for (size_t i = 0;
	     catalog_value_type(agents) == CATALOG_VALUE_LIST && i < catalog_value_count(agents);
	     i++)
		write_agent(w, catalog_value_at(agents, i, NULL));
	end_fact(w);
}

static void write_contacts(struct writer *w, const struct catalog_value *contacts)
{
	static const char *const parts[] = {"name", "email", "url", "phone"};

	if (catalog_value_count(contacts) == 0)
		return;
	begin_fact(w, "Contact");
	for (size_t i = 0; i < catalog_value_count(contacts); i++) {
		const struct catalog_value *contact = catalog_value_at(contacts, i, NULL);

		node_html_raw(&w->html, "<p>");
		for (size_t j = 0; j < sizeof parts / sizeof parts[0]; j++) {
			if (node_page_str(contact, parts[j])[0] == '\0')
				continue;
			write_text(w, node_page_str(contact, parts[j]));
			node_html_raw(&w->html, " ");
		}
		node_html_raw(&w->html, "</p>");
	}
	end_fact(w);
}

static void write_places(struct writer *w, const struct catalog_value *places)
{
	if (catalog_value_count(places) == 0)
		return;
	begin_fact(w, "Place");
	for (size_t i = 0; i < catalog_value_count(places); i++) {
		const struct catalog_value *place = catalog_value_at(places, i, NULL);
		const struct catalog_value *bbox = catalog_value_get(place, "bbox");

		node_html_raw(&w->html, "<p>");
		write_lang(w, catalog_value_get(place, "name"));
		node_html_print(&w->html, " %s", node_page_str(place, "country"));
		for (size_t j = 0; j < catalog_value_count(bbox); j++) {
			const struct catalog_value *edge = catalog_value_at(bbox, j, NULL);

			if (catalog_value_type(edge) == CATALOG_VALUE_INT ||
			    catalog_value_type(edge) == CATALOG_VALUE_DOUBLE)
				node_html_print(&w->html, "%s%.6g", j == 0 ? " box " : ", ",
						catalog_value_double(edge));
		}
		node_html_raw(&w->html, "</p>");
	}
	end_fact(w);
}

static void write_times(struct writer *w, const struct catalog_value *times)
{
	if (catalog_value_count(times) == 0)
		return;
	begin_fact(w, "Time covered");
	for (size_t i = 0; i < catalog_value_count(times); i++) {
		const struct catalog_value *time = catalog_value_at(times, i, NULL);
		const char *start = node_page_str(time, "start"), *end = node_page_str(time, "end");

		node_html_raw(&w->html, "<p>");
		if (start[0] != '\0' || end[0] != '\0')
			node_html_print(&w->html, "%s \342\200\223 %s ", start, end);
		node_html_text(&w->html, node_page_str(time, "text"));
		node_html_raw(&w->html, "</p>");
	}
	end_fact(w);
}

static void write_bytes(struct writer *w, int64_t bytes)
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
	double number = (double)bytes;
	size_t unit = 0;

	while (number >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
		number /= 1000;
		unit++;
	}
	node_html_print(&w->html, "%.*f %s", unit > 0 && number < 100 ? 1 : 0, number, units[unit]);
}

/* Format, length, licence: what there is of it, with dots between. */
static void write_distribution_facts(struct writer *w, const struct catalog_value *one)
{
	static const char dot[] = " \302\267 ";
	const char *format = node_page_str(one, "format"), *licence = node_page_str(one, "license");
	int64_t bytes = catalog_value_get_int(one, "byteSize", -1);

	if (format[0] == '\0')
		format = node_page_str(one, "mediaType");
	node_html_raw(&w->html, "<p class=\"soft\"><bdi>");
	node_html_text(&w->html, format);
	node_html_raw(&w->html, "</bdi>");
	if (bytes >= 0) {
		node_html_raw(&w->html, format[0] != '\0' ? dot : "");
		write_bytes(w, bytes);
	}
	if (licence[0] != '\0') {
		node_html_raw(&w->html, format[0] != '\0' || bytes >= 0 ? dot : "");
		write_text(w, licence);
	}
	node_html_raw(&w->html, "</p>");
}

static void write_distribution(struct writer *w, const struct catalog_value *one)
{
	const char *download = node_page_str(one, "downloadURL");
	const char *access = node_page_str(one, "accessURL");
	const struct catalog_value *title = catalog_value_get(one, "title");
	const struct catalog_value *description = catalog_value_get(one, "description");

	node_html_raw(&w->html, "<li>");
	if (catalog_value_count(title) > 0) {
		node_html_raw(&w->html, "<h3>");
		write_lang(w, title);
		node_html_raw(&w->html, "</h3>");
	}
	if (catalog_value_count(description) > 0) {
		node_html_raw(&w->html, "<p>");
		write_lang(w, description);
		node_html_raw(&w->html, "</p>");
	}
	node_html_raw(&w->html, "<p>");
	write_text(w, download[0] != '\0' ? download : access);
	node_html_raw(&w->html, "</p>");
	write_distribution_facts(w, one);
	node_html_raw(&w->html, "</li>\n");
}

static void write_distributions(struct writer *w, const struct catalog_value *list)
{
	if (catalog_value_count(list) == 0)
		return;
	node_html_raw(&w->html, "<h2>Data</h2>\n<ul class=\"data\">\n");
	for (size_t i = 0; i < catalog_value_count(list); i++)
		write_distribution(w, catalog_value_at(list, i, NULL));
	node_html_raw(&w->html, "</ul>\n");
}

/* What has no place of its own on the page, as it is. */
static void write_rest(struct writer *w, const char *summary, const struct catalog_value *value)
{
	struct catalog_buffer json = {0};
	int r;

	if (catalog_value_count(value) == 0)
		return;
	r = catalog_json_write(value, CATALOG_JSON_INDENTED, &json);
	if (r == 0)
		r = catalog_buffer_append(&json, "", 1);
	if (r == 0) {
		node_html_raw(&w->html, "<details><summary>");
		node_html_raw(&w->html, summary);
		node_html_raw(&w->html, "</summary><pre dir=\"auto\">");
		node_html_text(&w->html, (const char *)json.bytes);
		node_html_raw(&w->html, "</pre></details>\n");
	} else if (w->html.failed == 0) {
		w->html.failed = r;
	}
	catalog_buffer_close(&json);
}

static void write_facts(struct writer *w, const struct catalog_value *listing,
			const struct catalog_value *show)
{
	static const struct {
		const char *key, *label;
	} plain[] = {
		{"landingPage", "Home page"},
		{"page", "About it"},
		{"license", "Licence"},
		{"accessRights", "Access"},
		{"issued", "Issued"},
		{"modified", "Changed"},
		{"frequency", "Frequency"},
		{"version", "Version"},
		{"type", "Type"},
		{"language", "Languages"},
		{"theme", "Themes"},
		{"conformsTo", "Conforms to"},
		{"source", "Source"},
		{"isVersionOf", "Version of"},
		{"hasVersion", "Other versions"},
		{"isReferencedBy", "Referred to by"},
		{"relation", "Related"},
		{"identifier", "Identifiers"},
	};

	node_html_raw(&w->html, "<table class=\"facts\"><tbody>\n");
	write_keywords(w, catalog_value_get(listing, "keyword"));
	write_agents(w, "Publisher", catalog_value_get(listing, "publisher"));
	write_agents(w, "Creator", catalog_value_get(listing, "creator"));
	write_contacts(w, catalog_value_get(listing, "contact"));
	write_places(w, catalog_value_get(listing, "spatial"));
	write_times(w, catalog_value_get(listing, "temporal"));
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		write_fact(w, plain[i].label, catalog_value_get(listing, plain[i].key));
	write_lang_fact(w, "Rights", catalog_value_get(listing, "rights"));
	write_lang_fact(w, "Provenance", catalog_value_get(listing, "provenance"));
	write_lang_fact(w, "This version", catalog_value_get(listing, "versionNotes"));
	begin_fact(w, "Named here");
	node_html_raw(&w->html, "<code dir=\"auto\">");
	node_html_print(&w->html, "%s/%s", node_page_str(catalog_value_get(show, "member"), "name"),
			node_page_str(show, "id"));
	node_html_raw(&w->html, "</code>");
	end_fact(w);
	node_html_raw(&w->html, "</tbody></table>\n");
}

/* A link to the listing in the API, or to what is below it. */
static void write_api_link(struct writer *w, const struct catalog_value *show, const char *tail,
			   const char *words)
{
	node_html_raw(&w->html, "<a href=\"/api/v1/listings/");
	node_html_segment(&w->html, node_page_str(catalog_value_get(show, "member"), "name"));
	node_html_raw(&w->html, "/");
	node_html_segment(&w->html, node_page_str(show, "id"));
	node_html_raw(&w->html, tail);
	node_html_raw(&w->html, "\">");
	node_html_raw(&w->html, words);
	node_html_raw(&w->html, "</a>");
}

/* What to take away, and how anybody checks it. */
static void write_proof(struct writer *w, const struct catalog_value *show)
{
	const char *member = node_page_str(catalog_value_get(show, "member"), "name");

	node_html_raw(&w->html, "<h2 id=\"proof\">Proof</h2>\n<p>");
	write_api_link(w, show, "/receipt", "Download the receipt");
	node_html_raw(
		&w->html,
		": a small file which proves that this was listed, by whom, and that it is the "
		"newest there was of it as of a signed checkpoint. Whoever has it can check "
		"it without this node, and without a network, with the federation's "
		"charter:</p>\n<pre>fedcat verify FILE.tlog-proof --charter charter</pre>\n"
		"<p class=\"soft\">The whole log of this member can be audited, too: <a "
		"href=\"/log/");
	node_html_segment(&w->html, member);
	node_html_raw(&w->html, "/checkpoint\">its signed checkpoint</a> and the C2SP "
				"<code>tlog-tiles</code> beside it.</p>\n");
}

int node_page_listing_write(const struct node_page *page, const struct catalog_value *show,
			    const char *lang, struct catalog_buffer *buffer)
{
	struct writer w = {.html = {.buffer = buffer}, .lang = lang};
	const struct catalog_value *listing = catalog_value_get(show, "listing");
	const struct catalog_value *description = catalog_value_get(listing, "description");
	const char *tag = NULL;
	const char *title = catalog_listing_text(catalog_value_get(listing, "title"), lang, &tag);

	node_page_begin(&w.html, page, title != NULL ? title : "");
	node_html_raw(&w.html, "<h1");
	node_page_lang(&w.html, tag);
	node_html_raw(&w.html, ">");
	node_html_text(&w.html, title != NULL ? title : node_page_str(show, "id"));
	node_html_raw(&w.html, "</h1>\n");
	if (catalog_value_count(description) > 0) {
		const char *text = catalog_listing_text(description, lang, &tag);

		node_html_raw(&w.html, "<p class=\"text\"");
		node_page_lang(&w.html, tag);
		node_html_raw(&w.html, ">");
		node_html_text(&w.html, text);
		node_html_raw(&w.html, "</p>\n");
	}
	write_other_languages(&w, listing);
	write_seal(&w, show);
	write_distributions(&w, catalog_value_get(listing, "distribution"));
	node_html_raw(&w.html, "<h2>About</h2>\n");
	write_facts(&w, listing, show);
	write_rest(&w, "Data services", catalog_value_get(listing, "service"));
	write_rest(&w, "Policy (ODRL)", catalog_value_get(listing, "policy"));
	write_rest(&w, "What else the source said", catalog_value_get(listing, "extra"));
	write_rest(&w, "What was repaired, as it was before",
		   catalog_value_get(listing, "original"));
	write_proof(&w, show);
	node_html_raw(&w.html, "<p>");
	write_api_link(&w, show, "", "This listing as JSON");
	node_html_raw(&w.html, "</p>\n");
	node_page_end(&w.html);
	return w.html.failed;
}

int node_page_listing_write_gone(const struct node_page *page, const struct catalog_value *show,
				 const char *sentence, struct catalog_buffer *buffer)
{
	struct writer w = {.html = {.buffer = buffer}};

	node_page_begin(&w.html, page, "This listing was withdrawn");
	node_html_raw(&w.html, "<h1>This listing was withdrawn</h1>\n<p dir=\"auto\">");
	node_html_text(&w.html, sentence);
	node_html_raw(&w.html, "</p>\n");
	write_seal(&w, show);
	node_html_raw(&w.html, "<p>");
	write_api_link(&w, show, "/receipt", "Download the receipt");
	node_html_raw(&w.html, ", which proves the withdrawal to anybody who has the federation's "
			       "charter.</p>\n");
	node_page_end(&w.html);
	return w.html.failed;
}
