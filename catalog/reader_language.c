#include "catalog/reader_language.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <unicode/uloc.h>

/* Names in English and in the languages' own words, of those that catalogues name so. */
static const struct {
	const char *name;
	const char *tag;
} names[] = {
	{"amharic", "am"},
	{"arabic", "ar"},
	{"العربية", "ar"},
	{"azerbaijani", "az"},
	{"bengali", "bn"},
	{"bulgarian", "bg"},
	{"burmese", "my"},
	{"castellano", "es"},
	{"catalan", "ca"},
	{"català", "ca"},
	{"chinese", "zh"},
	{"中文", "zh"},
	{"croatian", "hr"},
	{"czech", "cs"},
	{"čeština", "cs"},
	{"danish", "da"},
	{"dansk", "da"},
	{"deutsch", "de"},
	{"dutch", "nl"},
	{"nederlands", "nl"},
	{"english", "en"},
	{"español", "es"},
	{"espanol", "es"},
	{"estonian", "et"},
	{"finnish", "fi"},
	{"suomi", "fi"},
	{"français", "fr"},
	{"francais", "fr"},
	{"french", "fr"},
	{"german", "de"},
	{"greek", "el"},
	{"hausa", "ha"},
	{"hebrew", "he"},
	{"hindi", "hi"},
	{"हिन्दी", "hi"},
	{"hungarian", "hu"},
	{"icelandic", "is"},
	{"indonesian", "id"},
	{"bahasa indonesia", "id"},
	{"irish", "ga"},
	{"italian", "it"},
	{"italiano", "it"},
	{"japanese", "ja"},
	{"日本語", "ja"},
	{"khmer", "km"},
	{"korean", "ko"},
	{"한국어", "ko"},
	{"lao", "lo"},
	{"latvian", "lv"},
	{"lithuanian", "lt"},
	{"malay", "ms"},
	{"maltese", "mt"},
	{"mongolian", "mn"},
	{"nepali", "ne"},
	{"norwegian", "no"},
	{"norsk", "no"},
	{"persian", "fa"},
	{"polish", "pl"},
	{"polski", "pl"},
	{"portuguese", "pt"},
	{"português", "pt"},
	{"romanian", "ro"},
	{"russian", "ru"},
	{"русский", "ru"},
	{"serbian", "sr"},
	{"slovak", "sk"},
	{"slovenian", "sl"},
	{"somali", "so"},
	{"spanish", "es"},
	{"swahili", "sw"},
	{"kiswahili", "sw"},
	{"swedish", "sv"},
	{"svenska", "sv"},
	{"tamil", "ta"},
	{"thai", "th"},
	{"ไทย", "th"},
	{"turkish", "tr"},
	{"türkçe", "tr"},
	{"ukrainian", "uk"},
	{"urdu", "ur"},
	{"uzbek", "uz"},
	{"vietnamese", "vi"},
	{"tiếng việt", "vi"},
	{"welsh", "cy"},
	{"yoruba", "yo"},
	{"zulu", "zu"},
	{"simplified chinese", "zh-Hans"},
	{"简体中文", "zh-Hans"},
	{"traditional chinese", "zh-Hant"},
	{"繁體中文", "zh-Hant"},
};

/* The codes of ISO 639-2 for libraries, where they differ from those that ICU knows. */
static const struct {
	char code[4];
	char tag[3];
} library_codes[] = {
	{"alb", "sq"}, {"arm", "hy"}, {"baq", "eu"}, {"bur", "my"}, {"chi", "zh"},
	{"cze", "cs"}, {"dut", "nl"}, {"fre", "fr"}, {"geo", "ka"}, {"ger", "de"},
	{"gre", "el"}, {"ice", "is"}, {"mac", "mk"}, {"mao", "mi"}, {"may", "ms"},
	{"per", "fa"}, {"rum", "ro"}, {"slo", "sk"}, {"tib", "bo"}, {"wel", "cy"},
};

