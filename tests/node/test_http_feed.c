/* Feeds: Atom and JSON, their pages, what was withdrawn, and what is not sent twice. */
#include "tests/node/asking.h"

#include <time.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "node/http_changed.h"
#include "node/http_date.h"

static void publish(void)
{
	do_control("{'op':'publish-begin'}");
	do_control("{'op':'publish-put','items':["
		   "{'id':'rice','listing':{'title':{'en':'Rice & <yield>','ar':'\\u0623\\u0631"
		   "\\u0632'},'description':{'en':'Tonnes ]]> of rice.'},"
		   "'keyword':{'en':['rice','a\\u0022b']},"
		   "'publisher':{'name':{'en':'Bureau <b>'}}}},"
		   "{'id':'a/b?c=d&e%25','listing':{'title':{'en':'Awkward rice'}}},"
		   "{'id':'tea','listing':{'title':{'en':'Tea exports'}}}]}");
	do_control("{'op':'publish-end'}");
}

static void put(const char *id, const char *title)
{
	char json_text[300];

	do_control("{'op':'publish-begin'}");
	snprintf(json_text, sizeof json_text,
		 "{'op':'publish-put','items':[{'id':'%s','listing':{'title':{'en':'%s'}}}]}", id,
		 title);
	do_control(json_text);
	do_control("{'op':'publish-end'}");
}

static void withdraw(const char *id, const char *reason)
{
	char json_text[300];

	snprintf(json_text, sizeof json_text, "{'op':'withdraw','id':'%s','reason':'%s'}", id,
		 reason);
	do_control(json_text);
}

/* --- reading Atom --------------------------------------------------------------------------- */

static xmlDocPtr parse(void)
{
	xmlDocPtr doc = xmlReadMemory(f.body, (int)strlen(f.body), NULL, NULL,
				      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);

	if (doc == NULL)
		fail_msg("no XML: %.3000s", f.body);
	return doc;
}

/* The value of an XPath expression as text, to be freed with xmlFree(). */
static xmlChar *evaluate(xmlDocPtr doc, const char *expression)
{
	xmlXPathContextPtr context = xmlXPathNewContext(doc);
	xmlXPathObjectPtr object;
	xmlChar *text;

	assert_non_null(context);
	assert_int_equal(xmlXPathRegisterNs(context, (const xmlChar *)"a",
					    (const xmlChar *)"http://www.w3.org/2005/Atom"),
			 0);
	assert_int_equal(
		xmlXPathRegisterNs(context, (const xmlChar *)"t",
				   (const xmlChar *)"http://purl.org/atompub/tombstones/1.0"),
		0);
	object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	assert_non_null(object);
	text = xmlXPathCastToString(object);
	assert_non_null(text);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	return text;
}

static void check(xmlDocPtr doc, const char *expression, const char *wanted)
{
	xmlChar *text = evaluate(doc, expression);

	if (strcmp((char *)text, wanted) != 0)
		fail_msg("%s is \"%s\" instead of \"%s\" in %.3000s", expression, (char *)text,
			 wanted, f.body);
	xmlFree(text);
}

/* Copy what an expression gives. */
static void copy(xmlDocPtr doc, const char *expression, char *to, size_t room)
{
	xmlChar *text = evaluate(doc, expression);

	assert_true(strlen((char *)text) < room);
	memcpy(to, text, strlen((char *)text) + 1);
	xmlFree(text);
}

/* The target of an absolute URL of this server. */
static const char *target_of(const char *url)
{
	assert_int_equal(strncmp(url, "http://localhost/", 17), 0);
	return url + 16;
}

#define URL_BYTES 1024

/* Get a page, evaluate an expression that counts, and put the URL of the next in place of its; ""
 * at the end.  The link to the first has no place in it. */
