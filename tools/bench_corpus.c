/* tools/bench_corpus.c - a listing has a topic, whose words take a part of it, so that words come
 * together as they do in life; all that a listing is follows from its number and the seed. */
#include "tools/bench_corpus.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/bench_words.h"

#define TOPICS          400
#define TOPIC_WORDS     40
#define TOPIC_SHARE     0.3
#define TEXT_BYTES_MAX  8000
#define COUNTRIES       40
#define LICENCES        8
#define THEMES          13
#define YEAR_FIRST      1996
#define YEARS           30
#define MEAN_WORDS      90 /* of a listing, roughly */
#define DEEP_OFFSET_MAX 5000

struct tools_bench_corpus {
	uint64_t seed;
	uint32_t count;
	struct tools_bench_words *words;
};

static const char *const countries[COUNTRIES] = {
	"US", "FR", "DE", "ES", "CN", "GB", "IN", "BR", "MX", "KE", "AR", "MA", "NG", "ZA",
	"ID", "CO", "EG", "VN", "PE", "CL", "CH", "AT", "SN", "GH", "TZ", "UG", "ET", "TN",
	"DZ", "CI", "CM", "RW", "JO", "LB", "PH", "TH", "BO", "EC", "UY", "NP"};
static const char *const licences[LICENCES] = {
	"https://creativecommons.org/licenses/by/4.0/",
	"https://creativecommons.org/publicdomain/zero/1.0/",
	"https://opendatacommons.org/licenses/odbl/1-0/",
	"https://creativecommons.org/licenses/by-sa/4.0/",
	"https://opendatacommons.org/licenses/by/1-0/",
	"https://www.etalab.gouv.fr/licence-ouverte-open-licence",
	"https://www.govdata.de/dl-de/by-2-0",
	"https://creativecommons.org/licenses/by-nc/4.0/"};
#define THEME "http://publications.europa.eu/resource/authority/data-theme/"
static const char *const themes[THEMES] = {THEME "SOCI", THEME "ENVI", THEME "ECON", THEME "HEAL",
					   THEME "GOVE", THEME "REGI", THEME "TRAN", THEME "EDUC",
					   THEME "AGRI", THEME "TECH", THEME "ENER", THEME "JUST",
					   THEME "INTR"};
static const char *const formats[] = {"text/csv", "application/json", "application/geo+json",
				      "application/vnd.ms-excel", "application/pdf"};
static const char *const class_names[TOOLS_BENCH_CLASSES] = {
	[TOOLS_BENCH_RARE] = "rare term", [TOOLS_BENCH_COMMON] = "common term",
	[TOOLS_BENCH_TWO] = "two terms",  [TOOLS_BENCH_THREE] = "three terms",
	[TOOLS_BENCH_QUOTED] = "phrase",  [TOOLS_BENCH_BEGINNING] = "prefix",
	[TOOLS_BENCH_FACETED] = "facets", [TOOLS_BENCH_DEEP] = "deep page",
};

const char *tools_bench_corpus_class_name(enum tools_bench_corpus_class kind)
{
	return class_names[kind];
}

/* A URL without its scheme, "www." and the slash at its end. */
static struct catalog_span bare(const char *text)
{
	const char *scheme = strstr(text, "://");
	size_t len;

	text = scheme != NULL ? scheme + 3 : text;
	text += strncmp(text, "www.", 4) == 0 ? 4 : 0;
	len = strlen(text);
	return (struct catalog_span){(const uint8_t *)text,
				     len > 0 && text[len - 1] == '/' ? len - 1 : len};
}

/* Whether value is name, as a URL with or without its scheme, or its last part. */
static bool is_named(const char *name, const char *value)
{
	struct catalog_span whole = bare(name), asked = bare(value);
	const char *part = (const char *)whole.bytes + whole.len - asked.len;

	if (asked.len == 0 || asked.len > whole.len ||
	    strncasecmp(part, (const char *)asked.bytes, asked.len) != 0)
		return false;
	return asked.len == whole.len || part[-1] == '/';
}