static const char *const authorities[] = {
	"http://publications.europa.eu/resource/authority/language/",
	"https://publications.europa.eu/resource/authority/language/",
	"http://publications.europa.eu/mdr/authority/language/",
	"http://id.loc.gov/vocabulary/iso639-1/",
	"http://id.loc.gov/vocabulary/iso639-2/",
	"http://lexvo.org/id/iso639-3/",
	"http://lexvo.org/id/iso639-1/",
};

/* Two letters where there are two. */
static void shorten(char code[4])
{
	char tag[ULOC_LANG_CAPACITY];
	UErrorCode status = U_ZERO_ERROR;
	int32_t len;

	for (size_t i = 0; i < sizeof library_codes / sizeof *library_codes; i++)
		if (strcmp(code, library_codes[i].code) == 0) {
			memcpy(code, library_codes[i].tag, 3);
			return;
		}
	len = uloc_getLanguage(code, tag, sizeof tag, &status);
	if (U_SUCCESS(status) && (len == 2 || len == 3))
		snprintf(code, 4, "%.3s", tag);
}

/* Write subtag i of a tag in its usual case: zh, Hant, TW. */
static void put_case(const char *subtag, size_t len, size_t i, char *ret_subtag)
{
	for (size_t k = 0; k < len; k++) {
		bool is_upper = i > 0 && (len == 2 || (len == 4 && k == 0));

		ret_subtag[k] = (char)(is_upper ? toupper((unsigned char)subtag[k])
						: tolower((unsigned char)subtag[k]));
	}
}

/* Read text as a tag: subtags of letters and digits, the first of two or three letters. */
static int find_tag(const char *text, char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES])
{
	char tag[CATALOG_READER_BUILD_LANGUAGE_BYTES];
	size_t used = 0;

	for (size_t i = 0;; i++) {
		size_t len = strcspn(text, "-_");
		char code[4] = "";

		if (len == 0 || len > 8 || (i == 0 && len != 2 && len != 3))
			return -ENOENT;
		for (size_t k = 0; k < len; k++)
			if (!isascii(text[k]) || !(i == 0 ? isalpha((unsigned char)text[k])
							  : isalnum((unsigned char)text[k])))
				return -ENOENT;
		if (used + len + 2 > sizeof tag)
			return -ENOENT;
		if (i > 0)
			tag[used++] = '-';
		put_case(text, len, i, tag + used);
		if (i == 0) {
			snprintf(code, sizeof code, "%.*s", (int)len, tag);
			if (len == 3)
				shorten(code);
			memcpy(tag, code, strlen(code));
			used += strlen(code);
		} else {
			used += len;
		}
		text += len;
		if (*text == '\0')
			break;
		text++;
	}
	memcpy(ret_tag, tag, used);
	ret_tag[used] = '\0';
	return 0;
}

int catalog_reader_language_find(const char *text,
				 char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES])
{
	char trimmed[80];
	size_t len;

	assert(text != NULL);
	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	if (len == 0 || len >= sizeof trimmed)
		return -ENOENT;
	memcpy(trimmed, text, len);
	trimmed[len] = '\0';
	for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++)
		if (strncmp(trimmed, authorities[i], strlen(authorities[i])) == 0)
			return find_tag(trimmed + strlen(authorities[i]), ret_tag);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(trimmed, names[i].name) == 0) {
			memcpy(ret_tag, names[i].tag, strlen(names[i].tag) + 1);
			return 0;
		}
	return find_tag(trimmed, ret_tag);
}

int catalog_reader_language_only(const struct catalog_value *value,
				 char ret_tag[CATALOG_READER_BUILD_LANGUAGE_BYTES])
{
	const char *text;
	char room[32];

	if (catalog_reader_build_count(value) != 1)
		return -ENOENT;
	text = catalog_reader_build_iri(catalog_reader_build_at(value, 0), room);
	return text == NULL ? -ENOENT : catalog_reader_language_find(text, ret_tag);
}
