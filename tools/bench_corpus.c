/* tools/bench_corpus.c - the word of rank k comes 1/k times as often as the first (Zipf).  The
 * first few hundred ranks of a language are the words of listings of our own, by how often they
 * come there; the rest are forms of those, compounds and names of syllables.  A listing has a
 * topic, whose words take a part of it, so that words come together as they do in life. */
#include "tools/bench_corpus.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/reader.h"

#define LANGUAGES       6
#define BASE_MAX        2000
#define RANKS           150000
#define TOPICS          400
#define TOPIC_WORDS     40
#define TOPIC_SHARE     0.3
#define WORD_BYTES_MAX  100
#define TEXT_BYTES_MAX  8000
#define COUNTRIES       40
#define LICENCES        8
#define THEMES          13
#define YEAR_FIRST      1996
#define YEARS           30
#define MEAN_WORDS      90 /* of a listing, roughly */
#define DEEP_OFFSET_MAX 5000

struct base {
	char *words[BASE_MAX];
	unsigned counts[BASE_MAX];
	size_t count;
};

struct tools_bench_corpus {
	uint64_t seed;
	uint32_t count;
	struct base bases[LANGUAGES];
	struct catalog_index_text *text; /* divides Chinese */
};

static const struct language {
	const char *tag;
	double share;
	const char *suffixes[16];
} languages[LANGUAGES] = {
	{"en",
	 0.45,
	 {"s", "ed", "ing", "er", "ers", "ly", "ness", "al", "ment", "ity", "ation", "able", "ship",
	  "-based", "less", "ism"}},
	{"es",
	 0.15,
	 {"s", "es", "ción", "mente", "ado", "ada", "ero", "ico", "ica", "idad", "ando", "ista",
	  "oso", "ales", "ería", "ismo"}},
	{"fr",
	 0.13,
	 {"s", "tion", "ment", "é", "ée", "eur", "ique", "iques", "ité", "ant", "age", "iste",
	  "eux", "aux", "erie", "isme"}},
	{"de",
	 0.12,
	 {"en", "er", "ung", "ungen", "lich", "keit", "s", "es", "isch", "heit", "bar", "schaft",
	  "te", "los", "plan", "daten"}},
	{"zh",
	 0.09,
	 {"数", "区", "表", "率", "量", "局", "市", "省", "网", "站", "图", "类", "期", "值", "点",
	  "员"}},
	{"ar",
	 0.06,
	 {"ات", "ون", "ية", "ها", "ين", "ة", "هم", "ان", "نا", "ي", "ك", "وا", "تها", "يات", "تي",
	  "ه"}},
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

const char *tools_bench_corpus_country(unsigned number)
{
	assert(number < COUNTRIES);
	return countries[number];
}

const char *tools_bench_corpus_theme(unsigned number)
{
	assert(number < THEMES);
	return themes[number];
}

/* --- chance -----------------------------------------------------------------------------------
 */

/* SplitMix64: a good generator whose states need not be related, so any number may begin one. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double share(uint64_t *state)
{
	return (double)(next(state) >> 11) * 0x1p-53;
}

static unsigned below(uint64_t *state, unsigned n)
{
	return (unsigned)(next(state) % n);
}

/* 0 .. n - 1, of which k comes 1/(k + 1) times as often as 0. */
static unsigned zipf(uint64_t *state, unsigned n)
{
	unsigned k = (unsigned)exp(share(state) * log((double)n + 1)) - 1;

	return k < n ? k : n - 1;
}

/* --- words ------------------------------------------------------------------------------------
 */

static int add_base(struct base *base, const char *bytes, size_t len)
{
	if (len == 0 || len >= WORD_BYTES_MAX / 3)
		return 0;
	for (size_t i = 0; i < base->count; i++) {
		if (strlen(base->words[i]) == len && memcmp(base->words[i], bytes, len) == 0) {
			base->counts[i]++;
			return 0;
		}
	}
	if (base->count == BASE_MAX)
		return 0;
	base->words[base->count] = strndup(bytes, len);
	if (base->words[base->count] == NULL)
		return -ENOMEM;
	base->counts[base->count++] = 1;
	return 0;
}

static int chinese_word(void *arg, enum catalog_index_text_form form, struct catalog_span word)
{
	if (form != CATALOG_INDEX_TEXT_WORD || word.bytes[0] < 0x80)
		return 0;
	return add_base(arg, (const char *)word.bytes, word.len);
}

/* Words with spaces between, lower case where that is ASCII; general punctuation parts them. */
static int spaced_words(struct base *base, const char *text)
{
	char word[WORD_BYTES_MAX];
	size_t len = 0;
	int r = 0;

	for (size_t i = 0; r == 0; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_letter = (c >= 0x80 && c != 0xc2 && c != 0xe2 && c != 0xd8) || isalpha(c);

		/* Arabic letters begin with d8 too, its comma and question mark are d8 8c, d8 9f.
		 */
		if (c == 0xd8)
			is_letter = (unsigned char)text[i + 1] >= 0xa0;
		if (is_letter && len + 4 < sizeof word) {
			word[len++] = (char)tolower(c);
			if (c == 0xd8)
				word[len++] = text[++i];
			continue;
		}
		r = add_base(base, word, len);
		len = 0;
		if (c == 0)
			break;
		while (((unsigned char)text[i + 1] & 0xc0) == 0x80)
			i++;
	}
	return r;
}

static int language_of(const char *tag)
{
	for (int i = 0; i < LANGUAGES; i++)
		if (strncmp(tag, languages[i].tag, 2) == 0)
			return i;
	return -1;
}

static int gather_text(void *arg, enum tools_bench_engine_field field, int language,
		       const char *text)
{
	struct tools_bench_corpus *corpus = arg;
	struct base *base = &corpus->bases[language];

	(void)field;
	if (strcmp(languages[language].tag, "zh") == 0)
		return catalog_index_text_words(
			corpus->text, (struct catalog_span){(const uint8_t *)text, strlen(text)}, 0,
			chinese_word, base);
	return spaced_words(base, text);
}

static int gather(void *arg, const struct catalog_reader_record *record)
{
	static const char *const names[] = {"title", "description"};
	int r = 0;

	for (size_t n = 0; record->listing != NULL && n < 2; n++) {
		const struct catalog_value *map = catalog_value_get(record->listing, names[n]);

		for (size_t i = 0; r == 0 && i < catalog_value_count(map); i++) {
			const char *tag, *text = catalog_value_text(catalog_value_at(map, i, &tag));
			int language = language_of(tag);

			if (text != NULL && language >= 0)
				r = gather_text(arg, 0, language, text);
		}
	}
	return r;
}

/* Most frequent first; of equals, the one that came first. */
static void sort_base(struct base *base)
{
	for (size_t i = 1; i < base->count; i++) {
		char *word = base->words[i];
		unsigned count = base->counts[i];
		size_t k = i;

		for (; k > 0 && base->counts[k - 1] < count; k--) {
			base->words[k] = base->words[k - 1];
			base->counts[k] = base->counts[k - 1];
		}
		base->words[k] = word;
		base->counts[k] = count;
	}
}

int tools_bench_corpus_new(const char *srcdir, uint64_t seed, uint32_t count,
			   struct tools_bench_corpus **ret_corpus)
{
	static const char *const files[] = {
		"catalog/dictionary/listings.jsonl", "tools/demo-data/health.csv",
		"tools/demo-data/statistics.json", "tools/demo-data/university.ttl"};
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};
	struct tools_bench_corpus *corpus = calloc(1, sizeof *corpus);
	int r = corpus == NULL ? -ENOMEM : catalog_index_text_new(&corpus->text);

	for (size_t i = 0; r == 0 && i < sizeof files / sizeof *files; i++) {
		struct catalog_reader_error error = {.text = ""};
		char path[1000];

		snprintf(path, sizeof path, "%s/%s", srcdir, files[i]);
		r = catalog_reader_read(path, &options, gather, corpus, &error);
	}
	for (int i = 0; r == 0 && i < LANGUAGES; i++) {
		sort_base(&corpus->bases[i]);
		if (corpus->bases[i].count < 50)
			r = -ENOENT;
	}
	if (r != 0) {
		tools_bench_corpus_free(corpus);
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
	for (int i = 0; i < LANGUAGES; i++)
		for (size_t k = 0; k < corpus->bases[i].count; k++)
			free(corpus->bases[i].words[k]);
	catalog_index_text_free(corpus->text);
	free(corpus);
}

static size_t add_name(uint64_t *bits, char *at, size_t room)
{
	static const char *const onsets[] = {"b", "d", "f", "g", "h", "k", "l",  "m",
					     "n", "p", "r", "s", "t", "v", "ch", "z"};
	static const char *const vowels[] = {"a", "e", "i", "o", "u", "ai", "an", "or"};
	unsigned syllables = 2 + below(bits, 3);
	size_t len = 0;

	for (unsigned i = 0; i < syllables; i++)
		len += (size_t)snprintf(at + len, room - len, "%s%s", onsets[below(bits, 16)],
					vowels[below(bits, 8)]);
	return len;
}

/* The word of a rank, always the same.  Returns its length. */
static size_t word_of(const struct tools_bench_corpus *corpus, int language, unsigned rank,
		      char *at, size_t room)
{
	const struct base *base = &corpus->bases[language];
	uint64_t bits = corpus->seed * 31 + (uint64_t)language * 1000003 + rank;
	const char *stem, *suffix;

	if (rank < base->count)
		return (size_t)snprintf(at, room, "%s", base->words[rank]);
	stem = base->words[below(&bits, (unsigned)base->count)];
	suffix = languages[language].suffixes[below(&bits, 16)];
	switch (below(&bits, 4)) {
	case 0: return (size_t)snprintf(at, room, "%s%s", stem, suffix);
	case 1: /* a compound */
		return (size_t)snprintf(at, room, "%s%s",
					base->words[below(&bits, (unsigned)base->count)], stem);
	default: break;
	}
	if (strcmp(languages[language].tag, "zh") == 0 ||
	    strcmp(languages[language].tag, "ar") == 0)
		return (size_t)snprintf(at, room, "%s%s%s", stem,
					base->words[below(&bits, (unsigned)base->count)], suffix);
	return add_name(&bits, at, room);
}

static unsigned topic_word(unsigned topic, unsigned i)
{
	uint64_t bits = (uint64_t)topic * TOPIC_WORDS + i;

	/* From words that everybody uses to names. */
	return 40 + (unsigned)exp(share(&bits) * log(20000));
}

/* The first more often than the last. */
static unsigned some_of_topic(uint64_t *rng)
{
	double u = share(rng);

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
	if (writer->room - writer->len < WORD_BYTES_MAX * 2)
		return;
	if (writer->spaced && writer->len > 0 && writer->at[writer->len - 1] != ' ')
		writer->at[writer->len++] = ' ';
	writer->len += word_of(writer->corpus, writer->language, rank, writer->at + writer->len,
			       WORD_BYTES_MAX);
	writer->at[writer->len] = 0;
}

static void put_words(struct writer *writer, unsigned count, double topic_share)
{
	for (unsigned i = 0; i < count; i++) {
		if (share(writer->rng) < topic_share)
			put_word(writer, topic_word(writer->topic, some_of_topic(writer->rng)));
		else
			put_word(writer, zipf(writer->rng, RANKS));
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
	(void)next(rng);
	u = share(rng);
	while (writer.language + 1 < LANGUAGES && u >= languages[writer.language].share)
		u -= languages[writer.language++].share;
	writer.topic = zipf(rng, TOPICS);
	writer.spaced = strcmp(languages[writer.language].tag, "zh") != 0;
	return writer;
}

static void write_description(struct writer *writer)
{
	unsigned left = 30 + below(writer->rng, 91);
	char code[40];

	while (left > 0) {
		unsigned count = 6 + below(writer->rng, 14);

		if (count > left)
			count = left;
		put_words(writer, count, TOPIC_SHARE);
		put_end(writer, writer->spaced ? ". " : "。");
		left -= count;
	}
	snprintf(code, sizeof code, "%c%c-%05u", (char)('A' + below(writer->rng, 26)),
		 (char)('A' + below(writer->rng, 26)), below(writer->rng, 100000));
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

	set(lang, languages[writer->language].tag, catalog_value_new_string(writer->at));
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
	unsigned count = 3 + below(writer->rng, 4);

	for (unsigned i = 0; i < count; i++) {
		restart(writer);
		put_words(writer, 1 + below(writer->rng, 2), 0.9);
		list_of(keywords, catalog_value_new_string(writer->at));
	}
	set(map, languages[writer->language].tag, keywords);
	set(listing, "keyword", map);
}

static void set_distributions(struct catalog_value *listing, struct writer *writer, uint32_t number)
{
	struct catalog_value *list = catalog_value_new_list();
	unsigned count = 1 + below(writer->rng, 3);
	char url[100];

	for (unsigned i = 0; i < count; i++) {
		struct catalog_value *one = catalog_value_new_map();

		snprintf(url, sizeof url, "https://data.example.org/files/%u/%u", number, i);
		set(one, "downloadURL", catalog_value_new_string(url));
		set(one, "mediaType", catalog_value_new_string(formats[zipf(writer->rng, 5)]));
		list_of(list, one);
	}
	set(listing, "distribution", list);
}

/* What is not words; facets are filled in ret_doc. */
static void set_facts(struct catalog_value *listing, struct writer *writer,
		      struct tools_bench_doc *ret_doc)
{
	uint64_t *rng = writer->rng;
	unsigned country = zipf(rng, COUNTRIES), licence = zipf(rng, LICENCES);
	unsigned year = YEARS - 1 - zipf(rng, YEARS), theme = (writer->topic * 7 + 3) % THEMES;
	unsigned second = below(rng, 3) == 0 ? zipf(rng, THEMES) : theme;
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
		    catalog_value_new_string(languages[writer->language].tag)));
	snprintf(text, sizeof text, "%u-%02u-%02u", YEAR_FIRST + year, 1 + below(rng, 12),
		 1 + below(rng, 28));
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
	put_words(&writer, 4 + below(&rng, 6), 0.5);
	set_lang(listing, "title", &writer);
	set_keywords(listing, &writer);
	set_distributions(listing, &writer, number);
	restart(&writer);
	put_word(&writer, 30 + below(&rng, 200));
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
		struct writer writer =
			begin(corpus, below(rng, corpus->count), &doc_rng, text, TEXT_BYTES_MAX);
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
	double tokens = corpus->count * languages[language].share * MEAN_WORDS * (1 - TOPIC_SHARE);
	double rank = tokens / (log(RANKS + 1) * target);

	return rank < 2 ? 2 : rank > RANKS - 1 ? RANKS - 1 : (unsigned)rank;
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
	int language = (int)zipf(rng, LANGUAGES);
	char word[WORD_BYTES_MAX];
	size_t len = word_of(corpus, language, 5 + below(rng, 60), word, sizeof word);

	add_text(query, word, len);
}