unsigned tools_bench_corpus_number(enum tools_bench_engine_facet facet, const char *value)
{
	unsigned i = 0, count = 0;

	switch (facet) {
	case TOOLS_BENCH_COUNTRY:
		for (count = COUNTRIES; i < count && !is_named(countries[i], value);)
			i++;
		break;
	case TOOLS_BENCH_LICENCE:
		for (count = LICENCES; i < count && !is_named(licences[i], value);)
			i++;
		break;
	case TOOLS_BENCH_THEME:
		for (count = THEMES; i < count && !is_named(themes[i], value);)
			i++;
		break;
	case TOOLS_BENCH_LANGUAGE:
		for (count = TOOLS_BENCH_WORDS_LANGUAGES;
		     i < count && !is_named(tools_bench_words_languages[i].tag, value);)
			i++;
		break;
	case TOOLS_BENCH_YEAR:
		count = YEARS;
		i = (unsigned)strtoul(value, NULL, 10) - YEAR_FIRST;
		break;
	case TOOLS_BENCH_FACETS: assert(false); break;
	}
	return i < count ? i : TOOLS_BENCH_ENGINE_FACET_MAX;
}

int tools_bench_corpus_new(const char *srcdir, uint64_t seed, uint32_t count,
			   struct tools_bench_corpus **ret_corpus)
{
	struct tools_bench_corpus *corpus = calloc(1, sizeof *corpus);
	int r = corpus == NULL ? -ENOMEM : tools_bench_words_new(srcdir, seed, &corpus->words);

	if (r != 0) {
		free(corpus);
		return r;
	}
	corpus->seed = seed;
	corpus->count = count;
	*ret_corpus = corpus;
	return 0;
}

void tools_bench_corpus_free(struct tools_bench_corpus *corpus)
{
	if (corpus == NULL)
		return;
	tools_bench_words_free(corpus->words);
	free(corpus);
}

static unsigned topic_word(unsigned topic, unsigned i)
{
	uint64_t bits = (uint64_t)topic * TOPIC_WORDS + i;

	/* From words that everybody uses to names. */
	return 40 + (unsigned)exp(tools_bench_words_share(&bits) * log(20000));
}

/* The first more often than the last. */
static unsigned some_of_topic(uint64_t *rng)
{
	double u = tools_bench_words_share(rng);

	return (unsigned)(u * u * TOPIC_WORDS);
}

struct writer {
	const struct tools_bench_corpus *corpus;
	uint64_t *rng;
	int language;
	unsigned topic;
	bool spaced;
	char *at;
	size_t len, room;
};

static void put_word(struct writer *writer, unsigned rank)
{
	if (writer->room - writer->len < TOOLS_BENCH_WORDS_BYTES_MAX * 2)
		return;
	if (writer->spaced && writer->len > 0 && writer->at[writer->len - 1] != ' ')
		writer->at[writer->len++] = ' ';
	writer->len +=
		tools_bench_words_word(writer->corpus->words, writer->language, rank,
				       writer->at + writer->len, TOOLS_BENCH_WORDS_BYTES_MAX);
	writer->at[writer->len] = 0;
}

static void put_words(struct writer *writer, unsigned count, double topic_share)
{
	for (unsigned i = 0; i < count; i++) {
		if (tools_bench_words_share(writer->rng) < topic_share)
			put_word(writer, topic_word(writer->topic, some_of_topic(writer->rng)));
		else
			put_word(writer,
				 tools_bench_words_zipf(writer->rng, TOOLS_BENCH_WORDS_RANKS));
	}
}

static void put_end(struct writer *writer, const char *end)
{
	writer->len +=
		(size_t)snprintf(writer->at + writer->len, writer->room - writer->len, "%s", end);
	assert(writer->len < writer->room);
}

/* Who a document is: the first that is drawn, so that queries can draw it again. */
static struct writer begin(const struct tools_bench_corpus *corpus, uint32_t number, uint64_t *rng,
			   char *at, size_t room)
{
	struct writer writer = {.corpus = corpus, .rng = rng, .at = at, .room = room};
	double u;

	*rng = corpus->seed * UINT64_C(0x2545f4914f6cdd1d) + number;
	(void)tools_bench_words_next(rng);
	u = tools_bench_words_share(rng);
	while (writer.language + 1 < TOOLS_BENCH_WORDS_LANGUAGES &&
	       u >= tools_bench_words_languages[writer.language].share)
		u -= tools_bench_words_languages[writer.language++].share;
	writer.topic = tools_bench_words_zipf(rng, TOPICS);
	writer.spaced = strcmp(tools_bench_words_languages[writer.language].tag, "zh") != 0;
	return writer;
}

