#include "node/page_form.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/index_policy.h"
#include "catalog/theme.h"

#define PART_BYTES_MAX 80 /* of a field that is part of a parameter */

/* A field with its label; attributes are ours. */
static void write_field(struct node_html *html, const char *label, const char *name,
			const char *value, const char *attributes)
{
	node_html_raw(html, "<label>");
	node_html_raw(html, label);
	node_html_raw(html, "<input name=\"");
	node_html_raw(html, name);
	node_html_raw(html, "\" value=\"");
	node_html_text(html, value);
	node_html_raw(html, "\" dir=\"auto\" ");
	node_html_raw(html, attributes);
	node_html_raw(html, "></label>\n");
}

static void write_option(struct node_html *html, const char *value, const char *label,
			 bool selected)
{
	node_html_raw(html, "<option value=\"");
	node_html_text(html, value);
	node_html_raw(html, selected ? "\" selected>" : "\">");
	node_html_text(html, label);
	node_html_raw(html, "</option>");
}

static void write_members(struct node_html *html, const struct node_page *page)
{
	size_t count = catalog_charter_member_count(page->charter);

	node_html_raw(html, "<label>Member<select name=\"member\">");
	write_option(html, "", "all", false);
	for (size_t i = 0; i < count; i++) {
		const struct catalog_member *member = catalog_charter_member_at(page->charter, i);

		write_option(html, member->name, member->title,
			     strcmp(node_page_parameter(page, "member"), member->name) == 0);
	}
	node_html_raw(html, "</select></label>\n");
}

static void write_sort(struct node_html *html, const struct node_page *page)
{
	static const char *const orders[][2] = {
		{"", "the best first"},
		{"modified", "last changed first"},
		{"entry", "newest here first"},
	};

	node_html_raw(html, "<label>Order<select name=\"sort\">");
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		write_option(html, orders[i][0], orders[i][1],
			     strcmp(node_page_parameter(page, "sort"), orders[i][0]) == 0);
	node_html_raw(html, "</select></label>\n");
}

/* Copy what is of text before the separator to part; return what comes after it. */
static const char *cut(const char *text, const char *separator, char part[PART_BYTES_MAX])
{
	const char *end = strstr(text, separator);
	size_t len = end != NULL ? (size_t)(end - text) : strlen(text);

	if (len >= PART_BYTES_MAX)
		len = PART_BYTES_MAX - 1;
	memcpy(part, text, len);
	part[len] = '\0';
	return end != NULL ? end + strlen(separator) : "";
}

static void write_time(struct node_html *html, const struct node_page *page)
{
	char from[PART_BYTES_MAX], to[PART_BYTES_MAX];
	const char *rest = cut(node_page_parameter(page, "time"), "..", from);

	(void)cut(rest, "..", to);
	if (strstr(node_page_parameter(page, "time"), "..") == NULL)
		memcpy(to, from, sizeof to); /* one year is from and to */
	node_html_raw(html, "<fieldset><legend>Data about the time</legend>\n");
	write_field(html, "from", "from", from, "maxlength=\"30\" placeholder=\"1990\"");
	write_field(html, "to", "to", to, "maxlength=\"30\" placeholder=\"2000-12\"");
	node_html_raw(html, "</fieldset>\n");
}

static void write_box(struct node_html *html, const struct node_page *page)
{
	static const char *const sides[][2] = {
		{"west", "33.9"}, {"south", "-4.7"}, {"east", "41.9"}, {"north", "5.0"}};
	const char *rest = node_page_parameter(page, "bbox");

	node_html_raw(html, "<fieldset><legend>Data about the area, in degrees</legend>\n");
	for (size_t i = 0; i < 4; i++) {
		char side[PART_BYTES_MAX], attributes[80];

		rest = cut(rest, ",", side);
		(void)snprintf(attributes, sizeof attributes,
			       "inputmode=\"decimal\" maxlength=\"12\" placeholder=\"%s\"",
			       sides[i][1]); /* it fits */
		write_field(html, sides[i][0], sides[i][0], side, attributes);
	}
	node_html_raw(html, "<label class=\"check\"><input type=\"checkbox\" name=\"box\" "
			    "value=\"within\"");
	if (strcmp(node_page_parameter(page, "box"), "within") == 0)
		node_html_raw(html, " checked");
	node_html_raw(html, "> nothing outside it</label>\n</fieldset>\n");
}

/* What a usage parameter answers and asks: "no", "research", "KE". */
static enum catalog_index_policy_answer split_usage(const char *usage,
						    struct catalog_index_policy_text *ret_text)
{
	struct catalog_index_policy_question question;
	enum catalog_index_policy_answer answer = CATALOG_INDEX_POLICY_YES;

