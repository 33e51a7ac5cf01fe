/* The pages as a browser and a screen reader find them: well-formed, labelled, in order. */
#include "tests/node/asking.h"

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>

static void publish(void)
{
	do_control("{'op':'publish-begin'}");
	do_control("{'op':'publish-put','items':["
		   "{'id':'rice','listing':{'title':{'en':'Rice & <yield>'},"
		   "'description':{'en':'\\u0022Tonnes\\u0022 of rice <by> county & more.'},"
		   "'keyword':{'en':['</li>','rice']},'theme':['Health','</aside><b>'],"
		   "'license':'https://example.org/?a=1&b=2','language':['en'],"
		   "'distribution':[{'downloadURL':'https://example.org/rice.csv?x=1&y=2',"
		   "'format':'CSV'}],'issued':'2020-01-01'}},"
		   "{'id':'ar','listing':{'title':{'ar':'\\u0625\\u0646\\u062a\\u0627\\u062c "
		   "\\u0627\\u0644\\u0623\\u0631\\u0632'},'language':['ar']}},"
		   "{'id':'tea','listing':{'title':{'en':'Tea'},'issued':'2021'}},"
		   "{'id':'gone','listing':{'title':{'en':'Gone'}}}]}");
	do_control("{'op':'publish-end'}");
	do_control("{'op':'withdraw','id':'gone','reason':'</p><h1>'}");
}

static const char *const targets[] = {
	"/",
	"/?q=rice",
	"/?q=rice+nothing&facets=all&explain=1",
	"/?limit=1",
	"/?q=%22%3E%3C%2Fform%3E&theme=%3C%2Faside%3E%3Cb%3E&sector=%22&year=%3C&doi=%26",
	"/?usage=no:research+in+KE&bbox=170,-30,-170,0&box=within&time=1990..&since=2000",
	"/?q=zzzz&country=KE&member=nbs",
	"/?country=Kenya",
	"/members",
	"/listing/nbs/rice",
	"/listing/nbs/ar?lang=ar",
	"/listing/nbs/gone",
	"/nothing",
};
#define TARGETS (sizeof targets / sizeof targets[0])

/* The parser is older than some elements. */
static void on_error(void *arg, xmlErrorPtr error)
{
	unsigned *count = arg;

	if (error->code == XML_HTML_UNKNOWN_TAG)
		return;
	print_error("line %d: %s", error->line, error->message);
	(*count)++;
}

static htmlDocPtr parse(const char *target)
{
	unsigned errors = 0;
	htmlDocPtr doc;

	get(target);
	if (!has_header("Content-Type: text/html; charset=utf-8"))
		fail_msg("%s is no page: %.400s", target, f.answer);
	xmlSetStructuredErrorFunc(&errors, on_error);
	doc = htmlReadMemory(f.body, (int)strlen(f.body), target, "utf-8", HTML_PARSE_NONET);
	xmlSetStructuredErrorFunc(NULL, NULL);
	assert_non_null(doc);
	if (errors > 0)
		fail_msg("%s is not well-formed: %s", target, f.body);
	return doc;
}

/* How many nodes an expression finds. */
static int count(htmlDocPtr doc, const char *expression)
{
	xmlXPathContextPtr context = xmlXPathNewContext(doc);
	xmlXPathObjectPtr object;
	int n;

	assert_non_null(context);
	object = xmlXPathEvalExpression((const xmlChar *)expression, context);
	assert_non_null(object);
	n = object->type == XPATH_NUMBER ? (int)object->floatval
	    : object->nodesetval != NULL ? object->nodesetval->nodeNr
					 : 0;
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	return n;
}

static void expect_count(htmlDocPtr doc, const char *target, const char *expression, int wanted)
{
	int n = count(doc, expression);

	if (n != wanted)
		fail_msg("%s: %d instead of %d of %s in %s", target, n, wanted, expression, f.body);
}

