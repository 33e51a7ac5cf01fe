/* tools/bench_words.c - the word of rank k comes 1/k times as often as the first (Zipf).  The first
 * few hundred ranks of a language are the words of listings of our own, by how often they come
 * there; the rest are forms of those, compounds and names of syllables. */
#include "tools/bench_words.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_text.h"
#include "catalog/reader.h"

#define BASE_MAX  2000
#define BASE_MIN  50
#define LANGUAGES TOOLS_BENCH_WORDS_LANGUAGES

struct base {
	char *words[BASE_MAX];
	unsigned counts[BASE_MAX];
	size_t count;
};

struct tools_bench_words {
	uint64_t seed;
	struct base bases[LANGUAGES];
	struct catalog_index_text *text; /* divides Chinese */
};

const struct tools_bench_words_language tools_bench_words_languages[LANGUAGES] = {
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

/* --- chance -----------------------------------------------------------------------------------
 */

/* SplitMix64: a good generator whose states need not be related, so any number may begin one. */
uint64_t tools_bench_words_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

double tools_bench_words_share(uint64_t *state)
{
	return (double)(tools_bench_words_next(state) >> 11) * 0x1p-53;
}

unsigned tools_bench_words_below(uint64_t *state, unsigned n)
{
	return (unsigned)(tools_bench_words_next(state) % n);
}

/* 0 .. n - 1, of which k comes 1/(k + 1) times as often as 0. */
unsigned tools_bench_words_zipf(uint64_t *state, unsigned n)
{
	unsigned k = (unsigned)exp(tools_bench_words_share(state) * log((double)n + 1)) - 1;

	return k < n ? k : n - 1;
}

/* --- words ------------------------------------------------------------------------------------
 */

static int add_base(struct base *base, const char *bytes, size_t len)
{
	if (len == 0 || len >= TOOLS_BENCH_WORDS_BYTES_MAX / 3)
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
	char word[TOOLS_BENCH_WORDS_BYTES_MAX];
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
		if (strncmp(tag, tools_bench_words_languages[i].tag, 2) == 0)
			return i;
	return -1;
}

static int gather_text(struct tools_bench_words *words, int language, const char *text)
{
	struct base *base = &words->bases[language];

	if (strcmp(tools_bench_words_languages[language].tag, "zh") == 0)
		return catalog_index_text_words(
			words->text, (struct catalog_span){(const uint8_t *)text, strlen(text)}, 0,
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
				r = gather_text(arg, language, text);
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

int tools_bench_words_new(const char *srcdir, uint64_t seed, struct tools_bench_words **ret_words)
{
	static const char *const files[] = {
		"catalog/dictionary/listings.jsonl", "tools/demo-data/health.csv",
		"tools/demo-data/statistics.json", "tools/demo-data/university.ttl"};
	struct catalog_reader_options options = {.format = CATALOG_READER_AUTO};
	struct tools_bench_words *words = calloc(1, sizeof *words);
	int r = words == NULL ? -ENOMEM : catalog_index_text_new(&words->text);

	for (size_t i = 0; r == 0 && i < sizeof files / sizeof *files; i++) {
		struct catalog_reader_error error = {.text = ""};
		char path[1000];

		snprintf(path, sizeof path, "%s/%s", srcdir, files[i]);
		r = catalog_reader_read(path, &options, gather, words, &error);
	}
	for (int i = 0; r == 0 && i < LANGUAGES; i++) {
		sort_base(&words->bases[i]);
		if (words->bases[i].count < BASE_MIN)
			r = -ENOENT;
	}
	if (r != 0) {
		tools_bench_words_free(words);
		return r;
	}
	words->seed = seed;
	*ret_words = words;
	return 0;
}

void tools_bench_words_free(struct tools_bench_words *words)
{
	if (words == NULL)
		return;
	for (int i = 0; i < LANGUAGES; i++)
		for (size_t k = 0; k < words->bases[i].count; k++)
			free(words->bases[i].words[k]);
	catalog_index_text_free(words->text);
	free(words);
}

static size_t add_name(uint64_t *bits, char *at, size_t room)
{
	static const char *const onsets[] = {"b", "d", "f", "g", "h", "k", "l",  "m",
					     "n", "p", "r", "s", "t", "v", "ch", "z"};
	static const char *const vowels[] = {"a", "e", "i", "o", "u", "ai", "an", "or"};
	unsigned syllables = 2 + tools_bench_words_below(bits, 3);
	size_t len = 0;

	for (unsigned i = 0; i < syllables; i++)
		len += (size_t)snprintf(at + len, room - len, "%s%s",
					onsets[tools_bench_words_below(bits, 16)],
					vowels[tools_bench_words_below(bits, 8)]);
	return len;
}

/* The word of a rank, always the same.  Returns its length. */
size_t tools_bench_words_word(const struct tools_bench_words *words, int language, unsigned rank,
			      char *at, size_t room)
{
	const struct base *base = &words->bases[language];
	uint64_t bits = words->seed * 31 + (uint64_t)language * 1000003 + rank;
	const char *stem, *suffix;

	if (rank < base->count)
		return (size_t)snprintf(at, room, "%s", base->words[rank]);
	stem = base->words[tools_bench_words_below(&bits, (unsigned)base->count)];
	suffix = tools_bench_words_languages[language].suffixes[tools_bench_words_below(&bits, 16)];
	switch (tools_bench_words_below(&bits, 4)) {
	case 0: return (size_t)snprintf(at, room, "%s%s", stem, suffix);
	case 1: /* a compound */
		return (size_t)snprintf(
			at, room, "%s%s",
			base->words[tools_bench_words_below(&bits, (unsigned)base->count)], stem);
	default: break;
	}
	if (strcmp(tools_bench_words_languages[language].tag, "zh") == 0 ||
	    strcmp(tools_bench_words_languages[language].tag, "ar") == 0)
		return (size_t)snprintf(
			at, room, "%s%s%s", stem,
			base->words[tools_bench_words_below(&bits, (unsigned)base->count)], suffix);
	return add_name(&bits, at, room);
}
