#include "tests/node/asking.h"

#include "catalog/index_later_part.h"
#include "node/page_script.h"
#include "node/page_style.h"

static void publish(void)
{
	do_control("{'op':'publish-begin'}");
	do_control("{'op':'publish-put','items':["
		   "{'id':'rice','listing':{'title':{'en':'Rice yield','ar':'\\u0645\\u062d'},"
		   "'description':{'en':'Tonnes of rice by county.'},'theme':['Farming'],"
		   "'distribution':[{'downloadURL':'https://example.org/rice.csv',"
		   "'format':'CSV','byteSize':12345}]}},"
		   "{'id':'old','listing':{'title':{'en':'An old census'}}},"
		   "{'id':'a/b?c=d&e%25','listing':{'title':{'en':'Awkward'}}},"
		   "{'id':'\\u7a3b\\u7c73','listing':{'title':{'zh':'\\u7a3b\\u7c73\\u4ea7\\u91cf'}"
		   "}}]}");
	do_control("{'op':'publish-put','items':["
		   "{'id':'<script>alert(1)</script>','listing':{"
		   "'title':{'en':'<script>alert(2)</script>'},"
		   "'description':{'en':'\\u0022 onmouseover=\\u0022alert(3) <img src=x>'},"
		   "'keyword':{'en':['<b>bold</b>']},'license':'javascript:alert(4)',"
		   "'extra':{'</pre><script>':'</details><script>alert(5)</script>'},"
		   "'publisher':{'name':{'en':'<i>'},'url':'https://example.org/?a=%22%3E'}}}]}");
	do_control("{'op':'publish-end'}");
	do_control("{'op':'withdraw','id':'old','reason':'counted <twice>'}");
}

/* --- the API ------------------------------------------------------------------------------- */

