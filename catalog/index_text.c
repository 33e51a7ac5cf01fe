/* catalog/index_text.c - most text is letters with spaces between, and is divided without ICU's
 * break iterator, which costs several times the rest of the work: only runs in scripts without
 * spaces are given to it.  Breaking comes before folding, because NFKC takes apart characters that
 * the Thai and Lao dictionaries know whole. */
#include "catalog/index_text.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libstemmer.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#define RUN_BYTES_MAX 4096 /* a longer run is divided here, whatever its words */

/* UTF-16 units of the folded form of a run: NFKC makes at most 18 of one, and NFD 4 of one. */
#define UNITS_MAX (RUN_BYTES_MAX * 18)

/* One bit each in a set of languages.  Never reorder: the set is stored. */
static const char *const languages[] = {"ar", "ca", "da", "de", "el", "en", "es", "eu", "fi", "fr",
					"ga", "hi", "hu", "hy", "id", "it", "lt", "ne", "nl", "no",
					"pt", "ro", "ru", "sr", "sv", "ta", "tr", "yi"};
#define LANGUAGE_COUNT (sizeof languages / sizeof languages[0])
_Static_assert(LANGUAGE_COUNT <= 32, "a set of languages is 32 bits");

/* Stems that were made, each in the one place that the hash of its word and language tells: a batch
 * has the same few thousand words over and over, and a stemmer takes longer than all the rest. */
#define KNOWN_COUNT          16384u
#define KNOWN_WORD_BYTES_MAX 24

struct known {
	uint8_t language;           /* 1 + place in languages; 0: free */
	uint8_t word_len, stem_len; /* a stem that is the word itself has length 0 */
	char word[KNOWN_WORD_BYTES_MAX];
	char stem[KNOWN_WORD_BYTES_MAX];
};

struct catalog_index_text {
	const UNormalizer2 *casefold, *decompose, *compose; /* ICU's own */
	UBreakIterator *breaker; /* made when first needed, as the stemmers are: dear */
	struct sb_stemmer *stemmers[LANGUAGE_COUNT];
	UChar *run; /* UNITS_MAX units each */
	UChar *folded, *spare;
	struct known *known; /* KNOWN_COUNT of them */
	/* The job of the current call. */
	uint32_t set;
	catalog_index_text_each each;
	void *arg;
};

int catalog_index_text_new(struct catalog_index_text **ret_text)
{
	struct catalog_index_text *text = calloc(1, sizeof *text);
	UErrorCode status = U_ZERO_ERROR;

	if (text == NULL)
		return -ENOMEM;
	text->casefold = unorm2_getNFKCCasefoldInstance(&status);
	text->decompose = unorm2_getNFDInstance(&status);
	text->compose = unorm2_getNFCInstance(&status);
	text->known = calloc(KNOWN_COUNT, sizeof *text->known);
	text->run = malloc(UNITS_MAX * sizeof *text->run);
	text->folded = malloc(UNITS_MAX * sizeof *text->folded);
	text->spare = malloc(UNITS_MAX * sizeof *text->spare);
	if (U_FAILURE(status) || text->run == NULL || text->folded == NULL || text->spare == NULL ||
	    text->known == NULL) {
		catalog_index_text_free(text);
		return -ENOMEM; /* ICU's data is linked in: nothing else can fail */
	}
	*ret_text = text;
	return 0;
}

void catalog_index_text_free(struct catalog_index_text *text)
{
	if (text == NULL)
		return;
	if (text->breaker != NULL)
		ubrk_close(text->breaker);
	for (size_t i = 0; i < LANGUAGE_COUNT; i++)
		sb_stemmer_delete(text->stemmers[i]);
	free(text->run);
	free(text->folded);
	free(text->spare);
	free(text->known);
	free(text);
}