static unsigned take_page(char url[URL_BYTES], const char *expression)
{
	unsigned found;
	char count[20];
	xmlDocPtr doc;

	get(target_of(url));
	expect(200, NULL);
	doc = parse();
	copy(doc, expression, count, sizeof count);
	found = (unsigned)strtoul(count, NULL, 10);
	check(doc, "contains(/a:feed/a:link[@rel='first']/@href, 'cursor')", "false");
	copy(doc, "/a:feed/a:link[@rel='next']/@href", url, URL_BYTES);
	xmlFreeDoc(doc);
	return found;
}

static void test_an_atom_feed_has_what_the_rfc_wants(void **state)
{
	char id[300], again[300];
	xmlDocPtr doc;

	(void)state;
	get("/feed.atom?q=rice");
	expect(200, "Content-Type: application/atom+xml");
	expect(200, "Vary: Accept-Language");
	doc = parse();
	check(doc, "count(/a:feed/a:entry)", "2");
	check(doc, "/a:feed/a:title", "East African Data: rice");
	check(doc, "count(/a:feed/a:updated)", "1");
	check(doc, "/a:feed/a:link[@rel='self']/@href", "http://localhost/feed.atom?q=rice");
	check(doc, "/a:feed/a:link[@rel='alternate']/@href", "http://localhost/?q=rice");
	check(doc, "count(/a:feed/a:link[@rel='next'])", "0");
	/* The last in the batch came last; and what others wrote is text. */
	check(doc, "/a:feed/a:entry[1]/a:title", "Awkward rice");
	check(doc, "/a:feed/a:entry[1]/a:link[@rel='alternate']/@href",
	      "http://localhost/listing/nbs/a%2Fb%3Fc%3Dd%26e%2525");
	check(doc, "/a:feed/a:entry[1]/a:author/a:name", "Bureau of Statistics");
	check(doc, "/a:feed/a:entry[2]/a:title", "Rice & <yield>");
	check(doc, "/a:feed/a:entry[2]/a:summary", "Tonnes ]]> of rice.");
	check(doc, "/a:feed/a:entry[2]/a:summary/@xml:lang", "en");
	check(doc, "/a:feed/a:entry[2]/a:author/a:name", "Bureau <b>");
	check(doc, "/a:feed/a:entry[2]/a:category[2]/@term", "a\"b");
	check(doc, "count(/a:feed/a:entry[not(a:id and a:updated and a:title)])", "0");
	check(doc, "starts-with(/a:feed/a:id, 'urn:fedcat:')", "true");
	copy(doc, "/a:feed/a:entry[2]/a:id", id, sizeof id);
	xmlFreeDoc(doc);
	/* An id is the same in another search, in another language and another page. */
	ask_with("GET", "/feed.atom?limit=1&keyword=rice", "Accept-Language: ar\r\n");
	doc = parse();
	check(doc, "/a:feed/a:entry[1]/a:title", "\330\243\330\261\330\262");
	copy(doc, "/a:feed/a:entry[1]/a:id", again, sizeof again);
	assert_string_equal(id, again);
	assert_non_null(strstr(id, ":nbs:rice"));
	xmlFreeDoc(doc);
}

static void test_a_json_feed_has_what_its_version_wants(void **state)
{
	struct catalog_value *value;

	(void)state;
	ask_with("GET", "/feed.json?q=rice&limit=1", "Accept: application/json\r\n");
	expect(200, "Content-Type: application/feed+json");
	value = json();
	assert_string_equal(scratch_text(value, "version"), "https://jsonfeed.org/version/1.1");
	assert_string_equal(scratch_text(value, "title"), "East African Data: rice");
	assert_string_equal(scratch_text(value, "items/0/title"), "Awkward rice");
	assert_string_equal(scratch_text(value, "items/0/content_text"), "Awkward rice");
	assert_string_equal(scratch_text(value, "items/0/url"),
			    "http://localhost/listing/nbs/a%2Fb%3Fc%3Dd%26e%2525");
	assert_string_equal(scratch_text(value, "feed_url"),
			    "http://localhost/feed.json?q=rice&limit=1");
	get(target_of(scratch_text(value, "next_url")));
	catalog_value_free(value);
	expect(200, NULL);
	value = json();
	assert_string_equal(scratch_text(value, "items/0/title"), "Rice & <yield>");
	assert_string_equal(scratch_text(value, "items/0/tags/0"), "rice");
	assert_string_equal(scratch_text(value, "items/0/language"), "en");
	assert_null(scratch_at(value, "next_url"));
	catalog_value_free(value);
}

