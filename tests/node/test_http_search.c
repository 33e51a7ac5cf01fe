/* Everything that a search over HTTP may say: each filter, each mistake, pages, and words of many
 * scripts. */
#include "tests/node/asking.h"

#include <inttypes.h>

#include "node/http_search.h"

static void publish(void)
{
	do_control("{'op':'publish-begin'}");
	do_control("{'op':'publish-put','items':["
		   "{'id':'rice','listing':{'title':{'en':'Rice yield'},"
		   "'description':{'en':'Tonnes of rice by county.'},"
		   "'theme':['http://publications.europa.eu/resource/authority/data-theme/AGRI'],"
		   "'keyword':{'en':['rice','harvest']},'license':'https://example.org/by/4.0/',"
		   "'accessRights':'http://example.org/access-right/PUBLIC','language':['en'],"
		   "'identifier':['https://doi.org/10.1234/rice'],'issued':'2019-04-01',"
		   "'modified':'2020-06-01','spatial':[{'country':'KE','bbox':[34,-5,42,5]}],"
		   "'temporal':[{'start':'1990-01-01','end':'2000-12-31'}],"
		   "'policy':[{'permission':[{'action':'use','constraint':[{'leftOperand':"
		   "'purpose','operator':'eq','rightOperand':'research'}]}]}],"
		   "'distribution':[{'downloadURL':'https://example.org/rice.csv',"
		   "'format':'CSV','mediaType':'text/csv'}]}},"
		   "{'id':'malaria','listing':{'title':{'en':'Malaria cases'},"
		   "'theme':['Gesundheit'],'language':['fr'],'issued':'2021',"
		   "'modified':'2024-02-03',"
		   "'policy':[{'prohibition':[{'action':'use'}]}]}},"
		   "{'id':'reefs','listing':{'title':{'en':'Coral reefs'},'theme':['Tourism'],"
		   "'spatial':[{'country':'FJ','bbox':[177,-20,-178,-12]}]}},"
		   "{'id':'km','listing':{'title':{'km':"
		   "'\\u1791\\u17b7\\u1793\\u17d2\\u1793\\u1795\\u179b\\u179f\\u17d2\\u179a"
		   "\\u17bc\\u179c'}}},"
		   "{'id':'ja','listing':{'title':{'ja':'\\u7c73\\u306e\\u53ce\\u7a6b\\u91cf'}}},"
		   "{'id':'th','listing':{'title':{'th':"
		   "'\\u0e1c\\u0e25\\u0e1c\\u0e25\\u0e34\\u0e15\\u0e02\\u0e49\\u0e32\\u0e27'}}},"
		   "{'id':'ar','listing':{'title':{'ar':"
		   "'\\u0645\\u064e\\u062d\\u0652\\u0635\\u064f\\u0648\\u0644 "
		   "\\u0627\\u0644\\u0623\\u0631\\u0632'}}}]}");
	do_control("{'op':'publish-end'}");
}

static int64_t total(const char *query)
{
	struct catalog_value *value;
	char target[1024];
	int64_t n;

	snprintf(target, sizeof target, "/api/v1/search?%s", query);
	get(target);
	if (f.status != 200)
		fail_msg("%s: %u %.400s", target, f.status, f.body);
	value = json();
	n = scratch_int(value, "total");
	catalog_value_free(value);
	return n;
}

static void check_total(const char *query, int64_t wanted)
{
	int64_t n = total(query);

	if (n != wanted)
		fail_msg("%s: %" PRId64 " instead of %" PRId64, query, n, wanted);
}

/* --- filters ------------------------------------------------------------------------------- */

