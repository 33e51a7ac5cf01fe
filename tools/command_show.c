/* tools/command_show.c - a listing in the words of people.  Properties stand in one table, in the
 * order in which they are of use; each has one of a few shapes, and each shape has one function
 * that puts it into words.  What no table row names is shown as it is, at the end: nothing is
 * hidden.
 */
#include "tools/command_show.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "catalog/json.h"
#include "catalog/value_get.h"
#include "tools/output.h"

#define LABEL_COLUMNS  16
#define LISTED_AT_MOST 100 /* distributions, services */

enum shape {
	SHAPE_TEXT,     /* text, number, or list of them: one line each */
	SHAPE_WORDS,    /* short texts: on one line, with commas */
	SHAPE_LANG,     /* map from tag to text */
	SHAPE_KEYWORDS, /* map from tag to list of text */
	SHAPE_AGENT,    /* {name, email, url, ...} or a list of them */
	SHAPE_PLACE,
	SHAPE_PERIOD,
	SHAPE_BYTES,
	SHAPE_CHECKSUM,
	SHAPE_JSON,  /* as it is */
	SHAPE_APART, /* shown by code of its own */
};

struct row {
	const char *key, *label;
	enum shape shape;
};

static const struct row listing_rows[] = {
	{"title", "", SHAPE_APART},
	{"description", "", SHAPE_APART},
	{"keyword", "Keywords", SHAPE_KEYWORDS},
	{"theme", "Themes", SHAPE_WORDS},
	{"publisher", "Publisher", SHAPE_AGENT},
	{"creator", "Creator", SHAPE_AGENT},
	{"contact", "Contact", SHAPE_AGENT},
	{"issued", "Issued", SHAPE_TEXT},
	{"modified", "Modified", SHAPE_TEXT},
	{"frequency", "Frequency", SHAPE_TEXT},
	{"temporal", "Covers", SHAPE_PERIOD},
	{"spatial", "Places", SHAPE_PLACE},
	{"language", "Languages", SHAPE_WORDS},
	{"license", "Licence", SHAPE_TEXT},
	{"accessRights", "Access", SHAPE_TEXT},
	{"rights", "Rights", SHAPE_LANG},
	{"policy", "Policy", SHAPE_JSON},
	{"landingPage", "Landing page", SHAPE_TEXT},
	{"page", "Pages", SHAPE_TEXT},
	{"identifier", "Identifier", SHAPE_TEXT},
	{"version", "Version", SHAPE_TEXT},
	{"versionNotes", "Version notes", SHAPE_LANG},
	{"type", "Type", SHAPE_TEXT},
	{"provenance", "Provenance", SHAPE_LANG},
	{"conformsTo", "Conforms to", SHAPE_TEXT},
	{"source", "Source", SHAPE_TEXT},
	{"relation", "Related", SHAPE_TEXT},
	{"isVersionOf", "Version of", SHAPE_TEXT},
	{"hasVersion", "Has version", SHAPE_TEXT},
	{"isReferencedBy", "Referenced by", SHAPE_TEXT},
	{"distribution", "", SHAPE_APART},
	{"service", "", SHAPE_APART},
	{"extra", "", SHAPE_APART},
	{"original", "", SHAPE_APART},
	{NULL, NULL, SHAPE_APART},
};