static void rare_word(const struct tools_bench_corpus *corpus, uint64_t *rng,
		      struct tools_bench_query *query)
{
	char word[WORD_BYTES_MAX];
	int language;
	size_t len;

	do
		language = (int)zipf(rng, LANGUAGES);
	while (strcmp(languages[language].tag, "zh") == 0);
	len = word_of(corpus, language,
		      rank_for(corpus, language, 10 + 190 * share(rng)) + below(rng, 50), word,
		      sizeof word);
	add_text(query, word, len);
}

static void some_words(const struct tools_bench_corpus *corpus, uint64_t *rng, unsigned count,
		       struct tools_bench_query *query)
{
	char text[TEXT_BYTES_MAX], *pieces[PIECES_MAX];
	size_t found = pick_words(corpus, rng, text, pieces);

	for (unsigned i = 0; i < count; i++) {
		const char *word = pieces[below(rng, (unsigned)found)];

		add_text(query, word, strcspn(word, "."));
	}
}

static void quoted_words(const struct tools_bench_corpus *corpus, uint64_t *rng,
			 struct tools_bench_query *query)
{
	char text[TEXT_BYTES_MAX], *pieces[PIECES_MAX];
	size_t found = pick_words(corpus, rng, text, pieces), at, count = 2 + below(rng, 3) / 2;

	for (;;) {
		bool whole = true;

		at = below(rng, (unsigned)(found - count));
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
		const char *word = pieces[below(rng, (unsigned)found)];
		size_t len = 0, want = 4 + below(rng, 3);

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

	rng = next(&rng); /* far from that of the next number */
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
			ret_query->country = countries[zipf(&rng, COUNTRIES)];
		else if (number % 3 == 1)
			ret_query->theme_url = themes[below(&rng, THEMES)];
		break;
	case TOOLS_BENCH_DEEP:
		common_word(corpus, &rng, ret_query);
		ret_query->offset = deep < DEEP_OFFSET_MAX ? deep : DEEP_OFFSET_MAX;
		break;
	case TOOLS_BENCH_CLASSES: assert(false); break;
	}
}