uint32_t catalog_index_text_language(const char *tag)
{
	size_t len = strcspn(tag, "-_");
	char code[3] = {0};

	if (len != 2)
		return 0;
	for (size_t i = 0; i < 2; i++)
		code[i] = (char)(tag[i] >= 'A' && tag[i] <= 'Z' ? tag[i] - 'A' + 'a' : tag[i]);
	if (strcmp(code, "nb") == 0 || strcmp(code, "nn") == 0)
		memcpy(code, "no", 3);
	for (size_t i = 0; i < LANGUAGE_COUNT; i++)
		if (strcmp(languages[i], code) == 0)
			return UINT32_C(1) << i;
	return 0;
}

/* Whether c is a mark that people leave out when they type. */
static bool is_dropped(UChar32 c)
{
	return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0591 && c <= 0x05c7) || /* Hebrew */
	       (c >= 0x0610 && c <= 0x061a) || (c >= 0x064b && c <= 0x065f) || c == 0x0670 ||
	       (c >= 0x06d6 && c <= 0x06ed) || c == 0x0640; /* Arabic */
}

/* Whether words of c's script are found in a dictionary. */
static bool is_dense(UChar32 c)
{
	if (c < 0x0e00)
		return false;
	switch ((ULineBreak)u_getIntPropertyValue(c, UCHAR_LINE_BREAK)) {
	case U_LB_COMPLEX_CONTEXT:
	case U_LB_IDEOGRAPHIC:
	case U_LB_CONDITIONAL_JAPANESE_STARTER:
	case U_LB_NONSTARTER: return true;
	default: return false; /* an enum of ICU's that grows with Unicode */
	}
}

static bool is_of_word(UChar32 c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
	return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) != 0 || c == 0x200d;
}

/* Longest beginning of bytes[0..len) that is at most max long and ends between characters. */
static size_t cut(const char *bytes, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && U8_IS_TRAIL(bytes[max]))
		max--;
	return max;
}

/* UTF-16 to at most `max` whole characters' bytes of UTF-8. */
static size_t to_utf8(const UChar *units, int32_t count, char *bytes, size_t max)
{
	size_t len = 0;

	for (int32_t i = 0; i < count;) {
		UChar32 c;

		U16_NEXT(units, i, count, c);
		if (U_IS_SURROGATE(c))
			c = 0xfffd;
		if (len + (size_t)U8_LENGTH(c) > max)
			break;
		U8_APPEND_UNSAFE(bytes, len, c);
	}
	return len;
}

/* Drop the marks of units[0..count); may use text->spare.  Returns the new count. */
static int32_t drop_marks(struct catalog_index_text *text, UChar *units, int32_t count)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t len =
		unorm2_normalize(text->decompose, units, count, text->spare, UNITS_MAX, &status);
	int32_t kept = 0;

	if (U_FAILURE(status))
		return count;
	for (int32_t i = 0; i < len; i++)
		if (!is_dropped(text->spare[i]))
			text->spare[kept++] = text->spare[i];
	if (kept == len)
		return count; /* nothing dropped: as it was, composed */
	len = unorm2_normalize(text->compose, text->spare, kept, units, UNITS_MAX, &status);
	return U_FAILURE(status) ? 0 : len;
}

/* The stem of a word in one language, without marks, in ret_stem; *ret_len is 0 if it is the word
 * itself or nothing. */
static int make_stem(struct catalog_index_text *text, size_t language, struct catalog_span marked,
		     struct catalog_span word, char ret_stem[CATALOG_INDEX_TEXT_WORD_BYTES_MAX],
		     size_t *ret_len)
{
	UChar units[CATALOG_INDEX_TEXT_WORD_BYTES_MAX * 2];
	struct sb_stemmer **stemmer = &text->stemmers[language];
	UErrorCode status = U_ZERO_ERROR;
	const char *found;
	int32_t count = 0;
	bool ascii = true;
	size_t len;

	if (*stemmer == NULL)
		*stemmer = sb_stemmer_new(languages[language], NULL);
	if (*stemmer == NULL)
		return -ENOMEM;
	found = (const char *)sb_stemmer_stem(*stemmer, marked.bytes, (int)marked.len);
	if (found == NULL)
		return -ENOMEM;
	len = cut(found, (size_t)sb_stemmer_length(*stemmer), CATALOG_INDEX_TEXT_WORD_BYTES_MAX);
	for (size_t k = 0; k < len && ascii; k++)
		ascii = (found[k] & 0x80) == 0;
	if (ascii) {
		memcpy(ret_stem, found, len);
	} else {
		u_strFromUTF8WithSub(units, sizeof units / sizeof *units, &count, found,
				     (int32_t)len, 0xfffd, NULL, &status);
		if (U_FAILURE(status))
			count = 0;
		memcpy(text->folded, units, (size_t)count * sizeof *units);
		count = drop_marks(text, text->folded, count);
		len = to_utf8(text->folded, count, ret_stem, CATALOG_INDEX_TEXT_WORD_BYTES_MAX);
	}
	*ret_len = len == word.len && memcmp(ret_stem, word.bytes, len) == 0 ? 0 : len;
	return 0;
}