static const struct row part_rows[] = {
	{"title", "", SHAPE_APART},
	{"description", "Description", SHAPE_LANG},
	{"downloadURL", "Download", SHAPE_TEXT},
	{"accessURL", "Access", SHAPE_TEXT},
	{"endpointURL", "Endpoint", SHAPE_TEXT},
	{"endpointDescription", "Described at", SHAPE_TEXT},
	{"format", "Format", SHAPE_TEXT},
	{"mediaType", "Media type", SHAPE_TEXT},
	{"byteSize", "Length", SHAPE_BYTES},
	{"checksum", "Checksum", SHAPE_CHECKSUM},
	{"license", "Licence", SHAPE_TEXT},
	{"rights", "Rights", SHAPE_LANG},
	{"issued", "Issued", SHAPE_TEXT},
	{"modified", "Modified", SHAPE_TEXT},
	{"language", "Languages", SHAPE_WORDS},
	{"conformsTo", "Conforms to", SHAPE_TEXT},
	{"availability", "Availability", SHAPE_TEXT},
	{"policy", "Policy", SHAPE_JSON},
	{"service", "Service", SHAPE_JSON},
	{"id", "Id", SHAPE_TEXT},
	{NULL, NULL, SHAPE_APART},
};

/* Where and how a listing is shown. */
struct page {
	const struct tools_terminal *terminal;
	const char *lang; /* NULL: any */
	unsigned indent;
};

/* --- values as words; each returns 0 or -ENOMEM ------------------------------------------- */

static int say(struct catalog_buffer *words, const char *text)
{
	return catalog_buffer_append(words, text, strlen(text));
}

/* Say text after what separates it from what was said before; nothing if text is empty. */
static int say_next(struct catalog_buffer *words, const char *separator, const char *text)
{
	int r = 0;

	if (text == NULL || text[0] == '\0')
		return 0;
	if (words->len > 0)
		r = say(words, separator);
	return r == 0 ? say(words, text) : r;
}

static int say_json(struct catalog_buffer *words, const struct catalog_value *value)
{
	return catalog_json_write(value, CATALOG_JSON_COMPACT, words);
}

static int say_scalar(struct catalog_buffer *words, const char *separator,
		      const struct catalog_value *value)
{
	struct catalog_buffer json = {0};
	int r;

	if (catalog_value_text(value) != NULL)
		return say_next(words, separator, catalog_value_text(value));
	r = say_json(&json, value);
	if (r == 0)
		r = catalog_buffer_append(&json, "", 1);
	if (r == 0)
		r = say_next(words, separator, (const char *)json.bytes);
	catalog_buffer_close(&json);
	return r;
}

static int say_list(struct catalog_buffer *words, const char *separator,
		    const struct catalog_value *value)
{
	int r = 0;

	if (catalog_value_type(value) != CATALOG_VALUE_LIST)
		return say_scalar(words, separator, value);
	for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++)
		r = say_scalar(words, separator, catalog_value_at(value, i, NULL));
	return r;
}

static int say_lang(struct catalog_buffer *words, const struct page *page,
		    const struct catalog_value *value)
{
	if (catalog_value_type(value) != CATALOG_VALUE_MAP)
		return say_list(words, "\n", value);
	return say_next(words, " ", catalog_listing_text(value, page->lang, NULL));
}

/* The keywords of the language asked for, else English, else those nobody gave a language, else the
 * first; catalog_listing_text() chooses on a map of the same tags. */
static int say_keywords(struct catalog_buffer *words, const struct page *page,
			const struct catalog_value *value)
{
	struct catalog_value *tags;
	const char *tag = NULL, *key;
	int r = 0;

	if (catalog_value_type(value) != CATALOG_VALUE_MAP)
		return say_list(words, ", ", value);
	tags = catalog_value_new_map();
	for (size_t i = 0; i < catalog_value_count(value) && tags != NULL; i++) {
		(void)catalog_value_at(value, i, &key);
		tags = tools_call_with(tags, key, "x");
	}
	if (tags == NULL)
		return -ENOMEM;
	if (catalog_listing_text(tags, page->lang, &tag) != NULL)
		r = say_list(words, ", ", catalog_value_get(value, tag));
	catalog_value_free(tags);
	return r;
}