static void write_description(struct writer *writer)
{
	unsigned left = 30 + tools_bench_words_below(writer->rng, 91);
	char code[40];

	while (left > 0) {
		unsigned count = 6 + tools_bench_words_below(writer->rng, 14);

		if (count > left)
			count = left;
		put_words(writer, count, TOPIC_SHARE);
		put_end(writer, writer->spaced ? ". " : "。");
		left -= count;
	}
	snprintf(code, sizeof code, "%c%c-%05u",
		 (char)('A' + tools_bench_words_below(writer->rng, 26)),
		 (char)('A' + tools_bench_words_below(writer->rng, 26)),
		 tools_bench_words_below(writer->rng, 100000));
	put_end(writer, code);
}

/* --- listings ---------------------------------------------------------------------------------
 */

static void set(struct catalog_value *map, const char *key, struct catalog_value *value)
{
	int r = value == NULL ? -ENOMEM : catalog_value_set(map, key, value);

	if (r != 0)
		abort(); /* a benchmark out of memory */
}

static struct catalog_value *list_of(struct catalog_value *list, struct catalog_value *value)
{
	if (list == NULL || value == NULL || catalog_value_append(list, value) != 0)
		abort();
	return list;
}

static void set_lang(struct catalog_value *map, const char *key, const struct writer *writer)
{
	struct catalog_value *lang = catalog_value_new_map();

	set(lang, tools_bench_words_languages[writer->language].tag,
	    catalog_value_new_string(writer->at));
	set(map, key, lang);
}

static void restart(struct writer *writer)
{
	writer->len = 0;
	writer->at[0] = 0;
}

static void set_keywords(struct catalog_value *listing, struct writer *writer)
{
	struct catalog_value *keywords = catalog_value_new_list(), *map = catalog_value_new_map();
	unsigned count = 3 + tools_bench_words_below(writer->rng, 4);

	for (unsigned i = 0; i < count; i++) {
		restart(writer);
		put_words(writer, 1 + tools_bench_words_below(writer->rng, 2), 0.9);
		list_of(keywords, catalog_value_new_string(writer->at));
	}
	set(map, tools_bench_words_languages[writer->language].tag, keywords);
	set(listing, "keyword", map);
}

static void set_distributions(struct catalog_value *listing, struct writer *writer, uint32_t number)
{
	struct catalog_value *list = catalog_value_new_list();
	unsigned count = 1 + tools_bench_words_below(writer->rng, 3);
	char url[100];

	for (unsigned i = 0; i < count; i++) {
		struct catalog_value *one = catalog_value_new_map();

		snprintf(url, sizeof url, "https://data.example.org/files/%u/%u", number, i);
		set(one, "downloadURL", catalog_value_new_string(url));
		set(one, "mediaType",
		    catalog_value_new_string(formats[tools_bench_words_zipf(writer->rng, 5)]));
		list_of(list, one);
	}
	set(listing, "distribution", list);
}

/* What is not words; facets are filled in ret_doc. */
static void set_facts(struct catalog_value *listing, struct writer *writer,
		      struct tools_bench_doc *ret_doc)
{
	uint64_t *rng = writer->rng;
	unsigned country = tools_bench_words_zipf(rng, COUNTRIES),
		 licence = tools_bench_words_zipf(rng, LICENCES);
	unsigned year = YEARS - 1 - tools_bench_words_zipf(rng, YEARS),
		 theme = (writer->topic * 7 + 3) % THEMES;
	unsigned second =
		tools_bench_words_below(rng, 3) == 0 ? tools_bench_words_zipf(rng, THEMES) : theme;
	struct catalog_value *place = catalog_value_new_map();
	struct catalog_value *list = catalog_value_new_list();
	char text[100];

	list_of(list, catalog_value_new_string(themes[theme]));
	if (second != theme)
		list_of(list, catalog_value_new_string(themes[second]));
	set(listing, "theme", list);
	set(place, "country", catalog_value_new_string(countries[country]));
	set(listing, "spatial", list_of(catalog_value_new_list(), place));
	set(listing, "license", catalog_value_new_string(licences[licence]));
	set(listing, "language",
	    list_of(catalog_value_new_list(),
		    catalog_value_new_string(tools_bench_words_languages[writer->language].tag)));
	snprintf(text, sizeof text, "%u-%02u-%02u", YEAR_FIRST + year,
		 1 + tools_bench_words_below(rng, 12), 1 + tools_bench_words_below(rng, 28));
	set(listing, "issued", catalog_value_new_string(text));
	snprintf(text, sizeof text, "https://data.example.org/dataset/%u", ret_doc->number);
	set(listing, "landingPage", catalog_value_new_string(text));
	ret_doc->facets[TOOLS_BENCH_COUNTRY] = (uint8_t)country;
	ret_doc->facets[TOOLS_BENCH_LICENCE] = (uint8_t)licence;
	ret_doc->facets[TOOLS_BENCH_YEAR] = (uint8_t)year;
	ret_doc->facets[TOOLS_BENCH_LANGUAGE] = (uint8_t)writer->language;
	ret_doc->facets[TOOLS_BENCH_THEME] = (uint8_t)theme;
	ret_doc->second_theme = (uint8_t)second;
}