static void test_pages_are_well_formed(void **state)
{
	/* What must not be there, whatever others wrote. */
	static const char *const none[] = {
		"//b[not(ancestor::header) and not(ancestor::section)]",
		"//*[@id = preceding::*/@id]",
		"//img | //iframe | //object | //embed | //base | //meta[@http-equiv]",
		"//*[@onclick or @onload or @onerror or @style]",
		"//a[not(@href)] | //a[not(normalize-space()) and not(@aria-label)]",
		"//a[starts-with(@href, 'javascript:') or starts-with(@href, 'data:')]",
		"//script[@src] | //link[@rel = 'stylesheet']",
		"//li[not(parent::ul) and not(parent::ol)]",
	};

	(void)state;
	for (size_t i = 0; i < TARGETS; i++) {
		htmlDocPtr doc = parse(targets[i]);

		for (size_t k = 0; k < sizeof none / sizeof none[0]; k++)
			expect_count(doc, targets[i], none[k], 0);
		expect_count(doc, targets[i], "//form[@role = 'search']",
			     strncmp(targets[i], "/listing", 8) == 0 ||
					     strncmp(targets[i], "/members", 8) == 0
				     ? 0
				     : 1);
		xmlFreeDoc(doc);
	}
}

static void test_pages_can_be_heard(void **state)
{
	(void)state;
	for (size_t i = 0; i < TARGETS; i++) {
		htmlDocPtr doc = parse(targets[i]);

		expect_count(doc, targets[i], "/html[@lang = 'en']", 1);
		expect_count(doc, targets[i], "//main", 1);
		expect_count(doc, targets[i], "//h1", 1);
		/* No level of heading is left out, and every field has a name. */
		expect_count(doc, targets[i], "//h3[not(preceding::h2)]", 0);
		expect_count(doc, targets[i],
			     "//input[not(@type = 'hidden') and not(ancestor::label)]"
			     " | //select[not(ancestor::label)]",
			     0);
		expect_count(doc, targets[i], "//fieldset[not(legend)]", 0);
		expect_count(doc, targets[i], "//nav[not(@aria-label)]", 0);
		/* A list of suggestions that a field names is there. */
		expect_count(doc, targets[i], "//input[@list and not(@list = //datalist/@id)]", 0);
		xmlFreeDoc(doc);
	}
}

static void test_text_goes_its_own_way(void **state)
{
	htmlDocPtr doc = parse("/?q=%D8%A5%D9%86%D8%AA%D8%A7%D8%AC");

	(void)state;
	expect_count(doc, "Arabic", "//input[@name = 'q' and @dir = 'auto']", 1);
	expect_count(doc, "Arabic", "//li/h3[@lang = 'ar' and @dir = 'auto']", 1);
	/* Names of others are isolated from what stands around them. */
	expect_count(doc, "Arabic", "//aside//li/a[not(bdi)]", 0);
	xmlFreeDoc(doc);
}

static void test_every_link_of_a_search_can_be_followed(void **state)
{
	htmlDocPtr doc = parse("/?q=rice+tea&limit=1");
	xmlXPathContextPtr context = xmlXPathNewContext(doc);
	xmlXPathObjectPtr links;
	char hrefs[64][600];
	int n = 0;

	(void)state;
	assert_non_null(context);
	links = xmlXPathEvalExpression(
		(const xmlChar *)"//main//a[starts-with(@href, '/')] | //link[@rel='alternate']",
		context);
	assert_non_null(links);
	for (int i = 0; i < links->nodesetval->nodeNr && n < 64; i++) {
		xmlChar *href = xmlGetProp(links->nodesetval->nodeTab[i], (const xmlChar *)"href");

		assert_true(strlen((char *)href) < sizeof hrefs[0]);
		memcpy(hrefs[n++], href, strlen((char *)href) + 1);
		xmlFree(href);
	}
	xmlXPathFreeObject(links);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
	assert_true(n > 10);
	for (int i = 0; i < n; i++) {
		get(hrefs[i]);
		if (f.status != 200)
			fail_msg("%s: %u", hrefs[i], f.status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_well_formed),
		cmocka_unit_test(test_pages_can_be_heard),
		cmocka_unit_test(test_text_goes_its_own_way),
		cmocka_unit_test(test_every_link_of_a_search_can_be_followed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