static void test_metrics_are_openmetrics(void **state)
{
	(void)state;
	get("/metrics");
	assert_int_equal(f.status, 200);
	assert_true(has_header("Content-Type: application/openmetrics-text; version=1.0.0"));
	assert_non_null(strstr(f.answer, "\nfedcat_member_forked{member=\"nbs\"} 0\n"));
	assert_non_null(strstr(f.answer, "\n# TYPE fedcat_peers gauge\n"));
	assert_non_null(strstr(f.answer, "\n# TYPE fedcat_log_lines counter\n"));
	assert_non_null(strstr(f.answer, "\nfedcat_log_lines_total{level=\"error\"} 0\n"));
	assert_non_null(strstr(f.answer, "\nfedcat_members{state=\"complete\"} 1\n"));
	assert_non_null(strstr(f.answer, "\n# UNIT fedcat_store_bytes bytes\n"));
	assert_string_equal(f.answer + strlen(f.answer) - strlen("# EOF\n"), "# EOF\n");
	ask_with("GET", "/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
	expect(200, "Content-Type: application/openmetrics-text");
	ask_with("GET", "/metrics", "Accept: image/png\r\n");
	expect_problem(406, "text/plain");
}

static void test_status_members_and_health_answer(void **state)
{
	struct catalog_value *value;

	(void)state;
	get("/api/v1/status");
	expect(200, "Content-Type: application/json");
	value = json();
	assert_string_equal(scratch_text(value, "federation/name"), "East African Data");
	assert_int_equal(scratch_int(value, "listings"), 4);
	catalog_value_free(value);
	get("/api/v1/members");
	expect(200, "ETag: \"");
	value = json();
	assert_string_equal(scratch_text(value, "members/0/name"), "nbs");
	assert_string_equal(scratch_text(value, "members/0/state"), "complete");
	assert_string_equal(scratch_text(value, "members/1/state"), "empty");
	catalog_value_free(value);
	get("/healthz");
	expect(200, "Content-Type: text/plain");
	assert_string_equal(f.body, "ok\n");
}

static void test_search_finds_and_filters(void **state)
{
	struct catalog_value *value;

	(void)state;
	get("/api/v1/"
	    "search?q=rice+tonnes&member=nbs&country=KE&theme=farming&limit=1&offset=0&lang="
	    "ar");
	expect(200, "Content-Type: application/json");
	value = json();
	assert_int_equal(scratch_int(value, "total"), 1);
	assert_string_equal(scratch_text(value, "hits/0/id"), "rice");
	assert_string_equal(scratch_text(value, "hits/0/title_lang"), "ar");
	assert_string_equal(scratch_text(value, "hits/0/receipt"),
			    "/api/v1/listings/nbs/rice/receipt");
	catalog_value_free(value);
	get("/api/v1/search?q=rice&country=VN");
	value = json();
	assert_int_equal(scratch_int(value, "total"), 0);
	catalog_value_free(value);
	get("/api/v1/search");
	value = json();
	assert_int_equal(scratch_int(value, "total"), 4);
	catalog_value_free(value);
}

static void test_a_listing_is_named_by_any_id(void **state)
{
	struct catalog_value *value;

	(void)state;
	get("/api/v1/listings/nbs/rice");
	expect(200, "Content-Type: application/json");
	value = json();
	assert_string_equal(scratch_text(value, "listing/title/en"), "Rice yield");
	assert_true(catalog_value_bool(scratch_at(value, "verified")));
	assert_string_equal(scratch_text(value, "receipt"), "/api/v1/listings/nbs/rice/receipt");
	assert_string_equal(scratch_text(value, "log"), "/log/nbs");
	catalog_value_free(value);
	get("/api/v1/listings/nbs/a%2Fb%3Fc%3Dd%26e%2525");
	value = json();
	assert_string_equal(scratch_text(value, "listing/title/en"), "Awkward");
	assert_string_equal(scratch_text(value, "receipt"),
			    "/api/v1/listings/nbs/a%2Fb%3Fc%3Dd%26e%2525/receipt");
	catalog_value_free(value);
	get("/api/v1/listings/nbs/%E7%A8%BB%E7%B1%B3");
	expect(200, NULL);
	get("/api/v1/listings/nbs/a/b%3Fc%3Dd%26e%2525");
	expect(200, NULL);
}

static void test_errors_are_problem_details(void **state)
{
	static const char long_target[] = "/api/v1/search?q=";
	static char target[NODE_HTTP_REQUEST_TARGET_MAX + 100];

	(void)state;
	get("/api/v1/listings/nbs/nothing");
	expect_problem(404, "nothing");
	get("/api/v1/listings/nobody/rice");
	expect_problem(404, "nobody");
	get("/api/v1/nothing");
	expect_problem(404, "nothing at this path");
	get("/api/v1/search?query=rice");
	expect_problem(400, "\"query\"");
	get("/api/v1/search?q=rice&q=maize");
	expect_problem(400, "twice");
	get("/api/v1/search?limit=many");
	expect_problem(400, "whole number");
	get("/api/v1/search?limit=101");
	expect_problem(400, "limit");
	get("/api/v1/search?q=%zz");
	expect_problem(400, "percent-encoded");
	get("/api/v1/search?q=%00");
	expect_problem(400, "percent-encoded");
	get("/api/v1/search?q=%ff%fe");
	expect_problem(400, "UTF-8");
	get("/api/v1/status?x");
	expect_problem(400, "none");
	ask_with("GET", "/api/v1/status", "Accept: text/html, application/*;q=0\r\n");
	expect_problem(406, "application/json");
	memset(target, 'x', sizeof target - 1);
	memcpy(target, long_target, sizeof long_target - 1);
	get(target);
	expect_problem(414, "4096");
}

static void test_what_was_withdrawn_is_gone_with_who_when_and_why(void **state)
{
	struct catalog_value *value;

	(void)state;
	get("/api/v1/listings/nbs/old");
	expect_problem(410, "Bureau of Statistics withdrew this listing at 20");
	value = json();
	assert_string_equal(scratch_text(value, "reason"), "counted <twice>");
	assert_string_equal(scratch_text(value, "member/name"), "nbs");
	catalog_value_free(value);
	get("/listing/nbs/old");
	expect(410, "Content-Type: text/html");
	expect_text("counted &lt;twice&gt;");
	expect_text("/api/v1/listings/nbs/old/receipt");
	get("/listing/nbs/rice");
	expect_text("/api/v1/listings/nbs/rice/receipt\">Download the receipt");
	expect_text("current as of 20");
}

static void test_methods_but_get_and_head_are_refused(void **state)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "DANCE"};

	(void)state;
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		ask_with(methods[i], "/api/v1/status", "");
		expect_problem(405, "GET and HEAD");
		expect(405, "Allow: GET, HEAD");
	}
	ask_with("HEAD", "/api/v1/listings/nbs/rice", "");
	expect(200, "Content-Length: ");
	assert_string_equal(f.body, "");
	ask_with("HEAD", "/", "");
	expect(200, "Content-Type: text/html");
	assert_string_equal(f.body, "");
}