/* The place where the stem of a word is kept; NULL if the word is too long. */
static struct known *known_of(struct catalog_index_text *text, size_t language,
			      struct catalog_span marked)
{
	uint32_t hash = 2166136261u ^ (uint32_t)language; /* FNV-1a */

	if (marked.len > KNOWN_WORD_BYTES_MAX)
		return NULL;
	for (size_t i = 0; i < marked.len; i++)
		hash = (hash ^ marked.bytes[i]) * 16777619u;
	return &text->known[(hash ^ hash >> 16) % KNOWN_COUNT];
}

static int stem(struct catalog_index_text *text, struct catalog_span marked,
		struct catalog_span word)
{
	for (uint32_t left = text->set; left != 0; left &= left - 1) {
		size_t language = (size_t)__builtin_ctz(left), len;
		struct known *known = known_of(text, language, marked);
		char made[CATALOG_INDEX_TEXT_WORD_BYTES_MAX], *stem = made;
		int r;

		assert(language < LANGUAGE_COUNT);
		if (known != NULL && known->language == language + 1 &&
		    known->word_len == marked.len &&
		    memcmp(known->word, marked.bytes, marked.len) == 0) {
			stem = known->stem;
			len = known->stem_len;
		} else {
			r = make_stem(text, language, marked, word, made, &len);
			if (r != 0)
				return r;
			if (known != NULL && len <= KNOWN_WORD_BYTES_MAX) {
				known->language = (uint8_t)(language + 1);
				known->word_len = (uint8_t)marked.len;
				known->stem_len = (uint8_t)len;
				memcpy(known->word, marked.bytes, marked.len);
				memcpy(known->stem, made, len);
			}
		}
		if (len == 0)
			continue;
		r = text->each(text->arg, CATALOG_INDEX_TEXT_STEM,
			       (struct catalog_span){(const uint8_t *)stem, len});
		if (r != 0)
			return r;
	}
	return 0;
}

/* Each pair of neighbouring characters of a word of three or more. */
static int parts(struct catalog_index_text *text, struct catalog_span word)
{
	const char *bytes = (const char *)word.bytes;
	int32_t len = (int32_t)word.len, starts[2] = {0, 0}, i = 0;
	int count = 0, r;

	for (int32_t k = 0; k < len; k++)
		count += !U8_IS_TRAIL(bytes[k]);
	if (count < 3)
		return 0;
	U8_FWD_1(bytes, i, len);
	starts[1] = i;
	while (i < len) {
		U8_FWD_1(bytes, i, len);
		r = text->each(
			text->arg, CATALOG_INDEX_TEXT_PART,
			(struct catalog_span){word.bytes + starts[0], (size_t)(i - starts[0])});
		if (r != 0)
			return r;
		starts[0] = starts[1];
		starts[1] = i;
	}
	return 0;
}

