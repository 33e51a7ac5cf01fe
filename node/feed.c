#include "node/feed.h"

#include <errno.h>
#include <string.h>

#include "catalog/json.h"
#include "node/fields.h"
#include "node/html.h"

#define EPOCH "1970-01-01T00:00:00Z" /* of a feed of a catalogue that is empty */

static const char *str(const struct catalog_value *map, const char *key)
{
	const char *text = catalog_value_text(catalog_value_get(map, key));

	return text != NULL ? text : "";
}

static const char *updated_of(const struct catalog_value *changes)
{
	const char *updated = str(changes, "updated");

	return updated[0] != '\0' ? updated : EPOCH;
}

static const char *member_title(const struct node_feed *feed, const struct catalog_value *item)
{
	const struct catalog_member *member =
		catalog_charter_member_named(feed->charter, str(item, "member"));

	return member != NULL ? member->title : str(item, "member");
}

static const char *author_of(const struct node_feed *feed, const struct catalog_value *item)
{
	const char *publisher = str(item, "publisher");

	return publisher[0] != '\0' ? publisher : member_title(feed, item);
}

/* "urn:fedcat:FEDERATION". */
static void write_urn(struct node_html *out, const struct node_feed *feed)
{
	char hex[CATALOG_HASH_HEX_BYTES];

	catalog_hash_to_hex(catalog_charter_federation(feed->charter), hex);
	node_html_raw(out, "urn:fedcat:");
	node_html_raw(out, hex);
}

static void write_item_id(struct node_html *out, const struct node_feed *feed,
			  const struct catalog_value *item)
{
	write_urn(out, feed);
	node_html_raw(out, ":");
	node_html_segment(out, str(item, "member"));
	node_html_raw(out, ":");
	node_html_segment(out, str(item, "id"));
}

static void write_listing_target(struct node_html *out, const struct catalog_value *item)
{
	node_html_raw(out, "/listing/");
	node_html_segment(out, str(item, "member"));
	node_html_raw(out, "/");
	node_html_segment(out, str(item, "id"));
}

/* --- Atom --------------------------------------------------------------------------------- */

/* Whether the character at text, of which len bytes are looked at, is none that XML 1.0 has. */
static bool is_forbidden(const char *text, size_t *ret_len)
{
	unsigned char c = (unsigned char)text[0];

	*ret_len = 1;
	if (c < 0x20)
		return c != '\t' && c != '\n' && c != '\r';
	if (strncmp(text, "\357\277\276", 3) != 0 && strncmp(text, "\357\277\277", 3) != 0)
		return false;
	*ret_len = 3;
	return true;
}

/* Text of others: what XML cannot say becomes U+FFFD. */
static void write_text(struct node_html *out, const char *text)
{
	struct catalog_buffer clean = {0};
	int r = 0;

	while (*text != '\0' && r == 0) {
		size_t len;

		r = is_forbidden(text, &len) ? catalog_buffer_append(&clean, "\357\277\275", 3)
					     : catalog_buffer_append(&clean, text, len);
		text += len;
	}
	if (r == 0)
		r = catalog_buffer_append(&clean, "", 1);
	if (r == 0)
		node_html_text(out, (const char *)clean.bytes);
	else if (out->failed == 0)
		out->failed = r;
	catalog_buffer_close(&clean);
}

static void write_lang(struct node_html *out, const char *tag)
{
	if (tag[0] == '\0' || strcmp(tag, "und") == 0)
		return;
	node_html_raw(out, " xml:lang=\"");
	node_html_text(out, tag);
	node_html_raw(out, "\"");
}

static void write_link(struct node_html *out, const struct node_feed *feed, const char *rel,
		       const char *type, const char *target)
{
	node_html_raw(out, "<link rel=\"");
	node_html_raw(out, rel);
	node_html_raw(out, "\" type=\"");
	node_html_raw(out, type);
	node_html_raw(out, "\" href=\"");
	node_html_text(out, feed->base);
	node_html_text(out, target);
	node_html_raw(out, "\"/>\n");
}