static void test_what_the_client_has_is_not_sent_again(void **state)
{
	static const char *const targets[] = {"/api/v1/search?q=rice", "/api/v1/listings/nbs/rice",
					      "/api/v1/members", "/listing/nbs/rice", "/?q=rice"};

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		char header[128], etag[64];
		const char *at;

		get(targets[i]);
		expect(200, "ETag: \"");
		at = strstr(f.answer, "ETag: ");
		assert_int_equal(sscanf(at, "ETag: %63s", etag), 1);
		snprintf(header, sizeof header, "If-None-Match: W/\"x\", %s\r\n", etag);
		ask_with("GET", targets[i], header);
		expect(304, "ETag: \"");
		assert_string_equal(f.body, "");
		ask_with("GET", targets[i], "If-None-Match: \"other\"\r\n");
		expect(200, NULL);
	}
}

static void test_a_search_is_tagged_anew_when_the_catalogue_changes(void **state)
{
	char before[64], after[64];

	(void)state;
	get("/api/v1/search?q=maize");
	assert_int_equal(sscanf(strstr(f.answer, "ETag: "), "ETag: %63s", before), 1);
	do_control("{'op':'publish-begin'}");
	do_control(
		"{'op':'publish-put','items':[{'id':'maize','listing':{'title':{'en':'Maize'}}}]}");
	do_control("{'op':'publish-end'}");
	get("/api/v1/search?q=maize");
	assert_int_equal(sscanf(strstr(f.answer, "ETag: "), "ETag: %63s", after), 1);
	assert_string_not_equal(before, after);
	expect_text("\"maize\"");
	do_control("{'op':'withdraw','id':'maize'}");
}

static int catch_up(struct catalog_txn *txn, void *arg)
{
	return catalog_index_later_part_write(txn, f.scratch.charter, arg, 1);
}

/* The catalogue stays the same, and what is found of it does not. */
static void test_a_search_is_tagged_anew_when_the_index_has_caught_up(void **state)
{
	struct catalog_index_later_place place = {.begun = false};
	struct catalog_index_later_part *part;
	char before[64], header[128];
	struct catalog_txn *txn;

	(void)state;
	catalog_store_search_later(f.store, 0); /* nobody else uses it at the moment */
	do_control("{'op':'publish-begin'}");
	do_control(
		"{'op':'publish-put','items':[{'id':'maize','listing':{'title':{'en':'Maize'}}}]}");
	do_control("{'op':'publish-end'}");
	catalog_store_search_later(f.store, CATALOG_STORE_LATER_NEVER);
	get("/?q=maize");
	expect(200, "ETag: \"");
	assert_non_null(strstr(f.answer, "The search index lacks "));
	assert_int_equal(sscanf(strstr(f.answer, "ETag: "), "ETag: %63s", before), 1);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", before);
	ask_with("GET", "/?q=maize", header);
	expect(304, NULL);
	assert_int_equal(catalog_store_begin(f.store, &txn), 0);
	assert_int_equal(catalog_index_later_part_read(txn, &place, &part), 0);
	catalog_store_end(txn);
	assert_int_equal(catalog_index_later_part_gather(part, catalog_store_lender(f.store)), 0);
	assert_int_equal(catalog_store_write(f.store, catch_up, &part), 0);
	catalog_index_later_part_free(part);
	ask_with("GET", "/?q=maize", header);
	expect(200, "ETag: \"");
	assert_null(strstr(f.answer, "The search index lacks "));
	do_control("{'op':'withdraw','id':'maize'}");
}

