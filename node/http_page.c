#include "node/http_page.h"

#include <errno.h>
#include <string.h>

#include "node/feed.h"
#include "node/http_api.h"
#include "node/http_search.h"
#include "node/page.h"
#include "node/page_listing.h"
#include "node/page_search.h"

/* --- pages -------------------------------------------------------------------------------- */

static int write_listing(const struct node_page *page, const struct catalog_value *answer,
			 const char *lang, struct node_http_reply *reply)
{
	struct catalog_buffer sentence = {0};
	int r;

	if (strcmp(node_page_str(answer, "state"), "withdrawn") != 0)
		return node_page_listing_write(page, answer, lang, &reply->body);
	reply->status = 410;
	r = node_http_api_withdrawal(answer, &sentence);
	if (r == 0)
		r = catalog_buffer_append(&sentence, "", 1);
	if (r == 0)
		r = node_page_listing_write_gone(page, answer, (const char *)sentence.bytes,
						 &reply->body);
	catalog_buffer_close(&sentence);
	return r;
}

int node_http_page_write(const struct catalog_charter *charter, struct node_session *session,
			 const struct node_http_request *request, const char *lang,
			 struct node_http_reply *reply)
{
	struct node_page page = {.charter = charter};
	const char *named = node_http_request_parameter(request, "lang");
	struct catalog_value *status = NULL, *answer = NULL;
	struct node_http_search search;
	struct node_error error;
	int r = 0;

	lang = named != NULL ? named : lang[0] != '\0' ? lang : NULL;
	reply->status = 200;
	if (request->route == NODE_HTTP_REQUEST_HOME) {
		r = node_http_search_read(request, &search, &error);
		page.search = r == 0 ? &search : NULL;
	}
	if (r == 0 && request->route != NODE_HTTP_REQUEST_PAGE)
		r = node_http_api_ask_op(session, "status", &status, &error);
	if (r == 0 && request->route != NODE_HTTP_REQUEST_ROSTER)
		r = node_http_api_ask(session, request, lang, &answer, &error);
	if (r != 0) {
		reply->status = node_http_reply_status(r);
		reply->etag[0] = '\0';
		r = node_page_error(&page, reply->status, error.text, &reply->body);
	} else if (request->route == NODE_HTTP_REQUEST_HOME) {
		r = node_page_search_write(&page, status, answer, &reply->body);
	} else if (request->route == NODE_HTTP_REQUEST_ROSTER) {
		r = node_page_members(&page, status, &reply->body);
	} else {
		r = write_listing(&page, answer, lang, reply);
	}
	catalog_value_free(status);
	catalog_value_free(answer);
	return r;
}

/* --- feeds -------------------------------------------------------------------------------- */

enum target { IDENTITY, SELF, FIRST, NEXT, PAGE, TARGETS };

/* Make what a feed names; each ends with a NUL. */
static int make_targets(const struct node_http_search *search, const char *path, const char *next,
			struct catalog_buffer targets[TARGETS])
{
	/* How many at a time, since when and in which language does not make it another feed. */
	const struct node_http_search_change changes[TARGETS][3] = {
		[IDENTITY] = {{"since", NULL}, {"limit", NULL}, {"lang", NULL}},
		[SELF] = {{"cursor", node_http_search_get(search, "cursor")}},
		[NEXT] = {{"cursor", next}},
		[PAGE] = {{"since", NULL}, {"limit", NULL}}};
	static const size_t counts[TARGETS] = {3, 1, 0, 1, 2};
	int r = 0;

	for (size_t i = 0; i < TARGETS && r == 0; i++) {
		r = node_http_search_target(search, i == PAGE ? "/" : path, changes[i], counts[i],
					    &targets[i]);
		if (r == 0)
			r = catalog_buffer_append(&targets[i], "", 1);
	}
	return r;
}

static int write_feed(const struct catalog_charter *charter,
		      const struct node_http_request *request,
		      const struct node_http_search *search, const char *base,
		      const struct catalog_value *changes, struct node_http_reply *reply)
{
	bool atom = request->route == NODE_HTTP_REQUEST_ATOM;
	const char *cursor = catalog_value_text(catalog_value_get(changes, "cursor"));
	const char *query = node_http_search_get(search, "q");
	struct catalog_buffer targets[TARGETS] = {{0}};
	int r = make_targets(search, atom ? "/feed.atom" : "/feed.json", cursor, targets);

	if (r == 0) {
		const struct node_feed feed = {
			.charter = charter,
			.base = base,
			.query = query != NULL ? query : "",
			.identity = (const char *)targets[IDENTITY].bytes,
			.self = (const char *)targets[SELF].bytes,
			.first = (const char *)targets[FIRST].bytes,
			.next = cursor != NULL ? (const char *)targets[NEXT].bytes : NULL,
			.page = (const char *)targets[PAGE].bytes};

		reply->type = atom ? "application/atom+xml; charset=utf-8"
				   : "application/feed+json; charset=utf-8";
		r = atom ? node_feed_atom(&feed, changes, &reply->body)
			 : node_feed_json(&feed, changes, &reply->body);
	}
	for (size_t i = 0; i < TARGETS; i++)
		catalog_buffer_close(&targets[i]);
	return r;
}

int node_http_page_feed(const struct catalog_charter *charter, struct node_session *session,
			const struct node_http_request *request, const char *lang, const char *base,
			struct node_http_reply *reply)
{
	struct catalog_value *changes = NULL;
	struct node_http_search search;
	struct node_error error;
	int r = node_http_search_read(request, &search, &error);

	if (r == 0)
		r = node_http_api_ask(session, request, lang[0] != '\0' ? lang : NULL, &changes,
				      &error);
	if (r != 0)
		return node_http_reply_problem(reply, node_http_reply_status(r), error.text, NULL);
	r = write_feed(charter, request, &search, base, changes, reply);
	catalog_value_free(changes);
	return r;
}