static void write_entry(struct node_html *out, const struct node_feed *feed,
			const struct catalog_value *item)
{
	const struct catalog_value *keywords = catalog_value_get(item, "keywords");

	node_html_raw(out, "<entry>\n<id>");
	write_item_id(out, feed, item);
	node_html_raw(out, "</id>\n<title");
	write_lang(out, str(item, "title_lang"));
	node_html_raw(out, ">");
	write_text(out, str(item, "title"));
	node_html_raw(out, "</title>\n<updated>");
	node_html_text(out, str(item, "updated"));
	node_html_raw(out, "</updated>\n<author><name>");
	write_text(out, author_of(feed, item));
	node_html_raw(out, "</name></author>\n<link rel=\"alternate\" type=\"text/html\" href=\"");
	node_html_text(out, feed->base);
	write_listing_target(out, item);
	node_html_raw(out, "\"/>\n");
	write_link(out, feed, "related", "text/plain", str(item, "receipt"));
	if (str(item, "summary")[0] != '\0') {
		node_html_raw(out, "<summary type=\"text\"");
		write_lang(out, str(item, "summary_lang"));
		node_html_raw(out, ">");
		write_text(out, str(item, "summary"));
		node_html_raw(out, "</summary>\n");
	}
	for (size_t i = 0; i < catalog_value_count(keywords); i++) {
		node_html_raw(out, "<category term=\"");
		write_text(out, catalog_value_text(catalog_value_at(keywords, i, NULL)));
		node_html_raw(out, "\"/>\n");
	}
	node_html_raw(out, "</entry>\n");
}

static void write_deleted(struct node_html *out, const struct node_feed *feed,
			  const struct catalog_value *gone)
{
	node_html_raw(out, "<at:deleted-entry ref=\"");
	write_item_id(out, feed, gone);
	node_html_raw(out, "\" when=\"");
	node_html_text(out, str(gone, "time"));
	node_html_raw(out, "\">\n<at:by><name>");
	write_text(out, member_title(feed, gone));
	node_html_raw(out, "</name></at:by>\n");
	if (str(gone, "reason")[0] != '\0') {
		node_html_raw(out, "<at:comment>");
		write_text(out, str(gone, "reason"));
		node_html_raw(out, "</at:comment>\n");
	}
	node_html_raw(out, "</at:deleted-entry>\n");
}

static void write_title(struct node_html *out, const struct node_feed *feed)
{
	write_text(out, catalog_charter_name(feed->charter));
	if (feed->query[0] != '\0') {
		node_html_raw(out, ": ");
		write_text(out, feed->query);
	}
}

int node_feed_atom(const struct node_feed *feed, const struct catalog_value *changes,
		   struct catalog_buffer *buffer)
{
	const struct catalog_value *items = catalog_value_get(changes, "items");
	const struct catalog_value *withdrawn = catalog_value_get(changes, "withdrawn");
	struct node_html out = {.buffer = buffer};

	node_html_raw(&out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			    "<feed xmlns=\"http://www.w3.org/2005/Atom\" "
			    "xmlns:at=\"http://purl.org/atompub/tombstones/1.0\">\n<id>");
	write_urn(&out, feed);
	node_html_raw(&out, ":feed:");
	node_html_segment(&out, feed->identity);
	node_html_raw(&out, "</id>\n<title>");
	write_title(&out, feed);
	node_html_raw(&out, "</title>\n<updated>");
	node_html_text(&out, updated_of(changes));
	node_html_raw(&out, "</updated>\n<author><name>");
	write_text(&out, catalog_charter_name(feed->charter));
	node_html_raw(&out, "</name></author>\n<generator version=\"" PACKAGE_VERSION
			    "\">fedcat</generator>\n");
	write_link(&out, feed, "self", "application/atom+xml", feed->self);
	write_link(&out, feed, "first", "application/atom+xml", feed->first);
	if (feed->next != NULL)
		write_link(&out, feed, "next", "application/atom+xml", feed->next);
	write_link(&out, feed, "alternate", "text/html", feed->page);
	for (size_t i = 0; i < catalog_value_count(items); i++)
		write_entry(&out, feed, catalog_value_at(items, i, NULL));
	for (size_t i = 0; i < catalog_value_count(withdrawn); i++)
		write_deleted(&out, feed, catalog_value_at(withdrawn, i, NULL));
	node_html_raw(&out, "</feed>\n");
	return out.failed;
}

/* --- JSON Feed ---------------------------------------------------------------------------- */

/* What a writer wrote, as a value; NULL if it failed. */
static struct catalog_value *take_text(struct node_html *out)
{
	struct catalog_value *text =
		out->failed == 0 ? catalog_value_new_string_n((const char *)out->buffer->bytes,
							      out->buffer->len)
				 : NULL;

	catalog_buffer_close(out->buffer);
	return text;
}

static struct catalog_value *id_value(const struct node_feed *feed,
				      const struct catalog_value *item)
{
	struct catalog_buffer buffer = {0};
	struct node_html out = {.buffer = &buffer};

	write_item_id(&out, feed, item);
	return take_text(&out);
}

/* base and a target; all in it is percent-encoded, so nothing is escaped. */
static struct catalog_value *url_value(const struct node_feed *feed, const char *target)
{
	struct catalog_buffer buffer = {0};
	struct node_html out = {.buffer = &buffer};

	node_html_raw(&out, feed->base);
	node_html_raw(&out, target);
	return take_text(&out);
}