static void test_export_gives_every_current_listing_a_line(void **state)
{
	size_t lines = 0;

	(void)state;
	/* HTTP/1.0: no chunks in between. */
	send_raw("GET /api/v1/export HTTP/1.0\r\n\r\n");
	expect(200, "Content-Type: application/x-ndjson");
	for (const char *at = f.body; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 4);
	get("/api/v1/export?member=uni");
	expect(200, NULL);
	get("/api/v1/export?member=nobody");
	expect_problem(404, "nobody");
}

static void test_a_connection_takes_one_request_after_another(void **state)
{
	const char *second;

	(void)state;
	send_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
		 "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	expect(200, NULL);
	second = strstr(f.body, "HTTP/1.1 200");
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\nok\n"));
}

/* --- requests that might be read in two ways ----------------------------------------------- */

static void refuse_raw(const char *request, unsigned status)
{
	send_raw(request);
	if (f.status != status)
		fail_msg("%s: %u instead of %u: %.300s", request, f.status, status, f.answer);
	/* Nothing that was hidden in the body was answered. */
	assert_null(strstr(f.answer, "HTTP/1.1 200"));
}

#define HIDDEN "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static void test_requests_that_hide_another_are_refused(void **state)
{
	(void)state;
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
		   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HIDDEN,
		   400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
		   "\r\n0\r\n\r\n" HIDDEN,
		   400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
		   "Content-Length: 70\r\n\r\n" HIDDEN,
		   400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
		   "Content-Length: 0\r\n\r\n" HIDDEN,
		   400);
	refuse_raw(
		"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello" HIDDEN,
		400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: +0\r\n\r\n" HIDDEN,
		   400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length : 70\r\n\r\n" HIDDEN,
		   400);
	refuse_raw(
		"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length\t: 70\r\n\r\n" HIDDEN,
		400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n" HIDDEN, 400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX y: z\r\n\r\n" HIDDEN, 400);
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: y\r\n"
		   " Content-Length: 70\r\n\r\n" HIDDEN,
		   400);
}

static void test_hosts_that_are_not_ours_are_refused(void **state)
{
	static const char *const ours[] = {"localhost",   "LocalHost:1",  "127.0.0.1",
					   "127.0.0.1:9", "127.8.8.8:70", "[::1]",
					   "[::1]:7480"};
	static const char *const others[] = {
		"example.org", "example.org:7480", "localhost.evil", "127.0.0.1.evil",
		"10.0.0.1",    "[fe80::1]",        "localhost@evil", ""};
	char request[200];

	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		snprintf(request, sizeof request,
			 "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", ours[i]);
		send_raw(request);
		if (f.status != 200)
			fail_msg("%s: %u", ours[i], f.status);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		snprintf(request, sizeof request,
			 "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
			 others[i]);
		send_raw(request);
		if (f.status != 421 && f.status != 400)
			fail_msg("%s: %u", others[i], f.status);
	}
	refuse_raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n"
		   "Connection: close\r\n\r\n",
		   400);
	refuse_raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400);
}

static void test_headers_have_limits(void **state)
{
	static char headers[60 * 1024], request[64 * 1024];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < 70; i++)
		len += (size_t)snprintf(headers + len, sizeof headers - len, "X-%zu: y\r\n", i);
	ask_with("GET", "/api/v1/status", headers);
	expect_problem(431, "64 lines");
	memset(headers, 'x', 9000);
	memcpy(headers, "X: ", 3);
	memcpy(headers + 9000, "\r\n", 3);
	ask_with("GET", "/api/v1/status", headers);
	expect_problem(431, "8,192");
	memset(headers, 'x', sizeof headers - 1);
	snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n",
		 headers);
	send_raw(request);
	assert_true(f.status == 431 || f.status == 0); /* closed before it could be read */
}