static void test_pages_of_a_feed_go_through_all_of_it(void **state)
{
	char url[URL_BYTES] = "http://localhost/feed.atom?limit=1&q=tract";
	unsigned pages = 0, entries = 0;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		char id[20];

		snprintf(id, sizeof id, "tract-%u", i);
		put(id, "Census tract");
	}
	while (url[0] != '\0') {
		entries += take_page(url, "count(/a:feed/a:entry)");
		assert_true(++pages < 20);
		put("late", "A late census tract"); /* is of no page but a new first one */
	}
	assert_int_equal(entries, 7);
}

static void test_what_was_withdrawn_is_a_deleted_entry(void **state)
{
	struct catalog_value *value;
	xmlDocPtr doc;

	(void)state;
	put("wheat", "Wheat");
	withdraw("wheat", "counted <twice> & wrong");
	put("back", "Comes back");
	withdraw("back", "by mistake");
	put("back", "Comes back");
	get("/feed.atom?q=nothing+of+that+kind");
	doc = parse();
	check(doc, "count(/a:feed/a:entry)", "0");
	/* Whether it would match is not known: it is told in any case. */
	check(doc, "count(/a:feed/t:deleted-entry)", "1");
	check(doc, "contains(/a:feed/t:deleted-entry/@ref, ':nbs:wheat')", "true");
	check(doc, "/a:feed/t:deleted-entry/t:comment", "counted <twice> & wrong");
	check(doc, "/a:feed/t:deleted-entry/t:by/a:name", "Bureau of Statistics");
	check(doc, "string-length(/a:feed/t:deleted-entry/@when)", "20");
	check(doc, "/a:feed/a:updated = /a:feed/t:deleted-entry/@when", "true");
	xmlFreeDoc(doc);
	get("/feed.json?q=nothing+of+that+kind&member=nbs");
	value = json();
	assert_string_equal(scratch_text(value, "_fedcat/withdrawn/0/reason"),
			    "counted <twice> & wrong");
	assert_non_null(strstr(scratch_text(value, "_fedcat/withdrawn/0/id"), ":nbs:wheat"));
	catalog_value_free(value);
	/* Another member withdrew nothing. */
	get("/feed.atom?member=uni");
	doc = parse();
	check(doc, "count(/a:feed/t:deleted-entry)", "0");
	xmlFreeDoc(doc);
}

static void test_since_leaves_out_what_is_older(void **state)
{
	static const char *const before[] = {"2020-01-01", "2020-01-01T00:00:00Z",
					     "1999-12-31T23:59:59%2B01:00"};
	static const char *const after[] = {"2999-01-01", "2999-01-01T00:00:00Z"};
	static const char *const wrong[] = {"soon", "2020-13-01", "2020-01-01T", "0"};
	xmlDocPtr doc;
	char target[200];

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		snprintf(target, sizeof target, "/feed.atom?q=rice&since=%s", before[i]);
		get(target);
		doc = parse();
		check(doc, "count(/a:feed/a:entry)", "2");
		check(doc, "count(/a:feed/t:deleted-entry) >= 1", "true");
		xmlFreeDoc(doc);
	}
	for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
		snprintf(target, sizeof target, "/feed.atom?since=%s", after[i]);
		get(target);
		doc = parse();
		check(doc, "count(/a:feed/a:entry)", "0");
		check(doc, "count(/a:feed/t:deleted-entry)", "0");
		check(doc, "count(/a:feed/a:updated)", "1");
		xmlFreeDoc(doc);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(target, sizeof target, "/feed.json?since=%s", wrong[i]);
		get(target);
		if (f.status != 400)
			fail_msg("%s: %u", wrong[i], f.status);
		expect_problem(400, "such as 2026-11-24");
	}
}