static int say_agent(struct catalog_buffer *words, const struct page *page,
		     const struct catalog_value *value)
{
	static const char *const keys[] = {"email", "phone", "url", "type", "id"};
	struct catalog_buffer one = {0};
	int r = say_lang(&one, page, catalog_value_get(value, "name"));

	for (size_t i = 0; i < sizeof keys / sizeof keys[0] && r == 0; i++)
		r = say_next(&one, ", ", catalog_value_get_text(value, keys[i]));
	if (r == 0)
		r = catalog_buffer_append(&one, "", 1);
	if (r == 0)
		r = say_next(words, "\n", (const char *)one.bytes);
	catalog_buffer_close(&one);
	return r;
}

static int say_place(struct catalog_buffer *words, const struct page *page,
		     const struct catalog_value *value)
{
	const struct catalog_value *box = catalog_value_get(value, "bbox");
	const struct catalog_value *name = catalog_value_get(value, "name");
	struct catalog_buffer one = {0};
	int r = name != NULL ? say_lang(&one, page, name) : 0;

	if (r == 0)
		r = say_next(&one, ", ", catalog_value_get_text(value, "country"));
	if (r == 0)
		r = say_next(&one, ", ", catalog_value_get_text(value, "id"));
	if (r == 0 && catalog_value_count(box) == 4)
		r = catalog_buffer_print(&one, "%swest %g, south %g, east %g, north %g",
					 one.len > 0 ? ", " : "",
					 catalog_value_double(catalog_value_at(box, 0, NULL)),
					 catalog_value_double(catalog_value_at(box, 1, NULL)),
					 catalog_value_double(catalog_value_at(box, 2, NULL)),
					 catalog_value_double(catalog_value_at(box, 3, NULL)));
	if (r == 0)
		r = say_next(&one, ", ", catalog_value_get_text(value, "geometry"));
	if (r == 0)
		r = catalog_buffer_append(&one, "", 1);
	if (r == 0)
		r = say_next(words, "\n", (const char *)one.bytes);
	catalog_buffer_close(&one);
	return r;
}

static int say_period(struct catalog_buffer *words, const struct catalog_value *value)
{
	const char *start = catalog_value_get_text(value, "start"),
		   *end = catalog_value_get_text(value, "end");
	const char *text = catalog_value_get_text(value, "text");
	int r = words->len > 0 ? say(words, "\n") : 0;

	if (r == 0 && (start[0] != '\0' || end[0] != '\0'))
		r = catalog_buffer_print(words, "%s to %s%s", start[0] != '\0' ? start : "(open)",
					 end[0] != '\0' ? end : "(open)",
					 text[0] != '\0' ? ", " : "");
	return r == 0 ? say(words, text) : r;
}

/* One value of a list that is a map. */
static int say_map(struct catalog_buffer *words, const struct page *page, enum shape shape,
		   const struct catalog_value *value)
{
	if (catalog_value_type(value) != CATALOG_VALUE_MAP)
		return say_scalar(words, "\n", value);
	if (shape == SHAPE_AGENT)
		return say_agent(words, page, value);
	return shape == SHAPE_PLACE ? say_place(words, page, value) : say_period(words, value);
}

static int say_maps(struct catalog_buffer *words, const struct page *page, enum shape shape,
		    const struct catalog_value *value)
{
	int r = 0;

	if (catalog_value_type(value) != CATALOG_VALUE_LIST)
		return say_map(words, page, shape, value);
	for (size_t i = 0; i < catalog_value_count(value) && r == 0; i++)
		r = say_map(words, page, shape, catalog_value_at(value, i, NULL));
	return r;
}