static struct catalog_value *listing_value(const struct node_feed *feed,
					   const struct catalog_value *item)
{
	struct catalog_buffer buffer = {0};
	struct node_html out = {.buffer = &buffer};

	node_html_raw(&out, feed->base);
	write_listing_target(&out, item);
	return take_text(&out);
}

/* [{"name": name}] */
static struct catalog_value *authors_value(const char *name)
{
	struct catalog_value *list = catalog_value_new_list();
	struct node_fields author;

	node_fields_init(&author);
	node_fields_text(&author, "name", name);
	if (list != NULL && node_fields_append(&author, list) == 0)
		return list;
	catalog_value_free(list);
	return NULL;
}

static int append_item(const struct node_feed *feed, const struct catalog_value *item,
		       struct catalog_value *items)
{
	const char *lang = str(item, "title_lang"), *summary = str(item, "summary");
	const struct catalog_value *keywords = catalog_value_get(item, "keywords");
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_value(&fields, "id", id_value(feed, item));
	node_fields_value(&fields, "url", listing_value(feed, item));
	node_fields_text(&fields, "title", str(item, "title"));
	node_fields_text(&fields, "content_text",
			 summary[0] != '\0' ? summary : str(item, "title"));
	node_fields_text(&fields, "date_modified", str(item, "updated"));
	node_fields_value(&fields, "authors", authors_value(author_of(feed, item)));
	if (catalog_value_count(keywords) > 0)
		node_fields_value(&fields, "tags", catalog_value_clone(keywords));
	if (lang[0] != '\0' && strcmp(lang, "und") != 0)
		node_fields_text(&fields, "language", lang);
	return node_fields_append(&fields, items);
}

static int append_withdrawn(const struct node_feed *feed, const struct catalog_value *gone,
			    struct catalog_value *list)
{
	const char *reason = str(gone, "reason");
	struct node_fields fields;

	node_fields_init(&fields);
	node_fields_value(&fields, "id", id_value(feed, gone));
	node_fields_text(&fields, "when", str(gone, "time"));
	node_fields_text(&fields, "by", member_title(feed, gone));
	node_fields_text(&fields, "reason", reason[0] != '\0' ? reason : NULL);
	return node_fields_append(&fields, list);
}

typedef int (*append_one)(const struct node_feed *feed, const struct catalog_value *one,
			  struct catalog_value *list);

/* Each of from, as append makes it; NULL if it failed. */
static struct catalog_value *list_value(const struct node_feed *feed,
					const struct catalog_value *from, append_one append)
{
	struct catalog_value *list = catalog_value_new_list();
	int r = list != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; i < catalog_value_count(from) && r == 0; i++)
		r = append(feed, catalog_value_at(from, i, NULL), list);
	if (r == 0)
		return list;
	catalog_value_free(list);
	return NULL;
}

int node_feed_json(const struct node_feed *feed, const struct catalog_value *changes,
		   struct catalog_buffer *buffer)
{
	const char *name = catalog_charter_name(feed->charter);
	struct catalog_value *value = NULL, *extension = NULL;
	struct catalog_buffer title = {0};
	struct node_fields fields, inner;
	int r;

	node_fields_init(&inner);
	node_fields_text(&inner, "updated", updated_of(changes));
	node_fields_value(
		&inner, "withdrawn",
		list_value(feed, catalog_value_get(changes, "withdrawn"), append_withdrawn));
	(void)node_fields_close(&inner, &extension); /* NULL says it */
	r = catalog_buffer_print(&title, "%s%s%s", name, feed->query[0] != '\0' ? ": " : "",
				 feed->query);
	node_fields_init(&fields);
	node_fields_text(&fields, "version", "https://jsonfeed.org/version/1.1");
	node_fields_value(&fields, "title",
			  r == 0 ? catalog_value_new_string_n((const char *)title.bytes, title.len)
				 : NULL);
	node_fields_value(&fields, "home_page_url", url_value(feed, feed->page));
	node_fields_value(&fields, "feed_url", url_value(feed, feed->self));
	if (feed->next != NULL)
		node_fields_value(&fields, "next_url", url_value(feed, feed->next));
	node_fields_value(&fields, "authors", authors_value(name));
	node_fields_value(&fields, "items",
			  list_value(feed, catalog_value_get(changes, "items"), append_item));
	node_fields_value(&fields, "_fedcat", extension);
	catalog_buffer_close(&title);
	r = node_fields_close(&fields, &value);
	if (r == 0)
		r = catalog_json_write(value, CATALOG_JSON_COMPACT, buffer);
	if (r == 0)
		r = catalog_buffer_append(buffer, "\n", 1);
	catalog_value_free(value);
	return r;
}