static void test_mistakes_in_a_feed_are_problem_details(void **state)
{
	(void)state;
	get("/feed.atom?cursor=xyz");
	expect_problem(400, "begin again without");
	get("/feed.atom?cursor=1.2:xyz");
	expect_problem(400, "begin again without");
	get("/feed.atom?cursor=-:00");
	expect_problem(400, "begin again without");
	get("/feed.atom?cursor=99999999999.2:-");
	expect_problem(400, "begin again without");
	get("/feed.atom?sort=modified");
	expect_problem(400, "no parameter \"sort\"");
	get("/feed.json?limit=1000");
	expect_problem(400, "limit");
	get("/feed.json?q=*");
	expect_problem(400, "two letters");
	get("/feed.rss");
	expect_problem(404, "nothing at this path");
	ask_with("GET", "/feed.atom", "Accept: text/html\r\n");
	expect_problem(406, "application/atom+xml");
	ask_with("GET", "/feed.atom", "Accept: application/xml;q=0.5\r\n");
	expect(200, NULL);
	/* A place beyond the end is the end. */
	get("/feed.atom?cursor=8.999999:-");
	expect(200, NULL);
}

static void test_many_withdrawals_take_several_pages(void **state)
{
	char url[URL_BYTES] = "http://localhost/feed.atom?q=zzz&since=2020-01-01";
	unsigned pages = 0, deleted = 0;
	struct catalog_value *value;
	static char list[64 * 1024];
	size_t len = 0;

	(void)state;
	len += (size_t)snprintf(list, sizeof list, "{'op':'publish-put','items':[");
	for (unsigned i = 0; i < 450; i++)
		len += (size_t)snprintf(list + len, sizeof list - len,
					"%s{'id':'bulk-%u','listing':{'title':{'en':'Bulk'}}}",
					i > 0 ? "," : "", i);
	snprintf(list + len, sizeof list - len, "]}");
	do_control("{'op':'publish-begin'}");
	do_control(list);
	do_control("{'op':'publish-end'}");
	for (unsigned i = 0; i < 450; i++) {
		char id[20];

		snprintf(id, sizeof id, "bulk-%u", i);
		withdraw(id, "all of them");
	}
	while (url[0] != '\0') {
		deleted +=
			take_page(url, "count(/a:feed/t:deleted-entry[contains(@ref,':bulk-')])");
		assert_true(++pages < 20);
	}
	assert_int_equal(deleted, 450);
	assert_true(pages >= 3);
	/* Who does not say since when gets one page of the newest. */
	get("/feed.json?q=zzz");
	value = json();
	assert_in_range(catalog_value_count(scratch_at(value, "_fedcat/withdrawn")), 50, 200);
	assert_null(scratch_at(value, "next_url"));
	catalog_value_free(value);
}