static int say_value(struct catalog_buffer *words, const struct page *page, enum shape shape,
		     const struct catalog_value *value)
{
	char bytes[TOOLS_OUTPUT_TEXT_BYTES];

	switch (shape) {
	case SHAPE_TEXT: return say_list(words, "\n", value);
	case SHAPE_WORDS: return say_list(words, ", ", value);
	case SHAPE_LANG: return say_lang(words, page, value);
	case SHAPE_KEYWORDS: return say_keywords(words, page, value);
	case SHAPE_AGENT:
	case SHAPE_PLACE:
	case SHAPE_PERIOD: return say_maps(words, page, shape, value);
	case SHAPE_BYTES:
		if (catalog_value_type(value) != CATALOG_VALUE_INT || catalog_value_int(value) < 0)
			return say_scalar(words, "\n", value);
		tools_output_bytes((uint64_t)catalog_value_int(value), bytes);
		return say(words, bytes);
	case SHAPE_CHECKSUM:
		return catalog_buffer_print(words, "%s %s",
					    catalog_value_get_text(value, "algorithm"),
					    catalog_value_get_text(value, "value"));
	case SHAPE_JSON: return say_json(words, value);
	case SHAPE_APART: break;
	}
	assert(false); /* shown by code of its own */
	return 0;
}

/* --- rows on the page ---------------------------------------------------------------------- */

static void show_words(const struct page *page, const char *label, const char *words)
{
	unsigned width = tools_terminal_width(label), column = LABEL_COLUMNS;

	tools_terminal_print(page->terminal, "%*s", (int)page->indent, "");
	tools_terminal_text(page->terminal, TOOLS_TERMINAL_DIM, label);
	if (width + 1 > column) {
		/* A long name from the source: what it says goes below. */
		tools_terminal_print(page->terminal, "\n%*s", (int)(page->indent + column), "");
	} else {
		tools_terminal_print(page->terminal, "%*s", (int)(column - width), "");
	}
	tools_terminal_wrap(page->terminal, TOOLS_TERMINAL_PLAIN, words, page->indent + column);
}

static int show_value(const struct page *page, const char *label, enum shape shape,
		      const struct catalog_value *value)
{
	struct catalog_buffer words = {0};
	int r = say_value(&words, page, shape, value);

	if (r == 0)
		r = catalog_buffer_append(&words, "", 1);
	if (r == 0 && words.len > 1)
		show_words(page, label, (const char *)words.bytes);
	catalog_buffer_close(&words);
	return r;
}

static const struct row *find_row(const struct row *rows, const char *key)
{
	for (; rows->key != NULL; rows++)
		if (strcmp(rows->key, key) == 0)
			return rows;
	return NULL;
}

/* Show what the rows name, in their order, and then what none names. */
static int show_rows(const struct page *page, const struct row *rows,
		     const struct catalog_value *map)
{
	const struct catalog_value *value, *extra = catalog_value_get(map, "extra");
	const char *key;
	int r = 0;

	for (const struct row *row = rows; row->key != NULL && r == 0; row++) {
		value = catalog_value_get(map, row->key);
		if (value != NULL && row->shape != SHAPE_APART)
			r = show_value(page, row->label, row->shape, value);
	}
	for (size_t i = 0; i < catalog_value_count(map) && r == 0; i++) {
		value = catalog_value_at(map, i, &key);
		if (find_row(rows, key) == NULL && strcmp(key, "extra") != 0)
			r = show_value(page, key, SHAPE_JSON, value);
	}
	for (size_t i = 0; i < catalog_value_count(extra) && r == 0; i++) {
		value = catalog_value_at(extra, i, &key);
		r = show_value(page, key,
			       catalog_value_text(value) != NULL ? SHAPE_TEXT : SHAPE_JSON, value);
	}
	return r;
}

static void show_heading(const struct page *page, const char *words)
{
	tools_terminal_print(page->terminal, "\n");
	tools_terminal_wrap(page->terminal, TOOLS_TERMINAL_BOLD, words, 2);
}