/* --- the page ------------------------------------------------------------------------------ */

static void test_pages_are_of_a_piece(void **state)
{
	(void)state;
	get("/");
	expect(200, "Content-Security-Policy: default-src 'none'; style-src 'sha256-");
	expect_text("<form action=\"/\"");
	expect_text("East African Data");
	expect_text("Bureau of Statistics");
	expect_text("href=\"/listing/nbs/rice\"");
	expect_text("href=\"/listing/nbs/a%2Fb%3Fc%3Dd%26e%2525\"");
	get("/?q=rice&member=nbs&country=&theme=");
	expect(200, NULL);
	expect_text("value=\"rice\"");
	expect_text("selected>Bureau of Statistics");
	expect_text("<h1>1 listing</h1>");
	get("/members");
	expect(200, NULL);
	expect_text("complete");
	expect_text("nothing yet");
	get("/listing/nbs/rice");
	expect(200, NULL);
	expect_text("Signed by <bdi>Bureau of Statistics</bdi>");
	expect_text("https://example.org/rice.csv");
	expect_text("12.3 kB");
	get("/nothing");
	expect(404, "Content-Type: text/html");
}

static void test_a_page_speaks_the_readers_language_where_the_listing_does(void **state)
{
	(void)state;
	ask_with("GET", "/listing/nbs/rice", "Accept-Language: ar-EG,en;q=0.5\r\n");
	expect(200, "Vary: Accept-Language");
	expect_text("<h1 lang=\"ar\" dir=\"auto\">\331\205\330\255</h1>");
	get("/listing/nbs/rice?lang=en");
	expect_text("<h1 lang=\"en\" dir=\"auto\">Rice yield</h1>");
}

/* The one script is that which the policy names by its hash. */
static void expect_no_script_but_ours(void)
{
	const char *at = strstr(f.body, "<script");

	if (at == NULL)
		return;
	if (strncmp(at, "<script>", 8) != 0 ||
	    strncmp(at + 8, node_page_script_text(), strlen(node_page_script_text())) != 0 ||
	    strncmp(at + 8 + strlen(node_page_script_text()), "</script>", 9) != 0 ||
	    strstr(at + 8, "<script") != NULL)
		fail_msg("a script that is not ours: %.2000s", at);
}

static void test_the_policy_names_style_and_script_by_their_hashes(void **state)
{
	const char *const texts[] = {node_page_script_text(), node_page_style_text()};
	const char *const names[] = {"script-src", "style-src"};

	(void)state;
	get("/");
	for (size_t i = 0; i < 2; i++) {
		unsigned char hash[crypto_hash_sha256_BYTES];
		char base64[64], directive[128];

		crypto_hash_sha256(hash, (const unsigned char *)texts[i], strlen(texts[i]));
		sodium_bin2base64(base64, sizeof base64, hash, sizeof hash,
				  sodium_base64_VARIANT_ORIGINAL);
		snprintf(directive, sizeof directive, "%s 'sha256-%s';", names[i], base64);
		if (strstr(f.answer, directive) == NULL)
			fail_msg("no %s in %.600s", directive, f.answer);
	}
	assert_null(strstr(node_page_script_text(), "</"));
	assert_null(strstr(node_page_style_text(), "</"));
	assert_null(strstr(f.answer, "unsafe"));
}

static void test_what_others_wrote_is_text(void **state)
{
	static const char *const targets[] = {
		"/",
		"/?q=alert",
		"/listing/nbs/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
		"/?q=%22%3E%3Cscript%3Ealert(6)%3C/script%3E&theme=%27%3E%3Cimg%3E&lang=%22%3E",
		"/listing/nbs/%3Cscript%3Enone",
		"/?nothing=%3Cscript%3E",
		"/members"};

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		get(targets[i]);
		assert_true(f.status != 0);
		expect_no_script_but_ours();
		expect_no_text("<img");
		expect_no_text("<b>bold");
		expect_no_text("<i>");
		expect_no_text("\" onmouseover");
		expect_no_text("href=\"javascript:");
	}
	get(targets[2]);
	expect(200, NULL);
	expect_text("&lt;script&gt;alert(2)&lt;/script&gt;");
	expect_text("javascript:alert(4)");
}

