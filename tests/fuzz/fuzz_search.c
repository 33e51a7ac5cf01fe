/* What somebody may ask a search over HTTP, carried out on a small catalogue.  The first line says
 * what is asked ("page", "atom", "json", "suggest", else the API), each other line is a parameter
 * as it is before it is encoded: "q=rice (a OR", "cursor=...".  Whatever it is: no crash, an answer
 * or a sentence; an answer is within its limits, and what others wrote is markup on no page and in
 * no feed. */
#include "catalog/json.h"
#include "catalog/value_get.h"
#include "node/http_api.h"
#include "node/http_page.h"
#include "node/http_request.h"
#include "node/http_search.h"
#include "tests/fuzz/small_node.h"

#define LISTINGS 60

static struct small_node node;
static struct node_session *session;

static void close_node(void)
{
	node_control_session_free(session);
	small_node_close(&node);
}

static void tell(const char *json)
{
	struct catalog_value *request = NULL, *answer = NULL;
	struct catalog_json_error error;
	struct node_error why;

	require(catalog_json_read((struct catalog_span){(const uint8_t *)json, strlen(json)},
				  &request, &error) == 0);
	require(node_control_handle(session, request, &answer, &why) == 0);
	catalog_value_free(request);
	catalog_value_free(answer);
}

/* Listings with something for each filter, and with what must not become markup. */
static void fill(void)
{
	char json[1200];

	tell("{\"op\":\"publish-begin\"}");
	for (int i = 0; i < LISTINGS; i++) {
		snprintf(json, sizeof json,
			 "{\"op\":\"publish-put\",\"items\":[{\"id\":\"rice/%d?<x>&\\\"\","
			 "\"listing\":{\"title\":{\"en\":\"Rice <script>yield %d\","
			 "\"zh\":\"\\u7a3b\\u7c73\\u4ea7\\u91cf\"},\"description\":{\"%s\":"
			 "\"Maize & soft wheat, number %d, of the harvest ]]> of %d\"},"
			 "\"keyword\":{\"en\":[\"</b>\",\"k%d\"]},\"theme\":[\"%s\"],"
			 "\"issued\":\"20%02d-0%d-11\",\"language\":[\"%s\"],"
			 "\"identifier\":[\"doi:10.5/%d\"],\"license\":\"https://x.org/by/%d/\","
			 "\"spatial\":[{\"country\":\"%s\",\"bbox\":[%d,-20,%d,10]}],"
			 "\"temporal\":[{\"start\":\"19%02d\",\"end\":\"2001\"}],"
			 "\"policy\":[{\"%s\":[{\"action\":\"use\"}]}],"
			 "\"distribution\":[{\"downloadURL\":\"https://x.org/%d\","
			 "\"format\":\"%s\"}]}}]}",
			 i, i % 9, i % 2 == 0 ? "en" : "fr", i, i % 7, i % 5,
			 i % 3 == 0 ? "Health" : "Allerlei", i % 25, 1 + i % 9,
			 i % 2 == 0 ? "en" : "sw", i, i % 4, i % 2 == 0 ? "KE" : "FJ",
			 i % 2 == 0 ? 30 : 170, i % 2 == 0 ? 40 : -170, 50 + i % 40,
			 i % 2 == 0 ? "permission" : "prohibition", i, i % 2 == 0 ? "CSV" : "json");
		tell(json);
	}
	tell("{\"op\":\"publish-end\"}");
	tell("{\"op\":\"withdraw\",\"id\":\"rice/7?<x>&\\\"\",\"reason\":\"<b>wrong\"}");
}

static void open_node(void)
{
	small_node_open(&node, true);
	require(node_control_session_new(node.control, &session) == 0);
	require(atexit(close_node) == 0);
	fill();
}

/* --- the request -------------------------------------------------------------------------- */

/* The target of the lines.  False if it is too long for one. */
static bool make_target(const char *text, size_t len, char *target, size_t room)
{
	static const struct {
		const char *name, *path;
	} paths[] = {{"page", "/"},
		     {"atom", "/feed.atom"},
		     {"json", "/feed.json"},
		     {"suggest", "/api/v1/suggest"}};
	const char *path = "/api/v1/search", *line = text, *end = text + len;
	size_t at = 0;
	char mark = '?';

	for (bool first = true; line < end; first = false) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t line_len = (size_t)((stop != NULL ? stop : end) - line);
		bool is_value = false;

		if (first) {
			for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
				if (strlen(paths[i].name) == line_len &&
				    memcmp(paths[i].name, line, line_len) == 0)
					path = paths[i].path;
			at = (size_t)snprintf(target, room, "%s", path);
		} else if (line_len > 0) {
			if (at + 3 * line_len + 2 > room)
				return false;
			target[at++] = mark;
			mark = '&';
			for (size_t i = 0; i < line_len; i++) {
				if (line[i] == '=' && !is_value) {
					is_value = true;
					target[at++] = '=';
				} else {
					snprintf(target + at, 4, "%%%02X", (unsigned char)line[i]);
					at += 3;
				}
			}
			target[at] = '\0';
		}
		line += line_len + (stop != NULL);
	}
	return at > 0;
}