/* Distributions or services: one, its title, what it says. */
static int show_parts(const struct page *page, const char *name, const struct catalog_value *list)
{
	size_t count = catalog_value_count(list);
	struct page inner = *page;
	char heading[300];
	int r = 0;

	inner.indent += 2;
	for (size_t i = 0; i < count && i < LISTED_AT_MOST && r == 0; i++) {
		const struct catalog_value *part = catalog_value_at(list, i, NULL);
		const char *title =
			catalog_listing_text(catalog_value_get(part, "title"), page->lang, NULL);

		if (count > 1)
			(void)snprintf(heading, sizeof heading, "%s %zu of %zu%s%s", name, i + 1,
				       count, title != NULL ? ": " : "",
				       title != NULL ? title : "");
		else
			(void)snprintf(heading, sizeof heading, "%s%s%s", name,
				       title != NULL ? ": " : "", title != NULL ? title : "");
		show_heading(page, heading);
		r = show_rows(&inner, part_rows, part);
	}
	if (count > LISTED_AT_MOST)
		tools_terminal_print(page->terminal, "\n... and %zu more; --json has them all\n",
				     count - LISTED_AT_MOST);
	return r;
}

/* Which other languages a text has. */
static void show_languages(const struct page *page, const struct catalog_value *title)
{
	const char *shown = NULL, *key;
	char words[200] = "";
	size_t len = 0;

	(void)catalog_listing_text(title, page->lang, &shown); /* for its tag */
	for (size_t i = 0; i < catalog_value_count(title) && len + 40 < sizeof words; i++) {
		(void)catalog_value_at(title, i, &key);
		if (shown != NULL && strcmp(key, shown) != 0)
			len += (size_t)snprintf(words + len, sizeof words - len, "%s%.35s",
						len > 0 ? ", " : "", key);
	}
	if (len > 0)
		show_words(page, "Also in", words);
}

static int show_original(const struct page *page, const struct catalog_value *original)
{
	const char *key;
	int r = 0;

	if (catalog_value_count(original) == 0)
		return 0;
	show_heading(page, "Repaired; at the source it was");
	for (size_t i = 0; i < catalog_value_count(original) && r == 0; i++) {
		const struct catalog_value *value = catalog_value_at(original, i, &key);

		r = show_value(page, key,
			       catalog_value_text(value) != NULL ? SHAPE_TEXT : SHAPE_JSON, value);
	}
	return r;
}

static int show_listing(const struct page *page, const struct catalog_value *listing,
			const char *name)
{
	const struct catalog_value *title = catalog_value_get(listing, "title");
	const char *text = catalog_listing_text(title, page->lang, NULL);
	int r;

	tools_terminal_wrap(page->terminal, TOOLS_TERMINAL_BOLD, text != NULL ? text : name, 0);
	tools_terminal_text(page->terminal, TOOLS_TERMINAL_GOOD, name);
	tools_terminal_print(page->terminal, "\n\n");
	text = catalog_listing_text(catalog_value_get(listing, "description"), page->lang, NULL);
	if (text != NULL) {
		tools_terminal_wrap(page->terminal, TOOLS_TERMINAL_PLAIN, text, 0);
		tools_terminal_print(page->terminal, "\n");
	}
	r = show_rows(page, listing_rows, listing);
	show_languages(page, title);
	if (r == 0)
		r = show_parts(page, "Distribution", catalog_value_get(listing, "distribution"));
	if (r == 0)
		r = show_parts(page, "Service", catalog_value_get(listing, "service"));
	return r == 0 ? show_original(page, catalog_value_get(listing, "original")) : r;
}

/* --- proof --------------------------------------------------------------------------------- */