/* --- what can be told without a socket ----------------------------------------------------- */

static void test_accept_headers_are_read(void **state)
{
	(void)state;
	assert_true(node_http_request_accepts(NULL, "text/html"));
	assert_true(node_http_request_accepts("*/*", "text/html"));
	assert_true(node_http_request_accepts("text/*;q=0.1", "text/html"));
	assert_true(node_http_request_accepts("a/b, TEXT/HTML", "text/html"));
	assert_false(node_http_request_accepts("text/html;q=0, */*", "text/html"));
	assert_false(node_http_request_accepts("text/html;q=0.000", "text/html"));
	assert_false(node_http_request_accepts("application/json", "text/html"));
	assert_true(node_http_request_accepts("application/json;q=0.001", "application/json"));
}

static void test_the_host_of_the_public_url_is_ours(void **state)
{
	static const char url[] = "https://Data.example.org:8443/cat";

	(void)state;
	assert_true(node_http_request_is_public("data.example.org:8443", url));
	assert_true(node_http_request_is_public("data.example.org", "http://data.example.org"));
	assert_false(node_http_request_is_public("data.example.org", url));
	assert_false(node_http_request_is_public("data.example.org:8443/cat", url));
	assert_false(node_http_request_is_public("data.example.org:84430", url));
	assert_false(node_http_request_is_public("", url));
	assert_false(node_http_request_is_public("", ""));
	assert_false(node_http_request_is_public("", NULL));
}

static void test_entity_tags_are_compared(void **state)
{
	(void)state;
	assert_false(node_http_request_matches(NULL, "\"a\""));
	assert_true(node_http_request_matches("*", "\"a\""));
	assert_true(node_http_request_matches("\"b\" , W/\"a\"", "\"a\""));
	assert_false(node_http_request_matches("\"ab\"", "\"a\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_members_and_health_answer),
		cmocka_unit_test(test_metrics_are_openmetrics),
		cmocka_unit_test(test_search_finds_and_filters),
		cmocka_unit_test(test_a_listing_is_named_by_any_id),
		cmocka_unit_test(test_errors_are_problem_details),
		cmocka_unit_test(test_what_was_withdrawn_is_gone_with_who_when_and_why),
		cmocka_unit_test(test_methods_but_get_and_head_are_refused),
		cmocka_unit_test(test_what_the_client_has_is_not_sent_again),
		cmocka_unit_test(test_a_search_is_tagged_anew_when_the_catalogue_changes),
		cmocka_unit_test(test_a_search_is_tagged_anew_when_the_index_has_caught_up),
		cmocka_unit_test(test_export_gives_every_current_listing_a_line),
		cmocka_unit_test(test_a_connection_takes_one_request_after_another),
		cmocka_unit_test(test_requests_that_hide_another_are_refused),
		cmocka_unit_test(test_hosts_that_are_not_ours_are_refused),
		cmocka_unit_test(test_headers_have_limits),
		cmocka_unit_test(test_pages_are_of_a_piece),
		cmocka_unit_test(test_a_page_speaks_the_readers_language_where_the_listing_does),
		cmocka_unit_test(test_what_others_wrote_is_text),
		cmocka_unit_test(test_the_policy_names_style_and_script_by_their_hashes),
		cmocka_unit_test(test_accept_headers_are_read),
		cmocka_unit_test(test_the_host_of_the_public_url_is_ours),
		cmocka_unit_test(test_entity_tags_are_compared),
	};

	return cmocka_run_group_tests_name("http", tests, set_up, tear_down) == 0 ? 0 : 1;
}