static void test_each_filter_lets_through_what_it_names(void **state)
{
	static const struct {
		const char *query;
		int64_t total;
	} cases[] = {
		{"", 7},
		{"q=yield", 1},
		{"member=nbs", 7},
		{"member=uni", 0},
		{"country=KE", 6}, /* the member's where a listing names none */
		{"country=fj", 1},
		{"theme=AGRI", 1},
		{"theme=Agriculture%2C+fisheries%2C+forestry+and+food", 1},
		{"theme=http://publications.europa.eu/resource/authority/data-theme/AGRI", 1},
		{"theme=agriculture", 1}, /* an industry */
		{"theme=Health", 1},
		{"theme=tourism", 1},
		{"theme=finance", 0},
		{"q=theme:heal", 1},
		{"sector=statistics", 7},
		{"sector=research", 0},
		{"licence=https://example.org/by/4.0", 1},
		{"licence=example.org/by/4.0", 1},
		{"format=csv", 1},
		{"format=text/csv", 1},
		{"access=PUBLIC", 1},
		{"language=fr", 1},
		{"keyword=Harvest", 1},
		{"year=2019", 1},
		{"year=2020", 0},
		{"doi=yes", 1},
		{"doi=no", 6},
		{"usage=research", 1},
		{"usage=yes:research+in+KE", 1},
		{"usage=no:research", 1},
		{"usage=unknown:research", 5},
		{"purpose=research&where=KE", 1},
		{"may=no&purpose=research&where=", 1},
		{"may=yes&purpose=&where=", 7}, /* the form, not filled in */
		{"since=2024-01-01", 1},
		{"since=2019", 2},
		{"q=issued:2019..2020", 1},
		{"time=1995", 1},
		{"time=2000-12..2010", 1},
		{"time=..1989", 0},
		{"time=1980..", 1},
		{"from=1995&to=1996", 1},
		{"from=2001&to=", 0},
		{"bbox=36,-2,37,0", 1},
		{"bbox=36,-2,37,0&box=within", 0},
		{"bbox=30,-10,50,10&box=within", 1},
		{"west=36&south=-2&east=37&north=0&box=meets", 1},
		/* Across the date line, and on either side of it. */
		{"bbox=170,-30,-170,0", 1},
		{"bbox=170,-30,-170,0&box=within", 1},
		{"bbox=178,-15,180,-13", 1},
		{"bbox=-180,-15,-179,-13", 1},
		{"bbox=-177,-15,-170,-13", 0},
		{"bbox=160,-15,176,-13", 0},
		{"bbox=-10,-30,10,0", 0},
		{"q=rice&country=KE&theme=AGRI&format=csv&doi=yes&year=2019&time=1999", 1},
		{"q=rice&country=KE&theme=AGRI&format=csv&doi=no", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_total(cases[i].query, cases[i].total);
}

static void test_words_of_every_script_are_found(void **state)
{
	static const char *const cases[][2] = {
		{"%E1%9E%95%E1%9E%9B", "km"},                            /* Khmer: yield */
		{"%E1%9E%9F%E1%9F%92%E1%9E%9A%E1%9E%BC%E1%9E%9C", "km"}, /* rice */
		{"%E5%8F%8E%E7%A9%AB", "ja"},                            /* Japanese: harvest */
		{"%E7%B1%B3", "ja"},                                     /* rice */
		{"%E0%B8%82%E0%B9%89%E0%B8%B2%E0%B8%A7", "th"},          /* Thai: rice */
		{"%D9%85%D8%AD%D8%B5%D9%88%D9%84", "ar"}, /* Arabic: crop, without vowels */
		{"%D9%85%D9%8E%D8%AD%D9%92%D8%B5%D9%8F%D9%88%D9%84", "ar"}, /* with them */
		{"%D8%A7%D9%84%D8%A3%D8%B1%D8%B2", "ar"},                   /* the rice */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct catalog_value *value;
		char target[256];

		snprintf(target, sizeof target, "/api/v1/search?q=%s", cases[i][0]);
		get(target);
		expect(200, NULL);
		value = json();
		if (scratch_int(value, "total") != 1 ||
		    strcmp(scratch_text(value, "hits/0/id"), cases[i][1]) != 0)
			fail_msg("%s: %.400s", cases[i][0], f.body);
		catalog_value_free(value);
	}
}

static void test_facets_are_counted_over_the_whole_result(void **state)
{
	struct catalog_value *value;

	(void)state;
	get("/api/v1/search?facets=all&limit=1&usage=research");
	expect(200, NULL);
	value = json();
	assert_int_equal(scratch_int(value, "total"), 1);
	assert_int_equal(scratch_int(value, "facets/usage/yes"), 1);
	catalog_value_free(value);
	get("/api/v1/search?facets=theme,doi&limit=1");
	value = json();
	assert_string_equal(scratch_text(value, "facets/doi/0/value"), "no");
	assert_int_equal(scratch_int(value, "facets/doi/0/count"), 6);
	assert_int_equal(scratch_int(value, "facets/doi/1/count"), 1);
	assert_string_equal(scratch_text(value, "facets/theme/0/value"), "agri");
	assert_null(scratch_at(value, "facets/year"));
	catalog_value_free(value);
}

/* --- mistakes ------------------------------------------------------------------------------ */

static void test_each_mistake_is_told_with_what_to_do(void **state)
{
	static const struct {
		const char *query, *words;
		unsigned status;
	} cases[] = {
		{"member=nobody", "nobody", 404},
		{"country=Kenya", "two letters", 400},
		{"country=K1", "two letters", 400},
		{"usage=for+fun+and+more+in+K", "research in KE", 400},
		{"usage=research&purpose=research", "give one of the two", 400},
		{"where=KE&usage=research", "give one of the two", 400},
		{"since=yesterday", "such as 2026", 400},
		{"since=2024-13-01", "such as 2026", 400},
		{"time=then", "1990..2000", 400},
		{"time=2000..1990", "1990..2000", 400},
		{"time=..", "1990..2000", 400},
		{"time=1990&from=1990", "give one of the two", 400},
		{"bbox=1,2,3", "west,south,east,north", 400},
		{"bbox=1,2,3,4,5", "west,south,east,north", 400},
		{"bbox=1,2,nan,4", "west,south,east,north", 400},
		{"bbox=1,9,3,4", "west,south,east,north", 400}, /* south of its north */
		{"west=1&south=2&east=3", "all of them or none", 400},
		{"bbox=1,2,3,4&west=1&south=2&east=3&north=4", "give one of the two", 400},
		{"bbox=1,2,3,4&box=around", "meets, within", 400},
		{"sort=best", "relevance, modified, entry", 400},
		{"facets=themes", "theme", 400},
		{"limit=0", "limit", 400},
		{"limit=101", "limit", 400},
		{"limit=1.5", "whole number", 400},
		{"limit=99999999999999999999", "whole number", 400},
		{"offset=-1", "whole number", 400},
		{"offset=9999", "cursor", 400},
		{"cursor=00", "begin again without", 400},
		{"cursor=zz", "begin again without", 400},
		{"q=*", "*", 400},
		{"q=a*", "*", 400},
		{"q=title:*", "*", 400},
		{"nothing=1", "no parameter", 400},
		{"q=a&q=b", "twice", 400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[512];

		snprintf(target, sizeof target, "/api/v1/search?%s", cases[i].query);
		get(target);
		if (f.status != cases[i].status)
			fail_msg("%s: %u: %.400s", cases[i].query, f.status, f.body);
		expect_problem(cases[i].status, cases[i].words);
		snprintf(target, sizeof target, "/?%s", cases[i].query);
		get(target);
		expect(cases[i].status, "Content-Type: text/html");
	}
}

/* Repeat what into target after a start. */
static void fill(char *target, size_t room, const char *start, const char *what, size_t count)
{
	size_t len = strlen(start);

	assert_true(len + count * strlen(what) < room);
	memcpy(target, start, len);
	for (size_t i = 0; i < count; i++, len += strlen(what))
		memcpy(target + len, what, strlen(what));
	target[len] = '\0';
}

static void test_hostile_queries_get_a_sentence(void **state)
{
	static const struct {
		const char *what, *words;
		size_t count;
		unsigned status;
	} cases[] = {
		{"a+", "4096", 10000, 414},       {"w+", "1024", 600, 400},
		{"rice+", "32 words", 33, 400},   {"(", "parenthes", 17, 400},
		{"-(", "parenthes", 40, 400},     {"ab*+", "128", 140, 400},
		{"(a+OR+", "parenthes", 30, 400}, {"-ab+", "32", 60, 400},
	};
	static char target[24 * 1024];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fill(target, sizeof target, "/api/v1/search?q=", cases[i].what, cases[i].count);
		get(target);
		if (f.status != cases[i].status)
			fail_msg("%s: %u: %.400s", cases[i].what, f.status, f.body);
		expect_problem(cases[i].status, cases[i].words);
	}
	/* What is merely odd is searched for as text. */
	check_total("q=%22", 7);
	check_total("q=%29%29%28", 7);
	check_total("q=rice+%22yield", 1);
	check_total("q=nothing%3Arice", 0); /* though some have the word */
}

/* --- pages --------------------------------------------------------------------------------- */

#define MANY 137

static void publish_many(const char *prefix, unsigned count)
{
	do_control("{'op':'publish-begin'}");
	for (unsigned i = 0; i < count; i++) {
		char json[256];

		snprintf(json, sizeof json,
			 "{'op':'publish-put','items':[{'id':'%s-%u','listing':{'title':{'en':"
			 "'Census tract %u'}}}]}",
			 prefix, i, i);
		do_control(json);
	}
	do_control("{'op':'publish-end'}");
}

static void test_pages_are_of_one_snapshot_while_others_publish(void **state)
{
	static const char *const sorts[] = {"relevance", "modified", "entry"};
	bool seen[MANY];

	(void)state;
	publish_many("old", MANY);
	for (size_t s = 0; s < sizeof sorts / sizeof sorts[0]; s++) {
		char target[2048];
		unsigned found = 0, pages = 0;

		memset(seen, 0, sizeof seen);
		snprintf(target, sizeof target, "/api/v1/search?q=census&limit=10&sort=%s",
			 sorts[s]);
		for (;;) {
			struct catalog_value *value;
			const char *cursor;
			char prefix[16];

			get(target);
			expect(200, NULL);
			value = json();
			pages++;
			if (pages > 1)
				assert_int_equal(scratch_int(value, "total"), MANY);
			for (size_t i = 0; i < catalog_value_count(scratch_at(value, "hits"));
			     i++) {
				char path[32];
				unsigned number;

				snprintf(path, sizeof path, "hits/%zu/id", i);
				/* Nothing that came after the first page, and nothing twice. */
				if (sscanf(scratch_text(value, path), "old-%u", &number) != 1 ||
				    number >= MANY || seen[number])
					fail_msg("%s: page %u: %s", sorts[s], pages,
						 scratch_text(value, path));
				seen[number] = true;
				found++;
			}
			cursor = catalog_value_text(scratch_at(value, "cursor"));
			if (cursor != NULL)
				snprintf(target, sizeof target,
					 "/api/v1/search?q=census&limit=10&sort=%s&cursor=%s",
					 sorts[s], cursor);
			else
				pages += 1000;
			catalog_value_free(value);
			if (pages > 1000)
				break;
			snprintf(prefix, sizeof prefix, "new%zu-%u", s, pages);
			publish_many(prefix, 2);
		}
		assert_int_equal(found, MANY);
		/* Take away what came meanwhile, for the next order. */
		do_control("{'op':'publish-begin','withdraw_missing':true,'yes':true}");
		for (unsigned i = 0; i < MANY; i++) {
			char json_text[160];

			snprintf(json_text, sizeof json_text,
				 "{'op':'publish-put','items':[{'id':'old-%u','listing':{'title':"
				 "{'en':'Census tract %u'}}}]}",
				 i, i);
			do_control(json_text);
		}
		do_control("{'op':'publish-end'}");
	}
}

static void test_links_of_the_page_keep_the_search(void **state)
{
	(void)state;
	get("/?q=census&country=KE&doi=no&limit=10&lang=en&west=&purpose=");
	expect(200, NULL);
	expect_text("<h1>137 listings</h1>");
	/* The next page: all of the search, and the cursor. */
	expect_text("href=\"/?q=census&amp;country=KE&amp;doi=no&amp;limit=10&amp;lang=en&amp;"
		    "cursor=");
	/* Without one filter; and with another. */
	expect_text("href=\"/?q=census&amp;doi=no&amp;limit=10&amp;lang=en\" aria-label=\"Search "
		    "without this: Country\"");
	expect_no_text("Nothing here has all of this");
	get("/?q=census&country=KE&cursor=&theme=&facets=");
	expect_text("rel=\"next\"");
	expect_no_text("rel=\"first\"");
	get("/?q=rcie");
	expect(200, NULL);
	get("/?usage=no:research+in+KE");
	expect_text("href=\"/?usage=yes:research%20in%20KE\"");
	expect_text("name=\"purpose\" value=\"research\"");
	expect_text("<option value=\"no\" selected>");
	get("/?bbox=1,-2,3,4&time=1990..&box=within");
	expect_text("name=\"south\" value=\"-2\"");
	expect_text("name=\"from\" value=\"1990\"");
	expect_text("value=\"within\" checked");
	expect_text("href=\"/?time=1990..\" aria-label=\"Search without this: About the area\"");
	get("/?since=2020-01-01&q=census&sort=modified");
	expect_text("href=\"/feed.atom?q=census%20modified:2020-01-01..\"");
}

/* --- without a socket ---------------------------------------------------------------------- */

static void test_a_target_is_what_was_read(void **state)
{
	static const char target[] = "/?q=a%26b%3D%22c%22+%C3%A9&theme=x%2Fy&facets=all&cursor=00ff"
				     "&offset=3&limit=5&explain=1";
	struct node_http_search_change change = {"theme", NULL};
	static struct node_http_request request, again;
	struct node_http_search search, other;
	struct catalog_buffer buffer = {0};
	enum node_http_request_form form;
	struct node_error error;

	(void)state;
	assert_int_equal(node_http_request_read(target, &request, &form, &error), 0);
	assert_int_equal(node_http_search_read(&request, &search, &error), 0);
	assert_int_equal(node_http_search_target(&search, "/", &change, 1, &buffer), 0);
	assert_int_equal(catalog_buffer_append(&buffer, "", 1), 0);
	assert_string_equal((char *)buffer.bytes,
			    "/?q=a%26b%3D%22c%22%20%C3%A9&facets=all&limit=5");
	assert_int_equal(node_http_request_read((char *)buffer.bytes, &again, &form, &error), 0);
	assert_int_equal(node_http_search_read(&again, &other, &error), 0);
	assert_string_equal(node_http_search_get(&other, "q"), node_http_search_get(&search, "q"));
	assert_null(node_http_search_get(&other, "cursor"));
	assert_true(node_http_search_asks(&search));
	catalog_buffer_close(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_filter_lets_through_what_it_names),
		cmocka_unit_test(test_words_of_every_script_are_found),
		cmocka_unit_test(test_facets_are_counted_over_the_whole_result),
		cmocka_unit_test(test_each_mistake_is_told_with_what_to_do),
		cmocka_unit_test(test_hostile_queries_get_a_sentence),
		cmocka_unit_test(test_pages_are_of_one_snapshot_while_others_publish),
		cmocka_unit_test(test_links_of_the_page_keep_the_search),
		cmocka_unit_test(test_a_target_is_what_was_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