static void show_proof(const struct page *page, const struct catalog_value *answer)
{
	const struct catalog_value *member = catalog_value_get(answer, "member");
	const struct catalog_value *entry = catalog_value_get(answer, "entry");
	const struct catalog_value *checkpoint = catalog_value_get(answer, "checkpoint");
	const struct catalog_value *verified = catalog_value_get(answer, "verified");
	char words[512], count[TOOLS_OUTPUT_TEXT_BYTES], time[TOOLS_OUTPUT_TEXT_BYTES];
	bool good =
		catalog_value_type(verified) == CATALOG_VALUE_BOOL && catalog_value_bool(verified);

	show_heading(page, "Proof");
	(void)snprintf(words, sizeof words, "%s (%s, %s)", catalog_value_get_text(member, "title"),
		       catalog_value_get_text(member, "name"),
		       catalog_value_get_text(member, "country"));
	show_words(page, "Signed by", words);
	show_words(page, "With key", catalog_value_get_text(member, "fingerprint"));
	/* People count from 1; the index of --json is from 0. */
	tools_output_count(catalog_value_get_count(entry, "index") + 1, count);
	tools_output_time(catalog_value_get_text(entry, "time"), time);
	(void)snprintf(words, sizeof words, "%s of its log, written %s", count, time);
	show_words(page, "Entry", words);
	if (catalog_value_type(catalog_value_get(entry, "prev")) == CATALOG_VALUE_INT) {
		tools_output_count(catalog_value_get_count(entry, "prev") + 1, count);
		(void)snprintf(words, sizeof words, "entry %s", count);
		show_words(page, "In place of", words);
	}
	if (catalog_value_type(checkpoint) == CATALOG_VALUE_MAP) {
		tools_output_count(catalog_value_get_count(checkpoint, "size"), count);
		(void)snprintf(words, sizeof words, "of %s entries, root %s", count,
			       catalog_value_get_text(checkpoint, "root"));
		show_words(page, "Checkpoint", words);
	}
	tools_terminal_cell(page->terminal, TOOLS_TERMINAL_DIM, "Verified", LABEL_COLUMNS);
	tools_terminal_text(page->terminal, good ? TOOLS_TERMINAL_GOOD : TOOLS_TERMINAL_BAD,
			    good ? "yes" : "NO");
	tools_terminal_print(page->terminal, good ? ", on this machine, just now\n" : ": ");
	if (!good)
		tools_terminal_wrap(page->terminal, TOOLS_TERMINAL_PLAIN,
				    catalog_value_get_text(answer, "verification"), LABEL_COLUMNS);
}

static void show_withdrawn(const struct page *page, const struct catalog_value *answer,
			   const char *name)
{
	const struct catalog_value *entry = catalog_value_get(answer, "entry");
	const char *reason = catalog_value_get_text(answer, "reason");
	char time[TOOLS_OUTPUT_TEXT_BYTES];

	tools_terminal_text(page->terminal, TOOLS_TERMINAL_BOLD, name);
	tools_terminal_print(page->terminal, " was ");
	tools_terminal_text(page->terminal, TOOLS_TERMINAL_WORSE, "withdrawn");
	tools_output_time(catalog_value_get_text(entry, "time"), time);
	tools_terminal_print(page->terminal, " by its member, ");
	tools_terminal_text(page->terminal, TOOLS_TERMINAL_PLAIN, time);
	tools_terminal_print(page->terminal, ".\n");
	show_words(page, "Reason", reason[0] != '\0' ? reason : "none was given");
}

static int show_answer(const struct tools_call *call, const struct catalog_value *answer)
{
	const struct catalog_value *member = catalog_value_get(answer, "member");
	const struct page page = {&call->out, call->lang[0] != '\0' ? call->lang : NULL, 0};
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + CATALOG_ID_BYTES_MAX + 2];
	int r = 0;

	(void)snprintf(name, sizeof name, "%s/%s", catalog_value_get_text(member, "name"),
		       catalog_value_get_text(answer, "id"));
	if (strcmp(catalog_value_get_text(answer, "state"), "withdrawn") == 0)
		show_withdrawn(&page, answer, name);
	else
		r = show_listing(&page, catalog_value_get(answer, "listing"), name);
	if (r != 0)
		return tools_call_fail(call, TOOLS_EXIT_FAILED, "out of memory");
	show_proof(&page, answer);
	return 0;
}

/* --- which listing ------------------------------------------------------------------------- */