void tools_bench_corpus_doc(const struct tools_bench_corpus *corpus, uint32_t number,
			    struct tools_bench_doc *ret_doc)
{
	char text[TEXT_BYTES_MAX];
	uint64_t rng;
	struct writer writer = begin(corpus, number, &rng, text, sizeof text);
	struct catalog_value *listing = catalog_value_new_map();
	struct catalog_value *publisher = catalog_value_new_map();

	if (listing == NULL || publisher == NULL)
		abort(); /* a benchmark out of memory */
	*ret_doc = (struct tools_bench_doc){.number = number, .listing = listing};
	restart(&writer);
	write_description(&writer);
	set_lang(listing, "description", &writer);
	restart(&writer);
	put_words(&writer, 4 + tools_bench_words_below(&rng, 6), 0.5);
	set_lang(listing, "title", &writer);
	set_keywords(listing, &writer);
	set_distributions(listing, &writer, number);
	restart(&writer);
	put_word(&writer, 30 + tools_bench_words_below(&rng, 200));
	put_word(&writer, 30 + writer.topic % 60);
	set_lang(publisher, "name", &writer);
	set(listing, "publisher", publisher);
	set_facts(listing, &writer, ret_doc);
}

void tools_bench_corpus_doc_close(struct tools_bench_doc *doc)
{
	catalog_value_free(doc->listing);
	doc->listing = NULL;
}

/* --- queries ----------------------------------------------------------------------------------
 */

#define PIECES_MAX 200

/* The words of the description of a document that is not Chinese, or of any: where they begin. */
static size_t pick_words(const struct tools_bench_corpus *corpus, uint64_t *rng, char *text,
			 char *pieces[PIECES_MAX])
{
	size_t count = 0;

	while (count < 10) {
		uint64_t doc_rng;
		struct writer writer = begin(corpus, tools_bench_words_below(rng, corpus->count),
					     &doc_rng, text, TEXT_BYTES_MAX);
		char *save = NULL;

		if (!writer.spaced)
			continue;
		restart(&writer);
		write_description(&writer);
		count = 0;
		for (char *word = strtok_r(text, " ", &save); word != NULL && count < PIECES_MAX;
		     word = strtok_r(NULL, " ", &save))
			pieces[count++] = word;
	}
	return count - 1; /* without the code */
}

static bool ends_sentence(const char *word)
{
	return strchr(word, '.') != NULL;
}

/* Rank of a word that about `target` listings of a language have. */
static unsigned rank_for(const struct tools_bench_corpus *corpus, int language, double target)
{
	double tokens = corpus->count * tools_bench_words_languages[language].share * MEAN_WORDS *
			(1 - TOPIC_SHARE);
	double rank = tokens / (log(TOOLS_BENCH_WORDS_RANKS + 1) * target);

	return rank < 2                             ? 2
	       : rank > TOOLS_BENCH_WORDS_RANKS - 1 ? TOOLS_BENCH_WORDS_RANKS - 1
						    : (unsigned)rank;
}

static void add_text(struct tools_bench_query *query, const char *word, size_t len)
{
	size_t at = strlen(query->text);

	snprintf(query->text + at, sizeof query->text - at, "%s%.*s", at > 0 ? " " : "", (int)len,
		 word);
}

static void common_word(const struct tools_bench_corpus *corpus, uint64_t *rng,
			struct tools_bench_query *query)
{
	int language = (int)tools_bench_words_zipf(rng, TOOLS_BENCH_WORDS_LANGUAGES);
	char word[TOOLS_BENCH_WORDS_BYTES_MAX];
	size_t len = tools_bench_words_word(
		corpus->words, language, 5 + tools_bench_words_below(rng, 60), word, sizeof word);

	add_text(query, word, len);
}

static void rare_word(const struct tools_bench_corpus *corpus, uint64_t *rng,
		      struct tools_bench_query *query)
{
	char word[TOOLS_BENCH_WORDS_BYTES_MAX];
	int language;
	size_t len;