/* --- what may be answered ----------------------------------------------------------------- */

static bool has(const struct catalog_buffer *body, const char *text)
{
	return memmem(body->bytes, body->len, text, strlen(text)) != NULL;
}

/* No markup of anybody else's. */
static void look_at_markup(const struct catalog_buffer *body)
{
	require(!has(body, "<script>yield"));
	require(!has(body, "</b>\""));
	require(!has(body, "<b>wrong"));
	require(!has(body, "<i>"));
	require(!has(body, "<b>\""));
}

/* An answer is within its limits, and a mistake is the asker's.  The caller owns the answer, NULL
 * where there is none. */
static struct catalog_value *ask(const struct node_http_request *request)
{
	struct catalog_value *answer = NULL;
	struct node_error error = {""};
	const struct catalog_value *hits;
	int r = node_http_api_ask(session, request, NULL, &answer, &error);

	require((r == 0) == (answer != NULL));
	require((r == 0) == (error.text[0] == '\0'));
	require(r == 0 || node_http_reply_status(r) < 500);
	hits = catalog_value_get(answer, "hits");
	require(catalog_value_count(hits) <= 100);
	require((int64_t)catalog_value_count(hits) <=
		catalog_value_get_int(answer, "total", 0) +
			catalog_value_get_int(answer, "more", 0));
	require(catalog_value_get_int(answer, "total", 0) +
			catalog_value_get_int(answer, "more", 0) <
		LISTINGS); /* one is gone */
	return answer;
}

/* Go from page to page: as many are found at the end as were promised at first. */
static void look_at_answer(const struct node_http_request *request)
{
	static struct node_http_request next;
	struct catalog_value *answer = ask(request);
	struct node_http_search search;
	struct node_error error;
	int64_t found = 0, promised = catalog_value_get_int(answer, "total", 0) +
				      catalog_value_get_int(answer, "more", 0);
	bool whole = node_http_request_parameter(request, "cursor") == NULL &&
		     node_http_request_parameter(request, "offset") == NULL;
	unsigned pages = 0;

	while (answer != NULL && request->route == NODE_HTTP_REQUEST_SEARCH) {
		const char *cursor = catalog_value_text(catalog_value_get(answer, "cursor"));
		const struct node_http_search_change change = {"cursor", cursor};
		struct catalog_buffer target = {0};
		enum node_http_request_form form;

		require(++pages <= LISTINGS + 1);
		found += (int64_t)catalog_value_count(catalog_value_get(answer, "hits"));
		if (cursor == NULL)
			break;
		require(node_http_search_read(request, &search, &error) == 0);
		require(node_http_search_target(&search, "/api/v1/search", &change, 1, &target) ==
			0);
		require(catalog_buffer_append(&target, "", 1) == 0);
		catalog_value_free(answer);
		if (node_http_request_read((const char *)target.bytes, &next, &form, &error) != 0) {
			answer = NULL; /* the target has become too long */
			whole = false;
		} else {
			answer = ask(&next);
			require(answer != NULL);
			whole = whole && catalog_value_get(answer, "partial") == NULL;
		}
		catalog_buffer_close(&target);
	}
	if (whole && answer != NULL && request->route == NODE_HTTP_REQUEST_SEARCH)
		require(found == promised);
	catalog_value_free(answer);
}

static void look_at_page(const struct node_http_request *request)
{
	struct node_http_reply reply = {0};

	require(node_http_page_write(node.charter, session, request, "", &reply) == 0);
	require(reply.status < 500);
	look_at_markup(&reply.body);
	node_http_reply_close(&reply);
}

static void look_at_feed(const struct node_http_request *request)
{
	struct node_http_reply reply = {.status = 200};

	require(node_http_page_feed(node.charter, session, request, "", "http://x", &reply) == 0);
	require(reply.status < 500);
	if (reply.status == 200 && request->route == NODE_HTTP_REQUEST_ATOM)
		look_at_markup(&reply.body);
	node_http_reply_close(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct node_http_request request;
	static char target[NODE_HTTP_REQUEST_TARGET_MAX + 100];
	enum node_http_request_form form;
	struct node_error error;

	if (node.control == NULL)
		open_node();
	if (!make_target((const char *)data, size, target, sizeof target) ||
	    node_http_request_read(target, &request, &form, &error) != 0)
		return 0;
	switch (request.route) {
	case NODE_HTTP_REQUEST_HOME: look_at_page(&request); break;
	case NODE_HTTP_REQUEST_ATOM:
	case NODE_HTTP_REQUEST_FEED: look_at_feed(&request); break;
	default: look_at_answer(&request);
	}
	return 0;
}