static struct catalog_value *make_request(const struct tools_call *call, const char *member,
					  const char *id)
{
	struct catalog_value *request =
		tools_call_with(tools_call_request("show"), "member", member);

	request = tools_call_with(request, "id", id);
	return tools_call_with(request, "lang", call->lang[0] != '\0' ? call->lang : NULL);
}

/* Ask every member for id in turn.  Returns 0 or an exit status. */
static int find_anywhere(const struct tools_call *call, struct node_client *client,
			 const struct catalog_charter *charter, const char *id,
			 struct catalog_value **ret_answer)
{
	size_t count = catalog_charter_member_count(charter);
	const struct catalog_member *first = NULL;
	struct catalog_value *answer = NULL;
	struct node_error error;
	int r;

	for (size_t i = 0; i < count; i++) {
		const struct catalog_member *member = catalog_charter_member_at(charter, i);
		struct catalog_value *other = NULL;

		r = node_client_call(client, make_request(call, member->name, id), &other, &error);
		if (r == -ENOENT)
			continue;
		if (r != 0) {
			catalog_value_free(answer);
			return tools_call_fail_code(call, r, &error);
		}
		if (first != NULL) {
			catalog_value_free(answer);
			catalog_value_free(other);
			return tools_call_fail(call, TOOLS_EXIT_USAGE,
					       "several members have a listing \"%s\"; say which: "
					       "%s/%s or %s/%s",
					       id, first->name, id, member->name, id);
		}
		first = member;
		answer = other;
	}
	if (answer == NULL)
		return tools_call_fail(call, TOOLS_EXIT_NOT_FOUND,
				       "no member has a listing \"%s\" here; `fedcat search` finds "
				       "listings by their words",
				       id);
	*ret_answer = answer;
	return 0;
}

/* Ask for the listing that text names.  Returns 0 or an exit status. */
static int find(const struct tools_call *call, struct node_client *client, const char *text,
		struct catalog_value **ret_answer)
{
	char name[CATALOG_MEMBER_NAME_BYTES_MAX + 1];
	struct catalog_value *status_answer = NULL;
	struct catalog_charter *charter = NULL;
	struct node_error error;
	const char *id, *own;
	int r, status = tools_call_charter(call, &charter);

	if (status != 0)
		return status;
	status = tools_call_split(call, charter, text, name, &id);
	if (status == 0 && name[0] != '\0') {
		status = tools_call_ask(call, client, make_request(call, name, id), ret_answer);
		goto out;
	}
	if (status == 0)
		status = tools_call_ask(call, client, tools_call_request("status"), &status_answer);
	if (status != 0)
		goto out;
	own = catalog_value_text(catalog_value_get(status_answer, "member"));
	r = -ENOENT;
	if (own != NULL)
		r = node_client_call(client, make_request(call, own, id), ret_answer, &error);
	if (r == -ENOENT)
		status = find_anywhere(call, client, charter, id, ret_answer);
	else if (r != 0)
		status = tools_call_fail_code(call, r, &error);
out:
	catalog_value_free(status_answer);
	catalog_charter_free(charter);
	return status;
}

int tools_command_show_run(const struct tools_call *call)
{
	const struct catalog_value *verified;
	struct catalog_value *answer = NULL;
	struct node_client *client;
	int status;

	status = tools_call_open(call, &client);
	if (status != 0)
		return status;
	status = find(call, client, call->words[0], &answer);
	if (status == 0)
		status = call->json ? tools_call_print_json(call, answer)
				    : show_answer(call, answer);
	verified = catalog_value_get(answer, "verified");
	if (status == 0 &&
	    (catalog_value_type(verified) != CATALOG_VALUE_BOOL || !catalog_value_bool(verified)))
		status = tools_call_fail(call, TOOLS_EXIT_UNVERIFIED,
					 "this listing does not verify; do not rely on it");
	catalog_value_free(answer);
	node_client_close(client);
	return status;
}