	do
		language = (int)tools_bench_words_zipf(rng, TOOLS_BENCH_WORDS_LANGUAGES);
	while (strcmp(tools_bench_words_languages[language].tag, "zh") == 0);
	len = tools_bench_words_word(
		corpus->words, language,
		rank_for(corpus, language, 10 + 190 * tools_bench_words_share(rng)) +
			tools_bench_words_below(rng, 50),
		word, sizeof word);
	add_text(query, word, len);
}

static void some_words(const struct tools_bench_corpus *corpus, uint64_t *rng, unsigned count,
		       struct tools_bench_query *query)
{
	char text[TEXT_BYTES_MAX], *pieces[PIECES_MAX];
	size_t found = pick_words(corpus, rng, text, pieces);

	for (unsigned i = 0; i < count; i++) {
		const char *word = pieces[tools_bench_words_below(rng, (unsigned)found)];

		add_text(query, word, strcspn(word, "."));
	}
}

static void quoted_words(const struct tools_bench_corpus *corpus, uint64_t *rng,
			 struct tools_bench_query *query)
{
	char text[TEXT_BYTES_MAX], *pieces[PIECES_MAX];
	size_t found = pick_words(corpus, rng, text, pieces), at,
	       count = 2 + tools_bench_words_below(rng, 3) / 2;

	for (;;) {
		bool whole = true;

		at = tools_bench_words_below(rng, (unsigned)(found - count));
		for (size_t i = at; i + 1 < at + count; i++)
			whole = whole && !ends_sentence(pieces[i]);
		if (whole)
			break;
	}
	for (size_t i = at; i < at + count; i++)
		add_text(query, pieces[i], strcspn(pieces[i], "."));
}

static void beginning(const struct tools_bench_corpus *corpus, uint64_t *rng,
		      struct tools_bench_query *query)
{
	char text[TEXT_BYTES_MAX], *pieces[PIECES_MAX];
	size_t found = pick_words(corpus, rng, text, pieces);

	for (size_t tries = 0; tries < 1000; tries++) {
		const char *word = pieces[tools_bench_words_below(rng, (unsigned)found)];
		size_t len = 0, want = 4 + tools_bench_words_below(rng, 3);

		while (isalpha((unsigned char)word[len]) && len < want)
			len++;
		if (len == want) {
			add_text(query, word, len);
			return;
		}
	}
	add_text(query, "data", 4); /* of Arabic only, say */
}

void tools_bench_corpus_query(const struct tools_bench_corpus *corpus,
			      enum tools_bench_corpus_class kind, unsigned number,
			      struct tools_bench_query *ret_query)
{
	uint64_t rng = corpus->seed * 8191 + (uint64_t)kind * 1000003 + number;
	size_t deep = corpus->count / 200;

	rng = tools_bench_words_next(&rng); /* far from that of the next number */
	*ret_query = (struct tools_bench_query){.how = TOOLS_BENCH_WORDS};
	switch (kind) {
	case TOOLS_BENCH_RARE: rare_word(corpus, &rng, ret_query); break;
	case TOOLS_BENCH_COMMON: common_word(corpus, &rng, ret_query); break;
	case TOOLS_BENCH_TWO: some_words(corpus, &rng, 2, ret_query); break;
	case TOOLS_BENCH_THREE: some_words(corpus, &rng, 3, ret_query); break;
	case TOOLS_BENCH_QUOTED:
		ret_query->how = TOOLS_BENCH_PHRASE;
		quoted_words(corpus, &rng, ret_query);
		break;
	case TOOLS_BENCH_BEGINNING:
		ret_query->how = TOOLS_BENCH_PREFIX;
		beginning(corpus, &rng, ret_query);
		break;
	case TOOLS_BENCH_FACETED:
		ret_query->facets = true;
		if (number % 2 == 0)
			common_word(corpus, &rng, ret_query);
		else
			some_words(corpus, &rng, 2, ret_query);
		if (number % 3 == 0)
			ret_query->country = countries[tools_bench_words_zipf(&rng, COUNTRIES)];
		else if (number % 3 == 1)
			ret_query->theme_url = themes[tools_bench_words_below(&rng, THEMES)];
		break;
	case TOOLS_BENCH_DEEP:
		common_word(corpus, &rng, ret_query);
		ret_query->offset = deep < DEEP_OFFSET_MAX ? deep : DEEP_OFFSET_MAX;
		break;
	case TOOLS_BENCH_CLASSES: assert(false); break;
	}
}