/* One word of UTF-16, as it was written. */
static int word_of_units(struct catalog_index_text *text, const UChar *units, int32_t count,
			 bool dense)
{
	char marked[CATALOG_INDEX_TEXT_WORD_BYTES_MAX], plain[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
	UErrorCode status = U_ZERO_ERROR;
	struct catalog_span word, whole;
	size_t len;
	int r;

	count = unorm2_normalize(text->casefold, units, count, text->folded, UNITS_MAX, &status);
	if (U_FAILURE(status))
		return status == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : 0;
	len = to_utf8(text->folded, count, marked, sizeof marked);
	whole = (struct catalog_span){(const uint8_t *)marked, len};
	count = drop_marks(text, text->folded, count);
	len = to_utf8(text->folded, count, plain, sizeof plain);
	word = (struct catalog_span){(const uint8_t *)plain, len};
	if (len == 0)
		return 0;
	r = text->each(text->arg, CATALOG_INDEX_TEXT_WORD, word);
	if (r != 0)
		return r;
	return dense ? parts(text, word) : stem(text, whole, word);
}

static int ascii_word(struct catalog_index_text *text, const uint8_t *bytes, size_t len)
{
	uint8_t lower[CATALOG_INDEX_TEXT_WORD_BYTES_MAX];
	struct catalog_span word = {lower, len < sizeof lower ? len : sizeof lower};
	int r;

	for (size_t i = 0; i < word.len; i++)
		lower[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] | 0x20 : bytes[i];
	r = text->each(text->arg, CATALOG_INDEX_TEXT_WORD, word);
	return r != 0 ? r : stem(text, word, word);
}

/* A run of letters, at most RUN_BYTES_MAX long. */
static int run_of_letters(struct catalog_index_text *text, const uint8_t *bytes, size_t len,
			  bool dense)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t count = 0, start, end;

	u_strFromUTF8(text->run, UNITS_MAX, &count, (const char *)bytes, (int32_t)len, &status);
	assert(U_SUCCESS(status));
	if (!dense)
		return word_of_units(text, text->run, count, false);
	if (text->breaker == NULL)
		text->breaker = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
	ubrk_setText(text->breaker, text->run, count, &status);
	if (U_FAILURE(status))
		return -ENOMEM;
	start = ubrk_first(text->breaker);
	for (end = ubrk_next(text->breaker); end != UBRK_DONE; end = ubrk_next(text->breaker)) {
		int r = word_of_units(text, text->run + start, end - start, true);

		if (r != 0)
			return r;
		start = end;
	}
	return 0;
}

int catalog_index_text_words(struct catalog_index_text *text, struct catalog_span bytes,
			     uint32_t languages_set, catalog_index_text_each each, void *arg)
{
	size_t i = 0;

	text->set = languages_set;
	text->each = each;
	text->arg = arg;
	while (i < bytes.len) {
		bool ascii = true, dense = false;
		size_t start = i, next = i;
		int r;

		while (next < bytes.len && next - start < RUN_BYTES_MAX - U8_MAX_LENGTH) {
			UChar32 c;

			U8_NEXT(bytes.bytes, next, bytes.len, c);
			if (c < 0 || !is_of_word(c))
				break;
			ascii = ascii && c < 0x80;
			dense = dense || is_dense(c);
			i = next;
		}
		if (i == start) {
			i = next;
			continue;
		}
		r = ascii ? ascii_word(text, bytes.bytes + start, i - start)
			  : run_of_letters(text, bytes.bytes + start, i - start, dense);
		if (r != 0)
			return r;
	}
	return 0;
}

int catalog_index_text_fold(struct catalog_index_text *text, struct catalog_span bytes,
			    struct catalog_buffer *ret_folded)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t count = 0;
	int r;

	if (bytes.len > RUN_BYTES_MAX)
		return -EBADMSG;
	u_strFromUTF8(text->run, UNITS_MAX, &count, (const char *)bytes.bytes, (int32_t)bytes.len,
		      &status);
	if (U_FAILURE(status))
		return -EBADMSG;
	count = unorm2_normalize(text->casefold, text->run, count, text->folded, UNITS_MAX,
				 &status);
	if (U_FAILURE(status))
		return status == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EBADMSG;
	count = drop_marks(text, text->folded, count);
	r = catalog_buffer_reserve(ret_folded, CATALOG_INDEX_TEXT_FOLD_BYTES_MAX);
	if (r != 0)
		return r;
	ret_folded->len += to_utf8(text->folded, count, (char *)ret_folded->bytes + ret_folded->len,
				   CATALOG_INDEX_TEXT_FOLD_BYTES_MAX);
	return 0;
}