	for (int i = 0; i < CATALOG_INDEX_POLICY_ANSWERS; i++) {
		const char *word = catalog_index_policy_word((enum catalog_index_policy_answer)i);
		size_t len = strlen(word);

		if (strncmp(usage, word, len) == 0 && usage[len] == ':') {
			answer = (enum catalog_index_policy_answer)i;
			usage += len + 1;
			break;
		}
	}
	memset(ret_text, 0, sizeof *ret_text);
	if (catalog_index_policy_read(usage, ret_text, &question) != 0)
		memset(ret_text, 0, sizeof *ret_text);
	return answer;
}

static void write_usage(struct node_html *html, const struct node_page *page)
{
	static const struct {
		enum catalog_index_policy_answer answer;
		const char *label;
	} answers[] = {{CATALOG_INDEX_POLICY_YES, "yes"},
		       {CATALOG_INDEX_POLICY_NO, "no"},
		       {CATALOG_INDEX_POLICY_UNKNOWN, "nobody says"}};
	struct catalog_index_policy_text text;
	enum catalog_index_policy_answer answer =
		split_usage(node_page_parameter(page, "usage"), &text);

	node_html_raw(html, "<fieldset><legend>May I use it?</legend>\n");
	write_field(html, "for", "purpose", text.purpose,
		    "maxlength=\"60\" placeholder=\"research\" list=\"purposes\"");
	for (size_t i = 0; text.country[i] != '\0'; i++)
		text.country[i] = (char)toupper((unsigned char)text.country[i]);
	write_field(html, "in the country", "where", text.country,
		    "maxlength=\"2\" pattern=\"[A-Za-z]{2}\" placeholder=\"KE\" "
		    "title=\"two letters, such as KE\"");
	node_html_raw(html, "<label>answer<select name=\"may\">");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		write_option(html, catalog_index_policy_word(answers[i].answer), answers[i].label,
			     answers[i].answer == answer);
	node_html_raw(html, "</select></label>\n<datalist id=\"purposes\">"
			    "<option value=\"research\"><option value=\"commercial\">"
			    "<option value=\"education\"></datalist>\n</fieldset>\n");
}

/* The filters that have no field go along unseen. */
static void write_hidden(struct node_html *html, const struct node_page *page)
{
	static const char *const unseen[] = {"sector",  "licence", "format", "access", "language",
					     "keyword", "year",    "doi",    "limit",  "lang"};

	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++) {
		if (!node_page_is_given(page, unseen[i]))
			continue;
		node_html_raw(html, "<input type=\"hidden\" name=\"");
		node_html_raw(html, unseen[i]);
		node_html_raw(html, "\" value=\"");
		node_html_text(html, node_page_parameter(page, unseen[i]));
		node_html_raw(html, "\">\n");
	}
}

static void write_themes(struct node_html *html)
{
	node_html_raw(html, "<datalist id=\"themes\">");
	for (size_t i = 0; i < CATALOG_THEME_CODES; i++)
		write_option(html, catalog_theme_label(catalog_theme_code(i)), "", false);
	for (size_t i = 0; i < CATALOG_THEME_INDUSTRIES; i++)
		write_option(html, catalog_theme_industry(i)->name,
			     catalog_theme_industry(i)->title, false);
	node_html_raw(html, "</datalist>\n");
}

void node_page_form_write(struct node_html *html, const struct node_page *page)
{
	node_html_raw(html,
		      "<form action=\"/\" method=\"get\" role=\"search\">\n<div class=\"find\">"
		      "<label>Find datasets<input type=\"search\" name=\"q\" id=\"q\" "
		      "value=\"");
	node_html_text(html, node_page_parameter(page, "q"));
	node_html_raw(html, "\" dir=\"auto\" maxlength=\"500\" placeholder=\"rice yield\" "
			    "list=\"words\" autocomplete=\"off\"></label>"
			    "<button>Search</button></div>\n<datalist id=\"words\"></datalist>\n");
	write_hidden(html, page);
	node_html_raw(html,
		      "<details>\n<summary>More to search by</summary>\n<div class=\"fields\">\n");
	write_members(html, page);
	write_field(html, "Country", "country", node_page_parameter(page, "country"),
		    "maxlength=\"2\" pattern=\"[A-Za-z]{2}\" placeholder=\"KE\" "
		    "title=\"two letters, such as KE\"");
	write_field(html, "Theme or industry", "theme", node_page_parameter(page, "theme"),
		    "maxlength=\"200\" placeholder=\"Health\" list=\"themes\"");
	write_field(html, "Changed since", "since", node_page_parameter(page, "since"),
		    "maxlength=\"30\" placeholder=\"2026-01-31\"");
	write_sort(html, page);
	node_html_raw(html, "</div>\n");
	write_time(html, page);
	write_box(html, page);
	write_usage(html, page);
	write_themes(html);
	node_html_raw(html, "<p class=\"soft\">Words may be <code>\"in quotes\"</code>, begin "
			    "<code>agri*</code>, be left out <code>-wheat</code> or stand in one "
			    "place <code>title:rice</code>; <code>OR</code> and parentheses "
			    "work.</p>\n<button>Search</button>\n</details>\n</form>\n");
}