static void test_an_unchanged_feed_is_not_sent_again(void **state)
{
	char etag[64], header[128];

	(void)state;
	get("/feed.atom?q=rice");
	expect(200, "ETag: \"");
	assert_int_equal(sscanf(strstr(f.answer, "ETag: "), "ETag: %63s", etag), 1);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", etag);
	ask_with("GET", "/feed.atom?q=rice", header);
	expect(304, NULL);
	assert_string_equal(f.body, "");
	/* The tag counts, and not the time beside it. */
	ask_with("GET", "/feed.atom?q=rice",
		 "If-None-Match: \"other\"\r\n"
		 "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n");
	expect(200, NULL);
	ask_with("GET", "/feed.atom?q=rice",
		 "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	expect(200, NULL);
	put("rice-2", "More rice");
	ask_with("GET", "/feed.atom?q=rice", header);
	expect(200, NULL);
	expect_text("More rice");
}

static void test_what_was_not_modified_since_is_not_sent_again(void **state)
{
	const time_t patience = time(NULL) + SECONDS_MAX;
	char date[NODE_HTTP_DATE_BYTES + 1], header[128];
	const char *at = NULL;
	int64_t modified_s;

	(void)state;
	/* It is told when the second is over in which the catalogue was first seen so. */
	while (at == NULL && time(NULL) < patience) {
		get("/feed.json?q=rice");
		expect(200, NULL);
		at = strstr(f.answer, "Last-Modified: ");
	}
	assert_non_null(at);
	memcpy(date, at + strlen("Last-Modified: "), NODE_HTTP_DATE_BYTES - 1);
	date[NODE_HTTP_DATE_BYTES - 1] = '\0';
	assert_int_equal(node_http_date_read(date, &modified_s), 0);
	assert_true(modified_s <= (int64_t)time(NULL));
	snprintf(header, sizeof header, "If-Modified-Since: %s\r\n", date);
	ask_with("GET", "/feed.json?q=rice", header);
	expect(304, "Last-Modified: ");
	assert_string_equal(f.body, "");
	node_http_date_write(modified_s - 1, date);
	snprintf(header, sizeof header, "If-Modified-Since: %s\r\n", date);
	ask_with("GET", "/feed.json?q=rice", header);
	expect(200, NULL);
	ask_with("GET", "/feed.json?q=rice", "If-Modified-Since: yesterday\r\n");
	expect(200, NULL);
}

/* --- without a socket ----------------------------------------------------------------------- */

static void test_since_when_the_catalogue_is_so_is_never_too_early(void **state)
{
	const struct catalog_hash a = {{1}}, b = {{2}};
	struct node_http_changed *changed;

	(void)state;
	assert_int_equal(node_http_changed_new(&changed), 0);
	assert_int_equal(node_http_changed_look(changed, &a, 1000), -1); /* it may change yet */
	assert_int_equal(node_http_changed_look(changed, &a, 1001), 1000);
	assert_int_equal(node_http_changed_look(changed, &a, 5000), 1000);
	assert_int_equal(node_http_changed_look(changed, &b, 5000), -1);
	assert_int_equal(node_http_changed_look(changed, &a, 5000), -1);
	assert_int_equal(node_http_changed_look(changed, &a, 5002), 5001);
	/* A clock that is set back makes nothing older. */
	assert_int_equal(node_http_changed_look(changed, &b, 100), -1);
	assert_int_equal(node_http_changed_look(changed, &b, 6000), 5002);
	node_http_changed_free(changed);
}

static void test_dates_are_read_as_they_are_written(void **state)
{
	static const int64_t times[] = {0, 784111777, 951782399, 1795511520, 253402300799};
	static const char *const wrong[] = {"",
					    "Sun, 06 Nov 1994 08:49:37",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Mon, 06 Nov 1994 08:49:37 GMT",
					    "Sun, 06 Nov 1994 08:49:61 GMT",
					    "Thu, 31 Feb 2026 08:49:37 GMT",
					    "Sun, 06 Nov 1894 08:49:37 GMT"};
	char date[NODE_HTTP_DATE_BYTES];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		node_http_date_write(times[i], date);
		assert_int_equal(node_http_date_read(date, &seconds), 0);
		assert_int_equal(seconds, times[i]);
	}
	node_http_date_write(784111777, date);
	assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(node_http_date_read(wrong[i], &seconds), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_atom_feed_has_what_the_rfc_wants),
		cmocka_unit_test(test_a_json_feed_has_what_its_version_wants),
		cmocka_unit_test(test_pages_of_a_feed_go_through_all_of_it),
		cmocka_unit_test(test_what_was_withdrawn_is_a_deleted_entry),
		cmocka_unit_test(test_since_leaves_out_what_is_older),
		cmocka_unit_test(test_mistakes_in_a_feed_are_problem_details),
		cmocka_unit_test(test_many_withdrawals_take_several_pages),
		cmocka_unit_test(test_an_unchanged_feed_is_not_sent_again),
		cmocka_unit_test(test_what_was_not_modified_since_is_not_sent_again),
		cmocka_unit_test(test_since_when_the_catalogue_is_so_is_never_too_early),
		cmocka_unit_test(test_dates_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
